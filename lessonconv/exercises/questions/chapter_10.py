"""Chapter 10, two convolution layers learn to read."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "parameters": Choice(
        given="The network learns its kernels, its dense weights and its biases. The first convolution has 8 kernels "
        "of 5×5, the second has 16 kernels, each 8 channels deep and 5×5 wide. The dense layer makes 10 numbers of "
        "16·7·7 = 784.",
        ask="Which layer holds the most numbers?",
        options=(
            Option(
                "The first convolution",
                "It makes the most outputs, 8·28·28, but they all come from the same 8 kernels: 208 numbers with the "
                "biases.",
            ),
            Option(
                "The second convolution",
                "A good guess: its kernels go through all 8 channels, so it holds 16·8·25 + 16 = 3,216 numbers. But "
                "one layer holds more than twice that.",
            ),
            Option(
                "The max poolings",
                "They hold none. The largest of four numbers is the largest, there is nothing to learn.",
            ),
            right(
                "The dense layer", "784·10 + 10 = 7,850 numbers: a weight of its own for every input and every digit."
            ),
        ),
        explanation="A convolution uses its few numbers again at every place. The dense layer shares nothing: a "
        "weight for each of 784 inputs and each of 10 digits, more than two thirds of all 11,274.",
    ),
    "receptive": Number(
        given="A kernel of 5×5, a pooling of 2×2, a kernel of 5×5, a pooling of 2×2: so far goes the network before "
        "its dense layer.",
        ask="A cell behind the second pooling depends on a square of the image. How many pixels long is its side?",
        answer=16,
        wrong={
            5: "That is behind the first convolution. The second one looks at cells that have each seen several "
            "pixels.",
            9: "5 + 4: so it would be without the first pooling. Behind it, neighbouring cells lie two pixels apart.",
            10: "5 + 5 counts the kernels, but neighbouring windows overlap, and pooling moves them apart.",
            14: "That is behind the second convolution. One pooling is left.",
            28: "That is the whole image. Only the dense layer sees it all at once.",
        },
        explanation="Count on: 5 behind the first kernel; the pooling takes a neighbour, 6. From here on neighbours "
        "lie 2 pixels apart, so the second kernel's four more cells add 8, 14; the last pooling's neighbour adds 2, "
        "16. Strides multiply how fast the view grows, and that is why networks pool.",
    ),
    "loss": Number(
        given="A network that knows nothing gives each of the ten digits a probability of 1/10. The loss is the mean "
        "of −log p at the true digits, with the natural logarithm.",
        ask="What is its loss? (Two decimals will do.)",
        answer=2.303,
        within=0.01,
        wrong={
            0: "A loss of 0 is for a network that gives the true digit a probability of 1, every time.",
            0.1: "That is the probability itself. The loss is the surprise at it.",
            0.9: "1 − p is the share that it gets wrong. The loss counts surprise, −log p, and that grows faster.",
            1: "That is with the logarithm to the base 10.",
            3.32: "That is with the logarithm to the base 2: the surprise in bits. Here it is counted in nats.",
            -2.303: "p is less than 1, so its logarithm is negative; the minus makes a surprise of it.",
        },
        explanation="−log(1/10) = log 10 = 2.303. Remember the number: a loss that stays there says that the network "
        "has learned nothing yet, and a first loss far above it says that the random weights were too large.",
    ),
    "sum": Number(
        given="Take one image. Its ∂L/∂z of the ten logits is (p − [this is the true digit]) / N: probability given, "
        "less probability due.",
        ask="What is the sum of these ten numbers?",
        answer=0,
        wrong={
            1: "The probabilities add up to 1. But at the true digit 1 is taken away.",
            -1: "−1 is what is due, at the true digit. The probabilities that were given add up to 1.",
            10: "Ten numbers, but each is a small one.",
        },
        explanation="Given adds up to 1, and so does due: the difference adds up to 0, for every image and whatever "
        "the network said. What one digit loses, the others gain. (It has to be so: adding the same number to all "
        "ten logits changes no probability.)",
    ),
    "zeros": Choice(
        given="The weights began as random numbers. Suppose that all of them, and all biases, began at 0 instead.",
        ask="Which numbers does the first training step change?",
        options=(
            Option(
                "All of them",
                "Gradients arrive where both partners of a product are there. With all weights 0, most products have "
                "a partner that is 0.",
            ),
            Option(
                "The dense layer's weights and biases",
                "Nearly: the loss does reach this layer. But a weight's gradient is ∂L/∂z times its input, and the "
                "input is what ReLU made of zeros.",
            ),
            right(
                "Only the ten biases of the dense layer",
                "Every other gradient has a factor that is 0.",
            ),
            Option(
                "None at all",
                "The loss is not at its smallest, and ∂L/∂z of the logits is not 0. One kind of number gets it "
                "without any factor.",
            ),
        ),
        explanation="Forward, all is 0. So for the dense layer ∂L/∂w = ∂L/∂z·x is 0, since x is; and what it hands "
        "down, ∂L/∂z·w, is 0, since w is. Only its biases hear the loss directly. The network could learn which "
        "digits are frequent, and nothing else, ever. Random kernels break this.",
    ),
    "order": Choice(
        given="∂L/∂x contains the weights w that were used in the forward pass. Suppose that a layer changes its "
        "weights first, with learning rate 0.05, and works out ∂L/∂x afterwards.",
        ask="How far off is ∂L/∂x of the second convolution, at the first step?",
        options=(
            Option("By nothing: w is the same tensor", "The same tensor, but not the same numbers any more."),
            Option(
                "By about 0.02%, rounding",
                "Float32 keeps about seven digits, so rounding is smaller still. And this is no rounding: the "
                "weights have really moved.",
            ),
            right("By about 2%", "A step moves the weights by a few hundredths of their size, and ∂L/∂x with them."),
            Option("By about 20%", "So it is with a learning rate of 0.5, ten times as large."),
            Option(
                "By more than 100%: it is garbage",
                "That would be noticed at once. With a learning rate of 5 it is so.",
            ),
        ),
        explanation="The error grows in proportion to the learning rate: 2% at 0.05, 20% at 0.5. An error of 2% is "
        "the nasty kind. The network still learns, a little worse, and nobody notices.",
    ),
    "mean": Choice(
        given="One pass through the 4,000 digits reads 87% of the new ones correctly. Now the gradients are divided "
        "by the batch size, 64, a second time, and nothing else changes.",
        ask="How many does it read after one pass?",
        options=(
            Option(
                "87% again: only the direction of a gradient counts",
                "The direction is the same. But how far a step goes is learning rate times gradient, and that is 64 "
                "times shorter.",
            ),
            Option(
                "About 80%: a little behind",
                "Sixty-four times shorter steps: it has not come further in 63 steps than the other one in its first.",
            ),
            right("About 16%: it has hardly begun", "63 steps, each 64 times too short, are about one step."),
            Option(
                "0%: it is broken",
                "Who only guesses reads about 10% correctly, and this network does learn, very slowly.",
            ),
        ),
        explanation="No gradient points the wrong way; they are only small. The network crawls, as it would with a "
        "learning rate 64 times smaller. With another batch size it would crawl differently: mistakes of scale hide "
        "well.",
    ),
    "momentum": Number(
        given="With momentum, v ← 0.9·v + ∂L/∂w and w ← w − lr·v. The learning rate is 0.05. Suppose that a weight's "
        "gradient is 1 at every step, for a long time.",
        ask="How far does the weight move in one step, in the end?",
        answer=0.5,
        within=0.005,
        wrong={
            0.05: "That is the first step, and every step without momentum. But v goes on growing: it adds up the "
            "gradients, it does not average them.",
            0.095: "That is the second step, 0.05·1.9. v goes on growing, but less and less.",
            0.045: "0.9·0.05: so it would be if momentum were a brake. It adds to the gradient what is left of the "
            "steps before.",
            10: "That is where v ends up. A step is the learning rate times v.",
            0.95: "0.05 + 0.9 adds a learning rate and a share of v, which are different things.",
        },
        explanation="v stops growing when 0.9·v + 1 = v, that is at v = 10. So a step is 0.05·10 = 0.5: where "
        "gradients agree, momentum goes ten times as fast, and where they change sign from step to step, it goes "
        "slowly. That is why a learning rate for SGD with momentum is chosen smaller.",
    ),
    "frozen": Choice(
        given="The network keeps all of its random kernels. Only the dense layer learns, ten epochs long, from the 784 "
        "numbers that random kernels make of a digit. With kernels that learn, 97.5% of the new digits are read "
        "correctly; a dense layer on the bare pixels reads 91%.",
        ask="How many does it read behind random kernels?",
        options=(
            Option(
                "About 10%: random numbers in, guesses out",
                "The kernels are random, but they are the same for "
                "every digit. What they make of a 1 differs from what they make of an 8, and that can be learned.",
            ),
            Option(
                "About 80%: random kernels blur what the pixels say",
                "They mix pixels, but the dense layer can "
                "weigh eight and sixteen different mixtures against each other. Nothing much gets lost.",
            ),
            Option(
                "About 91%: what the kernels do not know, they cannot add",
                "They know nothing of digits. But convolution, ReLU and pooling are at work, whatever the kernels are.",
            ),
            right(
                "About 95%: windows and pooling help, whatever the kernels are",
                "More than half of the way from the pixels to the trained network, with nothing learned below the "
                "dense layer.",
            ),
            Option(
                "97.5%: the dense layer makes up for everything",
                "Not for everything. Kernels that learn make little more than half as many mistakes.",
            ),
        ),
        explanation="A random kernel is a question, too: it answers to strokes of one form more than to others. "
        "Pooling lets a stroke stand a little further left or right. So the dense layer gets better evidence than "
        "bare pixels. Learning the kernels takes away nearly half of what is still read wrong.",
    ),
}

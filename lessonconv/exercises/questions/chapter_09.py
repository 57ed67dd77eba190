"""Chapter 09, check your gradients."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "falls": Choice(
        given="A network with two convolution layers is to learn to read digits. The second one has a broken backward "
        "pass: in the place of ∂L/∂x it hands back random numbers of the usual size.",
        ask="What does the loss do?",
        options=(
            Option(
                "It grows, until it is no number any more",
                "The first layer walks about at random, that is true. But the layers behind it see where it has gone, "
                "and their own gradients are right.",
            ),
            Option(
                "It stays where it began",
                "For the first layer there is nothing to learn from noise. But what about the layers nearer to the "
                "loss? Nothing is broken on their way.",
            ),
            right(
                "It falls, and most digits are read right",
                "The second convolution and the dense layer get true gradients, and make do with what they are given.",
            ),
            Option(
                "There is an error: the gradients do not fit",
                "Shapes fit, numbers are finite. Nothing in the program knows what a right gradient would be.",
            ),
        ),
        explanation="What a layer hands down is only heard below it. All layers nearer to the loss learn as they "
        "should, and even features made at random are good enough to read most digits by. A falling loss says that "
        "something learns. It does not say that everything does.",
    ),
    "smaller": Choice(
        given="In float64, you work out the slope of e to the power of x, at x = 1, as (f(x + h) − f(x − h)) / 2h.",
        ask="With which step h do you come closest to the truth?",
        options=(
            Option("0.1", "Far too large: between the two places the curve bends, and the line through them with it."),
            Option("0.001", "Better than 0.1. But the line can still get closer to the curve before digits run out."),
            right("0.00001", "Ten or eleven digits are right, and it does not get much better than that."),
            Option(
                "10⁻¹⁰",
                "The smaller the better, says the definition of the derivative. It knows nothing of a computer with "
                "sixteen digits: here six or seven of the slope's are left.",
            ),
            Option(
                "10⁻¹⁵",
                "Then f(x + h) and f(x − h) agree in all but their last digit or two, and their difference is made of "
                "these alone.",
            ),
        ),
        explanation="Two errors pull in opposite directions. A large step sees the curve bend. With a small step two "
        "numbers are subtracted that are almost the same, and their first digits cancel. In between lies the best "
        "step, and it is surprisingly large.",
    ),
    "float32": Number(
        given="A loss is 2.3, in float32. There, neighbouring numbers lie 0.00000024 apart. You take a central "
        "difference, with h = 0.00001.",
        ask="What is the smallest slope, other than 0, that can come out?",
        answer=0.012,
        within=0.0006,
        wrong={
            0.024: "You divided by h. The two places lie 2h apart.",
            2.4e-7: "That is the smallest difference of two losses. It is still to be divided by 2h.",
            2.4e-12: "The difference is divided by 2h, not multiplied.",
            1e-5: "That is the step. The slope is a difference of two losses, divided by 2h.",
        },
        explanation="The two losses are numbers on the float32 ruler, so they differ by 0, 1, 2, … marks, and the "
        "quotient is a multiple of 0.00000024 / 0.00002 = 0.012. The gradients of most weights of a network are "
        "smaller than that. This check sees 0 or 0.012, and nothing in between.",
    ),
    "kink": Number(
        given="ReLU, at z = 0.000003. The slope there is 1. You take a central difference with h = 0.00001.",
        ask="What comes out?",
        answer=0.65,
        wrong={
            1: "That is the slope. But z − h lies on the other side of the kink.",
            0.5: "So it is if z is exactly 0. Here the two sides are not equally long.",
            0: "That is what the left side alone would say, far enough from the kink.",
            1.3: "You divided by h. The two places lie 2h apart.",
            0.3: "That is the slope of the left half: from z − h to z.",
        },
        explanation="f(z + h) = 0.000013, and f(z − h) = 0, since ReLU cuts off what is negative: "
        "0.000013 / 0.00002 = 0.65. The backward pass says 1 and is right. The check says 0.65, because it asked on "
        "both sides of a corner.",
    ),
    "trilinear": Choice(
        given="A convolution layer without bias: x, w and ∂L/∂z hold whole numbers. You multiply each cell of z with "
        "its own ∂L/∂z and add everything up. The sum is 15.",
        ask="Now do the same with w and ∂L/∂w. What do you get?",
        options=(
            Option(
                "Who knows: w has other cells than z",
                "Fewer cells, but every one of its gradients is a sum over many places. How many products of three "
                "are there in all?",
            ),
            right("15", "The same products of three, gathered by another partner."),
            Option(
                "15, but only with stride 1",
                "The stride decides who meets whom. Whoever meets, meets in all three sums.",
            ),
            Option(
                "15, divided by the number of outputs",
                "A weight is used at every output, and its gradient adds all of them up. Nothing is averaged.",
            ),
        ),
        explanation="Each meeting has a product ∂L/∂z · w · x. The sum of all of them can be gathered by outputs "
        "(∂L/∂z · z), by taps (∂L/∂w · w), or by inputs (∂L/∂x · x). One list, so one number, whatever the stride "
        "and the padding.",
    ),
    "plain": Choice(
        given="The checks of this series know 71 wrong ways to write ∂L/∂x. Test each of them on one layer: a 5×5 "
        "input, a 3×3 kernel, stride 1, padding 1, one image, one channel, one filter.",
        ask="How many of the 71 does this test find?",
        options=(
            Option(
                "All of them",
                "It finds whatever shows in this layer. A forgotten stride does not show where the stride is 1.",
            ),
            Option("All but a few", "Think of all that is 1 here: stride, images, channels, filters. Or square."),
            right("About half", "34. What gets through is wrong only in layers that have more of something."),
            Option(
                "Nearly none",
                "A kernel turned once too often, windows that overwrite each other, padding not cut off: all of these "
                "show here.",
            ),
        ),
        explanation="The check is exact, and blind to what the layer does not have: with one image nobody notices a "
        "division by N; with a square picture height and width may change places. Most of a good test is the choice "
        "of its cases.",
    ),
    "complex": Choice(
        given="The slope is the imaginary part of f(x + ih), divided by h. Its error is about h²·f‴/6.",
        ask="Which h is the best one, in float64?",
        options=(
            Option("10⁻⁵", "That was the best one as long as a difference was taken. Which digits cancel here?"),
            Option(
                "10⁻⁸",
                "Here h² is as small as float64's last digit, so it is enough. But does anything get worse below?",
            ),
            right("10⁻²⁰⁰", "Nothing is subtracted, so nothing cancels. The smaller, the better."),
            Option("0", "Then the imaginary part is 0, and so is what it is divided by."),
        ),
        explanation="There is no left arm: real and imaginary part are two numbers side by side, each with all of its "
        "digits. From 10⁻⁸ on all digits are right, and 10⁻²⁰⁰ makes sure of it for any function, however sharply "
        "it bends.",
    ),
    "map": Choice(
        given="One of the four programs adds to dx[i·s + k − p] without asking whether that index is negative. (In "
        "NumPy, a negative index counts from the other end.)",
        ask="Which one is it?",
        options=(
            right("A", "What should fall into the padding at the top and on the left is added at the other end."),
            Option(
                "B",
                "There the wrong rows and columns are those where two windows overlap, everywhere in the picture.",
            ),
            Option(
                "C", "There the last windows are missing, two rows and two columns. Nothing comes in from a border."
            ),
            Option("D", "There all cells are wrong. Only windows at the border can have a negative index."),
        ),
        explanation="With padding 1, row −1 is padding, and NumPy reads it as the last row: A. In B the windows "
        "overwrite each other where they overlap (= for +=). In C a loop over the outputs ends one step too early. "
        "In D every cell is half of what it should be, and its relative error says so: 0.5, divided by a batch of 2.",
    ),
    "culprit": Choice(
        given="gradcheck says: 7.w and 7.b are right. 3.w and 3.b are wrong, 0.w and 0.b are wrong, x is wrong. The "
        "layers: 0 convolution, 1 tanh, 2 average pooling, 3 convolution, 4 tanh, 5 max pooling, 6 flatten, 7 linear.",
        ask="Where is the bug?",
        options=(
            Option(
                "In layer 0: everything at the beginning is wrong",
                "The gradient comes from the other end. What arrives at layer 0 was wrong long before.",
            ),
            Option(
                "In layer 3: its gradients are the first that are wrong",
                "Both of them, and db is hardly more than a sum of ∂L/∂z. It is likelier that what layer 3 was handed "
                "is wrong already.",
            ),
            right(
                "In one of layers 4, 5 and 6",
                "Whatever reached 7 was right, whatever reached 3 was wrong. So it happened on the way.",
            ),
            Option(
                "In layer 7: it is nearest to the loss",
                "Its own two gradients are right. Only its ∂L/∂x could be wrong, and for that a linear layer is the "
                "least of the suspects.",
            ),
        ),
        explanation="Walk with the gradient, from the loss down. The last tensors that are right and the first that "
        "are wrong have the culprit between them. Layers without parameters say nothing themselves: check each of "
        "4, 5 and 6 alone. (Layer 7's ∂L/∂x lies on this road as well: if those three are innocent, it is next.)",
    ),
    "alone": Choice(
        given="Another network of the same build. Only 3.w is wrong. All else is right: 3.b, 0.w, 0.b, x, and layer 7.",
        ask="Whose bug is it?",
        options=(
            Option(
                "Layer 4's, which hands ∂L/∂z to layer 3",
                "Then 3.b would be wrong as well, and everything below.",
            ),
            Option(
                "Layer 2's, which hands its output to layer 3",
                "Forward is not on trial: the differences are taken of whatever the forward pass does.",
            ),
            Option(
                "Layer 3's, in its ∂L/∂x",
                "Everything below layer 3 hears of its ∂L/∂x, and all of that is right.",
            ),
            right(
                "Layer 3's, in its ∂L/∂w",
                "A gradient of weights is the end of a road: nobody but the optimiser ever hears of it.",
            ),
        ),
        explanation="∂L/∂x is handed on, so a mistake in it spreads to everything below. ∂L/∂w goes nowhere, so a "
        "mistake in it stays alone. That is why one wrong tensor among right ones convicts its own layer at once.",
    ),
}

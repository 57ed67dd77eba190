"""Chapter 08, activations and the loss."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "stack": Number(
        given="Ten convolutions stand in a row, each with one kernel of 3×3, stride 1, and nothing between "
        "them. Some "
        "single kernel does the same work as all ten.",
        ask="How many cells long is its side?",
        answer=21,
        wrong={
            3: "Nine taps have no room for it: behind the second convolution an output already depends on 5×5 inputs.",
            20: "Each convolution reaches two cells further. But the first one has three to begin with.",
            30: "That lays the kernels side by side. Neighbouring windows overlap: each one adds only two new cells.",
            59049: "That multiplies the sides, 3 to the power of 10. A window of windows grows by adding.",
        },
        explanation="3, 5, 7, 9, … : each further kernel adds K − 1 = 2 cells. So ten layers with 90 numbers to "
        "learn "
        "are one layer with a kernel of 21×21, and not even every kernel of that size can be had in this way.",
    ),
    "steepest": Number(
        given="The sigmoid, 1 / (1 + e^(−z)), climbs from 0 on the far left to 1 on the far right.",
        ask="How steep is it at its steepest place? (A slope: how much a grows for one unit of z.)",
        answer=0.25,
        wrong={
            0.5: "That is how high it is in the middle. How steep it is there is another question.",
            1: "That is the slope of tanh at 0. The sigmoid climbs half as high, and takes twice as long for it.",
            0: "It is flat far out on either side. But somewhere it has to climb from 0 to 1.",
        },
        explanation="The slope is a·(1 − a), as you will see. A product of two numbers that add up to 1 is "
        "largest when "
        "they are equal: ½·½ = ¼. So a sigmoid passes on a quarter of the gradient at best, and mostly less.",
    ),
    "depth": Choice(
        given="Ten sigmoids stand in a row. Suppose that the weights between them neither help nor harm, and "
        "that every "
        "single one of them happens to stand at its steepest place.",
        ask="How much of the gradient is left behind all ten of them?",
        options=(
            Option(
                "About a fortieth",
                "That divides a quarter by ten. Each layer takes its quarter of what the layer before has left.",
            ),
            Option(
                "About a thousandth",
                "½ to the power of 10: that multiplies the heights of the curve. What is multiplied are slopes.",
            ),
            right("About a millionth", "A quarter, ten times over: 0.25¹⁰ ≈ 0.00000095."),
            Option("All of it", "That is what ten ReLUs would do, if all of them were on."),
        ),
        explanation="And this is the best case. At |z| = 3 a sigmoid passes less than a twentieth. Factors "
        "multiply "
        "along the way back; if all of them are small, the first layers hear nothing.",
    ),
    "from_a": Number(
        given="A layer has forgotten its input z. All that it kept is its output, a = tanh z = 0.8.",
        ask="How steep is tanh at that z?",
        answer=0.36,
        within=0.005,
        wrong={
            0.16: "That is a·(1 − a), the slope of the sigmoid.",
            0.2: "That is 1 − a. There is a square: at −0.8 the curve is as steep as at 0.8.",
            0.64: "That is a². The slope is what is missing from it to 1.",
            0.56: "That takes 0.8 for z and works out 1 − tanh²(0.8). But 0.8 is what came out already.",
        },
        explanation="1 − a² = 1 − 0.64 = 0.36, and z is not needed. So tanh and sigmoid can go back with what "
        "they have "
        "handed on, which the next layer keeps anyway: nothing has to be stored twice.",
    ),
    "zero": Choice(
        given="A convolution of 3×3 with random weights and no bias looks at handwritten digits. ReLU stands "
        "behind it, "
        "and has no slope at z = 0.",
        ask="How many of its z are exactly 0, to the last bit?",
        options=(
            right(
                "More than half",
                "Wherever the window sees nothing but paper, which is 0, z is a sum of zeros.",
            ),
            Option(
                "Next to none",
                "So it is for numbers that are spread out at random. But most of a digit's image is paper, and "
                "paper "
                "is exactly 0.",
            ),
            Option(
                "About one in a hundred", "It would be, if only a few pixels were blank. How much of a digit is ink?"
            ),
        ),
        explanation="About two thirds. So the kink is no rare event, and it does matter that somebody has "
        "decided what "
        "happens there. For the weights nothing hangs on it here: ∂L/∂w multiplies with x, which is 0 wherever "
        "z is. "
        "A bias would notice.",
    ),
    "meets": Choice(
        given="Softmax turns the four logits z₀ … z₃ into four probabilities. Raise z₂ a little and leave the others.",
        ask="Which probabilities change?",
        options=(
            Option(
                "Only p₂",
                "So it would be with ReLU or tanh. But probabilities add up to 1: who gives way for p₂?",
            ),
            Option(
                "p₂ and that of the true class",
                "Softmax does not know which class is true. That comes in with the loss.",
            ),
            Option("All four rise", "They always add up to 1."),
            right(
                "All four: p₂ rises, the other three fall",
                "The sum below the fraction bar has all logits in it.",
            ),
        ),
        explanation="A probability is e to the power of its own logit, over the sum of all these powers. The "
        "sum has every logit in it, so every output meets every input. An "
        "activation's list of meetings has one input for each output; that of the softmax has all with all.",
    ),
    "shift": Choice(
        given="Add 100 to every logit of an image.",
        ask="What changes?",
        options=(
            Option("The probabilities grow", "They still add up to 1, so they can't all grow."),
            right(
                "Neither the probabilities nor the loss",
                "e^(z + 100) is e^100 · e^z, above and below the bar.",
            ),
            Option(
                "The network becomes surer of the largest",
                "That is what multiplying does. Adding leaves the differences between logits as they are.",
            ),
            Option(
                "The loss grows by 100", "It would, if the true logit were all of it. But log Σ e^z grows by 100 too."
            ),
        ),
        explanation="Only differences between logits count. You are therefore free to add whatever suits you, "
        "and soon "
        "you will take the largest logit off, so that no power of e can overflow. And since nothing changes along "
        "(1, 1, …, 1), the gradient's cells add up to 0.",
    ),
    "surely_wrong": Choice(
        given="One output with a sigmoid. The right answer is 1, but z = −8, so that a is 0.0003: surely wrong. "
        "One "
        "network has the loss ½(a − 1)², another has −log a.",
        ask="Which one is told more loudly to raise z?",
        options=(
            Option(
                "The squared error, about three times",
                "Its error is nearly 1. But on the way to z it has to pass the flat sigmoid.",
            ),
            Option("Both the same", "∂L/∂a is −1 for one of them and −3,000 for the other."),
            right(
                "−log a, about three thousand times", "Its gradient by z is a − 1, nearly −1; the other's is −0.0003."
            ),
        ),
        explanation="Both are multiplied by the slope a·(1 − a) ≈ 0.0003. The squared error has nothing to set "
        "against "
        "it. −log a has the slope −1/a ≈ −3,000, which cancels the a: what is left is a − 1, however flat the "
        "curve is. "
        "Loss and activation are made for each other; softmax with cross-entropy is the same couple for many "
        "classes.",
    ),
    "huge": Choice(
        given="The logits are 1000 and 0. The program is np.exp(z) / np.exp(z).sum(), as the formula says.",
        ask="What does it give?",
        options=(
            Option(
                "1 and 0", "That is right on paper. But the computer has to pass by e^1000, and no float is so large."
            ),
            right("nan and 0", "e^1000 overflows to ∞. ∞/∞ is no number, and 1/∞ is 0."),
            Option(
                "inf and 0",
                "The first step gives ∞, that is true. Then it is divided by a sum that is ∞ too.",
            ),
            Option("An error", "NumPy warns, and goes on with ∞."),
        ),
        explanation="In float64 e^709 is the last one that fits, in float32 e^88; logits of 100 are nothing "
        "special. One "
        "nan in a loss, and after the next step every weight is nan. Take the largest logit off first: e^0 = 1.",
    ),
}

"""Chapter 02, from the dense layer to the convolution."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "photo": Number(
        given="A dense layer reads a picture of 28×28 pixels in one channel, and its output is a picture of 28×28 "
        "again. Every output has a weight for every input.",
        ask="How many weights are there, biases not counted?",
        answer=614656,
        wrong={
            784: "That would be one weight for each pixel. But every output reads all the pixels, through weights of "
            "its own.",
            1568: "784 inputs and 784 outputs, added. Every output meets every input: the pairs are counted, not the "
            "pixels.",
            7056: "Nine for each output: so many there are if an output reads only its 3×3 neighbours. A dense one "
            "reads all.",
            615440: "With the 784 biases it is that many. Without them?",
        },
        explanation="784 outputs, each with a weight for each of 784 inputs: 784·784 = 614,656. The number of "
        "weights grows with the square of the number of pixels. A picture with twice the height and twice the width "
        "has four times as many pixels, and the layer sixteen times as many weights.",
    ),
    "asker": Choice(
        given="A dense layer z = w x has three outputs and five inputs, so w has 3 rows and 5 columns. Of the three "
        "numbers ∂L/∂z only the first is not 0: ∂L/∂z = (1, 0, 0).",
        ask="What is ∂L/∂x?",
        options=(
            Option(
                "The first column of w",
                "A column belongs to one input and has three numbers. ∂L/∂x has five, one for each input.",
            ),
            Option(
                "(1, 0, 0, 0, 0)",
                "That would be so if output 0 read input 0 only, with weight 1. It reads all five, each with a weight.",
            ),
            Option(
                "The input x, times 1",
                "That is the first row of ∂L/∂w: what the weights of output 0 learn. The inputs meet ∂L/∂z through "
                "the weights.",
            ),
            right(
                "The first row of w",
                "If input k grows by 1, output 0 grows by w[0,k], and L by as much.",
            ),
            Option(
                "The x that makes z = (1, 0, 0)",
                "That asks to run the layer in reverse, with an inverse of w. A gradient asks something else: what "
                "does L gain if an input grows by a little?",
            ),
        ),
        explanation="Output 0 is a sum in which input k stands with the weight w[0,k]. So this is what L gains for "
        "each unit more of input k. Had all three outputs asked, input k would add up three such answers, w[0,k], "
        "w[1,k] and w[2,k], each times what that output asks for: it goes down its column.",
    ),
    "shapes": Choice(
        given="The matrix w has 3 rows and 5 columns, ∂L/∂z has 3 numbers. Somebody writes ∂L/∂x = wᵀ ⊙ ∂L/∂z, where ⊙ "
        "multiplies place by place, and types it as w.T * dz.",
        ask="What does NumPy make of it?",
        options=(
            Option(
                "It refuses: the shapes do not fit",
                "So one would wish. But NumPy lays (3,) beside each row of (5, 3): 3 fits 3.",
            ),
            Option(
                "A vector of 5 numbers, the gradient",
                "It has to be added up for that, and * adds nothing up.",
            ),
            right(
                "A matrix of 5 rows and 3 columns",
                "Each row of wᵀ is multiplied by ∂L/∂z, and that is all: the products stand there, side by side.",
            ),
            Option(
                "A vector of 3 numbers",
                "What is multiplied place by place keeps the larger shape, and wᵀ has 15 numbers.",
            ),
        ),
        explanation="The products are the right ones: row k holds w[m,k]·∂L/∂z[m] for each output m. What is missing "
        "is the sum over the outputs. So the slip is found by its shape, (5, 3) where (5,) should be, and it is "
        "found late: NumPy says nothing.",
    ),
    "cut": Number(
        given="Output 0 no longer reads input 4: that connection is cut, and 0 stands in its place in the matrix. "
        "x[4] is 1 and ∂L/∂z[0] is 1. A training step takes 0.1·∂L/∂z·xᵀ away from the whole matrix.",
        ask="What stands in the place of the cut connection afterwards?",
        answer=-0.1,
        wrong={
            0: "So it should be. But ∂L/∂z·xᵀ has a number for every pair, and it does not know which of them are cut.",
            0.1: "The step takes the gradient away: mind the sign.",
            -1: "That is the gradient with the minus of the step, but a step is 0.1 of it.",
            0.9: "The weight there was 0, not 1.",
        },
        explanation="∂L/∂z[0]·x[4] = 1, so −0.1 stands there, and the connection is back. A cut connection is no "
        "weight that happens to be 0: it is no weight at all, and it has no gradient. Whoever keeps the layer as a "
        "matrix must set these entries of the gradient to 0 as well.",
    ),
    "tied": Number(
        given="One weight stands in three places of a layer's matrix. For each place, taken by itself, the derivative "
        "of L is known: 2 in the first, −1 in the second, 4 in the third.",
        ask="What is the derivative of L by this weight?",
        answer=5,
        wrong={
            1.6666666667: "That is their mean. If the weight grows by 1, each of the three entries grows by 1, not "
            "by a third.",
            4: "That is the last place alone. The other two grow along with it.",
            2: "That is the first place alone. The other two grow along with it.",
            -8: "That is their product. What happens in several places is added up.",
            7: "One of them is −1: that place asks for less.",
        },
        explanation="When the weight grows by a little, all three entries grow by as much, and L changes by 2 − 1 + "
        "4 times that. It is the chain rule with three ways from the weight to L, and the ways add up.",
    ),
    "column": Number(
        given="A 4×4 input, a 3×3 kernel with no 0 in it, stride 1, no padding: T(w) has 4 rows and 16 columns. Each "
        "row has nine entries that are not 0.",
        ask="How many has the column of input (1, 1)?",
        answer=4,
        wrong={
            1: "That is the column of a corner, such as input (0, 0): only one window covers it.",
            2: "That is the column of an input at the border, such as (0, 1).",
            9: "That is a row: an output reads nine inputs. How many outputs read this input?",
            16: "There are only four rows, so a column has four entries at most.",
        },
        explanation="A row says what an output reads; a column says who reads an input. All four windows cover input "
        "(1, 1). Altogether there are 4·9 = 36 entries that are not 0, and counted by columns they are 4 inputs with "
        "4, 8 with 2, 4 with 1: 36 again.",
    ),
    "turned": Choice(
        given="A 5×5 input, a 3×3 kernel, stride 1: T(w) has a row for each of 9 outputs, a column for each of 25 "
        "inputs. Take the column of the input in the middle, nine numbers, and lay them out as a picture of the 3×3 "
        "outputs.",
        ask="What do you see?",
        options=(
            Option(
                "The kernel, upright",
                "A row of T shows it upright. In a column, the first output stands at the top left, and it reads the "
                "middle through its last tap.",
            ),
            right(
                "The kernel, turned by 180°",
                "The first output reads the middle through its last tap, the last output through its first.",
            ),
            Option(
                "The kernel, transposed",
                "T is transposed, w is not: rows and columns of the kernel keep their roles. Which tap does output "
                "(0, 1) use?",
            ),
            Option(
                "Nine times the same number",
                "That would be the middle tap. But each output reads this input at another place of its window.",
            ),
        ),
        explanation="Output (i, j) reads input (2, 2) through tap (2 − i, 2 − j): outputs forwards, taps backwards. "
        "So the famous turn by 180° is nothing that anybody does. It is what a column of T looks like, and the "
        "backward pass goes down the columns.",
    ),
    "elsewhere": Choice(
        given="A dense layer starts with all weights 0. It learns to draw the edges of digits, from 200 pictures in "
        "which the digit is always in the left half, and the right half is empty. Then it gets a picture with a "
        "digit in the right half.",
        ask="What does it draw?",
        options=(
            right(
                "Nothing: its output is 0 everywhere",
                "The weights for pixels of the right half have never moved.",
            ),
            Option(
                "The edges of the digit, a little blurred",
                "Nothing in the layer knows that a pixel on the right is like one on the left: each has its own "
                "weights.",
            ),
            Option(
                "The edges, but in the left half",
                "For that, pixels on the right would have to have weights to outputs on the left. They have none but "
                "0.",
            ),
            Option(
                "Random noise",
                "So it would be if the weights had been random at the start. These were 0.",
            ),
        ),
        explanation="∂L/∂w = Σ ∂L/∂z·xᵀ over the pictures. The columns of the pixels on the right are multiplied by "
        "x = 0 in every picture, so their gradient is 0 in every step. What a dense layer learns in one place, it "
        "knows in that place only.",
    ),
}

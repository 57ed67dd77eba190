"""Chapter 12, spot the mistake."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "evidence": Choice(
        given="Three programs compute ∂L/∂x of one small layer, with stride 1 and no padding. One uses the kernel as "
        "it should, one transposes it, one turns it once too often. You may look at one thing only.",
        ask="Which of these tells you which program is right?",
        options=(
            Option("The shape of the result", "All three results are as large as the input. A wrong kernel fits too."),
            Option(
                "The sum of all cells",
                "Every output stamps the whole kernel, and transposing or turning does not change what the kernel adds "
                "up to. So the three sums are equal.",
            ),
            Option("The mean of all cells", "It is the sum, divided by the number of cells: equal, for equal shapes."),
            right("A single cell, worked out by hand", "If it is a cell on which the three differ. Most are."),
        ),
        explanation="Shape, sum and mean are what many programs print to show that they work. In each stamp they see "
        "only how much there is, never where it lies. One well-chosen cell says more than all three.",
    ),
    "square": Choice(
        given="A dense layer has 3 outputs and 3 inputs: W is 3×3, dz has 3 numbers. An article writes ∂L/∂x = Wᵀ ⊙ "
        "dz, with ⊙ for cell by cell. In NumPy: dx = W.T * dz.",
        ask="What happens?",
        options=(
            Option(
                "An error: the shapes do not fit", "For a 3×4 matrix, yes. But NumPy stretches three numbers over 3×3."
            ),
            Option("The right three numbers", "Nothing adds up over the outputs, and three numbers do not come out."),
            right(
                "A 3×3 array, without a word", "NumPy copies dz to every row. The sum over the outputs never happens."
            ),
            Option("Three wrong numbers", "Wrong, yes, but nine of them: * multiplies, it never adds up."),
        ),
        explanation="Wᵀ dz is a product of a matrix and a vector: W.T @ dz. A slip that a 3×4 layer would have shown "
        "at once hides in a square one. So test on shapes in which no two sizes are alike.",
    ),
    "rotated": Choice(
        given="From intuition to derivation ends with a gradient of the weights that slides ∂L/∂z over the input "
        "turned by 180°: at stride 1, ∂L/∂w[k] = Σ ∂L/∂z[i]·x[i + K − 1 − k].",
        ask="Is that right?",
        options=(
            Option("Yes, always", "It is not what you derived in chapter 04, and you ran that on numbers."),
            Option("No, never", "So it seems from chapter 04. But whose forward pass does the article differentiate?"),
            Option("Only for kernels that are symmetric", "Then it would be right by luck. There is a better reason."),
            right(
                "It depends on the layer's forward pass",
                "If the layer turns its kernel on the way forward, tap k meets input i + K − 1 − k, and so it must be.",
            ),
        ),
        explanation="The article starts from a true convolution, in which the kernel is turned on the way forward. "
        "For that layer its gradient is proved. Put it into a layer that correlates, as PyTorch's do, and it comes "
        "out turned. A gradient is right or wrong for a forward pass, never by itself.",
    ),
    "alibi": Choice(
        given="You want to test a program that may transpose the kernel where it should turn it by 180°. Stride 1, "
        "∂L/∂z random.",
        ask="With which kernel would the mistake go unnoticed?",
        options=(
            Option(
                "[[1, 2], [3, 4]]", "Transposed it is [[1, 3], [2, 4]], turned [[4, 3], [2, 1]]. It would be noticed."
            ),
            Option(
                "[[1, 2], [2, 5]]",
                "It is its own transpose. But turned it is [[5, 2], [2, 1]], so the mistake shows.",
            ),
            Option("[[4, 1], [1, 2]]", "Symmetric as well, so transposing leaves it alone. Turning exchanges 4 and 2."),
            right(
                "[[1, 2], [4, 1]]", "Transposed or turned, it becomes [[1, 4], [2, 1]]: the two can't be told apart."
            ),
        ),
        explanation="Transposing and turning differ by a mirror along the other diagonal, from bottom left to top "
        "right. A kernel that this mirror leaves alone can't tell them apart, and many favourites are of that kind: "
        "all ones, a blur, a Laplacian. Test with numbers of which no two are alike.",
    ),
    "returned": Number(
        given="hermosayhl's network halves its input: 224 pixels, a 3×3 kernel, stride 2, no padding, 111 outputs. On "
        "the way back, ∂L/∂z gets 1 zero between neighbours and K − p − 1 = 2 zeros on all sides, and a 3×3 kernel "
        "slides over it with stride 1.",
        ask="How many pixels wide is the gradient?",
        answer=223,
        wrong={
            224: "So it should be. Count: 111 + 110 zeros between + 4 around = 225, and a window of 3 stops at 223 "
            "places.",
            225: "That is how wide the widened gradient is. A window of 3 still has to slide over it.",
            221: "That is 111 + 110: the zeros around are missing.",
            222: "Twice 111. But the zeros between are one fewer than the cells, and the edges count too.",
            227: "The window takes 2 off what it slides over; it does not add them.",
        },
        explanation="225 − 3 + 1 = 223. A window of 3 that moves by 2 over 224 pixels leaves the last column unread; "
        "the formula never hears of it. One more zero at the bottom and on the right gives that column the gradient "
        "it has, 0.",
    ),
    "rows": Number(
        given="A listing for ∂L/∂w walks over the rows of outputs. For each row it adds that row's products to a "
        "total, and then, still inside of the loop over rows, adds the total to the gradient. The total is never set "
        "back. The layer has 4 rows of outputs.",
        ask="How many times does the first row of outputs count in the gradient?",
        answer=4,
        wrong={
            1: "So it should be. But the total is handed over after every row, and the first row is in it each time.",
            3: "Its products are in the total after row 0, 1, 2 and 3. Count them again.",
            10: "That is 4 + 3 + 2 + 1: how many rows are counted in all.",
            16: "Each of four totals has it once.",
        },
        explanation="The running total after row 0, 1, 2 and 3 has the first row in it each time: 4 times. The second "
        "row counts 3 times, the last row once. The gradient does not look absurd, the loss still falls: that is why "
        "such a slip lives for years.",
    ),
    "windows": Choice(
        given="A kernel of 5 moves by 2 along one axis. BrightLamp's formula for ∂L/∂x adds up the windows that cover "
        "an input, x from 0 to p − t: with p = 5 and t = 2, four terms.",
        ask="How many windows cover an input that lies well inside?",
        options=(
            Option("Four, as the formula says", "Four starts, two apart, span seven cells. A window covers only five."),
            Option("Always three", "For every other input. Write down where windows start: 0, 2, 4, 6, 8."),
            Option("Always two", "For every other input. Input 8 lies in the windows that start at 4, 6 and 8."),
            right(
                "Three and two, in turn", "Input 8 lies in those that start at 4, 6 and 8; input 9 in those at 6 and 8."
            ),
            Option("Two and a half", "On average, yes: 5/2. A single input is covered a whole number of times."),
        ),
        explanation="A window that covers u starts at u − 4 at the earliest and at u at the latest. Of these five "
        "places two or three are multiples of 2, never four. Counted back from the last window i that starts at or "
        "before u, the last term is number ⌊(p − 1 − (u − i·t))/t⌋, which depends on u.",
    ),
    "half": Choice(
        given="SymPy is asked for the sum over i of [2i = u]·∂L/∂z[i], for three outputs, i = 0, 1, 2. Then 1 is put "
        "in for u.",
        ask="What is that sum, in truth, at u = 1?",
        options=(
            Option("∂L/∂z[0]", "That asks 2·0 = 1. Round down, and a bracket that is 0 becomes 1."),
            Option("∂L/∂z[1]", "That asks 2·1 = 1, which is false."),
            right("0", "No whole i has 2i = 1, so no term is left."),
            Option("∂L/∂z[1/2]", "There is no half an output. But it is what SymPy says, as you will see now."),
        ),
        explanation="With stride 2, an input at an odd place is read through odd taps only; this tap never stood on "
        "it. A bracket must keep that u is even, or half of the inputs are given a gradient that nobody sent.",
    ),
    "tie": Number(
        given="Max pooling over a window of three cells that all hold 5. SymPy differentiates Max(a, b, c) by each of "
        "the three and is then told that all are 5. Each of its steps is ½ at the edge.",
        ask="To how much do the three derivatives add up?",
        answer=1.5,
        wrong={
            1: "That is what must come out if all three grow by 1 together: the maximum grows by 1. SymPy says ½ for "
            "each.",
            3: "That is what a mask x == max does, which is another mistake, and a frequent one.",
            0.5: "That is one of them.",
            0.125: "One step is not multiplied by the others: each derivative is a single step of ½.",
        },
        explanation="Each derivative is one step function at 0, which SymPy sets to ½: three halves. Raise all three "
        "cells by 1, and the maximum rises by 1, not by 1½. At a tie the maximum has no derivative; a layer has to "
        "choose, and whatever it chooses must add up to 1. PyTorch's max pooling chooses the first, and so does ours.",
    ),
    "lists": Choice(
        given="You can walk any list of meetings (output, tap, input), and add up products. Now max pooling is asked "
        "for.",
        ask="What is its list?",
        options=(
            Option(
                "The convolution's, with all weights alike",
                "That is average pooling: all cells of a window meet its output, with the same weight.",
            ),
            right(
                "One meeting for each output: its winner, with weight 1",
                "Whoever was not the largest has met nobody, and gets no gradient.",
            ),
            Option(
                "The convolution's, where the weight of the winner is 1 and others are dropped from the sum of "
                "gradients only",
                "The way forward and the way back have the same list. If losers are dropped back, they are dropped "
                "forward.",
            ),
            Option(
                "It has none, for a maximum is no sum", "Once the winners are known, it is: z = Σ 1·x, one term each."
            ),
        ),
        explanation="The forward pass makes the list, by looking for each window's winner; that is why the layer must "
        "remember the argmax. From then on it is a list like any other, walked the same way.",
    ),
}

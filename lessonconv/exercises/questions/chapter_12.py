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
        given="A layer that many networks have, to halve a picture: 32 pixels, a 3×3 kernel, stride 2, padding 1, 16 "
        "outputs. On the way back, ∂L/∂z gets 1 zero between neighbours and K − p − 1 = 1 zero on all sides, and a 3×3 "
        "kernel slides over it with stride 1.",
        ask="How many pixels wide is the gradient?",
        answer=31,
        wrong={
            32: "So it should be. Count: 16 + 15 zeros between + 2 around = 33, and a window of 3 stops at 31 places.",
            33: "That is how wide the widened gradient is. A window of 3 still has to slide over it.",
            29: "16 + 15 − 2: the zeros around are missing.",
            35: "The window takes 2 off what it slides over; it does not add them.",
            30: "33 − 3, and one place more: the window stops at its first place, too.",
        },
        explanation="33 − 3 + 1 = 31. A window of 3 that moves by 2 over 32 + 2 cells leaves one of them unread, "
        "and the formula never hears of it. Which row of ∂L/∂x is missing now, the first or the last? And did "
        "nobody read it?",
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
    "suspects": Choice(
        given="BrightLamp's sum, in this series' letters: ∂L/∂x[u] is the sum over t, from 0 to K − s, of "
        "∂L/∂z[i − t·s]·w[u − i·s]. Here i is the last window that covers u, and both tensors are 0 outside.",
        ask="Which part is innocent, so that it may stay as it is?",
        options=(
            Option(
                "The step, t·s",
                "∂L/∂z is numbered by windows. The window before this one is number i − 1, however large the stride.",
            ),
            Option(
                "The tap, u − i·s",
                "Window i begins at i·s, so this is the tap of window i. In the window before, the same input lies "
                "under a tap that is s further on.",
            ),
            right(
                "The last term, K − s",
                "It counts too many windows, but those that do not cover u would need a tap behind the kernel, and "
                "read a 0.",
            ),
            Option("None: all three are wrong", "Two are. The third does more work than it must, and no harm."),
        ),
        explanation="Mend the step and the tap: ∂L/∂z[i − t]·w[u − (i − t)·s]. Then a kernel of 5 and stride 2 have "
        "four terms, t from 0 to 3. Two or three of the windows cover u, as you counted in chapter 05; for the rest, "
        "u − (i − t)·s is 5 or more. There is no such tap, so they add 0.",
    ),
    "file": Choice(
        given="Four statements as printed, along one axis and without padding, for a layer that correlates. w_rot is "
        "the turned kernel. Three are refuted.",
        ask="Which one holds?",
        options=(
            Option(
                "At stride 1, ∂L/∂x[u] is the sum over t of ∂L/∂z[u + t]·w_rot[t]",
                "At u = 0 this hears outputs 0 to K − 1. But input 0 was read by output 0 alone.",
            ),
            Option(
                "A window of K cells reaches ⌊(K − 1)/2⌋ cells to each side of its middle",
                "For K = 4 that is one to the left, the middle, one to the right: three cells.",
            ),
            right(
                "∂L/∂w[k] is the sum over i of ∂L/∂z[i]·x[i·s + k], for every stride",
                "Tap k of output i stood on input i·s + k: chapter 04.",
            ),
            Option(
                "Neighbouring windows overlap if i·(s + 1) ≤ i·s + K − 1",
                "Try i = 0: it says 0 ≤ K − 1, so that windows would always overlap. Where does window i + 1 begin?",
            ),
        ),
        explanation="The first is the slip of calling a full sweep a valid one: it begins K − 1 outputs too late. The "
        "second is true for odd kernels. In the last a bracket moved: window i + 1 begins at (i + 1)·s.",
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

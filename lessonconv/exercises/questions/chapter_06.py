"""Chapter 06, transposed convolution."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "size": Number(
        given="A picture of 4×4 cells. Each cell stamps a kernel of 3×3, and stamps are 2 cells apart. No padding.",
        ask="How many rows does the result have?",
        answer=9,
        wrong={
            8: "Twice as many as before: stride times size. But the last stamp starts at row 6 and covers three rows, "
            "6, 7 and 8.",
            7: "That counts the starts: 0, 2, 4, 6 lie in seven rows. The last stamp goes on behind its start.",
            12: "Four stamps of three rows, side by side. With stride 2 each one overlaps the next by a row.",
            6: "That is for stamps one cell apart.",
            1: "That is what a convolution leaves of 4 rows: ⌊(4 − 3)/2⌋ + 1. Here every cell makes more cells.",
        },
        explanation="The stamps start at rows 0, 2, 4 and 6, and the last one covers three rows: (4 − 1)·2 + 3 = 9. "
        "Count starts, then add one kernel: that is all of the size formula, but for what is cut off at the edges.",
    ),
    "backward": Choice(
        given="Forward, this layer stamps: z[u] += w[k]·x[i] wherever i, k and u meet. Now ∂L/∂z comes back.",
        ask="Which sum over ∂L/∂z is ∂L/∂x?",
        options=(
            Option(
                "Stamp once more: a transposed convolution of ∂L/∂z",
                "That would make ∂L/∂x larger still, and it must have the shape of x. Ask for one input: onto which "
                "cells did it press its stamp?",
            ),
            Option(
                "A convolution of ∂L/∂z with the kernel turned by 180°",
                "In chapter 05 the kernel had to be turned as the one who asked lay below the windows. Here x[i] is "
                "the one that has the window: it meets tap 0 first.",
            ),
            Option(
                "A convolution of ∂L/∂z, with s − 1 zeros put between its cells",
                "Zeros pull cells apart that are to meet neighbouring taps. ∂L/∂z is the large picture already: its "
                "cells lie where the taps do.",
            ),
            right(
                "A plain convolution of ∂L/∂z: same kernel, same stride, same padding",
                "Input i reached output i·s + k − p through tap k, so from there it hears, times w[k].",
            ),
        ),
        explanation="An input hears from the cells that it stamped, each through the tap that it stamped it with. "
        "That is a window with a stride, and a kernel that nobody turns: the convolution whose backward pass you "
        "have borrowed. Forward and backward have changed places, and the list of meetings is the same.",
    ),
    "layout": Choice(
        given="A convolution from 3 channels to 8 has kernels of shape (8, 3, 5, 5). You want the transposed "
        "convolution that leads back, from 8 channels to 3.",
        ask="Of which shape are its kernels, here and in PyTorch?",
        options=(
            Option(
                "(3, 8, 5, 5)",
                "Filters first, as a convolution has them: then you would have to exchange axes to use the same "
                "numbers both ways.",
            ),
            right("(8, 3, 5, 5)", "The very same array fits into both layers."),
            Option("(5, 5, 3, 8)", "TensorFlow stores the kernel's rows and columns first. PyTorch has them last."),
            Option(
                "(3, 8, 5, 5), each kernel turned by 180°",
                "No kernel is turned: the stamp is upright. And the first axis is that of the side that has the "
                "windows.",
            ),
        ),
        explanation="The first axis belongs to the side with the windows, which is the small one: the outputs of a "
        "convolution, the inputs of its transposed. So it is called F there and C here, (C, F, K_h, K_w), and w goes "
        "from one layer into the other as it is.",
    ),
    "network": Number(
        given="A published network convolves 224×224 pixels with a 3×3 kernel, stride 2, no padding: 111×111 outputs. "
        "The transposed convolution with the same settings leads back.",
        ask="How many rows does it give?",
        answer=223,
        wrong={
            224: "So one would wish. But row 223 of the input was never read, and 111 outputs can't tell that it was "
            "there.",
            222: "That is 111·2. The last stamp starts at row 220 and covers three.",
            225: "The last stamp starts at (111 − 1)·2, not at 111·2.",
            113: "That is for stride 1.",
            333: "Stamps side by side: 111·3. With stride 2 they overlap.",
        },
        explanation="(111 − 1)·2 + 3 = 223. The window stopped 111 times and never read the last row, so 223 and 224 "
        "rows give 111 outputs alike. On the way back somebody has to say which of the two it was. That is what "
        "output padding is for.",
    ),
    "extra": Choice(
        given="A 4×4 picture of ones; a 3×3 kernel with ones in its first row, twos in the second, threes in the last; "
        "stride 2, padding 1. The transposed convolution gives 7×7; with output_padding=1 it gives 8×8.",
        ask="What stands in the new last row?",
        options=(
            Option(
                "Zeros",
                "So the name suggests. But the padding had cut a row off at this end, and it was not empty.",
            ),
            Option(
                "A copy of the row before it",
                "Nothing is copied. The row before is stamped by the kernel's middle row.",
            ),
            right(
                "What the last stamps brought there, and the padding had cut off",
                "Padding 1 cuts a row off at either end; output padding 1 leaves the last one standing.",
            ),
            Option(
                "The first row once more",
                "The first row that the padding cut off is still missing. This is about the other end.",
            ),
        ),
        explanation="Padding cuts p cells off at either end, output padding cuts less off at the far end. Only if "
        "more comes back than was cut off is there room for zeros, as with no padding at all. It is no padding of "
        "the output: it chooses among the sizes that make equally many outputs.",
    ),
    "undo": Choice(
        given="Convolve a 5×5 picture with a 3×3 kernel, stride 2: four numbers. Give these to the transposed "
        "convolution with the same kernel: a 5×5 picture.",
        ask="Is it the one that you began with?",
        options=(
            Option(
                "Yes: that is why some call it deconvolution",
                "Some do, and it misleads. The shape comes back. What stands in it?",
            ),
            Option(
                "Yes, if the taps of the kernel add up to 1",
                "Then a flat picture stays about as bright. It does not bring back what was added up.",
            ),
            right(
                "No, and no kernel could do it",
                "Twenty-five numbers do not fit into four.",
            ),
            Option(
                "Yes, up to a factor",
                "A factor would ask that the pictures look alike. This one is a sum of four stamps, whatever the "
                "picture was.",
            ),
        ),
        explanation="What comes back is a sum of four stamps: of all 5×5 pictures a thin slice. The layer undoes the "
        "shape, not the values. Its name comes from the matrix of the convolution, which it applies transposed; and "
        "a transposed matrix is an inverse only in rare cases. Such a case comes below.",
    ),
    "even": Choice(
        ask="Which of these transposed convolutions stamps each output equally often, away from the border?",
        options=(
            Option("kernel 3, stride 2", "The counts are 2, 1, 2, 1: the middle tap has its cells to itself."),
            Option("kernel 5, stride 2", "The counts are 3, 2, 3, 2: less uneven, but uneven."),
            Option("kernel 4, stride 3", "Neighbouring stamps share one cell of three: 2, 1, 1, 2, 1, 1."),
            right("kernel 4, stride 2", "Each output gets two stamps along each axis."),
            Option("kernel 2, stride 3", "There are gaps between the stamps: 1, 1, 0, 1, 1, 0."),
        ),
        explanation="Each output lies in one of s phases, and phase u mod s is stamped by the taps of that phase only: "
        "k, k + s, k + 2s and so on. Are there equally many in each phase? Only if s divides K.",
    ),
    "flat": Choice(
        given="Kernel 4×4, stride 2, random weights. All of x is 1.",
        ask="What does z look like, away from the border?",
        options=(
            right(
                "A small tile of 2×2 numbers, over and over",
                "Four phases, each with its own four taps, and so with its own sum.",
            ),
            Option(
                "All alike: each output gets two stamps along each axis",
                "Equally many, but not the same ones: even cells get taps 0 and 2, odd ones taps 1 and 3.",
            ),
            Option(
                "Like noise: no cell is like another",
                "The weights are random, but all inputs press the same stamp.",
            ),
            Option(
                "A tile of 4×4 numbers, over and over",
                "The stamps come every two cells, so the picture repeats every two cells.",
            ),
        ),
        explanation="If all inputs are alike, so are all outputs of one phase: the sum of its taps. Equal counts make "
        "it possible that all sums are equal; only the weights can make it true. Bilinear weights do, random ones "
        "do not.",
    ),
}

"""Chapter 03, the forward pass."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "one_window": Number(
        given="The input x and the kernel w are printed above. The stride is 2, there is no padding.",
        ask="What is the output z[1,0]? Take a pencil. Three of the nine taps are 0, so six products will do.",
        answer=2,
        wrong={
            -2: "The right size with the wrong sign: you have turned the kernel by 180°. Nothing is turned here; the "
            "first tap meets the first cell of the window.",
            1: "That window starts in row 1, as it would with stride 1. With stride 2 the second window starts in "
            "row 2.",
            -4: "That is z[0,1]: rows and columns are exchanged. The first index counts the rows.",
            0: "You exchanged the kernel's rows and columns: tap w[0,2] is in the first row, at the right, and is −1.",
        },
        explanation="The window of z[1,0] covers rows 2 to 4 and columns 0 to 2. Its left column, weighed by 1, 2, 1, "
        "is 0 + 6 + 1 = 7; its right one is 1 + 4 + 0 = 5; the middle one counts 0. 7 − 5 = 2.",
    ),
    "meetings": Number(
        given="The list of the small row has 12 lines: six inputs, three taps, four outputs. Now put one cell of "
        "padding at either end, and keep the stride of 1.",
        ask="How many lines has the list now?",
        answer=16,
        wrong={
            12: "There are two outputs more, one at either end, and each of them meets some real inputs.",
            14: "Each of the two new outputs has two taps on real cells, not one.",
            18: "Six outputs, three taps each: right, but two of these taps lie on padding, where there is nothing "
            "to meet.",
            24: "That counts eight outputs. Eight cells with padding have room for six windows of three.",
        },
        explanation="Six outputs with three taps each would be 18. The first tap of the first output and the last tap "
        "of the last one lie in the padding, so 18 − 2 = 16. In the sum it makes no difference whether you add "
        "w·0 or nothing. In the list it does: nobody is there to send a gradient back to.",
    ),
    "halved": Number(
        given="A picture of 224×224 pixels meets kernels of 3×3 with stride 2 and no padding.",
        ask="How many rows has the output?",
        answer=111,
        wrong={
            110: "The steps are 110, but the window also stands at the place where it starts.",
            111.5: "There is no half a window. What does the last one need in order to stand?",
            112: "That rounds 224/2, or 110.5 + 1, up: a last window would hang over the edge by one row.",
            222: "That is with stride 1.",
            113: "Rounded up, and 1 added once too often.",
        },
        explanation="The first window starts at row 0, the last one can start at row 221 at most, and every second "
        "start counts: 0, 2, …, 220. These are 111. A last start at 222 would need row 224, which there is not. "
        "Row 223, the last one, is read by nobody.",
    ),
    "even": Choice(
        given="Seven inputs, a kernel of four taps, stride 1. You ask for padding that keeps the size: seven outputs.",
        ask="How many zeros stand before the first input, and how many behind the last one?",
        options=(
            Option(
                "1.5 and 1.5",
                "That is what an even kernel would need, for its middle lies between two taps. There are no half "
                "cells.",
            ),
            Option("2 and 2", "Four zeros make eleven cells, and these have room for eight windows of four."),
            right("1 and 2", "Three zeros are needed, and the odd one goes to the end."),
            Option(
                "2 and 1",
                "The right number of zeros, and it would be as good a choice. But the libraries have agreed on the "
                "other end.",
            ),
        ),
        explanation="To keep the size, K − 1 zeros are needed in all. For an odd kernel they are shared evenly, and "
        "the middle tap of output i lies on input i. For an even kernel one is left over. PyTorch, TensorFlow and "
        "this package put it at the end: the output is then shifted by half a cell against its input.",
    ),
    "every_second": Choice(
        given="The same input, the same kernel, no padding: once with stride 1, once with stride 2.",
        ask="Where do you find the output of stride 2?",
        options=(
            Option(
                "In the output of stride 1: each is the mean of 2×2 neighbours",
                "That would be pooling. A stride averages nothing.",
            ),
            right(
                "In the output of stride 1: every second row, every second column",
                "A window does not know how far its neighbours are away.",
            ),
            Option(
                "In the output of stride 1 over every second cell of x",
                "Within a window the taps still lie side by side. Cells in odd rows and columns are read, too.",
            ),
            Option(
                "Nowhere: the windows lie elsewhere",
                "They start at 0, 2, 4 …, and each of these starts also belongs to stride 1.",
            ),
        ),
        explanation="Output i of stride 2 has its window at 2i, and so has output 2i of stride 1. The stride says "
        "which rows of the timetable are there. It changes none of them.",
    ),
    "numbers": Number(
        given="A colour picture has three channels. A layer has eight filters of 5×5, with their biases.",
        ask="How many numbers does the layer learn?",
        answer=608,
        wrong={
            200: "Eight times 25. But a filter has a kernel for each of the three channels, and biases are missing.",
            208: "A filter that reads three channels has 3·25 weights, not 25.",
            600: "Those are the weights. Each filter has a bias as well.",
            601: "One bias for all filters? Each filter has its own.",
            624: "A bias for each channel of each filter: three of them would be added up, and act as one. A filter "
            "has one.",
        },
        explanation="Each filter has three kernels of 5×5, one for each channel, 75 weights, and one bias: 76. "
        "Eight filters: 608. Neither the size of the picture nor the stride has a say in it.",
    ),
    "one_by_one": Choice(
        given="A kernel of 1×1 slides over a picture with three channels. The layer has two filters.",
        ask="What does it do?",
        options=(
            Option(
                "Next to nothing: it multiplies the picture by a number",
                "True with one channel. With three there is more to do at each pixel.",
            ),
            Option("It blurs a little", "To blur, it would have to see a neighbour. It sees one pixel at a time."),
            Option(
                "It is a dense layer over the whole picture",
                "A dense layer, yes, but over what lies at one pixel: it never mixes two places.",
            ),
            right(
                "At every pixel alike, it mixes the three channels into two",
                "A matrix of 2×3, the same one at each pixel.",
            ),
        ),
        explanation="The sums over k and l have one term each; what is left is the sum over the channels, "
        "z[f] = Σ w[f,c]·x[c], at every pixel: a product with a 2×3 matrix. Making grey of red, green and blue is "
        "such a layer with one filter.",
    ),
    "offset": Number(
        given="A picture is 6 cells wide and lies in memory row after row. A window begins at the flat index 14.",
        ask="Which flat index does its tap (1, 2) meet, with dilation 1?",
        answer=22,
        wrong={
            17: "A step down is not a step of 1: in memory, the cell below lies a whole row further on.",
            20: "That is tap (1, 0), straight below the first cell.",
            27: "Row and column are exchanged: that is tap (2, 1).",
            16: "That is tap (0, 2), in the window's first row.",
        },
        explanation="One row down is 6 cells further in memory, two columns to the right are 2: 14 + 6 + 2 = 22. The "
        "8 is the tap's offset. It is the same in every window, so it can be worked out once.",
    ),
    "stack": Number(
        given="Three layers of 3×3 kernels lie one behind the other, all with stride 1.",
        ask="How many pixels wide is what one output of the third layer sees?",
        answer=7,
        wrong={
            3: "That is what it sees of the layer below. Each of those cells sees three of the layer before.",
            5: "That is two layers.",
            6: "Each layer adds two, that is right. Where did you start?",
            9: "Three plus three plus three counts the shared cells again: neighbours see nearly the same.",
            27: "That would be so if neighbours looked side by side, at cells of their own. With stride 1 they "
            "overlap.",
        },
        explanation="A cell sees itself: 1. Each layer adds a cell at either side: 3, 5, 7. It takes 3·9 = 27 weights, "
        "where one kernel of 7×7 takes 49; and activations can stand in between.",
    ),
}

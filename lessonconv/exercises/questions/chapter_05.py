"""Chapter 05, the gradient of the input."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "readers": Choice(
        given="A 5×5 input, a 3×3 kernel, stride 2, no padding: four outputs. Take the cell in the middle, x[2,2], "
        "its neighbour x[2,1] and the corner x[0,0].",
        ask="Of how many products is the gradient of each one made?",
        options=(
            Option("1, 1 and 1", "That would be so if windows did not overlap. A 3×3 window that moves by 2 does."),
            Option(
                "4, 4 and 4",
                "So it was for the weights: every tap is used at every output. An input is read only by the windows "
                "that cover it.",
            ),
            right("4, 2 and 1", "As many as there are windows that cover the cell."),
            Option(
                "9, 6 and 1",
                "That is right for stride 1, where nine windows cover the middle. With stride 2 there are only four.",
            ),
            Option(
                "9, 9 and 9",
                "Nine products make an output, one for each tap. Looking back from an input, not every tap has an "
                "output behind it.",
            ),
        ),
        explanation="An input sums over the outputs that read it. All four windows cover the middle; two of them, "
        "one above the other, cover x[2,1]; and only the first covers the corner. Where windows overlap, more comes "
        "back.",
    ),
    "overlap": Number(
        given="A kernel of 5×5 moves with stride 2 over a large input.",
        ask="How many outputs read one input cell, at most?",
        answer=9,
        wrong={
            3: "So it is along one axis. The other axis has its own three: count the pairs.",
            4: "That rounds 5/2 down. Windows start at every second cell: over five cells there may be three starts, "
            "at the first, the third and the fifth.",
            6.25: "That is the average, (5/2)², and a good number to know. But every single cell is read a whole "
            "number of times.",
            16: "Four along each axis would ask for windows that start at the first, third, fifth and seventh of "
            "five cells.",
            25: "That is without the stride.",
        },
        explanation="Along one axis, the windows that cover a cell start within five cells, and starts are two "
        "apart: three of them fit, or two, in turn. So 3·3 = 9 at most, and 9, 6, 6 and 4 alternate like tiles. In "
        "general it is ⌈K/s⌉ along an axis. This pattern is what you see as a checkerboard in pictures made by "
        "transposed convolutions.",
    ),
    "stamp": Choice(
        given="All of ∂L/∂z is 0, but for a single 1 somewhere in the middle.",
        ask="What do you see in ∂L/∂x?",
        options=(
            right(
                "The kernel, upright",
                "That output read its window through the kernel, and what it sends back is 1 times just these taps.",
            ),
            Option(
                "The kernel, turned by 180°",
                "The famous turn belongs to whoever stands at an input and looks at the outputs. The output itself "
                "stamps the kernel as it is.",
            ),
            Option(
                "A single number, at the place of the 1",
                "The output read a whole window of inputs, so each of these moved it and gets its share.",
            ),
            Option(
                "The window of x that this output read",
                "That is ∂L/∂w: there the partners are ∂L/∂z and x. Here they are ∂L/∂z and w.",
            ),
        ),
        explanation="If input (i·s + k, j·s + l) grows by 1, this output grows by w[k,l]. So w[k,l] is what comes "
        "back there: the kernel, at the place of the window, as it stands. The third form turns the kernel and "
        "sweeps it over ∂L/∂z; but sweeping a kernel over a single 1 leaves a turned print of it, so the two turns "
        "cancel.",
    ),
    "zeros": Number(
        given="Write the gradient of the 5×5 input as a sweep: the turned 3×3 kernel slides over D, the four cells "
        "of ∂L/∂z with zeros between and around them. It makes 25 cells of 9 products each: 225 multiplications.",
        ask="In how many of them is the factor from D not one of the zeros that were put there?",
        answer=36,
        wrong={
            4: "There are only four such cells in D, but the sweep passes over each of them more than once.",
            9: "That is one output's share. There are four outputs.",
            25: "One for each input? The middle one gets four, a corner one, as you have seen.",
            100: "That is each of the four cells in each of the 25 windows. A window of 3×3 does not cover all of D, "
            "which is 7×7.",
            225: "That would be so if D had no zeros put in. Most of D is zeros.",
        },
        explanation="It is the same list of meetings: four outputs, nine taps each. The scatter makes these 36 "
        "products and no others. The sweep makes 225, and 189 of them multiply a zero that was put there, to make a "
        "backward pass look like a forward pass.",
    ),
    "remainder": Number(
        given="Now the input is 6×6: again a 3×3 kernel, stride 2, no padding. The window stops at two places along "
        "each axis.",
        ask="For how many of the 36 inputs is the gradient 0, whatever w and ∂L/∂z are?",
        answer=11,
        wrong={
            0: "Every input has a gradient, that is true. But some are never read, and then it is 0 for certain.",
            6: "That is one row, or one column. Both are left over.",
            10: "The row and the column share a corner, and you took it away twice.",
            12: "Six and six, but the corner lies in both: it counts once.",
            20: "Those are the cells at the border. Windows read the top row and the left column.",
        },
        explanation="The two stops cover rows 0–2 and 2–4: five rows, and five columns. The last row and the last "
        "column are never read, 36 − 25 = 11 cells. However they change, no output notices, so their gradient is 0. "
        "A gradient has the shape of its tensor all the same: 6×6, and not 5×5.",
    ),
    "filters": Number(
        given="An input has 3 channels, the layer 8 filters of 3×3, stride 1. Take a cell well inside of one channel.",
        ask="Of how many products is its gradient, ∂L/∂x[n,c,u,v], made?",
        answer=72,
        wrong={
            9: "Nine outputs of each filter have read it. How many filters are there?",
            24: "3·8 counts channels and filters, but not the places where windows read the cell.",
            27: "That is one output: it sums over the channels. Looking back, this cell lies in one channel, and is "
            "read by every filter.",
            216: "That sums over the channels too. But this cell lies in one channel, and meets only the taps that "
            "look at this one.",
        },
        explanation="Nine windows cover the cell, and in each of them all 8 filters read it: 8·9 = 72. Forward, an "
        "output sums over the channels. Backward, an input sums over the filters: each partner sums over what it "
        "does not have.",
    ),
    "doubled": Choice(
        given="Double every cell of the input x. The kernel and ∂L/∂z stay as they are.",
        ask="What happens to the three sums z (without bias), ∂L/∂w and ∂L/∂x?",
        options=(
            Option(
                "All three double",
                "Look for x in the sum that makes ∂L/∂x: input u gets ∂L/∂z times w.",
            ),
            right(
                "z and ∂L/∂w double, ∂L/∂x stays", "Each sum has two of the three partners; ∂L/∂x is the one without x."
            ),
            Option(
                "z doubles, both gradients stay",
                "∂L/∂w is a sum of ∂L/∂z·x: a tap that meets larger inputs has more effect.",
            ),
            Option(
                "z doubles, ∂L/∂w stays, ∂L/∂x halves",
                "∂L/∂x says what L gains for one unit more of x; no matter how much of x there is already.",
            ),
        ),
        explanation="z adds up w·x, ∂L/∂w adds up ∂L/∂z·x, ∂L/∂x adds up ∂L/∂z·w. In a convolution a gradient never "
        "contains the tensor that it is the gradient of: in each product of three, that partner dropped out. That is "
        "why a layer must remember x for the gradient of its weights, and only for that.",
    ),
}

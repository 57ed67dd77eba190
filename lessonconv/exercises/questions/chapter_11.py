"""Chapter 11, make it fast."""

from lessonconv.exercises.question import Choice, Number, Option, right

QUESTIONS = {
    "intensity": Number(
        given="A convolution from 8 to 16 channels, 3×3, padding 1, on 64 images of 14×14, in float32: four bytes a "
        "number. A multiplication and the addition after it are two operations. Suppose that x, w and z each "
        "travel to or from memory once, and leave the bias out.",
        ask="How many operations are there for each byte that travels, roughly?",
        answer=24,
        within=1,
        wrong={
            6: "You divided by 4 twice: 24 operations for each byte.",
            12: "That counts the multiplications alone. Each product is added to a sum as well: two operations.",
            36: "That is for each byte of z alone: 144 operations make one output, and it has 4 bytes. x has to be "
            "read too, half as many bytes again.",
            72: "That is for each byte of x alone, and z has twice as many, with its 16 channels. (It is also how many "
            "products make one output, 8·3·3; there the bytes are missing.)",
            96: "That is for each number. A number in float32 has four bytes.",
            144: "That is for each output: 8·3·3 products and as many additions. Now count the bytes that have to "
            "travel for it: its own 4, and its share of x.",
        },
        explanation="64·16·14·14 outputs of 8·3·3 products each: 14.5 million products, 28.9 million operations. x has "
        "0.40 million bytes, z has 0.80, w next to nothing: 1.21 million in all. 28.9 / 1.21 is 24. A machine that "
        "does, say, 10 operations in the time in which a byte travels would be busy with arithmetic, not with "
        "memory. That is the best case; whether an implementation comes near to it depends on how often it carries "
        "the same number.",
    ),
    "slices": Choice(
        given="The loops take one step in Python for each product. With slices Python takes one step for each tap, "
        "nine in all, and NumPy walks through the cells. There are just as many products.",
        ask="How much faster does the forward pass become?",
        options=(
            Option(
                "Not at all: the products are the same",
                "They are, and hardly any of the time went into them. Python looks up names, checks types and makes "
                "an object for each number: a hundred times as much work as the product itself.",
            ),
            Option(
                "About 9 times: as many steps as there are taps",
                "Nine is how many steps are left. What counts is how many there were: one for each image, filter, "
                "channel, output and tap.",
            ),
            right(
                "Hundreds of times, or a few thousand",
                "A step in Python costs about as much as hundreds of products in NumPy.",
            ),
            Option(
                "About as many times as Python takes fewer steps: more than a million",
                "That would be so if NumPy took no time for a step, however many cells there are. The products still "
                "have to be made.",
            ),
        ),
        explanation="For 64 images the 14.5 million steps become nine. Each of the nine is a larger one, as the "
        "products are still there, but NumPy makes them in compiled code, one after the other in memory, several at "
        "a time. What is gained is the price of a step in Python over the price of a product: hundreds to thousands.",
    ),
    "view": Choice(
        given="A padded x has the shape (64, 8, 16, 16). NumPy's sliding window view of it, with a window of 3×3, has "
        "the shape (64, 8, 14, 14, 3, 3): all windows at once, nine numbers for each output and channel.",
        ask="How much more memory do these numbers take?",
        options=(
            Option(
                "Nine times as much as x",
                "The shape says so, and size and nbytes believe it. But look at the addresses: two windows side by "
                "side read six of their nine numbers at the same places.",
            ),
            Option(
                "As much as x: it is a copy in another order",
                "A copy would have to hold each number nine times, as it stands in nine windows. There is no order in "
                "which once is enough.",
            ),
            Option(
                "Three times as much as x: columns are shared, rows are not",
                "Both are. The window below begins a row later, and a tap further down reads a row later: the same "
                "addresses, met twice.",
            ),
            right(
                "None",
                "It is the padded x's own memory, with a rule that says how many bytes to go on along each of six "
                "axes.",
            ),
        ),
        explanation="An array is an address, a shape and strides: how many bytes further the next number lies along "
        "each axis. Here output and tap have the same stride, so they meet at i + k: that is the index rule. "
        "It costs nothing until a reshape asks for the numbers in one row. That cannot be said in strides, so it "
        "makes the copy, nine numbers for one.",
    ),
    "im2col": Number(
        given="im2col writes a column for each window, with all that the window reads. The kernel is 3×3, stride 1, "
        "padding 1.",
        ask="How many times as large as x is the matrix of all columns?",
        answer=9,
        wrong={
            1: "That is the view, which holds nothing of its own. A matrix product wants its numbers in rows.",
            2.25: "So it is with stride 2, where there is a quarter of the windows. With stride 1 there is one for "
            "each cell.",
            3: "Three copies are enough if kernel rows share them. im2col does not share: every tap of every window "
            "has its own number.",
            72: "A column has 8·3·3 = 72 numbers if there are 8 channels. But x has 8 numbers for each window, too.",
            81: "Nine windows read a cell, and a window reads nine cells; that is the same fact, so it counts once.",
        },
        explanation="As many windows as cells, and nine numbers in a window for each channel: every cell is written "
        "nine times. For 64 images of 8 channels of 14×14 in float32, 0.40 MB become 3.6 MB; for 224×224 pixels it "
        "would be 925 MB. The product of the two matrices is as fast as products get. Writing the matrix, and reading "
        "it again, is the price.",
    ),
    "strips": Choice(
        given="im2col makes one matrix for all of 64 images, and one product for each image. Strips go image by "
        "image: three shifted copies of it, then three smaller products, one for each kernel row, that read these "
        "copies at three places.",
        ask="What can be gained by that?",
        options=(
            right(
                "Memory: a third is written, and it is still in the cache when it is read",
                "What counts is not how large a product is but where its numbers come from.",
            ),
            Option(
                "Products: there are fewer to make",
                "Not one fewer. Each output is still the sum of 72 of them, in three parts.",
            ),
            Option(
                "Calls: Python has less to do",
                "It has more: 192 products where there were 64, and the copying is asked for image by image. That is "
                "the price.",
            ),
            Option(
                "Nothing: BLAS is best at the largest products",
                "Up to a size, yes. Beyond it a large product is cut into blocks that fit the cache anyway, and "
                "its numbers have to come from memory first.",
            ),
        ),
        explanation="For images of 14×14 with 8 channels, in float32, the strips of one image take 22 kB, which any "
        "L2 cache of today holds, and the next image uses the same memory again. The matrix of all columns takes "
        "3.6 MB: written to memory, and fetched again. With small images the calls weigh more, with large ones the "
        "memory: so images go in groups, as many as fit.",
    ),
    "zeros": Number(
        given="A layer of stride 2 with a 3×3 kernel on a large picture. For ∂L/∂x, put a zero between any two "
        "neighbours of ∂L/∂z, along both axes, and sweep the turned kernel over it in steps of 1.",
        ask="How many percent of the products have such a zero as a partner?",
        answer=75,
        within=1,
        wrong={
            25: "That is the share that has none: the useful one.",
            50: "So it is along one axis. Along the other one, half of what is left is zeros too.",
            66: "Of three taps in a row, two may meet zeros, or one: it takes turns. On average it is half, and half "
            "along the other axis.",
            84: "That was in chapter 05, 189 of 225: there the picture was small, and zeros around it counted as well.",
            89: "That is stride 3: eight of nine.",
        },
        explanation="Along each axis every second cell is a zero that was put in, so a quarter of the cells is left. "
        "Whatever the kernel, 3 of 4 products are made for nothing, and at stride s all but one of s². Sort the inputs "
        "by the remainder of their place modulo s: each phase meets its own taps, and none of the zeros.",
    ),
    "pool": Choice(
        given="2×2 max pooling with stride 2 in float32, on more images than fit a cache. A core can compare 20 "
        "billion numbers a second, and 10 billion bytes a second travel to or from memory. Now take a core that "
        "compares twice as fast.",
        ask="How much faster does the pooling become?",
        options=(
            Option(
                "Twice as fast: it does nothing but compare",
                "It also reads what it compares, and writes the largest. How many comparisons are there for a byte?",
            ),
            Option(
                "By a third: half of the time goes into comparing",
                "Less than a tenth does, and even that passes while the next bytes travel.",
            ),
            right(
                "Hardly at all: it waits for the bytes",
                "Three comparisons for 20 bytes: there is not much to do with a number once it has come.",
            ),
            Option(
                "Four times: there are four cells in a window",
                "The four cells set how much is read and compared, before as after.",
            ),
        ),
        explanation="An output needs three comparisons, 0.15 ns, and 20 bytes, four numbers read and one written: 2 "
        "ns. A convolution had 24 operations for a byte, pooling has 0.15. No clever arithmetic helps "
        "such a layer. What helps is to read no cell twice, and to write nothing on the way.",
    ),
    "cores": Number(
        given="Of the time of a training step, 80% goes into matrix products, which cores can share. The rest, copies "
        "and Python, runs on one core. Now there are two cores instead of one.",
        ask="How many times as fast is the step, at most?",
        answer=1.67,
        within=0.04,
        wrong={
            1.25: "That would be if the 20% vanished, and the products took as long as before. It is the other way "
            "round.",
            1.4: "80% of the time halves, which spares 40%. So 60% is left: divide by that.",
            1.6: "That is 80% of 2. Work out the time that is left, then divide.",
            1.8: "That is 1 + 0.8: as if the second core did 80% more. Work out the time that is left, then divide.",
            2: "Only if all of the work is shared.",
            5: "That is the limit for any number of cores: the 20% are always left.",
        },
        explanation="20% stay, 80% become 40%: 60% of the time is left, and 1/0.6 is 1.67. With any number of cores "
        "the 20% stay, so it never goes beyond 5 (this is Amdahl's law). And it gets worse with every success: the "
        "better the products, the larger the share of what is not shared. Copies that wait for memory gain little "
        "from a second core, too, as both wait for the same memory.",
    ),
}

"""The names of the mistakes, and what a learner is told of each: what was done, what that computes, a question.

A question leads on and never gives the answer away.
"""

from lessonconv.exercises.task import Mistake, Steps

WORDS: dict[str, tuple[str, str, str]] = {}


def mistake(name: str, *slips: Steps, policy: bool = False) -> Mistake:
    """A mistake of a catalogue, by the steps that make it: one mapping for each style that comes to other numbers."""
    did, computes, asks = WORDS[name]
    return Mistake(name, did, computes, asks, slips, policy)


WORDS |= {
    # where the window stands
    "kernel_flipped": (
        "The kernel is turned by 180°.",
        "True convolution: tap (k, l) meets the input that tap (K−1−k, L−1−l) should meet. Networks correlate.",
        "Which tap multiplies the top left cell of the window, the first one or the last one?",
    ),
    "kernel_transposed": (
        "The kernel's rows and columns are exchanged.",
        "The sum with w[f, c, l, k] in the place of w[f, c, k, l].",
        "When the window's next row is read, which index of w moves on?",
    ),
    "kernel_mirrored": (
        "The kernel is mirrored along one axis.",
        "The sum with its rows, or its columns, in reverse order.",
        "Does your tap index run the same way as the input's, on both axes?",
    ),
    "stride_in_size_only": (
        "The output has the right size, but the windows lie side by side as with stride 1.",
        "Output (i, j) reads from input row i and column j on, not from row i·s.",
        "If output 0 starts at input 0 and the stride is 2, where does output 1 start?",
    ),
    "stride_ignored": (
        "The stride is not used at all.",
        "The output as with stride 1.",
        "Which of your lines would change its result if the stride were 2?",
    ),
    "stride_on_taps": (
        "The stride moves the taps apart, not the windows.",
        "Output i reads input i + k·s: that is dilation.",
        "Within one window, how far apart are the cells that two neighbouring taps meet?",
    ),
    "stride_on_one_axis": (
        "The stride is used along one axis only.",
        "Windows that move on by s in one direction and by 1 in the other.",
        "Do rows and columns of the output both move on by the stride?",
    ),
    "window_centred": (
        "The window is centred on input i·s instead of starting there.",
        "Reads half a kernel too early: i·s + k − K//2.",
        "Where is the window of output 0 when nothing is padded? Does it fit?",
    ),
    # sizes
    "size_rounded_up": (
        "The output size is rounded up.",
        "One output too many wherever the stride leaves rows or columns over.",
        "The last window: does it still fit into the padded input?",
    ),
    "size_one_short": (
        "The output has one row and one column too few.",
        "The size without the + 1: the last window is left out.",
        "A kernel as large as its input: how many places are there for it?",
    ),
    "last_window_missed": (
        "The last row, or column, of outputs is never computed.",
        "Zeros in the last row or column: a loop ends one step too early.",
        "For five outputs, which is the last index that your loop reaches?",
    ),
    "size_padding_once": (
        "The output size counts the padding on one side only.",
        "A size of (H + p − K)//s + 1.",
        "Padding 1: how many rows taller is the padded input than the input?",
    ),
    "size_padding_subtracted": (
        "The output size takes the padding off instead of adding it.",
        "A size of (H − K − 2p)//s + 1, as one published article prints it.",
        "Should more padding make the output larger or smaller?",
    ),
    "size_from_one_axis": (
        "One output size serves both axes.",
        "A square output: its number of rows is used for the columns as well, or the other way round.",
        "Which of your lines asks for the width of the input?",
    ),
    "kernel_from_one_axis": (
        "One kernel size serves both axes.",
        "K_h is used for the columns as well, or K_w for the rows.",
        "A kernel of 2 rows and 3 columns: which of your lines learns of the 3?",
    ),
    # padding
    "padding_ignored": (
        "The padding is not used.",
        "The output as with padding 0.",
        "What does the window of output (0, 0) read when the padding is 1?",
    ),
    "padding_at_the_end": (
        "All of the padding is at the bottom and on the right.",
        "Every window stands p cells too far down and right.",
        "With padding 1, what should lie above the first row?",
    ),
    "padding_at_the_start": (
        "All of the padding is at the top and on the left.",
        "Every window stands p cells too far up and left.",
        "With padding 1, what should lie below the last row?",
    ),
    "padding_on_one_axis": (
        "Only one of the two axes is padded.",
        "Zeros above and below, or left and right, but not both.",
        "np.pad takes a pair for each axis: how many axes are to be padded?",
    ),
    "padding_not_zero": (
        "The padding holds other numbers than zeros.",
        "The border repeats, or mirrors, the input.",
        "What should a window read where there is no input?",
    ),
    # sums
    "bias_missing": ("The bias is left out.", "z without its b[f].", "Which argument do you never use?"),
    "bias_per_channel": (
        "The bias is added once for each channel.",
        "z with C·b[f]: (C − 1)·b[f] too much.",
        "In which loop does the bias stand, and how often does that run for one output?",
    ),
    "bias_per_product": (
        "The bias is added with each product.",
        "z with C·K_h·K_w·b[f].",
        "In which loop does the bias stand, and how often does that run for one output?",
    ),
    "bias_of_one_filter": (
        "All filters get the same bias.",
        "z[:, f] with b[0], or with the sum of b, for every f.",
        "How many biases are there, and which one belongs to filter f?",
    ),
    "bias_subtracted": (
        "The bias is subtracted.",
        "z with −b[f].",
        "What does an output become where all inputs are 0?",
    ),
    "only_first_channel": (
        "Only the first input channel is read.",
        "The sum over c has a single term.",
        "For two channels, how many products make one output?",
    ),
    "only_last_channel": (
        "Each channel overwrites the one before.",
        "Of the sum over c, only the last term is left.",
        "What stands in z[n, f, i, j] before channel 1 is added, and after?",
    ),
    "channels_averaged": (
        "The channels are averaged.",
        "The sum over c, divided by C.",
        "Is there a 1/C in the equation?",
    ),
    "channels_mixed": (
        "Channels are added up before they are multiplied.",
        "Every channel of x meets every channel of w: (Σ_c x)·(Σ_c w).",
        "Does channel 0 of the input ever meet channel 1 of the kernel?",
    ),
    "only_first_filter": (
        "Only the first filter's output is computed.",
        "Zeros for all other filters.",
        "Which index of z does your code never move?",
    ),
    "filters_alike": (
        "All filters give the output of the same one.",
        "w[0], or the last filter, in the place of w[f].",
        "Where does f enter the product?",
    ),
    "only_first_image": (
        "Only the first image of the batch is worked on.",
        "Zeros for all other images.",
        "Is there a loop over n, and does anything end it early?",
    ),
    "images_added_up": (
        "Images pile up: the sum is not reset for the next one.",
        "Image n gets its own output and that of all images before.",
        "What should the sum be when a new image begins?",
    ),
    "returns_too_soon": (
        "The function returns before its loops are done.",
        "Only the first output, or the first row of outputs; the others stay zero.",
        "How far is your return indented?",
    ),
    "only_last_product": (
        "Each product overwrites the one before.",
        "Of the sum over the window only the last product is left.",
        "What is the difference between = and += here?",
    ),
    "window_averaged": (
        "The window's products are averaged.",
        "The sum, divided by the number of taps.",
        "Is there a 1/(K_h·K_w) in the equation?",
    ),
    "output_transposed": (
        "Rows and columns of the output are exchanged.",
        "z[n, f, j, i] where z[n, f, i, j] should stand.",
        "Does i count rows or columns, in the input and in the output?",
    ),
    "truncated": (
        "Fractions are cut off.",
        "Every number without what comes after its point: it was put into an array of ints.",
        "Which dtype do the arrays have that you make?",
    ),
    "sign_flipped": ("The sign is turned.", "The right numbers, times −1.", "Where does a minus come in?"),
}

WORDS |= {
    "size_rounded": (
        "The output size is rounded to the nearest whole number.",
        "Half of the time, one output too many.",
        "The last window: does it still fit into the padded input?",
    ),
    "size_not_rounded": (
        "The output size is not a whole number.",
        "The division keeps what comes after the point.",
        "Can there be half a window?",
    ),
    "size_one_inside": (
        "The + 1 stands inside the division.",
        "A size of (H + 2p − K + 1)//s.",
        "The window at 0 is there whatever the stride: is it counted before you divide, or after?",
    ),
    "size_kernel_added": (
        "The kernel's size is added, not taken off.",
        "A size of (H + 2p + K)//s + 1.",
        "Does a larger kernel have more places to stand, or fewer?",
    ),
    "size_kernel_ignored": (
        "The kernel's size is not used.",
        "The input's size, divided by the stride.",
        "Does a larger kernel have more places to stand, or fewer?",
    ),
    "stride_is_kernel": (
        "The windows move on by the kernel's size, not by the stride.",
        "Output i reads from input i·K on.",
        "With a kernel of 3 and stride 1, where does the second window start?",
    ),
}

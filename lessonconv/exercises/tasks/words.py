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
        "The windows stand p cells too far down and to the right.",
        "As if all of the padding were at the bottom and on the right, or the input were read without its padding.",
        "With padding 1, what should the first window read in its first row, and in which array is that?",
    ),
    "padding_at_the_start": (
        "The windows stand p cells too far up and to the left.",
        "As if all of the padding were at the top and on the left.",
        "With padding 1, what should the last window read in its last row?",
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
        "Only what comes first: one output, a row of them, a filter. The others stay zero.",
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

WORDS |= {
    "size_one_twice": (
        "A 1 is added twice.",
        "A size of (H + 2p − K + 1)//s + 1: often one too many.",
        "A kernel as large as its input: how many places are there for it?",
    ),
    "size_one_subtracted": (
        "A 1 is taken off where it should be added.",
        "A size of (H + 2p − K)//s − 1.",
        "A kernel as large as its input: how many places are there for it?",
    ),
    "size_last_start_missed": (
        "The last place where the window fits is not counted.",
        "The starts below H + 2p − K, but not that one itself.",
        "May a window start exactly at H + 2p − K? Where does it end?",
    ),
    "size_brackets_missing": (
        "The division takes only a part of the sum.",
        "A stride that divides the kernel or the padding alone, or comes before the kernel is taken off.",
        "In which order does Python work out + and //, and which brackets does the equation have?",
    ),
    "size_of_transposed": (
        "This is the size of a transposed convolution.",
        "(H − 1)·s − 2p + K: the way back.",
        "Does a stride make the output smaller or larger?",
    ),
    "size_settings_exchanged": (
        "Stride and padding are exchanged.",
        "A size of (H + 2s − K)//p + 1.",
        "Which of the two is divided by, and which is added?",
    ),
    "size_padding_from_kernel": (
        "The padding is taken from the kernel's size.",
        "A size with K//2 in the place of p.",
        "Which argument do you never use?",
    ),
    "bias_multiplied": (
        "The bias is multiplied with.",
        "z times b[f].",
        "What should an output be where all inputs are 0?",
    ),
    "bias_twice": ("The bias is added twice.", "z with 2·b[f].", "In how many places of your code does b occur?"),
    "bias_per_image": (
        "The bias is added once for each image, to all of them.",
        "z with N·b[f].",
        "In which loop does the bias stand, and what is it added to there?",
    ),
    "bias_added_up": (
        "Biases pile up from filter to filter.",
        "Filter f gets b[0] + … + b[f].",
        "What is left over from the filter before?",
    ),
    "bias_not_everywhere": (
        "The bias is not added everywhere.",
        "Only the first output, image or filter has it.",
        "How many outputs does a filter have, and which of them get its bias?",
    ),
    "channel_left_out": (
        "One channel is left out.",
        "The sum over c without its first, or last, term.",
        "Where does your loop over the channels begin and end?",
    ),
    "channels_share": (
        "All channels share what belongs to the first.",
        "w[f, 0], or x[n, 0], for every c.",
        "Where does c occur in your product, and where not?",
    ),
    "one_channel_per_filter": (
        "Each filter reads one channel only.",
        "Filter f meets channel f: a depthwise convolution.",
        "How many channels does each filter have weights for?",
    ),
    "images_alike": (
        "All images give the output of the first.",
        "x[0] in the place of x[n].",
        "Where does n enter the product?",
    ),
    "images_summed": (
        "The sum runs over the images, too.",
        "Every image gets the sum of all images' outputs.",
        "Which of the sums in the equation runs over n?",
    ),
    "filters_added_up": (
        "Filters pile up: the sum is not reset for the next one.",
        "Filter f gets its own result and that of all filters before.",
        "What should the sum be when a new filter begins?",
    ),
    "outputs_added_up": (
        "Outputs pile up: the sum is not reset for the next one.",
        "Output (i, j) gets its own sum and those before it.",
        "In which loop does your sum begin at 0?",
    ),
    "reshaped_without_transpose": (
        "A reshape puts numbers in places that belong to others.",
        "The right products, or outputs, but read in another order of axes: reshape never moves a number past another.",
        "Which axis runs fastest before your reshape, and which one afterwards?",
    ),
    "kernel_turned_by_90": (
        "The kernel, or its gradient, is turned by 90°.",
        "Its rows have become columns, one of them reversed.",
        "Where does the top left tap end up?",
    ),
    "other_axes_flipped": (
        "Filters or channels are reversed.",
        "The first axes of w run backwards: channel 0 meets the last channel's weights.",
        "w has four axes. Which two of them are rows and columns?",
    ),
    "sum_for_product": (
        "Inputs and weights are added where they should be multiplied.",
        "The sum of x + w over the window.",
        "What should a weight of 0 make of its input?",
    ),
    "maximum_for_sum": (
        "The largest product is taken, not the sum of all.",
        "A maximum over the window and the channels.",
        "How many of the products have a say in one output?",
    ),
    "relu_inside": (
        "Negative outputs are cut off.",
        "max(z, 0): an activation is a layer of its own.",
        "May an output of this layer be negative?",
    ),
    "padding_doubled": (
        "The padding is twice as wide.",
        "2p cells on every side.",
        "With padding 1, how many rows taller is the padded input in all?",
    ),
    "padding_wraps_round": (
        "Above and to the left, the window reads the other end of the input.",
        "x[−1] is the last row: a negative index is not refused.",
        "What is x[-1] in NumPy, and what should a window find there?",
    ),
    "padding_sign_turned": (
        "The padding moves the window the wrong way.",
        "Input i·s + k + p where i·s + k − p should be read.",
        "With padding 1, does the first window start before the input or inside of it?",
    ),
    "edge_never_read": (
        "The first, or the last, row and column of the input are never read.",
        "Zeros in their place: a comparison is < where it should be ≤, or the other way round.",
        "Which values of the row index does your condition let through? Is 0 among them, and H − 1?",
    ),
    "images_share": (
        "All images share one gradient.",
        "∂L/∂z of the first image, or of all together, for every n.",
        "Where does n occur in your product, and where not?",
    ),
    "filters_share": (
        "All filters share the first one's gradient.",
        "∂L/∂z[n, 0] in the place of ∂L/∂z[n, f].",
        "Where does f occur in your product, and where not?",
    ),
    "dz_transposed": (
        "Rows and columns of ∂L/∂z are exchanged.",
        "∂L/∂z[n, f, j, i] where ∂L/∂z[n, f, i, j] is meant.",
        "Does i count rows or columns, in ∂L/∂z and in the input?",
    ),
    "dz_flipped": (
        "∂L/∂z is turned by 180°.",
        "The last output's gradient goes where the first one's belongs.",
        "Which inputs did output (0, 0) read, those at the top left or those at the bottom right?",
    ),
    "summed_before_product": (
        "The sums are taken before the product.",
        "(Σ ∂L/∂z)·(Σ x̂) where Σ ∂L/∂z·x̂ is meant.",
        "Is (1 + 2)·(3 + 4) the same as 1·3 + 2·4?",
    ),
    "dw_reshaped": (
        "A reshape puts the gradients in places that belong to others.",
        "(C·K_h·K_w, F) read as (F, C, K_h, K_w).",
        "Which axis comes first before your reshape, and which one afterwards?",
    ),
    "dw_begins_with_w": (
        "The weights themselves are in the gradient.",
        "w + ∂L/∂w: the sum does not begin at 0.",
        "What does your array hold before the first +=?",
    ),
    "begins_with_one": (
        "The sum begins at 1.",
        "Every gradient, plus 1.",
        "What does your array hold before the first +=?",
    ),
    "db_axis_left_out": (
        "One axis is not summed over.",
        "A gradient for each row, or column.",
        "How many biases does a filter have?",
    ),
    "db_too_often": (
        "∂L/∂z is counted more than once.",
        "The gradient, times the number of channels, taps or images.",
        "In which loop does the bias stand, and how often does that run for one output?",
    ),
    "db_absolute": (
        "Signs are lost.",
        "The sum of |∂L/∂z|.",
        "One output asks for more, another for less: what should they do together?",
    ),
    "dx_begins_with_x": (
        "The input itself is in the gradient.",
        "x + ∂L/∂x: the sum does not begin at 0.",
        "What does your array hold before the first +=?",
    ),
    "dx_masked": (
        "The gradient is cut off where the input is not positive.",
        "∂L/∂x times [x > 0]: that is ReLU's backward pass.",
        "Does a convolution treat negative inputs in another way?",
    ),
    "channels_into_first": (
        "All channels' gradients go to the first channel.",
        "Channel 0 has the sum, the others nothing.",
        "Where does c occur on the left of your +=?",
    ),
    "dz_too_far_apart": (
        "Neighbours in ∂L/∂z stand one cell too far apart.",
        "s zeros between them, so a distance of s + 1.",
        "With stride 2, how far apart did two neighbouring windows start, and how many cells lie between?",
    ),
    "dx_padding_sign_turned": (
        "The padding moves the gradient the wrong way.",
        "∂L/∂x[u] as if the window had started p cells later, not earlier.",
        "Output 0 and tap 0 met at input −p. Which sign has p if you solve for the tap?",
    ),
    "dx_kernel_turned_by_90": (
        "The kernel is turned by 90°.",
        "Its rows have become columns, one of them reversed.",
        "Two quarter turns, or one?",
    ),
    "dx_remainder_unchecked": (
        "Inputs hear from outputs that never read them.",
        "⌊(u + p − k)/s⌋ for every tap, whether the division leaves a remainder or not.",
        "With stride 2, which taps of any window can stand on an even input?",
    ),
    "dx_index_wraps_round": (
        "A negative index reads the other end of ∂L/∂z.",
        "Inputs at the top and left hear from outputs at the bottom and right.",
        "What is a[-1] in NumPy, and which output should input 0 ask?",
    ),
    "filters_exchanged_with_channels": (
        "Filters and channels are exchanged.",
        "w[c, f] is read, or dw[c, f] filled, where [f, c] is meant.",
        "Which of its first two axes does w share with x, and which with z?",
    ),
    "tap_missed": (
        "A row or column of taps is left out.",
        "The sum without the first, or the last, row or column of the kernel.",
        "For a kernel of 3, which values does each of your tap indices take?",
    ),
}

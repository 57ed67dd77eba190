"""What comes back through a transposed convolution, and how many stamps each of its outputs gets."""

from types import SimpleNamespace

import numpy as np

from lessonconv.exercises.solutions import transposed as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Case, Task
from lessonconv.exercises.tasks.backward import heard
from lessonconv.exercises.tasks.geometry import (
    APART,
    ONE_STEP,
    SIDE_BY_SIDE,
    Numbers,
    first,
    look,
    pad,
    reads,
    short_of_last,
    square,
    stamp,
)
from lessonconv.exercises.tasks.transposed import Stamps, stamp_cases
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # the gradient of the input
    "stamped_again": (
        "∂L/∂z is stamped once more.",
        "Each cell of ∂L/∂z spreads the kernel over a still larger picture: a second transposed convolution.",
        "x is smaller than z. Does your result have the shape of x?",
    ),
    "gather_kernel_turned": (
        "The kernel is turned by 180°.",
        "Tap (k, l) of the stamp hears from the cell that tap (K−1−k, L−1−l) wrote to.",
        "Input (i, j) pressed w[c, f, 0, 0] onto which cell of z? From which cell does that tap hear in your code?",
    ),
    "gather_kernel_transposed": (
        "The kernel's rows and columns are exchanged.",
        "The sum with w[c, f, l, k] in the place of w[c, f, k, l].",
        "When you move one row down in ∂L/∂z, which index of w moves on?",
    ),
    "gather_kernel_mirrored": (
        "The kernel is mirrored along one axis.",
        "The sum with its rows, or its columns, in reverse order.",
        "Does your tap index run the same way as that of ∂L/∂z, on both axes?",
    ),
    "gather_side_by_side": (
        "The windows in ∂L/∂z lie side by side as with stride 1.",
        "Input (i, j) hears from row i and column j on, not from row i·s.",
        "Where did the stamp of input (1, 0) start? That is where its gradient comes from.",
    ),
    "gather_stride_on_one_axis": (
        "The stride is used along one axis only.",
        "Windows that move on by s in one direction and by 1 in the other.",
        "Which of your lines would change its result if only the columns' stride were 2?",
    ),
    "gather_stride_is_kernel": (
        "The windows in ∂L/∂z move on by the kernel's size, not by the stride.",
        "Input i hears from row i·K_h on: its neighbour's stamp never overlaps its own.",
        "With a kernel of 3 and stride 1, where did the second stamp start?",
    ),
    "gather_stride_on_taps": (
        "The stride moves the taps apart, not the windows.",
        "Input i hears from output i + k·s: that is dilation.",
        "Within one stamp, how far apart are two neighbouring taps?",
    ),
    "gather_padding_ignored": (
        "The padding is not used.",
        "The gradient as if z had not been cropped: windows start at row 0 of ∂L/∂z, and there are fewer of them.",
        "The first stamp began p rows above the first row of z. Where does the first window of ∂L/∂z begin?",
    ),
    "gather_padding_at_the_end": (
        "The windows in ∂L/∂z stand p cells too far down and to the right.",
        "As if what was cut off had all been cut off at the bottom and on the right.",
        "With padding 1, what should the first window read in its first row?",
    ),
    "gather_wraps_round": (
        "Above and to the left, the window reads the other end of ∂L/∂z.",
        "A negative index is not refused: it counts from the end.",
        "What is a[-1] in NumPy, and what should a tap hear that was cut off?",
    ),
    "gather_filters_alike": (
        "All filters are multiplied by the same kernel.",
        "The first filter's kernel, or the last one's, for every f.",
        "Where does f enter the product, on both of its sides?",
    ),
    "gather_last_missed": (
        "The last row, or column, of the gradient is never worked out.",
        "Zeros there: a loop ends one step too early.",
        "For five input rows, which is the last index that your loop reaches?",
    ),
    # the counts
    "counts_cover": (
        "This says whether an output is stamped, not how often.",
        "1 where some stamp reaches, 0 in the gaps.",
        "What does your array hold after the second stamp, on a cell that the first one reached too?",
    ),
    "counts_stride_ignored": (
        "The stride is not used.",
        "The counts as with stride 1.",
        "With stride 2, at which output does the second stamp start?",
    ),
    "counts_side_by_side": (
        "There are as many outputs as there should be, but the stamps lie as with stride 1.",
        "Input i stamps from output i on, not from i·s; what is left is 0.",
        "With stride 2, at which output does the second stamp start?",
    ),
    "counts_stride_is_kernel": (
        "The stamps move on by the kernel's size, not by the stride.",
        "Input i stamps from output i·K on: no stamp overlaps another.",
        "With a kernel of 3 and stride 1, where does the second stamp start?",
    ),
    "counts_stride_on_taps": (
        "The stride moves the taps apart, not the stamps.",
        "Input i reaches output i + k·s: that is dilation.",
        "Within one stamp, how far apart are two neighbouring taps?",
    ),
    "counts_one_short": (
        "The last output is missing.",
        "(size − 1)·s + K − 1 cells before the padding is taken off.",
        "A single input and a kernel of 3: how many outputs are there?",
    ),
    "counts_of_multiple": (
        "There are as many outputs as inputs times the stride.",
        "size·s cells, whatever the kernel and the padding.",
        "A single input, a kernel of 3, stride 2: how many outputs are there?",
    ),
    "counts_padding_ignored": (
        "The padding is not used.",
        "The counts with p cells more at either end.",
        "Padding added cells to the input of a convolution. What does its reverse do to the output?",
    ),
    "counts_padding_once": (
        "The padding is cut off at one end only.",
        "p counts too many at the other end.",
        "By how much should padding 1 change the number of outputs?",
    ),
    "counts_crop_empties": (
        "Without padding, the crop leaves nothing.",
        "An empty array where p is 0.",
        "Which cells does the slice 0 : −0 take?",
    ),
    "counts_without_border": (
        "At the border, inputs are counted that are not there.",
        "The pattern of the middle, up to both ends.",
        "Which input lies before the first one?",
    ),
    "counts_all_alike": (
        "All outputs get the same count.",
        "K/s everywhere, rounded to a whole number.",
        "Kernel 3, stride 2: how many stamps reach output 2, how many output 3, and how many the first one?",
    ),
    "counts_exchanged": (
        "Inputs and taps are exchanged.",
        "K stamps of `size` cells each, where `size` stamps of K cells each are meant.",
        "How many stamps are there, and how long is each?",
    ),
    "counts_of_convolution": (
        "These are the counts of an ordinary convolution.",
        "How many windows read each of `size` inputs, where the stamps on each output are asked for.",
        "Is your array longer than `size`, or just as long?",
    ),
    "counts_last_silent": (
        "The last input does not stamp.",
        "The counts without its cells: the loop ends one step too early.",
        "For five inputs, which is the last index that your loop reaches?",
    ),
    "counts_first_only": (
        "Only the first input has stamped.",
        "The function returns before its loop is done.",
        "How far is your return indented?",
    ),
}


# The gradient of the input ------------------------------------------------------------------------------------------


def _dx(step: SimpleNamespace, dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    said, kernel = step.heard(dz), step.kernel(w)
    H, W = step.sizes(x.shape, said.shape, kernel.shape, stride)
    rows, columns = step.rows(H, kernel.shape[2], stride), step.columns(W, kernel.shape[3], stride)
    seen = step.look(step.pad(said, padding), rows, columns)
    return step.finish(step.total(seen, kernel), len(dz))


def _total(seen: Array, w: Array) -> Array:
    return np.einsum("nfikjl,cfkl->ncij", seen, w)


def _exchanged_total(seen: Array, w: Array) -> Array:
    """The same for w[f, c], put into an array that has as many channels as x."""
    total = _total(seen, w.swapaxes(0, 1))
    return np.broadcast_to(total, (len(total), len(w), *total.shape[2:]))


def _stamped_again(dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """conv_transpose2d of ∂L/∂z, with the channels and filters of w exchanged."""
    rows, columns = reads(dz.shape[2], w.shape[2], stride), reads(dz.shape[3], w.shape[3], stride)
    products = np.einsum("nfij,cfkl->ncikjl", dz, w)
    canvas = stamp(products, rows, columns, (*products.shape[:2], rows.max() + 1, columns.max() + 1))
    return canvas[:, :, padding : canvas.shape[2] - padding, padding : canvas.shape[3] - padding]


def _wrapped(dz: Array, padding: int) -> Array:
    """What negative indices read; zeros after the end."""
    H, W = dz.shape[2:]
    around = dz[:, :, np.arange(-padding, H)[:, None] % H, np.arange(-padding, W) % W]
    return pad(around, 0, padding)


def _fewer(x_shape: tuple[int, ...], dz_shape: tuple[int, ...], w_shape: tuple[int, ...], s: int) -> tuple[int, int]:
    """As many windows as fit into ∂L/∂z without its padding."""
    rows, columns = (max(0, (dz_shape[axis] - w_shape[axis]) // s + 1) for axis in (2, 3))
    return rows, columns


def _dx_case(numbers: Numbers, stamps: Stamps) -> Arguments:
    N, C, F, H, W, K_h, K_w, s, p = stamps
    rows, columns = ((size - 1) * s - 2 * p + taps for size, taps in ((H, K_h), (W, K_w)))
    return numbers(N, F, rows, columns), numbers(N, C, H, W), numbers(C, F, K_h, K_w), s, p


CONV_TRANSPOSE2D_DX = Task(
    name="conv_transpose2d_dx",
    title="the gradient of a transposed convolution's input",
    answer=solutions.conv_transpose2d_dx,
    recipe=_dx,
    steps={
        "heard": lambda dz: dz,
        "kernel": lambda w: w,
        "sizes": lambda x_shape, dz_shape, w_shape, s: x_shape[2:],
        "pad": pad,
        "rows": reads,
        "columns": reads,
        "look": look,
        "total": _total,
        "finish": lambda dx, N: dx,
    },
    mistakes=(
        mistake("stamped_again", {WHOLE: _stamped_again}),
        mistake("gather_kernel_turned", {"kernel": lambda w: w[:, :, ::-1, ::-1]}),
        mistake("gather_kernel_transposed", {"kernel": lambda w: w.swapaxes(2, 3)}),
        mistake("gather_kernel_mirrored", {"kernel": lambda w: w[:, :, ::-1]}, {"kernel": lambda w: w[:, :, :, ::-1]}),
        mistake("gather_side_by_side", ONE_STEP),
        mistake("gather_stride_on_one_axis", *({axis: ONE_STEP[axis]} for axis in ONE_STEP)),
        mistake("gather_stride_is_kernel", SIDE_BY_SIDE),
        mistake("gather_stride_on_taps", APART),
        mistake("gather_padding_ignored", {"pad": lambda dz, p: dz, "sizes": _fewer}),
        mistake("gather_padding_at_the_end", {"pad": lambda dz, p: pad(dz, 0, 2 * p)}),
        mistake("gather_wraps_round", {"pad": _wrapped}),
        mistake("kernel_from_one_axis", {"kernel": lambda w: square(w, 2)}, {"kernel": lambda w: square(w, 3)}),
        mistake("transposed_filters_exchanged", {"kernel": lambda w: w.swapaxes(0, 1)}, {"total": _exchanged_total}),
        mistake("filters_not_summed", {"total": lambda seen, w: _total(seen[:, -1:], w[:, -1:])}),
        mistake("filters_averaged", {"total": lambda seen, w: _total(seen, w) / w.shape[1]}),
        mistake("filters_mixed", {"total": lambda seen, w: np.einsum("nfikjl,cgkl->ncij", seen, w)}),
        mistake(
            "gather_filters_alike",
            {"kernel": lambda w: np.broadcast_to(w[:, :1], w.shape)},
            {"kernel": lambda w: np.broadcast_to(w[:, -1:], w.shape)},
        ),
        mistake(
            "channels_alike",
            {"kernel": lambda w: np.broadcast_to(w.sum(0), w.shape)},
            {"kernel": lambda w: np.broadcast_to(w[:1], w.shape)},
        ),
        mistake("only_first_channel_filled", {"finish": lambda dx, N: first(dx, 1)}),
        mistake("only_last_product", {"total": lambda seen, w: _total(seen[:, :, :, -1:, :, -1:], w[:, :, -1:, -1:])}),
        *heard("only_first_image", "only_first_filter_heard", "images_share", "filters_share"),
        mistake("images_added_up", {"finish": lambda dx, N: np.cumsum(dx, axis=0)}),
        mistake("divided_by_batch", {"finish": lambda dx, N: dx / N}),
        mistake(
            "returns_too_soon",
            {"finish": lambda dx, N: first(dx, 2, 3)},
            {"finish": lambda dx, N: first(dx, 2)},
        ),
        mistake(
            "gather_last_missed",
            {"finish": lambda dx, N: short_of_last(dx, 2, 3)},
            {"finish": lambda dx, N: short_of_last(dx, 2)},
            {"finish": lambda dx, N: short_of_last(dx, 3)},
        ),
        mistake("result_transposed", {"finish": lambda dx, N: dx.swapaxes(2, 3)}),
        mistake("truncated", {"finish": lambda dx, N: np.trunc(dx)}, {"heard": np.trunc}),
        mistake("sign_flipped", {"finish": lambda dx, N: -dx}),
    ),
    cases=lambda rng: stamp_cases(rng, _dx_case),
    hints=(
        "Input (i, j) pressed its stamp onto some cells of z. It hears from just these cells: which ones are they?",
        "What the padding cut off has no gradient: put p zeros around ∂L/∂z. Then input (i, j) has a window there, of "
        "K_h × K_w cells, as in a convolution. Where does it start?",
        "window = dz_pad[:, :, i·s : i·s + K_h, j·s : j·s + K_w]; "
        "dx[:, :, i, j] = np.einsum('nfkl,cfkl->nc', window, w). No kernel is turned.",
    ),
    notice="That was conv2d: ∂L/∂z is its input, x's channels are its filters, and w went in as it is.",
    unread=("x",),
    forbidden=frozenset({"conv_transpose2d_backward"}),  # conv2d is welcome: to see that it is one is the point
)


# The counts ---------------------------------------------------------------------------------------------------------


def _counts(step: SimpleNamespace, size: int, kernel: int, stride: int, padding: int) -> Array:
    places = step.places(step.stamping(size), kernel, stride)
    canvas = np.zeros(step.length(size, kernel, stride), int)
    np.add.at(canvas, places[places < len(canvas)], 1)
    return step.crop(step.finish(canvas), padding)


def _crop(canvas: Array, padding: int) -> Array:
    return canvas[padding : len(canvas) - padding]


def _length(size: int, kernel: int, stride: int) -> int:
    return (size - 1) * stride + kernel


def _without_border(size: int, kernel: int, stride: int, padding: int) -> Array:
    """The pattern of the middle everywhere: how many k of the phase u there are."""
    u = np.arange(_length(size, kernel, stride))
    return _crop((kernel - 1 - u % stride) // stride + 1, padding)


def _of_convolution(size: int, kernel: int, stride: int, padding: int) -> Array:
    """How many windows of conv2d read each of `size` inputs."""
    outputs = (size + 2 * padding - kernel) // stride + 1
    if outputs < 1:
        raise ValueError("the kernel does not fit")
    u = reads(outputs, kernel, stride).ravel() - padding
    return np.bincount(u[(u >= 0) & (u < size)], minlength=size)


def _count_cases(rng: np.random.Generator) -> list[Case]:
    """Small combinations in which something is left after the crop."""
    found = []
    for size, kernel, stride, padding in np.ndindex(6, 6, 4, 3):
        if size and kernel and stride and (size - 1) * stride + kernel > 2 * padding:
            said = {
                "padding": padding,
                "no padding": not padding,
                "a stride above 1": stride > 1,
                "stamps that overlap": kernel > stride and size > 1,
                "gaps between the stamps": kernel < stride and size > 1,
            }
            traits = frozenset(words for words, holds in said.items() if holds)
            found.append(Case((size, kernel, stride, padding), traits))
    return sorted(found, key=lambda case: sum(case.arguments))


STAMP_COUNTS = Task(
    name="stamp_counts",
    title="how many inputs stamp each output",
    answer=solutions.stamp_counts,
    recipe=_counts,
    steps={
        "stamping": lambda size: size,
        "places": reads,
        "length": _length,
        "finish": lambda canvas: canvas,
        "crop": _crop,
    },
    mistakes=(
        mistake("counts_cover", {"finish": lambda canvas: np.minimum(canvas, 1)}),
        mistake(
            "counts_stride_ignored",
            {"places": lambda size, K, s: reads(size, K, 1), "length": lambda size, K, s: _length(size, K, 1)},
        ),
        mistake("counts_side_by_side", {"places": lambda size, K, s: reads(size, K, 1)}),
        mistake(
            "counts_stride_is_kernel",
            {"places": lambda size, K, s: reads(size, K, K)},
            {"places": lambda size, K, s: reads(size, K, K), "length": lambda size, K, s: size * K},
        ),
        mistake("counts_stride_on_taps", {"places": APART["rows"]}),
        mistake("counts_one_short", {"length": lambda size, K, s: _length(size, K, s) - 1}),
        mistake("counts_of_multiple", {"length": lambda size, K, s: size * s, "crop": lambda canvas, p: canvas}),
        mistake("counts_padding_ignored", {"crop": lambda canvas, p: canvas}),
        mistake(
            "counts_padding_once",
            {"crop": lambda canvas, p: canvas[p:]},
            {"crop": lambda canvas, p: canvas[: len(canvas) - p]},
        ),
        mistake("counts_crop_empties", {"crop": lambda canvas, p: canvas[p:-p]}),
        mistake("counts_without_border", {WHOLE: _without_border}),
        mistake(
            "counts_all_alike",
            {WHOLE: lambda size, K, s, p: _crop(np.full(_length(size, K, s), K // s), p)},
            {WHOLE: lambda size, K, s, p: _crop(np.full(_length(size, K, s), -(-K // s)), p)},
        ),
        mistake("counts_exchanged", {WHOLE: lambda size, K, s, p: _crop(_exchanged(size, K, s), p)}),
        mistake("counts_of_convolution", {WHOLE: _of_convolution}),
        mistake("counts_last_silent", {"stamping": lambda size: size - 1}),
        mistake("counts_first_only", {"stamping": lambda size: 1}),
    ),
    cases=_count_cases,
    hints=(
        "Give every input the value 1, and every tap too. What does the layer put out?",
        "An array of zeros for the whole canvas, (size − 1)·s + K cells. Input i adds 1 to K of them: from where on?",
        "canvas[i·s : i·s + K] += 1 for each i; then canvas[p : len(canvas) − p].",
    ),
    notice="Away from the border the counts are ⌈K/s⌉ or ⌊K/s⌋, and all alike only if s divides K.",
    forbidden=frozenset({"conv_transpose2d", "conv2d_backward"}),
)


def _exchanged(size: int, kernel: int, stride: int) -> Array:
    """`kernel` stamps of `size` cells each."""
    return np.bincount(reads(kernel, size, stride).ravel(), minlength=_length(kernel, size, stride))


TASKS = (CONV_TRANSPOSE2D_DX, STAMP_COUNTS)

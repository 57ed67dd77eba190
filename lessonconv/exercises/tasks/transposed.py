"""Transposed convolution: every input cell stamps the kernel on the output, times its own value."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from lessonconv.exercises.solutions import transposed as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Case, Task
from lessonconv.exercises.tasks.geometry import (
    APART,
    FARTHER,
    ONE_STEP,
    SIDE_BY_SIDE,
    Numbers,
    first,
    integers,
    look,
    overwrite,
    pad,
    quarters,
    reads,
    short_of_last,
    sizes,
    square,
    stamp,
)
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # the stamp
    "transposed_kernel_turned": (
        "The kernel is turned by 180°.",
        "Each input cell stamps w[c, f, K−1−k, L−1−l] where w[c, f, k, l] should stand.",
        "An input that is 1 in one cell and 0 elsewhere: which picture does your function return?",
    ),
    "transposed_kernel_transposed": (
        "The kernel's rows and columns are exchanged.",
        "Each input cell stamps w[c, f, l, k] where w[c, f, k, l] should stand.",
        "An input that is 1 in one cell and 0 elsewhere: which picture does your function return?",
    ),
    "transposed_kernel_mirrored": (
        "The kernel is mirrored along one axis.",
        "Each input cell stamps a kernel with its rows, or its columns, in reverse order.",
        "Does your tap index run the same way as the output's, on both axes?",
    ),
    "transposed_is_convolution": (
        "This is an ordinary convolution.",
        "Outputs gather from windows of the input, where input cells should be spread over the output.",
        "With stride 2, should z be larger than x or smaller?",
    ),
    "transposed_overwritten": (
        "Where stamps overlap, the last one overwrites the others.",
        "A cell that several stamps reach keeps what the last one brought.",
        "A cell of z is reached by two stamps: what should stand there?",
    ),
    "transposed_overlap_averaged": (
        "Where stamps overlap, they are averaged.",
        "Each sum divided by the number of stamps that reach the cell.",
        "What does the += in the equation say about a cell that two stamps reach?",
    ),
    # stride
    "transposed_stamps_side_by_side": (
        "The output has the right size, but the stamps lie as with stride 1.",
        "Input (i, j) stamps from row i and column j on, not from row i·s; what is left is empty.",
        "With stride 2, where does the stamp of input (1, 0) start?",
    ),
    "transposed_stride_on_one_axis": (
        "The stride is used along one axis only.",
        "Stamps that move on by s in one direction and by 1 in the other.",
        "Which of your lines would change its result if only the columns' stride were 2?",
    ),
    "transposed_stride_is_kernel": (
        "The stamps move on by the kernel's size, not by the stride.",
        "Input i stamps from row i·K_h on: stamps never overlap.",
        "With a kernel of 3 and stride 1, where does the second stamp start?",
    ),
    "transposed_stride_on_taps": (
        "The stride moves the taps apart, not the stamps.",
        "Input i reaches output i + k·s: that is dilation.",
        "Within one stamp, how far apart are two neighbouring taps?",
    ),
    "transposed_zero_too_many": (
        "The stamps stand one cell too far apart.",
        "s zeros between two input cells: as with stride s + 1.",
        "With stride 1 nothing should come between two neighbours. How many zeros do you insert then?",
    ),
    "transposed_zeros_after_the_last": (
        "The output has s − 1 rows and columns too many at the end.",
        "Zeros were inserted after the last input cell as well.",
        "Three input cells, stride 2: how many gaps are there between them?",
    ),
    # size and padding
    "transposed_size_one_short": (
        "The output has one row and one column too few.",
        "A size of (H − 1)·s − 2p + K − 1: the end of the last stamp is cut off.",
        "One input cell and no padding: how large is its output?",
    ),
    "transposed_size_is_multiple": (
        "The output's size is the input's size times the stride.",
        "H·s rows, whatever the kernel and the padding.",
        "One input cell and no padding: how large is its output?",
    ),
    "transposed_padding_ignored": (
        "The padding is not used.",
        "The output as with padding 0: p rows and columns too many on each side.",
        "Padding added cells to the input of a convolution. What does its reverse do to the output?",
    ),
    "transposed_padding_added": (
        "The padding is added to the output.",
        "p rows and columns of nothing but bias on each side, where p should be taken off.",
        "Should more padding make this output larger or smaller?",
    ),
    "transposed_padding_once": (
        "The padding is cropped at one end only.",
        "p rows and columns too many at the other end.",
        "By how much should padding 1 change the number of rows?",
    ),
    "transposed_cropped_from_the_end": (
        "All of the padding is cropped at the bottom and on the right.",
        "The right size, but everything stands p cells too far down and right.",
        "Where is the first stamp's top left corner, if the padding is 1?",
    ),
    "transposed_cropped_from_the_start": (
        "All of the padding is cropped at the top and on the left.",
        "The right size, but everything stands p cells too far up and left.",
        "Where is the last stamp's bottom right corner, if the padding is 1?",
    ),
    "transposed_crop_empties": (
        "Without padding, the crop leaves nothing.",
        "An empty output where p is 0.",
        "Which cells does the slice 0 : −0 take?",
    ),
    "transposed_wraps_round": (
        "What falls off at the top or on the left comes back at the other end.",
        "Negative indices count from the end.",
        "Which cell does z[n, f, −1, 0] mean in Python, and which one should it be here?",
    ),
    "transposed_padding_not_turned_round": (
        "The input with its inserted zeros is padded by p.",
        "A size of (H − 1)·s + 1 + 2p − K + 1.",
        "Without padding, a single input cell becomes K_h × K_w outputs: how many zeros must lie around it for that?",
    ),
    "transposed_padding_one_too_many": (
        "The output has one row and one column too many on each side.",
        "The input with its inserted zeros is padded by K − p; the outermost outputs are nothing but bias.",
        "The first window should hold how many cells of the input: none, or one?",
    ),
    # channels, filters, images
    "transposed_filters_exchanged": (
        "Channels and filters are exchanged in w.",
        "The sum with w[f, c, k, l] where w[c, f, k, l] should stand: it fails unless C = F.",
        "Which axis of w has as many entries as x has channels?",
    ),
    "transposed_filters_alike": (
        "All filters stamp the same kernel.",
        "The first filter's kernel, or the last one's, for every f.",
        "Where does f enter the product?",
    ),
    "transposed_only_first_cell": (
        "The function returns before its loops are done.",
        "Only the first input cell, or the first row of them, has stamped.",
        "How far is your return indented?",
    ),
    "transposed_last_cell_silent": (
        "The last row, or column, of the input never stamps.",
        "The sum without these cells: a loop ends one step too early.",
        "For five input rows, which is the last index that your loop reaches?",
    ),
    "transposed_bias_per_stamp": (
        "The bias is added with each stamp.",
        "Cells that several stamps reach get b[f] several times; cells that none reaches get none.",
        "In which loop does the bias stand, and how many of its turns reach the same cell of z?",
    ),
    "transposed_bias_where_stamped": (
        "The bias is missing where no stamp reaches.",
        "0 in the gaps between stamps, where b[f] should stand.",
        "What does the equation say of a cell of z that no input meets?",
    ),
}


# The recipe ---------------------------------------------------------------------------------------------------------


def _conv_transpose2d(step: SimpleNamespace, x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    x, turned = step.input(x), step.kernel(w)
    H, W = x.shape[2:]
    K_h, K_w = turned.shape[2:]
    u, v = step.rows(H, K_h, stride), step.columns(W, K_w, stride)
    full = step.full(x.shape, turned.shape, stride)
    canvas = step.place(step.products(x, turned), u, v, (len(x), turned.shape[1], *full))
    return step.finish(step.bias(step.crop(canvas, x, turned, stride, padding), b, w))


def _products(x: Array, w: Array) -> Array:
    return np.einsum("ncij,cfkl->nfikjl", x, w)


def _full(x_shape: Sequence[int], w_shape: Sequence[int], stride: int) -> tuple[int, int]:
    """Rows and columns before the padding is cropped."""
    rows, columns = ((x_shape[axis] - 1) * stride + w_shape[axis] for axis in (2, 3))
    return rows, columns


def _window(canvas: Array, top: int, left: int, rows: int, columns: int) -> Array:
    """So many rows and columns of the canvas, which may start or end outside: there are zeros."""
    room = max(abs(top), abs(left)) + max(0, rows, columns)
    around = pad(canvas, room)
    return around[:, :, room + top : room + top + max(0, rows), room + left : room + left + max(0, columns)]


def _cropped(
    add: Callable[..., int] = lambda H, K, s, p: 0, start: Callable[[int], int] = lambda p: p
) -> Callable[..., Array]:
    """The crop, with so many cells more at the end than (H − 1)·s − 2p + K, and a start other than p."""

    def crop(canvas: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
        more = [add(x.shape[axis], w.shape[axis], stride, padding) - 2 * padding for axis in (2, 3)]
        rows, columns = (size + added for size, added in zip(_full(x.shape, w.shape, stride), more, strict=True))
        return _window(canvas, start(padding), start(padding), rows, columns)

    return crop


def _one_size(axis: int, canvas: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """A square output, its size worked out along one axis only."""
    size = (x.shape[axis] - 1) * stride - 2 * padding + w.shape[axis]
    return _window(canvas, padding, padding, size, size)


# Whole mistakes, and steps that take more than a line ---------------------------------------------------------------


def _convolution(x: Array, w: Array, b: Array, stride: int, padding: int, *, turned: bool = False) -> Array:
    """What conv2d makes of the same arguments, with w[c, f] as the kernel between channel c and filter f."""
    w = w[:, :, ::-1, ::-1] if turned else w
    rows, columns = sizes(x.shape, w.shape, stride, padding)
    if min(rows, columns) < 1:
        raise ValueError("the kernel does not fit")
    seen = look(pad(x, padding), reads(rows, w.shape[2], stride), reads(columns, w.shape[3], stride), beyond=np.nan)
    return np.einsum("ncikjl,cfkl->nfij", seen, w) + b[:, None, None]


def _padded_by_p(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    """Zeros are inserted, but then the input is padded by p and the turned kernel moved over it."""
    N, C, H, W = x.shape
    spread = np.zeros((N, C, (H - 1) * stride + 1, (W - 1) * stride + 1))
    spread[:, :, ::stride, ::stride] = x
    return _convolution(spread, w, b, 1, padding, turned=True)


def _wrapped(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    """Negative indices reach the other end; what lies beyond the end is guarded against."""
    rows, columns = (size - 2 * padding for size in _full(x.shape, w.shape, stride))
    z = np.zeros((len(x), w.shape[1], rows, columns))
    products = _products(x, w)
    u, v = reads(x.shape[2], w.shape[2], stride) - padding, reads(x.shape[3], w.shape[3], stride) - padding
    for i, k, j, l in np.ndindex(*products.shape[2:]):
        if u[i, k] < rows and v[j, l] < columns:
            z[:, :, u[i, k], v[j, l]] += products[:, :, i, k, j, l]
    return z + b[:, None, None]


def _counted(x: Array, w: Array, stride: int, padding: int) -> Array:
    """How many stamps reach each cell of the output, (O_h, O_w)."""
    ones = np.ones((1, 1, x.shape[2], w.shape[2], x.shape[3], w.shape[3]))
    u, v = reads(x.shape[2], w.shape[2], stride), reads(x.shape[3], w.shape[3], stride)
    count = stamp(ones, u, v, (1, 1, *_full(x.shape, w.shape, stride)))[0, 0]
    return count[padding : len(count) - padding, padding : count.shape[1] - padding]


def _with_bias(weight: Callable[[Array, int], Array]) -> Callable[..., Array]:
    """The right output, but with b[f] times what `weight` makes of (how many stamps reach a cell, C)."""

    def whole(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
        z = solutions.conv_transpose2d(x, w, np.zeros_like(b), stride, padding)
        return z + b[:, None, None] * weight(_counted(x, w, stride, padding), len(w))

    return whole


def _overwriting(order: str) -> Callable[..., Array]:
    return lambda values, u, v, shape: overwrite(values, u, v, shape, order)


def _bias_overwritten(order: str, products: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    """The output starts as b, and every stamp overwrites what it finds, the bias included."""

    def whole(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
        u, v = reads(x.shape[2], w.shape[2], stride), reads(x.shape[3], w.shape[3], stride)
        canvas = overwrite(products(x, w), u, v, (len(x), w.shape[1], *_full(x.shape, w.shape, stride)), order)
        z = canvas[:, :, padding : canvas.shape[2] - padding, padding : canvas.shape[3] - padding]
        return z + b[:, None, None] * (_counted(x, w, stride, padding) == 0)

    return whole


def _averaged(values: Array, u: Array, v: Array, shape: Sequence[int]) -> Array:
    return stamp(values, u, v, shape) / np.maximum(1.0, stamp(np.ones_like(values), u, v, shape))


def _last_channel(x: Array, w: Array) -> Array:
    return _products(x[:, -1:], w[-1:])


def _exchanged(x: Array, w: Array) -> Array:
    return _products(x, w.swapaxes(0, 1))


def _added_as_ints(*, channel_by_channel: bool) -> Callable[..., Array]:
    """Cut off after each addition: cells of an array of ints, filled by loops of which c is the outermost or not."""

    def whole(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
        canvas = np.zeros((len(x), w.shape[1], *_full(x.shape, w.shape, stride)))
        (C, H, W), (K_h, K_w) = x.shape[1:], w.shape[2:]
        turns = sorted(np.ndindex(C, H, W), key=lambda turn: turn if channel_by_channel else (*turn[1:], turn[0]))
        for c, i, j in turns:
            cells = canvas[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            cells[...] = np.trunc(cells + x[:, c, i, j][:, None, None, None] * w[c])
        crop = slice(padding, canvas.shape[2] - padding), slice(padding, canvas.shape[3] - padding)
        return canvas[:, :, crop[0], crop[1]] + b[:, None, None]

    return whole


# Cases --------------------------------------------------------------------------------------------------------------


class Stamps(NamedTuple):
    """Images, channels, filters; height and width of input and kernel; stride, padding."""

    N: int
    C: int
    F: int
    H: int
    W: int
    K_h: int
    K_w: int
    s: int
    p: int

    @property
    def traits(self) -> frozenset[str]:
        """What is special about it."""
        said = {
            "several images": self.N > 1,
            "several channels": self.C > 1,
            "several filters": self.F > 1,
            "as many filters as channels": self.C == self.F > 1,
            "a stride above 1": self.s > 1,
            "padding": self.p > 0,
            "no padding": self.p == 0,
            "an input that is not square": self.H != self.W,
            "a kernel that is not square": self.K_h != self.K_w,
            "stamps that overlap": self.s < max(self.K_h, self.K_w) and (self.H, self.W) != (1, 1),
            "gaps between the stamps": self.s > min(self.K_h, self.K_w) and (self.H, self.W) != (1, 1),
            "more than one input cell": (self.H, self.W) != (1, 1),
        }
        return frozenset(words for words, holds in said.items() if holds)


STAMPS = [
    Stamps(*numbers)
    for numbers in [
        # N  C  F  H  W Kh Kw  s  p
        (1, 1, 1, 1, 1, 2, 2, 1, 0),
        (1, 1, 1, 1, 2, 2, 2, 1, 0),
        (1, 1, 1, 2, 1, 2, 2, 2, 0),
        (1, 1, 1, 2, 2, 1, 1, 1, 0),
        (1, 1, 1, 2, 2, 2, 2, 1, 0),
        (1, 1, 1, 2, 2, 2, 2, 2, 0),
        (1, 1, 1, 2, 2, 1, 1, 2, 0),
        (1, 1, 1, 2, 2, 2, 2, 1, 1),
        (1, 1, 1, 1, 1, 2, 3, 1, 0),
        (1, 1, 1, 2, 2, 2, 2, 3, 0),
        (1, 2, 1, 1, 1, 2, 2, 1, 0),
        (1, 1, 2, 1, 1, 2, 2, 1, 0),
        (2, 1, 1, 1, 1, 2, 2, 1, 0),
        (1, 1, 1, 2, 2, 3, 3, 2, 1),
        (1, 1, 1, 2, 3, 3, 2, 1, 0),
        (1, 1, 1, 3, 2, 2, 3, 2, 0),
        (1, 1, 1, 2, 2, 4, 4, 2, 1),
        (1, 2, 2, 1, 2, 2, 2, 1, 0),
        (1, 2, 1, 2, 2, 2, 2, 1, 0),
        (1, 1, 2, 2, 2, 2, 2, 2, 0),
        (1, 1, 1, 3, 3, 3, 3, 1, 1),
        (2, 1, 1, 2, 2, 2, 2, 1, 0),
        (1, 1, 1, 3, 3, 3, 3, 2, 2),
        (1, 2, 2, 2, 2, 3, 3, 1, 1),
        (2, 2, 2, 2, 3, 2, 2, 3, 1),
        (2, 3, 2, 3, 2, 3, 2, 2, 1),
        (2, 2, 3, 3, 4, 3, 3, 2, 1),
    ]
]
WITH_FRACTIONS = (STAMPS[1], STAMPS[4], STAMPS[18])
AT_RANDOM = 6


def _at_random(rng: np.random.Generator) -> list[Stamps]:
    found: list[Stamps] = []
    while len(found) < AT_RANDOM:
        N, C, F, H, W, K_h, K_w, s = (int(number) for number in rng.integers(1, (3, 3, 4, 4, 4, 4, 4, 4)))
        room = min((H - 1) * s + K_h, (W - 1) * s + K_w) - 1
        found.append(Stamps(N, C, F, H, W, K_h, K_w, s, int(rng.integers(0, min(2, room // 2) + 1))))
    return found


def _arguments(numbers: Numbers, stamps: Stamps) -> Arguments:
    N, C, F, H, W, K_h, K_w, s, p = stamps
    return numbers(N, C, H, W), numbers(C, F, K_h, K_w), numbers(F) + np.arange(F), s, p


def stamp_cases(rng: np.random.Generator, arguments: Callable[[Numbers, Stamps], Arguments]) -> list[Case]:
    """The smallest first; a few with fractions. arguments: makes a task's own, of numbers, for such a layer."""
    found = [
        Case(arguments(lambda *shape: integers(rng, *shape), stamps), stamps.traits)
        for stamps in (*STAMPS, *_at_random(rng))
    ]
    for stamps in WITH_FRACTIONS:
        fractions = arguments(lambda *shape: quarters(rng, *shape), stamps)
        found.append(Case(fractions, stamps.traits | {"numbers that are not whole"}))
    return sorted(found, key=lambda case: case.cells)


# The task -----------------------------------------------------------------------------------------------------------

CONV_TRANSPOSE2D = Task(
    name="conv_transpose2d",
    title="the forward pass of a transposed convolution",
    answer=solutions.conv_transpose2d,
    recipe=_conv_transpose2d,
    steps={
        "input": lambda x: x,
        "kernel": lambda w: w,
        "rows": reads,
        "columns": reads,
        "full": _full,
        "products": _products,
        "place": stamp,
        "crop": _cropped(),
        "bias": lambda z, b, w: z + b[:, None, None],
        "finish": lambda z: z,
    },
    mistakes=(
        mistake("transposed_kernel_turned", {"kernel": lambda w: w[:, :, ::-1, ::-1]}),
        mistake("transposed_kernel_transposed", {"kernel": lambda w: w.swapaxes(2, 3)}),
        mistake(
            "transposed_kernel_mirrored",
            {"kernel": lambda w: w[:, :, ::-1]},
            {"kernel": lambda w: w[:, :, :, ::-1]},
        ),
        mistake("transposed_is_convolution", {WHOLE: _convolution}),
        mistake(
            "transposed_overwritten",
            {"place": _overwriting("ijkl")},
            {"place": _overwriting("klij")},
            {"place": _overwriting("ijkl"), "products": _last_channel},
            {"place": _overwriting("klij"), "products": _last_channel},
            *(
                {WHOLE: _bias_overwritten(order, products)}
                for order in ("ijkl", "klij")
                for products in (_products, _last_channel)
            ),
        ),
        mistake("transposed_overlap_averaged", {"place": _averaged}),
        mistake(
            "stride_ignored",
            {
                **ONE_STEP,
                "full": lambda x, w, s: _full(x, w, 1),
                "crop": lambda canvas, x, w, s, p: _cropped()(canvas, x, w, 1, p),
            },
        ),
        mistake("transposed_stamps_side_by_side", ONE_STEP),
        mistake(
            "transposed_stride_on_one_axis",
            {"rows": ONE_STEP["rows"]},
            {"columns": ONE_STEP["columns"]},
        ),
        mistake("transposed_stride_is_kernel", SIDE_BY_SIDE),
        mistake("transposed_stride_on_taps", APART),
        mistake(
            "transposed_zero_too_many",
            {
                **FARTHER,
                "full": lambda x, w, s: _full(x, w, s + 1),
                "crop": lambda canvas, x, w, s, p: _cropped()(canvas, x, w, s + 1, p),
            },
        ),
        mistake("transposed_zeros_after_the_last", {"crop": _cropped(lambda H, K, s, p: s - 1)}),
        mistake("transposed_size_one_short", {"crop": _cropped(lambda H, K, s, p: -1)}),
        mistake("transposed_size_is_multiple", {"crop": _cropped(lambda H, K, s, p: s + 2 * p - K)}),
        mistake("transposed_padding_ignored", {"crop": lambda canvas, x, w, s, p: canvas}),
        mistake("transposed_padding_added", {"crop": lambda canvas, x, w, s, p: pad(canvas, p)}),
        mistake(
            "transposed_padding_once",
            {"crop": _cropped(lambda H, K, s, p: p)},
            {"crop": _cropped(lambda H, K, s, p: p, lambda p: 0)},
        ),
        mistake("transposed_cropped_from_the_end", {"crop": _cropped(start=lambda p: 0)}),
        mistake("transposed_cropped_from_the_start", {"crop": _cropped(start=lambda p: 2 * p)}),
        mistake("transposed_crop_empties", {"crop": lambda canvas, x, w, s, p: canvas[:, :, p:-p, p:-p]}),
        mistake("transposed_wraps_round", {WHOLE: _wrapped}),
        mistake("transposed_padding_not_turned_round", {WHOLE: _padded_by_p}),
        mistake(
            "transposed_padding_one_too_many",
            {"crop": _cropped(lambda H, K, s, p: 2, lambda p: p - 1)},
        ),
        mistake(
            "size_from_one_axis",
            {"crop": lambda *given: _one_size(2, *given)},
            {"crop": lambda *given: _one_size(3, *given)},
        ),
        mistake("kernel_from_one_axis", {"kernel": lambda w: square(w, 2)}, {"kernel": lambda w: square(w, 3)}),
        mistake("bias_missing", {"bias": lambda z, b, w: z}),
        mistake("bias_per_channel", {"bias": lambda z, b, w: z + len(w) * b[:, None, None]}),
        mistake(
            "transposed_bias_per_stamp",
            {WHOLE: _with_bias(lambda count, C: count)},
            {WHOLE: _with_bias(lambda count, C: count * C)},
        ),
        mistake("transposed_bias_where_stamped", {WHOLE: _with_bias(lambda count, C: count > 0)}),
        mistake(
            "bias_of_one_filter",
            {"bias": lambda z, b, w: z + b[0]},
            {"bias": lambda z, b, w: z + b[-1]},
            {"bias": lambda z, b, w: z + b.sum()},
        ),
        mistake("bias_subtracted", {"bias": lambda z, b, w: z - b[:, None, None]}),
        mistake("only_first_channel", {"products": lambda x, w: _products(x[:, :1], w[:1])}),
        mistake("only_last_channel", {"products": _last_channel}),
        mistake("channels_averaged", {"products": lambda x, w: _products(x, w) / len(w)}),
        mistake("channels_mixed", {"products": lambda x, w: np.einsum("ncij,dfkl->nfikjl", x, w)}),
        mistake("transposed_filters_exchanged", {"products": _exchanged}),
        mistake(
            "only_first_filter", {"finish": lambda z: first(z, 1)}, {"products": lambda x, w: first(_products(x, w), 1)}
        ),
        mistake(
            "transposed_filters_alike",
            {"products": lambda x, w: _products(x, np.broadcast_to(w[:, :1], w.shape))},
            {"products": lambda x, w: _products(x, np.broadcast_to(w[:, -1:], w.shape))},
        ),
        mistake("only_first_image", {"finish": lambda z: first(z, 0)}, {"input": lambda x: first(x, 0)}),
        mistake(
            "images_added_up", {"finish": lambda z: np.cumsum(z, axis=0)}, {"input": lambda x: np.cumsum(x, axis=0)}
        ),
        mistake(
            "transposed_only_first_cell",
            *({"input": lambda x, axes=axes: first(x, *axes)} for axes in ((2, 3), (2,), (0, 2, 3), (0, 2))),
        ),
        mistake(
            "transposed_last_cell_silent",
            *({"input": lambda x, axes=axes: short_of_last(x, *axes)} for axes in ((2, 3), (2,), (3,))),
        ),
        mistake("output_transposed", {"finish": lambda z: z.swapaxes(2, 3)}),
        mistake(
            "truncated",
            {"finish": np.trunc},
            {"input": np.trunc},
            {WHOLE: _added_as_ints(channel_by_channel=True)},
            {WHOLE: _added_as_ints(channel_by_channel=False)},
        ),
    ),
    cases=lambda rng: stamp_cases(rng, _arguments),
    hints=(
        "Let a single input cell be 1 and all others 0. What should z look like? And with another cell, and stride 2?",
        "Start with a canvas of (H − 1)·s + K_h rows. Input (i, j) adds to it from row i·s and column j·s on: what?",
        "To canvas[n, f, i·s : i·s + K_h, j·s : j·s + K_w] add Σ_c x[n, c, i, j]·w[c, f]. "
        "At last take p cells off each side, and add b[f] once.",
    ),
    notice="This is a convolution's backward pass for its input, used as a layer: x plays ∂L/∂z, and z plays ∂L/∂x.",
    forbidden=frozenset({"conv_transpose2d", "conv2d_backward"}),
)

TASKS = (CONV_TRANSPOSE2D,)

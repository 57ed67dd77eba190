"""The same layers again, fast: what is right and what is wrong stays the same, and a race is added, or a scale.

A step of the chapter is a task, and is raced against the step before it where the gain is sure on any machine. Where it
is not, what the step is about is weighed: the memory that it does without.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from lessonconv.exercises.solutions import fast as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Mistake, Room, Speed
from lessonconv.exercises.tasks.backward import CONV2D_BACKWARD, CONV2D_DX
from lessonconv.exercises.tasks.forward import CONV2D
from lessonconv.exercises.tasks.geometry import both
from lessonconv.exercises.tasks.pooling import MAX_POOL2D
from lessonconv.exercises.tasks.words import WORDS, mistake
from lessonconv.functional import loops

# Each factor lies far from what it has to tell apart (NumPy 2.4 with OpenBLAS, two cores, idle or shared with others).
#
# - Against the loops. Loops over i and j alone: conv2d 27 times as fast, conv2d_backward 18, max_pool2d 5. Slices of
#   whole arrays, however they are multiplied: 120 at least, mostly 200; 170; 100. The loops take less than 0.1 s.
# - im2col and strips against slices, tap by tap: other slices 0.9, loops over i and j 0.7, einsum on the view, which
#   copies nothing, 1.1; any product of a matrix 3 to 8, strips 5. Few channels, many taps: then slices gain least.
# - Phases against zeros, both by windows and a product, at stride 4, where they save 15 of 16 products: phases
#   by windows 5 to 9, by slices 9 at least, scattered 13. Zeros by slices 2 to 6: their memory tells on those.
#
# Matrices are small enough for OpenBLAS to multiply them in one thread: 2¹⁸ products for an image. Threads that wait
# for a core that somebody else uses would decide a race.
#
# What is weighed is the same on every machine, in multiples of x: strips of one image 5, of two 9; the columns of one
# image 17, strips of all images 17, columns of all 120. In multiples of dz: phases 3 to 7, scattered 1 to 3; zeros 25.


def _numbers(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in shapes]


def _conv2d_arguments() -> Arguments:
    return *_numbers((2, 2, 24, 24), (3, 2, 3, 3), (3,)), 1, 1


def _many_taps() -> Arguments:
    return *_numbers((2, 1, 14, 14), (16, 1, 7, 7), (16,)), 1, 3


def _many_copies() -> Arguments:
    return *_numbers((8, 4, 32, 32), (2, 4, 11, 11), (2,)), 1, 5


def _conv2d_backward_arguments() -> Arguments:
    return *_numbers((2, 3, 24, 24), (2, 2, 24, 24), (3, 2, 3, 3)), 1, 1


def _wide_stride() -> Arguments:
    return *_numbers((2, 8, 24, 24), (2, 2, 96, 96), (8, 2, 8, 8)), 4, 2


def _max_pool2d_arguments() -> Arguments:
    return *_numbers((1, 1, 160, 160)), 3, 2


def _conv2d_loops(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    return loops.conv2d(x, w, b, stride=stride, padding=padding)


def _conv2d_backward_loops(dz: Array, x: Array, w: Array, stride: int, padding: int) -> tuple[Any, ...]:
    return loops.conv2d_backward(dz, x, w, stride=stride, padding=padding)


def _conv2d_dx_zeros(dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """∂L/∂x with zeros between the cells of ∂L/∂z, by windows as the reference solution without them; row by row."""
    (N, C, H, W), (F, _, K_h, K_w), (O_h, O_w) = x.shape, w.shape, dz.shape[2:]
    spread = np.zeros((N, F, H + 2 * padding + K_h - 1, W + 2 * padding + K_w - 1))
    bottom, right = (K - 1 + stride * (O - 1) + 1 for K, O in ((K_h, O_h), (K_w, O_w)))
    spread[:, :, K_h - 1 : bottom : stride, K_w - 1 : right : stride] = dz
    windows = np.lib.stride_tricks.sliding_window_view(spread, (K_h, K_w), axis=(2, 3))
    rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(N, H + 2 * padding, W + 2 * padding, F * K_h * K_w)
    turned = w[:, :, ::-1, ::-1].transpose(0, 2, 3, 1).reshape(F * K_h * K_w, C)
    dx_pad: Array = (rows @ turned).transpose(0, 3, 1, 2)
    return dx_pad[:, :, padding : padding + H, padding : padding + W]


def _max_pool2d_loops(x: Array, size: int, stride: int) -> Array:
    z, _ = loops.max_pool2d(x, size, stride=stride)
    return z


# What only fast code gets wrong --------------------------------------------------------------------------------------

WORDS |= {
    "taps_not_shifted": (
        "All taps read the same cells.",
        "Each slice begins at row 0, or at column 0, whichever tap it is for.",
        "At which row does the first window's tap (1, 0) stand, and at which its tap (0, 0)?",
    ),
    "phases_missing": (
        "Not all phases are filled.",
        "∂L/∂x at some of the rows and columns; zeros where the place has another remainder modulo the stride.",
        "With stride 2, which remainders can a row have, and which pairs of them a row and a column?",
    ),
}


def _together(known: tuple[Mistake, ...], *more: Mistake) -> tuple[Mistake, ...]:
    """A catalogue, and more: slips for mistakes that it has already, and mistakes that it has not."""
    added = {one.name: one for one in more}
    slips = {one.name: added[one.name].slips if one.name in added else () for one in known}
    return (
        *(replace(one, slips=(*one.slips, *slips[one.name])) for one in known),
        *(one for one in more if one.name not in slips),
    )


def _unshifted(outputs: int, kernel: int, stride: int) -> Array:
    return np.repeat(np.arange(outputs)[:, None] * stride, kernel, axis=1)


def _copies_first(w: Array) -> Array:
    """A kernel row's (C, K_w) taken for strips in the order (K_w, C)."""
    F, C, K_h, K_w = w.shape
    return w.swapaxes(1, 2).reshape(F, K_h, K_w, C).transpose(0, 3, 1, 2)


def _channels_first(w: Array) -> Array:
    """A kernel row's (K_w, C) taken for strips in the order (C, K_w)."""
    F, C, K_h, K_w = w.shape
    return w.transpose(0, 2, 3, 1).reshape(F, K_h, C, K_w).swapaxes(1, 2)


def _windows_reshaped(x: Array, w: Array, b: Array, stride: int, padding: int, *, shape: str) -> Array:
    """The view of all windows, (N, C, O_h, O_w, K_h, K_w), reshaped to a matrix of this shape as it stands."""
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    (N, _, O_h, O_w), F, filters = windows.shape[:4], len(w), w.reshape(len(w), -1)
    match shape:
        case "columns":
            z = filters @ windows.reshape(N, -1, O_h * O_w)
        case "rows":
            z = (windows.reshape(N, O_h * O_w, -1) @ filters.T).swapaxes(1, 2)
        case _:  # one matrix for the batch
            z = (filters @ windows.reshape(-1, N * O_h * O_w)).reshape(F, N, -1).swapaxes(0, 1)
    return np.asarray(z.reshape(N, F, O_h, O_w) + b[:, None, None])


def _not_turned(dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """Each phase's taps as they stand."""
    turned = w.copy()
    for a, b in np.ndindex(stride, stride):
        turned[:, :, a::stride, b::stride] = w[:, :, a::stride, b::stride][:, :, ::-1, ::-1]
    return np.asarray(CONV2D_DX.right((dz, x, turned, stride, padding)))


def _some_phases(
    dz: Array,
    x: Array,
    w: Array,
    stride: int,
    padding: int,
    *,
    filled: Callable[[Array, Array], Array],
    padded: bool = True,
) -> Array:
    """∂L/∂x where the remainders of row and column are filled. padded: of their places in the padded input."""
    shift = padding if padded else 0
    rows, columns = ((np.arange(size) + shift) % stride for size in x.shape[2:])
    return np.where(filled(rows[:, None], columns), CONV2D_DX.right((dz, x, w, stride, padding)), 0)


SORTED = (
    lambda row, column: (row == 0) & (column == 0),
    lambda row, column: row == column,
    lambda row, column: row + 0 * column == 0,
    lambda row, column: column + 0 * row == 0,
)

FORWARD = _together(
    CONV2D.mistakes,
    mistake("taps_not_shifted", both(_unshifted), {"rows": _unshifted}, {"columns": _unshifted}),
    mistake(
        "reshaped_without_transpose",
        {"kernel": _copies_first},
        {"kernel": _channels_first},
        *({WHOLE: partial(_windows_reshaped, shape=shape)} for shape in ("columns", "rows", "batch")),
    ),
)
PHASES = _together(
    CONV2D_DX.mistakes,
    mistake("dx_kernel_turned", {WHOLE: _not_turned}),
    mistake(
        "phases_missing",
        *(
            {WHOLE: partial(_some_phases, filled=filled, padded=padded)}
            for filled in SORTED
            for padded in (True, False)
        ),
    ),
)


# The tasks ----------------------------------------------------------------------------------------------------------

CONV2D_OFFSETS = replace(
    CONV2D,
    name="conv2d_offsets",
    title="the forward pass of a convolution layer, a slice for each tap",
    answer=solutions.conv2d_offsets,
    mistakes=FORWARD,
    hints=(
        "Which loop runs most often? Let NumPy walk through the cells, and Python through the few taps.",
        "For one tap (k, l), what all windows read is one slice of x_pad: from row k and column l on, every s-th. "
        "It has as many rows and columns as z.",
        "z begins with the bias. For each (k, l), z += np.einsum('ncij,fc->nfij', x_pad[:, :, rows, columns], "
        "w[:, :, k, l]) with rows = slice(k, k + s·(O_h − 1) + 1, s), and columns likewise.",
    ),
    notice="Not one product fewer than before: only who walks through them has changed.",
    speed=Speed(60, _conv2d_loops, "the loops", _conv2d_arguments),
)

CONV2D_IM2COL = replace(
    CONV2D,
    name="conv2d_im2col",
    title="the forward pass of a convolution layer, as a product of two matrices",
    answer=solutions.conv2d_im2col,
    mistakes=FORWARD,
    hints=(
        "An output is a sum over c, k and l: a row of numbers from w times a column of numbers from x_pad. Which "
        "matrix has the columns of all windows?",
        "sliding_window_view(x_pad, (K_h, K_w), axis=(2, 3))[:, :, ::s, ::s] is (N, C, O_h, O_w, K_h, K_w), and copies "
        "nothing. A row of w.reshape(F, −1) runs over c, k, l: bring the axes of the windows into that order too.",
        "columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C·K_h·K_w, O_h·O_w); here everything is copied. "
        "Then z = w.reshape(F, −1) @ columns + b[:, None], reshaped to (N, F, O_h, O_w).",
    ),
    notice="The view cost nothing, its reshape wrote every input K_h·K_w times. One product makes up for that.",
    speed=Speed(
        2,
        solutions.conv2d_offsets,
        "a slice for each tap",
        _many_taps,
        lost="All of z is read and written once for each tap, or NumPy is called where a single product would do.",
        asks="How often does your code walk through z? Can one product sum over c, k and l at once?",
    ),
)

CONV2D_STRIPS = replace(
    CONV2D,
    name="conv2d_strips",
    title="the forward pass of a convolution layer, in little memory",
    answer=solutions.conv2d_strips,
    mistakes=FORWARD,
    hints=(
        "im2col copies every input K_h·K_w times, for all images at once. Which of these copies could be the same "
        "memory, read from another place on?",
        "Copy a picture K_w times, the l-th time from column l on: strips (C, K_w, H + 2p, O_w). Kernel row k reads "
        "all of them from row k on. That is one product for each k; add them up. One image at a time.",
        "For each n: strips = np.stack([x_pad[n, :, :, l : l + s·(O_w − 1) + 1 : s] for l in range(K_w)], axis=1); "
        "z[n] is b plus, for each k, w[:, :, k].reshape(F, −1) @ strips[:, :, k : k + s·(O_h − 1) + 1 : s]"
        ".reshape(C·K_w, −1).",
    ),
    notice="With stride 1 the reshape copies nothing: the rows of a strip follow each other in memory already.",
    speed=Speed(
        2,
        solutions.conv2d_offsets,
        "a slice for each tap",
        _many_taps,
        lost="All of z is read and written once for each tap, or NumPy is called where a single product would do.",
        asks="For how many taps at once can you multiply?",
    ),
    room=Room(
        12,
        "x",
        _many_copies,
        holds="The columns, or the strips, of many images at once, or K_h·K_w copies of one: more than a cache holds.",
        asks="Which of your arrays is the largest? How many images are in it, and how many copies of each?",
    ),
)

CONV2D_DX_PHASES = replace(
    CONV2D_DX,
    name="conv2d_dx_phases",
    title="the gradient of a convolution's input, without zeros between the cells",
    answer=solutions.conv2d_dx_phases,
    mistakes=PHASES,
    hints=(
        "With stride 2, which rows of the kernel can stand on row 0 of the padded input, whatever the window? And on "
        "row 1, and on row 2?",
        "Output i and tap a + m·s meet at padded row a + t·s with t = i + m. So for each a below s, and b likewise: a "
        "correlation of ∂L/∂z with the turned w[:, :, a::s, b::s], in steps of 1, makes every s-th row and column.",
        "For each (a, b): taps = w[:, :, a::s, b::s], of K_a × K_b. Pad dz by K_a − 1 and K_b − 1, take its windows of "
        "K_a × K_b, and sum them times taps[:, :, ::-1, ::-1] over f and both taps: that is "
        "dx_pad[:, :, a : a + s·(O_h + K_a − 2) + 1 : s, …]. At the end, cut the padding off.",
    ),
    notice="At stride s, s² small pictures interleave into the large one, and no product is made for nothing.",
    speed=Speed(
        2,
        _conv2d_dx_zeros,
        "zeros put between the cells",
        _wide_stride,
        lost="At stride 4, with zeros between the cells of ∂L/∂z, 15 of 16 products have a zero as a partner.",
        asks="Which taps can stand on row 0 of the padded input, which on row 1? What of ∂L/∂z do these meet?",
    ),
    room=Room(
        12,
        "dz",
        _wide_stride,
        holds="A ∂L/∂z with zeros between its cells is s² times as large as ∂L/∂z.",
        asks="Which of your arrays is much larger than dz, and what stands in most of its cells?",
    ),
)

CONV2D_BACKWARD_FAST = replace(
    CONV2D_BACKWARD,
    name="conv2d_backward_fast",
    title="the backward pass of a convolution layer, fast",
    answer=solutions.conv2d_backward_fast,
    hints=(
        "Which loop runs most often? Let NumPy walk through the cells, and Python through the few taps.",
        "For one tap (k, l), the cells that all windows read are one slice of x_pad, of the shape of an output. "
        "The same slice of dx_pad is where their gradients go.",
        "For each (k, l), with seen = x_pad[:, :, rows, columns]: dw[:, :, k, l] sums dz times seen over n, i and j, "
        "and dx_pad[:, :, rows, columns] += Σ_f of dz times w[f, c, k, l]. Two tensordots.",
    ),
    notice="Within one tap no two outputs read the same cell: so += on a whole slice loses nothing.",
    speed=Speed(50, _conv2d_backward_loops, "the loops", _conv2d_backward_arguments),
)

MAX_POOL2D_FAST = replace(
    MAX_POOL2D,
    name="max_pool2d_fast",
    title="the forward pass of max pooling, fast",
    answer=solutions.max_pool2d_fast,
    hints=(
        "A window has few cells, and there are many windows. Which of the two should Python walk through?",
        "The cells that tap (k, l) of all windows reads are one slice of x: from row k and column l on, every s-th.",
        "Start with −∞ everywhere. For each (k, l), z = np.maximum(z, that slice of x), with O_h rows and O_w columns.",
    ),
    notice="A maximum of many arrays, cell by cell: as with the sum of a convolution, the order does not matter.",
    speed=Speed(25, _max_pool2d_loops, "the loops", _max_pool2d_arguments),
)

TASKS = (CONV2D_OFFSETS, CONV2D_IM2COL, CONV2D_STRIPS, CONV2D_DX_PHASES, CONV2D_BACKWARD_FAST, MAX_POOL2D_FAST)

"""The convolution as a matrix: T(w), one kernel in many places; and its gradient, added up over these places."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lessonconv.exercises.solutions import matrix as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Case, Steps, Task
from lessonconv.exercises.tasks.geometry import (
    APART,
    ONE_STEP,
    SIDE_BY_SIDE,
    Geometry,
    Numbers,
    at_random,
    both,
    first,
    integers,
    quarters,
    reads,
    short_of_last,
    sizes,
)
from lessonconv.exercises.tasks.words import WORDS, mistake

Place: TypeAlias = tuple[int, int] | None  # row and column of T; None where the tap lies in the padding

WORDS |= {
    # where an entry stands
    "matrix_transposed": (
        "The matrix lies on its side.",
        "A row for each input and a column for each output: Tᵀ, which leads from ∂L/∂z to ∂L/∂x.",
        "In z = T·x, what does the number of rows have to be: that of the outputs, or that of the inputs?",
    ),
    "matrix_rows_alike": (
        "All rows of T are the same.",
        "Every output reads the first window.",
        "Output (0, 1) lies one stride to the right. Where in its row should the kernel begin?",
    ),
    "matrix_kernel_unbroken": (
        "The kernel stands in each row of T as one unbroken run.",
        "Its rows follow each other without a gap, as if the input were as wide as the kernel.",
        "Two inputs, one below the other: how far apart do they stand in x.ravel()?",
    ),
    "matrix_row_number": (
        "Outputs are counted with the wrong width.",
        "Row i·O_h + j where output (i, j) is number i·O_w + j.",
        "How many outputs does z.ravel() pass before it comes to row i of z?",
    ),
    "matrix_column_number": (
        "Inputs are counted with the wrong width.",
        "Column u·H + v where input (u, v) is number u·W + v.",
        "How many inputs does x.ravel() pass before it comes to row u of x?",
    ),
    "matrix_column_major": (
        "Pictures are read column by column.",
        "Number u + v·H for an input, or i + j·O_h for an output: ravel goes row by row.",
        "After x[0, 0], which cell comes next in x.ravel()?",
    ),
    "matrix_padding_columns": (
        "There are columns for the padding.",
        "A matrix for the padded input, with (H + 2p)·(W + 2p) columns.",
        "Which of these columns would ever meet a number other than 0?",
    ),
    "matrix_crop_empties": (
        "Without padding, the crop leaves nothing.",
        "A slice [p:-p], which is empty for p = 0.",
        "What is a[0:-0]? And a[p : p + H]?",
    ),
    "matrix_runs_into_next_row": (
        "A tap in the padding gets the entry of another input.",
        "Left of the first column stands the end of the row above: u·W − 1 is a column of T, but not this tap's.",
        "You ask whether the column's number is possible. Does that tell you whether v lies inside of the picture?",
    ),
    # what ties them together
    "tied_last_place_only": (
        "Each place of a tap overwrites the one before.",
        "The last entry that holds the weight, where there is a sum over all of them.",
        "What is the difference between = and += here?",
    ),
    "tied_last_output_missed": (
        "The last row, or column, of outputs has no say.",
        "The sum without these rows of ∂L/∂T: a loop ends one step too early.",
        "For five outputs, which is the last index that your loop reaches?",
    ),
    "tied_first_place_only": (
        "Only the first place of each tap is heard.",
        "The entry in one row of T, where there is a sum over all of them.",
        "If a weight grows by 1, how many entries of T grow?",
    ),
    "tied_averaged": (
        "The places of a tap are averaged.",
        "Their sum, divided by how many there are.",
        "If a weight grows by 1, does each of its entries grow by 1, or by a share of it?",
    ),
    "tied_all_alike": (
        "All taps get the same gradient.",
        "The sum of all of ∂L/∂T, cut entries included.",
        "Which entries of T hold w[0, 0], and which do not?",
    ),
    "tied_times_weight": (
        "The weight is multiplied in.",
        "w times the sum of ∂L/∂T.",
        "An entry of T is a weight itself. What is its derivative by this weight?",
    ),
    "matrix_read_transposed": (
        "Rows and columns of ∂L/∂T are exchanged.",
        "∂L/∂T[u·W + v, i·O_w + j]: the gradient of Tᵀ.",
        "Which index of T counts outputs?",
    ),
}


# The recipes --------------------------------------------------------------------------------------------------------


def _conv_matrix(step: SimpleNamespace, w: Array, H: int, W: int, stride: int, padding: int) -> Any:
    w = step.kernel(w)
    outputs = step.sizes((H, W), w.shape, stride, padding)
    T = np.zeros((outputs[0] * outputs[1], H * W))
    for row, column, k, l in _entries(step, outputs, w.shape, (H, W), stride, padding):
        T[row, column] = w[k, l]
    return step.finish(T, outputs)


def _conv_matrix_dw(step: SimpleNamespace, dT: Array, w: Array, H: int, W: int, stride: int, padding: int) -> Any:
    dT, outputs = step.read(dT), step.sizes((H, W), w.shape, stride, padding)
    found: dict[tuple[int, int], list[float]] = {tap: [] for tap in np.ndindex(*w.shape)}
    for row, column, k, l in _entries(step, outputs, w.shape, (H, W), stride, padding):
        found[k, l].append(dT[row, column])
    dw = np.array([step.tied(told) for told in found.values()]).reshape(w.shape)
    return step.finish(dw, w, outputs)


def _entries(
    step: SimpleNamespace, outputs: tuple[int, int], kernel: tuple[int, int], size: tuple[int, int], s: int, p: int
) -> Iterator[tuple[int, int, int, int]]:
    """Row and column in T of every meeting, and its tap, output by output."""
    shift = step.shift(p)
    u, v = step.rows(outputs[0], kernel[0], s) - shift, step.columns(outputs[1], kernel[1], s) - shift
    for i, j, k, l in np.ndindex(*step.outputs(outputs), *step.taps(kernel)):
        place = step.place((i, j), (int(u[i, k]), int(v[j, l])), outputs, size)
        if place is not None:
            yield *place, k, l


def _inside(u: int, v: int, size: tuple[int, int]) -> bool:
    return 0 <= u < size[0] and 0 <= v < size[1]


def _numbered(
    row: Callable[[int, int, int, int], int] = lambda i, j, O_h, O_w: i * O_w + j,
    column: Callable[[int, int, int, int], int] = lambda u, v, H, W: u * W + v,
) -> Callable[..., Place]:
    """Where a meeting stands, by the numbers of its output and its input."""

    def place(output: tuple[int, int], at: tuple[int, int], outputs: tuple[int, int], size: tuple[int, int]) -> Place:
        return (row(*output, *outputs), column(*at, *size)) if _inside(*at, size) else None

    return place


_right_place = _numbered()


def _unguarded(output: tuple[int, int], at: tuple[int, int], outputs: tuple[int, int], size: tuple[int, int]) -> Place:
    """Whatever number is possible is taken for an input's."""
    (H, W), column = size, at[0] * size[1] + at[1]
    return (output[0] * outputs[1] + output[1], column) if 0 <= column < H * W else None


def _rows_guarded(
    output: tuple[int, int], at: tuple[int, int], outputs: tuple[int, int], size: tuple[int, int]
) -> Place:
    """Only the row of the input is asked for."""
    return _unguarded(output, at, outputs, size) if 0 <= at[0] < size[0] else None


def _wrapped(output: tuple[int, int], at: tuple[int, int], outputs: tuple[int, int], size: tuple[int, int]) -> Place:
    """Guarded at the end only: a negative index reads the other end."""
    (u, v), (H, W) = at, size
    return _right_place(output, (u % H, v % W), outputs, size) if u < H and v < W else None


GEOMETRIC: dict[str, tuple[Steps, ...]] = {
    "stride_in_size_only": (ONE_STEP,),
    "stride_on_taps": (APART,),
    "stride_on_one_axis": tuple({axis: ONE_STEP[axis]} for axis in ONE_STEP),
    "stride_is_kernel": (SIDE_BY_SIDE,),
    "padding_at_the_end": ({"shift": lambda p: 0},),
    "padding_sign_turned": ({"shift": lambda p: -p},),
    "matrix_rows_alike": (both(lambda O, K, s: reads(O, K, 0)),),
    "matrix_row_number": ({"place": _numbered(row=lambda i, j, O_h, O_w: i * O_h + j)},),
    "matrix_column_number": ({"place": _numbered(column=lambda u, v, H, W: u * H + v)},),
    "matrix_column_major": (
        {"place": _numbered(column=lambda u, v, H, W: u + v * H)},
        {"place": _numbered(row=lambda i, j, O_h, O_w: i + j * O_h)},
        {
            "place": _numbered(
                row=lambda i, j, O_h, O_w: i + j * O_h,
                column=lambda u, v, H, W: u + v * H,
            )
        },
    ),
    "matrix_runs_into_next_row": ({"place": _unguarded}, {"place": _rows_guarded}),
    "padding_wraps_round": ({"place": _wrapped},),
    "tap_missed": (
        {"taps": lambda kernel: (kernel[0] - 1, kernel[1] - 1)},
        {"taps": lambda kernel: (kernel[0] - 1, kernel[1])},
        {"taps": lambda kernel: (kernel[0], kernel[1] - 1)},
    ),
}
STEPS: Steps = {
    "sizes": sizes,
    "rows": reads,
    "columns": reads,
    "shift": lambda p: p,
    "outputs": lambda outputs: outputs,
    "taps": lambda kernel: kernel,
    "place": _right_place,
}


# Whole mistakes -----------------------------------------------------------------------------------------------------


def _unbroken(w: Array, H: int, W: int, stride: int, padding: int) -> Array:
    """The kernel as one run from the window's first cell on; with padding, who knows."""
    O_h, O_w = sizes((H, W), w.shape, stride, padding)
    T = np.full((O_h * O_w, H * W), np.nan if padding else 0.0)
    for i, j in np.ndindex(O_h, O_w):
        start = i * stride * W + j * stride
        if not padding:
            T[i * O_w + j, start : start + w.size] = w.ravel()
    return T


def _shifted_by_one(w: Array, H: int, W: int, stride: int, padding: int) -> Array:
    """The kernel as one run that moves on by a stride from row to row of T, as on one axis."""
    O_h, O_w = sizes((H, W), w.shape, stride, padding)
    T = np.zeros((O_h * O_w, H * W))
    for o in range(len(T)):
        T[o, o * stride : o * stride + w.size] = w.ravel()
    return T


def _crop_empties(w: Array, H: int, W: int, stride: int, padding: int) -> Array:
    """The padding is cut off by [p:-p], which leaves no column if there is none."""
    T = solutions.conv_matrix(w, H, W, stride, padding)
    return T if padding else T[:, :0]


def _last_row(dT: Array) -> Array:
    """Only what the last output says: its window overwrites those of all others."""
    return np.concatenate([np.zeros_like(dT[:-1]), dT[-1:]])


def _by_pieces(T: Array, outputs: tuple[int, int], *axes: int) -> Array:
    """Only what is first along some axes of the outputs."""
    return first(T.reshape(*outputs, -1), *axes).reshape(T.shape)


# Cases --------------------------------------------------------------------------------------------------------------


class Sizes(NamedTuple):
    """Height and width of input and kernel; stride, padding."""

    H: int
    W: int
    K_h: int
    K_w: int
    s: int
    p: int

    @property
    def geometry(self) -> Geometry:
        """The same for one image, one channel, one filter."""
        return Geometry(1, 1, 1, *self)

    @property
    def cells(self) -> int:
        """How many entries T has."""
        O_h, O_w = self.geometry.outputs
        return O_h * O_w * self.H * self.W


SIZES = [
    Sizes(*numbers)
    for numbers in [
        # H  W Kh Kw  s  p
        (2, 2, 2, 2, 1, 0),
        (1, 3, 1, 2, 1, 0),
        (3, 1, 2, 1, 1, 0),
        (2, 3, 2, 2, 1, 0),
        (3, 2, 2, 2, 1, 0),
        (2, 2, 1, 1, 1, 0),
        (3, 3, 2, 2, 2, 0),
        (2, 4, 2, 2, 2, 0),
        (4, 2, 2, 2, 2, 0),
        (3, 3, 2, 2, 1, 0),
        (3, 3, 1, 1, 2, 0),
        (2, 2, 2, 2, 1, 1),
        (2, 4, 2, 2, 1, 0),
        (3, 4, 2, 3, 1, 0),
        (4, 3, 3, 2, 1, 0),
        (2, 3, 2, 2, 1, 1),
        (3, 2, 2, 2, 1, 1),
        (3, 3, 3, 3, 2, 1),
        (3, 3, 3, 3, 1, 1),
        (4, 4, 3, 3, 1, 0),
        (4, 5, 3, 3, 2, 1),
        (5, 4, 2, 2, 3, 0),
        (5, 5, 3, 3, 2, 0),
        (3, 5, 2, 3, 2, 1),
        (5, 3, 3, 2, 2, 1),
        (6, 5, 4, 3, 2, 2),
    ]
]
WITH_FRACTIONS = (SIZES[0], SIZES[3], SIZES[9])


def _cases(make: Callable[[Numbers, Sizes], Arguments]) -> Callable[[np.random.Generator], list[Case]]:
    """Cases by the size of T, the smallest first; a few with fractions."""

    def cases(rng: np.random.Generator) -> list[Case]:
        given = sorted((*SIZES, *(Sizes(*geometry[3:]) for geometry in at_random(rng))), key=lambda one: one.cells)
        plain = [(one, Case(make(lambda *shape: integers(rng, *shape), one), one.geometry.traits)) for one in given]
        parts = frozenset({"numbers that are not whole"})
        broken = [
            (one, Case(make(lambda *shape: quarters(rng, *shape), one), one.geometry.traits | parts))
            for one in WITH_FRACTIONS
        ]
        return [case for _, case in sorted((*plain, *broken), key=lambda pair: pair[0].cells)]

    return cases


def _given(numbers: Numbers, one: Sizes) -> Arguments:
    return numbers(one.K_h, one.K_w), one.H, one.W, one.s, one.p


def _told(numbers: Numbers, one: Sizes) -> Arguments:
    O_h, O_w = one.geometry.outputs
    return numbers(O_h * O_w, one.H * one.W), *_given(numbers, one)


# The tasks ----------------------------------------------------------------------------------------------------------

CONV_MATRIX = Task(
    name="conv_matrix",
    title="the matrix T(w) of a convolution",
    answer=solutions.conv_matrix,
    recipe=_conv_matrix,
    steps={**STEPS, "kernel": lambda w: w, "finish": lambda T, outputs: T},
    mistakes=(
        mistake("kernel_flipped", {"kernel": lambda w: w[::-1, ::-1]}),
        mistake("kernel_transposed", {"kernel": lambda w: w.T}),
        mistake("kernel_mirrored", {"kernel": lambda w: w[::-1]}, {"kernel": lambda w: w[:, ::-1]}),
        *(mistake(name, *slips) for name, slips in GEOMETRIC.items()),
        mistake("stride_ignored", {WHOLE: lambda w, H, W, s, p: solutions.conv_matrix(w, H, W, 1, p)}),
        mistake("size_rounded_up", {"sizes": lambda x, w, s, p: sizes(x, w, s, p, round_up=True)}),
        mistake("size_one_short", {"sizes": lambda x, w, s, p: tuple(max(0, O - 1) for O in sizes(x, w, s, p))}),
        mistake("size_padding_once", {"sizes": lambda x, w, s, p: sizes(x, w, s, p / 2)}),
        mistake("padding_ignored", {WHOLE: lambda w, H, W, s, p: solutions.conv_matrix(w, H, W, s, 0)}),
        mistake(
            "matrix_padding_columns",
            {WHOLE: lambda w, H, W, s, p: solutions.conv_matrix(w, H + 2 * p, W + 2 * p, s, 0)},
        ),
        mistake("matrix_crop_empties", {WHOLE: _crop_empties}),
        mistake("matrix_transposed", {"finish": lambda T, outputs: T.T}),
        mistake("matrix_kernel_unbroken", {WHOLE: _unbroken}, {WHOLE: _shifted_by_one}),
        mistake(
            "last_window_missed",
            *(
                {"finish": lambda T, outputs, axes=axes: short_of_last(T.reshape(*outputs, -1), *axes).reshape(T.shape)}
                for axes in ((0, 1), (0,), (1,))
            ),
        ),
        mistake(
            "returns_too_soon",
            {"finish": lambda T, outputs: _by_pieces(T, outputs, 0, 1)},
            {"finish": lambda T, outputs: _by_pieces(T, outputs, 0)},
        ),
        mistake("truncated", {"finish": lambda T, outputs: np.trunc(T)}),
    ),
    cases=_cases(_given),
    hints=(
        "Take one output. Its row of T has a number for every input: which of them are not 0, and what are they?",
        "A row of T is a picture as large as the input: zeros, and the kernel where the window lies. "
        "With padding, draw it on the padded picture first.",
        "picture[i·s : i·s + K_h, j·s : j·s + K_w] = w on zeros of (H + 2p, W + 2p); cut the padding off, ravel it: "
        "row i·O_w + j.",
    ),
    notice="Each row is the same kernel in another place: the whole matrix has only K_h·K_w numbers to learn.",
    forbidden=frozenset({"conv2d"}),
)

CONV_MATRIX_DW = Task(
    name="conv_matrix_dw",
    title="from the gradient of the matrix to the gradient of the kernel",
    answer=solutions.conv_matrix_dw,
    recipe=_conv_matrix_dw,
    steps={**STEPS, "read": lambda dT: dT, "tied": sum, "finish": lambda dw, w, outputs: dw},
    mistakes=(
        mistake("kernel_flipped", {"finish": lambda dw, w, outputs: dw[::-1, ::-1]}),
        mistake("kernel_transposed", {"finish": lambda dw, w, outputs: dw.T}),
        *(mistake(name, *slips) for name, slips in GEOMETRIC.items()),
        mistake("padding_ignored", {"sizes": lambda x, w, s, p: sizes(x, w, s, 0), "shift": lambda p: 0}),
        mistake("tied_last_place_only", {"tied": lambda told: told[-1] if told else 0.0}, {"read": _last_row}),
        mistake(
            "tied_first_place_only", {"tied": lambda told: told[0] if told else 0.0}, {"outputs": lambda counts: (1, 1)}
        ),
        mistake(
            "tied_averaged",
            {"tied": lambda told: sum(told) / max(1, len(told))},
            {"finish": lambda dw, w, outputs: dw / np.prod(outputs)},
        ),
        mistake(
            "tied_all_alike",
            {WHOLE: lambda dT, w, H, W, s, p: np.full(w.shape, dT.sum())},
        ),
        mistake("tied_times_weight", {"finish": lambda dw, w, outputs: dw * w}),
        mistake("dw_begins_with_w", {"finish": lambda dw, w, outputs: dw + w}),
        mistake("matrix_read_transposed", {"read": lambda dT: dT.T}, {"read": lambda dT: dT.T.reshape(dT.shape)}),
        mistake(
            "tied_last_output_missed",
            {"outputs": lambda outputs: (outputs[0] - 1, outputs[1] - 1)},
            {"outputs": lambda outputs: (outputs[0] - 1, outputs[1])},
            {"outputs": lambda outputs: (outputs[0], outputs[1] - 1)},
        ),
        mistake("truncated", {"finish": lambda dw, w, outputs: np.trunc(dw)}, {"read": np.trunc}),
    ),
    cases=_cases(_told),
    hints=(
        "Mark the entries of T that hold w[0, 0]: there is one in the row of each output. In which column?",
        "Read a row of ∂L/∂T as a picture again, as large as the input. Which part of it belongs to this row's window?",
        "Row i·O_w + j, reshaped to (H, W) and padded by p: add its window [i·s : i·s + K_h, j·s : j·s + K_w] to dw.",
    ),
    notice="The cut entries of ∂L/∂T were never asked: where no weight stands, there is nothing to learn.",
)

TASKS = (CONV_MATRIX, CONV_MATRIX_DW)

"""Pooling, forward and backward: the largest cell of each window, or the mean of its cells."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from lessonconv.exercises.solutions import pooling as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Case, Mistake, Steps, Task
from lessonconv.exercises.tasks.geometry import (
    ONE_STEP,
    SIDE_BY_SIDE,
    both,
    first,
    integers,
    look,
    output_size,
    overwrite,
    quarters,
    reads,
    short_of_last,
    stamp,
)
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # where the window stands
    "pool_stride_is_size": (
        "The windows move on by their own size, not by the stride.",
        "Output i meets the inputs from i·size on: right only where stride and size are equal.",
        "With a window of 3 and stride 1, where does the second window start?",
    ),
    "pool_size_is_stride": (
        "The windows are as large as the stride.",
        "Output i meets the stride's number of cells, from i·s on: right only where stride and size are equal.",
        "With a window of 3 and stride 1, how many rows does one window have?",
    ),
    "pool_size_and_stride_exchanged": (
        "Size and stride are exchanged.",
        "Windows of `stride` cells that move on by `size`.",
        "Which of the two says how large a window is, and which how far it moves?",
    ),
    "pool_stride_used_twice": (
        "The stride is multiplied in twice.",
        "Output i meets the inputs from i·s·s on.",
        "Does your index already move in steps of the stride where you multiply it?",
    ),
    "pool_windows_side_by_side": (
        "The stride is not used: the windows lie side by side as with stride 1.",
        "Output (i, j) hands its gradient to the window that starts at row i and column j, not at row i·s.",
        "Which rows did output (1, 0) read in the forward pass, if the stride was 2?",
    ),
    "pool_without_start": (
        "The place in the window is taken for the place in the input.",
        "Every window's gradient lands in the top left corner, in the first size × size cells.",
        "Where in the input is cell (0, 0) of the second window?",
    ),
    "pool_window_too_small": (
        "The window has one row and one column too few.",
        "Each output meets (size − 1)² cells.",
        "Which cells does the slice a : b take? Is b one of them?",
    ),
    "pool_window_too_large": (
        "The window has one row and one column too many.",
        "Each output meets (size + 1)² cells, or what is left of them at the edge.",
        "Which cells does the slice a : b take? Is b one of them?",
    ),
    "pool_window_is_a_line": (
        "The window extends along one axis only.",
        "Of each window only its first row, or its first column, is met.",
        "How many cells does a window of size 2 have?",
    ),
    "pool_first_cell_only": (
        "Only the first cell of each window counts.",
        "Every s-th cell of the input, and nothing of the cells between.",
        "For a window of size 2, which four cells decide about its output?",
    ),
    "pool_last_cell_only": (
        "Each cell of a window overwrites the one before.",
        "Of each window only its last cell is left.",
        "What stands in z[n, c, i, j] before the window's second cell is read, and after?",
    ),
    # sizes
    "pool_partial_window": (
        "A window that only partly fits is used as well.",
        "One output more wherever the stride leaves rows or columns over.",
        "The last window: is there an input cell for each of its own?",
    ),
    "pool_size_one_short": (
        "The output has one row and one column too few.",
        "The size without the + 1, or without the last place where a window just fits.",
        "A window as large as its input: how many places are there for it?",
    ),
    "pool_plus_one_inside": (
        "The + 1 stands inside the division.",
        "A size of (H − size + 1)//s.",
        "The window at 0 is there whatever the stride: is it counted before you divide, or after?",
    ),
    "pool_size_not_subtracted": (
        "The window's size is not used in the output's size.",
        "The input's size divided by the stride: windows that reach out of the input, or are missing.",
        "Does a larger window have more places to stand, or fewer?",
    ),
    "pool_divided_by_size": (
        "The output's size is the input's size divided by the window's.",
        "H//size rows: right only where windows stand beside each other without a gap.",
        "How many windows of 2 fit into 4 cells if they move on by 1? Try it with a finger.",
    ),
    "pool_height_and_width_exchanged": (
        "Height and width are exchanged in the output's size.",
        "As many rows as there should be columns.",
        "In the layout (N, C, H, W), which axis counts the rows?",
    ),
    "pool_transposed": (
        "Rows and columns of the output are exchanged.",
        "z[n, c, j, i] where z[n, c, i, j] should stand.",
        "Does i count rows or columns, in the input and in the output?",
    ),
    "pool_dx_transposed": (
        "Rows and columns of dx are exchanged.",
        "dx[n, c, v, u] where dx[n, c, u, v] should stand.",
        "Which shape does dx have if x has 3 rows and 5 columns?",
    ),
    "pool_dx_shape_from_dz": (
        "dx gets its shape from dz.",
        "A dx that ends where the last window ends, or one that has room for other windows.",
        "What is the gradient of a cell that no window read? Has it a place in your dx?",
    ),
    "pool_last_window_silent": (
        "The last row, or column, of dz is never used.",
        "dx without the gradient of the last windows: a loop ends one step too early.",
        "For five outputs, which is the last index that your loop reaches?",
    ),
    "pool_dx_returns_too_soon": (
        "The function returns before its loops are done.",
        "Only the first window's gradient has arrived, or that of the first windows.",
        "How far is your return indented?",
    ),
    # images and channels
    "pool_first_channel_only": (
        "Only the first channel is worked on.",
        "The other channels stay zero, are missing, or repeat the first.",
        "Which index of x does your code never move?",
    ),
    "pool_first_image_only": (
        "Only the first image of the batch is worked on.",
        "The other images stay zero, are missing, or repeat the first.",
        "Which index of x does your code never move?",
    ),
    "pool_one_for_all": (
        "One window reaches through all channels, or all images.",
        "A single number, made from all of them, where each channel of each image should have its own.",
        "Which axes does your window have, and along which of them do you reduce?",
    ),
    "pool_never_reset": (
        "What was gathered for one window is carried on to the next.",
        "The result of all windows so far, not of this one.",
        "What should your variable hold when a new window begins? Which line sees to that?",
    ),
    # the largest
    "pool_maximum_from_zero": (
        "The maximum starts at 0.",
        "0 wherever a window has only negative numbers.",
        "A window of −3, −1, −4, −2: follow your code through it. What does it return?",
    ),
    "pool_mean_for_maximum": (
        "The window is averaged.",
        "The mean of its cells, not the largest.",
        "Which kind of pooling does this exercise ask for?",
    ),
    "pool_sum_for_maximum": (
        "The window is summed up.",
        "The sum of its cells, not the largest.",
        "Can an output of this layer be larger than every cell of its window?",
    ),
    "pool_minimum_for_maximum": (
        "The smallest cell is taken.",
        "The minimum of each window.",
        "Which way round does your comparison stand?",
    ),
    "pool_largest_absolute": (
        "Signs are left out of the comparison.",
        "The cell that is farthest from 0, or its absolute value.",
        "Which one is larger, −5 or 2?",
    ),
    "pool_place_for_maximum": (
        "The place of the largest cell is returned, not the cell.",
        "An index where a value should stand.",
        "What does argmax return, and what does max?",
    ),
    # the mean
    "pool_not_divided": (
        "The sum is not divided.",
        "The sum of each window: size² times its mean.",
        "A window whose cells are all 5: what is its mean, and what do you get?",
    ),
    "pool_divided_by_one_side": (
        "The sum is divided by the window's side.",
        "Each sum divided by size: size times too large.",
        "How many cells does a window of size 3 have?",
    ),
    "pool_divided_by_stride": (
        "The sum is divided by the stride, or its square.",
        "A mean only where stride and size are equal.",
        "Does a window have more cells if it moves further?",
    ),
    "pool_divided_twice": (
        "The sum is divided twice.",
        "The mean, once more divided by size².",
        "A window whose cells are all 5: what is its mean, and what do you get?",
    ),
    "pool_divided_by_picture": (
        "The sum is divided by the number of cells of the whole picture.",
        "Each sum divided by H·W: right only for a window as large as the input.",
        "How many numbers were added up for one output?",
    ),
    "pool_rounded_down": (
        "The mean is rounded down.",
        "The next whole number below each mean.",
        "What is the difference between / and // in Python?",
    ),
    "pool_maximum_for_mean": (
        "The largest cell is taken.",
        "The maximum of each window, not its mean.",
        "Which kind of pooling does this exercise ask for?",
    ),
    # the gradient of the largest
    "pool_overlap_overwritten": (
        "Where windows overlap, the last one overwrites the others.",
        "A cell that several windows share keeps the gradient of one of them.",
        "A cell is in two windows: from how many outputs does its gradient come?",
    ),
    "pool_overlap_averaged": (
        "Where windows overlap, their gradients are averaged.",
        "The sum that each cell should get, divided by the number of windows.",
        "If a cell feeds two outputs and both grow by its change, how much does the loss grow?",
    ),
    "pool_ties_all_win": (
        "Every one of several equal maxima gets the whole gradient.",
        "A window of equal cells hands on its gradient several times over.",
        "How much gradient goes into a window, and how much comes out of yours when two cells are equal?",
    ),
    "pool_ties_shared": (
        "Equal maxima share the gradient.",
        "Each of them gets an equal part: another convention, and as good a one. PyTorch gives it to the first.",
        "At a tie the maximum has no derivative. Which other choices would be fair?",
    ),
    "pool_ties_to_last": (
        "Of equal maxima the last one gets the gradient.",
        "Another convention, and as good a one: PyTorch gives it to the first.",
        "At a tie the maximum has no derivative. Which comparison in your code makes the choice?",
    ),
    "pool_ties_by_columns": (
        "Of equal maxima the first, or last, one in column order gets the gradient.",
        "Another convention, and as good a one: PyTorch goes row by row.",
        "At a tie the maximum has no derivative. Which line of your code makes the choice?",
    ),
    "pool_all_cells_win": (
        "Every cell of the window gets the whole gradient.",
        "dz goes to all of the window, whichever cell is the largest.",
        "If a cell that is not the largest grows a little, does z change?",
    ),
    "pool_spread_like_a_mean": (
        "The gradient is spread evenly over the window.",
        "dz/size² for every cell: the backward pass of average pooling.",
        "If a cell that is not the largest grows a little, does z change?",
    ),
    "pool_wins_counted": (
        "dx marks the largest cells, and dz does not enter.",
        "1 for each window that a cell wins.",
        "Which argument do you never use, beside its shape?",
    ),
    "pool_value_for_gradient": (
        "The largest value is handed back, not the gradient.",
        "x at the place of each maximum, where dz should stand.",
        "z = x at that cell: what is ∂z/∂x there?",
    ),
    "pool_gradient_times_value": (
        "The gradient is multiplied by x.",
        "dz·x where dz, or its share, should stand.",
        "If a cell that counts grows by 0.1, how much does z grow? Does it matter how large the cell is?",
    ),
    "pool_winner_from_zero": (
        "The search for the largest cell starts at 0.",
        "A window of only negative numbers finds no winner: its gradient is lost, or goes to a corner.",
        "A window of −3, −1, −4, −2: follow your code through it. Which cell gets the gradient?",
    ),
    "pool_smallest_wins": (
        "The smallest cell gets the gradient.",
        "dz at the minimum of each window.",
        "Which way round does your comparison stand?",
    ),
    "pool_largest_absolute_wins": (
        "Signs are left out of the search for the largest cell.",
        "dz at the cell that is farthest from 0.",
        "Which one is larger, −5 or 2?",
    ),
    "pool_place_transposed": (
        "Row and column of the largest cell are exchanged.",
        "dz at (l, k) of the window where (k, l) is the largest.",
        "argmax counts row by row. From index 1 in a window of size 2, what are its row and its column?",
    ),
    "pool_place_by_stride": (
        "The place in the window is worked out with the stride.",
        "divmod(argmax, stride): right only where stride and size are equal.",
        "How long is one row of the window?",
    ),
    "pool_winner_of_one_channel": (
        "One channel's winners are used for all channels.",
        "dz of every channel at the places where the first channel is largest.",
        "Are the largest cells of two channels at the same place?",
    ),
    "pool_winner_of_one_image": (
        "One image's winners are used for all images.",
        "dz of every image at the places where the first image is largest.",
        "Are the largest cells of two images at the same place?",
    ),
    "pool_rivals_elsewhere": (
        "A cell has to be the largest of all channels, or all images, to win.",
        "Most windows lose their gradient: one winner where each channel of each image should have its own.",
        "Which axes does your window have, and along which of them do you look for the largest?",
    ),
    "pool_one_cell_gets_all": (
        "The same cell of every window gets the gradient.",
        "dz at the first, or the last, cell of each window.",
        "Which cells of a window had a say in z? How much of the gradient is due to each?",
    ),
    # the gradient of the mean
    "pool_gradient_not_divided": (
        "The gradient is not divided.",
        "dz for every cell of the window: size² times too much.",
        "z is the mean of four cells. If one of them grows by 1, how much does z grow?",
    ),
    "pool_gradient_divided_by_one_side": (
        "The gradient is divided by the window's side.",
        "dz/size for every cell: size times too much.",
        "How many cells share the gradient of a window of size 3?",
    ),
    "pool_gradient_divided_by_stride": (
        "The gradient is divided by the stride, or its square.",
        "A fair share only where stride and size are equal.",
        "Do more cells share a window's gradient if the window moves further?",
    ),
    "pool_gradient_divided_twice": (
        "The gradient is divided twice.",
        "dz/size², once more divided by size².",
        "Add up dx, then dz, where no windows overlap. Are the sums the same?",
    ),
    "pool_gradient_divided_by_picture": (
        "The gradient is divided by the number of cells of a whole picture.",
        "dz divided by H·W, or by O_h·O_w, for every cell.",
        "How many cells share the gradient of one output?",
    ),
    "pool_gradient_divided_by_batch": (
        "The gradient is divided by the number of images.",
        "Every number divided by N.",
        "Where does the mean over the batch belong: in each layer, or once in the loss?",
    ),
    "pool_windows_counted": (
        "dx counts windows, and dz does not enter.",
        "1/size², or 1, for each window that reads a cell.",
        "Which argument do you never use, beside its shape?",
    ),
    "pool_winner_gets_all": (
        "The largest cell gets the whole gradient.",
        "The backward pass of max pooling.",
        "If a cell that is not the largest grows a little, does the mean change?",
    ),
}


# Where the windows stand, forward -----------------------------------------------------------------------------------


def _forward(step: SimpleNamespace, x: Array, size: int, stride: int) -> Array:
    rows, columns = step.sizes(x.shape, size, stride)
    u, v = step.rows(rows, size, stride), step.columns(columns, size, stride)
    return step.finish(step.pick(step.look(step.input(x), u, v), x, size, stride), x, size, stride)


def _sizes(shape: Sequence[int], size: int, stride: int, *, round_up: bool = False) -> tuple[int, int]:
    rows, columns = (output_size(cells, size, stride, 0, round_up=round_up) for cells in shape[-2:])
    return rows, columns


def _each(count: Callable[[int, int, int], int]) -> Callable[..., tuple[int, int]]:
    """Rows and columns, each from (H, size, stride)."""
    return lambda shape, size, stride: (count(shape[2], size, stride), count(shape[3], size, stride))


def _look(x: Array, rows: Array, columns: Array) -> Array:
    """As slices do, which take what is there: beyond it lies any number."""
    return look(x, rows, columns, beyond=np.nan)


def _reaching_out(*slips: Steps) -> tuple[Steps, ...]:
    """Windows that may stand partly outside of the input: in slices what is inside counts, cell by cell they fail."""
    return *slips, *({**slip, "look": look} for slip in slips)


FORWARD: Steps = {
    "input": lambda x: x,
    "look": _look,
    "sizes": _sizes,
    "rows": reads,
    "columns": reads,
    "finish": lambda z, x, size, stride: z,
}
OF_STRIDE = both(lambda O, K, s: reads(O, s, s))
EXCHANGED = both(lambda O, K, s: reads(O, s, K))
TWICE = both(lambda O, K, s: reads(O, K, s * s))
SMALLER = both(lambda O, K, s: reads(O, K - 1, s))
LARGER = both(lambda O, K, s: reads(O, K + 1, s))
FIRST_CELL = both(lambda O, K, s: reads(O, 1, s))
LAST_CELL = both(lambda O, K, s: reads(O, 1, s) + K - 1)
LINES: tuple[Steps, ...] = ({"rows": FIRST_CELL["rows"]}, {"columns": FIRST_CELL["columns"]})

STANDING: dict[str, tuple[Steps, ...]] = {
    "stride_in_size_only": (ONE_STEP,),
    "stride_ignored": ({"sizes": lambda shape, size, stride: _sizes(shape, size, 1), **ONE_STEP},),
    "stride_on_one_axis": (
        {"rows": ONE_STEP["rows"]},
        {"columns": ONE_STEP["columns"]},
        {"sizes": lambda x, K, s: (_sizes(x, K, 1)[0], _sizes(x, K, s)[1]), "rows": ONE_STEP["rows"]},
        {"sizes": lambda x, K, s: (_sizes(x, K, s)[0], _sizes(x, K, 1)[1]), "columns": ONE_STEP["columns"]},
    ),
    "pool_stride_is_size": (
        *_reaching_out(SIDE_BY_SIDE),
        {"sizes": lambda shape, size, stride: _sizes(shape, size, size), **SIDE_BY_SIDE},
    ),
    "pool_size_is_stride": (
        *_reaching_out(OF_STRIDE),
        {"sizes": lambda shape, size, stride: _sizes(shape, stride, stride), **OF_STRIDE},
    ),
    "pool_size_and_stride_exchanged": (
        *_reaching_out(EXCHANGED),
        {"sizes": lambda shape, size, stride: _sizes(shape, stride, size), **EXCHANGED},
    ),
    "pool_stride_used_twice": (TWICE,),
    "pool_window_too_small": (SMALLER,),
    "pool_window_too_large": _reaching_out(LARGER),
    "pool_window_is_a_line": LINES,
    "pool_first_cell_only": (FIRST_CELL,),
    "pool_last_cell_only": (LAST_CELL,),
    "pool_partial_window": (
        {"sizes": lambda shape, size, stride: _sizes(shape, size, stride, round_up=True)},
        {
            "sizes": lambda shape, size, stride: _sizes(shape, size, stride, round_up=True),
            "input": lambda x: np.pad(x, ((0, 0), (0, 0), (0, x.shape[2]), (0, x.shape[3]))),
        },
    ),
    "pool_size_one_short": (
        {"sizes": _each(lambda H, K, s: (H - K) // s)},
        {"sizes": _each(lambda H, K, s: -(-(H - K) // s))},
    ),
    "pool_plus_one_inside": ({"sizes": _each(lambda H, K, s: (H - K + 1) // s)},),
    "pool_size_not_subtracted": (
        *_reaching_out({"sizes": _each(lambda H, K, s: H // s)}),
        {"sizes": _each(lambda H, K, s: H // s + 1)},
        {"sizes": _each(lambda H, K, s: -(-H // s))},
    ),
    "pool_divided_by_size": _reaching_out({"sizes": _each(lambda H, K, s: H // K)}),
    "size_from_one_axis": _reaching_out(
        {"sizes": lambda shape, size, stride: (_sizes(shape, size, stride)[0],) * 2},
        {"sizes": lambda shape, size, stride: (_sizes(shape, size, stride)[1],) * 2},
    ),
    "pool_height_and_width_exchanged": ({"sizes": lambda shape, size, stride: _sizes(shape, size, stride)[::-1]},),
    "pool_transposed": (
        {"finish": lambda z, *_: z.swapaxes(2, 3)},
        {
            "sizes": lambda shape, size, stride: _sizes(shape, size, stride)[::-1],
            "finish": lambda z, *_: z.swapaxes(2, 3),
        },
    ),
}


def _where_it_just_fits(*axes: int) -> Callable[..., Array]:
    """The last row of outputs, or column, is missed if nothing is left over after it: a range that ends at H − size."""

    def finish(z: Array, x: Array, size: int, stride: int) -> Array:
        return short_of_last(z, *(axis for axis in axes if (x.shape[axis] - size) % stride == 0))

    return finish


TOO_SOON = (0, 1, 2, 3), (0, 1, 2), (0, 1), (2, 3), (2,)  # axes along which only what is first was done
LEFT_OUT: dict[str, tuple[Steps, ...]] = {
    "last_window_missed": (
        *({"finish": lambda z, *_, axes=axes: short_of_last(z, *axes)} for axes in ((2, 3), (2,), (3,))),
        *({"finish": _where_it_just_fits(*axes)} for axes in ((2, 3), (2,), (3,))),
    ),
    "pool_first_channel_only": (
        {"finish": lambda z, *_: first(z, 1)},
        {"finish": lambda z, *_: z[:, :1]},
        {"finish": lambda z, *_: np.broadcast_to(z[:, :1], z.shape)},
    ),
    "pool_first_image_only": (
        {"finish": lambda z, *_: first(z, 0)},
        {"finish": lambda z, *_: z[:1]},
        {"finish": lambda z, *_: np.broadcast_to(z[:1], z.shape)},
    ),
    "returns_too_soon": tuple({"finish": lambda z, *_, axes=axes: first(z, *axes)} for axes in TOO_SOON),
    "truncated": ({"finish": lambda z, *_: np.trunc(z)}, {"input": np.trunc}),
}


def _carried_on(gather: np.ufunc) -> tuple[Steps, ...]:
    """What was gathered is never reset, or only for each image, channel or row of outputs."""

    def finish(z: Array, *_: Any, kept: int) -> Array:
        return gather.accumulate(z.reshape(*z.shape[:kept], -1), axis=-1).reshape(z.shape)

    return tuple({"finish": lambda z, *_, kept=kept: finish(z, kept=kept)} for kept in range(4))


def _catalogue(slips: dict[str, tuple[Steps, ...]], besides: Steps | None = None) -> tuple[Mistake, ...]:
    """The mistakes of these slips; `besides`: what another style does in addition."""
    return tuple(
        mistake(name, *steps, *({**step, **besides} for step in steps if besides)) for name, steps in slips.items()
    )


# Cases --------------------------------------------------------------------------------------------------------------


class Pool(NamedTuple):
    """Images, channels, height and width; the window's size, its stride."""

    N: int
    C: int
    H: int
    W: int
    size: int
    stride: int

    def traits(self, x: Array) -> frozenset[str]:
        """What is special about it, and about the numbers in its windows."""
        O_h, O_w = _sizes(x.shape, self.size, self.stride)
        seen = _look(x, reads(O_h, self.size, self.stride), reads(O_w, self.size, self.stride))
        largest = seen.max(axis=(3, 5), keepdims=True)
        said = {
            "several images": self.N > 1,
            "several channels": self.C > 1,
            "a stride above 1": self.stride > 1,
            "an input that is not square": self.H != self.W,
            "rows or columns left over at the end": any((n - self.size) % self.stride for n in (self.H, self.W)),
            "windows that overlap": self.stride < self.size and (O_h, O_w) != (1, 1),
            "a stride larger than the window": self.stride > self.size,
            "windows of a single cell": self.size == 1,
            "more than one output": (O_h, O_w) != (1, 1),
            "equal maxima in a window": bool(((seen == largest).sum(axis=(3, 5)) > 1).any()),
            "a window of only negative numbers": bool((largest < 0).any()),
            "numbers that are not whole": bool((x % 1 != 0).any()),
        }
        return frozenset(words for words, holds in said.items() if holds)


POOLS = [
    Pool(*numbers)
    for numbers in [
        # N  C  H  W size s
        (1, 1, 2, 2, 2, 1),
        (1, 1, 2, 3, 2, 1),
        (1, 1, 3, 2, 2, 1),
        (1, 1, 2, 2, 1, 1),
        (1, 1, 2, 4, 2, 2),
        (1, 1, 4, 2, 2, 2),
        (1, 2, 2, 2, 2, 2),
        (2, 1, 2, 2, 2, 2),
        (1, 1, 3, 3, 2, 1),
        (1, 1, 3, 3, 2, 2),
        (1, 1, 3, 3, 1, 2),
        (1, 1, 3, 4, 1, 1),
        (1, 1, 4, 4, 2, 2),
        (1, 1, 4, 5, 2, 3),
        (1, 1, 5, 4, 3, 1),
        (1, 1, 5, 5, 1, 3),
        (1, 1, 5, 5, 3, 2),
        (1, 2, 3, 4, 2, 1),
        (2, 1, 4, 3, 2, 2),
        (2, 2, 3, 3, 2, 1),
        (1, 1, 5, 6, 2, 3),
        (1, 1, 6, 5, 3, 2),
        (1, 1, 6, 7, 3, 3),
        (1, 2, 5, 7, 2, 3),
        (2, 2, 4, 5, 2, 2),
        (2, 3, 4, 6, 3, 2),
    ]
]
OVERLAPPING = (Pool(1, 1, 2, 3, 2, 1), Pool(1, 1, 3, 3, 2, 1), Pool(1, 2, 3, 4, 3, 1))
NEGATIVE = (Pool(1, 1, 2, 2, 2, 1), Pool(1, 1, 4, 4, 2, 2), Pool(1, 2, 3, 3, 2, 1))
WITH_TIES = (Pool(1, 1, 2, 2, 2, 2), *OVERLAPPING, Pool(1, 1, 4, 4, 2, 2), Pool(2, 2, 3, 5, 3, 2))
AT_RANDOM = 6


def _all_different(rng: np.random.Generator, *shape: int) -> Array:
    """Small whole numbers of both signs without 0, in each channel all different: no window has a tie."""
    N, C, H, W = shape
    below = np.arange(-(H * W // 2), 0.0)
    numbers = np.concatenate([below, np.arange(1.0, H * W - len(below) + 1)])
    return np.array([rng.permutation(numbers) for _ in range(N * C)]).reshape(shape)


def _ties(rng: np.random.Generator, *shape: int) -> Array:
    """One number above all others, in about half of the cells, so that most windows have it more than once."""
    others = rng.integers(1, 4, shape) * rng.choice([-1.0, 1.0], shape)
    return np.where(rng.random(shape) < 0.55, 4.0, others)


def _at_random(rng: np.random.Generator) -> list[Pool]:
    found = []
    for _ in range(AT_RANDOM):
        size, stride = (int(number) for number in rng.integers(1, 4, 2))
        N, C = (int(number) for number in rng.integers(1, 3, 2))
        H, W = (int(number) for number in rng.integers(size, size + 4, 2))
        found.append(Pool(N, C, H, W, size, stride))
    return found


def _cases(rng: np.random.Generator, arguments: Callable[..., Arguments], *, ties: bool) -> list[Case]:
    """The smallest first. arguments: from (rng, pool, x, whole), whether only whole numbers are wanted."""
    drawn = [(pool, _all_different(rng, *pool[:4]), True) for pool in (*POOLS, *_at_random(rng))]
    drawn += [(pool, _all_different(rng, *pool[:4]) - pool.H * pool.W, True) for pool in NEGATIVE]
    for pool in OVERLAPPING:
        drawn.append((pool, _all_different(rng, *pool[:4]) + rng.choice([0.25, 0.5, 0.75], pool[:4]), False))
    if ties:
        drawn += [(pool, _ties(rng, *pool[:4]), True) for pool in WITH_TIES]
        drawn += [(pool, np.full(pool[:4], 3.0), True) for pool in WITH_TIES[:2]]
    found = [Case(arguments(rng, pool, x, whole), pool.traits(x)) for pool, x, whole in drawn]
    return sorted(found, key=lambda case: case.cells)


def _forward_arguments(rng: np.random.Generator, pool: Pool, x: Array, whole: bool) -> Arguments:
    return x, pool.size, pool.stride


def _backward_arguments(rng: np.random.Generator, pool: Pool, x: Array, whole: bool) -> Arguments:
    shape = (*x.shape[:2], *_sizes(x.shape, pool.size, pool.stride))
    return (integers if whole else quarters)(rng, *shape), x, pool.size, pool.stride


# The forward pass ---------------------------------------------------------------------------------------------------


def _largest(seen: Array, *_: Any) -> Array:
    """Of a window without cells: any number."""
    if not seen.size:
        return np.full((*seen.shape[:3], seen.shape[4]), np.nan)
    return np.fmax.reduce(seen, axis=(3, 5))


def _mean_of_cells(seen: Array, *_: Any) -> Array:
    """The mean of as many cells as there are."""
    return np.nansum(seen, axis=(3, 5)) / np.sum(~np.isnan(seen), axis=(3, 5))


def _sum(seen: Array, *_: Any) -> Array:
    return np.nansum(seen, axis=(3, 5))


def _mean(seen: Array, x: Array, size: int, stride: int) -> Array:
    return _sum(seen) / size**2


def _farthest(seen: Array, *_: Any) -> Array:
    """The cell with the largest absolute value, with its sign."""
    return _sum(np.where(_winners(np.abs(seen)) > 0, seen, 0.0))


def _place_in_window(seen: Array, *_: Any) -> Array:
    return np.argmax(_taps_last(seen), axis=-1)


def _place_in_picture(seen: Array, x: Array, size: int, stride: int) -> Array:
    k, l = np.divmod(_place_in_window(seen), size)
    i, j = np.indices(k.shape[2:])
    return (i * stride + k) * x.shape[3] + j * stride + l


def _through(reduce: Callable[..., Array]) -> tuple[Steps, ...]:
    """A window that goes through all channels, all images, or both; reduce: over given axes."""

    def pick(seen: Array, axes: tuple[int, ...]) -> Array:
        z = reduce(seen, axis=(*axes, 3, 5), keepdims=True)
        return np.broadcast_to(z[:, :, :, 0, :, 0], (*seen.shape[:3], seen.shape[4]))

    return (
        *({"pick": lambda seen, *_, axes=axes: pick(seen, axes)} for axes in ((1,), (0,), (0, 1))),
        {"pick": lambda seen, *_: pick(seen, (1,))[:, :1]},
        {"pick": lambda seen, *_: pick(seen, (1,))[:, 0]},
    )


MAX_POOL2D = Task(
    name="max_pool2d",
    title="the forward pass of max pooling",
    answer=solutions.max_pool2d,
    recipe=_forward,
    steps={**FORWARD, "pick": _largest},
    mistakes=(
        mistake(
            "pool_maximum_from_zero",
            {"pick": lambda seen, *_: np.maximum(0.0, _largest(seen))},
        ),
        *_catalogue(STANDING),
        *_catalogue(LEFT_OUT),
        mistake("pool_never_reset", *_carried_on(np.maximum)),
        mistake("pool_one_for_all", *_through(np.max)),
        mistake("pool_mean_for_maximum", {"pick": _mean_of_cells}),
        mistake("pool_sum_for_maximum", {"pick": _sum}),
        mistake("pool_minimum_for_maximum", {"pick": lambda seen, *_: -_largest(-seen)}),
        mistake("pool_largest_absolute", {"pick": lambda seen, *_: _largest(np.abs(seen))}, {"pick": _farthest}),
        mistake("pool_place_for_maximum", {"pick": _place_in_window}, {"pick": _place_in_picture}),
    ),
    cases=lambda rng: _cases(rng, _forward_arguments, ties=True),
    hints=(
        "How many windows fit along each axis? It is the output size of a convolution without padding.",
        "The window of output (i, j) starts at row i·stride and column j·stride, and has size rows and columns.",
        "Take the maximum of x[:, :, i·stride : i·stride + size, j·stride : j·stride + size] over its axes 2 and 3.",
    ),
    notice="Of each window one cell decides. The others could change a little, and z would not: what of dx?",
    forbidden=frozenset({"max_pool2d", "max_pool_taps"}),
)

AVG_POOL2D = Task(
    name="avg_pool2d",
    title="the forward pass of average pooling",
    answer=solutions.avg_pool2d,
    recipe=_forward,
    steps={**FORWARD, "pick": _mean},
    mistakes=(
        *_catalogue(STANDING, {"pick": _mean_of_cells}),
        *_catalogue(LEFT_OUT),
        mistake("pool_never_reset", *_carried_on(np.add)),
        mistake(
            "pool_one_for_all",
            *_through(np.mean),
            *_through(lambda seen, **axes: seen.sum(**axes) / (seen.shape[3] * seen.shape[5])),
        ),
        mistake("pool_not_divided", {"pick": _sum}),
        mistake("pool_divided_by_one_side", {"pick": lambda seen, x, size, stride: _sum(seen) / size}),
        mistake(
            "pool_divided_by_stride",
            {"pick": lambda seen, x, size, stride: _sum(seen) / stride**2},
            {"pick": lambda seen, x, size, stride: _sum(seen) / stride},
        ),
        mistake("pool_divided_twice", {"pick": lambda seen, x, size, stride: _sum(seen) / size**4}),
        mistake("pool_divided_by_picture", {"pick": lambda seen, x, size, stride: _sum(seen) / x[0, 0].size}),
        mistake("pool_rounded_down", {"pick": lambda seen, x, size, stride: _sum(seen) // size**2}),
        mistake("pool_maximum_for_mean", {"pick": _largest}),
    ),
    cases=lambda rng: _cases(rng, _forward_arguments, ties=False),
    hints=(
        "How many windows fit along each axis? It is the output size of a convolution without padding.",
        "The window of output (i, j) starts at row i·stride and column j·stride. How many cells has it?",
        "Take the mean of x[:, :, i·stride : i·stride + size, j·stride : j·stride + size] over its axes 2 and 3.",
    ),
    notice="This is a convolution of each channel by itself; its kernel is 1/size² everywhere, and never learns.",
    forbidden=frozenset({"avg_pool2d"}),
)


# The backward pass --------------------------------------------------------------------------------------------------


def _backward(step: SimpleNamespace, dz: Array, x: Array, size: int, stride: int) -> Array:
    u, v = step.rows(dz.shape[2], size, stride), step.columns(dz.shape[3], size, stride)
    seen = step.look(x, u, v)
    heard = step.heard(dz, x, size, stride)[:, :, :, None, :, None]
    values = step.weigh(heard, step.share(seen, x, size, stride), seen)
    return step.finish(step.place(values, u, v, step.shape(x.shape, dz.shape, size, stride)), dz)


BACKWARD: Steps = {
    "look": _look,
    "rows": reads,
    "columns": reads,
    "heard": lambda dz, x, size, stride: dz,
    "weigh": lambda heard, share, seen: heard * share,
    "shape": lambda x_shape, dz_shape, size, stride: x_shape,
    "place": stamp,
    "finish": lambda dx, dz: dx,
}


def _taps_last(seen: Array, *, by_columns: bool = False) -> Array:
    """Each window as one row of numbers, (N, C, O_h, O_w, K·K); what is outside of the input is the least of all."""
    taps = seen.transpose(0, 1, 2, 4, 5, 3) if by_columns else seen.transpose(0, 1, 2, 4, 3, 5)
    return np.where(np.isnan(taps), -np.inf, taps).reshape(*taps.shape[:4], -1)


def _winners(seen: Array, *, last: bool = False, by_columns: bool = False) -> Array:
    """1 for the largest cell of each window and 0 for the others, shaped as `seen`."""
    taps = _taps_last(seen, by_columns=by_columns)
    place = taps.shape[-1] - 1 - taps[..., ::-1].argmax(-1) if last else taps.argmax(-1)
    marks = (np.arange(taps.shape[-1]) == place[..., None]).astype(float)
    N, C, O_h, K_h, O_w, K_w = seen.shape
    if by_columns:
        return marks.reshape(N, C, O_h, O_w, K_w, K_h).transpose(0, 1, 2, 5, 3, 4)
    return marks.reshape(N, C, O_h, O_w, K_h, K_w).transpose(0, 1, 2, 4, 3, 5)


def _all_largest(seen: Array, axes: tuple[int, ...] = (3, 5)) -> Array:
    """1 for every cell that is as large as the largest."""
    return (seen == np.fmax.reduce(seen, axis=axes, keepdims=True)).astype(float)


def _shared(seen: Array, *_: Any) -> Array:
    marks = _all_largest(seen)
    return marks / marks.sum(axis=(3, 5), keepdims=True)


def _above_zero(seen: Array, *_: Any) -> Array:
    """No winner in a window of only negative numbers."""
    return _winners(seen) * (seen > 0)


def _above_zero_or_first(seen: Array, *_: Any) -> Array:
    """The first cell wins a window of only negative numbers."""
    return np.where(_largest(seen)[:, :, :, None, :, None] > 0, _winners(seen), _only_cell(seen, 0))


def _only_cell(seen: Array, place: int) -> Array:
    marks = np.zeros(seen.shape)
    marks[:, :, :, place, :, place] = 1.0
    return marks


def _to_corner(dz: Array, x: Array, size: int, stride: int) -> Array:
    """All of the recipe, but a window of only negative numbers sends its gradient to cell (0, 0) of the input."""
    u, v = reads(dz.shape[2], size, stride), reads(dz.shape[3], size, stride)
    seen = _look(x, u, v)
    dx = stamp(dz[:, :, :, None, :, None] * _above_zero(seen), u, v, x.shape)
    dx[:, :, 0, 0] += np.where(_largest(seen) > 0, 0.0, dz).sum(axis=(2, 3))
    return dx


def _unravelled_by_stride(dz: Array, x: Array, size: int, stride: int) -> Array:
    """All of the recipe, but with the place in the window as divmod(argmax, stride)."""
    i, j = np.indices(dz.shape[2:])
    seen = _look(x, reads(dz.shape[2], size, stride), reads(dz.shape[3], size, stride))
    k, l = np.divmod(_place_in_window(seen), stride)
    n, c = np.ogrid[: dz.shape[0], : dz.shape[1]]
    dx = np.zeros(x.shape)
    np.add.at(dx, (n[..., None, None], c[..., None, None], i * stride + k, j * stride + l), dz)
    return dx


def _overwriting(order: str) -> Callable[..., Array]:
    return lambda values, u, v, shape: overwrite(values, u, v, shape, order)


def _winners_overwrite(order: str) -> Callable[..., Array]:
    """The last one wins among those that have a gradient: the other cells of a window are not touched."""

    def place(values: Array, u: Array, v: Array, shape: Sequence[int]) -> Array:
        canvas = np.zeros(tuple(shape))
        for n, c in np.ndindex(*values.shape[:2]):
            for at in np.ndindex(*(values.shape["ncikjl".index(axis)] for axis in order)):
                i, k, j, l = (at[order.index(axis)] for axis in "ikjl")
                inside = u[i, k] < shape[-2] and v[j, l] < shape[-1]
                if inside and values[n, c, i, k, j, l]:
                    canvas[n, c, u[i, k], v[j, l]] = values[n, c, i, k, j, l]
        return canvas

    return place


def _without_start(values: Array, u: Array, v: Array, shape: Sequence[int]) -> Array:
    return stamp(values, reads(u.shape[0], u.shape[1], 0), reads(v.shape[0], v.shape[1], 0), shape)


def _without_start_overwritten(values: Array, u: Array, v: Array, shape: Sequence[int]) -> Array:
    corner = reads(u.shape[0], u.shape[1], 0), reads(v.shape[0], v.shape[1], 0)
    return _winners_overwrite("ijkl")(values, *corner, shape)


def _averaged(counted: Callable[[Array], Array]) -> Callable[..., Array]:
    def place(values: Array, u: Array, v: Array, shape: Sequence[int]) -> Array:
        return stamp(values, u, v, shape) / np.maximum(1.0, stamp(counted(values), u, v, shape))

    return place


def _added_as_ints(values: Array, u: Array, v: Array, shape: Sequence[int]) -> Array:
    """Cut off after each addition, in the order of windows: cells of an array of ints."""
    canvas = np.zeros(tuple(shape))
    for i, j, k, l in np.ndindex(*(values.shape["ncikjl".index(axis)] for axis in "ijkl")):
        if u[i, k] < shape[-2] and v[j, l] < shape[-1]:
            cell = canvas[:, :, u[i, k], v[j, l]]
            cell[...] = np.trunc(cell + values[:, :, i, k, j, l])
    return canvas


def _silent_where_it_just_fits(*axes: int) -> Callable[..., Array]:
    finish = _where_it_just_fits(*axes)
    return lambda dz, x, size, stride: finish(dz, x, size, stride)


SCATTERED: dict[str, tuple[Steps, ...]] = {
    "pool_windows_side_by_side": (ONE_STEP,),
    "stride_on_one_axis": ({"rows": ONE_STEP["rows"]}, {"columns": ONE_STEP["columns"]}),
    "pool_stride_is_size": _reaching_out(SIDE_BY_SIDE),
    "pool_size_is_stride": _reaching_out(OF_STRIDE),
    "pool_size_and_stride_exchanged": _reaching_out(EXCHANGED),
    "pool_stride_used_twice": (TWICE,),
    "pool_window_too_small": (SMALLER,),
    "pool_window_too_large": _reaching_out(LARGER),
    "pool_window_is_a_line": LINES,
    "pool_without_start": ({"place": _without_start}, {"place": _without_start_overwritten}),
    "pool_dx_shape_from_dz": (
        {"shape": lambda x, dz, K, s: (*dz[:2], (dz[2] - 1) * s + K, (dz[3] - 1) * s + K)},
        {"shape": lambda x, dz, K, s: (*dz[:2], dz[2] * s, dz[3] * s)},
        {"shape": lambda x, dz, K, s: (*dz[:2], dz[2] * K, dz[3] * K)},
    ),
    "pool_dx_transposed": ({"finish": lambda dx, dz: dx.swapaxes(2, 3)},),
    "pool_last_window_silent": (
        *({"heard": lambda dz, *_, axes=axes: short_of_last(dz, *axes)} for axes in ((2, 3), (2,), (3,))),
        *({"heard": _silent_where_it_just_fits(*axes)} for axes in ((2, 3), (2,), (3,))),
    ),
    "pool_dx_returns_too_soon": tuple({"heard": lambda dz, *_, axes=axes: first(dz, *axes)} for axes in TOO_SOON),
    "pool_first_channel_only": ({"heard": lambda dz, *_: first(dz, 1)},),
    "pool_first_image_only": ({"heard": lambda dz, *_: first(dz, 0)},),
    "pool_gradient_divided_by_batch": ({"finish": lambda dx, dz: dx / len(dz)},),
    "truncated": (
        {"finish": lambda dx, dz: np.trunc(dx)},
        {"place": _added_as_ints},
        {"heard": lambda dz, *_: np.trunc(dz)},
    ),
}
OVERWRITTEN: tuple[Steps, ...] = ({"place": _overwriting("ijkl")}, {"place": _overwriting("klij")})

MAX_POOL2D_BACKWARD = Task(
    name="max_pool2d_backward",
    title="the backward pass of max pooling",
    answer=solutions.max_pool2d_backward,
    recipe=_backward,
    steps={**BACKWARD, "share": lambda seen, *_: _winners(seen)},
    mistakes=(
        mistake("pool_ties_shared", {"share": _shared}, policy=True),
        mistake("pool_ties_to_last", {"share": lambda seen, *_: _winners(seen, last=True)}, policy=True),
        mistake(
            "pool_ties_by_columns",
            {"share": lambda seen, *_: _winners(seen, by_columns=True)},
            {"share": lambda seen, *_: _winners(seen, by_columns=True, last=True)},
            policy=True,
        ),
        mistake("pool_ties_all_win", {"share": lambda seen, *_: _all_largest(seen)}),
        mistake(
            "pool_overlap_overwritten",
            *OVERWRITTEN,
            {"place": _winners_overwrite("ijkl")},
            {"place": _winners_overwrite("klij")},
        ),
        mistake(
            "pool_overlap_averaged",
            {"place": _averaged(np.ones_like)},
            {"place": _averaged(lambda values: (values != 0).astype(float))},
        ),
        *_catalogue(SCATTERED),
        mistake("pool_all_cells_win", {"share": lambda seen, *_: np.ones(seen.shape)}),
        mistake("pool_spread_like_a_mean", {"share": lambda seen, x, size, stride: np.full(seen.shape, 1 / size**2)}),
        mistake(
            "pool_wins_counted",
            {"weigh": lambda heard, share, seen: share},
            {"weigh": lambda heard, share, seen: share, "place": _winners_overwrite("ijkl")},
            {"weigh": lambda heard, share, seen: _all_largest(seen)},
            {"weigh": lambda heard, share, seen: _all_largest(seen), "place": _winners_overwrite("ijkl")},
        ),
        mistake(
            "pool_value_for_gradient",
            {"weigh": lambda heard, share, seen: share * seen},
            {"weigh": lambda heard, share, seen: share * seen, "place": _winners_overwrite("ijkl")},
        ),
        mistake("pool_gradient_times_value", {"weigh": lambda heard, share, seen: heard * share * seen}),
        mistake(
            "pool_winner_from_zero",
            {"share": _above_zero},
            {"share": _above_zero_or_first},
            {WHOLE: _to_corner},
        ),
        mistake("pool_smallest_wins", {"share": lambda seen, *_: _winners(-seen)}),
        mistake("pool_largest_absolute_wins", {"share": lambda seen, *_: _winners(np.abs(seen))}),
        mistake("pool_place_transposed", {"share": lambda seen, *_: _winners(seen).swapaxes(3, 5)}),
        mistake("pool_place_by_stride", {WHOLE: _unravelled_by_stride}),
        mistake(
            "pool_winner_of_one_channel",
            {"share": lambda seen, *_: np.broadcast_to(_winners(seen[:, :1]), seen.shape)},
        ),
        mistake(
            "pool_winner_of_one_image",
            {"share": lambda seen, *_: np.broadcast_to(_winners(seen[:1]), seen.shape)},
        ),
        mistake(
            "pool_rivals_elsewhere",
            *(
                {"share": lambda seen, *_, axes=axes: _all_largest(seen, (*axes, 3, 5))}
                for axes in ((1,), (0,), (0, 1))
            ),
        ),
        mistake(
            "pool_one_cell_gets_all",
            {"share": lambda seen, *_: _only_cell(seen, 0)},
            {"share": lambda seen, *_: _only_cell(seen, -1)},
        ),
    ),
    cases=lambda rng: _cases(rng, _backward_arguments, ties=True),
    hints=(
        "Take one window and its output. If one of its cells grows a little, does the output grow? For which cell?",
        "Find the largest cell of each window again: argmax gives its place in the window. Where is that in x?",
        "In one window, k, l = np.unravel_index(window.argmax(), window.shape). Which cell of dx gets its dz?",
    ),
    notice="Without a tie, each gradient goes to one cell, whole: where no windows overlap, dx has the numbers of dz, "
    "and zeros else.",
    forbidden=frozenset({"max_pool2d_backward", "max_pool_taps_backward"}),
)


def _even(seen: Array, x: Array, size: int, stride: int) -> Array:
    return np.full(seen.shape, 1 / size**2)


AVG_POOL2D_BACKWARD = Task(
    name="avg_pool2d_backward",
    title="the backward pass of average pooling",
    answer=solutions.avg_pool2d_backward,
    recipe=_backward,
    steps={**BACKWARD, "share": _even},
    mistakes=(
        mistake("pool_gradient_not_divided", {"share": lambda seen, *_: np.ones(seen.shape)}),
        mistake(
            "pool_gradient_divided_by_one_side",
            {"share": lambda seen, x, size, stride: np.full(seen.shape, 1 / size)},
        ),
        mistake(
            "pool_gradient_divided_by_stride",
            {"share": lambda seen, x, size, stride: np.full(seen.shape, 1 / stride**2)},
            {"share": lambda seen, x, size, stride: np.full(seen.shape, 1 / stride)},
        ),
        mistake(
            "pool_gradient_divided_twice",
            {"share": lambda seen, x, size, stride: np.full(seen.shape, 1 / size**4)},
        ),
        mistake(
            "pool_gradient_divided_by_picture",
            {"share": lambda seen, x, size, stride: np.full(seen.shape, 1 / x[0, 0].size)},
            {"share": lambda seen, *_: np.full(seen.shape, 1 / (seen.shape[2] * seen.shape[4]))},
        ),
        mistake("pool_overlap_overwritten", *OVERWRITTEN),
        mistake(
            "pool_overlap_averaged",
            {"place": _averaged(np.ones_like)},
            {"place": _averaged(np.ones_like), "share": lambda seen, *_: np.ones(seen.shape)},
        ),
        *_catalogue(SCATTERED),
        mistake(
            "pool_windows_counted",
            {"weigh": lambda heard, share, seen: share},
            {"weigh": lambda heard, share, seen: np.ones(seen.shape)},
        ),
        mistake("pool_gradient_times_value", {"weigh": lambda heard, share, seen: heard * share * seen}),
        mistake(
            "pool_winner_gets_all",
            {"share": lambda seen, *_: _winners(seen)},
            {"share": lambda seen, *_: _winners(seen) / (seen.shape[3] * seen.shape[5])},
        ),
        mistake(
            "pool_one_cell_gets_all",
            {"share": lambda seen, *_: _only_cell(seen, 0)},
            {"share": lambda seen, *_: _only_cell(seen, -1)},
            {"share": lambda seen, x, size, stride: _only_cell(seen, 0) / size**2},
            {"share": lambda seen, x, size, stride: _only_cell(seen, -1) / size**2},
        ),
    ),
    cases=lambda rng: _cases(rng, _backward_arguments, ties=False),
    hints=(
        "Take one window and its output. If one of its cells grows by 1, by how much does the output grow?",
        "Every cell of a window gets the same share of its gradient. What if a cell is in several windows?",
        "To dx[:, :, i·stride : i·stride + size, j·stride : j·stride + size] add dz[:, :, i, j, None, None]/size².",
    ),
    notice="No number of x was ever used: a mean is linear, so its gradient is the same whatever it is the mean of.",
    forbidden=frozenset({"avg_pool2d_backward"}),
)

TASKS = (MAX_POOL2D, AVG_POOL2D, MAX_POOL2D_BACKWARD, AVG_POOL2D_BACKWARD)

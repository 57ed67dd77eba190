"""Kernels for themselves: turned by a true convolution, and two in a row as one."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from lessonconv.exercises.solutions import kernels as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Case, Steps, Task
from lessonconv.exercises.tasks.forward import CORRELATE2D
from lessonconv.exercises.tasks.geometry import integers, quarters
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # a true convolution
    "convolve_not_turned": (
        "The kernel is not turned.",
        "Cross-correlation: tap (k, l) meets x[i + k, j + l], as in the layers of networks.",
        "In the equation k grows by 1. Which way does the row of x go then?",
    ),
    "convolve_transposed": (
        "The kernel's rows and columns are exchanged.",
        "A transposed kernel: turning by 180° never makes a row of a column.",
        "A kernel of 2 rows and 3 columns, turned by 180°: how many rows has it now?",
    ),
    "convolve_mirrored": (
        "The kernel is mirrored along one axis only.",
        "Rows run backwards, or columns do. Turning by 180° is both at once.",
        "The equation has a minus before k, and another one before which index?",
    ),
    "convolve_turned_by_90": (
        "The kernel is turned by 90°.",
        "A quarter turn: np.rot90 makes one, unless it is told how many.",
        "Two quarter turns, or one?",
    ),
    "convolve_image_turned": (
        "The image is turned.",
        "The output comes out turned by 180°.",
        "Which of the two has an index with a minus before k, and is it read backwards from its own end?",
    ),
    "convolve_index_wraps": (
        "An index falls below 0, and NumPy counts from the other end.",
        "Output (i, j) reads x[i − k, j − l], which for small i is the far end of the image.",
        "For i = 0 and k = 1: which row should tap k meet, and which one is x[−1]?",
    ),
    "convolve_full": (
        "There are outputs for places where the kernel stands out of the image.",
        'The "full" convolution, with H + K − 1 rows, as if there were zeros around the image.',
        "For which outputs do all taps of the kernel lie on the image?",
    ),
    # two kernels in a row
    "compose_correlated": (
        "One of the two kernels runs backwards.",
        "The cross-correlation of the two kernels. What two correlations in a row come to is their convolution.",
        "Tap k of the first and tap l of the second: at which input, counted from the output, do they meet?",
    ),
    "compose_turned": (
        "The result is turned by 180°.",
        "Both kernels run backwards.",
        "The first taps of both kernels read the first cell of the window. Which tap of w12 should that be?",
    ),
    "compose_transposed": (
        "Rows and columns are exchanged.",
        "One of the kernels, or the result, is transposed.",
        "When k grows by 1, which index of w12 grows?",
    ),
    "compose_overwritten": (
        "Where products fall on the same tap, the last one overwrites the others.",
        "A tap that several pairs lead to keeps what the last one brought.",
        "How many pairs of taps lead to the middle of w12, and what should stand there?",
    ),
    "compose_one_too_large": (
        "The result has one row and one column too many.",
        "J + K rows, where the last one stays empty.",
        "Two kernels of one tap each: how large is the one that does the same?",
    ),
    "compose_cropped": (
        "The result is cut to the size of one of the kernels.",
        'What is called "same" or "valid" elsewhere: taps at the rim are lost.',
        "An output reads a window of 3×3 of cells that read windows of 3×3 themselves. How far does it see?",
    ),
    "compose_cell_by_cell": (
        "The kernels are multiplied cell by cell.",
        "w1[k, l]·w2[k, l]: as many numbers as before.",
        "Does the first tap of w1 meet the second tap of w2 anywhere?",
    ),
    "compose_matrix_product": (
        "The kernels are multiplied as matrices.",
        "w1 @ w2: the product of two matrices, which knows nothing of shifts.",
        "Two 3×3 filters in a row see 5×5 cells of the input. How large is your kernel?",
    ),
    "compose_added": (
        "The kernels are added.",
        "That is two filters side by side, whose outputs are added up.",
        "Does your second filter read what the first one has made?",
    ),
}


def _turned(w: Array) -> Array:
    """Turned by 180°, in the last two axes."""
    return w[..., ::-1, ::-1]


# The true convolution -----------------------------------------------------------------------------------------------


def _wrapped(x: Array, w: Array) -> Array:
    """Σ w[k, l] · x[i − k, j − l], where a negative index counts from the end."""
    K_h, K_w = w.shape
    rows, columns = (np.arange(size - taps + 1) for size, taps in zip(x.shape, w.shape, strict=True))
    z = np.zeros((len(rows), len(columns)))
    for k, l in np.ndindex(K_h, K_w):
        z += w[k, l] * x[(rows - k)[:, None], columns - l]
    return z


def _stamped(w1: Array, w2: Array) -> Array:
    """Every tap of the first lays down the second, times its own value: the full convolution."""
    (J_h, J_w), (K_h, K_w) = w1.shape, w2.shape
    total = np.zeros((J_h + K_h - 1, J_w + K_w - 1))
    for k, l in np.ndindex(J_h, J_w):
        total[k : k + K_h, l : l + K_w] += w1[k, l] * w2
    return total


def _windowed(change: Callable[[Array], Array]) -> Steps:
    """Windows times a changed kernel, as NumPy multiplies: one row or column of taps is spread over the window."""

    def whole(x: Array, w: Array) -> Array:
        (K_h, K_w), taps = w.shape, change(w)
        size = x.shape[0] - K_h + 1, x.shape[1] - K_w + 1
        products = [(x[i : i + K_h, j : j + K_w] * taps).sum() for i, j in np.ndindex(*size)]
        return np.array(products).reshape(size)

    return {WHOLE: whole}


def _without(*axes: int, last: bool = True) -> Callable[[Array], Array]:
    """A kernel whose last taps along these axes are 0, or whose first ones are."""

    def short(w: Array) -> Array:
        kept = w.copy()
        for axis in axes:
            np.moveaxis(kept, axis, 0)[-1 if last else 0] = 0
        return kept

    return short


def _missing(short: Callable[[Array], Array]) -> Steps:
    """The turned kernel without some of its taps."""
    return {"kernel": lambda w: _turned(short(w))}


def _only(tap: int) -> Steps:
    """Of a window's products only the first (0), or the last (−1)."""
    return {"total": lambda seen, w: np.einsum("ncij,fc->nfij", seen[:, :, :, tap, :, tap], w[:, :, tap, tap])}


RIM = ((-2, -1), (-2,), (-1,))  # of a kernel's taps: in both directions, in its rows, in its columns
SHARED = (
    *("size_one_short", "last_window_missed", "size_from_one_axis"),
    *("output_transposed", "outputs_added_up", "returns_too_soon"),
)

CONVOLVE2D = replace(
    CORRELATE2D,
    name="convolve2d",
    title="a true convolution of one image with one kernel",
    answer=solutions.convolve2d,
    steps={**CORRELATE2D.steps, "kernel": _turned},
    mistakes=(
        mistake("convolve_not_turned", {"kernel": lambda w: w}),
        mistake(
            "convolve_transposed",
            {"kernel": lambda w: w.swapaxes(2, 3)},
            {"kernel": lambda w: _turned(w).swapaxes(2, 3)},
            _windowed(lambda w: w.T),
            _windowed(lambda w: _turned(w).T),
        ),
        mistake("convolve_mirrored", {"kernel": lambda w: w[:, :, ::-1]}, {"kernel": lambda w: w[:, :, :, ::-1]}),
        mistake(
            "convolve_turned_by_90",
            {"kernel": lambda w: np.rot90(w, 1, (2, 3))},
            {"kernel": lambda w: np.rot90(w, -1, (2, 3))},
            _windowed(lambda w: np.rot90(w, 1)),
            _windowed(lambda w: np.rot90(w, -1)),
        ),
        mistake("convolve_image_turned", {"finish": _turned}, {"finish": _turned, "kernel": lambda w: w}),
        mistake("convolve_index_wraps", {WHOLE: _wrapped}),
        mistake("convolve_full", {WHOLE: _stamped}),
        mistake("only_last_product", _only(0), _only(-1)),
        mistake(
            "tap_missed",
            *(_missing(_without(*axes, last=last)) for axes in RIM for last in (True, False)),
        ),
        *(known for known in CORRELATE2D.mistakes if known.name in SHARED),
    ),
    hints=(
        "With a 3×3 kernel, which tap multiplies x[0, 0] in output (0, 0)? Put k = 0 into the equation, then k = 2.",
        "You have a function that correlates. What has to happen to the kernel before it may be used here?",
        "w[::-1, ::-1] is the kernel turned by 180°. Correlate with it; or write w[K_h − 1 − k, K_w − 1 − l].",
    ),
    notice="Turn the kernel once more, and you are back at the correlation: the two differ by a turn, and by no more.",
    forbidden=frozenset({"conv2d"}),
)

# Two kernels in a row -----------------------------------------------------------------------------------------------


def _compose(step: SimpleNamespace, w1: Array, w2: Array) -> Array:
    """The kernels as they are taken, every pair of taps put in its place, and what becomes of the result."""
    w1, w2 = step.first(w1), step.second(w2)
    return np.asarray(step.finish(step.pairs(w1, w2), w1, w2))


def _last_wins(w1: Array, w2: Array) -> Array:
    """As `_stamped`, but each stamp replaces what lies there."""
    (J_h, J_w), (K_h, K_w) = w1.shape, w2.shape
    kept = np.zeros((J_h + K_h - 1, J_w + K_w - 1))
    for k, l in np.ndindex(J_h, J_w):
        kept[k : k + K_h, l : l + K_w] = w1[k, l] * w2
    return kept


def _same(w12: Array, size: tuple[int, int]) -> Array:
    """The middle of it, as large as this; of two middles the upper left one."""
    top, left = ((have - want) // 2 for have, want in zip(w12.shape, size, strict=True))
    return w12[top : top + size[0], left : left + size[1]]


def _inside(w12: Array, w1: Array, w2: Array) -> Array:
    """Only where the smaller kernel lies inside of the larger one."""
    least = [min(a, b) for a, b in zip(w1.shape, w2.shape, strict=True)]
    return w12[least[0] - 1 : w12.shape[0] - least[0] + 1, least[1] - 1 : w12.shape[1] - least[1] + 1]


def _compose_cases(rng: np.random.Generator) -> list[Case]:
    """Kernels of one shape and of two, square ones and others, with numbers that are whole and that are not."""
    shapes = [
        *[((1, 1), (1, 1)), ((1, 1), (2, 2)), ((2, 2), (1, 1)), ((1, 2), (1, 2)), ((2, 1), (1, 2)), ((1, 3), (3, 1))],
        *[((2, 2), (2, 2)), ((2, 3), (3, 2)), ((2, 3), (2, 3)), ((3, 3), (2, 2)), ((2, 2), (3, 3)), ((1, 2), (3, 3))],
        *[((3, 3), (3, 3)), ((3, 2), (4, 3)), ((4, 4), (3, 3)), ((3, 4), (2, 5)), ((5, 5), (3, 3)), ((2, 4), (4, 2))],
    ]
    found = []
    for one, other in shapes:
        said = {
            "kernels of two sizes": one != other,
            "a kernel that is not square": one[0] != one[1] or other[0] != other[1],
            "more than one tap in both": max(one) > 1 and max(other) > 1,
        }
        traits = frozenset(words for words, holds in said.items() if holds)
        for numbers in (integers, quarters):
            arguments: Arguments = (numbers(rng, *one), numbers(rng, *other))
            found.append(Case(arguments, traits | ({"numbers that are not whole"} if numbers is quarters else set())))
    return sorted(found, key=lambda case: case.cells)


COMPOSE_KERNELS = Task(
    name="compose_kernels",
    title="two correlations in a row as one kernel",
    answer=solutions.compose_kernels,
    recipe=_compose,
    steps={
        "first": lambda w: w,
        "second": lambda w: w,
        "pairs": _stamped,
        "finish": lambda w12, w1, w2: w12,
    },
    mistakes=(
        mistake("compose_correlated", {"second": _turned}, {"first": _turned}),
        mistake("compose_turned", {"finish": lambda w12, w1, w2: _turned(w12)}),
        mistake(
            "compose_transposed",
            {"finish": lambda w12, w1, w2: w12.T},
            {"first": lambda w: w.T},
            {"second": lambda w: w.T},
        ),
        mistake("compose_overwritten", {"pairs": _last_wins}, {"pairs": lambda w1, w2: _last_wins(w2, w1)}),
        mistake("compose_one_too_large", {"finish": lambda w12, w1, w2: np.pad(w12, ((0, 1), (0, 1)))}),
        mistake(
            "compose_cropped",
            {"finish": lambda w12, w1, w2: _same(w12, w1.shape)},
            {"finish": lambda w12, w1, w2: _same(w12, w2.shape)},
            {"finish": _inside},
        ),
        mistake("compose_cell_by_cell", {WHOLE: lambda w1, w2: w1 * w2}),
        mistake("compose_matrix_product", {WHOLE: lambda w1, w2: w1 @ w2}),
        mistake("compose_added", {WHOLE: lambda w1, w2: w1 + w2}),
        mistake(
            "tap_missed",
            *({kernel: _without(*axes)} for kernel in ("first", "second") for axes in RIM),
        ),
    ),
    cases=_compose_cases,
    hints=(
        "Begin with rows: w1 = (1, 1) and w2 = (1, 2). Write out what the second filter makes of the first one's "
        "output. How often does each input occur?",
        "Tap (k, l) of w1 and tap (k′, l′) of w2 read the input (k + k′, l + l′) cells away from the output: "
        "that is their place in w12.",
        "Start with zeros of (J_h + K_h − 1, J_w + K_w − 1). For every tap (k, l) of w1, add w1[k, l]·w2 to "
        "w12[k : k + K_h, l : l + K_w].",
    ),
    notice="Two layers with nothing between them are one layer. What stands between them in a network, and why?",
)

TASKS = (CONVOLVE2D, COMPOSE_KERNELS)

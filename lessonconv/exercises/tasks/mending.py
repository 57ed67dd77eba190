"""Chapter 12: listings to mend, each with two slips in it, and the two functions that all of the series comes down to.

A listing is judged as any answer is: the slips that are still in it are named, one or both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from lessonconv.exercises import listings
from lessonconv.exercises.solutions import mending as solutions
from lessonconv.exercises.task import Arguments, Array, Case, Steps, Task
from lessonconv.exercises.tasks.backward import CONV2D_DW, CONV2D_DX
from lessonconv.exercises.tasks.geometry import integers
from lessonconv.exercises.tasks.words import WORDS, mistake
from lessonconv.window import Axis

WORDS |= {
    "sum_added_again": (
        "What has been added up so far is added again and again.",
        "The first row counts as often as there are rows, the next one time less, and so on: a sum of running totals.",
        "After which of the loops is the total complete? And where does your code hand it over?",
    ),
    "dz_lost": (
        "∂L/∂z is not in the product.",
        "How strongly each input is read, Σ w, whatever the outputs ask for.",
        "Two partners meet in every product of this sum. Which two?",
    ),
    # the list of meetings
    "list_without_stride": (
        "The stride is not in the index.",
        "Output o and tap k meet at o + k − p: windows that move on by 1.",
        "If output 0 starts at input 0 and the stride is 2, where does output 1 start?",
    ),
    "list_strides_on_taps": (
        "The stride moves the taps apart, not the outputs.",
        "Output o and tap k meet at o + k·s − p: that is dilation.",
        "Within one window, how far apart are the cells that two neighbouring taps meet?",
    ),
    "list_padding_turned": (
        "The padding has the wrong sign.",
        "The list of windows that begin p cells late, not p cells early.",
        "With padding 1, does the first window begin before the first input, or behind it?",
    ),
    "list_padding_forgotten": (
        "The padding is not in the index.",
        "Output o and tap k meet at o·s + k, as if the zeros stood at the end only.",
        "With padding 1, which input does output 0 meet with tap 1?",
    ),
    "list_with_padding": (
        "Meetings with the padding are listed too.",
        "Indices below 0, or behind the last input: in NumPy the first kind reads the other end.",
        "Which indices does an input of 5 cells have?",
    ),
    "list_taps_backwards": (
        "The taps run backwards.",
        "Tap k is where tap K − 1 − k should be: the list of a true convolution.",
        "Which tap of the first window meets its first cell?",
    ),
    "list_by_taps": (
        "The list goes tap by tap; the docstring says output by output.",
        "The same meetings in another order. No sum minds.",
        "",
    ),
    # the walk
    "walk_keeps_the_last": (
        "Where several meetings add to one cell, only the last one counts.",
        "The product of each cell's last meeting. In NumPy total[to] += … does that: it reads, adds and writes once.",
        "What is a[[0, 0]] += 1 for an array of zeros, one or two?",
    ),
    "walk_adds_partners": (
        "The two partners are added, not multiplied.",
        "The sum of one + other over all meetings.",
        "What does an output make of a weight and the input that it meets?",
    ),
    "walk_forgets_a_partner": (
        "One of the two partners is not in the product.",
        "The sum of one factor alone.",
        "What two numbers does each meeting bring along?",
    ),
    "walk_too_short": (
        "The result ends with the last cell that somebody meets.",
        "Too few cells where the last ones are in no meeting at all.",
        "An input that no window reads: does it have no gradient, or the gradient 0?",
    ),
}


# To mend ------------------------------------------------------------------------------------------------------------


def _often(dz: Array, seen: Array, *axes: int) -> Array:
    """The sum in which what stands first along some axes counts as often as they are long, what stands last once."""
    left = [dz.shape[axis] for axis in axes]
    times = np.arange(int(np.prod(left)), 0, -1).reshape(left)
    shape = [dz.shape[axis] if axis in axes else 1 for axis in range(4)]
    return np.einsum("nfij,ncikjl->fckl", dz * times.reshape(shape), seen)


AGAIN: tuple[Steps, ...] = tuple(
    {"total": lambda dz, seen, axes=axes: _often(dz, seen, *axes)} for axes in ((2,), (3,), (2, 3), (0,), (0, 2, 3))
)

MEND_DW = replace(
    CONV2D_DW,
    name="mend_dw",
    title="a listing for ∂L/∂w, to mend",
    answer=solutions.mend_dw,
    listing=listings.mend_dw,
    mistakes=(*CONV2D_DW.mistakes, mistake("sum_added_again", *AGAIN)),
    hints=(
        "Take a layer with two rows of outputs and one column, and write down what “total” is at each step, and what "
        "goes into dw.",
        "In Python the indentation is the brace. Which loops should be over when “total” is handed to dw? And why "
        "should an image's share depend on how many images there are?",
        "Move dw[f, c, k, l] += total out of the loop over i: as far in as “for i” itself. And leave the N away.",
    ),
    notice="Either slip can hide: at O_h = 1 the first does not show, at N = 1 the second does not.",
)

MEND_DX = replace(
    CONV2D_DX,
    name="mend_dx",
    title="a listing for ∂L/∂x, to mend",
    answer=solutions.mend_dx,
    listing=listings.mend_dx,
    mistakes=(
        *CONV2D_DX.mistakes,
        mistake("dz_lost", {"stamps": lambda dz, w: np.einsum("nfij,fckl->ncikjl", np.ones_like(dz), w)}),
    ),
    hints=(
        "Which arguments does the listing read, and which not? And what is its result for padding 0?",
        "Each stamp is a product of two partners; only one of them is there. And a[p:-p] for p = 0 is a[0:0].",
        "Add dz[n, f, i, j] * w[f], and cut out dx_pad[:, :, p : p + H, p : p + W], which is right for p = 0 as well.",
    ),
    notice="A slice that says where it starts and how long it is, has no special case.",
)


# The list -----------------------------------------------------------------------------------------------------------


def _listed(step: SimpleNamespace, size: int, kernel: int, stride: int, padding: int) -> tuple[Array, Array, Array]:
    outputs = step.outputs(size, kernel, stride, padding)
    o, k = (indices.ravel() for indices in np.indices((outputs, kernel)))
    i = step.rule(o, k, stride, padding)
    real = step.real(i, size)
    o, k, i = o[real], step.tap(k[real], kernel), i[real]
    order = step.order(o, k)
    return o[order], k[order], i[order]


LISTED = (
    (1, 1, 1, 0), (2, 2, 1, 0), (3, 2, 1, 0), (3, 2, 2, 0), (2, 2, 1, 1), (4, 2, 2, 0), (5, 3, 2, 0), (6, 3, 2, 0),
    (4, 3, 1, 1), (5, 3, 2, 1), (6, 3, 2, 1), (7, 2, 3, 0), (6, 4, 3, 2), (9, 3, 3, 1), (3, 3, 1, 2), (8, 1, 2, 0),
)  # fmt: skip


def _list_cases(rng: np.random.Generator) -> list[Case]:
    more = [(int(rng.integers(3, 10)), int(rng.integers(2, 4)), int(rng.integers(1, 4)), 1) for _ in range(4)]
    return [Case(arguments, _list_traits(*arguments)) for arguments in (*LISTED, *more)]


def _list_traits(size: int, kernel: int, stride: int, padding: int) -> frozenset[str]:
    axis = Axis.over(size, kernel, stride=stride, padding=padding)
    said = {
        "a stride above 1": stride > 1,
        "padding": padding > 0,
        "inputs left over at the end": axis.remainder > 0,
        "windows that overlap": axis.overlap > 0,
    }
    return frozenset(words for words, holds in said.items() if holds)


def _outputs(size: int, kernel: int, stride: int, padding: int) -> int:
    return Axis.over(size, kernel, stride=stride, padding=padding).outputs


LIST_MEETINGS = Task(
    name="list_meetings",
    title="the list of meetings along one axis",
    answer=solutions.list_meetings,
    recipe=_listed,
    steps={
        "outputs": _outputs,
        "rule": lambda o, k, stride, padding: o * stride + k - padding,
        "real": lambda i, size: (i >= 0) & (i < size),
        "tap": lambda k, kernel: k,
        "order": lambda o, k: np.lexsort((k, o)),
    },
    mistakes=(
        mistake("list_without_stride", {"rule": lambda o, k, stride, padding: o + k - padding}),
        mistake("list_strides_on_taps", {"rule": lambda o, k, stride, padding: o + k * stride - padding}),
        mistake("list_padding_turned", {"rule": lambda o, k, stride, padding: o * stride + k + padding}),
        mistake("list_padding_forgotten", {"rule": lambda o, k, stride, padding: o * stride + k}),
        mistake("list_with_padding", {"real": lambda i, size: np.full(i.shape, True)}),
        mistake(
            "list_taps_backwards",
            {"tap": lambda k, kernel: kernel - 1 - k, "order": lambda o, k: np.arange(len(o))},
            {"tap": lambda k, kernel: kernel - 1 - k},
        ),
        mistake("size_one_short", {"outputs": lambda H, K, s, p: (H + 2 * p - K) // s}),
        mistake("size_rounded_up", {"outputs": lambda H, K, s, p: -(-(H + 2 * p - K) // s) + 1}),
        mistake("size_padding_once", {"outputs": lambda H, K, s, p: (H + p - K) // s + 1}),
        mistake("list_by_taps", {"order": lambda o, k: np.lexsort((o, k))}, policy=True),
    ),
    cases=_list_cases,
    hints=(
        "How many outputs are there? Each brings all taps along. At which input do output o and tap k meet?",
        "i = o·s + k − p, for all o below ⌊(H + 2p − K)/s⌋ + 1 and all k below K. Those with i < 0 or i ≥ H meet "
        "nothing but padding: leave them out.",
        "o, k = np.indices((outputs, kernel)).reshape(2, -1); i = o * stride + k - padding; keep the places where "
        "0 ≤ i < size.",
    ),
    notice="One line of it is the layer, i = o·s + k − p. The rest is who exists.",
    results=("o", "k", "i"),
)


# The walk -----------------------------------------------------------------------------------------------------------


def _walked(step: SimpleNamespace, to: Array, one: Array, other: Array, cells: int) -> Array:
    return np.asarray(step.add(to, step.product(one, other), step.size(to, cells)))


def _added(to: Array, products: Array, cells: int) -> Array:
    total = np.zeros(cells)
    np.add.at(total, to, products)
    return total


def _last(to: Array, products: Array, cells: int) -> Array:
    total = np.zeros(cells)
    total[to] = products
    return total


def _walk_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Each list walked for its outputs, its taps and its inputs."""
    for size, kernel, stride, padding in LISTED[1:]:
        axis = Axis.over(size, kernel, stride=stride, padding=padding)
        cells = {"output": axis.outputs, "tap": axis.kernel, "input": axis.size}
        meetings = axis.meetings()._asdict()
        for asked in cells:
            partners = [integers(rng, cells[name])[meetings[name]] for name in cells if name != asked]
            said = {
                "several meetings at one cell": len(set(meetings[asked])) < len(meetings[asked]),
                "last cells that nobody meets": meetings[asked].max() < cells[asked] - 1,
            }
            arguments: Arguments = (meetings[asked], *partners, cells[asked])
            yield Case(arguments, frozenset(words for words, holds in said.items() if holds))


def _walk_sorted(rng: np.random.Generator) -> Sequence[Case]:
    return sorted(_walk_cases(rng), key=lambda case: case.cells)


def _product(one: Array, other: Array) -> Any:
    return one * other


WALK = Task(
    name="walk",
    title="the sum over a list of meetings",
    answer=solutions.walk,
    recipe=_walked,
    steps={"product": _product, "size": lambda to, cells: cells, "add": _added},
    mistakes=(
        mistake("walk_keeps_the_last", {"add": _last}),
        mistake("walk_adds_partners", {"product": lambda one, other: one + other}),
        mistake("walk_forgets_a_partner", {"product": lambda one, other: one}, {"product": lambda one, other: other}),
        mistake("walk_too_short", {"size": lambda to, cells: int(max(to)) + 1}),
        mistake("sign_flipped", {"product": lambda one, other: -one * other}),
    ),
    cases=_walk_sorted,
    hints=(
        "Begin with zeros. Go through the meetings, one after the other: each has a product to add, and a cell to add "
        "it to.",
        "total[to[m]] += one[m] * other[m], for every m. If you want it without the loop, mind that one cell may be "
        "asked for more than once.",
        "total = np.zeros(cells), then np.add.at(total, to, one * other).",
    ),
    notice="That is all. Whatever else this series did with a convolution was about the list, or about speed.",
)

TASKS = (MEND_DW, MEND_DX, LIST_MEETINGS, WALK)

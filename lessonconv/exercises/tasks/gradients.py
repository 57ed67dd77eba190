"""Checking gradients: how far apart two of them are, and the three numbers that have to be equal."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

import lessonconv.functional as F
from lessonconv.exercises.solutions import gradients as solutions
from lessonconv.exercises.task import WHOLE, Array, Case, Task
from lessonconv.exercises.tasks.geometry import integers
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # how far apart
    "relative_difference_signed": (
        "The difference keeps its sign, so only cells where a is the larger one count.",
        "max(a − b) in the place of max|a − b|: where a is too small everywhere, it is 0 or less.",
        "If every cell of a is 5 too small, how far off should it be?",
    ),
    "relative_size_signed": (
        "The sizes of a and b are taken without the absolute value.",
        "The largest number in the place of the number furthest from 0.",
        "How large is an array whose cells are −8 and 1?",
    ),
    "relative_not_divided": (
        "Nothing is divided by the size.",
        "The largest difference itself: an absolute error.",
        "Is 0.001 much? What would you have to know to say so?",
    ),
    "relative_to_one_only": (
        "The difference is divided by the size of one of the two arrays.",
        "An error that changes when a and b change places, and is very large if that array is 0.",
        "One of the two is wrong, and you do not know which. Does your result depend on the order of the arguments?",
    ),
    "relative_to_smaller": (
        "The difference is divided by the smaller of the two sizes.",
        "‖a − b‖ / min(‖a‖, ‖b‖): it grows without bound where one of the two is nearly 0.",
        "A backward pass that forgot to fill its gradient returns zeros. What would your function divide by?",
    ),
    "relative_to_both": (
        "The difference is divided by the sum of the two sizes, or by their mean.",
        "‖a − b‖ / (‖a‖ + ‖b‖), or twice that. Many programs do this. A factor 2 then gives 1/3, or 2/3, and not 1/2.",
        "Which of the two would you rather read, if one gradient is half of the other?",
    ),
    "relative_floor_added": (
        "The floor is added to the size.",
        "‖a − b‖ / (max(‖a‖, ‖b‖) + floor): every error comes out too small, and those near the floor by half.",
        "If both arrays are much larger than the floor, should it have a say?",
    ),
    "relative_floor_missing": (
        "The floor is not used.",
        "Two arrays of zeros give 0/0, and rounding errors near 0 count as if they were gradients.",
        "Which of your lines would change its result with a floor ten times as large?",
    ),
    "relative_cell_by_cell": (
        "Each cell's difference is divided by that cell's own size.",
        "max(|a[i] − b[i]| / max(|a[i]|, |b[i]|, floor)), or with |a[i]| + |b[i]|. Well-known courses do this. A cell "
        "that should be 0 and is a rounding error away from it can then be as bad as a wrong sign.",
        "A gradient has cells near 1000 and one that is 0. How exactly can anybody know the last one?",
    ),
    "relative_averaged": (
        "The difference is averaged over the cells.",
        "A mean: one wrong cell among a million is divided by a million.",
        "A single weight has a wrong gradient. Should your number depend on how many others are right?",
    ),
    "relative_not_reduced": (
        "There is no single number: every cell still has its own.",
        "|a − b|, divided by the size.",
        "Which of these numbers would you read?",
    ),
    "relative_not_rooted": (
        "Squares are added up, and no root is taken.",
        "The square of a relative error: 0.001 looks like 0.000001.",
        "If all of a − b doubles, should your number double, or be four times as large?",
    ),
    "relative_euclidean": (
        "The size of an array is the root of the sum of its squares.",
        "The Euclidean norm. Many programs do this. In a large array one wrong cell then weighs little.",
        "A million cells are 1, and one that should be 1 is 0. What do the two norms say?",
    ),
    # three numbers
    "adjoint_one_number": (
        "One of the three numbers stands for all of them.",
        "Three equal numbers, whatever the backward pass does.",
        "What would your function say of a layer whose backward returns only zeros?",
    ),
    "adjoint_not_summed": (
        "The products are not added up, or not along all axes.",
        "Arrays, where three numbers are to be compared.",
        "z, x and w have different shapes. What of them can be equal?",
    ),
    "adjoint_averaged": (
        "The products are averaged.",
        "Each sum is divided by the number of its own cells, and these differ.",
        "Is there a division in the equation?",
    ),
    "adjoint_sums_multiplied": (
        "Both tensors are added up before they are multiplied.",
        "(Σ ∂L/∂z)·(Σ z): every cell meets every other cell.",
        "Which cell of z does a cell of ∂L/∂z belong to?",
    ),
    "adjoint_absolute": (
        "The products lose their sign.",
        "Σ |∂L/∂z · z|, and so on.",
        "A product of 3 and one of −3: what do they make together?",
    ),
    "adjoint_first_image": (
        "Only the first image, or the first filter, counts.",
        "The sums over what is first along the first axis. Among the kernels that is a filter, so the three no longer "
        "speak of the same products.",
        "What is the first axis of x, and what is the first axis of w?",
    ),
    "adjoint_itself": (
        "Each gradient is multiplied by itself.",
        "Σ (∂L/∂z)², Σ (∂L/∂x)² and Σ (∂L/∂w)²: these have no reason to be equal.",
        "Which partner dropped out when ∂L/∂x was made? It has to come back in.",
    ),
    "adjoint_exchanged": (
        "The second and the third number have changed places.",
        "Σ ∂L/∂w · w before Σ ∂L/∂x · x.",
        "In which order does the docstring name them?",
    ),
    "adjoint_differences": (
        "The differences to the first number are returned.",
        "Σ ∂L/∂z · z, and what the other two are off by.",
        "What should the second number be, if all is well: 0, or the first one again?",
    ),
}


def _largest(a: Array) -> Any:
    return np.abs(a).max()


def _rooted(a: Array) -> Any:
    return np.sqrt((a * a).sum())


def _squares(a: Array) -> Any:
    return (a * a).sum()


def _mean(a: Array) -> Any:
    return np.abs(a).mean()


def _relative(step: SimpleNamespace, a: Array, b: Array, floor: float) -> Any:
    scale = step.floored(step.joined(step.size(a), step.size(b)), floor)
    return step.quotient(step.top(step.difference(a, b)), scale)


def _cell_by_cell(a: Array, b: Array, floor: float) -> Any:
    return (np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)).max()


def _cell_by_cell_to_both(a: Array, b: Array, floor: float) -> Any:
    return (np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), floor)).max()


def _cell_by_cell_to_all(a: Array, b: Array, floor: float) -> Any:
    return (np.abs(a - b) / (np.abs(a) + np.abs(b) + floor)).max()


def _relative_cases(rng: np.random.Generator) -> list[Case]:
    """Quarters: with negative cells that are the largest, arrays near the floor and below it, and zeros."""
    found = []
    for number, shape in enumerate([(1,), (2,), (3,), (2, 2), (2, 3), (2, 1, 3), (4,), (2, 2, 2), (3, 2)]):
        a, off = (rng.integers(-40, 41, shape) / 4 for _ in range(2))
        largest = np.unravel_index(rng.integers(a.size), shape)
        a[largest] = (-1) ** number * rng.integers(44, 80) / 4
        off[largest] = (-1) ** (number // 2) * rng.integers(1, 20) / 4
        off = np.abs(off) + 0.25 if number == 4 else -np.abs(off) - 0.25 if number == 5 else off
        a, b = (a, a + off) if number % 2 else (a + off, a)
        found += [Case((a, b, floor), _said(a, b, floor)) for floor in (0.5, 64.0)]
    zeros = np.zeros((2, 2))
    a = rng.integers(1, 9, (2, 2)) / 4
    found += [
        Case((one, other, 0.5), _said(one, other, 0.5)) for one, other in [(zeros, zeros), (a, zeros), (zeros, a)]
    ]
    found.append(Case((a, a.copy(), 0.5), _said(a, a, 0.5)))
    return sorted(found, key=lambda case: case.cells)


def _said(a: Array, b: Array, floor: float) -> frozenset[str]:
    sizes = _largest(a), _largest(b)
    said = {
        "a floor above both sizes": max(sizes) < floor,
        "an array of zeros": min(sizes) == 0,
        "several cells": a.size > 1,
        "several axes": a.ndim > 1,
    }
    return frozenset(words for words, holds in said.items() if holds)


RELATIVE_ERROR = Task(
    name="relative_error",
    title="how far apart two gradients are, as a share of their size",
    answer=solutions.relative_error,
    recipe=_relative,
    steps={
        "difference": lambda a, b: a - b,
        "top": _largest,
        "size": _largest,
        "joined": lambda one, other: max(one, other),
        "floored": lambda scale, floor: max(scale, floor),
        "quotient": lambda top, scale: top / scale,
    },
    mistakes=(
        mistake("relative_difference_signed", {"top": np.max}),
        mistake("relative_size_signed", {"size": np.max}),
        mistake("relative_not_divided", {"quotient": lambda top, scale: top}),
        mistake("relative_to_one_only", {"joined": lambda one, other: one}, {"joined": lambda one, other: other}),
        mistake("relative_to_smaller", {"joined": lambda one, other: min(one, other)}),
        mistake(
            "relative_to_both",
            {"joined": lambda one, other: one + other},
            {"joined": lambda one, other: (one + other) / 2},
            policy=True,
        ),
        mistake("relative_floor_added", {"floored": lambda scale, floor: scale + floor}),
        mistake("relative_floor_missing", {"floored": lambda scale, floor: scale}),
        mistake(
            "relative_cell_by_cell",
            *({WHOLE: whole} for whole in (_cell_by_cell, _cell_by_cell_to_both, _cell_by_cell_to_all)),
            policy=True,
        ),
        mistake("relative_averaged", {"top": _mean}, {"top": _mean, "size": _mean}),
        mistake("relative_not_reduced", {"top": np.abs}),
        mistake("relative_not_rooted", {"top": _squares, "size": _squares}),
        mistake("relative_euclidean", {"top": _rooted, "size": _rooted}, policy=True),
    ),
    cases=_relative_cases,
    hints=(
        "Three sizes are needed: that of a, that of b, and that of a − b. What does the docstring call the size of an "
        "array?",
        "The size is the largest absolute value: np.abs(a).max(). Divide the size of a − b by the largest of three "
        "numbers.",
        "scale = max(np.abs(a).max(), np.abs(b).max(), floor), and then np.abs(…).max() / scale",
    ),
    notice="It reads backwards, too: 0.5 is a factor 2, 1 is a gradient that is missing, 2 is a wrong sign.",
)


# The three numbers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layer:
    """A convolution without bias. wrong: what its backward gets wrong, if anything."""

    stride: int
    padding: int
    wrong: str = ""

    def forward(self, x: Array, w: Array) -> Array:
        """z."""
        return F.conv2d(x, w, stride=self.stride, padding=self.padding)

    def backward(self, dz: Array, x: Array, w: Array) -> tuple[Array, Array]:
        """dx, dw."""
        kernel = w[:, :, ::-1, ::-1] if self.wrong == "dx" else w
        dx, dw, _ = F.conv2d_backward(dz, x, kernel, stride=self.stride, padding=self.padding)
        return dx, dw[:, :, ::-1] if self.wrong == "dw" else dw


@dataclass(frozen=True)
class Pass:
    """One way through a layer, as a function that can be sent to another process."""

    layer: Layer
    way: str

    def __call__(self, *tensors: Array) -> Any:
        return getattr(self.layer, self.way)(*tensors)


def _adjoint_cases(rng: np.random.Generator) -> list[Case]:
    """Layers that are right, and layers that are not: their three numbers differ."""
    found = []
    for number, wrong in enumerate(["", "dx", "dw", "", "dw", "dx", "", "dx", "dw"]):
        stride, padding = number % 3 + 1, number % 2
        layer = Layer(stride, padding, wrong)
        x, w = integers(rng, 1 + number % 3, 2, 4 + number % 2, 5), integers(rng, 2 + number // 3, 2, 2, 3)
        dz = integers(rng, *layer.forward(x, w).shape)
        traits = frozenset({"a backward pass that is wrong"} if wrong else ())
        found.append(Case((Pass(layer, "forward"), Pass(layer, "backward"), dz, x, w), traits))
    return sorted(found, key=lambda case: case.cells)


def _adjoint(step: SimpleNamespace, forward: Pass, backward: Pass, dz: Array, x: Array, w: Array) -> Any:
    z, (dx, dw) = forward(x, w), backward(dz, x, w)
    pairs = ((dz, z), (dx, x), (dw, w))
    return step.finish(*(step.product(gradient, *step.partner(gradient, tensor)) for gradient, tensor in pairs))


def _in_order(*three: Any) -> Any:
    return three


ADJOINT_TEST = Task(
    name="adjoint_test",
    title="three numbers that are equal, if backward fits forward",
    answer=solutions.adjoint_test,
    recipe=_adjoint,
    steps={
        "partner": lambda gradient, tensor: (tensor,),
        "product": lambda gradient, tensor: (gradient * tensor).sum(),
        "finish": _in_order,
    },
    mistakes=(
        mistake(
            "adjoint_one_number",
            *({"finish": lambda *three, k=k: (three[k],) * 3} for k in range(3)),
        ),
        mistake(
            "adjoint_not_summed",
            {"product": lambda gradient, tensor: gradient * tensor},
            {"product": lambda gradient, tensor: (gradient * tensor).sum(axis=0)},
        ),
        mistake("adjoint_averaged", {"product": lambda gradient, tensor: (gradient * tensor).mean()}),
        mistake("adjoint_sums_multiplied", {"product": lambda gradient, tensor: gradient.sum() * tensor.sum()}),
        mistake("adjoint_absolute", {"product": lambda gradient, tensor: np.abs(gradient * tensor).sum()}),
        mistake("adjoint_first_image", {"product": lambda gradient, tensor: (gradient[0] * tensor[0]).sum()}),
        mistake("adjoint_itself", {"partner": lambda gradient, tensor: (gradient,)}),
        mistake("adjoint_exchanged", {"finish": lambda z, x, w: (z, w, x)}),
        mistake(
            "adjoint_differences",
            {"finish": lambda z, x, w: (z, x - z, w - z)},
            {"finish": lambda z, x, w: (z, z - x, z - w)},
            {"finish": lambda z, x, w: (z, abs(x - z), abs(w - z))},
        ),
    ),
    cases=_adjoint_cases,
    hints=(
        "First get the tensors that are missing: z from the forward pass, dx and dw from the backward pass.",
        "A tensor and its gradient have one shape. Multiply them cell by cell, and add everything up: one number.",
        "return (dz * z).sum(), …, …",
    ),
    notice="No step, no tolerance: on whole numbers, equal means equal.",
    results=("Σ ∂L/∂z · z", "Σ ∂L/∂x · x", "Σ ∂L/∂w · w"),
)

TASKS = (RELATIVE_ERROR, ADJOINT_TEST)

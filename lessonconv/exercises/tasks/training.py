"""What training is made of: a gradient by trying, one step downhill, the way back through a whole network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

import lessonconv.functional as F
from lessonconv.exercises.solutions import training as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Case, Steps, Task
from lessonconv.exercises.tasks.geometry import GEOMETRIES, Geometry, Numbers, at_random, conv_cases, first
from lessonconv.exercises.tasks.words import WORDS, mistake

Gradients: TypeAlias = dict[str, Array]

WORDS |= {
    # a gradient by trying
    "one_sided": (
        "Each cell is nudged to one side only.",
        "(f(x + h) − f(x)) / h, or (f(x) − f(x − h)) / h: wrong by about h, where both sides together are wrong by h².",
        "f curves. On which side of x does your line touch it?",
    ),
    "one_sided_halved": (
        "One of the two values is taken at x itself, and the difference is divided by 2h.",
        "About half of the gradient.",
        "How far apart are the two places at which you ask f?",
    ),
    "not_halved": (
        "The difference is divided by h.",
        "Twice the slope.",
        "How far apart are the two places at which you ask f?",
    ),
    "divided_by_step_twice": (
        "The difference is divided by the step once too often.",
        "The slope, divided by h once more.",
        "If x is in metres and f in litres, in what is your result?",
    ),
    "not_divided": (
        "The difference is not divided by the step.",
        "f(x + h) − f(x − h), or half of it: it shrinks with h.",
        "With a step half as large, should the gradient be half as large?",
    ),
    "divided_then_multiplied": (
        "The step multiplies where it should divide.",
        "(f(x + h) − f(x − h)) / 2 · h.",
        "In which order does Python work out / 2 * h?",
    ),
    "difference_turned": (
        "The difference is taken the other way round.",
        "The right numbers, times −1.",
        "If f rises, which of the two values is the larger one?",
    ),
    "second_derivative": (
        "The middle value is subtracted twice.",
        "(f(x + h) − 2·f(x) + f(x − h)) / h²: how f bends, not how it rises.",
        "Of a straight line, what would your formula give?",
    ),
    "nudge_left": (
        "A nudged cell is not put back before the next one's turn.",
        "Slopes at places further and further away from x.",
        "What does x look like when the second cell's turn comes?",
    ),
    "all_nudged": (
        "All cells are nudged at once.",
        "One slope, along the diagonal: the sum of all partial derivatives.",
        "What is held still when a partial derivative is taken?",
    ),
    "whole_rows_nudged": (
        "A whole row is nudged at once.",
        "The sum of a row's partial derivatives, in each of its cells.",
        "For x of two axes, what does x[i] stand for?",
    ),
    "one_cell_alone": (
        "f is asked about one cell alone.",
        "f of a single number; but f takes an array, and its cells may work together.",
        "What does f expect to be given?",
    ),
    "step_fixed": (
        "The step is a fixed number.",
        "The slope over another stretch than the one that was asked for.",
        "Which argument do you never use?",
    ),
    "half_step": (
        "Your two places are h apart; in the cases they are 2h apart.",
        "(f(x + h/2) − f(x − h/2)) / h, with half of the step to either side. It is as good, for another h.",
        "How far to each side does the docstring go?",
    ),
    "nudge_truncated": (
        "Fractions are cut off where x holds ints.",
        "A nudge, or a slope, without what comes after its point.",
        "What is np.array([1, 2]) after its first cell was set to 1.25?",
    ),
    "only_first_slope": (
        "Only the first cell's slope is there.",
        "Zeros for all other cells.",
        "How far is your return indented?",
    ),
    # a step of gradient descent
    "dx_after_update": (
        "dx is taken with the weights that are new.",
        "The gradient of a network that did not make this z.",
        "With which w was z computed, and has it changed by the time you need it again?",
    ),
    "uphill": (
        "The step goes up, not down.",
        "w + lr·∂L/∂w, or b + lr·∂L/∂b: the loss grows.",
        "Where does the gradient point, to more loss or to less?",
    ),
    "lr_missing": (
        "The learning rate is left out.",
        "w − ∂L/∂w, or b − ∂L/∂b.",
        "With lr = 0, what should happen to w and b?",
    ),
    "lr_divides": (
        "The gradient is divided by the learning rate.",
        "w − ∂L/∂w / lr: a small rate makes large steps.",
        "With a smaller lr, should the step become larger or smaller?",
    ),
    "lr_twice": (
        "The learning rate is applied twice.",
        "w − lr²·∂L/∂w, or b − lr²·∂L/∂b.",
        "In which of your lines does lr stand?",
    ),
    "lr_on_dx": (
        "dx is multiplied with the learning rate.",
        "lr·∂L/∂x: the layers before would learn more slowly, each one more than the next.",
        "Is x something that this layer may change?",
    ),
    "input_updated": (
        "The input is updated like a parameter.",
        "x − lr·∂L/∂x in the place of ∂L/∂x.",
        "What does the layer before need from this one?",
    ),
    "bias_not_updated": (
        "The bias stays as it was.",
        "b in the place of b − lr·∂L/∂b.",
        "Which of the three gradients do you never use?",
    ),
    "weights_not_updated": (
        "The weights stay as they were.",
        "w in the place of w − lr·∂L/∂w.",
        "Which of the three gradients do you never use?",
    ),
    "gradient_returned": (
        "A gradient is returned where the new parameter should be.",
        "∂L/∂w, or ∂L/∂b, itself.",
        "The gradient says where to go. Where does one start from?",
    ),
    "only_the_change": (
        "Only the change is returned, not the new parameter.",
        "lr·∂L/∂w, or lr·∂L/∂b, with one sign or the other.",
        "The change says how far to go. Where does one start from?",
    ),
    "step_divided_by_batch": (
        "The step is divided by the number of images.",
        "w − lr·∂L/∂w / N. If the loss is a mean, ∂L/∂z carries its 1/N already.",
        "Is there a 1/N in the equation?",
    ),
    "step_taken_twice": (
        "The step is taken twice.",
        "w − 2·lr·∂L/∂w, or b − 2·lr·∂L/∂b.",
        "In which of your lines do w and b change?",
    ),
    "bias_step_shared": (
        "All filters' biases take the same step.",
        "b − lr·Σ_f ∂L/∂b[f], or its mean over the filters.",
        "How many biases are there, and does each one hear from its own filter?",
    ),
    "step_results_exchanged": (
        "The results are right, but not in the order dx, w, b.",
        "What belongs to one stands in the place of another.",
        "What does the docstring promise to return first?",
    ),
    # a whole network
    "first_relu_missing": (
        "The first ReLU is passed by on the way back.",
        "∂L/∂a of the first layer, taken for its ∂L/∂z.",
        "Write down the layers in order, and beside each one the line that goes back through it. Is the list complete?",
    ),
    "second_relu_missing": (
        "The second ReLU is passed by on the way back.",
        "∂L/∂a of the second layer, taken for its ∂L/∂z.",
        "Write down the layers in order, and beside each one the line that goes back through it. Is the list complete?",
    ),
    "relu_missing_forward": (
        "On the way forward a ReLU is left out.",
        "The gradients of a network that is less bent.",
        "Write down the layers in order, and beside each one your line. Is the list complete?",
    ),
    "relu_mask_from_gradient": (
        "At a ReLU, the sign of ∂L/∂a decides what passes.",
        "∂L/∂a where ∂L/∂a itself is positive.",
        "On the way forward, which number decided whether a cell was let through?",
    ),
    "relu_multiplied_by_a": (
        "At a ReLU, ∂L/∂a is multiplied with a.",
        "The height of the curve in the place of its slope.",
        "Where a = 3, how much does a change when z does?",
    ),
    "pool_gradient_spread": (
        "At a max pool, the gradient is spread over the window.",
        "A quarter for each of the four cells, or the whole for each: an average pool's way, or none.",
        "Had one of the smaller cells been a little larger, would the maximum have changed?",
    ),
    "mean_loss_forgotten": (
        "The loss is summed over the images, not averaged.",
        "N times the gradients.",
        "How much does one image count in a mean?",
    ),
    "divided_by_batch_again": (
        "Gradients are divided by the number of images once more.",
        "1/N of the gradient: the loss, being a mean, has divided already.",
        "Where does 1/N come in for the first time, and does it need to come again?",
    ),
    "flattened_in_another_order": (
        "The channels come last where the picture is flattened, or unflattened.",
        "Weights of the dense layer meet other cells than they should.",
        "In x of shape (N, C, H, W), which index moves first as reshape walks along?",
    ),
    "w3_gradient_transposed": (
        "The gradient of w3 is transposed.",
        "An array of shape (in, out), w3's axes exchanged.",
        "What shape must it have, so that w3 − lr·dw3 can be done?",
    ),
    "bias_gradients_averaged": (
        "Gradients of biases are means, not sums.",
        "The sum, divided by the number of outputs it was taken over.",
        "If every output asks for 1 more, how much does the bias hear?",
    ),
    "bias_gradients_zero": (
        "The biases get no gradient.",
        "Zeros.",
        "If a bias grows, does the loss change?",
    ),
    "biases_left_out": (
        "On the way forward, a bias is left out.",
        "The gradients of another network.",
        "Which of the params do you never read?",
    ),
    "input_before_relu": (
        "A layer's gradient is taken with what came before the ReLU.",
        "∂L/∂w from an input that the layer did not see.",
        "Which array did this layer multiply its weights with, on the way forward?",
    ),
    "input_of_another_layer": (
        "The first layer's gradient is taken with what the layer gave, not with what it was given.",
        "∂L/∂w1 from a1 in the place of x.",
        "Which array did this layer multiply its weights with, on the way forward?",
    ),
    "second_kernel_turned": (
        "The second kernel is turned by 180° too often on the way back.",
        "Gradients that go to the mirror image of where they belong, and so to the wrong weights of the first layer.",
        "Tap (0, 0) read the top left cell of its window. To which cell does its gradient go?",
    ),
    "labels_left_out": (
        "The labels do not come into the gradient.",
        "p/N at the logits.",
        "Two batches with the same pictures and different labels: should they have the same gradients?",
    ),
    "softmax_left_out": (
        "The logits are used as if they were probabilities.",
        "(logits − y)/N at the logits.",
        "Do the numbers of a row add up to 1 before you compare them with the labels?",
    ),
    "gradients_negated": (
        "All gradients have the wrong sign.",
        "The right numbers, times −1.",
        "If the true class's logit grows, does the loss grow or shrink?",
    ),
    "one_image_only": (
        "Only one image is heard.",
        "The gradients of the first image, or of the last, alone.",
        "What stands in your gradients after image 0, and after image 1?",
    ),
    "first_layer_left_out": (
        "The way back ends before the first layer.",
        "Zeros for w1 and b1.",
        "Which of the params does the loss depend on?",
    ),
}


# A gradient by trying -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bent:
    """A function to take the gradient of: it curves, and neighbouring cells work together.

    f(x) = Σ_i (slope[i]·x[i] + bend[i]·x[i]³) + Σ_i x[i]²·x[i+1], over all cells in order.
    """

    slope: Array
    bend: Array

    def __call__(self, x: Any) -> float:
        flat = np.ravel(np.asarray(x, float))
        alone = np.ravel(self.slope) * flat + np.ravel(self.bend) * flat**3
        return float(alone.sum() + (flat[:-1] ** 2 * flat[1:]).sum())


def _numerical(step: SimpleNamespace, function: Bent, x: Array, h: float) -> Array:
    given, x, h = x, step.floats(x), step.width(h)
    above, below, gradient = x.copy(), x.copy(), np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        above, below = step.places(above, below, x, at, h)
        gradient[at] = step.quotient(step.difference(function(above), function(below), function, x), h)
    return step.finish(gradient, given)


Places: TypeAlias = tuple[Any, Any]


def _nudged(x: Array, at: Any, by: float) -> Array:
    moved = x.copy()
    moved[at] = moved[at] + by
    return moved


def _both(above: Array, below: Array, x: Array, at: Any, h: float) -> Places:
    return _nudged(x, at, h), _nudged(x, at, -h)


def _left_below(above: Array, below: Array, x: Array, at: Any, h: float) -> Places:
    """x[at] += h, then x[at] −= 2h, and so it stays."""
    return _nudged(below, at, h), _nudged(_nudged(below, at, h), at, -2 * h)


def _left_above(above: Array, below: Array, x: Array, at: Any, h: float) -> Places:
    """x[at] −= h, then x[at] += 2h, and so it stays."""
    return _nudged(_nudged(above, at, -h), at, 2 * h), _nudged(above, at, -h)


def _in_place(above: Array, below: Array, x: Array, at: Any, h: float) -> Places:
    """x[at] += h, x[at] −= 2h, x[at] += h: with ints, each time a little more is lost."""
    start = _nudged(below, tuple(0 for _ in x.shape), 0.0) if at == (0,) * x.ndim else _restored(below, x, at, h)
    up = _nudged(start, at, h)
    return up, _nudged(up, at, -2 * h)


def _restored(below: Array, x: Array, at: Any, h: float) -> Array:
    """What x[before] += h has made of the cell before."""
    before = np.unravel_index(int(np.ravel_multi_index(at, x.shape)) - 1, x.shape)
    return _nudged(below, before, h)


def _separately(above: Array, below: Array, x: Array, at: Any, h: float) -> Places:
    return _nudged(above, at, h), _nudged(below, at, -h)


def _one_copy(above: Array, below: Array, x: Array, at: Any, h: float) -> Places:
    """y = x.copy() for each cell, y[at] += h, y[at] −= 2h."""
    up = _nudged(x, at, h)
    return up, _nudged(up, at, -2 * h)


def _truncated(gradient: Array, given: Array) -> Array:
    return np.trunc(gradient) if given.dtype.kind == "i" else gradient


def _only_first(gradient: Array, given: Array) -> Array:
    return first(gradient, *range(given.ndim))


def _along_diagonal(function: Bent, x: Array, h: float) -> float:
    return (function(x + h) - function(x - h)) / (2 * h)


def _as_it_is(x: Array) -> Array:
    return x


def _numerical_cases(rng: np.random.Generator) -> list[Case]:
    """Multiples of ¼, and a step that is a power of 2: f is exact."""
    found = []
    shapes: list[tuple[int, ...]] = [(1,), (2,), (3,), (2,), (2, 2), (2, 3), (3, 2), (2, 1, 2), (2, 2, 2), (4,)]
    for number, shape in enumerate(shapes):
        x = rng.integers(1, 8, shape) * rng.choice([-0.25, 0.25], shape)
        if number in (3, 5):
            x = rng.integers(1, 4, shape) * rng.choice([-1, 1], shape)
        function = Bent(rng.integers(-3, 4, shape).astype(float), rng.integers(1, 4, shape).astype(float))
        said = {"an x of ints": x.dtype.kind == "i", "several axes": x.ndim > 1, "several cells": x.size > 1}
        traits = frozenset(words for words, holds in said.items() if holds)
        found.append(Case((function, x, (0.5, 0.25, 0.125)[number % 3]), traits))
    return sorted(found, key=lambda case: case.cells)


NUMERICAL_GRADIENT = Task(
    name="numerical_gradient",
    title="a gradient by trying, with central differences",
    answer=solutions.numerical_gradient,
    recipe=_numerical,
    steps={
        "floats": lambda x: x.astype(float),
        "width": lambda h: h,
        "places": _both,
        "difference": lambda above, below, function, x: above - below,
        "quotient": lambda difference, h: difference / (2 * h),
        "finish": lambda gradient, given: gradient,
    },
    mistakes=(
        mistake(
            "one_sided",
            {
                "places": lambda above, below, x, at, h: (_nudged(x, at, h), x),
                "quotient": lambda difference, h: difference / h,
            },
            {
                "places": lambda above, below, x, at, h: (x, _nudged(x, at, -h)),
                "quotient": lambda difference, h: difference / h,
            },
        ),
        mistake(
            "one_sided_halved",
            {"places": lambda above, below, x, at, h: (_nudged(x, at, h), x)},
            {"places": lambda above, below, x, at, h: (x, _nudged(x, at, -h))},
        ),
        mistake("not_halved", {"quotient": lambda difference, h: difference / h}),
        mistake(
            "divided_by_step_twice",
            {"quotient": lambda difference, h: difference / (2 * h**2)},
            {"quotient": lambda difference, h: difference / h**2},
            {"quotient": lambda difference, h: difference / (2 * h) ** 2},
        ),
        mistake(
            "not_divided",
            {"quotient": lambda difference, h: difference},
            {"quotient": lambda difference, h: difference / 2},
        ),
        mistake(
            "divided_then_multiplied",
            {"quotient": lambda difference, h: difference / 2 * h},
            {"quotient": lambda difference, h: difference * 2 * h},
        ),
        mistake("difference_turned", {"difference": lambda above, below, function, x: below - above}),
        mistake(
            "second_derivative",
            {
                "difference": lambda above, below, function, x: above + below - 2 * function(x),
                "quotient": lambda difference, h: difference / h**2,
            },
        ),
        mistake("nudge_left", {"places": _left_below}, {"places": _left_above}, {"places": _separately}),
        mistake(
            "all_nudged",
            {"places": lambda above, below, x, at, h: (x + h, x - h)},
            {WHOLE: lambda function, x, h: _along_diagonal(function, x.astype(float), h)},
        ),
        mistake("whole_rows_nudged", {"places": lambda above, below, x, at, h: _both(above, below, x, at[0], h)}),
        mistake("one_cell_alone", {"places": lambda above, below, x, at, h: (x[at] + h, x[at] - h)}),
        mistake("step_fixed", *({"width": lambda h, fixed=fixed: fixed} for fixed in (1e-5, 1e-4, 1e-3, 0.01, 0.1, 1))),
        mistake("half_step", {"width": lambda h: h / 2}, policy=True),
        mistake(
            "nudge_truncated",
            {"floats": _as_it_is},
            {"floats": _as_it_is, "places": _in_place},
            {"floats": _as_it_is, "finish": _truncated},
            {"floats": _as_it_is, "places": _in_place, "finish": _truncated},
            {"floats": _as_it_is, "places": _one_copy},
            {"floats": _as_it_is, "places": _one_copy, "finish": _truncated},
            {"finish": _truncated},
        ),
        mistake("only_first_slope", {"finish": _only_first}),
    ),
    cases=_numerical_cases,
    hints=(
        "For one number x: at which two places would you ask f, to learn how steep it is at x?",
        "Take one cell after the other: nudge it up by the step, ask f, nudge it down, ask f, and put it back.",
        "f(above) − f(below) is how much f changed over a stretch of 2·step. "
        "np.ndindex(x.shape) walks through the cells of any array.",
    ),
    notice="Two calls of f for each cell: a million weights would need two million. The backward pass needs one.",
    exact=False,
)


# A step of gradient descent -----------------------------------------------------------------------------------------


def _sgd(
    step: SimpleNamespace, dz: Array, x: Array, w: Array, b: Array, stride: int, padding: int, lr: float
) -> tuple[Array, Array, Array]:
    _, dw, db = F.conv2d_backward(dz, x, w, stride=stride, padding=padding)
    w_new = step.new_w(w, step.move_w(step.dw(dw, len(x)), lr))
    b_new = step.new_b(b, step.move_b(step.db(db, len(x)), lr))
    dx, _, _ = F.conv2d_backward(dz, x, step.kernel(w, w_new), stride=stride, padding=padding)
    results: tuple[Array, Array, Array] = step.results(step.dx(dx, x, lr), w_new, b_new)
    return results


def _of_either(slot: str, replacement: Callable[..., Any]) -> tuple[Steps, Steps, Steps]:
    """A slip for weights and biases, for weights alone, for biases alone: the slot has a ? for w and b."""
    w, b = (slot.replace("?", parameter) for parameter in "wb")
    return {w: replacement, b: replacement}, {w: replacement}, {b: replacement}


def _sgd_arguments(numbers: Numbers, geometry: Geometry) -> Arguments:
    N, C, filters, H, W, K_h, K_w, s, p = geometry
    dz, x, w = numbers(N, filters, *geometry.outputs), numbers(N, C, H, W), numbers(filters, C, K_h, K_w)
    lr = (0.5, 0.25, 0.125)[(N + C + filters + H) % 3]
    return dz, x, w, numbers(filters) + np.arange(filters), s, p, lr


def _sgd_cases(rng: np.random.Generator) -> list[Case]:
    return conv_cases(rng, [*GEOMETRIES[::3], *GEOMETRIES[-5:], *at_random(rng)], _sgd_arguments)


SGD_STEP = Task(
    name="sgd_step",
    results=("dx", "w_new", "b_new"),
    title="one step of gradient descent for a convolution layer",
    answer=solutions.sgd_step,
    recipe=_sgd,
    steps={
        "dw": lambda dw, N: dw,
        "db": lambda db, N: db,
        "move_w": lambda gradient, lr: lr * gradient,
        "move_b": lambda gradient, lr: lr * gradient,
        "new_w": lambda w, move: w - move,
        "new_b": lambda b, move: b - move,
        "kernel": lambda w, w_new: w,
        "dx": lambda dx, x, lr: dx,
        "results": lambda dx, w, b: (dx, w, b),
    },
    mistakes=(
        mistake("dx_after_update", {"kernel": lambda w, w_new: w_new}),
        mistake("uphill", *_of_either("new_?", lambda old, move: old + move)),
        mistake("lr_missing", *_of_either("move_?", lambda gradient, lr: gradient)),
        mistake("lr_divides", *_of_either("move_?", lambda gradient, lr: gradient / lr)),
        mistake("lr_twice", *_of_either("move_?", lambda gradient, lr: lr**2 * gradient)),
        mistake("lr_on_dx", {"dx": lambda dx, x, lr: lr * dx}),
        mistake("input_updated", {"dx": lambda dx, x, lr: x - lr * dx}),
        mistake("bias_not_updated", {"new_b": lambda b, move: b}),
        mistake("weights_not_updated", {"new_w": lambda w, move: w}),
        mistake(
            "gradient_returned",
            *(
                {
                    **slip,
                    **{key.replace("new", "move"): lambda gradient, lr: gradient for key in slip},
                }
                for slip in _of_either("new_?", lambda old, move: move)
            ),
        ),
        mistake(
            "only_the_change",
            *_of_either("new_?", lambda old, move: move),
            *_of_either("new_?", lambda old, move: -move),
        ),
        mistake("step_divided_by_batch", *_of_either("d?", lambda gradient, N: gradient / N)),
        mistake("step_taken_twice", *_of_either("new_?", lambda old, move: old - 2 * move)),
        mistake(
            "bias_step_shared",
            {"db": lambda db, N: np.full_like(db, db.sum())},
            {"db": lambda db, N: np.full_like(db, db.mean())},
        ),
        mistake(
            "step_results_exchanged",
            {"results": lambda dx, w, b: (w, b, dx)},
            {"results": lambda dx, w, b: (w, dx, b)},
            {"results": lambda dx, w, b: (dx, b, w)},
            {"results": lambda dx, w, b: (b, w, dx)},
            {"results": lambda dx, w, b: (b, dx, w)},
        ),
    ),
    cases=_sgd_cases,
    hints=(
        "Which of the three gradients go into a step, and which one travels on to the layer before?",
        "All three gradients belong to the weights that made z. So which comes first, the gradients or the step?",
        "dx, dw, db = F.conv2d_backward(dz, x, w, stride=stride, padding=padding). "
        "Then a new array for each parameter: the old one, less lr times its gradient.",
    ),
    notice="A parameter is changed by its gradient; x is not, its gradient is sent on.",
)


# A whole network ----------------------------------------------------------------------------------------------------


def _network(step: SimpleNamespace, x: Array, labels: Array, params: Mapping[str, Array]) -> Gradients:
    w1, w2, w3 = (params[name] for name in ("w1", "w2", "w3"))
    b1, b2, b3 = (step.bias(params[name], name) for name in ("b1", "b2", "b3"))
    z1 = F.conv2d(x, w1, b1, padding=1)
    a1 = step.relu1(z1)
    m1, argmax1 = F.max_pool2d(a1, 2)
    z2 = F.conv2d(m1, w2, b2, padding=1)
    a2 = step.relu2(z2)
    m2, argmax2 = F.max_pool2d(a2, 2)
    flat = step.flatten(m2)
    p = step.softmax(F.linear(flat, w3, b3))
    dlogits = step.share(p - step.one_hot(labels, p.shape), len(x))
    dflat, dw3, db3 = F.linear_backward(dlogits, step.seen_by_3(flat, z2), w3)
    dz2 = step.back2(step.unpool2(step.unflatten(dflat, m2.shape), argmax2, a2), z2)
    _, dw2, db2 = F.conv2d_backward(dz2, step.seen_by_2(m1, z1), w2, padding=1)
    dm1, _, _ = F.conv2d_backward(dz2, m1, step.kernel2(w2), padding=1)
    dz1 = step.back1(step.unpool1(dm1, argmax1, a1), z1)
    _, dw1, db1 = F.conv2d_backward(dz1, step.seen_by_1(x, a1), w1, padding=1)
    grads: Gradients = step.finish({"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "w3": dw3, "b3": db3}, x)
    return grads


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    p: Array = powers / powers.sum(axis=1, keepdims=True)
    return p


def _to_winner(dm: Array, argmax: Array, a: Array) -> Array:
    return F.max_pool2d_backward(dm, argmax, a.shape)


def _to_all_winners(dm: Array, argmax: Array, a: Array) -> Array:
    """The whole gradient to every cell that is as large as the maximum."""
    return _repeated(dm) * (a == _repeated(F.max_pool2d(a, 2)[0]))


def _repeated(dm: Array) -> Array:
    return dm.repeat(2, axis=2).repeat(2, axis=3)


def _quartered(dm: Array, argmax: Array, a: Array) -> Array:
    return _repeated(dm) / 4


def _to_all(dm: Array, argmax: Array, a: Array) -> Array:
    return _repeated(dm)


def _passed(da: Array, z: Array) -> Array:
    return da


def _masked_by_gradient(da: Array, z: Array) -> Array:
    return da * (da > 0)


def _times_a(da: Array, z: Array) -> Array:
    return da * F.relu(z)


def _channels_last(m: Array) -> Array:
    return m.transpose(0, 2, 3, 1).reshape(len(m), -1)


def _from_channels_last(dflat: Array, shape: tuple[int, ...]) -> Array:
    N, C, H, W = shape
    return dflat.reshape(N, H, W, C).transpose(0, 3, 1, 2)


def _scaled(names: str, by: Callable[[str, Array], float]) -> Callable[[Gradients, Array], Gradients]:
    """The gradients, those with these names multiplied by a number that may depend on the name and on x."""
    return lambda grads, x: {name: one * by(name, x) if name in names.split() else one for name, one in grads.items()}


def _batch(name: str, x: Array) -> float:
    return 1 / len(x)


def _outputs(name: str, x: Array) -> float:
    """One over how many outputs a bias is added to."""
    cells = {"b1": x[0, 0].size, "b2": x[0, 0].size // 4, "b3": 1}
    return 1 / (len(x) * cells[name])


def _pixels(name: str, x: Array) -> float:
    return _outputs(name, x) * len(x)


def _nothing(name: str, x: Array) -> float:
    return 0.0


def _without(*left_out: str) -> Callable[[Array, str], Array]:
    return lambda b, name: np.zeros_like(b) if name in left_out else b


def _both_layers(slot: str, replacement: Callable[..., Any]) -> tuple[Steps, Steps, Steps]:
    """A slip in the first layer, in the second, in both."""
    return {f"{slot}1": replacement}, {f"{slot}2": replacement}, {f"{slot}1": replacement, f"{slot}2": replacement}


def _network_cases(rng: np.random.Generator) -> list[Case]:
    # N, channels of x, filters of the first and second layer, H, W, classes
    sizes = [(1, 1, 1, 1, 4, 4, 2), (1, 1, 2, 2, 4, 8, 3), (2, 1, 2, 2, 8, 4, 3), (2, 2, 2, 3, 8, 8, 3)]
    sizes += [(3, 2, 3, 2, 4, 8, 4), (3, 1, 2, 2, 8, 8, 4)]
    found = []
    for N, C, F1, F2, H, W, K in sizes:
        shapes = {"w1": (F1, C, 3, 3), "b1": (F1,), "w2": (F2, F1, 3, 3), "b2": (F2,), "w3": (K, F2 * H * W // 16)}
        shapes["b3"] = (K,)
        params = {name: np.round(rng.normal(0, 0.5, shape), 2) for name, shape in shapes.items()}
        params["b1"] = np.round(rng.uniform(0.1, 0.4, F1), 2)
        params["b2"] = np.round(rng.uniform(0.1, 0.4, F2), 2)
        said = {"several images": N > 1, "several channels": F2 > 1, "a picture that is not square": H != W}
        traits = frozenset(words for words, holds in said.items() if holds)
        found.append(Case((np.round(rng.normal(size=(N, C, H, W)), 2), rng.integers(0, K, N), params), traits))
    return found


CNN_BACKWARD = Task(
    name="cnn_backward",
    title="the backward pass of a whole network",
    answer=solutions.cnn_backward,
    recipe=_network,
    steps={
        "bias": lambda b, name: b,
        "relu1": F.relu,
        "relu2": F.relu,
        "flatten": lambda m: m.reshape(len(m), -1),
        "softmax": _softmax,
        "one_hot": lambda labels, shape: np.eye(shape[1])[labels],
        "share": lambda dlogits, N: dlogits / N,
        "seen_by_3": lambda flat, z2: flat,
        "unflatten": lambda dflat, shape: dflat.reshape(shape),
        "unpool2": _to_winner,
        "back2": F.relu_backward,
        "seen_by_2": lambda m1, z1: m1,
        "kernel2": lambda w: w,
        "unpool1": _to_winner,
        "back1": F.relu_backward,
        "seen_by_1": lambda x, a1: x,
        "finish": lambda grads, x: grads,
    },
    mistakes=(
        mistake("first_relu_missing", {"back1": _passed}, {"back1": _passed, "unpool1": _to_all_winners}),
        mistake("second_relu_missing", {"back2": _passed}, {"back2": _passed, "unpool2": _to_all_winners}),
        mistake(
            "relu_missing_forward",
            *_both_layers("relu", lambda z: z),
            {"relu1": lambda z: z, "back1": _passed},
            {"relu2": lambda z: z, "back2": _passed},
            {"relu1": lambda z: z, "back1": _passed, "relu2": lambda z: z, "back2": _passed},
        ),
        mistake(
            "relu_mask_from_gradient",
            *_both_layers("back", _masked_by_gradient),
            {"back1": _masked_by_gradient, "unpool1": _to_all_winners},
            {"back2": _masked_by_gradient, "unpool2": _to_all_winners},
            {
                "back1": _masked_by_gradient,
                "unpool1": _to_all_winners,
                "back2": _masked_by_gradient,
                "unpool2": _to_all_winners,
            },
        ),
        mistake("relu_multiplied_by_a", *_both_layers("back", _times_a)),
        mistake("pool_gradient_spread", *_both_layers("unpool", _quartered), *_both_layers("unpool", _to_all)),
        mistake("mean_loss_forgotten", {"share": lambda dlogits, N: dlogits}),
        mistake(
            "divided_by_batch_again",
            {"share": lambda dlogits, N: dlogits / N**2},
            {"finish": _scaled("w1 b1 w2 b2", _batch)},
            {"finish": _scaled("w1 w2 w3", _batch)},
            {"finish": _scaled("w1 w2", _batch)},
            {"finish": _scaled("w3 b3", _batch)},
            {"finish": _scaled("b1 b2 b3", _batch)},
        ),
        mistake(
            "flattened_in_another_order",
            {"flatten": _channels_last, "unflatten": _from_channels_last},
            {"flatten": _channels_last},
            {"unflatten": _from_channels_last},
        ),
        mistake("w3_gradient_transposed", {"finish": lambda grads, x: {**grads, "w3": grads["w3"].T}}),
        mistake(
            "bias_gradients_averaged",
            {"finish": _scaled("b1 b2", _outputs)},
            {"finish": _scaled("b1 b2 b3", _outputs)},
            {"finish": _scaled("b1 b2", _pixels)},
        ),
        mistake("bias_gradients_zero", {"finish": _scaled("b1 b2 b3", _nothing)}),
        mistake(
            "biases_left_out",
            {"bias": _without("b1", "b2")},
            {"bias": _without("b1", "b2", "b3")},
            *({"bias": _without(name)} for name in ("b1", "b2", "b3")),
        ),
        mistake(
            "input_before_relu",
            {"seen_by_2": lambda m1, z1: F.max_pool2d(z1, 2)[0]},
            {"seen_by_3": lambda flat, z2: F.max_pool2d(z2, 2)[0].reshape(flat.shape)},
            {
                "seen_by_2": lambda m1, z1: F.max_pool2d(z1, 2)[0],
                "seen_by_3": lambda flat, z2: F.max_pool2d(z2, 2)[0].reshape(flat.shape),
            },
        ),
        mistake("input_of_another_layer", {"seen_by_1": lambda x, a1: a1}),
        mistake("second_kernel_turned", {"kernel2": lambda w: w[:, :, ::-1, ::-1]}),
        mistake("labels_left_out", {"one_hot": lambda labels, shape: np.zeros(shape)}),
        mistake("softmax_left_out", {"softmax": lambda logits: logits}),
        mistake("gradients_negated", {"share": lambda dlogits, N: -dlogits / N}),
        mistake(
            "one_image_only",
            {"share": lambda dlogits, N: first(dlogits, 0) / N},
            {"share": lambda dlogits, N: first(dlogits[::-1], 0)[::-1] / N},
            {"share": lambda dlogits, N: first(dlogits, 0)},
            {"share": lambda dlogits, N: first(dlogits[::-1], 0)[::-1]},
        ),
        mistake("first_layer_left_out", {"finish": _scaled("w1 b1", _nothing)}),
    ),
    cases=_network_cases,
    hints=(
        "Write the forward pass first, and keep every array: the way back needs nearly all of them.",
        "Go back through the same list, last layer first. "
        "Each layer takes what the one behind it gives as dx, and asks for its own input.",
        "dlogits → linear_backward → reshape to the shape before flatten → max_pool2d_backward → relu_backward with z2 "
        "→ conv2d_backward → max_pool2d_backward → relu_backward with z1 → conv2d_backward.",
    ),
    notice="Each layer only ever talks to its neighbours: a dx comes in from behind, a dx goes out in front.",
    forbidden=frozenset({"backward", "backward_params"}),
    exact=False,
)

TASKS = (NUMERICAL_GRADIENT, SGD_STEP, CNN_BACKWARD)

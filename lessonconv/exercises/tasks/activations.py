"""The backward pass of the activations: one factor for each cell."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from lessonconv.exercises.solutions import activations as solutions
from lessonconv.exercises.task import Array, Case, Mistake, Task
from lessonconv.exercises.tasks.geometry import integers
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # the chain
    "da_missing": (
        "The gradient that arrives, ∂L/∂a, is left out.",
        "g′(z) alone, whatever the layers behind have to say.",
        "If ∂L/∂a were twice as large, what would your ∂L/∂z do?",
    ),
    "da_added": (
        "∂L/∂a and g′(z) are added, not multiplied.",
        "∂L/∂a + g′(z).",
        "Where the curve is flat, how much of the gradient should be left?",
    ),
    "derivative_divided": (
        "∂L/∂a is divided by the derivative.",
        "∂L/∂a / g′(z): the flatter the curve, the larger the gradient.",
        "z moves by ε, then a moves by g′(z)·ε. By how much does L move?",
    ),
    "gradient_and_input_exchanged": (
        "da and z have exchanged their places.",
        "z ⊙ g′(∂L/∂a).",
        "In which order do the arguments come, and at which of the two is the slope taken?",
    ),
    "activation_for_derivative": (
        "∂L/∂a is multiplied with the activation a = g(z).",
        "∂L/∂a ⊙ g(z): the height of the curve in the place of its slope.",
        "Draw the curve of g. How steep is it far out on the right?",
    ),
    "forward_again": (
        "This is the forward pass again.",
        "g(z): ∂L/∂a does not come in.",
        "Which of your two arguments have you not used yet?",
    ),
    "averaged_over_cells": (
        "The gradient is divided by a number of cells, or of images.",
        "A share of ∂L/∂z. If the loss is a mean, ∂L/∂a carries its 1/N already.",
        "Each cell of z makes one cell of a. Is there anything to take a mean of?",
    ),
    "only_first_cell": (
        "Only the first cell is worked on.",
        "The gradient of one cell; the others stay zero.",
        "How far is your return indented?",
    ),
    "gradient_negated": (
        "The sign is turned.",
        "The right numbers, times −1.",
        "When z grows, does a grow or shrink? Where does a minus come in?",
    ),
    # steps: relu, leaky relu
    "mask_missing": (
        "Nothing is held back: the gradient passes everywhere.",
        "∂L/∂a as it is.",
        "z was −3, so a was 0. If z were −2.9, how much would a change?",
    ),
    "mask_inverted": (
        "The gradient passes where z was negative.",
        "∂L/∂a where the neuron was silent, 0 where it spoke.",
        "On which side of 0 does a follow z?",
    ),
    "mask_from_gradient": (
        "The sign of ∂L/∂a decides, not the sign of z.",
        "∂L/∂a where ∂L/∂a itself is positive.",
        "On the way forward, which number decided whether the cell was let through?",
    ),
    "mask_from_both": (
        "The gradient passes only where both z and ∂L/∂a are positive.",
        "∂L/∂a ⊙ [z > 0] ⊙ [∂L/∂a > 0]: it is used for making pictures, and is called guided backpropagation.",
        "May a gradient be negative, and what would it tell?",
    ),
    "multiplied_by_z": (
        "∂L/∂a is multiplied with z.",
        "∂L/∂a · z, on both sides of 0.",
        "If z doubles, does the slope of g double?",
    ),
    "sign_for_step": (
        "Where z was negative, the gradient comes back with its sign turned.",
        "∂L/∂a ⊙ sign z: the slope of |z|.",
        "z was −3, so a was 0. If z were −2.9, how much would a change?",
    ),
    "slope_at_zero": (
        "At z = 0 exactly, yours takes another slope than the cases do.",
        "There is no derivative at 0; any slope between the two sides will do. PyTorch takes the one of the left.",
        "How often is a number exactly 0, and where could that happen in a network?",
    ),
    "slope_missing": (
        "Where z was negative, nothing passes.",
        "∂L/∂a ⊙ [z > 0]: this is ReLU, without its leak.",
        "Which argument do you never use?",
    ),
    "slope_fixed": (
        "The slope is a fixed number.",
        "The gradient for a slope of 0.01, or some such, whatever was asked for.",
        "Which argument do you never use?",
    ),
    "slope_on_positive_side": (
        "The slope is applied on the wrong side of 0.",
        "slope · ∂L/∂a where z is positive, ∂L/∂a where it is not.",
        "Which side of 0 lets only a little through?",
    ),
    "slope_everywhere": (
        "The slope is applied on both sides of 0.",
        "slope · ∂L/∂a, in every cell.",
        "How steep is the curve at z = 3?",
    ),
    "slope_added": (
        "The slope is added to both sides of 0.",
        "(1 + slope) · ∂L/∂a where z is positive.",
        "How steep is the curve at z = 3?",
    ),
    "slope_without_gradient": (
        "Where z was negative, the slope stands alone.",
        "The number slope itself: ∂L/∂a does not come in.",
        "If ∂L/∂a were twice as large, what would your numbers on the left of 0 do?",
    ),
    "slope_times_z": (
        "Where z was negative, the slope is multiplied with z.",
        "slope · z, which is a, on the left of 0.",
        "There a = slope · z. What is its derivative by z?",
    ),
    "slope_negated": (
        "Where z was negative, the gradient has the wrong sign.",
        "−slope · ∂L/∂a on the left of 0.",
        "From z = −3 to z = −2, does a rise or fall?",
    ),
    "slope_inverted": (
        "Where z was negative, ∂L/∂a is divided by the slope.",
        "∂L/∂a / slope on the left of 0: much, where little should pass.",
        "A small slope: should more or less of the gradient pass on the left of 0?",
    ),
    # curves: sigmoid, tanh, arctan
    "z_for_a": (
        "z stands where a = g(z) is meant.",
        "The derivative's formula in terms of a, with z put in as if it were activated already.",
        "Is the argument z what came into the activation, or what came out?",
    ),
    "activated_twice": (
        "The activation is applied twice.",
        "The derivative's formula with g(g(z)) for a.",
        "Is the argument z what came into the activation, or what came out?",
    ),
    "factor_lost": (
        "Of the two factors a and 1 − a, only 1 − a is there.",
        "∂L/∂a ⊙ (1 − a), steepest far out on the left.",
        "Where should the slope be largest, and is yours?",
    ),
    "plus_for_minus": (
        "There is a plus where a minus should be.",
        "A slope that grows where the curve becomes flat.",
        "Far out on the right, a is nearly 1. What does your factor become there?",
    ),
    "minus_for_plus": (
        "There is a minus where a plus should be.",
        "1/(1 − z²): without bound near z = 1, and negative beyond.",
        "The curve never falls. Can its slope be negative?",
    ),
    "derivative_of_tanh": (
        "This is the derivative of tanh, 1 − a².",
        "The formula of another curve.",
        "At z = 0, how steep is your curve? Compare it with a drawing.",
    ),
    "derivative_of_sigmoid": (
        "This is the derivative of the sigmoid, a·(1 − a).",
        "The formula of another curve: it is 0 at z = 0, where tanh is steepest.",
        "What is a at z = 0, and what does your slope become there?",
    ),
    "square_missing": (
        "A square is missing.",
        "The formula with the first power in its place.",
        "The curve is as steep at −z as at z. Is your formula the same for both?",
    ),
    "square_of_z": (
        "z is squared before tanh is taken.",
        "1 − tanh(z²) where 1 − (tanh z)² is meant.",
        "In tanh² z, what is squared?",
    ),
    "square_of_sum": (
        "The sum is squared, not z alone.",
        "1/(1 + z)².",
        "The curve is as steep at −z as at z. Is your formula the same for both?",
    ),
    "cosh_not_squared": (
        "cosh z stands there without its square.",
        "∂L/∂a / cosh z: it falls off as e^(−|z|), half as fast as it should.",
        "At z = 0, any power of cosh is 1. Try z = 1: what does a small step change there?",
    ),
    "a_for_z": (
        "a = arctan z stands where z is meant.",
        "1/(1 + a²), which is never below 0.28.",
        "Far out on the right the curve is flat. How small does your factor become?",
    ),
    "root_for_square": (
        "There is a square root too many.",
        "1/√(1 + z²), or 1/√(1 − z²), which belongs to the arcsine.",
        "Of arcsin, arccos and arctan: which derivatives have a root?",
    ),
    "derivative_of_tan": (
        "This is the derivative of tan, not of its inverse.",
        "1/cos² z.",
        "tan and arctan undo one another. Where one of them is steep, what is the other?",
    ),
    "brackets_missing": (
        "A pair of brackets is missing.",
        "Multiplying and dividing come before adding: only a part of the factor meets ∂L/∂a.",
        "In which order does Python work out your line?",
    ),
    "overflow": (
        "Far from 0 something overflows.",
        "∞/∞, which is NaN: e^710 is more than a float can hold. A single NaN spoils every weight.",
        "Which of your exponentials becomes larger than any float, and can you write it with the other sign?",
    ),
}


# Cases --------------------------------------------------------------------------------------------------------------

SHAPES = [(1,), (1,), (2,), (3,), (4,), (2, 2), (2, 3), (3, 2), (2, 1, 3), (2, 2, 2), (2, 1, 2, 3), (2, 3, 2, 2)]
AT_RANDOM = 4


def _traits(z: Array) -> frozenset[str]:
    said = {
        "a negative z": (z < 0).any(),
        "a positive z": (z > 0).any(),
        "z = 0": (z == 0).any(),
        "a large z": (np.abs(z) > 100).any(),
        "one axis": z.ndim == 1,
        "several axes": z.ndim > 1,
    }
    return frozenset(words for words, holds in said.items() if holds)


def _shapes(rng: np.random.Generator) -> list[tuple[int, ...]]:
    return SHAPES + [tuple(map(int, rng.integers(1, 4, rng.integers(1, 5)))) for _ in range(AT_RANDOM)]


def _kinked(rng: np.random.Generator, *slopes: float) -> list[Case]:
    """Small whole numbers, z = 0 in two of the cases; and a slope, in turn, if there are any."""
    found = []
    for number, shape in enumerate(_shapes(rng)):
        da, z = integers(rng, *shape), integers(rng, *shape)
        z.flat[0] = -abs(z.flat[0]) if number % 2 else abs(z.flat[0])
        if number in (4, 7):
            z.flat[1] = 0.0
        slope = (slopes[number % len(slopes)],) if slopes else ()
        found.append(Case((da, z, *slope), _traits(z)))
    return sorted(found, key=lambda case: case.cells)


def _smooth(rng: np.random.Generator) -> list[Case]:
    """Numbers of two decimals, z far from ±1, where some wrong formulas have no value; and two cases far out."""
    found = []
    for number, shape in enumerate(_shapes(rng)):
        da, z = (np.round(integers(rng, *shape) / 2 + rng.uniform(-0.2, 0.2, shape), 2) for _ in "az")
        z[np.abs(np.abs(z) - 1) < 0.05] = 0.75
        if number in (4, 7):
            z.flat[:3] = [-1000, 0, 1000]
        found.append(Case((da, z), _traits(z)))
    return sorted(found, key=lambda case: case.cells)


# Steps --------------------------------------------------------------------------------------------------------------


def _backward(step: SimpleNamespace, da: Array, z: Array, *slope: float) -> Array:
    da, z = step.arguments(da, z)
    dz = step.chain(da, step.derivative(z, *slope), z, *slope)
    return step.finish(dz, z)


def _steps(derivative: Callable[..., Array]) -> dict[str, Callable[..., Any]]:
    return {
        "arguments": lambda da, z: (da, z),
        "derivative": derivative,
        "chain": lambda da, slope, z, *_: da * slope,
        "finish": lambda dz, z: dz,
    }


def _common(activation: Callable[..., Array]) -> tuple[Mistake, ...]:
    """The mistakes that can be made with any activation."""
    return (
        mistake("da_missing", {"chain": lambda da, slope, z, *_: slope}),
        mistake("gradient_and_input_exchanged", {"arguments": lambda da, z: (z, da)}),
        mistake("activation_for_derivative", {"derivative": activation}),
        mistake("forward_again", {"chain": lambda da, slope, z, *more: activation(z, *more)}),
        mistake(
            "averaged_over_cells",
            {"finish": lambda dz, z: dz / len(z)},
            {"finish": lambda dz, z: dz / z.size},
        ),
        mistake("only_first_cell", {"finish": _only_first}),
        mistake("gradient_negated", {"finish": lambda dz, z: -dz}),
    )


def _only_first(dz: Array, z: Array) -> Array:
    kept = np.zeros_like(dz)
    kept.flat[0] = dz.flat[0]
    return kept


def _lost_far_out(dz: Array, z: Array) -> Array:
    """Any number where an exponential of z overflows."""
    return np.where(np.abs(z) > 300, np.nan, dz)


def _inverse(derivative: Callable[..., Array]) -> Callable[..., Array]:
    """da / g′: any number where g′ is so small that its digits are chance."""
    return lambda da, slope, z: np.where(np.abs(z) > 5, np.nan, da / derivative(np.clip(z, -5, 5)))


# The tasks ----------------------------------------------------------------------------------------------------------


def _relu(z: Array) -> Array:
    return np.maximum(z, 0)


RELU_BACKWARD = Task(
    name="relu_backward",
    title="the backward pass of ReLU",
    answer=solutions.relu_backward,
    recipe=_backward,
    steps=_steps(lambda z: np.where(z > 0, 1.0, 0.0)),
    mistakes=(
        *_common(_relu),
        mistake("mask_missing", {"derivative": lambda z: np.ones(z.shape)}),
        mistake("mask_inverted", {"derivative": lambda z: (z < 0) * 1.0}, {"derivative": lambda z: (z <= 0) * 1.0}),
        mistake("mask_from_gradient", {"chain": lambda da, slope, z: da * (da > 0)}),
        mistake("mask_from_both", {"chain": lambda da, slope, z: da * slope * (da > 0)}),
        mistake("multiplied_by_z", {"derivative": lambda z: z}),
        mistake("da_added", {"chain": lambda da, slope, z: da + slope}),
        mistake("sign_for_step", {"derivative": lambda z: np.where(z == 0, np.nan, np.sign(z))}),
        mistake(
            "slope_at_zero",
            {"derivative": lambda z: (z >= 0) * 1.0},
            {"derivative": lambda z: np.heaviside(z, 0.5)},
            policy=True,
        ),
    ),
    cases=lambda rng: _kinked(rng),
    hints=(
        "Draw a = max(z, 0). How steep is it at z = 3, and how steep at z = −3?",
        "Where z was positive, a is z: whatever L asks of a, it asks of z. Elsewhere a stays 0, whatever z does.",
        "z > 0 is an array of True and False. What do you get when you multiply ∂L/∂a with it, cell by cell?",
    ),
    notice="The backward pass needs to know only where z was positive: one bit for each cell.",
    forbidden=frozenset({"relu_backward", "backward"}),
)


def _leaky(z: Array, slope: float) -> Array:
    return np.where(z > 0, z, slope * z)


def _fixed(number: float) -> Callable[..., Array]:
    return lambda z, slope: np.where(z > 0, 1.0, number)


LEAKY_RELU_BACKWARD = Task(
    name="leaky_relu_backward",
    title="the backward pass of leaky ReLU",
    answer=solutions.leaky_relu_backward,
    recipe=_backward,
    steps=_steps(lambda z, slope: np.where(z > 0, 1.0, slope)),
    mistakes=(
        *_common(_leaky),
        mistake("mask_missing", {"derivative": lambda z, slope: np.ones(z.shape)}),
        mistake("mask_from_gradient", {"chain": lambda da, _, z, slope: np.where(da > 0, da, slope * da)}),
        mistake("slope_missing", {"derivative": _fixed(0.0)}),
        mistake("slope_fixed", *({"derivative": _fixed(number)} for number in (0.01, 0.001, 0.02, 0.1, 0.2, 0.3))),
        mistake(
            "slope_on_positive_side",
            {"derivative": lambda z, slope: np.where(z == 0, np.nan, np.where(z > 0, slope, 1.0))},
        ),
        mistake("slope_everywhere", {"derivative": lambda z, slope: np.full(z.shape, slope)}),
        mistake("slope_added", {"derivative": lambda z, slope: (z > 0) + slope}),
        mistake("slope_without_gradient", {"chain": lambda da, _, z, slope: np.where(z > 0, da, slope)}),
        mistake("slope_times_z", {"chain": lambda da, _, z, slope: np.where(z > 0, da, slope * z)}),
        mistake("slope_negated", {"derivative": lambda z, slope: np.where(z > 0, 1.0, -slope)}),
        mistake("slope_inverted", {"derivative": lambda z, slope: np.where(z > 0, 1.0, 1 / slope)}),
        mistake("multiplied_by_z", {"derivative": lambda z, slope: z}),
        mistake("slope_at_zero", {"derivative": lambda z, slope: np.where(z >= 0, 1.0, slope)}, policy=True),
    ),
    cases=lambda rng: _kinked(rng, 0.25, 0.5, 1.5),
    hints=(
        "Draw the curve. It has two slopes: which one belongs to z = 3, and which to z = −3?",
        "Where z was positive, ∂L/∂a passes as it is. Elsewhere a = slope · z: how much of ∂L/∂a passes there?",
        "np.where(z > 0, 1, slope) is the slope of each cell. What is left to do with ∂L/∂a?",
    ),
    notice="A neuron that is silent for every image still hears a little, and so it can come back to life.",
    forbidden=frozenset({"leaky_relu_backward", "backward"}),
)


def _sigmoid(z: Array) -> Array:
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small, 1.0) / (1 + small)


def _sigmoid_slope(z: Array) -> Array:
    return _sigmoid(z) * (1 - _sigmoid(z))


SIGMOID_BACKWARD = Task(
    name="sigmoid_backward",
    title="the backward pass of the sigmoid",
    answer=solutions.sigmoid_backward,
    recipe=_backward,
    steps=_steps(_sigmoid_slope),
    mistakes=(
        *_common(_sigmoid),
        mistake("da_added", {"chain": lambda da, slope, z: da + slope}),
        mistake("derivative_divided", {"chain": _inverse(_sigmoid_slope)}),
        mistake("z_for_a", {"derivative": lambda z: z * (1 - z)}),
        mistake("activated_twice", {"derivative": lambda z: _sigmoid_slope(_sigmoid(z))}),
        mistake("factor_lost", {"derivative": lambda z: 1 - _sigmoid(z)}),
        mistake("plus_for_minus", {"derivative": lambda z: _sigmoid(z) * (1 + _sigmoid(z))}),
        mistake("derivative_of_tanh", {"derivative": lambda z: 1 - _sigmoid(z) ** 2}),
        mistake(
            "brackets_missing",
            {"chain": lambda da, slope, z: da * _sigmoid(z) - _sigmoid(z)},
            {"chain": lambda da, slope, z: _sigmoid(z) - _sigmoid(z) * da},
        ),
        mistake("overflow", {"finish": _lost_far_out}),
    ),
    cases=_smooth,
    hints=(
        "Draw the curve from z = −6 to 6. Where is it steepest, and how steep is it at the two ends?",
        "g′(z) = e^(−z) / (1 + e^(−z))². It can be written with a alone: work out 1 − a, and look for it there.",
        "g′(z) = a·(1 − a), with a = g(z). For a z far below 0, e^(−z) overflows: use e^(−|z|), which never does.",
    ),
    notice="a·(1 − a) is ¼ at most: each sigmoid on the way lets at most a quarter of the gradient pass.",
    forbidden=frozenset({"sigmoid_backward", "backward"}),
    exact=False,
)


def _tanh_slope(z: Array) -> Array:
    return 1 - np.tanh(z) ** 2


TANH_BACKWARD = Task(
    name="tanh_backward",
    title="the backward pass of tanh",
    answer=solutions.tanh_backward,
    recipe=_backward,
    steps=_steps(_tanh_slope),
    mistakes=(
        *_common(np.tanh),
        mistake("da_added", {"chain": lambda da, slope, z: da + slope}),
        mistake("derivative_divided", {"chain": _inverse(_tanh_slope)}),
        mistake("z_for_a", {"derivative": lambda z: 1 - z**2}),
        mistake("activated_twice", {"derivative": lambda z: 1 - np.tanh(np.tanh(z)) ** 2}),
        mistake("square_missing", {"derivative": lambda z: 1 - np.tanh(z)}),
        mistake("square_of_z", {"derivative": lambda z: 1 - np.tanh(z**2)}),
        mistake("plus_for_minus", {"derivative": lambda z: 1 + np.tanh(z) ** 2}),
        mistake("derivative_of_sigmoid", {"derivative": lambda z: np.tanh(z) * (1 - np.tanh(z))}),
        mistake("cosh_not_squared", {"derivative": lambda z: 1 / np.cosh(z)}),
        mistake(
            "brackets_missing",
            {"chain": lambda da, slope, z: da - np.tanh(z) ** 2},
            {"chain": lambda da, slope, z: 1 - np.tanh(z) ** 2 * da},
        ),
        mistake("overflow", {"finish": _lost_far_out}),
    ),
    cases=_smooth,
    hints=(
        "Draw the curve from z = −4 to 4. Where is it steepest, and how steep is it at the two ends?",
        "tanh z = sinh z / cosh z, and its derivative is (cosh² z − sinh² z) / cosh² z. Write that with a = tanh z.",
        "g′(z) = 1 − a², with a = np.tanh(z). That never overflows; cosh and exp would.",
    ),
    notice="At z = 0 the whole gradient passes, four times as much as through a sigmoid.",
    forbidden=frozenset({"tanh_backward", "backward"}),
    exact=False,
)


def _arctan_slope(z: Array) -> Array:
    return 1 / (1 + z**2)


ARCTAN_BACKWARD = Task(
    name="arctan_backward",
    title="the backward pass of the arctangent",
    answer=solutions.arctan_backward,
    recipe=_backward,
    steps=_steps(_arctan_slope),
    mistakes=(
        *_common(np.arctan),
        mistake("da_added", {"chain": lambda da, slope, z: da + slope}),
        mistake("derivative_divided", {"chain": lambda da, slope, z: da * (1 + z**2)}),
        mistake("square_missing", {"derivative": lambda z: 1 / (1 + z)}, {"derivative": lambda z: 1 / (1 + np.abs(z))}),
        mistake("square_of_sum", {"derivative": lambda z: 1 / (1 + z) ** 2}),
        mistake("minus_for_plus", {"derivative": lambda z: 1 / (1 - z**2)}),
        mistake(
            "root_for_square",
            {"derivative": lambda z: 1 / np.sqrt(1 + z**2)},
            {"derivative": lambda z: 1 / np.sqrt(1 - z**2)},
        ),
        mistake("a_for_z", {"derivative": lambda z: 1 / (1 + np.arctan(z) ** 2)}),
        mistake("derivative_of_tan", {"derivative": lambda z: 1 / np.cos(z) ** 2}),
        mistake("derivative_of_tanh", {"derivative": lambda z: 1 - np.arctan(z) ** 2}, {"derivative": _tanh_slope}),
        mistake(
            "brackets_missing",
            {"chain": lambda da, slope, z: da + z**2},
            {"chain": lambda da, slope, z: 1 + z**2 * da},
        ),
    ),
    cases=_smooth,
    hints=(
        "Draw the curve from z = −6 to 6. Where is it steepest? Does it become flat as fast as tanh?",
        "Read a = arctan z backwards: z = tan a, and dz/da = 1 + tan² a. That is 1 + z² again.",
        "da/dz is one over dz/da: 1 / (1 + z²). What is left to do with ∂L/∂a?",
    ),
    notice="Far out, the slope falls as 1/z², not as an exponential: less of the gradient vanishes.",
    forbidden=frozenset({"arctan_backward", "backward"}),
    exact=False,
)

TASKS = (RELU_BACKWARD, LEAKY_RELU_BACKWARD, SIGMOID_BACKWARD, TANH_BACKWARD, ARCTAN_BACKWARD)

"""Activations, one cell at a time: ∂L/∂z = ∂L/∂a ⊙ g′(z)."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sympy import Expr, atan, exp, tanh
from sympy.core.function import UndefinedFunction

from lessonconv import functional
from lessonconv.symbolic.brackets import Positive
from lessonconv.symbolic.catalogue.conv import F, N, O_h, O_w, f, full, i, integers, j, n, z
from lessonconv.symbolic.catalogue.registry import derivation
from lessonconv.symbolic.check import Array, Case, slopes
from lessonconv.symbolic.derivation import Steps
from lessonconv.symbolic.notation import symbol, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Definition

SHAPE = (N, F, O_h, O_w)
SIZES: dict[str, Any] = {"N": 2, "F": 2, "O_h": 3, "O_w": 2}
SLOPE = 0.125  # for leaky ReLU: a binary fraction, so that its products stay exact
a, da, α = tensor("a"), tensor("da"), symbol("α")
cell = z[n, f, i, j]
KEPT = "written with a itself, which the forward pass has already"


g_slope = UndefinedFunction("g′")
g = UndefinedFunction("g", __dict__={"fdiff": lambda self, argindex=1: g_slope(self.args[0])})  # any function, and g′


def _steps(function: Expr) -> Steps:
    free = tuple(reversed(full(n, f, i, j)))
    shapes = dict.fromkeys(("z", "a", "dz", "da"), SHAPE)
    known = Known({index: (low, high) for index, low, high in free}, shapes)
    steps = Steps(tensor("dz")[n, f, i, j], free, known, Definition(a[n, f, i, j], function))
    return steps.chain(a[n, f, i, j], SHAPE, cell).differentiate().collapse().clear()


def _case(forward: Callable[[Array], Array], backward: Callable[[Array, Array], Array], **sizes: Any) -> Any:
    """Makes cases for an activation: some cells negative, some positive, none at 0, where ReLU has no derivative."""

    def case(_: Any, rng: np.random.Generator) -> Case:
        z, da = integers(rng, *SIZES.values()) / 4, integers(rng, *SIZES.values())
        moves = slopes(forward, z)
        truths = {"dz": {"layer": backward(da, z), "finite differences": np.tensordot(da, moves, 4)}}
        arrays = {"z": z, "da": da, "a": forward(z)}
        return Case({**SIZES, **sizes}, arrays, truths, {("a", "z"): moves}, FUNCTIONS)

    return case


FUNCTIONS: dict[str, Callable[[Any], Any]] = {"g": np.arctan, "g′": lambda z: 1 / (1 + z**2)}


@derivation("conv2d.dz", lambda: None, _case(functional.arctan, functional.arctan_backward))
def _any(_: None) -> Steps:
    return _steps(g(cell))


@derivation("relu.dz", lambda: None, _case(functional.relu, functional.relu_backward))
def _relu(_: None) -> Steps:
    return _steps(cell * Positive(cell))


@derivation(
    "leaky_relu.dz",
    lambda: None,
    _case(
        lambda z: functional.leaky_relu(z, SLOPE), lambda da, z: functional.leaky_relu_backward(da, z, SLOPE), α=SLOPE
    ),
)
def _leaky(_: None) -> Steps:
    return _steps(cell * (Positive(cell) + α * (1 - Positive(cell))))


@derivation("sigmoid.dz", lambda: None, _case(functional.sigmoid, functional.sigmoid_backward))
def _sigmoid(_: None) -> Steps:
    steps = _steps(1 / (1 + exp(-cell)))
    value = a[n, f, i, j]
    return steps.restate("use a", da[n, f, i, j] * value * (1 - value), KEPT, *steps.definitions)


@derivation("tanh.dz", lambda: None, _case(functional.tanh, functional.tanh_backward))
def _tanh(_: None) -> Steps:
    steps = _steps(tanh(cell))
    squared = da[n, f, i, j] * (1 - a[n, f, i, j] ** 2)
    return steps.restate(
        "use a", squared, "written with a itself, which the forward pass has already", *steps.definitions
    )


@derivation("arctan.dz", lambda: None, _case(functional.arctan, functional.arctan_backward))
def _arctan(_: None) -> Steps:
    return _steps(atan(cell))

"""Activation layers: formulas, and what they pass at 0. Slopes and PyTorch: test_layer.py."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from lessonconv import nn

Z = [-30.0, -2.0, -0.5, 0.0, 0.25, 1.0, 30.0]
FORMULAS: list[tuple[nn.Layer, Callable[[float], float], Callable[[float], float]]] = [
    (nn.ReLU(), lambda z: max(z, 0), lambda z: float(z > 0)),
    (nn.LeakyReLU(), lambda z: z if z > 0 else 0.01 * z, lambda z: 1 if z > 0 else 0.01),
    (nn.LeakyReLU(0.2), lambda z: z if z > 0 else 0.2 * z, lambda z: 1 if z > 0 else 0.2),
    (nn.LeakyReLU(-1.0), abs, lambda z: 1 if z > 0 else -1),
    (nn.Sigmoid(), lambda z: 1 / (1 + math.exp(-z)), lambda z: 1 / (math.exp(z / 2) + math.exp(-z / 2)) ** 2),
    (nn.Tanh(), math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    (nn.Arctan(), math.atan, lambda z: 1 / (1 + z**2)),
]


@pytest.mark.parametrize(("layer", "activation", "derivative"), FORMULAS, ids=[repr(layer) for layer, *_ in FORMULAS])
def test_an_activation_and_its_derivative_are_the_formulas(
    layer: nn.Layer, activation: Callable[[float], float], derivative: Callable[[float], float]
) -> None:
    np.testing.assert_allclose(layer.forward(np.array(Z)), [activation(z) for z in Z], rtol=1e-14)
    np.testing.assert_allclose(layer.backward(np.full(len(Z), 3.0)), [3 * derivative(z) for z in Z], atol=1e-15)


@pytest.mark.parametrize("layer", [layer for layer, *_ in FORMULAS], ids=repr)
def test_extreme_inputs_stay_finite(layer: nn.Layer) -> None:
    z = np.array([-3e38, 3e38], np.float32)
    with np.errstate(over="ignore"):  # arctan squares z
        assert np.isfinite(layer.forward(z)).all()
        assert np.isfinite(layer.backward(np.ones_like(z))).all()


def test_relu_blocks_the_gradient_at_zero_also_below_and_at_minus_zero() -> None:
    relu = nn.ReLU()
    relu.forward(np.array([-1.0, -0.0, 0.0, 5e-324]))
    assert relu.backward(np.full(4, 7.0)).tolist() == [0, 0, 0, 7]


def test_relu_looks_at_z_not_at_the_gradient() -> None:
    relu = nn.ReLU()
    relu.forward(np.array([1.0, 1.0, -1.0]))
    assert relu.backward(np.array([-5.0, 5.0, 5.0])).tolist() == [-5, 5, 0]

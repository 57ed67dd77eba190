"""Activations: their values and slopes against SymPy, differences and PyTorch, and what they do at the ends."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lessonconv.functional as F
from tests.functional.calls import ACTIVATIONS
from tests.functional.oracles import Array, assert_same, numerical_gradients
from tests.refusals import assert_refused
from tests.strategies import FLOATS, examples

Z = sympy.Symbol("z", real=True)
FORMULAS = {
    "relu": sympy.Max(Z, 0),
    "leaky_relu": sympy.Piecewise((Z, Z > 0), (Z / 100, True)),
    "sigmoid": 1 / (1 + sympy.exp(-Z)),
    "tanh": sympy.tanh(Z),
    "arctan": sympy.atan(Z),
}
POINTS = np.array([-30.0, -3.5, -1.0, -1e-3, 1e-3, 0.5, 2.0, 30.0])  # away from 0, where two of them have a corner
every_activation = pytest.mark.parametrize("name", ACTIVATIONS)


def forward_and_backward(name: str) -> tuple[Any, Any]:
    return getattr(F, name), getattr(F, f"{name}_backward")


def exact(formula: sympy.Expr, points: Array) -> Array:
    """Thirty digits of the formula at each point, then rounded to float64."""
    return np.array([float(formula.subs(Z, sympy.Float(point, 30)).evalf(30)) for point in points])


@every_activation
def test_values_are_those_of_the_formula(name: str) -> None:
    forward, _ = forward_and_backward(name)
    np.testing.assert_allclose(forward(POINTS), exact(FORMULAS[name], POINTS), rtol=4e-15)


@every_activation
def test_slopes_are_those_that_sympy_derives(name: str) -> None:
    """Absolute errors: where 1 − a² or a·(1 − a) underflow beside 1, so does the gradient, as in PyTorch."""
    _, backward = forward_and_backward(name)
    da = np.linspace(-2, 3, len(POINTS))
    slopes = exact(sympy.diff(FORMULAS[name], Z), POINTS)
    np.testing.assert_allclose(backward(da, POINTS), da * slopes, rtol=1e-12, atol=1e-15)


@every_activation
@examples(40)
@given(z=hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=3), elements=st.floats(-5, 5)))
def test_the_backward_pass_is_the_slope_of_the_forward_pass(name: str, z: Array) -> None:
    forward, backward = forward_and_backward(name)
    z = np.where(np.abs(z) < 0.01, 0.5, z)
    da = np.cos(np.arange(z.size)).reshape(z.shape)
    (slopes,) = numerical_gradients(forward, (z,), da)
    assert_same(backward(da, z), slopes, rtol=1e-6)


@pytest.mark.parametrize("dtype", FLOATS)
@every_activation
def test_activations_agree_with_pytorch(name: str, dtype: Any, torch: ModuleType) -> None:
    """At 0 as well, and at both infinities."""
    forward, backward = forward_and_backward(name)
    z = np.concatenate([POINTS, [0, -0.0, 1000, -1000, np.inf, -np.inf]]).astype(dtype)
    theirs = torch.tensor(z, requires_grad=True)
    a = getattr(torch.nn.functional, name, getattr(torch, name, None))(theirs)
    a.backward(torch.full_like(a, 2))
    tolerance = 4 * np.finfo(dtype).eps
    assert_same(forward(z), a.detach().numpy(), rtol=tolerance)
    assert_same(backward(np.full_like(z, 2), z), theirs.grad.numpy(), rtol=tolerance)


@pytest.mark.parametrize(
    ("name", "slope"), [("relu", 0), ("leaky_relu", 0.01), ("sigmoid", 0.25), ("tanh", 1), ("arctan", 1)]
)
def test_the_slope_at_zero(name: str, slope: float) -> None:
    """Where there is no derivative, the slope is that of the left side, as in PyTorch."""
    _, backward = forward_and_backward(name)
    assert_same(backward(np.ones(2), np.array([0.0, -0.0])), np.full(2, slope, float))


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("relu", (0, np.inf)),
        ("leaky_relu", (-np.inf, np.inf)),
        ("sigmoid", (0, 1)),
        ("tanh", (-1, 1)),
        ("arctan", (-np.pi / 2, np.pi / 2)),
    ],
)
@pytest.mark.filterwarnings("error")
def test_infinities_are_the_limits_and_nan_stays_nan(name: str, ends: tuple[float, float]) -> None:
    forward, backward = forward_and_backward(name)
    z = np.array([-np.inf, np.inf, np.nan])
    np.testing.assert_allclose(forward(z), [*ends, np.nan], rtol=1e-15)
    slopes = {"relu": (0, 1), "leaky_relu": (0.01, 1)}.get(name, (0, 0))
    np.testing.assert_array_equal(backward(np.ones(2), z[:2]), slopes)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.filterwarnings("error")
@every_activation
def test_no_number_is_too_large(name: str, dtype: Any) -> None:
    """e^1000 overflows, and so does the square of a number that still fits its type; neither may be computed."""
    forward, backward = forward_and_backward(name)
    large = np.finfo(dtype).max / 2
    z = np.array([-large, -1000, 1000, large], dtype)
    a, dz = forward(z), backward(np.ones(4, dtype), z)
    assert np.isfinite(a).all() and np.isfinite(dz).all()
    assert (np.diff(a) >= 0).all()
    if name in ("sigmoid", "tanh"):
        assert_same(dz, np.zeros(4, dtype))


@examples(100)
@given(st.floats(-40, 40))
def test_sigmoid_is_symmetric_about_one_half(z: float) -> None:
    assert F.sigmoid(-z) == pytest.approx(1 - F.sigmoid(z), abs=1e-15)
    assert F.sigmoid(z) == pytest.approx((1 + np.tanh(z / 2)) / 2, abs=1e-15)


@every_activation
def test_any_rank_will_do(name: str) -> None:
    forward, backward = forward_and_backward(name)
    for shape in ((), (0,), (3,), (2, 0, 3), (1, 2, 3, 4, 5)):
        z = np.full(shape, 0.5)
        assert np.shape(forward(z)) == np.shape(backward(z, z)) == shape
    assert forward(0.5) == forward(np.array([0.5]))[0]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
@every_activation
def test_integers_are_not_truncated(name: str, dtype: Any) -> None:
    """ReLU of integers is one of them and keeps its type; everything else gives float64."""
    forward, backward = forward_and_backward(name)
    z, da = np.array([0, 1, 3, 100], dtype), np.array([3, 100, 5, 1], dtype)
    if dtype is not np.uint8:
        z = np.concatenate([z, -z])
        da = np.concatenate([da, -da])
    expected = forward(z.astype(float))
    assert_same(forward(z), expected.astype(dtype) if name == "relu" else expected)
    slopes = backward(da.astype(float), z.astype(float))
    assert_same(backward(da, z), slopes.astype(np.int64) if name == "relu" else slopes)


@pytest.mark.parametrize("slope", [0, 0.2, 1, -0.5, 3])
@pytest.mark.parametrize("dtype", FLOATS)
def test_the_leak_can_have_any_slope(slope: float, dtype: Any) -> None:
    z = np.array([-2, 0, 2], dtype)
    assert_same(F.leaky_relu(z, slope), np.array([-2 * slope, 0, 2], dtype))
    assert_same(F.leaky_relu_backward(np.ones_like(z), z, negative_slope=slope), np.array([slope, slope, 1], dtype))


@every_activation
def test_a_gradient_of_another_shape_is_refused(name: str) -> None:
    """Broadcasting would give numbers, and the wrong ones."""
    _, backward = forward_and_backward(name)
    z = np.ones((2, 3))

    def call(da: Array) -> Any:
        return backward(da, z)

    for wrong in (np.ones((1, 3)), np.ones(3), np.ones((3, 2)), 1.0):
        words = ["da has shape", str(np.shape(wrong)), "must be (2, 3)", "shape of z"]
        assert_refused(call, {"da": wrong}, ValueError, words, {"da": np.ones((2, 3))})


@every_activation
def test_a_wrong_slope_would_be_noticed(name: str) -> None:
    """The differences tell g from g′: a backward pass that forgot the derivative does not pass."""
    forward, _ = forward_and_backward(name)
    z = np.array([-0.7, 0.4])
    (slopes,) = numerical_gradients(forward, (z,), np.ones(2))
    with pytest.raises(AssertionError):
        assert_same(forward(z), slopes, rtol=1e-6)

"""The dense layer: symbols, differences, PyTorch, and the convolution that it is."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import lessonconv.functional as F
from tests.functional.calls import CALLS, numbers
from tests.functional.oracles import Array, assert_same, numerical_gradients
from tests.refusals import assert_refused
from tests.strategies import EXACT, FLOATS, Options, examples

counts = st.integers(1, 5)


def both_ways(dz: Array, x: Array, w: Array, b: Array | None = None) -> tuple[Array, ...]:
    return F.linear(x, w, b), *F.linear_backward(dz, x, w)


def test_numbers_worked_by_hand() -> None:
    x, w, b, dz = np.array([[1, 2, 3]]), np.array([[1, 0, -1], [2, 1, 0]]), np.array([10, 20]), np.array([[1, 100]])
    assert_same(F.linear(x, w, b), np.array([[8, 24]]))
    dx, dw, db = F.linear_backward(dz, x, w)
    assert_same(dx, np.array([[201, 100, -1]]))
    assert_same(dw, np.array([[1, 2, 3], [100, 200, 300]]))
    assert_same(db, np.array([1, 100]))


def test_sympy_derives_the_same_gradients() -> None:
    """dW = dz xᵀ and dx = Wᵀ dz, the corrected (2) and (4) of "CNN backpropagation: from intuition to derivation"."""
    x, w, b, dz = (
        sympy.Matrix(*size, sympy.symbols(f"{n}:{size[0] * size[1]}"))
        for n, size in [("x", (2, 3)), ("w", (2, 3)), ("b", (1, 2)), ("d", (2, 2))]
    )
    L = sympy.expand(sum((x * w.T + sympy.ones(2, 1) * b).multiply_elementwise(dz)))
    values = {symbol: value for value, symbol in enumerate([*x, *w, *b, *dz], start=1)}
    numeric = [np.array(m.subs(values), dtype=np.int64) for m in (dz, x, w)]
    for gradient, matrix in zip(F.linear_backward(*numeric), (x, w, b), strict=True):
        expected = np.array(matrix.applyfunc(lambda symbol: sympy.diff(L, symbol)).subs(values), dtype=np.int64)
        assert_same(gradient, expected.reshape(gradient.shape))


@examples(60)
@given(N=counts, I=counts, O=counts, bias=st.booleans(), dtype=st.sampled_from(EXACT))
def test_a_dense_layer_is_a_convolution_whose_kernel_is_its_input(
    N: int, I: int, O: int, bias: bool, dtype: Any
) -> None:
    x, w, dz = (numbers(*shape).astype(dtype) for shape in ((N, I), (O, I), (N, O)))
    b = numbers(O).astype(dtype) if bias else None
    z, dx, dw, db = both_ways(dz, x, w, b)
    as_picture, as_kernel, as_map = x[:, :, None, None], w[:, :, None, None], dz[:, :, None, None]
    assert_same(z, F.conv2d(as_picture, as_kernel, b)[:, :, 0, 0])
    conv_dx, conv_dw, conv_db = F.conv2d_backward(as_map, as_picture, as_kernel)
    assert_same((dx, dw, db), (conv_dx[:, :, 0, 0], conv_dw[:, :, 0, 0], conv_db))


def test_gradients_are_the_slopes_of_the_forward_pass() -> None:
    x, w, b, dz = numbers(4, 3) / 7, numbers(2, 3) / 3, numbers(2), numbers(4, 2)
    slopes = numerical_gradients(F.linear, (x, w, b), dz)
    assert_same(F.linear_backward(dz, x, w), slopes, rtol=1e-9)
    with pytest.raises(AssertionError):
        assert_same(F.linear_backward(dz, x, w[::-1]), slopes, rtol=1e-9)


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_dense_layer_agrees_with_pytorch(dtype: Any, torch: ModuleType) -> None:
    x, w, b, dz = (numbers(*shape).astype(dtype) for shape in ((4, 3), (2, 3), (2,), (4, 2)))
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, w, b)]
    z = torch.nn.functional.linear(*tensors)
    z.backward(torch.tensor(dz))
    assert_same(both_ways(dz, x, w, b), tuple(t.detach().numpy() for t in (z, *(tensor.grad for tensor in tensors))))


def test_bytes_do_not_overflow() -> None:
    x, w = np.full((2, 1000), 255, np.uint8), np.full((3, 1000), 127, np.int8)
    assert_same(F.linear(x, w, np.array([1, 0, -1], np.int8)), 255 * 127 * 1000 + np.array([[1, 0, -1]] * 2))


@pytest.mark.parametrize(
    ("name", "wrong", "words", "way_out"),
    [
        (
            "linear",
            {"w": numbers(3, 2)},
            ["x (4, 3) has 3 features", "w (3, 2) reads 2", "(out, 3)", "transpose"],
            {"w": numbers(3, 2).T},
        ),
        ("linear", {"b": numbers(3)}, ["b has shape (3,)", "must be (2,)"], {"b": numbers(2)}),
        ("linear_backward", {"dz": numbers(4, 3)}, ["dz has shape (4, 3)", "must be (4, 2)"], {"dz": numbers(4, 2)}),
        ("linear_backward", {"dz": numbers(1, 2)}, ["dz has shape (1, 2)", "must be (4, 2)"], {"dz": numbers(4, 2)}),
    ],
)
def test_what_does_not_fit_is_refused_with_a_way_out(
    name: str, wrong: Options, words: list[str], way_out: Options
) -> None:
    assert_refused(CALLS[name], wrong, ValueError, words, way_out)

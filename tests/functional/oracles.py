"""What results are held against: a strict comparison, derivatives by differences, and windows cut out by slicing."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.strategies import Conv, Pool, examples, places

Array = npt.NDArray[Any]
Sides = tuple[tuple[int, int], tuple[int, int]]


def assert_same(actual: Any, expected: Any, rtol: float = 0.0) -> None:
    """One array or several: same shape, same dtype, same numbers (to the last bit, unless rtol says otherwise)."""
    actual, expected = (value if isinstance(value, tuple) else (value,) for value in (actual, expected))
    for a, e in zip(actual, expected, strict=True):
        a, e = np.asarray(a), np.asarray(e)
        assert (a.shape, a.dtype) == (e.shape, e.dtype)
        np.testing.assert_allclose(a, e, rtol=rtol, atol=rtol)


def hold_against(
    expected: Callable[[Any], Any],
    actual: Callable[[Any], Any],
    cases: st.SearchStrategy[Any],
    count: int,
    rtol: float = 0.0,
) -> None:
    """The two agree on `count` of the cases."""
    _agreement(expected, actual, cases, rtol, examples(count))()


def assert_caught(
    expected: Callable[[Any], Any], mutant: Callable[[Any], Any], cases: st.SearchStrategy[Any], count: int
) -> None:
    """`hold_against` tells the mutant apart, by the very examples that the real function is tested with."""
    with pytest.raises(AssertionError):
        _agreement(expected, mutant, cases, 0.0, settings(examples(count), phases=[Phase.generate]))()


def _agreement(expected: Any, actual: Any, cases: Any, rtol: float, how_many: settings) -> Callable[[], None]:
    @how_many
    @given(cases)
    def agree(case: Any) -> None:
        assert_same(actual(case), expected(case), rtol)

    return agree


def convolution(layers: Any) -> Callable[[Conv], tuple[Array, ...]]:
    """A case's z, dx, dw and db, by the conv2d and conv2d_backward of `layers`: the fast ones, the loops or mutants."""

    def both_ways(case: Conv) -> tuple[Array, ...]:
        z = layers.conv2d(case.x, case.w, case.b, **case.options)
        return z, *layers.conv2d_backward(case.dz, case.x, case.w, **case.options)

    return both_ways


def transposed_convolution(layers: Any) -> Callable[[Conv], tuple[Array, ...]]:
    def both_ways(case: Conv) -> tuple[Array, ...]:
        z = layers.conv_transpose2d(case.x, case.w, case.b, **case.options)
        return z, *layers.conv_transpose2d_backward(case.dz, case.x, case.w, **case.options)

    return both_ways


def max_pooling(layers: Any) -> Callable[[Pool], tuple[Array, ...]]:
    def both_ways(case: Pool) -> tuple[Array, ...]:
        z, argmax = layers.max_pool2d(case.x, **case.options)
        return z, argmax, layers.max_pool2d_backward(case.dz, argmax, case.x.shape)

    return both_ways


def average_pooling(layers: Any) -> Callable[[Pool], tuple[Array, ...]]:
    def both_ways(case: Pool) -> tuple[Array, ...]:
        z = layers.avg_pool2d(case.x, **case.options)
        return z, layers.avg_pool2d_backward(case.dz, case.x.shape, **case.options)

    return both_ways


def numerical_gradients(
    function: Callable[..., Array], arrays: Sequence[Array], dz: Array, h: float = 1e-3
) -> tuple[Array, ...]:
    """∂(Σ dz·z)/∂array by central differences, (L(a + h) − L(a − h)) / 2h, for each of the arrays."""
    gradients = []
    for array in arrays:
        gradient = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            kept = array[index]
            sides = []
            for value in (kept + h, kept - h):
                array[index] = value
                sides.append(np.sum(dz * function(*arrays)))
            array[index] = kept
            gradient[index] = (sides[0] - sides[1]) / (2 * h)
        gradients.append(gradient)
    return tuple(gradients)


def stretched(array: Array, steps: tuple[int, int]) -> Array:
    """The last two axes with step − 1 zeros inserted between neighbours: a dilated kernel, or a strided gradient."""
    *others, H, W = array.shape
    result = np.zeros((*others, (H - 1) * steps[0] + 1, (W - 1) * steps[1] + 1), array.dtype)
    result[..., :: steps[0], :: steps[1]] = array
    return result


def padded(x: Array, padding: Sides, fill: float = 0) -> Array:
    return np.pad(x, ((0, 0), (0, 0), *padding), constant_values=fill)


def windows_of(
    x: Array, kernel_size: Any, stride: Any, padding: Sides, dilation: Any, ceil_mode: bool, fill: float
) -> Any:
    """Every window of a pool cut out of the padded input with plain slices: an object array (O_h, O_w) of patches.

    A window that hangs over the end (ceil_mode) is cut off there.
    """
    x_pad = padded(x, padding, fill)
    outputs = [
        places(*axis, ceil_mode) for axis in zip(x.shape[2:], kernel_size, stride, padding, dilation, strict=True)
    ]
    patches = np.empty(outputs, object)
    for i, j in np.ndindex(*outputs):
        rows, columns = (
            slice(at * s, at * s + d * (k - 1) + 1, d)
            for at, s, k, d in zip((i, j), stride, kernel_size, dilation, strict=True)
        )
        patches[i, j] = x_pad[:, :, rows, columns]
    return patches

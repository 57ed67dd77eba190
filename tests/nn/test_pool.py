"""MaxPool2d and AvgPool2d: the loops as layers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from lessonconv import nn
from lessonconv.functional import loops
from tests.functional.oracles import assert_same
from tests.strategies import FLOATS, Pool, avg_pool_cases, examples, max_pool_cases


@examples(60)
@given(max_pool_cases())
def test_max_pool_is_the_loops(case: Pool) -> None:
    pool = nn.MaxPool2d(**case.options)
    z, argmax = loops.max_pool2d(case.x, **case.options)
    assert_same(pool.forward(case.x), z)
    assert_same(pool.backward(case.dz), loops.max_pool2d_backward(case.dz, argmax, case.x.shape))


@examples(60)
@given(avg_pool_cases(dtypes=FLOATS))
def test_average_pool_is_the_loops(case: Pool) -> None:
    pool = nn.AvgPool2d(**case.options)
    assert_same(pool.forward(case.x), loops.avg_pool2d(case.x, **case.options), rtol=1e-6)
    assert_same(pool.backward(case.dz), loops.avg_pool2d_backward(case.dz, case.x.shape, **case.options), rtol=1e-6)


def test_pools_worked_out_by_hand() -> None:
    """A tie goes to the first, row by row; a mean shares its gradient evenly."""
    x = np.array([[[[1.0, 4.0], [4.0, 3.0]]]])
    largest, mean = nn.MaxPool2d(2), nn.AvgPool2d(2)
    assert largest.forward(x).tolist() == [[[[4]]]]
    assert largest.backward(np.array([[[[8.0]]]])).tolist() == [[[[0, 8], [0, 0]]]]
    assert mean.forward(x).tolist() == [[[[3]]]]
    assert mean.backward(np.array([[[[8.0]]]])).tolist() == [[[[2, 2], [2, 2]]]]


def test_overlapping_windows_add_up() -> None:
    pool = nn.MaxPool2d((1, 2), stride=1)
    pool.forward(np.array([[[[1.0, 5.0, 2.0]]]]))
    assert pool.backward(np.array([[[[10.0, 100.0]]]])).tolist() == [[[[0, 110, 0]]]]


@pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
def test_no_stride_is_the_size_of_the_kernel(kind: Any) -> None:
    x = np.random.default_rng(0).standard_normal((1, 1, 7, 9))
    np.testing.assert_array_equal(kind((2, 3)).forward(x), kind((2, 3), stride=(2, 3)).forward(x))


@pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
def test_a_window_of_nothing_but_padding_is_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"would read padding only.*lower the padding"):
        kind(2, padding=2).forward(np.ones((1, 1, 4, 4)))


@pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
def test_a_window_larger_than_the_picture_is_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"kernel 5×5 is larger than the padded input 3×3; lower kernel_size to 3×3"):
        kind(5).forward(np.ones((1, 1, 3, 3)))

"""True convolution along one axis: what is claimed of it holds for NumPy and SciPy, and what is false is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from sympy import KroneckerDelta, Sum

from lessonconv.symbolic import derive
from lessonconv.symbolic.catalogue import convolve
from lessonconv.symbolic.catalogue.convolve import TOGETHER, H, J, K, i, k, l, m, u, w, w1_all, w2, w12, x, z
from lessonconv.symbolic.rules import unfold
from tests.strategies import Array, examples

ROWS = st.lists(st.integers(-9, 9), min_size=1, max_size=6).map(np.array)


@examples(40)
@given(ROWS, ROWS, ROWS)
def test_convolution_commutes_and_associates_and_correlation_does_neither(x: Array, v: Array, w: Array) -> None:
    assert np.array_equal(np.convolve(x, w), np.convolve(w, x))
    assert np.array_equal(np.convolve(np.convolve(x, v), w), np.convolve(x, np.convolve(v, w)))
    full = np.correlate(x, w, "full")
    assert np.array_equal(np.correlate(w, x, "full"), full[::-1])  # it comes out backwards
    twice = np.correlate(np.correlate(x, v, "full"), w, "full")
    assert np.array_equal(np.correlate(x, np.convolve(v, w), "full"), twice)


def test_one_row_for_which_order_and_brackets_matter_to_correlation() -> None:
    x, v, w = np.array([1, 2, 3]), np.array([1, 2]), np.array([1, 3])
    assert not np.array_equal(np.correlate(x, w, "full"), np.correlate(w, x, "full"))
    one = signal.correlate(signal.correlate(x, v), w)
    assert not np.array_equal(one, signal.correlate(x, signal.correlate(v, w)))


def test_the_meetings_of_a_convolution_are_told_by_their_sum_and_look_alike_from_both_sides() -> None:
    """Exchange tap and input, kernel and row: the list is the same."""
    met = derive("convolve.commutes").lines[1].expr
    assert met.atoms(KroneckerDelta) == {KroneckerDelta(i, k + u)}
    (total,) = met.atoms(Sum)
    exchanged = total.function.xreplace({k: u, u: k, w[k]: x[u], x[u]: w[k]})
    assert exchanged == total.function
    assert {limit[0]: limit[2] for limit in total.limits} == {k: K - 1, u: H - 1}


@pytest.mark.parametrize("name", ["convolve.associates", "correlate.twice"])
def test_the_one_kernel_is_the_convolution_of_the_two(name: str) -> None:
    derivation = derive(name)
    assert derivation.expr.atoms(Sum) and "w12" in derivation.lines[-1].text
    before = derivation.lines[-2].expr
    assert derivation.known.equal(unfold(derivation.expr, TOGETHER), before)


@pytest.mark.parametrize("name", ["convolve.associates", "correlate.twice"])
def test_the_correlation_of_the_two_kernels_is_refused(name: str) -> None:
    derivation = derive(name)
    correlated = Sum(w2[l] * w1_all[m + l], (l, 0, K - 1))
    assert not derivation.known.equal(unfold(derivation.expr, TOGETHER._replace(body=correlated)), derivation.expr)
    before = derivation.lines[-2].expr
    assert not derivation.known.equal(unfold(derivation.expr, TOGETHER._replace(body=correlated)), before)


def test_a_kernel_one_tap_too_short_is_refused() -> None:
    derivation = derive("correlate.twice")
    short = Sum(w12[m] * x[i + m], (m, 0, J + K - 3))
    assert not derivation.known.equal(unfold(short, TOGETHER), derivation.lines[-2].expr)
    assert not derivation.with_line(-1, short).check()


def test_a_correlation_in_the_place_of_the_convolution_is_caught() -> None:
    derivation = derive("convolve.commutes")
    assert not derivation.with_line(0, Sum(w[k] * convolve.x_all[i + k], (k, 0, K - 1))).check()
    assert derivation.cell == z[i]


def test_the_kernels_gradient_runs_backwards() -> None:
    """dz = (1, 10, 100), x = (1, 2, 3, 4): tap 0 met the later input, so its gradient comes first."""
    x, dz = np.array([1, 2, 3, 4]), np.array([1, 10, 100])
    dw = derive("convolve.flip.dw").function()(dz, x, (2,))
    assert dw.tolist() == [432, 321]
    assert dw[::-1].tolist() == np.correlate(x, dz).tolist()

"""The explorer of steps: its quotients against higher precision, its arms against its errors, and what it tells."""

import math
from decimal import Decimal, getcontext
from itertools import product
from typing import Any

import numpy as np
import pytest

from lessonconv import functional as F
from lessonconv.explore import StepExplorer
from lessonconv.explore.step import FUNCTIONS, PRECISIONS, SCHEMES, arms, quotient
from tests.visual.readable import complaints

ALL = [*product(FUNCTIONS, SCHEMES, PRECISIONS)]
SMOOTH = [one for one in ALL if one[0] != "relu"]
EPS = {"float64": 2.0**-52, "float32": 2.0**-23}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_derivatives_are_those_of_the_function(function: str) -> None:
    shown, h = FUNCTIONS[function], 1e-3 if function != "relu" else 1e-4
    f = [float(shown.value(np.float64(shown.x + k * h))) for k in (-2, -1, 0, 1, 2)]
    value, slope, second, third = shown.derivatives
    assert f[2] == pytest.approx(value)
    assert (f[0] - 8 * f[1] + 8 * f[3] - f[4]) / (12 * h) == pytest.approx(slope, rel=1e-8)
    assert (f[3] - 2 * f[2] + f[1]) / h**2 == pytest.approx(second, rel=1e-3, abs=1e-6)
    assert (f[4] - 2 * f[3] + 2 * f[1] - f[0]) / (2 * h**3) == pytest.approx(third, rel=1e-2, abs=1e-3)


def test_the_layer_is_a_convolution_a_tanh_and_a_sum() -> None:
    shown = FUNCTIONS["layer"]
    numbers = np.random.default_rng(5)
    image, kernel = numbers.integers(0, 10, (1, 1, 9, 9)) / 8, numbers.integers(-4, 5, (1, 1, 3, 3)) / 8
    r = numbers.integers(-4, 5, (1, 1, 4, 4)) / 4
    z = F.conv2d(image, kernel, stride=2)
    assert shown.value(shown.x) == pytest.approx((r * np.tanh(z)).sum())
    _, dw, _ = F.conv2d_backward(r * (1 - np.tanh(z) ** 2), image, kernel, stride=2)
    assert shown.derivatives[1] == pytest.approx(dw[0, 0, 1, 1])


def test_the_quotient_of_exp_is_that_of_fifty_digits_where_rounding_does_not_matter() -> None:
    getcontext().prec = 50
    for h in (0.5, 0.01, 0.001):
        near = Decimal(1) + Decimal(h), Decimal(1) - Decimal(h)
        exact = float((near[0].exp() - near[1].exp()) / (2 * Decimal(h)))
        assert StepExplorer(h=h).found == pytest.approx(exact, rel=1e-12)
    assert StepExplorer(h=0.01).error == pytest.approx(0.01**2 / 6, rel=1e-4)
    assert StepExplorer(scheme="forward", h=1e-4).error == pytest.approx(1e-4 / 2, rel=1e-4)


@pytest.mark.parametrize(("function", "scheme", "precision"), SMOOTH)
def test_the_error_stays_between_nothing_and_a_few_times_both_arms(function: str, scheme: str, precision: str) -> None:
    shown, h = FUNCTIONS[function], np.logspace(-18, 0, 181)
    _, _, found = quotient(shown, scheme, precision, h)
    bend, rounding = arms(shown, scheme, precision, h)
    error = np.abs(found / shown.derivatives[1] - 1)
    small = h < 0.1  # further out the series needs more terms
    assert (error[small] <= 5 * (bend + rounding)[small]).all()


@pytest.mark.parametrize(("precision", "scheme"), [*product(PRECISIONS, ("central", "forward"))])
def test_the_best_step_is_where_it_is_said_to_be(precision: str, scheme: str) -> None:
    explorer = StepExplorer(scheme=scheme, precision=precision)
    series = explorer._chart.series
    ((guide, _),) = explorer._chart.guides
    assert guide == pytest.approx(EPS[precision] ** (1 / 3 if scheme == "central" else 1 / 2))
    near = series["off"][(series["h"] > guide / 30) & (series["h"] < guide * 30)]
    away = series["off"][(series["h"] < guide / 1000) | (series["h"] > guide * 300)]
    assert near.min() < away.min()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_complex_step_loses_nothing(function: str) -> None:
    for h in (1e-9, 1e-13, 1e-18):
        assert StepExplorer(function=function, scheme="complex", h=h).error < 1e-15


def test_across_the_kink_the_quotient_is_that_of_a_corner() -> None:
    for h in (2e-3, 0.1, 1.0):
        assert StepExplorer(function="relu", h=h).found == pytest.approx((1e-3 + h) / (2 * h))
        assert "behind the kink" in StepExplorer(function="relu", h=h).told
        assert StepExplorer(function="relu", scheme="forward", h=h).error < 1e-12
    assert StepExplorer(function="relu", h=5e-4).error < 1e-12
    assert "kink" not in StepExplorer(function="relu", h=5e-4).told


def test_what_is_told_are_the_numbers_with_all_their_digits() -> None:
    assert StepExplorer(h=0.5).told == (
        f"With h = 0.5: f(x + h) = {np.exp(1.5):.17g} and f(x − h) = {np.exp(0.5):.17g}. "
        f"Their difference, divided by 2h, is {np.exp(1.5) - np.exp(0.5):.17g}. "
        f"The derivative is {math.e:.17g}: 1 digit agrees, relative error 0.0422."
    )
    told = StepExplorer(scheme="complex", precision="float32", h=1e-12).told
    assert "·10⁻¹²" in told and "Nothing was subtracted." in told and "no digit is lost" in told
    assert "f(x − h) = 0." in StepExplorer(function="relu", h=0.1).told  # and not −0


@pytest.mark.parametrize("precision", PRECISIONS)
def test_below_half_a_mark_nothing_moves(precision: str) -> None:
    explorer = StepExplorer(precision=precision, h=EPS[precision] / 5)
    assert explorer.found == 0 and explorer.error == 1
    assert "x + h is x itself" in explorer.told and "no digit agrees" in explorer.told


@pytest.mark.parametrize(("function", "scheme", "precision"), ALL)
def test_the_picture_can_be_read_and_the_message_is_small(function: str, scheme: str, precision: str) -> None:
    explorer = StepExplorer(function=function, scheme=scheme, precision=precision)
    assert complaints(explorer.picture()) == []
    assert len(explorer.sent) < 25_000


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"h": 2}, "h is 2, but must be from 1e-18 to 1"),
        ({"scheme": "backward"}, "scheme is 'backward'; give one of central, forward, complex"),
        ({"function": "tanh"}, "function is 'tanh'; give one of exp, sin, relu, layer"),
        ({"precision": "float16"}, "precision is 'float16'; give one of float64, float32"),
    ],
)
def test_impossible_settings_are_refused(settings: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        StepExplorer(**settings)

"""Lines run on arrays: what is right passes, what is wrong is named with its first cell, and nothing raises."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Expr, Function, I, Integer, KroneckerDelta, S, Sum

from lessonconv.symbolic.check import Case, LineReport, Report, check_line, slopes
from lessonconv.symbolic.notation import hat, symbols, tensor
from tests.strategies import Array, examples

i, k, q, K, O = symbols("i k q K O")
x, w, z = tensor("x"), tensor("w"), tensor("z")
FREE = ((i, Integer(0), O - 1),)
X, W = np.array([1, 2, 3, 4, 5]), np.array([10, 100])
TRUTH = np.array([210, 320, 430, 540])  # w[0]·x[i] + w[1]·x[i+1]
CASE = Case({"K": 2, "O": 4}, {"x": X, "w": W}, {"z": {"by hand": TRUTH}})
RIGHT = Sum(w[k] * x[i + k], (k, 0, K - 1))


class Line(NamedTuple):
    """As much of a derivation's line as the check needs."""

    cell: Any
    expr: Expr
    rule: str = "a rule"


def ran(expr: Expr, case: Case = CASE, cell: Any = z[i], free: Any = FREE) -> LineReport:
    return check_line(3, Line(cell, expr), free, case)


# --- one line -------------------------------------------------------------------------------------------------------


def test_a_right_line_is_exactly_its_truths() -> None:
    report = ran(RIGHT)
    assert (report.passed, report.exact, report.agrees) == (True, True, ("by hand",))
    assert (report.number, report.rule, report.error, report.cell) == (3, "a rule", "", "")
    assert (report.got, report.expected) == (None, None)
    assert str(report) == "exactly as by hand"


@pytest.mark.parametrize(
    ("wrong", "cell", "got", "expected"),
    [
        (2 * RIGHT, "z[0]", 420, 210),
        (Sum(w[k] * x[i + k], (k, 0, K - 2)), "z[0]", 10, 210),
        (Sum(w[K - 1 - k] * x[i + k], (k, 0, K - 1)), "z[0]", 120, 210),
        (RIGHT + KroneckerDelta(i, 2), "z[2]", 431, 430),
        (RIGHT - KroneckerDelta(i, 3) / 2, "z[3]", 539.5, 540),
        (Sum(w[k] * hat("x")[i + k - 1], (k, 0, K - 1)), "z[0]", 100, 210),
        (Integer(0), "z[0]", 0, 210),
    ],
    ids=str,
)
def test_a_wrong_line_names_the_first_cell_that_differs(wrong: Expr, cell: str, got: float, expected: float) -> None:
    report = ran(wrong)
    assert (report.passed, report.exact, report.error) == (False, False, "")
    assert (report.cell, report.got, report.expected) == (f"{cell} (by hand)", got, expected)
    assert str(report) == f"WRONG at {cell} (by hand): {got:g}, but it is {expected:g}"


def test_integers_may_not_differ_at_all_and_numbers_only_by_rounding() -> None:
    large = 10**12
    sums = Case({"O": 1}, {"x": np.array([large])}, {"z": {"exact": np.array([large])}})
    assert ran(x[i], sums).exact and not ran(x[i] + 1, sums).passed
    decimal = replace(sums, arrays={"x": np.array([0.1])}, truths={"z": {"rounded": np.array([0.3])}})
    report = ran(3 * x[i], decimal)
    assert report.passed and not report.exact and str(report) == "to rounding as rounded"
    assert not ran(3 * x[i] + S(1) / 10**6, decimal).passed


def test_every_truth_must_agree_and_the_first_that_does_not_is_named() -> None:
    other = TRUTH.copy()
    other[1] = 7
    report = ran(RIGHT, replace(CASE, truths={"z": {"loops": TRUTH, "layer": other, "third": TRUTH * 0}}))
    assert (report.passed, report.cell, report.got, report.expected) == (False, "z[1] (layer)", 320, 7)


def test_cells_beyond_the_truth_are_not_compared() -> None:
    """A left side such as z[2t + r] may count past the end of z; those inside are compared at their place."""
    t, r = symbols("t r")
    free, cell = ((t, Integer(0), Integer(2)), (r, Integer(0), Integer(1))), z[2 * t + r]
    extended = replace(CASE, arrays={**CASE.arrays, "x": np.array([*X, 0, 0])})
    line = Sum(w[k] * x[2 * t + r + k], (k, 0, K - 1))
    assert ran(line, extended, cell, free).passed
    assert ran(line + KroneckerDelta(t, 2), extended, cell, free).passed  # cells 4 and 5, of which z has none
    wrong = ran(line + KroneckerDelta(t, 1) * r, extended, cell, free)
    assert (wrong.cell, wrong.got, wrong.expected) == ("z[3] (by hand)", 541, 540)


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        (x[i + 2], "x[i + 2] is read outside of its 5 cells"),
        (x[i - 1], "x[i - 1] is read outside"),
        (w[i], "w[i] is read outside of its 2 cells"),
        (Sum(w[k] * x[i + k], (k, 0, K)), "is read outside"),
        (x[i / 2], "x[i/2] is read outside"),
        (I, "has no numbers"),
        (S.NaN, "has no numbers"),
        (q * RIGHT, "q"),
        (tensor("y")[i], "y"),
        (Function("f")(i), "f"),
        (x[i, i], ""),
    ],
    ids=str,
)
def test_a_line_that_does_not_run_is_reported_and_not_raised(expr: Expr, words: str) -> None:
    report = ran(expr)
    assert not report.passed and not report.exact and report.got is None and report.cell == ""
    assert report.error.startswith("does not run: ") and words in report.error
    assert str(report) == report.error


def test_nothing_is_read_where_a_bracket_is_0() -> None:
    assert ran(RIGHT + KroneckerDelta(i, 9) * x[100]).exact


# --- the report -----------------------------------------------------------------------------------------------------


def test_a_report_is_a_table_of_its_lines() -> None:
    lines = (
        LineReport(0, "chain rule", True, True, ("loops", "layer")),
        LineReport(1, "collapse", False, False, cell="dx[0] (loops)", got=1.0, expected=2.0),
        LineReport(2, "fold", False, False, error="does not run: why"),
        LineReport(3, "a", True, False, ("layer",)),
    )
    report = Report("conv.dx", {"H": 5, "K_h": 2}, lines)
    assert str(report) == repr(report)
    assert str(report).splitlines() == [
        "conv.dx: 2 of 4 lines are wrong at H=5 K_h=2",
        "  0. chain rule  exactly as loops, layer",
        "  1. collapse    WRONG at dx[0] (loops): 1, but it is 2",
        "  2. fold        does not run: why",
        "  3. a           to rounding as layer",
    ]
    assert report.failed == lines[1:3] and not report.passed and not report
    right = Report("conv.dx", {"H": 5}, lines[:1])
    assert right and right.passed and right.failed == ()
    assert str(right).splitlines()[0] == "conv.dx: every line holds at H=5"


# --- slopes ---------------------------------------------------------------------------------------------------------


@examples(40)
@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 3))
def test_slopes_of_a_linear_function_of_integers_are_exact(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, shift = rng.integers(-(10**12), 10**12, (4, rows, columns)), rng.integers(-9, 9, 4)
    at = rng.integers(-9, 9, (rows, columns))
    found = slopes(lambda x: np.tensordot(matrix, x, 2) + shift, at)
    assert found.dtype.kind == "i" and np.array_equal(found, matrix)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (np.tanh, lambda t: 1 - np.tanh(t) ** 2),
        (np.arctan, lambda t: 1 / (1 + t**2)),
        (np.exp, np.exp),
        (lambda t: t**3, lambda t: 3 * t**2),
    ],
)
def test_slopes_of_smooth_functions_are_right_to_nine_digits(function: Any, slope: Any) -> None:
    at = np.linspace(-2, 2, 6).reshape(2, 3)
    found = slopes(function, at)
    assert found.shape == (2, 3, 2, 3)
    wanted = np.zeros((6, 6))
    np.fill_diagonal(wanted, slope(at).ravel())
    np.testing.assert_allclose(found.reshape(6, 6), wanted, rtol=1e-9, atol=1e-9)


def test_slopes_have_the_values_shape_and_then_the_places() -> None:
    def function(x: Array) -> Array:
        return np.array([x.sum(), x[0, 1], 2 * x[1, 0]])

    found = slopes(function, np.zeros((2, 2), int))
    assert found.tolist() == [[[1, 1], [1, 1]], [[0, 1], [0, 0]], [[0, 0], [2, 0]]]
    assert slopes(lambda x: np.array(x.sum()), np.ones(3)) == pytest.approx([1, 1, 1])


def test_slopes_leave_what_they_are_given_alone() -> None:
    at = np.array([1.0, 2.0])
    slopes(np.tanh, at)
    assert at.tolist() == [1, 2]


# --- too large, or missing, or close together -------------------------------------------------------------------------


@pytest.mark.parametrize("expr", [Sum(q, (q, 0, 10**7)), Sum(q, (q, 0, S.Infinity)), 10**20 * x[i]], ids=str)
def test_a_line_that_is_too_large_is_reported(expr: Expr) -> None:
    assert "does not run" in ran(expr).error


@pytest.mark.parametrize(
    ("expr", "what"), [(q * RIGHT, "no value"), (tensor("y")[i], "no value"), (x[i, i], "2 indices")], ids=str
)
def test_what_is_missing_is_said_in_a_sentence(expr: Expr, what: str) -> None:
    assert len(ran(expr).error.removeprefix("does not run: ").split()) > 2 and "zip" not in ran(expr).error, what


def test_two_numbers_that_differ_are_shown_to_differ() -> None:
    large = Case({"O": 1}, {"x": np.array([10**12])}, {"z": {"exact": np.array([10**12 + 1])}})
    got, expected = str(ran(x[i], large)).removeprefix("WRONG at z[0] (exact): ").split(", but it is ")
    assert got != expected

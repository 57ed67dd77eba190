"""SymPy's traps: what the installed SymPy answers, and what is answered here.

A test that SymPy falls in is skipped once a SymPy does not: then the trap is history, and the lesson that shows it too.
"""

from typing import Any

import numpy as np
import pytest
from sympy import (
    Add,
    Derivative,
    Expr,
    Heaviside,
    Integer,
    KroneckerDelta,
    Max,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    diff,
    fraction,
    together,
)
from sympy import symbols as sympy_symbols
from sympy.concrete.delta import deltasummation

from lessonconv.symbolic import derive
from lessonconv.symbolic.bounds import numerator_and_denominator
from lessonconv.symbolic.brackets import Divides, InRange, Positive
from lessonconv.symbolic.notation import symbol, symbols, tensor
from lessonconv.symbolic.rules import Definition, collapse, differentiate, reindex, unfold
from lessonconv.symbolic.run import Numbers
from lessonconv.symbolic.sums import substitute
from tests.symbolic.brute import Brute

a, i, k, u = symbols("a i k u")
O, K, s = symbols("O K s")
x, w, dz = (tensor(name) for name in ("x", "w", "dz"))
SIZES = {"O": 3, "K": 3, "s": 2}


def still(falls_in: Any) -> None:
    """Skip the rest if the installed SymPy has mended it."""
    if not falls_in:
        pytest.skip("this SymPy does not fall into the trap any more")


def number(e: Expr, **at: int) -> Any:
    return Brute(SIZES).value(e, {symbol(name): value for name, value in at.items()})


# --- a stride must divide ---------------------------------------------------------------------------------------------

STRIDED = Sum(KroneckerDelta(2 * i, u) * dz[i], (i, 0, O - 1))


def test_sympy_forgets_that_a_stride_must_divide() -> None:
    theirs = deltasummation(STRIDED.function, STRIDED.limits[0])
    at_one = theirs.subs({u: 1, O: 3})
    still(at_one != 0)
    assert at_one == dz[Rational(1, 2)] and number(STRIDED, u=1) == 0


def test_collapsing_keeps_that_a_stride_must_divide() -> None:
    ours = collapse(STRIDED)
    assert ours.has(Divides) and ours.has(InRange)
    assert all(number(ours, u=at) == number(STRIDED, u=at) for at in range(-3, 9))
    assert [number(ours.xreplace({dz[u / 2]: S.One}), u=at) for at in range(-1, 7)] == [0, 1, 0, 1, 0, 1, 0, 0]


# --- a sum over every s-th index --------------------------------------------------------------------------------------

GATHERED = Sum(dz[i] * w[u - s * i], (i, 0, O - 1))


def test_sympy_takes_every_step_where_it_should_take_every_sth() -> None:
    theirs = GATHERED.change_index(i, s * i, a)
    values = {s: 2, O: 3, u: 4}
    got, true = (e.subs(values).doit() for e in (theirs, GATHERED))
    still(got != true)
    assert true == dz[0] * w[4] + dz[1] * w[2] + dz[2] * w[0]


@pytest.mark.parametrize("value", [s * k, 2 * k, -3 * k, k / s, k / 2], ids=str)
def test_reindexing_refuses_every_sth(value: Expr) -> None:
    with pytest.raises(ValueError, match="skips or repeats"):
        reindex(GATHERED, i, value, k)


def test_sympy_refuses_every_second_and_lets_only_a_symbol_pass() -> None:
    with pytest.raises(ValueError):
        GATHERED.change_index(i, 2 * i, a)


# --- capture ----------------------------------------------------------------------------------------------------------

WINDOW = Sum(x[i + a], (a, 0, K - 1))


def test_sympy_lets_a_value_be_captured() -> None:
    theirs = WINDOW.subs(i, a)
    still(theirs == Sum(x[2 * a], (a, 0, K - 1)))
    assert theirs.subs(K, 3).doit() == x[0] + x[2] + x[4]


def test_substituting_lets_the_bound_index_step_aside() -> None:
    ours = substitute(WINDOW, {i: a})
    assert ours.free_symbols >= {a}
    assert all(number(ours, a=at) == number(WINDOW, i=at) for at in range(-2, 4))


def test_sympy_takes_a_bound_index_for_a_free_one_when_it_differentiates() -> None:
    theirs = diff(Sum(x[i], (i, 0, O)), x[i])
    still(theirs == Sum(1, (i, 0, O)))
    assert theirs.doit() == O + 1


def test_differentiating_tells_a_bound_index_from_a_free_one() -> None:
    ours = collapse(differentiate(Derivative(Sum(x[i], (i, 0, O)), x[i], evaluate=False)))
    assert ours == InRange(i, 0, O)
    assert [number(ours, i=at) for at in range(-1, 6)] == [0, 1, 1, 1, 1, 0, 0]


# --- a cell inside of a sum -------------------------------------------------------------------------------------------

PRODUCTS = Sum(dz[i] * x[i], (i, 0, O - 1))


def test_sympy_does_not_put_anything_for_a_cell_in_a_sum() -> None:
    theirs = PRODUCTS.subs(x[i], Symbol("y"))
    still(theirs == PRODUCTS)
    assert theirs.has(x)


def test_a_definition_is_put_in_inside_of_a_sum() -> None:
    ours = unfold(PRODUCTS, Definition(x[u], w[2 * u] + 1))
    assert ours == Sum(dz[i] * (w[2 * i] + 1), (i, 0, O - 1))


# --- ties -------------------------------------------------------------------------------------------------------------


def test_sympy_hands_on_more_than_there_is_when_three_tie() -> None:
    cells = sympy_symbols("a:c", real=True)
    total = Add(*(diff(Max(*cells), cell).subs(dict.fromkeys(cells, 5)) for cell in cells))
    still(total != 1)
    assert total == Rational(3, 2)


def test_a_tie_hands_on_exactly_what_there_is() -> None:
    """Max pooling names its winner, the first: the gradient of a window of equal cells goes to one of them, whole."""
    derivation = derive("max_pool2d.dx")
    last = derivation.lines[-1].expr
    assert last.has(KroneckerDelta) and not last.has(Heaviside, Max)
    assert derivation.check().passed


def test_what_sympy_makes_of_a_maximum_has_no_numbers_here() -> None:
    """`differentiate` leaves a Max to SymPy; its steps of 1/2 are refused when they are run, not passed on."""
    slope = differentiate(Derivative(Max(x[0], x[1], x[2]), x[0], evaluate=False))
    still(slope.has(Heaviside))
    with pytest.raises(TypeError, match="has no numbers"):
        Numbers({}, {"x": np.array([5, 5, 5])}).value(slope)


def test_sympy_has_two_slopes_for_relu_at_zero() -> None:
    t = Symbol("t", real=True)
    by_max = diff(Max(t, 0), t).subs(t, 0)
    by_cases = diff(Piecewise((t, t > 0), (0, True)), t).subs(t, 0)
    still(by_max != by_cases)
    assert by_max == Rational(1, 2) and by_cases == 0


def test_relu_has_the_slope_zero_at_zero_and_no_other() -> None:
    z = tensor("z")[u]
    slope = differentiate(Derivative(z * Positive(z), z, evaluate=False))
    assert slope == Positive(z)
    assert [slope.xreplace({z: Integer(value)}) for value in (-1, 0, 1)] == [0, 0, 1]
    assert not derive("relu.dz").lines[-1].expr.has(Heaviside)


# --- others that were met on the way ----------------------------------------------------------------------------------


def test_sympy_takes_apart_what_it_has_put_together() -> None:
    once = together((u + 1) / 2)
    still(together(once) != once)
    assert fraction(once) == (u + 1, 2) and fraction(together(once)) == (u / 2 + S.Half, 1)


def test_a_fraction_stays_together() -> None:
    numerator, denominator = numerator_and_denominator((u + 1) / 2)
    assert (numerator, denominator) == numerator_and_denominator(numerator / denominator) == (u + 1, 2)


def test_sympy_counts_a_sum_whose_end_is_far_before_its_beginning_backwards() -> None:
    """Karr's convention: Σ_{i=3}^{0} 1 is −2 there, and 0 here as everywhere in this series."""
    e = Sum(S.One, (i, 3, 0))
    still(e.doit() == -2)
    assert number(e) == 0

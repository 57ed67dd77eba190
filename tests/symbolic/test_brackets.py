"""Brackets: 1 or 0 at once only where that is certain, and then rightly so."""

import itertools
import random
from typing import Any

import pytest
from sympy import Add, Expr, Rational, S, diff, oo

from lessonconv.symbolic.brackets import Bracket, Divides, InRange, Positive
from lessonconv.symbolic.notation import symbols, tensor
from tests.strategies import TIMES
from tests.symbolic.brute import Brute

i, u = symbols("i u")
N, s, p = symbols("N s p")
x = tensor("x")
SIZES = [{"N": n, "s": step, "p": pad} for n, step, pad in itertools.product((1, 2, 4), (1, 2, 3), (0, 1))]
SCOPES = [(sizes, {i: at}) for sizes in SIZES for at in range(-4, 5)]


def random_linear(pick: random.Random) -> Expr:
    letters = pick.sample([i, N, s, p, s * i, N * s], pick.randint(0, 3))
    return Add(pick.randint(-3, 3), *(pick.choice([1, -1, 2, -3]) * letter for letter in letters))


def agrees(bracket: Expr, holds: Any) -> bool:
    """Is the bracket, as it was made, 1 exactly where the statement holds?"""
    return all(Brute(sizes).value(bracket, at) == holds(Brute(sizes), at) for sizes, at in SCOPES)


def test_a_range_is_decided_only_if_it_is_certain() -> None:
    pick, decided = random.Random(1), set()
    for _ in range(80 * TIMES):
        e, low, high = (random_linear(pick) for _ in range(3))
        low, high = pick.choice(
            [(low, high), (e - abs(pick.randint(0, 2)), e + p), (-oo, high), (low, oo), (e + s, high)]
        )
        made = InRange(e, low, high)
        decided |= {made} & {S.Zero, S.One}

        def holds(brute: Brute, at: Any, statement: Any = (low, e, high)) -> int:
            lowest, value, highest = (brute.value(part, at) for part in statement)
            return int(lowest <= value <= highest)

        assert agrees(made, holds), f"{low} ≤ {e} ≤ {high} was made {made}"
    assert decided == {S.Zero, S.One}


def test_divisibility_is_decided_only_if_it_is_certain() -> None:
    pick, decided = random.Random(2), set()
    for _ in range(80 * TIMES):
        d = pick.choice([S.One, 2 * S.One, 3 * S.One, s, 2 * s, N * s])
        e = random_linear(pick) + pick.choice([0, d, d * i, -3 * d * p])
        made = Divides(d, e)
        decided |= {made} & {S.Zero, S.One}
        assert agrees(made, lambda brute, at, d=d, e=e: int(brute.value(e, at) % brute.value(d, at) == 0)), (
            f"{d} | {e}: {made}"
        )
    assert decided == {S.Zero, S.One}


def test_positive_is_decided_only_if_it_is_certain() -> None:
    pick, decided = random.Random(3), set()
    for _ in range(80 * TIMES):
        e = random_linear(pick)
        made = Positive(e)
        decided |= {made} & {S.Zero, S.One}
        assert agrees(made, lambda brute, at, e=e: int(brute.value(e, at) > 0)), f"{e} > 0: {made}"
    assert decided == {S.Zero, S.One}


def test_multiples_are_dropped_from_what_is_divided() -> None:
    assert Divides(s, u + s * i + 2 * s) == Divides(s, u)
    assert Divides(2, 4 * i + 6 * u + 3) == 0 and Divides(2, 4 * i + 2) == 1
    assert Divides(1, u) == 1 and Divides(s, 0) == 1
    assert Divides(2, u / 2) != 1 and Divides(s, u / s) != 1


def test_a_fraction_is_no_multiple() -> None:
    assert [Brute({}).value(Divides(2, u / 2), {u: at}) for at in range(6)] == [1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("bracket", [InRange(i, 0, N), Divides(s, i), Positive(x[i])], ids=str)
def test_a_bracket_is_zero_or_one(bracket: Bracket) -> None:
    assert bracket**2 == bracket and bracket * bracket == bracket and bracket**N == bracket
    assert bracket**-1 != bracket and bracket**0 == 1
    assert bracket.is_integer and bracket.is_nonnegative and bracket.is_commutative


@pytest.mark.parametrize("bracket", [InRange(x[i], 0, N), Divides(s, x[i]), Positive(x[i])], ids=str)
def test_a_bracket_is_a_step_with_no_slope(bracket: Bracket) -> None:
    assert diff(bracket, x[i]) == 0 and diff(x[i] * bracket, x[i]) == bracket


def test_one_side_may_be_open() -> None:
    assert InRange(p, 0, oo) == 1 and InRange(N, -oo, 0) == 0
    assert InRange(i, -oo, oo) == 1 and InRange(i, 0, oo) != 1


def test_a_range_that_holds_nothing_is_not_hidden() -> None:
    assert agrees(InRange(i, 1, 0), lambda brute, at: 0)
    assert InRange(Rational(1, 2), 0, 1) == 1 and InRange(Rational(3, 2), 0, 1) == 0

"""What follows from what: never a false implication, judged by trying out small integers."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sympy import Expr, Integer, expand

from lessonconv.symbolic.conditions import Conditions, follows, nonnegative, over_one_ring, primitive, put, solve, split
from lessonconv.symbolic.notation import symbols
from tests.strategies import examples

i, j, u = symbols("i j u")
K, O, s, p = symbols("K O s p")
VALUES = {i: range(-3, 6), j: range(-3, 6), u: range(-3, 6), K: range(1, 4), s: range(1, 4), p: range(3)}
TRIED = (i, j, K, s, p)


def implied(e: Expr, *known: Expr) -> bool:
    (p,), facts = over_one_ring([e], known)
    return follows(p, facts)


@pytest.mark.parametrize(
    ("e", "known"),
    [
        (i, [i]),
        (i + K, [i]),
        (K - 1 - i, [K - 2 - i]),
        (i, [i - j, j]),
        (s * i, [i]),
        (i, [s * i]),
        (i, [s * i + s - 1]),  # for an integer, i > −1 is enough
        (i - 1, [2 * i - 1]),
        (i - 1, [s * i - 1]),
        (K - 1 - i, [s * (K - 1) - s * i]),
        (K - 1 - i, [s * K - 1 - s * i]),
        (i + j, [i, j]),
        (s * (O - 1) + p, []),
        (K * s - 1, []),
        (s - 1 - i, [s - 1 - j, j - i]),
        (Integer(0), []),
    ],
    ids=str,
)
def test_what_follows_is_found(e: Expr, known: list[Expr]) -> None:
    assert implied(e, *known)


@pytest.mark.parametrize(
    ("e", "known"),
    [
        (i, []),
        (i, [-i]),
        (i, [i + 1]),
        (i - 1, [i]),
        (i, [s * i + s]),
        (i - 1, [2 * i]),
        (K - 2, []),
        (K - s, []),
        (p - 1, []),
        (K - 1 - i, [K - i]),
        (i + j, [i]),
        (i * j, [i]),
        (Integer(-1), []),
        (Integer(-1), [i]),
    ],
    ids=str,
)
def test_what_does_not_follow_is_not_certain(e: Expr, known: list[Expr]) -> None:
    assert not implied(e, *known)


# --- tried out ------------------------------------------------------------------------------------------------------

numbers = st.integers(-2, 2)


@st.composite
def linear(draw: st.DrawFn) -> Expr:
    """Linear in i and j, with coefficients and a constant in which sizes and settings take part."""
    scale = st.sampled_from([Integer(1), Integer(1), s, K, p])
    terms = [draw(numbers) * draw(scale) * index for index in (i, j)]
    return expand(sum(terms, draw(numbers) + draw(numbers) * draw(st.sampled_from([s, K, p, s * K, s * p]))))


def settings() -> Iterator[Mapping[Any, int]]:
    for values in itertools.product(*(VALUES[symbol] for symbol in TRIED)):
        yield dict(zip(TRIED, values, strict=True))


ALL = list(settings())


def where(polynomial: Any) -> list[int]:
    """The polynomial's value at every setting."""
    ring = polynomial.ring
    columns = {place: TRIED.index(symbol) for place, symbol in enumerate(ring.symbols) if symbol in TRIED}
    terms = [
        ([(columns[place], power) for place, power in enumerate(powers) if power], int(c))
        for powers, c in polynomial.items()
    ]
    found = []
    for values in map(tuple, map(dict.values, ALL)):
        total = 0
        for powers, c in terms:
            for place, power in powers:
                c *= values[place] ** power
            total += c
        found.append(total)
    return found


@examples(80)
@given(linear(), st.lists(linear(), max_size=3))
@example(i, [2 * i + 1])
@example(i, [s * i + s - 1])
@example(K * i, [i, p * j])
def test_what_is_said_to_follow_holds_wherever_the_known_does(e: Expr, known: list[Expr]) -> None:
    (p,), facts = over_one_ring([e], known)
    if follows(p, facts):
        at_least = [where(fact) for fact in facts]
        for place, value in enumerate(where(p)):
            assert value >= 0 or any(values[place] < 0 for values in at_least), (ALL[place], e, known)


@examples(60)
@given(linear(), st.lists(linear(), max_size=2), st.lists(linear(), max_size=2), st.data())
def test_a_consequence_that_was_made_is_found_or_not_certain_but_never_refuses(
    e: Expr, known: list[Expr], more: list[Expr], data: st.DataObject
) -> None:
    """A sum of known things with factors ≥ 1 follows from them."""
    factors = [data.draw(st.sampled_from([Integer(1), s, K])) for _ in known]
    consequence = expand(
        sum((f * fact for f, fact in zip(factors, known, strict=True)), data.draw(st.sampled_from([Integer(0), p, K])))
    )
    assert isinstance(implied(consequence, *known, *more), bool)
    if len(known) == 1 and not more:
        assert implied(consequence, *known)
    assert implied(e, e, *more)


@examples(80)
@given(*(st.lists(linear(), max_size=size) for size in (2, 2, 1, 2)))
@example([s * i - j], [], [i], [])
@example([i - j], [i], [2 * i - 2 * j], [j])
@example([i - j - 1], [j], [], [i - 1])
def test_implications_between_conditions_are_never_false(
    equations: list[Expr], inequalities: list[Expr], consequent: list[Expr], more: list[Expr]
) -> None:
    groups = over_one_ring(equations, inequalities, consequent, more)
    if Conditions(*groups[:2]).imply(Conditions(*groups[2:])):
        zeros, at_least, then_zero, then_at_least = ([where(p) for p in group] for group in groups)
        for place, values in enumerate(ALL):
            if all(column[place] == 0 for column in zeros) and all(column[place] >= 0 for column in at_least):
                assert all(column[place] == 0 for column in then_zero), values
                assert all(column[place] >= 0 for column in then_at_least), values


@examples(60)
@given(st.lists(linear(), min_size=1, max_size=3), st.lists(linear(), max_size=2))
def test_conditions_without_a_symbol_hold_where_some_value_of_it_makes_them_hold(
    equations: list[Expr], inequalities: list[Expr]
) -> None:
    """The symbol that is gone had exactly one value there: a sum over it has one term, or none."""
    groups = over_one_ring(equations, inequalities, [i])
    rest = Conditions(*groups[:2]).without([i])
    if rest is None:
        return
    zeros, at_least = ([where(p) for p in group] for group in groups[:2])
    zeros_after, at_least_after = ([where(p) for p in group] for group in (rest.equations, rest.inequalities))
    count: dict[Any, int] = {}
    after: dict[Any, bool] = {}
    for place, values in enumerate(ALL):
        others = tuple(value for symbol, value in values.items() if symbol != i)
        holds = all(c[place] == 0 for c in zeros) and all(c[place] >= 0 for c in at_least)
        count[others] = count.get(others, 0) + holds
        after[others] = all(c[place] == 0 for c in zeros_after) and all(c[place] >= 0 for c in at_least_after)
    for others, times in count.items():
        assert times <= 1, (others, "the equations do not fix i")
        assert not times or after[others], others


# --- the parts ------------------------------------------------------------------------------------------------------


def ring_of(*parts: Expr) -> list[Any]:
    return over_one_ring(parts)[0]


def test_equations_are_solved_for_what_stands_there_once() -> None:
    one, other, target = ring_of(i - s * j, u - i - 1, i + u)
    solution, left = solve([one, other])
    assert not left
    assert put(target, solution) == ring_of(2 * s * j + 1, i, u)[0]


def test_an_equation_without_coefficient_one_is_left() -> None:
    (equation,) = ring_of(2 * i - 3 * j)
    solution, left = solve([equation])
    assert not solution and left == [equation]
    assert Conditions([equation], []).without([i]) is None


def test_a_common_positive_factor_is_dropped_and_no_other() -> None:
    for e, less in ((s * i - s * j, i - j), (s * s * i, i), (p * i, p * i), (i * j, i * j), (s * i + 1, s * i + 1)):
        one, other = ring_of(e, less)
        assert primitive(one) == other


def test_slope_and_rest_put_together_are_the_polynomial() -> None:
    polynomial, symbol = ring_of(s * i + 2 * i - K + 1, i)
    slope, rest = split(polynomial, polynomial.ring.symbols.index(i))
    assert slope * symbol + rest == polynomial
    assert not slope.diff(symbol) and not rest.diff(symbol)


@pytest.mark.parametrize("e", [K * s - 1, K + s - 2, p, K * s - K - s + 1, Integer(0), s * (O - 1) + p])
def test_what_is_at_least_zero_for_all_sizes_is_found(e: Expr) -> None:
    assert nonnegative(ring_of(expand(e))[0])


@pytest.mark.parametrize("e", [K - 2, p - 1, K - s, -K, i, i**2, K * s - 2, K * p - 1, p * s - p - 1])
def test_what_may_be_less_than_zero_is_not_certain(e: Expr) -> None:
    assert not nonnegative(ring_of(expand(e))[0])

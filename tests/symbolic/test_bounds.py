"""Bounds: a yes is never wrong. Every yes is tried on all small sizes and all indices within their ranges."""

import itertools
import random
from collections.abc import Iterator
from typing import Any

import pytest
from sympy import Add, Expr, Max, Min, Rational, S, Sum, Symbol, Tuple, ceiling, floor, oo, sympify

from lessonconv.symbolic.bounds import Ranges, at_least_zero, nonnegative, numerator_and_denominator, settle, within
from lessonconv.symbolic.brackets import InRange
from lessonconv.symbolic.notation import symbol, symbols
from tests.strategies import TIMES
from tests.symbolic.brute import Brute

i, j, k, u, ρ = symbols("i j k u ρ")
N, K, O, s, d, p = symbols("N K O s d p")
α = symbol("α")
LEAST = {"N": 1, "K": 1, "O": 1, "s": 1, "d": 1, "p": 0}
RANGES: list[dict[Symbol, tuple[Any, Any]]] = [
    {i: (0, N - 1), k: (0, K - 1)},
    {i: (0, N - 1), ρ: (0, s - 1), k: (0, i)},
    {k: (-i, i + d - 1), i: (0, N)},
    {i: (1, K), j: (i, i + s), k: (j - p, j)},
    {i: (0, 2 * s - 1), u: (-p, N)},
]


def sizes_of(*expressions: Any) -> Iterator[dict[str, int]]:
    """The least sizes that there are, and those one or two above."""
    names = sorted({letter.name for e in expressions for letter in e.free_symbols} & set(LEAST))
    for extra in itertools.product(range(3), repeat=len(names)):
        yield {name: LEAST[name] + more for name, more in zip(names, extra, strict=True)}


def placed(ranges: Ranges, brute: Brute, at: dict[Symbol, int] | None = None) -> Iterator[dict[Symbol, int]]:
    """All indices within their ranges, an index after those that its range speaks of."""
    at = at or {}
    for index, ends in ranges.items():
        if index not in at and not any(Tuple(*ends).has(other) for other in ranges if other not in at):
            low, high = (brute.value(sympify(end), at) for end in ends)
            for value in range(low, high + 1):
                yield from placed(ranges, brute, {**at, index: value})
            return
    yield at


def numbers(e: Expr, ranges: Ranges) -> Iterator[tuple[Any, Any]]:
    """Where, and the number that e is there."""
    for sizes in sizes_of(e, *(sympify(end) for ends in ranges.values() for end in ends)):
        brute = Brute(sizes)
        for at in placed(ranges, brute):
            yield (sizes, at), brute.value(e, at)


def random_expression(pick: random.Random, letters: list[Any]) -> Expr:
    """Affine or bilinear, and more often positive than not, so that many are certain."""
    chosen = [pick.choice(letters) * pick.choice([1, 1, *letters]) for _ in range(pick.randint(1, 4))]
    return Add(pick.randint(-1, 2), *(pick.choice([1, 1, 2, -1]) * part for part in chosen))


def test_what_is_never_negative_is_never_negative() -> None:
    pick, certain = random.Random(1), 0
    for _ in range(300 * TIMES):
        e = random_expression(pick, [N, K, s, p])
        if nonnegative(e):
            certain += 1
            assert all(number >= 0 for _, number in numbers(e, {})), e
    assert certain > 50 * TIMES


@pytest.mark.parametrize("ranges", RANGES, ids=str)
def test_a_yes_is_right_for_all_small_sizes(ranges: Ranges) -> None:
    pick, certain = random.Random(2), 0
    for _ in range(120 * TIMES):
        e = random_expression(pick, [*ranges, *ranges, N, s, p])
        if at_least_zero(e, ranges):
            certain += 1
            assert all(number >= 0 for _, number in numbers(e, ranges)), f"{e} within {ranges}"
    assert certain > 10 * TIMES


@pytest.mark.parametrize(
    ("e", "ranges", "certain"),
    [
        (N - 1, {}, True),
        (N - 2, {}, False),
        (N * K - N - K + 1, {}, True),
        (s * p, {}, True),
        (N - p, {}, False),
        (N - 1 - i, {i: (0, N - 1)}, True),
        (s * (O - 1) + K - 1 - s * i - k, {i: (0, O - 1), k: (0, K - 1)}, True),
        (s * (O - 1) + d * (K - 1) - s * i - d * k, {i: (0, O - 1), k: (0, K - 1)}, True),
        (s - 1 - ρ, {ρ: (0, s - 1)}, True),
        (i - k, {k: (0, i), i: (0, N)}, True),
        (N - k, {k: (0, i), i: (0, N)}, True),
        (N - k, {i: (0, N), k: (0, i)}, True),
        (i * k, {i: (0, N), k: (0, K)}, False),  # right, but not certain: the slope of one is the other
        (i, {}, False),
        (N - i**2, {i: (0, 1)}, False),
    ],
    ids=str,
)
def test_what_a_convolution_needs_is_certain(e: Expr, ranges: Ranges, certain: bool) -> None:
    assert at_least_zero(e, ranges) is certain


def test_a_bracket_is_within_its_range_if_both_ends_are() -> None:
    assert within(InRange(i, 0, N), {i: (0, N)}) and within(InRange(i, -p, N + 1), {i: (0, N)})
    assert not within(InRange(i, 1, N), {i: (0, N)}) and not within(InRange(i, 0, N - 1), {i: (0, N)})
    assert not within(InRange(i, 1, oo), {i: (0, N)}) and not within(InRange(i, -oo, N - 1), {i: (0, N)})


def test_one_fraction_is_one_fraction() -> None:
    pick = random.Random(4)
    for _ in range(60 * TIMES):
        e = Add(*(pick.choice([u, i, S.One, s * i]) / pick.choice([1, 2, 3, s, d]) for _ in range(pick.randint(1, 3))))
        numerator, denominator = numerator_and_denominator(e)
        assert numerator_and_denominator(numerator / denominator) == (numerator, denominator)
        brute, at = Brute({"s": 2, "d": 3}), {u: 5, i: -3}
        assert brute.value(numerator, at) == brute.value(e, at) * brute.value(denominator, at)


@pytest.mark.parametrize("ranges", RANGES, ids=str)
def test_settled_floors_minima_and_maxima_are_what_they_were(ranges: Ranges) -> None:
    pick, settled = random.Random(3), 0
    for _ in range(10 * TIMES):
        letters = [*ranges, s, N]
        top = random_expression(pick, letters) + pick.choice([0, s * i, -3 * s])
        bottom = pick.choice([s, s, 2, d, 2 * s])
        rounded = pick.choice([floor, ceiling])(top / bottom)
        other = random_expression(pick, letters)
        e = pick.choice([rounded, Min(rounded, other), Max(top, other), Max(0, rounded) + Min(N - 1, other)])
        after = settle(e, ranges)
        settled += after != e
        for (sizes, at), number in itertools.islice(numbers(e - after, ranges), 80):
            assert number == 0, f"{e} is not {after} at {at}, {sizes}"
    assert settled >= TIMES


@pytest.mark.parametrize(
    ("e", "ranges", "settled"),
    [
        (floor((s * i + ρ) / s), {ρ: (0, s - 1)}, i),
        (ceiling((s * i - ρ) / s), {ρ: (0, s - 1)}, i),
        (floor((s * i + ρ) / s), {ρ: (0, s)}, floor((s * i + ρ) / s)),
        (floor((s * i - 1) / s), {}, i - 1),
        (ceiling((s * i + 1) / s), {}, i + 1),
        (Max(0, i), {i: (0, N)}, i),
        (Min(N - 1, N + p), {}, N - 1),
        (Max(0, ceiling((ρ - s + 1) / s)), {ρ: (0, s - 1)}, 0),
    ],
    ids=str,
)
def test_what_the_ranges_decide_is_settled(e: Expr, ranges: Ranges, settled: Any) -> None:
    assert expand_floor(settle(e, ranges)) == expand_floor(sympify(settled))


def expand_floor(e: Expr) -> Expr:
    """⌊a/s + b⌋ is written in one way."""
    return e.replace(lambda part: isinstance(part, floor), lambda part: floor(part.args[0].expand()))


# --- what was answered wrongly once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("e", [floor((N - 2) / 3), Min(N - 2, K), Max(N - 2, K - 2), floor((N - 4) / 2) + 1], ids=str)
def test_a_size_may_be_one_in_a_floor_or_minimum_too(e: Expr) -> None:
    assert min(number for _, number in numbers(e, {})) < 0
    assert not nonnegative(e)


def test_a_slope_may_be_less_than_one() -> None:
    assert not nonnegative(α - Rational(1, 2))


@pytest.mark.parametrize("bracket", [InRange(i, 0, oo), InRange(i, -oo, N)], ids=str)
def test_a_bracket_that_is_open_on_one_side_is_cleared_too(bracket: InRange) -> None:
    assert within(bracket, {i: (0, N)})


def test_a_bound_index_has_no_range_from_outside() -> None:
    e = Sum(Max(0, u), (u, -3, 2))
    assert Brute({}).value(settle(e, {u: (0, 5)}), {}) == Brute({}).value(e, {}) == 3

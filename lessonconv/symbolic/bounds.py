"""What is known of a number from the ranges of its indices: is it certain that e ≥ 0?

The answer is yes or "not certain", never a wrong yes.
Source: interval arithmetic; every e here is linear in each index.
"""

from collections.abc import Mapping
from typing import Any

from sympy import Add, Expr, Max, Min, Symbol, ceiling, expand, floor, fraction, sympify, together

from lessonconv.symbolic.brackets import InRange
from lessonconv.symbolic.sums import linear_in, set_apart

Ranges = Mapping[Symbol, tuple[Any, Any]]


def nonnegative(e: Expr) -> bool:
    """Is e ≥ 0 for all sizes, strides, dilations ≥ 1 and paddings ≥ 0? Certain if e at 1 + … has no term < 0."""
    shifted = expand(e.xreplace({symbol: _above_one(symbol) for symbol in e.free_symbols if symbol.is_positive}))
    return all(term.is_extended_nonnegative for term in Add.make_args(shifted))


def _above_one(symbol: Symbol) -> Expr:
    """1 + something ≥ 0, for an integer ≥ 1."""
    return 1 + Symbol(f"{symbol.name} − 1", integer=True, nonnegative=True) if symbol.is_integer else symbol


def at_least_zero(e: Expr, ranges: Ranges) -> bool:
    """Is e ≥ 0 for every value of the indices within their ranges? Puts the worse end of its range for each index."""
    e = expand(e)
    for _ in ranges:  # the end of one range may speak of another index
        for index in ranges:
            if e.has(index):
                worst = _at_worst(e, index, ranges)
                if worst is None:
                    return False
                e = worst
    return nonnegative(e)


def _at_worst(e: Expr, index: Symbol, ranges: Ranges) -> Expr | None:
    linear = linear_in(e, index)
    if linear is None:
        return None
    slope, rest = linear
    low, high = ranges[index]
    if slope.is_nonnegative:
        return expand(rest + slope * low)
    if slope.is_nonpositive:
        return expand(rest + slope * high)
    return None


def within(bracket: InRange, ranges: Ranges) -> bool:
    """Is it certain that the bracket is 1?"""
    e, low, high = bracket.args
    return at_least_zero(e - low, ranges) and at_least_zero(high - e, ranges)


def numerator_and_denominator(e: Expr) -> tuple[Expr, Expr]:
    """e as one fraction. (Expanded first: SymPy's `together` alone is not idempotent on (v + 1)/2.)"""
    numerator, denominator = fraction(together(expand(e)))
    return numerator, denominator


def settle(e: Expr, ranges: Ranges) -> Expr:
    """Floors, ceilings, minima and maxima that the ranges decide: ⌊(s·t + ρ)/s⌋ = t for 0 ≤ ρ < s."""
    e = set_apart(e, set(ranges))  # a bound index has the limits of its own sum
    for rounded in sorted(e.atoms(floor, ceiling), key=lambda part: -part.count_ops()):
        whole = rounded.func(expand(rounded.args[0]))  # SymPy now takes the whole part out by itself
        rest = {part: _rounded(part, ranges) for part in whole.atoms(floor, ceiling)}
        if whole.is_Add or rest.keys() != {whole} or not rest[whole].has(floor, ceiling):
            e = e.xreplace({rounded: whole.xreplace(rest)})
    return e.xreplace({part: _extreme(part, ranges) for part in e.atoms(Min, Max)})


def _rounded(e: Expr, ranges: Ranges) -> Expr:
    """⌊n/d⌋ = q if q·d ≤ n < (q+1)·d, ⌈n/d⌉ = q if (q−1)·d < n ≤ q·d; tried for q = −1, 0, 1."""
    n, d = numerator_and_denominator(e.args[0])
    for q in (0, 1, -1):
        low, high = (q * d, q * d + d - 1) if isinstance(e, floor) else (q * d - d + 1, q * d)
        if d.is_positive and at_least_zero(n - low, ranges) and at_least_zero(high - n, ranges):
            return sympify(q)
    return e.func(n / d, evaluate=False)


def _extreme(e: Expr, ranges: Ranges) -> Expr:
    """A minimum or maximum without the arguments that another one always beats."""
    sign = 1 if isinstance(e, Min) else -1
    kept = list(e.args)
    for one in e.args:
        if any(other != one and at_least_zero(sign * (one - other), ranges) for other in kept):
            kept.remove(one)
    return e.func(*kept)

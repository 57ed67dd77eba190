"""An equation as a claim about a layer: true in this small one, or for certain in all?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sympy import (
    Expr,
    Max,
    Min,
    Mod,
    Mul,
    S,
    Sum,
    Symbol,
    ceiling,
    expand,
    floor,
    oo,
)
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import settle
from lessonconv.symbolic.brackets import InRange
from lessonconv.symbolic.debugger.cases import Case
from lessonconv.symbolic.debugger.layers import Conv, Layer
from lessonconv.symbolic.language.equation import Equation
from lessonconv.symbolic.notation import symbol
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import collapse
from lessonconv.symbolic.run import Array, Limits
from lessonconv.symbolic.sums import letters


@dataclass(frozen=True)
class Claim:
    """lhs = rhs, for all values of the free indices where every condition is ≥ 0.

    name: of the tensor on the left, None for an identity of sizes or brackets; free: the indices, and ranges wide
    enough for all their values; ranges: those that are exact.
    """

    layer: Layer
    lhs: Expr
    rhs: Expr
    name: str | None
    free: Limits
    ranges: dict[Symbol, tuple[Expr, Expr]]
    conditions: tuple[Expr, ...]
    equation: Equation
    notes: tuple[str, ...]

    @cached_property
    def true_form(self) -> Expr:
        """The truth as one would write it: the taps picked out by their deltas, and letters without primes."""
        if not isinstance(self.layer, Conv):
            return self.truth
        taps = [index for index in letters(self.truth) if index.name[0] in "kl"]
        e = collapse(self.truth.xreplace(self.layer.fixed), prefer=taps)
        plain = {index: symbol(index.name[0]) for index in letters(e) if index.name.endswith("″")}
        return e.xreplace(plain) if not set(plain.values()) & letters(e) else e

    @cached_property
    def truth(self) -> Expr:
        """What the left side is by definition; for an identity it is the left side itself."""
        if self.name is None:
            return self.lhs
        return self.layer.truth(self.name, getattr(self.lhs, "indices", ()))

    def run(self, e: Expr, case: Case) -> Array:
        """The numbers that e stands for in one small layer, 0 where a condition does not hold."""
        inside = Mul(*(InRange(condition, 0, oo) for condition in self.conditions))
        return case.numbers.run(inside * e, self.free)

    def applies_to(self, case: Case) -> bool:
        """Has this small layer any of the cells?"""
        return bool(self.run(S.One, case).any())

    def true_numbers(self, case: Case) -> Array:
        """The left side in numbers, worked out by the package's layers."""
        if self.name and not self.conditions and isinstance(self.lhs, Indexed):
            return case.numbers.arrays[self.name]
        return self.run(self.lhs, case)

    def holds_in(self, case: Case, rhs: Expr | None = None) -> bool:
        """Is it true in this small layer? It is not if the right side cannot be worked out.

        Raises MemoryError or OverflowError if it is too large for that.
        """
        try:
            claimed = self.run(self.rhs if rhs is None else rhs, case)
        except (IndexError, ZeroDivisionError, FloatingPointError):
            return False
        return agree(claimed, self.true_numbers(case))

    def proved(self, rhs: Expr | None = None) -> bool:
        """Is it certainly true, for all sizes?"""
        rhs = self.layer.plain(self.rhs if rhs is None else rhs)
        known = self.layer.known()
        known = replace(known, ranges={**known.ranges, **self.ranges}, facts=(*known.facts, *self.conditions))
        return all(
            (case.equal(one, other) and case.reads_inside(one)) or _same_number(one, other, case)
            for case, one, other in _split(known, rhs, self.truth)
        )


def agree(one: Array, other: Array) -> bool:
    """The same numbers; quotients up to rounding."""
    if one.dtype.kind == "f" or other.dtype.kind == "f":
        return bool(np.allclose(one, other, rtol=1e-9, atol=0))
    return bool(np.array_equal(one, other))


def _same_number(one: Expr, other: Expr, known: Known) -> bool:
    """Are two expressions without tensors equal, once the sizes are put in terms of the outputs?"""
    if one.has(Indexed, Sum) or other.has(Indexed, Sum):
        return False
    relations = dict(known.relations)
    difference = (one - other).replace(Mod, lambda a, m: a - m * floor(a / m)).xreplace(relations)
    ranges = {index: (low, high.xreplace(relations)) for index, (low, high) in known.ranges.items()}
    return bool(expand(settle(difference, ranges)) == 0)


def _split(known: Known, one: Expr, other: Expr) -> Iterator[tuple[Known, Expr, Expr]]:
    """The same question once for each argument that a minimum or maximum may be; limits are left as they are."""
    extremes = _inside_indices(one) | _inside_indices(other)
    if not extremes:
        yield known, one, other
        return
    first = max(sorted(extremes, key=str), key=lambda part: part.count_ops())
    for chosen in first.args:
        rivals = [rival for rival in first.args if rival != chosen]
        facts = [_at_most(chosen, rival) if isinstance(first, Min) else _at_most(rival, chosen) for rival in rivals]
        case = replace(known, facts=(*known.facts, *facts))
        yield from _split(case, one.xreplace({first: chosen}), other.xreplace({first: chosen}))


def _inside_indices(e: Expr) -> set[Expr]:
    """The minima and maxima that are read as part of an index or of a larger limit."""
    parts = {part for cell in e.atoms(Indexed, InRange, floor, ceiling) for part in cell.atoms(Min, Max)}
    ends = (end for total in e.atoms(Sum) for limit in total.limits for end in limit[1:])
    return parts | {part for end in ends if not isinstance(end, Min | Max) for part in end.atoms(Min, Max)}


def _at_most(low: Expr, high: Expr) -> Expr:
    """What is ≥ 0 if low ≤ high. For whole numbers, ⌊n/d⌋ ≤ b is n < d·(b + 1), and a ≤ ⌊n/d⌋ is d·a ≤ n."""
    if isinstance(low, floor):
        n, d = low.args[0].as_numer_denom()
        return d * high + d - 1 - n
    if isinstance(high, floor):
        n, d = high.args[0].as_numer_denom()
        return n - d * low
    return high - low


def free_letters(e: Expr) -> set[Symbol]:
    """The letters that no sum binds; not the names of tensors."""
    labels = {cell.base.label for cell in e.atoms(Indexed)}
    return {letter for letter in e.free_symbols if isinstance(letter, Symbol)} - labels

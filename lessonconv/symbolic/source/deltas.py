"""Brackets [u = i·s + k·d − p] that spare a loop: the index that they give is computed, not tried."""

from sympy import Expr, KroneckerDelta, Mul, S, Symbol, expand
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.source.formula import Formula, free_symbols, ranges
from lessonconv.symbolic.sums import Term, linear_in, without


def with_one_index_for_two(term: Term, formula: Formula) -> Term:
    """Where a bracket says that a summed index equals a free one with the same range, the free one does for both."""
    for delta in (factor for factor in Mul.make_args(term.body) if isinstance(factor, KroneckerDelta)):
        for index, ends in ranges(term.limits).items():
            other = next((side for side in delta.args if index in delta.args and side != index), None)
            if formula.ranges.get(other) == ends:
                rest = Term(without(term.body, delta), term.limits)
                return with_one_index_for_two(rest.put(index, other), formula)
    return term


def solved(term: Term, formula: Formula) -> dict[KroneckerDelta, tuple[Symbol, Expr]]:
    """The brackets that give a free index by other indices: the index and its value."""
    ends = [end for both in ranges([*formula.free, *term.limits]).values() for end in both]
    free = set(formula.ranges) - set().union(*map(free_symbols, ends))  # what loops run to must be known before
    found: dict[KroneckerDelta, tuple[Symbol, Expr]] = {}
    for delta in Mul.make_args(term.body):
        if not isinstance(delta, KroneckerDelta) or delta.has(Indexed):
            continue
        taken = set().union(*(free_symbols(value) | {index} for index, value in found.values()))
        for index in sorted(free - taken, key=lambda one: (one not in delta.args, one.name)):
            slope, rest = linear_in(delta.args[0] - delta.args[1], index) or (S.Zero, S.Zero)
            value = expand(-rest * slope)
            if abs(slope) == 1 and not free_symbols(value) & {index for index, _ in found.values()}:
                found[delta] = index, value
                break
    return found

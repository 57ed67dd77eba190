"""The steps of a derivation as rules: an expression in, an equal expression out.

differentiate → collapse → clear → fold are what every gradient goes through. All of them hold for all sizes, strides,
paddings and dilations; SymPy's own `deltasummation` forgets that a stride must divide, and its `change_index` takes a
wrong step. tests/symbolic/test_rules.py runs every rule on random nested sums.
"""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sympy import (
    Derivative,
    Expr,
    KroneckerDelta,
    Max,
    Min,
    S,
    Sum,
    Symbol,
    Tuple,
    ceiling,
    diff,
    expand,
    factor_terms,
    floor,
    sympify,
    together,
)
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import Ranges, numerator_and_denominator, within
from lessonconv.symbolic.brackets import Divides, InRange
from lessonconv.symbolic.notation import name_of, tensor, without_hat
from lessonconv.symbolic.sums import Term, each_term, factors, flatten, letters, linear_in, set_apart, without


class Definition(NamedTuple):
    """cell := body, for all values of the cell's indices: z[n,f,i,j] := b[f] + Σ …; or a number: T := Σ …"""

    cell: Any
    body: Expr

    def at(self, cell: Indexed) -> Expr:
        """The body for other indices. All of them are put at once; bound ones that they speak of step aside."""
        values = dict(zip(self.cell.indices, cell.indices, strict=True))
        return set_apart(self.body, letters(cell) | set(values)).xreplace(values)


def unfold(e: Expr, *definitions: Definition) -> Expr:
    """Put a tensor's definition in its place, everywhere. Names that are bound around it are left alone."""
    for definition in definitions:
        if isinstance(definition.cell, Symbol):
            e = e.xreplace({definition.cell: set_apart(definition.body, letters(e))})
            continue
        e = set_apart(e, definition.body.free_symbols - set(definition.cell.indices))
        for cell in sorted(e.atoms(Indexed), key=lambda cell: -len(str(cell))):  # z[z[i]] before z[i]
            if cell.base == definition.cell.base:
                e = e.xreplace({cell: set_apart(definition.at(cell), letters(e))})
    return e


def differentiate(e: Expr) -> Expr:
    """Do the derivatives: ∂x[a]/∂x[u] = [a = u], and every factor but one is constant."""
    return flatten(e.xreplace({part: _derivative(part) for part in e.atoms(Derivative)}))


def _derivative(e: Derivative) -> Expr:
    (wrt,) = e.variables
    name = name_of(wrt)
    apart = set_apart(e.expr, letters(wrt))
    hatted = [cell for cell in apart.atoms(Indexed) if name_of(cell) != name and without_hat(name_of(cell)) == name]
    plain = apart.xreplace({cell: tensor(name)[cell.indices] for cell in hatted})  # x̂ moves with x, and is 0 outside
    return diff(plain, wrt).xreplace({tensor(name)[cell.indices]: cell for cell in hatted})


class Collapse(NamedTuple):
    """One delta that picks one index out of a sum: coefficient·index = numerator."""

    delta: KroneckerDelta
    index: Symbol
    coefficient: Expr
    numerator: Expr

    @property
    def solution(self) -> Expr:
        return self.numerator if self.coefficient == 1 else together(self.numerator / self.coefficient)


def collapse(
    e: Expr, prefer: Collection[Symbol] = (), keep: Collection[Symbol] = (), log: list[Collapse] | None = None
) -> Expr:
    """Let every delta that can pick an index out of its sum: Σ_k [c·k = r]·f(k) = f(r/c)·[c ∣ r]·[c·lo ≤ r ≤ c·hi].

    Where several indices could go, one with coefficient 1 goes first (no divisibility is left over), then one that is
    preferred; those to keep stay. What was done is appended to the log.
    """

    def rank(choice: Collapse) -> tuple[bool, bool, str]:
        return choice.coefficient != 1, choice.index not in prefer, str(choice)

    def rule(term: Term) -> Term:
        while choices := sorted((c for c in _choices(term) if c.index not in keep), key=rank):
            term = _collapsed(term, choices[0])
            if log is not None and choices[0] not in log:
                log.append(choices[0])
        return term

    return each_term(expand(e) if e.is_Mul else e, rule)


def _choices(term: Term) -> Iterator[Collapse]:
    bound = set(term.bound)
    fixed = {part for limit in term.limits for end in limit[1:] for part in end.free_symbols} & bound
    for delta in factors(term.body, KroneckerDelta):
        if delta.has(Indexed):  # [u·W + v = argmax[n,c,i,j]]: what a tensor holds is not for a sum to choose
            continue
        difference, _ = numerator_and_denominator(delta.args[0] - delta.args[1])
        for index, low, high in term.limits:
            if not difference.has(index) or index in fixed or (low.free_symbols | high.free_symbols) & bound:
                continue
            linear = linear_in(difference, index)
            if linear is None or linear[0].free_symbols & bound:
                continue
            slope, rest = linear
            if slope.is_positive:
                yield Collapse(delta, index, slope, -rest)
            elif slope.is_negative:
                yield Collapse(delta, index, -slope, rest)


def _collapsed(term: Term, choice: Collapse) -> Term:
    delta, index, slope, numerator = choice
    ((_, low, high),) = [limit for limit in term.limits if limit[0] == index]
    rest = Term(without(term.body, delta), term.limits).put(index, choice.solution)
    brackets = InRange(numerator, slope * low, slope * high) * Divides(slope, numerator)
    return Term(tidy(rest.body) * brackets, rest.limits)


def clear(e: Expr, ranges: Ranges) -> Expr:
    """Drop the brackets that are certainly 1, given the ranges of the free indices and the limits of the sums."""
    if not e.has(InRange) or isinstance(e, Indexed):
        return e
    if isinstance(e, InRange):
        return S.One if within(e, ranges) else e
    if isinstance(e, Sum):
        ends = [end for both in (*ranges.values(), *(limit[1:] for limit in e.limits)) for end in both]
        e = set_apart(e, letters(Tuple(*ends)))
        inner = {index: (low, high) for index, low, high in e.limits}
        return Sum(clear(e.function, {**ranges, **inner}), *e.limits)
    return e.func(*(clear(part, ranges) for part in e.args))


def fold(e: Expr) -> Expr:
    """Let brackets become limits: Σ_i f·[lo ≤ c·i + r ≤ hi] runs from ⌈(lo − r)/c⌉ to ⌊(hi − r)/c⌋."""

    def rule(term: Term) -> Term:
        for bracket in factors(term.body, InRange):
            term = _folded(term, bracket)
        return term

    return each_term(e, rule)


def _folded(term: Term, bracket: InRange) -> Term:
    e, low, high = bracket.args
    for place, (index, first, last) in enumerate(term.limits):
        inner = {other for other, _, _ in term.limits[:place]}
        linear = linear_in(e, index)
        if linear is None or bracket.free_symbols & inner:  # an outer limit must not speak of an inner index
            continue
        if low.has(index) or high.has(index):
            continue
        slope, rest = linear
        if slope.is_negative:
            slope, rest, low, high = -slope, -rest, -high, -low
        if slope.is_positive:
            limit = (index, Max(first, ceiling((low - rest) / slope)), Min(last, floor((high - rest) / slope)))
            return Term(without(term.body, bracket), (*term.limits[:place], limit, *term.limits[place + 1 :]))
    return term


def reindex(e: Expr, old: Symbol, value: Expr, new: Symbol) -> Expr:
    """Sum over another index: old = value, where value is new + constant or constant − new.

    Raises ValueError if some integers would be skipped, or if a letter in the value already means something else.
    """
    value = sympify(value)
    slope, rest = linear_in(value, new) or (S.Zero, S.Zero)
    if abs(slope) != 1 or not rest.is_integer:
        raise ValueError(f"{old} = {value} skips or repeats values of {old}; give {new} plus or minus a constant")

    def rule(term: Term) -> Term:
        if old not in term.bound:
            return term
        place = term.bound.index(old)
        term = Term(set_apart(term.body, letters(value)), term.limits)
        if new != old and new in term.letters:
            raise ValueError(f"{new} already means something in {term.closed()}; take another letter")
        if rest.free_symbols & set(term.bound[: place + 1]):
            raise ValueError(f"{old} = {value} speaks of an index that is summed inside; give {new} plus a constant")
        _, low, high = term.limits[place]
        ends = sorted_ends(slope, low - rest, high - rest)
        done = term.put(old, value)
        return Term(tidy(done.body), (*done.limits[:place], (new, *ends), *done.limits[place:]))

    return each_term(e, rule)


def sorted_ends(slope: Expr, low: Expr, high: Expr) -> tuple[Expr, Expr]:
    """The ends of a range that was turned round if the slope is −1."""
    return (low, high) if slope == 1 else (-high, -low)


def tidy(e: Expr) -> Expr:
    """Multiply out the index arithmetic of cells and brackets, one fraction for each index."""
    cells = {cell: cell.base[tuple(map(_neat, cell.indices))] for cell in e.atoms(Indexed)}
    e = e.xreplace({cell: neat for cell, neat in cells.items() if cell != neat})
    brackets = {bracket: bracket.func(*map(_neat, bracket.args)) for bracket in e.atoms(InRange, Divides)}
    return e.xreplace({bracket: neat for bracket, neat in brackets.items() if bracket != neat})


def _neat(index: Expr) -> Expr:
    numerator, denominator = numerator_and_denominator(index)
    return factor_terms(expand(numerator)) / denominator


def single(e: Expr) -> Expr:
    """A sum over one value is that value: Σ_{i=t}^{t} f(i) = f(t)."""

    def rule(term: Term) -> Term:
        for index, low, high in reversed(term.limits):
            if low == high:
                term = term.put(index, low)
        return Term(tidy(term.body), term.limits)

    return each_term(e, rule)

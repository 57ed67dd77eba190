"""Do conditions follow from conditions? Polynomials in indices, sizes and settings: equations = 0, inequalities ≥ 0.

Equations are solved for symbols that stand there with coefficient ±1. That e ≥ 0 follows is shown by writing e as
something ≥ 0 plus products of things that are ≥ 0 (as in Farkas' lemma). The answers are True or "not certain".
SymPy's sparse polynomial rings do the algebra: a hundred times faster than its expressions.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sympy import Expr, Symbol
from sympy.polys.domains import ZZ
from sympy.polys.polyerrors import CoercionFailed
from sympy.polys.rings import PolyRing

Polynomial = Any  # an element of a PolyRing: a dictionary {exponents: coefficient}
DEPTH = 6  # how many things that are ≥ 0 may be added up to show that another one is


class NotCertainError(Exception):
    """Something is of a form that the proof cannot speak of."""


class Conditions:
    """Equations and inequalities over one ring."""

    def __init__(self, equations: Sequence[Polynomial], inequalities: Sequence[Polynomial]) -> None:
        self.equations, self.inequalities = equations, inequalities

    def imply(self, other: "Conditions", always: Sequence[Polynomial] = ()) -> bool:
        """Do the other conditions hold wherever these do? What is ≥ 0 always may be used too."""
        solution, unsolved = solve(self.equations)
        known = list(dict.fromkeys(put(p, solution) for p in (*self.inequalities, *always)))
        left = [primitive(put(p, solution)) for p in other.equations]
        if any(p and p not in unsolved and -p not in unsolved for p in left):
            return False
        return all(follows(put(p, solution), known) for p in other.inequalities)

    def without(self, inner: Sequence[Symbol]) -> "Conditions | None":
        """The same conditions with these symbols solved for and gone; None if the equations do not fix them."""
        if not inner:
            return self
        ring = (self.equations or self.inequalities)[0].ring
        places = [ring.symbols.index(symbol) for symbol in inner]
        others = [place for place in range(ring.ngens) if place not in places and _least(ring.symbols[place]) is None]
        solution, rest = solve(self.equations, [*places, *others])
        if not solution.keys() >= set(places):
            return None
        kept = [ring.gens[place] - value for place, value in solution.items() if place in others]
        return Conditions([*rest, *kept], [put(p, solution) for p in self.inequalities])


def over_one_ring(*groups: Iterable[Expr]) -> list[list[Polynomial]]:
    """Expressions as polynomials of one ring. Raises NotCertainError for what is none, or not of integers."""
    lists = [list(group) for group in groups]
    symbols = sorted({symbol for group in lists for e in group for symbol in e.free_symbols}, key=str)
    if not all(symbol.is_integer for symbol in symbols):
        raise NotCertainError
    ring = PolyRing(symbols or ["none"], ZZ, "lex")
    try:
        return [[ring.from_expr(e) for e in group] for group in lists]
    except (ValueError, CoercionFailed):
        raise NotCertainError from None


def solve(
    equations: Iterable[Polynomial], wanted: Sequence[int] = ()
) -> tuple[dict[int, Polynomial], list[Polynomial]]:
    """Solve equations = 0 for the symbols at the wanted places, or for any index, where the coefficient is ±1.

    Returns what each solved symbol is, free of the solved ones, and the equations that are left.
    """
    left = [p for p in map(primitive, equations) if p]
    solution: dict[int, Polynomial] = {}
    while found := next(_solvable(left, wanted), None):
        place, value = found
        left = [p for p in (primitive(put(p, {place: value})) for p in left) if p]
        solution = {other: put(p, {place: value}) for other, p in solution.items()} | {place: value}
    return solution, left


def _solvable(equations: list[Polynomial], wanted: Sequence[int]) -> Iterator[tuple[int, Polynomial]]:
    for p in equations:
        for place in wanted or _indices(p):
            slope, rest = split(p, place)
            if slope in (1, -1):
                yield place, -rest * slope


def split(p: Polynomial, place: int) -> tuple[Polynomial, Polynomial]:
    """(slope, rest) of p = slope·symbol + rest. (Every p here is linear in its indices.)"""
    slope, rest = p.ring.zero, p.ring.zero
    for powers, coefficient in p.items():
        if powers[place]:
            slope[(*powers[:place], powers[place] - 1, *powers[place + 1 :])] = coefficient
        else:
            rest[powers] = coefficient
    return slope, rest


def put(p: Polynomial, values: dict[int, Polynomial]) -> Polynomial:
    """The polynomial with values put for symbols."""
    for place, value in values.items():
        slope, rest = split(p, place)
        if slope:
            p = put(slope * value + rest, {place: value})
    return p


def primitive(p: Polynomial) -> Polynomial:
    """p without the positive factors that all of its terms share: d(K − 1) − d·k has the sign of K − 1 − k."""
    for place, symbol in enumerate(p.ring.symbols):
        if symbol.is_positive:
            while p and all(powers[place] for powers in p):
                p = split(p, place)[0]
    return p


def nonnegative(p: Polynomial) -> bool:
    """Is p ≥ 0 for all sizes, strides, dilations ≥ 1 and paddings ≥ 0? Certain if p at 1 + … has none < 0."""
    least = list(map(_least, p.ring.symbols))
    if any(power and least[place] is None for powers in p for place, power in enumerate(powers)):
        return False
    if all(coefficient > 0 for coefficient in p.values()):
        return True
    if _value(p, least) < 0:
        return False
    for place, bound in enumerate(least):
        if bound and any(powers[place] for powers in p):
            p = p.compose(p.ring.gens[place], p.ring.gens[place] + 1)
    return all(coefficient > 0 for coefficient in p.values())


def _least(symbol: Symbol) -> int | None:
    """The least value of a size or setting; None for an index."""
    return 1 if symbol.is_positive else 0 if symbol.is_nonnegative else None


def _value(p: Polynomial, least: list[int | None]) -> int:
    """p with every size and setting as small as it can be: all 1, but paddings 0."""
    zeros = [place for place, bound in enumerate(least) if bound == 0]
    return sum(c for powers, c in p.items() if not any(powers[place] for place in zeros))


def follows(p: Polynomial, known: Sequence[Polynomial]) -> bool:
    """Is p ≥ 0, given that everything known is ≥ 0? Few known ones are tried before many."""
    return any(_follows(primitive(p), known, depth, set()) for depth in range(DEPTH + 1))


def _follows(p: Polynomial, known: Sequence[Polynomial], depth: int, failed: set[Any]) -> bool:
    """Subtracts known ones until no index is left; p fails once for each way that leads to it."""
    if p in failed:
        return False
    failed.add(p)
    if nonnegative(p):
        return True
    return depth > 0 and any(_follows(primitive(less), known, depth - 1, failed) for less in _steps(p, known))


def _steps(p: Polynomial, known: Sequence[Polynomial]) -> Iterator[Polynomial]:
    """Polynomials without the first of p's indices; if one of them is ≥ 0, so is p."""
    if not _indices(p):
        yield from (p - fact for fact in known if not _indices(fact))
    for place in _indices(p)[:1]:  # any order of eliminating the indices will do
        slope, _ = split(p, place)
        for fact in known:
            other, _ = split(fact, place)
            if not other:
                continue
            for scale, factor in _matching(slope, other):
                yield scale * p + (scale - 1) - factor * fact  # for integers, scale·p > −scale is enough


def _matching(slope: Polynomial, other: Polynomial) -> Iterator[tuple[Polynomial, Polynomial]]:
    """(scale, factor), both ≥ 1, with scale·slope = factor·other."""
    for one, two, order in ((slope, other, 1), (other, slope, -1)):
        quotient, remainder = divmod(one, two)
        if not remainder and nonnegative(quotient - 1):
            yield (quotient.ring.one, quotient)[::order]
            return


def _indices(p: Polynomial) -> list[int]:
    """The places of the indices in it: whatever is neither a size nor a setting."""
    used = {place for powers in p for place, power in enumerate(powers) if power}
    return sorted(place for place in used if _least(p.ring.symbols[place]) is None)

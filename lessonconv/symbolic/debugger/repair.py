"""One edit at a time: every equation that is one slip away from a given one, and those among them that are true.

The edits are the slips that people make: one too many or too few, a sign, a forgotten stride or padding, a letter for
another, two indices exchanged, a kernel that should be turned, a bracket left out or a tensor read outside. An index
that stands both in a cell and in the bracket that guards it is edited in both places.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from sympy import Add, Expr, KroneckerDelta, Max, Min, Mod, Mul, S, Sum, Symbol, ceiling, floor
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket
from lessonconv.symbolic.debugger.cases import Case
from lessonconv.symbolic.debugger.claim import Claim
from lessonconv.symbolic.debugger.layers import Conv
from lessonconv.symbolic.language.latex import aligned, latex, mark, room, rows
from lessonconv.symbolic.language.text import equation_text, text
from lessonconv.symbolic.notation import HAT, name_of, tensor, without_hat

Path = tuple[int, ...]  # from argument to argument, down the expression
MOST = 3
MOST_EDITS = 700  # tried to mend one equation, the likeliest first
SHARP = 7  # the first equation is tried on one large layer in so many
ARITHMETIC = (Add, Mul, floor, ceiling, Min, Max, Mod)


class Edit(NamedTuple):
    """new for old at one or more places; the cost says how far-fetched it is."""

    cost: int
    where: str
    paths: tuple[Path, ...]
    old: Expr
    new: Expr
    apart: bool = False  # only one of two places that said the same

    def applied(self, e: Expr, frame: Callable[[Expr], Expr] = lambda new: new) -> Expr:
        """The expression with the edit done, and perhaps a frame around what is new."""
        return _put(e, self.paths, frame(self.new))


@dataclass(frozen=True)
class Repair:
    """A true equation that one edit leads to. proved: for all sizes; else it is true in every small layer tried."""

    lhs: Expr
    rhs: Expr
    where: str
    was: str
    now: str
    proved: bool
    framed: Expr

    @property
    def latex(self) -> str:
        """The mended equation with a frame around the edit, in rows that fit a notebook."""
        return displayed(self.lhs, self.framed)

    @property
    def text(self) -> str:
        """The mended equation, as the debugger reads it."""
        return equation_text(self.lhs, self.rhs)

    @property
    def edit(self) -> str:
        """in w[u − i]: u − i → u − i·s"""
        proved = "" if self.proved else " (true wherever it was tried; not proven)"
        where = f"in {self.where}: " if self.where != self.was else ""
        return f"{where}{self.was} → {self.now}{proved}"

    def __str__(self) -> str:
        return f"{self.text}    {self.edit}"


def repairs(claim: Claim, cases: Sequence[Case]) -> tuple[Repair, ...]:
    """The nearest true equations: proved ones first, then by how far-fetched the edit is."""
    sharp = next(case for case in (*cases[::-SHARP], *cases) if not claim.holds_in(case))
    survivors: list[tuple[Edit, Expr]] = []
    for apart, group in groupby(edited(claim, MOST_EDITS), key=lambda pair: pair[0].apart):
        if not (apart and survivors):  # twins are edited apart only if nothing else helps
            survivors += [(edit, rhs) for edit, rhs in group if _survives(claim, rhs, (sharp, *cases))]
    survivors.sort(key=lambda pair: pair[0].cost)
    found = [_repair(claim, edit, rhs, claim.proved(rhs)) for edit, rhs in survivors[: 2 * MOST]]
    return tuple(sorted(found, key=lambda repair: not repair.proved))[:MOST]


def _survives(claim: Claim, rhs: Expr, cases: Iterable[Case]) -> bool:
    try:
        return all(claim.holds_in(case, rhs) for case in cases)
    except (MemoryError, OverflowError):  # the edit made it too large
        return False


def _repair(claim: Claim, edit: Edit, rhs: Expr, proved: bool) -> Repair:
    framed = edit.applied(claim.rhs, mark)
    return Repair(claim.lhs, rhs, edit.where, text(edit.old), text(edit.new), proved, framed)


def displayed(lhs: Expr, rhs: Expr) -> str:
    """An equation as a block of rows that fit a notebook."""
    left = latex(lhs)
    return aligned([(left, rows(rhs, room(left)), ("", ""))])


def edited(claim: Claim, most: int | None = None) -> Iterator[tuple[Edit, Expr]]:
    """Every edit of the right side, and what it leads to; no equation twice. Or the likeliest ones."""
    seen = {claim.rhs}
    for edit in sorted(edits(claim), key=lambda edit: (edit.apart, edit.cost))[:most]:
        try:
            rhs = edit.applied(claim.rhs)
        except (TypeError, ValueError, ZeroDivisionError):  # what SymPy itself refuses is no equation
            continue
        if rhs not in seen:
            seen.add(rhs)
            yield edit, rhs


def edits(claim: Claim) -> Iterator[Edit]:
    """Edits of tensors and factors, then of every index, limit and bracket; at last of twins apart."""
    letters = _Letters(claim)
    yield from _structural(claim)
    reach = frozenset(claim.layer.symbols.union(index for index, *_ in claim.free))
    places: dict[Expr, list[_Spot]] = {}
    for spot in _spots(claim.rhs, "the right side", claim.name is None, reach):
        places.setdefault(spot.e, []).append(spot)
    apart: list[Edit] = []
    for twins in places.values():
        slips = list(letters.changed(twins[0]))
        paired = len(twins) > 1 and not twins[0].e.is_Atom
        if paired:
            yield from _edits_of(twins, slips)
        for spot in twins:
            found = _edits_of([spot], slips, paired)
            if paired:
                apart += found
            else:
                yield from found
    yield from apart


def _edits_of(spots: "Sequence[_Spot]", slips: Iterable[tuple[int, Expr]], apart: bool = False) -> Iterator[Edit]:
    """The slips made in all these places, where every letter means something in all of them."""
    where = " and ".join(dict.fromkeys(sorted((spot.where for spot in spots), key=lambda words: words[0] == "[")))
    paths, reach = tuple(spot.path for spot in spots), frozenset.intersection(*(spot.reach for spot in spots))
    for cost, changed in slips:
        if changed.free_symbols <= reach and all(changed != spot.other_end for spot in spots):
            yield Edit(cost + apart, where, paths, spots[0].e, changed, apart)


class _Spot(NamedTuple):
    """Arithmetic that may be edited: where it stands, and which letters mean something there; a sum's other limit."""

    path: Path
    e: Expr
    where: str
    reach: frozenset[Symbol]
    other_end: Expr | None = None


def _spots(e: Any, where: str, scalar: bool, reach: frozenset[Symbol], path: Path = ()) -> Iterator[_Spot]:
    """Every index, limit, side of a bracket, and what is in parentheses within them."""
    if isinstance(e, Indexed):
        for place, index in enumerate(e.indices, 1):
            yield from _arithmetic(index, text(e), reach, (*path, place))
    elif isinstance(e, Sum):
        for place, limit in reversed(list(enumerate(e.limits, 1))):
            for end, words in ((1, "first"), (2, "last")):
                for spot in _arithmetic(limit[end], f"the {words} {limit[0]} of the sum", reach, (*path, place, end)):
                    yield spot._replace(other_end=limit[3 - end])
            reach |= {limit[0]}
        yield from _spots(e.function, where, False, reach, (*path, 0))
    elif isinstance(e, Bracket | KroneckerDelta):
        for place, side in enumerate(e.args):
            yield from _arithmetic(side, text(e), reach, (*path, place))
    elif scalar and not e.has(Bracket, KroneckerDelta):
        yield from _arithmetic(e, where, reach, path)
    elif isinstance(e, Add | Mul):
        for place, part in enumerate(e.args):
            yield from _spots(part, where, False, reach, (*path, place))


def _arithmetic(e: Expr, where: str, reach: frozenset[Symbol], path: Path) -> Iterator[_Spot]:
    """The expression, and the sums within its floors, products and minima."""
    if e.is_infinite:
        return
    yield _Spot(path, e, where, reach)
    for place, part in enumerate(e.args):
        if isinstance(part, ARITHMETIC) and not (isinstance(e, Add) and isinstance(part, Mul) and not part.has(Add)):
            yield from _arithmetic(part, where, reach, (*path, place))


class _Letters:
    """What can be written for what: indices for indices, settings for settings, sizes for sizes."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        layer = claim.layer
        bound = {index for total in claim.rhs.atoms(Sum) for index, *_ in total.limits}
        self.indices = sorted({*bound, *(index for index, *_ in claim.free)}, key=str)
        movable = layer.symbols - set(layer.fixed)
        self.settings = sorted((one for one in movable if one.name[0] in "spd"), key=str)
        self.sizes = sorted((one for one in layer.symbols if one.name[0].isupper()), key=str)
        self.steps = [one for one in self.settings if one.name[0] in "sd"]

    def changed(self, spot: _Spot) -> Iterator[tuple[int, Expr]]:
        """(cost, what stands there then) for every slip."""
        e, limit = spot.e, spot.other_end is not None
        yield from ((1, e + one) for one in (S.One, S.NegativeOne))
        for term in Add.make_args(e):
            yield from ((cost, e - term + new) for cost, new in self.of_term(term))
            yield (2, e - term) if e != term else (3, S.Zero)
        nearby = self.near(e)
        for setting in nearby:
            yield from ((2, e + setting), (2, e - setting))
        for one in self.sizes if limit else self.sizes_near(e):
            yield (2, one - 1 - e)
        if limit:
            yield from ((2, one - 1) for one in self.sizes)

    def of_term(self, term: Expr) -> Iterator[tuple[int, Expr]]:
        """Another sign, another letter, a factor more or less."""
        yield 1, -term
        if term.is_Rational:
            return
        for letter in sorted(term.free_symbols, key=str):
            yield from ((1, term.xreplace({letter: other})) for other in self.like(letter))
        for step in self.near(term, self.steps):
            if term.has(*self.indices) if self.indices else False:
                yield 1, term * step
            if step in Mul.make_args(term):
                yield 1, term / step
        coefficient = term.as_coeff_Mul()[0]
        if coefficient in (1, -1, 2, -2):
            yield 2, term * 2 if abs(coefficient) == 1 else term / 2

    def like(self, letter: Symbol) -> list[Symbol]:
        """The letters that could be meant instead."""
        if letter in self.indices:
            batch = letter.name[0] in "ncf"
            return [one for one in self.indices if one != letter and (one.name[0] in "ncf") == batch]
        return [one for one in (self.sizes if letter in self.sizes else self.settings) if one != letter]

    def near(self, e: Expr, among: Sequence[Symbol] | None = None) -> list[Symbol]:
        """The settings of the axis that the expression is about, or of both if it does not say; none for n, c, f."""
        among = self.settings if among is None else among
        if e.free_symbols and all(letter.name[0] in "ncfNCF" for letter in e.free_symbols):
            return []
        axes = {_axis(letter) for letter in e.free_symbols} - {""}
        return [one for one in among if len(axes) != 1 or _axis(one) in axes or not _axis(one)]

    def sizes_near(self, e: Expr) -> list[Symbol]:
        """The sizes that an index may be counted back from: K − 1 − k turns a kernel."""
        axes = {_axis(letter) for letter in e.free_symbols} - {""}
        return [one for one in self.sizes if one.name not in "NCF" and (len(axes) != 1 or _axis(one) in {*axes, ""})]


def _axis(letter: Symbol) -> str:
    """_h or _w; nothing for a letter that both axes use, or the only axis."""
    name = letter.name.rstrip("′")
    if name[-2:] in ("_h", "_w"):
        return name[-2:]
    return {"v": "_w", "j": "_w", "l": "_w", "W": "_w"}.get(name, "")


def _structural(claim: Claim) -> Iterator[Edit]:
    """Edits of tensors, terms and factors."""
    layer = claim.layer
    for path, e in _nodes(claim.rhs):
        if isinstance(e, Indexed):
            yield from (Edit(cost, text(e), (path,), e, new) for cost, new in _other_cells(e, layer))
        elif isinstance(e, Mul) and e.has(Indexed, Bracket, KroneckerDelta):
            for place, factor in enumerate(e.args):
                if not factor.has(Indexed, Sum):
                    yield Edit(2, "the factors", ((*path, place),), factor, S.One)
        elif isinstance(e, Add) and e.has(Indexed, Bracket, KroneckerDelta):
            for place, term in enumerate(e.args):
                yield Edit(1, "the terms", ((*path, place),), term, -term)


def _other_cells(e: Indexed, layer: Any) -> Iterator[tuple[int, Expr]]:
    """With or without zeros around it, turned, with two indices exchanged."""
    name = name_of(e)
    other = without_hat(name) if name.endswith(HAT) else name + HAT
    yield (1 if without_hat(name) == "x" else 2), tensor(other)[e.indices]
    if isinstance(layer, Conv) and without_hat(name) in ("w", "w_rot"):
        other = "w_rot" if without_hat(name) == "w" else "w"
        yield 1, tensor(name.replace(without_hat(name), other))[e.indices]
    for a in range(len(e.indices)):
        for b in range(a):
            order = list(e.indices)
            order[a], order[b] = order[b], order[a]
            yield 1, e.base[tuple(order)]


def _nodes(e: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, e
    if isinstance(e, Sum):
        yield from _nodes(e.function, (*path, 0))
    elif isinstance(e, Add | Mul):
        for place, part in enumerate(e.args):
            yield from _nodes(part, (*path, place))


def _put(e: Any, paths: Sequence[Path], new: Expr) -> Any:
    """The expression with something else at the ends of these paths; all at once, for SymPy may then sort anew."""
    if () in paths:
        return new
    below: dict[int, list[Path]] = {}
    for first, *rest in paths:
        below.setdefault(first, []).append(tuple(rest))
    args = [_put(part, below[place], new) if place in below else part for place, part in enumerate(e.args)]
    if not isinstance(e, Sum):
        return e.func(*args)
    total = Expr.__new__(Sum, *args)  # Sum(…) examines its limits, which takes longer than all else here
    total.is_commutative = True
    return total

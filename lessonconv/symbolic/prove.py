"""Prove that two sums are equal for all sizes, strides, paddings and dilations.

Every sum of products of cells can be written over the cells themselves: which cells of dz, w and x are multiplied, and
under which conditions? For the gradient of an input, both the gather form and the form with the turned kernel say

    Σ dz[α]·w[β]   over all α, β   with   u = α·s + β·d − p   and   0 ≤ α < O,  0 ≤ β < K,

though they sum over other indices in other orders. So: put a new index for every cell that is read, solve for the
summed indices, and compare what is left. Two sums are equal if each one's conditions follow from the other's.
The answer is True or "not certain", never a wrong True.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Add, Expr, KroneckerDelta, Max, Min, Mul, Sum, Symbol, ceiling, expand, floor, oo, sympify
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import Ranges, numerator_and_denominator
from lessonconv.symbolic.brackets import Bracket, Divides, InRange
from lessonconv.symbolic.conditions import Conditions, NotCertainError, over_one_ring
from lessonconv.symbolic.notation import HAT, name_of, symbol, tensor, without_hat
from lessonconv.symbolic.sums import Term, terms


@dataclass(frozen=True)
class Known:
    """What holds wherever the two sides are compared.

    ranges: of the free indices; shapes: the sizes of each tensor; relations: what a size is in terms of others, such as
    H = (O−1)·s + d(K−1) + 1 − 2p + ρ; facts: expressions that are ≥ 0, such as ρ and s − 1 − ρ.
    """

    ranges: Ranges = field(default_factory=dict)
    shapes: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    relations: Mapping[Symbol, Expr] = field(default_factory=dict)
    facts: Sequence[Expr] = ()

    def equal(self, one: Expr, other: Expr) -> bool:
        """Is one = other, whatever the sizes and whatever the tensors hold? False means: not certain."""
        try:
            ours = [self._over_cells(term) for term in terms(one)]
            theirs = [self._over_cells(term) for term in terms(other)]
            return len(ours) == len(theirs) and _paired(ours, theirs)
        except NotCertainError:
            return False

    def reads_inside(self, e: Expr) -> bool:
        """Is every tensor without a hat read inside, wherever limits and brackets let it be read? Or not certain."""
        try:
            return all(_Writer(self, term).reads_inside() for term in terms(e))
        except NotCertainError:
            return False

    def _over_cells(self, term: Term) -> "OverCells":
        return _Writer(self, term).written()


def _paired(ours: Sequence["OverCells"], theirs: list["OverCells"]) -> bool:
    """Has every term of ours an equal among theirs, one for each?"""
    for term in ours:
        partner = next((rival for rival in theirs if term.same(rival)), None)
        if partner is None:
            return False
        theirs.remove(partner)
    return True


@dataclass(frozen=True)
class OverCells:
    """A term written over the cells it reads: what is multiplied, where equations = 0 and inequalities ≥ 0 hold.

    inner: symbols that the equations must fix; definitions ≥ 0 hold always: they say what the floors are that the
    inequalities speak of; numberings: for every order of the cells of one tensor, which index is put for which.
    """

    product: Expr
    inner: tuple[Symbol, ...]
    equations: tuple[Expr, ...]
    inequalities: tuple[Expr, ...]
    definitions: tuple[Expr, ...]
    numberings: tuple[Mapping[Symbol, Symbol], ...]

    def same(self, other: "OverCells") -> bool:
        """Are the two terms equal? Each one's conditions must follow from the other's."""
        return any(
            other.product.xreplace(numbering) == self.product and self._agrees(other, numbering)
            for numbering in other.numberings
        )

    def _agrees(self, other: "OverCells", numbering: Mapping[Symbol, Symbol]) -> bool:
        renumbered = ([e.xreplace(numbering) for e in part] for part in (other.equations, other.inequalities))
        *mine, a, b, always = over_one_ring(
            self.equations, self.inequalities, *renumbered, (*self.definitions, *other.definitions)
        )
        ours, theirs = Conditions(*mine).without(self.inner), Conditions(a, b).without(other.inner)
        return bool(ours and theirs and ours.imply(theirs, always) and theirs.imply(ours, always))


class _Writer:
    """Writes one term over its cells."""

    def __init__(self, known: Known, term: Term) -> None:
        self.known = known
        self.equations: list[Expr] = []
        self.definitions: list[Expr] = []
        self.around: list[Expr] = []  # ≥ 0 where a hatted tensor is not 0
        self.inside: list[Expr] = []  # ≥ 0 where the others have cells
        self.inner = list(term.bound)
        self.inequalities = [self._whole(fact) for fact in known.facts]
        ranges = ((index, *ends) for index, ends in known.ranges.items())
        for index, low, high in (*ranges, *term.limits):
            self._at_least(index, sympify(low))
            self._at_most(index, sympify(high))
        self.term = term

    def written(self) -> OverCells:
        body = self._without_brackets(self.term.body)
        cells = sorted(body.atoms(Indexed), key=str)
        powers = (factor.as_base_exp() for factor in Mul.make_args(body))
        factors = {base for base, power in powers if power.is_positive}
        names = {}
        for number, cell in enumerate(cells):
            zero_outside = cell in factors and name_of(cell).endswith(HAT)  # what is 0 in a product; e⁰ is not
            name = without_hat(name_of(cell)) if zero_outside else name_of(cell)
            names[cell] = tensor(name)[self._slots(number, cell, zero_outside)]
        product = body.xreplace(names)
        if product.atoms(Sum) or product.free_symbols & set(self.inner):
            raise NotCertainError
        parts = self.equations, [*self.inequalities, *self.around], self.definitions
        equations, inequalities, definitions = (tuple(map(self._related, part)) for part in parts)
        numberings = tuple(_numberings(list(names.values())))
        return OverCells(product, tuple(self.inner), equations, inequalities, definitions, numberings)

    def reads_inside(self) -> bool:
        """Does it follow from the limits and brackets alone, without the zeros of other tensors?"""
        self.written()
        parts = (self.equations, self.inequalities, self.inside, self.definitions)
        equations, inequalities, inside, always = over_one_ring(*(map(self._related, part) for part in parts))
        return Conditions(equations, inequalities).imply(Conditions([], inside), always)

    def _related(self, e: Expr) -> Expr:
        return e.xreplace(dict(self.known.relations))

    def _without_brackets(self, body: Expr) -> Expr:
        rest = []
        for factor in Mul.make_args(body):
            if isinstance(factor, InRange):
                at, low, high = map(self._whole, factor.args)
                self.inequalities += [at - low] if low != -oo else []
                self.inequalities += [high - at] if high != oo else []
            elif isinstance(factor, Divides):
                divisor, at = map(self._whole, factor.args)
                quotient = symbol(f"quotient{len(self.inner)}")
                self.inner.append(quotient)
                self.equations.append(at - divisor * quotient)
            elif isinstance(factor, KroneckerDelta) and not factor.has(Indexed):
                difference = self._whole(factor.args[0]) - self._whole(factor.args[1])
                self.equations.append(numerator_and_denominator(difference)[0])
            else:
                rest.append(factor)
        product = Mul(*rest)
        if product.has(Bracket) or product.has(KroneckerDelta):
            raise NotCertainError
        return product

    def _slots(self, number: int, cell: Indexed, zero_outside: bool) -> tuple[Symbol, ...]:
        """New indices for the cell that is read; zeros around a tensor are the condition to stay inside."""
        name = name_of(cell)
        slots = tuple(symbol(f"cell{number}_{place}") for place in range(len(cell.indices)))
        for slot, index in zip(slots, cell.indices, strict=True):
            numerator, denominator = numerator_and_denominator(self._whole(index))
            self.equations.append(slot * denominator - numerator)
        sizes = self.known.shapes.get(without_hat(name) if zero_outside else name, ())
        if zero_outside and not sizes:
            raise NotCertainError
        bounds = [bound for slot, size in zip(slots, sizes, strict=False) for bound in (slot, size - 1 - slot)]
        (self.around if zero_outside else self.inside).extend(bounds)
        return slots

    def _whole(self, e: Expr) -> Expr:
        """The expression with an index q for every ⌊n/d⌋ in it: d·q ≤ n < d·(q + 1)."""
        rounded = sorted(e.atoms(floor, ceiling), key=str)
        if e.has(Min, Max, Indexed) or any(part.has(*self.inner) for part in rounded if self.inner):
            raise NotCertainError
        for part in rounded:
            n, d = _quotient(part)
            q = symbol(f"[{type(part).__name__} {expand(n)} / {d}]")  # by its value: SymPy writes one floor in two ways
            slack = self._whole(n) - d * q if isinstance(part, floor) else d * q - self._whole(n)
            self.definitions += [slack, d - 1 - slack]
            e = e.xreplace({part: q})
        return e

    def _at_most(self, index: Expr, end: Expr) -> None:
        """index ≤ end. For ⌊n/d⌋ that is d·index ≤ n, for a minimum it is one condition for each argument."""
        rounded = [part for part in Add.make_args(end) if isinstance(part, floor)]
        if isinstance(end, Min):
            for part in end.args:
                self._at_most(index, part)
        elif len(rounded) == 1:
            n, d = _quotient(rounded[0])
            self.inequalities.append(self._whole(n) - d * (index - self._whole(end - rounded[0])))
        else:
            self.inequalities.append(self._whole(end) - index)

    def _at_least(self, index: Expr, end: Expr) -> None:
        rounded = [part for part in Add.make_args(end) if isinstance(part, ceiling)]
        if isinstance(end, Max):
            for part in end.args:
                self._at_least(index, part)
        elif len(rounded) == 1:
            n, d = _quotient(rounded[0])
            self.inequalities.append(d * (index - self._whole(end - rounded[0])) - self._whole(n))
        else:
            self.inequalities.append(index - self._whole(end))


def _quotient(e: Expr) -> tuple[Expr, Expr]:
    """n and d of ⌊n/d⌋ or ⌈n/d⌉, where d is certainly > 0."""
    n, d = numerator_and_denominator(e.args[0])
    if not d.is_positive:
        raise NotCertainError
    return n, d


def _numberings(cells: list[Indexed]) -> Iterator[Mapping[Symbol, Symbol]]:
    """The cells' indices in every order of the cells of one tensor; the first leaves them as they are."""
    groups: dict[str, list[Indexed]] = {}
    for cell in cells:
        groups.setdefault(name_of(cell), []).append(cell)
    for orders in itertools.product(*(itertools.permutations(group) for group in groups.values())):
        yield {
            old: new
            for group, order in zip(groups.values(), orders, strict=True)
            for one, other in zip(group, order, strict=True)
            for old, new in zip(one.indices, other.indices, strict=True)
        }

"""A formula as nested loops: a nest for each of its terms."""

from collections.abc import Iterator

from sympy import Add, Expr, KroneckerDelta, Max, Min, Mul, Sum, Symbol, ceiling, floor, sympify
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket, Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import HAT, name_of, tensor, without_hat
from lessonconv.symbolic.source.arguments import Arguments
from lessonconv.symbolic.source.deltas import solved, with_one_index_for_two
from lessonconv.symbolic.source.dtype import dtype
from lessonconv.symbolic.source.expressions import Writer, index_for, is_fraction
from lessonconv.symbolic.source.formula import Formula, free_symbols, ranges
from lessonconv.symbolic.source.lines import Line, nested
from lessonconv.symbolic.sums import Term, letters, terms, without

CONDITIONS = (InRange, Divides, KroneckerDelta)  # factors that become an if


def loops(formula: Formula) -> str:
    """The formula as nested loops over the cells that are written and the terms that are added up.

    Raises ValueError for what has no code, such as a derivative that is not done yet.
    """
    writer = Writer(formula)
    chains = [_Nest(writer, term, operator).lines() for operator, term in _statements(formula)]
    arguments = Arguments(writer)
    shape, output = arguments.output_shape(), writer.tensor(formula.output)
    filled = "np.full({}, -np.inf, {})" if isinstance(formula.body, Largest) else "np.zeros({}, {})"
    created = Line(f"{output} = {filled.format(shape, dtype(writer))}")
    return arguments.module(nested([[created], *chains, [Line(f"return {output}")]]))


def _statements(formula: Formula) -> Iterator[tuple[str, Term]]:
    """What is done to the output, term by term: terms without sums are assigned, in one go; others are added."""
    if isinstance(formula.body, Largest):
        yield "max", Term(formula.body.function, tuple(map(tuple, formula.body.limits)))
        return
    found = [term for term in terms(formula.body) if term.body != 0]
    plain = [term for term in found if not term.limits and not _is_conditional(term.body)]
    if plain:
        each_once = all(index.is_Atom for index in formula.cell.indices)
        yield "=" if each_once else "+=", Term(Add(*(term.body for term in plain)), ())
    yield from (("+=", term) for term in found if term not in plain)


def _is_conditional(body: Expr) -> bool:
    """Is it 0 under some condition, by a bracket or a zero-extended tensor?"""
    parts = Mul.make_args(body)
    return any(isinstance(f, CONDITIONS) or (isinstance(f, Indexed) and name_of(f).endswith(HAT)) for f in parts)


class _Nest:
    """One term as nested loops: what runs, what gets a name on the way, what is asked, what is done in the middle.

    A bracket is asked as soon as its indices are known. An index that is computed, to read a zero-extended tensor or to
    write a cell, gets a name, and is held against the size of the tensor.
    """

    def __init__(self, writer: Writer, term: Term, operator: str) -> None:
        self.writer, self.formula, self.operator = writer, writer.formula, operator
        formula = writer.formula
        term = with_one_index_for_two(term, formula)
        known = solved(term, formula)
        computed = dict(known.values())
        self.runs = [limit for limit in formula.free if limit[0] not in computed] + list(reversed(term.limits))
        self.ranges = ranges(self.runs)
        self.depths = {index: depth for depth, index in enumerate(self.ranges, 1)}
        self.taken = letters(formula.body) | letters(formula.cell) | set(self.depths)
        self.named: list[dict[Symbol, Expr]] = []
        self.guards: dict[Expr, str] = {}  # and what to say of them

        outside = f"nothing is written outside of {writer.tensor(formula.output)}"
        self._name(computed)
        self.guards.update((InRange(index, *formula.ranges[index]), outside) for index in computed)
        self.target = writer.code(self._cell(formula.cell, outside))
        kinds = (*CONDITIONS, Positive) if operator == "max" else CONDITIONS
        brackets = [factor for kind in kinds for factor in Mul.make_args(term.body) if isinstance(factor, kind)]
        self.conditions = [bracket for bracket in brackets if bracket not in known]
        body = self._read(without(term.body, *brackets))
        totals = list(dict.fromkeys(_totals(body)))
        self.totals = {total: Symbol("total" + "′" * number) for number, total in enumerate(totals)}
        self.body = body.xreplace(self.totals)

    def _cell(self, cell: Indexed, outside: str = "") -> Indexed:
        """The cell, with names for its computed indices. If it may be outside, they are held against its sizes."""
        computed: dict[Symbol, Expr] = {}
        places = []
        for at, size in zip(cell.indices, self.formula.shape(name_of(cell)), strict=True):
            one = at
            if is_fraction(at) or (outside and not at.is_Atom):
                one = index_for(size, self.taken)
                self.taken.add(one)
                computed[one] = at
            inside = InRange(one, 0, size - 1)
            if outside and inside != 1 and self.ranges.get(one) != (0, size - 1):
                self.guards[inside] = outside
            places.append(one)
        self._name(computed)
        return tensor(without_hat(name_of(cell)))[tuple(places)]

    def _read(self, body: Expr) -> Expr:
        """The product with names for the computed indices of zero-extended cells, and for those that are fractions."""
        factors = []
        for factor in Mul.make_args(body):
            zeros = isinstance(factor, Indexed) and name_of(factor).endswith(HAT)
            outside = f"{self.writer.tensor(name_of(factor))} counts as 0 outside" if zeros else ""
            competes = zeros and self.operator == "max"  # the 0 does, which no condition says; the writer refuses it
            factors.append(self._cell(factor, outside) if isinstance(factor, Indexed) and not competes else factor)
        return Mul(*factors)

    def _name(self, group: dict[Symbol, Expr]) -> None:
        """These get their names together, as soon as all of them are known."""
        if group:
            self.named.append(group)
            self.depths.update(dict.fromkeys(group, max(map(self._depth, group.values()))))

    def _depth(self, e: Expr) -> int:
        """Inside of how many loops is it known?"""
        return max((self.depths.get(one, 0) for one in free_symbols(e)), default=0)

    def lines(self) -> list[Line]:
        """The loops from the outermost one to the statement in the middle."""
        found: list[Line] = []
        computed = {one for group in self.named for one in group}
        for depth in range(len(self.runs) + 1):
            brackets = [bracket for bracket in [*self.conditions, *self.guards] if self._depth(bracket) == depth]
            found += self._for(*self.runs[depth - 1]) if depth else []
            found += self._if([bracket for bracket in brackets if not free_symbols(bracket) & computed])
            found += [self._assign(group) for group in self.named if self.depths[next(iter(group))] == depth]
            found += self._if([bracket for bracket in brackets if free_symbols(bracket) & computed])
            found += [self._total(total) for total in self.totals if self._depth(total) == depth]
        return [*found, self._statement()]

    def _for(self, index: Symbol, low: Expr, high: Expr) -> list[Line]:
        """The loop; limits that are rounded get a name before."""
        name, ends, found = self.writer.name(index), [], []
        for word, end in (("first", sympify(low)), ("stop", _stop(sympify(high)))):
            code = self.writer.code(end)
            if end.has(Min, Max, floor, ceiling):
                comment = "-(-a // b) is a/b rounded up" if end.has(ceiling) else ""
                found.append(Line(f"{name}_{word} = {code}", comment=comment))
                code = f"{name}_{word}"
            ends.append(code)
        return [*found, Line(f"for {name} in {_range(*ends)}:")]

    def _if(self, brackets: list[Expr]) -> list[Line]:
        codes = list(map(self.writer.condition, brackets))
        comment = "; ".join(dict.fromkeys(self.guards[bracket] for bracket in brackets if bracket in self.guards))
        return [Line("if ", (codes[0], *(f"and {code}" for code in codes[1:])), ":", comment)] if codes else []

    def _assign(self, group: dict[Symbol, Expr]) -> Line:
        *most, last = map(self.writer.index, group.values())
        return Line(f"{', '.join(map(self.writer.name, group))} = ", (*(f"{value}," for value in most), last))

    def _total(self, total: Sum) -> Line:
        """total = sum(… for k in range(K) if …)"""
        code, name = self.writer.code, self.writer.name
        asked = [factor for factor in Mul.make_args(total.function) if isinstance(factor, CONDITIONS)]
        parts = [code(without(total.function, *asked))]
        for index, low, high in reversed(total.limits):
            parts.append(f"for {name(index)} in {_range(code(low), code(_stop(high)))}")
        parts += [f"if {' and '.join(map(self.writer.condition, asked))}"] if asked else []
        return Line(f"{name(self.totals[total])} = sum(", tuple(parts), ")")

    def _statement(self) -> Line:
        minus, parts = self.writer.signed_parts(self.body)
        if self.operator == "max":
            return Line(f"{self.target} = max({self.target}, {minus}", tuple(parts), ")")
        if self.operator == "=":
            return Line(f"{self.target} = {minus}", tuple(parts))
        return Line(f"{self.target} {minus or '+'}= ", tuple(parts))


def _totals(e: Expr) -> Iterator[Sum]:
    """The sums in it that are in no other one."""
    if isinstance(e, Sum):
        yield e
    elif not isinstance(e, Indexed | Bracket | KroneckerDelta):
        for part in e.args:
            yield from _totals(part)


def _stop(high: Expr) -> Expr:
    """Where a range ends that goes up to `high` and no further."""
    return Min(*(arg + 1 for arg in high.args)) if isinstance(high, Min) else high + 1


def _range(first: str, stop: str) -> str:
    return f"range({stop})" if first == "0" else f"range({first}, {stop})"

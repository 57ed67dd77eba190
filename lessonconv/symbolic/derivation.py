"""A derivation: the lines that lead from a definition to a gradient, each with its rule and its reason.

`Steps` takes the steps, `Derivation` keeps them: to look at, to run, and to turn into code.
"""

import functools
import html
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Derivative, Expr, Sum, Symbol, expand, simplify
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic import rules
from lessonconv.symbolic.bounds import settle
from lessonconv.symbolic.check import Case, Report, check_line
from lessonconv.symbolic.language.latex import aligned, latex, room, rows
from lessonconv.symbolic.language.text import equation_text, text
from lessonconv.symbolic.notation import fresh, name_of, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Collapse, Definition
from lessonconv.symbolic.source import Formula, compiled, einsum, loops
from lessonconv.symbolic.sums import flatten

Limits = tuple[tuple[Symbol, Any, Any], ...]


@dataclass(frozen=True)
class Line:
    """One line of a derivation: cell = expr, by a rule, for a reason. caption: the reason, with $LaTeX$ in it."""

    cell: Indexed
    expr: Expr
    rule: str
    reason: str
    caption: str

    @property
    def latex(self) -> str:
        """The equation in LaTeX, in the palette's colours."""
        return f"{latex(self.cell)} = {latex(self.expr)}"

    @property
    def text(self) -> str:
        """The equation as text, in the words that `debug` understands."""
        return equation_text(self.cell, self.expr)

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason}\n    {self.text}"


@dataclass(frozen=True)
class Derivation:
    """The lines from a definition to its consequence, every one of which can be run.

    name: as in `names()`; given: the definitions it starts from; free: the free indices and their ranges;
    known: shapes, ranges and what sizes mean; case: makes arrays to run the lines on. Made by `derive`.
    """

    name: str
    given: tuple[Definition, ...]
    lines: tuple[Line, ...]
    free: Limits
    known: Known
    case: Callable[[int], Case]

    @property
    def cell(self) -> Indexed:
        """The left side."""
        return self.lines[-1].cell

    @property
    def expr(self) -> Expr:
        """The right side of the last line."""
        return self.lines[-1].expr

    def check(self, seed: int = 0) -> Report:
        """Run every line on small arrays of integers and hold it against loops, layers and finite differences.

        Never raises: what a line gets wrong is in the report. The same seed gives the same arrays and settings.
        """
        case = self.case(seed)
        results = (check_line(number, line, self.free, case) for number, line in enumerate(self.lines))
        return Report(self.name, case.sizes, tuple(results))

    def source(self, form: str = "loops") -> str:
        """The last line as NumPy source: form is "loops", or "einsum" where the line is an affine sum over a box.

        Raises ValueError for another form, or if the line cannot be said in this one.
        """
        forms = {"loops": loops, "einsum": einsum}
        if form not in forms:
            raise ValueError(f'{form!r} is not a form of source; ask for "loops" or "einsum"')
        return forms[form](self._formula)

    def function(self, form: str = "loops") -> Callable[..., Any]:
        """The source, compiled. Raises ValueError as `source` does."""
        return compiled(self.source(form), self.name)

    @property
    def _formula(self) -> Formula:
        return Formula(self.name, self.cell, self.expr, self.free, self.known.shapes, self.lines[-1].text)

    def with_line(self, number: int, expr: Expr) -> "Derivation":
        """The same derivation with another right side in one line: what would the check say of it?"""
        lines = list(self.lines)
        lines[number] = replace(lines[number], expr=expr)
        return replace(self, lines=tuple(lines))

    def __getitem__(self, chosen: slice) -> "Derivation":
        """Some of the lines: derivation[:2] are the first two. What is given comes with the first line only."""
        given = self.given if chosen.indices(len(self))[0] == 0 else ()
        return replace(self, given=given, lines=self.lines[chosen])

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        given = [f"given: {equation_text(*definition)}" for definition in self.given]
        return "\n".join([*given, *(f"{number}. {line}" for number, line in enumerate(self.lines))])

    __repr__ = __str__

    @property
    def latex(self) -> str:
        """What is given and all lines as one aligned block, each line under its rule and reason."""
        given = [(latex(cell), body, ("given", "")) for cell, body in self.given]
        lines = [(latex(line.cell), line.expr, (line.rule, line.caption)) for line in self.lines]
        left = min(room(lhs) for lhs, _, _ in (*given, *lines))
        return aligned([(lhs, rows(expr, left), caption) for lhs, expr, caption in (*given, *lines)])

    def _repr_latex_(self) -> str:
        return f"$${self.latex}$$"

    def reveal(self) -> "Revealed":
        """The same lines, shown one at a time: each opens at a click, so that one can guess first."""
        return Revealed(self)


@dataclass(frozen=True)
class Revealed:
    """A derivation whose lines open one by one. No kernel is needed: the page does it."""

    derivation: Derivation

    def _repr_html_(self) -> str:
        parts = [_displayed(*definition) for definition in self.derivation.given]
        for number, line in enumerate(self.derivation.lines):
            summary = f"<b>{line.rule}</b> {html.escape(line.caption)}"
            opened = " open" if number == 0 else ""
            parts.append(f"<details{opened}><summary>{summary}</summary>{_displayed(line.cell, line.expr)}</details>")
        return "\n".join(parts)

    def __repr__(self) -> str:
        return str(self.derivation)


def _displayed(cell: Expr, expr: Expr) -> str:
    """An equation for an HTML page, in as many rows as it needs."""
    lhs = latex(cell)
    return f"$${html.escape(aligned([(lhs, rows(expr, room(lhs)), ('', ''))]))}$$"


class Steps:
    """Takes the steps of a derivation: every method appends one line that is equal to the last.

    free: the free indices with their ranges; known: what may be used in proofs; definitions: what tensors are.
    """

    def __init__(self, cell: Indexed, free: Limits, known: Known, *definitions: Definition) -> None:
        self.cell, self.free, self.known, self.definitions = cell, free, known, definitions
        self.lines: list[Line] = []

    @property
    def expr(self) -> Expr:
        return self.lines[-1].expr

    def start(self, rule: str, expr: Expr, reason: str, caption: str = "") -> "Steps":
        """The first line: what everything follows from."""
        self.lines.append(Line(self.cell, expr, rule, reason, caption or reason))
        return self

    def _add(self, rule: str, expr: Expr, reason: str, caption: str = "") -> "Steps":
        if expr != self.expr:
            self.start(rule, expr, reason, caption)
        return self

    def chain(self, through: Indexed, sizes: Sequence[Any], wrt: Indexed) -> "Steps":
        """∂L/∂wrt = Σ ∂L/∂z · ∂z/∂wrt over all cells of z (`through`: one of them), whose sizes are given."""
        inner = dict(zip(through.indices, map(functools.partial(_apart, wrt), through.indices), strict=True))
        z = through.xreplace(inner)
        gradient = tensor("d" + name_of(through))[z.indices]
        limits = [(index, 0, size - 1) for index, size in zip(z.indices, sizes, strict=True)]
        body = gradient * Derivative(z, wrt, evaluate=False)
        name = name_of(through)
        reason = "L depends on {} only through {}, so add up what every cell of {} passes on"
        caption = reason.format(*(f"${latex(part)}$" for part in (wrt, tensor(name).label, tensor(name).label)))
        return self.start("chain rule", Sum(body, *reversed(limits)), reason.format(text(wrt), name, name), caption)

    def differentiate(self, reason: str = "") -> "Steps":
        """Put the definitions in and do the derivatives."""
        expr = rules.differentiate(rules.unfold(self.expr, *self.definitions))
        standard = "all but one factor is constant, and the derivative of one cell by another is 1 if they are the same"
        return self._add("differentiate", expr, reason or standard)

    def unfold(self, reason: str, *definitions: Definition) -> "Steps":
        """Put a definition in."""
        return self._add("put in", flatten(rules.unfold(self.expr, *definitions)), reason)

    def collapse(self, prefer: Collection[Symbol] = (), keep: Collection[Symbol] = ()) -> "Steps":
        """Let the deltas pick indices out of their sums, but for those to keep."""
        log: list[Collapse] = []
        expr = rules.collapse(self.expr, prefer, keep, log)
        reason = "only one term of the sum is not 0: {}; a bracket keeps what the sum's limits asked of it"
        in_text = ", ".join(f"{text(step.index)} = {text(step.solution)}" for step in log)
        in_latex = ", ".join(f"${latex(step.index)} = {latex(step.solution, flat=True)}$" for step in log)
        return self._add("collapse", expr, reason.format(in_text), reason.format(in_latex))

    def clear(self) -> "Steps":
        """Drop brackets that are certainly 1."""
        reason = "the indices stay within their ranges anyway, so these brackets are always 1"
        return self._add("clear brackets", rules.clear(self.expr, self.known.ranges), reason)

    def fold(self) -> "Steps":
        """Turn brackets into limits."""
        expr = settle(rules.fold(self.expr), self.known.ranges)
        reason = "a bracket that bounds a summed index is a limit of its sum: nothing is left to ask inside"
        return self._add("fold into limits", expr, reason)

    def single(self, reason: str) -> "Steps":
        """Take the one term of a sum over one value."""
        return self._add("one term", rules.single(self.expr), reason)

    def reindex(self, old: Symbol, value: Expr, new: Symbol, reason: str) -> "Steps":
        """Sum over another index: old = value(new)."""
        return self._add("reindex", rules.reindex(self.expr, old, value, new), reason)

    def restate(self, rule: str, expr: Expr, reason: str, *definitions: Definition) -> "Steps":
        """Write the line in another form, proved to be equal for all sizes once these definitions are put in.

        Raises ValueError if it cannot be proved: then the step is wrong, or too large.
        """
        before, after = (rules.unfold(e, *definitions) for e in (self.expr, expr))
        if not (expand(before - after) == 0 or self.known.equal(before, after) or same_function(before, after)):
            raise ValueError(f"not proved: {text(self.expr)} = {text(expr)}; take a smaller step")
        return self._add(rule, expr, reason)


def same_function(one: Expr, other: Expr) -> bool:
    """Are two expressions without sums the same function of the cells in them, as far as SymPy can simplify?"""
    return not (one.has(Sum) or other.has(Sum)) and simplify(one - other) == 0


def _apart(wrt: Indexed, index: Symbol) -> Symbol:
    """The index, with a prime if wrt has one of that name."""
    used = wrt.free_symbols
    return fresh(index, used) if index in used else index

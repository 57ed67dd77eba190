"""The equation debugger: is this equation true? Proved for all sizes, refuted by a small layer, or mended by one edit.

debug("dx[u] = Σ(i<O) dz[i]·w[u + p − i]·[0 ≤ u + p − i < K]")

refuted: the stride is missing. A verdict says for which small layer and which cell it fails, writes both sums out,
and names the true equations that are one edit away.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Symbol, sympify
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.debugger.cases import Case, cases
from lessonconv.symbolic.debugger.claim import Claim, agree
from lessonconv.symbolic.debugger.meaning import claim, listed
from lessonconv.symbolic.debugger.repair import Repair, displayed, repairs
from lessonconv.symbolic.debugger.written import UnreadableError, Written, number, written
from lessonconv.symbolic.language.equation import EquationError
from lessonconv.symbolic.language.text import equation_text, text

WORDS = {"N": "images", "C": "channels", "F": "filters", "M": "outputs", "HW": "input", "K": "kernel"}
WORDS |= {"s": "stride", "p": "padding", "d": "dilation", "O": "output"}
DENSE = {"K": "inputs"}  # as the dense layer has them, whose outputs are M
UNSAID = ("images", "channels", "filters", "dilation")  # where there is one of each
QUICK = 4  # one small layer in so many is tried before the proof is


@dataclass(frozen=True)
class Counterexample:
    """The smallest layer met in which the equation is false, and the first cell where it is.

    sizes: by name; cell: dx[1]; claimed, true: the two numbers; claimed_sum, true_sum: how they come about, written
    out; error: what cannot be read, and then nothing is claimed.
    """

    sizes: Mapping[str, int]
    cell: str
    claimed: Any
    true: Any
    claimed_sum: str
    true_sum: str
    error: str = ""

    def __str__(self) -> str:
        if self.error:
            return f"with {self.layer}, for {self.cell}: {self.error}"
        return f"with {self.layer}: {self.cell} is {self.true_sum}, but the equation says {self.claimed_sum}"

    @property
    def layer(self) -> str:
        """The layer in words: input 3×2, kernel 2×1, stride 1×1."""
        words = []
        for letter, word in (WORDS | DENSE if "M" in self.sizes else WORDS).items():
            values = [value for name, value in self.sizes.items() if name[0] in letter]
            if values and (word not in UNSAID or set(values) != {1}):
                words.append(f"{word} {'×'.join(map(str, values))}")
        return ", ".join(words)


@dataclass(frozen=True)
class Verdict:
    """What came of it: `print` it, or let a notebook show it. Repairs are looked for when they are asked for."""

    claim: Claim
    holds: bool | None
    counterexample: Counterexample | None
    tried: int

    @property
    def equation(self) -> str:
        """The equation as it was understood."""
        return equation_text(self.claim.lhs, self.claim.rhs)

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """The nearest true equations that one edit leads to: proved ones first, three at most."""
        with np.errstate(divide="raise", invalid="raise"):
            return repairs(self.claim, cases(self.claim.layer)) if self.holds is False else ()

    @property
    def reason(self) -> str:
        """Why the answer is what it is, in a sentence or two."""
        if self.holds:
            return f"Proved for all sizes{self._any_setting}."
        if self.counterexample:
            return f"Refuted: {self.counterexample}."
        return f"Not proven: it is true in all {self.tried} small layers that were tried, but no proof was found."

    @property
    def _any_setting(self) -> str:
        fixed = self.claim.layer.fixed
        letters = {one.name[0] for one in self.claim.layer.symbols - set(fixed)}
        free = [WORDS[letter] for letter in "spd" if letter in letters]
        return f" and every {listed(free)}" if free else ""

    @property
    def message(self) -> str:
        """The reason, and what was taken for granted."""
        return " ".join([self.reason, *(f"({note[0].upper()}{note[1:]}.)" for note in self.claim.notes)])

    @property
    def advice(self) -> str:
        """Which edit mends it; nothing if it holds."""
        if self.holds is not False:
            return ""
        if not self.repairs:
            return f"No single edit mends it. {self.true_form}".rstrip()
        return "One edit mends it:\n" + "\n".join(f"  {repair}" for repair in self.repairs)

    @property
    def true_form(self) -> str:
        """What the left side is by definition, with the deltas picked out."""
        if self.claim.name is None:
            return ""
        return f"True is {equation_text(self.claim.lhs, self.claim.true_form)}"

    def __str__(self) -> str:
        return "\n".join(filter(None, [self.equation, self.message, self.advice]))

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Markdown with equations for a notebook, plain text for a terminal."""
        lines = [_block(displayed(self.claim.lhs, self.claim.rhs)), _escaped(self.message)]
        if self.holds is False and self.repairs:
            lines.append("One edit mends it:" if len(self.repairs) == 1 else "One of these edits mends it:")
            for repair in self.repairs:
                lines += [_escaped(repair.edit) + ":", _block(repair.latex)]
        elif self.holds is False:
            lines.append("No single edit mends it.")
            if self.claim.name:
                lines += ["True is", _block(displayed(self.claim.lhs, self.claim.true_form))]
        return {"text/plain": str(self), "text/markdown": "\n\n".join(lines)}


def _block(latex: str) -> str:
    return f"$$\n{latex}\n$$"


def _escaped(words: str) -> str:
    """Words that Markdown leaves as they are."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|$#" else sign for sign in words)


def debug(
    equation: Any,
    *,
    forward: str = "correlation",
    layer: str = "conv",
    stride: Any = None,
    padding: Any = None,
    dilation: Any = None,
    zero_extended: Sequence[str] = (),
) -> Verdict:
    """Is the equation true of a layer, whatever its sizes, stride, padding and dilation?

    equation: text such as "dw[k] = Σ(i<O) dz[i]·x_pad[i·s + k − p]", SymPy's Eq, or what `parse` returns. On the left
    stands a cell of z, dx, dw or db; or a size or bracket, and then both sides must be equal.
    forward: "correlation", or "convolution" for a layer that turns its kernel. layer: "conv" or "linear".
    stride, padding, dilation: an int, a pair, or "any". None is any if the equation speaks of it; if it does not,
    padding is 0 and dilation is 1, but the stride is any: a forgotten stride is a mistake.
    zero_extended: tensors that are 0 outside, as if written with a hat.
    Raises EquationError, with a sentence that points at the place, for what is no equation of such a layer.
    """
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    claimed = claim(equation, forward=forward, layer=layer, zero_extended=zero_extended, settings=settings)
    try:
        with np.errstate(divide="raise", invalid="raise"):
            return judged(claimed)
    except (ZeroDivisionError, FloatingPointError):
        raise EquationError("the left side divides by 0", claimed.equation.source, 0) from None
    except (OverflowError, MemoryError) as problem:
        raise EquationError(f"too large to be tried out: {problem}", claimed.equation.source, 0) from None


def judged(claimed: Claim) -> Verdict:
    """A few small layers, then the proof, then all of the layers."""
    layers = cases(claimed.layer)
    if claimed.conditions and not any(claimed.applies_to(case) for case in layers):
        raise EquationError(f"no small layer has the cell {text(claimed.lhs)}", claimed.equation.source, 0)
    failed = next((case for case in layers[::-QUICK] if not claimed.holds_in(case)), None)
    if failed is None and claimed.proved():
        return Verdict(claimed, True, None, len(layers))
    failed = next((case for case in layers if case is failed or not claimed.holds_in(case)), None)
    found = counterexample(claimed, failed) if failed else None
    return Verdict(claimed, False if found else None, found, len(layers))


def counterexample(claimed: Claim, case: Case) -> Counterexample:
    """Where the claim fails in this small layer: the first such cell, both sums written out."""
    for values in _cells(claimed, case):
        right, error = _tried(claimed.rhs, case, values)
        left = written(claimed.true_form if claimed.name else claimed.lhs, case.numbers, values)
        if error or not agree(np.asarray(right.value), np.asarray(left.value)):
            return Counterexample(
                case.sizes,
                _cell_text(claimed, case, values),
                None if error else right.value,
                left.value,
                "" if error else str(right) if claimed.name else number(right.value),
                str(left) if claimed.name else number(left.value),
                error,
            )
    raise AssertionError(f"{claimed.equation.source} fails in {case.sizes}, yet in no cell of it")


def _tried(e: Expr, case: Case, values: Mapping[Symbol, int]) -> tuple[Written, str]:
    """The right side written out, or why that cannot be done."""
    try:
        return written(e, case.numbers, values), ""
    except UnreadableError as problem:
        return Written(()), str(problem)
    except (ZeroDivisionError, FloatingPointError):
        return Written(()), "0 is divided by"


def _cells(claimed: Claim, case: Case) -> Iterator[dict[Symbol, int]]:
    """The values of the free indices, cell by cell: those that differ, or all if the right side cannot be run."""
    ends = [
        (index, case.numbers.value(sympify(low)), case.numbers.value(sympify(high)))
        for index, low, high in claimed.free
    ]
    places: Iterable[tuple[int, ...]] = itertools.product(*(range(low, high + 1) for _, low, high in ends))
    try:
        claims, truths = claimed.run(claimed.rhs, case), claimed.true_numbers(case)
        found = np.argwhere(~np.isclose(claims, truths, rtol=1e-9, atol=0))
        places = [tuple(int(n) + low for n, (_, low, _) in zip(place, ends, strict=True)) for place in found]
    except (IndexError, ZeroDivisionError, FloatingPointError):
        pass
    for place in places:
        values = {index: value for (index, _, _), value in zip(ends, place, strict=True)}
        here = case.numbers.at(values)
        if all(here.value(condition) >= 0 for condition in claimed.conditions):
            yield values


def _cell_text(claimed: Claim, case: Case, values: Mapping[Symbol, int]) -> str:
    """dx[1]; for an identity its left side, and what its indices are."""
    if isinstance(claimed.lhs, Indexed):
        here = case.numbers.at(values)
        return f"{claimed.name}[{','.join(str(here.value(index)) for index in claimed.lhs.indices)}]"
    at = ", ".join(f"{index} = {value}" for index, value in values.items())
    return f"{text(claimed.lhs)}{f' at {at}' * bool(at)}"

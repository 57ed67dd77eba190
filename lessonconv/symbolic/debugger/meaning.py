"""An equation read as a claim about a layer: which layer, which cells, and what the sum should be.

The indices of the left side, and how many there are, say which layer is meant. What the notation allows, and this layer
does not have, is refused here, with a sentence that points at the place.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sympy import (
    Add,
    Eq,
    Expr,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    Tuple,
    ceiling,
    floor,
    oo,
    sympify,
)
from sympy.tensor.indexed import Idx, Indexed, IndexedBase

from lessonconv.symbolic.brackets import Divides, InRange
from lessonconv.symbolic.debugger.claim import Claim, free_letters
from lessonconv.symbolic.debugger.layers import Conv, Layer, Linear, Setting
from lessonconv.symbolic.language.equation import Equation, EquationError, parse
from lessonconv.symbolic.language.text import equation_text
from lessonconv.symbolic.notation import hat, name_of, symbol, symbols, tensor, without_hat
from lessonconv.symbolic.run import Limits
from lessonconv.symbolic.sums import linear_in

FORWARDS = ("correlation", "convolution")
LAYERS = ("conv", "linear")
LETTERS = {"stride": "s", "padding": "p", "dilation": "d"}
DEFAULTS = {"stride": None, "padding": 0, "dilation": 1}  # where the equation does not speak of it
ARITHMETIC = (Rational, Symbol, Add, Mul, Pow, Max, Min, Mod, floor, ceiling, type(oo), type(-oo))
UNDERSTOOD = (*ARITHMETIC, Indexed, IndexedBase, Sum, Tuple, InRange, Divides, KroneckerDelta)
RANKS = {1: "z[i], dx[u], dw[k]", 2: "z[i,j], dx[u,v], dw[k,l]", 4: "z[n,f,i,j], dx[n,c,u,v], dw[f,c,k,l]"}


def claim(equation: Any, *, forward: str, layer: str, zero_extended: Sequence[str], settings: dict[str, Any]) -> Claim:
    """The equation as a claim. Raises EquationError for what cannot be judged, ValueError for a wrong option."""
    if forward not in FORWARDS:
        raise ValueError(f"forward is {forward!r}; give one of {', '.join(FORWARDS)}")
    if layer not in LAYERS:
        raise ValueError(f"layer is {layer!r}; give one of {', '.join(LAYERS)}")
    reader = _Reader(_read(equation), forward, layer, settings)
    return reader.claim(tuple(zero_extended))


def _read(equation: Any) -> Equation:
    """Text is parsed; SymPy's own symbols become those of the notation."""
    if isinstance(equation, Equation):
        return equation
    if isinstance(equation, str):
        return parse(equation)
    if not isinstance(equation, Eq):
        raise TypeError(f"an equation is text or SymPy's Eq(…), not {type(equation).__name__}; write dx[u] = …")
    labels = {base.label for base in equation.atoms(IndexedBase)}
    names: dict[Any, Any] = {one: symbol(one.name) for one in equation.atoms(Symbol) - labels if one.name}
    names |= {one: symbol(one.name) for one in equation.atoms(Idx)}
    names |= {base: tensor(str(base.label)) for base in equation.atoms(IndexedBase)}
    lhs, rhs = (side.xreplace(names) for side in equation.args)
    try:
        source = equation_text(lhs, rhs)
    except TypeError:
        source = f"{lhs} = {rhs}"
    return Equation(lhs, rhs, source)


class _Reader:
    """Finds the layer that an equation speaks of, and refuses what that layer does not have."""

    def __init__(self, equation: Equation, forward: str, layer: str, settings: dict[str, Any]) -> None:
        self.equation, self.forward, self.kind, self.settings = equation, forward, layer, settings
        self.lhs, self.rhs = equation.lhs, equation.rhs
        cells = self.lhs.atoms(Indexed) | self.rhs.atoms(Indexed)
        self.cells = sorted(cells, key=lambda cell: self.position(name_of(cell)))
        labels = {cell.base.label for cell in cells}
        self.letters = (self.lhs.atoms(Symbol) | self.rhs.atoms(Symbol)) - labels
        self.names = {letter.name for letter in self.letters}
        self.notes: list[str] = list(equation.notes)

    def position(self, word: str) -> int:
        """Where a word stands in what was typed; x̂ may have been typed as x_pad."""
        plain = without_hat(word)
        return max(0, self.equation.source.find(word if word in self.equation.source else plain))

    def refusal(self, sentence: str, word: str = "") -> EquationError:
        return EquationError(sentence, self.equation.source, self.position(word) if word else 0)

    def claim(self, zero_extended: tuple[str, ...]) -> Claim:
        self.understood()
        name = self.target()
        layer = self.layer(name)
        self.fits(layer, zero_extended)
        extended = {tensor(one): hat(one) for one in zero_extended}
        rhs = self.rhs.xreplace(extended)
        free, ranges, conditions = self.where(layer, name)
        unbound = sorted(free_letters(rhs) - free_letters(self.lhs) - layer.symbols - {symbol("b")}, key=str)
        if unbound and name is not None:
            raise self.refusal(
                f"the index {unbound[0]} is neither summed over nor on the left; put Σ({unbound[0]}<…) before it",
                unbound[0].name,
            )
        return Claim(
            layer, self.lhs, rhs, name, free, ranges, conditions, self.equation, tuple(dict.fromkeys(self.notes))
        )

    def understood(self) -> None:
        """Is everything of a kind that has numbers and a place in these layers?"""
        for side in (self.lhs, self.rhs):
            for part in _parts(side):
                if not isinstance(part, UNDERSTOOD) or (isinstance(part, Pow) and not part.exp.is_integer):
                    kind = getattr(part.func, "__name__", type(part).__name__)
                    raise self.refusal(f"{kind} has no place in the equations of this layer; take it away", kind)

    def target(self) -> str | None:
        """The tensor whose cell stands on the left; None for an identity."""
        if self.lhs == symbol("db"):
            return "db"
        if not self.lhs.has(Indexed):
            return None
        if not isinstance(self.lhs, Indexed):
            raise self.refusal("the left side is one cell, such as dx[u]; bring everything else to the right")
        name = name_of(self.lhs)
        if name not in ("z", "dx", "dw", "db", "w_rot"):
            raise self.refusal(
                f"{name} is given, not made by the layer; the left side is a cell of z, dx, dw or db", name
            )
        return name

    # --- which layer ----------------------------------------------------------------------------------------------

    def layer(self, name: str | None) -> Layer:
        bias = any(without_hat(name_of(cell)) == "b" for cell in self.cells) or "b" in self.names
        if self.kind == "linear":
            rank = len(self.lhs.indices) if name in ("z", "dx") else 2 if "n" in self.names or "N" in self.names else 1
            return Linear(batched=rank > 1, bias=bias)
        axes, batched = self.rank(name)
        shared = self.shared(axes)
        pairs = {one: self.setting(one, value, axes) for one, value in self.settings.items()}
        self.say_defaults(name, pairs, bias)
        for one, values in pairs.items():
            if LETTERS[one] in shared and len(set(values)) > 1:
                letter = LETTERS[one]
                raise self.refusal(f"{one} is {values}, but {letter} is both; write {letter}_h and {letter}_w", letter)
        settings = tuple(Setting(**{one: values[axis] for one, values in pairs.items()}) for axis in range(axes))
        return Conv(axes, batched, settings, shared, self.forward == "convolution", bias)

    def rank(self, name: str | None) -> tuple[int, bool]:
        """How many axes, and are there images, channels and filters?"""
        if name in ("z", "dx", "dw", "w_rot"):
            count = len(self.lhs.indices)
            if count not in RANKS:
                forms = "; ".join(RANKS.values())
                raise self.refusal(f"{name} has {_counted(count)} here; a layer has 1, 2 or 4: {forms}", str(name))
            return min(count, 2), count == 4
        ranks = {len(cell.indices) for cell in self.cells if cell != self.lhs}
        if (name == "db" and self.lhs != symbol("db")) or ranks == {4} or self.names & {"N", "C", "F"}:
            return 2, True
        two = ranks == {2} or any(name.endswith(("_h", "_w")) for name in self.names) or "W" in self.names
        return (2 if two else 1), False

    def shared(self, axes: int) -> frozenset[str]:
        """The plain letters that stand for both axes."""
        plain = frozenset(self.names & set("KOspd")) if axes == 2 else frozenset()
        for letter in sorted(plain):
            if mixed := sorted(self.names & {f"{letter}_h", f"{letter}_w"}):
                raise self.refusal(
                    f"both {letter} and {mixed[0]}: write {letter} for both axes, or name the axis", letter
                )
        return plain

    def setting(self, name: str, value: Any, axes: int) -> tuple[Any, ...]:
        """One value for each axis; None is any."""
        if isinstance(value, str) and value == "any":
            return (None,) * axes
        if value is None:
            letter = LETTERS[name]
            named = self.names & {letter, f"{letter}_h", f"{letter}_w"}
            return (None if named else DEFAULTS[name],) * axes
        values = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
        least = 0 if name == "padding" else 1
        if len(values) != axes or any(type(one) is not int or one < least for one in values):
            raise ValueError(f"{name} is {value!r}; give an int ≥ {least}, {axes} of them, 'any' or None")
        return values

    def say_defaults(self, name: str | None, pairs: dict[str, tuple[Any, ...]], bias: bool) -> None:
        """What was assumed because the equation does not speak of it."""
        assumed = {"b": "no bias"} if name == "z" and not bias else {}
        if name in ("z", "dx", "dw") or (name is None and self.names & set("HWO")):
            for one, values in pairs.items():
                if self.settings[one] is None and values[0] is not None:
                    assumed[LETTERS[one]] = f"{one} {values[0]}"
        if assumed:
            what, letters = listed(list(assumed.values())), listed(list(assumed))
            self.notes.append(f"judged for {what}, since {letters} {'do' if len(assumed) > 1 else 'does'} not appear")

    # --- what the layer has -----------------------------------------------------------------------------------------

    def fits(self, layer: Layer, zero_extended: tuple[str, ...]) -> None:
        """Are all tensors, their ranks, all sizes and settings those of the layer?"""
        for cell in self.cells:
            name = without_hat(name_of(cell))
            if name not in layer.shapes:
                raise self.refusal(f"unknown tensor {name}; this layer has {', '.join(layer.shapes)}", name)
            rank = len(layer.shapes[name])
            if len(cell.indices) != rank:
                shape = " × ".join(map(str, layer.shapes[name])) or "no indices"
                raise self.refusal(
                    f"mismatched ranks: {name} has {_counted(len(cell.indices))} here, but is {shape}", name
                )
            if any(index.has(Indexed) for index in cell.indices):
                raise self.refusal(f"a tensor in the index of {name}; an index is made of letters and numbers", name)
        for name in zero_extended:
            if name not in layer.shapes:
                raise ValueError(f"zero_extended names {name!r}; this layer has {', '.join(layer.shapes)}")
        known = {letter.name for letter in layer.symbols} | {"b", "db"}
        for letter in sorted(self.letters, key=str):
            if (letter.is_nonnegative or letter.is_positive) and letter.name not in known:
                raise self.refusal(
                    f"{letter} is no size or setting of this layer; it has {', '.join(sorted(known - {'b', 'db'}))}",
                    letter.name,
                )

    # --- where it is claimed ----------------------------------------------------------------------------------------

    def where(self, layer: Layer, name: str | None) -> tuple[Limits, dict[Symbol, tuple[Expr, Expr]], tuple[Expr, ...]]:
        """The free indices with ranges wide enough, the exact ranges, and the conditions that keep the cell inside."""
        if name is None:
            ranges = self.usual_ranges(layer)
            return tuple((index, low, high) for index, (low, high) in ranges.items()), ranges, ()
        places = list(zip(getattr(self.lhs, "indices", ()), layer.shapes[name], strict=True))
        if len({e for e, _ in places} - layer.symbols) == len(places) and all(e.is_Symbol for e, _ in places):
            ranges = {index: (S.Zero, size - 1) for index, size in places}
            return tuple((index, S.Zero, size - 1) for index, size in places), ranges, ()
        ranges = dict(itertools.chain(*(_phase(e) for e, _ in places)))
        conditions = [condition for e, size in places for condition in (sympify(e), size - 1 - e)]
        reach = Add(*layer.shapes[name], *(s for s in layer.symbols if s.name[0] in "sp"))
        loose = sorted(free_letters(self.lhs) - layer.symbols - set(ranges), key=str)
        free = [(index, *ends) for index, ends in ranges.items()] + [(index, -reach, reach) for index in loose]
        return tuple(free), ranges, tuple(conditions)

    def usual_ranges(self, layer: Layer) -> dict[Symbol, tuple[Expr, Expr]]:
        """In an identity, i and j are outputs, u and v inputs, k and l taps, n, c and f what they always are."""
        ends: dict[str, Expr] = dict(zip("ncf", symbols("N C F"), strict=True))
        if isinstance(layer, Conv):
            for letters, axis in zip(("iuk", "jvl"), layer.spatial, strict=False):
                ends |= dict(zip(letters, (axis.outputs, axis.size, axis.kernel), strict=True))
        else:
            ends |= {"m": symbol("M"), "k": symbol("K")}
        ranges = {}
        for index in sorted((free_letters(self.lhs) | free_letters(self.rhs)) - layer.symbols, key=str):
            if index.name not in ends or ends[index.name] not in layer.symbols:
                usual = ", ".join(letter for letter, end in ends.items() if end in layer.symbols)
                raise self.refusal(f"{index} has no range in this layer; its indices are {usual}", index.name)
            ranges[index] = (S.Zero, ends[index.name] - 1)
        return ranges


def _phase(e: Expr) -> Iterator[tuple[Symbol, tuple[Expr, Expr]]]:
    """In a cell s·t + r − p the phase r runs from 0 to s − 1; t is whatever keeps the cell inside."""
    indices = [index for index in free_letters(e) if index.is_nonnegative is None]
    slopes = {index: linear[0] for index in indices if (linear := linear_in(e, index))}
    if len(indices) == len(slopes) == 2:
        for phase, step in itertools.permutations(indices):
            if slopes[phase] == 1 and slopes[step] != 1 and slopes[step].is_positive:
                yield phase, (S.Zero, slopes[step] - 1)


def _parts(e: Any) -> Iterator[Any]:
    """Everything that the expression is made of, but for the names of tensors."""
    yield e
    for part in e.args:
        if not isinstance(e, IndexedBase):
            yield from _parts(part)


def listed(words: Sequence[str]) -> str:
    """a, b and c"""
    return ", ".join(words[:-1]) + " and " * (len(words) > 1) + words[-1]


def _counted(indices: int) -> str:
    return f"{indices} index" if indices == 1 else f"{indices} indices"

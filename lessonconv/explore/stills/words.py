"""What is said of cells and sums, in words and numbers: page/words.mjs in Python; a test compares the two."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv.explore.scene import Grid, Scene, Sum

Array = npt.NDArray[Any]
At = Mapping[str, int]  # the slice shown of each stack
MOST, SOME = 12, 9  # terms that are written out, and how many if there are more


@dataclass(frozen=True)
class Term:
    """A product: its factors' names, each with its tensor, and their numbers. factor: what it counts for, or ""."""

    symbols: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    factor: str = ""

    @property
    def in_symbols(self) -> str:
        """ "w[0,1]·x[2,3]"."""
        return "·".join([*(name for name, _ in self.symbols), *filter(None, [self.factor])])

    @property
    def in_numbers(self) -> str:
        """ "2·(−1)"."""
        return "·".join([*self.numbers, *filter(None, [self.factor])])


@dataclass(frozen=True)
class Written:
    """A sum, ready to be written: head = terms = total. hidden: how many terms are left out.

    how: "sum", "max" for the largest, or "stamp": what the head adds to which cells.
    """

    head: str
    tensor: str
    total: str
    how: str
    terms: tuple[Term, ...]
    hidden: int

    def text(self) -> str:
        """The sum in one line."""
        more = [f"… ({self.hidden} more)"] if self.hidden else []
        if self.how == "stamp":
            stamps = listed([f"{term.in_numbers} to {term.symbols[0][0]}" for term in self.terms])
            return f"{self.head} adds {stamps}" + (f", and to {self.hidden} more" if self.hidden else "")
        if not self.terms:
            return f"{self.head} = 0: no cells meet"
        symbols = self._together([term.in_symbols for term in self.terms] + more)
        numbers = self._together([term.in_numbers for term in self.terms] + more)
        return f"{self.head} = {symbols} = {numbers} = {self.total}"

    def _together(self, parts: Sequence[str]) -> str:
        return f"max({', '.join(parts)})" if self.how == "max" else " + ".join(parts)


def number(value: float, figures: int = 3) -> str:
    """A number: whole ones in full up to 99,999, others with so many figures; a true minus; nothing for NaN."""
    if np.isnan(value):
        return ""
    if value == round(value) and abs(value) < 1e5:
        return f"{value:.0f}".replace("-", "−") if value else "0"
    context = Context(prec=figures, rounding=ROUND_HALF_UP)  # a half goes up, as in JavaScript
    rounded = context.create_decimal_from_float(value).normalize()
    digits = f"{rounded:f}" if abs(rounded) >= 1 else str(rounded).lower()
    return digits.replace("-", "−", 1) if value < 0 else digits


def factor(value: float) -> str:
    """A factor of a product: negative ones stand in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


def share(value: float) -> str:
    """A share like 0.25 as "1/4", if it is one."""
    parts = round(1 / value) if value else 0
    return f"1/{parts}" if parts > 1 and abs(value * parts - 1) < 1e-9 else factor(value)


def listed(words: Sequence[str]) -> str:
    """Words as a list: "a, b and c"."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def indices(grid: Grid, cell: int) -> tuple[int, int]:
    """A cell's indices as the equations have them: negative, or beyond the size, in the padding."""
    row, column = divmod(cell, grid.values.shape[-1])
    return row - grid.ring[0][0], column - grid.ring[1][0]


def cell_name(scene: Scene, name: str, cell: int, at: At) -> str:
    """x[2,3], or w[1,0,2,2] where there are several filters or channels."""
    return _named(scene, name, at, indices(scene.grids[name], cell))


def title(scene: Scene, name: str, at: At) -> str:
    """ "x: input, 7×7", or "x[1]: …" where there are several channels."""
    grid = scene.grids[name]
    return f"{_named(scene, name, at, ())}: {grid.title}, {_by(grid.size)}"


def in_cell(grid: Grid, cell: int, value: float, figures: int = 3) -> str:
    """What a cell holds: nothing if it is blank, but for padding that has a sign of its own."""
    return number(value, figures) or ("" if _is_inner(grid, cell) else grid.void)


def sentence(scene: Scene, name: str, cell: int, at: At) -> str:
    """What there is to know of a cell beside its sum: its value, and how many others it meets."""
    grid = scene.grids[name]
    cells = scene.meets[grid.meets].cells
    here = cells[grid.role] == cell
    counts = {role: len(np.unique(cells[role][here])) for role in cells if role != grid.role}
    met = listed([f"{count} {scene.nouns[role][count != 1]}" for role, count in counts.items()])
    value = in_cell(grid, cell, _value(scene, name, cell, at))
    outside = "" if _is_inner(grid, cell) else f", {grid.outside}"
    badge = f", {grid.badge[0]}" if grid.badge and cell in np.flatnonzero(grid.badge[1]) else ""
    return f"{grid.title} {cell_name(scene, name, cell, at)} = {value}{outside}{badge}. It meets {met}."


def written(scene: Scene, sum: Sum, cell: int, at: At) -> Written:
    """The sum that makes a cell; what meets it in the padding is no term."""
    meetings = _inside(scene, sum, scene.grids[sum.makes].role, cell, sum.of)

    def term(chosen: tuple[At, int]) -> Term:
        place, meeting = chosen
        parts = [(part, _met(scene, sum, part, meeting)) for part in sum.of]
        return Term(
            tuple((cell_name(scene, part, met, place), scene.grids[part].tensor) for part, met in parts),
            tuple(factor(_value(scene, part, met, place)) for part, met in parts),
            _counted_for(scene, sum, meeting),
        )

    head, tensor = cell_name(scene, sum.makes, cell, at), scene.grids[sum.makes].tensor
    total = number(_value(scene, sum.makes, cell, at))
    return Written(head, tensor, total, sum.how, *_few(product(scene.slices(sum, at), meetings), term))


def stamped(scene: Scene, sum: Sum, name: str, cell: int, at: At) -> Written:
    """What a cell adds to a sum that grows: to which cells, and how much to each."""

    def term(meeting: int) -> Term:
        target = cell_name(scene, sum.makes, _met(scene, sum, sum.makes, meeting), at)
        numbers = (factor(_value(scene, part, _met(scene, sum, part, meeting), at)) for part in sum.of)
        return Term(((target, scene.grids[sum.makes].tensor),), tuple(numbers), _counted_for(scene, sum, meeting))

    meetings = _inside(scene, sum, scene.grids[name].role, cell, (sum.makes,))
    head, total = cell_name(scene, name, cell, at), number(_value(scene, name, cell, at))
    return Written(head, scene.grids[name].tensor, total, "stamp", *_few(meetings, term))


def story(scene: Scene, mode: str, name: str, cell: int, at: At) -> Written | None:
    """What a play tells of a cell: what it adds, if it leads a sum that grows; else the sum that makes it."""
    if stamp := scene.stamp(mode, name):
        return stamped(scene, stamp, name, cell, at)
    told = scene.sum_of(mode, name)
    return None if told is None else written(scene, told, cell, at)


def settings(controls: Iterable[Mapping[str, Any]], values: Mapping[str, Any], unusual: Container[str]) -> str:
    """What an explorer is set to: "size 7×7, kernel 3, stride 2". Random numbers need no word: they are seen.

    controls: what the page offers to change. values: of all settings. unusual: those that were changed.
    """
    return ", ".join(filter(None, (_setting(control, values, unusual) for control in controls)))


def _setting(control: Mapping[str, Any], values: Mapping[str, Any], unusual: Container[str]) -> str:
    """One setting in words; none if it is off, out of the question, or folded away and as usual."""
    label, kind = control["label"], control["kind"]
    if kind == "size":
        return f"{label} {_by([values[name] for name in control['names']])}"
    name, (depends_on, needed) = control["name"], control.get("when", ("", None))
    value, many = values[name], values.get(control.get("of", ""), 2) > 1
    if not many or (depends_on and values[depends_on] != needed) or (control.get("more") and name not in unusual):
        return ""
    if kind == "switch":
        return label if value else ""
    if kind == "choice":
        return "" if value == "random" else f"{label}: {dict(control['options'])[value]}"
    return f"{label} {_by(value) if isinstance(value, tuple) else value}" if kind in ("pair", "count") else ""


def _by(sizes: Iterable[int]) -> str:
    return "×".join(map(str, sizes))


def _inside(scene: Scene, sum: Sum, role: str, cell: int, grids: Sequence[str]) -> list[int]:
    """The meetings of a cell at which none of these grids' cells lies in the padding."""
    cells = scene.meets[sum.meets].cells
    kept = cells[role] == cell
    for grid in (scene.grids[name] for name in grids):
        kept = kept & np.isin(cells[grid.role], grid.inner)
    return list(np.flatnonzero(kept).tolist())


def _few(found: Any, term: Callable[[Any], Term]) -> tuple[tuple[Term, ...], int]:
    """The terms that are written out, and how many are not."""
    found = list(found)
    few = found if len(found) <= MOST else found[:SOME]
    return tuple(map(term, few)), len(found) - len(few)


def _met(scene: Scene, sum: Sum, name: str, meeting: int) -> int:
    return int(scene.meets[sum.meets].cells[scene.grids[name].role][meeting])


def _counted_for(scene: Scene, sum: Sum, meeting: int) -> str:
    factors = scene.meets[sum.meets].factor
    return "" if factors is None or factors[meeting] == 1 else share(float(factors[meeting]))


def _named(scene: Scene, name: str, at: At, place: tuple[int, ...]) -> str:
    stacked = any(count > 1 for count in scene.stacks.values())
    found = [*(at[axis] for axis in scene.grids[name].stack if stacked), *place]
    label = scene.grids[name].label
    return f"{label}[{','.join(map(number, found))}]" if found else label


def _is_inner(grid: Grid, cell: int) -> bool:
    return all(0 <= at < size for at, size in zip(indices(grid, cell), grid.size, strict=True))


def _value(scene: Scene, name: str, cell: int, at: At) -> float:
    """A cell's number as the page knows it: with six figures."""
    return float(f"{scene.grids[name].values[scene.slice(name, at)].flat[cell]:.6g}")

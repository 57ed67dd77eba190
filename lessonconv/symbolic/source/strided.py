"""Views of an array with one axis for each index, so that einsum can take it: x[i·s + k] as windows[i, k].

as_strided asks nothing: a view that reaches beyond its array reads whatever lies there in memory. So an array is padded
first as far as it is read, or it is asserted that it is read inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from sympy import Add, Expr, Max, S, Symbol, expand
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import nonnegative
from lessonconv.symbolic.language.text import text
from lessonconv.symbolic.notation import HAT, name_of
from lessonconv.symbolic.source.expressions import FACTOR, Writer, index_for, is_fraction
from lessonconv.symbolic.source.formula import Formula, free_symbols
from lessonconv.symbolic.source.lines import Line, listed, unpacked
from lessonconv.symbolic.sums import linear_in

Ranges = Mapping[Symbol, tuple[Expr, Expr]]


def no_einsum(formula: Formula, why: str) -> ValueError:
    """The error that says what is in einsum's way."""
    return ValueError(f"{formula.name} is no einsum: {why}; ask for 'loops'")


class View(NamedTuple):
    """An operand of einsum, and the index that each of its axes belongs to."""

    code: str
    indices: list[Symbol]


@dataclass(frozen=True, eq=False)  # each is only like itself
class _Axis:
    """How a cell's index moves along one axis: at = Σ slope·index + constant, from low to high."""

    at: Expr
    size: Expr
    slopes: dict[Symbol, Expr]
    low: Expr
    high: Expr

    @property
    def is_plain(self) -> bool:
        """Does one index run through the whole axis, forwards or backwards?"""
        whole = self.low == 0 and self.high == self.size - 1
        return whole and [abs(slope) for slope in self.slopes.values()] == [1]


class Views:
    """The views of one function, and the lines that make them."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.formula = writer, writer.formula
        self.lines: list[Line] = []
        self.strided = False
        self._words: list[str] = []

    def view(self, cell: Indexed, ranges: Ranges) -> View:
        """The tensor padded, cut and turned, so that each of its axes is one index."""
        pairs = zip(cell.indices, self.formula.shape(name_of(cell)), strict=True)
        axes = [self._axis(cell, at, size, ranges) for at, size in pairs]
        slopes = [pair for axis in axes for pair in axis.slopes.items()]
        if len(slopes) > len(dict(slopes)):
            raise no_einsum(self.formula, f"{text(cell)} has the same index on two axes")
        array, starts = self.writer.tensor(name_of(cell)), [axis.low for axis in axes]
        lasts = self._lasts([axis for axis in axes if not axis.is_plain])
        if name_of(cell).endswith(HAT):
            array = self._padded(array, axes, lasts)
            starts = [_at_least_0(start) for start in starts]
        else:
            self._assert_inside(array, lasts)
        slices = []
        for axis, start in zip(axes, starts, strict=True):
            first = "" if axis.slopes and start == 0 else self.writer.code(start)
            slices.append(first + ":" * bool(axis.slopes))
        cut = f"{array}[{', '.join(slices)}]" if set(slices) - {":"} else array
        view, left = View(cut, list(dict(slopes))), [axis for axis in axes if axis.slopes]
        if not all(axis.is_plain for axis in left):
            view = self._windows(cut if cut == array else self._set(f"{array}_cut", cut), left, ranges)
        turned = ["::-1" if dict(slopes)[index].is_negative else ":" for index in view.indices]
        return View(f"{view.code}[{', '.join(turned)}]", view.indices) if "::-1" in turned else view

    def _axis(self, cell: Indexed, at: Expr, size: Expr, ranges: Ranges) -> _Axis:
        slopes, rest = {}, at
        for index in ranges:
            slopes[index], rest = linear_in(rest, index) or (S.NaN, S.NaN)
        by_name = sorted((index for index in ranges if slopes[index] != 0), key=str)
        slopes = {index: slopes[index] for index in sorted(by_name, key=lambda one: _is_dilated(slopes[one]))}
        odd = any(is_fraction(e) or e.has(Indexed) or free_symbols(e) & set(ranges) for e in (rest, *slopes.values()))
        if odd or not all(slope.is_positive or slope.is_negative for slope in slopes.values()):
            raise no_einsum(self.formula, f"{text(at)} in {text(cell)} is not affine")
        low = Add(rest, *(slope * ranges[index][bool(slope.is_negative)] for index, slope in slopes.items()))
        high = Add(rest, *(slope * ranges[index][bool(slope.is_positive)] for index, slope in slopes.items()))
        return _Axis(at, size, slopes, expand(low), expand(high))

    def _new(self, word: str) -> Symbol:
        """A name for something made on the way: x_pad, and x_pad2 if there is one."""
        self._words.append(word)
        return Symbol(word + "′" * (self._words.count(word) - 1), integer=True)

    def _set(self, word: str, code: str) -> str:
        """Give it that value, and return the name."""
        name = self.writer.name(self._new(word))
        self.lines.append(Line(f"{name} = {code}"))
        return name

    def _lasts(self, axes: list[_Axis]) -> dict[_Axis, Symbol]:
        """A name for the last place that is read on each of the axes."""
        found = {axis: self._new(f"last_{index_for(axis.size, set())}") for axis in axes}
        if found:
            *most, last = (self.writer.code(axis.high) for axis in axes)
            names = ", ".join(map(self.writer.name, found.values()))
            parts = (*(f"{code}," for code in most), last)
            self.lines.append(Line(f"{names} = ", parts, comment="where reading ends"))
        return found

    def _padded(self, array: str, axes: list[_Axis], lasts: Mapping[_Axis, Expr]) -> str:
        """Zeros before and behind, as many as are read."""
        pads = []
        for axis in axes:
            before, behind = _at_least_0(-axis.low), lasts.get(axis, axis.high) - axis.size + 1
            pads.append(listed([self.writer.code(before), self.writer.code(_at_least_0(behind))]))
        return self._set(f"{array}_pad", f"np.pad({array}, {listed(pads)})")

    def _assert_inside(self, array: str, lasts: Mapping[_Axis, Expr]) -> None:
        """A line that asserts that the array is read inside."""
        code = self.writer.code
        asked = [f"{code(axis.low)} >= 0" for axis in lasts if not nonnegative(axis.low)]
        asked += [f"{code(last)} < {code(axis.size)}" for axis, last in lasts.items()]
        if asked:
            self.lines.append(Line(f'assert {" and ".join(asked)}, "{array} is read outside of its cells"'))

    def _windows(self, array: str, axes: list[_Axis], ranges: Ranges) -> View:
        """A view with an axis for each index. Those that share an axis come last, the outputs before the taps."""
        writer = self.writer
        plain = {next(iter(axis.slopes)): place for place, axis in enumerate(axes) if axis.is_plain}
        rows = zip_longest(*(axis.slopes for axis in axes if not axis.is_plain))
        windowed = [index for row in rows for index in row if index is not None]
        sizes = [f"{array}.shape[{place}]" for place in plain.values()]  # its own, whatever other tensors have
        if list(plain.values()) == list(range(len(sizes))) != []:
            sizes = [f"*{array}.shape[:{len(sizes)}]"]
        sizes += [writer.code(ranges[index][1] - ranges[index][0] + 1) for index in windowed]
        steps = self._steps(array, axes)
        view, indices = writer.name(self._new("windows")), [*plain, *windowed]
        places = (Add(*(index * abs(slope) for index, slope in axis.slopes.items())) for axis in axes)
        says = f"{view}[{','.join(map(writer.name, indices))}] = {array}[{', '.join(map(writer.code, places))}]"
        self.lines.append(Line(f"# {says}: a view, nothing is copied"))
        strides = listed([steps[index] for index in indices])
        parts = f"{array},", f"{listed(sizes)},", f"{strides},", "writeable=False"  # cells of a window share memory
        self.lines.append(Line(f"{view} = as_strided(", parts, ")"))
        self.strided = True
        return View(view, indices)

    def _steps(self, array: str, axes: list[_Axis]) -> dict[Symbol, str]:
        """How many bytes a step of each index is."""
        taken: set[Symbol] = {axis.at for axis in axes if axis.at.is_Symbol}
        found, names = {}, []
        for axis in axes:
            letter = axis.at if axis.at.is_Symbol else index_for(axis.size, taken)
            taken.add(letter)
            names.append(f"bytes_{self.writer.name(letter)}")
            for index, slope in axis.slopes.items():
                found[index] = names[-1] + ("" if abs(slope) == 1 else f"*{self.writer.code(abs(slope), FACTOR)}")
        self.lines.append(Line(f"{unpacked(names)} = {array}.strides"))
        return found


def _is_dilated(slope: Expr) -> bool:
    """Is it a step from tap to tap?"""
    return any(part.name[0] == "d" for part in free_symbols(slope))


def _at_least_0(e: Expr) -> Expr:
    """max(0, e), which may be certain to be one of both."""
    return e if nonnegative(e) else S.Zero if nonnegative(-e) else Max(0, e)

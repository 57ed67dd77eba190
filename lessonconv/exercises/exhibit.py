"""The smallest case on which a mistake shows: the arguments, what was returned and what should be, cell by cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import Any

import numpy as np

from lessonconv.exercises.judge import agree, differences
from lessonconv.exercises.task import Array
from lessonconv.exercises.trial import GARBAGE
from lessonconv.visual.palette import TENSORS

WIDE = 96  # columns of a terminal
SLICES = 4  # of a stack that are shown
LARGEST = 12  # rows or columns of a table


@dataclass(frozen=True)
class Table:
    """Numbers in rows and columns under a label; some of them marked as different."""

    label: str
    cells: tuple[tuple[str, ...], ...]
    marked: frozenset[tuple[int, int]] = frozenset()
    tensor: str = ""

    def lines(self) -> list[str]:
        """The table as text: a marked number stands in brackets."""
        cells = [
            [f"[{cell}]" if (row, column) in self.marked else f" {cell} " for column, cell in enumerate(line)]
            for row, line in enumerate(self.cells)
        ]
        width = max((len(cell) for cell in chain(*cells)), default=0)
        return [self.label, *("".join(cell.rjust(width) for cell in line) for line in cells)]

    def html(self) -> str:
        """The table as HTML: a marked number has a frame, bold type, and a word for those who can't see them."""
        rows = "".join(
            "<tr>" + "".join(self._cell(row, column, cell) for column, cell in enumerate(line)) + "</tr>"
            for row, line in enumerate(self.cells)
        )
        own = f' data-tensor="{self.tensor}"' if self.tensor else ""
        return f"<table{own}><caption>{escape(self.label)}</caption><tbody>{rows}</tbody></table>"

    def _cell(self, row: int, column: int, cell: str) -> str:
        if (row, column) not in self.marked:
            return f"<td>{escape(cell)}</td>"
        return f'<td data-differs title="differs"><b>{escape(cell)}</b><span> differs</span></td>'


@dataclass(frozen=True)
class Exhibit:
    """A call, in words; the tables of its arrays; those of what was returned, and of what should have been."""

    call: str
    given: tuple[Table, ...]
    yours: tuple[Table, ...]
    expected: tuple[Table, ...]

    def text(self) -> str:
        """All of it, for a terminal."""
        parts = [self.call, *beside(self.given), "", *beside(chain(self.yours, self.expected))]
        return "\n".join(parts)

    def html(self) -> str:
        """All of it, for a page."""
        given = "".join(table.html() for table in self.given)
        compared = "".join(table.html() for table in chain(self.yours, self.expected))
        call = f"<p><code>{escape(self.call)}</code></p>"
        return f'{call}<div class="tables">{given}</div><div class="tables">{compared}</div>'


def exhibit(
    function: str, arguments: Mapping[str, Any], returned: Any, wanted: Any, parts: tuple[str, ...], share: float
) -> Exhibit:
    """Show a call and its result.

    returned: None if nothing came back. parts: the names of several results, of which the first wrong one is shown.
    share: of the largest number, by which numbers may differ.
    """
    given = tuple(chain.from_iterable(tables(name, value) for name, value in arrays(arguments)))
    label, got, right = _first_difference(returned, wanted, parts, share)
    call = f"{function}({', '.join(_argument(name, value) for name, value in arguments.items())})"
    if not isinstance(got, np.ndarray):
        return Exhibit(call, given, (), tuple(tables(f"expected{label}", right)))
    if got.shape != right.shape:
        shapes = f"yours{label}, shape {got.shape}", f"expected{label}, shape {right.shape}"
        return Exhibit(call, given, tuple(tables(shapes[0], got)), tuple(tables(shapes[1], right)))
    marks = differences(got, right, share)
    return Exhibit(
        call, given, tuple(tables(f"yours{label}", got, marks)), tuple(tables(f"expected{label}", right, marks))
    )


def arrays(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Array]]:
    """The arrays among arguments, those in a dict by their keys."""
    for name, value in arguments.items():
        if isinstance(value, np.ndarray):
            yield name, value
        elif isinstance(value, dict):
            yield from arrays(value)


def tables(label: str, array: Array, marks: Array | None = None) -> Iterator[Table]:
    """An array as tables, one for each slice along all but its last two axes.

    No more than some slices are shown, those with marks before others.
    """
    name = label.split(",")[0]
    shape = np.shape(array)[-2:] if np.ndim(array) > 1 else (1, np.size(array))
    if not np.size(array):
        yield Table(f"{label}: empty", ())
        return
    slices = np.reshape(array, (-1, *shape))
    marked = np.zeros_like(slices, bool) if marks is None else np.reshape(marks, slices.shape)
    places = list(np.ndindex(np.shape(array)[:-2])) or [()]
    chosen = sorted(range(len(slices)), key=lambda number: not marked[number].any())[:SLICES]
    for number in sorted(chosen):
        place = f"[{', '.join(map(str, places[number]))}]" if len(places) > 1 else ""
        yield _table(label.replace(name, name + place, 1), slices[number], marked[number], name)


def beside(tables: Any) -> list[str]:
    """Tables as text, side by side as far as a terminal is wide."""
    rows: list[list[str]] = []
    for table in tables:
        block = table.lines()
        width = max(map(len, block))
        if rows and max(map(len, rows[-1])) + 4 + width <= WIDE:
            height = max(len(rows[-1]), len(block))
            left = max(map(len, rows[-1]))
            lines = [line.ljust(left) for line in rows[-1]] + [" " * left] * (height - len(rows[-1]))
            rows[-1] = [
                f"{line}    {more}" for line, more in zip(lines, block + [""] * (height - len(block)), strict=True)
            ]
        else:
            rows.append(block)
    return [line.rstrip() for row in rows for line in ["", *row]]


def _table(label: str, values: Array, marks: Array, tensor: str) -> Table:
    shown = values[:LARGEST, :LARGEST]
    cells = tuple(tuple(number(value) for value in line) for line in shown)
    own = tensor.split()[-1] if tensor.split()[-1].lstrip("d") in TENSORS else ""
    marked = frozenset((int(row), int(column)) for row, column in np.argwhere(marks[:LARGEST, :LARGEST]))
    return Table(label, cells, marked, own)


def number(value: float) -> str:
    """A number as it is shown: four digits are enough to tell it from another. What nobody computed is a "?"."""
    if abs(value) == GARBAGE:
        return "?"
    return f"{value + 0.0:.4g}".replace("-", "−")


def _argument(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"{name}={value}"
    return f"{name}={number(value)}" if isinstance(value, (int, float)) else name


def _first_difference(returned: Any, wanted: Any, parts: tuple[str, ...], share: float) -> tuple[str, Any, Any]:
    """A label, and the first part of two results that is not the same."""
    if isinstance(wanted, tuple):
        found: Any = returned if isinstance(returned, tuple) and len(returned) == len(wanted) else [None] * len(wanted)
        labels = parts or tuple(f"result {number}" for number in range(1, len(wanted) + 1))
    elif isinstance(wanted, dict):
        found = [returned.get(key) if isinstance(returned, dict) else None for key in wanted]
        labels, wanted = tuple(wanted), tuple(wanted.values())
    else:
        return "", returned, wanted
    for label, got, right in zip(labels, found, wanted, strict=True):
        if not agree(got, right, share):
            return f" {label}", got, right
    return "", found[0], wanted[0]

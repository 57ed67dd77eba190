"""One grid of cells on paper, as page/grid.mjs draws it on a page."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv.explore.scene import Grid
from lessonconv.explore.stills import inks, words
from lessonconv.explore.stills.layout import GUTTER, NAME, READABLE, SIDE, Layout
from lessonconv.explore.stills.sketch import BADGE, FILL, LINE, MARK, RING, Pen, Sketch, text_width
from lessonconv.visual import palette
from lessonconv.visual.picture import MARGIN

Array = npt.NDArray[Any]

NUMBER_SIZE, SMALL_SIZE, INDEX_SIZE = 13.0, 10.5, 10.5  # pixels of the page; small: for numbers longer than others
MANY = 16  # more rows or columns have their indices at every fifth
PLAIN, PADDING, ZERO = Pen(LINE, "line", 1), Pen(RING, "muted", 1, (3, 3)), Pen(RING, "muted", 1, (1, 3))
MARKS: dict[str, tuple[float, tuple[float, ...]]] = {  # their lines' widths in a large cell, and dashes
    "link": (2, (2, 3)),
    "meet": (3, ()),
    "self": (3, ()),
}


class Cells:
    """One grid of cells, from the top left corner of its room."""

    def __init__(self, sketch: Sketch, grid: Grid, layout: Layout, name: str, y: float) -> None:
        self.sketch, self.grid, self.side, self.names = sketch, grid, layout.sides[name], layout.names[name]
        self.left, self.top = MARGIN + layout.cells[name][0], y + layout.cells[name][1]
        self.rows, self.columns = grid.values.shape[-2:]
        self.ink = palette.tensor(grid.tensor)
        self.ring = np.setdiff1d(np.arange(self.rows * self.columns), grid.inner)
        self.zeros = np.flatnonzero(np.zeros(0) if grid.zeros is None else grid.zeros)

    def draw(self, values: Array, most: float, marks: Mapping[str, Array]) -> None:
        """Everything. values: of all cells, NaN is blank. most: the largest there is, for the colours."""
        self._name()
        self._indices()
        self._fill(values, most)
        self._lines()
        self._badge()
        self._mark(marks)
        if self.side >= READABLE:
            self._numbers(values)

    def _name(self) -> None:
        """In as many lines as it has, the last of them right above the indices."""
        bottom = self.top - GUTTER
        for number, line in enumerate(reversed(self.names)):
            self.sketch.words(self.left - GUTTER, bottom - (number + 0.6) * NAME, line, self.ink, style="bold")

    def _indices(self) -> None:
        """Beside and above, counted as the equations do; at every fifth if there are many, or little room."""
        for axis, count in enumerate((self.rows, self.columns)):
            numbers = [n - self.grid.ring[axis][0] for n in range(count)]
            room = max(text_width(words.number(n), size=INDEX_SIZE) for n in numbers) + 2
            if count > MANY or self.side < max(room, INDEX_SIZE + 2):
                numbers = [n for n in numbers if n % 5 == 0 and 0 <= n < self.grid.size[axis]]
            for n in numbers:
                middle = (n + self.grid.ring[axis][0] + 0.5) * self.side
                x, y = (self.left + middle, self.top - 8) if axis else (self.left - 11, self.top + middle)
                self.sketch.words(x, y, words.number(n), "muted", size=INDEX_SIZE, align=0.5)

    def _fill(self, values: Array, most: float) -> None:
        levels = inks.levels(values, most)
        for level in np.unique(levels[levels != 0]):
            pen = Pen(FILL, inks.level(level, dense=self.side < READABLE))
            self.sketch.squares(self._corners(np.flatnonzero(levels == level)), self.side, pen)

    def _lines(self) -> None:
        """Dashed around padding, dotted around zeros that were put in, plain around all other cells."""
        special = np.union1d(self.ring, self.zeros)
        if not special.size:
            return self._lattice(PLAIN)
        self._lattice(ZERO if self.zeros.size else PADDING)
        self.sketch.squares(self._corners(np.setdiff1d(np.arange(self.rows * self.columns), special)), self.side, PLAIN)

    def _lattice(self, pen: Pen) -> None:
        """Lines over the whole grid, in one stroke each, so that dashes keep step."""
        right, bottom = self.left + self.columns * self.side, self.top + self.rows * self.side
        down, across = (np.arange(count + 1) * self.side for count in (self.rows, self.columns))
        self.sketch.strokes(np.array([[(self.left, self.top + y), (right, self.top + y)] for y in down]), pen)
        self.sketch.strokes(np.array([[(self.left + x, self.top), (self.left + x, bottom)] for x in across]), pen)

    def _badge(self) -> None:
        """A small triangle in the upper right corner of the cells that carry a mark."""
        if self.grid.badge:
            corner = self._corners(np.flatnonzero(self.grid.badge[1])) + np.array([self.side, 0])
            self.sketch.triangles(corner, 0.3 * self.side, Pen(BADGE, self.ink))

    def _mark(self, marks: Mapping[str, Array]) -> None:
        for kind, cells in marks.items():
            wide, dashes = MARKS[kind]
            width = max(1, round(wide * self.side / SIDE))
            pen = Pen(MARK, "ink" if kind == "self" else self.ink, width, dashes)
            self.sketch.squares(self._corners(cells), self.side, pen, inset=width / 2)

    def _numbers(self, values: Array) -> None:
        """All in one size, at which the longest fits; one that is far too long is smaller."""
        padding, zeros = set(self.ring.tolist()), set(self.zeros.tolist())
        middles = self._corners(np.arange(values.size)) + self.side / 2
        size = max(
            SMALL_SIZE, min(self._fitting(words.number(v, _figures(v))) for v in np.unique(self.grid.values).tolist())
        )
        for cell, (value, (x, y)) in enumerate(zip(values.tolist(), middles.tolist(), strict=True)):
            said = words.in_cell(self.grid, cell, value, figures=_figures(value))
            ink = "muted" if cell in zeros else "ink"
            style = "italic" if cell in padding else ""
            self.sketch.words(x, y, said, ink, style=style, size=min(size, self._fitting(said)), align=0.5)

    def _fitting(self, said: str) -> float:
        """The size at which a number fits its cell."""
        return min(NUMBER_SIZE, (self.side - 6) / max(text_width(said, size=1), 0.1))  # 6: a mark's line on either side

    def _corners(self, cells: Array) -> Array:
        """The top left corners of cells, (N, 2)."""
        rows, columns = np.divmod(cells, self.columns)
        return np.stack([self.left + columns * self.side, self.top + rows * self.side], axis=1)


def _figures(value: float) -> int:
    """How many a number has in a cell: −0.33 is all that fits."""
    return 2 if abs(value) < 1 else 3

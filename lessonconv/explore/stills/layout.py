"""Where the grids of a picture stand, in pixels of the page from the first one's corner; page/layout.mjs on paper."""

import math
from collections.abc import Iterable, Mapping

from lessonconv.explore.scene import Grid
from lessonconv.explore.stills.sketch import text_width, wrapped

WIDTH, LEAST_WIDTH = 768, 480  # of everything: at most, if the cells can be seen so; at least, for the words
SIDE, LEAST_SIDE = 32, 6  # a cell's side, at most and at least
READABLE = 20  # smaller cells show no numbers
NAME, GUTTER = 17, 19  # the height of a line of a grid's name; room for the indices, beside and above
NARROW = 110  # names are not broken into shorter lines than this
GAP = 26, 14  # between grids, along the width and the height
Pair = tuple[int, int]


class Layout:
    """Grids in rows and columns, with cells as large as fit; small grids keep large cells.

    grids, titles: by name. side_by_side: in this order, not in their places on the page. sides: of every grid's cells.
    names: its title in lines. cells: where its first cell is, (left, top). width, height: of everything.
    """

    def __init__(self, grids: Mapping[str, Grid], titles: Mapping[str, str], *, side_by_side: bool = False) -> None:
        self._shapes: dict[str, Pair] = {name: grid.values.shape[-2:] for name, grid in grids.items()}
        self._places = {name: (0, n) if side_by_side else grid.place for n, (name, grid) in enumerate(grids.items())}
        self._spans = {name: (1, 1) if side_by_side else grid.spans for name, grid in grids.items()}
        self.names = {name: [title] for name, title in titles.items()}
        self.sides = self._largest_sides(WIDTH)
        if min(self.sides.values()) < READABLE <= min((narrow := self._largest_sides(NARROW)).values()):
            self.sides = narrow
        columns = self._lines(1, self._widths())
        if _total(columns.values(), GAP[0]) > WIDTH:
            self.names = {name: wrapped(title, self._room(name), style="bold") for name, title in titles.items()}
            columns = self._lines(1, self._widths())
        rows = self._rows()
        lefts, tops = _starts(columns, GAP[0]), _starts(rows, GAP[1])
        self.cells = {
            name: (lefts[column] + GUTTER, tops[row] + self._name_height(row) + GUTTER)
            for name, (row, column) in self._places.items()
        }
        widest = max(lefts[self._places[name][1]] + width for name, width in self._widths().items())
        self.width, self.height = max(LEAST_WIDTH, math.ceil(widest)), math.ceil(_total(rows.values(), GAP[1]))

    def _largest_sides(self, name: float) -> dict[str, int]:
        """Columns as narrow as a name keep large cells; the others share what is left. name: the most a name takes."""
        across = [name for name, span in self._spans.items() if span[1] > 1]  # these have the whole width
        counts = self._lines(1, {name: shape[1] for name, shape in self._shapes.items()})
        words = self._lines(1, {grid: min(name, _widest(lines)) for grid, lines in self.names.items()})
        wide = [column for column, count in counts.items() if count * SIDE + GUTTER > words[column]]
        narrow = sum(words[column] for column in counts if column not in wide)
        left = WIDTH - GAP[0] * (len(counts) - 1) - GUTTER * len(wide) - narrow
        shared = _fitting(left, sum(counts[column] for column in wide))
        return {
            name: _fitting(WIDTH - GUTTER, shape[1]) if name in across
            else shared if self._places[name][1] in wide else SIDE
            for name, shape in self._shapes.items()
        }  # fmt: skip

    def _cells_width(self, name: str) -> float:
        return GUTTER + self._shapes[name][1] * self.sides[name]

    def _widths(self) -> dict[str, float]:
        return {name: max(self._cells_width(name), _widest(self.names[name])) for name in self._shapes}

    def _lines(self, axis: int, sizes: Mapping[str, float]) -> dict[int, float]:
        """For every row (axis 0) or column of grids, in order: the largest of those that take no other as well."""
        found = dict.fromkeys(sorted(place[axis] for place in self._places.values()), 0.0)
        for name, size in sizes.items():
            if self._spans[name][axis] == 1:
                line = self._places[name][axis]
                found[line] = max(found[line], size)
        return found

    def _room(self, name: str) -> float:
        """How wide a name may be without making its column wider."""
        column = self._places[name][1]
        beside = [other for other in self._shapes if self._places[other][1] == column and self._spans[other][1] == 1]
        return max(NARROW, *map(self._cells_width, {name, *beside}))

    def _rows(self) -> dict[int, float]:
        """How high every row is; one that stands beside several makes the last of them higher, if it must."""
        heights = {
            name: self._name_height(self._places[name][0]) + GUTTER + shape[0] * self.sides[name]
            for name, shape in self._shapes.items()
        }
        rows = self._lines(0, heights)
        for name, height in heights.items():
            first, span = self._places[name][0], self._spans[name][0]
            beside = [row for row in rows if first <= row < first + span]
            rows[beside[-1]] += max(0, height - _total((rows[row] for row in beside), GAP[1]))
        return rows

    def _name_height(self, row: int) -> int:
        """What the names of a row of grids take: as many lines as the longest, so that the cells stand in line."""
        return NAME * max(len(lines) for name, lines in self.names.items() if self._places[name][0] == row)


def _fitting(room: float, cells: float) -> int:
    """The side of so many cells beside each other."""
    return max(LEAST_SIDE, min(SIDE, int(room / max(cells, 1))))


def _widest(lines: Iterable[str]) -> float:
    return max((text_width(line, style="bold") for line in lines), default=0)


def _total(sizes: Iterable[float], gap: float) -> float:
    """What so many things take, with gaps between them."""
    sizes = list(sizes)
    return sum(sizes) + (len(sizes) - 1) * gap


def _starts(sizes: Mapping[int, float], gap: float) -> dict[int, int]:
    """Where each begins, on a whole pixel, so that lines are sharp."""
    starts, position = {}, 0.0
    for line, size in sizes.items():
        starts[line] = round(position)
        position += size + gap
    return starts

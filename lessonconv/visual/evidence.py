"""Results side by side, one of them right: where the others differ, and what they have in common with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, count_of, drawing, text_width

Array = npt.NDArray[Any]

# Pixels of the page
CELL, APART, LINE, ROOM = 32.0, 30.0, 17.0, 6.0  # a cell, at least; between grids; a line of words; above and below
FRAME = 2.0  # a frame's line
LARGEST = 12  # rows or columns


def lineup(suspects: Mapping[str, Any], true: str, *, title: str = "Which one is it?") -> Picture:
    """Two-dimensional results beside each other, all on one scale; cells that differ from the true one are framed.

    suspects: by name, arrays (H, W) of at most 12×12; true: the name of the one that is right. Below each stand its
    shape and its sum, and how many cells differ. Raises ValueError for other shapes, or if none is the true one.
    """
    grids = {name: _grid(name, values) for name, values in suspects.items()}
    if true not in grids:
        raise ValueError(f"no suspect is called {true!r}; there are {', '.join(map(repr, grids))}")
    words = {name: _words(values, grids[true], name == true) for name, values in grids.items()}
    cell = max(CELL, *(_widest(values) + 2 * ROOM for values in grids.values()))
    widths = [
        max(values.shape[1] * cell, *(text_width(line) for line in words[name]), text_width(name, bold=True))
        for name, values in grids.items()
    ]
    rows = max(values.shape[0] for values in grids.values())
    height = LINE + ROOM + rows * cell + ROOM + 3 * LINE
    limit = max(float(np.abs(values).max()) for values in grids.values()) or 1.0
    caption = f"Framed, in bold: cells that differ from “{true}”."
    with drawing(sum(widths) + APART * (len(widths) - 1) + 2 * FRAME, height, title, caption) as sheet:
        axes, left = sheet.canvas(), FRAME
        for (name, values), width in zip(grids.items(), widths, strict=True):
            sheet.text(left, 0, name, fontweight="bold")
            marks = _differs(values, grids[true])
            _draw(axes, (left, LINE + ROOM), values, marks, limit, cell)
            for number, line in enumerate(words[name]):
                sheet.text(left, LINE + ROOM + values.shape[0] * cell + ROOM + number * LINE, line, color=LIGHT.muted)
            left += width + APART
    found = "; ".join(f"{name}: {', '.join(words[name])}" for name in grids)
    return Picture(sheet.figure, f"{count_of(len(grids), 'grid')} of numbers side by side. {found}.", title)


def _grid(name: str, values: Any) -> Array:
    values = np.asarray(values, float)
    if values.ndim != 2 or not 1 <= min(values.shape) <= max(values.shape) <= LARGEST:
        raise ValueError(f"{name!r} has shape {values.shape}; give two axes of 1 to {LARGEST} cells")
    return values


def _differs(values: Array, true: Array) -> Array:
    """Which cells are not those of the true one; none, where the shapes are not the same."""
    return np.zeros(values.shape, bool) if values.shape != true.shape else ~np.isclose(values, true)


def _words(values: Array, true: Array, right: bool) -> list[str]:
    """Its shape, its sum, and what is wrong with it."""
    known = [f"shape {values.shape[0]}×{values.shape[1]}", f"sum {_number(values.sum())}"]
    if right:
        return [*known, "right"]
    if values.shape != true.shape:
        return [*known, f"not {true.shape[0]}×{true.shape[1]}"]
    count = int(_differs(values, true).sum())
    return [*known, f"{count_of(count, 'cell')} differ{'s' * (count == 1)}" if count else "the same"]


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _widest(values: Array) -> float:
    return max(text_width(_number(value), bold=True) for value in values.ravel())


def _draw(axes: Axes, corner: tuple[float, float], values: Array, marks: Array, limit: float, cell: float) -> None:
    """The cells in the colours of their signs, with their numbers; those that are marked framed and bold."""
    colors, inset = palette.diverging(), FRAME / 2 + 1
    for (row, column), value in np.ndenumerate(values):
        x, y = corner[0] + column * cell, corner[1] + row * cell
        fill = to_hex(colors((value / limit + 1) / 2))
        ink, bold = palette.ink(fill), bool(marks[row, column])
        axes.add_patch(Rectangle((x, y), cell, cell, facecolor=fill, edgecolor=LIGHT.line, lw=0.8))
        if bold:
            side = cell - 2 * inset
            axes.add_patch(Rectangle((x + inset, y + inset), side, side, fill=False, edgecolor=LIGHT.ink, lw=FRAME))
        middle, weight = (x + cell / 2, y + cell / 2), "bold" if bold else "normal"
        axes.text(*middle, _number(value), ha="center", va="center_baseline", color=ink, fontweight=weight)

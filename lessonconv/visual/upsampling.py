"""How a transposed convolution makes a picture larger: its stamps along one axis, and the pictures that come of it."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lessonconv.visual import palette
from lessonconv.visual.cells import Array, _finite
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width
from lessonconv.window import Axis

CELL, LEAST_CELL, APART = 27.0, 20.0, 40.0  # pixels of the page: a cell's side, at most and at least; between two axes
INDEX, HEAD, LINE, BELOW = 52.0, 30.0, 17.0, 14.0  # room for rows' names, headings; a line; above the counts
WIDEST = 760.0
FRAME = 2.4
GAP, LARGEST = 18.0, 6  # between two pictures; the largest side of a pixel


class _Stamps(NamedTuple):
    """The meetings of one axis, with those that the padding cuts off: (row i, column u) and the tap between them."""

    axis: Axis
    taps: Mapping[tuple[int, int], int]
    counts: list[int]

    @classmethod
    def of(cls, axis: Axis) -> "_Stamps":
        met = axis.meetings(padding=True)
        taps = {(int(i), int(u)): int(k) for i, k, u in zip(*met, strict=True)}
        return cls(axis, taps, np.bincount(axis.meetings().input, minlength=axis.size).tolist())

    @property
    def columns(self) -> range:
        """All cells that are stamped or there, those cut off among them."""
        before, after = self.axis.ring
        return range(-before, self.axis.size + after)

    @property
    def heading(self) -> str:
        axis = self.axis
        padding = f", padding {axis.before}" if axis.before == axis.after and axis.before else ""
        padding = padding or (f", padding {axis.before} and {axis.after}" if axis.before != axis.after else "")
        more = f", output padding {axis.remainder}" if axis.remainder else ""
        dilation = f", dilation {axis.dilation}" if axis.dilation > 1 else ""
        return f"kernel {axis.kernel}, stride {axis.stride}{padding}{more}{dilation}"

    @property
    def told(self) -> str:
        """The counts in words, and whether they are even away from the border."""
        told = f"With {self.heading}, {self.axis.outputs} stamps give the counts {', '.join(map(str, self.counts))}"
        inner = [count for u, count in enumerate(self.counts) if self._inside(u)]
        if len(inner) < 2:
            return told
        even = all(one == other for one, other in pairwise(inner))
        return told + f": away from the border {'all alike' if even else 'uneven'}"

    def width(self, cell: float) -> float:
        """With the rows' names, and what a long heading takes."""
        return INDEX + max(len(self.columns) * cell, text_width(self.heading, bold=True))

    def _inside(self, u: int) -> bool:
        """Could no stamp before the first one, or after the last, have reached cell u?"""
        axis = self.axis
        return axis.input(-1, axis.kernel - 1) < u < axis.input(axis.outputs, 0)


def stamps(*axes: Axis, marked: tuple[int, int] | None = None) -> Picture:
    """The list of meetings of an axis as a staircase: a row for each small cell i, a column for each large cell u.

    u = i·s + k·d − p: the number in row i and column u is k. Along a row a convolution adds up, and a transposed one
    stamps; down a column the transposed one adds up. The last row counts the stamps that each large cell gets.

    axes: side by side. marked: (i, u), of which row and column are framed.
    Raises ValueError if there is none, if they are too wide for a page, or if there is no such row or column.
    """
    drawn = [_Stamps.of(axis) for axis in axes]
    cell = _cell(drawn)
    if marked is not None:
        _must_be_there(marked, drawn)
    title = "The list of meetings along one axis" if marked else "How many stamps each output gets"
    caption = "The number in row i and column u: the tap k of the kernel through which they meet."
    if marked:
        caption += f" Framed: row {marked[0]} and column {marked[1]}."
    if any(axis.before or axis.after for axis in axes):
        caption += " Hatched: what the padding cuts off."
    most = max(max(one.counts) for one in drawn)
    height = HEAD + LINE + max(one.axis.outputs for one in drawn) * cell + BELOW + cell + FRAME
    with drawing(_width(drawn, cell), height, title, caption) as sheet:
        canvas, left = sheet.canvas(), 0.0
        for one in drawn:
            _draw_stamps(sheet, canvas, one, left, cell, most)
            if marked:
                _draw_marked(canvas, one, left, cell, marked)
            left += one.width(cell) + APART
    words = ". ".join(one.told for one in drawn)
    rows = "A row for each small cell, with the taps of its stamp in the columns where they fall"
    return Picture(sheet.figure, f"{title}. {rows}; below, how many stamps each column gets. {words}. {caption}")


def _cell(drawn: list[_Stamps]) -> float:
    """The largest side of a cell with which all fits. Raises ValueError."""
    if not drawn:
        raise ValueError("there is no axis to draw; give one, such as Axis.transposed(5, 3, stride=2)")
    for cell in range(int(CELL), int(LEAST_CELL) - 1, -1):
        if _width(drawn, cell) <= WIDEST:
            return float(cell)
    columns = sum(len(one.columns) for one in drawn)
    raise ValueError(
        f"{len(drawn)} staircases with {count_of(columns, 'column')} do not fit on a page; take fewer cells, a smaller "
        "stride or fewer axes"
    )


def _must_be_there(marked: tuple[int, int], drawn: list[_Stamps]) -> None:
    for one in drawn:
        if marked[0] not in range(one.axis.outputs) or marked[1] not in range(one.axis.size):
            raise ValueError(
                f"marked is {marked}, but there are {one.axis.outputs} rows and {one.axis.size} columns; give (i, u) "
                "that are there"
            )


def _width(drawn: list[_Stamps], cell: float) -> float:
    return sum(one.width(cell) for one in drawn) + (len(drawn) - 1) * APART + FRAME


def _draw_stamps(sheet: Sheet, axes: Axes, one: _Stamps, left: float, cell: float, most: int) -> None:
    """Heading, indices, the staircase, and the counts below it."""
    top, start, counts_top = _places(one, left, cell)
    sheet.text(start, 0, one.heading, fontweight="bold")
    middle: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
    for column, u in enumerate(one.columns):
        x = start + column * cell
        inside = 0 <= u < one.axis.size
        if inside:
            sheet.text(x + cell / 2, top - LINE / 2 - 1, str(u), color=LIGHT.muted, **middle)
        for i in range(one.axis.outputs):
            _draw_cell(axes, (x, top + i * cell), cell, one.taps.get((i, u)), inside)
        if inside:
            _draw_count(axes, (x, counts_top), cell, one.counts[u], most)
    sheet.text(start - 6, top - LINE / 2 - 1, "u =", ha="right", va="center_baseline", color=LIGHT.muted)
    for i in range(one.axis.outputs):
        style: dict[str, Any] = {"ha": "right", "va": "center_baseline", "color": LIGHT.muted}
        sheet.text(start - 6, top + (i + 0.5) * cell, f"i = {i}", **style)
    sheet.text(start - 6, counts_top + cell / 2, "stamps", ha="right", va="center_baseline", fontweight="bold")


def _places(one: _Stamps, left: float, cell: float) -> tuple[float, float, float]:
    """The staircase's top and left, and the counts' top."""
    top = HEAD + LINE
    return top, left + INDEX, top + one.axis.outputs * cell + BELOW


def _draw_cell(axes: Axes, corner: tuple[float, float], cell: float, tap: int | None, inside: bool) -> None:
    color = palette.color("w")
    met = tap is not None
    face = palette.mix(LIGHT.paper, color, 0.3) if met and inside else LIGHT.paper
    hatch = "////" if met and not inside else ""
    if met or inside:
        axes.add_patch(Rectangle(corner, cell, cell, fc=face, ec=LIGHT.line, lw=0.8, hatch=hatch))
    if met:
        ink = LIGHT.ink if inside else LIGHT.muted
        style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "color": ink}
        if not inside:
            style["bbox"] = {"boxstyle": "round,pad=0.1", "fc": LIGHT.paper, "ec": "none"}
        axes.text(corner[0] + cell / 2, corner[1] + cell / 2, str(tap), **style)


def _draw_count(axes: Axes, corner: tuple[float, float], cell: float, count: int, most: int) -> None:
    face = palette.mix(LIGHT.paper, palette.color("z"), 0.85 * (count / max(most, 1)) ** 1.5)
    axes.add_patch(Rectangle(corner, cell, cell, fc=face, ec=LIGHT.line, lw=0.8))
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontweight": "bold"}
    axes.text(corner[0] + cell / 2, corner[1] + cell / 2, str(count), color=palette.ink(face), **style)


def _draw_marked(axes: Axes, one: _Stamps, left: float, cell: float, marked: tuple[int, int]) -> None:
    """A frame round a row of the staircase, and one round a column of it with its count."""
    top, start, counts_top = _places(one, left, cell)
    row, column = marked[0], one.columns.index(marked[1])
    style: dict[str, Any] = {"fill": False, "lw": FRAME, "zorder": 5, "clip_on": False}
    corner, width = (start, top + row * cell), len(one.columns) * cell
    axes.add_patch(Rectangle(corner, width, cell, ec=palette.color("x"), **style))
    corner, height = (start + column * cell, top), counts_top + cell - top
    axes.add_patch(Rectangle(corner, cell, height, ec=palette.color("z"), ls=(0, (4, 1.6)), **style))


def enlarged(
    x: Any, results: Mapping[str, Any], *, target: Any = None, title: str = "One picture, enlarged"
) -> Picture:
    """A picture, and what came of it when it was made larger: every pixel is drawn at the same size.

    x: (H, W), or with axes of length 1 before these. results: such pictures by name. target: what they should be.
    0 is paper, the brightest of x the full colour; what lies outside of that is cut off. Raises ValueError for other
    shapes.
    """
    shown = [_Panel.of("input", "x", x), *(_Panel.of(name, "z", array) for name, array in results.items())]
    shown += [] if target is None else [_Panel.of("original", "", target)]
    brightest = shown[0].array.max() or 1.0
    pixel = _pixel(shown)
    height = 2 * LINE + 2 + max(panel.array.shape[0] for panel in shown) * pixel
    with drawing(_beside(shown, pixel), height, title) as sheet:
        left = 0.0
        for panel in shown:
            panel.draw(sheet, left, pixel, brightest)
            left += panel.width(pixel) + GAP
    sizes = ", ".join(f"{panel.name} {panel.size}" for panel in shown)
    return Picture(sheet.figure, f"{title}, with pixels of one size: {sizes}.")


class _Panel(NamedTuple):
    """A picture with its name; tensor: in whose colour it is drawn, "" for ink."""

    name: str
    tensor: str
    array: Array

    @classmethod
    def of(cls, name: str, tensor: str, value: Any) -> "_Panel":
        array = np.asarray(value)
        if array.ndim < 2 or array.size != math.prod(array.shape[-2:]):
            raise ValueError(f"{name} has shape {array.shape}, but must be one picture, (H, W); take one of the batch")
        return cls(name, tensor, _finite(name, array.reshape(array.shape[-2:]), "H, W"))

    @property
    def size(self) -> str:
        return "×".join(map(str, self.array.shape))

    def width(self, pixel: float) -> float:
        return max(self.array.shape[1] * pixel, text_width(self.name, bold=True))

    def draw(self, sheet: Sheet, left: float, pixel: float, brightest: float) -> None:
        """Name, size, and the picture in a thin frame."""
        H, W = self.array.shape
        sheet.text(left, 0, self.name, fontweight="bold")
        sheet.text(left, LINE - 2, self.size, color=LIGHT.muted)
        axes = sheet.axes(left, 2 * LINE + 2, W * pixel, H * pixel)
        colors = palette.ramp(self.tensor) if self.tensor else palette.images()
        axes.imshow(self.array, cmap=colors, vmin=0, vmax=brightest, interpolation="none", aspect="auto")
        frame: dict[str, Any] = {"fill": False, "ec": LIGHT.line, "lw": 1, "clip_on": False}
        axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, **frame))


def _beside(shown: Sequence[_Panel], pixel: float) -> float:
    """How wide they are beside each other."""
    return sum(panel.width(pixel) for panel in shown) + GAP * (len(shown) - 1)


def _pixel(shown: Sequence[_Panel]) -> float:
    """The largest whole size of a pixel with which all fit on a page. Raises ValueError."""
    for pixel in range(LARGEST, 0, -1):
        if _beside(shown, pixel) <= WIDEST:
            return float(pixel)
    raise ValueError(f"{len(shown)} pictures do not fit beside each other on a page; show fewer, or smaller ones")

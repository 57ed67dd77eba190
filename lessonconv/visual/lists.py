"""Who meets whom: along one axis, the whole list of meetings as a table with a row for each output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width
from lessonconv.window import Axis, Meetings, Pair

CELL, SMALL = 52.0, 30.0  # pixels of the page: a cell of a table that stands alone, and of one among others
ROOM, ARROW = 130.0, 46.0  # for what a row comes to, at the right, and what a column does, below
LINE, APART = 17.0, 40.0  # a line of text; between tables
WIDEST = 768.0
LARGE = 13.0  # points: legible when the picture is made small


@dataclass(frozen=True)
class _List:
    """A list of meetings that no window made, with what a table asks of an axis. It ends with the last that meet."""

    met: Meetings
    ring: Pair = (0, 0)

    @property
    def size(self) -> int:
        """Inputs."""
        return int(self.met.input.max()) + 1

    @property
    def outputs(self) -> int:
        """Outputs."""
        return int(self.met.output.max()) + 1

    def meetings(self, *, padding: bool = False) -> Meetings:
        """The list; there is no padding in it."""
        return self.met


class _Table(NamedTuple):
    """An axis as a table. corner: where its cell (0, 0) begins, padding included. cell: a cell's side."""

    axis: Axis | _List
    corner: tuple[float, float]
    cell: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of its cells."""
        before, after = self.axis.ring
        return (self.axis.size + before + after) * self.cell, self.axis.outputs * self.cell

    def middle(self, i: int, u: int) -> tuple[float, float]:
        """Of the cell of output i and input u."""
        before, _ = self.axis.ring
        return self.corner[0] + (u + before + 0.5) * self.cell, self.corner[1] + (i + 0.5) * self.cell


def timetable(axis: Axis, output: int = 1, tap: int = 1, input: int = 3) -> Picture:
    """The list of meetings along one axis, and its three sums: along a row, a column, and from row to row.

    A tap in row i, column u says: output i and this tap meet at input u = i·s + k·d − p.

    output, tap, input: which row, tap and column are followed. Raises ValueError for one that there is not, or an axis
    too long for a page. Source: `Axis.meetings`.
    """
    followed = {"output": (output, axis.outputs), "tap": (tap, axis.kernel), "input": (input, axis.size)}
    for name, (chosen, count) in followed.items():
        if not 0 <= chosen < count:
            raise ValueError(f"{name} is {chosen}, but there are {count}, counted from 0; give 0 to {count - 1}")
    table = _Table(axis, (CELL, 1.5 * LINE), CELL)
    width, height = table.size
    _must_fit(width + CELL + ROOM)
    title = "One list of meetings, three sums"
    caption = (
        "Each disc is a meeting: a row is an output, a column an input, and the number in it is the tap. "
        f"Added along a row, w·x makes z[{output}]. Added over all discs with a {tap}, ∂L/∂z·x makes ∂L/∂w[{tap}]. "
        f"Added along a column, ∂L/∂z·w makes ∂L/∂x[{input}]."
    )
    with drawing(table.corner[0] + width + ROOM, table.corner[1] + height + ARROW, title, caption) as sheet:
        axes = sheet.canvas()
        _draw_ways(sheet, axes, table, (output, tap, input))
        _draw_table(sheet, axes, table, LARGE, (output, tap, input))
    return Picture(sheet.figure, f"{title}. {_said(axis)} {caption}")


def timetables(lists: Mapping[str, Axis | Sequence[Any]], *, title: str = "The same rule, other settings") -> Picture:
    """Several lists of meetings beside each other, each under its name, to see what a setting changes.

    lists: by name, an axis, or any list: arrays of outputs, weights and inputs, (M,) each, for M meetings.
    Raises ValueError if there is none, or one is empty or too long for a page.
    """
    axes = {name: one if isinstance(one, Axis) else _listed(name, one) for name, one in lists.items()}
    if not axes:
        raise ValueError('timetables has nothing to draw; give lists under their names: {"stride 2": Axis.over(…)}')
    caption = "A row for each output, a column for each input; the number in a disc is the tap. "
    if any(sum(axis.ring) for axis in axes.values()):
        caption += "Dashed: padding, where a tap meets nothing, and nothing is listed. "
    caption += "Grey: an input that nobody reads."
    placed, size = _placed(axes)
    with drawing(*size, title, caption) as sheet:
        canvas = sheet.canvas()
        for name, table in placed.items():
            left, top = table.corner
            sheet.text(left - SMALL, top - 2.3 * LINE, name, fontweight="bold")
            _draw_table(sheet, canvas, table, 9.0)
    return Picture(sheet.figure, f"{title}: " + " ".join(f"{name}: {_said(axis)}" for name, axis in axes.items()))


def _listed(name: str, meetings: Sequence[Any]) -> _List:
    met = Meetings(*(np.asarray(indices, int) for indices in meetings))
    if not met.output.size:
        raise ValueError(f"nobody meets in the list {name!r}; give one meeting at least")
    return _List(met)


def _placed(axes: Mapping[str, Axis | _List]) -> tuple[dict[str, _Table], tuple[float, float]]:
    """Tables in rows that fit a page, and the room that they take."""
    placed, left, top, lowest, widest = {}, 0.0, 0.0, 0.0, 0.0
    sizes = {name: _Table(axis, (0, 0), SMALL).size for name, axis in axes.items()}
    width = max(max(SMALL + sizes[name][0], text_width(name, bold=True)) for name in axes)  # alike: columns line up
    _must_fit(width)
    for name, axis in axes.items():
        if left and left + width > WIDEST:
            left, top = 0.0, lowest + APART / 2
        placed[name] = _Table(axis, (left + SMALL, top + 2.3 * LINE), SMALL)
        lowest = max(lowest, top + 2.3 * LINE + sizes[name][1] + 4)
        widest = max(widest, left + width)
        left += width + APART
    return placed, (widest + 2, lowest)


def _must_fit(width: float) -> None:
    if width > WIDEST:
        raise ValueError(f"the table would be {width:.0f} pixels wide, a page is {WIDEST:.0f}; take a smaller input")


def _said(axis: Axis | _List) -> str:
    """The list in words, output by output."""
    met = axis.meetings()
    rows = [
        f"output {i} reads " + (_inputs([int(u) for u in met.input[met.output == i]]) or "padding only")
        for i in range(axis.outputs)
    ]
    return f"{count_of(len(met.input), 'meeting')}: {'; '.join(rows)}."


def _inputs(inputs: list[int]) -> str:
    return f"{'input' if len(inputs) == 1 else 'inputs'} {', '.join(map(str, inputs))}" if inputs else ""


def _draw_table(
    sheet: Sheet, axes: Axes, table: _Table, points: float, followed: tuple[int, int, int] | None = None
) -> None:
    """Cells, names of rows and columns, and a disc for each meeting; of the followed ones, all others are pale."""
    axis, cell = table.axis, table.cell
    before, after = axis.ring
    met = axis.meetings()
    read = set(met.input.tolist())
    for u in range(-before, axis.size + after):
        real = 0 <= u < axis.size
        for i in range(axis.outputs):
            x, y = table.middle(i, u)
            _draw_cell(axes, x, y, cell, real, silent=real and u not in read)
        if real:
            style: dict[str, Any] = {"color": LIGHT.x if u in read else LIGHT.muted, "fontsize": points}
            x, y = table.middle(0, u)
            sheet.text(x, y - cell / 2 - points, f"x{_low(u)}", ha="center", va="center_baseline", **style)
    for i in range(axis.outputs):
        x, y = table.middle(i, -before)
        end: dict[str, Any] = {"ha": "right", "va": "center_baseline", "color": LIGHT.z, "fontsize": points}
        sheet.text(x - cell / 2 - 7, y, f"z{_low(i)}", **end)
    for i, k, u in axis.meetings(padding=True).lines():
        if not 0 <= u < axis.size:
            x, y = table.middle(i, u)
            axes.text(x, y, str(k), ha="center", va="center_baseline", color=LIGHT.muted, fontsize=points)
            continue
        strong = followed is None or k == followed[1]
        _draw_disc(axes, *table.middle(i, u), cell, str(k), points, strong)


def _low(index: int) -> str:
    """An index as it stands below a letter."""
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _draw_cell(axes: Axes, x: float, y: float, cell: float, real: bool, silent: bool) -> None:
    half = cell / 2
    style: dict[str, Any] = {"edgecolor": palette.mix(LIGHT.paper, LIGHT.muted, 0.45), "linewidth": 0.7, "zorder": 2}
    if not real:
        style |= {"linestyle": (0, (3, 3)), "edgecolor": palette.mix(LIGHT.paper, LIGHT.muted, 0.7)}
    color = palette.mix(LIGHT.paper, LIGHT.muted, 0.18) if silent else "none"
    axes.add_patch(Rectangle((x - half, y - half), cell, cell, facecolor=color, **style))


def _draw_disc(axes: Axes, x: float, y: float, cell: float, words: str, points: float, strong: bool) -> None:
    color = LIGHT.w if strong else palette.mix(LIGHT.paper, LIGHT.w, 0.16)
    axes.add_patch(Circle((x, y), 0.34 * cell, facecolor=color, edgecolor=LIGHT.w, linewidth=1.2, zorder=4))
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontweight": "bold", "fontsize": points}
    axes.text(x, y, words, color=palette.ink(color) if strong else LIGHT.ink, zorder=5, **style)


def _draw_ways(sheet: Sheet, axes: Axes, table: _Table, followed: tuple[int, int, int]) -> None:
    """A band along the row, one along the column, a line through the discs of the tap; what each comes to."""
    (output, tap, input), axis, cell = followed, table.axis, table.cell
    (left, top), (width, height) = table.corner, table.size
    _, row = table.middle(output, 0)
    column, _ = table.middle(0, input)
    for place, size, color in (
        ((left, row - cell / 2), (width + 16, cell), LIGHT.z),
        ((column - cell / 2, top), (cell, height + 14), LIGHT.x),
    ):
        axes.add_patch(Rectangle(place, *size, facecolor=palette.mix(LIGHT.paper, color, 0.2), zorder=1))
    bold: dict[str, Any] = {"fontsize": LARGE, "fontweight": "bold"}
    beside = {"ha": "left", "va": "center_baseline", **bold}
    sheet.text(left + width + 22, row, f"→ z[{output}]", color=LIGHT.z, **beside)
    under = {"ha": "center", "va": "center_baseline", **bold}
    sheet.text(column, top + height + 30, f"↓ ∂L/∂x[{input}]", color=LIGHT.x, **under)
    ways = [table.middle(i, u) for i, k, u in axis.meetings().lines() if k == tap]
    if ways:
        xs, ys = zip(*ways, strict=True)
        axes.plot(xs, ys, color=LIGHT.w, linewidth=3, zorder=3)
        sheet.text(left + width + 22, top + height - cell / 2, f"↘ ∂L/∂w[{tap}]", color=LIGHT.w, **beside)

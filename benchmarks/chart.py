"""A run as one picture: ours beside PyTorch as bars with their targets, and how time grows with the work.

Only this module needs Matplotlib. Places are in inches from the top left corner, so that a longer run makes a longer
picture and no smaller letters.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from benchmarks.report import Line
from lessonconv.visual.palette import LIGHT, mix
from lessonconv.visual.picture import STYLE

COMPARED = ": ours ÷ PyTorch"  # in the name of a line that becomes a bar
ROW, LABELS, BARS, VERDICTS = 0.225, 3.45, 3.1, 1.95  # inches: a bar's height; the widths of its three parts
PANEL, PANEL_GAP, SCALE = (2.2, 1.5), (0.15, 0.58), 0.6  # of the growth: a panel, what lies between, its first scale
MARGIN, HEAD, FOOT, TITLES = 0.25, 1.2, 0.3, 6.9  # above the plots: titles, so wide; below: the scale
COLUMNS = (0.1, 0.5, 1.05)  # behind a bar: its number, its target, its verdict
TICKS = [digit * 10.0**power for power in range(-3, 6) for digit in (1, 2, 5)]
DECADES = [10.0**power for power in range(-3, 10)]
COLORS = {"met": LIGHT.z, "missed": LIGHT.positive, "": mix(LIGHT.paper, LIGHT.muted, 0.6)}
LOOKS: dict[str, dict[str, Any]] = {
    "ours": {"color": LIGHT.x, "marker": "o", "linewidth": 2.0, "zorder": 3},
    "PyTorch": {"color": LIGHT.w, "marker": "s", "linewidth": 1.2},
    "textbook": {"color": LIGHT.muted, "marker": "^", "linewidth": 1.2, "linestyle": (0, (4, 2))},
}
NOTHING = "no line of this run compares with PyTorch, and none measures growth"


def draw(path: Path, lines: Iterable[Line]) -> None:
    """Write the picture; the ending of the name says in which format."""
    lines = list(lines)
    bars = [line for line in lines if COMPARED in line.name]
    growths = [line for line in lines if line.curves]
    path.parent.mkdir(parents=True, exist_ok=True)
    style: Any = STYLE  # Matplotlib's own type is a list of every setting's name
    with matplotlib.rc_context(style):
        lay_out(bars, growths).figure.savefig(path, facecolor=LIGHT.paper, dpi=110)


def label(line: Line) -> str:
    """What is compared, without the words that all bars have in common."""
    what, _, peer = line.name.partition(COMPARED)
    return f"{what} ({peer.strip()})" if peer else what


class Sheet:
    """A figure whose places are in inches from the top left."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure((width, height))

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes in this place."""
        place = left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height
        return self.figure.add_axes(place)

    def write(self, left: float, top: float, text: str, **look: Any) -> None:
        """Text whose top left corner is here."""
        self.figure.text(left / self.width, 1 - top / self.height, text, va="top", **look)


def lay_out(bars: Sequence[Line], growths: Sequence[Line]) -> Sheet:
    """Bars to the left, growth to the right; what a run does not have takes no place."""
    rows = list(dict.fromkeys(_axis(line) for line in growths))
    columns = list(dict.fromkeys(_pass(line) for line in growths))
    bars_width = LABELS + BARS + VERDICTS if bars else 0
    growth_width = max(SCALE + len(columns) * (PANEL[0] + PANEL_GAP[0]), TITLES) if growths else 0
    heights = [len(bars) * ROW + FOOT, len(rows) * (PANEL[1] + PANEL_GAP[1])]
    sheet = Sheet(2 * MARGIN + (bars_width + growth_width or TITLES), HEAD + max(heights) + MARGIN)
    if bars:
        _draw_bars(sheet, bars)
    if growths:
        left = MARGIN + bars_width + SCALE
        height = (max(heights) - FOOT + PANEL_GAP[1]) / len(rows) - PANEL_GAP[1]
        _draw_growths(sheet, left, height, growths, rows, columns)
    if not bars and not growths:
        sheet.write(MARGIN, MARGIN, NOTHING)
    return sheet


def _draw_bars(sheet: Sheet, lines: Sequence[Line]) -> None:
    """A bar from 1, where both take the same, to the median; its quartiles, its target, and the verdict in words."""
    axes = sheet.axes(MARGIN + LABELS, HEAD, BARS, len(lines) * ROW)
    values = [value for line in lines for value in _extent(line)]
    axes.set_xscale("log")
    axes.set(ylim=(len(lines) - 0.5, -0.5), xlim=(min([*values, 0.5]) / 1.15, max([*values, 2]) * 1.15))
    for row, line in enumerate(lines):
        _draw_bar(axes, row, line)
    axes.axvline(1, color=LIGHT.ink, linewidth=0.8)
    axes.xaxis.set(major_locator=FixedLocator(TICKS), minor_locator=NullLocator(), major_formatter=_plain())
    axes.set_yticks(range(len(lines)), [label(line) for line in lines])
    axes.tick_params("y", length=0)
    axes.spines["left"].set_visible(False)
    sheet.write(MARGIN, MARGIN, "Ours ÷ PyTorch", fontsize=12)
    sheet.write(MARGIN, MARGIN + 0.3, "Time (memory, where the label says so), log scale. Left of 1: ours needs less.")
    sheet.write(MARGIN, MARGIN + 0.5, "Bar: median. Thin line: quartiles. Black mark: target.", color=LIGHT.muted)


def _draw_bar(axes: Axes, row: int, line: Line) -> None:
    if line.target is not None:
        axes.plot([line.target.limit] * 2, [row - 0.46, row + 0.46], color=LIGHT.ink, linewidth=2.2, zorder=4)
    cells = ["", "", line.verdict]
    if line.spread is not None:
        median, color = line.spread.median, COLORS[line.verdict]
        axes.barh(row, median - 1, left=1, height=0.68, color=mix(LIGHT.paper, color, 0.55), zorder=2)
        axes.plot([line.spread.low, line.spread.high], [row, row], color=color, linewidth=1.4, zorder=3)
        cells = [f"{median:.2f}", str(line.target or ""), line.verdict]
    color = COLORS["missed"] if line.verdict == "missed" else LIGHT.ink
    for column, words in zip(COLUMNS, cells, strict=True):
        at = 1 + column / BARS, row
        axes.text(*at, words, transform=axes.get_yaxis_transform(), va="center_baseline", color=color)


def _draw_growths(
    sheet: Sheet, left: float, height: float, lines: Sequence[Line], rows: Sequence[str], columns: Sequence[str]
) -> None:
    """A panel for each pass (column) and each size that grows (row), all with one scale of time."""
    costs = [seconds / work * 1e12 for line in lines for curve in line.curves.values() for work, seconds in curve]
    for line in lines:
        row, column = rows.index(_axis(line)), columns.index(_pass(line))
        at = left + column * (PANEL[0] + PANEL_GAP[0]), HEAD + row * (height + PANEL_GAP[1])
        axes = sheet.axes(*at, PANEL[0], height)
        axes.set_ylim(min(costs) / 1.3, max(costs) * 1.3)
        _draw_growth(axes, line)
        sheet.write(at[0], at[1] - 0.2, f"with {_axis(line)}, {_pass(line)}: {_number(line)}")
        axes.tick_params("y", labelleft=column == 0)
    _legend(sheet, left - SCALE + 0.15, lines)


def _draw_growth(axes: Axes, line: Line) -> None:
    """Time per unit of work against the work: flat is proportional growth, uphill is worse."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    for library, curve in line.curves.items():
        work = [work / 1e6 for work, _ in curve]
        cost = [seconds / work * 1e12 for work, seconds in curve]
        axes.plot(work, cost, markersize=4, **LOOKS[library])
    for axis, ticks in ((axes.xaxis, DECADES), (axes.yaxis, TICKS)):
        axis.set(major_locator=FixedLocator(ticks), minor_locator=NullLocator(), major_formatter=_plain())
    axes.grid(color=LIGHT.line, linewidth=0.6)


def _legend(sheet: Sheet, left: float, lines: Sequence[Line]) -> None:
    sheet.write(left, MARGIN, "Growth with the work: flat is proportional, uphill is worse", fontsize=12)
    sheet.write(
        left,
        MARGIN + 0.3,
        "ms for 10⁹ flops (vertical) against millions of flops (horizontal). The number: ours, at worst.",
    )
    libraries = dict.fromkeys(library for line in lines for library in line.curves)
    handles = [Line2D([], [], markersize=4, label=name, **LOOKS[name]) for name in libraries]
    corner = left / sheet.width, 1 - (MARGIN + 0.46) / sheet.height
    sheet.figure.legend(handles=handles, loc="upper left", bbox_to_anchor=corner, ncols=3, frameon=False, borderpad=0)


def _extent(line: Line) -> list[float]:
    """What has to fit on the scale of the bars."""
    spread = [line.spread.low, line.spread.high] if line.spread else []
    return spread + ([line.target.limit] if line.target else [])


def _axis(line: Line) -> str:
    """N of "growth with N, forward: …"."""
    return line.name.removeprefix("growth with ").partition(",")[0]


def _pass(line: Line) -> str:
    """forward of "growth with N, forward: …"."""
    return line.name.partition(", ")[2].partition(":")[0]


def _number(line: Line) -> str:
    return f"{line.spread.median:.2f} × {line.verdict}".rstrip() if line.spread else line.verdict


def _plain() -> FuncFormatter:
    """0.1, 1, 1,000: no powers of ten."""
    return FuncFormatter(lambda value, _: f"{value:,g}")

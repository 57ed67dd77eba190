"""What a gradient check sees: the marks of a float's ruler, where a gradient is wrong, which test finds which bug."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, drawing, text_width

Array = npt.NDArray[Any]

# Pixels of the page
CHART = (620.0, 300.0)
CELL, APART, LINE, ROOM = 24.0, 34.0, 17.0, 6.0
DOT, ROW, WIDEST = 13.0, 24.0, 620.0
REACH = 12  # marks to either side
LARGEST = 16  # rows or columns
CLOSE = 1e-9


def ruler(function: Callable[[Any], Any], x: float, slope: float, marks: int, *, title: str = "Too near") -> Picture:
    """A smooth function under a strong magnifying glass: the steps that float64 makes of it, and a secant across them.

    function: of arrays of float64; x: where; slope: its derivative there; marks: h, as so many times the distance of
    two floats at x, from 1 to 8. The axes count such distances, at x and at function(x).
    """
    if not 1 <= marks <= 8:
        raise ValueError(f"marks is {marks}, but must be from 1 to 8")
    across, up = float(np.spacing(x)), float(np.spacing(function(x)))
    steps = np.linspace(-REACH, REACH, 80 * REACH + 1)
    heights = (function(x + steps * across) - function(x)) / up
    ends = np.array([-marks, marks])
    high = (function(x + ends * across) - function(x)) / up
    found = float((high[1] - high[0]) * up / (2 * marks * across))
    true = steps * slope * across / up
    caption = f"One mark across is {_short(across)}, one mark up is {_short(up)}: no float64 lies between two marks."
    with drawing(CHART[0] + 90, CHART[1], title, caption) as sheet:
        axes = sheet.axes(40, 22, CHART[0] - 40, CHART[1] - 62)
        axes.set_axis_on()
        reach = float(np.ceil(np.abs(true).max())) + 1
        axes.set(xlim=(-REACH, REACH), ylim=(-reach, reach), xlabel="marks from x")
        axes.grid(color=LIGHT.line, linewidth=0.6)
        axes.tick_params(length=0, pad=6)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.xaxis.set_major_locator(FixedLocator(range(-REACH, REACH + 1, 4)))
        axes.yaxis.set_major_locator(MaxNLocator(7, integer=True))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
        axes.plot(steps, true, color=LIGHT.muted, linewidth=1.4, dashes=(5, 2.4))
        axes.plot(steps, heights, color=palette.color("x"), linewidth=2)
        axes.plot(ends, high, color=palette.color("w"), linewidth=2, marker="o", markersize=8)
        sheet.text(0, 0, "marks from f(x)", color=LIGHT.muted)
        lines = (
            (1, f"slope {_short(slope)}", LIGHT.muted), (0.86, "f in float64", palette.color("x")),
            (0.72, f"h = {marks} marks:", palette.color("w")), (0.655, f"slope {_short(found)}", palette.color("w")),
        )  # fmt: skip
        for at, words, color in lines:
            axes.annotate(words, (1, at), (8, 0), "axes fraction", textcoords="offset points", va="top", color=color,
                          fontweight="bold", annotation_clip=False)  # fmt: skip
    return Picture(
        sheet.figure,
        f"{title}: a straight dashed line, the staircase that float64 makes of it, and a line through two points of "
        f"the staircase, {marks} marks to the left and to the right.",
        f"The slope is {_short(slope)}; through the two points it is {_short(found)}.",
    )


def fingerprints(suspects: Mapping[str, Any], true: Any, *, title: str = "Where is it wrong?") -> Picture:
    """Wrong gradients beside each other: a cross on every cell that is wrong, darker the more so.

    suspects: by name, arrays of the shape of `true`, (H, W) of at most 16×16. Below each stand how many cells are
    wrong, and its relative error. Raises ValueError for other shapes.
    """
    right = np.asarray(true, float)
    grids = {name: np.asarray(values, float) for name, values in suspects.items()}
    for name, values in {"true": right, **grids}.items():
        if (
            values.shape != right.shape
            or values.ndim != 2
            or not 1 <= min(values.shape) <= max(values.shape) <= LARGEST
        ):
            raise ValueError(f"{name!r} has shape {values.shape}; give (H, W), all alike, of 1 to {LARGEST} cells")
    words = {name: _findings(values, right) for name, values in grids.items()}
    widths = [
        max(right.shape[1] * CELL, *(text_width(line) for line in words[name]), text_width(name, bold=True))
        for name in grids
    ]
    height = LINE + ROOM + right.shape[0] * CELL + ROOM + 2 * LINE
    caption = "A cross: this cell is wrong. The darker, the further off. Empty: right."
    with drawing(sum(widths) + APART * (len(widths) - 1), height, title, caption) as sheet:
        axes, left = sheet.canvas(), 0.0
        for (name, values), width in zip(grids.items(), widths, strict=True):
            sheet.text(left, 0, name, fontweight="bold")
            _draw_wrong(axes, (left, LINE + ROOM), np.abs(values - right))
            for number, line in enumerate(words[name]):
                sheet.text(left, LINE + 2 * ROOM + right.shape[0] * CELL + number * LINE, line, color=LIGHT.muted)
            left += width + APART
    found = "; ".join(f"{name}: {', '.join(lines)}" for name, lines in words.items())
    H, W = right.shape
    return Picture(sheet.figure, f"{title}: for {', '.join(grids)}, a grid of {H}×{W} cells, crosses on those that are "
                   f"wrong. {found}.")  # fmt: skip


def _findings(values: Array, right: Array) -> list[str]:
    """How many cells are wrong, and how far off."""
    off = np.abs(values - right)
    wrong = int((off > CLOSE).sum())
    scale = max(float(np.abs(values).max()), float(np.abs(right).max())) or 1.0
    return [f"{wrong} of {right.size} wrong", f"relative error {_short(float(off.max()) / scale)}"]


def _draw_wrong(axes: Any, corner: tuple[float, float], off: Array) -> None:
    largest = float(off.max()) or 1.0
    for (row, column), value in np.ndenumerate(off):
        x, y = corner[0] + column * CELL, corner[1] + row * CELL
        share = 0.25 + 0.75 * float(value) / largest if value > CLOSE else 0.0
        fill = palette.mix(LIGHT.paper, LIGHT.positive, share)
        axes.add_patch(Rectangle((x, y), CELL, CELL, facecolor=fill, edgecolor=LIGHT.line, lw=0.8))
        if share:
            axes.text(x + CELL / 2, y + CELL / 2, "×", ha="center", va="center_baseline", color=palette.ink(fill))


def sieve(table: Mapping[str, Sequence[bool]], *, title: str = "Which test finds which bug?") -> Picture:
    """A row for each test, a column for each known bug: a dot where the test finds it. Below, what all of them find.

    table: by the test's name, one bool for each bug. Raises ValueError if the rows are not equally long, or empty.
    """
    rows = {name: np.asarray(found, bool) for name, found in table.items()}
    if not rows or len({len(found) for found in rows.values()}) != 1 or not len(next(iter(rows.values()))):
        raise ValueError("a sieve wants rows of one length; give {'plain': [True, False, …], …}")
    together = np.any(list(rows.values()), axis=0)
    order = np.lexsort((*reversed(list(rows.values())), np.sum(list(rows.values()), axis=0)))[::-1]
    shown = {**rows, "together": together} if len(rows) > 1 else rows
    total = len(together)
    dot = min(DOT, WIDEST / total)
    left = max(text_width(name, bold=True) for name in shown) + 12
    right = text_width(f"{total} of {total}", bold=True) + 14
    caption = f"A column for each of {total} wrong backward passes. A bar: the test finds it. A gap: it gets through."
    with drawing(left + total * dot + right, (len(shown) + 0.3) * ROW, title, caption) as sheet:
        axes = sheet.canvas()
        for number, (name, found) in enumerate(shown.items()):
            last = name == "together" and len(rows) > 1
            y = number * ROW + (0.3 * ROW if last else 0)
            weight = "bold" if last else "normal"
            sheet.text(left - 12, y + ROW / 2 - 2, name, ha="right", va="center_baseline", fontweight=weight)
            for place, bug in enumerate(order):
                x, color = left + place * dot, LIGHT.ink if last else palette.color("x")
                if found[bug]:
                    axes.add_patch(Rectangle((x + 1, y + 3), dot - 2, ROW - 9, facecolor=color, lw=0))
                else:
                    axes.add_patch(Rectangle((x + 1, y + ROW - 8), dot - 2, 2, facecolor=LIGHT.positive, lw=0))
            said = f"{int(found.sum())} of {total}"
            sheet.text(left + total * dot + 10, y + ROW / 2 - 2, said, va="center_baseline", fontweight=weight)
    counts = ", ".join(f"{name} {int(found.sum())}" for name, found in shown.items())
    return Picture(sheet.figure, f"{title}: a row for each test, a column for each of {total} wrong backward passes. "
                   f"Found: {counts}.")  # fmt: skip


def _short(value: float) -> str:
    """Three figures, with a power of ten if it is very small."""
    if value and abs(value) < 1e-3:
        digits, power = f"{value:.1e}".split("e")
        return f"{digits}·10{str(int(power)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")

"""A chart of curves as a picture, for a page without a kernel: page/curves.mjs on paper."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from lessonconv.explore.chart import Chart, Scale, finite, ten_to
from lessonconv.explore.stills import words
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import LINE, Picture, drawing, text_width, wrap
from lessonconv.visual.results import apart

WIDTH, HEIGHT = 700.0, 290.0  # pixels of the page
TOP, BOTTOM = 22.0, 42.0  # of these for the axes' words
SHAPES, DASHES = "osD^v", ((), (5, 2.4), (1.4, 2.4), (6, 2, 1.4, 2), (9, 2.4))  # as in page/axes.mjs


def picture(chart: Chart, place: int, caption: str = "") -> Picture:
    """A chart with the point at a place, and what is said there above the caption."""
    told = chart.told(place)
    lines = [line for sentence in told for line in wrap(sentence, WIDTH)]
    room = HEIGHT + 10 + LINE * len(lines)
    with drawing(WIDTH, room, chart.title, caption) as sheet:
        widest = max(text_width(curve.name, bold=True) for curve in chart.curves)
        left = 58.0
        axes = sheet.axes(left, TOP, WIDTH - left - widest - 26, HEIGHT - TOP - BOTTOM)
        axes.set_axis_on()
        _scale(axes.xaxis, chart.x, axes.set_xscale, axes.set_xlim)
        _scale(axes.yaxis, chart.y, axes.set_yscale, axes.set_ylim)
        axes.grid(color=LIGHT.line, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0, pad=7)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xlabel(chart.x.label, color=LIGHT.muted)
        sheet.text(0, 0, chart.y.label, color=LIGHT.muted)
        _draw(axes, chart, place)
        _name(axes, chart)
        for number, line in enumerate(lines):
            sheet.text(0, HEIGHT + 10 + number * LINE, line)
    return Picture(sheet.figure, chart.alt, " ".join(told))


def _scale(axis: Any, scale: Scale, set_scale: Any, set_limits: Any) -> None:
    if scale.log:
        set_scale("log")
    set_limits(scale.low, scale.high)
    if scale.log:
        first, last = (round(float(np.log10(end))) for end in (scale.low, scale.high))
        step = -(-(last - first) // 8) or 1
        ticks = range(-(-first // step) * step, last + 1, step)
        axis.set_major_locator(FixedLocator([10.0**power for power in ticks]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: ten_to(round(np.log10(value)))))
    else:
        axis.set_major_locator(MaxNLocator(9, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(round(value, 9))))
    axis.set_minor_locator(NullLocator())


def _draw(axes: Axes, chart: Chart, place: int) -> None:
    """Axes through zero, guides, curves, the point and its marks, and the tangent."""
    at = chart.places[place]
    zero: dict[str, Any] = {"color": LIGHT.muted, "linewidth": 0.8, "zorder": 1.5}
    if not chart.x.log and chart.x.low < 0 < chart.x.high:
        axes.axvline(0, **zero)
    if not chart.y.log and chart.y.low <= 0 < chart.y.high:
        axes.axhline(0, **zero)
    for value, said in chart.guides:
        axes.axvline(value, color=LIGHT.muted, linewidth=0.8, linestyle=(0, (2, 3)))
        axes.annotate(said, (value, 1), (4, -3), ("data", "axes fraction"), textcoords="offset points",
                      va="top")  # fmt: skip
    axes.axvline(at, color=LIGHT.muted, linewidth=0.8)
    for number, curve in enumerate(chart.curves):
        values, color = finite(chart.series[curve.series]), palette.color(curve.tensor)
        cuts = np.searchsorted(chart.places, curve.breaks, side="right")
        for x, y in zip(np.split(chart.places, cuts), np.split(values, cuts), strict=True):
            axes.plot(x, y, color=color, linewidth=1.9, dashes=DASHES[number % 5] or (None, None))
        own = curve.series == chart.rides
        axes.plot([at], [values[place]], marker="o" if own else SHAPES[number % 5], color=color, zorder=4,
                  markersize=10 if own else 7, markeredgecolor=LIGHT.paper, clip_on=False)  # fmt: skip
        if own and chart.slope:
            slope, middle = float(chart.series[chart.slope][place]), float(values[place])
            wide, high = axes.transData.transform((1, 1)) - axes.transData.transform((0, 0))
            along = 110 / np.hypot(wide, slope * high)
            axes.plot([at - along, at + along], [middle - slope * along, middle + slope * along], color=LIGHT.ink,
                      linewidth=1.4, zorder=3)  # fmt: skip


def _name(axes: Axes, chart: Chart) -> None:
    """The curves' names at their right ends, moved apart if they would overlap."""
    to_share = axes.transData + axes.transAxes.inverted()
    ends = []
    for curve in chart.curves:
        values = finite(chart.series[curve.series])
        last = np.flatnonzero(np.isfinite(values) & ((values > 0) | (not chart.y.log)))[-1]
        ends.append(float(np.clip(to_share.transform((chart.places[last], values[last]))[1], 0, 1)))
    for curve, y in zip(chart.curves, apart(ends, LINE / (HEIGHT - TOP - BOTTOM)), strict=True):
        axes.annotate(curve.name, (1, y), (8, 0), "axes fraction", textcoords="offset points", va="center",
                      color=palette.color(curve.tensor), fontweight="bold", annotation_clip=False)  # fmt: skip

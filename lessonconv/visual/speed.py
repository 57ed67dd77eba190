"""Pictures of speed: what a machine allows and how near to it one comes, and the way there, step by step."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lessonconv.timing import Machine, Timings, Work
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import GAP, Picture, Sheet, drawing, text_width
from lessonconv.visual.results import apart

WIDTH, HEIGHT, RISE = 640.0, 380.0, 320.0  # pixels of the page: the roof's chart; about how high its axis is in it
LINE = 18.0
BAR, ROW, BARS = 13.0, 22.0, 320.0  # a bar's thickness, a row's, and the longest bar's length
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MARKS = "os^Dv"  # a mark for each intensity


class _Point(NamedTuple):
    """Work that was timed. x: operations for each byte; y: operations a second; roof: what the machine allows there."""

    name: str
    x: float
    y: float
    roof: float

    @property
    def words(self) -> str:
        """Name, and the share of the roof that is reached."""
        return f"{self.name}, {_percent(self.y / self.roof)}"


def roofline(
    machine: Machine, points: Mapping[str, tuple[Work, float]], *, title: str = "How near to the roof"
) -> Picture:
    """What a machine allows, operations a second against operations for each byte, and how much of it work reaches.

    The roof is min(flops, intensity · bandwidth): a slope where memory is what limits, then flat. points: for each name
    the work and the seconds that it took. Raises ValueError if any of these numbers is not positive.
    Source: Williams, Waterman & Patterson 2009.
    """
    found = [_point(machine, name, work, seconds) for name, (work, seconds) in points.items()]
    low = 10.0 ** math.floor(math.log10(min([machine.flops / 1e3, *(point.y for point in found)]) / 1.5))
    xs = [machine.ridge / 60, machine.ridge * 8, *(point.x for point in found)]
    left, right = min(xs) / 1.6, max(xs) * 30  # room for the names at the right
    caption = (
        "Marks: what was measured, and how much of the roof above it that is. Both axes go in powers of ten. Left of "
        "the dashed line arithmetic waits for memory, right of it memory waits for arithmetic."
    )
    with drawing(WIDTH, HEIGHT, title, caption) as sheet:
        (axes,) = sheet.charts(1)
        axes.set(xscale="log", yscale="log", xlim=(left, right), ylim=(low, 4 * machine.flops))
        _draw_roof(axes, machine, left, right, low)
        _draw_points(axes, found, low)
        _ticks(axes)
    return Picture(
        sheet.figure,
        f"{title}: a chart of operations a second against operations for each byte, both in powers of ten. A line "
        f"rises with the speed of memory up to the ridge, and goes on flat at the speed of arithmetic. Marks below it: "
        f"{', '.join(points) or 'none'}.",
        f"The roof: {machine}. Reached of it: {'; '.join(point.words for point in found) or 'nothing yet'}.",
    )


def _point(machine: Machine, name: str, work: Work, seconds: float) -> _Point:
    if min(work.operations, work.bytes, seconds) <= 0:
        raise ValueError(
            f"{name} has {work.operations:g} operations, {work.bytes:g} bytes and {seconds:g} seconds, but all must be "
            f"positive: on a scale of powers of ten 0 has no place"
        )
    return _Point(name, work.intensity, work.operations / seconds, machine.attainable(work.intensity))


def _draw_roof(axes: Axes, machine: Machine, left: float, right: float, low: float) -> None:
    """The roof with its two parts named, and the ridge between them."""
    ridge, top = machine.ridge, machine.flops
    xs, ys = [left, ridge, right], [machine.attainable(left), top, top]
    axes.fill_between(xs, ys, low, facecolor=LIGHT.line, alpha=0.25, linewidth=0)
    axes.plot(xs, ys, color=LIGHT.ink, linewidth=2, solid_joinstyle="round")
    axes.plot([ridge, ridge], [low, top], color=LIGHT.muted, linewidth=1, linestyle=(0, (4, 3)))
    middle = math.sqrt(left * ridge)
    for words, place, shift, ha in (
        (f"arithmetic: {_billion(top)} a second", (ridge, top), (0, 7), "left"),
        (
            f"memory: {_billion(machine.bandwidth)}\nbytes a second",
            (middle, middle * machine.bandwidth),
            (-4, 9),
            "right",
        ),
        (f"ridge: {ridge:.2g} a byte", (ridge, low), (-5, 5), "right"),
    ):
        color = LIGHT.muted if place[1] == low else LIGHT.ink
        axes.annotate(words, place, xytext=shift, textcoords="offset points", color=color, ha=ha, va="bottom")


def _draw_points(axes: Axes, points: list[_Point], low: float) -> None:
    """A mark for each, on a thread from the roof, and names at the right that keep clear of each other."""
    bottom, height = math.log10(low), math.log10(axes.get_ylim()[1]) - math.log10(low)
    for number, x in enumerate(sorted({point.x for point in points})):
        column = [point for point in points if point.x == x]
        axes.plot([x, x], [min(p.y for p in column), column[0].roof], color=LIGHT.x, linewidth=0.8, zorder=2)
        heights = apart([(math.log10(p.y) - bottom) / height for p in column], LINE / RISE)
        for point, at in zip(column, heights, strict=True):
            mark, beside = MARKS[number % len(MARKS)], (1.5 * x, 10 ** (at * height + bottom))
            axes.plot([x, beside[0]], [point.y, beside[1]], color=LIGHT.muted, linewidth=0.6, zorder=2)
            axes.plot([x], [point.y], mark, color=LIGHT.x, markersize=7, markeredgecolor=LIGHT.paper, zorder=3)
            paper = {"facecolor": LIGHT.paper, "edgecolor": "none", "pad": 1, "alpha": 0.8}
            axes.text(*beside, point.words, va="center", bbox=paper, zorder=4)


def _ticks(axes: Axes) -> None:
    """Powers of ten, with a true minus and raised figures."""
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
        axis.set_major_locator(FixedLocator([10.0**power for power in powers]))
        axis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))
    axes.set_xlabel("operations for each byte that travels")
    axes.set_title("operations a second", loc="left")


def _billion(value: float) -> str:
    """Two figures."""
    return f"{float(f'{value / 1e9:.2g}'):,g} billion"


def _power(value: float) -> str:
    return f"10{str(round(math.log10(value))).translate(SUPERSCRIPTS)}"


def _percent(share: float) -> str:
    """Two figures, without powers of ten: "31 %", "0.0008 %"."""
    percent = 100 * share
    places = max(0, 1 - math.floor(math.log10(percent)))
    return f"{percent:.{places if percent < 1 else 0}f} %"


def ladder(races: Mapping[str, Timings], *, title: str = "The whole way") -> Picture:
    """How many times as fast as its first contestant each one is, race by race, on a scale of powers of ten.

    races: at least one, by name, of at least two contestants each. Raises ValueError otherwise.
    """
    if not races or min(len(timings.rounds) for timings in races.values()) < 2:
        raise ValueError("a ladder wants races of at least two contestants; give {'64 images': race({…, …})}")
    gains = {
        race: {name: timings.ratio(next(iter(timings.rounds)), name).median for name in timings.rounds}
        for race, timings in races.items()
    }
    scale = _Scale.of([gain for steps in gains.values() for gain in steps.values()])
    names = max(text_width(name) for steps in gains.values() for name in steps) + GAP
    caption = "Times as fast as the first one; in brackets, as the one above it."
    height = sum((len(steps) + 2) * ROW + GAP for steps in gains.values())
    with drawing(names + BARS + 120, height, title, caption) as sheet:
        axes, top = sheet.canvas(), 0.0
        for race, steps in gains.items():
            sheet.text(0, top, race, fontweight="bold")
            _draw_steps(sheet, axes, steps, scale, names, top + ROW)
            top += (len(steps) + 2) * ROW + GAP
    return Picture(
        sheet.figure,
        f"{title}: a bar for each way to compute the same, as long as it is fast, in powers of ten. "
        + " ".join(f"{race}: {', '.join(steps)}." for race, steps in gains.items()),
        " ".join(
            f"{race}, times as fast as {next(iter(steps))}: "
            + ", ".join(f"{name} {_times(gain)}" for name, gain in list(steps.items())[1:])
            + "."
            for race, steps in gains.items()
        ),
    )


class _Scale(NamedTuple):
    """Gains on a scale of powers of ten: from `least`, 1 or below, so many pixels for each power."""

    least: float
    pixels: float
    powers: range

    @classmethod
    def of(cls, gains: list[float]) -> "_Scale":
        least, most = min(1.0, *gains), max(10.0, *gains)
        powers = range(math.ceil(math.log10(least)), math.floor(math.log10(most)) + 1)
        return cls(least, BARS / math.log10(most / least), powers)

    def at(self, gain: float) -> float:
        """Pixels from the scale's left end."""
        return self.pixels * math.log10(gain / self.least)


def _draw_steps(sheet: Sheet, axes: Axes, steps: Mapping[str, float], scale: _Scale, left: float, top: float) -> None:
    """A bar for each step, from 1 to its gain, before lines at the powers of ten."""
    for power in scale.powers:
        x = left + scale.at(10.0**power)
        axes.plot([x, x], [top + ROW - 4, top + (len(steps) + 1) * ROW - 4], color=LIGHT.line, linewidth=0.8, zorder=0)
        sheet.text(x, top + 2, _times(10.0**power), ha="center", color=LIGHT.muted)
    before = 1.0
    for number, (name, gain) in enumerate(steps.items(), 1):
        y, ends = top + number * ROW, sorted((left + scale.at(1), left + scale.at(gain)))
        sheet.text(left - GAP, y + BAR / 2, name, ha="right", va="center_baseline")
        axes.fill_between([ends[0] - 1, ends[1] + 1], y, y + BAR, facecolor=LIGHT.x, linewidth=0, zorder=2)
        words = _times(gain) + (f" ({_times(gain / before)})" if number > 2 else "")
        paper = {"facecolor": LIGHT.paper, "edgecolor": "none", "pad": 1}
        sheet.text(ends[1] + 7, y + BAR / 2, words, va="center_baseline", bbox=paper)
        before = gain


def _times(value: float) -> str:
    """Two figures and a ×."""
    rounded = float(f"{value:.2g}")
    return f"×{rounded:,.0f}" if rounded >= 10 else f"×{rounded:g}"

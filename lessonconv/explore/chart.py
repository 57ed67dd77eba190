"""What an explorer of curves shows: numbers along an axis, lines through them, and what is said of one place.

A chart knows nothing of what it shows. It goes to the page as plain numbers and sentences with holes for them
(`Chart.message`), where page/curves.mjs draws it; a point moves along a curve there, and nobody is asked. In Python
`Chart.told` says the same, for pictures; a test compares the two.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv.explore.scene import numbers
from lessonconv.explore.stills import words

Array = npt.NDArray[Any]
FIGURES = 9  # of what is sent
HOLE = re.compile(r"\{(\(?)(\w+)\)?\}")


@dataclass(frozen=True)
class Scale:
    """An axis. label: in words or symbols. low, high: its ends. log: each step is a factor of ten."""

    label: str
    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Curve:
    """A line through a series of the chart.

    name: stands at its end. tensor: whose colour it has (`palette.color`); its dashes and marks follow from its place
    among the curves. breaks: values of x after which the line is torn: a jump is no slope.
    """

    series: str
    name: str
    tensor: str
    breaks: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Chart:
    """Everything there is to draw and to say.

    kind: of explorer. title, alt: a caption, and what there is to see in words. x, y: the axes. series: all numbers, by
    name, each as long as the others; NaN and infinities are not drawn. along: the series on the x axis, growing; where
    the point can stand. moves: the setting that the point sets. rides: the series of the curve that it stands on.
    says: sentences, with {name} for the number of a series at the point, {(name)} for the same as a factor, in
    brackets if it is negative. remarks: (low, high, sentence), said only where low ≤ x ≤ high. slope: the series that
    is the slope of the curve with the point, drawn as a tangent. guides: (x, words), upright lines. words: what stands
    in a sentence as it is, a text for each place: {name} again, such as a number with all of its digits.
    """

    kind: str
    title: str
    alt: str
    x: Scale
    y: Scale
    series: Mapping[str, Array]
    along: str
    moves: str
    rides: str
    curves: tuple[Curve, ...]
    says: tuple[str, ...]
    remarks: tuple[tuple[float, float, str], ...] = ()
    slope: str | None = None
    guides: tuple[tuple[float, str], ...] = ()
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {name: len(values) for name, values in self.series.items()}
        lengths |= {name: len(values) for name, values in self.words.items()}
        assert len(set(lengths.values())) == 1, f"series of different lengths: {lengths}"
        assert (np.diff(self.series[self.along]) > 0).all(), f"{self.along} does not grow"

    @property
    def places(self) -> Array:
        """The values of x at which the point can stand."""
        return self.series[self.along]

    def place_of(self, value: float) -> int:
        """The number of the place that is nearest, on the axis."""
        own = np.log10 if self.x.log else np.asarray
        return int(np.abs(own(self.places) - own(value)).argmin())

    def told(self, place: int) -> list[str]:
        """What is said at a place: the sentences with their numbers, then the remarks that hold there."""
        here: dict[str, Any] = {name: float(f"{values[place]:.{FIGURES}g}") for name, values in self.series.items()}
        remarks = [words for low, high, words in self.remarks if low <= here[self.along] <= high]
        texts = {name: values[place] for name, values in self.words.items()}
        return [HOLE.sub(lambda hole: _filled(hole, here | texts), sentence) for sentence in (*self.says, *remarks)]

    def message(self, number: int) -> dict[str, Any]:
        """The chart as plain numbers and words; `number` tells one from the next."""
        curves = [
            {**vars(curve), "breaks": [int(place) for place in self._after(curve.breaks)]} for curve in self.curves
        ]
        return {
            "seq": number,
            "kind": self.kind,
            "title": self.title,
            "alt": self.alt,
            "x": {**vars(self.x), "series": self.along, "moves": self.moves, "rides": self.rides},
            "y": vars(self.y),
            "series": {name: numbers(finite(values), FIGURES) for name, values in self.series.items()},
            "curves": curves,
            "says": self.says,
            "remarks": self.remarks,
            "slope": self.slope,
            "guides": self.guides,
            "words": {name: list(values) for name, values in self.words.items()},
        }

    def _after(self, breaks: tuple[float, ...]) -> Array:
        """For each break the last place that is not behind it."""
        return np.searchsorted(self.places, breaks, side="right") - 1


def finite(values: Array) -> Array:
    """The values, with NaN for what is infinite."""
    return np.where(np.isfinite(values), values, np.nan)


def ten_to(power: int) -> str:
    """10 to a power, as it is written."""
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def told(value: float) -> str:
    """A number in a sentence: very small and very large ones with a power of ten."""
    if not np.isfinite(value):
        return "undefined"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return words.number(value)
    digits, power = f"{Context(prec=3, rounding=ROUND_HALF_UP).create_decimal_from_float(value):.2e}".split("e")
    front = words.number(float(digits))
    return (front.replace("1", "") if abs(float(digits)) == 1 else f"{front}·") + ten_to(int(power))


def _filled(hole: re.Match[str], values: Mapping[str, float | str]) -> str:
    value = values[hole[2]]
    if isinstance(value, str):
        return value
    return f"({told(value)})" if hole[1] and value < 0 else told(value)

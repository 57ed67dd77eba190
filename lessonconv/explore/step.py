"""A derivative by trying, under the hand: how far off it is, for every step h, and why."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lessonconv.explore.chart import Chart, Curve, Scale, ten_to
from lessonconv.explore.curves import CurveExplorer, with_place
from lessonconv.explore.settings import picked
from lessonconv.explore.traits import Choice, Number
from lessonconv.functional import conv2d

Array = npt.NDArray[Any]
LEAST, PER_DECADE = 1e-18, 6  # h: from here up to 1
LOW, HIGH = 1e-17, 10.0  # of the vertical axis
DIGITS = {"float64": 17, "float32": 9}  # with which a number is written so that no other is


class Function(NamedTuple):
    """A function of one number, at one place. name: as the page offers it, symbol: as a title has it.

    value: f, of real and of complex numbers. derivatives: f, f′, f″ and f‴ at x. kink: how far away one is; 0 is none.
    """

    name: str
    symbol: str
    x: float
    value: Callable[[Any], Any]
    derivatives: tuple[float, float, float, float]
    kink: float = 0.0


def _relu(x: Any) -> Any:
    """max(x, 0); of a complex number, by its real part."""
    return np.where(np.real(x) > 0, x, 0 * x)


def _layer() -> Function:
    """Σ r · tanh(z), z a small convolution's outputs, as a function of the tap in the middle of its kernel."""
    numbers = np.random.default_rng(5)
    image, kernel = numbers.integers(0, 10, (1, 1, 9, 9)) / 8, numbers.integers(-4, 5, (1, 1, 3, 3)) / 8
    r = numbers.integers(-4, 5, (1, 1, 4, 4)) / 4
    tap, at = np.zeros((1, 1, 3, 3)), float(kernel[0, 0, 1, 1])
    tap[0, 0, 1, 1] = 1
    rest, met = conv2d(image, kernel - at * tap, stride=2), conv2d(image, tap, stride=2)  # z = rest + weight · met

    def loss(weight: Any) -> Any:
        own = np.real(np.asarray(weight)).dtype
        z = rest.astype(own) + np.asarray(weight)[..., None, None, None, None] * met.astype(own)
        return (r.astype(own) * np.tanh(z)).sum(axis=(-4, -3, -2, -1))

    a = np.tanh(rest + at * met)
    slope = 1 - a**2
    terms = (a, slope * met, -2 * a * slope * met**2, slope * (6 * a**2 - 2) * met**3)
    f, first, second, third = (float((r * term).sum()) for term in terms)
    return Function("a small convolution layer", "Loss of a layer, by one weight", at, loss, (f, first, second, third))


FUNCTIONS = {
    "exp": Function("eˣ at x = 1", "eˣ", 1.0, np.exp, (np.e,) * 4),
    "sin": Function("sin x at x = 1", "sin x", 1.0, np.sin, (np.sin(1), np.cos(1), -np.sin(1), -np.cos(1))),
    "relu": Function("ReLU at x = 0.001", "ReLU near its kink", 1e-3, _relu, (1e-3, 1.0, 0.0, 0.0), kink=1e-3),
    "layer": _layer(),
}
SCHEMES = {"central": "central difference", "forward": "forward difference", "complex": "complex step"}
PRECISIONS = ("float64", "float32")


class StepExplorer(CurveExplorer):
    """The error of a finite difference against its step h, with an h that can be dragged.

    central: (f(x + h) − f(x − h)) / 2h;  forward: (f(x + h) − f(x)) / h;  complex: the imaginary part of f(x + ih) / h

    function: "exp", "sin", "relu" (near its kink) or "layer" (a loss, by one weight of a convolution). scheme: as
    above. precision: "float64" or "float32", in which f is worked out. h: from 10⁻¹⁸ to 1. All of these are traits.
    found, true and error are what follows from them: the quotient, the derivative, and how far apart these are as a
    share of the derivative.
    """

    SETTINGS = ("function", "scheme", "precision", "h")

    function = Choice(*FUNCTIONS)
    scheme = Choice(*SCHEMES)
    precision = Choice(*PRECISIONS)
    h = Number(1e-2, LEAST, 1.0)

    @property
    def found(self) -> float:
        """What the quotient gives."""
        return float(self._chart.series["found"][self._place])

    @property
    def true(self) -> float:
        """The derivative."""
        return FUNCTIONS[self.function].derivatives[1]

    @property
    def error(self) -> float:
        """|found − true| / |true|."""
        return abs(self.found - self.true) / abs(self.true)

    def _controls(self) -> list[dict[str, Any]]:
        return [
            picked("function", "function", more=False, **{key: shown.name for key, shown in FUNCTIONS.items()}),
            picked("scheme", "how", more=False, **SCHEMES),
            picked("precision", "numbers", more=False, **{name: name for name in PRECISIONS}),
        ]

    def _draw(self) -> Chart:
        shown = FUNCTIONS[self.function]
        h = with_place(places(), self.h)
        one, other, found = quotient(shown, self.scheme, self.precision, h)
        error = np.abs(found - self.true) / abs(self.true)
        bend, rounding = arms(shown, self.scheme, self.precision, h)
        title = f"{shown.symbol}, {SCHEMES[self.scheme]}, {self.precision}: how far off is the quotient?"
        curves = [
            Curve("error", "error", "x"),
            Curve("bend", "the curve bends", "w"),
            Curve("rounding", "digits run out", "z"),
        ]
        return Chart(
            kind="step",
            title=title,
            alt=f"Curves over the step h from 10⁻¹⁸ to 1, on scales of powers of ten: for {shown.symbol}, the relative "
            f"error of the {SCHEMES[self.scheme]} in {self.precision}, and what bending and rounding would make of it.",
            x=Scale("step h", LEAST, 1.0, log=True),
            y=Scale("relative error", LOW, HIGH, log=True),
            series={
                "h": h,
                "error": np.clip(error, LOW, HIGH),
                "bend": np.where(bend >= LOW, bend, np.nan),
                "rounding": rounding,
                "found": found,
                "off": error,
            },
            along="h",
            moves="h",
            rides="error",
            curves=tuple(curve for curve in curves if curve.series != "bend" or (bend >= LOW).any()),
            says=_says(self.scheme, _written(np.array([self.true]), self.precision)[0]),
            remarks=_remarks(shown, self.scheme, self.precision),
            guides=_guides(shown, self.scheme, self.precision),
            words={
                "one": _written(one, self.precision),
                "other": _written(other, self.precision),
                "quotient": _written(found, self.precision),
                "digits": _digits(error),
            },
        )


def places() -> Array:
    """Steps from LEAST to 1, even on a scale of powers of ten, of four figures each: so they survive any message."""
    count = round(-np.log10(LEAST)) * PER_DECADE
    return np.array([float(f"{10 ** (-number / PER_DECADE):.4g}") for number in range(count, -1, -1)])


def quotient(shown: Function, scheme: str, precision: str, h: Array) -> tuple[Array, Array, Array]:
    """The two numbers that a scheme takes the difference of, and its quotient, worked out in this precision.

    The complex step has no difference: its two numbers are the real and the imaginary part of f(x + ih).
    """
    x, h = np.asarray(shown.x, precision), h.astype(precision)
    if scheme == "complex":
        value = shown.value(x + 1j * h)
        return np.real(value), np.imag(value), (np.imag(value) / h).astype(float)
    one, other = (shown.value(np.asarray(x + shift, precision)) for shift in (h, -h if scheme == "central" else 0 * h))
    return one, other, ((one - other) / ((2 if scheme == "central" else 1) * h)).astype(float)


def arms(shown: Function, scheme: str, precision: str, h: Array) -> tuple[Array, Array]:
    """The error of the formula (the curve bends) and the largest one of rounding, both as a share of the derivative."""
    f, slope, second, third = (abs(value) for value in shown.derivatives)
    eps = float(np.finfo(precision).eps)
    if scheme == "forward":
        return second * h / 2 / slope, eps * f / h / slope
    bend = third * h**2 / 6 / slope
    return bend, eps * f / (2 * h) / slope if scheme == "central" else np.full(h.shape, eps)


def _guides(shown: Function, scheme: str, precision: str) -> tuple[tuple[float, str], ...]:
    """Where the best step is to be looked for, and where the kink is."""
    eps = float(np.finfo(precision).eps)
    best = {"central": ((eps ** (1 / 3), "∛ε"),), "forward": ((eps**0.5, "√ε"),), "complex": ()}[scheme]
    return ((shown.kink, "kink"),) if shown.kink else best


def _says(scheme: str, slope: str) -> tuple[str, ...]:
    """The sentences, with holes for the numbers."""
    last = f"The derivative is {slope}: {{digits}}, relative error {{off}}."
    return {
        "central": (
            "With h = {h}: f(x + h) = {one} and f(x − h) = {other}.",
            "Their difference, divided by 2h, is {quotient}.",
            last,
        ),
        "forward": (
            "With h = {h}: f(x + h) = {one} and f(x) = {other}.",
            "Their difference, divided by h, is {quotient}.",
            last,
        ),
        "complex": (
            "With h = {h}: f(x + ih) has the real part {one} and the imaginary part {other}.",
            "The imaginary part, divided by h, is {quotient}. Nothing was subtracted.",
            last,
        ),
    }[scheme]


def _remarks(shown: Function, scheme: str, precision: str) -> tuple[tuple[float, float, str], ...]:
    """What holds for some steps only."""
    if scheme == "complex":
        return ((LEAST, 1e-9, "However small h is, no digit is lost."),)
    half = float(np.finfo(precision).eps) * abs(shown.x) / 4
    vanishes = (LEAST, half, "x + h is x itself: the nudge is smaller than half a mark of the ruler.")
    behind = (1.0001 * shown.kink, 1.0, "x − h lies behind the kink, where the slope is 0.")
    return (vanishes, behind) if shown.kink and scheme == "central" else (vanishes,)


def _written(values: Array, precision: str) -> list[str]:
    """Each number with all digits that its precision has."""
    return [_number(f"{value:.{DIGITS[precision]}g}") for value in np.asarray(values, precision) + 0.0]  # no −0


def _number(text: str) -> str:
    digits, _, power = text.replace("-", "−", text.startswith("-")).partition("e")
    return f"{digits}·{ten_to(int(power))}" if power else digits


def _digits(error: Array) -> list[str]:
    """How many digits agree, in words."""
    counts = [16 if share == 0 else int(np.clip(np.floor(-np.log10(share)), 0, 16)) for share in error]
    return [{0: "no digit agrees", 1: "1 digit agrees"}.get(count, f"{count} digits agree") for count in counts]

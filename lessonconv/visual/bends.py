"""Activations and their slopes, gradients that fade on the way back, a loss that falls, and who moves whom."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from lessonconv import functional as F
from lessonconv.visual import palette
from lessonconv.visual.cells import show_signed
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, count_of, drawing, text_width
from lessonconv.visual.results import MARKERS, apart

Array = npt.NDArray[Any]

# Pixels of the page
PLATE, PLATE_HEIGHT, CHART, LINE = 148.0, 190.0, (560.0, 270.0), 17.0
CELL, APART, BAR = 52.0, 56.0, 240.0
REACH = 4.0  # of z, to either side
SHOWN = {  # each activation's name on a plate
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "arctan": "arctan",
}
LARGEST = 8  # rows of a table of slopes, or classes


def activations() -> Picture:
    """The five activations of `functional`, each with its slope, on scales that are all the same."""
    z = np.linspace(-REACH, REACH, 401)
    caption = "Solid: a = g(z). Dashed: its slope g′(z). The leak of leaky ReLU is drawn as 0.1; usual is 0.01."
    with drawing(len(SHOWN) * PLATE, PLATE_HEIGHT, "Five activations, and how steep they are", caption) as sheet:
        for number, (name, title) in enumerate(SHOWN.items()):
            axes = sheet.axes(number * PLATE + 22, 20, PLATE - 34, PLATE_HEIGHT - 42)
            _draw_plate(axes, z, *_curve(name, z))
            axes.set_title(title, loc="left", fontweight="bold", pad=8)
    return Picture(
        sheet.figure,
        "Five small charts beside each other, one for each activation, with the curve a = g(z) and, dashed, its slope: "
        f"{', '.join(SHOWN.values())}.",
        "ReLU's slope is 0 or 1; the sigmoid's is never more than 0.25; those of tanh and arctan are 1 at z = 0 and "
        "fall on both sides.",
    )


def _curve(name: str, z: Array) -> tuple[Array, Array]:
    """g and g′; where g has a kink, a gap in g′."""
    more: tuple[float, ...] = (0.1,) if name == "leaky_relu" else ()
    g, slope = getattr(F, name), getattr(F, f"{name}_backward")
    slopes = slope(np.ones_like(z), z, *more)
    return g(z, *more), np.where((z == 0) & name.endswith("relu"), np.nan, slopes)


def _draw_plate(axes: Axes, z: Array, a: Array, slopes: Array) -> None:
    axes.set_axis_on()
    axes.set(xlim=(-REACH, REACH), ylim=(-1.7, 2.3))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.axhline(0, color=LIGHT.muted, linewidth=0.8)
    axes.axvline(0, color=LIGHT.muted, linewidth=0.8)
    axes.grid(color=LIGHT.line, linewidth=0.6)
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(FixedLocator([-4, 0, 4]))
    axes.yaxis.set_major_locator(FixedLocator([-1, 0, 1, 2]))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    axes.plot(z, a, color=palette.color("a"), linewidth=2.2)
    axes.plot(z, slopes, color=palette.color("z"), linewidth=1.9, dashes=(4, 2))


def fading(sizes: Mapping[str, Sequence[float]], *, title: str = "What is left of a gradient") -> Picture:
    """The size of a gradient against the layers that it has passed on its way back, on a scale of powers of ten.

    sizes: by name, up to five; one number for each number of layers passed, from 0 on. Raises ValueError otherwise.
    """
    if not 1 <= len(sizes) <= len(palette.TENSORS) or len({len(values) for values in sizes.values()}) != 1:
        raise ValueError(f"there are {len(sizes)} lines, but a picture shows 1 to 5, all of the same length")
    _must_be_positive({name: np.asarray(values, float) for name, values in sizes.items()})
    passed = range(len(next(iter(sizes.values()))))
    room = max(text_width(f"{name} 0.00001", bold=True) for name in sizes) + 30
    with drawing(CHART[0] + room, CHART[1], title, "") as sheet:
        axes = sheet.axes(52, 22, CHART[0] - 52, CHART[1] - 66)
        low, high = _decades(np.array(list(sizes.values())))
        _powers(axes, low, high)
        axes.set(xlim=(0, len(passed) - 1), xlabel="layers passed on the way back")
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        sheet.text(0, 0, "size of ∂L/∂z, as a share of the last layer's", color=LIGHT.muted)
        ends = []
        for number, values in enumerate(sizes.values()):
            color = palette.color(palette.TENSORS[number])
            axes.plot(passed, values, color=color, linewidth=1.9, marker=MARKERS[number], markersize=5, clip_on=False)
            ends.append(float(np.log10(values[-1] / low) / np.log10(high / low)))
        for number, (name, y) in enumerate(zip(sizes, apart(ends, LINE / (CHART[1] - 66)), strict=True)):
            words = f"{name}: {_short(sizes[name][-1])}"
            axes.annotate(words, (1, y), (10, 0), "axes fraction", textcoords="offset points", va="center",
                          color=palette.color(palette.TENSORS[number]), fontweight="bold",
                          annotation_clip=False)  # fmt: skip
    ends_in_words = "; ".join(f"{name}: {_short(values[-1])}" for name, values in sizes.items())
    return Picture(
        sheet.figure,
        f"{title}: for {', '.join(sizes)}, its size against the number of layers passed, up to {len(passed) - 1}, on "
        "a scale of powers of ten.",
        f"Of 1 are left after {count_of(len(passed) - 1, 'layer')}: {ends_in_words}.",
    )


def descent(losses: Sequence[float], *, title: str = "The loss falls") -> Picture:
    """A loss, step by step, on a scale of powers of ten. Raises ValueError unless all are positive, two or more."""
    values = np.asarray(losses, float)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"losses have shape {values.shape}, but must be (steps,), two or more")
    _must_be_positive({"losses": values})
    low, high = _decades(values)
    with drawing(CHART[0] + 60, CHART[1], title, "") as sheet:
        axes = sheet.axes(52, 22, CHART[0] - 52, CHART[1] - 66)
        _powers(axes, low, high)
        axes.set(xlim=(0, values.size - 1), xlabel="steps")
        axes.plot(values, color=LIGHT.ink, linewidth=1.9, clip_on=False)
        axes.plot([0, values.size - 1], values[[0, -1]], "o", color=LIGHT.ink, markersize=5, clip_on=False)
        sheet.text(0, 0, "loss", color=LIGHT.muted)
        for step, offset in ((0, (9, 2)), (-1, (9, 0))):
            place = (range(values.size)[step], values[step])
            axes.annotate(_short(values[step]), place, offset, textcoords="offset points", va="center",
                          fontweight="bold", annotation_clip=False)  # fmt: skip
    steps = count_of(values.size - 1, "step")
    return Picture(sheet.figure, f"{title}: a line, the loss over {steps}, on a scale of powers of ten.",
                   f"From {_short(values[0])} to {_short(values[-1])}.")  # fmt: skip


def slopes(tables: Mapping[str, Any], *, title: str = "Who moves whom") -> Picture:
    """Tables of ∂a/∂z beside each other: a row for each output, a column for each input, empty where it is 0.

    tables: by name, (K, K) with K up to 8. Raises ValueError for other shapes.
    """
    arrays = {name: np.asarray(values, float) for name, values in tables.items()}
    for name, values in arrays.items():
        if values.ndim != 2 or values.shape[0] != values.shape[1] or not 1 <= len(values) <= LARGEST:
            raise ValueError(f"{name!r} has shape {values.shape}; give a square table of up to {LARGEST} rows")
    limit = max(float(np.abs(values).max()) for values in arrays.values()) or 1.0
    widths = [max(len(values) * CELL, text_width(name, bold=True)) for name, values in arrays.items()]
    height = 2 * LINE + 8 + max(len(values) for values in arrays.values()) * CELL
    caption = "A row for each output, a column for each input. Without a number: exactly 0, these two never meet."
    with drawing(sum(widths) + APART * len(widths) - APART + 34, height, title, caption) as sheet:
        left = 34.0
        for (name, values), width in zip(arrays.items(), widths, strict=True):
            side = len(values) * CELL
            sheet.text(left, 0, name, fontweight="bold")
            axes = sheet.axes(left, 2 * LINE + 8, side, side)
            show_signed(axes, values, limit, numbered=False)
            for mark in list(axes.texts):
                mark.remove()
            for (row, column), value in np.ndenumerate(values):
                if value:
                    ground = palette.mix(LIGHT.paper, LIGHT.positive if value > 0 else LIGHT.negative,
                                         abs(value) / limit)  # fmt: skip
                    words = f"{value:.{2 if abs(value) >= 0.005 else 3}f}".replace("-", "−")
                    axes.text(column + 0.5, row + 0.5, words, ha="center", va="center_baseline",
                              color=palette.ink(ground))  # fmt: skip
            for k in range(len(values)):
                middle = (k + 0.5) * CELL
                sheet.text(left + middle, LINE + 4, f"z{_below(k)}", ha="center", color=palette.color("z"))
                sheet.text(left - 10, 2 * LINE + 8 + middle, f"a{_below(k)}", ha="right", va="center_baseline",
                           color=palette.color("a"))  # fmt: skip
            left += width + APART
    counts = "; ".join(f"{name}: {np.count_nonzero(values)} of {values.size}" for name, values in arrays.items())
    return Picture(
        sheet.figure,
        f"{title}: {count_of(len(arrays), 'table')} of slopes, outputs by inputs: {', '.join(arrays)}.",
        f"Cells that are not 0: {counts}.",
    )


def odds(logits: Any, label: int, *, title: str = "From logits to a gradient") -> Picture:
    """One image's logits, what softmax makes of them, and what comes back: p − y, as bars, class by class.

    logits: (K,), up to 8 classes; label: the true one. Raises ValueError if they do not fit.
    """
    z = np.asarray(logits, float)
    if z.ndim != 1 or not 2 <= z.size <= LARGEST or not 0 <= label < z.size:
        raise ValueError(f"logits have shape {z.shape} and the label is {label}; give 2 to {LARGEST} logits, and one")
    p = np.exp(z - z.max())
    p /= p.sum()
    back = p - np.eye(z.size)[label]
    caption = f"Hatched: the true class, {label}. In the last chart its bar points down, all others point up."
    with drawing(3 * BAR + 40, 200, title, caption) as sheet:
        for number, (name, values, tensor, reach) in enumerate(
            (
                ("logits z", z, "z", float(np.abs(z).max()) or 1.0),
                ("p = softmax(z)", p, "a", 1),
                ("p − y", back, "z", 1),
            )
        ):
            axes = sheet.axes(number * (BAR + 20), 26, BAR, 146)
            _bars(axes, values, label, palette.color(tensor), reach)
            sheet.text(number * (BAR + 20), 0, name, fontweight="bold")
    return Picture(
        sheet.figure,
        f"{title}: three charts with a bar for each of {count_of(z.size, 'class').replace('classs', 'classes')}: the "
        f"logits, their softmax p, and p − y. Class {label} is true.",
        f"p is {', '.join(f'{value:.2f}' for value in p)}; p − y adds up to 0.",
    )


def _bars(axes: Axes, values: Array, label: int, color: str, reach: float) -> None:
    """Upright bars with their numbers, up and down as far as reach; the true class is hatched."""
    axes.set(xlim=(-0.6, len(values) - 0.4), ylim=(-1.25 * reach, 1.25 * reach))
    for k, value in enumerate(values):
        true: dict[str, Any] = {"hatch": "////", "edgecolor": LIGHT.paper} if k == label else {"edgecolor": "none"}
        axes.bar(k, value, 0.72, facecolor=color, linewidth=0, **true)
        up = value >= 0
        axes.annotate(f"{value:.2f}".replace("-", "−"), (k, value), (0, 3 if up else -3), ha="center",
                      textcoords="offset points", va="bottom" if up else "top")  # fmt: skip
        axes.annotate(str(k), (k, 0), (0, -3 if up else 3), ha="center", textcoords="offset points",
                      va="top" if up else "bottom", color=LIGHT.muted, fontweight="bold" if k == label else "normal",
                      )  # fmt: skip
    axes.axhline(0, color=LIGHT.muted, linewidth=0.8)


def _decades(values: Array) -> tuple[float, float]:
    """The powers of ten around all values, at least one apart."""
    low, high = np.floor(np.log10(values.min())), np.ceil(np.log10(values.max()))
    return float(10.0 ** (low - (low == high))), float(10.0**high)


def _powers(axes: Axes, low: float, high: float) -> None:
    """An upright scale of powers of ten, few of them named."""
    axes.set_axis_on()
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    first, last = round(np.log10(low)), round(np.log10(high))
    step = -(-(last - first) // 6) or 1
    axes.yaxis.set_major_locator(FixedLocator([10.0**power for power in range(first, last + 1, step)]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))
    axes.grid(axis="y", color=LIGHT.line, linewidth=0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0, pad=7)


def _power(value: float) -> str:
    return "10" + str(round(np.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _short(value: float) -> str:
    """A number with two figures; small ones with a power of ten."""
    if value >= 0.01:
        return f"{value:.2g}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}·{_power(10.0 ** int(power))}"


def _below(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _must_be_positive(arrays: Mapping[str, Array]) -> None:
    for name, values in arrays.items():
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"{name} hold a NaN, an infinity or a number that is not positive: it has no power of ten")

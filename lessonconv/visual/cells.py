"""Pictures of arrays, cell by cell: digits, kernels, feature maps, and where the network looked."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, to_hex
from matplotlib.patches import Rectangle

from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width

Array = npt.NDArray[Any]

# Pixels of the page
WIDTH = 750  # most for a grid that is not asked for a number of columns
DIGIT, HEAT, GAP, LINE = 84, 128, 16, 16
BAR_WIDTH, BAR_HEIGHT, BAR_GAP = 12, 150, 24  # a colour bar, at most as high, and how far from what it belongs to


class _Grid:
    """Panels in rows of about the same length, with room for words above each.

    count: of the panels. columns: at most. words: the height of the words above. width, height: of a panel.
    """

    def __init__(
        self, count: int, columns: int, words: float, width: float = DIGIT, height: float = DIGIT, apart: float = GAP
    ) -> None:
        if columns < 1:
            raise ValueError(f"columns is {columns}, but a grid has at least 1")
        rows = -(-count // columns)
        self.count, self.columns, self.words = count, -(-count // rows) if rows else 1, words
        self.step = width + apart, height + words + GAP
        self.width, self.height = self.columns * self.step[0] - apart, max(0, rows * self.step[1] - GAP)

    def places(self) -> Iterator[tuple[float, float]]:
        """Each panel's left and top, row by row."""
        for number in range(self.count):
            row, column = divmod(number, self.columns)
            yield column * self.step[0], row * self.step[1] + self.words


def images(x: Any, titles: Sequence[Any] | None = None, *, columns: int = 8, title: str = "Digits") -> Picture:
    """Images side by side, brightness 0 as paper, the brightest as ink.

    x: (N, 1, H, W) or (N, H, W). titles: N words, one above each image. Raises ValueError if these do not fit.
    """
    x = _images(x)
    titles = _as_many("titles", titles, len(x))
    grid = _Grid(len(x), columns, LINE if titles else 0)
    with drawing(grid.width, grid.height, title) as sheet:
        for number, (left, top) in enumerate(grid.places()):
            _show_digit(sheet.axes(left, top, DIGIT, DIGIT), x[number])
            if titles:
                sheet.text(left + DIGIT / 2, top - LINE, str(titles[number]), ha="center")
    H, W = x.shape[1:]
    words = f", titled {', '.join(map(str, titles))}" if titles else ""
    return Picture(sheet.figure, f"{title}: {count_of(len(x), 'image')} of {H}×{W} pixels{words}.")


def mistakes(x: Any, labels: Any, predictions: Any, probabilities: Any, *, columns: int = 6, most: int = 18) -> Picture:
    """The images that were read wrong, the surest mistakes first, each with what was read and what it is.

    x: (N, 1, H, W) or (N, H, W), the right ones among them. labels, predictions: (N,). probabilities: (N, classes).
    Raises ValueError if these do not fit together.
    """
    x, probabilities = _images(x), np.asarray(probabilities)
    labels, predictions = (_labels(name, y, len(x)) for name, y in (("labels", labels), ("predictions", predictions)))
    classes = 1 + max(labels.max(), predictions.max())
    if probabilities.ndim != 2 or len(probabilities) != len(x) or probabilities.shape[1] < classes:
        raise ValueError(
            f"probabilities has shape {probabilities.shape}, but must be ({len(x)}, {classes}) or wider: a row for "
            f"each image, a column for each class; take the softmax of the logits"
        )
    wrong = np.flatnonzero(labels != predictions)
    sureness = probabilities[wrong, predictions[wrong]]
    shown = wrong[np.argsort(-sureness, kind="stable")][:most]
    title = "The digits it reads wrong" if len(shown) else "It reads every digit right"
    caption = f"{len(wrong):,} of {len(x):,} are read wrong" + (
        f"; here are the {len(shown)} that it was surest of." if len(shown) < len(wrong) else "."
    )
    grid = _Grid(len(shown), columns, 2 * LINE + 4, 118)
    with drawing(grid.width, grid.height, title, caption) as sheet:
        for image, (left, top) in zip(shown, grid.places(), strict=True):
            _show_digit(sheet.axes(left, top, DIGIT, DIGIT), x[image])
            read, true = predictions[image], labels[image]
            words = f"read as {read}", f"is {true}"
            for line, (word, share) in enumerate(zip(words, probabilities[image, [read, true]], strict=True)):
                style = {"color": LIGHT.muted} if line else {"fontweight": "bold"}
                sheet.text(left, top + (line - 2) * LINE - 4, f"{word} ({share:.0%})", **style)
    return Picture(
        sheet.figure,
        "The digits that the network reads wrong, the surest mistakes first, each with what it read, what it is, and "
        "the probability given to either.",
        caption,
    )


def kernels(w: Any, before: Any = None, *, title: str | None = None) -> Picture:
    """Kernels as signed cells, all on one scale; beside each, if given, the one it was before training.

    w, before: (F, C, K_h, K_w), drawn filter by filter, channel by channel; up to 12 kernels of at most 3×3 show their
    numbers, others a minus where they are negative. Raises ValueError for other shapes, or if the two differ.
    """
    w = _finite("w", w, "F, C, K_h, K_w")
    sides = [w] if before is None else [_finite("before", before, "F, C, K_h, K_w"), w]
    if sides[0].shape != w.shape:
        raise ValueError(f"before has shape {sides[0].shape}, but w has {w.shape}; give the same layer's kernels")
    F, C, K_h, K_w = w.shape
    limit, numbered = max(map(_limit, sides)), F * C <= 12 and max(K_h, K_w) <= 3
    title = title or ("Kernels" if before is None else "Kernels before and after training")
    cell, apart = (44 if numbered else 18), 26
    names = [f"filter {f}" + (f", channel {c}" if C > 1 else "") for f, c in np.ndindex(F, C)]
    width, height = len(sides) * (K_w * cell + apart) - apart, K_h * cell
    panel = max(width, *map(text_width, names))
    grid = _Grid(F * C, max(1, int(WIDTH // (panel + 2 * GAP))), LINE + 2, panel, height, 2 * GAP)
    caption = ("" if before is None else "Left: before. Right: after.") + ("" if numbered else " −: negative.")
    with drawing(grid.width + _bar_room(-limit, limit), grid.height, title, caption) as sheet:
        for name, (f, c), (left, top) in zip(names, np.ndindex(F, C), grid.places(), strict=True):
            sheet.text(left, top - LINE - 2, name, color=LIGHT.muted)
            for side, values in enumerate(sides):
                axes = sheet.axes(left + side * (K_w * cell + apart), top, K_w * cell, height)
                show_signed(axes, values[f, c], limit, numbered)
            if before is not None:
                sheet.text(left + width / 2, top + height / 2, "→", ha="center", va="center", fontsize=12)
        _bar(sheet, grid.width, palette.diverging(), -limit, limit)
    return Picture(sheet.figure, f"{title}: {count_of(F * C, 'kernel')} of {K_h}×{K_w} signed cells, all on one scale.")


def feature_maps(a: Any, title: str = "Feature maps", *, x: Any = None, columns: int = 8) -> Picture:
    """The channels of one image's activations side by side, all on one scale; at the left, if given, the image.

    a: (C, H, W), without the batch. x: (1, H, W) or (H, W). Raises ValueError for other shapes.
    """
    a = _finite("a", a, "C, H, W")
    C, H, W = a.shape
    colors, least, limit = _scale(a)
    image = None if x is None else _image(x)
    start = 0.0 if image is None else DIGIT + 2.5 * GAP
    grid = _Grid(C, columns if image is None else columns - 1, LINE)
    with drawing(start + grid.width + _bar_room(least, limit), grid.height, title) as sheet:
        if image is not None:
            sheet.text(DIGIT / 2, 0, "input", ha="center", color=LIGHT.muted)
            _show_digit(sheet.axes(0, LINE, DIGIT, DIGIT), image)
        for channel, (left, top) in enumerate(grid.places()):
            sheet.text(start + left + DIGIT / 2, top - LINE, f"channel {channel}", ha="center", color=LIGHT.muted)
            _show(sheet.axes(start + left, top, DIGIT, DIGIT), a[channel], colors, least, limit)
        _bar(sheet, start + grid.width, colors, least, limit)
    beside = "" if image is None else ", beside the input"
    return Picture(sheet.figure, f"{title}: {count_of(C, 'map')} of {H}×{W} cells, all on one scale{beside}.")


def heat(
    x: Any,
    cam: Any,
    titles: Sequence[Any] | None = None,
    *,
    columns: int = 5,
    title: str = "Where the network looked",
) -> Picture:
    """Images under their Grad-CAM heat, each from 0 (no part in its answer) to 1 (the greatest part).

    x: (N, 1, H, W) or (N, H, W). cam: (N, h, w), not negative, of any size: it is stretched over the image. titles: N
    words, one above each. Raises ValueError if these do not fit together, or hold a NaN or a negative heat.
    """
    x, cam = _images(x), _finite("cam", cam, "N, h, w")
    titles = _as_many("titles", titles, len(x))
    if len(cam) != len(x):
        raise ValueError(f"cam has {len(cam)} heat maps for {len(x)} images; give one for each image")
    if (cam < 0).any():
        raise ValueError(f"cam goes down to {cam.min():.3g}, but heat starts at 0; Grad-CAM ends in a ReLU")
    grid = _Grid(len(x), columns, LINE if titles else 0, HEAT, HEAT)
    caption = "Warm cells spoke for the answer. The line: half of the greatest heat."
    with drawing(grid.width + _bar_room(0, 1), grid.height, title, caption) as sheet:
        for number, (left, top) in enumerate(grid.places()):
            _show_heat(sheet.axes(left, top, HEAT, HEAT), x[number], cam[number])
            if titles:
                sheet.text(left + HEAT / 2, top - LINE, str(titles[number]), ha="center")
        _bar(sheet, grid.width, palette.heat(), 0, 1, 1 / 0.75)
    words = f", titled {', '.join(map(str, titles))}" if titles else ""
    H, W = x.shape[1:]
    return Picture(sheet.figure, f"{title}: {count_of(len(x), 'image')} of {H}×{W} pixels under heat maps{words}.")


def _show_heat(axes: Axes, image: Array, cam: Array) -> None:
    """The heat as colour, with a line at half of it, and the image's ink over both."""
    H, W = image.shape
    fine = _stretch(cam / (cam.max() or 1), 8 * H, 8 * W)
    over: dict[str, Any] = {"extent": (-0.5, W - 0.5, H - 0.5, -0.5)}
    axes.imshow(fine, palette.heat(), vmin=0, vmax=1 / 0.75, **over)
    if cam.any():
        axes.contour(fine, [0.5], colors=[LIGHT.ink], linewidths=1, extent=(-0.5, W - 0.5, -0.5, H - 0.5))
    axes.imshow(np.ones((H, W)), palette.images(), vmin=0, vmax=1, alpha=_brightness(image), **over)
    _frame(axes)


def _images(x: Any) -> Array:
    """x as (N, H, W). Raises ValueError unless it holds finite images of one channel."""
    x = np.asarray(x)
    if x.ndim == 4 and x.shape[1] == 1:
        x = x[:, 0]
    if x.ndim != 3 or not x.size:
        raise ValueError(
            f"x has shape {x.shape}, but must be (N, 1, H, W) or (N, H, W); one image x goes in as x[None]"
        )
    return _finite("x", x, "N, H, W")


def _image(x: Any) -> Array:
    """x as (H, W). Raises ValueError unless it is a finite image of one channel."""
    x = np.asarray(x)
    if x.ndim not in (2, 3) or (x.ndim == 3 and len(x) != 1):
        raise ValueError(f"x has shape {x.shape}, but must be one image, (1, H, W) or (H, W); take x[0] from a batch")
    return _finite("x", x.reshape(x.shape[-2:]), "H, W")


def _finite(name: str, value: Any, layout: str) -> Array:
    """The argument as an array of real numbers with these axes. Raises ValueError if it is not, or holds a NaN."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" or array.ndim != len(layout.split(", ")) or not array.size:
        raise ValueError(f"{name} has shape {array.shape} and dtype {array.dtype}, but must hold numbers, ({layout})")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a NaN or an infinity, which has no colour; look where it came from")
    return array


def _labels(name: str, value: Any, count: int) -> npt.NDArray[np.intp]:
    """The argument as class numbers, one for each image. Raises ValueError."""
    array = np.asarray(value)
    if array.shape != (count,) or array.dtype.kind not in "iu" or (array < 0).any():
        raise ValueError(
            f"{name} has shape {array.shape} and dtype {array.dtype}, but must hold {count} class numbers from 0, one "
            f"for each image; logits become class numbers with logits.argmax(axis=1)"
        )
    return array.astype(np.intp)


def _as_many(name: str, words: Sequence[Any] | None, count: int) -> list[Any]:
    words = [] if words is None else list(words)
    if words and len(words) != count:
        raise ValueError(f"there are {len(words)} {name} for {count_of(count, 'image')}; give one for each")
    return words


def _limit(values: Array) -> float:
    """The end of a scale that holds all values: the greatest distance from 0."""
    return float(np.abs(values).max()) or 1.0


def show_map(axes: Axes, values: Array, among: Array) -> None:
    """A map in colour, on the scale of all those that it stands among."""
    _show(axes, values, *_scale(among))


def _scale(a: Array) -> tuple[Colormap, float, float]:
    """Colours for activations, and the least and the greatest value that they stand for."""
    limit = _limit(a)
    return (palette.diverging(), -limit, limit) if (a < 0).any() else (palette.ramp("a"), 0.0, limit)


def _show(axes: Axes, values: Array, colors: Colormap, least: float, greatest: float) -> None:
    """The cells in colour, in a thin frame."""
    axes.imshow(values, colors, vmin=least, vmax=greatest, interpolation="nearest", aspect="auto")
    _frame(axes)


def _frame(axes: Axes) -> None:
    axes.add_patch(
        Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, edgecolor=LIGHT.line, lw=1, clip_on=False)
    )


def _brightness(image: Array) -> Array:
    """0 for the darkest value, or for 0 if there is none below, and 1 for the brightest."""
    least = min(0.0, image.min())
    return np.asarray((image - least) / ((image.max() - least) or 1))


def _show_digit(axes: Axes, image: Array) -> None:
    _show(axes, _brightness(image), palette.images(), 0, 1)


def show_signed(axes: Axes, values: Array, limit: float, numbered: bool) -> None:
    """Cells in the colour of their sign, parted by lines of paper, with their numbers, or else a minus if negative."""
    colors = palette.diverging()
    axes.pcolormesh(values, cmap=colors, vmin=-limit, vmax=limit, edgecolors=LIGHT.paper, linewidth=1.5)
    axes.invert_yaxis()
    _frame(axes)
    for (row, column), value in np.ndenumerate(values):
        words = _number(value) if numbered else "−" if value < 0 else ""
        cell = to_hex(colors((value / limit + 1) / 2))
        color = palette.mix(cell, palette.ink(cell), 1 if numbered else 0.65)
        axes.text(column + 0.5, row + 0.5, words, ha="center", va="center_baseline", color=color)


def _number(value: float) -> str:
    """Two places, with a true minus, and no minus before 0.00."""
    text = f"{value:.2f}"
    return text.replace("-", "−") if float(text) else "0.00"


def _bar_room(least: float, greatest: float) -> float:
    """How wide a colour bar is, with its numbers."""
    return BAR_GAP + BAR_WIDTH + 6 + max(text_width(_short(value)) for value in (least, greatest))


def _bar(sheet: Sheet, left: float, colors: Colormap, least: float, greatest: float, end: float | None = None) -> None:
    """The scale, upright at the right of what it belongs to. end: where the colours end, if not at the greatest."""
    height, left = min(BAR_HEIGHT, sheet.height), left + BAR_GAP
    top = (sheet.height - height) / 2
    _show(
        sheet.axes(left, top, BAR_WIDTH, height),
        np.linspace(greatest, least, 256)[:, None],
        colors,
        least,
        end or greatest,
    )
    for value in sorted({greatest, 0.0, least}):
        y = top + height * (greatest - value) / (greatest - least)
        sheet.text(left + BAR_WIDTH + 6, y, _short(value), va="center_baseline")


def _short(value: float) -> str:
    """Two figures, with a true minus."""
    return f"{value:.2g}".replace("-", "−")


def _stretch(values: Array, height: int, width: int) -> Array:
    """The values over height × width points, in straight lines from cell to cell (bilinear)."""

    def along(axis: int, size: int, values: Array) -> Array:
        have = values.shape[axis]
        at = (np.arange(size) + 0.5) * have / size - 0.5
        return np.apply_along_axis(lambda line: np.interp(at, np.arange(have), line), axis, values)

    return along(1, width, along(0, height, values))

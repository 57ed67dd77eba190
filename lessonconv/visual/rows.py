"""Small arrays with their numbers: side by side, and the two ways to shift and add the same products."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lessonconv.visual import palette
from lessonconv.visual.cells import _finite
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import MARGIN, Picture, Sheet, drawing, text_width

Array = npt.NDArray[Any]

# Pixels of the page
WIDTH = 800 - 2 * MARGIN
CELL, ROOM = 32, 10  # a cell's side at least, and what its longest number has beside it
LINE, APART = 18, 30
MOST = 9  # outputs that two blocks beside each other have room for


def written(value: float) -> str:
    """Whole numbers in full, others with two figures and without the 0 before the point; a true minus."""
    text = f"{value:.0f}" if value == round(value) else f"{value:.2g}"
    text = text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
    return text.replace("-", "−") if float(text.replace("−", "-")) else "0"


def draw_numbered(
    sheet: Sheet, values: Array, left: float, top: float, cell: tuple[float, float], limit: float, *, told: bool = True
) -> None:
    """A matrix with its corner at (left, top): signed colours on a scale up to the limit, and the numbers."""
    (rows, columns), (width, height) = values.shape, cell
    axes = sheet.axes(left, top, columns * width, rows * height)
    colors = palette.diverging()
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    for (row, column), value in np.ndenumerate(values):
        color = to_hex(colors((0.75 * value / limit + 1) / 2))  # ¾ of the scale: numbers read better
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=color, edgecolor=LIGHT.line, lw=0.8, clip_on=False))
        if told:
            sheet.text(
                left + (column + 0.5) * width,
                top + (row + 0.5) * height,
                written(value),
                ha="center",
                va="center_baseline",
                color=palette.ink(color),
            )


def numbered(named: Mapping[str, Any], *, title: str = "Kernels", caption: str = "") -> Picture:
    """Small matrices side by side, each under its name, with their numbers; all colours are on one scale.

    named: name → (rows, columns), or (columns,) for a single row. Raises ValueError for other shapes or none at all.
    """
    if not named:
        raise ValueError("there is no matrix to draw; give a dict of names and arrays")
    arrays = {name: _finite(name, np.atleast_2d(values), "rows, columns") for name, values in named.items()}
    limit = max(float(np.abs(values).max()) for values in arrays.values()) or 1.0
    cell = max(CELL, ROOM + max(text_width(written(value)) for values in arrays.values() for value in values.ravel()))
    places, height, x, y, tallest = {}, 0.0, 0.0, 0.0, 0.0
    for name, values in arrays.items():
        width = max(values.shape[1] * cell, text_width(name))
        if x and x + width > WIDTH:
            x, y = 0.0, y + tallest + APART
            tallest = 0.0
        places[name] = (x, y)
        x, tallest = x + width + APART, max(tallest, LINE + values.shape[0] * cell)
        height = y + tallest
    across = max(x + max(arrays[name].shape[1] * cell, text_width(name)) for name, (x, _) in places.items())
    with drawing(across, height, title, caption) as sheet:
        for name, values in arrays.items():
            left, top = places[name]
            sheet.text(left, top, name, color=LIGHT.muted)
            draw_numbered(sheet, values, left, top + LINE, (cell, cell), limit)
    told = "; ".join(f"{name}: {_in_words(values)}" for name, values in arrays.items())
    return Picture(sheet.figure, f"{title}: {', '.join(arrays)}, cell by cell.", f"In numbers: {told}.")


def _in_words(values: Array) -> str:
    return " / ".join(" ".join(map(written, row)) for row in values)


class _Block(NamedTuple):
    """One way to shift: its name, which way a tap's row moves (+1 to the right), the first output's index."""

    name: str
    step: int
    first: int
    sums: Array


def shifts(x: Any, w: Any, *, title: str = "The same products, shifted to the right or to the left") -> Picture:
    """The products w[k]·x[u] in a row for each tap, shifted by k and added up column by column.

    To the right it is the convolution, Σ w[k]·x[i − k], to the left the cross-correlation, Σ w[k]·x[i + k]; both in
    full, with the outputs where all taps meet an input outlined. x: (H,), w: (K,), K ≤ H and H + K ≤ 10.
    Raises ValueError for others.
    """
    x, w = _finite("x", x, "H"), _finite("w", w, "K")
    if len(w) > len(x) or len(x) + len(w) - 1 > MOST:
        raise ValueError(
            f"x has {len(x)} cells and w {len(w)}, but the kernel may not be longer than the row, and H + K − 1 at "
            f"most {MOST}; take shorter ones"
        )
    blocks = (
        _Block("convolution: tap k moves k to the right", 1, 0, np.convolve(x, w)),
        _Block("correlation: tap k moves k to the left", -1, 1 - len(w), np.correlate(x, w, "full")),
    )
    numbers = [*np.outer(w, x).ravel(), *x, *blocks[0].sums, *blocks[1].sums]
    cell = max(CELL, ROOM + max(map(text_width, map(written, numbers))))
    label = max(text_width(f"w[{k}] = {written(tap)}", bold=True) for k, tap in enumerate(w)) + 10
    width = max(label + (len(x) + len(w) - 1) * cell, *(text_width(block.name, bold=True) for block in blocks))
    height = 2 * LINE + (len(w) + 2.3) * cell + 12
    caption = "Bold outlines: all taps meet an input. These are the outputs of a layer without padding."
    with drawing(2 * width + APART, height, title, caption) as sheet:
        axes = sheet.canvas()
        for number, block in enumerate(blocks):
            _draw_block(sheet, axes, block, x, w, number * (width + APART), label, cell)
    told = [f"{block.name.split(':')[0]} {' '.join(map(written, block.sums))}" for block in blocks]
    return Picture(
        sheet.figure,
        f"{title}: for each of {len(w)} taps a row of {len(x)} products, moved k cells to the right (convolution) or "
        "to the left (cross-correlation), and added up column by column.",
        f"The sums: {', '.join(told)}.",
    )


def _draw_block(
    sheet: Sheet, axes: Axes, block: _Block, x: Array, w: Array, left: float, label: float, cell: float
) -> None:
    """The input, a row of products for each tap, and the sums below, with the outputs' indices."""
    start = 0 if block.step > 0 else len(w) - 1
    sheet.text(left, 0, block.name, fontweight="bold")
    top, right = LINE + 8.0, left + label

    def square(row: float, column: int, words: str, color: str, **style: Any) -> None:
        at = right + column * cell, top + row * cell
        axes.add_patch(Rectangle(at, cell, cell, **{"edgecolor": LIGHT.line, "lw": 0.8, **style}))
        sheet.text(at[0] + cell / 2, at[1] + cell / 2, words, ha="center", va="center_baseline", color=color)

    def name(row: float, words: str, color: str) -> None:
        sheet.text(left, top + (row + 0.5) * cell, words, va="center_baseline", color=color, fontweight="bold")

    name(0, "x", LIGHT.x)
    for u, value in enumerate(x):
        square(0, start + u, written(value), LIGHT.x, facecolor=palette.mix(LIGHT.paper, LIGHT.x, 0.14))
    for k, tap in enumerate(w):
        name(1.15 + k, f"w[{k}] = {written(tap)}", LIGHT.w)
        for u, value in enumerate(x):
            column = start + u + block.step * k
            square(1.15 + k, column, written(tap * value), LIGHT.ink, facecolor=palette.mix(LIGHT.paper, LIGHT.w, 0.1))
    bottom = 1.3 + len(w)
    name(bottom, "z", LIGHT.z)
    complete = range(len(w) - 1, len(x))  # of the columns, whichever way the rows were moved
    for column, value in enumerate(block.sums):
        strong = {"edgecolor": LIGHT.z, "lw": 2.2, "zorder": 3} if column in complete else {}
        square(bottom, column, written(value), LIGHT.z, facecolor=palette.mix(LIGHT.paper, LIGHT.z, 0.14), **strong)
        sheet.text(
            right + (column + 0.5) * cell,
            top + (bottom + 1) * cell + 3,
            written(block.first + column),
            ha="center",
            color=LIGHT.muted,
        )

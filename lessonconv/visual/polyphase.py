"""The phases of a stride: which taps of the kernel ever write to which cells of the input."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width
from lessonconv.window import Pair, Window

CELL = 38.0  # pixels of the page
NAME, APART = 26.0, 64.0  # room for a grid's name, and between the grids
LETTER_SIZE = 13  # points
TINTS, HATCHES = (0.30, 0.08, 0.16, 0.0), ("", "...", "\\\\\\", "")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def phases(window: Window) -> Picture:
    """∂L/∂x and w, each cell with the letter of its phase: an input gets products from taps of its own letter only.

    taps k₀, k₀ + s, k₀ + 2s … write inputs of one residue modulo s (for dilation 1)

    Raises ValueError for more than 26 phases. Source: `Window.phases`.
    """
    letters = _letters(window)
    found = sorted(set(letters["w"].values()))
    title = f"Stride {window.height.stride}: {count_of(len(found), 'phase')}" + (
        ", and none mixes" if found[1:] else ""
    )
    products = [sum(letter == one for letter in letters["w"].values()) for one in found]
    counts = ", ".join(f"{letter} {count}" for letter, count in zip(found, products, strict=True))
    caption = f"A cell of ∂L/∂x gets products from taps with its own letter only. Taps with each letter: {counts}."
    rows, columns = zip(window.input_size, window.kernel_size, strict=True)
    width, height = sum(columns) * CELL + APART + 2, max(rows) * CELL + NAME + 2
    with drawing(max(width, 420), height, title, caption) as sheet:
        axes = sheet.canvas()
        left = (sheet.width - width) / 2
        for name, (h, w) in (("dx", window.input_size), ("w", window.kernel_size)):
            top = NAME + (max(rows) - h) * CELL / 2
            _grid(sheet, axes, name, (h, w), letters[name], (left, top))
            left += w * CELL + APART
    told = "; ".join(f"row {row}: {_row(letters['dx'], row, window.input_size[1])}" for row in range(rows[0]))
    return Picture(sheet.figure, f"{title}. {caption} The letters of ∂L/∂x, {told}.")


def _letters(window: Window) -> dict[str, dict[Pair, str]]:
    """The letter of every input that some tap writes to, and of every tap that writes to some input."""
    parts = list(window.phases())
    if len(parts) > len(LETTERS):
        raise ValueError(f"{len(parts)} phases are more than there are letters; take a stride of 5 or less")
    found: dict[str, dict[Pair, str]] = {"dx": {}, "w": {}}
    for letter, (taps, inputs, _) in zip(LETTERS, parts, strict=False):
        for name, (rows, columns), size in (("w", taps, window.kernel_size), ("dx", inputs, window.input_size)):
            for row in range(size[0])[rows]:
                found[name] |= {(row, column): letter for column in range(size[1])[columns]}
    return found


def _row(letters: dict[Pair, str], row: int, columns: int) -> str:
    return " ".join(letters.get((row, column), "–") for column in range(columns))


def _grid(
    sheet: Sheet, axes: Axes, name: str, size: Pair, letters: dict[Pair, str], corner: tuple[float, float]
) -> None:
    """A tensor's cells, each with its letter on a ground of its own."""
    (left, top), color = corner, palette.color(name)
    label = f"{palette.label(name)}: {size[0]}×{size[1]}"
    middle = left + size[1] * CELL / 2
    sheet.text(
        max(middle, text_width(label, bold=True) / 2), top - 20, label, ha="center", color=color, fontweight="bold"
    )
    edge = palette.mix(LIGHT.paper, LIGHT.muted, 0.5)
    for row in range(size[0]):
        for column in range(size[1]):
            x, y, letter = left + column * CELL, top + row * CELL, letters.get((row, column), "")
            place = LETTERS.index(letter) % len(TINTS) if letter else -1
            tint, hatch = (TINTS[place], HATCHES[place]) if letter else (0.0, "")
            area: dict[str, Any] = {"fc": palette.mix(LIGHT.paper, color, tint), "ec": edge, "lw": 0.7, "hatch": hatch}
            axes.add_artist(Rectangle((x, y), CELL, CELL, **area))
            style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": LETTER_SIZE}
            ground = {"boxstyle": "round,pad=0.12", "fc": LIGHT.paper, "ec": "none"} if hatch else None
            sheet.text(x + CELL / 2, y + CELL / 2, letter, bbox=ground, **style)

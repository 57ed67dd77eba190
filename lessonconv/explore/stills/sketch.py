"""Words and cells on paper, drawn with Matplotlib fast enough to be done while somebody waits.

A picture of an explorer has some two hundred numbers. As many of Matplotlib's texts would take 70 ms; here every
colour is one path, of squares or of the outlines of letters, which Matplotlib draws in one stroke.
"""

import functools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D
from PIL import Image

from lessonconv.explore.stills import inks
from lessonconv.visual.picture import CORNER, CSS_PIXELS, FONT, SHARPNESS, wrap

Array = npt.NDArray[Any]
Outline = tuple[Array, Array]  # vertices (N, 2) and Matplotlib's codes (N,)

SIZE, LINE_HEIGHT = 12.0, 18  # pixels of the page, for words
RISE = 0.365  # of the size: half of a figure's height
SQUARE = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], np.float64)
SQUARE_CODES = np.array([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], np.uint8)
TRIANGLE = np.array([(0, 0), (0, 1), (-1, 0), (0, 0)], np.float64)
TRIANGLE_CODES = np.array([Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], np.uint8)
STROKE_CODES = np.array([Path.MOVETO, Path.LINETO], np.uint8)
SETTINGS: Any = {  # what of a learner's own style would reach a path
    "path.simplify": False, "path.snap": True, "path.sketch": None, "path.effects": [], "lines.scale_dashes": False,
}  # fmt: skip


class Pen(NamedTuple):
    """What is drawn in one go. order: later ones lie on top. width: of a line in pixels of the page, 0 fills."""

    order: int
    ink: str
    width: float = 0
    dashes: tuple[float, ...] = ()


FILL, RING, LINE, BADGE, MARK, WORDS = range(6)  # the orders


class Sketch:
    """Paper measured in the page's pixels from the top left corner; inks are asked for by name.

    width, height: of the paper; how high it is may be found out while drawing. said: all words, each with its box
    (left, top, right, bottom).
    """

    def __init__(self, width: float, height: float = 0) -> None:
        self.width, self.height = width, height
        self.said: list[tuple[str, tuple[float, float, float, float]]] = []
        self._outlines: dict[Pen, list[Outline]] = {}

    def words(
        self, x: float, y: float, words: str, ink: str = "ink", *, style: str = "", size: float = SIZE, align: float = 0
    ) -> float:
        """Words whose figures have their middle at height y; returns the width. align: the share of them left of x."""
        if not words:
            return 0
        vertices, codes, width = _line(words, style, size)
        left, baseline = _on_a_pixel(x - align * width), _on_a_pixel(y + RISE * size)
        self._draw(Pen(WORDS, ink), vertices + np.array([left, baseline]), codes)
        self.said.append((words, (left, y - RISE * size, left + width, baseline)))
        return width

    def lines(self, x: float, y: float, lines: Iterable[str], ink: str = "ink") -> float:
        """Lines of words, the first one's top at y; returns where the next one would be."""
        for line in lines:
            self.words(x, y + SIZE / 2, line, ink)
            y += LINE_HEIGHT
        return y

    def squares(self, corners: Array, side: float, pen: Pen, inset: float = 0) -> None:
        """Squares with their top left corners there, (N, 2), each made smaller by the inset on all sides."""
        vertices = (corners + inset)[:, None] + SQUARE * (side - 2 * inset)
        self._draw(pen, vertices.reshape(-1, 2), np.tile(SQUARE_CODES, len(corners)))

    def triangles(self, corners: Array, side: float, pen: Pen) -> None:
        """Triangles that fill the upper right corners there, (N, 2)."""
        self._draw(pen, (corners[:, None] + TRIANGLE * side).reshape(-1, 2), np.tile(TRIANGLE_CODES, len(corners)))

    def strokes(self, ends: Array, pen: Pen) -> None:
        """Straight lines, (N, 2, 2): from, to."""
        self._draw(pen, np.asarray(ends, np.float64).reshape(-1, 2), np.tile(STROKE_CODES, len(ends)))

    def figure(self, corner: float = CORNER) -> Figure:
        """Everything on a white card, with round corners."""
        width, height = self.width, self.height
        with matplotlib.rc_context(SETTINGS):
            figure = Figure((width / CSS_PIXELS, height / CSS_PIXELS), dpi=CSS_PIXELS * SHARPNESS, facecolor="none")
            for pen in [_CARD, *sorted(self._outlines)]:
                outlines = self._outlines[pen] if pen != _CARD else [_card(width, height, corner)]
                figure.add_artist(_patch(figure, pen, outlines))
        return figure

    def _draw(self, pen: Pen, vertices: Array, codes: Array) -> None:
        if len(codes):
            self._outlines.setdefault(pen, []).append((vertices, codes))


def text_width(words: str, *, style: str = "", size: float = SIZE) -> float:
    """How wide words are, in pixels of the page."""
    return _line(words, style, size)[2]


def wrapped(words: str, width: float, *, style: str = "") -> list[str]:
    """Words in lines at most that wide, all about as long."""
    measure = functools.partial(text_width, style=style)
    lines = wrap(words, width, measure)
    even = sum(map(measure, lines)) / max(len(lines), 1)
    shorter = wrap(words, min(width, 1.1 * even), measure)
    return shorter if len(shorter) == len(lines) else lines


def image(figure: Figure) -> Image.Image:
    """The figure in the light inks."""
    with matplotlib.rc_context(SETTINGS):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    few = inks.indexed(np.asarray(canvas.buffer_rgba()))
    del canvas.renderer  # figure and canvas hold each other, and it would hold all pixels until they are collected
    return few


_CARD = Pen(-1, "paper")


def _card(width: float, height: float, near: float) -> Outline:
    """A rectangle with round corners: each is a curve with the corner itself as its control point."""
    far = width - near, height - near
    points = [
        (near, 0), (far[0], 0), (width, 0), (width, near), (width, far[1]), (width, height), (far[0], height),
        (near, height), (0, height), (0, far[1]), (0, near), (0, 0), (near, 0),
    ]  # fmt: skip
    return np.array(points, np.float64), np.array([Path.MOVETO] + 4 * [Path.LINETO, Path.CURVE3, Path.CURVE3], np.uint8)


def _patch(figure: Figure, pen: Pen, outlines: Sequence[Outline]) -> PathPatch:
    """All that one pen draws. Matplotlib counts from the bottom, in inches, and lines in points."""
    vertices, codes = (np.concatenate(parts) for parts in zip(*outlines, strict=True))
    color, point, inch = inks.colors()[pen.ink], 72 / CSS_PIXELS, 1 / CSS_PIXELS
    style: dict[str, Any] = {"fc": color, "ec": "none", "lw": 0}
    if pen.width:
        style = {"fill": False, "ec": color, "lw": pen.width * point, "joinstyle": "miter", "capstyle": "butt"}
    if pen.dashes:
        style["linestyle"] = (0, tuple(length * point for length in pen.dashes))
    page = Affine2D().scale(inch, -inch).translate(0, figure.get_figheight()) + figure.dpi_scale_trans
    patch = PathPatch(Path(vertices, codes), transform=page, zorder=pen.order, **style)
    patch.set_snap(pen.order in (FILL, RING, LINE, MARK))
    return patch


def _on_a_pixel(position: float) -> float:
    """The nearest place where a pixel of the image begins: a letter is the same pixels everywhere, and packs well."""
    return round(position * SHARPNESS) / SHARPNESS


@functools.lru_cache(4096)
def _line(words: str, style: str, size: float) -> tuple[Array, Array, float]:
    """A line of text as one outline, from the left end of its baseline, y growing downwards; and its width."""
    vertices, codes, x = [np.empty((0, 2))], [np.empty(0, np.uint8)], 0.0
    for letter in words:
        outline, kinds, width = _letter(letter, style)
        vertices.append(outline * (size, -size) + np.array([_on_a_pixel(x), 0]))
        codes.append(kinds)
        x += width * size
    return np.concatenate(vertices), np.concatenate(codes), x


@functools.cache
def _letter(letter: str, style: str) -> tuple[Array, Array, float]:
    """One letter, for size 1."""
    font = FontProperties(family=FONT, size=text_to_path.FONT_SCALE)
    if style == "bold":
        font.set_weight("bold")
    elif style == "italic":
        font.set_style("oblique")
    vertices, codes = text_to_path.get_text_path(font, letter, ismath=False)
    width = text_to_path.get_text_width_height_descent(letter, font, ismath=False)[0]
    scale = text_to_path.FONT_SCALE
    return np.reshape(vertices, (-1, 2)) / scale, np.array(codes, np.uint8), width / scale

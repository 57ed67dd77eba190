"""What every picture must keep: no word is small, cut off, or written over another."""

from itertools import combinations

import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lessonconv.visual.picture import Picture

LEAST_POINTS = 9


def texts(picture: Picture) -> list[str]:
    """Every word in the picture, ticks included."""
    return [text.get_text() for text, _ in _drawn(picture)]


def complaints(picture: Picture) -> list[str]:
    """A sentence for each text that is too small, cut off by the picture's edge, or overlaps another."""
    drawn, page = _drawn(picture), picture.figure.bbox
    found = [f"{text.get_text()!r} is small" for text, _ in drawn if text.get_fontsize() < LEAST_POINTS]
    found += [
        f"{text.get_text()!r} is cut off"
        for text, box in drawn
        if box.x0 < 0 or box.y0 < 0 or box.x1 > page.width or box.y1 > page.height
    ]
    found += [
        f"{one.get_text()!r} and {other.get_text()!r} overlap"
        for (one, box), (other, other_box) in combinations(drawn, 2)
        if _overlap(box, other_box) > 1.5
    ]
    return found


def pixels(picture: Picture) -> np.ndarray:
    """The image as (height, width, 4) bytes."""
    canvas = FigureCanvasAgg(picture.figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def _drawn(picture: Picture) -> list[tuple[Text, Bbox]]:
    """The texts that are seen, each with its box in pixels."""
    canvas = FigureCanvasAgg(picture.figure)
    canvas.draw()
    found = [*picture.figure.texts]
    for axes in picture.figure.axes:
        found += [child for child in axes.get_children() if isinstance(child, Text)]  # titles are among them
        if axes.axison:
            found += [axes.xaxis.label, axes.yaxis.label]
            found += _ticks(axes.xaxis, axes.get_xlim()) + _ticks(axes.yaxis, axes.get_ylim())
    return [(text, text.get_window_extent(canvas.get_renderer())) for text in found if text.get_text().strip()]


def _ticks(axis: Axis, limits: tuple[float, float]) -> list[Text]:
    """A tick's label is kept, and hidden, where it lies beyond the limits."""
    low, high = limits
    return [tick.label1 for tick in axis.get_major_ticks() if low - 1e-9 <= tick.get_loc() <= high + 1e-9]


def _overlap(one: Bbox, other: Bbox) -> float:
    """How many pixels two boxes reach into each other."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return min(width, height)

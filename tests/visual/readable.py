"""What every picture must keep: no word is small, cut off, or written over another."""

from itertools import combinations

import numpy as np
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
    """The visible texts, each with the box that its ink fills, in pixels."""
    canvas = FigureCanvasAgg(picture.figure)
    canvas.draw()
    found = [text for text in picture.figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    shown = [text for text in found if text.axes is None or _is_in_view(text)]
    return [(text, text.get_window_extent(canvas.get_renderer())) for text in shown]


def _is_in_view(text: Text) -> bool:
    """Axes that are off keep tick labels that nobody sees, and a chart keeps those beyond its limits."""
    axes = text.axes
    assert axes is not None
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    if text not in ticks:
        return axes.axison or text in axes.texts
    if not axes.axison:
        return False
    (low, high), at = (axes.get_xlim(), 0) if text in axes.get_xticklabels() else (axes.get_ylim(), 1)
    return bool(low - 1e-9 <= text.get_position()[at] <= high + 1e-9)


def _overlap(one: Bbox, other: Bbox) -> float:
    """How many pixels two boxes reach into each other."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return min(width, height)

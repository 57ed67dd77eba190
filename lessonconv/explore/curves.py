"""The part that all explorers of curves share: a chart from their settings, and a point that moves along it."""

from typing import Any

import numpy as np

from lessonconv.explore import pages
from lessonconv.explore.adjustable import Adjustable
from lessonconv.explore.chart import Chart
from lessonconv.explore.stills import plot
from lessonconv.visual import palette
from lessonconv.visual.picture import Picture


class CurveExplorer(Adjustable):
    """Curves that answer to their settings, and a point on them, moved by mouse, touch, key, or from Python.

    A subclass names its SETTINGS, the one that the point moves among them, lists its `_controls`, and makes its
    `Chart` in `_draw`. It is drawn anew when a setting changes, but not when the point moves to a place of the chart.
    """

    _esm = pages.module("curves.mjs")
    _css = palette.css() + pages.style("explorer.css") + pages.style("curves.css")

    def __init__(self, **settings: Any) -> None:
        self._known(settings)
        self._drawn: Chart | None = None
        self.chart: dict[str, Any] = {}
        super().__init__(**settings)
        self._check({})
        self.controls = self._controls()
        self.observe(self._redraw, self.SETTINGS)
        self._redraw()

    def _draw(self) -> Chart:
        """The chart for the settings as they are; the point's own value is one of its places."""
        raise NotImplementedError

    def _redraw(self, change: Any = None) -> None:
        if change and self._drawn and change.name == self._drawn.moves and change.new in self._drawn.places:
            self.notice = {}
            return
        self._drawn = self._draw()
        self.chart = self._show_page(self._drawn)

    @property
    def told(self) -> str:
        """What is said of the place where the point stands."""
        return " ".join(self._chart.told(self._place))

    def picture(self) -> Picture:
        """What the page shows, as a picture."""
        return plot.picture(
            self._chart, self._place, caption=f"{self._set_to()} Run the notebook to change any of this."
        )

    @property
    def _chart(self) -> Chart:
        assert self._drawn
        return self._drawn

    @property
    def _place(self) -> int:
        return self._chart.place_of(getattr(self, self._chart.moves))


def with_place(places: Any, value: float) -> Any:
    """Places along an axis, in order, with one more if it is not among them: where the point was put."""
    return np.unique(np.append(places, value))

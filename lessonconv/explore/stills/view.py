"""An explorer's state as a picture, for a page without a kernel, and as the frames of an animation.

It shows what the live page shows: the same grids in the same places, the same colours and marks, the sum that makes
the marked cell. It is made whenever an explorer is displayed, so it has to be quick (`sketch`) and small (`inks`).
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np

from lessonconv.explore.scene import Scene
from lessonconv.explore.stills import inks, words
from lessonconv.explore.stills.grid import Cells
from lessonconv.explore.stills.layout import Layout
from lessonconv.explore.stills.sketch import Sketch, image, wrapped
from lessonconv.explore.stills.told import Told, told
from lessonconv.explore.stills.words import At
from lessonconv.visual.picture import MARGIN, Picture

Focus = tuple[str, int]  # a grid and the number of one of its cells

TITLE, TITLE_SIZE = 26, 16.0  # the title's height, and its letters'; pixels of the page
APART = 12  # between grids and words


class Still(Picture):
    """A picture in colours that are known beforehand: its PNG takes no search for them."""

    def png(self) -> bytes:
        """The image, two pixels for each of the page's; the same state gives the same bytes."""
        return png(image(self.figure))


def picture(
    scene: Scene,
    mode: str,
    step: int | None = None,
    at: At | None = None,
    *,
    focus: Focus | None = None,
    grids: Sequence[str] | None = None,
    caption: str = "",
) -> Picture:
    """A scene at a step of a play, or at rest with a cell that is looked at.

    at: the slice shown of each stack, the first if nothing is said. focus: a grid and the number of its cell. grids:
    those to show, side by side; all of them as on the page if nothing is said. caption: words below, the settings.
    Raises ValueError for a play that the scene does not have, or a step or a grid that the play does not have.
    """
    view = View(scene, mode, at, grids, caption)
    told = view.told(step, focus)
    return Still(view.sketch(step, told, focus=focus).figure(), view.alt(step), told.text)


def png(image: Any) -> bytes:
    """An image in few colours as the bytes of a file."""
    file = BytesIO()
    image.save(file, "png", compress_level=7, transparency=inks.TRANSPARENT)
    return file.getvalue()


class View:
    """A scene in one play, laid out for a page: what stays where it is at every step."""

    def __init__(
        self, scene: Scene, mode: str, at: At | None = None, grids: Sequence[str] | None = None, caption: str = ""
    ) -> None:
        if mode not in scene.plays:
            raise ValueError(f"there is no play {mode!r}; give one of {', '.join(scene.plays)}")
        self.scene, self.mode, self.play, self.caption = scene, mode, scene.plays[mode], caption
        self.at = dict.fromkeys(scene.stacks, 0) | dict(at or {})
        chosen = {name: scene.grids[name] for name in self._chosen(grids)}
        self.titles = {name: words.title(scene, name, self.at) for name in chosen}
        self.layout = Layout(chosen, self.titles, side_by_side=grids is not None)
        self._most = {name: float(np.nanmax(np.abs(grid.values), initial=0)) for name, grid in chosen.items()}

    def told(self, step: int | None, focus: Focus | None = None) -> Told:
        """What is said of the cell of a step, or of one that is looked at."""
        name, cell = focus or ("", 0)
        if step is not None:
            name, cell = self.play.leads, self._cell(step)
        return told(self.scene, self.mode, name, cell, self.at, self.layout.width) if name else Told()

    def alt(self, step: int | None) -> str:
        """What there is to see, in words."""
        opening = "" if step is None else f"{self._title(step)}. {self.play.tells} "
        return f"{opening}Grids of numbers: {'; '.join(self.titles.values())}. {self.caption}".strip()

    def sketch(self, step: int | None, told: Told, *, focus: Focus | None = None, room: float | None = None) -> Sketch:
        """Everything, drawn. room: the height to leave for what is told, if not its own."""
        sketch, y = Sketch(self.layout.width + 2 * MARGIN), float(MARGIN)
        if step is not None:
            sketch.words(MARGIN, y + TITLE_SIZE / 2, self._title(step), style="bold", size=TITLE_SIZE)
            y = sketch.lines(MARGIN, y + TITLE, wrapped(self.play.tells, self.layout.width), "muted") + APART
        shown = self.scene.shown(self.mode, step, self.at)
        marks = shown.marks or (self.scene.marks(self.mode, *focus) if focus else {})
        for name in self.titles:
            cells = Cells(sketch, self.scene.grids[name], self.layout, name, y)
            cells.draw(shown.values[name], self._most[name], marks.get(name, {}))
        y += self.layout.height
        if room := told.height if room is None else room:
            told.draw(sketch, MARGIN, y + APART)
            y += APART + room
        if self.caption:
            y = sketch.lines(MARGIN, y + APART, wrapped(self.caption, self.layout.width), "muted")
        sketch.height = y + MARGIN
        return sketch

    def _title(self, step: int) -> str:
        """Which play it is, and where it is."""
        return f"{self.play.label}: step {step + 1} of {self.scene.steps(self.mode)}"

    def _chosen(self, grids: Sequence[str] | None) -> list[str]:
        visible = self.scene.visible(self.mode)
        chosen = visible if grids is None else list(grids)
        if unknown := [name for name in chosen if name not in visible] or ([] if chosen else [""]):
            raise ValueError(f"there is no grid {unknown[0]!r} in this play; give some of {', '.join(visible)}")
        return chosen

    def _cell(self, step: int) -> int:
        inner = self.scene.grids[self.play.leads].inner
        if not 0 <= step < inner.size:
            raise ValueError(f"step is {step}, but {self.play.label!r} has steps 0 to {inner.size - 1}")
        return int(inner[step])

"""The part that all explorers of a layer share: one scene from their settings, tensors to set, cells to type into.

A setting changes, the explorer makes a new `Scene`, the page draws it; hover, focus and play never ask Python.
"""

import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import traitlets

from lessonconv.explore import pages
from lessonconv.explore.adjustable import Adjustable
from lessonconv.explore.correlation import cropped
from lessonconv.explore.scene import Scene
from lessonconv.explore.stills import animation, view, words
from lessonconv.explore.traits import LARGEST, ImpossibleSetting
from lessonconv.visual import palette
from lessonconv.visual.picture import Picture
from lessonconv.window import Window

Array = npt.NDArray[Any]
LARGEST_NUMBER = 1e6  # in a cell: more digits can't be read there
SLICES = {"c": "channel", "f": "filter"}  # the setting that says which slice of a stack is shown


class Explorer(Adjustable):
    """A picture of one layer that answers to its settings, from the page or from Python.

    A subclass names its SETTINGS, says in `_check` whether they are possible, and draws them in `_draw`.
    """

    RENEWS: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # settings that make new numbers, and of which tensors
    ARRAYS: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # tensors that can be set, and which setting each axis is

    _esm = pages.module("explorer.mjs")
    _css = palette.css() + pages.style("explorer.css")

    mode = traitlets.Unicode().tag(sync=True)
    _tensors: Any  # a named tuple of the arrays; those with padding have names that end in _pad

    step: Any = traitlets.Int(None, allow_none=True, min=0).tag(sync=True)  # None: at rest, everything is there

    def __init__(self, **settings: Any) -> None:
        arrays = {name: settings.pop(name) for name in self.ARRAYS if name in settings}
        self._known(settings, *self.ARRAYS, "mode", "step")
        arrays = {name: self._own(name, array) for name, array in arrays.items()}
        settings = {
            setting: size for name in arrays for setting, size in self._sizes(name, arrays[name]).items()
        } | settings
        self._edits: dict[str, dict[tuple[int, ...], float]] = {}
        self._drawn: Scene | None = None
        self.scene: dict[str, Any] = {}
        mode = settings.pop("mode", None)
        super().__init__(**settings)
        self._check({})  # the constructor tests settings that were given, one by one; the defaults go with them
        self.controls = self._controls()
        self.observe(self._redraw, self.SETTINGS)
        self.on_msg(self._heard)
        self._redraw()
        for name, array in arrays.items():
            self._replace(name, array)
        if mode is not None:
            self.mode = mode

    @property
    def window(self) -> Window:
        """The window of the layer."""
        return self._window({})

    # What a subclass says

    def _window(self, settings: Mapping[str, Any]) -> Window:
        """The layer's window with these settings changed. Raises ValueError or TypeError."""
        raise NotImplementedError

    def _draw(self) -> Scene:
        """The scene for the settings as they are."""
        raise NotImplementedError

    def _array(self, name: str) -> Array | None:
        """A tensor, NCHW, without its padding; None if there is none."""
        padded = getattr(self._tensors, f"{name}_pad", None)
        array: Array | None = getattr(self._tensors, name) if padded is None else cropped(padded, self.window)
        return array

    # The scene

    def _redraw(self, change: Any = None) -> None:
        for name in self.RENEWS.get(change.name, ()) if change else ():
            self._edits.pop(name, None)
        self._drawn = self._draw()
        if self.mode not in self._drawn.plays:
            self.mode = next(iter(self._drawn.plays))
        self.scene = self._show_page(self._drawn)

    @traitlets.validate("mode")
    def _a_mode_that_is_there(self, proposal: Any) -> str:
        if self._drawn is not None and proposal.value not in self._drawn.plays:
            raise ImpossibleSetting(f"mode is {proposal.value!r}; give one of {', '.join(self._drawn.plays)}")
        return str(proposal.value)

    # Edited cells

    def _edited(self, name: str, array: Array) -> Array:
        """The array with what was typed into its cells; cells that no longer exist wait until they do."""
        for place, value in self._edits.get(name, {}).items():
            if all(at < size for at, size in zip(place, array.shape, strict=True)):
                array[place] = value
        return array

    def _own(self, name: str, array: Any) -> Array:
        """A learner's own array; axes of length 1 in front may be there or not."""
        given, axes = np.asarray(array), len(self.ARRAYS[name])
        if given.dtype.kind not in "fiub" or not np.isfinite(given).all():
            raise ValueError(f"{name} has dtype {given.dtype}, or holds a NaN or an infinity; give finite numbers")
        own = given.reshape(given.shape[-axes:]) if set(given.shape[:-axes]) == {1} else given
        if not 2 <= own.ndim <= axes:
            raise ValueError(f"{name} has shape {given.shape}; give (rows, columns), or {axes} axes")
        return own.reshape((1,) * (axes - own.ndim) + own.shape).astype(np.float64)

    def _sizes(self, name: str, array: Array) -> dict[str, Any]:
        """The settings that follow from an array's shape: an int, or a pair where two axes are one setting's."""
        found: dict[str, Any] = {}
        for setting, size in zip(self.ARRAYS[name], array.shape, strict=True):
            if setting and found.get(setting, size) != size:
                found[setting] = found[setting], size
            elif setting:
                found[setting] = size
        return found

    def _replace(self, name: str, array: Any) -> None:
        """Put a learner's own array in the place of the generated numbers, with the settings that follow from it."""
        own = self._own(name, array)
        with self.hold_trait_notifications():
            for setting, size in self._sizes(name, own).items():
                setattr(self, setting, size)
        expected = getattr(self, name).shape
        if own.size != np.prod(expected):
            raise ValueError(f"{name} has shape {np.shape(array)}, but must be as large as the layer's, {expected}")
        self._edits[name] = {place: float(value) for place, value in np.ndenumerate(own)}
        self._redraw()

    def _heard(self, _: Any, content: Any, __: Any) -> None:
        """A cell that was typed into: {"edit": grid, "cell": its place in the stack and the grid, "text": …}."""
        try:
            name, place = content["edit"], tuple(map(operator.index, content["cell"]))
            text = str(content["text"])
            if not self._is_editable(name, place):
                return
        except (TypeError, KeyError):
            return  # no page of ours sends that
        try:
            value = typed(text)
        except ValueError as error:
            self.notice = {"setting": "edit", "sentence": f"{error} The cell keeps its number.", "nearest": None}
            self.send_state("notice")  # told again, even if it is the same sentence
            return
        self._edits.setdefault(name, {})[place] = value
        self._redraw()

    def _is_editable(self, name: str, place: tuple[int, ...]) -> bool:
        grid = self._drawn.grids.get(name) if self._drawn else None
        if grid is None or not grid.editable:
            return False
        shape = (*grid.values.shape[:-2], *grid.size)
        inside = len(place) == len(shape) and all(0 <= at < size for at, size in zip(place, shape, strict=True))
        return inside and (grid.zeros is None or not grid.zeros[place])

    # Without a page

    def picture(self) -> Picture:
        """What the page shows, as a picture: settings, mode and step as they are."""
        assert self._drawn
        step = None if self.step is None else min(self.step, self._drawn.steps(self.mode) - 1)
        caption = f"{self._set_to()} Run the notebook to change any of this."
        return view.picture(self._drawn, self.mode, step, self._at(), caption=caption)

    def save_play(
        self,
        path: str | os.PathLike[str],
        mode: str | None = None,
        *,
        fps: float = 2,
        steps: Iterable[int] | None = None,
        grids: Sequence[str] | None = None,
        theme: animation.ThemeName = "light",
    ) -> None:
        """Write a play to a file: a GIF, or an HTML page of its own that plays, steps and scrubs without a kernel.

        path: ends in .gif or .html. mode: which play, the chosen one if nothing is said. fps: steps a second. steps:
        those to show, all if nothing is said, thinned to 60. grids: those to show, side by side, such as
        ("dz", "w", "dx"); all, as on the page, if nothing is said. theme: "light" or "dark", for a GIF; a page follows
        its reader's. Raises ValueError if one of these does not exist.
        """
        assert self._drawn
        chosen: dict[str, Any] = {"fps": fps, "steps": steps, "grids": grids, "caption": self._set_to()}
        animation.save(path, theme, self._drawn, mode or self.mode, self._at(), **chosen)

    def _at(self) -> dict[str, int]:
        """The slice shown of each stack, as on the page."""
        assert self._drawn
        return {axis: min(getattr(self, SLICES[axis]), count - 1) for axis, count in self._drawn.stacks.items()}

    def _set_to(self) -> str:
        """The settings in a sentence, and whose numbers are the learner's own."""
        assert self._drawn
        own = words.listed([self._drawn.grids[name].label for name, edits in self._edits.items() if edits])
        return f"{super()._set_to()[:-1]}{f', own numbers in {own}' * bool(own)}."


def typed(text: str) -> float:
    """The number that somebody typed into a cell. Raises ValueError with a sentence."""
    words = text.strip().replace("−", "-")
    if not words:
        raise ValueError("Nothing was typed.")
    try:
        value = float(words)
    except ValueError:
        raise ValueError(f"“{words[:20]}” is not a number; write one like 3 or −0.5.") from None
    if not abs(value) <= LARGEST_NUMBER:
        raise ValueError(f"“{words[:20]}” does not fit in a cell; write a number up to a million.")
    return value


def drawable(what: str, size: tuple[int, int], advice: str) -> None:
    """Raise ValueError if something is too large to be drawn."""
    if max(size) > 2 * LARGEST:
        raise ValueError(
            f"{what} is {size[0]}×{size[1]}, but an explorer draws at most {2 * LARGEST} cells along an axis; {advice}"
        )

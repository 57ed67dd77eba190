"""A play to keep: as a GIF for slides, or as a page of its own that plays, stops, steps and scrubs.

Both hold the first frame whole, and of each of the others what is new in it. A page holds one set of frames for light
and dark: an image names its inks by number, so another theme is another list of 256 colours (`inks`).
"""

import base64
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from PIL import Image

from lessonconv.explore import pages
from lessonconv.explore.scene import Scene
from lessonconv.explore.stills import inks
from lessonconv.explore.stills.sketch import image
from lessonconv.explore.stills.view import View, png
from lessonconv.explore.stills.words import At
from lessonconv.visual import palette
from lessonconv.visual.palette import DARK, LIGHT
from lessonconv.visual.picture import SHARPNESS

MOST = 60  # steps of a play that nobody chose from
HOLD = 2.0  # seconds that the last frame stays, beyond its own
FASTEST = 50  # frames a second: a GIF counts in hundredths
THEMES = {"light": LIGHT, "dark": DARK}
COLORS_AT = 33  # bytes into a PNG: after its signature and its header
ThemeName = Literal["light", "dark"]


@dataclass(frozen=True)
class Film:
    """The frames of a play, in the light inks. said: what is told at each. alt: what there is to see, in words."""

    frames: Sequence[Image.Image]
    said: Sequence[str]
    title: str
    alt: str
    fps: float

    def gif(self, theme: ThemeName = "light") -> bytes:
        """As a GIF that starts again when it has ended."""
        frames = [frame.copy() for frame in self.frames]
        for frame in frames:
            frame.putpalette(inks.table(THEMES[theme]))
        each, file = 1000 / self.fps, BytesIO()
        durations = [round(each)] * (len(frames) - 1) + [round(each + 1000 * HOLD)]
        frames[0].save(file, "gif", save_all=True, append_images=frames[1:], duration=durations, loop=0)
        return file.getvalue()

    def page(self) -> str:
        """As a page that needs nothing from elsewhere, and follows its reader's theme."""
        width, height = self.frames[0].size
        film = {
            "frames": [
                (patch.left, patch.top, _base64(_without_colors(patch.image))) for patch in _patches(self.frames)
            ],
            "colors": {name: _base64(_colors(inks.table(theme))) for name, theme in THEMES.items()},
            "dark": DARK.x,
            "said": self.said,
            "alt": self.alt,
            "pause": 1000 / self.fps,
            "hold": 1000 * HOLD,
        }
        return PAGE.format(
            title=escape(self.title),
            css=palette.css() + pages.style("animation.css"),
            film=json.dumps(film, ensure_ascii=False).replace("</", r"<\/"),
            script=pages.module("animation.mjs"),
            width=width,
            height=height,
            shown=width // SHARPNESS,
        )


def film(
    scene: Scene,
    mode: str,
    at: At | None = None,
    *,
    fps: float = 2,
    steps: Iterable[int] | None = None,
    grids: Sequence[str] | None = None,
    caption: str = "",
) -> Film:
    """The frames of a play.

    at: the slice shown of each stack. fps: frames a second. steps: those to show; if nothing is said all of them, or
    60 of more. grids, caption: as in `view.picture`. Raises ValueError for what a play does not have.
    """
    if not 0 < fps <= FASTEST:
        raise ValueError(f"fps is {fps}, but must lie above 0 and up to {FASTEST} frames a second; 2 can be followed")
    view = View(scene, mode, at, grids, caption)
    chosen = _thinned(scene.steps(mode)) if steps is None else [int(step) for step in steps]
    if not chosen:
        raise ValueError("steps is empty, but an animation has at least one frame; give some, or None for all")
    told = [view.told(step) for step in chosen]
    room = max(one.height for one in told)
    frames = [image(view.sketch(s, one, room=room).figure(corner=0)) for s, one in zip(chosen, told, strict=True)]
    return Film(frames, [one.text for one in told], view.play.label, view.alt(None), fps)


def save(path: str | os.PathLike[str], theme: ThemeName, scene: Scene, mode: str, at: At, **chosen: Any) -> None:
    """Write a play to a .gif in this theme, or to an .html file, which follows its reader's. chosen: as in `film`.

    Raises ValueError for another theme, another kind of file, or what `film` refuses.
    """
    file = Path(path)
    if theme not in THEMES:
        raise ValueError(f"theme is {theme!r}; give {' or '.join(map(repr, THEMES))}")
    if file.suffix.lower() not in (".gif", ".html"):
        raise ValueError(f"{file.name!r} is neither a .gif nor an .html file; end its name in one of these")
    drawn = film(scene, mode, at, **chosen)
    file.write_bytes(drawn.gif(theme) if file.suffix.lower() == ".gif" else drawn.page().encode())


class _Patch(NamedTuple):
    """What is new in a frame, where it lies, and what else lies there is transparent."""

    left: int
    top: int
    image: Image.Image


def _patches(frames: Sequence[Image.Image]) -> Iterator[_Patch]:
    yield _Patch(0, 0, frames[0])
    for before, now in pairwise(map(np.asarray, frames)):
        rows, columns = np.nonzero(before != now)
        top, bottom, left, right = (*_ends(rows), *_ends(columns))
        new = np.where(before != now, now, inks.TRANSPARENT)[top:bottom, left:right]
        patch = Image.fromarray(new.astype(np.uint8))
        patch.putpalette(inks.table())
        yield _Patch(left, top, patch)


def _ends(places: Any) -> tuple[int, int]:
    """From the first of them to behind the last; one place if there is none."""
    return (int(places.min()), int(places.max()) + 1) if places.size else (0, 1)


def _thinned(count: int) -> list[int]:
    """All steps, or as many as can be watched, in even distances from the first to the last."""
    return list(dict.fromkeys(np.linspace(0, count - 1, min(count, MOST)).round().astype(int).tolist()))


def _without_colors(image: Image.Image) -> bytes:
    """A PNG without its list of colours, which the page puts back at COLORS_AT."""
    whole = png(image)
    length = int.from_bytes(whole[COLORS_AT : COLORS_AT + 4], "big")
    assert whole[COLORS_AT + 4 : COLORS_AT + 8] == b"PLTE"
    return whole[:COLORS_AT] + whole[COLORS_AT + 12 + length :]  # a chunk: its length, its name, itself, a checksum


def _colors(table: bytes) -> bytes:
    """A PNG's list of colours."""
    named = b"PLTE" + table
    return struct.pack(">I", len(table)) + named + struct.pack(">I", zlib.crc32(named))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<div class="lc-film" role="group" aria-label="{title}">
<style>
{css}</style>
<canvas role="img" width="{width}" height="{height}" style="width: {shown}px"></canvas>
<div class="player">
<button type="button" data-action="back">Step back</button>
<button type="button" data-action="play">Play</button>
<button type="button" data-action="on">Step on</button>
<input type="range" min="0" value="0" aria-label="step"><output></output>
</div>
<script type="application/json">{film}</script>
<script type="module">
{script}</script>
</div>
"""

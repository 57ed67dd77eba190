"""The few colours of an explorer's pictures: 256 that are known beforehand, so that no picture has to be searched.

A picture is drawn on white paper and kept as numbers of inks. The same numbers with the dark theme's inks are the
picture for a dark page: each ink is one colour over another, thinned where an edge is soft, and both have a name.
"""

import functools
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT, Theme

LEVELS = 6  # strengths of a value's colour, for either sign, as in page/grid.mjs and explorer.css
SHADE = {"": 0.072, "dense ": 0.16}  # how much of the colour each of them adds; with numbers on it, and without
SOFT = (1 / 4, 1 / 2, 3 / 4)  # where an edge is soft; with more of them a picture is larger, and looks no better
MARKED = ("x", "w", "z")  # tensors whose cells stand in grids, and can be marked
TRANSPARENT = 255
STRIP = 64  # rows at a time: a kernel keeps the memory that an image once took


class Ink(NamedTuple):
    """A share of one colour over another, by name."""

    ground: str
    over: str
    share: float


def level(number: int, *, dense: bool = False) -> str:
    """The name of a value's colour: number runs from −LEVELS to LEVELS, and 0 is paper. dense: without numbers."""
    return f"{'dense ' * dense}{'positive' if number > 0 else 'negative'} {abs(number)}" if number else "paper"


def levels(values: npt.NDArray[np.float64], most: float) -> npt.NDArray[np.intp]:
    """How strongly values are coloured, −LEVELS … LEVELS; blank cells (NaN) not at all."""
    strength = np.minimum(np.ceil(LEVELS * np.abs(np.nan_to_num(values)) / (most or 1)), LEVELS)
    return (np.sign(np.nan_to_num(values)) * strength).astype(np.intp)


@functools.cache
def colors(theme: Theme = LIGHT) -> dict[str, str]:
    """The colours by name."""
    named = {name: getattr(theme, name) for name in ("paper", "ink", "muted", "line", *palette.TENSORS)}
    for sign, (dense, shade), number in product(("positive", "negative"), SHADE.items(), range(1, LEVELS + 1)):
        named[f"{dense}{sign} {number}"] = palette.mix(theme.paper, getattr(theme, sign), number * shade)
    return named


@functools.cache
def table(theme: Theme = LIGHT) -> bytes:
    """Red, green and blue of all 256 inks, one after the other."""
    rgb = {name: np.array(list(bytes.fromhex(color[1:])), np.float64) for name, color in colors(theme).items()}
    mixed = [rgb[ink.ground] * (1 - ink.share) + rgb[ink.over] * ink.share for ink in INKS]
    return bytes(np.rint(np.array(mixed)).astype(np.uint8).ravel()).ljust(3 * 256, b"\xff")


def indexed(pixels: npt.NDArray[np.uint8]) -> Image.Image:
    """A picture on white paper, (height, width, 4), in the light inks; TRANSPARENT where there is no paper."""
    height, width = pixels.shape[:2]
    whole = Image.new("P", (width, height))
    for top in range(0, height, STRIP):
        strip = pixels[top : top + STRIP]
        drawn = Image.frombuffer("RGBA", (width, len(strip)), strip, "raw", "RGBA", 0, 1)
        few = drawn.convert("RGB").quantize(palette=_light(), dither=Image.Dither.NONE)
        few.paste(TRANSPARENT, mask=drawn.getchannel("A").point(lambda alpha: 255 * (alpha < 128)))
        whole.paste(few, (0, top))
    whole.putpalette(table())
    return whole


@functools.cache
def _light() -> Image.Image:
    light = Image.new("P", (1, 1))
    light.putpalette(table()[: 3 * len(INKS)])
    return light


def _inks() -> Iterator[Ink]:
    """Every colour, and the soft edges that it can have: of words, and of marks on coloured cells."""
    pens = ("ink", "muted", "line", *palette.TENSORS)
    numbers = [number for number in range(-LEVELS, LEVELS + 1) if number]
    grounds, dense = ([level(number, dense=dense) for number in numbers] for dense in (False, True))
    yield from (Ink(name, name, 0) for name in ("paper", *grounds, *dense, *pens))
    yield from (Ink("paper", pen, share) for pen in pens if pen != "line" for share in SOFT)
    yield from (Ink(ground, "ink", share) for ground in grounds for share in SOFT)
    yield from (Ink(ground, tensor, 1 / 2) for ground in (*grounds, *dense) for tensor in MARKED)


INKS = tuple(_inks())
assert len(INKS) < TRANSPARENT

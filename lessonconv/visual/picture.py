"""A picture in a notebook: a Matplotlib figure that nobody else knows of, on a card that suits any theme, with words.

The card is white with round corners: on a light page it is not seen, on a dark one it looks like a print laid on the
table. (Transparent figures were tried: no ink reads well on both pages, and colour scales lose their zero. So was a
tinted card: it greys the digits on a light page, and gains nothing on a dark one.)
"""

import base64
import io
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import text_to_path
from PIL import Image

from lessonconv.visual.palette import LIGHT

CSS_PIXELS = 96  # in an inch, on the page: so 9 pt are 12 pixels, and 12 pt the 16 of running text
SHARPNESS = 2  # pixels of the image for each of these: crisp on a high-resolution screen
TRANSPARENT = 255  # the last of 256 colours
CORNER, MARGIN, GAP = 8, 16, 10  # pixels of the page
TITLE, LINE = 30, 17  # the title's height, and a line's
FONT = "DejaVu Sans"  # comes with Matplotlib: the same on every machine
TEXT_SIZE, TITLE_SIZE = 9, 12  # points

STYLE: dict[str, Any] = {
    "font.family": [FONT],
    "font.size": TEXT_SIZE,
    "axes.titlesize": 10,
    "axes.titleweight": "normal",
    "axes.labelsize": TEXT_SIZE,
    "axes.facecolor": "none",
    "axes.edgecolor": LIGHT.line,
    "axes.labelcolor": LIGHT.ink,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "hatch.linewidth": 1.0,
    "lines.solid_capstyle": "round",
    "text.color": LIGHT.ink,
    "text.hinting": "no_hinting",  # a word is as wide as it was measured
    "text.parse_math": False,  # a $ in a learner's title is a $
    "xtick.color": LIGHT.line,
    "xtick.labelcolor": LIGHT.ink,
    "xtick.labelsize": TEXT_SIZE,
    "ytick.color": LIGHT.line,
    "ytick.labelcolor": LIGHT.ink,
    "ytick.labelsize": TEXT_SIZE,
}


class Picture:
    """A figure and what it shows, in words; the last expression of a cell shows it.

    figure: Matplotlib's, to go on drawing with; it is not pyplot's, so nothing shows it twice.
    alt: what the picture shows, in words that stay the same however a training went: the text form of the output.
    findings: what these data say, in numbers; both are read to those who do not see the picture.
    """

    def __init__(self, figure: Figure, alt: str, findings: str = "") -> None:
        self.figure, self.alt, self.findings = figure, alt, findings

    def png(self) -> bytes:
        """The image, two pixels for each of the page's; the same figure gives the same bytes.

        With 256 colours, which nobody tells from all of them, a stored notebook is four times smaller.
        """
        full, small = io.BytesIO(), io.BytesIO()
        with _style():
            self.figure.savefig(full, format="png", dpi="figure", facecolor="none")
        _few_colors(Image.open(full)).save(small, "png", optimize=True, transparency=TRANSPARENT)
        return small.getvalue()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file: .png, or what else its name ends in (.svg, .pdf)."""
        with _style():
            self.figure.savefig(path, dpi="figure", facecolor="none")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """The image at the size of the page, and its words."""
        width, height = (round(inches * CSS_PIXELS) for inches in self.figure.get_size_inches())
        words = f"{self.alt} {self.findings}".strip()
        return (
            {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt},
            {"image/png": {"width": width, "height": height, "alt": words}},
        )

    def __repr__(self) -> str:
        return self.alt


class Sheet:
    """Paper to draw on, measured in the page's pixels from the top left corner, below the title.

    width, height: of the room between title and caption. figure: Matplotlib's.
    """

    def __init__(self, width: float, height: float, title: str, caption: str) -> None:
        self.width, self.height = width, height
        lines = wrap(caption, width)
        self._left, self._top = MARGIN, MARGIN + (TITLE if title else 0)
        bottom = MARGIN + (len(lines) * LINE + GAP if lines else 0)
        self._size = w, h = width + 2 * MARGIN, self._top + height + bottom
        self.figure = Figure((w / CSS_PIXELS, h / CSS_PIXELS), dpi=CSS_PIXELS * SHARPNESS)
        _card(self.figure, w / CSS_PIXELS, h / CSS_PIXELS)
        self._write(MARGIN, MARGIN - 3, title, fontsize=TITLE_SIZE, fontweight="bold")
        for number, line in enumerate(lines):
            self._write(MARGIN, self._top + height + GAP + number * LINE, line, color=LIGHT.muted)

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes with their top left corner at (x, y), without frame and ticks."""
        axes = self.figure.add_axes(self._share(x, y, width, height))
        axes.set_axis_off()
        return axes

    def charts(self, columns: int, top: float = 0) -> list[Axes]:
        """Axes with frame and ticks beside each other, as large as their words allow (constrained layout).

        top: pixels to leave free above them.
        """
        room = self._share(0, top, self.width, self.height - top)
        self.figure.set_layout_engine(ConstrainedLayoutEngine(rect=room, w_pad=0, h_pad=0, wspace=0.05))
        return list(self.figure.subplots(1, columns, squeeze=False)[0])

    def canvas(self) -> Axes:
        """Axes over the whole room whose data are the sheet's pixels: y grows downwards."""
        axes = self.axes(0, 0, self.width, self.height)
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        return axes

    def text(self, x: float, y: float, words: str, **style: Any) -> None:
        """Words with their top left corner at (x, y); ha and va as in Matplotlib move them."""
        self._write(self._left + x, self._top + y, words, **style)

    def _write(self, x: float, y: float, words: str, **style: Any) -> None:
        width, height = self._size
        self.figure.text(x / width, 1 - y / height, words, **{"va": "top", **style}).set_in_layout(False)

    def _share(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        """A rectangle as Matplotlib wants it: shares of the figure, from the bottom left corner."""
        w, h = self._size
        return (self._left + x) / w, 1 - (self._top + y + height) / h, width / w, height / h


@contextmanager
def drawing(width: float, height: float, title: str, caption: str = "") -> Iterator[Sheet]:
    """A sheet in the house's style: `with drawing(600, 200, "Loss") as sheet: …`.

    width, height: of the room to draw in, made wider if the title asks for it. title: a line above. caption: lines
    below, in a softer ink.
    """
    with _style():
        asked = text_width(title, bold=True, size=TITLE_SIZE)
        yield Sheet(math.ceil(max(width, asked)), math.ceil(height), title, caption)


def text_width(words: str, *, bold: bool = False, size: float = TEXT_SIZE) -> float:
    """How many pixels of the page a line of text is wide."""
    font = FontProperties(family=FONT, weight="bold" if bold else "normal", size=size)
    points = text_to_path.get_text_width_height_descent(words, font, ismath=False)[0]
    return float(points) * CSS_PIXELS / 72


def count_of(number: int, thing: str) -> str:
    """A number of things in words: "1 image", "1,000 images"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _few_colors(image: Image.Image) -> Image.Image:
    """The image with 255 colours, and a 256th, TRANSPARENT, for what lies outside the card's round corners."""
    on_paper = Image.new("RGBA", image.size, LIGHT.paper)
    on_paper.alpha_composite(image)
    few = on_paper.convert("RGB").quantize(TRANSPARENT, kmeans=2, dither=Image.Dither.NONE)
    outside = image.getchannel("A").point(lambda alpha: 255 * (alpha < 128))
    listed = (few.getpalette() or [])[: 3 * TRANSPARENT]
    few.putpalette(listed + [255] * (3 * 256 - len(listed)))  # all 256, or PNG would drop the last
    few.paste(TRANSPARENT, mask=outside)
    return few


def wrap(words: str, width: float, measure: Callable[[str], float] = text_width) -> list[str]:
    """The words in lines that are at most that wide. measure: how wide a line is."""
    lines: list[str] = []
    for word in words.split():
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


@contextmanager
def _style() -> Iterator[None]:
    """The house's style, whatever the learner has set, and afterwards what the learner has set."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)  # type: ignore[arg-type]  # its keys are known to Matplotlib
        yield


def _card(figure: Figure, width: float, height: float) -> None:
    """The paper, with round corners."""
    corner = CORNER / CSS_PIXELS
    card = FancyBboxPatch(
        (corner, corner),
        width - 2 * corner,
        height - 2 * corner,
        boxstyle=f"round,pad={corner}",
        transform=figure.dpi_scale_trans,
        facecolor=LIGHT.paper,
        edgecolor="none",
        zorder=-10,
    )
    card.set_in_layout(False)
    figure.add_artist(card)

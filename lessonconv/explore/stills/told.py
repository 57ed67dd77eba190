"""What is told of a cell, as page/told.mjs sets it: a sentence, and the sum with symbols above and numbers below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lessonconv.explore.scene import Scene
from lessonconv.explore.stills import words
from lessonconv.explore.stills.sketch import LINE_HEIGHT, Sketch, text_width, wrapped
from lessonconv.explore.stills.words import At, Term, Written
from lessonconv.visual import palette

ROW, SPACE = 40, 5  # the height of a line of the sum, and between its columns; pixels of the page
SIGNS = {"sum": ("=", "+", ""), "max": ("= max(", ",", ")"), "stamp": ("adds to", "", "")}  # as in page/told.mjs


class Column(NamedTuple):
    """A piece of a sum: symbols, each with its ink, and numbers below."""

    above: tuple[tuple[str, str], ...]
    below: str

    @property
    def width(self) -> float:
        """Of the wider of the two."""
        return max(self.width_above, text_width(self.below))

    @property
    def width_above(self) -> float:
        """Of the symbols."""
        return sum(text_width(piece, style=_weight(ink)) for piece, ink in self.above)


@dataclass(frozen=True)
class Told:
    """What is said of a cell: a sentence, and its sum in lines of columns; and both as text."""

    lines: tuple[str, ...] = ()
    rows: tuple[tuple[Column, ...], ...] = ()
    text: str = ""

    @property
    def height(self) -> float:
        """What it takes on the page."""
        return len(self.lines) * LINE_HEIGHT + len(self.rows) * ROW

    def draw(self, sketch: Sketch, left: float, top: float) -> None:
        """From that corner on."""
        y = sketch.lines(left, top, self.lines)
        for row in self.rows:
            x = left
            for column in row:
                middle = x + column.width / 2
                start = middle - column.width_above / 2
                for piece, ink in column.above:
                    start += sketch.words(start, y + ROW / 4, piece, ink, style=_weight(ink))
                sketch.words(middle, y + 3 * ROW / 4 - 3, column.below, align=0.5)
                x += column.width + SPACE
            y += ROW


def told(scene: Scene, mode: str, name: str, cell: int, at: At, width: float) -> Told:
    """What a play tells of a cell, in lines at most that wide."""
    sentence, sum = words.sentence(scene, name, cell, at), words.story(scene, mode, name, cell, at)
    if sum is None:
        return Told(tuple(wrapped(sentence, width)), (), sentence)
    return Told(tuple(wrapped(sentence, width)), tuple(_flow(_groups(sum), width)), f"{sentence} {sum.text()}.")


def _groups(sum: Written) -> list[list[Column]]:
    """A sum as columns, in groups that stay together: the head, then every term after its sign."""
    opens, between, closes = SIGNS[sum.how]
    groups = [[Column(((sum.head, palette.tensor(sum.tensor)),), sum.total)]]
    for number, term in enumerate(sum.terms):
        groups.append([_sign(between if number else opens), _column(term, sum.how)])
    if not sum.terms:
        nothing = "adds to nothing: no cells meet" if sum.how == "stamp" else "= 0: no cells meet"
        groups.append([Column(((nothing, "ink"),), "")])
    if sum.hidden:
        groups.append([_sign(between), Column(((f"… ({sum.hidden} more)", "ink"),), "…")])
    return [*groups, [_sign(closes)]]


def _column(term: Term, how: str) -> Column:
    pieces: list[tuple[str, str]] = []
    for name, tensor in term.symbols:
        pieces += ([("·", "ink")] if pieces else []) + [(name, palette.tensor(tensor))]
    if term.factor and how != "stamp":  # there the symbol is what is added to, and no factor
        pieces.append((f"·{term.factor}", "ink"))
    return Column(tuple(pieces), term.in_numbers)


def _flow(groups: Sequence[Sequence[Column]], width: float) -> list[tuple[Column, ...]]:
    """Columns in lines at most that wide."""
    rows: list[tuple[Column, ...]] = [()]
    for group in groups:
        if sum(column.width + SPACE for column in (*rows[-1], *group)) > width + SPACE and rows[-1]:
            rows.append(())
        rows[-1] += tuple(column for column in group if column.width)
    return rows


def _sign(sign: str) -> Column:
    return Column(((sign, "ink"),), sign)


def _weight(ink: str) -> str:
    """Symbols stand in their tensor's colour, and bold; signs do not."""
    return "" if ink == "ink" else "bold"

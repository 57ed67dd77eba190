"""Which cells meet: the grids that one cell of z, ∂L/∂w or ∂L/∂x is made from, with their pairs numbered."""

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from lessonconv.symbolic.cell import CellFormula, Place, cell_formula
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import CSS_PIXELS, MARGIN, TEXT_SIZE, Picture, Sheet, count_of, drawing, text_width
from lessonconv.window import Axis, Pair, Window

Array = npt.NDArray[Any]
Point = tuple[float, float]
Term = list[tuple[str, str]]  # pieces, each with its colour

# Pixels of the page
WIDTH, HEIGHT = 800 - 2 * MARGIN, 480  # most for the grids beside each other
CELL, LEAST_CELL = 42, 18  # a cell's side, at most and at least
INDEX, NAME = 18, 20  # room for the indices beside and above a grid, and for its name
SIGMA, SIGN = 26, 32  # room for Σ, and for · and =
BADGE = 15  # the height of a pair's number on its ground
SLOT, DOT, LINE = 24, 8, 21  # room for a sign in the sum, for a · between two factors, and for a line of it
APART, AIR = 14, 6  # between the grids and the sum; between parts of the sum, and below it

# Points
VALUE_SIZE, SIGN_SIZE, SUM_SIZE, LEAST_SIZE = 11.0, 17.0, 10.0, 6.8

MOST, SOME = 12, 7  # terms that are written out, and how many if there are more


@dataclass
class _Grid:
    """A tensor as cells.

    name: in the code's notation. size: (rows, columns). marks: a cell's number in its pair, or "" for the cell that is
    made. values: of all cells, or of none. padding: cells (before, after) around it, along the height and the width.
    """

    name: str
    size: Pair
    marks: Mapping[Place, str] = field(default_factory=dict)
    values: Mapping[Place, str] = field(default_factory=dict)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))

    @property
    def label(self) -> str:
        return f"{palette.label(self.name)}: {_by(self.size)}"

    @property
    def drawn(self) -> Pair:
        """Rows and columns with the padding."""
        return self.size[0] + sum(self.padding[0]), self.size[1] + sum(self.padding[1])

    def width(self, cell: int) -> float:
        """With its indices at the left, and what a long name takes at the right."""
        cells = self.drawn[1] * cell
        return INDEX + max(cells, (cells + text_width(self.label, bold=True)) / 2)


@dataclass
class _Sum:
    """head = terms = numbers = total, as it is written below the grids.

    terms: in pieces with their colours, and a last one for those that are left out. numbers: the same in numbers, or
    none. total: what they come to, or "". exact: whether the numbers are written in full.
    """

    head: str
    terms: list[Term]
    numbers: list[Term]
    total: str
    exact: bool = True


class _Line(NamedTuple):
    """Terms, each after its sign, in columns.

    above: room above them. first: their pairs' numbers stand there, beginning with this one, unless it is 0.
    """

    signs: str
    terms: list[Term]
    column: float
    above: float = 0
    first: int = 0


@dataclass(frozen=True)
class _Fonts:
    """Sizes in points at which everything fits its cell; None where it does not.

    value: of the tensors' values. mark: of a pair's number that stands alone; None if it has room for a ground of its
    own. total: of the value of the cell that is made.
    """

    value: float | None
    mark: float | None
    total: float | None

    @classmethod
    def fitting(cls, grids: Sequence[_Grid], cell: int) -> "_Fonts":
        width = _widest(value for grid in grids[:2] for value in grid.values.values())
        value = min(VALUE_SIZE, (cell - 7) / max(width, 1)) if cell >= 2 * BADGE + 4 else 0
        crowded = _widest(grids[0].marks.values(), bold=True) * TEXT_SIZE > cell - 14
        mark = min(TEXT_SIZE, (cell - 3) / max(_widest(grids[0].marks.values()), 1)) if crowded else None
        total = min(VALUE_SIZE, (cell - 8) / max(_widest(grids[2].values.values(), bold=True), 1))
        return cls(value if value >= TEXT_SIZE else None, mark, total if total >= TEXT_SIZE else None)


def meetings(
    name: str,
    place: Sequence[int],
    window: Window,
    *,
    x: Any = None,
    w: Any = None,
    dz: Any = None,
    title: str | None = None,
) -> Picture:
    """One cell of z, dw or dx beside the two tensors it is made from: which of their cells are multiplied.

    z[i,j] = Σ w·x,  ∂L/∂w[k,l] = Σ ∂L/∂z·x,  ∂L/∂x[u,v] = Σ ∂L/∂z·w, over the window's meetings

    place: (row, column) of the cell. x: (H, W), w: (K_h, K_w), dz: (O_h, O_w), or with axes of length 1 before these:
    the two that are multiplied, or neither; with them, cells and sum show their numbers. One channel, without bias.
    Raises ValueError for another name, arrays that do not fit, or grids too large to be read, IndexError for a place
    outside. Source: `symbolic.cell_formula`.
    """
    place = tuple(operator.index(index) for index in place)
    if len(place) == 4:
        raise ValueError(f"{name}{list(place)} has 4 indices, but a picture shows one channel; give (row, column)")
    formula = cell_formula(name, place, window)
    arrays = _arrays(formula, window, {"x": x, "w": w, "dz": dz})
    written = _written(formula, arrays)
    grids = _grids(formula, window, arrays, written.total)
    cell = _cell_size(grids, window)

    title = title or f"The cells that make {written.head}"
    width = _width(grids, cell)
    lines = _lines(written, WIDTH)
    room = max(width, _start(written) + max(len(line.terms) for line in lines) * _column(written))
    bottom = NAME + INDEX + max(grid.drawn[0] for grid in grids) * cell + APART
    height = bottom + sum(LINE + line.above for line in lines) + AIR
    with drawing(room, height, title, _caption(formula, window)) as sheet:
        axes = sheet.canvas()
        _draw_grids(sheet, axes, grids, cell)
        _draw_sum(sheet, axes, written, lines, bottom, palette.color(name))
    left, right = palette.label(formula.left), palette.label(formula.right)
    spoken = formula._replace(name=palette.label(name), left=left, right=right)
    return Picture(
        sheet.figure,
        f"{title}: {spoken.text(_shown(formula))}. {_caption(formula, window)}",
        f"In numbers: {formula.numbers(arrays, _shown(formula))}.".replace("-", "−") if written.numbers else "",
    )


# What there is to draw


def _arrays(formula: CellFormula, window: Window, given: Mapping[str, Any]) -> dict[str, Array]:
    """The two arrays that are multiplied, or none. Raises ValueError."""
    needed = [formula.left, formula.right]
    missing = [name for name in needed if given[name] is None]
    if missing == needed:
        return {}
    if missing:
        raise ValueError(
            f"{formula.name} is made of {needed[0]} and {needed[1]}, but {missing[0]} is missing; give both or neither"
        )
    return {name: _array(name, given[name], _size(name, window)) for name in needed}


def _array(name: str, value: Any, size: Pair) -> Array:
    """The argument as an array of that size. Raises ValueError."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub" or array.shape[-2:] != size or array.size != size[0] * size[1]:
        axes = ", ".join(["0"] * (array.ndim - 2))
        channel = f"of more channels take one, {name}[{axes}]" if axes and array.shape[-2:] == size else "give those"
        raise ValueError(
            f"{name} has shape {array.shape} and dtype {array.dtype}, but must hold the window's {_by(size)} numbers; "
            f"{channel}"
        )
    array = array.reshape(size).astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a NaN or an infinity, and so would the sum; look where it came from")
    return array


def _size(name: str, window: Window) -> Pair:
    return {"x": window.input_size, "w": window.kernel_size, "z": window.output_size}[palette.tensor(name)]


def _grids(formula: CellFormula, window: Window, arrays: Mapping[str, Array], total: str) -> list[_Grid]:
    """The two tensors that are multiplied, and the one that the cell belongs to."""
    grids = []
    for side, name in enumerate((formula.left, formula.right)):
        grid = _Grid(name, _size(name, window), {pair[side]: str(k) for k, pair in enumerate(formula.terms, 1)})
        if name in arrays:
            grid.values = {place: _short(value) for place, value in np.ndenumerate(arrays[name])}
        if name == "x":
            grid.padding = window.height.ring, window.width.ring
        grids.append(grid)
    made = _Grid(formula.name, _size(formula.name, window), {formula.place: ""}, {formula.place: total})
    return [*grids, made]


def _shown(formula: CellFormula) -> int:
    """How many terms are written out."""
    return len(formula.terms) if len(formula.terms) <= MOST else SOME


def _written(formula: CellFormula, arrays: Mapping[str, Array]) -> _Sum:
    """The sum in symbols, and in numbers if there are any."""
    names, shown = (formula.left, formula.right), _shown(formula)
    terms: list[Term] = []
    for pair in formula.terms[:shown]:
        one, other = ((_cell(name, place), palette.color(name)) for name, place in zip(names, pair, strict=True))
        terms.append([one, ("·", LIGHT.ink), other])
    hidden = len(formula.terms) - shown
    more: list[Term] = [[(f"… ({hidden} more)", LIGHT.muted)]] if hidden else []
    head = _cell(formula.name, formula.place)
    if not formula.terms or not arrays:
        return _Sum(head, terms + more, [], "" if formula.terms else "0")
    pairs = [(arrays[names[0]][one], arrays[names[1]][other]) for one, other in formula.terms]
    numbers: list[Term] = [[(f"{_factor(one)}·{_factor(other)}", LIGHT.ink)] for one, other in pairs[:shown]]
    exact = all(float(_short(value).replace("−", "-")) == value for pair in pairs for value in pair)
    total = _minus(f"{sum(one * other for one, other in pairs):.{10 if exact else 3}g}")
    return _Sum(head, terms + more, numbers + more, total, exact)


def _caption(formula: CellFormula, window: Window) -> str:
    """What there is to see, in words."""
    cell, count = ",".join(map(str, formula.place)), len(formula.terms)
    if count:
        words = {
            "z": "each tap of w lies on one cell of x.",
            "dw": f"each output used w[{cell}] once, on one cell of x.",
            "dx": f"input x[{cell}] is read by {count_of(count, 'output')}"
            + ("." if count == 1 else ", each through a tap of its own."),
        }[formula.name]
        words += (
            " Only one pair meets: the two cells with the number 1."
            if count == 1
            else f" Cells with the same number are multiplied, and the {count} products added."
        )
    else:
        words = {
            "z": f"the window of z[{cell}] lies on padding only",
            "dw": f"tap w[{cell}] meets padding only",
            "dx": f"no output reads x[{cell}], so no gradient comes back to it",
        }[formula.name] + ": no cells meet, and the sum is 0."
    settings = _settings(window)
    words = f"With {settings}, {words}" if settings else words[0].upper() + words[1:]
    if formula.right == "x" and any((*window.height.ring, *window.width.ring)):
        words += " Dashed: padding, which is 0."
        rows, columns = _size(formula.left, window)
        rest = rows * columns - count
        if count and rest:
            thing = {"w": "tap", "dz": "output"}[formula.left]
            words += f" The other {thing} meets it." if rest == 1 else f" The other {count_of(rest, thing)} meet it."
    return words


def _settings(window: Window) -> str:
    """Stride, padding and dilation where they are not the usual ones: "stride 2 and padding 1"."""
    axes = window.height, window.width
    sides = tuple((axis.before, axis.after) for axis in axes)
    padding = sides if any(before != after for before, after in sides) else tuple(before for before, _ in sides)
    told: list[tuple[str, int, tuple[Any, ...]]] = [
        ("stride", 1, tuple(axis.stride for axis in axes)),
        ("padding", 0, padding),
        ("dilation", 1, tuple(axis.dilation for axis in axes)),
    ]
    words = [
        f"{name} {value if value[0] != value[1] else value[0]}" for name, usual, value in told if value != (usual,) * 2
    ]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


# How large


def _width(grids: Sequence[_Grid], cell: int) -> float:
    return SIGMA + sum(grid.width(cell) for grid in grids) + 2 * SIGN


def _fitting(grids: Sequence[_Grid]) -> int | None:
    """The largest cell with which all grids fit on a page, or None if it could not be read."""
    rows = max(grid.drawn[0] for grid in grids)
    least = max(LEAST_CELL, math.ceil(_widest(grids[0].marks.values()) * LEAST_SIZE + 3))
    sizes = range(CELL, least - 1, -1)
    return next((cell for cell in sizes if _width(grids, cell) <= WIDTH and rows * cell <= HEIGHT), None)


def _widest(words: Iterable[str], *, bold: bool = False) -> float:
    """How many pixels the widest takes for each point of the font."""
    return max((text_width(word, bold=bold) for word in set(words)), default=0) / TEXT_SIZE


def _cell_size(grids: Sequence[_Grid], window: Window) -> int:
    """What `_fitting` says. Raises ValueError with the largest input that would fit."""
    found = _fitting(grids)
    if found is None:
        shapes = " and ".join(
            f"{palette.label(grid.name)} of {_by(grid.drawn)} cells"
            + (" with padding" if grid.drawn != grid.size else "")
            for grid in grids[:2]
        )
        raise ValueError(f"{shapes} do not fit beside each other on a page; {_way_out(grids, window)}")
    return found


def _way_out(grids: Sequence[_Grid], window: Window) -> str:
    """The largest input over which the same window can be drawn."""
    for size in range(max(window.input_size) - 1, 0, -1):
        height, width = (
            Axis.over(min(size, a.size), a.kernel, stride=a.stride, padding=(a.before, a.after), dilation=a.dilation)
            for a in (window.height, window.width)
        )
        if min(height.outputs, width.outputs) < 1:
            break
        smaller, drawn = Window(height, width), []
        for grid in grids:
            pairs = math.prod(_size(grids[0].name, smaller))  # at most
            padding = (height.ring, width.ring) if grid.name == "x" else grid.padding
            drawn.append(_Grid(grid.name, _size(grid.name, smaller), {(0, 0): str(pairs)}, padding=padding))
        if _fitting(drawn):
            return f"draw the same window over a smaller input, {_by(smaller.input_size)} or less"
    return "draw a smaller kernel, or less padding"


# The grids


def _draw_grids(sheet: Sheet, axes: Axes, grids: Sequence[_Grid], cell: int) -> None:
    """Σ left · right = made, in the middle of the sheet, on one middle line."""
    left = (sheet.width - _width(grids, cell)) / 2
    middle = NAME + INDEX + max(grid.drawn[0] for grid in grids) * cell / 2
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": SIGN_SIZE}
    fonts = _Fonts.fitting(grids, cell)
    for sign, grid in zip("Σ·=", grids, strict=True):
        room = SIGMA if sign == "Σ" else SIGN
        sheet.text(left + room / 2, middle, sign, fontweight="bold" if sign == "·" else "normal", **style)
        left += room
        _draw_grid(sheet, axes, grid, (left + INDEX, middle - grid.drawn[0] * cell / 2), cell, fonts)
        left += grid.width(cell)


def _draw_grid(sheet: Sheet, axes: Axes, grid: _Grid, corner: Point, cell: int, fonts: _Fonts) -> None:
    """Name, indices, lines, values, and the cells that meet."""
    (left, top), (rows, columns), ((above, _), (before, _)) = corner, grid.size, grid.padding
    x, y = left + before * cell, top + above * cell  # of the first cell that is not padding
    color, small = palette.color(grid.name), {"color": LIGHT.muted, "va": "center_baseline"}
    name: dict[str, Any] = {"ha": "center", "va": "baseline", "color": color, "fontweight": "bold"}
    sheet.text(left + grid.drawn[1] * cell / 2, top - INDEX - 6, grid.label, **name)
    for row in range(rows):
        sheet.text(left - 6, y + (row + 0.5) * cell, str(row), ha="right", **small)
    for column in range(columns):
        sheet.text(x + (column + 0.5) * cell, top - 9, str(column), ha="center", **small)
    if grid.drawn != grid.size:
        _draw_lines(axes, corner, grid.drawn, cell, dashes=(3, 3))
    axes.add_artist(Rectangle((x, y), columns * cell, rows * cell, fc=LIGHT.paper, ec="none", zorder=2))
    _draw_lines(axes, (x, y), grid.size, cell)
    faint = palette.mix(LIGHT.paper, LIGHT.muted, 0.7)
    for row, column in product(range(-above, grid.drawn[0] - above), range(-before, grid.drawn[1] - before)):
        at, place = (x + column * cell, y + row * cell), (row, column)
        if not (0 <= row < rows and 0 <= column < columns):
            zero: dict[str, Any] = {"ha": "center", "va": "center_baseline", "color": faint}
            sheet.text(at[0] + cell / 2, at[1] + cell / 2, "0", **zero)
            continue
        if place in grid.marks:
            _draw_met(axes, grid.name, at, cell, made=not grid.marks[place])
        _write_cell(sheet, axes, at, cell, grid.marks.get(place), grid.values.get(place, ""), color, fonts)


def _draw_lines(axes: Axes, corner: Point, size: Pair, cell: int, dashes: tuple[float, ...] = ()) -> None:
    """Thin lines between the cells, in one stroke each, so that dashes keep step."""
    (left, top), (rows, columns) = corner, size
    style: dict[str, Any] = {
        "color": palette.mix(LIGHT.paper, LIGHT.muted, 0.5),
        "lw": 0.7,
        "zorder": 2,
        "clip_on": False,
    }
    if dashes:
        style["dashes"] = dashes
    for row in range(rows + 1):
        axes.add_artist(Line2D([left, left + columns * cell], [top + row * cell] * 2, **style))
    for column in range(columns + 1):
        axes.add_artist(Line2D([left + column * cell] * 2, [top, top + rows * cell], **style))


def _draw_met(axes: Axes, name: str, corner: Point, cell: int, *, made: bool) -> None:
    """A cell that meets another, or the one that is made: tinted, hatched if it is a gradient, in a strong outline."""
    color = palette.color(name)
    tint, lines = (palette.mix(LIGHT.paper, color, share) for share in ((0.28, 0.5) if made else (0.12, 0.3)))
    width = 1.4 if cell > 25 else 0.9
    area: dict[str, Any] = {"fc": tint, "ec": lines, "lw": 0, "hatch": palette.hatch(name), "zorder": 3}
    outline: dict[str, Any] = {"fill": False, "ec": color, "lw": 2.4 if made else width, "zorder": 4, "clip_on": False}
    axes.add_artist(Rectangle(corner, cell, cell, **area))
    axes.add_artist(Rectangle(corner, cell, cell, **outline))


def _write_cell(
    sheet: Sheet, axes: Axes, corner: Point, cell: int, mark: str | None, value: str, color: str, fonts: _Fonts
) -> None:
    """The value in the middle, with the pair's number in the corner; that number alone in the middle."""
    x, y = corner[0] + cell / 2, corner[1] + cell / 2
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
    if mark and fonts.value and value:
        _draw_badge(sheet, axes, (corner[0] + 3 + _badge_width(mark) / 2, corner[1] + 3 + BADGE / 2), mark, color)
        sheet.text(x, y + (3 + BADGE) / 2, value, fontsize=fonts.value, **style)
    elif mark and fonts.mark is None:
        _draw_badge(sheet, axes, (x, y), mark, color)
    elif mark:
        halo = withStroke(linewidth=1.5, foreground=palette.mix(LIGHT.paper, color, 0.12))
        style |= {"fontsize": fonts.mark, "path_effects": [halo]}
        sheet.text(x, y, mark, **style)
    elif mark is None and value and fonts.value:
        sheet.text(x, y, value, fontsize=fonts.value, **style)
    elif mark == "" and value and fonts.total:
        sheet.text(x, y, value, fontsize=fonts.total, fontweight="bold", **style)


def _draw_badge(sheet: Sheet, axes: Axes, centre: Point, mark: str, color: str) -> None:
    """A pair's number on a ground of its own, so that nobody takes it for a value."""
    (x, y), half = centre, (_badge_width(mark) - BADGE) / 2
    points = BADGE * 72 / CSS_PIXELS
    round_ends: dict[str, Any] = {"marker": "o", "ms": points, "mew": 0, "solid_capstyle": "butt", "clip_on": False}
    axes.add_artist(Line2D([x - half, x + half], [y, y], lw=points, color=color, zorder=5, **round_ends))
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontweight": "bold"}
    sheet.text(x, y, mark, color=palette.ink(color), **style)


def _badge_width(mark: str) -> float:
    return max(BADGE, text_width(mark, bold=True) + 6)


# The sum


def _lines(written: _Sum, width: float) -> list[_Line]:
    """The sum in lines at most so wide, all about as long: the symbols, then the numbers, then the total."""
    room, column, sign = width - _start(written), _column(written), "=" if written.exact else "≈"
    symbols = _in_columns("=", written.terms, room, column, numbered=True)
    numbers = _in_columns(sign, written.numbers, room, column)
    total: list[Term] = [[(written.total, LIGHT.ink)]] if written.total else []
    if len(symbols) > 1 and numbers:
        numbers[0] = numbers[0]._replace(above=AIR)  # tells where the numbers begin
    return [*symbols, *numbers, *_in_columns(sign, total, room, column)]


def _in_columns(sign: str, terms: list[Term], room: float, column: float, *, numbered: bool = False) -> list[_Line]:
    """Terms in lines, the first of all after its sign, the others each after a plus."""
    if not terms:
        return []
    lines = -(-len(terms) // max(1, int(room / column + 1e-9)))
    each = -(-len(terms) // lines)
    signs, above = sign + "+" * (len(terms) - 1), BADGE + 6 if numbered else 0
    return [
        _Line(signs[k : k + each], terms[k : k + each], column, above, k + 1 if numbered else 0)
        for k in range(0, len(terms), each)
    ]


def _start(written: _Sum) -> float:
    """Where the signs begin."""
    return text_width(written.head, bold=True, size=SUM_SIZE)


def _column(written: _Sum) -> float:
    """How wide the widest term is, in symbols or in numbers, with the sign before it."""
    return SLOT + max((sum(map(_piece_width, term)) for term in written.terms + written.numbers), default=1)


def _piece_width(piece: tuple[str, str]) -> float:
    return DOT if piece[0] == "·" else text_width(piece[0], size=SUM_SIZE)


def _draw_sum(sheet: Sheet, axes: Axes, written: _Sum, lines: Sequence[_Line], top: float, color: str) -> None:
    """Head, signs and terms on common baselines, each pair's number above its product."""
    style: dict[str, Any] = {"va": "baseline", "fontsize": SUM_SIZE}
    start, y = _start(written), top
    sheet.text(0, y + lines[0].above + LINE - 5, written.head, color=color, fontweight="bold", **style)
    for line in lines:
        y += line.above + LINE
        for number, (sign, term) in enumerate(zip(line.signs, line.terms, strict=True)):
            x = start + number * line.column + SLOT
            sheet.text(x - SLOT / 2, y - 5, sign, ha="center", **style)
            if line.first and len(term) > 1:
                above = x + sum(map(_piece_width, term)) / 2, y - LINE - BADGE / 2
                _draw_badge(sheet, axes, above, str(line.first + number), LIGHT.muted)
            for piece in term:
                width = _piece_width(piece)
                sheet.text(x + width / 2, y - 5, piece[0], color=piece[1], ha="center", **style)
                x += width


# Numbers


def _cell(name: str, place: Place) -> str:
    return f"{palette.label(name)}[{','.join(map(str, place))}]"


def _by(size: Pair) -> str:
    return "×".join(map(str, size))


def _short(value: float) -> str:
    """A number for a cell: whole ones in full up to 9,999, others with two figures; with a true minus."""
    whole = value == round(value) and abs(value) < 10_000
    return _minus(f"{value:.0f}" if whole else f"{value:.2g}")


def _factor(value: float) -> str:
    return f"({_short(value)})" if value < 0 else _short(value)


def _minus(number: str) -> str:
    """With a true minus, and none before 0."""
    return "0" if number == "-0" else number.replace("-", "−")

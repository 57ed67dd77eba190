"""How fast layers lay a picture out in memory: the columns of im2col, and the strips that do with fewer copies."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, drawing, text_width
from lessonconv.window import Pair, Window

CELL, SMALL, BARE = 27.0, 26.0, 14.0  # pixels of the page: a cell of the picture, of a matrix, and one without number
LINE, INDEX, APART = 17.0, 34.0, 44.0  # a line; room for indices beside a matrix; between picture and matrix
WIDEST = 24  # columns that fit on a page
FRAME = 2.0  # room for a frame's line at the edge
SPAN = 19.0  # the height of a bar that says what a kernel row reads
COPIES = "copied once for each tap of a kernel row"


class _Cell(NamedTuple):
    """Where a cell of a matrix comes from: (u, v) of the input; in the padding it is outside of it."""

    row: int
    column: int
    source: Pair


def columns(window: Window, marked: Sequence[int] = (1, 1), output: Sequence[int] = (0, 1)) -> Picture:
    """The matrix of im2col: a column for each output, a row for each tap; in each cell, which input stands there.

    column (i, j), row (k, l): x̂[i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]

    One channel. marked: an input, filled wherever it stands. output: the one whose window and column are framed.
    Raises ValueError if the matrix is wider than a page.
    """
    outputs = [(i, j) for i in range(window.height.outputs) for j in range(window.width.outputs)]
    taps = list(window.taps)
    _must_fit(len(outputs), "outputs")
    cells = [_Cell(r, c, window.input(*o, *tap)) for r, tap in enumerate(taps) for c, o in enumerate(outputs)]
    place, framed = (
        _inside("marked", marked, "input", window.input_size),
        _inside("output", output, "output", window.output_size),
    )
    times = sum(cell.source == place for cell in cells)
    x = _Picture(window)
    title = f"The matrix of all windows: x[{place[0]},{place[1]}] stands in it {times} times"
    caption = (
        f"Numbers: which cell of x stands there. Filled: cell {x.number(place)}, x[{place[0]},{place[1]}]. Framed: the "
        f"window of z[{framed[0]},{framed[1]}], on x and as a column. Hatched: padding, which is 0."
    )
    left = FRAME + x.width + APART + INDEX
    height = 2 * LINE + max(x.height, len(taps) * SMALL) + FRAME
    name = f"columns: {len(taps)}×{len(outputs)}, a column for each output, a row for each tap"
    width = left + max(len(outputs) * SMALL + FRAME, text_width(name, bold=True))
    with drawing(width, height, title, caption) as sheet:
        axes = sheet.canvas()
        x.draw(sheet, axes, FRAME, 2 * LINE, {place})
        corner = x.corner(window.input(*framed, 0, 0), FRAME, 2 * LINE)
        _frame(axes, *corner, CELL * window.width.span, CELL * window.height.span)
        sheet.text(
            left,
            0,
            name,
            fontweight="bold",
        )
        _names(sheet, left, LINE + 2, [f"{i},{j}" for i, j in outputs], SMALL)
        for row, (k, l) in enumerate(taps):
            sheet.text(
                left - 6,
                2 * LINE + (row + 0.5) * SMALL,
                f"{k},{l}",
                ha="right",
                va="center_baseline",
                color=palette.color("w"),
            )
        _matrix(axes, x, cells, left, 2 * LINE, {place})
        _frame(axes, left + outputs.index(framed) * SMALL, 2 * LINE, SMALL, len(taps) * SMALL)
    return Picture(
        sheet.figure,
        f"{title}. At the left the picture x with its padding; at the right {len(taps)} rows, one for each tap, and "
        f"{len(outputs)} columns, one for each output. A cell of the matrix is the input that its tap and its output "
        f"meet at. {caption}",
    )


def strips(window: Window, marked: Sequence[int] = (1, 1)) -> Picture:
    """The strips of a picture: copied once for each tap of a kernel row, shifted; and what each kernel row reads of it.

    row l, column (r, j): x̂[r, j + l]; kernel row k reads columns (k, 0) to (k + O_h − 1, O_w − 1)

    One channel, stride 1. marked: an input, filled wherever it stands.
    Raises ValueError for another stride or dilation, or if the strips are wider than a page.
    """
    steps = [step for axis in (window.height, window.width) for step in (axis.stride, axis.dilation)]
    if steps != [1, 1, 1, 1]:
        raise ValueError(f"strips are drawn for stride 1 and dilation 1, not for {window}; give those")
    K_h, K_w = window.kernel_size
    O_h, O_w = window.output_size
    rows = O_h + K_h - 1
    _must_fit(rows * O_w, "columns")
    cells = [
        _Cell(l, r * O_w + j, window.input(r, j, 0, l)) for l in range(K_w) for r in range(rows) for j in range(O_w)
    ]
    place = _inside("marked", marked, "input", window.input_size)
    times = sum(cell.source == place for cell in cells)
    x = _Picture(window)
    title = f"The strips: x[{place[0]},{place[1]}] stands in them {times} times"
    caption = (
        f"Numbers: which cell of x stands there. Filled: cell {x.number(place)}, x[{place[0]},{place[1]}]. Hatched: "
        "padding, which is 0. Bars: what a kernel row reads, the same memory, a row of the picture later each time."
    )
    left, top = INDEX, x.height + 3.5 * LINE
    copied = [f"copy l = {l}: columns {l} to {l + O_w - 1}" for l in range(K_w)]
    beside = max(text_width(COPIES, bold=True), (O_w + K_w - 1) * BARE + 12 + max(map(text_width, copied)))
    width = left + max(rows * O_w * SMALL + 2, x.width + APART + beside)
    height = top + 2 * LINE + K_w * SMALL + 8 + K_h * (SPAN + 4)
    with drawing(width, height, title, caption) as sheet:
        axes = sheet.canvas()
        x.draw(sheet, axes, left, 2 * LINE, {place})
        _draw_copies(sheet, axes, left + x.width + APART, 2 * LINE, copied, O_w)
        sheet.text(
            left, top, f"strips: {K_w}×{rows * O_w}, a row for each copy, row of x after row of x", fontweight="bold"
        )
        _names(sheet, left, top + LINE + 2, [f"row {r}" for r in range(rows)], O_w * SMALL)
        for l in range(K_w):
            sheet.text(left - 6, top + 2 * LINE + (l + 0.5) * SMALL, f"l = {l}", ha="right", va="center_baseline")
        _matrix(axes, x, cells, left, top + 2 * LINE, {place})
        for r in range(1, rows):
            at = left + r * O_w * SMALL
            axes.plot([at, at], [top + 2 * LINE, top + 2 * LINE + K_w * SMALL], color=LIGHT.ink, linewidth=1.2)
        for k in range(K_h):
            y = top + 2 * LINE + K_w * SMALL + 8 + k * (SPAN + 4)
            _draw_span(
                sheet,
                axes,
                left + k * O_w * SMALL,
                y,
                O_h * O_w * SMALL,
                f"kernel row k = {k} reads rows {k} to {k + O_h - 1}",
            )
    return Picture(
        sheet.figure,
        f"{title}. Above, the picture x with its padding, and the columns that each of the {K_w} copies takes. Below, "
        f"the strips, {K_w} rows of {rows * O_w} cells, and a bar for each of the {K_h} kernel rows over the "
        f"{O_h * O_w} columns that it reads, each bar {O_w} columns further right. {caption}",
    )


class _Picture:
    """The input of one channel with its padding, its cells numbered."""

    def __init__(self, window: Window) -> None:
        self.window = window
        (self.before_h, after_h), (self.before_w, after_w) = window.height.ring, window.width.ring
        self.rows, self.cols = window.height.size + self.before_h + after_h, window.width.size + self.before_w + after_w
        self.width = max(self.cols * CELL, text_width("x, with its padding", bold=True))
        self.height = self.rows * CELL

    def number(self, source: Pair) -> str:
        """How a cell is called: its number row by row, or nothing in the padding."""
        u, v = source
        H, W = self.window.input_size
        return str(u * W + v) if 0 <= u < H and 0 <= v < W else ""

    def corner(self, source: Pair, left: float, top: float) -> tuple[float, float]:
        """Where a cell's top left corner is drawn."""
        return left + (source[1] + self.before_w) * CELL, top + (source[0] + self.before_h) * CELL

    def draw(self, sheet: Sheet, axes: Axes, left: float, top: float, filled: set[Pair]) -> None:
        """All cells, under a name."""
        sheet.text(left, top - 2 * LINE, "x, with its padding", fontweight="bold", color=palette.color("x"))
        for r in range(self.rows):
            for c in range(self.cols):
                source = r - self.before_h, c - self.before_w
                _draw_cell(axes, *self.corner(source, left, top), CELL, self.number(source), source in filled)


def _inside(name: str, place: Sequence[int], tensor: str, size: Pair) -> Pair:
    row, column = place
    if not (0 <= row < size[0] and 0 <= column < size[1]):
        raise ValueError(f"{name} is {(row, column)}, outside of the {tensor} {size}; give (row, column) of a cell")
    return row, column


def _must_fit(count: int, things: str) -> None:
    if count > WIDEST:
        raise ValueError(f"{count} {things} do not fit beside each other, at most {WIDEST} do; take a smaller input")


def _matrix(axes: Axes, x: _Picture, cells: Iterable[_Cell], left: float, top: float, filled: set[Pair]) -> None:
    for row, column, source in cells:
        _draw_cell(axes, left + column * SMALL, top + row * SMALL, SMALL, x.number(source), source in filled)


def _draw_cell(axes: Axes, left: float, top: float, size: float, words: str, filled: bool) -> None:
    """A cell of x with its number, pale or filled; hatched if it is padding."""
    blue = palette.color("x")
    face = blue if filled else palette.mix(LIGHT.paper, blue, 0.1) if words else LIGHT.paper
    hatch = "" if words else "////"
    axes.add_patch(Rectangle((left, top), size, size, facecolor=face, edgecolor=LIGHT.line, linewidth=0.8, hatch=hatch))
    if words:
        style: dict[str, Any] = {"color": palette.ink(face), "fontweight": "bold" if filled else "normal"}
        axes.text(left + size / 2, top + size / 2, words, ha="center", va="center_baseline", **style)


def _frame(axes: Axes, left: float, top: float, width: float, height: float) -> None:
    axes.add_patch(
        Rectangle((left, top), width, height, fill=False, edgecolor=palette.color("z"), linewidth=2.4, zorder=5)
    )


def _names(sheet: Sheet, left: float, top: float, names: Sequence[str], width: float) -> None:
    for place, name in enumerate(names):
        sheet.text(left + (place + 0.5) * width, top, name, ha="center", color=LIGHT.muted)


def _draw_copies(sheet: Sheet, axes: Axes, left: float, top: float, copied: Sequence[str], O_w: int) -> None:
    """Which columns of the padded picture each copy takes, as a bar and in words."""
    sheet.text(left, top - 2 * LINE, COPIES, fontweight="bold")
    columns = O_w + len(copied) - 1
    for l, words in enumerate(copied):
        y = top + l * 2 * LINE
        for v in range(columns):
            _draw_bare(axes, left + v * BARE, y, l <= v < l + O_w)
        sheet.text(left + columns * BARE + 12, y + BARE / 2, words, va="center_baseline")


def _draw_bare(axes: Axes, left: float, top: float, taken: bool) -> None:
    face = palette.mix(LIGHT.paper, palette.color("x"), 0.45) if taken else LIGHT.paper
    axes.add_patch(Rectangle((left, top), BARE, BARE, facecolor=face, edgecolor=LIGHT.line, linewidth=0.8))


def _draw_span(sheet: Sheet, axes: Axes, left: float, top: float, width: float, words: str) -> None:
    face = palette.mix(LIGHT.paper, palette.color("w"), 0.22)
    edge = palette.color("w")
    axes.add_patch(Rectangle((left, top), width, SPAN, facecolor=face, edgecolor=edge, linewidth=1.2))
    sheet.text(left + width / 2, top + SPAN / 2, words, ha="center", va="center_baseline")

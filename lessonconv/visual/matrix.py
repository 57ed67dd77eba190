"""Layers as matrices: who reads whom, which weights are the same, what a row and a column of T look like."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from lessonconv.visual import palette
from lessonconv.visual.cells import DIGIT, GAP, show_map
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width
from lessonconv.window import Axis, Window

Array = npt.NDArray[Any]

# Pixels of the page
LINE, CELL, NODE = 18.0, 30.0, 14.0  # a line of text; a cell of a matrix; a node's radius
STEP, ACROSS = 42.0, 124.0  # from node to node, and from the inputs to the outputs
APART = 40.0  # between two panels
EDGE, TABLE = NODE + 18.0, NODE + 44.0  # left of the inputs' middles; from the outputs' middles to the matrix
SQUARE, TAP = 204.0, 25.0  # the side of a matrix without numbers; a cell that names its tap
BAR, LONGEST = 22.0, 430.0  # a bar's thickness, and the longest bar
MIDDLE: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.8)))
SHARING = ("dense", "local", "shared")


class _Wire(NamedTuple):
    """A meeting: output, input, and the number of the weight between them."""

    output: int
    input: int
    weight: int


def wires(axis: Axis, sharing: str) -> list[_Wire]:
    """The list of meetings along an axis: all pairs, those in a window, or those with the taps as their weights.

    Raises ValueError for another sharing than "dense", "local" and "shared".
    """
    if sharing not in SHARING:
        raise ValueError(f"sharing is {sharing!r}; give one of {', '.join(SHARING)}")
    if sharing == "dense":
        pairs = [(i, u) for i in range(axis.outputs) for u in range(axis.size)]
        return [_Wire(i, u, number) for number, (i, u) in enumerate(pairs)]
    met = [(int(i), int(k), int(u)) for i, k, u in zip(*axis.meetings(), strict=True)]
    return [_Wire(i, u, k if sharing == "shared" else number) for number, (i, k, u) in enumerate(met)]


# Who reads whom -----------------------------------------------------------------------------------------------------


def reads(w: Any, x: Any, dz: Any, *, output: int, input: int) -> Picture:
    """A dense layer, forward and backward: an output adds up its row of w, an input's gradient adds up its column.

    z[m] = Σ_k w[m,k]·x[k],  ∂L/∂x[k] = Σ_m w[m,k]·∂L/∂z[m]

    w: (M, K), x: (K,), dz: (M,), whole numbers. output, input: whose sums are shown. Raises ValueError if these do not
    fit together.
    """
    w, x, dz = (np.asarray(array) for array in (w, x, dz))
    if w.ndim != 2 or x.shape != w.shape[1:] or dz.shape != w.shape[:1]:
        raise ValueError(f"w {w.shape}, x {x.shape} and dz {dz.shape} must be (M, K), (K,) and (M,)")
    M, K = w.shape
    if not (0 <= output < M and 0 <= input < K):
        raise ValueError(f"there is no output {output} or no input {input}; w has {M} rows and {K} columns")
    forward = _sum(f"z[{output}]", w[output], x)
    backward = _sum(f"∂L/∂x[{input}]", w[:, input], dz)
    title = "Forward along a row, backward down a column"
    caption = "The same lines, the same numbers of w. Only who collects has changed."
    height = 2.2 * LINE + max(M, K) * STEP + 1.6 * LINE
    width = max(EDGE + ACROSS + TABLE + K * CELL + 2, text_width(forward), text_width(backward))
    with drawing(2 * width + APART, height, title, caption) as sheet:
        axes = sheet.canvas()
        rows = _Reading(w, x.tolist(), [int(w[output] @ x) if m == output else None for m in range(M)], output, None)
        columns = _Reading(
            w, [int(w[:, input] @ dz) if k == input else None for k in range(K)], dz.tolist(), None, input
        )
        rows.draw(sheet, axes, 0, f"Forward: output {output} reads", forward)
        columns.draw(sheet, axes, width + APART, f"Backward: input {input} is told", backward)
    return Picture(
        sheet.figure,
        f"{title}. Left: lines from all {K} inputs to output {output}, and the matrix w with row {output} framed: "
        f"{forward}. Right: lines from all {M} outputs back to input {input}, and w with column {input} framed: "
        f"{backward}. {caption}",
    )


def _sum(name: str, weights: Array, values: Array) -> str:
    terms = [f"{_signed(a)}·{_signed(b)}" for a, b in zip(weights.tolist(), values.tolist(), strict=True)]
    return f"{name} = {' + '.join(terms)} = {int(weights @ values)}".replace("= -", "= −")


def _signed(value: float) -> str:
    return f"(−{-value:g})" if value < 0 else f"{value:g}"


class _Reading(NamedTuple):
    """One panel: nodes with their values, and the matrix, with a row or a column framed."""

    w: Array
    inputs: Sequence[float | None]
    outputs: Sequence[float | None]
    row: int | None
    column: int | None

    def draw(self, sheet: Sheet, axes: Axes, left: float, head: str, total: str) -> None:
        """Nodes and lines at the left, the matrix at the right, the sum below."""
        M, K = self.w.shape
        sheet.text(left, 0, head, fontweight="bold")
        top, high = 2.2 * LINE, max(M, K) * STEP
        ends = left + EDGE, left + EDGE + ACROSS
        for m in range(M):
            for k in range(K):
                chosen = m == self.row or k == self.column
                self._line(axes, ends, _height(top, high, K, k), _height(top, high, M, m), chosen)
        backward = self.column is not None
        names = ("dx", "dz") if backward else ("x", "z")
        for k, value in enumerate(self.inputs):
            _node(axes, ends[0], _height(top, high, K, k), names[0], value, k == self.column)
            _index(axes, ends[0] - NODE - 8, _height(top, high, K, k), k)
        for m, value in enumerate(self.outputs):
            _node(axes, ends[1], _height(top, high, M, m), names[1], value, m == self.row)
            _index(axes, ends[1] + NODE + 8, _height(top, high, M, m), m)
        for end, name in zip(ends, names, strict=True):
            sheet.text(end, top - LINE, palette.label(name), color=palette.color(name), fontweight="bold", ha="center")
        self._matrix(sheet, axes, ends[1] + TABLE, top + (high - M * CELL) / 2)
        sheet.text(left, top + high + 0.4 * LINE, total)

    def _line(self, axes: Axes, ends: tuple[float, float], start: float, stop: float, chosen: bool) -> None:
        if not chosen:
            axes.plot(ends, [start, stop], color=LIGHT.line, linewidth=1.0, zorder=1)
            return
        x, y = (ends[0], start), (ends[1], stop)
        a, b = (y, x) if self.column is not None else (x, y)
        share = 1 - (NODE + 3) / np.hypot(b[0] - a[0], b[1] - a[1])
        tip = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        axes.annotate(
            "",
            tip,
            a,
            zorder=2,
            arrowprops={"arrowstyle": "-|>", "color": LIGHT.w, "lw": 1.8, "shrinkA": 0, "shrinkB": 0},
        )

    def _matrix(self, sheet: Sheet, axes: Axes, left: float, top: float) -> None:
        M, K = self.w.shape
        sheet.text(left, top - 2.2 * LINE, "w", color=LIGHT.w, fontweight="bold")
        for m in range(M):
            _index(axes, left - 10, top + (m + 0.5) * CELL, m)
        for k in range(K):
            _index(axes, left + (k + 0.5) * CELL, top - 10, k)
        for (m, k), value in np.ndenumerate(self.w):
            chosen = m == self.row or k == self.column
            face = palette.mix(LIGHT.paper, LIGHT.w, 0.28 if chosen else 0.0)
            _cell(axes, left + k * CELL, top + m * CELL, CELL, f"{value:g}".replace("-", "−"), face, bold=chosen)
        if self.row is not None:
            _frame(axes, left, top + self.row * CELL, K * CELL, CELL, LIGHT.w)
        if self.column is not None:
            _frame(axes, left + self.column * CELL, top, CELL, M * CELL, LIGHT.w)


def _height(top: float, high: float, count: int, number: int) -> float:
    """Where one of so many nodes has its middle: all of them centred in the panel's height."""
    return top + high / 2 + (number - (count - 1) / 2) * STEP


def _node(axes: Axes, x: float, y: float, name: str, value: float | None, chosen: bool = False) -> None:
    color = palette.color(name)
    face = palette.mix(LIGHT.paper, color, 0.3 if chosen else 0.1)
    style: dict[str, Any] = {"facecolor": face, "edgecolor": color, "linewidth": 2.2 if chosen else 1.0}
    axes.add_patch(Circle((x, y), NODE, zorder=3, **style))
    words = "" if value is None else f"{value:g}".replace("-", "−")
    if words:
        axes.text(x, y, words, zorder=4, fontweight="bold" if chosen else "normal", **MIDDLE)


def _index(axes: Axes, x: float, y: float, number: int) -> None:
    axes.text(x, y, str(number), color=LIGHT.muted, **MIDDLE)


def _cell(axes: Axes, left: float, top: float, side: float, words: str, face: str, *, bold: bool = False) -> None:
    axes.add_patch(Rectangle((left, top), side, side, facecolor=face, edgecolor=LIGHT.line, linewidth=0.8))
    if words:
        style: dict[str, Any] = {"color": palette.ink(face), "fontweight": "bold" if bold else "normal"}
        axes.text(left + side / 2, top + side / 2, words, **MIDDLE, **style)


def _frame(axes: Axes, left: float, top: float, width: float, height: float, color: str) -> None:
    axes.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=color, linewidth=2.2, zorder=5))


# Cut, and share -----------------------------------------------------------------------------------------------------


def sharing(axis: Axis, kinds: Sequence[str] = SHARING) -> Picture:
    """A dense layer along an axis, the same with connections cut, and the same with shared weights: lines and matrix.

    kinds: which of "dense", "local" and "shared" are drawn. Raises ValueError for others, or if they do not fit on a
    page.
    """
    lists = {kind: wires(axis, kind) for kind in kinds}
    panel = max(ACROSS + 2 * NODE + 4, axis.size * CELL + 2, *map(text_width, map(_counted, lists.values())))
    if axis.size > 8 or axis.outputs > 8:
        raise ValueError(f"{axis.size} inputs and {axis.outputs} outputs are too many to draw; at most 8 are")
    weights = [len({wire.weight for wire in met}) for met in lists.values()]
    title = ", ".join(f"{kind} {count}" for kind, count in zip(lists, weights, strict=True))
    title = f"Weights: {title}"
    caption = (
        "Above: a line for each meeting of an input (blue) and an output (green). Below: the same as a matrix, a row "
        "for each output, a column for each input; the number says which weight stands there. Empty: cut."
    )
    high = max(axis.size, axis.outputs) * STEP
    height = 2.6 * LINE + high + LINE + axis.outputs * CELL + 2
    with drawing(len(lists) * (panel + APART) - APART, height, title, caption) as sheet:
        axes = sheet.canvas()
        for number, (kind, met) in enumerate(lists.items()):
            _draw_sharing(sheet, axes, number * (panel + APART), kind, met, axis)
    told = [f"{kind}: {_counted(met)}" for kind, met in lists.items()]
    return Picture(
        sheet.figure,
        f"{title}. {axis.size} inputs and {axis.outputs} outputs, with lines between those that meet. "
        f"{'; '.join(told)}. {caption}",
    )


def _counted(met: Sequence[_Wire]) -> str:
    return f"{count_of(len(met), 'meeting')}, {count_of(len({wire.weight for wire in met}), 'weight')}"


def _draw_sharing(sheet: Sheet, axes: Axes, left: float, kind: str, met: Sequence[_Wire], axis: Axis) -> None:
    sheet.text(left, 0, kind, fontweight="bold", fontsize=11)
    sheet.text(left, 1.15 * LINE, _counted(met), color=LIGHT.muted)
    top, high = 2.6 * LINE, max(axis.size, axis.outputs) * STEP
    ends, count = (left + NODE + 2, left + NODE + 2 + ACROSS), 1 + max(wire.weight for wire in met)
    for wire in met:
        y = _height(top, high, axis.size, wire.input), _height(top, high, axis.outputs, wire.output)
        dash = DASHES[wire.weight % len(DASHES)] if kind == "shared" else "-"
        axes.plot(ends, y, color=_shade(wire.weight, count), linestyle=dash, linewidth=2.0, zorder=1)
    for number in range(axis.size):
        _node(axes, ends[0], _height(top, high, axis.size, number), "x", number)
    for number in range(axis.outputs):
        _node(axes, ends[1], _height(top, high, axis.outputs, number), "z", number)
    standing = {(wire.output, wire.input): wire.weight for wire in met}
    for i, u in np.ndindex(axis.outputs, axis.size):
        weight = standing.get((i, u))
        face = LIGHT.paper if weight is None else _shade(weight, count)
        at = left + 1 + u * CELL, top + high + LINE + i * CELL
        _cell(axes, *at, CELL, "" if weight is None else str(weight), face)


def _shade(number: int, count: int) -> str:
    """One of so many shades of the weights' colour, from light to dark."""
    place = 0.5 if count == 1 else number / (count - 1)
    light = palette.mix(LIGHT.paper, LIGHT.w, 0.35)
    return (
        palette.mix(light, LIGHT.w, 2 * place) if place <= 0.5 else palette.mix(LIGHT.w, LIGHT.ink, 1.3 * place - 0.65)
    )


# Whole matrices -----------------------------------------------------------------------------------------------------


def matrices(window: Window, *, seed: int = 0) -> Picture:
    """The matrix of a dense, a local and a shared layer of the same inputs and outputs, side by side, as colours.

    The weights are drawn at random. Raises ValueError for more than 64 inputs or outputs.
    """
    (O_h, O_w), (H, W) = window.output_size, window.input_size
    if max(O_h * O_w, H * W) > 64:
        raise ValueError(f"a matrix of {O_h * O_w}×{H * W} is too large to draw; at most 64×64 are")
    rng, met = np.random.default_rng(seed), window.meetings()
    dense = rng.uniform(0.2, 1, (O_h * O_w, H * W)) * rng.choice([-1, 1], (O_h * O_w, H * W))
    local, shared = np.zeros_like(dense), np.zeros_like(dense)
    local[met.output, met.input] = dense[met.output, met.input]
    K_h, K_w = window.kernel_size
    taps = rng.permutation(np.linspace(-1, 1, K_h * K_w + K_h * K_w % 2))[: K_h * K_w]
    shared[met.output, met.input] = taps[met.tap]
    counts = dense.size, len(met.tap), K_h * K_w
    title = "One layer, three matrices"
    caption = (
        f"{H}×{W} inputs (columns), {O_h}×{O_w} outputs (rows), kernel {K_h}×{K_w}. Red: positive weights, blue: "
        "negative ones, white: no weight. Thin lines: where a row of the picture ends."
    )
    wide = SQUARE * (H * W) / max(H * W, O_h * O_w)
    high = SQUARE * (O_h * O_w) / max(H * W, O_h * O_w)
    with drawing(3 * wide + 2 * 26, 2.7 * LINE + high + 2, title, caption) as sheet:
        for number, (kind, T, count) in enumerate(zip(SHARING, (dense, local, shared), counts, strict=True)):
            left = number * (wide + 26)
            sheet.text(left, 0, kind, fontweight="bold", fontsize=13)
            sheet.text(left, 1.3 * LINE, count_of(count, "weight"), fontsize=12)
            axes = sheet.axes(left, 2.7 * LINE, wide, high)
            _draw_matrix(axes, T, O_w, W)
    told = ", ".join(f"{kind} {count:,}" for kind, count in zip(SHARING, counts, strict=True))
    return Picture(sheet.figure, f"{title}, side by side. Numbers of weights: {told}. {caption}")


def _draw_matrix(axes: Axes, T: Array, O_w: int, W: int) -> None:
    show_map(axes, T, np.array([-1.0, 1.0]))
    rows, columns = T.shape
    for row in range(O_w, rows, O_w):
        axes.axhline(row - 0.5, color=LIGHT.line, linewidth=0.7)
    for column in range(W, columns, W):
        axes.axvline(column - 0.5, color=LIGHT.line, linewidth=0.7)


def row_and_column(window: Window, *, output: Sequence[int], input: Sequence[int]) -> Picture:
    """The matrix T(w) with its taps by name, and one row and one column of it laid out as pictures.

    A row has a cell for each input: the kernel, where the output's window lies. A column has a cell for each output:
    the kernel turned by 180°. output, input: (row, column). Raises ValueError if these are not there, or if T is wider
    than a page.
    """
    (O_h, O_w), (H, W) = window.output_size, window.input_size
    (i, j), (u, v) = output, input
    if not (0 <= i < O_h and 0 <= j < O_w and 0 <= u < H and 0 <= v < W):
        raise ValueError(f"output {(i, j)} or input {(u, v)} is not there: {O_h}×{O_w} outputs, {H}×{W} inputs")
    if H * W > 30:
        raise ValueError(f"{H * W} inputs do not fit beside each other, at most 30 do; take a smaller input")
    met, row, column = window.meetings(), i * O_w + j, u * W + v
    T = np.full((O_h * O_w, H * W), "", dtype="<U9")
    K_w = window.kernel_size[1]
    T[met.output, met.input] = [f"{tap // K_w}{tap % K_w}" for tap in met.tap.tolist()]
    title = f"Row {row} and column {column} of T(w)"
    caption = (
        "T has a row for each output, a column for each input; 12 stands for the tap w[1,2]. Framed and laid out "
        "below: the row of one output, and the column of one input."
    )
    below = 2 * LINE + O_h * O_w * TAP + 2.4 * LINE
    room = [
        f"row {row}: what output ({i},{j}) reads",
        f"column {column}: who reads input ({u},{v}), and through which tap",
    ]
    start = LINE * 2 + max(W * TAP, text_width(room[0], bold=True)) + 2 * APART
    width = max(H * W * TAP + 2, start + text_width(room[1], bold=True))
    with drawing(width, below + max(H, O_h) * TAP + 3, title, caption) as sheet:
        axes = sheet.canvas()
        sheet.text(0, 0, "T", color=LIGHT.w, fontweight="bold")
        _taps(axes, T, 1, 1.5 * LINE, marked=(row, column))
        _frame(axes, 1, 1.5 * LINE + row * TAP, H * W * TAP, TAP, LIGHT.z)
        _frame(axes, 1 + column * TAP, 1.5 * LINE, TAP, O_h * O_w * TAP, LIGHT.x)
        for left, words, values, name in (
            (1.0, room[0], T[row].reshape(H, W), "z"),
            (start, room[1], T[:, column].reshape(O_h, O_w), "x"),
        ):
            sheet.text(left, below - 1.4 * LINE, words, color=palette.color(name), fontweight="bold")
            _taps(axes, values, left, below)
            _frame(axes, left, below, values.shape[1] * TAP, values.shape[0] * TAP, palette.color(name))
    return Picture(
        sheet.figure,
        f"{title}. T is a table of {O_h * O_w} rows and {H * W} columns. {room[0]}: {_in_words(T[row].reshape(H, W))}. "
        f"{room[1]}: {_in_words(T[:, column].reshape(O_h, O_w))}. {caption}",
    )


def _in_words(taps: Array) -> str:
    return " / ".join(" ".join(name or "–" for name in row) for row in taps.tolist())


def _taps(axes: Axes, names: Array, left: float, top: float, marked: tuple[int, int] | None = None) -> None:
    """Cells with the names of their taps; darker in a marked row and column."""
    for (row, column), name in np.ndenumerate(names):
        chosen = marked is None or row == marked[0] or column == marked[1]
        face = palette.mix(LIGHT.paper, LIGHT.w, (0.42 if chosen else 0.16) if name else 0.0)
        _cell(axes, left + column * TAP, top + row * TAP, TAP, str(name), face, bold=bool(name) and chosen)


# Counts -------------------------------------------------------------------------------------------------------------


def weight_counts(sizes: Sequence[int], kernel: int) -> Picture:
    """How many weights a dense, a local and a shared layer have, for pictures of these sizes, on a scale of tens.

    One channel, square, an output as large as the input. Raises ValueError for an even kernel, which has no middle.
    """
    if kernel % 2 == 0:
        raise ValueError(f"kernel {kernel} is even: no padding makes an output as large as the input; give an odd one")
    counts = {size: _count_weights(Axis.over(size, kernel, padding=kernel // 2)) for size in sizes}
    title = "How many weights?"
    caption = (
        f"One channel, an output as large as the input, windows of {kernel}×{kernel}. From each thin "
        "line to the next it is a thousand times as many."
    )
    left, block = 68.0, 3 * (BAR + 5) + 2 * LINE
    behind = {"facecolor": LIGHT.paper, "edgecolor": "none", "pad": 1.5}
    bottom = len(counts) * block + 0.8 * LINE
    most = np.log10(max(max(found) for found in counts.values()))
    room = max(text_width(f"{max(found):,}", bold=True) for found in counts.values())
    with drawing(left + LONGEST + room + 12, bottom, title, caption) as sheet:
        axes = sheet.canvas()
        for power in range(0, int(most) + 1, 3):
            x = left + LONGEST * power / most
            for top in np.arange(len(counts)) * block:
                axes.plot([x, x], [top + 1.2 * LINE, top + block - 0.6 * LINE], color=LIGHT.line, lw=0.8, zorder=0)
            sheet.text(x, bottom - LINE, f"{10**power:,}", ha="center", color=LIGHT.muted)
        for number, (size, found) in enumerate(counts.items()):
            top = number * block
            sheet.text(0, top, f"{size}×{size} pixels", fontweight="bold")
            for place, (kind, count) in enumerate(zip(SHARING, found, strict=True)):
                y = top + 1.3 * LINE + place * (BAR + 5)
                long = LONGEST * np.log10(count) / most
                face = palette.mix(LIGHT.paper, LIGHT.w, (0.75, 0.5, 0.3)[place])
                axes.add_patch(Rectangle((left, y), long, BAR, facecolor=face, edgecolor=LIGHT.w, linewidth=0.8))
                sheet.text(left - 8, y + BAR / 2, kind, ha="right", va="center_baseline")
                sheet.text(
                    left + long + 8, y + BAR / 2, f"{count:,}", va="center_baseline", fontweight="bold", bbox=behind
                )
    told = [
        f"{size}×{size} pixels: {', '.join(f'{kind} {count:,}' for kind, count in zip(SHARING, found, strict=True))}"
        for size, found in counts.items()
    ]
    return Picture(sheet.figure, f"{title} A bar for each layer. {'; '.join(told)}. {caption}")


def _count_weights(axis: Axis) -> tuple[int, int, int]:
    """Dense, local and shared, for a square picture with this axis twice."""
    return (axis.outputs * axis.size) ** 2, len(axis.meetings().tap) ** 2, axis.kernel**2


# Answers ------------------------------------------------------------------------------------------------------------


def answers(x: Any, rows: Mapping[str, Any], titles: Sequence[str], *, title: str) -> Picture:
    """Images in a row, and below each, row by row, what several layers make of it, all on one signed scale.

    x: (N, 1, H, W). rows: by name, (N, 1, H, W). titles: N words. Raises ValueError if these do not fit together.
    """
    x = np.asarray(x, np.float64)
    arrays = {name: np.asarray(values, np.float64) for name, values in rows.items()}
    if x.ndim != 4 or x.shape[1] != 1 or len(titles) != len(x) or any(a.shape != x.shape for a in arrays.values()):
        shapes = ", ".join(f"{name} {values.shape}" for name, values in arrays.items())
        raise ValueError(f"x {x.shape}, {shapes} and {len(titles)} titles; give (N, 1, H, W) each, and N titles")
    high, everything = float(DIGIT), np.stack([*arrays.values()])
    wide = high * x.shape[3] / x.shape[2]
    left = max(text_width(name, bold=True) for name in ("input", *arrays)) + GAP
    caption = "Red: positive, blue: negative, on one scale."
    size = left + len(x) * (wide + GAP) - GAP, 1.3 * LINE + (1 + len(arrays)) * (high + GAP) - GAP
    with drawing(*size, title, caption) as sheet:
        for number, words in enumerate(titles):
            at = left + number * (wide + GAP)
            sheet.text(at + wide / 2, 0, words, ha="center", fontweight="bold")
            for row, (_, values) in enumerate(_with_input(x, arrays)):
                axes = sheet.axes(at, 1.3 * LINE + row * (high + GAP), wide, high)
                if row == 0:
                    axes.imshow(values[number, 0], palette.images(), vmin=0, vmax=1, aspect="auto")
                    axes.add_patch(_border(axes))
                else:
                    show_map(axes, values[number, 0], everything)
        for row, (name, _) in enumerate(_with_input(x, arrays)):
            y = 1.3 * LINE + row * (high + GAP) + high / 2
            sheet.text(left - GAP, y, name, ha="right", va="center_baseline", fontweight="bold")
    return Picture(
        sheet.figure,
        f"{title}: {count_of(len(x), 'image')}, {', '.join(titles)}; below each, what these make of it: "
        f"{', '.join(arrays)}. {caption}",
    )


def _with_input(x: Array, arrays: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    yield "input", x
    yield from arrays.items()


def _border(axes: Axes) -> Rectangle:
    return Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, edgecolor=LIGHT.line, lw=1, clip_on=False)

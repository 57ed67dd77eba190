"""What pooling keeps: whose meetings count, a picture that moves, before a pool and behind it; and a maximum's kink."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from lessonconv.visual import palette
from lessonconv.visual.cells import _finite, _limit
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, drawing, text_width
from lessonconv.visual.rows import written
from lessonconv.window import Axis

Array = npt.NDArray[Any]

# Pixels of the page
WIDEST = 768.0
CELL, RIM, GAP = 35.0, 44.0, 22.0  # a cell; what stands left of the cells; between two tables
LINE, PANEL, APART = 18.0, 122.0, 12.0
CHART, REACH = (370.0, 170.0), 1.0  # and how far a cell moves
KINDS = {"average": "average: everyone counts", "max": "maximum: the winner counts"}
THIRDS = {2: "½", 3: "⅓", 4: "¼", 5: "⅕", 6: "⅙", 8: "⅛"}


# Whose meetings count


class _Pool(NamedTuple):
    """A pool along one axis. weight: (outputs, inputs), what each meeting counts; NaN where the two don't meet."""

    kind: str
    x: Array
    dz: Array
    weight: Array

    @classmethod
    def of(cls, kind: str, x: Array, dz: Array, axis: Axis) -> "_Pool":
        met = axis.meetings()
        weight = np.full((axis.outputs, axis.size), np.nan)
        weight[met.output, met.input] = 1 / axis.kernel if kind == "average" else 0
        if kind == "max":
            for i, seen in enumerate(np.where(np.isnan(weight), -np.inf, x)):
                weight[i, seen.argmax()] = 1
        return cls(kind, x, dz, weight)

    @property
    def counts(self) -> Array:
        return np.nan_to_num(self.weight)

    @property
    def z(self) -> Array:
        return np.asarray(self.counts @ self.x)

    @property
    def dx(self) -> Array:
        return np.asarray(self.dz @ self.counts)


def pools(x: Any, dz: Any, axis: Axis) -> Picture:
    """The lists of meetings of both pools along one axis, with what each meeting counts, and both sums.

    average: every meeting of a window of K counts 1/K. max: the winner's counts 1, the others' 0; a tie goes to the
    first. Along a row Σ weight·x = z, along a column Σ ∂L/∂z·weight = ∂L/∂x. x: (H,), dz: (O,), for the axis.
    Raises ValueError if they do not fit, or the axis has padding or is too long for a page. Source: `Axis.meetings`.
    """
    x, dz = _finite("x", x, "H"), _finite("dz", dz, "O")
    if x.shape != (axis.size,) or dz.shape != (axis.outputs,):
        raise ValueError(f"x has {len(x)} cells and dz {len(dz)}, but the axis has {axis.size} and {axis.outputs}")
    if any(axis.ring):
        raise ValueError(f"the axis has the padding {axis.ring}, which this picture does not draw; leave it out")
    width = RIM + (axis.size + 2) * CELL + 14
    if 2 * width + GAP > WIDEST:
        raise ValueError(f"two tables of {axis.size} inputs are wider than a page; take a smaller input")
    title, drawn = "Two pools, one list of meetings", [_Pool.of(kind, x, dz, axis) for kind in KINDS]
    caption = (
        "A row for each output, a column for each input. In a disc: what the meeting counts. Empty: the window reads "
        "this input, but it does not count. Along a row, weight times x adds up to z; down a column, weight times "
        "∂L/∂z adds up to ∂L/∂x."
    )
    height = 2 * LINE + (axis.outputs + 2) * CELL + 20
    with drawing(2 * width + GAP, height, title, caption) as sheet:
        axes = sheet.canvas()
        for number, pool in enumerate(drawn):
            _draw_pool(sheet, axes, pool, number * (width + GAP))
    told = " ".join(
        f"{pool.kind}: z = {_row(pool.z)}, ∂L/∂x = {_row(pool.dx)}, from {int((pool.counts > 0).sum())} meetings that "
        f"count."
        for pool in drawn
    )
    return Picture(sheet.figure, f"{title}. {caption}", f"x = {_row(x)}, ∂L/∂z = {_row(dz)}. {told}")


def _row(values: Array) -> str:
    return " ".join(map(written, values))


def _draw_pool(sheet: Sheet, axes: Axes, pool: _Pool, left: float) -> None:
    """x above, its meetings with each output, z and ∂L/∂z at the right, ∂L/∂x below."""
    outputs, inputs = pool.weight.shape
    x0, y0 = left + RIM, 2 * LINE + CELL
    sheet.text(x0, 0, KINDS[pool.kind], fontweight="bold")
    below, beside = y0 + outputs * CELL + 10, x0 + inputs * CELL + 7
    for words, y, tensor in (("x", y0 - CELL, "x"), ("∂L/∂x", below, "x")):
        _name(sheet, x0 - 6, y + CELL / 2, words, tensor, "right")
    for words, x in (("z", beside), ("∂L/∂z", beside + CELL)):
        _name(sheet, x + CELL / 2, y0 - LINE / 2 - 2, words, "z", "center")
    for u in range(inputs):
        _number(axes, x0 + u * CELL, y0 - CELL, pool.x[u], "x", made=False)
        _number(axes, x0 + u * CELL, below, pool.dx[u], "x", made=True)
    for i in range(outputs):
        _number(axes, beside, y0 + i * CELL, pool.z[i], "z", made=True)
        _number(axes, beside + CELL, y0 + i * CELL, pool.dz[i], "z", made=False)
        for u in range(inputs):
            _meeting(axes, x0 + u * CELL, y0 + i * CELL, pool.weight[i, u])


def _name(sheet: Sheet, x: float, y: float, words: str, tensor: str, ha: str) -> None:
    sheet.text(x, y, words, ha=ha, va="center_baseline", color=palette.color(tensor), fontweight="bold")


def _number(axes: Axes, x: float, y: float, value: float, tensor: str, *, made: bool) -> None:
    """A cell of a tensor with its number; those that the pool makes are tinted."""
    color = palette.color(tensor)
    face = palette.mix(LIGHT.paper, color, 0.18) if made else LIGHT.paper
    axes.add_patch(Rectangle((x, y), CELL, CELL, facecolor=face, edgecolor=color, lw=0.9, clip_on=False, zorder=3))
    axes.text(x + CELL / 2, y + CELL / 2, written(value), ha="center", va="center_baseline", fontsize=11, zorder=4)


def _meeting(axes: Axes, x: float, y: float, weight: float) -> None:
    """A disc with the weight, a ring if it is 0, and nothing where the two do not meet."""
    line = palette.mix(LIGHT.paper, LIGHT.muted, 0.4)
    axes.add_patch(Rectangle((x, y), CELL, CELL, facecolor="none", edgecolor=line, lw=0.7, clip_on=False))
    if np.isnan(weight):
        return
    counts = weight > 0
    face = LIGHT.w if counts else LIGHT.paper
    edge = LIGHT.w if counts else palette.mix(LIGHT.paper, LIGHT.w, 0.55)
    middle = x + CELL / 2, y + CELL / 2
    axes.add_patch(Circle(middle, 0.36 * CELL, facecolor=face, edgecolor=edge, lw=1.2, zorder=4))
    if counts:
        words = "1" if weight == 1 else THIRDS.get(round(1 / weight), written(weight))
        style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontweight": "bold", "fontsize": 12}
        axes.text(*middle, words, color=palette.ink(face), zorder=5, **style)


# A picture that moves


def moved(
    before: Mapping[str, Any], after: Mapping[str, Any], *, title: str = "A digit moves by one pixel", by: str = "moved"
) -> Picture:
    """What several layers make of a picture, of the picture moved, and the difference; with its size in per cent.

    before, after: the same names, with maps (h, w) of one shape each, or with axes of length 1 before these. All are on
    one scale, and each is drawn as large as the others, whatever its number of cells. The size of a difference is
    ‖after − before‖ / ‖before‖.
    by: what the second row is called. Raises ValueError if the two do not fit, or are too many for a page.
    """
    if list(before) != list(after) or not before:
        raise ValueError(f"before has {list(before)}, after has {list(after)}; give the same names, at least one")
    pairs = {name: (_map(name, before[name]), _map(name, after[name])) for name in before}
    for name, (one, other) in pairs.items():
        if one.shape != other.shape:
            raise ValueError(f"{name} is {one.shape} before and {other.shape} after; give two maps of one shape")
    rows = ("as it is", by, "difference")
    left = max(text_width(row, bold=True) for row in rows) + APART
    width = left + len(pairs) * (PANEL + APART) - APART
    if width > WIDEST:
        raise ValueError(f"{len(pairs)} columns are {width:.0f} pixels wide, a page is {WIDEST:.0f}; show fewer")
    limit = max(_limit(values) for pair in pairs.values() for values in pair)
    caption = "Red: more ink than before, blue: less. Below: how large the difference is beside the map itself."
    with drawing(width, 2.4 * LINE + 3 * (PANEL + APART) + LINE + 4, title, caption) as sheet:
        for number, name in enumerate(rows):
            y = 2.4 * LINE + number * (PANEL + APART) + PANEL / 2
            sheet.text(left - APART, y, name, ha="right", va="center_baseline", fontweight="bold")
        for number, (name, pair) in enumerate(pairs.items()):
            _draw_pair(sheet, name, pair, left + number * (PANEL + APART), limit)
    told = ", ".join(f"{name} {_percent(*pair)}" for name, pair in pairs.items())
    return Picture(
        sheet.figure,
        f"{title}: {', '.join(pairs)}, before and after, and the difference of the two.",
        f"The size of the difference: {told}.",
    )


def _map(name: str, value: Any) -> Array:
    array = np.asarray(value)
    if array.ndim < 2 or array.size != np.prod(array.shape[-2:]):
        raise ValueError(f"{name} has shape {array.shape}, but must be one map, (h, w); take one of the batch")
    return _finite(name, array.reshape(array.shape[-2:]), "h, w")


def _percent(before: Array, after: Array) -> str:
    size = float(np.linalg.norm(before))
    return f"{float(np.linalg.norm(after - before)) / size:.0%}" if size else "0%"


def _draw_pair(sheet: Sheet, name: str, pair: tuple[Array, Array], left: float, limit: float) -> None:
    """Both maps in ink, their difference in signed colours on that scale, and its size."""
    before, after = pair
    h, w = before.shape
    sheet.text(left + PANEL / 2, 0, name, ha="center", fontweight="bold")
    sheet.text(left + PANEL / 2, LINE - 1, f"{h}×{w}", ha="center", color=LIGHT.muted)
    inks, signed = palette.images(), palette.diverging()
    panels = ((before, inks, 0.0), (after, inks, 0.0), (after - before, signed, -limit))
    for row, (values, colors, least) in enumerate(panels):
        axes = sheet.axes(left, 2.4 * LINE + row * (PANEL + APART), PANEL, PANEL)
        axes.imshow(values, colors, vmin=least, vmax=limit, interpolation="none", aspect="auto")
        frame: dict[str, Any] = {"fill": False, "ec": LIGHT.line, "lw": 1, "clip_on": False}
        axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, **frame))
    y = 2.4 * LINE + 3 * (PANEL + APART) - APART + 8
    sheet.text(left + PANEL / 2, y, _percent(before, after), ha="center", fontsize=12, fontweight="bold")


# A kink


def kink(x: Any, shares: Mapping[str, Any], *, title: str = "What touches a kink from below") -> Picture:
    """The maximum of tied cells while they move, and what several ways to share its gradient say of it.

    Left: the first of the largest cells moves by n, right: all of them do. The curve is max(x + n), each straight line
    max(x) + g·n. A line that is anywhere above its curve is no subgradient.
    x: (K,), its largest number more than once. shares: by name, g (K,). Raises ValueError for others.
    """
    x = _finite("x", x, "K")
    lines = {name: _finite(name, g, "K") for name, g in shares.items()}
    tied = x == x.max()
    if tied.sum() < 2 or not lines or any(g.shape != x.shape for g in lines.values()):
        raise ValueError(f"x is {_row(x)}; give two or more largest cells, and shares with {len(x)} numbers each")
    first = np.arange(len(x)) == tied.argmax()
    moves = {"one of the largest moves by n": first, "all of the largest move by n": tied}
    caption = "Solid: the maximum. Dashed: what a way to share predicts. Dotted: it rises above the maximum."
    found = {name: [_stays_below(x, g, move) for move in moves.values()] for name, g in lines.items()}
    with drawing(2 * CHART[0] + GAP, CHART[1] + 3 * LINE, title, caption) as sheet:
        for number, (words, move) in enumerate(moves.items()):
            left = number * (CHART[0] + GAP)
            sheet.text(left, 0, words, fontweight="bold")
            axes = sheet.axes(left + LINE, LINE + 8, CHART[0] - 150 - LINE, CHART[1])
            _draw_kink(axes, x, {name: float(g @ move) for name, g in lines.items()}, move)
    wrong = [name for name, both in found.items() if not all(both)]
    return Picture(
        sheet.figure,
        f"{title}: the maximum of {_row(x)} while one, and while all of its largest cells move, and the straight lines "
        f"of {', '.join(lines)}.",
        f"Above the maximum somewhere: {', '.join(wrong) or 'none'}.",
    )


def _stays_below(x: Array, g: Array, move: Array) -> bool:
    """Does max(x) + g·n never rise above max(x + n), for n along this move?"""
    steps = np.array([-REACH, REACH])
    return bool(np.all(_maximum(x, move, steps) >= x.max() + steps * float(g @ move) - 1e-9))


def _maximum(x: Array, move: Array, steps: Array) -> Array:
    return np.asarray((x + steps[:, None] * move).max(axis=1))


def _draw_kink(axes: Axes, x: Array, slopes: dict[str, float], move: Array) -> None:
    """The curve, and a line for each slope, with the names of all that have it at its end."""
    steps, top = np.linspace(-REACH, REACH, 201), float(x.max())
    curve = _maximum(x, move, steps)
    axes.set_axis_on()
    axes.set(xlim=(-REACH, REACH), ylim=(top - 2.1 * REACH, top + 2.1 * REACH), xticks=[0], yticks=[top])
    axes.set_xticklabels(["n = 0"])
    axes.set_yticklabels([written(top)])
    axes.plot(steps, curve, color=LIGHT.z, lw=5, alpha=0.45, zorder=2)
    by_slope: dict[float, list[str]] = {}
    for name, slope in slopes.items():
        by_slope.setdefault(slope, []).append(name)
    for slope, names in by_slope.items():
        line = top + slope * steps
        wrong = bool(np.any(line > curve + 1e-9))
        style: dict[str, Any] = {"ls": (0, (1, 1.4)) if wrong else (0, (5, 2.5)), "lw": 2.2 if wrong else 1.5}
        axes.plot(steps, line, color=LIGHT.w if wrong else LIGHT.ink, zorder=3, **style)
        words = f"{', '.join(names)}" + (": wrong" if wrong else "")
        place: dict[str, Any] = {"textcoords": "offset points", "va": "center_baseline", "annotation_clip": False}
        axes.annotate(words, (REACH, line[-1]), (7, 0), color=LIGHT.w if wrong else LIGHT.ink, **place)

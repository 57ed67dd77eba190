"""Pictures of what runs through a network: the shapes on the way forward, the gradients on the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from lessonconv import nn
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width
from lessonconv.window import pair

Point = tuple[float, float]
Length = Callable[[float], float]

# Pixels of the page
SIDE, LEAST_SIDE = 76.0, 4.0  # the largest plane's longer side; the smallest's
STEP, SHEETS = 2.6, 16  # how far a plane stands out behind the one before; how many are drawn at most
TALLEST = SIDE + STEP * (SHEETS - 1)
CELL = 9.0  # a number in a column of few
LINE = 16.0
APART = 14.0  # between one stage's words and the next's
BAR = 260.0  # the longest bar
ROW = 820.0  # a longer network goes on in a next row
PLACES = ((0.3, 0.32), (0.7, 0.7))  # where on its plane a window is drawn, in turn: from the left, from the top


@dataclass
class Stage:
    """A tensor on its way, and the layers that it came through since the stage before.

    shape: (C, H, W) or (features,). tensor: its name in the notation. words: each layer's name, and its settings.
    window: the cells (height, width) of the stage before that one cell looks at, if the layer slides a window, and
    kernel: whether that window is a kernel that learns.
    """

    shape: tuple[int, ...]
    tensor: str
    words: list[tuple[str, list[str]]] = field(default_factory=list)
    window: tuple[float, float] | None = None
    kernel: bool = False

    @property
    def label(self) -> str:
        """Name and shape."""
        return f"{self.tensor}: {'×'.join(f'{size:,}' for size in self.shape)}"

    @property
    def width(self) -> float:
        """Pixels that its words or its picture take, whichever are wider."""
        names = [text_width(name, bold=True) for name in (self.label, *(name for name, _ in self.words))]
        settings = [text_width(line) for _, lines in self.words for line in lines]
        picture = SIDE + _depth(self) + 2 if len(self.shape) == 3 else 4 * CELL
        return max(*names, *settings, picture) + APART

    @property
    def lines(self) -> int:
        """Lines of words about its layers."""
        return sum(1 + len(settings) for _, settings in self.words)


def network(net: nn.Sequential, input_shape: tuple[int, ...]) -> Picture:
    """The shapes that a network makes of an input, with each layer's settings and number of parameters.

    input_shape: (C, H, W) or (features,), without the batch. A layer that changes values only, such as ReLU, stands
    with the one before. Raises TypeError if net is not a Sequential, ValueError if the input does not fit it.
    """
    if not isinstance(net, nn.Sequential):
        raise TypeError(f"network draws an nn.Sequential, not {type(net).__name__}; wrap it: nn.Sequential(layer)")
    stages, total = _stages(net, input_shape)
    length, to_scale = _length(stages)
    rows = _rows(stages)
    caption = f"{total:,} parameters."
    if any(len(stage.shape) == 3 for stage in stages):
        most = f" ({SHEETS} at most)" if _is_cut(stages) else ""
        scale = "to scale" if to_scale else "its area as large as its side should be"
        caption += (
            f" Each sheet is a channel{most}, {scale}. Beams lead from a window to the cell it fills; brown: kernels."
        )
    heights = [max(stage.lines for stage in row) * LINE + TALLEST + 3.5 * LINE for row in rows]
    width = max(sum(stage.width for stage in row) for row in rows)
    with drawing(width, sum(heights) - LINE, "The network, from input to output", caption) as sheet:
        axes, top = sheet.canvas(), 0.0
        for row, height in zip(rows, heights, strict=True):
            _draw_row(sheet, axes, row, top, max(stage.lines for stage in row) * LINE, length)
            top += height
    shapes = " → ".join("×".join(map(str, stage.shape)) for stage in stages)
    return Picture(sheet.figure, f"The shapes that the network makes of its input: {shapes}; {total:,} parameters.")


def _stages(net: nn.Sequential, input_shape: tuple[int, ...]) -> tuple[list[Stage], int]:
    """The stages, the input first, and how many parameters there are in all."""
    try:
        summary = net.summary(input_shape)
    except (TypeError, ValueError) as error:
        raise ValueError(f"an input {input_shape} (C, H, W) does not fit this network: {error}") from error
    stages = [Stage(tuple(input_shape), "x", [("input", [])])]
    for layer, row in zip(net.layers, summary.rows[1:], strict=True):
        last, words = stages[-1], (type(layer).__name__, _settings(layer, row.parameters))
        window = layer.receptive_field((1, 1), (1, 1))[0] if hasattr(layer, "kernel_size") else None
        if len(stages) > 1 and window is None and row.output_shape == last.shape:
            last.words.append(words)
            last.tensor = last.tensor if row.parameters else "a"
        else:
            tensor = "z" if row.parameters or last.tensor == "x" else last.tensor
            stages.append(Stage(row.output_shape, tensor, [words], window, kernel=row.parameters > 0))
    return stages, summary.parameters


def _settings(layer: nn.Layer, parameters: int) -> list[str]:
    """What a layer was told and how much it learns, in short lines: ["3×3, padding 1", "80 parameters"]."""
    if hasattr(layer, "kernel_size"):
        usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
        settings = getattr(layer, "settings", vars(layer))
        told = {name: _size(settings.get(name, value)) for name, value in usual.items()}
        words = ["{}×{}".format(*pair("kernel_size", layer.kernel_size, 1))]
        words += [f"{name} {value}" for name, value in told.items() if value != str(usual[name])]
    elif isinstance(layer, nn.Sequential):
        words = [count_of(len(layer), "layer")]
    else:
        words = [word.strip(" )").replace("=", " ") for word in repr(layer).split("(", 1)[1].split(",") if "=" in word]
    lines = words[:1]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 2 <= 16:
            lines[-1] += f", {word}"
        else:
            lines[-1:] = [lines[-1] + ",", word]
    return lines + ([f"{parameters:,} parameters"] if parameters else [])


def _size(setting: Any) -> str:
    """One number, also for a pair of the same; another pair as height×width, and anything else as it is."""
    if np.shape(setting) == (2,):
        return "×".join(map(str, setting if setting[0] != setting[1] else setting[:1]))
    return str(setting)


def _is_cut(stages: Sequence[Stage]) -> bool:
    return any(len(stage.shape) == 3 and stage.shape[0] > SHEETS for stage in stages)


def _length(stages: Sequence[Stage]) -> tuple[Length, bool]:
    """Cells → pixels, and whether that is to scale; where the sizes lie too far apart, the square roots are."""
    sizes = [size for stage in stages if len(stage.shape) == 3 for size in stage.shape[1:]] or [1]
    largest, to_scale = max(sizes), min(sizes) / max(sizes) * SIDE >= LEAST_SIDE
    return (lambda cells: SIDE * (cells / largest if to_scale else (cells / largest) ** 0.5)), to_scale


def _rows(stages: Sequence[Stage]) -> list[list[Stage]]:
    """The stages in rows that fit a page."""
    rows: list[list[Stage]] = [[]]
    for stage in stages:
        if rows[-1] and sum(each.width for each in rows[-1]) + stage.width > ROW:
            rows.append([])
        rows[-1].append(stage)
    return rows


def _draw_row(sheet: Sheet, axes: Axes, row: Sequence[Stage], top: float, words: float, length: Length) -> None:
    """The stages of a row beside each other: words above, the shape in the middle, its size below."""
    x, fronts = 0.0, []
    middle = top + words + LINE / 2 + TALLEST / 2
    for stage in row:
        centre = x + (stage.width - APART) / 2
        _write_layers(sheet, stage, centre, top, words)
        front = _draw_planes if len(stage.shape) == 3 else _draw_column
        fronts.append(front(axes, stage, (centre, middle), length))
        y = middle + TALLEST / 2 + LINE / 2
        sheet.text(centre, y, stage.label, ha="center", color=getattr(LIGHT, stage.tensor), fontweight="bold")
        x += stage.width
    for number, ((stage, begin), (following, end)) in enumerate(pairwise(zip(row, fronts, strict=True))):
        if following.window and len(stage.shape) == 3:
            _draw_window(axes, begin, end, following, length, PLACES[number % 2])
        else:
            ends = (end[0] - 6, middle), (begin[0] + begin[2] + _depth(stage) + 6, middle)
            axes.annotate("", *ends, arrowprops={"arrowstyle": "->", "color": LIGHT.ink, "lw": 0.8})


def _write_layers(sheet: Sheet, stage: Stage, centre: float, top: float, height: float) -> None:
    """The layers' names and settings, standing on the picture below."""
    y = top + height - stage.lines * LINE
    for name, settings in stage.words:
        sheet.text(centre, y, name, ha="center", fontweight="bold")
        for number, line in enumerate(settings, 1):
            sheet.text(centre, y + number * LINE, line, ha="center", color=LIGHT.muted)
        y += (1 + len(settings)) * LINE


Box = tuple[float, float, float, float]  # left, top, width, height


def _depth(stage: Stage) -> float:
    """How far its last plane stands out behind the first."""
    return STEP * (min(stage.shape[0], SHEETS) - 1) if len(stage.shape) == 3 else 0.0


def _draw_planes(axes: Axes, stage: Stage, centre: Point, length: Length) -> Box:
    """A stack of planes, the last channel first, so that channel 0 is in front; returns where that one is."""
    C, H, W = stage.shape
    count, width, height = min(C, SHEETS), length(W), length(H)
    depth = _depth(stage)
    left, top = centre[0] - (width + depth) / 2, centre[1] - (height - depth) / 2
    color = getattr(LIGHT, stage.tensor)
    for k in reversed(range(count)):
        at = left + k * STEP, top - k * STEP
        axes.add_patch(Rectangle(at, width, height, **_paint(color)))
    return left, top, width, height


def _draw_column(axes: Axes, stage: Stage, centre: Point, length: Length) -> Box:
    """A column of numbers; a long one is broken off in the middle. Returns where it is."""
    count = int(np.prod(stage.shape))
    most = int(TALLEST // CELL)
    shown = min(count, most)
    left, top = centre[0] - CELL / 2, centre[1] - shown * CELL / 2
    color = getattr(LIGHT, stage.tensor)
    if count > most:
        axes.text(*centre, "⋮", ha="center", va="center_baseline", color=color, fontweight="bold", fontsize=11)
    for k in range(shown):
        if count <= most or abs(k - (shown - 1) / 2) > 1:
            axes.add_patch(Rectangle((left, top + k * CELL), CELL, CELL, **_paint(color)))
    return left, top, CELL, shown * CELL


def _paint(color: str) -> dict[str, Any]:
    """An outline, and a fill of the same hue that lets what is drawn on it be read."""
    return {"facecolor": palette.mix(LIGHT.paper, color, 0.12), "edgecolor": color, "lw": 0.8}


def _draw_window(axes: Axes, source: Box, target: Box, stage: Stage, length: Length, place: Point) -> None:
    """A window on the source, the cell that it fills on the target, and the lines of sight between them."""

    def corner(box: Box, height: float, width: float) -> Point:
        return box[0] + place[0] * box[2] - width / 2, box[1] + place[1] * box[3] - height / 2

    window = stage.window or (1, 1)
    height, width = min(length(window[0]), source[3]), min(length(window[1]), source[2])
    cell = min(length(1), target[2], target[3])
    (x, y), (u, v) = corner(source, height, width), corner(target, cell, cell)
    color = LIGHT.w if stage.kernel else LIGHT.ink
    style: dict[str, Any] = {"edgecolor": color, "lw": 0.9, "zorder": 3}
    sight = [(x + width, y), (u, v), (u, v + cell), (x + width, y + height)]
    axes.add_patch(Polygon(sight, facecolor=f"{color}22", **style))
    axes.add_patch(Rectangle((x, y), width, height, facecolor=palette.mix(LIGHT.paper, color, 0.2), **style))
    axes.add_patch(Rectangle((u, v), cell, cell, facecolor=color, **style))


def flow(stages: Sequence[tuple[str, Any, Any]], *, title: str = "What each layer hands back") -> Picture:
    """One training step, taken apart: a row for each layer, with its output forward and the gradient that comes back.

    stages: (name, activation, gradient) in forward order, the gradient with respect to that activation and of its
    shape, such as (N, C, H, W). The bar is the gradient's Euclidean norm over the whole batch.
    Raises ValueError if there is no stage, or if shapes differ, or a gradient holds a NaN.
    """
    rows = [_row(*stage) for stage in stages]
    if not rows:
        raise ValueError("flow has no stages to draw; give a list of (name, activation, gradient)")
    largest = max(norm for *_, norm in rows) or 1.0
    outputs = 24 + max(text_width(name, bold=True) for name in ("layer", *(name for name, *_ in rows)))
    shape = 18 + max(text_width(text) for text in ("∂L/∂output", *(text for _, text, *_ in rows)))
    forward, height = outputs + shape, 30.0
    gradients = forward + 60
    bars = gradients + shape
    caption = (
        "Forward, a layer hands its output down to the next. Backward, it is handed the gradient with respect to that "
        "output, of the same shape, and hands on the one above it. A bar is as long as that gradient's norm."
    )
    with drawing(bars + BAR + 56, (len(rows) + 1) * height, title, caption) as sheet:
        axes = sheet.canvas()
        for x, words in ((0, "layer"), (outputs, "output"), (gradients, "∂L/∂output"), (bars, "its norm")):
            sheet.text(x, height / 2, words, va="center_baseline", color=LIGHT.muted)
        for number, (name, text, tensor, norm) in enumerate(rows):
            y, color, length = (number + 1.5) * height, palette.color(tensor), norm / largest * BAR
            axes.add_patch(Rectangle((bars, y - 8), length, 16, hatch=palette.hatch("d" + tensor), **_paint(color)))
            for x, words, style in (
                (0, name, {"fontweight": "bold"}),
                (outputs, text, {"color": color}),
                (gradients, text, {"color": color}),
                (bars + length + 8, f"{norm:.3g}", {}),
            ):
                sheet.text(x, y, words, va="center_baseline", **style)
        _draw_way(axes, forward + 8, height * 1.2, height * (len(rows) + 0.8), "forward")
        _draw_way(axes, forward + 34, height * (len(rows) + 0.8), height * 1.2, "backward")
    names = ", ".join(f"{name} {text}" for name, text, *_ in rows)
    return Picture(
        sheet.figure,
        f"{title}: for each layer its output's shape and a bar for the norm of the gradient that comes back: {names}.",
        "The norms: " + ", ".join(f"{name} {norm:.3g}" for name, *_, norm in rows) + ".",
    )


def _row(name: str, activation: Any, gradient: Any) -> tuple[str, str, str, float]:
    """A stage's name, shape, tensor and the norm of its gradient. Raises ValueError if they do not fit."""
    shape, gradient = np.shape(activation), np.asarray(gradient)
    if gradient.shape != shape:
        raise ValueError(
            f"{name}: the gradient has shape {gradient.shape}, the activation {shape}, but a gradient has the shape of "
            f"what it is taken with respect to; pair each activation with its own"
        )
    norm = float(np.linalg.norm(np.asarray(gradient, np.float64)))
    if not np.isfinite(norm):
        raise ValueError(f"{name}: the gradient holds a NaN or an infinity; lower the learning rate, or look before it")
    return name, "×".join(f"{size:,}" for size in shape), _tensor(name), norm


def _tensor(name: str) -> str:
    """Which tensor of the notation a stage's name speaks of: what weighted sums give is z, what comes after them a."""
    if name in palette.TENSORS:
        return name
    return "x" if name == "input" else "z" if name.startswith(("Conv", "Linear", "BatchNorm")) else "a"


def _draw_way(axes: Axes, x: float, start: float, stop: float, words: str) -> None:
    """A long arrow, up or down, with its name along it if that has room."""
    axes.annotate("", (x, stop), (x, start), arrowprops={"arrowstyle": "->", "color": LIGHT.ink, "lw": 0.9})
    middle: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "center", "backgroundcolor": LIGHT.paper}
    if abs(stop - start) > text_width(words) + 20:
        axes.text(x, (start + stop) / 2, words, color=LIGHT.muted, **middle)

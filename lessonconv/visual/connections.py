"""Which filter has a kernel for which channel, and how far one output sees through several layers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from lessonconv import nn
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width
from lessonconv.window import Axis

STEP, SHEET = 34.0, 25.0  # pixels of the page: from kernel to kernel, and the side of one
LINE, APART, LEFT = 17.0, 30.0, 24.0  # a line of text; between two layers; for the names of the filters
WIDEST = 768.0
MOST = 12  # channels or filters that are drawn
ROW, CELL, LEAST = 62.0, 30.0, 11.0  # from layer to layer; an input's room, at most and at least
NAME, TOLD = 96.0, 150.0  # for a layer's name at the left, and for its numbers at the right


def wiring(*layers: nn.Conv2d) -> Picture:
    """Convolution layers as tables of kernels: a row for each filter, a column for each channel.

    z[f] = b[f] + Σ_c w[f,c] ⋆ x[c], where c runs over the channels of the filter's group

    Raises TypeError for what is not a Conv2d, ValueError for none, or for more than twelve channels or filters.
    """
    if not layers:
        raise ValueError("wiring has nothing to draw; give layers such as nn.Conv2d(3, 4, 3)")
    tables = [_Table.of(layer) for layer in layers]
    title = "A kernel for each filter and channel"
    caption = (
        "A row for each filter: a kernel (brown) slides over each channel (blue) that the filter reads; the results "
        "and one bias b add up to one map of the output (green)."
    )
    width = sum(table.width for table in tables) + APART * (len(tables) - 1)
    if width > WIDEST:
        raise ValueError(f"these layers take {width:.0f} pixels, a page is {WIDEST:.0f} wide; draw fewer at a time")
    height = max(table.height for table in tables)
    with drawing(width, height, title, caption) as sheet:
        axes, left = sheet.canvas(), 0.0
        for table in tables:
            table.draw(sheet, axes, left)
            left += table.width + APART
    return Picture(sheet.figure, f"{title}. " + " ".join(table.said for table in tables) + f" {caption}")


class _Table(NamedTuple):
    """A layer as a table. kernel: its size (height, width). biases: 0 if it has none."""

    channels: int
    filters: int
    groups: int
    kernel: tuple[int, int]
    biases: int

    @classmethod
    def of(cls, layer: nn.Conv2d) -> "_Table":
        """A layer's table. Raises TypeError or ValueError if it cannot be drawn."""
        if type(layer) is not nn.Conv2d:
            raise TypeError(f"wiring draws nn.Conv2d layers, not {type(layer).__name__}")
        filters, each, *kernel = layer.params["w"].shape
        groups = layer.settings["groups"]
        if max(filters, each * groups) > MOST:
            raise ValueError(f"{each * groups} channels and {filters} filters are too many to draw; at most {MOST} are")
        biases = layer.params["b"].size if "b" in layer.params else 0
        return cls(each * groups, filters, groups, (kernel[0], kernel[1]), biases)

    @property
    def each(self) -> int:
        """How many channels a filter reads."""
        return self.channels // self.groups

    @property
    def head(self) -> str:
        K_h, K_w = self.kernel
        kernel = f"w: {self.filters}×{self.each}×{K_h}×{K_w}"
        return kernel if self.groups == 1 else f"groups={self.groups}, {kernel}"

    @property
    def sum(self) -> str:
        """How many numbers there are to learn."""
        K_h, K_w = self.kernel
        weights = self.filters * self.each * K_h * K_w
        biases = f" + {self.biases} biases" if self.biases else ""
        return f"{weights:,} weights{biases}"

    @property
    def width(self) -> float:
        last = LEFT + self.channels * STEP + (STEP if self.biases else 0) + STEP + 6
        return max(last, text_width(self.head, bold=True), text_width(self.sum))

    @property
    def height(self) -> float:
        return 3.6 * LINE + STEP + self.filters * STEP

    @property
    def said(self) -> str:
        """In words."""
        reads = "all channels" if self.groups == 1 else count_of(self.each, "channel")
        return f"{self.head}: each of {count_of(self.filters, 'filter')} reads {reads}; {self.sum}."

    def reads(self, filter: int, channel: int) -> bool:
        """Whether the channel is in the filter's group."""
        return filter * self.groups // self.filters == channel // self.each

    def draw(self, sheet: Sheet, axes: Axes, left: float) -> None:
        """Channels above, maps at the right, kernels where they cross."""
        sheet.text(left, 0, self.head, fontweight="bold")
        sheet.text(left, LINE, self.sum, color=LIGHT.muted)
        top, left = 3.6 * LINE, left + LEFT
        sheet.text(left + 4, top - LINE, "channels of x", color=LIGHT.x)
        for c in range(self.channels):
            _sheet(sheet, axes, left + (c + 0.5) * STEP, top + STEP / 2, str(c), LIGHT.x)
        for f in range(self.filters):
            self._draw_filter(sheet, axes, f, left, top + STEP * (f + 1.5))

    def _draw_filter(self, sheet: Sheet, axes: Axes, f: int, left: float, y: float) -> None:
        middle: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
        sheet.text(left - 12, y, f"w{_low(f)}", color=LIGHT.w, **middle)
        read = [c for c in range(self.channels) if self.reads(f, c)]
        for c in range(self.channels):
            x = left + (c + 0.5) * STEP
            if c in read:
                _kernel(axes, x, y, self.kernel)
            else:
                axes.add_patch(Circle((x, y), 1.6, color=LIGHT.line))
            if c in read[1:]:
                sheet.text(x - STEP / 2, y, "+", **middle)
        x = left + (self.channels + 0.5) * STEP
        if self.biases:
            sheet.text(x - STEP / 2, y, "+", **middle)
            axes.add_patch(Circle((x, y), 9, facecolor=palette.mix(LIGHT.paper, LIGHT.b, 0.25), edgecolor=LIGHT.b))
            sheet.text(x, y, "b", color=LIGHT.b, fontweight="bold", **middle)
            x += STEP
        sheet.text(x - STEP / 2, y, "=", **middle)
        _sheet(sheet, axes, x + 4, y, f"z{_low(f)}", LIGHT.z)


def _low(index: int) -> str:
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _sheet(sheet: Sheet, axes: Axes, x: float, y: float, words: str, color: str) -> None:
    """One channel of a tensor, with its name."""
    style: dict[str, Any] = {"facecolor": palette.mix(LIGHT.paper, color, 0.12), "edgecolor": color, "linewidth": 1.0}
    axes.add_patch(Rectangle((x - SHEET / 2, y - SHEET / 2), SHEET, SHEET, **style))
    sheet.text(x, y, words, ha="center", va="center_baseline", color=color)


def _kernel(axes: Axes, x: float, y: float, size: tuple[int, int]) -> None:
    """A small grid; one of more than seven rows or columns is drawn with seven."""
    rows, columns = (min(cells, 7) for cells in size)
    cell = min(7.0, (SHEET - 4) / max(rows, columns))
    left, top = x - columns * cell / 2, y - rows * cell / 2
    style: dict[str, Any] = {"edgecolor": LIGHT.w, "linewidth": 0.8}
    for r in range(rows):
        for c in range(columns):
            at = left + c * cell, top + r * cell
            axes.add_patch(Rectangle(at, cell, cell, facecolor=palette.mix(LIGHT.paper, LIGHT.w, 0.22), **style))


def field(layers: Mapping[str, Sequence[int]]) -> Picture:
    """What one output sees along an axis, layer under layer, down to the input: its receptive field.

    field ← field + d(K − 1)·jump, then jump ← jump·s, both from 1: a neighbour sees as much, shifted by the jump

    layers: (kernel, stride, dilation) by name, the input's first. Raises ValueError if there is none, or if one output
    sees more than fits on a page. Source: Araujo, Norris & Sim 2019, "Computing receptive fields of CNNs".
    """
    if not layers:
        raise ValueError('field has nothing to draw; give layers under their names: {"conv": (3, 1, 1)}')
    levels = _levels(list(layers.values()))
    room = min(CELL, (WIDEST - NAME - TOLD) / levels[0].field)
    if room < LEAST:
        raise ValueError(f"one output sees {levels[-1].reach} inputs, too many for a page; leave out some layers")
    names = [*reversed(list(layers)), "input"]
    title = f"One output sees {count_of(levels[-1].reach, 'input')}"
    caption = "At the right: how many inputs a cell of the layer sees, and by how many its neighbour's view is shifted."
    height = ROW * len(layers) + CELL
    with drawing(NAME + levels[0].field * room + TOLD, height, title, caption) as sheet:
        axes = sheet.canvas()
        for depth, (name, level) in enumerate(zip(names, reversed(levels), strict=True)):
            y = depth * ROW + CELL / 2
            _draw_level(sheet, axes, name, level, y, room, last=depth == len(layers))
            if level.axis is not None:
                _draw_reading(axes, level, levels[len(layers) - depth - 1], y, room)
    rows = [f"{name} sees {level.reach}, jump {level.jump}" for name, level in zip(layers, levels[1:], strict=True)]
    return Picture(sheet.figure, f"{title}. Layer by layer: {'; '.join(rows)}.")


class _Level(NamedTuple):
    """A layer's cells below one output of the last layer.

    field: how many lie side by side. read: those that count. reach: how many inputs one of them sees. jump: by how many
    its neighbour's view is shifted. first: where cell 0 has its middle, in inputs. axis: how the level below is read;
    None for the input.
    """

    field: int
    read: frozenset[int]
    reach: int
    jump: int
    first: float
    axis: Axis | None


def _levels(layers: Sequence[Sequence[int]]) -> list[_Level]:
    """The input's level first."""
    wide, read, found = 1, frozenset([0]), []
    for kernel, stride, dilation in reversed(layers):
        size = (wide - 1) * stride + dilation * (kernel - 1) + 1
        axis = Axis.over(size, kernel, stride=stride, dilation=dilation)
        found.append((wide, read, axis))
        wide, read = size, frozenset(u for i in read for u in axis.inputs_of(i))
    levels = [_Level(wide, read, 1, 1, 0.0, None)]
    for wide, read, axis in reversed(found):
        below = levels[-1]
        reach = below.reach + (axis.span - 1) * below.jump
        first = below.first + (axis.span - 1) / 2 * below.jump
        levels.append(_Level(wide, read, reach, below.jump * axis.stride, first, axis))
    return levels


def _at(level: _Level, cell: int, room: float) -> float:
    """Where a cell has its middle on the sheet."""
    return NAME + (level.first + cell * level.jump + 0.5) * room


def _draw_level(sheet: Sheet, axes: Axes, name: str, level: _Level, y: float, room: float, *, last: bool) -> None:
    color, side = LIGHT.x if last else LIGHT.z, 0.74 * room
    middle: dict[str, Any] = {"va": "center_baseline"}
    sheet.text(0, y, name, color=color, fontweight="bold", **middle)
    for cell in range(level.field):
        share = 0.22 if cell in level.read else 0.0
        place = _at(level, cell, room) - side / 2, y - side / 2
        edge = color if cell in level.read else LIGHT.line
        face = palette.mix(LIGHT.paper, color, share)
        axes.add_patch(Rectangle(place, side, side, facecolor=face, edgecolor=edge, linewidth=1.1, zorder=4))
    words = f"sees {level.reach}, jump {level.jump}"
    sheet.text(NAME + _right(level, room), y, words, color=LIGHT.ink, **middle)


def _right(level: _Level, room: float) -> float:
    return (level.first + (level.field - 1) * level.jump + 1) * room + 16


def _draw_reading(axes: Axes, level: _Level, below: _Level, y: float, room: float) -> None:
    """A line from each cell to each cell that it reads."""
    if level.axis is None:
        return
    for cell in sorted(level.read):
        for u in level.axis.inputs_of(cell):
            xs = [_at(level, cell, room), _at(below, u, room)]
            axes.plot(xs, [y, y + ROW], color=palette.mix(LIGHT.paper, LIGHT.w, 0.75), linewidth=0.9, zorder=3)

"""A transposed convolution under the hand: as stamps, as a gather, and as a convolution of a widened input."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy.typing as npt
import traitlets

from lessonconv import functional as F
from lessonconv.explore import correlation, samples
from lessonconv.explore.explorer import Explorer, drawable
from lessonconv.explore.scene import Grid, Play, Scene, Sum
from lessonconv.explore.settings import counted, either, picked, renewed, sizes
from lessonconv.explore.traits import LARGEST, Choice, Count, Size, Tensor, switch
from lessonconv.window import Axis, Window

Array = npt.NDArray[Any]
GEOMETRY = ("height", "width", "kernel", "stride", "padding", "output_padding", "dilation")
NOUNS = {  # the lists are the convolution's, read from the other end: its inputs are the outputs here
    "out": ("input", "inputs"),
    "tap": ("tap", "taps"),
    "in": ("output", "outputs"),
    "turned": ("turned tap", "turned taps"),
    "widened": ("cell of D", "cells of D"),
}
SUMS = {
    "z": Sum("z", ("x", "w"), over="c"),
    "dw": Sum("dw", ("x", "dz")),
    "dx": Sum("dx", ("w", "dz"), over="f"),
    "z, turned": Sum("z", ("widened", "turned"), "sweep", over="c"),
}

CUT = "cut off by the padding"
STAMPS = (  # by how many axes are stamped unevenly
    "equally many stamps",
    "more and fewer stamps in turn: stripes",
    "more and fewer stamps in turn: a checkerboard",
)


class Tensors(NamedTuple):
    """The arrays of one image, NCHW. z_pad also holds what the padding cuts off; dz_pad has zeros there."""

    x: Array
    w: Array
    z_pad: Array
    dz_pad: Array
    dw: Array
    dx: Array


class TransposedExplorer(Explorer):
    """A transposed convolution's forward and backward pass, cell by cell, for any setting.

    z[f,u,v] = Σ x·w,  ∂L/∂w[c,f,k,l] = Σ x·∂L/∂z,  ∂L/∂x[c,i,j] = Σ w·∂L/∂z, over the window's meetings

    height, width: the input's size, 1 to 32. kernel, stride, padding, output_padding, dilation: an int or a pair
    (height, width). channels, filters: C and F; channel, filter: which of them is shown. values, weights, gradient: the
    numbers in x, w and ∂L/∂z, drawn anew by `seed`. reach: shows how many inputs stamp each output: where that is
    uneven, it makes a checkerboard. mode, step: how it plays, and where it is. All of these are traits.
    Arrays: x and dx (1, C, H, W), w and dw (C, F, K_h, K_w), z and dz (1, F, O_h, O_w); x, w and dz can be set.
    Raises ValueError or TypeError as the layer does, and ValueError for an output of more than 64 cells along an axis.
    Source: Dumoulin & Visin 2016, §4; Odena, Dumoulin & Olah 2016, "Deconvolution and checkerboard artifacts".
    """

    SETTINGS = (*GEOMETRY, "channels", "filters", "values", "weights", "gradient", "seed", "reach")
    ARRAYS: ClassVar = {
        "x": ("channels", "height", "width"),
        "w": ("channels", "filters", "kernel", "kernel"),
        "dz": ("", "", ""),
    }
    RENEWS: ClassVar = {"values": ("x",), "weights": ("w",), "gradient": ("dz",), "seed": ("x", "w", "dz")}

    height = Count(3, 1, LARGEST)
    width = Count(3, 1, LARGEST)
    kernel = Size(3, 1)
    stride = Size(2, 1)
    padding = Size(0, 0)
    output_padding = Size(0, 0)
    dilation = Size(1, 1)
    channels = Count(1, 1, 8)
    filters = Count(1, 1, 8)
    channel = Count(0, 0)
    filter = Count(0, 0)
    values = Choice("random", "ones", "ramp", "edge", "digit")
    weights = Choice("random", "edge", "ones")
    gradient = Choice("random", "ones", "one")
    seed = Count(0, 0)
    reach = switch(on=True)

    x = Tensor("The input, (1, C, H, W).")
    w = Tensor("The kernels, (C, F, K_h, K_w).")
    z = Tensor("The output, (1, F, O_h, O_w).")
    dx = Tensor("The gradient of the input, (1, C, H, W).")
    dw = Tensor("The gradient of the kernels, (C, F, K_h, K_w).")
    dz = Tensor("The gradient of the output, (1, F, O_h, O_w).")

    @traitlets.validate(*GEOMETRY)
    def _possible(self, proposal: Any) -> Any:
        return self._together(proposal)

    def _check(self, settings: Mapping[str, Any]) -> None:
        window = self._window(settings)
        padded = window.height.padded, window.width.padded
        drawable("with what the padding cuts off the output", padded, "lower the size or the stride")

    def _window(self, settings: Mapping[str, Any]) -> Window:
        asked = {name: settings.get(name, getattr(self, name)) for name in GEOMETRY}
        size = asked.pop("height"), asked.pop("width")
        return Window.transposed(size, asked.pop("kernel"), **asked)

    def _draw(self) -> Scene:
        window = self.window
        self._tensors = self._compute(window)
        return _Drawing(self._tensors, window, self.reach).scene()

    def _compute(self, window: Window) -> Tensors:
        """All tensors, by the layers of `functional`."""
        C, F_, seed = self.channels, self.filters, self.seed
        x = self._edited("x", samples.picture(self.values, (C, *window.output_size), seed))[None]
        w = self._edited("w", samples.kernel(self.weights, (C, F_, *window.kernel_size), seed))
        dz = self._edited("dz", samples.gradient(self.gradient, (F_, *window.input_size), seed))
        dz_pad = correlation.padded(dz, window)[None]
        steps = {name: getattr(self, name) for name in ("stride", "output_padding", "dilation")}  # nothing is cut off
        dx, dw, _ = F.conv_transpose2d_backward(dz_pad, x, w, **steps)
        return Tensors(x, w, F.conv_transpose2d(x, w, **steps), dz_pad, dw, dx)

    def _controls(self) -> list[dict[str, Any]]:
        return [
            sizes("size", 1, 8),
            counted("kernel", 1, 7, pair=True),
            counted("stride", 1, 4, pair=True),
            counted("padding", 0, 3, pair=True),
            counted("output_padding", 0, 3, pair=True),
            counted("dilation", 1, 3, pair=True),
            picked(
                "values", "input",
                random="random numbers", ones="all 1", ramp="a ramp", edge="an edge", digit="a digit",
            ),
            picked("weights", "kernel", random="random numbers", edge="edge filter", ones="all 1"),
            either("reach", "stamps that each output gets"),
            counted("channel", 0, 0, of="channels", label="channel shown"),
            counted("filter", 0, 0, of="filters", label="filter shown"),
            picked("gradient", "∂L/∂z", more=True, random="random numbers", ones="all 1", one="a single 1"),
            renewed("seed", "Other random numbers"),
            counted("channels", 1, 4, more=True),
            counted("filters", 1, 4, more=True),
        ]  # fmt: skip


class _Drawing(NamedTuple):
    """The scene of one layer."""

    tensors: Tensors
    window: Window
    reach: bool

    def scene(self) -> Scene:
        """Six grids, the widened input and the turned kernel for one play, and the stamps counted."""
        grids = self._grids() | self._turned()
        if self.reach:
            grids |= self._reached()
        lists, links = correlation.lists(self.window), correlation.links(self.window)
        del lists["flipped"]
        extras, stacks = ("widened", "turned"), dict(zip("cf", self.tensors.w.shape, strict=False))
        return Scene("transposed", grids, lists, SUMS, self._plays(), NOUNS, links, extras, stacks)

    def _grids(self) -> dict[str, Grid]:
        x, w, z_pad, dz_pad, dw, dx = self.tensors
        ring, c, f, cf = correlation.ring(self.window), ("c",), ("f",), ("c", "f")
        return {
            "x": Grid("x", "input", "x", "out", x[0], (0, 0), stack=c, sum="dx", editable=True),
            "w": Grid("w", "kernel", "w", "tap", w, (0, 1), stack=cf, sum="dw", editable=True),
            "z": Grid("z", "output", "z", "in", z_pad[0], (0, 2), ring, f, sum="z", outside=CUT),
            "dx": Grid("∂L/∂x", "gradient", "dx", "out", dx[0], (1, 0), stack=c, sum="dx"),
            "dw": Grid("∂L/∂w", "gradient", "dw", "tap", dw, (1, 1), stack=cf, sum="dw"),
            "dz": Grid("∂L/∂z", "gradient", "dz", "in", dz_pad[0], (1, 2), ring, f, sum="z", editable=True),
        }

    def _turned(self) -> dict[str, Grid]:
        wide, zeros = correlation.widened(self.tensors.x[0], self.window)
        turned = self.tensors.w[..., ::-1, ::-1]
        c, cf = ("c",), ("c", "f")
        return {
            "widened": Grid("D", "x among zeros", "x", "widened", wide, (2, 0), stack=c, meets="sweep", zeros=zeros),
            "turned": Grid("w↻", "kernel turned", "w", "turned", turned, (2, 1), stack=cf, meets="sweep"),
        }

    def _reached(self) -> dict[str, Grid]:
        """How many inputs stamp each output: the same for every filter."""
        counts, ring = correlation.readers(self.window), correlation.ring(self.window)
        return {"reach": Grid("n", "stamps", "z", "in", counts, (0, 3), ring, sum="z", outside=CUT)}

    def _plays(self) -> dict[str, Play]:
        zeros = correlation.zeros_met(self.window)
        uneven = [not _evenly_stamped(axis) for axis in (self.window.height, self.window.width)]
        return {
            "scatter": Play(
                "Forward, stamped",
                "Every input stamps the kernel, times its value, onto the output; stamps that overlap add up. "
                f"Away from the border, outputs get {STAMPS[sum(uneven)]}.",
                leads="x", adds="z",
            ),
            "gather": Play(
                "Forward, gathered",
                "Every output collects from the inputs that stamp it, from each through one tap.",
                leads="z", fills=("z",),
            ),
            "turned": Play(
                "Forward, turned kernel",
                "The turned kernel sweeps over D, which is x widened by zeros, with stride 1: a convolution. "
                f"Of {zeros.products} products, {zeros.inserted} meet an inserted zero, {zeros.around} a zero around.",
                leads="z", fills=("z",), grids=("widened", "turned"),
                sums={"z": "z, turned", "dz": "z, turned", "reach": "z, turned"},
            ),
            "weights": Play(
                "∂L/∂w",
                "Every input adds to each tap's gradient: its value, times what is asked for where the tap stamped.",
                leads="x", adds="dw",
            ),
            "backward": Play(
                "∂L/∂x",
                "The window stops once for every input, and adds up the products of what lies below it: a convolution.",
                leads="dx", fills=("dx",),
            ),
        }  # fmt: skip


def _evenly_stamped(axis: Axis) -> bool:
    """Does every output away from the border meet equally many taps? Those of one phase of the stride share theirs."""
    taps = [phase.kernel for _, _, phase in axis.phases()]
    return len(taps) == min(axis.stride, axis.size) and len(set(taps)) == 1

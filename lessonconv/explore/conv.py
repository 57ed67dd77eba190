"""A convolution layer under the hand: both passes, for every setting."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import numpy.typing as npt
import traitlets

from lessonconv import functional as F
from lessonconv.explore import correlation, samples
from lessonconv.explore.explorer import Explorer, drawable
from lessonconv.explore.scene import Grid, Play, Scene, Sum
from lessonconv.explore.settings import counted, either, picked, renewed, sizes
from lessonconv.explore.traits import LARGEST, Choice, Count, Size, Tensor, switch
from lessonconv.window import Window

Array = npt.NDArray[Any]
GEOMETRY = ("height", "width", "kernel", "stride", "padding", "dilation")
NOUNS = {
    "in": ("input", "inputs"),
    "tap": ("tap", "taps"),
    "out": ("output", "outputs"),
    "turned": ("turned tap", "turned taps"),
    "widened": ("cell of D", "cells of D"),
}
SUMS = {
    "z": Sum("z", ("w", "x"), over="c"),
    "dw": Sum("dw", ("dz", "x")),
    "dx": Sum("dx", ("dz", "w"), over="f"),
    "dx, turned": Sum("dx", ("widened", "turned"), "sweep", over="f"),
    "true": Sum("true", ("turned", "x"), "flipped", over="c"),
}


class Tensors(NamedTuple):
    """The arrays of one image, NCHW. x_pad has its padding; dx_pad also holds what falls on the padding."""

    x_pad: Array
    w: Array
    z: Array
    dz: Array
    dw: Array
    dx_pad: Array


class ConvExplorer(Explorer):
    """A convolution layer's forward and backward pass, cell by cell, for any setting.

    z[f,i,j] = Σ w·x,  ∂L/∂w[f,c,k,l] = Σ ∂L/∂z·x,  ∂L/∂x[c,u,v] = Σ ∂L/∂z·w, over the window's meetings

    height, width: the input's size, 1 to 32. kernel, stride, padding, dilation: an int or a pair (height, width).
    channels, filters: C and F; channel, filter: which of them is shown. values, weights, gradient: the numbers in x, w
    and ∂L/∂z, drawn anew by `seed`. true_convolution: shows the layer with its kernel turned beside. reach: shows how
    many outputs read each input. backward: False leaves out the gradients. mode, step: how it plays, and where it is.
    All of these are traits.
    Arrays: x and dx (1, C, H, W), w and dw (F, C, K_h, K_w), z and dz (1, F, O_h, O_w); x, w and dz can be set.
    Raises ValueError or TypeError as the layers do, and ValueError for more than 32 cells along an axis.
    Source: Dumoulin & Visin 2016; `Window.meetings`.
    """

    SETTINGS = (
        *GEOMETRY, "channels", "filters", "values", "weights", "gradient", "seed", "true_convolution", "reach",
        "backward",
    )  # fmt: skip
    ARRAYS: ClassVar = {
        "x": ("channels", "height", "width"),
        "w": ("filters", "channels", "kernel", "kernel"),
        "dz": ("", "", ""),
    }
    RENEWS: ClassVar = {"values": ("x",), "weights": ("w",), "gradient": ("dz",), "seed": ("x", "w", "dz")}

    height = Count(7, 1, LARGEST)
    width = Count(7, 1, LARGEST)
    kernel = Size(3, 1)
    stride = Size(1, 1)
    padding = Size(0, 0)
    dilation = Size(1, 1)
    channels = Count(1, 1, 8)
    filters = Count(1, 1, 8)
    channel = Count(0, 0)
    filter = Count(0, 0)
    values = Choice("random", "ramp", "edge", "digit")
    weights = Choice("random", "edge", "ones")
    gradient = Choice("random", "ones", "one")
    seed = Count(0, 0)
    true_convolution = switch()
    reach = switch()
    backward = switch(on=True)

    x = Tensor("The input, (1, C, H, W).")
    w = Tensor("The kernels, (F, C, K_h, K_w).")
    z = Tensor("The output, (1, F, O_h, O_w).")
    dx = Tensor("The gradient of the input, (1, C, H, W).")
    dw = Tensor("The gradient of the kernels, (F, C, K_h, K_w).")
    dz = Tensor("The gradient of the output, (1, F, O_h, O_w).")

    @traitlets.validate(*GEOMETRY)
    def _possible(self, proposal: Any) -> Any:
        return self._together(proposal)

    def _check(self, settings: Mapping[str, Any]) -> None:
        window = self._window(settings)
        drawable("with its padding the input", (window.height.padded, window.width.padded), "lower padding")

    def _window(self, settings: Mapping[str, Any]) -> Window:
        asked = {name: settings.get(name, getattr(self, name)) for name in GEOMETRY}
        size = asked.pop("height"), asked.pop("width")
        return Window.over(size, asked.pop("kernel"), **asked)

    def _draw(self) -> Scene:
        self._tensors = self._compute(self.window)
        drawing = _Drawing(self._tensors, self.window, self.true_convolution, self.reach)
        return drawing.scene() if self.backward else drawing.forward()

    def _compute(self, window: Window) -> Tensors:
        """All tensors, by the layers of `functional`."""
        C, F_, seed = self.channels, self.filters, self.seed
        x = self._edited("x", samples.picture(self.values, (C, *window.input_size), seed))
        w = self._edited("w", samples.kernel(self.weights, (F_, C, *window.kernel_size), seed))
        dz = self._edited("dz", samples.gradient(self.gradient, (F_, *window.output_size), seed))[None]
        x_pad, steps = correlation.padded(x, window)[None], correlation.steps(window)
        dx_pad, dw, _ = F.conv2d_backward(dz, x_pad, w, **steps)
        return Tensors(x_pad, w, F.conv2d(x_pad, w, **steps), dz, dw, dx_pad)

    def _controls(self) -> list[dict[str, Any]]:
        return [
            sizes("size", 1, 16),
            counted("kernel", 1, 7, pair=True),
            counted("stride", 1, 4, pair=True),
            counted("padding", 0, 4, pair=True),
            counted("dilation", 1, 4, pair=True),
            picked("values", "input", random="random numbers", ramp="a ramp", edge="an edge", digit="a digit"),
            either("true_convolution", "true convolution beside"),
            either("reach", "outputs that each input reaches"),
            counted("channel", 0, 0, of="channels", label="channel shown"),
            counted("filter", 0, 0, of="filters", label="filter shown"),
            picked("weights", "kernel", more=True, random="random numbers", edge="edge filter", ones="all 1"),
            picked("gradient", "∂L/∂z", more=True, random="random numbers", ones="all 1", one="a single 1"),
            either("backward", "backward pass", more=True),
            renewed("seed", "Other random numbers"),
            counted("channels", 1, 4, more=True),
            counted("filters", 1, 4, more=True),
        ]


class _Drawing(NamedTuple):
    """The scene of one layer."""

    tensors: Tensors
    window: Window
    true_convolution: bool
    reach: bool

    def scene(self) -> Scene:
        """Six grids, the turned and widened ones for the fourth play, and what is switched on."""
        grids = self._grids() | self._turned()
        extras = ["widened", "turned"]
        if self.true_convolution:
            grids |= self._true()
            extras.remove("turned")
        if self.reach:
            grids |= self._reached()
        stacks = {"c": self.tensors.w.shape[1], "f": self.tensors.w.shape[0]}
        lists, links = correlation.lists(self.window), correlation.links(self.window)
        return Scene("conv", grids, lists, SUMS, self._plays(), NOUNS, links, tuple(extras), stacks)

    def forward(self) -> Scene:
        """The same without gradients: three grids, what is switched on, and one play."""
        whole = self.scene()
        grids = {name: replace(whole.grids[name], sum=own) for name, own in (("x", None), ("w", None), ("z", "z"))}
        if self.true_convolution:
            grids["turned"] = replace(whole.grids["turned"], place=(1, 1), meets="flipped")
            grids["true"] = replace(whole.grids["true"], place=(1, 2))
        if self.reach:
            grids["reach"] = replace(whole.grids["reach"], sum=None)
        sums, plays = {name: SUMS[name] for name in ("z", "true")}, {"forward": whole.plays["forward"]}
        return replace(whole, grids=grids, sums=sums, plays=plays, extras=())

    def _grids(self) -> dict[str, Grid]:
        x_pad, w, z, dz, dw, dx_pad = self.tensors
        ring, c, f, fc = correlation.ring(self.window), ("c",), ("f",), ("f", "c")
        return {
            "x": Grid("x", "input", "x", "in", x_pad[0], (0, 0), ring, c, sum="dx", editable=True),
            "w": Grid("w", "kernel", "w", "tap", w, (0, 1), stack=fc, sum="dw", editable=True),
            "z": Grid("z", "output", "z", "out", z[0], (0, 2), stack=f, sum="z"),
            "dx": Grid(
                "∂L/∂x", "gradient", "dx", "in", dx_pad[0], (1, 0), ring, c, sum="dx", outside=correlation.DROPPED
            ),
            "dw": Grid("∂L/∂w", "gradient", "dw", "tap", dw, (1, 1), stack=fc, sum="dw"),
            "dz": Grid("∂L/∂z", "gradient", "dz", "out", dz[0], (1, 2), stack=f, sum="z", editable=True),
        }

    def _turned(self) -> dict[str, Grid]:
        wide, zeros = correlation.widened(self.tensors.dz[0], self.window)
        turned = self.tensors.w[..., ::-1, ::-1]
        f, fc = ("f",), ("f", "c")
        return {
            "widened": Grid(
                "D", "∂L/∂z among zeros", "dz", "widened", wide, (2, 0), stack=f, meets="sweep", zeros=zeros
            ),
            "turned": Grid("w↻", "kernel turned", "w", "turned", turned, (2, 1), stack=fc, meets="sweep"),
        }

    def _true(self) -> dict[str, Grid]:
        """The output of a layer that truly convolves: its kernel is turned."""
        z = F.conv2d(self.tensors.x_pad, self.tensors.w[..., ::-1, ::-1], **correlation.steps(self.window))[0]
        return {
            "true": Grid("w∗x", "true convolution", "z", "out", z, (2, 2), stack=("f",), meets="flipped", sum="true")
        }

    def _reached(self) -> dict[str, Grid]:
        """How many outputs read each input: the same for every channel."""
        ring = correlation.ring(self.window)
        counts = correlation.readers(self.window)
        return {"reach": Grid("n", "outputs that read it", "x", "in", counts, (0, 3), ring, sum="dx")}

    def _plays(self) -> dict[str, Play]:
        zeros = correlation.zeros_met(self.window)
        forward = Play(
            "Forward",
            "The window stops once for every output, and adds up the products of what lies below it.",
            leads="z",
            fills=("z", "true") if self.true_convolution else ("z",),
        )
        weights = Play(
            "∂L/∂w",
            "Every output adds to each tap's gradient: what it asks for, times what the tap saw.",
            leads="dz",
            adds="dw",
        )
        scatter = Play(
            "∂L/∂x, scattered",
            "Every output stamps the kernel, times its gradient, onto the inputs that it read. "
            "Stamps pile up where windows overlap.",
            leads="dz",
            adds="dx",
        )
        gather = Play(
            "∂L/∂x, gathered",
            "Every input collects from the outputs that read it, each through the tap that read it.",
            leads="dx",
            fills=("dx",),
        )
        turned = Play(
            "∂L/∂x, turned kernel",
            "The turned kernel sweeps over D, which is ∂L/∂z widened by zeros, with stride 1. "
            f"Of {zeros.products} products, {zeros.inserted} meet an inserted zero, {zeros.around} a zero around.",
            leads="dx",
            fills=("dx",),
            grids=("widened", "turned"),
            sums={"dx": "dx, turned"},
        )
        return {"forward": forward, "weights": weights, "scatter": scatter, "gather": gather, "turned": turned}

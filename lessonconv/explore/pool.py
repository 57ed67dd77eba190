"""A pooling layer under the hand: who wins a window, who shares it, and where each gradient goes."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import traitlets

from lessonconv import functional as F
from lessonconv.explore import correlation, samples
from lessonconv.explore.explorer import Explorer, drawable
from lessonconv.explore.scene import Grid, Meetings, Play, Scene, Sum
from lessonconv.explore.settings import counted, either, picked, renewed, sizes, when
from lessonconv.explore.traits import LARGEST, Choice, Count, Size, Tensor, switch
from lessonconv.functional.pool import cells_averaged, pool_window
from lessonconv.window import Window, pair

Array = npt.NDArray[Any]
GEOMETRY = ("height", "width", "kernel", "stride", "padding", "dilation", "ceil_mode", "kind")
NOUNS = {"in": ("input", "inputs"), "out": ("output", "outputs")}
SUMS = {
    "max": {"z": Sum("z", ("x",), how="max"), "dx": Sum("dx", ("dz",), "wins")},
    "average": {"z": Sum("z", ("x",)), "dx": Sum("dx", ("dz",))},
}

# What each cell of a window gets of its gradient: won is (outputs, taps), true where a cell is its window's largest.
TIES: dict[str, Callable[[Array], Array]] = {
    "first": lambda won: won & (won.cumsum(axis=1) == 1),
    "last": lambda won: TIES["first"](won[:, ::-1])[:, ::-1],
    "shared": lambda won: won / won.sum(axis=1, keepdims=True),
    "all": lambda won: won,
}
IN_WORDS = {
    "first": "the first of the equals, row by row, gets it",
    "last": "the last of the equals, row by row, gets it",
    "shared": "the equals share it evenly",
    "all": "each of the equals gets all of it, so that more goes back than came",
}


class Tensors(NamedTuple):
    """The arrays of one channel, (rows, columns); x_pad and dx_pad with the padding.

    lists: the meetings. argmax: the one winner of each window, where there is one. ties: windows with several largest.
    """

    x_pad: Array
    z: Array
    dz: Array
    dx_pad: Array
    lists: dict[str, Meetings]
    argmax: Array | None = None
    ties: int = 0


class PoolExplorer(Explorer):
    """Max or average pooling's forward and backward pass, cell by cell, for any setting.

    max:      z[i,j] = max x[u,v] in the window,      ∂L/∂x[u,v] = Σ ∂L/∂z[i,j] of the windows that it won
    average:  z[i,j] = Σ x[u,v] / M[i,j],             ∂L/∂x[u,v] = Σ ∂L/∂z[i,j] / M[i,j] of the windows it is in

    height, width: the input's size, 1 to 32; one channel, as every channel is pooled on its own. kernel, stride,
    padding, dilation: an int or a pair (height, width); a stride that is not given, or None, is the kernel. kind: "max"
    or "average", which knows no dilation. ties: who gets the gradient when a window has several largest: the "first",
    as in the layer, the "last", "shared" evenly, or "all" of it to each. ceil_mode, count_include_pad: as in the layer.
    values, gradient: the numbers in x and ∂L/∂z, drawn anew by `seed`. mode, step: how it plays, and where it is.
    All of these are traits. Arrays: x and dx (1, 1, H, W), z and dz (1, 1, O_h, O_w), and argmax as z, or None where
    winners are several or none; x and dz can be set.
    Raises ValueError or TypeError as the layers do, and ValueError for more than 32 cells along an axis.
    Source: Boureau, Ponce & LeCun 2010; LeCun et al. 1998; `Window.meetings`.
    """

    SETTINGS = (*GEOMETRY, "ties", "count_include_pad", "values", "gradient", "seed")
    ARRAYS: ClassVar = {"x": ("height", "width"), "dz": ("", "")}
    RENEWS: ClassVar = {"values": ("x",), "gradient": ("dz",), "seed": ("x", "dz")}

    height = Count(6, 1, LARGEST)
    width = Count(6, 1, LARGEST)
    kernel = Size(2, 1)
    stride = Size(2, 1)
    padding = Size(0, 0)
    dilation = Size(1, 1)
    ceil_mode = switch()
    kind = Choice("max", "average")
    ties = Choice(*TIES)
    count_include_pad = switch(on=True)
    values = Choice("random", "ramp", "edge", "digit")
    gradient = Choice("random", "ones", "one")
    seed = Count(0, 0)

    x = Tensor("The input, (1, 1, H, W).")
    z = Tensor("The output, (1, 1, O_h, O_w).")
    argmax = Tensor("The flat index u·W + v of each window's winner, as z; None if there are several, or none.")
    dx = Tensor("The gradient of the input, (1, 1, H, W).")
    dz = Tensor("The gradient of the output, (1, 1, O_h, O_w).")

    def __init__(self, **settings: Any) -> None:
        if settings.get("stride") is None:
            settings["stride"] = settings.get("kernel", 2)  # the layers' rule
        super().__init__(**settings)

    @traitlets.validate(*GEOMETRY)
    def _possible(self, proposal: Any) -> Any:
        return self._together(proposal)

    def _check(self, settings: Mapping[str, Any]) -> None:
        kind, dilation = (settings.get(name, getattr(self, name)) for name in ("kind", "dilation"))
        if kind == "average" and pair("dilation", dilation, 1) != (1, 1):
            raise ValueError(f"average pooling has no dilation, but dilation is {dilation}; set dilation to 1")
        window = self._window(settings)
        padded = window.height.padded, window.width.padded
        drawable("with its padding the input", padded, "lower padding")

    def _window(self, settings: Mapping[str, Any]) -> Window:
        asked = {name: settings.get(name, getattr(self, name)) for name in GEOMETRY if name != "kind"}
        size = asked.pop("height"), asked.pop("width")
        return pool_window(size, asked.pop("kernel"), **asked)

    def _usual(self, name: str) -> Any:
        return self.kernel if name == "stride" else super()._usual(name)

    def _array(self, name: str) -> Array | None:
        array = super()._array(name)
        return None if array is None else array[None, None]

    def _draw(self) -> Scene:
        window = self.window
        x = self._edited("x", samples.picture(self.values, (1, *window.input_size), self.seed)[0])
        dz = self._edited("dz", samples.gradient(self.gradient, (1, *window.output_size), self.seed)[0])
        if self.kind == "max":
            self._tensors = _max_pool(x, dz, window, self._steps, self.ties)
        else:
            self._tensors = _avg_pool(x, dz, window, self._steps, self.count_include_pad)
        return _scene(self._tensors, window, self.kind, self.ties)

    @property
    def _steps(self) -> dict[str, Any]:
        """What both layers take beside their input."""
        names = {"kernel_size": "kernel", "stride": "stride", "padding": "padding", "ceil_mode": "ceil_mode"}
        return {argument: getattr(self, name) for argument, name in names.items()}

    def _controls(self) -> list[dict[str, Any]]:
        return [
            picked("kind", "pooling", max="maximum", average="average"),
            sizes("size", 1, 16),
            counted("kernel", 1, 5, pair=True),
            counted("stride", 1, 5, pair=True),
            counted("padding", 0, 2, pair=True),
            *when(
                "kind", "max",
                counted("dilation", 1, 3, pair=True),
                picked(
                    "ties", "a tie goes to",
                    first="the first", last="the last", shared="all, in even shares", all="all, whole to each",
                ),
            ),
            *when("kind", "average", either("count_include_pad", "count_include_pad")),
            either("ceil_mode", "ceil_mode"),
            picked("values", "input", random="random numbers", ramp="a ramp", edge="an edge", digit="a digit"),
            picked("gradient", "∂L/∂z", more=True, random="random numbers", ones="all 1", one="a single 1"),
            renewed("seed", "Other random numbers"),
        ]  # fmt: skip


def _max_pool(x: Array, dz: Array, window: Window, steps: dict[str, Any], ties: str) -> Tensors:
    """The winners of every window, and what each of them gets."""
    dilation = window.height.dilation, window.width.dilation
    z = F.max_pool2d(x[None, None], dilation=dilation, **steps)[0][0, 0]
    x_pad = np.pad(x, correlation.ring(window), constant_values=-np.inf)
    meet = correlation.lists(window)["meet"].of("out", "in")
    read = _by_output(meet.cells["in"], window)
    won = x_pad.ravel()[read] == z.reshape(-1, 1)
    share = TIES[ties](won)
    outputs, taps = np.nonzero(share)
    got = share[outputs, taps].astype(np.float64)
    wins = Meetings.flat({"out": outputs, "in": read[outputs, taps]}, got)
    dx_pad = _handed_back(dz, wins, got, x_pad)
    argmax = None
    if ties in ("first", "last"):
        places = correlation.padded(np.arange(x.size).reshape(x.shape), window)
        argmax = places.ravel()[wins.cells["in"]].reshape(z.shape)
    x_pad[np.isinf(x_pad)] = np.nan
    several = int((won.sum(axis=1) > 1).sum())
    return Tensors(x_pad, z, dz, dx_pad, {"meet": meet, "wins": wins}, argmax, several)


def _avg_pool(x: Array, dz: Array, window: Window, steps: dict[str, Any], count_include_pad: bool) -> Tensors:
    """Every cell that counts in a window has the same share in it."""
    z = F.avg_pool2d(x[None, None], count_include_pad=count_include_pad, **steps)[0, 0]
    x_pad = correlation.padded(x, window)
    meet = correlation.lists(window)["meet"].of("out", "in")
    averaged = cells_averaged(window, count_include_pad).ravel()[meet.cells["out"]]
    share = _counting(window, count_include_pad).ravel()[meet.cells["in"]] / averaged
    dx_pad = _handed_back(dz, meet, share, x_pad)
    return Tensors(x_pad, z, dz, dx_pad, {"meet": meet.of("out", "in", factor=share)})


def _counting(window: Window, count_include_pad: bool) -> Array:
    """1 for each drawn cell that counts in an average, else 0: what hangs over the padded input never does."""
    axes = window.height, window.width
    counting = np.pad(
        np.ones(window.input_size), [(a.before, a.after) for a in axes], constant_values=float(count_include_pad)
    )
    return np.pad(counting, [(0, a.ring[1] - a.after) for a in axes])


def _by_output(per_meeting: Array, window: Window) -> Array:
    """What is there for each meeting, as (outputs, taps)."""
    (O_h, O_w), (K_h, K_w) = window.output_size, window.kernel_size
    return per_meeting.reshape(O_h, K_h, O_w, K_w).swapaxes(1, 2).reshape(O_h * O_w, K_h * K_w)


def _handed_back(dz: Array, along: Meetings, share: Array, like: Array) -> Array:
    """∂L/∂x with its ring: each meeting hands its share of an output's gradient to an input."""
    gradients = dz.ravel()[along.cells["out"]] * share
    return np.bincount(along.cells["in"], gradients, like.size).reshape(like.shape)


def _scene(tensors: Tensors, window: Window, kind: str, ties: str) -> Scene:
    """x and z above their gradients; for the maximum, winners are marked and their places stand beside."""
    x_pad, z, dz, dx_pad, lists, argmax, _ = tensors
    ring, back, dropped = correlation.ring(window), SUMS[kind]["dx"].meets, correlation.DROPPED
    badge, void = None, ""
    if kind == "max":
        badge, void = ("winner", np.isin(np.arange(x_pad.size), lists["wins"].cells["in"])), "−∞"
    grids = {
        "x": Grid("x", "input", "x", "in", x_pad, (0, 0), ring, editable=True, badge=badge, void=void),
        "z": Grid("z", "output", "z", "out", z, (0, 1), sum="z"),
        "dx": Grid("∂L/∂x", "gradient", "dx", "in", dx_pad, (1, 0), ring, meets=back, sum="dx", outside=dropped),
        "dz": Grid("∂L/∂z", "gradient", "dz", "out", dz, (1, 1), meets=back, editable=True),
    }
    if argmax is not None:
        grids["argmax"] = Grid("argmax", "winner's place", "x", "out", argmax, (0, 2), meets=back)
    plays = _max_plays(tensors, window, ties) if kind == "max" else _avg_plays(window)
    return Scene("pool", grids, lists, SUMS[kind], plays, NOUNS)


def _max_plays(tensors: Tensors, window: Window, ties: str) -> dict[str, Play]:
    argmax = "" if tensors.argmax is None else " argmax keeps where it stood, u·W + v, for the way back."
    return _plays(
        f"The window stops once for every output, and keeps the largest number below it.{argmax}",
        f"Every output hands its gradient to the input that won its window; in a tie, {IN_WORDS[ties]}. "
        f"{tensors.ties} of {tensors.z.size} windows {'has' if tensors.ties == 1 else 'have'} a tie.",
        "Every input collects the gradients of the windows that it won.",
        window,
    )


def _avg_plays(window: Window) -> dict[str, Play]:
    return _plays(
        "The window stops once for every output, and takes the mean of what lies below it.",
        "Every output spreads its gradient evenly over the cells that it averaged.",
        "Every input collects its share from each output that averaged it.",
        window,
    )


def _plays(forward: str, scatter: str, gather: str, window: Window) -> dict[str, Play]:
    piled = "Where windows overlap, gradients add up." if any(window.overlap) else "No windows overlap."
    return {
        "forward": Play("Forward", forward, "z", fills=("z", "argmax")),
        "scatter": Play("∂L/∂x, scattered", f"{scatter} {piled}", "dz", adds="dx"),
        "gather": Play("∂L/∂x, gathered", gather, "dx", fills=("dx",)),
    }

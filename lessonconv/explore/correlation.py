"""The meetings of a window as an explorer draws them: with the padding, and as one sweep of the turned kernel.

Convolution and transposed convolution are the same lists, read from different ends. Roles: "in" and "out" for the cells
of the window's larger and smaller side, "tap" for the kernel; "turned" for the kernel turned by 180°, "widened" for
∂L/∂z with zeros inserted and around (`Axis.widened`).
"""

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lessonconv.explore.scene import Meetings, Sides
from lessonconv.window import Axis, Window

Array = npt.NDArray[Any]
DROPPED = "on the padding: dropped"  # of a gradient


class Zeros(NamedTuple):
    """How many products the sweep of the turned kernel takes, and how many of them meet a zero that was put there."""

    products: int
    inserted: int
    around: int


def lists(window: Window) -> dict[str, Meetings]:
    """The lists by name.

    "meet": output, tap and input. "flipped": true convolution, whose taps are the turned kernel's. "sweep": input,
    turned tap and cell of the widened ∂L/∂z.
    """
    return dict(_lists(window))  # the caller's own to change


@functools.lru_cache(64)
def _lists(window: Window) -> dict[str, Meetings]:
    axes = window.height, window.width
    wide = window.height.widened(), window.width.widened()
    drawn, outputs, taps = _drawn(window.width), window.width.outputs, window.width.kernel
    seen = [axis.meetings(padding=True) for axis in axes]
    swept = [axis.meetings() for axis in wide]  # an output of the sweep is an input of the layer
    for axis, one, other in zip(axes, seen, swept, strict=True):
        one.input[:] += axis.ring[0]
        other.output[:] += axis.ring[0]

    def product(roles: tuple[str, str, str], found: list[Any], *widths: int) -> Meetings:
        rows, columns = (dict(zip(roles, axis, strict=True)) for axis in found)
        return Meetings(rows, columns, dict(zip(roles, widths, strict=True)))

    return {
        "meet": product(("out", "tap", "in"), seen, outputs, taps, drawn),
        "flipped": product(("out", "turned", "in"), seen, outputs, taps, drawn),
        "sweep": product(("in", "turned", "widened"), swept, drawn, taps, wide[1].size),
    }


@functools.lru_cache(64)
def links(window: Window) -> tuple[tuple[str, str, Array], ...]:
    """Which tap a turned tap is, and which output a widened cell holds."""
    taps = np.arange(window.height.kernel * window.width.kernel)
    outputs = np.arange(window.height.outputs * window.width.outputs, dtype=np.float64).reshape(window.output_size)
    held = np.full(wide_size(window), -1.0)
    _lay(outputs[None], held[None], window)
    return ("turned", "tap", taps[::-1]), ("widened", "out", held.ravel().astype(np.intp))


def widened(dz: Array, window: Window) -> tuple[Array, Array]:
    """∂L/∂z (F, O_h, O_w) among zeros, and which cells are such zeros."""
    wide = np.zeros((len(dz), *wide_size(window)))
    zeros = np.ones((1, *wide_size(window)), np.bool_)
    _lay(dz, wide, window)
    _lay(np.zeros((1, *window.output_size), np.bool_), zeros, window)
    return wide, zeros[0]


def wide_size(window: Window) -> tuple[int, int]:
    """Rows and columns of the widened ∂L/∂z."""
    return window.height.widened().size, window.width.widened().size


@functools.lru_cache(64)
def zeros_met(window: Window) -> Zeros:
    """The cost of the sweep for one channel and one filter."""
    real = np.ones((1, *window.output_size))
    wide, between = np.zeros((2, 1, *wide_size(window)))
    _lay(real, wide, window)
    rows, columns = (_span(axis) for axis in (window.height, window.width))
    between[:, rows, columns] = 1
    met = lists(window)["sweep"].cells["widened"]
    held, hull = wide.ravel()[met].sum(), between.ravel()[met].sum()
    return Zeros(met.size, int(hull - held), int(met.size - hull))


@functools.lru_cache(64)
def readers(window: Window) -> Array:
    """How many outputs read each input, (H, W) with its ring."""
    rows, columns = (
        np.bincount(axis.meetings(padding=True).input + axis.ring[0], minlength=_drawn(axis))
        for axis in (window.height, window.width)
    )
    return np.multiply.outer(rows, columns)


def steps(window: Window) -> dict[str, Any]:
    """Stride and dilation as a layer takes them that is given the padded input."""
    return {
        "stride": (window.height.stride, window.width.stride),
        "dilation": (window.height.dilation, window.width.dilation),
    }


def padded(x: Array, window: Window) -> Array:
    """x (…, H, W) with its ring of zeros."""
    rings = (window.height.ring, window.width.ring)
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + list(rings))


def cropped(x_pad: Array, window: Window) -> Array:
    """Without the ring."""
    rows, columns = (slice(axis.ring[0], axis.ring[0] + axis.size) for axis in (window.height, window.width))
    return x_pad[..., rows, columns]


def ring(window: Window) -> Sides:
    """Padding cells around the input, along the height and along the width."""
    return window.height.ring, window.width.ring


def _drawn(axis: Axis) -> int:
    return axis.size + sum(axis.ring)


def _lay(cells: Array, wide: Array, window: Window) -> None:
    """Put each output's cell where it lies in the widened one; what would lie outside is never met."""
    (rows, r), (columns, c) = (_places(axis) for axis in (window.height, window.width))
    wide[:, r[:, None], c] = cells[:, rows[:, None], columns]


def _places(axis: Axis) -> tuple[Array, Array]:
    """Outputs, and where each lies in the widened axis."""
    outputs = np.arange(axis.outputs)
    places = axis.input(outputs, axis.kernel - 1)
    inside = (places >= 0) & (places < axis.widened().size)
    return outputs[inside], places[inside]


def _span(axis: Axis) -> slice:
    """From the first to the last output in the widened axis."""
    _, places = _places(axis)
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 0)

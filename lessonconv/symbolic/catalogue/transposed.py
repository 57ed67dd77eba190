"""Transposed convolution: the input gradient of a convolution as a layer of its own, forward and backward."""

from typing import Any

import numpy as np
from sympy import Expr, Integer, Sum, Symbol
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.functional import loops
from lessonconv.symbolic.catalogue import conv
from lessonconv.symbolic.catalogue.conv import (
    SETTINGS,
    C,
    ConvLayer,
    F,
    H,
    K_h,
    K_w,
    O_h,
    O_w,
    W,
    b,
    c,
    concrete,
    f,
    gradients,
    i,
    integers,
    j,
    k,
    l,
    n,
    size_names,
    u,
    v,
    w,
    x,
    z,
    zeros_around,
)
from lessonconv.symbolic.catalogue.registry import Setting, derivation
from lessonconv.symbolic.check import Case, slopes
from lessonconv.symbolic.derivation import Limits, Steps
from lessonconv.symbolic.notation import tensor
from lessonconv.symbolic.rules import Definition
from lessonconv.window import Axis, Window

SHAPES = {**conv.SHAPES, "w": (C, F, K_h, K_w)}
SIZES = {**conv.SIZES, i: H, j: W, u: O_h, v: O_w}  # (i, j) stays the cell that has a window, (u, v) one that it covers


def full(*indices: Symbol) -> Limits:
    """Each index through all of its range, innermost first."""
    return tuple((index, Integer(0), SIZES[index] - 1) for index in reversed(indices))


class TransposedLayer(ConvLayer):
    """The layer in symbols: a convolution's window the other way round. It reads x (H×W) and writes z (O_h×O_w).

    Input (i, j) and tap (k, l) meet at output (u, v), by the convolution's own rule.
    """

    shapes = SHAPES

    def __init__(self, stride: Setting = None, padding: Setting = None, dilation: Setting = None) -> None:
        super().__init__(stride, padding, dilation)
        self.height, self.width = (
            Axis(axis.outputs, axis.kernel, axis.size, axis.stride, axis.dilation, axis.before, axis.before)
            for axis in self.axes
        )

    @property
    def z(self) -> Definition:
        written = Sum(x[n, c, i, j] * w[c, f, k, l] * self.meets, *full(c, i, j, k, l))
        return Definition(z[n, f, u, v], b[f] + written)

    def steps(self, cell: Indexed, *definitions: Definition, free: Limits | None = None, **shapes: Any) -> Steps:
        return super().steps(cell, *definitions, free=free or tuple(reversed(full(*cell.indices))), **shapes)

    def left_over(self, axis: Axis, rho: Symbol) -> list[Expr]:
        """Here they are the output padding, which a dilation lets exceed s − 1."""
        return [rho]


def transposed_case(layer: TransposedLayer, rng: np.random.Generator) -> Case:
    """A small layer: two pictures, two channels, three filters, a rectangle."""
    settings = concrete(layer.settings, rng)
    kernel = (3, 2)
    size = [n + 2 * p // s for n, p, s in zip((2, 3), settings["padding"], settings["stride"], strict=True)]
    x, w, b = integers(rng, 2, 2, *size), integers(rng, 2, 3, *kernel), integers(rng, 3)
    window = Window.transposed(size, kernel, **settings)
    dz = integers(rng, 2, 3, *window.input_size)
    names = ("dx", "dw", "db")
    by_loops = dict(zip(names, loops.conv_transpose2d_backward(dz, x, w, **settings), strict=True))
    by_layer = dict(zip(names, functional.conv_transpose2d_backward(dz, x, w, **settings), strict=True))
    moves = {
        "x": slopes(lambda x: functional.conv_transpose2d(x, w, **settings), x),
        "w": slopes(lambda w: functional.conv_transpose2d(x, w, **settings), w),
        "b": slopes(lambda b: functional.conv_transpose2d(x, w, b, **settings), b),
    }
    truths = gradients(by_loops, by_layer, dz, moves)
    operands = x, w, b
    truths["z"] = {
        "loops": loops.conv_transpose2d(*operands, **settings),
        "layer": functional.conv_transpose2d(*operands, **settings),
    }
    O_h, O_w = window.input_size
    sizes = {"N": 2, "C": 2, "F": 3, "H": size[0], "W": size[1], "K_h": 3, "K_w": 2, "O_h": O_h, "O_w": O_w}
    sizes |= size_names(settings)
    jacobians = {("z", name): array for name, array in moves.items()}
    return Case(sizes, {"x": x, "w": w, "b": b, "dz": dz}, truths, jacobians)


def _enter(name: str) -> Any:
    return derivation(name, TransposedLayer, transposed_case, *SETTINGS)


@_enter("conv_transpose2d.z")
def _z(layer: TransposedLayer) -> Steps:
    reason = "each input writes the kernel, times its value, into the output; what falls on one cell adds up"
    return layer.steps(layer.z.cell).start("definition", layer.z.body, reason).collapse(prefer=(k, l)).clear().fold()


def _chain(layer: TransposedLayer, cell: Indexed, wrt: Indexed) -> Steps:
    return (
        layer.steps(cell, layer.z)
        .chain(z[n, f, u, v], SHAPES["z"], wrt)
        .differentiate()
        .collapse(prefer=(u, v))
        .clear()
    )


OUTSIDE = (
    "the bracket says that nothing comes from outside of z: dz counts as 0 there, which is what its hat stands for"
)


@_enter("conv_transpose2d.dx")
def _dx(layer: TransposedLayer) -> Steps:
    steps = _chain(layer, tensor("dx")[n, c, i, j], x[n, c, i, j])
    return steps.restate("a convolution", zeros_around(steps.expr, "dz"), OUTSIDE + "; this is a convolution of dz")


@_enter("conv_transpose2d.dw")
def _dw(layer: TransposedLayer) -> Steps:
    steps = _chain(layer, tensor("dw")[c, f, k, l], w[c, f, k, l])
    return steps.restate("zeros around", zeros_around(steps.expr, "dz"), OUTSIDE)


@_enter("conv_transpose2d.db")
def _db(layer: TransposedLayer) -> Steps:
    return _chain(layer, tensor("db")[f], b[f])

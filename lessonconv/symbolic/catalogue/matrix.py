"""The convolution as a matrix T(w), sparse, its entries tied; and the kernel that fills the input: a dense layer."""

from dataclasses import replace

import numpy as np
from sympy import Integer, Sum
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.functional import loops
from lessonconv.symbolic.catalogue.conv import (
    OUTSIDE,
    C,
    ConvLayer,
    F,
    H,
    K_h,
    K_w,
    N,
    O_h,
    O_w,
    W,
    c,
    dz,
    enter,
    f,
    full,
    i,
    integers,
    j,
    k,
    l,
    n,
    settings_of,
    u,
    v,
    w,
    x,
    x_pad,
    z,
    zeros_around,
)
from lessonconv.symbolic.catalogue.forms import trilinear_case
from lessonconv.symbolic.catalogue.registry import Setting, derivation
from lessonconv.symbolic.check import Array, Case, slopes
from lessonconv.symbolic.derivation import Steps
from lessonconv.symbolic.notation import tensor
from lessonconv.symbolic.rules import Definition
from lessonconv.symbolic.sums import substitute

M = tensor("T")


def matrix(layer: ConvLayer) -> Definition:
    """T(w): a row for each output (f, i, j), a column for each input (c, u, v); w where they meet, else 0."""
    return Definition(M[f, i, j, c, u, v], Sum(w[f, c, k, l] * layer.meets, *full(k, l)))


def matrix_case(layer: ConvLayer, rng: np.random.Generator) -> Case:
    """As `trilinear_case`, with the matrix T read off the layer: its columns are what single cells of x do."""
    case = trilinear_case(layer, rng)
    settings, (size_x, weights) = settings_of(case), (case.arrays["x"].shape[1:], case.arrays["w"])

    def columns(w: Array) -> Array:
        ones = np.eye(int(np.prod(size_x)), dtype=int).reshape(-1, *size_x)
        z = functional.conv2d(ones, w, **settings)
        return np.moveaxis(z, 0, -1).reshape(*z.shape[1:], *size_x)

    arrays = {**case.arrays, "T": columns(weights), "dT": np.tensordot(case.arrays["dz"], case.arrays["x"], (0, 0))}
    return replace(case, arrays=arrays, jacobians={("T", "w"): slopes(columns, weights)})


def _matrix_steps(layer: ConvLayer, cell: Indexed) -> Steps:
    shape = (F, O_h, O_w, C, H, W)
    return layer.steps(cell, matrix(layer), T=shape, dT=shape)


ENTRIES = "where tap (k, l) of output (i, j) reads input (u, v), T holds w[f,c,k,l]; everywhere else 0"


@enter("conv2d.matrix.z", matrix_case)
def _matrix_z(layer: ConvLayer) -> Steps:
    product = Sum(M[f, i, j, c, u, v] * x[n, c, u, v], *full(c, u, v))
    reason = "a matrix with a row for each output and a column for each input, times the input: z = T·x"
    steps = _matrix_steps(layer, z[n, f, i, j]).start("matrix", product, reason)
    steps.unfold(ENTRIES, matrix(layer))
    steps.collapse(prefer=(u, v)).clear()
    return steps.restate("zeros around", zeros_around(steps.expr, "x"), OUTSIDE)


@enter("conv2d.matrix.dx", matrix_case)
def _matrix_dx(layer: ConvLayer) -> Steps:
    product = Sum(M[f, i, j, c, u, v] * dz[n, f, i, j], *full(f, i, j))
    reason = "the transposed matrix: the same entries, now summed over the rows instead of the columns"
    steps = _matrix_steps(layer, tensor("dx")[n, c, u, v]).start("transpose", product, reason)
    steps.unfold(ENTRIES, matrix(layer))
    return steps.collapse(prefer=(k, l)).clear().fold()


@enter("conv2d.matrix.dw", matrix_case)
def _matrix_dw(layer: ConvLayer) -> Steps:
    cell, dT = tensor("dw")[f, c, k, l], tensor("dT")
    steps = _matrix_steps(layer, cell).chain(M[f, i, j, c, u, v], (F, O_h, O_w, C, H, W), w[f, c, k, l])
    steps.differentiate("each entry of T is one tap or 0; a tap stands in many entries: they are tied together")
    steps.collapse(prefer=(u, v)).clear()
    outer = Definition(dT[f, i, j, c, u, v], Sum(dz[n, f, i, j] * x[n, c, u, v], *full(n)))
    steps.unfold("the gradient of a free matrix, dz times xᵀ, summed over the pictures", outer)
    return steps.restate("zeros around", zeros_around(steps.expr, "x"), OUTSIDE)


def dense_layer(**settings: Setting) -> ConvLayer:
    """A layer whose kernel is as large as its input: one output."""
    return ConvLayer(stride=(1, 1), padding=(0, 0), dilation=(1, 1))


def dense_case(layer: ConvLayer, rng: np.random.Generator) -> Case:
    """One output for each filter; `linear` is what it must equal."""
    x, w, b = integers(rng, 2, 2, 3, 4), integers(rng, 3, 2, 3, 4), integers(rng, 3)
    by_linear = functional.linear(x.reshape(2, -1), w.reshape(3, -1), b)
    truth = {"loops": loops.conv2d(x, w, b), "layer": functional.conv2d(x, w, b), "linear": by_linear[:, :, None, None]}
    sizes = {"N": 2, "C": 2, "F": 3, "H": 3, "W": 4, "K_h": 3, "K_w": 4, "O_h": 1, "O_w": 1}
    return Case(sizes, {"x": x, "w": w, "b": b}, {"z": truth})


@derivation("conv2d.dense", dense_layer, dense_case)
def _dense(layer: ConvLayer) -> Steps:
    as_large = {H: K_h, W: K_w, i: Integer(0), j: Integer(0)}
    steps = layer.steps(z[n, f, 0, 0], layer.z, free=((n, Integer(0), N - 1), (f, Integer(0), F - 1)))
    steps.known = replace(steps.known, relations={H: K_h, W: K_w})
    reason = "the kernel is as large as the input: there is one place for it, output (0, 0)"
    steps.start("definition", substitute(layer.z.body, as_large), reason)
    inside = steps.expr.xreplace({x_pad[n, c, k, l]: x[n, c, k, l]})
    reason = "no tap leaves the input: every input has a weight of its own, as in a dense layer with C·H·W inputs"
    return steps.restate("no zeros around", inside, reason)

"""Average and max pooling, both ways; windows may overlap, and do so freely."""

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Integer, KroneckerDelta, Sum

from lessonconv import functional
from lessonconv.functional import loops
from lessonconv.symbolic.brackets import InRange
from lessonconv.symbolic.catalogue.conv import (
    C,
    ConvLayer,
    H,
    K_h,
    K_w,
    N,
    O_h,
    O_w,
    W,
    c,
    concrete,
    full,
    i,
    integers,
    j,
    k,
    l,
    n,
    rows,
    size_names,
    u,
    v,
    x,
    z,
)
from lessonconv.symbolic.catalogue.registry import Setting, derivation
from lessonconv.symbolic.check import Array, Case, slopes
from lessonconv.symbolic.derivation import Steps
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import symbols, tensor
from lessonconv.symbolic.rules import Definition, tidy
from lessonconv.symbolic.sums import substitute

SETTINGS = ("stride", "padding")
KERNEL = (3, 2)
argmax, t_h, t_w, r_h, r_w = tensor("argmax"), *symbols("t_h t_w r_h r_w")
SHAPES = {"x": (N, C, H, W), "z": (N, C, O_h, O_w), "argmax": (N, C, O_h, O_w)}


class PoolLayer(ConvLayer):
    """The layer in symbols: a window of K_h×K_w cells on each channel by itself."""

    shapes = SHAPES

    def __init__(self, stride: Setting = None, padding: Setting = None) -> None:
        super().__init__(stride, padding, (1, 1))

    @property
    def mean(self) -> Definition:
        """z[n,c,i,j] = 1/(K_h·K_w) · Σ x̂: padding counts as 0, and counts."""
        return Definition(z[n, c, i, j], Sum(self.read, *full(k, l)) / (K_h * K_w))

    @property
    def winner(self) -> Definition:
        """z[n,c,i,j] = Σ x·[this is the winner]: argmax holds u·W + v of the first of the largest."""
        won = KroneckerDelta(argmax[n, c, i, j], u * W + v)
        return Definition(z[n, c, i, j], Sum(x[n, c, u, v] * won, *full(u, v)))


def _sizes(x: Array, z: Array, settings: dict[str, Any]) -> dict[str, int]:
    """What the sizes of a pooling layer's symbols are."""
    shapes = dict(zip(("N", "C", "H", "W"), x.shape, strict=True)), dict(zip(("O_h", "O_w"), z.shape[2:], strict=True))
    kernel = dict(zip(("K_h", "K_w"), settings["kernel_size"], strict=True))
    rest = size_names({name: settings[name] for name in SETTINGS})
    return {**shapes[0], **kernel, **shapes[1], **rest, "d_h": 1, "d_w": 1}


def _input(layer: PoolLayer, rng: np.random.Generator, kernel: tuple[int, int] | None = None) -> tuple[Array, Any]:
    """Numbers without ties, each a multiple of the window's size, so that means are whole; and the settings."""
    settings = concrete({name: layer.settings[name] for name in SETTINGS}, rng)
    kernel = kernel or tuple(map(max, KERNEL, (p + 1 for p in settings["padding"])))  # each window reads a real cell
    size = list(map(rows, kernel, settings["stride"], settings["padding"]))
    x = (rng.permutation(4 * size[0] * size[1]).reshape(2, 2, *size) - 40) * kernel[0] * kernel[1]
    return x, {"kernel_size": kernel, **settings}


def avg_case(layer: PoolLayer, rng: np.random.Generator, kernel: tuple[int, int] | None = None) -> Case:
    """Two pictures, two channels, a rectangle, overlapping windows, rows left over; all means are whole."""
    x, settings = _input(layer, rng, kernel)
    cells = settings["kernel_size"][0] * settings["kernel_size"][1]
    z = functional.avg_pool2d(x, **settings)
    dz = integers(rng, *z.shape) * cells
    moves = slopes(lambda x: functional.avg_pool2d(x * cells, **settings), x)  # by whole numbers: exact
    truths = {
        "z": {"loops": loops.avg_pool2d(x, **settings), "layer": z},
        "dx": {
            "loops": loops.avg_pool2d_backward(dz, x.shape, **settings),
            "layer": functional.avg_pool2d_backward(dz, x.shape, **settings),
            "finite differences": np.tensordot(dz // cells, moves, 4),
        },
    }
    return Case(_sizes(x, z, settings), {"x": x, "dz": dz}, truths, {("z", "x"): moves / cells})


def max_case(layer: PoolLayer, rng: np.random.Generator) -> Case:
    """The same for the maximum. Without ties, since a finite difference has no policy for them."""
    x, settings = _input(layer, rng)
    z, winners = functional.max_pool2d(x, **settings)
    dz = integers(rng, *z.shape)
    moves = slopes(lambda change: functional.max_pool2d(x + change, **settings)[0], np.zeros_like(x))
    truths = {
        "z": {"loops": loops.max_pool2d(x, **settings)[0], "layer": z},
        "dx": {
            "loops": loops.max_pool2d_backward(dz, winners, x.shape),
            "layer": functional.max_pool2d_backward(dz, winners, x.shape),
            "finite differences": np.tensordot(dz, moves, 4),
        },
    }
    return Case(_sizes(x, z, settings), {"x": x, "dz": dz, "argmax": winners}, truths, {("z", "x"): moves})


@derivation("avg_pool2d.z", PoolLayer, avg_case, *SETTINGS)
def _mean(layer: PoolLayer) -> Steps:
    reason = "each output is the mean of its window: a convolution of each channel with a kernel of equal weights"
    return layer.steps(z[n, c, i, j]).start("definition", layer.mean.body, reason)


def _backward(layer: PoolLayer, definition: Definition) -> Steps:
    steps = layer.steps(tensor("dx")[n, c, u, v], definition)
    return steps.chain(z[n, c, i, j], (N, C, O_h, O_w), x[n, c, u, v]).differentiate()


@derivation("avg_pool2d.dx", PoolLayer, avg_case, *SETTINGS)
def _spread(layer: PoolLayer) -> Steps:
    return _backward(layer, layer.mean).collapse(prefer=(k, l)).clear().fold()


def side_by_side() -> PoolLayer:
    """Windows as far apart as they are large: s = K, p = 0."""
    layer = PoolLayer(padding=(0, 0))
    layer.height, layer.width = (replace(axis, stride=size) for axis, size in zip(layer.axes, (K_h, K_w), strict=True))
    return layer


def side_by_side_case(layer: PoolLayer, rng: np.random.Generator) -> Case:
    """Windows that do not overlap."""
    return avg_case(PoolLayer(KERNEL, (0, 0)), rng)


@derivation("avg_pool2d.dx.upsample", side_by_side, side_by_side_case)
def _upsample(layer: PoolLayer) -> Steps:
    cells, free = (K_h * t_h + r_h, K_w * t_w + r_w), [(n, Integer(0), N - 1), (c, Integer(0), C - 1)]
    for t, r, size, outputs in ((t_h, r_h, K_h, O_h), (t_w, r_w, K_w, O_w)):
        free += [(t, Integer(0), outputs - 1), (r, Integer(0), size - 1)]
    spread = _backward(layer, layer.mean).collapse(prefer=(k, l)).clear().expr
    steps = layer.steps(tensor("dx")[n, c, cells[0], cells[1]], layer.mean, free=tuple(free))
    reason = "the gradient of the mean, where windows lie side by side, at u = t·K + r: t counts windows, r < K cells"
    steps.start("split by window", tidy(substitute(spread, dict(zip((u, v), cells, strict=True)))), reason)
    return steps.fold().single(
        "one window reads this cell: its share is all there is, the same for every cell of the window"
    )


@derivation("max_pool2d.z", PoolLayer, max_case, *SETTINGS)
def _largest(layer: PoolLayer) -> Steps:
    row, column = layer.height.input(i, k), layer.width.input(j, l)
    inside = InRange(row, 0, H - 1) * InRange(column, 0, W - 1)
    steps = layer.steps(z[n, c, i, j])
    reason = "each output is the largest of its window; a cell in the padding does not compete"
    steps.start("definition", Largest(inside * x[n, c, row, column], *full(k, l)), reason)
    reason = "argmax[n,c,i,j] = u·W + v says where the largest stands; of several equal ones it is the first, by choice"
    return steps.start("name the winner", layer.winner.body, reason)


@derivation("max_pool2d.dx", PoolLayer, max_case, *SETTINGS)
def _hand_over(layer: PoolLayer) -> Steps:
    return _backward(layer, layer.winner).collapse().clear()

"""The forms of the convolution: scatter, turned kernel, phases, one trilinear number, and the flip."""

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Derivative, Integer, KroneckerDelta, Sum, Symbol, floor
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.functional import loops
from lessonconv.symbolic.catalogue.conv import (
    OUTSIDE,
    SETTINGS,
    C,
    ConvLayer,
    F,
    K_h,
    K_w,
    N,
    b,
    c,
    conv_case,
    dz,
    enter,
    f,
    full,
    gather,
    i,
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
from lessonconv.symbolic.catalogue.registry import derivation
from lessonconv.symbolic.check import Case
from lessonconv.symbolic.derivation import Steps
from lessonconv.symbolic.language.text import text
from lessonconv.symbolic.notation import symbol, symbols, tensor
from lessonconv.symbolic.rules import Definition, tidy
from lessonconv.symbolic.sums import substitute


@enter("conv2d.z.meetings")
def _z_meetings(layer: ConvLayer) -> Steps:
    reason = "each output asks every tap about every input; the brackets let in only those that meet"
    every = b[f] + Sum(w[f, c, k, l] * x[n, c, u, v] * layer.meets, *full(c, k, l, u, v))
    steps = layer.steps(layer.z.cell).start("list of meetings", every, reason)
    steps.collapse(prefer=(u, v)).clear()
    return steps.restate("zeros around", zeros_around(steps.expr, "x"), OUTSIDE)


@enter("conv2d.dx.scatter")
def scatter(layer: ConvLayer) -> Steps:
    """The input's gradient with both sums kept: each output hands its share to every cell that it read."""
    return layer.chain(tensor("dx")[n, c, u, v], x[n, c, u, v]).collapse(keep=(i, j, k, l)).clear()


D, E_h, E_w, y, y2 = tensor("D"), *symbols("E_h E_w y y′")


def dilated(layer: ConvLayer) -> Definition:
    """∂L/∂z with s − 1 zeros put between its cells and d(K − 1) − p around them (cells cut off, if that is < 0)."""
    places = [
        KroneckerDelta(row, axis.input(index, axis.kernel - 1))  # the last tap reads there: d(K − 1) − p to begin with
        for row, index, axis in zip((y, y2), (i, j), layer.axes, strict=True)
    ]
    return Definition(D[n, f, y, y2], Sum(dz[n, f, i, j] * places[0] * places[1], *full(i, j)))


def rot180_case(layer: ConvLayer, rng: np.random.Generator) -> Case:
    """As `conv_case`, with the zeros put in by slices."""
    case = conv_case(layer, rng)
    spans = [(case.sizes[f"K_{axis}"] - 1) * case.sizes[f"d_{axis}"] for axis in "hw"]
    places, sizes = [], []
    for axis, span, size in zip("hw", spans, "HW", strict=True):
        sizes.append(case.sizes[size] + span)
        places.append(span - case.sizes[f"p_{axis}"] + case.sizes[f"s_{axis}"] * np.arange(case.sizes[f"O_{axis}"]))
    inside = [(at >= 0) & (at < size) for at, size in zip(places, sizes, strict=True)]
    padded = np.zeros((*case.arrays["dz"].shape[:2], *sizes), int)
    rows, columns = (at[ok] for at, ok in zip(places, inside, strict=True))
    padded[:, :, rows[:, None], columns] = case.arrays["dz"][:, :, inside[0]][..., inside[1]]
    more = {"E_h": sizes[0], "E_w": sizes[1]}
    return replace(case, sizes={**case.sizes, **more}, arrays={**case.arrays, "D": padded})


@enter("conv2d.dx.rot180", rot180_case)
def _rot180(layer: ConvLayer) -> Steps:
    steps = scatter(layer)
    steps.known = replace(steps.known, shapes={**steps.known.shapes, "D": (N, F, E_h, E_w)})
    turned = "count the taps from the other end: the kernel turned by 180°, and the same sum"
    for tap, size in ((k, K_h), (l, K_w)):
        steps.reindex(tap, size - 1 - tap, tap, turned)
    at = D[n, f, u + k * layer.height.dilation, v + l * layer.width.dilation]
    correlated = Sum(at * w[f, c, K_h - 1 - k, K_w - 1 - l], *full(f, k, l))
    reason = (
        "D is ∂L/∂z with s − 1 zeros between its cells and d(K − 1) − p around them; what is left is a correlation "
        "of D with the turned kernel, with stride 1"
    )
    steps.definitions += (dilated(layer),)
    return steps.restate("zeros inserted", correlated, reason, dilated(layer))


t_h, t_w, r_h, r_w = symbols("t_h t_w r_h r_w")


@derivation("conv2d.dx.polyphase", lambda **settings: ConvLayer(dilation=(1, 1), **settings), conv_case, *SETTINGS[:2])
def _polyphase(layer: ConvLayer) -> Steps:
    strides, phases = (t_h, t_w), (r_h, r_w)
    cells, free = [], [(n, 0, N - 1), (c, 0, C - 1)]
    for axis, t, r in zip(layer.axes, strides, phases, strict=True):
        cells.append(axis.stride * t + r - axis.before)
        free += [(t, Integer(0), floor((axis.size - 1 + axis.before) / axis.stride)), (r, Integer(0), axis.stride - 1)]
    steps = layer.steps(tensor("dx")[n, c, cells[0], cells[1]], layer.z, free=tuple(free))
    at = tidy(substitute(gather(layer).expr, dict(zip((u, v), cells, strict=True))))
    reason = "the gather form at u = t·s + r − p: t counts whole strides, the phase r < s is what is left over"
    steps.start("split by phase", at, reason)
    counted = "count the outputs backwards from t: then the taps run through r, r + s, r + 2s, …"
    for index, t, tap in ((i, t_h, k), (j, t_w, l)):
        steps.reindex(index, t - tap, tap, counted)
    return steps.fold()


T = symbol("T")


def trilinear_case(layer: ConvLayer, rng: np.random.Generator) -> Case:
    """As `conv_case` with bias 0; T is linear in each of its tensors, so its derivatives are the three gradients."""
    case = conv_case(layer, rng)
    without_bias = {name: values - case.arrays["b"][:, None, None] for name, values in case.truths["z"].items()}
    truths = {**case.truths, "z": without_bias}
    arrays = {**case.arrays, "z": without_bias["loops"]}
    jacobians = {("T", name[1:]): case.truths[name]["finite differences"] for name in ("dx", "dw")}
    jacobians["T", "dz"] = np.tensordot(case.jacobians["z", "x"], case.arrays["x"], 4)
    return replace(case, truths=truths, arrays=arrays, jacobians=jacobians)


def _trilinear(cell: Indexed, wrt: Indexed, prefer: tuple[Symbol, ...]) -> Any:
    def steps(layer: ConvLayer) -> Steps:
        number = Sum(dz[n, f, i, j] * w[f, c, k, l] * layer.read, *full(n, f, c, i, j, k, l))
        reason = f"the sum of dz·w·x̂ over all meetings is one number, T; this is its derivative by {text(wrt)}"
        steps = layer.steps(cell, Definition(T, number)).start("one number", Derivative(T, wrt, evaluate=False), reason)
        return steps.differentiate().collapse(prefer).clear()

    return steps


enter("trilinear.z", trilinear_case)(_trilinear(z[n, f, i, j], dz[n, f, i, j], ()))
enter("trilinear.dw", trilinear_case)(_trilinear(tensor("dw")[f, c, k, l], w[f, c, k, l], ()))
enter("trilinear.dx", trilinear_case)(_trilinear(tensor("dx")[n, c, u, v], x[n, c, u, v], (k, l)))


def flip_case(layer: ConvLayer, rng: np.random.Generator) -> Case:
    """As `conv_case`, with a layer that truly convolves: its kernel is turned."""
    case = conv_case(layer, rng)
    turned, settings = case.arrays["w"][:, :, ::-1, ::-1], settings_of(case)
    operands = case.arrays["x"], turned
    truth = {"loops": loops.conv2d(*operands, **settings), "layer": functional.conv2d(*operands, **settings)}
    return replace(case, truths={**case.truths, "z": truth})


@enter("conv2d.flip", flip_case)
def _flip(layer: ConvLayer) -> Steps:
    ends = [axis.input(index, axis.kernel - 1) for axis, index in zip(layer.axes, (i, j), strict=True)]
    meet = x_pad[n, c, ends[0] - k * layer.height.dilation, ends[1] - l * layer.width.dilation]
    convolved = Sum(w[f, c, k, l] * meet, *full(c, k, l))
    reason = "a true convolution: while the taps go forwards through the kernel, they go backwards through the input"
    steps = layer.steps(z[n, f, i, j]).start("definition", convolved, reason)
    turned = (
        "count the taps from the other end: now kernel and input run the same way, and the kernel is turned by 180°"
    )
    return steps.reindex(k, K_h - 1 - k, k, turned).reindex(l, K_w - 1 - l, l, turned)

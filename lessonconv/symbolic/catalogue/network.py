"""Two convolutions, with tanh and arctan: the gradient of each layer's weights, all the way from the output."""

import numpy as np
from sympy import Integer, Sum, Symbol, atan, tanh
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.symbolic.catalogue.registry import derivation
from lessonconv.symbolic.check import Array, Case, slopes
from lessonconv.symbolic.derivation import Limits, Steps
from lessonconv.symbolic.notation import symbols, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Definition

n, c, f, g, i, j, k, l, u, v = symbols("n c f g i j k l u v")
N, C, F, G, H, W, K_h, K_w, J_h, J_w, Q_h, Q_w, O_h, O_w = symbols("N C F G H W K_h K_w J_h J_w Q_h Q_w O_h O_w")
SIZES = {n: N, c: C, f: F, g: G, i: O_h, j: O_w, u: Q_h, v: Q_w}
x, w1, z1, a1, w2, z2, a2 = map(tensor, ("x", "w1", "z1", "a1", "w2", "z2", "a2"))
HIDDEN, LAST = (N, F, Q_h, Q_w), (N, G, O_h, O_w)
SHAPES = {
    "x": (N, C, H, W),
    "w1": (F, C, J_h, J_w),
    "w2": (G, F, K_h, K_w),
    **dict.fromkeys(("z1", "a1"), HIDDEN),
    **dict.fromkeys(("z2", "a2"), LAST),
}


def _convolution(out: Indexed, kernel: Indexed, read: Indexed, *limits: tuple[Symbol, Symbol]) -> Definition:
    return Definition(out, Sum(kernel * read, *((index, 0, size - 1) for index, size in reversed(limits))))


FIRST = _convolution(z1[n, f, u, v], w1[f, c, k, l], x[n, c, u + k, v + l], (c, C), (k, J_h), (l, J_w))
SECOND = _convolution(z2[n, g, i, j], w2[g, f, k, l], a1[n, f, i + k, j + l], (f, F), (k, K_h), (l, K_w))


def _forward(x: Array, w1: Array, w2: Array) -> dict[str, Array]:
    values = {"z1": functional.conv2d(x, w1)}
    values["a1"] = functional.tanh(values["z1"])
    values["z2"] = functional.conv2d(values["a1"], w2)
    return values | {"a2": functional.arctan(values["z2"])}


def _backward(da2: Array, x: Array, w2: Array, w1: Array, values: dict[str, Array]) -> dict[str, Array]:
    dz2 = functional.arctan_backward(da2, values["z2"])
    da1, dw2, _ = functional.conv2d_backward(dz2, values["a1"], w2)
    dz1 = functional.tanh_backward(da1, values["z1"])
    return {"dz2": dz2, "da1": da1, "dw2": dw2, "dz1": dz1, "dw1": functional.conv2d_backward(dz1, x, w1)[1]}


def _case(_: None, rng: np.random.Generator) -> Case:
    """Two pictures of two channels, three maps, then two; kernels 2×3 and 3×2; small numbers, to keep tanh awake."""
    x, w1, w2 = rng.normal(size=(2, 2, 6, 6)), rng.normal(size=(3, 2, 2, 3)) / 3, rng.normal(size=(2, 3, 3, 2)) / 3
    values = _forward(x, w1, w2)
    da2 = rng.normal(size=values["a2"].shape)
    by_layers = _backward(da2, x, w2, w1, values)
    differences = {
        "dw1": slopes(lambda w1: np.array((_forward(x, w1, w2)["a2"] * da2).sum()), w1),
        "dw2": slopes(lambda w2: np.array((_forward(x, w1, w2)["a2"] * da2).sum()), w2),
    }
    truths = {name: {"layers": by_layers[name], "finite differences": differences[name]} for name in differences}
    jacobians = {
        ("z1", "w1"): slopes(lambda w1: functional.conv2d(x, w1), w1),
        ("z2", "w2"): slopes(lambda w2: functional.conv2d(values["a1"], w2), w2),
    }
    sizes = {"N": 2, "C": 2, "F": 3, "G": 2, "H": 6, "W": 6, "J_h": 2, "J_w": 3, "K_h": 3, "K_w": 2}
    sizes |= {"Q_h": 5, "Q_w": 4, "O_h": 3, "O_w": 3}
    return Case(sizes, {"x": x, "w1": w1, "w2": w2, "da2": da2, **values, **by_layers}, truths, jacobians)


def _range(*indices: Symbol, **sizes: Symbol) -> Limits:
    return tuple((index, Integer(0), {**SIZES, k: K_h, l: K_w, **sizes}[index] - 1) for index in indices)


def _steps(cell: Indexed, free: Limits, definition: Definition) -> Steps:
    shapes = {**SHAPES, **{"d" + name: shape for name, shape in SHAPES.items()}}
    relations = {H: Q_h + J_h - 1, W: Q_w + J_w - 1, Q_h: O_h + K_h - 1, Q_w: O_w + K_w - 1}
    return Steps(cell, free, Known({index: (low, high) for index, low, high in free}, shapes, relations), definition)


DZ2 = Definition(tensor("dz2")[n, g, i, j], tensor("da2")[n, g, i, j] / (1 + z2[n, g, i, j] ** 2))
DZ1 = Definition(tensor("dz1")[n, f, u, v], tensor("da1")[n, f, u, v] * (1 - a1[n, f, u, v] ** 2))


def _shown(steps: Steps) -> Steps:
    """The same steps, with the whole forward pass as what is given."""
    hidden = Definition(a1[n, f, u, v], tanh(z1[n, f, u, v]))
    steps.definitions = (FIRST, hidden, SECOND, Definition(a2[n, g, i, j], atan(z2[n, g, i, j])))
    return steps


def _da1() -> Definition:
    """What the second convolution hands back, in gather form: derived here as it is for "conv2d.dx"."""
    steps = _steps(tensor("da1")[n, f, u, v], _range(n, f, u, v), SECOND)
    steps.chain(z2[n, g, i, j], LAST, a1[n, f, u, v]).differentiate().collapse(prefer=(k, l)).clear()
    return Definition(steps.cell, steps.expr)


@derivation("two_conv.dw2", lambda: None, _case)
def _dw2(_: None) -> Steps:
    steps = _steps(tensor("dw2")[g, f, k, l], _range(g, f, k, l), SECOND)
    steps.chain(z2[n, g, i, j], LAST, w2[g, f, k, l]).differentiate().collapse().clear()
    return _shown(steps.unfold("through the arctan: its slope is 1/(1 + z²)", DZ2))


@derivation("two_conv.dw1", lambda: None, _case)
def _dw1(_: None) -> Steps:
    free = ((f, Integer(0), F - 1), (c, Integer(0), C - 1), (k, Integer(0), J_h - 1), (l, Integer(0), J_w - 1))
    steps = _steps(tensor("dw1")[f, c, k, l], free, FIRST)
    steps.chain(z1[n, f, u, v], HIDDEN, w1[f, c, k, l]).differentiate().collapse().clear()
    steps.unfold("through the tanh: its slope is 1 − a²", DZ1)
    steps.unfold(
        "through the second convolution, by its gather form: the sum over all its outputs that read the cell", _da1()
    )
    return _shown(steps.unfold("through the arctan: its slope is 1/(1 + z²)", DZ2))

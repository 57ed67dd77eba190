"""The convolution layer: its gradients, and the forms that the input's gradient takes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Expr, Integer, KroneckerDelta, S, Sum, Symbol
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.functional import loops
from lessonconv.symbolic.brackets import InRange
from lessonconv.symbolic.catalogue.registry import Setting, derivation
from lessonconv.symbolic.check import Array, Case, slopes
from lessonconv.symbolic.derivation import Limits, Steps
from lessonconv.symbolic.notation import hat, name_of, symbol, symbols, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Definition
from lessonconv.window import Axis, Window

Truths = Mapping[str, Array]
SETTINGS = ("stride", "padding", "dilation")
OUTSIDE = "the bracket says that x counts as 0 outside: that is what the hat on x̂ stands for"
N, C, F, H, W, K_h, K_w, O_h, O_w = symbols("N C F H W K_h K_w O_h O_w")
n, c, f, i, j, u, v, k, l = symbols("n c f i j u v k l")
SIZES: Mapping[Symbol, Symbol] = {n: N, c: C, f: F, i: O_h, j: O_w, u: H, v: W, k: K_h, l: K_w}
x, x_pad, w, b, z, dz = tensor("x"), hat("x"), tensor("w"), tensor("b"), tensor("z"), tensor("dz")
SHAPES = {"x": (N, C, H, W), "w": (F, C, K_h, K_w), "b": (F,), "z": (N, F, O_h, O_w)}


def full(*indices: Symbol) -> Limits:
    """Each index through all of its range, innermost first, as SymPy's Sum has it."""
    return tuple((index, Integer(0), SIZES[index] - 1) for index in reversed(indices))


class ConvLayer:
    """The layer in symbols. A setting is a pair of ints, or None: a symbol for each axis, any value."""

    shapes: Mapping[str, tuple[Symbol, ...]] = SHAPES

    def __init__(self, stride: Setting = None, padding: Setting = None, dilation: Setting = None) -> None:
        self.settings = {"stride": stride, "padding": padding, "dilation": dilation}
        (s_h, s_w), (p_h, p_w), (d_h, d_w) = (
            symbols(f"{name[0]}_h {name[0]}_w") if value is None else map(Integer, value)
            for name, value in self.settings.items()
        )
        self.height = Axis(H, K_h, O_h, s_h, d_h, p_h, p_h)
        self.width = Axis(W, K_w, O_w, s_w, d_w, p_w, p_w)

    @property
    def axes(self) -> tuple[Axis, Axis]:
        return self.height, self.width

    @property
    def read(self) -> Indexed:
        """x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]: what tap (k, l) of output (i, j) reads."""
        return x_pad[n, c, self.height.input(i, k), self.width.input(j, l)]

    @property
    def z(self) -> Definition:
        """z[n,f,i,j] = b[f] + Σ w·x̂, at the input where output and tap meet."""
        return Definition(z[n, f, i, j], b[f] + Sum(w[f, c, k, l] * self.read, *full(c, k, l)))

    @property
    def meets(self) -> Expr:
        """[u = i·s_h + k·d_h − p_h]·[v = j·s_w + l·d_w − p_w]: is this where output (i, j) and tap (k, l) meet?"""
        return KroneckerDelta(u, self.height.input(i, k)) * KroneckerDelta(v, self.width.input(j, l))

    def known(self, free: Limits, **more: Any) -> Known:
        """What holds for this layer: H = (O − 1)·s + d(K − 1) + 1 − 2p + ρ, with ρ rows left over."""
        relations, facts = {}, []
        for axis, name in zip(self.axes, ("ρ_h", "ρ_w"), strict=True):
            rho = symbol(name)
            relations[axis.size] = (axis.outputs - 1) * axis.stride + axis.span - 2 * axis.before + rho
            facts += self.left_over(axis, rho)
        gradients = {"d" + name: shape for name, shape in self.shapes.items()}
        ranges = {index: (low, high) for index, low, high in free}
        return Known(ranges, {**self.shapes, **gradients, **more}, relations, facts)

    def left_over(self, axis: Axis, rho: Symbol) -> list[Expr]:
        """What is ≥ 0 for the rows that no window reads: there are fewer than s."""
        return [rho, axis.stride - 1 - rho]

    def steps(self, cell: Indexed, *definitions: Definition, free: Limits | None = None, **shapes: Any) -> Steps:
        """Steps from these definitions to a cell whose free indices, unless told, are its own."""
        free = tuple(reversed(full(*cell.indices))) if free is None else free
        return Steps(cell, free, self.known(free, **shapes), *definitions)

    def chain(self, cell: Indexed, wrt: Indexed) -> Steps:
        """The first two steps to every gradient."""
        return self.steps(cell, self.z).chain(z[n, f, i, j], SHAPES["z"], wrt).differentiate()


DRAWN = {
    "stride": ((2, 1), (3, 2), (1, 3), (4, 2)),
    "padding": ((1, 0), (0, 2), (2, 1), (3, 1)),
    "dilation": ((1, 2), (2, 1), (1, 1), (3, 2)),
}


def rows(span: int, stride: int, padding: int) -> int:
    """As many as make three outputs, or two where strides are long, and leave one row over."""
    return max(2, span + stride * (2 if stride < 3 else 1) + 1 - 2 * padding)


def concrete(settings: Mapping[str, Setting], rng: np.random.Generator) -> dict[str, Any]:
    """Settings with numbers in them; those that were left open are drawn, but never all of them trivial."""
    drawn = {name: DRAWN[name][rng.integers(len(DRAWN[name]))] for name in SETTINGS}
    return {name: drawn[name] if value is None else value for name, value in settings.items()}


def integers(rng: np.random.Generator, *shape: int) -> Array:
    """Small numbers, none of them 0, so that nothing drops out by chance."""
    return rng.integers(1, 10, shape) * rng.choice([-1, 1], shape)


def size_names(settings: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """{"s_h": …, "s_w": …, "p_h": …}: what the settings' symbols stand for."""
    return {f"{name[0]}_{axis}": values["hw".index(axis)] for name, values in settings.items() for axis in "hw"}


def gradients(by_loops: Truths, by_layer: Truths, dz: Array, moves: Truths) -> dict[str, dict[str, Array]]:
    """The three opinions on each gradient; moves[tensor] is ∂z/∂tensor."""
    return {
        name: {"loops": value, "layer": by_layer[name], "finite differences": np.tensordot(dz, moves[name[1:]], 4)}
        for name, value in by_loops.items()
    }


def conv_case(layer: ConvLayer, rng: np.random.Generator, kernel: tuple[int, int] = (3, 2)) -> Case:
    """A small layer: two pictures, two channels, three filters, a rectangle, rows left over."""
    settings = concrete(layer.settings, rng)
    spans = (d * (taps - 1) + 1 for taps, d in zip(kernel, settings["dilation"], strict=True))
    height, width = map(rows, spans, settings["stride"], settings["padding"])
    x, w, b = integers(rng, 2, 2, height, width), integers(rng, 3, 2, *kernel), integers(rng, 3)
    window = Window.over((height, width), kernel, **settings)
    dz = integers(rng, 2, 3, *window.output_size)
    by_loops = dict(zip(("dx", "dw", "db"), loops.conv2d_backward(dz, x, w, **settings), strict=True))
    by_layer = dict(zip(("dx", "dw", "db"), functional.conv2d_backward(dz, x, w, **settings), strict=True))
    z = loops.conv2d(x, w, b, **settings)
    moves = {
        "x": slopes(lambda x: functional.conv2d(x, w, **settings), x),
        "w": slopes(lambda w: functional.conv2d(x, w, **settings), w),
        "b": slopes(lambda b: functional.conv2d(x, w, b, **settings), b),
    }
    truths = gradients(by_loops, by_layer, dz, moves)
    truths["z"] = {"loops": z, "layer": functional.conv2d(x, w, b, **settings)}
    O = dict(zip(("O_h", "O_w"), window.output_size, strict=True))
    K = dict(zip(("K_h", "K_w"), kernel, strict=True))
    sizes = {"N": 2, "C": 2, "F": 3, "H": height, "W": width, **K, **O, **size_names(settings)}
    jacobians = {("z", name): array for name, array in moves.items()}
    return Case(sizes, {"x": x, "w": w, "b": b, "dz": dz}, truths, jacobians)


def settings_of(case: Case) -> dict[str, Any]:
    """The settings that a case was made with."""
    return {name: (case.sizes[f"{name[0]}_h"], case.sizes[f"{name[0]}_w"]) for name in SETTINGS}


def zeros_around(expr: Expr, *names: str) -> Expr:
    """The same with hats on these tensors, and no bracket that keeps their indices inside."""
    hatted = {cell: hat(name_of(cell))[cell.indices] for cell in expr.atoms(Indexed) if name_of(cell) in names}
    inside = {index for cell in hatted for index in cell.indices}
    brackets = [bracket for bracket in expr.atoms(InRange) if bracket.args[0] in inside]
    return expr.xreplace({**hatted, **dict.fromkeys(brackets, S.One)})


def enter(name: str, case: Any = conv_case, layer: Any = ConvLayer) -> Any:
    """Enter a derivation that takes stride, padding and dilation under a name."""
    return derivation(name, layer, case, *SETTINGS)


@enter("conv2d.z")
def _z(layer: ConvLayer) -> Steps:
    reason = "each output adds up what its taps read, weighed by the kernel, over all channels, and its filter's bias"
    return layer.steps(layer.z.cell).start("definition", layer.z.body, reason)


@enter("conv2d.dw")
def _dw(layer: ConvLayer) -> Steps:
    cell = tensor("dw")[f, c, k, l]
    return layer.chain(cell, w[f, c, k, l]).collapse().clear()


@enter("conv2d.db")
def _db(layer: ConvLayer) -> Steps:
    return layer.chain(tensor("db")[f], b[f]).collapse().clear()


@enter("conv2d.dx")
def _dx(layer: ConvLayer) -> Steps:
    return gather(layer).fold()


def gather(layer: ConvLayer) -> Steps:
    """The input's gradient, up to the form that asks, for each output, whether it read this cell."""
    return layer.chain(tensor("dx")[n, c, u, v], x[n, c, u, v]).collapse(prefer=(k, l)).clear()

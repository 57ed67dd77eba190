"""True convolution along one axis: it commutes, it associates, and two correlations in a row are one.

z[i] = Σ_k w[k]·x̂[i − k]: tap k and input u meet at output k + u. A correlation has them meet at output u − k.
"""

import numpy as np
from sympy import Expr, Integer, KroneckerDelta, Sum, Symbol
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.functional import loops
from lessonconv.symbolic.catalogue.conv import integers
from lessonconv.symbolic.catalogue.registry import derivation
from lessonconv.symbolic.check import Array, Case, slopes
from lessonconv.symbolic.derivation import Limits, Steps
from lessonconv.symbolic.notation import hat, symbols, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Definition

i, k, l, m, u, H, J, K, O, Q = symbols("i k l m u H J K O Q")
x, w, w_rot, z, dz, w1, w2, z1, z2, w12 = map(tensor, ("x", "w", "w_rot", "z", "dz", "w1", "w2", "z1", "z2", "w12"))
x_all, w_all, w1_all, z1_all = map(hat, ("x", "w", "w1", "z1"))  # with zeros all around


def total(body: Expr, **sizes: Expr) -> Sum:
    """Σ over these indices, each from 0 to its size less 1."""
    return Sum(body, *((symbols(name)[0], Integer(0), size - 1) for name, size in sizes.items()))


def _steps(
    cell: Indexed, size: Expr, *definitions: Definition, relations: dict[Symbol, Expr] | None = None, **shapes: Expr
) -> Steps:
    """Steps to a cell whose one index runs through this size; shapes: each tensor's number of cells."""
    free: Limits = ((cell.indices[0], Integer(0), size - 1),)
    known = Known(
        {index: (low, high) for index, low, high in free},
        {name: (count,) for name, count in shapes.items()},
        relations or {},
    )
    return Steps(cell, free, known, *definitions)


# The layers along one axis ------------------------------------------------------------------------------------------


def _both(x: Array, w: Array, *, around: int) -> dict[str, Array]:
    """A correlation along one axis, with so many zeros on either side, by the loops and by the layer."""
    row, kernel = x[None, None, None], w[None, None, None]
    return {
        name: module.conv2d(row, kernel, padding=(0, around))[0, 0, 0]
        for name, module in (("loops", loops), ("layer", functional))
    }


def _convolved(x: Array, w: Array) -> dict[str, Array]:
    """x ∗ w in full, by three that know nothing of each other: turned kernels, and NumPy."""
    return {**_both(x, w[::-1], around=len(w) - 1), "NumPy": np.convolve(x, w)}


# The flip -----------------------------------------------------------------------------------------------------------

INSIDE = Definition(z[i], total(w[k] * x[i + K - 1 - k], k=K))  # where the kernel lies inside of the row
TURNED = Definition(w_rot[k], w[K - 1 - k])


def _flip_case(_: None, rng: np.random.Generator) -> Case:
    x, w = integers(rng, int(rng.integers(5, 8))), integers(rng, int(rng.integers(2, 5)))
    z = {**_both(x, w[::-1], around=0), "NumPy": np.convolve(x, w, "valid")}
    sizes = {"H": len(x), "K": len(w), "O": len(z["loops"])}
    return Case(sizes, {"x": x, "w": w, "w_rot": w[::-1]}, {"z": z})


@derivation("convolve.flip", lambda: None, _flip_case)
def _flip(_: None) -> Steps:
    steps = _steps(z[i], O, relations={H: O + K - 1}, x=H, w=K, w_rot=K)
    steps.start("definition", INSIDE.body, "while the tap's index goes forwards, the input's goes backwards")
    steps.reindex(k, K - 1 - k, k, "count the taps from the other end: the same products, in another order")
    reason = "a correlation, with the kernel that is read from its end: turned by 180°"
    return steps.restate("turned kernel", total(w_rot[k] * x[i + k], k=K), reason, TURNED)


# It commutes --------------------------------------------------------------------------------------------------------


def _commutes_case(_: None, rng: np.random.Generator) -> Case:
    x, w = integers(rng, int(rng.integers(3, 7))), integers(rng, int(rng.integers(2, 5)))
    return Case({"H": len(x), "K": len(w)}, {"x": x, "w": w}, {"z": _convolved(x, w)})


@derivation("convolve.commutes", lambda: None, _commutes_case)
def _commutes(_: None) -> Steps:
    steps = _steps(z[i], H + K - 1, x=H, w=K, z=H + K - 1)
    steps.start("definition", total(w[k] * x_all[i - k], k=K), "the kernel goes forwards, the input backwards")
    met = total(w[k] * x[u] * KroneckerDelta(i, k + u), u=H, k=K)
    steps.restate("list the meetings", met, "tap k and input u meet at output k + u: the indices add up")
    steps.collapse(prefer=(k,))
    swapped = total(x[u] * w_all[i - u], u=H)
    return steps.restate(
        "zeros around", swapped, "where the kernel has no tap it counts as 0: w and x have changed places"
    )


# Two in a row -------------------------------------------------------------------------------------------------------

TOGETHER = Definition(w12[m], total(w2[l] * w1_all[m - l], l=K))
PAIRS = "count the pairs of taps by their sum, m = k + l"
ONE_KERNEL = "what stands before x̂ speaks of the kernels only: it is their convolution, one longer kernel"


def _kernels(rng: np.random.Generator) -> tuple[Array, Array, Array, dict[str, int]]:
    w1, w2 = integers(rng, int(rng.integers(2, 5))), integers(rng, int(rng.integers(2, 4)))
    return w1, w2, np.convolve(w1, w2), {"J": len(w1), "K": len(w2)}


def _associates_case(_: None, rng: np.random.Generator) -> Case:
    w1, w2, w12, sizes = _kernels(rng)
    x = integers(rng, int(rng.integers(3, 7)))
    z1 = np.convolve(x, w1)
    return Case({**sizes, "H": len(x)}, {"x": x, "w1": w1, "w2": w2, "w12": w12, "z1": z1}, {"z2": _convolved(z1, w2)})


@derivation("convolve.associates", lambda: None, _associates_case)
def _associates(_: None) -> Steps:
    first = Definition(z1_all[u], total(w1[k] * x_all[u - k], k=J))
    shapes = {"x": H, "w1": J, "w2": K, "w12": J + K - 1, "z1": H + J - 1}
    steps = _steps(z2[i], H + J + K - 2, first, **shapes)
    steps.start("definition", total(w2[l] * z1_all[i - l], l=K), "the second convolution, of what the first has made")
    steps.unfold("the first convolution in the place of its output", first)
    pairs = total(w2[l] * w1_all[m - l] * x_all[i - m], l=K, m=J + K - 1)
    steps.restate("count by the sum", pairs, PAIRS)
    return steps.restate("one kernel", total(w12[m] * x_all[i - m], m=J + K - 1), ONE_KERNEL, TOGETHER)


def _twice_case(_: None, rng: np.random.Generator) -> Case:
    w1, w2, w12, sizes = _kernels(rng)
    x = integers(rng, len(w12) + int(rng.integers(1, 4)))
    z1 = np.correlate(x, w1)
    z2 = {**_both(z1, w2, around=0), "NumPy": np.correlate(z1, w2)}
    sizes |= {"H": len(x), "Q": len(z1), "O": len(z2["loops"])}
    return Case(sizes, {"x": x, "w1": w1, "w2": w2, "w12": w12, "z1": z1}, {"z2": z2})


@derivation("correlate.twice", lambda: None, _twice_case)
def _twice(_: None) -> Steps:
    first = Definition(z1[u], total(w1[k] * x[u + k], k=J))
    shapes = {"x": H, "w1": J, "w2": K, "w12": J + K - 1, "z1": Q}
    steps = _steps(z2[i], O, first, relations={H: O + J + K - 2, Q: O + K - 1}, **shapes)
    steps.start("definition", total(w2[l] * z1[i + l], l=K), "the second correlation, of what the first has made")
    steps.unfold("the first correlation in the place of its output", first)
    pairs = total(w2[l] * w1_all[m - l] * x[i + m], l=K, m=J + K - 1)
    steps.restate("count by the sum", pairs, PAIRS)
    reason = "what stands before x speaks of the kernels only, and its indices add up: it is their convolution"
    return steps.restate("one kernel", total(w12[m] * x[i + m], m=J + K - 1), reason, TOGETHER)


# Its kernel's gradient ----------------------------------------------------------------------------------------------


def _dw_case(_: None, rng: np.random.Generator) -> Case:
    x, w = integers(rng, int(rng.integers(5, 8))), integers(rng, int(rng.integers(2, 5)))
    moves = slopes(lambda w: functional.conv2d(x[None, None, None], w[None, None, None, ::-1])[0, 0, 0], w)
    dz = integers(rng, len(moves))
    correlated = _both(x, dz, around=0)  # the gradient of a correlation's kernel
    truths = {name: array[::-1] for name, array in correlated.items()} | {"finite differences": dz @ moves}
    sizes = {"H": len(x), "K": len(w), "O": len(dz)}
    return Case(sizes, {"x": x, "w": w, "dz": dz}, {"dw": truths}, {("z", "w"): moves})


@derivation("convolve.flip.dw", lambda: None, _dw_case)
def _dw(_: None) -> Steps:
    shapes = {"x": H, "w": K, "dw": K, "z": O, "dz": O}
    steps = _steps(tensor("dw")[k], K, INSIDE, relations={H: O + K - 1}, **shapes)
    return steps.chain(z[i], (O,), w[k]).differentiate().collapse().clear()

"""The dense layer: every input has a weight for every output."""

import numpy as np
from sympy import Integer, Sum
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.symbolic.catalogue.conv import integers
from lessonconv.symbolic.catalogue.registry import derivation
from lessonconv.symbolic.check import Case, slopes
from lessonconv.symbolic.derivation import Steps
from lessonconv.symbolic.notation import symbols, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Definition

N, M, K, n, m, k = symbols("N M K n m k")  # pictures, outputs, inputs
x, w, b, z = map(tensor, "xwbz")
SIZES = {n: N, m: M, k: K}
SHAPES = {"x": (N, K), "w": (M, K), "b": (M,), "z": (N, M)}
FORWARD = Definition(z[n, m], b[m] + Sum(w[m, k] * x[n, k], (k, 0, K - 1)))


def _case(_: None, rng: np.random.Generator) -> Case:
    """Two pictures, four inputs, three outputs."""
    x, w, b, dz = integers(rng, 2, 4), integers(rng, 3, 4), integers(rng, 3), integers(rng, 2, 3)
    moves = {
        "x": slopes(lambda x: functional.linear(x, w), x),
        "w": slopes(lambda w: functional.linear(x, w), w),
        "b": slopes(lambda b: functional.linear(x, w, b), b),
    }
    by_layer = dict(zip(("dx", "dw", "db"), functional.linear_backward(dz, x, w), strict=True))
    truths = {
        name: {"layer": value, "finite differences": np.tensordot(dz, moves[name[1:]], 2)}
        for name, value in by_layer.items()
    }
    truths["z"] = {"layer": functional.linear(x, w, b)}
    jacobians = {("z", name): array for name, array in moves.items()}
    return Case({"N": 2, "M": 3, "K": 4}, {"x": x, "w": w, "b": b, "dz": dz}, truths, jacobians)


def _steps(cell: Indexed, *definitions: Definition) -> Steps:
    free = tuple((index, Integer(0), SIZES[index] - 1) for index in cell.indices)
    known = Known({index: (low, high) for index, low, high in free}, SHAPES | {"d" + t: SHAPES[t] for t in SHAPES})
    return Steps(cell, free, known, *definitions)


def _gradient(cell: Indexed, wrt: Indexed) -> Steps:
    return _steps(cell, FORWARD).chain(z[n, m], SHAPES["z"], wrt).differentiate().collapse().clear()


@derivation("linear.z", lambda: None, _case)
def _z(_: None) -> Steps:
    reason = "each output weighs every input: a row of w, times the picture's column of inputs"
    return _steps(FORWARD.cell).start("definition", FORWARD.body, reason)


@derivation("linear.dw", lambda: None, _case)
def _dw(_: None) -> Steps:
    return _gradient(tensor("dw")[m, k], w[m, k])


@derivation("linear.db", lambda: None, _case)
def _db(_: None) -> Steps:
    return _gradient(tensor("db")[m], b[m])


@derivation("linear.dx", lambda: None, _case)
def _dx(_: None) -> Steps:
    return _gradient(tensor("dx")[n, k], x[n, k])

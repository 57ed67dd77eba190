"""The dense layer, forward and backward: a convolution whose kernel is as large as its input."""

from typing import Any

from lessonconv.functional.arguments import Array, bias, numbers, same_shape, tensor
from lessonconv.functional.threads import blas_for


def linear(x: Any, w: Any, b: Any = None) -> Array:
    """Weigh every input for every output. z[n,o] = b[o] + Σ_i w[o,i]·x[n,i].

    x: (N, in); w: (out, in); b: (out,) or None; returns z: (N, out). Integers are computed exactly, in int64.
    Raises ValueError or TypeError if shapes or dtypes do not fit together.
    Source: Rumelhart, Hinton & Williams 1986; derivation "linear.z".
    """
    x, w = _operands(x, w)
    x, w, b = numbers(x=x, w=w, b=bias(b, len(w)))
    with blas_for(len(x) * w.size):
        z = x @ w.T
    return z if b is None else z + b


def linear_backward(dz: Any, x: Any, w: Any) -> tuple[Array, Array, Array]:
    """The gradients of `linear`: ∂L/∂x = ∂L/∂z · w,  ∂L/∂w = ∂L/∂zᵀ · x,  ∂L/∂b = Σ_n ∂L/∂z[n].

    dz: (N, out); x: (N, in); w: (out, in); returns dx, dw, db shaped as x, w and (out,).
    Raises ValueError or TypeError if shapes or dtypes do not fit together.
    Source: Rumelhart, Hinton & Williams 1986; derivations "linear.dx", "linear.dw".
    """
    x, w = _operands(x, w)
    x, w, dz = numbers(x=x, w=w, dz=tensor("dz", dz, "N, out"))
    same_shape("dz", dz, (len(x), len(w)), f"the shape of z for x {x.shape} and w {w.shape}")
    with blas_for(len(x) * w.size):
        return dz @ w, dz.T @ x, dz.sum(axis=0)


def _operands(x: Any, w: Any) -> tuple[Array, Array]:
    x, w = tensor("x", x, "N, in"), tensor("w", w, "out, in")
    if x.shape[1] != w.shape[1]:
        raise ValueError(
            f"x {x.shape} has {x.shape[1]} features, but w {w.shape} reads {w.shape[1]}; "
            f"w must be (out, {x.shape[1]}): transpose it if it is (in, out), or flatten x first"
        )
    return x, w

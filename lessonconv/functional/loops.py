"""The equations as nested loops, literally: the first lesson, and the oracle that the fast layers are held against.

Every function walks the same list of meetings and does one sum over it. Same names, arguments and results as the fast
layers in this package; slower by a factor of thousands; and any numbers will do, SymPy's symbols in object arrays too.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv.functional.arguments import (
    Array,
    any_numbers,
    conv_operands,
    conv_transpose_operands,
    indices,
    real_numbers,
    same_shape,
    sizes,
    tensor,
)
from lessonconv.functional.pool import cells_averaged, check_argmax, pool_window
from lessonconv.window import Window


def conv2d(
    x: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Array:
    """z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w].

    Shapes, errors and source: `conv.conv2d`.
    """
    x, w, b = conv_operands(x, w, b, groups)
    x, w, b = any_numbers(x=x, w=w, b=b)
    window = Window.over(x.shape[2:], w.shape[2:], stride=stride, padding=padding, dilation=dilation)
    z = _zeros((len(x), len(w), *window.output_size), x, w, b)
    if b is not None:
        z += b[:, None, None]
    for n in range(len(x)):
        for f, c, channel in _connections(w, groups):
            for i, j, k, l, u, v in _meetings(window):
                z[n, f, i, j] += w[f, c, k, l] * x[n, channel, u, v]
    return z


def conv2d_backward(
    dz: Any, x: Any, w: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> tuple[Array, Array, Array]:
    """The same meetings, the two other sums: ∂L/∂x[u] += ∂L/∂z[o]·w[k],  ∂L/∂w[k] += ∂L/∂z[o]·x[u],  ∂L/∂b += ∂L/∂z[o].

    Shapes, errors and source: `conv.conv2d_backward`.
    """
    x, w, _ = conv_operands(x, w, None, groups)
    x, w, dz = any_numbers(x=x, w=w, dz=tensor("dz", dz, "N, F, O_h, O_w"))
    window = Window.over(x.shape[2:], w.shape[2:], stride=stride, padding=padding, dilation=dilation)
    same_shape("dz", dz, (len(x), len(w), *window.output_size), f"the shape of z for x {x.shape} and w {w.shape}")
    dx, dw = _zeros(x.shape, dz, x, w), _zeros(w.shape, dz, x, w)
    for n in range(len(x)):
        for f, c, channel in _connections(w, groups):
            for i, j, k, l, u, v in _meetings(window):
                dx[n, channel, u, v] += dz[n, f, i, j] * w[f, c, k, l]
                dw[f, c, k, l] += dz[n, f, i, j] * x[n, channel, u, v]
    return dx, dw, _bias_gradient(dz)


def conv_transpose2d(
    x: Any,
    w: Any,
    b: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    """The input gradient of a convolution as a layer: z[u] += x[o]·w[k] over the meetings of the window that makes x.

    Shapes, errors and source: `conv.conv_transpose2d`.
    """
    x, w, b = conv_transpose_operands(x, w, b, groups)
    x, w, b = any_numbers(x=x, w=w, b=b)
    window = Window.transposed(
        x.shape[2:], w.shape[2:], stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    z = _zeros((len(x), w.shape[1] * groups, *window.input_size), x, w, b)
    if b is not None:
        z += b[:, None, None]
    for n in range(len(x)):
        for c, f, filter_ in _connections(w, groups):
            for i, j, k, l, u, v in _meetings(window):
                z[n, filter_, u, v] += x[n, c, i, j] * w[c, f, k, l]
    return z


def conv_transpose2d_backward(
    dz: Any,
    x: Any,
    w: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[Array, Array, Array]:
    """The same meetings, the two other sums: ∂L/∂x[o] += ∂L/∂z[u]·w[k] (a convolution),  ∂L/∂w[k] += ∂L/∂z[u]·x[o].

    Shapes, errors and source: `conv.conv_transpose2d_backward`.
    """
    x, w, _ = conv_transpose_operands(x, w, None, groups)
    x, w, dz = any_numbers(x=x, w=w, dz=tensor("dz", dz, "N, F, O_h, O_w"))
    window = Window.transposed(
        x.shape[2:], w.shape[2:], stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    shape = (len(x), w.shape[1] * groups, *window.input_size)
    same_shape("dz", dz, shape, f"the shape of z for x {x.shape} and w {w.shape}")
    dx, dw = _zeros(x.shape, dz, x, w), _zeros(w.shape, dz, x, w)
    for n in range(len(x)):
        for c, f, filter_ in _connections(w, groups):
            for i, j, k, l, u, v in _meetings(window):
                dx[n, c, i, j] += dz[n, filter_, u, v] * w[c, f, k, l]
                dw[c, f, k, l] += dz[n, filter_, u, v] * x[n, c, i, j]
    return dx, dw, _bias_gradient(dz)


def max_pool2d(
    x: Any, kernel_size: Any, *, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> tuple[Array, npt.NDArray[np.int64]]:
    """z[o] = max x[u] over the meetings (o, u); the first of equals wins. The numbers must be comparable: no symbols.

    Shapes, errors and source: `pool.max_pool2d`.
    """
    x = tensor("x", x, "N, C, H, W")
    x = x if x.dtype == object else real_numbers("x", x)
    window = pool_window(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    z = np.zeros((*x.shape[:2], *window.output_size), x.dtype)
    argmax = np.full(z.shape, -1, np.int64)
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, _, _, u, v in _meetings(window):
            best, rival = z[n, c, i, j], x[n, c, u, v]
            is_first_nan = rival != rival and best == best
            if argmax[n, c, i, j] < 0 or rival > best or is_first_nan:
                z[n, c, i, j], argmax[n, c, i, j] = rival, u * x.shape[3] + v
    return z, argmax


def max_pool2d_backward(dz: Any, argmax: Any, x_shape: tuple[int, ...]) -> Array:
    """∂L/∂x[argmax[o]] += ∂L/∂z[o]. Shapes, errors and source: `pool.max_pool2d_backward`."""
    (dz,), argmax = any_numbers(dz=tensor("dz", dz, "N, C, O_h, O_w")), indices("argmax", argmax)
    check_argmax(dz, argmax, x_shape)
    dx = _zeros(x_shape, dz)
    for n, c, i, j in np.ndindex(dz.shape):
        u, v = divmod(argmax[n, c, i, j], x_shape[3])
        dx[n, c, u, v] += dz[n, c, i, j]
    return dx


def avg_pool2d(
    x: Any,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """z[o] += x[u] / M[o], M[o] cells in window o. Shapes, errors and source: `pool.avg_pool2d`."""
    (x,) = any_numbers(x=tensor("x", x, "N, C, H, W"), floats=True)
    window = pool_window(x.shape[2:], kernel_size, stride, padding, 1, ceil_mode)
    count = cells_averaged(window, count_include_pad)
    z = _zeros((*x.shape[:2], *window.output_size), x)
    for n, c in np.ndindex(x.shape[:2]):
        for i, j, _, _, u, v in _meetings(window):
            z[n, c, i, j] += x[n, c, u, v]
    return z / count.astype(z.dtype)


def avg_pool2d_backward(
    dz: Any,
    x_shape: tuple[int, ...],
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """∂L/∂x[u] += ∂L/∂z[o] / M[o], M[o] cells in window o. Shapes, errors and source: `pool.avg_pool2d_backward`."""
    (dz,) = any_numbers(dz=tensor("dz", dz, "N, C, O_h, O_w"), floats=True)
    shape = sizes("x_shape", x_shape, "N, C, H, W")
    window = pool_window(shape[2:], kernel_size, stride, padding, 1, ceil_mode)
    same_shape("dz", dz, (*shape[:2], *window.output_size), f"the pooled shape of x_shape {shape}")
    share = dz / cells_averaged(window, count_include_pad).astype(dz.dtype)
    dx = _zeros(shape, share)
    for n, c in np.ndindex(shape[:2]):
        for i, j, _, _, u, v in _meetings(window):
            dx[n, c, u, v] += share[n, c, i, j]
    return dx


def _meetings(window: Window) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Every output (i, j), tap (k, l) and real input (u, v) that meet."""
    for i in range(window.height.outputs):
        for j in range(window.width.outputs):
            for k, l in window.taps_of(i, j):
                u, v = window.input(i, j, k, l)
                yield i, j, k, l, u, v


def _connections(w: Array, groups: int) -> Iterator[tuple[int, int, int]]:
    """w[a, b] connects a with the b-th of its group on the other side: (a, b, where that stands among all)."""
    A, B = w.shape[:2]
    for a in range(A):
        for b in range(B):
            yield a, b, a * groups // A * B + b


def _bias_gradient(dz: Array) -> Array:
    """∂L/∂b[f] = Σ_n Σ_i Σ_j ∂L/∂z[n,f,i,j]."""
    db = _zeros((dz.shape[1],), dz)
    for n, f, i, j in np.ndindex(dz.shape):
        db[f] += dz[n, f, i, j]
    return db


def _zeros(shape: tuple[int, ...], *arrays: Array | None) -> Array:
    """Zeros to add such numbers to."""
    return np.zeros(shape, np.result_type(*(array for array in arrays if array is not None)))

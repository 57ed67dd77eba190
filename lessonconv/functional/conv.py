"""Convolution and transposed convolution, forward and backward, fast. `loops` says the same things literally.

    z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]

Three private functions walk the list of meetings, one for each of its sums: `_correlate` (z), `_grad_weight` (∂L/∂w and
∂L/∂b) and `_grad_input` (∂L/∂x). The third is the first again, on ∂L/∂z and the turned kernel. A transposed convolution
is the same three with the roles of x and z exchanged. All of them are matrix products with `strips`.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lessonconv.functional.arguments import (
    Array,
    conv_operands,
    conv_transpose_operands,
    numbers,
    same_shape,
    sizes,
    tensor,
)
from lessonconv.functional.strips import (
    FEW_ROWS,
    Tile,
    cut,
    is_thin,
    shares,
    small_columns,
    strips_for,
    tiles,
)
from lessonconv.functional.threads import share, threads_for
from lessonconv.window import Window


def conv2d(
    x: Any, w: Any, b: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Array:
    """Correlate the input with each kernel and add its bias: what networks call convolution.

    z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]

    x: (N, C, H, W); w: (F, C/groups, K_h, K_w); b: (F,) or None; returns z: (N, F, O_h, O_w).
    stride, dilation: int or pair; padding: int, pair, ((top, bottom), (left, right)), "valid", "same" or "full".
    float32 and float64 stay what they are; integers are computed exactly, in int64.
    Raises ValueError or TypeError if shapes, dtypes or settings do not fit together.
    Source: Dumoulin & Visin 2016, §2; derivation "conv2d.z".
    """
    x, w, b = conv_operands(x, w, b, groups)
    x, w, b = numbers(x=x, w=w, b=b)
    window = Window.over(x.shape[2:], w.shape[2:], stride=stride, padding=padding, dilation=dilation)
    z = np.empty((len(x), len(w), *window.output_size), x.dtype)
    for f, c in _groups(groups, len(w), x.shape[1]):
        _correlate(x[:, c], w[f], b[f] if b is not None else None, window, out=z[:, f])
    return z


def conv2d_backward(
    dz: Any, x: Any, w: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> tuple[Array, Array, Array]:
    """The gradients of `conv2d` with respect to its input, kernels and bias.

    ∂L/∂x[n,c,u,v] = Σ_f Σ_{i,k: i·s_h + k·d_h − p_h = u} Σ_{j,l: j·s_w + l·d_w − p_w = v} ∂L/∂z[n,f,i,j] · w[f,c,k,l]
    ∂L/∂w[f,c,k,l] = Σ_n Σ_i Σ_j ∂L/∂z[n,f,i,j] · x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]
    ∂L/∂b[f]       = Σ_n Σ_i Σ_j ∂L/∂z[n,f,i,j]

    dz: (N, F, O_h, O_w); x: (N, C, H, W); w: (F, C/groups, K_h, K_w); returns dx, dw, db shaped as x, w and (F,).
    Rows and columns that no window reads get gradient 0.
    Raises ValueError or TypeError if shapes, dtypes or settings do not fit together.
    Source: Dumoulin & Visin 2016, §4; derivations "conv2d.dx", "conv2d.dw", "conv2d.db".
    """
    x, w, dz, window = _backward_operands(dz, x, w, stride, padding, dilation, groups)
    return _grad_inputs(dz, w, window, groups, x.shape), *_grad_params(dz, x, w, window, groups)


def conv2d_backward_params(
    dz: Any, x: Any, w: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> tuple[Array, Array]:
    """∂L/∂w and ∂L/∂b of `conv2d` alone: all that a network's first layer needs to learn, as nobody asks for its dx.

    Arguments, equations, shapes, errors and source: `conv2d_backward`.
    """
    x, w, dz, window = _backward_operands(dz, x, w, stride, padding, dilation, groups)
    return _grad_params(dz, x, w, window, groups)


def conv2d_backward_input(
    dz: Any, w: Any, x_shape: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Array:
    """∂L/∂x of `conv2d` alone: what is handed down to the layer below. It depends on w, not on x.

    x_shape: (N, C, H, W), the shape of dx; equation, other shapes, errors and source: `conv2d_backward`.
    """
    shape = sizes("x_shape", x_shape, "N, C, H, W")
    _, w, _ = conv_operands(np.broadcast_to(0, shape), w, None, groups)
    w, dz = numbers(w=w, dz=tensor("dz", dz, "N, F, O_h, O_w"))
    window = _backward_window(dz, shape, w, stride, padding, dilation)
    return _grad_inputs(dz, w, window, groups, shape)


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
    """Scatter each input cell times the kernel into the output: the input gradient of a convolution, as a layer.

    z[n,f,u,v] = b[f] + Σ_c Σ_{i,k: i·s_h + k·d_h − p_h = u} Σ_{j,l: j·s_w + l·d_w − p_w = v} x[n,c,i,j] · w[c,f,k,l]

    x: (N, C, H, W); w: (C, F/groups, K_h, K_w); b: (F,) or None; returns z: (N, F, O_h, O_w) with
    O = (H−1)·s + d(K−1) + 1 + output_padding − p_before − p_after. `padding` cuts cells off. No inverse of conv2d.
    Raises ValueError or TypeError if shapes, dtypes or settings do not fit together.
    Source: Dumoulin & Visin 2016, §4; derivation "conv_transpose2d.z".
    """
    x, w, b = conv_transpose_operands(x, w, b, groups)
    x, w, b = numbers(x=x, w=w, b=b)
    window = Window.transposed(
        x.shape[2:], w.shape[2:], stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    filters = w.shape[1] * groups
    z = np.zeros((len(x), filters, *window.input_size), x.dtype)
    for c, f in _groups(groups, x.shape[1], filters):
        _grad_input(x[:, c], w[c], window, out=z[:, f])
    if b is not None:
        z += b[:, None, None]
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
    """The gradients of `conv_transpose2d` with respect to its input, kernels and bias.

    ∂L/∂x[n,c,i,j] = Σ_f Σ_k Σ_l w[c,f,k,l] · ∂L/∂z[n, f, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]   (a convolution)
    ∂L/∂w[c,f,k,l] = Σ_n Σ_i Σ_j x[n,c,i,j] · ∂L/∂z[n, f, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]
    ∂L/∂b[f]       = Σ_n Σ_u Σ_v ∂L/∂z[n,f,u,v]

    dz: (N, F, O_h, O_w); x: (N, C, H, W); w: (C, F/groups, K_h, K_w); returns dx, dw, db shaped as x, w and (F,).
    Raises ValueError or TypeError if shapes, dtypes or settings do not fit together.
    Source: Dumoulin & Visin 2016, §4; derivations "conv_transpose2d.dx", "conv_transpose2d.dw".
    """
    x, w, _ = conv_transpose_operands(x, w, None, groups)
    x, w, dz = numbers(x=x, w=w, dz=tensor("dz", dz, "N, F, O_h, O_w"))
    window = Window.transposed(
        x.shape[2:], w.shape[2:], stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    filters = w.shape[1] * groups
    same_shape("dz", dz, (len(x), filters, *window.input_size), f"the shape of z for x {x.shape} and w {w.shape}")
    dx, dw = np.empty_like(x), np.empty_like(w)
    for c, f in _groups(groups, x.shape[1], filters):
        _correlate(dz[:, f], w[c], None, window, out=dx[:, c])
        dw[c], _ = _grad_weight(x[:, c], dz[:, f], window)
    return dx, dw, dz.sum(axis=(0, 2, 3))


def _backward_operands(
    dz: Any, x: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> tuple[Array, Array, Array, Window]:
    x, w, _ = conv_operands(x, w, None, groups)
    x, w, dz = numbers(x=x, w=w, dz=tensor("dz", dz, "N, F, O_h, O_w"))
    return x, w, dz, _backward_window(dz, x.shape, w, stride, padding, dilation)


def _backward_window(dz: Array, x_shape: tuple[int, ...], w: Array, stride: Any, padding: Any, dilation: Any) -> Window:
    """The window, if dz has the shape that it makes."""
    window = Window.over(x_shape[2:], w.shape[2:], stride=stride, padding=padding, dilation=dilation)
    same_shape("dz", dz, (x_shape[0], len(w), *window.output_size), f"the shape of z for x {x_shape} and w {w.shape}")
    return window


def _grad_inputs(dz: Array, w: Array, window: Window, groups: int, x_shape: tuple[int, ...]) -> Array:
    dx = np.zeros(x_shape, dz.dtype)
    for f, c in _groups(groups, len(w), x_shape[1]):
        _grad_input(dz[:, f], w[f], window, out=dx[:, c])
    return dx


def _grad_params(dz: Array, x: Array, w: Array, window: Window, groups: int) -> tuple[Array, Array]:
    dw, db = np.empty_like(w), np.empty(len(w), w.dtype)
    for f, c in _groups(groups, len(w), x.shape[1]):
        dw[f], db[f] = _grad_weight(dz[:, f], x[:, c], window)
    return dw, db


def _correlate(x: Array, w: Array, b: Array | None, window: Window, *, out: Array) -> None:
    """out[n,f,i,j] = b[f] + Σ_k W_k @ strip_k, where W_k (F × C·K_w) is kernel row k."""
    kernel_rows = [w[:, :, k].reshape(len(w), -1) for k in range(w.shape[2])]
    if b is not None:
        kernel_rows[0] = np.concatenate([b[:, None], kernel_rows[0]], axis=1)
    if is_thin(x.shape[1], window):
        kernel_rows = [np.concatenate(kernel_rows, axis=1)]

    def correlate(tile: Tile) -> None:
        part, z = x[tile.images], out[tile.images, :, tile.rows]
        strips = strips_for(part, tile.window, rows=len(w), ones=b is not None)
        n, F, O_h, O_w = z.shape
        in_place = z.strides[-2:] == (O_w * z.itemsize, z.itemsize)  # whole rows: BLAS can write them
        total = z.reshape(n, F, O_h * O_w) if in_place else np.empty((n, F, O_h * O_w), z.dtype)
        first, *others = strips.fill(part)
        _multiply(kernel_rows[0], first, cut(total, strips.columns))
        for kernel_row, strip in zip(kernel_rows[1:], others, strict=True):
            _multiply(kernel_row, strip, strips.products)
            total += strips.product
        if not in_place:
            z[...] = total.reshape(z.shape)

    work = len(x) * w.size * math.prod(window.output_size)
    share(tiles(x, window, rows=len(w), threads=threads_for(work)), correlate, work)


def _multiply(matrix: Array, pieces: list[Array], out: list[Array]) -> None:
    """out = matrix @ pieces, piece by piece."""
    for piece, product in zip(pieces, out, strict=True):
        np.matmul(matrix, piece, out=product)


def _grad_weight(dz: Array, x: Array, window: Window) -> tuple[Array, Array]:
    """W_k multiplied strip_k, so its gradient is strip_k @ dzᵀ, summed over the images; the row of ones gives db."""
    F, C, (K_h, K_w) = dz.shape[1], x.shape[1], window.kernel_size
    few = is_thin(C, window) or F <= FEW_ROWS

    def grad_weight(tile: Tile) -> Array:
        part = x[tile.images]
        strips = strips_for(part, tile.window, rows=F, ones=True)
        planes = dz[tile.images, :, tile.rows].reshape(len(part), F, math.prod(tile.window.output_size))
        dz_pieces = cut(planes, strips.columns)
        if not few:  # a thick product repays a copy: two, as rows of 32×32 cells, say, fall on each other in the cache
            dz_pieces = [np.ascontiguousarray(piece) for piece in dz_pieces]
            dz_pieces = [piece.swapaxes(-1, -2).copy().swapaxes(-1, -2) for piece in dz_pieces]
        sums = [
            [
                (piece @ dz_piece.swapaxes(-1, -2)).reshape(-1, piece.shape[-2], F).sum(axis=0)
                for piece, dz_piece in zip(pieces, dz_pieces, strict=True)
            ]
            for pieces in strips.fill(part)
        ]
        return np.concatenate([np.add.reduce(parts) for parts in sums])

    total = np.zeros((1 + C * K_h * K_w, F), x.dtype)
    work = len(x) * total.size * math.prod(window.output_size)
    for part in share(tiles(x, window, rows=F, threads=threads_for(work)), grad_weight, work):
        total += part
    return total[1:].reshape(K_h, C, K_w, F).transpose(3, 1, 0, 2), total[0]


def _grad_input(dz: Array, w: Array, window: Window, *, out: Array) -> None:
    """∂L/∂x, phase by phase of the stride; the phases interleave in `out`.

    Many channels: shift, then multiply, as in the forward pass, with the turned kernel. Few: multiply, then shift.
    """
    F, C, K_h, _ = w.shape
    if 2 * C * K_h <= F * min(window.height.stride, K_h):  # then the products of w and dz are less than dz's strips
        return _scatter(dz, w, window, out=out)
    for taps, inputs, phase in window.phases():
        turned = w[(..., *taps)][:, :, ::-1, ::-1].swapaxes(0, 1)
        _correlate(dz, turned, None, phase, out=out[(..., *inputs)])


def _scatter(dz: Array, w: Array, window: Window, *, out: Array) -> None:
    """Each tap's product with dz, added to the inputs that the tap reads: ∂L/∂x[inputs] += wᵀ·∂L/∂z[outputs]."""
    F, C, K_h, K_w = w.shape
    O_h, O_w = window.output_size
    w_t = np.ascontiguousarray(w.transpose(2, 3, 1, 0).reshape(K_h * K_w * C, F))
    columns = small_columns(w_t.size)

    def scatter(images: slice) -> None:
        part, dx = dz[images], out[images]
        products = np.empty((len(part), len(w_t), O_h * O_w), dz.dtype)
        _multiply(w_t, cut(part.reshape(len(part), F, O_h * O_w), columns), cut(products, columns))
        products = products.reshape(len(part), K_h, K_w, C, O_h, O_w)
        for taps, inputs, phase in window.phases():
            turned = products[(slice(None), *taps)][:, ::-1, ::-1]
            total = np.zeros(dx[(..., *inputs)].shape, dx.dtype)  # a plain array adds faster than every s-th cell of dx
            for tap in phase.taps:
                cells, outputs = phase.tap(*tap)
                total[cells] += turned[:, *tap][outputs]
            dx[(..., *inputs)] = total

    work = dz.size * len(w_t)
    share(shares(len(dz), dz.itemsize * len(w_t) * O_h * O_w, threads_for(work)), scatter, work)


def _groups(groups: int, F: int, C: int) -> Iterator[tuple[slice, slice]]:
    """For each group, the filters and the channels that it connects."""
    for g in range(groups):
        yield slice(g * F // groups, (g + 1) * F // groups), slice(g * C // groups, (g + 1) * C // groups)

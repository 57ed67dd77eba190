"""Convolution and transposed convolution, forward and backward, fast. `loops` says the same things literally.

    z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]

Three private functions walk the list of meetings, one for each of its sums: `_correlate` (z), `_grad_weight` (∂L/∂w and
∂L/∂b) and `_grad_input` (∂L/∂x). The third is the first again, on ∂L/∂z and the turned kernel. A transposed convolution
is the same three with the roles of x and z exchanged.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from lessonconv.functional.arguments import (
    Array,
    conv_operands,
    conv_transpose_operands,
    numbers,
    same_shape,
    tensor,
)
from lessonconv.window import Axis, Window

STRIP_BYTES = 1 << 19  # images are taken in groups whose strips fit the processor's L2 cache
FEW_ROWS = 16  # strips with fewer rows are stacked: one product per image instead of K_h thin ones


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
    dx = np.zeros_like(x)
    for f, c in _groups(groups, len(w), x.shape[1]):
        _grad_input(dz[:, f], w[f], window, out=dx[:, c])
    return dx, *_grad_params(dz, x, w, window, groups)


def conv2d_backward_params(
    dz: Any, x: Any, w: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> tuple[Array, Array]:
    """∂L/∂w and ∂L/∂b of `conv2d` alone: all that a network's first layer needs to learn, as nobody asks for its dx.

    Arguments, equations, shapes, errors and source: `conv2d_backward`.
    """
    x, w, dz, window = _backward_operands(dz, x, w, stride, padding, dilation, groups)
    return _grad_params(dz, x, w, window, groups)


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
    window = Window.over(x.shape[2:], w.shape[2:], stride=stride, padding=padding, dilation=dilation)
    same_shape("dz", dz, (len(x), len(w), *window.output_size), f"the shape of z for x {x.shape} and w {w.shape}")
    return x, w, dz, window


def _grad_params(dz: Array, x: Array, w: Array, window: Window, groups: int) -> tuple[Array, Array]:
    dw, db = np.empty_like(w), np.empty(len(w), w.dtype)
    for f, c in _groups(groups, len(w), x.shape[1]):
        dw[f], db[f] = _grad_weight(dz[:, f], x[:, c], window)
    return dw, db


def _correlate(x: Array, w: Array, b: Array | None, window: Window, *, out: Array) -> None:
    """out[n,f,i,j] = b[f] + Σ_k W_k @ strip_k, where W_k (F × C·K_w) is kernel row k."""
    kernel_rows = [w[:, :, k].reshape(len(w), -1) for k in range(w.shape[2])]
    if b is not None:
        kernel_rows[0] = np.column_stack([b, kernel_rows[0]])
    kernel_rows = _stack(kernel_rows)
    in_place = out.strides[-2:] == (out.shape[-1] * out.itemsize, out.itemsize)  # whole planes: BLAS can write them
    planes = out.reshape(*out.shape[:2], out.shape[2] * out.shape[3]) if in_place else None
    for images, strips in _strips(x, window, ones=b is not None):
        total = np.matmul(kernel_rows[0], strips[0], out=None if planes is None else planes[images])
        for kernel_row, strip in zip(kernel_rows[1:], strips[1:], strict=True):
            total += kernel_row @ strip
        if planes is None:
            out[images] = total.reshape(out[images].shape)


def _grad_weight(dz: Array, x: Array, window: Window) -> tuple[Array, Array]:
    """W_k multiplied strip_k, so its gradient is strip_k @ dzᵀ, summed over the images; the row of ones gives db."""
    F, C, (K_h, K_w) = dz.shape[1], x.shape[1], window.kernel_size
    dz_t = dz.reshape(len(dz), F, dz.shape[2] * dz.shape[3]).transpose(0, 2, 1)
    thin = C * K_w < FEW_ROWS
    total = np.zeros((1 + C * K_h * K_w, F), x.dtype)
    for images, strips in _strips(x, window, ones=True):
        part = dz_t[images] if thin else np.ascontiguousarray(dz_t[images])  # a thick product repays the copy
        total += np.concatenate([(strip @ part).sum(axis=0) for strip in strips])
    return total[1:].reshape(K_h, C, K_w, F).transpose(3, 1, 0, 2), total[0]


def _grad_input(dz: Array, w: Array, window: Window, *, out: Array) -> None:
    """∂L/∂x. Many channels: gather, with the turned kernel. Few: scatter, since there is little to shift."""
    F, C, K_h, _ = w.shape
    if 2 * C * K_h <= F:  # then the products of w and dz are fewer cells than the strips of dz
        return _scatter(dz, w, window, out=out)
    for taps, inputs, phase in window.phases():  # the phases of the stride interleave in `out`
        turned = w[(..., *taps)][:, :, ::-1, ::-1].swapaxes(0, 1)
        _correlate(dz, turned, None, phase, out=out[(..., *inputs)])


def _scatter(dz: Array, w: Array, window: Window, *, out: Array) -> None:
    """Each tap's product with dz is added to the inputs that the tap reads: ∂L/∂x[inputs] += wᵀ·∂L/∂z[outputs]."""
    F, C, K_h, K_w = w.shape
    w_t = np.ascontiguousarray(w.transpose(2, 3, 1, 0).reshape(K_h * K_w * C, F))
    O_h, O_w = window.output_size
    taps = [(t, *window.tap(*tap)) for t, tap in enumerate(window.taps)]
    count = max(1, 2 * STRIP_BYTES // (dz.itemsize * K_h * K_w * C * O_h * O_w))
    out[...] = 0
    for start in range(0, len(dz), count):
        images = slice(start, start + count)
        products = w_t @ dz[images].reshape(-1, F, O_h * O_w)
        products = products.reshape(-1, K_h * K_w, C, O_h, O_w)
        dx = out[images]
        for t, outputs, inputs in taps:
            dx[inputs] += products[:, t][outputs]


def _strips(x: Array, window: Window, *, ones: bool) -> Iterator[tuple[slice, list[Array]]]:
    """Yield (images, [strip_0, …, strip_{K_h−1}]) for one group of images after another.

    strip_k[n, (c,l), (i,j)] = x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]

    Along the width the picture is copied K_w times, shifted. Along the height nothing is copied again: kernel row k + 1
    reads the same memory a row later (rows are filed by their phase modulo the stride). All strips are views of one
    small buffer, which the next group overwrites. With `ones`, strip_0 begins with a row of ones, for the bias.
    """
    N, C = x.shape[:2]
    height, width = window.height, window.width
    O_w, P = width.outputs, height.outputs * width.outputs
    places = [divmod(k * height.dilation, height.stride) for k in range(height.kernel)]  # (rows down, phase) of row k
    phases = sorted({phase for _, phase in places})
    filed = height.filed(rows=height.outputs + places[-1][0])
    image_bytes = x.itemsize * len(phases) * (1 + C * width.kernel) * filed.outputs * O_w
    count = max(1, min(N, STRIP_BYTES // max(1, image_bytes)))
    buffer = np.zeros((count, len(phases), 1 + C * width.kernel, filed.outputs * O_w), x.dtype)  # padding stays zero
    buffer[:, 0, 0] = 1
    strips = [
        buffer[:, phases.index(phase), 0 if ones and k == 0 else 1 :, down * O_w : down * O_w + P]
        for k, (down, phase) in enumerate(places)
    ]
    copies, borders = _copies(x, buffer[:, :, 1:], filed, width, phases)
    for start in range(0, N, count):
        images = slice(start, min(start + count, N))
        group = images.stop - start
        for strip, picture in copies:
            strip[:group] = picture[images]
        for border in borders:
            border[:group] = 0
        yield images, _stack([strip[:group] for strip in strips])


def _copies(
    x: Array, rows: Array, filed: Axis, width: Axis, phases: list[int]
) -> tuple[list[tuple[Array, Array]], list[Array]]:
    """What is copied into the strips: pairs (part of the buffer, part of x); and the borders to clear after it.

    A picture that keeps its width is shifted as a whole, in one long run that copies fast; what then spills over from
    one row into the next falls into the padding, which is cleared. Otherwise each row is copied on its own.
    """
    N, C, H, W = x.shape
    rows = rows.reshape(len(rows), len(phases), C, width.kernel, filed.outputs * width.outputs)
    cells = rows.reshape(*rows.shape[:4], filed.outputs, width.outputs)
    planes = x.strides[-2:] == (W * x.itemsize, x.itemsize)
    whole = planes and filed.stride == width.stride == 1 and width.outputs == W
    copies, borders = [], []
    for l, (at, phase) in itertools.product(range(width.kernel), enumerate(phases)):
        (j, v), (i, u) = width.tap(l), filed.tap(phase)
        if whole and i.start < i.stop and j.start < j.stop:
            shifted = slice(i.start * W + j.start, (i.stop - 1) * W + j.stop)
            source = slice(u.start * W + v.start, (u.stop - 1) * W + v.stop)
            copies.append((rows[:, at, :, l, shifted], x.reshape(N, C, H * W)[:, :, source]))
            borders += [cells[:, at, :, l, i, : j.start], cells[:, at, :, l, i, j.stop :]]
        else:
            copies.append((cells[:, at, :, l, i, j], x[:, :, u, v]))
    return copies, [border for border in borders if border.size]


def _stack(rows: list[Array]) -> list[Array]:
    """Thin kernel rows, or thin strips, as a single thick one: BLAS likes one product better than K_h thin ones."""
    return [np.concatenate(rows, axis=1)] if len(rows) > 1 and rows[-1].shape[1] < FEW_ROWS else rows


def _groups(groups: int, F: int, C: int) -> Iterator[tuple[slice, slice]]:
    """For each group, the filters and the channels that it connects."""
    for g in range(groups):
        yield slice(g * F // groups, (g + 1) * F // groups), slice(g * C // groups, (g + 1) * C // groups)

"""Max and average pooling, forward and backward, fast. `loops` says the same things literally.

    max      z[n,c,i,j] = max  { x[n,c,u,v] : (u, v) in window (i, j) }       padding counts as −∞
    average  z[n,c,i,j] = mean { x̂[n,c,u,v] : (u, v) in window (i, j) }       padding counts as 0

Both walk the taps, not the windows: what tap (k, l) reads is one strided view of the picture.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv.functional.arguments import Array, indices, numbers, real_numbers, same_shape, sizes, tensor
from lessonconv.window import Window


def max_pool2d(
    x: Any, kernel_size: Any, *, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> tuple[Array, npt.NDArray[np.int64]]:
    """The largest value in each window, and where it stood.

    z[n,c,i,j] = max_{k,l} x[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w];  padding is −∞, a tie goes to the first

    x: (N, C, H, W); returns z and argmax: (N, C, O_h, O_w); argmax holds flat indices u·W + v, as PyTorch's
    return_indices. "First" is row by row. stride=None means kernel_size. A window that holds a NaN gives NaN.
    Any padding will do as long as every window reads a real cell (PyTorch allows at most half the kernel).
    Raises ValueError or TypeError if shapes, dtypes or settings do not fit together.
    Source: Boureau, Ponce & LeCun 2010, "A theoretical analysis of feature pooling"; derivation "max_pool2d.z".
    """
    x = real_numbers("x", tensor("x", x, "N, C, H, W"))
    window = pool_window(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    z, tap = max_pool_taps(x, window)
    taps = np.array(list(window.taps)).T
    outputs = np.arange(window.height.outputs)[:, None], np.arange(window.width.outputs)
    argmax = (_flat(window, 0, 0, *taps) - _flat(window, 0, 0, 0, 0)).take(tap)
    argmax += _flat(window, *outputs, 0, 0)
    return z, argmax


def max_pool2d_backward(dz: Any, argmax: Any, x_shape: tuple[int, ...]) -> Array:
    """Hand each output's gradient to the input that won its window; overlapping windows add up.

    ∂L/∂x[n,c,u,v] = Σ_{i,j} ∂L/∂z[n,c,i,j] · [argmax[n,c,i,j] = u·W + v]

    dz, argmax: (N, C, O_h, O_w); x_shape: (N, C, H, W); returns dx of that shape.
    A tie went to the first, so the first gets all of the gradient: a choice, where the maximum has no derivative.
    Raises ValueError if argmax cannot come from an input of x_shape. Source: derivation "max_pool2d.dx".
    """
    (dz,) = numbers(dz=tensor("dz", dz, "N, C, O_h, O_w"))
    argmax = indices("argmax", argmax)
    N, C, H, W = check_argmax(dz, argmax, x_shape)
    dx = np.zeros(N * C * H * W, dz.dtype)
    cells = argmax.reshape(N * C, dz.shape[2] * dz.shape[3]) + np.arange(0, dx.size, H * W)[:, None]
    np.add.at(dx, cells.ravel(), dz.ravel())  # flat: several times faster than with an index for each axis
    return dx.reshape(N, C, H, W)


def avg_pool2d(
    x: Any,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """The mean of each window.

    z[n,c,i,j] = 1/M[i,j] · Σ_{k,l} x̂[n, c, i·s_h + k − p_h, j·s_w + l − p_w]

    x: (N, C, H, W); returns z: (N, C, O_h, O_w); integers give float64. M counts the window's cells: with the padding,
    or, if count_include_pad is False, real cells only. stride=None means kernel_size.
    Any padding will do as long as every window reads a real cell (PyTorch allows at most half the kernel).
    Raises ValueError or TypeError if shapes, dtypes or settings do not fit together.
    Source: LeCun et al. 1998, §II.B; derivation "avg_pool2d.z".
    """
    (x,) = numbers(x=tensor("x", x, "N, C, H, W"), floats=True)
    window = pool_window(x.shape[2:], kernel_size, stride, padding, 1, ceil_mode)
    z = np.zeros((*x.shape[:2], *window.output_size), x.dtype)
    for tap in window.taps:
        outputs, inputs = window.tap(*tap)
        z[outputs] += x[inputs].copy()  # a plain copy first: arithmetic on strided rows is several times slower
    z /= cells_averaged(window, count_include_pad).astype(z.dtype)
    return z


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
    """Spread each output's gradient evenly over the cells that it averaged; overlapping windows add up.

    ∂L/∂x[n,c,u,v] = Σ_{i,j} ∂L/∂z[n,c,i,j] / M[i,j] · [0 ≤ u + p_h − i·s_h < K_h] · [0 ≤ v + p_w − j·s_w < K_w]

    dz: (N, C, O_h, O_w); x_shape: (N, C, H, W); returns dx of that shape; integers give float64.
    Raises ValueError if dz does not have the pooled shape of x_shape. Source: derivation "avg_pool2d.dx".
    """
    (dz,) = numbers(dz=tensor("dz", dz, "N, C, O_h, O_w"), floats=True)
    shape = sizes("x_shape", x_shape, "N, C, H, W")
    window = pool_window(shape[2:], kernel_size, stride, padding, 1, ceil_mode)
    same_shape("dz", dz, (*shape[:2], *window.output_size), f"the pooled shape of x_shape {shape}")
    dx = np.zeros(shape, dz.dtype)
    share = dz / cells_averaged(window, count_include_pad).astype(dz.dtype)
    for tap in window.taps:
        outputs, inputs = window.tap(*tap)
        dx[inputs] += share[outputs]
    return dx


def pool_window(size: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Window:
    """The window of a pooling layer: stride None is the kernel's size, and every window must read a real cell."""
    stride = kernel_size if stride is None else stride
    window = Window.over(size, kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    for name, axis in (("height", window.height), ("width", window.width)):
        blind = [i for i in range(axis.outputs) if not axis.taps_of(i)] if axis.padded > axis.size or ceil_mode else []
        if blind:
            dilation = " or the dilation" if axis.dilation > 1 else ""
            raise ValueError(
                f"output {blind[0]} along the {name} (size {axis.size}, kernel {axis.kernel}, padding {axis.before} "
                f"and {axis.after}) would read padding only: no maximum, no mean; lower the padding{dilation}"
            )
    return window


def check_argmax(dz: Array, argmax: Array, x_shape: Any) -> tuple[int, ...]:
    """x_shape as (N, C, H, W). Raises ValueError unless dz, argmax and x_shape can come from one call of max_pool2d."""
    N, C, H, W = shape = sizes("x_shape", x_shape, "N, C, H, W")
    same_shape("argmax", argmax, dz.shape, "the shape of dz; both come from one call of max_pool2d")
    same_shape("dz", dz, (N, C, *dz.shape[2:]), f"as many images and channels as x_shape {shape}")
    if argmax.size and not 0 <= argmax.min() <= argmax.max() < H * W:
        raise ValueError(
            f"argmax runs from {argmax.min()} to {argmax.max()}, but an input {H}×{W} has the flat indices 0 to "
            f"{H * W - 1}; give the argmax and the x_shape of the same max_pool2d call"
        )
    return shape


def max_pool_taps(x: Array, window: Window) -> tuple[Array, npt.NDArray[Any]]:
    """The maxima, and the tap k·K_w + l that won each window: one byte where `argmax` needs eight."""
    z, winner = _first_cells(x, window)
    for t, tap in enumerate(window.taps):
        if t == 0:
            continue
        outputs, inputs = window.tap(*tap)
        rival = x[inputs].copy()  # a plain copy first: arithmetic on strided rows is several times slower
        best, won = z[outputs], winner[outputs]
        better = np.greater(rival, best).view(np.uint8).astype(won.dtype, copy=False)
        np.maximum(best, rival, out=best)
        better *= won.dtype.type(t)
        np.maximum(won, better, out=won)  # t grows, so the later and larger wins; a tie leaves the first
    if z.dtype.kind == "f" and z.size and np.isnan(z.max()):
        _let_nan_win(x, window, winner)
    return z, winner


def max_pool_taps_backward(dz: Array, winner: npt.NDArray[Any], window: Window) -> Array:
    """`max_pool2d_backward` for the taps that `max_pool_taps` gave: K_h·K_w strided copies in place of a scatter."""
    apart = not any(window.overlap)
    tiles = window.height.tiles and window.width.tiles  # then every cell is written
    dx = (np.empty if tiles else np.zeros)((*dz.shape[:2], *window.input_size), dz.dtype)
    for t, tap in enumerate(window.taps):
        outputs, inputs = window.tap(*tap)
        won = (winner[outputs] == t).astype(dz.dtype)
        won *= dz[outputs]  # not np.where: a random mask makes it many times slower
        if apart:
            dx[inputs] = won  # no cell is read twice: a copy, several times faster than +=
        else:
            dx[inputs] += won
    return dx


def _flat(window: Window, i: Any, j: Any, k: Any, l: Any) -> Any:
    """The flat index u·W + v of the input where output (i, j) and tap (k, l) meet: linear in all four."""
    u, v = window.input(i, j, k, l)
    return u * window.width.size + v


def _first_cells(x: Array, window: Window) -> tuple[Array, npt.NDArray[Any]]:
    """Each window's first real cell, and the tap that reads it: what the other taps have to beat."""
    taps = window.height.kernel * window.width.kernel
    tap_dtype = np.uint8 if taps <= 256 else np.intp
    outputs, inputs = window.tap(0, 0)
    z = np.empty((*x.shape[:2], *window.output_size), x.dtype)
    if z[outputs].shape == z.shape:
        z[...] = x[inputs]
        return z, np.zeros(z.shape, tap_dtype)
    i, j = np.arange(window.height.outputs)[:, None], np.arange(window.width.outputs)
    k = np.array([[window.height.taps_of(row).start] for row in range(window.height.outputs)])
    l = np.array([window.width.taps_of(column).start for column in range(window.width.outputs)])
    u, v = window.input(i, j, k, l)
    z[...] = x[:, :, u, v]
    return z, np.broadcast_to(k * window.width.kernel + l, z.shape).astype(tap_dtype)


def _let_nan_win(x: Array, window: Window, winner: npt.NDArray[Any]) -> None:
    """A NaN beats every number, the first NaN of a window the others: no comparison sees one, so look for them."""
    for t, tap in reversed(list(enumerate(window.taps))):
        outputs, inputs = window.tap(*tap)
        winner[outputs][np.isnan(x[inputs])] = t


def cells_averaged(window: Window, count_include_pad: bool) -> Array:
    """How many cells each window averages, (O_h, O_w). What hangs over the padded input (ceil_mode) never counts."""
    rows, columns = (
        [axis.covered(i) if count_include_pad else len(axis.taps_of(i)) for i in range(axis.outputs)]
        for axis in (window.height, window.width)
    )
    return np.outer(rows, columns)

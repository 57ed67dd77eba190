"""The same functions, fast: NumPy walks through the cells, Python through the taps at most."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def conv2d_fast(x, w, b, stride, padding):
    """z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s + k − p, j·s + l − p], without a loop over cells

    x: (N, C, H, W), w: (F, C, K_h, K_w), b: (F,); stride, padding: ints, for both axes.
    Returns z: (N, F, O_h, O_w).
    """
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    # (N, C, ·, ·, K_h, K_w), and nothing is copied
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    z = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3)))  # the sum over c, k, l: (N, O_h, O_w, F)
    return z.transpose(0, 3, 1, 2) + b[:, None, None]


def conv2d_backward_fast(dz, x, w, stride, padding):
    """∂L/∂x, ∂L/∂w and ∂L/∂b of a convolution layer, without a loop over cells.

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dx, dw, db, in the shapes of x, w and b: (F,).
    """
    N, C, H, W = x.shape
    _, _, O_h, O_w = dz.shape
    _, _, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx_pad, dw = np.zeros(x_pad.shape), np.zeros(w.shape)
    for k in range(K_h):
        for l in range(K_w):
            # what tap (k, l) of all windows reads: every s-th row and column from (k, l) on
            rows = slice(k, k + stride * (O_h - 1) + 1, stride)
            columns = slice(l, l + stride * (O_w - 1) + 1, stride)
            dw[:, :, k, l] = np.tensordot(dz, x_pad[:, :, rows, columns], axes=((0, 2, 3), (0, 2, 3)))
            dx_pad[:, :, rows, columns] += np.tensordot(dz, w[:, :, k, l], axes=(1, 0)).transpose(0, 3, 1, 2)
    dx = dx_pad[:, :, padding : padding + H, padding : padding + W]
    return dx, dw, dz.sum(axis=(0, 2, 3))


def max_pool2d_fast(x, size, stride):
    """z[n,c,i,j] = the largest of x[n, c, i·s + k, j·s + l] over k, l = 0 … size − 1, without a loop over cells

    x: (N, C, H, W); size: of the square window, an int; stride: s, an int, for both axes. Nothing is padded.
    Returns z: (N, C, O_h, O_w). Rows and columns left over at the end are not read.
    """
    N, C, H, W = x.shape
    O_h = (H - size) // stride + 1
    O_w = (W - size) // stride + 1
    z = np.full((N, C, O_h, O_w), -np.inf)
    for k in range(size):
        for l in range(size):
            # what tap (k, l) of all windows reads: every s-th row and column from (k, l) on
            rows = slice(k, k + stride * (O_h - 1) + 1, stride)
            columns = slice(l, l + stride * (O_w - 1) + 1, stride)
            z = np.maximum(z, x[:, :, rows, columns])
    return z

"""Transposed convolution: every input cell stamps a kernel on the output."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def conv_transpose2d(x, w, b, stride, padding):
    """z[n, f, i·s + k − p, j·s + l − p] += w[c,f,k,l] · x[n,c,i,j] for all c, i, j, k, l; and b[f] once for each cell

    x: (N, C, H, W), w: (C, F, K_h, K_w), b: (F,); stride s, padding p: ints, for both axes.
    Returns z: (N, F, (H − 1)·s − 2p + K_h, (W − 1)·s − 2p + K_w). What falls outside of z is lost.
    """
    N, C, H, W = x.shape
    C, F, K_h, K_w = w.shape
    height = (H - 1) * stride + K_h
    width = (W - 1) * stride + K_w
    canvas = np.zeros((N, F, height, width))
    for i in range(H):
        for j in range(W):
            stamp = np.einsum("nc,cfkl->nfkl", x[:, :, i, j], w)
            canvas[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w] += stamp
    z = canvas[:, :, padding : height - padding, padding : width - padding]
    return z + b[:, None, None]


def conv_transpose2d_dx(dz, x, w, stride, padding):
    """∂L/∂x[n,c,i,j] = Σ_f Σ_k Σ_l ∂L/∂z[n, f, i·s + k − p, j·s + l − p] · w[c,f,k,l], where z has such a cell

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (C, F, K_h, K_w); stride, padding: ints, for both axes.
    Returns dx: (N, C, H, W).
    """
    N, C, H, W = x.shape
    _, F, K_h, K_w = w.shape
    dz_pad = np.pad(dz, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx = np.zeros(x.shape)
    for i in range(H):
        for j in range(W):
            window = dz_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            dx[:, :, i, j] = np.einsum("nfkl,cfkl->nc", window, w)
    return dx


def stamp_counts(size, kernel, stride, padding):
    """How many inputs stamp each output of a transposed convolution, along one axis.

    size, kernel, stride, padding: ints; `size` inputs. Returns the counts, one for each output, as an array of ints.
    """
    canvas = np.zeros((size - 1) * stride + kernel, int)
    for i in range(size):
        canvas[i * stride : i * stride + kernel] += 1
    return canvas[padding : len(canvas) - padding]

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

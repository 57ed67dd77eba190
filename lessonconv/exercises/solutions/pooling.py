"""Pooling: the largest or the mean of each window, forward and backward."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def max_pool2d(x, size, stride):
    """z[n,c,i,j] = the largest of x[n, c, i·s + k, j·s + l] over k, l = 0 … size − 1, where s is the stride

    x: (N, C, H, W); size: of the square window, an int; stride: an int, for both axes. Nothing is padded.
    Returns z: (N, C, O_h, O_w). Rows and columns left over at the end are not read.
    """
    N, C, H, W = x.shape
    O_h = (H - size) // stride + 1
    O_w = (W - size) // stride + 1
    z = np.zeros((N, C, O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            z[:, :, i, j] = window.max(axis=(2, 3))
    return z


def avg_pool2d(x, size, stride):
    """z[n,c,i,j] = 1/size² · Σ_k Σ_l x[n, c, i·s + k, j·s + l], where s is the stride

    x: (N, C, H, W); size: of the square window, an int; stride: an int, for both axes. Nothing is padded.
    Returns z: (N, C, O_h, O_w). Rows and columns left over at the end are not read.
    """
    N, C, H, W = x.shape
    O_h = (H - size) // stride + 1
    O_w = (W - size) // stride + 1
    z = np.zeros((N, C, O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            z[:, :, i, j] = window.mean(axis=(2, 3))
    return z


def max_pool2d_backward(dz, x, size, stride):
    """∂L/∂x[n,c,u,v] = Σ_i Σ_j ∂L/∂z[n,c,i,j] over the windows whose largest cell is x[n,c,u,v]

    dz: (N, C, O_h, O_w), x: (N, C, H, W); size, stride: ints, as in max_pool2d.
    Returns dx: (N, C, H, W). Of equal cells in a window the first one counts, row by row.
    """
    N, C, O_h, O_w = dz.shape
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(N, C, O_h, O_w):
        window = x[n, c, i * stride : i * stride + size, j * stride : j * stride + size]
        k, l = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * stride + k, j * stride + l] += dz[n, c, i, j]
    return dx


def avg_pool2d_backward(dz, x, size, stride):
    """∂L/∂x[n,c,u,v] = 1/size² · Σ_i Σ_j ∂L/∂z[n,c,i,j] over the windows that read x[n,c,u,v]

    dz: (N, C, O_h, O_w), x: (N, C, H, W); size, stride: ints, as in avg_pool2d.
    Returns dx: (N, C, H, W).
    """
    N, C, O_h, O_w = dz.shape
    dx = np.zeros(x.shape)
    for i in range(O_h):
        for j in range(O_w):
            share = dz[:, :, i, j] / size**2
            dx[:, :, i * stride : i * stride + size, j * stride : j * stride + size] += share[:, :, None, None]
    return dx

"""The same functions, fast: NumPy walks through the cells, Python through the taps at most."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def conv2d_offsets(x, w, b, stride, padding):
    """z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s + k − p, j·s + l − p], with loops over k and l alone

    x: (N, C, H, W), w: (F, C, K_h, K_w), b: (F,); stride, padding: ints, for both axes.
    Returns z: (N, F, O_h, O_w).
    """
    N, C, H, W = x.shape
    F, C, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = np.zeros((N, F, O_h, O_w)) + b[:, None, None]
    for k in range(K_h):
        for l in range(K_w):
            # what tap (k, l) of all windows reads: every s-th row and column from (k, l) on
            rows = slice(k, k + stride * (O_h - 1) + 1, stride)
            columns = slice(l, l + stride * (O_w - 1) + 1, stride)
            z += np.einsum("ncij,fc->nfij", x_pad[:, :, rows, columns], w[:, :, k, l])
    return z


def conv2d_im2col(x, w, b, stride, padding):
    """z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s + k − p, j·s + l − p], as one product: w times a matrix

    The matrix has a column for each window (i, j), of all that it reads: C·K_h·K_w numbers.
    x: (N, C, H, W), w: (F, C, K_h, K_w), b: (F,); stride, padding: ints, for both axes.
    Returns z: (N, F, O_h, O_w).
    """
    F, C, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    # (N, C, O_h, O_w, K_h, K_w), and nothing is copied
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (K_h, K_w), axis=(2, 3))[:, :, ::stride, ::stride]
    N, _, O_h, O_w, _, _ = windows.shape
    # here everything is copied
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C * K_h * K_w, O_h * O_w)
    z = w.reshape(F, C * K_h * K_w) @ columns + b[:, None]
    return z.reshape(N, F, O_h, O_w)


def conv2d_strips(x, w, b, stride, padding):
    """z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s + k − p, j·s + l − p], in little memory

    Few images at a time, and K_w copies of each, not K_h·K_w: a kernel row reads the same copies as the row above it.
    x: (N, C, H, W), w: (F, C, K_h, K_w), b: (F,); stride, padding: ints, for both axes.
    Returns z: (N, F, O_h, O_w).
    """
    N, C, H, W = x.shape
    F, C, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = np.zeros((N, F, O_h, O_w))
    for n in range(N):
        # copy l begins at column l and takes every s-th: (C, K_w, H + 2p, O_w)
        shifted = [x_pad[n, :, :, l : l + stride * (O_w - 1) + 1 : stride] for l in range(K_w)]
        strips = np.stack(shifted, axis=1)
        total = b[:, None]
        for k in range(K_h):
            # the same memory, k rows later
            strip = strips[:, :, k : k + stride * (O_h - 1) + 1 : stride].reshape(C * K_w, O_h * O_w)
            total = total + w[:, :, k].reshape(F, C * K_w) @ strip
        z[n] = total.reshape(F, O_h, O_w)
    return z


def conv2d_dx_phases(dz, x, w, stride, padding):
    """∂L/∂x[n,c,u,v] = Σ_f Σ_i Σ_j ∂L/∂z[n,f,i,j] · w[f, c, u + p − i·s, v + p − j·s], without zeros between the cells

    Padded rows a, a + s, a + 2s, … meet taps a, a + s, a + 2s, … and no others: a correlation of stride 1 for each a.
    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dx: (N, C, H, W).
    """
    N, C, H, W = x.shape
    _, _, O_h, O_w = dz.shape
    _, _, K_h, K_w = w.shape
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for a in range(min(stride, K_h)):
        for b in range(min(stride, K_w)):
            taps = w[:, :, a::stride, b::stride]
            K_a, K_b = taps.shape[2:]
            around = np.pad(dz, ((0, 0), (0, 0), (K_a - 1, K_a - 1), (K_b - 1, K_b - 1)))
            windows = np.lib.stride_tricks.sliding_window_view(around, (K_a, K_b), axis=(2, 3))
            phase = np.tensordot(windows, taps[:, :, ::-1, ::-1], axes=((1, 4, 5), (0, 2, 3)))  # (N, ·, ·, C)
            rows = slice(a, a + stride * (O_h + K_a - 2) + 1, stride)
            columns = slice(b, b + stride * (O_w + K_b - 2) + 1, stride)
            dx_pad[:, :, rows, columns] = phase.transpose(0, 3, 1, 2)
    return dx_pad[:, :, padding : padding + H, padding : padding + W]


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

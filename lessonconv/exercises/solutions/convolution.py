"""Convolution: its size, forward, backward."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def output_size(size, kernel, stride, padding):
    """How many windows fit along one axis: the output's height, or width.

    size, kernel, stride, padding: ints. Returns an int.
    A window may not stand out of the padded input: what is left over at the end is not read.
    """
    return (size + 2 * padding - kernel) // stride + 1


def correlate2d(x, w):
    """z[i,j] = Σ_k Σ_l w[k,l] · x[i + k, j + l]

    x: (H, W), w: (K_h, K_w): one image, one kernel; no stride, no padding.
    Returns z: (H − K_h + 1, W − K_w + 1).
    """
    H, W = x.shape
    K_h, K_w = w.shape
    z = np.zeros((H - K_h + 1, W - K_w + 1))
    for i in range(H - K_h + 1):
        for j in range(W - K_w + 1):
            for k in range(K_h):
                for l in range(K_w):
                    z[i, j] += w[k, l] * x[i + k, j + l]
    return z


def correlate2d_strided(x, w, stride, padding):
    """z[i,j] = Σ_k Σ_l w[k,l] · x̂[i·s + k − p, j·s + l − p]

    x: (H, W), w: (K_h, K_w): one image, one kernel; stride, padding: ints, for both axes.
    Returns z: (O_h, O_w), as many outputs as there are windows that fit into the padded input.
    """
    H, W = x.shape
    K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.zeros((H + 2 * padding, W + 2 * padding))
    x_pad[padding : padding + H, padding : padding + W] = x
    z = np.zeros((O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x_pad[i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            z[i, j] = (window * w).sum()
    return z


def conv2d(x, w, b, stride, padding):
    """z[n,f,i,j] = b[f] + Σ_c Σ_k Σ_l w[f,c,k,l] · x̂[n, c, i·s + k − p, j·s + l − p]

    x: (N, C, H, W), w: (F, C, K_h, K_w), b: (F,); stride, padding: ints, for both axes.
    Returns z: (N, F, O_h, O_w).
    """
    N, C, H, W = x.shape
    F, C, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = np.zeros((N, F, O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            z[:, :, i, j] = np.einsum("nckl,fckl->nf", window, w) + b
    return z


def conv2d_dw(dz, x, w, stride, padding):
    """∂L/∂w[f,c,k,l] = Σ_n Σ_i Σ_j ∂L/∂z[n,f,i,j] · x̂[n, c, i·s + k − p, j·s + l − p]

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dw: (F, C, K_h, K_w).
    """
    _, _, O_h, O_w = dz.shape
    _, _, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.zeros(w.shape)
    for i in range(O_h):
        for j in range(O_w):
            window = x_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            dw += np.einsum("nf,nckl->fckl", dz[:, :, i, j], window)
    return dw


def tap_dw(dz, x, k, l, stride):
    """∂L/∂w[k,l] = Σ_i Σ_j ∂L/∂z[i,j] · x[i·s + k, j·s + l]

    dz: (O_h, O_w), x: (H, W): one image, one kernel, no padding; k, l: the tap; stride: an int, for both axes.
    Returns the gradient of this one tap, a number.
    """
    O_h, O_w = dz.shape
    dw = 0
    for i in range(O_h):
        for j in range(O_w):
            dw += dz[i, j] * x[i * stride + k, j * stride + l]
    return dw


def conv2d_db(dz, x, w, stride, padding):
    """∂L/∂b[f] = Σ_n Σ_i Σ_j ∂L/∂z[n,f,i,j]

    dz: (N, F, O_h, O_w); x, w, stride, padding: the layer, as in conv2d. Returns db: (F,).
    """
    return dz.sum(axis=(0, 2, 3))


def conv2d_dx(dz, x, w, stride, padding):
    """∂L/∂x[n,c,u,v] = Σ_f Σ_i Σ_j ∂L/∂z[n,f,i,j] · w[f, c, u + p − i·s, v + p − j·s], where w has such a tap

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dx: (N, C, H, W).
    """
    N, C, H, W = x.shape
    _, _, O_h, O_w = dz.shape
    _, _, K_h, K_w = w.shape
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for i in range(O_h):
        for j in range(O_w):
            stamp = np.einsum("nf,fckl->nckl", dz[:, :, i, j], w)
            dx_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w] += stamp
    return dx_pad[:, :, padding : padding + H, padding : padding + W]


def conv2d_dx_gather(dz, x, w, stride, padding):
    """∂L/∂x[n,c,u,v] = Σ_f Σ_k Σ_l ∂L/∂z[n, f, (u + p − k)/s, (v + p − l)/s] · w[f,c,k,l], where such an output exists

    Gathered: every input asks which outputs read it, and through which tap.
    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dx: (N, C, H, W).
    """
    N, C, H, W = x.shape
    _, _, O_h, O_w = dz.shape
    _, _, K_h, K_w = w.shape
    dx = np.zeros(x.shape)
    for u in range(H):
        for v in range(W):
            for k in range(K_h):
                for l in range(K_w):
                    i, row_left = divmod(u + padding - k, stride)
                    j, column_left = divmod(v + padding - l, stride)
                    if row_left == column_left == 0 and 0 <= i < O_h and 0 <= j < O_w:
                        dx[:, :, u, v] += dz[:, :, i, j] @ w[:, :, k, l]
    return dx


def conv2d_dx_rot180(dz, x, w, stride, padding):
    """∂L/∂x = the turned kernel, slid over ∂L/∂z with s − 1 zeros between its cells and K − 1 − p around them

    The remainder rows and columns that no window read get zeros as well, at the bottom and on the right.
    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints, padding < K_h and K_w.
    Returns dx: (N, C, H, W).
    """
    N, C, H, W = x.shape
    _, F, O_h, O_w = dz.shape
    _, _, K_h, K_w = w.shape
    spread = np.zeros((N, F, H + K_h - 1, W + K_w - 1))
    top, left = K_h - 1 - padding, K_w - 1 - padding
    spread[:, :, top : top + O_h * stride : stride, left : left + O_w * stride : stride] = dz
    turned = w[:, :, ::-1, ::-1]
    dx = np.zeros(x.shape)
    for u in range(H):
        for v in range(W):
            dx[:, :, u, v] = np.einsum("nfkl,fckl->nc", spread[:, :, u : u + K_h, v : v + K_w], turned)
    return dx


def conv2d_backward(dz, x, w, stride, padding):
    """∂L/∂x, ∂L/∂w and ∂L/∂b of a convolution layer: three sums over the same meetings.

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dx, dw, db, in the shapes of x, w and b: (F,).
    """
    N, C, H, W = x.shape
    _, _, O_h, O_w = dz.shape
    _, _, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx_pad, dw = np.zeros(x_pad.shape), np.zeros(w.shape)
    for i in range(O_h):
        for j in range(O_w):
            d = dz[:, :, i, j]
            rows, columns = slice(i * stride, i * stride + K_h), slice(j * stride, j * stride + K_w)
            dw += np.einsum("nf,nckl->fckl", d, x_pad[:, :, rows, columns])
            dx_pad[:, :, rows, columns] += np.einsum("nf,fckl->nckl", d, w)
    dx = dx_pad[:, :, padding : padding + H, padding : padding + W]
    return dx, dw, dz.sum(axis=(0, 2, 3))

"""Right answers to the fast tasks, as source text, in the styles that learners write them in."""

CONV2D_OFFSETS = {
    "einsum": """
def conv2d_offsets(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    z = np.zeros((N, F, O_h, O_w))
    for k in range(K_h):
        for l in range(K_w):
            seen = x_pad[:, :, k : k + stride * O_h : stride, l : l + stride * O_w : stride][:, :, :O_h, :O_w]
            z += np.einsum("ncij,fc->nfij", seen, w[:, :, k, l])
    return z + b[None, :, None, None]
""",
    # filters and channels as loops too: many times as many slices
    "cells": """
def conv2d_offsets(x, w, b, stride, padding):
    F, C, K_h, K_w = w.shape
    O_h = (x.shape[2] + 2 * padding - K_h) // stride + 1
    O_w = (x.shape[3] + 2 * padding - K_w) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = np.zeros((len(x), F, O_h, O_w))
    for f in range(F):
        z[:, f] = b[f]
        for c, k, l in np.ndindex(C, K_h, K_w):
            rows = slice(k, k + stride * (O_h - 1) + 1, stride)
            columns = slice(l, l + stride * (O_w - 1) + 1, stride)
            z[:, f] += w[f, c, k, l] * x_pad[:, c, rows, columns]
    return z
""",
    "products": """
def conv2d_offsets(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = np.zeros((N, F, O_h * O_w)) + b[:, None]
    for k in range(K_h):
        for l in range(K_w):
            seen = x_pad[:, :, k:, l:][:, :, : stride * O_h : stride, : stride * O_w : stride]
            z += w[:, :, k, l] @ seen.reshape(N, C, -1)
    return z.reshape(N, F, O_h, O_w)
""",
}

CONV2D_IM2COL = {
    # one product for each image
    "matrix": """
def conv2d_im2col(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    columns = np.empty((N, C, K_h, K_w, O_h, O_w))
    for k in range(K_h):
        for l in range(K_w):
            columns[:, :, k, l] = x_pad[:, :, k:, l:][:, :, : stride * O_h : stride, : stride * O_w : stride]
    columns = columns.reshape(N, C * K_h * K_w, O_h * O_w)
    z = w.reshape(F, -1) @ columns + b[:, None]
    return z.reshape(N, F, O_h, O_w)
""",
    # one product for the whole batch, windows as rows
    "rows": """
def conv2d_im2col(x, w, b, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    view = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    N, C, O_h, O_w = view.shape[:4]
    rows = view.transpose(0, 2, 3, 1, 4, 5).reshape(N * O_h * O_w, -1)
    z = rows @ w.reshape(len(w), -1).T + b
    return z.reshape(N, O_h, O_w, len(w)).transpose(0, 3, 1, 2)
""",
    "tensordot": """
def conv2d_im2col(x, w, b, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    view = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    z = np.tensordot(w, view, axes=((1, 2, 3), (1, 4, 5))).swapaxes(0, 1)
    return z + b.reshape(1, -1, 1, 1)
""",
}

CONV2D_STRIPS = {
    "images": """
def conv2d_strips(x, w, b, stride, padding):
    F, C, K_h, K_w = w.shape
    O_h = (x.shape[2] + 2 * padding - K_h) // stride + 1
    O_w = (x.shape[3] + 2 * padding - K_w) // stride + 1
    found = []
    for image in x:
        picture = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
        strips = np.array([picture[:, :, l:][:, :, : stride * O_w : stride] for l in range(K_w)])
        z = np.zeros((F, O_h * O_w))
        for k in range(K_h):
            strip = strips[:, :, k:][:, :, : stride * O_h : stride].reshape(K_w * C, O_h * O_w)
            z += w[:, :, k].swapaxes(1, 2).reshape(F, -1) @ strip
        found.append(z.reshape(F, O_h, O_w) + b[:, None, None])
    return np.array(found)
""",
    # two images at a time, and a buffer that is used again
    "groups": """
def conv2d_strips(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    z = np.empty((N, F, O_h, O_w))
    strips = np.empty((2, C, K_w, H + 2 * padding, O_w))
    for n in range(0, N, 2):
        group = np.pad(x[n : n + 2], ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        for l in range(K_w):
            strips[: len(group), :, l] = group[:, :, :, l : l + stride * (O_w - 1) + 1 : stride]
        z[n : n + 2] = b[:, None, None]
        for k in range(K_h):
            strip = strips[: len(group), :, :, k : k + stride * (O_h - 1) + 1 : stride]
            product = w[:, :, k].reshape(F, -1) @ strip.reshape(len(group), C * K_w, -1)
            z[n : n + 2] += product.reshape(-1, F, O_h, O_w)
    return z
""",
}

CONV2D_DX_PHASES = {
    "windows": """
from numpy.lib.stride_tricks import sliding_window_view

def conv2d_dx_phases(dz, x, w, stride, padding):
    dx_pad = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    for a in range(stride):
        for b in range(stride):
            taps = w[:, :, a::stride, b::stride]
            if taps.size == 0:
                continue
            K_a, K_b = taps.shape[2:]
            around = np.pad(dz, ((0, 0), (0, 0), (K_a - 1, K_a - 1), (K_b - 1, K_b - 1)))
            phase = np.tensordot(
                sliding_window_view(around, (K_a, K_b), axis=(2, 3)), taps[:, :, ::-1, ::-1], ((1, 4, 5), (0, 2, 3))
            ).transpose(0, 3, 1, 2)
            into = dx_pad[:, :, a::stride, b::stride][:, :, : phase.shape[2], : phase.shape[3]]
            into[...] = phase
    return dx_pad[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
""",
    # each phase by the slices of ∂L/∂z that its taps meet, and the padding is never made
    "offsets": """
def conv2d_dx_phases(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    O_h, O_w = dz.shape[2:]
    dx = np.zeros(x.shape)
    for u in range(min(stride, H)):
        for v in range(min(stride, W)):
            phase = dx[:, :, u::stride, v::stride]
            for k in range((u + padding) % stride, w.shape[2], stride):
                for l in range((v + padding) % stride, w.shape[3], stride):
                    i, j = (u + padding - k) // stride, (v + padding - l) // stride
                    top, left = max(0, -i), max(0, -j)
                    bottom, right = min(phase.shape[2], O_h - i), min(phase.shape[3], O_w - j)
                    if top < bottom and left < right:
                        heard = dz[:, :, top + i : bottom + i, left + j : right + j]
                        phase[:, :, top:bottom, left:right] += np.einsum("nfij,fc->ncij", heard, w[:, :, k, l])
    return dx
""",
    # not sorted at all: scattered, which puts no zeros in either
    "scatter": """
def conv2d_dx_phases(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    N, F, O_h, O_w = dz.shape
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):
            shares = w[:, :, k, l].T @ dz.reshape(N, F, -1)
            rows, columns = slice(k, k + stride * O_h, stride), slice(l, l + stride * O_w, stride)
            dx_pad[:, :, rows, columns][:, :, :O_h, :O_w] += shares.reshape(N, C, O_h, O_w)
    return dx_pad[:, :, padding : padding + H, padding : padding + W]
""",
}

CONV2D_BACKWARD_FAST = {
    "taps": """
def conv2d_backward_fast(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    _, _, O_h, O_w = dz.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx_pad = np.zeros(x_pad.shape)
    dw = np.zeros(w.shape)
    db = dz.sum(axis=(0, 2, 3))
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):
            rows = slice(k, k + stride * (O_h - 1) + 1, stride)
            columns = slice(l, l + stride * (O_w - 1) + 1, stride)
            dw[:, :, k, l] = np.einsum("nfij,ncij->fc", dz, x_pad[:, :, rows, columns])
            dx_pad[:, :, rows, columns] += np.einsum("nfij,fc->ncij", dz, w[:, :, k, l])
    return dx_pad[:, :, padding : padding + H, padding : padding + W], dw, db
""",
    # zeros between the gradients, and two correlations
    "correlations": """
from numpy.lib.stride_tricks import sliding_window_view

def conv2d_backward_fast(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h, O_w = dz.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = sliding_window_view(x_pad, (K_h, K_w), axis=(2, 3))[:, :, ::stride, ::stride]
    dw = np.tensordot(dz, seen, axes=((0, 2, 3), (0, 2, 3)))
    apart = np.zeros((N, F, x_pad.shape[2] + K_h - 1, x_pad.shape[3] + K_w - 1))
    bottom, right = K_h - 1 + stride * (O_h - 1) + 1, K_w - 1 + stride * (O_w - 1) + 1
    apart[:, :, K_h - 1 : bottom : stride, K_w - 1 : right : stride] = dz
    around = sliding_window_view(apart, (K_h, K_w), axis=(2, 3))
    dx_pad = np.einsum("nfuvkl,fckl->ncuv", around, w[:, :, ::-1, ::-1])
    dx = dx_pad[:, :, padding : H + padding, padding : W + padding]
    return dx, dw, np.einsum("nfij->f", dz)
""",
}

MAX_POOL2D_FAST = {
    "windows": """
def max_pool2d_fast(x, size, stride):
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    return view.max(axis=(-2, -1))
""",
    "taps": """
def max_pool2d_fast(x, size, stride):
    O_h = (x.shape[2] - size) // stride + 1
    O_w = (x.shape[3] - size) // stride + 1
    z = None
    for k in range(size):
        for l in range(size):
            seen = x[:, :, k : k + stride * (O_h - 1) + 1 : stride, l : l + stride * (O_w - 1) + 1 : stride]
            z = seen.copy() if z is None else np.maximum(z, seen)
    return z
""",
}

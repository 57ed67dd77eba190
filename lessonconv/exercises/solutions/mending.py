"""Listings, mended; and the whole series in two functions: write down a list of meetings, and walk it."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def mend_dw(dz, x, w, stride, padding):
    """∂L/∂w[f,c,k,l] = Σ_n Σ_i Σ_j ∂L/∂z[n,f,i,j] · x̂[n, c, i·s + k − p, j·s + l − p]

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dw: (F, C, K_h, K_w).
    """
    N, _, O_h, O_w = dz.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.zeros(w.shape)
    for f, c, k, l in np.ndindex(w.shape):
        for n in range(N):
            total = 0
            for i in range(O_h):
                row = x_pad[n, c, i * stride + k, l : l + O_w * stride : stride]
                total += dz[n, f, i] @ row
            dw[f, c, k, l] += total
    return dw


def mend_dx(dz, x, w, stride, padding):
    """∂L/∂x: every output (i, j) adds its ∂L/∂z, times the kernel, to the inputs that it read

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w); stride, padding: ints.
    Returns dx: (N, C, H, W).
    """
    N, C, H, W = x.shape
    K_h, K_w = w.shape[2:]
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for n, f, i, j in np.ndindex(dz.shape):
        top, left = i * stride, j * stride
        dx_pad[n, :, top : top + K_h, left : left + K_w] += dz[n, f, i, j] * w[f]
    return dx_pad[:, :, padding : padding + H, padding : padding + W]


def list_meetings(size, kernel, stride, padding):
    """All (output, tap, input) that meet along one axis, at inputs that exist

    size: of the input; kernel: how many taps; stride, padding: ints.
    Returns o, k, i: three arrays of one length, a meeting at each place, output by output, then tap by tap.
    """
    outputs = (size + 2 * padding - kernel) // stride + 1
    o, k = np.indices((outputs, kernel)).reshape(2, -1)
    i = o * stride + k - padding
    real = (i >= 0) & (i < size)
    return o[real], k[real], i[real]


def walk(to, one, other, cells):
    """The sum over a list of meetings: each adds its product, one · other, to the cell `to`

    to: (M,), a cell's index for each of M meetings; one, other: (M,), the numbers that meet; cells: how many there are.
    Returns a flat array of so many cells.
    """
    total = np.zeros(cells)
    np.add.at(total, to, one * other)  # not total[to] += …, which adds once where a cell is named twice
    return total

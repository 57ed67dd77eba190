"""The convolution as a matrix T(w), and what its gradient says to the kernel."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def conv_matrix(w, H, W, stride, padding):
    """T[i·O_w + j, u·W + v] = w[u + p − i·s, v + p − j·s] where the kernel has such a tap, else 0

    w: (K_h, K_w), one kernel; H, W: the input's size; stride, padding: ints, for both axes.
    Returns T: (O_h·O_w, H·W), so that z.ravel() = T @ x.ravel().
    """
    K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    T = np.zeros((O_h * O_w, H * W))
    for i in range(O_h):
        for j in range(O_w):
            picture = np.zeros((H + 2 * padding, W + 2 * padding))
            picture[i * stride : i * stride + K_h, j * stride : j * stride + K_w] = w
            T[i * O_w + j] = picture[padding : padding + H, padding : padding + W].ravel()
    return T


def conv_matrix_dw(dT, w, H, W, stride, padding):
    """∂L/∂w[k,l] = Σ of ∂L/∂T over the entries that hold w[k,l]: row i·O_w + j, column (i·s + k − p)·W + j·s + l − p

    dT: (O_h·O_w, H·W), the gradient of a matrix whose entries are all free; w: (K_h, K_w), as in conv_matrix.
    Returns dw: (K_h, K_w). Where the tap lies in the padding, T has no entry, and nothing is added.
    """
    K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    dw = np.zeros((K_h, K_w))
    for i in range(O_h):
        for j in range(O_w):
            picture = np.pad(dT[i * O_w + j].reshape(H, W), padding)
            dw += picture[i * stride : i * stride + K_h, j * stride : j * stride + K_w]
    return dw

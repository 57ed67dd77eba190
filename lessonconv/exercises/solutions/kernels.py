"""Kernels: turned by a true convolution, and two in a row as one."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def convolve2d(x, w):
    """z[i,j] = Σ_k Σ_l w[k,l] · x[i + K_h − 1 − k, j + K_w − 1 − l]

    A true convolution, at every place where the kernel lies inside of the image.
    x: (H, W), w: (K_h, K_w). Returns z: (H − K_h + 1, W − K_w + 1).
    """
    H, W = x.shape
    K_h, K_w = w.shape
    turned = w[::-1, ::-1]
    z = np.zeros((H - K_h + 1, W - K_w + 1))
    for i in range(H - K_h + 1):
        for j in range(W - K_w + 1):
            z[i, j] = (x[i : i + K_h, j : j + K_w] * turned).sum()
    return z


def compose_kernels(w1, w2):
    """w12[m,n] = Σ_k Σ_l w1[k,l] · w2[m − k, n − l], wherever w2 has such a tap

    The one kernel with which a correlation does what correlating with w1, and then with w2, does in two steps.
    w1: (J_h, J_w), w2: (K_h, K_w). Returns w12: (J_h + K_h − 1, J_w + K_w − 1).
    """
    J_h, J_w = w1.shape
    K_h, K_w = w2.shape
    w12 = np.zeros((J_h + K_h - 1, J_w + K_w - 1))
    for k in range(J_h):
        for l in range(J_w):
            w12[k : k + K_h, l : l + K_w] += w1[k, l] * w2
    return w12

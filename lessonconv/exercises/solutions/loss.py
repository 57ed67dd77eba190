"""The end of the network: the dense layer, and softmax with cross-entropy."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def softmax_cross_entropy(logits, labels):
    """p[n,k] = e^logits[n,k] / Σ_m e^logits[n,m];  L = −1/N · Σ_n log p[n, labels[n]]

    logits: (N, K), of any size, 1000 as well; labels: (N,), ints from 0 to K − 1.
    Returns the loss, a number, and ∂L/∂logits: (N, K).
    """
    N, K = logits.shape
    shifted = logits - logits.max(axis=1, keepdims=True)  # e to the power of 0 at most: no overflow
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(N), labels].mean()
    dlogits = np.exp(log_p)
    dlogits[np.arange(N), labels] -= 1
    return loss, dlogits / N


def linear_backward(dz, x, w):
    """The gradients of z[n,m] = b[m] + Σ_k w[m,k] · x[n,k]

    dz: (N, M), x: (N, K), w: (M, K). Returns dx, dw, db, in the shapes of x, w and b: (M,).
    """
    dx = dz @ w
    dw = dz.T @ x
    db = dz.sum(axis=0)
    return dx, dw, db

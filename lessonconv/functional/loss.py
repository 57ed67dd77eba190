"""Softmax with cross-entropy: the loss, and the gradient that sets the whole backward pass going."""

from typing import Any

import numpy as np

from lessonconv.functional.arguments import Array, indices, numbers, same_shape, tensor


def softmax_cross_entropy(logits: Any, labels: Any) -> tuple[float, Array]:
    """The mean surprise at the true labels, and its gradient: softmax less one-hot, over N.

    p[n,k] = e^logits[n,k] / Σ_m e^logits[n,m];  L = −1/N · Σ_n log p[n, labels[n]];
    ∂L/∂logits[n,k] = (p[n,k] − [k = labels[n]]) / N

    logits: (N, K); labels: (N,) integers 0 … K−1; returns loss, a float in nats, and dlogits: (N, K).
    The mean over the batch is taken here, once: no layer divides by N again.
    Raises ValueError if logits hold a NaN or +∞, labels are out of range or counts differ; TypeError for wrong dtypes.
    Source: Bridle 1990; Goodfellow, Bengio & Courville 2016, §6.2.2; derivation "softmax_cross_entropy.dlogits".
    """
    (logits,) = numbers(logits=tensor("logits", logits, "N, K"), floats=True)
    labels = indices("labels", tensor("labels", labels, "N"))
    N, K = logits.shape
    same_shape("labels", labels, (N,), f"one label for each row of logits {logits.shape}")
    _check_values(logits, labels)
    with np.errstate(over="ignore"):  # −∞ gives e^−∞ = 0, as it should
        shifted = logits - logits.max(axis=1, keepdims=True)  # the largest becomes 0: e^0 cannot overflow
    exponentials = np.exp(shifted)
    sums = exponentials.sum(axis=1, keepdims=True)
    images = np.arange(N)
    loss = float(np.mean(np.log(sums[:, 0]) - shifted[images, labels], dtype=np.float64))
    dlogits = exponentials / sums
    dlogits[images, labels] -= 1
    dlogits /= N
    return loss, dlogits


def _check_values(logits: Array, labels: Array) -> None:
    N, K = logits.shape
    if N == 0 or K == 0:
        raise ValueError(
            f"logits have shape {logits.shape}: the mean over nothing is not defined; give at least one image"
        )
    bad = np.flatnonzero(~np.isfinite(logits.max(axis=1)))
    if bad.size:
        raise ValueError(
            f"logits of image {bad[0]} hold a NaN or an infinity, so the loss is not defined; "
            "the network has diverged or its input was not finite: check the input, lower the learning rate"
        )
    check_labels(labels, K)


def check_labels(labels: Array, K: int) -> None:
    """Raises ValueError unless every label numbers one of K classes."""
    if not 0 <= labels.min() <= labels.max() < K:
        raise ValueError(
            f"labels run from {labels.min()} to {labels.max()}, but {K} logits an image allow 0 to {K - 1}; "
            "number the classes from 0, or give the last layer more outputs"
        )

"""Layers that behave differently in training and in evaluation: `BatchNorm2d` and `Dropout`."""

from typing import Any

import numpy as np

from lessonconv.functional.arguments import Array, count, numbers, real_numbers, same_shape, tensor
from lessonconv.nn.layer import Layer, signature, trainable

PER_CHANNEL = (0, 2, 3)  # every axis but the channel's


class BatchNorm2d(Layer):
    """Give each channel mean 0 and variance 1, then a trainable scale w and shift b: z = w·x̂ + b.

    x: (N, C, H, W) → z: the same. params: w, b (C,); buffers: running_mean, running_var (C,).
    Arguments as torch.nn.BatchNorm2d: momentum is the share of the new batch in the running statistics.

    Training. With M = N·H·W cells a channel, μ = Σx/M, σ² = Σ(x−μ)²/M, r = 1/√(σ²+ε) and x̂ = (x−μ)·r, every x moves
    its own x̂ and, through μ and σ², all the others of its channel. Write g = ∂L/∂x̂ = w·∂L/∂z. Then
        ∂L/∂σ² = Σ g·(x−μ) · (−½)·r³          since ∂r/∂σ² = −½·r³
        ∂L/∂μ  = −r·Σ g                       (the part through σ² is −2/M·Σ(x−μ) = 0)
        ∂L/∂x  = g·r + ∂L/∂σ²·2(x−μ)/M + ∂L/∂μ/M
               = r·( g − Σg/M − x̂·Σ(g·x̂)/M )
    so the gradient loses its mean and its component along x̂. And ∂L/∂w = Σ ∂L/∂z·x̂, ∂L/∂b = Σ ∂L/∂z.

    Evaluation. μ and σ² are the running statistics, constants: nothing flows through them, and ∂L/∂x = w·r·∂L/∂z.

    Raises ValueError if a channel has a single value in training. Source: Ioffe & Szegedy 2015, §3.
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, *, rng: Any = None, dtype: Any = np.float32
    ) -> None:
        super().__init__()
        num_features, dtype = count("num_features", num_features), trainable(dtype)
        self.eps, self.momentum = eps, momentum
        self.params = {"w": np.ones(num_features, dtype), "b": np.zeros(num_features, dtype)}
        self.buffers = {"running_mean": np.zeros(num_features, dtype), "running_var": np.ones(num_features, dtype)}

    def reset_parameters(self, rng: Any = None) -> None:
        """Scale 1, shift 0, running mean 0, running variance 1."""
        for name, value in (("w", 1), ("b", 0)):
            self.params[name][...] = value
        for name, value in (("running_mean", 0), ("running_var", 1)):
            self.buffers[name][...] = value

    def forward(self, x: Any) -> Array:
        """z: (N, C, H, W)."""
        w, b = self.params["w"], self.params["b"]
        x, w, b = numbers(x=tensor("x", x, "N, C, H, W"), w=w, b=b)
        same_shape("x", x, (len(x), len(w), *x.shape[2:]), f"with the {len(w)} channels that this layer normalises")
        running = self.buffers["running_mean"], self.buffers["running_var"]
        mean, var = self._batch_statistics(x) if self.training else running
        scale = (1 / np.sqrt(var + self.eps)).astype(x.dtype)[:, None, None]
        x_hat = (x - mean.astype(x.dtype)[:, None, None]) * scale
        self._memory = x_hat, scale, self.training
        return w[:, None, None] * x_hat + b[:, None, None]

    def _batch_statistics(self, x: Array) -> tuple[Array, Array]:
        """Mean and variance of each channel, which also move the running ones (with the unbiased variance)."""
        M = x.size // x.shape[1]
        if M < 2:
            raise ValueError(
                f"x has shape {x.shape}, a single value in each channel: its variance is 0 and the output would not "
                "depend on x; use a larger batch, or eval() for the running statistics"
            )
        mean, var = x.mean(axis=PER_CHANNEL), x.var(axis=PER_CHANNEL)
        for name, new in (("running_mean", mean), ("running_var", var * (M / (M - 1)))):
            self.buffers[name] += (self.momentum * (new - self.buffers[name])).astype(self.buffers[name].dtype)
        return mean, var

    def backward(self, dz: Any) -> Array:
        """dx: (N, C, H, W); fills grads. Uses the mode that forward ran in."""
        x_hat, scale, trained = self._remembered()
        dz = real_numbers("dz", tensor("dz", dz, "N, C, H, W"))
        same_shape("dz", dz, x_hat.shape, "the shape that the last forward gave")
        self.grads = {"w": (dz * x_hat).sum(axis=PER_CHANNEL), "b": dz.sum(axis=PER_CHANNEL)}
        if trained:
            M = dz.size // dz.shape[1]
            dw, db = self.grads["w"][:, None, None], self.grads["b"][:, None, None]
            dz = dz - db / M - x_hat * (dw / M)
        return self.params["w"][:, None, None] * scale * dz

    def __repr__(self) -> str:
        return signature(self, len(self.params["w"]), eps=(self.eps, 1e-5), momentum=(self.momentum, 0.1))


class Dropout(Layer):
    """In training, drop each value with probability p and scale up the rest, so that the mean stays: z = x ⊙ m/(1−p).

    m is 0 with probability p and 1 otherwise, drawn anew in each forward. It is a constant to the derivative, so
    ∂L/∂x = ∂L/∂z ⊙ m/(1−p), with the m of that forward. In evaluation z = x and ∂L/∂x = ∂L/∂z: nothing is drawn.

    x: any shape → z: the same. rng: a seed or a numpy Generator. Raises ValueError unless 0 ≤ p ≤ 1.
    Source: Srivastava et al. 2014, §10 (inverted dropout).
    """

    def __init__(self, p: float = 0.5, *, rng: Any = None) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p is {p}, but a probability lies between 0 and 1; 0.5 drops every other value")
        self.p = p
        self.rng = np.random.default_rng(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Take the random numbers from rng."""
        self.rng = np.random.default_rng(rng)

    def reseed(self, entropy: list[int]) -> None:
        """Start the random numbers from these integers: the same integers, the same dropped values."""
        self.rng = np.random.default_rng(entropy)

    def forward(self, x: Any) -> Array:
        """z, shaped as x."""
        (x,) = numbers(x=np.asarray(x), floats=True)
        if not self.training or self.p == 0:
            self._memory = x.shape, x.dtype.type(1)
            return x
        kept = self.rng.random(x.shape, np.float32) >= self.p
        mask = kept * x.dtype.type(1 / (1 - self.p) if self.p < 1 else 0)
        self._memory = x.shape, mask
        return x * mask

    def backward(self, dz: Any) -> Array:
        """dx, shaped as dz, with the values dropped that forward dropped."""
        shape, mask = self._remembered()
        dz = real_numbers("dz", np.asarray(dz))
        same_shape("dz", dz, shape, "the shape that the last forward gave")
        return dz * mask

    def __repr__(self) -> str:
        return signature(self, p=(self.p, 0.5))

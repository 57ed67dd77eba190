"""Optimisers: how a gradient changes a weight. Each step runs after backward has handed back *all* gradients."""

import math
from collections.abc import Callable

import numpy as np

from lessonconv.functional.arguments import Array, count
from lessonconv.nn.layer import Layer


class Optimizer:
    """Changes a network's parameters, in place, by its grads. lr: the learning rate; state: arrays to save with it."""

    def __init__(self, net: Layer, lr: float, weight_decay: float = 0.0) -> None:
        if not (np.isfinite(lr) and lr > 0):
            raise ValueError(f"lr is {lr}, but must be a positive number; 0.05 is a start for SGD, 0.001 for Adam")
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay is {weight_decay}, but must be 0 (none) or more; 1e-4 is common")
        self.net, self.lr, self.weight_decay = net, lr, weight_decay
        self.state: dict[str, Array] = {}

    def _add_state(self, kind: str) -> None:
        self.state.update({f"{kind}.{name}": np.zeros_like(p) for name, p in self.net.params.items()})

    def step(self) -> None:
        """Change every parameter once. Raises RuntimeError, and changes nothing, if backward has not run."""
        params, grads = self.net.params, self.net.grads
        missing = params.keys() - grads.keys()
        if missing:
            raise RuntimeError(f"there is no gradient for {', '.join(sorted(missing))}: call net.backward before step")
        self._begin()
        for name, p in params.items():
            g = grads[name] + self.weight_decay * p if self.weight_decay else grads[name]
            self._update(name, p, g)

    def _begin(self) -> None:
        """What a step does once, before it updates the parameters."""

    def _update(self, name: str, p: Array, g: Array) -> None:
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v ← momentum·v + (g + weight_decay·w),  w ← w − lr·v.

    Arguments as torch.optim.SGD. Raises ValueError for a learning rate that is not positive.
    Source: Sutskever et al. 2013; PyTorch's form of it.
    """

    def __init__(self, net: Layer, lr: float, momentum: float = 0.0, *, weight_decay: float = 0.0) -> None:
        super().__init__(net, lr, weight_decay)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum is {momentum}, but must lie in [0, 1); 0.9 is common, 0 switches it off")
        self.momentum = momentum
        if momentum:
            self._add_state("velocity")

    def _update(self, name: str, p: Array, g: Array) -> None:
        if self.momentum:
            v = self.state[f"velocity.{name}"]
            v *= self.momentum
            v += g
            g = v
        p -= self.lr * g

    def __repr__(self) -> str:
        return f"SGD(lr={self.lr:g}, momentum={self.momentum:g}, weight_decay={self.weight_decay:g})"


class Adam(Optimizer):
    """Steps scaled by a running mean m and mean square v of each gradient:  w ← w − lr·m̂ / (√v̂ + ε).

    m ← β₁·m + (1−β₁)·g,  v ← β₂·v + (1−β₂)·g²,  m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ). Arguments as torch.optim.Adam.
    Raises ValueError for a learning rate that is not positive. Source: Kingma & Ba 2015, algorithm 1.
    """

    def __init__(
        self,
        net: Layer,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(net, lr, weight_decay)
        if np.shape(betas) != (2,) or not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas are {betas}, but must be two numbers in [0, 1); (0.9, 0.999) is common")
        if not eps > 0:
            raise ValueError(f"eps is {eps}, but must be a small positive number; 1e-8 is common")
        self.betas, self.eps = betas, eps
        self._add_state("m")
        self._add_state("v")
        self.state["steps"] = np.zeros((), np.int64)

    def _begin(self) -> None:
        self.state["steps"] += 1

    def _update(self, name: str, p: Array, g: Array) -> None:
        (beta1, beta2), t = self.betas, int(self.state["steps"])
        m, v = self.state[f"m.{name}"], self.state[f"v.{name}"]
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        p -= self.lr / (1 - beta1**t) * m / (np.sqrt(v / (1 - beta2**t)) + self.eps)

    def __repr__(self) -> str:
        return f"Adam(lr={self.lr:g}, betas={self.betas}, weight_decay={self.weight_decay:g})"


def step_lr(step_size: int, gamma: float = 0.1) -> Callable[[int], float]:
    """A schedule for `fit`: multiply the learning rate by gamma after every step_size epochs."""
    period = count("step_size", step_size)
    return lambda epoch: gamma ** (epoch // period)


def cosine_annealing(epochs: int) -> Callable[[int], float]:
    """A schedule for `fit`: from the full learning rate down towards 0 along half a cosine, over so many epochs.

    Source: Loshchilov & Hutter 2017, eq. 5, without restarts.
    """
    last = count("epochs", epochs)
    return lambda epoch: 0.5 * (1 + math.cos(math.pi * min(epoch, last) / last))

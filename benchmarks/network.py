"""The benchmark's network: sizes, first weights, a batch, and what a contestant must offer to be trained on it.

conv 1→8 k3 p1, ReLU, max-pool 2, conv 8→16 k3 p1, ReLU, max-pool 2, dense 784→10, softmax cross-entropy
"""

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Parameters = dict[str, Array]

LEARNING_RATE, MOMENTUM = 0.001, 0.9  # small: thousands of steps on one batch must not end in vanishing gradients
SHAPES = {
    "conv1.w": (8, 1, 3, 3),
    "conv1.b": (8,),
    "conv2.w": (16, 8, 3, 3),
    "conv2.b": (16,),
    "dense.w": (10, 784),
    "dense.b": (10,),
}


class Trainer(Protocol):
    """The network in one library, with SGD and momentum, started from given parameters."""

    def step(self, x: Array, labels: Array) -> float:
        """One training step on a batch: forward, loss, backward, update; returns the loss before the update."""
        ...

    def parameters(self) -> Parameters:
        """The parameters now, named and shaped as in SHAPES."""
        ...

    def gradients(self) -> Parameters:
        """The gradients of the last step, named and shaped as in SHAPES."""
        ...


def first_parameters(dtype: npt.DTypeLike = np.float32) -> Parameters:
    """Weights of variance 2 / fan-in (He et al. 2015), and small biases so that their gradients are put to the test."""
    rng = np.random.default_rng(0)
    parameters = {}
    for name, shape in SHAPES.items():
        scale = math.sqrt(2 / math.prod(shape[1:])) if len(shape) > 1 else 0.1
        parameters[name] = (scale * rng.standard_normal(shape)).astype(dtype)
    return parameters


def noise_batch(size: int) -> tuple[Array, Array]:
    """As many pictures of noise, made without any large temporary array, and labels."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((size, 1, 28, 28), dtype=np.float32), rng.integers(0, 10, size)


def check_same_training(trainers: Mapping[str, Trainer], x: Array, labels: Array) -> None:
    """Train each one step; AssertionError unless loss, gradients and updated parameters are the same to rounding."""
    losses = {name: trainer.step(x, labels) for name, trainer in trainers.items()}
    first, *others = trainers
    for other in others:  # the loss more loosely: the textbook adds 1e-7 inside the logarithm
        np.testing.assert_allclose(losses[other], losses[first], rtol=1e-3, err_msg=f"loss: {other}, {first}")
        for what in ("gradients", "parameters"):
            expected, found = getattr(trainers[first], what)(), getattr(trainers[other], what)()
            for name, shape in SHAPES.items():
                if found[name].shape != shape or expected[name].shape != shape:
                    raise AssertionError(f"{what} of {name}: {found[name].shape}, {expected[name].shape}, not {shape}")
                message = f"{what} of {name}: {other}, {first}"
                scale = float(np.abs(expected[name]).max())
                np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-4 * scale, err_msg=message)

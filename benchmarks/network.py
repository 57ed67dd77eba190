"""The benchmarks' networks: sizes, first weights, a batch, and what a contestant must offer to be trained on them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Parameters = dict[str, Array]

LEARNING_RATE, MOMENTUM = 0.001, 0.9  # small: thousands of steps on one batch must not end in vanishing gradients


@dataclass(frozen=True)
class Network:
    """conv 1→f₁, ReLU, max-pool 2, conv f₁→f₂, ReLU, max-pool 2, dense 49·f₂→10, softmax cross-entropy, on 28×28.

    Kernels are odd and padded, so that a convolution keeps the picture's size.
    """

    filters: tuple[int, int]
    kernel: int

    def __str__(self) -> str:
        return f"{self.filters[0]}/{self.filters[1]} k{self.kernel}"

    @property
    def padding(self) -> int:
        """What keeps the size."""
        return self.kernel // 2

    @property
    def features(self) -> int:
        """Numbers that reach the dense layer: 7×7 places of each filter."""
        return 49 * self.filters[1]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The parameters' common names and shapes, from the first layer to the last."""
        f1, f2 = self.filters
        return {
            "conv1.w": (f1, 1, self.kernel, self.kernel),
            "conv1.b": (f1,),
            "conv2.w": (f2, f1, self.kernel, self.kernel),
            "conv2.b": (f2,),
            "dense.w": (10, self.features),
            "dense.b": (10,),
        }

    def first_parameters(self, dtype: npt.DTypeLike = np.float32) -> Parameters:
        """Weights of variance 2 / fan-in (He et al. 2015), and small biases to put their gradients to the test."""
        rng = np.random.default_rng(0)
        parameters = {}
        for name, shape in self.shapes.items():
            scale = math.sqrt(2 / math.prod(shape[1:])) if len(shape) > 1 else 0.1
            parameters[name] = (scale * rng.standard_normal(shape)).astype(dtype)
        return parameters


SMALL = Network((8, 16), 3)
LARGE = Network((16, 32), 5)
CHAPTER_10 = Network((8, 16), 5)


class Trainer(Protocol):
    """The network in one library, with SGD and momentum, started from given parameters."""

    def step(self, x: Array, labels: Array) -> float:
        """One training step on a batch: forward, loss, backward, update; returns the loss before the update."""
        ...

    def parameters(self) -> Parameters:
        """The parameters now, named and shaped as in `Network.shapes`."""
        ...

    def gradients(self) -> Parameters:
        """The gradients of the last step, named and shaped as in `Network.shapes`."""
        ...


def noise_batch(size: int) -> tuple[Array, Array]:
    """As many pictures of noise, made without any large temporary array, and labels."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((size, 1, 28, 28), dtype=np.float32), rng.integers(0, 10, size)


def check_same_training(trainers: Mapping[str, Trainer], x: Array, labels: Array) -> None:
    """Train each one step; AssertionError unless loss, gradients and updated parameters are the same to rounding."""
    losses = {name: trainer.step(x, labels) for name, trainer in trainers.items()}
    first, *others = trainers
    for other in others:  # the loss more loosely: the textbook adds 1e-7 to each probability, and some are smaller
        np.testing.assert_allclose(losses[other], losses[first], rtol=1e-2, err_msg=f"loss: {other}, {first}")
        for what in ("gradients", "parameters"):
            expected, found = getattr(trainers[first], what)(), getattr(trainers[other], what)()
            if found.keys() != expected.keys():
                raise AssertionError(f"{what}: {other} has {', '.join(found)}, {first} has {', '.join(expected)}")
            for name in expected:
                if found[name].shape != expected[name].shape:
                    raise AssertionError(f"{what} of {name}: {found[name].shape}, {expected[name].shape}")
                message = f"{what} of {name}: {other}, {first}"
                scale = float(np.abs(expected[name]).max())
                np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-4 * scale, err_msg=message)

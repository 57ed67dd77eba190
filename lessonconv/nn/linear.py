"""The dense end of a network: `Flatten` and `Linear`."""

import math
from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv.functional.arguments import Array, count, same_shape
from lessonconv.nn.layer import Layer, kaiming_normal, signature, trainable


class Flatten(Layer):
    """One row an image: (N, C, H, W) → (N, C·H·W); backward folds it up again."""

    def forward(self, x: Any) -> Array:
        """z: (N, C·H·W)."""
        x = np.asarray(x)
        self._memory = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, dz: Any) -> Array:
        """dx: (N, C, H, W)."""
        shape = self._remembered()
        dz = np.asarray(dz)
        same_shape("dz", dz, (shape[0], math.prod(shape[1:])), f"the flattened input {shape}")
        return dz.reshape(shape)

    def __repr__(self) -> str:
        return signature(self)


class Linear(Layer):
    """A dense layer: z = x·wᵀ + b.

    x: (N, in_features) → z: (N, out_features). params: w (out_features, in_features), b (out_features,).
    Arguments as torch.nn.Linear; rng: a seed or a numpy Generator. Source: `functional.linear`.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, rng: Any = None, dtype: Any = np.float32
    ) -> None:
        super().__init__()
        shape = count("out_features", out_features), count("in_features", in_features)
        self.params["w"] = np.zeros(shape, trainable(dtype))
        if bias:
            self.params["b"] = np.zeros(out_features, dtype)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Weights from He's normal distribution, biases 0."""
        w = self.params["w"]
        w[...] = kaiming_normal(np.random.default_rng(rng), w.shape, w.shape[1])
        if "b" in self.params:
            self.params["b"][...] = 0

    def forward(self, x: Any) -> Array:
        """z: (N, out_features)."""
        self._memory = x
        return F.linear(x, self.params["w"], self.params.get("b"))

    def backward(self, dz: Any) -> Array:
        """dx: (N, in_features); fills grads."""
        dx, *grads = F.linear_backward(dz, self._remembered(), self.params["w"])
        self._keep(*grads)
        return dx

    def receptive_field(self, field: Any, jump: Any) -> tuple[Any, Any]:
        """Everything: there is no window any more."""
        return (np.inf, np.inf), jump

    def __repr__(self) -> str:
        out_features, in_features = self.params["w"].shape
        return signature(self, in_features, out_features, bias=("b" in self.params, True))

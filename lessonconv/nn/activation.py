"""Activation layers: the functions of `functional.activation`, remembering what their backward asks for."""

from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv.functional.arguments import Array, real_numbers, same_shape
from lessonconv.nn.layer import Layer, signature


class ReLU(Layer):
    """a = max(z, 0), cell by cell. Remembers one byte a cell: where z was positive. Source: `functional.relu`."""

    def forward(self, x: Any) -> Array:
        """a, shaped as x."""
        a = F.relu(x)
        self._memory = a > 0
        return a

    def backward(self, dz: Any) -> Array:
        """∂L/∂z = ∂L/∂a ⊙ [z > 0]."""
        positive = self._remembered()
        dz = real_numbers("dz", np.asarray(dz))
        same_shape("dz", dz, positive.shape, "the shape that the last forward gave")
        dx = positive.astype(dz.dtype)
        dx *= dz
        return dx

    def __repr__(self) -> str:
        return signature(self)


class LeakyReLU(Layer):
    """a = max(z, 0) + α·min(z, 0), cell by cell. negative_slope: α. Source: `functional.leaky_relu`."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Array:
        """a, shaped as x."""
        self._memory = x
        return F.leaky_relu(x, self.negative_slope)

    def backward(self, dz: Any) -> Array:
        """∂L/∂z = ∂L/∂a ⊙ ([z > 0] + α·[z ≤ 0])."""
        return F.leaky_relu_backward(dz, self._remembered(), self.negative_slope)

    def __repr__(self) -> str:
        return signature(self, negative_slope=(self.negative_slope, 0.01))


class Sigmoid(Layer):
    """a = 1 / (1 + e^(−z)), cell by cell. Source: `functional.sigmoid`."""

    def forward(self, x: Any) -> Array:
        """a, shaped as x."""
        self._memory = x
        return F.sigmoid(x)

    def backward(self, dz: Any) -> Array:
        """∂L/∂z = ∂L/∂a ⊙ a·(1 − a)."""
        return F.sigmoid_backward(dz, self._remembered())

    def __repr__(self) -> str:
        return signature(self)


class Tanh(Layer):
    """a = tanh z, cell by cell. Source: `functional.tanh`."""

    def forward(self, x: Any) -> Array:
        """a, shaped as x."""
        self._memory = x
        return F.tanh(x)

    def backward(self, dz: Any) -> Array:
        """∂L/∂z = ∂L/∂a ⊙ (1 − tanh² z)."""
        return F.tanh_backward(dz, self._remembered())

    def __repr__(self) -> str:
        return signature(self)


class Arctan(Layer):
    """a = arctan z, cell by cell. Source: `functional.arctan`."""

    def forward(self, x: Any) -> Array:
        """a, shaped as x."""
        self._memory = x
        return F.arctan(x)

    def backward(self, dz: Any) -> Array:
        """∂L/∂z = ∂L/∂a ⊙ 1 / (1 + z²)."""
        return F.arctan_backward(dz, self._remembered())

    def __repr__(self) -> str:
        return signature(self)

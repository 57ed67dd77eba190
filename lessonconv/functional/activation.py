"""Activations g, cell by cell, each with its backward: ∂L/∂z = ∂L/∂a ⊙ g′(z)."""

from typing import Any

import numpy as np

from lessonconv.functional.arguments import Array, numbers, real_numbers, same_shape


def relu(z: Any) -> Array:
    """Keep what is positive. a = max(z, 0).

    z: any shape; returns a of that shape and dtype. Raises TypeError if z does not hold real numbers.
    Source: Nair & Hinton 2010; derivation "relu.dz".
    """
    z = real_numbers("z", np.asarray(z))
    return np.maximum(z, np.zeros(z.shape[1:], z.dtype))  # twice as fast as against the number 0


def relu_backward(da: Any, z: Any) -> Array:
    """Pass the gradient where z was positive. ∂L/∂z = ∂L/∂a ⊙ [z > 0].

    da, z: one shape; returns dz of that shape. At z = 0, where there is no derivative, it is 0, as in PyTorch.
    Raises ValueError or TypeError if they do not fit together. Source: Nair & Hinton 2010; derivation "relu.dz".
    """
    da, z = _gradient_and_input(da, z)
    return da * (z > 0)


def leaky_relu(z: Any, negative_slope: float = 0.01) -> Array:
    """Keep what is positive, and a little of what is not. a = max(z, 0) + α·min(z, 0).

    z: any shape; returns a of that shape; integers give float64. negative_slope: α.
    Raises TypeError if z does not hold real numbers. Source: Maas, Hannun & Ng 2013; derivation "leaky_relu.dz".
    """
    (z,) = numbers(z=np.asarray(z), floats=True)
    return z * _slopes(z, negative_slope)


def leaky_relu_backward(da: Any, z: Any, negative_slope: float = 0.01) -> Array:
    """Pass the gradient where z was positive, and α of it elsewhere. ∂L/∂z = ∂L/∂a ⊙ ([z > 0] + α·[z ≤ 0]).

    da, z: one shape; returns dz of that shape; at z = 0 the slope is α, as in PyTorch.
    Raises ValueError or TypeError if they do not fit together. Source: Maas et al. 2013; derivation "leaky_relu.dz".
    """
    da, z = _gradient_and_input(da, z, floats=True)
    return da * _slopes(z, negative_slope)


def sigmoid(z: Any) -> Array:
    """Squash into (0, 1). a = 1 / (1 + e^(−z)), computed without overflow.

    z: any shape; returns a of that shape; integers give float64. Raises TypeError if z does not hold real numbers.
    Source: LeCun et al. 1998; derivation "sigmoid.dz".
    """
    (z,) = numbers(z=np.asarray(z), floats=True)
    small = np.exp(-np.abs(z))  # in (0, 1]: e^(−z) itself overflows for z ≪ 0
    return np.where(z < 0, small, z.dtype.type(1)) / (1 + small)


def sigmoid_backward(da: Any, z: Any) -> Array:
    """∂L/∂z = ∂L/∂a ⊙ a·(1 − a) with a = sigmoid(z): at most a quarter of the gradient passes.

    da, z: one shape; returns dz of that shape. Raises ValueError or TypeError if they do not fit together.
    Source: LeCun et al. 1998; derivation "sigmoid.dz".
    """
    da, z = _gradient_and_input(da, z, floats=True)
    a = sigmoid(z)
    return da * a * (1 - a)


def tanh(z: Any) -> Array:
    """Squash into (−1, 1). a = tanh z.

    z: any shape; returns a of that shape; integers give float64. Raises TypeError if z does not hold real numbers.
    Source: LeCun et al. 1998; derivation "tanh.dz".
    """
    (z,) = numbers(z=np.asarray(z), floats=True)
    return np.tanh(z)


def tanh_backward(da: Any, z: Any) -> Array:
    """∂L/∂z = ∂L/∂a ⊙ (1 − tanh² z).

    da, z: one shape; returns dz of that shape. Raises ValueError or TypeError if they do not fit together.
    Source: LeCun et al. 1998; derivation "tanh.dz".
    """
    da, z = _gradient_and_input(da, z, floats=True)
    a = np.tanh(z)
    return da * (1 - a * a)


def arctan(z: Any) -> Array:
    """Squash into (−π/2, π/2), more gently than tanh. a = arctan z.

    z: any shape; returns a of that shape; integers give float64. Raises TypeError if z does not hold real numbers.
    Source: Seo 2018, "Only Numpy: understanding back propagation for transpose convolution in multi layer CNN";
    derivation "arctan.dz".
    """
    (z,) = numbers(z=np.asarray(z), floats=True)
    return np.arctan(z)


def arctan_backward(da: Any, z: Any) -> Array:
    """∂L/∂z = ∂L/∂a ⊙ 1 / (1 + z²): it saturates slowly, as 1/z², where tanh does as e^(−2|z|).

    da, z: one shape; returns dz of that shape. Raises ValueError or TypeError if they do not fit together.
    Source: Seo 2018; derivation "arctan.dz".
    """
    da, z = _gradient_and_input(da, z, floats=True)
    with np.errstate(over="ignore"):  # 1/∞ is the 0 that it should be
        return da / (1 + z * z)


def _slopes(z: Array, negative_slope: float) -> Array:
    """1 where z is positive, α elsewhere, in z's own dtype."""
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(negative_slope))


def _gradient_and_input(da: Any, z: Any, *, floats: bool = False) -> list[Array]:
    da, z = np.asarray(da), np.asarray(z)
    same_shape("da", da, z.shape, "the shape of z")
    return numbers(da=da, z=z, floats=floats)

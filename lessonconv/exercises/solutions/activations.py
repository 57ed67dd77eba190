"""Activations: the backward pass of each, cell by cell."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def relu_backward(da, z):
    """∂L/∂z = ∂L/∂a ⊙ [z > 0], for a = max(z, 0)

    da, z: arrays of one shape, with any number of axes. Returns dz, of that shape.
    """
    return da * (z > 0)


def leaky_relu_backward(da, z, slope):
    """∂L/∂z = ∂L/∂a where z > 0, and slope · ∂L/∂a elsewhere, for a = max(z, 0) + slope · min(z, 0)

    da, z: arrays of one shape, with any number of axes; slope: a number. Returns dz, of that shape.
    """
    return da * np.where(z > 0, 1, slope)


def sigmoid_backward(da, z):
    """∂L/∂z = ∂L/∂a ⊙ g′(z), for a = g(z) = 1 / (1 + e^(−z))

    da, z: arrays of one shape, with any number of axes; z may be −1000, or 1000. Returns dz, of that shape.
    """
    small = np.exp(-np.abs(z))  # never overflows
    a = np.where(z < 0, small, 1) / (1 + small)
    return da * a * (1 - a)


def tanh_backward(da, z):
    """∂L/∂z = ∂L/∂a ⊙ g′(z), for a = g(z) = tanh z

    da, z: arrays of one shape, with any number of axes; z may be −1000, or 1000. Returns dz, of that shape.
    """
    a = np.tanh(z)
    return da * (1 - a**2)


def arctan_backward(da, z):
    """∂L/∂z = ∂L/∂a ⊙ g′(z), for a = g(z) = arctan z

    da, z: arrays of one shape, with any number of axes; z may be −1000, or 1000. Returns dz, of that shape.
    """
    return da / (1 + z**2)

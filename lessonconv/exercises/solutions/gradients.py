"""How far apart two gradients are, and a check that needs neither a step nor a tolerance."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np


def relative_error(a, b, floor):
    """‖a − b‖ / max(‖a‖, ‖b‖, floor), where ‖a‖ is the largest |a[i]|

    a, b: arrays of one shape, with any number of axes; floor: a positive number. Returns a number.
    """
    scale = max(np.abs(a).max(), np.abs(b).max(), floor)
    return np.abs(a - b).max() / scale


def adjoint_test(forward, backward, dz, x, w):
    """Three numbers, equal if the layer's backward fits its forward: Σ ∂L/∂z · z, Σ ∂L/∂x · x and Σ ∂L/∂w · w

    forward(x, w) returns z, backward(dz, x, w) returns dx, dw, each in the shape of its tensor: (N, C, H, W) for x,
    and so on. Returns the three numbers, in this order.
    """
    z = forward(x, w)
    dx, dw = backward(dz, x, w)
    return (dz * z).sum(), (dx * x).sum(), (dw * w).sum()

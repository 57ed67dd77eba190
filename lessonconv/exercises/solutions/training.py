"""What a training step is made of: a gradient by trying, one step downhill, and the whole way back."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types

import numpy as np

import lessonconv.functional as F


def numerical_gradient(function, x, step):
    """∂f/∂x[i] ≈ (f(x + h·e_i) − f(x − h·e_i)) / 2h, where e_i is 1 in cell i and 0 elsewhere, and h is the step

    function: takes an array of x's shape, returns a number; x: an array of any shape, of floats or ints; step: h.
    Returns an array of x's shape. x is left as it was.
    """
    x = x.astype(float)  # a copy
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + step
        above = function(x)
        x[i] = old - step
        below = function(x)
        x[i] = old
        gradient[i] = (above - below) / (2 * step)
    return gradient


def sgd_step(dz, x, w, b, stride, padding, lr):
    """One step of gradient descent for a convolution layer: w − lr · ∂L/∂w and b − lr · ∂L/∂b

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w), b: (F,); stride, padding: ints; lr: the learning rate.
    Returns dx, for the layer before, and the new w and b, as new arrays.
    lessonconv.functional.conv2d_backward(dz, x, w, stride=…, padding=…) may be used: it gives dx, dw, db.
    """
    dx, dw, db = F.conv2d_backward(dz, x, w, stride=stride, padding=padding)
    return dx, w - lr * dw, b - lr * db


def cnn_backward(x, labels, params):
    """The gradients of a whole network's loss by all of its parameters.

    x → conv 3×3, padding 1 (w1, b1) → ReLU → max pool 2 → conv 3×3, padding 1 (w2, b2) → ReLU → max pool 2
      → flatten → linear (w3, b3) → softmax cross-entropy, a mean over the batch

    x: (N, C, H, W), with H and W multiples of 4; labels: (N,); params: a dict with the keys w1, b1, w2, b2, w3, b3.
    Returns a dict with the same keys: ∂L/∂w1 and so on. The layers of lessonconv.functional may be used.
    """
    z1 = F.conv2d(x, params["w1"], params["b1"], padding=1)
    a1 = F.relu(z1)
    m1, argmax1 = F.max_pool2d(a1, 2)
    z2 = F.conv2d(m1, params["w2"], params["b2"], padding=1)
    a2 = F.relu(z2)
    m2, argmax2 = F.max_pool2d(a2, 2)
    flat = m2.reshape(len(x), -1)
    logits = F.linear(flat, params["w3"], params["b3"])
    loss, dlogits = F.softmax_cross_entropy(logits, labels)

    dflat, dw3, db3 = F.linear_backward(dlogits, flat, params["w3"])
    dm2 = dflat.reshape(m2.shape)
    da2 = F.max_pool2d_backward(dm2, argmax2, a2.shape)
    dz2 = F.relu_backward(da2, z2)
    dm1, dw2, db2 = F.conv2d_backward(dz2, m1, params["w2"], padding=1)
    da1 = F.max_pool2d_backward(dm1, argmax1, a1.shape)
    dz1 = F.relu_backward(da1, z1)
    _, dw1, db1 = F.conv2d_backward(dz1, x, params["w1"], padding=1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "w3": dw3, "b3": db3}

"""Right answers to the tasks about checking gradients, as source text, in the styles that learners write them in."""

RELATIVE_ERROR = {
    "arrays": """
def relative_error(a, b, floor):
    top = np.abs(a - b).max()
    bottom = max(np.abs(a).max(), np.abs(b).max(), floor)
    return top / bottom
""",
    "stacked": """
def relative_error(a, b, floor):
    sizes = [np.max(np.abs(one)) for one in (a, b)]
    return np.max(np.abs(b - a)) / max(sizes + [floor])
""",
    "loops": """
def relative_error(a, b, floor):
    off, size = 0.0, floor
    for one, other in zip(a.ravel(), b.ravel()):
        off = max(off, abs(one - other))
        size = max(size, abs(one), abs(other))
    return off / size
""",
    "norm": """
def relative_error(a, b, floor):
    norm = lambda v: np.linalg.norm(v.ravel(), np.inf)
    return norm(a - b) / max(norm(a), norm(b), floor)
""",
}

ADJOINT_TEST = {
    "sums": """
def adjoint_test(forward, backward, dz, x, w):
    z = forward(x, w)
    dx, dw = backward(dz, x, w)
    return np.sum(dz * z), np.sum(dx * x), np.sum(dw * w)
""",
    "vdot": """
def adjoint_test(forward, backward, dz, x, w):
    dx, dw = backward(dz, x, w)
    return np.vdot(dz, forward(x, w)), np.vdot(dx, x), np.vdot(dw, w)
""",
    "pairs": """
def adjoint_test(forward, backward, dz, x, w):
    tensors = [forward(x, w), x, w]
    gradients = [dz, *backward(dz, x, w)]
    three = []
    for gradient, tensor in zip(gradients, tensors):
        total = 0
        for at in np.ndindex(tensor.shape):
            total += gradient[at] * tensor[at]
        three.append(total)
    return tuple(three)
""",
}

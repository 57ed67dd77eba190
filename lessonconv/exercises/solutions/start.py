"""One output, and one weight that several outputs share: the whole series in small."""
# mypy: disable-error-code="no-untyped-def"
# a beginner's code carries no types


def weighted_sum(w, x):
    """z = Σ_k w[k] · x[k]

    w, x: (K,). Returns z, a number.
    """
    return (w * x).sum()


def weighted_sum_backward(dz, w, x):
    """∂L/∂w[k] = ∂L/∂z · x[k]  and  ∂L/∂x[k] = ∂L/∂z · w[k], for z = Σ_k w[k] · x[k]

    dz: ∂L/∂z, a number; w, x: (K,).
    Returns dw, dx, both (K,).
    """
    dw = dz * x
    dx = dz * w
    return dw, dx


def shared_weight_dw(dz, x):
    """∂L/∂w = Σ_i ∂L/∂z[i] · x[i], for z[i] = w · x[i]: one weight, used at every output

    dz, x: (O,). Returns dw, a number.
    """
    dw = 0
    for i in range(len(x)):
        dw += dz[i] * x[i]
    return dw

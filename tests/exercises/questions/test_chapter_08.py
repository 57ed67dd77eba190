"""Every answer of chapter 08's questions, worked out anew."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from lessonconv import data
from lessonconv import functional as F
from lessonconv.exercises.question import find


def softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max())
    return np.asarray(powers / powers.sum())


def reach(layers: int) -> int:
    """How far a row of 3×3 convolutions sees: where an impulse can come from."""
    impulse = np.zeros((1, 1, 61, 61))
    impulse[0, 0, 30, 30] = 1
    for _ in range(layers):
        impulse = F.conv2d(impulse, np.ones((1, 1, 3, 3)), padding=1)
    return int((impulse[0, 0, 30] > 0).sum())


def depth() -> dict[str, bool]:
    left = math.prod(float(F.sigmoid_backward(np.ones(1), np.zeros(1))[0]) for _ in range(10))
    claims = {"About a fortieth": 1 / 40, "About a thousandth": 1e-3, "About a millionth": 1e-6, "All": 1}
    assert 0.5**10 == 1 / 1024
    return {words: abs(math.log10(left / share)) < 0.1 for words, share in claims.items()}


def zero() -> dict[str, bool]:
    images = data.digits(seed=0)[0][0][:500]
    w = np.random.default_rng(0).normal(size=(8, 1, 3, 3)).astype(np.float32)
    z = F.conv2d(images, w, padding=1)
    share = float((z == 0).mean())
    assert 0.6 < share < 0.75  # about two thirds
    dz = np.ones_like(z)
    no, yes = (F.conv2d_backward(np.where(z == 0, c, dz), images, w, padding=1) for c in (0.0, 0.5))
    np.testing.assert_allclose(no[1], yes[1], rtol=1e-4)  # the weights do not notice
    assert (yes[2] > 1.2 * no[2]).all()  # a bias would
    return {"More": share > 0.5, "Next to none": share < 1e-3, "About one": 0.005 < share < 0.02}


def meets() -> dict[str, bool]:
    z = np.array([1.0, 0.5, 0.2, -1.0])
    moved = np.sign(softmax(z + np.array([0, 0, 0.1, 0])) - softmax(z))
    return {
        "Only p₂": moved.tolist() == [0, 0, 1, 0],
        "p₂ and": np.count_nonzero(moved) == 2,
        "All four rise": (moved > 0).all(),
        "All four: p₂ rises": moved.tolist() == [-1, -1, 1, -1],
    }


def shift() -> dict[str, bool]:
    z, label = np.array([[2.0, -1.0, 0.5]]), [1]
    before, after = (F.softmax_cross_entropy(logits, label)[0] for logits in (z, z + 100))
    same = np.allclose(softmax(z[0]), softmax(z[0] + 100))
    return {
        "The probabilities grow": not same,
        "Neither": same and math.isclose(before, after),
        "The network becomes": softmax(z[0] + 100).max() > softmax(z[0]).max() + 1e-9,
        "The loss grows": math.isclose(after, before + 100),
    }


def surely_wrong() -> dict[str, bool]:
    a = float(F.sigmoid(np.array([-8.0]))[0])
    squared, logarithm = (a - 1) * a * (1 - a), (-1 / a) * a * (1 - a)
    assert math.isclose(logarithm, a - 1)
    assert round(a, 4) == 0.0003 and round(squared, 4) == -0.0003 and 2500 < 1 / a < 3500
    ratio = logarithm / squared
    return {"The squared": ratio < 0.5, "Both": 0.5 < ratio < 2, "−log a": 2500 < ratio < 3500}


def huge() -> dict[str, bool]:
    z = np.array([1000.0, 0.0])
    with np.errstate(all="ignore"):
        p = np.exp(z) / np.exp(z).sum()
    return {
        "1 and 0": p[0] == 1,
        "nan and 0": bool(np.isnan(p[0]) and p[1] == 0),
        "inf": bool(np.isinf(p[0])),
        "An error": False,
    }


NUMBERS: Mapping[str, Callable[[], float]] = {
    "stack": lambda: reach(10),
    "steepest": lambda: F.sigmoid_backward(np.ones(2001), np.linspace(-5, 5, 2001)).max(),
    "from_a": lambda: F.tanh_backward(np.ones(1), np.arctanh([0.8]))[0],
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "stack": {3: lambda: reach(1), 20: lambda: reach(10) - 1, 30: lambda: 10 * 3, 59049: lambda: 3**10},
    "steepest": {
        0.5: lambda: F.sigmoid(np.zeros(1))[0],
        1: lambda: F.tanh_backward(np.ones(1), np.zeros(1))[0],
        0: lambda: F.sigmoid_backward(np.ones(1), np.array([99.0]))[0],
    },
    "from_a": {
        0.16: lambda: 0.8 * 0.2,
        0.2: lambda: 1 - 0.8,
        0.64: lambda: 0.8**2,
        0.56: lambda: 1 - math.tanh(0.8) ** 2,
    },
}

CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "depth": depth,
    "zero": zero,
    "meets": meets,
    "shift": shift,
    "surely_wrong": surely_wrong,
    "huge": huge,
}


def test_numbers_in_the_prose() -> None:
    assert "90 numbers" in find("08.stack").explanation and 10 * 9 == 90 < 21**2
    assert F.sigmoid_backward(np.ones(1), np.array([3.0]))[0] < 1 / 20
    with np.errstate(over="ignore"):
        fits = [np.isfinite(np.exp(kind(power))) for kind, power in
                ((np.float64, 709), (np.float64, 710), (np.float32, 88), (np.float32, 89))]  # fmt: skip
    assert fits == [True, False, True, False]
    dlogits = F.softmax_cross_entropy(np.array([[2.0, -1.0, 0.5]]), [1])[1]
    assert abs(dlogits.sum()) < 1e-15

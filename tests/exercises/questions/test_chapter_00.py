"""Every answer of chapter 00's questions, worked out anew."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from lessonconv import functional as F
from lessonconv.exercises.question import find
from lessonconv.window import Window

PICTURE = Window.over(6, 3)  # the explorer below the first question
X, DZ = np.array([2, 3, 5]), 4


def grown(*weights: int) -> float:
    """How much L grows if each of these weights grows by 1."""
    up = np.isin(np.arange(3), weights)
    return float(DZ * (up @ X))


def heard(kernel: int = 3, stride: int = 1) -> int:
    """How many outputs read the input in row 2, column 3."""
    met = Window.over(6, kernel, stride=stride).meetings()
    return len({int(o) for o, u in zip(met.output, met.input, strict=True) if u == 2 * 6 + 3})


def left(k: int) -> int:
    """How many terms of Σ [j = k]·w[j] are not 0, all w being 1."""
    return sum(int(j == k) for j in range(5))


def shape() -> dict[str, bool]:
    x, w = np.ones((64, 3, 28, 28), np.float32), np.ones((8, 3, 5, 5), np.float32)
    found = F.conv2d_backward(F.conv2d(x, w), x, w)[1].shape
    claims = {"A single": (), "(64, 8,": (64, 8, 3, 5, 5), "(8, 3": (8, 3, 5, 5), "(64, 3": (64, 3, 28, 28)}
    return {claim: found == claimed for claim, claimed in claims.items()}


def shared() -> dict[str, bool]:
    x, dz = np.array([1.0, 1.0]), np.array([-5.0, 5.0])
    dw = float((dz @ ((3 + 1) * x)) - (dz @ (3 * x)))
    return {"0": dw == 0, "−5 and +5": False, "5": dw == 5, "+5, because": dw == dz[-1]}


NUMBERS: Mapping[str, Callable[[], float]] = {
    "window": heard,
    "nudge": lambda: grown(1),
    "bracket": lambda: left(2),
}
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "window": {
        1: lambda: heard(stride=3),
        3: lambda: math.isqrt(heard()),
        6: lambda: 2 * math.isqrt(heard()),
        4: lambda: heard(kernel=2),
        16: lambda: np.prod(PICTURE.output_size),
    },
    "nudge": {
        3: lambda: grown(1) / DZ,
        4: lambda: DZ,
        7: lambda: X[1] + DZ,
        8: lambda: grown(0),
        40: lambda: grown(0, 1, 2),
    },
    "bracket": {4: lambda: 5 - left(2), 5: lambda: 5},
}
CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {"shape": shape, "shared": shared}


def test_numbers_in_the_prose() -> None:
    assert f"each of the {8 * 3 * 5 * 5} weights" in find("00.shape").options[0].reply  # type: ignore[union-attr]
    assert sum([-5, 5]) == 0

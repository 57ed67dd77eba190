"""Every answer of chapter 07's questions, worked out anew."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv.exercises.question import find
from tests.exercises.questions.layer import numbers

WINDOW = np.array([7.0, 3, 2, 0])
TIED = np.array([5.0, 5, 2])
TILES = np.arange(16.0).reshape(1, 1, 4, 4)
DELTA = np.array([[2.0, 8], [4, 6]])[None, None]


def back(kind: str, x: Any, dz: Any, size: int, stride: int | None = None) -> Any:
    """∂L/∂x of one pool."""
    if kind == "mean":
        return F.avg_pool2d_backward(dz, x.shape, size, stride=stride)
    return F.max_pool2d_backward(dz, F.max_pool2d(x, size, stride=stride)[1], x.shape)


def nudge() -> dict[str, bool]:
    raised = WINDOW + np.array([0, 1, 0, 0])
    true = raised.max() - WINDOW.max(), raised.mean() - WINDOW.mean()
    claims = {"1 and 1": (1, 1), "0 and 1": (0, 1), "¼ and ¼": (0.25, 0.25), "0 and ¼": (0, 0.25), "1 and 0": (1, 0)}
    return {claim: true == claimed for claim, claimed in claims.items()}


def total() -> dict[str, bool]:
    true = tuple(back(kind, TILES, DELTA, 2).sum() for kind in ("max", "mean"))
    return {f"{a} and {b}": true == (a, b) for a, b in [(20, 20), (20, 80), (20, 5), (5, 20), (80, 20)]}


def peaked(kind: str = "max") -> Any:
    """The gradients of a flat picture with a peak, all ∂L/∂z being 1."""
    x = np.zeros((1, 1, 7, 7))
    x[0, 0, 3, 3] = 1
    return back(kind, x, np.ones((1, 1, 5, 5)), 3, 1)[0, 0]


def subgradient(g: Any) -> bool:
    """max(x + n) ≥ max(x) + g·n for all n of a fine lattice."""
    nudges = np.array(list(product(np.linspace(-6, 6, 13), repeat=3)))
    return bool(np.all((TIED + nudges).max(axis=1) >= TIED.max() + nudges @ g - 1e-9))


def tie() -> dict[str, bool]:
    ways = {
        "1, 0, 0": [1, 0, 0],
        "0, 1, 0": [0, 1, 0],
        "1, 1, 0": [1, 1, 0],
        "½, ½, 0": [0.5, 0.5, 0],
        "¾, ¼, 0": [0.75, 0.25, 0],
    }
    return {claim: not subgradient(g) for claim, g in ways.items()}


def corner() -> dict[str, bool]:
    x = np.full((1, 1, 4, 4), -8.0)
    true = F.max_pool2d(x, 2, padding=1)[0][0, 0, 0, 0], F.avg_pool2d(x, 2, padding=1)[0, 0, 0, 0]
    pairs = [("0 and −2", 0, -2), ("−8 and −2", -8, -2), ("−8 and −8", -8, -8), ("0 and 0", 0, 0), ("0 and −8", 0, -8)]
    return {claim: true == (largest, mean) for claim, largest, mean in pairs}


def shuffle() -> dict[str, bool]:
    x, dz = numbers(1, 1, 8, 8).astype(float), numbers(1, 1, 4, 4, seed=1).astype(float)
    x += np.random.default_rng(2).permutation(64).reshape(x.shape) / 100  # no ties
    cells = x.reshape(4, 2, 4, 2).swapaxes(1, 2).reshape(16, 4)
    cells = np.random.default_rng(3).permuted(cells, axis=1)
    mixed = cells.reshape(4, 4, 2, 2).swapaxes(1, 2).reshape(x.shape)
    z = {
        "max": not np.array_equal(F.max_pool2d(x, 2)[0], F.max_pool2d(mixed, 2)[0]),
        "mean": not np.allclose(F.avg_pool2d(x, 2), F.avg_pool2d(mixed, 2)),
    }
    dx = {kind: not np.array_equal(back(kind, x, dz, 2), back(kind, mixed, dz, 2)) for kind in ("max", "mean")}
    changed = z["max"], z["mean"], dx["max"], dx["mean"]
    return {
        "z of both": changed == (True, True, False, False),
        "Only z of the mean": changed == (False, True, False, False),
        "Nothing": not any(changed),
        "Only ∂L/∂x of the maximum": changed == (False, False, True, False),
        "∂L/∂x of both": changed == (False, False, True, True),
    }


def stripes() -> dict[str, bool]:
    row = np.roll(np.tile([0.0, 0, 1, 1], 2), 1)
    assert row.tolist() == [1, 0, 0, 1, 1, 0, 0, 1]
    now = F.max_pool2d(row[None, None, None], (1, 2))[0].ravel().tolist()
    assert F.avg_pool2d(row[None, None, None], (1, 2)).ravel().tolist() == [0.5] * 4
    claims = {"0 1 0 1": [0, 1, 0, 1], "1 0 1 0": [1, 0, 1, 0], "1 1 1 1": [1] * 4, "½ ½ ½ ½": [0.5] * 4}
    return {claim: now == claimed for claim, claimed in {**claims, "0 0 0 0": [0] * 4}.items()}


def dense_weights(maps: Any) -> int:
    return int(maps[0].size * 10)


MAPS = np.zeros((1, 16, 7, 7))

NUMBERS: Mapping[str, Callable[[], float]] = {
    "peak": lambda: peaked()[3, 3],
    "global": lambda: dense_weights(F.avg_pool2d(MAPS, 7)),
}

# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "peak": {25: lambda: peaked().sum(), 1 / 9: lambda: peaked("mean")[3, 3] / 9},
    "global": {
        16: lambda: F.avg_pool2d(MAPS, 7).size,
        490: lambda: dense_weights(MAPS.mean(axis=1)),
        1120: lambda: dense_weights(MAPS.mean(axis=2)),
        7840: lambda: dense_weights(MAPS),
    },
}

CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "nudge": nudge,
    "total": total,
    "tie": tie,
    "corner": corner,
    "shuffle": shuffle,
    "stripes": stripes,
}


def test_numbers_in_the_prose() -> None:
    assert np.isclose(peaked("mean")[3, 3], 1)
    assert "average pooling, nine windows would bring it a ninth each: 1." in find("07.peak").explanation
    real = F.avg_pool2d(np.full((1, 1, 4, 4), -8.0), 2, padding=1, count_include_pad=False)
    assert real[0, 0, 0, 0] == -8
    assert 7840 / 160 == 49
    assert WINDOW.mean() == 3
    three = np.array([5.0, 5, 5])  # central differences fail at a tie of three
    slopes = [(np.max(three + h) - np.max(three - h)) / 2 for h in np.eye(3)]
    assert slopes == [0.5, 0.5, 0.5]

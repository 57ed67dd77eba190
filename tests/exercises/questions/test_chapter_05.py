"""Every answer of chapter 05's questions, worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lessonconv.exercises.question import find
from lessonconv.window import Window
from tests.exercises.questions.layer import DZ, LAYER, W, X, gradients, numbers, plain, reads


def readers() -> dict[str, bool]:
    cells = [2 * 5 + 2, 2 * 5 + 1, 0]
    true, unit = [reads(LAYER, c) for c in cells], [reads(Window.over(5, 3), c) for c in cells]
    assert unit == [9, 6, 1]
    return {
        f"{a}, {b} and {c}": true == [a, b, c] for a, b, c in [(1, 1, 1), (4, 4, 4), (4, 2, 1), (9, 6, 1), (9, 9, 9)]
    }


def stamp() -> dict[str, bool]:
    x, w, dz = numbers(11, 11), numbers(3, 3, seed=2), np.zeros((5, 5), int)
    dz[2, 2] = 1
    dx = gradients(dz, x, w, stride=2)[0]
    window = dx[4:7, 4:7]
    return {
        "The kernel, upright": dx.sum() == w.sum() and bool((window == w).all()),
        "The kernel, turned": bool((window == w[::-1, ::-1]).all()),
        "A single number": bool((dx != 0).sum() == 1),
        "The window of x": bool((window == x[4:7, 4:7]).all()),
    }


def doubled() -> dict[str, bool]:
    def factors(scale: int) -> list[Any]:
        dx, dw, _ = gradients(DZ, scale * X, W, stride=2)
        return [plain(scale * X, W, stride=2), dw, dx]

    ratios = [np.abs(new).sum() / np.abs(old).sum() for new, old in zip(factors(2), factors(1), strict=True)]
    claims = {
        "All three": [2, 2, 2],
        "z and": [2, 2, 1],
        "z doubles, both": [2, 1, 1],
        "z doubles, ∂L/∂w stays": [2, 1, 0.5],
    }
    return {claim: ratios == claimed for claim, claimed in claims.items()}


NUMBERS: Mapping[str, Callable[[], float]] = {
    "overlap": lambda: np.bincount(Window.over(21, 5, stride=2).meetings().input).max(),
    "zeros": lambda: len(LAYER.meetings().output),
    "remainder": lambda: 36 - len(set(Window.over(6, 3, stride=2).meetings().input.tolist())),
    "filters": lambda: 8 * reads(Window.over(9, 3), 4 * 9 + 4),
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "overlap": {
        4: lambda: (
            np.bincount(Window.over(21, 5, stride=2).meetings().input)[8 * 21 : 13 * 21].reshape(5, 21)[:, 8:13].min()
        ),
        6.25: lambda: (5 / 2) ** 2,
        25: lambda: np.bincount(Window.over(21, 5).meetings().input).max(),
    },
    "zeros": {9: lambda: W.size, 25: lambda: X.size, 100: lambda: DZ.size * X.size, 225: lambda: X.size * W.size},
    "remainder": {20: lambda: 36 - 4 * 4},
    "filters": {9: lambda: reads(Window.over(9, 3), 40), 27: lambda: 3 * 9, 216: lambda: 3 * 8 * 9},
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "readers": readers,
    "stamp": stamp,
    "doubled": doubled,
}


def test_numbers_in_the_prose() -> None:
    counts = np.bincount(Window.over(21, 5, stride=2).meetings().input).reshape(21, 21)[8:10, 8:10]
    assert sorted(counts.ravel().tolist(), reverse=True) == [9, 6, 6, 4]
    assert f"{225 - len(LAYER.meetings().output)} of them" in find("05.zeros").explanation
    covered = Window.over(6, 3, stride=2).meetings().input
    assert sorted(set((covered // 6).tolist())) == [0, 1, 2, 3, 4]

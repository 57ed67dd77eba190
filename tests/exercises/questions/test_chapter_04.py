"""Every answer of chapter 04's questions, worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lessonconv import data
from lessonconv import functional as F
from lessonconv.exercises.question import find
from lessonconv.window import Window
from tests.exercises.questions.layer import DZ, LAYER, W, X, build, gradients, numbers, plain


def uses(window: Window, tap: int) -> int:
    """How many outputs use a tap."""
    return int((window.meetings().tap == tap).sum())


def taps_at(cell: int, **settings: Any) -> int:
    """How many taps of a 3×3 kernel ever meet a cell of a 5×5 input."""
    meetings = Window.over((5, 5), (3, 3), **settings).meetings()
    return len(set(meetings.tap[meetings.input == cell].tolist()))


def ones_dw(*tap: int, padding: int = 1) -> float:
    """The gradient of a tap if all inputs and all voices are 1."""
    x, w = np.ones((5, 5)), np.zeros((3, 3))
    return float(gradients(np.ones_like(plain(x, w, padding=padding)), x, w, padding=padding)[1][tap])


def linear() -> dict[str, bool]:
    def L(w: Any) -> Any:
        return (DZ * plain(X, w, stride=2)).sum()

    up = np.zeros_like(W)
    up[2, 1] = 1
    grown = L(W + 10 * up) - L(W)
    assert L(W + up) - L(W) == gradients(DZ, X, W, stride=2)[1][2, 1] == 7
    return {
        "By 7": grown == 7,
        "By 70, exactly": grown == 70,
        "By about 70, but not exactly": grown != 70,
        "Nobody": False,
    }


def flat() -> dict[str, bool]:
    dz = numbers(3, 3)
    _, dw, db = gradients(dz, np.ones((5, 5)), W)
    return {
        "All zero": not dw.any(),
        "A small picture": dw.shape == dz.shape and np.allclose(dw / dw.max(), dz / dz.max()),
        "Largest in the middle": dw[1, 1] > dw[0, 0],
        "All nine alike, and equal to the gradient of the bias": bool((dw == db).all()),
    }


def correlation() -> dict[str, bool]:
    x, dz = numbers(9, 9), numbers(4, 4, seed=1)
    dw = gradients(dz, x, np.zeros((3, 3)), stride=2)[1]
    tried = {
        "It slides in steps of 2": plain(x, dz, stride=2),
        "It slides in steps of 1, with its cells spread 2 apart": plain(x, dz, dilation=2),
        "It is turned by 180°": plain(x, dz[::-1, ::-1], dilation=2),
        "As before": plain(x, dz),
    }
    return {claim: found.shape == dw.shape and bool((found == dw).all()) for claim, found in tried.items()}


def batch() -> dict[str, bool]:
    net = build()
    (x, y), _ = data.digits(seed=0)

    def dw(images: Any, labels: Any) -> Any:
        net.backward(F.softmax_cross_entropy(net.forward(images), labels)[1])
        return net.grads["3.w"].copy()

    alike = []
    for start in (0, 8):
        once, labels = x[start : start + 8], y[start : start + 8]
        twice = dw(np.concatenate([once, once]), np.concatenate([labels, labels]))
        ratio = np.linalg.norm(twice) / np.linalg.norm(dw(once, labels))
        alike.append(round(float(ratio), 4))
    same = alike[0] == alike[1]
    return {"It doubles": alike[0] == 2, "It halves": alike[0] == 0.5, "Nothing": alike[0] == 1, "It depends": not same}


NUMBERS: Mapping[str, Callable[[], float]] = {
    "products": lambda: uses(LAYER, 2 * 3 + 1),
    "corner": lambda: taps_at(0),
    "padding": lambda: ones_dw(0, 0),
    "bias": lambda: gradients(DZ, X, W, stride=2)[2],
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "products": {
        9: lambda: uses(Window.over(5, 3), 7),
        25: lambda: X.size,
        36: lambda: len(LAYER.meetings().output),
    },
    "corner": {4: lambda: taps_at(0, padding=1), 9: lambda: taps_at(12)},
    "padding": {
        9: lambda: ones_dw(0, 0, padding=0),
        20: lambda: ones_dw(0, 1),
        25: lambda: ones_dw(1, 1),
    },
    "bias": {
        0.75: lambda: DZ.mean(),
        4: lambda: gradients(np.ones_like(DZ), X, W, stride=2)[2],
        7: lambda: np.abs(DZ).sum(),
        -6: lambda: DZ.prod(),
    },
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "linear": linear,
    "flat": flat,
    "correlation": correlation,
    "batch": batch,
}


def test_numbers_in_the_prose() -> None:
    outer = len(set(Window.over(5, 3, padding=1).meetings().output.tolist())) - int(ones_dw(0, 0))
    assert f"{outer} of the 25" in find("04.padding").explanation

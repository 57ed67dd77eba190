"""Every answer of chapter 06's questions, worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv import nn
from lessonconv.exercises.question import find
from lessonconv.window import Axis
from tests.exercises.questions.layer import X, numbers, plain


def enlarged(x: Any, w: Any, **settings: Any) -> Any:
    """The transposed convolution of one picture with one kernel."""
    return F.conv_transpose2d(x[None, None], w[None, None], **settings)[0, 0]


def rows(size: int, kernel: int, **settings: Any) -> int:
    """Its output's rows, as the layer gives them."""
    return len(enlarged(np.ones((size, 1)), np.ones((kernel, 1)), **settings))


def inner(kernel: int, stride: int) -> list[int]:
    """How many stamps each output gets, away from the border."""
    counts = enlarged(np.ones((12, 1), int), np.ones((kernel, 1), int), stride=(stride, 1))[:, 0].tolist()
    return counts[3 * stride : 9 * stride]


def backward() -> dict[str, bool]:
    x, w = numbers(3, 3), numbers(3, 3, seed=1)
    dz = numbers(5, 5, seed=2)
    settings = {"stride": 2, "padding": 1}
    x4, w4, dz4 = x[None, None], w[None, None], dz[None, None]
    dx = F.conv_transpose2d_backward(dz4, x4, w4, **settings)[0][0, 0]
    slopes = [
        (dz * (enlarged(x + step, w, **settings) - enlarged(x, w, **settings))).sum()
        for step in np.eye(9, dtype=int).reshape(9, 3, 3)
    ]
    assert dx.ravel().tolist() == slopes
    spread = np.zeros((9, 9), int)
    spread[::2, ::2] = dz
    return {
        "Stamp once more": np.array_equal(dx, enlarged(dz, w, **settings)),
        "A convolution of ∂L/∂z with": np.array_equal(dx, plain(dz, w[::-1, ::-1], **settings)),
        "A convolution of ∂L/∂z, with": np.array_equal(dx, plain(spread, w, **settings)),
        "A plain convolution": np.array_equal(dx, plain(dz, w, **settings)),
    }


def layout() -> dict[str, bool]:
    there, back = nn.Conv2d(3, 8, 5), nn.ConvTranspose2d(8, 3, 5)
    shape = back.params["w"].shape
    assert there.params["w"].shape == (8, 3, 5, 5)
    small = numbers(1, 8, 4, 4)
    w = numbers(8, 3, 5, 5, seed=1)
    same = np.array_equal(F.conv_transpose2d(small, w), F.conv2d_backward_input(small, w, (1, 3, 8, 8)))
    return {
        "(3, 8, 5, 5)": shape == (3, 8, 5, 5),
        "(8, 3, 5, 5)": shape == (8, 3, 5, 5) and same,
        "(5, 5, 3, 8)": shape == (5, 5, 3, 8),
        "(3, 8, 5, 5), each": shape == (3, 8, 5, 5),
    }


def extra() -> dict[str, bool]:
    ones, w = np.ones((4, 4), int), np.repeat([[1], [2], [3]], 3, axis=1)
    whole = enlarged(ones, w, stride=2)
    z = enlarged(ones, w, stride=2, padding=1, output_padding=1)
    assert enlarged(ones, w, stride=2, padding=1).shape == (7, 7) and z.shape == (8, 8)
    assert not enlarged(ones, w, stride=2, output_padding=1)[-1].any()  # without padding there is room for zeros
    last = z[-1].tolist()
    return {
        "Zeros": not any(last),
        "A copy": last == z[-2].tolist(),
        "What the last": last == whole[-1, 1:].tolist() and any(last),
        "The first row": last == z[0].tolist(),
    }


def undo() -> dict[str, bool]:
    def round_trip(w: Any) -> Any:
        return enlarged(plain(X, w, stride=2), w, stride=2)

    w, fair = numbers(3, 3, seed=1), np.full((3, 3), 1 / 9)
    back = round_trip(w)
    units = np.eye(25).reshape(25, 1, 5, 5)
    T = F.conv2d(units, w[None, None], stride=2).reshape(25, 4).T
    hopeless = np.linalg.matrix_rank(T.T @ T) == 4
    factor = (back * X).sum() / (X * X).sum()
    return {
        "Yes: that": np.array_equal(back, X),
        "Yes, if": np.allclose(round_trip(fair), X),
        "No": hopeless and not np.array_equal(back, X),
        "Yes, up": np.allclose(back, factor * X),
    }


def even() -> dict[str, bool]:
    settings = [(3, 2), (5, 2), (4, 3), (4, 2), (2, 3)]
    return {f"kernel {K}, stride {s}": len(set(inner(K, s))) == 1 for K, s in settings}


def flat() -> dict[str, bool]:
    z = enlarged(np.ones((9, 9)), np.random.default_rng(0).normal(size=(4, 4)), stride=2)[4:-4, 4:-4]

    def tiles(size: int) -> bool:
        return np.allclose(z[size:], z[:-size]) and np.allclose(z[:, size:], z[:, :-size])

    assert len(np.unique(z[:2, :2].round(9))) == 4
    return {
        "A small tile": tiles(2) and not tiles(1),
        "All alike": tiles(1),
        "Like noise": not tiles(2),
        "A tile of 4×4": tiles(4) and not tiles(2),
    }


NUMBERS: Mapping[str, Callable[[], float]] = {
    "size": lambda: rows(4, 3, stride=2),
    "network": lambda: rows(111, 3, stride=2),
}

# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "size": {
        8: lambda: 4 * 2,
        7: lambda: len(range(6 + 1)),
        12: lambda: rows(4, 3, stride=3),
        6: lambda: rows(4, 3),
        1: lambda: Axis.over(4, 3, stride=2).outputs,
    },
    "network": {
        222: lambda: 111 * 2,
        225: lambda: 111 * 2 + 3,
        113: lambda: rows(111, 3),
        333: lambda: rows(111, 3, stride=3),
    },
}

CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "backward": backward,
    "layout": layout,
    "extra": extra,
    "undo": undo,
    "even": even,
    "flat": flat,
}


def test_numbers_in_the_prose() -> None:
    assert [Axis.over(size, 3, stride=2).outputs for size in (223, 224)] == [111, 111]
    assert Axis.over(224, 3, stride=2).inputs_of(110) == range(220, 223)
    assert inner(3, 2)[:4] == [2, 1, 2, 1] and inner(5, 2)[:4] == [3, 2, 3, 2]
    assert inner(4, 3)[:6] == [2, 1, 1, 2, 1, 1] and inner(2, 3)[:6] == [1, 1, 0, 1, 1, 0]
    assert set(inner(4, 2)) == {2}
    for name, reply in (("even", "3, 2, 3, 2"), ("network", "starts at row 220")):
        assert any(reply in words for _, words in find(f"06.{name}").wrong_answers())

"""Every answer of chapter 01's questions, worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lessonconv.exercises.question import find
from lessonconv.exercises.tasks.kernels import COMPOSE_KERNELS
from lessonconv.window import Window
from tests.exercises.questions.layer import gradients, numbers, plain

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
BLUR = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
NINE = np.arange(1, 10).reshape(3, 3)
PHOTO = numbers(12, 13, seed=3)


def turned(w: Any) -> Any:
    return w[::-1, ::-1]


def point() -> dict[str, bool]:
    x = np.zeros((9, 9), int)
    x[4, 4] = 1
    z = plain(x, NINE)
    seen = z[2:5, 2:5]
    assert z.sum() == NINE.sum()
    return {
        "The kernel, as it stands": np.array_equal(seen, NINE),
        "A single number": (z != 0).sum() == 1,
        "The kernel, turned": np.array_equal(seen, turned(NINE)),
        "The kernel, mirrored": np.array_equal(seen, NINE[:, ::-1]),
    }


def turn() -> dict[str, bool]:
    ways = {"7 8 9": NINE[::-1], "9 8 7": np.rot90(NINE, 2), "3 2 1": NINE[:, ::-1], "1 4 7": NINE.T}
    ways["7 4 1"] = np.rot90(NINE, -1)
    for row, way in ways.items():
        assert way[0].tolist() == [int(number) for number in row.split()]
    return {row: np.array_equal(way, turned(NINE)) for row, way in ways.items()}


def sobel() -> dict[str, bool]:
    right, found = plain(PHOTO, SOBEL), plain(PHOTO, turned(SOBEL))
    return {
        "Nothing": np.array_equal(found, right),
        "The picture is turned": np.array_equal(found, turned(right)),
        "It shows the edges": np.array_equal(found, plain(PHOTO, SOBEL.T)),
        "Every sign": np.array_equal(found, -right),
    }


def learned() -> dict[str, bool]:
    """Both learn NINE from one noisy image; the true convolution turns its kernel before it slides."""
    x = np.random.default_rng(0).normal(size=(40, 40))
    wanted = plain(x, NINE.astype(float))

    def learn(turn: bool) -> tuple[Any, list[float]]:
        w, losses = np.zeros((3, 3)), []
        for _ in range(80):
            used = turned(w) if turn else w
            error = plain(x, used) - wanted
            losses.append(float((error**2).mean()))
            dw = gradients(error / error.size, x, used)[1]
            w = w - (turned(dw) if turn else dw)
        return w, losses

    (one, losses), (other, others) = learn(False), learn(True)
    assert losses[-1] < 1e-6 * losses[0]
    return {
        "Both have the same": np.allclose(one, other),
        "Both make the same": np.allclose(losses, others, rtol=1e-12) and np.allclose(other, turned(one)),
        "The second one learns": others[5] > losses[5] * 1.001,
        "The kernels have nothing": not np.allclose(other, turned(one)),
    }


def order() -> dict[str, bool]:
    one, other = plain(plain(PHOTO, BLUR), SOBEL), plain(plain(PHOTO, SOBEL), BLUR)
    return {
        "Not at all": np.array_equal(one, other),
        "The second one": np.abs(np.diff(other)).sum() < np.abs(np.diff(one)).sum(),
        "Their signs": np.array_equal(one, -other),
        "They differ": not np.array_equal(one, other),
    }


def products(total: int | None) -> int:
    """The products of 1 + 2t and 3 + 4t + 5t² whose exponents add up to this."""
    rows = [1, 2], [3, 4, 5]
    return sum(
        one * other
        for k, one in enumerate(rows[0])
        for u, other in enumerate(rows[1])
        if total is None or k + u == total
    )


NUMBERS: Mapping[str, Callable[[], float]] = {
    "polynomial": lambda: products(2),
    "twice": lambda: COMPOSE_KERNELS.right((BLUR, SOBEL)).size,
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "polynomial": {
        5: lambda: 1 * 5,
        8: lambda: 2 * 4,
        10: lambda: products(3),
        18: lambda: 5 + 8 + 5,
        36: lambda: products(None),
    },
    "twice": {
        9: lambda: BLUR.size,
        18: lambda: BLUR.size + SOBEL.size,
        36: lambda: (3 + 3) ** 2,
        81: lambda: BLUR.size * SOBEL.size,
    },
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "point": point,
    "turn": turn,
    "sobel": sobel,
    "learned": learned,
    "order": order,
}


def test_numbers_in_the_prose() -> None:
    reads = Window.over((1, 7), (1, 3)).meetings()
    first, *_ = reads.input.reshape(-1, 3).tolist()
    assert first == [0, 1, 2] and "begin at 0, 1 and 2 end at 2, 3 and 4" in find("01.twice").wrong_answers()[2][1]
    assert sorted({start + tap for start in range(3) for tap in range(3)}) == list(range(5))
    assert np.array_equal(turned(SOBEL), -SOBEL)


def test_a_relu_between_two_filters_makes_their_order_matter() -> None:
    one = plain(np.maximum(plain(PHOTO, BLUR), 0), SOBEL)
    other = plain(np.maximum(plain(PHOTO, SOBEL), 0), BLUR)
    assert not np.array_equal(one, other)

"""Every answer of chapter 02's questions, worked out anew."""

from collections.abc import Callable, Mapping

import numpy as np

from lessonconv import functional as F
from lessonconv.exercises.question import find
from lessonconv.window import Window

DENSE = np.array([[1, -1, 2, 0, 1], [2, 0, -1, 1, 3], [0, 1, 1, -2, 1]])
SMALL = Window.over(4, 3)


def matrix(kernel: np.ndarray, size: int) -> np.ndarray:
    """T(w), column by column: what the layer makes of an input that is 1 in one place."""
    ones = np.eye(size * size, dtype=int).reshape(-1, 1, size, size)
    return F.conv2d(ones, kernel[None, None]).reshape(size * size, -1).T


def asker() -> dict[str, bool]:
    x, dz = np.array([1, 2, 0, 3, 1]), np.array([1, 0, 0])
    dx = F.linear_backward(dz[None], x[None], DENSE)[0][0]
    z = DENSE @ np.linalg.lstsq(DENSE, dz, rcond=None)[0]
    assert np.allclose(z, dz)
    return {
        "The first column of w": np.array_equal(dx, DENSE[:, 0]),
        "(1, 0, 0, 0, 0)": np.array_equal(dx, [1, 0, 0, 0, 0]),
        "The input x": np.array_equal(dx, x),
        "The first row of w": np.array_equal(dx, DENSE[0]),
        "The x that makes": np.allclose(dx, np.linalg.lstsq(DENSE, dz, rcond=None)[0]),
    }


def shapes() -> dict[str, bool]:
    product = DENSE.T * np.array([1, -2, 3])
    assert np.array_equal(product.sum(axis=1), DENSE.T @ [1, -2, 3])
    return {
        "It refuses": False,
        "A vector of 5 numbers": product.shape == (5,),
        "A matrix of 5 rows and 3 columns": product.shape == (5, 3),
        "A vector of 3 numbers": product.shape == (3,),
    }


def turned() -> dict[str, bool]:
    kernel = np.arange(1, 10).reshape(3, 3)
    picture = matrix(kernel, 5)[:, 12].reshape(3, 3)
    return {
        "The kernel, upright": np.array_equal(picture, kernel),
        "The kernel, turned by 180°": np.array_equal(picture, kernel[::-1, ::-1]),
        "The kernel, transposed": np.array_equal(picture, kernel.T),
        "Nine times the same": len(set(picture.ravel().tolist())) == 1,
    }


def elsewhere() -> dict[str, bool]:
    """As in the chapter, on small random pictures: learned on the left, asked on the right."""
    rng = np.random.default_rng(0)
    left = np.pad(rng.uniform(0, 1, (40, 1, 4, 4)), ((0, 0), (0, 0), (0, 0), (0, 4)))
    edges = np.array([[1.0, 0, -1]])[None, None]
    wanted, x, w = F.conv2d(left, edges, padding=(0, 1)).reshape(40, -1), left.reshape(40, -1), np.zeros((32, 32))
    for _ in range(300):
        w -= 0.3 * F.linear_backward((F.linear(x, w) - wanted) / 40, x, w)[1]
    assert np.abs(F.linear(x, w) - wanted).mean() < 0.1 * np.abs(wanted).mean()
    right = np.roll(left, 4, axis=3)
    drawn, asked = F.linear(right.reshape(40, -1), w), F.conv2d(right, edges, padding=(0, 1)).reshape(40, -1)
    return {
        "Nothing": not drawn.any(),
        "The edges of the digit": np.abs(drawn - asked).mean() < 0.5 * np.abs(asked).mean(),
        "The edges, but in": np.abs(drawn - wanted).mean() < 0.5 * np.abs(wanted).mean(),
        "Random noise": bool(drawn.any()),
    }


def stepped(rate: float, start: float = 0.0) -> float:
    x, dz = np.array([1, 2, 0, 3, 1]), np.array([1, -2, 3])
    T = np.full((3, 5), start)
    return float((T - rate * np.outer(dz, x))[0, 4])


NUMBERS: Mapping[str, Callable[[], float]] = {
    "photo": lambda: np.zeros((28 * 28, 28 * 28)).size,
    "cut": lambda: stepped(0.1),
    "tied": lambda: tied([2, -1, 4]),
    "column": lambda: np.count_nonzero(matrix(np.arange(1, 10).reshape(3, 3), 4)[:, 1 * 4 + 1]),
}


def tied(places: list[int]) -> float:
    """L of a weight that is copied into three places: its slope."""

    def L(weight: float) -> float:
        return sum(gradient * entry for gradient, entry in zip(places, [weight] * 3, strict=True))

    return L(8) - L(7)


def column(u: int, v: int) -> int:
    return np.count_nonzero(matrix(np.arange(1, 10).reshape(3, 3), 4)[:, u * 4 + v])


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "photo": {
        784: lambda: 28 * 28,
        1568: lambda: 2 * 28 * 28,
        7056: lambda: 9 * 28 * 28,
        615440: lambda: 784 * 784 + 784,
    },
    "cut": {0.1: lambda: stepped(-0.1), -1: lambda: stepped(1.0), 0.9: lambda: stepped(0.1, start=1.0)},
    "tied": {
        1.6666666667: lambda: np.mean([2, -1, 4]),
        4: lambda: [2, -1, 4][-1],
        2: lambda: [2, -1, 4][0],
        -8: lambda: np.prod([2, -1, 4]),
        7: lambda: np.abs([2, -1, 4]).sum(),
    },
    "column": {1: lambda: column(0, 0), 2: lambda: column(0, 1), 9: lambda: 3 * 3, 16: lambda: 4 * 4},
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "asker": asker,
    "shapes": shapes,
    "turned": turned,
    "elsewhere": elsewhere,
}


def test_numbers_in_the_prose() -> None:
    T = matrix(np.arange(1, 10).reshape(3, 3), 4)
    counts = np.count_nonzero(T, axis=0)
    assert np.count_nonzero(T) == 36
    assert [np.count_nonzero(counts == count) for count in (4, 2, 1)] == [4, 8, 4]
    assert "4 inputs with 4, 8 with 2, 4 with 1" in find("02.column").explanation
    assert (2 * 28) ** 4 // 28**4 == 16
    assert len(SMALL.meetings().output) == 36

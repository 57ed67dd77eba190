"""Every answer of chapter 12's questions, worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy

from lessonconv import functional as F
from lessonconv.exercises.question import Choice, find
from lessonconv.symbolic import debug
from lessonconv.window import Axis
from tests.exercises.questions.layer import gradients, numbers

TURNED, TRANSPOSED = (lambda w: w[::-1, ::-1]), (lambda w: w.T)


def results() -> list[Any]:
    """∂L/∂x with the kernel as it should be, transposed, and turned once too often; stride 1, no padding."""
    x, w, dz = numbers(6, 6), numbers(3, 3, seed=1), numbers(4, 4, seed=2)
    return [gradients(dz, x, kernel)[0] for kernel in (w, TRANSPOSED(w), TURNED(w))]


def evidence() -> dict[str, bool]:
    def tells(look: Callable[[Any], Any]) -> bool:
        return len({look(result) for result in results()}) == 3

    cells = [len({int(result[u, v]) for result in results()}) == 3 for u in range(6) for v in range(6)]
    return {
        "The shape": tells(lambda dx: dx.shape),
        "The sum": tells(lambda dx: int(dx.sum())),
        "The mean": tells(lambda dx: float(dx.mean())),
        "A single cell": np.mean(cells) > 0.5,
    }


def square() -> dict[str, bool]:
    W, dz = numbers(3, 3), numbers(3, seed=1)
    got, true = W.T * dz, W.T @ dz
    try:
        numbers(3, 4).T * dz[:2]
        fits = True
    except ValueError:
        fits = False
    assert not fits
    return {
        "An error": False,
        "The right": got.shape == true.shape and np.array_equal(got, true),
        "A 3×3": got.shape == (3, 3),
        "Three wrong": got.shape == (3,),
    }


def rotated() -> dict[str, bool]:
    equation = "dw[k] = Σ(i<O) dz[i]·x[i + K − 1 − k]"
    correlates, convolves = (debug(equation, stride=1, forward=one).holds for one in ("correlation", "convolution"))
    assert debug("dw[k] = Σ(i<O) dz[i]·x[i + k]", stride=1).holds
    return {
        "Yes": bool(correlates and convolves),
        "No": not correlates and not convolves,
        "Only for": False,
        "It depends": bool(convolves) and not correlates,
    }


def alibi() -> dict[str, bool]:
    question = find("12.alibi")
    assert isinstance(question, Choice)
    kernels = {option.text: np.array(sympy.sympify(option.text)) for option in question.options}
    return {text: bool((TRANSPOSED(w) == TURNED(w)).all()) for text, w in kernels.items()}


def windows() -> dict[str, bool]:
    counts = np.bincount(Axis.over(41, 5, stride=2).meetings().input)[10:30].tolist()
    return {
        "Four": set(counts) == {4},
        "Always three": set(counts) == {3},
        "Always two": set(counts) == {2},
        "Three and two": counts == [3, 2] * 10,
        "Two and a half": set(counts) == {2.5},
    }


def half() -> dict[str, bool]:
    dz = [7, 8, 9]
    total = sum(dz[i] for i in range(3) if 2 * i == 1)
    return {"∂L/∂z[0]": total == dz[0], "∂L/∂z[1]": total == dz[1], "0": total == 0, "∂L/∂z[1/2]": False}


def lists() -> dict[str, bool]:
    x = np.array([[[[3.0, 1, 4, 1, 5, 9]]]])
    z, argmax = F.max_pool2d(x, (1, 2))
    winners = np.bincount(np.arange(3), weights=x.ravel()[argmax.ravel()])
    return {
        "The convolution's, with": np.array_equal(z.ravel(), x.reshape(3, 2).mean(1)),
        "One meeting": np.array_equal(z.ravel(), winners),
        "The convolution's, where": np.array_equal(z.ravel(), x.reshape(3, 2).sum(1)),
        "It has none": False,
    }


def widened(edge: int = 2, between: int = 1) -> int:
    return 111 + 110 * between + 2 * edge


def tie() -> float:
    cells = sympy.symbols("a:c", real=True)
    slopes = [sympy.diff(sympy.Max(*cells), cell).subs(dict.fromkeys(cells, 5)) for cell in cells]
    return float(sum(slopes))


def often() -> int:
    """How often the first of four rows is in the gradient."""
    rows, total, gradient = np.eye(4, dtype=int), np.zeros(4, int), np.zeros(4, int)
    for row in rows:
        total = total + row
        gradient += total
    return int(gradient[0])


NUMBERS: Mapping[str, Callable[[], float]] = {
    "returned": lambda: widened() - 3 + 1,
    "rows": often,
    "tie": tie,
}

# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "returned": {
        224: lambda: Axis.over(224, 3, stride=2).size,
        225: widened,
        221: lambda: widened(edge=0),
        222: lambda: 2 * Axis.over(224, 3, stride=2).outputs,
        227: lambda: widened() + 3 - 1,
    },
    "rows": {1: lambda: 1, 3: lambda: 4 - 1, 10: lambda: sum(range(5)), 16: lambda: 4 * 4},
    "tie": {1: lambda: 1, 3: lambda: int((np.full(3, 5) == 5).sum()), 0.5: lambda: tie() / 3, 0.125: lambda: 0.5**3},
}

CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "evidence": evidence,
    "square": square,
    "rotated": rotated,
    "alibi": alibi,
    "windows": windows,
    "half": half,
    "lists": lists,
}


def test_numbers_in_the_prose() -> None:
    axis = Axis.over(224, 3, stride=2)
    assert (axis.outputs, axis.remainder) == (111, 1)
    window = Axis.over(41, 5, stride=2)
    assert [window.input(i, 0) for i in window.outputs_of(8)] == [4, 6, 8]
    assert [window.input(i, 0) for i in window.outputs_of(9)] == [6, 8]
    favourites = [np.ones((3, 3)), np.outer([1, 2, 1], [1, 2, 1]), np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])]
    assert all((TRANSPOSED(w) == TURNED(w)).all() for w in favourites)
    for u in range(10, 30):
        i = u // 2
        assert len(window.outputs_of(u)) == (5 - 1 - (u - 2 * i)) // 2 + 1

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


def suspects() -> dict[str, bool]:
    """Which parts may stay, when all others are mended: K − s, t·s, u − i·s."""

    def right(last: str, step: str, tap: str) -> bool:
        return all(
            agrees(last, f"i - {step}", tap, *sizes)
            for sizes in ((5, 2, 4), (3, 2, 3), (3, 1, 4), (5, 3, 3), (4, 4, 2))
        )

    mended = ("-(-len(w) // s) - 1", "t", "u - (i - t) * s")
    assert right(*mended)
    stays = {
        "The step": right(mended[0], "t * s", mended[2]),
        "The tap": right(mended[0], mended[1], "u - i * s"),
        "The last": right("len(w) - s", mended[1], mended[2]),
    }
    return stays | {"None": not any(stays.values())}


def agrees(last: str, window: str, tap: str, kernel: int, s: int, outputs: int) -> bool:
    """Whether the sum over t is ∂L/∂x at every input."""
    size = (outputs - 1) * s + kernel
    w, dz = numbers(kernel), numbers(outputs, seed=1)
    met = Axis.over(size, kernel, stride=s).meetings()
    true = np.bincount(met.input, weights=dz[met.output] * w[met.tap], minlength=size)
    found = np.zeros(size)
    for u in range(size):
        i = min(u // s, outputs - 1)
        for t in range(eval(last, {"len": len, "w": w, "s": s}) + 1):
            o, k = (eval(index, {"i": i, "t": t, "s": s, "u": u}) for index in (window, tap))
            if 0 <= o < outputs and 0 <= k < kernel:
                found[u] += dz[o] * w[k]
    return bool((found == true).all())


def file() -> dict[str, bool]:
    def holds(equation: str, **settings: Any) -> bool:
        return bool(debug(equation, **settings).holds)

    return {
        "At stride 1": holds("dx[u] = Σ(t<K) dz[u + t]·w_rot[t]", stride=1),
        "A window": all(2 * ((K - 1) // 2) + 1 == K for K in range(1, 9)),
        "∂L/∂w": holds("dw[k] = Σ(i<O) dz[i]·x[i·s + k]"),
        "Neighbouring": all(
            (i * (s + 1) <= i * s + K - 1) == ((i + 1) * s <= i * s + K - 1)
            for i in range(5)
            for s in range(1, 5)
            for K in range(1, 7)
        ),
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


def widened(edge: int = 1, between: int = 1) -> int:
    return 16 + 15 * between + 2 * edge


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
}

# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "returned": {
        32: lambda: Axis.over(32, 3, stride=2, padding=1).size,
        33: widened,
        29: lambda: widened(edge=0) - 3 + 1,
        35: lambda: widened() + 3 - 1,
        30: lambda: widened() - 3,
    },
    "rows": {1: lambda: 1, 3: lambda: 4 - 1, 10: lambda: sum(range(5)), 16: lambda: 4 * 4},
}

CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "evidence": evidence,
    "rotated": rotated,
    "alibi": alibi,
    "suspects": suspects,
    "file": file,
    "half": half,
    "lists": lists,
}


def test_numbers_in_the_prose() -> None:
    axis = Axis.over(32, 3, stride=2, padding=1)
    assert (axis.outputs, axis.remainder) == (16, 1)
    assert len(axis.outputs_of(31)) == 1  # the row that is lost was read
    favourites = [np.ones((3, 3)), np.outer([1, 2, 1], [1, 2, 1]), np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])]
    assert all((TRANSPOSED(w) == TURNED(w)).all() for w in favourites)
    window = Axis.over(41, 5, stride=2)
    assert {len(window.outputs_of(u)) for u in range(10, 30)} == {2, 3}
    assert [u - (u // 2 - t) * 2 for u in (10, 11) for t in range(4)] == [0, 2, 4, 6, 1, 3, 5, 7]  # 5 or more: no tap

"""Every answer of chapter 03's questions, worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lessonconv import nn
from lessonconv.exercises.question import find
from lessonconv.functional import conv2d
from lessonconv.window import Axis, Window
from tests.exercises.questions.layer import W, X, numbers, plain


def even() -> dict[str, bool]:
    axis = Axis.over(7, 4, padding="same")
    sides = {"1.5 and 1.5": (1.5, 1.5), "2 and 2": (2, 2), "1 and 2": (1, 2), "2 and 1": (2, 1)}
    assert axis.outputs == 7 and Axis.over(7, 4, padding=2).outputs == 8
    return {claim: (axis.before, axis.after) == each for claim, each in sides.items()}


def every_second() -> dict[str, bool]:
    x, w = numbers(9, 9), numbers(3, 3, seed=1)
    one, two = plain(x, w), plain(x, w, stride=2)
    means = one[:6, :6].reshape(3, 2, 3, 2).mean((1, 3))
    found = one[::2, ::2].shape == two.shape and bool((one[::2, ::2] == two).all())
    return {
        "In the output of stride 1: each": bool(np.isin(means, two).all()),
        "In the output of stride 1: every second": found,
        "In the output of stride 1 over": plain(x[::2, ::2], w).shape == two.shape
        and bool((plain(x[::2, ::2], w) == two).all()),
        "Nowhere": not np.isin(two, one).all(),
    }


def one_by_one() -> dict[str, bool]:
    x, w = numbers(1, 3, 4, 5), numbers(2, 3, 1, 1, seed=1)
    z, poked = conv2d(x, w), x.copy()
    poked[0, 1, 2, 2] += 1
    moved = (conv2d(poked, w) != z).any((0, 1))
    matrix = np.einsum("fc,nchw->nfhw", w[:, :, 0, 0], x)
    ratios = {tuple(np.round(z[0, 0].ravel() / channel.ravel(), 9)) for channel in x[0]}
    return {
        "Next to nothing": any(len(set(each)) == 1 for each in ratios),
        "It blurs": moved.sum() > 1,
        "It is a dense layer": bool(moved.all()),
        "At every pixel": bool((z == matrix).all()) and z.shape[1] == 2 and int(moved.sum()) == 1,
    }


def fields(layers: int) -> int:
    net = nn.Sequential(*(nn.Conv2d(1, 1, 3) for _ in range(layers)))
    return int(net.receptive_field((1, 1), (1, 1))[0][0])


def in_memory(k: int, l: int) -> int:
    """The flat index of tap (k, l) in the window that begins at flat index 14 of a picture 6 cells wide."""
    i, j = divmod(14, 6)
    return int(np.arange(36).reshape(6, 6)[i + k, j + l])


NUMBERS: Mapping[str, Callable[[], float]] = {
    "one_window": lambda: plain(X, W, stride=2)[1, 0],
    "meetings": lambda: len(Axis.over(6, 3, padding=1).meetings().output),
    "halved": lambda: Window.over(224, 3, stride=2).output_size[0],
    "numbers": lambda: sum(array.size for array in nn.Conv2d(3, 8, 5).params.values()),
    "offset": lambda: in_memory(1, 2),
    "stack": lambda: fields(3),
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "one_window": {
        -2: lambda: plain(X, W[::-1, ::-1], stride=2)[1, 0],
        1: lambda: plain(X, W)[1, 0],
        -4: lambda: plain(X, W, stride=2)[0, 1],
        0: lambda: plain(X, W.T, stride=2)[1, 0],
    },
    "meetings": {
        12: lambda: len(Axis.over(6, 3).meetings().output),
        14: lambda: len(Axis.over(6, 3).meetings().output) + 2,
        18: lambda: Axis.over(6, 3, padding=1).outputs * 3,
        24: lambda: 8 * 3,
    },
    "halved": {
        110: lambda: (224 - 3) // 2,
        111.5: lambda: (224 - 3) / 2 + 1,
        112: lambda: -(-(224 - 3) // 2) + 1,
        222: lambda: Window.over(224, 3).output_size[0],
    },
    "numbers": {
        200: lambda: 8 * 25,
        208: lambda: 8 * 25 + 8,
        600: lambda: nn.Conv2d(3, 8, 5).params["w"].size,
        601: lambda: nn.Conv2d(3, 8, 5).params["w"].size + 1,
        624: lambda: nn.Conv2d(3, 8, 5).params["w"].size + 8 * 3,
    },
    "offset": {
        17: lambda: 14 + 1 + 2,
        20: lambda: in_memory(1, 0),
        27: lambda: in_memory(2, 1),
        16: lambda: in_memory(0, 2),
    },
    "stack": {
        3: lambda: fields(1),
        5: lambda: fields(2),
        6: lambda: fields(3) - 1,
        9: lambda: 3 + 3 + 3,
        27: lambda: 3 * 3 * 3,
    },
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "even": even,
    "every_second": every_second,
    "one_by_one": one_by_one,
}


def test_numbers_in_the_prose() -> None:
    window: Any = X[2:5, 0:3]
    assert (window[:, 0] @ [1, 2, 1], window[:, 2] @ [1, 2, 1]) == (7, 5)
    assert np.count_nonzero(W) == 6
    starts = [2 * i for i in range(111)]
    assert starts[-1] == 220 and 220 + 3 <= 224 < 222 + 3
    assert Window.over(224, 3, stride=2).remainder == (1, 1)
    assert "27 weights" in find("03.stack").explanation

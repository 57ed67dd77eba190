"""Every answer of chapter 09's questions, worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lessonconv import data, nn
from lessonconv import functional as F
from lessonconv.exercises import planted
from lessonconv.exercises.question import find
from lessonconv.exercises.solutions.gradients import relative_error
from tests.exercises.questions.layer import DZ, LAYER, W, X, gradients, numbers, plain


class Noise(nn.Conv2d):
    """Hands back random numbers."""

    def backward(self, dz: Any) -> Any:
        dx = super().backward(dz)
        return np.random.default_rng(1).normal(0, dx.std(), dx.shape).astype(dx.dtype)


def falls() -> dict[str, bool]:
    (x, y), test = data.digits(seed=0)
    layers = [nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.Tanh(), Noise(8, 16, 3, padding=1), nn.Tanh()]
    net = nn.Sequential(*layers, nn.AvgPool2d(2), nn.Flatten(), nn.Linear(784, 10), rng=1)
    history = nn.fit(net, (x[:1500], y[:1500]), test=test, epochs=4, progress=False)
    last = history.epochs[-1]
    loss, accuracy = last.loss, last.test_accuracy
    assert accuracy is not None
    return {
        "It grows": not loss < 3,
        "It stays": 2 < loss < 3,
        "It falls": loss < 1 and accuracy > 0.75,
        "There is an error": False,
    }


def central(f: Callable[[Any], Any], x: float, h: float) -> float:
    return float((f(x + h) - f(x - h)) / (2 * h))


def smaller() -> dict[str, bool]:
    steps = {"0.1": 1e-1, "0.001": 1e-3, "0.00001": 1e-5, "10⁻¹⁰": 1e-10, "10⁻¹⁵": 1e-15}
    off = {name: abs(central(np.exp, 1, h) - np.e) for name, h in steps.items()}
    return {name: error == min(off.values()) for name, error in off.items()}


def trilinear() -> dict[str, bool]:
    total, (_, dw, _) = (DZ * plain(X, W, stride=2)).sum(), gradients(DZ, X, W, stride=2)
    assert total == 15
    found = (dw * W).sum()
    return {
        "Who knows": found != total,
        "15": found == total,
        "15, but only": False if found == total else LAYER.stride == (1, 1),
        "15, divided": found == total / DZ.size,
    }


def share_of_the_plain_layer() -> dict[str, bool]:
    found = planted.caught({"x": (1, 1, 5, 5), "w": (1, 1, 3, 3), "stride": 1, "padding": 1})
    assert len(found) == 71
    share = sum(found) / len(found)
    return {
        "All of them": share == 1,
        "All but": 0.8 < share < 1,
        "About half": 0.4 < share < 0.6,
        "Nearly none": share < 0.1,
    }


def sideways() -> dict[str, bool]:
    """10⁻⁸ has all digits of tanh, but not of a function that bends sharply."""

    def off(h: float) -> float:
        return abs((np.tanh(1e9 * (1e-9 + 1j * h)).imag / h) / (1e9 * (1 - np.tanh(1.0) ** 2)) - 1)

    with np.errstate(all="ignore"):
        return {"10⁻⁵": off(1e-5) < 1e-14, "10⁻⁸": off(1e-8) < 1e-14, "10⁻²⁰⁰": off(1e-200) < 1e-14, "0": off(0.0) < 1}


def wraps(suspect: str) -> bool:
    """Whether what is too much at the end is what belongs before the beginning."""
    dz, x, w = numbers(1, 1, 4, 4), numbers(1, 1, 7, 7, seed=1), numbers(1, 1, 3, 3, seed=2)
    wide = F.conv2d_backward(dz, np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), w, stride=2)[0][0, 0]
    expected = wide[1:-1, 1:-1].copy()
    expected[-1] += wide[0, 1:-1]
    expected[:, -1] += wide[1:-1, 0]
    expected[-1, -1] += wide[0, 0]
    return bool((planted.gradient(suspect, dz, x, w, 2, 1)[0, 0] == expected).all())


def culprit() -> dict[str, bool]:
    net, x, labels = planted.network(1)
    tensors = nn.gradcheck(net, x, labels).tensors
    assert [name for name, tensor in tensors.items() if tensor.error < 1e-6] == ["7.w", "7.b"]
    return {
        words: guilty(1) in layers
        for words, layers in {
            "In layer 0": [0], "In layer 3": [3], "In one of layers 4, 5 and 6": [4, 5, 6], "In layer 7": [7],
        }.items()
    }  # fmt: skip


def guilty(case: int) -> int:
    """The layer that is wrong when it is alone."""
    net, x, _ = planted.network(case)
    wrong = []
    for number, layer in enumerate(net):
        if not nn.gradcheck(layer, x):
            wrong.append(number)
        x = layer.forward(x)
    (number,) = wrong
    return number


def alone() -> dict[str, bool]:
    net, x, labels = planted.network(2)
    assert [name for name, tensor in nn.gradcheck(net, x, labels).tensors.items() if tensor.error > 1e-6] == ["3.w"]
    seen = net[:3].forward(x)
    tensors = nn.gradcheck(net[3], seen).tensors
    return {
        "Layer 4's": guilty(2) == 4,
        "Layer 2's": guilty(2) == 2,
        "Layer 3's, in its ∂L/∂x": guilty(2) == 3 and tensors["x"].error > 1e-6,
        "Layer 3's, in its ∂L/∂w": guilty(2) == 3 and tensors["w"].error > 1e-6,
    }


GRADIENT = np.array([4.0, -8.0, 1.0])
MARK = float(np.spacing(np.float32(2.3)))


def relu(z: float) -> float:
    return max(z, 0.0)


NUMBERS: Mapping[str, Callable[[], float]] = {
    "float32": lambda: MARK / (2 * 1e-5),
    "kink": lambda: central(relu, 3e-6, 1e-5),
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "float32": {0.024: lambda: MARK / 1e-5},
    "kink": {
        0.5: lambda: central(relu, 0, 1e-5),
        1.3: lambda: 2 * central(relu, 3e-6, 1e-5),
        0.3: lambda: (relu(3e-6) - relu(3e-6 - 1e-5)) / 1e-5,
    },
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "falls": falls,
    "smaller": smaller,
    "trilinear": trilinear,
    "plain": share_of_the_plain_layer,
    "complex": sideways,
    "map": lambda: {suspect: wraps(suspect) for suspect in planted.SUSPECTS},
    "culprit": culprit,
    "alone": alone,
}


def test_numbers_in_the_prose() -> None:
    assert MARK == 2.384185791015625e-07 and "0.00000024" in find("09.float32").explanation
    found = planted.caught({"x": (1, 1, 5, 5), "w": (1, 1, 3, 3), "stride": 1, "padding": 1})
    assert find("09.plain").reply_if_right.startswith(f"{sum(found)}.")
    for error, b in ((0.5, GRADIENT / 2), (1.0, 0 * GRADIENT), (2.0, -GRADIENT)):
        assert relative_error(GRADIENT, b, 1e-9) == error
    halved = planted.gradient("D", *[np.ones((2, 1, 1, 1))] * 2, np.ones((1, 1, 1, 1)), 1, 0)
    assert (halved == 0.5).all()


def test_how_many_digits_the_replies_say_are_right() -> None:
    digits = {h: -np.log10(abs(central(np.exp, 1, h) / np.e - 1)) for h in (1e-5, 1e-10)}
    assert 10 <= digits[1e-5] < 12
    assert 5.5 < digits[1e-10] < 8

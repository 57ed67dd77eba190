"""Every answer of chapter 10's questions, worked out anew."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from lessonconv import data, nn
from lessonconv import functional as F
from lessonconv.exercises.question import Choice, find
from tests.exercises.questions.layer import build


def held(place: int) -> int:
    """How many numbers a layer learns."""
    return sum(p.size for p in build()[place].params.values())


def seen(place: int) -> int:
    """The receptive field behind a layer."""
    return build().summary((1, 28, 28)).rows[place + 1].receptive_field[0]


@cache
def accuracy(divided_by: int = 1) -> float:
    """What the network reads after one pass, its gradients divided by this."""
    (x, y), test = data.digits(seed=0)
    net = build()
    nn.fit(net, (x, y), epochs=1, optimizer=nn.SGD(net, lr=0.05 / divided_by), progress=False)
    return nn.evaluate(net, test)[1]


@cache
def off(lr: float) -> float:
    """How far ∂L/∂x of the second convolution is off, if its weights are changed first, in percent."""
    (x, y), _ = data.digits(seed=0)
    net = build()
    below = net[:3].forward(x[:64])
    _, dlogits = F.softmax_cross_entropy(net.forward(x[:64]), y[:64])
    dz = net[4:].backward(dlogits)
    w = net[3].params["w"]
    dx, dw, _ = F.conv2d_backward(dz, below, w, padding=2)
    early, _, _ = F.conv2d_backward(dz, below, w - lr * dw, padding=2)
    return float(100 * np.linalg.norm(early - dx) / np.linalg.norm(dx))


@cache
def changed_from_zero() -> frozenset[str]:
    """The parameters that have a gradient if all of them are 0."""
    (x, y), _ = data.digits(seed=0)
    net = build()
    for p in net.params.values():
        p[...] = 0
    _, dlogits = F.softmax_cross_entropy(net.forward(x[:64]), y[:64])
    net.backward(dlogits)
    return frozenset(name for name, g in net.grads.items() if g.any())


PARAMETERS = {"0.w", "0.b", "3.w", "3.b", "7.w", "7.b"}


def loss(p: float) -> float:
    """The loss if the true digit has probability p, and the others share the rest."""
    rest = (1 - p) / 9
    return float(F.softmax_cross_entropy(np.log(np.array([[p] + [rest] * 9])), np.array([0]))[0])


def logit_gradient() -> Any:
    return F.softmax_cross_entropy(np.random.default_rng(0).normal(size=(5, 10)), np.arange(5))[1]


def step(momentum: float, number: int) -> float:
    """How far a weight moves at a step, counted from 1, if its gradient is always 1."""
    net = nn.Sequential(nn.Linear(1, 1, bias=False), rng=0, dtype=np.float64)
    optimizer = nn.SGD(net, lr=0.05, momentum=momentum)
    net.forward(np.ones((1, 1)))
    net.backward(np.ones((1, 1)))
    for _ in range(number):
        before = net[0].params["w"].item()
        optimizer.step()
    return float(before - net[0].params["w"].item())


def parameters() -> dict[str, bool]:
    held_by = {
        "The first convolution": held(0),
        "The second": held(3),
        "The max": held(2) + held(5),
        "The dense": held(7),
    }
    return {claim: count == max(held_by.values()) for claim, count in held_by.items()}


def zeros() -> dict[str, bool]:
    found = changed_from_zero()
    claims = {"All of them": PARAMETERS, "The dense": {"7.w", "7.b"}, "Only the ten": {"7.b"}, "None": set()}
    return {claim: found == claimed for claim, claimed in claims.items()}


def order() -> dict[str, bool]:
    percent = off(0.05)
    claims = {"By nothing": 0, "By about 0.02%": 0.02, "By about 2%": 2, "By about 20%": 20}
    near = {claim: abs(percent - claimed) <= 0.25 * claimed for claim, claimed in claims.items()}
    return near | {"By more than 100%": percent > 100}


def mean() -> dict[str, bool]:
    assert round(accuracy(), 2) == 0.87
    claims = {"87%": 0.87, "About 80%": 0.8, "About 16%": 0.16, "0%": 0}
    return {claim: abs(accuracy(64) - claimed) < 0.03 for claim, claimed in claims.items()}


def frozen() -> dict[str, bool]:
    random, pixels = behind(6), behind(0)
    assert round(pixels, 2) == 0.91
    claims = {"About 10%": 0.1, "About 80%": 0.8, "About 91%": 0.91, "About 95%": 0.95, "97.5%": 0.975}
    assert (random - pixels) > (0.975 - pixels) / 2
    return {claim: abs(random - claimed) < 0.012 for claim, claimed in claims.items()}


@cache
def behind(layers: int) -> float:
    """What a dense layer reads that learns behind the first layers of the network, which do not."""
    (x, y), (x_test, y_test) = data.digits(seed=0)
    first = build()[:layers] if layers else nn.Sequential(nn.Flatten(), rng=0)
    dense = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), rng=0)
    optimizer = nn.SGD(dense, lr=0.05, momentum=0.9, weight_decay=1e-3)
    schedule = nn.cosine_annealing(10)
    nn.fit(dense, (first.forward(x), y), epochs=10, optimizer=optimizer, schedule=schedule, progress=False)
    return nn.evaluate(dense, (first.forward(x_test), y_test))[1]


NUMBERS: Mapping[str, Callable[[], float]] = {
    "receptive": lambda: seen(5),
    "loss": lambda: loss(0.1),
    "sum": lambda: logit_gradient()[0].sum(),
    "momentum": lambda: step(0.9, 500),
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "receptive": {5: lambda: seen(0), 14: lambda: seen(3), 28: lambda: seen(7)},
    "loss": {
        0: lambda: loss(1 - 1e-12),
        1: lambda: loss(0.1) / np.log(10),
        3.32: lambda: loss(0.1) / np.log(2),
        -2.303: lambda: np.log(0.1),
    },
    "momentum": {
        0.05: lambda: step(0.0, 500),
        0.095: lambda: step(0.9, 2),
        10: lambda: step(0.9, 500) / 0.05,
    },
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "parameters": parameters,
    "zeros": zeros,
    "order": order,
    "mean": mean,
    "frozen": frozen,
}


def test_numbers_in_the_prose() -> None:
    question = find("10.parameters")
    assert isinstance(question, Choice)
    for option, place in zip(question.options, (0, 3, None, 7), strict=True):
        assert place is None or f"{held(place):,} numbers" in option.reply
    total = sum(held(place) for place in (0, 3, 7))
    assert f"of all {total:,}" in question.explanation
    assert held(7) > 2 / 3 * total
    assert (off(0.5), off(5)) == pytest.approx((20, 200), rel=0.05)
    assert np.allclose(logit_gradient().sum(axis=1), 0)

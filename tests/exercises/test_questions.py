"""Every answer of every question, worked out anew: numbers, and each option's claim, true or false."""

from collections.abc import Callable, Mapping
from functools import cache
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from lessonconv import data, nn
from lessonconv import functional as F
from lessonconv.exercises.question import Choice, Number, find, names
from lessonconv.exercises.solutions import fast
from lessonconv.window import Window

LAYER = Window.over((5, 5), (3, 3), stride=2)
X = np.array([[1, 0, 2, 1, 3], [2, 1, 0, 3, 1], [0, 2, 1, 1, 2], [3, 1, 2, 0, 1], [1, 2, 0, 1, 2]])
W = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
DZ = np.array([[1, -2], [3, 1]])


def plain(x: Any, w: Any, **settings: Any) -> Any:
    """One image, one channel, one filter."""
    return F.conv2d(x[None, None], w[None, None], **settings)[0, 0]


def gradients(dz: Any, x: Any, w: Any, **settings: Any) -> tuple[Any, Any, Any]:
    """(dx, dw, db) of one image, one channel, one filter."""
    dx, dw, db = F.conv2d_backward(dz[None, None], x[None, None], w[None, None], **settings)
    return dx[0, 0], dw[0, 0], db[0]


def numbers(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(1, 10, shape)


def uses(window: Window, tap: int) -> int:
    """How many outputs use a tap."""
    return int((window.meetings().tap == tap).sum())


def reads(window: Window, cell: int) -> int:
    """How many outputs read an input."""
    return int((window.meetings().input == cell).sum())


def taps_at(cell: int, **settings: Any) -> int:
    """How many taps of a 3×3 kernel ever meet a cell of a 5×5 input."""
    meetings = Window.over((5, 5), (3, 3), **settings).meetings()
    return len(set(meetings.tap[meetings.input == cell].tolist()))


def ones_dw(*tap: int, padding: int = 1) -> float:
    """The gradient of a tap if all inputs and all voices are 1."""
    x, w = np.ones((5, 5)), np.zeros((3, 3))
    return float(gradients(np.ones_like(plain(x, w, padding=padding)), x, w, padding=padding)[1][tap])


# Chapter 10's network


def build() -> nn.Sequential:
    pooled = [nn.ReLU(), nn.MaxPool2d(2)]
    first, second = nn.Conv2d(1, 8, 5, padding=2), nn.Conv2d(8, 16, 5, padding=2)
    return nn.Sequential(first, *pooled, second, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 10), rng=0)


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


class Forgetful(nn.ReLU):
    """Forgets ⊙ g′(z)."""

    def backward(self, dz: Any) -> Any:
        return dz


@cache
def wrong_with_bug() -> frozenset[str]:
    """The gradients that differ if the second ReLU forgets its derivative: parameters, and "x"."""
    (x, y), _ = data.digits(seed=0)
    found = []
    for broken in (False, True):
        net = build()
        if broken:
            net.layers[4] = Forgetful()
        _, dlogits = F.softmax_cross_entropy(net.forward(x[:8]), y[:8])
        found.append({"x": net.backward(dlogits), **net.grads})
    return frozenset(name for name in found[0] if not np.allclose(found[0][name], found[1][name]))


BELOW = {"x", "0.w", "0.b", "3.w", "3.b"}
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


def relu(z: float) -> float:
    return float(F.relu(np.array(z)))


# Chapter 11's layer: 64 images of 14×14, from 8 to 16 channels, 3×3, padding 1, in float32

N, C, FILTERS, SIZE, KERNEL = 64, 8, 16, 14, 3
BYTES = {"x": 4 * N * C * SIZE**2, "w": 4 * FILTERS * C * KERNEL**2, "z": 4 * N * FILTERS * SIZE**2}
LATER = Window.over(SIZE, KERNEL, padding=1)


def products() -> int:
    """How many products the loops make: a turn of the innermost loop for each output, channel and tap."""
    one_image_and_filter = sum(1 for _ in np.ndindex(*LATER.output_size, C, KERNEL, KERNEL))
    return N * FILTERS * one_image_and_filter


def columns(stride: int) -> float:
    """How many numbers all windows hold, for each of x."""
    window = Window.over(64, KERNEL, stride=stride, padding=1)
    i, j, k, l = np.indices((*window.output_size, *window.kernel_size))
    return window.input(i, j, k, l)[0].size / 64**2


def no_use(stride: int, size: int = 960, padding: int = 1, *, around: bool = False) -> float:
    """Percent of the sweep's products whose cell of ∂L/∂z is a zero put between its cells; or around them, too."""
    outputs = Window.over(size, KERNEL, stride=stride, padding=padding).height.outputs
    reach = stride * (outputs - 1) + 1
    wide = np.full((size + KERNEL - 1, size + KERNEL - 1), around)
    first = KERNEL - 1 - padding
    wide[first : first + reach, first : first + reach] = True
    wide[first : first + reach : stride, first : first + reach : stride] = False
    met = sum(wide[k : k + size, l : l + size].sum() for k, l in np.ndindex(KERNEL, KERNEL))
    return float(100 * met / (size * KERNEL) ** 2)


def sped_up(cores: int) -> float:
    """How many times as fast 100 pieces of work are, of which 80 can go to any core and 20 to the first alone."""
    busy = [20.0, *[0.0] * (cores - 1)]
    shared = [80 / cores] * cores  # begun when the first is done with its own
    return 100 / (max(busy) + max(shared))


# What the questions ask ----------------------------------------------------------------------------------------------


NUMBERS: Mapping[str, Callable[[], float]] = {
    "04.products": lambda: uses(LAYER, 2 * 3 + 1),
    "04.corner": lambda: taps_at(0),
    "04.padding": lambda: ones_dw(0, 0),
    "04.bias": lambda: gradients(DZ, X, W, stride=2)[2],
    "05.overlap": lambda: np.bincount(Window.over(21, 5, stride=2).meetings().input).max(),
    "05.zeros": lambda: len(LAYER.meetings().output),
    "05.remainder": lambda: 36 - len(set(Window.over(6, 3, stride=2).meetings().input.tolist())),
    "05.filters": lambda: 8 * reads(Window.over(9, 3), 4 * 9 + 4),
    "10.receptive": lambda: seen(5),
    "10.loss": lambda: loss(0.1),
    "10.sum": lambda: logit_gradient()[0].sum(),
    "10.kink": lambda: (relu(0.01) - relu(-0.01)) / 0.02,
    "10.momentum": lambda: step(0.9, 500),
    "11.intensity": lambda: 2 * products() / sum(BYTES.values()),
    "11.im2col": lambda: columns(stride=1),
    "11.zeros": lambda: no_use(stride=2),
    "11.cores": lambda: sped_up(2),
}

# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "04.products": {
        9: lambda: uses(Window.over(5, 3), 7),
        25: lambda: X.size,
        36: lambda: len(LAYER.meetings().output),
    },
    "04.corner": {4: lambda: taps_at(0, padding=1), 9: lambda: taps_at(12)},
    "04.padding": {
        9: lambda: ones_dw(0, 0, padding=0),
        20: lambda: ones_dw(0, 1),
        25: lambda: ones_dw(1, 1),
    },
    "04.bias": {
        0.75: lambda: DZ.mean(),
        4: lambda: gradients(np.ones_like(DZ), X, W, stride=2)[2],
        7: lambda: np.abs(DZ).sum(),
        -6: lambda: DZ.prod(),
    },
    "05.overlap": {
        4: lambda: (
            np.bincount(Window.over(21, 5, stride=2).meetings().input)[8 * 21 : 13 * 21].reshape(5, 21)[:, 8:13].min()
        ),
        6.25: lambda: (5 / 2) ** 2,
        25: lambda: np.bincount(Window.over(21, 5).meetings().input).max(),
    },
    "05.zeros": {9: lambda: W.size, 25: lambda: X.size, 100: lambda: DZ.size * X.size, 225: lambda: X.size * W.size},
    "05.remainder": {20: lambda: 36 - 4 * 4},
    "05.filters": {9: lambda: reads(Window.over(9, 3), 40), 27: lambda: 3 * 9, 216: lambda: 3 * 8 * 9},
    "10.receptive": {5: lambda: seen(0), 14: lambda: seen(3), 28: lambda: seen(7)},
    "10.loss": {
        0: lambda: loss(1 - 1e-12),
        1: lambda: loss(0.1) / np.log(10),
        3.32: lambda: loss(0.1) / np.log(2),
        -2.303: lambda: np.log(0.1),
    },
    "10.kink": {0: lambda: F.relu_backward(np.ones(1), np.zeros(1))[0], 0.01: lambda: relu(0.01)},
    "10.momentum": {
        0.05: lambda: step(0.0, 500),
        0.095: lambda: step(0.9, 2),
        10: lambda: step(0.9, 500) / 0.05,
    },
    "11.intensity": {
        6: lambda: 2 * products() / sum(BYTES.values()) / 4,
        12: lambda: products() / sum(BYTES.values()),
        36: lambda: 2 * products() / BYTES["z"],
        72: lambda: 2 * products() / BYTES["x"],
        96: lambda: 2 * products() / (sum(BYTES.values()) / 4),
        144: lambda: 2 * products() / (BYTES["z"] / 4),
    },
    "11.im2col": {2.25: lambda: columns(stride=2), 72: lambda: C * KERNEL**2, 81: lambda: columns(stride=1) ** 2},
    "11.zeros": {
        25: lambda: 100 - no_use(stride=2),
        84: lambda: no_use(stride=2, size=5, padding=0, around=True),
        89: lambda: no_use(stride=3),
    },
    "11.cores": {1.25: lambda: 100 / 80, 1.6: lambda: 0.8 * 2, 1.8: lambda: 1 + 0.8, 5: lambda: sped_up(10_000)},
}


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


def bug() -> dict[str, bool]:
    found = wrong_with_bug()
    claims = {"Those of the input": BELOW, "Those of layer 7": {"7.w", "7.b"}, "Only": set(), "All": PARAMETERS | {"x"}}
    return {claim: found == claimed for claim, claimed in claims.items()}


def slices() -> dict[str, bool]:
    """Timed: the right answer reaches from 40 to 40,000 times, and some hundred times are expected."""
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 2, 24, 24)), rng.normal(size=(3, 2, 3, 3)), np.zeros(3)

    def seconds(call: Callable[[], Any]) -> float:
        start = perf_counter()
        call()
        return perf_counter() - start

    by_slices = min(seconds(lambda: fast.conv2d_offsets(x, w, b, 1, 1)) for _ in range(10))
    times = min(seconds(lambda: F.loops.conv2d(x, w, b, padding=1)) for _ in range(3)) / by_slices
    return {
        "Not at all": times < 3,
        "About 9 times": 3 <= times < 40,
        "Hundreds of times": 40 <= times < 40_000,
        "About as many times as Python": times > products() / KERNEL**2 / 10,
    }


def view() -> dict[str, bool]:
    x_pad = np.zeros((N, C, SIZE + 2, SIZE + 2), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (3, 3), axis=(2, 3))
    assert windows.shape == (64, 8, 14, 14, 3, 3)
    assert windows.strides[2:4] == windows.strides[4:6]
    assert windows.nbytes == 9 * BYTES["x"]
    first, second = ({(k, j + l) for k, l in np.ndindex(3, 3)} for j in (0, 1))
    assert len(first & second) == 6
    own = 0 if np.shares_memory(windows, x_pad) else windows.nbytes
    claims = {"Nine times": 9, "As much": 1, "Three times": 3, "None": 0}
    return {claim: own == times * BYTES["x"] for claim, times in claims.items()}


def strips() -> dict[str, bool]:
    products_of = {"im2col": FILTERS * (C * 9) * SIZE**2, "strips": sum(FILTERS * (C * 3) * SIZE**2 for _ in range(3))}
    calls = {"im2col": N, "strips": N * KERNEL}
    written = {"im2col": KERNEL**2 * SIZE**2, "strips": KERNEL * (SIZE + 2) * SIZE}  # for each image and channel
    at_a_time = {"im2col": 4 * N * C * written["im2col"], "strips": 4 * C * written["strips"]}
    in_cache = at_a_time["strips"] < 256 * 1024 < 2 * 1024**2 < at_a_time["im2col"]
    third = 0.3 < written["strips"] / written["im2col"] < 0.4
    return {
        "Memory": third and in_cache,
        "Products": products_of["strips"] < products_of["im2col"],
        "Calls": calls["strips"] < calls["im2col"],
        "Nothing": not third,
    }


def pooling() -> dict[str, bool]:
    comparing, travelling = 3 / 20e9, (4 + 1) * 4 / 10e9
    times = max(comparing, travelling) / max(comparing / 2, travelling)
    claims = {"Twice as fast": 2, "By a third": 4 / 3, "Hardly at all": 1, "Four times": 4}
    return {claim: abs(times - claimed) < 0.1 for claim, claimed in claims.items()}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "04.linear": linear,
    "04.flat": flat,
    "04.correlation": correlation,
    "04.batch": batch,
    "05.readers": readers,
    "05.stamp": stamp,
    "05.doubled": doubled,
    "10.parameters": parameters,
    "10.zeros": zeros,
    "10.order": order,
    "10.mean": mean,
    "10.bug": bug,
    "11.slices": slices,
    "11.view": view,
    "11.strips": strips,
    "11.pool": pooling,
}


def test_every_answer_is_worked_out_here() -> None:
    assert sorted([*NUMBERS, *CLAIMS]) == sorted(names())


@pytest.mark.parametrize("name", NUMBERS)
def test_the_number_is_right(name: str) -> None:
    question, found = find(name), float(NUMBERS[name]())
    assert isinstance(question, Number)
    assert question.is_right(found), (question.answer, found)
    wrong = [value for value in question.wrong if abs(value - found) <= max(question.within, 1e-9)]
    assert wrong == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_number_is_what_its_thought_leads_to(name: str) -> None:
    question = find(name)
    assert isinstance(question, Number)
    found = {value: float(thought()) for value, thought in WRONG[name].items()}
    assert WRONG[name].keys() <= question.wrong.keys()
    assert found == pytest.approx({value: value for value in found}, abs=max(question.within, 1e-9))


@pytest.mark.parametrize("name", CLAIMS)
def test_the_right_option_is_true_and_no_other(name: str) -> None:
    question, claims = find(name), CLAIMS[name]()
    assert isinstance(question, Choice)
    assert len(claims) == len(question.options)
    for option, (claim, truth) in zip(question.options, claims.items(), strict=True):
        assert option.text.startswith(claim)
        assert option.right == bool(truth), option.text


# Numbers that replies and explanations name


def test_numbers_in_the_prose_of_chapter_04() -> None:
    outer = len(set(Window.over(5, 3, padding=1).meetings().output.tolist())) - int(ones_dw(0, 0))
    assert f"{outer} of the 25" in find("04.padding").explanation


def test_numbers_in_the_prose_of_chapter_05() -> None:
    counts = np.bincount(Window.over(21, 5, stride=2).meetings().input).reshape(21, 21)[8:10, 8:10]
    assert sorted(counts.ravel().tolist(), reverse=True) == [9, 6, 6, 4]
    assert f"{225 - len(LAYER.meetings().output)} of them" in find("05.zeros").explanation
    covered = Window.over(6, 3, stride=2).meetings().input
    assert sorted(set((covered // 6).tolist())) == [0, 1, 2, 3, 4]


def test_numbers_in_the_prose_of_chapter_10() -> None:
    question = find("10.parameters")
    assert isinstance(question, Choice)
    for option, place in zip(question.options, (0, 3, None, 7), strict=True):
        assert place is None or f"{held(place):,} numbers" in option.reply
    total = sum(held(place) for place in (0, 3, 7))
    assert f"of all {total:,}" in question.explanation
    assert held(7) > 2 / 3 * total
    assert (off(0.5), off(5)) == pytest.approx((20, 200), rel=0.05)
    assert np.allclose(logit_gradient().sum(axis=1), 0)


def test_numbers_in_the_prose_of_chapter_11() -> None:
    said = {name.removeprefix("11."): find(name).explanation for name in names() if name.startswith("11.")}
    assert (
        f"{products() / 1e6:.1f} million products, {2 * products() / 1e6:.1f} million operations" in said["intensity"]
    )
    x, w, z = (BYTES[name] / 1e6 for name in "xwz")
    assert f"x has {x:.2f} million bytes, z has {z:.2f}" in said["intensity"]
    assert w < 0.01
    assert f"{x + w + z:.2f} million in all" in said["intensity"]
    assert f"{products() / 1e6:.1f} million steps" in said["slices"]
    assert f"{x:.2f} MB become {9 * x:.1f} MB" in said["im2col"]
    assert f"{9 * x * (224 / SIZE) ** 2:.0f} MB" in said["im2col"]
    assert f"{4 * C * 3 * (SIZE + 2) * SIZE / 1000:.0f} kB" in said["strips"]
    assert f"{9 * x:.1f} MB" in said["strips"]
    question = find("11.strips")
    assert isinstance(question, Choice)
    assert f"{3 * N} products where there were {N}" in question.options[2].reply
    assert f"{1e9 * 3 / 20e9:g} ns, and 20 bytes" in said["pool"]
    assert f"{1e9 * 20 / 10e9:g} ns" in said["pool"]
    assert f"pooling has {3 / 20:g}" in said["pool"]
    assert f"1/0.6 is {sped_up(2):.2f}" in said["cores"]

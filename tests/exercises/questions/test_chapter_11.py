"""Every answer of chapter 11's questions, worked out anew."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv.exercises.question import Choice, find, names
from lessonconv.exercises.solutions import fast
from lessonconv.window import Window

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


NUMBERS: Mapping[str, Callable[[], float]] = {
    "intensity": lambda: 2 * products() / sum(BYTES.values()),
    "im2col": lambda: columns(stride=1),
    "zeros": lambda: no_use(stride=2),
    "cores": lambda: sped_up(2),
}


# Wrong numbers, each from the thought that its reply names
WRONG: Mapping[str, Mapping[float, Callable[[], float]]] = {
    "intensity": {
        6: lambda: 2 * products() / sum(BYTES.values()) / 4,
        12: lambda: products() / sum(BYTES.values()),
        36: lambda: 2 * products() / BYTES["z"],
        72: lambda: 2 * products() / BYTES["x"],
        96: lambda: 2 * products() / (sum(BYTES.values()) / 4),
        144: lambda: 2 * products() / (BYTES["z"] / 4),
    },
    "im2col": {2.25: lambda: columns(stride=2), 72: lambda: C * KERNEL**2, 81: lambda: columns(stride=1) ** 2},
    "zeros": {
        25: lambda: 100 - no_use(stride=2),
        84: lambda: no_use(stride=2, size=5, padding=0, around=True),
        89: lambda: no_use(stride=3),
    },
    "cores": {1.25: lambda: 100 / 80, 1.6: lambda: 0.8 * 2, 1.8: lambda: 1 + 0.8, 5: lambda: sped_up(10_000)},
}


CLAIMS: Mapping[str, Callable[[], dict[str, bool]]] = {
    "slices": slices,
    "view": view,
    "strips": strips,
    "pool": pooling,
}


def test_numbers_in_the_prose() -> None:
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

"""Wrong backward passes to practise on: networks with a planted bug, single wrong gradients, and a sieve for tests.

What was planted where is not for a learner to read before the case is closed: the layers look like all others.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import lessonconv.functional as F
from lessonconv import nn
from lessonconv.exercises.catalogue import TASKS
from lessonconv.exercises.task import Array, Steps

if TYPE_CHECKING:
    from lessonconv.visual import Picture

SUSPECTS = {"A": "", "B": "dx_overwritten", "C": "last_output_missed", "D": "divided_by_batch"}


def gradient(suspect: str, dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """∂L/∂x of a convolution layer, as one of the suspects "A" to "D" works it out: wrong, each in its own way.

    dz: (N, F, O_h, O_w), x: (N, C, H, W), w: (F, C, K_h, K_w). Raises ValueError for another suspect.
    """
    if suspect not in SUSPECTS:
        raise ValueError(f"there is no suspect {suspect!r}; there are {', '.join(SUSPECTS)}")
    if not SUSPECTS[suspect]:
        return _wrapped(dz, x, w, stride, padding)
    return np.asarray(
        TASKS["conv2d_dx"].compute(_slips("conv2d_dx", SUSPECTS[suspect])[0], (dz, x, w, stride, padding))
    )


def _wrapped(dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """Guarded at the end, but not at the beginning: there a negative index counts from the other end."""
    dx, (H, W) = np.zeros_like(x), x.shape[2:]
    for i, j, k, l in np.ndindex(*dz.shape[2:], *w.shape[2:]):
        u, v = i * stride + k - padding, j * stride + l - padding
        if u < H and v < W:
            dx[:, :, u, v] += dz[:, :, i, j] @ w[:, :, k, l]
    return dx


def _slips(task: str, mistake: str | None = None) -> list[Steps]:
    """The steps of all ways to make a mistake, or all mistakes, of a task."""
    mistakes = TASKS[task].mistakes
    return [slip for one in mistakes if mistake in (None, one.name) for slip in one.slips]


# Networks -----------------------------------------------------------------------------------------------------------


class _SlopeOfA(nn.Tanh):
    def backward(self, dz: Any) -> Array:
        return F.tanh_backward(dz, F.tanh(self._remembered()))  # g′(a) in the place of g′(z)


class _OneImage(nn.Conv2d):
    def backward(self, dz: Any) -> Array:
        dx = super().backward(dz)
        _, dw, _ = F.conv2d_backward(dz[:1], self._remembered()[:1], self.params["w"], **self.settings)
        self.grads["w"] = dw
        return dx


class _Undivided(nn.AvgPool2d):
    def backward(self, dz: Any) -> Array:
        return super().backward(dz) * 4  # the mean of 2×2 cells, as if it were their sum


for _layer, _name in ((_SlopeOfA, "Tanh"), (_OneImage, "Conv2d"), (_Undivided, "AvgPool2d")):
    _layer.__name__ = _layer.__qualname__ = _name

_PLANTED: dict[int, dict[int, type[nn.Layer]]] = {1: {4: _SlopeOfA}, 2: {3: _OneImage}, 3: {2: _Undivided}}


def network(case: int) -> tuple[nn.Sequential, Array, Array]:
    """A network of two convolution layers, of which one layer's backward is wrong; images and labels to check it on.

    x: (2, 1, 8, 8) → conv 3×3, tanh, average pool 2, conv 3×3, tanh, max pool 2, flatten, linear → (2, 5). Weights,
    biases and images are random. case: 1, 2 or 3. Raises ValueError for others.
    """
    if case not in _PLANTED:
        raise ValueError(f"there is no case {case!r}; there are {', '.join(map(str, _PLANTED))}")
    kinds: list[tuple[type[nn.Layer], tuple[int, ...], dict[str, int]]] = [
        (nn.Conv2d, (1, 3, 3), {"padding": 1}), (nn.Tanh, (), {}), (nn.AvgPool2d, (2,), {}),
        (nn.Conv2d, (3, 4, 3), {"padding": 1}), (nn.Tanh, (), {}), (nn.MaxPool2d, (2,), {}),
        (nn.Flatten, (), {}), (nn.Linear, (16, 5), {}),
    ]  # fmt: skip
    planted = _PLANTED[case]
    layers = [planted.get(number, kind)(*sizes, **more) for number, (kind, sizes, more) in enumerate(kinds)]
    net = nn.Sequential(*layers, rng=case).astype(np.float64)
    numbers = np.random.default_rng(case)
    for layer in net:
        if "b" in layer.params:
            layer.params["b"][...] = numbers.normal(size=layer.params["b"].shape) / 4
    return net, numbers.normal(size=(2, 1, 8, 8)), numbers.integers(0, 5, 2)


# The sieve ----------------------------------------------------------------------------------------------------------


def caught(case: Mapping[str, Any], task: str = "conv2d_dx") -> list[bool]:
    """Which of a task's known wrong ways, style by style, a test on one small layer finds: Σ ∂L/∂x·x = Σ ∂L/∂z·z?

    case: x and w, shapes (N, C, H, W) and (F, C, K_h, K_w); stride, padding: ints; quarters: whether the random numbers
    are multiples of ¼ instead of whole. A way that raises, or returns another shape, is found as well.
    """
    numbers, unit = np.random.default_rng(0), 0.25 if case.get("quarters") else 1
    settings = {"stride": case.get("stride", 1), "padding": case.get("padding", 0)}
    x, w = (numbers.integers(-9, 10, case[name]) * unit for name in ("x", "w"))
    z = F.conv2d(x, w, **settings)
    dz = numbers.integers(-9, 10, z.shape) * unit
    partner = x if task.endswith("dx") else w
    return [_found(task, slip, (dz, x, w, *settings.values()), partner, (dz * z).sum()) for slip in _slips(task)]


def _found(task: str, slip: Steps, arguments: tuple[Any, ...], partner: Array, wanted: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            gradient = np.asarray(TASKS[task].compute(slip, arguments))
    except Exception:  # as the wrong code would
        return True
    return gradient.shape != partner.shape or bool((gradient * partner).sum() != wanted)


def sieve(cases: Mapping[str, Mapping[str, Any]], task: str = "conv2d_dx") -> "Picture":
    """A picture of which case finds which of the known wrong ways, and what gets through all of them.

    cases: by name, as in `caught`. Raises ValueError if a layer is impossible.
    """
    from lessonconv.visual import sieve as drawn  # Matplotlib loads with it

    return drawn({name: caught(case, task) for name, case in cases.items()})

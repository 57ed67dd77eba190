"""Numerical gradient checking: nudge every number, see what the loss does, and compare with what backward says."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lessonconv.functional import softmax_cross_entropy
from lessonconv.functional.arguments import Array
from lessonconv.nn.layer import Layer
from lessonconv.nn.sequential import Sequential

ROUNDING = 50 * np.finfo(np.float64).eps  # what a loss near 1 may be off by after many sums
Loss = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True)
class Tensor:
    """How one tensor did. error: the largest difference, as a share of its largest gradient; kinks: left out."""

    numbers: int
    kinks: int
    error: float


@dataclass(frozen=True)
class GradCheck:
    """What `gradcheck` found, tensor by tensor: "x" and the parameters' names. True in an `if` when all are right."""

    tensors: dict[str, Tensor]
    tolerance: float

    @property
    def passed(self) -> bool:
        """Every error is within the tolerance."""
        return all(tensor.error <= self.tolerance for tensor in self.tensors.values())

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        width = max(map(len, self.tensors))
        lines = []
        for name, tensor in self.tensors.items():
            verdict = "right" if tensor.kinks < tensor.numbers or not tensor.numbers else "nothing to compare"
            if not tensor.error <= self.tolerance:
                verdict = f"WRONG by {tensor.error:.1g} of the largest gradient"
            kinks = f", {tensor.kinks:,} at a kink left out" if tensor.kinks else ""
            lines.append(f"{name:{width}}  {tensor.numbers:6,} numbers  {verdict}{kinks}")
        return "\n".join(lines)


def gradcheck(
    net: Layer,
    x: Any,
    labels: Any = None,
    *,
    step: float = 1e-5,
    tolerance: float = 1e-6,
    at_most: int | None = None,
    seed: int = 0,
) -> GradCheck:
    """Compare backward with central differences, for the input and every parameter, in float64.

    ∂L/∂θ ≈ (L(θ + h) − L(θ − h)) / 2h, with an error of order h² and of rounding/h; h: `step`.
    L is softmax cross-entropy if labels are given, else Σ r ⊙ z with random r, so that every output counts.
    Works on a float64 copy in the network's own mode; at_most: numbers to nudge in a tensor, drawn at random.
    Only the layers behind the nudged number are run again. Where the loss has a kink (ReLU at 0, a tie in max pooling)
    there is no derivative: such numbers, whose slopes to the left and right differ however small h, are left out and
    counted. Source: Griewank & Walther 2008; Stanford CS231n notes, "Gradient checks".
    """
    if at_most is not None and at_most < 1:
        raise ValueError(
            f"at_most is {at_most}, but at least one number of each tensor must be nudged; None nudges all"
        )
    net = copy.deepcopy(net).astype(np.float64)
    layers = _flat(net)
    rng = np.random.default_rng(seed)
    x = np.array(x, np.float64, order="C")  # in this order, because the nudges go to a flat view
    inputs = list(_forward(layers, 0, x, seed))
    loss = _loss(inputs[-1], labels, rng)
    dx = net.backward(loss(inputs[-1])[1])
    jobs: list[tuple[str, Array, Any, int]] = [("x", inputs[0], dx, 0)]
    for number, (prefix, layer) in enumerate(layers):
        jobs += [(prefix + name, layer.params[name], layer.grads.get(name), number) for name in layer.params]
    for name, values, gradient, _ in reversed(jobs):  # the layer nearest the loss first: there it began
        if np.shape(gradient) != values.shape or gradient is None:
            found = f"has shape {np.shape(gradient)}" if gradient is not None else "is missing from grads"
            raise ValueError(
                f"the gradient of {name} {found}, but a gradient has the shape of what it is taken with respect to, "
                f"{values.shape}; mend backward first"
            )
    tensors = {}
    for name, values, gradient, first in jobs:
        places = rng.permutation(values.size)[:at_most]

        def loss_now(first: int = first) -> float:
            *_, z = _forward(layers, first, inputs[first], seed)
            return loss(z)[0]

        tensors[name] = _compare(loss_now, values.reshape(-1), gradient.ravel(), places, step, tolerance)
    return GradCheck(tensors, tolerance)


def _forward(layers: list[tuple[str, Layer]], first: int, x: Array, seed: int) -> Iterator[Array]:
    """x, then the output of each layer from `first` on, with the same dropped values every time."""
    yield x
    for number, (_, layer) in enumerate(layers[first:], first):
        layer.reseed([seed, number])
        x = layer.forward(x)
        yield x


def _compare(
    loss_now: Callable[[], float], values: Array, gradient: Array, places: Array, step: float, tolerance: float
) -> Tensor:
    """Nudge `values`, which the loss depends on, at each place.

    The slopes to the left and to the right differ by h·L″ where L is smooth, by rounding/h, and at a kink by as much as
    the kink, however small h is. A kink near by goes away with a smaller h.
    """
    if not np.isfinite(gradient).all():
        return Tensor(len(places), 0, np.inf)
    here = loss_now()
    rounding = ROUNDING * max(1.0, abs(here))
    slopes = {place: _slopes(loss_now, values, place, step, here) for place in places}
    scale = max([np.abs(gradient).max(initial=0), *(abs(sum(both)) / 2 for both in slopes.values())])
    error, kinks = 0.0, 0
    for place, (left, right) in slopes.items():
        for h in (step, step / 10, step / 100):
            if h < step:
                left, right = _slopes(loss_now, values, place, h, here)
            allowed = tolerance * scale + rounding / h
            difference = abs((left + right) / 2 - gradient[place])
            if difference <= allowed or abs(right - left) <= allowed:
                break
        if difference > allowed and abs(right - left) > allowed:
            kinks += 1
        elif difference > rounding / h:
            error = max(error, difference / scale)
    return Tensor(len(places), kinks, float(error))


def _slopes(loss_now: Callable[[], float], values: Array, place: int, h: float, here: float) -> tuple[float, float]:
    return _slope(loss_now, values, place, -h, here), _slope(loss_now, values, place, h, here)


def _slope(loss_now: Callable[[], float], values: Array, place: int, nudge: float, here: float) -> float:
    original = values[place]
    values[place] = original + nudge
    slope = (loss_now() - here) / nudge
    values[place] = original
    return slope


def _flat(net: Layer, prefix: str = "") -> list[tuple[str, Layer]]:
    """The layers in order, networks within networks unfolded, each with the prefix of its parameters' names."""
    if not isinstance(net, Sequential):
        return [(prefix, net)]
    return [pair for number, layer in enumerate(net) for pair in _flat(layer, f"{prefix}{number}.")]


def _loss(z: Array, labels: Any, rng: "np.random.Generator") -> Loss:
    if labels is not None:
        return lambda logits: softmax_cross_entropy(logits, labels)
    r = rng.standard_normal(z.shape)
    return lambda output: (float((r * output).sum()), r.copy())

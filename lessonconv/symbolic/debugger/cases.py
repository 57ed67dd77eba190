"""Small layers in numbers, for trying an equation on: the smallest first, so that a counterexample is a small one.

What is true of them is worked out by the layers in `functional`, loops for a convolution, which know nothing of sums in
symbols. Among them are remainders, even kernels, strides and paddings beyond the kernel, single cells and rectangles.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lessonconv.functional import linear, linear_backward, loops
from lessonconv.symbolic.debugger.layers import Conv, Layer, Linear, Setting
from lessonconv.symbolic.run import Numbers
from lessonconv.window import Axis

Array = npt.NDArray[Any]
Batch = tuple[int, int, int]  # N, C, F
ONE: Batch = (1, 1, 1)
TWOS: tuple[Batch, ...] = ((2, 1, 1), (1, 2, 1), (1, 1, 2))
MANY: tuple[Batch, ...] = ((2, 2, 1), (1, 2, 2), (2, 1, 2), (1, 3, 1))
SMALL = 5  # all axes whose sizes and settings exceed the least ones by no more than this in all …
SMALL_OF_TWO = 3  # … or this, where another axis stands beside it
LARGE = (  # kernel, stride, padding, dilation, size
    (3, 2, 1, 1, 6),
    (2, 3, 1, 1, 7),
    (3, 2, 3, 1, 4),
    (4, 1, 2, 1, 5),
    (2, 2, 1, 3, 6),
    (3, 3, 0, 2, 9),
    (1, 3, 2, 1, 5),
    (5, 2, 1, 1, 9),
    (3, 1, 4, 2, 3),
    (2, 4, 0, 1, 9),
)
RANDOM = 12
MOST = 2**18  # terms at a time; no sensible equation of these layers has more


class Case(NamedTuple):
    """One small layer: a size for every symbol, an array for every tensor, gradients and all."""

    sizes: Mapping[str, int]
    numbers: Numbers


@cache
def cases(layer: Layer) -> tuple[Case, ...]:
    """The layers to try an equation on, the smallest first."""
    if isinstance(layer, Conv):
        return tuple(conv_case(layer, axes, batch) for axes, batch in sorted(_wanted(layer), key=_size))
    sizes = sorted(itertools.product(range(1, 4), repeat=3), key=sum)
    assert isinstance(layer, Linear)
    return tuple(linear_case(layer, *each) for each in sizes if layer.batched or each[0] == 1)


def _size(wanted: tuple[Sequence[Axis], Batch]) -> tuple[int, str]:
    """Small numbers first; outputs that read padding only, and a single tap, show less, and come a little later."""
    axes, batch = wanted
    plain = sum(a.size + a.kernel + a.stride + a.dilation + a.before for a in axes) + sum(batch)
    odd = sum(2 * (a.before >= a.kernel) + (a.kernel == 1) for a in axes)
    return plain + odd, str(axes)


def _wanted(layer: Conv) -> Iterator[tuple[Sequence[Axis], Batch]]:
    small = [small_axes(setting, SMALL if layer.axes == 1 else SMALL_OF_TWO) for setting in layer.settings]
    large = [large_axes(setting) for setting in layer.settings]
    if layer.axes == 1:
        yield from (((axis,), ONE) for axis in dict.fromkeys((*small[0], *large[0])))
        return
    least = [axes[0] for axes in small]
    beside = _fitting(layer, [*((a, least[1]) for a in small[0]), *((least[0], b) for b in small[1])])
    both = _fitting(layer, zip(large[0], (*large[1][3:], *large[1][:3]), strict=False))
    yield from ((pair, ONE) for pair in beside)
    if layer.batched:
        yield from itertools.product(beside[:3], TWOS)
    yield from zip(both, itertools.cycle(MANY if layer.batched else [ONE]), strict=False)


def small_axes(setting: Setting, most: int) -> list[Axis]:
    """Every axis whose sizes and settings exceed the least ones by so much in all; the smallest first."""
    found = []
    for kernel, stride, padding, dilation, size in itertools.product(range(most + 1), repeat=5):
        extra = kernel + stride + padding + dilation + size
        if extra <= most and (kernel or not dilation):  # one tap is the same at every dilation
            found.append((extra, _axis(setting, kernel + 1, stride + 1, padding, dilation + 1, size + 1)))
    fitting = [(extra, axis) for extra, axis in found if axis.outputs >= 1]
    return list(dict.fromkeys(axis for _, axis in sorted(fitting, key=lambda pair: (pair[0], str(pair[1])))))


def large_axes(setting: Setting) -> list[Axis]:
    """A few larger ones, awkward in every way."""
    axes = (_axis(setting, *numbers) for numbers in LARGE)
    return list(dict.fromkeys(axis for axis in axes if axis.outputs >= 1))


def _axis(setting: Setting, kernel: int, stride: int, padding: int, dilation: int, size: int) -> Axis:
    """The axis, except for what is fixed."""
    given = dict(zip(Setting._fields, (stride, padding, dilation), strict=True))
    fixed = {name: value for name, value in setting._asdict().items() if value is not None}
    return Axis.over(size, kernel, **(given | fixed))


def _fitting(layer: Conv, pairs: Iterable[tuple[Axis, Axis]]) -> list[tuple[Axis, Axis]]:
    """The pairs, with what the equation calls by one name made equal."""
    names = {"K": "kernel", "s": "stride", "p": "before", "d": "dilation"}
    found = []
    for a, b in pairs:
        same = {field: getattr(a, field) for name, field in names.items() if name in layer.shared}
        b = replace(b, **same)
        b = Axis.over(b.size, b.kernel, stride=b.stride, padding=b.before, dilation=b.dilation)
        alike = layer.settings[0] == layer.settings[1]
        for partner in (b, a) if alike else (b,):
            if partner.outputs >= 1 and ("O" not in layer.shared or a.outputs == partner.outputs):
                found.append((a, partner))
                break
    return list(dict.fromkeys(found))


def conv_case(layer: Conv, axes: Sequence[Axis], batch: Batch) -> Case:
    """One convolution layer in numbers, by the loops. An axis that the layer does not have is one cell wide."""
    N, C, F = batch
    height, width = (*axes, Axis.over(1, 1))[:2]
    random = np.random.default_rng(RANDOM)
    x, w, b = (
        _numbers(random, *shape)
        for shape in ((N, C, height.size, width.size), (F, C, height.kernel, width.kernel), (F,))
    )
    turned = w[:, :, ::-1, ::-1]
    kernels = turned if layer.flipped else w
    options: dict[str, Any] = {
        "stride": (height.stride, width.stride),
        "padding": (height.before, width.before),
        "dilation": (height.dilation, width.dilation),
    }
    z = loops.conv2d(x, kernels, b if layer.bias else None, **options)
    dz = _numbers(random, *z.shape)
    dx, dw, db = loops.conv2d_backward(dz, x, kernels, **options)
    dw = dw[:, :, ::-1, ::-1] if layer.flipped else dw
    arrays = {"x": x, "w": w, "w_rot": turned, "z": z, "dz": dz, "dx": dx, "dw": dw}
    if not layer.batched:
        arrays = {name: array.reshape(array.shape[2 : 2 + layer.axes]) for name, array in arrays.items()}
    sizes = conv_sizes(layer, axes, batch)
    if layer.batched:
        return Case(sizes, Numbers(sizes, arrays | {"b": b, "db": db}, most=MOST))
    return Case(sizes, Numbers(sizes | {"b": int(b[0]), "db": int(db[0])}, arrays, most=MOST))


def conv_sizes(layer: Conv, axes: Sequence[Axis], batch: Batch) -> dict[str, int]:
    """What the layer's symbols are."""
    sizes = dict(zip("NCF", batch, strict=True)) if layer.batched else {}
    for names, axis in zip(layer.spatial, axes, strict=True):
        values = (axis.size, axis.kernel, axis.outputs, axis.stride, axis.before, axis.dilation)
        for field, value in zip(fields(names), values, strict=False):
            sizes[getattr(names, field.name).name] = value
    return sizes


def linear_case(layer: Linear, N: int, M: int, K: int) -> Case:
    """One dense layer in numbers."""
    random = np.random.default_rng(RANDOM)
    x, w, b, dz = (_numbers(random, *shape).astype(float) for shape in ((N, K), (M, K), (M,), (N, M)))
    z = linear(x, w, b if layer.bias else None)
    dx, dw, db = linear_backward(dz, x, w)
    arrays = {"x": x, "w": w, "z": z, "dz": dz, "dx": dx, "dw": dw, "b": b, "db": db}
    if not layer.batched:
        arrays |= {name: arrays[name][0] for name in ("x", "dx", "z", "dz")}
    sizes = {"M": M, "K": K} | ({"N": N} if layer.batched else {})
    return Case(sizes, Numbers(sizes, {name: array.astype(int) for name, array in arrays.items()}, most=MOST))


def _numbers(random: np.random.Generator, *shape: int) -> Array:
    """Integers ≥ 2, no two alike: sums of their products seldom agree by accident."""
    return random.permutation(np.prod(shape, dtype=int)).reshape(shape) + 2

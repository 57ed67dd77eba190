"""Hypothesis strategies, in one place: windows of every awkward kind, and layers with arrays that fit them.

Everything is built to fit, nothing is thrown away: even kernels, rectangles, remainders, stride larger than the kernel,
padding larger than the kernel, dilation that shares a factor with the stride, one pixel, one image, no bias.
"""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

Array = npt.NDArray[Any]
Options = dict[str, Any]
FLOATS = (np.float32, np.float64)
EXACT = (*FLOATS, np.int64)
TIMES = int(os.environ.get("HYPOTHESIS_TIMES", "1"))


def examples(count: int) -> settings:
    """How many examples a property tries: the same ones in every run, or HYPOTHESIS_TIMES as many new ones."""
    return settings(
        max_examples=count * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


class Conv(NamedTuple):
    """One call of conv2d or conv_transpose2d and of its backward."""

    x: Array
    w: Array
    b: Array | None
    dz: Array
    options: Options


class Pool(NamedTuple):
    """One call of a pooling layer and of its backward."""

    x: Array
    dz: Array
    options: Options


def places(
    size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int, ceil_mode: bool = False
) -> int:
    """Where a window can stop, counted one by one.

    It stops wherever it lies inside the padded input; with ceil_mode, once more if cells are left over, as long as it
    starts on the input or on the padding before it (PyTorch's rule).
    """
    padded, span = size + sum(padding), dilation * (kernel - 1) + 1
    count = 0
    while count * stride + span <= padded:
        count += 1
    left_over = (count - 1) * stride + span < padded
    return count + 1 if ceil_mode and left_over and count * stride < size + padding[0] else count


@st.composite
def axes(draw: st.DrawFn, *, most: int = 4, pytorch: bool = False) -> Options:
    """Arguments of `Axis.over` for a window that fits: size, kernel, stride, padding (before, after), dilation."""
    kernel, stride, dilation = (draw(st.integers(1, n)) for n in (most, most, 3))
    before = draw(st.integers(0, most + 1))
    after = before if pytorch else draw(st.integers(0, most + 1))
    least = max(1, dilation * (kernel - 1) + 1 - before - after)
    size = draw(st.integers(least, least + most + 1))
    return {"size": size, "kernel": kernel, "stride": stride, "padding": (before, after), "dilation": dilation}


@st.composite
def transposed_axes(draw: st.DrawFn, *, most: int = 4, pytorch: bool = False) -> Options:
    """Arguments of `Axis.transposed` that leave at least one cell."""
    outputs, kernel, stride, dilation = (draw(st.integers(1, n)) for n in (most, most, most, 3))
    output_padding = draw(st.integers(0, max(stride, dilation) - 1))
    room = (outputs - 1) * stride + dilation * (kernel - 1) + output_padding
    before = draw(st.integers(0, min(most + 1, room // 2 if pytorch else room)))
    after = before if pytorch else draw(st.integers(0, min(most + 1, room - before)))
    options = {"outputs": outputs, "kernel": kernel, "stride": stride, "padding": (before, after), "dilation": dilation}
    return options | {"output_padding": output_padding}


@st.composite
def pool_axes(draw: st.DrawFn, *, dilations: int = 3, pytorch: bool = False, ceil_mode: bool = False) -> Options:
    """Arguments of `Axis.over` for a pool: every window reads a real cell (PyTorch pads by half the kernel at most)."""
    axis = draw(axes(most=3, pytorch=pytorch))
    axis["dilation"], axis["ceil_mode"] = min(axis["dilation"], dilations), ceil_mode
    if pytorch:
        axis["padding"] = (min(axis["padding"][0], axis["kernel"] // 2),) * 2
    span = axis["dilation"] * (axis["kernel"] - 1) + 1
    axis["size"] = max(axis["size"], span - sum(axis["padding"]))
    assume(every_window_reads_a_cell(axis))
    return axis


def both(height: Options, width: Options) -> Options:
    """Two axes' arguments as the arguments of `Window`: pairs, and four sides of padding."""
    return {name: (height[name], width[name]) for name in height if name != "ceil_mode"}


@st.composite
def conv_cases(draw: st.DrawFn, *, pytorch: bool = False, dtypes: Sequence[Any] = EXACT) -> Conv:
    """A call of conv2d on small integers, which every dtype computes exactly; `pytorch` pads as PyTorch can."""
    height, width = (draw(axes(most=3, pytorch=pytorch)) for _ in range(2))
    N, F, C, groups = _counts(draw)
    options = _layer_options(both(height, width), pytorch) | {"groups": groups}
    dtype, rng = draw(st.sampled_from(dtypes)), draw(_generators)
    return Conv(
        x=_integers(rng, (N, C * groups, height["size"], width["size"]), dtype),
        w=_integers(rng, (F * groups, C, height["kernel"], width["kernel"]), dtype),
        b=_integers(rng, (F * groups,), dtype) if draw(st.booleans()) else None,
        dz=_integers(rng, (N, F * groups, places(**height), places(**width)), dtype),
        options=options,
    )


@st.composite
def conv_transpose_cases(draw: st.DrawFn, *, pytorch: bool = False, dtypes: Sequence[Any] = EXACT) -> Conv:
    """A call of conv_transpose2d on small integers."""
    height, width = (draw(transposed_axes(most=3, pytorch=pytorch)) for _ in range(2))
    N, F, C, groups = _counts(draw)
    options = _layer_options(both(height, width), pytorch) | {"groups": groups}
    dtype, rng = draw(st.sampled_from(dtypes)), draw(_generators)
    sizes = [
        (a["outputs"] - 1) * a["stride"]
        + a["dilation"] * (a["kernel"] - 1)
        + 1
        + a["output_padding"]
        - sum(a["padding"])
        for a in (height, width)
    ]
    return Conv(
        x=_integers(rng, (N, C * groups, height["outputs"], width["outputs"]), dtype),
        w=_integers(rng, (C * groups, F, height["kernel"], width["kernel"]), dtype),
        b=_integers(rng, (F * groups,), dtype) if draw(st.booleans()) else None,
        dz=_integers(rng, (N, F * groups, *sizes), dtype),
        options=options,
    )


@st.composite
def max_pool_cases(
    draw: st.DrawFn, *, pytorch: bool = False, dtypes: Sequence[Any] = EXACT, odd: Sequence[float] = ()
) -> Pool:
    """A call of max_pool2d on few different integers, so that ties abound; `odd` numbers such as −∞ are strewn in."""
    ceil_mode = draw(st.booleans())
    height, width = (draw(pool_axes(pytorch=pytorch, ceil_mode=ceil_mode)) for _ in range(2))
    case = _pool_case(draw, height, width, pytorch, dtypes)
    if odd and case.x.dtype.kind == "f":
        case.x[draw(_generators).random(case.x.shape) < 0.4] = draw(st.sampled_from(odd))
    return case


@st.composite
def avg_pool_cases(draw: st.DrawFn, *, pytorch: bool = False, dtypes: Sequence[Any] = EXACT) -> Pool:
    """A call of avg_pool2d, which knows no dilation."""
    ceil_mode = draw(st.booleans())
    height, width = (draw(pool_axes(pytorch=pytorch, ceil_mode=ceil_mode, dilations=1)) for _ in range(2))
    case = _pool_case(draw, height, width, pytorch, dtypes)
    del case.options["dilation"]
    case.options["count_include_pad"] = draw(st.booleans())
    return case


_generators = st.integers(0, 999).map(np.random.default_rng)


def _pool_case(draw: st.DrawFn, height: Options, width: Options, pytorch: bool, dtypes: Sequence[Any]) -> Pool:
    N, C = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    dtype, rng = draw(st.sampled_from(dtypes)), draw(_generators)
    options = _layer_options(both(height, width), pytorch)
    options |= {"kernel_size": (height["kernel"], width["kernel"]), "ceil_mode": height["ceil_mode"]}
    return Pool(
        x=_integers(rng, (N, C, height["size"], width["size"]), dtype, most=3),
        dz=_integers(rng, (N, C, places(**height), places(**width)), dtype),
        options=options,
    )


def _counts(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Images, then filters and channels in each group, and groups: F ≠ C as a rule, and depthwise at times."""
    N, F, C = (draw(st.integers(1, n)) for n in (2, 3, 2))
    return N, F, C, draw(st.sampled_from((1, 1, 2, 3)))


def _layer_options(window: Options, pytorch: bool) -> Options:
    """What a layer takes beside its arrays. PyTorch knows no four sides, so there padding is a pair."""
    options = {name: window[name] for name in ("stride", "padding", "dilation", "output_padding") if name in window}
    if pytorch:
        (top, _), (left, _) = options["padding"]
        options["padding"] = (top, left)
    return options


def _integers(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any, most: int = 9) -> Array:
    return rng.integers(-most, most, shape, endpoint=True).astype(dtype)


def every_window_reads_a_cell(axis: Options) -> bool:
    """Tried out: each place has a tap on the input itself."""
    return all(
        any(
            0 <= i * axis["stride"] + k * axis["dilation"] - axis["padding"][0] < axis["size"]
            for k in range(axis["kernel"])
        )
        for i in range(places(**axis))
    )

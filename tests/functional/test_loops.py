"""The loops, which the fast layers are held against: hand-worked numbers, symbols, SciPy, windows cut by slicing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import convolve2d, correlate2d

from lessonconv.functional import loops
from tests.functional.calls import plane
from tests.functional.oracles import (
    Array,
    assert_same,
    average_pooling,
    convolution,
    hold_against,
    max_pooling,
    padded,
    stretched,
    transposed_convolution,
    windows_of,
)
from tests.strategies import (
    EXACT,
    Conv,
    Options,
    Pool,
    avg_pool_cases,
    axes,
    conv_cases,
    conv_transpose_cases,
    examples,
    max_pool_cases,
    places,
)


def symbols(name: str, *shape: int) -> Array:
    """An object array of symbols, numbered from 1: I_1111, I_1112, …"""
    numbers = ("".join(str(index + 1) for index in where) for where in np.ndindex(shape))
    return np.array([sympy.Symbol(f"{name}_{number}") for number in numbers], object).reshape(shape)


# --- numbers worked by hand or published ----------------------------------------------------------------------------

GUIDE_X = "3 3 2 1 0; 0 0 1 3 1; 3 1 2 2 3; 2 0 0 2 2; 2 0 0 0 1"


def test_the_guides_convolution() -> None:
    """Source: Dumoulin & Visin 2016, figure 1.1."""
    w = plane("0 1 2; 2 2 0; 0 1 2")
    assert_same(loops.conv2d(plane(GUIDE_X), w), plane("12 12 17; 10 17 19; 9 6 14"))


def test_the_guides_pools() -> None:
    """Source: Dumoulin & Visin 2016, figures 1.5 (average, rounded to one digit) and 1.6 (maximum): 3×3, stride 1."""
    average = loops.avg_pool2d(plane(GUIDE_X), 3, stride=1)
    assert_same(average.round(1), plane("1.7 1.7 1.7; 1.0 1.2 1.8; 1.1 0.8 1.3"))
    assert_same(loops.max_pool2d(plane(GUIDE_X), 3, stride=1)[0], plane("3 3 3; 3 3 3; 3 2 3"))


def ramp(H: int, W: int, first: int = 0) -> Array:
    return plane(*np.arange(first, first + H * W).reshape(H, W))


ONES = np.ones((1, 2, 3, 3), int)


@pytest.mark.parametrize(
    ("height", "options", "z"),
    [
        (5, {"padding": 1}, "12 21 27 33 24; 33 54 63 72 51; 63 99 108 117 81; 93 144 153 162 111; 72 111 117 123 84"),
        (5, {}, "54 63 72; 99 108 117; 144 153 162"),
        (7, {"padding": 1, "stride": 2}, "12 27 24; 63 108 81; 123 198 141; 112 177 124"),
        (7, {"stride": 2}, "54 72; 144 162; 234 252"),
        (7, {"padding": (1, 0), "stride": 2}, "21 33; 99 117; 189 207; 171 183"),
        (5, {"padding": "same", "stride": 2}, "12 27 24; 63 108 81; 72 117 84"),
    ],
    ids=["padding", "plain", "strides and padding", "strides", "asymmetric padding", "same"],
)
def test_onnxs_convolutions(height: int, options: Options, z: str) -> None:
    """0, 1, 2, … under 3×3 ones. Source: ONNX, tests of Conv, https://onnx.ai/onnx/operators/onnx__Conv.html"""
    assert_same(loops.conv2d(ramp(height, 5), ONES[:, :1], **options), plane(z))


@pytest.mark.parametrize(
    ("x", "w", "options", "z"),
    [
        ("0 1 2; 3 4 5; 6 7 8", ONES, {}, "0 1 3 3 2; 3 8 15 12 7; 9 21 36 27 15; 9 20 33 24 13; 6 13 21 15 8"),
        (
            "0 1 2; 3 4 5; 6 7 8",
            ONES,
            {"stride": (3, 2), "padding": (1, 2)},
            "1 1 3; 1 1 3; 7 4 9; 7 4 9; 7 4 9; 13 7 15; 13 7 15",
        ),
        (
            "0 1 2; 3 4 5; 6 7 8",
            ONES,
            {"stride": (3, 2), "output_padding": 1},
            "0 0 1 1 3 2 2 0; " * 3 + "3 3 7 4 9 5 5 0; " * 3 + "6 6 13 7 15 8 8 0; " * 3 + "0 0 0 0 0 0 0 0",
        ),
        (
            "3 8 1; 9 5 7; 3 2 6",
            np.array([[[[7, 2], [1, 9]]]]),
            {"dilation": 2},
            "21 56 13 16 2; 63 35 67 10 14; 24 22 76 76 21; 9 5 88 45 63; 3 2 33 18 54",
        ),
    ],
    ids=["plain", "pads", "output padding", "dilation"],
)
def test_onnxs_transposed_convolutions(x: str, w: Array, options: Options, z: str) -> None:
    """All filters agree. Source: ONNX, tests of ConvTranspose, https://onnx.ai/onnx/operators/onnx__ConvTranspose.html"""
    assert_same(loops.conv_transpose2d(plane(x), w, **options), plane(z).repeat(w.shape[1], axis=1))


@pytest.mark.parametrize(
    ("size", "options", "z"),
    [
        (
            5,
            {"kernel_size": 5, "stride": 1, "padding": 2},
            "13 14 15 15 15; 18 19 20 20 20; 23 24 25 25 25; 23 24 25 25 25; 23 24 25 25 25",
        ),
        (5, {"kernel_size": 2}, "7 9; 17 19"),
        (5, {"kernel_size": 3, "stride": 2, "padding": "same"}, "7 9 10; 17 19 20; 22 24 25"),
        (4, {"kernel_size": 3, "stride": 2, "ceil_mode": True}, "11 12; 15 16"),
        (4, {"kernel_size": 2, "stride": 1, "dilation": 2}, "11 12; 15 16"),
    ],
    ids=["pads", "strides", "same", "ceil", "dilations"],
)
def test_onnxs_max_pools(size: int, options: Options, z: str) -> None:
    """Over 1, 2, 3, …, so that the flat index of a number is the number less one.

    Source: ONNX, tests of operator MaxPool, https://onnx.ai/onnx/operators/onnx__MaxPool.html
    """
    assert_same(loops.max_pool2d(ramp(size, size, first=1), **options), (plane(z), plane(z) - 1))


@pytest.mark.parametrize(
    ("size", "options", "z"),
    [
        (
            5,
            {"kernel_size": 5, "stride": 1, "padding": 2, "count_include_pad": False},
            "7. 7.5 8 8.5 9; 9.5 10 10.5 11 11.5; 12 12.5 13 13.5 14; 14.5 15 15.5 16 16.5; 17 17.5 18 18.5 19",
        ),
        (
            5,
            {"kernel_size": 5, "stride": 1, "padding": 2},
            "2.52 3.6 4.8 4.08 3.24; 4.56 6.4 8.4 7.04 5.52; 7.2 10 13 10.8 8.4; 6.96 9.6 12.4 10.24 7.92; "
            "6.12 8.4 10.8 8.88 6.84",
        ),
        (
            5,
            {"kernel_size": 3, "stride": 2, "padding": "same", "count_include_pad": False},
            "4. 5.5 7; 11.5 13 14.5; 19 20.5 22",
        ),
        (4, {"kernel_size": 3, "stride": 2, "ceil_mode": True}, "6. 7.5; 12 13.5"),
    ],
    ids=["pads", "pads that count", "same", "ceil"],
)
def test_onnxs_average_pools(size: int, options: Options, z: str) -> None:
    """Source: ONNX, tests of AveragePool, https://onnx.ai/onnx/operators/onnx__AveragePool.html, over 1, 2, 3, …"""
    assert_same(loops.avg_pool2d(ramp(size, size, first=1), **options), plane(z), rtol=1e-14)


def test_pool_gradients_of_a_published_example() -> None:
    """Maxima stood top left, bottom right, top right and bottom left; the average spreads over its 2×2.

    Source: "CNN backpropagation: from intuition to derivation", the example of upsampling δ = [[2, 8], [4, 6]].
    """
    dz, shape = plane("2 8; 4 6"), (1, 1, 4, 4)
    argmax = plane("0 7; 9 14")
    expected = plane("2 0 0 0; 0 0 0 8; 0 4 0 0; 0 0 6 0")
    assert_same(loops.max_pool2d_backward(dz, argmax, shape), expected)
    x = expected + 10 * (expected > 0)
    assert_same(loops.max_pool2d(x, 2)[1], argmax)
    spread = plane("0.5 0.5 2 2; 0.5 0.5 2 2; 1 1 1.5 1.5; 1 1 1.5 1.5")
    assert_same(loops.avg_pool2d_backward(dz, shape, 2), spread)


# --- symbols sent through the loops ---------------------------------------------------------------------------------


def test_symbols_give_the_gradients_that_the_article_worked_by_hand() -> None:
    """5×5 input, k = 3, s = 2: which outputs an input, or a weight, takes part in.

    Source: hermosayhl, "Convolutional neural networks (5): the convolution layer", examples δ̄_11 … δ̄_33, δW_11, δW_32.
    """
    x, w, delta = symbols("I", 1, 1, 5, 5), symbols("w", 1, 1, 3, 3), symbols("d", 1, 1, 2, 2)
    dx, dw, db = loops.conv2d_backward(delta, x, w, stride=2)
    I, W, d = (lambda place, a=a: a[0, 0, int(place[0]) - 1, int(place[1]) - 1] for a in (x, w, delta))
    assert dx[0, 0, 0, 0] == d("11") * W("11")
    assert dx[0, 0, 0, 1] == d("11") * W("12")
    assert dx[0, 0, 0, 2] == d("11") * W("13") + d("12") * W("11")
    assert dx[0, 0, 2, 2] == d("11") * W("33") + d("12") * W("31") + d("21") * W("13") + d("22") * W("11")
    assert dw[0, 0, 0, 0] == d("11") * I("11") + d("12") * I("13") + d("21") * I("31") + d("22") * I("33")
    assert dw[0, 0, 2, 1] == d("11") * I("32") + d("12") * I("34") + d("21") * I("52") + d("22") * I("54")
    assert db[0] == d("11") + d("12") + d("21") + d("22")
    useful = sum(len(sympy.Add.make_args(cell)) for cell in dx.flat)
    assert (useful, 25 * 9) == (36, 225)  # multiplications needed; made when δ is stretched, padded and convolved


def test_symbols_give_the_transposed_matrix_of_the_guide() -> None:
    """z = C x and dx = Cᵀ dz, with the 4×16 matrix C of weights. Source: Dumoulin & Visin 2016, §4.1."""
    x, w, dz = symbols("x", 1, 1, 4, 4), symbols("w", 1, 1, 3, 3), symbols("dz", 1, 1, 2, 2)
    C = sympy.zeros(4, 16)
    for (i, j), (k, l) in [(o, t) for o in np.ndindex(2, 2) for t in np.ndindex(3, 3)]:
        C[2 * i + j, 4 * (i + k) + (j + l)] = w[0, 0, k, l]
    assert loops.conv2d(x, w).ravel().tolist() == list(C * sympy.Matrix(x.ravel()))
    assert loops.conv2d_backward(dz, x, w)[0].ravel().tolist() == list(C.T * sympy.Matrix(dz.ravel()))
    assert loops.conv_transpose2d(dz, w).ravel().tolist() == list(C.T * sympy.Matrix(dz.ravel()))


def differentiated(L: Any, array: Array) -> Array:
    return np.array([sympy.expand(sympy.diff(L, symbol)) for symbol in array.flat], object).reshape(array.shape)


def expanded(array: Array) -> Array:
    return np.array([sympy.expand(cell) for cell in array.flat], object).reshape(array.shape)


CONV, TRANSPOSE = (loops.conv2d, loops.conv2d_backward), (loops.conv_transpose2d, loops.conv_transpose2d_backward)


@pytest.mark.parametrize(
    ("layer", "x", "w", "options"),
    [
        (CONV, (2, 2, 4, 3), (2, 2, 3, 2), {"stride": (2, 1), "padding": ((0, 1), (1, 0))}),
        (CONV, (1, 4, 3, 4), (2, 2, 2, 2), {"dilation": (2, 1), "stride": 2, "groups": 2}),
        (CONV, (1, 1, 1, 1), (2, 1, 2, 1), {"padding": (3, 0), "stride": 2}),
        (TRANSPOSE, (2, 2, 2, 2), (2, 2, 3, 2), {"stride": (2, 3), "padding": (1, 0)}),
        (TRANSPOSE, (1, 4, 2, 1), (4, 1, 2, 2), {"output_padding": 1, "dilation": 2, "groups": 2}),
    ],
    ids=["conv", "conv dilated in groups", "conv of one pixel", "transposed", "transposed dilated in groups"],
)
def test_symbolic_derivatives_of_the_forward_loops_are_the_backward_loops(
    layer: tuple[Callable[..., Any], ...], x: Any, w: Any, options: Options
) -> None:
    forward, backward = layer
    x, w = symbols("x", *x), symbols("w", *w)
    filters = len(w) if layer is CONV else w.shape[1] * options.get("groups", 1)
    b = symbols("b", filters)
    z = forward(x, w, b, **options)
    dz = symbols("dz", *z.shape)
    L = sympy.expand(np.sum(dz * z))
    for gradient, array in zip(backward(dz, x, w, **options), (x, w, b), strict=True):
        assert (expanded(gradient) == differentiated(L, array)).all()


@pytest.mark.parametrize("count_include_pad", [True, False])
def test_symbolic_derivatives_of_the_average_are_its_backward_loops(count_include_pad: bool) -> None:
    x, options = (
        symbols("x", 1, 2, 4, 3),
        {"stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": count_include_pad},
    )
    z = loops.avg_pool2d(x, (3, 2), **options)
    dz = symbols("dz", *z.shape)
    L = sympy.expand(np.sum(dz * z))
    assert (expanded(loops.avg_pool2d_backward(dz, x.shape, (3, 2), **options)) == differentiated(L, x)).all()


def test_max_pool_loops_carry_symbols_for_the_gradient_and_exact_numbers_for_the_maximum() -> None:
    x = plane([sympy.Rational(1, 3), sympy.sqrt(2)], [sympy.pi, sympy.pi])
    z, argmax = loops.max_pool2d(x, 2)
    assert (z.item(), argmax.item()) == (sympy.pi, 2)
    dz = symbols("dz", 1, 1, 1, 1)
    assert loops.max_pool2d_backward(dz, argmax, x.shape).ravel().tolist() == [0, 0, dz.item(), 0]


# --- SciPy, the articles' closed forms, and slicing -----------------------------------------------------------------


def conv_by_scipy(case: Conv) -> tuple[Array, ...]:
    """Pad, inflate the kernel by the dilation, correlate at every place, keep each stride-th; δ inflated by the stride.

    dW is a correlation of the padded input *with δ stretched by s*, dA a full convolution of it: for s > 1 this is what
    Tristan, "Forward and backward propagations for 2D convolutional layers", leaves out; there m' + s·m = i.
    """
    x, w, b, dz, options = case
    stride, padding, dilation = (options[name] for name in ("stride", "padding", "dilation"))
    F, C = w.shape[:2]
    x_pad, wide, sparse = padded(x, padding), stretched(w, dilation), stretched(dz, stride)
    z, dw = np.zeros_like(dz), np.zeros_like(w)
    dx_pad = np.zeros_like(x_pad)
    for n, f, c in np.ndindex(len(x), F, C):
        channel = f // (F // options["groups"]) * C + c
        z[n, f] += correlate2d(x_pad[n, channel], wide[f, c], "valid")[:: stride[0], :: stride[1]]
        full = convolve2d(sparse[n, f], wide[f, c], "full")
        dx_pad[n, channel, : full.shape[0], : full.shape[1]] += full  # the remainder at bottom and right stays 0
        at_every_tap = correlate2d(x_pad[n, channel], sparse[n, f], "valid")[:: dilation[0], :: dilation[1]]
        dw[f, c] += at_every_tap[: w.shape[2], : w.shape[3]]  # a remainder would give the kernel more taps than it has
    z = z if b is None else z + b[:, None, None]
    (top, _), (left, _) = padding
    return z, dx_pad[:, :, top : top + x.shape[2], left : left + x.shape[3]], dw, dz.sum(axis=(0, 2, 3))


def test_convolution_loops_agree_with_scipy() -> None:
    hold_against(conv_by_scipy, convolution(loops), conv_cases(), count=150)


def conv_transpose_by_scipy(case: Conv) -> tuple[Array, ...]:
    """Stretch the input by the stride, convolve in full, cut off the padding."""
    x, w, b, dz, options = case
    stride, padding, dilation = (options[name] for name in ("stride", "padding", "dilation"))
    C, F = w.shape[:2]
    sparse, wide, dz_pad = stretched(x, stride), stretched(w, dilation), padded(dz, padding)
    z_pad, dx, dw = np.zeros_like(dz_pad), np.zeros_like(x), np.zeros_like(w)
    for n, c, f in np.ndindex(len(x), C, F):
        filter_ = c // (C // options["groups"]) * F + f
        full = convolve2d(sparse[n, c], wide[c, f], "full")
        z_pad[n, filter_, : full.shape[0], : full.shape[1]] += full
        at_stops = correlate2d(dz_pad[n, filter_], wide[c, f], "valid")[:: stride[0], :: stride[1]]
        dx[n, c] += at_stops[: x.shape[2], : x.shape[3]]
        at_taps = correlate2d(dz_pad[n, filter_], sparse[n, c], "valid")[:: dilation[0], :: dilation[1]]
        dw[c, f] += at_taps[: w.shape[2], : w.shape[3]]
    (top, _), (left, _) = padding
    z = z_pad[:, :, top : top + dz.shape[2], left : left + dz.shape[3]]
    return z if b is None else z + b[:, None, None], dx, dw, dz.sum(axis=(0, 2, 3))


def test_transposed_convolution_loops_agree_with_scipy() -> None:
    hold_against(conv_transpose_by_scipy, transposed_convolution(loops), conv_transpose_cases(), count=150)


def max_pool_by_slicing(case: Pool) -> tuple[Array, ...]:
    """np.argmax, which gives the first of equals and the first NaN, over windows cut from an input padded with −∞."""
    x = case.x.astype(float)
    cells = np.broadcast_to(np.arange(x.shape[2] * x.shape[3]).reshape(x.shape[2:]), x.shape)
    patches = windows_of(x, **case.options, fill=-np.inf)
    places_of = windows_of(cells, **case.options, fill=-1)
    z, argmax, dx = np.empty_like(case.dz), np.empty(case.dz.shape, np.int64), np.zeros(case.x.shape, case.dz.dtype)
    for i, j in np.ndindex(patches.shape):
        for n, c in np.ndindex(x.shape[:2]):
            real = places_of[i, j][n, c] >= 0
            values, where = patches[i, j][n, c][real], places_of[i, j][n, c][real]
            z[n, c, i, j], argmax[n, c, i, j] = values.max(), where[values.argmax()]
            dx[n, c].flat[argmax[n, c, i, j]] += case.dz[n, c, i, j]
    return z, argmax, dx


@pytest.mark.parametrize("odd", [(), (-np.inf, np.nan, np.inf)], ids=["integers", "infinities and NaN"])
def test_max_pool_loops_agree_with_slicing(odd: tuple[float, ...]) -> None:
    dtypes = (np.float64,) if odd else EXACT
    hold_against(max_pool_by_slicing, max_pooling(loops), max_pool_cases(dtypes=dtypes, odd=odd), count=150)


def avg_pool_by_slicing(case: Pool) -> tuple[Array, ...]:
    """The mean of each patch, and of what it would be if padding were no number at all."""
    options = case.options | {"dilation": (1, 1)}
    counted = options.pop("count_include_pad")
    real = windows_of(np.ones_like(case.x), **options, fill=int(counted))
    patches = windows_of(case.x, **options, fill=0)
    dtype = case.x.dtype if case.x.dtype.kind == "f" else np.float64
    z = np.empty(case.dz.shape, dtype)
    x_like = np.zeros(
        (*case.x.shape[:2], *(n + sum(p) for n, p in zip(case.x.shape[2:], options["padding"], strict=True)))
    )
    cells = windows_of(
        np.arange(x_like.size).reshape(x_like.shape), **(options | {"padding": ((0, 0), (0, 0))}), fill=0
    )
    for i, j in np.ndindex(patches.shape):
        count = real[i, j].sum(axis=(2, 3))
        z[:, :, i, j] = patches[i, j].sum(axis=(2, 3)) / count.astype(dtype)
        x_like.flat[cells[i, j]] += (case.dz[:, :, i, j] / count)[:, :, None, None]
    (top, _), (left, _) = options["padding"]
    dx = x_like[:, :, top : top + case.x.shape[2], left : left + case.x.shape[3]]
    return z, dx.astype(dtype)


def test_average_pool_loops_agree_with_slicing() -> None:
    hold_against(avg_pool_by_slicing, average_pooling(loops), avg_pool_cases(), count=100, rtol=1e-5)


@examples(60)
@given(axes(), st.integers(0, 99))
def test_overlap_cases_of_the_input_gradient(axis: Options, seed: int) -> None:
    """dx_u = Σ_{x=0}^{⌊(p−1−(u−it))/t⌋} dy_{i−x} · w_{u−(i−x)t},  i = min(⌊u/t⌋, g−1), terms with i − x < 0 being 0.

    Source: BrightLamp, "The convolution function and its gradients", §3.1, four cases of overlap (p taps, stride t, g
    outputs), corrected: its sum runs to p − t, which for p = 5, t = 2 takes four terms where there are two or three.
    """
    p, t, m = axis["kernel"], axis["stride"], axis["kernel"] + axis["size"] - 1
    g = places(m, p, t, (0, 0), 1)
    rng = np.random.default_rng(seed)
    w, dy = rng.integers(-9, 10, p), rng.integers(-9, 10, g)
    expected = []
    for u in range(m):
        i = min(u // t, g - 1)
        last = (p - 1 - (u - i * t)) // t
        expected.append(sum(dy[i - x] * w[u - (i - x) * t] for x in range(last + 1) if i - x >= 0))
    x = np.zeros((1, 1, 1, m), int)
    dx, _, _ = loops.conv2d_backward(dy[None, None, None], x, w[None, None, None], stride=(1, t))
    assert dx.ravel().tolist() == expected


def test_small_integer_types_do_not_overflow() -> None:
    """255·255 + … fits no byte: products are made in the width of the result."""
    x, w = np.full((1, 1, 2, 2), 255, np.uint8), np.full((1, 1, 2, 2), 255, np.uint8)
    assert_same(loops.conv2d(x, w), plane([4 * 255 * 255]))
    assert_same(loops.conv2d_backward(np.full((1, 1, 1, 1), 255, np.uint8), x, w)[0], np.full((1, 1, 2, 2), 255 * 255))
    assert_same(loops.conv_transpose2d(x[:, :, :1, :1], w), np.full((1, 1, 2, 2), 255 * 255))
    assert_same(loops.avg_pool2d(x, 2), plane([255.0]))
    share = loops.avg_pool2d_backward(np.full((1, 1, 1, 1), 64, np.int8), (1, 1, 16, 16), 16)
    assert_same(share, np.full((1, 1, 16, 16), 0.25))

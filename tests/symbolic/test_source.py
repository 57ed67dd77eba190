"""Emitted source: run against the loops, read line by line, and wrong where the formula is wrong."""

import inspect
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Derivative, Expr, Function, KroneckerDelta, S, Sum, Symbol, exp, floor, log, sinh, tanh
from sympy.tensor.indexed import Indexed

from lessonconv import functional
from lessonconv.functional import loops as reference
from lessonconv.symbolic.bounds import settle
from lessonconv.symbolic.brackets import Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import hat, symbol, symbols, tensor
from lessonconv.symbolic.rules import Definition, clear, collapse, differentiate, fold, reindex, tidy, unfold
from lessonconv.symbolic.source import Formula, compiled, einsum, loops
from lessonconv.symbolic.sums import substitute
from lessonconv.window import Axis
from tests.strategies import Array, Conv, axes, both, examples, places

N, C, F, H, W, K_h, K_w, O_h, O_w = symbols("N C F H W K_h K_w O_h O_w")
n, c, f, i, j, u, v, k, l = symbols("n c f i j u v k l")
s_h, s_w, p_h, p_w, d_h, d_w = symbols("s_h s_w p_h p_w d_h d_w")
n2, t_h, t_w, r_h, r_w = symbols("n′ t_h t_w r_h r_w")
x, w, b, z, dz, dx, dw = map(tensor, ("x", "w", "b", "z", "dz", "dx", "dw"))
SIZES = {n: N, n2: N, c: C, f: F, i: O_h, j: O_w, u: H, v: W, k: K_h, l: K_w}
SHAPES = {"x": (N, C, H, W), "w": (F, C, K_h, K_w), "b": (F,), "z": (N, F, O_h, O_w)}
SHAPES |= {"d" + name: shape for name, shape in SHAPES.items()}
HEIGHT: Any = Axis(H, K_h, O_h, s_h, d_h, p_h, p_h)  # type: ignore[arg-type]
WIDTH: Any = Axis(W, K_w, O_w, s_w, d_w, p_w, p_w)  # type: ignore[arg-type]


# --- formulas -------------------------------------------------------------------------------------------------------


def limits(*indices: Symbol) -> tuple[tuple[Symbol, int, Expr], ...]:
    return tuple((index, 0, SIZES[index] - 1) for index in indices)


def total(e: Expr, *indices: Symbol) -> Expr:
    return Sum(e, *reversed(limits(*indices)))


def formula(name: str, cell: Indexed, body: Expr, free: Any = None, **shapes: Any) -> Formula:
    return Formula(name, cell, body, free or limits(*cell.indices), {**SHAPES, **shapes}, f"{cell} = …")


def read(shift: int = 0) -> Indexed:
    return hat("x")[n, c, HEIGHT.input(i, k) + shift, WIDTH.input(j, l)]


FORWARD = Definition(z[n, f, i, j], b[f] + total(w[f, c, k, l] * read(), c, k, l))
Z = formula("conv2d.z", FORWARD.cell, FORWARD.body)
DW = formula("conv2d.dw", dw[f, c, k, l], total(dz[n, f, i, j] * read(), n, i, j))
DB = formula("conv2d.db", tensor("db")[f], total(dz[n, f, i, j], n, i, j))


def input_gradient() -> dict[str, Expr]:
    """∂L/∂x line by line: scatter, gather, folded."""
    at = z[n2, f, i, j]
    chain = total(dz[at.indices] * Derivative(at, x[n, c, u, v], evaluate=False), n2, f, i, j)
    scatter = differentiate(unfold(chain, FORWARD))
    gather = clear(collapse(scatter, prefer=(k, l)), {index: (0, SIZES[index] - 1) for index in (n, c, u, v)})
    return {"chain": chain, "scatter": scatter, "gather": gather, "folded": fold(gather)}


LINES = input_gradient()
DX = {name: formula("conv2d.dx", dx[n, c, u, v], LINES[name]) for name in ("scatter", "gather", "folded")}


@cache
def polyphase() -> Formula:
    """The same where u + p = t·s + r, for dilation 1."""
    cells = t_h * s_h + r_h - p_h, t_w * s_w + r_w - p_w
    at = tidy(substitute(LINES["gather"].xreplace({d_h: S.One, d_w: S.One}), dict(zip((u, v), cells, strict=True))))
    at = fold(reindex(reindex(at, i, t_h - k, k), j, t_w - l, l))
    free = [*limits(n, c), (t_h, 0, floor((H - 1 + p_h) / s_h)), (r_h, 0, s_h - 1)]
    free += [(t_w, 0, floor((W - 1 + p_w) / s_w)), (r_w, 0, s_w - 1)]
    ends = {index: (low, high) for index, low, high in free}
    return formula("conv2d.dx.polyphase", dx[n, c, cells[0], cells[1]], settle(at, ends), tuple(free))


def function(written: Formula, form: Callable[[Formula], str] = loops) -> Callable[..., Any]:
    return _emitted(form, written.name, written.cell, written.body, written.free, tuple(written.shapes.items()))


@cache
def _emitted(form: Callable[[Formula], str], name: str, *rest: Any) -> Callable[..., Any]:
    """Once for each formula, however many examples it is tried on."""
    cell, body, free, shapes = rest
    return compiled(form(Formula(name, cell, body, free, dict(shapes), "…")), name)


def body(written: Formula, form: Callable[[Formula], str] = loops) -> str:
    """The source from the docstring on."""
    return form(written).split('…"""\n')[1]


# --- cases ----------------------------------------------------------------------------------------------------------


@st.composite
def convolutions(draw: st.DrawFn, **fixed: int) -> Conv:
    """A call of conv2d with as much padding before as after: rectangles, remainders, dilation, too much padding."""
    height, width = (draw(axes(most=3, pytorch=True)) for _ in range(2))
    for axis in (height, width):
        axis.update(fixed)
        axis["size"] = max(axis["size"], axis["dilation"] * (axis["kernel"] - 1) + 1)
    images, filters, channels = (draw(st.integers(1, 3)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    options = both(height, width)
    options["padding"] = tuple(before for before, _ in options["padding"])
    return Conv(
        x=rng.integers(-9, 10, (images, channels, height["size"], width["size"])),
        w=rng.integers(-9, 10, (filters, channels, height["kernel"], width["kernel"])),
        b=rng.integers(-9, 10, filters),
        dz=rng.integers(-9, 10, (images, filters, places(**height), places(**width))),
        options={name: options[name] for name in ("stride", "padding", "dilation")},
    )


def some_convolution(**options: Any) -> Conv:
    """A rectangle with rows left over."""
    rng = np.random.default_rng(0)
    options = {"stride": (2, 3), "padding": (1, 2), "dilation": (2, 1), **options}
    x, w, b = (rng.integers(1, 10, shape) for shape in ((2, 2, 8, 7), (3, 2, 3, 2), (3,)))
    dz = rng.integers(1, 10, reference.conv2d(x, w, **options).shape)
    return Conv(x, w, b, dz, options)


def call(written: Callable[..., Any], case: Conv, **more: Any) -> Array:
    """The function of what it asks for."""
    shapes = {"x_shape": case.x.shape, "w_shape": case.w.shape, "z_shape": case.dz.shape}
    known = {**case._asdict(), **case.options, **shapes, **more}
    result: Array = written(**{name: known[name] for name in inspect.signature(written).parameters})
    return result


def gradients(case: Conv) -> dict[str, Array]:
    found = reference.conv2d_backward(case.dz, case.x, case.w, **case.options)
    return dict(zip(("dx", "dw", "db"), found, strict=True))


def assert_exact(got: Array, expected: Array) -> None:
    np.testing.assert_array_equal(got, expected, strict=True)


# --- what the emitted functions compute -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", [loops, einsum])
@examples(25)
@given(case=convolutions())
def test_the_forward_pass(form: Any, case: Conv) -> None:
    assert_exact(call(function(Z, form), case), reference.conv2d(case.x, case.w, case.b, **case.options))


@pytest.mark.parametrize("form", [loops, einsum])
@examples(25)
@given(case=convolutions())
def test_the_gradients_of_kernels_and_bias(form: Any, case: Conv) -> None:
    assert_exact(call(function(DW, form), case), gradients(case)["dw"])
    assert_exact(call(function(DB, form), case), gradients(case)["db"])


@pytest.mark.parametrize("line", DX)
@examples(25)
@given(case=convolutions())
def test_every_form_of_the_input_gradient(line: str, case: Conv) -> None:
    assert_exact(call(function(DX[line]), case), gradients(case)["dx"])


@examples(25)
@given(case=convolutions(dilation=1))
def test_the_phases_of_the_stride(case: Conv) -> None:
    assert_exact(call(function(polyphase()), case), gradients(case)["dx"])


@pytest.mark.parametrize("form", [loops, einsum])
@examples(25)
@given(case=convolutions(dilation=1, stride=1))
def test_stride_1_is_a_correlation_with_the_turned_kernel(form: Any, case: Conv) -> None:
    """Padding may exceed K − 1: then cells of dz are cut off, and no zeros put around it."""
    at = hat("dz")[n, f, u + k - (K_h - 1 - p_h), v + l - (K_w - 1 - p_w)]
    turned = total(at * w[f, c, K_h - 1 - k, K_w - 1 - l], f, k, l)
    assert_exact(call(function(formula("dx", dx[n, c, u, v], turned), form), case), gradients(case)["dx"])


@pytest.mark.parametrize("form", [loops, einsum])
def test_stride_1_read_backwards(form: Any) -> None:
    """The same with the taps counted the other way: the view's axes are turned."""
    case = some_convolution(stride=1, dilation=1)
    backwards = total(hat("dz")[n, f, u + p_h - k, v + p_w - l] * w[f, c, k, l], f, k, l)
    assert_exact(call(function(formula("dx", dx[n, c, u, v], backwards), form), case), gradients(case)["dx"])


def test_one_axis() -> None:
    """One axis has one stride, not a pair."""
    O, K, s, p, d = symbols("O K s p d")
    at = i * s + k * d - p
    one = Formula(
        "conv1d.z",
        z[f, i],
        Sum(w[f, k] * hat("x")[at], (k, 0, K - 1)),
        ((f, 0, F - 1), (i, 0, O - 1)),
        {"x": (H,), "w": (F, K), "z": (F, O)},
        "…",
    )
    x_, w_ = np.arange(1, 10), np.array([[1, -2], [3, 5]])
    expected = reference.conv2d(x_[None, None, None], w_[:, None, None], stride=(1, 2), padding=(0, 1), dilation=(1, 3))
    for form in (loops, einsum):
        got = function(one, form)(x_, w_, expected.shape[1::2], stride=2, padding=1, dilation=3)
        assert_exact(got, expected[0, :, 0])


@pytest.mark.parametrize("form", [loops, einsum])
def test_a_number_serves_both_axes(form: Any) -> None:
    same = some_convolution(stride=2, padding=1, dilation=1)
    pairs = same._replace(options={"stride": (2, 2), "padding": (1, 1), "dilation": (1, 1)})
    assert_exact(call(function(DW, form), same), call(function(DW, form), pairs))


def average() -> Formula:
    mean = total(hat("x")[n, c, i * s_h + k - p_h, j * s_w + l - p_w], k, l) / (K_h * K_w)
    return formula("avg_pool2d.z", z[n, c, i, j], mean, limits(n, c, i, j), z=(N, C, O_h, O_w))


@pytest.mark.parametrize("form", [loops, einsum])
def test_average_pooling_takes_the_size_of_the_kernel(form: Any) -> None:
    options: dict[str, Any] = {"stride": (2, 1), "padding": (1, 0)}
    x_ = some_convolution().x
    expected = reference.avg_pool2d(x_, (3, 2), **options)
    got = function(average(), form)(x_, expected.shape, (3, 2), **options)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert got.dtype == np.float64
    assert function(average(), form)(x_.astype(np.float32), expected.shape, (3, 2), **options).dtype == np.float32


def test_max_pooling_starts_from_minus_infinity() -> None:
    at_h, at_w = i * s_h + k - p_h, j * s_w + l - p_w
    inside = InRange(at_h, 0, H - 1) * InRange(at_w, 0, W - 1)
    largest = Largest(x[n, c, at_h, at_w] * inside, *reversed(limits(k, l)))
    written = formula("max_pool2d.z", z[n, c, i, j], largest, limits(n, c, i, j), z=(N, C, O_h, O_w))
    x_ = -some_convolution().x  # all of it below 0, so that padding must not win
    expected, argmax = reference.max_pool2d(x_, (3, 2), stride=2, padding=(1, 0))
    got = function(written)(x_, expected.shape, (3, 2), stride=2, padding=(1, 0))
    np.testing.assert_array_equal(got, expected)

    won = KroneckerDelta(tensor("argmax")[n, c, i, j], u * W + v)
    pooled = {"dz": (N, C, O_h, O_w), "argmax": (N, C, O_h, O_w)}
    back = formula("max_pool2d.dx", dx[n, c, u, v], total(dz[n, c, i, j] * won, i, j), **pooled)
    assert_exact(function(back)(expected, argmax, x_.shape), reference.max_pool2d_backward(expected, argmax, x_.shape))
    assert "if argmax[n, c, i, j] == u*W + v:" in loops(back)


def test_softmax_adds_up_once_for_each_row() -> None:
    M, m = symbols("M m")
    at = tensor("logits")
    softmax = exp(at[n, k]) / Sum(exp(at[n, m]), (m, 0, M - 1))
    shapes: Any = {"logits": (N, M), "a": (N, M), "dlogits": (N, M), "labels": (N,)}
    free = ((n, 0, N - 1), (k, 0, M - 1))
    a = Formula("softmax.a", tensor("a")[n, k], softmax, free, shapes, "…")
    logits, labels = np.random.default_rng(1).normal(size=(3, 4)), np.array([0, 3, 1])
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(function(a)(logits), expected)
    assert body(a).index("total = sum(np.exp(logits[n, m]) for m in range(M))") < body(a).index("for k in range(M):")

    error = (softmax - KroneckerDelta(k, tensor("labels")[n])) / N
    back = Formula("loss.dlogits", tensor("dlogits")[n, k], error, free, shapes, "…")
    np.testing.assert_allclose(function(back)(labels, logits), functional.softmax_cross_entropy(logits, labels)[1])


def test_activations() -> None:
    da, at, α = tensor("da"), z[n, f], symbol("α")
    shapes: Any = {"da": (N, F), "z": (N, F), "dz": (N, F)}
    free = limits(n, f)
    values, slopes = np.array([[1.5, -2.0, 0.0]]), np.array([[3.0, 5.0, 7.0]])
    g = Function("g′")
    for expr, more, expected in [
        (da[n, f] * Positive(at), {}, slopes * (values > 0)),
        (da[n, f] * (Positive(at) + α * (1 - Positive(at))), {"alpha": 0.1}, slopes * np.where(values > 0, 1, 0.1)),
        (da[n, f] * (1 - tanh(at) ** 2), {}, slopes * (1 - np.tanh(values) ** 2)),
        (da[n, f] / (1 + at**2), {}, slopes / (1 + values**2)),
        (-da[n, f] * log(exp(at)), {}, -slopes * values),
        (da[n, f] * g(at), {"g_prime": np.cos}, slopes * np.cos(values)),
        (Positive(at) + Positive(-at) - 2, {}, (values > 0) * 1.0 + (values < 0) - 2),  # NumPy's True + True is True
    ]:
        written = Formula("g.dz", dz[n, f], expr, free, shapes, "…")
        arrays = {"da": slopes, "z": values} if expr.has(da) else {"z": values}
        np.testing.assert_allclose(function(written)(**arrays, **more), expected)


def test_integers_and_a_float_factor_make_floats() -> None:
    shapes: Any = {"z": (N,), "a": (N,)}
    leaky = Formula("leaky.a", tensor("a")[n], symbol("α") * z[n], limits(n), shapes, "…")
    np.testing.assert_array_equal(function(leaky)(np.array([10]), alpha=0.25), [2.5])


def test_what_is_summed_over_nothing_counts() -> None:
    """Σ(k<K) of something without k is K times that, in both forms."""
    shapes: Any = {"w": (F, K_h), "b": (F,), "z": (F,)}
    taps = (k, 0, K_h - 1)
    written = Formula("ones", z[f], -2 * Sum(b[f], taps) + Sum(w[f, k], taps), limits(f), shapes, "…")
    w_, b_ = np.arange(6).reshape(2, 3), np.array([1, 10])
    for form in (loops, einsum):
        assert_exact(function(written, form)(w_, b_), w_.sum(axis=1) - 6 * b_)


def test_parts_that_lack_an_axis_are_spread_over_it() -> None:
    shapes: Any = {"w": (F, C), "x": (F,), "b": (C,), "z": (F, C)}
    free = limits(f, c)
    w_, x_, b_ = np.arange(6).reshape(2, 3), np.array([1, 10]), np.array([5, 7, 9])
    for expr, expected in [(x[f] + b[c], x_[:, None] + b_), (w[f, c] - x[f] + 2, w_ - x_[:, None] + 2)]:
        written = Formula("spread", z[f, c], expr, free, shapes, "…")
        arrays = {"w": w_, "x": x_, "b": b_}
        for form in (loops, einsum):
            run = function(written, form)
            assert_exact(run(**{name: arrays[name] for name in inspect.signature(run).parameters}), expected)


def test_slices_of_single_indices() -> None:
    """An index alone on its axis is sliced: shifted, strided, turned, zero-extended, constant."""
    shapes: Any = {"x": (H,), "z": (O_h,)}
    x_ = np.arange(1, 9)
    for at, expected in [
        (x[i + 2], x_[2:5]),
        (x[2 * i + 1], x_[1:6:2]),
        (x[6 - 3 * i], x_[6::-3]),
        (x[H - 1 - i], x_[:-4:-1]),
        (hat("x")[i - 1], [0, 1, 2]),
        (hat("x")[H - 2 + i], [7, 8, 0]),
        (hat("x")[1 - i], [2, 1, 0]),
        (x[i] * x[3], x_[:3] * 4),
    ]:
        written = Formula("slices", z[i], at, limits(i), shapes, "…")
        for form in (loops, einsum):
            assert_exact(function(written, form)(x_, (3,)), np.asarray(expected))


# --- nothing is hard-coded ------------------------------------------------------------------------------------------

WRONG: Mapping[str, tuple[Formula, Callable[[Expr], Expr]]] = {
    "the padding's sign": (DW, lambda e: e.xreplace({p_h: -p_h})),
    "stride for dilation": (DW, lambda e: e.xreplace({s_w: d_w, d_w: s_w})),
    "one row further": (DW, lambda e: e.xreplace({read(): read(shift=1)})),
    "the last output forgotten": (DW, lambda e: e.subs(O_h, O_h - 1)),
    "twice as much": (DW, lambda e: 2 * e),
    "a bias too many": (Z, lambda e: e + b[f]),
    "a kernel turned": (Z, lambda e: e.xreplace({w[f, c, k, l]: w[f, c, K_h - 1 - k, l]})),
    "one tap less": (DX["gather"], lambda e: e.subs(K_h, K_h - 1)),
    "no divisibility": (DX["gather"], lambda e: e.replace(Divides, lambda *_: 1)),
    "rounded the other way": (DX["folded"], lambda e: e.replace(floor, lambda arg: floor(arg) - 1)),
    "scattered beside": (DX["scatter"], lambda e: e.xreplace({p_w: p_w + 1})),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_formula_gives_a_wrong_function(mistake: str) -> None:
    written, change = WRONG[mistake]
    case = some_convolution()
    wrong = replace(written, body=change(written.body))
    assert wrong.body != written.body
    right = call(function(written), case)
    for form in (loops, einsum) if written in (DW, Z) else (loops,):
        assert_exact(call(function(written, form), case), right)
        assert not np.array_equal(call(function(wrong, form), case), right)


# --- how it reads ---------------------------------------------------------------------------------------------------


def test_the_kernel_gradient_reads_as_a_person_would_write_it() -> None:
    assert (
        loops(replace(DW, doc="∂L/∂w"))
        == '''\
import numpy as np


def conv2d_dw(dz, x, w_shape, *, stride, padding, dilation):
    """∂L/∂w"""
    s_h, s_w = np.broadcast_to(stride, 2).tolist()  # a number, or one for each axis
    p_h, p_w = np.broadcast_to(padding, 2).tolist()
    d_h, d_w = np.broadcast_to(dilation, 2).tolist()
    N, F, O_h, O_w = dz.shape
    _, C, H, W = x.shape
    _, _, K_h, K_w = w_shape
    dw = np.zeros(w_shape, np.result_type(dz, x))
    for f in range(F):
        for c in range(C):
            for k in range(K_h):
                for l in range(K_w):
                    for n in range(N):
                        for i in range(O_h):
                            for j in range(O_w):
                                u, v = i*s_h + k*d_h - p_h, j*s_w + l*d_w - p_w
                                if 0 <= u < H and 0 <= v < W:  # x counts as 0 outside
                                    dw[f, c, k, l] += dz[n, f, i, j] * x[n, c, u, v]
    return dw
'''
    )


def test_a_delta_scatters() -> None:
    """No loop over u and v, and none over n′ and c′ beside n and c."""
    assert body(DX["scatter"]).endswith("""\
    for n in range(N):
        for c in range(C):
            for f in range(F):
                for i in range(O_h):
                    for j in range(O_w):
                        for k in range(K_h):
                            for l in range(K_w):
                                u, v = i*s_h + k*d_h - p_h, j*s_w + l*d_w - p_w
                                if 0 <= u < H and 0 <= v < W:  # nothing is written outside of dx
                                    dx[n, c, u, v] += dz[n, f, i, j] * w[f, c, k, l]
    return dx
""")


def test_brackets_are_asked_as_far_out_as_they_can_be() -> None:
    assert body(DX["gather"]).endswith("""\
                    for f in range(F):
                        for i in range(O_h):
                            if 0 <= u + p_h - i*s_h <= (K_h - 1)*d_h and (u + p_h - i*s_h) % d_h == 0:
                                for j in range(O_w):
                                    if 0 <= v + p_w - j*s_w <= (K_w - 1)*d_w and (v + p_w - j*s_w) % d_w == 0:
                                        k, l = (u + p_h - i*s_h) // d_h, (v + p_w - j*s_w) // d_w
                                        dx[n, c, u, v] += dz[n, f, i, j] * w[f, c, k, l]
    return dx
""")


def test_folded_limits_get_names() -> None:
    lines = [line.strip() for line in body(DX["folded"]).splitlines()]
    at = lines.index("for i in range(i_first, i_stop):")
    assert lines[at - 2 : at] == [
        "i_first = max(0, -(-(u + p_h - (K_h - 1)*d_h) // s_h))  # -(-a // b) is a/b rounded up",
        "i_stop = min(O_h, (u + p_h) // s_h + 1)",
    ]
    assert lines[at + 1] == "if (u + p_h - i*s_h) % d_h == 0:"


def test_terms_share_their_loops() -> None:
    lines = [line.strip() for line in body(Z).splitlines()]
    assert lines.count("for j in range(O_w):") == 1
    assert lines[lines.index("for j in range(O_w):") + 1] == "z[n, f, i, j] = b[f]"


def test_the_einsum_reads_windows_of_the_padded_input() -> None:
    assert body(DW, einsum).endswith("""\
    last_u, last_v = (O_h - 1)*s_h + (K_h - 1)*d_h - p_h, (O_w - 1)*s_w + (K_w - 1)*d_w - p_w  # where reading ends
    x_pad = np.pad(x, ((0, 0), (0, 0), (p_h, max(0, last_u - H + 1)), (p_w, max(0, last_v - W + 1))))
    bytes_n, bytes_c, bytes_u, bytes_v = x_pad.strides
    # windows[n,c,i,j,k,l] = x_pad[n, c, i*s_h + k*d_h, j*s_w + l*d_w]: a view, nothing is copied
    windows = as_strided(
        x_pad,
        (*x_pad.shape[:2], O_h, O_w, K_h, K_w),
        (bytes_n, bytes_c, bytes_u*s_h, bytes_v*s_w, bytes_u*d_h, bytes_v*d_w),
        writeable=False,
    )
    return np.einsum("nfij,ncijkl->fckl", dz, windows)
""")


def test_names_are_legal_and_do_not_clash() -> None:
    """A prime becomes a number; a Greek letter its name; an index never hides the tensor or keyword of its name."""
    x_, p, ρ = symbols("x p ρ")
    k2, k3, number2, word = symbols("k′ k′′ k2 in")
    families = [
        Sum(w[k2, k3] * number2, (k2, 0, 1), (k3, 0, 2), (number2, 0, 1)),
        Sum(w[ρ, word], (ρ, 0, 1), (word, 0, 2)),
    ]
    shapes: Any = {"w": (F, K_h), "x": (N,), "p": (N,)}
    written = Formula("names.p", tensor("p")[x_], sum(families) * x[x_] + p, ((x_, 0, N - 1),), shapes, "…")
    w_, values = np.arange(6).reshape(2, 3), np.array([3, 4])
    np.testing.assert_array_equal(function(written)(values, w_, padding=7), values * 2 * w_.sum() + 7)
    for name in ("for k2 in", "for k3 in", "for k4 in", "for rho in", "for in2 in"):
        assert name in loops(written)


def every_source() -> list[str]:
    written = [Z, DW, DB, *DX.values(), polyphase(), average()]
    return [*map(loops, written), *map(einsum, (Z, DW, DB, average()))]


def test_no_line_is_too_long() -> None:
    cell = x[n, c, u, v]
    long = formula("a.long", dx[n, c, u, v], LINES["gather"] * (1 + cell**2) ** 3 * tanh(cell) * w[0, 0, 0, 0])
    wordy = replace(DW, doc="many words " * 40)
    for source in [*every_source(), loops(long), loops(wordy)]:
        assert max(map(len, source.splitlines())) <= 120
        assert callable(compiled(source, source.split("def ")[1].split("(")[0]))


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed")
def test_ruff_finds_nothing() -> None:
    """The package's rules, and those about names that are not used."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length=120"]
    command += ["--select=E,W,F,I,UP,B,C4,NPY,PIE,RUF,SIM", "--ignore=E741,RUF001,RUF002,RUF003", "-"]
    for source in every_source():
        done = subprocess.run(command, input=source, text=True, capture_output=True)
        assert done.returncode == 0, done.stdout


# --- what can go wrong ----------------------------------------------------------------------------------------------


def test_the_function_shows_its_source() -> None:
    run = function(DW)
    assert run.__name__ == "conv2d_dw"
    assert inspect.getsource(run).splitlines()[0] in loops(DW)
    run_einsum = function(DW, einsum)
    assert "np.einsum" in inspect.getsource(run_einsum)
    assert "np.einsum" not in inspect.getsource(run)


def test_a_traceback_shows_the_line() -> None:
    case = some_convolution()
    with pytest.raises(ValueError, match="not enough values to unpack") as caught:
        call(function(DW), case, dz=case.dz[0, 0, 0])
    assert "N, F, O_h, O_w = dz.shape" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (DX["scatter"], "the bracket [c = c′] is not a cell"),
        (DX["gather"], "the bracket [d_h ∣ u + p_h − i·s_h] is not a cell"),
        (DX["folded"], "the limit of j, is not the same for all indices"),
        (polyphase(), "on the left, does not run through its axis"),
        (formula("t", z[n, f, i, j], tanh(z[n, f, i, j])), "the factor tanh(z[n,f,i,j]) is not a cell"),
        (formula("t", z[n, f, i, j], x[n, f, i**2, j]), "i^2 in x[n, f, i^2, j] is not affine"),
        (formula("t", z[n, f, i, j], x[n, f, i / 2, j]), "is not affine"),
        (formula("t", z[n, f, i, j], x[n, f, floor(i / s_h), j]), "is not affine"),
        (formula("t", z[n, f, i, j], total(x[n, f, i + k, j + k], k)), "has the same index on two axes"),
    ],
)
def test_einsum_says_what_stands_in_its_way(written: Formula, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        einsum(written)
    assert reason in str(caught.value)
    assert str(caught.value).endswith("; ask for 'loops'")


def test_a_view_never_reaches_beyond_its_array() -> None:
    """A wrong shape must not show what lies behind an array in memory: zeros where there are, else an error."""
    case = some_convolution()
    N_, F_, *outputs = case.dz.shape
    z_shape = (N_, F_, *(size + 3 for size in outputs))
    assert_exact(call(function(Z, einsum), case, z_shape=z_shape), call(function(Z), case, z_shape=z_shape))
    strict = formula("strict.z", z[n, f, i, j], total(w[f, c, k, l] * x[n, c, i + k, j + l], c, k, l))
    with pytest.raises(AssertionError, match="x is read outside of its cells"):
        call(function(strict, einsum), case, z_shape=(2, 3, 7, 6))
    with pytest.raises(ValueError, match="broadcast"):
        call(function(DW, einsum), case, dz=np.concatenate([case.dz] * 2))


def test_what_has_no_code_is_refused() -> None:
    with pytest.raises(ValueError, match=r"∂z.* has no code, as the derivative is not done yet; take a later line"):
        loops(formula("conv2d.dx", dx[n, c, u, v], LINES["chain"]))
    with pytest.raises(ValueError, match="t speaks of y, whose shape is not known; give it in `shapes`"):
        loops(formula("t", z[n, f, i, j], tensor("y")[n]))
    for zeros in (tanh(hat("x")[n, c, i - 1, j]), Largest(hat("x")[n, c, i - k, j], *limits(k))):
        with pytest.raises(ValueError, match="has no code where it is not a factor"):
            loops(formula("t", z[n, f, i, j], total(zeros, c) if isinstance(zeros, tanh) else zeros))
    with pytest.raises(ValueError, match="has no code; put something else for it"):
        loops(formula("t", z[n, f, i, j], sinh(z[n, f, i, j])))

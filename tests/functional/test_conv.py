"""Convolution and its transpose: exactly the loops, for every setting; then differences, PyTorch and identities."""

import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv.functional import conv, loops, strips
from lessonconv.window import Window
from tests.functional.calls import CALLS, numbers
from tests.functional.oracles import (
    Array,
    assert_caught,
    assert_same,
    convolution,
    hold_against,
    numerical_gradients,
    stretched,
    transposed_convolution,
)
from tests.refusals import assert_refused
from tests.strategies import FLOATS, Conv, Options, conv_cases, conv_transpose_cases, examples

both_layers = pytest.mark.parametrize(
    ("layer", "cases"),
    [(convolution, conv_cases), (transposed_convolution, conv_transpose_cases)],
    ids=["conv2d", "conv_transpose2d"],
)


# --- the loops ------------------------------------------------------------------------------------------------------


@pytest.fixture
def set_sizes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets the constants of the fast layers, so that small arrays take every way through them."""

    def set_to(tile_bytes: int, few_rows: int, small_product: int) -> None:
        for name, value in (("TILE_BYTES", tile_bytes), ("FEW_ROWS", few_rows), ("SMALL_PRODUCT", small_product)):
            monkeypatch.setattr(strips, name, value)
        monkeypatch.setattr(conv, "FEW_ROWS", few_rows)
        monkeypatch.setattr(strips, "COLUMNS", 2)
        monkeypatch.setattr(strips, "FEW_COLUMNS", 2)
        strips.memory.forget()

    yield set_to
    strips.memory.forget()


@pytest.mark.parametrize(
    "sizes",
    [None, (1, 0, 10**6), (1, 1000, 10**6), (1000, 0, 60), (4000, 3, 200)],
    ids=["as shipped", "a row at a time, thin products", "a row at a time, stacked", "a few rows, small", "in between"],
)
@both_layers
def test_fast_layers_are_exactly_the_loops(
    layer: Any, cases: Any, sizes: tuple[int, int, int] | None, set_sizes: Callable[..., None]
) -> None:
    if sizes:
        set_sizes(*sizes)
    hold_against(layer(loops), layer(conv), cases(), count=150)


def test_parts_of_the_backward_pass_are_parts_of_it() -> None:
    def in_parts(dz: Array, x: Array, w: Array, **options: Any) -> tuple[Array, ...]:
        dx = conv.conv2d_backward_input(dz, w, x.shape, **options)
        return dx, *conv.conv2d_backward_params(dz, x, w, **options)

    parts = SimpleNamespace(conv2d=conv.conv2d, conv2d_backward=in_parts)
    hold_against(convolution(loops), convolution(parts), conv_cases(), count=50)


def window_of(x: Array, w: Array, **options: Any) -> Window:
    return Window.over(x.shape[2:], w.shape[2:], **{name: options[name] for name in ("stride", "padding", "dilation")})


def scattered(dz: Array, x: Array, w: Array, *, overwrite: bool, **options: Any) -> tuple[Array, ...]:
    """The backward pass with dx made tap by tap; with `overwrite` it forgets to add."""
    dx, dw, db = loops.conv2d_backward(dz, x, w, **options)
    if options["groups"] == 1:
        dx = np.zeros_like(x)
        for (k, l), (outputs, inputs) in (
            (tap, window_of(x, w, **options).tap(*tap)) for tap in np.ndindex(w.shape[2:])
        ):
            share = np.einsum("nfij,fc->ncij", dz[outputs], w[:, :, k, l])
            dx[inputs] = share if overwrite else dx[inputs] + share
    return dx, dw, db


def with_change(place: int, change: Callable[[Array, Array], Array]) -> Callable[..., tuple[Array, ...]]:
    """The backward pass with one of dx, dw and db changed by a function of it and dz."""

    def backward(dz: Array, x: Array, w: Array, **options: Any) -> tuple[Array, ...]:
        gradients = list(loops.conv2d_backward(dz, x, w, **options))
        gradients[place] = change(gradients[place], dz).astype(dz.dtype)
        return tuple(gradients)

    return backward


def without_the_remainder(dz: Array, x: Array, w: Array, **options: Any) -> tuple[Array, ...]:
    dx, dw, db = loops.conv2d_backward(dz, x, w, **options)
    rows, columns = window_of(x, w, **options).remainder
    return dx[:, :, : x.shape[2] - rows, : x.shape[3] - columns], dw, db


def with_padding_at_the_end(x: Array, w: Array, b: Array | None, **options: Any) -> Array:
    (top, bottom), (left, right) = options["padding"]
    return loops.conv2d(x, w, b, **(options | {"padding": ((0, top + bottom), (0, left + right))}))


FORWARD_MUTANTS: dict[str, Callable[..., Array]] = {
    "kernel flipped": lambda x, w, b, **o: loops.conv2d(x, w[:, :, ::-1, ::-1], b, **o),
    "one axis flipped": lambda x, w, b, **o: loops.conv2d(x, w[:, :, ::-1], b, **o),
    "padding on right and bottom only": with_padding_at_the_end,
    "bias left out": lambda x, w, b, **o: loops.conv2d(x, w, None, **o),
    "bias once for each channel": lambda x, w, b, **o: loops.conv2d(x, w, None if b is None else b * w.shape[1], **o),
    "only channel 0": lambda x, w, b, **o: loops.conv2d(x, w * (np.arange(w.shape[1]) == 0)[:, None, None], b, **o),
    "only filter 0": lambda x, w, b, **o: loops.conv2d(x, w * (np.arange(len(w)) == 0)[:, None, None, None], b, **o),
    "always float64": lambda x, w, b, **o: loops.conv2d(x, w, b, **o).astype(np.float64),
}
BACKWARD_MUTANTS: dict[str, Callable[..., tuple[Array, ...]]] = {
    "= for +=": partial(scattered, overwrite=True),
    "remainder not restored": without_the_remainder,
    "kernel rotated twice": lambda dz, x, w, **o: (
        loops.conv2d_backward(dz, x, w[:, :, ::-1, ::-1], **o)[0],
        *loops.conv2d_backward(dz, x, w, **o)[1:],
    ),
    "dw rotated": with_change(1, lambda dw, dz: dw[:, :, ::-1, ::-1]),
    "dw divided by the batch size": with_change(1, lambda dw, dz: dw / len(dz)),
    "db averaged over the pixels": with_change(2, lambda db, dz: dz.mean(axis=(2, 3)).sum(axis=0)),
    "db summed over the batch only": with_change(2, lambda db, dz: dz.sum(axis=0)),
}


@pytest.mark.parametrize("name", FORWARD_MUTANTS | BACKWARD_MUTANTS)
def test_a_learners_mistake_is_not_the_loops(name: str) -> None:
    forward = FORWARD_MUTANTS.get(name, loops.conv2d)
    backward = BACKWARD_MUTANTS.get(name, loops.conv2d_backward)
    mutant = SimpleNamespace(conv2d=forward, conv2d_backward=backward)
    assert_caught(convolution(loops), convolution(mutant), conv_cases(), count=150)


def test_the_mutants_differ_from_the_truth_by_their_mistake_alone() -> None:
    """Scattering with += is right: "= for +=" is caught for its = and for nothing else."""
    right = SimpleNamespace(conv2d=loops.conv2d, conv2d_backward=partial(scattered, overwrite=False))
    hold_against(convolution(loops), convolution(right), conv_cases(), count=150)


@pytest.mark.parametrize("tile_bytes", [1, 500, 3000, 10_000, 3 << 19])
@pytest.mark.parametrize("few_rows", [0, 100])
def test_more_than_a_tile_holds_is_worked_out_tile_by_tile(
    tile_bytes: int, few_rows: int, set_sizes: Callable[..., None]
) -> None:
    """Seven images in tiles of a row, an image, a few, or all: tiles share a buffer, and some are smaller."""
    set_sizes(tile_bytes, few_rows, 10**6)
    x, w, b = numbers(7, 2, 5, 4), numbers(3, 2, 3, 2), numbers(3)
    options: Options = {"stride": (2, 1), "padding": ((2, 0), (0, 1))}
    z = conv.conv2d(x, w, b, **options)
    dz = numbers(*z.shape)
    dx, dw, db = conv.conv2d_backward(dz, x, w, **options)
    alone = [
        (conv.conv2d(x[[n]], w, b, **options), *conv.conv2d_backward(dz[[n]], x[[n]], w, **options)) for n in range(7)
    ]
    zs, dxs, dws, dbs = zip(*alone, strict=True)
    assert_same((z, dx, dw, db), (np.concatenate(zs), np.concatenate(dxs), sum(dws), sum(dbs)))


@pytest.mark.parametrize(("C", "F"), [(1, 8), (8, 16), (3, 32)])
@pytest.mark.parametrize("stride", [1, 2])
def test_working_memory_has_a_bound_however_many_images_there_are(C: int, F: int, stride: int) -> None:
    """Beside what is returned: a few tiles. The im2col matrix of the batch is larger."""
    x, w = np.ones((1000, C, 20, 20), np.float32), np.ones((F, C, 5, 5), np.float32)
    options = {"stride": stride, "padding": 2}
    z = conv.conv2d(x, w, **options)
    bound = 4 * strips.TILE_BYTES
    assert x.nbytes * w[0, 0].size / stride**2 > bound
    strips.memory.forget()
    for call in (
        lambda: conv.conv2d(x, w, **options),
        lambda: conv.conv2d_backward_params(z, x, w, **options),
        lambda: conv.conv2d_backward_input(z, w, x.shape, **options),
    ):
        tracemalloc.start()
        result = call()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        returned = sum(array.nbytes for array in (result if isinstance(result, tuple) else (result,)))
        assert most - returned < bound


def test_an_interruption_leaves_no_stale_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two layers share one memory. One is interrupted while it clears its padding there; then both go on."""
    x, w, b = numbers(2, 1, 6, 6), numbers(3, 1, 3, 3), numbers(3)
    large, wide = numbers(2, 1, 9, 7), numbers(3, 1, 5, 3)
    expected = conv.conv2d(x, w, b, padding=1), conv.conv2d(large, wide, b, padding=2)

    class Interrupted:
        def __setitem__(self, place: Any, value: Any) -> None:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        strips.memory.forget()
        conv.conv2d(large, wide, b, padding=2)
        (interrupted,) = strips.memory.layouts.values()
        conv.conv2d(x, w, b, padding=1)
        strips.memory.bytes.view(np.float64)[...] = np.nan
        patch.setattr(interrupted, "ones", Interrupted())
        with pytest.raises(KeyboardInterrupt):
            conv.conv2d(large, wide, b, padding=2)
    assert_same(conv.conv2d(large, wide, b, padding=2), expected[1])
    assert_same(conv.conv2d(x, w, b, padding=1), expected[0])


def test_groups_are_convolutions_side_by_side() -> None:
    x, w = numbers(2, 6, 4, 5), numbers(9, 2, 2, 3)
    z = conv.conv2d(x, w, groups=3, stride=2)
    parts = [conv.conv2d(x[:, 2 * g : 2 * g + 2], w[3 * g : 3 * g + 3], stride=2) for g in range(3)]
    assert_same(z, np.concatenate(parts, axis=1))


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
def test_padding_by_name_is_padding_by_numbers(padding: str) -> None:
    x, w, sides = numbers(1, 2, 6, 5), numbers(3, 2, 4, 3), {"valid": 0, "same": ((1, 2), (1, 1)), "full": (3, 2)}
    z = conv.conv2d(x, w, padding=padding)
    assert_same(z, conv.conv2d(x, w, padding=sides[padding]))
    dz = numbers(*z.shape)
    by_name, by_numbers = (conv.conv2d_backward(dz, x, w, padding=p) for p in (padding, sides[padding]))
    assert_same(by_name, by_numbers)


# --- mathematics ----------------------------------------------------------------------------------------------------


@both_layers
def test_gradients_are_the_slopes_of_the_forward_pass(layer: Any, cases: Any) -> None:
    """Central differences in float64, which need no formula at all; exact but for rounding, as z is linear in each."""

    def by_differences(case: Conv) -> tuple[Array, ...]:
        b = np.zeros(case.dz.shape[1]) if case.b is None else case.b

        def forward(x: Array, w: Array, b: Array) -> Array:
            return layer(conv)(Conv(x, w, b, case.dz, case.options))[0]

        return layer(conv)(case)[0], *numerical_gradients(forward, (case.x, case.w, b), case.dz)

    hold_against(by_differences, layer(conv), cases(dtypes=(np.float64,)), count=15, rtol=1e-7)


@both_layers
@examples(60)
@given(data=st.data())
def test_the_three_sums_are_one_trilinear_number(layer: Any, cases: Any, data: st.DataObject) -> None:
    """⟨z, dz⟩ = ⟨x, dx⟩ = ⟨w, dw⟩ without bias, and ⟨b, db⟩ more with it."""
    case = data.draw(cases())
    z, dx, dw, db = layer(conv)(case._replace(b=None))
    assert np.vdot(z, case.dz) == np.vdot(case.x, dx) == np.vdot(case.w, dw)
    if case.b is not None:
        assert np.vdot(layer(conv)(case)[0], case.dz) == np.vdot(z, case.dz) + np.vdot(case.b, db)


@both_layers
@examples(30)
@given(data=st.data())
def test_layers_are_linear_in_their_input(layer: Any, cases: Any, data: st.DataObject) -> None:
    case = data.draw(cases())._replace(b=None)
    other = case.x[..., ::-1, ::-1] - 3
    z, z_other, z_both = (layer(conv)(case._replace(x=x))[0] for x in (case.x, other, 2 * case.x + other))
    assert_same(z_both, 2 * z + z_other)


@examples(40)
@given(conv_cases())
def test_a_transposed_convolution_is_the_input_gradient_of_a_convolution(case: Conv) -> None:
    """Source: Dumoulin & Visin 2016, §4.2: forward and backward pass exchanged, with the same kernel."""
    dx = conv.conv2d_backward(case.dz, case.x, case.w, **case.options)[0]
    remainder = window_of(case.x, case.w, **case.options).remainder
    assert_same(conv.conv_transpose2d(case.dz, case.w, output_padding=remainder, **case.options), dx)


@examples(40)
@given(conv_transpose_cases())
def test_a_transposed_convolution_is_a_convolution_of_the_stretched_input(case: Conv) -> None:
    """p' = k − p − 1, s − 1 zeros between cells, a more at the end, kernel turned, channels and filters exchanged.

    Source: Dumoulin & Visin 2016, relationship 14 (with k for the dilated kernel's span).
    """
    x, w, _, _, options = case
    spans = [d * (k - 1) + 1 for d, k in zip(options["dilation"], w.shape[2:], strict=True)]
    sides = [
        (span - 1 - before, span - 1 - after + extra)
        for span, (before, after), extra in zip(spans, options["padding"], options["output_padding"], strict=True)
    ]
    groups = options["groups"]
    turned = (
        w[:, :, ::-1, ::-1].reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2).reshape(-1, len(w) // groups, *w.shape[2:])
    )
    if min(map(min, sides)) >= 0:
        direct = conv.conv2d(
            stretched(x, options["stride"]), turned, padding=sides, dilation=options["dilation"], groups=groups
        )
        assert_same(conv.conv_transpose2d(x, w, **options), direct)


# --- PyTorch --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
@both_layers
def test_layers_agree_with_pytorch(layer: Any, cases: Any, dtype: Any, torch: ModuleType) -> None:
    def by_pytorch(case: Conv) -> tuple[Array, ...]:
        x, w = (torch.tensor(array, requires_grad=True) for array in (case.x, case.w))
        b = torch.tensor(np.zeros(case.dz.shape[1], dtype) if case.b is None else case.b, requires_grad=True)
        function = torch.conv2d if layer is convolution else torch.conv_transpose2d
        z = function(x, w, b, **case.options)
        z.backward(torch.tensor(case.dz))
        return tuple(tensor.detach().numpy() for tensor in (z, x.grad, w.grad, b.grad))

    hold_against(by_pytorch, layer(conv), cases(pytorch=True, dtypes=(dtype,)), count=40, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_same_padding_agrees_with_pytorch(torch: ModuleType) -> None:
    """The odd cell of an even kernel goes to the right and the bottom."""
    x, w = numbers(1, 2, 5, 6), numbers(3, 2, 4, 2)
    z = torch.conv2d(torch.tensor(x), torch.tensor(w), padding="same", dilation=(1, 3)).numpy()
    assert_same(conv.conv2d(x, w, padding="same", dilation=(1, 3)), z)


# --- corners --------------------------------------------------------------------------------------------------------


def test_remainder_rows_get_no_gradient() -> None:
    """8×7 under 3×2 with stride (3, 4): the last two rows and the last column are read by no window."""
    x, w = numbers(1, 1, 8, 7), np.ones((1, 1, 3, 2))
    dx, _, _ = conv.conv2d_backward(np.ones((1, 1, 2, 2)), x, w, stride=(3, 4))
    assert dx.shape == x.shape
    assert not dx[:, :, 6:].any() and not dx[..., 6:].any()
    assert dx[0, 0, :6].sum() == 24


def test_one_pixel_meets_only_the_middle_of_a_padded_kernel() -> None:
    x, w = np.full((1, 1, 1, 1), 5.0), numbers(1, 1, 3, 3)
    assert_same(conv.conv2d(x, w, padding=1), 5 * w[:, :, 1:2, 1:2])
    dx, dw, db = conv.conv2d_backward(np.full((1, 1, 1, 1), 2.0), x, w, padding=1)
    assert dx.item() == 2 * w[0, 0, 1, 1]
    assert dw[0, 0, 1, 1] == dw.sum() == 10
    assert db.item() == 2


def test_a_stride_larger_than_the_kernel_leaves_gaps_without_gradient() -> None:
    dx, _, _ = conv.conv2d_backward(np.ones((1, 1, 2, 2)), np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2)), stride=3)
    assert_same(dx, np.outer([1, 1, 0, 1, 1], [1, 1, 0, 1, 1])[None, None].astype(float))


def test_a_nan_reaches_only_the_windows_that_read_it() -> None:
    """Groups of images share memory, strips overlap, padding is multiplied with weights: no NaN may leak through."""
    x, w, options = numbers(3, 2, 5, 6), numbers(4, 2, 3, 2), {"stride": (2, 1), "padding": (1, 2)}
    window = Window.over((5, 6), (3, 2), **options)
    x[1, 0, 2, 3] = np.nan
    z = conv.conv2d(x, w, **options)
    read = np.zeros(window.output_size, bool)
    read[tuple(zip(*window.outputs_of(2, 3), strict=True))] = True
    assert_same(np.isnan(z), np.stack([np.stack([read & (n == 1)] * 4) for n in range(3)]))
    dz = np.zeros_like(z)
    dz[2, 1, 1, 4] = np.nan
    dx, _, _ = conv.conv2d_backward(dz, numbers(3, 2, 5, 6), w, **options)
    met = np.zeros(window.input_size, bool)
    met[tuple(zip(*window.inputs_of(1, 4), strict=True))] = True
    assert_same(np.isnan(dx), np.stack([np.stack([met & (n == 2)] * 2) for n in range(3)]))


def test_small_integers_are_computed_exactly_whatever_their_type() -> None:
    """255·127 and their sums overflow uint8, int8 and int16; in int64 they do not."""
    x, w, b = np.full((1, 3, 4, 4), 255, np.uint8), np.full((2, 3, 3, 3), 127, np.int8), np.array([-32768, 5], np.int16)
    z = conv.conv2d(x, w, b)
    assert_same(z, np.full((1, 2, 2, 2), 27 * 255 * 127) + np.array([-32768, 5])[:, None, None])
    dz = np.full(z.shape, 2**31 - 1, np.int32)
    dx, dw, db = conv.conv2d_backward(dz, x, w)
    assert_same(dx[0, 0, 1, 1], np.int64(2 * 4 * 127 * (2**31 - 1)))
    assert_same(dw, np.full(w.shape, 4 * 255 * (2**31 - 1)))
    assert_same(db, np.full(2, 4 * (2**31 - 1)))


def test_float32_sums_over_a_large_batch_keep_their_precision() -> None:
    """Half a million products for each weight: within a few roundings of float64."""
    rng = np.random.default_rng(0)
    x, w = rng.random((256, 1, 48, 48), np.float32), rng.random((1, 1, 3, 3), np.float32)
    dz = rng.random((256, 1, 46, 46), np.float32)
    single = conv.conv2d_backward(dz, x, w)
    double = conv.conv2d_backward(dz.astype(float), x.astype(float), w.astype(float))
    for narrow, wide in zip(single, double, strict=True):
        np.testing.assert_allclose(narrow, wide, rtol=1e-5)


# --- refusals -------------------------------------------------------------------------------------------------------

W, W_T = CALLS["conv2d"].arguments["w"], CALLS["conv_transpose2d"].arguments["w"]
REFUSALS = [
    (
        "conv2d",
        {"w": numbers(6, 3, 3, 2)},
        ["x (2, 4, 5, 6) has 4 channels", "(6, 3, 3, 2) reads 3", "(F, 2, K_h, K_w)"],
        {"w": W},
    ),
    ("conv2d", {"groups": 1}, ["4 channels", "reads 2;", "(F, 4, K_h, K_w)"], {"groups": 1, "w": numbers(6, 4, 3, 2)}),
    (
        "conv2d",
        {"groups": 3},
        ["groups=3", "4 channels", "6 filters", "groups=1"],
        {"groups": 1, "w": numbers(6, 4, 3, 2)},
    ),
    ("conv2d", {"groups": 4}, ["groups=4", "6 filters"], {"groups": 2}),
    ("conv2d", {"groups": 0}, ["groups is 0", "at least 1"], {"groups": 2}),
    ("conv2d", {"groups": -2}, ["groups is -2", "at least 1"], {"groups": 2}),
    ("conv2d", {"b": numbers(5)}, ["b has shape (5,)", "(6,)", "6 filters"], {"b": numbers(6)}),
    ("conv2d", {"w": numbers(6, 2, 8, 2)}, ["kernel 8×2", "padded input 7×6", "7×2"], {"w": numbers(6, 2, 7, 2)}),
    ("conv2d", {"w": numbers(6, 2, 8, 2)}, ["raise padding to"], {"w": numbers(6, 2, 8, 2), "padding": 2}),
    ("conv2d", {"stride": 0}, ["stride is 0", "at least 1"], {"stride": 1}),
    ("conv2d", {"stride": (1, -1)}, ["stride is (1, -1)", "at least 1"], {"stride": (1, 1)}),
    ("conv2d", {"dilation": 0}, ["dilation is 0", "at least 1"], {"dilation": 1}),
    ("conv2d", {"padding": -1}, ["padding is -1", "at least 0"], {"padding": 0}),
    (
        "conv2d_backward",
        {"dz": numbers(2, 6, 3, 4)},
        ["dz has shape (2, 6, 3, 4)", "must be (2, 6, 3, 5)"],
        {"dz": numbers(2, 6, 3, 5)},
    ),
    ("conv2d_backward", {"dz": numbers(1, 6, 3, 5)}, ["must be (2, 6, 3, 5)"], {"dz": numbers(2, 6, 3, 5)}),
    (
        "conv2d_backward",
        {"stride": 1},
        ["must be (2, 6, 5, 5)", "x (2, 4, 5, 6) and w (6, 2, 3, 2)"],
        {"stride": (2, 1)},
    ),
    (
        "conv_transpose2d",
        {"w": numbers(3, 4, 3, 2)},
        ["x (2, 4, 3, 2) has 4 channels", "reads 3", "(4, F/groups, K_h, K_w)", "swap"],
        {"w": numbers(3, 4, 3, 2).swapaxes(0, 1), "b": None},
    ),
    ("conv_transpose2d", {"groups": 3}, ["groups=3", "4 channels", "groups=1"], {"groups": 1, "b": numbers(3)}),
    ("conv_transpose2d", {"b": numbers(3)}, ["b has shape (3,)", "(6,)"], {"b": numbers(6)}),
    ("conv_transpose2d", {"padding": 4}, ["leaves", "lower the padding"], {"padding": (1, 0)}),
    ("conv_transpose2d", {"padding": "same"}, ["'same'", "give an int"], {"padding": 1}),
    ("conv_transpose2d", {"output_padding": 2}, ["output_padding 2", "use at most 1"], {"output_padding": (1, 0)}),
    ("conv_transpose2d", {"output_padding": -1}, ["output_padding is -1", "at least 0"], {"output_padding": 0}),
    ("conv_transpose2d", {"stride": 0}, ["stride is 0", "at least 1"], {"stride": 2}),
    (
        "conv_transpose2d_backward",
        {"dz": numbers(2, 6, 6, 4)},
        ["(2, 6, 6, 4)", "must be (2, 6, 6, 3)"],
        {"dz": numbers(2, 6, 6, 3)},
    ),
    ("conv_transpose2d_backward", {"output_padding": 0}, ["must be (2, 6, 5, 3)"], {"output_padding": (1, 0)}),
]


@pytest.mark.parametrize("package", ["", "loops."], ids=["fast", "loops"])
@pytest.mark.parametrize(("name", "wrong", "words", "way_out"), REFUSALS)
def test_what_does_not_fit_is_refused_with_a_way_out(
    package: str, name: str, wrong: Options, words: list[str], way_out: Options
) -> None:
    assert_refused(CALLS[package + name], wrong, ValueError, words, way_out)

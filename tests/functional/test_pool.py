"""Pools: exactly the loops, for every setting; then who wins a tie, what padding is worth, PyTorch and refusals."""

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from lessonconv.functional import loops, pool
from lessonconv.window import Window
from tests.functional.calls import CALLS, numbers, plane
from tests.functional.oracles import (
    Array,
    assert_caught,
    assert_same,
    average_pooling,
    hold_against,
    max_pooling,
    numerical_gradients,
)
from tests.refusals import assert_refused, ways_out
from tests.strategies import FLOATS, Options, Pool, avg_pool_cases, examples, max_pool_cases

ODD = (-np.inf, np.nan, np.inf)


# --- the loops ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [(), ODD], ids=["integers with ties", "infinities and NaN"])
def test_max_pools_are_exactly_the_loops(odd: tuple[float, ...]) -> None:
    hold_against(max_pooling(loops), max_pooling(pool), max_pool_cases(odd=odd), count=150)


def test_average_pools_are_the_loops() -> None:
    """Up to the order in which shares are added."""
    hold_against(average_pooling(loops), average_pooling(pool), avg_pool_cases(), count=150, rtol=2e-6)


def max_pool_window(x: Array, *, kernel_size: Any, **options: Any) -> Window:
    return Window.over(x.shape[2:], kernel_size, **options)


@examples(150)
@given(max_pool_cases(odd=ODD))
def test_winning_taps_say_the_same_as_argmax(case: Pool) -> None:
    window = max_pool_window(case.x, **case.options)
    z, taps = pool.max_pool_taps(case.x, window)
    i, j = np.indices(window.output_size)
    u, v = window.input(i, j, *np.divmod(taps.astype(int), window.width.kernel))
    dx = pool.max_pool_taps_backward(case.dz, taps, window)
    assert taps.dtype == np.uint8
    assert_same((z, u * case.x.shape[3] + v, dx), max_pooling(pool)(case))


def scattered(dz: Array, argmax: Array, x_shape: tuple[int, ...], overwrite: bool) -> Array:
    dx = np.zeros(x_shape, dz.dtype)
    for n, c, i, j in np.ndindex(dz.shape):
        at = argmax[n, c, i, j]
        dx[n, c].flat[at] = dz[n, c, i, j] + (0 if overwrite else dx[n, c].flat[at])
    return dx


def last_of_equals(x: Array, **options: Any) -> tuple[Array, Array]:
    z, argmax = loops.max_pool2d(x, **options)
    window, cells = max_pool_window(x, **options), np.arange(x.shape[2] * x.shape[3]).reshape(x.shape[2:])
    for tap in window.taps:
        outputs, inputs = window.tap(*tap)
        argmax[outputs] = np.where(x[inputs] == z[outputs], cells[inputs], argmax[outputs])
    return z, argmax


def argmax_by_columns(x: Array, **options: Any) -> tuple[Array, Array]:
    z, argmax = loops.max_pool2d(x, **options)
    return z, argmax % x.shape[3] * x.shape[2] + argmax // x.shape[3]


MAX_MUTANTS = {
    "= for +=": {"max_pool2d_backward": lambda *arguments: scattered(*arguments, overwrite=True)},
    "maximum started at zero": {
        "max_pool2d": lambda x, **o: (np.maximum(loops.max_pool2d(x, **o)[0], 0), loops.max_pool2d(x, **o)[1])
    },
    "the last of equals wins": {"max_pool2d": last_of_equals},
    "argmax counts column by column": {"max_pool2d": argmax_by_columns},
    "mask without dz": {
        "max_pool2d_backward": lambda dz, argmax, shape: loops.max_pool2d_backward(np.ones_like(dz), argmax, shape)
    },
}
AVG_MUTANTS = {
    "not divided": {"avg_pool2d": lambda x, **o: loops.avg_pool2d(x, **o) * np.prod(o["kernel_size"]).astype(x.dtype)},
    "padding always counts": {"avg_pool2d": lambda x, **o: loops.avg_pool2d(x, **(o | {"count_include_pad": True}))},
    "padding never counts": {"avg_pool2d": lambda x, **o: loops.avg_pool2d(x, **(o | {"count_include_pad": False}))},
    "ceil_mode forgotten": {"avg_pool2d": lambda x, **o: loops.avg_pool2d(x, **(o | {"ceil_mode": False}))},
}


@pytest.mark.parametrize("name", MAX_MUTANTS | AVG_MUTANTS)
def test_a_learners_mistake_is_not_the_loops(name: str) -> None:
    if name in MAX_MUTANTS:
        mutant = SimpleNamespace(**(vars(loops) | MAX_MUTANTS[name]))
        assert_caught(max_pooling(loops), max_pooling(mutant), max_pool_cases(), count=150)
    else:
        mutant = SimpleNamespace(**(vars(loops) | AVG_MUTANTS[name]))
        assert_caught(average_pooling(loops), average_pooling(mutant), avg_pool_cases(dtypes=FLOATS), count=150)


def test_the_mutants_differ_from_the_truth_by_their_mistake_alone() -> None:
    right = SimpleNamespace(
        max_pool2d=loops.max_pool2d, max_pool2d_backward=lambda *arguments: scattered(*arguments, overwrite=False)
    )
    hold_against(max_pooling(loops), max_pooling(right), max_pool_cases(dtypes=FLOATS), count=60)


# --- slopes and PyTorch ---------------------------------------------------------------------------------------------


def test_the_gradient_of_the_maximum_is_its_slope() -> None:
    """Central differences, where no two cells are equal."""

    def by_differences(case: Pool) -> tuple[Array, ...]:
        x = apart(case).x
        forward = max_pooling(pool)(apart(case))
        return *forward[:2], *numerical_gradients(lambda x: pool.max_pool2d(x, **case.options)[0], (x,), case.dz)

    def apart(case: Pool) -> Pool:
        """All cells different, in the order that chance gave them."""
        ranks = np.argsort(np.argsort(case.x, axis=None, kind="stable")).astype(float)
        return case._replace(x=ranks.reshape(case.x.shape))

    cases = max_pool_cases(dtypes=(np.float64,))
    hold_against(by_differences, lambda case: max_pooling(pool)(apart(case)), cases, count=25, rtol=1e-8)


def test_the_gradient_of_the_average_is_its_slope() -> None:
    def by_differences(case: Pool) -> tuple[Array, ...]:
        z = pool.avg_pool2d(case.x, **case.options)
        return z, *numerical_gradients(lambda x: pool.avg_pool2d(x, **case.options), (case.x,), case.dz)

    cases = avg_pool_cases(dtypes=(np.float64,))
    hold_against(by_differences, average_pooling(pool), cases, count=25, rtol=1e-8)


@pytest.mark.parametrize("dtype", FLOATS)
def test_max_pools_agree_with_pytorch(dtype: Any, torch: ModuleType) -> None:
    """Values, flat indices (return_indices) and gradient, ties included."""

    def by_pytorch(case: Pool) -> tuple[Array, ...]:
        x = torch.tensor(case.x, requires_grad=True)
        z, argmax = torch.nn.functional.max_pool2d(x, **case.options, return_indices=True)
        z.backward(torch.tensor(case.dz))
        return z.detach().numpy(), argmax.numpy(), x.grad.numpy()

    cases = max_pool_cases(pytorch=True, dtypes=(dtype,), odd=(-np.inf, np.inf))
    hold_against(by_pytorch, max_pooling(pool), cases, count=100)


@pytest.mark.parametrize("dtype", FLOATS)
def test_average_pools_agree_with_pytorch(dtype: Any, torch: ModuleType) -> None:
    def by_pytorch(case: Pool) -> tuple[Array, ...]:
        x = torch.tensor(case.x, requires_grad=True)
        z = torch.nn.functional.avg_pool2d(x, **case.options)
        z.backward(torch.tensor(case.dz))
        return z.detach().numpy(), x.grad.numpy()

    cases = avg_pool_cases(pytorch=True, dtypes=(dtype,))
    hold_against(by_pytorch, average_pooling(pool), cases, count=100, rtol=2e-6)


# --- the maximum ----------------------------------------------------------------------------------------------------


def test_a_tie_goes_to_the_first_row_by_row() -> None:
    z, argmax = pool.max_pool2d(plane([1, 5, 5], [5, 5, 0]), (2, 3))
    assert (z.item(), argmax.item()) == (5, 1)
    assert_same(pool.max_pool2d_backward(plane([2.0]), argmax, (1, 1, 2, 3)), plane([0, 2.0, 0], [0, 0, 0]))


@pytest.mark.parametrize("padding", [0, 1])
def test_a_window_of_nothing_but_minus_infinity_goes_to_its_first_real_cell(padding: int) -> None:
    """Padding is −∞ as well, yet it never wins."""
    z, argmax = pool.max_pool2d(np.full((1, 1, 3, 3), -np.inf), 3, stride=2, padding=padding)
    assert (z == -np.inf).all()
    assert argmax.ravel().tolist() == ([0, 1, 3, 4] if padding else [0])


def test_padding_never_beats_negative_numbers() -> None:
    """A zero-padded maximum would give zeros all around."""
    x = -1 - np.arange(16.0).reshape(1, 1, 4, 4)
    z, argmax = pool.max_pool2d(x, 3, stride=3, padding=1)
    assert_same(z, plane([-1.0, -3.0], [-9.0, -11.0]))
    assert_same(argmax, plane([0, 2], [8, 10]))


def test_a_nan_wins_its_window_and_the_first_nan_is_named() -> None:
    nan = np.nan
    z, argmax = pool.max_pool2d(plane([1, nan, 3, 4], [nan, 9, 5, np.inf]), 2)
    assert_same(z, plane([nan, np.inf]))
    assert_same(argmax, plane([1, 7]))


def test_overlapping_windows_add_up_at_the_cell_they_share() -> None:
    x = plane([0, 0, 0], [0, 7, 0], [0, 0, 0])
    _, argmax = pool.max_pool2d(x, 2, stride=1)
    dx = pool.max_pool2d_backward(plane([1, 10], [100, 1000]), argmax, x.shape)
    assert_same(dx, plane([0, 0, 0], [0, 1111, 0], [0, 0, 0]))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int32, np.int64])
def test_the_maximum_keeps_the_integer_type(dtype: Any) -> None:
    info = np.iinfo(dtype)
    z, argmax = pool.max_pool2d(np.array([[[[info.min, info.max], [info.min, 0]]]], dtype), (2, 1), padding=(1, 0))
    assert_same(z, np.array([[[[info.min, info.max], [info.min, 0]]]], dtype))
    assert_same(argmax, plane([0, 1], [2, 3]))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_gradients_in_small_integers_do_not_overflow_where_they_add_up(dtype: Any) -> None:
    dz, argmax = np.full((1, 1, 2, 2), 100, dtype), np.full((1, 1, 2, 2), 4)
    dx = pool.max_pool2d_backward(dz, argmax, (1, 1, 3, 3))
    assert_same(dx, plane([0, 0, 0], [0, 400, 0], [0, 0, 0]))
    assert pool.avg_pool2d_backward(dz, (1, 1, 3, 3), 2, stride=1)[0, 0, 1, 1] == 100


@pytest.mark.parametrize(("size", "dtype"), [(16, np.uint8), (17, np.intp)])
def test_the_last_of_many_taps_can_win(size: int, dtype: Any) -> None:
    """256 taps can be numbered in a byte, 289 cannot."""
    x = np.arange(4.0 * size * size).reshape(1, 1, 2 * size, 2 * size)
    z, argmax = pool.max_pool2d(x, size)
    _, taps = pool.max_pool_taps(x, Window.over(x.shape[2:], size, stride=size))
    assert_same(z, x[:, :, size - 1 :: size, size - 1 :: size])
    assert_same(argmax, z.astype(int))
    assert (taps.dtype, np.unique(taps).tolist()) == (dtype, [size * size - 1])


# --- the average ----------------------------------------------------------------------------------------------------


def test_integers_are_not_truncated_in_the_average() -> None:
    assert_same(pool.avg_pool2d(plane([1, 2], [4, 4]), 2), plane([2.75]))
    assert_same(pool.avg_pool2d_backward(plane([1]), (1, 1, 2, 2), 2), plane([0.25, 0.25], [0.25, 0.25]))


def test_large_sums_of_bytes_are_averaged_exactly() -> None:
    assert_same(pool.avg_pool2d(np.full((1, 1, 20, 20), 255, np.uint8), 20), plane([255.0]))


def test_padding_counts_in_the_mean_unless_it_is_told_not_to() -> None:
    """The corner window holds one cell of 6, three of padding."""
    x = np.full((1, 1, 2, 2), 6.0)
    assert_same(pool.avg_pool2d(x, 2, padding=1), np.full((1, 1, 2, 2), 1.5))
    assert_same(pool.avg_pool2d(x, 2, padding=1, count_include_pad=False), x)


def test_what_hangs_over_the_padding_never_counts() -> None:
    """ceil_mode: the third window covers one cell and one of padding, its third hangs over. PyTorch gives the same."""
    x = np.arange(1.0, 6).reshape(1, 1, 1, 5)
    z = pool.avg_pool2d(x, (1, 3), stride=(1, 2), padding=(0, 1), ceil_mode=True)
    assert_same(z, plane([1.0, 3.0, 3.0]))
    x = np.arange(1.0, 5).reshape(1, 1, 1, 4)
    z = pool.avg_pool2d(x, (1, 3), stride=(1, 2), padding=(0, 1), ceil_mode=True)
    assert_same(z, plane([1.0, 3.0, 2.0]))


# --- both -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", [2, 3])
def test_padding_may_exceed_half_the_kernel(padding: int) -> None:
    """PyTorch stops at two; here it is enough that each window reads a cell."""
    x = numbers(1, 1, 3, 3)
    z, argmax = pool.max_pool2d(x, 4, stride=1, padding=padding)
    assert z[0, 0, 0, 0] == x[0, 0, : 4 - padding, : 4 - padding].max()
    assert (
        pool.avg_pool2d(x, 4, stride=1, padding=padding)[0, 0, 0, 0] == x[0, 0, : 4 - padding, : 4 - padding].sum() / 16
    )
    assert (argmax >= 0).all() and (argmax < 9).all()


def test_stride_is_the_kernel_unless_given() -> None:
    x = numbers(1, 2, 7, 8)
    for default, explicit in [
        (pool.max_pool2d(x, (2, 3))[0], pool.max_pool2d(x, (2, 3), stride=(2, 3))[0]),
        (pool.avg_pool2d(x, (2, 3)), pool.avg_pool2d(x, (2, 3), stride=(2, 3))),
    ]:
        assert_same(default, explicit)


# --- refusals -------------------------------------------------------------------------------------------------------

POOLS = ("max_pool2d", "avg_pool2d")
ARGMAX = CALLS["max_pool2d_backward"].arguments["argmax"]
REFUSALS = [  # (function, what is wrong, what the sentence must hold, the way out that it names)
    *[
        row
        for name in POOLS
        for row in [
            (
                name,
                {"kernel_size": 9},
                ["kernel 9×9", "padded input 7×4", "kernel_size to 7×4"],
                {"kernel_size": (7, 4)},
            ),
            (name, {"kernel_size": 0}, ["kernel_size is 0", "at least 1"], {"kernel_size": 1, "padding": 0}),
            (name, {"stride": 0}, ["stride is 0", "at least 1"], {"stride": 1}),
            (name, {"stride": -1}, ["stride is -1", "at least 1"], {"stride": 1}),
            (name, {"padding": -1}, ["padding is -1", "at least 0"], {"padding": 0}),
            (name, {"padding": 3}, ["along the height", "size 5, kernel 3", "lower the padding"], {"padding": 1}),
            (
                name,
                {"padding": (0, 2)},
                ["along the width", "size 4, kernel 2", "lower the padding"],
                {"padding": (0, 1)},
            ),
        ]
    ],
    ("max_pool2d", {"dilation": 0}, ["dilation is 0", "at least 1"], {"dilation": 1}),
    (
        "max_pool2d",
        {"kernel_size": 2, "dilation": 6, "padding": 5},
        ["would read padding only", "lower the padding or the dilation"],
        {"kernel_size": 2, "dilation": 1, "padding": 1},
    ),
    (
        "max_pool2d_backward",
        {"argmax": ARGMAX[:, :, :2]},
        ["argmax has shape (2, 3, 2, 3)", "must be (2, 3, 3, 3)", "one call of max_pool2d"],
        {"argmax": ARGMAX},
    ),
    ("max_pool2d_backward", {"argmax": ARGMAX + 6}, ["to 25", "5×4", "0 to 19"], {"argmax": ARGMAX}),
    ("max_pool2d_backward", {"argmax": ARGMAX - 20}, ["from -", "0 to 19"], {"argmax": ARGMAX}),
    ("max_pool2d_backward", {"x_shape": (2, 3, 4, 4)}, ["an input 4×4", "0 to 15"], {"x_shape": (2, 3, 5, 4)}),
    ("max_pool2d_backward", {"x_shape": (2, 2, 5, 4)}, ["dz has shape", "(2, 2, 5, 4)"], {"x_shape": (2, 3, 5, 4)}),
    (
        "max_pool2d_backward",
        {"x_shape": (3, 5, 4)},
        ["x_shape is (3, 5, 4)", "(N, C, H, W)"],
        {"x_shape": [2, 3, 5, 4]},
    ),
    (
        "avg_pool2d_backward",
        {"x_shape": (3, 5, 4)},
        ["x_shape is (3, 5, 4)", "(N, C, H, W)"],
        {"x_shape": [2, 3, 5, 4]},
    ),
    (
        "avg_pool2d_backward",
        {"dz": numbers(2, 3, 3, 4)},
        ["dz has shape (2, 3, 3, 4)", "must be (2, 3, 3, 3)", "x_shape (2, 3, 5, 4)"],
        {"dz": numbers(2, 3, 3, 3)},
    ),
    ("avg_pool2d_backward", {"stride": 0}, ["stride is 0", "at least 1"], {"stride": (2, 1)}),
]


@pytest.mark.parametrize("package", ["", "loops."], ids=["fast", "loops"])
@pytest.mark.parametrize(("name", "wrong", "words", "way_out"), REFUSALS)
def test_what_does_not_fit_is_refused_with_a_way_out(
    package: str, name: str, wrong: Options, words: list[str], way_out: Options
) -> None:
    assert_refused(CALLS[package + name], wrong, ValueError, words, way_out)


@pytest.mark.parametrize("function", [pool.max_pool2d, pool.avg_pool2d])
@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((4, 4), {"kernel_size": 7}),
        ((1, 3), {"kernel_size": (1, 5)}),  # padding above and below, too, would make windows that read nothing
        ((5, 1), {"kernel_size": 2}),
        ((1, 1), {"kernel_size": 3, "stride": 1}),
        ((1, 1), {"kernel_size": 2, "dilation": 2, "stride": 1}),  # both taps would jump over the one cell
        ((2, 2), {"kernel_size": 3, "dilation": 2}),
    ],
    ids=str,
)
def test_each_way_out_of_a_kernel_too_large_for_the_pool_works(function: Any, size: Any, options: Options) -> None:
    if function is pool.avg_pool2d and "dilation" in options:
        pytest.skip("average pooling knows no dilation")
    x = np.ones((1, 1, *size))
    with pytest.raises(ValueError, match="larger than the padded input") as refusal:
        function(x, **options)
    for way in ways_out(str(refusal.value)):
        function(x, **(options | way))

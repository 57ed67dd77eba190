"""The tasks of the forward pass: right in every style, and every mistake named, in two styles at least."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from lessonconv.exercises import check
from lessonconv.exercises.task import Steps, Task
from lessonconv.exercises.tasks.forward import CONV2D, OUTPUT_SIZE
from lessonconv.functional import conv2d, loops
from tests.exercises.making import Edit, cases, edited, implementations, judged, lacking, made, names, own
from tests.exercises.styles import convolution as styles
from tests.exercises.styles import convolution_variants as variants
from tests.exercises.styles import convolution_wrong as wrong
from tests.exercises.styles.convolution_wrong import AT_END, AT_START, EVEN
from tests.exercises.tasks.layers import layers
from tests.strategies import Conv, examples, places

TASKS = {task.name: task for task in (OUTPUT_SIZE, CONV2D)}
STYLES = {"output_size": styles.OUTPUT_SIZE, "conv2d": styles.CONV2D}
VARIANTS = {"output_size": variants.OUTPUT_SIZE, "conv2d": variants.CONV2D}
WRONG = {"output_size": wrong.OUTPUT_SIZE, "conv2d": wrong.CONV2D}
SEEDS = (0, 1)

NEGATIVE = "int() rounds a negative size up, where the slip rounds down; a walk finds no window there"
BROADCAST = "a kernel with one row or column is spread out by NumPy where the slip has none of it"
NOT_NAMED = {  # (task, mistake, style, which of that style's): why it is not named yet
    ("output_size", "size_padding_once", "steps", 1): NEGATIVE,
    ("output_size", "size_padding_subtracted", "steps", 1): NEGATIVE,
    ("output_size", "padding_ignored", "steps", 1): NEGATIVE,
    ("output_size", "padding_ignored", "walk", 0): NEGATIVE,
    ("conv2d", "kernel_transposed", "view", 0): BROADCAST,
    ("conv2d", "kernel_from_one_axis", "windows", 0): BROADCAST,
    ("conv2d", "stride_on_one_axis", "view", 0): "a view has as many columns as there are windows, not as z should",
    ("conv2d", "stride_is_kernel", "view", 0): "a view has as many outputs as there are windows, not as z should",
    ("conv2d", "stride_is_kernel", "guarded", 0): "where a window stands out there are zeros, the slip has none",
    ("conv2d", "size_from_one_axis", "guarded", 1): "H serves for W, but K_w stays: a size that no slip has",
    ("conv2d", "only_last_product", "guarded", 0): "the last product inside of x counts, where the slip "
    "takes the last tap",
}


# What is right --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_recipe_and_solution_count_the_places_where_a_window_fits(seed: int) -> None:
    for case in cases(OUTPUT_SIZE, seed):
        size, kernel, stride, padding = case.arguments
        count = places(size, kernel, stride, (padding, padding), 1)
        assert OUTPUT_SIZE.right(case.arguments) == OUTPUT_SIZE.answer(*case.arguments) == count


@pytest.mark.parametrize("seed", SEEDS)
def test_recipe_and_solution_do_what_the_loops_do(seed: int) -> None:
    for x, w, b, stride, padding in (case.arguments for case in (*cases(CONV2D, seed), *_beyond(seed))):
        z = loops.conv2d(x, w, b, stride=stride, padding=padding)
        np.testing.assert_array_equal(CONV2D.right((x, w, b, stride, padding)), z)
        np.testing.assert_array_equal(CONV2D.answer(x, w, b, stride, padding), z)


@examples(60)
@given(layers())
def test_recipe_and_solution_do_what_the_layer_does(case: Conv) -> None:
    z = conv2d(case.x, case.w, case.b, **case.options)
    arguments = case.x, case.w, case.b, *case.options.values()
    np.testing.assert_allclose(CONV2D.right(arguments), z, rtol=1e-12)
    np.testing.assert_allclose(CONV2D.answer(*arguments), z, rtol=1e-12)
    sizes = [OUTPUT_SIZE.answer(H, K, *case.options.values()) for H, K in zip(case.x.shape, case.w.shape, strict=True)]
    assert tuple(sizes[2:]) == z.shape[2:]


@pytest.mark.parametrize(("name", "style"), [(name, style) for name in STYLES for style in STYLES[name]])
def test_every_style_is_right(name: str, style: str) -> None:
    for seed in SEEDS:
        assert names(judged(TASKS[name], STYLES[name][style], seed)) == ["right"]


@pytest.mark.parametrize(("name", "style"), [(name, style) for name in VARIANTS for style in VARIANTS[name]])
def test_every_right_variant_passes(name: str, style: str) -> None:
    report = check(name, made(VARIANTS[name][style], name))
    assert report.passed, report.message
    assert report.mistake is None
    assert "At the edge" not in dict(report.said)


# Mistakes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "mistake", "style", "edits"), implementations(TASKS.values(), WRONG, NOT_NAMED))
def test_a_mistake_is_named(task: Task, mistake: str, style: str, edits: list[Edit]) -> None:
    assert names(judged(task, edited(STYLES[task.name][style], *edits))) == [mistake]


@pytest.mark.parametrize("task", TASKS.values(), ids=str)
def test_every_mistake_of_the_catalogue_is_made_in_two_styles(task: Task) -> None:
    ways = {(mistake, style) for mistake, made in WRONG[task.name].items() for style, *_ in made}
    assert not lacking(task, [mistake for mistake, _ in ways])
    assert set(WRONG[task.name]) == {mistake.name for mistake in task.mistakes}


def test_a_mistake_that_nobody_makes_is_found_lacking() -> None:
    made = [mistake.name for mistake in OUTPUT_SIZE.mistakes] * 2
    assert lacking(OUTPUT_SIZE, made[1:]) == [made[0]]


@pytest.mark.parametrize(
    ("task", "mistake", "slip"),
    [
        pytest.param(task, mistake.name, slip, id=f"{task.name}-{mistake.name}-{number}")
        for task in TASKS.values()
        for mistake in task.mistakes
        for number, slip in enumerate(mistake.slips)
    ],
)
def test_a_slip_is_told_from_all_others(task: Task, mistake: str, slip: Steps) -> None:
    assert names(judged(task, own(task, slip))) == [mistake]


NO_BIAS = "                    z[n, f, i, j] += b[f]\n", ""
ONE_STEP = "i * stride + k, j * stride + l", "i + k, j + l"
PAIRS: list[tuple[str, str, str, *tuple[Edit, ...]]] = [
    (
        "kernel_flipped",
        "bias_missing",
        "view",
        ("windows, w)", "windows, w[:, :, ::-1, ::-1])"),
        ("z + b[None, :, None, None]", "z"),
    ),
    ("padding_at_the_end", "bias_subtracted", "windows", (EVEN, AT_END), (" + b[f]", " - b[f]")),
    ("stride_in_size_only", "bias_per_product", "loops", ONE_STEP, NO_BIAS, ("j + l]", "j + l] + b[f]")),
    ("kernel_mirrored", "window_averaged", "windows", ("* w[f])", "* w[f, :, ::-1])"), ("np.sum(", "np.mean(")),
    ("bias_missing", "only_last_product", "loops", NO_BIAS, ("] += w", "] = w")),
    ("only_first_channel", "bias_missing", "loops", NO_BIAS, ("range(C)", "range(1)")),
    (
        "padding_not_zero",
        "channels_averaged",
        "guarded",
        ("total + b[f]", "total / C + b[f]"),
        ("if 0 <= u < H and 0 <= v < W:", "u, v = min(max(u, 0), H - 1), min(max(v, 0), W - 1)\n            if True:"),
    ),
    ("bias_of_one_filter", "filters_alike", "windows", ("* w[f])", "* w[0])"), ("b[f]", "b[0]")),
    (
        "kernel_transposed",
        "bias_of_one_filter",
        "im2col",
        ("    F, C, K_h", "    w = w.swapaxes(2, 3)\n    F, C, K_h"),
        (".T + b", ".T + b[0]"),
    ),
    (
        "stride_ignored",
        "padding_at_the_start",
        "im2col",
        (EVEN, AT_START),
        ("    columns, O_h", "    stride = 1\n    columns, O_h"),
    ),
    (
        "size_one_short",
        "sign_flipped",
        "einsum",
        (" // stride + 1", " // stride", 2),
        ("= np.tensordot", "= -np.tensordot"),
    ),
    (
        "size_from_one_axis",
        "channels_mixed",
        "guarded",
        ("O_w = int(np.floor((W + 2 * padding - K_w) / stride)) + 1", "O_w = O_h"),
        ("x[n, c, u, v]", "x[n, :, u, v].sum()"),
    ),
    (
        "kernel_flipped",
        "truncated",
        "taps",
        ("w[:, :, k, l]", "w[:, :, -1 - k, -1 - l]"),
        ("return z + b.reshape(1, -1, 1, 1)", "return np.trunc(z + b.reshape(1, -1, 1, 1))"),
    ),
]


@pytest.mark.parametrize(
    ("one", "other", "style", "edits"),
    [(*pair[:3], pair[3:]) for pair in PAIRS],
)
def test_two_mistakes_at_once_are_both_named(one: str, other: str, style: str, edits: list[Edit]) -> None:
    source = edited(styles.CONV2D[style], *edits)
    assert sorted(names(judged(CONV2D, source))) == sorted([one, other])


def test_two_mistakes_are_told_one_after_the_other() -> None:
    one, other, style, *edits = PAIRS[0]
    report = check("conv2d", made(edited(styles.CONV2D[style], *edits), "conv2d"))
    assert report.mistake == one
    assert report.mistakes == (one, other)
    assert report.verdict == "two mistakes at once. The kernel is turned by 180°. The bias is left out."


def test_each_edit_of_a_pair_alone_is_one_mistake() -> None:
    one, other, style, *edits = PAIRS[0]
    for name, edit in zip((one, other), edits, strict=True):
        assert names(judged(CONV2D, edited(styles.CONV2D[style], edit))) == [name]


STRANGE = [
    ("output_size", "formula", ("kernel) // stride", "padding) // stride")),
    ("output_size", "formula", ("+ 1", "+ stride")),
    ("output_size", "steps", ("steps + 1", "steps + padding")),
    ("conv2d", "loops", ("w[f, c, k, l] *", "w[f, c, k, l] ** 2 *")),
    ("conv2d", "windows", ("np.sum(", "np.ptp(")),
    ("conv2d", "guarded", ("0 <= u < H and", "0 < u < H and")),
    ("conv2d", "guarded", ("total + b[f]", "abs(total) + b[f]")),
    ("conv2d", "windows", ("range(O_h)", "range(1, O_h)")),
    ("conv2d", "loops", ("range(K_h)", "range(0, K_h, 2)")),
    ("conv2d", "view", ("return z", "return 2 * z")),
]


@pytest.mark.parametrize(("name", "style", "edit"), STRANGE)
def test_what_is_wrong_in_another_way_is_blamed_on_nothing(name: str, style: str, edit: Edit) -> None:
    report = check(name, made(edited(STYLES[name][style], edit), name))
    assert not report.passed
    assert report.mistake is None
    assert report.mistakes == ()
    assert report.exhibit is not None


@pytest.mark.parametrize("pairs", ["(padding, 0), (padding, padding)", "(padding, padding), (padding, 0)"])
def test_padding_missing_on_one_side_is_not_padding_at_the_start(pairs: str) -> None:
    source = edited(styles.CONV2D["windows"], ("(padding, padding), (padding, padding)", pairs))
    assert names(judged(CONV2D, source)) != ["padding_at_the_start"]


def test_axes_in_another_order_are_told() -> None:
    report = check("conv2d", made(edited(styles.CONV2D["im2col"], (".transpose(0, 3, 1, 2)", "")), "conv2d"))
    assert report.mistake == "axes_in_another_order"
    assert "transpose(0, 3, 1, 2)" in report.message


def test_a_factor_is_told() -> None:
    source = edited(styles.CONV2D["view"], ("return z + b[None, :, None, None]", "return 3 * (z + b[:, None, None])"))
    report = check("conv2d", made(source, "conv2d"))
    assert report.mistake == "constant_factor"
    assert "3 times what it should be" in report.message


def test_large_numbers_are_not_what_lay_in_memory() -> None:
    source = edited(styles.CONV2D["windows"], ("np.sum(", "np.prod("))
    assert check("conv2d", made(source, "conv2d")).mistake != "uninitialised"


def test_where_it_goes_wrong_is_told() -> None:
    source = edited(styles.CONV2D["view"], ("return z", "if stride > 1:\n        z = z * 2\n    return z"))
    message = check("conv2d", made(source, "conv2d")).message
    assert "wrong in all with a stride above 1, and right in all others" in message


def _beyond(seed: int) -> Any:
    return CONV2D.beyond(np.random.default_rng(seed))

"""The tasks of the backward pass: right in every style, and every mistake named, in two styles at least."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from lessonconv.exercises import check
from lessonconv.exercises.task import Steps, Task
from lessonconv.exercises.tasks.backward import CONV2D_BACKWARD, CONV2D_DB, CONV2D_DW, CONV2D_DX
from lessonconv.functional import conv2d_backward, loops
from tests.exercises.making import Edit, cases, edited, implementations, judged, lacking, made, names, own
from tests.exercises.styles import convolution as styles
from tests.exercises.styles import convolution_variants as variants
from tests.exercises.styles import convolution_wrong as wrong
from tests.exercises.styles.convolution_wrong import CROP, SLICES
from tests.exercises.tasks.layers import layers
from tests.strategies import Conv, examples

TASKS = {task.name: task for task in (CONV2D_DW, CONV2D_DB, CONV2D_DX, CONV2D_BACKWARD)}
PARTS = {name: task for name, task in TASKS.items() if not task.parts}
STYLES = {
    "conv2d_dw": styles.DW,
    "conv2d_db": styles.DB,
    "conv2d_dx": styles.DX,
    "conv2d_backward": styles.BACKWARD,
}
VARIANTS = {
    "conv2d_dw": variants.DW,
    "conv2d_db": variants.DB,
    "conv2d_dx": variants.DX,
    "conv2d_backward": variants.BACKWARD,
}
WRONG = {"conv2d_dw": wrong.DW, "conv2d_db": wrong.DB, "conv2d_dx": wrong.DX, "conv2d_backward": wrong.BACKWARD}
ONLY_USUAL = "without the padding larger than K − 1"  # a style that leaves out what the edge cases ask for
SEEDS = (0, 1)

BROADCAST = "a kernel with one row or column is spread out by NumPy where the slip fails, or has another size"
NOT_NAMED = {  # (task, mistake, style, which of that style's): why it is not named yet
    ("conv2d_dw", "dw_overwritten", "guarded", 0): "the last product inside of x counts, where the slip "
    "takes the last tap",
    ("conv2d_dx", "dx_kernel_transposed", "full", 0): BROADCAST,
    ("conv2d_dx", "dx_kernel_transposed", "rot90", 0): BROADCAST,
    ("conv2d_dx", "kernel_from_one_axis", "loops", 0): "it fails where the slip drops a tap outside of the canvas",
    ("conv2d_dx", "kernel_from_one_axis", "taps", 0): "it fails where the slip drops a tap outside of the canvas",
    ("conv2d_dx", "size_from_one_axis", "gather", 0): "it is right where the slip fails: no input reaches that output",
}


# What is right --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_recipes_and_solutions_do_what_the_loops_do(seed: int) -> None:
    beyond = CONV2D_BACKWARD.beyond(np.random.default_rng(seed))
    for dz, x, w, stride, padding in (case.arguments for case in (*cases(CONV2D_BACKWARD, seed), *beyond)):
        dx, dw, db = loops.conv2d_backward(dz, x, w, stride=stride, padding=padding)
        wanted = {"conv2d_dx": (dx,), "conv2d_dw": (dw,), "conv2d_db": (db,), "conv2d_backward": (dx, dw, db)}
        for name, task in TASKS.items():
            for got in (task.right((dz, x, w, stride, padding)), task.answer(dz, x, w, stride, padding)):
                for part, right in zip(got if task.parts else (got,), wanted[name], strict=True):
                    np.testing.assert_array_equal(part, right)


@examples(60)
@given(layers())
def test_recipes_and_solutions_do_what_the_layer_does(case: Conv) -> None:
    dx, dw, db = conv2d_backward(case.dz, case.x, case.w, **case.options)
    arguments = case.dz, case.x, case.w, *case.options.values()
    for task, right in ((CONV2D_DX, dx), (CONV2D_DW, dw), (CONV2D_DB, db)):
        np.testing.assert_allclose(task.right(arguments), right, rtol=1e-12)
        np.testing.assert_allclose(task.answer(*arguments), right, rtol=1e-12)
    for got in (CONV2D_BACKWARD.right(arguments), CONV2D_BACKWARD.answer(*arguments)):
        for part, right in zip(got, (dx, dw, db), strict=True):
            np.testing.assert_allclose(part, right, rtol=1e-12)


@pytest.mark.parametrize("name", PARTS)
def test_the_cases_of_a_part_are_those_of_the_whole(name: str) -> None:
    for part, whole in zip(cases(PARTS[name]), cases(CONV2D_BACKWARD), strict=True):
        for one, other in zip(part.arguments, whole.arguments, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("name", "style"), [(name, style) for name in STYLES for style in STYLES[name]])
def test_every_style_is_right(name: str, style: str) -> None:
    for seed in SEEDS:
        assert names(judged(TASKS[name], STYLES[name][style], seed)) == ["right"]


@pytest.mark.parametrize(("name", "style"), [(name, style) for name in VARIANTS for style in VARIANTS[name]])
def test_every_right_variant_passes(name: str, style: str) -> None:
    report = check(name, made(VARIANTS[name][style], name))
    assert report.passed, report.message
    assert report.mistake is None
    assert ("At the edge" in dict(report.said)) == (ONLY_USUAL in style)


# Mistakes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "mistake", "style", "edits"), implementations(TASKS.values(), WRONG, NOT_NAMED))
def test_a_mistake_is_named(task: Task, mistake: str, style: str, edits: list[Edit]) -> None:
    assert names(judged(task, edited(STYLES[task.name][style], *edits))) == [mistake]


@pytest.mark.parametrize("name", TASKS)
def test_every_mistake_of_the_catalogue_is_made_in_two_styles(name: str) -> None:
    ways = {(mistake, style) for mistake, made in WRONG[name].items() for style, *_ in made}
    assert not lacking(TASKS[name], [mistake for mistake, _ in ways])
    assert set(WRONG[name]) == {mistake.name for mistake in TASKS[name].mistakes}


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


SUM = "np.sum(dz, axis=(0, 2, 3))"
ONE_STEP = "i * stride + k, j * stride + l", "i + k, j + l"
RESET = "        for f in range(F):\n", "        for f in range(F):\n            dw[f] = 0\n"
PAIRS: list[tuple[Task, str, str, str, *tuple[Edit, ...]]] = [
    (CONV2D_DW, "dw_flipped", "divided_by_batch", "view", ("return dw", "return dw[..., ::-1, ::-1] / len(x)")),
    (CONV2D_DW, "only_last_image", "sign_flipped", "loops", RESET, ("] += dz", "] -= dz")),
    (
        CONV2D_DW,
        "dz_not_dilated",
        "divided_by_pixels",
        "einsum",
        (SLICES, "i : i + K_h, j : j + K_w"),
        ("return dw", "return dw / dz[0, 0].size"),
    ),
    (
        CONV2D_DW,
        "padding_at_the_start",
        "channels_alike",
        "guarded",
        (" - padding", " - 2 * padding", 2),
        ("x[n, c, u, v]", "x[n, 0, u, v]"),
    ),
    (
        CONV2D_DW,
        "filters_mixed",
        "dw_transposed",
        "windows",
        ("dw[f] += window", "dw += window"),
        ("return dw", "return dw.swapaxes(2, 3)"),
    ),
    (
        CONV2D_DW,
        "last_output_missed",
        "divided_by_both",
        "loops",
        ("range(O_h)", "range(O_h - 1)"),
        ("return dw", "return dw / (N * O_h * O_w)"),
    ),
    (CONV2D_DB, "db_per_image", "divided_by_pixels", "sum", (SUM, "dz.mean(axis=(2, 3))")),
    (CONV2D_DB, "db_one_for_all", "divided_by_both", "sum", (SUM, "dz.sum() / (len(dz) * dz[0, 0].size)")),
    (CONV2D_DB, "db_keeps_axes", "sign_flipped", "sum", (SUM, "-np.sum(dz, axis=(0, 2, 3), keepdims=True)")),
    (
        CONV2D_DB,
        "only_first_filter_heard",
        "divided_by_batch",
        "loops",
        ("range(F)", "range(1)"),
        ("dz[n, f, i, j]", "dz[n, f, i, j] / N"),
    ),
    (
        CONV2D_DX,
        "dx_kernel_turned",
        "dx_not_cropped",
        "stamps",
        ("w[f] *", "w[f, :, ::-1, ::-1] *"),
        (f"dx_pad[:, :, {CROP}]", "dx_pad"),
    ),
    (
        CONV2D_DX,
        "dx_overwritten",
        "dx_cropped_from_start",
        "einsum",
        ("] += np", "] = np"),
        ("padding : dx_pad.shape[2] - padding, padding : dx_pad.shape[3] - padding", ":H, :W"),
    ),
    (
        CONV2D_DX,
        "filters_averaged",
        "overlap_averaged",
        "loops",
        ("    for n in", "    times = np.zeros(dx_pad.shape)\n    for n in"),
        ("w[f, c, k, l]\n", f"w[f, c, k, l]\n{' ' * 32}times[n, c, i * stride + k, j * stride + l] += 1\n"),
        ("    return dx_pad", "    dx_pad /= np.maximum(times, 1)\n    return dx_pad"),
    ),
    (
        CONV2D_DX,
        "dx_kernel_mirrored",
        "dz_not_dilated",
        "loops",
        ONE_STEP,
        ("w[f, c, k, l]", "w[f, c, k, K_w - 1 - l]"),
    ),
    (
        CONV2D_DX,
        "dx_crop_empties",
        "divided_by_batch",
        "einsum",
        (
            "padding : dx_pad.shape[2] - padding, padding : dx_pad.shape[3] - padding",
            "padding:-padding, padding:-padding",
        ),
        ("j], w)", "j], w) / len(x)"),
    ),
    (
        CONV2D_DX,
        "dx_kernel_turned",
        "filters_not_summed",
        "rot90",
        ("np.rot90(w[f, c], 2)", "w[f, c]"),
        ("] += np.sum", "] = np.sum"),
    ),
    (
        CONV2D_DX,
        "channels_alike",
        "last_output_missed",
        "stamps",
        ("w[f] *", "w[f].sum(axis=0) *"),
        ("range(O_h)", "range(O_h - 1)"),
        ("range(O_w)", "range(O_w - 1)"),
    ),
]


@pytest.mark.parametrize(
    ("task", "one", "other", "style", "edits"),
    [(*pair[:4], pair[4:]) for pair in PAIRS],
)
def test_two_mistakes_at_once_are_both_named(task: Task, one: str, other: str, style: str, edits: list[Edit]) -> None:
    assert sorted(names(judged(task, edited(STYLES[task.name][style], *edits)))) == sorted([one, other])


STRANGE = [
    ("conv2d_dw", "guarded", ("total = 0.0", "total = 0.5")),
    ("conv2d_dw", "loops", ("x_pad[n, c, i * stride + k, j * stride + l]", "w[f, c, k, l]")),
    ("conv2d_dw", "view", ("return dw", "return dw + dw[:1]")),
    ("conv2d_dw", "guarded", ("0 <= u < H", "0 < u < H")),
    ("conv2d_dw", "taps", ("range(K_h)", "range(1, K_h)")),
    ("conv2d_db", "loops", ("range(O_h)", "range(1, O_h)")),
    ("conv2d_db", "sum", ("np.sum", "np.max")),
    ("conv2d_db", "filters", (".sum()", ".sum() + 1")),
    ("conv2d_dx", "loops", ("* w[f, c, k, l]", "* x[n, c, 0, 0]")),
    ("conv2d_dx", "loops", ("* w[f, c, k, l]", "+ w[f, c, k, l]")),
    ("conv2d_dx", "einsum", ("range(dz.shape[2])", "range(1, dz.shape[2])")),
    ("conv2d_dx", "full", ("K_h - 1 - padding, K_w - 1 - padding", "K_h - padding, K_w - padding")),
    ("conv2d_dx", "gather", ("0 <= k < K_h", "0 < k < K_h")),
    ("conv2d_backward", "apart", ("return dx, dw, db", "return dx + dx[:1], dw, db")),
    ("conv2d_backward", "apart", ("return dx, dw, db", "return dx, dw, db + 1")),
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
    source = edited(styles.DW["windows"], ("(padding, padding), (padding, padding)", pairs))
    assert "padding_at_the_start" not in names(judged(CONV2D_DW, source))


# Three results at once ------------------------------------------------------------------------------------------------

RETURN = "return dx, dw, db"
THREE: list[tuple[str, dict[str, list[str]], *tuple[Edit, ...]]] = [
    ("view", {"dw": ["dw_flipped"]}, (RETURN, "return dx, dw[:, :, ::-1, ::-1], db")),
    ("loops", {"db": ["db_last_output_only"]}, ("db[f] += d\n", "db[f] = d\n")),
    ("view", {"dx": ["dx_not_cropped"]}, (f"dx_pad[:, :, {CROP}]", "dx_pad")),
    (
        "loops",
        {"dx": ["dx_overwritten"], "dw": ["dw_overwritten"]},
        ("dw[f] += d", "dw[f] = d"),
        ("left + K_w] += d * w[f]", "left + K_w] = d * w[f]"),
    ),
    (
        "apart",
        {"dw": ["divided_by_batch"], "db": ["divided_by_batch"]},
        (RETURN, "return dx, dw / len(x), db / len(x)"),
    ),
    ("loops", {"dx": ["dz_not_dilated"], "dw": ["dz_not_dilated"]}, ("i * stride, j * stride", "i, j")),
    (
        "apart",
        {"dx": ["dx_cropped_from_start"], "dw": ["sign_flipped"], "db": ["db_per_pixel"]},
        ("axis=(0, 2, 3)", "axis=0"),
        ("dw += ", "dw -= "),
        (", p : p + H, p : p + W]", ", :H, :W]"),
    ),
    ("loops", {part: ["only_first_image"] for part in ("dx", "dw", "db")}, ("range(N)", "range(1)")),
    ("view", {"dx": ["unknown"], "db": ["sign_flipped"]}, (RETURN, "return dx + (stride == 3), dw, -db")),
    ("view", {"dw": ["dw_flipped", "divided_by_batch"]}, (RETURN, "return dx, dw[..., ::-1, ::-1] / len(x), db")),
]


@pytest.mark.parametrize(("style", "wrong", "edits"), [(style, wrong, edits) for style, wrong, *edits in THREE])
def test_mistakes_in_some_of_the_results_are_named_apart(style: str, wrong: Any, edits: list[Edit]) -> None:
    judgement = judged(CONV2D_BACKWARD, edited(styles.BACKWARD[style], *edits))
    assert {name.removeprefix("conv2d_"): names(part) for name, part in judgement.parts.items()} == wrong


def test_a_report_says_which_results_are_right() -> None:
    source = edited(styles.BACKWARD["loops"], ("db[f] += d\n", "db[f] = d\n"), ("dw[f] += d", "dw[f] = d"))
    report = check("conv2d_backward", made(source, "conv2d_backward"))
    assert report.verdict.startswith("dw and db are not right yet."), report.verdict
    assert report.mistake == "dw_overwritten"
    assert report.mistakes == ("dw_overwritten", "db_last_output_only")
    assert ("dx", "right") in report.said
    assert {"dw", "db"} <= {heading for heading, _ in report.said}
    assert report.exhibit is not None
    assert "yours dw" in str(report.exhibit.text())


def test_a_part_that_nobody_knows_is_not_blamed_on_the_others() -> None:
    source = edited(styles.BACKWARD["view"], (RETURN, "return dx + (stride == 3), dw, -db"))
    report = check("conv2d_backward", made(source, "conv2d_backward"))
    assert report.mistakes == ("sign_flipped",)
    said = dict(report.said)
    assert said["dx"] == "wrong, in a way I don't know."
    assert said["dw"] == "right"
    assert said["db"] == "The sign is turned."


@pytest.mark.parametrize("returned", ["dx, dw", "dx", "dx, dw, db, dz"])
def test_another_number_of_results_is_told(returned: str) -> None:
    source = edited(styles.BACKWARD["view"], (RETURN, f"return {returned}"))
    report = check("conv2d_backward", made(source, "conv2d_backward"))
    assert not report.passed
    assert report.mistake == "wrong_number_of_results", report.message


def test_whoever_has_written_only_one_result_hears_that_it_is_right() -> None:
    source = edited(styles.BACKWARD["view"], (RETURN, "return dx, None, None"))
    report = check("conv2d_backward", made(source, "conv2d_backward"))
    assert not report.passed
    assert ("dx", "right") in report.said

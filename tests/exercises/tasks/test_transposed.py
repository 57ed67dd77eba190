"""The task of a transposed convolution: right in every style, and every mistake told by its name, in at least two."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv.exercises.judge import Evidence, judge
from lessonconv.exercises.task import Mistake, Steps
from lessonconv.exercises.tasks.transposed import CONV_TRANSPOSE2D as TASK
from lessonconv.exercises.trial import Failure, Outcome
from lessonconv.functional import loops
from tests.exercises.making import Edit, cases, edited, judged, lacking, names
from tests.exercises.styles.transposed import CONV_TRANSPOSE2D as STYLES
from tests.strategies import TIMES, examples

Mutant = tuple[Any, ...]  # the mistake, the style, the edits that make it
SEEDS = range(TIMES)

TAP, CELL = "w[c, f, k, l]", "canvas[n, f, i * stride + k, j * stride + l]"
EINSUM = '"nc,cfkl->nfkl", x[:, :, i, j], w'
PLACE = "canvas[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w] += stamp"
CANVAS = "np.zeros((N, F, (H - 1) * stride + K_h, (W - 1) * stride + K_w))"
CROP = "canvas[:, :, padding : padding + O_h, padding : padding + O_w]"
READ = "canvas[n, f, u + padding, v + padding]"
O_H, O_W = "O_h = (H - 1) * stride - 2 * padding + K_h", "O_w = (W - 1) * stride - 2 * padding + K_w"
LOOP_I, LOOP_J = "for i in range(H)", "for j in range(W)"
BIAS = "z + b[:, None, None]"


def _sizes(formula: str) -> tuple[Edit, Edit]:
    """Both output sizes by the same formula, in H and K_h."""
    return (O_H, f"O_h = {formula}"), (O_W, f"O_w = {formula.replace('H', 'W').replace('K_h', 'K_w')}")


def _placed(row: str, column: str | None = None) -> Edit:
    """Where a stamp starts, @ for i and j."""
    top, left = row.replace("@", "i"), (column or row).replace("@", "j")
    return PLACE, f"canvas[:, :, {top} : {top} + K_h, {left} : {left} + K_w] += stamp"


def _met(row: str, column: str | None = None) -> Edit:
    """The same for a single product."""
    return CELL, f"canvas[n, f, {row.replace('@', 'i')} + k, {(column or row).replace('@', 'j')} + l]"


MUTANTS: list[Mutant] = [
    ("transposed_kernel_turned", "loops", (TAP, "w[c, f, K_h - 1 - k, K_w - 1 - l]")),
    ("transposed_kernel_turned", "zeros", ("w[:, :, ::-1, ::-1]", "w")),
    ("transposed_kernel_turned", "stamps", (EINSUM, EINSUM + "[:, :, ::-1, ::-1]")),
    ("transposed_kernel_transposed", "loops", (TAP, "w[c, f, l, k]")),
    ("transposed_kernel_transposed", "stamps", ("cfkl->", "cflk->")),
    ("transposed_kernel_mirrored", "zeros", ("::-1, ::-1", "::-1")),
    ("transposed_kernel_mirrored", "loops", (TAP, "w[c, f, K_h - 1 - k, l]")),
    ("transposed_kernel_mirrored", "stamps", (EINSUM, EINSUM + "[:, :, :, ::-1]")),
    ("transposed_overwritten", "loops", ("] += x", "] = x")),
    ("transposed_overwritten", "stamps", ("+= stamp", "= stamp")),
    ("transposed_overwritten", "taps", ("+= products", "= products")),
    ("transposed_overwritten", "guarded", ("+= x", "= x")),
    ("transposed_overlap_averaged", "stamps",
     ("stamp = np", f"{PLACE.replace('canvas', 'count').replace('+= stamp', '+= 1')}\n            stamp = np"),
     (CANVAS, f"{CANVAS}\n    count = {CANVAS}"), ("return z", "z = canvas / np.maximum(1, count)\n    return z"),
     ("z + b", "z[:, :, padding : padding + O_h, padding : padding + O_w] + b")),
    ("transposed_overlap_averaged", "taps",
     ("products = np", "count[k : k + (H - 1) * stride + 1 : stride, l : l + (W - 1) * stride + 1 : stride] += 1\n"
      "            products = np"),
     (CANVAS, f"{CANVAS}\n    count = np.zeros(canvas.shape[2:])"),
     ("height, width", "canvas = canvas / np.maximum(count, 1)\n    height, width")),
    ("stride_ignored", "loops", ("stride, padding):", "stride, padding):\n    stride = 1")),
    ("stride_ignored", "zeros", ("(H - 1) * stride + 1, (W - 1) * stride + 1", "H, W"), ("::stride, ::stride", ":, :")),
    ("transposed_stamps_side_by_side", "loops", _met("@")),
    ("transposed_stamps_side_by_side", "stamps", _placed("@")),
    ("transposed_stamps_side_by_side", "zeros", ("spread[:, :, ::stride, ::stride]", "spread[:, :, :H, :W]")),
    ("transposed_stride_on_one_axis", "loops", _met("@ * stride", "@")),
    ("transposed_stride_on_one_axis", "stamps", _placed("@", "@ * stride")),
    ("transposed_stride_on_one_axis", "zeros", ("::stride, ::stride]", "::stride, :W]")),
    ("transposed_stride_is_kernel", "guarded", ("i * stride + k", "i * K_h + k"), ("j * stride + l", "j * K_w + l")),
    ("transposed_stride_is_kernel", "matrix", ("u = i * stride", "u = i * kernel")),
    ("transposed_stride_on_taps", "guarded",
     ("i * stride + k", "i + k * stride"), ("j * stride + l", "j + l * stride")),
    ("transposed_stride_on_taps", "matrix", ("u = i * stride + k", "u = i + stride * k")),
    ("transposed_zero_too_many", "zeros",
     ("* stride + 1", "* (stride + 1) + 1", 2), ("::stride, ::stride", ":: stride + 1, :: stride + 1")),
    ("transposed_zero_too_many", "loops", ("stride, padding):", "stride, padding):\n    stride = stride + 1")),
    ("transposed_zeros_after_the_last", "zeros",
     ("(H - 1) * stride + 1, (W - 1) * stride + 1", "H * stride, W * stride")),
    ("transposed_zeros_after_the_last", "stamps", *_sizes("H * stride - 2 * padding + K_h - 1"),
     (CANVAS, "np.zeros((N, F, H * stride + K_h - 1, W * stride + K_w - 1))")),
    ("transposed_size_one_short", "loops", *_sizes("(H - 1) * stride - 2 * padding + K_h - 1")),
    ("transposed_size_one_short", "stamps", *_sizes("(H - 1) * stride - 2 * padding + K_h - 1")),
    ("transposed_size_is_multiple", "guarded", ("O_h = stride * (H - 1) + K_h - 2 * padding", "O_h = H * stride"),
     ("O_w = stride * (W - 1) + K_w - 2 * padding", "O_w = W * stride")),
    ("transposed_size_is_multiple", "matrix", ("(cells - 1) * stride - 2 * padding + kernel", "cells * stride")),
    ("transposed_padding_ignored", "loops", ("stride, padding):", "stride, padding):\n    padding = 0")),
    ("transposed_padding_ignored", "stamps", (CROP, "canvas")),
    ("transposed_padding_added", "stamps", (CROP, "np.pad(canvas, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))")),
    ("transposed_padding_added", "guarded", ("- 2 * padding", "+ 2 * padding", 2), ("- padding", "+ padding", 2)),
    ("transposed_padding_once", "stamps", (CROP, "canvas[:, :, padding:, padding:]")),
    ("transposed_padding_once", "loops", ("- 2 * padding", "- padding", 2)),
    ("transposed_padding_once", "taps", ("padding : height - padding, padding : width", ": height - padding, : width")),
    ("transposed_cropped_from_the_end", "stamps", (CROP, "canvas[:, :, :O_h, :O_w]")),
    ("transposed_cropped_from_the_end", "guarded",
     ("u, v = i * stride + k - padding", "u, v = i * stride + k"), ("l - padding", "l")),
    ("transposed_cropped_from_the_start", "stamps", (CROP, "canvas[:, :, -O_h:, -O_w:]")),
    ("transposed_cropped_from_the_start", "taps",
     ("padding : height - padding, padding : width - padding", "2 * padding :, 2 * padding :")),
    ("transposed_crop_empties", "scattered", ("canvas if padding == 0 else ", "")),
    ("transposed_crop_empties", "stamps", (CROP, "canvas[:, :, padding:-padding, padding:-padding]")),
    ("transposed_wraps_round", "guarded", ("if 0 <= u < O_h and 0 <= v < O_w", "if u < O_h and v < O_w")),
    ("transposed_wraps_round", "matrix", ("inside = (u >= 0) & (u < outputs)", "inside = u < outputs")),
    ("transposed_padding_not_turned_round", "zeros", ("top, left = K_h - 1, K_w - 1", "top = left = padding"),
     ("    spread = spread[:, :, padding : spread.shape[2] - padding, padding : spread.shape[3] - padding]\n", "")),
    ("transposed_padding_one_too_many", "zeros", ("K_h - 1, K_w - 1", "K_h, K_w")),
    ("transposed_padding_one_too_many", "guarded",
     ("- 2 * padding", "- 2 * (padding - 1)", 2), ("- padding", "- (padding - 1)", 2)),
    ("size_from_one_axis", "guarded", ("O_w = stride * (W - 1) + K_w - 2 * padding", "O_w = O_h")),
    ("size_from_one_axis", "loops", (O_W, ""), (O_H, f"{O_W}\n    O_h = O_w")),
    ("kernel_from_one_axis", "loops", ("_, F, K_h, K_w = w.shape", "_, F, K_h, _ = w.shape\n    K_w = K_h")),
    ("kernel_from_one_axis", "guarded", ("C, F, K_h, K_w = w.shape", "C, F, K_h, _ = w.shape\n    K_w = K_h")),
    ("bias_missing", "loops", (" + b[f]", "")),
    ("bias_missing", "stamps", (BIAS, "z")),
    ("bias_per_channel", "guarded", ("z[:] = b", "z[:] = C * b")),
    ("bias_per_channel", "zeros", ("[0, 2, 3])) + b", "[0, 2, 3])) + b * C")),
    ("transposed_bias_per_stamp", "stamps", ("+= stamp", "+= stamp + b[:, None, None]"), (BIAS, "z")),
    ("transposed_bias_per_stamp", "loops", (TAP, TAP + " + b[f]"), ("v + padding] + b[f]", "v + padding]")),
    ("transposed_bias_where_stamped", "stamps",
     ("stamp = np", f"{PLACE.replace('canvas', 'count').replace('+= stamp', '+= 1')}\n            stamp = np"),
     (CANVAS, f"{CANVAS}\n    count = {CANVAS}"),
     (BIAS, f"z + b[:, None, None] * ({CROP.replace('canvas', 'count')} > 0)")),
    ("transposed_bias_where_stamped", "guarded",
     ("z[:] = b[:, None, None]", "z[:] = 0\n    touched = np.zeros(z.shape, bool)"),
     ("+= x", "+= b[f] * (not touched[n, f, u, v]) + x"),
     (TAP, TAP + "\n            touched[n, f, u, v] = True")),
    ("bias_of_one_filter", "loops", ("b[f]", "b[0]")),
    ("bias_of_one_filter", "stamps", (BIAS, "z + b.sum()")),
    ("bias_subtracted", "loops", ("+ b[f]", "- b[f]")),
    ("bias_subtracted", "stamps", (BIAS, "z - b[:, None, None]")),
    ("only_first_channel", "loops", ("range(C)", "range(1)")),
    ("only_first_channel", "stamps", (EINSUM, '"nc,cfkl->nfkl", x[:, :1, i, j], w[:1]')),
    ("only_last_channel", "loops", ("for c in range(C):", "for c in range(C):\n                canvas[n, f] = 0")),
    ("only_last_channel", "stamps",
     ("stamp = np", "for c in range(C):\n                stamp = np"), (EINSUM, '"n,fkl->nfkl", x[:, c, i, j], w[c]')),
    ("channels_averaged", "loops", (TAP, TAP + " / C")),
    ("channels_averaged", "taps", ("w[:, :, k, l])", "w[:, :, k, l]) / x.shape[1]")),
    ("channels_mixed", "stamps", ("nc,cfkl", "nc,dfkl")),
    ("channels_mixed", "loops", (TAP, "w[:, f, k, l].sum()")),
    ("transposed_filters_exchanged", "loops", (TAP, "w[f, c, k, l]")),
    ("transposed_filters_exchanged", "stamps", ("cfkl", "fckl")),
    ("only_first_filter", "loops", ("for f in range(F)", "for f in range(1)", 2)),
    ("only_first_filter", "stamps", ("+= stamp", "+= stamp * (np.arange(F) == 0)[:, None, None]")),
    ("transposed_filters_alike", "loops", (TAP, "w[c, 0, k, l]")),
    ("transposed_filters_alike", "stamps", (EINSUM, EINSUM + "[:, -1:]")),
    ("only_first_image", "loops", ("for n in range(N)", "for n in range(1)", 2)),
    ("only_first_image", "stamps", ("+= stamp", "+= stamp * (np.arange(N) == 0)[:, None, None, None]")),
    ("images_added_up", "loops", ("for n in range(N):\n        for f in range(F):\n            for c",
     "for n in range(N):\n        canvas[n] = canvas[max(0, n - 1)]\n        for f in range(F):\n            for c")),
    ("images_added_up", "stamps", ("return z + b[:, None, None]", "return np.cumsum(z + b[:, None, None], axis=0)")),
    ("transposed_only_first_cell", "stamps", (LOOP_I, "for i in range(1)"), (LOOP_J, "for j in range(1)")),
    ("transposed_only_first_cell", "loops", (LOOP_I, "for i in range(1)")),
    ("transposed_last_cell_silent", "loops", (LOOP_I, "for i in range(H - 1)")),
    ("transposed_last_cell_silent", "stamps", (LOOP_I, "for i in range(H - 1)"), (LOOP_J, "for j in range(W - 1)")),
    ("output_transposed", "loops", ("    return z", "    return z.swapaxes(2, 3)")),
    ("output_transposed", "stamps", (CROP, CROP + ".transpose(0, 1, 3, 2)")),
    ("truncated", "loops", (CANVAS, CANVAS[:-1] + ", int)")),
    ("truncated", "stamps", ("stride, padding):", "stride, padding):\n    x = x.astype(int)")),
    ("truncated", "zeros", ("z = np.zeros((N, F, O_h, O_w))", "z = np.zeros((N, F, O_h, O_w), int)")),
]  # fmt: skip
CONVOLUTIONS = {
    "slices": """
def conv_transpose2d(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    O_h = (x.shape[2] - w.shape[2]) // stride + 1
    O_w = (x.shape[3] - w.shape[3]) // stride + 1
    z = np.zeros((len(x), w.shape[1], O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
            z[:, :, i, j] = np.einsum("nckl,cfkl->nf", window, w) + b
    return z
""",
    "windows": """
def conv_transpose2d(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijkl,cfkl->nfij", windows, w) + b[:, None, None]
""",
}
PADDED_BY_P = """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    _, F, K_h, K_w = w.shape
    x_pad = np.zeros((N, C, (H - 1) * stride + 1 + 2 * padding, (W - 1) * stride + 1 + 2 * padding))
    for i in range(H):
        for j in range(W):
            x_pad[:, :, padding + i * stride, padding + j * stride] = x[:, :, i, j]
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (K_h, K_w), axis=(2, 3))
    return np.einsum("ncijkl,cfkl->nfij", windows, w[:, :, ::-1, ::-1]) + b[:, None, None]
"""


def computed(slip: Steps, seed: int = 0) -> list[Outcome]:
    """What the recipe comes to with some steps replaced; where any number would do, one that is nowhere right."""
    found = []
    for case in cases(TASK, seed):
        try:
            result = np.asarray(TASK.compute(slip, case.arguments), float)
            found.append(Outcome(np.where(np.isnan(result), -77.125, result), "ndarray", ("float64",)))
        except (ValueError, IndexError) as error:
            found.append(Outcome(failure=Failure(type(error).__name__, str(error), None)))
    return found


# Right ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_recipe_and_solution_do_what_the_loops_of_the_package_do(seed: int) -> None:
    for case in cases(TASK, seed):
        x, w, b, stride, padding = case.arguments
        wanted = loops.conv_transpose2d(x, w, b, stride=stride, padding=padding)
        np.testing.assert_allclose(TASK.right(case.arguments), wanted, atol=1e-12)
        np.testing.assert_allclose(TASK.answer(*case.arguments), wanted, atol=1e-12)


@examples(60)
@given(st.data())
def test_recipe_and_solution_are_right_for_all_shapes(data: st.DataObject) -> None:
    N, C, F, H, W, K_h, K_w, stride = (data.draw(st.integers(1, most)) for most in (2, 2, 3, 4, 4, 4, 4, 5))
    room = min((H - 1) * stride + K_h, (W - 1) * stride + K_w) - 1
    padding = data.draw(st.integers(0, room // 2))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    x, w, b = (rng.integers(-9, 9, shape).astype(float) for shape in ((N, C, H, W), (C, F, K_h, K_w), (F,)))
    wanted = loops.conv_transpose2d(x, w, b, stride=stride, padding=padding)
    np.testing.assert_allclose(TASK.right((x, w, b, stride, padding)), wanted, atol=1e-12)
    np.testing.assert_allclose(TASK.answer(x, w, b, stride, padding), wanted, atol=1e-12)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_right(style: str) -> None:
    assert names(judged(TASK, STYLES[style])) == ["right"]


# Wrong ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "style", "edits"), [(name, style, edits) for name, style, *edits in MUTANTS])
def test_a_mistake_in_the_code_is_told_by_its_name(name: str, style: str, edits: list[Edit]) -> None:
    assert names(judged(TASK, edited(STYLES[style], *edits))) == [name]


@pytest.mark.parametrize("style", CONVOLUTIONS)
def test_an_ordinary_convolution_is_told_by_its_name(style: str) -> None:
    assert names(judged(TASK, CONVOLUTIONS[style])) == ["transposed_is_convolution"]


def test_zeros_padded_by_p_are_told_in_another_style_as_well() -> None:
    assert names(judged(TASK, PADDED_BY_P)) == ["transposed_padding_not_turned_round"]


def test_every_mistake_is_made_in_two_styles_at_least() -> None:
    made = [name for name, _ in {(name, style) for name, style, *_ in MUTANTS}]
    elsewhere = ["transposed_is_convolution"] * len(CONVOLUTIONS) + ["transposed_padding_not_turned_round"]
    assert lacking(TASK, made + elsewhere) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mistake", TASK.mistakes, ids=lambda mistake: mistake.name)
def test_every_slip_of_a_mistake_is_told_by_its_name(mistake: Mistake, seed: int) -> None:
    for slip in mistake.slips:
        assert names(judge(TASK, cases(TASK, seed), computed(slip, seed))) == [mistake.name]


PAIRS = [
    ("transposed_kernel_turned", "bias_missing", "stamps", (EINSUM, EINSUM + "[:, :, ::-1, ::-1]"), (BIAS, "z")),
    ("transposed_padding_ignored", "only_first_channel", "loops",
     ("stride, padding):", "stride, padding):\n    padding = 0"),
     ("range(C)", "range(1)")),
    ("transposed_cropped_from_the_end", "bias_subtracted", "stamps",
     (CROP, "canvas[:, :, :O_h, :O_w]"), ("z + b", "z - b")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "style", "edits"), [(*given[:3], given[3:]) for given in PAIRS])
def test_two_mistakes_at_once_are_both_told(one: str, other: str, style: str, edits: Any) -> None:
    assert set(names(judged(TASK, edited(STYLES[style], *edits)))) == {one, other}


@pytest.mark.parametrize("edit", [(TAP, "abs(w[c, f, k, l])"), (" + b[f]", " + b[f] + 1")])
def test_a_mistake_without_a_name_is_given_none(edit: Edit) -> None:
    assert names(judged(TASK, edited(STYLES["loops"], edit))) == ["unknown"]


# The cases -----------------------------------------------------------------------------------------------------------


def test_the_cases_show_what_is_special_smallest_first() -> None:
    found = cases(TASK)
    assert [case.cells for case in found] == sorted(case.cells for case in found)
    assert found[0].cells <= 8 and found[-1].cells <= 200
    shown = frozenset[str]().union(*(case.traits for case in found))
    assert {
        "several images",
        "several channels",
        "several filters",
        "an input that is not square",
        "a kernel that is not square",
        "padding",
        "stamps that overlap",
        "gaps between the stamps",
        "numbers that are not whole",
    } <= shown


def test_a_mistake_shows_first_on_an_input_that_fits_on_a_screen() -> None:
    for mistake in TASK.mistakes:
        for slip in mistake.slips:
            wrong = Evidence(TASK, cases(TASK), computed(slip)).wrong
            assert cases(TASK)[wrong[0]].cells <= 40, mistake.name

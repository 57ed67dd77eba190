"""The tasks about stamps: right in every style, and every mistake told by its name, in at least two."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv.exercises import check
from lessonconv.exercises.judge import Evidence, judge
from lessonconv.exercises.task import Mistake, Steps, Task
from lessonconv.exercises.tasks.stamps import CONV_TRANSPOSE2D_DX, STAMP_COUNTS, TASKS
from lessonconv.exercises.trial import Failure, Outcome
from lessonconv.functional import loops
from lessonconv.window import Axis
from tests.exercises.making import Edit, cases, edited, judged, lacking, made, names
from tests.exercises.styles import stamps as styles
from tests.strategies import TIMES, examples

Mutant = tuple[Any, ...]  # the mistake, the style, the edits that make it
SEEDS = range(TIMES)
STYLES = {"conv_transpose2d_dx": styles.DX, "stamp_counts": styles.COUNTS}

WINDOW = "dz_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]"
EINSUM = '"nfkl,cfkl->nc", window, w'
TAP = "w[c, f, k, l]"
CELL = "u, v = i * stride + k - padding, j * stride + l - padding"
DX_PAD = "((0, 0), (0, 0), (padding, padding), (padding, padding))"
LOOP_I, LOOP_J = "for i in range(H)", "for j in range(W)"
DX = "np.zeros((N, C, H, W))"
DX_MUTANTS: list[Mutant] = [
    ("gather_kernel_turned", "slices", (EINSUM, EINSUM + "[:, :, ::-1, ::-1]")),
    ("gather_kernel_turned", "guarded", (TAP, "w[c, f, K_h - 1 - k, K_w - 1 - l]")),
    ("gather_kernel_turned", "view", ("windows, w)", "windows, np.rot90(w, 2, (2, 3)))")),
    ("gather_kernel_transposed", "guarded", (TAP, "w[c, f, l, k]")),
    ("gather_kernel_transposed", "slices", ("cfkl->", "cflk->")),
    ("gather_kernel_mirrored", "slices", (EINSUM, EINSUM + "[:, :, ::-1]")),
    ("gather_kernel_mirrored", "guarded", (TAP, "w[c, f, k, K_w - 1 - l]")),
    ("gather_side_by_side", "guarded", (CELL, "u, v = i + k - padding, j + l - padding")),
    ("gather_side_by_side", "slices", (WINDOW, "dz_pad[:, :, i : i + K_h, j : j + K_w]")),
    ("gather_side_by_side", "view", ("[:, :, ::stride, ::stride]", "[:, :, :x.shape[2], :x.shape[3]]")),
    ("gather_stride_on_one_axis", "guarded", ("j * stride + l", "j + l")),
    ("gather_stride_on_one_axis", "slices", (WINDOW, "dz_pad[:, :, i : i + K_h, j * stride : j * stride + K_w]")),
    ("gather_stride_is_kernel", "guarded", (CELL, "u, v = i * K_h + k - padding, j * K_w + l - padding")),
    ("gather_stride_is_kernel", "canvas", ("for n in range(len(x))",
     "wide = np.pad(wide, ((0, 0), (0, 0), (0, 99), (0, 99)))\n    for n in range(len(x))"),
     ("i * stride :, j * stride :", "i * w.shape[2] :, j * w.shape[3] :")),
    ("gather_stride_on_taps", "guarded", (CELL, "u, v = i + k * stride - padding, j + l * stride - padding")),
    ("gather_stride_on_taps", "canvas", ("for n in range(len(x))",
     "wide = np.pad(wide, ((0, 0), (0, 0), (0, 99), (0, 99)))\n    for n in range(len(x))"),
     ("[n, :, i * stride :, j * stride :]", "[n, :, i::stride, j::stride]")),
    ("gather_padding_ignored", "view", ("np.pad(dz, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))", "dz")),
    ("gather_padding_ignored", "guarded", (CELL, "u, v = i * stride + k, j * stride + l"),
     ("N, C, H, W = x.shape", "N, C = x.shape[:2]\n    K, L = w.shape[2:]\n"
      "    H, W = (dz.shape[2] - K) // stride + 1, (dz.shape[3] - L) // stride + 1\n    H, W = max(0, H), max(0, W)")),
    ("gather_padding_at_the_end", "guarded", (CELL, "u, v = i * stride + k, j * stride + l")),
    ("gather_padding_at_the_end", "slices", (DX_PAD, "((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding))")),
    ("gather_padding_at_the_end", "canvas", ("padding : padding + O_h, padding : padding + O_w", ":O_h, :O_w")),
    ("gather_wraps_round", "guarded", ("if 0 <= u < O_h and 0 <= v < O_w", "if u < O_h and v < O_w")),
    ("gather_wraps_round", "slices", (f"np.pad(dz, {DX_PAD})",
     "np.pad(dz, ((0, 0), (0, 0), (padding, 0), (padding, 0)), mode='wrap')\n"
     "    dz_pad = np.pad(dz_pad, ((0, 0), (0, 0), (0, padding), (0, padding)))")),
    ("kernel_from_one_axis", "guarded", ("_, F, K_h, K_w = w.shape", "_, F, K_h, _ = w.shape\n    K_w = K_h")),
    ("kernel_from_one_axis", "taps", ("_, F, K_h, K_w = w.shape", "_, F, _, K_w = w.shape\n    K_h = K_w")),
    ("transposed_filters_exchanged", "guarded", (TAP, "w[f, c, k, l]")),
    ("transposed_filters_exchanged", "slices", ("nfkl,cfkl", "nfkl,fckl")),
    ("filters_not_summed", "guarded", ("for f in range(F):", "for f in range(F):\n"
     "                        dx[n, c, i, j] = 0")),
    ("filters_not_summed", "slices", (EINSUM, '"nkl,ckl->nc", window[:, -1], w[:, -1]')),
    ("filters_averaged", "guarded", (TAP, TAP + " / F")),
    ("filters_averaged", "view", ("windows, w)", "windows, w) / w.shape[1]")),
    ("filters_mixed", "slices", ("cfkl->", "cgkl->")),
    ("filters_mixed", "guarded", (TAP, "w[c, :, k, l].sum()")),
    ("gather_filters_alike", "guarded", (TAP, "w[c, 0, k, l]")),
    ("gather_filters_alike", "slices", (EINSUM, '"nfkl,ckl->nc", window, w[:, -1]')),
    ("channels_alike", "guarded", (TAP, "w[:, f, k, l].sum()")),
    ("channels_alike", "view", ("windows, w)", "windows, np.broadcast_to(w[:1], w.shape))")),
    ("only_first_channel_filled", "guarded", ("for c in range(C)", "for c in range(1)")),
    ("only_first_channel_filled", "slices", ("dx[:, :, i, j] = ", "dx[:, :1, i, j] = "), (EINSUM, EINSUM + "[:1]")),
    ("only_last_product", "taps", ("dx += ", "dx = ")),
    ("only_last_product", "slices", (EINSUM, '"nf,cf->nc", window[:, :, -1, -1], w[:, :, -1, -1]')),
    ("only_first_image", "guarded", ("for n in range(N)", "for n in range(1)")),
    ("only_first_image", "canvas", ("for n in range(len(x))", "for n in range(1)"), ("np.empty", "np.zeros")),
    ("only_first_filter_heard", "guarded", ("for f in range(F)", "for f in range(1)")),
    ("only_first_filter_heard", "slices", (EINSUM, '"nkl,ckl->nc", window[:, 0], w[:, 0]')),
    ("images_share", "guarded", ("dz[n, f, u, v]", "dz[0, f, u, v]")),
    ("images_share", "canvas", ("wide[n, :,", "wide[0, :,")),
    ("filters_share", "guarded", ("dz[n, f, u, v]", "dz[n, 0, u, v]")),
    ("filters_share", "canvas", ("wide[n, :,", "wide[n, :1,")),
    ("images_added_up", "view", ("return np", "return np.cumsum(np"), ("windows, w)", "windows, w), axis=0)")),
    ("images_added_up", "guarded", ("for n in range(N):", "for n in range(N):\n        dx[n] = dx[max(0, n - 1)]")),
    ("divided_by_batch", "guarded", ("return dx", "return dx / N")),
    ("divided_by_batch", "view", ("windows, w)", "windows, w) / len(x)")),
    ("returns_too_soon", "slices", (LOOP_I, "for i in range(1)"), (LOOP_J, "for j in range(1)")),
    ("returns_too_soon", "taps", ("return dx", "dx[:, :, 1:] = 0\n    return dx")),
    ("gather_last_missed", "slices", (LOOP_I, "for i in range(H - 1)")),
    ("gather_last_missed", "guarded", (LOOP_I, "for i in range(H - 1)"), (LOOP_J, "for j in range(W - 1)")),
    ("result_transposed", "slices", ("return dx", "return dx.swapaxes(2, 3)")),
    ("result_transposed", "view", ("->ncij", "->ncji")),
    ("truncated", "slices", (DX, "np.zeros((N, C, H, W), int)")),
    ("truncated", "guarded", ("stride, padding):", "stride, padding):\n    dz = dz.astype(int)")),
    ("sign_flipped", "guarded", ("+= dz", "-= dz")),
    ("sign_flipped", "view", ("return np", "return -np")),
]  # fmt: skip
AGAIN = {
    "stamps": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    N, F, O_h, O_w = dz.shape
    C, F, K_h, K_w = w.shape
    height, width = (O_h - 1) * stride + K_h, (O_w - 1) * stride + K_w
    dx = np.zeros((N, C, height, width))
    for u in range(O_h):
        for v in range(O_w):
            top, left = u * stride, v * stride
            dx[:, :, top : top + K_h, left : left + K_w] += np.einsum("nf,cfkl->nckl", dz[:, :, u, v], w)
    return dx[:, :, padding : height - padding, padding : width - padding]
""",
    "zeros": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    N, F, O_h, O_w = dz.shape
    spread = np.zeros((N, F, (O_h - 1) * stride + 1, (O_w - 1) * stride + 1))
    spread[:, :, ::stride, ::stride] = dz
    top, left = w.shape[2] - 1, w.shape[3] - 1
    spread = np.pad(spread, ((0, 0), (0, 0), (top, top), (left, left)))
    windows = np.lib.stride_tricks.sliding_window_view(spread, w.shape[2:], axis=(2, 3))
    dx = np.einsum("nfijkl,cfkl->ncij", windows, w[:, :, ::-1, ::-1])
    return dx[:, :, padding : dx.shape[2] - padding, padding : dx.shape[3] - padding]
""",
}

LENGTH = "(size - 1) * stride + kernel"
ADD = "canvas[i * stride : i * stride + kernel] += 1"
CROP = "canvas[padding : len(canvas) - padding]"
COUNT_MUTANTS: list[Mutant] = [
    ("counts_cover", "slices", ("+= 1", "= 1")),
    ("counts_cover", "loops", ("counts[u] += 1", "counts[u] = 1")),
    ("counts_cover", "ask", ("[sum(", "[any(")),
    ("counts_stride_ignored", "slices", ("stride, padding):", "stride, padding):\n    stride = 1")),
    ("counts_stride_ignored", "bincount", ("np.arange(size) * stride", "np.arange(size)"),
     (LENGTH, "size + kernel - 1")),
    ("counts_side_by_side", "slices", (ADD, "canvas[i : i + kernel] += 1")),
    ("counts_side_by_side", "ask", ("u + padding - i * stride", "u + padding - i")),
    ("counts_stride_is_kernel", "loops", ("u = i * stride", "u = i * kernel")),
    ("counts_stride_is_kernel", "bincount", ("np.arange(size) * stride", "np.arange(size) * kernel"),
     (LENGTH, "size * kernel")),
    ("counts_stride_on_taps", "loops", ("u = i * stride + k", "u = i + k * stride")),
    ("counts_stride_on_taps", "ask", ("sum(0 <= u + padding - i * stride < kernel for i in range(size))",
     "sum(u + padding - i in range(0, kernel * stride, stride) for i in range(size))")),
    ("counts_one_short", "slices", (LENGTH, "(size - 1) * stride + kernel - 1")),
    ("counts_one_short", "ask", (LENGTH, "(size - 1) * stride + kernel - 1")),
    ("counts_of_multiple", "slices", (LENGTH, "size * stride"), (CROP, "canvas")),
    ("counts_of_multiple", "loops", (LENGTH + " - 2 * padding", "size * stride"),
     ("u = i * stride + k - padding", "u = i * stride + k")),
    ("counts_padding_ignored", "slices", (CROP, "canvas")),
    ("counts_padding_ignored", "ask", ("stride, padding):", "stride, padding):\n    padding = 0")),
    ("counts_padding_once", "slices", (CROP, "canvas[padding:]")),
    ("counts_padding_once", "loops", ("- 2 * padding", "- padding")),
    ("counts_crop_empties", "slices", (CROP, "canvas[padding:-padding]")),
    ("counts_crop_empties", "bincount", ("counts[padding : counts.size - padding]", "counts[padding:-padding]")),
    ("counts_without_border", "ask", ("range(size)) for u", "range(-9, size + 9)) for u")),
    ("counts_without_border", "slices", (ADD, "pass"), ("    return canvas", "    for u in range(len(canvas)):\n"
     "        canvas[u] = len(range(u % stride, kernel, stride))\n    return canvas")),
    ("counts_all_alike", "slices", (ADD, "pass"), ("    return canvas",
     "    canvas[:] = kernel // stride\n    return canvas")),
    ("counts_all_alike", "ask", ("sum(0 <= u + padding - i * stride < kernel for i in range(size))",
     "int(np.ceil(kernel / stride))")),
    ("counts_exchanged", "slices", ("stride, padding):", "stride, padding):\n    size, kernel = kernel, size")),
    ("counts_exchanged", "bincount", ("np.arange(size) * stride", "np.arange(kernel) * stride"),
     ("np.arange(kernel)\n", "np.arange(size)\n"), (LENGTH, "(kernel - 1) * stride + size")),
    ("counts_last_silent", "slices", ("range(size)", "range(size - 1)")),
    ("counts_last_silent", "ask", ("range(size)", "range(size - 1)")),
    ("counts_first_only", "slices", ("        canvas[i * stride : i * stride + kernel] += 1\n    return",
     "        canvas[i * stride : i * stride + kernel] += 1\n        return")),
    ("counts_first_only", "ask", ("range(size)", "range(1)")),
]  # fmt: skip
CONVOLUTION = {
    "loops": """
def stamp_counts(size, kernel, stride, padding):
    outputs = (size + 2 * padding - kernel) // stride + 1
    counts = np.zeros(size + 2 * padding, int)
    for i in range(outputs):
        counts[i * stride : i * stride + kernel] += 1
    return counts[padding : padding + size] if outputs > 0 else counts[:-1 - size].reshape(7, 7)
""",
    "window": """
def stamp_counts(size, kernel, stride, padding):
    seen = np.lib.stride_tricks.sliding_window_view(np.pad(np.arange(1, size + 1), padding), kernel)[::stride]
    return np.bincount(seen.ravel(), minlength=size + 1)[1:]
""",
}
MUTANTS = [(CONV_TRANSPOSE2D_DX, *mutant) for mutant in DX_MUTANTS]
MUTANTS += [(STAMP_COUNTS, *mutant) for mutant in COUNT_MUTANTS]
WHOLE = [(CONV_TRANSPOSE2D_DX, "stamped_again", source) for source in AGAIN.values()]
WHOLE += [(STAMP_COUNTS, "counts_of_convolution", source) for source in CONVOLUTION.values()]
STYLED = [(task, style) for task in TASKS for style in STYLES[task.name]]


def computed(task: Task, slip: Steps, seed: int = 0) -> list[Outcome]:
    """What the recipe comes to with some steps replaced; where any number would do, one that is nowhere right."""
    found = []
    for case in cases(task, seed):
        try:
            result = np.asarray(task.compute(slip, case.arguments), float)
            found.append(Outcome(np.where(np.isnan(result), -77.125, result), "ndarray", ("float64",)))
        except (ValueError, IndexError) as error:
            found.append(Outcome(failure=Failure(type(error).__name__, str(error), None)))
    return found


# Right ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_recipe_and_solution_do_what_the_loops_of_the_package_do(seed: int) -> None:
    for case in cases(CONV_TRANSPOSE2D_DX, seed):
        dz, x, w, stride, padding = case.arguments
        wanted = loops.conv_transpose2d_backward(dz, x, w, stride=stride, padding=padding)[0]
        np.testing.assert_allclose(CONV_TRANSPOSE2D_DX.right(case.arguments), wanted, atol=1e-12)
        np.testing.assert_allclose(CONV_TRANSPOSE2D_DX.answer(*case.arguments), wanted, atol=1e-12)


@examples(100)
@given(st.integers(1, 7), st.integers(1, 6), st.integers(1, 5), st.data())
def test_the_counts_are_those_of_the_list_of_meetings(size: int, kernel: int, stride: int, data: st.DataObject) -> None:
    padding = data.draw(st.integers(0, ((size - 1) * stride + kernel - 1) // 2))
    axis = Axis.transposed(size, kernel, stride=stride, padding=padding)
    wanted = [sum(u == met for met in axis.meetings().input) for u in range(axis.size)]
    for function in (STAMP_COUNTS.answer, lambda *given: STAMP_COUNTS.right(given)):
        assert function(size, kernel, stride, padding).tolist() == wanted


@pytest.mark.parametrize(("task", "style"), STYLED, ids=str)
def test_every_style_is_right(task: Task, style: str) -> None:
    assert names(judged(task, STYLES[task.name][style])) == ["right"]


def test_the_layer_itself_may_be_called_but_not_its_backward_pass() -> None:
    assert check("conv_transpose2d_dx", made(styles.DX["layer"], "conv_transpose2d_dx")).passed
    source = edited(
        styles.DX["layer"], ("conv2d(dz, w,", "conv_transpose2d_backward(dz, x, w,"), ("ing)\n", "ing)[0]\n")
    )
    assert check("conv_transpose2d_dx", made(source, "conv_transpose2d_dx")).mistake == "uses_the_answer"


# Wrong ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "name", "style", "edits"), [(*given[:3], given[3:]) for given in MUTANTS])
def test_a_mistake_in_the_code_is_told_by_its_name(task: Task, name: str, style: str, edits: list[Edit]) -> None:
    assert names(judged(task, edited(STYLES[task.name][style], *edits))) == [name]


@pytest.mark.parametrize(("task", "name", "source"), WHOLE)
def test_another_layer_is_told_by_its_name(task: Task, name: str, source: str) -> None:
    assert names(judged(task, source)) == [name]


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_every_mistake_is_made_in_two_styles_at_least(task: Task) -> None:
    there = [name for name, _ in {(name, style) for of, name, style, *_ in MUTANTS if of is task}]
    assert lacking(task, there + [name for of, name, _ in WHOLE if of is task]) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("task", "mistake"), [(task, mistake) for task in TASKS for mistake in task.mistakes], ids=lambda value: value.name
)
def test_every_slip_of_a_mistake_is_told_by_its_name(task: Task, mistake: Mistake, seed: int) -> None:
    for slip in mistake.slips:
        assert names(judge(task, cases(task, seed), computed(task, slip, seed))) == [mistake.name]


def test_two_mistakes_at_once_are_both_told() -> None:
    source = edited(styles.DX["slices"], (EINSUM, EINSUM + "[:, :, ::-1, ::-1]"), ("return dx", "return dx / N"))
    assert set(names(judged(CONV_TRANSPOSE2D_DX, source))) == {"gather_kernel_turned", "divided_by_batch"}
    source = edited(styles.COUNTS["slices"], ("range(size)", "range(size - 1)"), (CROP, "canvas"))
    assert set(names(judged(STAMP_COUNTS, source))) == {"counts_last_silent", "counts_padding_ignored"}


@pytest.mark.parametrize(
    ("task", "style", "edit"),
    [
        (CONV_TRANSPOSE2D_DX, "guarded", (TAP, "abs(w[c, f, k, l])")),
        (CONV_TRANSPOSE2D_DX, "guarded", ("+= dz", "+= 1 + dz")),
        (STAMP_COUNTS, "slices", ("+= 1", "+= 1 + i")),
        (STAMP_COUNTS, "loops", ("range(kernel)", "range(kernel + 1)")),
    ],
)
def test_a_mistake_without_a_name_is_given_none(task: Task, style: str, edit: Edit) -> None:
    assert names(judged(task, edited(STYLES[task.name][style], edit))) == ["unknown"]


# The cases -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_a_mistake_shows_first_on_a_layer_that_fits_on_a_screen(task: Task) -> None:
    for mistake in task.mistakes:
        for slip in mistake.slips:
            wrong = Evidence(task, cases(task), computed(task, slip)).wrong
            assert cases(task)[wrong[0]].cells <= 60, mistake.name

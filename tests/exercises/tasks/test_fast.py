"""The fast tasks: what is right and fast passes, what is right and slow is told so, and mistakes keep their names.

That each mistake of these catalogues is named is tested where they are written down, with the tasks that are not raced.
Nothing here is slow or fast by a little: see the numbers in `tasks/fast.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lessonconv.exercises import conduct
from lessonconv.exercises.checker import _Check
from lessonconv.exercises.judge import agree, plain
from lessonconv.exercises.report import Report
from lessonconv.exercises.solutions import convolution
from lessonconv.exercises.solutions import fast as solutions
from lessonconv.exercises.task import Task
from lessonconv.exercises.tasks import fast
from lessonconv.exercises.tasks.backward import CONV2D_BACKWARD, CONV2D_DX
from lessonconv.exercises.tasks.forward import CONV2D
from lessonconv.exercises.tasks.pooling import MAX_POOL2D
from lessonconv.functional import loops
from tests.exercises.making import cases, edited, judged, made, names, own
from tests.exercises.styles import fast as styles

STYLES = {
    "conv2d_offsets": styles.CONV2D_OFFSETS,
    "conv2d_im2col": styles.CONV2D_IM2COL,
    "conv2d_strips": styles.CONV2D_STRIPS,
    "conv2d_dx_phases": styles.CONV2D_DX_PHASES,
    "conv2d_backward_fast": styles.CONV2D_BACKWARD_FAST,
    "max_pool2d_fast": styles.MAX_POOL2D_FAST,
}
TASKS = {task.name: task for task in fast.TASKS}
PLAIN = {
    "conv2d_offsets": CONV2D,
    "conv2d_im2col": CONV2D,
    "conv2d_strips": CONV2D,
    "conv2d_dx_phases": CONV2D_DX,
    "conv2d_backward_fast": CONV2D_BACKWARD,
    "max_pool2d_fast": MAX_POOL2D,
}

TURNED = (
    "            phase = dx",
    """            def turned(k, l):
                a, b = (u + padding) % stride, (v + padding) % stride
                return a + range(a, w.shape[2], stride)[-1] - k, b + range(b, w.shape[3], stride)[-1] - l

            phase = dx""",
)
EDITS = [
    ("conv2d_offsets", "kernel_flipped", "einsum", ("w[:, :, k, l]", "w[:, :, K_h - 1 - k, K_w - 1 - l]")),
    ("conv2d_offsets", "kernel_flipped", "cells", ("w[f, c, k, l]", "w[f, c, -1 - k, -1 - l]")),
    ("conv2d_offsets", "stride_ignored", "einsum", ("    N, C", "    stride = 1\n    N, C")),
    ("conv2d_offsets", "channels_mixed", "einsum", ("ncij,fc", "ncij,fd")),
    ("conv2d_offsets", "only_last_product", "einsum", ("z += ", "z = ")),
    ("conv2d_offsets", "taps_not_shifted", "cells", ("slice(k, k", "slice(0, 0"), ("slice(l, l", "slice(0, 0")),
    ("conv2d_offsets", "taps_not_shifted", "products", ("k:, l:", ":, l:")),
    ("conv2d_offsets", "taps_not_shifted", "einsum", ("l : l + stride * O_w", ": stride * O_w")),
    ("conv2d_strips", "taps_not_shifted", "groups", ("k : k + stride * (O_h - 1) + 1", ": stride * (O_h - 1) + 1")),
    ("conv2d_strips", "taps_not_shifted", "images", ("[:, :, l:]", "")),
    ("conv2d_strips", "taps_not_shifted", "images", ("strips[:, :, k:]", "strips")),
    (
        "conv2d_strips",
        "reshaped_without_transpose",
        "groups",
        ("w[:, :, k].reshape", "w[:, :, k].swapaxes(1, 2).reshape"),
    ),
    ("conv2d_dx_phases", "dx_kernel_turned", "offsets", ("w[:, :, k, l]", "w[:, :, *turned(k, l)]"), TURNED),
    ("conv2d_dx_phases", "phases_missing", "windows", ("    for a in range(stride):\n", "    for a in (0,):\n")),
    ("conv2d_dx_phases", "phases_missing", "windows", ("for b in range(stride)", "for b in (a,)")),
    ("conv2d_dx_phases", "phases_missing", "offsets", ("for v in range(min(stride, W))", "for v in (0,)")),
    (
        "conv2d_dx_phases",
        "phases_missing",
        "windows",
        ("for a in range(stride)", "for a in (0,)"),
        ("for b in range(stride)", "for b in (0,)"),
    ),
    ("conv2d_offsets", "bias_missing", "cells", ("        z[:, f] = b[f]\n", "")),
    ("conv2d_offsets", "bias_missing", "products", (" + b[:, None]", "")),
    ("conv2d_im2col", "kernel_flipped", "tensordot", ("dot(w,", "dot(w[:, :, ::-1, ::-1],")),
    ("conv2d_im2col", "bias_missing", "tensordot", (" + b.reshape(1, -1, 1, 1)", "")),
    ("conv2d_im2col", "bias_missing", "matrix", (" + b[:, None]", "")),
    ("conv2d_im2col", "stride_ignored", "rows", ("    view = view[:, :, ::stride, ::stride]\n", "")),
    ("conv2d_im2col", "kernel_transposed", "tensordot", ("    x_pad", "    w = w.swapaxes(2, 3)\n    x_pad")),
    ("conv2d_im2col", "kernel_transposed", "rows", ("0, 2, 3, 1, 4, 5", "0, 2, 3, 1, 5, 4")),
    (
        "conv2d_im2col",
        "reshaped_without_transpose",
        "rows",
        (".reshape(N, O_h, O_w, len(w)).transpose(0, 3, 1, 2)", ".reshape(N, len(w), O_h, O_w)"),
    ),
    ("conv2d_im2col", "reshaped_without_transpose", "rows", ("w.reshape(len(w), -1).T", "w.reshape(-1, len(w))")),
    ("conv2d_im2col", "reshaped_without_transpose", "rows", ("view.transpose(0, 2, 3, 1, 4, 5)", "view")),
    (
        "conv2d_im2col",
        "reshaped_without_transpose",
        "matrix",
        ("columns.reshape(N", "columns.transpose(0, 1, 4, 5, 2, 3).reshape(N"),
    ),
    ("conv2d_strips", "bias_missing", "images", (" + b[:, None, None]", "")),
    ("conv2d_strips", "bias_missing", "groups", ("= b[:, None, None]", "= 0")),
    ("conv2d_strips", "reshaped_without_transpose", "images", (".swapaxes(1, 2)", "")),
    ("conv2d_strips", "kernel_mirrored", "groups", ("w[:, :, k]", "w[:, :, K_h - 1 - k]")),
    ("conv2d_strips", "kernel_mirrored", "images", ("for l in range(K_w)]", "for l in reversed(range(K_w))]")),
    ("conv2d_strips", "images_alike", "groups", ("x[n : n + 2]", "x[:1]")),
    ("conv2d_dx_phases", "dx_kernel_turned", "windows", ("taps[:, :, ::-1, ::-1]", "taps")),
    ("conv2d_dx_phases", "dx_overwritten", "scatter", ("+= shares", "= shares")),
    (
        "conv2d_dx_phases",
        "dx_cropped_from_start",
        "windows",
        ("padding : padding + x.shape[2], padding : padding + x.shape[3]", ": x.shape[2], : x.shape[3]"),
    ),
    ("conv2d_dx_phases", "dx_not_cropped", "scatter", ("[:, :, padding : padding + H, padding : padding + W]", "")),
    ("conv2d_backward_fast", "results_in_another_order", "taps", ("padding + W], dw, db", "padding + W], db, dw")),
    ("conv2d_backward_fast", "results_in_another_order", "correlations", ("return dx, dw", "return dw, dx")),
    ("max_pool2d_fast", "pool_mean_for_maximum", "windows", (".max(", ".mean(")),
    ("max_pool2d_fast", "pool_minimum_for_maximum", "windows", (".max(", ".min(")),
    ("max_pool2d_fast", "pool_minimum_for_maximum", "taps", ("np.maximum", "np.minimum")),
    ("max_pool2d_fast", "pool_maximum_from_zero", "taps", ("z = None", "z = np.zeros((*x.shape[:2], O_h, O_w))")),
]


def reported(task: Task, function: Callable[..., Any]) -> Report:
    """What `check` says, whatever the function calls."""
    return _Check(replace(task, forbidden=frozenset()), function, 0, 10.0).report()


@pytest.mark.parametrize("task", fast.TASKS, ids=lambda task: task.name)
class TestFast:
    """A task with a race is the same task, and a race."""

    def test_all_but_the_answer_and_the_race_is_the_plain_task(self, task: Task) -> None:
        plain_task = PLAIN[task.name]
        told = {"name", "title", "answer", "hints", "notice", "speed", "room", "mistakes"}
        same = replace(plain_task, **{name: getattr(task, name) for name in told})
        assert same == task
        assert task.arguments == plain_task.arguments

    def test_the_plain_tasks_mistakes_are_known(self, task: Task) -> None:
        known = {mistake.name: mistake for mistake in task.mistakes}
        for mistake in PLAIN[task.name].mistakes:
            assert known[mistake.name].slips[: len(mistake.slips)] == mistake.slips
            assert replace(known[mistake.name], slips=mistake.slips) == mistake

    def test_solution_is_right(self, task: Task) -> None:
        assert names(judged(task, task.answer)) == ["right"]
        for case in cases(task):
            assert agree(plain(task.answer(*case.arguments)), plain(task.right(case.arguments)), 1e-12)

    def test_solution_is_right_at_the_edge(self, task: Task) -> None:
        for case in task.beyond(np.random.default_rng(0)):
            assert agree(plain(task.answer(*case.arguments)), plain(task.right(case.arguments)), 1e-12)

    def test_solution_agrees_with_its_rival_on_the_arguments_of_the_race(self, task: Task) -> None:
        assert task.speed
        arguments = task.speed.arguments()
        assert agree(plain(task.answer(*arguments)), plain(task.speed.than(*arguments)), 1e-12)

    def test_every_style_of_the_right_answer_passes(self, task: Task) -> None:
        for style, source in STYLES[task.name].items():
            for seed in range(3):
                assert names(judged(task, made(source, task.name), seed)) == ["right"], style

    def test_arguments_of_the_race_are_the_same_each_time(self, task: Task) -> None:
        for measure in filter(None, (task.speed, task.room)):
            for one, other in zip(measure.arguments(), measure.arguments(), strict=True):
                np.testing.assert_array_equal(one, other)

    def test_right_and_fast_passes(self, task: Task) -> None:
        for function in (task.answer, *(made(source, task.name) for source in STYLES[task.name].values())):
            report = _Check(task, function, 0, 10.0).report()
            assert report.passed, report

    def test_the_step_before_is_told_to_be_slow_and_by_how_much(self, task: Task) -> None:
        assert task.speed
        for function in SLOW[task.name]:
            report = reported(task, function)
            said = dict(report.said)
            assert not report.passed
            assert report.mistake == "too_slow"
            assert f" times as fast as {task.speed.words}; {task.speed.factor:g} times are asked for" in said["Faster"]
            assert said["What it computes"] == (task.speed.lost or conduct.named("too_slow").computes)
            assert said["Ask yourself"] == (task.speed.asks or conduct.named("too_slow").asks)


def _slow_conv2d(x, w, b, stride, padding):
    return loops.conv2d(x, w, b, stride=stride, padding=padding)


def _slow_conv2d_backward(dz, x, w, stride, padding):
    return loops.conv2d_backward(dz, x, w, stride=stride, padding=padding)


def _slow_max_pool2d(x, size, stride):
    return loops.max_pool2d(x, size, stride=stride)[0]


BY_TAPS = tuple(made(source, "conv2d_offsets") for source in styles.CONV2D_OFFSETS.values())
SLOW: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "conv2d_offsets": (_slow_conv2d, convolution.conv2d),
    "conv2d_im2col": (solutions.conv2d_offsets, *BY_TAPS),
    "conv2d_strips": (solutions.conv2d_offsets, *BY_TAPS),
    "conv2d_dx_phases": (fast._conv2d_dx_zeros, convolution.conv2d_dx_rot180),
    "conv2d_backward_fast": (_slow_conv2d_backward, convolution.conv2d_backward),
    "max_pool2d_fast": (_slow_max_pool2d,),
}

ZEROS = """
def conv2d_dx_phases(dz, x, w, stride, padding):
    (N, C, H, W), F, (K_h, K_w) = x.shape, len(w), w.shape[2:]
    spread = np.zeros((N, F, H + 2 * padding + K_h - 1, W + 2 * padding + K_w - 1))
    for i, j in np.ndindex(dz.shape[2:]):
        spread[:, :, K_h - 1 + i * stride, K_w - 1 + j * stride] = dz[:, :, i, j]
    dx_pad = np.zeros((N, C, (H + 2 * padding) * (W + 2 * padding)))
    for k in range(K_h):
        for l in range(K_w):
            met = spread[:, :, k : k + H + 2 * padding, l : l + W + 2 * padding]
            dx_pad += w[:, :, K_h - 1 - k, K_w - 1 - l].T @ met.reshape(N, F, -1)
    dx_pad = dx_pad.reshape(N, C, H + 2 * padding, W + 2 * padding)
    return dx_pad[:, :, padding : padding + H, padding : padding + W]
"""
ALL_AT_ONCE = edited(
    styles.CONV2D_STRIPS["groups"],
    ("range(0, N, 2)", "range(0, N, 8)"),
    ("n + 2", "n + 8", 3),
    ("np.empty((2, ", "np.empty((8, "),
)
ONE_IMAGE_BY_IM2COL = (
    edited(styles.CONV2D_IM2COL["matrix"], ("conv2d_im2col", "im2col"))
    + """
def conv2d_strips(x, w, b, stride, padding):
    return np.concatenate([im2col(image[None], w, b, stride, padding) for image in x])
"""
)
LARGE = [
    ("conv2d_strips", solutions.conv2d_im2col, 110),
    *(("conv2d_strips", made(source, "conv2d_im2col"), 110) for source in styles.CONV2D_IM2COL.values()),
    ("conv2d_strips", made(ONE_IMAGE_BY_IM2COL, "conv2d_strips"), 15),
    ("conv2d_strips", made(ALL_AT_ONCE, "conv2d_strips"), 15),
    ("conv2d_dx_phases", fast._conv2d_dx_zeros, 1000),
    ("conv2d_dx_phases", made(ZEROS, "conv2d_dx_phases"), 30),
]


@pytest.mark.parametrize(("name", "function", "least"), LARGE)
def test_right_and_in_too_much_memory_is_told_and_how_much(name: str, function: Any, least: float) -> None:
    task = replace(TASKS[name], speed=None)
    assert task.room
    report = reported(task, function)
    said = dict(report.said)
    assert report.mistake == "too_much_room"
    assert float(said["Memory"].split()[2].replace(",", "")) >= least
    assert f"times that of {task.room.argument}, beside the result; {task.room.times:g} times are" in said["Memory"]
    assert (said["What it computes"], said["Ask yourself"]) == (task.room.holds, task.room.asks)


def test_memory_that_the_arguments_and_the_result_take_is_not_counted() -> None:
    def doubled(x, w, b, stride, padding):
        return 2 * x

    def doubled_on_a_way(x, w, b, stride, padding):
        on_the_way = x + x
        return on_the_way + x

    task = TASKS["conv2d_strips"]
    assert task.room
    for function, copies in ((doubled, 0), (doubled_on_a_way, 1)):
        _, told = _Check(task, function, 0, 10.0)._weighed(task.room)
        assert float(told.split()[2]) == pytest.approx(copies, abs=0.05)


def test_what_fails_on_larger_arrays_is_told() -> None:
    def small_only(x, w, b, stride, padding):
        if x.size > 1000:
            raise MemoryError
        return solutions.conv2d_strips(x, w, b, stride, padding)

    report = reported(replace(TASKS["conv2d_strips"], speed=None), small_only)
    assert report.mistake == "too_much_room"
    assert "failed there" in dict(report.said)["Memory"]


@pytest.mark.parametrize(("name", "mistake", "style", "edits"), [(*edit[:3], edit[3:]) for edit in EDITS])
def test_a_mistake_in_fast_code_keeps_its_name(name: str, mistake: str, style: str, edits: tuple) -> None:
    assert names(judged(TASKS[name], edited(STYLES[name][style], *edits))) == [mistake]


def test_a_part_that_is_wrong_is_told_for_itself() -> None:
    source = edited(styles.CONV2D_BACKWARD_FAST["taps"], ("rows, columns] += np", "rows, columns] = np"))
    judgement = judged(TASKS["conv2d_backward_fast"], source)
    assert [mistake.name for mistake in judgement.mistakes] == ["dx_overwritten"]
    assert list(judgement.parts) == ["conv2d_dx"]


ADDED = [
    (task, mistake.name, slip)
    for task in (fast.CONV2D_STRIPS, fast.CONV2D_DX_PHASES)
    for mistake in task.mistakes
    for slip in mistake.slips
    if not any(slip is known for plain in PLAIN[task.name].mistakes for known in plain.slips)
]


@pytest.mark.parametrize(("task", "name", "slip"), ADDED)
def test_what_only_fast_code_gets_wrong_has_its_own_name(task: Task, name: str, slip: Any) -> None:
    assert names(judged(task, own(task, slip))) == [name]

"""The fast tasks: what is right and fast passes, what is right and slow is told so, and mistakes keep their names.

That each mistake of these catalogues is named is tested where they are written down, with the tasks that are not raced.
"""

from dataclasses import replace

import numpy as np
import pytest

from lessonconv.exercises.checker import _Check
from lessonconv.exercises.judge import agree, plain
from lessonconv.exercises.task import Task
from lessonconv.exercises.tasks import fast
from lessonconv.exercises.tasks.backward import CONV2D_BACKWARD
from lessonconv.exercises.tasks.forward import CONV2D
from lessonconv.exercises.tasks.pooling import MAX_POOL2D
from lessonconv.functional import loops
from tests.exercises.making import cases, edited, judged, made, names
from tests.exercises.styles import fast as styles

STYLES = {
    "conv2d_fast": styles.CONV2D_FAST,
    "conv2d_backward_fast": styles.CONV2D_BACKWARD_FAST,
    "max_pool2d_fast": styles.MAX_POOL2D_FAST,
}
TASKS = {task.name: task for task in fast.TASKS}
PLAIN = {"conv2d_fast": CONV2D, "conv2d_backward_fast": CONV2D_BACKWARD, "max_pool2d_fast": MAX_POOL2D}

EDITS = [
    ("conv2d_fast", "kernel_flipped", "windows", ("view, w)", "view, w[:, :, ::-1, ::-1])")),
    ("conv2d_fast", "kernel_flipped", "taps", ("w[:, :, k, l]", "w[:, :, K_h - 1 - k, K_w - 1 - l]")),
    ("conv2d_fast", "bias_missing", "windows", (" + b.reshape(1, -1, 1, 1)", "")),
    ("conv2d_fast", "bias_missing", "matrix", (" + b[:, None]", "")),
    ("conv2d_fast", "stride_ignored", "windows", ("    view = view[:, :, ::stride, ::stride]\n", "")),
    ("conv2d_fast", "stride_ignored", "taps", ("    N, C", "    stride = 1\n    N, C")),
    ("conv2d_fast", "channels_mixed", "windows", ("ncijkl,fckl", "ncijkl,fdkl")),
    ("conv2d_fast", "channels_mixed", "taps", ("ncij,fc", "ncij,fd")),
    ("conv2d_fast", "only_last_product", "taps", ("z += ", "z = ")),
    ("conv2d_fast", "kernel_transposed", "windows", ("    x_pad", "    w = w.swapaxes(2, 3)\n    x_pad")),
    ("conv2d_backward_fast", "results_in_another_order", "taps", ("padding + W], dw, db", "padding + W], db, dw")),
    ("conv2d_backward_fast", "results_in_another_order", "correlations", ("return dx, dw", "return dw, dx")),
    ("max_pool2d_fast", "pool_mean_for_maximum", "windows", (".max(", ".mean(")),
    ("max_pool2d_fast", "pool_minimum_for_maximum", "windows", (".max(", ".min(")),
    ("max_pool2d_fast", "pool_minimum_for_maximum", "taps", ("np.maximum", "np.minimum")),
    ("max_pool2d_fast", "pool_maximum_from_zero", "taps", ("z = None", "z = np.zeros((*x.shape[:2], O_h, O_w))")),
]


@pytest.mark.parametrize("task", fast.TASKS, ids=lambda task: task.name)
class TestFast:
    """A task with a race is the same task, and a race."""

    def test_all_but_the_answer_and_the_race_is_the_plain_task(self, task: Task) -> None:
        plain_task = PLAIN[task.name]
        told = {"name", "title", "answer", "hints", "notice", "speed"}
        same = replace(plain_task, **{name: getattr(task, name) for name in told})
        assert same == task
        assert task.arguments == plain_task.arguments

    def test_solution_is_right(self, task: Task) -> None:
        assert names(judged(task, task.answer)) == ["right"]
        for case in cases(task):
            assert agree(plain(task.answer(*case.arguments)), plain(task.right(case.arguments)), 1e-12)

    def test_solution_agrees_with_the_loops_on_the_arguments_of_the_race(self, task: Task) -> None:
        assert task.speed
        arguments = task.speed.arguments()
        assert agree(plain(task.answer(*arguments)), plain(task.speed.loops(*arguments)), 1e-12)

    def test_every_style_of_the_right_answer_passes(self, task: Task) -> None:
        for style, source in STYLES[task.name].items():
            for seed in range(3):
                assert names(judged(task, made(source, task.name), seed)) == ["right"], style

    def test_arguments_of_the_race_are_the_same_each_time(self, task: Task) -> None:
        assert task.speed
        for one, other in zip(task.speed.arguments(), task.speed.arguments(), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_right_and_fast_passes(self, task: Task) -> None:
        for function in (task.answer, *(made(source, task.name) for source in STYLES[task.name].values())):
            assert _Check(task, function, 0, 10.0).report().passed

    def test_right_and_slow_is_told(self, task: Task) -> None:
        report = _Check(replace(task, forbidden=frozenset()), SLOW[task.name], 0, 10.0).report()
        assert not report.passed
        assert report.mistake == "too_slow"


def _slow_conv2d(x, w, b, stride, padding):
    return loops.conv2d(x, w, b, stride=stride, padding=padding)


def _slow_conv2d_backward(dz, x, w, stride, padding):
    return loops.conv2d_backward(dz, x, w, stride=stride, padding=padding)


def _slow_max_pool2d(x, size, stride):
    return loops.max_pool2d(x, size, stride=stride)[0]


SLOW = {
    "conv2d_fast": _slow_conv2d,
    "conv2d_backward_fast": _slow_conv2d_backward,
    "max_pool2d_fast": _slow_max_pool2d,
}


@pytest.mark.parametrize(("name", "mistake", "style", "edits"), [(*edit[:3], edit[3:]) for edit in EDITS])
def test_a_mistake_in_fast_code_keeps_its_name(name: str, mistake: str, style: str, edits: tuple) -> None:
    assert names(judged(TASKS[name], edited(STYLES[name][style], *edits))) == [mistake]


def test_a_part_that_is_wrong_is_told_for_itself() -> None:
    source = edited(styles.CONV2D_BACKWARD_FAST["taps"], ("rows, columns] += np", "rows, columns] = np"))
    judgement = judged(TASKS["conv2d_backward_fast"], source)
    assert [mistake.name for mistake in judgement.mistakes] == ["dx_overwritten"]
    assert list(judgement.parts) == ["conv2d_dx"]

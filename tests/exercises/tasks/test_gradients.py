"""The tasks about checking gradients: right in every style, and every mistake told by its name, in at least two."""

import pickle

import numpy as np
import pytest

from lessonconv.exercises import trial
from lessonconv.exercises.judge import judge
from lessonconv.exercises.task import Mistake, Task
from lessonconv.exercises.tasks.gradients import ADJOINT_TEST, RELATIVE_ERROR, TASKS
from tests.exercises.making import cases, edited, judged, lacking, made, names
from tests.exercises.styles import gradients as styles

STYLES = {"relative_error": styles.RELATIVE_ERROR, "adjoint_test": styles.ADJOINT_TEST}
SIZES = "np.abs(a).max(), np.abs(b).max()"
ROOT = "np.sqrt(np.sum({}**2))"
RELATIVE_EDITS = [
    ("relative_difference_signed", "arrays", ("np.abs(a - b)", "(a - b)")),
    ("relative_difference_signed", "loops", ("off, size = 0.0", "off, size = -np.inf"),
     ("abs(one - other)", "one - other")),
    ("relative_size_signed", "arrays", (SIZES, "a.max(), b.max()")),
    ("relative_size_signed", "stacked", ("np.max(np.abs(one))", "np.max(one)")),
    ("relative_not_divided", "arrays", ("top / bottom", "top")),
    ("relative_not_divided", "loops", ("off / size", "off")),
    ("relative_to_one_only", "arrays", (SIZES, "np.abs(b).max()")),
    ("relative_to_one_only", "stacked", ("(a, b)", "(a,)")),
    ("relative_to_smaller", "arrays", (SIZES, f"min({SIZES})")),
    ("relative_to_smaller", "stacked", ("max(sizes + [floor])", "max(min(sizes), floor)")),
    ("relative_to_both", "arrays", (SIZES, "np.abs(a).max() + np.abs(b).max()")),
    ("relative_to_both", "stacked", ("max(sizes + [floor])", "max(sum(sizes) / 2, floor)")),
    ("relative_floor_added", "arrays", (", floor)\n    return", ") + floor\n    return")),
    ("relative_floor_added", "stacked", ("max(sizes + [floor])", "(max(sizes) + floor)")),
    ("relative_floor_missing", "arrays", (", floor)\n    return", ")\n    return")),
    ("relative_floor_missing", "norm", (", floor)\n", ")\n")),
    ("relative_cell_by_cell", "arrays", ("np.abs(a - b).max()", "np.abs(a - b)"),
     ("max(np.abs(a).max(), np.abs(b).max(), floor)", "np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)"),
     ("top / bottom", "np.max(top / bottom)")),
    ("relative_cell_by_cell", "loops", ("off, size = 0.0, floor", "off = 0.0"),
     ("off = max(off, abs(one - other))", "size = max(abs(one), abs(other), floor)"),
     ("size = max(size, abs(one), abs(other))", "off = max(off, abs(one - other) / size)"), ("off / size", "off")),
    ("relative_cell_by_cell", "arrays", ("np.abs(a - b).max()", "np.abs(a - b)"),
     ("max(np.abs(a).max(), np.abs(b).max(), floor)", "np.maximum(floor, np.abs(a) + np.abs(b))"),
     ("top / bottom", "np.max(top / bottom)")),
    ("relative_averaged", "arrays", ("np.abs(a - b).max()", "np.abs(a - b).mean()")),
    ("relative_averaged", "stacked", ("np.max(np", "np.mean(np", 2)),
    ("relative_not_reduced", "arrays", ("np.abs(a - b).max()", "np.abs(a - b)")),
    ("relative_not_reduced", "stacked", ("np.max(np.abs(b - a))", "np.abs(b - a)")),
    ("relative_not_rooted", "arrays", ("np.abs(a - b).max()", "((a - b) ** 2).sum()"),
     (SIZES, "(a**2).sum(), (b**2).sum()")),
    ("relative_not_rooted", "norm", ("np.linalg.norm(v.ravel(), np.inf)", "np.vdot(v, v)")),
    ("relative_euclidean", "norm", (".ravel(), np.inf", "")),
    ("relative_euclidean", "arrays", ("np.abs(a - b).max()", ROOT.format("(a - b)")),
     (SIZES, f"{ROOT.format('a')}, {ROOT.format('b')}")),
]  # fmt: skip
ADJOINT_EDITS = [
    ("adjoint_one_number", "sums", ("np.sum(dx * x), np.sum(dw * w)", "np.sum(dz * z), np.sum(dz * z)")),
    ("adjoint_one_number", "vdot", ("np.vdot(dz, forward(x, w)), np.vdot(dx, x)", "np.vdot(dw, w), np.vdot(dw, w)")),
    ("adjoint_not_summed", "sums", ("np.sum(dz * z), np.sum(dx * x), np.sum(dw * w)", "dz * z, dx * x, dw * w")),
    ("adjoint_not_summed", "sums", ("np.sum", "sum", 3)),
    ("adjoint_averaged", "sums", ("np.sum", "np.mean", 3)),
    ("adjoint_averaged", "pairs", ("three.append(total)", "three.append(total / tensor.size)")),
    ("adjoint_sums_multiplied", "sums", ("dz * z", "dz.sum() * z.sum()"), ("dx * x", "dx.sum() * x.sum()"),
     ("dw * w", "dw.sum() * w.sum()")),
    ("adjoint_sums_multiplied", "pairs", ("total = 0", "total = gradient.sum() * tensor.sum()"),
     ("total += gradient[at] * tensor[at]", "pass")),
    ("adjoint_absolute", "sums", ("dz * z", "abs(dz * z)"), ("dx * x", "abs(dx * x)"), ("dw * w", "abs(dw * w)")),
    ("adjoint_absolute", "pairs", ("gradient[at] * tensor[at]", "abs(gradient[at] * tensor[at])")),
    ("adjoint_first_image", "pairs", ("np.ndindex(tensor.shape)", "np.ndindex(1, *tensor.shape[1:])")),
    ("adjoint_first_image", "pairs", ("        total = 0",
     "        gradient, tensor = gradient[0], tensor[0]\n        total = 0")),
    ("adjoint_itself", "sums", ("dz * z", "dz * dz"), ("dx * x", "dx * dx"), ("dw * w", "dw * dw")),
    ("adjoint_itself", "pairs", ("gradient[at] * tensor[at]", "gradient[at] ** 2")),
    ("adjoint_exchanged", "vdot", ("np.vdot(dx, x), np.vdot(dw, w)", "np.vdot(dw, w), np.vdot(dx, x)")),
    ("adjoint_exchanged", "sums", ("np.sum(dx * x), np.sum(dw * w)", "np.sum(dw * w), np.sum(dx * x)")),
    ("adjoint_differences", "sums", ("np.sum(dx * x), np.sum(dw * w)",
     "np.sum(dx * x) - np.sum(dz * z), np.sum(dw * w) - np.sum(dz * z)")),
    ("adjoint_differences", "pairs", ("tuple(three)", "three[0], abs(three[0] - three[1]), abs(three[0] - three[2])")),
]  # fmt: skip
EDITS = [("relative_error", *edit) for edit in RELATIVE_EDITS] + [("adjoint_test", *edit) for edit in ADJOINT_EDITS]
ALL = [(task, mistake) for task in TASKS for mistake in task.mistakes]


@pytest.mark.parametrize(("task", "style"), [(task, style) for task in TASKS for style in STYLES[task.name]])
def test_every_style_of_the_right_answer_passes(task: Task, style: str) -> None:
    for seed in range(3):
        assert names(judged(task, STYLES[task.name][style], seed)) == ["right"]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_recipe_and_solution_agree(task: Task) -> None:
    for case in cases(task):
        assert task.answer(*case.arguments) == task.right(case.arguments)


def test_the_cases_have_all_that_matters() -> None:
    said = set().union(*(case.traits for case in cases(RELATIVE_ERROR)))
    assert {"a floor above both sizes", "an array of zeros", "several axes"} <= said
    sizes = [[max(v.min(), v.max(), key=abs) for v in case.arguments[:2]] for case in cases(RELATIVE_ERROR)]
    assert any(a < 0 and b < 0 for a, b in sizes)


def test_three_numbers_are_equal_where_the_layer_is_right_and_only_there() -> None:
    for case in cases(ADJOINT_TEST):
        assert (len(set(ADJOINT_TEST.right(case.arguments))) > 1) == bool(case.traits)


@pytest.mark.parametrize(("name", "mistake", "style", "edits"), [(*edit[:3], edit[3:]) for edit in EDITS])
def test_a_mistake_in_any_style_is_named(name: str, mistake: str, style: str, edits: tuple) -> None:
    task = next(task for task in TASKS if task.name == name)
    with np.errstate(all="ignore"):
        assert names(judged(task, edited(STYLES[name][style], *edits))) == [mistake]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_there_are_two_implementations_of_every_mistake(task: Task) -> None:
    assert lacking(task, [edit[1] for edit in EDITS if edit[0] == task.name]) == []


@pytest.mark.parametrize(("task", "mistake"), ALL, ids=[mistake.name for _, mistake in ALL])
def test_every_slip_is_named_as_its_own_mistake(task: Task, mistake: Mistake) -> None:
    for slip in mistake.slips:
        with np.errstate(all="ignore"):
            found = judged(task, lambda *arguments, slip=slip: task.compute(slip, arguments), seed=1)
        assert names(found) == [mistake.name]


def test_conventions_of_others_count_as_right() -> None:
    for mistake in RELATIVE_ERROR.mistakes:
        found = judged(RELATIVE_ERROR, lambda *arguments, m=mistake: RELATIVE_ERROR.compute(m.slips[0], arguments))
        assert found.right == mistake.policy


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_layer_goes_to_another_process(method: str) -> None:
    assert pickle.loads(pickle.dumps(cases(ADJOINT_TEST)[0].arguments[0])) == cases(ADJOINT_TEST)[0].arguments[0]
    source = edited(styles.ADJOINT_TEST["vdot"], ("np.vdot(dx, x), np.vdot(dw, w)", "np.vdot(dw, w), np.vdot(dx, x)"))
    tried = trial.run(
        made(source, "adjoint_test"),
        ADJOINT_TEST.arguments,
        [case.arguments for case in cases(ADJOINT_TEST)],
        method=method,
    )
    assert names(judge(ADJOINT_TEST, cases(ADJOINT_TEST), tried.outcomes)) == ["adjoint_exchanged"]

"""The first three tasks: right answers pass, and each mistake is named, however it was written."""

import numpy as np
import pytest

from lessonconv.exercises.judge import agree, plain
from lessonconv.exercises.task import Mistake, Task
from lessonconv.exercises.tasks import start
from tests.exercises.making import cases, edited, judged, lacking, made, names

TASKS = {task.name: task for task in start.TASKS}
STYLES = {
    "weighted_sum": {
        "sum": "def weighted_sum(w, x):\n    return (w * x).sum()",
        "dot": "def weighted_sum(w, x):\n    return np.dot(w, x)",
        "loop": """
def weighted_sum(w, x):
    z = 0
    for k in range(len(w)):
        z += w[k] * x[k]
    return z
""",
    },
    "weighted_sum_backward": {
        "arrays": "def weighted_sum_backward(dz, w, x):\n    return dz * x, dz * w",
        "loop": """
def weighted_sum_backward(dz, w, x):
    dw, dx = np.zeros(len(w)), np.zeros(len(x))
    for k in range(len(w)):
        dw[k] = dz * x[k]
        dx[k] = dz * w[k]
    return dw, dx
""",
    },
    "shared_weight_dw": {
        "sum": "def shared_weight_dw(dz, x):\n    return (dz * x).sum()",
        "loop": """
def shared_weight_dw(dz, x):
    dw = 0
    for i in range(len(x)):
        dw += dz[i] * x[i]
    return dw
""",
        "matrix": "def shared_weight_dw(dz, x):\n    return dz @ x",
    },
}
# task, mistake, style, edits
EDITS = [
    ("weighted_sum", "products_not_summed", "sum", (".sum()", "")),
    ("weighted_sum", "products_not_summed", "dot", ("np.dot", "np.multiply")),
    ("weighted_sum", "sums_multiplied", "sum", ("(w * x).sum()", "w.sum() * x.sum()")),
    ("weighted_sum", "sums_multiplied", "dot", ("np.dot(w, x)", "np.outer(w, x).sum()")),
    ("weighted_sum", "added_for_multiplied", "sum", ("w * x", "w + x")),
    ("weighted_sum", "added_for_multiplied", "loop", ("w[k] * x[k]", "w[k] + x[k]")),
    ("weighted_sum", "products_averaged", "sum", ("sum()", "mean()")),
    ("weighted_sum", "products_averaged", "loop", ("return z", "return z / len(w)")),
    ("weighted_sum", "only_last_product", "loop", ("+=", "=")),
    ("weighted_sum", "only_last_product", "sum", (".sum()", "[-1]")),
    ("weighted_sum", "only_first_product", "loop", ("    return", "        return")),
    ("weighted_sum", "only_first_product", "sum", (".sum()", "[0]")),
    ("weighted_sum", "weights_reversed", "dot", ("dot(w, x)", "dot(w[::-1], x)")),
    ("weighted_sum", "weights_reversed", "loop", ("x[k]", "x[len(w) - 1 - k]")),
    ("weighted_sum_backward", "partners_exchanged", "arrays", ("dz * x, dz * w", "dz * w, dz * x")),
    ("weighted_sum_backward", "partners_exchanged", "loop", ("return dw, dx", "return dx, dw")),
    ("weighted_sum_backward", "voice_missing", "arrays", ("dz * x, dz * w", "x, w")),
    ("weighted_sum_backward", "voice_missing", "loop", ("dz * ", "", 2)),
    ("weighted_sum_backward", "voice_added", "arrays", ("dz * x, dz * w", "dz + x, dz + w")),
    ("weighted_sum_backward", "voice_added", "loop", ("dz * ", "dz + ", 2)),
    ("weighted_sum_backward", "gradients_summed", "arrays", ("dz * x, dz * w", "(dz * x).sum(), (dz * w).sum()")),
    ("weighted_sum_backward", "gradients_summed", "loop", ("return dw, dx", "return dw.sum(), dx.sum()")),
    ("weighted_sum_backward", "own_number_counted", "arrays", ("dz * x, dz * w", "dz * w * x, dz * w * x")),
    (
        "weighted_sum_backward",
        "own_number_counted",
        "loop",
        ("dw[k] = dz", "dw[k] = w[k] * dz"),
        ("dx[k] = dz", "dx[k] = x[k] * dz"),
    ),
    ("shared_weight_dw", "shared_not_summed", "sum", (".sum()", "")),
    ("shared_weight_dw", "shared_not_summed", "matrix", ("@", "*")),
    ("shared_weight_dw", "shared_averaged", "sum", ("sum()", "mean()")),
    ("shared_weight_dw", "shared_averaged", "loop", ("return dw", "return dw / len(x)")),
    ("shared_weight_dw", "only_last_product", "loop", ("+=", "=")),
    ("shared_weight_dw", "only_last_product", "sum", (".sum()", "[-1]")),
    ("shared_weight_dw", "only_first_product", "loop", ("    return", "        return")),
    ("shared_weight_dw", "only_first_product", "sum", (".sum()", "[0]")),
    ("shared_weight_dw", "shared_sums_multiplied", "sum", ("(dz * x).sum()", "dz.sum() * x.sum()")),
    ("shared_weight_dw", "shared_sums_multiplied", "matrix", ("dz @ x", "np.outer(dz, x).sum()")),
    ("shared_weight_dw", "shared_input_missing", "sum", ("dz * x", "dz")),
    ("shared_weight_dw", "shared_input_missing", "loop", (" * x[i]", "")),
    ("shared_weight_dw", "shared_voice_missing", "sum", ("dz * x", "x")),
    ("shared_weight_dw", "shared_voice_missing", "loop", ("dz[i] * ", "")),
]


@pytest.mark.parametrize("name", TASKS)
def test_every_style_of_the_right_answer_passes(name: str) -> None:
    for style, source in STYLES[name].items():
        assert names(judged(TASKS[name], made(source, name))) == ["right"], style


def added_up(w, x):
    return sum(one * other for one, other in zip(w, x, strict=True))


def by_nudging(dz, w, x):
    """Exact, as z is linear in each of its factors."""
    up = np.eye(len(w))
    return tuple(dz * np.array([added_up(a + e, b) - added_up(a, b) for e in up]) for a, b in ((w, x), (x, w)))


def by_nudging_the_weight(dz, x):
    return added_up(dz, 3 * x) - added_up(dz, 2 * x)


@pytest.mark.parametrize(
    ("task", "oracle"), list(zip(start.TASKS, (added_up, by_nudging, by_nudging_the_weight), strict=True))
)
def test_recipe_and_solution_agree_with_an_oracle(task: Task, oracle) -> None:
    for case in cases(task):
        for found in (task.right(case.arguments), task.answer(*case.arguments)):
            assert agree(plain(found), plain(oracle(*case.arguments)), 1e-12)


@pytest.mark.parametrize(("name", "mistake", "style", "edits"), [(*edit[:3], edit[3:]) for edit in EDITS])
def test_a_mistake_in_any_style_is_named(name: str, mistake: str, style: str, edits: tuple) -> None:
    assert names(judged(TASKS[name], made(edited(STYLES[name][style], *edits), name))) == [mistake]


@pytest.mark.parametrize("task", start.TASKS, ids=lambda task: task.name)
def test_there_are_two_implementations_of_every_mistake(task: Task) -> None:
    assert lacking(task, [edit[1] for edit in EDITS if edit[0] == task.name]) == []


@pytest.mark.parametrize(
    ("task", "mistake"), [(task, one) for task in start.TASKS for one in task.mistakes], ids=lambda one: one.name
)
def test_every_slip_is_named_as_its_own_mistake(task: Task, mistake: Mistake) -> None:
    for slip in mistake.slips:
        assert names(judged(task, lambda *arguments, slip=slip: task.compute(slip, arguments))) == [mistake.name]

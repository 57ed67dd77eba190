"""The tasks at the end of a network: right answers pass, and each mistake is named, however it was written."""

import numpy as np
import pytest

import lessonconv.functional as F
from lessonconv.exercises import trial
from lessonconv.exercises.judge import agree, judge, plain
from lessonconv.exercises.task import Mistake, Task
from lessonconv.exercises.tasks import loss
from tests.exercises.making import cases, edited, judged, lacking, made, names
from tests.exercises.styles import loss as styles

STYLES = {"softmax_cross_entropy": styles.SOFTMAX_CROSS_ENTROPY, "linear_backward": styles.LINEAR_BACKWARD}
SEED = 1  # of other cases than those that the edited sources are judged by
TASKS = {task.name: task for task in loss.TASKS}

SOFTMAX_EDITS = [
    ("loss_summed", "arrays", (".sum() / N", ".sum()")),
    ("loss_summed", "loops", ("return loss / N", "return loss")),
    ("loss_summed", "one hot", ("np.mean(losses)", "np.sum(losses)")),
    ("dlogits_summed", "arrays", ("d / N", "d")),
    ("dlogits_summed", "loops", ("(p - target) / N", "p - target")),
    ("dlogits_summed", "one hot", ("(p - y) / len(labels)", "p - y")),
    ("both_summed", "arrays", (".sum() / N", ".sum()"), ("d / N", "d")),
    ("both_summed", "loops", ("return loss / N", "return loss"), ("(p - target) / N", "p - target")),
    ("loss_averaged_twice", "arrays", (".sum() / N", ".mean() / N")),
    (
        "loss_averaged_twice",
        "loops",
        ("math.log(total) + top - logits[n, y]", "(math.log(total) + top - logits[n, y]) / N"),
    ),
    ("dlogits_averaged_twice", "arrays", ("d / N", "d / N / N")),
    ("dlogits_averaged_twice", "loops", ("return loss / N, d", "return loss / N, d / N")),
    ("divided_by_classes", "arrays", ("d / N", "d / K")),
    ("divided_by_classes", "one hot", ("np.sum(y * log_p, axis=1)", "y * log_p")),
    ("divided_by_classes", "one hot", ("/ len(labels)", "/ y.size")),
    ("divided_by_classes", "loops", ("return loss / N, d", "return loss / N / K, d / K")),
    ("loss_per_image", "arrays", (".sum() / N", "")),
    ("loss_per_image", "one hot", ("np.mean(losses)", "losses")),
    ("loss_of_one_image", "arrays", ("log_p[np.arange(N), labels].sum() / N", "log_p[0, labels[0]]")),
    ("loss_of_one_image", "loops", ("loss +=", "loss =")),
    ("loss_of_one_image", "one hot", ("np.mean(losses)", "losses[-1]")),
    ("loss_negated", "arrays", ("-log_p[", "log_p[")),
    ("loss_negated", "loops", ("math.log(total) + top - logits[n, y]", "logits[n, y] - top - math.log(total)")),
    ("log_missing", "arrays", ("-log_p[", "-p[")),
    ("log_missing", "one hot", ("-np.sum(y * log_p, axis=1)", "1 - np.sum(y * p, axis=1)")),
    ("log_of_another_base", "arrays", ("-log_p[np.arange(N), labels]", "-np.log2(p[np.arange(N), labels])")),
    ("log_of_another_base", "one hot", ("np.mean(losses)", "np.mean(losses) / np.log(10)")),
    (
        "log_of_another_base",
        "loops",
        ("math.log(total) + top - logits[n, y]", "(math.log(total) + top - logits[n, y]) / math.log(2)"),
    ),
    ("loss_over_all_classes", "arrays", ("log_p[np.arange(N), labels].sum()", "log_p.sum()")),
    ("loss_over_all_classes", "one hot", ("y * log_p", "np.log(p)")),
    ("loss_over_all_classes", "one hot", ("-np.sum(y * log_p, axis=1)", "-log_p")),
    ("squared_error", "one hot", ("-np.sum(y * log_p, axis=1)", "np.sum((p - y) ** 2, axis=1) / 2")),
    ("squared_error", "one hot", ("-np.sum(y * log_p, axis=1)", "(p - y) ** 2")),
    ("squared_error", "arrays", ("    return loss, d / N", "    return (d**2).sum() / N, d / N")),
    ("log_of_zero", "arrays", ("log_p = shifted - np.log(total)", "log_p = np.log(p)")),
    ("log_of_zero", "arrays", ("log_p = shifted - np.log(total)", "log_p = np.log(p + 1e-12)")),
    ("log_of_zero", "one hot", ("y * log_p", "y * np.log(p + 1e-7)")),
    (
        "log_of_zero",
        "loops",
        ("math.log(total) + top - logits[n, y]", "-math.log(max(math.exp(logits[n, y] - top) / total, 1e-15))"),
    ),
    (
        "softmax_missing",
        "one hot",
        ("p = np.exp(log_p)", "p = logits0"),
        ("    logits = logits -", "    logits0 = logits\n    logits = logits -"),
    ),
    ("softmax_missing", "arrays", ("p = exps / total", "p = logits")),
    (
        "softmax_missing",
        "arrays",
        ("p = exps / total", "p = logits"),
        ("log_p = shifted - np.log(total)", "log_p = np.log(p)"),
    ),
    ("softmax_over_images", "arrays", ("axis=1", "axis=0", 2)),
    (
        "softmax_over_images",
        "one hot",
        ("axis=-1)[:, np.newaxis]", "axis=0)"),
        ("axis=-1))[:, np.newaxis]", "axis=0))"),
    ),
    (
        "softmax_over_images",
        "loops",
        ("top = max(logits[n])", "columns = logits - logits.max(axis=0)"),
        (
            "        total = 0.0\n        for k in range(K):\n            total += math.exp(logits[n, k] - top)\n",
            "        total = np.exp(columns).sum(axis=0)\n",
        ),
        ("math.log(total) + top - logits[n, y]", "math.log(total[labels[n]]) - columns[n, labels[n]]"),
        ("math.exp(logits[n, k] - top) / total", "math.exp(columns[n, k]) / total[k]"),
    ),
    ("softmax_over_everything", "arrays", ("(axis=1, keepdims=True)", "()", 2)),
    (
        "softmax_over_everything",
        "one hot",
        ("np.max(logits, axis=-1)[:, np.newaxis]", "np.max(logits)"),
        ("np.log(np.sum(np.exp(logits), axis=-1))[:, np.newaxis]", "np.log(np.sum(np.exp(logits)))"),
    ),
    (
        "softmax_over_everything",
        "arrays",
        ("(axis=1, keepdims=True)", "()", 2),
        ("log_p = shifted - np.log(total)", "log_p = np.log(p)"),
    ),
    ("axis_lost", "arrays", (".sum(axis=1, keepdims=True)", ".sum(axis=1)")),
    ("axis_lost", "arrays", (".max(axis=1, keepdims=True)", ".max(axis=1)")),
    ("axis_lost", "one hot", ("axis=-1)[:, np.newaxis]", "axis=-1)"), ("axis=-1))[:, np.newaxis]", "axis=-1))")),
    ("logits_overflow", "arrays", ("logits - logits.max(axis=1, keepdims=True)", "logits")),
    (
        "logits_overflow",
        "arrays",
        ("logits - logits.max(axis=1, keepdims=True)", "logits"),
        ("log_p = shifted - np.log(total)", "log_p = np.log(p)"),
    ),
    ("logits_overflow", "one hot", (" - np.max(logits, axis=-1)[:, np.newaxis]", "")),
    ("logits_overflow", "loops", ("max(logits[n])", "0.0"), ("math.exp", "np.exp", 2), ("math.log", "np.log")),
    ("shift_over_batch", "arrays", ("logits.max(axis=1, keepdims=True)", "logits.max()")),
    ("shift_over_batch", "one hot", ("np.max(logits, axis=-1)[:, np.newaxis]", "np.max(logits)")),
    ("dlogits_negated", "arrays", ("d / N", "-d / N")),
    ("dlogits_negated", "loops", ("p - target", "target - p")),
    ("dlogits_negated", "one hot", ("(p - y)", "(y - p)")),
    ("one_hot_missing", "arrays", ("    d[np.arange(N), labels] -= 1\n", "")),
    ("one_hot_missing", "loops", ("(p - target) / N", "p / N")),
    ("one_hot_missing", "one hot", ("(p - y) / len(labels)", "p")),
    ("labels_subtracted", "arrays", ("d[np.arange(N), labels] -= 1", "d -= labels[:, None]")),
    ("labels_subtracted", "loops", ("(p - target)", "(p - y)")),
    ("one_subtracted_elsewhere", "arrays", ("d[np.arange(N), labels] -= 1", "d[:, labels] -= 1")),
    ("one_subtracted_elsewhere", "arrays", ("d[np.arange(N), labels] -= 1", "d[labels] -= 1")),
    ("one_subtracted_elsewhere", "loops", ("(p - target)", "(p - 1)")),
    ("one_subtracted_elsewhere", "one hot", ("(p - y)", "(p - 1)")),
    ("labels_from_one", "arrays", ("    N, K", "    labels = labels - 1\n    N, K")),
    ("labels_from_one", "loops", ("y = labels[n]", "y = (labels[n] - 1) % K")),
    ("softmax_derived_twice", "arrays", ("d / N", "d * p * (1 - p) / N")),
    ("softmax_derived_twice", "loops", ("(p - target)", "(p - target) * (p - p * p)")),
    ("loss_and_gradient_exchanged", "arrays", ("loss, d / N", "d / N, loss")),
    ("loss_and_gradient_exchanged", "loops", ("return loss / N, d", "return d, loss / N")),
]
DENSE_EDITS = [
    ("dense_w_transposed", "products", ("dz @ w", "dz @ w.T")),
    ("dense_w_transposed", "einsum", ('"no,oi->ni", dz, w', '"no,io->ni", dz, w')),
    ("dense_dw_transposed", "products", ("dz.T @ x", "x.T @ dz")),
    ("dense_dw_transposed", "einsum", ("ni->oi", "ni->io")),
    ("dense_dz_not_transposed", "products", ("dz.T @ x", "dz @ x")),
    ("dense_dz_not_transposed", "einsum", ('"no,ni->oi", dz', '"on,ni->oi", dz')),
    ("dense_averaged", "products", ("dz.T @ x", "dz.T @ x / len(x)")),
    ("dense_averaged", "products", ("dz.T @ x", "dz.T @ x / len(x)"), ("dz.sum(axis=0)", "dz.mean(axis=0)")),
    ("dense_averaged", "loops", ("return dx, dw, db", "return dx, dw / N, db / N")),
    ("dense_averaged", "loops", ("for n", "dz = dz / N\n    for n")),
    ("dense_db_averaged", "products", ("dz.sum(axis=0)", "dz.mean(axis=0)")),
    ("dense_db_averaged", "loops", ("+= dz[n, o]\n", "+= dz[n, o] / N\n")),
    ("dense_db_per_image", "products", ("dz.sum(axis=0)", "1 * dz")),
    ("dense_db_per_image", "einsum", ('"no->o"', '"no->no"')),
    ("dense_db_over_outputs", "products", ("axis=0", "axis=1")),
    ("dense_db_over_outputs", "einsum", ('"no->o"', '"no->n"')),
    ("dense_db_one_number", "products", ("axis=0", "")),
    ("dense_db_one_number", "einsum", ('"no->o"', '"no->"')),
    ("dense_db_keeps_axis", "products", ("axis=0", "axis=0, keepdims=True")),
    ("dense_db_keeps_axis", "loops", ("return dx, dw, db", "return dx, dw, db.reshape(-1, 1)")),
    ("dense_dz_missing", "loops", ("dz[n, o] * w[o, i]", "w[o, i]")),
    ("dense_dz_missing", "loops", ("dz[n, o] * x[n, i]", "x[n, i]")),
    ("dense_dz_missing", "products", ("dz.sum(axis=0)", "np.ones(dz.shape[1])")),
    ("dense_dz_missing", "images", ("db += dz[n]", "db += 1")),
    ("dense_only_last_image", "loops", ("dw[o, i] +=", "dw[o, i] =")),
    ("dense_only_last_image", "loops", ("db[o] +=", "db[o] =")),
    ("dense_only_last_image", "images", ("dw +=", "dw ="), ("db +=", "db =")),
    ("dense_only_first_image", "loops", ("    return", "        return")),
    ("dense_only_first_image", "images", ("    return", "        return")),
    ("dense_summed_too_soon", "products", ("dz.T @ x", "np.outer(dz.sum(axis=0), x.sum(axis=0))")),
    ("dense_summed_too_soon", "einsum", ('"no,ni->oi"', '"no,mi->oi"')),
    ("dense_dx_negated", "products", ("dz @ w", "-(dz @ w)")),
    ("dense_dx_negated", "loops", ("dx[n, i] +=", "dx[n, i] -=")),
    ("dense_results_exchanged", "products", ("return dx, dw, db", "return dw, dx, db")),
    ("dense_results_exchanged", "products", ("return dx, dw, db", "return dx, db, dw")),
    ("dense_results_exchanged", "loops", ("return dx, dw, db", "return dw, db, dx")),
]
EDITS = [
    *(("softmax_cross_entropy", *edit) for edit in SOFTMAX_EDITS),
    *(("linear_backward", *edit) for edit in DENSE_EDITS),
]
PAIRS = [
    ("softmax_cross_entropy", {"loss_negated", "dlogits_summed"}, "arrays", (("-log_p[", "log_p["), ("d / N", "d"))),
    (
        "softmax_cross_entropy",
        {"logits_overflow", "dlogits_negated"},
        "one hot",
        ((" - np.max(logits, axis=-1)[:, np.newaxis]", ""), ("(p - y)", "(y - p)")),
    ),
    (
        "linear_backward",
        {"dense_db_over_outputs", "dense_dw_transposed"},
        "products",
        (("axis=0", "axis=1"), ("dz.T @ x", "x.T @ dz")),
    ),
    (
        "linear_backward",
        {"dense_dx_negated", "dense_only_last_image"},
        "loops",
        (("dx[n, i] +=", "dx[n, i] -="), ("db[o] +=", "db[o] =")),
    ),
]


@pytest.mark.parametrize("task", loss.TASKS, ids=lambda task: task.name)
class TestRight:
    """What is right, by two oracles; and right answers."""

    def test_recipe_and_solution_agree_with_the_package(self, task: Task) -> None:
        for case in cases(task):
            wanted = plain(getattr(F, task.name)(*case.arguments))
            assert agree(plain(task.right(case.arguments)), wanted, 1e-12)
            assert agree(plain(task.answer(*case.arguments)), wanted, 1e-12)

    def test_every_style_of_the_right_answer_passes(self, task: Task) -> None:
        for style, source in STYLES[task.name].items():
            for seed in range(3):
                assert names(judged(task, made(source, task.name), seed)) == ["right"], style

    def test_cases_are_small_and_the_smallest_comes_first(self, task: Task) -> None:
        found = cases(task)
        assert [case.cells for case in found] == sorted(case.cells for case in found)
        assert all(case.cells <= 100 for case in found)


def test_loss_gradient_agrees_with_finite_differences() -> None:
    task = TASKS["softmax_cross_entropy"]
    for case in cases(task):
        logits, labels = case.arguments
        if np.abs(logits).max() > 99:
            continue
        _, dlogits = task.right(case.arguments)
        for at in np.ndindex(logits.shape):
            nudge = np.zeros(logits.shape)
            nudge[at] = 1e-5
            above, below = (task.right((logits + sign * nudge, labels))[0] for sign in (1, -1))
            assert dlogits[at] == pytest.approx((above - below) / 2e-5, abs=1e-8)


def test_dense_gradients_agree_with_finite_differences() -> None:
    task = TASKS["linear_backward"]
    for case in cases(task)[:10]:
        dz, x, w = case.arguments
        b = np.zeros(len(w))
        for number, array in enumerate((x, w, b)):
            gradient = task.right(case.arguments)[number]
            for at in np.ndindex(array.shape):
                nudge = np.zeros(array.shape)
                nudge[at] = 0.5
                above, below = (
                    (dz * F.linear(*(one + sign * nudge if one is array else one for one in (x, w, b)))).sum()
                    for sign in (1, -1)
                )
                assert gradient[at] == above - below


@pytest.mark.parametrize(("name", "mistake", "style", "edits"), [(*edit[:3], edit[3:]) for edit in EDITS])
def test_a_mistake_in_any_style_is_named(name: str, mistake: str, style: str, edits: tuple) -> None:
    assert names(judged(TASKS[name], edited(STYLES[name][style], *edits))) == [mistake]


@pytest.mark.parametrize("task", loss.TASKS, ids=lambda task: task.name)
def test_there_are_two_implementations_of_every_mistake(task: Task) -> None:
    assert lacking(task, [edit[1] for edit in EDITS if edit[0] == task.name]) == []
    assert {edit[1] for edit in EDITS if edit[0] == task.name} <= {mistake.name for mistake in task.mistakes}


@pytest.mark.parametrize(
    ("task", "mistake"),
    [(task, mistake) for task in loss.TASKS for mistake in task.mistakes],
    ids=lambda one: one.name,
)
def test_every_slip_is_named_as_its_own_mistake(task: Task, mistake: Mistake) -> None:
    for slip in mistake.slips:

        def function(*arguments, slip=slip):
            with np.errstate(all="ignore"):
                return tuple(
                    np.nan_to_num(part, nan=0.123, posinf=np.inf, neginf=-np.inf)
                    for part in task.compute(slip, arguments)
                )

        tried = cases(task, SEED)
        outcomes = [trial._call(function, task.arguments, case.arguments, frozenset()) for case in tried]
        assert names(judge(task, tried, outcomes)) == [mistake.name]


@pytest.mark.parametrize(("name", "mistakes", "style", "edits"), PAIRS)
def test_two_mistakes_at_once_are_both_named(name: str, mistakes: set[str], style: str, edits: tuple) -> None:
    assert set(names(judged(TASKS[name], edited(STYLES[name][style], *edits)))) == mistakes


def test_a_mistake_nobody_knows_is_not_blamed_on_anybody() -> None:
    source = edited(styles.SOFTMAX_CROSS_ENTROPY["arrays"], ("d / N", "d / (N + 1)"))
    assert names(judged(TASKS["softmax_cross_entropy"], source)) == ["unknown"]


@pytest.mark.parametrize("number", [0, 21, len(EDITS) - 1])
def test_a_mistake_is_named_from_the_other_process_too(number: int) -> None:
    name, mistake, style, *edits = EDITS[number]
    task = TASKS[name]
    function = made(edited(STYLES[name][style], *edits), name)
    tried = trial.run(function, task.arguments, [case.arguments for case in cases(task)])
    assert names(judge(task, cases(task), tried.outcomes)) == [mistake]

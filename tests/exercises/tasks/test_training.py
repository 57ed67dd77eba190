"""The tasks of training: right answers pass, and each mistake is named, however it was written."""

import pickle

import numpy as np
import pytest

import lessonconv.functional as F
from lessonconv import nn
from lessonconv.exercises import trial
from lessonconv.exercises.judge import agree, judge, plain
from lessonconv.exercises.task import Mistake, Task
from lessonconv.exercises.tasks import training
from tests.exercises.making import cases, edited, judged, lacking, made, names
from tests.exercises.styles import training as styles

STYLES = {
    "numerical_gradient": styles.NUMERICAL_GRADIENT,
    "sgd_step": styles.SGD_STEP,
    "cnn_backward": styles.CNN_BACKWARD,
}
SEED = 1  # of other cases than those that the edited sources are judged by
TASKS = {task.name: task for task in training.TASKS}

ONE_COPY = "        plus[i] += step\n        minus = plus.copy()\n        minus[i] -= 2 * step\n"

NUMERICAL_EDITS = [
    (
        "one_sided",
        "nudged",
        ("        x[i] -= 2 * step\n", "        x[i] -= step\n"),
        ("        x[i] += step\n        grad", "        grad"),
        ("(2 * step)", "step"),
    ),
    ("one_sided", "copies", ("        minus[i] -= step\n", ""), ("/ 2 / step", "/ step")),
    ("one_sided", "copies", ("        plus[i] += step\n", ""), ("/ 2 / step", "/ step")),
    ("one_sided", "flat", ("(x - nudge)", "x"), ("(2 * step)", "step")),
    (
        "one_sided_halved",
        "nudged",
        ("        x[i] -= 2 * step\n", "        x[i] -= step\n"),
        ("        x[i] += step\n        grad", "        grad"),
    ),
    ("one_sided_halved", "copies", ("        minus[i] -= step\n", "")),
    ("one_sided_halved", "flat", ("(x + nudge)", "x")),
    ("not_halved", "nudged", ("(2 * step)\n", "step\n")),
    ("not_halved", "copies", (" / 2", "")),
    ("divided_by_step_twice", "nudged", ("(2 * step)\n", "(2 * step**2)\n")),
    ("divided_by_step_twice", "copies", ("/ 2 / step", "/ step / step")),
    ("divided_by_step_twice", "flat", ("(2 * step))", "(2 * step) ** 2)")),
    ("not_divided", "nudged", (" / (2 * step)\n", "\n")),
    ("not_divided", "copies", (" / step", "")),
    ("divided_then_multiplied", "nudged", ("(2 * step)\n", "2 * step\n")),
    ("divided_then_multiplied", "flat", ("/ (2 * step)", "* (2 * step)")),
    ("difference_turned", "nudged", ("above - below", "below - above")),
    ("difference_turned", "copies", ("function(plus) - function(minus)", "function(minus) - function(plus)")),
    (
        "second_derivative",
        "nudged",
        ("        x[i] += step\n        grad", "        x[i] += step\n        middle = function(x)\n        grad"),
        ("(above - below) / (2 * step)", "(above - 2 * middle + below) / step**2"),
    ),
    (
        "second_derivative",
        "flat",
        ("(f_up - f_down) / (2 * step)", "(f_up + f_down - 2 * function(x.reshape(shape))) / step / step"),
    ),
    ("nudge_left", "nudged", ("        x[i] += step\n        grad", "        grad")),
    (
        "nudge_left",
        "copies",
        ("        plus = x.astype(float)\n        minus = x.astype(float)\n", ""),
        ("    for", "    plus, minus = x.astype(float), x.astype(float)\n    for"),
    ),
    (
        "nudge_left",
        "flat",
        ("        nudge = np.zeros(len(x))\n", ""),
        ("    for", "    nudge = np.zeros(len(x))\n    for"),
    ),
    (
        "nudge_left",
        "nudged",
        ("x[i] += step\n        above", "x[i] -= step\n        below"),
        ("x[i] -= 2 * step\n        below", "x[i] += 2 * step\n        above"),
        ("        x[i] += step\n        grad", "        grad"),
    ),
    ("all_nudged", "copies", ("plus[i]", "plus"), ("minus[i]", "minus")),
    ("all_nudged", "flat", ("nudge[i]", "nudge[:]")),
    ("all_nudged", "copies", ("plus[i]", "plus"), ("minus[i]", "minus"), ("gradient[i] = ", "return ")),
    ("whole_rows_nudged", "copies", ("plus[i]", "plus[i[0]]"), ("minus[i]", "minus[i[0]]")),
    ("whole_rows_nudged", "nudged", ("x[i]", "x[i]", 3), ("np.ndindex(x.shape)", "range(len(x))")),
    ("one_cell_alone", "copies", ("(plus)", "(plus[i])"), ("(minus)", "(minus[i])")),
    (
        "one_cell_alone",
        "flat",
        ("(x + nudge).reshape(shape)", "x[i] + step"),
        ("(x - nudge).reshape(shape)", "x[i] - step"),
    ),
    ("step_fixed", "nudged", ("    x = ", "    step = 1e-5\n    x = ")),
    ("step_fixed", "flat", ("    shape", "    step = 0.001\n    shape")),
    ("half_step", "nudged", ("    x = ", "    step = step / 2\n    x = ")),
    (
        "half_step",
        "copies",
        ("plus[i] += step", "plus[i] += step / 2"),
        ("minus[i] -= step", "minus[i] -= step / 2"),
        (" / 2 / step", " / step"),
    ),
    (
        "nudge_truncated",
        "nudged",
        ("    x = x.astype(float)\n", "    x = x.copy()\n"),
        ("x[i] += step\n        above", "x[i] = x[i] + step\n        above"),
        ("x[i] -= 2 * step", "x[i] = x[i] - 2 * step"),
        ("x[i] += step\n        grad", "x[i] = x[i] + step\n        grad"),
    ),
    ("nudge_truncated", "copies", (".astype(float)", ".copy()", 2)),
    ("nudge_truncated", "copies", ("np.zeros(x.shape)", "np.zeros_like(x)")),
    ("nudge_truncated", "copies", (".astype(float)", ".copy()", 2), ("np.zeros(x.shape)", "np.zeros_like(x)")),
    (
        "nudge_truncated",
        "copies",
        ("        minus = x.astype(float)\n        plus[i] += step\n        minus[i] -= step\n", ONE_COPY),
        ("plus = x.astype(float)", "plus = x.copy()"),
    ),
    (
        "nudge_truncated",
        "copies",
        ("        minus = x.astype(float)\n        plus[i] += step\n        minus[i] -= step\n", ONE_COPY),
        ("plus = x.astype(float)", "plus = x.copy()"),
        ("np.zeros(x.shape)", "np.zeros_like(x)"),
    ),
    ("only_first_slope", "nudged", ("    return gradient", "        return gradient")),
    ("only_first_slope", "copies", ("    return gradient", "        return gradient")),
]
WINDOWS_AGAIN = """
    for n, f, i, j in np.ndindex(dz.shape):
        rows = slice(i * stride, i * stride + K_h)
        columns = slice(j * stride, j * stride + K_w)
        dx_pad[n, :, rows, columns] += dz[n, f, i, j] * w2[f]
"""
SGD_EDITS = [
    (
        "dx_after_update",
        "package",
        ("    return", "    dx, _, _ = conv2d_backward(dz, x, w_new, stride=stride, padding=padding)\n    return"),
    ),
    (
        "dx_after_update",
        "windows",
        ("                    dx_pad[n, :, rows, columns] += d * w[f]\n", ""),
        ("    b2 = b.copy()", WINDOWS_AGAIN + "    b2 = b.copy()"),
    ),
    ("uphill", "package", ("w - lr", "w + lr"), ("b - lr", "b + lr")),
    ("uphill", "package", ("w - lr", "w + lr")),
    ("uphill", "windows", ("b2 -=", "b2 +=")),
    ("lr_missing", "package", ("lr * dw", "dw"), ("lr * db", "db")),
    ("lr_missing", "windows", ("lr * db", "db")),
    ("lr_missing", "taps", ("-= lr * np", "-= np")),
    ("lr_divides", "package", ("lr * dw", "dw / lr"), ("lr * db", "db / lr")),
    ("lr_divides", "windows", ("lr * dw", "dw / lr")),
    ("lr_twice", "package", ("    w_new", "    dw, db = lr * dw, lr * db\n    w_new")),
    ("lr_twice", "windows", ("    w2 = ", "    dw *= lr\n    w2 = ")),
    ("lr_on_dx", "package", ("return dx", "return lr * dx")),
    ("lr_on_dx", "windows", ("dx.copy()", "dx * lr")),
    ("input_updated", "package", ("return dx", "return x - lr * dx")),
    ("input_updated", "windows", ("dx.copy()", "x - dx * lr")),
    ("bias_not_updated", "package", ("w_new, b_new", "w_new, b.copy()")),
    ("bias_not_updated", "windows", ("    b2 -= lr * db\n", "")),
    ("weights_not_updated", "package", ("return dx, w_new", "return dx, w.copy()")),
    ("weights_not_updated", "windows", ("    w2 -= lr * dw\n", "")),
    ("gradient_returned", "package", ("w_new, b_new", "dw, db")),
    ("gradient_returned", "windows", ("w2, b2", "w2, db")),
    ("gradient_returned", "windows", ("w2, b2", "dw, b2")),
    ("only_the_change", "package", ("w - lr", "lr"), ("b - lr", "lr")),
    ("only_the_change", "windows", ("w.copy()", "np.zeros(w.shape)")),
    ("only_the_change", "taps", ("b - lr", "lr")),
    ("step_divided_by_batch", "package", ("lr * dw", "lr / len(x) * dw"), ("lr * db", "lr / len(x) * db")),
    ("step_divided_by_batch", "windows", ("lr * dw", "lr * dw / N")),
    ("step_taken_twice", "package", ("    w_new", "    w = w - lr * dw\n    b = b - lr * db\n    w_new")),
    ("step_taken_twice", "windows", ("    w2 -= lr * dw\n", "    w2 -= lr * dw\n    w2 -= lr * dw\n")),
    ("bias_step_shared", "package", ("lr * db", "lr * db.sum()")),
    ("bias_step_shared", "taps", ('np.einsum("nfij->f", dz)', "dz.sum()")),
    ("bias_step_shared", "windows", ("lr * db", "lr * db.mean()")),
    ("step_results_exchanged", "package", ("return dx, w_new, b_new", "return w_new, b_new, dx")),
    ("step_results_exchanged", "windows", ("w2, b2", "b2, w2")),
]
CNN_EDITS = [
    ("first_relu_missing", "package", ("F.relu_backward(da1, z1)", "da1")),
    ("first_relu_missing", "by hand", ("    d = d * (z1 > 0)\n", "")),
    ("second_relu_missing", "package", ("F.relu_backward(da2, z2)", "da2")),
    ("second_relu_missing", "by hand", ("    d = d * (z2 > 0)\n", "")),
    ("relu_missing_forward", "package", ("F.relu(z1)", "z1")),
    ("relu_missing_forward", "by hand", ("np.maximum(z2, 0)", "z2"), ("    d = d * (z2 > 0)\n", "")),
    (
        "relu_missing_forward",
        "package",
        ("F.relu(z1)", "z1"),
        ("F.relu(z2)", "z2"),
        ("F.relu_backward(da1, z1)", "da1"),
        ("F.relu_backward(da2, z2)", "da2"),
    ),
    ("relu_mask_from_gradient", "package", ("F.relu_backward(da1, z1)", "F.relu_backward(da1, da1)")),
    (
        "relu_mask_from_gradient",
        "package",
        ("F.relu_backward(da1, z1)", "F.relu(da1)"),
        ("F.relu_backward(da2, z2)", "F.relu(da2)"),
    ),
    ("relu_mask_from_gradient", "by hand", ("(z2 > 0)", "(d > 0)")),
    ("relu_mask_from_gradient", "by hand", ("(z1 > 0)", "(d > 0)"), ("(z2 > 0)", "(d > 0)")),
    ("relu_multiplied_by_a", "package", ("F.relu_backward(da2, z2)", "da2 * a2")),
    ("relu_multiplied_by_a", "by hand", ("d * (z1 > 0)", "d * a1"), ("d * (z2 > 0)", "d * a2")),
    ("pool_gradient_spread", "by hand", (" * (a == np.kron(m, np.ones((2, 2))))", "")),
    ("pool_gradient_spread", "by hand", ("d = pool_back(d, a2, m2)", "d = np.kron(d, np.ones((2, 2))) / 4")),
    (
        "pool_gradient_spread",
        "package",
        ("F.max_pool2d_backward(dm1, argmax1, a1.shape)", "F.avg_pool2d_backward(dm1, a1.shape, 2)"),
    ),
    ("mean_loss_forgotten", "by hand", ("(p - y) / N", "p - y")),
    ("mean_loss_forgotten", "images", ("part / len(x)", "part")),
    ("divided_by_batch_again", "package", ("    dflat", "    dlogits = dlogits / len(x)\n    dflat")),
    (
        "divided_by_batch_again",
        "by hand",
        ("    return grads", "    return {key: value / N if key[1] != '3' else value for key, value in grads.items()}"),
    ),
    (
        "divided_by_batch_again",
        "package",
        ("w1=dw1", "w1=dw1 / len(x)"),
        ("w2=dw2", "w2=dw2 / len(x)"),
        ("w3=dw3", "w3=dw3 / len(x)"),
    ),
    ("flattened_in_another_order", "package", ("flat = m2.reshape", "flat = m2.transpose(0, 2, 3, 1).reshape")),
    (
        "flattened_in_another_order",
        "by hand",
        ("flat = m2.reshape", "flat = np.moveaxis(m2, 1, 3).reshape"),
        ("(d @ w3).reshape(m2.shape)", "np.moveaxis((d @ w3).reshape(np.moveaxis(m2, 1, 3).shape), 3, 1)"),
    ),
    ("w3_gradient_transposed", "package", ("w3=dw3", "w3=dw3.T")),
    ("w3_gradient_transposed", "by hand", ("d.T @ flat", "flat.T @ d")),
    ("bias_gradients_averaged", "by hand", ("dz.sum(axis=(0, 2, 3))", "dz.mean(axis=(0, 2, 3))")),
    (
        "bias_gradients_averaged",
        "package",
        ("b1=db1", "b1=dz1.mean(axis=(0, 2, 3))"),
        ("b2=db2", "b2=dz2.mean(axis=(0, 2, 3))"),
        ("b3=db3", "b3=dlogits.mean(axis=0)"),
    ),
    ("bias_gradients_averaged", "by hand", ("dz.sum(axis=(0, 2, 3))", "dz.mean(axis=(2, 3)).sum(axis=0)")),
    ("bias_gradients_zero", "package", ("b1=db1", "b1=0 * db1"), ("b2=db2", "b2=0 * db2"), ("b3=db3", "b3=0 * db3")),
    (
        "bias_gradients_zero",
        "by hand",
        ("dz.sum(axis=(0, 2, 3))", "np.zeros(len(w))"),
        ("d.sum(axis=0)", "np.zeros(len(b3))"),
    ),
    ("biases_left_out", "package", (', params["b1"]', ""), (', params["b2"]', ""), (', params["b3"]', "")),
    ("biases_left_out", "by hand", (" + b3", "")),
    ("biases_left_out", "by hand", (" + b.reshape(1, -1, 1, 1)", "")),
    ("input_before_relu", "package", ("(dz2, m1,", "(dz2, F.max_pool2d(z1, 2)[0],")),
    ("input_before_relu", "by hand", ("d.T @ flat", "d.T @ pool(z2).reshape(N, -1)")),
    ("input_before_relu", "by hand", ("conv_back(d, m1, w2)", "conv_back(d, pool(z1), w2)")),
    ("input_of_another_layer", "package", ("(dz1, x, ", "(dz1, a1, ")),
    ("input_of_another_layer", "package", ("    _, dw1, db1", "    x = a1\n    _, dw1, db1")),
    ("second_kernel_turned", "by hand", ("turned = w[:, :, ::-1, ::-1]", "turned = w")),
    (
        "second_kernel_turned",
        "package",
        (
            "    da1 =",
            '    dm1, _, _ = F.conv2d_backward(dz2, m1, params["w2"][:, :, ::-1, ::-1], padding=1)\n    da1 =',
        ),
    ),
    ("labels_left_out", "by hand", ("(p - y)", "p")),
    ("labels_left_out", "package", ("    dflat", "    dlogits[np.arange(len(x)), labels] += 1 / len(x)\n    dflat")),
    ("softmax_left_out", "by hand", ("(p - y)", "(logits - y)")),
    (
        "softmax_left_out",
        "package",
        ("    dflat", "    dlogits = (logits - np.eye(logits.shape[1])[labels]) / len(x)\n    dflat"),
    ),
    ("gradients_negated", "by hand", ("(p - y)", "(y - p)")),
    ("gradients_negated", "package", ("    dflat", "    dlogits = -dlogits\n    dflat")),
    ("one_image_only", "images", ("total[key] +=", "total[key] =")),
    ("one_image_only", "images", ("    return total", "        return total")),
    ("one_image_only", "images", ("total[key] += part / len(x)", "total[key] = part")),
    ("first_layer_left_out", "package", ("w1=dw1, b1=db1", "w1=np.zeros_like(dw1), b1=np.zeros_like(db1)")),
    ("first_layer_left_out", "by hand", ("    _, grads", "    d = 0 * d\n    _, grads")),
]
EDITS = [
    *(("numerical_gradient", *edit) for edit in NUMERICAL_EDITS),
    *(("sgd_step", *edit) for edit in SGD_EDITS),
    *(("cnn_backward", *edit) for edit in CNN_EDITS),
]
PAIRS = [
    (
        "numerical_gradient",
        {"difference_turned", "nudge_left"},
        "nudged",
        (("above - below", "below - above"), ("        x[i] += step\n        grad", "        grad")),
    ),
    ("sgd_step", {"lr_on_dx", "bias_not_updated"}, "package", (("return dx", "return lr * dx"), ("b_new\n", "b\n"))),
    (
        "cnn_backward",
        {"first_relu_missing", "second_relu_missing"},
        "package",
        (("F.relu_backward(da1, z1)", "da1"), ("F.relu_backward(da2, z2)", "da2")),
    ),
    (
        "cnn_backward",
        {"mean_loss_forgotten", "w3_gradient_transposed"},
        "by hand",
        (("(p - y) / N", "p - y"), ("d.T @ flat", "flat.T @ d")),
    ),
]


class TestRight:
    """What is right, by other means; and right answers."""

    @pytest.mark.parametrize("task", training.TASKS, ids=lambda task: task.name)
    def test_recipe_and_solution_agree(self, task: Task) -> None:
        for case in cases(task):
            assert agree(plain(task.answer(*case.arguments)), plain(task.right(case.arguments)), 1e-12)

    def test_numerical_gradient_is_off_by_the_cubic_term(self) -> None:
        task = TASKS["numerical_gradient"]
        for case in cases(task):
            function, x, h = case.arguments
            flat = x.ravel()
            exact = function.slope.ravel() + function.bend.ravel() * (3 * flat**2 + h**2)
            exact[:-1] += 2 * flat[:-1] * flat[1:]
            exact[1:] += flat[:-1] ** 2
            np.testing.assert_allclose(task.right(case.arguments).ravel(), exact, rtol=1e-12)

    def test_functions_of_the_cases_can_go_to_another_process(self) -> None:
        for case in cases(TASKS["numerical_gradient"]):
            function, x, _ = case.arguments
            assert pickle.loads(pickle.dumps(function))(x) == function(x)

    def test_step_agrees_with_the_package(self) -> None:
        for case in cases(TASKS["sgd_step"]):
            dz, x, w, b, stride, padding, lr = case.arguments
            dx, dw, db = F.loops.conv2d_backward(dz, x, w, stride=stride, padding=padding)
            assert agree(plain(TASKS["sgd_step"].right(case.arguments)), plain((dx, w - lr * dw, b - lr * db)), 1e-12)

    def test_network_agrees_with_the_layers_of_nn_and_with_finite_differences(self) -> None:
        for case in cases(TASKS["cnn_backward"]):
            x, labels, params = case.arguments
            (F1, C, _, _), (F2, _, _, _), (K, features) = (params[name].shape for name in ("w1", "w2", "w3"))
            net = nn.Sequential(
                *(nn.Conv2d(C, F1, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
                *(nn.Conv2d(F1, F2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
                *(nn.Flatten(), nn.Linear(features, K)),
                dtype=np.float64,
            )
            for layer, number in ((net.layers[0], 1), (net.layers[3], 2), (net.layers[7], 3)):
                layer.params["w"][...], layer.params["b"][...] = params[f"w{number}"], params[f"b{number}"]
            _, dlogits = F.softmax_cross_entropy(net.forward(x), labels)
            net.backward(dlogits)
            grads = TASKS["cnn_backward"].right(case.arguments)
            for layer, number in ((net.layers[0], 1), (net.layers[3], 2), (net.layers[7], 3)):
                np.testing.assert_allclose(grads[f"w{number}"], layer.grads["w"], atol=1e-12)
                np.testing.assert_allclose(grads[f"b{number}"], layer.grads["b"], atol=1e-12)
            assert nn.gradcheck(net, x, labels, at_most=20)

    @pytest.mark.parametrize(
        ("name", "style"), [(name, style) for name, sources in STYLES.items() for style in sources]
    )
    def test_every_style_of_the_right_answer_passes(self, name: str, style: str) -> None:
        for seed in range(3):
            assert names(judged(TASKS[name], made(STYLES[name][style], name), seed)) == ["right"]

    @pytest.mark.parametrize("task", training.TASKS, ids=lambda task: task.name)
    def test_arguments_are_left_as_they_were(self, task: Task) -> None:
        for case in cases(task):
            outcome = trial._call(task.answer, task.arguments, case.arguments, frozenset())
            assert not outcome.changed
            assert not outcome.shared

    def test_layers_of_nn_count_as_the_answer_and_those_of_functional_do_not(self) -> None:
        task = TASKS["cnn_backward"]
        arguments = cases(task)[0].arguments

        def with_nn(x, labels, params):
            layer = nn.ReLU()
            layer.forward(x)
            layer.backward(x)

        assert trial._call(with_nn, task.arguments, arguments, task.forbidden).called == ("backward",)
        assert trial._call(task.answer, task.arguments, arguments, task.forbidden).called == ()


@pytest.mark.parametrize(("name", "mistake", "style", "edits"), [(*edit[:3], edit[3:]) for edit in EDITS])
def test_a_mistake_in_any_style_is_named(name: str, mistake: str, style: str, edits: tuple) -> None:
    assert names(judged(TASKS[name], edited(STYLES[name][style], *edits))) == [mistake]


@pytest.mark.parametrize("task", training.TASKS, ids=lambda task: task.name)
def test_there_are_two_implementations_of_every_mistake(task: Task) -> None:
    assert lacking(task, [edit[1] for edit in EDITS if edit[0] == task.name]) == []
    assert {edit[1] for edit in EDITS if edit[0] == task.name} <= {mistake.name for mistake in task.mistakes}


@pytest.mark.parametrize(
    ("task", "mistake"),
    [(task, mistake) for task in training.TASKS for mistake in task.mistakes],
    ids=lambda one: one.name,
)
def test_every_slip_is_named_as_its_own_mistake(task: Task, mistake: Mistake) -> None:
    for slip in mistake.slips:

        def function(*arguments, slip=slip):
            return task.compute(slip, arguments)

        tried = cases(task, SEED)
        outcomes = [trial._call(function, task.arguments, case.arguments, frozenset()) for case in tried]
        assert names(judge(task, tried, outcomes)) == [mistake.name]


@pytest.mark.parametrize(("name", "mistakes", "style", "edits"), PAIRS)
def test_two_mistakes_at_once_are_both_named(name: str, mistakes: set[str], style: str, edits: tuple) -> None:
    assert set(names(judged(TASKS[name], edited(STYLES[name][style], *edits)))) == mistakes


def test_half_of_the_step_is_right_by_another_rule() -> None:
    source = edited(styles.NUMERICAL_GRADIENT["nudged"], ("    x = ", "    step = step / 2\n    x = "))
    assert judged(TASKS["numerical_gradient"], source).right


def test_a_mistake_nobody_knows_is_not_blamed_on_anybody() -> None:
    source = edited(styles.SGD_STEP["package"], ("w - lr", "w - 0.9 * lr"))
    assert names(judged(TASKS["sgd_step"], source)) == ["unknown"]


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_mistake_is_named_from_the_other_process_too(name: str, method: str) -> None:
    task = TASKS[name]
    _, mistake, style, *edits = next(edit for edit in EDITS if edit[0] == name and edit[2] != "package")
    function = made(edited(STYLES[name][style], *edits), name)
    tried = trial.run(function, task.arguments, [case.arguments for case in cases(task)], method=method)
    assert names(judge(task, cases(task), tried.outcomes)) == [mistake]

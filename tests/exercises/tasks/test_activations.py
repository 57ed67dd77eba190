"""The activations' tasks: right answers pass, and each mistake is named, however it was written."""

import numpy as np
import pytest

import lessonconv.functional as F
from lessonconv.exercises import trial
from lessonconv.exercises.judge import agree, judge, plain
from lessonconv.exercises.task import Mistake, Task
from lessonconv.exercises.tasks import activations
from tests.exercises.making import cases, edited, judged, lacking, made, names
from tests.exercises.styles import activations as styles

STYLES = {
    "relu_backward": styles.RELU_BACKWARD,
    "leaky_relu_backward": styles.LEAKY_RELU_BACKWARD,
    "sigmoid_backward": styles.SIGMOID_BACKWARD,
    "tanh_backward": styles.TANH_BACKWARD,
    "arctan_backward": styles.ARCTAN_BACKWARD,
}
FORWARD = {
    "relu_backward": F.relu,
    "leaky_relu_backward": F.leaky_relu,
    "sigmoid_backward": F.sigmoid,
    "tanh_backward": F.tanh,
    "arctan_backward": F.arctan,
}
SEED = 1  # of other cases than those that the edited sources are judged by
TASKS = {task.name: task for task in activations.TASKS}

# task, mistake, style, edits
EDITS = [
    # relu
    ("relu_backward", "da_missing", "mask", ("da * mask", "1.0 * mask")),
    ("relu_backward", "da_missing", "mask", ("da * mask", "mask")),
    ("relu_backward", "da_missing", "loops", ("= da[place]", "= 1")),
    ("relu_backward", "da_missing", "set to zero", ("da.copy()", "np.ones(z.shape)")),
    ("relu_backward", "gradient_and_input_exchanged", "mask", ("z):", "z):\n    da, z = z, da")),
    ("relu_backward", "gradient_and_input_exchanged", "loops", ("z):", "z):\n    da, z = z, da")),
    ("relu_backward", "activation_for_derivative", "mask", ("da * mask", "da * z * mask")),
    ("relu_backward", "activation_for_derivative", "loops", ("= da[place]", "= da[place] * z[place]")),
    ("relu_backward", "forward_again", "mask", ("da * mask", "z * mask")),
    ("relu_backward", "forward_again", "loops", ("= da[place]", "= z[place]")),
    ("relu_backward", "forward_again", "set to zero", ("da.copy()", "z.copy()")),
    ("relu_backward", "averaged_over_cells", "mask", ("da * mask", "da * mask / len(da)")),
    ("relu_backward", "averaged_over_cells", "loops", ("= da[place]", "= da[place] / z.size")),
    ("relu_backward", "only_first_cell", "loops", ("    return dz", "        return dz")),
    ("relu_backward", "only_first_cell", "where", ("z > 0", "(z > 0) & (_mark(z) > 0)")),
    ("relu_backward", "gradient_negated", "mask", ("da * mask", "-da * mask")),
    ("relu_backward", "gradient_negated", "loops", ("= da[place]", "-= da[place]")),
    ("relu_backward", "mask_missing", "mask", ("da * mask", "da + 0")),
    ("relu_backward", "mask_missing", "loops", ("if z[place] > 0:", "if True:")),
    ("relu_backward", "mask_inverted", "mask", ("z > 0", "z < 0")),
    ("relu_backward", "mask_inverted", "loops", ("z[place] > 0", "z[place] <= 0")),
    ("relu_backward", "mask_inverted", "set to zero", ("dz[z <= 0]", "dz[z > 0]")),
    ("relu_backward", "mask_inverted", "where", ("da, 0", "0, da")),
    ("relu_backward", "mask_from_gradient", "mask", ("z > 0", "da > 0")),
    ("relu_backward", "mask_from_gradient", "set to zero", ("z <= 0", "dz <= 0")),
    ("relu_backward", "mask_from_gradient", "where", ("np.where(z > 0, da, 0)", "np.maximum(da, 0)")),
    ("relu_backward", "mask_from_both", "mask", ("z > 0", "(z > 0) & (da > 0)")),
    ("relu_backward", "mask_from_both", "loops", ("z[place] > 0", "z[place] > 0 and da[place] > 0")),
    ("relu_backward", "multiplied_by_z", "mask", ("da * mask", "da * z")),
    ("relu_backward", "multiplied_by_z", "loops", ("if z[place] > 0:", "if True:"), ("= da", "= z[place] * da")),
    ("relu_backward", "da_added", "mask", ("da * mask", "da + mask")),
    ("relu_backward", "da_added", "list", ("d if one > 0 else 0.0", "d + 1 if one > 0 else d")),
    ("relu_backward", "sign_for_step", "mask", ("z > 0", "np.sign(z)")),
    ("relu_backward", "sign_for_step", "where", ("da, 0", "da, -da")),
    ("relu_backward", "slope_at_zero", "mask", ("z > 0", "z >= 0")),
    ("relu_backward", "slope_at_zero", "mask", ("z > 0", "np.heaviside(z, 0.5)")),
    ("relu_backward", "slope_at_zero", "set to zero", ("z <= 0", "z < 0")),
    # leaky relu
    ("leaky_relu_backward", "da_missing", "where", ("da * np", "np")),
    ("leaky_relu_backward", "da_missing", "loops", ("= da[place]", "= 1"), ("slope * da[place]", "slope")),
    ("leaky_relu_backward", "gradient_and_input_exchanged", "where", ("slope):", "slope):\n    da, z = z, da")),
    ("leaky_relu_backward", "gradient_and_input_exchanged", "scaled", ("slope):", "slope):\n    da, z = z, da")),
    ("leaky_relu_backward", "activation_for_derivative", "where", ("1.0, slope", "z, slope * z")),
    ("leaky_relu_backward", "activation_for_derivative", "loops", ("    return dz", "    return dz * z")),
    ("leaky_relu_backward", "forward_again", "where", ("da * np.where(z > 0, 1.0", "z * np.where(z > 0, 1.0")),
    ("leaky_relu_backward", "forward_again", "scaled", ("da.copy()", "z.copy()")),
    ("leaky_relu_backward", "averaged_over_cells", "where", ("da * np", "da / len(z) * np")),
    ("leaky_relu_backward", "averaged_over_cells", "loops", ("return dz", "return dz / dz.size")),
    ("leaky_relu_backward", "only_first_cell", "loops", ("    return dz", "        return dz")),
    ("leaky_relu_backward", "only_first_cell", "loops", ("return dz", "return dz * _mark(z)")),
    ("leaky_relu_backward", "gradient_negated", "where", ("da * np", "-da * np")),
    ("leaky_relu_backward", "gradient_negated", "scaled", ("da.copy()", "-da")),
    ("leaky_relu_backward", "mask_missing", "where", ("1.0, slope", "1.0, 1.0")),
    ("leaky_relu_backward", "mask_missing", "loops", ("slope * da[place]", "da[place]")),
    ("leaky_relu_backward", "mask_from_gradient", "where", ("z > 0", "da > 0")),
    ("leaky_relu_backward", "mask_from_gradient", "scaled", ("z <= 0", "dz <= 0")),
    ("leaky_relu_backward", "slope_missing", "where", ("1.0, slope", "1.0, 0.0")),
    ("leaky_relu_backward", "slope_missing", "masks", (" + slope * da * ~positive", "")),
    ("leaky_relu_backward", "slope_fixed", "where", ("1.0, slope", "1.0, 0.01")),
    ("leaky_relu_backward", "slope_fixed", "loops", ("slope * da", "0.1 * da")),
    ("leaky_relu_backward", "slope_fixed", "scaled", ("*= slope", "*= 0.2")),
    ("leaky_relu_backward", "slope_on_positive_side", "where", ("1.0, slope", "slope, 1.0")),
    ("leaky_relu_backward", "slope_on_positive_side", "where", ("z > 0", "z < 0")),
    ("leaky_relu_backward", "slope_on_positive_side", "scaled", ("z <= 0", "z > 0")),
    ("leaky_relu_backward", "slope_on_positive_side", "loops", ("z[place] > 0", "z[place] < 0")),
    ("leaky_relu_backward", "slope_everywhere", "where", ("1.0, slope", "slope, slope")),
    ("leaky_relu_backward", "slope_everywhere", "scaled", ("dz[z <= 0] *=", "dz *=")),
    ("leaky_relu_backward", "slope_added", "masks", (" * ~positive", "")),
    ("leaky_relu_backward", "slope_added", "where", ("1.0, slope", "1.0 + slope, slope")),
    ("leaky_relu_backward", "slope_without_gradient", "loops", ("slope * da[place]", "slope")),
    ("leaky_relu_backward", "slope_without_gradient", "scaled", ("*= slope", "= slope")),
    ("leaky_relu_backward", "slope_times_z", "loops", ("slope * da[place]", "slope * z[place]")),
    ("leaky_relu_backward", "slope_times_z", "masks", ("slope * da", "slope * z")),
    ("leaky_relu_backward", "slope_negated", "where", ("1.0, slope", "1.0, -slope")),
    ("leaky_relu_backward", "slope_negated", "masks", ("+ slope", "- slope")),
    ("leaky_relu_backward", "slope_inverted", "where", ("1.0, slope", "1.0, 1 / slope")),
    ("leaky_relu_backward", "slope_inverted", "scaled", ("*= slope", "/= slope")),
    ("leaky_relu_backward", "multiplied_by_z", "where", ("np.where(z > 0, 1.0, slope)", "z")),
    ("leaky_relu_backward", "multiplied_by_z", "loops", ("= da", "= z[place] * da"), ("slope * da", "z[place] * da")),
    ("leaky_relu_backward", "slope_at_zero", "where", ("z > 0", "z >= 0")),
    ("leaky_relu_backward", "slope_at_zero", "scaled", ("z <= 0", "z < 0")),
    # sigmoid
    ("sigmoid_backward", "da_missing", "formula", ("da * a", "a")),
    ("sigmoid_backward", "da_missing", "loops", ("da[place] * g", "g")),
    ("sigmoid_backward", "gradient_and_input_exchanged", "formula", ("z):", "z):\n    da, z = z, da")),
    ("sigmoid_backward", "gradient_and_input_exchanged", "loops", ("z):", "z):\n    da, z = z, da")),
    ("sigmoid_backward", "activation_for_derivative", "formula", (" * (1 - a)", "")),
    ("sigmoid_backward", "activation_for_derivative", "loops", ("g = s * (1 - s)", "g = s")),
    ("sigmoid_backward", "forward_again", "formula", ("da * a * (1 - a)", "a")),
    ("sigmoid_backward", "forward_again", "loops", ("da[place] * g", "s")),
    ("sigmoid_backward", "averaged_over_cells", "formula", ("da * a", "da / da.shape[0] * a")),
    ("sigmoid_backward", "averaged_over_cells", "loops", ("return dz", "return dz / z.size")),
    ("sigmoid_backward", "only_first_cell", "loops", ("    return dz", "        return dz")),
    ("sigmoid_backward", "only_first_cell", "formula", ("(1 - a)", "(1 - a) * _mark(z)")),
    ("sigmoid_backward", "gradient_negated", "formula", ("(1 - a)", "(a - 1)")),
    ("sigmoid_backward", "gradient_negated", "other sign", ("a - a**2", "a**2 - a")),
    ("sigmoid_backward", "da_added", "formula", ("da * a", "da + a")),
    ("sigmoid_backward", "da_added", "loops", ("da[place] * g", "da[place] + g")),
    ("sigmoid_backward", "derivative_divided", "formula", ("da * a * (1 - a)", "da / (a * (1 - a))")),
    ("sigmoid_backward", "derivative_divided", "other sign", ("slope * da", "da / slope")),
    ("sigmoid_backward", "z_for_a", "formula", ("a * (1 - a)", "z * (1 - z)")),
    ("sigmoid_backward", "z_for_a", "loops", ("sigmoid(z[place])", "z[place]")),
    ("sigmoid_backward", "activated_twice", "formula", ("    return", "    a = 1 / (1 + np.exp(-a))\n    return")),
    ("sigmoid_backward", "activated_twice", "loops", ("sigmoid(z[place])", "sigmoid(sigmoid(z[place]))")),
    ("sigmoid_backward", "factor_lost", "formula", ("da * a * (1 - a)", "da * (1 - a)")),
    (
        "sigmoid_backward",
        "factor_lost",
        "loops",
        ("g = s * (1 - s)", "g = math.exp(-z[place]) * s if z[place] > -9 else 1 - s"),
    ),
    ("sigmoid_backward", "plus_for_minus", "formula", ("(1 - a)", "(1 + a)")),
    ("sigmoid_backward", "plus_for_minus", "loops", ("s * (1 - s)", "s + s**2")),
    ("sigmoid_backward", "derivative_of_tanh", "formula", ("a * (1 - a)", "(1 - a**2)")),
    ("sigmoid_backward", "derivative_of_tanh", "loops", ("s * (1 - s)", "1 - s * s")),
    ("sigmoid_backward", "brackets_missing", "formula", ("(1 - a)", "1 - a")),
    ("sigmoid_backward", "brackets_missing", "loops", ("da[place] * g", "da[place] * s * 1 - s")),
    ("sigmoid_backward", "brackets_missing", "loops", ("da[place] * g", "s * 1 - s * da[place]")),
    ("sigmoid_backward", "overflow", "formula", ("1 / (1 + np.exp(-z))", "np.exp(z) / (1 + np.exp(z))")),
    ("sigmoid_backward", "overflow", "quotient", ("-abs(z)", "-z")),
    # tanh
    ("tanh_backward", "da_missing", "formula", ("da * (1 - a**2)", "1 - a**2")),
    ("tanh_backward", "da_missing", "loops", ("da[place] * g", "g")),
    ("tanh_backward", "gradient_and_input_exchanged", "formula", ("z):", "z):\n    da, z = z, da")),
    ("tanh_backward", "gradient_and_input_exchanged", "cosh", ("z):", "z):\n    da, z = z, da")),
    ("tanh_backward", "activation_for_derivative", "formula", ("(1 - a**2)", "a")),
    ("tanh_backward", "activation_for_derivative", "loops", ("1 - t * t", "t")),
    ("tanh_backward", "forward_again", "formula", ("da * (1 - a**2)", "a")),
    ("tanh_backward", "forward_again", "loops", ("da[place] * g", "t")),
    ("tanh_backward", "averaged_over_cells", "formula", ("da * ", "da / len(da) * ")),
    ("tanh_backward", "averaged_over_cells", "loops", ("return dz", "return dz / dz.size")),
    ("tanh_backward", "only_first_cell", "loops", ("    return dz", "        return dz")),
    ("tanh_backward", "only_first_cell", "formula", ("da * ", "da * _mark(z) * ")),
    ("tanh_backward", "gradient_negated", "formula", ("1 - a**2", "a**2 - 1")),
    ("tanh_backward", "gradient_negated", "product", ("1 - a", "a - 1")),
    ("tanh_backward", "da_added", "formula", ("da * ", "da + ")),
    ("tanh_backward", "da_added", "loops", ("da[place] * g", "da[place] + g")),
    ("tanh_backward", "derivative_divided", "formula", ("da * ", "da / ")),
    ("tanh_backward", "derivative_divided", "cosh", ("da / np.cosh(z) ** 2", "da * np.cosh(z) ** 2")),
    ("tanh_backward", "z_for_a", "formula", ("np.tanh(z)", "z")),
    ("tanh_backward", "z_for_a", "loops", ("math.tanh(z[place])", "z[place]")),
    ("tanh_backward", "activated_twice", "formula", ("np.tanh(z)", "np.tanh(np.tanh(z))")),
    ("tanh_backward", "activated_twice", "loops", ("t * t", "math.tanh(t) ** 2")),
    ("tanh_backward", "square_missing", "formula", ("a**2", "a")),
    ("tanh_backward", "square_missing", "product", (" * (1 + a)", "")),
    ("tanh_backward", "square_of_z", "formula", ("np.tanh(z)", "np.tanh(z**2)"), ("a**2", "a")),
    ("tanh_backward", "square_of_z", "loops", ("t * t", "math.tanh(z[place] ** 2)")),
    ("tanh_backward", "plus_for_minus", "formula", ("1 - a**2", "1 + a**2")),
    ("tanh_backward", "plus_for_minus", "loops", ("1 - t * t", "1 + t * t")),
    ("tanh_backward", "derivative_of_sigmoid", "formula", ("(1 - a**2)", "a * (1 - a)")),
    ("tanh_backward", "derivative_of_sigmoid", "loops", ("1 - t * t", "t - t * t")),
    ("tanh_backward", "cosh_not_squared", "cosh", (" ** 2", "")),
    ("tanh_backward", "cosh_not_squared", "loops", ("g = 1 - t * t", "g = 2 / (np.exp(z[place]) + np.exp(-z[place]))")),
    ("tanh_backward", "brackets_missing", "formula", ("(1 - a**2)", "1 - a**2")),
    ("tanh_backward", "brackets_missing", "loops", ("da[place] * g", "1 - t**2 * da[place]")),
    ("tanh_backward", "overflow", "formula", ("np.tanh(z)", "(np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))")),
    ("tanh_backward", "overflow", "formula", ("np.tanh(z)", "(np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)")),
    ("tanh_backward", "overflow", "loops", ("math.tanh(z[place])", "np.sinh(z[place]) / np.cosh(z[place])")),
    # arctan
    ("arctan_backward", "da_missing", "formula", ("da / ", "1 / ")),
    ("arctan_backward", "da_missing", "loops", ("da[place] * g", "g")),
    ("arctan_backward", "gradient_and_input_exchanged", "formula", ("z):", "z):\n    da, z = z, da")),
    ("arctan_backward", "gradient_and_input_exchanged", "cosine", ("z):", "z):\n    da, z = z, da")),
    ("arctan_backward", "activation_for_derivative", "formula", ("/ (1 + z**2)", "* np.arctan(z)")),
    ("arctan_backward", "activation_for_derivative", "loops", ("1 / (1 + t * t)", "math.atan(t)")),
    ("arctan_backward", "forward_again", "formula", ("da / (1 + z**2)", "np.arctan(z)")),
    ("arctan_backward", "forward_again", "loops", ("da[place] * g", "math.atan(t)")),
    ("arctan_backward", "averaged_over_cells", "formula", ("da / ", "da / len(z) / ")),
    ("arctan_backward", "averaged_over_cells", "loops", ("da[place] * g", "da[place] * g / z.size")),
    ("arctan_backward", "only_first_cell", "loops", ("    return dz", "        return dz")),
    ("arctan_backward", "only_first_cell", "formula", ("da / ", "_mark(z) * da / ")),
    ("arctan_backward", "gradient_negated", "formula", ("da / ", "-da / ")),
    ("arctan_backward", "gradient_negated", "loops", ("dz[place] = ", "dz[place] -= ")),
    ("arctan_backward", "da_added", "formula", ("da / ", "da + 1 / ")),
    ("arctan_backward", "da_added", "power", ("np.multiply", "np.add")),
    ("arctan_backward", "derivative_divided", "formula", ("da / ", "da * ")),
    ("arctan_backward", "derivative_divided", "power", (" ** -1", "")),
    ("arctan_backward", "square_missing", "formula", ("z**2", "z")),
    ("arctan_backward", "square_missing", "loops", ("t * t", "t")),
    ("arctan_backward", "square_missing", "power", ("z * z", "abs(z)")),
    ("arctan_backward", "square_of_sum", "formula", ("(1 + z**2)", "(1 + z) ** 2")),
    ("arctan_backward", "square_of_sum", "loops", ("1 / (1 + t * t)", "(1 / (1 + t)) ** 2")),
    ("arctan_backward", "minus_for_plus", "formula", ("1 + z**2", "1 - z**2")),
    ("arctan_backward", "minus_for_plus", "loops", ("1 + t * t", "1 - t * t")),
    ("arctan_backward", "root_for_square", "formula", ("(1 + z**2)", "np.sqrt(1 + z**2)")),
    ("arctan_backward", "root_for_square", "formula", ("(1 + z**2)", "np.sqrt(1 - z**2)")),
    ("arctan_backward", "root_for_square", "power", ("** -1", "** -0.5")),
    ("arctan_backward", "a_for_z", "formula", ("z**2", "np.arctan(z) ** 2")),
    ("arctan_backward", "a_for_z", "loops", ("t = z[place]", "t = math.atan(z[place])")),
    ("arctan_backward", "derivative_of_tan", "cosine", ("* np.cos(np.arctan(z)) ** 2", "/ np.cos(z) ** 2")),
    ("arctan_backward", "derivative_of_tan", "loops", ("1 / (1 + t * t)", "1 + math.tan(t) ** 2")),
    ("arctan_backward", "derivative_of_tanh", "formula", ("/ (1 + z**2)", "* (1 - np.tanh(z) ** 2)")),
    ("arctan_backward", "derivative_of_tanh", "loops", ("1 / (1 + t * t)", "1 - math.atan(t) ** 2")),
    ("arctan_backward", "brackets_missing", "formula", ("(1 + z**2)", "1 + z**2")),
    ("arctan_backward", "brackets_missing", "loops", ("da[place] * g", "1 / 1 + t * t * da[place]")),
]
HELP = """
def _mark(z):
    mark = np.zeros(z.shape)
    mark.ravel()[0] = 1
    return mark

"""
PAIRS = [
    ("relu_backward", {"mask_inverted", "gradient_negated"}, "mask", (("z > 0", "z < 0"), ("da *", "-da *"))),
    ("sigmoid_backward", {"factor_lost", "overflow"}, "quotient", (("-abs(z)", "-z"), (" ** 2", ""))),
    ("tanh_backward", {"da_missing", "z_for_a"}, "formula", (("np.tanh(z)", "z"), ("da * ", ""))),
    (
        "leaky_relu_backward",
        {"slope_missing", "averaged_over_cells"},
        "where",
        (("1.0, slope)", "1.0, 0.0) / len(z)"),),
    ),
]


def with_help(source: str) -> str:
    """The source, after functions that some of the edits call."""
    return HELP + source


@pytest.mark.parametrize("task", activations.TASKS, ids=lambda task: task.name)
class TestRight:
    """What is right, by two oracles; and right answers."""

    def test_recipe_and_solution_agree_with_the_package(self, task: Task) -> None:
        for case in cases(task):
            wanted = getattr(F, task.name)(*case.arguments)
            assert agree(plain(task.right(case.arguments)), wanted, 1e-12)
            assert agree(plain(task.answer(*case.arguments)), wanted, 1e-12)

    def test_recipe_agrees_with_finite_differences_away_from_kinks(self, task: Task) -> None:
        for case in cases(task):
            da, z, *slope = case.arguments
            forward, h = FORWARD[task.name], 1e-6
            by_trying = da * (forward(z + h, *slope) - forward(z - h, *slope)) / (2 * h)
            np.testing.assert_allclose(task.right(case.arguments)[z != 0], by_trying[z != 0], atol=1e-7)

    def test_every_style_of_the_right_answer_passes(self, task: Task) -> None:
        for style, source in STYLES[task.name].items():
            for seed in range(3):
                assert names(judged(task, made(source, task.name), seed)) == ["right"], style

    def test_single_precision_passes(self, task: Task) -> None:
        def single(da, z, *slope):
            return task.answer(da.astype(np.float32), z.astype(np.float32), *slope)

        assert names(judged(task, single)) == ["right"]

    def test_cases_are_small_and_have_one_to_four_axes(self, task: Task) -> None:
        found = cases(task)
        assert {case.arguments[1].ndim for case in found} == {1, 2, 3, 4}
        assert [case.cells for case in found] == sorted(case.cells for case in found)
        assert all(case.cells <= 64 for case in found)


@pytest.mark.parametrize(("name", "mistake", "style", "edits"), [(*edit[:3], edit[3:]) for edit in EDITS])
def test_a_mistake_in_any_style_is_named(name: str, mistake: str, style: str, edits: tuple[tuple[str, str]]) -> None:
    function = made(with_help(edited(STYLES[name][style], *edits)), name)
    assert names(judged(TASKS[name], function)) == [mistake]


@pytest.mark.parametrize("task", activations.TASKS, ids=lambda task: task.name)
def test_there_are_two_implementations_of_every_mistake(task: Task) -> None:
    assert lacking(task, [edit[1] for edit in EDITS if edit[0] == task.name]) == []
    assert {edit[1] for edit in EDITS if edit[0] == task.name} <= {mistake.name for mistake in task.mistakes}


@pytest.mark.parametrize(
    ("task", "mistake"),
    [(task, mistake) for task in activations.TASKS for mistake in task.mistakes],
    ids=lambda one: one.name,
)
def test_every_slip_is_named_as_its_own_mistake(task: Task, mistake: Mistake) -> None:
    for slip in mistake.slips:

        def function(*arguments, slip=slip):
            with np.errstate(all="ignore"):
                return np.nan_to_num(task.compute(slip, arguments), nan=0.123, posinf=np.inf, neginf=-np.inf)

        tried = cases(task, SEED)
        outcomes = [trial._call(function, task.arguments, case.arguments, frozenset()) for case in tried]
        assert names(judge(task, tried, outcomes)) == [mistake.name]


@pytest.mark.parametrize(("name", "mistakes", "style", "edits"), PAIRS)
def test_two_mistakes_at_once_are_both_named(name: str, mistakes: set[str], style: str, edits: tuple) -> None:
    assert set(names(judged(TASKS[name], edited(STYLES[name][style], *edits)))) == mistakes


def test_another_slope_at_zero_is_right_by_another_rule() -> None:
    judgement = judged(TASKS["relu_backward"], edited(styles.RELU_BACKWARD["mask"], ("z > 0", "z >= 0")))
    assert judgement.right
    assert not judgement.mistakes


def test_a_mistake_nobody_knows_is_not_blamed_on_anybody() -> None:
    source = edited(styles.TANH_BACKWARD["formula"], ("1 - a**2", "1 - a**2 / 3"))
    assert names(judged(TASKS["tanh_backward"], source)) == ["unknown"]


def test_a_mistake_is_named_from_the_other_process_too() -> None:
    task = TASKS["sigmoid_backward"]
    function = made(edited(styles.SIGMOID_BACKWARD["quotient"], ("-abs(z)", "-z")), task.name)
    tried = trial.run(function, task.arguments, [case.arguments for case in cases(task)])
    assert names(judge(task, cases(task), tried.outcomes)) == ["overflow"]

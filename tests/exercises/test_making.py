"""Making functions from source text: an edit that does not fit must not go by unnoticed."""

import linecache

import numpy as np
import pytest

from lessonconv.exercises import TASKS
from lessonconv.exercises.judge import judge
from tests.exercises.making import cases, edited, judged, made, names, outcomes, own

SIZE = TASKS["output_size"]


def test_an_edit_has_to_match_as_often_as_it_says() -> None:
    assert edited("a + a", ("a", "b", 2), ("b + b", "c")) == "c"
    for edit in (("d", "b"), ("a", "b"), ("a", "b", 3)):
        with pytest.raises(ValueError, match=r"is there \d times, not \d"):
            edited("a + a", edit)


def test_the_lines_of_a_made_function_are_known() -> None:
    function = made("\n    def f(x):\n        return np.sqrt(x) + y\n", "f", y=1)
    assert function(4) == 3
    assert linecache.getline(function.__code__.co_filename, 2) == "    return np.sqrt(x) + y\n"


def test_two_made_functions_are_two_files() -> None:
    assert len({made("def f(): ...", "f").__code__.co_filename for _ in range(3)}) == 3


def test_a_function_is_called_on_every_case() -> None:
    found = outcomes(SIZE, lambda size, kernel, stride, padding: size)
    assert [float(outcome.returned) for outcome in found] == [case.arguments[0] for case in cases(SIZE)]


def test_names_tell_right_from_unknown() -> None:
    assert names(judged(SIZE, SIZE.answer)) == ["right"]
    assert names(judged(SIZE, lambda size, kernel, stride, padding: size * kernel)) == ["unknown"]


def test_a_slips_function_leaves_nothing_open() -> None:
    task = TASKS["conv2d"]
    slip = next(mistake for mistake in task.mistakes if mistake.name == "size_rounded_up").slips[0]
    computed = [task.compute(slip, case.arguments) for case in cases(task)]
    assert any(np.isnan(result).any() for result in computed)
    assert not any(np.isnan(own(task, slip)(*case.arguments)).any() for case in cases(task))


def test_a_remembered_judgement_is_the_judges() -> None:
    task = TASKS["conv2d_backward"]
    for part in (*task.parts, task):
        for mistake in part.mistakes[:8]:
            function = own(part, mistake.slips[0])
            assert judged(part, function) == judge(part, cases(part), outcomes(part, function))

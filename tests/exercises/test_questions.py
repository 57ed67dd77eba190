"""Every answer of every question, worked out anew: numbers, and each option's claim, true or false.

The workings are in tests/exercises/questions/, chapter by chapter: NUMBERS, WRONG and CLAIMS, by the question's name.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lessonconv.exercises.question import Choice, Number, find, names


def gathered(kind: str) -> dict[str, Any]:
    """What all chapters' workings have of a kind, by the question's whole name."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("questions/test_chapter_*.py")):
        workings = getattr(import_module(f"tests.exercises.questions.{path.stem}"), kind)
        found.update({f"{path.stem[-2:]}.{name}": working for name, working in workings.items()})
    return found


NUMBERS, WRONG, CLAIMS = (gathered(kind) for kind in ("NUMBERS", "WRONG", "CLAIMS"))


def test_every_answer_is_worked_out_here() -> None:
    assert sorted([*NUMBERS, *CLAIMS]) == sorted(names())


@pytest.mark.parametrize("name", NUMBERS)
def test_the_number_is_right(name: str) -> None:
    question, found = find(name), float(NUMBERS[name]())
    assert isinstance(question, Number)
    assert question.is_right(found), (question.answer, found)
    wrong = [value for value in question.wrong if abs(value - found) <= max(question.within, 1e-9)]
    assert wrong == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_number_is_what_its_thought_leads_to(name: str) -> None:
    question = find(name)
    assert isinstance(question, Number)
    found = {value: float(thought()) for value, thought in WRONG[name].items()}
    assert WRONG[name].keys() <= question.wrong.keys()
    assert found == pytest.approx({value: value for value in found}, abs=max(question.within, 1e-9))


@pytest.mark.parametrize("name", CLAIMS)
def test_the_right_option_is_true_and_no_other(name: str) -> None:
    question, claims = find(name), CLAIMS[name]()
    assert isinstance(question, Choice)
    assert len(claims) == len(question.options)
    for option, (claim, truth) in zip(question.options, claims.items(), strict=True):
        assert option.text.startswith(claim)
        assert option.right == bool(truth), option.text

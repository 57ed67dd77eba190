"""tools/editions.py: what keeps an exercise from being one, the teachers' edition, and a wrong solution in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tests.tools import standin
from tests.tools.standin import TASKS
from tools import editions, notebooks

FOLDER = Path(__file__).parent
TWICE, CHECK = 2, 4  # places in the stand-in's notebook


@pytest.fixture
def given() -> NotebookNode:
    """A notebook with two exercises."""
    return standin.notebook()


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels find the stand-in."""
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))


def wrong(name: str, answer: str) -> editions.Tasks:
    """The tasks with one solution that returns something else."""
    return {**TASKS, name: replace(TASKS[name], solution=f"{TASKS[name].stub}\n    return {answer}")}


# Exercises in their places


def test_exercises_in_their_places_have_no_complaints(given: NotebookNode) -> None:
    assert editions.complaints(given, TASKS) == []
    assert editions.has_exercises(given)


def test_a_notebook_without_exercises_has_none() -> None:
    other = new_notebook(cells=[new_code_cell("1 + 1", metadata={"tags": ["exercise", "nbval-ignore-output"]})])
    assert not editions.has_exercises(other)
    assert editions.complaints(other, TASKS) == []


def other_stub(given: NotebookNode) -> None:
    given.cells[TWICE].source += "\n    pass"


def other_check(given: NotebookNode) -> None:
    given.cells[CHECK].source = 'exercises.check("twice", lower)'


def silent_check(given: NotebookNode) -> None:
    given.cells[CHECK].source += ";"


def no_check(given: NotebookNode) -> None:
    del given.cells[CHECK]


def check_first(given: NotebookNode) -> None:
    given.cells.insert(1, given.cells.pop(CHECK))


def no_exercise(given: NotebookNode) -> None:
    given.cells[TWICE].metadata.tags = []


def two_exercises(given: NotebookNode) -> None:
    given.cells.append(given.cells[TWICE])


def no_such_task(given: NotebookNode) -> None:
    given.cells[TWICE].metadata.tags = ["exercise:thrice"]


def not_code(given: NotebookNode) -> None:
    given.cells[TWICE].cell_type = "markdown"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (other_stub, "the exercise cell of twice differs from the task's:"),
        (other_check, "the check cell of twice differs from the task's:"),
        (silent_check, "the check cell of twice differs from the task's:"),
        (no_check, "twice has 1 exercise cells and 0 check cells, not one of each"),
        (check_first, "twice is checked above its exercise"),
        (no_exercise, "twice has 0 exercise cells and 1 check cells, not one of each"),
        (two_exercises, "twice has 2 exercise cells and 1 check cells, not one of each"),
        (no_such_task, "thrice is not a task"),
        (not_code, "the exercise cell of twice is not a code cell"),
    ],
)
def test_an_exercise_out_of_place_is_named(
    given: NotebookNode, change: Callable[[NotebookNode], None], complaint: str
) -> None:
    change(given)
    assert any(found.startswith(complaint) for found in editions.complaints(given, TASKS))
    with pytest.raises(ValueError, match=complaint.split(":")[0]):
        editions.solved(given, TASKS)


def test_a_stub_without_a_function_is_refused() -> None:
    with pytest.raises(ValueError, match="the stub of twice defines no function"):
        editions.function_of(replace(TASKS["twice"], stub="x = ..."))


# The teachers' edition


def test_only_the_exercises_change(given: NotebookNode) -> None:
    solved = editions.solved(given, TASKS)
    changed = [place for place, cell in enumerate(solved.cells) if cell.source != given.cells[place].source]
    assert changed == [place for _, place in editions.tagged(given, "exercise")]
    assert solved.cells[TWICE].source == TASKS["twice"].solution
    assert [cell.id for cell in solved.cells] == [cell.id for cell in given.cells]
    assert given == standin.notebook()


def test_the_right_solutions_are_all_green(given: NotebookNode, on_path: None, tmp_path: Path) -> None:
    run, verdicts = editions.examined(editions.solved(given, TASKS), tmp_path)
    assert verdicts == [
        editions.Verdict("twice", True, None, "right"),
        editions.Verdict("minus.one", True, None, "right"),
    ]
    assert [cell.id for cell in run.cells] == [cell.id for cell in given.cells]
    assert run.cells[CHECK].outputs[0].data["text/plain"] == "right"
    assert notebooks.complaints(run) == []


def test_a_wrong_solution_is_red_and_says_why(given: NotebookNode, on_path: None, tmp_path: Path) -> None:
    _, verdicts = editions.examined(editions.solved(given, wrong("twice", "x")), tmp_path)
    assert verdicts[0] == editions.Verdict("twice", False, "handed-back", "You hand x back as it came.")
    assert verdicts[1].passed


def test_the_learners_edition_is_not_green(given: NotebookNode, on_path: None, tmp_path: Path) -> None:
    _, verdicts = editions.examined(given, tmp_path)
    assert [(verdict.passed, verdict.message) for verdict in verdicts] == [(False, "not tried yet")] * 2


# Files


def test_editions_are_written_and_others_copied(
    given: NotebookNode, on_path: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = notebooks.normalise(new_notebook(cells=[new_code_cell("1", id="one")]))
    notebooks.write(notebooks.normalise(given), tmp_path / "a.ipynb")
    notebooks.write(other, tmp_path / "b.ipynb")
    paths = sorted(tmp_path.glob("*.ipynb"))
    assert editions.build(paths, TASKS, tmp_path / "teachers") == 0
    made = notebooks.read(tmp_path / "teachers" / "a.ipynb")
    assert made.cells[TWICE].source == TASKS["twice"].solution
    assert made.cells[-1].outputs[0].text == "end\n"
    assert notebooks.read(tmp_path / "teachers" / "b.ipynb") == other
    assert notebooks.read(paths[0]) == notebooks.normalise(given)
    assert "a.ipynb" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [("x", "the solution of twice is not accepted: You hand x back"), ("x / 0", "a cell failed")],
)
def test_what_is_not_green_is_not_written(
    given: NotebookNode, on_path: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str, complaint: str
) -> None:
    path = tmp_path / "a.ipynb"
    notebooks.write(notebooks.normalise(given), path)
    assert editions.build([path], wrong("twice", answer), tmp_path / "teachers") == 1
    assert f"a.ipynb: {complaint}" in capsys.readouterr().out
    assert not (tmp_path / "teachers").exists()


def test_a_stub_that_differs_is_not_written(
    given: NotebookNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other_stub(given)
    path = tmp_path / "a.ipynb"
    notebooks.write(notebooks.normalise(given), path)
    assert editions.build([path], TASKS, tmp_path / "teachers") == 1
    assert "a.ipynb: the exercise cell of twice differs" in capsys.readouterr().out

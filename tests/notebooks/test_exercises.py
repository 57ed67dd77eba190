"""The exercises of the series: each is its task's stub, and its reference solution is right in its own notebook."""

from pathlib import Path

import pytest

from tools import course, editions, notebooks

WITH_EXERCISES = [
    path for path in sorted(notebooks.FOLDER.glob("*.ipynb")) if editions.has_exercises(notebooks.read(path))
]


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_every_exercise_is_its_tasks_stub_and_is_checked(path: Path) -> None:
    assert editions.complaints(notebooks.read(path), editions.catalogue()) == []


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_the_teachers_edition_is_green(path: Path) -> None:
    _, wrong = editions.solved_and_run(notebooks.read(path), editions.catalogue(), path.parent)
    assert wrong == [], path.name


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_every_exercise_becomes_part_of_a_course(path: Path) -> None:
    tasks = editions.catalogue()
    source = course.assignment(notebooks.read(path), tasks)
    for name, place in editions.tagged(source, "exercise"):
        parts = course.solution_of(tasks[name])
        handed_out = [*parts.above, f"{parts.indent}{course.STUB}", *parts.below]
        assert "\n".join(handed_out) == tasks[name].stub
        assert source.cells[place].source == course.marked(tasks[name])

"""The exercises of the series: each is its task's stub, and its reference solution is right in its own notebook."""

from pathlib import Path

import pytest
from nbformat import NotebookNode

from lessonconv.run_first import Cell, first
from tools import course, editions, notebooks

WITH_EXERCISES = [
    path for path in sorted(notebooks.FOLDER.glob("*.ipynb")) if editions.has_exercises(notebooks.read(path))
]


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_every_exercise_is_its_tasks_stub_and_is_checked(path: Path) -> None:
    assert editions.complaints(notebooks.read(path), editions.catalogue()) == []


def only_exercises(notebook: NotebookNode) -> NotebookNode:
    """A notebook's exercises and checks, and what these need of the other cells, which nbval runs anyway."""
    cells = {cell.id: Cell(cell.id, cell.source) for cell in notebook.cells if cell.cell_type == "code"}
    kept = {cell.id for kind in ("exercise", "check") for cell in tagged(notebook, kind)}
    names = {name for id_ in kept for name in cells[id_].needs}
    kept |= {cell.id for cell in first(names, list(cells.values()), {})}
    notebook.cells = [cell for cell in notebook.cells if cell.id in kept]
    return notebook


def tagged(notebook: NotebookNode, kind: str) -> list[NotebookNode]:
    return [notebook.cells[place] for _, place in editions.tagged(notebook, kind)]


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_the_teachers_edition_is_green(path: Path) -> None:
    exercises = only_exercises(notebooks.read(path))
    assert tagged(exercises, "check")
    _, wrong = editions.solved_and_run(exercises, editions.catalogue(), path.parent)
    assert wrong == [], path.name


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_every_exercise_becomes_part_of_a_course(path: Path) -> None:
    tasks = editions.catalogue()
    source = course.assignment(notebooks.read(path), tasks)
    for name, place in editions.tagged(source, "exercise"):
        parts = course.solution_of(tasks[name])
        handed_out = [*parts.above, f"{parts.indent}{course.STUB}", *parts.below]
        assert "\n".join(handed_out) == tasks[name].blank
        listing = tasks[name].stub if tasks[name].listing else None
        assert source.cells[place].metadata.get(course.LISTING) == listing
        assert source.cells[place].source == course.marked(tasks[name])

"""Make an nbgrader course: `python tools/course.py [folder]`. classroom/README.md says how to teach with it.

Each notebook with exercises is an assignment of its own. Its source, for the teacher only, is the teachers' edition:

- in an exercise's cell the solution stands between marks, and nbgrader puts the stub in its place for learners; a
  listing to mend goes with the cell as metadata, from where the course's settings take it (`HandOutListings`);
- the check's cell is locked, so that it always shows the report;
- below it stands a locked cell that is worth points: it raises AssertionError, with the mistake that the report names,
  until the check passes. What learners do not see of it checks again, on other numbers.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, this module sees tools/ only

from tools import editions, notebooks  # noqa: E402
from tools.editions import Task, Tasks  # noqa: E402

COURSE = ROOT / "build" / "course"
CONFIG = ROOT / "classroom" / "nbgrader_config.py"
IMPORT = "from lessonconv import exercises"
POINTS = 1
SEED = 2027  # of the numbers that the hidden check takes
STUB = "..."
LISTING = "listing"  # the metadata of an exercise that starts from one


# Cells --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Solution:
    """A task's source, cut where its blank has `...`: what stands above, what solves it, what stands below."""

    above: list[str]
    lines: list[str]
    below: list[str]
    indent: str


def solution_of(task: Task) -> Solution:
    """What a task's solution puts in the place of its blank's `...`; the blank is the stub, but for listings.

    Raises ValueError if the blank has no line `...` or several, or differs from the solution elsewhere too.
    """
    stub, solution = (text.strip("\n").split("\n") for text in (task.blank, task.solution))
    gaps = [number for number, line in enumerate(stub) if line.strip() == STUB]
    if len(gaps) != 1:
        raise ValueError(f"the stub of {task.name} has {len(gaps)} lines that are `{STUB}`; one says where to write")
    above, below = stub[: gaps[0]], stub[gaps[0] + 1 :]
    end = len(solution) - len(below)
    if solution[: len(above)] != above or solution[end:] != below or end <= len(above):
        raise ValueError(f"the stub and the solution of {task.name} differ in more than what stands for `{STUB}`")
    indent = stub[gaps[0]].removesuffix(STUB)
    return Solution(above, solution[len(above) : end], below, indent)


def marked(task: Task) -> str:
    """A task's solution with nbgrader's marks around what learners are to write."""
    parts = solution_of(task)
    region = [f"{parts.indent}### BEGIN SOLUTION", *parts.lines, f"{parts.indent}### END SOLUTION"]
    return "\n".join([*parts.above, *region, *parts.below])


def points_of(task: Task, checker: str) -> str:
    """The source of the cell that is worth a task's points; `checker` is the statement that imports `exercises`."""
    check = editions.check_of(task)
    require = "assert report.passed, f\"{report.mistake or 'no points yet'}: {report.message}\""
    lines = [
        f"# {POINTS} point: silent once the check above passes, an AssertionError until then",
        f"report = {check}",
        require,
        "### BEGIN HIDDEN TESTS",
        checker,
        f"report = {check.removesuffix(')')}, seed={SEED})",
        require,
        "### END HIDDEN TESTS",
    ]
    return "\n".join(lines)


def grading(kind: str, name: str) -> dict[str, Any]:
    """What nbgrader is told about a cell: an exercise is the learner's to change, a check and its points are not."""
    return {
        "schema_version": 3,
        "grade_id": f"{kind}-{identifier(name)}",
        "cell_type": "code",
        "solution": kind == "exercise",
        "locked": kind != "exercise",
        "grade": kind == "points",
        "task": False,
        **({"points": POINTS} if kind == "points" else {}),
    }


def identifier(name: str) -> str:
    """A task's name in the letters that nbgrader and nbformat allow in a cell's id."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)


# Assignments --------------------------------------------------------------------------------------------------------


def assignment(notebook: NotebookNode, tasks: Tasks, checker: str = IMPORT) -> NotebookNode:
    """A notebook's teachers' edition as nbgrader's source.

    Raises ValueError if an exercise is not in its place, or a solution does not fit its stub.
    """
    edition = editions.solved(notebook, tasks)
    for name, place in editions.tagged(edition, "exercise"):
        edition.cells[place].source = marked(tasks[name])
        edition.cells[place].metadata["nbgrader"] = grading("exercise", name)
        if tasks[name].stub != tasks[name].blank:
            edition.cells[place].metadata[LISTING] = tasks[name].stub
    for name, place in reversed(editions.tagged(edition, "check")):
        edition.cells[place].metadata["nbgrader"] = grading("check", name)
        edition.cells.insert(place + 1, points_cell(tasks[name], checker))
    return notebooks.normalise(edition)


def points_cell(task: Task, checker: str) -> NotebookNode:
    """The cell that is worth a task's points. Its tag lets *Run All* go on where it raises."""
    metadata = {"nbgrader": grading("points", task.name), "tags": ["raises-exception"]}
    source = points_of(task, checker)
    return nbformat.v4.new_code_cell(source, id=f"points-{identifier(task.name)}"[:64], metadata=metadata)


def build(paths: Sequence[Path], tasks: Tasks, folder: Path, checker: str = IMPORT) -> int:
    """Put the course into a folder; 1 if a notebook could not be taken. What learners handed in there stays."""
    failed = 0
    for path in paths:
        notebook = notebooks.read(path)
        if not editions.has_exercises(notebook):
            continue
        try:
            source = assignment(notebook, tasks, checker)
        except ValueError as error:
            failed = 1
            print(f"{path.name}: {error}")
            continue
        print(f"{path.stem}: {notebooks.write(source, folder / 'source' / path.stem / path.name)}")
    (folder / "exchange").mkdir(parents=True, exist_ok=True)
    print(f"The course is in {folder}; its settings, {CONFIG.name}, are {configure(folder)}")
    return failed


def configure(folder: Path) -> str:
    """Give a course its settings, unless a teacher has changed them there; say which of the two it was."""
    settings = folder / CONFIG.name
    if not settings.exists():
        shutil.copyfile(CONFIG, settings)
    return "the series'" if settings.read_bytes() == CONFIG.read_bytes() else "yours, and kept"


def main(arguments: Sequence[str]) -> int:
    """Read the command line and make the course, in build/course or in the folder that it names."""
    parser = argparse.ArgumentParser(prog="course.py", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=COURSE)
    chosen = parser.parse_args(arguments)
    return build(sorted(notebooks.FOLDER.glob("*.ipynb")), editions.catalogue(), chosen.folder.resolve())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

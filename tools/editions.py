"""Make the teachers' edition: `python tools/editions.py` fills in the solutions, runs the notebooks and checks them.

There is one truth, kept in two places that say different things: notebooks/ has the text, where an exercise is a stub;
`lessonconv.exercises.TASKS` has each task's stub and solution. An exercise is two code cells:

- one tagged `exercise:NAME`, which is the task's stub, letter for letter: three dots, or a listing to mend;
- below it one tagged `check:NAME`, which is `exercises.check("NAME", function)`.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, this module sees tools/ only

from tools import notebooks  # noqa: E402

TEACHERS = ROOT / "build" / "teachers"
NOT_RUN = (CellExecutionError, CellTimeoutError, DeadKernelError)


class Task(Protocol):
    """What of a task makes an edition: source text, all alike but for the function's body.

    stub: what learners start from. blank: the same with three dots for a body, even where the stub has a listing.
    """

    @property
    def name(self) -> str: ...
    @property
    def stub(self) -> str: ...
    @property
    def blank(self) -> str: ...
    @property
    def solution(self) -> str: ...


Tasks: TypeAlias = Mapping[str, Task]


# Exercises in a notebook --------------------------------------------------------------------------------------------


def tagged(notebook: NotebookNode, kind: str) -> list[tuple[str, int]]:
    """Names and places of the cells tagged `kind:NAME`, from the top."""
    found = []
    for place, cell in enumerate(notebook.cells):
        for tag in cell.metadata.get("tags", []):
            start, colon, name = tag.partition(":")
            if start == kind and colon:
                found.append((name, place))
    return found


def has_exercises(notebook: NotebookNode) -> bool:
    """Whether a teacher's edition would differ from the notebook, or one of its tags says that it should."""
    return bool(tagged(notebook, "exercise") or tagged(notebook, "check"))


def function_of(task: Task) -> str:
    """The name of the function that a stub defines.

    Raises ValueError if it defines none.
    """
    for statement in ast.parse(task.stub).body:
        if isinstance(statement, ast.FunctionDef):
            return statement.name
    raise ValueError(f"the stub of {task.name} defines no function")


def check_of(task: Task) -> str:
    """The source of a task's check cell."""
    return f'exercises.check("{task.name}", {function_of(task)})'


def complaints(notebook: NotebookNode, tasks: Tasks) -> list[str]:
    """What keeps a notebook's exercises from becoming a teachers' edition, a sentence each; none if all is in place."""
    exercises, checks = tagged(notebook, "exercise"), tagged(notebook, "check")
    names = dict.fromkeys(name for name, _ in exercises + checks)
    counts = Counter(name for name, _ in exercises), Counter(name for name, _ in checks)
    found = [f"{name} is not a task" for name in names if name not in tasks]
    for name in names:
        if (counts[0][name], counts[1][name]) != (1, 1):
            found.append(
                f"{name} has {counts[0][name]} exercise cells and {counts[1][name]} check cells, not one of each"
            )
        elif dict(checks)[name] < dict(exercises)[name]:
            found.append(f"{name} is checked above its exercise")
    for kind, cells in (("exercise", exercises), ("check", checks)):
        known = [(tasks[name], notebook.cells[place]) for name, place in cells if name in tasks]
        found += [complaint for task, cell in known for complaint in mismatches(kind, cell, task)]
    return found


def mismatches(kind: str, cell: NotebookNode, task: Task) -> Iterator[str]:
    """Where an exercise's cell says something else than the task does."""
    expected = task.stub.strip("\n") if kind == "exercise" else check_of(task)
    if cell.cell_type != "code":
        yield f"the {kind} cell of {task.name} is not a code cell"
    elif cell.source != expected:
        yield f"the {kind} cell of {task.name} differs from the task's:\n{cell.source}\ninstead of\n{expected}"


# The teachers' edition ----------------------------------------------------------------------------------------------


def solved(notebook: NotebookNode, tasks: Tasks) -> NotebookNode:
    """A copy whose exercises are solved, and not run yet.

    Raises ValueError if an exercise is not in its place.
    """
    wrong = complaints(notebook, tasks)
    if wrong:
        raise ValueError("; ".join(wrong))
    edition = notebooks.without_outputs(notebook)
    for name, place in tagged(edition, "exercise"):
        edition.cells[place].source = tasks[name].solution.strip("\n")
    return edition


@dataclass(frozen=True)
class Verdict:
    """What a check said when its notebook was run."""

    name: str
    passed: bool
    mistake: str | None
    message: str


def examined(notebook: NotebookNode, folder: Path) -> tuple[NotebookNode, list[Verdict]]:
    """A copy that was run, and what its checks say: below each one, a cell that does not stay asks it again.

    Raises nbclient's CellExecutionError, CellTimeoutError or DeadKernelError where a cell can't be run.
    """
    asked = nbformat.from_dict(notebook)
    asked.cells = []
    for cell in notebook.cells:
        asked.cells.append(cell)
        names = [tag.removeprefix("check:") for tag in cell.metadata.get("tags", []) if tag.startswith("check:")]
        asked.cells += [question(name, cell.source) for name in names]
    run = notebooks.executed(asked, folder)
    verdicts = []
    for name, place in reversed(tagged(run, "verdict")):
        printed = [output.text for output in run.cells.pop(place).outputs if output.get("name") == "stdout"]
        verdicts.append(Verdict(name, *json.loads(printed[-1].splitlines()[-1])))
    return notebooks.normalise(run), verdicts[::-1]


def question(name: str, check: str) -> NotebookNode:
    """A cell that prints a check's report as JSON."""
    report = "[bool(_report.passed), _report.mistake, str(_report.message)]"
    source = f"import json as _json\n_report = {check}\nprint(_json.dumps({report}))"
    return nbformat.v4.new_code_cell(source, metadata={"tags": [f"verdict:{name}"]})


# Files and commands -------------------------------------------------------------------------------------------------


def catalogue() -> Tasks:
    """The series' tasks."""
    from lessonconv.exercises import TASKS

    return TASKS


def build(paths: Sequence[Path], tasks: Tasks, folder: Path) -> int:
    """Put each notebook's teachers' edition into a folder, run where it has exercises; 1 if one is not all green."""
    failed = 0
    for path in paths:
        start, notebook = time.perf_counter(), notebooks.read(path)
        wrong = complaints(notebook, tasks)
        if has_exercises(notebook) and not wrong:
            notebook, wrong = solved_and_run(notebook, tasks, path.parent)
        for complaint in wrong:
            failed = 1
            print(f"{path.name}: {complaint}", flush=True)
        if not wrong:
            result = notebooks.write(notebook, folder / path.name)
            print(f"{path.name}: {time.perf_counter() - start:.1f} s, {result}", flush=True)
    print(f"The teachers' edition is in {folder}" + (", but for what is named above" if failed else ""))
    return failed


def solved_and_run(notebook: NotebookNode, tasks: Tasks, folder: Path) -> tuple[NotebookNode, list[str]]:
    """A notebook's teachers' edition, and what is wrong with it, a sentence each."""
    try:
        edition, verdicts = examined(solved(notebook, tasks), folder)
    except NOT_RUN as error:
        return notebook, [f"a cell failed:\n{error}"]
    return edition, [
        f"the solution of {verdict.name} is not accepted: {verdict.message}"
        for verdict in verdicts
        if not verdict.passed
    ]


def main(arguments: Sequence[str]) -> int:
    """Read the command line and make the teachers' edition of the notebooks that it names, or of all of them."""
    parser = argparse.ArgumentParser(prog="editions.py", description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="notebook")
    chosen = parser.parse_args(arguments)
    return build(chosen.paths or sorted(notebooks.FOLDER.glob("*.ipynb")), catalogue(), TEACHERS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

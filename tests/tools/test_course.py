"""tools/course.py: the source that nbgrader is given, and a small course taught with nbgrader from first to last."""

import csv
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import PyFileConfigLoader

import make
from tests.tools import standin
from tests.tools.standin import TASKS
from tools import course, editions, notebooks

FOLDER = Path(__file__).parent
CHAPTER = "07_a_chapter"
LISTED = TASKS["twice"].stub.replace("...", "return x + 1")
HAS_NBGRADER = importlib.util.find_spec("nbgrader") is not None
NO_NBGRADER = "nbgrader is not installed: pip install lessonconv[grade]"


def cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell that nbgrader knows by this name."""
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


# The source


def test_a_solution_is_marked_between_what_its_stub_has_too() -> None:
    assert course.marked(TASKS["twice"]) == (
        'def twice(x):\n    """The answer for x."""\n\n'
        "    ### BEGIN SOLUTION\n    secret = x + x\n    return secret\n    ### END SOLUTION"
    )


def test_what_stands_below_the_dots_stays_below() -> None:
    task = standin.Task("mean", "def mean(x):\n    ...\n    return z", "def mean(x):\n    z = x\n    return z")
    assert course.marked(task).split("\n")[2:] == ["    z = x", "    ### END SOLUTION", "    return z"]


@pytest.mark.parametrize(
    ("stub", "solution", "complaint"),
    [
        ("def f(x):\n    pass", "def f(x):\n    return x", "has 0 lines"),
        ("def f(x):\n    ...\n    ...", "def f(x):\n    return x", "has 2 lines"),
        ("def f(x):\n    ...", "def f(y):\n    return y", "differ in more"),
        ("def f(x):\n    ...\n    return z", "def f(x):\n    return x", "differ in more"),
        ("def f(x):\n    ...", "def f(x):", "differ in more"),
    ],
)
def test_a_solution_that_does_not_fit_its_stub_is_refused(stub: str, solution: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        course.solution_of(standin.Task("f", stub, solution))


def test_a_listing_to_mend_goes_along_with_the_solution() -> None:
    tasks = {**TASKS, "twice": replace(TASKS["twice"], stub=LISTED, listing="return x + 1")}
    notebook = standin.notebook()
    for name, place in editions.tagged(notebook, "exercise"):
        notebook.cells[place].source = tasks[name].stub
    source = course.assignment(notebook, tasks, standin.IMPORT)
    exercise = cell(source, "exercise-twice")
    assert exercise.source == course.marked(TASKS["twice"])
    assert exercise.metadata[course.LISTING] == LISTED
    assert course.LISTING not in cell(source, "exercise-minus-one").metadata


def test_an_exercise_a_check_and_points_are_told_apart() -> None:
    source = course.assignment(standin.notebook(), TASKS, standin.IMPORT)
    told = [cell.metadata.nbgrader for cell in source.cells if "nbgrader" in cell.metadata]
    assert [(it.grade_id, it.solution, it.locked, it.grade, it.get("points")) for it in told] == [
        ("exercise-twice", True, False, False, None),
        ("check-twice", False, True, False, None),
        ("points-twice", False, True, True, course.POINTS),
        ("exercise-minus-one", True, False, False, None),
        ("check-minus-one", False, True, False, None),
        ("points-minus-one", False, True, True, course.POINTS),
    ]
    assert source == course.assignment(standin.notebook(), TASKS, standin.IMPORT)


def test_other_cells_are_as_they_were() -> None:
    source = course.assignment(standin.notebook(), TASKS, standin.IMPORT)
    kept = [cell.source for cell in source.cells if "nbgrader" not in cell.metadata]
    assert kept == [cell.source for cell in standin.notebook().cells if "tags" not in cell.metadata]


def test_a_notebook_that_does_not_fit_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    notebooks.write(notebooks.normalise(standin.notebook()), path)
    other = {**TASKS, "twice": replace(TASKS["twice"], solution="def other(x):\n    return 2 * x")}
    assert course.build([path], other, tmp_path / "course") == 1
    assert "a.ipynb: the stub and the solution of twice differ" in capsys.readouterr().out
    assert not (tmp_path / "course" / "source").exists()


def test_a_teachers_settings_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course.build([], TASKS, tmp_path)
    assert "are the series'" in capsys.readouterr().out
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course.build([], TASKS, tmp_path)
    assert "are yours, and kept" in capsys.readouterr().out
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"


def test_both_commands_mean_the_same_folder() -> None:
    assert make.COURSE == course.COURSE


@pytest.mark.skipif(not HAS_NBGRADER, reason=NO_NBGRADER)
@pytest.mark.parametrize(
    ("file", "learner"),
    [
        ("ada_04_gradient_of_the_weights.ipynb", "ada"),
        ("Ada Lovelace_12345_assignsubmission_file_04_gradient_of_the_weights.ipynb", "Ada Lovelace"),
        ("04_gradient_of_the_weights.ipynb", None),
    ],
)
def test_files_from_a_learning_platform_say_whose_they_are(file: str, learner: str | None) -> None:
    settings = PyFileConfigLoader(course.CONFIG.name, str(course.CONFIG.parent)).load_config()
    path = f"/home/me_too/04_gradient_of_the_weights/extracted/{file}"
    found = re.match(settings.FileNameCollectorPlugin.named_regexp, path)
    expected = learner and {"student_id": learner, "file_id": "04_gradient_of_the_weights"}
    assert (found and found.groupdict()) == expected


# A course


def right(notebook: NotebookNode) -> None:
    """Both exercises are solved."""
    cell(notebook, "exercise-twice").source = "def twice(x):\n    return 2 * x"
    cell(notebook, "exercise-minus-one").source = "def lower(x):\n    return x - 1"


def mistaken(notebook: NotebookNode) -> None:
    """One exercise is solved, the other wrong in a way that has a name."""
    right(notebook)
    cell(notebook, "exercise-twice").source = "def twice(x):\n    return x"


def lucky(notebook: NotebookNode) -> None:
    """One answer fits the numbers of the check that learners see, and no others."""
    right(notebook)
    cell(notebook, "exercise-twice").source = "def twice(x):\n    return x * x"


def untouched(notebook: NotebookNode) -> None:
    """Nothing was done."""


def tampered(notebook: NotebookNode) -> None:
    """The checks are made to say yes, and worth more."""
    for name in ("twice", "minus-one"):
        cell(notebook, f"check-{name}").source = "'right'"
        points = cell(notebook, f"points-{name}")
        points.source = "pass"
        points.metadata.nbgrader.update(points=100)


def deleted(notebook: NotebookNode) -> None:
    """One exercise is wrong, and nothing is there to tell."""
    mistaken(notebook)
    notebook.cells = [cell for cell in notebook.cells if "twice" not in cell.source or "def" in cell.source]


def copied(notebook: NotebookNode) -> None:
    """The code is right, in a notebook whose cells nbgrader does not know."""
    right(notebook)
    for cell in notebook.cells:
        cell.metadata = NotebookNode()


def shadowed(notebook: NotebookNode) -> None:
    """A check of the learner's own stands in for the real one."""
    fake = "class exercises:\n    def check(*given, **options):\n        return exercises\n    passed = True\n\n"
    cell(notebook, "exercise-twice").source = f"{fake}def twice(x):\n    return 5"


Learner = Callable[[NotebookNode], None]
Learners = Iterable[Learner]
POINTS: dict[Learner, float] = {
    right: 2,
    mistaken: 1,
    lucky: 1,
    untouched: 0,
    tampered: 0,
    deleted: 1,
    copied: 2,
    shadowed: 0,
}


@dataclass(frozen=True)
class Course:
    """A course's folder, where everybody was graded, and what nbgrader said meanwhile."""

    folder: Path
    graded: str

    def notebook(self, step: str, learner: Learner) -> NotebookNode:
        """A learner's notebook after one of nbgrader's steps."""
        return notebooks.read(self.folder / step / learner.__name__ / CHAPTER / f"{CHAPTER}.ipynb")

    def released(self) -> NotebookNode:
        """What is handed out."""
        return notebooks.read(self.folder / "release" / CHAPTER / f"{CHAPTER}.ipynb")

    def feedback(self, learner: Learner) -> str:
        """The page that a learner gets back."""
        return (self.folder / "feedback" / learner.__name__ / CHAPTER / f"{CHAPTER}.html").read_text("utf-8")


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run nbgrader's command in a course's folder; what it said."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    private = {f"JUPYTER_{name}_DIR": str(folder.parent / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls `alembic` by name
    with notebooks.quiet_environment():
        variables = {**os.environ, **private, "PATH": path, "PYTHONPATH": str(FOLDER)}
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def hand_in(folder: Path, notebook: NotebookNode, tasks: editions.Tasks, checker: str, learners: Learners) -> None:
    """Make a course of one notebook, hand it out, and hand in what each learner made of it."""
    if not HAS_NBGRADER:
        pytest.skip(NO_NBGRADER)
    path = folder.parent / f"{CHAPTER}.ipynb"
    notebooks.write(notebooks.normalise(notebook), path)
    assert course.build([path], tasks, folder, checker) == 0
    nbgrader(folder, "generate_assignment", CHAPTER)
    for learner in learners:
        submission = notebooks.read(folder / "release" / CHAPTER / path.name)
        learner(submission)
        notebooks.write(submission, folder / "submitted" / learner.__name__ / CHAPTER / path.name)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that was handed out, handed in, graded and handed back."""
    folder = tmp_path_factory.mktemp("taught") / "course"
    hand_in(folder, standin.notebook(), TASKS, standin.IMPORT, POINTS)
    graded = nbgrader(folder, "autograde", CHAPTER)
    nbgrader(folder, "generate_feedback", CHAPTER)
    nbgrader(folder, "export")
    return Course(folder, graded)


def test_what_is_handed_out_are_the_series_own_stubs_and_no_answer(taught: Course) -> None:
    released = taught.released()
    for name, task in TASKS.items():
        assert cell(released, f"exercise-{course.identifier(name)}").source == task.stub
    everything = notebooks.text_of(released)
    assert not re.search(r"secret|SOLUTION|HIDDEN|seed", everything)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in released.cells)


def test_run_all_gets_through_what_is_handed_out(taught: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    run = notebooks.executed(taught.released(), taught.folder)
    raised = [output.evalue for cell in run.cells for output in cell.get("outputs", []) if "ename" in output]
    assert raised == ["no points yet: not tried yet"] * len(TASKS)
    assert run.cells[-1].outputs[0].text == "end\n"


def test_the_answers_are_in_the_source_where_the_search_finds_them(taught: Course) -> None:
    source = (taught.folder / "source" / CHAPTER / f"{CHAPTER}.ipynb").read_text("utf-8")
    assert {"secret", "SOLUTION", "HIDDEN", "seed"} <= set(re.findall(r"secret|SOLUTION|HIDDEN|seed", source))


def test_learners_may_change_exercises_and_nothing_that_grades(taught: Course) -> None:
    released = taught.released()
    for grade_id, editable in (("exercise-twice", True), ("check-twice", False), ("points-twice", False)):
        metadata = cell(released, grade_id).metadata
        assert (metadata.get("editable", True), metadata.deletable) == (editable, False)


@pytest.mark.parametrize("learner", POINTS, ids=lambda learner: learner.__name__)
def test_points_are_full_only_for_what_is_right(taught: Course, learner: Learner) -> None:
    with (taught.folder / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    row = rows[learner.__name__]
    assert (float(row["score"]), float(row["max_score"])) == (POINTS[learner], 2)


def test_tampering_is_undone(taught: Course) -> None:
    graded, honest = (taught.notebook("autograded", learner) for learner in (tampered, untouched))
    for grade_id in ("check-twice", "points-twice", "check-minus-one", "points-minus-one"):
        assert cell(taught.notebook("submitted", tampered), grade_id).source != cell(honest, grade_id).source
        assert cell(graded, grade_id).source == cell(honest, grade_id).source
        assert cell(graded, grade_id).metadata.nbgrader.get("points") in (None, course.POINTS)
    assert "has changed" in taught.graded


def test_a_test_that_was_deleted_comes_back(taught: Course) -> None:
    assert "points-twice" not in notebooks.text_of(taught.notebook("submitted", deleted))
    assert "assert report.passed" in cell(taught.notebook("autograded", deleted), "points-twice").source


def test_the_feedback_names_the_mistake(taught: Course) -> None:
    assert "handed-back: You hand x back as it came." in text_of_page(taught.feedback(mistaken))
    assert "handed-back" not in taught.feedback(right)
    assert "no points yet: not tried yet" in text_of_page(taught.feedback(untouched))
    assert "no points yet: [3] gives [9]" in text_of_page(taught.feedback(lucky))


def text_of_page(html: str) -> str:
    """The words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace("&#39;", "'")


def test_nothing_is_written_beside_the_course(taught: Course) -> None:
    beside = {path.name for path in taught.folder.parent.iterdir()}
    assert beside <= {taught.folder.name, f"{CHAPTER}.ipynb", "CONFIG", "DATA", "RUNTIME"}


# The series' own tasks


def one_short(notebook: NotebookNode) -> None:
    """The size of the output lacks its + 1, and nothing else is tried."""
    exercise = cell(notebook, "exercise-output_size")
    exercise.source = exercise.source.replace("...", "return (size + 2 * padding - kernel) // stride")


def by_the_book(notebook: NotebookNode) -> None:
    """All is as in the reference solutions, but for a warning. nbgrader gives no points for a word on stderr."""
    for name, task in editions.catalogue().items():
        warning = "    import warnings\n    warnings.warn('a word')"
        parts = course.solution_of(task)
        cell(notebook, f"exercise-{name}").source = "\n".join([*parts.above, warning, *parts.lines, *parts.below])


def test_the_series_own_tasks_grade_like_that_too(tmp_path: Path) -> None:
    tasks = editions.catalogue()
    cells = [new_code_cell(f"import numpy as np\n{course.IMPORT}\nfrom lessonconv import functional as F")]
    for name, task in tasks.items():
        cells.append(new_code_cell(task.stub, metadata={"tags": [f"exercise:{name}"]}))
        cells.append(new_code_cell(editions.check_of(task), metadata={"tags": [f"check:{name}"]}))
    folder = tmp_path / "course"
    hand_in(folder, new_notebook(cells=cells), tasks, course.IMPORT, [one_short, by_the_book])
    graded = Course(folder, nbgrader(folder, "autograde", CHAPTER))
    released, right, wrong = graded.released(), *(graded.notebook("autograded", it) for it in (by_the_book, one_short))
    for name, task in tasks.items():
        assert cell(released, f"exercise-{name}").source == task.stub
        assert cell(right, f"points-{name}").outputs == []
        (output,) = cell(wrong, f"points-{name}").outputs
        state = "mended" if task.listing else "tried"
        said = "size_one_short: " if name == "output_size" else f"no points yet: {name}: not {state} yet"
        assert (output.ename, output.evalue[: len(said)]) == ("AssertionError", said)

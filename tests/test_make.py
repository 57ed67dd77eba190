"""make.py: which Python it takes, when it believes an environment, and what it says when something is missing."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import make

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def empty_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """make.py working in a folder of its own, with a lock and no environment."""
    names = ["LOCK", "PROJECT", "VENV", "STAMP", "PYTHON"]
    for name in names:
        monkeypatch.setattr(make, name, tmp_path / getattr(make, name).relative_to(ROOT))
    monkeypatch.setattr(make, "ROOT", tmp_path)
    make.LOCK.write_text("numpy==2.4.6\n")
    make.PROJECT.write_text("[project]\n")
    return tmp_path


@pytest.fixture
def steps(empty_checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that `prepare` takes, recorded instead of taken."""
    taken: list[str] = []

    def create_venv() -> None:
        taken.append("create")
        make.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        make.PYTHON.touch()
        make.STAMP.unlink(missing_ok=True)  # as `venv --clear` does

    monkeypatch.setattr(make, "create_venv", create_venv)
    monkeypatch.setattr(make, "pip", lambda *arguments: taken.append(f"pip {arguments[1]}"))
    monkeypatch.setattr(make, "settle", lambda: taken.append("settle"))
    monkeypatch.setattr(make, "version_of", lambda python: sys.version_info[:2])
    return taken


ALL_STEPS = ["create", "pip --require-hashes", "pip --no-deps", "settle"]


def test_the_python_that_runs_make_is_asked_first_then_the_newest() -> None:
    assert make.candidates(windows=False)[:2] == [[sys.executable], ["python3.14"]]
    assert make.candidates(windows=True)[:2] == [[sys.executable], ["py", "-3.14"]]


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        ([(3, 11), (3, 14)], 0),
        ([(3, 9), None, (3, 12), (3, 11)], 2),
        ([(3, 15), (3, 14)], 1),
        ([(3, 10), (2, 7), None], None),
    ],
)
def test_the_first_supported_python_is_chosen(versions: list[tuple[int, int] | None], chosen: int | None) -> None:
    pythons = [[str(n)] for n in range(len(versions))]
    found = make.first_supported(pythons, lambda python: versions[int(python[0])])
    assert found == (None if chosen is None else pythons[chosen])


def test_a_command_that_does_not_run_has_no_version() -> None:
    assert make.version_of([sys.executable]) == sys.version_info[:2]
    assert make.version_of(["no-such-python"]) is None
    assert make.version_of([sys.executable, "-c", "raise SystemExit('not found')"]) is None


@pytest.mark.parametrize(
    ("stamp", "version", "state"),
    [
        ("3.12 abc\n", (3, 12), "complete"),
        ("3.12 abd\n", (3, 12), "outdated"),
        ("3.11 abc\n", (3, 12), "unusable"),
        ("3.11 abc\n", (3, 9), "complete"),
        ("3.12", (3, 12), "unusable"),
        ("", (3, 12), "unusable"),
    ],
)
def test_an_environment_is_believed_only_with_its_whole_stamp(stamp: str, version: make.Version, state: str) -> None:
    assert make.state(stamp, version, made_from="abc") == state


def test_the_fingerprint_changes_with_the_lock_the_project_and_the_folder(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("a")
    other.write_text("b")
    first = make.fingerprint(Path("x"), one, other)
    assert first == make.fingerprint(Path("x"), one, other)
    assert first != make.fingerprint(Path("x"), other, one)
    assert first != make.fingerprint(Path("y"), one, other)


def test_the_first_call_installs_and_the_second_does_nothing(steps: list[str]) -> None:
    make.prepare()
    assert steps == ALL_STEPS
    make.prepare()
    assert steps == ALL_STEPS


def test_a_changed_lock_is_installed_on_top(steps: list[str]) -> None:
    make.prepare()
    make.LOCK.write_text("numpy==2.4.7\n")
    steps.clear()
    make.prepare()
    assert steps == ALL_STEPS[1:]


def interrupted(*arguments: str) -> None:
    """Ctrl-C, in the middle of a step."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["pip", "settle"])
def test_an_interrupted_installation_starts_over(steps: list[str], monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(make, step, interrupted)
        make.prepare()
    steps.clear()
    make.prepare()
    assert steps == ALL_STEPS


def test_an_interrupted_renewal_is_not_taken_for_complete(steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    make.prepare()
    before = make.LOCK.read_text()
    make.LOCK.write_text("numpy==2.4.7\n")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(make, "pip", interrupted)
        make.prepare()
    make.LOCK.write_text(before)  # back to what the old stamp was made from
    assert make.current_state() == "unusable"


def test_no_supported_python_says_what_was_found_and_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "version_of", lambda python: (3, 9))
    monkeypatch.setattr(make.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"(?s)needs Python 3\.11.*found only .*apt install.*PYTHON="):
        make.create_venv()


def test_a_python_without_venv_says_which_package_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = subprocess.CompletedProcess([], returncode=1, stdout="3 11")
    monkeypatch.setattr(make.subprocess, "run", lambda *arguments, **options: refused)
    monkeypatch.setattr(make.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        make.create_venv()


def test_uv_stands_in_where_python_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(make, "version_of", lambda python: None)
    monkeypatch.setattr(make.shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(make, "must_run", commands.append)
    make.create_venv()
    assert commands[0][:3] == ["/bin/uv", "venv", "--clear"]
    assert "--seed" in commands[0]


def test_a_failed_step_is_named_with_its_exit_code() -> None:
    with pytest.raises(SystemExit, match="failed with exit code 3"):
        make.must_run([sys.executable, "-c", "raise SystemExit(3)"])


def test_nothing_of_another_python_leaks_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    variables = make.inside()
    assert "PYTHONPATH" not in variables
    assert variables["PATH"].startswith(str(make.BIN))


def test_what_bench_fetches_is_what_the_extra_says() -> None:
    assert make.bench_requirement(make.PROJECT.read_text("utf-8")) == "torch==2.13.0"
    with pytest.raises(SystemExit, match="bench"):
        make.bench_requirement("[project]\n")


def test_a_teachers_pages_are_off_in_learners_jupyterlab(empty_checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "must_run", lambda command: None)
    make.settle()
    folder = make.VENV / "etc" / "jupyter"
    page = json.loads((folder / "labconfig" / "page_config.json").read_text("utf-8"))
    assert page == {"disabledExtensions": {"@jupyter/nbgrader": True}}
    off = json.loads((folder / "jupyter_server_config.json").read_text("utf-8"))["ServerApp"]["jpserver_extensions"]
    assert set(off.values()) == {False}
    installed = Path(sys.prefix, "etc", "jupyter", "jupyter_server_config.d", "nbgrader.json")
    assert off.keys() == json.loads(installed.read_text("utf-8"))["ServerApp"]["jpserver_extensions"].keys()


def test_nbgrader_needs_a_course_and_runs_in_its_folder(empty_checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "COURSE", empty_checkout / "course")
    monkeypatch.setattr(make, "prepare", lambda: None)
    monkeypatch.setattr(make, "PYTHON", Path(sys.executable))
    with pytest.raises(SystemExit, match="make course"):
        make.nbgrader(["list"])
    make.COURSE.mkdir()
    ran: list[tuple[list[str], Path]] = []
    monkeypatch.setattr(make, "run", lambda command, folder: ran.append((command, folder)) or 3)
    assert make.nbgrader(["autograde", "04"]) == 3
    assert ran == [([sys.executable, "-m", "nbgrader", "autograde", "04"], make.COURSE)]


@pytest.mark.parametrize("work", ["submitted", "gradebook.db"])
def test_clean_leaves_learners_work_alone(empty_checkout: Path, monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    monkeypatch.setattr(make, "COURSE", empty_checkout / "build" / "course")
    (make.COURSE / work).mkdir(parents=True)
    with pytest.raises(SystemExit, match="holds learners' work"):
        make.clean([])
    (make.COURSE / work).rmdir()
    assert make.clean([]) == 0
    assert not (empty_checkout / "build").exists()


def test_the_makefile_offers_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    offered = re.search(r"^(.+):\n\t@\$\(PYTHON\) make\.py \$@ \$\(ARGS\)", makefile, re.M)
    assert offered
    assert set(offered[1].split()) == set(make.COMMANDS)


def test_an_old_python_can_read_make_and_be_told() -> None:
    ast.parse((ROOT / "make.py").read_text("utf-8"), feature_version=(3, 8))
    with pytest.raises(SyntaxError):
        ast.parse("match 1:\n    case 1: pass", feature_version=(3, 8))

"""The notebooks are compared with what is stored in them, and the comparison can fail.

pyproject.toml makes pytest run every notebook of notebooks/ with nbval; what is here is about that machinery.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tools import notebooks

ROOT = Path(__file__).resolve().parent.parent.parent
STORED = sorted(notebooks.FOLDER.glob("*.ipynb"))
SOURCES = [
    "total = 6 * 7\nprint('total', total)",
    "total + 1",
    "from tqdm.auto import tqdm\nlist(tqdm(range(2), disable=False))",
]


def as_stored(notebook: NotebookNode) -> None:
    """Change nothing."""


def other_text(notebook: NotebookNode) -> None:
    """One stored digit is wrong."""
    notebook.cells[0].outputs[0].text = "total 43\n"


def other_result(notebook: NotebookNode) -> None:
    """The stored value of an expression is wrong."""
    notebook.cells[1].outputs[0].data["text/plain"] = "44"


def lost_output(notebook: NotebookNode) -> None:
    """An output is not stored."""
    notebook.cells[1].outputs = []


def broken_code(notebook: NotebookNode) -> None:
    """A cell raises."""
    notebook.cells[1].source = "total + missing"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Per way of changing a stored notebook, what pytest says of its three cells, in one run with our settings."""
    folder = tmp_path_factory.mktemp("stored")
    run = notebooks.executed(new_notebook(cells=[new_code_cell(source) for source in SOURCES]), folder)
    changes: list[Callable[[NotebookNode], None]] = [as_stored, other_text, other_result, lost_output, broken_code]
    for change in changes:
        changed = notebooks.normalise(run)
        change(changed)
        notebooks.write(changed, folder / f"{change.__name__}.ipynb")
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "conftest"]
    command = [sys.executable, "-m", "pytest", *settings, "-p", "no:cacheprovider", "-rA", "--color=no", str(folder)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8").stdout
    found: dict[str, list[str]] = {change.__name__: [] for change in changes}
    for outcome, name in re.findall(r"^(PASSED|FAILED) \S*?(\w+)\.ipynb::", said, re.M):
        found[name].append(outcome)
    assert sum(map(len, found.values())) == len(SOURCES) * len(changes), said
    return found


def test_a_notebook_that_prints_what_is_stored_passes(outcomes: dict[str, list[str]]) -> None:
    assert outcomes["as_stored"] == ["PASSED"] * 3


@pytest.mark.parametrize("change", ["other_text", "other_result", "lost_output", "broken_code"])
def test_a_changed_notebook_fails_in_one_cell(outcomes: dict[str, list[str]], change: str) -> None:
    assert sorted(outcomes[change]) == ["FAILED", "PASSED", "PASSED"]


def test_a_cell_has_the_same_time_in_both_commands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    options = project["tool"]["pytest"]["ini_options"]
    assert f"--nbval-cell-timeout={notebooks.CELL_TIMEOUT}" in options["addopts"]
    assert {"--nbval", "--nbval-current-env"} <= set(options["addopts"])
    assert "notebooks" in options["testpaths"]


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_every_stored_notebook_is_normalised_and_executed(path: Path) -> None:
    assert notebooks.complaints(notebooks.read(path)) == []
    assert path.read_text("utf-8") == notebooks.text_of(notebooks.read(path))

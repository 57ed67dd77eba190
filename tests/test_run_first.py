"""A cell that needs another says which: what cells make and need, and what a real kernel says."""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lessonconv.run_first import Cell, advice, cells_of, first

ROOT = Path(__file__).parents[1]
TURNS_ON = ROOT / "jupyter/etc/ipython/ipython_kernel_config.json"


@pytest.mark.parametrize(
    ("source", "makes", "needs"),
    [
        ("import numpy as np\nx = np.zeros(3)", {"np", "x"}, set()),
        ("dz = w * x", {"dz"}, {"w", "x"}),
        ("def L(kernel):\n    return (dz * kernel).sum()", {"L"}, {"dz"}),
        ("for i, j in np.ndindex(2, 2):\n    print(i, j)", {"i", "j"}, {"np"}),
        ("[cell for cell in cells if cell.u == u]", set(), {"cells", "u"}),
        ("with patch() as p:\n    a[0] = lambda q: q + r", {"p"}, {"patch", "a", "r"}),
        (
            "class Forgetful(nn.ReLU):\n    def backward(self, dz):\n        return scale * dz",
            {"Forgetful"},
            {"nn", "scale"},
        ),
        ("print(len(display))", set(), set()),
        ("%matplotlib inline", set(), set()),
    ],
)
def test_what_a_cell_makes_and_needs(source: str, makes: set[str], needs: set[str]) -> None:
    cell = Cell("", source)
    assert (cell.makes, cell.needs) == (makes, needs)


CELLS = [
    Cell("imports", "import numpy as np", "A chapter"),
    Cell("other", "y = 3", "A chapter"),
    Cell("layer", "x = np.ones(3)", "A layer"),
    Cell("z", "z = 2 * x", "Its output"),
]


def test_what_is_needed_is_told_with_what_that_needs_in_order() -> None:
    assert [cell.id for cell in first(["z"], CELLS, {})] == ["imports", "layer", "z"]
    assert [cell.id for cell in first(["z"], CELLS, {"np": 1})] == ["layer", "z"]
    assert [cell.id for cell in first(["z"], CELLS, {"x": 1})] == ["z"]
    assert first(["zz"], CELLS, {}) == []


def test_two_cells_that_need_each_other_end() -> None:
    ring = [Cell("a", "a = b"), Cell("b", "b = a")]
    assert [cell.id for cell in first(["a"], ring, {})] == ["a", "b"]


def test_the_advice_names_the_heading_and_the_cells_first_line() -> None:
    told = advice("x", [CELLS[2]])
    assert told.startswith("`x` is not there yet. Run this cell first, then this one again:")
    assert "under “A layer”:  x = np.ones(3)" in told
    assert "these 2 cells" in advice("x", CELLS[:2])
    assert len(advice("x", [Cell("", f"x = {list(range(200))}")]).splitlines()[2]) < 100


# In a real kernel ----------------------------------------------------------------------------------------------------


def run(folder: Path, *sources: str, only: int = -1, name: str = "chapter.ipynb") -> str:
    """What the cell says if it alone is run, in a notebook of these cells."""
    cells = [new_markdown_cell("# A chapter\n\n## A layer"), *map(new_code_cell, sources)]
    nbformat.write(new_notebook(cells=cells), folder / name)
    alone = new_notebook(cells=[new_code_cell(sources[only])])
    NotebookClient(alone, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": folder}}).execute()
    (output,) = alone.cells[0].outputs
    assert output.ename == "NameError" or output.ename == "UnboundLocalError"
    return "\n".join(output.traceback)


def test_a_kernel_says_what_to_run_first(tmp_path: Path) -> None:
    said = run(tmp_path, "import numpy as np", "x = np.ones(3)", "print(2 * x)")
    assert said == advice("x", cells_of(tmp_path / "chapter.ipynb")[:2])
    assert "under “A layer”" in said


def test_all_that_a_cell_needs_is_said_at_once(tmp_path: Path) -> None:
    said = run(tmp_path, "a = 1", "b = 2", "c = 3", "print(a, c)")
    assert "a = 1" in said
    assert "c = 3" in said
    assert "b = 2" not in said


def test_a_name_that_no_cell_makes_is_pythons_own_error(tmp_path: Path) -> None:
    said = run(tmp_path, "x = 1", "print(xx, x)")
    assert "name 'xx' is not defined" in said
    assert "Traceback" in said


def test_a_local_variables_mistake_is_pythons_own_error(tmp_path: Path) -> None:
    said = run(tmp_path, "w = 1", "def step():\n    w = w - 1\n\n\nstep()")
    assert "cannot access local variable 'w'" in said or "referenced before assignment" in said


def test_a_broken_notebook_beside_it_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{", "utf-8")
    (tmp_path / "b.ipynb").write_text("[]", "utf-8")
    assert "Run this cell first" in run(tmp_path, "x = 1", "print(x)")


def test_installing_the_package_turns_it_on() -> None:
    assert json.loads(TURNS_ON.read_text("utf-8")) == {"IPKernelApp": {"extensions": ["lessonconv.run_first"]}}

"""The check-up says that all is fine where it is, and names what is amiss where it is not, with a way out."""

from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from lessonconv import checkup
from lessonconv import functional as F
from lessonconv.symbolic.derivation import Derivation


def test_everything_is_fine_here() -> None:
    found = checkup.checkup()
    assert found.ok, found
    assert {"Python", "numpy", "matplotlib", "sympy", "anywidget", "jupyterlab", "layers", "algebra", "data"} <= {
        finding.what for finding in found.findings
    }
    assert "pytest" not in str(found)
    assert str(found).endswith("Everything is here, and it works.")


def test_in_a_notebook_what_is_fine_is_folded_and_what_is_amiss_is_not() -> None:
    fine, amiss = checkup.Finding("numpy", "2.0, >=2.0 is needed"), checkup.Finding("sympy", "<none>", "mend it")
    html = checkup.Checkup((fine,))._repr_html_()
    assert html.startswith("<p><strong>Everything is here, and it works.</strong></p><details>")
    assert "&gt;=2.0" in html
    html = checkup.Checkup((fine, amiss))._repr_html_()
    assert "<details" not in html and "&lt;none&gt;; mend it" in html


def test_a_missing_or_old_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version

    def other(name: str) -> str:
        if name == "sympy":
            raise metadata.PackageNotFoundError(name)
        return "1.9" if name == "numpy" else version(name)

    monkeypatch.setattr(metadata, "version", other)
    found = str(checkup.checkup())
    assert "sympy          not installed, >=1.13 is needed; run `make lab` again" in found
    assert "numpy          1.9, >=2.0 is needed; run `make lab` again" in found
    assert found.endswith("2 of 16 things amiss.")


def test_a_layer_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(F, "conv2d", lambda *_, **__: F.loops.conv2d(*_, **__) + 1)
    found = checkup.checkup()
    assert not found.ok
    assert "ArithmeticError: the fast layer and the loops do not agree" in str(found)


def test_an_algebra_that_fails_is_a_finding_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Derivation, "check", lambda *_, **__: 1 / 0)
    assert "amiss  algebra        ZeroDivisionError" in str(checkup.checkup())


@pytest.mark.parametrize("switched_off", [False, True])
def test_in_a_kernel_it_looks_whether_cells_will_say_what_they_need(tmp_path: Path, switched_off: bool) -> None:
    off = "get_ipython().set_custom_exc((), None)\n" if switched_off else ""
    notebook = new_notebook(cells=[new_code_cell(f"{off}from lessonconv.checkup import checkup\ncheckup()")])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = nbformat.v4.writes(notebook)
    assert ("a cell that needs another will say which" in said) is not switched_off
    assert ("%load_ext lessonconv.run_first" in said) is switched_off

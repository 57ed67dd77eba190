"""What `check` says in a real notebook: the learner's own line, marked cells, folded hints; and the kernel lives on."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chromium import violations
from tests.browser.conftest import OpenNotebook
from tests.browser.jupyter import Notebook

IMPORTS = "import numpy as np\nfrom lessonconv import exercises"
AVERAGED = """
def conv2d_db(dz, x, w, stride, padding):
    print("<b>dz</b>", dz.shape)
    return dz.mean(axis=(0, 2, 3))

exercises.check("conv2d_db", conv2d_db)
"""
RAISES = """
def conv2d_dx(dz, x, w, stride, padding):
    return np.zeros(x.shape) + dz * w  # the shapes do not fit

exercises.check("conv2d_dx", conv2d_dx)
"""
ENDLESS = """
def conv2d_dw(dz, x, w, stride, padding):
    while dz.size:
        x = x + 1

exercises.check("conv2d_dw", conv2d_dw, seconds=1)
"""
RIGHT = 'exercises.check("conv2d_db", lambda dz: dz.sum(axis=(0, 2, 3)))'
HINTS = 'exercises.hints("conv2d_dx")'


def reports(open_notebook: OpenNotebook, *cells: str) -> tuple[Notebook, Locator]:
    """A notebook that was run, and what it says of the functions in it."""
    notebook = open_notebook(IMPORTS, *cells)
    notebook.run_all()
    return notebook, notebook.page.get_by_role("region", name="check of")


def test_a_mistake_is_named_and_its_cells_are_marked(everywhere: OpenNotebook) -> None:
    _, report = reports(everywhere, AVERAGED)
    expect(report).to_contain_text("the gradient is a mean over images and outputs")
    assert report.locator("[data-differs]").count() >= 2
    expect(report.locator("[data-differs]").first).to_contain_text("differs")
    report.get_by_text("Your code printed").click()
    expect(report.locator("pre")).to_contain_text("<b>dz</b> (1, 1, 2, 1)")


def test_an_exception_is_shown_with_the_learners_line(everywhere: OpenNotebook) -> None:
    _, report = reports(everywhere, RAISES)
    expect(report).to_contain_text("line 2 of conv2d_dx: return np.zeros(x.shape) + dz * w")
    expect(report).to_contain_text("w is (1, 1, 2, 2)")


def test_an_endless_loop_is_stopped_and_the_kernel_lives(everywhere: OpenNotebook) -> None:
    notebook, report = reports(everywhere, ENDLESS)
    expect(report).to_contain_text("the function did not come to an end")
    expect(report).to_contain_text("of conv2d_dw:")
    assert notebook.evaluate("1 + 1") == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(lab: OpenNotebook, theme: str) -> None:
    notebook, report = reports(lab, AVERAGED, RAISES, RIGHT)
    notebook.theme("dark" if theme == "dark" else "light")
    assert report.count() == 3
    for one in report.all():
        assert violations(one) == []


def test_hints_unfold_one_by_one(lab: OpenNotebook) -> None:
    notebook = lab(IMPORTS, HINTS)
    notebook.run_all()
    for number in (1, 2, 3):
        summary = notebook.page.get_by_text(f"Hint {number} of 3")
        expect(summary).to_be_visible()
        if number < 3:
            expect(notebook.page.get_by_text(f"Hint {number + 1} of 3")).to_be_hidden()
        summary.focus()
        notebook.page.keyboard.press("Enter")

"""The chapters in a real browser: they run, everything shows, and their links lead on."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Notebook, Server
from tools import notebooks, series

LONG = {"10", "11"}  # they train and race for a minute; what they show has tests of its own, and nbval runs them
CHAPTERS = [chapter for chapter in series.chapters() if chapter.number not in LONG]

SHOW = """(id) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    const place = content.widgets.findIndex((cell) => cell.model.id === id);
    content.activeCellIndex = place;
    return content.scrollToItem(place, "start");
}"""
SELECT = """(id) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = content.widgets.findIndex((cell) => cell.model.id === id);
    return window.jupyterapp.commands.execute("notebook:run-cell");
}"""
ACTIVE = "() => window.jupyterapp.shell.currentWidget.context?.path"


def opened(page: Page, server: Server, number: str) -> Notebook:
    """A chapter with a kernel of its own, and with all the others beside it."""
    server.end_kernels()
    for path in notebooks.FOLDER.glob("*.ipynb"):
        server.copy(path)
    (chapter,) = [one for one in series.chapters() if one.number == number]
    return Notebook(page, server, name=chapter.path.name)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.path.stem)
def test_a_chapter_runs_and_its_explorers_and_questions_show(page: Page, jupyterlab: Server, chapter) -> None:
    notebook = opened(page, jupyterlab, chapter.number)
    notebook.run_all()
    cells = [cell for cell in chapter.notebook.cells if cell.cell_type == "code"]
    explorer = next(cell.id for cell in cells if re.search(r"explore\.\w+Explorer\(", cell.source))
    question = next(cell.id for cell in cells if "exercises.predict(" in cell.source)
    page.evaluate(SHOW, explorer)
    expect(page.get_by_role("slider").first).to_be_visible()
    page.evaluate(SHOW, question)
    expect(page.get_by_role("button", name="Reveal").first).to_be_visible()


def test_a_cell_that_is_run_too_early_says_what_to_run_first(page: Page, jupyterlab: Server) -> None:
    opened(page, jupyterlab, "05")
    page.evaluate(SELECT, "zeros")
    page.evaluate(SHOW, "zeros")
    expect(page.get_by_text("Run these 2 cells first, then this one again:")).to_be_visible()


def test_links_lead_to_the_next_chapter_and_to_the_contents(page: Page, jupyterlab: Server) -> None:
    opened(page, jupyterlab, "04")
    page.evaluate(SHOW, "navigation")
    page.get_by_role("link", name="05 · The gradient of the input").click()
    page.wait_for_function(f"({ACTIVE})() === '05_gradient_of_the_input.ipynb'")
    page.evaluate(SHOW, "navigation")
    page.get_by_role("link", name="Contents").last.click()
    page.wait_for_function(f"({ACTIVE})() === '00_start_here.ipynb'")
    expect(page.get_by_role("columnheader", name="the question")).to_be_in_viewport()

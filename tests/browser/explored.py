"""An explorer on a page, found by roles, labels and data attributes."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenNotebook
from tests.browser.jupyter import Notebook

IMPORTS = "from lessonconv import explore"
VALUES = "cells => cells.map((cell) => cell.getAttribute('aria-label').split('value ')[1] ?? '')"


@dataclass
class Explored:
    """The explorer of a notebook whose last cell shows it under the name `explorer`."""

    notebook: Notebook
    root: Locator

    @property
    def page(self) -> Page:
        """The page it is on."""
        return self.notebook.page

    def grid(self, name: str) -> Locator:
        """A grid, by the name of its tensor."""
        return self.root.locator(f"[role=grid][data-grid={name}]")

    def overlay(self, name: str, kind: str) -> Locator:
        """The outlines of cells that are marked in this manner."""
        return self.root.locator(f"[data-overlay={name}] [data-mark={kind}]")

    def cell(self, name: str, number: int) -> Locator:
        """A cell of a grid, by its number among all that are drawn."""
        return self.grid(name).get_by_role("gridcell").nth(number)

    def values(self, name: str) -> list[float]:
        """A grid's numbers as a screen reader says them."""
        words = self.grid(name).get_by_role("gridcell").evaluate_all(VALUES)
        return [float(word.replace("\u2212", "-")) if word else float("nan") for word in words]

    def marked(self, name: str, kind: str) -> int:
        """How many cells of a grid are outlined in this manner."""
        return (self.overlay(name, kind).get_attribute("d") or "").count("M")

    def slider(self, name: str) -> Locator:
        """A slider, by its name."""
        return self.root.get_by_role("slider", name=name, exact=True)

    def button(self, name: str) -> Locator:
        """A button, by its name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def settled(self, number: int) -> None:
        """Wait until a scene is drawn, by its number."""
        expect(self.root).to_have_attribute("data-seq", str(number))

    def redrawn(self) -> None:
        """Wait until the page shows what Python has."""
        self.settled(self.notebook.evaluate("explorer.scene['seq']"))

    def array(self, expression: str) -> list[float]:
        """An array of Python's, flat."""
        found: list[Any] = self.notebook.evaluate(f"{expression}.ravel().tolist()")
        return found

    def words(self) -> str:
        """What is told of the cell that is looked at."""
        return re.sub(r"\s+", " ", self.root.locator("[data-told]").inner_text())


def explored(open_notebook: OpenNotebook, code: str = "explore.ConvExplorer()") -> Explored:
    """Open a notebook that shows this explorer."""
    notebook = open_notebook(IMPORTS, f"explorer = {code}\nexplorer")
    notebook.run_all()
    found = Explored(notebook, notebook.page.locator("[data-explorer]"))
    expect(found.root).to_have_attribute("data-seq", re.compile(r"\d+"))
    return found

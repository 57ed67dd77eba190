"""A translation keeps the original's cells and code, and knows when the original's words have changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import notebooks, translation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cells = [new_markdown_cell("# A chapter", id="title"), new_code_cell("x = 1", id="x", execution_count=1)]
    notebooks.write(notebooks.normalise(new_notebook(cells=cells)), tmp_path / "01_a_chapter.ipynb")
    translation.start("zh", tmp_path)
    return tmp_path


def edit(path: Path, change: Callable[[NotebookNode], object]) -> None:
    notebook = notebooks.read(path)
    change(notebook)
    notebooks.write(notebook, path)


def test_a_translation_that_was_begun_is_in_step_and_stays_normalised(folder: Path) -> None:
    copy = notebooks.read(folder / "zh/01_a_chapter.ipynb")
    assert translation.check(folder) == []
    assert notebooks.complaints(copy) == []


def test_other_words_are_what_a_translation_is_for(folder: Path) -> None:
    edit(folder / "zh/01_a_chapter.ipynb", lambda book: book.cells[0].update(source="# 一章"))
    assert translation.check(folder) == []


def test_starting_again_leaves_what_was_translated(folder: Path) -> None:
    edit(folder / "zh/01_a_chapter.ipynb", lambda book: book.cells[0].update(source="# 一章"))
    assert translation.start("zh", folder) == []
    assert notebooks.read(folder / "zh/01_a_chapter.ipynb").cells[0].source == "# 一章"


CHANGES: list[tuple[str, Callable[[NotebookNode], object], str]] = [
    (
        "01_a_chapter.ipynb",
        lambda book: book.cells[0].update(source="# A new name"),
        "cell title: the original's words",
    ),
    ("01_a_chapter.ipynb", lambda book: book.cells[1].update(source="x = 2"), "cell x: its code differs"),
    ("zh/01_a_chapter.ipynb", lambda book: book.cells[1].update(source="x = 2"), "cell x: its code differs"),
    ("zh/01_a_chapter.ipynb", lambda book: book.cells.pop(), "its cells are not the original's: x"),
    ("zh/01_a_chapter.ipynb", lambda book: book.cells.reverse(), "their order differs"),
]


@pytest.mark.parametrize(("name", "change", "complaint"), CHANGES)
def test_what_is_out_of_step_is_named(
    folder: Path, name: str, change: Callable[[NotebookNode], object], complaint: str
) -> None:
    edit(folder / name, change)
    (found,) = translation.check(folder)
    assert complaint in found


def test_a_chapter_that_is_gone_is_named(folder: Path) -> None:
    (folder / "01_a_chapter.ipynb").unlink()
    assert translation.check(folder) == ["zh/01_a_chapter.ipynb: there is no such chapter any more"]


def test_what_is_no_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give one such as zh"):
        translation.start("../zh", tmp_path)


def test_the_translations_that_are_here_are_in_step() -> None:
    assert translation.check() == []

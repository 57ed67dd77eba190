"""The two maps of the series: the glossary, to the first use of each word; SOURCES.md, from equation to cell."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from nbformat import NotebookNode

from tools import notebooks, series

CHAPTERS = {chapter.path.name: chapter.notebook for chapter in series.chapters()}
LINK = re.compile(r"\[[^\]]+\]\((?P<notebook>\w+\.ipynb)#cell-id=(?P<cell>[\w-]+)\)")
ARTICLES = (
    "Tristan",
    "CNN backpropagation: from intuition to derivation",
    "hermosayhl",
    "BrightLamp",
    "Jae Duk Seo",
)


class Row(NamedTuple):
    """A row of a table, and where its link leads."""

    fields: tuple[str, ...]
    notebook: str
    cell: str

    def __repr__(self) -> str:
        return self.fields[0]


def rows(text: str) -> list[Row]:
    """The rows of all tables that hold a link to a cell."""
    found = []
    for line in text.splitlines():
        if line.startswith("|") and (link := LINK.search(line)):
            fields = tuple(field.strip() for field in re.split(r"(?<!\\)\|", line)[1:-1])
            found.append(Row(fields, link["notebook"], link["cell"]))
    return found


def cell_at(row: Row) -> NotebookNode:
    (cell,) = [cell for cell in CHAPTERS[row.notebook].cells if cell.id == row.cell]
    return cell


# The glossary --------------------------------------------------------------------------------------------------------

GLOSSARY = rows("\n".join(cell.source for cell in notebooks.read(notebooks.FOLDER / "glossary.ipynb").cells))


def defined(word: str, source: str) -> bool:
    """Does a text introduce the word? It stands there in bold."""
    return bool(re.search(rf"\*\*{re.escape(word)}\*\*", source, re.IGNORECASE))


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    words = [row.fields[0].strip("*").lower() for row in GLOSSARY]
    assert words == sorted(set(words))
    assert len(words) >= 40


@pytest.mark.parametrize("row", GLOSSARY, ids=repr)
def test_a_word_leads_to_where_it_is_introduced(row: Row) -> None:
    word = row.fields[0].strip("*")
    assert defined(word, cell_at(row).source), f"{row.notebook}#{row.cell} does not have **{word}** in bold"
    for name, notebook in CHAPTERS.items():
        for cell in notebook.cells:
            if (name, cell.id) == (row.notebook, row.cell):
                return
            assert cell.cell_type == "code" or not defined(word, cell.source), f"{name}#{cell.id} has it first"


# The sources ---------------------------------------------------------------------------------------------------------

SOURCES = (notebooks.FOLDER / "SOURCES.md").read_text("utf-8")
SETTLED = rows(SOURCES)


def printed(cell: NotebookNode) -> str:
    """All that a cell prints or shows, in words."""
    found = []
    for output in cell.get("outputs", []):
        found.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(found)


def test_every_article_has_its_equations_in_the_map() -> None:
    parts = re.split(r"^## ", SOURCES, flags=re.MULTILINE)[1:]
    for article in ARTICLES:
        (part,) = [part for part in parts if article in part.splitlines()[0]]
        assert len(rows(part)) >= 5, article


@pytest.mark.parametrize("row", SETTLED, ids=repr)
def test_an_equation_is_settled_where_the_map_says(row: Row) -> None:
    equation, _, shows, verdict = row.fields
    cell = cell_at(row)
    assert equation and verdict
    assert cell.cell_type == "code", "only what is run settles an equation"
    assert not [output for output in cell.outputs if output.output_type == "error"]
    wanted = [part.replace("\\|", "|") for part in re.findall(r"`([^`]+)`", shows)]
    assert wanted
    for part in wanted:
        assert part in printed(cell), f"{row.notebook}#{row.cell} does not print {part!r}"


def test_the_map_would_notice_a_cell_that_prints_something_else() -> None:
    row = SETTLED[0]._replace(fields=(*SETTLED[0].fields[:2], "`what nobody prints`", "holds"))
    with pytest.raises(AssertionError, match="does not print"):
        test_an_equation_is_settled_where_the_map_says(row)


def test_paths_are_chapters_that_exist() -> None:
    assert {row.notebook for row in [*GLOSSARY, *SETTLED]} <= {Path(name).name for name in CHAPTERS}

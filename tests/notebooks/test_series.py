"""The chapters keep their rhythm, speak in one voice, and can be run in any order."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from lessonconv.run_first import Cell, cells_of, first
from tools import notebooks, series

STORED = sorted(notebooks.FOLDER.glob("*.ipynb"))
CHAPTERS = sorted(notebooks.FOLDER.glob("[0-9][0-9]_*.ipynb"))
MOST_LINES = 15
NOT_OURS = re.compile(r"\b(simply|obviously|trivial|trivially|of course|needless to say|as you know)\b", re.I)
AMERICAN = re.compile(
    r"\b(\w*colou?rized|color\w*|gray\w*|cent(er|ered|ers)|behavior\w*|neighbor\w*|labeled|modeling|optimiz\w+|initializ\w+|"
    r"normaliz\w+|recogniz\w+|visualiz\w+|generaliz\w+|regulariz\w+|vectoriz\w+|favorite|artifacts?)\b",
    re.I,
)
NO_PROSE = re.compile(r"\$\$.+?\$\$|\$.+?\$|```.+?```|`.+?`|\[.+?\]\(.+?\)|\*[^*\n]+?\*", re.DOTALL)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")


def prose(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """The words of every text cell, without equations, code, links and titles of other people's works."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.id, NO_PROSE.sub(" ", cell.source)


def code(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def count(notebook: NotebookNode, pattern: str) -> int:
    return sum(len(re.findall(pattern, source)) for source in code(notebook))


def test_there_are_thirteen_chapters_in_order() -> None:
    assert [chapter.number for chapter in series.chapters()] == [f"{number:02}" for number in range(13)]


def test_what_the_chapters_say_of_each_other_is_up_to_date() -> None:
    assert series.stale() == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
class TestRhythm:
    def test_it_asks_lets_play_derives_runs_and_checks(self, path: Path) -> None:
        notebook = notebooks.read(path)
        tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
        assert count(notebook, r"exercises\.predict\(") >= 4
        assert count(notebook, r"explore\.\w+Explorer\(") >= 1
        assert count(notebook, r"symbolic\.derive\(") >= 1
        assert count(notebook, r"\.check\(seed=") >= 1
        exercises = sum(tag.startswith("exercise:") for tag in tags)
        assert exercises >= 3
        assert count(notebook, r"exercises\.hints\(") == exercises
        assert tags.count("cover") == 1

    def test_it_begins_with_a_question_and_ends_with_what_can_be_done(self, path: Path) -> None:
        notebook = notebooks.read(path)
        assert notebook.cells[0].id == "title"
        *_, end, navigation = notebook.cells
        assert end.source.startswith("## What you can now do")
        assert "**To take away:**" in end.source
        assert "Read more" in end.source
        assert navigation.id == "navigation"

    def test_its_picture_is_stored(self, path: Path) -> None:
        assert next(chapter for chapter in series.chapters() if chapter.path == path).cover

    def test_no_cell_is_too_long(self, path: Path) -> None:
        long = [
            cell.id
            for cell in notebooks.read(path).cells
            if cell.cell_type == "code"
            and len(cell.source.splitlines()) > MOST_LINES
            and not any(tag.startswith("exercise:") for tag in cell.metadata.get("tags", []))
        ]
        assert long == []

    def test_every_picture_has_words(self, path: Path) -> None:
        for cell in notebooks.read(path).cells:
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    assert len(output.metadata["image/png"]["alt"]) > 40, cell.id


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
class TestVoice:
    def test_nothing_is_called_easy_and_nobody_shouts(self, path: Path) -> None:
        for cell, words in prose(notebooks.read(path)):
            assert not (found := NOT_OURS.search(words)), f"{cell}: {found}"
            assert not EMOJI.search(words), cell
            assert not re.search(r"\w!(\s|$)", words), cell

    def test_the_spelling_is_british(self, path: Path) -> None:
        for cell, words in prose(notebooks.read(path)):
            assert not (found := AMERICAN.search(words)), f"{cell}: {found}"

    def test_links_lead_somewhere(self, path: Path) -> None:
        for cell in notebooks.read(path).cells:
            for name, place in re.findall(r"\]\((?!http)([^)#]+\.ipynb)(?:#cell-id=([^)]+))?\)", cell.source):
                target = path.parent / name
                assert target.exists(), f"{cell.id}: {name}"
                ids = [other.id for other in notebooks.read(target).cells]
                assert not place or place in ids, f"{cell.id}: {name}#{place}"


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
class TestAnyOrder:
    def test_what_one_cell_takes_from_another_is_made_in_one_cell_above(self, path: Path) -> None:
        cells = cells_of(path)
        made, needed = Counter(name for cell in cells for name in cell.makes), {n for cell in cells for n in cell.needs}
        assert [name for name in needed if made[name] != 1] == []
        known: set[str] = set()
        for cell in cells:
            assert cell.needs <= known, cell.id
            known |= cell.makes

    def test_from_the_last_cell_to_the_first_it_runs_by_following_what_cells_say(self, path: Path) -> None:
        notebook = notebooks.without_outputs(notebooks.read(path))
        resources = {"metadata": {"path": str(path.parent)}}
        with notebooks.quiet_environment():
            client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources)
            with client.setup_kernel():
                Walk(client, cells_of(path)).backwards()


class Walk:
    """A learner who begins at the end, and runs what an error asks for."""

    def __init__(self, client: NotebookClient, cells: list[Cell]) -> None:
        self.client, self.cells, self.known = client, cells, {}
        self.places = {cell.id: place for place, cell in enumerate(client.nb.cells)}

    def backwards(self) -> None:
        for cell in reversed(self.cells):
            if missing := cell.needs - self.known.keys():
                with pytest.raises(CellExecutionError, match=r"is not there yet\. Run"):
                    self.run(cell)
                for other in first(missing, self.cells, self.known):
                    self.run(other)
            self.run(cell)

    def run(self, cell: Cell) -> None:
        place = self.places[cell.id]
        self.client.execute_cell(self.client.nb.cells[place], place)
        self.known.update(dict.fromkeys(cell.makes))

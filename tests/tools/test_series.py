"""The chapters' links, contents and the README's table, on two small chapters in a folder of their own."""

import base64
import io
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tools import notebooks, series

TITLE = """# {number} · {title}

Some words.

**The question:** what is
{title}?

**Time:** {time} minutes, and more for the exercises. **You need:** Python 3.11 or newer,
chapter 00. Run all cells."""


def png(width: int, height: int) -> str:
    image = io.BytesIO()
    Image.new("RGBA", (width, height), (200, 0, 0, 128)).save(image, "png")
    return base64.b64encode(image.getvalue()).decode()


def store(folder: Path, number: str, title: str, time: str = "60", *, cover: bool = True) -> Path:
    code = new_code_cell("draw()", id="draw", metadata={"tags": ["cover"] if cover else []}, execution_count=1)
    code.outputs = [new_output("execute_result", {"image/png": png(1300, 400)}, execution_count=1)]
    words = TITLE.format(number=number, title=title, time=time)
    notebook = new_notebook(cells=[new_markdown_cell(words, id="title"), code])
    path = folder / f"{number}_{title}.ipynb"
    path.write_text(notebooks.text_of(notebook), "utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    store(folder, "00", "start")
    store(folder, "01", "windows", "60 to 75")
    store(folder, "02", "end", cover=False)
    (tmp_path / "README.md").write_text(f"# A\n\n{series.BEGIN}\nold\n{series.END}\n\nafter\n", "utf-8")
    return tmp_path


def write(root: Path) -> None:
    for path, wanted in list(series.files(root)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted)


def cell(root: Path, chapter: str, name: str) -> str:
    notebook = nbformat.read(next(root.glob(f"notebooks/{chapter}_*.ipynb")), 4)
    (found,) = [cell.source for cell in notebook.cells if cell.id == name]
    return found


def test_a_chapter_says_what_it_is_about(root: Path) -> None:
    chapter = series.chapters(root / "notebooks")[1]
    assert (chapter.name, chapter.question, chapter.time) == ("01 · windows", "What is windows?", "60–75")
    assert chapter.needs == "Python 3.11 or newer, chapter 00"


def test_each_chapter_links_to_its_neighbours_the_contents_and_the_glossary(root: Path) -> None:
    write(root)
    assert cell(root, "01", "navigation") == (
        "---\n\n← [00 · start](00_start.ipynb) · [Contents](00_start_here.ipynb#cell-id=contents) · "
        "[Glossary](glossary.ipynb) · [02 · end](02_end.ipynb) →"
    )
    assert "←" not in cell(root, "00", "navigation")
    assert "→" not in cell(root, "02", "navigation")


def test_the_contents_and_the_readme_list_every_chapter(root: Path) -> None:
    write(root)
    contents, readme = cell(root, "00", "contents"), (root / "README.md").read_text("utf-8")
    assert (
        "| [01 · windows](01_windows.ipynb) | What is windows? | 60–75 min | Python 3.11 or newer, chapter 00 |"
        in contents
    )
    assert readme.startswith("# A\n")
    assert readme.endswith(f"{series.END}\n\nafter\n")
    assert "old" not in readme
    assert readme.count("**[0") == 3


def test_a_cover_becomes_a_small_picture_on_white(root: Path) -> None:
    write(root)
    assert sorted(path.name for path in (root / "docs/chapters").iterdir()) == ["00.png", "01.png"]
    picture = Image.open(root / "docs/chapters/01.png").convert("RGB")
    assert picture.width == series.PIXELS
    assert picture.getpixel((0, 0)) == pytest.approx((227, 127, 127), abs=3)


def test_what_was_written_is_not_stale_and_what_was_changed_is(root: Path) -> None:
    assert len(series.stale(root)) == 6
    write(root)
    assert series.stale(root) == []
    (root / "docs/chapters/00.png").unlink()
    store(root / "notebooks", "02", "finish")
    (root / "notebooks/02_end.ipynb").unlink()
    changed = ["notebooks/00_start.ipynb", "docs/chapters/00.png", "notebooks/01_windows.ipynb"]
    assert series.stale(root) == [*changed, "notebooks/02_finish.ipynb", "docs/chapters/02.png", "README.md"]


def test_a_chapter_without_a_question_is_refused_by_name(root: Path) -> None:
    path = store(root / "notebooks", "03", "lost")
    path.write_text(path.read_text("utf-8").replace("The question:", "A question:"), "utf-8")
    with pytest.raises(ValueError, match=r"03_lost.ipynb: its opening does not give the question"):
        series.chapters(root / "notebooks")

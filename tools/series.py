"""What the chapters say of each other, written from their own openings: `python tools/series.py [check]`.

- each chapter's last cell: the way to the previous chapter, the contents, the glossary, and the next chapter;
- chapter 00's table of contents: each chapter's question, how long it takes and what one needs to know;
- the README's table, with a picture of each chapter: what its cell with the tag `cover` shows.
"""

from __future__ import annotations

import argparse
import base64
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, this module sees tools/ only

from tools import notebooks  # noqa: E402

PICTURES = ROOT / "docs" / "chapters"
BEGIN, END = "<!-- chapters: made by tools/series.py -->", "<!-- end of chapters -->"
CONTENTS, NAVIGATION, TITLE, COVER = "contents", "navigation", "title", "cover"
PIXELS, SHOWN = 640, 260  # a picture's greatest width in its file, and its width in the README
COLORS = 128

PARTS = {  # of a chapter's opening
    "its number and title": re.compile(r"\A# (\d\d) · (.+)"),
    "the question": re.compile(r"\*\*The question:\*\* (.+?)(?:\n\n|\Z)", re.DOTALL),
    "the time": re.compile(r"\*\*Time:\*\* (\d+(?: to \d+)?) minutes"),
    "what you need": re.compile(r"\*\*You need:\*\* (.+?)\.(?:\s|\Z)", re.DOTALL),
}


@dataclass(frozen=True)
class Chapter:
    """What a chapter says of itself, before its first section."""

    path: Path
    notebook: NotebookNode
    number: str
    title: str
    question: str
    time: str
    needs: str

    @property
    def name(self) -> str:
        return f"{self.number} · {self.title}"

    @property
    def cover(self) -> bytes | None:
        """The picture that stands for it, as PNG."""
        for cell in self.notebook.cells:
            if COVER in cell.metadata.get("tags", []):
                images = [output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})]
                return base64.b64decode(images[0]) if images else None
        return None


def chapters(folder: Path = notebooks.FOLDER) -> list[Chapter]:
    """All chapters, in order. Raises ValueError if one does not say in its opening what it is about."""
    return [_chapter(path) for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))]


def _chapter(path: Path) -> Chapter:
    notebook = notebooks.read(path)
    words = opening(notebook)
    found = {what: pattern.search(words) for what, pattern in PARTS.items()}
    if missing := [what for what, match in found.items() if not match]:
        raise ValueError(f"{path.name}: its opening does not give {', '.join(missing)}; see the other chapters")
    number, title, question, time, needs = (
        " ".join(words.split()) for match in found.values() if match for words in match.groups()
    )
    return Chapter(path, notebook, number, title, question[0].upper() + question[1:], time.replace(" to ", "–"), needs)


def opening(notebook: NotebookNode) -> str:
    """All that a chapter says before its first section."""
    words: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if cell.source.startswith("## "):
                break
            words.append(cell.source)
    return "\n\n".join(words)


def contents(all_chapters: Sequence[Chapter]) -> str:
    """The table of contents, for a notebook beside the chapters."""
    rows = [
        f"| [{one.name}]({one.path.name}) | {one.question} | {one.time} min | {one.needs} |" for one in all_chapters
    ]
    return "\n".join(["| chapter | the question | time | what you need |", "|:--|:--|:--|:--|", *rows])


def navigation(before: Chapter | None, after: Chapter | None) -> str:
    """The line at the end of a chapter."""
    links = [f"← [{before.name}]({before.path.name})"] if before else []
    links += [f"[Contents](00_start_here.ipynb#cell-id={CONTENTS})", "[Glossary](glossary.ipynb)"]
    links += [f"[{after.name}]({after.path.name}) →"] if after else []
    return "---\n\n" + " · ".join(links)


def table(all_chapters: Sequence[Chapter]) -> str:
    """The README's table: each chapter's picture, name and question."""
    rows = []
    for chapter in all_chapters:
        link = f"notebooks/{chapter.path.name}"
        picture = (
            f'<a href="{link}"><img src="docs/chapters/{chapter.number}.png" width="{SHOWN}" alt="{chapter.title}"></a>'
        )
        rows.append(f"| {picture} | **[{chapter.name}]({link})**<br>{chapter.question} |")
    return "\n".join(["| | |", "|:--|:--|", *rows])


def thumbnail(png: bytes) -> bytes:
    """A picture small enough for a README, on white paper."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    paper.thumbnail((PIXELS, PIXELS), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    paper.convert("RGB").quantize(COLORS, kmeans=2, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def with_cell(notebook: NotebookNode, name: str, source: str) -> None:
    """Put the text into the notebook's cell of this id, or into a new one at its end."""
    cell = next((cell for cell in notebook.cells if cell.id == name), None)
    if cell is None:
        cell = new_markdown_cell(id=name)
        notebook.cells.append(cell)
    cell.source = source


def files(root: Path = ROOT) -> Iterator[tuple[Path, bytes]]:
    """Every file that this module writes, as it should be."""
    all_chapters = chapters(root / "notebooks")
    around = [None, *all_chapters, None]
    for before, chapter, after in zip(around, all_chapters, around[2:], strict=False):
        if chapter.number == "00":
            with_cell(chapter.notebook, CONTENTS, contents(all_chapters))
        with_cell(chapter.notebook, NAVIGATION, navigation(before, after))
        yield chapter.path, notebooks.text_of(chapter.notebook).encode()
        if cover := chapter.cover:
            yield root / "docs" / "chapters" / f"{chapter.number}.png", thumbnail(cover)
    readme = root / "README.md"
    above, _, rest = readme.read_text("utf-8").partition(BEGIN)
    below = rest.partition(END)[2]
    yield readme, f"{above}{BEGIN}\n{table(all_chapters)}\n{END}{below}".encode()


def stale(root: Path = ROOT) -> list[str]:
    """The files that are not as they should be. A picture is only looked for: its bytes depend on who made it."""
    return [
        str(path.relative_to(root))
        for path, wanted in files(root)
        if not path.exists() or (path.suffix != ".png" and path.read_bytes() != wanted)
    ]


def main(arguments: Sequence[str]) -> int:
    """Write what the chapters say of each other, or only look whether it is up to date."""
    parser = argparse.ArgumentParser(prog="series.py", description=__doc__.partition("\n")[0])
    parser.add_argument("command", nargs="?", choices=("write", "check"), default="write")
    if parser.parse_args(arguments).command == "check":
        found = stale()
        for name in found:
            print(f"{name} is not what the chapters say; `python tools/series.py` writes it anew")
        return 1 if found else 0
    for path, wanted in list(files()):
        if not path.exists() or path.read_bytes() != wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted)
            print(f"{path.relative_to(ROOT)}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

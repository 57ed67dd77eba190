"""Chapters in another language: `python tools/translation.py start zh`, and `check`.

A translation is a folder beside the chapters, `notebooks/zh/`: the same notebooks, cell for cell, with other words. Its
code is the original's, so it runs, and is tested, like the original. Every text cell knows what it translates: if the
original's words change, `check` names the cells to look at again.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, this module sees tools/ only

from tools import notebooks  # noqa: E402

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, in short
TRANSLATES = "translates"  # in a text cell's metadata: the digest of the words that it translates


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def begun(original: NotebookNode) -> NotebookNode:
    """A copy to translate: every text cell still in the original's words, and marked with what they were."""
    copy = nbformat.from_dict(original)
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            cell.metadata[TRANSLATES] = digest(cell.source)
    return copy


def start(language: str, folder: Path = notebooks.FOLDER) -> list[Path]:
    """Copy the chapters that are not yet there into a language's folder. Raises ValueError for what is no language."""
    if not LANGUAGE.fullmatch(language):
        raise ValueError(f"{language!r} is not a language's short name; give one such as zh, de or pt-BR")
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        copy = folder / language / path.name
        if not copy.exists():
            notebooks.write(begun(notebooks.read(path)), copy)
            found.append(copy)
    return found


def complaints(original: NotebookNode, translation: NotebookNode) -> Iterator[str]:
    """What is not as in the original, or was translated from other words."""
    ids, theirs = [cell.id for cell in original.cells], [cell.id for cell in translation.cells]
    if ids != theirs:
        yield f"its cells are not the original's: {', '.join(sorted({*ids} ^ {*theirs})) or 'their order differs'}"
        return
    for cell, other in zip(original.cells, translation.cells, strict=True):
        if cell.cell_type == "code" and cell.source != other.source:
            yield f"cell {cell.id}: its code differs from the original's"
        if cell.cell_type == "markdown" and other.metadata.get(TRANSLATES) != digest(cell.source):
            now = digest(cell.source)
            yield f"cell {cell.id}: the original's words have changed; translate it again, then set {now}"


def check(folder: Path = notebooks.FOLDER) -> list[str]:
    """All complaints about all translations, a sentence each."""
    found = []
    for path in sorted(folder.glob("*/*.ipynb")):
        name, original = f"{path.parent.name}/{path.name}", folder / path.name
        if not original.exists():
            found.append(f"{name}: there is no such chapter any more")
            continue
        found += [f"{name}: {one}" for one in complaints(notebooks.read(original), notebooks.read(path))]
    return found


def main(arguments: Sequence[str]) -> int:
    """Begin a translation, or say what is out of step."""
    parser = argparse.ArgumentParser(prog="translation.py", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("start").add_argument("language")
    commands.add_parser("check")
    chosen = parser.parse_args(arguments)
    if chosen.command == "start":
        for path in start(chosen.language):
            print(f"{path.relative_to(ROOT)}: to translate")
        return 0
    found = check()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

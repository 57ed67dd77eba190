"""Run, normalise, check and strip the notebooks: `python tools/notebooks.py execute|normalise|check|strip`.

Notebooks are stored executed, so that a reader without a kernel sees every number and picture, and nbval compares what
is stored with what the code prints today. Normalised means that the same notebook is the same file on every machine:

- execution counts run 1, 2, 3 … from the top. Not null: nbval compares nothing in a cell that has no count;
- cell ids stay as they are; metadata keeps what has a meaning (tags, slides, grading, hidden source, a listing to
  mend, what a text translates), nothing else;
- progress bars, widget views and widget state are gone: without the kernel that made them they show nothing;
- pieces of one stream are one output; a PNG holds pixels, not the name and version of what drew it.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import functools
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
FOR_CLASS = ROOT / "build" / "for-class"
CELL_TIMEOUT = 300  # seconds; pyproject.toml gives nbval the same

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}
MEANINGFUL = {"deletable", "editable", "jupyter", "listing", "name", "nbgrader", "slideshow", "tags", "translates"}
DEFAULTS = {"deletable": True, "editable": True, "slideshow": {"slide_type": ""}, "jupyter": {}, "tags": []}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"\d+%\||\d+it \[|FloatProgress|IntProgress")
CARRIAGE_RETURN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_WORDS = {b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf"}
UNSTABLE = {
    "a memory address": re.compile(r"\b0x[0-9a-fA-F]{8,}"),
    "a path of one machine": re.compile(rf"(?<!\w)/(?:home|Users|root|tmp)/\w|\b[A-Z]:\\\w|{re.escape(str(ROOT))}"),
}


# Normalising --------------------------------------------------------------------------------------------------------


def normalise(notebook: NotebookNode) -> NotebookNode:
    """The same notebook as every machine stores it; the one given is left as it is."""
    notebook = nbformat.from_dict(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    count = 0
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(meaningful(cell.metadata))
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = outputs_of(cell.outputs, cell.execution_count)
    name_cells(notebook)
    return notebook


def meaningful(metadata: dict[str, Any]) -> dict[str, Any]:
    """What of a cell's metadata changes how it is taught or graded, not how it once looked in somebody's editor."""
    kept = {key: value for key, value in metadata.items() if key in MEANINGFUL}
    if "jupyter" in kept:
        kept["jupyter"] = {key: value for key, value in kept["jupyter"].items() if key == "source_hidden" and value}
    return {key: value for key, value in kept.items() if value != DEFAULTS.get(key)}


def outputs_of(outputs: list[NotebookNode], count: int | None) -> list[NotebookNode]:
    """One cell's outputs, without what only lives in a running kernel."""
    kept = []
    for output in merged(outputs):
        if output.output_type == "error":  # the lines above the message name files of one machine
            output.traceback = [f"{output.ename}: {output.evalue}"]
        elif output.output_type == "execute_result":
            output.execution_count = count
        if output.output_type in ("error", "stream") or has_something_to_show(output):
            kept.append(output)
    return merged(kept)  # again: what stood between two pieces may be gone


def merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs with neighbouring pieces of a stream joined. How a stream was cut says nothing; its place does."""
    joined: list[NotebookNode] = []
    for output in outputs:
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    for output in joined:
        if output.output_type == "stream":
            output.text = final_text(output.text, progress=output.name == "stderr")
    return [output for output in joined if output.output_type != "stream" or output.text]


def has_something_to_show(output: NotebookNode) -> bool:
    """Take the widget view out of an output, the metadata out of its PNG, and say whether anything is left to see."""
    is_widget = output.data.pop(WIDGET_VIEW, None) is not None
    output.metadata.pop(WIDGET_VIEW, None)
    if "image/png" in output.data:
        output.data["image/png"] = pixels_only(output.data["image/png"])
    only_words = set(output.data) <= {"text/plain"}
    return bool(output.data) and not (is_widget and only_words and PROGRESS.search(output.data["text/plain"]))


def final_text(text: str, *, progress: bool) -> str:
    """What a terminal would show in the end: overwritten lines are gone and, with `progress`, finished bars too."""
    text = CARRIAGE_RETURN.sub("", text)
    if not progress:
        return text
    kept = "".join(line for line in text.splitlines(keepends=True) if not PROGRESS.search(line))
    return kept if kept.strip() else ""


def pixels_only(encoded: str) -> str:
    """A base64 PNG without its text and time chunks, where Matplotlib writes its version."""
    try:
        png = base64.b64decode(encoded)
    except binascii.Error:
        return encoded
    if not png.startswith(PNG_SIGNATURE):
        return encoded
    kept, start = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while start < len(png):  # a chunk: length (4 bytes), type (4), data, checksum (4)
        end = start + 12 + int.from_bytes(png[start : start + 4], "big")
        if png[start + 4 : start + 8] not in PNG_WORDS:
            kept.append(png[start:end])
        start = end
    return base64.b64encode(b"".join(kept)).decode("ascii")


def name_cells(notebook: NotebookNode) -> None:
    """Give an id to each cell that has none, or one that an earlier cell has; the others keep theirs."""
    taken: set[str] = set()
    for position, cell in enumerate(notebook.cells):
        if not cell.get("id") or cell.id in taken:
            cell["id"] = hashlib.sha256(f"{position} {cell.source}".encode()).hexdigest()[:8]
        taken.add(cell.id)


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """A copy to work in: nothing run yet."""
    notebook = normalise(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


# Checking -----------------------------------------------------------------------------------------------------------


def complaints(notebook: NotebookNode) -> list[str]:
    """What keeps a notebook from being stored, a sentence each; none if it is normalised and executed."""
    found = [f"{part} differs from its normal form" for part in differences(notebook, normalise(notebook))]
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip():
            found += [f"cell {number} ({cell.get('id')}) {problem}" for problem in problems(cell)]
    return found


def differences(notebook: NotebookNode, normal: NotebookNode) -> Iterator[str]:
    """The parts of a notebook, by name, that normalising would change."""
    if (notebook.nbformat, notebook.nbformat_minor, notebook.metadata) != (4, 5, normal.metadata):
        yield "the notebook's metadata"
    for number, (cell, other) in enumerate(zip(notebook.cells, normal.cells, strict=True)):
        changed = [key for key in other if cell.get(key) != other[key]]
        if changed:
            yield f"cell {number} ({other['id']}): its {' and '.join(changed)}"


def problems(cell: NotebookNode) -> Iterator[str]:
    """What is wrong in one code cell's outputs that normalising can't repair."""
    if cell.execution_count is None:
        yield "was never run, so nothing of it would be compared"
    for output in cell.outputs:
        text = readable(output)
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
            yield f"raises {output.ename}; tag it raises-exception if it is meant to"
        if output.output_type == "stream" and output.name == "stderr":
            yield f"writes to stderr: {text.strip().splitlines()[0][:80] if text.strip() else 'blank lines'}"
        yield from (f"prints {what}: {found[0]}" for what, shape in UNSTABLE.items() if (found := shape.search(text)))


def readable(output: NotebookNode) -> str:
    """The text of an output that nbval compares."""
    if output.output_type == "stream":
        return str(output.text)
    return "\n".join(str(text) for mime, text in output.get("data", {}).items() if mime.startswith("text/"))


# Running ------------------------------------------------------------------------------------------------------------


@functools.cache
def quiet_profile() -> tempfile.TemporaryDirectory[str]:
    """An IPython folder with nobody's settings and no progress bars. It lasts as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="lessonconv-", ignore_cleanup_errors=True)
    startup = Path(folder.name, "profile_default", "startup")
    startup.mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "no_progress.py", startup)
    return folder


@contextmanager
def quiet_environment() -> Iterator[None]:
    """Kernels started in here are this environment's own, and print the same on every machine."""
    saved = dict(os.environ)
    os.environ.update(IPYTHONDIR=quiet_profile().name, JUPYTER_PREFER_ENV_PATH="1")
    for name in ("JUPYTER_PATH", "MPLBACKEND", "PYTHONSTARTUP", "PYTHONWARNINGS"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def executed(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """A copy of a notebook, run from top to bottom in a new kernel of this environment."""
    from nbclient import NotebookClient

    notebook = without_outputs(notebook)
    resources = {"metadata": {"path": str(folder)}}
    with quiet_environment():
        client = NotebookClient(
            notebook, timeout=CELL_TIMEOUT, kernel_name="python3", resources=resources, record_timing=False
        )
        client.execute()
    return normalise(notebook)


# Files and commands -------------------------------------------------------------------------------------------------


def read(path: Path) -> NotebookNode:
    """A notebook as it stands in a file. nbformat.read would invent ids where they are missing, new ones each time."""
    return nbformat.v4.reads(path.read_text("utf-8"))


def text_of(notebook: NotebookNode) -> str:
    """A notebook as it stands in a file: sorted keys, one space of indentation, a newline at the end."""
    return str(nbformat.v4.writes(notebook)) + "\n"


def write(notebook: NotebookNode, path: Path) -> str:
    """Store a notebook if that changes the file; say which of the two it was."""
    text = text_of(notebook)
    if path.exists() and path.read_text("utf-8") == text:
        return "unchanged"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
    return "written"


def execute(paths: Sequence[Path]) -> int:
    """Run each notebook and store its outputs, normalised. One that fails is left as it was."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    failed = 0
    for path in paths:
        start = time.perf_counter()
        try:
            result = write(executed(read(path), path.parent), path)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            failed, result = 1, f"left as it was, because a cell failed:\n{error}"
        print(f"{path.name}: {time.perf_counter() - start:.1f} s, {result}", flush=True)
    return failed


def normalise_files(paths: Sequence[Path]) -> int:
    """Normalise each notebook in place."""
    for path in paths:
        print(f"{path.name}: {write(normalise(read(path)), path)}")
    return 0


def check(paths: Sequence[Path]) -> int:
    """Name everything that keeps a notebook from being stored; 1 if there is anything."""
    failed = 0
    for path in paths:
        notebook = read(path)
        found = complaints(notebook)
        if not found and path.read_text("utf-8") != text_of(notebook):
            found = ["the file is laid out in another way than Jupyter would"]
        for complaint in found:
            failed = 1
            print(f"{path.name}: {complaint}")
    if failed:
        print("`make notebooks` runs and normalises them all; `make notebooks ARGS=normalise` only normalises.")
    return failed


def strip(paths: Sequence[Path]) -> int:
    """Put copies without outputs into build/for-class; the notebooks themselves keep theirs."""
    for path in paths:
        copy = FOR_CLASS / path.name
        print(f"{path.name}: {write(without_outputs(read(path)), copy)}")
    print(f"The copies are in {FOR_CLASS}")
    return 0


COMMANDS = {"execute": execute, "normalise": normalise_files, "check": check, "strip": strip}


def main(arguments: Sequence[str]) -> int:
    """Read the command line and run one command on the notebooks that it names, or on all of them."""
    parser = argparse.ArgumentParser(prog="notebooks.py", description=__doc__.partition("\n")[0])
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("paths", nargs="*", type=Path, metavar="notebook")
    chosen = parser.parse_args(arguments)
    return COMMANDS[chosen.command](chosen.paths or sorted(FOLDER.glob("*.ipynb")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

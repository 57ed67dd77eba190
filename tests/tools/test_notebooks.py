"""tools/notebooks.py: what is noise and goes, what has a meaning and stays, and what is complained about."""

import base64
import json
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks


def cell(*outputs: NotebookNode, source: str = "1 + 1", count: int | None = 1, **metadata: Any) -> NotebookNode:
    """A code cell that was run."""
    return new_code_cell(source, execution_count=count, outputs=list(outputs), metadata=metadata, id="abcd1234")


def stream(text: str, name: str = "stdout") -> NotebookNode:
    """A piece of a stream."""
    return new_output("stream", name=name, text=text)


def shown(**data: str) -> NotebookNode:
    """Something displayed: text_plain="…" stands for the MIME type text/plain."""
    return new_output("display_data", data={key.replace("_", "/", 1): value for key, value in data.items()})


def widget(words: str, **data: str) -> NotebookNode:
    """A displayed widget."""
    output = shown(text_plain=words, **data)
    output.data[notebooks.WIDGET_VIEW] = {"model_id": "f00", "version_major": 2, "version_minor": 0}
    return output


def notebook(*cells: NotebookNode) -> NotebookNode:
    """A notebook as Jupyter writes one here and now, noise included."""
    kernel = {"display_name": "my kernel", "language": "python", "name": "py312"}
    result: NotebookNode = new_notebook(metadata={"kernelspec": kernel, "widgets": {"state": {}}, "toc": 1})
    result.cells = list(cells)  # not through new_notebook, which gives new ids to cells that share one
    return result


def normal_outputs(*outputs: NotebookNode) -> list[NotebookNode]:
    """The outputs of one cell, normalised."""
    result: list[NotebookNode] = notebooks.normalise(notebook(cell(*outputs))).cells[0].outputs
    return result


def png(*chunks: tuple[bytes, bytes]) -> str:
    """A base64 PNG of these chunks."""
    parts = [struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks]
    return base64.b64encode(notebooks.PNG_SIGNATURE + b"".join(parts)).decode()


# Normalising


def test_a_kernels_and_an_editors_metadata_go() -> None:
    noise = {"collapsed": True, "scrolled": False, "execution": {"started": "12:00"}, "tags": []}
    normal = notebooks.normalise(notebook(cell(**noise)))
    assert normal.metadata == {"kernelspec": notebooks.KERNEL, "language_info": notebooks.LANGUAGE}
    assert normal.cells[0].metadata == {}


def test_tags_slides_grading_and_hidden_source_stay() -> None:
    kept = {"tags": ["exercise"], "slideshow": {"slide_type": "slide"}, "nbgrader": {"grade": True}, "editable": False}
    normal = notebooks.normalise(notebook(cell(jupyter={"source_hidden": True, "outputs_hidden": True}, **kept)))
    assert normal.cells[0].metadata == {"jupyter": {"source_hidden": True}, **kept}


def test_counts_run_from_one_and_skip_what_was_not_run() -> None:
    result = new_output("execute_result", data={"text/plain": "2"}, execution_count=9)
    cells = [cell(count=7), new_markdown_cell("text"), cell(count=None), cell(result, count=9)]
    normal = notebooks.normalise(notebook(*cells))
    assert [c.execution_count for c in normal.cells if c.cell_type == "code"] == [1, None, 2]
    assert normal.cells[3].outputs[0].execution_count == 2


def test_the_given_notebook_is_left_as_it_is() -> None:
    given = notebook(cell(stream("a"), stream("b"), count=5, scrolled=True))
    before = json.dumps(given)
    notebooks.normalise(given)
    assert json.dumps(given) == before


def test_ids_stay_and_missing_or_doubled_ones_are_always_given_the_same() -> None:
    given = notebook(cell(), cell(), new_markdown_cell("text"))
    del given.cells[2]["id"]
    once, again = notebooks.normalise(given), notebooks.normalise(given)
    ids = [c.id for c in once.cells]
    assert ids[0] == "abcd1234"
    assert len(set(ids)) == 3
    assert ids == [c.id for c in again.cells]


def test_pieces_of_a_stream_are_joined_but_not_across_a_picture() -> None:
    outputs = normal_outputs(stream("a\n"), stream("b\n"), shown(text_plain="picture"), stream("c\n"))
    assert [o.get("text") for o in outputs] == ["a\nb\n", None, "c\n"]


def test_a_progress_bar_on_stderr_goes_and_a_warning_beside_it_stays() -> None:
    bar = "\r  0%|          | 0/3 [00:00<?, ?it/s]\r100%|██████████| 3/3 [00:01<00:00]\n"
    assert normal_outputs(stream("a"), stream(bar, "stderr"), stream("b")) == [stream("ab")]
    assert normal_outputs(stream(bar + "careful\n", "stderr")) == [stream("careful\n", "stderr")]


def test_overwritten_lines_are_gone() -> None:
    assert normal_outputs(stream("epoch 1\r"), stream("epoch 2\n")) == [stream("epoch 2\n")]


def test_a_progress_widget_goes_and_an_explorer_keeps_its_picture() -> None:
    assert normal_outputs(widget("  0%|          | 0/10 [00:00<?, ?it/s]")) == []
    outputs = normal_outputs(widget("Explorer(stride=2)", text_html="<svg/>"))
    assert outputs == [shown(text_plain="Explorer(stride=2)", text_html="<svg/>")]


def test_a_png_keeps_its_pixels_and_loses_its_words() -> None:
    pixels = [(b"IHDR", b"size"), (b"pHYs", b"dots"), (b"IDAT", b"colours"), (b"IEND", b"")]
    drawn = png(*pixels[:1], (b"tEXt", b"Software\0Matplotlib 3.11"), (b"tIME", b"today"), *pixels[1:])
    (output,) = normal_outputs(shown(image_png=drawn))
    assert output.data["image/png"] == png(*pixels)
    assert notebooks.pixels_only("not a picture") == "not a picture"


def test_an_error_keeps_its_message_and_not_the_files_it_went_through() -> None:
    error = new_output("error", ename="ValueError", evalue="too large", traceback=["File ~/x.py", "…"])
    assert normal_outputs(error)[0].traceback == ["ValueError: too large"]


texts = st.text(st.sampled_from("ab\r\n"), max_size=8)
bars = st.just("50%|█ | 1/2\n")
pieces = st.builds(stream, texts | bars, st.sampled_from(["stdout", "stderr"])) | st.just(shown(text_plain="x"))


@given(st.lists(pieces, max_size=6))
def test_normalising_twice_changes_nothing_more(outputs: list[NotebookNode]) -> None:
    once = notebooks.normalise(notebook(cell(*outputs)))
    assert notebooks.normalise(once) == once


# Checking


def test_a_normalised_executed_notebook_has_no_complaints() -> None:
    assert notebooks.complaints(notebooks.normalise(notebook(cell(stream("2\n")), cell(source="", count=None)))) == []


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (cell(count=3), "cell 0 (abcd1234): its execution_count differs"),
        (cell(scrolled=True), "cell 0 (abcd1234): its metadata differs"),
        (cell(stream("a"), stream("b")), "cell 0 (abcd1234): its outputs differs"),
        (cell(widget("50%|█ |")), "cell 0 (abcd1234): its outputs differs"),
        (cell(count=None), "cell 0 (abcd1234) was never run"),
        (cell(stream("UserWarning: no\n", "stderr")), "cell 0 (abcd1234) writes to stderr: UserWarning: no"),
        (cell(stream("<object at 0x7f12ab34cd>")), "cell 0 (abcd1234) prints a memory address"),
        (cell(shown(text_html="<img src=/home/me/a.png>")), "cell 0 (abcd1234) prints a path of one machine"),
        (cell(new_output("error", ename="E", evalue="", traceback=["E: "])), "cell 0 (abcd1234) raises E"),
    ],
)
def test_what_must_not_be_stored_is_named(given: NotebookNode, complaint: str) -> None:
    stored = notebooks.normalise(notebook())
    stored.cells = [given]
    assert any(complaint in found for found in notebooks.complaints(stored)), notebooks.complaints(stored)


def test_an_error_that_is_meant_is_no_complaint() -> None:
    error = new_output("error", ename="E", evalue="no", traceback=["E: no"])
    assert notebooks.complaints(notebooks.normalise(notebook(cell(error, tags=["raises-exception"])))) == []


def test_check_fails_until_normalise_was_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    nbformat.write(notebook(cell(stream("2\n"), count=4)), path)
    assert notebooks.main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "a.ipynb: the notebook's metadata differs" in said
    assert "make notebooks" in said
    assert notebooks.main(["normalise", str(path)]) == 0
    assert notebooks.main(["check", str(path)]) == 0


def test_check_fails_on_another_layout_of_the_same_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    normal = notebooks.normalise(notebook(cell(stream("2\n"))))
    path.write_text(json.dumps(normal), "utf-8")
    assert notebooks.main(["check", str(path)]) == 1
    assert "laid out" in capsys.readouterr().out


# Files


def test_a_file_is_written_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    normal = notebooks.normalise(notebook(cell(stream("∂L/∂w\n"))))
    assert notebooks.write(normal, path) == "written"
    assert notebooks.write(notebooks.normalise(notebooks.read(path)), path) == "unchanged"
    assert path.read_bytes().endswith(b"}\n")
    assert "∂L/∂w" in path.read_text("utf-8")


def test_strip_leaves_the_original_and_empties_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebooks, "FOR_CLASS", tmp_path / "class")
    path = tmp_path / "a.ipynb"
    notebooks.write(notebooks.normalise(notebook(cell(stream("2\n"), tags=["exercise"]))), path)
    before = path.read_bytes()
    assert notebooks.main(["strip", str(path)]) == 0
    copy = notebooks.read(tmp_path / "class" / "a.ipynb").cells[0]
    assert (copy.outputs, copy.execution_count, copy.metadata) == ([], None, {"tags": ["exercise"]})
    assert path.read_bytes() == before


# Running


def test_running_is_quiet_repeatable_and_in_this_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a `python3` kernel of its own, whose command does not exist, changes nothing."""
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": ["no-such-python", "{connection_file}"], "display_name": "mine", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    path = tmp_path / "a.ipynb"
    source = "import sys\nfrom tqdm.auto import tqdm\nprint(sys.prefix)\nfor _ in tqdm(range(3)): pass\nprint('end')"
    notebooks.write(notebook(cell(source=source, count=None)), path)
    assert notebooks.main(["execute", str(path)]) == 0
    first = path.read_bytes()
    (output,) = notebooks.read(path).cells[0].outputs
    assert output.text == f"{sys.prefix}\nend\n"
    assert notebooks.main(["execute", str(path)]) == 0
    assert path.read_bytes() == first


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    notebooks.write(notebook(cell(source="1 / 0", count=None)), path)
    before = path.read_bytes()
    assert notebooks.main(["execute", str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert path.read_bytes() == before


def test_the_environment_is_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    before = dict(os.environ)
    with notebooks.quiet_environment():
        assert "MPLBACKEND" not in os.environ
        assert os.environ["IPYTHONDIR"] == notebooks.quiet_profile().name
    assert dict(os.environ) == before

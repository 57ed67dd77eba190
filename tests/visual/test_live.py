"""Live curves: what they send to the page, what they leave in a notebook, and that they never disturb a training."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import IPython
import IPython.display
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from lessonconv import nn, visual
from lessonconv.visual import palette

SENTENCE = "Loss and accuracy against epoch, drawn while the network learns."
SOURCE = Path(visual.__file__).parent / "live.mjs"
VIEW = "application/vnd.jupyter.widget-view+json"


def history(*losses: float) -> nn.History:
    return nn.History([nn.Epoch(k, loss, 0.5, None, None, 0.1, 2.0) for k, loss in enumerate(losses, 1)])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is displayed, as if a notebook were running."""
    outputs: list[Any] = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr(IPython.display, "display", lambda it: outputs.append(it._repr_mimebundle_()))
    return outputs


def test_the_page_is_sent_plain_numbers_for_each_epoch() -> None:
    live = visual.LiveCurves(epochs=3)
    assert (live.rows, live.epochs) == ([], 3)
    live(nn.History([nn.Epoch(1, np.float32(0.5), 0.75, np.float64(0.25), 1.0, 0.1, 2.0)]))  # type: ignore[arg-type]
    assert live.rows == [(1, 0.5, 0.75, 0.25, 1.0, 2.0)]
    json.dumps(live.rows, allow_nan=False)


def test_each_epoch_is_a_new_message_and_not_only_the_last_row() -> None:
    live, seen = visual.LiveCurves(), []
    live.observe(lambda change: seen.append(len(change["new"])), "rows")
    growing = history(1.0)
    live(growing)
    growing.epochs.append(nn.Epoch(2, 0.5, 0.5, None, None, 0.1, 2.0))
    live(growing)
    assert seen == [1, 2]


def test_what_json_does_not_know_is_sent_as_nothing() -> None:
    live = visual.LiveCurves()
    live(history(float("nan"), float("inf")))
    assert [row[1] for row in live.rows] == [None, None]
    assert live.rows[0][3] is None  # no test was measured


def test_the_learner_s_history_is_left_as_it_is() -> None:
    mine = history(1.0, 0.5)
    visual.LiveCurves()(mine)
    assert mine == history(1.0, 0.5)


def test_it_shows_itself_once(shown: list[Any]) -> None:
    live = visual.LiveCurves(2)
    live(history(1.0))
    live(history(1.0, 0.5))
    assert len(shown) == 1
    assert shown[0][0]["text/plain"] == SENTENCE
    assert VIEW in shown[0][0]


def test_it_does_not_show_itself_again_where_it_was_shown_before(shown: list[Any]) -> None:
    live = visual.LiveCurves(2)
    IPython.display.display(live)
    live(history(1.0))
    assert len(shown) == 1


def test_its_words_are_always_the_same() -> None:
    live = visual.LiveCurves(2)
    before = repr(live)
    live(history(1.0))
    assert repr(live) == before == SENTENCE


def test_a_negative_number_of_epochs_is_refused() -> None:
    with pytest.raises(ValueError, match="epochs is -1"):
        visual.LiveCurves(-1)


def test_a_plain_program_trains_with_it_undisturbed(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((40, 6), dtype=np.float32), rng.integers(0, 3, 40)
    live = visual.LiveCurves(2)
    plain, watched = (nn.Sequential(nn.Linear(6, 3), rng=0) for _ in range(2))
    nn.fit(plain, (x, y), epochs=2, progress=False)
    found = nn.fit(watched, (x, y), epochs=2, progress=False, on_epoch=live)
    np.testing.assert_array_equal(watched.params["0.w"], plain.params["0.w"])
    assert [row[1] for row in live.rows] == [epoch.loss for epoch in found.epochs]
    assert capsys.readouterr() == ("", "")


def test_a_notebook_without_a_page_keeps_the_sentence_and_no_number() -> None:
    source = """
from lessonconv import nn, visual
live = visual.LiveCurves(epochs=2)
run = nn.History()
for epoch in (1, 2):
    run.epochs.append(nn.Epoch(epoch, 0.123, 0.5, 0.4, 0.6, 0.1, 1.0))
    live(run)
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False).execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "display_data"
    assert output.data["text/plain"] == SENTENCE
    assert set(output.data) <= {"text/plain", VIEW}


# The page's side


def test_the_style_holds_the_palette_and_only_its_colours() -> None:
    assert visual.LiveCurves._css.startswith(palette.css())
    for name in ("ink", "muted", "line"):
        assert f"var(--lc-{name})" in visual.LiveCurves._css


def test_text_is_set_as_text() -> None:
    source = SOURCE.read_text(encoding="utf-8")
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "import ",
        "http:",
        "fetch(",
    )
    allowed = source.replace("http://www.w3.org/2000/svg", "")
    assert [word for word in forbidden if word in allowed] == []
    assert len(source.splitlines()) < 120


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_drawing_passes_its_own_tests() -> None:
    tests = Path(__file__).parent / "live.test.mjs"
    run = subprocess.run(["node", "--test", str(tests)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr

"""predict: a question as a widget, and without a kernel; its page passes tests of its own, run by node."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lessonconv.exercises.prediction import Prediction, predict
from lessonconv.exercises.question import find, names
from lessonconv.visual import palette
from tools.notebooks import WIDGET_VIEW, has_something_to_show

TESTS = Path(__file__).parent
node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def run(*arguments: str) -> None:
    found = subprocess.run(["node", *arguments], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def bundle(name: str) -> dict[str, str]:
    """What a cell that asks stores, all but the widget by name."""
    shown = predict(name)._repr_mimebundle_()
    assert shown
    return shown[0]


@pytest.mark.parametrize("name", names())
def test_every_question_can_be_asked_and_sent(name: str) -> None:
    message = predict(name).question
    assert json.loads(json.dumps(message)) == message
    assert message["kind"] in ("choice", "number")


def test_the_cell_shows_the_widget_and_the_question_for_those_without() -> None:
    shown = bundle("04.products")
    assert sorted(shown) == [WIDGET_VIEW, "text/html", "text/plain"]
    assert shown["text/plain"] == find("04.products").text() == repr(predict("04.products"))
    assert shown["text/html"] == find("04.products").html()


@pytest.mark.parametrize("name", names())
def test_what_is_stored_is_the_same_each_time_and_does_not_show_the_answer(name: str) -> None:
    shown, again = bundle(name), bundle(name)
    assert shown["text/plain"] == again["text/plain"] and shown["text/html"] == again["text/html"]
    explanation = find(name).explanation
    assert explanation not in shown["text/plain"]
    assert shown["text/html"].index("<details>") < shown["text/html"].index("Reveal the answer")
    assert not re.search(r"\b(id|class|style)=", shown["text/html"])


def test_a_stored_notebook_keeps_the_question() -> None:
    from nbformat.v4 import new_output

    output = new_output("execute_result", data=bundle("10.mean"), execution_count=1)
    assert has_something_to_show(output)
    assert sorted(output.data) == ["text/html", "text/plain"]


def test_a_bad_name_lists_the_near_ones() -> None:
    with pytest.raises(ValueError, match=r"there is no question '04\.prodcts'; near it: 04\.products"):
        predict("04.prodcts")


def test_nothing_is_kept_but_the_question() -> None:
    own = set(Prediction.class_trait_names(sync=True)) - set(Prediction.__mro__[1].class_trait_names(sync=True))
    assert own == {"question"}


def test_the_page_sets_text_as_text_and_tells_nobody() -> None:
    source = Prediction._esm
    words = ("import ", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "http:", "https:", "fetch(")
    calls = ("model.set", "model.send", "save_changes", "localStorage", "sessionStorage")
    assert [word for word in (*words, *calls) if word in source.replace("http://www.w3.org/2000/svg", "")] == []
    assert source.count("function keepKeys") == source.count("function html") == 1


def test_its_colours_are_the_palette_s() -> None:
    assert palette.css() in Prediction._css
    assert not re.search(r"#[0-9a-f]{3,6}\b", Prediction._css.replace(palette.css(), ""))


@node
def test_the_page_is_one_module(tmp_path: Path) -> None:
    path = tmp_path / "prediction.mjs"
    path.write_text(Prediction._esm, "utf-8")
    run("--check", str(path))
    run("--input-type=module", "--eval", f"const m = await import({path.as_uri()!r}); if (!m.default.render) throw 1")


@node
def test_the_page_passes_its_own_tests() -> None:
    run("--test", str(TESTS / "prediction.test.mjs"))

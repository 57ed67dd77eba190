"""The browser tests can fail: what they rest on, tried on a small widget with a button and a range input."""

import re
import sys
import time

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chromium import Record, find, violations
from tests.browser.conftest import OpenNotebook
from tests.browser.jupyter import Notebook

WIDGET = '''
import anywidget
import traitlets

class Doubler(anywidget.AnyWidget):
    """Python doubles what the page asks for. (data-lm-…: or Jupyter's shortcuts take its arrow keys.)"""

    _esm = """
    export default { render({ model, el }) {
        el.innerHTML = `<div role="group" aria-label="doubler">
            <label>number
                <input type="range" min="0" max="9" value="3" data-lm-suppress-shortcuts></label>
            <button>reset</button> <output></output></div>`;
        const [input, button, output] = el.querySelectorAll("input, button, output");
        const send = () => { model.set("number", input.valueAsNumber); model.save_changes(); };
        const draw = () => { output.textContent = model.get("doubled"); };
        input.addEventListener("input", send);
        button.addEventListener("click", () => { input.value = 0; send(); });
        button.addEventListener("pointerover", () => { output.textContent = "this needs no kernel"; });
        model.on("change:doubled", draw);
        draw();
    } };
    """
    number = traitlets.Int(3).tag(sync=True)
    doubled = traitlets.Int(6).tag(sync=True)

    @traitlets.observe("number")
    def _double(self, change):
        self.doubled = 2 * change["new"]
'''


def shown(open_notebook: OpenNotebook) -> tuple[Notebook, Locator]:
    """A notebook that shows the widget, and the widget."""
    notebook = open_notebook(WIDGET, "doubler = Doubler()\ndoubler")
    notebook.run_all()
    return notebook, notebook.page.get_by_role("group", name="doubler")


def test_a_key_reaches_python_and_its_answer_the_page(everywhere: OpenNotebook, record: Record) -> None:
    notebook, widget = shown(everywhere)
    answer, messages = widget.get_by_role("status"), record.sent.count("comm_msg")
    expect(answer).to_have_text("6")
    widget.get_by_role("slider", name="number").press("ArrowRight")
    expect(answer).to_have_text("8")
    assert notebook.evaluate("doubler.number, doubler.doubled") == (4, 8)
    assert record.sent.count("comm_msg") == messages + 1
    widget.get_by_role("button", name="reset").click()
    expect(answer).to_have_text("0")
    notebook.execute("doubler.number = 21")
    expect(answer).to_have_text("42")


def test_hover_sends_no_message(lab: OpenNotebook, record: Record) -> None:
    _, widget = shown(lab)
    messages = record.sent.count("comm_msg")
    widget.get_by_role("button").hover()
    expect(widget.get_by_role("status")).to_have_text("this needs no kernel")
    assert record.sent.count("comm_msg") == messages


def test_themes_change(everywhere: OpenNotebook) -> None:
    notebook, widget = shown(everywhere)
    background = "element => getComputedStyle(element).getPropertyValue('--jp-layout-color0')"
    light = widget.evaluate(background)
    notebook.theme("dark")
    assert widget.evaluate(background) != light
    notebook.theme("light")
    assert widget.evaluate(background) == light


def test_axe_finds_what_was_planted_and_nothing_else(lab: OpenNotebook) -> None:
    _, widget = shown(lab)
    assert violations(widget) == []
    widget.get_by_role("button").evaluate("button => button.textContent = ''")
    (violation,) = violations(widget)
    assert violation.startswith("button-name")


def test_the_kernel_is_of_this_environment_and_its_values_come_whole(lab: OpenNotebook) -> None:
    notebook = lab("squares = [n**2 for n in range(3000)]")
    notebook.run_all()
    assert notebook.evaluate("__import__('sys').executable") == sys.executable
    assert notebook.evaluate("squares") == [n**2 for n in range(3000)]


def test_errors_of_the_kernel_are_errors_of_the_test(lab: OpenNotebook) -> None:
    notebook = lab("1 / 0")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.run_all()
    with pytest.raises(RuntimeError, match="NameError: name 'nothing'"):
        notebook.execute("nothing")
    with pytest.raises(RuntimeError, match="NameError: name 'nothing'"):
        notebook.evaluate("nothing")


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        ("console.error('planted')", "console: planted"),
        ("setTimeout(() => { throw new Error('planted'); })", "exception: Error: planted"),
        ("fetch('http://127.0.0.1:9/planted').catch(() => 0)", "request failed: http://127.0.0.1:9/planted"),
        ("fetch('https://planted.invalid/').catch(() => 0)", "external request: https://planted.invalid/"),
        ("new WebSocket('wss://planted.invalid/')", "external request: wss://planted.invalid/"),
        ("import('https://planted.invalid/x.js').catch(() => 0)", "external request: https://planted.invalid/x.js"),
    ],
)
def test_a_problem_in_the_page_fails_the_test(record: Record, planted: str, complaint: str) -> None:
    record.page.evaluate(f"() => {{ {planted}; }}")
    end = time.monotonic() + 10
    while complaint not in str(record.problems) and time.monotonic() < end:
        record.page.wait_for_timeout(20)  # it may take a moment, and Playwright tells while somebody waits
    with pytest.raises(AssertionError, match=re.escape(complaint)):
        record.check()
    record.page.close()  # what was planted can make no more trouble
    record.problems.clear()


def test_without_a_chromium_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROME_PATH", raising=False)
    assert find() is None
    monkeypatch.setenv("CHROME_PATH", "/a/chrome")
    assert find() == "/a/chrome"

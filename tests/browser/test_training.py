"""TrainingExplorer in a real browser: it draws while the cell runs, stops, goes on, and can be read by everybody."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.chromium import violations
from tests.browser.conftest import OpenNotebook
from tests.browser.jupyter import Notebook

NETWORK = """
from lessonconv import data, explore, nn
(x, y), test = data.digits()
layers = [nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU()]
net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(968, 10), rng=0)
training = explore.TrainingExplorer(net, (x, y), test=test, epochs={epochs})
"""
RUN = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"  # returns at once: the cell trains


def shown(open_notebook: OpenNotebook, epochs: int) -> tuple[Notebook, Locator]:
    """A notebook whose last cell trains."""
    notebook = open_notebook(NETWORK.format(epochs=epochs), "history = training.fit()")
    return notebook, notebook.page.locator("[data-state]", has=notebook.page.get_by_role("progressbar"))


def test_it_stops_in_the_middle_of_a_cell_and_goes_on(everywhere: OpenNotebook) -> None:
    notebook, widget = shown(everywhere, epochs=200)
    notebook.page.evaluate(RUN)
    button = widget.get_by_role("button")
    expect(widget).to_have_attribute("data-state", "running", timeout=60000)
    expect(widget).to_have_attribute("data-seq", re.compile(r"^([2-9]|\d\d+)$"), timeout=30000)
    button.click()
    expect(widget).to_have_attribute("data-state", "stopped", timeout=30000)
    stopped = notebook.evaluate("training.history.steps + 1000 * len(training.history.epochs)")
    button.click()
    expect(button).to_have_accessible_name("Stop")
    button.press("Space")
    expect(button).to_have_accessible_name("Go on")
    assert notebook.evaluate("training.history.steps + 1000 * len(training.history.epochs)") >= stopped
    expect(widget.get_by_role("status")).to_contain_text("press Go on, or call fit() again")


def test_axe_finds_nothing(lab: OpenNotebook) -> None:
    notebook, widget = shown(lab, epochs=1)
    notebook.run_all()
    expect(widget).to_have_attribute("data-state", "done")
    for theme in ("light", "dark"):
        notebook.theme(theme)
        assert violations(widget) == [], theme
    for name in ("loss, in nats", "accuracy"):
        expect(widget.get_by_role("img", name=re.compile(f"^{name} against epochs"))).to_be_visible()

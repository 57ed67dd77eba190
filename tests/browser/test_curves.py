"""Explorers of curves in a real browser: the point is dragged and moved by key, and says where it is."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chromium import Record, violations
from tests.browser.conftest import OpenNotebook
from tests.browser.explored import Explored, explored

SIGMOID = "explore.ActivationExplorer(function='sigmoid', z=0)"

CONTRAST = """(root) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const luminance = (color, under) => {
        for (const one of [under, color]) { canvas.fillStyle = one; canvas.fillRect(0, 0, 1, 1); }
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = getComputedStyle(root).backgroundColor;
    return Math.min(...[...root.querySelectorAll("svg text")].map((text) => {
        const both = [luminance(paper, "white"), luminance(getComputedStyle(text).fill, paper)];
        const [low, high] = both.sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    }));
}"""


def point(shown: Explored) -> Locator:
    """What is dragged."""
    return shown.root.get_by_role("slider", name="z", exact=True)


def over(shown: Explored, share: float) -> tuple[float, float]:
    """A place on the page over the curves, at this share of their width."""
    box = shown.root.locator("svg.plot").bounding_box()
    assert box
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def test_the_point_is_dragged_along_the_curve_and_python_hears_of_it_at_the_end(
    everywhere: OpenNotebook, record: Record
) -> None:
    shown = explored(everywhere, SIGMOID)
    assert "At z = 0: a = σ(0) = 0.5, and the slope there is g′(z) = 0.25." in shown.words()
    sent, mouse = record.sent.count("comm_msg"), shown.page.mouse
    mouse.move(*over(shown, 0.5))
    mouse.down()
    mouse.move(*over(shown, 0.75), steps=8)
    expect(shown.root).to_have_attribute("data-at", "4")
    assert "At z = 4: a = σ(4) = 0.982" in shown.words() and "Saturated" in shown.words()
    assert record.sent.count("comm_msg") == sent
    mouse.up()
    assert shown.notebook.evaluate("explorer.z") == 4
    assert shown.notebook.evaluate("explorer.told") == shown.words()
    assert record.sent.count("comm_msg") == sent + 1


def test_hovering_tells_of_another_place_and_the_point_stays(lab: OpenNotebook, record: Record) -> None:
    shown = explored(lab, SIGMOID)
    sent = record.sent.count("comm_msg")
    shown.page.mouse.move(*over(shown, 0.25))
    expect(shown.root).to_have_attribute("data-hover", "")
    assert "At z = −4" in shown.words()
    shown.page.mouse.move(0, 0)
    expect(shown.root).not_to_have_attribute("data-hover", "")
    assert "At z = 0" in shown.words()
    assert record.sent.count("comm_msg") == sent


def test_the_point_goes_by_keyboard_alone(everywhere: OpenNotebook) -> None:
    shown = explored(everywhere, SIGMOID)
    shown.slider("∂L/∂a").focus()
    shown.page.keyboard.press("Tab")
    expect(point(shown)).to_be_focused()
    for key, at in [
        ("ArrowRight", "0.05"), ("ArrowUp", "0.1"), ("ArrowLeft", "0.05"), ("ArrowDown", "0"), ("PageUp", "0.5"),
        ("PageDown", "0"), ("Home", "-8"), ("ArrowLeft", "-8"), ("End", "8"), ("x", "8"), ("d", "8"), ("d", "8"),
    ]:  # fmt: skip
        shown.page.keyboard.press(key)
        expect(shown.root).to_have_attribute("data-at", at)
    expect(point(shown)).to_have_attribute("aria-valuenow", "8")
    expect(point(shown)).to_have_attribute("aria-valuetext", re.compile(r"At z = 8: a = σ\(8\) = 1"))
    assert shown.notebook.evaluate("explorer.z") == 8


def test_a_setting_makes_other_curves_and_python_and_page_are_one_state(lab: OpenNotebook) -> None:
    shown = explored(lab, SIGMOID)
    shown.root.get_by_role("combobox", name="activation").select_option("relu")
    expect(shown.root.locator("figcaption")).to_have_text("ReLU: a = g(z) and g′(z)")
    assert shown.notebook.evaluate("explorer.function") == "relu"
    shown.notebook.execute("explorer.z = 3.21; explorer.layers = 4")
    expect(shown.root).to_have_attribute("data-at", "3.21")
    expect(shown.slider("layers in a row")).to_have_value("4")
    assert shown.notebook.evaluate("explorer.told") == shown.words()


def test_curves_and_names_stay_on_the_page(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ActivationExplorer(layers=3)")
    for width in (1400, 700):
        shown.page.set_viewport_size({"width": width, "height": 900})
        expect(shown.root.locator("svg.chart")).to_be_visible()
        assert shown.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        assert shown.root.evaluate(
            """root => [...root.querySelectorAll("svg text")].every((text) =>
                text.getBoundingClientRect().right <= root.getBoundingClientRect().right + 1)"""
        )


def test_a_lost_kernel_is_told_and_the_point_still_moves(lab: OpenNotebook, record: Record) -> None:
    shown = explored(lab, SIGMOID)
    shown.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    shown.slider("layers in a row").press("ArrowRight")
    expect(shown.root.get_by_role("status")).to_contain_text("The kernel does not answer", timeout=10000)
    shown.page.mouse.click(*over(shown, 0.75))
    expect(shown.root).to_have_attribute("data-at", "4")
    assert "At z = 4" in shown.words()
    record.problems[:] = [problem for problem in record.problems if "Could not send widget sync message" not in problem]


@pytest.mark.parametrize("function", ["relu", "tanh"])
def test_axe_finds_nothing_and_every_word_can_be_read(lab: OpenNotebook, function: str) -> None:
    shown = explored(lab, f"explore.ActivationExplorer(function={function!r}, layers=2)")
    for theme in ("light", "dark"):
        shown.notebook.theme(theme)
        point(shown).focus()
        assert violations(shown.root) == []
        assert shown.root.evaluate(CONTRAST) >= 4.5


def test_forced_colours_keep_curves_and_point(lab: OpenNotebook) -> None:
    shown = explored(lab, SIGMOID)
    shown.page.emulate_media(forced_colors="active")
    for part in (".curve", ".hairline"):
        assert shown.root.locator(part).first.evaluate("one => getComputedStyle(one).stroke") != "none"
    assert shown.root.locator(".handle").evaluate("one => getComputedStyle(one).fill") != "none"

"""Explorers in a real browser: dragged, hovered, played, typed into, by mouse and by keyboard alone."""

import re
from itertools import product

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Record, violations
from tests.browser.conftest import OpenNotebook
from tests.browser.explored import Explored, explored

EXPLORERS = [
    "explore.ConvExplorer(padding=1, true_convolution=True, reach=True, channels=2)",
    "explore.PoolExplorer(kernel=3, stride=2, padding=1)",
    "explore.TransposedExplorer(output_padding=1)",
    "explore.MatrixExplorer(sharing='shared')",
]

NOTEBOOK_STATE = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    return [content.activeCellIndex, content.widgets.length, content.mode];
}"""

CONTRAST = """(root) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (color, under) => { // whatever way a colour is written, over what lies under it
        canvas.clearRect(0, 0, 1, 1);
        for (const one of [under, color]) { canvas.fillStyle = one; canvas.fillRect(0, 0, 1, 1); }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const paper = getComputedStyle(root).backgroundColor;
    const cells = [...root.querySelectorAll("[role=gridcell]")].filter((cell) => cell.textContent);
    return Math.min(...cells.map((cell) => {
        const { backgroundColor: ground, color: ink } = getComputedStyle(cell);
        const [low, high] = [luminance(rgb(ground, paper)), luminance(rgb(ink, ground))].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    }));
}"""


def assert_shows_what_python_has(shown: Explored) -> None:
    for name in ("x", "w", "z", "dw", "dx", "dz"):
        assert shown.values(name) == shown.array(f"explorer._drawn.grids['{name}'].values"), name


def test_a_dragged_slider_moves_the_picture_to_what_numpy_says(everywhere: OpenNotebook) -> None:
    shown = explored(everywhere)
    assert_shows_what_python_has(shown)
    handle = shown.slider("padding")
    box = handle.bounding_box()
    assert box
    shown.page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    shown.page.mouse.up()
    expect(handle).to_have_value("2")
    expect(shown.grid("x").get_by_role("gridcell")).to_have_count(121)
    shown.redrawn()
    assert shown.notebook.evaluate("explorer.padding") == 2
    assert_shows_what_python_has(shown)


def test_hovering_marks_who_meets_and_asks_nobody(lab: OpenNotebook, record: Record) -> None:
    shown = explored(lab, "explore.ConvExplorer(stride=2)")
    sent = record.sent.count("comm_msg")
    shown.cell("z", 4).hover()
    expect(shown.root).to_have_attribute("data-focus", "z,4")
    assert [shown.marked(name, "meet") for name in ("x", "w", "dx", "dz")] == [9, 9, 0, 0]
    assert [shown.marked(name, "link") for name in ("x", "w", "dx", "dz")] == [0, 0, 9, 1]
    shown.cell("dx", 16).hover()  # (2, 2): where four windows overlap
    expect(shown.root).to_have_attribute("data-focus", "dx,16")
    assert [shown.marked(name, "meet") for name in ("w", "dz")] == [4, 4]
    assert "It meets 4 outputs and 4 taps" in shown.words()
    assert record.sent.count("comm_msg") == sent


def test_the_sum_that_is_told_is_the_cells(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=4, width=4, kernel=2)")
    for name, number in [("z", 3), ("dw", 2), ("dx", 5)]:
        shown.cell(name, number).hover()
        expect(shown.root).to_have_attribute("data-focus", f"{name},{number}")
        numbers = shown.root.locator("[data-told] .below").all_inner_texts()
        total = float(numbers[0].replace("\u2212", "-"))
        terms = [text.replace("\u2212", "-").replace("·", "*") for text in numbers[1:] if "·" in text]
        assert sum(map(eval, terms)) == total == shown.values(name)[number]


def test_playing_scatters_until_the_gradient_is_whole(everywhere: OpenNotebook, record: Record) -> None:
    shown = explored(everywhere, "explore.ConvExplorer(height=5, width=5, stride=2, padding=1, mode='scatter', step=0)")
    whole = shown.array("explorer._drawn.grids['dx'].values")
    assert shown.values("dx") != whole
    sent = record.sent.count("comm_msg")
    shown.button("Play").click()
    expect(shown.button("Pause")).to_be_visible()
    expect(shown.root).to_have_attribute("data-step", "8", timeout=15000)
    assert shown.values("dx") == whole
    expect(shown.button("Play")).to_be_visible()
    assert record.sent.count("comm_msg") <= sent + 1  # where it came to rest
    assert shown.notebook.evaluate("explorer.step") == 8


def test_pause_step_and_scrub(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=5, width=5, mode='forward')")
    shown.button("Play").click()
    shown.button("Pause").click()
    shown.button("Step on").click()
    step = int(shown.root.get_attribute("data-step") or "")
    shown.button("Step back").click()
    expect(shown.root).to_have_attribute("data-step", str(step - 1))
    assert np.isnan(shown.values("z")).sum() == 9 - step
    shown.slider("step").fill("5")
    expect(shown.root).to_have_attribute("data-step", "5")
    assert np.isnan(shown.values("z")).sum() == 3
    shown.button("Show all").click()
    expect(shown.root).to_have_attribute("data-step", "rest")
    assert not np.isnan(shown.values("z")).any()


def test_a_drag_through_the_steps_tells_python_where_it_ended(lab: OpenNotebook, record: Record) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=5, width=5, mode='forward', step=0)")
    box, sent = shown.slider("step").bounding_box(), record.sent.count("comm_msg")
    assert box
    middle = box["y"] + box["height"] / 2
    shown.page.mouse.move(box["x"] + 8, middle)
    shown.page.mouse.down()
    for step in range(9):
        shown.page.mouse.move(box["x"] + 8 + step / 8 * (box["width"] - 16), middle)
        expect(shown.root).to_have_attribute("data-step", str(step))
    assert record.sent.count("comm_msg") == sent
    shown.page.mouse.up()
    assert shown.notebook.evaluate("explorer.step") == 8
    assert record.sent.count("comm_msg") == sent + 1


def test_all_ways_to_the_gradient_end_at_the_same(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=4, width=5, stride=(1, 2), dilation=(2, 1), kernel=2)")
    inner = shown.array("explorer.dx")
    for play, last in [("∂L/∂x, scattered", 3), ("∂L/∂x, gathered", 19), ("∂L/∂x, turned kernel", 19)]:
        shown.button(play).click()
        shown.slider("step").fill(str(last))
        expect(shown.root).to_have_attribute("data-step", str(last))
        assert shown.values("dx") == inner


def test_a_cell_is_typed_into_and_nonsense_is_refused(everywhere: OpenNotebook) -> None:
    shown = explored(everywhere)
    cell = shown.cell("x", 8)
    cell.dblclick()
    shown.root.get_by_role("textbox").fill("42")
    shown.page.keyboard.press("Enter")
    expect(cell).to_have_accessible_name("input, row 1, column 1, value 42")
    assert shown.notebook.evaluate("float(explorer.x[0, 0, 1, 1])") == 42
    for text, words in [("three", "is not a number"), ("1e999", "does not fit"), ("", "Nothing was typed")]:
        shown.page.keyboard.press("Enter")
        shown.root.get_by_role("textbox").fill(text)
        shown.page.keyboard.press("Enter")
        expect(shown.root.get_by_role("status").first).to_contain_text(words)
        expect(cell).to_be_focused()
        assert shown.values("x")[8] == 42
    shown.page.keyboard.press("Enter")
    shown.page.keyboard.type("7")
    shown.page.keyboard.press("Escape")
    assert shown.values("x")[8] == 42


def test_an_impossible_setting_is_told_and_the_picture_stays(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=4, width=4)")
    before = shown.values("z")
    shown.slider("kernel").press("End")
    expect(shown.root.get_by_role("status").first).to_contain_text("Kernel 7×7 is larger than the padded input 4×4")
    assert shown.values("z") == before
    expect(shown.slider("kernel")).to_have_value("3")
    shown.button("Take kernel 4, the nearest possible").click()
    expect(shown.slider("kernel")).to_have_value("4")
    expect(shown.root.get_by_role("status").first).to_be_empty()
    expect(shown.grid("z").get_by_role("gridcell")).to_have_count(1)


def test_everything_goes_by_keyboard_and_jupyter_does_not_listen(everywhere: OpenNotebook) -> None:
    shown = explored(everywhere)
    press = shown.page.keyboard.press
    shown.slider("stride").press("ArrowRight")
    expect(shown.grid("z").get_by_role("gridcell")).to_have_count(9)
    state = shown.page.evaluate(NOTEBOOK_STATE)
    shown.cell("x", 0).focus()
    for key in ("ArrowDown", "ArrowRight", "End", "Home", "ArrowDown", "PageDown", "ArrowUp"):
        press(key)
    expect(shown.cell("x", 35)).to_be_focused()
    expect(shown.root).to_have_attribute("data-focus", "x,35")
    press("Tab")
    expect(shown.cell("w", 0)).to_be_focused()
    for key in ("a", "b", "d", "d", "x", "m", "j", "k", "ArrowDown"):  # Jupyter's own: add, delete, cut … a cell
        press(key)
    assert shown.page.evaluate(NOTEBOOK_STATE) == state
    press("Control+Enter")  # Jupyter's even here: runs the cell, and shows the explorer anew
    expect(shown.root).to_have_attribute("data-focus", "")
    shown.cell("w", 3).focus()
    press("5")
    press("Enter")
    expect(shown.cell("w", 3)).to_have_accessible_name("kernel, row 1, column 0, value 5")
    shown.button("∂L/∂w").focus()
    press("Space")
    shown.button("Step on").focus()
    press("Enter")
    expect(shown.root).to_have_attribute("data-step", "0")


def test_what_is_looked_at_by_keyboard_is_said_aloud(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=3, width=3, kernel=2)")
    shown.cell("z", 0).focus()
    aloud = shown.root.get_by_role("status").last
    expect(aloud).to_contain_text("output z[0,0] = ")
    expect(aloud).to_contain_text("It meets 4 taps and 4 inputs. z[0,0] = w[0,0]·x[0,0] + w[0,1]·x[0,1]")
    before = aloud.inner_text()
    shown.cell("z", 3).hover()
    expect(shown.root).to_have_attribute("data-focus", "z,3")
    assert aloud.inner_text() == before  # hovering is for the eye


def test_python_and_page_are_one_state(lab: OpenNotebook) -> None:
    shown = explored(lab)
    shown.notebook.execute("explorer.stride = 2; explorer.mode = 'gather'; explorer.step = 3")
    expect(shown.root).to_have_attribute("data-step", "3")
    expect(shown.slider("stride")).to_have_value("2")
    expect(shown.button("∂L/∂x, gathered")).to_have_attribute("aria-pressed", "true")
    shown.button("Forward").click()
    expect(shown.root).to_have_attribute("data-mode", "forward")
    assert shown.notebook.evaluate("explorer.mode") == "forward"


def test_explorers_are_linked_with_ipywidgets(lab: OpenNotebook) -> None:
    notebook = lab(
        "from lessonconv import explore",
        "import ipywidgets\none, other = explore.ConvExplorer(), explore.ConvExplorer(height=9, width=9)\n"
        "link = ipywidgets.jslink((one, 'stride'), (other, 'stride'))\nipywidgets.VBox([one, other])",
    )
    notebook.run_all()
    roots = notebook.page.locator("[data-explorer]")
    first, second = (Explored(notebook, roots.nth(n)) for n in range(2))
    first.slider("stride").press("ArrowRight")
    expect(second.slider("stride")).to_have_value("2")
    expect(second.grid("z").get_by_role("gridcell")).to_have_count(16)


def test_height_and_width_are_set_apart(lab: OpenNotebook) -> None:
    shown = explored(lab)
    shown.root.get_by_text("More settings").click()
    expect(shown.slider("stride, width")).to_be_hidden()
    shown.root.get_by_role("checkbox", name="height and width alike").uncheck()
    shown.slider("stride, width").press("ArrowRight")
    expect(shown.grid("z").get_by_role("gridcell")).to_have_count(15)
    assert shown.notebook.evaluate("explorer.stride") == (1, 2)


def test_stacks_are_stepped_through(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(channels=2, filters=3)")
    shown.slider("filter shown").press("End")
    shown.slider("channel shown").press("End")
    expect(shown.slider("filter shown")).to_have_value("2")
    assert shown.values("w") == shown.array("explorer.w[2, 1]")
    assert shown.values("z") == shown.array("explorer.z[0, 2]")
    assert shown.values("dx") == shown.array("explorer.dx[0, 1]")


def test_a_lost_kernel_is_told_and_looking_goes_on(lab: OpenNotebook, record: Record) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=4, width=4)")
    shown.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    shown.slider("stride").press("ArrowRight")
    expect(shown.root.get_by_role("status").first).to_contain_text("The kernel does not answer", timeout=10000)
    shown.cell("z", 0).hover()
    expect(shown.root).to_have_attribute("data-focus", "z,0")
    shown.button("Play").click()
    expect(shown.root).to_have_attribute("data-step", "3", timeout=15000)
    expect(shown.button("Play")).to_be_visible()
    record.problems[:] = [problem for problem in record.problems if "Could not send widget sync message" not in problem]


def test_who_wants_no_motion_gets_steps(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(height=4, width=4)")
    shown.page.emulate_media(reduced_motion="reduce")
    for step in range(3):
        shown.button("Play").click()
        expect(shown.root).to_have_attribute("data-step", str(step))
        expect(shown.button("Play")).to_be_visible()


@pytest.mark.parametrize("code", EXPLORERS)
def test_axe_finds_nothing_and_every_number_can_be_read(lab: OpenNotebook, code: str) -> None:
    shown = explored(lab, code)
    shown.root.get_by_text("More settings").click()
    plays = shown.notebook.evaluate("list(explorer._drawn.plays)")
    for theme, play in product(("light", "dark"), plays):
        shown.notebook.theme(theme)
        shown.notebook.execute(f"explorer.mode = {play!r}; explorer.step = None")
        expect(shown.root).to_have_attribute("data-mode", play)
        shown.cell("x", 4).focus()
        assert violations(shown.root) == []
        assert shown.root.evaluate(CONTRAST) >= 4.5


@pytest.mark.parametrize("code", EXPLORERS)
def test_on_a_narrow_page_nothing_is_cut_off(lab: OpenNotebook, code: str) -> None:
    shown = explored(lab, code)
    for width in (1400, 700):  # 700 is 1,400 at a zoom of 200 %
        shown.page.set_viewport_size({"width": width, "height": 900})
        expect(shown.root).to_be_visible()
        expect(shown.cell("z", 0)).to_be_attached()
        assert shown.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 1
        cut = shown.root.evaluate(
            """root => [...root.querySelectorAll("button, select, label")].filter((one) =>
                one.checkVisibility() && one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
        )
        assert cut == []


def test_forced_colours_keep_marks_and_numbers(lab: OpenNotebook) -> None:
    shown = explored(lab)
    shown.page.emulate_media(forced_colors="active")
    shown.cell("z", 7).hover()
    expect(shown.root).to_have_attribute("data-focus", "z,7")
    strokes = shown.overlay("x", "meet").evaluate("path => getComputedStyle(path).stroke")
    assert strokes != "none"
    assert shown.marked("x", "meet") == 9


def test_digits_can_be_explored(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.ConvExplorer(values='digit', height=28, width=28, weights='edge', padding=1)")
    shown.cell("z", 400).hover()
    expect(shown.root).to_have_attribute("data-focus", "z,400")
    assert shown.marked("x", "meet") == 9
    assert shown.values("z") == shown.array("explorer.z")
    expect(shown.cell("z", 400)).to_have_accessible_name(re.compile("output, row 14, column 8, value"))

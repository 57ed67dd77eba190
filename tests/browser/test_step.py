"""The explorer of steps in a real browser: the step is moved, and all digits of both values are told."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import violations
from tests.browser.conftest import OpenNotebook
from tests.browser.explored import explored
from tests.browser.test_curves import CONTRAST


def test_the_step_goes_by_key_and_tells_both_values_with_all_their_digits(everywhere: OpenNotebook) -> None:
    shown = explored(everywhere, "explore.StepExplorer(h=0.1)")
    assert "f(x + h) = 3.0041660239464334 and f(x − h) = 2.4596031111569499" in shown.words()
    shown.slider("step h").focus()
    for key, at in (("End", "1"), ("PageDown", "0.02154"), ("Home", "1e-18")):
        shown.page.keyboard.press(key)
        expect(shown.root).to_have_attribute("data-at", at)
    assert "x + h is x itself" in shown.words()
    page_says = shown.words()
    for _ in range(50):  # the kernel hears of each key in turn
        if shown.notebook.evaluate("explorer.told") == page_says:
            return
        shown.page.wait_for_timeout(100)
    assert shown.notebook.evaluate("explorer.told") == page_says


def test_another_difference_and_other_numbers_make_other_curves(lab: OpenNotebook) -> None:
    shown = explored(lab, "explore.StepExplorer(function='relu', h=1e-4)")
    assert shown.root.locator("[data-curve=bend]").count() == 0  # a straight line has no such error
    for name, option, words in (
        ("function", "layer", "Their difference, divided by 2h"),
        ("how", "complex", "Nothing was subtracted"),
        ("numbers", "float32", "float32"),
    ):
        shown.root.get_by_role("combobox", name=name, exact=True).select_option(option)
        expect(shown.root).to_contain_text(words)
    assert shown.notebook.evaluate("explorer.told") == shown.words()
    assert shown.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 1


@pytest.mark.parametrize("scheme", ["central", "complex"])
def test_axe_finds_nothing_and_every_word_can_be_read(lab: OpenNotebook, scheme: str) -> None:
    shown = explored(lab, f"explore.StepExplorer(scheme={scheme!r})")
    for theme in ("light", "dark"):
        shown.notebook.theme(theme)
        assert violations(shown.root) == []
        assert shown.root.evaluate(CONTRAST) >= 4.5

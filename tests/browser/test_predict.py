"""A question in a real browser: answered by keyboard, revealed, taken back; everybody can read and hear it."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chromium import Record, violations
from tests.browser.conftest import OpenNotebook
from tests.browser.jupyter import Notebook

CHOICE = "05.readers"
NUMBER = "05.overlap"


def asked(open_notebook: OpenNotebook, name: str) -> tuple[Notebook, Locator]:
    """A notebook that asks this question, and the question."""
    notebook = open_notebook(
        "from lessonconv.exercises.prediction import predict", f"question = predict({name!r})\nquestion"
    )
    notebook.run_all()
    card = notebook.page.locator(".lc-predict")
    expect(card.get_by_role("group")).to_have_accessible_name(notebook.evaluate("question.question['ask']"))
    return notebook, card


def reply(card: Locator) -> Locator:
    return card.get_by_role("status")


def focused(notebook: Notebook) -> str:
    """What has the focus: a radio button's or button's words."""
    words: str = notebook.page.evaluate(
        "() => { const one = document.activeElement; return (one.closest('label') ?? one).innerText.trim(); }"
    )
    return words


def test_a_choice_is_answered_with_the_keyboard_and_answered_again(everywhere: OpenNotebook, record: Record) -> None:
    notebook, card = asked(everywhere, CHOICE)
    press, sent = notebook.page.keyboard.press, record.sent.count("comm_msg")
    card.get_by_role("radio").first.focus()
    press("Space")
    press("ArrowDown")  # Notebook 7 would take it for itself
    press("ArrowDown")
    press("ArrowDown")
    expect(card.get_by_role("radio", name="9, 6 and 1")).to_be_checked()
    press("Tab")
    assert focused(notebook) == "Reveal"
    press("Enter")
    expect(reply(card)).to_contain_text("Not quite. That is right for stride 1")
    expect(reply(card)).to_contain_text("The answer: 4, 2 and 1.")
    assert focused(notebook) == "Reveal"
    press("Shift+Tab")
    assert focused(notebook) == "9, 6 and 1"
    press("ArrowUp")
    expect(card.get_by_role("radio", name="4, 2 and 1")).to_be_checked()
    expect(reply(card)).to_be_empty()
    press("Enter")
    expect(reply(card)).to_contain_text("Right. As many as there are windows")
    expect(card).to_have_attribute("data-verdict", "right")
    assert record.sent.count("comm_msg") == sent


def test_a_number_is_answered_with_enter_and_nonsense_gets_a_sentence(everywhere: OpenNotebook, record: Record) -> None:
    notebook, card = asked(everywhere, NUMBER)
    sent, field = record.sent.count("comm_msg"), card.get_by_role("textbox", name="Your answer")
    notice = card.get_by_role("alert")
    field.focus()
    notebook.page.keyboard.type("dd25x")  # in Jupyter's command mode "dd" deletes the cell
    notebook.page.keyboard.press("Enter")
    expect(notice).to_have_text("“dd25x” is not a number; write one like 3, −0.5 or 1/2.")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("“dd25x” is not a number; write one like 3, −0.5 or 1/2.")
    expect(reply(card)).to_be_empty()
    field.fill("25")
    expect(notice).to_be_empty()
    field.press("Enter")
    expect(reply(card)).to_contain_text("Not quite. That is without the stride.")
    field.fill("1000")
    expect(reply(card)).to_be_empty()
    field.press("Enter")
    expect(reply(card)).to_contain_text("Not quite. The answer: 9.")
    field.fill(" 18/2 ")
    field.press("Enter")
    expect(reply(card)).to_contain_text("Right. Along one axis")
    assert record.sent.count("comm_msg") == sent
    assert notebook.evaluate("len(question.question['wrong'])") > 0  # the cell is still there


def test_who_has_no_idea_says_so(lab: OpenNotebook) -> None:
    notebook, card = asked(lab, CHOICE)
    card.get_by_role("button", name="Reveal").click()
    expect(card.get_by_role("alert")).to_have_text("Choose one first, or press “I don’t know”.")
    expect(reply(card)).to_be_empty()
    expect(card.get_by_role("radio").first).to_be_focused()
    expect(card.get_by_role("radio", checked=True)).to_have_count(0)
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Tab")
    assert focused(notebook) == "I don’t know"
    notebook.page.keyboard.press("Space")
    expect(reply(card)).to_contain_text("No guess is an honest answer. The answer: 4, 2 and 1.")
    expect(card.get_by_role("alert")).to_be_empty()
    card.get_by_text("9, 9 and 9").click()
    card.get_by_role("button", name="I don’t know").click()
    expect(card.get_by_role("radio", checked=True)).to_have_count(0)


def test_two_questions_do_not_share_their_buttons(lab: OpenNotebook) -> None:
    ask = "from lessonconv.exercises.prediction import predict"
    notebook = lab(f"{ask}\npredict('05.readers')", "predict('05.stamp')", "predict('05.readers')")
    notebook.run_all()
    cards = notebook.page.locator(".lc-predict")
    expect(cards).to_have_count(3)
    for place in range(3):
        cards.nth(place).get_by_role("radio").first.check()
    expect(cards.get_by_role("radio", checked=True)).to_have_count(3)


def test_it_answers_while_the_kernel_is_busy(lab: OpenNotebook) -> None:
    notebook, card = asked(lab, CHOICE)
    notebook.page.evaluate(
        """() => { const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
        kernel.requestExecute({ code: "import time; time.sleep(20)" }); }"""
    )
    card.get_by_text("1, 1 and 1").click()
    card.get_by_role("button", name="Reveal").click()
    expect(reply(card)).to_contain_text("if windows did not overlap", timeout=5000)
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")


def test_jupyter_keeps_its_own_keys(lab: OpenNotebook) -> None:
    notebook, card = asked(lab, CHOICE)
    chosen, before = card.get_by_role("radio", name="4, 2 and 1"), notebook.evaluate("id(question)")
    chosen.check()
    chosen.press("Control+Enter")  # runs the cell, and does not reveal
    expect(card.get_by_role("radio", checked=True)).to_have_count(0)
    assert notebook.evaluate("id(question)") != before
    expect(reply(card)).to_be_empty()


@pytest.mark.parametrize(("name", "words"), [(CHOICE, "9, 6 and 1"), (NUMBER, None)])
def test_axe_finds_nothing(lab: OpenNotebook, name: str, words: str | None) -> None:
    notebook, card = asked(lab, name)
    for theme in ("light", "dark"):
        notebook.theme(theme)
        assert violations(card) == [], theme
        card.get_by_role("button", name="Reveal").click()
        assert card.get_by_role("alert").inner_text()
        assert violations(card) == [], theme
        if words:
            card.get_by_text(words).click()
        else:
            card.get_by_role("textbox").fill("25")
        card.get_by_role("button", name="Reveal").click()
        expect(reply(card)).not_to_be_empty()
        assert violations(card) == [], theme
        card.get_by_role("button", name="I don’t know").click()
        assert violations(card) == [], theme


def test_it_fits_a_narrow_page(lab: OpenNotebook) -> None:
    notebook, card = asked(lab, CHOICE)
    notebook.page.set_viewport_size({"width": 480, "height": 900})
    card.get_by_role("button", name="I don’t know").click()
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth")

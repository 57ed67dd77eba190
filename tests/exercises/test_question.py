"""Questions: what may be asked, how it is written, and how it is found."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from lessonconv.exercises.question import Choice, Number, Option, find, names, right

CHOICE = Choice(
    ask="Is 1 < 2 & 2 < 3?", options=(right("Yes", "So it is."), Option("No", "It's <b>not</b>.")), explanation="E."
)
NUMBER = Number(given="x = 2.", ask="What is −x?", answer=-2, within=0.1, wrong={2: "The sign."}, explanation="E.")


class Words(HTMLParser):
    """The text of a page, before and in its details, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.before, self.inside, self.tags = "", "", list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not attrs

    def handle_data(self, data: str) -> None:
        if "details" in self.tags:
            self.inside += data
        else:
            self.before += data


def test_a_choice_has_two_to_five_options_and_one_is_right() -> None:
    good, bad = right("a", "r"), Option("b", "r")
    with pytest.raises(ValueError, match="has 1 options; give two to five"):
        Choice(ask="?", options=(good,), explanation="")
    with pytest.raises(ValueError, match="has 6 options"):
        Choice(ask="?", options=(good, *(Option(str(n), "r") for n in range(5))), explanation="")
    with pytest.raises(ValueError, match="has 0 right options; give one"):
        Choice(ask="?", options=(bad, Option("c", "r")), explanation="")
    with pytest.raises(ValueError, match="has 2 right options"):
        Choice(ask="?", options=(good, right("c", "r")), explanation="")
    with pytest.raises(ValueError, match="an option twice"):
        Choice(ask="?", options=(good, Option("a", "r")), explanation="")


def test_a_wrong_number_must_not_count_as_right() -> None:
    assert NUMBER.is_right(-2.1)
    assert not NUMBER.is_right(-2.2)
    assert Number(ask="?", answer=1 / 3, explanation="").is_right(0.3333333333333)
    with pytest.raises(ValueError, match=r"2\.05 counts as the answer 2"):
        Number(ask="?", answer=2, within=0.1, wrong={2.05: "r"}, explanation="")


def test_the_text_shows_the_question_and_not_the_answer() -> None:
    assert CHOICE.text() == "Predict. Is 1 < 2 & 2 < 3?\n- Yes\n- No"
    assert NUMBER.text() == "Predict. x = 2. What is −x?\n- a number"


def test_the_page_folds_the_answer_away() -> None:
    words = Words(CHOICE.html())
    assert words.before == "Predict. Is 1 < 2 & 2 < 3?YesNo"
    assert (
        words.inside == "Reveal the answerThe answer: Yes. So it is.E.And if you thought otherwise:No: It's <b>not</b>."
    )
    assert "b" not in words.tags
    words = Words(NUMBER.html())
    assert words.before == "Predict. x = 2. What is −x?"
    assert words.inside == "Reveal the answerThe answer: −2.E.And if you thought otherwise:2: The sign."


@pytest.mark.parametrize("name", names())
def test_a_question_is_written_for_one_reader(name: str) -> None:
    question = find(name)
    replies = [words for answer in question.wrong_answers() for words in answer]
    told = "\n".join([question.given, question.ask, question.reply_if_right, question.explanation, *replies])
    assert question.ask.rstrip(")").endswith(("?", "."))
    assert not re.search(r"  |^ | $", told, re.MULTILINE)
    plain = re.sub(r"\b([a-z]+(_[a-z]{2,})+|[A-Z]_[hw])\b", "", told)  # ceil_mode, K_h: names in code
    assert not re.search(r"simply|obviously|[$\\_{}`]|\b(wrong|stupid)!", plain, re.IGNORECASE)
    assert question.explanation
    assert all(reply for _, reply in question.wrong_answers())
    assert len(question.wrong_answers()) >= 1


def test_each_chapter_asks_at_least_four() -> None:
    asked = Counter(name.partition(".")[0] for name in names())
    assert min(asked.values()) >= 4


def test_the_right_option_is_not_always_at_the_same_place() -> None:
    choices = [question for name in names() if isinstance(question := find(name), Choice)]
    places = [[option.right for option in choice.options].index(True) for choice in choices]
    assert max(map(places.count, places)) <= 0.6 * len(places)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("04.product", "there is no question '04.product'; near it: 04.products"),
        ("05.zero", "05.zeros"),
        ("04.nothing", "04.products, 04.linear"),
        ("04", "04.products, 04.linear"),
        ("04.", "04.products, 04.linear"),
        ("products", "near it: 04.products"),
        ("pooling", "there are some of the chapters "),
        ("", "there are some of the chapters "),
        ("04.products.", "04.products"),
        ("../04.products", "04.products"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(name: str, near: str) -> None:
    with pytest.raises(ValueError, match=re.escape(near)):
        find(name)


def test_a_name_that_is_no_word_is_unknown_too() -> None:
    with pytest.raises(ValueError, match=r"there is no question 4\.1"):
        find(4.1)  # type: ignore[arg-type]

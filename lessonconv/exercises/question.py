"""Questions to predict the answer to: what is asked, and what each answer says of the thought behind it.

The questions of a chapter are a module of `questions/`, so that a cell which asks does not show the answer. They are
plain text, with ∂L/∂x and ² as characters: read aloud, printed and set in a page they are the same words.
"""

import difflib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from typing import Any

from lessonconv.exercises import questions

CLOSE = 1e-9  # two numbers that differ by less are the same: 1/3 is 0.333333333333


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is given, what is asked, and what explains the answer, whatever was answered; an empty `given` is none."""

    given: str = ""
    ask: str
    explanation: str

    @property
    def answer_in_words(self) -> str:
        """The right answer as it is read."""
        raise NotImplementedError

    @property
    def reply_if_right(self) -> str:
        """What is said to the right answer before the explanation; "" is nothing."""
        return ""

    def to_choose(self) -> list[str]:
        """The answers on offer; none if it is to be typed."""
        raise NotImplementedError

    def wrong_answers(self) -> list[tuple[str, str]]:
        """Foreseeable wrong answers, each with its reply."""
        raise NotImplementedError

    def message(self) -> dict[str, Any]:
        """All of it for the page."""
        return {
            "given": self.given,
            "ask": self.ask,
            "explanation": self.explanation,
            "answer_in_words": self.answer_in_words,
        }

    def text(self) -> str:
        """The question and its options, without the answer."""
        offered = self.to_choose() or ["a number"]
        return "\n".join([_joined("Predict.", self.given, self.ask), *(f"- {answer}" for answer in offered)])

    def html(self) -> str:
        """The question for a page without a kernel: HTML of no style, with the answer folded away."""
        options = _items([_escaped(answer) for answer in self.to_choose()])
        answer = _joined(
            f"The answer: <strong>{_escaped(self.answer_in_words)}</strong>", _escaped(self.reply_if_right)
        )
        wrong = _items([f"<em>{_escaped(thought)}</em>: {_escaped(reply)}" for thought, reply in self.wrong_answers()])
        others = f"<p>And if you thought otherwise:</p>{wrong}" if wrong else ""
        return (
            f"<p><strong>Predict.</strong> {_escaped(_joined(self.given, self.ask))}</p>{options}"
            "<details><summary>Reveal the answer</summary>"
            f"<p>{answer}</p><p>{_escaped(self.explanation)}</p>{others}</details>"
        )


@dataclass(frozen=True)
class Option:
    """One answer of several, and the reply to whoever chooses it: why it is right, or what idea leads there."""

    text: str
    reply: str
    right: bool = False


def right(text: str, reply: str) -> Option:
    """The right option."""
    return Option(text, reply, right=True)


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """A question with two to five options, of which one is right. Raises ValueError for others."""

    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.options) <= 5:
            raise ValueError(f"{self.ask!r} has {len(self.options)} options; give two to five")
        if sum(option.right for option in self.options) != 1:
            raise ValueError(f"{self.ask!r} has {sum(option.right for option in self.options)} right options; give one")
        if len({option.text for option in self.options}) < len(self.options):
            raise ValueError(f"{self.ask!r} has an option twice; give each once")

    @property
    def _right(self) -> Option:
        return next(option for option in self.options if option.right)

    @property
    def answer_in_words(self) -> str:
        """The right option, as a sentence."""
        return _sentence(self._right.text)

    @property
    def reply_if_right(self) -> str:
        """The right option's reply."""
        return self._right.reply

    def to_choose(self) -> list[str]:
        """The options."""
        return [option.text for option in self.options]

    def wrong_answers(self) -> list[tuple[str, str]]:
        """The wrong options, each with its reply."""
        return [(option.text, option.reply) for option in self.options if not option.right]

    def message(self) -> dict[str, Any]:
        """All of it for the page."""
        options = [{"text": option.text, "reply": option.reply, "right": option.right} for option in self.options]
        return super().message() | {"kind": "choice", "options": options}


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A question whose answer is a number.

    within: how far off is still right. wrong: replies to foreseeable wrong numbers, each of which names the thought
    behind it. Raises ValueError if one of these would count as right.
    """

    answer: float
    within: float = 0
    wrong: Mapping[float, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value in self.wrong:
            if self.is_right(value):
                raise ValueError(f"{self.ask!r}: {value} counts as the answer {self.answer}; it is not a wrong number")

    def is_right(self, value: float) -> bool:
        """Whether a number counts as the answer."""
        return abs(value - self.answer) <= self.within + CLOSE

    @property
    def answer_in_words(self) -> str:
        """The number, as a sentence."""
        return _sentence(_written(self.answer))

    def to_choose(self) -> list[str]:
        """Nothing: the number is typed."""
        return []

    def wrong_answers(self) -> list[tuple[str, str]]:
        """Foreseeable wrong numbers, each with its reply."""
        return [(_written(value), reply) for value, reply in self.wrong.items()]

    def message(self) -> dict[str, Any]:
        """All of it for the page."""
        own = {"kind": "number", "answer": self.answer, "within": self.within + CLOSE}
        return super().message() | own | {"wrong": [[value, reply] for value, reply in self.wrong.items()]}


def _written(value: float) -> str:
    return f"{value:,.10g}".replace("-", "−")


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _escaped(words: str) -> str:
    return escape(words, quote=False)


def _items(items: list[str]) -> str:
    """A list in HTML; nothing if there are no items."""
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""


# The catalogue


def names() -> list[str]:
    """The names of all questions, chapter by chapter: "04.products" and so on."""
    return [f"{chapter}.{name}" for chapter in _chapters() for name in _of_chapter(chapter)]


def find(name: str) -> Question:
    """The question of this name, such as "04.products". Raises ValueError that lists near names for others."""
    chapter, _, own = str(name).partition(".")
    found = _of_chapter(chapter).get(own) if chapter in _chapters() else None
    if found is None:
        raise ValueError(f"there is no question {name!r}; {_near(str(name))}")
    return found


def _near(name: str) -> str:
    """What somebody may have meant by a name that is not there."""
    chapter = name.partition(".")[0]
    close = difflib.get_close_matches(name, names(), n=3, cutoff=0.75)
    alike = close or [other for other in names() if other.startswith(f"{chapter}.")]
    if alike:
        return f"near it: {', '.join(alike)}"
    return f"there are some of the chapters {', '.join(_chapters())}, such as {names()[0]}"


def _chapters() -> list[str]:
    modules = (module.name for module in pkgutil.iter_modules(questions.__path__))
    return sorted(name.removeprefix("chapter_") for name in modules)


def _of_chapter(chapter: str) -> Mapping[str, Question]:
    found: Mapping[str, Question] = import_module(f"{questions.__name__}.chapter_{chapter}").QUESTIONS
    return found

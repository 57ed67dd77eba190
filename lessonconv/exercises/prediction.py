"""A question in a notebook: predict the answer, reveal it, change your mind.

An anywidget with native inputs, and not a composition of ipywidgets: those cannot announce a reply to a screen reader,
name a group of radio buttons by the question, or keep their arrow keys from Notebook 7. The page alone hears what is
answered: nothing is sent to Python, so it works while a cell runs, and nothing is kept.
"""

import re
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lessonconv.exercises.question import Question, find
from lessonconv.explore import pages
from lessonconv.visual import palette

FOLDER = Path(__file__).parent
SHARED = re.compile(r'^import .* from "\.\./explore/page/(.*)";\n', re.MULTILINE)


def _module() -> str:
    """The page's side, joined with what it shares with the explorers."""
    own = (FOLDER / "prediction.mjs").read_text("utf-8")
    return "\n".join([*map(pages.module, SHARED.findall(own)), pages.EXPORT.sub("", SHARED.sub("", own))])


class Prediction(anywidget.AnyWidget):
    """A question, a place to answer it, and the reply; without a kernel the question with its answer folded away."""

    _esm = _module()
    _css = palette.css() + (FOLDER / "prediction.css").read_text("utf-8")

    question: Any = traitlets.Dict().tag(sync=True)

    def __init__(self, question: Question) -> None:
        self._question = question
        super().__init__(question=question.message())

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The live question, and the same for readers without a kernel."""
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/plain": self._question.text(), "text/html": self._question.html()}, metadata

    def __repr__(self) -> str:
        return self._question.text()


def predict(name: str) -> Prediction:
    """Ask the question of this name, such as "04.products": the last line of a cell.

    Raises ValueError that lists the near names if there is no such question.
    """
    return Prediction(find(name))

"""What a learner is told of a function: the same words in a notebook and in a terminal."""

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from lessonconv.exercises.exhibit import Exhibit
from lessonconv.visual import palette

STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True)
class Report:
    """The verdict on a function; the last expression of a cell shows it.

    task: its name. passed: whether the function is right. verdict: a sentence. mistake: the short name of what is
    wrong, the first if there are several; None if it has none, or nothing is wrong. mistakes: all of their names. said:
    headings and what stands under them. exhibit: the smallest case on which it shows. printed: what the function
    printed. tried: whether there was anything to judge.
    """

    task: str
    passed: bool
    verdict: str
    mistake: str | None = None
    mistakes: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    exhibit: Exhibit | None = None
    printed: str = ""
    tried: bool = field(default=True)

    @property
    def message(self) -> str:
        """Everything that is said, without the numbers."""
        return "\n".join([f"{self.task}: {self.verdict}", *(f"{heading}: {words}" for heading, words in self.said)])

    def __str__(self) -> str:
        shown = f"\n\nThe smallest case on which it shows:\n{self.exhibit.text()}" if self.exhibit else ""
        printed = f"\n\nYour code printed:\n{self.printed.rstrip()}" if self.printed else ""
        return f"{self.message}{shown}{printed}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        kind = "right" if self.passed else "wrong" if self.tried else "open"
        said = "".join(f"<dt>{escape(heading)}</dt><dd>{_lines(words)}</dd>" for heading, words in self.said)
        shown = f"<p>The smallest case on which it shows:</p>{self.exhibit.html()}" if self.exhibit else ""
        printed = (
            f"<details><summary>Your code printed</summary><pre>{escape(self.printed)}</pre></details>"
            if self.printed
            else ""
        )
        return (
            f"<style>{palette.css()}{STYLE.read_text('utf-8')}</style>"
            f'<section class="lc-report" data-verdict="{kind}" aria-label="check of {escape(self.task)}">'
            f'<p class="verdict"><code>{escape(self.task)}</code>: {escape(self.verdict)}</p>'
            f"{f'<dl>{said}</dl>' if said else ''}{shown}{printed}</section>"
        )


def _lines(words: str) -> str:
    return "<br>".join(escape(line) for line in words.splitlines())

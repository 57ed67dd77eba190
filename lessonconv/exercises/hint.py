"""`hints`: three of them, folded away one inside the other, so that nobody reads more than was asked for."""

from dataclasses import dataclass
from html import escape

from lessonconv.exercises.catalogue import TASKS, near


@dataclass(frozen=True)
class Hints:
    """A task's hints; the last expression of a cell shows them, folded. In a terminal, index them: `hints(name)[0]`."""

    task: str
    said: tuple[str, ...]

    def __getitem__(self, number: int) -> str:
        return self.said[number]

    def __repr__(self) -> str:
        return f"{len(self.said)} hints for {self.task}; hints({self.task!r})[0] is the gentlest"

    def _repr_html_(self) -> str:
        folded = ""
        for number, hint in reversed(list(enumerate(self.said, 1))):
            folded = (
                f"<details><summary>Hint {number} of {len(self.said)}</summary><p>{escape(hint)}</p>{folded}</details>"
            )
        return folded


def hints(name: str) -> Hints:
    """The three hints for a task, from gentle to nearly the answer. Raises ValueError if there is no such task."""
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; there is {near(name)}")
    return Hints(name, TASKS[name].hints)

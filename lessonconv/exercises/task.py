"""What a task is: a function to write, cases to try it on, and the mistakes that are known, each one executable.

The right answer is written as a recipe of named steps. A mistake is made by replacing steps, two mistakes at once by
replacing the steps of both: so what each computes is never described, it is computed.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Arguments: TypeAlias = tuple[Any, ...]
Steps: TypeAlias = Mapping[str, Callable[..., Any]]
WHOLE = "whole"  # a mistake that replaces this step replaces all of them


@dataclass(frozen=True)
class Case:
    """Arguments to call a function with, and what is special about them, in words such as "stride above 1"."""

    arguments: Arguments
    traits: frozenset[str] = frozenset()

    @property
    def cells(self) -> int:
        """How many numbers one would have to look at."""
        return sum(_cells(argument) for argument in self.arguments)


@dataclass(frozen=True)
class Mistake:
    """One way to get a task wrong.

    name: short, as in Report.mistake. did: what was done, a sentence. computes: what the code computes instead. asks:
    the question that leads on, never the answer. slips: the steps that make the mistake, one mapping for each style
    that comes to other numbers. policy: another convention, not an error.
    """

    name: str
    did: str
    computes: str
    asks: str
    slips: tuple[Steps, ...]
    policy: bool = False


@dataclass(frozen=True)
class Speed:
    """How much faster than another function a right answer has to be, on which arguments, in one run.

    than: the function that it is raced against; words: what that is called, as in "the loops". lost, asks: what takes
    the time of a slow answer, and the question that leads on; "" says that too much is done by Python.
    """

    factor: float
    than: Callable[..., Any]
    words: str
    arguments: Callable[[], Arguments]
    lost: str = ""
    asks: str = ""


@dataclass(frozen=True)
class Room:
    """How much memory a right answer may take on its way, beside its result.

    times: as a multiple of what the argument of this name takes. holds, asks: what fills the memory of an answer that
    takes too much, and the question that leads on.
    """

    times: float
    argument: str
    arguments: Callable[[], Arguments]
    holds: str
    asks: str


@dataclass(frozen=True, repr=False)
class Task:
    """A function that a learner writes.

    name: as in `check`. title: what it does, in a few words. answer: the reference solution, as a learner might write
    it. recipe: the same in steps, called with a namespace of `steps` and the arguments. hints: three, from gentle to
    nearly the answer. notice: the one thing to see once it is right. cases: made from random numbers, the smallest
    first. beyond: cases at the edge, which a solution may leave out: told, not held against it; edge: in which words.
    parts: the tasks whose answers this one returns together, each to be judged for itself. results: the names of what
    it returns, if that is a tuple. unread: arguments that have no say in the result. forbidden: functions of this
    package that are the answer. speed, room: how fast it has to be, and in how little memory, once it is right.
    listing: a wrong answer to mend; its docstring says what is wrong with it, and no learner sees that.
    """

    name: str
    title: str
    answer: Callable[..., Any]
    recipe: Callable[..., Any]
    steps: Steps
    mistakes: tuple[Mistake, ...]
    cases: Callable[[np.random.Generator], Sequence[Case]]
    hints: tuple[str, str, str]
    notice: str
    beyond: Callable[[np.random.Generator], Sequence[Case]] = field(default=lambda rng: ())
    edge: str = ""
    parts: tuple["Task", ...] = ()
    results: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    forbidden: frozenset[str] = frozenset()
    speed: Speed | None = None
    room: Room | None = None
    exact: bool = True
    listing: Callable[..., Any] | None = None

    def __repr__(self) -> str:
        return f"Task({self.name!r}: {self.title})"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments, in order."""
        return tuple(inspect.signature(self.answer).parameters)

    @property
    def solution(self) -> str:
        """The source of the reference solution."""
        return textwrap.dedent(inspect.getsource(self.answer)).strip()

    @cached_property
    def stub(self) -> str:
        """The source of what a learner starts from: signature and docstring, then three dots or a listing to mend."""
        return self.blank if self.listing is None else self.blank.removesuffix("    ...") + _body(self.listing)

    @cached_property
    def blank(self) -> str:
        """Signature, docstring and three dots, even where the stub has a listing."""
        words = inspect.getdoc(self.answer) or ""
        docstring = f'"""{words}\n"""' if "\n" in words else f'"""{words}"""'
        return (
            f"def {self.answer.__name__}({', '.join(self.arguments)}):\n{textwrap.indent(docstring, '    ')}\n    ..."
        )

    def right(self, arguments: Arguments) -> Any:
        """What the task's function returns."""
        return self.compute({}, arguments)

    def compute(self, slip: Steps, arguments: Arguments) -> Any:
        """What the recipe returns with some of its steps replaced. Raises whatever the mistake raises."""
        if WHOLE in slip:
            return slip[WHOLE](*arguments)
        return self.recipe(SimpleNamespace(**{**self.steps, **slip}), *arguments)

    def pairs(self) -> Iterator[tuple[tuple[Mistake, Mistake], Steps]]:
        """Every two mistakes that can be made at once, and the steps that make both."""
        for one, other in combinations(self.mistakes, 2):
            for slip, added in product(one.slips, other.slips):
                if WHOLE not in slip and WHOLE not in added and not slip.keys() & added.keys():
                    yield (one, other), {**slip, **added}


def _body(function: Callable[..., Any]) -> str:
    """The source of a function from the first statement below its docstring on."""
    source = textwrap.dedent(inspect.getsource(function)).rstrip()
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    return "\n".join(source.splitlines()[definition.body[1].lineno - 1 :])


def _cells(argument: Any) -> int:
    if isinstance(argument, dict):
        return sum(map(_cells, argument.values()))
    return argument.size if isinstance(argument, np.ndarray) else 0

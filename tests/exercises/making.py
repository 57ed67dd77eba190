"""Functions as learners write them: made from source text, with small edits that put mistakes in."""

import linecache
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import cached_property
from itertools import count
from typing import Any, TypeAlias
from unittest.mock import patch

import numpy as np
import pytest

from lessonconv.exercises import trial
from lessonconv.exercises.checker import _fitted
from lessonconv.exercises.judge import Judgement, judge
from lessonconv.exercises.task import Arguments, Case, Steps, Task
from lessonconv.exercises.trial import Outcome

# old, new, and how often old has to be there: once if not said
Edit: TypeAlias = tuple[str, str] | tuple[str, str, int]
Wrong: TypeAlias = dict[str, list[tuple[str, *tuple[Edit, ...]]]]  # by mistake: styles, and what to edit in them

_numbers = count(1)
_cases: dict[tuple[str, int], tuple[Case, ...]] = {}


def edited(source: str, *edits: Edit) -> str:
    """A source text with parts of it replaced, one edit after the other, each as often as it says and no oftener."""
    for old, new, *times in edits:
        found, wanted = source.count(old), times[0] if times else 1
        if found != wanted:
            raise ValueError(f"{old!r} is there {found} times, not {wanted}, in\n{source}")
        source = source.replace(old, new)
    return source


def made(source: str, name: str, **given: Any) -> Callable[..., Any]:
    """The function of this name that a source text defines; its lines are known to tracebacks, as those of a cell are.

    given: other names that the source may use; np is one of them anyway.
    """
    source = textwrap.dedent(source).lstrip("\n")
    file = f"<cell {next(_numbers)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"np": np, "__name__": "__main__", **given}
    exec(compile(source, file, "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def cases(task: Task, seed: int = 0) -> tuple[Case, ...]:
    """A task's cases, made once: nobody writes to them."""
    if (task.name, seed) not in _cases:
        _cases[task.name, seed] = tuple(task.cases(np.random.default_rng(seed)))
    return _cases[task.name, seed]


def outcomes(task: Task, function: Callable[..., Any], seed: int = 0) -> list[Outcome]:
    """What a function comes to on a task's cases, called in this process, on memory as it is."""
    fitted = _fitted(task, function)
    assert fitted is not None, "the function takes other arguments"
    with patch.object(trial, "_leave_garbage"):
        return [trial._call(fitted, task.arguments, case.arguments, frozenset()) for case in cases(task, seed)]


def judged(task: Task, function: Callable[..., Any] | str, seed: int = 0) -> Judgement:
    """What `check` would think of a function, or of a source text that defines it; in this process, which is faster."""
    if isinstance(function, str):
        function = made(function, task.answer.__name__)
    return judge(_remembering(task), cases(task, seed), outcomes(task, function, seed))


def names(judgement: Judgement) -> list[str]:
    """The mistakes that were found, policies among them; or what stands for having found none."""
    found = [mistake.name for mistake in (*judgement.mistakes, *judgement.remarks)]
    return found or ["right" if judgement.right else "unknown"]


def lacking(task: Task, made: Iterable[str], least: int = 2) -> list[str]:
    """The mistakes of a catalogue of which there are fewer than so many implementations: a name for each one made."""
    made = list(made)
    return [mistake.name for mistake in task.mistakes if made.count(mistake.name) < least]


def implementations(tasks: Iterable[Task], wrong: Mapping[str, Wrong], not_named: Mapping[Any, str]) -> list[Any]:
    """Every mistake in every way that it is made, for pytest: task, mistake, style and edits.

    not_named: reasons why some are not told by their name yet; keys (task, mistake, style, which one of that style).
    """
    found, met = [], list[Any]()
    for task in tasks:
        for mistake, ways in wrong[task.name].items():
            for style, *edits in ways:
                key = (task.name, mistake, style, met.count((task.name, mistake, style)))
                marks = [pytest.mark.xfail(strict=True, reason=not_named[key])] if key in not_named else []
                found.append(pytest.param(task, mistake, style, edits, id="-".join(map(str, key)), marks=marks))
                met.append(key[:3])
    return found


def own(task: Task, slip: Steps) -> Callable[..., Any]:
    """A function that computes what a slip does; where the slip leaves a number open it is 0."""

    def function(*arguments: Any) -> Any:
        return _closed(task.compute(slip, arguments))

    return function


def _closed(result: Any) -> Any:
    return tuple(map(_closed, result)) if isinstance(result, tuple) else np.nan_to_num(result, nan=0.0)


class Remembering(Task):
    """A task that computes what each of its mistakes comes to once: the cases are the same for all functions."""

    def right(self, arguments: Arguments) -> Any:
        return self._once("right", arguments, lambda: super(Remembering, self).right(arguments))

    def compute(self, slip: Steps, arguments: Arguments) -> Any:
        if id(slip) not in self._lasting:  # made for a pair, and soon forgotten
            return super().compute(slip, arguments)
        return self._once(id(slip), arguments, lambda: super(Remembering, self).compute(slip, arguments))

    @cached_property
    def _lasting(self) -> set[int]:
        return {id(slip) for mistake in self.mistakes for slip in mistake.slips}

    @cached_property
    def _known(self) -> dict[Any, Any]:
        return {}

    def _once(self, what: Any, arguments: Arguments, compute: Callable[[], Any]) -> Any:
        key = what, id(arguments)
        if key not in self._known:
            try:
                self._known[key] = compute()
            except Exception as error:
                self._known[key] = error
        if isinstance(self._known[key], Exception):
            raise self._known[key]
        return self._known[key]


def _remembering(task: Task) -> Task:
    if id(task) not in _tasks:
        given = {field.name: getattr(task, field.name) for field in fields(task)}
        _tasks[id(task)] = task, Remembering(**given | {"parts": tuple(map(_remembering, task.parts))})
    return _tasks[id(task)][1]


_tasks: dict[int, tuple[Task, Task]] = {}  # the task itself as well: so its id is nobody else's

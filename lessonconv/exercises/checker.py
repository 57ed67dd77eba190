"""`check`: a function is tried, judged, and told about."""

import inspect
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter, thread_time
from types import CodeType
from typing import Any

import numpy as np

from lessonconv.exercises import conduct, trial
from lessonconv.exercises.catalogue import TASKS, near
from lessonconv.exercises.exhibit import exhibit
from lessonconv.exercises.judge import Judgement, judge, plain, tolerance
from lessonconv.exercises.report import Report
from lessonconv.exercises.task import Case, Mistake, Room, Speed, Task
from lessonconv.exercises.trial import Failure, Outcome, Place, Trial

UNKNOWN = "wrong, in a way I don't know."
ROUNDS = 3  # of a race, at least: the best of each counts
RACING = 0.2  # seconds that a race goes on for, at least
# Time in which others had the core does not count: it would fall on what takes longer. Windows counts it too coarsely
CLOCK = perf_counter if sys.platform == "win32" else thread_time


def check(name: str, function: Callable[..., Any], *, seed: int = 0, seconds: float = trial.SECONDS) -> Report:
    """Try a function on the cases of a task and say whether it is right, or which mistake it makes. It never raises.

    name: of the task, see `TASKS`. seed: of the random cases. seconds: that the function may take for all of them.
    The function runs in a process of its own, on copies of the arguments.
    """
    task = TASKS.get(str(name))
    if task is None:
        return Report(str(name), False, f"there is no such task. There is {near(name)}.", tried=False)
    given: Any = function
    if not callable(given):
        return _report(task, conduct.named("not_a_function"), (("You gave", type(given).__name__),))
    if _is_stub(task, function):
        return Report(task.name, False, "not tried yet.", tried=False)
    if _is_listing(task, function):
        return Report(task.name, False, "not mended yet: it is as it was handed out.", tried=False)
    fitted = _fitted(task, function)
    if fitted is None:
        met = (
            ("Yours", f"{function_name(function)}{_signature(function)}"),
            ("The task", task.stub.splitlines()[0][4:-1]),
        )
        return _report(task, conduct.named("other_arguments"), met)
    try:
        return _Check(task, fitted, seed, seconds).report()
    except Exception as error:  # ours, whatever it is: a learner's cell must not fail of it
        return Report(task.name, False, f"could not be judged: {type(error).__name__}: {error}.", tried=False)


@dataclass(frozen=True)
class _Check:
    """A function that is being checked."""

    task: Task
    function: Callable[..., Any]
    seed: int
    seconds: float

    def report(self) -> Report:
        """Run all cases, then say what is to be said first."""
        cases = list(self.task.cases(np.random.default_rng(self.seed)))
        beyond = list(self.task.beyond(np.random.default_rng(self.seed)))
        tried = self._run([*cases, *beyond])
        if tried.ended == "start":
            return Report(self.task.name, False, f"could not be tried: {tried.words}.", tried=False)
        if _not_implemented(tried):
            return Report(self.task.name, False, "not tried yet.", tried=False)
        answered = len(tried.outcomes) - (tried.ended == "memory")
        at_the_edge = answered >= len(cases)  # what happens there is told, not held against anybody
        stopped = conduct.before(replace(tried, ended="") if at_the_edge else tried)
        if stopped:
            return self._stopped(stopped, tried, [*cases, *beyond])
        outcomes = tried.outcomes[: len(cases)]
        judgement = judge(self.task, cases, outcomes)
        if not judgement.right:
            return self._wrong(judgement, cases, outcomes)
        beside = conduct.beside(outcomes, self.task.right(cases[0].arguments))
        if beside:
            return self._beside(beside, cases, outcomes)
        return self._right(judgement, cases, tried.outcomes, beyond)

    def _run(self, cases: Sequence[Case]) -> Trial:
        arguments = [case.arguments for case in cases]
        return trial.run(
            self.function, self.task.arguments, arguments, seconds=self.seconds, watched=self.task.forbidden
        )

    # What is said

    def _stopped(self, name: str, tried: Trial, cases: Sequence[Case]) -> Report:
        said = []
        number = len(tried.outcomes)
        if name in ("never_ends", "ends_the_process"):
            if name == "never_ends":
                said.append(("Stopped", f"after {self.seconds:g} s, in case {number + 1} of {len(cases)}"))
            said += _place(tried.place)
            said.append(("Called with", _shapes(self.task, cases[number])))
        if name == "too_much_memory":
            said += [
                ("It says", tried.words),
                *_place(tried.place),
                ("Called with", _shapes(self.task, cases[number - 1])),
            ]
        if name == "uses_the_answer":
            called = sorted({one for outcome in tried.outcomes for one in outcome.called})
            said.append(("Called", ", ".join(called)))
        return _report(self.task, conduct.named(name), tuple(said), printed=_printed(tried.outcomes))

    def _wrong(self, judgement: Judgement, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Report:
        at = next(number for number, standing in enumerate(judgement.standings) if standing != "right")
        case, outcome = cases[at], outcomes[at]
        shown = self._exhibit(case, outcome)
        printed = _printed([outcome])
        if judgement.mistakes or self._tells_parts(judgement, outcomes):
            return self._named(judgement, shown, printed)
        wanted = self.task.right(case.arguments)
        name = conduct.instead(outcomes, wanted)
        facts = tuple(("In all cases", fact) for fact in judgement.facts)
        if name:
            number = next((number for number, outcome in enumerate(outcomes) if outcome.failure), at)
            failure = outcomes[number].failure
            met = _failure(failure) if failure else _returned(outcome)
            where = ("Called with", _shapes(self.task, cases[number]))
            return _report(self.task, conduct.named(name), (*met, where, *facts), shown, printed)
        share = judgement.standings.count("right")
        facts += (("Cases", f"{share} of {len(outcomes)} are right"),)
        return Report(self.task.name, False, UNKNOWN, said=(*facts, self._help()), exhibit=shown, printed=printed)

    def _named(self, judgement: Judgement, shown: Any, printed: str) -> Report:
        """One mistake, or several: each with what it computes and its question."""
        if judgement.parts:
            return self._named_parts(judgement, shown, printed)
        mistakes = judgement.mistakes
        said = tuple(pair for mistake in mistakes for pair in _told(mistake))
        verdict = _lower(mistakes[0].did)
        if len(mistakes) > 1:
            verdict = f"two mistakes at once. {' '.join(mistake.did for mistake in mistakes)}"
        names = tuple(mistake.name for mistake in mistakes)
        said += (*(("Besides", policy.did) for policy in judgement.remarks), self._help())
        return Report(self.task.name, False, verdict, names[0], names, said, shown, printed)

    def _tells_parts(self, judgement: Judgement, outcomes: Sequence[Outcome]) -> bool:
        """Whether some of several results are right, so that it helps to know which."""
        count = len(self.task.parts)
        whole = all(isinstance(one.returned, tuple) and len(one.returned) == count for one in outcomes)
        return whole and 0 < len(judgement.parts) < count

    def _named_parts(self, judgement: Judgement, shown: Any, printed: str) -> Report:
        said: list[tuple[str, str]] = []
        for part in self.task.parts:
            found = judgement.parts.get(part.name)
            label = _label(part)
            if found is None:
                said.append((label, "right"))
            elif found.mistakes:
                said.append((label, " ".join(mistake.did for mistake in found.mistakes)))
                said += [pair for mistake in found.mistakes for pair in _told(mistake) if pair not in said]
            else:
                said += [(label, UNKNOWN), *(("In all cases", fact) for fact in found.facts)]
        wrong = [_label(part) for part in self.task.parts if part.name in judgement.parts]
        names = tuple(mistake.name for mistake in judgement.mistakes)
        verdict = f"{' and '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not right yet."
        first = names[0] if names else None
        return Report(self.task.name, False, verdict, first, names, (*said, self._help()), shown, printed)

    def _beside(self, name: str, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Report:
        pairs = zip(cases, outcomes, strict=True)
        case, outcome = next(pair for pair in pairs if conduct.beside([pair[1]], self._wanted(pair[0])) == name)
        met = {"changes_arguments": outcome.changed, "returns_view": outcome.shared}.get(name, ())
        said = [("Which", ", ".join(met))] if met else []
        said.append(("Called with", _shapes(self.task, case)))
        return _report(self.task, conduct.named(name), said, printed=_printed(outcomes))

    def _right(
        self, judgement: Judgement, cases: Sequence[Case], outcomes: Sequence[Outcome], beyond: Sequence[Case]
    ) -> Report:
        said = [("Tried", f"{len(cases)} cases. {_tried(cases)}")]
        for told, missed in self._measured():
            said.append(told)
            if missed:
                return _report(self.task, missed, tuple(said[1:]))
        if isinstance(self.function, _ByName) and self.function.turned:
            said.append(("Besides", "your arguments stand in another order than the task's; they were given by name"))
        said += [("By another rule", f"{policy.did} {policy.computes}") for policy in judgement.remarks]
        at_edge = outcomes[len(cases) :]
        if len(at_edge) < len(beyond) or not judge(self.task, beyond, at_edge).right:
            said.append(("At the edge", self.task.edge))
        said.append(("Notice", self.task.notice))
        return Report(self.task.name, True, "right.", said=tuple(said), printed=_printed(outcomes))

    def _wanted(self, case: Case) -> Any:
        return self.task.right(case.arguments)

    def _measured(self) -> Iterator[tuple[tuple[str, str], Mistake | None]]:
        """How fast a right function is, and how much memory it takes, if that matters: words, and what is amiss."""
        if self.task.speed:
            slow, told = self._race(self.task.speed)
            yield ("Faster", told), slow
        if self.task.room:
            large, told = self._weighed(self.task.room)
            yield ("Memory", told), large

    def _race(self, speed: Speed) -> tuple[Mistake | None, str]:
        named = conduct.named("too_slow")
        slow = replace(named, computes=speed.lost or named.computes, asks=speed.asks or named.asks)
        timed = self._on_larger(_Race(self.function, speed.than), speed.arguments())
        if timed is None:
            return slow, f"it took more than {self.seconds:g} s on larger arrays, or failed there"
        other, yours = timed
        ratio = float(other / yours)
        told = f"{_rounded(ratio)} times as fast as {speed.words}; {speed.factor:g} times are asked for"
        return slow if ratio < speed.factor else None, told

    def _weighed(self, room: Room) -> tuple[Mistake | None, str]:
        large = replace(conduct.named("too_much_room"), computes=room.holds, asks=room.asks)
        arguments = room.arguments()
        most = self._on_larger(_Weighing(self.function), arguments)
        if most is None:
            return large, f"it took more than {self.seconds:g} s on larger arrays, or failed there"
        times = float(most) / arguments[self.task.arguments.index(room.argument)].nbytes
        allowed = f"{room.times:g} times are allowed"
        told = f"up to {_rounded(times)} times that of {room.argument}, beside the result; {allowed}"
        return large if times > room.times else None, told

    def _on_larger(self, function: Callable[..., Any], arguments: Any) -> Any:
        """What a measurement returns; None if it did not come to an end."""
        run = trial.run(function, self.task.arguments, [arguments], seconds=self.seconds)
        return None if run.ended else run.outcomes[0].returned

    def _exhibit(self, case: Case, outcome: Outcome) -> Any:
        given = zip(self.task.arguments, case.arguments, strict=True)
        arguments = {name: value for name, value in given if name not in self.task.unread}
        wanted, share = plain(self._wanted(case)), tolerance(self.task, outcome)
        return exhibit(self.task.name, arguments, outcome.returned, wanted, self.task.results, share)

    def _help(self) -> tuple[str, str]:
        return "Help", f'exercises.hints("{self.task.name}") has three hints, from gentle to nearly the answer'


@dataclass(frozen=True)
class _Race:
    """Times two functions in turns, on the same arguments: what slows the machine for a while slows both."""

    function: Callable[..., Any]
    than: Callable[..., Any]

    def __call__(self, *arguments: Any) -> tuple[float, float]:
        self.function(*arguments)  # once to warm up
        rounds: list[tuple[float, float]] = []
        end = perf_counter() + RACING
        while len(rounds) < ROUNDS or perf_counter() < end:
            rounds.append((_seconds(self.than, arguments), _seconds(self.function, arguments)))
        other, yours = (min(times) for times in zip(*rounds, strict=True))
        return other, yours


@dataclass(frozen=True)
class _Weighing:
    """The most memory that a function takes at a time, in bytes, without its result's."""

    function: Callable[..., Any]

    def __call__(self, *arguments: Any) -> int:
        self.function(*arguments)  # what is loaded at a first call is not its arrays
        tracemalloc.start()
        result = np.asarray(self.function(*arguments))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most - result.nbytes


def _seconds(function: Callable[..., Any], arguments: Any) -> float:
    start = CLOCK()
    function(*arguments)
    return max(CLOCK() - start, 1e-9)


# Words --------------------------------------------------------------------------------------------------------------


def _report(task: Task, mistake: Mistake, met: Any = (), shown: Any = None, printed: str = "") -> Report:
    """A report of a mistake that any function can make."""
    said = (*met, *_told(mistake))
    return Report(task.name, False, _lower(mistake.did), mistake.name, (mistake.name,), said, shown, printed)


def _told(mistake: Mistake) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("What it computes", mistake.computes), ("Ask yourself", mistake.asks)


def _rounded(number: float) -> str:
    """Three digits, and no power of ten: 0.995, 12.7, 1,180."""
    return f"{float(f'{number:.3g}'):,.10g}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _label(part: Task) -> str:
    return part.name.rpartition("_")[2]


def _shapes(task: Task, case: Case) -> str:
    """The arguments of a case: shapes of arrays, and the other values."""
    return ", ".join(_shape(name, value) for name, value in zip(task.arguments, case.arguments, strict=True))


def _shape(name: str, value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{name} {value.shape}"
    return f"{name} {value}" if isinstance(value, (int, float)) else name


def _place(place: Place | None) -> list[tuple[str, str]]:
    if place is None:
        return []
    said = [("In", f"line {place.line} of {place.function}" + (f": {place.text}" if place.text else ""))]
    if place.shapes:
        said.append(("Where", ", ".join(f"{name} is {shape}" for name, shape in place.shapes.items())))
    return said


def _failure(failure: Failure) -> tuple[tuple[str, str], ...]:
    return ("It says", f"{failure.kind}: {failure.words}".rstrip(": ")), *_place(failure.place)


def _returned(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    count = f" of {len(outcome.returned)}" if isinstance(outcome.returned, (tuple, dict)) else ""
    return (("Returned", f"{outcome.kind}{count}"),)


def _printed(outcomes: Sequence[Outcome]) -> str:
    return next((outcome.printed for outcome in outcomes if outcome.printed), "")


def _tried(cases: Sequence[Case]) -> str:
    """What was special about some of the cases."""
    traits = [trait for case in cases for trait in case.traits]
    special = sorted(trait for trait in set(traits) if traits.count(trait) <= len(cases) / 2)
    return f"Among them: {', '.join(special)}." if special else ""


# Functions ----------------------------------------------------------------------------------------------------------


def function_name(function: Callable[..., Any]) -> str:
    """What a function is called."""
    return str(getattr(function, "__name__", type(function).__name__))


def _signature(function: Callable[..., Any]) -> str:
    try:
        return str(inspect.signature(function))
    except (ValueError, TypeError):
        return "(…)"


def _is_stub(task: Task, function: Callable[..., Any]) -> bool:
    """Whether nothing was written yet: the function does nothing. A listing to mend does something."""
    code = getattr(function, "__code__", None)
    if code is None or not set(code.co_consts) <= {None, ..., function.__doc__}:
        return False
    bare = f"{task.blank.splitlines()[0]} ..."
    for source in (task.blank, bare):
        namespace: dict[str, Any] = {}
        exec(source, namespace)
        if namespace[task.answer.__name__].__code__.co_code == code.co_code:
            return True
    return False


def _is_listing(task: Task, function: Callable[..., Any]) -> bool:
    """Whether a listing to mend is still as it was handed out. To say what is wrong with it would give it away."""
    code = getattr(function, "__code__", None)
    if task.listing is None or code is None:
        return False
    namespace: dict[str, Any] = {}
    exec(task.stub, {}, namespace)
    return _does(namespace[task.answer.__name__].__code__) == _does(code)


def _does(code: CodeType) -> tuple[Any, ...]:
    """All that a function's code does, and nothing of where it stands."""
    constants = tuple(_does(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, constants


def _not_implemented(tried: Trial) -> bool:
    failures = [outcome.failure for outcome in tried.outcomes]
    return bool(failures) and all(failure and failure.kind == "NotImplementedError" for failure in failures)


@dataclass(frozen=True)
class _ByName:
    """A function that takes some of the arguments, or in another order, by their names."""

    function: Callable[..., Any]
    names: tuple[str, ...]
    taken: tuple[str, ...]

    @property
    def turned(self) -> bool:
        """Whether whoever gives the arguments in the task's order would be misunderstood."""
        return self.taken != self.names[: len(self.taken)] and set(self.taken) == set(self.names)

    def __call__(self, *arguments: Any) -> Any:
        given = dict(zip(self.names, arguments, strict=True))
        return self.function(**{name: given[name] for name in self.taken})


def _fitted(task: Task, function: Callable[..., Any]) -> Callable[..., Any] | None:
    """The function, ready for the task's arguments in order; None if it can't take them."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return function
    parameters = list(signature.parameters.values())
    several = {p.name for p in parameters if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    by_place = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
    by_name = (*by_place, *(p.name for p in parameters if p.kind is p.KEYWORD_ONLY))
    known = tuple(name for name in by_name if name in task.arguments)
    needed = {p.name for p in parameters if p.default is p.empty} - several
    if known and needed <= set(known) and by_place[: len(task.arguments)] != task.arguments and not several:
        return _ByName(function, task.arguments, known)
    try:
        signature.bind(*task.arguments)
    except TypeError:
        return None
    return function

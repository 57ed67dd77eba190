"""From what a function did to what is to be said of it: right, wrong in a known way, or wrong in an unknown one.

Nothing is guessed. A mistake is named if the function gave, on every case, what that mistake computes, and if no other
mistake computes the same; two mistakes likewise. Otherwise only facts are told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any, Literal, TypeAlias

import numpy as np

from lessonconv.exercises.conduct import named
from lessonconv.exercises.task import Array, Case, Mistake, Steps, Task
from lessonconv.exercises.trial import Outcome

Found: TypeAlias = tuple[Mistake, ...]
Standing: TypeAlias = Literal["right", "wrong", "failed"]
RAISES = object()  # what a mistake computes where it computes nothing

DOUBLE, SINGLE = 1e-9, 1e-5  # of the largest number there is, by which numbers may differ: rounding, in another order
LOOSE = 100  # times as much where numbers are not exact
MANY_AXES = 5
FEW = 3  # wrong cases from which nothing can be said in general
SQUARE = ("an input that is not square", "a kernel that is not square", "an input or a kernel that is not square")
FAILS = dict.fromkeys(SQUARE, "square_assumed")
SLIPS = {"numbers that are not whole": "truncated", "numbers too large for float16": "low_precision"}
CANDIDATES = 3  # wrong cases that a pair of mistakes has to meet before it is held against all


@dataclass(frozen=True)
class Judgement:
    """What the outcomes say.

    standings: of each case that was run. mistakes: those that were made, () if none or none that is known. facts: of an
    unknown mistake, sentences. remarks: what is no mistake, and worth a word. parts: the judgements of what is wrong in
    a result of several parts, by the name of the part's task.
    """

    standings: tuple[Standing, ...]
    mistakes: Found = ()
    facts: tuple[str, ...] = ()
    remarks: tuple[Mistake, ...] = ()
    parts: Mapping[str, "Judgement"] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether every case was."""
        return all(standing == "right" for standing in self.standings)


def judge(task: Task, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Judgement:
    """Compare what a function returned with what is right, and with what each mistake computes."""
    whole = _judge_as_one(task, cases, outcomes)
    if whole.right or whole.mistakes or not task.parts:
        return whole
    judged = {
        part.name: _judge_as_one(part, cases, [_part(outcome, number, len(task.parts)) for outcome in outcomes])
        for number, part in enumerate(task.parts)
    }
    wrong = {name: part for name, part in judged.items() if not part.right}
    mistakes = {mistake.name: mistake for part in wrong.values() for mistake in part.mistakes}
    return Judgement(whole.standings, tuple(mistakes.values()), whole.facts, parts=wrong)


def _part(outcome: Outcome, number: int, count: int) -> Outcome:
    """The outcome as if only one of several results had been returned."""
    whole = isinstance(outcome.returned, tuple) and len(outcome.returned) == count
    return replace(outcome, returned=outcome.returned[number] if whole else None)


def _judge_as_one(task: Task, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Judgement:
    cases = cases[: len(outcomes)]
    evidence = Evidence(task, cases, outcomes)
    if evidence.right:
        return Judgement(evidence.standings)
    found = evidence.singles() or general(evidence) or evidence.pairs() or undefined(evidence)
    if not found:
        return Judgement(evidence.standings, facts=tuple(facts(evidence)))
    policies = tuple(mistake for mistake in found if mistake.policy)
    mistakes = tuple(mistake for mistake in found if not mistake.policy)
    return Judgement(evidence.standings if mistakes else (), mistakes, remarks=policies)


class Evidence:
    """What a function returned on each case, beside what it should have."""

    def __init__(self, task: Task, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> None:
        self.task, self.cases, self.outcomes = task, cases, outcomes
        self.wanted = [plain(task.right(case.arguments)) for case in cases]
        self.standings: tuple[Standing, ...] = tuple(map(self._standing, outcomes, self.wanted))

    @property
    def right(self) -> bool:
        """Whether there is nothing wrong."""
        return all(standing == "right" for standing in self.standings)

    @property
    def wrong(self) -> list[int]:
        """The numbers of the cases that are not right, the smallest case first."""
        return [number for number, standing in enumerate(self.standings) if standing != "right"]

    def _standing(self, outcome: Outcome, wanted: Any) -> Standing:
        if outcome.failure:
            return "failed"
        return "right" if agree(outcome.returned, wanted, tolerance(self.task, outcome)) else "wrong"

    def singles(self) -> Found:
        """The one mistake that computes all of this; () if there is none, or more than one."""
        fits = [(mistake, self._fit(slip)) for mistake in self.task.mistakes for slip in mistake.slips]
        best = min((fit for _, fit in fits if fit is not None), default=None)
        known = {mistake.name: mistake for mistake, fit in fits if fit is not None and fit == best}
        return tuple(known.values()) if len(known) == 1 else ()

    def pairs(self) -> Found:
        """The two mistakes that together compute all of this; () if there are none, or other two as well."""
        if any(standing == "failed" for standing in self.standings):
            return ()
        found = {
            tuple(mistake.name for mistake in pair): pair
            for pair, slip in self.task.pairs()
            if self._fit(slip, self.wrong[:CANDIDATES]) is not None and self._fit(slip) is not None
        }
        return next(iter(found.values())) if len(found) == 1 else ()

    def _fit(self, slip: Steps, numbers: Sequence[int] | None = None) -> int | None:
        """None if these steps do not compute what was returned; else the number of cases that say little.

        Little: the function failed where the mistake goes wrong, or the mistake leaves some numbers open. At least one
        case must show the mistake's own numbers.
        """
        shown = silent = 0
        for number in range(len(self.cases)) if numbers is None else numbers:
            outcome, wanted = self.outcomes[number], self.wanted[number]
            expected = self._computed(slip, number)
            if outcome.failure:
                if expected is not RAISES and agree(expected, wanted, DOUBLE):
                    return None
                silent += 1
            elif expected is RAISES:
                if self.standings[number] == "right":
                    return None
                silent += 1
            elif not agree(outcome.returned, expected, tolerance(self.task, outcome)):
                return None
            else:
                shown += self.standings[number] == "wrong"
                silent += leaves_open(expected)
        return silent if shown else None

    def _computed(self, slip: Steps, number: int) -> Any:
        try:
            with np.errstate(all="ignore"):
                return plain(self.task.compute(slip, self.cases[number].arguments))
        except Exception:  # as the learner's code would
            return RAISES


# Comparing ----------------------------------------------------------------------------------------------------------


def plain(result: Any) -> Any:
    """A result as arrays of floats, and tuples and dicts of these."""
    if isinstance(result, tuple):
        return tuple(plain(part) for part in result)
    if isinstance(result, dict):
        return {key: plain(part) for key, part in result.items()}
    return np.asarray(result, np.float64)


def tolerance(task: Task, outcome: Outcome) -> float:
    """By how much numbers may differ, as a share of the largest."""
    single = any(dtype in ("float32", "float16") for dtype in outcome.dtypes)
    return (SINGLE if single else DOUBLE) * (1 if task.exact else LOOSE)


def agree(got: Any, wanted: Any, share: float) -> bool:
    """Whether two results have the same form and the same numbers. NaN in `wanted` is any number."""
    if isinstance(wanted, tuple):
        return isinstance(got, tuple) and len(got) == len(wanted) and all(map(agree, got, wanted, [share] * len(got)))
    if isinstance(wanted, dict):
        return (
            isinstance(got, dict) and got.keys() == wanted.keys() and all(agree(got[k], wanted[k], share) for k in got)
        )
    return isinstance(got, np.ndarray) and got.shape == wanted.shape and not differences(got, wanted, share).any()


def leaves_open(result: Any) -> bool:
    """Whether a mistake says of some number that it may be any."""
    if isinstance(result, (tuple, dict)):
        return any(map(leaves_open, result.values() if isinstance(result, dict) else result))
    return bool(np.isnan(result).any())


def differences(got: Array, wanted: Array, share: float = DOUBLE) -> Array:
    """Where two arrays of one shape differ by more than rounding."""
    known = wanted[np.isfinite(wanted)]
    scale = 1 + float(np.abs(known).max(initial=0.0))
    with np.errstate(invalid="ignore"):
        near = (np.abs(got - wanted) <= share * scale) | (got == wanted)
    marks: Array = ~(near | np.isnan(wanted))
    return marks


# Mistakes of no task in particular ----------------------------------------------------------------------------------


def general(evidence: Evidence) -> Found:
    """A mistake that shows in all cases at once, whatever the task: a shape, an order of axes, a factor."""
    told = _by_trait(evidence, FAILS if "failed" in evidence.standings else SLIPS)
    if told or "failed" in evidence.standings:
        return told
    got = [outcome.returned for outcome in evidence.outcomes]
    if not all(isinstance(array, np.ndarray) for array in (*got, *evidence.wanted)):
        return ()
    pairs = list(zip(got, evidence.wanted, strict=True))
    if all(mine.shape == wanted.shape for mine, wanted in pairs):
        return _factor(pairs)
    if all(mine.size == wanted.size for mine, wanted in pairs):
        return _form(pairs)
    return ()


def undefined(evidence: Evidence) -> Found:
    """Whether there are numbers that are none."""
    got = [outcome.returned for outcome in evidence.outcomes if isinstance(outcome.returned, np.ndarray)]
    return (named("returns_nan"),) if any(np.isnan(array).any() for array in got) else ()


def _by_trait(evidence: Evidence, names: Mapping[str, str]) -> Found:
    """The mistake that shows in all cases of one kind, and in no other."""
    wrong = set(evidence.wrong)
    for trait, name in names.items():
        if wrong == {number for number, case in enumerate(evidence.cases) if trait in case.traits}:
            computes = f"{named(name).computes} It is wrong with {trait}, and right without."
            return (replace(named(name), computes=computes),)
    return ()


def _form(pairs: Sequence[tuple[Array, Array]]) -> Found:
    if all(agree(got.reshape(wanted.shape), wanted, DOUBLE) for got, wanted in pairs):
        return (named("wrong_shape"),)
    ndim = pairs[0][1].ndim
    for order in list(permutations(range(ndim)))[1:] if ndim < MANY_AXES else ():
        if all(got.ndim == ndim and agree(got.transpose(order), wanted, DOUBLE) for got, wanted in pairs):
            computes = f"The right numbers; transpose{order} would put the axes where they belong."
            return (replace(named("axes_in_another_order"), computes=computes),)
    return ()


def _factor(pairs: Sequence[tuple[Array, Array]]) -> Found:
    got, wanted = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    if not wanted.any():
        return ()
    if not got.any():
        return (named("returns_zeros"),)
    place = int(np.flatnonzero(wanted)[0])
    factor = float(got[place] / wanted[place])
    if not np.isfinite(factor) or differences(got, factor * wanted).any():
        return ()
    return (replace(named("constant_factor"), computes=f"{factor:g} times what it should be, everywhere."),)


# An unknown mistake -------------------------------------------------------------------------------------------------


def facts(evidence: Evidence) -> Iterator[str]:
    """What can be said of a mistake without a name: where it shows."""
    wrong, everywhere = set(evidence.wrong), set(range(len(evidence.cases)))
    if wrong == everywhere or len(wrong) < FEW:
        return
    traits = frozenset[str]().union(*(case.traits for case in evidence.cases))
    having = {trait: {n for n in everywhere if trait in evidence.cases[n].traits} for trait in sorted(traits)}
    exactly = [trait for trait, numbers in having.items() if numbers == wrong]
    only = [
        trait for trait, numbers in having.items() if wrong < numbers < everywhere and 2 * len(numbers) < 3 * len(wrong)
    ]
    if exactly:
        yield f"Of {len(everywhere)} cases, it is wrong in all with {exactly[0]}, and right in all others."
    elif only:
        yield f"Of {len(everywhere)} cases, it is right in all without {only[0]}."

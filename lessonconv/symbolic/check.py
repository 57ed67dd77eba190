"""Run the lines of a derivation on arrays, and say which line and which cell is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sympy import Expr
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.notation import name_of
from lessonconv.symbolic.run import Limits, Numbers

Array = npt.NDArray[Any]
CLOSE = 1e-9  # relative: where functions such as tanh are involved, numbers are rounded


class _Line(Protocol):
    @property
    def cell(self) -> Indexed: ...
    @property
    def expr(self) -> Expr: ...
    @property
    def rule(self) -> str: ...


@dataclass(frozen=True)
class Case:
    """Arrays to run lines on, and what must come out.

    truths[tensor][source] is a tensor's true value and where it comes from: "loops", "layer", "finite differences".
    sizes, arrays, jacobians, functions: as for `run.Numbers`.
    """

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    truths: Mapping[str, Mapping[str, Array]]
    jacobians: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> Numbers:
        """The arrays, and every tensor that has a true value, for a line to read."""
        known = {name: next(iter(values.values())) for name, values in self.truths.items()}
        return Numbers(self.sizes, {**known, **self.arrays}, self.jacobians, self.functions)


@dataclass(frozen=True)
class LineReport:
    """What running one line showed. exact: every number is the same, not only to within rounding.

    agrees: the sources it was held against and agreed with; cell, got, expected: the first cell that differs, and from
    what; error: what went wrong while running.
    """

    number: int
    rule: str
    passed: bool
    exact: bool
    agrees: tuple[str, ...] = ()
    cell: str = ""
    got: Any = None
    expected: Any = None
    error: str = ""

    def __str__(self) -> str:
        if self.passed:
            return f"{'exactly' if self.exact else 'to rounding'} as {', '.join(self.agrees)}"
        return self.error or f"WRONG at {self.cell}: {_plain(self.got)}, but it is {_plain(self.expected)}"


@dataclass(frozen=True)
class Report:
    """What running a derivation showed, line by line."""

    name: str
    sizes: Mapping[str, int]
    lines: tuple[LineReport, ...]

    @property
    def passed(self) -> bool:
        """Did every line give the right numbers?"""
        return all(line.passed for line in self.lines)

    @property
    def failed(self) -> tuple[LineReport, ...]:
        """The lines that did not."""
        return tuple(line for line in self.lines if not line.passed)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        sizes = " ".join(f"{name}={value}" for name, value in self.sizes.items())
        widest = max((len(line.rule) for line in self.lines), default=0)
        lines = [f"  {line.number}. {line.rule:{widest}}  {line}" for line in self.lines]
        verdict = "every line holds" if self.passed else f"{len(self.failed)} of {len(self.lines)} lines are wrong"
        return "\n".join([f"{self.name}: {verdict} at {sizes}", *lines])

    __repr__ = __str__


def check_line(number: int, line: _Line, free: Limits, case: Case) -> LineReport:
    """Run one line and compare it, cell by cell, with every truth there is."""
    numbers = case.numbers
    try:
        got = numbers.run(line.expr, free)
        places = tuple(numbers.run(index, free) for index in line.cell.indices)
    except KeyError as error:
        return LineReport(number, line.rule, False, False, error=f"does not run: {error} has no value here")
    except (ArithmeticError, IndexError, MemoryError, TypeError, ValueError) as error:
        return LineReport(number, line.rule, False, False, error=f"does not run: {error}")
    exact, truths = True, case.truths[name_of(line.cell)]
    for where, truth in truths.items():
        inside = np.logical_and.reduce([(p >= 0) & (p < n) for p, n in zip(places, truth.shape, strict=True)])
        expected = truth[tuple(place[inside] for place in places)]
        wrong = _differences(got[inside], expected)
        if len(wrong):
            first = wrong[0]
            cell = f"{name_of(line.cell)}[{','.join(str(place[inside][first]) for place in places)}] ({where})"
            values = got[inside][first].item(), expected[first].item()
            return LineReport(number, line.rule, False, False, cell=cell, got=values[0], expected=values[1])
        exact = exact and np.array_equal(got[inside], expected)
    return LineReport(number, line.rule, True, exact, tuple(truths))


def _differences(got: Array, expected: Array) -> Array:
    """Where the numbers differ: integers by anything, others by more than rounding."""
    if all(np.issubdtype(array.dtype, np.integer) for array in (got, expected)):
        return np.flatnonzero(got != expected)
    return np.flatnonzero(~np.isclose(got, expected, rtol=CLOSE, atol=CLOSE))


def _plain(value: Any) -> str:
    """A whole number in full, any other as Python writes it."""
    return str(int(value)) if np.isfinite(value) and value == int(value) else str(value)


def slopes(function: Callable[[Array], Array], at: Array) -> Array:
    """∂function/∂at[…] at every cell, by differences: the shape of the function's value, then the shape of `at`.

    At integers the step is 1, and the differences are exact if the function is linear; else they are central ones,
    extrapolated once (Richardson 1911), right to about 1e-10.
    """
    if np.issubdtype(at.dtype, np.integer):
        zero = function(np.zeros_like(at))
        columns = [function(one.reshape(at.shape)) - zero for one in np.eye(at.size, dtype=at.dtype)]
    else:
        columns = [_slope(function, at, one.reshape(at.shape)) for one in np.eye(at.size)]
    return np.stack(columns, axis=-1).reshape(*columns[0].shape, *at.shape)


def _slope(function: Callable[[Array], Array], at: Array, one: Array, step: float = 2**-10) -> Array:
    wide, narrow = ((function(at + one * h) - function(at - one * h)) / (2 * h) for h in (step, step / 2))
    return (4 * narrow - wide) / 3

"""Results as lines of a table, each with its target and verdict, and as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lessonconv.timing import Spread

HEADER = ("", "median", "quartiles", "target", "verdict", "how")
WIDTHS = (65, 10, 15, 9, 12, 0)

Curve = Sequence[tuple[float, float]]  # work, and the seconds that it took


@dataclass(frozen=True)
class Target:
    """The value that a median must not pass."""

    limit: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether the value lies on the right side of the limit, or on it."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True)
class Line:
    """One measured number (or None, if it could not be measured here) beside its target."""

    name: str
    spread: Spread | None
    unit: str
    target: Target | None = None
    how: str = ""  # the absolute numbers behind a ratio, or why nothing was measured
    curves: Mapping[str, Curve] = field(default_factory=dict)  # of each contestant, where a line sums up a growth

    @property
    def verdict(self) -> str:
        """In a word, whether the target was met; nothing where there is none."""
        if self.spread is None:
            return "not measured"
        if self.target is None:
            return ""
        return "met" if self.target.is_met(self.spread.median) else "missed"

    def cells(self) -> tuple[str, ...]:
        """The line as text, cell by cell."""
        median = quartiles = "—"
        if self.spread is not None:
            median = f"{_number(self.spread.median)} {self.unit}"
            quartiles = f"{_number(self.spread.low)} … {_number(self.spread.high)}"
        return self.name, median, quartiles, str(self.target or ""), self.verdict, self.how


def row(cells: Sequence[str]) -> str:
    """The cells in columns: names to the left, numbers to the right."""
    name, *rest = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return "  ".join([name, cells[1].rjust(WIDTHS[1]), *rest[1:]]).rstrip()


def summary(lines: Iterable[Line]) -> str:
    """How many targets were met, and which were not."""
    judged = [line for line in lines if line.target is not None]
    failed = [f"{line.name} ({line.verdict})" for line in judged if line.verdict != "met"]
    count = f"{len(judged) - len(failed)} of {len(judged)} targets met"
    return "\n  ".join([f"{count}; not met:", *failed]) if failed else count


def write_json(path: Path, machine: dict[str, Any], lines: Iterable[Line]) -> None:
    """The run as a file that `python -m benchmarks.compare` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [{**asdict(line), "verdict": line.verdict} for line in lines]
    path.write_text(json.dumps({"machine": machine, "lines": entries}, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"

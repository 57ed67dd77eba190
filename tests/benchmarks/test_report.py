"""Targets, verdicts, the table, the file, and the comparison of two files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.compare import changed_verdicts, compare
from benchmarks.report import Line, Target, row, summary, write_json
from lessonconv.timing import Spread


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (Target(0.75), 0.74, True),
        (Target(0.75), 0.75, True),
        (Target(0.75), 0.76, False),
        (Target(5, at_least=True), 5.1, True),
        (Target(5, at_least=True), 5.0, True),
        (Target(5, at_least=True), 4.9, False),
        (Target(0), 0, True),
        (Target(0), 1, False),
    ],
)
def test_a_target_is_met_on_its_side_of_the_limit(target: Target, value: float, met: bool) -> None:
    assert target.is_met(value) is met


def test_the_median_decides_not_the_quartiles() -> None:
    assert Line("step", Spread(0.7, 0.74, 0.9), "×", Target(0.75)).verdict == "met"
    assert Line("step", Spread(0.6, 0.76, 0.8), "×", Target(0.75)).verdict == "missed"


def test_no_target_no_verdict() -> None:
    assert Line("step", Spread(1, 1, 1), "×").verdict == ""


def test_what_was_not_measured_is_not_met() -> None:
    line = Line("step", None, "×", Target(0.75), "PyTorch is not installed")
    assert line.verdict == "not measured"
    assert "PyTorch is not installed" in row(line.cells())
    assert "not met:\n  step (not measured)" in summary([line])


def test_a_row_shows_median_quartiles_target_and_verdict() -> None:
    cells = Line("step", Spread(0.7, 0.721, 0.75), "×", Target(0.75), "4.2 ms : 5.8 ms").cells()
    assert cells == ("step", "0.721 ×", "0.7 … 0.75", "≤ 0.75", "met", "4.2 ms : 5.8 ms")
    assert Target(5, at_least=True).__str__() == "≥ 5"


def test_the_summary_counts_only_lines_with_a_target() -> None:
    one = Spread(1, 1, 1)
    assert summary([Line("a", one, "×", Target(2)), Line("b", one, "×")]) == "1 of 1 targets met"
    assert summary([Line("a", one, "×", Target(2)), Line("b", one, "×", Target(0.5))]) == (
        "1 of 2 targets met; not met:\n  b (missed)"
    )


Run = dict[str, Any]
ONE = Spread(1, 1, 1)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Run]:
    """These lines as a run, by way of a file in a folder that is not there yet."""

    def through_a_file(*lines: Line) -> Run:
        file = tmp_path / "new" / "run.json"
        write_json(file, {"threads": "1"}, lines)
        found: Run = json.loads(file.read_text("utf-8"))
        return found

    return through_a_file


def test_two_files_are_compared_line_by_line(run: Callable[..., Run]) -> None:
    before = run(Line("x", Spread(1, 2, 3), "ms"), Line("y", Spread(9, 10, 11), "ms"), Line("z", None, "ms"))
    after = run(Line("x", Spread(2, 3, 4), "ms"), Line("y", Spread(4, 5, 6), "ms"), Line("z", None, "ms"))
    x, y, z = compare(before, after)
    assert x.startswith("x") and x.endswith("2 ms → 3 ms  within noise")
    assert y.startswith("y") and y.endswith("10 ms → 5 ms  -50%")
    assert z.startswith("z") and z.endswith("not measured → not measured")


def test_a_verdict_that_changed_is_told_and_one_that_did_not_is_not(run: Callable[..., Run]) -> None:
    slow, fast, target = Spread(2, 2, 2), Spread(1, 1, 1), Target(1.5)
    before = run(Line("x", slow, "×", target), Line("y", fast, "×", target), Line("z", slow, "×", target))
    after = run(Line("x", fast, "×", target), Line("y", fast, "×", target), Line("z", None, "×", target))
    x, y, z = compare(before, after)
    assert x.endswith("2 × → 1 ×  -50%  missed → met")
    assert y.endswith("1 × → 1 ×  within noise")
    assert z.endswith("2 × → not measured  missed → not measured")
    assert changed_verdicts(before, after) == "1 × missed → met, 1 × missed → not measured"
    assert changed_verdicts(after, after) == "no verdict changed"


def test_a_target_that_moved_is_told_with_the_verdict_that_it_moved(run: Callable[..., Run]) -> None:
    same = Spread(2, 2, 2)
    (sentence,) = compare(run(Line("x", same, "×", Target(1))), run(Line("x", same, "×", Target(3))))
    assert sentence.endswith("within noise  target ≤ 1 → ≤ 3  missed → met")


def test_lines_of_one_run_alone_are_named(run: Callable[..., Run]) -> None:
    one = Spread(1, 1, 1)
    sentences = compare(
        run(Line("a", one, "ms"), Line("b", one, "ms")), run(Line("b", one, "ms"), Line("c", None, "ms"))
    )
    assert sentences[1:] == ["only before: a (1 ms)", "only after: c (not measured)"]

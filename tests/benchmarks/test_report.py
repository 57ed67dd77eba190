"""Targets, verdicts, the table, the file, and the comparison of two files."""

import json
from pathlib import Path

import pytest

from benchmarks.compare import compare
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
    assert "not met: step (not measured)" in summary([line])


def test_a_row_shows_median_quartiles_target_and_verdict() -> None:
    cells = Line("step", Spread(0.7, 0.721, 0.75), "×", Target(0.75), "4.2 ms : 5.8 ms").cells()
    assert cells == ("step", "0.721 ×", "0.7 … 0.75", "≤ 0.75", "met", "4.2 ms : 5.8 ms")
    assert Target(5, at_least=True).__str__() == "≥ 5"


def test_the_summary_counts_only_lines_with_a_target() -> None:
    one = Spread(1, 1, 1)
    assert summary([Line("a", one, "×", Target(2)), Line("b", one, "×")]) == "1 of 1 targets met"
    assert summary([Line("a", one, "×", Target(2)), Line("b", one, "×", Target(0.5))]) == (
        "1 of 2 targets met; not met: b (missed)"
    )


def test_two_files_are_compared_line_by_line(tmp_path: Path) -> None:
    def run(name: str, *lines: Line) -> dict[str, object]:
        write_json(tmp_path / name, {"threads": "1"}, lines)
        found: dict[str, object] = json.loads((tmp_path / name).read_text("utf-8"))
        return found

    before = run("a", Line("x", Spread(1, 2, 3), "ms"), Line("y", Spread(9, 10, 11), "ms"), Line("z", None, "ms"))
    after = run("b", Line("x", Spread(2, 3, 4), "ms"), Line("y", Spread(4, 5, 6), "ms"), Line("z", None, "ms"))
    x, y = compare(before, after)
    assert x.startswith("x") and x.endswith("within noise")
    assert y.startswith("y") and y.endswith("-50%")

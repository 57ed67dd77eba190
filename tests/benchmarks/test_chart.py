"""The picture of a run: every line that belongs there is in it, whatever the run has."""

import re
from html import unescape
from pathlib import Path

import pytest
from matplotlib.text import Text

from benchmarks import chart
from benchmarks.report import Line, Target
from lessonconv.timing import Spread

BARS = [
    Line("conv 1→8 k3, 64×28×28, forward: ours ÷ PyTorch", Spread(0.3, 0.4, 0.5), "×", Target(0.45)),
    Line("step 8/16 k3, noise: ours ÷ PyTorch channels_last", Spread(1.2, 1.3, 1.4), "×", Target(0.85)),
    Line("epoch of 8/16 k5, 4,000 digits: ours ÷ PyTorch", None, "×"),
    Line("peak extra memory of training 8/16 k3, N = 64: ours ÷ PyTorch", Spread(30, 40, 50), "×"),
]
CURVES = {"ours": [(1e6, 1e-3), (1e8, 0.1)], "textbook": [(1e6, 1e-3), (1e8, 0.4)]}
GROWTHS = [
    Line(f"growth with {axis}, {name}: dearer per unit of work", Spread(1, 1, 1), "×", None, "", CURVES)
    for axis in ("N", "K·K")
    for name in ("forward", "dw")
]
OTHERS = [Line("import sympy", Spread(1, 2, 3), "ms")]


def words(file: Path) -> list[str]:
    """What is written in an SVG whose letters are outlines: Matplotlib puts the text itself into a comment."""
    return [unescape(word) for word in re.findall(r"<!-- (.*?) -->", file.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("bars", "growths"), [(BARS, GROWTHS), (BARS, []), ([], GROWTHS)], ids=["both", "bars", "growth"]
)
def test_every_line_is_in_the_picture(bars: list[Line], growths: list[Line], tmp_path: Path) -> None:
    file = tmp_path / "new" / "chart.svg"
    chart.draw(file, [*bars, *OTHERS, *growths])
    written = words(file)
    assert {chart.label(line) for line in bars} <= set(written)
    for line in growths:
        name = line.name.removeprefix("growth ").partition(":")[0]
        assert any(word.startswith(name) for word in written)
    assert not any("sympy" in word for word in written)


def test_a_bar_says_its_number_its_target_and_its_verdict(tmp_path: Path) -> None:
    chart.draw(tmp_path / "chart.svg", BARS)
    written = words(tmp_path / "chart.svg")
    for cell in ("0.40", "≤ 0.45", "met", "1.30", "≤ 0.85", "missed", "not measured"):
        assert cell in written


def test_a_label_keeps_what_tells_two_bars_apart() -> None:
    assert [chart.label(line) for line in BARS[:2]] == [
        "conv 1→8 k3, 64×28×28, forward",
        "step 8/16 k3, noise (channels_last)",
    ]


def test_a_run_without_either_gets_a_sentence(tmp_path: Path) -> None:
    chart.draw(tmp_path / "chart.svg", OTHERS)
    assert chart.NOTHING in words(tmp_path / "chart.svg")


@pytest.mark.parametrize(
    ("bars", "growths"), [(BARS * 10, GROWTHS), (BARS[:1], []), ([], GROWTHS[:1])], ids=["both", "a bar", "a growth"]
)
def test_no_letters_are_small_or_cut_or_lie_on_each_other(bars: list[Line], growths: list[Line]) -> None:
    with chart.matplotlib.rc_context(chart.STYLE):
        sheet = chart.lay_out(bars, growths)
        sheet.figure.draw_without_rendering()  # lays out ticks
        texts = [text for text in sheet.figure.findobj(Text) if text.get_text() and text.get_visible()]
        boxes = [text.get_window_extent() for text in sheet.figure.texts]
    assert min(text.get_fontsize() for text in texts) >= 9
    assert not [(i, j) for i, one in enumerate(boxes) for j in range(i) if one.overlaps(boxes[j])]
    assert all(box.x0 >= 0 and box.x1 <= sheet.figure.bbox.width for box in boxes)

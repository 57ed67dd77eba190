"""The roofline and the ladder: dots under the roof that was measured, bars as long as they are fast."""

import math

import numpy as np
import pytest

from lessonconv import visual
from lessonconv.timing import Machine, Timings, Work
from lessonconv.visual.picture import Picture
from tests.visual.readable import complaints, texts

MACHINE = Machine(flops=100e9, bandwidth=20e9)  # ridge: 5 operations a byte
CONVOLUTION = Work(operations=24e6, bytes=1e6)
RELU = Work(operations=1e6, bytes=8e6)
POINTS = {
    "loops": (CONVOLUTION, 24.0),
    "slices": (CONVOLUTION, 3e-3),
    "columns": (CONVOLUTION, 0.8e-3),
    "strips": (CONVOLUTION, 0.7e-3),
    "conv2d": (CONVOLUTION, 0.48e-3),
    "ReLU": (RELU, 0.8e-3),
}
RACES = {
    "1 image": Timings({"loops": [1.0, 1.0], "slices": [1e-3, 1e-3], "view": [1e-2, 1e-2]}),
    "64 images": Timings({"slices": [1.0, 2.0], "view": [10.0, 20.0]}),
}


def test_the_roof_rises_to_the_ridge_and_goes_on_flat() -> None:
    (axes,) = visual.roofline(MACHINE, {}).figure.axes
    xs, ys = (np.asarray(values, float) for values in axes.lines[0].get_data())
    assert xs[1] == pytest.approx(5) and ys[1] == ys[2] == pytest.approx(100e9)
    assert ys[0] == pytest.approx(xs[0] * 20e9)
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_a_dot_stands_at_its_intensity_and_speed() -> None:
    (axes,) = visual.roofline(MACHINE, {"conv2d": POINTS["conv2d"]}).figure.axes
    (dot,) = [line for line in axes.lines if line.get_marker() not in ("None", None, "")]
    assert np.asarray(dot.get_xdata())[0] == pytest.approx(24)
    assert np.asarray(dot.get_ydata())[0] == pytest.approx(50e9)


def test_each_dot_tells_its_name_and_its_share_of_the_roof_above_it() -> None:
    picture = visual.roofline(MACHINE, POINTS)
    found = texts(picture)
    assert {"conv2d, 50 %", "loops, 0.0010 %", "ReLU, 50 %"} <= set(found)  # ReLU's roof is the slope: 2.5e9
    assert {"arithmetic: 100 billion a second", "memory: 20 billion\nbytes a second", "ridge: 5 a byte"} <= set(found)
    assert {"operations a second", "operations for each byte that travels"} <= set(found)


def test_work_of_different_intensity_has_different_marks() -> None:
    (axes,) = visual.roofline(MACHINE, POINTS).figure.axes
    marks = {line.get_marker() for line in axes.lines} - {"None", None, ""}
    assert len(marks) == 2


@pytest.mark.parametrize(
    "machine", [MACHINE, Machine(3000e9, 300e9), Machine(5e9, 8e9)], ids=["laptop", "server", "toy"]
)
def test_no_name_is_cut_off_or_written_over_another(machine: Machine) -> None:
    assert complaints(visual.roofline(machine, POINTS)) == []


def test_names_keep_apart_where_dots_lie_on_each_other() -> None:
    close = {f"way {k}": (CONVOLUTION, 1e-3 * (1 + k / 100)) for k in range(6)}
    assert complaints(visual.roofline(MACHINE, close)) == []


def test_the_words_of_the_roofline_stay_and_its_findings_tell_what_was_measured() -> None:
    picture = visual.roofline(MACHINE, {"conv2d": POINTS["conv2d"]}, title="Near?")
    assert picture.alt == visual.roofline(Machine(1e9, 1e9), {"conv2d": (RELU, 3)}, title="Near?").alt
    assert picture.alt.startswith("Near?: a chart of operations a second") and "conv2d" in picture.alt
    assert "100 billion operations a second" in picture.findings and "conv2d, 50 %" in picture.findings


@pytest.mark.parametrize("point", [(CONVOLUTION, 0.0), (Work(0, 1), 1.0), (Work(1, 0), 1.0)])
def test_what_has_no_place_on_a_scale_of_powers_is_refused(point: tuple[Work, float]) -> None:
    with pytest.raises(ValueError, match=r"relay has .* but all must be positive"):
        visual.roofline(MACHINE, {"relay": point})


# The ladder


def bars(picture: Picture) -> list[float]:
    """Each bar's length in pixels, less the hair that a bar of 1 has."""
    (axes,) = picture.figure.axes
    return [path.get_extents().width - 2 for bar in axes.collections for path in bar.get_paths()]


def test_bars_are_as_long_as_the_gain_in_powers_of_ten() -> None:
    loops, slices, view, first, second = bars(visual.ladder(RACES))
    assert loops == first == pytest.approx(0)
    assert slices / view == pytest.approx(math.log(1000) / math.log(100))
    assert second == pytest.approx(slices / 3)  # ten times slower: to the left


def test_each_step_tells_its_gain_over_the_first_and_over_the_one_above() -> None:
    assert {"×1,000", "×100 (×0.1)", "×0.1", "1 image", "64 images", "slices"} <= set(texts(visual.ladder(RACES)))


def test_no_word_of_the_ladder_is_cut_off_or_written_over_another() -> None:
    assert complaints(visual.ladder(RACES)) == []
    assert (
        complaints(visual.ladder({"one": RACES["64 images"]}, title="A longer title than its chart is wide, surely"))
        == []
    )


def test_the_words_of_the_ladder_stay_and_its_findings_tell_the_gains() -> None:
    picture = visual.ladder(RACES)
    assert "1 image: loops, slices, view." in picture.alt and "1,000" not in picture.alt
    assert "1 image, times as fast as loops: slices ×1,000, view ×100." in picture.findings


@pytest.mark.parametrize("races", [{}, {"alone": Timings({"a": [1.0]})}], ids=["no race", "one contestant"])
def test_a_ladder_of_one_rung_is_refused(races: dict[str, Timings]) -> None:
    with pytest.raises(ValueError, match="at least two contestants"):
        visual.ladder(races)

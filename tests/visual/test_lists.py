"""Timetables: a disc for each meeting and no other, where the index rule puts it, with its tap in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, Rectangle

from lessonconv import visual
from lessonconv.visual import palette
from lessonconv.visual.picture import Picture
from lessonconv.window import Axis
from tests.strategies import examples
from tests.visual.readable import complaints, texts

PLAIN = Axis.over(6, 3)
SETTINGS = {
    "stride 2": Axis.over(7, 3, stride=2),
    "padding 1": Axis.over(7, 3, padding=1),
    "dilation 2": Axis.over(7, 3, dilation=2),
    "one more before than after": Axis.over(5, 4, padding=(2, 1)),
    "left over": Axis.over(8, 3, stride=2),
}


def discs(picture: Picture) -> list[tuple[float, float, str]]:
    """Row, column and tap of each disc, in cells from the first disc's row and column."""
    (axes,) = picture.figure.axes
    words = {text.get_position(): text.get_text() for text in axes.texts}
    found = [(patch.center, patch.radius) for patch in axes.patches if isinstance(patch, Circle)]
    cell = found[0][1] / 0.34
    return [(round(y / cell, 3), round(x / cell, 3), words[x, y]) for (x, y), _ in found]


def by_the_rule(axis: Axis) -> list[tuple[int, int, str]]:
    """Every output, tap and input, asked one by one."""
    return [
        (i, u, str(k))
        for i in range(axis.outputs)
        for k in range(axis.kernel)
        for u in range(axis.size)
        if u == i * axis.stride + k * axis.dilation - axis.before
    ]


@examples(20)
@given(st.integers(5, 9), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2))
def test_a_disc_for_each_meeting_and_no_other(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    axis = Axis.over(size, kernel, stride=stride, padding=padding, dilation=dilation)
    drawn, wanted = discs(visual.timetables({"an axis": axis})), by_the_rule(axis)
    assert [tap for *_, tap in drawn] == [tap for *_, tap in wanted]
    (row, column, _), (i, u, _) = drawn[0], wanted[0]
    places, rule = [(r - row, c - column) for r, c, _ in drawn], [(o - i, v - u) for o, v, _ in wanted]
    np.testing.assert_allclose(places, rule, atol=0.01)


def test_the_followed_tap_is_filled_and_the_others_pale() -> None:
    (axes,) = visual.timetable(PLAIN, tap=2).figure.axes
    words = {text.get_position(): text.get_text() for text in axes.texts}
    filled = [
        words[disc.center]
        for disc in axes.patches
        if isinstance(disc, Circle) and to_hex(disc.get_facecolor()) == palette.LIGHT.w
    ]
    assert filled == ["2"] * 4


def test_the_three_sums_are_named() -> None:
    words = texts(visual.timetable(PLAIN, output=2, tap=0, input=4))
    assert {"→ z[2]", "↘ ∂L/∂w[0]", "↓ ∂L/∂x[4]"} <= set(words)


def test_an_input_that_nobody_reads_is_grey_and_a_tap_in_the_padding_has_no_disc() -> None:
    silent = palette.mix(palette.LIGHT.paper, palette.LIGHT.muted, 0.18)
    (axes,) = visual.timetables({"left over": SETTINGS["left over"]}).figure.axes
    assert sum(isinstance(p, Rectangle) and to_hex(p.get_facecolor()) == silent for p in axes.patches) == 3
    (axes,) = visual.timetables({"padding 1": SETTINGS["padding 1"]}).figure.axes
    assert len([p for p in axes.patches if isinstance(p, Circle)]) == 19
    assert sum(text.get_text() in ("0", "1", "2") for text in axes.texts) == 21


def test_the_list_is_said_in_words() -> None:
    assert "9 meetings: output 0 reads inputs 0, 2, 4;" in visual.timetables(SETTINGS).alt
    assert "output 0 reads input 0;" in visual.timetables({"": Axis.over(3, 2, padding=1)}).alt
    assert "output 0 reads padding only" in visual.timetables({"": Axis.over(3, 1, padding=1)}).alt


@pytest.mark.parametrize("axis", [PLAIN, *list(SETTINGS.values())], ids=str)
def test_no_word_is_cut_off_or_written_over_another(axis: Axis) -> None:
    assert complaints(visual.timetable(axis)) == []


def test_no_word_of_many_is_cut_off_or_written_over_another() -> None:
    assert complaints(visual.timetables(SETTINGS)) == []


def test_tables_below_each_other_begin_in_the_same_column() -> None:
    placed = [x for _, x, tap in discs(visual.timetables(SETTINGS)) if tap == "0"]
    assert len(set(np.round(placed, 2))) < len(placed)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"output": 4}, "output is 4, but there are 4"), ({"tap": 3}, "give 0 to 2"), ({"input": -1}, "input is -1")],
)
def test_what_there_is_not_cannot_be_followed(wrong: dict[str, int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        visual.timetable(PLAIN, **wrong)


def test_a_list_that_no_window_made_is_drawn_as_any_other() -> None:
    winners = ([0, 1, 2], [0, 0, 0], [1, 2, 5])
    picture = visual.timetables({"max pooling": winners})
    (axes,) = picture.figure.axes
    silent = palette.mix(palette.LIGHT.paper, palette.LIGHT.muted, 0.18)
    assert sum(isinstance(p, Rectangle) and to_hex(p.get_facecolor()) == silent for p in axes.patches) == 3 * 3
    assert "3 meetings: output 0 reads input 1; output 1 reads input 2; output 2 reads input 5." in picture.alt
    assert "padding" not in picture.alt
    assert complaints(picture) == []


def test_a_windows_list_is_drawn_as_its_axis() -> None:
    drawn, again = (discs(visual.timetables({"": one})) for one in (PLAIN, PLAIN.meetings()))
    assert drawn == again


def test_too_much_and_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="take a smaller input"):
        visual.timetable(Axis.over(30, 3))
    with pytest.raises(ValueError, match="take a smaller input"):
        visual.timetables({"long": Axis.over(30, 3)})
    with pytest.raises(ValueError, match="nothing to draw"):
        visual.timetables({})
    with pytest.raises(ValueError, match="nobody meets in the list 'none'"):
        visual.timetables({"none": ([], [], [])})

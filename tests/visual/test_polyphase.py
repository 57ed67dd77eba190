"""The letters of the phases: an input has a tap's letter if and only if that tap ever meets it."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lessonconv import visual
from lessonconv.visual.polyphase import _letters
from lessonconv.window import Pair, Window
from tests.visual.readable import complaints, texts

SMALL = Window.over(5, 3, stride=2)


def met(window: Window) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    """Every (tap, input) that meets inside of the input, by the index rule."""
    H, W = window.input_size
    outputs = [(i, j) for i in range(window.output_size[0]) for j in range(window.output_size[1])]
    pairs = {(tap, window.input(*output, *tap)) for output in outputs for tap in window.taps}
    return {(tap, (u, v)) for tap, (u, v) in pairs if 0 <= u < H and 0 <= v < W}


sizes, kernels, strides, paddings = st.integers(3, 8), st.integers(1, 4), st.integers(1, 4), st.integers(0, 3)


@given(st.tuples(sizes, sizes), st.tuples(kernels, kernels), st.tuples(strides, strides), paddings)
def test_a_tap_meets_only_inputs_with_its_own_letter(size: Pair, kernel: Pair, stride: Pair, padding: int) -> None:
    assume(all(k <= n + 2 * padding for k, n in zip(kernel, size, strict=True)))
    window = Window.over(size, kernel, stride=stride, padding=padding)
    letters = _letters(window)
    assert all(letters["w"][tap] == letters["dx"][cell] for tap, cell in met(window))


def test_the_letters_tell_apart_what_never_meets() -> None:
    letters = _letters(SMALL)
    alike = {(tap, cell) for tap in letters["w"] for cell in letters["dx"] if letters["w"][tap] == letters["dx"][cell]}
    large = _letters(Window.over(9, 3, stride=2))
    assert met(SMALL) <= alike
    assert len(set(large["w"].values())) == 4
    assert {cell for cell, letter in large["dx"].items() if letter == "D"} == {
        (u, v) for u in range(1, 9, 2) for v in range(1, 9, 2)
    }


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_picture_shows_a_letter_for_each_cell_and_can_be_read(stride: int) -> None:
    picture = visual.phases(Window.over((6, 5), (3, 3), stride=stride))
    letters = [word for word in texts(picture) if re.fullmatch("[A-Z]", word)]
    assert len(letters) == 6 * 5 + 9
    assert len(set(letters)) == stride**2
    assert complaints(picture) == []
    assert "taps with its own letter" in picture.alt


def test_an_input_that_nobody_reads_has_no_letter() -> None:
    assert visual.phases(Window.over(4, 1, stride=2)).alt.count("–") == 12


def test_too_many_phases_are_refused_with_a_way_out() -> None:
    with pytest.raises(ValueError, match=r"36 phases .* stride of 5 or less"):
        visual.phases(Window.over(12, 6, stride=6))

"""Small arrays with their numbers, and the two ways to shift the same products: what is drawn, said and refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lessonconv import visual
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.rows import written
from tests.strategies import examples
from tests.visual.readable import complaints, texts

X, W = [1, 2, 0, 3, 1], [1, 2, -1]
NINE = np.arange(1, 10).reshape(3, 3)


def squares(picture: visual.Picture) -> list[Rectangle]:
    return [patch for patch in picture.figure.axes[0].patches if isinstance(patch, Rectangle)]


@pytest.mark.parametrize(
    ("value", "words"),
    [(3, "3"), (-2.0, "−2"), (0, "0"), (-0.0, "0"), (1 / 9, ".11"), (-0.25, "−.25"), (1.5, "1.5"), (-0.001, "−.001")],
)
def test_a_number_is_short_and_has_a_true_minus(value: float, words: str) -> None:
    assert written(value) == words


# Two ways to shift


def test_both_ways_add_up_to_what_numpy_computes() -> None:
    picture = visual.shifts(X, W)
    assert picture.findings == "The sums: convolution 1 4 3 1 7 −1 −1, correlation −1 0 5 −1 5 5 1."
    found = texts(picture)
    assert {"w[0] = 1", "w[1] = 2", "w[2] = −1"} <= set(found)
    assert [found.count(word) for word in ("x", "z", "w[2] = −1")] == [2, 2, 2]


@examples(20)
@given(st.integers(1, 5), st.integers(0, 4), st.integers(0, 99))
def test_rows_move_by_one_cell_for_each_tap_and_columns_add_up(K: int, more: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w = rng.integers(-9, 10, min(K + more, 10 - K)), rng.integers(-9, 10, K)
    picture = visual.shifts(x, w)
    cells = squares(picture)
    rows = 2 + K
    assert len(cells) == 2 * (len(x) + K * len(x) + len(x) + K - 1)
    half = cells[: len(cells) // 2], cells[len(cells) // 2 :]
    for block, step in zip(half, (1, -1), strict=True):
        side = block[0].get_width()
        lefts = [block[(1 + k) * len(x)].get_x() for k in range(K)]
        assert np.allclose(np.diff(lefts), step * side)
        assert len({round(cell.get_y(), 3) for cell in block}) == rows
    assert complaints(picture) == []


def test_outputs_whose_taps_all_meet_an_input_are_outlined() -> None:
    strong = [cell for cell in squares(visual.shifts(X, W)) if to_hex(cell.get_edgecolor()) == LIGHT.z]
    assert len(strong) == 2 * 3
    assert all(cell.get_linewidth() > 2 for cell in strong)


@pytest.mark.parametrize(
    ("x", "w"), [([1], [1, 2]), (np.ones(9), [1, 2]), (np.ones((2, 2)), [1]), ([1, 2], []), ([1, np.nan], [1])]
)
def test_what_does_not_fit_is_refused(x: Any, w: Any) -> None:
    with pytest.raises(ValueError, match=r"take shorter ones|must hold numbers|NaN"):
        visual.shifts(x, w)


# Side by side


def test_small_arrays_stand_under_their_names_with_their_numbers() -> None:
    picture = visual.numbered({"w": NINE, "turned": NINE[::-1, ::-1]}, title="Two")
    found = texts(picture)
    assert found[0] == "Two" and {"w", "turned"} <= set(found)
    assert [found.count(str(number)) for number in range(1, 10)] == [2] * 9
    assert picture.alt == "Two: w, turned, cell by cell."
    assert picture.findings == "In numbers: w: 1 2 3 / 4 5 6 / 7 8 9; turned: 9 8 7 / 6 5 4 / 3 2 1."


def test_all_colours_are_on_one_scale_and_signs_have_their_own() -> None:
    first, second = visual.numbered({"large": [[-4, 4]], "small": [2, 0]}).figure.axes
    colors = [[to_hex(patch.get_facecolor()) for patch in axes.patches] for axes in (first, second)]
    assert palette.contrast(colors[1][1], LIGHT.paper) < 1.02
    assert len({*colors[0], *colors[1]}) == 4


def test_a_row_is_as_good_as_a_matrix_of_one_row_and_long_lists_go_on_below() -> None:
    assert len(visual.numbered({"row": [1, 2, 3]}).figure.axes[0].patches) == 3
    picture = visual.numbered({f"kernel number {n}": np.full((3, 3), n) for n in range(9)})
    width, _ = picture.figure.get_size_inches()
    assert width * 96 <= 800
    assert len({round(axes.get_position().y0, 4) for axes in picture.figure.axes}) > 1


@pytest.mark.parametrize("named", [{}, {"w": np.ones((2, 2, 2))}, {"w": [np.inf]}, {"w": ["a"]}])
def test_what_has_no_cells_to_show_is_refused(named: Any) -> None:
    with pytest.raises(ValueError, match=r"no matrix|must hold numbers|infinity"):
        visual.numbered(named)


DRAWN: list[Callable[[], visual.Picture]] = [
    lambda: visual.shifts(X, W),
    lambda: visual.shifts([1000, -2000, 12.5], [9, -9], title="A title of one's own"),
    lambda: visual.shifts([1], [1]),
    lambda: visual.numbered({"w": NINE, "a name that is long": NINE.T, "row": [0.11, -1234567]}),
    lambda: visual.numbered({f"kernel number {n}": np.full((3, 3), n) for n in range(9)}, caption="Nine of them."),
]


@pytest.mark.parametrize("draw", DRAWN)
def test_every_word_can_be_read_and_nothing_is_cut(draw: Callable[[], visual.Picture]) -> None:
    picture = draw()
    assert complaints(picture) == []
    width, height = picture.figure.get_size_inches()
    box = picture.figure.get_tightbbox()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height

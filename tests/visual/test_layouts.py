"""The columns of im2col and the strips: every cell stands where a plain loop over padded arrays puts it."""

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lessonconv import visual
from lessonconv.visual import palette
from lessonconv.visual.picture import Picture
from lessonconv.window import Window
from tests.visual.readable import complaints

SMALL = Window.over(4, 3, padding=1)
WINDOWS = [SMALL, Window.over((3, 5), (2, 3)), Window.over(5, 3, stride=2), Window.over((4, 3), (3, 1), padding=(1, 0))]
UNIT = [window for window in WINDOWS if window.height.stride == 1]


def numbers(picture: Picture, right_of: float = 0.0, below: float = 0.0) -> list[list[str]]:
    """The numbers in the matrix's cells, row by row; "" in the padding."""
    (axes,) = picture.figure.axes
    words = {text.get_position(): text.get_text() for text in axes.texts}
    rows: dict[float, dict[float, str]] = {}
    for cell in _cells(axes):
        x, y = cell.get_xy()
        if x >= right_of and y >= below:
            middle = x + cell.get_width() / 2, y + cell.get_height() / 2
            rows.setdefault(y, {})[x] = words.get(middle, "")
    return [[row[x] for x in sorted(row)] for _, row in sorted(rows.items())]


def _cells(axes: Any) -> list[Rectangle]:
    return [
        patch
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_width() == patch.get_height() == 26.0
    ]


def padded(window: Window) -> np.ndarray:
    """The numbers of the input's cells, row by row, with −1 around them."""
    size = window.input_size
    sides = [(axis.before, axis.after) for axis in (window.height, window.width)]
    return np.pad(np.arange(size[0] * size[1]).reshape(size), sides, constant_values=-1)


def shown(matrix: np.ndarray) -> list[list[str]]:
    return [["" if value < 0 else str(value) for value in row] for row in matrix.tolist()]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_a_column_is_a_window_and_a_row_a_tap(window: Window) -> None:
    x, (K_h, K_w), s = padded(window), window.kernel_size, window.height.stride
    O_h, O_w = window.output_size
    columns = [x[i * s : i * s + K_h, j * s : j * s + K_w].ravel() for i in range(O_h) for j in range(O_w)]
    assert numbers(visual.columns(window, output=(0, 0))) == shown(np.array(columns).T)


@pytest.mark.parametrize("window", UNIT, ids=str)
def test_a_row_of_the_strips_is_the_padded_picture_shifted(window: Window) -> None:
    x, (_, K_w), O_w = padded(window), window.kernel_size, window.output_size[1]
    strips = [x[:, l : l + O_w].ravel() for l in range(K_w)]
    assert numbers(visual.strips(window)) == shown(np.array(strips))


def test_a_bar_is_as_long_as_the_outputs_and_each_begins_a_row_later() -> None:
    (axes,) = visual.strips(SMALL).figure.axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_width() == 16 * 26.0]
    assert np.diff([bar.get_x() for bar in bars]).tolist() == [4 * 26.0] * 2


@pytest.mark.parametrize(("draw", "times"), [(visual.columns, 9), (visual.strips, 3)])
def test_the_marked_cell_is_filled_wherever_it_stands(draw: Any, times: int) -> None:
    picture = draw(SMALL)
    filled = [cell for cell in _cells(picture.figure.axes[0]) if to_hex(cell.get_facecolor()) == palette.color("x")]
    assert len(filled) == times
    assert f"x[1,1] stands in {'it' if times == 9 else 'them'} {times} times" in picture.alt


def test_padding_is_hatched_paper() -> None:
    cells = _cells(visual.columns(SMALL).figure.axes[0])
    hatched = [to_hex(cell.get_facecolor()) == palette.LIGHT.paper for cell in cells if cell.get_hatch()]
    assert len(hatched) == 9 * 16 - 100 and all(hatched)  # along an axis, taps meet 3 + 4 + 3 of 4 cells


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_no_word_of_the_columns_is_cut_off_or_written_over_another(window: Window) -> None:
    assert complaints(visual.columns(window, output=(0, 0))) == []


@pytest.mark.parametrize("window", UNIT, ids=str)
def test_no_word_of_the_strips_is_cut_off_or_written_over_another(window: Window) -> None:
    assert complaints(visual.strips(window)) == []


@pytest.mark.parametrize("draw", [visual.columns, visual.strips])
def test_what_is_too_wide_for_a_page_is_refused(draw: Any) -> None:
    with pytest.raises(ValueError, match="take a smaller input"):
        draw(Window.over(8, 3))


@pytest.mark.parametrize("draw", [visual.columns, visual.strips])
def test_a_cell_outside_of_the_input_cannot_be_marked(draw: Any) -> None:
    with pytest.raises(ValueError, match="outside of the input"):
        draw(SMALL, marked=(4, 0))


def test_an_output_that_there_is_not_cannot_be_framed() -> None:
    with pytest.raises(ValueError, match="outside of the output"):
        visual.columns(SMALL, output=(0, 4))


@pytest.mark.parametrize("settings", [{"stride": 2}, {"dilation": 2}], ids=str)
def test_strips_are_drawn_for_steps_of_one(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="stride 1 and dilation 1"):
        visual.strips(Window.over(5, 2, **settings))

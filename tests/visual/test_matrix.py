"""Layers as matrices: lines, entries, counts and colours are those of plain loops over the window's rule."""

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.image import AxesImage
from matplotlib.patches import Circle, Rectangle

from lessonconv import visual
from lessonconv.visual import matrix, palette
from lessonconv.visual.picture import Picture
from lessonconv.window import Axis, Window
from tests.visual.readable import complaints, texts

W = np.array([[1, -1, 2, 0, 1], [2, 0, -1, 1, 3], [0, 1, 1, -2, 1]])
X, DZ = np.array([1, 2, 0, 3, 1]), np.array([1, -2, 3])
AXES = [Axis.over(5, 3), Axis.over(5, 3, stride=2), Axis.over(4, 3, padding=1), Axis.over(3, 3), Axis.over(8, 1)]
WINDOWS = [Window.over(5, 3, padding=1), Window.over((3, 6), (2, 3)), Window.over(5, 3, stride=2)]


def reads() -> Picture:
    return visual.reads(W, X, DZ, output=1, input=3)


def drawn() -> Picture:
    x = np.random.default_rng(0).uniform(0, 1, (3, 1, 6, 9))
    return visual.answers(x, {"as it is": x, "turned": -x}, ["one", "two", "three"], title="Answers")


# The list of meetings


@pytest.mark.parametrize("axis", AXES, ids=str)
def test_the_lists_are_all_pairs_those_in_a_window_and_those_with_taps(axis: Axis) -> None:
    dense, local, shared = (matrix.wires(axis, kind) for kind in matrix.SHARING)
    s, p = axis.stride, axis.before
    near = [(i, i * s + k - p, k) for i in range(axis.outputs) for k in range(axis.kernel)]
    near = [(i, u, k) for i, u, k in near if 0 <= u < axis.size]
    assert [(i, u) for i, u, _ in dense] == [(i, u) for i in range(axis.outputs) for u in range(axis.size)]
    assert shared == near
    assert [wire[:2] for wire in local] == [wire[:2] for wire in near]
    assert [wire.weight for wire in dense + local] == [*range(len(dense)), *range(len(local))]


def test_a_sharing_that_there_is_not_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="give one of dense, local, shared"):
        matrix.wires(AXES[0], "tied")


# Who reads whom


def test_both_sums_are_written_out_and_stand_in_their_nodes() -> None:
    picture = reads()
    words = texts(picture)
    assert "z[1] = 2·1 + 0·2 + (−1)·0 + 1·3 + 3·1 = 8" in words
    assert "∂L/∂x[3] = 0·1 + 1·(−2) + (−2)·3 = −8" in words
    assert int(W[1] @ X) == 8 and int(W.T[3] @ DZ) == -8
    assert words.count("8") == 1 and words.count("−8") == 1
    assert "z[1] = 2·1" in picture.alt and "∂L/∂x[3] = 0·1" in picture.alt


def test_there_is_a_node_for_each_input_and_output_and_an_arrow_for_each_product() -> None:
    (axes,) = reads().figure.axes
    assert sum(isinstance(patch, Circle) for patch in axes.patches) == 2 * (3 + 5)
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == 5 + 3
    assert len(axes.lines) == 2 * 15 - 8


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"x": DZ}, r"must be \(M, K\), \(K,\) and \(M,\)"),
        ({"dz": X}, r"must be \(M, K\), \(K,\) and \(M,\)"),
        ({"output": 3}, "w has 3 rows and 5 columns"),
        ({"input": -1}, "w has 3 rows and 5 columns"),
    ],
)
def test_what_does_not_fit_together_is_refused(given: dict[str, Any], words: str) -> None:
    arguments = {"w": W, "x": X, "dz": DZ, "output": 1, "input": 3, **given}
    with pytest.raises(ValueError, match=words):
        visual.reads(**arguments)


# Cut, and share


@pytest.mark.parametrize("axis", AXES, ids=str)
def test_a_line_for_each_meeting_and_a_shade_for_each_weight(axis: Axis) -> None:
    picture = visual.sharing(axis)
    (axes,) = picture.figure.axes
    lists = [matrix.wires(axis, kind) for kind in matrix.SHARING]
    assert len(axes.lines) == sum(map(len, lists))
    for met in lists:
        lines = [axes.lines[number] for number in range(len(met))]
        [line.remove() for line in lines]
        shades = {wire.weight: to_hex(line.get_color()) for wire, line in zip(met, lines, strict=True)}
        assert len(set(shades.values())) == len(shades)


def test_taps_differ_in_their_dashes_as_well() -> None:
    (axes,) = visual.sharing(AXES[0], ["shared"]).figure.axes
    dashes = {to_hex(line.get_color()): str(line.get_linestyle()) for line in axes.lines}
    assert len(dashes) == 3 and len({str(line._unscaled_dash_pattern) for line in axes.lines}) == 3  # type: ignore[attr-defined]


def test_the_title_counts_the_weights() -> None:
    assert texts(visual.sharing(AXES[0]))[0] == "Weights: dense 15, local 9, shared 3"
    assert "local: 9 meetings, 9 weights; shared: 9 meetings, 3 weights" in visual.sharing(AXES[0]).alt


def test_more_than_eight_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 8"):
        visual.sharing(Axis.over(9, 3))


# Whole matrices


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_three_matrices_have_the_windows_entries_and_the_third_a_value_for_each_tap(window: Window) -> None:
    dense, local, shared = (_values(axes) for axes in visual.matrices(window).figure.axes)
    met = window.meetings()
    assert dense.all()
    for T in (local, shared):
        assert {*zip(*np.nonzero(T), strict=True)} <= {*zip(met.output, met.input, strict=True)}
    assert np.count_nonzero(local) == len(met.tap)
    values = [set(shared[met.output, met.input][met.tap == tap].tolist()) for tap in range(met.tap.max() + 1)]
    assert all(len(found) == 1 for found in values)
    assert len(set.union(*values)) == len(values)


def _values(axes: Any) -> np.ndarray:
    (image,) = (child for child in axes.get_children() if isinstance(child, AxesImage))
    return np.asarray(image.get_array())


def test_a_matrix_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 64×64"):
        visual.matrices(Window.over(9, 3))


# A row and a column


def test_a_row_shows_the_kernel_upright_and_a_column_turned() -> None:
    alt = visual.row_and_column(Window.over(5, 3), output=(1, 1), input=(2, 2)).alt
    assert "– – – – – / – 00 01 02 – / – 10 11 12 – / – 20 21 22 – / – – – – –" in alt
    assert "22 21 20 / 12 11 10 / 02 01 00" in alt


def test_the_matrix_names_the_tap_of_every_meeting() -> None:
    window = Window.over(4, (2, 3), stride=(2, 1))
    words = texts(visual.row_and_column(window, output=(0, 1), input=(2, 2)))
    whole = len(window.meetings().tap)
    row, column = 6, sum(2 in (u // 4,) and u % 4 == 2 for u in window.meetings().input.tolist())
    assert sum(len(word) == 2 and word.isdigit() for word in words) == whole + row + column


@pytest.mark.parametrize("given", [{"output": (3, 0)}, {"input": (0, 5)}])
def test_what_is_not_there_has_no_row_or_column(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is not there"):
        visual.row_and_column(Window.over(5, 3), **{"output": (0, 0), "input": (0, 0), **given})


def test_a_matrix_that_is_wider_than_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 30"):
        visual.row_and_column(Window.over(6, 3), output=(0, 0), input=(0, 0))


# Counts


def test_the_counts_are_those_of_the_list() -> None:
    words = texts(visual.weight_counts([28, 224], 3))
    window = Window.over(28, 3, padding=1)
    for count in (784**2, len(window.meetings().tap), 9, 50176**2, (3 * 224 - 2) ** 2):
        assert f"{count:,}" in words
    assert (784**2, len(window.meetings().tap), 50176**2) == (614_656, 6_724, 2_517_630_976)


def test_a_bar_is_as_long_as_the_power_of_ten() -> None:
    (axes,) = visual.weight_counts([10], 3).figure.axes
    long = [patch.get_width() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert np.allclose(np.array(long) / long[0], np.log10([100**2, 28**2, 9]) / 4)


def test_an_even_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="give an odd one"):
        visual.weight_counts([28], 2)


# Answers


def test_below_each_image_stand_the_answers_in_the_order_of_their_names() -> None:
    picture = drawn()
    assert len(picture.figure.axes) == 3 * 3
    assert [word for word in texts(picture) if word in ("input", "as it is", "turned")] == [
        "input",
        "as it is",
        "turned",
    ]
    first = [_values(axes) for axes in picture.figure.axes[:3]]
    assert np.array_equal(first[1], first[0]) and np.array_equal(first[2], -first[0])


@pytest.mark.parametrize(("shape", "titles"), [((2, 1, 6, 9), 3), ((3, 1, 6, 9), 2), ((3, 6, 9), 3)])
def test_answers_that_do_not_fit_are_refused(shape: tuple[int, ...], titles: int) -> None:
    with pytest.raises(ValueError, match="N titles"):
        visual.answers(np.zeros((3, 1, 6, 9)), {"it": np.zeros(shape)}, ["a"] * titles, title="It")


# All of them

PICTURES = {
    "reads": reads,
    "answers": drawn,
    **{f"sharing {axis}": lambda axis=axis: visual.sharing(axis) for axis in AXES},
    "sharing, two kinds": lambda: visual.sharing(AXES[0], ["dense", "local"]),
    **{f"matrices {window}": lambda window=window: visual.matrices(window) for window in WINDOWS},
    "a row and a column": lambda: visual.row_and_column(Window.over(5, 3), output=(1, 1), input=(2, 2)),
    "a row and a column of a small one": lambda: visual.row_and_column(Window.over(3, 2), output=(0, 0), input=(1, 1)),
    "counts": lambda: visual.weight_counts([28, 224], 3),
}


@pytest.mark.parametrize("name", PICTURES)
def test_no_word_is_cut_off_or_written_over_another(name: str) -> None:
    assert complaints(PICTURES[name]()) == []


def test_a_chosen_row_and_column_are_the_weights_colour() -> None:
    (axes,) = reads().figure.axes
    frames = [patch for patch in axes.patches if isinstance(patch, Rectangle) and not patch.get_fill()]
    assert [to_hex(frame.get_edgecolor()) for frame in frames] == [palette.color("w")] * 2

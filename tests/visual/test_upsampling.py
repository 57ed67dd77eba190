"""The staircase of an axis and pictures made larger: what is drawn, in which words, and what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lessonconv import visual
from lessonconv.visual import palette
from lessonconv.window import Axis
from tests.visual.readable import complaints, texts

AXES = [
    Axis.transposed(4, 3, stride=2),
    Axis.transposed(5, 4, stride=2, padding=1),
    Axis.transposed(4, 3, stride=2, padding=1, output_padding=1),
    Axis.transposed(3, 2, stride=3),
    Axis.transposed(3, 3, stride=2, dilation=2),
    Axis.transposed(1, 3, padding=(0, 1)),
    Axis.over(6, 3, stride=2),
]
DIGIT = np.random.default_rng(0).random((14, 14))
LARGE = np.random.default_rng(1).random((1, 1, 28, 28))


def staircase(axis: Axis) -> list[list[str]]:
    """The taps by plain loops, row by row, with what is cut off at either end; "" where nothing meets."""
    rows = []
    first, last = (
        -axis.before,
        max(
            axis.size,
            *((i * axis.stride + axis.dilation * (axis.kernel - 1) - axis.before + 1) for i in range(axis.outputs)),
        ),
    )
    for i in range(axis.outputs):
        taps = {i * axis.stride + k * axis.dilation - axis.before: str(k) for k in range(axis.kernel)}
        rows.append([taps.get(u, "") for u in range(first, last)])
    return rows


def drawn(picture: visual.Picture) -> list[list[tuple[float, str]]]:
    """The words in the canvas's cells, each with its place from the left, line by line from the top."""
    (axes,) = picture.figure.axes
    lines: dict[float, list[tuple[float, str]]] = {}
    for text in axes.texts:
        x, y = text.get_position()
        lines.setdefault(round(y, 3), []).append((x, text.get_text()))
    return [sorted(line) for _, line in sorted(lines.items())]


@pytest.mark.parametrize("axis", AXES, ids=str)
def test_a_row_of_the_staircase_has_a_small_cell_s_taps_and_the_last_one_the_counts(axis: Axis) -> None:
    *rows, counts = drawn(visual.stamps(axis))
    wanted = staircase(axis)
    assert [[word for _, word in row] for row in rows] == [[tap for tap in row if tap] for row in wanted]
    lefts = sorted({x for row in rows for x, _ in row} | {x for x, _ in counts})
    cell = min(np.diff(lefts), default=27.0)
    for row, taps in zip(rows, wanted, strict=True):
        steps = np.diff([x for x, _ in row]) / cell
        assert steps.tolist() == pytest.approx(np.diff([u for u, tap in enumerate(taps) if tap]).tolist())
    by_loops = [sum(bool(row[u]) for row in wanted) for u in range(axis.before, axis.before + axis.size)]
    assert [word for _, word in counts] == [str(count) for count in by_loops]


def test_what_the_padding_cuts_off_is_hatched_and_told() -> None:
    picture = visual.stamps(AXES[1])
    hatched = [patch for patch in picture.figure.axes[0].patches if patch.get_hatch()]
    assert len(hatched) == 2
    assert "Hatched: what the padding cuts off." in picture.alt
    assert "Hatched" not in visual.stamps(AXES[0]).alt


@pytest.mark.parametrize(
    ("axis", "told"),
    [
        (
            AXES[0],
            "stride 2, 4 stamps give the counts 1, 1, 2, 1, 2, 1, 2, 1, 1: away from the border uneven",
        ),
        (Axis.transposed(5, 4, stride=2), "away from the border all alike"),
        (AXES[2], "kernel 3, stride 2, padding 1, output padding 1, 4 stamps"),
        (AXES[3], "1, 1, 0, 1, 1, 0, 1, 1: away from the border uneven"),
        (AXES[4], "dilation 2"),
        (AXES[5], "padding 0 and 1"),
    ],
    ids=str,
)
def test_the_counts_are_told_in_words(axis: Axis, told: str) -> None:
    assert told in visual.stamps(axis).alt


def test_the_more_stamps_the_darker() -> None:
    (axes,) = visual.stamps(AXES[0]).figure.axes
    lowest = max(text.get_position()[1] for text in axes.texts)
    cells = {patch.get_xy(): patch for patch in axes.patches if isinstance(patch, Rectangle)}
    shades: dict[str, set[float]] = {}
    for text in axes.texts:
        (x, y), half = text.get_position(), 27.0 / 2
        if y == lowest:
            face = to_hex(cells[x - half, y - half].get_facecolor())
            shades.setdefault(text.get_text(), set()).add(palette.luminance(face))
            assert to_hex(text.get_color()) == palette.ink(face)
    assert shades.keys() == {"1", "2"}
    assert max(shades["2"]) < min(shades["1"])


def test_a_marked_row_and_column_are_framed() -> None:
    picture = visual.stamps(AXES[0], marked=(1, 4))
    frames = [patch for patch in picture.figure.axes[0].patches if not patch.get_fill()]
    assert [to_hex(frame.get_edgecolor()) for frame in frames] == [palette.color("x"), palette.color("z")]
    assert "Framed: row 1 and column 4." in picture.alt


@pytest.mark.parametrize(
    "draw",
    [
        *(lambda axis=axis: visual.stamps(axis) for axis in AXES),
        lambda: visual.stamps(*AXES[:2]),
        lambda: visual.stamps(AXES[0], AXES[2]),
        lambda: visual.stamps(AXES[0], marked=(0, 0)),
        lambda: visual.enlarged(DIGIT, {"nearest": LARGE, "a kernel with a long name": LARGE}),
        lambda: visual.enlarged(DIGIT[None], dict.fromkeys("abcd", LARGE), target=LARGE[0]),
        lambda: visual.enlarged(np.zeros((2, 3)), {}),
    ],
)
def test_every_word_can_be_read(draw: Callable[[], visual.Picture]) -> None:
    picture = draw()
    assert complaints(picture) == []
    assert picture.figure.get_figwidth() * 96 <= 800


def test_pixels_are_of_one_size_in_the_colours_of_their_tensors() -> None:
    picture = visual.enlarged(DIGIT, {"twice": LARGE}, target=LARGE, title="Larger")
    sizes = {
        round(axes.get_position().width / axes.get_images()[0].get_array().shape[1], 9)  # type: ignore[union-attr]
        for axes in picture.figure.axes
    }
    assert len(sizes) == 1
    ends = [to_hex(axes.get_images()[0].get_cmap()(1.0)) for axes in picture.figure.axes]
    assert ends == [palette.color("x"), palette.color("z"), palette.LIGHT.ink]
    limits = {axes.get_images()[0].get_clim() for axes in picture.figure.axes}
    assert limits == {(0, DIGIT.max())}
    assert picture.alt == "Larger, with pixels of one size: input 14×14, twice 28×28, original 28×28."
    assert {"input", "14×14", "twice", "original"} <= set(texts(picture))


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: visual.stamps(), ["no axis", "Axis.transposed(5, 3, stride=2)"]),
        (lambda: visual.stamps(Axis.transposed(30, 3, stride=2)), ["61 columns", "do not fit", "fewer cells"]),
        (lambda: visual.stamps(AXES[0], marked=(4, 0)), ["marked is (4, 0)", "4 rows and 9 columns"]),
        (lambda: visual.stamps(AXES[0], AXES[3], marked=(3, 0)), ["3 rows"]),
        (lambda: visual.enlarged(np.zeros((2, 1, 4, 4)), {}), ["input", "(2, 1, 4, 4)", "one picture"]),
        (lambda: visual.enlarged(DIGIT, {"twice": np.zeros(4)}), ["twice", "(4,)"]),
        (lambda: visual.enlarged(DIGIT, {"twice": np.full((4, 4), np.nan)}), ["twice", "NaN"]),
        (lambda: visual.enlarged(np.zeros((9, 700)), {"twice": np.zeros((9, 700))}), ["2 pictures", "do not fit"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(ValueError) as refusal:
        draw()
    assert [word for word in words if word not in str(refusal.value)] == []


def test_the_caller_s_arrays_are_left_as_they_are() -> None:
    before = DIGIT.copy(), LARGE.copy()
    visual.enlarged(DIGIT, {"twice": LARGE})
    np.testing.assert_array_equal(DIGIT, before[0])
    np.testing.assert_array_equal(LARGE, before[1])

"""Curves and confusions: every line and count is where it belongs, told apart by more than colour."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lessonconv import nn, visual
from lessonconv.visual import palette
from lessonconv.visual.results import apart
from tests.visual.readable import complaints, texts

LABELS = np.repeat(np.arange(3), [4, 3, 2])
READ = np.array([0, 0, 1, 2, 1, 1, 1, 2, 1])
SIGNED = np.random.default_rng(0).normal(size=(3, 4, 4))


def history(epochs: int = 3, *, test: bool = True, loss: float = 1.0) -> nn.History:
    return nn.History(
        [
            nn.Epoch(
                e, loss / e, 1 - 0.5 / e, 1.2 * loss / e if test else None, 1 - 0.6 / e if test else None, 0.1, 2.0
            )
            for e in range(1, epochs + 1)
        ]
    )


# Confusion


def test_each_cell_counts_what_was_read_as_what() -> None:
    picture = visual.confusion(LABELS, READ, 3)
    (axes,) = picture.figure.axes
    counts = {(text.get_position()[1] - 0.5, text.get_position()[0] - 0.5): text.get_text() for text in axes.texts}
    assert counts == {(0, 0): "2", (0, 1): "1", (0, 2): "1", (1, 1): "3", (2, 2): "1", (2, 1): "1"}  # (row is, column)
    assert {"50%", "100%", "read as", "is"} <= set(texts(picture))
    assert axes.yaxis_inverted()


def test_the_findings_name_the_commonest_mistake_and_the_words_do_not_depend_on_it() -> None:
    picture = visual.confusion([0, 0, 0, 1], [0, 1, 1, 1], 2)
    assert picture.findings == "2 are read right; the commonest mistake takes a 0 for a 1, 2 times."
    perfect = visual.confusion([0, 0, 0, 1], [0, 0, 0, 1], 2)
    assert perfect.findings == "4 are read right; there is no mistake."
    assert perfect.alt == picture.alt
    assert "2 rows" in perfect.alt and "4 images" in perfect.alt


def test_a_single_mistake_stands_out_beside_a_thousand_right_answers() -> None:
    labels = np.zeros(1001, int)
    read = labels.copy()
    read[0] = 1
    (axes,) = visual.confusion(labels, read, 2).figure.axes
    right, wrong = (cell.get_facecolor()[0] for cell in axes.collections[:2])
    assert palette.contrast(_hex(wrong), palette.LIGHT.paper) > 3
    assert wrong[0] > wrong[1] and right[0] == pytest.approx(right[1], abs=0.01)  # red, and grey


def test_a_class_that_never_comes_has_no_share() -> None:
    assert "–" in texts(visual.confusion([0], [0], 2))


def _hex(color: Any) -> str:
    return "#" + "".join(f"{round(255 * value):02x}" for value in color[:3])


# Curves


def test_both_charts_have_axes_titles_and_both_lines() -> None:
    picture = visual.curves(history())
    loss, accuracy = picture.figure.axes
    assert [axes.get_title(loc="left") for axes in (loss, accuracy)] == ["loss, in nats", "accuracy"]
    assert [axes.get_xlabel() for axes in (loss, accuracy)] == ["epoch", "epoch"]
    np.testing.assert_allclose(loss.lines[0].get_ydata(), [1, 1 / 2, 1 / 3])
    np.testing.assert_allclose(accuracy.lines[1].get_ydata(), [0.4, 0.7, 0.8])
    assert loss.get_ylim()[0] == 0 and accuracy.get_ylim()[1] == 1
    assert {"training 0.333", "test 0.400", "training 83.3%", "test 80.0%"} <= set(texts(picture))


def test_training_and_test_differ_in_style_width_and_colour() -> None:
    training, test = visual.curves(history()).figure.axes[0].lines
    assert training.get_linestyle() == "--" and test.get_linestyle() == "-"
    assert training.get_color() != test.get_color()
    assert training.get_linewidth() < test.get_linewidth()


def test_runs_differ_in_colour_and_mark_and_are_named_at_their_ends() -> None:
    runs = {name: history(loss=k + 1) for k, name in enumerate(["ReLU", "tanh", "arctan", "sigmoid", "leaky"])}
    picture = visual.curves(runs)
    solid = [line for line in picture.figure.axes[0].lines if line.get_linestyle() == "-"]
    assert len({line.get_color() for line in solid}) == len({line.get_marker() for line in solid}) == 5
    assert {"ReLU 0.400", "leaky 2.000"} <= set(texts(picture))
    assert "of ReLU, tanh, arctan, sigmoid, leaky against epoch, 3 epochs" in picture.alt
    assert complaints(picture) == []


def test_long_names_stand_above_and_leave_the_charts_their_room() -> None:
    short = visual.curves({"a": history(), "b": history(4)})
    long = visual.curves({"ReLU, 5×5, stride 1, (8, 16), lr 0.05": history(), "Tanh, 5×5, stride 1": history(4)})
    assert {"Tanh, 5×5, stride 1", "0.400"} <= set(texts(long))
    for picture in (short, long):
        picture.png()
    widths = [picture.figure.axes[0].get_position().width for picture in (short, long)]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)
    assert complaints(long) == complaints(short) == []


def test_what_was_not_measured_is_not_drawn() -> None:
    picture = visual.curves(history(test=False))
    assert [len(axes.lines) for axes in picture.figure.axes] == [1, 1]
    assert not [text for text in texts(picture) if text.startswith("test")]
    assert picture.findings == "after 3 epochs loss 0.333, accuracy 83.3%."


def test_the_words_tell_how_it_was_drawn_and_the_findings_how_it_went() -> None:
    picture = visual.curves(history())
    assert picture.alt == (
        "How the training went: loss and accuracy against epoch, 3 epochs, on the training set (dashed) and, where it "
        "was measured, on the test set (solid)."
    )
    assert visual.curves(history(loss=9)).alt == picture.alt
    assert picture.findings == "after 3 epochs loss 0.333, accuracy 83.3%, test accuracy 80.0%."


@pytest.mark.parametrize(
    "draw",
    [
        lambda: visual.curves(history()),
        lambda: visual.curves(history(1)),
        lambda: visual.curves(history(2, test=False)),
        lambda: visual.curves(history(200)),
        lambda: visual.curves(history(3, loss=0)),
        lambda: visual.curves(history(3, loss=1e5)),
        lambda: visual.curves({"one": history(2), "another": history(9)}),
        lambda: visual.learning(history(9)),
        lambda: visual.learning(history(9), SIGNED, SIGNED, SIGNED),
        lambda: visual.confusion(LABELS, READ, 3),
        lambda: visual.confusion(LABELS, READ),
        lambda: visual.confusion(np.zeros(9000, int), np.zeros(9000, int), 10),
    ],
)
def test_every_word_can_be_read(draw: Callable[[], visual.Picture]) -> None:
    assert complaints(draw()) == []


def test_learning_is_the_curves_below_the_kernels_before_and_now_and_their_maps() -> None:
    picture = visual.learning(history(), -SIGNED, SIGNED, np.abs(SIGNED))
    assert {"Its kernels at the start", "Its kernels now", "Its maps of one image now"} <= set(texts(picture))
    assert {"training 0.333", "test 0.400", "loss, in nats", "accuracy"} <= set(texts(picture))
    assert len(picture.figure.axes) == 2 + 3 * 3
    assert texts(picture).count("−") == SIGNED.size  # each cell is negative in one of the two
    assert "kernels" in picture.alt and "kernels" not in visual.learning(history()).alt


def test_learning_shows_as_many_filters_as_there_is_room_for_and_says_so() -> None:
    many = np.tile(SIGNED, (4, 1, 1))
    assert any("The first 8 of 12 filters." in words for words in texts(visual.learning(history(), many, many, many)))


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    assert apart([0.5, 0.1], 0.2) == [0.5, 0.1]
    moved = apart([0.5, 0.5, 0.52], 0.1)
    assert sorted(moved) == pytest.approx(moved)
    assert min(np.diff(moved)) == pytest.approx(0.1, abs=1e-3)


# What is refused


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: visual.confusion([0, 1], [0]), ["(2,)", "(1,)", "argmax"]),
        (lambda: visual.confusion([], []), ["(0,)", "N ≥ 1"]),
        (lambda: visual.confusion([0, 10], [0, 1]), ["labels", "0 to 10", "0 to 9", "classes=10"]),
        (lambda: visual.confusion([0, 1], [0, -1]), ["predictions", "-1"]),
        (lambda: visual.confusion([0, 1], [0.5, 1]), ["predictions", "float64", "whole numbers"]),
        (lambda: visual.curves({}), ["0 histories", "1 to 5"]),
        (lambda: visual.curves({str(k): history() for k in range(6)}), ["6 histories", "choose some"]),
        (lambda: visual.curves(nn.History()), ["the history has no finished epoch", "epochs ≥ 1"]),
        (lambda: visual.learning(nn.History()), ["the history has no finished epoch", "epochs ≥ 1"]),
        (lambda: visual.curves({"a": history(), "b": nn.History()}), ["b has no finished epoch"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(ValueError) as refusal:
        draw()
    assert [word for word in words if word not in str(refusal.value)] == []

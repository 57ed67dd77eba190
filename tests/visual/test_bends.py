"""Activations, slopes, fading gradients, a falling loss, and the way from logits to p − y."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lessonconv import visual
from tests.visual.readable import complaints, texts

LOGITS = np.array([2.0, 1.0, 0.0, -1.0])
P = np.exp(LOGITS) / np.exp(LOGITS).sum()
TABLES = {"tanh": np.diag(1 - np.tanh(LOGITS) ** 2), "softmax": np.diag(P) - np.outer(P, P)}
SIZES = {"ReLU": [1.0, 1.1, 0.9], "tanh": [1.0, 0.8, 0.6], "sigmoid": [1.0, 0.2, 1.7e-6]}


@pytest.mark.parametrize(
    "picture",
    [
        visual.activations,
        lambda: visual.fading(SIZES),
        lambda: visual.fading({"one": [1.0, 1.0]}),
        lambda: visual.descent(np.logspace(1, -9, 101)),
        lambda: visual.descent([3.0, 2.5]),
        lambda: visual.slopes(TABLES),
        lambda: visual.slopes({"a long name for one number": np.eye(1)}),
        lambda: visual.odds(LOGITS, 1),
        lambda: visual.odds([1000.0, -1000.0], 1),
        lambda: visual.odds(np.zeros(8), 7),
    ],
)
def test_every_word_can_be_read(picture: Callable[[], visual.Picture]) -> None:
    assert complaints(picture()) == []


def test_each_plate_has_its_curve_and_its_slope() -> None:
    picture = visual.activations()
    for axes, g in zip(picture.figure.axes, (None, None, None, np.tanh, np.arctan), strict=True):
        curve, slope = axes.lines[-2:]
        z, a = curve.get_data()
        assert slope.get_linestyle() == "--" and curve.get_linestyle() == "-"
        if g:
            np.testing.assert_allclose(a, g(z))
        rising = np.gradient(np.asarray(a), np.asarray(z))[5:-5]
        inner = np.asarray(slope.get_ydata())[5:-5]
        away = np.abs(np.asarray(z)[5:-5]) > 0.1
        np.testing.assert_allclose(inner[away], rising[away], atol=2e-3)
    assert np.isnan(np.asarray(picture.figure.axes[0].lines[-1].get_ydata())[200])  # no slope at the kink


def test_what_is_left_is_said_in_numbers() -> None:
    picture = visual.fading(SIZES)
    assert picture.findings == "Of 1 are left after 2 layers: ReLU: 0.9; tanh: 0.6; sigmoid: 1.7·10⁻⁶."
    assert {"sigmoid: 1.7·10⁻⁶", "layers passed on the way back"} <= set(texts(picture))
    assert len({line.get_marker() for line in picture.figure.axes[0].lines}) == 3


def test_a_loss_is_drawn_from_its_first_to_its_last_step() -> None:
    picture = visual.descent([9.6, 0.5, 1.4e-9], title="It learns")
    assert picture.alt == "It learns: a line, the loss over 2 steps, on a scale of powers of ten."
    assert picture.findings == "From 9.6 to 1.4·10⁻⁹."
    np.testing.assert_allclose(picture.figure.axes[0].lines[0].get_ydata(), [9.6, 0.5, 1.4e-9])


def test_cells_that_never_meet_have_no_number() -> None:
    picture = visual.slopes(TABLES)
    tanh, softmax = picture.figure.axes
    assert [text.get_text() for text in tanh.texts] == ["0.07", "0.42", "1.00", "0.42"]
    assert len(softmax.texts) == 16 and "−0.003" in texts(picture)
    assert picture.findings == "Cells that are not 0: tanh: 4 of 16; softmax: 16 of 16."


def test_the_last_bars_are_p_less_one_hot() -> None:
    picture = visual.odds(LOGITS, 1)
    heights = [[bar.get_height() for bar in axes.patches] for axes in picture.figure.axes]
    np.testing.assert_allclose(heights[0], LOGITS)
    np.testing.assert_allclose(heights[1], P)
    np.testing.assert_allclose(heights[2], P - [0, 1, 0, 0])
    assert [bool(bar.get_hatch()) for bar in picture.figure.axes[2].patches] == [False, True, False, False]
    assert {"4 classes", "Class 1 is true"} <= {w for w in ("4 classes", "Class 1 is true") if w in picture.alt}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: visual.fading({}), "there are 0 lines"),
        (lambda: visual.fading({"a": [1.0], "b": [1.0, 2.0]}), "all of the same length"),
        (lambda: visual.fading({"a": [1.0, 0.0]}), "a hold a NaN, an infinity or a number that is not positive"),
        (lambda: visual.descent([1.0]), r"losses have shape \(1,\)"),
        (lambda: visual.descent([1.0, np.nan]), "losses hold a NaN"),
        (lambda: visual.slopes({"a": np.ones((2, 3))}), r"'a' has shape \(2, 3\); give a square table"),
        (lambda: visual.slopes({"a": np.ones((9, 9))}), "up to 8 rows"),
        (lambda: visual.odds([1.0], 0), r"logits have shape \(1,\)"),
        (lambda: visual.odds([1.0, 2.0], 2), "the label is 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()

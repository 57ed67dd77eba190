"""The ruler's marks, fingerprints of wrong gradients, and the sieve of tests."""

import numpy as np
import pytest

from lessonconv import visual
from tests.visual.readable import complaints, texts

RIGHT = np.arange(12.0).reshape(3, 4)
TABLE = {"plain": [True, False, True, False], "oblong": [True, True, False, False]}


def ruler(marks: int = 2) -> visual.Picture:
    return visual.ruler(lambda x: x * 1.5, 1.0, slope=1.5, marks=marks)


def test_the_staircase_has_floats_only() -> None:
    (axes,) = ruler().figure.axes
    true, stairs, secant = axes.lines
    heights = np.asarray(stairs.get_ydata())
    assert (heights * 2 == (heights * 2).round()).all()  # 1.5 lies where marks are as far apart as at 1
    assert np.abs(heights - np.asarray(true.get_ydata())).max() <= 1.5
    assert np.asarray(secant.get_xdata()).tolist() == [-2, 2]


def test_the_secant_says_its_own_slope() -> None:
    assert ruler(2).findings == "The slope is 1.5; through the two points it is 1.5."
    assert ruler(1).findings == "The slope is 1.5; through the two points it is 2."


def test_cells_that_are_wrong_have_a_cross() -> None:
    wrong = RIGHT.copy()
    wrong[0, 1] = 7
    wrong[2] /= 2
    picture = visual.fingerprints({"one": wrong, "right": RIGHT, "half": RIGHT / 2}, RIGHT)
    assert texts(picture).count("×") == 5 + 0 + 11  # RIGHT has one 0, whose half is right
    assert "one: 5 of 12 wrong, relative error 0.545" in picture.alt
    assert "right: 0 of 12 wrong, relative error 0" in picture.alt
    assert "half: 11 of 12 wrong, relative error 0.5." in picture.alt


def test_a_sieve_counts_what_each_test_finds_and_all_together() -> None:
    picture = visual.sieve(TABLE)
    assert picture.alt.endswith("Found: plain 2, oblong 2, together 3.")
    assert {"plain", "oblong", "together", "2 of 4", "3 of 4"} <= set(texts(picture))
    bars = [patch for patch in picture.figure.axes[0].patches if patch.get_height() > 5]
    assert len(bars) == 7
    assert "together" not in texts(visual.sieve({"alone": [True, False]}))


@pytest.mark.parametrize(
    "picture",
    [
        ruler(),
        visual.ruler(np.exp, 1.0, slope=np.e, marks=8, title="A longer title for the very same staircase"),
        visual.ruler(np.sin, 3.0, slope=np.cos(3.0), marks=1),
        visual.fingerprints({"a": RIGHT, "another long name": -RIGHT}, RIGHT),
        visual.fingerprints({"A": np.zeros((1, 1))}, np.ones((1, 1))),
        visual.sieve(TABLE),
        visual.sieve({"a name that is rather long": np.arange(90) % 3 == 0, "b": np.arange(90) % 2 == 0}),
    ],
)
def test_every_word_can_be_read(picture: visual.Picture) -> None:
    assert complaints(picture) == []


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="marks is 9, but must be from 1 to 8"):
        ruler(9)
    with pytest.raises(ValueError, match=r"'a' has shape \(2, 2\); give \(H, W\), all alike"):
        visual.fingerprints({"a": np.ones((2, 2))}, RIGHT)
    for table in ({}, {"a": []}, {"a": [True], "b": [True, False]}):
        with pytest.raises(ValueError, match="rows of one length"):
            visual.sieve(table)

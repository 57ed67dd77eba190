"""The line-up: what is framed is what differs, and what is said below is true."""

from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lessonconv import visual
from lessonconv.visual.picture import Picture
from tests.visual.readable import complaints, texts

TRUE = np.array([[1, -2, 3], [4, 5, -6]])
CHANGED = np.array([[1, -2, 4], [4, 5, -7]])


def frames(picture: Picture) -> int:
    (axes,) = picture.figure.axes
    return sum(isinstance(patch, Rectangle) and not patch.get_fill() for patch in axes.patches)


def test_cells_that_differ_are_framed_and_counted() -> None:
    picture = visual.lineup({"mine": CHANGED, "true": TRUE}, "true")
    assert frames(picture) == 2
    assert "2 cells differ" in texts(picture)
    assert "mine: shape 2×3, sum 5, 2 cells differ; true: shape 2×3, sum 5, right" in picture.alt


def test_one_cell_and_none() -> None:
    one = TRUE + np.array([[1, 0, 0], [0, 0, 0]])
    picture = visual.lineup({"true": TRUE, "one": one, "copy": TRUE.copy()}, "true")
    assert {"1 cell differs", "the same", "right"} <= set(texts(picture))
    assert frames(picture) == 1


def test_another_shape_is_said_and_nothing_is_framed() -> None:
    picture = visual.lineup({"short": TRUE[:1], "true": TRUE}, "true")
    assert "not 2×3" in texts(picture)
    assert frames(picture) == 0


@pytest.mark.parametrize("size", [1, 4, 12])
def test_it_can_be_read(size: int) -> None:
    values = np.arange(size * size).reshape(size, size) * 7 - 200
    assert (
        complaints(visual.lineup({"as it should be": values, "as printed somewhere": values.T}, "as it should be"))
        == []
    )


@pytest.mark.parametrize("values", [np.zeros(3), np.zeros((13, 2)), np.zeros((0, 2)), np.zeros((1, 2, 2))])
def test_other_shapes_are_refused(values: Any) -> None:
    with pytest.raises(ValueError, match="give two axes"):
        visual.lineup({"it": values}, "it")


def test_a_culprit_must_be_among_the_suspects() -> None:
    with pytest.raises(ValueError, match="no suspect is called 'him'; there are 'it'"):
        visual.lineup({"it": TRUE}, "him")

"""Pools: whose meetings count, a picture that moves, and a kink with what touches it; drawn, said and refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

from lessonconv import functional as F
from lessonconv import visual
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.rows import written
from lessonconv.window import Axis
from tests.strategies import examples
from tests.visual.readable import complaints, texts

X, DZ, AXIS = [4, 2, 6, 3, 0, 3, 3], [6, -3, 9], Axis.over(7, 3, stride=2)
SHARES = {"first": [1, 0, 0], "last": [0, 1, 0], "shared": [0.5, 0.5, 0], "all": [1, 1, 0], "nobody": [0, 0, 0]}


# Whose meetings count


def layer(kind: str, x: Any, dz: Any, kernel: int, stride: int) -> tuple[str, str]:
    """z and ∂L/∂x as the layers have them, in words."""
    row, gradients, steps = np.array(x, float)[None, None, None], np.array(dz, float)[None, None, None], (1, stride)
    if kind == "average":
        z = F.avg_pool2d(row, (1, kernel), stride=steps)
        dx = F.avg_pool2d_backward(gradients, row.shape, (1, kernel), stride=steps)
    else:
        z, argmax = F.max_pool2d(row, (1, kernel), stride=steps)
        dx = F.max_pool2d_backward(gradients, argmax, row.shape)
    first, second = (" ".join(map(written, np.round(array.ravel(), 9))) for array in (z, dx))
    return first, second


@examples(20)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(0, 99))
def test_both_sums_are_what_the_layers_say(kernel: int, stride: int, more: int, seed: int) -> None:
    axis, rng = Axis.over(kernel + more, kernel, stride=stride), np.random.default_rng(seed)
    x, dz = 12 * rng.integers(-4, 5, axis.size), 12 * rng.integers(-4, 5, axis.outputs)
    said = visual.pools(x, dz, axis).findings
    for kind in ("average", "max"):
        z, dx = layer(kind, x, dz, kernel, stride)
        assert f"{kind}: z = {z}, ∂L/∂x = {dx}, from" in said


def test_a_full_disc_for_each_meeting_that_counts_and_a_ring_for_the_others() -> None:
    (axes,) = visual.pools(X, DZ, AXIS).figure.axes
    discs = [patch for patch in axes.patches if isinstance(patch, Circle)]
    full = [to_hex(disc.get_facecolor()) == LIGHT.w for disc in discs]
    assert len(discs) == 2 * len(AXIS.meetings().output)
    assert full[:9] == [True] * 9
    assert [at for at, counts in enumerate(full[9:]) if counts] == [2, 3, 7]  # a tie goes to the first
    words = [text.get_text() for text in axes.texts]
    assert words.count("⅓") == 9


def test_no_word_of_the_lists_is_cut_off_or_written_over_another() -> None:
    assert complaints(visual.pools(X, DZ, AXIS)) == []


@pytest.mark.parametrize(
    ("x", "dz", "axis", "sentence"),
    [
        ([1, 2], DZ, AXIS, "x has 2 cells and dz 3"),
        ([1, 2, 3], [1, 2, 3], Axis.over(3, 3, padding=1), "does not draw"),
        (range(9), range(9), Axis.over(9, 1), "wider than a page"),
    ],
)
def test_what_does_not_fit_is_refused(x: Any, dz: Any, axis: Axis, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        visual.pools(x, dz, axis)


# A picture that moves


def test_the_size_of_a_difference_is_a_share_of_the_map() -> None:
    before, after = (
        {"a": np.full((1, 1, 2, 2), 2.0), "b": np.zeros((3, 3))},
        {"a": np.full((2, 2), 3.0), "b": np.zeros((3, 3))},
    )
    picture = visual.moved(before, after, by="raised")
    assert picture.findings == "The size of the difference: a 50%, b 0%."
    assert {"a", "2×2", "50%", "raised", "as it is", "difference"} <= set(texts(picture))
    assert complaints(picture) == []


def test_all_maps_are_on_one_scale_and_differences_are_signed() -> None:
    before, after = {"a": np.full((2, 2), 2.0), "b": np.ones((2, 2))}, {"a": np.full((2, 2), 1.0), "b": np.ones((2, 2))}
    shown = [axes.images[0] for axes in visual.moved(before, after).figure.axes]
    assert [image.get_clim() for image in shown] == [(0, 2), (0, 2), (-2, 2)] * 2
    np.testing.assert_array_equal(shown[2].get_array(), np.full((2, 2), -1.0))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ({}, {}, "at least one"),
        ({"a": np.ones((2, 2))}, {"b": np.ones((2, 2))}, "the same names"),
        ({"a": np.ones((2, 2))}, {"a": np.ones((3, 3))}, "two maps of one shape"),
        ({"a": np.ones((2, 1, 2, 2))}, {"a": np.ones((2, 1, 2, 2))}, "take one of the batch"),
        (dict.fromkeys("abcdefg", np.ones((2, 2))), dict.fromkeys("abcdefg", np.ones((2, 2))), "show fewer"),
    ],
)
def test_maps_that_do_not_fit_are_refused(before: Any, after: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        visual.moved(before, after)


# A kink


def test_a_way_to_share_that_rises_above_the_maximum_is_named() -> None:
    picture = visual.kink([5, 5, 2], SHARES)
    assert picture.findings == "Above the maximum somewhere: all, nobody."
    assert {"first, all", "shared", "last, nobody", "all: wrong", "first, last, shared", "nobody: wrong"} <= set(
        texts(picture)
    )
    assert visual.kink([5, 5, 2], {"first": [1, 0, 0]}).findings == "Above the maximum somewhere: none."


def test_no_word_at_a_kink_is_cut_off_or_written_over_another() -> None:
    assert complaints(visual.kink([5, 5, 2], SHARES)) == []


@pytest.mark.parametrize(("x", "shares"), [([5, 4, 2], SHARES), ([5, 5, 2], {}), ([5, 5], SHARES)])
def test_a_kink_needs_a_tie_and_shares_that_fit(x: Any, shares: Any) -> None:
    with pytest.raises(ValueError, match="two or more largest cells"):
        visual.kink(x, shares)

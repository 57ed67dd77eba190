"""TransposedExplorer: its arrays are the layer's, its lists the convolution's read from the other end."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv import functional as F
from lessonconv.explore import TransposedExplorer, correlation
from tests.explore.oracles import (
    assert_plays_end_with_everything,
    assert_sums_are_seen,
    assert_sums_make_their_cells,
    scene_of,
)
from tests.strategies import both, examples, transposed_axes

Array = npt.NDArray[Any]


@st.composite
def settings(draw: st.DrawFn, most: int = 3) -> dict[str, Any]:
    """A transposed convolution that leaves a cell, with every kind of overlap."""
    options = both(*(draw(transposed_axes(most=most, pytorch=True)) for _ in range(2)))
    (top, _), (left, _) = options.pop("padding")
    height, width = options.pop("outputs")
    counts = {name: draw(st.integers(1, 2)) for name in ("channels", "filters")}
    return {
        **options,
        **counts,
        "padding": (top, left),
        "height": height,
        "width": width,
        "seed": draw(st.integers(0, 5)),
    }


def layer(explorer: TransposedExplorer) -> dict[str, Any]:
    return {name: getattr(explorer, name) for name in ("stride", "padding", "output_padding", "dilation")}


# The layer


@examples(80)
@given(settings())
def test_every_array_is_the_layers(asked: dict[str, Any]) -> None:
    explorer = TransposedExplorer(**asked)
    x, w, dz = explorer.x, explorer.w, explorer.dz
    assert x.shape == (1, asked["channels"], asked["height"], asked["width"])
    assert w.shape == (asked["channels"], asked["filters"], *asked["kernel"])
    np.testing.assert_array_equal(explorer.z, F.loops.conv_transpose2d(x, w, **layer(explorer)))
    dx, dw, _ = F.loops.conv_transpose2d_backward(dz, x, w, **layer(explorer))
    np.testing.assert_array_equal(explorer.dx, dx)
    np.testing.assert_array_equal(explorer.dw, dw)


@examples(40)
@given(settings())
def test_the_turned_kernel_over_the_widened_input_is_the_layer(asked: dict[str, Any]) -> None:
    explorer = TransposedExplorer(**asked)
    wide, zeros = correlation.widened(explorer.x[0], explorer.window)
    turned = explorer.w[..., ::-1, ::-1].swapaxes(0, 1)
    np.testing.assert_array_equal(F.loops.conv2d(wide[None], turned, dilation=explorer.dilation), explorer.z)
    assert not wide[:, zeros].any()


# The scene


@examples(25)
@given(settings())
def test_every_sum_makes_its_cells(asked: dict[str, Any]) -> None:
    scene = scene_of(TransposedExplorer(**asked))
    assert_sums_make_their_cells(scene)
    assert_sums_are_seen(scene)
    assert_plays_end_with_everything(scene)


@examples(40)
@given(settings())
def test_the_meetings_are_the_stamps(asked: dict[str, Any]) -> None:
    """Input (i, j) stamps tap (k, l) on output (i·s + k·d − p, …): walked one by one, what is cut off left out."""
    explorer = TransposedExplorer(**asked)
    grids, meet = scene_of(explorer).grids, scene_of(explorer).meets["meet"].cells
    inner = {cell: n for n, cell in enumerate(grids["z"].inner.tolist())}
    met = [
        (x, tap, inner[z])
        for x, tap, z in zip(*(meet[role].tolist() for role in ("out", "tap", "in")), strict=True)
        if z in inner
    ]
    (H, W), (O_h, O_w), (K_h, K_w) = explorer.x.shape[2:], explorer.z.shape[2:], explorer.w.shape[2:]
    (s_h, s_w), (p_h, p_w), (d_h, d_w) = asked["stride"], asked["padding"], asked["dilation"]
    walked = [
        (i * W + j, k * K_w + l, u * O_w + v)
        for i, j, k, l in np.ndindex(H, W, K_h, K_w)
        if 0 <= (u := i * s_h + k * d_h - p_h) < O_h and 0 <= (v := j * s_w + l * d_w - p_w) < O_w
    ]
    assert sorted(met) == sorted(walked)


@examples(40)
@given(settings())
def test_with_ones_everywhere_the_output_is_the_count_of_stamps(asked: dict[str, Any]) -> None:
    explorer = TransposedExplorer(**{**asked, "channels": 1}, values="ones", weights="ones")
    grids = scene_of(explorer).grids
    np.testing.assert_array_equal(grids["z"].values[0], grids["reach"].values)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"kernel": 3, "stride": 2}, "a checkerboard"),
        ({"kernel": 4, "stride": 2}, "equally many stamps"),
        ({"kernel": 3, "stride": 1}, "equally many stamps"),
        ({"kernel": (3, 4), "stride": 2}, "stripes"),
        ({"kernel": 2, "stride": 3}, "a checkerboard"),
        ({"kernel": 2, "stride": 2, "dilation": 2}, "a checkerboard"),  # every second output gets nothing
    ],
)
def test_uneven_overlap_is_told_and_seen(asked: dict[str, Any], words: str) -> None:
    explorer = TransposedExplorer(height=8, width=8, **asked)
    assert words in scene_of(explorer).plays["scatter"].tells
    counts = scene_of(explorer).grids["reach"].values[6:-6, 6:-6]
    uneven = [(counts != counts[:1]).any(), (counts != counts[:, :1]).any()]
    assert sum(uneven) == ["equally many stamps", "stripes", "a checkerboard"].index(words)


def test_what_the_padding_cuts_off_is_drawn_around_the_output() -> None:
    explorer, whole = TransposedExplorer(padding=1), TransposedExplorer()
    grid = scene_of(explorer).grids["z"]
    assert (grid.ring, grid.size, grid.outside) == (((1, 1), (1, 1)), (5, 5), "cut off by the padding")
    np.testing.assert_array_equal(grid.values[None], whole.z)
    np.testing.assert_array_equal(explorer.z, whole.z[..., 1:-1, 1:-1])


def test_output_padding_adds_rows_that_no_stamp_reaches() -> None:
    explorer = TransposedExplorer(stride=3, output_padding=(2, 0))
    assert explorer.z.shape == (1, 1, 11, 9)
    assert not explorer.z[..., -2:, :].any()
    assert not scene_of(explorer).grids["reach"].values[-2:].any()


# Settings


@pytest.mark.parametrize(
    "asked",
    [
        {"kernel": 0},
        {"stride": 0},
        {"padding": -1},
        {"padding": 4},
        {"output_padding": 2},
        {"stride": "a"},
        {"dilation": 2.5},
        {"kernel": (1, 2, 3)},
    ],
)
def test_nonsense_is_refused_as_the_layer_does(asked: dict[str, Any]) -> None:
    kernel = asked.get("kernel", 3)
    options = {"stride": 2, **{name: value for name, value in asked.items() if name != "kernel"}}
    with pytest.raises((ValueError, TypeError)) as ours:
        TransposedExplorer(**asked)
    if kernel == 3:
        with pytest.raises(ours.type.__mro__[-3]) as theirs:
            F.conv_transpose2d(np.zeros((1, 1, 3, 3)), np.zeros((1, 1, 3, 3)), **options)
        assert str(ours.value) == str(theirs.value)


def test_an_output_that_is_too_large_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="is 65×65, but an explorer draws at most 64 cells along an axis"):
        TransposedExplorer(height=32, width=32)


def test_an_impossible_setting_leaves_the_picture() -> None:
    explorer = TransposedExplorer(output_padding=1)
    scene = explorer.scene
    with pytest.raises(ValueError, match="output_padding 1 with stride 1"):
        explorer.stride = 1
    explorer.set_state({"padding": 4})
    assert (explorer.stride, explorer.padding, explorer.scene) == (2, 0, scene)
    assert explorer.notice["nearest"] == 3


def test_arrays_set_the_sizes_that_follow_from_them() -> None:
    explorer = TransposedExplorer()
    explorer.w = np.ones((2, 3, 4, 1))
    assert (explorer.channels, explorer.filters, explorer.kernel) == (2, 3, (4, 1))
    explorer.x = np.ones((1, 2, 2, 5))
    assert (explorer.height, explorer.width, explorer.z.shape) == (2, 5, (1, 3, 6, 9))
    explorer.dz = np.full(explorer.z.shape, 2)
    np.testing.assert_array_equal(explorer.dx, np.full((1, 2, 2, 5), 3 * 4 * 2))
    with pytest.raises(ValueError, match="dz has shape"):
        explorer.dz = np.ones((2, 2))


def test_what_is_read_is_a_copy() -> None:
    explorer = TransposedExplorer()
    for name in ("x", "w", "z", "dx", "dw", "dz"):
        getattr(explorer, name)[:] = 99
        assert (getattr(explorer, name) != 99).all()


def test_what_is_printed_makes_the_same_explorer() -> None:
    explorer = TransposedExplorer(stride=(2, 1), padding=1, filters=2, reach=False)
    assert repr(explorer) == "TransposedExplorer(stride=(2, 1), padding=1, filters=2, reach=False)"
    assert "reach" not in scene_of(explorer).grids
    assert repr(eval(repr(explorer))) == repr(explorer)

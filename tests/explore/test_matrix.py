"""MatrixExplorer: T is the dense layer, then the local one, then the convolution, and Tᵀ is the way back."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv import functional as F
from lessonconv.explore import MatrixExplorer
from tests.explore.oracles import (
    assert_plays_end_with_everything,
    assert_sums_are_seen,
    assert_sums_make_their_cells,
    scene_of,
)
from tests.strategies import axes, both, examples

Array = npt.NDArray[Any]
SHARING = ("dense", "local", "shared")


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    """A window over a small picture, as T has a row for every output and a column for every input."""
    height, width = (draw(axes(most=2, pytorch=True)) for _ in range(2))
    options = both(height, width)
    (top, _), (left, _) = options.pop("padding")
    rows, columns = options.pop("size")
    del options["dilation"]
    return {**options, "padding": (top, left), "height": rows, "width": columns, "seed": draw(st.integers(0, 5))}


def connected(explorer: MatrixExplorer) -> dict[tuple[int, int], int]:
    """(output, input) → tap for every real input in every window, walked cell by cell."""
    (H, W), (O_h, O_w), (K_h, K_w) = explorer.x.shape[2:], explorer.z.shape[2:], np.broadcast_to(explorer.kernel, 2)
    (s_h, s_w), (p_h, p_w) = (np.broadcast_to(getattr(explorer, name), 2) for name in ("stride", "padding"))
    return {
        (int(i * O_w + j), int(u * W + v)): int(k * K_w + l)
        for i, j, k, l in np.ndindex(O_h, O_w, int(K_h), int(K_w))
        if 0 <= (u := i * s_h + k - p_h) < H and 0 <= (v := j * s_w + l - p_w) < W
    }


# The layers


@examples(50)
@given(settings())
def test_shared_weights_make_a_convolution(asked: dict[str, Any]) -> None:
    explorer = MatrixExplorer(**asked, sharing="shared")
    x, w, options = explorer.x, explorer.w, {"stride": explorer.stride, "padding": explorer.padding}
    np.testing.assert_array_equal(explorer.z, F.loops.conv2d(x, w, **options))
    dx, dw, _ = F.loops.conv2d_backward(explorer.dz, x, w, **options)
    np.testing.assert_array_equal(explorer.dx, dx)
    np.testing.assert_array_equal(explorer.dw, dw)


@examples(50)
@given(settings(), st.sampled_from(SHARING))
def test_the_matrix_is_a_dense_layer_both_ways(asked: dict[str, Any], sharing: str) -> None:
    explorer = MatrixExplorer(**asked, sharing=sharing)
    np.testing.assert_array_equal(explorer.z.ravel(), explorer.T @ explorer.x.ravel())
    np.testing.assert_array_equal(explorer.dx.ravel(), explorer.T.T @ explorer.dz.ravel())


@examples(50)
@given(settings())
def test_a_local_layer_loses_connections_and_a_shared_one_repeats_the_kernel(asked: dict[str, Any]) -> None:
    dense, local, shared = (MatrixExplorer(**asked, sharing=sharing) for sharing in SHARING)
    taps = connected(shared)
    for entry in np.ndindex(dense.T.shape):
        assert local.T[entry] == (dense.T[entry] if entry in taps else 0)
        assert shared.T[entry] == (shared.w.ravel()[taps[entry]] if entry in taps else 0)
    for explorer in (local, shared):
        zeros = scene_of(explorer).grids["T"].zeros
        assert zeros is not None and zeros.sum() == dense.T.size - len(taps)
    assert dense.T.all(), "a zero in T is a connection that is cut"


# The scene


@examples(25)
@given(settings(), st.sampled_from(SHARING))
def test_every_sum_makes_its_cells(asked: dict[str, Any], sharing: str) -> None:
    scene = scene_of(MatrixExplorer(**asked, sharing=sharing))
    assert_sums_make_their_cells(scene)
    assert_sums_are_seen(scene)
    assert_plays_end_with_everything(scene)


@examples(40)
@given(settings(), st.sampled_from(SHARING))
def test_the_meetings_are_the_connections(asked: dict[str, Any], sharing: str) -> None:
    explorer = MatrixExplorer(**asked, sharing=sharing)
    outputs, inputs = explorer.T.shape
    taps = connected(explorer) if sharing != "dense" else dict.fromkeys(np.ndindex(outputs, inputs), -1)
    meet, back = (scene_of(explorer).meets[name].cells for name in ("meet", "back"))
    for (o, u), entry, turned in zip(
        zip(meet["out"], meet["in"], strict=True), meet["entry"], back["turned"], strict=True
    ):
        assert np.unravel_index(entry, (outputs, inputs)) == (o, u)
        assert np.unravel_index(turned, (inputs, outputs)) == (u, o)
    met = set(zip(meet["out"].tolist(), meet["in"].tolist(), strict=True))
    assert met == set(taps) and len(meet["out"]) == len(taps)
    if sharing == "shared":
        assert meet["tap"].tolist() == [
            taps[pair] for pair in zip(meet["out"].tolist(), meet["in"].tolist(), strict=True)
        ]


def test_an_entry_of_the_transpose_is_an_entry_of_the_matrix() -> None:
    scene = scene_of(MatrixExplorer(sharing="shared", height=3))
    ((one, other, stands_for),) = scene.links
    T, transposed = scene.grids["T"].values.ravel(), scene.grids["transposed"].values.ravel()
    assert (one, other) == ("turned", "entry")
    np.testing.assert_array_equal(transposed, T[stands_for])


def test_a_tap_meets_all_its_places_in_the_matrix() -> None:
    scene = scene_of(MatrixExplorer(sharing="shared"))
    assert scene.marks("forward", "w", 4)["T"]["link"].tolist() == [0 * 16 + 5, 1 * 16 + 6, 2 * 16 + 9, 3 * 16 + 10]
    assert scene.marks("forward", "T", 5)["w"]["link"].tolist() == [4]


def test_one_matrix_is_shown_at_a_time() -> None:
    scene = scene_of(MatrixExplorer())
    assert [("T" in scene.visible(mode), "transposed" in scene.visible(mode)) for mode in ("forward", "backward")] == [
        (True, False),
        (False, True),
    ]


def test_there_is_no_kernel_before_weights_are_shared() -> None:
    for sharing in SHARING[:2]:
        explorer = MatrixExplorer(sharing=sharing)
        assert not {"w", "dw"} & set(scene_of(explorer).grids)
        with pytest.raises(
            AttributeError, match=f"a layer with sharing '{sharing}' has no kernel; set sharing to 'shared'"
        ):
            explorer.w  # noqa: B018
    explorer.sharing = "shared"
    explorer.mode = "weights"
    assert {"w", "dw"} <= set(scene_of(explorer).grids)
    explorer.sharing = "dense"
    assert explorer.mode == "forward"


@pytest.mark.parametrize(
    ("sharing", "words"),
    [
        ("dense", "Dense: 64 weights, one for each of 4 outputs and each of 16 inputs."),
        ("local", "Local: 36 weights; 28 of the dense layer's 64 connections are cut."),
        ("shared", "Shared: 9 weights, the kernel's, in 36 places of T."),
    ],
)
def test_weights_are_counted(sharing: str, words: str) -> None:
    assert words in scene_of(MatrixExplorer(sharing=sharing)).plays["forward"].tells


# Settings


def types(explorer: MatrixExplorer, grid: str, cell: list[int], text: str) -> None:
    explorer._handle_custom_msg({"edit": grid, "cell": cell, "text": text}, [])


def test_weights_can_be_typed_in_but_not_where_no_connection_is() -> None:
    explorer = MatrixExplorer(sharing="local")
    types(explorer, "T", [0, 3], "7")
    types(explorer, "T", [0, 2], "8")
    assert explorer.T[0, 2:4].tolist() == [8, 0]
    explorer.sharing = "shared"
    types(explorer, "T", [0, 2], "9")
    types(explorer, "w", [0, 2], "5")
    assert explorer.T[0, 2] == explorer.T[3, 7] == 5


def test_a_kernel_that_is_given_is_shared() -> None:
    explorer = MatrixExplorer(w=np.ones((2, 3)))
    assert repr(explorer) == "MatrixExplorer(kernel=(2, 3), sharing='shared')"
    assert explorer.T.sum() == explorer.T.shape[0] * 6
    explorer.x = np.ones((5, 5))
    explorer.dz = np.ones((4, 3))
    assert (explorer.z == 6).all() and (explorer.dw == 12).all()
    explorer.sharing = "dense"
    explorer.w = np.ones((2, 2))
    assert explorer.sharing == "shared"


@pytest.mark.parametrize(
    "asked", [{"kernel": 9}, {"stride": 0}, {"padding": -1}, {"kernel": "a"}, {"stride": (1, 2, 3)}]
)
def test_nonsense_is_refused_as_the_layer_does(asked: dict[str, Any]) -> None:
    kernel = asked.get("kernel", 3)
    options = {name: value for name, value in asked.items() if name != "kernel"}
    with pytest.raises((ValueError, TypeError)) as ours:
        MatrixExplorer(**asked)
    if kernel != "a":
        with pytest.raises(ValueError) as theirs:
            F.conv2d(np.zeros((1, 1, 4, 4)), np.zeros((1, 1, kernel, kernel)), **options)
        assert str(ours.value) == str(theirs.value)


def test_a_matrix_that_is_too_large_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="the matrix is 49×81, but an explorer draws at most 64 cells along an axis"):
        MatrixExplorer(height=9, width=9)


def test_an_impossible_setting_leaves_the_picture() -> None:
    explorer = MatrixExplorer()
    scene = explorer.scene
    explorer.set_state({"kernel": 5})
    assert (explorer.kernel, explorer.scene, explorer.notice["nearest"]) == (3, scene, 4)
    explorer.set_state({"sharing": "some"})
    assert explorer.sharing == "dense"


def test_what_is_read_is_a_copy() -> None:
    explorer = MatrixExplorer(sharing="shared")
    for name in ("x", "w", "T", "z", "dx", "dw", "dz"):
        getattr(explorer, name)[:] = 99
        assert (getattr(explorer, name) != 99).all()

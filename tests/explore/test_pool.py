"""PoolExplorer: its arrays are the layers', its meetings the windows', and a tie goes where the learner sends it."""

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv import functional as F
from lessonconv.explore import PoolExplorer
from lessonconv.explore.pool import TIES
from tests.explore.oracles import (
    assert_plays_end_with_everything,
    assert_sums_are_seen,
    assert_sums_make_their_cells,
    scene_of,
)
from tests.strategies import Pool, avg_pool_cases, examples, max_pool_cases

Array = npt.NDArray[Any]


def explorer_of(case: Pool, **settings: Any) -> PoolExplorer:
    """The explorer that shows one channel of a case."""
    options = dict(case.options)
    kernel = options.pop("kernel_size")
    return PoolExplorer(x=case.x[0, 0], dz=case.dz[0, 0], kernel=kernel, **options, **settings)


def windows(explorer: PoolExplorer) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Output → the real inputs that its window covers, found cell by cell, in reading order."""
    (K_h, K_w), (s_h, s_w), (p_h, p_w), (d_h, d_w) = (
        np.broadcast_to(getattr(explorer, name), 2).tolist() for name in ("kernel", "stride", "padding", "dilation")
    )
    H, W = explorer.x.shape[2:]
    found = {}
    for i, j in np.ndindex(explorer.z.shape[2:]):
        cells = product((i * s_h + k * d_h - p_h for k in range(K_h)), (j * s_w + l * d_w - p_w for l in range(K_w)))
        found[i, j] = [(u, v) for u, v in cells if 0 <= u < H and 0 <= v < W]
    return found


def handed_back(explorer: PoolExplorer, ties: str) -> Array:
    """∂L/∂x by hand: each window asks who is largest, and pays as the policy says."""
    dx, x = np.zeros(explorer.x.shape[2:]), explorer.x[0, 0]
    for output, cells in windows(explorer).items():
        winners = [cell for cell in cells if x[cell] == max(x[other] for other in cells)]
        paid = {"first": winners[:1], "last": winners[-1:]}.get(ties, winners)
        for cell in paid:
            dx[cell] += explorer.dz[0, 0][output] / (len(winners) if ties == "shared" else 1)
    return dx


def floats(cases: Any) -> Any:
    return cases(pytorch=True, dtypes=[np.float64])


# The layers


@examples(80)
@given(floats(max_pool_cases))
def test_the_maximum_is_the_layers_both_ways(case: Pool) -> None:
    explorer = explorer_of(case)
    z, argmax = F.loops.max_pool2d(case.x[:1, :1], **case.options)
    np.testing.assert_array_equal(explorer.z, z)
    np.testing.assert_array_equal(explorer.argmax, argmax)
    dx = F.loops.max_pool2d_backward(case.dz[:1, :1], argmax, (1, 1, *case.x.shape[2:]))
    np.testing.assert_array_equal(explorer.dx, dx)


@examples(80)
@given(floats(avg_pool_cases))
def test_the_average_is_the_layers_both_ways(case: Pool) -> None:
    explorer = explorer_of(case, kind="average")
    np.testing.assert_allclose(explorer.z, F.loops.avg_pool2d(case.x[:1, :1], **case.options))
    dx = F.loops.avg_pool2d_backward(case.dz[:1, :1], (1, 1, *case.x.shape[2:]), **case.options)
    np.testing.assert_allclose(explorer.dx, dx, atol=1e-12)
    assert explorer.argmax is None


@examples(40)
@given(floats(max_pool_cases), st.sampled_from(sorted(TIES)))
def test_a_tie_goes_where_it_is_sent(case: Pool, ties: str) -> None:
    explorer = explorer_of(case, ties=ties)
    np.testing.assert_allclose(explorer.dx[0, 0], handed_back(explorer, ties), atol=1e-12)


def test_the_four_ways_with_a_tie_differ() -> None:
    gradients = [PoolExplorer(x=np.ones((2, 2)), dz=[[8]], ties=ties).dx[0, 0].tolist() for ties in TIES]
    assert gradients == [[[8, 0], [0, 0]], [[0, 0], [0, 8]], [[2, 2], [2, 2]], [[8, 8], [8, 8]]]


def test_a_tie_has_one_place_only_where_one_wins() -> None:
    explorer = PoolExplorer(x=np.ones((2, 2)))
    places = {}
    for ties in TIES:
        explorer.ties = ties
        places[ties] = None if explorer.argmax is None else explorer.argmax.tolist()
    assert places == {"first": [[[[0]]]], "last": [[[[3]]]], "shared": None, "all": None}


def test_padding_never_wins_even_where_all_is_negative() -> None:
    explorer = PoolExplorer(x=-np.ones((3, 3)), kernel=2, padding=1)
    assert (explorer.z == -1).all()
    grid = scene_of(explorer).grids["x"]
    assert grid.void == "−∞"
    assert np.isnan(grid.values[0]).all()


# The scene


@examples(25)
@given(floats(max_pool_cases), st.sampled_from(sorted(TIES)))
def test_maxima_and_their_gradients_add_up(case: Pool, ties: str) -> None:
    scene = scene_of(explorer_of(case, ties=ties))
    assert_sums_make_their_cells(scene)
    assert_sums_are_seen(scene)
    assert_plays_end_with_everything(scene)


@examples(25)
@given(floats(avg_pool_cases))
def test_averages_and_their_gradients_add_up(case: Pool) -> None:
    scene = scene_of(explorer_of(case, kind="average"))
    assert_sums_make_their_cells(scene)
    assert_sums_are_seen(scene)
    assert_plays_end_with_everything(scene)


@examples(40)
@given(floats(max_pool_cases))
def test_the_meetings_are_the_windows(case: Pool) -> None:
    explorer = explorer_of(case)
    grids, meet = scene_of(explorer).grids, scene_of(explorer).meets["meet"].cells
    outputs, inputs = ({cell: n for n, cell in enumerate(grids[name].inner.tolist())} for name in ("z", "x"))
    met = {
        (outputs[o], inputs[u]) for o, u in zip(meet["out"].tolist(), meet["in"].tolist(), strict=True) if u in inputs
    }
    O_w, W = explorer.z.shape[3], explorer.x.shape[3]
    assert met == {(i * O_w + j, u * W + v) for (i, j), cells in windows(explorer).items() for u, v in cells}


def test_shares_of_a_window_are_one_together() -> None:
    for count_include_pad, ceil_mode in product((False, True), repeat=2):
        explorer = PoolExplorer(
            kind="average", width=7, kernel=3, stride=2, padding=1,
            count_include_pad=count_include_pad, ceil_mode=ceil_mode,
        )  # fmt: skip
        shares = scene_of(explorer).meets["meet"]
        np.testing.assert_allclose(np.bincount(shares.cells["out"], shares.factor), 1)


def test_winners_carry_a_mark() -> None:
    explorer = PoolExplorer(x=[[1, 2], [2, 0]])
    marked = {}
    for ties in TIES:
        explorer.ties = ties
        badge = scene_of(explorer).grids["x"].badge
        assert badge is not None and badge[0] == "winner"
        marked[ties] = np.flatnonzero(badge[1]).tolist()
    assert marked == {"first": [1], "last": [2], "shared": [1, 2], "all": [1, 2]}
    explorer.kind = "average"
    assert scene_of(explorer).grids["x"].badge is None


def test_a_loser_is_told_by_no_gradient() -> None:
    """The window covers four inputs, but its gradient meets the winner alone."""
    scene = scene_of(PoolExplorer(x=[[1, 2], [3, 0]]))
    assert scene.marks("forward", "z", 0)["x"]["meet"].tolist() == [0, 1, 2, 3]
    assert scene.marks("scatter", "dz", 0)["dx"] == {"meet": np.array([2])}
    assert "dz" not in scene.marks("gather", "dx", 0)


def test_words_tell_of_ties_and_overlap() -> None:
    explorer = PoolExplorer(x=np.ones((2, 4)))
    told = scene_of(explorer).plays["scatter"].tells
    assert "2 of 2 windows have a tie" in told and told.endswith("No windows overlap.")
    explorer.stride = 1
    assert scene_of(explorer).plays["scatter"].tells.endswith("Where windows overlap, gradients add up.")
    explorer.x = np.arange(8.0).reshape(2, 4)
    assert "0 of 3 windows have a tie" in scene_of(explorer).plays["scatter"].tells


# Settings


def test_a_stride_that_is_not_given_is_the_kernel() -> None:
    assert [PoolExplorer(**asked).stride for asked in ({}, {"kernel": 3}, {"kernel": (3, 1), "stride": None})] == [
        2,
        3,
        (3, 1),
    ]
    assert PoolExplorer(kernel=3, stride=2).stride == 2


def test_what_is_printed_makes_the_same_explorer() -> None:
    asked: list[dict[str, Any]] = [
        {},
        {"kernel": 3},
        {"kernel": 3, "stride": 2, "ties": "last"},
        {"kind": "average", "ceil_mode": True},
    ]
    printed = [repr(PoolExplorer(**settings)) for settings in asked]
    assert printed == [
        "PoolExplorer()",
        "PoolExplorer(kernel=3)",
        "PoolExplorer(kernel=3, stride=2, ties='last')",
        "PoolExplorer(ceil_mode=True, kind='average')",
    ]
    assert [repr(eval(words)) for words in printed] == printed


def test_settings_move_the_picture() -> None:
    explorer = PoolExplorer()
    explorer.kernel, explorer.stride, explorer.padding = 3, (2, 1), 1
    assert explorer.z.shape == (1, 1, 3, 6)
    explorer.kind = "average"
    assert (explorer.mode, scene_of(explorer).kind) == ("forward", "pool")
    np.testing.assert_allclose(explorer.z, F.avg_pool2d(explorer.x, 3, stride=(2, 1), padding=1))


def test_arrays_can_be_set_and_are_read_as_copies() -> None:
    explorer = PoolExplorer()
    explorer.x = np.arange(40.0).reshape(1, 1, 5, 8)
    explorer.dz = np.ones((2, 4))
    assert (explorer.height, explorer.width, explorer.dx.sum()) == (5, 8, 8)
    explorer.dx[:] = explorer.x[:] = 7
    assert (explorer.dx.sum(), explorer.x.max()) == (8, 39)


@pytest.mark.parametrize(
    "asked",
    [
        {"kernel": 9},
        {"stride": 0},
        {"padding": -1},
        {"padding": 4},
        {"dilation": 6},
        {"kernel": "a"},
        {"kernel": (1, 2, 3)},
        {"stride": 2.5},
        {"kernel": 2, "stride": 3, "padding": 3, "ceil_mode": True},
    ],
)
@pytest.mark.parametrize("kind", ["max", "average"])
def test_nonsense_is_refused_as_the_layers_do(asked: dict[str, Any], kind: str) -> None:
    if kind == "average" and "dilation" in asked:
        return
    options = {"kernel_size": 2, **{{"kernel": "kernel_size"}.get(name, name): value for name, value in asked.items()}}
    with pytest.raises((ValueError, TypeError)) as theirs:
        (F.max_pool2d if kind == "max" else F.avg_pool2d)(np.zeros((1, 1, 6, 6)), **options)
    with pytest.raises(theirs.type) as ours:
        PoolExplorer(**asked, kind=kind)
    assert str(ours.value) == str(theirs.value).replace("kernel_size is", "kernel is")


def test_average_pooling_refuses_dilation_and_stays() -> None:
    explorer = PoolExplorer(dilation=2)
    with pytest.raises(ValueError, match="average pooling has no dilation, but dilation is 2; set dilation to 1"):
        explorer.kind = "average"
    assert explorer.kind == "max"
    explorer.set_state({"kind": "average"})
    assert explorer.kind == "max" and explorer.notice["sentence"].startswith("Average pooling has no dilation")
    explorer.dilation = 1
    explorer.kind = "average"


def test_too_much_padding_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="with its padding the input is 72×72, but an explorer draws at most 64"):
        PoolExplorer(height=32, width=32, kernel=21, padding=20)

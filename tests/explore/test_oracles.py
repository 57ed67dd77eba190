"""The oracle finds what is wrong in a scene: a number, a meeting, what it counts for, a cell that a play leaves out."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lessonconv.explore import ConvExplorer, MatrixExplorer, PoolExplorer, TransposedExplorer
from lessonconv.explore.scene import Meetings, Scene
from tests.explore.oracles import (
    assert_plays_end_with_everything,
    assert_sums_are_seen,
    assert_sums_make_their_cells,
    scene_of,
)

EXPLORERS = {
    "convolution": lambda: ConvExplorer(height=5, stride=2, padding=1, filters=2, true_convolution=True),
    "maximum": lambda: PoolExplorer(kernel=3, stride=2, padding=1),
    "average": lambda: PoolExplorer(kernel=3, stride=2, padding=1, kind="average"),
    "transposed": lambda: TransposedExplorer(padding=1, channels=2),
    "matrix": lambda: MatrixExplorer(sharing="shared", padding=1),
}


@pytest.fixture(params=EXPLORERS)
def scene(request: pytest.FixtureRequest) -> Scene:
    return scene_of(EXPLORERS[request.param]())


def another_number(scene: Scene, name: str) -> Scene:
    grid = scene.grids[name]
    values = grid.values.copy()
    values.reshape(-1, values.shape[-2] * values.shape[-1])[0, grid.inner[-1]] += 100
    return replace(scene, grids={**scene.grids, name: replace(grid, values=values)})


def without_a_meeting(scene: Scene, name: str, sum_: Any) -> Scene:
    meetings = scene.meets[sum_.meets]
    inner = set(scene.grids[sum_.makes].inner.tolist())
    real = [n for n, cell in enumerate(meetings.cells[scene.grids[sum_.makes].role].tolist()) if cell in inner]
    left = np.arange(meetings.cells["out"].size) != real[len(real) // 2]
    cells = {role: cells[left] for role, cells in meetings.cells.items()}
    factor = None if meetings.factor is None else meetings.factor[left]
    return replace(scene, meets={**scene.meets, name: Meetings.flat(cells, factor)})


def test_all_is_well(scene: Scene) -> None:
    assert_sums_make_their_cells(scene)
    assert_sums_are_seen(scene)
    assert_plays_end_with_everything(scene)


def test_a_wrong_number_is_found(scene: Scene) -> None:
    for sum_ in scene.sums.values():
        with pytest.raises(AssertionError):
            assert_sums_make_their_cells(another_number(scene, sum_.makes))


def test_a_lost_meeting_is_found() -> None:
    scene = scene_of(ConvExplorer(height=4, width=4, kernel=2, weights="ones", values="ramp", gradient="ones"))
    with pytest.raises(AssertionError):
        assert_sums_make_their_cells(without_a_meeting(scene, "meet", scene.sums["z"]))


def test_a_wrong_share_is_found() -> None:
    scene = scene_of(PoolExplorer(kind="average"))
    shares = scene.meets["meet"].of("out", "in", factor=np.ones(36))
    with pytest.raises(AssertionError):
        assert_sums_make_their_cells(replace(scene, meets={"meet": shares}))


def test_a_play_that_leaves_a_cell_out_is_found() -> None:
    scene = scene_of(ConvExplorer())
    forward = replace(scene.plays["forward"], fills=("z", "x"))  # x has more cells than z, which leads
    with pytest.raises(AssertionError):
        assert_plays_end_with_everything(replace(scene, plays={"forward": forward}))


def test_a_sum_of_a_grid_that_is_hidden_is_found() -> None:
    scene = scene_of(MatrixExplorer())
    backward = replace(scene.plays["backward"], sums={})  # then T tells, but the play shows its transpose
    with pytest.raises(AssertionError, match="tells of"):
        assert_sums_are_seen(replace(scene, plays={"backward": backward}))

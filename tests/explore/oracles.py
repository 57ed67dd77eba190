"""What a scene is held against: every sum, added up, makes its cell; its parts are seen; plays end with everything."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv.explore.explorer import Explorer
from lessonconv.explore.scene import Scene, Sum

Array = npt.NDArray[Any]


def scene_of(explorer: Explorer) -> Scene:
    """What an explorer shows."""
    assert explorer._drawn is not None
    return explorer._drawn


def assert_sums_make_their_cells(scene: Scene) -> None:
    """In every slice, every cell that is not padding is its sum over the list of meetings, or the largest of it."""
    for sum_ in scene.sums.values():
        for at in _slices(scene) if sum_.makes in scene.grids else ():
            expected = added_up(scene, sum_, at)
            shown = scene.grids[sum_.makes].values[scene.slice(sum_.makes, at)].ravel()
            for cell in scene.grids[sum_.makes].inner:
                np.testing.assert_allclose(
                    shown[cell], expected[cell], err_msg=f"{sum_} of cell {cell} at {at}", atol=1e-12
                )


def assert_sums_are_seen(scene: Scene) -> None:
    """Whatever a sum tells of a cell, its parts are on the page."""
    for mode in scene.plays:
        for name in (visible := scene.visible(mode)):
            told = scene.sum_of(mode, name)
            assert told is None or {told.makes, *told.of} <= set(visible), f"{told} tells of {name} in {mode}"


def assert_plays_end_with_everything(scene: Scene) -> None:
    """After its last step a play shows what is there at rest; after its first, what is made, or added, and no more."""
    for (mode, play), at in product(scene.plays.items(), _slices(scene)):
        rest, last, first = (scene.shown(mode, step, at).values for step in (None, scene.steps(mode) - 1, 0))
        for name in last:
            inner = scene.grids[name].inner
            np.testing.assert_allclose(last[name][inner], rest[name][inner], err_msg=f"{name} after {mode}", atol=1e-12)
        for name in set(play.fills) & set(first):
            assert np.flatnonzero(~np.isnan(first[name])).tolist() == [scene.grids[name].inner[0]]
        if play.adds:
            sum_, lead = scene.sum_of(mode, play.adds), scene.grids[play.leads]
            assert sum_ is not None
            stamp = added_up(scene, sum_, at, only={lead.role: {int(lead.inner[0])}})
            inner = scene.grids[play.adds].inner
            np.testing.assert_allclose(first[play.adds][inner], [stamp[cell] for cell in inner], atol=1e-12)


def added_up(
    scene: Scene, sum_: Sum, at: Mapping[str, int], only: Mapping[str, Collection[int]] | None = None
) -> Mapping[int, float]:
    """Cell → its sum over the meetings, one by one. Padding is no term. only: the cells of a role that take part."""
    meetings = scene.meets[sum_.meets]
    roles = [scene.grids[name].role for name in sum_.of]
    inner = [set(scene.grids[name].inner.tolist()) for name in sum_.of]
    found: dict[int, list[float]] = defaultdict(list)
    for number in range(scene.stacks[sum_.over] if sum_.over else 1):
        place = {**at, **({sum_.over: number} if sum_.over else {})}
        values = [scene.grids[name].values[scene.slice(name, place)].ravel() for name in sum_.of]
        for n, makes in enumerate(meetings.cells[scene.grids[sum_.makes].role].tolist()):
            cells = [int(meetings.cells[role][n]) for role in roles]
            taking_part = all(int(meetings.cells[role][n]) in chosen for role, chosen in (only or {}).items())
            if taking_part and all(cell in inside for cell, inside in zip(cells, inner, strict=True)):
                counts = 1.0 if meetings.factor is None else float(meetings.factor[n])
                found[makes].append(counts * prod(float(v[cell]) for v, cell in zip(values, cells, strict=True)))
    together = max if sum_.how == "max" else sum
    return defaultdict(float, {cell: together(terms) for cell, terms in found.items()})


def _slices(scene: Scene) -> Iterator[dict[str, int]]:
    for numbers in product(*(range(count) for count in scene.stacks.values())):
        yield dict(zip(scene.stacks, numbers, strict=True))

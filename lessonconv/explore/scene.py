"""What an explorer shows: grids of cells, the lists of meetings between them, the sums over these, and ways to play.

A scene knows nothing of convolution: a cell of one grid meets cells of others, and what they meet for is a sum. It goes
to the page as plain numbers (`Scene.message`), where page/*.mjs draws it; in Python, `Scene.shown` says what is seen at
a step, for pictures and animations. Both follow the same few rules, and a test compares them.

Source: `Window.meetings`; the scatter, gather and turned-kernel forms of the gradient are
those of Dumoulin & Visin 2016, §4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Sides = tuple[tuple[int, int], tuple[int, int]]  # cells before and after, along the height and the width
NO_RING: Sides = ((0, 0), (0, 0))


@dataclass(frozen=True, eq=False)
class Meetings:
    """A list of meetings: for each role ("out", "tap", "in", …), which of its cells takes part.

    rows, columns: the roles' indices along the height and along the width; every row meets every column. widths: how
    many columns each role's grid has, so that cell (r, c) is number r·width + c. factor: what each meeting counts for
    beside its cells' values, None for 1.
    """

    rows: Mapping[str, Array]
    columns: Mapping[str, Array]
    widths: Mapping[str, int]
    factor: Array | None = None

    @classmethod
    def flat(cls, cells: Mapping[str, Array], factor: Array | None = None) -> "Meetings":
        """A list that is not a product of rows and columns."""
        one = dict.fromkeys(cells, np.zeros(1, np.intp))
        return cls(cells, one, dict.fromkeys(cells, 1), factor)

    def of(self, *roles: str, factor: Array | None = None) -> "Meetings":
        """The same meetings, of these roles alone, and what each counts for."""
        return Meetings({r: self.rows[r] for r in roles}, {r: self.columns[r] for r in roles}, self.widths, factor)

    @cached_property
    def cells(self) -> dict[str, Array]:
        """For each role the cell of every meeting."""
        return {r: np.add.outer(self.rows[r] * self.widths[r], self.columns[r]).ravel() for r in self.rows}

    def message(self) -> dict[str, Any]:
        """As the page reads it."""
        factor = None if self.factor is None else numbers(self.factor, figures=12)  # they add up
        roles = {r: [self.rows[r].tolist(), self.columns[r].tolist(), self.widths[r]] for r in self.rows}
        return {"roles": roles, "factor": factor}


@dataclass(frozen=True, eq=False)
class Grid:
    """A tensor as cells.

    label: its symbol, "∂L/∂x". title: in words. tensor: whose colour it has, "dx" (`palette.color`). role: what its
    cells are in the meetings. values: (…, rows, columns), drawn cells, with `ring` cells of padding around them; blank
    cells hold NaN. stack: the names of the leading axes, "f" and "c". meets: the list it is in. sum: the sum to tell
    of its cells, its own or its partner's. place: row and column on the page. editable: whether cells can be typed in.
    zeros: the cells that hold a zero that was put there; nothing can be typed in these. badge: a word, and the cells
    that carry a mark for it. outside: what the ring is, in words. void: what a blank cell of the ring shows.
    spans: how many rows and columns of the page it takes; one that spans columns does not widen them.
    """

    label: str
    title: str
    tensor: str
    role: str
    values: Array
    place: tuple[int, int]
    ring: Sides = NO_RING
    stack: tuple[str, ...] = ()
    meets: str = "meet"
    sum: str | None = None
    editable: bool = False
    zeros: Array | None = None
    badge: tuple[str, Array] | None = None
    outside: str = "padding"
    void: str = ""
    spans: tuple[int, int] = (1, 1)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns, without the ring."""
        (top, bottom), (left, right) = self.ring
        return self.values.shape[-2] - top - bottom, self.values.shape[-1] - left - right

    @cached_property
    def inner(self) -> Array:
        """The numbers of the cells that are not in the ring, row by row."""
        (top, _), (left, _) = self.ring
        rows, columns = self.size
        return np.add.outer((np.arange(rows) + top) * self.values.shape[-1], np.arange(columns) + left).ravel()

    def message(self) -> dict[str, Any]:
        """As the page reads it."""
        (top, _), (left, _) = self.ring
        return {
            "label": self.label,
            "title": self.title,
            "tensor": self.tensor,
            "role": self.role,
            "rows": self.values.shape[-2],
            "columns": self.values.shape[-1],
            "size": self.size,
            "before": (top, left),
            "values": numbers(self.values),
            "place": self.place,
            "stack": self.stack,
            "meets": self.meets,
            "sum": self.sum,
            "editable": self.editable,
            "zeros": None if self.zeros is None else np.flatnonzero(self.zeros).tolist(),
            "badge": None if self.badge is None else (self.badge[0], np.flatnonzero(self.badge[1]).tolist()),
            "outside": self.outside,
            "void": self.void,
            "spans": self.spans,
        }


@dataclass(frozen=True)
class Sum:
    """makes[cell] = Σ factor · product of the cells of `of` that meet it, over one list (and over a stacked axis).

    how: "sum", or "max" for the largest of them.
    """

    makes: str
    of: tuple[str, ...]
    meets: str = "meet"
    over: str | None = None
    how: str = "sum"

    def message(self) -> dict[str, Any]:
        """As the page reads it."""
        return vars(self)


@dataclass(frozen=True)
class Play:
    """A way to walk through the meetings: step by step over the cells of one grid.

    label: its name. tells: what happens, in a sentence. leads: the grid whose cells are the steps. fills: grids whose
    cells are blank until their step. adds: a grid that grows, its sum so far. grids: those that are shown beside the
    ones that are always there. sums: which sum tells of a grid here, if not its own.
    """

    label: str
    tells: str
    leads: str
    fills: tuple[str, ...] = ()
    adds: str | None = None
    grids: tuple[str, ...] = ()
    sums: Mapping[str, str] = field(default_factory=dict)

    def message(self) -> dict[str, Any]:
        """As the page reads it."""
        return vars(self)


@dataclass(frozen=True, eq=False)
class Shown:
    """What is seen at a step: each grid's values (blank is NaN), and which of its cells are marked, and how.

    marks: grid → kind → cells. "self": the one told of; "meet": its partners in the sum; "link": others it meets.
    """

    values: dict[str, Array]
    marks: dict[str, dict[str, Array]]


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything there is to draw.

    grids, meets, sums, plays: by name. nouns: a role's cells in words, one and many. links: (role, other role, cells):
    which cell of the other role a cell stands for, −1 for none. extras: grids that are shown only by a play.
    stacks: how many slices each stacked axis has.
    """

    kind: str
    grids: Mapping[str, Grid]
    meets: Mapping[str, Meetings]
    sums: Mapping[str, Sum]
    plays: Mapping[str, Play]
    nouns: Mapping[str, tuple[str, str]]
    links: tuple[tuple[str, str, Array], ...] = ()
    extras: tuple[str, ...] = ()
    stacks: Mapping[str, int] = field(default_factory=dict)

    def message(self, number: int) -> dict[str, Any]:
        """The scene as plain numbers and words; `number` tells one from the next."""
        return {
            "seq": number,
            "kind": self.kind,
            "grids": {name: grid.message() for name, grid in self.grids.items()},
            "meets": {name: meetings.message() for name, meetings in self.meets.items()},
            "sums": {name: sum.message() for name, sum in self.sums.items()},
            "plays": {name: play.message() for name, play in self.plays.items()},
            "nouns": dict(self.nouns),
            "links": [(one, other, cells.tolist()) for one, other, cells in self.links],
            "extras": self.extras,
            "stacks": dict(self.stacks),
        }

    def steps(self, mode: str) -> int:
        """How many steps a play has."""
        return self.grids[self.plays[mode].leads].inner.size

    def visible(self, mode: str) -> list[str]:
        """The grids that are shown in this play."""
        return [name for name in self.grids if name not in self.extras or name in self.plays[mode].grids]

    def sum_of(self, mode: str, name: str) -> Sum | None:
        """The sum that tells of a grid's cells in this play."""
        found = self.plays[mode].sums.get(name, self.grids[name].sum)
        return None if found is None else self.sums[found]

    def shown(self, mode: str, step: int | None, at: Mapping[str, int]) -> Shown:
        """What is seen at a step; None is at rest, when everything is there. at: the slice shown of each stack."""
        slices = {name: self.grids[name].values[self.slice(name, at)] for name in self.visible(mode)}
        values = {name: array.ravel().astype(np.float64) for name, array in slices.items()}
        if step is None:
            return Shown(values, {})
        play = self.plays[mode]
        done = self.grids[play.leads].inner[: step + 1]
        for name in play.fills:
            if name in values:
                values[name][np.setdiff1d(np.arange(values[name].size), self.grids[name].inner[: step + 1])] = np.nan
        if play.adds:
            values[play.adds] = self._so_far(mode, play.adds, self.grids[play.leads].role, done, at)
        return Shown(values, self.marks(mode, play.leads, int(done[-1])))

    def marks(self, mode: str, name: str, cell: int) -> dict[str, dict[str, Array]]:
        """The cells to mark when one is looked at."""
        grid, told = self.grids[name], self.sum_of(mode, name)
        touched = self._touched(told.meets if told and told.makes == name else grid.meets, grid.role, cell)
        stamp = self.stamp(mode, name)
        partners = (stamp.makes, *stamp.of) if stamp else told.of if told else ()
        found: dict[str, dict[str, Array]] = {}
        for other in self.visible(mode):
            if other == name:
                found[other] = {"self": np.array([cell])}
            elif (cells := touched.get(self.grids[other].role)) is not None and cells.size:
                found[other] = {"meet" if other in partners else "link": cells}
        return found

    def stamp(self, mode: str, name: str) -> Sum | None:
        """The growing sum that a grid's cells add to in this play, if it leads one."""
        play = self.plays[mode]
        return self.sum_of(mode, play.adds) if play.adds and name == play.leads else None

    def slice(self, name: str, at: Mapping[str, int]) -> tuple[int, ...]:
        """Which slice of a stack is shown."""
        return tuple(at[axis] for axis in self.grids[name].stack)

    def slices(self, sum: Sum, at: Mapping[str, int]) -> list[Mapping[str, int]]:
        """The slices that a sum runs over: all of its stacked axis, or the one that is shown."""
        return [{**at, sum.over: number} for number in range(self.stacks[sum.over])] if sum.over else [at]

    def _touched(self, meets: str, role: str, cell: int) -> dict[str, Array]:
        """For each role the cells that meet this one, and what they stand for elsewhere."""
        cells = self.meets[meets].cells
        here = cells[role] == cell
        touched = {other: np.unique(cells[other][here]) for other in cells} | {role: np.array([cell])}
        for one, other, stands_for in self.links:
            if one in touched and other not in touched:
                found = stands_for[touched[one]]
                touched[other] = np.unique(found[found >= 0])
            elif other in touched and one not in touched:
                touched[one] = np.flatnonzero(np.isin(stands_for, touched[other]))
        return touched

    def _so_far(self, mode: str, name: str, role: str, done: Array, at: Mapping[str, int]) -> Array:
        """The values of a sum over those meetings whose cell of this role is done."""
        sum = self.sum_of(mode, name)
        assert sum is not None and sum.how == "sum", f"{name} grows, so it must be a sum"
        meetings = self.meets[sum.meets]
        chosen = np.isin(meetings.cells[role], done)
        factor = 1 if meetings.factor is None else meetings.factor[chosen]
        total = np.zeros(self.grids[name].values[self.slice(name, at)].size)
        for place in self.slices(sum, at):
            terms = np.ones(int(chosen.sum())) * factor
            for part in sum.of:
                flat = self.grids[part].values[self.slice(part, place)].ravel()
                terms = terms * flat[meetings.cells[self.grids[part].role][chosen]]
            np.add.at(total, meetings.cells[self.grids[name].role][chosen], terms)
        return total


def numbers(values: Iterable[Any], figures: int = 6) -> list[Any]:
    """An array's numbers for the page: whole ones as ints, others with so many figures, NaN as None."""
    flat = np.asarray(values, np.float64).ravel()
    if np.array_equal(flat, whole := np.rint(flat)):
        return list(whole.astype(np.int64).tolist())
    return [None if np.isnan(v) else int(v) if v == int(v) else float(f"{v:.{figures}g}") for v in flat.tolist()]

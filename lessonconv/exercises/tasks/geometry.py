"""Steps that several recipes share: padding, sizes, which cells meet, and the cases to try them on."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lessonconv.exercises.task import Arguments, Array, Case, Steps

Numbers: TypeAlias = Callable[..., Array]  # from a shape

# Steps --------------------------------------------------------------------------------------------------------------


def pad(x: Array, before: int, after: int | None = None, *, mode: Any = "constant", fill: float = 0.0) -> Array:
    """An image stack with this many cells around it, before and after, along both axes."""
    width = (before, before if after is None else after)
    filling = {"constant_values": fill} if mode == "constant" else {}
    return np.pad(x, ((0, 0), (0, 0), width, width), mode=mode, **filling)


def output_size(size: int, kernel: int, stride: int, padding: float, *, round_up: bool = False) -> int:
    """⌊(H + 2p − K)/s⌋ + 1."""
    room = int(size + 2 * padding - kernel)
    return max(0, (-(-room // stride) if round_up else room // stride) + 1)


def sizes(
    x_shape: Sequence[int], w_shape: Sequence[int], stride: int, padding: float, *, round_up: bool = False
) -> tuple[int, int]:
    """Rows and columns of the output."""
    rows, columns = (output_size(x_shape[axis], w_shape[axis], stride, padding, round_up=round_up) for axis in (-2, -1))
    return rows, columns


def reads(outputs: int, kernel: int, stride: int) -> Array:
    """Which cell of the padded input output i reads at tap k, (O, K): i·s + k."""
    return np.arange(outputs)[:, None] * stride + np.arange(kernel)


def look(x_pad: Array, rows: Array, columns: Array, *, beyond: float | None = None) -> Array:
    """What the outputs read, (N, C, O_h, K_h, O_w, K_w). beyond: what lies outside; None: IndexError."""
    height, width = x_pad.shape[-2:]
    seen = x_pad[:, :, np.clip(rows, 0, height - 1)[:, :, None, None], np.clip(columns, 0, width - 1)]
    outside = _outside(rows, height)[:, :, None, None] | _outside(columns, width)
    if beyond is None and outside.any():
        raise IndexError("a window stands out of the padded input")
    return np.where(outside, beyond or 0.0, seen)


def stamp(values: Array, rows: Array, columns: Array, shape: Sequence[int]) -> Array:
    """Add values (N, C, O_h, K_h, O_w, K_w) to the cells (N, C, rows, columns) of a canvas of zeros."""
    canvas = np.zeros(tuple(shape))
    inside = ~(_outside(rows, shape[-2])[:, :, None, None] | _outside(columns, shape[-1]))
    u, v = np.broadcast_arrays(rows[:, :, None, None], columns)
    place: Any = (slice(None), slice(None), u[inside], v[inside])
    np.add.at(canvas, place, values[:, :, inside])
    return canvas


def overwrite(values: Array, rows: Array, columns: Array, shape: Sequence[int], order: str) -> Array:
    """As `stamp`, but the last one wins: in the order of windows ("ijkl"), or of taps ("klij")."""
    canvas = np.zeros(tuple(shape))
    turned = [order.index(axis) for axis in "ikjl"]
    for at in np.ndindex(*(values.shape[2 + "ikjl".index(axis)] for axis in order)):
        i, k, j, l = (at[place] for place in turned)
        if rows[i, k] < shape[-2] and columns[j, l] < shape[-1]:
            canvas[:, :, rows[i, k], columns[j, l]] = values[:, :, i, k, j, l]
    return canvas


def _outside(places: Array, size: int) -> Array:
    return (places < 0) | (places >= size)


def first(z: Array, *axes: int) -> Array:
    """Only what is first along some axes; elsewhere zeros, as an array begins."""
    kept = np.zeros_like(z)
    place = tuple(slice(0, 1) if axis in axes else slice(None) for axis in range(z.ndim))
    kept[place] = z[place]
    return kept


def short_of_last(z: Array, *axes: int) -> Array:
    """All but what is last along some axes; there zeros."""
    kept = np.zeros_like(z)
    place = tuple(slice(0, -1) if axis in axes else slice(None) for axis in range(z.ndim))
    kept[place] = z[place]
    return kept


def square(w: Array, axis: int) -> Array:
    """A kernel as it is seen by code that asks for its size along one axis only; what it lacks is NaN."""
    size = w.shape[axis]
    seen = np.full((*w.shape[:2], size, size), np.nan)
    rows, columns = min(size, w.shape[2]), min(size, w.shape[3])
    seen[:, :, :rows, :columns] = w[:, :, :rows, :columns]
    return seen


# Slips that several tasks share: windows that stand elsewhere, and padding that is not zero


def both(where: Callable[[int, int, int], Array]) -> Steps:
    """The same places, from (outputs, kernel, stride), for rows and columns."""
    return {"rows": where, "columns": where}


ONE_STEP = both(lambda O, K, s: reads(O, K, 1))
SIDE_BY_SIDE = both(lambda O, K, s: reads(O, K, K))
APART = both(lambda O, K, s: np.arange(O)[:, None] + s * np.arange(K))
FARTHER = both(lambda O, K, s: reads(O, K, s + 1))
NOT_ZERO: tuple[Steps, ...] = tuple(
    {"pad": lambda x, p, mode=mode: pad(x, p, mode=mode)} for mode in ("edge", "reflect", "symmetric", "wrap")
)


# Cases --------------------------------------------------------------------------------------------------------------


class Geometry(NamedTuple):
    """Images, channels, filters; height and width of input and kernel; stride, padding."""

    N: int
    C: int
    F: int
    H: int
    W: int
    K_h: int
    K_w: int
    s: int
    p: int

    @property
    def outputs(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        return sizes((self.H, self.W), (self.K_h, self.K_w), self.s, self.p)

    @property
    def traits(self) -> frozenset[str]:
        """What is special about it."""
        remainders = [
            (size + 2 * self.p - kernel) % self.s for size, kernel in ((self.H, self.K_h), (self.W, self.K_w))
        ]
        said = {
            "several images": self.N > 1,
            "several channels": self.C > 1,
            "several filters": self.F > 1,
            "a stride above 1": self.s > 1,
            "padding": self.p > 0,
            "no padding": self.p == 0,
            "an input that is not square": self.H != self.W,
            "a kernel that is not square": self.K_h != self.K_w,
            "an input or a kernel that is not square": self.H != self.W or self.K_h != self.K_w,
            "a kernel of even size": self.K_h % 2 == 0 or self.K_w % 2 == 0,
            "rows or columns left over at the end": any(remainders),
            "windows that overlap": self.s < max(self.K_h, self.K_w),
            "a stride larger than the kernel": self.s > max(self.K_h, self.K_w),
            "more than one output": self.outputs != (1, 1),
        }
        return frozenset(words for words, holds in said.items() if holds)


GEOMETRIES = [
    Geometry(*numbers)
    for numbers in [
        # N  C  F  H  W Kh Kw  s  p
        (1, 1, 1, 2, 2, 2, 2, 1, 0),
        (1, 1, 1, 3, 2, 2, 2, 1, 0),
        (1, 1, 1, 2, 3, 2, 2, 1, 0),
        (1, 1, 1, 3, 3, 2, 2, 1, 0),
        (1, 1, 1, 3, 3, 1, 1, 1, 0),
        (1, 1, 1, 3, 3, 2, 2, 2, 0),
        (1, 1, 1, 2, 2, 2, 2, 1, 1),
        (1, 1, 1, 3, 3, 1, 1, 2, 0),
        (1, 1, 1, 4, 4, 2, 2, 2, 0),
        (1, 1, 1, 3, 4, 2, 3, 1, 0),
        (1, 1, 1, 4, 3, 3, 2, 1, 0),
        (1, 2, 1, 2, 2, 2, 2, 1, 0),
        (1, 1, 2, 2, 2, 2, 2, 1, 0),
        (2, 1, 1, 2, 2, 2, 2, 1, 0),
        (1, 2, 2, 2, 2, 2, 2, 1, 0),
        (2, 2, 2, 2, 2, 1, 1, 2, 0),
        (2, 2, 2, 2, 2, 2, 2, 1, 0),
        (1, 4, 1, 2, 2, 2, 2, 1, 0),
        (1, 1, 5, 2, 3, 2, 2, 1, 0),
        (4, 1, 1, 2, 3, 2, 2, 1, 0),
        (1, 1, 1, 3, 3, 3, 3, 1, 1),
        (1, 1, 1, 3, 3, 3, 3, 2, 1),
        (1, 1, 1, 4, 5, 2, 2, 3, 0),
        (1, 1, 1, 5, 5, 3, 3, 2, 0),
        (1, 1, 1, 4, 5, 3, 3, 2, 0),
        (1, 1, 1, 5, 4, 3, 3, 2, 0),
        (1, 1, 1, 5, 5, 2, 2, 3, 0),
        (1, 2, 1, 3, 4, 2, 2, 1, 1),
        (1, 1, 2, 4, 3, 2, 2, 2, 1),
        (1, 2, 2, 3, 3, 2, 2, 1, 0),
        (2, 2, 3, 4, 3, 2, 3, 1, 1),
        (1, 1, 1, 4, 6, 3, 3, 3, 1),
        (1, 1, 1, 6, 5, 4, 4, 2, 2),
        (2, 3, 2, 5, 6, 3, 3, 2, 1),
        (3, 2, 2, 5, 5, 3, 3, 1, 2),
        (2, 2, 3, 7, 6, 3, 2, 3, 1),
    ]
]
BEYOND = [Geometry(1, 1, 1, 3, 3, 2, 2, 1, 2), Geometry(1, 2, 2, 2, 3, 1, 1, 1, 1), Geometry(1, 1, 1, 3, 4, 2, 2, 2, 3)]
AT_RANDOM = 8


def at_random(rng: np.random.Generator) -> Iterator[Geometry]:
    """Some more geometries, whatever chance brings."""
    for _ in range(AT_RANDOM):
        kernel, padding = rng.integers(1, 5, 2), 0
        if min(kernel) > 1:
            padding = int(rng.integers(0, min(kernel)))
        least = [max(1, int(k) - 2 * padding) for k in kernel]
        size = [int(rng.integers(low, low + 5)) for low in least]
        N, C, F = (int(number) for number in rng.integers(1, 4, 3))
        yield Geometry(N, C, F, size[0], size[1], int(kernel[0]), int(kernel[1]), int(rng.integers(1, 4)), padding)


def integers(rng: np.random.Generator, *shape: int) -> Array:
    """Small whole numbers without 0, as floats: exact in any order of adding, in float32 as well."""
    return rng.integers(1, 6, shape) * rng.choice([-1.0, 1.0], shape)


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Small multiples of ¼: as exact, and an array of ints can't hold them."""
    return integers(rng, *shape) + rng.choice([0.25, 0.5, 0.75], shape)


def _large(rng: np.random.Generator, *shape: int) -> Array:
    """Images of numbers that float16 rounds, and float32 does not."""
    return integers(rng, *shape) * (1025 if len(shape) == 4 else 1)


def conv_cases(
    rng: np.random.Generator, geometries: Sequence[Geometry], make: Callable[[Numbers, Geometry], Arguments]
) -> list[Case]:
    """A case for each geometry, two with fractions, then random ones; the smallest first.

    make: from (numbers, geometry) to the arguments, where numbers(*shape) gives an array.
    """
    found = [Case(make(lambda *shape: integers(rng, *shape), geometry), geometry.traits) for geometry in geometries]
    for geometry in geometries[1:4:2]:
        traits = geometry.traits | {"numbers that are not whole"}
        found.append(Case(make(lambda *shape: quarters(rng, *shape), geometry), traits))
    for geometry in geometries[3:4]:
        traits = geometry.traits | {"numbers too large for float16"}
        found.append(Case(make(lambda *shape: _large(rng, *shape), geometry), traits))
    found.sort(key=lambda case: case.cells)
    return found

"""The sum that makes one cell, written out: dx[2,3] = dz[0,1]·w[2,2] + … No algebra: the window knows who meets."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lessonconv.window import Window

Place = tuple[int, ...]
Pairs = Iterator[tuple[Place, Place]]
FACTORS = {"z": ("w", "x"), "dw": ("dz", "x"), "dx": ("dz", "w")}


class CellFormula(NamedTuple):
    """cell = Σ left·right, term by term: which cells of the two tensors are multiplied.

    name, place: the cell; left, right: the two tensors; terms: pairs of their indices; bias: b's index, if b is added.
    """

    name: str
    place: Place
    left: str
    right: str
    terms: tuple[tuple[Place, Place], ...]
    bias: int | None = None

    def __str__(self) -> str:
        return self.text()

    def text(self, most: int | None = None) -> str:
        """The sum in symbols; after `most` terms it only says how many more there are."""
        left, right = self.left, self.right
        parts = [f"b[{self.bias}]"] if self.bias is not None else []
        parts += [f"{left}[{_commas(one)}]·{right}[{_commas(other)}]" for one, other in self.terms[:most]]
        return f"{self.name}[{_commas(self.place)}] = {self._summed(parts, most)}"

    def numbers(self, arrays: Mapping[str, Any], most: int | None = None) -> str:
        """The same sum with the numbers that the arrays hold, and its value: 3·2 + 5·1 = 11."""
        left, right = arrays[self.left], arrays[self.right]
        pairs = [(left[one], right[other]) for one, other in self.terms]
        bias = [arrays["b"][self.bias]] if self.bias is not None else []
        parts = [_signed(value) for value in bias]
        parts += [f"{_signed(one)}·{_signed(other)}" for one, other in pairs[:most]]
        total = sum((one * other for one, other in pairs), *bias) if bias else sum(one * other for one, other in pairs)
        return f"{self._summed(parts, most)} = {_plain(total)}"

    def _summed(self, parts: list[str], most: int | None) -> str:
        hidden = len(self.terms) - len(self.terms[:most])
        return " + ".join([*parts, *([f"… ({hidden} more)"] if hidden else [])]) or "0"


def cell_formula(name: str, place: Place, window: Window, *, count: int = 1, bias: bool = False) -> CellFormula:
    """The sum that makes one cell of z, dw or dx of a convolution: which cells meet there.

    z[n,f,i,j] = b[f] + Σ w·x,  ∂L/∂w[f,c,k,l] = Σ ∂L/∂z·x,  ∂L/∂x[n,c,u,v] = Σ ∂L/∂z·w, over the window's meetings

    place: (row, column), or all four indices; then `count` is how many channels (z), pictures (dw) or filters (dx) are
    summed over. bias: whether b is added to z. Cells in the padding are left out: they are 0.
    Raises ValueError for another name or number of indices, IndexError for a place outside. Source: `Window.meetings`.
    """
    if name not in FACTORS:
        raise ValueError(f"no formula for cells of {name!r}; give one of {', '.join(FACTORS)}")
    if len(place) not in (2, 4):
        raise ValueError(f"{name}{list(place)} has {len(place)} indices; give (row, column) or all four")
    if bias and name != "z":
        raise ValueError(f"no bias is added to {name}; only z has one")
    sizes = {"z": window.output_size, "dw": window.kernel_size, "dx": window.input_size}[name]
    if min(place) < 0 or not all(at < size for at, size in zip(place[-2:], sizes, strict=True)):
        raise IndexError(f"{name}[{_commas(place)}] is outside of {name}, which is {sizes[0]}×{sizes[1]}")
    pairs = list(_PAIRS[name](window, *place[-2:]))
    if len(place) == 4:
        pairs = [both for inner in range(count) for both in _with_channels(name, place[0], place[1], inner, pairs)]
    return CellFormula(
        name, place, *FACTORS[name], tuple(pairs), (place[1] if len(place) == 4 else 0) if bias else None
    )


def _z(window: Window, i: int, j: int) -> Pairs:
    for tap in window.taps_of(i, j):
        yield tap, window.input(i, j, *tap)


def _dw(window: Window, k: int, l: int) -> Pairs:
    rows, columns = window.height.outputs_at(k), window.width.outputs_at(l)
    for output in ((i, j) for i in rows for j in columns):
        yield output, window.input(*output, k, l)


def _dx(window: Window, u: int, v: int) -> Pairs:
    for i, j in window.outputs_of(u, v):
        yield (i, j), (window.height.tap_at(i, u), window.width.tap_at(j, v))


_PAIRS = {"z": _z, "dw": _dw, "dx": _dx}


def _with_channels(name: str, first: int, second: int, inner: int, pairs: list[tuple[Place, Place]]) -> Pairs:
    """Both cells' first two indices: z[n,f]: w[f,c], x[n,c]; dw[f,c]: dz[n,f], x[n,c]; dx[n,c]: dz[n,f], w[f,c]."""
    left, right = {
        "z": ((second, inner), (first, inner)),
        "dw": ((inner, first), (inner, second)),
        "dx": ((first, inner), (inner, second)),
    }[name]
    return ((left + one, right + other) for one, other in pairs)


def _commas(place: Place) -> str:
    return ",".join(map(str, place))


def _signed(value: Any) -> str:
    return f"({_plain(value)})" if value < 0 else _plain(value)


def _plain(value: Any) -> str:
    """A whole number in full, any other to six digits."""
    return str(int(value)) if value == int(value) else f"{value:g}"

"""What the equation debugger knows of each layer: its sizes, and its true sums.

The truth is the definition and nothing else: the list of meetings. Output i and tap k meet at the input that
`window.Axis` names, given symbols in place of numbers, and z, ∂L/∂w and ∂L/∂x are the three sums over that list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sympy import Expr, Integer, KroneckerDelta, Mul, S, Sum, Symbol
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.notation import HAT, hat, symbol, symbols, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.window import Axis

Shapes = Mapping[str, tuple[Expr, ...]]
Indices = Sequence[Expr]
FORWARDS = ("correlation", "convolution")
CELLS = {"z": ("nf", "i"), "dw": ("fc", "k"), "dx": ("nc", "u"), "db": ("f", "")}  # what a cell's indices say
FACTORS = {"z": ("w", "x"), "dw": ("dz", "x"), "dx": ("dz", "w"), "db": ("dz",)}


class Setting(NamedTuple):
    """What one axis' stride, padding and dilation are; None stands for any."""

    stride: int | None = None
    padding: int | None = None
    dilation: int | None = None


class Layer:
    """One kind of layer: what its tensors are, and what its forward and backward sums must be."""

    shapes: Shapes

    def truth(self, name: str, at: Indices) -> Expr:
        """The sum that makes the cell of z, dw, db or dx at these indices."""
        raise NotImplementedError

    def known(self) -> Known:
        """What is known of the sizes."""
        return Known({}, self.shapes)

    @property
    def fixed(self) -> dict[Symbol, Expr]:
        """The settings that are not any number."""
        return {}

    def plain(self, e: Expr) -> Expr:
        """The expression with w_rot written as w."""
        return e

    @property
    def symbols(self) -> frozenset[Symbol]:
        """The sizes and settings that an equation may speak of."""
        return frozenset(size for sizes in self.shapes.values() for size in sizes if isinstance(size, Symbol))


@dataclass(frozen=True)
class AxisSymbols:
    """The symbols of one axis."""

    size: Symbol
    kernel: Symbol
    outputs: Symbol
    stride: Symbol
    padding: Symbol
    dilation: Symbol
    remainder: Symbol

    def input(self, i: Expr, k: Expr) -> Expr:
        """Where output i and tap k meet: the window's rule, in symbols."""
        axis: Any = Axis  # an axis of symbols
        sides = {"before": self.padding, "after": self.padding}
        return axis(self.size, self.kernel, self.outputs, self.stride, self.dilation, **sides).input(i, k)

    @property
    def relation(self) -> Expr:
        """The input's size in terms of the outputs, H = (O−1)·s + d(K−1) + 1 − 2p + ρ, where 0 ≤ ρ < s."""
        return self.input(self.outputs - 1, self.kernel - 1) + 1 - self.padding + self.remainder


@dataclass(frozen=True)
class Conv(Layer):
    """A convolution layer of one axis, of two, or of two with images, channels and filters.

    axes: 1 or 2; batched: with n, c, f; settings: one for each axis; shared: names that both axes share (plain K for
    K_h and K_w); flipped: it truly convolves, with the kernel turned; bias: it has one.
    """

    axes: int = 1
    batched: bool = False
    settings: tuple[Setting, ...] = (Setting(),)
    shared: frozenset[str] = frozenset()
    flipped: bool = False
    bias: bool = False

    @cached_property
    def spatial(self) -> tuple[AxisSymbols, ...]:
        """The symbols of each axis."""
        if self.axes == 1:
            return (self._axis("H", ""),)
        return self._axis("H", "_h"), self._axis("W", "_w")

    def _axis(self, size: str, suffix: str) -> AxisSymbols:
        names = [letter if letter in self.shared else letter + suffix for letter in "KOspd"]
        return AxisSymbols(*map(symbol, (size, *names, "ρ" + suffix)))

    @cached_property
    def shapes(self) -> Shapes:  # type: ignore[override]
        """The sizes of each tensor; a bias of one filter is a number."""
        N, C, F = symbols("N C F")
        x, w, z = (tuple(getattr(axis, name) for axis in self.spatial) for name in ("size", "kernel", "outputs"))
        if self.batched:
            x, w, z = (N, C, *x), (F, C, *w), (N, F, *z)
        return {"x": x, "dx": x, "w": w, "dw": w, "w_rot": w, "z": z, "dz": z} | (
            {"b": (F,), "db": (F,)} if self.batched else {"b": (), "db": ()}
        )

    def truth(self, name: str, at: Indices) -> Expr:
        """The definition: one list of meetings, summed over whatever the cell does not fix.

        Source: the forward pass and its partial derivatives; nothing is collapsed here.
        """
        if name == "w_rot":
            return self.plain(tensor("w_rot")[tuple(at)])
        index = {letter: symbols(names) for letter, names in self._bound.items()}
        place = index | self._split(name, at)
        meet = tuple(
            axis.input(i, axis.kernel - 1 - k if self.flipped else k)
            for axis, i, k in zip(self.spatial, place["i"], place["k"], strict=True)
        )
        inputs = place.get("u", meet)
        cells = {
            "x": lambda: hat("x")[(*place["n"], *place["c"], *inputs)],
            "w": lambda: tensor("w")[(*place["f"], *place["c"], *place["k"])],
            "dz": lambda: tensor("dz")[(*place["n"], *place["f"], *place["i"])],
        }
        deltas = (KroneckerDelta(u, v) for u, v in zip(inputs, meet, strict=True) if "u" in place)
        body = Mul(*(cells[factor]() for factor in FACTORS[name]), *deltas)
        limits = [
            (bound, S.Zero, size - 1)
            for letter, sizes in reversed(self._ranges.items())
            for bound, size in zip(index[letter][::-1], sizes[::-1], strict=True)
            if body.has(bound)
        ]
        total = Sum(body, *limits)
        return total + self._bias(place["f"]) if name == "z" and self.bias else total

    @property
    def symbols(self) -> frozenset[Symbol]:
        """The sizes and the settings."""
        return super().symbols.union(*((axis.stride, axis.padding, axis.dilation) for axis in self.spatial))

    @property
    def _ranges(self) -> dict[str, tuple[Expr, ...]]:
        """How far n, c, f, the output's and the tap's indices go."""
        N, C, F = ((size,) if self.batched else () for size in symbols("N C F"))
        outputs, taps = (tuple(getattr(axis, name) for axis in self.spatial) for name in ("outputs", "kernel"))
        return {"n": N, "c": C, "f": F, "i": outputs, "k": taps}

    @property
    def _bound(self) -> dict[str, str]:
        """Letters to sum over, primed so that no equation has them."""
        letters = {"n": "n″", "c": "c″", "f": "f″", "i": "i″ j″", "k": "k″ l″"}
        return {name: " ".join(letters[name].split()[: len(sizes)]) for name, sizes in self._ranges.items()}

    def _split(self, name: str, at: Indices) -> dict[str, Indices]:
        """The cell's indices as n, c, f, and output, tap or input."""
        first, place = CELLS[name]
        if not self.batched:
            return {place: tuple(at)} if place else {}
        found = {letter: (index,) for letter, index in zip(first, at, strict=False)}
        return found | ({place: tuple(at[len(first) :])} if place else {})

    def _bias(self, f: Indices) -> Expr:
        return tensor("b")[tuple(f)] if self.batched else symbol("b")

    @property
    def fixed(self) -> dict[Symbol, Expr]:
        """The settings that are not any number."""
        return {
            getattr(axis, name): Integer(value)
            for axis, setting in zip(self.spatial, self.settings, strict=True)
            for name, value in setting._asdict().items()
            if value is not None
        }

    def known(self) -> Known:
        """Each size in terms of the outputs; every remainder is smaller than the stride."""
        at_one = {axis.remainder: S.Zero for axis in self.spatial if self.fixed.get(axis.stride) == 1}
        fixed = self.fixed | at_one
        relations = {axis.size: axis.relation.xreplace(fixed) for axis in self.spatial} | fixed
        rho = {axis.remainder: (S.Zero, axis.stride - 1) for axis in self.spatial}
        return Known(rho, self.shapes, relations, tuple(axis.size - 1 for axis in self.spatial))

    def plain(self, e: Expr) -> Expr:
        """w_rot[k] = w[K − 1 − k]."""
        sizes = self.shapes["w"]
        still = len(sizes) - self.axes
        turned = {}
        for suffix in ("", HAT):
            base = tensor("w_rot" + suffix)
            for cell in [cell for cell in e.atoms(Indexed) if cell.base == base]:
                at = zip(cell.indices[still:], sizes[still:], strict=True)
                taps = (size - 1 - index for index, size in at)
                turned[cell] = tensor("w" + suffix)[(*cell.indices[:still], *taps)]
        return e.xreplace(turned)


@dataclass(frozen=True)
class Linear(Layer):
    """The dense layer z[m] = Σ_k w[m,k]·x[k], of one row or, batched, of N rows z[n,m]."""

    batched: bool = False
    bias: bool = False

    @cached_property
    def shapes(self) -> Shapes:  # type: ignore[override]
        """The sizes of each tensor: M outputs, K inputs, N rows."""
        N, M, K = symbols("N M K")
        rows = (N,) if self.batched else ()
        ends = {"x": (*rows, K), "dx": (*rows, K), "z": (*rows, M), "dz": (*rows, M)}
        return ends | {"w": (M, K), "dw": (M, K), "b": (M,), "db": (M,)}

    def truth(self, name: str, at: Indices) -> Expr:
        """z = w x + b, dx = wᵀ dz, dw = dz xᵀ, in indices."""
        N, M, K = symbols("N M K")
        n, m, k = symbols("n\u2033 m\u2033 k\u2033")
        w, x, dz = map(tensor, ("w", "x", "dz"))
        if name in ("z", "dx"):
            row = tuple(at[:-1])
            m, k = (at[-1], k) if name == "z" else (m, at[-1])
            if name == "dx":
                return Sum(w[m, k] * dz[(*row, m)], (m, 0, M - 1))
            total = Sum(w[m, k] * x[(*row, k)], (k, 0, K - 1))
            return total + tensor("b")[m] if self.bias else total
        row = (n,) if self.batched else ()
        product = dz[(*row, at[0])] * (x[(*row, at[1])] if name == "dw" else 1)
        return Sum(product, (n, 0, N - 1)) if self.batched else product

"""A brute-force evaluator of sums, and random sums to try it on: it shares no code with what it is an oracle for."""

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import (
    Add,
    Expr,
    Function,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    Sum,
    Symbol,
    ceiling,
    floor,
    oo,
)
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket, Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import HAT, hat, symbols, tensor

a, b, i, j, k, u, v = symbols("a b i j k u v")
N, M, K, s, d = symbols("N M K s d")
x, y, z, w = (tensor(name) for name in "xyzw")
x̂, ŷ = hat("x"), hat("y")
g = Function("g")
SIDE = 4  # cells of a random tensor along each axis
RANGES: dict[Symbol, tuple[Any, Any]] = {u: (0, 2), v: (-1, 1)}  # of the free indices
BOX = tuple((index, *ends) for index, ends in RANGES.items())
Scope = Mapping[Symbol, int]
Number = Any  # an int or a Fraction


# --- the oracle: loops ------------------------------------------------------------------------------------------------


class OutsideError(Exception):
    """A cell was read that is not there."""


class Brute:
    """What an expression stands for, worked out with Python's numbers and loops.

    cells[name][place] is a tensor's cell. Without cells there is one of every name at every whole place; a hatted
    tensor is 0 all around its SIDE cells either way.
    """

    def __init__(self, sizes: Mapping[str, int], cells: Mapping[str, Mapping[tuple[int, ...], int]] | None = None):
        self.sizes, self.cells = sizes, cells
        self.changed: dict[tuple[str, tuple[int, ...]], int] = {}  # by how much a cell differs, for slopes

    def value(self, e: Any, scope: Scope) -> Number:
        if e.is_Symbol:
            return scope[e] if e in scope else self.sizes[e.name]
        if e.is_Rational:
            return int(e) if e.is_Integer else Fraction(int(e.p), int(e.q))
        if e in (oo, -oo):
            return math.inf if e == oo else -math.inf
        if isinstance(e, Mul):
            return self.product(e, scope)
        if isinstance(e, Sum):
            return sum(self.value(e.function, inner) for inner in self.scopes(e.limits, scope))
        if isinstance(e, Largest):
            brackets = [part for part in Mul.make_args(e.function) if isinstance(part, Bracket)]
            taking_part = [
                inner for inner in self.scopes(e.limits, scope) if all(self.value(part, inner) for part in brackets)
            ]
            return max(self.value(e.function, inner) for inner in taking_part)
        values = [self.value(part, scope) for part in (e.indices if isinstance(e, Indexed) else e.args)]
        return self.cell(e, values) if isinstance(e, Indexed) else _operations(e)(*values)

    def product(self, e: Mul, scope: Scope) -> Number:
        """Where a bracket is 0, nothing else is looked at."""
        brackets = [part for part in e.args if isinstance(part, Bracket | KroneckerDelta)]
        if not all(self.value(part, scope) for part in brackets):
            return 0
        return math.prod(self.value(part, scope) for part in e.args if part not in brackets)

    def scopes(self, limits: Sequence[Any], scope: Scope) -> Iterator[Scope]:
        """The outermost limit is the last."""
        if not limits:
            yield scope
            return
        *inner, (index, low, high) = limits
        first, last = (self.value(end, scope) for end in (low, high))
        for at in range(_whole(first), _whole(last) + 1):
            yield from self.scopes(inner, {**scope, index: at})

    def cell(self, e: Indexed, places: Sequence[Number]) -> Number:
        label = str(e.base.label)
        name, hatted = label.removesuffix(HAT), label.endswith(HAT)
        inside = all(place == math.floor(place) and (not hatted or 0 <= place < SIDE) for place in places)
        at = tuple(map(math.floor, places))
        if self.cells is not None:
            inside = inside and at in self.cells[name]
        if not inside:
            if hatted:
                return 0
            raise OutsideError(f"{e} at {places}")
        known = self.cells[name][at] if self.cells is not None else _anywhere(name, at)
        return known + self.changed.get((name, at), 0)


def _whole(number: Number) -> int:
    assert number == math.floor(number), f"a sum to {number}"
    return math.floor(number)


def _anywhere(name: str, at: tuple[int, ...]) -> int:
    """A number for every cell of an endless tensor."""
    return (sum((7 + 4 * axis + at[axis]) * at[axis] for axis in range(len(at))) * 31 + 5 * ord(name[-1])) % 19 - 9


def _operations(e: Expr) -> Any:
    return next(operation for kind, operation in OPERATIONS.items() if isinstance(e, kind))


OPERATIONS: dict[Any, Any] = {
    Add: lambda *parts: sum(parts),
    Pow: lambda base, exponent: base**exponent if exponent >= 0 else Fraction(base) ** exponent,
    KroneckerDelta: lambda one, other: int(one == other),
    InRange: lambda at, low, high: int(low <= at <= high),
    Divides: lambda divisor, at: int(at % divisor == 0),
    Positive: lambda at: int(at > 0),
    floor: math.floor,
    ceiling: math.ceil,
    Max: max,
    Min: min,
    Mod: lambda at, divisor: at % divisor,
    AppliedUndef: lambda at: at * at + at,  # what g stands for
}


# --- random sums ------------------------------------------------------------------------------------------------------


class RandomSums:
    """Writes random nested sums over i, j, a, b around the free u and v: every name is used again and again.

    hats: how many of the tensors have zeros all around; deltas: how many products have one; dependent: limits may speak
    of the indices around them, be they free or bound; functions: sums may stand under a square or in g( ); near:
    indices such as i + j + 1, which often stay within a tensor.
    """

    def __init__(
        self,
        seed: int,
        *,
        hats: float = 0.4,
        dependent: bool = False,
        functions: bool = False,
        near: bool = False,
        deltas: float = 0.5,
    ) -> None:
        self.random = random.Random(seed)
        self.hats, self.dependent, self.functions, self.near, self.deltas = hats, dependent, functions, near, deltas

    @property
    def sizes(self) -> dict[str, int]:
        return {name: self.random.randint(1, 3) for name in "NMsd"}

    def linear(self, scope: Sequence[Symbol]) -> Expr:
        coefficients = (1,) if self.near else (1, 1, 1, -1, 2, -2, 3, -3, s, -d)
        chosen = self.random.sample(scope, min(len(scope), self.random.randint(1, 2)))
        return Add(
            self.random.randint(-2 + self.near, 2),
            *(self.random.choice(coefficients) * index for index in chosen),
        )

    def cell(self, scope: Sequence[Symbol]) -> Expr:
        name = self.random.choice("xy")
        return (hat(name) if self.random.random() < self.hats else tensor(name))[self.linear(scope)]

    def product(self, scope: Sequence[Symbol], depth: int) -> Expr:
        chance = self.random.random
        factors = [self.cell(scope) for _ in range(self.random.randint(1, 2))]
        if chance() < self.deltas:
            factors.append(KroneckerDelta(self.linear(scope), self.linear(scope)))
        if chance() < 0.4:
            other = self.random.choice(scope)
            ends = self.random.choice([(0, N - 1), (-1, M), (1, oo), (-30, oo), (-20, 20 * M), (other - 2, other + 2)])
            factors.append(InRange(self.linear(scope), *ends))
        if chance() < 0.15:
            factors.append(Divides(self.random.choice([2, 3, s]), self.linear(scope)))
        for _ in range(self.random.randint(0, 2) if depth else 0):
            inner = self.sum(scope, depth - 1)
            if self.functions and chance() < 0.5:
                inner = self.random.choice([inner**2, g(inner)])
            factors.append(inner)
        e = Mul(*factors)
        return e + self.random.randint(1, 3) * self.cell(scope) if chance() < 0.25 else e

    def sum(self, scope: Sequence[Symbol] = (u, v), depth: int = 1) -> Expr:
        chosen = self.random.sample((i, j, a, b), self.random.randint(1, 2))
        limits, around = [], list(scope)
        for index in reversed(chosen):
            limits.append((index, *self.ends(around)))
            around = [*around, index] if index not in around else around
        straight = depth and self.random.random() < 0.1  # SymPy makes one sum of Σ Σ, even over one name
        return Sum(self.sum(around, depth - 1) if straight else self.product(around, depth), *reversed(limits))

    def ends(self, around: Sequence[Symbol]) -> tuple[Any, Any]:
        """Some of the ranges are empty, some hold one value."""
        low, high = self.random.choice([0, 0, -1, 1]), self.random.choice([N - 1, M - 1, M, N - 2, 0])
        if self.dependent and self.random.random() < 0.5:
            other = self.random.choice(around)
            return self.random.choice([(low, other), (other, other + 1), (other - N, high), (Max(0, other), Min(M, 2))])
        return low, high


def points(count: int, seed: int) -> list[Scope]:
    """Some values of the free indices within their ranges."""
    everywhere = list(itertools.product(*(range(low, high + 1) for low, high in RANGES.values())))
    return [dict(zip(RANGES, at, strict=True)) for at in random.Random(seed).sample(everywhere, count)]

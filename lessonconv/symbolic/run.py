"""Run a line of a derivation: the numbers that a symbolic expression stands for, cell by cell.

Tensors are functions of their indices. A hatted one (x̂) is 0 outside; any other one raises when it is read outside, so
a slip in an index shows, instead of wrapping round to the other end as an array's index −1 would. Sums and products of
integers stay exact. Every index is an axis of one dense array, so this is for the sizes of a lesson.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sympy import (
    Abs,
    Add,
    Derivative,
    Expr,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    atan,
    ceiling,
    exp,
    floor,
    log,
    oo,
    tanh,
)
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import numerator_and_denominator
from lessonconv.symbolic.brackets import Bracket, Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import HAT, name_of, without_hat
from lessonconv.symbolic.sums import over_and_under, without

Array = npt.NDArray[Any]
Limits = tuple[tuple[Symbol, Any, Any], ...]
Mask = Any  # where the value counts: True, or an array of booleans
MOST = 2**22  # terms at a time: more is no lesson, and would fill the memory
FARAWAY = 2**40  # stands for ∞ as the end of a range of integers
_fraction = lru_cache(maxsize=4096)(numerator_and_denominator)  # the same few expressions in every layer


class OutsideError(IndexError):
    """A tensor was read where it has no cells."""

    def __init__(self, cell: Expr, shape: tuple[int, ...]) -> None:
        super().__init__(cell, shape)
        self.cell, self.shape = cell, shape

    def __str__(self) -> str:
        return f"{self.cell} is read outside of its {'×'.join(map(str, self.shape))} cells"


class Numbers:
    """What the symbols stand for: sizes by name, arrays by tensor name, and how one tensor moves with another.

    jacobians[("z", "w")] holds ∂z[…]/∂w[…], indexed by z's indices and then w's; functions[name] computes a function;
    most: how many terms may be worked out at a time.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        arrays: Mapping[str, Any],
        jacobians: Mapping[tuple[str, str], Array] | None = None,
        functions: Mapping[str, Callable[[Any], Any]] | None = None,
        most: int = MOST,
    ) -> None:
        self.sizes = dict(sizes)
        self.arrays = {name: _wide(np.asarray(array)) for name, array in arrays.items()}
        self.jacobians = dict(jacobians or {})
        self.functions = dict(functions or {})
        self.most = most

    def run(self, e: Expr, free: Limits) -> Array:
        """The values of e for all values of its free indices, an axis for each.

        Raises IndexError if a tensor is read outside, KeyError for a symbol or tensor without a value, MemoryError for
        more terms than may be worked out at a time.
        """
        ends = [(index, self._int(low), self._int(high)) for index, low, high in free]
        shape = tuple(high - low + 1 for _, low, high in ends)
        grid = _Grid(self, {}, 0)
        for index, low, high in reversed(ends):
            grid = grid.with_axis(index, low, high)
        return np.broadcast_to(np.asarray(grid.value(e, True)), shape).copy()

    def at(self, values: Mapping[Symbol, int]) -> "Numbers":
        """The same numbers, and one for each of these indices."""
        sizes = self.sizes | {index.name: value for index, value in values.items()}
        return Numbers(sizes, self.arrays, self.jacobians, self.functions, self.most)

    def value(self, e: Expr) -> Any:
        """The number that an expression without free indices stands for."""
        return np.asarray(_Grid(self, {}, 0).value(e, True)).item()

    def _int(self, e: Any) -> int:
        return int(self.value(Integer(e) if isinstance(e, int) else e))


def _wide(array: Array) -> Array:
    """Integers in 64 bits, so that a picture's bytes can be multiplied."""
    return array.astype(np.int64) if array.dtype.kind in "bui" else array


class _Grid:
    """The values that the indices in scope run through, each along an axis of its own."""

    def __init__(self, numbers: Numbers, indices: dict[Symbol, Array], axes: int, size: int = 1) -> None:
        self.numbers, self.indices, self.axes, self.size = numbers, indices, axes, size

    def with_axis(self, index: Symbol, low: int, high: int) -> "_Grid":
        size = self.size * max(1, high - low + 1)
        if size > self.numbers.most:
            raise MemoryError(f"{index} from {low} to {high} makes {size:,} terms; {self.numbers.most:,} are the most")
        values = np.arange(low, high + 1).reshape((-1,) + (1,) * self.axes)
        return _Grid(self.numbers, {**self.indices, index: values}, self.axes + 1, size)

    def value(self, e: Expr, mask: Mask) -> Any:
        for kind, method in _METHODS:
            if isinstance(e, kind):
                return method(self, e, mask)
        raise TypeError(f"{e} is a {type(e).__name__}, which has no numbers")

    def values(self, parts: Any, mask: Mask) -> list[Any]:
        return [self.value(part, mask) for part in parts]

    def symbol(self, e: Symbol, mask: Mask) -> Any:
        found = self.indices.get(e)
        return self.numbers.sizes[e.name] if found is None else found

    def cell(self, e: Indexed, mask: Mask) -> Any:
        name = name_of(e)
        array = self.numbers.arrays[without_hat(name)]
        return self._read(e, array, e.indices, name.endswith(HAT), mask)

    def derivative(self, e: Derivative, mask: Mask) -> Any:
        (wrt,) = e.variables
        name, indices = (e.expr.name, ()) if e.expr.is_Symbol else (name_of(e.expr), e.expr.indices)
        return self._read(e, self.numbers.jacobians[name, name_of(wrt)], (*indices, *wrt.indices), False, mask)

    def _read(self, e: Expr, array: Array, indices: Any, zeros_around: bool, mask: Mask) -> Any:
        inside: Any = True
        if zeros_around and not array.size:
            return 0
        if len(indices) != array.ndim:
            raise IndexError(f"{e} is read with {len(indices)} indices, but has {array.ndim}")
        places = []
        for index, size in zip(indices, array.shape, strict=True):
            place, whole = self._place(index, mask)
            inside = inside & whole & (place >= 0) & (place < size)
            places.append(np.minimum(np.maximum(place, 0), size - 1))  # np.clip is slow for few
        if not zeros_around and np.any(mask & np.logical_not(inside)):
            raise OutsideError(e, array.shape)
        found = array[tuple(np.broadcast_arrays(*places))] if places else array[()]
        return np.where(inside, found, 0) if found.dtype != object else found * np.where(inside, 1, 0)

    def _place(self, index: Expr, mask: Mask) -> tuple[Any, Any]:
        """An index's value, and where it is a whole number."""
        if index.is_integer:
            return self.value(index, mask), True
        numerator, denominator = self.values(_fraction(index), mask)
        return numerator // denominator, numerator % denominator == 0

    def in_range(self, e: InRange, mask: Mask) -> Any:
        at, low, high = e.args
        return (self._at_most(low, at, mask) & self._at_most(at, high, mask)) * 1

    def _at_most(self, one: Expr, other: Expr, mask: Mask) -> Any:
        """one ≤ other; exact for fractions too, which floating-point numbers would round."""
        if all(end.is_integer or end.is_infinite or end.is_integer is None for end in (one, other)):
            return np.asarray(self.value(one, mask)) <= self.value(other, mask)
        numerator, denominator = self.values(_fraction(other - one), mask)
        return np.asarray(numerator * denominator) >= 0

    def divides(self, e: Divides, mask: Mask) -> Any:
        divisor, at = self.values(e.args, mask)
        return (at % divisor == 0) * 1

    def positive(self, e: Positive, mask: Mask) -> Any:
        return (np.asarray(self.value(e.args[0], mask)) > 0) * 1

    def delta(self, e: KroneckerDelta, mask: Mask) -> Any:
        one, other = e.args
        if one.is_integer and other.is_integer:
            return (np.asarray(self.value(one, mask)) == self.value(other, mask)) * 1
        numerator, _ = _fraction(one - other)
        return (np.asarray(self.value(numerator, mask)) == 0) * 1

    def family(self, e: Any, mask: Mask) -> Any:
        values = self._over(e.limits, e, mask)
        if isinstance(e, Largest) and np.any(mask & (np.asarray(values) == -FARAWAY)):
            raise ValueError("the largest of none is asked for")
        return values

    def competitor(self, e: Expr, mask: Mask) -> Any:
        """What takes part in a maximum: −∞ where a bracket is 0."""
        brackets = [factor for factor in Mul.make_args(e) if isinstance(factor, Bracket)]
        takes_part = np.asarray(self.value(Mul(*brackets), mask)) != 0
        return np.where(takes_part, self.value(without(e, *brackets), mask & takes_part), -FARAWAY)

    def _over(self, limits: Any, e: Any, mask: Mask) -> Any:
        """The sum, or the largest, of e's body over these limits, the outermost last: each along a new first axis."""
        *inner, (index, low, high) = limits
        nothing = 0 if isinstance(e, Sum) else -FARAWAY
        low, high = map(np.asarray, self.values((low, high), mask))
        if not low.size or not high.size:  # a free index has no values
            return np.zeros(np.broadcast_shapes(low.shape, high.shape), int)
        first, last = int(np.min(low)), int(np.max(high))
        if last < first:
            return nothing
        grid = self.with_axis(index, first, last)
        counts = (low <= grid.indices[index]) & (grid.indices[index] <= high)
        if inner:
            values = grid._over(inner, e, mask & counts)
        else:
            values = (grid.value if isinstance(e, Sum) else grid.competitor)(e.function, mask & counts)
        values = np.where(counts, values, nothing)
        return values.sum(axis=0) if isinstance(e, Sum) else values.max(axis=0)

    def product(self, e: Mul, mask: Mask) -> Any:
        """Brackets first: where one is 0, the other factors are not looked at, and may be read outside."""
        brackets = [factor for factor in e.args if isinstance(factor, Bracket | KroneckerDelta)]
        negative, above, below = over_and_under(e)  # divided last, so that (7·6)/6 is exactly 7
        result: Any = -1 if negative else 1
        for bracket in brackets:
            result = result * self.value(bracket, mask)
        if not brackets:
            return self._multiplied(result, above, below, mask)
        holds = np.asarray(result) != 0
        with np.errstate(all="ignore"):  # where no bracket holds, a 0 may be divided by
            rest = [factor for factor in above if factor not in brackets]
            product = self._multiplied(np.asarray(result), rest, below, mask & holds)
            return np.where(holds, product, 0)

    def _multiplied(self, result: Any, above: Sequence[Expr], below: Sequence[Expr], mask: Mask) -> Any:
        for factor in above:
            result = result * self.value(factor, mask)
        for factor in below:
            result = result / self.value(factor, mask)
        return result

    def add(self, e: Add, mask: Mask) -> Any:
        first, *rest = self.values(e.args, mask)
        return sum(rest, first)

    def power(self, e: Pow, mask: Mask) -> Any:
        base, exponent = self.values(e.args, mask)
        return base**exponent if np.all(np.asarray(exponent) >= 0) else np.asarray(base, float) ** exponent

    def rounded(self, e: Any, mask: Mask) -> Any:
        numerator, denominator = self.values(_fraction(e.args[0]), mask)
        return numerator // denominator if isinstance(e, floor) else -(-numerator // denominator)

    def function(self, e: Any, mask: Mask) -> Any:
        return self.numbers.functions[e.func.__name__](self.value(e.args[0], mask))


def _of(function: Callable[..., Any]) -> Callable[[_Grid, Expr, Mask], Any]:
    return lambda grid, e, mask: function(*grid.values(e.args, mask))


def _reduced(function: Any) -> Callable[[_Grid, Expr, Mask], Any]:
    return lambda grid, e, mask: function.reduce(np.broadcast_arrays(*grid.values(e.args, mask)))


_METHODS: list[tuple[Any, Callable[[_Grid, Any, Mask], Any]]] = [
    (Integer, lambda grid, e, mask: int(e)),
    (Symbol, _Grid.symbol),
    (Indexed, _Grid.cell),
    (Mul, _Grid.product),
    (Add, _Grid.add),
    (Sum | Largest, _Grid.family),
    (InRange, _Grid.in_range),
    (KroneckerDelta, _Grid.delta),
    (Divides, _Grid.divides),
    (Positive, _Grid.positive),
    (Derivative, _Grid.derivative),
    (floor | ceiling, _Grid.rounded),
    (Max, _reduced(np.maximum)),
    (Min, _reduced(np.minimum)),
    (Mod, _of(np.mod)),
    (exp, _of(np.exp)),
    (log, _of(np.log)),
    (tanh, _of(np.tanh)),
    (atan, _of(np.arctan)),
    (Abs, _of(np.abs)),
    (AppliedUndef, _Grid.function),
    (Pow, _Grid.power),
    (Rational, lambda grid, e, mask: float(e)),
    (type(oo), lambda grid, e, mask: FARAWAY),
    (type(-oo), lambda grid, e, mask: -FARAWAY),
]

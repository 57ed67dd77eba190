"""A sum written out for one cell, product by product: dz[0]·w[2] + dz[1]·w[0] = 3·2 + 1·5 = 11."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from sympy import Add, Expr, KroneckerDelta, Mul, Pow, Sum, Symbol
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import numerator_and_denominator
from lessonconv.symbolic.brackets import Bracket
from lessonconv.symbolic.notation import HAT, name_of, without_hat
from lessonconv.symbolic.run import Numbers

MOST = 6  # products that are written out; longer sums are shortened
MOST_STEPS = 20_000


class UnreadableError(IndexError):
    """A tensor is read where it has no cells; the message says at which place."""


class Cell(NamedTuple):
    """One cell that is read: w[2], and the number in it."""

    name: str
    value: int


class Product(NamedTuple):
    """coefficient·cell·cell…"""

    coefficient: Any
    cells: tuple[Cell, ...]

    @property
    def value(self) -> Any:
        """The product's number."""
        return self.coefficient * prod(cell.value for cell in self.cells)

    def text(self) -> str:
        """dz[0]·w[2]"""
        return self._joined([cell.name for cell in self.cells])

    def numbers(self) -> str:
        """3·2"""
        return self._joined([str(cell.value) for cell in self.cells])

    def _joined(self, factors: list[str]) -> str:
        ahead = number(abs(self.coefficient))
        shown = factors if self.coefficient in (1, -1) and factors else [ahead, *factors]
        return "−" * bool(self.coefficient < 0) + "·".join(shown)


@dataclass(frozen=True)
class Written:
    """A sum of products."""

    products: tuple[Product, ...]

    @property
    def value(self) -> Any:
        """The sum."""
        total = sum(product.value for product in self.products)
        return int(total) if total == int(total) else total

    def __str__(self) -> str:
        value = number(self.value)
        if not self.products:
            return "0, an empty sum"
        if not any(product.cells for product in self.products):
            return value
        names, numbers = (_sum([f(product) for product in self.products]) for f in (Product.text, Product.numbers))
        return f"{names} = {numbers}" if numbers == value else f"{names} = {numbers} = {value}"


def _sum(terms: list[str]) -> str:
    """Terms with their signs; of a long sum the first ones, and how many there are."""
    shown = terms if len(terms) <= MOST else terms[: MOST - 2]
    joined = shown[0] + "".join(f" − {term[1:]}" if term[0] == "−" else f" + {term}" for term in shown[1:])
    return joined if len(terms) <= MOST else f"{joined} + … ({len(terms)} products)"


def number(value: Any) -> str:
    """A number as one writes it: with a true minus sign, and no more digits than are of use."""
    return f"{value:.6g}".replace("-", "−") if isinstance(value, float) else str(value).replace("-", "−")


def written(e: Expr, numbers: Numbers, values: Mapping[Symbol, int]) -> Written:
    """The sum with numbers put for its free indices. Products with a 0 from around a hatted tensor are left out.

    Raises UnreadableError where a tensor is read outside its cells, or between them, and MemoryError for sums that are
    too long.
    """
    return Written(tuple(_Writer().products(e, numbers.at(values))))


class _Writer:
    """Walks through a sum, term by term."""

    def __init__(self) -> None:
        self.steps = 0

    def products(self, e: Expr, numbers: Numbers) -> list[Product]:
        """The sum's products, each with its numbers."""
        if isinstance(e, Add):
            return [product for term in sorted(e.args, key=str) for product in self.products(term, numbers)]
        if isinstance(e, Sum):
            return self.summed(e, numbers)
        if isinstance(e, Indexed):
            return _cell(e, numbers)
        if isinstance(e, Mul):
            return self.multiplied(e, numbers)
        if isinstance(e, Pow) and e.exp.is_Integer and e.exp > 1 and e.has(Indexed):
            return _times([self.products(e.base, numbers)] * int(e.exp))
        value = numbers.value(e)
        return [Product(value, ())] if value != 0 else []

    def summed(self, e: Sum, numbers: Numbers) -> list[Product]:
        """The outermost sum's terms, one value of its index after the other."""
        *inner, (index, low, high) = e.limits
        body = Sum(e.function, *inner) if inner else e.function
        first, last = int(numbers.value(low)), int(numbers.value(high))
        self.steps += max(0, last + 1 - first)
        if self.steps > MOST_STEPS:
            raise MemoryError(f"{index} from {first} to {last} makes a sum of more than {MOST_STEPS:,} terms")
        found = []
        for value in range(first, last + 1):
            found += self.products(body, numbers.at({index: value}))
        return found

    def multiplied(self, e: Mul, numbers: Numbers) -> list[Product]:
        """Brackets first: where one is 0, nothing else is looked at."""
        reading = sorted((factor for factor in e.args if factor.has(Indexed)), key=_place)
        scalars = [factor for factor in e.args if factor not in reading]
        conditions = [factor for factor in scalars if isinstance(factor, Bracket | KroneckerDelta)]
        if any(numbers.value(condition) == 0 for condition in conditions):
            return []
        coefficient = numbers.value(Mul(*(factor for factor in scalars if factor not in conditions)))
        return _times([[Product(coefficient, ())], *(self.products(factor, numbers) for factor in reading)])


def _place(factor: Expr) -> tuple[bool, str]:
    """A single cell before a sum, and dz before w before x."""
    return factor.has(Sum), str(factor)


def _times(factors: list[list[Product]]) -> list[Product]:
    found = []
    for combination in itertools.product(*factors):
        coefficient = prod(product.coefficient for product in combination)
        cells = tuple(cell for product in combination for cell in product.cells)
        found.append(Product(coefficient, cells))
    return found


def _cell(e: Indexed, numbers: Numbers) -> list[Product]:
    """The cell as a product of one; none where a hatted tensor is 0."""
    name = name_of(e)
    array = numbers.arrays[without_hat(name)]
    places = [_index(index, numbers) for index in e.indices]
    shown = f"{without_hat(name)}[{','.join(map(number, places))}]"
    inside = all(0 <= place < size for place, size in zip(places, array.shape, strict=True))
    if inside and all(place.denominator == 1 for place in places):
        return [Product(1, (Cell(shown, int(array[tuple(map(int, places))])),))]
    if name.endswith(HAT):
        return []
    cells = "×".join(map(str, array.shape))
    how = f"outside of its {cells} cell{'s' * (cells != '1')}" if not inside else "between its cells"
    raise UnreadableError(f"{shown} is read, {how}")


def _index(e: Expr, numbers: Numbers) -> Fraction:
    if e.is_integer:
        return Fraction(int(numbers.value(e)))
    numerator, denominator = numerator_and_denominator(e)
    return Fraction(int(numbers.value(numerator)), int(numbers.value(denominator)))

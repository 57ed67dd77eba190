"""Expressions as Python."""

import keyword
from collections.abc import Callable
from typing import Any

from sympy import (
    Add,
    Derivative,
    Expr,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    ceiling,
    floor,
    sympify,
)
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import numerator_and_denominator
from lessonconv.symbolic.brackets import Bracket, Divides, InRange
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.language.text import text
from lessonconv.symbolic.notation import GREEK, HAT, fresh, name_of, symbol, without_hat
from lessonconv.symbolic.source.formula import Formula
from lessonconv.symbolic.source.order import FUNCTIONS, SETTINGS, in_order, is_arithmetic, place_in_product
from lessonconv.symbolic.sums import over_and_under

IN_USE = {*keyword.kwlist, *SETTINGS.values(), "np", "as_strided", "range", "sum", "max", "min", "int"}
SUM, PRODUCT, FACTOR, ATOM = range(1, 5)  # how tightly code holds together; 0 accepts everything


class Writer:
    """Writes expressions as Python, and keeps track of names. used: the symbols that were written."""

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self.used: set[Symbol] = set()
        self._names: dict[Any, str] = {}
        for name in [*formula.tensors, formula.output]:
            self.tensor(name)
        bound = {limit[0] for family in formula.body.atoms(Sum, Largest) for limit in family.limits}
        every = formula.symbols | bound | set(formula.ranges)
        for one in sorted(every, key=lambda one: (one.name.count("′"), one.name)):
            self.name(one)
        self.used.clear()

    def name(self, one: Symbol) -> str:
        """The symbol's name in code."""
        self.used.add(one)
        return self._legal(one, one.name)

    def tensor(self, name: str) -> str:
        """The array's name in code."""
        return self._legal(without_hat(name), without_hat(name))

    def function(self, e: Expr) -> str:
        """The name of a function that is an argument."""
        name = e.func.__name__
        return self._legal(("function", name), name.replace("′", "_prime"))

    def _legal(self, key: Any, name: str) -> str:
        """Greek letters by their names; k′ is k2, k′′ is k3, and a name that is taken goes on counting."""
        if key not in self._names:
            plain = name.rstrip("′")
            number = len(name) - len(plain) + 1
            for roman, letter in GREEK.items():
                plain = plain.replace(letter, roman)
            taken = {*IN_USE, *self._names.values()}
            while (legal := plain if number == 1 else f"{plain}{number}") in taken:
                number += 1
            self._names[key] = legal
        return self._names[key]

    def code(self, e: Any, level: int = 0) -> str:
        """The expression as Python, in parentheses if it holds together less tightly than asked."""
        e = sympify(e)
        for kind, write in _WRITERS:
            if isinstance(e, kind):
                written, own = write(self, e)
                return f"({written})" if own < level else str(written)
        if isinstance(e, Derivative):
            raise ValueError(f"{text(e)} has no code, as the derivative is not done yet; take a later line")
        raise ValueError(f"{e} is a {type(e).__name__}, which has no code; put something else for it")

    def signed_parts(self, e: Expr) -> tuple[str, list[str]]:
        """The sign, "-" or nothing, and what follows it, cut where a line may be broken: dz[i], * x[u], / K."""
        if isinstance(e, Add):
            signed = [(minus, " ".join(parts)) for minus, parts in map(self.signed_parts, in_order(e))]
            (minus, first), *others = signed
            return "", [minus + first, *(f"{minus or '+'} {code}" for minus, code in others)]
        coefficient, rest = e.as_coeff_Mul()
        return "-" * bool(coefficient.is_negative), self._multiplied(abs(coefficient) * rest)

    def _multiplied(self, e: Expr) -> list[str]:
        """A product without a sign. One of sizes, indices and settings is written closely, as in i*s_h + k*d_h."""
        above, below = fraction(e)
        if above and all(isinstance(factor, Bracket | KroneckerDelta) for factor in above):
            codes = [f"int({' and '.join(map(self.condition, above))})"]  # NumPy has no difference of bools
        else:
            alone = PRODUCT if len(above) == 1 and not below else FACTOR
            codes = [self._factor(factor, alone) for factor in above] or ["1"]
        first, *others = ["*".join(codes)] if is_arithmetic(e) else codes
        closely = ("*" if all(map(is_arithmetic, below)) else " * ").join(map(self._factor, below))
        divided = [f"/ ({closely})" if len(below) > 1 else f"/ {closely}"] if below else []
        return [first, *(f"* {code}" for code in others), *divided]

    def _factor(self, e: Expr, level: int = FACTOR) -> str:
        return f"({self.condition(e)})" if isinstance(e, Bracket | KroneckerDelta) else self.code(e, level)

    def product(self, e: Expr) -> tuple[str, int]:
        minus, parts = self.signed_parts(e)
        return minus + " ".join(parts), SUM if minus else PRODUCT if len(parts) > 1 or e.is_Mul else ATOM

    def condition(self, e: Expr) -> str:
        """A bracket as a condition."""
        if isinstance(e, InRange):
            at, low, high = e.args
            strict = isinstance(high, Add) and high.as_coeff_Add()[0] == -1
            above = f"< {self.code(high + 1)}" if strict else f"<= {self.code(high)}"
            return f"{self.code(low)} <= {self.code(at)} {above}"
        if isinstance(e, Divides):
            return f"{self.code(e.args[1], PRODUCT)} % {self.code(e.args[0], FACTOR)} == 0"
        if isinstance(e, KroneckerDelta):
            one, other = sorted(e.args, key=lambda side: not side.has(Indexed))
            return f"{self.code(one)} == {self.code(other)}"
        return f"{self.code(e.args[0])} > 0"

    def cell(self, e: Indexed) -> tuple[str, int]:
        """A cell that is read. A zero-extended one needs a condition around it, which is not an expression's to ask."""
        if name_of(e).endswith(HAT):
            raise ValueError(f"{text(e)} has no code where it is not a factor: a condition must ask if it is inside")
        return f"{self.tensor(name_of(e))}[{', '.join(map(self.index, e.indices))}]", ATOM

    def index(self, index: Expr) -> str:
        """A fraction is a whole number here: n // d."""
        return self._quotient(index) if is_fraction(index) else self.code(index)

    def _quotient(self, e: Expr) -> str:
        numerator, denominator = numerator_and_denominator(e)
        return f"{self.code(numerator, FACTOR)} // {self.code(denominator, FACTOR)}"

    def rounded(self, e: Expr) -> tuple[str, int]:
        """⌊n/d⌋ as n // d, ⌈n/d⌉ as -(-n // d)."""
        quotient = self._quotient(e.args[0])
        return (quotient, PRODUCT) if isinstance(e, floor) else (f"-(-{quotient})", SUM)

    def power(self, e: Pow) -> tuple[str, int]:
        if e.exp.is_negative:
            return self.product(e)
        return f"{self.code(e.base, ATOM)}**{self.code(e.exp, ATOM)}", FACTOR

    def extreme(self, e: Any) -> tuple[str, int]:
        """max(0, …): numbers first, what is rounded last."""
        args = sorted(e.args, key=lambda arg: (not arg.is_number, arg.has(floor, ceiling), str(arg)))
        return f"{'max' if isinstance(e, Max) else 'min'}({', '.join(map(self.code, args))})", ATOM

    def called(self, e: Expr) -> tuple[str, int]:
        name = self.function(e) if isinstance(e, AppliedUndef) else FUNCTIONS[e.func]
        return f"{name}({', '.join(map(self.code, e.args))})", ATOM


_WRITERS: list[tuple[Any, Callable[[Writer, Any], tuple[str, int]]]] = [
    (Integer, lambda writer, e: (str(e), ATOM if e >= 0 else SUM)),
    (Symbol, lambda writer, e: (writer.name(e), ATOM)),
    (Indexed, Writer.cell),
    (Add, lambda writer, e: (" ".join(writer.signed_parts(e)[1]), SUM)),
    (Mul | Rational | Bracket | KroneckerDelta, Writer.product),
    (floor | ceiling, Writer.rounded),
    (Max | Min, Writer.extreme),
    ((*FUNCTIONS, AppliedUndef), Writer.called),
    (Pow, Writer.power),
]


def is_fraction(e: Expr) -> bool:
    """Is something divided in it?"""
    return any(not part.is_integer for part in e.atoms(Pow, Rational))


def fraction(e: Expr) -> tuple[list[Expr], list[Expr]]:
    """The factors above and below the fraction bar, as a person would order them."""
    negative, above, below = over_and_under(e)
    above = [S.NegativeOne, *above] if negative else above
    return sorted(above, key=place_in_product), sorted(below, key=place_in_product)


def index_for(size: Expr, taken: set[Symbol]) -> Symbol:
    """An index for an axis of that size: k and l for taps, i and j for outputs, u and v for anything else."""
    name = str(size)
    pair = {"K": "kl", "O": "ij"}.get(name[0], "uv")
    one = symbol(pair[name == "W" or name.endswith("_w")])
    return fresh(one, taken) if one in taken else one

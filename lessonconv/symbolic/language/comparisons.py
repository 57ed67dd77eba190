"""What [a ≤ e < b], [i < j], [z[i] > 0] and [a = b] mean: comparisons as brackets, as few as possible."""

from sympy import Expr, KroneckerDelta, Mul, Symbol, expand, oo

from lessonconv.symbolic.bounds import numerator_and_denominator
from lessonconv.symbolic.brackets import InRange, Positive
from lessonconv.symbolic.notation import symbol

MIRRORED = {"<": ">", "≤": "≥", ">": "<", "≥": "≤", "=": "="}


def holds(sides: list[Expr], signs: list[str]) -> Expr:
    """The bracket of a chain of comparisons, as few brackets as possible."""
    if len(signs) == 2 and {*signs} <= {">", "≥"}:
        sides, signs = sides[::-1], ["<" if sign == ">" else "≤" for sign in reversed(signs)]
    if len(signs) == 2 and {*signs} <= {"<", "≤"}:
        low, e, high = sides
        return _between(low, e, high, strict=tuple(sign == "<" for sign in signs))
    return Mul(*(_compared(a, sign, b) for a, sign, b in zip(sides, signs, sides[1:], strict=False)))


def _between(low: Expr, e: Expr, high: Expr, strict: tuple[bool, ...]) -> Expr:
    """[low ≤ e ≤ high], or < where it is strict: for whole numbers, one less. A fraction e = n/d is compared by n."""
    above, below = map(int, strict)
    if any(strict) and not e.is_integer:
        n, d = numerator_and_denominator(e)
        if not (n.is_integer and d.is_positive):
            return _compared(low, "<≤"[not above], e) * _compared(e, "<≤"[not below], high)
        low, e, high = expand(low * d), n, expand(high * d)
    return InRange(e, low + above, high - below)


def _compared(a: Expr, sign: str, b: Expr) -> Expr:
    """One comparison: an InRange that is open to one side, of the side with an index; for real numbers a Positive."""
    if not _has_index(a):
        a, sign, b = b, MIRRORED[sign], a
    if sign == "=":
        return KroneckerDelta(a, b)
    if sign in "≤≥":
        return InRange(a, -oo, b) if sign == "≤" else InRange(a, b, oo)
    if a.is_integer and b.is_integer:
        return InRange(a, -oo, b - 1) if sign == "<" else InRange(a, b + 1, oo)
    difference = a - b if sign == ">" else b - a
    n, d = numerator_and_denominator(difference)
    return InRange(n, 1, oo) if n.is_integer and d.is_positive else Positive(difference)


def is_index(name: str) -> bool:
    """An index, and no size or setting: nothing is known of its sign."""
    return symbol(name).is_positive is None and symbol(name).is_nonnegative is None


def _has_index(e: Expr) -> bool:
    return any(is_index(letter.name) for letter in e.atoms(Symbol))

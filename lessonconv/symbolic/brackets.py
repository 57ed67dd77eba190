"""Iverson brackets: [statement] is 1 where the statement holds and 0 where it does not.

They say in one factor what a case distinction says in a page, and sums can be done over them. SymPy's KroneckerDelta is
the bracket [a = b]; these are the others. A bracket is a step: its derivative is 0 wherever it has one.
Source: Graham, Knuth & Patashnik, "Concrete Mathematics", §2.1; Knuth 1992, "Two notes on notation".
"""

from typing import Any

from sympy import Add, Expr, S, expand, sympify


class Bracket(Expr):
    """Any of the brackets below: an integer, 0 or 1."""

    is_commutative = True
    is_integer = True
    is_nonnegative = True
    is_finite = True

    def _eval_derivative(self, _: Any) -> Expr:
        return S.Zero

    def _eval_power(self, exponent: Expr) -> Expr | None:
        return self if exponent.is_positive else None


class InRange(Bracket):
    """[lo ≤ e ≤ hi]; 1 or 0 at once where that is certain. A one-sided bracket has lo = −oo or hi = oo."""

    def __new__(cls, e: Any, lo: Any, hi: Any) -> Any:
        e, lo, hi = sympify(e), sympify(lo), sympify(hi)
        below, above = expand(e - lo), expand(hi - e)
        if below.is_extended_nonnegative and above.is_extended_nonnegative:
            return S.One
        if below.is_negative or above.is_negative:
            return S.Zero
        return Expr.__new__(cls, e, lo, hi)


class Divides(Bracket):
    """[d ∣ e]: e is a multiple of d. Multiples of d are dropped from e."""

    def __new__(cls, d: Any, e: Any) -> Any:
        d, e = sympify(d), expand(e)
        rest = Add(*(term for term in Add.make_args(e) if not (term / d).is_integer))
        if d == 1 or rest == 0:
            return S.One
        if d.is_Integer and rest.is_Integer:
            return S.One if rest % d == 0 else S.Zero
        return Expr.__new__(cls, d, rest)


class Positive(Bracket):
    """[e > 0]."""

    def __new__(cls, e: Any) -> Any:
        e = sympify(e)
        if e.is_positive:
            return S.One
        if e.is_nonpositive:
            return S.Zero
        return Expr.__new__(cls, e)

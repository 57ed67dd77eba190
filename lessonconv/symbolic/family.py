"""The largest of a family of numbers, as SymPy's Sum is their sum: max over k = lo … hi of f(k)."""

from sympy.concrete.expr_with_limits import ExprWithLimits


class Largest(ExprWithLimits):
    """Largest(f, (k, lo, hi), …): the largest f. A bracket in f is a condition: where it is 0, f does not compete."""

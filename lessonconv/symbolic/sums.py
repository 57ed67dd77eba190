"""Sums with bound indices: substitute without capture, bring every sum to the front.

SymPy substitutes into a sum without looking at what the sum binds: Sum(x[i+k], (k, 0, K-1)).subs(i, k) is a sum over
x[2k], and the derivative of Sum(x[i], ...) with respect to x[i] is Sum(1). Here bound indices step aside first.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sympy import Add, Expr, Integer, KroneckerDelta, Mul, Pow, Rational, S, Sum, Symbol, expand
from sympy.concrete.expr_with_limits import ExprWithLimits

from lessonconv.symbolic.notation import fresh

Limit = tuple[Symbol, Expr, Expr]
Rule = Callable[["Term"], "Term"]


class Term(NamedTuple):
    """A product and what it is summed over, innermost first: Σ … Σ body. No two of the limits share an index.

    An index means something in the body and in the limits before its own. Made by `terms`, it also stands apart from
    the sums inside its body (in functions and denominators): none of them binds an index of the term, or a free one.
    """

    body: Expr
    limits: tuple[Limit, ...]

    @property
    def bound(self) -> list[Symbol]:
        return [index for index, _, _ in self.limits]

    @property
    def letters(self) -> set[Any]:
        """Every symbol in it, free or bound."""
        return letters(self.body).union(*(letters(part) for limit in self.limits for part in limit))

    def closed(self) -> Expr:
        """The term as one expression again."""
        return Sum(self.body, *self.limits) if self.limits and self.body != 0 else self.body

    def put(self, index: Symbol, value: Expr) -> "Term":
        """The term with a value for one of its indices, whose sum is gone."""
        place = self.bound.index(index)
        names = {index: value}
        inner = [tuple(part.xreplace(names) for part in limit) for limit in self.limits[:place]]
        return Term(self.body.xreplace(names), (*inner, *self.limits[place + 1 :]))

    def renamed(self, index: Symbol, name: Symbol) -> "Term":
        """The term with another letter for one of its indices."""
        place = self.bound.index(index)
        _, low, high = self.limits[place]
        inner, outer = self.limits[:place], self.limits[place + 1 :]
        rest = Term(self.body, (*inner, (index, low, high))).put(index, name)
        return Term(rest.body, (*rest.limits, (name, low, high), *outer))

    def apart_from(self, used: Iterable[Any]) -> "Term":
        """The same term with none of its bound indices in `used`."""
        used, term = set(used), self
        for index in self.bound:
            if index in used:
                term = term.renamed(index, fresh(index, used | term.letters))
        return term


def letters(e: Expr) -> set[Any]:
    """Every symbol in it, free or bound."""
    return set(e.atoms(Symbol))


def substitute(e: Expr, values: Mapping[Any, Expr]) -> Expr:
    """Put values for free indices. A bound index of the same name stays, one that a value speaks of steps aside."""
    values = {index: value for index, value in values.items() if index != value}
    if not values or not letters(e) & set(values):
        return e
    return set_apart(e, set(values).union(*map(letters, values.values()))).xreplace(dict(values))


def set_apart(e: Expr, used: set[Any]) -> Expr:
    """The same expression with no sum in it binding an index in `used`."""
    if not e.has(ExprWithLimits):
        return e
    if not isinstance(e, ExprWithLimits):
        return e.func(*(set_apart(part, used) for part in e.args))
    term = _nested(Term(set_apart(e.function, used), ()), e).apart_from(used)
    limits = ([index, set_apart(low, used), set_apart(high, used)] for index, low, high in term.limits)
    return e.func(term.body, *limits)


def _nested(term: Term, e: ExprWithLimits) -> Term:
    """The term within the limits of e. SymPy writes Σ_i Σ_i as one sum with two limits: the inner i steps aside."""
    for index, low, high in e.limits:
        term = term.apart_from({index})
        term = Term(term.body, (*term.limits, (index, low, high)))
    return term


def terms(e: Expr) -> list[Term]:
    """The expression as a list of terms, their sums in front: Σ a·(Σ b + c) becomes Σ Σ a·b and Σ a·c.

    Sums inside a function or a denominator stay where they are.
    """
    return [_aloof(term) for term in _terms(e)]


def _aloof(term: Term) -> Term:
    """The same term with no sum in its body binding one of its indices, or a free one."""
    if not term.body.has(ExprWithLimits):
        return term
    used = set(term.bound) | term.closed().free_symbols
    return Term(set_apart(term.body, used), term.limits)


def _terms(e: Expr) -> list[Term]:
    if e.is_Add:
        return [term for part in e.args for term in _terms(part)]
    if isinstance(e, Sum):
        around = {symbol for limit in e.limits for symbol in letters(limit)}
        inner = (term.apart_from(around) for term in _terms(e.function))
        return [_nested(term, e) for term in inner if term.body != 0]
    if e.is_Mul:
        products = [Term(S.One, ())]
        for factor in e.args:
            split = _terms(factor) if factor.has(Sum, KroneckerDelta) else [Term(factor, ())]
            products = [_times(one, other) for one in products for other in split]
        return products
    return [Term(e, ())]


def _times(one: Term, other: Term) -> Term:
    """The product of two terms, whose sums must not share an index nor bind what is free in the other."""
    one = one.apart_from(other.letters) if one.limits else one
    other = other.apart_from(one.letters) if other.limits else other
    return Term(one.body * other.body, (*other.limits, *one.limits))


def flatten(e: Expr) -> Expr:
    """Every sum to the front of its term."""
    return Add(*(term.closed() for term in terms(e)))


def each_term(e: Expr, rule: Rule) -> Expr:
    """The expression with a rule applied to each of its terms."""
    return Add(*(rule(term).closed() for term in terms(e)))


def factors(e: Expr, kind: Any = Expr) -> list[Any]:
    """The factors of a product that are of one kind, in an order that does not depend on the day."""
    found = [factor for factor in Mul.make_args(e) if isinstance(factor, kind)]
    return sorted(found, key=str) if len(found) > 1 else found


def without(e: Expr, *gone: Expr) -> Expr:
    """The product without those factors."""
    return Mul(*(factor for factor in Mul.make_args(e) if factor not in gone))


def over_and_under(e: Expr) -> tuple[bool, list[Expr], list[Expr]]:
    """A product as ± above/below: is it negative, and the factors on either side of the fraction bar, but for ones."""
    negative, above, below = False, [], []
    for factor in Mul.make_args(e):
        if isinstance(factor, Rational):
            negative = factor.p < 0
            above += [Integer(abs(factor.p))] if abs(factor.p) != 1 else []
            below += [Integer(factor.q)] if factor.q != 1 else []
        elif isinstance(factor, Pow) and factor.exp.is_negative:
            below.append(1 / factor)
        else:
            above.append(factor)
    return negative, above, below


def linear_in(e: Expr, index: Symbol) -> tuple[Expr, Expr] | None:
    """(coefficient, rest) of e = coefficient·index + rest; None if e is not linear in the index."""
    e = expand(e)
    coefficient = e.coeff(index)
    rest = expand(e - coefficient * index)
    return None if rest.has(index) or coefficient.has(index) else (coefficient, rest)

"""An expression as one line of plain text, in the language that `equation.parse` reads: dz[i]·w[u − i]·[0 ≤ k < K].

SymPy keeps the terms of a sum and the factors of a product in an order of its own. Here they stand as one would write
them: indices before settings, what is added before what is taken away, tensors before brackets, and a Σ at the end.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

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
    sympify,
    tanh,
)
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket, Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import name_of, without_hat
from lessonconv.symbolic.sums import over_and_under

NUMBER, INDEX, SIZE, SETTING, SCALAR, CELL, FUNCTION, BRACKET, FAMILY = range(9)  # the order of factors


def text(e: Any) -> str:
    """The expression on one line; equation.parse reads it back. Raises TypeError for what the notation has no sign for.

    Bound indices keep their letters: where one hides another of the same name, parse gives it a prime.
    """
    return _text(sympify(e))


@lru_cache(maxsize=4096)  # the parts of an expression are looked at again and again, to put them in order
def _text(e: Expr) -> str:
    for kind, write in _WRITERS:
        if isinstance(e, kind):
            return write(e)
    raise TypeError(f"{e} is a {type(e).__name__}, which the notation has no sign for")


def equation_text(lhs: Any, rhs: Any) -> str:
    """Both sides: dx[u] = Σ(i<O) …"""
    return f"{text(lhs)} = {text(rhs)}"


def _add(e: Add) -> str:
    """What is added, then what is taken away, then numbers: u + p − K + 1. A common denominator is written once."""
    denominators = {term.as_coeff_Mul()[0].q for term in e.args}
    if len(denominators) == 1 and denominators != {1}:
        (denominator,) = denominators
        return f"({text(e * denominator)})/{denominator}"
    terms = [text(term) for term in sorted(e.args, key=_place_in_sum)]
    if terms[0][0] == "−" and terms[-1][0] != "−":
        terms.insert(0, terms.pop())  # 1 − tanh(z[i])^2
    return terms[0] + "".join(f" − {term[1:]}" if term[0] == "−" else f" + {term}" for term in terms[1:])


def _place_in_sum(term: Expr) -> tuple[Any, ...]:
    """u and v lead, then what the stride multiplies, other indices, sizes, settings, tensors, sums."""
    negative, above, below = over_and_under(term)
    ranks = {factor: rank for factor in (*above, *below) if (rank := _rank(factor)) != NUMBER}
    leader = min(ranks, key=_place_in_product, default=term)
    place = max(ranks.values(), default=NUMBER)
    if SCALAR >= place != NUMBER:
        place = ranks[leader]
    strided = any(str(factor)[0] == "s" for factor in above if isinstance(factor, Symbol))
    scalar = (str(leader)[0] not in "uv", not strided) if place <= SCALAR else (True, True)
    return place == NUMBER, negative, *scalar, place, text(leader), text(term)


def _product(e: Expr) -> str:
    """Numbers and scalars as one fraction, then the tensors, functions, brackets and sums: 1/K·dz[i]·[i < O]."""
    negative, above, below = over_and_under(e)
    above, below = sorted(above, key=_place_in_product), sorted(below, key=_place_in_product)
    scalars, cells = _apart(above)
    under_scalars, under_cells = _apart(below)
    parts = []
    if scalars or under_scalars or not cells:
        parts.append(_fraction(["1"] if not scalars else map(_factor, scalars), under_scalars))
    if cells:
        *most, last = cells
        closing = text(last) if _rank(last) == FAMILY and not under_cells else _factor(last)
        parts.append("·".join([*map(_factor, most), closing]))
    return "−" * negative + _fraction(parts, under_cells)


def _fraction(above: Any, below: Sequence[Expr]) -> str:
    under = "·".join(map(_factor, below))
    return "·".join(above) + (f"/({under})" if len(below) > 1 else f"/{under}" if below else "")


def _apart(factors: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """The scalars, and what speaks of tensors, functions, brackets or sums."""
    return [f for f in factors if _rank(f) <= SCALAR], [f for f in factors if _rank(f) > SCALAR]


def _rank(e: Expr) -> int:
    """What kind of factor it is."""
    if isinstance(e, Symbol):
        return SIZE if e.name[0].isupper() else SETTING if e.name[0] in "spdα" else INDEX
    if isinstance(e, Pow):
        return _rank(e.base)
    for kind, rank in _RANKS:
        if isinstance(e, kind):
            return rank
    return FUNCTION if e.has(Indexed, Bracket, KroneckerDelta, Sum, Largest) else SCALAR


def _place_in_product(factor: Expr) -> tuple[Any, ...]:
    """Numbers, indices, sizes, settings; dz, w, x, other tensors; functions; brackets by kind; sums."""
    rank, order = _rank(factor), 0
    if rank == CELL and isinstance(factor, Indexed):
        name = without_hat(name_of(factor))
        order = 0 if name[0] == "d" else {"w": 1, "x": 2}.get(name, 3)
    elif rank == BRACKET:
        order = next(n for n, kind in enumerate(_BRACKETS) if isinstance(factor, kind))
    return rank, order, text(factor)


def _factor(e: Expr) -> str:
    """Text that may be multiplied, divided or raised to a power."""
    closed = isinstance(e, (*_CLOSED, Pow)) or (isinstance(e, Integer) and e.p >= 0)
    return text(e) if closed else f"({text(e)})"


def _power(e: Pow) -> str:
    if e.exp.is_negative:
        return _product(e)
    base, exponent = text(e.base), text(e.exp)
    base = base if isinstance(e.base, _CLOSED) or base.isdigit() else f"({base})"
    return f"{base}^{exponent}" if isinstance(e.exp, Symbol) or exponent.isdigit() else f"{base}^({exponent})"


def _rational(e: Rational) -> str:
    written = f"{abs(e.p)}/{e.q}" if e.q != 1 else str(abs(e.p))
    return "−" * (e.p < 0) + written


def _cell(e: Indexed) -> str:
    """dz[n,f,i,j], with spaces where an index is more than a letter or a number: w[f, c, u − i, v − j]."""
    comma = "," if all(index.is_Atom for index in e.indices) else ", "
    return f"{name_of(e)}[{comma.join(map(text, e.indices))}]"


def _derivative(e: Derivative) -> str:
    (wrt,) = e.variables
    return f"∂{_factor(e.expr)}/∂{text(wrt)}"


def _family(e: Any) -> str:
    """Σ or max over the limits, the outermost first. Its body is a product, or stands in parentheses."""
    sign = "Σ" if isinstance(e, Sum) else "max"
    limits = ", ".join(_limit(*limit) for limit in reversed(e.limits))
    body = text(e.function)
    return f"{sign}({limits}) ({body})" if isinstance(e.function, Add) else f"{sign}({limits}) {body}"


def _limit(index: Symbol, low: Expr, high: Expr) -> str:
    """i<O if it starts at 0 and stops one before something, else i=low..high."""
    if low == 0 and _one_less(high):
        return f"{index}<{text(high + 1)}"
    return f"{index}={text(low)}..{text(high)}"


def _one_less(e: Expr) -> bool:
    """Is it better said as "less than e + 1"? So it is for numbers and for … − 1."""
    return isinstance(e, Integer) or (isinstance(e, Add) and e.as_coeff_Add()[0] == -1)


def _in_range(e: InRange) -> str:
    at, low, high = e.args
    if high == oo:
        return f"[{text(at)} ≥ {text(low)}]"
    start = "" if low == -oo else f"{text(low)} ≤ "
    strict = _one_less(high) and at.is_integer and high.is_integer
    return f"[{start}{text(at)} < {text(high + 1)}]" if strict else f"[{start}{text(at)} ≤ {text(high)}]"


def _delta(e: KroneckerDelta) -> str:
    """[u = i·s − p]: the shorter side first."""
    short, long = sorted(map(text, e.args), key=lambda side: (len(side), side))
    return f"[{short} = {long}]"


def _called(name: str) -> Callable[[Any], str]:
    return lambda e: f"{name}({', '.join(map(text, e.args))})"


def _extreme(name: str) -> Callable[[Any], str]:
    """max(0, …): numbers first, then what is short."""

    def write(e: Any) -> str:
        args = sorted(e.args, key=lambda arg: (not arg.is_number, len(text(arg)), text(arg)))
        return f"{name}({', '.join(map(text, args))})"

    return write


_BRACKETS = (KroneckerDelta, Positive, Divides, InRange)
_CALLED = (Max, Min, Mod, Abs, floor, ceiling, exp, log, tanh, atan, AppliedUndef)
_CLOSED = (Symbol, Indexed, Derivative, *_BRACKETS, *_CALLED)
_RANKS = [(Rational, NUMBER), (Indexed, CELL), (_BRACKETS, BRACKET), ((Sum, Largest), FAMILY)]
_WRITERS: list[tuple[Any, Callable[[Any], str]]] = [
    (Symbol, lambda e: e.name),
    (Rational, _rational),
    (Indexed, _cell),
    (Mul, _product),
    (Add, _add),
    (Sum | Largest, _family),
    (InRange, _in_range),
    (KroneckerDelta, _delta),
    (Divides, lambda e: f"[{text(e.args[0])} ∣ {text(e.args[1])}]"),
    (Positive, lambda e: f"[{text(e.args[0])} > 0]"),
    (floor, lambda e: f"⌊{text(e.args[0])}⌋"),
    (ceiling, lambda e: f"⌈{text(e.args[0])}⌉"),
    (Max, _extreme("max")),
    (Min, _extreme("min")),
    (Mod, _called("mod")),
    (Abs, _called("abs")),
    (tanh, _called("tanh")),
    (exp, _called("exp")),
    (log, _called("log")),
    (atan, _called("arctan")),
    (Pow, _power),
    (Derivative, _derivative),
    (AppliedUndef, lambda e: _called(e.func.__name__)(e)),
]

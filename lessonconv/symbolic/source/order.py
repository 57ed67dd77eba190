"""In which order a person would write the terms of a sum and the factors of a product."""

from typing import Any

from sympy import Add, Expr, KroneckerDelta, Mul, Rational, S, Sum, Symbol, atan, exp, log, tanh
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import name_of
from lessonconv.symbolic.source.formula import free_symbols
from lessonconv.symbolic.sums import linear_in

SETTINGS = {"K": "kernel_size", "s": "stride", "p": "padding", "d": "dilation"}  # a name's first letter: the argument
FUNCTIONS = {exp: "np.exp", log: "np.log", tanh: "np.tanh", atan: "np.arctan"}
NUMBER, GROUP, SCALAR, INDEX, SIZE, SETTING, CELL, OTHER, BRACKET = range(9)  # the order of factors
U_V_FIRST = str.maketrans("uv", "\0\1")


def kind(e: Expr) -> int:
    """What kind of factor it is."""
    e = e.as_coeff_Mul()[1] if e.is_Mul else e
    if isinstance(e, Symbol):
        integer = SIZE if e.name[0].isupper() else SETTING if e.name[0] in SETTINGS else INDEX
        return integer if e.is_integer else SCALAR
    if isinstance(e, Add) and is_arithmetic(e):
        return GROUP
    kinds = [(Rational, NUMBER), (Indexed, CELL), (Bracket | KroneckerDelta, BRACKET)]
    return next((number for types, number in kinds if isinstance(e, types)), OTHER)


def is_arithmetic(e: Expr) -> bool:
    """Is it made of indices, sizes and settings only?"""
    return not e.has(Indexed, Bracket, KroneckerDelta, Sum, Largest, AppliedUndef, *FUNCTIONS)


def place_in_product(e: Expr) -> tuple[Any, ...]:
    """Numbers, indices, sizes, settings; dz, w, x and other tensors; the rest."""
    return kind(e), "dwx".find(name_of(e)[0]) % 4 if isinstance(e, Indexed) else 0, str(e)


def place_in_sum(e: Expr) -> tuple[Any, ...]:
    """What is added, what is taken away, a number: i*s_h + k*d_h - p_h, u*W + v, K_h - 1 - k, u + p_h - K_h + 1."""
    negative = bool(e.as_coeff_Mul()[0].is_negative)
    if e.is_number and not negative:
        return 2, 0, str(e)
    kinds = {kind(one) for one in free_symbols(e)}
    coarse = {INDEX, SIZE} <= kinds or any(one.name[0] == "s" for one in free_symbols(e))
    place = 0 if coarse else 1 if INDEX in kinds and e.is_Symbol else 2 if INDEX in kinds else 3 if kinds else 4
    return negative, -place if negative else place, str(e).translate(U_V_FIRST)


def in_order(e: Add) -> list[Expr]:
    """The terms of a sum, with d·K − d as the one term (K − 1)·d. A term that is added leads, if there is one."""
    found: list[Expr] = []
    rest: Expr = e
    settings = {one for one in free_symbols(e) if kind(one) == SETTING} if is_arithmetic(e) else set()
    for setting in sorted(settings, key=str):
        slope, other = linear_in(rest, setting) or (S.Zero, rest)
        if isinstance(slope, Add):
            leader = next((term for term in slope.args if kind(term) == SIZE), slope.args[0])
            sign = -1 if leader.could_extract_minus_sign() else 1
            found.append(Mul(sign, sign * slope, setting, evaluate=False))
            rest = other
    found = sorted([*found, *(term for term in Add.make_args(rest) if term != 0)], key=place_in_sum)
    return found if not place_in_sum(found[0])[0] else found[-1:] + found[:-1]

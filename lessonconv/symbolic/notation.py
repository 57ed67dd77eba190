"""The series' notation as SymPy objects: an index, a size, a setting or a tensor of one name is always the same one.

A name tells what it stands for: upper case is a size (a positive integer), s and d are a stride and a dilation
(positive), p is a padding (not negative), any other letter is an index (an integer). A suffix _h or _w names the axis,
primes tell summed indices from free ones. x̂ is x with zeros all around it.
"""

from functools import cache

from sympy import Expr, IndexedBase, Symbol
from sympy.tensor.indexed import Indexed

HAT = "\u0302"  # the combining circumflex: x̂ reads 0 outside of x; every other tensor must be read inside
GREEK = {"rho": "ρ", "alpha": "α", "delta": "δ"}


@cache
def symbol(name: str) -> Symbol:
    """The index, size or setting of this name, with what is known of it as SymPy's assumptions."""
    if name[0].isupper() or name[0] in "sd":
        return Symbol(name, integer=True, positive=True)
    if name[0] == "p":
        return Symbol(name, integer=True, nonnegative=True)
    if name == "α":
        return Symbol(name, positive=True)
    return Symbol(name, integer=True)


def symbols(names: str) -> tuple[Symbol, ...]:
    """Several of them: symbols("n c u v")."""
    return tuple(symbol(name) for name in names.split())


@cache
def tensor(name: str) -> IndexedBase:
    """The tensor of this name; "dz" stands for ∂L/∂z, "x̂" for the zero-extended x."""
    return IndexedBase(name)


def hat(name: str) -> IndexedBase:
    """The tensor with zeros all around it."""
    return tensor(name + HAT)


def name_of(cell: Indexed) -> str:
    """The name of the tensor that a cell belongs to, hat and all."""
    return str(cell.base.label)


def without_hat(name: str) -> str:
    """x for x̂; any other name as it is."""
    return name.removesuffix(HAT)


def fresh(like: Symbol, used: set[Expr]) -> Symbol:
    """A symbol that is not in use: the same letter with one more prime."""
    name = like.name + "′"
    while symbol(name) in used:
        name += "′"
    return symbol(name)

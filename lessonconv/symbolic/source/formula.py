"""What is to be computed, and the function that its source defines."""

import linecache
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, sympify
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.notation import name_of, without_hat

Limit = tuple[Symbol, Any, Any]


@dataclass(frozen=True)
class Formula:
    """What is to be computed: cell = body, for every value of the free indices.

    name: dotted, "conv2d.dw"; cell: the left side, whose indices may be expressions of the free ones; free: (index,
    low, high), the outermost loop first; shapes: of every tensor, that of the left side included; doc: the docstring.
    """

    name: str
    cell: Indexed
    body: Expr
    free: tuple[Limit, ...]
    shapes: Mapping[str, tuple[Any, ...]]
    doc: str

    @property
    def output(self) -> str:
        """The tensor on the left."""
        return name_of(self.cell)

    @property
    def tensors(self) -> list[str]:
        """What the body reads: gradients, x, w, b, then the others."""
        names = {without_hat(name_of(cell)) for cell in self.body.atoms(Indexed)}
        return sorted(names, key=lambda name: ("dxwb".find(name[0]) % 5, name))

    @property
    def ranges(self) -> dict[Symbol, tuple[Expr, Expr]]:
        """What each of the free indices runs through."""
        return ranges(self.free)

    @property
    def symbols(self) -> set[Symbol]:
        """The sizes, settings and scalars that it speaks of."""
        ends = [end for both in self.ranges.values() for end in both]
        return set().union(*map(free_symbols, (self.cell, self.body, *ends))) - set(self.ranges)

    def shape(self, name: str) -> tuple[Any, ...]:
        """The sizes of a tensor. Raises ValueError if they are not given."""
        if without_hat(name) not in self.shapes:
            raise ValueError(f"{self.name} speaks of {name}, whose shape is not known; give it in `shapes`")
        return tuple(map(sympify, self.shapes[without_hat(name)]))


def ranges(limits: Any) -> dict[Symbol, tuple[Expr, Expr]]:
    """From where to where each index runs."""
    return {index: (sympify(low), sympify(high)) for index, low, high in limits}


def free_symbols(e: Expr) -> set[Symbol]:
    """The indices, sizes, settings and scalars in it; SymPy counts the names of tensors as well."""
    labels = {cell.base.label for cell in e.atoms(Indexed)}
    return {part for part in e.free_symbols if isinstance(part, Symbol)} - labels


def function_name(name: str) -> str:
    """The name of the function that computes the formula of that name."""
    return name.replace(".", "_")


def compiled(source: str, name: str) -> Callable[..., Any]:
    """The function that the source of the formula `name` defines. Tracebacks and inspect.getsource show its lines."""
    filename = f"<{name} {zlib.crc32(source.encode()):08x}>"  # one for each source: linecache goes by it
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(source, filename, "exec"), namespace)
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    function: Callable[..., Any] = namespace[function_name(name)]
    return function

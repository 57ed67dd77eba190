"""A formula as a sum of einsums over views of its tensors."""

import string
from collections.abc import Mapping
from typing import NamedTuple

from sympy import Expr, KroneckerDelta, Mul, S, Symbol
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket
from lessonconv.symbolic.language.text import text
from lessonconv.symbolic.source.arguments import Arguments
from lessonconv.symbolic.source.dtype import dtype
from lessonconv.symbolic.source.expressions import FACTOR, PRODUCT, Writer, fraction
from lessonconv.symbolic.source.formula import Formula, free_symbols, ranges
from lessonconv.symbolic.source.lines import Line, nested
from lessonconv.symbolic.source.order import is_arithmetic, place_in_product
from lessonconv.symbolic.source.strided import View, Views, no_einsum
from lessonconv.symbolic.sums import Term, terms


def einsum(formula: Formula) -> str:
    """The formula as np.einsum over views of its tensors.

    Raises ValueError if a bracket, a limit, a function or an index is in the way; `loops` takes them all.
    """
    sizes = formula.shape(formula.output)
    if any(formula.ranges.get(at) != (0, size - 1) for at, size in zip(formula.cell.indices, sizes, strict=True)):
        raise no_einsum(formula, f"an index of {text(formula.cell)}, on the left, does not run through its axis")
    writer = Writer(formula)
    views, arguments = Views(writer), Arguments(writer)
    found = [_summand(views, term) for term in terms(formula.body) if term.body != 0]
    found.sort(key=lambda summand: (not summand.is_full, summand.minus))
    if not found or not found[0].is_full:
        found.insert(0, _Summand("", f"np.zeros({arguments.output_shape()}, {dtype(writer)})", True))
    (minus, first, _), *others = found
    output, code, lines = writer.tensor(formula.output), minus + first, views.lines
    for minus, other, _ in others:
        lines.append(Line(f"{output} = {code}"))
        code = f"{output} {minus or '+'} {other}"
    strided = ["from numpy.lib.stride_tricks import as_strided"] if views.strided else []
    return arguments.module(nested([[*lines, Line(f"return {code}")]]), *strided)


class _Summand(NamedTuple):
    minus: str
    code: str
    is_full: bool  # has it all axes of the output?


def _summand(views: Views, term: Term) -> _Summand:
    writer, formula = views.writer, views.formula
    output, inner = formula.cell.indices, ranges(term.limits)
    every = formula.ranges | inner
    for index, ends in inner.items():
        for end in ends:
            if free_symbols(end) & set(every):
                raise no_einsum(formula, f"{text(end)}, the limit of {index}, is not the same for all indices")
    cells, scale = _cells(formula, term.body, every)
    operands = [views.view(cell, every) for cell in cells]
    read = {index for view in operands for index in view.indices}
    for index, (low, high) in inner.items():
        scale *= 1 if index in read else high - low + 1
    code = _product(writer, operands, [index for index in output if index in read])
    axes = " ".join(":" if index in read else "None" for index in output).removeprefix("None ").split()
    code += f"[{', '.join(axes)}]" if "None" in axes and operands else ""
    minus = "-" * bool(scale.as_coeff_Mul()[0] < 0)
    return _Summand(minus, _scaled(writer, code, -scale if minus else scale), read >= set(output))


def _cells(formula: Formula, body: Expr, indices: Mapping[Symbol, object]) -> tuple[list[Indexed], Expr]:
    """The cells of a product, and the rest of it, which must be the same for all indices."""
    cells, scale = [], S.One
    for factor in Mul.make_args(body):
        if isinstance(factor, Indexed):
            cells.append(factor)
        elif not is_arithmetic(factor) or free_symbols(factor) & set(indices):
            kind = "bracket" if isinstance(factor, Bracket | KroneckerDelta) else "factor"
            raise no_einsum(formula, f"the {kind} {text(factor)} is not a cell of a tensor")
        else:
            scale *= factor
    return sorted(cells, key=place_in_product), scale


def _product(writer: Writer, operands: list[View], output: list[Symbol]) -> str:
    if not operands:
        return ""
    if len(operands) == 1 and operands[0].indices == output:
        return operands[0].code
    names = {index: writer.name(index) for view in operands for index in view.indices}
    spare = (one for one in string.ascii_letters if one not in names.values())
    labels = {index: name if len(name) == 1 else next(spare) for index, name in names.items()}
    *inputs, result = ("".join(labels[index] for index in indices) for _, indices in [*operands, ("", output)])
    arrays = ", ".join(view.code for view in operands)
    return f'np.einsum("{",".join(inputs)}->{result}", {arrays}{", optimize=True" if len(operands) > 2 else ""})'


def _scaled(writer: Writer, code: str, scale: Expr) -> str:
    """The code, multiplied and divided."""
    if not code:
        return writer.code(scale, PRODUCT)
    above, below = ([writer.code(factor, FACTOR) for factor in part] for part in fraction(scale))
    divided = f" / ({'*'.join(below)})" if len(below) > 1 else f" / {below[0]}" if below else ""
    return " * ".join([*above, code]) + divided

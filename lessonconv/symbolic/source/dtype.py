"""The dtype of the output."""

from collections.abc import Iterator

from sympy import Add, Expr, KroneckerDelta, Mul, Sum, Symbol
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import name_of, without_hat
from lessonconv.symbolic.source.expressions import Writer
from lessonconv.symbolic.source.order import FUNCTIONS


def dtype(writer: Writer) -> str:
    """The dtype that holds the values: a float one if there are fractions or functions; float32 stays float32."""
    body = writer.formula.body
    parts = list(_values(body))
    names = {without_hat(name_of(part)) for part in parts if isinstance(part, Indexed)}
    arrays = [writer.tensor(name) for name in writer.formula.tensors if name in names]
    scalars = [writer.name(part) for part in parts if isinstance(part, Symbol) and not part.is_integer]
    rounded = any(isinstance(part, (*FUNCTIONS, AppliedUndef)) or part.is_Pow or part.is_Rational for part in parts)
    floats = ["1.0"] if rounded or isinstance(body, Largest) else []  # the largest of nothing is −∞
    found = [*arrays, *dict.fromkeys(scalars), *floats]
    if not arrays:
        return "float" if found else "int"
    return f"np.result_type({', '.join(found)})" if len(found) > 1 else f"{arrays[0]}.dtype"


def _values(e: Expr) -> Iterator[Expr]:
    """What the numbers are made of: cells, scalars, functions, fractions; nothing in an index, limit or bracket."""
    whole = e.is_Integer or (e.is_Pow and e.exp.is_nonnegative and e.exp.is_integer)
    if isinstance(e, Bracket | KroneckerDelta):
        return
    if not (whole or isinstance(e, Add | Mul | Sum | Largest)):
        yield e
    if not isinstance(e, Indexed):
        for part in e.args[:1] if isinstance(e, Sum | Largest) else e.args:
            yield from _values(part)

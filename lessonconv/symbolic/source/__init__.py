"""An equation as NumPy source to read: nested loops, or an einsum over views where the equation is that simple.

    loops(formula)           a loop for each index, every condition as far out as its indices are known
    einsum(formula)          for products of cells read at affine indices, each index running through a plain range
    compiled(source, name)   the function

Nothing here knows of convolutions: what is not in the formula does not get into the code.
"""

from lessonconv.symbolic.source.contraction import einsum
from lessonconv.symbolic.source.formula import Formula, compiled
from lessonconv.symbolic.source.nest import loops

__all__ = ["Formula", "compiled", "einsum", "loops"]

"""The derivation engine: SymPy derives every equation line by line, every line runs, and wrong ones are refuted.

`derive` makes a derivation and `names` lists them; `debug` judges an equation that you write; `cell_formula` writes out
the sum that makes one cell. The rules are in `rules`, the proofs in `prove`, the layers in `catalogue`.
"""

from lessonconv.symbolic.catalogue import derive, names
from lessonconv.symbolic.cell import CellFormula, cell_formula
from lessonconv.symbolic.check import Report
from lessonconv.symbolic.debugger.verdict import Verdict, debug
from lessonconv.symbolic.derivation import Derivation, Line

__all__ = ["CellFormula", "Derivation", "Line", "Report", "Verdict", "cell_formula", "debug", "derive", "names"]

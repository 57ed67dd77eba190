"""A cell that needs another says which: what stands in the place of "name 'dz' is not defined".

An IPython extension, which installing lessonconv turns on for the environment's kernels (`jupyter/etc/ipython/`). It
looks into the notebook that is open for the cells that make the missing name, and what these need in turn. Where it
finds none, or no notebook, the error is Python's own.
"""

import builtins
import json
import os
import symtable
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import shorten
from typing import Any


@dataclass(frozen=True)
class Cell:
    """A code cell: its id, its source, and the heading that it stands under."""

    id: str
    source: str
    heading: str = ""

    @cached_property
    def makes(self) -> frozenset[str]:
        """The names that running it makes."""
        return frozenset(symbol.get_name() for symbol in self._top if _is_made(symbol))

    @cached_property
    def needs(self) -> frozenset[str]:
        """The names that it takes from other cells, at once or in the functions that it defines."""
        read = {symbol.get_name() for symbol in self._top if symbol.is_referenced()}
        read |= {symbol.get_name() for symbol in self._inner if symbol.is_global() and symbol.is_referenced()}
        return frozenset(read - self.makes - set(dir(builtins)) - {"get_ipython", "display"})

    @cached_property
    def _table(self) -> symtable.SymbolTable | None:
        try:
            return symtable.symtable(self.source, "cell", "exec")
        except SyntaxError:  # half-written, or IPython's own syntax
            return None

    @property
    def _top(self) -> Sequence[symtable.Symbol]:
        return self._table.get_symbols() if self._table else ()

    @property
    def _inner(self) -> Iterator[symtable.Symbol]:
        tables = list(self._table.get_children()) if self._table else []
        for table in tables:
            tables += table.get_children()
            yield from table.get_symbols()

    @property
    def beginning(self) -> str:
        """Its first line that says something."""
        lines = [line for line in self.source.splitlines() if line.strip()]
        return lines[0] if lines else ""


def _is_made(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def cells_of(path: Path) -> list[Cell]:
    """The code cells of a notebook, in order; none if the file is not a notebook that can be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    found, heading = [], ""
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            found.append(Cell(cell.get("id", ""), source, heading))
        elif headings := [line.lstrip("# ") for line in source.splitlines() if line.startswith("#")]:
            heading = headings[-1]
    return found


def first(names: Iterable[str], cells: Sequence[Cell], known: Mapping[str, Any]) -> list[Cell]:
    """The cells that make these names, and those that make what these need, in the notebook's order.

    known: the names that are there already.
    """
    asked, wanted = list(names), set[Cell]()
    for missing in asked:
        maker = next((cell for cell in cells if missing in cell.makes), None)
        if maker and maker not in wanted:
            wanted.add(maker)
            asked += sorted(maker.needs - known.keys())
    return [cell for cell in cells if cell in wanted]


def advice(name: str, cells: Sequence[Cell]) -> str:
    """What to run first, in words."""
    which = "this cell" if len(cells) == 1 else f"these {len(cells)} cells"
    lines = [f"    under “{cell.heading}”:  {shorten(cell.beginning, 70, placeholder=' …')}" for cell in cells]
    words = f"`{name}` is not there yet. Run {which} first, then this one again:"
    return "\n".join([words, "", *lines, "", "Or all cells above: Run → Run All Above Selected Cell."])


def notebooks(running: str) -> Iterator[list[Cell]]:
    """The cells of the notebook that is open, or else of those in this folder that have the running cell."""
    yield cells_of(Path(os.environ.get("JPY_SESSION_NAME", "")))  # what Jupyter's server tells its kernels
    for path in sorted(Path().glob("*.ipynb")):
        cells = cells_of(path)
        if any(cell.source == running for cell in cells):
            yield cells


def explain(shell: Any, kind: type[NameError], error: NameError, traceback: Any, tb_offset: int | None = None) -> None:
    """Show what to run first; Python's own message if no cell makes the name."""
    if error.name and (cells := _makers(shell, error.name, kind)):
        words = advice(error.name, cells)
        shell._showtraceback(kind, words, [words])
    else:
        shell._showtraceback(kind, error, shell.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset))


def _makers(shell: Any, name: str, kind: type[NameError]) -> list[Cell]:
    if kind is UnboundLocalError or name in shell.user_ns:  # another mistake: it is there
        return []
    running, known = shell.user_ns.get("In", [""])[-1], shell.user_ns
    names = {name, *Cell("", running).needs - known.keys()}
    makers = (cells for cells in notebooks(running) if any(name in cell.makes for cell in cells))
    return first(names, next(makers, []), known)


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython as a kernel starts."""
    shell.set_custom_exc((NameError,), explain)

"""What it costs to begin: importing the package, and loading the digits. Fresh interpreters, one number from each.

Each child imports NumPy first and then, with the clock running, lessonconv. Children that find its bytecode ready, as
after any first import, take turns with children that have to compile it, as at the very first import and wherever
PYTHONDONTWRITEBYTECODE is set.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.process import ask_child
from benchmarks.report import Line, Target
from lessonconv.timing import Settings, Spread

CHILDREN = 15
HEAVY = ("sympy", "matplotlib", "ipywidgets", "anywidget", "IPython", "scipy", "torch")

CHILD = f"""
import json, sys, time
import numpy
start = time.perf_counter()
import lessonconv
package = time.perf_counter() - start
import lessonconv.data
start = time.perf_counter()
lessonconv.data.digits()
digits = time.perf_counter() - start
heavy = [name for name in {HEAVY} if name in sys.modules]
print(json.dumps(dict(package=package, digits=digits, heavy=heavy)))
"""


def import_lines(_settings: Settings) -> list[Line]:
    """The import, on top of NumPy's, and the heavy modules that came along."""
    cached, compiled = _ask()
    heavy = sorted({name for child in cached for name in child["heavy"]})
    how = f"{CHILDREN} fresh interpreters"
    return [
        Line("import lessonconv, on top of NumPy", _milliseconds(cached, "package"), "ms", Target(60), how),
        Line("import lessonconv, never compiled before", _milliseconds(compiled, "package"), "ms", None, how),
        Line("heavy modules that this loads", Spread.of([len(heavy)]), "", Target(0), ", ".join(heavy) or "none"),
    ]


def data_lines(_settings: Settings) -> list[Line]:
    """The first call of `digits` in an interpreter: unpack, split, convert."""
    cached, _ = _ask()
    how = f"{CHILDREN} fresh interpreters"
    return [Line("lessonconv.data.digits()", _milliseconds(cached, "digits"), "ms", Target(100), how)]


def _ask() -> tuple[list[Any], list[Any]]:
    """What children report that find all bytecode in a folder, and those that lack the package's, in turn."""
    cached, compiled = [], []
    with tempfile.TemporaryDirectory() as all_of_it, tempfile.TemporaryDirectory() as all_but_ours:
        ready = {"PYTHONPYCACHEPREFIX": all_of_it, "PYTHONDONTWRITEBYTECODE": ""}
        lacking = {"PYTHONPYCACHEPREFIX": all_but_ours, "PYTHONDONTWRITEBYTECODE": ""}
        for environment in (ready, lacking):
            ask_child("-c", CHILD, environment=environment)  # fills the folder
        for tree in list(Path(all_but_ours).rglob("lessonconv")):
            shutil.rmtree(tree)
        for _ in range(CHILDREN):
            cached.append(ask_child("-c", CHILD, environment=ready))
            compiled.append(ask_child("-c", CHILD, environment={**lacking, "PYTHONDONTWRITEBYTECODE": "1"}))
    return cached, compiled


def _milliseconds(children: list[Any], what: str) -> Spread:
    return Spread.of([child[what] for child in children]).times(1e3)

"""How long a learner waits for the algebra: derive, check, judge an equation, mend it, write out a cell's sum.

Fresh interpreters, with `import sympy` timed in each of them: the ratio to it means something on other machines too.
"""

import tempfile
from typing import Any

from benchmarks.process import ask_child
from benchmarks.report import Line, Target
from lessonconv.timing import Settings, Spread

CHILDREN = 5
GRADIENTS = ("conv2d.dw", "conv2d.db", "conv2d.dx")
RIGHT = "dx[u] = Σ(i<O) dz[i]·w[u + p − i·s]·[0 ≤ u + p − i·s < K]"
WRONG = "dx[u] = Σ(i<O) dz[i]·w[u − p − i·s]·[0 ≤ u − p − i·s < K]"

CHILD = f"""
import json, statistics, time
import numpy

clock = time.perf_counter
found = {{}}

def timed(name, call, times=1):
    laps = []
    for _ in range(times):
        start = clock()
        call()
        laps.append(clock() - start)
    found[name] = statistics.median(laps)

def load_sympy():
    import sympy

def load_engine():
    import lessonconv.symbolic

timed("sympy", load_sympy)
timed("engine", load_engine)
from lessonconv import symbolic
from lessonconv.symbolic.catalogue import registry
from lessonconv.window import Window

def derive():
    return [symbolic.derive(name) for name in {GRADIENTS}]

timed("cold", derive)
timed("again", lambda: (registry._derived.cache_clear(), derive()), 5)
timed("kept", derive, 5)
seeds = iter(range(100))
timed("check", lambda: symbolic.derive("conv2d.dx").check(next(seeds)), 9)
symbolic.debug({RIGHT!r}), symbolic.debug({WRONG!r}).repairs
timed("prove", lambda: symbolic.debug({RIGHT!r}), 9)
timed("refute", lambda: symbolic.debug({WRONG!r}), 9)
timed("repair", lambda: symbolic.debug({WRONG!r}).repairs, 3)
window = Window.over((7, 7), 3, stride=2, padding=1)
timed("cell", lambda: str(symbolic.cell_formula("dx", (3, 3), window)), 2000)
print(json.dumps(found))
"""

TARGETS = {
    "cold": ("derive conv2d's three gradients, from cold", 500, "ms"),
    "again": ("derive them again, nothing kept", 100, "ms"),
    "check": ("check conv2d.dx on new arrays", 300, "ms"),
    "prove": ("prove an equation", 100, "ms"),
    "refute": ("refute an equation", 100, "ms"),
    "repair": ("refute it and find what mends it", 1000, "ms"),
    "cell": ("write out the sum of one cell", 50, "µs"),
}
UNITS = {"ms": 1e3, "µs": 1e6}


def lines(_settings: Settings) -> list[Line]:
    """Each wait, beside what importing SymPy costs."""
    children = _ask()
    how = f"{CHILDREN} fresh interpreters"
    found = [
        Line("import sympy", _spread(children, "sympy").times(1e3), "ms", None, how),
        Line("import lessonconv.symbolic, on top of SymPy", _spread(children, "engine").times(1e3), "ms", None, how),
    ]
    for key, (name, limit, unit) in TARGETS.items():
        shares = Spread.of([child[key] / child["sympy"] for child in children])
        share = f"{shares.median:.2g} × import sympy"
        found.append(Line(name, _spread(children, key).times(UNITS[unit]), unit, Target(limit), share))
    return found


def _ask() -> list[Any]:
    """What the children report; the first only fills the folder of bytecode."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        return [ask_child("-c", CHILD, environment=environment) for _ in range(CHILDREN + 1)][1:]


def _spread(children: list[Any], what: str) -> Spread:
    return Spread.of([child[what] for child in children])

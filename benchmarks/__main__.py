"""`python -m benchmarks [names]`: measure, and print a table with targets and verdicts."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import process

if TYPE_CHECKING:  # lessonconv brings NumPy, which reads the thread counts: only once they are set
    from lessonconv.timing import Settings

NAMES = ("step", "layers", "memory", "import", "data", "derivations", "explorers", "training")


def main(arguments: Sequence[str]) -> int:
    """Parse the arguments, and measure in a process that has one thread."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed and memory against peers.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"what to measure: {', '.join(NAMES)}; default: all")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each comparison runs (default: 3)")
    parser.add_argument("--cpu", action="store_true", help="measure processor time: steadier where others work too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results here")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if not process.is_pinned():
        return process.run_pinned("-m", "benchmarks", *arguments)
    from lessonconv.timing import Settings

    clock = time.process_time if options.cpu else time.perf_counter
    measure(options.names or NAMES, Settings(options.seconds, clock), options.json)
    return 0


def measure(names: Sequence[str], settings: "Settings", json: Path | None) -> None:
    """Run the named benchmarks, printing each as it is done. NumPy is imported here and not before."""
    from benchmarks import derivations, explorers, layers, machine, memory, report, startup, step, training_explorer

    benchmarks: dict[str, Callable[[Settings], Iterable[report.Line]]] = {
        "step": step.lines,
        "layers": layers.lines,
        "memory": memory.lines,
        "import": startup.import_lines,
        "data": startup.data_lines,
        "derivations": derivations.lines,
        "explorers": explorers.lines,
        "training": training_explorer.lines,
    }
    description = {**machine.describe(), "clock": settings.clock.__name__}
    for key, value in description.items():
        print(f"{key:10} {value}")
    print("\n" + report.row(report.HEADER))
    found: list[report.Line] = []
    warm_up_allocator()
    for name in names:
        for line in benchmarks[name](settings):
            print(report.row(line.cells()), flush=True)
            found.append(line)
    print("\n" + report.summary(found))
    if json:
        report.write_json(json, description, found)


def warm_up_allocator() -> None:
    """Allocate and free 30 MB once, as loading a data set does: glibc then keeps freed memory for the next step."""
    import numpy as np

    np.ones(30 << 20, np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m benchmarks [names]`: measure, and print a table with targets and verdicts."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import process

if TYPE_CHECKING:  # lessonconv brings NumPy, which reads the thread counts: only once they are set
    from benchmarks.report import Line
    from lessonconv.timing import Settings

SPEED = ("layers", "step", "threads", "memory", "epoch", "growth")
WAITING = ("import", "data", "derivations", "explorers", "training")
NAMES = (*SPEED, *WAITING)
CHARTS = (".svg", ".png", ".pdf")


def main(arguments: Sequence[str]) -> int:
    """Parse the arguments, and measure in a process that has one thread."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed and memory against peers.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"what to measure: {', '.join(NAMES)}; default: all")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each comparison runs (default: 3)")
    parser.add_argument("--cpu", action="store_true", help="measure processor time: steadier where others work too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results here")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="also draw them, as .svg, .png or .pdf")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if options.chart and options.chart.suffix not in CHARTS:
        parser.error(f"a chart is one of {', '.join(CHARTS)}, not {options.chart.name}")
    if not process.is_pinned():
        return process.run_pinned("-m", "benchmarks", *arguments)
    from lessonconv.timing import Settings

    clock = time.process_time if options.cpu else time.perf_counter
    description, found = measure(options.names or NAMES, Settings(options.seconds, clock))
    keep(description, found, options.json, options.chart)
    return 0


def measure(names: Sequence[str], settings: "Settings") -> tuple[dict[str, str], "list[Line]"]:
    """Run the named benchmarks, printing each as it is done. NumPy is imported here and not before."""
    from benchmarks import (
        derivations,
        epoch,
        explorers,
        growth,
        layers,
        machine,
        memory,
        report,
        startup,
        step,
        threads,
    )
    from benchmarks import training_explorer as training

    benchmarks: dict[str, Callable[[Settings], Iterable[report.Line]]] = {
        "layers": layers.lines,
        "step": step.lines,
        "threads": threads.lines,
        "memory": memory.lines,
        "epoch": epoch.lines,
        "growth": growth.lines,
        "import": startup.import_lines,
        "data": startup.data_lines,
        "derivations": derivations.lines,
        "explorers": explorers.lines,
        "training": training.lines,
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
    return description, found


def keep(description: dict[str, str], found: "list[Line]", json: Path | None, chart: Path | None) -> None:
    """Write the files that were asked for, and say so."""
    if json:
        from benchmarks import report

        report.write_json(json, description, found)
    if chart:
        from benchmarks import chart as drawing  # brings Matplotlib

        drawing.draw(chart, found)
    written = [str(path) for path in (json, chart) if path]
    if written:
        print(f"written: {', '.join(written)}")


def warm_up_allocator() -> None:
    """Allocate and free 30 MB once, as loading a data set does: glibc then keeps freed memory for the next step."""
    import numpy as np

    np.ones(30 << 20, np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

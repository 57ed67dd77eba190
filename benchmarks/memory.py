"""Peak extra memory of training, each library in fresh processes of its own.

A child imports, makes its data, trains one step on two pictures (so that libraries are loaded, kernels built and the
optimiser's state exists), and notes its resident memory. Then it trains three steps on the real batch: three, because
what a layer remembers from one step can still be there in the next. Its peak resident memory, less what it had noted,
is the result. The peak is VmHWM of /proc/self/status, not ru_maxrss: a child inherits its parent's ru_maxrss.
"""

import contextlib
import json
import sys
from pathlib import Path

from benchmarks import pytorch
from benchmarks.network import Trainer, first_parameters, noise_batch
from benchmarks.process import ask_child
from benchmarks.report import Line, Target
from lessonconv.timing import Settings, Spread

BATCHES = (64, 1024)
CHILDREN = 5  # of each library for each batch, in turn
STEPS = 3
STATUS = Path("/proc/self/status")
MEGABYTE = 1e6


def lines(_settings: Settings) -> list[Line]:
    """Our peak over PyTorch's, for each batch."""
    return [_compare(f"peak extra memory of training, N = {size:,}: ours ÷ PyTorch", size) for size in BATCHES]


def _compare(name: str, size: int) -> Line:
    target = Target(1)
    if not STATUS.exists():
        return Line(name, None, "×", target, "needs Linux, where a process can ask for its own peak")
    peaks: dict[str, list[float]] = {"ours": []}
    if pytorch.is_installed():
        peaks["PyTorch"] = []
    for _ in range(CHILDREN):
        for library, found in peaks.items():
            found.append(ask_child("-m", "benchmarks.memory", library, str(size)) / MEGABYTE)
    ours = f"{Spread.of(peaks['ours']).median:.1f} MB"
    if "PyTorch" not in peaks:
        return Line(name, None, "×", target, f"{ours}; {pytorch.MISSING}")
    ratio = Spread.of([a / b for a, b in zip(peaks["ours"], peaks["PyTorch"], strict=True)])
    return Line(name, ratio, "×", target, f"{ours} : {Spread.of(peaks['PyTorch']).median:.1f} MB")


def peak_of_training(library: str, size: int) -> int:
    """In a fresh process: the bytes by which training on `size` pictures raises the peak of resident memory."""
    trainer: Trainer
    if library == "ours":
        from benchmarks.ours import Ours

        trainer = Ours(first_parameters())
    else:
        trainer = pytorch.PyTorch(first_parameters())
    x, labels = noise_batch(size)
    trainer.step(x[:2], labels[:2])
    _forget_peak()
    before = _status("VmRSS")
    for _ in range(STEPS):
        trainer.step(x, labels)
    return _status("VmHWM") - before


def _forget_peak() -> None:
    """Let the peak start at what is resident now, where the system allows it: imports may have needed more."""
    with contextlib.suppress(OSError):  # where it does not, the result is an upper bound
        Path("/proc/self/clear_refs").write_text("5")


def _status(field: str) -> int:
    """A field of /proc/self/status, in bytes."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"{STATUS} has no {field}")


if __name__ == "__main__":
    print(json.dumps(peak_of_training(sys.argv[1], int(sys.argv[2]))))

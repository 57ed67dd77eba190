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
from benchmarks.network import LARGE, SMALL, Network, Trainer, noise_batch
from benchmarks.process import ask_child
from benchmarks.report import Line, Target
from lessonconv.timing import Settings, Spread

TRAINED = ((SMALL, 64), (SMALL, 1024), (LARGE, 1024))  # and on how many pictures
CHILDREN = 3  # of each library for each network and batch, in turn
STEPS = 3
STATUS = Path("/proc/self/status")
MEGABYTE = 1e6


def lines(_settings: Settings) -> list[Line]:
    """Our peak over PyTorch's, for each network and batch."""
    return [_compare(network, size) for network, size in TRAINED]


def _compare(network: Network, size: int) -> Line:
    name, target = f"peak extra memory of training {network}, N = {size:,}: ours ÷ PyTorch", Target(1)
    if not STATUS.exists():
        return Line(name, None, "×", target, "needs Linux, where a process can ask for its own peak")
    peaks: dict[str, list[float]] = {"ours": []}
    if pytorch.is_installed():
        peaks["PyTorch"] = []
    for _ in range(CHILDREN):
        for library, found in peaks.items():
            found.append(peak(library, network, size) / MEGABYTE)
    ours = f"{Spread.of(peaks['ours']).median:.1f} MB"
    if "PyTorch" not in peaks:
        return Line(name, None, "×", target, f"{ours}; {pytorch.MISSING}")
    ratio = Spread.of([a / b for a, b in zip(peaks["ours"], peaks["PyTorch"], strict=True)])
    return Line(name, ratio, "×", target, f"{ours} : {Spread.of(peaks['PyTorch']).median:.1f} MB")


def peak(library: str, network: Network, size: int) -> int:
    """The bytes that a fresh process reports."""
    sizes = map(str, (*network.filters, network.kernel, size))
    bytes_: int = ask_child("-m", "benchmarks.memory", library, *sizes)
    return bytes_


def peak_of_training(library: str, network: Network, size: int) -> int:
    """In a fresh process: the bytes by which training on `size` pictures raises the peak of resident memory."""
    trainer: Trainer
    first = network.first_parameters()
    if library == "ours":
        from benchmarks.ours import Ours

        trainer = Ours(network, first)
    else:
        trainer = pytorch.PyTorch(network, first)
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
    f1, f2, kernel, size = map(int, sys.argv[2:])
    print(json.dumps(peak_of_training(sys.argv[1], Network((f1, f2), kernel), size)))

"""What a second thread brings, and that it never costs: one process in which BLAS changes its number of threads.

The parent is pinned to one thread, so the race is run by a child that was started with two. There, threadpoolctl sets
BLAS to one thread or two, which lessonconv follows. It does so at a sample's first call, which is not counted. The
clock is always the wall's: two threads use twice the processor time of one, however much they gain.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import numpy as np

from benchmarks import pytorch
from benchmarks.agreement import check_same
from benchmarks.convolutions import Shape, contestants
from benchmarks.network import LARGE, SMALL, Array, Network, Trainer, noise_batch
from benchmarks.ours import Ours
from benchmarks.process import THREAD_VARIABLES, ask_child
from benchmarks.report import Line, Target
from lessonconv.timing import Call, Settings, Timings, interleave

COUNTS = (1, 2)
GAIN, NO_LOSS = Target(1.6, at_least=True), Target(0.95, at_least=True)
CONVOLUTIONS = {
    Shape(N=32, C=32, F=64, size=28, kernel=3): GAIN,
    Shape(N=64, C=1, F=8, size=28, kernel=3): NO_LOSS,
    Shape(N=1, C=8, F=16, size=14, kernel=3): NO_LOSS,
    Shape(N=64, C=8, F=16, size=14, kernel=3): NO_LOSS,
}
STEPS = {LARGE: GAIN, SMALL: NO_LOSS}
BATCH = 64
ONE_CORE = "this machine has one core only"

Race = dict[str, Call]
T = TypeVar("T")


def lines(settings: Settings) -> list[Line]:
    """One thread's time ÷ two threads'."""
    if _cores() < max(COUNTS):
        return [Line(_name(what), None, "×", target, ONE_CORE) for what, target in _targets().items()]
    environment = dict.fromkeys(THREAD_VARIABLES, str(max(COUNTS)))
    found = ask_child("-m", "benchmarks.threads", str(settings.seconds), environment=environment)
    return [_line(what, Timings(found[what]), target) for what, target in _targets().items()]


def races() -> Iterator[tuple[str, Race]]:
    """What is timed, with each library at each number of threads, shown to agree."""
    switch = Switch()
    for shape in CONVOLUTIONS:
        passes = contestants(shape)
        for name in ("forward", "backward"):
            peers = {library: call for library, call in passes[name].items() if library in ("ours", "PyTorch")}
            race: Race = {_at(library, n): partial(switch, n, call) for library, call in peers.items() for n in COUNTS}
            check_same(race, f"{shape}, {name}")
            yield f"{shape}, {name}", race
    for network in STEPS:
        yield f"step {network}", _step_race(network, switch)


class Switch:
    """A call at a number of threads, which is changed only where it is another than before."""

    def __init__(self) -> None:
        self.limit = importlib.import_module("threadpoolctl").threadpool_limits  # it carries no types
        self.torch: Any = pytorch.load() if pytorch.is_installed() else None
        self.now: int | None = None

    def __call__(self, threads: int, call: Callable[..., T], *arguments: Any) -> T:
        """Make the call with so many threads."""
        if threads != self.now:
            self.limit(threads, user_api="blas")
            if self.torch is not None:
                self.torch.set_num_threads(threads)
            self.now = threads
        return call(*arguments)


def measure(settings: Settings) -> dict[str, Any]:
    """In the child: seconds of each round, for each race."""
    return {what: interleave(race, settings).rounds for what, race in races()}


def _step_race(network: Network, switch: Switch) -> Race:
    x, labels = noise_batch(BATCH)
    makers: dict[str, Callable[..., Trainer]] = {"ours": Ours}
    if pytorch.is_installed():
        makers["PyTorch"] = pytorch.PyTorch
    trainers = {
        _at(library, n): (n, make(network, network.first_parameters()))
        for library, make in makers.items()
        for n in COUNTS
    }

    def first_step(trainer: Trainer) -> tuple[Array, ...]:
        loss, gradients = trainer.step(x, labels), trainer.gradients()
        return np.array(loss), *(gradients[name] for name in network.shapes)

    firsts = {name: partial(switch, n, first_step, trainer) for name, (n, trainer) in trainers.items()}
    check_same(firsts, f"step {network}")
    return {name: partial(switch, n, trainer.step, x, labels) for name, (n, trainer) in trainers.items()}


def _line(what: str, timings: Timings, target: Target) -> Line:
    one, two = (f"{timings.seconds(_at('ours', n)).median * 1e3:.3g} ms" for n in COUNTS)
    how = f"{one} : {two}"
    if _at("PyTorch", 1) in timings.rounds:
        how += f"; PyTorch's own {timings.ratio(*(_at('PyTorch', n) for n in COUNTS)).median:.2f} ×"
    return Line(_name(what), timings.ratio(*(_at("ours", n) for n in COUNTS)), "×", target, how)


def _targets() -> dict[str, Target]:
    """By what is timed, in the order of `races`."""
    convolutions = {
        f"{shape}, {name}": target for shape, target in CONVOLUTIONS.items() for name in ("forward", "backward")
    }
    return convolutions | {f"step {network}": target for network, target in STEPS.items()}


def _name(what: str) -> str:
    return f"{what}: 1 thread ÷ 2"


def _at(library: str, threads: int) -> str:
    return f"{library}, {threads}"


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    print(json.dumps(measure(Settings(float(sys.argv[1])))))

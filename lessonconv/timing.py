"""Timing on machines that are shared and noisy: contestants take turns, and only neighbours in time are compared."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Clock = Callable[[], float]
Call = Callable[[], object]

SAMPLE_SECONDS = 0.02  # a sample is as many calls as take this long: one call alone is at the mercy of one interrupt
LEAST_ROUNDS = 5
RACE_ROUNDS = 3  # a learner waits for the slowest
GEMM_SIZE = 1024  # a square product this large runs at the speed of arithmetic, not of memory
COPY_BYTES = 1 << 26  # larger than the caches of any laptop


@dataclass(frozen=True)
class Settings:
    """How long each comparison runs, and by which clock."""

    seconds: float = 3.0
    clock: Clock = time.perf_counter


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles around it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value; a single value is its own quartiles."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        return cls(*statistics.quantiles(values, n=4, method="inclusive"))

    def times(self, factor: float) -> "Spread":
        """The same spread in another unit."""
        return Spread(self.low * factor, self.median * factor, self.high * factor)


@dataclass(frozen=True)
class Timings:
    """Seconds per call of each contestant, round by round."""

    rounds: Mapping[str, Sequence[float]]

    def seconds(self, name: str) -> Spread:
        """How long one call takes."""
        return Spread.of(self.rounds[name])

    def ratio(self, name: str, to: str) -> Spread:
        """The spread of the ratios within each round: a slow second slows both and cancels."""
        return Spread.of([a / b for a, b in zip(self.rounds[name], self.rounds[to], strict=True)])

    def __repr__(self) -> str:
        """A table: how long one call takes, how many times as fast that is as the first, and as the one above."""
        names = list(self.rounds)
        columns = [["", *names], ["one call", *(f"{_figures(self.seconds(name).median * 1e3)} ms" for name in names)]]
        if len(names) > 1:
            columns.append(["times as fast as the first", *self._gains(names, [names[0]] * len(names))])
        if len(names) > 2:
            columns.append(["as the one above", *self._gains(names, [names[0], *names])])
        widths = [max(map(len, column)) for column in columns]
        rows = [[row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in zip(*columns, strict=True)]
        return "\n".join("   ".join(row).rstrip() for row in rows)

    def _gains(self, names: Sequence[str], others: Sequence[str]) -> list[str]:
        """How many times as fast each is as its other; nothing for the first."""
        pairs = zip(names, others, strict=False)
        return ["" if name == names[0] else _figures(self.ratio(other, name).median) for name, other in pairs]


def interleave(
    contestants: Mapping[str, Call],
    settings: Settings,
    *,
    least_rounds: int = LEAST_ROUNDS,
    sample_seconds: float = SAMPLE_SECONDS,
) -> Timings:
    """Let the contestants take turns (A B C, C B A, A B C, …) for as long as set, and for at least `least_rounds`."""
    clock = settings.clock
    calls = {name: _calls_per_sample(call, sample_seconds, clock) for name, call in contestants.items()}
    rounds: dict[str, list[float]] = {name: [] for name in contestants}
    order = list(contestants)
    done, start = 0, clock()
    with _no_garbage_collection():
        while done < least_rounds or clock() - start < settings.seconds:
            for name in order:
                rounds[name].append(_sample(contestants[name], calls[name], clock))
            order.reverse()  # nobody always runs behind the same neighbour
            done += 1
    return Timings(rounds)


def race(contestants: Mapping[str, Call], *, seconds: float = 0.5, clock: Clock = time.perf_counter) -> Timings:
    """Let functions without arguments take turns, for so many seconds or three rounds; printed, it is a table."""
    return interleave(contestants, Settings(seconds, clock), least_rounds=RACE_ROUNDS)


def _figures(value: float) -> str:
    """Two figures, or three from 100 on: noise is larger than what is left out."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.995 else f"{value:.2g}"


def _calls_per_sample(call: Call, sample_seconds: float, clock: Clock) -> int:
    """How many calls fill a sample; finding out also warms up caches, allocators and lazily built kernels."""
    for _ in range(2):
        call()
    return max(1, round(sample_seconds / max(_sample(call, 1, clock), 1e-9)))


def _sample(call: Call, calls: int, clock: Clock) -> float:
    """Seconds per call, over `calls` in a row, behind one that refills the caches and is not counted."""
    call()
    start = clock()
    for _ in range(calls):
        call()
    return (clock() - start) / calls


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """No collections in the middle of a sample, as in timeit."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Work(NamedTuple):
    """What a layer has to do at least: additions and multiplications, and bytes to read and to write, each once."""

    operations: float
    bytes: float

    @property
    def intensity(self) -> float:
        """Operations for each byte."""
        return self.operations / self.bytes


@dataclass(frozen=True)
class Machine:
    """What this process reaches at best: multiplications and additions of a large matrix product, bytes of a copy.

    flops: a second, float32. bandwidth: bytes a second, read and written, of arrays far larger than any cache.
    """

    flops: float
    bandwidth: float

    @property
    def ridge(self) -> float:
        """The flops a byte above which work is bound by arithmetic, and below which by memory."""
        return self.flops / self.bandwidth

    def attainable(self, intensity: float) -> float:
        """The roofline: flops a second of work that does `intensity` flops a byte. min(flops, intensity · bandwidth)

        Source: Williams, Waterman & Patterson 2009, "Roofline: an insightful visual performance model".
        """
        return min(self.flops, intensity * self.bandwidth)

    def __str__(self) -> str:
        """The three numbers of the roofline, in words."""
        return (
            f"{self.flops / 1e9:.0f} billion operations a second, {self.bandwidth / 1e9:.0f} billion bytes a second: "
            f"{self.ridge:.0f} operations in the time of one byte"
        )


def measure_machine(settings: Settings | None = None) -> Machine:
    """Measure this machine's roofline in this process, with as many threads as BLAS has here."""
    settings = settings or Settings(seconds=1)
    source, target = np.ones(COPY_BYTES, np.uint8), np.zeros(COPY_BYTES, np.uint8)
    timings = interleave({"product": square_product(), "copy": lambda: np.copyto(target, source)}, settings)
    return Machine(2 * GEMM_SIZE**3 / timings.seconds("product").low, 2 * COPY_BYTES / timings.seconds("copy").low)


def square_product() -> Call:
    """The fastest that this processor multiplies and adds in NumPy: a large float32 product of 2·GEMM_SIZE³ flops."""
    rng = np.random.default_rng(0)
    a, b, c = (rng.standard_normal((GEMM_SIZE, GEMM_SIZE), dtype=np.float32) for _ in range(3))
    return lambda: np.matmul(a, b, out=c)

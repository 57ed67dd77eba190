"""How time grows with the work, over two decades: with the images, the channels, the image's area, the kernel's.

All sizes of all contestants take turns in one race. The number of a line is how much dearer a unit of work gets: the
largest ratio between the time per unit at some size and that at any smaller one. README.md says why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmarks.convolutions import Shape, contestants
from benchmarks.report import Curve, Line, Target
from lessonconv.timing import Call, Settings, Spread, Timings, interleave

BASE = Shape(N=8, C=32, F=32, size=28, kernel=3)
AXES = {  # the work grows by 100 from the first to the last, in even steps
    "N": [BASE._replace(N=N) for N in (1, 3, 10, 32, 100)],
    "C·F": [BASE._replace(N=4, C=C, F=C) for C in (16, 28, 50, 90, 160)],
    "H·W": [BASE._replace(size=size) for size in (10, 18, 32, 56, 100)],
    "K·K": [BASE._replace(kernel=kernel) for kernel in (1, 3, 5, 7, 11)],
}
PASSES = ("forward", "dw", "dx")
LINEAR = Target(1.15)
JUDGED = ("N", "C·F", "H·W")
SAMPLE_SECONDS, LEAST_ROUNDS = 0.01, 7  # many contestants, so short samples; one size out of line is a verdict, so more


@dataclass(frozen=True)
class Growth:
    """A contestant's times as the work grows. work: increasing. names: whose rounds in `timings` these are."""

    work: Sequence[float]
    timings: Timings
    names: Sequence[str]

    @property
    def seconds(self) -> list[float]:
        """The median time at each size."""
        return [self.timings.seconds(name).median for name in self.names]

    @property
    def per_work(self) -> list[float]:
        """The median time for a unit of work, at each size."""
        return [seconds / work for seconds, work in zip(self.seconds, self.work, strict=True)]

    @property
    def rise(self) -> Spread:
        """How much dearer a unit of work is at some size than at a smaller one, at worst; below 1 if it never is."""
        per_work = self.per_work
        pairs = combinations(range(len(self.work)), 2)
        small, large = max(pairs, key=lambda pair: per_work[pair[1]] / per_work[pair[0]])
        return self.timings.ratio(self.names[large], self.names[small]).times(self.work[small] / self.work[large])

    @property
    def slope(self) -> float:
        """Of log time over log work, by least squares: 1 for proportional growth, 2 for quadratic."""
        return float(np.polyfit(np.log(self.work), np.log(self.seconds), 1)[0])

    @property
    def curve(self) -> Curve:
        """For the picture."""
        return list(zip(self.work, self.seconds, strict=True))

    def __str__(self) -> str:
        """Slope, and time per unit of work at the smallest size, in the middle, and at the largest, which is 1."""
        first, middle = (self.per_work[at] / self.per_work[-1] for at in (0, len(self.work) // 2))
        return f"slope {self.slope:.2f}, per unit {first:.2f} {middle:.2f} 1"


def lines(settings: Settings) -> Iterator[Line]:
    """Forward, dw and dx along each axis: ours is judged, the others are told."""
    for axis, shapes in AXES.items():
        made = [contestants(shape) for shape in shapes]
        for name in PASSES:
            sizes = {shape.flops(name): passes[name] for shape, passes in zip(shapes, made, strict=True)}
            yield summed_up(f"growth with {axis}, {name}", race(sizes, settings), LINEAR if axis in JUDGED else None)


def race(sizes: dict[int, dict[str, Call]], settings: Settings) -> dict[str, Growth]:
    """Time every library at every size, in turn; sizes: work → library → call."""
    calls = {f"{library} {work}": call for work, libraries in sizes.items() for library, call in libraries.items()}
    timings = interleave(calls, settings, sample_seconds=SAMPLE_SECONDS, least_rounds=LEAST_ROUNDS)
    libraries = next(iter(sizes.values()))
    return {library: Growth([*sizes], timings, [f"{library} {work}" for work in sizes]) for library in libraries}


def summed_up(name: str, growths: dict[str, Growth], target: Target | None) -> Line:
    """Our rise; behind it everybody's slope and time per unit of work."""
    mine, *others = growths
    told = [f"{other} {growths[other].rise.median:.2f} ×, {growths[other]}" for other in others]
    how = "; ".join([str(growths[mine]), *told])
    curves = {library: growth.curve for library, growth in growths.items()}
    return Line(f"{name}: dearer per unit of work", growths[mine].rise, "×", target, how, curves)

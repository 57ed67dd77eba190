"""The measure of growth, on a clock of its own: it must tell what grows too fast from what does not."""

from collections.abc import Callable

import pytest

from benchmarks import growth
from benchmarks.convolutions import Shape
from benchmarks.growth import LINEAR, Growth, race, summed_up
from lessonconv.timing import Settings, Timings

WORK = (100, 316, 1000, 3162, 10_000)


class FakeClock:
    """A clock that stands still, but for what calls add."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def takes(self, seconds: float) -> Callable[[], None]:
        """A call that takes so long."""

        def call() -> None:
            self.now += seconds

        return call


def grown(cost: Callable[[int], float]) -> Growth:
    """What is measured of a call that costs this much for so much work."""
    clock = FakeClock()
    sizes = {work: {"ours": clock.takes(cost(work))} for work in WORK}
    return race(sizes, Settings(0, clock))["ours"]


@pytest.mark.parametrize(
    ("cost", "rise", "slope"),
    [
        (lambda work: 1e-3 * work, 1, 1),
        (lambda work: 1e-5 * work**2, 100, 2),
        (lambda work: 1e-2 * work**1.05, 100**0.05, 1.05),
    ],
    ids=["linear", "quadratic", "a little more than linear"],
)
def test_a_power_is_recognised(cost: Callable[[int], float], rise: float, slope: float) -> None:
    found = grown(cost)
    assert found.rise.median == pytest.approx(rise)
    assert found.slope == pytest.approx(slope)
    assert LINEAR.is_met(found.rise.median) is (slope == 1)


def test_a_fixed_cost_of_each_call_is_no_growth_though_the_slope_is_below_1() -> None:
    found = grown(lambda work: 0.1 + 1e-3 * work)
    assert found.rise.median < 1
    assert found.slope < 0.95
    assert str(found) == f"slope {found.slope:.2f}, per unit 1.98 1.09 1"


def test_a_cliff_is_seen_that_the_slope_all_but_averages_away() -> None:
    found = grown(lambda work: 1e-3 * work * (1.3 if work == 1000 else 1))
    assert found.slope == pytest.approx(1, abs=0.001)
    assert found.rise.median == pytest.approx(1.3)


def test_the_rise_is_between_neighbours_in_time() -> None:
    rounds = {"1": [1.0, 2.0, 1.0], "2": [2.4, 4.8, 2.4]}  # the machine was half as fast for a round
    rise = Growth([1, 2], Timings(rounds), ["1", "2"]).rise
    assert (rise.low, rise.median, rise.high) == pytest.approx((1.2, 1.2, 1.2))


def test_a_line_judges_ours_and_tells_of_the_others() -> None:
    clock = FakeClock()
    sizes = {work: {"ours": clock.takes(work), "textbook": clock.takes(work**2)} for work in WORK}
    line = summed_up("growth with N, dw", race(sizes, Settings(0, clock)), LINEAR)
    assert line.name == "growth with N, dw: dearer per unit of work"
    assert line.verdict == "met"
    assert "textbook 100.00 ×, slope 2.00" in line.how
    assert line.curves["ours"] == [(work, work) for work in WORK]


@pytest.mark.parametrize("axis", growth.AXES)
def test_the_work_grows_over_two_decades(axis: str) -> None:
    flops = [shape.flops() for shape in growth.AXES[axis]]
    assert flops == sorted(flops)
    assert flops[-1] / flops[0] == pytest.approx(100, rel=0.22)  # K·K: from 1 to 121


@pytest.mark.usefixtures("quick")
def test_every_pass_is_measured_along_every_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = [Shape(N=N, C=1, F=1, size=4, kernel=3) for N in (1, 2)]
    monkeypatch.setattr(growth, "AXES", {"N": shapes, "K·K": shapes})
    found = list(growth.lines(Settings(0)))
    assert [line.name for line in found] == [
        f"growth with {axis}, {name}: dearer per unit of work" for axis in ("N", "K·K") for name in growth.PASSES
    ]
    assert [line.target for line in found] == [LINEAR] * 3 + [None] * 3

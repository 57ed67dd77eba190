"""The harness, on a clock that only the contestants move."""

import gc

import pytest

from lessonconv.timing import Machine, Settings, Spread, Timings, Work, interleave, race


class FakeClock:
    """A clock that stands still until somebody works; `slowness` is what the machine does to everybody at once."""

    def __init__(self) -> None:
        self.now, self.slowness = 0.0, 1.0

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.now += seconds * self.slowness


def test_spread_is_median_and_quartiles() -> None:
    assert Spread.of([5, 1, 4, 2, 3]) == Spread(2, 3, 4)


def test_spread_of_one_value_is_that_value() -> None:
    assert Spread.of([7.0]) == Spread(7, 7, 7)


def test_spread_changes_its_unit() -> None:
    assert Spread(1, 2, 3).times(1000) == Spread(1000, 2000, 3000)


def test_ratio_is_the_median_of_ratios_not_the_ratio_of_medians() -> None:
    timings = Timings({"a": [1.0, 10.0, 3.0], "b": [2.0, 5.0, 4.0]})
    assert timings.ratio("a", "b").median == 0.75  # of 0.5, 2, 0.75
    assert timings.seconds("a").median / timings.seconds("b").median == 0.75
    timings = Timings({"a": [1.0, 100.0, 60.0], "b": [2.0, 200.0, 30.0]})
    assert timings.ratio("a", "b").median == 0.5  # 60 / 30 would be 2


def test_times_are_seconds_per_call() -> None:
    clock = FakeClock()
    contestants = {"quick": lambda: clock.work(0.001), "slow": lambda: clock.work(0.05)}
    timings = interleave(contestants, Settings(1, clock), sample_seconds=0.02)
    assert timings.seconds("quick").median == pytest.approx(0.001)
    assert timings.seconds("slow").median == pytest.approx(0.05)
    assert timings.ratio("slow", "quick").median == pytest.approx(50)


def test_a_machine_that_slows_down_changes_no_ratio() -> None:
    clock = FakeClock()
    calls = 0

    def quick() -> None:
        nonlocal calls
        calls += 1
        clock.slowness = 1 + calls // 100  # ever slower
        clock.work(0.001)

    timings = interleave({"quick": quick, "slow": lambda: clock.work(0.004)}, Settings(2, clock))
    seconds, ratio = timings.seconds("slow"), timings.ratio("slow", "quick")
    assert seconds.high > 1.5 * seconds.low
    assert ratio.median == pytest.approx(4, rel=0.1)


def test_contestants_take_turns_and_swap_places() -> None:
    clock, order = FakeClock(), []

    def contestant(name: str) -> None:
        order.append(name)
        clock.work(1)

    interleave(
        {"a": lambda: contestant("a"), "b": lambda: contestant("b")},
        Settings(0, clock),
        least_rounds=3,
        sample_seconds=0.1,
    )
    assert "".join(order[-12:]) == "aabb" + "bbaa" + "aabb"  # in each sample an uncounted call, and one that counts


def test_it_runs_for_the_time_asked_for_and_never_for_too_few_rounds() -> None:
    clock = FakeClock()
    rounds = interleave({"a": lambda: clock.work(0.02)}, Settings(4, clock)).rounds["a"]
    assert 90 <= len(rounds) <= 110  # a round takes 0.04
    rounds = interleave({"a": lambda: clock.work(5)}, Settings(0.1, clock), least_rounds=4).rounds["a"]
    assert len(rounds) == 4


def test_a_call_too_short_for_the_clock_is_no_division_by_zero() -> None:
    clock = FakeClock()

    def rarely() -> None:
        clock.work(0)

    timings = interleave({"a": rarely}, Settings(0, clock), least_rounds=1, sample_seconds=1e-6)
    assert timings.seconds("a").median == 0


def test_garbage_collection_rests_and_is_woken_again() -> None:
    clock, seen = FakeClock(), []

    def call() -> None:
        seen.append(gc.isenabled())
        clock.work(1)

    assert gc.isenabled()
    interleave({"a": call}, Settings(0, clock), least_rounds=1)
    assert seen[-1] is False
    assert gc.isenabled()


# What a learner reads


def test_a_race_prints_times_and_ratios_to_the_first_and_to_the_one_above() -> None:
    clock = FakeClock()
    contestants = {
        "loops": lambda: clock.work(0.3),
        "slices": lambda: clock.work(0.0002),
        "v": lambda: clock.work(4e-4),
    }
    assert str(race(contestants, seconds=0, clock=clock)).splitlines() == [
        "         one call   times as fast as the first   as the one above",
        "loops      300 ms",
        "slices     0.2 ms                        1,500              1,500",
        "v          0.4 ms                          750                0.5",
    ]


def test_two_contestants_need_one_ratio_and_one_alone_none() -> None:
    timings = Timings({"a": [0.0125], "b": [0.05]})
    assert str(timings).splitlines() == [
        "    one call   times as fast as the first",
        *("a      12 ms", "b      50 ms" + 25 * " " + "0.25"),
    ]
    assert str(Timings({"a": [0.0125]})).splitlines() == ["    one call", "a      12 ms"]


def test_a_learner_waits_for_three_rounds_of_what_is_slow() -> None:
    clock = FakeClock()
    assert len(race({"slow": lambda: clock.work(9)}, clock=clock).rounds["slow"]) == 3


def test_intensity_is_operations_for_each_byte() -> None:
    assert Work(24, 2).intensity == 12


def test_a_machine_tells_its_roofline_in_words() -> None:
    machine = Machine(flops=100e9, bandwidth=20e9)
    assert str(machine) == (
        "100 billion operations a second, 20 billion bytes a second: 5 operations in the time of one byte"
    )
    assert [machine.attainable(intensity) for intensity in (1, machine.ridge, 50)] == [20e9, 100e9, 100e9]

"""One image and one kernel, and two kernels in a row: right in every style, and every mistake named, in two ways."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from lessonconv.exercises import TASKS as ALL
from lessonconv.exercises import check
from lessonconv.exercises.task import Steps, Task
from tests.exercises.making import Edit, edited, implementations, judged, lacking, made, names, own
from tests.exercises.styles import kernels as styles
from tests.strategies import examples

TASKS = {name: ALL[name] for name in ("correlate2d", "convolve2d", "compose_kernels")}
STYLES = {
    "correlate2d": styles.CORRELATE2D,
    "convolve2d": styles.CONVOLVE2D,
    "compose_kernels": styles.COMPOSE_KERNELS,
}
WRONG = {
    "correlate2d": styles.WRONG_CORRELATE2D,
    "convolve2d": styles.WRONG_CONVOLVE2D,
    "compose_kernels": styles.WRONG_COMPOSE_KERNELS,
}
SEEDS = (0, 1)
BROADCAST = "a kernel with one row or column is spread out by NumPy where the slip has none of it"
NOT_NAMED = {  # (task, mistake, style, which of that style's): why it is not named yet
    ("correlate2d", "kernel_transposed", "windows", 0): BROADCAST,
    ("correlate2d", "kernel_turned_by_90", "windows", 0): BROADCAST,
    ("correlate2d", "kernel_turned_by_90", "windows", 1): BROADCAST,
}


# What is right --------------------------------------------------------------------------------------------------------


def whole_numbers(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


@examples(60)
@given(st.tuples(*[st.integers(1, 4)] * 2), st.tuples(*[st.integers(0, 4)] * 2), st.integers(0, 999))
def test_recipes_and_solutions_do_what_scipy_does(kernel: tuple[int, int], more: tuple[int, int], seed: int) -> None:
    size = [K + rest for K, rest in zip(kernel, more, strict=True)]
    x, w = whole_numbers(seed, *size), whole_numbers(seed + 1, *kernel)
    expected = {
        "correlate2d": signal.correlate2d(x, w, "valid"),
        "convolve2d": signal.convolve2d(x, w, "valid"),
        "compose_kernels": signal.convolve2d(x, w, "full"),
    }
    for name, task in TASKS.items():
        np.testing.assert_array_equal(task.right((x, w)), expected[name])
        np.testing.assert_array_equal(task.answer(x, w), expected[name])


@examples(30)
@given(st.lists(st.integers(1, 4), min_size=4, max_size=4), st.integers(0, 999))
def test_the_composed_kernel_does_what_two_correlations_do(sides: list[int], seed: int) -> None:
    w1, w2 = whole_numbers(seed, *sides[:2]), whole_numbers(seed + 1, *sides[2:])
    x = whole_numbers(seed + 2, sides[0] + sides[2] + 2, sides[1] + sides[3] + 1)
    twice = signal.correlate2d(signal.correlate2d(x, w1, "valid"), w2, "valid")
    composed = TASKS["compose_kernels"].answer(w1, w2)
    np.testing.assert_array_equal(signal.correlate2d(x, composed, "valid"), twice)


@pytest.mark.parametrize(("name", "style"), [(name, style) for name in STYLES for style in STYLES[name]])
def test_every_style_is_right(name: str, style: str) -> None:
    for seed in SEEDS:
        assert names(judged(TASKS[name], STYLES[name][style], seed)) == ["right"]


@pytest.mark.parametrize("name", TASKS)
def test_the_solution_passes_and_the_stub_is_not_tried(name: str) -> None:
    task = TASKS[name]
    assert check(name, made(task.solution, name)).passed
    assert "not tried" in str(check(name, made(task.stub, name)))


# Mistakes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "mistake", "style", "edits"), implementations(TASKS.values(), WRONG, NOT_NAMED))
def test_a_mistake_is_named(task: Task, mistake: str, style: str, edits: list[Edit]) -> None:
    assert names(judged(task, edited(STYLES[task.name][style], *edits))) == [mistake]


@pytest.mark.parametrize("task", TASKS.values(), ids=str)
def test_every_mistake_of_the_catalogue_is_made_in_two_ways(task: Task) -> None:
    assert not lacking(task, [mistake for mistake, ways in WRONG[task.name].items() for _ in ways])
    assert set(WRONG[task.name]) == {mistake.name for mistake in task.mistakes}


@pytest.mark.parametrize(
    ("task", "mistake", "slip"),
    [
        pytest.param(task, mistake.name, slip, id=f"{task.name}-{mistake.name}-{number}")
        for task in TASKS.values()
        for mistake in task.mistakes
        for number, slip in enumerate(mistake.slips)
    ],
)
def test_a_slip_is_told_from_all_others(task: Task, mistake: str, slip: Steps) -> None:
    for seed in SEEDS:
        assert names(judged(task, own(task, slip), seed)) == [mistake]


PAIRS: list[tuple[str, str, str, str, *tuple[Edit, ...]]] = [
    (
        "convolve2d",
        "convolve_not_turned",
        "output_transposed",
        "windows",
        ("np.flip(w)", "w"),
        ("return z", "return z.T"),
    ),
    (
        "convolve2d",
        "convolve_mirrored",
        "size_one_short",
        "windows",
        ("np.flip(w)", "np.flipud(w)"),
        ("x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1", "len(x) - len(w), x.shape[1] - w.shape[1]"),
    ),
    (
        "compose_kernels",
        "compose_correlated",
        "compose_one_too_large",
        "stamps",
        ("* w2", "* np.flip(w2)"),
        ("J_h + K_h - 1, J_w + K_w - 1", "J_h + K_h, J_w + K_w"),
    ),
    (
        "compose_kernels",
        "compose_overwritten",
        "compose_transposed",
        "pairs",
        ("+= one", "= one"),
        ("return result", "return result.T"),
    ),
]


@pytest.mark.parametrize(("name", "one", "other", "style", "edits"), [(*pair[:4], pair[4:]) for pair in PAIRS])
def test_two_mistakes_at_once_are_both_named(name: str, one: str, other: str, style: str, edits: list[Edit]) -> None:
    assert sorted(names(judged(TASKS[name], edited(STYLES[name][style], *edits)))) == sorted([one, other])


STRANGE = [
    ("convolve2d", "loops", ("w[k, l] *", "w[k, l] ** 2 *")),
    ("convolve2d", "windows", ("np.sum(", "np.ptp(")),
    ("compose_kernels", "stamps", ("w1[k, l] * w2", "w1[k, l] - w2")),
    ("compose_kernels", "pairs", ("one * other", "one * one")),
]


@pytest.mark.parametrize(("name", "style", "edit"), STRANGE)
def test_what_is_wrong_in_another_way_is_blamed_on_nothing(name: str, style: str, edit: Edit) -> None:
    report = check(name, made(edited(STYLES[name][style], edit), name))
    assert not report.passed
    assert report.mistake is None
    assert report.exhibit is not None

"""One thread against two: that the switch switches, and that both compute the same. Nothing here depends on speed."""

import json

import pytest

from benchmarks import process, pytorch, threads
from benchmarks.convolutions import Shape
from lessonconv.timing import Settings

threadpoolctl = pytest.importorskip("threadpoolctl")

CHILD = """
import json, numpy as np, threadpoolctl
from benchmarks.threads import Switch
switch = Switch()
def threads():
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
print(json.dumps([switch(n, threads) for n in (2, 1, 1, 2)]))
"""


def test_the_switch_changes_the_threads_of_blas() -> None:
    environment = dict.fromkeys(process.THREAD_VARIABLES, "2")
    found = process.ask_child("-c", CHILD, environment=environment)
    if not all(found):
        pytest.skip("threadpoolctl does not know this BLAS")
    assert [set(counts) for counts in found] == [{2}, {1}, {1}, {2}]


def test_the_switch_hands_arguments_and_result_through() -> None:
    assert threads.Switch()(1, divmod, 7, 2) == (3, 1)


@pytest.mark.usefixtures("quick")
def test_every_race_runs_and_every_line_comes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "CONVOLUTIONS", {Shape(N=2, C=1, F=2, size=5, kernel=3): threads.NO_LOSS})
    monkeypatch.setattr(threads, "_cores", lambda: 2)
    monkeypatch.setattr(threads, "ask_child", lambda *_, **__: json.loads(json.dumps(threads.measure(Settings(0)))))
    found = threads.lines(Settings(0))
    assert [line.name for line in found] == [
        "conv 1→2 k3, 2×5×5, forward: 1 thread ÷ 2",
        "conv 1→2 k3, 2×5×5, backward: 1 thread ÷ 2",
        "step 8/16 k3: 1 thread ÷ 2",
    ]
    assert all(line.spread and "ms" in line.how for line in found)
    assert ("PyTorch's own" in found[0].how) is pytorch.is_installed()


def test_threads_that_compute_something_else_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = threads.Switch.__call__
    monkeypatch.setattr(threads, "CONVOLUTIONS", {Shape(N=2, C=1, F=2, size=5, kernel=3): threads.NO_LOSS})
    monkeypatch.setattr(
        threads.Switch,
        "__call__",
        lambda self, n, call, *rest: n * right(self, n, call, *rest),  # two threads: twice
    )
    with pytest.raises(AssertionError, match="forward: ours, 2, ours, 1"):
        next(threads.races())


def test_where_there_is_one_core_the_lines_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_cores", lambda: 1)
    found = threads.lines(Settings(0))
    assert {(line.verdict, line.how) for line in found} == {("not measured", threads.ONE_CORE)}
    assert len(found) == 10

"""Tiles shared out among threads: in order, without loss, and BLAS as it was before."""

import os
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import threadpoolctl

from lessonconv.functional import conv, threads
from tests.functional.calls import numbers
from tests.functional.oracles import assert_same

MUCH = threads.WORTH_SHARING
needs_blas = pytest.mark.skipif(threads._blas() is None, reason="threadpoolctl does not know this BLAS")


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As many as BLAS has is two, and any work is worth sharing."""
    monkeypatch.setattr(threads, "WORTH_SHARING", 0)
    monkeypatch.setattr(threads, "BLAS_ALONE", 0)
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        yield


def blas_threads() -> int:
    return int(threads._blas().num_threads)


@needs_blas
@pytest.mark.parametrize("multiplications", [0, threads.BLAS_ALONE, MUCH])
@pytest.mark.parametrize("number", [1, 2, 5])
def test_results_come_in_the_order_of_the_parts(number: int, multiplications: int) -> None:
    def slow_at_first(part: int) -> int:
        time.sleep(0.02 if part == 0 else 0)
        return part * part

    with threadpoolctl.threadpool_limits(number, user_api="blas"):
        assert threads.share(range(20), slow_at_first, multiplications) == [part * part for part in range(20)]


@needs_blas
def test_work_is_done_on_several_threads_and_blas_is_held_to_one() -> None:
    together = threading.Barrier(2, timeout=10)

    def meet(part: int) -> tuple[str, int]:
        together.wait()  # only passes if two threads are here at once
        return threading.current_thread().name, blas_threads()

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        found = threads.share([0, 1], meet, MUCH)
        assert blas_threads() == 2
    assert len({name for name, _ in found}) == 2
    assert {count for _, count in found} == {1}


@needs_blas
@pytest.mark.parametrize("bad", [0, 7])
def test_an_error_in_any_part_reaches_the_caller_and_blas_gets_its_threads_back(bad: int) -> None:
    def fail(part: int) -> None:
        if part == bad:
            raise ValueError(f"part {part}")
        time.sleep(0.001)

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        with pytest.raises(ValueError, match=f"part {bad}"):
            threads.share(range(8), fail, MUCH)
        assert blas_threads() == 2
    assert threads.share(range(8), str, MUCH) == list("01234567")


@needs_blas
def test_callers_on_several_threads_leave_blas_as_it_was(two_threads: None) -> None:
    x, w = numbers(6, 3, 8, 7), numbers(5, 3, 3, 3)
    expected = conv.conv2d(x, w)
    found: list[np.ndarray] = []
    callers = [threading.Thread(target=lambda: found.extend(conv.conv2d(x, w) for _ in range(50))) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 200
    assert all(np.array_equal(z, expected) for z in found)
    assert blas_threads() == 2


@needs_blas
def test_blas_is_held_to_one_thread_where_its_second_would_only_spin() -> None:
    def count(_: int) -> int:
        return blas_threads()

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        assert threads.share([0], count, threads.BLAS_ALONE) == [1]
        assert threads.share([0], count, threads.BLAS_ALONE - 1) == [2]
        for multiplications, expected in ((0, 2), (threads.BLAS_ALONE, 1), (MUCH, 2)):
            with threads.blas_for(multiplications):
                assert blas_threads() == expected
            assert blas_threads() == 2


@needs_blas
def test_little_work_is_not_shared() -> None:
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        assert threads.threads_for(threads.WORTH_SHARING - 1) == 1
        assert threads.threads_for(threads.WORTH_SHARING) == 2
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        assert threads.threads_for(10**12) == 1


@needs_blas
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("multiplications", [0, threads.BLAS_ALONE, MUCH])
def test_products_of_what_is_not_finite_give_no_warning(multiplications: int) -> None:
    """Nor does what BLAS finds beside an array, which is why; that comes and goes, so it is not what is tested."""

    def product(_: int) -> bool:
        return bool(np.isnan(np.full((2, 2), np.inf) @ np.zeros((2, 2))).all())

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        assert threads.share([0, 1, 2], product, multiplications) == [True] * 3
        with threads.blas_for(multiplications):
            assert product(0)


@needs_blas
@pytest.mark.filterwarnings("error")
def test_a_caller_who_wants_to_hear_of_nothing_is_told_nothing_by_any_thread() -> None:
    def too_large(_: int) -> bool:
        time.sleep(0.01)  # so that each thread gets a part
        return bool(np.isinf(np.full(2, 1e308) * 10).all())

    with threadpoolctl.threadpool_limits(2, user_api="blas"), np.errstate(over="ignore"):
        assert threads.share([0, 1, 2, 3], too_large, MUCH) == [True] * 4


def test_where_blas_cannot_be_asked_there_is_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_blas", lambda: None)
    assert threads.threads_for(10**12) == 1


@needs_blas
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("C", "F"), [(1, 8), (5, 3)], ids=["few channels", "many"])
def test_any_number_of_threads_gives_the_same(C: int, F: int, stride: int, two_threads: None) -> None:
    """Exactly what one thread gives for z and dx; dw and db to rounding, as their sum is cut elsewhere; and again."""
    x, w, b = (numbers(*shape).astype(np.float64) for shape in ((9, C, 8, 6), (F, C, 3, 3), (F,)))
    options = {"stride": stride, "padding": 1}
    z = conv.conv2d(x, w, b, **options)
    dz = numbers(*z.shape).astype(np.float64)
    gradients = conv.conv2d_backward(dz, x, w, **options)
    assert_same(conv.conv2d_backward(dz, x, w, **options), gradients)
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        assert_same(conv.conv2d(x, w, b, **options), z)
        assert_same(conv.conv2d_backward(dz, x, w, **options), gradients)


@needs_blas
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own(two_threads: None) -> None:
    """The parent's pool does not live in a child: one that waited for it would wait for ever."""
    threads.share(range(4), str, MUCH)
    child = os.fork()
    if child == 0:
        os._exit(0 if threads.share(range(4), str, MUCH) == list("0123") else 1)
    deadline = time.monotonic() + 10
    done = 0
    while not done and time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0.01)
    if not done:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert done, "the child hangs"
    assert os.waitstatus_to_exitcode(status) == 0

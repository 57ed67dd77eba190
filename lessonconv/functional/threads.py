"""Threads: a layer's tiles shared out among as many threads as BLAS has, while BLAS itself is held to one.

NumPy lets go of the interpreter while it copies, adds and multiplies, so tiles really run side by side; within products
as small as a tile's, BLAS itself would gain little from a second thread. How many there are is said where it always is:
in OPENBLAS_NUM_THREADS (or MKL_, OMP_…), or by threadpoolctl. Where BLAS cannot be asked, as on macOS, everything stays
on the caller's thread.
"""

import functools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
R = TypeVar("R")

WORTH_SHARING = 2 * 10**7  # multiplications, about 0.5 ms: waking a thread, and waiting for it, takes 0.1 to 0.2 ms
BLAS_ALONE = 1 << 18  # multiplications: with fewer, OpenBLAS does not think of a second thread


def threads_for(multiplications: int) -> int:
    """How many threads are worth their while for so many multiplications: BLAS's, or one."""
    return _blas_threads() if multiplications >= WORTH_SHARING else 1


def share(parts: Sequence[T], work: Callable[[T], R], multiplications: int) -> list[R]:
    """[work(part), …] in the order of the parts, worked out by as many threads as are worth it; the caller is one."""
    threads = min(threads_for(multiplications), len(parts))
    with _products(alone=multiplications >= BLAS_ALONE):
        return [work(part) for part in parts] if threads < 2 else _share(parts, work, threads)


def _share(parts: Sequence[T], work: Callable[[T], R], threads: int) -> list[R]:
    results: list[Any] = [None] * len(parts)
    todo = deque(enumerate(parts))
    told = np.geterr()  # what the caller wants to be told of; each thread has settings of its own

    def run() -> None:
        while todo:
            try:
                number, part = todo.popleft()
            except IndexError:  # another thread was quicker
                return
            with np.errstate(**told):
                results[number] = work(part)

    others = [_state.pool(threads - 1).submit(run) for _ in range(threads - 1)]
    try:
        run()
    finally:
        todo.clear()  # after an error nobody goes on
        for other in others:
            other.result()
    return results


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread; who comes second, from another thread, finds it so and leaves it so.

    Where products are small, BLAS's second thread gains little, and then spins for a while on a core that others need.
    """
    if _blas_threads() == 1:
        yield
        return
    with _state.lock:
        _state.depth += 1
        if _state.depth == 1:
            _state.blas_threads = _blas_threads()
            _blas().set_num_threads(1)
    try:
        yield
    finally:
        with _state.lock:
            _state.depth -= 1
            if not _state.depth:
                _blas().set_num_threads(_state.blas_threads)


@contextmanager
def blas_for(multiplications: int) -> Iterator[None]:
    """Around products of so many multiplications: all of BLAS's threads if that is worth their while, else one."""
    with _products(alone=BLAS_ALONE <= multiplications < WORTH_SHARING):
        yield


@contextmanager
def _products(*, alone: bool) -> Iterator[None]:
    """Products, with BLAS held to one thread or not, and without warnings.

    BLAS looks at what lies beside small matrices, and where it finds a NaN there, NumPy would tell.
    """
    with np.errstate(invalid="ignore"), one_blas_thread() if alone else nullcontext():
        yield


def _blas_threads() -> int:
    blas = _blas()
    return blas.num_threads if blas else 1


class _State:
    """The pool, and who holds BLAS to one thread."""

    def __init__(self) -> None:
        self.lock, self.depth, self.blas_threads = threading.Lock(), 0, 1
        self.executor: ThreadPoolExecutor | None = None
        self.workers = 0

    def pool(self, workers: int) -> ThreadPoolExecutor:
        """A pool of at least so many workers."""
        with self.lock:
            if self.executor is None or workers > self.workers:
                self.executor, self.workers = ThreadPoolExecutor(workers, "lessonconv"), workers
            return self.executor


_state = _State()


def _start_over() -> None:
    """In a forked child: its parent's threads are not there."""
    if _state.depth:
        _blas().set_num_threads(_state.blas_threads)
    _state.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_over)


@functools.cache
def _blas() -> Any:
    """NumPy's BLAS as threadpoolctl sees it, with `num_threads` and `set_num_threads`; None if it does not."""
    from threadpoolctl import ThreadpoolController  # here, so that `import lessonconv` costs NumPy alone

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return next((library for library in libraries if "numpy" in library.filepath), next(iter(libraries), None))

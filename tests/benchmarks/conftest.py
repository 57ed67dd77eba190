"""What the benchmarks' tests share."""

import gc
from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks import epoch, growth, layers, step, threads
from benchmarks.network import SMALL
from lessonconv.timing import interleave


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Samples of a single call, two pictures, one network, small square products: all that a test waits for."""
    for module in (epoch, growth, layers, step, threads):
        monkeypatch.setattr(module, "interleave", partial(interleave, sample_seconds=0, least_rounds=2))
    monkeypatch.setattr(growth, "SAMPLE_SECONDS", 0)
    monkeypatch.setattr(growth, "LEAST_ROUNDS", 2)
    monkeypatch.setattr(layers, "GEMM_SIZE", 32)
    monkeypatch.setattr(layers, "POOLED", ((2, 3, 4, 6),))
    monkeypatch.setattr(step, "TARGETS", {SMALL: step.TARGETS[SMALL]})
    monkeypatch.setattr(step, "BATCH", 2)
    monkeypatch.setattr(epoch, "DIGITS", 130)
    monkeypatch.setattr(threads, "STEPS", {SMALL: threads.GAIN})
    monkeypatch.setattr(threads, "BATCH", 2)
    gc.freeze()  # each race begins with a collection: it need not look through all of PyTorch
    yield
    gc.unfreeze()

"""Contestants must compute the same, or comparing their times means nothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.network import Array
from lessonconv.timing import Call

TOLERANCE = 1e-4  # of the largest value: what float32 loses in long sums


def check_same(calls: Mapping[str, Call], what: str) -> None:
    """Make each call once; AssertionError unless all return the same arrays (or tensors), to rounding."""
    first, *others = calls
    expected = _arrays(calls[first]())
    for other in others:
        for a, b in zip(expected, _arrays(calls[other]()), strict=True):
            scale, message = float(np.abs(a).max()), f"{what}: {other}, {first}"
            np.testing.assert_allclose(b, a, rtol=0, atol=TOLERANCE * scale, err_msg=message)


def _arrays(result: Any) -> list[Array]:
    """What a call returned, one or several, in NumPy's hands."""
    parts = result if isinstance(result, tuple) else (result,)
    return [part.detach().numpy() if hasattr(part, "detach") else np.asarray(part) for part in parts]

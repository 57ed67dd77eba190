"""A convolution layer as the tasks know it, of every awkward kind: one stride and one padding, for both axes."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.strategies import Conv, places


@st.composite
def layers(draw: st.DrawFn) -> Conv:
    """Small integers as floats, and the options stride and padding; padding may be larger than the kernel."""
    stride, padding = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    kernel = [draw(st.integers(1, 4)) for _ in range(2)]
    size = [draw(st.integers(least := max(1, K - 2 * padding), least + 5)) for K in kernel]
    N, C, F = (draw(st.integers(1, 3)) for _ in range(3))
    outputs = [places(H, K, stride, (padding, padding), 1) for H, K in zip(size, kernel, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 999)))

    def numbers(*shape: int) -> Any:
        return rng.integers(-9, 10, shape).astype(float)

    options = {"stride": stride, "padding": padding}
    return Conv(numbers(N, C, *size), numbers(F, C, *kernel), numbers(F), numbers(N, F, *outputs), options)

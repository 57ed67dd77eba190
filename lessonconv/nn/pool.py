"""Pooling layers: `functional.max_pool2d` and `functional.avg_pool2d` without parameters."""

from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv.functional.arguments import Array, numbers, real_numbers, same_shape, tensor
from lessonconv.functional.pool import max_pool_taps, max_pool_taps_backward, pool_window
from lessonconv.nn.conv import windowed_field
from lessonconv.nn.layer import Layer, signature


class MaxPool2d(Layer):
    """The largest value of each window; the gradient goes to the cell that won, in a tie to the first.

    x: (N, C, H, W) → z: (N, C, O_h, O_w). Arguments as torch.nn.MaxPool2d. Source: `functional.max_pool2d`.
    """

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, *, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode

    def forward(self, x: Any) -> Array:
        """z: (N, C, O_h, O_w)."""
        x = real_numbers("x", tensor("x", x, "N, C, H, W"))
        window = pool_window(x.shape[2:], self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)
        z, winner = max_pool_taps(x, window)
        self._memory = winner, window
        return z

    def backward(self, dz: Any) -> Array:
        """dx: (N, C, H, W)."""
        winner, window = self._remembered()
        (dz,) = numbers(dz=tensor("dz", dz, "N, C, O_h, O_w"))
        same_shape("dz", dz, winner.shape, "the shape that the last forward gave")
        return max_pool_taps_backward(dz, winner, window)

    def receptive_field(self, field: Any, jump: Any) -> tuple[Any, Any]:
        """r + (span − 1)·jump, jump·s."""
        return windowed_field(field, jump, self.kernel_size, self.stride, self.dilation)

    def __repr__(self) -> str:
        return signature(
            self,
            self.kernel_size,
            stride=(self.stride, self.kernel_size),
            padding=(self.padding, 0),
            dilation=(self.dilation, 1),
            ceil_mode=(self.ceil_mode, False),
        )


class AvgPool2d(Layer):
    """The mean of each window; the gradient is spread evenly over it.

    x: (N, C, H, W) → z: (N, C, O_h, O_w). Arguments as torch.nn.AvgPool2d. Source: `functional.avg_pool2d`.
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        stride = kernel_size if stride is None else stride
        self.settings = {
            "stride": stride,
            "padding": padding,
            "ceil_mode": ceil_mode,
            "count_include_pad": count_include_pad,
        }

    def forward(self, x: Any) -> Array:
        """z: (N, C, O_h, O_w)."""
        x = np.asarray(x)
        z = F.avg_pool2d(x, self.kernel_size, **self.settings)
        self._memory = x.shape
        return z

    def backward(self, dz: Any) -> Array:
        """dx: (N, C, H, W)."""
        return F.avg_pool2d_backward(dz, self._remembered(), self.kernel_size, **self.settings)

    def receptive_field(self, field: Any, jump: Any) -> tuple[Any, Any]:
        """r + (K − 1)·jump, jump·s."""
        return windowed_field(field, jump, self.kernel_size, self.settings["stride"], 1)

    def __repr__(self) -> str:
        defaults = {"stride": self.kernel_size, "padding": 0, "ceil_mode": False, "count_include_pad": True}
        options = {name: (value, defaults[name]) for name, value in self.settings.items()}
        return signature(self, self.kernel_size, **options)

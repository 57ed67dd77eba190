"""Convolution layers: `functional.conv2d` and `functional.conv_transpose2d` with parameters."""

import math
from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv.functional.arguments import Array, count
from lessonconv.nn.layer import Layer, kaiming_normal, signature, trainable
from lessonconv.window import pair


class Conv2d(Layer):
    """Convolution with trainable kernels: z = b + Σ w·x̂ over each window.

    x: (N, in_channels, H, W) → z: (N, out_channels, O_h, O_w). params: w (out_channels, in_channels/groups, K_h, K_w),
    b (out_channels,). Arguments as torch.nn.Conv2d; rng: a seed or a numpy Generator. Source: `functional.conv2d`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__()
        in_channels, out_channels = count("in_channels", in_channels), count("out_channels", out_channels)
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel_size
        self.settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"groups={groups} must divide in_channels {in_channels} and out_channels {out_channels}; try groups=1"
            )
        self.params["w"] = np.zeros((*self._channels(), *pair("kernel_size", kernel_size, 1)), trainable(dtype))
        if bias:
            self.params["b"] = np.zeros(out_channels, dtype)
        self.reset_parameters(rng)

    def _channels(self) -> tuple[int, int]:
        return self.out_channels, self.in_channels // self.settings["groups"]

    def _fan_in(self) -> float:
        return float(np.prod(self.params["w"].shape[1:]))

    def reset_parameters(self, rng: Any = None) -> None:
        """Kernels from He's normal distribution, biases 0."""
        w = self.params["w"]
        w[...] = kaiming_normal(np.random.default_rng(rng), w.shape, self._fan_in())
        if "b" in self.params:
            self.params["b"][...] = 0

    def forward(self, x: Any) -> Array:
        """z: (N, out_channels, O_h, O_w)."""
        self._memory = x
        return F.conv2d(x, self.params["w"], self.params.get("b"), **self.settings)

    def backward(self, dz: Any) -> Array:
        """dx: (N, in_channels, H, W); fills grads."""
        dx, *grads = F.conv2d_backward(dz, self._remembered(), self.params["w"], **self.settings)
        self._keep(*grads)
        return dx

    def backward_params(self, dz: Any) -> None:
        """Fills grads alone."""
        self._keep(*F.conv2d_backward_params(dz, self._remembered(), self.params["w"], **self.settings))

    def receptive_field(self, field: Any, jump: Any) -> tuple[Any, Any]:
        """r + (span − 1)·jump, jump·s."""
        return windowed_field(field, jump, self.kernel_size, self.settings["stride"], self.settings["dilation"])

    def __repr__(self) -> str:
        defaults = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
        options = {name: (value, defaults.get(name, 0)) for name, value in self.settings.items()}
        options["bias"] = ("b" in self.params, True)
        return signature(self, self.in_channels, self.out_channels, self.kernel_size, **options)


class ConvTranspose2d(Conv2d):
    """Transposed convolution with trainable kernels: each input cell times the kernel, scattered into the output.

    x: (N, in_channels, H, W) → z: (N, out_channels, O_h, O_w). params: w (in_channels, out_channels/groups, K_h, K_w),
    b (out_channels,). Arguments as torch.nn.ConvTranspose2d. Source: `functional.conv_transpose2d`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        *,
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, rng=rng, dtype=dtype
        )
        self.settings["output_padding"] = output_padding

    def _channels(self) -> tuple[int, int]:
        return self.in_channels, self.out_channels // self.settings["groups"]

    def _fan_in(self) -> float:
        """What one output cell adds up: of the C/groups·K_h·K_w products, one in s_h·s_w lands on it."""
        w, groups = self.params["w"], self.settings["groups"]
        return len(w) / groups * np.prod(w.shape[2:]) / np.prod(pair("stride", self.settings["stride"], 1))

    def forward(self, x: Any) -> Array:
        """z: (N, out_channels, O_h, O_w)."""
        self._memory = x
        return F.conv_transpose2d(x, self.params["w"], self.params.get("b"), **self.settings)

    def backward(self, dz: Any) -> Array:
        """dx: (N, in_channels, H, W); fills grads."""
        dx, *grads = F.conv_transpose2d_backward(dz, self._remembered(), self.params["w"], **self.settings)
        self._keep(*grads)
        return dx

    def backward_params(self, dz: Any) -> None:
        """Fills grads alone."""
        self.backward(dz)

    def receptive_field(self, field: Any, jump: Any) -> tuple[Any, Any]:
        """Neighbours look s times closer together. With g = gcd(s, d), ⌈K·g/s⌉ inputs, d/g apart, reach one output."""
        kernels, strides = pair("kernel_size", self.kernel_size, 1), pair("stride", self.settings["stride"], 1)
        dilations = pair("dilation", self.settings["dilation"], 1)
        fields = []
        for r, j, k, s, d in zip(field, jump, kernels, strides, dilations, strict=True):
            g = math.gcd(s, d)
            fields.append(r + (-(-k * g // s) - 1) * (d // g) * j)
        return tuple(fields), tuple(j / s for j, s in zip(jump, strides, strict=True))


def windowed_field(field: Any, jump: Any, kernel_size: Any, stride: Any, dilation: Any) -> tuple[Any, Any]:
    """The receptive field behind a sliding window: r + (span − 1)·jump and jump·s, per axis."""
    kernels, strides = pair("kernel_size", kernel_size, 1), pair("stride", stride, 1)
    dilations = pair("dilation", dilation, 1)
    return (
        tuple(r + d * (k - 1) * j for r, j, k, d in zip(field, jump, kernels, dilations, strict=True)),
        tuple(j * s for j, s in zip(jump, strides, strict=True)),
    )

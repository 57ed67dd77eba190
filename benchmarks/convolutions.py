"""One convolution in every library: the calls that are timed, pass by pass, shown to agree."""

from typing import Any, NamedTuple

import numpy as np

from benchmarks import pytorch
from benchmarks.agreement import check_same
from benchmarks.network import Array
from benchmarks.textbook import Convolution
from lessonconv import functional as F
from lessonconv.timing import Call

Calls = dict[str, Call]

PASSES = ("forward", "backward", "dw", "dx")  # dw comes with db; backward is all three gradients


class Shape(NamedTuple):
    """A convolution with bias and with padding (K − 1) / 2, from a batch of square pictures."""

    N: int
    C: int
    F: int
    size: int
    kernel: int
    stride: int = 1

    def __str__(self) -> str:
        stride = f" s{self.stride}" if self.stride > 1 else ""
        return f"conv {self.C}→{self.F} k{self.kernel}{stride}, {self.N}×{self.size}×{self.size}"

    @property
    def settings(self) -> dict[str, int]:
        """Stride and padding, as both libraries call them."""
        return {"stride": self.stride, "padding": self.kernel // 2}

    def flops(self, name: str = "forward") -> int:
        """Multiplications and additions of a pass, those with padding included: 2·N·F·O²·C·K², backward twice."""
        outputs = (self.size + 2 * (self.kernel // 2) - self.kernel) // self.stride + 1
        one = 2 * self.N * self.F * outputs**2 * self.C * self.kernel**2
        return 2 * one if name == "backward" else one


class Operands(NamedTuple):
    """What the passes of one convolution read."""

    x: Array
    w: Array
    b: Array
    dz: Array
    settings: dict[str, int]

    @classmethod
    def of(cls, shape: Shape) -> "Operands":
        """Normal numbers in float32."""
        x = normal(shape.N, shape.C, shape.size, shape.size)
        w, b = normal(shape.F, shape.C, shape.kernel, shape.kernel), normal(shape.F)
        return cls(x, w, b, normal(*F.conv2d(x, w, b, **shape.settings).shape), shape.settings)


def contestants(shape: Shape) -> dict[str, Calls]:
    """The call of each library for each of PASSES. AssertionError if the libraries disagree."""
    operands = Operands.of(shape)
    libraries = {"ours": _ours(*operands), "textbook": _textbook(*operands)}
    if pytorch.is_installed():
        libraries["PyTorch"] = _pytorch(*operands)
    passes = {name: {library: calls[name] for library, calls in libraries.items()} for name in PASSES}
    for name, calls in passes.items():
        check_same(calls, f"{shape}, {name}")
    return passes


def normal(*shape: int) -> Array:
    """Normal numbers in float32, the same at every call."""
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def _ours(x: Array, w: Array, b: Array, dz: Array, settings: dict[str, int]) -> Calls:
    return {
        "forward": lambda: F.conv2d(x, w, b, **settings),
        "backward": lambda: F.conv2d_backward(dz, x, w, **settings),
        "dw": lambda: F.conv2d_backward_params(dz, x, w, **settings),
        "dx": lambda: F.conv2d_backward_input(dz, w, x.shape, **settings),
    }


def _textbook(x: Array, w: Array, b: Array, dz: Array, settings: dict[str, int]) -> Calls:
    layer = Convolution(w, b, settings["stride"], settings["padding"], np.float32)
    layer.forward(x)  # the gradients reuse its matrix
    return {
        "forward": lambda: layer.forward(x),
        "backward": lambda: (layer.backward(dz), layer.dW, layer.db),
        "dw": lambda: layer.backward_params(dz),
        "dx": lambda: layer.backward_input(dz),
    }


def _pytorch(x: Array, w: Array, b: Array, dz: Array, settings: dict[str, int]) -> Calls:
    """Autograd is asked for the gradients of some operands, and computes no others."""
    torch = pytorch.load()
    inputs, kernels, biases = (torch.from_numpy(array).requires_grad_() for array in (x, w, b))
    z, dz_torch = torch.nn.functional.conv2d(inputs, kernels, biases, **settings), torch.from_numpy(dz)

    def gradients(*operands: Any) -> Call:
        return lambda: torch.autograd.grad(z, operands, dz_torch, retain_graph=True)

    return {
        "forward": lambda: torch.nn.functional.conv2d(inputs, kernels, biases, **settings),
        "backward": gradients(inputs, kernels, biases),
        "dw": gradients(kernels, biases),
        "dx": gradients(inputs),
    }

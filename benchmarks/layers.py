"""Single layers against PyTorch's, forward and backward."""

from typing import Any, NamedTuple

import numpy as np

from benchmarks import pytorch
from benchmarks.network import Array
from benchmarks.report import Line
from lessonconv import functional as F
from lessonconv import nn
from lessonconv.timing import Call, Settings, interleave

Calls = dict[str, Call]


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


CONVOLUTIONS = (
    Shape(N=64, C=1, F=8, size=28, kernel=3),
    Shape(N=64, C=8, F=16, size=14, kernel=3),
    Shape(N=64, C=16, F=32, size=14, kernel=5),
    Shape(N=32, C=32, F=64, size=28, kernel=3),
    Shape(N=32, C=32, F=64, size=28, kernel=3, stride=2),
    Shape(N=8, C=3, F=16, size=224, kernel=3, stride=2),
)
POOLED = ((64, 8, 28, 28), (64, 16, 14, 14))


def lines(settings: Settings) -> list[Line]:
    """Every convolution forward and backward, and 2×2 pooling both ways."""
    found = []
    for shape in CONVOLUTIONS:
        forward, backward = convolution(shape)
        found += [_against_pytorch(f"{shape}, forward", forward, settings)]
        found += [_against_pytorch(f"{shape}, backward", backward, settings)]
    for x_shape in POOLED:
        sizes = "×".join(map(str, x_shape))
        layer, function = pooling(x_shape)
        found += [_against_pytorch(f"max-pool layer 2×2, {sizes}, both ways", layer, settings)]
        found += [_against_pytorch(f"max_pool2d 2×2, {sizes}, both ways", function, settings)]
    return found


def convolution(shape: Shape) -> tuple[Calls, Calls]:
    """The calls that go forward and those that go back (dx, dw and db), shown to agree."""
    x = _normal(shape.N, shape.C, shape.size, shape.size)
    w, b = _normal(shape.F, shape.C, shape.kernel, shape.kernel), _normal(shape.F)
    z = F.conv2d(x, w, b, **shape.settings)
    dz = _normal(*z.shape)
    forward: Calls = {"ours": lambda: F.conv2d(x, w, b, **shape.settings)}
    backward: Calls = {"ours": lambda: F.conv2d_backward(dz, x, w, **shape.settings)}
    if pytorch.is_installed():
        torch = pytorch.load()
        operands = [torch.from_numpy(array).requires_grad_() for array in (x, w, b)]
        dz_torch = torch.from_numpy(dz)
        z_torch = torch.nn.functional.conv2d(*operands, **shape.settings)
        forward["PyTorch"] = lambda: torch.nn.functional.conv2d(*operands, **shape.settings)
        backward["PyTorch"] = lambda: torch.autograd.grad(z_torch, operands, dz_torch, retain_graph=True)
        gradients = torch.autograd.grad(z_torch, operands, dz_torch, retain_graph=True)
        _check_same([z, *F.conv2d_backward(dz, x, w, **shape.settings)], [z_torch, *gradients], str(shape))
    return forward, backward


def pooling(x_shape: tuple[int, ...]) -> tuple[Calls, Calls]:
    """Forward and backward in one call, shown to agree: our layer, and our function with PyTorch's kind of argmax."""
    x = _normal(*x_shape)
    layer = nn.MaxPool2d(2)
    z, argmax = F.max_pool2d(x, 2)
    dz = _normal(*z.shape)

    def by_layer() -> Array:
        layer.forward(x)
        return layer.backward(dz)

    def by_function() -> Array:
        _, argmax = F.max_pool2d(x, 2)
        return F.max_pool2d_backward(dz, argmax, x_shape)

    calls: list[Calls] = [{"ours": by_layer}, {"ours": by_function}]
    if pytorch.is_installed():
        torch = pytorch.load()
        x_torch, dz_torch = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dz)

        def by_pytorch() -> Any:
            return torch.autograd.grad(torch.nn.functional.max_pool2d(x_torch, 2), x_torch, dz_torch)

        z_torch = torch.nn.functional.max_pool2d(x_torch, 2)
        _check_same([z, by_layer(), by_function()], [z_torch, *by_pytorch() * 2], f"max-pool {x_shape}")
        calls[0]["PyTorch"] = calls[1]["PyTorch"] = by_pytorch
    return calls[0], calls[1]


def _against_pytorch(name: str, calls: Calls, settings: Settings) -> Line:
    """Ours ÷ PyTorch's; ours alone where there is no PyTorch."""
    timings = interleave(calls, settings)
    ours = f"{timings.seconds('ours').median * 1e3:.2f} ms"
    if "PyTorch" not in calls:
        return Line(f"{name}: ours ÷ PyTorch", None, "×", how=f"{ours}; {pytorch.MISSING}")
    how = f"{ours} : {timings.seconds('PyTorch').median * 1e3:.2f} ms"
    return Line(f"{name}: ours ÷ PyTorch", timings.ratio("ours", "PyTorch"), "×", how=how)


def _check_same(ours: list[Array], theirs: list[Any], name: str) -> None:
    """AssertionError unless both libraries computed the same arrays, to rounding."""
    for a, b in zip(ours, theirs, strict=True):
        expected = b.detach().numpy()
        np.testing.assert_allclose(a, expected, rtol=0, atol=1e-4 * float(np.abs(expected).max()), err_msg=name)


def _normal(*shape: int) -> Array:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)

"""Single layers against PyTorch's, the textbook's and the loops, with each one's share of what the processor can do."""

from functools import partial

import numpy as np

from benchmarks import pytorch
from benchmarks.agreement import check_same
from benchmarks.convolutions import PASSES, Calls, Operands, Shape, contestants, normal
from benchmarks.network import Array
from benchmarks.report import Line, Target
from benchmarks.textbook import Pooling
from lessonconv import functional as F
from lessonconv import nn
from lessonconv.functional import loops
from lessonconv.timing import GEMM_SIZE, Call, Settings, Timings, interleave, square_product

CONVOLUTIONS = {  # ours ÷ PyTorch at most: forward, backward
    Shape(N=64, C=1, F=8, size=28, kernel=3): (0.45, 0.30),
    Shape(N=64, C=8, F=16, size=14, kernel=3): (1.3, 0.85),
    Shape(N=64, C=16, F=32, size=14, kernel=5): (1.35, 1.4),
    Shape(N=32, C=32, F=64, size=28, kernel=3): (1.2, 1.3),
    Shape(N=32, C=32, F=64, size=28, kernel=3, stride=2): (1.3, 1.1),
    Shape(N=8, C=3, F=16, size=224, kernel=3, stride=2): (1.5, 1.0),
}
POOLED = ((64, 8, 28, 28), (64, 16, 14, 14))
POOLING = Target(0.5)
BY_HAND = Shape(N=1, C=2, F=3, size=8, kernel=3)  # small enough for loops in Python
SHARE = Target(0.8, at_least=True)  # of a square product's flops a second, forward, where a kernel is thick
GEMM = "GEMM"


def lines(settings: Settings) -> list[Line]:
    """Every convolution forward, backward, and for each gradient alone; 2×2 pooling both ways; the loops once."""
    found = []
    for shape, limits in CONVOLUTIONS.items():
        targets = dict(zip(PASSES, map(Target, limits), strict=False))
        for name, calls in contestants(shape).items():
            found += _convolution(shape, name, calls, targets.get(name), settings)
    for x_shape in POOLED:
        sizes = "×".join(map(str, x_shape))
        for what, calls in pooling(x_shape).items():
            timings = interleave(calls, settings)
            found.append(_against_pytorch(f"{what} 2×2, {sizes}, both ways", timings, POOLING, _times(timings)))
    return found + by_hand(settings)


def pooling(x_shape: tuple[int, ...]) -> dict[str, Calls]:
    """Forward and backward in one call, shown to agree: our layer, and our function with PyTorch's kind of argmax."""
    x = normal(*x_shape)
    layer, textbook = nn.MaxPool2d(2), Pooling(2, 2, 2, dtype=np.float32)
    dz = normal(*layer.forward(x).shape)

    def by_layers(layer: nn.MaxPool2d | Pooling) -> tuple[Array, Array]:
        return layer.forward(x), layer.backward(dz)

    def by_function() -> tuple[Array, Array]:
        z, argmax = F.max_pool2d(x, 2)
        return z, F.max_pool2d_backward(dz, argmax, x_shape)

    peers: Calls = {"textbook": partial(by_layers, textbook)}
    if pytorch.is_installed():
        peers["PyTorch"] = _pool_in_pytorch(x, dz)
    found: dict[str, Calls] = {
        "max-pool layer": {"ours": partial(by_layers, layer), **peers},
        "max_pool2d": {"ours": by_function, **peers},
    }
    for what, calls in found.items():
        check_same(calls, f"{what} {x_shape}")
    return found


def by_hand(settings: Settings) -> list[Line]:
    """The equations literally, as loops in Python, against ours: what the speed is for."""
    x, w, b, dz, options = Operands.of(BY_HAND)
    passes = contestants(BY_HAND)
    passes["forward"]["loops"] = lambda: loops.conv2d(x, w, b, **options)
    passes["backward"]["loops"] = lambda: loops.conv2d_backward(dz, x, w, **options)
    found = []
    for name in ("forward", "backward"):
        check_same(passes[name], f"{BY_HAND}, {name}")
        timings = interleave(passes[name], settings)
        ratio = timings.ratio("loops", "ours")
        found.append(Line(f"{BY_HAND}, {name}: loops ÷ ours", ratio, "×", how=_times(timings)))
    return found


def _pool_in_pytorch(x: Array, dz: Array) -> Call:
    torch = pytorch.load()
    x_torch, dz_torch = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dz)

    def both_ways() -> object:
        z = torch.nn.functional.max_pool2d(x_torch, 2)
        return z, *torch.autograd.grad(z, x_torch, dz_torch)

    return both_ways


def _convolution(shape: Shape, name: str, calls: Calls, target: Target | None, settings: Settings) -> list[Line]:
    """Ours ÷ PyTorch's; and where it is judged, our share of a square product's flops a second."""
    timings = interleave({**calls, GEMM: square_product()}, settings)
    work = shape.flops(name) / _gemm_flops()  # in square products
    found = [_against_pytorch(f"{shape}, {name}", timings, target, _times(timings, shape.flops(name)))]
    if name == "forward" and shape.C >= 16 and shape.kernel in (3, 4, 5) and shape.stride == 1:
        share, peak = timings.ratio(GEMM, "ours").times(work), _gemm_flops() / timings.seconds(GEMM).median
        how = f"of {peak / 1e9:.0f} GF/s, the product of two {GEMM_SIZE}×{GEMM_SIZE} matrices"
        found.append(Line(f"{shape}, {name}: ours ÷ GEMM, flops a second", share, "×", SHARE, how))
    return found


def _against_pytorch(name: str, timings: Timings, target: Target | None, how: str) -> Line:
    """Ours ÷ PyTorch's; the times alone where there is no PyTorch."""
    name = f"{name}: ours ÷ PyTorch"
    if "PyTorch" not in timings.rounds:
        return Line(name, None, "×", target, f"{how}; {pytorch.MISSING}")
    return Line(name, timings.ratio("ours", "PyTorch"), "×", target, how)


def _times(timings: Timings, flops: float | None = None) -> str:
    """Everybody's time; for a pass of so many flops also flops a second, and as a share of a square product's."""
    parts = []
    for library in timings.rounds:
        if library != GEMM:
            seconds = timings.seconds(library).median
            speed = ""
            if flops is not None:
                share = timings.ratio(GEMM, library).median * flops / _gemm_flops()
                speed = f" {flops / seconds / 1e9:.1f} GF/s {share:.0%}"
            parts.append(f"{library} {seconds * 1e3:.3g} ms{speed}")
    return ", ".join(parts)


def _gemm_flops() -> int:
    return 2 * GEMM_SIZE**3

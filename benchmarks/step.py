"""One training step of two networks: ours, PyTorch's in both of its layouts, the textbook's.

Same network, same first weights, same batch, same optimiser; before any timing each contestant takes one step, and
loss, gradients and updated weights have to agree. Every step starts from arrays in memory and ends with new weights and
the loss as a number. The textbook also computes the gradient of the picture, which PyTorch and we leave out.

Two batches, because what is in the pictures matters: PyTorch's max-pooling branches on values, and guesses right more
often where digits have their even background; so do the textbook's masks. Noise is the harder input for both.
"""

from functools import partial

import numpy as np

from benchmarks import pytorch
from benchmarks.network import LARGE, SMALL, Array, Network, Trainer, check_same_training, noise_batch
from benchmarks.ours import Ours
from benchmarks.report import Line, Target
from benchmarks.textbook import Textbook
from lessonconv.data import digits
from lessonconv.timing import Settings, Timings, interleave

BATCH = 64
CHANNELS_LAST = "PyTorch channels_last"
AGAIN = "ours again"  # shows how far chance alone carries a ratio from 1
Targets = dict[tuple[str, str], Target | None]
TARGETS: dict[Network, Targets] = {
    SMALL: {
        ("ours", "PyTorch"): Target(0.52),
        ("ours", CHANNELS_LAST): Target(0.85),
        ("textbook", "ours"): Target(8, at_least=True),
        ("textbook, float32", "ours"): Target(5, at_least=True),
        (AGAIN, "ours"): None,
    },
    LARGE: {
        ("ours", "PyTorch"): Target(0.95),
        ("ours", CHANNELS_LAST): Target(1.3),
        ("textbook", "ours"): None,
        (AGAIN, "ours"): None,
    },
}


def lines(settings: Settings) -> list[Line]:
    """All contestants in turn: each network on real digits and on noise."""
    (x, labels), _ = digits()
    batches = {"digits": (x[:BATCH].copy(), labels[:BATCH].copy()), "noise": noise_batch(BATCH)}
    found = []
    for network, targets in TARGETS.items():
        for what, batch in batches.items():
            timings = race(network, *batch, settings)
            found += [_line(f"step {network}, {what}", a, b, timings, targets[a, b]) for a, b in targets]
    return found


def race(network: Network, x: Array, labels: Array, settings: Settings) -> Timings:
    """Time a training step on this batch in every library that is there; AssertionError if they do not agree."""
    first = network.first_parameters()
    trainers: dict[str, Trainer] = {
        "ours": Ours(network, first),
        "textbook": Textbook(network, first),
        "textbook, float32": Textbook(network, first, np.float32),
        AGAIN: Ours(network, first),
    }
    if pytorch.is_installed():
        trainers["PyTorch"] = pytorch.PyTorch(network, first)
        trainers[CHANNELS_LAST] = pytorch.PyTorch(network, first, channels_last=True)
    check_same_training(trainers, x, labels)
    return interleave({name: partial(trainer.step, x, labels) for name, trainer in trainers.items()}, settings)


def _line(what: str, a: str, b: str, timings: Timings, target: Target | None) -> Line:
    name = f"{what}: {a} ÷ {b}"
    if not {a, b} <= timings.rounds.keys():
        return Line(name, None, "×", target, pytorch.MISSING)
    how = f"{timings.seconds(a).median * 1e3:.2f} ms : {timings.seconds(b).median * 1e3:.2f} ms"
    return Line(name, timings.ratio(a, b), "×", target, how)

"""One training step of the benchmark's network: ours, PyTorch's, the textbook's.

Same network, same first weights, same batch, same optimiser; before any timing each contestant takes one step, and
loss, gradients and updated weights have to agree. Every step starts from arrays in memory and ends with new weights and
the loss as a number. The textbook also computes the gradient of the picture, which PyTorch and we leave out.

Two batches, because what is in the pictures matters: PyTorch's max-pooling branches on values, and guesses right more
often where digits have their even background; so do the textbook's masks. Noise is the harder input for both.
"""

from functools import partial

import numpy as np

from benchmarks import pytorch
from benchmarks.network import Array, Trainer, check_same_training, first_parameters, noise_batch
from benchmarks.ours import Ours
from benchmarks.report import Line, Target
from benchmarks.textbook import Textbook
from lessonconv.data import digits
from lessonconv.timing import Settings, Timings, interleave

BATCH = 64
AGAIN = "ours again"  # shows how far chance alone carries a ratio from 1


def lines(settings: Settings) -> list[Line]:
    """All contestants in turn, on real digits and on noise."""
    (x, labels), _ = digits()
    found = []
    for what, batch in (("digits", (x[:BATCH].copy(), labels[:BATCH].copy())), ("noise", noise_batch(BATCH))):
        found += _compare(what, race(*batch, settings))
    return found


def race(x: Array, labels: Array, settings: Settings) -> Timings:
    """Time a training step on this batch in every library that is there; AssertionError if they do not agree."""
    trainers: dict[str, Trainer] = {
        "ours": Ours(first_parameters()),
        "textbook": Textbook(first_parameters()),
        "textbook, float32": Textbook(first_parameters(), np.float32),
        AGAIN: Ours(first_parameters()),
    }
    if pytorch.is_installed():
        trainers["PyTorch"] = pytorch.PyTorch(first_parameters())
    check_same_training(trainers, x, labels)
    return interleave({name: partial(trainer.step, x, labels) for name, trainer in trainers.items()}, settings)


def _compare(what: str, timings: Timings) -> list[Line]:
    """The ratios that have a target, and the one that ought to be 1."""

    def line(a: str, b: str, target: Target | None = None) -> Line:
        name = f"training step on {what}: {a} ÷ {b}"
        if not {a, b} <= timings.rounds.keys():
            return Line(name, None, "×", target, pytorch.MISSING)
        how = f"{timings.seconds(a).median * 1e3:.2f} ms : {timings.seconds(b).median * 1e3:.2f} ms"
        return Line(name, timings.ratio(a, b), "×", target, how)

    return [
        line("ours", "PyTorch", Target(0.75)),
        line("textbook", "ours", Target(5, at_least=True)),
        line("textbook, float32", "ours", Target(5, at_least=True)),
        line(AGAIN, "ours"),
    ]

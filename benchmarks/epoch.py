"""One epoch of chapter 10, as a learner waits for it: 4,000 digits in batches of 64, ours by `nn.fit`.

Every call starts from the same first weights. PyTorch draws an order of its own, so the losses at the end are not the
same numbers; that both compute the same is seen on the first batch, before the clock starts. Both keep count of the
loss and of what is recognised, as a progress bar would show it.
"""

import numpy as np

from benchmarks import pytorch
from benchmarks.network import CHAPTER_10, Array, Trainer, check_same_training
from benchmarks.ours import Ours
from benchmarks.report import Line
from lessonconv import nn
from lessonconv.data import digits
from lessonconv.timing import Call, Settings, interleave

DIGITS, BATCH = 4000, 64
OPTIMISER = {"lr": 0.05, "momentum": 0.9, "weight_decay": 1e-3}
LEAST_ROUNDS = 3  # an epoch is long enough for a sample of its own


def lines(settings: Settings) -> list[Line]:
    """Ours ÷ PyTorch's, in both of its layouts."""
    (x, labels), _ = digits()
    x, labels = x[:DIGITS], labels[:DIGITS]
    calls: dict[str, Call] = {"ours": lambda: ours(x, labels)}
    if pytorch.is_installed():
        calls["PyTorch"] = lambda: in_pytorch(x, labels, channels_last=False)
        calls["PyTorch channels_last"] = lambda: in_pytorch(x, labels, channels_last=True)
    check_same_training(_trainers(), x[:BATCH], labels[:BATCH])
    timings = interleave(calls, settings, least_rounds=LEAST_ROUNDS)
    found = []
    for peer in ("PyTorch", "PyTorch channels_last"):
        name, mine = f"epoch of {CHAPTER_10}, {len(x):,} digits: ours ÷ {peer}", timings.seconds("ours").median
        if peer in calls:
            how = f"{mine:.3f} s : {timings.seconds(peer).median:.3f} s"
            found.append(Line(name, timings.ratio("ours", peer), "×", how=how))
        else:
            found.append(Line(name, None, "×", how=f"{mine:.3f} s; {pytorch.MISSING}"))
    return found


def ours(x: Array, labels: Array) -> float:
    """An epoch from the first weights; its mean loss."""
    net = Ours(CHAPTER_10, CHAPTER_10.first_parameters()).net
    optimizer = nn.SGD(net, **OPTIMISER)
    history = nn.fit(net, (x, labels), epochs=1, batch_size=BATCH, optimizer=optimizer, progress=False)
    return history.epochs[0].loss


def in_pytorch(x: Array, labels: Array, *, channels_last: bool) -> float:
    """The same, by the loop that PyTorch's users write."""
    trainer = pytorch.PyTorch(CHAPTER_10, CHAPTER_10.first_parameters(), channels_last=channels_last)
    trainer.optimizer = trainer.torch.optim.SGD(trainer.net.parameters(), **OPTIMISER)
    order = np.random.default_rng(0).permutation(len(x))
    loss_sum, correct = 0.0, 0
    for start in range(0, len(x), BATCH):
        batch = order[start : start + BATCH]
        loss_sum += trainer.step(x[batch], labels[batch]) * len(batch)
        correct += int((trainer.logits.argmax(1).numpy() == labels[batch]).sum())
    return loss_sum / len(x)


def _trainers() -> dict[str, Trainer]:
    first = CHAPTER_10.first_parameters()
    trainers: dict[str, Trainer] = {"ours": Ours(CHAPTER_10, first)}
    if pytorch.is_installed():
        trainers["PyTorch"] = pytorch.PyTorch(CHAPTER_10, first)
        trainers["PyTorch channels_last"] = pytorch.PyTorch(CHAPTER_10, first, channels_last=True)
    return trainers

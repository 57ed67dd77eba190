"""Training: `fit` shows the network every image once an epoch, in small batches, and writes down how it went.

Everything random in step t of epoch e follows from (seed, e, t) alone. So a training that was stopped, saved and taken
up again meets the same batches, and ends at the same numbers, as one that ran through.
"""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lessonconv.functional import softmax_cross_entropy
from lessonconv.functional.arguments import Array, indices
from lessonconv.nn.checkpoint import restore, snapshot
from lessonconv.nn.history import Epoch, History
from lessonconv.nn.layer import Layer, evaluating
from lessonconv.nn.optim import SGD, Optimizer


def fit(
    net: Layer,
    train: tuple[Any, Any],
    *,
    test: tuple[Any, Any] | None = None,
    epochs: int = 10,
    batch_size: int = 64,
    optimizer: Optimizer | None = None,
    schedule: Callable[[int], float] | None = None,
    seed: int = 0,
    history: History | None = None,
    progress: bool = True,
    on_epoch: Callable[[History], Any] | None = None,
) -> History:
    """Train a network on (x, y) with softmax cross-entropy, and leave it in evaluation mode.

    train, test: (x, y) with x: (N, …), y: (N,) class numbers from 0. epochs: how many in all, with those in `history`.
    optimizer: None is SGD(net, lr=0.05, momentum=0.9). schedule: epoch (from 0) → factor on the learning rate.
    history: from an earlier call or from `load`, to go on where it stopped. on_epoch: called with it after each epoch.

    The stop button (or Ctrl-C) ends it after the step under way: the network keeps what it has learned. If the loss is
    no longer finite, the last good epoch's weights are put back and `history.stopped` says what to lower.
    Raises ValueError or TypeError for arguments that do not fit together. Source: Goodfellow et al. 2016, §8.3.
    """
    if not net.params:
        raise ValueError(f"{net!r} has no parameters: there is nothing to train")
    dtype = next(iter(net.params.values())).dtype
    x, y = _examples("train", train, dtype)
    test = None if test is None else _examples("test", test, dtype)
    optimizer = SGD(net, lr=0.05, momentum=0.9) if optimizer is None else optimizer
    if optimizer.net is not net:
        raise ValueError("the optimizer was made for another network; make a new one with this network")
    if epochs < 0 or batch_size < 1 or seed < 0:
        raise ValueError(f"epochs {epochs}, batch_size {batch_size}, seed {seed}: give at least 0, 1 and 0")
    history = History() if history is None else replace(history, epochs=list(history.epochs), stopped=None)
    training = _Training(net, x, y, test, batch_size, optimizer, seed, history)
    lr = optimizer.lr
    try:
        with _bar(training, epochs, progress) as bar, _StopButton() as button:
            while len(history.epochs) < epochs and not history.stopped:
                optimizer.lr = lr * (schedule(len(history.epochs)) if schedule else 1)
                training.run_epoch(bar, button)
                if on_epoch is not None and not history.steps and not history.stopped:
                    on_epoch(history)
    finally:
        optimizer.lr = lr
        net.eval()
    if history.stopped:
        print(history.stopped)
    return history


def predict(net: Layer, x: Any, *, batch_size: int = 256) -> Array:
    """The network's output for every x, in evaluation mode, a batch at a time. x: (N, …); returns (N, …)."""
    x = np.asarray(x)
    with evaluating(net):
        return np.concatenate([net.forward(x[i : i + batch_size]) for i in range(0, max(1, len(x)), batch_size)])


def evaluate(net: Layer, examples: tuple[Any, Any], *, batch_size: int = 256) -> tuple[float, float]:
    """The mean loss on (x, y), in nats, and the share of images recognised, in evaluation mode."""
    x, y = examples
    logits = predict(net, x, batch_size=batch_size)
    loss, _ = softmax_cross_entropy(logits, y)
    return loss, float(np.mean(logits.argmax(axis=1) == y))


class _Diverged(Exception):
    """The loss is not finite any more."""


@dataclass
class _Training:
    net: Layer
    x: Array
    y: Array
    test: tuple[Array, Array] | None
    batch_size: int
    optimizer: Optimizer
    seed: int
    history: History

    @property
    def steps(self) -> int:
        """Batches in an epoch; the last may be smaller."""
        return -(-len(self.x) // self.batch_size)

    def run_epoch(self, bar: Any, button: "_StopButton") -> None:
        """Finish the epoch that the history is in, or say in `history.stopped` why not."""
        history, begun = self.history, time.perf_counter()
        last_good, place = snapshot(self.net, self.optimizer), (history.steps, history.loss_sum, history.correct)
        order = np.random.default_rng([self.seed, len(history.epochs)]).permutation(len(self.x))
        try:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # told below, in a sentence
                while history.steps < self.steps:
                    self._step(order)
                    bar.update()
                    bar.set_postfix_str(self._state(), refresh=False)
                    if button.pressed:
                        raise KeyboardInterrupt
                history.epochs.append(self._finished(time.perf_counter() - begun))
                history.steps, history.loss_sum, history.correct = 0, 0.0, 0
        except KeyboardInterrupt:
            history.stopped = (
                f"Stopped in epoch {len(history.epochs) + 1} after {history.steps} of {self.steps} steps. "
                "The network keeps what it has learned; call fit with history=history to go on."
            )
        except _Diverged:
            history.stopped = self._what_to_lower()
            restore(self.net, self.optimizer, last_good)
            history.steps, history.loss_sum, history.correct = place

    def _what_to_lower(self) -> str:
        epoch, step, lr = len(self.history.epochs) + 1, self.history.steps + 1, self.optimizer.lr
        back = f"those at the end of epoch {epoch - 1}" if epoch > 1 else "those it started from"
        return (
            f"Stopped in epoch {epoch}, step {step}: the loss is not finite any more, the steps were too large. "
            f"The weights are again {back}. Lower the learning rate: {lr:g} is too much, try {lr / 10:g}."
        )

    def _step(self, order: Array) -> None:
        history = self.history
        batch = order[history.steps * self.batch_size : (history.steps + 1) * self.batch_size]
        self.net.train()
        self.net.reseed([self.seed, len(history.epochs), history.steps])
        logits = self.net.forward(self.x[batch])
        if not np.isfinite(logits).all():
            raise _Diverged
        loss, dlogits = softmax_cross_entropy(logits, self.y[batch])
        self.net.backward(dlogits)
        self.optimizer.step()
        history.steps += 1
        history.loss_sum += loss * len(batch)
        history.correct += int((logits.argmax(axis=1) == self.y[batch]).sum())

    def _finished(self, seconds: float) -> Epoch:
        """The epoch's row. The weights after its last step have met no loss yet, so they are looked at here."""
        if not all(np.isfinite(p).all() for p in self.net.params.values()):
            raise _Diverged
        N, history = len(self.x), self.history
        test_loss = test_accuracy = None
        if self.test is not None:
            logits = predict(self.net, self.test[0])
            if not np.isfinite(logits).all():
                raise _Diverged
            test_loss, _ = softmax_cross_entropy(logits, self.test[1])
            test_accuracy = float(np.mean(logits.argmax(axis=1) == self.test[1]))
        loss, accuracy, number = history.loss_sum / N, history.correct / N, len(history.epochs) + 1
        return Epoch(number, loss, accuracy, test_loss, test_accuracy, self.optimizer.lr, seconds)

    def _state(self) -> str:
        """Loss and accuracy so far, for the progress bar."""
        history = self.history
        seen = min(history.steps * self.batch_size, len(self.x))
        tested = history.epochs and history.epochs[-1].test_accuracy is not None
        test = f", test accuracy {history.epochs[-1].test_accuracy:.1%}" if tested else ""
        epoch = len(history.epochs) + 1
        return f"epoch {epoch}, loss {history.loss_sum / seen:.3f}, accuracy {history.correct / seen:.1%}{test}"


class _StopButton:
    """While open, Ctrl-C or a notebook's stop button is noted, not raised: no step is cut in half. A second raises."""

    def __init__(self) -> None:
        self.pressed = False

    def _press(self, *_: Any) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def __enter__(self) -> "_StopButton":
        self.main = threading.current_thread() is threading.main_thread()  # only there does Python hand out signals
        if self.main:
            self.before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: Any) -> None:
        if self.main:
            signal.signal(signal.SIGINT, self.before or signal.default_int_handler)


def _bar(training: _Training, epochs: int, progress: bool) -> Any:
    from tqdm.auto import tqdm  # on demand: `import lessonconv` costs NumPy and nothing else

    done = len(training.history.epochs) * training.steps + training.history.steps
    return tqdm(total=epochs * training.steps, initial=done, unit="step", disable=not progress)


def _examples(name: str, pair: Any, dtype: Any) -> tuple[Array, Array]:
    """(x, y) with x in the network's dtype. Raises ValueError or TypeError if they cannot be learned from."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"{name} must be a pair (x, y) of arrays, not {type(pair).__name__}")
    x, y = np.asarray(pair[0], dtype), indices(f"the labels of {name}", pair[1])
    if len(x) != len(y) or y.ndim != 1 or not len(y):
        raise ValueError(f"{name} has x {x.shape} and y {y.shape}; give (N, …) and (N,), a label for each image, N ≥ 1")
    if not np.isfinite(x).all():
        raise ValueError(f"x of {name} holds a NaN or an infinity, which no training survives; clean it first")
    return x, y

"""Training: `fit` shows the network every image once an epoch, in small batches, and writes down how it went.

Everything random in step t of epoch e follows from (seed, e, t) alone. So a training that was stopped, saved and taken
up again meets the same batches, and ends at the same numbers, as one that ran through.
"""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lessonconv.functional import softmax_cross_entropy
from lessonconv.functional.arguments import Array, indices, real_numbers, tensor
from lessonconv.functional.loss import check_labels
from lessonconv.nn.checkpoint import restore, snapshot
from lessonconv.nn.history import Epoch, History
from lessonconv.nn.layer import Layer, evaluating
from lessonconv.nn.optim import SGD, Optimizer

GO_ON = "call fit with history=history to go on."


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
    training = Training(
        net,
        train,
        test=test,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        schedule=schedule,
        seed=seed,
        history=history,
    )
    follow(training, progress=progress, on_epoch=on_epoch)
    return training.history


def follow(training: "Training", *, progress: bool, on_epoch: Callable[[History], Any] | None) -> None:
    """Take the steps that are left, under a progress bar, and print why it stopped, if it did."""
    history = training.history
    with _bar(training, progress) as bar:

        def after_step() -> None:
            bar.update(training.steps_done - bar.n)
            bar.set_postfix_str(training.state(), refresh=not history.steps)
            if on_epoch is not None and not history.steps:
                on_epoch(history)

        training.run(after_step)
    if history.stopped:
        print(history.stopped)


def predict(net: Layer, x: Any, *, batch_size: int = 256) -> Array:
    """The network's output for every x, in evaluation mode, a batch at a time. x: (N, …); returns (N, …)."""
    x = np.asarray(x)
    with evaluating(net):
        return np.concatenate([net.forward(x[i : i + batch_size]) for i in range(0, max(1, len(x)), batch_size)])


def evaluate(net: Layer, examples: tuple[Any, Any], *, batch_size: int = 256) -> tuple[float, float]:
    """The mean loss on (x, y), in nats, and the share of images recognised, in evaluation mode."""
    x, y = examples
    return _score(predict(net, x, batch_size=batch_size), y)


def _score(logits: Array, y: Any) -> tuple[float, float]:
    loss, _ = softmax_cross_entropy(logits, y)
    return loss, float(np.mean(logits.argmax(axis=1) == y))


class _Diverged(Exception):
    """The loss is not finite any more."""


class Training:
    """What `fit` does, a step at a time: `step` until it is `over`. Arguments and errors are those of `fit`.

    history: how it went so far; where it says `stopped`, put None to go on. Between two steps the network is in
    evaluation mode, and anybody's to use.
    """

    def __init__(
        self,
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
    ) -> None:
        history = History() if history is None else replace(history, epochs=list(history.epochs), stopped=None)
        if optimizer is None:
            known = history.optimizer is not None and history.optimizer.net is net
            optimizer = history.optimizer if known else SGD(net, lr=0.05, momentum=0.9)
        _check_arguments(net, optimizer, history, epochs, batch_size, seed)
        history.optimizer = optimizer
        self.net, self.optimizer, self.schedule, self.history = net, optimizer, schedule, history
        self.epochs, self.batch_size, self.seed = epochs, batch_size, seed
        self.x, self.y = _examples("train", train, net)
        self.test = None if test is None else _examples("test", test, net)
        self._epoch: _Begun | None = None
        net.eval()

    @property
    def steps(self) -> int:
        """Batches in an epoch; the last may be smaller."""
        return -(-len(self.x) // self.batch_size)

    @property
    def steps_done(self) -> int:
        """Batches learned from, in all epochs."""
        return len(self.history.epochs) * self.steps + self.history.steps

    @property
    def over(self) -> bool:
        """Whether all epochs are done, or it was stopped."""
        return len(self.history.epochs) >= self.epochs or self.history.stopped is not None

    def run(self, after_step: Callable[[], Any]) -> None:
        """Take the steps that are left. The stop button (or Ctrl-C) ends it after the step under way."""
        with _StopButton() as button, suppress(KeyboardInterrupt):
            while not (self.over or button.pressed):
                self.step()
                if not self.history.stopped:
                    after_step()
        if not self.over:
            self.stop()

    def stop(self) -> None:
        """Write down where it was left; it is over."""
        history = self.history
        history.stopped = (
            f"Stopped in epoch {len(history.epochs) + 1} after {history.steps} of {self.steps} steps. "
            f"The network keeps what it has learned; {GO_ON}"
        )

    def step(self) -> None:
        """Learn from the next batch or, behind an epoch's last batch, look at the test set and write the epoch down.

        If the loss is not finite any more, `history.stopped` says what to lower.
        """
        begun, lr = time.perf_counter(), self.optimizer.lr
        epoch = self._epoch = self._epoch or self._begin_epoch()
        try:
            self.optimizer.lr = lr * epoch.factor
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # told below, in a sentence
                if self.history.steps < self.steps:
                    self._learn(epoch.order)
                else:
                    self._finish(epoch.seconds + time.perf_counter() - begun)
                    self._epoch = None
        except _Diverged:
            self.history.stopped = self._what_to_lower(resumed=epoch.place["steps"] > 0)
            restore(self.net, self.optimizer, epoch.last_good)
            vars(self.history).update(epoch.place)
        finally:
            epoch.seconds += time.perf_counter() - begun
            self.optimizer.lr = lr
            self.net.eval()

    def _begin_epoch(self) -> "_Begun":
        """Go back here if this epoch diverges."""
        number = len(self.history.epochs)
        order = np.random.default_rng([self.seed, number]).permutation(len(self.x))
        last_good = snapshot(self.net, self.optimizer)
        return _Begun(_factor(self.schedule, number), order, last_good, _place(self.history))

    def _what_to_lower(self, resumed: bool) -> str:
        epoch, lr = len(self.history.epochs) + 1, self.optimizer.lr
        step = min(self.history.steps + 1, self.steps)
        back = "those it started from" if epoch == 1 or resumed else f"those at the end of epoch {epoch - 1}"
        return (
            f"Stopped in epoch {epoch}, step {step}: the loss is not finite any more, the steps were too large. "
            f"The weights are again {back}. Lower the learning rate: {lr:g} is too much, try {lr / 10:g}."
        )

    def _learn(self, order: Array) -> None:
        """Forward, loss, backward, update, on the next batch of the epoch."""
        history = self.history
        batch = order[history.steps * self.batch_size : (history.steps + 1) * self.batch_size]
        self.net.train()
        self.net.reseed([self.seed, len(history.epochs), history.steps])
        logits = self.net.forward(self.x[batch])
        if not np.isfinite(logits).all():
            raise _Diverged
        loss, dlogits = softmax_cross_entropy(logits, self.y[batch])
        self.net.backward_params(dlogits)
        self.optimizer.step()
        history.steps, history.batch_size, history.seed = history.steps + 1, self.batch_size, self.seed
        history.loss_sum += loss * len(batch)
        history.correct += int((logits.argmax(axis=1) == self.y[batch]).sum())

    def _finish(self, seconds: float) -> None:
        """Write the epoch down. The weights after its last step have met no loss yet, so they are looked at here."""
        for arrays in (self.net.params, self.net.buffers):
            if not all(np.isfinite(array).all() for array in arrays.values()):
                raise _Diverged
        N, history = len(self.x), self.history
        test_loss = test_accuracy = None
        if self.test is not None:
            logits = predict(self.net, self.test[0])
            if not np.isfinite(logits).all():
                raise _Diverged
            test_loss, test_accuracy = _score(logits, self.test[1])
        loss, accuracy, number = history.loss_sum / N, history.correct / N, len(history.epochs) + 1
        epoch = Epoch(number, loss, accuracy, test_loss, test_accuracy, self.optimizer.lr, seconds)
        history.epochs.append(epoch)
        vars(history).update(_place(History()))

    def state(self) -> str:
        """Loss and accuracy so far, in words; between epochs, those of the finished one."""
        history = self.history
        seen = min(history.steps * self.batch_size, len(self.x))
        last = history.epochs[-1] if history.epochs else None
        test = f", test accuracy {last.test_accuracy:.1%}" if last and last.test_accuracy is not None else ""
        if last and not seen:
            return f"epoch {last.epoch}, loss {last.loss:.3f}, accuracy {last.accuracy:.1%}{test}"
        loss, accuracy = history.loss_sum / seen, history.correct / seen
        return f"epoch {len(history.epochs) + 1}, loss {loss:.3f}, accuracy {accuracy:.1%}{test}"


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
            signal.signal(signal.SIGINT, signal.default_int_handler if self.before is None else self.before)


@dataclass
class _Begun:
    """What an epoch under way needs. last_good, place: the weights and the history that it began with."""

    factor: float
    order: Array
    last_good: Any
    place: dict[str, Any]
    seconds: float = 0.0


def _bar(training: Training, progress: bool) -> Any:
    from tqdm.auto import tqdm  # on demand: `import lessonconv` costs NumPy and nothing else

    total, done = training.epochs * training.steps, training.steps_done
    off = {} if progress else {"disable": True}  # not disable=False, which would win over tqdm's own variable
    return tqdm(total=total, initial=done, unit="step", **off)


def _place(history: History) -> dict[str, Any]:
    """How far into an epoch a history is."""
    names = "steps", "loss_sum", "correct", "batch_size", "seed"
    return {name: getattr(history, name) for name in names}


def _factor(schedule: Callable[[int], float] | None, epoch: int) -> float:
    factor = 1.0 if schedule is None else float(schedule(epoch))
    if not (np.isfinite(factor) and factor >= 0):
        raise ValueError(f"the schedule gives {factor} for epoch {epoch}; it must give a factor of 0 or more")
    return factor


def _check_arguments(
    net: Layer, optimizer: Optimizer, history: History, epochs: int, batch_size: int, seed: int
) -> None:
    if not net.params:
        raise ValueError(f"{net!r} has no parameters: there is nothing to train")
    if optimizer.net is not net:
        raise ValueError("the optimizer was made for another network; make a new one with this network")
    if epochs < 0 or batch_size < 1 or seed < 0:
        raise ValueError(f"epochs {epochs}, batch_size {batch_size}, seed {seed}: give at least 0, 1 and 0")
    if history.steps and (history.batch_size, history.seed) != (batch_size, seed):
        raise ValueError(
            f"the history stopped amid an epoch with batch_size {history.batch_size} and seed {history.seed}, not "
            f"{batch_size} and {seed}; go on with the same ones, or leave the history out"
        )


def _examples(name: str, pair: Any, net: Layer) -> tuple[Array, Array]:
    """(x, y) in the network's dtype. Raises ValueError or TypeError if the network cannot learn from them."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"{name} must be a pair (x, y) of arrays, not {type(pair).__name__}")
    try:
        x, y = real_numbers("x", np.asarray(pair[0])), indices("y", pair[1])
        if x.ndim == 0 or y.ndim != 1 or len(x) != len(y) or not len(y):
            raise ValueError(f"x {x.shape} and y {y.shape}; give (N, …) and (N,), a label for each image, N ≥ 1")
        if not np.isfinite(x).all():
            raise ValueError("x holds a NaN or an infinity, which no training survives; clean it first")
        x = x.astype(next(iter(net.params.values())).dtype, copy=False)
        check_labels(y, tensor("the network's output", predict(net, x[:1]), "N, K").shape[1])
    except (ValueError, TypeError) as error:
        raise type(error)(f"{name}: {error}") from error
    return x, y

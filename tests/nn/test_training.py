"""fit, predict and evaluate: learning, the same numbers from a seed, and what happens when a training is cut short."""

import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessonconv import nn
from lessonconv.functional import softmax_cross_entropy
from lessonconv.nn.training import Training
from tests.nn.oracles import Array, assert_equal, at_step, values, weights_of

STEPS = 5  # batches an epoch: 16, 16, 16, 16 and 6 of 70 images
OPTIMIZERS = {
    "SGD": lambda net: nn.SGD(net, lr=0.05, momentum=0.9, weight_decay=0.01),
    "Adam": lambda net: nn.Adam(net, lr=0.01),
}


def bars(count: int, seed: int) -> tuple[Array, Array]:
    """Images of a vertical bar, a horizontal bar or a diagonal, in noise."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 0.3, (count, 1, 6, 6)).astype(np.float32), rng.integers(0, 3, count)
    for image, label, place in zip(x[:, 0], y, rng.integers(0, 6, count), strict=True):
        image[[(slice(None), place), (place, slice(None)), (range(6), range(6))][label]] += 2
    return x, y


TRAIN, TEST = bars(70, seed=0), bars(40, seed=1)


def network(rng: int = 0) -> nn.Sequential:
    """All that is random, or remembers: weights, dropped values, running statistics."""
    layers = (nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Dropout(0.2), nn.Flatten(), nn.Linear(36, 3), rng=rng)


def fit(net: nn.Layer, **options: Any) -> nn.History:
    return nn.fit(net, TRAIN, **{"epochs": 3, "batch_size": 16, "progress": False} | options)


def inputs_met(layer: nn.Layer) -> list[Array]:
    """A list that grows with every forward of the layer in training."""
    forward, inputs = layer.forward, []
    layer.forward = lambda x: (inputs.append(x) if layer.training else None) or forward(x)
    return inputs


def stop() -> None:
    signal.raise_signal(signal.SIGINT)


def interrupt() -> None:
    raise KeyboardInterrupt


def steps_done(history: nn.History) -> int:
    return STEPS * len(history.epochs) + history.steps


# Learning


def test_a_network_learns_to_tell_bars_apart() -> None:
    net = network()
    before, _ = nn.evaluate(net, TEST)
    history = fit(net, test=TEST, epochs=20)
    assert history.stopped is None
    assert [epoch.epoch for epoch in history.epochs] == list(range(1, 21))
    last = history.epochs[-1]
    assert last.accuracy > 0.95 and last.test_accuracy > 0.95
    assert last.loss < history.epochs[0].loss / 2
    assert last.test_loss < before / 2
    assert (last.test_loss, last.test_accuracy) == pytest.approx(nn.evaluate(net, TEST))
    assert not net.training and not net[4].training


def test_two_epochs_are_the_steps_written_out() -> None:
    """One layer: every image once an epoch, each batch's mean gradient, the last batch of what is left."""
    x, y = TRAIN[0].reshape(70, 36), TRAIN[1]
    net, by_hand = (nn.Linear(36, 3, rng=0, dtype=np.float64) for _ in range(2))
    batches = inputs_met(net)
    history = nn.fit(net, (x, y), epochs=2, batch_size=16, optimizer=nn.SGD(net, 0.1), progress=False)

    assert [len(batch) for batch in batches] == [16, 16, 16, 16, 6] * 2
    place = {image.tobytes(): n for n, image in enumerate(x.astype(np.float64))}
    for epoch, met in zip(history.epochs, (batches[:STEPS], batches[STEPS:]), strict=True):
        order = [place[image.tobytes()] for image in np.concatenate(met)]
        assert sorted(order) == list(range(70)) and order != sorted(order)
        total = correct = 0.0
        for batch in met:
            labels = y[[place[image.tobytes()] for image in batch]]
            logits = by_hand.forward(batch)
            loss, dlogits = softmax_cross_entropy(logits, labels)
            by_hand.params["w"] -= 0.1 * dlogits.T @ batch
            by_hand.params["b"] -= 0.1 * dlogits.sum(axis=0)
            total, correct = total + loss * len(batch), correct + (logits.argmax(axis=1) == labels).sum()
        assert (epoch.loss, epoch.accuracy) == pytest.approx((total / 70, correct / 70))
        assert (epoch.test_loss, epoch.test_accuracy, epoch.lr) == (None, None, 0.1)
    for name, p in by_hand.params.items():
        np.testing.assert_allclose(net.params[name], p, rtol=1e-12)


def test_every_epoch_meets_the_images_in_another_order() -> None:
    net = network()
    batches = inputs_met(net)
    fit(net)
    assert len({batch.tobytes() for batch in batches}) == len(batches) == 3 * STEPS


def test_without_an_optimizer_it_is_sgd_with_momentum() -> None:
    ours, default = network(), network()
    history = fit(ours, optimizer=nn.SGD(ours, lr=0.05, momentum=0.9))
    assert fit(default) == history
    assert_equal(weights_of(default), weights_of(ours))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_same_seed_gives_the_same_numbers_to_the_last_bit(name: str) -> None:
    nets = [network() for _ in range(3)]
    histories = []
    for net, seed in zip(nets, (7, 7, 8), strict=True):
        np.random.seed(len(histories))  # noqa: NPY002 - the global state must not matter
        histories.append(fit(net, test=TEST, optimizer=OPTIMIZERS[name](net), seed=seed))
    assert histories[0] == histories[1] != histories[2]
    assert_equal(weights_of(nets[0]), weights_of(nets[1]))
    assert not np.array_equal(nets[0].params["0.w"], nets[2].params["0.w"])


def test_a_batch_larger_than_the_set_is_the_set() -> None:
    net = network()
    assert fit(net, batch_size=1000, epochs=1).epochs[0].epoch == 1


def test_no_epochs_train_nothing() -> None:
    net = network()
    before = weights_of(net)
    assert fit(net, epochs=0) == nn.History()
    assert_equal(weights_of(net), before)


def test_images_come_in_the_dtype_of_the_network() -> None:
    for dtype in (np.float32, np.float64):
        net = network().astype(dtype)
        batches = inputs_met(net)
        nn.fit(net, (TRAIN[0].tolist(), TRAIN[1].tolist()), epochs=1, progress=False)
        assert {batch.dtype for batch in batches} == {np.dtype(dtype)}
        assert {p.dtype for p in net.params.values()} == {np.dtype(dtype)}


def test_a_schedule_multiplies_the_learning_rate_and_the_optimizer_gets_its_own_back() -> None:
    net = network()
    optimizer, rates = nn.SGD(net, lr=0.1), []
    at_step(net, 6, lambda: rates.append(optimizer.lr))
    history = fit(net, optimizer=optimizer, schedule=nn.step_lr(1, 0.5))
    assert [epoch.lr for epoch in history.epochs] == [0.1, 0.05, 0.025]
    assert (rates, optimizer.lr) == ([0.05], 0.1)

    stepwise = network()
    optimizer = nn.SGD(stepwise, lr=0.1)
    history = None
    for epochs in (1, 2, 3):
        optimizer.lr = 0.1 * 0.5 ** (epochs - 1)
        history = fit(stepwise, optimizer=optimizer, epochs=epochs, history=history)
    assert_equal(weights_of(stepwise), weights_of(net))


@pytest.mark.parametrize("schedule", [nn.cosine_annealing(3), lambda epoch: np.float32(0.5)])
def test_the_learning_rate_is_noted_as_a_plain_number(schedule: Any) -> None:
    assert {type(epoch.lr) for epoch in fit(network(), schedule=schedule).epochs} == {float}


def test_the_callback_gets_the_history_after_every_epoch() -> None:
    seen: list[tuple[int, int]] = []
    history = fit(network(), on_epoch=lambda history: seen.append((len(history.epochs), history.steps)))
    assert seen == [(1, 0), (2, 0), (3, 0)]
    assert len(history.epochs) == 3


def test_a_callback_that_looks_at_the_network_does_not_disturb_the_training() -> None:
    quiet, watched = network(), network()
    history = fit(quiet)
    assert fit(watched, on_epoch=lambda _: nn.predict(watched, TEST[0])) == history
    assert_equal(weights_of(watched), weights_of(quiet))


# The progress bar


def test_the_bar_shows_loss_and_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    fit(network(), test=TEST, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "15/15" in shown.err
    assert re.search(r"epoch 3, loss \d\.\d{3}, accuracy \d+\.\d%, test accuracy \d+\.\d%", shown.err)


def test_the_bar_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    fit(network(), test=TEST)
    assert capsys.readouterr() == ("", "")


def test_the_bar_of_a_resumed_training_begins_where_it_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    net = network()
    history = fit(net, epochs=2)
    fit(net, history=history, progress=True)
    assert "10/15" in capsys.readouterr().err


def test_tqdms_own_variable_silences_the_bar() -> None:
    program = "from lessonconv import nn; nn.fit(nn.Linear(1, 2), ([[1.0]], [0]), epochs=1)"
    environment = {**os.environ, "TQDM_DISABLE": "1"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


# Stopped and taken up again


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("step", [1, 4, 5, 6, 12, 15])
def test_a_stopped_training_goes_on_to_the_numbers_of_one_that_ran_through(
    name: str, step: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through a file, into a fresh network; with momentum, dropped values, running statistics and a schedule."""
    through, schedule = network(), nn.step_lr(2, 0.5)
    optimizer = OPTIMIZERS[name](through)
    expected = fit(through, test=TEST, optimizer=optimizer, schedule=schedule, seed=3)

    stopped = network()
    stopped_optimizer = OPTIMIZERS[name](stopped)
    at_step(stopped, step, stop)
    history = fit(stopped, test=TEST, optimizer=stopped_optimizer, schedule=schedule, seed=3)
    assert steps_done(history) == step  # the step under way was finished
    epoch, steps = divmod(step - 1, STEPS)
    assert history.stopped is not None
    assert history.stopped.startswith(f"Stopped in epoch {epoch + 1} after {steps + 1} of {STEPS} steps.")
    assert capsys.readouterr().out == history.stopped + "\n"
    nn.save(tmp_path / "stopped.npz", stopped, stopped_optimizer, history)

    fresh = network(rng=99)
    fresh_optimizer = OPTIMIZERS[name](fresh)
    loaded = nn.load(tmp_path / "stopped.npz", fresh, fresh_optimizer)
    assert loaded == history
    resumed = fit(fresh, test=TEST, optimizer=fresh_optimizer, schedule=schedule, seed=3, history=loaded)
    assert resumed == expected
    assert_equal(weights_of(fresh), weights_of(through))
    assert_equal(fresh_optimizer.state, optimizer.state)


def test_finished_epochs_can_be_continued_too() -> None:
    through, net = network(), network()
    expected, first = fit(through, epochs=4), None
    optimizer = nn.SGD(net, lr=0.05, momentum=0.9)
    first = fit(net, epochs=2, optimizer=optimizer)
    second = fit(net, epochs=4, optimizer=optimizer, history=first)
    assert second == expected
    assert_equal(weights_of(net), weights_of(through))
    assert len(first.epochs) == 2  # the caller's history is left alone
    assert fit(net, epochs=4, optimizer=optimizer, history=second) == second


def test_what_the_message_says_to_do_goes_on_to_the_same_numbers() -> None:
    through, net = network(), network()
    expected = fit(through)
    at_step(net, 7, stop)
    assert fit(net, history=fit(net)) == expected


@pytest.mark.parametrize("change", [{"batch_size": 35}, {"seed": 1}])
def test_an_unfinished_epoch_is_not_finished_with_other_batches(change: dict[str, int]) -> None:
    net = network()
    at_step(net, 4, stop)
    history = fit(net)
    with pytest.raises(ValueError, match=next(iter(change))):
        fit(net, history=history, **change)


@pytest.mark.parametrize("place", ["forward", "backward", "step"])
def test_an_interrupt_in_the_middle_of_a_step_leaves_a_network_that_works(place: str) -> None:
    net = network()
    optimizer = nn.SGD(net, lr=0.05, momentum=0.9)
    calls = itertools.count(1)

    def interrupted(*arguments: Any) -> Any:
        if net.training and next(calls) == 8:
            raise KeyboardInterrupt
        return original(*arguments)

    owner = optimizer if place == "step" else net[3]
    original = getattr(owner, place)
    setattr(owner, place, interrupted)
    history = fit(net, optimizer=optimizer)
    setattr(owner, place, original)
    assert (len(history.epochs), history.steps) == (1, 2)
    assert history.stopped is not None and "keeps what it has learned" in history.stopped
    assert not net.training
    assert nn.predict(net, TEST[0]).shape == (40, 3)
    assert len(fit(net, optimizer=optimizer, history=history).epochs) == 3


def test_an_interrupt_between_two_steps_is_no_step_lost_or_repeated() -> None:
    through, net = network(), network()
    expected = fit(through)
    at_step(net, 8, interrupt)
    optimizer = nn.SGD(net, lr=0.05, momentum=0.9)
    history = fit(net, optimizer=optimizer)
    assert steps_done(history) == 7
    assert fit(net, optimizer=optimizer, history=history) == expected
    assert_equal(weights_of(net), weights_of(through))


def test_an_interrupt_in_the_callback_keeps_the_history() -> None:
    try:
        history = fit(network(), on_epoch=lambda _: interrupt())
    except KeyboardInterrupt:
        pytest.fail("it left fit")  # and would leave pytest
    assert len(history.epochs) == 1 and history.stopped


def test_the_stop_button_pressed_in_the_callback_stops_the_training() -> None:
    history = fit(network(), on_epoch=lambda history: stop() if len(history.epochs) == 1 else None)
    assert history.stopped is not None
    assert steps_done(history) in (STEPS, STEPS + 1)


def test_pressed_twice_the_button_does_not_wait_for_the_step() -> None:
    net = network()
    at_step(net, 3, lambda: (stop(), stop()))
    history = fit(net)
    assert steps_done(history) == 2 and history.stopped


@pytest.mark.parametrize(
    "handler",
    [
        signal.default_int_handler,
        signal.SIG_IGN,
        lambda *_: None,
        signal.SIG_DFL,
    ],
    ids=["Python's", "ignored", "one's own", "the system's"],
)
@pytest.mark.parametrize("end", [lambda: None, stop, interrupt, lambda: [][0]], ids=["end", "stop", "ctrl-c", "error"])
def test_the_handler_of_ctrl_c_is_put_back(handler: Any, end: Any) -> None:
    net = network()
    at_step(net, 2, end)
    before = signal.signal(signal.SIGINT, handler)
    try:
        fit(net, epochs=1)
    except IndexError:
        pass
    finally:
        after = signal.signal(signal.SIGINT, before)
    assert after is handler
    assert not net.training


def test_a_training_runs_in_a_thread_where_no_signal_arrives() -> None:
    net, other = network(), network()
    at_step(other, 8, interrupt)
    histories: list[nn.History] = []
    handler = signal.getsignal(signal.SIGINT)
    threads = [threading.Thread(target=lambda n=n: histories.append(fit(n))) for n in (net, other)]
    for thread in threads:
        thread.start()
        thread.join()
    assert histories[0] == fit(network())
    assert steps_done(histories[1]) == 7 and histories[1].stopped
    assert signal.getsignal(signal.SIGINT) is handler


# A step at a time


def stepwise(net: nn.Layer, **options: Any) -> Training:
    return Training(net, TRAIN, **{"epochs": 3, "batch_size": 16} | options)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_taken_step_by_step_it_is_fit(name: str) -> None:
    plain, net = network(), network()
    theirs, ours = OPTIMIZERS[name](plain), OPTIMIZERS[name](net)
    schedule = nn.step_lr(2, 0.5)
    expected = fit(plain, test=TEST, optimizer=theirs, schedule=schedule, seed=3)
    training = stepwise(net, test=TEST, optimizer=ours, schedule=schedule, seed=3)
    taken = 0
    while not training.over:
        training.step()
        taken += 1
    assert taken == 3 * (STEPS + 1)  # behind its batches, each epoch is written down
    assert training.history == expected
    assert_equal(weights_of(net), weights_of(plain))
    assert_equal(ours.state, theirs.state)


def test_between_two_steps_the_network_is_anybody_s() -> None:
    plain, net = network(), network()
    optimizer = nn.SGD(net, lr=0.05, momentum=0.9)
    expected = fit(plain)
    training = stepwise(net, optimizer=optimizer, schedule=lambda epoch: 1)
    while not training.over:
        training.step()
        assert not net.training and not net[4].training and optimizer.lr == 0.05
        net.forward(TEST[0])
    assert training.history == expected
    assert_equal(weights_of(net), weights_of(plain))


def test_stopped_between_two_steps_it_says_where_and_goes_on() -> None:
    plain, net = network(), network()
    expected = fit(plain)
    training = stepwise(net)
    for _ in range(8):
        training.step()
    training.stop()
    assert training.over and training.steps_done == 7
    assert training.history.stopped is not None
    assert training.history.stopped.startswith("Stopped in epoch 2 after 2 of 5 steps. The network keeps what it has")
    training.history.stopped = None
    training.run(lambda: None)
    assert training.history == expected
    assert_equal(weights_of(net), weights_of(plain))


def test_an_epoch_s_seconds_are_those_of_its_steps_and_not_of_the_pauses() -> None:
    training = stepwise(network(), epochs=1)
    while not training.over:
        training.step()
        time.sleep(0.05)
    assert 0 < training.history.epochs[0].seconds < 0.2


# Divergence


def network_that_diverges() -> nn.Sequential:
    """Without the BatchNorm2d, which would hide weights of any size from the loss."""
    net = network()
    return nn.Sequential(net[0], *net[2:])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_diverging_training_goes_back_to_the_last_good_epoch_and_says_what_to_lower(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    straight, net = network_that_diverges(), network_that_diverges()
    expected = fit(straight, optimizer=OPTIMIZERS[name](straight))
    optimizer = OPTIMIZERS[name](net)
    lr, good = optimizer.lr, {}

    def remember(history: nn.History) -> None:
        state = {name: array.copy() for name, array in optimizer.state.items()}
        good.update(weights=weights_of(net), state=state, history=history.to_dict())

    history = fit(net, optimizer=optimizer, schedule=lambda epoch: 1 if epoch < 2 else 1e30, on_epoch=remember)
    assert history.stopped is not None
    start, _, end = history.stopped.partition(", the steps were too large. ")
    assert re.fullmatch(r"Stopped in epoch 3, step \d: the loss is not finite any more", start)
    assert end.startswith("The weights are again those at the end of epoch 2. Lower the learning rate: ")
    assert end.endswith(f"{lr * 1e30:g} is too much, try {lr * 1e29:g}.")
    assert capsys.readouterr().out == history.stopped + "\n"
    assert history.to_dict() == good["history"] | {"stopped": history.stopped}
    assert_equal(weights_of(net), good["weights"])
    assert_equal(optimizer.state, good["state"])
    assert optimizer.lr == lr and not net.training

    assert fit(net, optimizer=optimizer, history=history) == expected
    assert_equal(weights_of(net), weights_of(straight))


def test_running_statistics_go_back_too() -> None:
    net = network()
    before = weights_of(net)
    at_step(net, 4, lambda: net.params["6.w"].fill(np.inf))
    history = fit(net)
    assert history.stopped is not None and "those it started from" in history.stopped
    assert_equal(weights_of(net), before)
    assert history == nn.History(stopped=history.stopped)


@pytest.mark.filterwarnings("error")
def test_weights_that_overflow_in_the_last_step_of_an_epoch_are_noticed() -> None:
    """No loss has met them yet."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 3), rng=0)
    before = weights_of(net)
    history = fit(net, batch_size=70, epochs=1, optimizer=nn.SGD(net, lr=1e60))
    assert history.epochs == [] and history.stopped is not None
    assert "Lower the learning rate: 1e+60 is too much, try 1e+59." in history.stopped
    assert_equal(weights_of(net), before)


def test_running_statistics_that_overflow_are_noticed() -> None:
    history = nn.fit(network(), (TRAIN[0] * 1e20, TRAIN[1]), epochs=2, progress=False)
    assert history.stopped


def test_the_step_that_diverged_is_one_of_the_epoch() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 3), rng=0)
    history = fit(net, batch_size=70, epochs=1, optimizer=nn.SGD(net, lr=1e60))
    assert history.stopped is not None and "epoch 1, step 1:" in history.stopped


def test_a_resumed_epoch_that_diverges_says_that_it_goes_back_to_where_it_was_taken_up() -> None:
    net = network()
    at_step(net, 8, stop)
    optimizer = nn.SGD(net, lr=0.05)
    history = fit(net, optimizer=optimizer)
    before = weights_of(net)
    net[6].forward = lambda x: np.full((len(x), 3), np.nan)
    history = fit(net, optimizer=optimizer, history=history)
    assert_equal(weights_of(net), before)
    assert steps_done(history) == 8
    assert history.stopped is not None and "those it started from" in history.stopped


def test_the_default_rate_on_raw_pixels_diverges_in_a_sentence_not_in_warnings() -> None:
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(128, 3), rng=0)
    history = nn.fit(net, (TRAIN[0] * 1e12, TRAIN[1]), epochs=3, progress=False)
    assert history.stopped is not None and "Lower the learning rate: 0.05 is too much" in history.stopped
    assert all(np.isfinite(p).all() for p in net.params.values())


# Arguments

X, Y = TRAIN


@pytest.mark.parametrize(
    ("train", "error", "message"),
    [
        (X, TypeError, r"train must be a pair \(x, y\) of arrays, not ndarray"),
        ((X, Y, Y), TypeError, "must be a pair"),
        ((X, Y[:-1]), ValueError, r"train: x \(70, 1, 6, 6\) and y \(69,\); give \(N, …\) and \(N,\), a label"),
        ((X, np.eye(3)[Y].astype(int)), ValueError, r"y \(70, 3\); give \(N, …\) and \(N,\)"),
        ((X[:0], Y[:0]), ValueError, "N ≥ 1"),
        ((X, Y / 1), TypeError, "train: y has dtype float64, but must hold integers"),
        ((X, Y.astype(str)), TypeError, "must hold integers"),
        ((X, Y == 1), TypeError, "must hold integers"),
        ((np.where(X > 2, np.nan, X), Y), ValueError, "train: x holds a NaN or an infinity"),
        ((np.where(X > 2, np.inf, X), Y), ValueError, "train: x holds a NaN or an infinity"),
        ((X, Y + 1), ValueError, "labels run from 1 to 3, but 3 logits an image allow 0 to 2; number the classes"),
        ((X, Y - 1), ValueError, "labels run from -1 to"),
        ((X[:, 0], Y), ValueError, r"x has shape \(\d+, 6, 6\), but must have 4 axes"),
        ((X[..., :4], Y), ValueError, "has 24 features, but w"),
    ],
)
def test_examples_that_cannot_be_learned_from_are_refused(train: Any, error: type[Exception], message: str) -> None:
    net = network()
    with pytest.raises(error, match=message):
        nn.fit(net, train, batch_size=70, progress=False)
    if train is not X:
        message = message.replace("train", "test")
        with pytest.raises(error, match=message):
            nn.fit(net, TRAIN, test=train, epochs=1, progress=False)


@pytest.mark.parametrize("x", [X > 0, X + 0j, X.astype(str)], ids=["bool", "complex", "text"])
@pytest.mark.filterwarnings("ignore:Casting complex values")
def test_images_that_are_no_real_numbers_are_refused(x: Array) -> None:
    with pytest.raises(TypeError, match="train: x has dtype"):
        nn.fit(network(), (x, Y), epochs=1, progress=False)


@pytest.mark.parametrize("half", ["train", "test"])
def test_a_single_wrong_label_is_found_before_the_first_step(half: str) -> None:
    wrong = X, np.where(np.arange(70) == 50, 3, Y)
    net = network()
    before = weights_of(net)
    with pytest.raises(ValueError, match=half):
        nn.fit(net, wrong if half == "train" else TRAIN, test=wrong, epochs=1, batch_size=8, progress=False)
    assert_equal(weights_of(net), before)


@pytest.mark.parametrize("options", [{"epochs": -1}, {"batch_size": 0}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(options: dict[str, int]) -> None:
    name, value = next(iter(options.items()))
    with pytest.raises(ValueError, match=rf"{name} {value}\b.*give"):
        fit(network(), **options)


def test_an_optimizer_of_another_network_is_refused() -> None:
    net = network()
    for other in (network(), net[:7]):
        with pytest.raises(ValueError, match="the optimizer was made for another network; make a new one"):
            fit(net, optimizer=nn.SGD(other, lr=0.1))


def test_a_network_without_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Sequential\(Flatten\(\)\) has no parameters: there is nothing to train"):
        fit(nn.Sequential(nn.Flatten()))


# predict and evaluate


@pytest.mark.parametrize("batch_size", [1, 7, 40, 256])
def test_predictions_do_not_depend_on_the_batches(batch_size: int) -> None:
    net = network().astype(np.float64)
    fit(net, epochs=1)
    expected = net.forward(TEST[0])
    np.testing.assert_allclose(nn.predict(net, TEST[0], batch_size=batch_size), expected, rtol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_predicting_leaves_mode_and_statistics_as_they_were(training: bool) -> None:
    net = network().train(training)
    before = weights_of(net)
    assert_equal({"z": nn.predict(net, TEST[0])}, {"z": nn.predict(net, TEST[0])})
    assert net.training is net[4].training is training
    assert_equal(weights_of(net), before)


def test_an_error_while_predicting_leaves_the_mode_as_it_was() -> None:
    net = network()
    with pytest.raises(ValueError, match="4 axes"):
        nn.predict(net, np.ones((3, 6, 6)))
    assert net.training


def test_a_frozen_layer_stays_frozen() -> None:
    net = network()
    net[1].eval()
    nn.predict(net, TEST[0])
    assert net[4].training and not net[1].training


def test_no_images_give_no_predictions() -> None:
    assert nn.predict(network(), TEST[0][:0]).shape == (0, 3)


def test_evaluate_gives_the_mean_loss_and_the_share_recognised() -> None:
    """A layer that hands back its input; two images, one right: losses log(1+e⁻¹) and log(1+e¹)."""
    net = nn.Linear(2, 2, dtype=np.float64)
    net.params["w"][...] = np.eye(2)
    loss, accuracy = nn.evaluate(net, ([[1.0, 0.0], [1.0, 0.0]], [0, 1]))
    assert loss == pytest.approx((np.log1p(np.exp(-1)) + np.log1p(np.exp(1))) / 2)
    assert accuracy == 0.5
    assert nn.evaluate(net, (values((5, 2)), np.zeros(5, int)), batch_size=2) == pytest.approx(
        nn.evaluate(net, (values((5, 2)), np.zeros(5, int)))
    )

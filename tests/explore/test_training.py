"""The training explorer: it never disturbs a training, tells the page little and seldom, and hears Stop and Go on."""

import asyncio
import json
import queue
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import comm
import comm.base_comm
import IPython.display
import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel
from matplotlib.figure import Figure
from nbclient import NotebookClient

from lessonconv import nn, visual
from lessonconv.explore import training as module
from lessonconv.explore.training import TrainingExplorer
from lessonconv.visual import palette
from tests.nn.oracles import assert_equal, at_step, values, weights_of
from tests.nn.test_training import STEPS, TEST, TRAIN, fit, network, steps_done

SENTENCE = (
    "Loss and accuracy against epoch, the first convolution's kernels and one image's feature maps, drawn while the "
    "network learns."
)
VIEW = "application/vnd.jupyter.widget-view+json"
IMAGE = visual.Picture(Figure((1, 1)), "a picture")
OPTIONS: dict[str, Any] = {"epochs": 3, "batch_size": 16}


class Wire(comm.base_comm.BaseComm):
    """A comm whose messages are counted and kept, as they would go to the page."""

    def __init__(self, **options: Any) -> None:
        self.sent: list[tuple[dict[str, Any], list[Any], float]] = []
        super().__init__(**options)

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any) -> None:
        if msg_type == "comm_msg":
            self.sent.append((data, buffers or [], time.perf_counter()))

    def _reply_subshell_for(self, data: Any, default: Any) -> None:
        """As ipykernel 7.4 has it: the main shell sent last, so the main shell hears."""


@pytest.fixture
def page(album: list[Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """As `album`, and without waiting for pictures to be drawn."""
    monkeypatch.setattr(TrainingExplorer, "_still_picture", lambda it: module._Still(IMAGE))
    return album


@pytest.fixture
def album(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is displayed, as if a notebook were running."""
    shown: list[Any] = []

    class Handle:
        def update(self, it: Any) -> None:
            shown.append(it)

    def display(it: Any, **_: Any) -> Handle:
        shown.append(it)
        it._repr_mimebundle_()
        return Handle()

    monkeypatch.setattr(module, "_has_page", lambda: True)
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(comm, "create_comm", lambda **options: Wire(**options))
    return shown


def explorer(net: nn.Layer | None = None, **options: Any) -> TrainingExplorer:
    return TrainingExplorer(net or network(), TRAIN, **OPTIONS | options)


def press(it: TrainingExplorer, button: str) -> None:
    """What a press on the page comes to."""
    it._handle_custom_msg(button, [])


def sent(it: TrainingExplorer, name: str) -> list[tuple[dict[str, Any], list[Any], float]]:
    """The messages that changed this trait."""
    assert isinstance(it.comm, Wire)
    return [message for message in it.comm.sent if name in message[0].get("state", {})]


async def gone_on(it: TrainingExplorer) -> None:
    """Press Go on in an idle kernel, and wait until it ends."""
    it._loop = asyncio.get_running_loop()
    press(it, "go on")
    while it.state[0] in ("waiting", "running", "stopping"):
        await asyncio.sleep(0)


# It learns as without


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_the_numbers_are_those_of_fit_to_the_last_bit(
    name: str, page: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 0)
    monkeypatch.setattr(module, "PATIENCE", 0)  # a message after every step
    plain, watched = network(), network()
    ours, theirs = (getattr(nn, name)(net, lr=0.01) for net in (watched, plain))
    schedule = nn.cosine_annealing(3)
    expected = fit(plain, test=TEST, optimizer=theirs, schedule=schedule, seed=5)
    it = explorer(watched, test=TEST, optimizer=ours, schedule=schedule, seed=5)
    assert it.fit() == expected
    assert len(sent(it, "scene")) > 3 * STEPS
    assert_equal(weights_of(watched), weights_of(plain))
    assert_equal(ours.state, theirs.state)
    assert it.state == ["done", ""] and not watched.training


@pytest.mark.parametrize("step", [1, 4, 5, 8, 14])
def test_stopped_and_gone_on_it_ends_as_one_run(step: int, page: list[Any]) -> None:
    plain, watched = network(), network()
    expected = fit(plain, test=TEST)
    it = explorer(watched, test=TEST)
    at_step(watched, step, lambda: press(it, "stop"))
    history = it.fit()
    assert steps_done(history) == step
    assert it.state[0] == "stopped" and "press Go on, or call fit() again." in it.state[1]
    asyncio.run(gone_on(it))
    assert it.state == ["done", ""]
    assert it.history is history  # the learner's name for it tells of all epochs
    assert history == expected
    assert_equal(weights_of(watched), weights_of(plain))


def test_called_again_fit_goes_on(page: list[Any]) -> None:
    plain, watched = network(), network()
    expected = fit(plain)
    it = explorer(watched)
    at_step(watched, 7, lambda: press(it, "stop"))
    it.fit()
    assert it.fit() == expected
    assert it.fit() == expected  # nothing is left
    assert_equal(weights_of(watched), weights_of(plain))


def test_a_history_from_an_earlier_training_is_gone_on_with(page: list[Any]) -> None:
    plain, watched = network(), network()
    expected = fit(plain)
    first = fit(watched, epochs=1)
    it = explorer(watched, history=first)
    assert it.fit() == expected
    assert len(first.epochs) == 1
    assert_equal(weights_of(watched), weights_of(plain))


def test_without_a_page_it_is_fit(capsys: pytest.CaptureFixture[str]) -> None:
    plain, watched = network(), network()
    expected = fit(plain)
    met: list[int] = []
    it = explorer(watched, progress=False, on_epoch=lambda history: met.append(len(history.epochs)))
    assert it.fit() == expected
    assert met == [1, 2, 3]
    assert_equal(weights_of(watched), weights_of(plain))
    assert capsys.readouterr() == ("", "")


# Stop and Go on


def test_stop_is_heard_from_another_thread_while_fit_runs(page: list[Any]) -> None:
    net = network()
    it = explorer(net, epochs=10_000)
    pressed: list[float] = []

    def later() -> None:
        while not it.history.epochs:
            time.sleep(0.01)
        press(it, "stop")
        pressed.append(time.perf_counter())

    thread = threading.Thread(target=later)
    thread.start()
    history = it.fit()
    thread.join()
    assert time.perf_counter() - pressed[0] < 3  # a picture is drawn at the end
    assert 1 <= len(history.epochs) < 10_000 and history.stopped
    names = [message[0]["state"]["state"][0] for message in sent(it, "state")]
    assert names == ["running", "stopping", "stopped"]  # the page is answered at once


def test_a_stop_that_comes_late_changes_nothing(page: list[Any]) -> None:
    it = explorer()
    press(it, "stop")
    it.fit()
    press(it, "stop")
    assert it.state == ["done", ""]
    asyncio.run(gone_on(it))
    assert it.state == ["done", ""] and len(it.history.epochs) == 3


def test_it_can_be_started_and_stopped_from_the_page_again_and_again(page: list[Any]) -> None:
    plain, watched = network(), network()
    expected = fit(plain)
    it = explorer(watched)
    for step in (3, 7):
        at_step(watched, step, lambda: press(it, "stop"))

    async def thrice() -> None:
        for _ in range(3):
            await gone_on(it)

    asyncio.run(thrice())
    assert it.history == expected
    assert_equal(weights_of(watched), weights_of(plain))


def test_go_on_pressed_twice_is_one_training(page: list[Any]) -> None:
    it = explorer()

    async def twice() -> None:
        it._loop = asyncio.get_running_loop()
        press(it, "go on")
        press(it, "go on")
        await gone_on(it)

    asyncio.run(twice())
    assert [message[0]["state"]["state"][0] for message in sent(it, "state")] == ["waiting", "running", "done"]
    assert it.history == fit(network())


def test_a_cell_may_use_the_network_between_two_steps(page: list[Any]) -> None:
    plain, watched = network(), network()
    expected = fit(plain)
    it = explorer(watched)
    cells = 0

    async def both() -> None:
        nonlocal cells
        task = asyncio.ensure_future(gone_on(it))
        while not task.done():
            watched.forward(TEST[0])
            cells += 1
            await asyncio.sleep(0)

    asyncio.run(both())
    assert cells > STEPS
    assert it.history == expected
    assert_equal(weights_of(watched), weights_of(plain))


def test_fit_takes_over_from_go_on(page: list[Any]) -> None:
    plain, watched = network(), network()
    expected = fit(plain)
    it = explorer(watched)

    async def both() -> None:
        task = asyncio.ensure_future(gone_on(it))
        while not it.history.steps:
            await asyncio.sleep(0)
        assert it.fit() == expected
        await task

    asyncio.run(both())
    assert it.state == ["done", ""] and it.history == expected
    assert_equal(weights_of(watched), weights_of(plain))


def test_two_trainings_at_once_are_refused(page: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP_SECONDS", 0.05)
    it = explorer(epochs=10_000)
    thread = threading.Thread(target=it.fit)
    thread.start()
    while not it.history.epochs:
        time.sleep(0.01)
    with pytest.raises(RuntimeError, match="learning already; press Stop"):
        it.fit()
    press(it, "stop")
    thread.join()
    assert it.history.stopped


@pytest.mark.parametrize("how", ["fit", "go on"])
def test_an_error_is_told_in_a_sentence_and_nothing_is_lost(how: str, page: list[Any]) -> None:
    plain, watched = network(), network()
    expected = fit(plain)

    def broken() -> None:
        raise ZeroDivisionError("no such luck")

    at_step(watched, 8, broken)
    it = explorer(watched)
    if how == "fit":
        with pytest.raises(ZeroDivisionError):
            it.fit()
    else:
        asyncio.run(gone_on(it))
    assert it.state[0] == "stopped"
    assert it.state[1].startswith("Stopped by an error. ZeroDivisionError: no such luck.")
    assert steps_done(it.history) == 7 and not watched.training
    asyncio.run(gone_on(it))
    assert it.history == expected
    assert_equal(weights_of(watched), weights_of(plain))


def test_a_training_that_diverges_says_what_to_lower(page: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(64, 3), rng=0)
    it = explorer(net, optimizer=nn.SGD(net, lr=1e12))
    it.fit()
    assert it.state[0] == "stopped" and "Lower the learning rate: 1e+12 is too much" in it.state[1]
    assert capsys.readouterr() == ("", "")  # the page says it already
    for message, _, _ in sent(it, "scene"):
        json.dumps(message, allow_nan=False, default=str)


def test_on_epoch_is_told_of_every_epoch(page: list[Any]) -> None:
    met: list[int] = []
    it = explorer(on_epoch=lambda history: met.append(len(history.epochs)))
    at_step(it._training.net, 7, lambda: press(it, "stop"))
    it.fit()
    asyncio.run(gone_on(it))
    assert met == [1, 2, 3]


# What the page is told


def test_a_message_is_small_and_its_cells_are_binary(page: list[Any]) -> None:
    """The network of chapter 10: 8 kernels, 8 maps of 28×28, 16 of 14×14."""
    layers = (nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5, padding=2), nn.ReLU())
    net = nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 10), rng=0)
    it = TrainingExplorer(net, (values((20, 1, 28, 28)), np.arange(20) % 10), epochs=1)
    it.fit()
    message, buffers, _ = sent(it, "scene")[-1]
    assert len(json.dumps(message, allow_nan=False)) < 2000
    assert [len(buffer) for buffer in buffers] == [8 * 25, 8 * 28 * 28, 16 * 14 * 14]
    assert "plan" not in message["state"]


def test_maps_of_large_images_and_many_filters_are_thinned_out(page: list[Any]) -> None:
    net = nn.Sequential(nn.Conv2d(6, 40, 3, padding=1), nn.Flatten(), nn.Linear(40 * 70 * 70, 2), rng=0)
    it = TrainingExplorer(net, (values((2, 6, 70, 70)), [0, 1]), epochs=1)
    it.fit()
    (maps,) = it.scene["maps"]
    assert maps["shape"] == (32, 24, 24) and maps["of"] == 40
    assert it.scene["kernels"]["shape"] == (32, 3, 4 * 3 + 3)
    assert sum(map(len, sent(it, "scene")[-1][1])) < 32_000


def test_messages_keep_their_distance(page: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.1)
    it = explorer(epochs=200)
    it.fit()
    times = [when for _, _, when in sent(it, "scene")]
    assert len(times) >= 3
    assert min(np.diff(times)[:-1]) > 0.09  # the last one comes when all is over


def test_messages_that_are_slow_to_make_are_made_less_often(page: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0)
    slowly, scene = 0.01, TrainingExplorer._scene
    monkeypatch.setattr(TrainingExplorer, "_scene", lambda it: time.sleep(slowly) or scene(it))
    it = explorer(epochs=200)
    begun = time.perf_counter()
    it.fit()
    spent = slowly * len(sent(it, "scene"))
    assert spent < 0.05 * (time.perf_counter() - begun) + 2 * slowly


def test_what_the_page_sends_is_heard_where_the_page_sent_it(page: list[Any]) -> None:
    it = explorer()
    it.fit()
    assert it.comm._reply_subshell_for({}, "a subshell") == "a subshell"


def test_packed_cells_are_right_to_half_a_step() -> None:
    panels = values((3, 4, 5))
    pack = module._packed(panels)
    found = np.frombuffer(pack["cells"], np.int8).reshape(pack["shape"]) / 127 * pack["limit"]
    np.testing.assert_allclose(found, panels, atol=pack["limit"] / 254)
    broken = module._packed(np.array([[[np.nan, 1.0], [np.inf, -2.0]]]))
    assert broken["limit"] == 2 and np.frombuffer(broken["cells"], np.int8).tolist() == [0, 64, 0, -127]


def test_rows_and_the_epoch_under_way_are_plain_numbers(page: list[Any]) -> None:
    it = explorer(test=TEST)
    at_step(it._training.net, 7, lambda: press(it, "stop"))
    history = it.fit()
    (epoch,) = history.epochs
    assert it.scene["rows"] == [[1, epoch.loss, epoch.accuracy, epoch.test_loss, epoch.test_accuracy, epoch.seconds]]
    assert it.scene["so_far"] == [2, history.loss_sum / 32, history.correct / 32]
    json.dumps({key: it.scene[key] for key in ("rows", "so_far", "moved")}, allow_nan=False)


def test_the_kernels_at_the_start_stay_and_the_others_move(page: list[Any]) -> None:
    net = network()
    start = net[0].params["w"].copy()
    it = explorer(net)
    it.fit()
    before, now = it.plan["before"], it.scene["kernels"]
    assert before == module._packed(start[:, 0]) and now == module._packed(net[0].params["w"][:, 0])
    moved = [np.linalg.norm(b - a) / np.linalg.norm(a) for a, b in zip(start, net[0].params["w"], strict=True)]
    np.testing.assert_allclose(it.scene["moved"], moved, rtol=1e-6)


def test_the_maps_are_those_behind_each_convolution_and_what_follows_cell_by_cell() -> None:
    layers = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Conv2d(4, 2, 3), nn.MaxPool2d(2), nn.Flatten())
    net = nn.Sequential(*layers, nn.Linear(2, 3), rng=0)
    it = explorer(net, image=TEST[0][3])
    assert it.plan["names"] == ["Behind the first convolution and Tanh", "Behind the second convolution"]
    for end, pack in zip((3, 4), it.scene["maps"], strict=True):
        assert pack == {"of": len(net[end - 1 : end].forward(net[: end - 1].forward(TEST[0][3:4]))[0]), **pack}
        expected = module._packed(nn.predict(net[:end], TEST[0][3:4])[0])
        assert {key: pack[key] for key in expected} == expected


@pytest.mark.parametrize(
    "net",
    [nn.Sequential(nn.Flatten(), nn.Linear(36, 3), rng=0), nn.Linear(36, 3, rng=0)],
    ids=["no convolution", "a layer"],
)
def test_a_network_without_a_convolution_has_its_curves(net: nn.Layer, album: list[Any]) -> None:
    train = (TRAIN[0].reshape(70, 36), TRAIN[1])
    it = TrainingExplorer(net, train, **OPTIONS)
    it.fit()
    assert set(it.plan) == {"epochs", "steps"} and set(it.scene) == {"rows", "so_far"}
    assert repr(it) == "Loss and accuracy against epoch, drawn while the network learns."
    assert "image/png" in album[-1]._repr_mimebundle_()[0]


# Arguments


@pytest.mark.parametrize(
    "wrong",
    [
        {"train": TRAIN[0]},
        {"train": (TRAIN[0], TRAIN[1] + 1)},
        {"train": (TRAIN[0][..., :4], TRAIN[1])},
        {"test": (TEST[0], TEST[1] / 1)},
        {"epochs": -1},
        {"batch_size": 0},
        {"seed": -1},
        {"optimizer": nn.SGD(network(), lr=0.1)},
        {"net": nn.Sequential(nn.Flatten())},
    ],
    ids=str,
)
def test_what_fit_refuses_is_refused_at_once_in_the_same_words(wrong: dict[str, Any]) -> None:
    arguments = {"net": network(), "train": TRAIN} | wrong
    with pytest.raises((ValueError, TypeError)) as expected:
        nn.fit(**arguments)
    with pytest.raises(expected.type, match=re.escape(str(expected.value))):
        TrainingExplorer(**arguments)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (TEST[0], r"image has shape \(40, 1, 6, 6\), but must be one image, \(C, H, W\); take x\[0\] from a batch"),
        (TEST[0][0, 0], r"image has shape \(6, 6\)"),
        (np.zeros((2, 6, 6)), "image: .*channels"),
        (np.full((1, 6, 6), "a"), "image has dtype"),
    ],
)
def test_an_image_that_the_network_cannot_take_is_refused(image: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        explorer(image=image)


# What stays in a notebook


def test_it_shows_itself_and_leaves_a_picture_behind(album: list[Any]) -> None:
    it = explorer()
    it.fit()
    widget, still = album
    assert widget is it
    bundle, metadata = still._repr_mimebundle_()
    assert set(bundle) == {VIEW, "text/plain", "image/png"} and "width" in metadata["image/png"]
    assert bundle["text/plain"].startswith("A network learns: loss and accuracy against epoch, 3 epochs")


def test_going_on_renews_the_picture(album: list[Any]) -> None:
    it = explorer()
    at_step(it._training.net, 7, lambda: press(it, "stop"))
    it.fit()
    asyncio.run(gone_on(it))
    assert len(album) == 3 and "1 epoch," in repr(album[1]) and "3 epochs" in repr(album[2])


def test_stopped_in_the_first_epoch_it_leaves_words_until_there_is_a_picture(album: list[Any]) -> None:
    it = explorer()
    at_step(it._training.net, 2, lambda: press(it, "stop"))
    it.fit()
    assert repr(album[-1]) == "No epoch is finished yet."
    asyncio.run(gone_on(it))
    assert "image/png" in album[-1]._repr_mimebundle_()[0]


def test_its_words_are_always_the_same(page: list[Any]) -> None:
    it = explorer()
    before = repr(it)
    it.fit()
    assert repr(it) == before == SENTENCE
    assert it._repr_mimebundle_()[0]["text/plain"] == SENTENCE


SOURCE = """
import numpy as np
from lessonconv import nn, visual
from lessonconv.explore.training import TrainingExplorer
rng = np.random.default_rng(0)
x, y = rng.random((640, 1, 8, 8), dtype=np.float32), rng.integers(0, 3, 640)
net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3), rng=0)
training = TrainingExplorer(net, (x, y), epochs=EPOCHS)
history = training.fit()
"""


def test_a_notebook_without_a_page_keeps_the_sentence_and_the_picture() -> None:
    cell = nbformat.v4.new_code_cell(SOURCE.replace("EPOCHS", "2"))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False).execute()
    widget, still = notebook.cells[0].outputs
    assert widget.output_type == still.output_type == "display_data"
    assert widget.data["text/plain"] == SENTENCE and set(widget.data) <= {"text/plain", VIEW}
    assert "2 epochs" in still.data["text/plain"] and "image/png" in still.data


# In a real kernel


@pytest.fixture
def kernel() -> Iterator[Any]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def reply(ask: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to this request on a channel."""
    while True:
        message = ask(timeout=30)
        if message["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return message["content"]


def test_stop_over_a_subshell_is_heard_while_the_cell_runs(kernel: Any) -> None:
    kernel.kernel_info()
    if "kernel subshells" not in kernel.get_shell_msg(timeout=30)["content"].get("supported_features", []):
        pytest.skip("this ipykernel has no subshells")
    request = kernel.session.msg("create_subshell_request")
    kernel.control_channel.send(request)
    subshell = reply(kernel.get_control_msg, request)["subshell_id"]
    kernel.execute(SOURCE.replace("EPOCHS", "1_000_000") + "print(history)")
    place = states = text = ""
    seen: list[str] = []
    deadline = time.monotonic() + 60
    while "History" not in text and time.monotonic() < deadline:
        try:
            message = kernel.get_iopub_msg(timeout=5)
        except queue.Empty:
            continue
        content = message["content"]
        state = content.get("data", {}).get("state", {}) if message["msg_type"].startswith("comm") else {}
        if message["msg_type"] == "comm_open" and "plan" in state:
            place = content["comm_id"]
        if "state" in state:
            seen.append(state["state"][0])
        if state.get("scene", {}).get("rows") and not states:
            states = "asked"
            stop = kernel.session.msg("comm_msg", {"comm_id": place, "data": {"method": "custom", "content": "stop"}})
            stop["header"]["subshell_id"] = subshell
            kernel.shell_channel.send(stop)
        text += content.get("text", "")
    assert seen == ["ready", "running", "stopping", "stopped"]
    assert "stopped early" in text


# The page's side


def test_the_style_holds_the_palette() -> None:
    assert TrainingExplorer._css.startswith(palette.css())
    for name in ("ink", "muted", "line", "paper"):
        assert f"var(--lc-{name})" in TrainingExplorer._css

"""What it costs to watch: `explore.TrainingExplorer(…).fit()` against `nn.fit(…)`, in a real Jupyter kernel.

The kernel trains the network of chapter 10 on its digits, with and without the explorer in turn. Each message is made,
serialised and sent through ipykernel's sockets, and read by a client in this process, as a notebook server would. There
is no browser: what a page does with a message costs the kernel nothing, but may use a core of the same machine.

A sample is the time from the end of the first epoch to the end of the last: setting up is not in it, nor is the picture
that is drawn once, at the end, for readers without a kernel; that is a line of its own.
"""

import json
from typing import Any

from benchmarks.process import ROOT, pinned_environment
from benchmarks.report import Line, Target
from lessonconv.timing import Settings, Spread

EPOCHS = 5
LEAST_ROUNDS = 5

IN_THE_KERNEL = f"""
import json, os, time
os.chdir({str(ROOT)!r})
from lessonconv import data, nn
from lessonconv.explore.training import TrainingExplorer

clock = getattr(time, CLOCK)
train, _ = data.digits(seed=0)

def build():
    layers = [nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 10)]
    return nn.Sequential(*layers, rng=0)

def plain(note):
    nn.fit(build(), train, epochs={EPOCHS}, progress=False, on_epoch=note)

def watched(note):
    TrainingExplorer(build(), train, epochs={EPOCHS}, on_epoch=note).fit()

def sample(contestant):
    ends = []
    contestant(lambda history: ends.append(clock()))
    done = clock()
    return (ends[-1] - ends[0]) / {EPOCHS - 1}, done - ends[-1]

order = [plain, watched]
rounds = []
sample(plain), sample(watched)
start = clock()
while len(rounds) < {LEAST_ROUNDS} or clock() - start < SECONDS:
    rounds.append({{contestant.__name__: sample(contestant) for contestant in order}})
    order.reverse()
print(json.dumps(rounds))
"""


def lines(settings: Settings) -> list[Line]:
    """The ratio, what is sent, and what the picture at the end takes."""
    rounds, messages = _ask(settings)
    epochs = {name: [found[name][0] for found in rounds] for name in ("plain", "watched")}
    pictures = Spread.of([found["watched"][1] for found in rounds]).times(1e3)
    ratio = Spread.of([a / b for a, b in zip(epochs["watched"], epochs["plain"], strict=True)])
    plain, watched = (Spread.of(epochs[name]).median for name in ("plain", "watched"))
    how = f"{watched * 1e3:.0f} ms : {plain * 1e3:.0f} ms an epoch"
    sizes = Spread.of(messages).times(1e-3)
    return [
        Line("an epoch watched by the TrainingExplorer ÷ unwatched", ratio, "×", Target(1.05), how),
        Line("a message to its page", sizes, "kB", None, f"{len(messages)} messages"),
        Line("its picture for readers without a kernel, once", pictures, "ms"),
    ]


def _ask(settings: Settings) -> tuple[list[Any], list[int]]:
    """Seconds of each round, and the bytes of each message with a scene."""
    from jupyter_client.manager import start_new_kernel

    printed: list[str] = []
    messages: list[int] = []

    def read(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            printed.append(content["text"])
        elif message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))
        elif message["msg_type"] == "comm_msg" and "scene" in content["data"].get("state", {}):
            messages.append(len(json.dumps(content)) + sum(len(part) for part in message["buffers"]))

    source = f"CLOCK, SECONDS = {settings.clock.__name__!r}, {settings.seconds}\n{IN_THE_KERNEL}"
    manager, client = start_new_kernel(kernel_name="python3", env=pinned_environment())
    try:
        client.execute_interactive(source, output_hook=read)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return json.loads("".join(printed)), messages

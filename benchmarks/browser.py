"""Waiting times in a real page: from the event to after the paint, in JupyterLab, with what the kernel did meanwhile.

`paint.js` holds the clock, in the page: an event's own time stamp is its start; the end is the first task after the
frame that shows the change. Playwright only presses keys and moves the mouse.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize

from tests.browser import chromium
from tests.browser.jupyter import JUPYTERLAB, Notebook, Server, serving

CAN_MEASURE = Path("/proc/self/smaps_rollup").exists()
PAINT = Path(__file__).parent / "paint.js"
VIEWPORT: ViewportSize = {"width": 1400, "height": 1600}
REST = (0.12, 0.18)  # seconds between two samples, by chance: never in step with the screen
MOVES = 120  # of the mouse, each second of a drag: about two for each frame

RANGE = "({ value, min, max }) => [value, min, max].map(Number)"

Change = dict[str, str]  # a selector, and the attribute that is set last
PICTURE: Change = {"selector": "img", "attribute": "src"}


@dataclass(frozen=True)
class Sample:
    """One event: milliseconds until its paint, the kernel's processor milliseconds, kB to the page, messages back."""

    latency: float
    cpu: float
    received: float
    sent: int


@dataclass(frozen=True)
class Drag:
    """Changes a second that the mouse asked for, and that were painted."""

    asked: float
    painted: float


@contextmanager
def jupyterlab() -> Iterator["Lab"]:
    """A JupyterLab, and the Chromium that `chromium.find` finds."""
    with serving(JUPYTERLAB) as server, chromium.running(chromium.find()) as browser:
        yield Lab(server, browser)


@dataclass(frozen=True)
class Lab:
    """A JupyterLab and a browser to open it in."""

    server: Server
    browser: Browser

    @contextmanager
    def open(self, *cells: str) -> Iterator["Desk"]:
        """A notebook of these cells in a page of its own, the only one with a kernel."""
        self.server.end_kernels()
        with self.browser.new_context(viewport=VIEWPORT) as context:
            page = context.new_page()
            page.add_init_script(path=PAINT)
            yield Desk(Notebook(page, self.server, *cells))


class Desk:
    """A notebook whose page and kernel are watched."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.page: Page = notebook.page
        self.kernel = Path("/proc", str(notebook.evaluate("__import__('os').getpid()")))
        self._chance = random.Random(0)

    def run(self, cell: int, change: Change) -> float:
        """Milliseconds from running a cell to the paint of what it shows."""
        latency: float = self.page.evaluate("([cell, change]) => paint.run(cell, change)", [cell, change])
        self._rest()
        return latency

    def sample(self, act: Callable[[], object], event: str, change: Change) -> Sample:
        """Do something that makes an event and, by it, a change; what that took."""
        sent, received = self._traffic()
        cpu, start = self._cpu(), time.perf_counter()
        self.page.evaluate("([event, change]) => paint.time(event, change)", [event, change])
        act()
        latency: float = self.page.evaluate("() => paint.answer")
        self._rest()  # what the page and the kernel still have to do for this change counts for it
        idle = self._idle * (time.perf_counter() - start)
        cpu = self._cpu() - cpu - idle
        now_sent, now_received = self._traffic()
        return Sample(latency, cpu * 1e3, (now_received - received) / 1e3, now_sent - sent)

    def press(
        self, control: Locator, times: int, change: Change, ends: tuple[float, float] | None = None
    ) -> list[Sample]:
        """Press arrow keys on a range input, up to its end (or the one given), down to the other, and so on."""
        control.focus()
        value, low, high = control.evaluate(RANGE)
        low, high = ends or (low, high)
        keys = arrows(value, low, high, times)
        return [self.sample(partial(self.page.keyboard.press, key), "keydown", change) for key in keys]

    def hover(self, cells: Sequence[Locator], change: Change) -> list[Sample]:
        """Move the mouse onto one cell after the other."""
        boxes = [box for cell in cells if (box := cell.bounding_box())]
        middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
        self.page.mouse.move(*middles[-1])  # from where it may be inside of the first already
        self._rest()
        return [self.sample(partial(self.page.mouse.move, *at), "pointerover", change) for at in middles]

    def drag(self, control: Locator, seconds: float, change: Change, ends: tuple[float, float] | None = None) -> Drag:
        """Hold a range input's thumb and move it up and down, a value at a time, faster than frames come."""
        box = control.bounding_box()
        assert box
        value, least, most = control.evaluate(RANGE)
        low, high = ends or (least, most)
        thumb = 16  # px in Chromium: its middle can't reach the ends

        def move_to(value: float) -> None:
            share = (value - least) / (most - least)
            self.page.mouse.move(box["x"] + thumb / 2 + share * (box["width"] - thumb), box["y"] + box["height"] / 2)

        move_to(value)
        self.page.mouse.down()
        self.page.evaluate("(change) => paint.count(change)", change)
        start = time.perf_counter()
        for count, key in enumerate(arrows(value, low, high, round(seconds * MOVES)), 1):
            value += 1 if key == "ArrowRight" else -1
            move_to(value)
            time.sleep(max(0.0, start + count / MOVES - time.perf_counter()))
        counts = self.page.evaluate("() => paint.stop()")
        took = time.perf_counter() - start
        self.page.mouse.up()
        return Drag(counts["asked"] / took, counts["painted"] / took)

    def memory(self) -> float:
        """MB that only the kernel holds."""
        lines = (self.kernel / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6

    def measure_idle(self, seconds: float = 2.0) -> None:
        """See what the kernel uses while nothing happens, to take it off."""
        start = self._cpu()
        self.page.wait_for_timeout(seconds * 1e3)
        self._idle = (self._cpu() - start) / seconds

    _idle = 0.0

    def _cpu(self) -> float:
        """Processor seconds of all the kernel's threads."""
        tasks = (self.kernel / "task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def _traffic(self) -> tuple[int, int]:
        """Messages to the kernel and bytes from it, so far."""
        traffic: dict[str, Any] = self.page.evaluate("() => paint.traffic")
        return traffic["sent"], traffic["bytes"]

    def _rest(self) -> None:
        self.page.wait_for_timeout(self._chance.uniform(*REST) * 1e3)


def arrows(value: float, low: float, high: float, times: int) -> Iterator[str]:
    """Keys that take a range input's value up to `high`, down to `low`, up again."""
    up = value < high
    for _ in range(times):
        yield "ArrowRight" if up else "ArrowLeft"
        value += 1 if up else -1
        if value in (low, high):
            up = value == low

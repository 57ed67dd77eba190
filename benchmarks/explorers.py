"""How long a learner waits for an explorer, in a real browser: a key, a step, a hover, a drag, the first picture.

The peer is what one would do without a widget of one's own: a Matplotlib figure of the same six grids, drawn anew by
`ipywidgets.interact`. It stands in the same notebook, and its samples alternate with ours.
"""

import random
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from benchmarks.report import Line, Target
from lessonconv.timing import Settings, Spread

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from benchmarks.browser import Change, Desk, Lab, Sample

IMPORT = "from lessonconv import explore\nexplore.ConvExplorer"  # named: parts load when they are asked for
SHOW = "explorer = explore.ConvExplorer({})\nexplorer"
EXPLORER = '[data-explorer="conv"]'
RANGES = {"stride": (1, 3), "padding": (0, 2), "kernel": (1, 5), "dilation": (1, 2)}  # what a lesson asks for
GRIDS = ("x", "w", "z", "dz", "dw", "dx")
SIZES = (8, 16, 24, 32)  # of the input, along each axis

MATPLOTLIB = """
%matplotlib inline
import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from lessonconv import functional as F

rng = np.random.default_rng(0)
x, w = rng.integers(-4, 5, (1, 1, 7, 7)).astype(float), rng.integers(-2, 3, (1, 1, 3, 3)).astype(float)

def redraw(padding):
    z = F.conv2d(x, w, padding=padding)
    dz = np.ones_like(z)
    dx, dw, _ = F.conv2d_backward(dz, x, w, padding=padding)
    tensors = dict(x=x, w=w, z=z, dz=dz, dw=dw, dx=dx)
    figure, axes = plt.subplots(2, 3, figsize=(9, 6))
    for ax, (name, tensor) in zip(axes.flat, tensors.items()):
        ax.imshow(tensor[0, 0])
        ax.set(title=name, xticks=[], yticks=[])
        for (i, j), value in np.ndenumerate(tensor[0, 0]):
            ax.text(j, i, f"{value:g}", ha="center", va="center", fontsize=7)
    plt.show()
"""
INTERACT = "ipywidgets.interact(redraw, padding=ipywidgets.IntSlider(0, 0, 4));"
MATPLOTLIB_SLIDER = 'div[role="slider"]'  # ipywidgets gives its slider no name to find it by

BARE = """
import anywidget, traitlets

class Bare(anywidget.AnyWidget):
    asked, answer = traitlets.Int().tag(sync=True), traitlets.Int().tag(sync=True)
    _esm = '''export default { render({ model, el }) {
        const range = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 2, value: 0 });
        const told = document.createElement("output");
        range.oninput = () => { model.set("asked", Number(range.value)); model.save_changes(); };
        model.on("change:answer", () => { el.dataset.bare = told.textContent = model.get("answer"); });
        el.append(range, told);
        el.dataset.bare = 0;
    } }'''

    @traitlets.observe("asked")
    def _answer(self, _):
        self.answer += 1

Bare()
"""  # the least that a slider can do which Python answers: a number

FRESH = 5  # kernels and pages, for the first picture
CYCLES = 4  # through all values of each setting of the geometry: 72 samples
STEPS = HOVERS = 60
PAIRS = 24
AT_EACH_SIZE = 16
DRAG_SECONDS = 5.0


def lines(_settings: Settings) -> Iterator[Line]:
    """All of it, line by line, or one that says what is missing."""
    if find_spec("playwright") is None:
        yield _missing("Playwright is not installed")
        return
    from benchmarks import browser
    from tests.browser import chromium

    if chromium.find() is None:
        yield _missing(chromium.MISSING)
    elif not browser.CAN_MEASURE:
        yield _missing("needs Linux, where a process can ask what another one uses")
    else:
        with browser.jupyterlab() as lab:
            for part in (_first_picture, _waiting, _beside_bare, _beside_matplotlib, _sizes):
                yield from part(lab)


def _missing(why: str) -> Line:
    return Line("explorers in a browser", None, "", Target(0), why)


# What is measured ---------------------------------------------------------------------------------------------------


def _first_picture(lab: "Lab") -> Iterator[Line]:
    """From running the cell that shows an explorer, behind the imports, to its paint, and what it costs the kernel."""
    latencies, added = [], []
    for _ in range(FRESH):
        with lab.open(IMPORT, SHOW.format("")) as desk:
            desk.notebook.execute(IMPORT)
            before = desk.memory()
            latencies.append(desk.run(1, _drawn("seq")))
            added.append(desk.memory() - before)
    how = f"{FRESH} fresh kernels and pages, Chromium {lab.browser.version}"
    yield Line("first picture, from running its cell", Spread.of(latencies), "ms", Target(300), how)
    yield Line("memory that one explorer adds to the kernel", Spread.of(added), "MB", Target(20), how)


def _waiting(lab: "Lab") -> Iterator[Line]:
    """Settings, steps, hover and drags, on the explorer as it opens: 7×7, kernel 3."""
    with _shown(lab) as desk:
        changes = _change_settings(desk)
        steps = desk.press(_control(desk, "step"), STEPS, _drawn("step"))
        hovers = _hover(desk, HOVERS)
        yield from _latencies("a setting changes, from key to paint", changes, 50)
        yield from _latencies("a step of the window, from key to paint", steps, 25)
        yield from _latencies("hover over a cell, from pointer to paint", hovers, 20)
        messages = sum(sample.sent for sample in hovers)
        yield Line("messages to the kernel while hovering", Spread.of([messages]), "", Target(0), f"{HOVERS} cells")
        how = f"{len(changes)} changes of {', '.join(RANGES)}"
        yield Line("kernel's processor time per change", _spread(changes, "cpu"), "ms", Target(4), how)
        yield Line("sent to the page per change", _spread(changes, "received"), "kB", Target(10), how)
        yield from _drags(desk)


def _drags(desk: "Desk") -> Iterator[Line]:
    """Padding and the window dragged for some seconds; then, whether page and kernel agree."""
    for name, setting, attribute in (("padding", "padding", "seq"), ("the window", "step", "step")):
        drag = desk.drag(_control(desk, setting), DRAG_SECONDS, _drawn(attribute), RANGES.get(setting))
        how = f"the mouse asked for {drag.asked:.0f} a second, {DRAG_SECONDS:g} s"
        yield Line(f"painted updates a second, dragging {name}", Spread.of([drag.painted]), "", Target(40, True), how)
        if setting == "padding":
            lost = Spread.of([not _agrees(desk, setting)])
            yield Line("values lost at the end of that drag", lost, "", Target(0), "slider, kernel and picture agree")


def _beside_bare(lab: "Lab") -> Iterator[Line]:
    """How fast a drag is on this machine at best, where Python answers: Jupyter's part, and the browser's."""
    with lab.open(BARE) as desk:
        slider = desk.page.locator('[data-bare] input[type="range"]')
        desk.notebook.run_all()
        slider.wait_for()
        drag = desk.drag(slider, DRAG_SECONDS, {"selector": "[data-bare]", "attribute": "data-bare"})
        how = f"one slider and one number that Python answers; the mouse asked for {drag.asked:.0f} a second"
        yield Line("painted updates a second, dragging a bare widget", Spread.of([drag.painted]), "", None, how)


def _beside_matplotlib(lab: "Lab") -> Iterator[Line]:
    """The same change of padding, in turn: ours, and a figure drawn anew."""
    from benchmarks.browser import PICTURE, arrows

    with _shown(lab, others=(MATPLOTLIB, INTERACT)) as desk:
        sliders = {"ours": _control(desk, "padding"), "theirs": desk.page.locator(MATPLOTLIB_SLIDER)}
        found: dict[str, list[float]] = {"ours": [], "theirs": []}
        changes = {"ours": _drawn("seq"), "theirs": PICTURE}
        for key in arrows(0, *RANGES["padding"], PAIRS):
            for name, slider in sliders.items():
                slider.focus()
                found[name].append(
                    desk.sample(partial(desk.page.keyboard.press, key), "keydown", changes[name]).latency
                )
    ratios = Spread.of([theirs / ours for ours, theirs in zip(found["ours"], found["theirs"], strict=True)])
    ours, theirs = (Spread.of(found[name]).median for name in ("ours", "theirs"))
    how = f"{theirs:.0f} ms : {ours:.0f} ms, {PAIRS} pairs"
    yield Line("padding changes: Matplotlib inline ÷ ours", ratios, "×", Target(7, True), how)


def _sizes(lab: "Lab") -> Iterator[Line]:
    """Padding changes on larger inputs, and whether their cost grows faster than the number of meetings."""
    per_meeting: dict[str, list[float]] = {"kernel's time": [], "waiting": []}
    for size in SIZES:
        with _shown(lab, f"height={size}, width={size}") as desk:
            meetings = desk.notebook.evaluate("explorer.z.size * explorer.w.size")
            samples = desk.press(_control(desk, "padding"), AT_EACH_SIZE, _drawn("seq"))
            cpu, kilobytes = _spread(samples, "cpu"), _spread(samples, "received")
            how = f"{meetings:,} meetings, {cpu.median:.1f} ms in the kernel, {kilobytes.median:.0f} kB"
            yield Line(f"padding changes, input {size}×{size}", _spread(samples, "latency"), "ms", None, how)
            per_meeting["kernel's time"].append(cpu.median / meetings)
            per_meeting["waiting"].append(_spread(samples, "latency").median / meetings)
            if size == SIZES[-1]:
                steps = desk.press(_control(desk, "step"), AT_EACH_SIZE, _drawn("step"))
                yield from _latencies(f"a step of the window, input {size}×{size}", steps)
                yield from _latencies(f"hover over a cell, input {size}×{size}", _hover(desk, AT_EACH_SIZE))
    for name, costs in per_meeting.items():
        growth = Spread.of([costs[-1] / costs[1]])
        yield Line(f"{name} per meeting, 32×32 ÷ 16×16", growth, "×", Target(1.25), "at most linear in the taps")


# The explorer in its page -------------------------------------------------------------------------------------------


@contextmanager
def _shown(lab: "Lab", arguments: str = "", others: Sequence[str] = ()) -> Iterator["Desk"]:
    """A notebook that shows an explorer, above other cells."""
    with lab.open(IMPORT, SHOW.format(arguments), *others) as desk:
        desk.notebook.run_all()
        desk.page.locator(EXPLORER).scroll_into_view_if_needed()
        desk.measure_idle()
        yield desk


def _drawn(attribute: str) -> "Change":
    """The change after which the explorer has drawn: it sets this data attribute of its root last."""
    return {"selector": EXPLORER, "attribute": f"data-{attribute}"}


def _control(desk: "Desk", setting: str) -> "Locator":
    return desk.page.locator(f'{EXPLORER} input[type="range"][data-setting="{setting}"]')


def _cells(desk: "Desk", grid: str) -> "Locator":
    return desk.page.locator(f'{EXPLORER} [data-grid="{grid}"] [role="gridcell"]')


def _change_settings(desk: "Desk") -> list["Sample"]:
    """Each setting of the geometry through all its values, back to where it was, and so on to the next."""
    samples = []
    for setting, (low, high) in RANGES.items():
        samples += desk.press(_control(desk, setting), CYCLES * 2 * (high - low), _drawn("seq"), (low, high))
    return samples


def _hover(desk: "Desk", times: int) -> list["Sample"]:
    """The mouse on cells of all grids, by chance."""
    cells = [cell for grid in GRIDS for cell in _cells(desk, grid).all()]
    return desk.hover(random.Random(0).sample(cells, times), _drawn("focus"))


def _agrees(desk: "Desk", setting: str) -> bool:
    """Whether slider, kernel and picture show the same, once the kernel has rested."""
    desk.measure_idle()
    value, outputs = desk.notebook.evaluate(f"explorer.{setting}, explorer.z.size")
    return _control(desk, setting).input_value() == str(value) and _cells(desk, "z").count() == outputs


# Numbers ------------------------------------------------------------------------------------------------------------


def _latencies(name: str, samples: Sequence["Sample"], limit: float | None = None) -> Iterator[Line]:
    """The spread of the waiting times, and the one that 95 of 100 don't exceed, which the target is about."""
    late = statistics.quantiles([sample.latency for sample in samples], n=20, method="inclusive")[-1]
    yield Line(name, _spread(samples, "latency"), "ms", None, f"{len(samples)} events")
    yield Line(f"{name}: 95 of 100", Spread.of([late]), "ms", None if limit is None else Target(limit))


def _spread(samples: Sequence["Sample"], field: str) -> Spread:
    return Spread.of([getattr(sample, field) for sample in samples])

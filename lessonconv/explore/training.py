"""A network that learns before one's eyes, and can be stopped and sent on from the page.

The page's Stop is heard while a cell trains where messages come over a subshell (JupyterLab since 4.4, ipykernel since
7). "Go on" starts no thread: the steps take turns with whatever else the kernel's event loop has to do, so that a cell
that uses the network in the meantime meets it between two steps, never within one.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import numpy.typing as npt
import traitlets

from lessonconv import nn
from lessonconv.explore import pages
from lessonconv.functional.arguments import real_numbers
from lessonconv.nn.training import GO_ON, Training, follow
from lessonconv.visual import palette

if TYPE_CHECKING:
    from lessonconv.visual.picture import Picture

Array = npt.NDArray[Any]

EVERY = 0.25  # seconds between two messages to the page, at least
PATIENCE = 30  # times as long as making the last one took: so they cost at most about 3 % of the time
STEP_SECONDS = 5  # more than a step takes that "Go on" has under way
STAGES = ("first", "second")  # the convolutions whose maps are shown
MOST, CHANNELS, SIDE = 32, 4, 32  # filters, a kernel's channels, cells along a map's side: more are left out
CELLWISE = (nn.ReLU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.Arctan, nn.BatchNorm2d)


class TrainingExplorer(anywidget.AnyWidget):
    """Loss and accuracy, the first convolution's kernels and one image's feature maps, while the network learns.

    net, train, options: what `nn.fit` takes. image: (C, H, W), None is the first of the images to learn from.
    `fit` trains, and shows it. On the page stand Stop and Go on; `history` is how it went so far.
    Without a page to draw on, `fit` is `nn.fit`. Raises ValueError or TypeError as `nn.fit` does, and for an image that
    the network cannot take.
    """

    _esm = pages.module("training.mjs")
    _css = palette.css() + pages.style("training.css")

    plan: Any = traitlets.Dict().tag(sync=True)  # what stays as it is
    scene: Any = traitlets.Dict().tag(sync=True)  # what changes as it learns
    state: Any = traitlets.List().tag(sync=True)  # "ready", "running", "stopping", "waiting", "stopped" or "done"; why

    def __init__(
        self,
        net: nn.Layer,
        train: tuple[Any, Any],
        *,
        image: Any = None,
        on_epoch: Callable[[nn.History], Any] | None = None,
        progress: bool = True,
        **options: Any,
    ) -> None:
        self._on_epoch, self._progress = on_epoch, progress
        self._training = Training(net, train, **options)
        self._inside = _Inside(net, self._training.x[:1] if image is None else image)
        self._turn, self._telling = threading.Lock(), threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._still: Any = None
        self._stop_asked, self._due, self._run = False, 0.0, object()
        plan = {"epochs": self._training.epochs, "steps": self._training.steps, **self._inside.plan()}
        super().__init__(plan=plan, scene=self._scene(), state=["ready", ""])
        self.on_msg(self._hear)
        if self.comm is not None:
            self.comm._reply_subshell_for = _the_way_it_came

    @property
    def history(self) -> nn.History:
        """The finished epochs, and how far the one under way is."""
        return self._training.history

    def fit(self) -> nn.History:
        """Take the epochs that are left, from where it stopped, and show them; returns `history`.

        Raises RuntimeError if it is learning already, in another thread.
        """
        if not _has_page():
            self.history.stopped = None
            follow(self._training, progress=self._progress, on_epoch=self._on_epoch)
            return self.history
        if not self._turn.acquire(timeout=STEP_SECONDS):
            raise RuntimeError("this explorer's network is learning already; press Stop, then call fit() again")
        try:
            self._still = None
            _display(self)
            self._begin()
            self._training.run(self._after_step_of_fit)
        except BaseException as error:
            self._end(error)
            raise
        finally:
            self._turn.release()
        self._end()
        self._still = _display(self._still_picture())
        return self.history

    async def _go_on(self) -> None:
        """What `fit` does, a step in each turn of the event loop."""
        if self.state[0] != "waiting":
            return
        mine, training = self._begin(), self._training
        try:
            while not (training.over or self._stop_asked):
                if not self._turn.acquire(blocking=False):
                    return
                try:
                    training.step()
                    self._after_step()
                finally:
                    self._turn.release()
                await asyncio.sleep(0)
                if mine is not self._run:
                    return  # fit took over
            if not training.over:
                training.stop()
            self._end()
            if self._still is not None:
                self._still.update(self._still_picture())
        except Exception as error:  # nobody above would hear of it
            self._end(error)

    def _begin(self) -> object:
        """Tell the page; returns what tells this run from any other."""
        self._stop_asked, self._due, self._run = False, 0.0, object()
        self.history.stopped = None
        self._tell(state=["running", ""])
        return self._run

    def _after_step(self) -> None:
        """Show the page what changed, if it is time to, and tell `on_epoch`."""
        begun = time.perf_counter()
        if begun >= self._due:
            self._tell(scene=self._scene())
            done = time.perf_counter()
            self._due = done + max(EVERY, PATIENCE * (done - begun))
        if self._on_epoch is not None and not self.history.steps and not self.history.stopped:
            self._on_epoch(self.history)

    def _after_step_of_fit(self) -> None:
        self._after_step()
        if self._stop_asked:
            raise KeyboardInterrupt

    def _end(self, error: BaseException | None = None) -> None:
        """Show the page where it ended, and why."""
        words = (self.history.stopped or "").replace(GO_ON, "press Go on, or call fit() again.")
        if error is not None:
            words = f"Stopped by an error. {type(error).__name__}: {error}. The network keeps what it has learned."
        over = len(self.history.epochs) >= self._training.epochs
        self._tell(scene=self._scene(), state=["done" if over and not words else "stopped", words])

    def _hear(self, _widget: Any, wish: Any, _buffers: Any) -> None:
        """A button of the page was pressed. In a thread of its own, where messages come over a subshell."""
        with self._telling:
            name = self.state[0]
            if wish == "stop" and name == "running":
                self._stop_asked = True
                self._tell(state=["stopping", ""])
            elif wish == "go on" and name in ("ready", "stopped") and self._loop is not None:
                self._tell(state=["waiting", ""])
                asyncio.run_coroutine_threadsafe(self._go_on(), self._loop)

    def _tell(self, **traits: Any) -> None:
        """Send to the page."""
        with self._telling:
            for name, value in traits.items():
                setattr(self, name, value)

    def _scene(self) -> dict[str, Any]:
        training, history = self._training, self._training.history
        seen = min(history.steps * training.batch_size, len(training.x))
        rows = [
            [e.epoch, *map(_finite, (e.loss, e.accuracy, e.test_loss, e.test_accuracy, e.seconds))]
            for e in history.epochs
        ]
        so_far = [history.steps, _finite(history.loss_sum / seen), history.correct / seen] if seen else None
        return {"rows": rows, "so_far": so_far, **self._inside.scene()}

    def _still_picture(self) -> "_Still":
        from lessonconv.visual.results import learning  # on demand: it needs Matplotlib

        return _Still(learning(self.history, *self._inside.panels()) if self.history.epochs else None)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and for a reader without a kernel the sentence that `repr` gives."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        return super()._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        inside = ", the first convolution's kernels and one image's feature maps" if self._inside.conv else ""
        return f"Loss and accuracy against epoch{inside}, drawn while the network learns."


class _Inside:
    """The first convolution, and what the first two make of one image; nothing for a network that has none.

    conv: the first convolution, or None. image: (1, C, H, W). before: its kernels, as they were.
    """

    def __init__(self, net: nn.Layer, image: Any) -> None:
        net = net if isinstance(net, nn.Sequential) else nn.Sequential()
        layers = net.layers
        places = [place for place, layer in enumerate(layers) if isinstance(layer, nn.Conv2d)][: len(STAGES)]
        self.conv = layers[places[0]] if places else None
        if self.conv is None:
            return
        self.before = self.conv.params["w"].copy()
        ends = [_end_of_stage(layers, place) for place in places]
        self.stages = [net[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        self.names = [_name(STAGES[k], stage.layers[-1]) for k, stage in enumerate(self.stages)]
        self.image = _one_image(image, self.before.dtype)
        try:
            self.maps()
        except (ValueError, TypeError) as error:
            raise type(error)(f"image: {error}") from error

    def maps(self) -> list[Array]:
        """What each stage makes of the image: (F, H, W)."""
        found, a = [], self.image
        with np.errstate(all="ignore"):  # a training that diverges is told in a sentence
            for stage in self.stages:
                a = nn.predict(stage, a)
                found.append(a[0])
        return found

    def plan(self) -> dict[str, Any]:
        """For the page, once: the image, the kernels at the start, and what the maps are called."""
        if self.conv is None:
            return {}
        F, C, K_h, K_w = self.before.shape
        return {
            "image": _packed(_small(self.image.mean(axis=1))),
            "before": _packed(_in_a_row(self.before)),
            "kernel": [F, C, K_h, K_w],
            "names": self.names,
        }

    def scene(self) -> dict[str, Any]:
        """For the page, again and again: the kernels, how far each has moved, and the maps."""
        if self.conv is None:
            return {}
        w = self.conv.params["w"]
        moved, length = (np.sqrt((part**2).sum(axis=(1, 2, 3))) for part in (w - self.before, self.before))
        return {
            "kernels": _packed(_in_a_row(w)),
            "moved": [_finite(share) for share in moved / np.where(length, length, 1)][:MOST],
            "maps": [{"of": len(a), **_packed(_small(a))} for a in self.maps()],
        }

    def panels(self) -> tuple[Any, ...]:
        """For a picture: the kernels at the start, those now, and their maps."""
        if self.conv is None:
            return ()
        return _in_a_row(self.before), _in_a_row(self.conv.params["w"]), self.maps()[0]


def _end_of_stage(layers: list[nn.Layer], place: int) -> int:
    """Behind the convolution at this place, and what works on its output cell by cell."""
    end = place + 1
    while end < len(layers) and isinstance(layers[end], CELLWISE):
        end += 1
    return end


def _name(which: str, last: nn.Layer) -> str:
    return f"Behind the {which} convolution" + ("" if isinstance(last, nn.Conv2d) else f" and {type(last).__name__}")


def _one_image(image: Any, dtype: Any) -> Array:
    """The image as a batch of one."""
    image = real_numbers("image", np.asarray(image))
    image = image[None] if image.ndim == 3 else image
    if image.ndim != 4 or len(image) != 1:
        raise ValueError(f"image has shape {image.shape}, but must be one image, (C, H, W); take x[0] from a batch")
    return image.astype(dtype, copy=False)


def _in_a_row(w: Array) -> Array:
    """Kernels (F, C, K_h, K_w) with their first channels beside each other, a column of nothing between them."""
    F, C, K_h, K_w = w[:MOST, :CHANNELS].shape
    apart = np.pad(w[:MOST, :CHANNELS], ((0, 0), (0, 0), (0, 0), (0, 1)))
    return apart.transpose(0, 2, 1, 3).reshape(F, K_h, -1)[..., :-1]


def _small(a: Array) -> Array:
    """Maps (F, H, W) of at most so many cells, by leaving out filters, rows and columns."""
    step = -(-max(a.shape[1:]) // SIDE)
    return a[:MOST, ::step, ::step]


def _packed(values: Array) -> dict[str, Any]:
    """Panels (N, H, W) as bytes from −127 to 127, which stands for limit: a quarter of their size, and no text."""
    values = np.where(np.isfinite(values), values, 0)
    limit = float(np.abs(values).max()) or 1.0
    return {"cells": np.round(values / limit * 127).astype(np.int8).tobytes(), "shape": values.shape, "limit": limit}


def _finite(value: float | None) -> float | None:
    """A number that JSON knows, or None: not a NaN, nor an infinity."""
    return float(value) if value is not None and abs(value) < float("inf") else None


class _Still(anywidget.AnyWidget):
    """A picture for readers without a kernel. Where widgets live it is empty: the explorer itself stands above."""

    _esm = "export default { render() {} };"

    def __init__(self, picture: "Picture | None") -> None:
        self._picture = picture
        super().__init__()

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The empty widget, and the picture for those who cannot have it."""
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        image, about = self._picture._repr_mimebundle_() if self._picture else ({}, {})
        return data | image, metadata | about

    def __repr__(self) -> str:
        return repr(self._picture) if self._picture else "No epoch is finished yet."


def _the_way_it_came(_data: Any, subshell: str | None) -> str | None:
    """Which subshell hears a message of the page: the one that the page chose.

    ipykernel 7.4 would hand it to the loop that sent last: in a cell that trains, to one that does not listen.
    """
    return subshell


def _has_page() -> bool:
    """Whether a notebook runs this."""
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def _display(widget: anywidget.AnyWidget) -> Any:
    from IPython.display import display

    return display(widget, display_id=True)

"""Curves that grow while a network learns: Python sends numbers, live.mjs draws them."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lessonconv.nn import History
from lessonconv.visual import palette

_HERE = Path(__file__).parent


class LiveCurves(anywidget.AnyWidget):
    """Loss and accuracy against epoch, drawn anew after each: `nn.fit(…, on_epoch=LiveCurves(epochs=10))`.

    epochs: how many are planned, so that the axis is as long from the start; 0 if that is not known.
    It shows itself when the first epoch is done, or before, where it is the last expression of a cell. Without a page
    to draw on it does nothing. A stored notebook keeps the same sentence of it every time; for a picture that stays,
    draw `curves(history)` when the training is done. Raises ValueError if epochs is negative.
    """

    _esm = _HERE / "live.mjs"
    _css = palette.css() + (_HERE / "live.css").read_text(encoding="utf-8")

    epochs = traitlets.Int(0).tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)  # (epoch, loss, accuracy, test loss, test accuracy, seconds) for each

    def __init__(self, epochs: int = 0) -> None:
        if epochs < 0:
            raise ValueError(f"epochs is {epochs}, but must be the number of epochs planned, or 0 if it is not known")
        self._shown = False
        super().__init__(epochs=epochs)

    def __call__(self, history: History) -> None:
        """Draw what the history holds by now."""
        self.rows = [
            (e.epoch, *map(_finite, (e.loss, e.accuracy, e.test_loss, e.test_accuracy, e.seconds)))
            for e in history.epochs
        ]
        if not self._shown:
            _display(self)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and for a reader without a kernel the sentence that `repr` gives."""
        self._shown = True
        return super()._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        return "Loss and accuracy against epoch, drawn while the network learns."


def _finite(value: float | None) -> float | None:
    """A number that JSON knows, or None: not a NaN, nor an infinity."""
    return float(value) if value is not None and abs(value) < float("inf") else None


def _display(widget: LiveCurves) -> None:
    """Show it in the notebook that runs, if one does."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:
        display(widget)

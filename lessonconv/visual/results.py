"""Pictures of how a training went and what came of it: curves over the epochs, and who is taken for whom."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lessonconv.nn import History
from lessonconv.visual import palette
from lessonconv.visual.cells import DIGIT, GAP, show_map, show_signed
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import Picture, Sheet, count_of, drawing, text_width

CELL, LINE = 38.0, 16.0  # pixels of the page
CHART = 400.0, 230.0
LONGEST_NAME = 110.0
DASHED = (0, (4, 2.2))
MARKERS = "osD^v"
PANELS = 8  # filters that a sheet is wide enough for


def confusion(labels: Any, predictions: Any, classes: int = 10, *, title: str = "What is taken for what") -> Picture:
    """How often each digit (row) was read as each (column); mistakes have a colour scale of their own.

    labels, predictions: (N,), class numbers below `classes`. Raises ValueError otherwise.
    """
    counts = _counts(labels, predictions, classes)
    wrong = counts * (1 - np.eye(classes, dtype=int))
    scales = np.where(np.eye(classes, dtype=bool), counts.max(axis=1, keepdims=True), max(1, wrong.max()))
    total, right = counts.sum(), int(np.trace(counts))
    caption = (
        f"{right:,} of {total:,} are read right ({right / total:.1%}). Grey: read right; the last column says how "
        "much of each digit. Red: mistakes, on a scale of their own."
    )
    side, left, top = classes * CELL, 44.0, 2 * LINE + 8
    with drawing(left + side + 92, top + side, title, caption) as sheet:
        axes = sheet.axes(left, top, side, side)
        axes.set(xlim=(0, classes), ylim=(classes, 0))
        for (true, read), count in np.ndenumerate(counts):
            _draw_count(axes, true, read, int(count), count / (scales[true, read] or 1))
        sheet.text(left + side / 2, 0, "read as", ha="center", color=LIGHT.muted)
        sheet.text(6, top + side / 2, "is", ha="center", va="center", color=LIGHT.muted)
        sheet.text(left + side + 18, 0, "read right", color=LIGHT.muted)
        for number in range(classes):
            middle, right_of = (number + 0.5) * CELL, counts[number].sum()
            sheet.text(left + middle, top - LINE - 2, str(number), ha="center", fontweight="bold")
            sheet.text(left - 14, top + middle, str(number), ha="center", va="center_baseline", fontweight="bold")
            share = f"{counts[number, number] / right_of:.0%}" if right_of else "–"
            sheet.text(left + side + 18, top + middle, share, va="center_baseline")
    return Picture(
        sheet.figure,
        f"{title}: a table of {classes} rows, what each of the {total:,} images is, and {classes} columns, what it was "
        "read as, with a count in each cell.",
        f"{right:,} are read right; {_worst(wrong)}.",
    )


def _counts(labels: Any, predictions: Any, classes: int) -> npt.NDArray[np.int64]:
    """(classes, classes): rows what it is, columns what it was read as."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1 or not labels.size:
        raise ValueError(
            f"labels have shape {labels.shape}, predictions {predictions.shape}, but both must be (N,), N ≥ 1; logits "
            "become predictions with logits.argmax(axis=1)"
        )
    for name, numbers in (("labels", labels), ("predictions", predictions)):
        if numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() >= classes:
            raise ValueError(
                f"{name} of dtype {numbers.dtype} run from {numbers.min()} to {numbers.max()}, but must be whole "
                f"numbers from 0 to {classes - 1}; give classes={classes} another value if there are more"
            )
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def _draw_count(axes: Axes, true: int, read: int, count: int, share: float) -> None:
    """A cell of the table: grey where it was read right, red where not, paper and no number where it never was."""
    far = LIGHT.muted if true == read else LIGHT.positive
    color = palette.mix(
        LIGHT.paper, far, ((0.1 if true == read else 0.2) + (0.3 if true == read else 0.6) * share) if count else 0
    )
    axes.fill_between([read, read + 1], true, true + 1, facecolor=color, edgecolor=LIGHT.line, linewidth=0.8)
    if count:
        style: dict[str, Any] = {"fontweight": "bold"} if true != read else {}
        axes.text(
            read + 0.5, true + 0.5, str(count), ha="center", va="center_baseline", color=palette.ink(color), **style
        )


def _worst(wrong: npt.NDArray[np.int64]) -> str:
    true, read = np.unravel_index(wrong.argmax(), wrong.shape)
    count = int(wrong.max())
    return f"the commonest mistake takes a {true} for a {read}, {count} times" if count else "there is no mistake"


class _Curve(NamedTuple):
    """A line of a chart. run: its number; name: whose it is; test: whether of the held-out images."""

    run: int
    name: str
    test: bool
    epochs: Sequence[int]
    values: Sequence[float]

    @property
    def color(self) -> str:
        """Ink and a softer ink for a single run, which has no name; five hues for several."""
        if not self.name:
            return LIGHT.ink if self.test else LIGHT.muted
        return palette.color(palette.TENSORS[self.run])


def curves(history: History | Mapping[str, History], *, title: str = "How the training went") -> Picture:
    """Loss and accuracy against epoch: dashed on the training set, solid on the test set, named where the lines end.

    history: what `nn.fit` returned, or up to five by name: {"ReLU": …, "tanh": …}; these take the palette's five hues,
    as a chart of runs holds no tensor. Names too long to stand at the lines' ends stand above.
    Raises ValueError if there is no history, more than five, or one without a finished epoch.
    """
    runs = dict(history) if isinstance(history, Mapping) else {"": history}
    if not 1 <= len(runs) <= len(palette.TENSORS):
        raise ValueError(
            f"there are {len(runs)} histories, but a picture shows 1 to {len(palette.TENSORS)}; choose some"
        )
    if empty := [name or "the history" for name, run in runs.items() if not run.epochs]:
        raise ValueError(f"{', '.join(empty)} has no finished epoch to draw; train with epochs ≥ 1 first")
    keyed = max(text_width(name, bold=True) for name in runs) > LONGEST_NAME
    above = len(runs) * LINE + 12 if keyed else 0
    caption = "Dashed: on the training set. Solid: on the held-out test set."
    with drawing(2 * CHART[0], CHART[1] + above, title, caption) as sheet:
        for axes, what in zip(sheet.charts(2, above), ("loss", "accuracy"), strict=True):
            _draw_chart(axes, what, _lines(runs, what), named=not keyed)
        if keyed:
            _draw_key(sheet, list(runs))
    epochs = count_of(max(len(run.epochs) for run in runs.values()), "epoch")
    who = f" of {', '.join(runs)}" if len(runs) > 1 else ""
    return Picture(
        sheet.figure,
        f"{title}: loss and accuracy{who} against epoch, {epochs}, on the training set (dashed) and, where it was "
        "measured, on the test set (solid).",
        " ".join(f"{name}{': ' if name else ''}{_outcome(run)}" for name, run in runs.items()),
    )


def learning(history: History, before: Any = None, kernels: Any = None, maps: Any = None) -> Picture:
    """How a network learned: loss and accuracy, and above them its first kernels, before and now, and their maps.

    before, kernels: (F, K_h, K_w), signed. maps: (F, H, W). None for a network without a convolution.
    Raises ValueError for a history without a finished epoch.
    """
    if not history.epochs:
        raise ValueError("the history has no finished epoch to draw; train with epochs ≥ 1 first")
    caption, top = "Dashed: on the training set. Solid: on the held-out test set.", 0.0
    rows: dict[str, Any] = {}
    if before is not None:
        rows = {"Its kernels at the start": before, "Its kernels now": kernels, "Its maps of one image now": maps}
        rows = {name: values[:PANELS] for name, values in rows.items()}
        heights = [DIGIT * min(1.0, values.shape[1] / values.shape[2]) for values in rows.values()]
        top = sum(heights) + len(rows) * (LINE + 14)
        shown = len(rows["Its kernels now"])
        which = "" if shown == len(kernels) else f" The first {shown} of {len(kernels)} filters."
        caption += f" Above: the first convolution. −: negative.{which}"
    with drawing(2 * CHART[0], top + CHART[1], "A network learns", caption) as sheet:
        for axes, what in zip(sheet.charts(2, top), ("loss", "accuracy"), strict=True):
            _draw_chart(axes, what, _lines({"": history}, what), named=True)
        y = 0.0
        limit = max((float(np.abs(rows[name]).max()) for name in list(rows)[:2]), default=0.0) or 1.0
        for (name, values), height in zip(rows.items(), heights if rows else (), strict=True):
            sheet.text(0, y, name, color=LIGHT.muted)
            for place, panel in enumerate(values):
                axes = sheet.axes(place * (DIGIT + GAP), y + LINE + 2, DIGIT, height)
                if name.startswith("Its kernels"):
                    show_signed(axes, panel, limit, numbered=False)
                else:
                    show_map(axes, panel, values)
            y += height + LINE + 14
    inside = ", with the first convolution's kernels at the start and now, and their maps of one image" if rows else ""
    return Picture(
        sheet.figure,
        f"A network learns: loss and accuracy against epoch, {count_of(len(history.epochs), 'epoch')}, on the training "
        f"set (dashed) and, where it was measured, on the test set (solid){inside}.",
        _outcome(history),
    )


def _lines(runs: Mapping[str, History], what: str) -> list[_Curve]:
    """What was measured, run by run."""
    lines = []
    for number, (name, run) in enumerate(runs.items()):
        for test in (False, True):
            values = [getattr(epoch, f"test_{what}" if test else what) for epoch in run.epochs]
            pairs = [(epoch.epoch, value) for epoch, value in zip(run.epochs, values, strict=True) if value is not None]
            if pairs:
                lines.append(_Curve(number, name, test, *zip(*pairs, strict=True)))
    return lines


def _draw_chart(axes: Axes, what: str, lines: Sequence[_Curve], named: bool) -> None:
    """Lines with a mark at each epoch, on scales that suit them."""
    axes.set_title("loss, in nats" if what == "loss" else what, loc="left")
    axes.set_xlabel("epoch")
    axes.grid(axis="y", color=LIGHT.line, linewidth=0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_axisbelow(True)
    _scale(axes, what, lines)
    for line in lines:
        style: dict[str, Any] = {"linestyle": "solid" if line.test else DASHED, "linewidth": 1.9 if line.test else 1.4}
        size = 4.5 if line.test else 3
        marks: dict[str, Any] = {"marker": MARKERS[line.run], "markersize": size, "markeredgewidth": 0}
        axes.plot(line.epochs, line.values, color=line.color, clip_on=False, **style, **marks)
    _name_lines(axes, what, lines, named)


def _scale(axes: Axes, what: str, lines: Sequence[_Curve]) -> None:
    """Loss from 0; accuracy up to 100 %; epochs from the first to the last."""
    values = [value for line in lines for value in line.values]
    epochs = [epoch for line in lines for epoch in line.epochs]
    first, last = min(epochs), max(epochs)
    axes.set_xlim((first - 0.03 * (last - first), last) if last > first else (first - 0.5, first + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
    if what == "loss":
        axes.set_ylim(0, 1.05 * max(values) or 1)
    else:
        axes.set_ylim(max(0.0, np.floor(min(values) * 20) / 20 - 0.0125), 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _name_lines(axes: Axes, what: str, lines: Sequence[_Curve], named: bool) -> None:
    """Names and last values where lines end, moved apart if they would overlap; of several runs only the test's."""
    tested = {line.run for line in lines if line.test and line.name}
    lines = [line for line in lines if line.test or line.run not in tested]
    low, high = axes.get_ylim()
    ends = apart([(line.values[-1] - low) / (high - low) for line in lines], LINE / (CHART[1] - 60))
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "xytext": (8, 0), "textcoords": "offset points"}
    paper = {"facecolor": LIGHT.paper, "edgecolor": "none", "pad": 1}
    for line, y in zip(lines, ends, strict=True):
        value = f"{line.values[-1]:.1%}" if what == "accuracy" else f"{line.values[-1]:.3f}"
        words = f"{line.name or ('test' if line.test else 'training')} {value}" if named else value
        weight = "bold" if line.test else "normal"
        axes.annotate(
            words, (line.epochs[-1], y), va="center", color=line.color, fontweight=weight, bbox=paper, **place
        )


def _draw_key(sheet: Sheet, names: Sequence[str]) -> None:
    """The runs' names, each behind a piece of its line, at the top of the sheet."""
    axes = sheet.canvas()
    for number, name in enumerate(names):
        y, color = (number + 0.5) * LINE, palette.color(palette.TENSORS[number])
        axes.plot(
            [0, 14, 28], [y, y, y], color=color, linewidth=1.9, marker=MARKERS[number], markersize=4.5, markevery=[1]
        )
        sheet.text(38, y, name, va="center_baseline", color=color, fontweight="bold")


def apart(places: Sequence[float], gap: float) -> list[float]:
    """The places moved so that no two are closer than the gap; their order stays."""
    order = sorted(range(len(places)), key=lambda k: places[k])
    moved = list(places)
    for _ in range(100):
        for lower, upper in pairwise(order):
            lack = max(0.0, gap - (moved[upper] - moved[lower]))
            moved[lower], moved[upper] = moved[lower] - lack / 2, moved[upper] + lack / 2
    return moved


def _outcome(run: History) -> str:
    """Where a training ended, in words."""
    last = run.epochs[-1]
    test = "" if last.test_accuracy is None else f", test accuracy {last.test_accuracy:.1%}"
    return f"after {count_of(len(run.epochs), 'epoch')} loss {last.loss:.3f}, accuracy {last.accuracy:.1%}{test}."

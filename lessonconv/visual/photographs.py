"""A photograph through kernels: what each makes of it, and what turning the kernel by 180° changes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv import functional
from lessonconv.visual import palette
from lessonconv.visual.cells import _finite, _frame
from lessonconv.visual.palette import LIGHT
from lessonconv.visual.picture import MARGIN, Picture, Sheet, count_of, drawing
from lessonconv.visual.rows import draw_numbered, written

Array = npt.NDArray[Any]

# Pixels of the page
WIDTH = 800 - 2 * MARGIN
COLUMNS, GAP, LINE = 4, 16, 18
PANEL = (WIDTH - (COLUMNS - 1) * GAP) / COLUMNS
TAP, BESIDE = (28.0, 19.0), 9.0  # a kernel's cell, and the room between a kernel and what stands beside it
LEGEND = 40.0
STEPS, GREYS = 12, 48  # of colour, on either side of 0; and from black to white: a stored notebook is smaller
SHARE = 0.99  # of a picture's signed values lie within its scale


def correlated(image: Array, w: Array) -> Array:
    """The kernel slid over the image, wherever it lies inside."""
    return functional.conv2d(image[None, None], w[None, None])[0, 0]


def filtered(image: Any, kernels: Mapping[str, Any], *, title: str = "One photograph, several kernels") -> Picture:
    """A photograph and what each kernel makes of it when it is slid over the photograph (cross-correlation).

    image: (H, W), brightness from 0 to 1. kernels: name → (K_h, K_w). Where the taps add up to 0 the result has a sign,
    and is shown in signed colours, up to the number beside the kernel; else it is shown as a photograph.
    Raises ValueError for other shapes.
    """
    image, arrays = _taken(image, kernels)
    H, W = image.shape
    above = LINE + max(LEGEND, max(len(w) for w in arrays.values()) * TAP[1]) + 6
    height, rows = PANEL * H / W, -(-(1 + len(arrays)) // COLUMNS)
    with drawing(WIDTH, rows * (above + height + GAP) - GAP, title) as sheet:
        for number, name in enumerate(["photograph", *arrays]):
            row, column = divmod(number, COLUMNS)
            left, top = column * (PANEL + GAP), row * (above + height + GAP)
            sheet.text(left, top, name, fontweight="bold")
            if number:
                w, result = arrays[name], correlated(image, arrays[name])
                _draw_kernel(sheet, w, left, top + LINE, limit := _limit(w, result))
                _show(sheet, result, limit, left, top + above, image.shape, PANEL)
            else:
                _show(sheet, image, 0, left, top + above, image.shape, PANEL)
                if any(map(_signed, arrays.values())):
                    _draw_legend(sheet, left, top + LINE)
    told = ", ".join(f"{name} {_in_words(w)}" for name, w in arrays.items())
    return Picture(
        sheet.figure,
        f"{title}: the photograph of {H}×{W} pixels, and what {count_of(len(arrays), 'kernel')} make of it: {told}.",
    )


def flipped(
    image: Any, kernels: Mapping[str, Any], *, title: str = "The same kernels, as they are and turned by 180°"
) -> Picture:
    """What each kernel makes of a photograph, above as it is (correlation), below turned by 180° (true convolution).

    image: (H, W). kernels: name → (K_h, K_w), at most three beside each other. Below each it says what the turn
    changes: nothing, every sign, or more. Raises ValueError for other shapes.
    """
    image, arrays = _taken(image, kernels)
    H, W = image.shape
    columns = min(3, len(arrays))
    wide = max(w.shape[1] for w in arrays.values()) * TAP[0] + BESIDE
    panel = (WIDTH - 2 * GAP) // 3 - wide
    step, height = wide + panel + GAP, panel * H / W
    block = LINE + 2 * (height + GAP) + LINE
    whole = -(-len(arrays) // columns) * (block + GAP) - GAP
    legend = LEGEND + 8 if any(map(_signed, arrays.values())) else 0
    with drawing(columns * step - GAP, whole + legend, title) as sheet:
        for number, (name, w) in enumerate(arrays.items()):
            left, top = number % columns * step, number // columns * (block + GAP)
            sheet.text(left, top, name, fontweight="bold")
            for turn, kernel in enumerate((w, w[::-1, ::-1])):
                y, result = top + LINE + turn * (height + GAP), correlated(image, kernel)
                sheet.text(left, y, ("as it is", "turned")[turn], color=LIGHT.muted)
                _draw_kernel(sheet, kernel, left, y + LINE, limit := _limit(w, result), below=True)
                _show(sheet, result, limit, left + wide, y, image.shape, panel)
            sheet.text(left + wide, top + block - LINE - GAP + 4, verdict(w))
        if legend:
            _draw_legend(sheet, 0, whole + 8)
    told = "; ".join(f"{name}: {verdict(w)}" for name, w in arrays.items())
    return Picture(sheet.figure, f"{title}. What the turn changes in the picture, for {told}.")


def verdict(w: Array) -> str:
    """What turning this kernel changes in every picture that it makes."""
    turned = w[::-1, ::-1]
    if np.array_equal(turned, w):
        return "nothing changes"
    return "every sign changes" if np.array_equal(turned, -w) else "another picture"


def _taken(image: Any, kernels: Mapping[str, Any]) -> tuple[Array, dict[str, Array]]:
    """The arguments as arrays. Raises ValueError if they are of other shapes, or if a kernel does not fit."""
    image = _finite("image", image, "H, W")
    if not kernels:
        raise ValueError("there is no kernel to look through; give a dict of names and arrays (K_h, K_w)")
    arrays = {name: _finite(name, w, "K_h, K_w") for name, w in kernels.items()}
    for name, w in arrays.items():
        if w.shape[0] > image.shape[0] or w.shape[1] > min(image.shape[1], 5):
            raise ValueError(f"{name} has shape {w.shape}; give kernels that fit into the image, at most 5 taps wide")
    return image, arrays


def _signed(w: Array) -> bool:
    """Do the taps add up to 0, so that a flat picture becomes 0, and what is brighter or darker gets a sign?"""
    return bool(abs(w.sum()) < 1e-9 * np.abs(w).sum())


def _limit(w: Array, result: Array) -> float:
    """Where the signed colours of a result end; 0 if it has no sign."""
    return float(np.quantile(np.abs(result), SHARE)) or 1.0 if _signed(w) else 0.0


def _show(
    sheet: Sheet, values: Array, limit: float, left: float, top: float, shape: tuple[int, ...], panel: float
) -> None:
    """A result in signed colours up to the limit, or, if that is 0, as a photograph, in the middle of its panel.

    shape, panel: of the photograph, and how wide that is drawn; a result that lost its edge is smaller by as much. At
    one pixel of the page for each of the photograph nothing is blurred, and the image takes half the room.
    """
    scale = panel / shape[1]
    (height, width), (above, beside) = values.shape, ((a - b) / 2 for a, b in zip(shape, values.shape, strict=True))
    axes = sheet.axes(left + beside * scale, top + above * scale, width * scale, height * scale)
    if limit:
        values = np.rint(values / limit * STEPS) / STEPS  # what is all but 0 is paper
        axes.imshow(values, palette.diverging(), vmin=-1, vmax=1, interpolation="nearest", aspect="auto")
    else:
        values, smooth = np.rint(values * GREYS) / GREYS, "nearest" if scale == round(scale) else "bilinear"
        axes.imshow(values, "gray", vmin=0, vmax=1, interpolation=smooth, aspect="auto")
    _frame(axes)


def _draw_kernel(sheet: Sheet, w: Array, left: float, top: float, limit: float, *, below: bool = False) -> None:
    """The kernel, and beside or below it where the colours of its picture end."""
    draw_numbered(sheet, w, left, top, TAP, float(np.abs(w).max()) or 1.0)
    height, width = len(w) * TAP[1], w.shape[1] * TAP[0]
    if limit:
        x, y = (left, top + height + 5) if below else (left + width + BESIDE, top + height - 15)
        sheet.text(x, y, f"up to ±{limit:.1f}", color=LIGHT.muted)


def _draw_legend(sheet: Sheet, left: float, top: float) -> None:
    """The signed colours, from one end of a picture's scale to the other."""
    width = 150.0
    axes = sheet.axes(left, top + 2, width, 12)
    axes.imshow(np.linspace(-1, 1, 256)[None], palette.diverging(), vmin=-1, vmax=1, aspect="auto")
    _frame(axes)
    for share, words in ((0.0, "negative"), (0.5, "0"), (1.0, "positive")):
        align = ("left", "center", "right")[round(2 * share)]
        sheet.text(left + share * width, top + 18, words, ha=align)


def _in_words(w: Array) -> str:
    return f"({' / '.join(' '.join(map(written, row)) for row in w)})"

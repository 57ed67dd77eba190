"""One colour per tensor, for Matplotlib, CSS, JavaScript and equations alike, and colours for signed and plain values.

A gradient is shown in its tensor's colour. What tells it apart is never colour: a ∂ in its name, a hatched area
(`hatch`), a dashed outline (`GRADIENT_DASH`). Nothing is said in colour alone: whatever has a colour has a name.

The hues are the same in a light and in a dark theme; only lightness moves, so that text keeps a contrast of 4.5 on the
paper of each. An equation has to do without knowing the theme: its colours reach 4.0 on white and on black paper.
The numbers were searched for: five colours that stay apart in normal vision and in all three kinds of colour blindness.

Sources: WCAG 2.2 for contrast; Ottosson 2020, "A perceptual color space for image processing" (OKLab) for mixing;
Machado, Oliveira & Fernandes 2009 for colour blindness; tests/visual/test_palette.py measures all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.colors import LinearSegmentedColormap

TENSORS = ("x", "w", "b", "z", "a")
GRADIENT_HATCH = "/////"  # Matplotlib's name for an area of slanted lines
GRADIENT_DASH = (3, 2)  # ink, gap
NO_JUPYTER = ":root:not(:has([data-jp-theme-light], .vscode-light))"  # a page that has said nothing of its own theme


@dataclass(frozen=True)
class Theme:
    """The colours of a light or a dark page.

    paper, ink: what is written on, and with; muted: side remarks, and whatever comes second; line: rules and frames
    that carry no meaning. x … a: the tensors. negative, positive: the far ends of signed values, whose zero is paper.
    """

    paper: str
    ink: str
    muted: str
    line: str
    x: str
    w: str
    b: str
    z: str
    a: str
    negative: str
    positive: str


LIGHT = Theme(
    paper="#ffffff",
    ink="#1b1b1b",
    muted="#656565",
    line="#d5d5d5",
    x="#1a47d6",
    w="#a65d00",
    b="#4b4636",
    z="#008068",
    a="#7a0f63",
    negative="#1f5fae",
    positive="#b8321f",
)
DARK = Theme(
    paper="#111111",
    ink="#f2f2f2",
    muted="#a6a6a6",
    line="#484848",
    x="#6790ff",
    w="#ee7d22",
    b="#9a968e",
    z="#6cecb0",
    a="#fcbce8",
    negative="#5a9df0",
    positive="#f0705c",
)
EQUATION = {"x": "#4176fe", "w": "#c85009", "b": "#767676", "z": "#069154", "a": "#9f5fa0"}


def tensor(name: str) -> str:
    """The tensor that a name speaks of: "w" and its gradient "dw" both speak of "w".

    Raises ValueError for a name that is not in the notation.
    """
    found = name[1:] if name.startswith("d") else name
    if found not in TENSORS:
        raise ValueError(f"no colour for {name!r}; the tensors are {', '.join(TENSORS)}, a gradient is {gradients()}")
    return found


def gradients() -> str:
    """The gradients' names, for a message."""
    return ", ".join("d" + name for name in TENSORS)


def color(name: str, theme: Theme = LIGHT) -> str:
    """The colour, "#rrggbb", of a tensor or of the gradient with respect to it. Raises ValueError for other names."""
    return str(getattr(theme, tensor(name)))


def label(name: str) -> str:
    """How a tensor is named beside a picture: "w", and "∂L/∂w" for "dw". Raises ValueError for other names."""
    return f"∂L/∂{tensor(name)}" if name != tensor(name) else name


def hatch(name: str) -> str:
    """Matplotlib's hatch for an area that stands for this tensor: none, or slanted lines if it is a gradient."""
    return GRADIENT_HATCH if name != tensor(name) else ""


def latex(name: str, term: str | None = None) -> str:
    r"""LaTeX that sets a term in a tensor's colour: `latex("w", r"w_{f,c,k,l}")`.

    term: None is the tensor itself, or \partial L/\partial w as a fraction for "dw". MathJax 2 and 3 and KaTeX read it.
    Raises ValueError for a name that is not in the notation.
    """
    if term is None:
        term = name if name == tensor(name) else rf"\frac{{\partial L}}{{\partial {tensor(name)}}}"
    return rf"{{\color{{{EQUATION[tensor(name)]}}}{{{term}}}}}"


def css() -> str:
    """CSS custom properties `--lc-x`, `--lc-paper`, … for light and dark pages: Jupyter's, VS Code's and any other.

    Paper and ink follow Jupyter's own variables. A cell with value v of at most m: color-mix(in oklab,
    var(--lc-positive) calc(v / m * 100%), var(--lc-paper)). A gradient's outline: stroke-dasharray:
    var(--lc-gradient-dash).
    """
    dark = _properties(DARK)
    return (
        f":root {{ {_properties(LIGHT)} --lc-gradient-dash: {GRADIENT_DASH[0]} {GRADIENT_DASH[1]}; }}\n"
        f'[data-jp-theme-light="false"], .vscode-dark {{ {dark} }}\n'
        f"@media (prefers-color-scheme: dark) {{ {NO_JUPYTER} {{ {dark} }} }}\n"
    )


_FROM_JUPYTER = {"paper": "jp-layout-color0", "ink": "jp-content-font-color1"}


def _properties(theme: Theme) -> str:
    values = {field.name: getattr(theme, field.name) for field in fields(theme)}
    values |= {name: f"var(--{variable}, {values[name]})" for name, variable in _FROM_JUPYTER.items()}
    return " ".join(f"--lc-{name}: {value};" for name, value in values.items())


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", from 0 to 1. Source: WCAG 2.2."""
    return float(_linear(color) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    """How far two colours stand out from each other, 1 to 21; text asks for 4.5, a mark for 3. Source: WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink(on: str) -> Literal["#000000", "#ffffff"]:
    """Black or white, whichever reads better on this colour; it always reaches a contrast of 4.5."""
    return "#000000" if contrast("#000000", on) >= contrast("#ffffff", on) else "#ffffff"


def mix(one: str, other: str, share: float) -> str:
    """The colour that lies a share of the way (0 to 1) from one to the other, in even steps to the eye (OKLab)."""
    start, end = _oklab(one), _oklab(other)
    return _from_oklab(start + share * (end - start))


def diverging(theme: Theme = LIGHT) -> "LinearSegmentedColormap":
    """Colours for signed values on a symmetric scale: zero is paper."""
    return _colormap("signed", (theme.negative, theme.paper, theme.positive))


def images(theme: Theme = LIGHT) -> "LinearSegmentedColormap":
    """Colours for a picture, from 0, paper, to 1, ink."""
    return _colormap("images", (theme.paper, theme.ink))


def ramp(name: str, theme: Theme = LIGHT) -> "LinearSegmentedColormap":
    """Colours for a tensor's values if none is negative, from 0, which is paper. Raises ValueError for other names."""
    return _colormap(name, (theme.paper, color(name, theme)))


def heat(theme: Theme = LIGHT) -> "LinearSegmentedColormap":
    """Colours for counts and shares, from 0, which is paper: the positive half of `diverging`."""
    return _colormap("heat", (theme.paper, theme.positive))


def _colormap(name: str, stops: Sequence[str], steps: int = 16) -> "LinearSegmentedColormap":
    from matplotlib.colors import LinearSegmentedColormap  # on demand: equations and explorers do without Matplotlib

    ramp = [mix(one, other, k / steps) for one, other in pairwise(stops) for k in range(steps)]
    return LinearSegmentedColormap.from_list(name, [*ramp, stops[-1]])


_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _linear(color: str) -> npt.NDArray[np.float64]:
    """Red, green and blue light, each from 0 to 1."""
    digits = color.removeprefix("#")
    if len(digits) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise ValueError(f"{color!r} is not a colour; write it as '#rrggbb'")
    value = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _oklab(color: str) -> npt.NDArray[np.float64]:
    return np.asarray(_TO_OKLAB @ np.cbrt(_TO_CONES @ _linear(color)), np.float64)


def _from_oklab(lab: npt.NDArray[Any]) -> str:
    light = np.clip(np.linalg.solve(_TO_CONES, np.linalg.solve(_TO_OKLAB, lab) ** 3), 0, 1)
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(v) * 255):02x}" for v in value)

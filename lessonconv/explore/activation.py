"""An activation under the hand: g and its slope, what of a gradient passes, and what is left behind several layers."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lessonconv import functional as F
from lessonconv.explore.chart import Chart, Curve, Scale
from lessonconv.explore.curves import CurveExplorer, with_place
from lessonconv.explore.settings import counted, picked
from lessonconv.explore.traits import Choice, Count, Number

Array = npt.NDArray[Any]
REACH, STEP = 8, 0.05  # of z: from −REACH to REACH
MOST = 10  # layers


class Activation(NamedTuple):
    """How an activation is shown. symbol: in a sentence. low, high: of the vertical axis. flat: where it is, in words.

    kink: whether it has a corner at 0.
    """

    name: str
    symbol: str
    low: float
    high: float
    flat: tuple[tuple[float, float, str], ...]
    kink: bool = False


SATURATED = "Saturated: the curve is nearly flat here, and whatever gradient arrives, next to nothing of it passes."
SQUASHED = ((-REACH, -4.0, SATURATED), (4.0, REACH, SATURATED))
FUNCTIONS = {
    "sigmoid": Activation(
        "sigmoid", "σ", -0.25, 1.25,
        (*SQUASHED, (-1.0, 1.0, "The steepest place is z = 0, and even there only a quarter passes.")),
    ),
    "tanh": Activation("tanh", "tanh", -1.25, 1.25, (*SQUASHED, (0, 0, "All of it passes at z = 0, and only there."))),
    "arctan": Activation(
        "arctan", "arctan", -1.75, 1.75,
        tuple((low, high, "Nearly flat, but it saturates slowly: its slope falls as 1/z², not as a power of e.")
              for low, high in ((-REACH, -4.0), (4.0, REACH))),
    ),
    "relu": Activation(
        "ReLU", "ReLU", -2, 8,
        ((0, 0, "There is no slope at the kink. By convention 0 is taken."),
         (-REACH, -STEP / 2, "Off: nothing passes."),
         (STEP / 2, REACH, "On: everything passes, however large z is.")),
        kink=True,
    ),
    "leaky_relu": Activation(
        "leaky ReLU", "leaky ReLU", -2, 8,
        ((0, 0, "There is no slope at the kink. By convention that of the left side is taken."),
         (-REACH, -STEP / 2, "Off, but not dead: a hundredth passes.")),
        kink=True,
    ),
}  # fmt: skip


class ActivationExplorer(CurveExplorer):
    """An activation g and its derivative g′ over z, with a z that can be dragged.

    ∂L/∂z = ∂L/∂a · g′(z);  behind n layers a = g(g(… g(z))), and ∂L/∂z = ∂L/∂a · g′(z) · g′(a₁) · … · g′(aₙ₋₁)

    function: "sigmoid", "tanh", "arctan", "relu" or "leaky_relu". z: from −8 to 8. layers: how many in a row, 1 to 10,
    with nothing between them. da: ∂L/∂a, a whole number from −9 to 9. All of these are traits. a, slopes and dz are
    what follows from them.
    """

    SETTINGS = ("function", "layers", "da", "z")

    function = Choice(*FUNCTIONS)
    z = Number(2.0, -REACH, REACH)
    layers = Count(1, 1, MOST)
    da = Count(1, -9, 9)

    @property
    def a(self) -> float:
        """What comes out of the last layer."""
        return float(self._chart.series["a"][self._place])

    @property
    def slopes(self) -> list[float]:
        """g′ of every layer at what it gets, the first layer first."""
        return [float(self._chart.series[f"s{k}"][self._place]) for k in range(1, self.layers + 1)]

    @property
    def dz(self) -> float:
        """∂L/∂z: ∂L/∂a times all slopes."""
        return float(self._chart.series["dz"][self._place])

    def _controls(self) -> list[dict[str, Any]]:
        return [
            picked("function", "activation", more=False, **{key: shown.name for key, shown in FUNCTIONS.items()}),
            counted("layers", 1, MOST, label="layers in a row"),
            counted("da", -3, 3, label="∂L/∂a"),
        ]

    def _draw(self) -> Chart:
        shown, many = FUNCTIONS[self.function], self.layers > 1
        z = with_place(np.round(np.arange(-REACH / STEP, REACH / STEP + 1) * STEP, 9), self.z)
        a, slopes = chain(self.function, z, self.layers)
        product = np.prod(slopes, axis=0)
        named = {f"s{k}": slope for k, slope in enumerate(slopes, 1)}
        series = {"z": z, "a": a, "slope": product, "da": np.full(z.shape, float(self.da)), "dz": self.da * product}
        row = f", {self.layers} in a row" if many else ""
        curves = (
            Curve("a", "a" if many else "a = g(z)", "a"),
            Curve("slope", "all g′" if many else "g′(z)", "z", breaks=(0.0,) if shown.kink else ()),
        )
        both = f"{curves[0].name} and {'the product of all g′' if many else 'g′(z)'}"
        return Chart(
            kind="activation",
            title=f"{shown.name}{row}: {both}",
            alt=f"Two curves over z from −{REACH} to {REACH}, for {shown.name}{row}: {both}, with a point at z.",
            x=Scale("z", -REACH, REACH),
            y=Scale("", shown.low, shown.high),
            series=series | named,
            along="z",
            moves="z",
            rides="a",
            curves=curves,
            says=_says(shown, self.layers),
            remarks=() if many else shown.flat,
            slope="slope",
        )


def chain(function: str, z: Array, layers: int) -> tuple[Array, list[Array]]:
    """What comes out of so many layers g in a row, and the slope of each at what it gets.

    Raises ValueError for a function that there is not.
    """
    if function not in FUNCTIONS:
        raise ValueError(f"function is {function!r}; give one of {', '.join(FUNCTIONS)}")
    g, backward = getattr(F, function), getattr(F, f"{function}_backward")
    slopes = []
    for _ in range(layers):
        slopes.append(backward(np.ones_like(z), z))
        z = g(z)
    return z, slopes


def _says(shown: Activation, layers: int) -> tuple[str, ...]:
    """The sentences, with holes for the numbers."""
    if layers == 1:
        return (
            f"At z = {{z}}: a = {shown.symbol}({{z}}) = {{a}}, and the slope there is g′(z) = {{slope}}.",
            "∂L/∂z = ∂L/∂a · g′(z) = {da} · {(slope)} = {dz}",
        )
    slopes = " · ".join(f"{{(s{k})}}" for k in range(1, layers + 1))
    return (
        f"At z = {{z}}: a = {{a}} behind {layers} layers; their slopes multiply to {{slope}}.",
        f"∂L/∂z = ∂L/∂a · all slopes = {{da}} · {slopes} = {{dz}}",
    )

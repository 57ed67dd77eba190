"""The activation explorer: its numbers are those of the layers, alone and in a row."""

import math
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from lessonconv import functional as F
from lessonconv.explore import ActivationExplorer
from lessonconv.explore.activation import FUNCTIONS, chain
from tests.visual.readable import complaints

BY_HAND = {  # g and g′, written out
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), lambda z: math.exp(-z) / (1 + math.exp(-z)) ** 2),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "arctan": (math.atan, lambda z: 1 / (1 + z * z)),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
}


@pytest.mark.parametrize(("function", "z"), [*product(FUNCTIONS, (-8, -0.35, 0, 1.2345, 8))])
def test_the_numbers_are_those_of_the_definition(function: str, z: float) -> None:
    explorer = ActivationExplorer(function=function, z=z, da=3)
    g, slope = BY_HAND[function]
    assert explorer.a == pytest.approx(g(z), rel=1e-12)
    assert explorer.slopes == [pytest.approx(slope(z), rel=1e-12)]
    assert explorer.dz == pytest.approx(3 * slope(z), rel=1e-12)


@pytest.mark.parametrize(("function", "layers"), [*product(FUNCTIONS, (2, 5, 10))])
def test_behind_layers_the_slope_is_that_of_the_whole_row(function: str, layers: int) -> None:
    z, h = np.array([-2.1, 0.7, 3.3]), 1e-6
    a, slopes = chain(function, z, layers)
    above, below = chain(function, z + h, layers)[0], chain(function, z - h, layers)[0]
    np.testing.assert_allclose(np.prod(slopes, axis=0), (above - below) / (2 * h), rtol=1e-5, atol=1e-10)
    explorer = ActivationExplorer(function=function, layers=layers, z=0.7, da=-1)
    assert explorer.a == pytest.approx(a[1]) and len(explorer.slopes) == layers
    assert explorer.dz == pytest.approx(-np.prod(slopes, axis=0)[1])


def test_a_row_of_sigmoids_passes_less_than_a_quarter_each() -> None:
    slopes = [ActivationExplorer(layers=n, z=0).dz for n in range(1, 11)]
    assert all(later < earlier / 4 for earlier, later in pairwise(slopes))
    assert slopes[0] == 0.25 and slopes[-1] < 1e-6


def test_what_is_told_is_the_product_with_its_numbers() -> None:
    assert ActivationExplorer(z=-2, da=-3).told == (
        "At z = −2: a = σ(−2) = 0.119, and the slope there is g′(z) = 0.105. "
        "∂L/∂z = ∂L/∂a · g′(z) = −3 · 0.105 = −0.315"
    )
    told = ActivationExplorer(function="tanh", layers=3, z=5).told
    assert "a = 0.642 behind 3 layers" in told and "= 1 · 1.82·10⁻⁴ · 0.42 · 0.588 = " in told


def test_the_kink_is_a_jump_of_the_slope_and_told() -> None:
    explorer = ActivationExplorer(function="relu", z=0)
    assert explorer.slopes == [0.0] and "By convention 0" in explorer.told
    (_, slope) = explorer.chart["curves"]
    (torn,) = slope["breaks"]
    values = explorer.chart["series"]["slope"]
    assert values[torn] == 0 and values[torn + 1] == 1
    assert ActivationExplorer(function="leaky_relu", z=0).slopes == [0.01]
    assert ActivationExplorer(function="tanh").chart["curves"][1]["breaks"] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_remark_holds(function: str) -> None:
    told = {z: ActivationExplorer(function=function, z=z).told for z in (-8, -4, -1, 0, 0.05, 1, 4, 8)}
    for z, words in told.items():
        slope = ActivationExplorer(function=function, z=z).slopes[0]
        if "next to nothing" in words:
            assert slope < 0.02
        if "Nearly flat" in words:
            assert slope < 0.06
        if "everything passes" in words or "All of it" in words:
            assert slope == 1
        if "nothing passes" in words:
            assert slope == 0
    assert FUNCTIONS[function].flat


def test_what_stays_in_view_is_the_whole_curve() -> None:
    for name, shown in FUNCTIONS.items():
        a = getattr(F, name)(np.linspace(-8, 8, 101))
        assert shown.low <= a.min() and a.max() <= shown.high


@pytest.mark.parametrize(("function", "layers"), [*product(FUNCTIONS, (1, 10))])
def test_the_picture_can_be_read(function: str, layers: int) -> None:
    assert complaints(ActivationExplorer(function=function, layers=layers).picture()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"function": "softmax"}, "function is 'softmax'; give one of sigmoid, tanh, arctan, relu, leaky_relu"),
        ({"z": 9}, "z is 9, but must be from -8 to 8"),
        ({"layers": 11}, "layers is 11, but an explorer draws at most 10"),
    ],
)
def test_impossible_settings_are_refused(settings: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ActivationExplorer(**settings)


def test_a_chain_of_an_unknown_function_is_refused() -> None:
    with pytest.raises(ValueError, match="function is 'softmax'; give one of sigmoid"):
        chain("softmax", np.zeros(1), 2)

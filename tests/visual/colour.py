"""How different two colours look, also to colour-blind eyes: the oracle of the palette's tests.

Sources: Sharma, Wu & Dalal 2005, "The CIEDE2000 color-difference formula" (with the pairs that test it); Machado,
Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency", severity 1.
"""

from collections.abc import Mapping
from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

import numpy as np

SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(color: str, sight: str = "normal") -> tuple[float, float, float]:
    """CIE L*, a*, b* of "#rrggbb", as it looks to these eyes."""
    value = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    share = XYZ @ np.clip(SIGHTS[sight] @ light, 0, 1) / WHITE
    f = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return float(116 * f[1] - 16), float(500 * (f[0] - f[1])), float(200 * (f[1] - f[2]))


def ciede2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The difference between two colours in CIE L*, a*, b*; about 1 can just be seen."""
    (L1, a1, b1), (L2, a2, b2) = one, other
    C7 = ((hypot(a1, b1) + hypot(a2, b2)) / 2) ** 7
    G = (1 - sqrt(C7 / (C7 + 25**7))) / 2
    C1, C2 = hypot((1 + G) * a1, b1), hypot((1 + G) * a2, b2)
    h1, h2 = degrees(atan2(b1, (1 + G) * a1)) % 360, degrees(atan2(b2, (1 + G) * a2)) % 360
    turn = 0.0 if C1 * C2 == 0 else (h2 - h1 + 180) % 360 - 180
    h = h1 + h2 if C1 * C2 == 0 else (h1 + turn / 2) % 360
    L, C = (L1 + L2) / 2, (C1 + C2) / 2
    T = (
        1
        - 0.17 * cos(radians(h - 30))
        + 0.24 * cos(radians(2 * h))
        + 0.32 * cos(radians(3 * h + 6))
        - 0.20 * cos(radians(4 * h - 63))
    )
    dL = (L2 - L1) / (1 + 0.015 * (L - 50) ** 2 / sqrt(20 + (L - 50) ** 2))
    dC = (C2 - C1) / (1 + 0.045 * C)
    dH = 2 * sqrt(C1 * C2) * sin(radians(turn / 2)) / (1 + 0.015 * C * T)
    rotation = -sin(radians(60 * exp(-(((h - 275) / 25) ** 2)))) * 2 * sqrt(C**7 / (C**7 + 25**7))
    return sqrt(dL**2 + dC**2 + dH**2 + rotation * dC * dH)


def least_difference(colors: Mapping[str, str]) -> tuple[float, str]:
    """The smallest difference between any two of the colours to any of the four sights, and where it is."""
    return min(
        (ciede2000(lab(colors[p], sight), lab(colors[q], sight)), f"{p} and {q} in {sight}")
        for sight in SIGHTS
        for p, q in combinations(colors, 2)
    )

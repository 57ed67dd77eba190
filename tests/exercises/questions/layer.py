"""Layers that several chapters ask about."""

from typing import Any

import numpy as np

from lessonconv import functional as F
from lessonconv import nn
from lessonconv.window import Window

LAYER = Window.over((5, 5), (3, 3), stride=2)
X = np.array([[1, 0, 2, 1, 3], [2, 1, 0, 3, 1], [0, 2, 1, 1, 2], [3, 1, 2, 0, 1], [1, 2, 0, 1, 2]])
W = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
DZ = np.array([[1, -2], [3, 1]])


def plain(x: Any, w: Any, **settings: Any) -> Any:
    """One image, one channel, one filter."""
    return F.conv2d(x[None, None], w[None, None], **settings)[0, 0]


def gradients(dz: Any, x: Any, w: Any, **settings: Any) -> tuple[Any, Any, Any]:
    """(dx, dw, db) of one image, one channel, one filter."""
    dx, dw, db = F.conv2d_backward(dz[None, None], x[None, None], w[None, None], **settings)
    return dx[0, 0], dw[0, 0], db[0]


def numbers(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(1, 10, shape)


def reads(window: Window, cell: int) -> int:
    """How many outputs read an input."""
    return int((window.meetings().input == cell).sum())


def build() -> nn.Sequential:
    """Chapter 10's network."""
    pooled = [nn.ReLU(), nn.MaxPool2d(2)]
    first, second = nn.Conv2d(1, 8, 5, padding=2), nn.Conv2d(8, 16, 5, padding=2)
    return nn.Sequential(first, *pooled, second, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 10), rng=0)

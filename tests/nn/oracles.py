"""The layers that every test of `nn` goes through, inputs for them, and what they are held against."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv import nn

Array = npt.NDArray[Any]

# A layer as its repr writes it → the shape of an input. The same text makes PyTorch's layer, except for Arctan.
LAYERS = {
    "Conv2d(2, 3, 3)": (2, 2, 5, 4),
    "Conv2d(1, 2, (5, 3), padding='same')": (1, 1, 4, 5),
    "Conv2d(4, 2, (3, 2), stride=(2, 3), padding=(1, 0), dilation=(1, 2), groups=2, bias=False)": (2, 4, 6, 7),
    "ConvTranspose2d(2, 3, 3, stride=2)": (2, 2, 3, 2),
    "ConvTranspose2d(4, 2, (3, 2), stride=(2, 3), padding=1, groups=2, output_padding=1, bias=False)": (1, 4, 3, 2),
    "ConvTranspose2d(1, 2, 2, stride=3, dilation=2)": (2, 1, 2, 3),
    "MaxPool2d(2)": (2, 2, 5, 4),
    "MaxPool2d((3, 2), stride=(2, 1), padding=1, dilation=(1, 2), ceil_mode=True)": (1, 2, 6, 5),
    "AvgPool2d(2)": (2, 2, 5, 4),
    "AvgPool2d((3, 2), stride=(2, 1), padding=1, ceil_mode=True, count_include_pad=False)": (1, 2, 6, 5),
    "ReLU()": (2, 3, 4),
    "LeakyReLU()": (2, 3, 4),
    "LeakyReLU(negative_slope=0.3)": (2, 7),
    "Sigmoid()": (2, 3, 4),
    "Tanh()": (2, 3, 4),
    "Arctan()": (2, 3, 4),
    "BatchNorm2d(3)": (2, 3, 2, 3),
    "BatchNorm2d(2, eps=0.5, momentum=0.3)": (1, 2, 4, 3),
    "Dropout()": (3, 4),
    "Dropout(p=0)": (3, 4),
    "Dropout(p=1)": (3, 4),
    "Flatten()": (2, 3, 2, 2),
    "Linear(5, 3)": (2, 5),
    "Linear(4, 2, bias=False)": (3, 4),
    "Sequential(Conv2d(1, 2, 3, bias=False), Sequential(BatchNorm2d(2), Tanh()), Flatten(), Linear(8, 3))": (
        3,
        1,
        4,
        4,
    ),
}


def make(text: str, dtype: Any = np.float64) -> nn.Layer:
    """The layer that the text describes, with parameters and buffers that are neither 0 nor 1."""
    layer = eval(text, dict(vars(nn)))
    rng = np.random.default_rng(0)
    for p in layer.params.values():
        p[...] = rng.standard_normal(p.shape)
    for buffer in layer.buffers.values():
        buffer[...] = rng.uniform(0.5, 1.5, buffer.shape)
    return layer.astype(dtype)


def values(shape: tuple[int, ...], dtype: Any = np.float64) -> Array:
    """Numbers from −2 to 2, no two alike and none 0: far from every kink."""
    size = int(np.prod(shape))
    return ((np.random.default_rng(1).permutation(size) + 0.25) * 4 / size - 2).reshape(shape).astype(dtype)


def weights_of(layer: nn.Layer) -> dict[str, Array]:
    """Copies of all that a layer has learned or keeps."""
    return {name: array.copy() for name, array in [*layer.params.items(), *layer.buffers.items()]}


def assert_equal(actual: dict[str, Array], expected: dict[str, Array]) -> None:
    """The same names and, to the last bit, the same numbers."""
    assert actual.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(actual[name], array, err_msg=name)


def at_step(layer: nn.Layer, number: int, action: Callable[[], Any]) -> None:
    """Do something in the middle of a training: before the layer's so-maniest forward in training mode."""
    forward, calls = layer.forward, itertools.count(1)

    def counted(x: Any) -> Array:
        if layer.training and next(calls) == number:
            action()
        return forward(x)

    layer.forward = counted

"""One good call of every function, and how to spoil it: what holds for all of them is tested over this list."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import lessonconv.functional as F
from lessonconv.functional import loops
from tests.strategies import Array, Options


class Call(NamedTuple):
    """A function and keyword arguments that it accepts."""

    function: Callable[..., Any]
    arguments: Options

    def __call__(self, **changes: Any) -> Any:
        return self.function(**(self.arguments | changes))

    @property
    def arrays(self) -> dict[str, Array]:
        return {name: value for name, value in self.arguments.items() if isinstance(value, np.ndarray)}

    @property
    def real_arrays(self) -> dict[str, Array]:
        """Without those that hold positions or classes."""
        return {name: array for name, array in self.arrays.items() if array.dtype.kind == "f"}


def numbers(*shape: int) -> Array:
    """Small whole numbers of either sign, which every dtype computes exactly."""
    return (np.arange(np.prod(shape)) * 7 % 19 - 9.0).reshape(shape)


def plane(*rows: Any) -> Array:
    """One image with one channel, from rows of numbers or from a text such as "1 2; 3 4"."""
    if isinstance(rows[0], str):
        rows = np.array([row.split() for row in rows[0].split(";")], float if "." in rows[0] else int)
    return np.array(rows)[None, None]


CONV = {"x": numbers(2, 4, 5, 6), "w": numbers(6, 2, 3, 2), "stride": (2, 1), "padding": (1, 0), "groups": 2}
TRANSPOSE = {
    "x": numbers(2, 4, 3, 2),
    "w": numbers(4, 3, 3, 2),
    "stride": (2, 1),
    "padding": (1, 0),
    "output_padding": (1, 0),
    "groups": 2,
}
POOL = {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}
PICTURES = numbers(2, 3, 5, 4)
CALLS = {
    "conv2d": Call(F.conv2d, CONV | {"b": numbers(6)}),
    "conv2d_backward": Call(F.conv2d_backward, CONV | {"dz": numbers(2, 6, 3, 5)}),
    "conv2d_backward_input": Call(
        F.conv2d_backward_input,
        {name: value for name, value in CONV.items() if name != "x"}
        | {"dz": numbers(2, 6, 3, 5), "x_shape": (2, 4, 5, 6)},
    ),
    "conv_transpose2d": Call(F.conv_transpose2d, TRANSPOSE | {"b": numbers(6)}),
    "conv_transpose2d_backward": Call(F.conv_transpose2d_backward, TRANSPOSE | {"dz": numbers(2, 6, 6, 3)}),
    "max_pool2d": Call(F.max_pool2d, POOL | {"x": PICTURES}),
    "max_pool2d_backward": Call(
        F.max_pool2d_backward,
        {"dz": numbers(2, 3, 3, 3), "argmax": F.max_pool2d(PICTURES, **POOL)[1], "x_shape": PICTURES.shape},
    ),
    "avg_pool2d": Call(F.avg_pool2d, POOL | {"x": PICTURES}),
    "avg_pool2d_backward": Call(F.avg_pool2d_backward, POOL | {"dz": numbers(2, 3, 3, 3), "x_shape": PICTURES.shape}),
    "linear": Call(F.linear, {"x": numbers(4, 3), "w": numbers(2, 3), "b": numbers(2)}),
    "linear_backward": Call(F.linear_backward, {"x": numbers(4, 3), "w": numbers(2, 3), "dz": numbers(4, 2)}),
    "softmax_cross_entropy": Call(F.softmax_cross_entropy, {"logits": numbers(4, 3), "labels": np.array([0, 2, 1, 2])}),
}
ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "tanh", "arctan")
for _name in ACTIVATIONS:
    CALLS[_name] = Call(getattr(F, _name), {"z": numbers(2, 5)})
    CALLS[f"{_name}_backward"] = Call(getattr(F, f"{_name}_backward"), {"da": numbers(5, 2).T, "z": numbers(2, 5)})
for _name in [name for name in CALLS if "2d" in name and hasattr(loops, name)]:
    CALLS[f"loops.{_name}"] = Call(getattr(loops, _name), CALLS[_name].arguments)

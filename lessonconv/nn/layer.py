"""What every layer has: forward, backward, params, grads, and a mode."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from lessonconv.functional.arguments import Array


class Layer:
    """A step of a network, which remembers in forward what backward will ask for.

    params, grads: name → array, the same names and shapes; backward fills grads anew, it does not add to them.
    buffers: arrays that are kept with the network but not trained. training: the mode, set by train() and eval().
    """

    training = True

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}
        self._memory: Any = None

    def forward(self, x: Any) -> Array:
        """The layer's output for x."""
        raise NotImplementedError

    def backward(self, dz: Any) -> Array:
        """∂L/∂x for the x of the last forward, from ∂L/∂z; fills `grads` on the way."""
        raise NotImplementedError

    def backward_params(self, dz: Any) -> None:
        """Fill `grads` without ∂L/∂x, which nobody asks for at the bottom of a network that is being trained."""
        self.backward(dz)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw the parameters anew. rng: a seed or a numpy Generator."""

    def reseed(self, entropy: list[int]) -> None:
        """Start the layer's own random numbers, if it uses any while it runs, from these integers."""

    def train(self, mode: bool = True) -> Self:
        """Switch to training mode: batch statistics, dropout."""
        self.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation mode: running statistics, no dropout."""
        return self.train(False)

    def astype(self, dtype: Any) -> Self:
        """Convert the parameters and buffers, in place, to float32 or float64. Raises TypeError for other dtypes."""
        for arrays in (self.params, self.buffers):
            arrays.update({name: array.astype(trainable(dtype), order="C") for name, array in arrays.items()})
        self.grads.clear()
        return self

    def modules(self) -> Iterator["Layer"]:
        """The layer itself and, in a network, all layers within."""
        yield self

    def _keep(self, dw: Array, db: Array) -> None:
        """Fill `grads` of a layer with weights and perhaps a bias."""
        self.grads = {"w": dw, "b": db} if "b" in self.params else {"w": dw}

    def receptive_field(self, field: Any, jump: Any) -> tuple[Any, Any]:
        """How many input cells, per axis, one output cell sees, and how far apart neighbours look, given its input's.

        Source: Araujo, Norris & Sim 2019, "Computing receptive fields of convolutional neural networks".
        """
        return field, jump

    def _remembered(self) -> Any:
        if self._memory is None:
            raise RuntimeError(f"{self!r} has nothing to go back from: call forward before backward")
        return self._memory


def kaiming_normal(rng: "np.random.Generator", shape: tuple[int, ...], fan_in: float) -> Array:
    """Normal with variance 2 / fan_in, so that signals keep their size through layers of ReLU.

    Source: He et al. 2015, "Delving deep into rectifiers", eq. 10.
    """
    return rng.standard_normal(shape) * (2 / fan_in) ** 0.5


def signature(layer: Layer, *required: Any, **options: tuple[Any, Any]) -> str:
    """The call that makes this layer, leaving out options (value, default) that have their default."""
    plain = {name: (_plain(value), _plain(default)) for name, (value, default) in options.items()}
    changed = [f"{name}={value!r}" for name, (value, default) in plain.items() if value != default]
    return f"{type(layer).__name__}({', '.join([*(repr(_plain(value)) for value in required), *changed])})"


def _plain(value: Any) -> Any:
    """A setting in Python's own numbers: NumPy's print as np.int64(3), and arrays do not compare."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


@contextmanager
def evaluating(net: Layer) -> Iterator[None]:
    """Evaluation mode for a while, then every layer back in the mode that it was in."""
    modes = [(layer, layer.training) for layer in net.modules()]
    net.eval()
    try:
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode


def trainable(dtype: Any) -> np.dtype[Any]:
    """The dtype, if parameters can be of it. Raises TypeError unless it is float32 or float64."""
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"dtype is {np.dtype(dtype)}, but parameters are float32 or float64: others round them away")
    return np.dtype(dtype)

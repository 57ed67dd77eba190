"""A network as a row of layers, and the table that describes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from lessonconv.functional.arguments import Array
from lessonconv.nn.layer import Layer, evaluating


class Sequential(Layer):
    """Layers one behind the other: forward in order, backward in reverse.

    params, grads and buffers gather the layers' under "number.name": net.params["0.w"] are the first layer's kernels.
    Change them in place. net[2] is a layer; net[:3] a network that shares these layers. rng: a seed or a numpy
    Generator that draws all parameters anew (None leaves the layers as they are); dtype: float32 or float64, for all.
    """

    def __init__(self, *layers: Layer, rng: Any = None, dtype: Any = None) -> None:
        for layer in layers:
            if not isinstance(layer, Layer):
                raise TypeError(
                    f"a network is made of layers, not of {layer!r}; write nn.ReLU(), with brackets, and "
                    "Sequential(*layers), with a star, for a list"
                )
        self.layers = list(layers)
        self._check_no_layer_twice()
        if dtype is not None:
            self.astype(dtype)
        if rng is not None:
            self.reset_parameters(rng)

    def forward(self, x: Any) -> Array:
        """The last layer's output."""
        for number, layer in enumerate(self.layers):
            with _naming(number, layer):
                x = layer.forward(x)
        return x

    def backward(self, dz: Any) -> Array:
        """∂L/∂x of the whole network; fills every layer's grads, last layer first."""
        return self._backward_down_to(0, dz)

    def backward_params(self, dz: Any) -> None:
        """Fills every layer's grads, and spares the first layer's ∂L/∂x: a training step's backward pass."""
        dz = self._backward_down_to(1, dz)
        for first in self.layers[:1]:
            with _naming(0, first):
                first.backward_params(dz)

    def _backward_down_to(self, lowest: int, dz: Any) -> Array:
        for number in reversed(range(lowest, len(self.layers))):
            with _naming(number, self.layers[number]):
                dz = self.layers[number].backward(dz)
        return dz

    def _check_no_layer_twice(self) -> None:
        met: set[int] = set()
        for layer in self.modules():
            if id(layer) in met:
                raise ValueError(
                    f"{layer!r} stands in two places, but a layer remembers its last forward only; "
                    "make a layer of its own for each place"
                )
            met.add(id(layer))

    @property
    def params(self) -> "Gathered":  # type: ignore[override]
        """Every parameter, by "layer number.name"."""
        return self._gather("params")

    @property
    def grads(self) -> "Gathered":  # type: ignore[override]
        """∂L/∂parameter, by the same names, as the last backward left them."""
        return self._gather("grads")

    @property
    def buffers(self) -> "Gathered":  # type: ignore[override]
        """What is kept but not trained, such as running statistics."""
        return self._gather("buffers")

    def _gather(self, kind: str) -> "Gathered":
        layers = enumerate(self.layers)
        return Gathered({f"{n}.{name}": array for n, layer in layers for name, array in getattr(layer, kind).items()})

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw every layer's parameters anew, first layer first."""
        rng = np.random.default_rng(rng)
        for layer in self.layers:
            layer.reset_parameters(rng)

    def reseed(self, entropy: list[int]) -> None:
        """Start each layer's own random numbers from these integers and its place in the row."""
        for number, layer in enumerate(self.layers):
            layer.reseed([*entropy, number])

    def modules(self) -> Iterator[Layer]:
        """The network itself and all layers within."""
        yield self
        for layer in self.layers:
            yield from layer.modules()

    def train(self, mode: bool = True) -> Self:
        """Switch every layer to training mode."""
        self.training = mode
        for layer in self.layers:
            layer.train(mode)
        return self

    def astype(self, dtype: Any) -> Self:
        """Convert every layer, in place, to float32 or float64."""
        for layer in self.layers:
            layer.astype(dtype)
        return self

    def receptive_field(self, field: Any, jump: Any) -> tuple[Any, Any]:
        """The last layer's."""
        for layer in self.layers:
            field, jump = layer.receptive_field(field, jump)
        return field, jump

    def summary(self, input_shape: tuple[int, ...]) -> "Summary":
        """Each layer's output shape, parameter count and receptive field, for an input (C, H, W). print() it."""
        x = np.zeros((1, *input_shape), np.float32)
        field, jump, rows = (1, 1), (1, 1), [Row("input", x.shape[1:], 0, (1, 1))]
        with evaluating(self):
            for number, layer in enumerate(self.layers):
                with _naming(number, layer):
                    x = layer.forward(x)
                field, jump = layer.receptive_field(field, jump)
                count = sum(array.size for array in layer.params.values())
                rows.append(Row(f"{number}  {layer!r}", x.shape[1:], count, _clip(field, input_shape)))
        return Summary(rows)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self.layers[index]
        part = Sequential(*self.layers[index])
        part.training = self.training
        return part

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


class Gathered(dict[str, Array]):
    """The layers' arrays under one roof. They can be changed in place, as in params[name] -= …, but not replaced."""

    def __setitem__(self, name: str, array: Array) -> None:
        if self.get(name) is not array:
            raise TypeError(f"{name} belongs to a layer and cannot be replaced here; write [{name!r}][...] = … instead")


class Row(NamedTuple):
    """A line of the summary. receptive_field: input cells (height, width) that one output cell sees, at most all."""

    layer: str
    output_shape: tuple[int, ...]
    parameters: int
    receptive_field: tuple[int, int]


@dataclass(frozen=True)
class Summary:
    """What `Sequential.summary` found, a row for the input and one for each layer; its text is a table."""

    rows: list[Row]

    @property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(row.parameters for row in self.rows)

    def __repr__(self) -> str:
        cells = [("layer", "output shape", "parameters", "receptive field")]
        for row in self.rows:
            shape = "(" + ", ".join(["N", *map(str, row.output_shape)]) + ")"
            count = f"{row.parameters:,}" if row.parameters else ""
            cells.append((row.layer, shape, count, "{}×{}".format(*row.receptive_field)))
        cells.append(("in all", "", f"{self.parameters:,}", ""))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            f"{layer:{widths[0]}}   {shape:{widths[1]}}   {count:>{widths[2]}}   {field:>{widths[3]}}".rstrip()
            for layer, shape, count, field in cells
        ]
        rule = "─" * (sum(widths) + 9)
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def _clip(field: Any, input_shape: tuple[int, ...]) -> tuple[int, int]:
    """A field larger than the picture sees the whole picture. A picture that is one row of numbers has size 1×1."""
    sizes = input_shape[1:] if len(input_shape) == 3 else (1, 1)
    height, width = (int(min(np.ceil(r), size)) for r, size in zip(field, sizes, strict=True))
    return height, width


class _naming:
    """Adds to an error in which layer of the network it happened."""

    def __init__(self, number: int, layer: Layer) -> None:
        self.number, self.layer = number, layer

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception):
            error.add_note(f"in layer {self.number} of the network, {self.layer!r}")

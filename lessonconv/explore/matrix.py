"""A dense layer that loses connections and shares its weights until it is a convolution: z = T·x."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import traitlets

from lessonconv import functional as F
from lessonconv.explore import samples
from lessonconv.explore.explorer import Explorer, drawable
from lessonconv.explore.scene import Grid, Meetings, Play, Scene, Sum
from lessonconv.explore.settings import counted, picked, renewed, sizes
from lessonconv.explore.traits import LARGEST, Choice, Count, Size, Tensor
from lessonconv.window import Axis, Window

Array = npt.NDArray[Any]
GEOMETRY = ("height", "width", "kernel", "stride", "padding")
NOUNS = {
    "in": ("input", "inputs"),
    "out": ("output", "outputs"),
    "entry": ("entry of T", "entries of T"),
    "turned": ("entry of Tᵀ", "entries of Tᵀ"),
    "tap": ("tap", "taps"),
}
SUMS = {
    "z": Sum("z", ("T", "x")),
    "dw": Sum("dw", ("dz", "x")),
    "dx": Sum("dx", ("T", "dz")),
    "z, transposed": Sum("z", ("transposed", "x"), "back"),
    "dx, transposed": Sum("dx", ("transposed", "dz"), "back"),
}


class Tensors(NamedTuple):
    """The arrays as drawn: pictures (rows, columns), T: (outputs, inputs).

    w: the kernel, if there is one. cut: the entries of T that are 0 as no weight stands there.
    """

    x: Array
    w: Array | None
    T: Array
    cut: Array
    z: Array
    dz: Array
    dw: Array | None
    dx: Array


class MatrixExplorer(Explorer):
    """From the dense layer to the convolution, as a matrix: T, with a row for every output, a column for every input.

    z = T·x,  ∂L/∂x = Tᵀ·∂L/∂z;  x, z and their gradients are pictures, read row by row

    sharing: "dense", every entry of T is a weight; "local", an output keeps only the inputs in its window, all other
    entries are 0; "shared", the entries are the kernel's taps, the same for every output: a convolution.
    height, width: the input's size; kernel, stride, padding: the window, an int or a pair (height, width). Padding has
    no columns in T, as it is 0. values, gradient: the numbers in x and ∂L/∂z, drawn anew by `seed`, like T's and w's.
    mode, step: how it plays, and where it is. All of these are traits.
    Arrays: x and dx (1, 1, H, W), z and dz (1, 1, O_h, O_w), T (O_h·O_w, H·W), and w and dw (1, 1, K_h, K_w)
    where it is shared; x, w and dz can be set, and a kernel that is given is shared.
    Raises ValueError or TypeError as the layer does, and ValueError for more than 64 inputs or outputs.
    Source: Dumoulin & Visin 2016, §4.1, "Convolution as a matrix operation".
    """

    SETTINGS = (*GEOMETRY, "sharing", "values", "gradient", "seed")
    ARRAYS: ClassVar = {"x": ("height", "width"), "w": ("kernel", "kernel"), "dz": ("", "")}
    RENEWS: ClassVar = {"values": ("x",), "gradient": ("dz",), "seed": ("x", "w", "T", "dz")}

    height = Count(4, 1, LARGEST)
    width = Count(4, 1, LARGEST)
    kernel = Size(3, 1)
    stride = Size(1, 1)
    padding = Size(0, 0)
    sharing = Choice("dense", "local", "shared")
    values = Choice("random", "ones", "ramp", "edge")
    gradient = Choice("random", "ones", "one")
    seed = Count(0, 0)

    x = Tensor("The input, (1, 1, H, W).")
    w = Tensor("The kernel, (1, 1, K_h, K_w).")
    T = Tensor("The matrix, (outputs, inputs): what `functional.linear` calls its weight.")
    z = Tensor("The output, (1, 1, O_h, O_w).")
    dx = Tensor("The gradient of the input, (1, 1, H, W).")
    dw = Tensor("The gradient of the kernel, (1, 1, K_h, K_w).")
    dz = Tensor("The gradient of the output, (1, 1, O_h, O_w).")

    @traitlets.validate(*GEOMETRY)
    def _possible(self, proposal: Any) -> Any:
        return self._together(proposal)

    def _check(self, settings: Mapping[str, Any]) -> None:
        window = self._window(settings)
        drawable("the matrix", _shape(window), "lower the size")

    def _array(self, name: str) -> Array:
        array = super()._array(name)
        if array is None:
            raise AttributeError(f"a layer with sharing {self.sharing!r} has no kernel; set sharing to 'shared'")
        return array if name == "T" else array[None, None]

    def _sizes(self, name: str, array: Array) -> dict[str, Any]:
        """Who gives a kernel wants it to be shared."""
        return super()._sizes(name, array) | ({"sharing": "shared"} if name == "w" else {})

    def _window(self, settings: Mapping[str, Any]) -> Window:
        height, width, *window = (settings.get(name, getattr(self, name)) for name in GEOMETRY)
        kernel, stride, padding = window
        return Window.over((height, width), kernel, stride=stride, padding=padding)

    def _draw(self) -> Scene:
        window = self.window
        lists = _lists(window, self.sharing)
        self._tensors = self._compute(window, lists["meet"])
        return _scene(self._tensors, lists, self.sharing)

    def _compute(self, window: Window, meet: Meetings) -> Tensors:
        """All tensors: whatever T is made of, the layer is `functional.linear`."""
        x = self._edited("x", samples.picture(self.values, (1, *window.input_size), self.seed)[0])
        dz = self._edited("dz", samples.gradient(self.gradient, (1, *window.output_size), self.seed)[0])
        entries, shape, w, dw = meet.cells["entry"], _shape(window), None, None
        cut = np.ones(shape, np.bool_)
        cut.flat[entries] = False
        if self.sharing == "shared":
            w = self._edited("w", samples.kernel("nonzero", (1, 1, *window.kernel_size), self.seed)[0, 0])
            T = np.zeros(shape)
            T.flat[entries] = w.ravel()[meet.cells["tap"]]
        else:
            T = np.where(cut, 0, self._edited("T", samples.kernel("nonzero", (1, 1, *shape), self.seed)[0, 0]))
        z = F.linear(x.reshape(1, -1), T)
        dx, dT, _ = F.linear_backward(dz.reshape(1, -1), x.reshape(1, -1), T)
        if w is not None:
            dw = np.bincount(meet.cells["tap"], dT.flat[entries], w.size).reshape(w.shape)
        return Tensors(x, w, T, cut, z.reshape(dz.shape), dz, dw, dx.reshape(x.shape))

    def _controls(self) -> list[dict[str, Any]]:
        return [
            picked(
                "sharing", "weights",
                dense="dense: all are connected", local="local: in the window alone", shared="shared: a convolution",
            ),
            sizes("size", 1, 6),
            counted("kernel", 1, 5, pair=True),
            counted("stride", 1, 3, pair=True),
            counted("padding", 0, 2, pair=True),
            picked("values", "input", random="random numbers", ones="all 1", ramp="a ramp", edge="an edge"),
            picked("gradient", "∂L/∂z", more=True, random="random numbers", ones="all 1", one="a single 1"),
            renewed("seed", "Other random numbers"),
        ]  # fmt: skip


def _shape(window: Window) -> tuple[int, int]:
    """T's shape, (outputs, inputs)."""
    (O_h, O_w), (H, W) = window.output_size, window.input_size
    return O_h * O_w, H * W


def _lists(window: Window, sharing: str) -> dict[str, Meetings]:
    """ "meet": output, entry of T and input, and the tap if it is shared. "back": input, entry of Tᵀ and output.

    All are numbered row by row, and so are the entries: o·(inputs) + u in T, u·(outputs) + o in Tᵀ. Each of these sums
    has a part that comes from the rows of the pictures and one from their columns, so that the lists stay products.
    """
    outputs, inputs = _shape(window)
    places = [_places(axis, sharing) for axis in (window.height, window.width)]
    for role, width in {"out": window.width.outputs, "in": window.width.size, "tap": window.width.kernel}.items():
        if role in places[0]:
            places[0][role] *= width
    for place in places:
        place["entry"] = place["out"] * inputs + place["in"]
        place["turned"] = place["in"] * outputs + place["out"]
    rows, columns = places
    everything = Meetings(rows, columns, dict.fromkeys(rows, 1))
    return {
        "meet": everything.of(*(role for role in places[0] if role != "turned")),
        "back": everything.of("in", "turned", "out"),
    }


def _places(axis: Axis, sharing: str) -> dict[str, Array]:
    """Along one axis, the outputs and inputs that are connected, and the taps that they share."""
    if sharing == "dense":
        output, input = np.indices((axis.outputs, axis.size)).reshape(2, -1)
        return {"out": output, "in": input}
    met = axis.meetings()
    taps = {"tap": met.tap} if sharing == "shared" else {}
    return {"out": met.output, "in": met.input, **taps}


def _scene(tensors: Tensors, lists: dict[str, Meetings], sharing: str) -> Scene:
    """x, the kernel if there is one, and z, above their gradients; the matrix below, or its transpose beside."""
    x, w, T, cut, z, dz, dw, dx = tensors
    grids = {
        "x": Grid("x", "input", "x", "in", x, (0, 0), sum="dx", editable=True),
        "z": Grid("z", "output", "z", "out", z, (0, 2), sum="z"),
        "dx": Grid("∂L/∂x", "gradient", "dx", "in", dx, (1, 0), sum="dx"),
        "dz": Grid("∂L/∂z", "gradient", "dz", "out", dz, (1, 2), sum="z", editable=True),
        "T": Grid(
            "T", "matrix", "w", "entry", T, (2, 0),
            spans=(1, 4), zeros=cut, editable=w is None,
        ),
        "transposed": Grid(
            "Tᵀ", "matrix, transposed", "w", "turned", T.T, (0, 3), spans=(3, 1), meets="back", zeros=cut.T,
        ),
    }  # fmt: skip
    if w is not None and dw is not None:
        grids["w"] = Grid("w", "kernel", "w", "tap", w, (0, 1), sum="dw", editable=True)
        grids["dw"] = Grid("∂L/∂w", "gradient", "dw", "tap", dw, (1, 1), sum="dw")
    links = (("turned", "entry", np.arange(T.size).reshape(T.shape).T.ravel()),)
    return Scene("matrix", grids, lists, SUMS, _plays(tensors, sharing), NOUNS, links, ("T", "transposed"))


def _plays(tensors: Tensors, sharing: str) -> dict[str, Play]:
    weights = _weights(tensors, sharing)
    plays = {
        "forward": Play(
            "z = T·x",
            f"Row by row: every output is its row of T times x. {weights}",
            leads="z", fills=("z",), grids=("T",),
        ),
        "backward": Play(
            "∂L/∂x = Tᵀ·∂L/∂z",
            f"Every input's gradient is its row of Tᵀ, which is its column of T, times ∂L/∂z. {weights}",
            leads="dx", fills=("dx",), grids=("transposed",),
            sums={name: f"{told}, transposed" for name, told in {"x": "dx", "dx": "dx", "z": "z", "dz": "z"}.items()},
        ),
    }  # fmt: skip
    if tensors.dw is not None:
        plays["weights"] = Play(
            "∂L/∂w",
            "Every entry of T has a gradient, ∂L/∂z·x. Those that share a weight add theirs up.",
            leads="dw", fills=("dw",), grids=("T",),
        )  # fmt: skip
    return plays


def _weights(tensors: Tensors, sharing: str) -> str:
    """How many numbers there are to learn."""
    outputs, inputs = tensors.T.shape
    cut = int(tensors.cut.sum())
    kept = tensors.T.size - cut
    if sharing == "dense":
        return f"Dense: {kept} weights, one for each of {outputs} outputs and each of {inputs} inputs."
    if sharing == "local":
        return f"Local: {kept} weights; {cut} of the dense layer's {kept + cut} connections are cut."
    assert tensors.w is not None, "what is shared is a kernel"
    return f"Shared: {tensors.w.size} weights, the kernel's, in {kept} places of T."

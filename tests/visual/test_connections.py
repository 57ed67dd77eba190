"""Who is wired to whom: kernels stand where a filter reads a channel; a field is as wide as what poking finds."""

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lessonconv import nn, visual
from lessonconv.functional import conv2d
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from tests.visual.readable import complaints, texts

LAYERS = [
    nn.Conv2d(3, 4, 3),
    nn.Conv2d(4, 4, 3, groups=2),
    nn.Conv2d(4, 8, (2, 3), groups=4),
    nn.Conv2d(5, 2, 1, bias=False),
    nn.Conv2d(1, 1, 9),
]
NETWORK = {"1 conv": (5, 1, 1), "2 pool": (2, 2, 1), "3 conv": (5, 1, 1), "4 pool": (2, 2, 1)}
FIELDS = [NETWORK, {"one": (1, 1, 1)}, {"a": (3, 2, 2), "b": (2, 1, 3)}, {"a": (2, 3, 1), "b": (2, 1, 1)}]


def kernels(picture: visual.Picture) -> set[tuple[float, float]]:
    """Where the cells of kernels are drawn, one place for each kernel: they are a step apart."""
    face = palette.mix(LIGHT.paper, LIGHT.w, 0.22)
    cells = [
        p for p in picture.figure.axes[0].patches if isinstance(p, Rectangle) and to_hex(p.get_facecolor()) == face
    ]
    return {(round(p.get_x() // 34), round(p.get_y() // 34)) for p in cells[:: _cells_in(picture)]}


def _cells_in(picture: visual.Picture) -> int:
    K_h, K_w = (int(word) for word in picture.alt.split("w: ")[1].split(":")[0].split("×")[2:])
    return min(K_h, 7) * min(K_w, 7)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_kernel_stands_where_a_filter_reads_a_channel(layer: nn.Conv2d) -> None:
    channels = layer.params["w"].shape[1] * layer.settings["groups"]
    read = set()
    for c in range(channels):
        x = np.zeros((1, channels, 9, 9))
        x[:, c] = 1
        z = conv2d(x, np.ones_like(layer.params["w"]), groups=layer.settings["groups"])
        read |= {(c, f) for f in range(z.shape[1]) if z[0, f].any()}
    found = kernels(visual.wiring(layer))
    left, top = min(x for x, _ in found), min(y for _, y in found)
    assert {(x - left, y - top) for x, y in found} == read


def test_the_shape_and_the_numbers_to_learn_are_told() -> None:
    for layer in LAYERS:
        words, w = texts(visual.wiring(layer)), layer.params["w"]
        assert any("w: " + "×".join(map(str, w.shape)) in word for word in words)
        biases = f" + {w.shape[0]} biases" if "b" in layer.params else ""
        assert f"{w.size:,} weights{biases}" in words


@pytest.mark.parametrize("layers", [LAYERS[:1], LAYERS[1:3], LAYERS[3:]], ids=str)
def test_no_word_of_the_wiring_is_cut_off_or_written_over_another(layers: list[nn.Conv2d]) -> None:
    assert complaints(visual.wiring(*layers)) == []


def test_layers_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        visual.wiring()
    with pytest.raises(TypeError, match=r"draws nn\.Conv2d layers, not ReLU"):
        visual.wiring(nn.ReLU())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="too many to draw"):
        visual.wiring(nn.Conv2d(13, 1, 3))
    with pytest.raises(ValueError, match="draw fewer at a time"):
        visual.wiring(*[nn.Conv2d(6, 6, 3)] * 3)


# What one output sees


def network(layers: Any) -> nn.Sequential:
    ones = [nn.Conv2d(1, 1, K, s, dilation=d, bias=False) for K, s, d in layers]
    for layer in ones:
        layer.params["w"][...] = 1
    return nn.Sequential(*ones)


@pytest.mark.parametrize("layers", FIELDS, ids=str)
def test_one_output_sees_what_its_gradient_says(layers: dict[str, tuple[int, int, int]]) -> None:
    picture, net = visual.field(layers), network(layers.values())
    reach = net.receptive_field((1, 1), (1, 1))[0][0]
    z = net.forward(np.zeros((1, 1, reach, reach)))
    assert z.shape == (1, 1, 1, 1)
    seen = net.backward(np.ones_like(z))[0, 0, 0] != 0
    (axes,) = picture.figure.axes
    blue = palette.mix(LIGHT.paper, LIGHT.x, 0.22)
    cells = [p for p in axes.patches if isinstance(p, Rectangle)][-reach:]
    assert [to_hex(cell.get_facecolor()) == blue for cell in cells] == seen.tolist()
    assert f"One output sees {reach} input" in picture.alt


def test_each_layer_tells_its_field_and_its_jump() -> None:
    told = [word for word in texts(visual.field(NETWORK)) if word.startswith("sees ")]
    assert told == ["sees 16, jump 4", "sees 14, jump 2", "sees 6, jump 2", "sees 5, jump 1", "sees 1, jump 1"]


@pytest.mark.parametrize("layers", FIELDS, ids=str)
def test_no_word_of_a_field_is_cut_off_or_written_over_another(layers: dict[str, tuple[int, int, int]]) -> None:
    assert complaints(visual.field(layers)) == []


def test_fields_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        visual.field({})
    with pytest.raises(ValueError, match="too many for a page"):
        visual.field({str(n): (3, 2, 1) for n in range(6)})

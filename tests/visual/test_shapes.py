"""Pictures of a network: every stage is there, to scale, with its words, for any Sequential."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Polygon, Rectangle

from lessonconv import functional as F
from lessonconv import nn, visual
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from tests.visual.readable import complaints, texts


def small(**options: Any) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, **options),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(6 * 3 * 3, 10),
        rng=0,
    )


def rectangles(picture: visual.Picture) -> list[Rectangle]:
    return [patch for patch in picture.figure.axes[0].patches if isinstance(patch, Rectangle)]


# The network


def test_the_words_name_each_layer_its_settings_its_parameters_and_its_shape() -> None:
    picture = visual.network(small(), (1, 12, 12))
    words = texts(picture)
    assert [word for word in words if ": " in word and not word.endswith(".")] == [
        "x: 1×12×12",
        "a: 4×12×12",
        "a: 4×6×6",
        "a: 6×6×6",
        "a: 6×3×3",
        "a: 54",
        "z: 10",
    ]
    for expected in ("input", "Conv2d", "3×3, padding 1", "40 parameters", "ReLU", "2×2, stride 2", "550 parameters"):
        assert expected in words
    assert picture.alt == (
        "The shapes that the network makes of its input: 1×12×12 → 4×12×12 → 4×6×6 → 6×6×6 → 6×3×3 → 54 → 10; "
        "812 parameters."
    )
    assert complaints(picture) == []


def test_planes_are_to_scale_one_for_each_channel() -> None:
    found = rectangles(visual.network(small(), (1, 12, 12)))
    sizes = [round(patch.get_width(), 6) for patch in found]
    side = max(sizes)
    assert sizes.count(side) == 1 + 4  # the input, and four channels of the same size
    assert sizes.count(side / 2) >= 4 + 6
    assert sizes.count(side / 4) >= 6


def test_a_convolution_s_beam_has_the_kernel_s_colour_and_a_pool_s_has_not() -> None:
    beams = [patch for patch in visual.network(small(), (1, 12, 12)).figure.axes[0].patches if type(patch) is Polygon]
    colors = [tuple(round(255 * value) for value in beam.get_edgecolor()[:3]) for beam in beams]
    kernel, ink = (tuple(int(color[i : i + 2], 16) for i in (1, 3, 5)) for color in (LIGHT.w, LIGHT.ink))
    assert colors == [kernel, ink, kernel, ink]


def test_a_window_is_as_large_as_what_one_cell_sees() -> None:
    found = rectangles(visual.network(nn.Sequential(nn.Conv2d(1, 1, 3, dilation=2), rng=0), (1, 9, 9)))
    plane = found[0].get_width()
    assert any(patch.get_width() == pytest.approx(plane * 5 / 9) for patch in found)


def test_a_deep_network_is_cut_at_sixteen_planes_and_says_so() -> None:
    net = nn.Sequential(nn.Conv2d(1, 40, 1), nn.Flatten(), nn.Linear(640, 2), rng=0)
    picture = visual.network(net, (1, 4, 4))
    assert "(16 at most)" in " ".join(texts(picture))
    assert any("40×4×4" in text for text in texts(picture))


def test_sizes_far_apart_are_drawn_by_their_square_roots_and_it_says_so() -> None:
    picture = visual.network(nn.Sequential(nn.AvgPool2d(64), nn.Flatten(), nn.Linear(1, 2)), (1, 64, 64))
    assert "its area as large as its side should be" in " ".join(texts(picture))
    assert complaints(picture) == []


def test_a_layer_that_only_changes_values_stands_with_the_one_before() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.25), nn.LeakyReLU(0.2), rng=0)
    picture = visual.network(net, (1, 5, 5))
    assert {"BatchNorm2d", "Dropout", "p 0.25", "LeakyReLU", "negative_slope 0.2"} <= set(texts(picture))
    assert picture.alt.count("→") == 1


def test_drawing_leaves_the_network_as_it_was() -> None:
    net = small()
    before = {name: value.copy() for name, value in net.params.items()}
    net.train()
    visual.network(net, (1, 12, 12))
    assert all(layer.training for layer in net)
    for name, value in net.params.items():
        np.testing.assert_array_equal(value, before[name])


@st.composite
def networks(draw: st.DrawFn) -> tuple[nn.Sequential, tuple[int, ...]]:
    """Any row of layers that fits, and the shape of its input."""
    shape = C, H, W = draw(st.tuples(st.integers(1, 20), st.integers(8, 30), st.integers(8, 30)))
    layers: list[nn.Layer] = []
    for kind in draw(st.lists(st.sampled_from(["conv", "transpose", "pool", "norm", "relu", "nested"]), max_size=6)):
        if kind == "conv":
            F = draw(st.integers(1, 40))
            layers.append(nn.Conv2d(C, F, (3, 2), stride=draw(st.integers(1, 2)), padding=draw(st.integers(0, 1))))
            C = F
        elif kind == "transpose":
            layers.append(nn.ConvTranspose2d(C, C, 2, 2))
        elif kind in ("pool", "nested"):
            pool = nn.MaxPool2d(2, padding=1)
            layers.append(pool if kind == "pool" else nn.Sequential(pool, nn.ReLU()))
        else:
            layers.append(nn.BatchNorm2d(C) if kind == "norm" else nn.LeakyReLU(0.3))
    if draw(st.booleans()):
        layers += [nn.Flatten()]
    return nn.Sequential(*layers), shape


@settings(max_examples=25)
@given(networks())
def test_any_sequential_can_be_drawn_so_that_every_word_can_be_read(
    case: tuple[nn.Sequential, tuple[int, ...]],
) -> None:
    net, shape = case
    try:
        rows = net.summary(shape).rows
    except ValueError:
        return  # it shrank to nothing
    picture = visual.network(net, shape)
    assert complaints(picture) == []
    assert "×".join(map(str, rows[-1].output_shape)) in picture.alt
    assert picture.figure.get_figwidth() * 96 < 900


def test_vectors_alone_can_be_drawn() -> None:
    net = nn.Sequential(nn.Linear(200, 5), nn.Tanh(), nn.Linear(5, 1), rng=0)
    picture = visual.network(net, (200,))
    assert "a: 5" in texts(picture) and "x: 200" in texts(picture)
    assert "117 parameters" not in picture.alt and "1,011 parameters" in picture.alt
    assert complaints(picture) == []


def test_an_input_that_does_not_fit_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match=r"\(3, 12, 12\).*does not fit this network.*channels"):
        visual.network(small(), (3, 12, 12))


def test_a_layer_alone_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"nn.Sequential\(layer\)"):
        visual.network(nn.ReLU(), (1, 2, 2))  # type: ignore[arg-type]


# The way back


def step() -> list[tuple[str, Any, Any]]:
    """Names, activations and gradients of one step."""
    net, labels = small(), np.array([3, 1])
    activations = [np.random.default_rng(0).random((2, 1, 12, 12))]
    for layer in net:
        activations.append(layer.forward(activations[-1]))
    gradients = [F.softmax_cross_entropy(activations[-1], labels)[1]]
    for layer in reversed(net.layers):
        gradients.insert(0, layer.backward(gradients[0]))
    names = ["input", *(f"{type(layer).__name__} {number}" for number, layer in enumerate(net))]
    return list(zip(names, activations, gradients, strict=True))


def test_a_row_shows_both_shapes_and_a_bar_as_long_as_the_gradient_s_norm() -> None:
    stages = step()
    picture = visual.flow(stages)
    norms = [float(np.linalg.norm(gradient)) for *_, gradient in stages]
    widths = [bar.get_width() for bar in rectangles(picture)]
    np.testing.assert_allclose(np.divide(widths, max(widths)), np.divide(norms, max(norms)))
    words = texts(picture)
    assert [words.count("2×4×6×6"), words.count("2×10")] == [2, 2]
    assert f"{norms[0]:.3g}" in words and "forward" in words and "backward" in words
    assert complaints(picture) == []


def test_a_gradient_s_bar_is_hatched_in_its_tensor_s_colour() -> None:
    bars = rectangles(visual.flow(step()))
    assert {bar.get_hatch() for bar in bars} == {palette.GRADIENT_HATCH}
    colors = ["#" + "".join(f"{round(255 * v):02x}" for v in bar.get_edgecolor()[:3]) for bar in bars]
    assert colors[:4] == [LIGHT.x, LIGHT.z, LIGHT.a, LIGHT.a]  # input, Conv2d, ReLU, MaxPool2d


def test_the_words_tell_the_shapes_and_the_findings_the_norms() -> None:
    ones = np.ones((2, 2))
    picture = visual.flow([("a", ones, ones), ("logits", ones, 0 * ones)])
    assert picture.alt.endswith("the norm of the gradient that comes back: a 2×2, logits 2×2.")
    assert picture.findings == "The norms: a 2, logits 0."
    assert visual.flow([("a", ones, 5 * ones), ("logits", ones, ones)]).alt == picture.alt


def test_gradients_that_are_all_zero_can_be_drawn() -> None:
    assert complaints(visual.flow([("a", np.ones(3), np.zeros(3))])) == []


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ([], ["no stages", "(name, activation, gradient)"]),
        ([("a", np.ones((2, 3)), np.ones((3, 2)))], ["a: ", "(3, 2)", "(2, 3)", "pair each activation"]),
        ([("a", np.ones(2), np.array([1, np.nan]))], ["a: ", "NaN", "learning rate"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(stages: list[Any], words: list[str]) -> None:
    with pytest.raises(ValueError) as refusal:
        visual.flow(stages)
    assert [word for word in words if word not in str(refusal.value)] == []

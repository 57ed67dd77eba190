"""ConvExplorer: its arrays are the layers', its settings are checked as theirs, and its sums make its cells."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv import functional as F
from lessonconv.explore import ConvExplorer, correlation
from lessonconv.window import Window
from tests.strategies import examples


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    """A convolution that fits, rectangles and even kernels among them."""
    pairs = {name: draw(st.tuples(st.integers(low, 3), st.integers(low, 3))) for name, low in
             (("kernel", 1), ("stride", 1), ("padding", 0), ("dilation", 1))}  # fmt: skip
    spans = [d * (k - 1) + 1 for d, k in zip(pairs["dilation"], pairs["kernel"], strict=True)]
    height, width = (
        draw(st.integers(max(1, span - 2 * p), 8)) for span, p in zip(spans, pairs["padding"], strict=True)
    )
    counts = {name: draw(st.integers(1, 3)) for name in ("channels", "filters")}
    return {**pairs, **counts, "height": height, "width": width, "seed": draw(st.integers(0, 5))}


def layer(explorer: ConvExplorer) -> dict[str, Any]:
    return {name: getattr(explorer, name) for name in ("stride", "padding", "dilation")}


@examples(60)
@given(settings())
def test_every_array_is_the_layers(asked: dict[str, Any]) -> None:
    explorer = ConvExplorer(**asked)
    x, w, dz = explorer.x, explorer.w, explorer.dz
    assert x.shape == (1, asked["channels"], asked["height"], asked["width"])
    assert w.shape == (asked["filters"], asked["channels"], *asked["kernel"])
    np.testing.assert_array_equal(explorer.z, F.loops.conv2d(x, w, **layer(explorer)))
    dx, dw, _ = F.loops.conv2d_backward(dz, x, w, **layer(explorer))
    np.testing.assert_array_equal(explorer.dx, dx)
    np.testing.assert_array_equal(explorer.dw, dw)


@examples(40)
@given(settings())
def test_the_sweep_of_the_turned_kernel_makes_the_gradient(asked: dict[str, Any]) -> None:
    explorer = ConvExplorer(**asked)
    window = explorer.window
    wide, zeros = correlation.widened(explorer.dz[0], window)
    turned = explorer.w[..., ::-1, ::-1].swapaxes(0, 1)
    made = F.loops.conv2d(wide[None], turned, dilation=explorer.dilation)
    np.testing.assert_array_equal(made, explorer.dx)
    cost = correlation.zeros_met(window)
    assert cost.products == np.prod(window.input_size) * np.prod(window.kernel_size)
    assert cost.products - cost.inserted - cost.around == len(window.meetings().output)
    assert not wide[:, zeros].any()


def test_the_zeros_are_counted_by_hand() -> None:
    # 5 inputs, 2 taps, stride 2: two outputs. Widened: 0 δ 0 δ 0 0, in which 5 windows of 2 cells meet 0δ δ0 0δ δ0 00.
    window = Window.over((1, 5), (1, 2), stride=(1, 2))
    wide, _ = correlation.widened(np.array([[[7.0, 8.0]]]), window)
    np.testing.assert_array_equal(wide[0], [[0, 7, 0, 8, 0, 0]])
    assert correlation.zeros_met(window) == (10, 2, 4)


def test_readers_count_the_outputs_of_each_input() -> None:
    window = Window.over((5, 4), (3, 2), stride=(2, 1), padding=(1, 0))
    counts = correlation.cropped(correlation.readers(window), window)
    for u, v in np.ndindex(5, 4):
        assert counts[u, v] == len(window.outputs_of(u, v))


def test_true_convolution_turns_the_kernel() -> None:
    from scipy.signal import convolve2d

    explorer = ConvExplorer(true_convolution=True)
    shown = explorer._drawn.grids["true"].values[0]
    np.testing.assert_array_equal(shown, convolve2d(explorer.x[0, 0], explorer.w[0, 0], "valid"))
    assert not np.array_equal(shown, explorer.z[0, 0])


def test_the_forward_pass_alone_has_no_gradient_and_one_play() -> None:
    explorer = ConvExplorer(true_convolution=True, reach=True, backward=False)
    scene = explorer._drawn
    assert set(scene.grids) == {"x", "w", "z", "turned", "true", "reach"} == set(scene.visible("forward"))
    assert list(scene.plays) == ["forward"] and explorer.mode == "forward"
    assert len({grid.place for grid in scene.grids.values()}) == 6
    whole = ConvExplorer(true_convolution=True, reach=True)._drawn
    for name, grid in scene.grids.items():
        np.testing.assert_array_equal(grid.values, whole.grids[name].values)


def test_a_turned_tap_meets_the_outputs_of_the_true_convolution_in_the_forward_pass_alone() -> None:
    scene = ConvExplorer(true_convolution=True, backward=False)._drawn
    marks = scene.marks("forward", "turned", 0)
    assert marks["turned"]["self"].tolist() == [0]
    for grid in ("x", "true"):  # the first turned tap reads the upper left 5×5 cells, for all of the 25 outputs
        assert sum(map(len, marks[grid].values())) == 25
    told = scene.sum_of("forward", "x"), scene.sum_of("forward", "z")
    assert told[0] is None and told[1].makes == "z"


def test_gradients_can_be_left_out_and_brought_back() -> None:
    explorer = ConvExplorer(mode="gather")
    explorer.backward = False
    assert explorer.mode == "forward" and "dx" not in explorer._drawn.grids
    explorer.backward = True
    assert "dx" in explorer._drawn.grids and "gather" in explorer._drawn.plays


# Settings


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"kernel": 9}, ValueError, "kernel 9×9 is larger than the padded input 7×7; lower kernel_size to 7×7"),
        ({"stride": 0}, ValueError, "stride is 0, but must be at least 1"),
        ({"padding": -1}, ValueError, "padding is -1, but must be at least 0"),
        ({"kernel": (1, 2, 3)}, ValueError, "3 entries"),
        ({"kernel": "a"}, TypeError, "kernel is 'a'"),
        ({"dilation": 2.5}, TypeError, "dilation is 2.5"),
        ({"height": 33}, ValueError, "height is 33, but an explorer draws at most 32"),
        ({"height": (3, 4)}, ValueError, "give one int"),
        ({"padding": 30}, ValueError, "with its padding the input is 67×67, but"),
        ({"colour": 1}, TypeError, "ConvExplorer has no setting 'colour'; it has height, width, kernel"),
        ({"values": "elephants"}, ValueError, "values is 'elephants'; give one of random, ramp, edge, digit"),
        ({"reach": 1}, ValueError, "reach is 1; give one of False, True"),
        ({"reach": "no"}, ValueError, "reach is 'no'"),
        ({"mode": "sideways"}, ValueError, "mode is 'sideways'; give one of forward, weights"),
    ],
)
def test_nonsense_is_refused_as_the_layers_do(asked: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        ConvExplorer(**asked)


def test_errors_are_those_of_conv2d() -> None:
    for asked in ({"kernel": 9}, {"stride": 0}, {"padding": -1}, {"dilation": 4}, {"stride": "a"}):
        kernel = asked.get("kernel", 3)
        options = {name: value for name, value in asked.items() if name != "kernel"}
        with pytest.raises((ValueError, TypeError)) as theirs:
            F.conv2d(np.zeros((1, 1, 7, 7)), np.zeros((1, 1, kernel, kernel)), **options)
        with pytest.raises(theirs.type) as ours:
            ConvExplorer(**asked)
        assert str(ours.value) == str(theirs.value)


def test_a_setting_moves_the_picture_and_an_impossible_one_leaves_it() -> None:
    explorer = ConvExplorer()
    before = explorer.scene["seq"]
    explorer.stride = 2
    assert (explorer.scene["seq"], explorer.z.shape) == (before + 1, (1, 1, 3, 3))
    with pytest.raises(ValueError, match="kernel 9×9"):
        explorer.kernel = 9
    assert (explorer.kernel, explorer.scene["seq"]) == (3, before + 1)


def test_settings_that_are_possible_together_are_set_together() -> None:
    explorer = ConvExplorer()
    with explorer.hold_trait_notifications():
        explorer.kernel, explorer.padding = 9, 2
    assert explorer.z.shape == (1, 1, 3, 3)
    with pytest.raises(ValueError, match="kernel 5×5"), explorer.hold_trait_notifications():
        explorer.kernel, explorer.height, explorer.padding = 5, 3, 0
    assert (explorer.kernel, explorer.height, explorer.padding) == (9, 7, 2)


def test_pairs_and_ints_are_both_settings() -> None:
    explorer = ConvExplorer(kernel=(2, 3), stride=np.int64(2))
    assert (explorer.kernel, explorer.stride) == ((2, 3), 2)
    assert explorer.w.shape == (1, 1, 2, 3)


def test_a_cell_keeps_its_number_while_the_picture_grows() -> None:
    small, large = ConvExplorer(height=4, width=5), ConvExplorer(height=9, width=9)
    np.testing.assert_array_equal(small.x, large.x[..., :4, :5])


# One's own numbers


def test_an_array_of_ones_own_sets_the_sizes_that_follow_from_it() -> None:
    explorer = ConvExplorer()
    x = np.arange(40.0).reshape(2, 4, 5)
    explorer.x = x
    np.testing.assert_array_equal(explorer.x[0], x)
    assert (explorer.channels, explorer.height, explorer.width, explorer.w.shape) == (2, 4, 5, (1, 2, 3, 3))
    explorer.w = np.ones((3, 2, 2, 1))
    assert (explorer.filters, explorer.kernel, explorer.z.shape) == (3, (2, 1), (1, 3, 3, 5))
    explorer.dz = np.full((1, 3, 3, 5), 2)
    np.testing.assert_array_equal(explorer.dw, F.conv2d_backward(explorer.dz, explorer.x, explorer.w)[1])


def test_arrays_can_be_given_at_once() -> None:
    rng = np.random.default_rng(0)
    x, w, dz = rng.integers(-3, 4, (2, 12, 9)), rng.integers(-3, 4, (3, 2, 4, 2)), rng.integers(-3, 4, (3, 9, 8))
    explorer = ConvExplorer(x=x, w=w, dz=dz, mode="gather")
    np.testing.assert_array_equal(explorer.dx, F.loops.conv2d_backward(dz[None], x[None], w)[0])
    assert (explorer.kernel, explorer.height, explorer.mode) == ((4, 2), 12, "gather")
    with pytest.raises(ValueError, match="channels"):
        ConvExplorer(x=np.ones((9, 5, 5)))


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("dz", np.ones((2, 2)), r"dz has shape \(2, 2\), but must be as large as the layer's, \(1, 1, 5, 5\)"),
        ("x", np.ones((2, 2, 4, 4)), "give .rows, columns., or 3 axes"),
        ("x", np.full((4, 4), np.nan), "give finite numbers"),
        ("x", [["a"]], "give finite numbers"),
        ("x", np.ones((2, 2)), "kernel 3×3 is larger than the padded input 2×2"),
        ("w", np.ones((9, 9)), "kernel 9×9 is larger"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(name: str, array: Any, words: str) -> None:
    explorer = ConvExplorer()
    before = explorer.scene
    with pytest.raises(ValueError, match=words):
        setattr(explorer, name, array)
    assert explorer.scene == before


def test_what_is_read_is_a_copy() -> None:
    explorer = ConvExplorer()
    explorer.x[:] = 0
    assert explorer.x.any()


@pytest.mark.parametrize("values", ["random", "ramp", "edge", "digit"])
@pytest.mark.parametrize("weights", ["random", "edge", "ones"])
@pytest.mark.parametrize("gradient", ["random", "ones", "one"])
def test_all_samples_are_whole_numbers_that_fit_in_a_cell(values: str, weights: str, gradient: str) -> None:
    explorer = ConvExplorer(values=values, weights=weights, gradient=gradient, height=9, width=8, channels=2, kernel=4)
    for array in (explorer.x, explorer.w, explorer.dz):
        assert array.any()
        assert np.array_equal(array, np.rint(array))
        assert np.abs(array).max() <= 15


def test_a_digit_is_one_of_the_package() -> None:
    from lessonconv import data

    _, (x, _) = data.digits(seed=0)
    explorer = ConvExplorer(values="digit", height=28, width=28)
    np.testing.assert_array_equal(explorer.x[0, 0], np.rint(x[0, 0] / x[0, 0].max() * 9))

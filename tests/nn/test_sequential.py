"""Sequential: order, names, sharing, where an error happened, and the table that describes a network."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv import nn
from lessonconv.functional import softmax_cross_entropy
from tests.nn.oracles import Array, assert_equal, values, weights_of
from tests.strategies import examples


def two_conv_layers(**options: Any) -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(784, 10)),
        **options,
    )


# Forward and backward


def test_forward_runs_first_to_last_and_backward_last_to_first() -> None:
    log = []

    class Noted(nn.Layer):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = factor

        def forward(self, x: Any) -> Array:
            log.append(f"forward {self.factor}")
            return x * self.factor

        def backward(self, dz: Any) -> Array:
            log.append(f"backward {self.factor}")
            return dz * self.factor

    net = nn.Sequential(Noted(2), nn.Sequential(Noted(3), Noted(5)))
    assert net.forward(np.array([1])) == 30
    assert net.backward(np.array([10])) == 300
    assert log == ["forward 2", "forward 3", "forward 5", "backward 5", "backward 3", "backward 2"]


def test_a_network_without_layers_changes_nothing() -> None:
    net, x = nn.Sequential(), np.ones((2, 3))
    assert net.forward(x) is x and net.backward(x) is x
    assert not net.params and len(net) == 0


def test_backward_takes_the_input_gradient_with_the_weights_that_forward_used() -> None:
    """Updating a layer before its ∂L/∂x is taken gives ∂L/∂x of another network: off by lr·∂L/∂wᵀ∂L/∂z."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), rng=0, dtype=np.float64)
    x, dz, lr = values((5, 3)), values((5, 2)), 0.1
    net.forward(x)
    before = weights_of(net)
    dx = net.backward(dz)
    assert_equal(dict(net.params), before)

    slope = (np.vdot(net.forward(x + 1e-6 * dx), dz) - np.vdot(net.forward(x - 1e-6 * dx), dz)) / 2e-6
    assert slope == pytest.approx(np.vdot(dx, dx))  # along itself, a gradient climbs by its own square

    net.forward(x)
    net[2].params["w"][...] -= lr * net.grads["2.w"]  # too early
    dx_of_another = net.backward(dz)
    assert np.vdot(dx_of_another, dx) != pytest.approx(slope, rel=0.01)
    net.params["2.w"][...] = before["2.w"]
    a = np.tanh(x @ before["0.w"].T)
    error = ((dz @ (lr * dz.T @ a)) * (1 - a**2)) @ before["0.w"]
    np.testing.assert_allclose(dx - dx_of_another, error)


def test_the_mean_over_the_batch_is_taken_once_in_the_loss() -> None:
    """Every image twice is the same mean, so the same gradients; and they are the mean of those of single images."""
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3), rng=0, dtype=np.float64)
    x, labels = values((3, 1, 4, 4)), np.array([2, 0, 1])

    def gradients(images: Any) -> dict[str, Array]:
        net.backward(softmax_cross_entropy(net.forward(x[images]), labels[images])[1])
        return dict(net.grads)

    once, twice, each = gradients([0, 1, 2]), gradients([0, 1, 2, 0, 1, 2]), [gradients([n]) for n in range(3)]
    for name, gradient in once.items():
        np.testing.assert_allclose(twice[name], gradient, atol=1e-15)
        np.testing.assert_allclose(sum(g[name] for g in each) / 3, gradient, atol=1e-15)


def test_a_layer_that_stands_in_two_places_is_refused_or_right() -> None:
    relu = nn.ReLU()
    try:
        net = nn.Sequential(nn.Linear(6, 8), relu, nn.Linear(8, 8), relu, nn.Linear(8, 3), rng=1)
    except ValueError as error:
        assert "ReLU()" in str(error)
    else:
        assert nn.gradcheck(net, values((5, 6)))


def test_a_training_step_fills_the_same_grads_without_the_gradient_of_the_input() -> None:
    layers = nn.Conv2d(2, 3, 3, stride=2, groups=1), nn.Tanh(), nn.Flatten(), nn.Linear(12, 3)
    net = nn.Sequential(nn.Sequential(*layers), rng=0, dtype=np.float64)
    x = values((2, 2, 5, 5))
    dlogits = np.ones_like(net.forward(x))
    net.backward(dlogits)
    expected = {name: gradient.copy() for name, gradient in net.grads.items()}
    for other in (net, net[0], nn.Sequential(*net[0])):
        for layer in net[0]:
            layer.grads = {}
        other.backward_params(dlogits)
        for name, gradient in net.grads.items():
            np.testing.assert_array_equal(gradient, expected[name], err_msg=name)


# Parameters


def test_names_say_the_place_and_nested_networks_add_theirs() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.ReLU(), nn.BatchNorm2d(2)), nn.Linear(2, 3, bias=False))
    assert list(net.params) == ["0.w", "0.b", "1.1.w", "1.1.b", "2.w"]
    assert list(net.buffers) == ["1.1.running_mean", "1.1.running_var"]
    assert not net.grads
    assert net.params["1.1.w"] is net[1][1].params["w"]


def test_a_change_in_place_reaches_the_layer() -> None:
    net = nn.Sequential(nn.Sequential(nn.Linear(2, 2)))
    net.params["0.0.w"][...] = 7
    assert (net[0][0].params["w"] == 7).all()


def test_assigning_a_parameter_of_a_network_is_refused() -> None:
    net = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(TypeError):
        net.params["0.w"] = np.zeros((2, 2))
    with pytest.raises(AttributeError):
        net.params = {}


def test_the_step_that_a_learner_writes_works() -> None:
    net = nn.Sequential(nn.Linear(2, 2), rng=0, dtype=np.float64)
    net.backward(net.forward(np.ones((1, 2))))
    expected = {name: p - 0.1 * net.grads[name] for name, p in net.params.items()}
    for name in net.params:
        net.params[name] -= 0.1 * net.grads[name]
    assert_equal(dict(net.params), expected)


def test_indices_give_layers_and_slices_networks_that_share_them() -> None:
    net = two_conv_layers(rng=0)
    assert len(net) == 8
    assert net[-1] is list(net)[7]
    tail = net[3:]
    assert isinstance(tail, nn.Sequential)
    assert [a is b for a, b in zip(tail, net.layers[3:], strict=True)] == [True] * 5
    assert tail.params["0.w"] is net.params["3.w"]
    x = values((2, 1, 28, 28), np.float32)
    np.testing.assert_array_equal(tail.forward(net[:3].forward(x)), net.forward(x))


def test_one_seed_gives_every_layer_its_own_numbers() -> None:
    def net(rng: Any) -> nn.Sequential:
        return nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 4)), nn.Dropout(), rng=rng)

    first = net(0)
    assert_equal(weights_of(net(0)), weights_of(first))
    assert_equal(weights_of(net(np.random.default_rng(0))), weights_of(first))
    assert not np.array_equal(net(1).params["0.w"], first.params["0.w"])
    assert not np.array_equal(first.params["0.w"], first.params["1.0.w"])
    np.testing.assert_array_equal(first.forward(np.ones((5, 4))), net(0).forward(np.ones((5, 4))))


def test_without_a_seed_the_layers_keep_their_weights() -> None:
    dense = nn.Linear(2, 2, rng=3)
    before = weights_of(dense)
    assert_equal(weights_of(nn.Sequential(dense)[0]), before)


def test_reseeding_drops_other_values_in_every_layer() -> None:
    net = nn.Sequential(nn.Dropout(), nn.Sequential(nn.Dropout()))

    def masks(*entropy: int) -> list[list[float]]:
        net.reseed([*entropy])
        return [layer.forward(np.ones(64)).tolist() for layer in (net[0], net[1][0])]

    assert masks(1, 2) == masks(1, 2)
    drawn = [*masks(1, 2), *masks(2, 1), *masks(1, 3)]
    assert len({tuple(mask) for mask in drawn}) == 6


def test_dtype_converts_every_layer() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.BatchNorm2d(2)), dtype=np.float64)
    assert {array.dtype for array in weights_of(net).values()} == {np.dtype(np.float64)}


def test_modes_reach_nested_layers() -> None:
    net = nn.Sequential(nn.Sequential(nn.Dropout()), nn.BatchNorm2d(1))
    assert net.eval() is net
    assert [net.training, net[0].training, net[0][0].training, net[1].training] == [False] * 4
    net.train()
    assert [net.training, net[0].training, net[0][0].training, net[1].training] == [True] * 4


@pytest.mark.parametrize("look", [lambda net: nn.predict(net, np.ones((1, 4))), lambda net: net.summary((4,))])
def test_looking_at_the_first_layers_leaves_a_trained_network_in_evaluation_mode(look: Any) -> None:
    net = nn.Sequential(nn.Dropout(), nn.Linear(4, 2)).eval()
    look(net[:1])
    assert not net[0].training


# Errors


def test_an_error_names_the_layer_in_which_it_happened() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Sequential(nn.ReLU(), nn.Linear(4, 3)))
    for run in (lambda: net.forward(np.ones((2, 5))), lambda: net.summary((5,))):
        with pytest.raises(ValueError, match=r"x \(\d, 5\) has 5 features, but w \(3, 4\) reads 4") as error:
            run()
        assert error.value.__notes__[0] == "in layer 1 of the network, Linear(4, 3)"
        assert error.value.__notes__[1].startswith("in layer 1 of the network, Sequential(ReLU()")

    net.forward(np.ones((2, 4)))
    with pytest.raises(ValueError, match="dz has shape") as error:
        net.backward(np.ones((2, 9)))
    assert "Linear(4, 3)" in error.value.__notes__[0]


def test_backward_before_forward_names_the_last_layer() -> None:
    with pytest.raises(RuntimeError, match=r"Linear\(4, 3\) has nothing to go back from: call forward") as error:
        nn.Sequential(nn.ReLU(), nn.Linear(4, 3)).backward(np.ones((2, 3)))
    assert error.value.__notes__ == ["in layer 1 of the network, Linear(4, 3)"]


def test_what_is_no_layer_is_refused() -> None:
    with pytest.raises(TypeError, match=r"not of <class '.*ReLU'>; write nn\.ReLU\(\), with brackets"):
        nn.Sequential(nn.Flatten(), nn.ReLU)
    with pytest.raises(TypeError, match="a network is made of layers"):
        nn.Sequential([nn.ReLU()])


# The summary


def test_the_summary_of_the_benchmark_network() -> None:
    """Fields by hand: 3, 3+1, 4+2·2, 8+2, then all 28; parameters 8·9+8, 16·8·9+16, 784·10+10."""
    summary = two_conv_layers().summary((1, 28, 28))
    assert [row.output_shape for row in summary.rows] == [
        *((1, 28, 28), (8, 28, 28), (8, 28, 28), (8, 14, 14)),
        *((16, 14, 14), (16, 14, 14), (16, 7, 7), (784,), (10,)),
    ]
    assert [row.parameters for row in summary.rows] == [0, 80, 0, 0, 1168, 0, 0, 0, 7850]
    assert [row.receptive_field[0] for row in summary.rows] == [1, 3, 3, 4, 8, 8, 10, 10, 28]
    assert summary.parameters == 80 + 1168 + 7850


def test_the_summary_prints_as_a_table() -> None:
    net = nn.Sequential(nn.Conv2d(1, 8, (3, 5)), nn.Flatten(), nn.Linear(192, 10))
    assert repr(net.summary((1, 6, 10))).splitlines() == [
        "layer                     output shape    parameters   receptive field",
        "──────────────────────────────────────────────────────────────────────",
        "input                     (N, 1, 6, 10)                            1×1",
        "0  Conv2d(1, 8, (3, 5))   (N, 8, 4, 6)           128               3×5",
        "1  Flatten()              (N, 192)                                 3×5",
        "2  Linear(192, 10)        (N, 10)              1,930              6×10",
        "──────────────────────────────────────────────────────────────────────",
        "in all                                         2,058",
    ]


def test_the_summary_leaves_mode_weights_and_statistics_as_they_were() -> None:
    net = nn.Sequential(nn.BatchNorm2d(1), nn.Dropout(), nn.Flatten(), nn.Linear(4, 2), dtype=np.float64)
    before = weights_of(net)
    net.summary((1, 2, 2))
    assert net.training and net[0].training
    assert_equal(weights_of(net), before)


def test_the_summary_takes_rows_of_numbers() -> None:
    rows = nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 2)).summary((5,)).rows
    assert [row.output_shape for row in rows] == [(5,), (3,), (3,), (2,)]


def extent_seen(net: nn.Sequential, height: int, width: int) -> tuple[int, int]:
    """The receptive field by trial: spoil one row or column of the input with NaN, and see which outputs it reaches."""
    x = np.zeros((height + width, 1, height, width), np.float32)
    for u in range(height):
        x[u, 0, u] = np.nan
    for v in range(width):
        x[height + v, 0, :, v] = np.nan
    with np.errstate(invalid="ignore"):
        reached = np.isnan(net.eval().forward(x))
    seen = (reached[:height].any(axis=(1, 3)), reached[height:].any(axis=(1, 2)))  # (input, output) along each axis
    rows, columns = (max(np.ptp(np.flatnonzero(column)) + 1 for column in axis.T if column.any()) for axis in seen)
    return int(rows), int(columns)


@st.composite
def windowed_layers(draw: st.DrawFn) -> nn.Layer:
    kernel, stride, dilation = (draw(st.tuples(*[st.integers(1, most)] * 2)) for most in (3, 2, 2))
    kind = draw(st.sampled_from(["conv", "max", "mean", "other"]))
    if kind == "conv":
        return nn.Conv2d(1, 1, kernel, stride, dilation=dilation, rng=0)
    if kind == "max":
        return nn.MaxPool2d(kernel, stride, dilation=dilation)
    return nn.AvgPool2d(kernel, stride) if kind == "mean" else nn.Sequential(nn.BatchNorm2d(1), nn.Dropout(), nn.ReLU())


@examples(60)
@given(st.lists(windowed_layers(), min_size=1, max_size=3))
def test_the_receptive_field_is_what_an_output_sees(layers: list[nn.Layer]) -> None:
    net = nn.Sequential(*layers)
    assert net.summary((1, 29, 29)).rows[-1].receptive_field == extent_seen(net, 29, 29)


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2)],
        [nn.Conv2d(1, 1, (5, 1), stride=(3, 1), padding="full"), nn.AvgPool2d((1, 3), padding=(0, 1))],
        [nn.Conv2d(1, 1, 9, padding="same"), nn.Conv2d(1, 1, 9, padding="same")],  # larger than the picture
        *([nn.ConvTranspose2d(1, 1, k, stride=s, rng=0)] for k in range(1, 6) for s in range(1, 4)),
        [nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1), nn.Conv2d(1, 1, 2)],
        [nn.ConvTranspose2d(1, 1, 3, stride=2), nn.Conv2d(1, 1, 3)],
        [nn.Conv2d(1, 1, 3, stride=2), nn.ConvTranspose2d(1, 1, 2, stride=2)],
        [nn.ConvTranspose2d(1, 1, 3, dilation=2)],
    ],
    ids=lambda layers: ", ".join(map(repr, layers)),
)
def test_the_receptive_field_with_padding_and_transposed_layers(layers: list[nn.Layer]) -> None:
    net = nn.Sequential(*layers, rng=0)
    assert net.summary((1, 13, 11)).rows[-1].receptive_field == extent_seen(net, 13, 11)

"""gradcheck: it passes what is right, finds what is wrong and where, and knows a kink from a mistake."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lessonconv import functional as F
from lessonconv import nn
from tests.nn.oracles import LAYERS, Array, assert_equal, make, values, weights_of

both_modes = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])


def blamed(check: nn.GradCheck) -> list[str]:
    return [name for name, tensor in check.tensors.items() if not tensor.error <= check.tolerance]


def two_conv_layers() -> nn.Sequential:
    first = (nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
    second = (nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3))
    return nn.Sequential(*first, nn.Sequential(*second), nn.Flatten(), nn.Linear(64, 10), rng=0)


# What is right


@both_modes
@pytest.mark.parametrize(("text", "shape"), LAYERS.items(), ids=LAYERS)
def test_every_layer_passes(text: str, shape: tuple[int, ...], training: bool) -> None:
    layer = make(text, np.float32).train(training)
    check = nn.gradcheck(layer, values(shape))
    assert check and check.passed, check
    assert list(check.tensors) == ["x", *layer.params]
    assert [t.numbers for t in check.tensors.values()] == [np.prod(shape), *(p.size for p in layer.params.values())]
    assert not any(tensor.kinks for tensor in check.tensors.values())


@both_modes
def test_a_whole_network_of_two_convolutions_passes(training: bool) -> None:
    net = two_conv_layers().train(training)
    check = nn.gradcheck(net, values((2, 1, 8, 8)), [3, 9])
    assert check, check
    assert sum(tensor.numbers for tensor in check.tensors.values()) == 128 + 72 + 16 + 1168 + 650


def test_the_network_that_was_checked_is_left_alone() -> None:
    net, x = two_conv_layers(), values((2, 1, 8, 8))
    x.flags.writeable = False
    before = weights_of(net)
    nn.gradcheck(net, x, at_most=2)
    assert_equal(weights_of(net), before)
    assert net.training and not net.grads
    with pytest.raises(RuntimeError, match="call forward before backward"):
        net.backward(np.ones((2, 10)))


@pytest.mark.parametrize("at_most", [1, 5, 10_000])
def test_at_most_so_many_numbers_of_each_tensor_are_nudged(at_most: int) -> None:
    check = nn.gradcheck(nn.Linear(4, 3, rng=0), values((2, 4)), at_most=at_most)
    assert [tensor.numbers for tensor in check.tensors.values()] == [min(at_most, size) for size in (8, 12, 3)]


def test_the_numbers_to_nudge_are_drawn_from_the_seed() -> None:
    """One wrong number of 60: found with some seeds, missed with others, the same each time."""

    def spoil(layer: nn.Layer, x: Array, dz: Array, dx: Array) -> None:
        layer.grads["w"][2, 7] += 1

    net = planted("Linear(20, 3)", spoil)
    found = [[not nn.gradcheck(net, values((2, 20)), at_most=15, seed=seed) for seed in range(12)] for _ in range(2)]
    assert found[0] == found[1]
    assert set(found[0]) == {True, False}


@pytest.mark.parametrize("at_most", [0, -1])
def test_fewer_than_one_number_is_refused(at_most: int) -> None:
    with pytest.raises(ValueError, match="at_most"):
        nn.gradcheck(nn.Linear(2, 2), values((1, 2)), at_most=at_most)


@pytest.mark.parametrize("which", ["x", "w"])
def test_arrays_in_another_memory_order_are_nudged_too(which: str) -> None:
    conv, x = nn.Conv2d(3, 2, 2, rng=0), values((2, 4, 5, 3))
    x = x.transpose(0, 3, 1, 2) if which == "x" else np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    if which == "w":
        conv.params["w"] = np.asfortranarray(conv.params["w"])
    check = nn.gradcheck(conv, x)
    assert check, check


def test_a_bias_that_batch_norm_takes_away_passes_without_kinks() -> None:
    """Its gradient is 0, and backward gives 1e-16."""
    for seed in range(10):
        net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3), rng=seed)
        check = nn.gradcheck(net, values((3, 1, 4, 4)))
        assert check, check
        assert check.tensors["0.b"].kinks == 0


def test_a_smooth_network_with_tiny_gradients_passes_without_kinks() -> None:
    layers = [layer for _ in range(10) for layer in (nn.Linear(10, 10), nn.Sigmoid())]
    check = nn.gradcheck(nn.Sequential(*layers, nn.Linear(10, 3), rng=0), values((4, 10)), [0, 1, 2, 0])
    assert check, check
    assert not any(tensor.kinks for tensor in check.tensors.values())


# What is wrong

Bug = Callable[[nn.Layer, Array, Array, Array], Array | None]


def planted(text: str, bug: Bug) -> nn.Layer:
    """A layer with a mistake: after the right backward, the bug spoils grads or hands back another dx."""
    layer = make(text)
    right = type(layer)

    class Wrong(right):
        def forward(self, x: Any) -> Array:
            self.x = x
            return super().forward(x)

        def backward(self, dz: Any) -> Array:
            dx = super().backward(dz)
            wrong = bug(self, self.x, dz, dx)
            return dx if wrong is None else wrong

    layer.__class__ = Wrong
    return layer


def grad(name: str, change: Callable[[Array, Array], Array]) -> Bug:
    """A bug in one gradient: change(gradient, dz)."""

    def bug(layer: nn.Layer, x: Array, dz: Array, dx: Array) -> None:
        layer.grads[name] = change(layer.grads[name], dz)

    return bug


def conv_dx(turn: Callable[[Array], Array]) -> Bug:
    """∂L/∂x of a convolution with a kernel turned the wrong way."""

    def bug(layer: Any, x: Array, dz: Array, dx: Array) -> Array:
        return F.conv2d_backward(dz, x, turn(layer.params["w"]), **layer.settings)[0]

    return bug


def last_window_wins(layer: Any, x: Array, dz: Array, dx: Array) -> Array:
    """dx[argmax] = dz where windows overlap: a missing +=."""
    _, argmax = F.max_pool2d(x, layer.kernel_size, stride=layer.stride)
    wrong = np.zeros_like(x).reshape(*x.shape[:2], -1)
    for n, c, i, j in np.ndindex(*dz.shape):
        wrong[n, c, argmax[n, c, i, j]] = dz[n, c, i, j]
    return wrong.reshape(x.shape)


def in_the_other_mode(layer: Any, x: Array, dz: Array, dx: Array) -> Array:
    """The other mode's backward: constants where statistics move, or the other way round."""
    other = make("BatchNorm2d(2)").train(not layer.training)
    other.params, other.buffers = layer.params, {name: b.copy() for name, b in layer.buffers.items()}
    other.forward(x)
    return other.backward(dz)


def without_the_mean(layer: Any, x: Array, dz: Array, dx: Array) -> Array:
    M, axes = x.size // x.shape[1], (0, 2, 3)
    r = 1 / np.sqrt(x.var(axis=axes, keepdims=True) + layer.eps)
    x_hat = (x - x.mean(axis=axes, keepdims=True)) * r
    return layer.params["w"][:, None, None] * r * (dz - x_hat * (dz * x_hat).sum(axis=axes, keepdims=True) / M)


def everything_twice(layer: nn.Layer, x: Array, dz: Array, dx: Array) -> Array:
    layer.grads.update({name: 2 * g for name, g in layer.grads.items()})
    return 2 * dx


CONV, STRIDED = ("Conv2d(2, 2, 3)", (2, 2, 5, 5)), ("Conv2d(1, 2, 3, stride=2, padding=1)", (1, 1, 6, 6))
POOL, NORM = ("MaxPool2d(3, stride=1)", (1, 2, 5, 5)), ("BatchNorm2d(2)", (2, 2, 2, 3))
BUGS: dict[str, tuple[tuple[str, tuple[int, ...]], Bug, list[str]]] = {
    "dw with filters and channels exchanged": (CONV, grad("w", lambda g, dz: g.swapaxes(0, 1)), ["w"]),
    "dw with height and width exchanged": (CONV, grad("w", lambda g, dz: g.swapaxes(2, 3)), ["w"]),
    "dw turned by 180°": (CONV, grad("w", lambda g, dz: g[:, :, ::-1, ::-1]), ["w"]),
    "dw divided by the batch": (CONV, grad("w", lambda g, dz: g / len(dz)), ["w"]),
    "db of the first image only": (CONV, grad("b", lambda g, dz: dz[0].sum(axis=(1, 2))), ["b"]),
    "db averaged over the pixels": (CONV, grad("b", lambda g, dz: dz.sum(axis=0).mean(axis=(1, 2))), ["b"]),
    "dx with a kernel that is not flipped": (CONV, conv_dx(lambda w: w[:, :, ::-1, ::-1]), ["x"]),
    "dx with a kernel flipped along one axis": (CONV, conv_dx(lambda w: w[:, :, ::-1]), ["x"]),
    "dx with a kernel transposed": (STRIDED, conv_dx(lambda w: w.swapaxes(2, 3)), ["x"]),
    "dx after the weights were updated": (CONV, conv_dx(lambda w: 0.99 * w), ["x"]),
    "dx shifted by the padding": (STRIDED, lambda layer, x, dz, dx: np.roll(dx, 1, axis=3), ["x"]),
    "max pool: = for +=": (POOL, last_window_wins, ["x"]),
    "average pool: not divided": (("AvgPool2d(2)", (1, 1, 4, 4)), lambda layer, x, dz, dx: 4 * dx, ["x"]),
    "relu: sign of dz for sign of z": (("ReLU()", (4, 5)), lambda layer, x, dz, dx: dz * (dz > 0), ["x"]),
    "sigmoid: z(1 − z)": (("Sigmoid()", (4, 5)), lambda layer, x, dz, dx: dz * x * (1 - x), ["x"]),
    "arctan: the derivative of tan": (("Arctan()", (4, 5)), lambda layer, x, dz, dx: dz * (1 + x**2), ["x"]),
    "dropout: not scaled up": (("Dropout(p=0.3)", (4, 5)), lambda layer, x, dz, dx: 0.7 * dx, ["x"]),
    "dropout: another mask": (("Dropout(p=0.3)", (4, 5)), lambda layer, x, dz, dx: layer.forward(dz), ["x"]),
    "batch norm: without the mean": (NORM, without_the_mean, ["x"]),
    "batch norm: dw of x, not x̂": (NORM, lambda l, x, dz, dx: l.grads.update(w=(dz * x).sum(axis=(0, 2, 3))), ["w"]),
    "linear: dw transposed": (("Linear(3, 3)", (2, 3)), grad("w", lambda g, dz: g.T), ["w"]),
    "linear: the output forgotten": (("Linear(3, 3)", (2, 3)), lambda layer, x, dz, dx: dz, ["x"]),
    "everything twice": (CONV, everything_twice, ["x", "w", "b"]),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_mistake_is_found_and_the_tensor_named(name: str) -> None:
    (text, shape), bug, tensors = BUGS[name]
    check = nn.gradcheck(planted(text, bug), values(shape))
    assert blamed(check) == tensors, check
    assert not check and not check.passed
    lines = {line.split()[0]: line for line in repr(check).splitlines()}
    assert [tensor for tensor, line in lines.items() if "WRONG by" in line] == tensors
    assert all("right" in line for tensor, line in lines.items() if tensor not in tensors)


def test_a_gradient_that_was_left_at_zero_is_found_whatever_the_numbers() -> None:
    for seed in range(10):
        layer = planted("Linear(5, 3)", grad("b", lambda g, dz: 0 * g))
        check = nn.gradcheck(layer, np.random.default_rng(seed).standard_normal((4, 5)))
        assert blamed(check) == ["b"] and check.tensors["b"].kinks == 0, check


@both_modes
def test_batch_norm_in_the_wrong_mode_is_found(training: bool) -> None:
    layer = planted("BatchNorm2d(2)", in_the_other_mode).train(training)
    assert blamed(nn.gradcheck(layer, values((2, 2, 2, 3)))) == ["x"]


def test_in_a_network_a_mistake_shows_in_its_own_tensor_or_in_all_before_it() -> None:
    def net(bug: Bug) -> nn.Sequential:
        convolutions = make("Conv2d(1, 2, 3)"), nn.Tanh(), planted("Conv2d(2, 2, 3)", bug)
        return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(8, 3, rng=0))

    x, labels = values((2, 1, 6, 6)), [0, 2]
    assert blamed(nn.gradcheck(net(grad("w", lambda g, dz: 1.001 * g)), x, labels)) == ["2.w"]
    assert blamed(nn.gradcheck(net(conv_dx(lambda w: w[..., ::-1])), x, labels)) == ["x", "0.w", "0.b"]


def test_a_batch_mean_taken_twice_is_found_where_it_is_taken() -> None:
    net = nn.Sequential(planted("Linear(4, 3)", grad("w", lambda g, dz: g / len(dz))))
    assert blamed(nn.gradcheck(net, values((5, 4)), [0, 1, 2, 0, 1])) == ["0.w"]


def test_a_small_mistake_is_found_and_its_size_told() -> None:
    """One number of w off by a hundredth of the largest."""

    def spoil(layer: nn.Layer, x: Array, dz: Array, dx: Array) -> None:
        layer.grads["w"][1, 2] += 0.01 * np.abs(layer.grads["w"]).max()

    check = nn.gradcheck(planted("Linear(3, 2)", spoil), values((2, 3)))
    assert check.tensors["w"].error == pytest.approx(0.01, rel=0.05)
    assert "w       6 numbers  WRONG by 0.01 of the largest gradient" in repr(check)
    assert nn.gradcheck(planted("Linear(3, 2)", spoil), values((2, 3)), tolerance=0.1)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("factor", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_wrong(factor: float) -> None:
    assert blamed(nn.gradcheck(planted("Linear(3, 2)", grad("w", lambda g, dz: g * factor)), values((2, 3)))) == ["w"]


@pytest.mark.parametrize(
    ("bug", "message"),
    [
        (grad("b", lambda g, dz: dz.sum(axis=0, keepdims=True)), r"b.*\(1, 2\).*\(2,\)"),
        (grad("b", lambda g, dz: dz.sum()), r"b.*\(\).*\(2,\)"),
        (lambda layer, x, dz, dx: dx.ravel(), r"x.*\(6,\).*\(2, 3\)"),
        (lambda layer, x, dz, dx: layer.grads.pop("b") * 0 + dx[:, :1], r"grads.*b"),
    ],
)
def test_a_gradient_of_another_shape_or_none_is_told(bug: Bug, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nn.gradcheck(planted("Linear(3, 2)", bug), values((2, 3)))


# Kinks


def test_zeros_into_relu_are_counted_and_not_called_wrong() -> None:
    x = np.array([[-1.0, 0.0, 1.0, 0.0, 2.0]])
    check = nn.gradcheck(nn.ReLU(), x)
    assert check
    assert (check.tensors["x"].numbers, check.tensors["x"].kinks, check.tensors["x"].error < 1e-6) == (5, 2, True)
    assert repr(check) == "x       5 numbers  right, 2 at a kink left out"


def test_ties_in_a_max_pool_are_counted_and_not_called_wrong() -> None:
    x = np.array([[[[1.0, 7.0, 0.0, 0.0], [7.0, 2.0, 1.0, 2.0]]]])
    check = nn.gradcheck(nn.MaxPool2d(2), x)
    assert check and check.tensors["x"].kinks == 2


def test_a_kink_close_by_is_passed_by_with_smaller_steps() -> None:
    check = nn.gradcheck(nn.ReLU(), np.array([[-3e-6, 4e-7, -5e-6, 1.0]]))
    assert check and check.tensors["x"].kinks == 0


def test_kinks_do_not_excuse_mistakes_elsewhere() -> None:
    layer = planted("ReLU()", lambda layer, x, dz, dx: np.where(x > 1.5, 2 * dx, dx))
    check = nn.gradcheck(layer, np.array([[-1.0, 0.0, 1.0, 0.0, 2.0]]))
    assert blamed(check) == ["x"] and check.tensors["x"].kinks == 2


def test_nothing_but_kinks_is_not_called_right() -> None:
    assert "right" not in repr(nn.gradcheck(nn.ReLU(), np.zeros((2, 2))))

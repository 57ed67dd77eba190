"""The textbook network: slow, but it must be right, or beating it means nothing."""

from typing import Any

import numpy as np
import pytest

from benchmarks import pytorch
from benchmarks.network import LARGE, SMALL, Network, Trainer, check_same_training, noise_batch
from benchmarks.ours import Ours
from benchmarks.textbook import Convolution, Momentum, Pooling, SoftmaxWithLoss, Textbook, col2im, im2col
from lessonconv.functional import loops

SETTINGS = [(1, 0), (1, 1), (2, 0), (2, 1)]


def normal(*shape: int) -> Any:
    return np.random.default_rng(0).standard_normal(shape)


@pytest.mark.parametrize(("stride", "pad"), SETTINGS)
def test_convolution_says_the_same_as_the_loops(stride: int, pad: int) -> None:
    x, w, b = normal(2, 3, 5, 6), normal(4, 3, 3, 2), normal(4)
    layer = Convolution(w, b, stride, pad)
    z = layer.forward(x)
    np.testing.assert_allclose(z, loops.conv2d(x, w, b, stride=stride, padding=pad))
    dz = normal(*z.shape)
    found = layer.backward(dz), layer.dW, layer.db
    for ours, theirs in zip(found, loops.conv2d_backward(dz, x, w, stride=stride, padding=pad), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    for alone, together in zip((layer.backward_input(dz), *layer.backward_params(dz)), found, strict=True):
        np.testing.assert_array_equal(alone, together)


def test_pooling_says_the_same_as_the_loops() -> None:
    x = normal(2, 3, 6, 4)
    layer = Pooling(2, 2, 2)
    z, argmax = loops.max_pool2d(x, 2)
    np.testing.assert_array_equal(layer.forward(x), z)
    dz = normal(*z.shape)
    np.testing.assert_array_equal(layer.backward(dz), loops.max_pool2d_backward(dz, argmax, x.shape))


@pytest.mark.parametrize(("stride", "pad"), SETTINGS)
def test_col2im_is_the_adjoint_of_im2col(stride: int, pad: int) -> None:
    x = normal(2, 3, 5, 6)
    col = im2col(x, 3, 2, stride, pad)
    other = normal(*col.shape)
    assert np.sum(col * other) == pytest.approx(np.sum(x * col2im(other, x.shape, 3, 2, stride, pad)))


def test_gradients_agree_with_finite_differences() -> None:
    x, labels = noise_batch(2)
    x = 0.1 * x.astype(np.float64)  # faint: the loss adds 1e-7 to probabilities, which must not be tiny here
    parameters = SMALL.first_parameters(np.float64)
    net = Textbook(SMALL, parameters)
    net.step(x, labels)
    gradients, nudge, rng = net.gradients(), 1e-6, np.random.default_rng(2)
    for name, shape in SMALL.shapes.items():
        place = tuple(rng.integers(0, size) for size in shape)
        losses = []
        for sign in (1, -1):
            nudged = {key: value.copy() for key, value in parameters.items()}
            nudged[name][place] += sign * nudge
            losses.append(Textbook(SMALL, nudged).step(x, labels))
        slope = (losses[0] - losses[1]) / (2 * nudge)
        assert gradients[name][place] == pytest.approx(slope, rel=1e-4, abs=1e-7), name


def test_loss_is_the_mean_surprise() -> None:
    logits = np.log(np.array([[1.0, 3.0], [4.0, 1.0]]))
    assert SoftmaxWithLoss().forward(logits, np.array([1, 0])) == pytest.approx(-np.log([0.75, 0.8]).mean(), abs=1e-6)


def test_momentum_carries_on_in_the_old_direction() -> None:
    params = {"w": np.array([1.0])}
    optimizer = Momentum(lr=0.1, momentum=0.5)
    optimizer.update(params, {"w": np.array([2.0])})  # v = −0.2
    optimizer.update(params, {"w": np.array([0.0])})  # v = −0.1
    np.testing.assert_allclose(params["w"], [0.7])


def test_float32_stays_float32_if_asked_to_and_not_otherwise() -> None:
    x, labels = noise_batch(2)
    for dtype, made in ((np.float32, np.float32), (np.float64, np.float64)):
        net = Textbook(SMALL, SMALL.first_parameters(), dtype)
        net.step(x, labels)
        assert {gradient.dtype for gradient in net.gradients().values()} == {np.dtype(made)}
        assert {parameter.dtype for parameter in net.parameters().values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("network", [SMALL, LARGE], ids=str)
def test_all_contestants_train_alike_for_several_steps(network: Network) -> None:
    x, labels = noise_batch(4)
    first = network.first_parameters()
    trainers: dict[str, Trainer] = {
        "ours": Ours(network, first),
        "textbook": Textbook(network, first),
        "textbook, float32": Textbook(network, first, np.float32),
    }
    if pytorch.is_installed():
        trainers["PyTorch"] = pytorch.PyTorch(network, first)
        trainers["PyTorch channels_last"] = pytorch.PyTorch(network, first, channels_last=True)
    for _ in range(3):
        check_same_training(trainers, x, labels)


def test_a_contestant_that_trains_differently_is_noticed() -> None:
    x, labels = noise_batch(4)
    other = SMALL.first_parameters()
    other["conv2.b"] += 0.1
    with pytest.raises(AssertionError, match="loss"):
        check_same_training({"a": Textbook(SMALL, SMALL.first_parameters()), "b": Textbook(SMALL, other)}, x, labels)


@pytest.mark.parametrize("what", ["gradients", "parameters"])
def test_a_wrong_gradient_or_update_is_noticed_though_the_loss_is_right(what: str) -> None:
    x, labels = noise_batch(4)
    wrong = Textbook(SMALL, SMALL.first_parameters())
    right = getattr(wrong, what)

    def falsified() -> Any:
        arrays = right()
        return {**arrays, "conv1.w": arrays["conv1.w"] * 1.01}

    setattr(wrong, what, falsified)
    with pytest.raises(AssertionError, match=f"{what} of conv1.w"):
        check_same_training({"a": Textbook(SMALL, SMALL.first_parameters()), "b": wrong}, x, labels)

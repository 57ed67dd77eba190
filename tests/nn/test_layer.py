"""What holds for every layer and for networks of them: right gradients, PyTorch's arguments, params, grads, modes."""

import inspect
import re
from typing import Any

import numpy as np
import pytest

from lessonconv import nn
from tests.functional.oracles import numerical_gradients
from tests.nn.oracles import LAYERS, Array, assert_equal, make, values, weights_of

every_layer = pytest.mark.parametrize(("text", "shape"), LAYERS.items(), ids=LAYERS)
both_modes = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])


def passes(layer: nn.Layer, x: Array, dz: Array | None = None) -> tuple[Array, Array, Array]:
    """Forward and backward: z, dz and dx."""
    layer.reseed([0])
    z = layer.forward(x)
    dz = np.random.default_rng(2).standard_normal(z.shape).astype(z.dtype) if dz is None else dz
    return z, dz, layer.backward(dz)


@both_modes
@every_layer
def test_backward_gives_the_slopes_of_forward(text: str, shape: tuple[int, ...], training: bool) -> None:
    """Central differences of Σ dz·z for every number in x and in the parameters."""
    layer, x = make(text).train(training), values(shape)

    def forward(*_: Array) -> Array:
        layer.reseed([0])  # the same values dropped each time
        return layer.forward(x)

    _, dz, dx = passes(layer, x)
    assert dx.shape == x.shape
    slopes = numerical_gradients(forward, [x, *layer.params.values()], dz, h=1e-6)
    for name, gradient, slope in zip(["x", *layer.params], [dx, *layer.grads.values()], slopes, strict=True):
        np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-7, err_msg=name)


@both_modes
@every_layer
def test_the_same_text_makes_a_layer_of_pytorch_that_agrees(text: str, shape: tuple[int, ...], training: bool) -> None:
    torch = pytest.importorskip("torch")
    if "Arctan" in text or (text == "Dropout()" and training):
        pytest.skip("PyTorch has no such layer, or drops other values")

    def named(arrays: dict[str, Array]) -> dict[str, Any]:
        ends = {"w": "weight", "b": "bias"}
        return {re.sub(r"\w+$", lambda end: ends.get(end[0], end[0]), name): array for name, array in arrays.items()}

    layer, x = make(text).train(training), values(shape)
    theirs = eval(text, dict(vars(torch.nn))).double().train(training)
    state = {name: torch.tensor(array) for name, array in named({**layer.params, **layer.buffers}).items()}
    missing, unknown = theirs.load_state_dict(state, strict=False)
    assert not unknown and all(name.endswith("num_batches_tracked") for name in missing)
    z, dz, dx = passes(layer, x)
    x_theirs = torch.tensor(x, requires_grad=True)
    z_theirs = theirs(x_theirs)
    np.testing.assert_allclose(z, z_theirs.detach().numpy(), rtol=1e-12, atol=1e-12)

    z_theirs.backward(torch.tensor(dz))
    np.testing.assert_allclose(dx, x_theirs.grad.numpy(), rtol=1e-10, atol=1e-12)
    grads, grads_theirs = named(layer.grads), {name: p.grad.numpy() for name, p in theirs.named_parameters()}
    assert grads.keys() == grads_theirs.keys()
    for name, gradient in grads.items():
        np.testing.assert_allclose(gradient, grads_theirs[name], rtol=1e-10, atol=1e-12)
    for name, buffer in named(layer.buffers).items():
        np.testing.assert_allclose(buffer, theirs.get_buffer(name).numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    "name",
    [
        "AvgPool2d",
        "BatchNorm2d",
        "Conv2d",
        "ConvTranspose2d",
        "Dropout",
        "LeakyReLU",
        "Linear",
        "MaxPool2d",
        "Adam",
        "SGD",
    ],
)
def test_positional_arguments_come_in_the_order_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")

    def positional(made: Any) -> list[tuple[str, Any]]:
        parameters = inspect.signature(made).parameters.values()
        return [(p.name, p.default) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]

    optimizer = name in ("SGD", "Adam")  # takes a network first, where PyTorch's takes parameters
    theirs = positional(getattr(torch.optim if optimizer else torch.nn, name))[optimizer:]
    ours = positional(getattr(nn, name))[optimizer:]
    assert [argument for argument, _ in ours] == [argument for argument, _ in theirs[: len(ours)]]
    for (argument, default), (_, default_theirs) in zip(ours, theirs, strict=False):
        assert default in (default_theirs, inspect.Parameter.empty), argument


@pytest.mark.parametrize("text", LAYERS)
def test_repr_is_the_call_that_makes_the_layer(text: str) -> None:
    assert repr(make(text)) == text


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.Conv2d(1, 2, 3, 1, 0, 1, 1, True), "Conv2d(1, 2, 3)"),
        (nn.Conv2d(1, 2, 3, padding=((1, 2), (0, 1))), "Conv2d(1, 2, 3, padding=((1, 2), (0, 1)))"),
        (nn.MaxPool2d(2, 2), "MaxPool2d(2)"),
        (nn.AvgPool2d(2, stride=None), "AvgPool2d(2)"),
        (nn.Dropout(0.5), "Dropout()"),
        (nn.Sequential(), "Sequential()"),
    ],
)
def test_repr_leaves_out_what_has_its_default(layer: nn.Layer, text: str) -> None:
    assert repr(layer) == text
    assert repr(eval(text, dict(vars(nn)))) == text


@pytest.mark.parametrize("size", [np.int64(3), np.array([3, 3])], ids=["a NumPy integer", "an array"])
def test_sizes_from_numpy_are_written_as_plain_numbers(size: Any) -> None:
    layer = nn.Conv2d(1, 1, size, stride=size)
    assert repr(eval(repr(layer), dict(vars(nn)))) == repr(layer)


@every_layer
def test_backward_replaces_the_gradients_and_does_not_add_to_them(text: str, shape: tuple[int, ...]) -> None:
    layer, x = make(text), values(shape)
    _, dz, dx = passes(layer, x)
    first = {name: g.copy() for name, g in layer.grads.items()}
    assert {n: g.shape for n, g in layer.grads.items()} == {n: p.shape for n, p in layer.params.items()}

    np.testing.assert_array_equal(layer.backward(dz), dx)
    assert_equal(dict(layer.grads), first)
    layer.backward(0 * dz)
    assert all(not g.any() for g in layer.grads.values())


@both_modes
@every_layer
def test_the_arrays_of_the_caller_and_the_parameters_stay_as_they_are(
    text: str, shape: tuple[int, ...], training: bool
) -> None:
    layer, x = make(text).train(training), values(shape)
    params = {name: p.copy() for name, p in layer.params.items()}
    x.flags.writeable = False
    layer.reseed([0])
    dz = values(layer.forward(x).shape)
    dz.flags.writeable = False
    layer.backward(dz)
    assert_equal(dict(layer.params), params)


@both_modes
@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_in_is_dtype_out(text: str, shape: tuple[int, ...], training: bool, dtype: Any) -> None:
    layer = make(text, dtype).train(training)
    z, _, dx = passes(layer, values(shape, dtype))
    arrays = [z, dx, *layer.params.values(), *layer.grads.values(), *layer.buffers.values()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@every_layer
def test_backward_before_forward_says_what_to_do(text: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(RuntimeError, match="call forward before backward") as error:
        make(text).backward(np.ones(shape))
    assert str(error.value).startswith(text.partition("(")[0].replace("Sequential", "Linear"))


@every_layer
def test_a_gradient_of_another_shape_is_refused(text: str, shape: tuple[int, ...]) -> None:
    layer = make(text)
    z = layer.forward(values(shape))
    for dz in (np.ones((len(z) + 1, *z.shape[1:])), np.ones((1, *z.shape)), np.ones(z.shape[1:])):
        with pytest.raises(ValueError, match=r"shape"):
            layer.backward(dz)


@pytest.mark.parametrize("bad", [True, 1j, "1"])
@every_layer
def test_what_is_no_real_number_is_refused(text: str, shape: tuple[int, ...], bad: Any) -> None:
    if text == "Flatten()":
        pytest.skip("it only moves numbers")
    with pytest.raises(TypeError, match="must hold integers, float32 or float64"):
        make(text).forward(np.full(shape, bad))


@every_layer
def test_lists_are_taken_as_arrays(text: str, shape: tuple[int, ...]) -> None:
    layer, x = make(text), values(shape)
    z, dz, dx = passes(layer, x)
    z_of_lists, _, dx_of_lists = passes(layer, x.tolist(), dz.tolist())
    np.testing.assert_array_equal(z_of_lists, z)
    np.testing.assert_array_equal(dx_of_lists, dx)


@pytest.mark.parametrize("text", LAYERS)
def test_train_eval_and_astype_hand_back_the_layer(text: str) -> None:
    layer = make(text)
    assert layer.training
    assert layer.eval() is layer and not layer.training
    assert layer.train() is layer and layer.training
    assert layer.astype(np.float32) is layer


@pytest.mark.parametrize("change", [lambda: nn.Linear(2, 2).astype(int), lambda: nn.Conv2d(1, 1, 3, dtype=int)])
def test_weights_that_are_not_floats_are_refused(change: Any) -> None:
    with pytest.raises(TypeError, match="float32 or float64"):
        change()


def test_astype_forgets_gradients_of_the_other_dtype() -> None:
    layer = make("BatchNorm2d(3)", np.float32)
    passes(layer, values((2, 3, 2, 2), np.float32))
    before = weights_of(layer)
    layer.astype(np.float64)
    assert not layer.grads
    assert_equal(weights_of(layer), before)


WITH_WEIGHTS = [t for t in LAYERS if t.startswith(("Conv", "Linear", "Sequential"))]


@pytest.mark.parametrize("text", WITH_WEIGHTS)
def test_parameters_follow_from_the_seed(text: str) -> None:
    layer = make(text)
    layer.reset_parameters(3)
    first = weights_of(layer)
    layer.reset_parameters(np.random.default_rng(3))
    assert_equal(weights_of(layer), first)
    layer.reset_parameters(4)
    assert all(not np.array_equal(p, first[n]) for n, p in layer.params.items() if n.endswith("w") and p.ndim > 1)
    assert all(not p.any() for n, p in layer.params.items() if n.endswith("b"))


def test_a_constructor_draws_from_its_seed() -> None:
    for layer in (nn.Conv2d, nn.ConvTranspose2d):
        assert_equal(layer(2, 3, 3, rng=5).params, layer(2, 3, 3, rng=np.random.default_rng(5)).params)
    assert_equal(nn.Linear(2, 3, rng=5).params, nn.Linear(2, 3, rng=5).params)
    assert not np.array_equal(nn.Linear(2, 3).params["w"], nn.Linear(2, 3).params["w"])


def test_a_seed_gives_the_same_weights_in_either_dtype() -> None:
    single, double = (nn.Conv2d(2, 3, 3, rng=5, dtype=dtype).params["w"] for dtype in (np.float32, np.float64))
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_a_layer_of_ones_own_must_say_what_it_does() -> None:
    with pytest.raises(NotImplementedError):
        nn.Layer().forward(np.ones(3))
    with pytest.raises(NotImplementedError):
        nn.Layer().backward(np.ones(3))

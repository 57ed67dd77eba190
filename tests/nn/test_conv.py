"""Conv2d and ConvTranspose2d: the loops with parameters of the right size and spread."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from lessonconv import nn
from lessonconv.functional import loops
from tests.functional.oracles import assert_same
from tests.strategies import FLOATS, Conv, conv_cases, conv_transpose_cases, examples


def layer_of(case: Conv, kind: type[nn.Conv2d]) -> nn.Conv2d:
    """The layer that this call of the function is, its parameters put into it."""
    filters, channels = case.dz.shape[1], case.x.shape[1]
    bias = case.b is not None
    layer = kind(channels, filters, case.w.shape[2:], bias=bias, dtype=case.w.dtype, **case.options)
    layer.params["w"][...] = case.w
    if bias:
        layer.params["b"][...] = case.b
    return layer


@examples(40)
@given(conv_cases(dtypes=FLOATS))
def test_conv2d_is_the_loops_with_parameters(case: Conv) -> None:
    layer = layer_of(case, nn.Conv2d)
    assert_same(layer.forward(case.x), loops.conv2d(case.x, case.w, case.b, **case.options))
    dx, dw, db = loops.conv2d_backward(case.dz, case.x, case.w, **case.options)
    assert_same((layer.backward(case.dz), *layer.grads.values()), (dx, dw, db) if case.b is not None else (dx, dw))


@examples(40)
@given(conv_transpose_cases(dtypes=FLOATS))
def test_conv_transpose2d_is_the_loops_with_parameters(case: Conv) -> None:
    layer = layer_of(case, nn.ConvTranspose2d)
    assert_same(layer.forward(case.x), loops.conv_transpose2d(case.x, case.w, case.b, **case.options))
    dx, dw, db = loops.conv_transpose2d_backward(case.dz, case.x, case.w, **case.options)
    assert_same((layer.backward(case.dz), *layer.grads.values()), (dx, dw, db) if case.b is not None else (dx, dw))


def test_a_convolution_worked_out_by_hand() -> None:
    """z = [1·1+2·0+3·0+4·2] + 10; every tap meets one input, so dw = dz·x, dx = dz·w."""
    conv = nn.Conv2d(1, 1, 2, dtype=np.float64)
    conv.params["w"][...] = [[[[1, 0], [0, 2]]]]
    conv.params["b"][...] = 10
    assert conv.forward(np.array([[[[1, 2], [3, 4]]]])).tolist() == [[[[19]]]]
    assert conv.backward(np.array([[[[3]]]])).tolist() == [[[[3, 0], [0, 6]]]]
    assert conv.grads["w"].tolist() == [[[[3, 6], [9, 12]]]]
    assert conv.grads["b"].tolist() == [3]


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (nn.Conv2d(4, 6, (3, 2)), {"w": (6, 4, 3, 2), "b": (6,)}),
        (nn.Conv2d(4, 6, 3, groups=2, bias=False), {"w": (6, 2, 3, 3)}),
        (nn.ConvTranspose2d(4, 6, (3, 2)), {"w": (4, 6, 3, 2), "b": (6,)}),
        (nn.ConvTranspose2d(4, 6, 3, groups=2, bias=False), {"w": (4, 3, 3, 3)}),
    ],
    ids=repr,
)
def test_parameters_are_shaped_as_in_pytorch(layer: nn.Layer, shapes: dict[str, Any]) -> None:
    assert {name: p.shape for name, p in layer.params.items()} == shapes
    assert {p.dtype for p in layer.params.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(32, 64, (3, 5), rng=0),
        nn.Conv2d(32, 64, 3, groups=4, rng=0),
        nn.ConvTranspose2d(64, 32, 3, rng=0),
        nn.ConvTranspose2d(64, 32, 4, stride=2, groups=2, rng=0),
        nn.ConvTranspose2d(64, 32, (4, 2), stride=(2, 1), rng=0),
    ],
    ids=repr,
)
def test_first_weights_keep_the_size_of_signals(layer: nn.Layer) -> None:
    """He et al. 2015: E[z²] = 2·E[x²], of which a ReLU then keeps half. Measured away from the border."""
    x = np.random.default_rng(1).standard_normal((4, layer.params["w"].shape[0], 16, 16))
    x = x if isinstance(layer, nn.ConvTranspose2d) else x[:, :32]
    z = layer.forward(x)[:, :, 4:-4, 4:-4]
    assert np.mean(z**2) == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
@pytest.mark.parametrize("groups", [3, 0, -1])
def test_groups_must_divide_the_channels(kind: type[nn.Conv2d], groups: int) -> None:
    with pytest.raises(ValueError, match=f"groups={groups} must divide in_channels 4 and out_channels 6; try groups=1"):
        kind(4, 6, 3, groups=groups)


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
@pytest.mark.parametrize("size", [0, -2, (3, 0), (3, 3, 3), 2.5, "3", True])
def test_a_kernel_must_have_a_size(kind: type[nn.Conv2d], size: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="kernel_size is"):
        kind(1, 1, size)


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
@pytest.mark.parametrize(("channels", "name"), [((0, 3), "in"), ((3, 0), "out"), ((-1, 3), "in"), ((3, -1), "out")])
def test_channels_must_be_counted(kind: type[nn.Conv2d], channels: tuple[int, int], name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}_channels"):
        kind(*channels, 3)


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
@pytest.mark.parametrize("options", [{"stride": 0}, {"dilation": 0}, {"padding": -1}, {"padding": "some"}])
def test_settings_that_make_no_window_are_refused_at_the_latest_by_forward(kind: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(options))} is"):
        kind(1, 1, 3, **options).forward(np.ones((1, 1, 5, 5)))


def test_a_transposed_convolution_passes_back_what_the_convolution_passes_on() -> None:
    """⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩: one matrix T(w) and its transpose."""
    rng = np.random.default_rng(0)
    options: dict[str, Any] = {"stride": (2, 3), "padding": (1, 0), "bias": False, "rng": 0, "dtype": np.float64}
    conv, transposed = nn.Conv2d(2, 3, (3, 4), **options), nn.ConvTranspose2d(3, 2, (3, 4), **options)
    transposed.params["w"][...] = conv.params["w"]
    x = rng.standard_normal((1, 2, 7, 10))
    y = rng.standard_normal(conv.forward(x).shape)
    assert np.vdot(conv.forward(x), y) == pytest.approx(np.vdot(x, transposed.forward(y)))
    np.testing.assert_allclose(conv.backward(y), transposed.forward(y))

"""Flatten and Linear."""

import numpy as np
import pytest

from lessonconv import nn


def test_a_dense_layer_worked_out_by_hand() -> None:
    """z = x·wᵀ + b, dx = dz·w, dw = dzᵀ·x, db = Σ dz over the images."""
    dense = nn.Linear(2, 3, dtype=np.float64)
    dense.params["w"][...] = [[1, 2], [3, 4], [5, 6]]
    dense.params["b"][...] = [10, 20, 30]
    assert dense.forward(np.array([[1, 0], [1, -1]])).tolist() == [[11, 23, 35], [9, 19, 29]]
    assert dense.backward(np.array([[1, 0, 0], [0, 2, 1]])).tolist() == [[1, 2], [11, 14]]
    assert dense.grads["w"].tolist() == [[1, 0], [2, -2], [1, -1]]
    assert dense.grads["b"].tolist() == [1, 2, 1]


def test_a_dense_layer_is_a_convolution_as_large_as_its_input() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    conv, dense = nn.Conv2d(3, 7, (4, 5), rng=1, dtype=np.float64), nn.Linear(60, 7, dtype=np.float64)
    dense.params["w"][...] = conv.params["w"].reshape(7, 60)
    flat = nn.Sequential(nn.Flatten(), dense)
    dz = np.random.default_rng(1).standard_normal((2, 7))
    np.testing.assert_allclose(flat.forward(x), conv.forward(x)[:, :, 0, 0])
    np.testing.assert_allclose(flat.backward(dz), conv.backward(dz[:, :, None, None]))
    np.testing.assert_allclose(dense.grads["w"], conv.grads["w"].reshape(7, 60))
    np.testing.assert_allclose(dense.grads["b"], conv.grads["b"])


def test_flatten_lays_an_image_out_row_by_row_and_folds_it_up_again() -> None:
    x = np.arange(24).reshape(2, 3, 2, 2)
    flatten = nn.Flatten()
    z = flatten.forward(x)
    assert z.tolist() == [list(range(12)), list(range(12, 24))]
    np.testing.assert_array_equal(flatten.backward(z), x)


def test_flatten_takes_a_batch_without_images() -> None:
    flatten = nn.Flatten()
    assert flatten.forward(np.zeros((0, 3, 2, 2))).shape == (0, 12)
    assert flatten.backward(np.zeros((0, 12))).shape == (0, 3, 2, 2)


def test_first_weights_keep_the_size_of_signals() -> None:
    """He et al. 2015: variance 2 / fan_in."""
    w = nn.Linear(200, 300, rng=0).params["w"]
    assert w.std() == pytest.approx((2 / 200) ** 0.5, rel=0.02)
    assert w.mean() == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize(("sizes", "name"), [((0, 3), "in"), ((3, 0), "out"), ((2.0, 3), "in")])
def test_features_must_be_counted(sizes: tuple[int, int], name: str) -> None:
    with pytest.raises((ValueError, TypeError), match=f"{name}_features"):
        nn.Linear(*sizes)


def test_an_input_of_other_features_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x \(2, 5\) has 5 features, but w \(3, 4\) reads 4"):
        nn.Linear(4, 3).forward(np.ones((2, 5)))

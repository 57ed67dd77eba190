"""BatchNorm2d and Dropout in both modes. Slopes and PyTorch: test_layer.py."""

import numpy as np
import pytest

from lessonconv import nn
from tests.nn.oracles import assert_equal, make, values, weights_of


def test_each_channel_gets_mean_0_and_variance_1_over_the_batch() -> None:
    x = np.random.default_rng(0).standard_normal((4, 2, 5, 3)) * [[[[3]], [[0.1]]]] + [[[[7]], [[-2]]]]
    z = nn.BatchNorm2d(2, eps=0, dtype=np.float64).forward(x)
    np.testing.assert_allclose(z.mean(axis=(0, 2, 3)), 0, atol=1e-14)
    np.testing.assert_allclose(z.var(axis=(0, 2, 3)), 1)


def test_running_statistics_worked_out_by_hand() -> None:
    """x = 1, 3: mean 2, variance 1, unbiased 2. Twice with momentum 0.1, from 0 and 1."""
    norm, x = nn.BatchNorm2d(1, dtype=np.float64), np.array([[[[1.0, 3.0]]]])
    norm.forward(x)
    assert norm.buffers["running_mean"] == pytest.approx(0.1 * 2)
    assert norm.buffers["running_var"] == pytest.approx(0.9 * 1 + 0.1 * 2)
    norm.forward(x)
    assert norm.buffers["running_mean"] == pytest.approx(0.9 * 0.2 + 0.1 * 2)
    assert norm.buffers["running_var"] == pytest.approx(0.9 * 1.1 + 0.1 * 2)


def test_evaluation_uses_the_running_statistics_and_leaves_them_alone() -> None:
    """z = w·(x − mean)/√(var + ε) + b, and ∂L/∂x = w/√(var + ε)·∂L/∂z: constants, nothing flows through them."""
    norm = nn.BatchNorm2d(1, eps=0.25, dtype=np.float64).eval()
    for arrays, name, value in ((norm.params, "w", 3), (norm.params, "b", 10)):
        arrays[name][...] = value
    norm.buffers["running_mean"][...], norm.buffers["running_var"][...] = 5, 3.75
    before = weights_of(norm)
    x = np.array([[[[5.0, 9.0]]]])
    assert norm.forward(x).tolist() == [[[[10, 16]]]]
    assert norm.backward(np.array([[[[2.0, 4.0]]]])).tolist() == [[[[3, 6]]]]
    assert norm.grads["w"].tolist() == [8] and norm.grads["b"].tolist() == [6]
    assert_equal(weights_of(norm), before)


def test_in_training_the_gradient_loses_its_mean_and_its_part_along_the_input() -> None:
    """Neither adding a constant to a channel nor stretching it changes the output, so ∂L/∂x ⊥ 1 and ∂L/∂x ⊥ x̂."""
    norm, x = nn.BatchNorm2d(3, eps=0, dtype=np.float64), values((4, 3, 2, 5))
    norm.forward(x)
    dx = norm.backward(values((4, 3, 2, 5))[::-1])
    np.testing.assert_allclose(dx.sum(axis=(0, 2, 3)), 0, atol=1e-13)
    np.testing.assert_allclose((dx * x).sum(axis=(0, 2, 3)), 0, atol=1e-13)


def test_backward_uses_the_mode_that_forward_ran_in() -> None:
    norm, x = make("BatchNorm2d(3)"), values((2, 3, 2, 2))
    norm.forward(x)
    trained = norm.backward(x)
    norm.forward(x)
    norm.eval()
    np.testing.assert_array_equal(norm.backward(x), trained)


def test_a_single_value_in_a_channel_is_refused_in_training_only() -> None:
    norm, x = nn.BatchNorm2d(2), np.ones((1, 2, 1, 1))
    before = weights_of(norm)
    with pytest.raises(ValueError, match=r"\(1, 2, 1, 1\), a single value in each channel.* larger batch, or eval\(\)"):
        norm.forward(x)
    assert_equal(weights_of(norm), before)
    assert norm.eval().forward(x).shape == (1, 2, 1, 1)


def test_a_constant_channel_stays_finite() -> None:
    norm = nn.BatchNorm2d(1)
    assert not norm.forward(np.full((2, 1, 3, 3), 5, np.float32)).any()
    assert np.isfinite(norm.backward(np.ones((2, 1, 3, 3), np.float32))).all()


def test_other_channels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"x has shape \(2, 3, 4, 4\), but must be \(2, 5, 4, 4\).* the 5 channels"):
        nn.BatchNorm2d(5).forward(np.ones((2, 3, 4, 4)))


def test_reset_parameters_forgets_what_was_seen() -> None:
    norm = make("BatchNorm2d(3)")
    norm.reset_parameters()
    assert_equal(weights_of(norm), weights_of(nn.BatchNorm2d(3, dtype=np.float64)))


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_dropout_drops_the_share_p_and_keeps_the_mean(p: float) -> None:
    z = nn.Dropout(p, rng=0).forward(np.ones((200, 500)))
    assert np.mean(z == 0) == pytest.approx(p, abs=0.01)
    assert z.mean() == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(np.unique(z), [0, 1 / (1 - p)])


def test_backward_drops_what_forward_dropped() -> None:
    dropout = nn.Dropout(0.4, rng=0)
    z = dropout.forward(np.ones((20, 20)))
    np.testing.assert_array_equal(dropout.backward(np.full((20, 20), 3.0)), 3 * z)


def test_each_forward_drops_other_values_unless_reseeded() -> None:
    dropout, x = nn.Dropout(rng=0), np.ones(100)
    first = dropout.forward(x)
    assert not np.array_equal(dropout.forward(x), first)
    dropout.reseed([3, 4])
    second = dropout.forward(x)
    dropout.reseed([3, 4])
    np.testing.assert_array_equal(dropout.forward(x), second)
    dropout.reseed([3, 5])
    assert not np.array_equal(dropout.forward(x), second)
    np.testing.assert_array_equal(nn.Dropout(rng=0).forward(x), first)


def test_evaluation_changes_nothing_and_draws_nothing() -> None:
    dropout, x = nn.Dropout(0.9, rng=0).eval(), values((5, 6))
    np.testing.assert_array_equal(dropout.forward(x), x)
    np.testing.assert_array_equal(dropout.backward(x), x)
    np.testing.assert_array_equal(dropout.train().forward(x), nn.Dropout(0.9, rng=0).forward(x))


@pytest.mark.parametrize(("p", "share"), [(0, 1), (1, 0)])
def test_probability_0_keeps_all_and_1_drops_all(p: float, share: float) -> None:
    dropout, x = nn.Dropout(p), values((5, 6))
    np.testing.assert_array_equal(dropout.forward(x), share * x)
    np.testing.assert_array_equal(dropout.backward(x), share * x)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match=r"p is .*, but a probability lies between 0 and 1"):
        nn.Dropout(p)

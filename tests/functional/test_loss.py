"""Softmax with cross-entropy: SymPy, SciPy, differences, PyTorch, and what a mean over the batch means."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.special
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lessonconv.functional as F
from tests.functional.calls import CALLS, numbers
from tests.functional.oracles import Array, assert_same, numerical_gradients
from tests.refusals import assert_refused
from tests.strategies import FLOATS, Options, examples

LOGITS, LABELS = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, -2.0]]), np.array([2, 1])
softmax_cross_entropy = F.softmax_cross_entropy


@st.composite
def batches(draw: st.DrawFn, spread: float = 50) -> tuple[Array, Array]:
    N, K = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    logits = draw(hnp.arrays(np.float64, (N, K), elements=st.floats(-spread, spread)))
    return logits, draw(hnp.arrays(np.int64, N, elements=st.integers(0, K - 1)))


@examples(100)
@given(batches(spread=1e4))
def test_the_loss_is_scipys_log_softmax_at_the_labels(batch: tuple[Array, Array]) -> None:
    logits, labels = batch
    loss, dlogits = softmax_cross_entropy(logits, labels)
    expected = -scipy.special.log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()
    assert loss == pytest.approx(expected, rel=1e-12, abs=1e-15)
    probabilities = scipy.special.softmax(logits, axis=1)
    assert_same(dlogits, (probabilities - np.eye(logits.shape[1])[labels]) / len(labels), rtol=1e-12)


def test_the_gradient_is_the_one_that_sympy_derives() -> None:
    """∂/∂logits of −1/N Σ log softmax, simplified nowhere: SymPy differentiates the definition."""
    logits = sympy.Matrix(2, 3, sympy.symbols("l:6"))
    L = -sum(
        sympy.log(sympy.exp(logits[n, k]) / sum(sympy.exp(logits[n, m]) for m in range(3)))
        for n, k in enumerate(LABELS)
    ) / len(LABELS)
    values = dict(zip(logits, LOGITS.ravel(), strict=True))
    loss, dlogits = softmax_cross_entropy(LOGITS, LABELS)
    assert loss == pytest.approx(float(L.subs(values)), rel=1e-14)
    derived = np.array([float(sympy.diff(L, symbol).subs(values)) for symbol in logits]).reshape(2, 3)
    assert_same(dlogits, derived, rtol=1e-14)


@examples(50)
@given(batches(spread=5))
def test_the_gradient_is_the_slope_of_the_loss(batch: tuple[Array, Array]) -> None:
    logits, labels = batch
    (slopes,) = numerical_gradients(lambda l: np.float64(softmax_cross_entropy(l, labels)[0]), (logits,), np.float64(1))
    assert_same(softmax_cross_entropy(logits, labels)[1], slopes, rtol=1e-6)


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_loss_agrees_with_pytorch(dtype: Any, torch: ModuleType) -> None:
    logits = numbers(20, 10).astype(dtype)
    theirs = torch.tensor(logits, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(theirs, torch.arange(20) % 10)
    loss.backward()
    ours, dlogits = softmax_cross_entropy(logits, np.arange(20) % 10)
    assert ours == pytest.approx(loss.item(), rel=4 * float(np.finfo(dtype).eps))
    assert_same(dlogits, theirs.grad.numpy(), rtol=4 * np.finfo(dtype).eps)


def test_guessing_costs_the_logarithm_of_the_number_of_classes() -> None:
    loss, dlogits = softmax_cross_entropy(np.zeros((5, 10)), np.arange(5))
    assert type(loss) is float
    assert loss == pytest.approx(np.log(10), rel=1e-15)
    assert_same(dlogits, (0.1 - np.eye(10)[:5]) / 5, rtol=1e-15)


@examples(50)
@given(batches())
def test_the_gradient_of_each_row_sums_to_nothing(batch: tuple[Array, Array]) -> None:
    _, dlogits = softmax_cross_entropy(*batch)
    np.testing.assert_allclose(dlogits.sum(axis=1), 0, atol=1e-15)


@examples(50)
@given(batches(), st.integers(-1000, 1000))
def test_a_shift_of_all_logits_changes_nothing(batch: tuple[Array, Array], shift: int) -> None:
    logits, labels = batch
    logits = np.round(logits * 1024) / 1024  # so that the shift itself rounds nothing
    loss, dlogits = softmax_cross_entropy(logits, labels)
    shifted_loss, shifted_dlogits = softmax_cross_entropy(logits + shift, labels)
    assert (loss, dlogits.tolist()) == (shifted_loss, shifted_dlogits.tolist())


def test_the_mean_over_the_batch_is_taken_once() -> None:
    """Twice the same images: the loss stays, each image's gradient halves."""
    loss, dlogits = softmax_cross_entropy(LOGITS, LABELS)
    loss_of_two, dlogits_of_two = softmax_cross_entropy(np.tile(LOGITS, (2, 1)), np.tile(LABELS, 2))
    assert loss_of_two == pytest.approx(loss, rel=1e-15)
    assert_same(dlogits_of_two, np.tile(dlogits, (2, 1)) / 2)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.filterwarnings("error")
def test_huge_logits_neither_overflow_nor_warn(dtype: Any) -> None:
    loss, dlogits = softmax_cross_entropy(np.array([[1e4, -1e4, 0], [-1e30, 1e30, 0]], dtype), [1, 1])
    assert loss == 1e4
    assert_same(dlogits, np.array([[0.5, -0.5, 0], [0, 0, 0]], dtype))


@pytest.mark.filterwarnings("error")
def test_logits_further_apart_than_a_number_can_say_cost_infinitely_much() -> None:
    large = np.finfo(np.float64).max
    loss, dlogits = softmax_cross_entropy(np.array([[large, -large]]), [1])
    assert (loss, dlogits.tolist()) == (np.inf, [[1, -1]])


@pytest.mark.filterwarnings("error")
def test_a_class_that_minus_infinity_rules_out_has_probability_zero() -> None:
    """As a mask uses it. PyTorch gives the same."""
    loss, dlogits = softmax_cross_entropy(np.array([[0, -np.inf, 0]]), [2])
    assert loss == pytest.approx(np.log(2), rel=1e-15)
    assert_same(dlogits, np.array([[0.5, 0, -0.5]]))
    assert softmax_cross_entropy(np.array([[0, -np.inf]]), [1])[0] == np.inf


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_labels_may_be_integers_of_any_kind(dtype: Any) -> None:
    loss, dlogits = softmax_cross_entropy(LOGITS, LABELS.astype(dtype))
    expected_loss, expected_dlogits = softmax_cross_entropy(LOGITS, LABELS.tolist())
    assert loss == expected_loss
    assert_same(dlogits, expected_dlogits)


def test_integer_logits_are_not_truncated() -> None:
    loss, dlogits = softmax_cross_entropy(LOGITS.astype(np.int8), LABELS)
    expected_loss, expected = softmax_cross_entropy(np.trunc(LOGITS), LABELS)
    assert loss == expected_loss
    assert_same(dlogits, expected)


BAD_LOGITS = np.where(np.arange(3) == 1, np.array([[np.nan], [np.inf], [-np.inf]]), 0.0)
REFUSALS = [
    *[
        (
            {"logits": np.vstack([numbers(3, 3), row])},
            ["logits of image 3", "NaN or an infinity"],
            {"logits": numbers(4, 3)},
        )
        for row in (*BAD_LOGITS[:2], np.full(3, -np.inf))
    ],
    (
        {"labels": np.array([0, 3, 1, 2])},
        ["from 0 to 3", "3 logits", "0 to 2", "from 0"],
        {"labels": np.array([0, 2, 1, 2])},
    ),
    (
        {"labels": np.array([1, 2, 3, 3])},
        ["from 1 to 3", "give the last layer more outputs"],
        {"labels": np.array([1, 2, 3, 3]), "logits": numbers(4, 4)},
    ),
    ({"labels": np.array([0, -1, 1, 2])}, ["from -1 to 2", "0 to 2"], {"labels": np.array([0, 1, 1, 2])}),
    (
        {"labels": np.array([0, 2**63, 1, 2], np.uint64)},
        ["labels run", "0 to 2"],
        {"labels": np.array([0, 0, 1, 2])},
    ),
    (
        {"labels": np.array([0, 1, 2])},
        ["labels has shape (3,)", "must be (4,)", "(4, 3)"],
        {"labels": np.array([0, 1, 2, 0])},
    ),
    ({"logits": numbers(0, 3), "labels": np.zeros(0, int)}, ["(0, 3)", "at least one image"], {}),
    ({"logits": numbers(4, 0)}, ["(4, 0)"], {}),
]


@pytest.mark.parametrize(("wrong", "words", "way_out"), REFUSALS)
def test_what_has_no_loss_is_refused_with_a_way_out(wrong: Options, words: list[str], way_out: Options) -> None:
    assert_refused(CALLS["softmax_cross_entropy"], wrong, ValueError, words, way_out)


def test_labels_that_are_no_integers_are_refused() -> None:
    """One-hot rows as well: labels are positions."""
    call = CALLS["softmax_cross_entropy"]
    labels = call.arguments["labels"]
    words = ["labels has dtype float64", "must hold integers", "labels.astype(int)"]
    assert_refused(call, {"labels": labels.astype(float)}, TypeError, words, {"labels": labels.astype(int)})
    assert_refused(call, {"labels": np.eye(3)[labels]}, ValueError, ["labels has shape (4, 3)"], {"labels": labels})


def test_a_wrong_gradient_would_be_noticed() -> None:
    """The mean taken twice, or left to the layers, does not pass for the slope of the loss."""
    (slopes,) = numerical_gradients(
        lambda l: np.float64(softmax_cross_entropy(l, LABELS)[0]), (LOGITS.copy(),), np.float64(1)
    )
    dlogits = softmax_cross_entropy(LOGITS, LABELS)[1]
    for wrong in (dlogits / 2, dlogits * 2, -dlogits):
        with pytest.raises(AssertionError):
            assert_same(wrong, slopes, rtol=1e-6)

"""Optimisers and schedules: the formulas, number by number, and PyTorch."""

import math
from typing import Any

import numpy as np
import pytest

from lessonconv import nn
from tests.nn.oracles import Array, assert_equal, weights_of

Arrays = dict[str, Array]
STEPS = 6
SGD_OPTIONS = [
    {"lr": 0.1},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "weight_decay": 0.3},
    {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.3},
]
ADAM_OPTIONS = [{}, {"lr": 0.1, "betas": (0.5, 0.7)}, {"eps": 0.5, "weight_decay": 0.3}, {"betas": (0.0, 0.0)}]
CASES = [(nn.SGD, options) for options in SGD_OPTIONS] + [(nn.Adam, options) for options in ADAM_OPTIONS]
every_optimizer = pytest.mark.parametrize(("kind", "options"), CASES, ids=[f"{k.__name__} {o}" for k, o in CASES])


def descent(kind: Any, options: dict[str, Any]) -> tuple[Arrays, list[Arrays], list[Arrays]]:
    """The first weights of a dense layer, the gradients it is given, and its weights after each step."""
    rng = np.random.default_rng(0)
    dense = nn.Linear(3, 2, rng=0, dtype=np.float64)
    start, optimizer, gradients, path = weights_of(dense), kind(dense, **options), [], []
    for _ in range(STEPS):
        dense.grads = {name: rng.standard_normal(p.shape) for name, p in dense.params.items()}
        gradients.append({name: g.copy() for name, g in dense.grads.items()})
        optimizer.step()
        assert_equal(dense.grads, gradients[-1])
        path.append(weights_of(dense))
    return start, gradients, path


@every_optimizer
def test_steps_are_those_of_pytorch(kind: Any, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    start, gradients, path = descent(kind, options)
    theirs = {name: torch.tensor(p, requires_grad=True) for name, p in start.items()}
    optimizer = getattr(torch.optim, kind.__name__)(theirs.values(), **options)
    for given, ours in zip(gradients, path, strict=True):
        for name, p in theirs.items():
            p.grad = torch.tensor(given[name])
        optimizer.step()
        for name, p in theirs.items():
            np.testing.assert_allclose(ours[name], p.detach().numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("options", SGD_OPTIONS)
def test_sgd_is_the_formula(options: dict[str, Any]) -> None:
    """v ← momentum·v + g + weight_decay·w, w ← w − lr·v, for one weight in plain numbers."""
    start, gradients, path = descent(nn.SGD, options)
    w, v = float(start["w"][1, 2]), 0.0
    for given, ours in zip(gradients, path, strict=True):
        v = options.get("momentum", 0) * v + given["w"][1, 2] + options.get("weight_decay", 0) * w
        w -= options["lr"] * v
        assert ours["w"][1, 2] == pytest.approx(w, rel=1e-13)


@pytest.mark.parametrize("options", ADAM_OPTIONS)
def test_adam_is_algorithm_1_of_its_paper(options: dict[str, Any]) -> None:
    """Kingma & Ba 2015, with weight decay added to the gradient, for one weight in plain numbers."""
    start, gradients, path = descent(nn.Adam, options)
    settings: dict[str, Any] = {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0} | options
    (b1, b2), w, m, v = settings["betas"], float(start["b"][1]), 0.0, 0.0
    for t, (given, ours) in enumerate(zip(gradients, path, strict=True), 1):
        g = given["b"][1] + settings["weight_decay"] * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        w -= settings["lr"] * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + settings["eps"])
        assert ours["b"][1] == pytest.approx(w, rel=1e-12)


@every_optimizer
def test_weights_change_in_place_and_keep_their_dtype(kind: Any, options: dict[str, Any]) -> None:
    net = nn.Sequential(nn.Linear(3, 2), rng=0)
    arrays = dict(net.params)
    optimizer = kind(net, **options)
    net.backward(net.forward(np.ones((1, 3), np.float32)))
    optimizer.step()
    assert all(net.params[name] is p and p.dtype == np.float32 for name, p in arrays.items())
    assert all(array.dtype == np.float32 for name, array in optimizer.state.items() if name != "steps")


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam])
def test_a_step_without_gradients_is_refused_and_changes_nothing(kind: Any) -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2), rng=0)
    optimizer = kind(net, lr=0.1)
    state = {name: array.copy() for name, array in optimizer.state.items()}
    before = weights_of(net)
    net[1].grads = {name: np.ones_like(p) for name, p in net[1].params.items()}
    with pytest.raises(RuntimeError, match=r"no gradient for 0\.b, 0\.w: call net\.backward before step"):
        optimizer.step()
    assert_equal(weights_of(net), before)
    assert_equal(optimizer.state, state)


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": 0}, "lr is 0, but must be a positive number"),
        ({"lr": -0.1}, "lr is -0.1"),
        ({"lr": float("nan")}, "lr is nan"),
        ({"lr": float("inf")}, "lr is inf"),
        ({"lr": 1, "weight_decay": -1}, "weight_decay is -1, but must be 0"),
        ({"lr": 1, "weight_decay": float("nan")}, "weight_decay is nan"),
    ],
)
def test_numbers_that_no_training_survives_are_refused(kind: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(nn.Linear(2, 2), **options)


@pytest.mark.parametrize("momentum", [-0.1, 1, 1.5, float("nan")])
def test_momentum_must_fade(momentum: float) -> None:
    with pytest.raises(ValueError, match=r"momentum is .* 0\.9 is common"):
        nn.SGD(nn.Linear(2, 2), 0.1, momentum)


@pytest.mark.parametrize("betas", [(1, 0.9), (0.9, 1), (-0.1, 0.9), (0.9, float("nan"))])
def test_betas_must_fade(betas: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"betas are .* is common"):
        nn.Adam(nn.Linear(2, 2), betas=betas)


@pytest.mark.parametrize("options", [{"eps": -1e-8}, {"eps": float("nan")}, {"betas": (0.9,)}, {"betas": 0.9}])
def test_other_arguments_of_adam_are_looked_at_too(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        nn.Adam(nn.Linear(2, 2), **options)


def test_an_optimizer_describes_itself() -> None:
    assert repr(nn.SGD(nn.Linear(2, 2), 0.1, 0.9)) == "SGD(lr=0.1, momentum=0.9, weight_decay=0)"
    assert repr(nn.Adam(nn.Linear(2, 2))) == "Adam(lr=0.001, betas=(0.9, 0.999), weight_decay=0)"


def test_schedules_by_hand() -> None:
    assert [nn.step_lr(2)(epoch) for epoch in range(5)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    assert [nn.step_lr(1, gamma=0.5)(epoch) for epoch in range(3)] == [1, 0.5, 0.25]
    assert [nn.cosine_annealing(4)(epoch) for epoch in (0, 2, 4, 9)] == pytest.approx([1, 0.5, 0, 0])
    assert nn.cosine_annealing(4)(1) == pytest.approx((2 + math.sqrt(2)) / 4)


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")  # PyTorch wants optimizer.step first
@pytest.mark.parametrize(
    ("ours", "theirs", "arguments"),
    [(nn.step_lr, "StepLR", (3, 0.5)), (nn.cosine_annealing, "CosineAnnealingLR", (8,))],
)
def test_schedules_are_those_of_pytorch(ours: Any, theirs: str, arguments: Any) -> None:
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = getattr(torch.optim.lr_scheduler, theirs)(optimizer, *arguments)
    for epoch in range(9):
        assert ours(*arguments)(epoch) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        scheduler.step()


@pytest.mark.parametrize("make", [lambda: nn.step_lr(0), lambda: nn.cosine_annealing(0)])
def test_a_schedule_over_no_epochs_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        make()

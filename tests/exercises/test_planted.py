"""Planted bugs: each is where it should be and nowhere else, nobody sees it from outside, and the sieve finds all."""

import numpy as np
import pytest

import lessonconv.functional as F
from lessonconv import nn
from lessonconv.exercises import TASKS, planted

CULPRITS = {1: 4, 2: 3, 3: 2}
WRONG = {1: {"x", "0.w", "0.b", "3.w", "3.b"}, 2: {"3.w"}, 3: {"x", "0.w", "0.b"}}
CASES = {
    "remainder": {"x": (2, 3, 6, 8), "w": (2, 3, 3, 3), "stride": 2, "padding": 0},
    "fractions": {"x": (2, 3, 6, 9), "w": (2, 3, 2, 3), "stride": 2, "padding": 1, "quarters": True},
}


@pytest.mark.parametrize("case", CULPRITS)
def test_one_layer_is_wrong_and_it_spoils_what_lies_below_it(case: int) -> None:
    net, x, labels = planted.network(case)
    tensors = nn.gradcheck(net, x, labels).tensors
    assert {name for name, tensor in tensors.items() if tensor.error > 1e-3} == WRONG[case]
    assert all(tensor.error < 1e-6 for name, tensor in tensors.items() if name not in WRONG[case])
    for number, layer in enumerate(net):
        assert bool(nn.gradcheck(layer, x)) == (number != CULPRITS[case])
        x = layer.forward(x)


def test_nobody_sees_from_outside_which_layer_it_is() -> None:
    assert len({str(planted.network(case)[0]) for case in CULPRITS}) == 1
    assert str(planted.network(1)[0][4]) == "Tanh()" and str(planted.network(2)[0][3]).startswith("Conv2d(3, 4, 3")


def test_forward_is_that_of_the_layers_whose_names_they_bear() -> None:
    net, x, _ = planted.network(1)
    for layer in net:
        plain = getattr(nn, type(layer).__name__)
        assert plain.forward is type(layer).forward
        assert np.isfinite(x := layer.forward(x)).all()


@pytest.mark.parametrize("suspect", planted.SUSPECTS)
def test_each_suspect_is_wrong_where_its_bug_shows(suspect: str) -> None:
    numbers = np.random.default_rng(3)
    x, w = numbers.integers(-9, 10, (2, 1, 7, 7)), numbers.integers(1, 10, (1, 1, 3, 3))
    dz = numbers.integers(1, 10, (2, 1, 4, 4))
    right, _, _ = F.conv2d_backward(dz, x, w, stride=2, padding=1)
    wrong = planted.gradient(suspect, dz, x, w, stride=2, padding=1) != right
    rows, columns = np.indices((7, 7))
    last = (rows == 6) | (columns == 6)
    shows = {
        "A": last,
        "B": (rows % 2 == 1) | (columns % 2 == 1),
        "C": (rows > 4) | (columns > 4),
        "D": np.ones((7, 7), bool),
    }
    assert (wrong[0, 0] == shows[suspect]).all()


def test_without_a_bug_nothing_is_caught() -> None:
    dx = TASKS["conv2d_dx"]
    for case in CASES.values():
        numbers, unit = np.random.default_rng(0), 0.25 if case.get("quarters") else 1
        x, w = numbers.integers(-9, 10, case["x"]) * unit, numbers.integers(-9, 10, case["w"]) * unit
        dz = np.ones_like(F.conv2d(x, w, stride=case["stride"], padding=case["padding"]))
        arguments = (dz, x, w, case["stride"], case["padding"])
        wanted = (dz * F.conv2d(x, w, stride=case["stride"], padding=case["padding"])).sum()
        assert not planted._found("conv2d_dx", {}, arguments, x, wanted)
        assert planted._found("conv2d_dx", {"finish": lambda dx, dz: dx + 1}, arguments, x, wanted)
    assert len(planted.caught(CASES["remainder"])) == sum(len(mistake.slips) for mistake in dx.mistakes)


@pytest.mark.parametrize("task", ["conv2d_dx", "conv2d_dw"])
def test_two_well_chosen_cases_find_every_known_mistake(task: str) -> None:
    assert np.any([planted.caught(case, task) for case in CASES.values()], axis=0).all()


def test_no_single_layer_finds_all() -> None:
    slips = planted._slips("conv2d_dx")
    crop, wrap = (slips.index(planted._slips("conv2d_dx", name)[0]) for name in ("dx_crop_empties", "dx_not_cropped"))
    for padding in (0, 1, 2):
        found = planted.caught({"x": (2, 3, 6, 9), "w": (2, 3, 3, 4), "stride": 2, "padding": padding})
        assert not (found[crop] and found[wrap])


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no case 4; there are 1, 2, 3"):
        planted.network(4)
    with pytest.raises(ValueError, match="there is no suspect 'E'; there are A, B, C, D"):
        planted.gradient("E", *[np.ones((1, 1, 2, 2))] * 3, 1, 0)

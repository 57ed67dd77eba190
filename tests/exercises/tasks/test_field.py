"""The receptive field: right in every style, and every mistake named, in two styles at least."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv import nn
from lessonconv.exercises import check
from lessonconv.exercises.task import Steps
from lessonconv.exercises.tasks.field import RECEPTIVE_FIELD
from lessonconv.window import Axis
from tests.exercises.making import Edit, cases, edited, judged, lacking, made, names, own
from tests.exercises.styles.field import RECEPTIVE_FIELD as STYLES
from tests.strategies import examples

LAYERS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=3)

EDITS: list[tuple[str, str, *tuple[Edit, ...]]] = [
    ("field_without_jump", "forwards", (" * jump\n        jump", "\n        jump")),
    ("field_without_jump", "products", (" * int(np.prod(strides[:n]))", "")),
    ("field_without_jump", "backwards", ("(cells - 1) * stride", "cells - 1")),
    (
        "field_jump_too_soon",
        "forwards",
        ("        jump = jump * stride\n", ""),
        ("        field =", "        jump = jump * stride\n        field ="),
    ),
    ("field_jump_too_soon", "products", ("[:n]", "[: n + 1]")),
    ("field_jump_too_soon", "ends", ("last * s + d * (K - 1)", "(last + d * (K - 1)) * s")),
    ("field_own_stride", "forwards", ("* dilation * jump", "* dilation * stride")),
    ("field_own_stride", "products", ("int(np.prod(strides[:n]))", "s")),
    ("field_last_stride", "forwards", ("jump = jump * stride", "jump = stride")),
    ("field_last_stride", "products", ("strides[:n]", "strides[max(n - 1, 0) : n]")),
    ("field_jumps_added", "forwards", ("jump = jump * stride", "jump = jump + stride")),
    ("field_jumps_added", "products", ("int(np.prod(strides[:n]))", "(1 + sum(strides[:n]))")),
    ("field_jumps_added", "forwards", ("jump = jump * stride", "jump += stride - 1")),
    ("field_whole_kernel", "forwards", ("(kernel - 1) * dilation", "((kernel - 1) * dilation + 1)")),
    ("field_whole_kernel", "products", ("d * (K - 1)", "(d * (K - 1) + 1)")),
    ("field_dilation_ignored", "forwards", (" * dilation", "")),
    ("field_dilation_ignored", "backwards", ("dilation * (kernel - 1)", "kernel - 1")),
    ("field_dilation_ignored", "ends", ("d * (K - 1)", "K - 1")),
    ("field_dilation_of_kernel", "forwards", ("(kernel - 1) * dilation", "(kernel * dilation - 1)")),
    ("field_dilation_of_kernel", "products", ("d * (K - 1)", "d * K")),
    ("field_dilation_of_kernel", "backwards", ("dilation * (kernel - 1) + 1", "dilation * kernel")),
    ("field_dilation_is_stride", "forwards", ("jump * stride", "jump * stride * dilation")),
    ("field_dilation_is_stride", "products", ("[s for _, s, _", "[s * d for _, s, d")),
    ("field_from_zero", "forwards", ("field, jump = 1, 1", "field, jump = 0, 1")),
    ("field_from_zero", "ends", (" - first + 1", " - first")),
    ("field_from_zero", "products", ("total = 1", "total = 0")),
    ("field_last_layer", "forwards", ("field = field +", "field = 1 +")),
    ("field_last_layer", "products", ("total +=", "total = 1 +")),
    ("field_order_turned", "forwards", ("in layers", "in reversed(layers)")),
    ("field_order_turned", "backwards", ("reversed(layers)", "layers")),
    ("field_order_turned", "ends", ("layers[::-1]", "layers")),
    ("field_of_both_axes", "forwards", ("return field", "return field**2")),
    ("field_of_both_axes", "backwards", ("return cells", "return cells * cells")),
    ("field_jump_returned", "forwards", ("return field", "return jump")),
    ("field_jump_returned", "products", ("return total", "return int(np.prod(strides))")),
    ("field_layer_missed", "forwards", ("in layers", "in layers[1:]")),
    ("field_layer_missed", "backwards", ("reversed(layers)", "reversed(layers[:-1])")),
    ("field_layer_missed", "ends", ("layers[::-1]", "layers[:0:-1]")),
]
PAIRS: list[tuple[str, str, str, *tuple[Edit, ...]]] = [
    ("field_from_zero", "field_dilation_ignored", "forwards", ("= 1, 1", "= 0, 1"), (" * dilation", "")),
    (
        "field_whole_kernel",
        "field_without_jump",
        "products",
        ("d * (K - 1)", "(d * (K - 1) + 1)"),
        ("(strides[:n])", "(1)"),
    ),
]


def by_asking(layers: list[tuple[int, int, int]]) -> int:
    """From one output back to the input, cell by cell."""
    read = {0}
    for kernel, stride, dilation in reversed(layers):
        read = {i * stride + k * dilation for i in read for k in range(kernel)}
    return max(read) - min(read) + 1


@pytest.mark.parametrize("seed", [0, 1])
def test_recipe_and_solution_count_what_asking_finds(seed: int) -> None:
    for case in cases(RECEPTIVE_FIELD, seed):
        (layers,) = case.arguments
        assert RECEPTIVE_FIELD.right((layers,)) == RECEPTIVE_FIELD.answer(layers) == by_asking(layers)


@examples(60)
@given(LAYERS)
def test_the_solution_agrees_with_the_layers_and_with_their_sizes(layers: list[tuple[int, int, int]]) -> None:
    field = RECEPTIVE_FIELD.answer(layers)
    net = nn.Sequential(*(nn.Conv2d(1, 1, K, s, dilation=d) for K, s, d in layers))
    assert net.receptive_field((1, 1), (1, 1))[0] == (field, field)
    for size, outputs in ((field, 1), (field - 1, 0)):  # the least input that has an output is as large as the field
        for K, s, d in layers:
            size = Axis.over(size, K, stride=s, dilation=d).outputs if size >= d * (K - 1) + 1 else 0
        assert size == outputs


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_right(style: str) -> None:
    for seed in (0, 1):
        assert names(judged(RECEPTIVE_FIELD, STYLES[style], seed)) == ["right"]


@pytest.mark.parametrize(("mistake", "style", "edits"), [(name, style, edits) for name, style, *edits in EDITS])
def test_a_mistake_is_named(mistake: str, style: str, edits: list[Edit]) -> None:
    for seed in (0, 1):
        assert names(judged(RECEPTIVE_FIELD, edited(STYLES[style], *edits), seed)) == [mistake]


def test_every_mistake_of_the_catalogue_is_made_in_two_styles() -> None:
    ways = {(mistake, style) for mistake, style, *_ in EDITS}
    assert not lacking(RECEPTIVE_FIELD, [mistake for mistake, _ in ways])


@pytest.mark.parametrize(
    ("mistake", "slip"),
    [
        pytest.param(mistake.name, slip, id=f"{mistake.name}-{number}")
        for mistake in RECEPTIVE_FIELD.mistakes
        for number, slip in enumerate(mistake.slips)
    ],
)
def test_a_slip_is_told_from_all_others(mistake: str, slip: Steps) -> None:
    assert names(judged(RECEPTIVE_FIELD, own(RECEPTIVE_FIELD, slip))) == [mistake]


@pytest.mark.parametrize(("one", "other", "style", "edits"), [(*pair[:3], pair[3:]) for pair in PAIRS])
def test_two_mistakes_at_once_are_both_named(one: str, other: str, style: str, edits: list[Edit]) -> None:
    assert sorted(names(judged(RECEPTIVE_FIELD, edited(STYLES[style], *edits)))) == sorted([one, other])


@pytest.mark.parametrize("style", ["forwards", "ends"])
def test_what_is_wrong_in_another_way_is_blamed_on_nothing(style: str) -> None:
    old = {"forwards": "(kernel - 1)", "ends": "(K - 1)"}[style]
    report = check("receptive_field", made(edited(STYLES[style], (old, old.replace("- 1", "+ 3"))), "receptive_field"))
    assert not report.passed and report.mistake is None


def test_the_smallest_list_where_it_shows_is_told() -> None:
    source = edited(STYLES["forwards"], (" * dilation", ""))
    report = check("receptive_field", made(source, "receptive_field"))
    assert report.mistake == "field_dilation_ignored"
    assert "receptive_field(layers=[(3, 1, 2)])" in report.message + str(report)


def test_a_list_that_is_turned_in_place_is_a_list_of_its_own() -> None:
    before = [list(case.arguments[0]) for case in cases(RECEPTIVE_FIELD)]
    source = edited(STYLES["ends"], ("    first = last", "    layers.reverse()\n    first = last"), ("[::-1]", ""))
    assert names(judged(RECEPTIVE_FIELD, source)) == ["right"]
    assert [case.arguments[0] for case in cases(RECEPTIVE_FIELD)] == before


def test_numpy_integers_will_do() -> None:
    assert check("receptive_field", lambda layers: np.int64(RECEPTIVE_FIELD.answer(layers))).passed

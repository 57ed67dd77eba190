"""Index arithmetic, against counting: every answer of a window follows from u = i·s + k·d − p, tried cell by cell."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv.functional import avg_pool2d, max_pool2d
from lessonconv.window import Axis, Window, inside, pair
from tests.refusals import assert_refused, ways_out
from tests.strategies import Options, axes, both, examples, places, pool_axes, transposed_axes

Triple = tuple[int, int, int]
sizes, kernels, strides, paddings = st.integers(1, 12), st.integers(1, 6), st.integers(1, 5), st.integers(0, 6)
any_axis = st.one_of(
    axes().map(lambda options: Axis.over(**options)),
    pool_axes(ceil_mode=True).map(lambda options: Axis.over(**options)),
    transposed_axes().map(lambda options: Axis.transposed(**options)),
)


def meetings_by_hand(axis: Axis) -> list[Triple]:
    """Every (output, tap, input) of the rule that is a real cell, output by output, then tap by tap."""
    rule = [
        (i, k, i * axis.stride + k * axis.dilation - axis.before)
        for i in range(axis.outputs)
        for k in range(axis.kernel)
    ]
    return [(i, k, u) for i, k, u in rule if 0 <= u < axis.size]


# --- the guide's fifteen relationships ------------------------------------------------------------------------------
#
# Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", https://arxiv.org/abs/1603.07285. Each
# test spells one formula with the guide's letters: i input, k kernel, s stride, p padding, o output; primed letters
# belong to the transposed convolution, whose input i' is what the convolution put out.


def convolved(i: int, k: int, **settings: Any) -> int:
    """o: the output size of a convolution."""
    height, width = Window.over(i, k, **settings).output_size
    assert height == width
    return height


def transposed(i: int, k: int, **settings: Any) -> int:
    """o': the output size of a transposed convolution."""
    height, width = Window.transposed(i, k, **settings).input_size
    assert height == width
    return height


@st.composite
def guide(draw: st.DrawFn, *, s: Any = strides, p: Any = paddings) -> tuple[int, int, int, int]:
    """(i, k, s, p) of a convolution whose kernel fits."""
    k, s, p = draw(kernels), draw(s), draw(p)
    return draw(st.integers(max(1, k - 2 * p), 14)), k, s, p


one, none = st.just(1), st.just(0)


@examples(60)
@given(guide(s=one, p=none))
def test_relationship_1_no_padding_unit_strides(ikps: tuple[int, ...]) -> None:
    i, k, _, _ = ikps
    assert convolved(i, k) == (i - k) + 1


@examples(60)
@given(guide(s=one))
def test_relationship_2_zero_padding_unit_strides(ikps: tuple[int, ...]) -> None:
    i, k, _, p = ikps
    assert convolved(i, k, padding=p) == (i - k) + 2 * p + 1


@examples(60)
@given(i=sizes, n=st.integers(0, 4))
def test_relationship_3_half_padding_keeps_the_size(i: int, n: int) -> None:
    k = 2 * n + 1
    assert convolved(i, k, padding=k // 2) == i + 2 * (k // 2) - (k - 1) == i
    assert convolved(i, k, padding="same") == i


@examples(60)
@given(i=sizes, k=kernels)
def test_relationship_4_full_padding(i: int, k: int) -> None:
    assert convolved(i, k, padding=k - 1) == convolved(i, k, padding="full") == i + (k - 1)


@examples(60)
@given(guide(p=none))
def test_relationship_5_no_padding_strided(ikps: tuple[int, ...]) -> None:
    i, k, s, _ = ikps
    assert convolved(i, k, stride=s) == (i - k) // s + 1


@examples(60)
@given(guide(), st.data())
def test_relationship_6_zero_padding_strided(ikps: tuple[int, ...], data: st.DataObject) -> None:
    i, k, s, p = ikps
    assert convolved(i, k, stride=s, padding=p) == (i + 2 * p - k) // s + 1
    if (i + 2 * p - k) % s == 0:
        a = data.draw(st.integers(0, s - 1))
        assert convolved(i + a, k, stride=s, padding=p) == convolved(i, k, stride=s, padding=p)


@examples(60)
@given(guide(p=none))
def test_relationship_7_pooling(ikps: tuple[int, ...]) -> None:
    i, k, s, _ = ikps
    x, o = np.zeros((1, 1, i, i)), (i - k) // s + 1
    assert avg_pool2d(x, k, stride=s).shape == max_pool2d(x, k, stride=s)[0].shape == (1, 1, o, o)


@examples(60)
@given(i=sizes, k=kernels)
def test_relationship_8_transposed_no_padding_unit_strides(i: int, k: int) -> None:
    assert transposed(i, k) == convolved(i, k, padding=k - 1) == i + (k - 1)


@examples(60)
@given(guide(s=one))
def test_relationship_9_transposed_zero_padding_unit_strides(ikps: tuple[int, ...]) -> None:
    i, k, _, p = ikps
    o = convolved(i, k, padding=p)
    assert transposed(o, k, padding=p) == o + (k - 1) - 2 * p == i
    if p < k:
        assert convolved(o, k, padding=k - p - 1) == i


@examples(60)
@given(i=sizes, n=st.integers(0, 4))
def test_relationship_10_transposed_half_padding_keeps_the_size(i: int, n: int) -> None:
    k = 2 * n + 1
    p = k // 2
    assert transposed(i, k, padding=p) == convolved(i, k, padding=p) == i + (k - 1) - 2 * p == i


@examples(60)
@given(i=sizes, k=kernels)
def test_relationship_11_transposed_full_padding(i: int, k: int) -> None:
    o = convolved(i, k, padding=k - 1)
    assert transposed(o, k, padding="full") == convolved(o, k) == o - (k - 1) == i


@examples(60)
@given(o=sizes, k=kernels, s=strides)
def test_relationship_12_transposed_no_padding_strided(o: int, k: int, s: int) -> None:
    i = s * (o - 1) + k  # so that i − k is a multiple of s
    stretched = o + (o - 1) * (s - 1)  # s − 1 zeros between each input unit
    assert convolved(i, k, stride=s) == o
    assert transposed(o, k, stride=s) == convolved(stretched, k, padding=k - 1) == i


@examples(60)
@given(guide())
def test_relationship_13_transposed_zero_padding_strided(ikps: tuple[int, ...]) -> None:
    i, k, s, p = ikps
    i += -(i + 2 * p - k) % s  # so that i + 2p − k is a multiple of s
    o = convolved(i, k, stride=s, padding=p)
    stretched = o + (o - 1) * (s - 1)
    assert transposed(o, k, stride=s, padding=p) == s * (o - 1) + k - 2 * p == i
    if p < k:
        assert convolved(stretched, k, padding=k - p - 1) == i


@examples(60)
@given(guide())
def test_relationship_14_transposed_with_a_remainder(ikps: tuple[int, ...]) -> None:
    i, k, s, p = ikps
    a = (i + 2 * p - k) % s
    o = convolved(i, k, stride=s, padding=p)
    stretched = o + (o - 1) * (s - 1)
    assert Window.over(i, k, stride=s, padding=p).remainder == (a, a)
    assert transposed(o, k, stride=s, padding=p, output_padding=a) == s * (o - 1) + a + k - 2 * p == i
    if p < k:
        assert convolved(stretched, k, padding=((k - p - 1, k - p - 1 + a),) * 2) == i


@examples(60)
@given(guide(), st.integers(1, 4))
def test_relationship_15_dilation(ikps: tuple[int, ...], d: int) -> None:
    i, k, s, p = ikps
    i += (k - 1) * (d - 1)
    assert convolved(i, k, stride=s, padding=p, dilation=d) == (i + 2 * p - k - (k - 1) * (d - 1)) // s + 1


@pytest.mark.parametrize(
    ("i", "k", "s", "p", "d", "o"),
    [
        (4, 3, 1, 0, 1, 2),  # figure 2.1
        (5, 4, 1, 2, 1, 6),  # figure 2.2
        (5, 3, 1, 1, 1, 5),  # figure 2.3
        (5, 3, 1, 2, 1, 7),  # figure 2.4
        (5, 3, 2, 0, 1, 2),  # figure 2.5
        (5, 3, 2, 1, 1, 3),  # figure 2.6
        (6, 3, 2, 1, 1, 3),  # figure 2.7: bottom row and right column of the padded input are not covered
        (7, 3, 1, 0, 2, 3),  # figure 5.1
    ],
)
def test_the_guides_figures_have_its_sizes(i: int, k: int, s: int, p: int, d: int, o: int) -> None:
    """Source: Dumoulin & Visin 2016, captions of the figures of chapters 2 and 5."""
    window = Window.over(i, k, stride=s, padding=p, dilation=d)
    assert window.output_size == (o, o)
    assert window.remainder == ((1, 1) if i == 6 else (0, 0))


def test_a_224_net_loses_its_last_row_without_the_remainder() -> None:
    """224 → 111 with k=3, s=2 goes back to 223 when δ is padded by k − p − 1 alone: the remainder is the lost row.

    Source: hermosayhl, "Convolutional neural networks (5): the convolution layer", whose own network has these sizes.
    """
    window = Window.over(224, 3, stride=2)
    assert window.output_size == (111, 111)
    assert convolved(111 + 110, 3, padding=3 - 0 - 1) == 223 == 224 - window.remainder[0]


# --- one axis, against counting -------------------------------------------------------------------------------------


@examples(150)
@given(st.booleans().flatmap(lambda ceil_mode: pool_axes(ceil_mode=ceil_mode)))
def test_outputs_are_the_places_where_the_window_can_stop(options: Options) -> None:
    assert Axis.over(**options).outputs == places(**options)


@examples(150)
@given(transposed_axes())
def test_a_transposed_axis_has_the_size_whose_window_makes_its_outputs(options: Options) -> None:
    axis = Axis.transposed(**options)
    del options["outputs"]
    extra = options.pop("output_padding")
    assert axis.remainder == extra
    if axis.size > extra:
        assert axis.outputs == places(axis.size - extra, **options)
    if extra < options["stride"]:  # a larger one, which the dilation allows, would make room for more outputs
        assert axis.outputs == places(axis.size, **options)


@examples(200)
@given(any_axis)
def test_the_list_of_meetings_is_the_rule_tried_out(axis: Axis) -> None:
    assert list(axis.meetings().lines()) == meetings_by_hand(axis)


@examples(100)
@given(any_axis)
def test_with_the_padding_every_output_meets_every_tap_inside_the_ring(axis: Axis) -> None:
    found = list(zip(*(part.tolist() for part in axis.meetings(padding=True)), strict=True))
    assert [(i, k) for i, k, _ in found] == [(i, k) for i in range(axis.outputs) for k in range(axis.kernel)]
    assert [meeting for meeting in found if 0 <= meeting[2] < axis.size] == meetings_by_hand(axis)
    before, after = axis.ring
    assert before == axis.before
    assert all(-before <= u < axis.size + after for _, _, u in found)
    assert after == axis.after or any(u == axis.size + after - 1 for _, _, u in found)


@examples(100)
@given(axes().map(lambda options: Axis.over(**options)))
def test_the_turned_kernel_meets_in_the_widened_outputs_what_reaches_each_input(axis: Axis) -> None:
    wide = axis.widened()
    holds = {axis.input(i, axis.kernel - 1): i for i in range(axis.outputs)}
    swept = {(holds[a], axis.kernel - 1 - k, u) for u, k, a in zip(*wide.meetings(), strict=True) if a in holds}
    assert swept == set(meetings_by_hand(axis))
    assert len(wide.meetings().output) == axis.size * axis.kernel  # nothing lies beyond the zeros around


@examples(200)
@given(any_axis)
def test_taps_and_inputs_of_an_output_are_those_it_meets(axis: Axis) -> None:
    met = meetings_by_hand(axis)
    for output in range(axis.outputs):
        assert list(axis.taps_of(output)) == [k for i, k, _ in met if i == output]
        assert list(axis.inputs_of(output)) == [u for i, _, u in met if i == output]


@examples(200)
@given(any_axis)
def test_outputs_of_an_input_are_those_that_read_it(axis: Axis) -> None:
    met = meetings_by_hand(axis)
    for cell in range(axis.size):
        assert list(axis.outputs_of(cell)) == [i for i, _, u in met if u == cell]


@examples(200)
@given(any_axis)
def test_a_taps_two_slices_pair_its_outputs_with_the_inputs_it_reads(axis: Axis) -> None:
    met = meetings_by_hand(axis)
    for tap in range(axis.kernel):
        outputs, inputs = axis.tap(tap)
        pairs = zip(range(axis.outputs)[outputs], range(axis.size)[inputs], strict=True)
        assert list(pairs) == [(i, u) for i, k, u in met if k == tap]


@examples(200)
@given(any_axis)
def test_a_tap_is_found_again_from_its_output_and_its_input(axis: Axis) -> None:
    met = meetings_by_hand(axis)
    assert [axis.tap_at(i, u) for i, _, u in met] == [k for _, k, _ in met]
    assert sorted((i, axis.tap_at(i, u), u) for u in range(axis.size) for i in axis.outputs_of(u)) == sorted(met)


@examples(200)
@given(any_axis)
def test_outputs_at_a_tap_are_those_whose_tap_reads_a_real_cell(axis: Axis) -> None:
    met = meetings_by_hand(axis)
    for tap in range(axis.kernel):
        outputs = axis.outputs_at(tap)
        assert isinstance(outputs, range) and list(outputs) == [i for i, k, _ in met if k == tap]


def test_a_tap_that_reads_padding_only_has_no_outputs() -> None:
    beside = Axis.over(1, 2, padding=(2, 0), stride=2)
    assert [list(beside.outputs_at(k)) for k in range(2)] == [[], []]
    wide = Axis.over(1, 3, padding=2)
    assert [list(wide.outputs_at(k)) for k in range(3)] == [[2], [1], [0]]
    assert [wide.tap_at(i, 0) for i in range(3)] == [2, 1, 0]


@examples(200)
@given(any_axis)
def test_covered_counts_padding_but_not_what_hangs_over_the_end(axis: Axis) -> None:
    for i in range(axis.outputs):
        cells = [i * axis.stride + k * axis.dilation for k in range(axis.kernel)]
        assert axis.covered(i) == sum(cell < axis.size + axis.before + axis.after for cell in cells)


@examples(200)
@given(any_axis)
def test_remainder_and_overlap_are_counts_of_cells(axis: Axis) -> None:
    spans = [range(i * axis.stride, i * axis.stride + axis.span) for i in range(axis.outputs + 1)]
    padded = range(axis.size + axis.before + axis.after)
    assert axis.remainder == sum(cell > spans[axis.outputs - 1][-1] for cell in padded)
    assert axis.overlap == len(set(spans[0]) & set(spans[1]))


@examples(300)
@given(any_axis)
def test_windows_tile_where_each_padded_cell_is_read_once(axis: Axis) -> None:
    read = Counter(i * axis.stride + k * axis.dilation for i in range(axis.outputs) for k in range(axis.kernel))
    once = set(read.values()) == {1} and set(range(axis.padded)) <= set(read)
    if axis.dilation == 1 and axis.kernel == axis.stride:
        assert axis.tiles == once
    else:  # dilated windows can interlock, and a single one covers any picture of its size: neither is called tiling
        assert not axis.tiles


def test_windows_that_tile_and_windows_that_do_not() -> None:
    assert Axis.over(6, 2, stride=2).tiles and Axis.over(4, 3, stride=3, padding=1).tiles
    for other in (Axis.over(7, 2, stride=2), Axis.over(6, 2, stride=1), Axis.over(6, 2, stride=3)):
        assert not other.tiles


@examples(300)
@given(any_axis)
def test_phases_walk_through_every_meeting_once(axis: Axis) -> None:
    """Turned taps, slid with stride 1 over the outputs, write the inputs of one phase; together, all that is met."""
    walked: Counter[Triple] = Counter()
    for taps, inputs, phase in axis.phases():
        turned, cells = range(axis.kernel)[taps][::-1], range(axis.size)[inputs]
        assert (phase.size, phase.stride) == (axis.outputs, 1)
        assert phase.outputs == len(cells) == phase.padded - phase.span + 1
        walked.update((i, turned[k], cells[t]) for t, k, i in meetings_by_hand(phase))
    assert walked == Counter(meetings_by_hand(axis))


@examples(60)
@given(axes().filter(lambda options: options["stride"] == 1))
def test_stride_one_has_a_single_phase_padded_by_the_span_less_one_less_the_padding(options: Options) -> None:
    """p' = k − p − 1, for dilation 1 the guide's relationship 9. Source: Dumoulin & Visin 2016, §4.4."""
    axis = Axis.over(**options)
    ((_, inputs, phase),) = axis.phases()
    assert inputs == slice(0, None, 1)
    assert phase.before == axis.span - 1 - axis.before


@examples(100)
@given(any_axis)
def test_filed_cells_are_the_padded_cells_in_order_as_far_as_they_are_read(axis: Axis) -> None:
    filed = axis.filed()
    padded = [filed.input(t, rho) + axis.before for t in range(filed.outputs) for rho in range(filed.kernel)]
    assert padded == list(range(filed.outputs * axis.stride))
    assert filed.size == axis.size
    last = axis.input(axis.outputs - 1, axis.kernel - 1) + axis.before
    assert last // axis.stride == filed.outputs - 1


@examples(100)
@given(any_axis, st.data())
def test_a_part_of_an_axis_meets_what_the_whole_meets_there(axis: Axis, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, axis.outputs - 1))
    part = axis.part(slice(first, data.draw(st.integers(first + 1, axis.outputs))))
    for i in range(part.outputs):
        assert part.inputs_of(i) == axis.inputs_of(first + i)
        assert part.input(i, 0) == axis.input(first + i, 0)
    assert part.outputs_at(0) == inside_part(axis.outputs_at(0), first, part.outputs)
    assert part.remainder == 0


def inside_part(outputs: range, first: int, count: int) -> range:
    """Those of the outputs that are among so many from the first on, counted from there."""
    kept = [i - first for i in outputs if first <= i < first + count]
    return range(kept[0], kept[-1] + 1) if kept else range(0)


def test_rows_of_a_window_are_a_window_of_their_own() -> None:
    window = Window.over((9, 7), (3, 2), stride=(2, 1), padding=1)
    rows = window.rows(slice(1, 3))
    assert rows.output_size == (2, window.width.outputs)
    assert rows.input(0, 0, 0, 0) == window.input(1, 0, 0, 0)


@examples(100)
@given(first=st.integers(-20, 20), step=st.integers(1, 5), size=st.integers(0, 9), count=st.integers(0, 9))
def test_inside_is_the_run_of_steps_that_stay_within(first: int, step: int, size: int, count: int) -> None:
    assert list(inside(first, step, size, count)) == [t for t in range(count) if 0 <= first + t * step < size]


# --- two axes -------------------------------------------------------------------------------------------------------

two_axes = st.tuples(any_axis, any_axis)


@examples(60)
@given(two_axes)
def test_a_window_is_the_product_of_its_axes(pair_of_axes: tuple[Axis, Axis]) -> None:
    height, width = pair_of_axes
    window = Window(height, width)
    rows, columns = meetings_by_hand(height), meetings_by_hand(width)
    met = sorted(((i, j), (k, l), (u, v)) for i, k, u in rows for j, l, v in columns)
    for output in np.ndindex(*window.output_size):
        assert window.taps_of(*output) == [k for i, k, _ in met if i == output]
        assert window.inputs_of(*output) == [u for i, _, u in met if i == output]
    for cell in np.ndindex(*window.input_size):
        assert window.outputs_of(*cell) == [i for i, _, u in met if u == cell]
    for i, k, u in met:
        assert window.input(*i, *k) == u
    flat = [
        np.ravel_multi_index(tuple(index), size)
        for index, size in zip(
            np.array(met, int).reshape(-1, 3, 2).transpose(1, 2, 0),
            (window.output_size, window.kernel_size, window.input_size),
            strict=True,
        )
    ]
    assert [column.tolist() for column in window.meetings()] == [column.tolist() for column in flat]


@examples(60)
@given(two_axes)
def test_a_windows_taps_and_phases_reach_every_meeting_once(pair_of_axes: tuple[Axis, Axis]) -> None:
    window = Window(*pair_of_axes)
    expected = np.zeros((*window.output_size, *window.input_size), int)
    output, _, input = window.meetings()
    np.add.at(expected.reshape(window.height.outputs * window.width.outputs, -1), (output, input), 1)

    numbers = np.arange(1, 1 + expected[0, 0].size).reshape(window.input_size)  # a number for each cell
    by_tap, by_phase = np.zeros_like(expected), np.zeros_like(expected)
    for tap in window.taps:
        outputs, inputs = window.tap(*tap)
        where = np.zeros(window.output_size, int)
        where[outputs] = numbers[inputs]
        for i, j in np.argwhere(where):
            by_tap[i, j].flat[where[i, j] - 1] += 1
    for _, inputs, phase in window.phases():
        cells = numbers[inputs]
        for t, _, i in zip(*phase.meetings(), strict=True):
            by_phase.reshape(-1, numbers.size)[i, cells.flat[t] - 1] += 1
    np.testing.assert_array_equal(by_tap, expected)
    np.testing.assert_array_equal(by_phase, expected)


def test_height_and_width_are_not_exchanged() -> None:
    window = Window.over((9, 20), (2, 5), stride=(1, 3), padding=((0, 1), (2, 3)), dilation=(2, 1))
    assert window.height == Axis.over(9, 2, stride=1, padding=(0, 1), dilation=2)
    assert window.width == Axis.over(20, 5, stride=3, padding=(2, 3))
    assert (window.input_size, window.kernel_size, window.output_size) == ((9, 20), (2, 5), (8, 7))
    assert (window.overlap, window.remainder) == ((2, 2), (0, 2))
    assert list(window.taps) == [(k, l) for k in range(2) for l in range(5)]


# --- ways to give padding -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (2, ((2, 2), (2, 2))),
        ((1, 2), ((1, 1), (2, 2))),
        ([1, 2], ((1, 1), (2, 2))),
        (np.array([1, 2]), ((1, 1), (2, 2))),
        (((0, 1), (2, 3)), ((0, 1), (2, 3))),
        ([[0, 1], [2, 3]], ((0, 1), (2, 3))),
        (np.array([[0, 1], [2, 3]]), ((0, 1), (2, 3))),
        (np.int64(2), ((2, 2), (2, 2))),
        (np.array(2), ((2, 2), (2, 2))),
        ("valid", ((0, 0), (0, 0))),
        ("full", ((2, 2), (3, 3))),
        ("same", ((1, 1), (1, 2))),  # the odd cell of an even kernel goes to the end, as in PyTorch and TensorFlow
    ],
    ids=str,
)
def test_padding_can_be_given_in_many_ways(padding: Any, sides: Any) -> None:
    window = Window.over(9, (3, 4), padding=padding)
    assert ((window.height.before, window.height.after), (window.width.before, window.width.after)) == sides


@examples(100)
@given(size=sizes, kernel=kernels, stride=strides)
def test_same_padding_is_tensorflows(size: int, kernel: int, stride: int) -> None:
    """⌈size / stride⌉ outputs, and as little padding as that takes.

    Source: TensorFlow, "Notes on padding", https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
    """
    axis = Axis.over(size, kernel, stride=stride, padding="same")
    total = max(kernel - stride, 0) if size % stride == 0 else max(kernel - size % stride, 0)
    assert axis.outputs == -(-size // stride)
    assert (axis.before, axis.after) == (total // 2, total - total // 2)


@pytest.mark.parametrize(
    ("size", "settings", "outputs"),
    [
        (4, {"kernel": 3, "stride": 2}, 1),
        (4, {"kernel": 3, "stride": 2, "ceil_mode": True}, 2),
        (5, {"kernel": 3, "stride": 2, "ceil_mode": True}, 2),  # nothing is left over
        (2, {"kernel": 3, "stride": 3, "padding": (1, 1), "ceil_mode": True}, 1),  # a second would start on the padding
        (2, {"kernel": 3, "stride": 2, "ceil_mode": True}, 1),  # the first hangs over already
    ],
)
def test_ceil_mode_adds_a_window_for_what_is_left_over(size: int, settings: Options, outputs: int) -> None:
    """Sizes that PyTorch 2.13 gives. The fourth is ONNX's test "averagepool_2d_ceil_last_window_starts_on_pad"."""
    assert Axis.over(size, **settings).outputs == outputs


# --- refusals: what was met, the rule, and a way out that works -----------------------------------------------------


@st.composite
def windows_that_do_not_fit(draw: st.DrawFn) -> Options:
    height, width = draw(axes()), draw(axes())
    misfit = draw(st.sampled_from([height, width]))
    span = misfit["dilation"] * (misfit["kernel"] - 1) + 1
    misfit["size"], misfit["padding"] = draw(st.integers(1, 6)), (draw(st.integers(0, 2)), draw(st.integers(0, 2)))
    misfit["kernel"] += max(0, misfit["size"] + sum(misfit["padding"]) - span + 1)
    return both(height, width)


@examples(200)
@given(windows_that_do_not_fit())
def test_each_way_out_of_a_kernel_that_does_not_fit_makes_it_fit(options: Options) -> None:
    with pytest.raises(ValueError, match="larger than the padded input") as refusal:
        Window.over(**options)
    message = str(refusal.value)
    assert "kernel {}×{}".format(*options["kernel"]) in message
    for way in ways_out(message):
        assert way, message
        Window.over(**(options | {name.removesuffix("_size"): value for name, value in way.items()}))


def test_the_refusal_of_a_large_kernel_states_sizes_rule_and_way_out() -> None:
    with pytest.raises(ValueError) as refusal:
        Window.over(7, 5, dilation=2)
    assert str(refusal.value) == (
        "kernel 5×5 with dilation 2×2 spans 9×9, larger than the padded input 7×7; "
        "lower dilation to 1 or raise padding to 1"
    )


REFUSALS = [  # (what is wrong, what the sentence must hold, the way out that it names)
    ({"stride": 0}, ValueError, ["stride is 0", "at least 1"], {"stride": 1}),
    ({"stride": -2}, ValueError, ["stride is -2", "at least 1"], {"stride": 1}),
    ({"stride": (1, 0)}, ValueError, ["stride is (1, 0)", "at least 1"], {"stride": (1, 1)}),
    ({"stride": (1, 2, 3)}, ValueError, ["stride is (1, 2, 3)", "3 entries", "pair"], {"stride": (1, 2)}),
    ({"stride": ()}, ValueError, ["stride is ()", "0 entries", "int or a pair"], {"stride": 1}),
    ({"stride": 1.0}, TypeError, ["stride is 1.0", "int or a pair"], {"stride": 1}),
    ({"stride": "2"}, TypeError, ["stride is '2'", "int or a pair"], {"stride": 2}),
    ({"stride": True}, TypeError, ["stride is True", "int or a pair"], {"stride": 1}),
    ({"stride": (np.True_, 1)}, TypeError, ["stride is (", "int or a pair"], {"stride": (1, 1)}),
    ({"stride": None}, TypeError, ["stride is None", "int or a pair"], {"stride": 1}),
    ({"dilation": 0}, ValueError, ["dilation is 0", "at least 1"], {"dilation": 1}),
    ({"dilation": 1.5}, TypeError, ["dilation is 1.5", "int or a pair"], {"dilation": 1}),
    ({"kernel": 0}, ValueError, ["kernel_size is 0", "at least 1"], {"kernel": 1}),
    ({"kernel": (2, -1)}, ValueError, ["kernel_size is (2, -1)", "at least 1"], {"kernel": (2, 1)}),
    ({"size": (0, 5)}, ValueError, ["input size is (0, 5)", "at least 1"], {"size": (1, 5), "kernel": 1}),
    ({"padding": -1}, ValueError, ["padding is -1", "at least 0"], {"padding": 0}),
    ({"padding": 0.5}, TypeError, ["padding is 0.5", "int or a pair"], {"padding": (0, 0)}),
    ({"padding": (1, 2, 3)}, ValueError, ["padding is (1, 2, 3)", "3 entries"], {"padding": (1, 2)}),
    ({"padding": (1, (0, 1))}, TypeError, ["padding is (1, (0, 1))"], {"padding": ((1, 1), (0, 1))}),
    (
        {"padding": ((0, -1), (1, 1))},
        ValueError,
        ["(top, bottom)", "(0, -1)", "at least 0"],
        {"padding": ((0, 0), (1, 1))},
    ),
    ({"padding": ((0, 1), (1, 1, 1))}, ValueError, ["(left, right)", "(1, 1, 1)"], {"padding": ((0, 1), (1, 1))}),
    ({"padding": "SAME"}, ValueError, ["padding is 'SAME'", "valid, same, full"], {"padding": "same"}),
    ({"padding": "zeros"}, ValueError, ["padding is 'zeros'", "valid, same, full"], {"padding": "full"}),
    ({"padding": None}, TypeError, ["padding is None"], {"padding": 0}),
]


@pytest.mark.parametrize(("wrong", "error", "words", "way_out"), REFUSALS, ids=lambda value: str(value)[:40])
def test_a_wrong_setting_is_refused_with_a_way_out(
    wrong: Options, error: type[Exception], words: list[str], way_out: Options
) -> None:
    good: Options = {"size": 5, "kernel": 2}
    assert_refused(lambda **changes: Window.over(**(good | changes)), wrong, error, words, way_out)


@pytest.mark.parametrize("settings", [{"stride": 3}, {"dilation": 4}, {"stride": 2, "dilation": 3}], ids=str)
def test_output_padding_must_stay_below_stride_or_dilation(settings: Options) -> None:
    """PyTorch's rule. Source: torch.nn.ConvTranspose2d, https://docs.pytorch.org/docs/stable/nn.html."""
    limit = max(settings.values())
    with pytest.raises(ValueError, match=rf"output_padding {limit} .*use at most {limit - 1}"):
        Window.transposed(4, 3, output_padding=(0, limit), **settings)
    window = Window.transposed(4, 3, output_padding=(0, limit - 1), **settings)
    assert window.width.size == window.height.size + limit - 1


def test_a_transposed_convolution_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2×3 cells with kernel 2×2 .* leaves -1×0\b.*lower the padding"):
        Window.transposed((2, 3), 2, padding=2)
    assert Window.transposed((2, 3), 2, padding=1).input_size == (1, 2)


def test_same_padding_has_no_meaning_for_a_transposed_convolution() -> None:
    with pytest.raises(ValueError, match=r"'same' has no meaning .* give an int, a pair or four sides"):
        Window.transposed(3, 2, padding="same")
    for padding in (1, (1, 0), ((1, 0), (0, 1))):
        Window.transposed(3, 2, padding=padding)


def test_a_pair_keeps_its_order_and_becomes_plain_ints() -> None:
    height, width = pair("stride", np.array([3, 4], np.uint8), 1)
    assert (height, width, type(height), type(width)) == (3, 4, int, int)


def test_a_wrong_rule_would_be_noticed() -> None:
    """The comparisons above do tell a window with a wrong index from the right one."""

    class Flipped(Axis):
        def input(self, i: Any, k: Any) -> Any:
            return i * self.stride + (self.kernel - 1 - k) * self.dilation - self.before

    class Unstrided(Axis):
        def input(self, i: Any, k: Any) -> Any:
            return i + k * self.dilation - self.before

    for wrong in (Flipped, Unstrided):
        axis = wrong(size=7, kernel=3, outputs=3, stride=2, before=1)
        assert list(zip(*(column.tolist() for column in axis.meetings()), strict=True)) != meetings_by_hand(axis)

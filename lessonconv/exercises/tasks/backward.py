"""The backward pass of a convolution layer: ∂L/∂w, ∂L/∂b, ∂L/∂x, and all of them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from lessonconv.exercises.solutions import convolution as solutions
from lessonconv.exercises.task import WHOLE, Arguments, Array, Steps, Task
from lessonconv.exercises.tasks.geometry import (
    APART,
    BEYOND,
    FARTHER,
    GEOMETRIES,
    NOT_ZERO,
    ONE_STEP,
    SIDE_BY_SIDE,
    Geometry,
    Numbers,
    at_random,
    conv_cases,
    first,
    look,
    overwrite,
    pad,
    reads,
    short_of_last,
    square,
    stamp,
)
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # of the weights
    "dw_flipped": (
        "The gradient comes out turned by 180°.",
        "dw[f, c, K−1−k, L−1−l] where dw[f, c, k, l] should stand: the two partners of the correlation are exchanged.",
        "Which one moves over the other, x or ∂L/∂z, and where does tap (0, 0) find its first partner?",
    ),
    "dw_transposed": (
        "The gradient's rows and columns are exchanged.",
        "dw[f, c, l, k] where dw[f, c, k, l] should stand.",
        "Does k count rows or columns of the window?",
    ),
    "dw_overwritten": (
        "Each output overwrites what the outputs before have said.",
        "Of the sum over the outputs only the last term is left.",
        "A weight is used at every output. Which of your lines adds their shares up?",
    ),
    "only_last_image": (
        "Each image overwrites the one before.",
        "Of the sum over the images only the last term is left.",
        "What stands in the result before image 1 is worked on, and after?",
    ),
    "dw_padding_missing": (
        "The padding above and to the left of the input is missing.",
        "Taps meet cells that are p rows and columns away from those that they met on the way forward.",
        "Which array did the forward pass slide its window over?",
    ),
    "divided_by_batch": (
        "The gradient is divided by the number of images.",
        "1/N of the gradient. If the loss is a mean, ∂L/∂z carries its 1/N already.",
        "Is there a 1/N in the equation of this layer?",
    ),
    "divided_by_pixels": (
        "The gradient is divided by the number of outputs.",
        "The mean over the outputs where their sum should be.",
        "If every output asks for 1 more, how much does each weight's share grow with a larger image?",
    ),
    "divided_by_both": (
        "The gradient is a mean over images and outputs.",
        "The sum, divided by N·O_h·O_w.",
        "Is there a division in the equation?",
    ),
    "last_output_missed": (
        "The last row, or column, of ∂L/∂z is never used.",
        "The sum without the last outputs: a loop ends one step too early.",
        "For five outputs, which is the last index that your loop reaches?",
    ),
    "channels_alike": (
        "All channels get the same gradient.",
        "One sum over all channels, in the place of one for each.",
        "Where does c enter the product?",
    ),
    "filters_mixed": (
        "Filters are added up before they are multiplied.",
        "Every filter's ∂L/∂z meets every filter's weights.",
        "Did filter 0's weights ever help to make filter 1's output?",
    ),
    "only_first_filter_heard": (
        "Only the first filter is heard.",
        "The other filters' ∂L/∂z count for nothing.",
        "How many filters are there in ∂L/∂z, and does each have its say?",
    ),
    # of the bias
    "db_per_pixel": (
        "There is a gradient for each pixel.",
        "The sum over the images only, of shape (F, O_h, O_w).",
        "How many biases does a filter have?",
    ),
    "db_per_image": (
        "There is a gradient for each image.",
        "The sum over rows and columns only, of shape (N, F).",
        "Do two images have a bias each?",
    ),
    "db_one_for_all": (
        "All filters share one gradient.",
        "The sum of all of ∂L/∂z, a single number.",
        "How many biases does the layer have?",
    ),
    "db_keeps_axes": (
        "The gradient has more axes than the bias.",
        "The right numbers, but not in the shape (F,).",
        "What shape must db have, so that b − lr·db has the shape of b?",
    ),
    "db_other_axes": (
        "The sum runs over the wrong axes.",
        "One number for each image, row or column, not for each filter.",
        "Which axis of ∂L/∂z counts the filters?",
    ),
    "db_last_output_only": (
        "Each output overwrites the one before.",
        "∂L/∂z of the last output, not the sum of all.",
        "What is the difference between = and += here?",
    ),
    "db_counts": (
        "The gradient does not depend on ∂L/∂z.",
        "A count: of the outputs, N·O_h·O_w, or of the filters, 1 for each.",
        "Where does ∂L/∂z enter your sum?",
    ),
    # of the input
    "dx_overwritten": (
        "Where windows overlap, one overwrites the other.",
        "The share of the last window, or tap, that touches a cell; the others are lost.",
        "An input that two windows have read: how many of them may say what they want of it?",
    ),
    "dx_kernel_turned": (
        "The kernel stands the other way round.",
        "The gradient with w turned by 180°: once too often if you scatter, once too rarely if you slide over ∂L/∂z.",
        "Take one output: input (0, 0) of its window met which tap on the way forward?",
    ),
    "dx_kernel_transposed": (
        "The kernel is transposed, where it should be turned or left alone.",
        "Its rows and columns are exchanged.",
        "Turning by 180°: where does the tap in the top right corner go? And where does transposing take it?",
    ),
    "dx_kernel_mirrored": (
        "The kernel is mirrored along one axis.",
        "Turning by 180° reverses rows and columns; here only one of the two is right.",
        "Does what you do to the rows also happen to the columns?",
    ),
    "dz_not_dilated": (
        "The stride is missing: outputs are taken for neighbours in the input.",
        "The gradient of output (i, j) goes to the inputs around (i, j), not around (i·s, j·s).",
        "On the way forward, how far apart did the windows of two neighbouring outputs start?",
    ),
    "dx_not_cropped": (
        "The padding is still there.",
        "The gradient of the padded input: 2p rows and columns too many.",
        "Which of these cells did the caller give you?",
    ),
    "dx_cropped_from_start": (
        "The gradient stands p cells too far down and to the right.",
        "The first H rows and W columns of the padded gradient, or an index without its p.",
        "In the padded input, where is the input's cell (0, 0)? Where does p enter your index?",
    ),
    "dx_cropped_from_end": (
        "The gradient stands p cells too far up and to the left.",
        "The last H rows and W columns of the padded gradient.",
        "In the padded input, where is the input's cell (0, 0)?",
    ),
    "dx_crop_empties": (
        "Without padding, nothing is left.",
        "A slice [p:-p], which is empty for p = 0.",
        "What is a[0:-0]?",
    ),
    "dx_remainder_missing": (
        "Rows and columns that no window read are missing.",
        "A gradient of (O − 1)·s + K − 2p rows: smaller than the input, where the stride leaves a remainder.",
        "An input that nobody read: what is its gradient, and where does it stand?",
    ),
    "dx_remainder_at_start": (
        "Rows and columns that no window read are put back at the wrong end.",
        "The gradient, moved down and right by the remainder.",
        "At which end of the input are the cells that no window reaches?",
    ),
    "filters_not_summed": (
        "Each filter overwrites the one before.",
        "Of the sum over the filters only one term is left.",
        "An input was read by every filter. How many of them have a say in its gradient?",
    ),
    "filters_averaged": (
        "The filters are averaged.",
        "The sum over f, divided by F.",
        "Is there a 1/F in the equation?",
    ),
    "overlap_averaged": (
        "Where windows overlap, their shares are averaged.",
        "Each cell's sum, divided by the number of its products.",
        "Does an input that is used twice have more influence on the loss, or the same?",
    ),
    "only_first_channel_filled": (
        "Only the first channel gets a gradient.",
        "Zeros for all other channels.",
        "Which index of the result does your code never move?",
    ),
    "result_transposed": (
        "Rows and columns of the result are exchanged.",
        "The gradient of (v, u) where that of (u, v) should stand.",
        "Does your first index count rows or columns?",
    ),
    "results_in_another_order": (
        "The results are right, but not in the order dx, dw, db.",
        "What belongs to one stands in the place of another.",
        "What does the docstring promise to return first?",
    ),
}


def _same_axis(dz: Array, axis: int) -> Array:
    """What code uses of ∂L/∂z that takes its size along one axis for both."""
    size = dz.shape[axis]
    if size > min(dz.shape[2:]):
        raise IndexError("no such output")
    return dz[:, :, :size, :size]


HEARD: dict[str, tuple[Steps, ...]] = {  # which outputs are heard: those of the first image, and so on
    "only_first_image": ({"heard": lambda dz: first(dz, 0)},),
    "only_first_filter_heard": ({"heard": lambda dz: first(dz, 1)},),
    "last_output_missed": tuple(
        {"heard": lambda dz, axes=axes: short_of_last(dz, *axes)} for axes in ((2, 3), (2,), (3,))
    ),
    "returns_too_soon": tuple(
        {"heard": lambda dz, axes=axes: first(dz, *axes)} for axes in ((0, 1, 2, 3), (0, 1, 2), (0, 1), (2, 3), (2,))
    ),
    "images_share": (
        {"heard": lambda dz: np.broadcast_to(dz[:1], dz.shape)},
        {"heard": lambda dz: np.broadcast_to(dz.sum(0), dz.shape)},
    ),
    "filters_share": ({"heard": lambda dz: np.broadcast_to(dz[:, :1], dz.shape)},),
    "dz_transposed": ({"heard": lambda dz: dz.swapaxes(2, 3)},),
    "dz_flipped": ({"heard": lambda dz: dz[:, :, ::-1, ::-1]},),
    "reshaped_without_transpose": (
        {"heard": lambda dz: dz.reshape(dz.shape[1], len(dz), *dz.shape[2:]).swapaxes(0, 1)},
        {"heard": lambda dz: dz.reshape(len(dz), *dz.shape[2:], -1).transpose(0, 3, 1, 2)},
        {"heard": lambda dz: dz.reshape(*dz.shape[2:], len(dz), -1).transpose(2, 3, 0, 1)},
    ),
    "size_from_one_axis": ({"heard": lambda dz: _same_axis(dz, 2)}, {"heard": lambda dz: _same_axis(dz, 3)}),
}


SAME_SUM = ("images_share", "dz_transposed", "dz_flipped")  # for the bias: or another mistake's


def heard(*names: str) -> list[Any]:
    """Mistakes in which some outputs are not heard."""
    return [mistake(name, *HEARD[name]) for name in names]


def _arguments(numbers: Numbers, geometry: Geometry) -> Arguments:
    N, C, F, H, W, K_h, K_w, s, p = geometry
    return numbers(N, F, *geometry.outputs), numbers(N, C, H, W), numbers(F, C, K_h, K_w), s, p


def _cases(rng: np.random.Generator) -> Any:
    return conv_cases(rng, [*GEOMETRIES, *at_random(rng)], _arguments)


def _beyond(rng: np.random.Generator) -> Any:
    return conv_cases(rng, BEYOND, _arguments)


# The weights --------------------------------------------------------------------------------------------------------


def _dw(step: SimpleNamespace, dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    said = step.heard(dz)
    rows = step.rows(said.shape[2], w.shape[2], stride)
    columns = step.columns(said.shape[3], w.shape[3], stride)
    seen = look(step.pad(x, padding), rows, columns)
    return step.begun(step.finish(step.mean(step.total(said, seen), dz)), w)


def _dw_total(dz: Array, seen: Array) -> Array:
    return np.einsum("nfij,ncikjl->fckl", dz, seen)


def _summed_first(dz: Array, seen: Array) -> Array:
    return np.einsum("nf,nckl->fckl", dz.sum((2, 3)), seen.sum((2, 4)))


def _last_output(dz: Array, seen: Array) -> Array:
    return np.einsum("nf,nckl->fckl", dz[:, :, -1, -1], seen[:, :, -1, :, -1])


CONV2D_DW = Task(
    name="conv2d_dw",
    title="the gradient of a convolution's weights",
    answer=solutions.conv2d_dw,
    recipe=_dw,
    steps={
        "heard": lambda dz: dz,
        "pad": pad,
        "rows": reads,
        "columns": reads,
        "total": _dw_total,
        "mean": lambda dw, dz: dw,
        "finish": lambda dw: dw,
        "begun": lambda dw, w: dw,
    },
    mistakes=(
        mistake("dw_flipped", {"finish": lambda dw: dw[:, :, ::-1, ::-1]}),
        mistake("dw_transposed", {"finish": lambda dw: dw.swapaxes(2, 3)}),
        mistake("kernel_mirrored", {"finish": lambda dw: dw[:, :, ::-1]}, {"finish": lambda dw: dw[:, :, :, ::-1]}),
        mistake(
            "dw_overwritten",
            {"total": _last_output},
            {"total": lambda dz, seen: _last_output(dz[-1:], seen[-1:])},
        ),
        mistake("only_last_image", {"total": lambda dz, seen: _dw_total(dz[-1:], seen[-1:])}),
        mistake(
            "dw_padding_missing",
            {"pad": lambda x, p: pad(x, 0, 2 * p)},
            {WHOLE: lambda dz, x, w, s, p: _dw_as_large_as_fits(dz, x, s)},
        ),
        mistake("padding_at_the_start", {"pad": lambda x, p: pad(x, 2 * p, 0)}),
        mistake(
            "padding_not_zero",
            *NOT_ZERO,
        ),
        mistake("divided_by_batch", {"mean": lambda dw, dz: dw / len(dz)}),
        mistake("divided_by_pixels", {"mean": lambda dw, dz: dw / dz[0, 0].size}),
        mistake("divided_by_both", {"mean": lambda dw, dz: dw / dz[:, 0].size}),
        mistake("dz_not_dilated", ONE_STEP),
        mistake("stride_on_taps", APART),
        mistake("stride_on_one_axis", *({axis: ONE_STEP[axis]} for axis in ONE_STEP)),
        mistake("stride_is_kernel", SIDE_BY_SIDE),
        mistake("only_first_channel_filled", {"finish": lambda dw: first(dw, 1)}),
        mistake(
            "channels_alike",
            {"total": lambda dz, seen: _dw_total(dz, np.broadcast_to(seen.sum(1, keepdims=True), seen.shape))},
            {"total": lambda dz, seen: _dw_total(dz, np.broadcast_to(seen[:, :1], seen.shape))},
        ),
        mistake(
            "filters_mixed",
            {"total": lambda dz, seen: _dw_total(np.broadcast_to(dz.sum(1, keepdims=True), dz.shape), seen)},
        ),
        mistake("filters_exchanged_with_channels", {"finish": lambda dw: dw.swapaxes(0, 1)}),
        mistake("summed_before_product", {"total": _summed_first}),
        mistake("dw_reshaped", {"finish": lambda dw: dw.reshape(len(dw), -1).T.reshape(dw.shape)}),
        mistake("dw_begins_with_w", {"begun": lambda dw, w: dw + w}),
        mistake("begins_with_one", {"begun": lambda dw, w: dw + 1}),
        mistake("kernel_turned_by_90", *({"finish": partial(np.rot90, k=k, axes=(2, 3))} for k in (1, -1))),
        *heard(*HEARD),
        mistake("truncated", {"finish": np.trunc}),
        mistake("sign_flipped", {"finish": np.negative}),
    ),
    cases=_cases,
    beyond=_beyond,
    edge="it does not work where the padding is larger than K − 1: rare, but allowed.",
    hints=(
        "A weight was used at every output. What did its tap meet there, and what does that output ask for?",
        "Pad x as on the way forward. For one tap (k, l): over all outputs, which cells of the padded x did it meet? "
        "Every s-th row from row k on, as many as there are outputs.",
        "For each (i, j): window = x_pad[:, :, i·s : i·s + K_h, j·s : j·s + K_w], and dw += the sum over n of "
        "dz[n, f, i, j] · window[n, c]: np.einsum('nf,nckl->fckl', dz[:, :, i, j], window).",
    ),
    notice="No kernel is turned here, and no zeros are inserted: each weight meets what it met on the way forward.",
    forbidden=frozenset({"conv2d_backward", "conv2d_backward_params"}),
)


def _dw_as_large_as_fits(dz: Array, x: Array, stride: int) -> Array:
    """A correlation of x with ∂L/∂z, whose size says how many taps there seem to be."""
    taps = [x.shape[axis] - (dz.shape[axis] - 1) * stride for axis in (2, 3)]
    if min(taps) < 1:
        raise ValueError("∂L/∂z is larger than x")
    rows, columns = reads(dz.shape[2], taps[0], stride), reads(dz.shape[3], taps[1], stride)
    return _dw_total(dz, look(x, rows, columns))


# The bias -----------------------------------------------------------------------------------------------------------


def _db(step: SimpleNamespace, dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    return step.often(step.finish(step.total(step.heard(dz)), dz), x, w)


def _sum(*axes: int, keepdims: bool = False) -> dict[str, Any]:
    return {"total": lambda dz: dz.sum(axes, keepdims=keepdims)}


CONV2D_DB = Task(
    name="conv2d_db",
    title="the gradient of a convolution's biases",
    unread=("x", "w", "stride", "padding"),
    answer=solutions.conv2d_db,
    recipe=_db,
    steps={
        "heard": lambda dz: dz,
        "total": lambda dz: dz.sum((0, 2, 3)),
        "finish": lambda db, dz: db,
        "often": lambda db, x, w: db,
    },
    mistakes=(
        mistake("db_per_pixel", _sum(0)),
        mistake("db_per_image", _sum(2, 3)),
        mistake("db_one_for_all", _sum(0, 1, 2, 3), {"total": lambda dz: np.full(dz.shape[1], dz.sum())}),
        mistake("db_keeps_axes", _sum(0, 2, 3, keepdims=True), {"total": lambda dz: dz.sum((0, 2, 3))[:, None]}),
        mistake(
            "db_other_axes",
            *(_sum(*axes) for axes in ((0, 1, 2), (0, 1, 3), (1, 2, 3), (0, 1), (1, 2), (1, 3), (1,), (2,), (3,))),
        ),
        mistake("db_axis_left_out", _sum(0, 2), _sum(0, 3)),
        mistake(
            "db_too_often",
            {"often": lambda db, x, w: db * w.shape[1]},
            {"often": lambda db, x, w: db * w[0].size},
            {"often": lambda db, x, w: db * w[0, 0].size},
            {"often": lambda db, x, w: db * len(x)},
        ),
        mistake("filters_added_up", {"finish": lambda db, dz: np.cumsum(db)}),
        mistake("db_absolute", {"total": lambda dz: np.abs(dz).sum((0, 2, 3))}),
        mistake("divided_by_batch", {"finish": lambda db, dz: db / len(dz)}),
        mistake("divided_by_pixels", {"finish": lambda db, dz: db / dz[0, 0].size}),
        mistake("divided_by_both", {"finish": lambda db, dz: db / dz[:, 0].size}),
        mistake("only_last_image", {"total": lambda dz: dz[-1].sum((1, 2))}),
        mistake(
            "db_last_output_only",
            {"total": lambda dz: dz[-1, :, -1, -1]},
            {"total": lambda dz: dz[:, :, -1, -1].sum(0)},
        ),
        mistake(
            "db_counts",
            {"total": lambda dz: np.full(dz.shape[1], dz[:, 0].size)},
            {"total": lambda dz: np.ones(dz.shape[1])},
        ),
        *heard(*(name for name in HEARD if name not in SAME_SUM)),
        mistake("truncated", {"finish": lambda db, dz: np.trunc(db)}),
        mistake("sign_flipped", {"finish": lambda db, dz: -db}),
    ),
    cases=_cases,
    hints=(
        "Raise one filter's bias by 1: which outputs grow, and by how much?",
        "Each filter has one bias and hears from all of its outputs: every image, every row, every column.",
        "Sum ∂L/∂z over all axes but that of the filters: axis=(0, 2, 3).",
    ),
    notice="The shape of a gradient is the shape of what it is the gradient of: always.",
    forbidden=frozenset({"conv2d_backward", "conv2d_backward_params"}),
)


# The input ----------------------------------------------------------------------------------------------------------


def _dx(step: SimpleNamespace, dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    said, kernel = step.heard(dz), step.kernel(w)
    rows = step.rows(said.shape[2], kernel.shape[2], stride)
    columns = step.columns(said.shape[3], kernel.shape[3], stride)
    rows, columns = step.shift(rows, columns, x.shape, padding)
    stamps = step.stamps(said, kernel)
    canvas = step.add(stamps, rows, columns, step.canvas(x.shape, kernel.shape, stride, padding))
    return step.begun(step.finish(step.crop(canvas, x.shape, padding), dz), x)


def _stamps(dz: Array, w: Array) -> Array:
    return np.einsum("nfij,fckl->ncikjl", dz, w)


def _canvas(x_shape: Sequence[int], w_shape: Sequence[int], stride: int, padding: int) -> tuple[int, ...]:
    return (*x_shape[:2], x_shape[2] + 2 * padding, x_shape[3] + 2 * padding)


def _reached(x_shape: Sequence[int], w_shape: Sequence[int], stride: int, padding: int) -> tuple[int, ...]:
    """The part of the padded input that some window reaches."""
    remainders = _remainders(x_shape, w_shape, stride, padding)
    whole = _canvas(x_shape, w_shape, stride, padding)
    return (*whole[:2], whole[2] - remainders[0], whole[3] - remainders[1])


def _remainders(x_shape: Sequence[int], w_shape: Sequence[int], stride: int, padding: int) -> list[int]:
    return [(x_shape[axis] + 2 * padding - w_shape[axis]) % stride for axis in (2, 3)]


def _crop(canvas: Array, x_shape: Sequence[int], padding: int) -> Array:
    return canvas[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


def _shifted(rows: Array, columns: Array, x_shape: Sequence[int], padding: int) -> tuple[Array, Array]:
    """The meetings, with the cells that no window reached at the start."""
    left = [x_shape[axis] + 2 * padding - 1 - int(places.max()) for axis, places in ((2, rows), (3, columns))]
    return rows + left[0], columns + left[1]


def _averaged(stamps: Array, rows: Array, columns: Array, shape: Sequence[int]) -> Array:
    return stamp(stamps, rows, columns, shape) / np.maximum(1, stamp(np.ones_like(stamps), rows, columns, shape))


def _undilated(dz: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """The turned kernel over ∂L/∂z padded by K − 1 − p, with no zeros in between: the stride is 1 for it."""
    N, C = x.shape[:2]
    rows, columns = reads(dz.shape[2], w.shape[2], 1), reads(dz.shape[3], w.shape[3], 1)
    whole = stamp(_stamps(dz, w), rows, columns, (N, C, rows.max() + 1, columns.max() + 1))
    return whole[:, :, padding : whole.shape[2] - padding, padding : whole.shape[3] - padding]


def _crop_before(canvas: Array, x_shape: Sequence[int], padding: int) -> Array:
    """The padded gradient from p cells before its start: zeros there."""
    return _crop(np.pad(canvas, ((0, 0), (0, 0), (2 * padding, 0), (2 * padding, 0))), x_shape, padding)


def _gathered(
    dz: Array, x: Array, w: Array, stride: int, padding: int, *, check: bool = True, wrap: bool = False
) -> Array:
    """Every input asks outputs (u + p − k)/s, maybe without checking that they are whole, or not negative."""
    dx = np.zeros(x.shape)
    for u, v, k, l in np.ndindex(*x.shape[2:], *w.shape[2:]):
        (i, row_left), (j, column_left) = divmod(u + padding - k, stride), divmod(v + padding - l, stride)
        low = -np.array(dz.shape[2:]) if wrap else (0, 0)
        whole = not check or row_left == column_left == 0
        if whole and low[0] <= i < dz.shape[2] and low[1] <= j < dz.shape[3]:
            dx[:, :, u, v] += dz[:, :, i, j] @ w[:, :, k, l]
    return dx


LAST_FILTER = {"stamps": lambda dz, w: _stamps(dz[:, -1:], w[-1:])}
LAST_WINDOW = {"add": partial(overwrite, order="ijkl")}
LAST_TAP = {"add": partial(overwrite, order="klij")}

CONV2D_DX = Task(
    name="conv2d_dx",
    title="the gradient of a convolution's input",
    answer=solutions.conv2d_dx,
    recipe=_dx,
    steps={
        "heard": lambda dz: dz,
        "kernel": lambda w: w,
        "rows": reads,
        "columns": reads,
        "shift": lambda rows, columns, x_shape, padding: (rows, columns),
        "stamps": _stamps,
        "canvas": _canvas,
        "add": stamp,
        "crop": _crop,
        "finish": lambda dx, dz: dx,
        "begun": lambda dx, x: dx,
    },
    mistakes=(
        mistake("dx_overwritten", LAST_WINDOW, LAST_TAP, {**LAST_WINDOW, **LAST_FILTER}, {**LAST_TAP, **LAST_FILTER}),
        mistake("dx_kernel_turned", {"kernel": lambda w: w[:, :, ::-1, ::-1]}),
        mistake(
            "dx_kernel_transposed",
            {"kernel": lambda w: w.swapaxes(2, 3)[:, :, ::-1, ::-1]},
            {"kernel": lambda w: w.swapaxes(2, 3)},
        ),
        mistake("dx_kernel_mirrored", {"kernel": lambda w: w[:, :, ::-1]}, {"kernel": lambda w: w[:, :, :, ::-1]}),
        mistake("dz_not_dilated", ONE_STEP, {WHOLE: _undilated}),
        mistake("stride_on_taps", APART),
        mistake("stride_on_one_axis", *({axis: ONE_STEP[axis]} for axis in ONE_STEP)),
        mistake("stride_is_kernel", SIDE_BY_SIDE),
        mistake("dx_not_cropped", {"crop": lambda canvas, shape, p: canvas}),
        mistake("dx_cropped_from_start", {"crop": lambda canvas, shape, p: canvas[:, :, : shape[2], : shape[3]]}),
        mistake("dx_cropped_from_end", {"crop": lambda canvas, shape, p: canvas[:, :, -shape[2] :, -shape[3] :]}),
        mistake("dx_crop_empties", {"crop": lambda canvas, shape, p: canvas[:, :, p:-p, p:-p]}),
        mistake(
            "dx_remainder_missing",
            {"canvas": _reached, "crop": lambda canvas, shape, p: _margin_off(canvas, p)},
            {"canvas": _reached},
        ),
        mistake("dx_remainder_at_start", {"shift": _shifted}),
        mistake("filters_not_summed", LAST_FILTER),
        mistake("filters_averaged", {"stamps": lambda dz, w: _stamps(dz, w) / len(w)}),
        mistake(
            "filters_mixed",
            {"stamps": lambda dz, w: np.einsum("nfij,gckl->ncikjl", dz, w)},
            {"stamps": lambda dz, w: _stamps(dz, np.broadcast_to(w[:1], w.shape))},
        ),
        mistake(
            "channels_alike",
            {"stamps": lambda dz, w: _stamps(dz, np.broadcast_to(w.sum(1, keepdims=True), w.shape))},
            {"stamps": lambda dz, w: _stamps(dz, np.broadcast_to(w[:, :1], w.shape))},
        ),
        mistake("filters_exchanged_with_channels", {"stamps": lambda dz, w: _stamps(dz, w.swapaxes(0, 1))}),
        mistake("only_first_channel_filled", {"finish": lambda dx, dz: first(dx, 1)}),
        mistake("kernel_from_one_axis", {"kernel": lambda w: square(w, 2)}, {"kernel": lambda w: square(w, 3)}),
        mistake("images_added_up", {"finish": lambda dx, dz: np.cumsum(dx, axis=0)}),
        mistake("divided_by_batch", {"finish": lambda dx, dz: dx / len(dz)}),
        mistake("overlap_averaged", {"add": _averaged}),
        mistake("dx_begins_with_x", {"begun": lambda dx, x: dx + x}),
        mistake("begins_with_one", {"begun": lambda dx, x: dx + 1}),
        mistake("dx_masked", {"begun": lambda dx, x: dx * (x > 0)}),
        mistake(
            "channels_into_first",
            {"finish": lambda dx, dz: first(np.broadcast_to(dx.sum(1, keepdims=True), dx.shape), 1)},
        ),
        mistake("dz_too_far_apart", FARTHER),
        mistake("dx_padding_sign_turned", {"crop": _crop_before}),
        mistake("dx_kernel_turned_by_90", *({"kernel": partial(np.rot90, k=k, axes=(2, 3))} for k in (1, -1))),
        mistake(
            "other_axes_flipped",
            {"kernel": lambda w: w[::-1, ::-1]},
            {"kernel": lambda w: w[:, ::-1]},
            {"kernel": lambda w: w[::-1, ::-1, ::-1, ::-1]},
        ),
        mistake("dx_remainder_unchecked", {WHOLE: partial(_gathered, check=False)}),
        mistake("dx_index_wraps_round", {WHOLE: partial(_gathered, wrap=True)}),
        mistake("result_transposed", {"finish": lambda dx, dz: dx.swapaxes(2, 3)}),
        *heard(*HEARD),
        mistake("truncated", {"finish": lambda dx, dz: np.trunc(dx)}),
        mistake("sign_flipped", {"finish": lambda dx, dz: -dx}),
    ),
    cases=_cases,
    beyond=_beyond,
    edge="it does not work where the padding is larger than K − 1: rare, but allowed.",
    hints=(
        "Every output sends its gradient back to the inputs that it read, each through the tap that they met.",
        "Work on the padded input, all zeros at first. Output (i, j) adds a stamp, ∂L/∂z[n, f, i, j] times the kernel, "
        "where its window was. Overlapping stamps add up. At the end, cut the padding off.",
        "For each (i, j): dx_pad[:, :, i·s : i·s + K_h, j·s : j·s + K_w] += "
        "np.einsum('nf,fckl->nckl', dz[:, :, i, j], w); then dx_pad[:, :, p : p + H, p : p + W].",
    ),
    notice="Scattered like this, no kernel is turned and no zero is multiplied; gathered, the same products need both.",
    forbidden=frozenset({"conv2d_backward", "conv_transpose2d"}),
)


CONV2D_DX_GATHER = replace(
    CONV2D_DX,
    name="conv2d_dx_gather",
    title="the input's gradient, gathered",
    answer=solutions.conv2d_dx_gather,
    hints=(
        "Ask for one input (u, v): which outputs read it? Those of which some tap (k, l) stood on it.",
        "Tap k of output i stands on u if i·s + k − p = u. So i = (u + p − k)/s: when is that an output?",
        "For each (k, l): i = (u + p − k)/s and j = (v + p − l)/s must be whole and lie in 0 … O − 1; then add "
        "Σ_f dz[n, f, i, j] · w[f, c, k, l]. divmod gives quotient and remainder at once.",
    ),
    notice="A plus sign in u + p − k where the forward pass had i·s + k − p: that is all that “turned kernel” means.",
)
CONV2D_DX_ROT180 = replace(
    CONV2D_DX,
    name="conv2d_dx_rot180",
    title="the input's gradient as a convolution of ∂L/∂z",
    answer=solutions.conv2d_dx_rot180,
    beyond=lambda rng: (),
    hints=(
        "Put ∂L/∂z on a larger canvas of zeros: neighbours s cells apart. How large must it be, for a kernel that "
        "slides over it in steps of 1 to have H × W places?",
        "The canvas has H + K_h − 1 rows. ∂L/∂z[0, 0] stands at row K_h − 1 − p: then the turned kernel's first place "
        "meets what input (0, 0) meets. What is left over at the bottom stays zero.",
        "spread[:, :, top : top + O_h·s : s, …] = dz with top = K_h − 1 − p; turned = w[:, :, ::-1, ::-1]; "
        "dx[:, :, u, v] = np.einsum('nfkl,fckl->nc', spread[:, :, u : u + K_h, v : v + K_w], turned).",
    ),
    notice="Most products here met a zero that you put there. The scatter form made none of them.",
)


def _margin_off(canvas: Array, padding: int) -> Array:
    return canvas[:, :, padding : canvas.shape[2] - padding, padding : canvas.shape[3] - padding]


# All of it ----------------------------------------------------------------------------------------------------------


def _backward(step: SimpleNamespace, *arguments: Any) -> tuple[Array, Array, Array]:
    dx, dw, db = (part.right(arguments) for part in (CONV2D_DX, CONV2D_DW, CONV2D_DB))
    return step.results(dx, dw, db)


CONV2D_BACKWARD = Task(
    name="conv2d_backward",
    title="the backward pass of a convolution layer",
    answer=solutions.conv2d_backward,
    recipe=_backward,
    steps={"results": lambda dx, dw, db: (dx, dw, db)},
    mistakes=(
        mistake(
            "results_in_another_order",
            {"results": lambda dx, dw, db: (dw, dx, db)},
            {"results": lambda dx, dw, db: (dw, db, dx)},
            {"results": lambda dx, dw, db: (db, dw, dx)},
            {"results": lambda dx, dw, db: (db, dx, dw)},
            {"results": lambda dx, dw, db: (dx, db, dw)},
        ),
    ),
    cases=_cases,
    beyond=_beyond,
    edge="it does not work where the padding is larger than K − 1: rare, but allowed.",
    hints=(
        "Three sums over the same list of meetings. Walk through the outputs once: each has something for all three.",
        "At output (i, j): db hears ∂L/∂z itself; dw hears ∂L/∂z times the window of the padded x; the window's place "
        "in dx hears ∂L/∂z times w.",
        "Per (i, j), with d = dz[:, :, i, j]: dw += np.einsum('nf,nckl->fckl', d, window); "
        "dx_pad's window += np.einsum('nf,fckl->nckl', d, w); db += d.sum(axis=0). Cut dx's padding off at the end.",
    ),
    notice="One walk, three sums: each sum leaves out one of the three partners, and that one's gradient it is.",
    parts=(CONV2D_DX, CONV2D_DW, CONV2D_DB),
    results=("dx", "dw", "db"),
    forbidden=frozenset({"conv2d_backward", "conv2d_backward_params", "conv_transpose2d"}),
)

TASKS = (CONV2D_DB, CONV2D_DW, CONV2D_DX, CONV2D_DX_GATHER, CONV2D_DX_ROT180, CONV2D_BACKWARD)

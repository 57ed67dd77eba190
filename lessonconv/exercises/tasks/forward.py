"""The forward pass: the output size, and the layer."""

import math
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np

from lessonconv.exercises.solutions import convolution as solutions
from lessonconv.exercises.task import Arguments, Array, Case, Mistake, Task
from lessonconv.exercises.tasks.geometry import (
    APART,
    BEYOND,
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
    pad,
    reads,
    short_of_last,
    sizes,
    square,
)
from lessonconv.exercises.tasks.words import mistake

# How many windows fit -----------------------------------------------------------------------------------------------


def _size_cases(rng: np.random.Generator) -> list[Case]:
    """All small combinations in which the kernel fits."""
    found = []
    for size, kernel, stride, padding in np.ndindex(9, 5, 4, 3):
        if 0 < kernel <= size + 2 * padding and size and stride:
            remainder = (size + 2 * padding - kernel) % stride
            said = {"padding": padding, "a stride above 1": stride > 1, "a remainder": remainder}
            traits = frozenset(words for words, holds in said.items() if holds)
            found.append(Case((size, kernel, stride, padding), traits))
    return sorted(found, key=lambda case: sum(case.arguments))


OUTPUT_SIZE = Task(
    name="output_size",
    title="how many windows fit along an axis",
    answer=solutions.output_size,
    recipe=lambda step, *arguments: step.size(*arguments),
    steps={"size": solutions.output_size},
    mistakes=(
        mistake("size_rounded_up", {"size": lambda H, K, s, p: math.ceil((H + 2 * p - K) / s) + 1}),
        mistake(
            "size_rounded",
            {"size": lambda H, K, s, p: round((H + 2 * p - K) / s) + 1},
            {"size": lambda H, K, s, p: math.floor((H + 2 * p - K) / s + 0.5) + 1},
        ),
        mistake("size_not_rounded", {"size": lambda H, K, s, p: (H + 2 * p - K) / s + 1}),
        mistake("size_one_short", {"size": lambda H, K, s, p: (H + 2 * p - K) // s}),
        mistake("size_padding_once", {"size": lambda H, K, s, p: (H + p - K) // s + 1}),
        mistake("size_padding_subtracted", {"size": lambda H, K, s, p: (H - K - 2 * p) // s + 1}),
        mistake("padding_ignored", {"size": lambda H, K, s, p: (H - K) // s + 1}),
        mistake("stride_ignored", {"size": lambda H, K, s, p: H + 2 * p - K + 1}),
        mistake("size_one_inside", {"size": lambda H, K, s, p: (H + 2 * p - K + 1) // s}),
        mistake("size_one_twice", {"size": lambda H, K, s, p: (H + 2 * p - K + 1) // s + 1}),
        mistake("size_one_subtracted", {"size": lambda H, K, s, p: (H + 2 * p - K) // s - 1}),
        mistake("size_last_start_missed", {"size": lambda H, K, s, p: len(range(0, H + 2 * p - K, s))}),
        mistake(
            "size_brackets_missing",
            {"size": lambda H, K, s, p: H + 2 * p - K // s + 1},
            {"size": lambda H, K, s, p: H + 2 * p // s - K + 1},
            {"size": lambda H, K, s, p: (H + 2 * p) // s - K + 1},
            {"size": lambda H, K, s, p: (H - K) // s + 2 * p + 1},
            {"size": lambda H, K, s, p: H + (2 * p - K) // s + 1},
        ),
        mistake("size_of_transposed", {"size": lambda H, K, s, p: (H - 1) * s - 2 * p + K}),
        mistake("size_settings_exchanged", {"size": lambda H, K, s, p: (H + 2 * s - K) // p + 1}),
        mistake("size_padding_from_kernel", {"size": lambda H, K, s, p: (H + 2 * (K // 2) - K) // s + 1}),
        mistake("size_kernel_added", {"size": lambda H, K, s, p: (H + 2 * p + K) // s + 1}),
        mistake(
            "size_kernel_ignored",
            {"size": lambda H, K, s, p: math.ceil(H / s)},
            {"size": lambda H, K, s, p: H // s},
            {"size": lambda H, K, s, p: (H + 2 * p) // s},
            {"size": lambda H, K, s, p: (H + 2 * p) // s + 1},
            {"size": lambda H, K, s, p: len(range(0, H + 2 * p, s))},
        ),
    ),
    cases=_size_cases,
    hints=(
        "Forget the stride: how many places are there for a kernel of 3 in a row of 5? Count them with your finger.",
        "The first window starts at 0. The last one can start at H + 2p − K. Every s-th start counts.",
        "The starts are 0, s, 2s … up to H + 2p − K: that is a whole division, plus one for the start at 0.",
    ),
    notice="A remainder is lost: inputs of size 5 and 6 may give outputs of one size. The backward pass gives it back.",
)


# The layer ----------------------------------------------------------------------------------------------------------


def _conv2d(step: SimpleNamespace, x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    turned = step.kernel(w)
    rows, columns = step.sizes(x.shape, turned.shape, stride, padding)
    u, v = step.rows(rows, turned.shape[2], stride), step.columns(columns, turned.shape[3], stride)
    seen = step.look(step.pad(x, padding), u, v)
    return step.finish(step.bias(step.total(seen, turned), b, w))


def _arguments(numbers: Numbers, geometry: Geometry) -> Arguments:
    N, C, F, H, W, K_h, K_w, s, p = geometry
    return numbers(N, C, H, W), numbers(F, C, K_h, K_w), numbers(F) + np.arange(F), s, p


def _total(seen: Array, w: Array) -> Array:
    return np.einsum("ncikjl,fckl->nfij", seen, w)


def _spread(b: Array, z: Array) -> Array:
    """Each filter's bias, at every output."""
    return np.broadcast_to(b[:, None, None], z.shape)


def _depthwise(seen: Array, w: Array) -> Array:
    chosen = np.arange(len(w)) % w.shape[1]
    return np.einsum("nfikjl,fkl->nfij", seen[:, chosen], w[np.arange(len(w)), chosen])


def _exchanged(w: Array) -> Array:
    if len(w) != w.shape[1]:
        raise ValueError("as many filters as channels, or w[c, f] is not there")
    return w.swapaxes(0, 1)


def _reread(w: Array) -> Array:
    """The same numbers read as (C, F, K_h, K_w)."""
    return w.reshape(w.shape[1], w.shape[0], *w.shape[2:]).swapaxes(0, 1)


def _wrapped(x: Array, p: int) -> Array:
    """What a negative index reads, before; zeros after."""
    H, W = x.shape[2:]
    around = x[:, :, np.arange(-p, H)[:, None] % H, np.arange(-p, W) % W]
    return pad(around, 0, p)


def _raster(z: Array, axis: int) -> Array:
    """Running sums over everything from an axis on, in the order of nested loops."""
    return np.cumsum(z.reshape(*z.shape[:axis], -1), axis=axis).reshape(z.shape)


ORDERS = ((0, 2, 3, 1), (1, 0, 2, 3), (2, 3, 0, 1), (1, 2, 3, 0), (2, 3, 1, 0))


def _reshaped(seen: Array, w: Array, *, order: tuple[int, ...]) -> Array:
    """The numbers in another order of axes, taken for z as it should be."""
    z = _total(seen, w)
    return z.transpose(order).reshape(z.shape)


def _running(z: Array) -> Array:
    return np.cumsum(z, axis=0)


CONV2D = Task(
    name="conv2d",
    title="the forward pass of a convolution layer",
    answer=solutions.conv2d,
    recipe=_conv2d,
    steps={
        "kernel": lambda w: w,
        "sizes": sizes,
        "pad": pad,
        "rows": reads,
        "columns": reads,
        "look": look,
        "total": _total,
        "bias": lambda z, b, w: z + b[:, None, None],
        "finish": lambda z: z,
    },
    mistakes=(
        mistake("kernel_flipped", {"kernel": lambda w: w[:, :, ::-1, ::-1]}),
        mistake(
            "kernel_transposed",
            {"kernel": lambda w: w.swapaxes(2, 3)},
            {"kernel": lambda w: w.reshape(*w.shape[:2], w.shape[3], w.shape[2]).swapaxes(2, 3)},
        ),
        mistake("kernel_mirrored", {"kernel": lambda w: w[:, :, ::-1]}, {"kernel": lambda w: w[:, :, :, ::-1]}),
        mistake(
            "stride_in_size_only",
            ONE_STEP,
        ),
        mistake(
            "stride_ignored",
            {
                "sizes": lambda x, w, s, p: sizes(x, w, 1, p),
                **ONE_STEP,
            },
        ),
        mistake(
            "stride_on_taps",
            APART,
        ),
        mistake(
            "stride_on_one_axis",
            *({axis: ONE_STEP[axis]} for axis in ONE_STEP),
        ),
        mistake(
            "stride_is_kernel",
            SIDE_BY_SIDE,
        ),
        mistake(
            "size_rounded_up",
            {
                "sizes": lambda x, w, s, p: sizes(x, w, s, p, round_up=True),
                "look": partial(look, beyond=np.nan),
            },
        ),
        mistake("size_one_short", {"sizes": lambda x, w, s, p: tuple(max(0, O - 1) for O in sizes(x, w, s, p))}),
        mistake(
            "last_window_missed",
            {"finish": lambda z: short_of_last(z, 2, 3)},
            {"finish": lambda z: short_of_last(z, 2)},
            {"finish": lambda z: short_of_last(z, 3)},
        ),
        mistake("size_padding_once", {"sizes": lambda x, w, s, p: sizes(x, w, s, p / 2)}),
        mistake("size_padding_subtracted", {"sizes": lambda x, w, s, p: sizes(x, w, s, -p)}),
        mistake(
            "size_from_one_axis",
            {"sizes": lambda x, w, s, p: (sizes(x, w, s, p)[0],) * 2},
            {"sizes": lambda x, w, s, p: (sizes(x, w, s, p)[1],) * 2},
        ),
        mistake("kernel_from_one_axis", {"kernel": lambda w: square(w, 2)}, {"kernel": lambda w: square(w, 3)}),
        mistake("padding_ignored", {"sizes": lambda x, w, s, p: sizes(x, w, s, 0), "pad": lambda x, p: x}),
        mistake("padding_at_the_end", {"pad": lambda x, p: pad(x, 0, 2 * p)}),
        mistake("padding_at_the_start", {"pad": lambda x, p: pad(x, 2 * p, 0)}),
        mistake(
            "padding_on_one_axis",
            {
                "sizes": lambda x, w, s, p: (sizes(x, w, s, p)[0], sizes(x, w, s, 0)[1]),
                "pad": lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (0, 0))),
            },
            {
                "sizes": lambda x, w, s, p: (sizes(x, w, s, 0)[0], sizes(x, w, s, p)[1]),
                "pad": lambda x, p: np.pad(x, ((0, 0), (0, 0), (0, 0), (p, p))),
            },
        ),
        mistake(
            "padding_not_zero",
            *NOT_ZERO,
            {"pad": lambda x, p: pad(x, p, fill=1.0)},
        ),
        mistake(
            "padding_doubled",
            {"sizes": lambda x, w, s, p: sizes(x, w, s, 2 * p), "pad": lambda x, p: pad(x, 2 * p)},
        ),
        mistake("padding_wraps_round", {"pad": _wrapped}),
        mistake("padding_sign_turned", {"pad": lambda x, p: pad(x[:, :, p:, p:], 0, 3 * p)}),
        mistake(
            "edge_never_read",
            {"pad": lambda x, p: pad(pad(x[:, :, 1:, 1:], 1, 0), p)},
            {"pad": lambda x, p: pad(pad(x[:, :, :-1, :-1], 0, 1), p)},
        ),
        mistake("bias_missing", {"bias": lambda z, b, w: z}),
        mistake("bias_per_channel", {"bias": lambda z, b, w: z + w.shape[1] * b[:, None, None]}),
        mistake("bias_per_product", {"bias": lambda z, b, w: z + w[0].size * b[:, None, None]}),
        mistake(
            "bias_of_one_filter",
            {"bias": lambda z, b, w: z + b[0]},
            {"bias": lambda z, b, w: z + b[-1]},
            {"bias": lambda z, b, w: z + b.sum()},
            {"bias": lambda z, b, w: z + b[w.shape[1] - 1]},
        ),
        mistake("bias_subtracted", {"bias": lambda z, b, w: z - b[:, None, None]}),
        mistake("bias_multiplied", {"bias": lambda z, b, w: z * b[:, None, None]}),
        mistake("bias_twice", {"bias": lambda z, b, w: z + 2 * b[:, None, None]}),
        mistake("bias_per_image", {"bias": lambda z, b, w: z + len(z) * b[:, None, None]}),
        mistake("bias_added_up", {"bias": lambda z, b, w: z + np.cumsum(b)[:, None, None]}),
        mistake(
            "bias_not_everywhere",
            {"bias": lambda z, b, w: z + first(_spread(b, z), 2, 3)},
            {"bias": lambda z, b, w: z + first(_spread(b, z), 0)},
            {"bias": lambda z, b, w: z + first(_spread(b, z), 1)},
        ),
        mistake("only_first_channel", {"total": lambda seen, w: _total(seen[:, :1], w[:, :1])}),
        mistake("only_last_channel", {"total": lambda seen, w: _total(seen[:, -1:], w[:, -1:])}),
        mistake("channels_averaged", {"total": lambda seen, w: _total(seen, w) / w.shape[1]}),
        mistake(
            "channel_left_out",
            {"total": lambda seen, w: _total(seen[:, :-1], w[:, :-1])},
            {"total": lambda seen, w: _total(seen[:, 1:], w[:, 1:])},
        ),
        mistake(
            "channels_share",
            {"total": lambda seen, w: _total(seen, np.broadcast_to(w[:, :1], w.shape))},
            {"total": lambda seen, w: _total(np.broadcast_to(seen[:, :1], seen.shape), w)},
        ),
        mistake("one_channel_per_filter", {"total": _depthwise}),
        mistake("filters_exchanged_with_channels", {"kernel": _exchanged}, {"kernel": _reread}),
        mistake("channels_mixed", {"total": lambda seen, w: np.einsum("ncikjl,fdkl->nfij", seen, w)}),
        mistake("only_first_filter", {"finish": lambda z: first(z, 1)}),
        mistake(
            "filters_alike",
            {"total": lambda seen, w: _total(seen, np.broadcast_to(w[:1], w.shape))},
            {"total": lambda seen, w: _total(seen, np.broadcast_to(w[-1:], w.shape))},
        ),
        mistake("only_first_image", {"finish": lambda z: first(z, 0)}),
        mistake("images_added_up", {"finish": _running}),
        mistake("images_alike", {"finish": lambda z: np.broadcast_to(z[:1], z.shape)}),
        mistake("images_summed", {"total": lambda seen, w: _total(np.broadcast_to(seen.sum(0), seen.shape), w)}),
        mistake(
            "filters_added_up",
            {"finish": lambda z: np.cumsum(z, axis=1)},
            {"total": lambda seen, w: np.cumsum(_total(seen, w), axis=1)},
        ),
        mistake(
            "outputs_added_up",
            {"total": lambda seen, w: _raster(_total(seen, w), 2)},
            {"total": lambda seen, w: _raster(_total(seen, w), 1)},
            {"total": lambda seen, w: _raster(_total(seen, w), 0)},
        ),
        mistake(
            "reshaped_without_transpose",
            *({"total": partial(_reshaped, order=order)} for order in ORDERS),
            *({"finish": lambda z, order=order: z.transpose(order).reshape(z.shape)} for order in ORDERS),
            {"kernel": lambda w: w.reshape(-1, len(w)).T.reshape(w.shape)},
            {"kernel": lambda w: w.reshape(len(w), *w.shape[2:], -1).transpose(0, 3, 1, 2)},
            {"kernel": lambda w: w.reshape(len(w), w.shape[3], w.shape[2], -1).transpose(0, 3, 2, 1)},
        ),
        mistake(
            "kernel_turned_by_90",
            {"kernel": lambda w: np.rot90(w, 1, (2, 3))},
            {"kernel": lambda w: np.rot90(w, -1, (2, 3))},
        ),
        mistake("other_axes_flipped", {"kernel": lambda w: w[::-1, ::-1]}, {"kernel": lambda w: w[:, ::-1]}),
        mistake("sum_for_product", {"total": lambda seen, w: (seen[:, None] + w[:, :, None, :, None]).sum((2, 4, 6))}),
        mistake("maximum_for_sum", {"total": lambda seen, w: (seen[:, None] * w[:, :, None, :, None]).max((2, 4, 6))}),
        mistake("relu_inside", {"finish": lambda z: np.maximum(z, 0)}),
        mistake(
            "returns_too_soon",
            {"finish": lambda z: first(z, 0, 1, 2, 3)},
            {"finish": lambda z: first(z, 0, 1, 2)},
            {"finish": lambda z: first(z, 0, 1)},
            {"finish": lambda z: first(z, 2, 3)},
            {"finish": lambda z: first(z, 2)},
        ),
        mistake(
            "only_last_product",
            {"total": lambda seen, w: _total(seen[:, :, :, -1:, :, -1:], w[:, :, -1:, -1:])},
            {"total": lambda seen, w: _total(seen[:, -1:, :, -1:, :, -1:], w[:, -1:, -1:, -1:])},
        ),
        mistake(
            "tap_missed",
            {"total": lambda seen, w: _total(seen[:, :, :, :-1, :, :-1], w[:, :, :-1, :-1])},
            {"total": lambda seen, w: _total(seen[:, :, :, 1:, :, 1:], w[:, :, 1:, 1:])},
            {"total": lambda seen, w: _total(seen[:, :, :, :-1], w[:, :, :-1])},
            {"total": lambda seen, w: _total(seen[:, :, :, :, :, :-1], w[:, :, :, :-1])},
        ),
        mistake(
            "window_averaged",
            {"total": lambda seen, w: _total(seen, w) / w[0, 0].size},
            {"total": lambda seen, w: _total(seen, w) / w[0].size},
        ),
        mistake("output_transposed", {"finish": lambda z: z.swapaxes(2, 3)}),
        mistake("truncated", {"finish": np.trunc}, {"total": lambda seen, w: _total(np.trunc(seen), w)}),
        mistake("sign_flipped", {"total": lambda seen, w: -_total(seen, w)}),
    ),
    cases=lambda rng: conv_cases(rng, [*GEOMETRIES, *at_random(rng)], _arguments),
    beyond=lambda rng: conv_cases(rng, BEYOND, _arguments),
    edge="it does not work where the padding is larger than K − 1: rare, but allowed.",
    hints=(
        "Pad first; then the index rule loses its −p. How many rows and columns does z have?",
        "For one output (i, j): which rows of the padded input does its window cover? K_h of them, from i·s on.",
        "A window is x_pad[n, :, i·s : i·s + K_h, j·s : j·s + K_w]. Multiply it with w[f], sum everything, add b[f].",
    ),
    notice="Every output used the same w and b: remember that when their gradients come. They hear from every output.",
    forbidden=frozenset({"conv2d"}),
)

# One image, one kernel ----------------------------------------------------------------------------------------------

PLAIN = (
    *("kernel_flipped", "kernel_transposed", "kernel_mirrored", "size_one_short", "last_window_missed"),
    *("size_from_one_axis", "kernel_from_one_axis", "only_last_product", "window_averaged"),
    *("output_transposed", "truncated", "sign_flipped", "outputs_added_up", "tap_missed"),
    *("kernel_turned_by_90", "maximum_for_sum", "sum_for_product", "relu_inside", "edge_never_read"),
)
STRIDED = (
    *PLAIN,
    *("stride_in_size_only", "stride_ignored", "stride_on_taps", "stride_on_one_axis", "stride_is_kernel"),
    *("size_rounded_up", "size_padding_once", "size_padding_subtracted", "padding_ignored", "padding_at_the_end"),
    *("padding_at_the_start", "padding_on_one_axis", "padding_not_zero", "padding_doubled"),
    *("padding_wraps_round", "padding_sign_turned"),
)
ALONE = [geometry for geometry in GEOMETRIES if geometry[:3] == (1, 1, 1)]


def _one(step: SimpleNamespace, x: Array, w: Array, stride: int = 1, padding: int = 0) -> Array:
    return np.asarray(_conv2d(step, x[None, None], w[None, None], np.zeros(1), stride, padding)[0, 0])


def _alone(rng: np.random.Generator) -> list[Geometry]:
    return [geometry._replace(N=1, C=1, F=1) for geometry in (*ALONE, *at_random(rng))]


def _named(names: tuple[str, ...]) -> tuple[Mistake, ...]:
    """The layer's mistakes of these names, and the return that comes too soon, where there is but one image."""
    early = mistake("returns_too_soon", {"finish": lambda z: first(z, 2, 3)}, {"finish": lambda z: first(z, 2)})
    return (*(known for known in CONV2D.mistakes if known.name in names), early)


def _one_of_these(numbers: Numbers, geometry: Geometry) -> Arguments:
    _, _, _, H, W, K_h, K_w, s, p = geometry
    return numbers(H, W), numbers(K_h, K_w), s, p


def _plain_cases(rng: np.random.Generator) -> list[Case]:
    fitting = [geometry for geometry in _alone(rng) if geometry.K_h <= geometry.H and geometry.K_w <= geometry.W]
    simple = [geometry._replace(s=1, p=0) for geometry in fitting]
    return conv_cases(rng, simple, lambda numbers, geometry: _one_of_these(numbers, geometry)[:2])


CORRELATE2D = replace(
    CONV2D,
    name="correlate2d",
    title="one kernel sliding over one image",
    answer=solutions.correlate2d,
    recipe=_one,
    mistakes=_named(PLAIN),
    cases=_plain_cases,
    beyond=lambda rng: (),
    hints=(
        "Lay the kernel on the top left corner of x. Which cells does it cover, and what is z[0, 0]?",
        "Four loops: two over the outputs (i, j), two over the taps (k, l). Which cell of x do they meet at?",
        "z[i, j] += w[k, l] · x[i + k, j + l], for i below H − K_h + 1, j below W − K_w + 1.",
    ),
    notice="The kernel was not turned: this is cross-correlation, which networks call convolution.",
    forbidden=frozenset({"conv2d"}),
)
CORRELATE2D_STRIDED = replace(
    CORRELATE2D,
    name="correlate2d_strided",
    title="one kernel with stride and padding",
    answer=solutions.correlate2d_strided,
    mistakes=_named(STRIDED),
    cases=lambda rng: conv_cases(rng, _alone(rng), _one_of_these),
    hints=(
        "Make the padded input first: zeros, with x in the middle. Which of its cells does output (0, 0) read?",
        "Output i starts at row i·s of the padded input. How many such starts leave room for K_h rows?",
        "O_h = (H + 2p − K_h)//s + 1, and z[i, j] = Σ x_pad[i·s : i·s + K_h, j·s : j·s + K_w] · w.",
    ),
    notice="With stride 2 some rows at the end may belong to no window. They will have no gradient.",
)

TASKS = (OUTPUT_SIZE, CORRELATE2D, CORRELATE2D_STRIDED, CONV2D)

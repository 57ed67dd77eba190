"""Pooling's tasks: right in every style, and every mistake told by its name, in at least two."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv.exercises.judge import Evidence, judge
from lessonconv.exercises.task import Mistake, Steps, Task
from lessonconv.exercises.tasks.pooling import (
    AVG_POOL2D,
    AVG_POOL2D_BACKWARD,
    MAX_POOL2D,
    MAX_POOL2D_BACKWARD,
    TASKS,
)
from lessonconv.exercises.trial import Failure, Outcome
from lessonconv.functional import loops
from tests.exercises.making import Edit, cases, edited, judged, lacking, names
from tests.exercises.styles import pooling as styles
from tests.strategies import TIMES, examples

STYLES = {
    "max_pool2d": styles.MAX_POOL2D,
    "avg_pool2d": styles.AVG_POOL2D,
    "max_pool2d_backward": styles.MAX_POOL2D_BACKWARD,
    "avg_pool2d_backward": styles.AVG_POOL2D_BACKWARD,
}
Mutant = tuple[Any, ...]  # the mistake, the style, the edits that make it

# Mistakes in both forward passes ------------------------------------------------------------------------------------

SHAPE = "N, C, H, W = x.shape"
ROWS, COLUMNS = "i * stride : i * stride + size", "j * stride : j * stride + size"
CELL = "i * stride + k, j * stride + l"
O_H, O_W = "O_h = (H - size) // stride + 1", "O_w = (W - size) // stride + 1"
ALL_LOOPS = "for n in range(N):\n"
SOON = {deep: ("\n    return z", f"\n{' ' * deep}return z") for deep in (8, 12, 16, 20)}


def _sizes(formula: str) -> tuple[Edit, Edit]:
    """Both output sizes by the same formula in H."""
    return (O_H, f"O_h = {formula}"), (O_W, f"O_w = {formula.replace('H', 'W')}")


def _slices(rows: str) -> tuple[Edit, Edit]:
    """Both slices alike, @ for i and j."""
    return (ROWS, rows.replace("@", "i")), (COLUMNS, rows.replace("@", "j"))


BOTH_FORWARD: list[Mutant] = [
    ("stride_in_size_only", "loops", (CELL, "i + k, j + l")),
    ("stride_in_size_only", "slices", *_slices("@ : @ + size")),
    ("stride_ignored", "loops", *_sizes("H - size + 1"), (CELL, "i + k, j + l")),
    ("stride_ignored", "slices", *_sizes("H - size + 1"), *_slices("@ : @ + size")),
    ("stride_ignored", "windows", ("::stride, ::stride", ":, :")),
    ("stride_on_one_axis", "loops", ("j * stride + l", "j + l")),
    ("stride_on_one_axis", "slices", (ROWS, "i : i + size")),
    ("stride_on_one_axis", "slices", (ROWS, "i : i + size"), (O_H, "O_h = H - size + 1")),
    ("stride_on_one_axis", "windows", ("::stride, ::stride", "::stride")),
    ("pool_stride_is_size", "loops", (CELL, "i * size + k, j * size + l")),
    ("pool_stride_is_size", "slices", *_slices("@ * size : @ * size + size")),
    ("pool_stride_is_size", "slices", (SHAPE, SHAPE + "\n    stride = size")),
    ("pool_stride_is_size", "windows", ("::stride, ::stride", "::size, ::size")),
    ("pool_size_is_stride", "loops", ("range(size)", "range(stride)", 2)),
    ("pool_size_is_stride", "slices", *_slices("@ * stride : (@ + 1) * stride")),
    ("pool_size_is_stride", "slices", (SHAPE, SHAPE + "\n    size = stride")),
    ("pool_size_and_stride_exchanged", "loops", (SHAPE, SHAPE + "\n    size, stride = stride, size")),
    ("pool_size_and_stride_exchanged", "slices", (SHAPE, SHAPE + "\n    size, stride = stride, size")),
    ("pool_size_and_stride_exchanged", "slices", *_slices("@ * size : @ * size + stride")),
    ("pool_stride_used_twice", "slices", *_slices("@ * stride * stride : @ * stride * stride + size")),
    ("pool_window_too_small", "loops", ("range(size)", "range(size - 1)", 2)),
    ("pool_window_too_small", "slices", *_slices("@ * stride : @ * stride + size - 1")),
    ("pool_window_too_large", "loops", ("range(size)", "range(size + 1)", 2)),
    ("pool_window_too_large", "slices", *_slices("@ * stride : @ * stride + size + 1")),
    ("pool_window_is_a_line", "loops", ("for k in range(size)", "for k in range(1)")),
    ("pool_window_is_a_line", "slices", (COLUMNS, "j * stride : j * stride + 1")),
    ("pool_first_cell_only", "loops", ("range(size)", "range(1)", 2)),
    ("pool_first_cell_only", "slices", *_slices("@ * stride : @ * stride + 1")),
    ("pool_last_cell_only", "slices", *_slices("@ * stride + size - 1 : @ * stride + size")),
    ("pool_partial_window", "slices", *_sizes("-(-(H - size) // stride) + 1")),
    (
        "pool_partial_window",
        "loops",
        *_sizes("int(np.ceil((H - size) / stride)) + 1"),
        (ALL_LOOPS, f"x = np.pad(x, ((0, 0), (0, 0), (0, size + stride), (0, size + stride)))\n    {ALL_LOOPS}"),
    ),
    ("pool_size_one_short", "loops", *_sizes("(H - size) // stride")),
    ("pool_size_one_short", "slices", *_sizes("(H - size) // stride")),
    ("pool_size_one_short", "slices", *_sizes("len(range(0, H - size, stride))")),
    ("pool_plus_one_inside", "loops", *_sizes("(H - size + 1) // stride")),
    ("pool_plus_one_inside", "slices", *_sizes("(H - size + 1) // stride")),
    ("pool_size_not_subtracted", "loops", *_sizes("H // stride")),
    ("pool_size_not_subtracted", "slices", *_sizes("H // stride")),
    ("pool_size_not_subtracted", "slices", *_sizes("len(range(0, H, stride))")),
    ("pool_divided_by_size", "loops", *_sizes("H // size")),
    ("pool_divided_by_size", "slices", *_sizes("H // size")),
    ("size_from_one_axis", "loops", (O_W, "O_w = O_h")),
    ("size_from_one_axis", "slices", (O_W, "O_w = O_h")),
    ("size_from_one_axis", "slices", (O_H, "O_h = (W - size) // stride + 1")),
    ("pool_height_and_width_exchanged", "slices", (SHAPE, "N, C, W, H = x.shape")),
    ("pool_transposed", "loops", ("return z", "return z.transpose(0, 1, 3, 2)")),
    ("pool_transposed", "slices", ("(N, C, O_h, O_w)", "(N, C, O_w, O_h)"), ("z[:, :, i, j]", "z[:, :, j, i]")),
    ("pool_transposed", "loops", ("z[n, c, i, j]", "z[n, c, j, i]")),
    ("pool_transposed", "slices", (SHAPE, "N, C, W, H = x.shape"), ("return z", "return z.swapaxes(-1, -2)")),
    ("last_window_missed", "loops", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
    ("last_window_missed", "slices", ("range(O_w)", "range(O_w - 1)")),
    ("last_window_missed", "slices", ("range(O_h)", "range(len(range(0, H - size, stride)))")),
    ("pool_first_channel_only", "loops", ("range(C)", "range(1)")),
    ("pool_first_channel_only", "loops", ("= x[n, c, ", "= x[n, 0, ")),
    ("pool_first_channel_only", "slices", ("x[:, :, ", "x[:, :1, ")),
    ("pool_first_channel_only", "slices", (SHAPE, "x = x[:, :1]\n    " + SHAPE)),
    ("pool_first_image_only", "loops", ("range(N)", "range(1)")),
    ("pool_first_image_only", "loops", ("= x[n, c, ", "= x[0, c, ")),
    ("pool_first_image_only", "slices", ("x[:, :, ", "x[:1, :, ")),
    ("returns_too_soon", "loops", SOON[20]),
    ("returns_too_soon", "loops", SOON[16]),
    ("returns_too_soon", "loops", SOON[12]),
    ("returns_too_soon", "slices", SOON[12]),
    ("returns_too_soon", "slices", SOON[8]),
    ("truncated", "loops", ("(N, C, O_h, O_w)", "(N, C, O_h, O_w), int")),
    ("truncated", "slices", (SHAPE, "x = x.astype(int)\n    " + SHAPE)),
    ("truncated", "slices", ("(N, C, O_h, O_w)", "(N, C, O_h, O_w), np.int64")),
]

# Of the largest -----------------------------------------------------------------------------------------------------

MAX, BEST, RISE = "window.max(axis=(2, 3))", "best = -np.inf", "if value > best:\n" + " " * 32 + "best = value"
RESET = " " * 20 + BEST + "\n"

MAX_FORWARD: list[Mutant] = [
    ("pool_maximum_from_zero", "loops", (BEST, "best = 0")),
    ("pool_partial_window", "single", ("- size + 1, stride)", "- size + stride, stride)", 2)),
    ("pool_stride_used_twice", "single", ("u : u", "u * stride : u * stride"), ("v : v", "v * stride : v * stride")),
    (
        "pool_height_and_width_exchanged",
        "single",
        ("0, x.shape[2]", "0, W"),
        ("0, x.shape[3]", "0, x.shape[2]"),
        ("0, W", "0, x.shape[3]"),
    ),
    ("pool_maximum_from_zero", "slices", (MAX, "window.max(axis=(2, 3), initial=0)")),
    ("pool_maximum_from_zero", "taps", ("-np.inf", "0.0")),
    ("pool_last_cell_only", "loops", (RISE, "best = value")),
    ("pool_last_cell_only", "slices", (MAX, "window[:, :, -1, -1]")),
    (
        "pool_partial_window",
        "loops",
        *_sizes("-(-(H - size) // stride) + 1"),
        (CELL, "min(H - 1, i * stride + k), min(W - 1, j * stride + l)"),
    ),
    ("pool_never_reset", "loops", (RESET, ""), (ALL_LOOPS, f"{BEST}\n    {ALL_LOOPS}")),
    ("pool_never_reset", "loops", (RESET, ""), ("for c in range(C)", f"{BEST}\n        for c in range(C)")),
    ("pool_never_reset", "loops", (RESET, ""), ("for j in", f"{BEST}\n                for j in")),
    (
        "pool_never_reset",
        "slices",
        ("    for i in", f"    {BEST}\n    for i in"),
        (MAX, f"best = np.maximum(best, {MAX})"),
    ),
    ("pool_one_for_all", "loops", ("x[n, c, " + CELL + "]", "x[n, :, " + CELL + "].max()")),
    ("pool_one_for_all", "loops", ("x[n, c, " + CELL + "]", "x[:, c, " + CELL + "].max()")),
    ("pool_one_for_all", "slices", (MAX, "window.max()")),
    (
        "pool_one_for_all",
        "slices",
        (MAX, "window.max(axis=(1, 2, 3))"),
        ("(N, C, O_h", "(N, O_h"),
        ("z[:, :, i", "z[:, i"),
    ),
    ("pool_mean_for_maximum", "slices", (MAX, "window.mean(axis=(2, 3))")),
    ("pool_mean_for_maximum", "windows", (".max(", ".mean(")),
    ("pool_sum_for_maximum", "slices", (MAX, "window.sum(axis=(2, 3))")),
    ("pool_sum_for_maximum", "loops", (BEST, "best = 0"), (RISE, "best += value")),
    ("pool_minimum_for_maximum", "loops", (BEST, "best = np.inf"), ("value > best", "value < best")),
    ("pool_minimum_for_maximum", "slices", (MAX, "window.min(axis=(2, 3))")),
    ("pool_largest_absolute", "loops", ("if value > best", "if abs(value) > abs(best)"), (BEST, "best = 0")),
    ("pool_largest_absolute", "slices", (MAX, "np.abs(window).max(axis=(2, 3))")),
    ("pool_place_for_maximum", "slices", (MAX, "window.reshape(N, C, -1).argmax(axis=2)")),
    (
        "pool_place_for_maximum",
        "loops",
        (RISE, RISE + f"\n{' ' * 32}place = k * size + l"),
        ("= best\n    return", "= place\n    return"),
    ),
    (
        "pool_place_for_maximum",
        "loops",
        (RISE, RISE + f"\n{' ' * 32}place = (i * stride + k) * W + j * stride + l"),
        ("= best\n    return", "= place\n    return"),
    ),
]

# Of the mean --------------------------------------------------------------------------------------------------------

MEAN, START, DIVIDED = "window.mean(axis=(2, 3))", "total = 0.0", "total / size**2"
SUM = "window.sum(axis=(2, 3))"
NEW = " " * 20 + START + "\n"

AVG_FORWARD: list[Mutant] = [
    *[(*mutant, (MEAN, SUM + " / size**2")) for mutant in BOTH_FORWARD if mutant[1] == "slices"],
    ("pool_last_cell_only", "loops", ("total += x", "total = x")),
    ("pool_last_cell_only", "slices", (MEAN, "window[:, :, -1, -1]")),
    ("pool_never_reset", "loops", (NEW, ""), (ALL_LOOPS, f"{START}\n    {ALL_LOOPS}")),
    ("pool_never_reset", "loops", (NEW, ""), ("for i in", f"{START}\n            for i in")),
    ("pool_never_reset", "slices", ("    for i in", f"    {START}\n    for i in"), (MEAN, f"total = total + {MEAN}")),
    ("pool_one_for_all", "loops", ("x[n, c, " + CELL + "]", "x[n, :, " + CELL + "].mean()")),
    ("pool_one_for_all", "loops", ("x[n, c, " + CELL + "]", "x[n, :, " + CELL + "].sum()")),
    ("pool_one_for_all", "slices", (MEAN, "window.mean()")),
    (
        "pool_stride_used_twice",
        "single",
        ("i * stride :, j * stride :", "i * stride * stride :, j * stride * stride :"),
    ),
    ("pool_height_and_width_exchanged", "single", (SHAPE, "N, C, W, H = x.shape")),
    ("pool_not_divided", "loops", (DIVIDED, "total")),
    ("pool_not_divided", "slices", (MEAN, SUM)),
    ("pool_not_divided", "taps", (" / (size * size)", "")),
    ("pool_divided_by_one_side", "loops", (DIVIDED, "total / size")),
    ("pool_divided_by_one_side", "slices", (MEAN, SUM + " / size")),
    ("pool_divided_by_stride", "loops", (DIVIDED, "total / stride**2")),
    ("pool_divided_by_stride", "slices", (MEAN, SUM + " / (stride * stride)")),
    ("pool_divided_by_stride", "slices", (MEAN, SUM + " / stride")),
    ("pool_divided_twice", "loops", ("total += x", "total += 1 / size**2 * x")),
    ("pool_divided_twice", "slices", (MEAN, MEAN + " / size**2")),
    ("pool_divided_by_picture", "loops", (DIVIDED, "total / (H * W)")),
    ("pool_divided_by_picture", "slices", (MEAN, SUM + " / x[0, 0].size")),
    ("pool_rounded_down", "loops", (DIVIDED, "total // size**2")),
    ("pool_rounded_down", "slices", (MEAN, f"np.floor({MEAN})")),
    ("pool_maximum_for_mean", "slices", (MEAN, "window.max(axis=(2, 3))")),
    ("pool_maximum_for_mean", "windows", (".mean(", ".max(")),
]

# Mistakes in both backward passes: `slices` writes to a window of dx, `loops` to a cell -------------------------------

SUM_UP = "dx[:, :, i * stride : i * stride + size, j * stride : j * stride + size] += part"
DX_SOON = {deep: ("\n    return dx", f"\n{' ' * deep}return dx") for deep in (8, 12, 16, 20)}
UNREAD = "(N, C, H, W))"


def _in_dx(rows: str, columns: str) -> Edit:
    return SUM_UP, f"dx[:, :, {rows}, {columns}] += part"


BOTH_BACKWARD: list[Mutant] = [
    ("pool_overlap_overwritten", "loops", ("+= dz", "= dz")),
    ("pool_overlap_overwritten", "slices", ("+= part", "= part")),
    ("pool_overlap_overwritten", "taps", ("] +=", "] =")),
    (
        "pool_overlap_averaged",
        "slices",
        (SUM_UP, SUM_UP + "\n            " + SUM_UP.replace("dx", "count", 1).replace("part", "1")),
        ("(N, C, H, W))", "(N, C, H, W))\n    count = np.zeros((N, C, H, W))"),
        ("return dx", "return dx / np.maximum(count, 1)"),
    ),
    ("pool_without_start", "slices", _in_dx(":size", ":size")),
    ("pool_dx_shape_from_dz", "loops", (UNREAD, "(N, C, (O_h - 1) * stride + size, (O_w - 1) * stride + size))")),
    ("pool_dx_shape_from_dz", "slices", (UNREAD, "(N, C, O_h * stride, O_w * stride))")),
    ("pool_dx_shape_from_dz", "slices", (UNREAD, "(N, C, O_h * size, O_w * size))")),
    ("pool_dx_transposed", "loops", ("return dx", "return dx.transpose(0, 1, 3, 2)")),
    ("pool_dx_transposed", "slices", ("return dx", "return dx.swapaxes(2, 3)")),
    ("pool_last_window_silent", "loops", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
    ("pool_last_window_silent", "slices", ("range(O_h)", "range(O_h - 1)")),
    (
        "pool_last_window_silent",
        "slices",
        ("range(O_h)", "range(len(range(0, H - size, stride)))"),
        ("range(O_w)", "range(len(range(0, W - size, stride)))"),
    ),
    ("pool_dx_returns_too_soon", "loops", DX_SOON[20]),
    ("pool_dx_returns_too_soon", "loops", DX_SOON[12]),
    ("pool_dx_returns_too_soon", "slices", DX_SOON[8]),
    ("pool_first_channel_only", "loops", ("range(C)", "range(1)")),
    ("pool_first_channel_only", "slices", ("return dx", "dx[:, 1:] = 0\n    return dx")),
    ("pool_first_image_only", "loops", ("range(N)", "range(1)")),
    ("pool_first_image_only", "loops", DX_SOON[8]),
    ("pool_first_image_only", "slices", ("return dx", "dx[1:] = 0\n    return dx")),
    ("pool_gradient_divided_by_batch", "loops", ("+= dz[n, c, i, j]", "+= dz[n, c, i, j] / N")),
    ("pool_gradient_divided_by_batch", "slices", ("return dx", "return dx / len(x)")),
    ("truncated", "loops", (UNREAD, "(N, C, H, W), int)")),
    ("truncated", "slices", ("return dx", "return dx.astype(int)")),
]

# Where each window stands: the same slices to read and to write ------------------------------------------------------

MOVED = [
    ("pool_windows_side_by_side", "i", "j", "size"),
    ("stride_on_one_axis", "i * stride", "j", "size"),
    ("stride_on_one_axis", "i", "j * stride", "size"),
    ("pool_stride_is_size", "i * size", "j * size", "size"),
    ("pool_size_is_stride", "i * stride", "j * stride", "stride"),
    ("pool_size_and_stride_exchanged", "i * size", "j * size", "stride"),
    ("pool_stride_used_twice", "i * stride * stride", "j * stride * stride", "size"),
    ("pool_window_too_small", "i * stride", "j * stride", "(size - 1)"),
    ("pool_window_too_large", "i * stride", "j * stride", "(size + 1)"),
]


def _moved(style: str, source: str) -> list[Mutant]:
    """These mistakes in one style: in `loops` and `argmax` cells move, in `slices` windows, wherever they are named."""
    found: list[Mutant] = []
    for name, top, left, size in MOVED:
        pairs = [
            ("range(size)", f"range({size})"),
            (CELL, f"{top} + k, {left} + l"),
            (ROWS, f"{top} : {top} + {size}"),
            (COLUMNS, f"{left} : {left} + {size}"),
        ]
        edits = [(old, new, source.count(old)) for old, new in pairs if source.count(old) and old != new]
        if (name, style) != ("pool_stride_used_twice", "loops"):  # which only fails, whenever it goes wrong
            found.append((name, style, *edits))
    return found


# Of the gradient of the largest --------------------------------------------------------------------------------------

MASK = "mask = np.arange(flat.shape[2]) == flat.argmax(axis=2)[:, :, None]"
WEIGHED = "mask.reshape(window.shape) * dz[:, :, i, j][:, :, None, None]"
KEEP = "best, u, v = value, i * stride + k, j * stride + l"
PLACE = "k, l = np.unravel_index(np.argmax(window), window.shape)"
ADD = "dx[n, c, i * stride + k, j * stride + l] += dz[n, c, i, j]"
DOWN = "for k in range(size):\n                        for l in range(size)"

MAX_BACKWARD: list[Mutant] = [
    *_moved("loops", styles.MAX_POOL2D_BACKWARD["loops"]),
    *_moved("argmax", styles.MAX_POOL2D_BACKWARD["argmax"]),
    *_moved("slices", styles.MAX_POOL2D_BACKWARD["slices"]),
    ("pool_ties_to_last", "loops", ("value > best", "value >= best")),
    ("pool_ties_to_last", "slices", ("flat.argmax(axis=2)", "(flat.shape[2] - 1 - flat[:, :, ::-1].argmax(axis=2))")),
    ("pool_ties_to_last", "taps", ("for tap in taps.values():", "for tap in reversed(taps.values()):")),
    (
        "pool_ties_shared",
        "slices",
        (MASK, "mask = flat == flat.max(2, keepdims=True)\n            mask = mask / mask.sum(2, keepdims=True)"),
    ),
    ("pool_ties_shared", "masks", ("mask[mask] = np.arange(mask.sum()) == 0", "mask = mask / np.count_nonzero(mask)")),
    ("pool_ties_by_columns", "loops", (DOWN, DOWN.replace("k", "m").replace("l in", "k in").replace("m in", "l in"))),
    ("pool_ties_by_columns", "argmax", (PLACE, "l, k = np.unravel_index(np.argmax(window.T), window.T.shape)")),
    (
        "pool_ties_by_columns",
        "loops",
        ("value > best", "value >= best"),
        (DOWN, DOWN.replace("k", "m").replace("l in", "k in").replace("m in", "l in")),
    ),
    ("pool_ties_all_win", "slices", (MASK, "mask = flat == flat.max(axis=2, keepdims=True)")),
    ("pool_ties_all_win", "masks", ("        mask[mask] = np.arange(mask.sum()) == 0\n", "")),
    ("pool_ties_all_win", "taps", ("        free &= ~wins\n", "")),
    ("pool_overlap_overwritten", "argmax", ("+= dz", "= dz")),
    (
        "pool_overlap_overwritten",
        "windows",
        ("np.add.at(dx, (n, c, i * stride + k, j * stride + l), dz)", "dx[n, c, i * stride + k, j * stride + l] = dz"),
    ),
    ("pool_overlap_overwritten", "taps", ("dx[tap] += np.where(wins, dz, 0)", "dx[tap][wins] = dz[wins]")),
    (
        "pool_overlap_averaged",
        "argmax",
        (ADD, ADD + "\n" + " " * 20 + "wins[n, c, i * stride + k, j * stride + l] += 1"),
        (UNREAD, UNREAD + "\n    wins = np.zeros(x.shape)"),
        ("return dx", "return dx / np.maximum(1, wins)"),
    ),
    ("pool_without_start", "argmax", ("dx[n, c, i * stride + k, j * stride + l]", "dx[n, c, k, l]")),
    ("pool_without_start", "argmax", (ADD, "dx[n, c, k, l] = dz[n, c, i, j]")),
    ("pool_without_start", "loops", (KEEP, "best, u, v = value, k, l")),
    ("truncated", "argmax", (UNREAD, "(N, C, H, W), np.int32)")),
    ("pool_window_is_a_line", "loops", ("for k in range(size)", "for k in range(1)")),
    ("pool_window_is_a_line", "slices", (COLUMNS, "j * stride : j * stride + 1", 2)),
    ("pool_all_cells_win", "slices", (MASK, "mask = np.ones(flat.shape)")),
    ("pool_all_cells_win", "masks", ("+= mask * dz", "+= dz")),
    ("pool_spread_like_a_mean", "slices", (MASK, "mask = np.full(flat.shape, 1 / size**2)")),
    ("pool_spread_like_a_mean", "masks", ("+= mask * dz[n, c, i, j]", "+= dz[n, c, i, j] / mask.size")),
    ("pool_wins_counted", "slices", (" * dz[:, :, i, j][:, :, None, None]", "")),
    ("pool_wins_counted", "loops", ("+= dz[n, c, i, j]", "+= 1")),
    ("pool_wins_counted", "loops", ("+= dz[n, c, i, j]", "= 1")),
    (
        "pool_wins_counted",
        "masks",
        ("        mask[mask] = np.arange(mask.sum()) == 0\n", ""),
        ("+= mask * dz[n, c, i, j]", "+= mask"),
    ),
    ("pool_value_for_gradient", "loops", ("+= dz[n, c, i, j]", "+= best")),
    ("pool_value_for_gradient", "argmax", ("+= dz[n, c, i, j]", "= window.max()")),
    ("pool_value_for_gradient", "slices", (WEIGHED, "mask.reshape(window.shape) * window")),
    ("pool_gradient_times_value", "loops", ("+= dz[n, c, i, j]", "+= dz[n, c, i, j] * best")),
    ("pool_gradient_times_value", "slices", (WEIGHED, WEIGHED + " * window")),
    ("pool_winner_from_zero", "loops", (BEST, "best = 0\n                    u, v = i * stride, j * stride")),
    ("pool_winner_from_zero", "loops", (BEST, "best, u, v = 0, 0, 0")),
    ("pool_winner_from_zero", "slices", (MASK, MASK + "\n            mask = mask & (flat > 0)")),
    ("pool_winner_from_zero", "masks", ("window.max()", "max(0, window.max())")),
    ("pool_smallest_wins", "loops", (BEST, "best = np.inf"), ("value > best", "value < best")),
    ("pool_smallest_wins", "slices", ("flat.argmax", "flat.argmin")),
    ("pool_largest_absolute_wins", "argmax", ("np.argmax(window)", "np.argmax(np.abs(window))")),
    ("pool_largest_absolute_wins", "slices", ("flat.argmax(axis=2)", "abs(flat).argmax(axis=2)")),
    ("pool_place_transposed", "argmax", ("k, l =", "l, k =")),
    ("pool_place_transposed", "windows", ("k, l =", "l, k =")),
    ("pool_place_transposed", "slices", ("mask.reshape(window.shape)", "mask.reshape(window.shape).swapaxes(2, 3)")),
    ("pool_place_by_stride", "argmax", (PLACE, "k, l = divmod(np.argmax(window), stride)")),
    ("pool_place_by_stride", "windows", ("axis=-1), size)", "axis=-1), stride)")),
    ("pool_winner_of_one_channel", "loops", ("= x[n, c, ", "= x[n, 0, ")),
    ("pool_winner_of_one_channel", "argmax", ("= x[n, c, ", "= x[n, 0, ")),
    ("pool_winner_of_one_image", "loops", ("= x[n, c, ", "= x[0, c, ")),
    ("pool_winner_of_one_image", "argmax", ("= x[n, c, ", "= x[0, c, ")),
    ("pool_rivals_elsewhere", "slices", (MASK, "mask = flat == flat.max()")),
    ("pool_rivals_elsewhere", "slices", (MASK, "mask = flat == flat.max(axis=(1, 2), keepdims=True)")),
    (
        "pool_rivals_elsewhere",
        "masks",
        ("        mask[mask] = np.arange(mask.sum()) == 0\n", ""),
        ("window.max()", "x[n, :, rows, columns].max()"),
    ),
    ("pool_one_cell_gets_all", "loops", (KEEP, "u, v = i * stride, j * stride")),
    ("pool_one_cell_gets_all", "argmax", (PLACE, "k, l = 0, 0")),
    ("pool_one_cell_gets_all", "loops", (f"if value > best:\n{' ' * 32}{KEEP}", KEEP)),
]

# Of the gradient of the mean ------------------------------------------------------------------------------------------

SHARE = "dz[n, c, i, j] / size**2"
PART = "part = dz[:, :, i, j][:, :, None, None] / size**2"
GRADIENT = "part = dz[:, :, i, j][:, :, None, None]"
READ = "x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]"

AVG_BACKWARD: list[Mutant] = [
    *_moved("loops", styles.AVG_POOL2D_BACKWARD["loops"]),
    *_moved("slices", styles.AVG_POOL2D_BACKWARD["slices"]),
    *_moved("single", styles.AVG_POOL2D_BACKWARD["single"]),
    (
        "pool_overlap_averaged",
        "loops",
        (" / size**2", "\n" + " " * 28 + "count[i * stride + k, j * stride + l] += 1"),
        (UNREAD, UNREAD + "\n    count = np.zeros((H, W))"),
        ("return dx", "return dx / np.maximum(1, count / (N * C))"),
    ),
    ("pool_without_start", "loops", ("dx[n, c, i * stride + k, j * stride + l]", "dx[n, c, k, l]")),
    ("truncated", "loops", (SHARE, "int(dz[n, c, i, j]) / size**2")),
    ("pool_window_is_a_line", "loops", ("for l in range(size)", "for l in range(1)")),
    ("pool_window_is_a_line", "slices", (ROWS, "i * stride : i * stride + 1")),
    ("pool_gradient_not_divided", "loops", (SHARE, "dz[n, c, i, j]")),
    ("pool_gradient_not_divided", "slices", (PART, GRADIENT)),
    ("pool_gradient_not_divided", "taps", ("dz / size**2", "dz")),
    ("pool_gradient_divided_by_one_side", "loops", (SHARE, "dz[n, c, i, j] / size")),
    ("pool_gradient_divided_by_one_side", "slices", (PART, GRADIENT + " / size")),
    ("pool_gradient_divided_by_stride", "loops", (SHARE, "dz[n, c, i, j] / stride**2")),
    ("pool_gradient_divided_by_stride", "slices", (PART, GRADIENT + " / stride")),
    ("pool_gradient_divided_twice", "loops", (SHARE, SHARE + " / size**2")),
    ("pool_gradient_divided_twice", "slices", (PART, PART + " / size**2")),
    ("pool_gradient_divided_by_picture", "loops", (SHARE, "dz[n, c, i, j] / (H * W)")),
    ("pool_gradient_divided_by_picture", "slices", (PART, GRADIENT + " / (O_h * O_w)")),
    ("pool_windows_counted", "loops", (SHARE, "1 / size**2")),
    ("pool_windows_counted", "slices", ("+= part", "+= 1")),
    ("pool_gradient_times_value", "loops", (SHARE, SHARE + " * x[n, c, i * stride + k, j * stride + l]")),
    ("pool_gradient_times_value", "slices", (PART, f"{PART} * {READ}")),
    ("pool_winner_gets_all", "slices", (PART, f"{GRADIENT} * ({READ} == {READ}.max((2, 3), keepdims=True))")),
    (
        "pool_winner_gets_all",
        "loops",
        ("for k in", f"window = {READ.replace(':, :', 'n, c', 1)}\n                    for k in"),
        (SHARE, "dz[n, c, i, j] * (window[k, l] == window.max())"),
    ),
    ("pool_one_cell_gets_all", "loops", ("range(size)", "range(1)", 2)),
    (
        "pool_one_cell_gets_all",
        "slices",
        (PART, GRADIENT + "[:, :, 0, 0]"),
        (SUM_UP, "dx[:, :, i * stride, j * stride] += part"),
    ),
]

MUTANTS = {
    "max_pool2d": [*BOTH_FORWARD, *MAX_FORWARD],
    "avg_pool2d": [*BOTH_FORWARD, *AVG_FORWARD],
    "max_pool2d_backward": [*BOTH_BACKWARD, *MAX_BACKWARD],
    "avg_pool2d_backward": [*BOTH_BACKWARD, *AVG_BACKWARD],
}
EACH_MUTANT = [
    pytest.param(task, name, style, edits, id=f"{task.name}-{number}-{name}-{style}")
    for task in TASKS
    for number, (name, style, *edits) in enumerate(MUTANTS[task.name])
]
EACH_MISTAKE = [
    pytest.param(task, mistake, id=f"{task.name}-{mistake.name}") for task in TASKS for mistake in task.mistakes
]
SEEDS = range(TIMES)


class Remembering(Task):
    """A task that computes what each mistake comes to on each case only once: many functions are judged here."""

    def compute(self, slip: Steps, arguments: tuple[Any, ...]) -> Any:
        """As Task does. Kept is only what lives as long as the tests: the catalogue's slips, the cases' arguments."""
        known: dict[tuple[int, int], Any] = self.__dict__.setdefault("known", {})
        slips = self.__dict__.setdefault("slips", {id(slip) for mistake in self.mistakes for slip in mistake.slips})
        if id(slip) not in slips:
            return super().compute(slip, arguments)
        if (id(slip), id(arguments)) not in known:
            try:
                known[id(slip), id(arguments)] = super().compute(slip, arguments)
            except Exception as error:
                known[id(slip), id(arguments)] = error
        result = known[id(slip), id(arguments)]
        if isinstance(result, Exception):
            raise result
        return result


REMEMBERING = {
    task.name: Remembering(**{part.name: getattr(task, part.name) for part in fields(task)}) for task in TASKS
}


def computed(task: Task, slip: Steps, seed: int) -> list[Outcome]:
    """What the recipe comes to with some steps replaced; where any number would do, one that is nowhere right."""
    found = []
    for case in cases(task, seed):
        try:
            with np.errstate(all="ignore"):
                result = np.asarray(task.compute(slip, case.arguments), float)
            found.append(Outcome(np.where(np.isnan(result), -77.125, result), "ndarray", ("float64",)))
        except (ValueError, IndexError) as error:
            found.append(Outcome(failure=Failure(type(error).__name__, str(error), None)))
    return found


# Right ---------------------------------------------------------------------------------------------------------------


def expected(task: Task, arguments: tuple[Any, ...]) -> Any:
    """What the package's loops make of a task's arguments."""
    *arrays, size, stride = arguments
    x = arrays[-1]
    if task is MAX_POOL2D:
        return loops.max_pool2d(x, size, stride=stride)[0]
    if task is AVG_POOL2D:
        return loops.avg_pool2d(x, size, stride=stride)
    if task is AVG_POOL2D_BACKWARD:
        return loops.avg_pool2d_backward(arrays[0], x.shape, size, stride=stride)
    return loops.max_pool2d_backward(arrays[0], loops.max_pool2d(x, size, stride=stride)[1], x.shape)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_recipe_and_solution_do_what_the_loops_of_the_package_do(task: Task, seed: int) -> None:
    for case in cases(task, seed):
        wanted = expected(task, case.arguments)
        np.testing.assert_allclose(task.right(case.arguments), wanted, atol=1e-12)
        np.testing.assert_allclose(task.answer(*case.arguments), wanted, atol=1e-12)


@examples(60)
@given(st.data())
def test_recipe_and_solution_are_right_for_all_shapes(data: st.DataObject) -> None:
    N, C, size, stride = (data.draw(st.integers(1, most)) for most in (2, 2, 4, 5))
    H, W = (data.draw(st.integers(size, size + 6)) for _ in range(2))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    x = rng.integers(-3, 3, (N, C, H, W)).astype(float)
    dz = rng.integers(-9, 9, (N, C, (H - size) // stride + 1, (W - size) // stride + 1)).astype(float)
    for task in TASKS:
        arguments = (dz, x, size, stride)[4 - len(task.arguments) :]
        wanted = expected(task, arguments)
        np.testing.assert_allclose(task.right(arguments), wanted, atol=1e-12)
        np.testing.assert_allclose(task.answer(*arguments), wanted, atol=1e-12)


@pytest.mark.parametrize(("task", "style"), [(task, style) for task in TASKS for style in STYLES[task.name]])
def test_every_style_is_right(task: Task, style: str) -> None:
    assert names(judged(task, STYLES[task.name][style])) == ["right"]


def test_three_ways_to_treat_ties_are_told_and_not_held_against_anybody() -> None:
    for name in ("pool_ties_shared", "pool_ties_to_last", "pool_ties_by_columns"):
        for mutant, style, *edits in MUTANTS["max_pool2d_backward"]:
            if mutant == name:
                judgement = judged(MAX_POOL2D_BACKWARD, edited(styles.MAX_POOL2D_BACKWARD[style], *edits))
                assert judgement.right and not judgement.mistakes
                assert [remark.name for remark in judgement.remarks] == [name]


# Wrong ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "name", "style", "edits"), EACH_MUTANT)
def test_a_mistake_in_the_code_is_told_by_its_name(task: Task, name: str, style: str, edits: list[Edit]) -> None:
    assert names(judged(REMEMBERING[task.name], edited(STYLES[task.name][style], *edits))) == [name]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_mistake_is_made_in_two_styles_at_least(task: Task) -> None:
    made = {(name, style) for name, style, *_ in MUTANTS[task.name]}
    assert lacking(task, [name for name, _ in made]) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("task", "mistake"), EACH_MISTAKE)
def test_every_slip_of_a_mistake_is_told_by_its_name(task: Task, mistake: Mistake, seed: int) -> None:
    for slip in mistake.slips:
        assert names(judge(REMEMBERING[task.name], cases(task, seed), computed(task, slip, seed))) == [mistake.name]


FROM_ZERO: Edit = (BEST, "best = 0")
PAIRS = [
    (MAX_POOL2D, "pool_maximum_from_zero", "pool_size_one_short", "loops", FROM_ZERO, *_sizes("(H - size) // stride")),
    (MAX_POOL2D, "stride_in_size_only", "pool_maximum_from_zero", "loops", (CELL, "i + k, j + l"), FROM_ZERO),
    (AVG_POOL2D, "stride_in_size_only", "pool_not_divided", "slices", *_slices("@ : @ + size"), (MEAN, SUM)),
    (AVG_POOL2D, "size_from_one_axis", "pool_not_divided", "slices", (O_W, "O_w = O_h"), (MEAN, SUM)),
    (
        MAX_POOL2D_BACKWARD,
        "pool_ties_all_win",
        "pool_overlap_overwritten",
        "slices",
        (MASK, "mask = flat == flat.max(axis=2, keepdims=True)"),
        ("+= part", "= part"),
    ),
    (
        AVG_POOL2D_BACKWARD,
        "pool_gradient_not_divided",
        "pool_overlap_overwritten",
        "loops",
        (SHARE, "dz[n, c, i, j]"),
        ("+= dz", "= dz"),
    ),
]


@pytest.mark.parametrize(("task", "one", "other", "style", "edits"), [(*given[:4], given[4:]) for given in PAIRS])
def test_two_mistakes_at_once_are_both_told(task: Task, one: str, other: str, style: str, edits: Any) -> None:
    assert set(names(judged(task, edited(STYLES[task.name][style], *edits)))) == {one, other}


def test_a_policy_beside_a_mistake_stays_a_remark() -> None:
    source = edited(styles.MAX_POOL2D_BACKWARD["loops"], ("value > best", "value >= best"), ("+= dz", "= dz"))
    judgement = judged(MAX_POOL2D_BACKWARD, source)
    assert not judgement.right
    assert [mistake.name for mistake in judgement.mistakes] == ["pool_overlap_overwritten"]
    assert [mistake.name for mistake in judgement.remarks] == ["pool_ties_to_last"]


@pytest.mark.parametrize("edit", [("best = -np.inf", "best = -2"), ("size) // stride + 1", "size) // stride + 2", 2)])
def test_a_mistake_without_a_name_is_given_none(edit: Edit) -> None:
    assert names(judged(MAX_POOL2D, edited(styles.MAX_POOL2D["loops"], edit))) == ["unknown"]


# The cases -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_cases_show_what_is_special_smallest_first(task: Task) -> None:
    found = cases(task)
    assert [case.cells for case in found] == sorted(case.cells for case in found)
    assert found[0].cells <= 8 and found[-1].cells <= 200
    shown = frozenset[str]().union(*(case.traits for case in found))
    assert {
        "several images",
        "several channels",
        "an input that is not square",
        "rows or columns left over at the end",
        "windows that overlap",
        "a stride larger than the window",
        "a window of only negative numbers",
        "numbers that are not whole",
    } <= shown
    assert ("equal maxima in a window" in shown) == task.name.startswith("max")


def test_a_mistake_shows_first_on_an_input_that_fits_on_a_screen() -> None:
    for task in TASKS:
        for mistake in task.mistakes:
            for slip in mistake.slips:
                wrong = Evidence(task, cases(task), computed(task, slip, 0)).wrong
                assert cases(task)[wrong[0]].cells <= 40, mistake.name

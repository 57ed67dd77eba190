"""The tasks about the matrix T(w): right in every style, and every mistake named, in two styles at least."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv.exercises.task import Steps, Task
from lessonconv.exercises.tasks.matrix import CONV_MATRIX, CONV_MATRIX_DW
from lessonconv.functional import conv2d, conv2d_backward, loops
from tests.exercises.making import Edit, cases, edited, judged, lacking, names, own
from tests.exercises.styles import matrix as styles
from tests.strategies import examples

TASKS = {task.name: task for task in (CONV_MATRIX, CONV_MATRIX_DW)}
STYLES = {"conv_matrix": styles.CONV_MATRIX, "conv_matrix_dw": styles.CONV_MATRIX_DW}
SEEDS = (0, 1)

HEAD = "stride, padding):"
TAP = "= w[k, l]"
O_H, O_W = "O_h = (H + 2 * padding - K_h) // stride + 1", "O_w = (W + 2 * padding - K_w) // stride + 1"
U, V = "u = i * stride + k - padding", "v = j * stride + l - padding"
UV = "u, v = i * stride + k - padding, j * stride + l - padding"
KL = "k, l = u + padding - i * stride, v + padding - j * stride"
GUARD, INSIDE = "if 0 <= u < H and 0 <= v < W:", "inside = (u >= 0) & (u < H) & (v >= 0) & (v < W)"
DRAWN = "i * stride : i * stride + K_h, j * stride : j * stride + K_w"
CROP = "padding : padding + H, padding : padding + W"
RETURN_T = "    return T\n"
HELD = "(u == i * stride + k - padding) & (v == j * stride + l - padding)"
DIVMOD = "i, j = np.divmod(np.arange(O_h * O_w), O_w)"


def both_sizes(formula: str) -> tuple[Edit, Edit]:
    """Both output sizes by the same formula, in H and K_h."""
    return (O_H, f"O_h = {formula}"), (O_W, f"O_w = {formula.replace('H', 'W').replace('K_h', 'K_w')}")


Mutant = tuple[str, str, str, *tuple[Edit, ...]]
MUTANTS: list[Mutant] = [
    # T(w)
    ("conv_matrix", "kernel_flipped", "loops", (TAP, "= w[K_h - 1 - k, K_w - 1 - l]")),
    ("conv_matrix", "kernel_flipped", "pictures", ("K_w] = w", "K_w] = w[::-1, ::-1]")),
    ("conv_matrix", "kernel_flipped", "columns", (TAP, "= w[-1 - k, -1 - l]")),
    ("conv_matrix", "kernel_transposed", "loops", (TAP, "= w[l, k]")),
    ("conv_matrix", "kernel_transposed", "diagonals", (HEAD, HEAD + "\n    w = w.T")),
    ("conv_matrix", "kernel_mirrored", "loops", (TAP, "= w[k, K_w - 1 - l]")),
    ("conv_matrix", "kernel_mirrored", "pictures", ("K_w] = w", "K_w] = w[::-1]")),
    ("conv_matrix", "stride_in_size_only", "loops", ("i * stride", "i"), ("j * stride", "j")),
    ("conv_matrix", "stride_in_size_only", "pictures", (DRAWN, "i : i + K_h, j : j + K_w")),
    ("conv_matrix", "stride_on_taps", "loops",
     (U, "u = i + k * stride - padding"), (V, "v = j + l * stride - padding")),
    ("conv_matrix", "stride_on_taps", "diagonals", (UV, "u, v = i + k * stride - padding, j + l * stride - padding")),
    ("conv_matrix", "stride_on_one_axis", "loops", ("j * stride", "j")),
    ("conv_matrix", "stride_on_one_axis", "pictures", (DRAWN, "i : i + K_h, j * stride : j * stride + K_w")),
    ("conv_matrix", "stride_is_kernel", "loops", ("i * stride", "i * K_h"), ("j * stride", "j * K_w")),
    ("conv_matrix", "stride_is_kernel", "diagonals", (UV, "u, v = i * K_h + k - padding, j * K_w + l - padding")),
    ("conv_matrix", "stride_ignored", "loops", (HEAD, HEAD + "\n    stride = 1")),
    ("conv_matrix", "stride_ignored", "columns", *both_sizes("H + 2 * padding - K_h + 1"), ("* stride", "", 2)),
    ("conv_matrix", "padding_at_the_end", "loops",
     (U, U.removesuffix(" - padding")), (V, V.removesuffix(" - padding"))),
    ("conv_matrix", "padding_at_the_end", "pictures", (CROP, ":H, :W")),
    ("conv_matrix", "padding_sign_turned", "loops", ("k - padding", "k + padding"), ("l - padding", "l + padding")),
    ("conv_matrix", "padding_sign_turned", "columns",
     (KL, "k, l = u - padding - i * stride, v - padding - j * stride")),
    ("conv_matrix", "padding_ignored", "loops", (HEAD, HEAD + "\n    padding = 0")),
    ("conv_matrix", "padding_ignored", "diagonals", (" + 2 * padding", "", 2), (" - padding", "", 2)),
    ("conv_matrix", "padding_wraps_round", "loops", (GUARD, "if u < H and v < W:"),
     ("np.zeros((O_h * O_w, H * W))", "np.zeros((O_h * O_w, H, W))"), ("u * W + v", "u, v"),
     ("return T", "return T.reshape(O_h * O_w, H * W)")),
    ("conv_matrix", "padding_wraps_round", "diagonals", (INSIDE, "inside = (u < H) & (v < W)"),
     ("u * W + v", "u % H * W + v % W")),
    ("conv_matrix", "matrix_padding_columns", "pictures", (f"[{CROP}]", ""),
     ("(O_h * O_w, H * W)", "(O_h * O_w, (H + 2 * padding) * (W + 2 * padding))")),
    ("conv_matrix", "matrix_padding_columns", "loops", (" - padding\n", "\n", 2),
     ("H * W", "(H + 2 * padding) * (W + 2 * padding)"), (GUARD, "if True:"), ("u * W", "u * (W + 2 * padding)")),
    ("conv_matrix", "matrix_crop_empties", "pictures", (CROP, "padding:-padding, padding:-padding"),
     (".reshape(O_h * O_w, H * W)", ".reshape(O_h * O_w, -1)")),
    ("conv_matrix", "matrix_crop_empties", "columns",
     ("(O_h, O_w, H, W)", "(O_h, O_w, H + 2 * padding, W + 2 * padding)"),
     ("range(H)", "range(H + 2 * padding)"), ("range(W)", "range(W + 2 * padding)"), (" + padding -", " -", 2),
     ("T.reshape(O_h * O_w, H * W)", "T[:, :, padding:-padding, padding:-padding].reshape(O_h * O_w, -1)")),
    ("conv_matrix", "matrix_rows_alike", "loops", ("i * stride + ", ""), ("j * stride + ", "")),
    ("conv_matrix", "matrix_rows_alike", "pictures", (DRAWN, ":K_h, :K_w")),
    ("conv_matrix", "matrix_row_number", "loops", ("i * O_w + j", "i * O_h + j")),
    ("conv_matrix", "matrix_row_number", "diagonals",
     (DIVMOD, "i, j = np.repeat(np.arange(O_h), O_w), np.tile(np.arange(O_w), O_h)"),
     ("np.flatnonzero(inside)", "(i * O_h + j)[inside]")),
    ("conv_matrix", "matrix_column_number", "loops", ("u * W + v", "u * H + v")),
    ("conv_matrix", "matrix_column_number", "diagonals", ("u * W + v", "u * H + v")),
    ("conv_matrix", "matrix_column_major", "loops", ("u * W + v", "u + v * H")),
    ("conv_matrix", "matrix_column_major", "columns", ("return T", "return T.transpose(0, 1, 3, 2)")),
    ("conv_matrix", "matrix_column_major", "pictures", ("ravel()", "T.ravel()")),
    ("conv_matrix", "matrix_column_major", "diagonals",
     ("np.divmod(np.arange(O_h * O_w), O_w)", "np.divmod(np.arange(O_h * O_w), O_h)[::-1]")),
    ("conv_matrix", "matrix_runs_into_next_row", "loops", (GUARD, "if 0 <= u * W + v < H * W:")),
    ("conv_matrix", "matrix_runs_into_next_row", "diagonals",
     (INSIDE, "inside = (u * W + v >= 0) & (u * W + v < H * W)")),
    ("conv_matrix", "tap_missed", "loops", ("range(K_h)", "range(K_h - 1)")),
    ("conv_matrix", "tap_missed", "diagonals", ("range(K_h)", "range(K_h - 1)"), ("range(K_w)", "range(K_w - 1)")),
    ("conv_matrix", "size_rounded_up", "loops", *both_sizes("-(-(H + 2 * padding - K_h) // stride) + 1")),
    ("conv_matrix", "size_rounded_up", "columns", *both_sizes("(H + 2 * padding - K_h + stride - 1) // stride + 1")),
    ("conv_matrix", "size_one_short", "loops", *both_sizes("(H + 2 * padding - K_h) // stride")),
    ("conv_matrix", "size_one_short", "pictures", *both_sizes("(H + 2 * padding - K_h) // stride")),
    ("conv_matrix", "size_padding_once", "loops", *both_sizes("(H + padding - K_h) // stride + 1")),
    ("conv_matrix", "size_padding_once", "columns", *both_sizes("(H + padding - K_h) // stride + 1")),
    ("conv_matrix", "matrix_transposed", "loops", (RETURN_T, "    return T.T\n")),
    ("conv_matrix", "matrix_transposed", "diagonals", ("(O_h * O_w, H * W)", "(H * W, O_h * O_w)"),
     ("T[np.flatnonzero(inside), (u * W + v)[inside]]", "T[(u * W + v)[inside], np.flatnonzero(inside)]")),
    ("conv_matrix", "last_window_missed", "loops", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
    ("conv_matrix", "last_window_missed", "columns", ("range(O_h)", "range(O_h - 1)")),
    ("conv_matrix", "returns_too_soon", "loops", ("range(O_h)", "range(1)"), ("range(O_w)", "range(1)")),
    ("conv_matrix", "returns_too_soon", "columns", ("range(O_h)", "range(1)")),
    ("conv_matrix", "truncated", "loops", ("H * W))", "H * W), int)")),
    ("conv_matrix", "truncated", "pictures", ("W + 2 * padding))", "W + 2 * padding), dtype=int)")),
    # its gradient
    ("conv_matrix_dw", "kernel_flipped", "loops", ("dw[k, l]", "dw[K_h - 1 - k, K_w - 1 - l]")),
    ("conv_matrix_dw", "kernel_flipped", "pictures", ("return dw", "return dw[::-1, ::-1]")),
    ("conv_matrix_dw", "kernel_transposed", "pictures", ("return dw", "return dw.T")),
    ("conv_matrix_dw", "kernel_transposed", "loops", ("dw[k, l]", "dw[l, k]")),
    ("conv_matrix_dw", "stride_in_size_only", "loops", ("i * stride", "i"), ("j * stride", "j")),
    ("conv_matrix_dw", "stride_in_size_only", "masks", (HELD, "(u == i + k - padding) & (v == j + l - padding)")),
    ("conv_matrix_dw", "stride_on_taps", "loops",
     (U, "u = i + k * stride - padding"), (V, "v = j + l * stride - padding")),
    ("conv_matrix_dw", "stride_on_taps", "masks",
     (HELD, "(u == i + k * stride - padding) & (v == j + l * stride - padding)")),
    ("conv_matrix_dw", "stride_on_one_axis", "loops", ("j * stride", "j")),
    ("conv_matrix_dw", "stride_on_one_axis", "masks", ("u == i * stride", "u == i")),
    ("conv_matrix_dw", "stride_is_kernel", "loops", ("i * stride", "i * K_h"), ("j * stride", "j * K_w")),
    ("conv_matrix_dw", "stride_is_kernel", "masks", ("i * stride", "i * K_h"), ("j * stride", "j * K_w")),
    ("conv_matrix_dw", "padding_at_the_end", "loops", ("k - padding", "k"), ("l - padding", "l")),
    ("conv_matrix_dw", "padding_at_the_end", "masks", (" - padding)", ")", 2)),
    ("conv_matrix_dw", "padding_sign_turned", "loops", ("k - padding", "k + padding"), ("l - padding", "l + padding")),
    ("conv_matrix_dw", "padding_sign_turned", "masks", (" - padding)", " + padding)", 2)),
    ("conv_matrix_dw", "padding_ignored", "loops", (HEAD, HEAD + "\n    padding = 0")),
    ("conv_matrix_dw", "padding_ignored", "pictures", (HEAD, HEAD + "\n    padding = 0")),
    ("conv_matrix_dw", "padding_wraps_round", "loops",
     (GUARD, "if u < H and v < W:"), ("u * W + v", "u % H * W + v % W")),
    ("conv_matrix_dw", "padding_wraps_round", "diagonals", (INSIDE, "inside = (u < H) & (v < W)"),
     ("u * W + v", "u % H * W + v % W")),
    ("conv_matrix_dw", "matrix_rows_alike", "loops", ("i * stride + ", ""), ("j * stride + ", "")),
    ("conv_matrix_dw", "matrix_rows_alike", "pictures", (DRAWN, ":K_h, :K_w")),
    ("conv_matrix_dw", "matrix_row_number", "loops", ("i * O_w + j", "i * O_h + j")),
    ("conv_matrix_dw", "matrix_row_number", "pictures", ("i * O_w + j", "i * O_h + j")),
    ("conv_matrix_dw", "matrix_column_number", "loops", ("u * W + v", "u * H + v")),
    ("conv_matrix_dw", "matrix_column_number", "diagonals", ("u * W + v", "u * H + v")),
    ("conv_matrix_dw", "matrix_column_major", "pictures", ("reshape(H, W)", 'reshape(H, W, order="F")')),
    ("conv_matrix_dw", "matrix_column_major", "loops", ("u * W + v", "u + v * H"), ("i * O_w + j", "i + j * O_h")),
    ("conv_matrix_dw", "matrix_column_major", "masks",
     ("reshape(O_h, O_w, H, W)", 'reshape(O_w, O_h, H, W).swapaxes(0, 1)')),
    ("conv_matrix_dw", "matrix_runs_into_next_row", "loops", (GUARD, "if 0 <= u * W + v < H * W:")),
    ("conv_matrix_dw", "matrix_runs_into_next_row", "diagonals",
     (INSIDE, "inside = (u * W + v >= 0) & (u * W + v < H * W)")),
    ("conv_matrix_dw", "tap_missed", "loops", ("range(K_h)", "range(K_h - 1)")),
    ("conv_matrix_dw", "tap_missed", "masks", ("range(K_w)", "range(K_w - 1)")),
    ("conv_matrix_dw", "tied_last_place_only", "loops", ("+= dT", "= dT")),
    ("conv_matrix_dw", "tied_last_place_only", "pictures", ("dw += picture", "dw = picture")),
    ("conv_matrix_dw", "tied_last_place_only", "diagonals", ("told.sum()", "told[-1] if told.size else 0")),
    ("conv_matrix_dw", "tied_first_place_only", "loops", ("range(O_h)", "range(1)"), ("range(O_w)", "range(1)")),
    ("conv_matrix_dw", "tied_first_place_only", "diagonals", ("told.sum()", "told[0] if told.size else 0")),
    ("conv_matrix_dw", "tied_averaged", "loops", ("return dw", "return dw / (O_h * O_w)")),
    ("conv_matrix_dw", "tied_averaged", "diagonals", ("told.sum()", "told.mean() if told.size else 0")),
    ("conv_matrix_dw", "tied_averaged", "masks", (".sum()", ".sum() / max(1, held.sum())")),
    ("conv_matrix_dw", "tied_all_alike", "masks", ("(free * held)", "free")),
    ("conv_matrix_dw", "tied_all_alike", "pictures", ("return dw", "return dT.sum() + 0 * dw")),
    ("conv_matrix_dw", "tied_times_weight", "loops", ("+= dT", "+= w[k, l] * dT")),
    ("conv_matrix_dw", "tied_times_weight", "masks", ("(free * held)", "(free * held * w[k, l])")),
    ("conv_matrix_dw", "dw_begins_with_w", "loops", ("np.zeros((K_h, K_w))", "w.copy()")),
    ("conv_matrix_dw", "dw_begins_with_w", "pictures", ("return dw", "return w + dw")),
    ("conv_matrix_dw", "matrix_read_transposed", "loops", ("dT[i * O_w + j, u * W + v]", "dT[u * W + v, i * O_w + j]")),
    ("conv_matrix_dw", "matrix_read_transposed", "masks", ("dT.reshape", "dT.T.reshape")),
    ("conv_matrix_dw", "tied_last_output_missed", "loops",
     ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
    ("conv_matrix_dw", "tied_last_output_missed", "pictures", ("range(O_w)", "range(O_w - 1)")),
    ("conv_matrix_dw", "truncated", "pictures", ("dT[i * O_w + j]", "dT[i * O_w + j].astype(int)")),
    ("conv_matrix_dw", "truncated", "masks", ("free = dT", "free = dT.astype(int)")),
]  # fmt: skip
UNBROKEN = {
    "by window": f"""
def conv_matrix(w, H, W, stride, padding):{styles.SIZE}
    T = np.zeros((O_h * O_w, H * W))
    for i in range(O_h):
        for j in range(O_w):
            start = (i * stride - padding) * W + j * stride - padding
            T[i * O_w + j, start : start + K_h * K_w] = w.ravel()
    return T
""",
    "by row": f"""
def conv_matrix(w, H, W, stride, padding):{styles.SIZE}
    T = np.zeros((O_h * O_w, H * W))
    for o in range(O_h * O_w):
        T[o, o * stride : o * stride + w.size] = w.ravel()
    return T
""",
}


# Right ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("which", ["right", "answer"])
def test_the_matrix_does_what_the_loops_do(which: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for case in cases(CONV_MATRIX, seed):
        w, H, W, stride, padding = case.arguments
        x = rng.integers(-9, 10, (H, W)).astype(float)
        z = loops.conv2d(x[None, None], w[None, None], stride=stride, padding=padding)[0, 0]
        T = CONV_MATRIX.right(case.arguments) if which == "right" else CONV_MATRIX.answer(*case.arguments)
        np.testing.assert_array_equal(T @ x.ravel(), z.ravel())


@examples(60)
@given(st.data())
def test_the_gradient_of_the_kernel_is_the_layers(data: st.DataObject) -> None:
    K_h, K_w, stride, padding = (data.draw(st.integers(low, high)) for low, high in ((1, 4), (1, 4), (1, 3), (0, 3)))
    H, W = (data.draw(st.integers(max(1, K - 2 * padding), K + 3)) for K in (K_h, K_w))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    x, w = rng.integers(-9, 10, (H, W)).astype(float), rng.integers(-9, 10, (K_h, K_w)).astype(float)
    z = conv2d(x[None, None], w[None, None], stride=stride, padding=padding)
    dz = rng.integers(-9, 10, z.shape).astype(float)
    dw = conv2d_backward(dz, x[None, None], w[None, None], stride=stride, padding=padding)[1][0, 0]
    arguments = np.outer(dz.ravel(), x.ravel()), w, H, W, stride, padding
    np.testing.assert_allclose(CONV_MATRIX_DW.right(arguments), dw, atol=1e-9)
    np.testing.assert_allclose(CONV_MATRIX_DW.answer(*arguments), dw, atol=1e-9)
    np.testing.assert_allclose(CONV_MATRIX.answer(*arguments[1:]) @ x.ravel(), z.ravel(), atol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "style"), [(name, style) for name in STYLES for style in STYLES[name]])
def test_every_style_is_right(name: str, style: str, seed: int) -> None:
    assert names(judged(TASKS[name], STYLES[name][style], seed)) == ["right"]


# Wrong ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mistake", "style", "edits"), [(name, mistake, style, edits) for name, mistake, style, *edits in MUTANTS]
)
def test_a_mistake_in_the_code_is_told_by_its_name(name: str, mistake: str, style: str, edits: list[Edit]) -> None:
    assert names(judged(TASKS[name], edited(STYLES[name][style], *edits))) == [mistake]


@pytest.mark.parametrize("style", UNBROKEN)
def test_a_kernel_in_one_run_is_told_by_its_name(style: str) -> None:
    assert names(judged(CONV_MATRIX, UNBROKEN[style])) == ["matrix_kernel_unbroken"]


@pytest.mark.parametrize("task", TASKS.values(), ids=str)
def test_every_mistake_is_made_in_two_styles_at_least(task: Task) -> None:
    ways = [mistake for mistake, _ in {(mistake, style) for name, mistake, style, *_ in MUTANTS if name == task.name}]
    ways += ["matrix_kernel_unbroken"] * len(UNBROKEN)
    assert lacking(task, ways) == []


@pytest.mark.parametrize(
    ("task", "mistake", "slip"),
    [
        pytest.param(task, mistake.name, slip, id=f"{task.name}-{mistake.name}-{number}")
        for task in TASKS.values()
        for mistake in task.mistakes
        for number, slip in enumerate(mistake.slips)
    ],
)
def test_a_slip_is_told_from_all_others(task: Task, mistake: str, slip: Steps) -> None:
    for seed in SEEDS:
        assert names(judged(task, own(task, slip), seed)) == [mistake]


def test_two_mistakes_at_once_are_both_told() -> None:
    source = edited(
        styles.CONV_MATRIX["loops"],
        (TAP, "= w[K_h - 1 - k, K_w - 1 - l]"),
        (U, "u = i * stride + k"),
        (V, "v = j * stride + l"),
    )
    assert set(names(judged(CONV_MATRIX, source))) == {"kernel_flipped", "padding_at_the_end"}


def test_a_mistake_without_a_name_is_given_none() -> None:
    assert names(judged(CONV_MATRIX, edited(styles.CONV_MATRIX["loops"], (TAP, "= abs(w[k, l])")))) == ["unknown"]


# The cases -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS.values(), ids=str)
def test_the_cases_show_what_is_special(task: Task) -> None:
    shown = frozenset[str]().union(*(case.traits for case in cases(task)))
    assert {
        "a stride above 1",
        "padding",
        "an input that is not square",
        "a kernel that is not square",
        "rows or columns left over at the end",
        "numbers that are not whole",
    } <= shown

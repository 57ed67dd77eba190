"""Cell formulas against the rule tried out: the sum that makes each cell, whole, and without the padding."""

import itertools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonconv.functional import loops
from lessonconv.symbolic import CellFormula, cell_formula
from lessonconv.window import Window
from tests.strategies import Conv, Options, axes, both, conv_cases, examples

Place = tuple[int, ...]
OF_FIVE = Window.over(5, 3, stride=2)  # the second source's example
FACTORS = {"z": ("w", "x"), "dw": ("dz", "x"), "dx": ("dz", "w")}


def window_of(case: Conv) -> Window:
    settings = {name: case.options[name] for name in ("stride", "padding", "dilation")}
    return Window.over(case.x.shape[2:], case.w.shape[2:], **settings)


def total(formula: CellFormula, arrays: dict[str, Any]) -> Any:
    bias = 0 if formula.bias is None else arrays["b"][formula.bias]
    return bias + sum(arrays[formula.left][one] * arrays[formula.right][other] for one, other in formula.terms)


def places(shape: Place) -> itertools.product:
    return itertools.product(*map(range, shape))


@examples(60)
@given(conv_cases(dtypes=[np.int64]))
def test_every_cell_of_a_layer_is_the_sum_of_its_formula(case: Conv) -> None:
    x, w, b, dz, options = case
    groups, C, F = options.pop("groups"), w.shape[1], w.shape[0]
    window = window_of(Conv(x, w, b, dz, options))
    x, w, dz = x[:, :C], w[: F // groups], dz[:, : F // groups]  # one group: a plain convolution
    b = np.arange(1, len(w) + 1)
    dx, dw, _ = loops.conv2d_backward(dz, x, w, **options)
    arrays = {"x": x, "w": w, "b": b, "dz": dz}
    wanted = {"z": (loops.conv2d(x, w, b, **options), C), "dw": (dw, len(x)), "dx": (dx, len(w))}
    for name, (array, count) in wanted.items():
        for place in itertools.islice(places(array.shape), 0, None, 1 + array.size // 40):
            formula = cell_formula(name, place, window, count=count, bias=name == "z")
            assert total(formula, arrays) == array[place], str(formula)


@examples(60)
@given(axes(most=3), axes(most=3))
def test_the_formulas_of_each_tensor_are_all_the_meetings_and_no_padding(height: Options, width: Options) -> None:
    """Every (output, tap, input) that meet stands in one formula of z, in one of dw and in one of dx."""
    window = Window.over(**both(height, width))
    (H, W), (K_h, K_w), (O_h, O_w) = window.input_size, window.kernel_size, window.output_size
    met = [
        ((i, j), (k, l), window.input(i, j, k, l))
        for i, j, k, l in itertools.product(range(O_h), range(O_w), range(K_h), range(K_w))
    ]
    met = sorted((i, k, u) for i, k, u in met if 0 <= u[0] < H and 0 <= u[1] < W)
    by_name = {
        "z": [(place, *term) for place in places((O_h, O_w)) for term in cell_formula("z", place, window).terms],
        "dw": [(o, place, u) for place in places((K_h, K_w)) for o, u in cell_formula("dw", place, window).terms],
        "dx": [(o, k, place) for place in places((H, W)) for o, k in cell_formula("dx", place, window).terms],
    }
    for name, triples in by_name.items():
        assert sorted(triples) == met, name


@pytest.mark.parametrize(
    ("name", "place", "pairs"),
    [
        ("dx", (3, 3), "δ11·w33 + δ12·w31 + δ21·w13 + δ22·w11"),
        ("dw", (3, 2), "δ11·I32 + δ12·I34 + δ21·I52 + δ22·I54"),
    ],
)
def test_the_second_sources_cells_are_written_as_it_writes_them(name: str, place: Place, pairs: str) -> None:
    """A 5×5 input, a 3×3 kernel, stride 2: hermosayhl's worked example, whose indices start at 1."""
    ours = cell_formula(name, (place[0] - 1, place[1] - 1), OF_FIVE)
    letters = {"dz": "δ", "w": "w", "x": "I"}
    shown = [
        "·".join(
            f"{letters[tensor]}{row + 1}{column + 1}" for tensor, (row, column) in zip(FACTORS[name], term, strict=True)
        )
        for term in ours.terms
    ]
    assert " + ".join(shown) == pairs


def test_the_text_of_a_cell_of_each_tensor() -> None:
    small = Window.over(3, 2, padding=1)
    assert str(cell_formula("dx", (2, 2), OF_FIVE)) == (
        "dx[2,2] = dz[0,0]·w[2,2] + dz[0,1]·w[2,0] + dz[1,0]·w[0,2] + dz[1,1]·w[0,0]"
    )
    assert str(cell_formula("z", (0, 0), small)) == "z[0,0] = w[1,1]·x[0,0]"
    assert str(cell_formula("z", (1, 0, 0, 0), small, count=2, bias=True)) == (
        "z[1,0,0,0] = b[0] + w[0,0,1,1]·x[1,0,0,0] + w[0,1,1,1]·x[1,1,0,0]"
    )
    assert str(cell_formula("dw", (2, 1, 0, 0), Window.over(2, 2), count=2)) == (
        "dw[2,1,0,0] = dz[0,2,0,0]·x[0,1,0,0] + dz[1,2,0,0]·x[1,1,0,0]"
    )
    assert str(cell_formula("dx", (2, 1, 0, 1), Window.over(2, 1), count=2)) == (
        "dx[2,1,0,1] = dz[2,0,0,1]·w[0,1,0,0] + dz[2,1,0,1]·w[1,1,0,0]"
    )


def test_three_windows_overlap_in_two_or_three_terms() -> None:
    """The third source's p = 5, t = 2, whose printed limit p − t asks for four."""
    window = Window.over((13, 1), (5, 1), stride=(2, 1))
    counts = [len(cell_formula("dx", (u, 0), window).terms) for u in range(13)]
    assert counts == [1, 1, 2, 2, 3, 2, 3, 2, 3, 2, 2, 1, 1]


def test_a_cell_that_no_window_reads_is_0() -> None:
    """The last row of 6 with kernel 3 and stride 2, and a picture with more padding than kernel."""
    left_over = cell_formula("dx", (5, 0), Window.over(6, 3, stride=2))
    assert str(left_over) == "dx[5,0] = 0"
    assert left_over.numbers({"dz": np.ones((2, 2)), "w": np.ones((3, 3))}) == "0 = 0"
    only_padding = cell_formula("z", (0, 0), Window.over(2, 1, padding=2), bias=True)
    assert str(only_padding) == "z[0,0] = b[0]"
    assert only_padding.numbers({"w": np.ones((1, 1)), "x": np.ones((2, 2)), "b": np.array([-3])}) == "(-3) = -3"


@pytest.mark.parametrize(("most", "hidden"), [(0, 9), (1, 8), (8, 1)])
def test_a_long_formula_says_how_many_terms_it_hides(most: int, hidden: int) -> None:
    formula = cell_formula("z", (0, 0), OF_FIVE)
    assert formula.text(most).endswith(f"… ({hidden} more)")
    assert formula.text(most).count("·") == most
    for enough in (9, 10, None):
        assert formula.text(enough) == str(formula) and "more" not in str(formula)
    arrays = {"w": np.arange(9).reshape(3, 3), "x": np.arange(25).reshape(5, 5)}
    assert formula.numbers(arrays, most).endswith(f"… ({hidden} more) = {total(formula, arrays)}")


@examples(60)
@given(axes(most=3), axes(most=3), st.sampled_from(["z", "dw", "dx"]), st.integers(0, 99), st.booleans())
def test_the_numbers_are_a_sum_that_has_the_value_it_says(
    height: Options, width: Options, name: str, seed: int, whole: bool
) -> None:
    window, rng = Window.over(**both(height, width)), np.random.default_rng(seed)
    shapes = {"x": window.input_size, "w": window.kernel_size, "dz": window.output_size, "b": (1,)}
    arrays = {key: rng.integers(-9, 10, shape) / (1 if whole else 4) for key, shape in shapes.items()}
    sizes = {"z": window.output_size, "dw": window.kernel_size, "dx": window.input_size}[name]
    formula = cell_formula(name, tuple(int(rng.integers(size)) for size in sizes), window, bias=name == "z")
    terms, _, value = formula.numbers(arrays).rpartition(" = ")
    assert re.fullmatch(r"[-0-9.·+ ()]+", terms)
    assert eval(terms.replace("·", "*")) == pytest.approx(total(formula, arrays), rel=1e-9)
    assert float(value) == pytest.approx(total(formula, arrays), rel=1e-5)


def test_a_formula_is_the_same_for_numpys_integers() -> None:
    place = np.int64(1), np.int64(0)
    assert cell_formula("dw", place, OF_FIVE) == cell_formula("dw", (1, 0), OF_FIVE)
    assert str(cell_formula("dw", place, OF_FIVE)) == str(cell_formula("dw", (1, 0), OF_FIVE))


# --- refusals -------------------------------------------------------------------------------------------------------


def test_a_tensor_without_formulas_is_refused_by_name() -> None:
    with pytest.raises(ValueError) as refusal:
        cell_formula("db", (0, 0), OF_FIVE)
    assert str(refusal.value) == "no formula for cells of 'db'; give one of z, dw, dx"


@pytest.mark.parametrize("place", [(), (1,), (0, 1, 2), (0, 0, 0, 0, 0)])
def test_a_place_has_two_or_four_indices(place: Place) -> None:
    with pytest.raises(ValueError, match=rf"has {len(place)} indices; give \(row, column\) or all four"):
        cell_formula("z", place, OF_FIVE)


@pytest.mark.parametrize(
    ("name", "place", "size"),
    [("z", (2, 0), "2×2"), ("dw", (0, 3), "3×3"), ("dx", (-1, 0), "5×5"), ("dx", (0, 0, 4, 5), "5×5")],
)
def test_a_place_outside_is_refused_with_the_size(name: str, place: Place, size: str) -> None:
    with pytest.raises(IndexError) as refusal:
        cell_formula(name, place, OF_FIVE)
    shown = ",".join(map(str, place))
    assert str(refusal.value) == f"{name}[{shown}] is outside of {name}, which is {size}"


def test_a_large_whole_value_is_written_in_full() -> None:
    formula = cell_formula("z", (0, 0), Window.over(1, 1))
    assert formula.numbers({"w": np.array([[1234]]), "x": np.array([[1001]])}) == "1234·1001 = 1235234"


@pytest.mark.parametrize("name", ["dw", "dx"])
def test_a_gradient_has_no_bias_in_it(name: str) -> None:
    """Refusing would do as well."""
    try:
        formula = cell_formula(name, (0, 0), OF_FIVE, bias=True)
    except (TypeError, ValueError):
        return
    assert "b[" not in str(formula)


@pytest.mark.parametrize("place", [(-1, 0, 0, 0), (0, -1, 0, 0)])
def test_a_negative_picture_or_channel_is_outside(place: Place) -> None:
    with pytest.raises((IndexError, ValueError)):
        cell_formula("z", place, OF_FIVE)

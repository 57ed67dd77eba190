"""Which cells meet: the right ones are marked, numbered in pairs and written down, and all of it can be read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from lessonconv import functional as F
from lessonconv import visual
from lessonconv.symbolic import cell_formula
from lessonconv.visual import palette
from lessonconv.visual.palette import LIGHT
from lessonconv.window import Window
from tests.strategies import examples
from tests.visual.readable import complaints, pixels, texts

RNG = np.random.default_rng(0)
STRIDED = Window.over(5, 3, stride=2)
PADDED = Window.over(5, 3, padding=1)
DILATED = Window.over((6, 9), (2, 3), dilation=2)
GAPS = Window.over(6, 2, stride=3)
LARGE = Window.over(12, 3, padding=1)
Place = tuple[int, int]


def arrays(window: Window) -> dict[str, Any]:
    """Small whole numbers that fit."""
    sizes = {"x": window.input_size, "w": window.kernel_size, "dz": window.output_size}
    return {name: RNG.integers(-4, 7, size) for name, size in sizes.items()}


def outlines(picture: visual.Picture, width: float | None = None) -> list[tuple[int, Rectangle]]:
    """The marked cells, each with the number of its grid: 0 and 1 are multiplied, 2 is made."""
    patches = [patch for patch in picture.figure.axes[0].patches if isinstance(patch, Rectangle)]
    grids = [patch for patch in patches if to_hex(patch.get_facecolor()) == LIGHT.paper and patch.get_fill()]
    assert len(grids) == 3
    return [
        (next(k for k, grid in enumerate(grids) if grid.get_bbox().padded(0.1).containsx(patch.get_bbox().xmin)), patch)
        for patch in patches
        if not patch.get_fill()
    ]


def marks(picture: visual.Picture) -> list[dict[str, Place]]:
    """For each of the two grids that are multiplied: a pair's number, and the cell (row, column) that it stands in."""
    figure = picture.figure
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    grids = [patch for patch in axes.patches if patch.get_fill() and to_hex(patch.get_facecolor()) == LIGHT.paper]
    at = [
        (text.get_text(), axes.transData.inverted().transform(figure.transFigure.transform(text.get_position())))
        for text in figure.texts
        if text.get_text().isdigit()
    ]
    found: list[dict[str, Place]] = [{}, {}]
    for grid, patch in outlines(picture):
        box, corner = patch.get_bbox(), grids[grid].get_bbox()
        inside = [(words, y) for words, (x, y) in at if box.contains(x, y)]
        if grid < 2:
            words, _ = min(inside, key=lambda each: each[1])  # above the value
            found[grid][words] = (
                round((box.ymin - corner.ymin) / box.height),
                round((box.xmin - corner.xmin) / box.width),
            )
    return found


def met(name: str, place: Place, window: Window) -> set[tuple[Place, Place]]:
    """Every pair of cells that make this one, tried out one by one: u = i·s + k·d − p."""
    (H, W), (O_h, O_w), (K_h, K_w) = window.input_size, window.output_size, window.kernel_size
    h, v = window.height, window.width
    found = set()
    for i, j, k, l in np.ndindex(O_h, O_w, K_h, K_w):
        cell = {
            "z": (i, j),
            "w": (k, l),
            "x": (i * h.stride + k * h.dilation - h.before, j * v.stride + l * v.dilation - v.before),
        }
        made, left, right = {"z": "zwx", "dw": "wzx", "dx": "xzw"}[name]
        if 0 <= cell["x"][0] < H and 0 <= cell["x"][1] < W and cell[made] == place:
            found.add((cell[left], cell[right]))
    return found


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, Place, Window]:
    """A cell of z, dw or dx, of windows of every kind that can be drawn."""
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = draw(st.tuples(st.tuples(*[st.integers(0, 2)] * 2), st.tuples(*[st.integers(0, 1)] * 2)))
    dilation = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    spans = [d * (k - 1) + 1 - sum(p) for d, k, p in zip(dilation, kernel, padding, strict=True)]
    size = tuple(max(1, span) + draw(st.integers(0, 4)) for span in spans)
    stride = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    window = Window.over(size, kernel, stride=stride, padding=padding, dilation=dilation)
    name = draw(st.sampled_from(["z", "dw", "dx"]))
    rows, columns = {"z": window.output_size, "dw": window.kernel_size, "dx": window.input_size}[name]
    return name, (draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))), window


# What is drawn


@examples(15)
@given(cells(), st.booleans())
def test_the_cells_that_meet_have_the_same_number_and_no_other_is_marked(
    case: tuple[str, Place, Window], numbered: bool
) -> None:
    name, place, window = case
    picture = visual.meetings(name, place, window, **(arrays(window) if numbered else {}))
    left, right = marks(picture)
    assert left.keys() == right.keys()
    assert {(left[number], right[number]) for number in left} == met(name, place, window)
    assert len(outlines(picture)) == 2 * len(left) + 1
    assert complaints(picture) == []


def test_four_outputs_reach_the_middle_of_the_input() -> None:
    left, right = marks(visual.meetings("dx", (2, 2), STRIDED))
    assert left == {"1": (0, 0), "2": (0, 1), "3": (1, 0), "4": (1, 1)}
    assert right == {"1": (2, 2), "2": (2, 0), "3": (0, 2), "4": (0, 0)}


def test_a_pair_s_number_stands_above_its_product_too() -> None:
    picture = visual.meetings("dx", (2, 2), STRIDED)
    bold = [t.get_text() for t in picture.figure.texts if t.get_fontweight() == "bold"]
    assert [bold.count(number) for number in "12345"] == [3, 3, 3, 3, 0]


@pytest.mark.parametrize(
    ("name", "hatched"), [("z", [False, False, False]), ("dw", [True, False, True]), ("dx", [True, False, True])]
)
def test_marked_cells_have_their_tensor_s_colour_and_gradients_are_hatched(name: str, hatched: list[bool]) -> None:
    picture = visual.meetings(name, (0, 1), STRIDED)
    formula = cell_formula(name, (0, 1), STRIDED)
    tensors = [formula.left, formula.right, formula.name]
    for grid, patch in outlines(picture):
        assert to_hex(patch.get_edgecolor()) == palette.color(tensors[grid])
    areas = [patch for patch in picture.figure.axes[0].patches if patch.get_hatch()]
    counts = [len(formula.terms), len(formula.terms), 1]
    assert len(areas) == sum(count for count, grid in zip(counts, hatched, strict=True) if grid)
    assert {palette.label(tensor) for tensor in tensors} <= {text.split(":")[0] for text in texts(picture)}


def test_cells_have_one_size_in_all_grids_and_stand_on_one_middle_line() -> None:
    picture = visual.meetings("dw", (1, 2), DILATED)
    assert len({(patch.get_width(), patch.get_height()) for _, patch in outlines(picture)}) == 1
    papers = [patch for patch in picture.figure.axes[0].patches if to_hex(patch.get_facecolor()) == LIGHT.paper]
    grids = [patch for patch in papers if isinstance(patch, Rectangle) and patch.get_fill()]
    assert len({round(patch.get_y() + patch.get_height() / 2, 6) for patch in grids}) == 1
    signs = [text for text in picture.figure.texts if text.get_text() in "Σ·=" and text.get_fontsize() > 12]
    assert "".join(text.get_text() for text in signs) == "Σ·="
    assert len({text.get_position()[1] for text in signs}) == 1


def test_padding_is_dashed_around_the_input_and_says_0() -> None:
    picture = visual.meetings("z", (0, 0), PADDED)
    assert any(line.is_dashed() for line in picture.figure.axes[0].lines)
    rim = [text for text in picture.figure.texts if text.get_text() == "0" and text.get_color() != LIGHT.muted]
    assert len(rim) == 7 * 7 - 5 * 5
    assert "Dashed: padding, which is 0. The other 5 taps meet it." in picture.alt
    assert not any(line.is_dashed() for line in visual.meetings("z", (0, 0), STRIDED).figure.axes[0].lines)


def test_a_last_window_that_hangs_over_is_drawn_over_padding() -> None:
    picture = visual.meetings("z", (1, 1), Window.over(5, 2, stride=4, ceil_mode=True))
    assert [len(each) for each in marks(picture)] == [1, 1]
    assert "The other 3 taps meet it." in picture.alt


# What is said


def test_the_words_hold_the_formula_and_the_findings_its_numbers() -> None:
    given = {"x": np.arange(25).reshape(5, 5), "w": np.ones((3, 3)), "dz": np.array([[1, -2], [3, 0]])}
    picture = visual.meetings("dw", (0, 1), STRIDED, **given)
    assert picture.alt == (
        "The cells that make ∂L/∂w[0,1]: ∂L/∂w[0,1] = ∂L/∂z[0,0]·x[0,1] + ∂L/∂z[0,1]·x[0,3] + ∂L/∂z[1,0]·x[2,1] + "
        "∂L/∂z[1,1]·x[2,3]. With stride 2, each output used w[0,1] once, on one cell of x. Cells with the same number "
        "are multiplied, and the 4 products added."
    )
    assert picture.findings == "In numbers: 1·1 + (−2)·3 + 3·11 + 0·13 = 28."
    assert visual.meetings("dw", (0, 1), STRIDED).alt == picture.alt
    assert visual.meetings("dw", (0, 1), STRIDED).findings == ""
    found = texts(picture)
    assert {"∂L/∂w[0,1]", "∂L/∂z[1,0]", "x[2,1]", "1·1", "(−2)·3", "3·11", "0·13"} <= set(found)
    assert found.count("28") == 2  # in the cell that is made, and at the end of the sum


@pytest.mark.parametrize(("name", "place"), [("z", (1, 0)), ("dw", (2, 1)), ("dx", (2, 3))])
def test_the_total_is_what_the_layer_computes(name: str, place: Place) -> None:
    given = arrays(STRIDED)
    x, w, dz = (given[key][None, None].astype(float) for key in ("x", "w", "dz"))
    dx, dw, _ = F.conv2d_backward(dz, x, w, stride=2)
    made = {"z": F.conv2d(x, w, stride=2), "dw": dw, "dx": dx}[name][0, 0]
    words = f"{made[place]:g}".replace("-", "−")
    picture = visual.meetings(name, place, STRIDED, **given)
    assert picture.findings.endswith(f" = {words}.")
    assert texts(picture).count(words) >= 2


@pytest.mark.parametrize(
    ("name", "place", "window", "words"),
    [
        ("dx", (2, 2), GAPS, "no output reads x[2,2], so no gradient comes back to it"),
        ("dw", (0, 0), Window.over(1, 3, padding=1), "tap w[0,0] meets padding only"),
        ("z", (0, 0), Window.over(3, 1, padding=1), "the window of z[0,0] lies on padding only"),
    ],
)
@pytest.mark.parametrize("numbered", [False, True])
def test_where_nothing_meets_the_sum_is_0_and_it_says_why(
    name: str, place: Place, window: Window, words: str, numbered: bool
) -> None:
    picture = visual.meetings(name, place, window, **(arrays(window) if numbered else {}))
    assert f"{words}: no cells meet, and the sum is 0." in picture.alt
    assert f"{palette.label(name)}[{place[0]},{place[1]}] = 0. " in picture.alt
    assert picture.findings == ""
    assert len(outlines(picture)) == 1
    assert complaints(picture) == []


def test_one_pair_alone_is_told_in_the_singular() -> None:
    assert "is read by 1 output. Only one pair meets" in visual.meetings("dx", (0, 0), STRIDED).alt
    assert (
        "The other output meets it." in visual.meetings("dw", (0, 0), Window.over((1, 3), (1, 2), padding=(0, 1))).alt
    )


def test_settings_are_told_as_a_pair_where_they_differ() -> None:
    window = Window.over((6, 9), (2, 3), stride=(1, 2), padding=((0, 1), (2, 2)), dilation=2)
    words = "With stride (1, 2), padding ((0, 1), (2, 2)) and dilation 2, each tap"
    assert words in visual.meetings("z", (0, 0), window).alt


def test_a_long_sum_is_cut_and_says_how_much_is_left_out() -> None:
    picture = visual.meetings("dw", (0, 0), LARGE, **arrays(LARGE))
    assert "… (114 more)" in picture.alt and "… (114 more)" in picture.findings
    assert texts(picture).count("… (114 more)") == 2
    assert len(marks(picture)[0]) == 121


def test_numbers_that_do_not_fit_their_cell_go_and_those_that_are_rounded_say_so() -> None:
    whole, long = np.ones((3, 3)), np.full((5, 5), -0.123456)
    picture = visual.meetings("z", (0, 0), STRIDED, w=whole, x=long)
    assert "−0.12" not in texts(picture) and "1·(−0.12)" in texts(picture)
    assert "≈" in texts(picture) and "−1.11" in texts(picture)
    assert "≈" not in texts(visual.meetings("z", (0, 0), STRIDED, w=whole, x=np.full((5, 5), 0.5)))
    assert complaints(picture) == []


def test_a_great_total_is_written_in_full() -> None:
    picture = visual.meetings("z", (0, 0), Window.over(1, 1), w=[[-9999]], x=[[9999]])
    assert "−99980001" in texts(picture)
    assert complaints(picture) == []


def test_arrays_of_a_layer_with_one_channel_go_in_as_they_are() -> None:
    given = arrays(STRIDED)
    whole = {name: array[None, None] for name, array in given.items()}
    flat, deep = (visual.meetings("dx", (2, 2), STRIDED, **each) for each in (given, whole))
    assert texts(flat) == texts(deep)


# How it can be read


DRAWN: list[Callable[[], visual.Picture]] = [
    lambda: visual.meetings("dw", (0, 1), STRIDED, **arrays(STRIDED)),
    lambda: visual.meetings("dx", (2, 2), STRIDED, **arrays(STRIDED)),
    lambda: visual.meetings("z", (0, 0), PADDED, **arrays(PADDED)),
    lambda: visual.meetings("dw", (1, 2), DILATED, **arrays(DILATED)),
    lambda: visual.meetings("dx", (2, 4), DILATED),
    lambda: visual.meetings("dx", (2, 2), GAPS, **arrays(GAPS)),
    lambda: visual.meetings("z", (0, 0), Window.over(1, 1), **arrays(Window.over(1, 1))),
    lambda: visual.meetings("dx", (5, 5), LARGE, **arrays(LARGE)),
    lambda: visual.meetings("dw", (0, 0), Window.over(9, 3), **arrays(Window.over(9, 3))),
    lambda: visual.meetings("z", (3, 0), Window.over((11, 1), (4, 1)), title="A title of one's own, and a long one"),
]


@pytest.mark.parametrize("draw", DRAWN)
def test_every_word_can_be_read_and_nothing_is_cut(draw: Callable[[], visual.Picture]) -> None:
    picture = draw()
    assert complaints(picture) == []
    width, height = picture.figure.get_size_inches()
    assert width * 96 <= 800
    box = picture.figure.get_tightbbox()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
    image = pixels(picture)
    rim = 16  # 8 pixels of the page
    inner = image[rim:-rim, rim:-rim]
    for edge in (image[:rim, rim:-rim], image[-rim:, rim:-rim], image[rim:-rim, :rim], image[rim:-rim, -rim:]):
        assert {to_hex(color / 255) for color in np.unique(edge[..., :3].reshape(-1, 3), axis=0)} == {LIGHT.paper}
    assert (inner[..., 3] == 255).all()


@pytest.mark.parametrize("name", ["z", "dw", "dx"])
def test_twelve_by_twelve_can_be_drawn_with_numbers_of_nine_pixels_or_more(name: str) -> None:
    picture = visual.meetings(name, (1, 1), LARGE, **arrays(LARGE))
    assert [words for words in complaints(picture) if not words.endswith("is small")] == []
    assert min(text.get_fontsize() for text in picture.figure.texts) * 96 / 72 >= 9
    assert picture.figure.get_figwidth() * 96 <= 800


@pytest.mark.parametrize("page", [palette.LIGHT.paper, palette.DARK.paper])
def test_words_stand_out_on_the_card_on_light_and_dark_pages_alike(page: str) -> None:
    picture = visual.meetings("z", (0, 0), PADDED, **arrays(PADDED))
    image = pixels(picture) / 255.0
    background = np.array([int(page[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    seen = image[..., :3] * image[..., 3:] + background * (1 - image[..., 3:])
    assert to_hex(seen[image.shape[0] // 2, 8]) == LIGHT.paper  # the card, whatever lies below it
    boxes = FigureCanvasAgg(picture.figure).get_renderer()
    for text in picture.figure.texts:
        box = text.get_window_extent(boxes)
        rows = slice(round(image.shape[0] - box.y1), round(image.shape[0] - box.y0) + 1)
        part = seen[rows, round(box.x0) : round(box.x1) + 1].reshape(-1, 3)
        light = [palette.luminance(to_hex(color)) for color in np.unique(part.round(3), axis=0)]
        padding = text.get_text() == "0" and text.get_color() not in (LIGHT.ink, LIGHT.muted)
        least = 3 if padding or text.get_text() == "·" else 4.5
        assert (max(light) + 0.05) / (min(light) + 0.05) >= least, text.get_text()


def test_the_same_cell_is_the_same_file() -> None:
    given = arrays(STRIDED)
    first, second = (visual.meetings("dx", (2, 2), STRIDED, **given) for _ in range(2))
    assert first.png() == first.png() == second.png()


# What is refused


ONES, KERNEL = np.ones((5, 5)), np.ones((3, 3))


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: visual.meetings("db", (0, 0), STRIDED), ["'db'", "z, dw, dx"]),
        (lambda: visual.meetings("z", (0, 0, 0, 0), STRIDED), ["4 indices", "one channel", "(row, column)"]),
        (lambda: visual.meetings("z", (0,), STRIDED), ["1 indices", "(row, column)"]),
        (lambda: visual.meetings("dw", (0, 0), STRIDED, x=ONES), ["dz is missing", "both or neither"]),
        (lambda: visual.meetings("dx", (0, 0), STRIDED, dz=ONES), ["w is missing", "both or neither"]),
        (lambda: visual.meetings("z", (0, 0), STRIDED, x=ONES[1:], w=KERNEL), ["x", "(4, 5)", "5×5"]),
        (lambda: visual.meetings("z", (0, 0), STRIDED, x=np.ones((2, 5, 5)), w=KERNEL), ["(2, 5, 5)", "x[0]"]),
        (lambda: visual.meetings("z", (0, 0), STRIDED, x=np.ones((1, 2, 5, 5)), w=KERNEL), ["x[0, 0]"]),
        (lambda: visual.meetings("z", (0, 0), STRIDED, x=ONES * np.nan, w=KERNEL), ["x", "NaN"]),
        (lambda: visual.meetings("z", (0, 0), STRIDED, x=ONES * 1j, w=KERNEL), ["complex128"]),
        (lambda: visual.meetings("z", (0, 0), Window.over(60, 50)), ["60×60", "smaller kernel"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(ValueError) as refusal:
        draw()
    assert [word for word in words if word not in str(refusal.value)] == []


def test_a_place_outside_is_refused() -> None:
    with pytest.raises(IndexError, match="3×3"):
        visual.meetings("dw", (3, 0), STRIDED)
    with pytest.raises(TypeError):
        visual.meetings("dw", (0.5, 0), STRIDED)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["z", "dw", "dx"])
@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [(28, 3, {"padding": 1}), ((40, 6), (3, 2), {}), (30, 5, {"padding": 2}), (90, 3, {"stride": 2, "dilation": 2})],
)
def test_the_way_out_of_a_picture_too_large_works(name: str, size: Any, kernel: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"do not fit beside each other.* a smaller input, \d+×\d+ or less") as refusal:
        visual.meetings(name, (1, 1), Window.over(size, kernel, **options))
    smaller = tuple(map(int, str(refusal.value).split("input, ")[1].split(" ")[0].split("×")))
    assert min(smaller) >= 5
    visual.meetings(name, (1, 1), Window.over(smaller, kernel, **options))


def test_the_caller_s_arrays_are_left_as_they_are() -> None:
    given = arrays(STRIDED)
    before = {name: array.copy() for name, array in given.items()}
    visual.meetings("dw", (0, 1), STRIDED, **given)
    for name, array in given.items():
        np.testing.assert_array_equal(array, before[name])

"""Pictures of arrays: what is drawn, in which colours, in which words, and what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from lessonconv import visual
from lessonconv.visual import palette
from lessonconv.visual.cells import _number, _stretch
from tests.visual.readable import complaints, pixels, texts

RNG = np.random.default_rng(0)
DIGITS = RNG.random((5, 1, 7, 6))
LABELS, READ = np.array([0, 1, 2, 3, 4]), np.array([0, 7, 2, 1, 4])
SHARES = np.full((5, 8), 0.05)
SHARES[1, 7], SHARES[1, 1] = 0.61, 0.09
SHARES[3, 1], SHARES[3, 3] = 0.92, 0.03
KERNELS = RNG.normal(size=(4, 1, 3, 3))
MAPS = RNG.random((8, 5, 4))


# What is drawn


def test_images_stand_in_rows_of_about_the_same_length_under_their_titles() -> None:
    picture = visual.images(DIGITS, LABELS, columns=4)
    assert len(picture.figure.axes) == 5
    assert [text for text in texts(picture) if text.isdigit()] == ["0", "1", "2", "3", "4"]
    lefts = [axes.get_position().x0 for axes in picture.figure.axes]
    assert len({round(left, 6) for left in lefts}) == 3  # 3 + 2, not 4 + 1
    assert picture.alt == "Digits: 5 images of 7×6 pixels, titled 0, 1, 2, 3, 4."
    assert visual.images(DIGITS[:, 0]).alt == "Digits: 5 images of 7×6 pixels."


def test_brightness_0_is_paper_and_the_brightest_is_ink() -> None:
    image = np.zeros((1, 2, 2))
    image[0, 0, 1] = 0.5
    (axes,) = visual.images(image).figure.axes
    (drawn,) = axes.get_images()
    assert to_hex(drawn.to_rgba(drawn.get_array())[0, 1]) == palette.LIGHT.ink
    assert to_hex(drawn.to_rgba(drawn.get_array())[1, 0]) == palette.LIGHT.paper


def test_mistakes_come_surest_first_with_what_was_read_and_what_is_true() -> None:
    picture = visual.mistakes(DIGITS, LABELS, READ, SHARES)
    words = [text for text in texts(picture) if text.startswith(("read as", "is "))]
    assert words == ["read as 1 (92%)", "is 3 (3%)", "read as 7 (61%)", "is 1 (9%)"]
    shown = [axes.get_images()[0].get_array() for axes in picture.figure.axes]
    np.testing.assert_allclose(shown[0], DIGITS[3, 0] / DIGITS[3].max())
    assert picture.findings == "2 of 5 are read wrong."


def test_the_words_of_mistakes_stay_the_same_however_many_there_are() -> None:
    some, none = (visual.mistakes(DIGITS, LABELS, read, SHARES) for read in (READ, LABELS))
    assert some.alt == none.alt
    assert "It reads every digit right" in texts(none)
    assert none.findings == "0 of 5 are read wrong."
    assert len(visual.mistakes(DIGITS, LABELS, READ, SHARES, most=1).figure.axes) == 1


def test_kernels_show_their_numbers_on_one_scale_before_beside_after() -> None:
    before = KERNELS / 2
    picture = visual.kernels(KERNELS, before)
    *panels, bar = picture.figure.axes
    assert len(panels) == 8
    limit = abs(KERNELS).max()
    assert all(panel.collections[0].get_clim() == (-limit, limit) for panel in panels)
    np.testing.assert_allclose(panels[2].collections[0].get_array(), before[1, 0])
    np.testing.assert_allclose(panels[3].collections[0].get_array(), KERNELS[1, 0])
    shown = [text.get_text() for text in panels[1].texts]
    assert shown == [_number(value) for value in KERNELS[0, 0].ravel()]
    assert picture.alt == "Kernels before and after training: 4 kernels of 3×3 signed cells, all on one scale."
    assert visual.kernels(KERNELS).alt == "Kernels: 4 kernels of 3×3 signed cells, all on one scale."


def test_row_0_of_a_kernel_is_at_the_top() -> None:
    panel = visual.kernels(KERNELS).figure.axes[0]
    assert panel.yaxis_inverted()
    assert panel.texts[0].get_position() == (0.5, 0.5)


def test_larger_kernels_show_their_sign_by_more_than_colour() -> None:
    w = RNG.normal(size=(2, 1, 5, 5))
    panel = visual.kernels(w).figure.axes[0]
    assert [text.get_text() for text in panel.texts] == ["−" if value < 0 else "" for value in w[0, 0].ravel()]


def test_a_number_has_two_places_a_true_minus_and_no_negative_zero() -> None:
    assert [_number(value) for value in (0.456, -1.2, -0.001, 0.0)] == ["0.46", "−1.20", "0.00", "0.00"]


def test_maps_without_negative_values_run_from_paper_to_the_activation_s_colour() -> None:
    picture = visual.feature_maps(MAPS, "After ReLU")
    drawn = picture.figure.axes[0].get_images()[0]
    assert drawn.get_clim() == (0, MAPS.max())
    assert to_hex(drawn.get_cmap()(1.0)) == palette.color("a")
    assert {"channel 0", "channel 7"} <= set(texts(picture))
    assert picture.alt == "After ReLU: 8 maps of 5×4 cells, all on one scale."


def test_maps_with_negative_values_get_a_symmetric_scale() -> None:
    drawn = visual.feature_maps(MAPS - 0.7).figure.axes[0].get_images()[0]
    assert drawn.get_clim() == pytest.approx((-abs(MAPS - 0.7).max(), abs(MAPS - 0.7).max()))
    assert to_hex(drawn.get_cmap()(1.0)) == palette.LIGHT.positive


def test_the_input_stands_beside_its_maps() -> None:
    picture = visual.feature_maps(MAPS, x=DIGITS[0])
    assert len(picture.figure.axes) == 1 + 8 + 1  # input, maps, colour bar
    assert "input" in texts(picture)
    assert picture.alt == "Feature maps: 8 maps of 5×4 cells, all on one scale, beside the input."


def test_heat_lies_over_the_image_from_nothing_to_its_greatest() -> None:
    picture = visual.heat(np.zeros((1, 4, 4)), np.array([[[0.0, 2.0]]]), ["a 7"], title="Where")
    assert "a 7" in texts(picture)
    warm = picture.figure.axes[0].get_images()[0]
    shares = warm.get_array()
    assert shares is not None and (shares.min(), shares.max()) == (0, 1)
    assert shares[:, 0].max() == 0 and shares[:, -1].min() == 1  # the left half is cold, the right one warm
    assert picture.alt == "Where: 1 image of 4×4 pixels under heat maps, titled a 7."


def test_no_heat_at_all_can_be_drawn() -> None:
    picture = visual.heat(DIGITS[:1], np.zeros((1, 2, 2)))
    assert np.isfinite(pixels(picture)).all()


def test_stretching_goes_in_straight_lines_between_the_middles_of_cells() -> None:
    np.testing.assert_allclose(_stretch(np.array([[0.0, 1.0]]), 1, 4), [[0, 0.25, 0.75, 1]])
    values = RNG.random((3, 2))
    np.testing.assert_allclose(_stretch(values, 3, 2), values)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: visual.images(DIGITS, LABELS),
        lambda: visual.images(np.zeros((1, 28, 28))),
        lambda: visual.images(np.zeros((40, 28, 28)), range(40)),
        lambda: visual.mistakes(DIGITS, LABELS, READ, SHARES),
        lambda: visual.mistakes(DIGITS, LABELS, LABELS, SHARES),
        lambda: visual.kernels(KERNELS, KERNELS),
        lambda: visual.kernels(-10 * np.ones((12, 1, 3, 3))),
        lambda: visual.kernels(np.zeros((1, 1, 1, 1))),
        lambda: visual.kernels(RNG.normal(size=(6, 3, 3, 2))),
        lambda: visual.kernels(RNG.normal(size=(16, 1, 7, 7)), np.zeros((16, 1, 7, 7))),
        lambda: visual.feature_maps(MAPS, x=DIGITS[0]),
        lambda: visual.feature_maps(np.zeros((1, 1, 1))),
        lambda: visual.feature_maps(1e6 * RNG.normal(size=(32, 7, 7)), "A title", x=DIGITS[0]),
        lambda: visual.heat(DIGITS, MAPS[:5], [f"read as {k}" for k in range(5)]),
        lambda: visual.heat(DIGITS[:1], np.zeros((1, 1, 1))),
    ],
)
def test_every_word_can_be_read(draw: Callable[[], visual.Picture]) -> None:
    picture = draw()
    assert complaints(picture) == []
    assert picture.figure.get_figwidth() * 96 < 1000


# What is refused


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: visual.images(np.zeros((2, 3, 4, 4))), ["(2, 3, 4, 4)", "(N, 1, H, W) or (N, H, W)"]),
        (lambda: visual.images(np.zeros((4, 4))), ["(4, 4)", "x[None]"]),
        (lambda: visual.images(np.zeros((0, 4, 4))), ["(0, 4, 4)"]),
        (lambda: visual.images(np.full((1, 4, 4), np.nan)), ["NaN"]),
        (lambda: visual.images(np.zeros((1, 4, 4), complex)), ["complex128"]),
        (lambda: visual.images(DIGITS, ["a"]), ["1 titles for 5 images"]),
        (lambda: visual.images(DIGITS, columns=0), ["columns is 0", "at least 1"]),
        (lambda: visual.mistakes(DIGITS, LABELS[:4], READ, SHARES), ["labels", "(4,)", "5 class numbers"]),
        (lambda: visual.mistakes(DIGITS, LABELS, SHARES, SHARES), ["predictions", "argmax"]),
        (lambda: visual.mistakes(DIGITS, LABELS, READ, SHARES[:, :7]), ["(5, 7)", "(5, 8)", "softmax"]),
        (lambda: visual.mistakes(DIGITS, -LABELS, READ, SHARES), ["labels", "from 0"]),
        (lambda: visual.kernels(KERNELS[:, 0]), ["w", "(4, 3, 3)", "F, C, K_h, K_w"]),
        (lambda: visual.kernels(KERNELS, KERNELS[:2]), ["(2, 1, 3, 3)", "(4, 1, 3, 3)", "same layer"]),
        (lambda: visual.kernels(np.full_like(KERNELS, np.inf)), ["infinity"]),
        (lambda: visual.feature_maps(MAPS[None]), ["(1, 8, 5, 4)", "C, H, W"]),
        (lambda: visual.feature_maps(MAPS, x=DIGITS), ["(5, 1, 7, 6)", "x[0]"]),
        (lambda: visual.heat(DIGITS, -MAPS[:5]), ["cam", "heat starts at 0"]),
        (lambda: visual.heat(DIGITS, MAPS), ["8 heat maps for 5 images"]),
        (lambda: visual.heat(DIGITS, MAPS[0]), ["cam", "(5, 4)", "N, h, w"]),
        (lambda: visual.heat(DIGITS, MAPS[:5], ["a"]), ["1 titles for 5 images"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(ValueError) as refusal:
        draw()
    assert [word for word in words if word not in str(refusal.value)] == []


def test_the_caller_s_arrays_are_left_as_they_are() -> None:
    arrays = [array.copy() for array in (DIGITS, KERNELS, MAPS)]
    visual.images(DIGITS), visual.kernels(KERNELS), visual.feature_maps(MAPS), visual.heat(DIGITS, MAPS[:5])
    for array, before in zip((DIGITS, KERNELS, MAPS), arrays, strict=True):
        np.testing.assert_array_equal(array, before)

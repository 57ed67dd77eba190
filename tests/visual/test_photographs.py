"""A photograph through kernels: what is computed, in which colours it is shown, what is said of the turn."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import signal

from lessonconv import data, visual
from lessonconv.visual import palette
from lessonconv.visual.photographs import GREYS, STEPS, verdict
from tests.visual.readable import complaints, texts

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
BLUR = np.full((3, 3), 1 / 9)
KERNELS = {"Sobel": SOBEL, "Laplacian": LAPLACIAN, "emboss": EMBOSS, "blur": BLUR}
PHOTO = np.random.default_rng(0).random((30, 24))


def drawn(picture: visual.Picture, shape: tuple[int, int]) -> list[tuple[Any, str]]:
    """The pictures of this shape that are shown: their values, and the name of their colours."""
    shown = [image for axes in picture.figure.axes for image in axes.get_images()]
    return [
        (np.asarray(image.get_array()), image.get_cmap().name) for image in shown if image.get_array().shape == shape
    ]


def test_each_kernel_is_slid_over_the_photograph_without_being_turned() -> None:
    picture = visual.filtered(PHOTO, KERNELS)
    (sobel, signed), (laplacian, _), (emboss, grey), (blur, _) = drawn(picture, (28, 22))
    assert (signed, grey) == (palette.diverging().name, "gray")
    for shown, kernel in ((emboss, EMBOSS), (blur, BLUR)):
        assert np.abs(shown - signal.correlate2d(PHOTO, kernel, "valid")).max() <= 0.5 / GREYS + 1e-9
    for shown, kernel in ((sobel, SOBEL), (laplacian, LAPLACIAN)):
        expected = signal.correlate2d(PHOTO, kernel, "valid")
        limit = np.quantile(np.abs(expected), 0.99)
        assert np.abs(shown - expected / limit).max() <= 0.5 / STEPS + 1e-9
        assert f"up to ±{limit:.1f}" in texts(picture)
    ((photograph, colors),) = drawn(picture, (30, 24))
    assert np.abs(photograph - PHOTO).max() <= 0.5 / GREYS + 1e-9 and colors == "gray"


def test_at_one_pixel_of_the_page_for_each_of_the_photograph_nothing_is_blurred() -> None:
    photo = data.photograph()
    for picture in (visual.filtered(photo, KERNELS), visual.flipped(photo[:112, :152], KERNELS)):
        shown = [image for axes in picture.figure.axes for image in axes.get_images() if len(image.get_array()) > 100]
        assert {image.get_interpolation() for image in shown} == {"nearest"}
        for image in shown:
            edges = image.axes.get_window_extent().extents / 2  # two pixels of the image for each of the page's
            np.testing.assert_allclose(edges, np.rint(edges), atol=1e-6)
            np.testing.assert_allclose(edges[2:] - edges[:2], image.get_array().shape[::-1], atol=1e-6)


def test_names_kernels_and_the_legend_are_there() -> None:
    found = texts(visual.filtered(PHOTO, KERNELS))
    assert {"photograph", *KERNELS, "negative", "0", "positive", "−4", ".11"} <= set(found)
    assert "negative" not in texts(visual.filtered(PHOTO, {"blur": BLUR}))
    assert "blur (.11 .11 .11 / .11 .11 .11 / .11 .11 .11)" in visual.filtered(PHOTO, KERNELS).alt


def test_below_stands_the_true_convolution() -> None:
    picture = visual.flipped(PHOTO, {"emboss": EMBOSS, "blur": BLUR})
    upright, turned, *_ = (values for values, _ in drawn(picture, (28, 22)))
    np.testing.assert_allclose(upright, signal.correlate2d(PHOTO, EMBOSS, "valid"), atol=0.5 / GREYS + 1e-9)
    np.testing.assert_allclose(turned, signal.convolve2d(PHOTO, EMBOSS, "valid"), atol=0.5 / GREYS + 1e-9)


def test_a_picture_whose_signs_change_is_shown_with_the_opposite_colours() -> None:
    upright, turned = (values for values, _ in drawn(visual.flipped(PHOTO, {"Sobel": SOBEL}), (28, 22)))
    assert np.array_equal(upright, -turned)


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (LAPLACIAN, "nothing changes"),
        (BLUR, "nothing changes"),
        (SOBEL, "every sign changes"),
        (EMBOSS, "another picture"),
    ],
)
def test_it_says_what_the_turn_changes_and_that_is_so(kernel: Any, words: str) -> None:
    assert verdict(kernel) == words
    assert words in texts(visual.flipped(PHOTO, {"it": kernel}))
    one, other = signal.correlate2d(PHOTO, kernel, "valid"), signal.convolve2d(PHOTO, kernel, "valid")
    same, opposite = np.allclose(one, other), np.allclose(one, -other)
    assert (same, opposite) == (words == "nothing changes", words == "every sign changes")


@pytest.mark.parametrize("draw", [visual.filtered, visual.flipped])
@pytest.mark.parametrize(
    ("image", "kernels"),
    [
        (PHOTO, {}),
        (PHOTO[None], KERNELS),
        (PHOTO * np.nan, KERNELS),
        (PHOTO, {"wide": np.ones((1, 7))}),
        (PHOTO[:2], KERNELS),
        (PHOTO, {"row": [1, 2]}),
    ],
)
def test_what_does_not_fit_is_refused(draw: Callable[..., visual.Picture], image: Any, kernels: Any) -> None:
    with pytest.raises(ValueError, match=r"no kernel|must hold numbers|NaN|fit into the image"):
        draw(image, kernels)


DRAWN: list[Callable[[], visual.Picture]] = [
    lambda: visual.filtered(data.photograph(), KERNELS),
    lambda: visual.filtered(PHOTO, {"blur": BLUR}, title="One"),
    lambda: visual.filtered(PHOTO, {"zeros": np.zeros((2, 2)), "large": np.full((5, 5), 0.25)}),
    lambda: visual.flipped(PHOTO, KERNELS),
    lambda: visual.flipped(PHOTO, {"one": SOBEL}),
]


@pytest.mark.parametrize("draw", DRAWN)
def test_every_word_can_be_read_and_nothing_is_cut(draw: Callable[[], visual.Picture]) -> None:
    picture = draw()
    assert complaints(picture) == []
    width, height = picture.figure.get_size_inches()
    assert width * 96 <= 800
    box = picture.figure.get_tightbbox()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height

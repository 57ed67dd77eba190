"""A picture: an image at the page's size, words beside it, and no trace left in Matplotlib."""

import base64
import io
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from lessonconv.visual import palette
from lessonconv.visual.picture import Picture, count_of, drawing, text_width
from tests.visual.readable import complaints, texts


def example(words: str = "inside", caption: str = "", size: float = 9) -> Picture:
    with drawing(200, 80, "A title", caption) as sheet:
        sheet.text(10, 10, words, fontsize=size)
    return Picture(sheet.figure, "What it shows.", "What it found: 3.")


def test_the_output_is_an_image_and_its_words() -> None:
    data, metadata = example()._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert data["text/plain"] == "What it shows." == repr(example())
    assert metadata["image/png"]["alt"] == "What it shows. What it found: 3."
    assert base64.b64decode(data["image/png"]) == example().png()


def test_the_image_has_two_pixels_for_each_of_the_page() -> None:
    picture = example()
    size = picture._repr_mimebundle_()[1]["image/png"]
    height, width, _ = imread(io.BytesIO(picture.png())).shape
    assert (width, height) == (2 * size["width"], 2 * size["height"])
    assert size["width"] == 200 + 2 * 16


def test_the_card_is_paper_with_round_corners() -> None:
    image = imread(io.BytesIO(example().png()))
    assert image[0, 0, 3] == image[-1, -1, 3] == 0
    assert matplotlib.colors.to_hex(image[image.shape[0] // 2, -8]) == palette.LIGHT.paper


def test_the_same_drawing_is_the_same_file_whatever_the_learner_has_set() -> None:
    first = example().png()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "text.color": "red", "savefig.dpi": 10}):
        assert example().png() == first
        assert matplotlib.rcParams["font.size"] == 30
    assert b"Matplotlib" not in first  # nor a version, which would change the file


def test_a_picture_leaves_pyplot_alone() -> None:
    program = """
import sys
import numpy as np
from lessonconv import nn, visual
visual.images(np.zeros((2, 4, 4)))._repr_mimebundle_()
visual.curves(nn.History([nn.Epoch(1, 1.0, 0.5, None, None, 0.1, 1.0)]))._repr_mimebundle_()
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_picture_is_saved_as_its_name_says(tmp_path: Path) -> None:
    picture = example()
    picture.save(tmp_path / "picture.png")
    picture.save(str(tmp_path / "picture.svg"))
    assert imread(tmp_path / "picture.png").shape == imread(io.BytesIO(picture.png())).shape
    assert "<svg" in (tmp_path / "picture.svg").read_text()


def test_the_figure_is_matplotlib_s_to_go_on_with() -> None:
    picture = example()
    before = picture.png()
    assert isinstance(picture.figure, Figure)
    picture.figure.text(0.5, 0.5, "more")
    assert picture.png() != before


def test_a_dollar_sign_is_a_dollar_sign() -> None:
    assert text_width("$x^2$") > text_width("x^2")
    example("$\\frac$").png()


def test_a_long_title_makes_room_and_a_long_caption_goes_on_in_the_next_line() -> None:
    with drawing(100, 50, "A title that is much wider than what it stands above") as sheet:
        pass
    assert sheet.width > 400
    wide = example(caption="one")
    long = example(caption="a caption of so many words that they need another line, and then another")
    assert long.figure.get_figheight() > wide.figure.get_figheight()
    assert complaints(long) == []
    assert any(text.endswith("another") for text in texts(long))


def test_the_test_of_readability_sees_what_is_wrong() -> None:
    assert complaints(example()) == []
    assert complaints(example(size=8)) == ["'inside' is small"]
    assert complaints(example("cut off by the edge of the picture, as it is far too long")) != []
    picture = example()
    picture.figure.text(*picture.figure.texts[-1].get_position(), "over it", va="top")
    assert complaints(picture) == ["'inside' and 'over it' overlap"]


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (1000, "1,000 images")]
)
def test_things_are_counted_in_english(number: int, words: str) -> None:
    assert count_of(number, "image") == words

"""A play to keep: the frames, the GIF, and the page that needs nothing from elsewhere."""

import base64
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lessonconv import explore
from lessonconv.explore.scene import Scene
from lessonconv.explore.stills import animation, inks
from lessonconv.explore.stills.animation import COLORS_AT, Film
from lessonconv.visual.palette import DARK, LIGHT

README = Path(__file__).resolve().parents[3] / "README.md"


def scene_of(explorer: explore.ConvExplorer) -> Scene:
    assert explorer._drawn is not None
    return explorer._drawn


def small() -> explore.ConvExplorer:
    """Four steps."""
    return explore.ConvExplorer(height=3, width=3, kernel=2)


@pytest.fixture(scope="module")
def film() -> Film:
    return animation.film(scene_of(small()), "scatter", grids=("dz", "w", "dx"), fps=4, caption="Small.")


def rgb(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


# The frames


def test_every_step_is_a_frame_of_the_same_size_and_says_its_own(film: Film) -> None:
    assert len(film.frames) == len(film.said) == 4
    assert len({frame.size for frame in film.frames}) == 1
    assert film.said[3].startswith("gradient ∂L/∂z[1,1] = ")
    assert all(not np.array_equal(rgb(film.frames[0]), rgb(frame)) for frame in film.frames[1:])
    assert film.alt.startswith("Grids of numbers: ∂L/∂z: gradient, 2×2; w: kernel, 2×2; ∂L/∂x")


def test_chosen_steps_come_in_their_order() -> None:
    film = animation.film(scene_of(small()), "forward", steps=[3, 0])
    assert [said.split(" = ")[0] for said in film.said] == ["output z[1,1]", "output z[0,0]"]


def test_a_long_play_is_thinned_to_sixty_steps_from_the_first_to_the_last() -> None:
    assert animation._thinned(60) == list(range(60))
    steps = animation._thinned(676)
    assert len(steps) == 60 and steps[0] == 0 and steps[-1] == 675
    assert set(np.diff(steps)) <= {11, 12}
    assert animation._thinned(1) == [0]


# The GIF


def test_a_gif_shows_every_frame_for_its_time_and_rests_at_the_end(film: Film) -> None:
    gif = Image.open(io.BytesIO(film.gif()))
    assert (gif.n_frames, gif.info["loop"]) == (4, 0)  # type: ignore[attr-defined]
    durations = []
    for number, frame in enumerate(film.frames):
        gif.seek(number)
        durations.append(gif.info["duration"])
        assert np.array_equal(rgb(gif), rgb(frame))
    assert durations == [250, 250, 250, 2250]


def test_a_dark_gif_is_the_same_picture_in_the_dark_inks(film: Film) -> None:
    gif = rgb(Image.open(io.BytesIO(film.gif("dark"))))
    assert tuple(gif[0, 0]) == tuple(bytes.fromhex(DARK.paper[1:]))
    paper = tuple(bytes.fromhex(LIGHT.paper[1:]))
    assert (gif == paper).all(-1).sum() == 0
    first = np.asarray(film.frames[0])
    expected = np.frombuffer(inks.table(DARK), np.uint8).reshape(256, 3)[first]
    assert np.array_equal(gif, expected)


def test_twenty_five_frames_are_small_in_both_forms() -> None:
    film = animation.film(scene_of(explore.ConvExplorer()), "forward")
    assert len(film.frames) == 25
    assert len(film.gif()) < 500_000
    assert len(film.page().encode()) < 500_000


# The page


class Page(HTMLParser):
    """Elements with their attributes, and the text of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)


def test_a_page_is_well_formed_and_fetches_nothing(film: Film) -> None:
    page = Page(film.page())
    assert page.open == ["html"]  # whose end may be left out
    names = {name for _, attributes in page.elements for name in attributes}
    assert not names & {"src", "href", "srcset", "action"}
    words = ("http:", "https:", "url(", "@import", "fetch(", "import ", "innerHTML")
    assert [word for word in words if word in film.page()] == []


def test_a_page_has_named_controls(film: Film) -> None:
    page = Page(film.page())
    buttons = [attributes["data-action"] for tag, attributes in page.elements if tag == "button"]
    assert buttons == ["back", "play", "on"]
    assert [attributes["aria-label"] for tag, attributes in page.elements if tag == "input"] == ["step"]
    assert [attributes["role"] for tag, attributes in page.elements if tag == "canvas"] == ["img"]
    assert "prefers-reduced-motion" in page.scripts[-1]


@pytest.mark.parametrize(("name", "theme"), animation.THEMES.items())
def test_patches_painted_over_one_another_are_the_frames_in_either_theme(film: Film, name: str, theme: Any) -> None:
    """As the page does it: the theme's colours are put into every image, which is then painted over what is there."""
    sent = json.loads(Page(film.page()).scripts[0])
    colors, canvas = base64.b64decode(sent["colors"][name]), Image.new("RGBA", film.frames[0].size)
    assert len(sent["frames"]) == len(sent["said"]) == 4
    for (left, top, encoded), frame in zip(sent["frames"], film.frames, strict=True):
        png = base64.b64decode(encoded)
        patch = Image.open(io.BytesIO(png[:COLORS_AT] + colors + png[COLORS_AT:]))  # Pillow checks the checksum, too
        canvas.alpha_composite(patch.convert("RGBA"), (left, top))
        expected = frame.copy()
        expected.putpalette(inks.table(theme))
        assert np.array_equal(rgb(canvas), rgb(expected))


def test_only_what_is_new_is_stored(film: Film) -> None:
    first, *others = (patch.image for patch in animation._patches(film.frames))
    assert first.size == film.frames[0].size
    assert all(patch.width * patch.height < first.width * first.height for patch in others)
    twice = [film.frames[0]] * 2
    assert [patch.image.size for patch in animation._patches(twice)] == [first.size, (1, 1)]


def test_words_cannot_end_the_script() -> None:
    film = animation.film(scene_of(small()), "forward", caption="</script><b>")
    assert Page(film.page()).open == ["html"]
    assert json.loads(Page(film.page()).scripts[0])["alt"].endswith("</script><b>")


def test_the_same_play_gives_the_same_files() -> None:
    one, other = (animation.film(scene_of(small()), "gather") for _ in range(2))
    assert one.gif() == other.gif() and one.page() == other.page()


# In one call


def test_a_play_is_saved_in_one_call(tmp_path: Path) -> None:
    explorer = small()
    explorer.save_play(tmp_path / "forward.gif")
    explorer.save_play(str(tmp_path / "gather.HTML"), "gather", steps=range(2))
    assert Image.open(tmp_path / "forward.gif").n_frames == 4  # type: ignore[attr-defined]
    page = (tmp_path / "gather.HTML").read_text("utf-8")
    assert len(json.loads(Page(page).scripts[0])["frames"]) == 2
    assert "Size 3×3, kernel 2" in page
    explorer.mode = "weights"
    explorer.save_play(tmp_path / "chosen.html")
    assert "<title>∂L/∂w</title>" in (tmp_path / "chosen.html").read_text("utf-8")
    assert explorer.step is None


def test_what_cannot_be_saved_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    explorer = small()
    for options, told in (
        ({"path": "play.mp4"}, "neither a .gif nor an .html file"),
        ({"theme": "blue"}, "give 'light' or 'dark'"),
        ({"mode": "sideways"}, "give one of forward"),
        ({"fps": 0}, "fps is 0"),
        ({"fps": float("nan")}, "fps is nan"),
        ({"fps": 1000}, "up to 50"),
        ({"steps": []}, "steps is empty"),
        ({"steps": [4]}, "has steps 0 to 3"),
        ({"grids": ("y",)}, "there is no grid 'y'"),
    ):
        arguments: Any = {"path": "play.gif", **options}
        arguments["path"] = tmp_path / arguments["path"]
        with pytest.raises(ValueError, match=re.escape(told)):
            explorer.save_play(**arguments)
    assert not list(tmp_path.iterdir())


def test_the_readme_shows_three_small_ones_with_words() -> None:
    shown = re.findall(r'<img src="(docs/\w+\.gif)" width="(\d+)" alt="([^"]{60,})">', README.read_text("utf-8"))
    assert len(shown) == 3
    for name, width, _ in shown:
        file = README.parent / name
        assert file.stat().st_size < 300_000
        assert Image.open(file).width == 2 * int(width)

"""An explorer's static picture: it says what the page says, nothing overlaps, and it is small and always the same."""

import io
import json
import re
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
import numpy as np
import pytest
from PIL import Image

from lessonconv import explore
from lessonconv.explore.explorer import Explorer
from lessonconv.explore.pages import PAGE
from lessonconv.explore.scene import Scene
from lessonconv.explore.stills import inks, words
from lessonconv.explore.stills.layout import GUTTER, NAME, WIDTH
from lessonconv.explore.stills.view import View, picture
from lessonconv.visual.palette import DARK, LIGHT, Theme
from lessonconv.visual.picture import MARGIN, SHARPNESS
from tools import notebooks

VIEW = "application/vnd.jupyter.widget-view+json"
EXPLORERS = {
    "conv": lambda: explore.ConvExplorer(),
    "padded": lambda: explore.ConvExplorer(height=5, width=6, stride=(2, 1), padding=1, true_convolution=True),
    "stacked": lambda: explore.ConvExplorer(
        stride=2, padding=1, channels=2, filters=3, channel=1, filter=2, reach=True
    ),
    "forward": lambda: explore.ConvExplorer(true_convolution=True, backward=False),
    "digit": lambda: explore.ConvExplorer(height=28, width=28, values="digit"),
    "one cell": lambda: explore.ConvExplorer(height=1, width=1, kernel=1),
    "long": lambda: explore.ConvExplorer(x=np.array([[99_999.0, -0.001234], [1 / 3, -54_321]]), kernel=2),
    "maximum": lambda: explore.PoolExplorer(padding=1, kernel=3, ties="shared"),
    "average": lambda: explore.PoolExplorer(kind="average", padding=1, kernel=3),
    "transposed": lambda: explore.TransposedExplorer(output_padding=1, padding=1, reach=True),
    "matrix": lambda: explore.MatrixExplorer(sharing="shared", height=5, width=4),
}


def scene_of(explorer: Explorer) -> Scene:
    assert explorer._drawn is not None
    return explorer._drawn


@pytest.fixture(params=EXPLORERS)
def explorer(request: pytest.FixtureRequest) -> Any:
    return EXPLORERS[request.param]()


# What is said


def told(explorer: Explorer, *, cells: int = 3) -> dict[str, Any]:
    """The scene as it is sent, and what Python says of some cells of every grid in every play."""
    scene, at = scene_of(explorer), explorer._at()
    said = []
    for mode in scene.plays:
        view = View(scene, mode, at)
        for name in scene.visible(mode):
            size = scene.grids[name].values[scene.slice(name, at)].size
            for cell in {round(n) for n in np.linspace(0, size - 1, cells)}:
                said.append({"mode": mode, "name": name, "cell": cell, "words": view.told(None, (name, cell)).text})
    single = all(count == 1 for count in scene.stacks.values())
    titles = {name: words.title(scene, name, at) for name in scene.grids} if single else {}
    return {"scene": explorer.scene, "at": at, "titles": titles, "told": said}


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_pictures_say_what_the_page_says(tmp_path: Path) -> None:
    values = [
        0,
        -0.0,
        3,
        -3,
        99_999,
        100_000,
        -123_456,
        0.5,
        0.25,
        1 / 3,
        -2.125,
        2.125,
        12.345,
        1e-5,
        -1.234e-7,
        0.999,
    ]
    numbers = [
        {
            "value": value,
            "said": words.number(value),
            "short": words.number(value, 2),
            "as_share": words.share(value),
            "strength": int(inks.levels(np.array([value], np.float64), 7)[0]),
        }
        for value in values
    ]
    table = tmp_path / "table.json"
    table.write_text(json.dumps({"scenes": [told(make()) for make in EXPLORERS.values()], "numbers": numbers}), "utf-8")
    script = Path(__file__).parents[1] / "page" / "compare_words.mjs"
    found = subprocess.run(["node", script, table], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


def test_a_step_tells_the_sum_that_the_page_tells() -> None:
    explorer = explore.ConvExplorer(height=3, width=3, kernel=2, x=np.arange(9).reshape(3, 3), w=[[1, 0], [0, -2]])
    scene = scene_of(explorer)
    found = picture(scene, "forward", 3)
    assert (
        "z[1,1] = w[0,0]·x[1,1] + w[0,1]·x[1,2] + w[1,0]·x[2,1] + w[1,1]·x[2,2] = 1·4 + 0·5 + 0·7 + (−2)·8 = −12."
        in (found.findings)
    )
    assert found.alt.startswith("Forward: step 4 of 4. The window stops once for every output")
    assert "∂L/∂x: gradient, 3×3" in found.alt


@pytest.mark.parametrize(
    ("explorer", "expected"),
    [
        (explore.ConvExplorer(), "Size 7×7, kernel 3, stride 1, padding 0, dilation 1."),
        (
            explore.ConvExplorer(height=5, stride=(2, 1), gradient="ones", filters=3, values="ramp"),
            "Size 5×7, kernel 3, stride 2×1, padding 0, dilation 1, input: a ramp, filter shown 0, ∂L/∂z: all 1, "
            "filters 3.",
        ),
        (
            explore.ConvExplorer(x=np.eye(4), kernel=2),
            "Size 4×4, kernel 2, stride 1, padding 0, dilation 1, own numbers in x.",
        ),
        (
            explore.PoolExplorer(kind="average", ceil_mode=True),
            "Pooling: average, size 6×6, kernel 2, stride 2, padding 0, count_include_pad, ceil_mode.",
        ),
    ],
)
def test_the_settings_are_told_in_a_sentence(explorer: Explorer, expected: str) -> None:
    assert explorer._set_to() == expected
    assert explorer.picture().alt.endswith(f"{expected} Run the notebook to change any of this.")


def test_a_share_is_a_factor_of_a_sum_and_of_what_is_stamped_and_not_of_where_it_goes() -> None:
    explorer = explore.PoolExplorer(kind="average")
    view = View(scene_of(explorer), "scatter")
    said = [text for text, _ in view.sketch(0, view.told(0)).said]
    assert "2·1/4" in said and "·1/4" not in said
    view = View(scene_of(explorer), "forward")
    assert "·1/4" in [text for text, _ in view.sketch(0, view.told(0)).said]


# Where it is


def views(explorer: Explorer) -> list[Any]:
    """Sketches of every play: at rest, at rest with a cell that is looked at, at the last step."""
    scene, found = scene_of(explorer), []
    for mode in scene.plays:
        view = View(scene, mode, explorer._at(), caption=explorer._set_to())
        last, name = scene.steps(mode) - 1, next(iter(scene.grids))
        for step, focus in ((None, None), (None, (name, 0)), (last, None)):
            found.append(view.sketch(step, view.told(step, focus), focus=focus))
    return found


def test_words_neither_overlap_nor_leave_the_paper(explorer: Explorer) -> None:
    for sketch in views(explorer):
        assert sketch.width <= WIDTH + 2 * MARGIN + 8  # a word that cannot be broken
        low, right_most, lowest = MARGIN - 3, sketch.width - MARGIN + 3, sketch.height - MARGIN + 3
        for text, (left, top, right, bottom) in sketch.said:
            assert low <= left < right <= right_most and low <= top < bottom <= lowest, f"{text!r} leaves its margins"
        for (one, a), (other, b) in combinations(sketch.said, 2):
            shared = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            assert min(shared) < 1.5, f"{one!r} and {other!r} overlap"


def test_that_overlap_is_noticed() -> None:
    sketch = views(explore.ConvExplorer())[0]
    sketch.words(MARGIN + 4, MARGIN + 6, "over the first name")
    a, b = sketch.said[0][1], sketch.said[-1][1]
    assert min(min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])) > 1.5


def test_grids_stand_as_on_the_page_or_side_by_side() -> None:
    scene = scene_of(explore.ConvExplorer())
    cells = View(scene, "forward").layout.cells
    assert cells["x"][0] == cells["dx"][0] < cells["w"][0] == cells["dw"][0] < cells["z"][0] == cells["dz"][0]
    assert cells["x"][1] == cells["w"][1] == cells["z"][1] < cells["dx"][1] == cells["dw"][1] == cells["dz"][1]
    chosen = View(scene, "scatter", grids=("dz", "w", "dx")).layout.cells
    assert chosen["dz"][0] < chosen["w"][0] < chosen["dx"][0]
    assert len({top for _, top in chosen.values()}) == 1


def test_large_grids_have_colours_without_numbers_and_small_ones_keep_theirs() -> None:
    explorer = explore.ConvExplorer(height=28, width=28, values="digit", weights="edge", kernel=3)
    view = View(scene_of(explorer), "forward")
    assert view.layout.sides["x"] < 20 < view.layout.sides["w"]
    said = [text for text, _ in view.sketch(None, view.told(None)).said]
    assert said.count("−2") == 1  # of the kernel; ∂L/∂z has many
    image = pixels(picture(scene_of(explorer), "forward"))
    assert (image == rgb(inks.colors()["dense positive 6"])).all(-1).any()


# What is seen


def rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color.removeprefix("#")))


def pixels(picture: Any) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png())).convert("RGB"))


def cell(view: View, picture: Any, sketch: Any, name: str, number: int) -> np.ndarray:
    """The pixels of a cell, found from where the grid's name is written."""
    title = next(box for text, box in sketch.said if text == view.layout.names[name][-1])
    side = view.layout.sides[name]
    row, column = divmod(number, view.scene.grids[name].values.shape[-1])
    left = MARGIN + view.layout.cells[name][0] + column * side
    top = (title[1] + title[3]) / 2 + 0.6 * NAME + GUTTER + row * side
    at = [round(SHARPNESS * place) for place in (top, top + side, left, left + side)]
    return pixels(picture)[at[0] : at[1], at[2] : at[3]]


def shown(explorer: Explorer, mode: str, step: int | None, name: str, number: int, **options: Any) -> np.ndarray:
    scene = scene_of(explorer)
    view = View(scene, mode)
    sketch = view.sketch(step, view.told(step))
    return cell(view, picture(scene, mode, step, **options), sketch, name, number)


def test_a_blank_cell_is_empty_and_one_that_is_made_is_not() -> None:
    explorer = explore.ConvExplorer(height=4, width=4)
    paper = rgb(LIGHT.paper)
    assert (shown(explorer, "forward", 1, "z", 2)[4:-4, 4:-4] == paper).all()
    assert not (shown(explorer, "forward", 2, "z", 2)[8:-8, 8:-8] == paper).all()


def test_values_have_the_colour_of_their_sign_and_strength() -> None:
    explorer = explore.ConvExplorer(x=[[6.0, -6.0], [1.0, 0.0]], kernel=1)
    for number, name in enumerate(("positive 6", "negative 6", "positive 1", "paper")):
        assert tuple(shown(explorer, "forward", None, "x", number)[5, 5]) == rgb(inks.colors()[name])


def test_marks_are_where_they_belong_and_differ_in_more_than_colour() -> None:
    """Looking at the first input: itself, the output that reads it (linked), its gradient's parts (met)."""
    explorer = explore.ConvExplorer(height=3, width=3, kernel=2)
    edges = {}
    for name, number in (("x", 0), ("x", 1), ("z", 0), ("z", 1), ("dz", 0), ("w", 0), ("w", 1)):
        edges[name, number] = shown(explorer, "forward", None, name, number, focus=("x", 0))[3, 8:-8]
    assert (edges["x", 0] == rgb(LIGHT.ink)).all()
    assert (edges["dz", 0] == rgb(LIGHT.z)).all() and (edges["w", 0] == rgb(LIGHT.w)).all()
    dotted = (edges["z", 0] == rgb(LIGHT.z)).all(-1)
    assert dotted.any() and not dotted.all()
    for unmarked in (("x", 1), ("z", 1), ("w", 1)):
        assert len(np.unique(edges[unmarked], axis=0)) == 1


def test_padding_is_dashed_and_inserted_zeros_are_dotted() -> None:
    explorer = explore.ConvExplorer(height=4, width=4, padding=1, stride=2)
    muted = rgb(LIGHT.muted)
    ring = (shown(explorer, "forward", None, "x", 1)[0] == muted).all(-1)
    assert 0.3 < ring.mean() < 0.7
    assert not (shown(explorer, "forward", None, "x", 7)[0] == muted).all(-1).any()
    zero = (shown(explorer, "turned", None, "widened", 1)[0] == muted).all(-1)
    assert 0.1 < zero.mean() < 0.4


def test_winners_carry_a_corner_in_their_colour() -> None:
    explorer = explore.PoolExplorer()
    winner = int(np.flatnonzero(scene_of(explorer).grids["x"].badge[1])[0])  # type: ignore[index]
    assert tuple(shown(explorer, "forward", None, "x", winner)[5, -5]) == rgb(LIGHT.x)


# The file


def test_pictures_are_small() -> None:
    assert len(explore.ConvExplorer().picture().png()) < 50_000
    assert len(explore.ConvExplorer(height=28, width=28, values="digit").picture().png()) < 60_000


def test_the_same_state_gives_the_same_bytes_whatever_style_the_learner_has_set() -> None:
    once = explore.ConvExplorer(stride=2, padding=1).picture().png()
    own = {
        "path.sketch": (1, 100, 2),
        "font.size": 30,
        "lines.scale_dashes": False,
        "path.snap": False,
        "axes.facecolor": "r",
    }
    with matplotlib.rc_context(own):  # type: ignore[arg-type]
        assert explore.ConvExplorer(stride=2, padding=1).picture().png() == once
    assert explore.ConvExplorer(stride=2, padding=1, seed=1).picture().png() != once


def test_a_card_has_transparent_corners_and_the_pages_size() -> None:
    picture = explore.ConvExplorer().picture()
    image = Image.open(io.BytesIO(picture.png()))
    width, height = (SHARPNESS * 96 * inches for inches in picture.figure.get_size_inches())
    assert image.size == (round(width), round(height))
    alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert alpha[0, 0] == alpha[-1, -1] == 0 and alpha[20:-20, 20:-20].all()


def test_pictures_can_be_saved_as_drawings(tmp_path: Path) -> None:
    explore.ConvExplorer().picture().save(tmp_path / "picture.svg")
    assert "<path" in (tmp_path / "picture.svg").read_text("utf-8")


# The inks


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_flat_colours_come_out_as_themselves_in_both_themes(theme: Theme) -> None:
    """Within 6 of 255: two shades that are nearer than that in the light theme may stand for each other."""
    count = len(inks.INKS)
    assert count < inks.TRANSPARENT
    light, wanted = (np.frombuffer(inks.table(t), np.uint8).reshape(1, 256, 3)[:, :count] for t in (LIGHT, theme))
    found = inks.indexed(np.concatenate([light, np.full((1, count, 1), 255, np.uint8)], axis=-1))
    found.putpalette(inks.table(theme))
    flat = [number for number, ink in enumerate(inks.INKS) if ink.ground == ink.over]
    apart = np.abs(np.asarray(found.convert("RGB")).astype(int) - wanted)[0, flat].max(axis=1)
    assert apart.max() <= 6
    assert (apart == 0).mean() > 0.9
    for number in flat:
        assert tuple(wanted[0, number]) == rgb(inks.colors(theme)[inks.INKS[number].ground])


def test_values_are_as_strongly_coloured_as_on_the_page() -> None:
    css = (PAGE / "explorer.css").read_text("utf-8")
    shades = [float(share) / 100 for share in re.findall(r"--lc-shade: ([\d.]+)%", css)]
    assert shades == pytest.approx(list(inks.SHADE.values()))


# In a notebook


def test_an_explorer_is_shown_live_with_its_picture_beside() -> None:
    explorer = explore.ConvExplorer(stride=2)
    data, metadata = explorer._repr_mimebundle_() or ({}, {})
    assert set(data) == {VIEW, "image/png", "text/plain"}
    assert data["text/plain"] == repr(explorer) == "ConvExplorer(stride=2)"
    assert metadata["image/png"]["alt"].startswith("Grids of numbers: x: input, 7×7")
    assert metadata["image/png"]["width"] == round(explorer.picture().figure.get_size_inches()[0] * 96)


def test_the_picture_shows_the_state_that_the_explorer_is_in() -> None:
    explorer = explore.ConvExplorer(mode="gather", step=8)
    assert explorer.picture().alt.startswith("∂L/∂x, gathered: step 9 of 49.")
    explorer.height = explorer.width = 3  # nine steps are left
    explorer.step = 30
    assert explorer.picture().alt.startswith("∂L/∂x, gathered: step 9 of 9.")


@pytest.mark.parametrize("stored", [True, False])
def test_without_a_kernel_a_page_shows_the_picture(stored: bool) -> None:
    """Whether the notebook was normalised, or still holds a widget view that has no state."""
    html = pytest.importorskip("nbconvert").HTMLExporter()
    data, metadata = explore.ConvExplorer(height=3, width=3)._repr_mimebundle_() or ({}, {})
    output = nbformat.v4.new_output("execute_result", data, metadata=metadata, execution_count=1)
    cell = nbformat.v4.new_code_cell("explorer", execution_count=1, outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    if stored:
        notebook = notebooks.normalise(notebook)
        assert set(notebook.cells[0].outputs[0].data) == {"image/png", "text/plain"}
    body, _ = html.from_notebook_node(notebook)
    assert data["image/png"] in body.replace("\n", "")
    assert "model not found" not in body and VIEW not in body


def test_explorers_and_their_pictures_do_without_the_algebra() -> None:
    show = "import sys; from lessonconv import explore; explore.ConvExplorer().picture().png()"
    subprocess.run([sys.executable, "-c", f"{show}; assert 'sympy' not in sys.modules"], check=True)


# Refusals


def test_what_a_scene_does_not_have_is_refused_with_what_it_has() -> None:
    scene = scene_of(explore.ConvExplorer())
    for arguments, options, told_so in (
        (("sideways",), {}, "give one of forward, weights"),
        (("forward", 25), {}, "has steps 0 to 24"),
        (("forward", -1), {}, "has steps 0 to 24"),
        (("forward",), {"grids": ("x", "y")}, "there is no grid 'y' in this play; give some of x, w, z"),
        (("forward",), {"grids": ("widened",)}, "there is no grid 'widened'"),
        (("forward",), {"grids": ()}, "give some of x, w, z"),
    ):
        with pytest.raises(ValueError, match=re.escape(told_so)):
            picture(scene, *arguments, **options)

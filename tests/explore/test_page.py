"""The page's JavaScript: its own tests, and that it sees the same in a scene as Python does."""

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessonconv import explore
from lessonconv.explore.activation import FUNCTIONS
from lessonconv.explore.curves import CurveExplorer
from lessonconv.explore.explorer import Explorer
from lessonconv.explore.pages import PAGE, module
from lessonconv.explore.step import SCHEMES
from lessonconv.window import Window
from tests.explore.test_curves import Decay

TESTS = Path(__file__).parent / "page"
node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def run(*arguments: str) -> None:
    found = subprocess.run(["node", *arguments], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


@node
def test_the_page_passes_its_own_tests() -> None:
    run("--test", *(str(path) for path in sorted(TESTS.glob("*.test.mjs"))))


WIDGETS = "explorer.mjs", "training.mjs", "curves.mjs"
SHARED = {"dom.mjs": 3, "keys.mjs": 3, "axes.mjs": 2, "notice.mjs": 2, "numbers.mjs": 2, "settings.mjs": 2}


@node
@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_s_modules_are_one_module(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(module(name), "utf-8")
    run("--check", str(path))
    run("--input-type=module", "--eval", f"const m = await import({path.as_uri()!r}); if (!m.default.render) throw 1")


@pytest.mark.parametrize("name", WIDGETS)
def test_the_module_imports_nothing_and_sets_text_as_text(name: str) -> None:
    source = module(name).replace("http://www.w3.org/2000/svg", "")
    words = ("import ", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "fetch(")
    assert [word for word in words if word in source] == []


def test_every_module_is_used_and_no_widget_holds_one_twice() -> None:
    sources = [module(name) for name in (*WIDGETS, "animation.mjs")]
    for path in PAGE.glob("*.mjs"):
        first = path.read_text("utf-8").partition("\n")[0]
        assert [source.count(first) for source in sources].count(1) == SHARED.get(path.name, 1)


# The same in both languages


def seen(explorer: Explorer, *, every: int = 5) -> dict[str, Any]:
    """The scene as it is sent, and what Python sees in it: at rest and at some steps of every play."""
    scene = explorer._drawn
    assert scene is not None
    at = {axis: count - 1 for axis, count in scene.stacks.items()}
    steps = []
    for mode in scene.plays:
        for step in [None, *range(0, scene.steps(mode), every)]:
            shown = scene.shown(mode, step, at)
            steps.append(
                {
                    "mode": mode,
                    "step": step,
                    "values": {name: cells(values) for name, values in shown.values.items()},
                    "marks": {n: {kind: c.tolist() for kind, c in found.items()} for n, found in shown.marks.items()},
                }
            )
    return {"scene": explorer.scene, "at": at, "steps": steps}


def cells(values: Any) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 6) for value in values]


CONVOLUTIONS = [
    {"height": h, "width": 6, "kernel": (2, 3), "stride": s, "padding": p, "dilation": d, "channels": c, "filters": f}
    for h, s, p, d, (c, f) in product((5, 7), (1, (2, 3)), (0, (1, 2)), (1, 2), ((1, 1), (2, 3)))
]


def others() -> list[Explorer]:
    """Explorers of the other layers, with their special cases."""
    return [
        *(
            explore.PoolExplorer(kind="max", kernel=3, stride=2, padding=1, ties=ties)
            for ties in ("first", "shared", "all")
        ),
        explore.PoolExplorer(kind="max", height=5, kernel=2, ceil_mode=True),
        explore.PoolExplorer(kind="average", kernel=(2, 4), stride=(1, 2)),  # eighths: they have an end
        explore.TransposedExplorer(padding=1, output_padding=1, channels=2, filters=2),
        explore.TransposedExplorer(stride=(1, 3), dilation=2, kernel=(2, 3)),
        *(explore.MatrixExplorer(sharing=sharing, padding=1, stride=2) for sharing in ("dense", "local", "shared")),
    ]


@node
def test_javascript_and_python_see_the_same_in_every_scene(tmp_path: Path) -> None:
    explorers = [explore.ConvExplorer(**settings, true_convolution=True, reach=True) for settings in CONVOLUTIONS]
    explorers += [explore.ConvExplorer(true_convolution=True, reach=True, backward=False)]
    explorers += others()
    table = tmp_path / "scenes.json"
    table.write_text(json.dumps([seen(explorer) for explorer in explorers]), "utf-8")
    run(str(TESTS / "compare.mjs"), str(table))


def charts() -> list[CurveExplorer]:
    """Explorers of curves, with their special cases."""
    return [
        *(explore.ActivationExplorer(function=name, layers=n, da=-2) for name, n in product(FUNCTIONS, (1, 3))),
        *(explore.StepExplorer(function=name, scheme=scheme) for name in ("relu", "layer") for scheme in SCHEMES),
        Decay(),
    ]


@node
def test_javascript_and_python_say_the_same_of_every_place_of_a_chart(tmp_path: Path) -> None:
    table = [
        {"chart": explorer.chart, "said": [explorer._chart.told(k) for k in range(len(explorer._chart.places))]}
        for explorer in charts()
    ]
    path = tmp_path / "charts.json"
    path.write_text(json.dumps(table), "utf-8")
    run(str(TESTS / "compare_curves.mjs"), str(path))


@node
def test_the_comparison_finds_a_difference(tmp_path: Path) -> None:
    one = seen(explore.ConvExplorer())
    for spoil in (_another_value, _another_mark):
        table = tmp_path / "scenes.json"
        table.write_text(json.dumps([spoil(json.loads(json.dumps(one)))]), "utf-8")
        with pytest.raises(AssertionError, match=r"forward|weights|scatter|gather|turned"):
            run(str(TESTS / "compare.mjs"), str(table))


def _another_value(one: dict[str, Any]) -> dict[str, Any]:
    one["steps"][-1]["values"]["dx"][0] = 99
    return one


def _another_mark(one: dict[str, Any]) -> dict[str, Any]:
    one["steps"][-1]["marks"]["x"]["link"] = [0]
    return one


@node
def test_javascript_finds_the_meetings_that_the_window_lists(tmp_path: Path) -> None:
    table = []
    for settings in CONVOLUTIONS:
        explorer = explore.ConvExplorer(**settings)
        window: Window = explorer.window
        width = sum(window.width.ring) + window.width.size
        places = {  # the window's own numbers of its inputs, as cells of the drawn grid
            u * window.width.size + v: (u + window.height.ring[0]) * width + v + window.width.ring[0]
            for u, v in product(range(window.height.size), range(window.width.size))
        }
        found = zip(*(cell.tolist() for cell in window.meetings()), strict=True)
        table.append({"scene": explorer.scene, "meetings": sorted([o, k, places[u]] for o, k, u in found)})
    path = tmp_path / "meetings.json"
    path.write_text(json.dumps(table), "utf-8")
    run(str(TESTS / "window.mjs"), str(path))

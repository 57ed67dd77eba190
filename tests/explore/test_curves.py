"""Explorers of curves: a point that moves, a chart that follows its settings, and a picture of both."""

import json
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lessonconv.explore.adjustable import Adjustable
from lessonconv.explore.chart import Chart, Curve, Scale
from lessonconv.explore.curves import CurveExplorer, with_place
from lessonconv.explore.settings import counted
from lessonconv.explore.traits import Count, Number
from tests.visual.readable import complaints, pixels, texts


class Decay(CurveExplorer):
    """t to a negative power, on log scales, and a curve with gaps."""

    SETTINGS = ("power", "t")
    power = Count(2, 1, 9)
    t = Number(1.0, 1e-3, 1e3)

    def _controls(self) -> list[dict[str, Any]]:
        return [counted("power", 1, 4)]

    def _draw(self) -> Chart:
        t = with_place(np.logspace(-3, 3, 61), self.t)
        y = t**-self.power
        return Chart(
            kind="decay",
            title="A power",
            alt="Two curves over t.",
            x=Scale("t", 1e-3, 1e3, log=True),
            y=Scale("y", 1e-9, 1e9, log=True),
            series={"t": t, "y": y, "gap": np.where(t > 10, 0, np.where(t < 0.1, np.inf, 2 * y))},
            along="t",
            moves="t",
            rides="y",
            curves=(Curve("y", "y", "x"), Curve("gap", "twice y", "w")),
            says=("At t = {t} it is {y}, and twice {gap}.",),
            remarks=((10, 1e3, "Small."),),
            guides=((10, "ten"),),
        )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    names: list[Any] = []
    monkeypatch.setattr(Adjustable, "send_state", lambda self, key=None: names.append(key))
    return names


def test_what_is_told_is_that_of_the_point() -> None:
    explorer = Decay()
    assert explorer.told == "At t = 1 it is 1, and twice 2."
    explorer.t = 100
    assert explorer.told == "At t = 100 it is 10⁻⁴, and twice 0. Small."
    explorer.t = 1e-3
    assert explorer.told == "At t = 0.001 it is 10⁶, and twice undefined."


def test_a_point_that_moves_to_a_place_of_the_chart_asks_for_no_other_chart() -> None:
    explorer = Decay()
    number = explorer.chart["seq"]
    explorer.t = float(explorer._chart.places[7])
    assert explorer.chart["seq"] == number
    explorer.t = 0.1234567  # and one that was not there becomes one
    assert explorer.chart["seq"] == number + 1
    assert 0.1234567 in explorer.chart["series"]["t"]


def test_a_setting_makes_another_chart_and_the_point_stays() -> None:
    explorer = Decay(t=10)
    explorer.set_state({"power": 3})
    assert (explorer.power, explorer.t) == (3, 10.0)
    assert explorer.told == "At t = 10 it is 0.001, and twice 0.002. Small."


def test_what_is_refused_is_told_with_the_nearest_and_gone_with_the_next_move(sent: list[Any]) -> None:
    explorer = Decay()
    explorer.set_state({"t": 1e9})
    assert explorer.notice["sentence"] == "T is 1000000000.0, but must be from 0.001 to 1000."
    assert explorer.notice["nearest"] == 1e3
    assert sent[-1] == ["t"]
    assert explorer.t == 1
    explorer.t = 1e3
    assert explorer.notice == {}


@pytest.mark.parametrize("value", ["one", None, True, [1.0], np.nan, 0])
def test_what_is_no_number_of_the_axis_is_a_value_or_type_error(value: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=r"t is .*(give a number|must be from 0.001 to 1000)"):
        Decay(t=value)


def test_there_is_no_setting_of_another_name() -> None:
    with pytest.raises(TypeError, match="Decay has no setting 'speed'; it has power, t"):
        Decay(speed=1)


def test_the_message_is_plain_and_small() -> None:
    explorer = Decay()
    message = json.loads(explorer.sent)
    assert message == json.loads(json.dumps(explorer.chart))
    assert None in message["series"]["gap"]
    assert len(explorer.sent) < 10_000


def test_a_jump_is_between_two_places() -> None:
    chart = Decay()._chart
    assert chart._after((1.0,)).tolist() == [30] and chart.places[30] == 1


def test_its_text_is_how_it_is_made() -> None:
    assert repr(Decay()) == "Decay()"
    assert repr(Decay(t=5, power=3)) == "Decay(power=3, t=5.0)"


# The picture


def test_the_picture_says_what_the_page_says() -> None:
    explorer = Decay(t=100)
    picture = explorer.picture()
    assert complaints(picture) == []
    assert {["At t = 100 it is 10⁻⁴, and twice 0.", "."][0], "Small.", "10⁻³", "ten", "t", "y"} <= set(texts(picture))
    assert picture.alt == "Two curves over t." and picture.findings == explorer.told


def test_the_picture_is_there_without_a_kernel_and_always_the_same() -> None:
    data, metadata = Decay()._repr_mimebundle_()  # type: ignore[misc]
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} <= set(data)
    assert data["text/plain"] == "Decay()"
    assert re.match("Two curves over t. At t = 1", metadata["image/png"]["alt"])
    assert data["image/png"] == Decay()._repr_mimebundle_()[0]["image/png"]  # type: ignore[index]


def test_the_point_is_drawn_where_it_is() -> None:
    here, there = (pixels(Decay(t=t).picture()) for t in (1, 2))
    assert Image.fromarray(here).getbbox() == Image.fromarray(there).getbbox()
    assert (here != there).any()

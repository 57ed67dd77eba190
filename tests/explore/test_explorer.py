"""What all explorers share: what the page may ask, what it is told, and what stays when it asks for nonsense."""

import json
from itertools import product
from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

from lessonconv.explore import ConvExplorer
from lessonconv.explore.explorer import typed


def asks(explorer: ConvExplorer, **state: Any) -> None:
    """The page asks for another state, as the widget's messages do."""
    explorer.set_state(state)


def types(explorer: ConvExplorer, grid: str, cell: list[int], text: str) -> None:
    """The page tells what was typed into a cell."""
    explorer._handle_custom_msg({"edit": grid, "cell": cell, "text": text}, [])


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The traits that are sent to the page, in order."""
    names: list[Any] = []
    monkeypatch.setattr(ConvExplorer, "send_state", lambda self, key=None: names.append(key))
    return names


def test_the_page_asks_for_a_setting_and_gets_a_scene() -> None:
    explorer = ConvExplorer()
    asks(explorer, stride=[2, 1])
    assert explorer.stride == (2, 1)
    assert explorer.scene["grids"]["z"]["rows"] == 3
    assert explorer.notice == {}


def test_the_page_asks_for_nonsense_and_gets_a_sentence_the_nearest_setting_and_its_old_state(sent: list[Any]) -> None:
    explorer = ConvExplorer(height=5, width=5)
    scene = explorer.scene
    asks(explorer, kernel=7)
    sentence = "Kernel 7×7 is larger than the padded input 5×5; lower kernel_size to 5×5 or raise padding to 1."
    assert explorer.notice == {"setting": "kernel", "sentence": sentence, "nearest": 5}
    assert (explorer.kernel, explorer.scene) == (3, scene)
    assert sent[-1] == ["kernel"]


@pytest.mark.parametrize(
    ("settings", "asked", "nearest"),
    [
        ({}, {"kernel": [9, 3]}, (7, 3)),
        ({}, {"kernel": [3, 9]}, (3, 7)),
        ({}, {"kernel": [9, 9]}, (7, 7)),
        ({"kernel": 4}, {"dilation": 4}, 2),
        ({"kernel": 7}, {"height": 3}, None),  # smaller inputs fit even less
        ({}, {"values": "elephant"}, None),
        ({}, {"stride": "wide"}, None),
        ({}, {"stride": None}, None),
    ],
)
def test_the_nearest_setting_is_possible(settings: Any, asked: Any, nearest: Any) -> None:
    explorer = ConvExplorer(**settings)
    asks(explorer, **asked)
    assert explorer.notice["sentence"]
    assert explorer.notice["nearest"] == nearest
    if nearest is not None:
        asks(explorer, **dict.fromkeys(asked, nearest))
        assert explorer.notice == {}


def test_a_notice_goes_with_the_next_setting_and_not_with_a_step() -> None:
    explorer = ConvExplorer()
    asks(explorer, kernel=9)
    asks(explorer, step=3)
    assert explorer.notice
    asks(explorer, stride=2)
    assert explorer.notice == {}
    asks(explorer, kernel=9)
    explorer.padding = 2  # from Python
    assert explorer.notice == {}


def test_a_cell_is_typed_into() -> None:
    explorer = ConvExplorer(padding=1, channels=2)
    types(explorer, "x", [1, 2, 3], "\u22120.5")
    assert explorer.x[0, 1, 2, 3] == -0.5
    types(explorer, "w", [0, 1, 0, 2], "4")
    types(explorer, "dz", [0, 1, 1], " 1e2 ")
    assert (explorer.w[0, 1, 0, 2], explorer.dz[0, 0, 1, 1]) == (4, 100)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nothing was typed"),
        ("  ", "Nothing was typed"),
        ("abc", "“abc” is not a number"),
        ("1,5", "“1,5” is not a number"),
        ("1e999", "“1e999” does not fit"),
        ("nan", "“nan” does not fit"),
        ("-inf", "“-inf” does not fit"),
        ("1000001", "does not fit"),
        ("<b>3</b>", "“<b>3</b>” is not a number"),
    ],
)
def test_what_is_not_a_number_is_refused_and_the_cell_keeps_its_own(text: str, words: str) -> None:
    explorer = ConvExplorer()
    before = explorer.x
    types(explorer, "x", [0, 1, 1], text)
    assert words in explorer.notice["sentence"]
    assert "keeps its number" in explorer.notice["sentence"]
    np.testing.assert_array_equal(explorer.x, before)
    types(explorer, "x", [0, 1, 1], "3")
    assert explorer.notice == {}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"edit": "z", "cell": [0, 0, 0], "text": "1"},
        {"edit": "x", "cell": [0, 99, 0], "text": "1"},
        {"edit": "x", "cell": [0, -1, 0], "text": "1"},
        {"edit": "x", "cell": [0], "text": "1"},
        {"edit": "x", "cell": "abc", "text": "1"},
        {"edit": ["x"], "cell": [0, 0, 0], "text": "1"},
        "hello",
    ],
)
def test_a_message_that_no_page_sends_changes_nothing(message: Any) -> None:
    explorer = ConvExplorer()
    before = {name: getattr(explorer, name) for name in ("x", "w", "dz", "z")}
    explorer._handle_custom_msg(message, [])
    for name, array in before.items():
        np.testing.assert_array_equal(getattr(explorer, name), array)
    explorer.stride = 2


def test_an_edited_cell_waits_while_the_picture_is_too_small_for_it() -> None:
    explorer = ConvExplorer()
    types(explorer, "x", [0, 6, 6], "99")
    explorer.height = 5
    assert 99 not in explorer.x
    explorer.height = 7
    assert explorer.x[0, 0, 6, 6] == 99


def test_other_values_take_the_place_of_edited_cells() -> None:
    explorer = ConvExplorer()
    types(explorer, "x", [0, 0, 0], "99")
    types(explorer, "w", [0, 0, 0, 0], "77")
    explorer.values = "ramp"
    assert 99 not in explorer.x
    assert 77 in explorer.w
    explorer.seed = 1
    assert 77 not in explorer.w


def test_typed_reads_numbers_as_people_write_them() -> None:
    assert [typed(text) for text in ("3", "+3", "-.5", "\u22122", "1_0")] == [3, 3, -0.5, -2, 10]


def test_an_update_is_small() -> None:
    for stride, padding, dilation in product((1, 2), (0, 1, 2), (1, 2)):
        explorer = ConvExplorer(stride=stride, padding=padding, dilation=dilation)
        assert len(json.dumps(explorer.scene).encode()) < 10_000


def test_the_mode_is_one_of_the_plays() -> None:
    explorer = ConvExplorer(mode="gather", step=4)
    assert (explorer.mode, explorer.step) == ("gather", 4)
    with pytest.raises(ValueError, match="mode is 'up'; give one of forward, weights, scatter, gather, turned"):
        explorer.mode = "up"
    with pytest.raises(TraitError):
        explorer.step = -1


def test_its_text_is_how_it_is_made() -> None:
    assert repr(ConvExplorer()) == "ConvExplorer()"
    explorer = ConvExplorer(stride=2, padding=(1, 0), true_convolution=True)
    assert repr(explorer) == "ConvExplorer(stride=2, padding=(1, 0), true_convolution=True)"
    assert repr(eval(repr(explorer))) == repr(explorer)

"""The recipe for waiting times in a page: its keys, and its sentence where there is no browser."""

import pytest

from benchmarks import explorers
from benchmarks.browser import arrows
from lessonconv.timing import Settings
from tests.browser import chromium


def test_keys_go_up_to_the_end_and_down_to_the_other() -> None:
    value, values = 1.0, []
    for key in arrows(1, 0, 2, 7):
        value += {"ArrowRight": 1, "ArrowLeft": -1}[key]
        values.append(value)
    assert values == [2, 1, 0, 1, 2, 1, 0]


def test_keys_turn_where_they_begin_at_an_end() -> None:
    assert list(arrows(2, 0, 2, 3)) == ["ArrowLeft", "ArrowLeft", "ArrowRight"]


@pytest.mark.parametrize(
    ("module", "name", "found", "why"),
    [
        (explorers, "find_spec", lambda name: None, "Playwright is not installed"),
        (chromium, "find", lambda: None, chromium.MISSING),
    ],
)
def test_without_a_browser_a_line_says_so(
    module: object, name: str, found: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, found)
    (line,) = explorers.lines(Settings())
    assert (line.verdict, line.how) == ("not measured", why)

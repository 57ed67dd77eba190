"""The package's front door: all names are there, and each loads only what it needs."""

import subprocess
import sys

import pytest

from lessonconv import visual


def loaded(program: str) -> set[str]:
    """The modules that a program has loaded when it ends."""
    program += "\nimport sys\nprint(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_every_name_that_is_offered_is_there() -> None:
    assert sorted(dir(visual)) == sorted(visual.__all__)
    assert all(getattr(visual, name).__doc__ for name in visual.__all__)


def test_a_name_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'histogram'; it has .*curves"):
        _ = visual.histogram


def test_opening_the_package_loads_neither_matplotlib_nor_widgets() -> None:
    assert not {"matplotlib", "anywidget", "IPython"} & loaded("from lessonconv import visual")


def test_pictures_need_no_widgets() -> None:
    assert not {"anywidget", "ipywidgets"} & loaded("from lessonconv import visual; visual.curves, visual.network")


def test_no_module_has_the_name_of_a_picture() -> None:
    """Importing it would put the module in the picture's place."""
    assert not set(visual._MODULES) & {name for names in visual._MODULES.values() for name in names}

"""What `import lessonconv` brings along, each time in a fresh interpreter."""

import subprocess
import sys

import pytest

import lessonconv

HEAVY = "sympy", "matplotlib", "ipywidgets", "anywidget", "tqdm", "IPython", "PIL"


def heavy_after(code: str) -> list[str]:
    """Which of the heavy packages are loaded after the code has run."""
    program = f"import sys\n{code}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def test_the_import_costs_numpy_and_nothing_else() -> None:
    assert (
        heavy_after("import lessonconv; lessonconv.data, lessonconv.functional, lessonconv.nn, lessonconv.window") == []
    )


def test_the_check_sees_what_is_loaded() -> None:
    assert heavy_after("import tqdm") == ["tqdm"]


def test_pictures_load_with_the_first_one() -> None:
    assert heavy_after("import lessonconv; lessonconv.visual.images") == ["matplotlib", "PIL"]


def test_the_algebra_costs_sympy_and_no_pictures() -> None:
    assert heavy_after("import lessonconv; lessonconv.symbolic.derive('conv2d.dw').latex") == ["sympy"]


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(AttributeError, match=r"lessonconv has no visaul; it has data, .*visual"):
        lessonconv.visaul  # noqa: B018

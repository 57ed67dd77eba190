"""The palette: told apart by all eyes, readable on both pages, one source for every medium."""

import colorsys
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from lessonconv.visual import palette
from lessonconv.visual.palette import DARK, EQUATION, LIGHT, TENSORS, Theme
from tests.visual.colour import ciede2000, lab, least_difference

# What JupyterLab 4 paints behind a notebook: --jp-layout-color0, and --jp-layout-color1 behind code.
PAGES = {"light": (LIGHT, ["#ffffff"]), "dark": (DARK, ["#111111", "#212121"])}
BOTH = pytest.mark.parametrize(("theme", "papers"), PAGES.values(), ids=PAGES)
RED_AND_GREEN = {"x": "#b22222", "w": "#4a6a1f"}  # clear to most of us, and the same brown to one man in twelve


def tensors(theme: Theme) -> dict[str, str]:
    return {name: palette.color(name, theme) for name in TENSORS}


# The oracle


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (61, -5, 29), 22.8977),
        ((50, 2.5, 0), (56, -27, -3), 31.9030),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_oracle_gives_the_published_differences(
    one: tuple[float, float, float], other: tuple[float, float, float], difference: float
) -> None:
    assert ciede2000(one, other) == pytest.approx(difference, abs=1e-4)
    assert ciede2000(other, one) == pytest.approx(difference, abs=1e-4)


def test_colour_blind_eyes_lose_red_and_green_but_not_grey() -> None:
    difference, where = least_difference(RED_AND_GREEN)
    assert difference < 8 and "opia" in where
    assert ciede2000(lab(RED_AND_GREEN["x"]), lab(RED_AND_GREEN["w"])) > 40
    assert lab("#808080", "protanopia") == pytest.approx(lab("#808080"), abs=0.1)


# Told apart


@BOTH
def test_all_eyes_tell_the_tensors_apart(theme: Theme, papers: list[str]) -> None:
    difference, where = least_difference(tensors(theme))
    assert difference >= 15, where


def test_all_eyes_tell_the_tensors_apart_in_equations_where_each_has_its_letter_too() -> None:
    difference, where = least_difference(EQUATION)
    assert difference >= 12, where


@BOTH
def test_all_eyes_tell_negative_from_positive_and_both_from_zero(theme: Theme, papers: list[str]) -> None:
    ends = {"negative": theme.negative, "zero": theme.paper, "positive": theme.positive}
    assert least_difference(ends)[0] >= 30
    halfway = {name: palette.mix(theme.paper, color, 0.3) for name, color in ends.items()}
    assert least_difference(halfway)[0] >= 8


@pytest.mark.parametrize("name", [name for name in TENSORS if name != "b"])  # b is nearly grey: it has no hue to keep
def test_a_tensor_keeps_its_hue_from_theme_to_theme(name: str) -> None:
    def hue(color: str) -> float:
        return colorsys.rgb_to_hsv(*(int(color[i : i + 2], 16) for i in (1, 3, 5)))[0] * 360

    light = hue(LIGHT.__dict__[name])
    for other in (hue(DARK.__dict__[name]), hue(EQUATION[name])):
        assert abs((other - light + 180) % 360 - 180) < 30


# Readable


def unreadable(theme: Theme, papers: list[str]) -> list[str]:
    """The colours that words or marks would be lost in: text asks for a contrast of 4.5, marks for 3."""
    asked = dict.fromkeys(("ink", "muted", *TENSORS), 4.5) | {"negative": 3, "positive": 3}
    colors = asdict(theme)
    return [
        f"{name} {colors[name]} on {paper}"
        for name, least in asked.items()
        for paper in [*papers, theme.paper]
        if palette.contrast(colors[name], paper) < least
    ]


@BOTH
def test_words_and_marks_are_readable_on_their_page(theme: Theme, papers: list[str]) -> None:
    assert unreadable(theme, papers) == []


@BOTH
def test_the_test_of_readability_sees_the_wrong_theme(theme: Theme, papers: list[str]) -> None:
    swapped = {LIGHT: DARK, DARK: LIGHT}[theme]
    assert len(unreadable(swapped, papers)) >= 5


@pytest.mark.parametrize("name", TENSORS)
def test_an_equation_is_readable_on_white_and_on_black_paper(name: str) -> None:
    assert min(palette.contrast(EQUATION[name], paper) for paper in ("#ffffff", "#111111")) >= 4
    assert palette.contrast(EQUATION[name], "#212121") >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert palette.contrast("#ffffff", "#000000") == pytest.approx(21)
    assert palette.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the lightest grey that passes
    assert palette.contrast("#ffffff", "#767676") == palette.contrast("#767676", "#ffffff")


def test_ink_reads_on_every_colour() -> None:
    steps = [f"{value:02x}" for value in range(0, 256, 15)]
    for color in (f"#{r}{g}{b}" for r in steps for g in steps for b in steps):
        assert palette.contrast(palette.ink(color), color) >= 4.5
    assert (palette.ink("#ffffff"), palette.ink("#000000")) == ("#000000", "#ffffff")


# Scales


@BOTH
def test_zero_is_paper_on_every_scale(theme: Theme, papers: list[str]) -> None:
    from matplotlib.colors import to_hex

    for scale in (palette.images(theme), palette.heat(theme), palette.ramp("a", theme)):
        assert to_hex(scale(0.0)) == theme.paper
    assert ciede2000(lab(to_hex(palette.diverging(theme)(0.5))), lab(theme.paper)) < 1
    assert [to_hex(palette.diverging(theme)(end)) for end in (0.0, 1.0)] == [theme.negative, theme.positive]


@BOTH
def test_scales_leave_the_paper_step_by_step(theme: Theme, papers: list[str]) -> None:
    from matplotlib.colors import to_hex

    for scale in (palette.images(theme), palette.heat(theme), palette.ramp("w", theme)):
        away = [palette.contrast(to_hex(scale(k / 32)), theme.paper) for k in range(33)]
        assert away == sorted(away)


def test_mixing_begins_and_ends_at_its_colours_and_goes_through_oklab() -> None:
    assert (palette.mix("#123456", "#fedcba", 0), palette.mix("#123456", "#fedcba", 1)) == ("#123456", "#fedcba")
    # Ottosson 2020 and CSS Color 4: halfway from white to blue is a light blue, not the lilac of sRGB.
    red, green, blue = (int(palette.mix("#ffffff", "#0000ff", 0.5)[i : i + 2], 16) for i in (1, 3, 5))
    assert red < green < blue
    assert palette.mix("#000000", "#ffffff", 0.5) == "#636363"  # L = 0.5 is 12.5 % of the light


@pytest.mark.parametrize("wrong", ["red", "#fff", "#12345g", "rgb(0,0,0)"])
def test_a_colour_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="write it as '#rrggbb'"):
        palette.mix(wrong, "#000000", 0.5)


# One source for every medium


@BOTH
def test_css_holds_every_colour_of_the_theme(theme: Theme, papers: list[str]) -> None:
    blocks = dict(re.findall(r"^(\S[^{]*?) \{ (--[^}]*)\}", palette.css(), re.MULTILINE))
    block = blocks[":root"] if theme is LIGHT else blocks['[data-jp-theme-light="false"], .vscode-dark']
    found = dict(re.findall(r"--lc-([\w-]+): ([^;]+);", block))
    for name, color in asdict(theme).items():
        assert found[name] == color or found[name].endswith(f", {color})")


def test_css_has_the_dash_of_a_gradient_s_outline() -> None:
    assert "--lc-gradient-dash: 3 2;" in palette.css()


def test_css_braces_are_balanced_and_a_dark_system_gets_the_dark_colours() -> None:
    css = palette.css()
    assert css.count("{") == css.count("}")
    assert DARK.x in css.split("prefers-color-scheme: dark")[1]


def test_latex_sets_a_term_in_its_tensor_s_colour() -> None:
    assert palette.latex("w", r"w_{f,c,k,l}") == rf"{{\color{{{EQUATION['w']}}}{{w_{{f,c,k,l}}}}}}"
    assert palette.latex("x") == rf"{{\color{{{EQUATION['x']}}}{{x}}}}"
    assert palette.latex("dw") == rf"{{\color{{{EQUATION['w']}}}{{\frac{{\partial L}}{{\partial w}}}}}}"


@pytest.mark.parametrize("name", TENSORS)
def test_a_gradient_has_its_tensor_s_colour_and_another_mark(name: str) -> None:
    assert palette.color("d" + name) == palette.color(name) == LIGHT.__dict__[name]
    assert palette.label("d" + name) == f"∂L/∂{name}" != palette.label(name) == name
    assert palette.hatch("d" + name) and not palette.hatch(name)


@pytest.mark.parametrize("wrong", ["y", "d", "", "ddx", "xd", "X"])
def test_a_name_outside_the_notation_is_refused(wrong: str) -> None:
    for ask in (palette.color, palette.label, palette.hatch, palette.latex, palette.ramp):
        with pytest.raises(ValueError, match="x, w, b, z, a"):
            ask(wrong)


def test_no_colour_is_written_outside_the_palette() -> None:
    folder = Path(palette.__file__).parent
    files = [path for path in folder.iterdir() if path.suffix in {".py", ".mjs", ".css"} and path.name != "palette.py"]
    written = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsl\(")
    assert len(files) >= 6
    assert [path.name for path in files if written.search(path.read_text(encoding="utf-8"))] == []


def test_the_palette_alone_loads_neither_matplotlib_nor_widgets() -> None:
    program = (
        "import sys; from lessonconv.visual import palette; palette.css(); palette.latex('w'); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "lessonconv.visual.palette" in loaded
    assert not {"matplotlib", "anywidget", "ipywidgets", "sympy", "IPython"} & set(loaded)

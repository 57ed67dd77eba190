r"""Equations in LaTeX: as one writes them by hand, in the palette's colours, no wider than a notebook."""

import re
from typing import Any

import pytest
from sympy import (
    Derivative,
    Expr,
    Function,
    IndexedBase,
    KroneckerDelta,
    Max,
    Min,
    Rational,
    Sum,
    Symbol,
    atan,
    ceiling,
    exp,
    floor,
    log,
    oo,
    tanh,
)

from lessonconv.symbolic import derive, names
from lessonconv.symbolic.brackets import Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.language.latex import (
    INDENT,
    MUTED,
    NOTEBOOK_WIDTH,
    aligned,
    caption_rows,
    latex,
    mark,
    room,
    rows,
    unmarked,
)
from lessonconv.symbolic.language.widths import width_of
from lessonconv.symbolic.notation import hat, symbols, tensor
from lessonconv.visual import palette

n, c, f, i, j, k, l, u, v = symbols("n c f i j k l u v")
C, F, H, K, N, O, K_h, K_w, O_h, O_w = symbols("C F H K N O K_h K_w O_h O_w")
s, p, d, s_h, s_w, p_h, p_w, d_h, d_w = symbols("s p d s_h s_w p_h p_w d_h d_w")
x, w, b, z, a, dz, da, y = map(tensor, ("x", "w", "b", "z", "a", "dz", "da", "y"))
READ = (n, c, i * s_h + k * d_h - p_h, j * s_w + l * d_w - p_w)
CONVOLUTION = b[f] + Sum(w[f, c, k, l] * hat("x")[READ], (l, 0, K_w - 1), (k, 0, K_h - 1), (c, 0, C - 1))
FOLDED = Sum(dz[i] * w[u + p - i * s], (i, Max(0, ceiling((u + p + 1 - K) / s)), Min(O - 1, floor((u + p) / s))))
AVERAGED = (
    Sum(
        dz[n, c, i, j]
        * Positive(z[n, c, u, v])
        * InRange(u + p_h - i * s_h, 0, K_h - 1)
        * InRange(v + p_w - j * s_w, 0, K_w - 1),
        (j, 0, O_w - 1),
        (i, 0, O_h - 1),
    )
    / K_h
    / K_w
)


def uncoloured(tex: str) -> str:
    r"""The LaTeX with every {\color{#…}{term}} taken down to its term."""
    while found := re.search(r"\{\\color\{#\w{6}\}\{", tex):
        end, depth = found.end(), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(tex[end], 0)
            end += 1
        tex = tex[: found.start()] + tex[found.end() : end - 1] + tex[end + 1 :]
    return tex


# As one writes them by hand


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", r"x_{n,c,u,v}"),
        ("x̂", r"\hat{x}_{n,c,u,v}"),
        ("dz", r"\frac{\partial L}{\partial z_{n,c,u,v}}"),
        ("w1", r"w^{(1)}_{n,c,u,v}"),
        ("dw1", r"\frac{\partial L}{\partial w^{(1)}_{n,c,u,v}}"),
        ("w_rot", r"w^{\mathrm{rot}}_{n,c,u,v}"),
        ("argmax", r"\mathrm{argmax}_{n,c,u,v}"),
        ("dlogits", r"\frac{\partial L}{\partial \mathrm{logits}_{n,c,u,v}}"),
        ("y", r"y_{n,c,u,v}"),
    ],
)
def test_a_cell_is_written_as_in_the_notation(name: str, expected: str) -> None:
    assert uncoloured(latex(tensor(name)[n, c, u, v])) == expected


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (i * s_h + k * d_h - p_h, r"i\,s_h + k\,d_h - p_h"),
        (u + p_h - i * s_h, r"u + p_h - i\,s_h"),
        ((u + p_h - i * s_h) / d_h, r"(u + p_h - i\,s_h)/d_h"),
        (K_h - 1 - k, r"K_h - 1 - k"),
        (K_h * d_h - d_h - u, r"d_h (K_h - 1) - u"),
        (symbols("k′")[0] + 2 * p, r"k' + 2 p"),
        (floor((H + 2 * p - K) / s) + 1, r"\lfloor (H + 2 p - K)/s \rfloor + 1"),
    ],
)
def test_an_index_has_positive_terms_first_and_a_slash_for_a_fraction(index: Expr, expected: str) -> None:
    assert uncoloured(latex(x[index])) == f"x_{{{expected}}}"


@pytest.mark.parametrize(
    ("e", "expected"),
    [
        (InRange(u + p - i * s, 0, K - 1), r"[0 \leq u + p - i\,s < K]"),
        (InRange(u + p - i * s, 0, d * (K - 1)), r"[0 \leq u + p - i\,s \leq d (K - 1)]"),
        (InRange(u, -oo, p), r"[u \leq p]"),
        (InRange(u, p, oo), r"[u \geq p]"),
        (Divides(d, u + p - i * s), r"[d \mid u + p - i\,s]"),
        (Positive(y[i]), r"[y_{i} > 0]"),
        (KroneckerDelta(i * s + k * d - p, u), r"[u = i\,s + k\,d - p]"),
        (Derivative(z[i], w[k], evaluate=False), r"\frac{\partial z_{i}}{\partial w_{k}}"),
        (Derivative(y[i], dz[k], evaluate=False), r"\frac{\partial y_{i}}{\partial (\partial L/\partial z_{k})}"),
        (a[i] ** 2, r"a_{i}^{2}"),
        (tensor("a1")[i] ** 2, r"(a^{(1)}_{i})^{2}"),
        (tanh(z[i]) ** 2, r"\tanh^{2}(z_{i})"),
        (atan(z[i]), r"\arctan(z_{i})"),
        (Function("g′")(z[i]), r"g'(z_{i})"),
        (Max(0, z[i]), r"\max(0,\, z_{i})"),
        (exp(z[i]) / Sum(exp(z[k]), (k, 0, K - 1)), r"\frac{e^{z_{i}}}{\sum_{k}\, e^{z_{k}}}"),
        (da[i] / (1 + z[i] ** 2), r"\frac{\partial L}{\partial a_{i}}\, \frac{1}{1 + z_{i}^{2}}"),
        (symbols("ρ")[0] * (x[i] - y[i]), r"\rho\, (x_{i} - y_{i})"),
        (-x[i] * w[k], r"-w_{k}\, x_{i}"),
        (x[i] * Rational(3, 2), r"\frac{3}{2}\, x_{i}"),
    ],
)
def test_each_kind_of_expression_has_its_form(e: Expr, expected: str) -> None:
    assert uncoloured(latex(e)) == expected


def test_in_running_text_a_fraction_takes_a_slash() -> None:
    assert latex((u + p) / d) == r"\frac{u + p}{d}"
    assert latex((u + p) / d, flat=True) == "(u + p)/d"


def test_factors_come_in_the_order_of_the_chain_rule_and_brackets_last() -> None:
    assert uncoloured(latex(AVERAGED)) == (
        r"\frac{1}{K_h\,K_w}\, \sum_{i,j}\, \frac{\partial L}{\partial z_{n,c,i,j}}\, [z_{n,c,u,v} > 0]\, "
        r"[0 \leq u + p_h - i\,s_h < K_h]\, [0 \leq v + p_w - j\,s_w < K_w]"
    )
    assert uncoloured(latex(w[k] * x[i] * dz[i])) == r"\frac{\partial L}{\partial z_{i}}\, w_{k}\, x_{i}"


def test_indices_over_a_whole_axis_share_a_sum_and_others_show_their_limits() -> None:
    assert r"\sum_{c,k,l}\, " in latex(CONVOLUTION)
    assert latex(Sum(x[i], (i, 0, 2), (k, 0, 2))).startswith(r"\sum_{k,i=0}^{2}\, ")
    assert uncoloured(latex(FOLDED)).startswith(
        r"\sum_{i=\max(0,\, \lceil (u + p + 1 - K)/s \rceil)}^{\min(O - 1,\, \lfloor (u + p)/s \rfloor)}\, "
    )


def test_only_the_last_sum_of_a_product_goes_without_parentheses() -> None:
    inner = Sum(x[k], (k, 0, K - 1))
    assert uncoloured(latex(w[i] * inner)) == r"w_{i}\, \sum_{k}\, x_{k}"
    assert uncoloured(latex(inner * Sum(y[l], (l, 0, K - 1)))) == r"\left(\sum_{k}\, x_{k}\right)\, \sum_{l}\, y_{l}"


def test_conditions_of_a_largest_number_are_written_below_it() -> None:
    pooled = Largest(x[i * s + k - p] * InRange(i * s + k - p, 0, H - 1), (k, 0, K - 1))
    assert uncoloured(latex(pooled)) == r"\max_{\substack{k \\ 0 \leq i\,s + k - p < H}}\, x_{i\,s + k - p}"


# Frames


def test_a_frame_is_drawn_and_changes_no_value() -> None:
    framed = x[i * s + mark(k * d)] * mark(InRange(k, 0, p))
    assert uncoloured(latex(framed)) == r"x_{i\,s + \boxed{\scriptstyle k\,d}}\, \boxed{[0 \leq k \leq p]}"
    assert unmarked(framed) == x[i * s + k * d] * InRange(k, 0, p)
    assert mark(k * d).doit() == k * d and mark(k**2).diff(k) == 2 * k
    assert mark(s).is_integer and mark(s).is_positive and mark(p).is_nonnegative


# Colours

EVERYTHING = [CONVOLUTION, FOLDED, AVERAGED, IndexedBase("dw1")[k] * hat("x")[i] * da[j], Symbol("z") + Symbol("ρ")]


@pytest.mark.parametrize("e", EVERYTHING)
def test_colours_come_from_the_palette(e: Expr) -> None:
    assert set(re.findall(r"\\color\{(.*?)\}", latex(e))) <= set(palette.EQUATION.values())


def test_a_tensor_its_gradient_its_layers_and_its_zero_extension_share_a_colour() -> None:
    for name in ("x", "dx", "x̂", "x1", "dx2"):
        cell = latex(tensor(name)[i])
        assert cell == palette.latex("x", uncoloured(cell))
    assert "color" not in latex(y[i] * tensor("argmax")[i])
    slope = latex(Derivative(z[i], w[k], evaluate=False))
    assert palette.latex("z", r"\partial z_{i}") in slope and palette.latex("w", r"\partial w_{k}") in slope


def test_captions_are_readable_on_white_and_on_dark_paper() -> None:
    assert min(palette.contrast(MUTED, paper) for paper in ("#ffffff", "#111111")) >= 4.2


# Widths

MEASURED = [  # by MathJax in JupyterLab 4.6.6, in half font sizes
    (CONVOLUTION, 35.1),
    (FOLDED, 28.6),
    (AVERAGED, 71.5),
    (dz[n, f, u - k, v - l] * w[f, c, K_h - 1 - k, K_w - 1 - l], 28.1),
    (floor((H + 2 * p_h - d_h * (K_h - 1) - 1) / s_h) + 1, 32.5),
    (Sum(w[k] * x[i * mark(s) + k * d - mark(p)], (k, 0, mark(K - 2))), 16.2),
    (log(Sum(exp(z[n, k]), (k, 0, K - 1))), 12.9),
    (r"\text{The quick brown fox jumps over the lazy dog, and it is called so.}", 55.5),
]


@pytest.mark.parametrize(("e", "measured"), MEASURED)
def test_the_width_is_that_of_mathjax_within_five_percent(e: Any, measured: float) -> None:
    assert width_of(e if isinstance(e, str) else latex(e)) == pytest.approx(measured, rel=0.05)


def test_colours_have_no_width() -> None:
    assert width_of(latex(AVERAGED)) == pytest.approx(width_of(uncoloured(latex(AVERAGED))))


# Rows


def wide_rows(e: Expr, width: float) -> list[str]:
    """The rows that stick out, the indent of all but the first included."""
    return [row for place, row in enumerate(rows(e, width)) if width_of(row) + INDENT * (place > 0) > width]


@pytest.mark.parametrize("width", [45, 60, 75])
def test_rows_fit_and_hold_together_the_whole_line(width: float) -> None:
    for e in (CONVOLUTION, AVERAGED, CONVOLUTION + AVERAGED, AVERAGED - CONVOLUTION * dz[n, f, i, j]):
        assert wide_rows(e, width) == []
        whole = re.sub(r"\\,|\\Bigl|\\Bigr|\\left|\\right|\s", "", latex(e))
        assert re.sub(r"\\,|\\cdot|\{\}|\\Bigl|\\Bigr|\\left|\\right|\s", "", "".join(rows(e, width))) == whole


def test_a_continued_product_begins_with_a_dot_and_a_continued_sum_with_its_sign() -> None:
    assert [row.split()[0:2] for row in rows(AVERAGED, 45)[1:]] == [["{}", r"\cdot"]] * (len(rows(AVERAGED, 45)) - 1)
    assert rows(CONVOLUTION - AVERAGED, 80)[1].startswith("{} - ")


def test_every_row_closes_what_it_opens() -> None:
    inner = CONVOLUTION + Sum(w[f, c, k, l] * y[k], (k, 0, 1))
    opened = rows(Derivative(inner, x[n, c, u, v], evaluate=False) * dz[n, f, i, j], 45)
    assert len(opened) > 1 and opened[0].count(r"\Bigl(") == 1 and opened[-1].count(r"\Bigr)") == 1
    for row in [*opened, *rows(CONVOLUTION * tanh(CONVOLUTION), 60)]:
        assert row.count("{") == row.count("}") and row.count(r"\left") == row.count(r"\right")


def test_a_factor_that_fits_nowhere_stays_whole() -> None:
    assert len(rows(dz[i] * hat("x")[READ], 10)) == 2 and wide_rows(dz[i] * hat("x")[READ], 10) != []


# Derivations


@pytest.mark.parametrize("name", names())
def test_no_derivation_is_wider_than_a_notebook(name: str) -> None:
    derivation = derive(name)
    lhs = latex(derivation.cell)
    assert width_of(lhs + "=") + room(lhs) <= NOTEBOOK_WIDTH
    assert [row for line in derivation.lines for row in wide_rows(line.expr, room(lhs))] == []
    for line in derivation.lines:
        assert max(map(width_of, caption_rows(line.rule, line.reason, room(lhs)))) <= room(lhs)
    assert derivation.latex.isascii() and "$" not in derivation.latex


def test_a_derivation_is_one_block_with_its_left_side_once() -> None:
    steps = [("L", [r"x_{i}", r"{} \cdot y"], ("chain rule", "because $i<O$")), ("L", ["1"], ("clear", ""))]
    assert aligned(steps).splitlines() == [
        r"\begin{aligned}",
        rf"&{{\small\color{{{MUTED}}}{{\textbf{{chain rule}}\ \ \text{{because }}{{i<O}}}}}}\\[0.35em]",
        r"L &= x_{i}\\[0.4em]",
        r"&\qquad {} \cdot y\\[1em]",
        rf"&{{\small\color{{{MUTED}}}{{\textbf{{clear}}}}}}\\[0.35em]",
        r" &= 1",
        r"\end{aligned}",
    ]


def test_a_long_reason_goes_on_in_the_next_row_and_loses_no_word() -> None:
    reason = "every factor but one stays as it is, so $[u = i]$ is all that is left; " * 3
    found = caption_rows("differentiate", reason, 60)
    assert len(found) > 1 and max(map(width_of, found)) <= 60
    written = " ".join(re.findall(r"[a-z,;]+", re.sub(r"\\[a-z]+|#\w{6}", " ", " ".join(found))))
    assert written.split() == re.findall(r"[a-z,;]+", "differentiate " + reason)


def test_a_reason_may_hold_what_text_in_mathjax_cannot() -> None:
    (row,) = caption_rows("rule", "∂L/∂z · x̂[n′] ≤ 50% of ρ_1 & more", 100)
    assert row.isascii() and r"\text{e}^{\text{t}}" in caption_rows("rule", "e^t")[0]
    assert all(tex in row for tex in (r"{\partial}", r"\hat{x}", r"{\leq}", r"{\%}", r"{\rho}", r"{\_}", r"{\&}"))

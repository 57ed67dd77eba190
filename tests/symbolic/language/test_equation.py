"""Equations as they are typed: what is understood, in which order, what is refused, and where the caret points."""

from functools import cache
from time import process_time
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sympy import (
    Add,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Mul,
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

from lessonconv.symbolic.brackets import Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.language.equation import DEEPEST, LONGEST, EquationError, parse
from lessonconv.symbolic.language.text import equation_text
from lessonconv.symbolic.notation import hat, symbol, symbols, tensor
from tests.strategies import examples

n, f, c, i, j, k, l, u, v = symbols("n f c i j k l u v")
s, p, d, s_h, p_h, d_h, s_w, p_w = symbols("s p d s_h p_h d_h s_w p_w")
H, K, O, F, K_h, O_h, O_w = symbols("H K O F K_h O_h O_w")
x, w, z, dz, dx, dw = (tensor(name) for name in ("x", "w", "z", "dz", "dx", "dw"))
GRADIENT = Sum(dz[i] * w[u + p - i * s] * InRange(u + p - i * s, 0, K - 1), (i, 0, O - 1))


def right(source: str, left: str = "dx[u]") -> Expr:
    return parse(f"{left} = {source}").rhs


def refused(typed: str) -> tuple[str, str]:
    """What is said of the right side, and what begins where the caret points."""
    source = f"dx[u] = {typed}"
    with pytest.raises(EquationError) as refusal:
        parse(source)
    return refusal.value.sentence, source[refusal.value.position :]


# --- what is understood ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "Σ(i<O) dz[i]·w[u + p − i·s]·[0 ≤ u + p − i·s < K]",
        "sum(i=0..O-1) dz[i] * w[u + p - i*s] * [0 <= u + p - i*s < K]",
        "∑(i in 0..O−1) dz[i] w[u + p - s·i] [K > u + p - i×s >= 0]",
        "Sum(dz[i]*w[u+p-i*s]*[0<=u+p-i*s<=K-1], (i, 0, O-1))",
        "sum(i<=O-1) ∂L/∂z[i]·w[(u + p) - i*s]*[ -1 < u + p - i*s < K ]",
        "Σ(i<O) δ[i]·w[p − i·s + u]·([0 ≤ u + p − i·s < K])",
    ],
)
def test_one_gradient_in_many_spellings(source: str) -> None:
    assert right(source) == GRADIENT


def test_a_gradient_in_two_dimensions() -> None:
    source = (
        "dx[n,c,u,v] = Σ(f<F, i<O_h, j<O_w) dz[n,f,i,j]·w[f,c,(u + p_h − i·s_h)/d_h, v + p_w − j·s_w]"
        "·[d_h ∣ u + p_h − i·s_h]·[0 ≤ (u + p_h − i·s_h)/d_h < K_h]"
    )
    meets = u + p_h - i * s_h
    cells = dz[n, f, i, j] * w[f, c, meets / d_h, v + p_w - j * s_w]
    brackets = Divides(d_h, meets) * InRange(meets, 0, K_h * d_h - 1)
    found = parse(source)
    assert found.lhs == dx[n, c, u, v]
    assert found.rhs == Sum(cells * brackets, (j, 0, O_w - 1), (i, 0, O_h - 1), (f, 0, F - 1))
    assert (found.source, found.notes) == (source, ())


@pytest.mark.parametrize("typed", ["x_pad[u]", "x_hat[u]", "x̂[u]", "x_pad [ u ]"])
def test_the_zero_extended_x_has_three_names(typed: str) -> None:
    assert right(typed) == hat("x")[u]


def test_every_tensor_has_a_zero_extended_one() -> None:
    assert right("dz_pad[u]·ẑ[u]·w_hat[u]") == hat("dz")[u] * hat("z")[u] * hat("w")[u]


def test_primes_of_every_kind_are_one_prime() -> None:
    assert right("x[k'] + x[k′] + x[k’]", "dx[k′]") == 3 * x[symbol("k′")]


def test_greek_letters_may_be_spelt_out() -> None:
    assert right("alpha·x[rho]", "dx[ρ]") == symbol("α") * x[symbol("ρ")]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("floor(u/s)", floor(u / s)),
        ("⌊u/s⌋", floor(u / s)),
        ("u//s", floor(u / s)),
        ("ceil(u/s)", ceiling(u / s)),
        ("⌈u/s⌉", ceiling(u / s)),
        ("u % s", Mod(u, s)),
        ("mod(u, s)", Mod(u, s)),
        ("max(0, u, p)", Max(0, u, p)),
        ("min(u, O-1)", Min(u, O - 1)),
        ("tanh(x[u])", tanh(x[u])),
        ("exp(x[u])", exp(x[u])),
        ("log(x[u])", log(x[u])),
        ("atan(x[u])", atan(x[u])),
        ("arctan(x[u])", atan(x[u])),
        ("abs(x[u])^2", Max(x[u], -x[u]) ** 2),
        ("sqrt(K)", K ** Rational(1, 2)),
        ("sigmoid(x[u])", 1 / (1 + exp(-x[u]))),
        ("g′(x[u])", Function("g′")(x[u])),
        ("x[u]**2", x[u] ** 2),
        ("x[u]^-K", x[u] ** -K),
    ],
)
def test_functions(typed: str, meant: Expr) -> None:
    assert right(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("[0 <= u < K]", InRange(u, 0, K - 1)),
        ("[0 < u ≤ K]", InRange(u, 1, K)),
        ("[K > u ≥ p]", InRange(u, p, K - 1)),
        ("[u < K]", InRange(u, -oo, K - 1)),
        ("[u ≤ K]", InRange(u, -oo, K)),
        ("[u > p]", InRange(u, p + 1, oo)),
        ("[u >= p]", InRange(u, p, oo)),
        ("[p <= u]", InRange(u, p, oo)),
        ("[v <= u]", InRange(v, -oo, u)),
        ("[u = p]", KroneckerDelta(u, p)),
        ("[u == p]", KroneckerDelta(u, p)),
        ("[s | u]", Divides(s, u)),
        ("[s ∣ u]", Divides(s, u)),
        ("[z[u] > 0]", Positive(z[u])),
        ("[z[u] < x[u]]", Positive(x[u] - z[u])),
        ("[z[u] >= 0]", InRange(z[u], 0, oo)),
        ("[0 < z[u] < 1]", Positive(z[u]) * Positive(1 - z[u])),
        ("[0 ≤ z[u] < 1]", InRange(z[u], 0, oo) * Positive(1 - z[u])),
        ("[0 ≤ u < v ≤ K]", InRange(u, 0, oo) * InRange(u, -oo, v - 1) * InRange(v, -oo, K)),
        ("[u/s < K]", InRange(K * s - u, 1, oo)),
        ("[0 ≤ u/s ≤ K]", InRange(u / s, 0, K)),
        ("[0 < u/s < K]", InRange(u, 1, K * s - 1)),
    ],
)
def test_brackets(typed: str, meant: Expr) -> None:
    assert right(typed, "dx[u,v]") == meant


def test_a_bracket_that_certainly_holds_is_one() -> None:
    assert right("x[u]·[K ≥ 1]") == x[u]


@pytest.mark.parametrize("source", ["O = floor((H + 2*p - K)/s) + 1", "O = 1 + (H − K + p + p)//s"])
def test_the_left_side_may_be_a_size(source: str) -> None:
    assert parse(source).lhs == O
    assert parse(source).rhs == floor((H + 2 * p - K) / s) + 1


def test_the_left_side_may_have_any_indices() -> None:
    t, r = symbols("t r")
    assert parse("dx[s*t + r - p] = x[t]·x[r]").lhs == dx[s * t + r - p]


def test_the_left_side_may_be_a_bracket() -> None:
    assert parse("[0 ≤ u < K] = [K > u ≥ 0]").lhs == InRange(u, 0, K - 1)


# --- what binds how tightly -----------------------------------------------------------------------------------------


def sum_over_i(body: Expr) -> Expr:
    return Sum(body, (i, 0, O - 1))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Σ(i<O) x[i]·w[i] + w[u]", sum_over_i(x[i] * w[i]) + w[u]),
        ("Σ(i<O) x[i]·w[i] − w[u]", sum_over_i(x[i] * w[i]) - w[u]),
        ("Σ(i<O) (x[i] + w[u])", sum_over_i(x[i] + w[u])),
        ("Σ(i<O) −x[i]·w[i]", sum_over_i(-x[i] * w[i])),
        ("Σ(i<O) x[i]/K", sum_over_i(x[i] / K)),
        ("(Σ(i<O) x[i])/K", sum_over_i(x[i]) / K),
        ("2·Σ(i<O) x[i]·w[i]", 2 * sum_over_i(x[i] * w[i])),
        ("Σ(i<O) x[i]·Σ(k<K) w[k]·x[i]", sum_over_i(x[i] * Sum(w[k] * x[i], (k, 0, K - 1)))),
        ("max(k<K) x[k]·w[k] + w[u]", Largest(x[k] * w[k], (k, 0, K - 1)) + w[u]),
        ("u/s·K", u * K / s),
        ("1/K_h/K·x[u]", x[u] / K_h / K),
        ("x[u]/(K_h·K)", x[u] / K_h / K),
        ("−u^2", -(u**2)),
        ("2^3^K", 2 ** (3**K)),
        ("u − s − p", u - s - p),
        ("u·s//d", floor(u * s / d)),
        ("−2·(u + p)·s", Mul(-2, u + p, s)),
        ("(u + p)·−s", -s * (u + p)),
        ("s(u + p)", s * (u + p)),
        ("2 [u < K] x[u](K + 1)", 2 * InRange(u, -oo, K - 1) * x[u] * (K + 1)),
        ("K[u < K]", K * InRange(u, -oo, K - 1)),
    ],
)
def test_precedence(typed: str, meant: Expr) -> None:
    assert right(typed) == meant


def test_the_first_limit_is_the_outermost() -> None:
    assert right("Σ(f<F, i<f) x[i]") == Sum(x[i], (i, 0, f - 1), (f, 0, F - 1))
    assert right("Σ(f<F) Σ(i<f) x[i]") == right("Σ(f<F, i<f) x[i]")


def test_in_sympys_style_the_first_limit_is_the_innermost() -> None:
    assert right("Sum(x[i] + w[u], (i, 0, f-1), (f, 0, F-1)) + 1") == Sum(x[i] + w[u], (i, 0, f - 1), (f, 0, F - 1)) + 1


# --- shadowing ------------------------------------------------------------------------------------------------------


def test_an_index_of_the_left_side_may_be_summed_over_again() -> None:
    found = parse("dx[i] = x[i]·Σ(i<O) w[i]")
    other = symbol("i′")
    assert found.rhs == x[i] * Sum(w[other], (other, 0, O - 1))
    assert found.notes == ("the i summed over is not the i on the left; it is written i′ here",)


def test_the_inner_sum_wins_and_the_outer_one_has_its_index_back_afterwards() -> None:
    found = parse("dx[u] = Σ(i<O) x[i]·(Σ(i<K) w[i])·z[i]")
    other = symbol("i′")
    assert found.rhs == Sum(x[i] * Sum(w[other], (other, 0, K - 1)) * z[i], (i, 0, O - 1))
    assert found.notes == ("the i summed over is not the i of the sum around it; it is written i′ here",)


def test_the_new_name_is_one_that_is_not_in_use() -> None:
    found = parse("dx[i] = Σ(i<O) w[i]·Σ(i′<K) x[i′]")
    new, taken = symbol("i′′"), symbol("i′")
    assert found.rhs == Sum(w[new] * Sum(x[taken], (taken, 0, K - 1)), (new, 0, O - 1))


def test_the_limits_of_a_sum_speak_of_the_index_outside() -> None:
    other = symbol("i′")
    assert right("Σ(i=i..O) x[i]", "dx[i]") == Sum(x[other], (other, i, O))


def test_two_sums_side_by_side_may_use_one_letter() -> None:
    found = parse("dx[u] = Σ(i<O) x[i] + Σ(i<K) w[i]")
    assert found.rhs == Sum(x[i], (i, 0, O - 1)) + Sum(w[i], (i, 0, K - 1))
    assert found.notes == ()


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "said", "at"),
    [
        ("x[u] @ 2", "unexpected character '@'", "@ 2"),
        ("∂z[u]", "unexpected character '∂'; a gradient is written dz[i]", "∂z[u]"),
        ("K²", "unexpected character '²'; a power is written ^2", "²"),
        ("(x[u]", "this ( is never closed", "(x[u]"),
        ("(x[u])·[0 ≤ u < K", "this [ is never closed", "[0 ≤ u < K"),
        ("x[u", "this [ is never closed", "[u"),
        ("(x[u]]", "this ( is never closed", "(x[u]]"),
        ("max(u, (2·u", "this ( is never closed", "(2·u"),
        ("Sum(x[u], (i, 0, O-1)", "this ( is never closed", "(x[u], (i, 0, O-1)"),
        ("x[u])", "this ) closes nothing", ")"),
        ("", "something is missing at the end", " "),
        ("x[u] +", "something is missing at the end", ""),
        ("x[u]··x[u]", "something is missing before ·", "·x[u]"),
        ("x[]", "something is missing before ]", "]"),
        ("x[u] = 3", "a second =", "= 3"),
        ("u < 3", "a comparison stands in brackets", "< 3"),
        ("2 p", "no sign stands between p and what is before it", "p"),
        ("x[u], 2", ", cannot stand here", ", 2"),
        ("Σ_i x[i]", "a sum without limits", "Σ_i x[i]"),
        ("2·sum(i) x[i]", "a sum without limits", "sum(i) x[i]"),
        ("sum(dz[i]·w[i])", "a sum without limits", "sum(dz[i]·w[i])"),
        ("Σ", "a sum without limits", "Σ"),
        ("Σ(i<O, j) x[i]", "a limit reads i<O", "j) x[i]"),
        ("Σ(i=0) x[i]", "i runs from where to where?", ") x[i]"),
        ("Σ(i<O)", "something is missing at the end", ""),
        ("Σ(s<3) x[s]", "s is no index to sum over", "s<3) x[s]"),
        ("Σ(w<3) x[u]", "w is no index to sum over", "w<3) x[u]"),
        ("Sum(x[i], (i, 0))", "a limit has a first and a last value", "(i, 0))"),
        ("Sum(x[u], i)", "a limit reads (i, 0, O-1) here", "i)"),
        ("Sum(x[i], (i, 0, 3) + 1)", "+ cannot stand here", "+ 1)"),
        ("x[i]", "the index i is neither summed over nor on the left; put Σ(i<…) before it", "i]"),
        ("Σ(i<O) x[i] + w[i]", "the Σ over i ended before this i", "i]"),
        ("Σ(i<i) x[i]", "the index i is neither summed over", "i) x[i]"),
        ("q2·x[u]", "unknown symbol 'q2'; did you mean q?", "q2·x[u]"),
        ("x[u]/O_x", "unknown symbol 'O_x'; did you mean O_", "O_x"),
        ("x[stride·u]", "unknown symbol 'stride'; did you mean s?", "stride·u]"),
        ("Q", "unknown symbol 'Q'; sizes are N C F", "Q"),
        ("flor(u/s)", "unknown function 'flor'; did you mean floor?", "flor(u/s)"),
        ("dz·w[u]", "dz is a tensor without indices", "dz·w[u]"),
        ("dz[u,0]·dz", "say which cell, such as dz[i,j]", "dz"),
        ("x[u]·w", "w is a tensor without indices", "w"),
        ("δ", "dz is a tensor without indices", "δ"),
        ("foo[u]·foo", "foo is a tensor without indices", "foo"),
        ("∂L/∂z", "dz is a tensor without indices", "∂L/∂z"),
        ("dz[u]·dz[u,u]", "mismatched ranks: dz has 2 indices here and 1 before", "dz[u,u]"),
        ("x[u,u]·x̂[u]", "mismatched ranks: x̂ has 1 index here and 2 before", "x̂[u]"),
        ("k[0 ≤ u < K]", "≤ in the index of a tensor", "≤ u < K]"),
        ("x[u]/(s − s)", "division by zero", "/(s − s)"),
        ("u % 0", "division by zero", "% 0"),
        ("u // 0", "division by zero", "// 0"),
        ("mod(u, 0)", "division by zero", "mod(u, 0)"),
        ("0^-1", "division by zero", "^-1"),
        ("[0 ∣ u]", "division by zero", "∣ u]"),
        ("log(0)", "a number that is no fraction", "log(0)"),
        ("(−1)^(1/2)", "a number that is no fraction", "^(1/2)"),
        ("[u]", "a bracket needs a comparison", "[u]"),
        ("[s ∣ u < 3]", "∣ stands alone in its bracket", "∣ u < 3]"),
        ("0.5·x[u]", "0.5 is a decimal number", "0.5·x[u]"),
        ("floor(u, s)", "floor takes 1 argument, not 2", "floor(u, s)"),
        ("max(u,u,u,u,u,u,u,u,u)", "max takes 1 to 8 arguments, not 9", "max(u,u,u,u,u,u,u,u,u)"),
        ("1234567890", "a number has at most 9 digits", "1234567890"),
        ("u^17", "an exponent is at most 16", "^17"),
        ("((u^4)^4)^4", "an exponent is at most 16", "^4"),
        ("(9^16)^16", "a number to be raised is at most", "^16"),
        ("+".join(f"Σ({index}<3) 1" for index in "ijklijklijkli"), "more than 12 sums", "i<3) 1"),
        ("(u + s + p + d + K)^16", "this has more than 400 terms", "(u + s + p + d + K)^16"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_points_at_it(typed: str, said: str, at: str) -> None:
    sentence, pointed = refused(typed)
    assert said in sentence
    assert pointed == at


@pytest.mark.parametrize(
    ("source", "said", "position"),
    [
        ("", "nothing is written here", 0),
        ("  \n", "nothing is written here", 0),
        ("dx[u]", "an equation needs an =", 5),
        ("dx[u] w[u] + dz", "dz is a tensor without indices", 13),
        ("= x[u]", "something is missing before =", 0),
        ("dx[u] ≤ 3", "a comparison stands in brackets", 6),
        ("x" * (LONGEST + 1), f"{LONGEST + 1} characters: an equation has at most 2,000", LONGEST),
        ("u = " + "(" * (DEEPEST + 1) + "u" + ")" * (DEEPEST + 1), "nested more than 60 deep", 4 + DEEPEST),
        ("u = " + "2^" * 200 + "2", "nested more than 60 deep", 4 + 2 * DEEPEST + 1),
    ],
)
def test_what_is_no_equation_at_all(source: str, said: str, position: int) -> None:
    with pytest.raises(EquationError) as refusal:
        parse(source)
    assert said in refusal.value.sentence
    assert refusal.value.position == position


def test_the_caret_stands_below_the_place_and_combining_accents_take_no_room() -> None:
    with pytest.raises(EquationError) as refusal:
        parse("dx[u] = x̂[u]·q2")
    _, line, caret = str(refusal.value).split("\n")
    assert line == "    dx[u] = x̂[u]·q2"
    assert caret == "    " + " " * len("dx[u] = x[u]·") + "^"


def test_of_several_lines_the_one_with_the_mistake_is_shown() -> None:
    with pytest.raises(EquationError) as refusal:
        parse("dx[u] =\n\tx[u]\n  + q2\n  + 1")
    assert str(refusal.value).split("\n")[1:] == ["      + q2", "        ^"]


def test_of_a_long_line_the_part_around_the_mistake_is_shown() -> None:
    with pytest.raises(EquationError) as refusal:
        parse("u = " + "1 + " * 200 + "q2" + " + 1" * 100)
    _, line, caret = str(refusal.value).split("\n")
    assert len(line) == 104
    assert line[caret.index("^") :].startswith("q2 + 1")


@given(
    st.lists(st.sampled_from([*"uis0123 ·+-/%^()[]⌊⌋<≤=>|,Σ", "Σ(i<O) ", "dz[i]", "x[u]", "max(", "k=0..3", "mod("]))
)
@examples(400)
def test_any_text_at_all_is_an_equation_or_refused_in_our_own_words(pieces: list[str]) -> None:
    try:
        parse("dx[u] = " + "".join(pieces))
    except EquationError as refusal:
        assert "SymPy" not in refusal.sentence
        assert 0 <= refusal.position <= len(refusal.source)


# --- there and back -------------------------------------------------------------------------------------------------

SETTINGS = (s, p, d, K, O, H, O_h, K_h)
LETTERS = (*symbols("i j k l f"), symbol("i′"))


@cache
def whole_numbers(indices: tuple[Symbol, ...], depth: int = 1) -> st.SearchStrategy[Any]:
    """Index arithmetic: sums of products of indices and settings, rounded quotients of them, the larger of two."""
    scalar = st.one_of(st.sampled_from([*indices, *SETTINGS]), st.integers(-3, 3).map(Integer))
    product = st.builds(Mul, scalar, st.sampled_from([Integer(1), Integer(-1), *SETTINGS]))
    sums = st.lists(product, min_size=1, max_size=3).map(lambda e: Add(*e))
    if depth == 0:
        return sums
    inner = whole_numbers(indices, depth - 1)
    divisor = st.sampled_from([s, d, K, Integer(2), Integer(3), K * d])
    rounded = st.builds(lambda f, e, by: f(e / by), st.sampled_from([floor, ceiling]), inner, divisor)
    extreme = st.builds(lambda f, a, b: f(a, b), st.sampled_from([Max, Min]), inner, inner)
    return st.one_of(sums, sums, rounded, extreme, st.builds(Mod, inner, divisor), st.builds(Add, inner, rounded))


@cache
def factors(indices: tuple[Symbol, ...]) -> st.SearchStrategy[Any]:
    number = whole_numbers(indices)
    cell = st.builds(lambda name, e: tensor(name)[e], st.sampled_from(["dz", "w", "x̂", "b", "foo"]), number)
    pair = st.builds(lambda a, b: z[a, b], number, number.map(lambda e: e / d))
    bracket = st.one_of(
        st.builds(InRange, number, number, number),
        st.builds(InRange, number.map(lambda e: e / s), number, number),
        st.builds(InRange, number, st.just(-oo), number).filter(lambda e: not e.args or e.args[0].has(*indices)),
        st.builds(InRange, number, number, st.just(oo)).filter(lambda e: not e.args or e.args[0].has(*indices)),
        st.builds(InRange, cell, number, number),
        st.builds(KroneckerDelta, number, number),
        st.builds(Divides, st.sampled_from([s, d, K, Integer(2)]), number),
        st.builds(lambda a, b: Positive(a - b), cell, cell),
        st.builds(Positive, cell),
    )
    function = st.builds(lambda f, e: f(e), st.sampled_from([tanh, exp, log, atan, Function("g′")]), cell)
    denominator = st.sampled_from([1 / K, 1 / K_h, Rational(1, 2), Rational(-3, 2), 1 / (K + d), 1 / (2 * s), 1 / O**2])
    power = st.builds(lambda e, n: e**n, st.one_of(cell, bracket, number), st.integers(0, 3))
    return st.one_of(cell, cell, pair, bracket, bracket, number, function, denominator, power)


@st.composite
def expressions(draw: st.DrawFn, indices: tuple[Symbol, ...], letters: tuple[Symbol, ...], depth: int = 2) -> Any:
    """Sums of products; some factors are sums or maxima over one or two of the letters, some are sums of products."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        parts = draw(st.lists(factors(indices), min_size=1, max_size=3))
        if depth and draw(st.booleans()):
            kind, count = draw(st.sampled_from([Sum, Sum, Largest])), draw(st.integers(1, 2))
            bound, rest = letters[:count], letters[count:]
            ends = whole_numbers(indices)
            limits = [(index, draw(st.one_of(st.just(0), ends)), draw(ends)) for index in bound]
            parts.append(kind(draw(expressions((*indices, *bound), rest, depth - 1)), *limits))
        elif depth and draw(st.booleans()):
            parts.append(draw(expressions(indices, letters, depth - 1)))
        terms.append(Mul(*parts))
    return Add(*terms)


@given(expressions((u, v), LETTERS))
@example(GRADIENT)
@example(2 * (u + 1) * s)
@example(-(x[u] + 1) * x[v])
@example((x[u] + 1) / 2 * x[v])
@example(Sum(-x[i], (i, 0, O - 1)) * Sum(x[i], (i, 0, 2)))
@examples(25)
def test_what_is_written_is_read_back(e: Expr) -> None:
    source = equation_text(dx[u, v], e)
    assume(len(source) <= LONGEST)
    found = parse(source)
    assert found.lhs == dx[u, v]
    assert found.rhs == e
    assert found.notes == ()


def test_reading_is_quick() -> None:
    """Within 50 times of what it takes on a quiet machine: the bound is against explosions, not for a race."""
    source = equation_text(dx[u], GRADIENT)
    parse(source)
    start = process_time()
    for _ in range(10):
        parse(source)
    assert process_time() - start < 0.5

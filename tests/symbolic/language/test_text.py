"""What stands on the line: the order of terms and factors, limits, brackets, cells and fractions."""

import pytest
from sympy import (
    Abs,
    Derivative,
    Function,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Rational,
    Sum,
    ceiling,
    exp,
    floor,
    oo,
    sin,
    tanh,
)
from sympy import Symbol as PlainSymbol

from lessonconv.symbolic.brackets import Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.language.text import equation_text, text
from lessonconv.symbolic.notation import hat, symbol, symbols, tensor

n, f, c, i, j, k, l, t, r, u, v = symbols("n f c i j k l t r u v")
s, p, d, s_h, p_h, d_h = symbols("s p d s_h p_h d_h")
H, K, O, F, K_h, K_w = symbols("H K O F K_h K_w")
x, w, b, z, dz = (tensor(name) for name in ("x", "w", "b", "z", "dz"))


def test_an_index_stands_before_the_setting_it_is_multiplied_by() -> None:
    assert text(i * s_h + k * d_h - p_h) == "i·s_h + k·d_h − p_h"


def test_u_leads_and_what_is_taken_away_comes_last() -> None:
    assert text(u + p - i * s) == "u + p − i·s"


def test_what_the_stride_multiplies_comes_before_what_is_added_to_it() -> None:
    assert text(s * t + r - p) == "t·s + r − p"
    assert text((O - 1) * s + K - 2 * p) == "s·(O − 1) + K − 2·p"


def test_numbers_come_last_unless_all_else_is_taken_away() -> None:
    assert text(floor((H + 2 * p - K + 1) / s) + 1) == "⌊(H + 2·p − K + 1)/s⌋ + 1"
    assert text(1 - tanh(z[i]) ** 2) == "1 − tanh(z[i])^2"
    assert text(-i - 1) == "−i − 1"


def test_factors_are_numbers_then_scalars_then_tensors_then_functions_then_brackets() -> None:
    product = InRange(k, 0, K - 3) * Divides(s, u) * tanh(z[j]) * hat("x")[i] * w[k] * dz[i] * s * 2
    assert text(product) == "2·s·dz[i]·w[k]·x̂[i]·tanh(z[j])·[s ∣ u]·[0 ≤ k ≤ K − 3]"


def test_the_gradient_of_a_strided_convolution_reads_as_on_paper() -> None:
    meets = u + p - i * s
    gradient = Sum(dz[i] * w[meets] * InRange(meets, 0, K - 1), (i, 0, O - 1))
    assert equation_text(tensor("dx")[u], gradient) == "dx[u] = Σ(i<O) dz[i]·w[u + p − i·s]·[0 ≤ u + p − i·s < K]"


def test_the_outermost_limit_is_written_first() -> None:
    assert text(Sum(x[i] * w[f], (i, 0, O - 1), (f, 0, F - 1))) == "Σ(f<F, i<O) w[f]·x[i]"


def test_limits_that_are_not_a_full_range_say_both_ends() -> None:
    first, last = Max(0, ceiling((u + p - K + 1) / s)), Min(O - 1, floor((u + p) / s))
    assert text(Sum(x[i], (i, first, last))) == "Σ(i=max(0, ⌈(u + p − K + 1)/s⌉)..min(O − 1, ⌊(u + p)/s⌋)) x[i]"
    assert text(Sum(x[i], (i, 1, 3))) == "Σ(i=1..3) x[i]"
    assert text(Sum(x[i], (i, 0, K))) == "Σ(i=0..K) x[i]"


def test_a_range_of_numbers_is_a_full_range_too() -> None:
    assert text(Sum(x[i], (i, 0, 2))) == "Σ(i<3) x[i]"


def test_a_sum_comes_last_in_its_product_and_another_one_stands_in_parentheses() -> None:
    one, other = Sum(x[i], (i, 0, O - 1)), Sum(w[k] + 1, (k, 0, K - 1))
    assert text(2 * one * other * Positive(z[j])) == "2·[z[j] > 0]·(Σ(i<O) x[i])·Σ(k<K) (w[k] + 1)"
    assert text(one**2) == "(Σ(i<O) x[i])^2"
    assert text(one / z[j]) == "(Σ(i<O) x[i])/z[j]"


def test_a_term_that_is_a_sum_needs_no_parentheses() -> None:
    assert text(b[f] + Sum(x[i], (i, 0, O - 1))) == "b[f] + Σ(i<O) x[i]"


def test_the_largest_is_written_as_a_sum_is() -> None:
    assert text(Largest(hat("x")[i * s + k - p], (k, 0, K - 1))) == "max(k<K) x̂[i·s + k − p]"


def test_cells_have_spaces_only_where_an_index_is_compound() -> None:
    assert text(dz[n, f, i, j]) == "dz[n,f,i,j]"
    assert text(w[f, c, u - i, 0]) == "w[f, c, u − i, 0]"
    assert text(x[symbol("i′")]) == "x[i′]"


def test_scalars_in_front_of_tensors_are_one_fraction() -> None:
    assert text(dz[i] / K_h / K_w) == "1/(K_h·K_w)·dz[i]"
    assert text(-3 * dz[i] / 2) == "−3/2·dz[i]"
    assert text(K**2 * z[i] / d**2) == "K^2/d^2·z[i]"
    assert text((u + p - i * s) / d) == "(u + p − i·s)/d"


def test_tensors_are_divided_by_after_the_product() -> None:
    assert text(K * x[i] * w[k] / z[j]) == "K·w[k]·x[i]/z[j]"
    assert text(1 / (1 + exp(-z[i]))) == "1/(exp(−z[i]) + 1)"


def test_a_denominator_that_all_terms_share_is_written_once() -> None:
    assert text((v + 1) / 2) == "(v + 1)/2"
    assert text(v / 2 + Rational(1, 3)) == "v/2 + 1/3"


def test_brackets_say_less_than_where_one_was_subtracted() -> None:
    assert text(InRange(u, 0, K - 1)) == "[0 ≤ u < K]"
    assert text(InRange(u, 0, d * (K - 1))) == "[0 ≤ u ≤ d·(K − 1)]"
    assert text(InRange(u, p, 3)) == "[p ≤ u < 4]"


def test_brackets_of_fractions_do_not_say_less_than() -> None:
    """u/s ≤ K − 1 is not u/s < K: between them lies K − 1/2."""
    assert text(InRange(u / s, 0, K - 1)) == "[0 ≤ u/s ≤ K − 1]"


def test_one_sided_brackets_have_one_side() -> None:
    assert text(InRange(i, -oo, j - 1)) == "[i < j]"
    assert text(InRange(i, -oo, j)) == "[i ≤ j]"
    assert text(InRange(i, j, oo)) == "[i ≥ j]"


def test_the_other_brackets_read_as_statements() -> None:
    assert text(KroneckerDelta(i * s + k - p, u)) == "[u = i·s + k − p]"
    assert text(Divides(s, u + p)) == "[s ∣ u + p]"
    assert text(Positive(z[i])) == "[z[i] > 0]"


def test_a_derivative_is_a_fraction_of_cells() -> None:
    assert text(dz[i] * Derivative(z[i], w[k])) == "dz[i]·∂z[i]/∂w[k]"


def test_powers_and_functions() -> None:
    assert text(2**K) == "2^K"
    assert text((i + 1) ** 2) == "(i + 1)^2"
    assert text(z[i] ** (K + 1)) == "z[i]^(K + 1)"
    assert text(1 / K) == "1/K"
    assert text(K ** Rational(1, 2)) == "K^(1/2)"
    assert text(Mod(i * s + j, K)) == "mod(i·s + j, K)"
    assert text(Function("g")(z[i])) == "g(z[i])"
    assert text(Abs(z[i])) == "abs(z[i])"


def test_numbers_alone() -> None:
    assert [text(e) for e in (0, -2, Rational(1, 2), Rational(-3, 2))] == ["0", "−2", "1/2", "−3/2"]


def test_the_order_does_not_depend_on_how_an_expression_was_built() -> None:
    assert text(p + u - s * i) == text(-i * s + u + p)
    assert text(x[i] * w[k] * dz[j]) == text(dz[j] * x[i] * w[k])


def test_what_the_notation_has_no_sign_for_is_refused() -> None:
    with pytest.raises(TypeError, match="sin"):
        text(i + sin(PlainSymbol("y")))


def test_a_deep_expression_is_written_at_once() -> None:
    """Without a memory of its parts every level would be written three times: 3^40 lines."""
    e = x[i]
    for _ in range(40):
        e = x[(e + i) * s + 1]
    assert text(e).count("x[") == 41

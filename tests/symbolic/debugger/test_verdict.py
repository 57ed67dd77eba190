"""The debugger's verdicts, on single edits of true equations and on everything that is no equation."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Expr, IndexedBase, Sum, symbols

from lessonconv.symbolic.debugger.cases import cases
from lessonconv.symbolic.debugger.claim import Claim
from lessonconv.symbolic.debugger.layers import Conv, Linear, Setting
from lessonconv.symbolic.debugger.repair import edited, repairs
from lessonconv.symbolic.debugger.verdict import Verdict, debug, judged
from lessonconv.symbolic.language.equation import EquationError, parse
from lessonconv.symbolic.notation import symbol
from tests.strategies import examples

DX = "dx[u] = Σ(i<O) dz[i]·w[u + p − i·s]·[0 ≤ u + p − i·s < K]"
DX_2D = (
    "dx[u,v] = Σ(i<O_h, j<O_w) dz[i,j]·w[u + p_h − i·s_h, v + p_w − j·s_w]"
    "·[0 ≤ u + p_h − i·s_h < K_h]·[0 ≤ v + p_w − j·s_w < K_w]"
)
TRUE = [
    "z[i] = Σ(k<K) w[k]·x_pad[i·s + k·d − p]",
    "dw[k] = Σ(i<O) dz[i]·x_pad[i·s + k·d − p]",
    DX,
    "dx[u] = Σ(i<O, k<K) dz[i]·w[k]·[u + p = i·s + k·d]",
    "dx[u] = Σ(i=max(0, ⌈(u + p − K + 1)/s⌉)..min(O − 1, ⌊(u + p)/s⌋)) dz[i]·w[u + p − i·s]",
    "dx[s·t + r − p] = Σ(i<O) dz[i]·w[s·t + r − i·s]·[0 ≤ s·t + r − i·s < K]",
    "z[i,j] = Σ(k<K_h, l<K_w) w[k,l]·x_pad[i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]",
    "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x_pad[i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]",
    DX_2D,
]
ALSO_TRUE = [
    "dx[n,c,u,v] = Σ(f<F, i<O_h, j<O_w) dz[n,f,i,j]·w[f, c, u + p_h − i·s_h, v + p_w − j·s_w]"
    "·[0 ≤ u + p_h − i·s_h < K_h]·[0 ≤ v + p_w − j·s_w < K_w]",
    "dw[f,c,k,l] = Σ(n<N, i<O_h, j<O_w) dz[n,f,i,j]·x_pad[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]",
    "z[n,f,i,j] = b[f] + Σ(c<C, k<K, l<K) w[f,c,k,l]·x_pad[n, c, i·s + k·d − p, j·s + l·d − p]",
    "dx[H − 1 − u] = Σ(i<O) dz[i]·w_pad[H − 1 − u + p − i·s]",
    "dx[0] = Σ(i<O) dz[i]·w_pad[p − i·s]",
    "dx[H − K] = Σ(i<O) dz[i]·w_pad[H − K + p − i·s]",
    "dx[p] = Σ(i<O) dz[i]·w_pad[2·p − i·s]",
    "dx[u,u] = Σ(i<O_h, j<O_w) dz[i,j]·w_pad[u + p − i·s, u + p − j·s]",
    "H = (O − 1)·s + d·(K − 1) + 1 − 2·p + (H + 2·p − d·(K − 1) − 1) % s",
    "O_w = ⌊(W + 2·p_w − K_w)/s_w⌋ + 1",
]


# --- holds ---


@pytest.mark.parametrize("equation", [*TRUE, *ALSO_TRUE])
def test_a_true_equation_is_proved(equation: str) -> None:
    verdict = debug(equation)
    assert verdict.holds is True
    assert verdict.counterexample is None
    assert verdict.repairs == ()
    assert "Proved for all sizes" in verdict.message


@pytest.mark.parametrize("equation", TRUE)
def test_single_edits_are_refuted_unless_they_are_proved(equation: str) -> None:
    """Every mutant of a true equation; those that survive all small layers say the same in other words."""
    claim = debug(equation).claim
    layers = cases(claim.layer)[::-1]
    mutants = list(edited(claim))
    survivors = [rhs for _, rhs in mutants if all(claim.holds_in(case, rhs) for case in layers)]
    assert len(mutants) > 70
    assert len(survivors) <= 4
    assert all(claim.proved(rhs) for rhs in survivors)


@pytest.mark.parametrize("equation", [*TRUE, *ALSO_TRUE[:3]])
def test_no_mutant_that_fails_somewhere_is_proved(equation: str) -> None:
    """Nor one that only the zeros of another tensor hide: dz[N,…]·x̂[N,…] reads outside of dz."""
    claim = debug(equation).claim
    layers = cases(claim.layer)[::-1]
    wrong = [rhs for _, rhs in edited(claim) if not all(claim.holds_in(case, rhs) for case in layers)]
    assert not any(claim.proved(rhs) for rhs in random.Random(3).sample(wrong, 30))


def test_a_tensor_must_be_read_inside_wherever_limits_and_brackets_let_it_be_read() -> None:
    claim = debug("z[n,f,i,j] = Σ(c<C, k<K, l<K) w[f,c,k,l]·x_pad[n, c, i·s + k − p, j·s + l − p]").claim
    assert claim.proved()
    assert not claim.proved(parse("z[n,f,i,j] = Σ(c=0..C, k<K, l<K) w[f,c,k,l]·x_pad[n, c, i·s+k−p, j·s+l−p]").rhs)


def test_what_is_true_but_beyond_the_proof_is_not_called_either() -> None:
    verdict = debug("dw[k] = Σ(t=O−1..O−1, i=0..t) dz[i]·x_pad[i·s + k − p]")
    assert verdict.holds is None
    assert verdict.counterexample is None
    assert "Not proven: it is true in all" in verdict.message


@pytest.mark.parametrize("bracket", ["[K ≤ 2^K]", "[k/2 ≤ K]", "[1/K ≤ 1]", "[mod(k, 2) ≤ 1]"])
def test_a_condition_that_is_no_polynomial_is_not_proved(bracket: str) -> None:
    assert debug(f"dw[k] = Σ(i<O) dz[i]·x_pad[i·s + k − p]·{bracket}").holds is None


# --- counterexamples ---


def test_a_forgotten_stride_is_shown_in_the_smallest_layer_that_has_one() -> None:
    found = debug("dx[u] = Σ(i<O) dz[i]·w[u − i]·[0 ≤ u − i < K]").counterexample
    assert found
    assert found.sizes == {"H": 3, "K": 1, "O": 2, "s": 2, "p": 0, "d": 1}
    assert (found.cell, found.claimed, found.true) == ("dx[1]", 4, 0)
    assert found.claimed_sum == "dz[1]·w[0] = 2·2 = 4"


def test_both_sums_are_written_out() -> None:
    found = debug("z[i] = Σ(k<K) w[k]·x_pad[i·s − k − p]", stride=1, padding=0).counterexample
    assert found
    assert found.true_sum == "w[0]·x[0] + w[1]·x[1] = 3·3 + 2·2 = 13"
    assert found.claimed_sum == "w[0]·x[0] = 3·3 = 9"
    assert str(found).startswith("with input 2, kernel 2, stride 1, padding 0, output 1: z[0] is w[0]·x[0] + w[1]·x[1]")


def test_a_dense_layer_has_inputs_where_others_have_a_kernel() -> None:
    found = debug("dw[m,k] = dz[m]·x[m]", layer="linear").counterexample
    assert found
    assert found.layer == "outputs 1, inputs 2"


@pytest.mark.parametrize(
    ("equation", "error"),
    [
        ("dx[u] = Σ(i<O) dz[i]·w[u − i·s]", "w[−1] is read, outside of its 1 cell"),
        ("z[i] = Σ(k<K) w[k]·x[i·s + k − p]", "x[−1] is read, outside of its 1 cell"),
        ("dx[u] = Σ(k<K) dz[(u − k)/s]·w[k]·[0 ≤ u − k ≤ (O − 1)·s]", "dz[1/2] is read, between its cells"),
        ("z[i] = Σ(k<K) w[k]·x[i·s + k]/(s − 1)", "0 is divided by"),
    ],
)
def test_what_cannot_be_read_is_named(equation: str, error: str) -> None:
    verdict = debug(equation)
    assert verdict.holds is False
    assert verdict.counterexample
    assert verdict.counterexample.error == error
    assert error in verdict.message


def test_a_bracket_or_a_limit_keeps_a_tensor_from_being_read_outside() -> None:
    assert debug(DX).holds
    assert debug("dx[u] = Σ(k=max(0, u − O + 1)..min(K − 1, u)) dz[u − k]·w[k]", stride=1).holds


# --- settings ---


def test_a_setting_that_does_not_appear_is_named() -> None:
    verdict = debug("dw[k] = Σ(i<O) dz[i]·x[i·s + k]")
    assert verdict.holds
    assert "Judged for padding 0 and dilation 1, since p and d do not appear." in verdict.message


def test_a_forgotten_padding_is_refuted_where_any_padding_is_meant() -> None:
    assert debug("dw[k] = Σ(i<O) dz[i]·x[i·s + k]", padding="any").holds is False


def test_settings_can_be_fixed() -> None:
    printed = "dx[u] = Σ(i<O) dz[i]·w_pad[u − i]"
    assert debug(printed).holds is False
    assert debug(printed, stride=1).holds is True
    assert debug("dx[u,v] = Σ(i<O_h, j<O_w) dz[i,j]·w_pad[u − i, v − 2·j]", stride=(1, 2)).holds is True


def test_plain_letters_mean_both_axes() -> None:
    equation = "dx[u,v] = Σ(i<O, j<O) dz[i,j]·w_pad[u + p − i·s, v + p − j·s]"
    assert debug(equation).holds
    with pytest.raises(EquationError, match="both s and s_w"):
        debug("dx[u,v] = Σ(i<O, j<O) dz[i,j]·w_pad[u + p − i·s, v + p − j·s_w]")
    with pytest.raises(EquationError, match=r"stride is \(1, 2\), but s is both"):
        debug(equation, stride=(1, 2))


def test_a_layer_that_truly_convolves_turns_the_kernel() -> None:
    equation = "z[i] = Σ(k<K) w[K − 1 − k]·x_pad[i·s + k·d − p]"
    assert debug(equation, forward="convolution").holds is True
    assert debug(equation).holds is False
    assert debug("z[i] = Σ(k<K) w_rot[k]·x_pad[i·s + k·d − p]", forward="convolution").holds is True


def test_tensors_can_be_declared_to_be_zero_outside() -> None:
    equation = "z[i] = Σ(k<K) w[k]·x[i·s + k − p]"
    assert debug(equation).holds is False
    assert debug(equation, zero_extended=("x",)).holds is True


@pytest.mark.parametrize("options", [{"forward": "sideways"}, {"layer": "pool"}, {"stride": 0}, {"padding": (1, 2, 3)}])
def test_a_wrong_option_is_a_value_error(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        debug(DX, **options)  # type: ignore[arg-type]


# --- repairs ---


@pytest.mark.parametrize(
    ("wrong", "was", "now", "mended"),
    [
        ("dx[u] = Σ(i<O) dz[i]·w[u + p − i]·[0 ≤ u + p − i < K]", "u + p − i", "u + p − i·s", DX),
        ("dx[u] = Σ(i<O) dz[i]·w[u − p − i·s]·[0 ≤ u − p − i·s < K]", "u − i·s − p", "u + p − i·s", DX),
        (
            "dw[k] = Σ(i<O) dz[i]·x[i·s + k − p]",
            "x[i·s + k − p]",
            "x̂[i·s + k − p]",
            "dw[k] = Σ(i<O) dz[i]·x̂[i·s + k − p]",
        ),
        (
            "O = ⌊(H − K − 2·p)/s⌋ + 1",
            "H − K − 2·p",
            "H + 2·p − K",
            "O = ⌊(H + 2·p − K)/s⌋ + 1",
        ),
        (
            "dw[k,l] = Σ(i<O_h, j<O_w) dz[j,i]·x[i·s + k, j·s + l]",
            "dz[j,i]",
            "dz[i,j]",
            "dw[k,l] = Σ(i<O_h, j<O_w) dz[i,j]·x[i·s + k, j·s + l]",
        ),
        (
            "dx[u] = Σ(i<O) dz[i]·w[u + p − i·s]·[0 ≤ u + p − i·s ≤ K]",
            "K",
            "K − 1",
            DX,
        ),
        (DX_2D.replace("v", "u").replace("dx[u,u]", "dx[u,v]"), "u + p_w − j·s_w", "v + p_w − j·s_w", DX_2D),
    ],
)
def test_the_nearest_true_equation_is_named(wrong: str, was: str, now: str, mended: str) -> None:
    repair = debug(wrong).repairs[0]
    assert (repair.was, repair.now) == (was, now)
    assert repair.proved
    assert parse(repair.text).rhs == parse(mended).rhs
    assert r"\boxed" in repair.latex


def test_most_slips_in_an_index_are_mended() -> None:
    """Every tenth mutant of the gradient: what lost a factor or a letter is not always one edit away from the truth."""
    claim = debug(DX).claim
    wrong = [rhs for _, rhs in edited(claim) if debug_rhs(claim, rhs).holds is False][::10]
    mended = [rhs for rhs in wrong if debug_rhs(claim, rhs).repairs]
    assert len(mended) >= 0.8 * len(wrong)


def debug_rhs(claim: Claim, rhs: Expr) -> Verdict:
    """The verdict on another right side, for the same layer."""
    return judged(replace(claim, rhs=rhs))


def test_where_two_things_are_wrong_the_truth_is_shown_instead() -> None:
    verdict = debug("dx[u] = Σ(i<O) dz[i]·w[u − i]·[0 ≤ u − i < K]", padding="any")
    assert verdict.repairs == ()
    assert "No single edit mends it. True is dx[u] = Σ(i<O) dz[i]·w[u + p − i·s]" in str(verdict)


def test_every_repair_is_true() -> None:
    claim = debug("z[i] = Σ(k<K) w[k]·x_pad[i·s − k − p]").claim
    for repair in repairs(claim, cases(claim.layer)):
        assert debug(repair.text).holds


# --- shown ---


def test_a_notebook_shows_markdown_and_a_terminal_text() -> None:
    verdict = debug("dw[k] = Σ(i<O) dz[i]·x_pad[i + k − p]")
    bundle = verdict._repr_mimebundle_()
    assert bundle["text/plain"] == str(verdict) == repr(verdict)
    assert r"\boxed" in bundle["text/markdown"]
    assert bundle["text/markdown"].count("$$") == 4


def test_words_in_markdown_are_escaped() -> None:
    shown = debug("dw[k] = Σ(i<O) dz[i]·x_pad[i + k − p]")._repr_mimebundle_()["text/markdown"]
    assert r"dz\[1\]·x\[0\]" in shown


# --- what is read ---


def test_sympy_equations_are_read_whatever_their_symbols_are() -> None:
    i, u, O, s, p, K = symbols("i u O s p K")
    x, dz, dw, k = IndexedBase("x"), IndexedBase("dz"), IndexedBase("dw"), symbols("k", integer=True)
    assert debug(Eq(dw[k], Sum(dz[i] * x[i * s + k], (i, 0, O - 1)))).holds
    assert debug(Eq(dw[k], Sum(dz[i] * x[i + k], (i, 0, O - 1)))).holds is False
    with pytest.raises(EquationError, match="neither summed over nor on the left"):
        debug(Eq(dw[k], dz[i] * x[u]))


def test_a_parsed_equation_is_read() -> None:
    assert debug(parse(DX)).holds


def test_what_is_no_equation_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="an equation is text or SymPy's Eq"):
        debug(3)


@pytest.mark.parametrize(
    ("equation", "sentence", "at"),
    [
        ("dx[u] = Σ(i<O) dz[i]·q[u − i·s]", "unknown tensor q", "q["),
        ("dx[u] = Σ(i<O) dz[i]·w[u − i·s, 0]", "mismatched ranks: w has 2 indices here, but is K", "w["),
        ("dx[u,v,n] = Σ(i<O) dz[i,u,v]", "dx has 3 indices here", "dx["),
        ("dz[i] = Σ(u<H) dx[u]·w[u]", "dz is given, not made by the layer", "dz["),
        ("dx[u] + 1 = dz[u]", "the left side is one cell", "dx["),
        ("dx[u] = Σ(i<O) dz[i]·w[u − i·s]·F", "F is no size or setting of this layer", "F"),
        ("dx[u] = Σ(i<O) dz[i]·w[u − i·s_w]", "s_w is no size or setting of this layer", "s_w"),
        ("dx[u] = Σ(i<O) dz[i]·tanh(w[u − i·s])", "tanh has no place", "tanh"),
        ("dx[u] = Σ(i<O) dz[dz[i]]·w[u − i·s]", "a tensor in the index of dz", "dz"),
        ("dx[u] = Σ(i<O) dz[i]·w[j]", "the index j is neither summed over nor on the left", "j]"),
        ("dx[u] = Σ(i) dz[i]·w[u − i·s]", "a sum without limits", "Σ"),
        ("dx[u] = Σ(i<999999999) dz_pad[i]·w_pad[u − i·s]", "too large to be tried out", "dx"),
        ("q·s = q·s + 0", "q has no range in this layer", "q"),
    ],
)
def test_a_refusal_points_at_the_place(equation: str, sentence: str, at: str) -> None:
    with pytest.raises(EquationError) as refusal:
        debug(equation)
    assert sentence in refusal.value.sentence
    assert equation[refusal.value.position :].startswith(at)


WORDS = [
    *"uvijknfcsdpHKOxz",
    "dz",
    "w",
    "[",
    "]",
    "(",
    ")",
    "<",
    "≤",
    "=",
    "+",
    "−",
    "·",
    "/",
    "Σ(",
    "..",
    "0",
    "1",
    "2",
]
WORDS += ["x_pad", "w_rot", "max(", "⌊", "⌋", "floor(", "∣", "%", "^", ",", "99999999", "O_h", "b", "tanh("]


@given(st.sampled_from([*TRUE, *ALSO_TRUE]), st.randoms(use_true_random=False), st.integers(1, 3))
@examples(150)
def test_a_mistyped_equation_gets_a_verdict_or_a_sentence(equation: str, chance: random.Random, times: int) -> None:
    for _ in range(times):
        place = chance.randrange(len(equation))
        kept = chance.choice([0, 1, 1, 2])
        equation = equation[:place] + chance.choice(["", chance.choice(WORDS)]) + equation[place + kept :]
    try:
        verdict = debug(equation)
    except EquationError as refusal:
        assert 0 <= refusal.position <= len(equation)
    else:
        assert verdict.message
        assert (verdict.holds is False) == (verdict.counterexample is not None)


# --- the layers ---


@pytest.mark.parametrize(
    "layer",
    [
        Conv(),
        Conv(flipped=True),
        Conv(2, settings=(Setting(),) * 2),
        Conv(2, True, (Setting(),) * 2, bias=True),
        Conv(2, True, (Setting(),) * 2, frozenset("KOspd"), flipped=True),
        Linear(),
        Linear(True, True),
    ],
)
def test_the_definition_agrees_with_the_layers_in_numbers(layer: Conv | Linear) -> None:
    for name in ("z", "dx", "dw", "db"):
        at = [symbol(letter) for letter in "aegh"[: len(layer.shapes[name])]]
        free = tuple((index, 0, size - 1) for index, size in zip(at, layer.shapes[name], strict=True))
        for case in cases(layer):
            true = case.numbers.arrays.get(name, case.numbers.sizes.get(name))
            assert (case.numbers.run(layer.truth(name, at), free) == true).all()


def test_the_small_layers_are_awkward_in_every_way() -> None:
    sizes = [case.sizes for case in cases(Conv())]
    assert any((one["H"] + 2 * one["p"] - one["d"] * (one["K"] - 1) - 1) % one["s"] for one in sizes)
    assert any(one["K"] % 2 == 0 for one in sizes)
    assert any(one["s"] > one["K"] for one in sizes)
    assert any(one["p"] > one["d"] * (one["K"] - 1) for one in sizes)
    assert any(one["H"] == 1 for one in sizes)
    totals = [sum(one[letter] for letter in "HKspd") + 2 * (one["p"] >= one["K"]) + (one["K"] == 1) for one in sizes]
    assert totals == sorted(totals)

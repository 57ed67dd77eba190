"""Derivations: the steps that make them, the check that finds the one corrupted line, and what is shown."""

import itertools
from typing import Any

import pytest
from sympy import Add, Derivative, Expr, Integer, KroneckerDelta, Mul, Sum, exp, floor, tanh
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic import Derivation, Line, derive
from lessonconv.symbolic.brackets import Divides
from lessonconv.symbolic.derivation import Steps, same_function
from lessonconv.symbolic.notation import hat, symbols, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Definition

CORRUPTED = ["conv2d.dw", "conv2d.dx", "conv2d.dx.rot180", "avg_pool2d.dx", "linear.dx", "tanh.dz", "max_pool2d.dx"]


# --- a corrupted line -----------------------------------------------------------------------------------------------


def corruptions(expr: Expr) -> dict[str, Expr]:
    """The expression, wrong in several ways."""
    cell = min((cell for cell in expr.atoms(Indexed) if cell.indices), key=str)
    shifted = cell.base[(cell.indices[0] + 1, *cell.indices[1:])]
    wrong = {"twice": 2 * expr, "minus": -expr, "one more": expr + 1, "shifted": expr.xreplace({cell: shifted})}
    if isinstance(expr, Sum):
        (index, low, high), *rest = reversed(expr.limits)
        wrong["one term too few"] = Sum(expr.function, *reversed(rest), (index, low, high - 1))
    return wrong


@pytest.mark.parametrize("name", CORRUPTED)
def test_the_corrupted_line_is_named_and_no_other(name: str) -> None:
    derivation = derive(name)
    for number, line in enumerate(derivation.lines):
        for how, expr in corruptions(line.expr).items():
            report = derivation.with_line(number, expr).check()
            wrong = report.lines[number]
            assert report.failed == (wrong,), f"{how}: {report}"
            assert not report and (wrong.number, wrong.rule) == (number, line.rule)
            assert wrong.error.startswith("does not run: ") or (
                wrong.got != wrong.expected and wrong.cell.startswith(str(line.cell.base.label))
            )


def test_the_first_wrong_cell_and_both_its_numbers_are_given() -> None:
    derivation = derive("conv2d.dw")
    cell = derivation.cell
    wrong = derivation.expr + KroneckerDelta(cell.indices[0], 1) * KroneckerDelta(cell.indices[3], 1)
    report = derivation.with_line(len(derivation) - 1, wrong).check(seed=3)
    (line,) = report.failed
    assert line.cell == "dw[1,0,0,1] (loops)" and line.got is not None and line.got - 1 == line.expected


def test_a_line_that_reads_outside_is_reported_as_a_sentence() -> None:
    derivation = derive("conv2d.dw")
    strict = derivation.expr.xreplace(
        {cell: tensor("x")[cell.indices] for cell in derivation.expr.atoms(Indexed) if cell.base == hat("x")}
    )
    report = derivation.with_line(3, strict).check()
    assert [line.passed for line in report.lines] == [True, True, True, False]
    assert "is read outside of its 2×2×" in report.lines[3].error
    assert report.lines[3].error in str(report)


def test_with_line_leaves_the_derivation_alone() -> None:
    derivation = derive("linear.dx")
    other = derivation.with_line(-1, Integer(0))
    assert derivation.check() and not other.check()
    assert derive("linear.dx") is derivation and derivation.expr != 0
    assert [line.rule for line in other.lines] == [line.rule for line in derivation.lines]


def test_the_same_seed_gives_the_same_report() -> None:
    derivation = derive("conv2d.dx")
    reports = [str(derivation.check(seed)) for seed in (0, 1, 2, 0, 1, 2)]
    assert reports[:3] == reports[3:]
    assert len({report.splitlines()[0] for report in reports}) > 1
    assert str(derivation.check()) == reports[0]


def test_the_report_of_conv2d_db_reads_as_it_did() -> None:
    assert str(derive("conv2d.db").check()).splitlines()[1:] == [
        "  0. chain rule      exactly as loops, layer, finite differences",
        "  1. differentiate   exactly as loops, layer, finite differences",
        "  2. collapse        exactly as loops, layer, finite differences",
        "  3. clear brackets  exactly as loops, layer, finite differences",
    ]


# --- looking at it --------------------------------------------------------------------------------------------------


def test_a_derivation_shows_its_lines_one_by_one_and_together() -> None:
    derivation = derive("conv2d.dw", stride=1, padding=0, dilation=1)
    assert len(derivation) == len(derivation.lines) and str(derivation) == repr(derivation)
    given, *lines = str(derivation).splitlines()
    assert given.startswith("given: z[n,f,i,j] = b[f] + ")
    assert lines[0].startswith("0. chain rule: ") and lines[1].strip() == derivation.lines[0].text
    first: Derivation = derivation[:2]
    assert first.lines == derivation.lines[:2] and first.name == derivation.name and first.check()
    for line in derivation.lines:
        assert line.text.startswith("dw[f,c,k,l] = ") and " = " in line.latex
    assert derivation.latex.count(r"\begin{aligned}") == 1 and derivation._repr_latex_() == f"$${derivation.latex}$$"


def test_an_unknown_form_of_source_is_refused_with_those_there_are() -> None:
    for ask in (derive("conv2d.dw").source, derive("conv2d.dw").function):
        with pytest.raises(ValueError, match='\'loop\' is not a form of source; ask for "loops" or "einsum"'):
            ask("loop")


# --- the steps ------------------------------------------------------------------------------------------------------

i, k, u, K, H, O, s = symbols("i k u K H O s")
x, w, z, dz = map(tensor, ("x", "w", "z", "dz"))
FREE = ((u, Integer(0), H - 1),)
KNOWN = Known({u: (0, H - 1)}, {"x": (H,), "w": (K,), "dz": (O,)}, {H: (O - 1) * s + K}, ())
LAYER = Definition(z[i], Sum(w[k] * x[i * s + k], (k, 0, K - 1)))


def steps(*definitions: Definition) -> Steps:
    return Steps(tensor("dx")[u], FREE, KNOWN, *(definitions or (LAYER,)))


def test_the_chain_rule_sums_over_every_cell_of_the_output() -> None:
    chained = steps().chain(z[i], (O,), x[u])
    assert chained.expr == Sum(dz[i] * Derivative(z[i], x[u], evaluate=False), (i, 0, O - 1))
    assert chained.lines[0].rule == "chain rule" and "x[u]" in chained.lines[0].reason


def test_indices_of_the_output_step_aside_for_those_of_the_input() -> None:
    """∂L/∂x[i] sums over another i than this one."""
    cell = Steps(tensor("dx")[i], ((i, Integer(0), H - 1),), KNOWN, LAYER)
    line = cell.chain(z[i], (O,), x[i])
    ((index, _, _),) = line.expr.limits
    assert index != i and line.expr.function == dz[index] * Derivative(z[index], x[i], evaluate=False)


def test_a_step_that_changes_nothing_is_no_line() -> None:
    done = steps().chain(z[i], (O,), x[u]).differentiate().collapse(prefer=(k,)).clear()
    count = len(done.lines)
    assert len(done.clear().collapse().differentiate().lines) == count
    assert [line.rule for line in done.lines] == list(dict.fromkeys(line.rule for line in done.lines))


def test_a_restatement_is_proved_or_refused() -> None:
    gathered = steps().chain(z[i], (O,), x[u]).differentiate().collapse(prefer=(k,)).clear()
    scattered = Sum(dz[i] * w[k] * KroneckerDelta(u, i * s + k), (k, 0, K - 1), (i, 0, O - 1))
    for wrong in (
        2 * scattered,
        scattered.subs(s, 1),
        scattered.xreplace({w[k]: w[K - 1 - k]}),
        Sum(dz[floor(u / s)] * w[k], (k, 0, K - 1)),
        Sum(scattered.function, (k, 0, K - 1), (i, 0, O - 2)),
    ):
        with pytest.raises(ValueError, match=r"not proved: Σ.* = .*; take a smaller step"):
            gathered.restate("a wrong step", wrong, "it looks right")
    restated = gathered.restate("scatter", scattered, "the same sum")
    line: Line = restated.lines[-1]
    assert (line.cell, line.expr, line.rule, line.reason) == (tensor("dx")[u], scattered, "scatter", "the same sum")


def test_a_restatement_may_use_a_definition() -> None:
    sums = Definition(tensor("y")[i], Sum(dz[k] * w[i - k], (k, 0, O - 1)))
    whole = steps().start("definition", Sum(dz[i] * w[u - i], (i, 0, O - 1)), "a reason")
    with pytest.raises(ValueError, match="not proved"):
        whole.restate("name it", tensor("y")[u], "a name")
    with pytest.raises(ValueError, match="not proved"):
        whole.restate("name it", tensor("y")[u + 1], "a name", sums)
    assert whole.restate("name it", tensor("y")[u], "a name", sums).expr == tensor("y")[u]


def test_functions_are_compared_as_far_as_sympy_can_simplify() -> None:
    t = x[u]
    assert same_function(1 / (1 + exp(-t)), exp(t) / (1 + exp(t)))
    assert same_function((1 + t) ** 2, 1 + 2 * t + t**2)
    assert not same_function(tanh(t), exp(t))
    assert not same_function(Sum(t, (i, 0, 1)), Sum(t, (i, 0, 1)))  # sums are for `Known.equal`


def test_unfolding_puts_sums_in_front() -> None:
    inner = Definition(tensor("y")[i], Sum(w[k] * x[i + k], (k, 0, K - 1)))
    unfolded = steps().start("definition", Sum(dz[i] * tensor("y")[i], (i, 0, O - 1)), "r").unfold("put", inner)
    assert unfolded.expr == Sum(dz[i] * w[k] * x[i + k], (k, 0, K - 1), (i, 0, O - 1))


def test_a_collapse_says_what_it_picked() -> None:
    line = steps().chain(z[i], (O,), x[u]).differentiate().collapse(prefer=(k,)).lines[-1]
    assert "k = u − i·s" in line.reason
    assert not line.expr.atoms(KroneckerDelta, Derivative, Divides)


@pytest.mark.parametrize("name", ["conv2d.dw", "conv2d.dx", "conv2d.dx.rot180", "avg_pool2d.dx", "linear.dw"])
def test_every_line_but_the_chain_rule_is_proved_equal_to_the_next(name: str) -> None:
    """The proofs look at the rules' results from outside; the check on arrays does so too."""
    derivation: Any = derive(name)
    lines = [line.expr for line in derivation.lines if not line.expr.has(Derivative)]
    if derivation.given[1:]:
        lines.pop()  # written with a tensor that is defined elsewhere
    assert len(lines) >= 2
    for one, other in itertools.pairwise(lines):
        assert derivation.known.equal(one, other)
        assert not derivation.known.equal(one, Add(other, Mul(*derivation.known.shapes["x"])))

"""The rules: whatever the sums, the sizes and the names, what comes out is equal to what went in.

Random nested sums are the judge, worked out by `Brute`, which is plain loops. Its tensors have a cell at every whole
place, and none between: a rule that forgets that a stride must divide is caught reading x[1/2].
"""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from sympy import (
    Add,
    Derivative,
    Expr,
    Function,
    KroneckerDelta,
    Max,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    floor,
    oo,
)
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.bounds import settle
from lessonconv.symbolic.brackets import Divides, InRange
from lessonconv.symbolic.notation import hat, symbol, symbols, tensor
from lessonconv.symbolic.rules import (
    Collapse,
    Definition,
    clear,
    collapse,
    differentiate,
    fold,
    reindex,
    single,
    tidy,
    unfold,
)
from lessonconv.symbolic.sums import terms
from tests.strategies import TIMES
from tests.symbolic.brute import RANGES, Brute, OutsideError, RandomSums, points

a, b, c, f, i, j, k, t, u, v = symbols("a b c f i j k t u v")
N, M, K, O, s, d, p = symbols("N M K O s d p")
x, y, z, w, dz = (tensor(name) for name in ("x", "y", "z", "w", "dz"))
x̂, ŷ = hat("x"), hat("y")
g = Function("g")
SIZES = {"N": 3, "M": 2, "K": 2, "O": 3, "s": 2, "d": 3, "p": 1}
Rule = Callable[[Expr], Expr]


def same(before: Expr, after: Expr, sizes: dict[str, int] = SIZES, **free: int) -> bool:
    """Do both stand for the same number?"""
    scope = {symbol(name): value for name, value in free.items()}
    return bool(Brute(sizes).value(before, scope) == Brute(sizes).value(after, scope))


def keeps_the_numbers(rule: Rule, kind: str, count: int, **options: bool) -> int:
    """Try a rule on random sums. Returns how many it changed."""
    changed = 0
    for seed in range(count * TIMES):
        writer = RandomSums(1000 + seed, **options)
        e, sizes = writer.sum(), writer.sizes
        after = rule(e)
        changed += after != e
        for at in points(6, seed):
            before, now = (Brute(sizes).value(each, at) for each in (e, after))
            assert now == before, f"{kind}, seed {seed}: {e} is {before} at {at}, {sizes}; {after} is {now}"
    return changed


# --- all of them, on random sums --------------------------------------------------------------------------------------

RULES: dict[str, Rule] = {
    "collapse": collapse,
    "collapse, prefer": lambda e: collapse(e, prefer=(j, b)),
    "collapse, keep": lambda e: collapse(e, keep=(i, a)),
    "clear": lambda e: clear(e, RANGES),
    "fold": fold,
    "tidy": tidy,
    "single": single,
    "collapse, clear": lambda e: clear(collapse(e), RANGES),
    "collapse, clear, fold, settle": lambda e: settle(fold(clear(collapse(e), RANGES)), RANGES),
    "fold, collapse, single": lambda e: single(collapse(fold(e))),
}


@pytest.mark.parametrize("options", [{}, {"dependent": True}, {"functions": True}], ids=["plain", "dependent", "g"])
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_keeps_the_numbers_of_random_sums(rule: str, options: dict[str, bool]) -> None:
    assert keeps_the_numbers(RULES[rule], rule, 12, near=rule == "clear", **options) >= TIMES


def test_random_sums_would_find_a_rule_that_forgets_the_stride() -> None:
    """The oracle at work: without [c ∣ r], or without the range, the numbers differ."""

    def careless(kind: Any) -> Rule:
        return lambda e: collapse(e).replace(lambda part: isinstance(part, kind), lambda part: S.One)

    for kind in (Divides, InRange):
        with pytest.raises((AssertionError, OutsideError)):
            keeps_the_numbers(careless(kind), "careless", 40)


# --- collapse ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [1, -1, 2, -2, 3, -3, s, -s, d, s * d, -s * d])
@pytest.mark.parametrize("rest", [-u + 1, u + p, 2 * u - s])
@pytest.mark.parametrize("ends", [(0, N - 1), (-1, 2), (1, 0), (u, u + 2)], ids=str)
def test_a_delta_picks_the_one_value_at_which_it_is_one(slope: Any, rest: Expr, ends: tuple[Any, Any]) -> None:
    e = Sum(KroneckerDelta(slope * i, rest) * x[i] * (i + 7), (i, *ends))
    after = collapse(e)
    assert not after.has(KroneckerDelta, Sum)
    for at in range(-7, 14):
        assert same(e, after, u=at)


def test_two_deltas_with_strides_take_the_fractions_of_each_other() -> None:
    e = Sum(KroneckerDelta(2 * i, u) * KroneckerDelta(3 * i, 2 * a) * x[i] * y[a], (i, 0, 5), (a, 0, 5))
    after = collapse(e)
    assert not after.has(Sum)
    assert all(same(e, after, u=at) for at in range(-2, 15))


def test_one_is_let_go_before_two_and_what_is_preferred_before_the_rest() -> None:
    e = Sum(KroneckerDelta(2 * i + k, u) * x[i] * y[k], (i, 0, N - 1), (k, 0, K - 1))
    log: list[Collapse] = []
    collapse(e, prefer=(i,), log=log)
    assert [step.index for step in log] == [k], "no divisibility is left over"
    assert [term.bound for term in terms(collapse(e, keep=(k,)))] == [[k]]
    assert collapse(e, keep=(i, k)) == e
    either = Sum(KroneckerDelta(i + k, u) * x[i] * y[k], (i, 0, N - 1), (k, 0, K - 1))
    for index in (i, k):
        assert index not in terms(collapse(either, prefer=(index,)))[0].bound


def test_an_index_that_other_limits_speak_of_stays() -> None:
    e = Sum(KroneckerDelta(i, u) * x[k], (k, 0, i), (i, 0, N - 1))
    assert collapse(e) == e
    inner = Sum(KroneckerDelta(k, u) * x[k], (k, 0, i), (i, 0, N - 1))
    assert collapse(inner) == inner


def test_what_a_tensor_holds_is_not_for_a_sum_to_choose() -> None:
    e = Sum(KroneckerDelta(i, z[u]) * x[i], (i, 0, N - 1))
    assert collapse(e) == e


def test_collapsing_twice_changes_nothing_more() -> None:
    for seed in range(10):
        once = collapse(RandomSums(seed).sum())
        again = collapse(once)
        assert all(
            Brute(RandomSums(seed).sizes).value(once - again, at) == 0 for at in points(1, seed)
        ) and not _collapsible(again)


def _collapsible(e: Expr) -> bool:
    log: list[Collapse] = []
    collapse(e, log=log)
    return bool(log)


# --- differentiate ----------------------------------------------------------------------------------------------------

CENTRAL = {1: Fraction(3, 4), 2: Fraction(-3, 20), 3: Fraction(1, 60)}  # exact for polynomials of degree 6


def slope(e: Expr, name: str, at: tuple[int, ...], sizes: dict[str, int], scope: dict[Symbol, int]) -> Any:
    """How fast the number changes with one cell, exactly: a central difference of seven points."""
    total = Fraction(0)
    for step, weight in CENTRAL.items():
        for sign in (1, -1):
            brute = Brute(sizes)
            brute.changed[name, at] = sign * step
            total += sign * weight * brute.value(e, scope)
    return total


@pytest.mark.parametrize(
    "options", [{"hats": 0}, {"hats": 0, "dependent": True}, {"hats": 1}], ids=["plain", "dependent", "hats"]
)
@pytest.mark.parametrize(
    ("cell", "powers"),
    [(x[u], False), (x[2 * u], True), (x[u + v + 1], False), (x[i], False), (x[j + u], True)],
    ids=str,
)
def test_a_derivative_is_what_the_whole_expression_changes_by(
    cell: Indexed, powers: bool, options: dict[str, Any]
) -> None:
    """The names i and j of the cell are bound in the sums as well."""
    moved = 0
    for seed in range((12 if powers else 5) * TIMES):
        writer = RandomSums(seed, near=True, deltas=0.2, **options)
        e, sizes = writer.sum(depth=1 - powers), writer.sizes
        e = e**2 + 3 * e if powers and not e.is_zero else e  # of degree 6 at most either way
        derivative = differentiate(Derivative(e, cell, evaluate=False))
        collapsed = settle(fold(clear(collapse(derivative), {})), {})
        for at in points(3, seed):
            scope = {**at, i: seed % 3, j: seed % 2}
            place = Brute(sizes).value(cell.indices[0], scope)
            if not 0 <= place < 4:  # x̂ does not move with a cell that x does not have
                continue
            expected = slope(e, "x", (place,), sizes, scope)
            assert Brute(sizes).value(derivative, scope) == expected, f"seed {seed}: ∂{e}/∂{cell} at {scope}, {sizes}"
            assert Brute(sizes).value(collapsed, scope) == expected, f"seed {seed}: {derivative} collapsed"
            moved += expected != 0
    assert moved >= TIMES


def test_a_bound_index_of_the_same_name_is_another_one() -> None:
    e = differentiate(Derivative(Sum(x[i] * y[i], (i, 0, N - 1)), x[i]))
    assert e == Sum(KroneckerDelta(i, symbol("i′")) * y[symbol("i′")], (symbol("i′"), 0, N - 1))
    assert collapse(e) == y[i] * InRange(i, 0, N - 1)


def test_the_derivatives_under_a_sum_are_done_each_for_itself() -> None:
    """The chain rule as it is written: Σ_i dz[i]·∂z[i]/∂x[u], with z[i] = Σ_k w[k]·x[2i + k]."""
    e = Sum(dz[i] * Derivative(Sum(w[k] * x[2 * i + k], (k, 0, K - 1)), x[u], evaluate=False), (i, 0, O - 1))
    whole = Sum(dz[i] * w[k] * x[2 * i + k], (k, 0, K - 1), (i, 0, O - 1))
    gradient = collapse(differentiate(e))
    for at in range(8):
        assert Brute(SIZES).value(gradient, {u: at}) == slope(whole, "x", (at,), SIZES, {})


def test_a_cell_with_more_indices_moves_with_all_of_them() -> None:
    e = Sum(x[i, i + a] * y[a] * x[2, a], (i, 0, 2), (a, 0, 2))
    derivative = collapse(differentiate(Derivative(e, x[u, v], evaluate=False)))
    for row in range(3):
        for column in range(5):
            at = {u: row, v: column}
            assert Brute({}).value(derivative, at) == slope(e, "x", (row, column), {}, {})


def test_brackets_are_constant_and_other_tensors_too() -> None:
    e = Sum(InRange(i, 0, 2) * KroneckerDelta(i, a) * y[i] + w[i], (i, 0, N - 1))
    assert differentiate(Derivative(e, x[u], evaluate=False)) == 0


def test_functions_of_sums_keep_the_chain_rule() -> None:
    e = exp(Sum(x[i] * y[i], (i, 0, N - 1)))
    after = differentiate(Derivative(e, x[u], evaluate=False))
    assert collapse(after) == e * y[u] * InRange(u, 0, N - 1)


# --- clear and fold ---------------------------------------------------------------------------------------------------


def test_a_bracket_goes_only_if_it_is_certain() -> None:
    ranges = {u: (0, N - 1)}
    assert clear(InRange(u, 0, N - 1) * x[u], ranges) == x[u]
    for uncertain in (InRange(u, 0, N - 2), InRange(u, 1, N - 1), InRange(u, 0, M), InRange(2 * u, 0, N)):
        assert clear(uncertain * x[u], ranges) == uncertain * x[u]
    inside = Sum(InRange(i, 0, N - 1) * InRange(i + u, 0, 2 * N - 2) * x[i], (i, 0, N - 1))
    assert clear(inside, ranges) == Sum(x[i], (i, 0, N - 1))


def test_a_bound_index_has_the_range_of_its_own_sum() -> None:
    e = Sum(InRange(u, 0, 2) * x[u], (u, 0, 5))
    assert clear(e, {u: (0, 2)}) == e


def test_a_bracket_in_the_index_of_a_cell_is_left_alone() -> None:
    e = x[u * InRange(u, 0, 2)]
    assert same(clear(e, {u: (0, 2)}), e, u=1)


@pytest.mark.parametrize("slope", [1, -1, 2, -3, s, -s, s * d])
@pytest.mark.parametrize("ends", [(0, 5), (u, N), (-oo, 3), (-2, oo)], ids=str)
def test_a_bracket_becomes_a_limit_rounded_inwards(slope: Any, ends: tuple[Any, Any]) -> None:
    e = Sum(x[i] * InRange(slope * i + u, *ends), (i, -2, N + 1))
    folded = fold(e)
    settled = settle(folded, {})
    assert not folded.has(InRange)
    for at in range(-5, 9):
        assert same(e, folded, u=at) and same(e, settled, u=at)


def test_a_bracket_of_two_summed_indices_becomes_a_limit_of_the_inner_one() -> None:
    e = Sum(x[i] * y[k] * InRange(i + 2 * k, 1, 4), (i, 0, 3), (k, 0, 3))
    folded = fold(e)
    assert not folded.has(InRange) and same(e, folded)
    assert [index for index, low, high in folded.limits if low.has(k) or high.has(k)] == [i]


# --- reindex and single -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [t, t + 2, t - p, t + u + s, -t, 3 - t, N - 1 - t, u - t, p - s * d - t], ids=str)
def test_a_sum_over_another_index_is_the_same_sum(value: Expr) -> None:
    for seed in range(12 * TIMES):
        writer = RandomSums(seed)
        e, sizes = writer.sum(), {**writer.sizes, "p": seed % 3}
        for old in (i, j):
            after = reindex(e, old, value, t)
            assert all(old not in term.bound for term in terms(after))
            for at in points(1, seed):
                assert Brute(sizes).value(after, at) == Brute(sizes).value(e, at), f"seed {seed}: {e} becomes {after}"


@pytest.mark.parametrize(
    "value", [2 * t, -2 * t, s * t, s * t + u, t / 2, t**2, S.Zero, u, t * N, floor(t / 2), Max(t, 0)]
)
def test_what_skips_or_repeats_values_is_refused(value: Expr) -> None:
    with pytest.raises(ValueError, match="plus or minus a constant"):
        reindex(Sum(x[i], (i, 0, N - 1)), i, value, t)


def test_an_index_can_be_reindexed_to_itself() -> None:
    e = Sum(x[i] * w[K - 1 - i], (i, 0, K - 1))
    assert reindex(e, i, K - 1 - i, i) == Sum(x[K - 1 - i] * w[i], (i, 0, K - 1))


def test_a_sum_over_one_value_is_that_value() -> None:
    assert single(Sum(x[i] * y[i + k], (i, u, u), (k, 0, 2))) == Sum(x[u] * y[u + k], (k, 0, 2))
    assert single(Sum(x[i], (i, a, a), (a, 0, N - 1))) == Sum(x[a], (a, 0, N - 1))
    assert single(Sum(x[i + k], (i, 1, 1), (k, 2, 2))) == x[3]
    assert single(Sum(x[i], (i, 0, 1))) == Sum(x[i], (i, 0, 1))


# --- tidy and unfold --------------------------------------------------------------------------------------------------


def test_tidying_keeps_every_index() -> None:
    pick = random.Random(5)
    for _ in range(20 * TIMES):
        parts = [
            pick.choice([1, -2, s, d, Rational(1, 2), 1 / s]) * pick.choice([u, v, 3, u + 1, 2 * v]) for _ in range(3)
        ]
        index = Add(*parts)
        e = x̂[index] * InRange(index, -2, 3) + Divides(3, (u + 2) * (v - 1)) * x̂[u * (v + 2)]
        after = tidy(e)
        for at in points(3, len(parts)):
            assert same(e, after, u=at[u], v=at[v])
        assert tidy(after) == after


def test_a_definition_is_put_in_for_its_own_indices_only() -> None:
    for seed in range(25 * TIMES):
        writer = RandomSums(seed, hats=0.3)
        body, sizes = writer.sum((c, f)), writer.sizes
        around = RandomSums(seed + 500)
        cell = z[around.linear((i, u)), around.linear((v, j))]
        e = Sum(cell * around.cell((i, j)) + around.cell((u, v)), (i, 0, 2), (j, -1, 1))
        after = unfold(e, Definition(z[c, f], body))
        assert not any(part.base == z for part in after.atoms(Indexed))
        at = points(1, seed)[0]
        brute = Brute(sizes)
        expected = sum(
            brute.value(body, {c: brute.value(cell.indices[0], here), f: brute.value(cell.indices[1], here)})
            * brute.value((e.function - around_rest(e, cell)) / cell, here)
            + brute.value(around_rest(e, cell), here)
            for here in ({**at, i: row, j: column} for row in range(3) for column in range(-1, 2))
        )
        assert brute.value(after, at) == expected, f"seed {seed}: {e} with z = {body}"


def around_rest(e: Sum, cell: Indexed) -> Expr:
    """The terms of a sum's body that the cell is no factor of."""
    return Add(*(part for part in Add.make_args(e.function) if not part.has(cell)))


def test_all_indices_of_a_definition_are_put_at_once() -> None:
    assert unfold(z[v, u], Definition(z[u, v], x[u] * y[v])) == x[v] * y[u]
    swapped = unfold(z[v, u], Definition(z[u, v], Sum(x[u + k] * y[v], (k, 0, 1))))
    assert swapped == Sum(x[v + k] * y[u], (k, 0, 1))


def test_bound_indices_of_a_definition_step_aside() -> None:
    after = unfold(Sum(z[k] * w[k], (k, 0, 2)), Definition(z[i], Sum(x[i + k], (k, 0, 1))))
    assert same(after, Sum(Sum(x[t + k], (k, 0, 1)) * w[t], (t, 0, 2)))
    total = symbol("T")
    after = unfold(Sum(x[k] / total, (k, 0, 2)), Definition(total, Sum(y[k] ** 2 + 1, (k, 0, 2))))
    assert same(after, Sum(x[k], (k, 0, 2)) / Sum(y[t] ** 2 + 1, (t, 0, 2)))


# --- names that are used twice, and limits that speak of them ---------------------------------------------------------


def test_collapsing_puts_nothing_under_the_binder_of_a_power() -> None:
    e = Sum(KroneckerDelta(i, a) * Sum(x[i + a], (a, 0, 2)) ** 2, (i, 0, N - 1))
    assert same(e, collapse(e), a=1)


def test_collapsing_leaves_the_binder_of_its_own_name_alone() -> None:
    e = Sum(KroneckerDelta(i, a + 1) * Sum(x[i], (i, 0, 2)) ** 2, (i, 0, N - 1))
    assert same(e, collapse(e), a=1)


def test_the_one_value_is_not_put_under_the_binder_of_a_power() -> None:
    e = Sum(Sum(x[i + a], (a, 0, 2)) ** 2, (i, a, a))
    assert same(e, single(e), a=1)


def test_reindexing_does_not_capture_under_the_binder_of_a_power() -> None:
    e = Sum(Sum(x[i + k], (k, 0, 2)) ** 2, (i, 0, N - 1))
    assert same(e, reindex(e, i, k + 1, k))


def test_the_one_value_is_put_into_the_limits_of_inner_sums() -> None:
    e = Sum(x[k], (k, 0, i), (i, 2, 2))
    assert same(e, single(e))


def test_reindexing_reaches_the_limits_of_inner_sums() -> None:
    e = Sum(x[k], (k, 0, i), (i, 0, N - 1))
    assert same(e, reindex(e, i, j + 1, j))


def test_an_outer_index_is_not_counted_from_an_inner_one() -> None:
    e = Sum(x[i] * w[a], (a, 0, K - 1), (i, 0, N - 1))
    with pytest.raises(ValueError, match="summed inside"):
        reindex(e, i, u - a, u)
    inner = Sum(x[i] * w[a], (i, 0, N - 1), (a, 0, K - 1))
    assert same(inner, reindex(inner, i, u - a, u))


@pytest.mark.parametrize(
    "e", [Sum(x[i] * y[j], (i, 0, N - 1)), Sum(x[i] * y[j], (i, 0, N - 1), (j, 0, M - 1))], ids=str
)
def test_reindexing_to_a_name_in_use_is_refused_or_harmless(e: Expr) -> None:
    try:
        after = reindex(e, i, j + 1, j)
    except ValueError:
        return
    assert same(e, after, j=2)


@pytest.mark.parametrize("value", [t + Rational(1, 2), t + N / 2, u / s - t], ids=str)
def test_a_constant_that_is_no_whole_number_is_refused(value: Expr) -> None:
    with pytest.raises(ValueError):
        reindex(Sum(x[i], (i, 0, N - 1)), i, value, t)


def test_an_outer_limit_does_not_speak_of_an_inner_index_in_the_ends_of_a_bracket() -> None:
    e = Sum(x[i] * y[k] * InRange(i, 0, k), (k, 0, K - 1), (i, 0, N - 1))
    assert same(e, fold(e))


def test_a_limit_does_not_speak_of_its_own_index() -> None:
    e = Sum(x[i] * InRange(2 * i, 0, i + 3), (i, 0, 9))
    assert same(e, fold(e))


def test_a_delta_with_a_fraction_asks_for_a_whole_index() -> None:
    e = Sum(KroneckerDelta(i, u / 2) * y[0], (i, 0, N - 1))
    assert [Brute(SIZES).value(collapse(e), {u: at}) for at in range(4)] == [y0 := Brute({}).value(y[0], {}), 0, y0, 0]


DOUBLE = Sum(Sum(x[i] * KroneckerDelta(i, u), (i, 0, 2)), (i, 3, 3))  # which is Sum(…, (i, 0, 2), (i, 3, 3)) to SymPy


@pytest.mark.parametrize("rule", [collapse, single], ids=["collapse", "single"])
def test_a_sum_over_the_same_name_around_a_sum_is_another_index(rule: Rule) -> None:
    assert same(DOUBLE, rule(DOUBLE), u=1)


def test_clearing_tells_a_bound_index_from_the_one_that_a_range_speaks_of() -> None:
    e = Sum(InRange(u, 0, 2) * x[u], (j, 0, 2))
    assert same(e, clear(e, {u: (0, j), j: (0, 10)}), u=5, j=5)


def test_clearing_tells_an_inner_index_from_an_outer_one_of_its_name() -> None:
    e = Sum(Sum(InRange(i, 0, 2) * x[i], (j, 0, 2)), (i, 0, j))
    assert same(e, clear(e, {j: (0, 10)}), j=5)


def test_a_definition_may_sum_over_the_name_of_its_index() -> None:
    after = unfold(z[u + 1], Definition(z[i], x[i] * Sum(y[i], (i, 0, 2))))
    assert same(after, x[u + 1] * Sum(y[i], (i, 0, 2)), u=1)


def test_a_hat_stays_where_bound_indices_step_aside() -> None:
    e = Sum(x̂[i] * x̂[i + 1], (i, -1, 4))
    after = differentiate(Derivative(e, x[i], evaluate=False))
    cells = {"x": {(at,): at + 1 for at in range(4)}}
    assert [Brute({}, cells).value(after, {i: at}) for at in range(4)] == [2, 4, 6, 3]


def test_what_is_free_in_a_definition_stays_free() -> None:
    after = unfold(Sum(z[i], (k, 0, 2)), Definition(z[i], x[i] * y[k]))
    assert same(after, 3 * x[i] * y[k], i=1, k=7)


def test_a_definition_is_put_into_the_index_of_its_own_cell_too() -> None:
    assert unfold(z[z[i]], Definition(z[i], x[i + 1])) == x[x[i + 1] + 1]

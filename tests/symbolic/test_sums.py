"""Sums with bound indices: no value that is put in is captured, and every sum can come to the front."""

import pytest
from sympy import Expr, Function, KroneckerDelta, Max, S, Sum, Symbol, exp, preorder_traversal

from lessonconv.symbolic.brackets import InRange
from lessonconv.symbolic.notation import symbol, symbols, tensor
from lessonconv.symbolic.sums import (
    Term,
    each_term,
    factors,
    flatten,
    letters,
    linear_in,
    set_apart,
    substitute,
    terms,
    without,
)
from tests.strategies import TIMES
from tests.symbolic.brute import Brute, RandomSums, points

a, b, i, j, k, t, u, v = symbols("a b i j k t u v")
N, M, K, s, p = symbols("N M K s p")
x, y, z = (tensor(name) for name in "xyz")
g = Function("g")
OPTIONS: dict[str, dict[str, bool]] = {"plain": {}, "dependent": {"dependent": True}, "functions": {"functions": True}}
SIZES = {"N": 3, "M": 2, "K": 2}


def bound(e: Expr) -> set[Symbol]:
    """What the sums in it sum over."""
    return {limit[0] for part in preorder_traversal(e) if isinstance(part, Sum) for limit in part.limits}


# --- on random sums ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", OPTIONS)
def test_values_put_for_free_indices_are_put_at_once_and_not_captured(options: str) -> None:
    """The values speak of i, j, a and b, which are bound everywhere; and u and v are swapped."""
    for seed in range(16 * TIMES):
        writer = RandomSums(seed, **OPTIONS[options])
        e, sizes = writer.sum(), writer.sizes
        around = RandomSums(seed + 99, near=True)
        values = {u: around.linear((i, v, a)), v: around.linear((u, j, b))}
        after = substitute(e, values)
        for at in points(2, seed):
            scope = {**at, i: seed % 3, j: 1 - seed % 2, a: 2, b: -1}
            brute = Brute(sizes)
            inside = {**scope, **{index: brute.value(value, scope) for index, value in values.items()}}
            assert brute.value(after, scope) == brute.value(e, inside), f"seed {seed}: {e}, {values}"


@pytest.mark.parametrize("options", OPTIONS)
def test_sums_set_apart_bind_none_of_the_names_in_use(options: str) -> None:
    used = {i, a, symbol("a′"), u}
    for seed in range(16 * TIMES):
        writer = RandomSums(seed, **OPTIONS[options])
        e, sizes = writer.sum(), writer.sizes
        after = set_apart(e, used)
        assert not bound(after) & used
        assert after.free_symbols & letters(after) <= e.free_symbols
        for at in points(3, seed):
            assert Brute(sizes).value(after, at) == Brute(sizes).value(e, at), f"seed {seed}: {e}"


@pytest.mark.parametrize("options", OPTIONS)
def test_every_sum_comes_to_the_front_of_its_term(options: str) -> None:
    for seed in range(16 * TIMES):
        writer = RandomSums(seed, **OPTIONS[options])
        e, sizes = writer.sum(depth=2), writer.sizes
        split = terms(e)
        if not OPTIONS[options].get("functions"):
            assert not any(term.body.has(Sum) for term in split)
        assert not any(set(term.bound) & {u, v} for term in split)
        assert all(len(set(term.bound)) == len(term.bound) for term in split)
        for at in points(3, seed):
            brute = Brute(sizes)
            expected = brute.value(e, at)
            assert sum(brute.value(term.closed(), at) for term in split) == expected, f"seed {seed}: {e}"
            assert brute.value(flatten(e), at) == expected
            assert brute.value(each_term(e, lambda term: term.apart_from({i, a, b})), at) == expected


# --- one at a time ----------------------------------------------------------------------------------------------------


def test_a_bound_index_of_the_same_name_stays() -> None:
    e = Sum(x[i + k], (k, 0, 2)) + x[k]
    after = substitute(e, {k: u})
    assert Brute({}).value(after, {u: 5, i: 1}) == Brute({}).value(e, {k: 5, i: 1})
    assert bound(after) == {symbol("k′")} and x[u] in after.args


def test_a_sum_that_is_apart_already_is_left_as_it_was() -> None:
    e = Sum(x[k + i], (k, 0, u)) * g(Sum(x[i], (i, 0, 2)))
    assert set_apart(e, {j, symbol("k′")}) == e


def test_sizes_and_limits_take_values_too() -> None:
    assert substitute(Sum(x[k], (k, u, N - 1)), {N: M + 1, u: p}) == Sum(x[k], (k, p, M))


def test_what_does_not_occur_or_does_not_change_leaves_the_expression_as_it_was() -> None:
    e = Sum(x[k], (k, 0, 2))
    for values in ({}, {u: k}, {k: k}):
        assert substitute(e, values) is e


def test_two_sums_of_one_name_multiply_to_a_double_sum() -> None:
    (term,) = terms(Sum(x[i], (i, 0, 2)) * Sum(y[i], (i, 0, 1)) * z[i])
    assert len(set(term.bound)) == 2 and i not in term.bound
    assert Brute({}).value(term.closed(), {i: 4}) == Brute({}).value(
        Sum(x[t], (t, 0, 2)) * Sum(y[t], (t, 0, 1)) * z[4], {}
    )


def test_products_are_multiplied_out_only_where_a_sum_or_a_delta_is_inside() -> None:
    assert [term.body for term in terms((x[0] + x[1]) * y[0])] == [(x[0] + x[1]) * y[0]]
    assert len(terms((x[0] + Sum(x[i], (i, 0, 2))) * y[0])) == 2
    assert len(terms((x[0] + KroneckerDelta(i, u)) * y[0])) == 2


def test_a_sum_of_nothing_is_no_term() -> None:
    assert terms(Sum(0, (i, 0, 2))) == [] and flatten(Sum(0, (i, 0, 2))) == 0
    assert Term(S.Zero, ((i, 0, 2),)).closed() == 0


def test_sums_in_functions_and_denominators_stay() -> None:
    for e in (exp(Sum(x[i], (i, 0, 2))), 1 / Sum(x[i], (i, 0, 2)), Sum(x[i], (i, 0, 2)) ** 2):
        assert flatten(y[0] * e) == y[0] * e


def test_the_letters_are_the_free_and_the_bound_ones() -> None:
    assert letters(Sum(x[i + u], (i, 0, N))) >= {i, u, N}


def test_factors_come_in_an_order_that_does_not_depend_on_the_day() -> None:
    brackets = [InRange(index, 0, N) for index in (k, j, i)]
    assert factors(brackets[0] * brackets[1] * x[0] * brackets[2], InRange) == brackets[::-1]
    assert without(brackets[0] * x[0] * brackets[1], brackets[1]) == brackets[0] * x[0]
    assert without(x[0], x[0]) == 1


@pytest.mark.parametrize(
    ("e", "split"),
    [
        (2 * i + u, (2, u)),
        (s * (i - 1) + p, (s, p - s)),
        (i * (s + 1) - i, (s, 0)),
        (u, (0, u)),
        (i / 2, (S.Half, 0)),
        (i**2, None),
        (i * x[i], None),
        (Max(i, 0), None),
        (i + i % 2, None),
        (i * u + i, (u + 1, 0)),
    ],
    ids=str,
)
def test_linear_means_linear(e: Expr, split: tuple[Expr, Expr] | None) -> None:
    assert linear_in(e, i) == split


# --- names that are used twice ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [lambda e: set_apart(e, {i}), lambda e: substitute(e, {i: j})], ids=["apart", "put"])
def test_an_index_in_the_limits_of_its_own_sum_is_the_one_outside(rule: object) -> None:
    e = Sum(x[i], (i, 0, i))
    assert Brute({}).value(rule(e), {i: 2, j: 2}) == Brute({}).value(e, {i: 2})  # type: ignore[operator]


def test_limits_around_an_inner_sum_do_not_mean_its_index() -> None:
    e = x[k] * Sum(Sum(y[i + k], (k, 0, 2)), (i, 0, k))
    assert Brute({}).value(flatten(e), {k: 2}) == Brute({}).value(e, {k: 2})


def test_no_two_limits_of_a_term_share_an_index() -> None:
    (term,) = terms(Sum(Sum(x[i], (i, 0, 2)), (i, 0, 3)))
    assert len(set(term.bound)) == 2

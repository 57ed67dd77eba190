"""Running a line: against an evaluator of a few lines of Python, which knows nothing of NumPy, masks or axes.

`Brute` walks the tree and takes sums as loops; it is what the rules are held against too. `RandomSums` writes the sums:
names re-used, deltas with all kinds of coefficients, brackets, limits that depend on other indices.
"""

import math
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import (
    Derivative,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Mul,
    Rational,
    S,
    Sum,
    ceiling,
    exp,
    floor,
    log,
    oo,
    sqrt,
    tanh,
)

from lessonconv.symbolic.brackets import Divides, InRange, Positive
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.notation import hat, symbol, symbols, tensor
from lessonconv.symbolic.run import FARAWAY, MOST, Numbers
from tests.strategies import TIMES
from tests.symbolic.brute import BOX, SIDE, Brute, OutsideError, RandomSums, points

a, b, i, j, k, u, v = symbols("a b i j k u v")
N, M, K, s, d = symbols("N M K s d")
x, y, z, w = (tensor(name) for name in "xyzw")
x̂, ŷ = hat("x"), hat("y")
g = Function("g")


# --- the numbers of random sums ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"dependent": True}, {"functions": True}], ids=["plain", "dependent", "g"])
def test_random_sums_have_the_numbers_that_loops_give(options: dict[str, bool]) -> None:
    rng = np.random.default_rng(0)
    for seed in range(40 * TIMES):
        writer = RandomSums(seed, hats=1, **options)
        e, sizes = writer.sum(), writer.sizes
        arrays = {name: rng.integers(-5, 6, SIDE) for name in "xy"}
        brute = Brute(sizes, {name: {(at,): int(array[at]) for at in range(SIDE)} for name, array in arrays.items()})
        got = Numbers(sizes, arrays, functions={"g": lambda at: at * at + at}).run(e, BOX)
        assert got.shape == (3, 3) and got.dtype.kind == "i"
        for at in points(3, seed):
            assert got[at[u], at[v] + 1] == brute.value(e, at), f"{e} at {at}, {sizes}"


def test_the_loops_and_the_arrays_refuse_the_same_reads() -> None:
    """Without a hat a cell must be there, wherever no bracket says that it is not looked at."""
    refused = ran = 0
    array = np.arange(1, SIDE + 1)
    cells = {name: {(at,): at + 1 for at in range(SIDE)} for name in "xy"}
    for seed in range(200 * TIMES):
        writer = RandomSums(seed, hats=0.2, near=True)
        e, sizes = writer.sum(depth=0), writer.sizes
        numbers, brute = Numbers(sizes, {"x": array, "y": array}), Brute(sizes, cells)
        for at in points(1, seed):
            placed = e.xreplace({index: Integer(value) for index, value in at.items()})
            try:
                expected = brute.value(placed, {})
            except OutsideError:
                refused += 1
                with pytest.raises(IndexError):
                    numbers.value(placed)
            else:
                ran += 1
                assert numbers.value(placed) == expected
    assert min(refused, ran) > 30 * TIMES


# --- reading cells ----------------------------------------------------------------------------------------------------

SEVEN = Numbers(
    {"N": 3, "M": 1, "K": 2, "s": 2, "d": 3}, {"x": np.array([7, 6, 5]), "y": np.array([[1, 2], [3, 4], [5, 6]])}
)


@pytest.mark.parametrize("at", [-1, 3, -3, 100])
def test_reading_outside_raises_instead_of_wrapping_round(at: int) -> None:
    with pytest.raises(IndexError, match="is read outside of its 3 cells"):
        SEVEN.value(x[at])


def test_one_axis_outside_is_outside() -> None:
    with pytest.raises(IndexError, match="3×2"):
        SEVEN.value(y[2, 2])
    assert SEVEN.value(y[2, 1]) == 6


@pytest.mark.parametrize("at", [-1, 3, -3, 100, Rational(1, 2), Rational(-7, 3)])
def test_a_hat_reads_zero_outside_and_between(at: Any) -> None:
    assert SEVEN.value(x̂[at]) == 0
    assert SEVEN.value(ŷ[at, 0]) == 0


def test_a_fraction_of_an_index_is_no_cell() -> None:
    with pytest.raises(IndexError):
        SEVEN.run(x[u / 2], ((u, 0, 4),))
    guarded = SEVEN.run(Divides(2, u) * x[u / 2], ((u, 0, 4),))
    assert guarded.tolist() == [7, 0, 6, 0, 5]
    assert SEVEN.run(Divides(s, u) * x[u / s], ((u, 0, 4),)).tolist() == [7, 0, 6, 0, 5]


@pytest.mark.parametrize(
    "guard",
    [
        InRange(i, 0, N - 1),
        KroneckerDelta(i, 1),
        Divides(3, i - 1) * InRange(i, 0, 2),
        Positive(3 - i) * InRange(i, 0, oo),
    ],
)
def test_where_a_bracket_is_zero_nothing_is_read(guard: Expr) -> None:
    expected = [sum(7 - at for at in (at,) if SEVEN.value(guard.xreplace({i: Integer(at)}))) for at in range(-2, 6)]
    assert SEVEN.run(guard * x[i], ((i, -2, 5),)).tolist() == expected


def test_a_bracket_guards_sums_and_sums_of_cells_beside_it() -> None:
    inside = InRange(i, 0, 1)
    assert SEVEN.run(inside * (x[i] + x[i + 1]), ((i, -3, 5),)).tolist() == [0, 0, 0, 13, 11, 0, 0, 0, 0]
    assert SEVEN.run(inside * Sum(x[i + k], (k, 0, 1)), ((i, -3, 5),)).tolist() == [0, 0, 0, 13, 11, 0, 0, 0, 0]
    assert SEVEN.run(inside * Max(x[i], x[i + 1]), ((i, -3, 5),)).tolist() == [0, 0, 0, 7, 6, 0, 0, 0, 0]


def test_a_bracket_guards_its_own_product_only() -> None:
    with pytest.raises(IndexError):
        SEVEN.run(InRange(i, 0, 2) * x[i] + x[i], ((i, 0, 3),))


def test_a_cell_of_a_cell_is_read_where_the_inner_one_points() -> None:
    numbers = Numbers({}, {"x": np.array([2, 0, 1]), "y": np.array([10, 20, 30])})
    assert numbers.run(y[x[i]], ((i, 0, 2),)).tolist() == [30, 10, 20]
    assert numbers.run(KroneckerDelta(x[i], j), ((i, 0, 2), (j, 0, 2))).tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_a_name_without_a_value_is_said() -> None:
    for e in (z[0], symbol("O") + 1, i + 1, tanh(z[0])):
        with pytest.raises(KeyError):
            SEVEN.value(e)


def test_the_free_indices_are_the_axes_in_their_order() -> None:
    assert SEVEN.run(y[i, j], ((i, 0, N - 1), (j, 0, 1))).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert SEVEN.run(y[i, j], ((j, 0, 1), (i, 0, N - 1))).tolist() == [[1, 3, 5], [2, 4, 6]]
    assert SEVEN.run(x[i], ((i, 1, 2), (j, 0, 2))).tolist() == [[6] * 3, [5] * 3]
    assert SEVEN.run(S.One, ((i, -1, 1), (j, 5, 6))).tolist() == [[1, 1]] * 3


def test_what_comes_out_is_the_callers_own() -> None:
    got = SEVEN.run(x[i], ((i, 0, 2),))
    got[:] = 0
    assert SEVEN.value(x[0]) == 7


# --- sums and maxima --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", [(0, -1), (1, 0), (3, -3), (N, N - 1), (0, M - 2)])
def test_an_empty_sum_is_zero_and_reads_nothing(ends: tuple[Any, Any]) -> None:
    assert SEVEN.value(Sum(x[i + 99], (i, *ends))) == 0
    assert SEVEN.value(5 + Sum(x[k + 99], (k, 0, N - 1), (i, *ends))) == 5
    assert SEVEN.value(Sum(Sum(x[99], (k, *ends)), (i, 0, 1))) == 0


def test_limits_that_depend_on_free_indices_read_only_what_they_reach() -> None:
    assert SEVEN.run(Sum(x[k], (k, 0, u)), ((u, -2, 2),)).tolist() == [0, 0, 7, 13, 18]
    assert SEVEN.run(Sum(x[u - k], (k, 0, u)), ((u, -2, 2),)).tolist() == [0, 0, 7, 13, 18]
    assert SEVEN.run(Sum(x[k], (k, Max(0, u), Min(N - 1, u + 1))), ((u, -2, 3),)).tolist() == [0, 7, 13, 11, 5, 0]


def test_limits_that_depend_on_outer_sums() -> None:
    assert SEVEN.value(Sum(x[i + k], (k, 0, 2 - i), (i, 0, 2))) == 18 + 11 + 5
    assert SEVEN.value(Sum(Sum(x[i + k], (k, i, 2 - i)), (i, 0, 2))) == 18 + 5
    assert SEVEN.value(Sum(1, (k, 0, j), (j, 0, i), (i, 0, 3))) == 4 + 3 * 2 + 2 * 3 + 4


def test_an_inner_index_hides_an_outer_one_of_its_name() -> None:
    assert SEVEN.value(Sum(x[i] * Sum(x[i], (i, 1, 2)), (i, 0, 1))) == 13 * 11
    assert SEVEN.value(Sum(Sum(x[i], (i, 0, 2)), (i, 0, 3))) == 4 * 18
    assert SEVEN.run(Sum(Sum(x[k], (k, 0, 1)), (i, 0, k)), ((k, 0, 2),)).tolist() == [13, 26, 39]


def test_the_largest_of_those_that_take_part() -> None:
    numbers = Numbers({}, {"x": np.array([-7, -2, -9])})
    assert numbers.value(Largest(x[k], (k, 0, 2))) == -2
    assert numbers.value(Largest(x[k] * InRange(k, 2, 5), (k, 0, 2))) == -9, "a bracket of 0 is no 0 that takes part"
    assert numbers.value(Largest(-x[k] * InRange(k, 0, 1), (k, -5, 5))) == 7
    assert numbers.run(Largest(x[k], (k, 0, u)), ((u, 0, 2),)).tolist() == [-7, -2, -2]
    assert numbers.value(Largest(x[j] + x[k], (k, 0, j), (j, 0, 2))) == -4
    assert numbers.value(Largest(x[j] + x[k] * InRange(k - j, 1, 2), (j, 0, 2), (k, 0, 2))) == 0 - 2


def test_random_maxima_with_conditions_agree_with_loops() -> None:
    array = np.array([-7, 3, -9, 0])
    cells = {name: {(at,): int(array[at]) for at in range(SIDE)} for name in "xy"}
    tried = 0
    for seed in range(60 * TIMES):
        writer = RandomSums(seed, hats=1)
        guards = [InRange(writer.linear((u, v, i, j)), -2, 3), Divides(2, writer.linear((u, i, j)))]
        e = Largest(Mul(writer.cell((u, i, j)), *guards[: seed % 3]), (i, 0, N - 1), (j, Min(0, u - 1), M))
        sizes = writer.sizes
        for at in points(2, seed):
            try:
                expected = Brute(sizes, cells).value(e, at)
            except ValueError:  # none takes part
                continue
            placed = e.xreplace({index: Integer(value) for index, value in at.items()})
            assert Numbers(sizes, {"x": array, "y": array}).value(placed) == expected, placed
            tried += 1
    assert tried > 60 * TIMES


@pytest.mark.parametrize("e", [Largest(x[k], (k, 0, -1)), Largest(x[k] * InRange(k, 5, 6), (k, 0, 2))])
def test_the_largest_of_none_is_refused(e: Expr) -> None:
    try:
        value = SEVEN.value(e)
    except ValueError:
        return
    assert value == -math.inf and value != -FARAWAY


def test_too_many_terms_are_refused_before_the_memory_is_full() -> None:
    with pytest.raises(MemoryError, match="terms"):
        SEVEN.value(Sum(x̂[i], (i, 0, MOST)))
    with pytest.raises(MemoryError):
        SEVEN.value(Sum(x̂[i], (i, 0, oo)))


# --- exactness --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "e",
    [
        x[0],
        x[0] * x[1] - 3,
        Sum(x[i] ** 2, (i, 0, 2)),
        InRange(i, 0, 1) * x̂[i],
        Max(x[0], x[1]),
        Mod(x[0], 3),
        x[0] // 2,
    ],
    ids=str,
)
def test_integers_stay_integers(e: Expr) -> None:
    assert SEVEN.run(e, ((i, 0, 2),)).dtype.kind == "i"


def test_a_quotient_is_taken_last_and_once() -> None:
    """7·(1/6)·6 in floating point is 7.000000000000001 in some order; (7·6)/6 is 7."""
    for top in range(1, 60):
        for bottom in (3, 6, 7, 49):
            numbers = Numbers({"s": bottom}, {"x": np.array([top])})
            assert numbers.value(x[0] * bottom * Rational(1, bottom)) == top
            assert numbers.value(Mul(Rational(1, bottom), x[0], s, evaluate=False)) == top
            assert numbers.value(Mul(1 / s, x[0], Integer(bottom), evaluate=False)) == top
            assert numbers.value(Mul(x[0], s ** (-2), s, Integer(bottom), evaluate=False)) == top
    assert SEVEN.value(x[0] * x[1] / 6) == 7


def test_whole_numbers_of_an_array_beyond_floating_point_stay_exact() -> None:
    large = Numbers({}, {"x": np.array([2**53 + 1, 1])})
    assert large.value(x[0] - x[1]) == 2**53
    assert large.value(Sum(x[i], (i, 0, 1))) == 2**53 + 2


def test_python_objects_add_and_multiply_as_they_are() -> None:
    """So cells may be fractions, or symbols, to see what a sum is made of."""
    numbers = Numbers({}, {"x": np.array([Fraction(1, 3), Fraction(1, 6)]), "y": np.array([symbol("q"), symbol("r")])})
    assert numbers.value(Sum(x[i], (i, 0, 1))) == Fraction(1, 2)
    assert numbers.value(Sum(y[i] * InRange(i, 1, 5), (i, 0, 1))) == symbol("r")
    assert numbers.value(Sum(y[i] * x[1 - i], (i, 0, 1))) == symbol("q") * Fraction(1, 6) + symbol("r") * Fraction(1, 3)


def test_floats_and_not_a_number_are_kept_apart_by_brackets() -> None:
    numbers = Numbers({}, {"x": np.array([np.nan, 0.5, np.inf])})
    assert numbers.value(x[1]) == 0.5
    assert numbers.value(Sum(x[i], (i, 1, 1))) == 0.5
    assert numbers.run(Sum(x[k], (k, 1, u)), ((u, 0, 1),)).tolist() == [0, 0.5]
    assert np.isnan(numbers.value(x[0]))


@pytest.mark.parametrize("n", range(-7, 8))
@pytest.mark.parametrize("d", [1, 2, 3, 7])
def test_floors_ceilings_and_remainders_of_negative_numbers(n: int, d: int) -> None:
    numbers = Numbers({"d": d}, {})
    at = {i: Integer(n)}
    e = symbol("d")
    assert numbers.run(floor(i / e), ((i, n, n),)).tolist() == [n // d]
    assert numbers.run(ceiling(i / e), ((i, n, n),)).tolist() == [-(-n // d)]
    assert numbers.run(Mod(i, e), ((i, n, n),)).tolist() == [n % d]
    assert numbers.value(floor((i / e + Rational(1, 2)).xreplace(at))) == math.floor(Fraction(n, d) + Fraction(1, 2))


def test_functions_are_numpys() -> None:
    numbers = Numbers({}, {"x": np.array([0.5, 2.0])}, functions={"g": np.arctan})
    assert numbers.run(tanh(x[i]) + exp(x[i]) + log(x[i]) + sqrt(x[i]), ((i, 0, 1),)) == pytest.approx(
        [sum(function(at) for function in (math.tanh, math.exp, math.log, math.sqrt)) for at in (0.5, 2.0)]
    )
    assert numbers.value(g(x[0])) == math.atan(0.5)
    assert numbers.value(1 / (1 + exp(-x[1]))) == pytest.approx(1 / (1 + math.exp(-2)))


# --- jacobians --------------------------------------------------------------------------------------------------------


def test_a_derivative_reads_its_jacobian() -> None:
    jacobian = np.arange(6).reshape(2, 3)  # ∂z[i]/∂x[k]
    numbers = Numbers({}, {}, {("z", "x"): jacobian, ("L", "x"): np.array([8, 9, 10])})
    assert numbers.run(Derivative(z[i], x[k], evaluate=False), ((k, 0, 2), (i, 0, 1))).tolist() == jacobian.T.tolist()
    assert numbers.value(Derivative(symbol("L"), x[2], evaluate=False)) == 10
    assert numbers.value(Sum(Derivative(z[i], x[i + 1], evaluate=False), (i, 0, 1))) == 1 + 5
    with pytest.raises(IndexError):
        numbers.value(Derivative(z[2], x[0], evaluate=False))
    with pytest.raises(KeyError):
        numbers.value(Derivative(x[0], z[0], evaluate=False))


# --- awkward numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "e",
    [
        InRange(N, 4, 9) * x[0] / (N - 3),
        Positive(N - 3) * x[0] / (N - 3),
        Sum(InRange(i, 1, 9) * x[i] / i, (i, 0, 0)),
        Sum(InRange(i, 1, 9) * Mod(3, i), (i, 0, 0)),
        Sum(InRange(i, 1, 9) * log(i), (i, 0, 0)),
    ],
    ids=str,
)
def test_a_bracket_guards_what_is_divided_by(e: Expr) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SEVEN.value(e) == 0


def test_a_bracket_of_a_fraction_is_exact() -> None:
    e = InRange(i - Rational(7, 3), Rational(2, 3), 3)
    assert SEVEN.run(e, ((i, 2, 6),)).tolist() == [0, 1, 1, 1, 0]


@pytest.mark.parametrize(("e", "expected"), [(x[0] * x[0], 40_000), (x[0] + x[0], 400), (-x[0], -200)], ids=str)
def test_pictures_of_bytes_are_numbers_too(e: Expr, expected: int) -> None:
    assert Numbers({}, {"x": np.array([200], np.uint8)}).value(e) == expected


def test_no_free_index_makes_no_numbers() -> None:
    assert SEVEN.run(x[i], ((i, 0, -1),)).shape == (0,)
    assert SEVEN.run(Sum(x[k], (k, 0, i)), ((i, 0, -1),)).shape == (0,)


def test_a_hat_reads_zero_around_a_tensor_without_cells() -> None:
    assert Numbers({}, {"x": np.zeros(0, int)}).value(x̂[0]) == 0

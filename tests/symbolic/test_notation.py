"""Names: one name is one symbol, and says what is known of it."""

import pytest
from sympy import Symbol

from lessonconv.symbolic.notation import HAT, fresh, hat, name_of, symbol, symbols, tensor, without_hat
from tests.symbolic.brute import Brute


@pytest.mark.parametrize("name", ["N", "K", "K_h", "O_w", "s", "s_h", "d", "d_w"])
def test_sizes_strides_and_dilations_are_positive_whole_numbers(name: str) -> None:
    assert symbol(name).is_integer and symbol(name).is_positive


@pytest.mark.parametrize("name", ["p", "p_h", "p_w"])
def test_a_padding_may_be_zero(name: str) -> None:
    assert symbol(name).is_integer and symbol(name).is_nonnegative and symbol(name).is_positive is None


@pytest.mark.parametrize("name", ["i", "j", "u", "v", "k", "k′", "n", "c", "f", "t", "ρ"])
def test_an_index_may_be_any_whole_number(name: str) -> None:
    assert symbol(name).is_integer and symbol(name).is_positive is None and symbol(name).is_nonnegative is None


def test_a_slope_is_positive_and_need_not_be_whole() -> None:
    assert symbol("α").is_positive and symbol("α").is_integer is None


def test_one_name_is_one_object() -> None:
    assert symbol("i") is symbol("i") and symbol("i") != symbol("i′") and tensor("x") is tensor("x")
    assert symbols("n c u") == tuple(map(symbol, "ncu"))
    assert symbol("N") != Symbol("N"), "a plain SymPy symbol of the name knows nothing"


def test_a_hat_is_another_tensor_over_the_same_cells() -> None:
    i = symbol("i")
    assert hat("x") != tensor("x") and name_of(hat("x")[i]) == "x" + HAT
    assert without_hat(name_of(hat("x")[i])) == without_hat("x") == "x"
    assert Brute({}).value(hat("x")[i], {i: 2}) == Brute({}).value(tensor("x")[i], {i: 2})
    assert name_of(tensor("dz")[i, i]) == "dz"


def test_a_fresh_symbol_has_as_few_more_primes_as_are_free() -> None:
    i = symbol("i")
    assert fresh(i, set()) == symbol("i′")
    assert fresh(i, {i, symbol("i′"), symbol("i′′")}) == symbol("i′′′")
    assert fresh(symbol("i′"), {i}) == symbol("i′′")
    assert fresh(symbol("s"), set()).is_positive

"""What holds for every function: dtypes, memory, who owns an array, empty batches, and what is refused."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from lessonconv.functional.arguments import indices, sizes, tensor
from tests.functional.calls import ACTIVATIONS, CALLS, Call
from tests.functional.oracles import Array, assert_same
from tests.refusals import assert_refused

every_function = pytest.mark.parametrize("name", CALLS)
EVERY_ARRAY = [(name, array) for name, call in CALLS.items() for array in call.arrays]
every_array = pytest.mark.parametrize(("name", "array"), EVERY_ARRAY)


def results(outcome: Any) -> tuple[Array, ...]:
    return tuple(np.asarray(part) for part in (outcome if isinstance(outcome, tuple) else (outcome,)))


def fingerprint(array: Array) -> str:
    return hashlib.sha256(repr((array.shape, array.strides, array.dtype)).encode() + array.tobytes()).hexdigest()


# --- the caller's arrays --------------------------------------------------------------------------------------------


def assert_leaves_alone(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """The arrays are what they were, and no result is a view of one of them."""
    arrays = [value for value in arguments.values() if isinstance(value, np.ndarray)]
    before = [fingerprint(array) for array in arrays]
    outcome = results(function(**arguments))
    assert [fingerprint(array) for array in arrays] == before
    assert not any(np.shares_memory(result, array) for result in outcome for array in arrays)
    for result in outcome:
        result.flat = 0
    assert [fingerprint(array) for array in arrays] == before


@every_function
def test_the_callers_arrays_are_never_changed_or_handed_back(name: str) -> None:
    function, arguments = CALLS[name]
    assert_leaves_alone(function, arguments)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.int8])
@every_function
def test_nor_are_they_in_another_dtype(name: str, dtype: Any) -> None:
    call = CALLS[name]
    converted = {array: value.astype(dtype) for array, value in call.real_arrays.items()}
    assert_leaves_alone(call.function, call.arguments | converted)


def test_a_function_that_changes_or_returns_its_array_would_be_noticed() -> None:
    def in_place(x: Array) -> Array:
        x *= 2
        return x + 1

    for wrong in (in_place, lambda x: x, lambda x: x[1:], lambda x: (x + 1, x.T)):
        with pytest.raises(AssertionError):
            assert_leaves_alone(wrong, {"x": np.ones((2, 2))})


def unaligned(array: Array) -> Array:
    return np.frombuffer(b"\0" + array.tobytes(), array.dtype, offset=1).reshape(array.shape)


def read_only(array: Array) -> Array:
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS: dict[str, Callable[[Array], Any]] = {
    "Fortran order": np.asfortranarray,
    "every second cell": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "backwards": lambda array: np.ascontiguousarray(array[..., ::-1])[..., ::-1],
    "unaligned": unaligned,
    "read-only": read_only,
    "big-endian": lambda array: array.astype(array.dtype.newbyteorder(">")),
    "nested lists": lambda array: array.tolist(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@every_function
def test_the_layout_in_memory_makes_no_difference(name: str, layout: str) -> None:
    call = CALLS[name]
    assert_same(
        results(call(**{array: LAYOUTS[layout](value) for array, value in call.arrays.items()})), results(call())
    )


# --- dtypes ---------------------------------------------------------------------------------------------------------

KEEP_INTEGERS = ("max_pool2d", "loops.max_pool2d", "relu")
FLOATS_ONLY = ("avg_pool", "softmax", *(name for name in ACTIVATIONS if name != "relu"))


def kept(name: str, dtype: Any) -> Any:
    """The dtype of a function's results for arrays of that dtype."""
    if np.dtype(dtype).kind == "f" or name in KEEP_INTEGERS:
        return dtype
    return np.float64 if any(part in name for part in FLOATS_ONLY) else np.int64


def not_positions(name: str, outcome: Any) -> tuple[Array, ...]:
    """The results but for argmax, which is always int64, and the loss, which is always a float."""
    if name.endswith("max_pool2d"):
        assert outcome[1].dtype == np.int64
        return results(outcome[0])
    if name == "softmax_cross_entropy":
        assert type(outcome[0]) is float
        return results(outcome[1])
    return results(outcome)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int16, np.int32, np.int64])
@every_function
def test_floats_keep_their_width_and_integers_become_int64_or_float64(name: str, dtype: Any) -> None:
    call = CALLS[name]
    outcome = not_positions(name, call(**{array: value.astype(dtype) for array, value in call.real_arrays.items()}))
    assert {result.dtype for result in outcome} == {np.dtype(kept(name, dtype))}
    tolerance = 1e-5 if dtype is np.float32 else 1e-14
    for result, expected in zip(outcome, not_positions(name, call()), strict=True):
        np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("name", "array"), [(n, a) for n, a in EVERY_ARRAY if len(CALLS[n].real_arrays) > 1 and a in CALLS[n].real_arrays]
)
def test_one_float64_among_float32_makes_everything_float64(name: str, array: str) -> None:
    call = CALLS[name]
    narrow = {other: value.astype(np.float32) for other, value in call.real_arrays.items()}
    outcome = call(**(narrow | {array: call.arguments[array]}))
    assert {result.dtype for result in results(outcome)} == {np.dtype(np.float64)}


@pytest.mark.parametrize("name", [name for name in CALLS if "conv" in name or "linear" in name])
def test_integers_of_different_kinds_are_computed_exactly(name: str) -> None:
    call = CALLS[name]
    arrays = {array: np.abs(value).astype(int) for array, value in call.real_arrays.items()}
    mixed = zip(arrays.items(), (np.uint8, np.int8, np.int32), strict=False)  # some take two arrays
    outcome = call(**{array: value.astype(dtype) for (array, value), dtype in mixed})
    assert_same(outcome, call(**arrays))


@every_array
def test_arrays_of_other_things_are_refused_by_name(name: str, array: str) -> None:
    """Complex, boolean and text arrays, objects but for the loops, and floats of other widths."""
    call = CALLS[name]
    value = call.arguments[array]
    way_out = {array: value.astype(np.float32 if value.dtype.kind == "f" else int)}
    dtypes = {np.dtype(dtype) for dtype in (np.complex128, np.bool_, "U4", np.float16, np.longdouble, object)}
    dtypes -= {np.dtype(object)} if name.startswith("loops.") else set()
    for dtype in dtypes - {np.dtype(np.float64)}:  # which long double is on some machines
        words = [f"{array} has dtype {dtype}", "must hold integers", f"{array}.astype("]
        assert_refused(call, {array: value.astype(dtype)}, TypeError, words, way_out)


# --- ranks, empty batches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "array"), [(n, a) for n, a in EVERY_ARRAY if n.removesuffix("_backward") not in ACTIVATIONS]
)
def test_arrays_of_another_rank_are_refused(name: str, array: str) -> None:
    call = CALLS[name]
    value = call.arguments[array]
    for wrong in (value[0], value[None], value.ravel() if value.ndim > 1 else value.reshape(-1, 1)):
        words = [f"{array} has shape {wrong.shape}", "must "]
        assert_refused(call, {array: wrong}, ValueError, words, {array: value})


@pytest.mark.parametrize(
    ("name", "array"), [("conv2d", "x"), ("max_pool2d", "x"), ("avg_pool2d", "x"), ("linear", "x")]
)
def test_a_single_image_can_be_given_its_missing_axis(name: str, array: str) -> None:
    call = CALLS[name]
    image = call.arguments[array][0]
    assert_refused(call, {array: image}, ValueError, [f"{array}[None]"], {array: image[None]})


@pytest.mark.parametrize("name", [name for name in CALLS if name != "softmax_cross_entropy"])
def test_a_batch_without_images_gives_empty_results_and_no_gradient(name: str) -> None:
    """Sums over no images are 0."""
    call = CALLS[name]
    nothing = {a: value[:0] for a, value in call.arrays.items() if a not in ("w", "b")}
    if "x_shape" in call.arguments:
        nothing["x_shape"] = (0, *call.arguments["x_shape"][1:])
    of_images, full = results(call(**nothing)), results(call())
    for empty, result in zip(of_images, full, strict=True):
        weights = result.shape in (np.shape(call.arguments.get("w")), result.shape[:1]) and "backward" in name
        assert empty.shape == (result.shape if weights else (0, *result.shape[1:]))
        assert empty.dtype == result.dtype
        assert not empty.any()


@pytest.mark.parametrize("name", CALLS)
def test_a_batch_of_one_is_the_first_of_many(name: str) -> None:
    """Every layer treats each image alone; only the loss takes the mean, over one image here."""
    call = CALLS[name]
    if "backward" in name and "w" in call.arguments:
        pytest.skip("gradients of weights are sums over the images")
    first = {array: value[:1] for array, value in call.arrays.items() if array not in ("w", "b")}
    if "x_shape" in call.arguments:
        first["x_shape"] = (1, *call.arguments["x_shape"][1:])
    scale = len(call.arguments["logits"]) if name == "softmax_cross_entropy" else 1
    alone, among_many = not_positions(name, call(**first)), not_positions(name, call())
    for one, many in zip(alone, among_many, strict=True):
        assert_same(one, many[:1] * many.dtype.type(scale), rtol=1e-15)


# --- the checks themselves ------------------------------------------------------------------------------------------


def test_a_tensor_of_the_right_rank_passes_as_it_is() -> None:
    x = np.ones((2, 3))
    assert tensor("x", x, "N, in") is x
    with pytest.raises(ValueError, match=r"x has shape \(2, 3\), but must have 4 axes \(N, C, H, W\)$"):
        tensor("x", x, "N, C, H, W")
    with pytest.raises(ValueError, match=r"must have 3 axes \(C, H, W\); add the missing axis with x\[None\]$"):
        tensor("x", x, "C, H, W")


def test_indices_are_integers_of_any_kind() -> None:
    assert indices("labels", [1, 2]).dtype == np.intp
    assert indices("labels", np.array([255], np.uint8)).tolist() == [255]
    for wrong in ([0.0], [True], ["1"], [1j]):
        with pytest.raises(TypeError, match=r"labels has dtype .* must hold integers; convert it with labels\.astype"):
            indices("labels", wrong)


def test_sizes_are_as_many_as_the_layout_names() -> None:
    assert sizes("x_shape", np.array([1, 2]), "N, C") == (1, 2)
    for wrong in (3, None, (1.0, 2), "NC"):
        with pytest.raises(TypeError, match=r"x_shape is .*; give the sizes \(N, C\), such as x\.shape"):
            sizes("x_shape", wrong, "N, C")
    for wrong in ((), (1,), (1, 2, 3), (1, -2)):
        with pytest.raises(ValueError, match=r"x_shape is .* must hold the sizes \(N, C\); give x\.shape"):
            sizes("x_shape", wrong, "N, C")


@pytest.mark.parametrize("groups", [2.0, True, None, "2", (2,)], ids=str)
@pytest.mark.parametrize("name", [name for name in CALLS if "conv" in name])
def test_groups_that_are_no_count_are_refused(name: str, groups: Any) -> None:
    call: Call = CALLS[name]
    assert_refused(
        call, {"groups": groups}, TypeError, [f"groups is {groups!r}", "positive int"], {"groups": np.int8(2)}
    )

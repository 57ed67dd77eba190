"""What every layer asks of its arguments, and the sentence that it answers with when they do not fit."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def tensor(name: str, value: Any, layout: str) -> Array:
    """The argument as an array with as many axes as `layout` names, such as "N, C, H, W".

    Raises ValueError if the rank differs. Any dtype passes: see `numbers` for the ones that can be computed with.
    """
    array = np.asarray(value)
    axes = layout.split(", ")
    if array.ndim != len(axes):
        way_out = f"; add the missing axis with {name}[None]" if array.ndim == len(axes) - 1 else ""
        raise ValueError(f"{name} has shape {array.shape}, but must have {len(axes)} axes ({layout}){way_out}")
    return array


def real_numbers(name: str, array: Array) -> Array:
    """The array in native byte order, if it holds integers, float32 or float64. Raises TypeError for anything else."""
    native = array.dtype.newbyteorder("=")
    if native.kind in "iu" or native in (np.float32, np.float64):
        return array.astype(native, copy=False)
    loops = "; the loops in functional.loops take objects" if array.dtype == object else ""
    raise TypeError(
        f"{name} has dtype {array.dtype}, but must hold integers, float32 or float64; "
        f"convert it with {name}.astype(np.float32){loops}"
    )


def numbers(*, floats: bool = False, **arrays: Array | None) -> list[Any]:
    """The arrays (None stays None) in the dtype that they are computed in: float32, float64, or int64 for integers.

    Integers are widened to int64, so that small ones are computed exactly; with floats=True they become float64.
    An array that has this dtype already is passed through, not copied.
    Raises TypeError for booleans, complex numbers, text, objects and other widths of float.
    """
    real = [None if array is None else real_numbers(name, array) for name, array in arrays.items()]
    dtypes = {array.dtype for array in real if array is not None}
    dtype = dtypes.pop() if len(dtypes) == 1 else np.result_type(*dtypes)  # which takes its time
    if dtype.kind in "iu":
        dtype = np.dtype(np.float64 if floats else np.int64)
    return [None if array is None else np.asarray(array, dtype) for array in real]


def any_numbers(*, floats: bool = False, **arrays: Array | None) -> list[Any]:
    """As `numbers`, but where one array holds objects, such as SymPy's symbols, all are left as they are."""
    if any(array is not None and array.dtype == object for array in arrays.values()):
        return list(arrays.values())
    return numbers(floats=floats, **arrays)


def indices(name: str, value: Any) -> npt.NDArray[np.intp]:
    """The argument as an array of integers. Raises TypeError if it holds anything else."""
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} has dtype {array.dtype}, but must hold integers; convert it with {name}.astype(int)")
    return array.astype(np.intp, copy=False)


def sizes(name: str, value: Any, layout: str) -> tuple[int, ...]:
    """The argument as a tuple of sizes, one for each axis that `layout` names. Raises TypeError or ValueError."""
    try:
        shape = tuple(operator.index(size) for size in value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; give the sizes ({layout}), such as x.shape") from None
    if len(shape) != len(layout.split(", ")) or min(shape) < 0:
        raise ValueError(f"{name} is {shape}, but must hold the sizes ({layout}); give x.shape")
    return shape


def same_shape(name: str, array: Array, shape: Sequence[int], because: str) -> None:
    """Raises ValueError unless `array` has `shape`; `because` says where that shape comes from."""
    if array.shape != tuple(shape):
        raise ValueError(f"{name} has shape {array.shape}, but must be {tuple(shape)}, {because}")


def conv_operands(x: Any, w: Any, b: Any, groups: int) -> tuple[Array, Array, Array | None]:
    """x: (N, C, H, W), w: (F, C/groups, K_h, K_w), b: (F,) or None, as arrays whose channels and filters fit."""
    x, w = tensor("x", x, "N, C, H, W"), tensor("w", w, "F, C/groups, K_h, K_w")
    groups = count("groups", groups)
    C, F = x.shape[1], len(w)
    if C % groups or F % groups:
        raise ValueError(f"groups={groups} must divide the {C} channels of x and the {F} filters of w; try groups=1")
    if w.shape[1] * groups != C:
        of_groups = f" in each of {groups} groups" if groups > 1 else ""
        raise ValueError(
            f"x {x.shape} has {C} channels, but w {w.shape} reads {w.shape[1]}{of_groups}; "
            f"w must be (F, {C // groups}, K_h, K_w) for this x"
        )
    return x, w, bias(b, F)


def conv_transpose_operands(x: Any, w: Any, b: Any, groups: int) -> tuple[Array, Array, Array | None]:
    """x: (N, C, H, W), w: (C, F/groups, K_h, K_w), b: (F,) or None, as arrays whose channels and filters fit."""
    x, w = tensor("x", x, "N, C, H, W"), tensor("w", w, "C, F/groups, K_h, K_w")
    groups = count("groups", groups)
    C = x.shape[1]
    if len(w) != C:
        raise ValueError(
            f"x {x.shape} has {C} channels, but w {w.shape} reads {len(w)}; for a transposed convolution w must be "
            f"({C}, F/groups, K_h, K_w): swap the first two axes if it was made for conv2d"
        )
    if C % groups:
        raise ValueError(f"groups={groups} must divide the {C} channels of x; try groups=1")
    return x, w, bias(b, w.shape[1] * groups)


def bias(b: Any, F: int) -> Array | None:
    """The bias as an array (F,), or None."""
    if b is None:
        return None
    b = tensor("b", b, "F")
    same_shape("b", b, (F,), f"one bias for each of the {F} filters")
    return b


def count(name: str, value: Any) -> int:
    """A number of channels, features or groups. Raises TypeError or ValueError that name the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is {value!r}; give a positive int")
    if value < 1:
        raise ValueError(f"{name} is {value}, but must be at least 1; give 1 or more")
    return operator.index(value)

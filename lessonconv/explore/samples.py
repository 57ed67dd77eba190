"""Numbers to look at: small whole ones, so that every sum can be checked in the head."""

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from lessonconv import data

Array = npt.NDArray[Any]
LARGEST = 9  # one figure in a cell
FIELD = 32  # random numbers are cut out of a field of this size, so that a cell keeps its number as a picture grows


def picture(kind: str, shape: tuple[int, ...], seed: int) -> Array:
    """An input (C, H, W): "random" integers, a "ramp", an "edge", a real "digit" or all "ones"."""
    C, H, W = shape
    if kind == "ones":
        return np.ones(shape)
    if kind == "ramp":
        return np.broadcast_to(np.add.outer(np.arange(H), np.arange(W)), shape).astype(np.float64)
    if kind == "edge":
        return np.broadcast_to(np.where(np.arange(W) < W // 2, 0.0, LARGEST), shape).copy()
    if kind == "digit":
        return np.stack([_digit(seed + c, H, W) for c in range(C)])
    return _random(shape, seed, 0, 5)


def kernel(kind: str, shape: tuple[int, ...], seed: int) -> Array:
    """Kernels (F, C, K_h, K_w): "random" integers, none of them 0 if "nonzero", an "edge" filter or all "ones".

    An edge filter is large where brightness grows to the right.
    """
    if kind == "ones":
        return np.ones(shape)
    if kind == "nonzero":
        return np.array([-2.0, -1.0, 1.0, 2.0])[_random(shape, seed + 1, 0, 3).astype(np.intp)]
    if kind == "edge":
        K_h, K_w = shape[-2:]
        heights, widths = np.arange(K_h), np.arange(K_w)
        smooth = np.minimum(heights, heights[::-1]) + 1  # 1 2 1, as Sobel has it
        return np.broadcast_to(np.multiply.outer(smooth, np.sign(2 * widths - K_w + 1)), shape).astype(np.float64)
    return _random(shape, seed + 1, -2, 2)


def gradient(kind: str, shape: tuple[int, ...], seed: int) -> Array:
    """∂L/∂z (F, O_h, O_w): "random" integers, all "ones", or "one" cell that is 1 in the middle of zeros."""
    if kind == "ones":
        return np.ones(shape)
    if kind == "one":
        array = np.zeros(shape)
        array[:, (shape[-2] - 1) // 2, (shape[-1] - 1) // 2] = 1
        return array
    return _random(shape, seed + 2, -3, 3)


def _random(shape: tuple[int, ...], seed: int, low: int, high: int) -> Array:
    *stack, rows, columns = shape
    fields = _fields(seed, math.prod(stack), low, high, max(FIELD, rows, columns))
    return fields[:, :rows, :columns].reshape(shape).astype(np.float64)


@functools.lru_cache(64)
def _fields(seed: int, count: int, low: int, high: int, size: int) -> Array:
    rng = np.random.default_rng(seed)
    return rng.integers(low, high, (count, size, size), endpoint=True)


@functools.lru_cache(64)
def _digit(number: int, rows: int, columns: int) -> Array:
    """One of the package's digits, shrunk or enlarged, in whole steps from 0 to 9."""
    from PIL import Image

    digits = _digits()
    image = Image.fromarray(digits[number % len(digits)]).resize((columns, rows), Image.Resampling.BOX)
    array = np.asarray(image, np.float64)
    return np.rint(array / array.max() * LARGEST)


@functools.cache
def _digits() -> Array:
    (_, _), (x, _) = data.digits(seed=0)
    return x[:, 0]

"""The same layers again, fast: what is right and what is wrong stays the same, and a race is added."""

from dataclasses import replace
from typing import Any

import numpy as np

from lessonconv.exercises.solutions import fast as solutions
from lessonconv.exercises.task import Arguments, Array, Speed
from lessonconv.exercises.tasks.backward import CONV2D_BACKWARD
from lessonconv.exercises.tasks.forward import CONV2D
from lessonconv.exercises.tasks.pooling import MAX_POOL2D
from lessonconv.functional import loops

# Each factor lies far from what it has to tell apart. Loops over i and j alone are 27, 18 and 5 times faster than loops
# over everything; slices of whole arrays, however they are multiplied, 300, 250 and 100 times at least (NumPy 2.4, two
# cores). The loops take less than 0.1 s.


def _numbers(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in shapes]


def _conv2d_arguments() -> Arguments:
    return *_numbers((2, 2, 24, 24), (3, 2, 3, 3), (3,)), 1, 1


def _conv2d_backward_arguments() -> Arguments:
    return *_numbers((2, 3, 24, 24), (2, 2, 24, 24), (3, 2, 3, 3)), 1, 1


def _max_pool2d_arguments() -> Arguments:
    return *_numbers((1, 1, 160, 160)), 3, 2


def _conv2d_loops(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    return loops.conv2d(x, w, b, stride=stride, padding=padding)


def _conv2d_backward_loops(dz: Array, x: Array, w: Array, stride: int, padding: int) -> tuple[Any, ...]:
    return loops.conv2d_backward(dz, x, w, stride=stride, padding=padding)


def _max_pool2d_loops(x: Array, size: int, stride: int) -> Array:
    z, _ = loops.max_pool2d(x, size, stride=stride)
    return z


CONV2D_FAST = replace(
    CONV2D,
    name="conv2d_fast",
    title="the forward pass of a convolution layer, fast",
    answer=solutions.conv2d_fast,
    hints=(
        "Which loop runs most often? Let NumPy walk through the cells, and Python through nothing, or the few taps.",
        "For one tap (k, l), what all windows read is one slice of x_pad: from row k and column l on, every s-th. "
        "Or ask sliding_window_view for all windows at once.",
        "windows = sliding_window_view(x_pad, (K_h, K_w), axis=(2, 3))[:, :, ::s, ::s] is (N, C, O_h, O_w, K_h, K_w). "
        "np.tensordot sums over C, K_h and K_w; its result has F last.",
    ),
    notice="Not one product fewer than before: only who walks through them has changed.",
    speed=Speed(75, _conv2d_loops, _conv2d_arguments),
)

CONV2D_BACKWARD_FAST = replace(
    CONV2D_BACKWARD,
    name="conv2d_backward_fast",
    title="the backward pass of a convolution layer, fast",
    answer=solutions.conv2d_backward_fast,
    hints=(
        "Which loop runs most often? Let NumPy walk through the cells, and Python through the few taps.",
        "For one tap (k, l), the cells that all windows read are one slice of x_pad, of the shape of an output. "
        "The same slice of dx_pad is where their gradients go.",
        "For each (k, l), with seen = x_pad[:, :, rows, columns]: dw[:, :, k, l] sums dz times seen over n, i and j, "
        "and dx_pad[:, :, rows, columns] += Σ_f of dz times w[f, c, k, l]. Two tensordots.",
    ),
    notice="Within one tap no two outputs read the same cell: so += on a whole slice loses nothing.",
    speed=Speed(50, _conv2d_backward_loops, _conv2d_backward_arguments),
)

MAX_POOL2D_FAST = replace(
    MAX_POOL2D,
    name="max_pool2d_fast",
    title="the forward pass of max pooling, fast",
    answer=solutions.max_pool2d_fast,
    hints=(
        "A window has few cells, and there are many windows. Which of the two should Python walk through?",
        "The cells that tap (k, l) of all windows reads are one slice of x: from row k and column l on, every s-th.",
        "Start with −∞ everywhere. For each (k, l), z = np.maximum(z, that slice of x), with O_h rows and O_w columns.",
    ),
    notice="A maximum of many arrays, cell by cell: as with the sum of a convolution, the order does not matter.",
    speed=Speed(25, _max_pool2d_loops, _max_pool2d_arguments),
)

TASKS = (CONV2D_FAST, CONV2D_BACKWARD_FAST, MAX_POOL2D_FAST)

"""Strips: a picture laid out for matrix products, a cache's worth at a time, without the im2col matrix of the batch.

    strip_k[n, (c,l), (i,j)] = x̂[n, c, i·s_h + k·d_h − p_h, j·s_w + l·d_w − p_w]      z[n] = b + Σ_k W_k @ strip_k[n]

Along the width the picture is copied K_w times, shifted. Along the height nothing is copied again: kernel row k + 1
reads the same memory a row later (rows are filed by their phase modulo the stride). The work is cut into tiles, some
images and some of their rows of outputs, so that a tile's strips stay in the processor's cache. All strips are views of
one small piece of memory, which each thread has of its own and the next tile overwrites.
"""

import itertools
import math
import sys
import threading
from typing import Any, NamedTuple

import numpy as np

from lessonconv.functional.arguments import Array
from lessonconv.window import Axis, Window

TILE_BYTES = 3 << 19  # of strips and products, in each thread: larger tiles spare calls, smaller ones cache misses
FEW_ROWS = 16  # thinner strips are stacked: one product instead of K_h, and BLAS likes thick ones better
SMALL_PRODUCT = 10**6  # multiplications: up to here OpenBLAS multiplies in place, without a copy of its operands
COLUMNS = 16  # a small product's columns are a multiple of these: whole vector registers
FEW_COLUMNS = 64  # with fewer, small products gain nothing over a large one of which BLAS makes its copies
KNOWN = 64  # layouts that a thread remembers: a network asks for the same few again and again
CACHE_LINE = 64  # bytes


class Tile(NamedTuple):
    """A part of the work: of these images, these rows of outputs, which `window` alone makes."""

    images: slice
    rows: slice
    window: Window


def tiles(x: Array, window: Window, *, rows: int, threads: int = 1) -> list[Tile]:
    """All of the work, in tiles of about TILE_BYTES: as many images as fit, or if not even one does, some rows of one.

    x: (N, C, H, W); rows: those of the matrices that multiply the strips. Each thread gets as many tiles, where there
    are images enough.
    """
    N, C = x.shape[:2]
    height, filed, thin = window.height, window.height.filed().outputs, is_thin(C, window)
    copies = height.kernel if thin else min(height.stride, height.kernel)
    row = x.itemsize * window.width.outputs
    strip_row, product_row = row * C * window.width.kernel * copies, 0 if thin else row * rows
    image = strip_row * filed + product_row * height.outputs
    if image <= TILE_BYTES:
        return [Tile(images, slice(0, height.outputs), window) for images in shares(N, image, threads)]
    halo = strip_row * (filed - height.outputs)  # what every band of rows needs besides its own
    bands = parts(height.outputs, max(1, (TILE_BYTES - halo) // (strip_row + product_row)))
    return [Tile(slice(n, n + 1), *part) for part in [(band, window.rows(band)) for band in bands] for n in range(N)]


def shares(count: int, bytes_each: int, threads: int) -> list[slice]:
    """0 … count in parts of at most TILE_BYTES (or of one), a multiple of the threads."""
    return parts(count, max(1, TILE_BYTES // max(1, bytes_each)), threads)


def parts(count: int, most: int, threads: int = 1) -> list[slice]:
    """0 … count in parts of at most so many, all about as long: where there are enough, a multiple of the threads."""
    number = -(-count // most)
    number = min(count, -(-number // threads) * threads)
    return [slice(part * count // number, (part + 1) * count // number) for part in range(number)]


def is_thin(C: int, window: Window) -> bool:
    """Whether the strips of C channels are stacked, each kernel row's below the last: they would have few rows."""
    height = window.height
    each_phase_on_top = height.stride == 1 or height.dilation == 1  # else some phase's first strip starts further down
    return C * window.width.kernel < FEW_ROWS and height.kernel > 1 and each_phase_on_top


def small_columns(cells: int) -> int:
    """How many columns a matrix may have whose product with one of so many cells is small; any, where these are few."""
    most = SMALL_PRODUCT // max(1, cells)
    return most - most % COLUMNS if most >= FEW_COLUMNS else sys.maxsize


def cut(matrices: Array, columns: int) -> list[Array]:
    """(n, rows, P), if P is larger, as views (n, pieces, rows, columns), and one more of the columns left over."""
    n, rows, P = matrices.shape
    if columns >= P:
        return [matrices]
    whole = P - P % columns
    cuts = [(0, whole, columns), (whole, P, P - whole)]
    return [matrices[:, :, a:b].reshape(n, rows, -1, q).swapaxes(1, 2) for a, b, q in cuts if a < b]


class Memory(threading.local):
    """Each thread's own memory, which all its strips share: what was used last is still in the cache."""

    def __init__(self) -> None:
        self.bytes = np.empty(0, np.uint8)
        self.owner: Strips | None = None  # who wrote here last
        self.layouts: dict[Any, Strips] = {}  # the last used last

    def arrays(self, shapes: list[tuple[int, ...]], dtype: Any) -> list[Array]:
        """Arrays of these shapes, side by side."""
        sizes = [math.prod(shape) * np.dtype(dtype).itemsize for shape in shapes]
        starts = [0, *itertools.accumulate(-(-size // CACHE_LINE) * CACHE_LINE for size in sizes)]
        if len(self.bytes) < starts[-1]:
            self.forget()
            self.bytes = np.empty(starts[-1], np.uint8)
        places = zip(starts, sizes, shapes, strict=False)
        return [self.bytes[start : start + size].view(dtype).reshape(shape) for start, size, shape in places]

    def forget(self) -> None:
        """Give the memory back, and the layouts that lie in it."""
        self.bytes, self.owner = np.empty(0, np.uint8), None
        self.layouts.clear()


memory = Memory()


def strips_for(x: Array, window: Window, *, rows: int, ones: bool) -> "Strips":
    """Strips for images like these: laid out as the last time, if this thread still knows how."""
    _, _, H, W = x.shape
    whole = window.height.stride == window.width.stride == 1 and window.width.outputs == W
    whole = whole and x.strides[-2:] == (W * x.itemsize, x.itemsize)
    key = x.shape, x.dtype, window, rows, ones, whole
    strips = memory.layouts.pop(key, None)
    if strips is None:
        strips = Strips(x.shape, x.dtype, window, rows=rows, ones=ones, whole=whole)
    memory.layouts[key] = strips
    if len(memory.layouts) > KNOWN:
        del memory.layouts[next(iter(memory.layouts))]
    return strips


class Strips:
    """How the strips of a few images lie in memory, each cut into pieces of columns that BLAS likes."""

    def __init__(
        self, shape: tuple[int, ...], dtype: Any, window: Window, *, rows: int, ones: bool, whole: bool
    ) -> None:
        """shape: (images, C, H, W), what is laid out at a time; rows: those of the matrices that multiply the strips.

        ones: the first strip begins with a row of ones, which the bias multiplies. whole: see `_plan`.
        """
        images, C = shape[:2]
        height, width = window.height, window.width
        filed = height.filed()
        L, P, depth = filed.outputs * width.outputs, height.outputs * width.outputs, C * width.kernel
        places = [divmod(k * height.dilation, height.stride) for k in range(height.kernel)]  # (rows down, phase)
        phases = sorted({phase for _, phase in places})
        thin, lead = is_thin(C, window), int(ones)
        slots = len(places) if thin else len(phases)
        buffer, self.product = memory.arrays([(images, lead + slots * depth, L), (images, rows, P)], dtype)
        self.whole, self.ones = whole, buffer[:, :lead]
        self.shifts: list[tuple[Array, Any]] = []  # into the strips, from this place in x
        self.spilled: list[Array] = []  # to clear behind each shift
        self.blank: list[Array] = []  # stays clear
        homes = {phase: buffer[:, lead + at * depth :][:, :depth] for at, phase in enumerate(phases)}
        for phase, home in homes.items():
            self._plan(home.reshape(images, C, width.kernel, L), shape, filed, phase, width)
        strips = [homes[phase][:, :, down * width.outputs :][:, :, :P] for down, phase in places]
        self.stacking: list[tuple[Array, Array]] = []
        if thin:
            further = range(len(homes), len(places))  # the first kernel rows are where they belong
            self.stacking = [(buffer[:, lead + k * depth :][:, :depth, :P], strips[k]) for k in further]
            strips = [buffer[:, :, :P]]
        elif ones:
            strips[0] = buffer[:, : lead + depth, :P]
        self.columns = small_columns(strips[0].shape[1] * rows)
        self.pieces = [cut(strip, self.columns) for strip in strips]
        self.products = cut(self.product, self.columns)

    def _plan(self, strips: Array, shape: tuple[int, ...], filed: Axis, phase: int, width: Axis) -> None:
        """What is copied into the strips (n, C, K_w, L) of one phase, and what is clear.

        A picture that keeps its width is shifted as a whole, in one long run that copies fast; what then spills over
        from one row into the next falls into the padding, which is cleared. Otherwise each row is copied on its own.
        """
        W = shape[3]
        cells = strips.reshape(*strips.shape[:3], filed.outputs, width.outputs)
        i, u = filed.tap(phase)
        self.blank += [cells[:, :, :, : i.start], cells[:, :, :, i.stop :]]
        for l in range(width.kernel):
            j, v = width.tap(l)
            padding = [cells[:, :, l, i, column] for column in range(width.outputs) if not j.start <= column < j.stop]
            if self.whole and i.start < i.stop and j.start < j.stop:
                shifted = slice(i.start * W + j.start, (i.stop - 1) * W + j.stop)
                place = slice(u.start * W + v.start, (u.stop - 1) * W + v.stop)
                self.shifts.append((strips[:, :, l, shifted], (..., place)))
                self.spilled += padding
                continue
            self.blank += padding
            if not self.whole:
                self.shifts.append((cells[:, :, l, i, j], (..., u, v)))

    def fill(self, x: Array) -> list[list[Array]]:
        """[strip_0, …, strip_{K_h−1}] of these images, each in pieces; thin ones as a single, stacked strip."""
        if memory.owner is not self:  # others were here in between
            memory.owner = None  # should this be interrupted, nobody's zeros and ones can be relied on
            for part in self.blank:
                part[...] = 0
            self.ones[...] = 1
            memory.owner = self
        if self.whole:
            x = x.reshape(*x.shape[:2], -1)
        for strip, place in self.shifts:
            strip[...] = x[place]
        for column in self.spilled:
            column[...] = 0
        for slot, strip in self.stacking:
            slot[...] = strip
        return self.pieces

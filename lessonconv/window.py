"""The sliding window: kernel, stride, padding, dilation, and every index rule that follows from them.

One rule rules everything. Along each axis, output i and tap k meet at input

    u = i·s + k·d − p        (stride s, dilation d, p cells of padding before the first)

It is written once, in `Axis.input`; everything else here is that rule solved for another unknown. The loops, the fast
layers, the pictures and the checks all ask this module, so that an index is worked out in one place only.

Sources: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning" (output sizes); the list of
meetings and the phases follow from the rule above.
"""

import functools
import math
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Pair = tuple[int, int]
Indices = npt.NDArray[np.intp]
PADDING_NAMES = ("valid", "same", "full")


class Meetings(NamedTuple):
    """Which output, tap and input meet: three index arrays of one length, a meeting a place."""

    output: Indices
    tap: Indices
    input: Indices

    def lines(self) -> Iterator[tuple[int, int, int]]:
        """The list line by line: for o, k, i in meetings.lines(): z[o] += w[k] * x[i]."""
        return zip(*(indices.tolist() for indices in self), strict=True)


@dataclass(frozen=True)
class Axis:
    """One axis of a window that slides over `size` cells: u = i·s + k·d − p.

    size: input cells; kernel: taps; outputs: places where the window stops; before, after: padding cells at either end.
    Made by `Axis.over` (from the input) or `Axis.transposed` (from the output). Source: Dumoulin & Visin 2016, §2.
    """

    size: int
    kernel: int
    outputs: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

    @classmethod
    def over(
        cls, size: int, kernel: int, *, stride: int = 1, padding: Any = 0, dilation: int = 1, ceil_mode: bool = False
    ) -> "Axis":
        """The axis of a window over `size` cells: O = ⌊(H + p_before + p_after − d(K−1) − 1) / s⌋ + 1.

        padding: an int, a pair (before, after), "valid", "same" (⌈size / stride⌉ outputs, an odd cell goes to the end)
        or "full". With ceil_mode the last window may hang over the end, as long as it starts before the end padding.
        Raises ValueError if the window does not fit. Source: Dumoulin & Visin 2016, relationships 1 to 6.
        """
        span = dilation * (kernel - 1) + 1
        before, after = _sides(padding, size, span, stride)
        room = size + before + after - span
        outputs = (room + (stride - 1 if ceil_mode else 0)) // stride + 1
        if ceil_mode and (outputs - 1) * stride >= size + before:
            outputs -= 1
        return cls(size, kernel, outputs, stride, dilation, before, after)

    @classmethod
    def transposed(
        cls, outputs: int, kernel: int, *, stride: int = 1, padding: Any = 0, output_padding: int = 0, dilation: int = 1
    ) -> "Axis":
        """The axis whose window makes so many outputs: H = (O−1)·s + d(K−1) + 1 + output_padding − p_before − p_after.

        Transposed convolution reads these outputs and writes the `size` cells. output_padding chooses among the sizes
        that make equally many outputs. Source: Dumoulin & Visin 2016, relationships 8 to 14.
        """
        span = dilation * (kernel - 1) + 1
        before, after = _sides(padding, None, span, stride)
        size = (outputs - 1) * stride + span + output_padding - before - after
        return cls(size, kernel, outputs, stride, dilation, before, after)

    def input(self, i: Any, k: Any) -> Any:
        """The input that output i and tap k meet at, i·s + k·d − p: the rule. In padding, u < 0 or u ≥ size."""
        return i * self.stride + k * self.dilation - self.before

    @property
    def span(self) -> int:
        """How many cells the window covers from its first tap to its last: d(K−1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """The input's size with its padding."""
        return self.size + self.before + self.after

    @property
    def overlap(self) -> int:
        """How many cells neighbouring windows' spans share: max(0, span − s)."""
        return max(0, self.span - self.stride)

    @property
    def tiles(self) -> bool:
        """Every cell of the padded input is read by one output, once: windows side by side, and nothing left over."""
        return self.kernel == self.stride and self.dilation == 1 and not self.remainder

    @property
    def remainder(self) -> int:
        """How many cells at the end of the padded input lie behind the last window: no output reads them."""
        return max(0, self.padded - (self.outputs - 1) * self.stride - self.span)

    def taps_of(self, i: int) -> range:
        """The taps of output i that read a real cell, not padding: those k with 0 ≤ i·s + k·d − p < size."""
        return inside(self.input(i, 0), self.dilation, self.size, self.kernel)

    def covered(self, i: int) -> int:
        """How many cells of the padded input output i reads: K, unless it hangs over the end (ceil_mode)."""
        return len(inside(i * self.stride, self.dilation, self.padded, self.kernel))

    def inputs_of(self, i: int) -> range:
        """The real inputs that output i reads."""
        taps = self.taps_of(i)
        return range(self.input(i, taps.start), self.input(i, taps.stop), self.dilation)

    def outputs_of(self, u: int) -> range:
        """The outputs that input u reaches, in closed form.

        They solve i·s + k·d = u + p with 0 ≤ k < K and 0 ≤ i < O. With g = gcd(s, d) there is none unless g divides
        u + p; then i is fixed modulo d/g, and k ≥ 0, k < K, i ≥ 0, i < O bound it.
        """
        g = math.gcd(self.stride, self.dilation)
        if (u + self.before) % g:
            return range(0)
        target, s, d = (u + self.before) // g, self.stride // g, self.dilation // g
        first = max(0, _ceil_div(target - (self.kernel - 1) * d, s))
        last = min(self.outputs - 1, target // s)
        first += (target * pow(s, -1, d) - first) % d
        return range(first, last + 1, d) if first <= last else range(0)

    def tap_at(self, i: int, u: int) -> int:
        """The tap of output i that reads input u, one of `outputs_of(u)`: k = (u + p − i·s) / d."""
        return (u - self.input(i, 0)) // self.dilation

    def outputs_at(self, k: int) -> range:
        """The outputs whose tap k reads a real cell."""
        return inside(self.input(0, k), self.stride, self.size, self.outputs)

    def tap(self, k: int) -> tuple[slice, slice]:
        """Where tap k reads real cells: two slices of one length, so that z[outputs] += w[k]·x[inputs]."""
        outputs = self.outputs_at(k)
        first, stop = self.input(outputs.start, k), self.input(outputs.stop - 1, k) + 1
        return slice(outputs.start, outputs.stop), slice(first, stop, self.stride) if outputs else slice(0, 0)

    def widened(self) -> "Axis":
        """The gradient of the input as one sweep of the turned kernel, with stride 1, over ∂L/∂z widened by zeros.

        Output i's gradient lies in cell self.input(i, K − 1) of the widened axis; s − 1 zeros stand between two of
        them, and zeros around. Tap k′ = K − 1 − k of the turned kernel meets there what makes ∂L/∂x[u]. With s = 1 and
        p = d(K−1) nothing is inserted. Source: Dumoulin & Visin 2016, relationship 14.
        """
        return Axis(self.size + self.span - 1, self.kernel, self.size, dilation=self.dilation)

    def part(self, outputs: slice) -> "Axis":
        """The axis of these outputs alone: what one tile of a large picture is worked out with."""
        count, first = outputs.stop - outputs.start, outputs.start * self.stride
        after = (count - 1) * self.stride + self.span - self.size - (self.before - first)
        return replace(self, outputs=count, before=self.before - first, after=after)

    def filed(self) -> "Axis":
        """The padded cells that the outputs read, filed by their phase modulo the stride.

        Tap ρ of output t is padded cell t·s + ρ: of each phase as many as there are outputs, and those further down
        that the last tap reads.
        """
        rows = self.outputs + (self.kernel - 1) * self.dilation // self.stride
        return Axis(self.size, self.stride, rows, self.stride, before=self.before)

    @property
    def ring(self) -> Pair:
        """Cells to draw before and after the input: its padding, and what a last window covers that hangs over."""
        return self.before, max(self.after, self.input(self.outputs - 1, self.kernel - 1) + 1 - self.size)

    def meetings(self, *, padding: bool = False) -> Meetings:
        """All (output, tap, input) that meet at a real cell, output by output. Σ over this list is the convolution.

        padding: whether those that meet in the padding are listed too; there u < 0 or u ≥ size.
        """
        i, k = np.meshgrid(np.arange(self.outputs), np.arange(self.kernel), indexing="ij")
        u = self.input(i, k)
        listed = (u >= 0) & (u < self.size) | padding
        return Meetings(i[listed], k[listed], u[listed])

    def phases(self) -> Iterator[tuple[slice, slice, "Axis"]]:
        """The gradient of the input as stride-1 windows over the *outputs*, one for each phase, with no zeros inserted.

        Taps k₀, k₀ + s/g, k₀ + 2s/g, … (g = gcd(s, d)) all write inputs of one residue modulo s, and none but those.
        Yields (taps, inputs, axis): turn w[taps] by 180°, correlate ∂L/∂z with it over `axis`, and the result is
        ∂L/∂x[inputs]. For stride 1 there is one phase: pad ∂L/∂z by d(K−1) − p, turn w, correlate.
        """
        g = math.gcd(self.stride, self.dilation)
        for tap in range(min(self.kernel, self.stride // g)):
            taps = slice(tap, None, self.stride // g)
            kernel = len(range(tap, self.kernel, self.stride // g))
            first = self.input(0, tap) % self.stride
            inputs = slice(first, None, self.stride)
            step = self.dilation // g
            before = (kernel - 1) * step - (first - self.input(0, tap)) // self.stride
            count = len(range(first, self.size, self.stride))
            after = count + (kernel - 1) * step - self.outputs - before
            if count:
                yield taps, inputs, Axis(self.outputs, kernel, count, dilation=step, before=before, after=after)


@dataclass(frozen=True)
class Window:
    """A kernel's window over a picture: an `Axis` for the height, one for the width. Source: Dumoulin & Visin 2016."""

    height: Axis
    width: Axis

    @classmethod
    def over(
        cls, size: Any, kernel: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
    ) -> "Window":
        """The window over a picture of `size` (H, W). Each argument is an int or a pair (height, width).

        padding: int, pair, ((top, bottom), (left, right)), "valid", "same" or "full".
        Raises ValueError or TypeError with the sizes met, the rule and a way out. Source: Dumoulin & Visin 2016, §2.
        """
        sizes, kernels = pair("input size", size, 1), pair("kernel_size", kernel, 1)
        strides, dilations = pair("stride", stride, 1), pair("dilation", dilation, 1)
        return cls._over(sizes, kernels, strides, dilations, _padding(padding), ceil_mode)

    @classmethod
    @functools.lru_cache(256)
    def _over(
        cls, sizes: Pair, kernels: Pair, strides: Pair, dilations: Pair, padding: Any, ceil_mode: bool
    ) -> "Window":
        axes = [
            Axis.over(n, k, stride=s, padding=p, dilation=d, ceil_mode=ceil_mode)
            for n, k, s, p, d in zip(sizes, kernels, strides, padding, dilations, strict=True)
        ]
        window = cls(*axes)
        if min(window.output_size) < 1:
            raise ValueError(window._why_it_does_not_fit())
        return window

    @classmethod
    def transposed(
        cls, outputs: Any, kernel: Any, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, dilation: Any = 1
    ) -> "Window":
        """The window that makes `outputs` (O_h, O_w): its input is what a transposed convolution writes.

        Raises ValueError if nothing is left after the padding is cut off, or output_padding ≥ max(stride, dilation).
        Source: Dumoulin & Visin 2016, §4.
        """
        counts, kernels = pair("input size", outputs, 1), pair("kernel_size", kernel, 1)
        strides, dilations = pair("stride", stride, 1), pair("dilation", dilation, 1)
        extras = pair("output_padding", output_padding, 0)
        for extra, s, d in zip(extras, strides, dilations, strict=True):
            if extra >= max(s, d):
                raise ValueError(
                    f"output_padding {extra} with stride {s} and dilation {d}: it must be smaller than the stride or "
                    f"the dilation; use at most {max(s, d) - 1}"
                )
        axes = [
            Axis.transposed(n, k, stride=s, padding=p, output_padding=e, dilation=d)
            for n, k, s, p, e, d in zip(counts, kernels, strides, _padding(padding), extras, dilations, strict=True)
        ]
        window = cls(*axes)
        if min(window.input_size) < 1:
            raise ValueError(
                f"a transposed convolution of {_by(counts)} cells with kernel {_by(kernels)} and padding "
                f"{_by(a.before + a.after for a in axes)} in all leaves {_by(window.input_size)}; lower the padding"
            )
        return window

    def rows(self, outputs: slice) -> "Window":
        """The window of these rows of outputs alone."""
        return replace(self, height=self.height.part(outputs))

    @property
    def input_size(self) -> Pair:
        """(H, W)."""
        return self.height.size, self.width.size

    @property
    def kernel_size(self) -> Pair:
        """(K_h, K_w)."""
        return self.height.kernel, self.width.kernel

    @property
    def output_size(self) -> Pair:
        """(O_h, O_w)."""
        return self.height.outputs, self.width.outputs

    @property
    def remainder(self) -> Pair:
        """Rows at the bottom and columns at the right of the padded input that no window reads."""
        return self.height.remainder, self.width.remainder

    @property
    def overlap(self) -> Pair:
        """Rows and columns that neighbouring windows share."""
        return self.height.overlap, self.width.overlap

    @property
    def taps(self) -> Iterator[Pair]:
        """Every tap (k, l), row by row."""
        return ((k, l) for k in range(self.height.kernel) for l in range(self.width.kernel))

    def input(self, i: Any, j: Any, k: Any, l: Any) -> tuple[Any, Any]:
        """The input (u, v) that output (i, j) and tap (k, l) meet at; it may lie in the padding."""
        return self.height.input(i, k), self.width.input(j, l)

    def taps_of(self, i: int, j: int) -> list[Pair]:
        """The taps of output (i, j) that read a real cell."""
        return [(k, l) for k in self.height.taps_of(i) for l in self.width.taps_of(j)]

    def inputs_of(self, i: int, j: int) -> list[Pair]:
        """The real inputs that output (i, j) reads, tap by tap."""
        return [(u, v) for u in self.height.inputs_of(i) for v in self.width.inputs_of(j)]

    def outputs_of(self, u: int, v: int) -> list[Pair]:
        """The outputs that input (u, v) reaches."""
        return [(i, j) for i in self.height.outputs_of(u) for j in self.width.outputs_of(v)]

    def tap(self, k: int, l: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Where tap (k, l) reads real cells: z[outputs] += w[k,l]·x[inputs]. Both index the last two axes."""
        (i, u), (j, v) = self.height.tap(k), self.width.tap(l)
        return (..., i, j), (..., u, v)

    def meetings(self) -> Meetings:
        """The list of meetings: flat indices (i·O_w + j, k·K_w + l, u·W + v), output by output, then tap by tap.

        Three sums over it are the whole layer: z[o] += w[t]·x[u], dw[t] += dz[o]·x[u], dx[u] += dz[o]·w[t].
        """
        rows, columns = self.height.meetings(), self.width.meetings()
        output, tap, input = (
            np.add.outer(a * n, b).ravel()
            for a, b, n in zip(rows, columns, (self.width.outputs, self.width.kernel, self.width.size), strict=True)
        )
        order = np.lexsort((tap, output))
        return Meetings(output[order], tap[order], input[order])

    def phases(self) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice], "Window"]]:
        """`Axis.phases` of both axes: (taps, inputs, window over the outputs), at most s_h·s_w of them."""
        for taps_h, inputs_h, height in self.height.phases():
            for taps_w, inputs_w, width in self.width.phases():
                yield (taps_h, taps_w), (inputs_h, inputs_w), Window(height, width)

    def _why_it_does_not_fit(self) -> str:
        axes = (self.height, self.width)
        kernel = f"kernel {_by(self.kernel_size)} is"
        if any(a.dilation > 1 for a in axes):
            dilation = _by(a.dilation for a in axes)
            kernel = f"kernel {_by(self.kernel_size)} with dilation {dilation} spans {_by(a.span for a in axes)},"
        return f"{kernel} larger than the padded input {_by(a.padded for a in axes)}; {self._what_fits()}"

    def _what_fits(self) -> str:
        axes = (self.height, self.width)
        fitting = min((a.padded - 1) // (a.kernel - 1) if a.kernel > 1 else a.dilation for a in axes)
        if fitting >= 1 and any(a.dilation > 1 for a in axes):
            smaller = f"lower dilation to {fitting}"
        else:
            smaller = f"lower kernel_size to {_by(min(a.kernel, (a.padded - 1) // a.dilation + 1) for a in axes)}"
        needed = [max(a.before, a.after) + _ceil_div(max(0, a.span - a.padded), 2) for a in axes]
        wider = [replace(a, before=p, after=p, outputs=1) for a, p in zip(axes, needed, strict=True)]
        if not all(a.taps_of(0) for a in wider):  # the taps would straddle the picture and read padding only
            return smaller
        return f"{smaller} or raise padding to {needed[0] if needed[0] == needed[1] else tuple(needed)}"


def inside(first: int, step: int, size: int, count: int) -> range:
    """Those t in 0 … count−1 for which first + t·step lies in 0 … size−1."""
    start = max(0, _ceil_div(-first, step))
    stop = min(count, _ceil_div(size - first, step))
    return range(start, stop) if start < stop else range(0)


def pair(name: str, value: Any, least: int) -> Pair:
    """An int, or a pair (height, width), as a pair of ints. Raises TypeError or ValueError that name the argument."""
    if type(value) is int and value >= least:  # nearly always, and every call of a layer asks five times
        return value, value
    value = value.tolist() if isinstance(value, np.ndarray) else value
    values = value if isinstance(value, (tuple, list)) else (value, value)
    if len(values) != 2:
        raise ValueError(f"{name} is {value!r}, with {len(values)} entries; give an int or a pair (height, width)")
    if any(isinstance(v, (bool, np.bool_)) or not hasattr(v, "__index__") for v in values):
        raise TypeError(f"{name} is {value!r}; give an int or a pair of ints (height, width)")
    height, width = (operator.index(v) for v in values)
    if min(height, width) < least:
        raise ValueError(f"{name} is {value!r}, but must be at least {least}; give {least} or more")
    return height, width


def _padding(padding: Any) -> tuple[Any, Any]:
    """What the caller gave as padding, as one specification for each axis: an int, (before, after) or a name."""
    if isinstance(padding, str):
        if padding not in PADDING_NAMES:
            raise ValueError(
                f"padding is {padding!r}; give an int, a pair, four sides or one of {', '.join(PADDING_NAMES)}"
            )
        return padding, padding
    padding = padding.tolist() if isinstance(padding, np.ndarray) else padding
    if isinstance(padding, (tuple, list)) and len(padding) == 2 and all(isinstance(p, (tuple, list)) for p in padding):
        return pair("padding (top, bottom)", padding[0], 0), pair("padding (left, right)", padding[1], 0)
    return pair("padding", padding, 0)


def _sides(padding: Any, size: int | None, span: int, stride: int) -> Pair:
    """The padding cells (before, after) along one axis; `size` is None where the input is what is asked for."""
    if padding == "valid":
        return 0, 0
    if padding == "full":
        return span - 1, span - 1
    if padding == "same":
        if size is None:
            raise ValueError(
                "padding='same' has no meaning for a transposed convolution; give an int, a pair or four sides"
            )
        total = max(0, (_ceil_div(size, stride) - 1) * stride + span - size)
        return total // 2, total - total // 2
    return pair("padding", padding, 0)


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def _by(sizes: Iterable[int]) -> str:
    return "×".join(map(str, sizes))

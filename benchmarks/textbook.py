"""The benchmark's network by im2col, in the manner in which textbooks teach it: the code that a reader would type.

Every picture is unfolded into one big matrix `col` (a row for each output cell, a column for each cell of the window),
so that a convolution becomes a single matrix product. The structure follows Saitoh 2016, "Deep Learning from Scratch",
chapters 5 to 7: im2col and col2im by a loop over taps, layers with `forward` and `backward`, an `Affine` layer, `Relu`
with a mask, `Pooling` by im2col and argmax, `SoftmaxWithLoss`, `Momentum`. Written anew, with one choice added: `dtype`
is that of the arrays which im2col, col2im and `Pooling` make. The textbook's are plain `np.zeros`, hence float64, and
from the first convolution on everything else becomes float64 too; with float32 it all stays float32, which is faster.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.network import LEARNING_RATE, MOMENTUM, Network, Parameters

Array = npt.NDArray[Any]


def im2col(
    images: Array, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0, dtype: npt.DTypeLike = np.float64
) -> Array:
    """Unfold (N, C, H, W) into a matrix with N·O_h·O_w rows and C·filter_h·filter_w columns."""
    N, C, H, W = images.shape
    out_h = (H + 2 * pad - filter_h) // stride + 1
    out_w = (W + 2 * pad - filter_w) // stride + 1
    padded = np.pad(images, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    col = np.zeros((N, C, filter_h, filter_w, out_h, out_w), dtype)
    for y in range(filter_h):
        for x in range(filter_w):
            col[:, :, y, x, :, :] = padded[:, :, y : y + stride * out_h : stride, x : x + stride * out_w : stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * out_h * out_w, -1)


def col2im(
    col: Array,
    shape: tuple[int, ...],
    filter_h: int,
    filter_w: int,
    stride: int = 1,
    pad: int = 0,
    dtype: npt.DTypeLike = np.float64,
) -> Array:
    """Fold such a matrix back into pictures of this shape: what was copied out is added up again."""
    N, C, H, W = shape
    out_h = (H + 2 * pad - filter_h) // stride + 1
    out_w = (W + 2 * pad - filter_w) // stride + 1
    col = col.reshape(N, out_h, out_w, C, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    images = np.zeros((N, C, H + 2 * pad + stride - 1, W + 2 * pad + stride - 1), dtype)
    for y in range(filter_h):
        for x in range(filter_w):
            images[:, :, y : y + stride * out_h : stride, x : x + stride * out_w : stride] += col[:, :, y, x, :, :]
    return images[:, :, pad : pad + H, pad : pad + W]


class Convolution:
    """z = col · W + b, with the kernels as columns of one matrix."""

    def __init__(self, W: Array, b: Array, stride: int = 1, pad: int = 0, dtype: npt.DTypeLike = np.float64) -> None:
        self.W, self.b, self.stride, self.pad, self.dtype = W, b, stride, pad, dtype

    def forward(self, x: Array) -> Array:
        """Unfold, multiply, and put the channels back in second place."""
        F, _, filter_h, filter_w = self.W.shape
        N, _, H, W = self.x_shape = x.shape
        out_h = (H + 2 * self.pad - filter_h) // self.stride + 1
        out_w = (W + 2 * self.pad - filter_w) // self.stride + 1
        self.col = im2col(x, filter_h, filter_w, self.stride, self.pad, self.dtype)
        self.col_W = self.W.reshape(F, -1).T
        out = np.dot(self.col, self.col_W) + self.b
        return out.reshape(N, out_h, out_w, F).transpose(0, 3, 1, 2)

    def backward(self, dout: Array) -> Array:
        """All of the matrix product's gradients; returns that of x."""
        rows = self._rows(dout)
        self._multiply(rows)
        return self._fold(rows)

    def backward_params(self, dout: Array) -> tuple[Array, Array]:
        """dW and db alone, as a benchmark wants them; the textbook has `backward` only."""
        self._multiply(self._rows(dout))
        return self.dW, self.db

    def backward_input(self, dout: Array) -> Array:
        """The gradient of x alone, as a benchmark wants it."""
        return self._fold(self._rows(dout))

    def _rows(self, dout: Array) -> Array:
        return dout.transpose(0, 2, 3, 1).reshape(-1, len(self.W))

    def _multiply(self, rows: Array) -> None:
        F, C, filter_h, filter_w = self.W.shape
        self.db = np.sum(rows, axis=0)
        self.dW = np.dot(self.col.T, rows).transpose(1, 0).reshape(F, C, filter_h, filter_w)

    def _fold(self, rows: Array) -> Array:
        _, _, filter_h, filter_w = self.W.shape
        dcol = np.dot(rows, self.col_W.T)
        return col2im(dcol, self.x_shape, filter_h, filter_w, self.stride, self.pad, self.dtype)


class Pooling:
    """The largest of each window, by im2col: a row for each window."""

    def __init__(self, pool_h: int, pool_w: int, stride: int, pad: int = 0, dtype: npt.DTypeLike = np.float64) -> None:
        self.pool_h, self.pool_w, self.stride, self.pad, self.dtype = pool_h, pool_w, stride, pad, dtype

    def forward(self, x: Array) -> Array:
        """Unfold, and take each row's maximum and its place."""
        N, C, H, W = self.x_shape = x.shape
        out_h = (H + 2 * self.pad - self.pool_h) // self.stride + 1
        out_w = (W + 2 * self.pad - self.pool_w) // self.stride + 1
        col = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad, self.dtype)
        col = col.reshape(-1, self.pool_h * self.pool_w)
        self.arg_max = np.argmax(col, axis=1)
        out = np.max(col, axis=1)
        return out.reshape(N, out_h, out_w, C).transpose(0, 3, 1, 2)

    def backward(self, dout: Array) -> Array:
        """Write each gradient to the place of the maximum in its row, and fold back."""
        N, _, out_h, out_w = dout.shape
        dout = dout.transpose(0, 2, 3, 1)
        dmax = np.zeros((dout.size, self.pool_h * self.pool_w), self.dtype)
        dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten()
        dcol = dmax.reshape(N * out_h * out_w, -1)
        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad, self.dtype)


class Relu:
    """Zero where the input was not positive, both ways, with a remembered mask."""

    def forward(self, x: Array) -> Array:
        """Copy, and overwrite what the mask marks."""
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout: Array) -> Array:
        """Overwrite the gradient where the mask marks."""
        dout[self.mask] = 0
        return dout


class Affine:
    """x · W + b, on pictures flattened to rows."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b

    def forward(self, x: Array) -> Array:
        """Flatten, multiply, add."""
        self.x_shape = x.shape
        self.x = x.reshape(len(x), -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout: Array) -> Array:
        """The matrix product's gradients, in the pictures' shape again."""
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T).reshape(self.x_shape)


class SoftmaxWithLoss:
    """Softmax and mean cross-entropy in one layer; labels are the numbers of the classes."""

    def forward(self, x: Array, t: Array) -> float:
        """The loss, with 1e-7 inside the logarithm to keep it finite."""
        shifted = x - np.max(x, axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        self.y, self.t = exponentials / np.sum(exponentials, axis=1, keepdims=True), t
        return float(-np.sum(np.log(self.y[np.arange(len(t)), t] + 1e-7)) / len(t))

    def backward(self) -> Array:
        """Softmax less one-hot, over the size of the batch."""
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dx / len(self.t)


class Momentum:
    """v ← momentum · v − lr · gradient, then W ← W + v."""

    def __init__(self, lr: float, momentum: float) -> None:
        self.lr, self.momentum = lr, momentum
        self.v: dict[str, Array] = {}

    def update(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Change the parameters where they are."""
        if not self.v:
            self.v = {key: np.zeros_like(value) for key, value in params.items()}
        for key in params:
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class Textbook:
    """The benchmark's network from these layers, as a `network.Trainer`; dtype as above."""

    def __init__(self, network: Network, parameters: Parameters, dtype: npt.DTypeLike = np.float64) -> None:
        p = self.params = {name: value.copy() for name, value in parameters.items()}
        p["dense.w"] = p["dense.w"].T.copy()  # Affine keeps W as (in, out)
        self.conv1, self.conv2 = (
            Convolution(p[f"conv{i}.w"], p[f"conv{i}.b"], 1, network.padding, dtype) for i in (1, 2)
        )
        pool1, pool2 = (Pooling(2, 2, 2, dtype=dtype) for _ in range(2))
        self.affine = Affine(p["dense.w"], p["dense.b"])
        self.layers: list[Any] = [self.conv1, Relu(), pool1, self.conv2, Relu(), pool2, self.affine]
        self.last = SoftmaxWithLoss()
        self.optimizer = Momentum(LEARNING_RATE, MOMENTUM)

    def step(self, x: Array, labels: Array) -> float:
        """Forward, loss, backward, update."""
        out = x
        for layer in self.layers:
            out = layer.forward(out)
        loss = self.last.forward(out, labels)
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        self.optimizer.update(self.params, self._grads())
        return loss

    def parameters(self) -> Parameters:
        """The parameters in the common layout."""
        return {**self.params, "dense.w": self.params["dense.w"].T}

    def gradients(self) -> Parameters:
        """The last step's gradients in the common layout."""
        grads = self._grads()
        return {**grads, "dense.w": grads["dense.w"].T}

    def _grads(self) -> dict[str, Array]:
        layers: dict[str, Any] = {"conv1": self.conv1, "conv2": self.conv2, "dense": self.affine}
        weights = {f"{name}.w": layer.dW for name, layer in layers.items()}
        return weights | {f"{name}.b": layer.db for name, layer in layers.items()}

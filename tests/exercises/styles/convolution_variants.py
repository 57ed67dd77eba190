"""More right answers to the tasks of a convolution layer: by learners who know NumPy, SciPy or Python well."""

OUTPUT_SIZE = {
    "a range's length": """
def output_size(size, kernel, stride, padding):
    return len(range(0, size + 2 * padding - kernel + 1, stride))
""",
    "a recursion": """
def output_size(size, kernel, stride, padding):
    if kernel > size + 2 * padding:
        return 0
    return 1 + output_size(size - stride, kernel, stride, padding)
""",
    "a lambda, with a number of NumPy's": """
output_size = lambda size, kernel, stride, padding: np.int64(np.floor((size + 2 * padding - kernel) / stride)) + 1
""",
    "a generator": """
def output_size(size, kernel, stride, padding):
    return sum(1 for start in range(size + 2 * padding) if start % stride == 0 and start + kernel <= size + 2 * padding)
""",
    "divmod, with the arguments in another order": """
def output_size(kernel, size, padding=0, stride=1):
    steps, left_over = divmod(size - kernel + 2 * padding, stride)
    return steps + 1
""",
}

CONV2D = {
    "as_strided": """
def conv2d(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    F, C, K_h, K_w = w.shape
    n, c, h, v = x.strides
    shape = len(x), C, (x.shape[2] - K_h) // stride + 1, (x.shape[3] - K_w) // stride + 1, K_h, K_w
    windows = np.lib.stride_tricks.as_strided(x, shape, (n, c, h * stride, v * stride, h, v), writeable=False)
    return np.tensordot(windows, w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) + b[:, None, None]
""",
    "SciPy's correlate2d": """
from scipy.signal import correlate2d

def conv2d(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = [[sum(correlate2d(image[c], filt[c], mode="valid") for c in range(len(image))) for filt in w] for image in x]
    return np.array(z)[:, :, ::stride, ::stride] + b[:, None, None]
""",
    "fast Fourier transforms": """
from scipy.signal import fftconvolve

def conv2d(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = fftconvolve(x[:, None], w[None, :, :, ::-1, ::-1], mode="valid", axes=(3, 4)).sum(axis=2)
    return z[:, :, ::stride, ::stride] + b[:, None, None]
""",
    "float32 inside": """
def conv2d(x, w, b, stride, padding):
    x, w, b = x.astype(np.float32), w.astype(np.float32), b.astype(np.float32)
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijkl,fckl->nfij", windows, w) + b[:, None, None]
""",
    "im2col with an index array": """
def conv2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h, O_w = (H + 2 * padding - K_h) // stride + 1, (W + 2 * padding - K_w) // stride + 1
    i0, i1 = np.tile(np.repeat(np.arange(K_h), K_w), C), stride * np.repeat(np.arange(O_h), O_w)
    j0, j1 = np.tile(np.arange(K_w), K_h * C), stride * np.tile(np.arange(O_w), O_h)
    c = np.repeat(np.arange(C), K_h * K_w).reshape(-1, 1)
    x_padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="constant")
    cols = x_padded[:, c, i0.reshape(-1, 1) + i1.reshape(1, -1), j0.reshape(-1, 1) + j1.reshape(1, -1)]
    cols = cols.transpose(1, 2, 0).reshape(K_h * K_w * C, -1)
    res = w.reshape((F, -1)) @ cols + b.reshape(-1, 1)
    return res.reshape(F, O_h, O_w, N).transpose(3, 0, 1, 2)
""",
    "loops in another order, and the bias first": """
def conv2d(x, w, b, stride, padding):
    (N, C, H, W), (F, _, K_h, K_w) = x.shape, w.shape
    O_h, O_w = (H + 2 * padding - K_h) // stride + 1, (W + 2 * padding - K_w) // stride + 1
    z = np.ones((N, F, O_h, O_w)) * b.reshape(1, F, 1, 1)
    for l in reversed(range(K_w)):
        for k in range(K_h):
            for j in range(O_w):
                for i in range(O_h):
                    for c in range(C):
                        for f in range(F):
                            for n in range(N):
                                u, v = i * stride + k - padding, j * stride + l - padding
                                if u < 0 or v < 0 or u >= H or v >= W:
                                    continue
                                z[n, f, i, j] = z[n, f, i, j] + w[f, c, k, l] * x[n, c, u, v]
    return z
""",
    "a generator and a lambda": """
def conv2d(x, w, b, stride, padding):
    K_h, K_w = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    starts = lambda size, kernel: range(0, size - kernel + 1, stride)
    def outputs():
        for image in padded:
            for filt, bias in zip(w, b):
                for top in starts(padded.shape[2], K_h):
                    for left in starts(padded.shape[3], K_w):
                        yield (image[:, top : top + K_h, left : left + K_w] * filt).sum() + bias
    shape = len(x), len(w), len(starts(padded.shape[2], K_h)), len(starts(padded.shape[3], K_w))
    return np.fromiter(outputs(), float).reshape(shape)
""",
    "a partial": """
from functools import partial

def layer(mode, x, w, b, stride, padding):
    p = padding
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode=mode)
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))[..., ::stride, ::stride, :, :]
    return np.einsum("ncijkl,fckl->nfij", windows, w, optimize=True) + b[None, :, None, None]

conv2d = partial(layer, "constant")
""",
    "an object that can be called": """
class Conv2d:
    def __init__(self, first_axis):
        self.first_axis = first_axis

    def __call__(self, x, w, b, stride, padding):
        out = []
        for image in x:
            image = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
            out.append([self.one(image, w[f], b[f], stride) for f in range(len(w))])
        return np.stack([np.stack(image) for image in out], axis=self.first_axis)

    def one(self, image, filt, bias, stride):
        _, K_h, K_w = filt.shape
        rows = range(0, image.shape[1] - K_h + 1, stride)
        columns = range(0, image.shape[2] - K_w + 1, stride)
        return np.array([[np.vdot(image[:, i : i + K_h, j : j + K_w], filt) + bias for j in columns] for i in rows])

conv2d = Conv2d(0)
""",
    "a closure": """
def make(einsum):
    memory = {}
    def conv2d(x, w, b, stride, padding):
        memory["x"] = x
        x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
        return einsum("ncijkl,fckl->nfij", windows, w) + np.expand_dims(b, (1, 2))
    return conv2d

conv2d = make(np.einsum)
""",
    "arguments with defaults, and one more of them": """
def conv2d(x, w, b=None, stride=1, padding=0, verbose=False):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    z = np.einsum("ncijkl,fckl->nfij", windows, w)
    return z if b is None else z + b[:, None, None]
""",
    "any arguments": """
def conv2d(*args, **options):
    x, w, b, stride, padding = args
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijkl,fckl->nfij", windows, w) + b[:, None, None]
""",
    "in Fortran's order": """
def conv2d(x, w, b, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.asfortranarray(np.einsum("ncijkl,fckl->nfij", windows, w) + b[:, None, None])
""",
    "a matrix of the whole layer": """
def conv2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h, O_w = (H + 2 * padding - K_h) // stride + 1, (W + 2 * padding - K_w) // stride + 1
    matrix = np.zeros((F, O_h, O_w, C, H + 2 * padding, W + 2 * padding))
    for i in range(O_h):
        for j in range(O_w):
            matrix[:, i, j, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w] = w
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = x_pad.reshape(N, -1) @ matrix.reshape(F * O_h * O_w, -1).T
    return z.reshape(N, F, O_h, O_w) + b.reshape(F, 1, 1)
""",
}

DW = {
    "SciPy's correlate2d": """
from scipy.signal import correlate2d

def conv2d_dw(dz, x, w, stride, padding):
    F, C, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    spread = np.zeros((*dz.shape[:2], stride * (dz.shape[2] - 1) + 1, stride * (dz.shape[3] - 1) + 1))
    spread[:, :, ::stride, ::stride] = dz
    dw = np.zeros(w.shape)
    for f, c in np.ndindex(F, C):
        for n in range(len(x)):
            dw[f, c] += correlate2d(x_pad[n, c], spread[n, f], "valid")[:K_h, :K_w]
    return dw
""",
    "im2col and one matrix product": """
def conv2d_dw(dz, x, w, stride, padding):
    F, C, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    columns = np.array([
        x_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w].reshape(len(x), -1)
        for i in range(dz.shape[2]) for j in range(dz.shape[3])
    ])
    rows = dz.reshape(len(x), F, -1).transpose(1, 2, 0).reshape(F, -1)
    return (rows @ columns.reshape(-1, C * K_h * K_w)).reshape(w.shape)
""",
    "float32 inside": """
def conv2d_dw(dz, x, w, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding))).astype("float32")
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, dz.shape[2:], (2, 3))
    if stride > 1:
        windows = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
        windows = windows.transpose(0, 1, 4, 5, 2, 3)
    return np.einsum("nfij,ncklij->fckl", dz.astype("float32"), windows)
""",
}

DB = {
    "only the argument that it needs": """
def conv2d_db(dz):
    return dz.sum(axis=(0, 2, 3))
""",
    "np.einsum": """
def conv2d_db(dz, x, w, stride, padding):
    return np.einsum("nfij->f", dz)
""",
    "a list of numbers, made an array": """
def conv2d_db(dz, *rest):
    return np.array([sum(sum(sum(row) for row in image[f]) for image in dz) for f in range(dz.shape[1])])
""",
    "apply_over_axes": """
def conv2d_db(dz, x=None, w=None, stride=1, padding=0):
    return np.apply_over_axes(np.sum, dz, [0, 2, 3]).squeeze((0, 2, 3))
""",
}

DX = {
    "np.add.at": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, O_h, O_w = dz.shape[1], *dz.shape[1:]
    K_h, K_w = w.shape[2:]
    share = np.einsum("nfij,fckl->ncikjl", dz, w)
    rows = stride * np.arange(O_h)[:, None] + np.arange(K_h)
    columns = stride * np.arange(O_w)[:, None] + np.arange(K_w)
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    np.add.at(dx_pad, (slice(None), slice(None), rows[:, :, None, None], columns), share)
    return dx_pad[:, :, padding : padding + H, padding : padding + W]
""",
    "zeros put in with np.kron": """
def conv2d_dx(dz, x, w, stride, padding):
    unit = np.zeros((1, 1, stride, stride))
    unit[..., 0, 0] = 1
    (H, W), (K_h, K_w) = x.shape[2:], w.shape[2:]
    spread = np.zeros((*dz.shape[:2], H + 2 * padding + K_h - 1 + stride, W + 2 * padding + K_w - 1 + stride))
    grown = np.kron(dz, unit)
    spread[:, :, K_h - 1 : K_h - 1 + grown.shape[2], K_w - 1 : K_w - 1 + grown.shape[3]] = grown
    turned = np.flip(w, axis=(2, 3))
    dx = np.zeros_like(x)
    for u in range(H):
        for v in range(W):
            window = spread[:, :, u + padding : u + padding + K_h, v + padding : v + padding + K_w]
            dx[:, :, u, v] = np.tensordot(window, turned, ([1, 2, 3], [0, 2, 3]))
    return dx
""",
    "SciPy's convolve2d, which turns the kernel": """
from scipy.signal import convolve2d

def conv2d_dx(dz, x, w, stride, padding):
    dx_pad = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    spread = np.zeros((*dz.shape[:2], stride * (dz.shape[2] - 1) + 1, stride * (dz.shape[3] - 1) + 1))
    spread[:, :, ::stride, ::stride] = dz
    for n, c, f in np.ndindex(*x.shape[:2], len(w)):
        full = convolve2d(spread[n, f], w[f, c], mode="full")
        dx_pad[n, c, : full.shape[0], : full.shape[1]] += full
    return dx_pad[:, :, padding : dx_pad.shape[2] - padding, padding : dx_pad.shape[3] - padding]
""",
    "fast Fourier transforms": """
from scipy.signal import fftconvolve

def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    spread = np.zeros((*dz.shape[:2], stride * (dz.shape[2] - 1) + 1, stride * (dz.shape[3] - 1) + 1))
    spread[:, :, ::stride, ::stride] = dz
    full = fftconvolve(spread[:, :, None], w[None], axes=(3, 4)).sum(axis=1)
    room = [(0, max(0, size + padding - have)) for size, have in zip((H, W), full.shape[2:])]
    return np.pad(full, ((0, 0), (0, 0), *room))[:, :, padding : padding + H, padding : padding + W]
""",
    "zeros put in with np.insert, without the padding larger than K − 1": """
def conv2d_dx(dz, x, w, stride, padding):
    K_h, K_w = w.shape[2:]
    for axis in (2, 3):
        places = np.repeat(np.arange(1, dz.shape[axis]), stride - 1)
        dz = np.insert(dz, places, 0, axis=axis)
    rest = [(x.shape[axis] + 2 * padding - w.shape[axis]) % stride for axis in (2, 3)]
    around = [(K - 1 - padding, K - 1 - padding + more) for K, more in zip((K_h, K_w), rest)]
    dz = np.pad(dz, ((0, 0), (0, 0), *around))
    windows = np.lib.stride_tricks.sliding_window_view(dz, (K_h, K_w), axis=(2, 3))
    return np.tensordot(windows, w[:, :, ::-1, ::-1], ((1, 4, 5), (0, 2, 3))).transpose(0, 3, 1, 2)
""",
    "a matrix of the whole layer": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h, O_w = dz.shape[2:]
    matrix = np.zeros((F, O_h, O_w, C, H + 2 * padding, W + 2 * padding))
    for i, j in np.ndindex(O_h, O_w):
        matrix[:, i, j, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w] = w
    dx_pad = dz.reshape(N, -1) @ matrix.reshape(F * O_h * O_w, -1)
    dx_pad = dx_pad.reshape(N, C, H + 2 * padding, W + 2 * padding)
    return dx_pad[:, :, padding : padding + H, padding : padding + W]
""",
    "finite differences, as the loss is linear in x": """
def conv2d_dx(dz, x, w, stride, padding):
    (K_h, K_w), p = w.shape[2:], padding
    def loss(x):
        x_pad = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(x_pad, (K_h, K_w), (2, 3))[:, :, ::stride, ::stride]
        return np.sum(dz * np.einsum("ncijkl,fckl->nfij", windows, w))
    dx = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        one = np.zeros_like(x)
        one[at] = 1.0
        dx[at] = loss(one)
    return dx
""",
}

BACKWARD = {
    "a list of results": """
def conv2d_backward(dz, x, w, stride, padding):
    (H, W), (K_h, K_w), p = x.shape[2:], w.shape[2:], padding
    x_pad = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    grads = [np.zeros_like(x_pad), np.zeros_like(w), np.zeros(len(w))]
    for n, f, i, j in np.ndindex(dz.shape):
        here = np.s_[n, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
        grads[0][here] += dz[n, f, i, j] * w[f]
        grads[1][f] += dz[n, f, i, j] * x_pad[here]
        grads[2][f] += dz[n, f, i, j]
    grads[0] = grads[0][:, :, p : p + H, p : p + W]
    return grads
""",
    "einsum three times": """
def conv2d_backward(dz, x, w, stride, padding):
    p = padding
    x_pad = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dx_pad = np.zeros_like(x_pad)
    view = lambda array, writeable=False: np.lib.stride_tricks.sliding_window_view(
        array, w.shape[2:], (2, 3), writeable=writeable)[:, :, ::stride, ::stride]
    into = view(dx_pad, True)
    for k, l in np.ndindex(w.shape[2:]):
        into[..., k, l] += np.einsum("nfij,fc->ncij", dz, w[:, :, k, l])
    dx = dx_pad[:, :, p : dx_pad.shape[2] - p, p : dx_pad.shape[3] - p]
    return dx, np.einsum("nfij,ncijkl->fckl", dz, view(x_pad)), np.einsum("nfij->f", dz)
""",
}

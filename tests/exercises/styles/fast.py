"""Right answers to the fast tasks, as source text, in the styles that learners write them in."""

CONV2D_FAST = {
    "windows": """
def conv2d_fast(x, w, b, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    view = np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    return np.einsum("ncijkl,fckl->nfij", view, w) + b.reshape(1, -1, 1, 1)
""",
    "taps": """
def conv2d_fast(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    z = np.zeros((N, F, O_h, O_w))
    for k in range(K_h):
        for l in range(K_w):
            seen = x_pad[:, :, k : k + stride * O_h : stride, l : l + stride * O_w : stride][:, :, :O_h, :O_w]
            z += np.einsum("ncij,fc->nfij", seen, w[:, :, k, l])
    return z + b[None, :, None, None]
""",
    # im2col: a matrix with a column for each window
    "matrix": """
def conv2d_fast(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    columns = np.empty((N, C, K_h, K_w, O_h, O_w))
    for k in range(K_h):
        for l in range(K_w):
            columns[:, :, k, l] = x_pad[:, :, k:, l:][:, :, : stride * O_h : stride, : stride * O_w : stride]
    columns = columns.reshape(N, C * K_h * K_w, O_h * O_w)
    z = w.reshape(F, -1) @ columns + b[:, None]
    return z.reshape(N, F, O_h, O_w)
""",
}

CONV2D_BACKWARD_FAST = {
    "taps": """
def conv2d_backward_fast(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    _, _, O_h, O_w = dz.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx_pad = np.zeros(x_pad.shape)
    dw = np.zeros(w.shape)
    db = dz.sum(axis=(0, 2, 3))
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):
            rows = slice(k, k + stride * (O_h - 1) + 1, stride)
            columns = slice(l, l + stride * (O_w - 1) + 1, stride)
            dw[:, :, k, l] = np.einsum("nfij,ncij->fc", dz, x_pad[:, :, rows, columns])
            dx_pad[:, :, rows, columns] += np.einsum("nfij,fc->ncij", dz, w[:, :, k, l])
    return dx_pad[:, :, padding : padding + H, padding : padding + W], dw, db
""",
    # zeros between the gradients, and two correlations
    "correlations": """
from numpy.lib.stride_tricks import sliding_window_view

def conv2d_backward_fast(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h, O_w = dz.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = sliding_window_view(x_pad, (K_h, K_w), axis=(2, 3))[:, :, ::stride, ::stride]
    dw = np.tensordot(dz, seen, axes=((0, 2, 3), (0, 2, 3)))
    apart = np.zeros((N, F, x_pad.shape[2] + K_h - 1, x_pad.shape[3] + K_w - 1))
    bottom, right = K_h - 1 + stride * (O_h - 1) + 1, K_w - 1 + stride * (O_w - 1) + 1
    apart[:, :, K_h - 1 : bottom : stride, K_w - 1 : right : stride] = dz
    around = sliding_window_view(apart, (K_h, K_w), axis=(2, 3))
    dx_pad = np.einsum("nfuvkl,fckl->ncuv", around, w[:, :, ::-1, ::-1])
    dx = dx_pad[:, :, padding : H + padding, padding : W + padding]
    return dx, dw, np.einsum("nfij->f", dz)
""",
}

MAX_POOL2D_FAST = {
    "windows": """
def max_pool2d_fast(x, size, stride):
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    return view.max(axis=(-2, -1))
""",
    "taps": """
def max_pool2d_fast(x, size, stride):
    O_h = (x.shape[2] - size) // stride + 1
    O_w = (x.shape[3] - size) // stride + 1
    z = None
    for k in range(size):
        for l in range(size):
            seen = x[:, :, k : k + stride * (O_h - 1) + 1 : stride, l : l + stride * (O_w - 1) + 1 : stride]
            z = seen.copy() if z is None else np.maximum(z, seen)
    return z
""",
}

"""Right answers to the tasks of a convolution layer, as source text, in the styles that learners write them in.

Tests put mistakes into them by small edits, so nothing here shares code with the recipes.
"""

OUTPUT_SIZE = {
    "formula": """
def output_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1
""",
    "steps": """
def output_size(size, kernel, stride, padding):
    padded = size + padding + padding
    last_start = padded - kernel
    steps = int(last_start / stride)
    return steps + 1
""",
    "walk": """
def output_size(size, kernel, stride, padding):
    count, start = 0, 0
    while start + kernel <= size + 2 * padding:
        count += 1
        start += stride
    return count
""",
}

CONV2D = {
    # loops over everything, an array of zeros around x
    "loops": """
def conv2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    x_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    x_pad[:, :, padding : padding + H, padding : padding + W] = x
    z = np.zeros((N, F, O_h, O_w))
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    for c in range(C):
                        for k in range(K_h):
                            for l in range(K_w):
                                z[n, f, i, j] += w[f, c, k, l] * x_pad[n, c, i * stride + k, j * stride + l]
                    z[n, f, i, j] += b[f]
    return z
""",
    # loops over everything, and a question before each product instead of padding
    "guarded": """
def conv2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h = int(np.floor((H + 2 * padding - K_h) / stride)) + 1
    O_w = int(np.floor((W + 2 * padding - K_w) / stride)) + 1
    z = np.empty((N, F, O_h, O_w))
    for n, f, i, j in np.ndindex(z.shape):
        total = 0.0
        for c, k, l in np.ndindex(C, K_h, K_w):
            u = i * stride + k - padding
            v = j * stride + l - padding
            if 0 <= u < H and 0 <= v < W:
                total += x[n, c, u, v] * w[f, c, k, l]
        z[n, f, i, j] = total + b[f]
    return z
""",
    # a window at a time, one image and one filter
    "windows": """
def conv2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h = 1 + (H + 2 * padding - K_h) // stride
    O_w = 1 + (W + 2 * padding - K_w) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = np.zeros((N, F, O_h, O_w))
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    top, left = i * stride, j * stride
                    window = x_pad[n, :, top : top + K_h, left : left + K_w]
                    z[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return z
""",
    # a window at a time, all images and filters
    "einsum": """
def conv2d(x, w, b, stride, padding):
    K_h, K_w = w.shape[2:]
    x_pad = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)], mode="constant")
    O_h = (x_pad.shape[2] - K_h) // stride + 1
    O_w = (x_pad.shape[3] - K_w) // stride + 1
    z = np.zeros((x.shape[0], w.shape[0], O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            z[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return z
""",
    # im2col and one matrix product
    "im2col": """
def im2col(x, K_h, K_w, stride):
    N, C, H, W = x.shape
    O_h, O_w = (H - K_h) // stride + 1, (W - K_w) // stride + 1
    columns = np.zeros((N, C, K_h, K_w, O_h, O_w), x.dtype)
    for k in range(K_h):
        for l in range(K_w):
            columns[:, :, k, l] = x[:, :, k : k + O_h * stride : stride, l : l + O_w * stride : stride]
    return columns.transpose(0, 4, 5, 1, 2, 3).reshape(N * O_h * O_w, C * K_h * K_w), O_h, O_w

def conv2d(x, w, b, stride, padding):
    F, C, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    columns, O_h, O_w = im2col(x_pad, K_h, K_w, stride)
    z = columns @ w.reshape(F, -1).T + b
    return z.reshape(len(x), O_h, O_w, F).transpose(0, 3, 1, 2)
""",
    # no loop: a view of all windows
    "view": """
from numpy.lib.stride_tricks import sliding_window_view

def conv2d(x, w, b, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    z = np.einsum("ncijkl,fckl->nfij", windows, w)
    return z + b[None, :, None, None]
""",
    # a loop over taps: each is a strided slice
    "taps": """
def conv2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    F, C, K_h, K_w = w.shape
    x_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    x_pad[:, :, padding : padding + H, padding : padding + W] = x
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
    z = np.zeros((N, F, O_h, O_w))
    for k in range(K_h):
        for l in range(K_w):
            seen = x_pad[:, :, k : k + stride * (O_h - 1) + 1 : stride, l : l + stride * (O_w - 1) + 1 : stride]
            z += np.einsum("ncij,fc->nfij", seen, w[:, :, k, l])
    return z + b.reshape(1, -1, 1, 1)
""",
}

DW = {
    "loops": """
def conv2d_dw(dz, x, w, stride, padding):
    N, F, O_h, O_w = dz.shape
    _, C, K_h, K_w = w.shape
    _, _, H, W = x.shape
    x_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    x_pad[:, :, padding : padding + H, padding : padding + W] = x
    dw = np.zeros((F, C, K_h, K_w))
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    for c in range(C):
                        for k in range(K_h):
                            for l in range(K_w):
                                dw[f, c, k, l] += dz[n, f, i, j] * x_pad[n, c, i * stride + k, j * stride + l]
    return dw
""",
    "guarded": """
def conv2d_dw(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    N, F, O_h, O_w = dz.shape
    dw = np.zeros_like(w)
    for f, c, k, l in np.ndindex(w.shape):
        total = 0.0
        for n, i, j in np.ndindex(N, O_h, O_w):
            u = i * stride + k - padding
            v = j * stride + l - padding
            if 0 <= u < H and 0 <= v < W:
                total += dz[n, f, i, j] * x[n, c, u, v]
        dw[f, c, k, l] = total
    return dw
""",
    "windows": """
def conv2d_dw(dz, x, w, stride, padding):
    N, F, O_h, O_w = dz.shape
    F, C, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.zeros(w.shape)
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    window = x_pad[n, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
                    dw[f] += window * dz[n, f, i, j]
    return dw
""",
    "einsum": """
def conv2d_dw(dz, x, w, stride, padding):
    K_h, K_w = w.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.zeros(w.shape)
    for i in range(dz.shape[2]):
        for j in range(dz.shape[3]):
            window = x_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            dw += np.tensordot(dz[:, :, i, j], window, axes=(0, 0))
    return dw
""",
    "taps": """
def conv2d_dw(dz, x, w, stride, padding):
    F, C, K_h, K_w = w.shape
    O_h, O_w = dz.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.zeros(w.shape)
    for k in range(K_h):
        for l in range(K_w):
            met = x_pad[:, :, k : k + stride * O_h : stride, l : l + stride * O_w : stride][:, :, :O_h, :O_w]
            dw[:, :, k, l] = np.einsum("nfij,ncij->fc", dz, met)
    return dw
""",
    "view": """
from numpy.lib.stride_tricks import sliding_window_view

def conv2d_dw(dz, x, w, stride, padding):
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    dw = np.einsum("nfij,ncijkl->fckl", dz, windows)
    return dw
""",
}

DB = {
    "sum": """
def conv2d_db(dz, x, w, stride, padding):
    db = np.sum(dz, axis=(0, 2, 3))
    return db
""",
    "loops": """
def conv2d_db(dz, x, w, stride, padding):
    N, F, O_h, O_w = dz.shape
    db = np.zeros(F)
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    db[f] += dz[n, f, i, j]
    return db
""",
    "filters": """
def conv2d_db(dz, x, w, stride, padding):
    db = np.zeros(len(w))
    for f in range(len(w)):
        db[f] = dz[:, f].sum()
    return db
""",
    "images": """
def conv2d_db(dz, x, w, stride, padding):
    db = np.zeros(dz.shape[1])
    for dz_n in dz:
        db += dz_n.sum(axis=1).sum(axis=1)
    return db
""",
    "outputs": """
def conv2d_db(dz, x, w, stride, padding):
    N, F, O_h, O_w = dz.shape
    db = np.zeros(F)
    for i in range(O_h):
        for j in range(O_w):
            db += dz[:, :, i, j].sum(axis=0)
    return db
""",
    "matrix": """
def conv2d_db(dz, x, w, stride, padding):
    rows = dz.transpose(1, 0, 2, 3).reshape(dz.shape[1], -1)
    return rows @ np.ones(rows.shape[1])
""",
}

DX = {
    # every product is sent to where its input lies
    "loops": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    _, _, O_h, O_w = dz.shape
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    for c in range(C):
                        for k in range(K_h):
                            for l in range(K_w):
                                dx_pad[n, c, i * stride + k, j * stride + l] += dz[n, f, i, j] * w[f, c, k, l]
    return dx_pad[:, :, padding : padding + H, padding : padding + W]
""",
    # every input asks which outputs have read it
    "gather": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    _, _, O_h, O_w = dz.shape
    dx = np.zeros((N, C, H, W))
    for n, c, u, v in np.ndindex(dx.shape):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    k = u + padding - i * stride
                    l = v + padding - j * stride
                    if 0 <= k < K_h and 0 <= l < K_w:
                        dx[n, c, u, v] += dz[n, f, i, j] * w[f, c, k, l]
    return dx
""",
    # every input asks, tap by tap, whether there is an output that met it there
    "asks": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    _, _, K_h, K_w = w.shape
    _, _, O_h, O_w = dz.shape
    dx = np.zeros(x.shape)
    for u, v, k, l in np.ndindex(H, W, K_h, K_w):
        i, row_left = divmod(u + padding - k, stride)
        j, column_left = divmod(v + padding - l, stride)
        if row_left == 0 and column_left == 0 and 0 <= i < O_h and 0 <= j < O_w:
            dx[:, :, u, v] += dz[:, :, i, j] @ w[:, :, k, l]
    return dx
""",
    "asks in loops": """
def conv2d_dx(dz, x, w, stride, padding):
    dx = np.zeros_like(x)
    for n, c, u, v in np.ndindex(dx.shape):
        for f, _, k, l in np.ndindex(w.shape):
            if _ != c:
                continue
            top, left = u + padding - k, v + padding - l
            if top % stride or left % stride:
                continue
            i, j = top // stride, left // stride
            if i >= 0 and j >= 0 and i < dz.shape[2] and j < dz.shape[3]:
                dx[n, c, u, v] += w[f, c, k, l] * dz[n, f, i, j]
    return dx
""",
    # a stamp at a time, one image and one filter
    "stamps": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h, O_w = dz.shape[2:]
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    top, left = i * stride, j * stride
                    dx_pad[n, :, top : top + K_h, left : left + K_w] += w[f] * dz[n, f, i, j]
    dx = dx_pad[:, :, padding : padding + H, padding : padding + W]
    return dx
""",
    # a stamp at a time, all images and filters
    "einsum": """
def conv2d_dx(dz, x, w, stride, padding):
    H, W = x.shape[2:]
    K_h, K_w = w.shape[2:]
    dx_pad = np.pad(np.zeros_like(x), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for i in range(dz.shape[2]):
        for j in range(dz.shape[3]):
            rows, columns = slice(i * stride, i * stride + K_h), slice(j * stride, j * stride + K_w)
            dx_pad[:, :, rows, columns] += np.einsum("nf,fckl->nckl", dz[:, :, i, j], w)
    return dx_pad[:, :, padding : dx_pad.shape[2] - padding, padding : dx_pad.shape[3] - padding]
""",
    # a loop over taps: each reaches a strided slice
    "taps": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    O_h, O_w = dz.shape[2:]
    dx_pad = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for k in range(K_h):
        for l in range(K_w):
            share = np.einsum("nfij,fc->ncij", dz, w[:, :, k, l])
            dx_pad[:, :, k : k + stride * (O_h - 1) + 1 : stride, l : l + stride * (O_w - 1) + 1 : stride] += share
    return dx_pad[:, :, padding : padding + H, padding : padding + W]
""",
    # the turned kernel slides over the gradients, with zeros between and around them
    "full": """
from numpy.lib.stride_tricks import sliding_window_view

def conv2d_dx(dz, x, w, stride, padding):
    N, F, O_h, O_w = dz.shape
    K_h, K_w = w.shape[2:]
    rest_h = (x.shape[2] + 2 * padding - K_h) % stride
    rest_w = (x.shape[3] + 2 * padding - K_w) % stride
    spread = np.zeros((N, F, (O_h - 1) * stride + 1, (O_w - 1) * stride + 1))
    spread[:, :, ::stride, ::stride] = dz
    top, left = K_h - 1 - padding, K_w - 1 - padding
    spread = np.pad(spread, ((0, 0), (0, 0), (top, top + rest_h), (left, left + rest_w)))
    turned = w[:, :, ::-1, ::-1]
    windows = sliding_window_view(spread, (K_h, K_w), axis=(2, 3))
    dx = np.einsum("nfuvkl,fckl->ncuv", windows, turned)
    return dx
""",
    # the same in loops, with np.rot90, np.insert and np.sum
    "rot90": """
def conv2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for f in range(F):
            grown = np.zeros((H + 2 * padding + K_h - 1, W + 2 * padding + K_w - 1))
            for i in range(dz.shape[2]):
                for j in range(dz.shape[3]):
                    grown[K_h - 1 + i * stride, K_w - 1 + j * stride] = dz[n, f, i, j]
            grown = grown[padding:, padding:]
            for c in range(C):
                kernel = np.rot90(w[f, c], 2)
                for u in range(H):
                    for v in range(W):
                        dx[n, c, u, v] += np.sum(grown[u : u + K_h, v : v + K_w] * kernel)
    return dx
""",
}

BACKWARD = {
    "loops": """
def conv2d_backward(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    _, _, O_h, O_w = dz.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    db = np.zeros(F)
    for n in range(N):
        for f in range(F):
            for i in range(O_h):
                for j in range(O_w):
                    top, left, d = i * stride, j * stride, dz[n, f, i, j]
                    db[f] += d
                    dw[f] += d * x_pad[n, :, top : top + K_h, left : left + K_w]
                    dx_pad[n, :, top : top + K_h, left : left + K_w] += d * w[f]
    dx = dx_pad[:, :, padding : padding + H, padding : padding + W]
    return dx, dw, db
""",
    "view": """
from numpy.lib.stride_tricks import sliding_window_view

def conv2d_backward(dz, x, w, stride, padding):
    H, W = x.shape[2:]
    K_h, K_w = w.shape[2:]
    O_h, O_w = dz.shape[2:]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x_pad, (K_h, K_w), axis=(2, 3))[:, :, ::stride, ::stride]
    dw = np.tensordot(dz, windows, axes=([0, 2, 3], [0, 2, 3]))
    db = dz.sum(axis=(0, 2, 3))
    dx_pad = np.zeros(x_pad.shape)
    for k in range(K_h):
        for l in range(K_w):
            share = np.tensordot(dz, w[:, :, k, l], axes=(1, 0)).transpose(0, 3, 1, 2)
            dx_pad[:, :, k : k + stride * (O_h - 1) + 1 : stride, l : l + stride * (O_w - 1) + 1 : stride] += share
    dx = dx_pad[:, :, padding : padding + H, padding : padding + W]
    return dx, dw, db
""",
    "apart": """
def weights(dz, x_pad, shape, stride):
    dw = np.zeros(shape)
    for i in range(dz.shape[2]):
        for j in range(dz.shape[3]):
            window = x_pad[:, :, i * stride : i * stride + shape[2], j * stride : j * stride + shape[3]]
            dw += np.einsum("nf,nckl->fckl", dz[:, :, i, j], window)
    return dw

def inputs(dz, w, shape, stride):
    dx_pad = np.zeros(shape)
    for i in range(dz.shape[2]):
        for j in range(dz.shape[3]):
            stamp = np.einsum("nf,fckl->nckl", dz[:, :, i, j], w)
            dx_pad[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]] += stamp
    return dx_pad

def conv2d_backward(dz, x, w, stride, padding):
    p, (N, C, H, W) = padding, x.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dw = weights(dz, x_pad, w.shape, stride)
    dx = inputs(dz, w, x_pad.shape, stride)[:, :, p : p + H, p : p + W]
    db = dz.sum(axis=(0, 2, 3))
    return dx, dw, db
""",
}

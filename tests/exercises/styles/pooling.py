"""Right answers to the tasks of pooling, as source text, in the styles that learners write them in.

Tests put mistakes into them by small edits, so nothing here shares code with the recipes. `loops` and `slices` of one
direction have their lines in common, so that the same edits fit both kinds of pooling.
"""

MAX_POOL2D = {
    # one cell after the other
    "loops": """
def max_pool2d(x, size, stride):
    N, C, H, W = x.shape
    O_h = (H - size) // stride + 1
    O_w = (W - size) // stride + 1
    z = np.zeros((N, C, O_h, O_w))
    for n in range(N):
        for c in range(C):
            for i in range(O_h):
                for j in range(O_w):
                    best = -np.inf
                    for k in range(size):
                        for l in range(size):
                            value = x[n, c, i * stride + k, j * stride + l]
                            if value > best:
                                best = value
                    z[n, c, i, j] = best
    return z
""",
    # one window after the other, for all images and channels at once
    "slices": """
def max_pool2d(x, size, stride):
    N, C, H, W = x.shape
    O_h = (H - size) // stride + 1
    O_w = (W - size) // stride + 1
    z = np.zeros((N, C, O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            z[:, :, i, j] = window.max(axis=(2, 3))
    return z
""",
    # one tap after the other, for all windows at once
    "taps": """
def max_pool2d(x, size, stride):
    O_h = (x.shape[2] - size) // stride + 1
    O_w = (x.shape[3] - size) // stride + 1
    z = np.full((*x.shape[:2], O_h, O_w), -np.inf)
    for k in range(size):
        for l in range(size):
            seen = x[:, :, k : k + stride * O_h : stride, l : l + stride * O_w : stride]
            z = np.maximum(z, seen[:, :, :O_h, :O_w])
    return z
""",
    "windows": """
def max_pool2d(x, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride].max(axis=(4, 5))
""",
    "strided": """
def max_pool2d(x, size, stride):
    N, C, H, W = x.shape
    shape = (N, C, (H - size) // stride + 1, (W - size) // stride + 1, size, size)
    n, c, h, w = x.strides
    view = np.lib.stride_tricks.as_strided(x, shape, (n, c, h * stride, w * stride, h, w))
    return np.amax(view, (-2, -1))
""",
    "columns": """
def max_pool2d(x, size, stride):
    N, C, H, W = x.shape
    O_h, O_w = (H - size) // stride + 1, (W - size) // stride + 1
    rows = stride * np.repeat(np.arange(O_h), O_w)[:, None] + np.repeat(np.arange(size), size)
    columns = stride * np.tile(np.arange(O_w), O_h)[:, None] + np.tile(np.arange(size), size)
    return x[:, :, rows, columns].max(axis=-1).reshape(N, C, O_h, O_w)
""",
    "reshaped": """
def max_pool2d(x, size, stride):
    N, C, H, W = x.shape
    if stride == size:
        x = x[:, :, : H // size * size, : W // size * size]
        return x.reshape(N, C, H // size, size, W // size, size).max(axis=(3, 5))
    return np.array([[[[x[n, c, i : i + size, j : j + size].max() for j in range(0, W - size + 1, stride)]
                       for i in range(0, H - size + 1, stride)] for c in range(C)] for n in range(N)])
""",
    "single": """
def max_pool2d(x, size, stride):
    x = x.astype(np.float32)
    height = range(0, x.shape[2] - size + 1, stride)
    width = range(0, x.shape[3] - size + 1, stride)
    z = np.empty((x.shape[0], x.shape[1], len(height), len(width)), np.float32)
    for n, image in enumerate(x):
        for c, channel in enumerate(image):
            z[n, c] = [[max(max(row[v : v + size]) for row in channel[u : u + size]) for v in width] for u in height]
    return z
""",
}

AVG_POOL2D = {
    "loops": """
def avg_pool2d(x, size, stride):
    N, C, H, W = x.shape
    O_h = (H - size) // stride + 1
    O_w = (W - size) // stride + 1
    z = np.zeros((N, C, O_h, O_w))
    for n in range(N):
        for c in range(C):
            for i in range(O_h):
                for j in range(O_w):
                    total = 0.0
                    for k in range(size):
                        for l in range(size):
                            total += x[n, c, i * stride + k, j * stride + l]
                    z[n, c, i, j] = total / size**2
    return z
""",
    "slices": """
def avg_pool2d(x, size, stride):
    N, C, H, W = x.shape
    O_h = (H - size) // stride + 1
    O_w = (W - size) // stride + 1
    z = np.zeros((N, C, O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            z[:, :, i, j] = window.mean(axis=(2, 3))
    return z
""",
    "taps": """
def avg_pool2d(x, size, stride):
    O_h = (x.shape[2] - size) // stride + 1
    O_w = (x.shape[3] - size) // stride + 1
    z = 0
    for k in range(size):
        for l in range(size):
            z = z + x[:, :, k : k + stride * O_h : stride, l : l + stride * O_w : stride][:, :, :O_h, :O_w]
    return z / (size * size)
""",
    "windows": """
def avg_pool2d(x, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride].mean(axis=(4, 5))
""",
    "product": """
def avg_pool2d(x, size, stride):
    H, W = x.shape[2:]
    def averages(cells):
        starts = np.arange(0, cells - size + 1, stride)[:, None]
        return ((np.arange(cells) >= starts) & (np.arange(cells) < starts + size)) / size
    return np.einsum("iu,ncuv,jv->ncij", averages(H), x, averages(W))
""",
    "cumulated": """
def avg_pool2d(x, size, stride):
    total = np.pad(x, ((0, 0), (0, 0), (1, 0), (1, 0))).cumsum(2).cumsum(3)
    total = total[:, :, size:] - total[:, :, :-size]
    total = total[..., size:] - total[..., :-size]
    return total[:, :, ::stride, ::stride] / size**2
""",
    "reshaped": """
def avg_pool2d(x, size, stride):
    N, C, H, W = x.shape
    if stride == size and H % size == 0 and W % size == 0:
        return x.reshape(N, C, H // size, size, W // size, size).mean(5).mean(3)
    return np.array([[[[np.average(x[n, c, i : i + size, j : j + size]) for j in range(0, W - size + 1, stride)]
                       for i in range(0, H - size + 1, stride)] for c in range(C)] for n in range(N)])
""",
    "single": """
def avg_pool2d(x, size, stride):
    x = x.astype("float32")
    N, C, H, W = x.shape
    z = np.empty((N, C, (H - size) // stride + 1, (W - size) // stride + 1), dtype="float32")
    for n, c, i, j in np.ndindex(z.shape):
        z[n, c, i, j] = x[n, c, i * stride :, j * stride :][:size, :size].sum() * (1 / size**2)
    return z
""",
}

MAX_POOL2D_BACKWARD = {
    "loops": """
def max_pool2d_backward(dz, x, size, stride):
    N, C, H, W = x.shape
    O_h, O_w = dz.shape[2:]
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            for i in range(O_h):
                for j in range(O_w):
                    best = -np.inf
                    for k in range(size):
                        for l in range(size):
                            value = x[n, c, i * stride + k, j * stride + l]
                            if value > best:
                                best, u, v = value, i * stride + k, j * stride + l
                    dx[n, c, u, v] += dz[n, c, i, j]
    return dx
""",
    "argmax": """
def max_pool2d_backward(dz, x, size, stride):
    N, C, H, W = x.shape
    O_h, O_w = dz.shape[2:]
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            for i in range(O_h):
                for j in range(O_w):
                    window = x[n, c, i * stride : i * stride + size, j * stride : j * stride + size]
                    k, l = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, i * stride + k, j * stride + l] += dz[n, c, i, j]
    return dx
""",
    # a mask of the first maximum in each window, for all images and channels at once
    "slices": """
def max_pool2d_backward(dz, x, size, stride):
    N, C, H, W = x.shape
    O_h, O_w = dz.shape[2:]
    dx = np.zeros((N, C, H, W))
    for i in range(O_h):
        for j in range(O_w):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            flat = window.reshape(N, C, -1)
            mask = np.arange(flat.shape[2]) == flat.argmax(axis=2)[:, :, None]
            part = mask.reshape(window.shape) * dz[:, :, i, j][:, :, None, None]
            dx[:, :, i * stride : i * stride + size, j * stride : j * stride + size] += part
    return dx
""",
    "masks": """
def max_pool2d_backward(dz, x, size, stride):
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dz.shape):
        rows, columns = slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
        window = x[n, c, rows, columns]
        mask = window == window.max()
        mask[mask] = np.arange(mask.sum()) == 0
        dx[n, c, rows, columns] += mask * dz[n, c, i, j]
    return dx
""",
    "windows": """
def max_pool2d_backward(dz, x, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    k, l = np.divmod(windows.reshape(*dz.shape, -1).argmax(axis=-1), size)
    n, c, i, j = np.indices(dz.shape)
    dx = np.zeros(x.shape)
    np.add.at(dx, (n, c, i * stride + k, j * stride + l), dz)
    return dx
""",
    "taps": """
def max_pool2d_backward(dz, x, size, stride):
    N, C, O_h, O_w = dz.shape
    dx = np.zeros(x.shape)
    taps = {(k, l): (slice(None), slice(None), slice(k, k + (O_h - 1) * stride + 1, stride),
                     slice(l, l + (O_w - 1) * stride + 1, stride)) for k in range(size) for l in range(size)}
    z = np.max([x[tap] for tap in taps.values()], axis=0)
    free = np.ones(dz.shape, bool)
    for tap in taps.values():
        wins = free & (x[tap] == z)
        dx[tap] += np.where(wins, dz, 0)
        free &= ~wins
    return dx
""",
    "counted": """
def max_pool2d_backward(dz, x, size, stride):
    N, C, H, W = x.shape
    O_h, O_w = dz.shape[2:]
    places = np.empty(dz.shape, int)
    for i in range(O_h):
        for j in range(O_w):
            window = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size].reshape(N, C, -1)
            k, l = np.unravel_index(window.argmax(2), (size, size))
            places[:, :, i, j] = (i * stride + k) * W + j * stride + l
    places += np.arange(N * C).reshape(N, C, 1, 1) * H * W
    return np.bincount(places.ravel(), dz.ravel(), N * C * H * W).reshape(x.shape)
""",
    "single": """
def max_pool2d_backward(dz, x, size, stride):
    dx = np.zeros(x.shape, np.float32)
    for (n, c, i, j), gradient in np.ndenumerate(dz):
        top, left = i * stride, j * stride
        cells = [(top + k, left + l) for k in range(size) for l in range(size)]
        u, v = max(cells, key=lambda cell: x[n, c, cell[0], cell[1]])
        dx[n, c, u, v] += gradient
    return dx
""",
}

AVG_POOL2D_BACKWARD = {
    "loops": """
def avg_pool2d_backward(dz, x, size, stride):
    N, C, H, W = x.shape
    O_h, O_w = dz.shape[2:]
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            for i in range(O_h):
                for j in range(O_w):
                    for k in range(size):
                        for l in range(size):
                            dx[n, c, i * stride + k, j * stride + l] += dz[n, c, i, j] / size**2
    return dx
""",
    "slices": """
def avg_pool2d_backward(dz, x, size, stride):
    N, C, H, W = x.shape
    O_h, O_w = dz.shape[2:]
    dx = np.zeros((N, C, H, W))
    for i in range(O_h):
        for j in range(O_w):
            part = dz[:, :, i, j][:, :, None, None] / size**2
            dx[:, :, i * stride : i * stride + size, j * stride : j * stride + size] += part
    return dx
""",
    "taps": """
def avg_pool2d_backward(dz, x, size, stride):
    N, C, O_h, O_w = dz.shape
    dx = np.zeros(x.shape)
    for k in range(size):
        for l in range(size):
            dx[:, :, k : k + (O_h - 1) * stride + 1 : stride, l : l + (O_w - 1) * stride + 1 : stride] += dz / size**2
    return dx
""",
    "ones": """
def avg_pool2d_backward(dz, x, size, stride):
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dz.shape):
        rows, columns = slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
        dx[n, c, rows, columns] += np.ones((size, size)) * dz[n, c, i, j] / (size * size)
    return dx
""",
    "product": """
def avg_pool2d_backward(dz, x, size, stride):
    def averages(cells, outputs):
        starts = np.arange(outputs)[:, None] * stride
        return ((np.arange(cells) >= starts) & (np.arange(cells) < starts + size)) / size
    return np.einsum("iu,ncij,jv->ncuv", averages(x.shape[2], dz.shape[2]), dz, averages(x.shape[3], dz.shape[3]))
""",
    "scattered": """
def avg_pool2d_backward(dz, x, size, stride):
    n, c, i, j, k, l = np.indices((*dz.shape, size, size))
    dx = np.zeros(x.shape)
    np.add.at(dx, (n, c, i * stride + k, j * stride + l), np.broadcast_to(dz[..., None, None] / size**2, n.shape))
    return dx
""",
    "repeated": """
def avg_pool2d_backward(dz, x, size, stride):
    dx = np.zeros(x.shape)
    if size == stride:
        spread = np.kron(dz, np.full((1, 1, size, size), 1 / size**2))
        dx[:, :, : spread.shape[2], : spread.shape[3]] = spread
        return dx
    for u in range(x.shape[2]):
        for v in range(x.shape[3]):
            rows = [i for i in range(dz.shape[2]) if i * stride <= u < i * stride + size]
            columns = [j for j in range(dz.shape[3]) if j * stride <= v < j * stride + size]
            dx[:, :, u, v] = dz[:, :, rows][:, :, :, columns].sum(axis=(2, 3)) / size**2
    return dx
""",
    "single": """
def avg_pool2d_backward(dz, x, size, stride):
    dx = np.zeros(x.shape, dtype=np.float32)
    for (n, c, i, j), gradient in np.ndenumerate(dz.astype(np.float32)):
        dx[n, c, i * stride : i * stride + size, j * stride : j * stride + size] += gradient / size**2
    return dx
""",
}

"""Right answers to the tasks about stamps, as source text, in the styles that learners write them in.

Tests put mistakes into them by small edits, so nothing here shares code with the recipes.
"""

DX = {
    # a window of the padded gradient for each input
    "slices": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    _, F, K_h, K_w = w.shape
    dz_pad = np.pad(dz, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx = np.zeros((N, C, H, W))
    for i in range(H):
        for j in range(W):
            window = dz_pad[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w]
            dx[:, :, i, j] = np.einsum("nfkl,cfkl->nc", window, w)
    return dx
""",
    # every product by itself, each asked whether there is such a cell
    "guarded": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    _, F, K_h, K_w = w.shape
    O_h, O_w = dz.shape[2:]
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    for f in range(F):
                        for k in range(K_h):
                            for l in range(K_w):
                                u, v = i * stride + k - padding, j * stride + l - padding
                                if 0 <= u < O_h and 0 <= v < O_w:
                                    dx[n, c, i, j] += dz[n, f, u, v] * w[c, f, k, l]
    return dx
""",
    # one tap after the other, for all inputs at once
    "taps": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    N, C, H, W = x.shape
    _, F, K_h, K_w = w.shape
    dz_pad = np.pad(dz, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    dx = np.zeros(x.shape)
    for k in range(K_h):
        for l in range(K_w):
            heard = dz_pad[:, :, k : k + (H - 1) * stride + 1 : stride, l : l + (W - 1) * stride + 1 : stride]
            dx += np.einsum("nfij,cf->ncij", heard, w[:, :, k, l])
    return dx
""",
    # all windows at once
    "view": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    dz_pad = np.pad(dz, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(dz_pad, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("nfijkl,cfkl->ncij", windows, w)
""",
    # a window that is copied into zeros, cell by cell
    "canvas": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    dx = np.empty(x.shape)
    O_h, O_w = dz.shape[2:]
    wide = np.zeros((len(dz), dz.shape[1], O_h + 2 * padding, O_w + 2 * padding))
    wide[:, :, padding : padding + O_h, padding : padding + O_w] = dz
    for n in range(len(x)):
        for i, j in np.ndindex(*x.shape[2:]):
            for c, kernels in enumerate(w):
                seen = wide[n, :, i * stride :, j * stride :][:, : w.shape[2], : w.shape[3]]
                dx[n, c, i, j] = (seen * kernels).sum()
    return dx
""",
    # seen through
    "layer": """
def conv_transpose2d_dx(dz, x, w, stride, padding):
    from lessonconv import functional
    return functional.conv2d(dz, w, stride=stride, padding=padding)
""",
}

COUNTS = {
    "slices": """
def stamp_counts(size, kernel, stride, padding):
    canvas = np.zeros((size - 1) * stride + kernel, int)
    for i in range(size):
        canvas[i * stride : i * stride + kernel] += 1
    return canvas[padding : len(canvas) - padding]
""",
    # every meeting by itself
    "loops": """
def stamp_counts(size, kernel, stride, padding):
    outputs = (size - 1) * stride + kernel - 2 * padding
    counts = np.zeros(outputs, dtype=int)
    for i in range(size):
        for k in range(kernel):
            u = i * stride + k - padding
            if 0 <= u < outputs:
                counts[u] += 1
    return counts
""",
    # every output asks
    "ask": """
def stamp_counts(size, kernel, stride, padding):
    outputs = (size - 1) * stride + kernel - 2 * padding
    return np.array([sum(0 <= u + padding - i * stride < kernel for i in range(size)) for u in range(outputs)])
""",
    "bincount": """
def stamp_counts(size, kernel, stride, padding):
    starts = np.arange(size) * stride
    places = starts[:, None] + np.arange(kernel)
    counts = np.bincount(places.ravel(), minlength=(size - 1) * stride + kernel)
    return counts[padding : counts.size - padding]
""",
    # ones among zeros, and a kernel of ones
    "convolve": """
def stamp_counts(size, kernel, stride, padding):
    ones = np.zeros((size - 1) * stride + 1, int)
    ones[::stride] = 1
    counts = np.convolve(ones, np.ones(kernel, int))
    return counts[padding : len(counts) - padding]
""",
}

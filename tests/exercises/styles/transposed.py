"""Right answers to the task of a transposed convolution, as source text, in the styles that learners write them in.

Tests put mistakes into them by small edits, so nothing here shares code with the recipe.
"""

CONV_TRANSPOSE2D = {
    # one product after the other, on a canvas that is cropped
    "loops": """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    _, F, K_h, K_w = w.shape
    O_h = (H - 1) * stride - 2 * padding + K_h
    O_w = (W - 1) * stride - 2 * padding + K_w
    canvas = np.zeros((N, F, (H - 1) * stride + K_h, (W - 1) * stride + K_w))
    for n in range(N):
        for f in range(F):
            for c in range(C):
                for i in range(H):
                    for j in range(W):
                        for k in range(K_h):
                            for l in range(K_w):
                                canvas[n, f, i * stride + k, j * stride + l] += x[n, c, i, j] * w[c, f, k, l]
    z = np.zeros((N, F, O_h, O_w))
    for n in range(N):
        for f in range(F):
            for u in range(O_h):
                for v in range(O_w):
                    z[n, f, u, v] = canvas[n, f, u + padding, v + padding] + b[f]
    return z
""",
    # one stamp after the other
    "stamps": """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    C, F, K_h, K_w = w.shape
    O_h = (H - 1) * stride - 2 * padding + K_h
    O_w = (W - 1) * stride - 2 * padding + K_w
    canvas = np.zeros((N, F, (H - 1) * stride + K_h, (W - 1) * stride + K_w))
    for i in range(H):
        for j in range(W):
            stamp = np.einsum("nc,cfkl->nfkl", x[:, :, i, j], w)
            canvas[:, :, i * stride : i * stride + K_h, j * stride : j * stride + K_w] += stamp
    z = canvas[:, :, padding : padding + O_h, padding : padding + O_w]
    return z + b[:, None, None]
""",
    # zeros between the inputs and around them, then a convolution with the turned kernel
    "zeros": """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    C, F, K_h, K_w = w.shape
    spread = np.zeros((N, C, (H - 1) * stride + 1, (W - 1) * stride + 1))
    spread[:, :, ::stride, ::stride] = x
    top, left = K_h - 1, K_w - 1
    spread = np.pad(spread, ((0, 0), (0, 0), (top, top), (left, left)))
    spread = spread[:, :, padding : spread.shape[2] - padding, padding : spread.shape[3] - padding]
    turned = w[:, :, ::-1, ::-1]
    O_h, O_w = spread.shape[2] - K_h + 1, spread.shape[3] - K_w + 1
    z = np.zeros((N, F, O_h, O_w))
    for u in range(O_h):
        for v in range(O_w):
            window = spread[:, :, u : u + K_h, v : v + K_w]
            z[:, :, u, v] = np.tensordot(window, turned, axes=([1, 2, 3], [0, 2, 3])) + b
    return z
""",
    # one tap after the other, for all inputs at once
    "taps": """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    C, F, K_h, K_w = w.shape
    canvas = np.zeros((N, F, (H - 1) * stride + K_h, (W - 1) * stride + K_w))
    for k in range(K_h):
        for l in range(K_w):
            products = np.einsum("ncij,cf->nfij", x, w[:, :, k, l])
            canvas[:, :, k : k + (H - 1) * stride + 1 : stride, l : l + (W - 1) * stride + 1 : stride] += products
    height, width = canvas.shape[2:]
    return canvas[:, :, padding : height - padding, padding : width - padding] + b.reshape(1, -1, 1, 1)
""",
    # every product that reaches an output, asked for one by one
    "guarded": """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    C, F, K_h, K_w = w.shape
    O_h = stride * (H - 1) + K_h - 2 * padding
    O_w = stride * (W - 1) + K_w - 2 * padding
    z = np.empty((N, F, O_h, O_w))
    z[:] = b[:, None, None]
    for n, f, c, i, j, k, l in np.ndindex(N, F, C, H, W, K_h, K_w):
        u, v = i * stride + k - padding, j * stride + l - padding
        if 0 <= u < O_h and 0 <= v < O_w:
            z[n, f, u, v] += x[n, c, i, j] * w[c, f, k, l]
    return z
""",
    "scattered": """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    C, F, K_h, K_w = w.shape
    products = np.einsum("ncij,cfkl->nfijkl", x, w)
    i, j, k, l = np.ogrid[:H, :W, :K_h, :K_w]
    canvas = np.zeros((N, F, (H - 1) * stride + K_h, (W - 1) * stride + K_w))
    np.add.at(canvas, np.s_[:, :, i * stride + k, j * stride + l], products)
    z = canvas if padding == 0 else canvas[:, :, padding:-padding, padding:-padding]
    return z + b[None, :, None, None]
""",
    "matrix": """
def conv_transpose2d(x, w, b, stride, padding):
    def toeplitz(cells, kernel):
        outputs = (cells - 1) * stride - 2 * padding + kernel
        i, k = np.indices((cells, kernel)).reshape(2, -1)
        u = i * stride + k - padding
        inside = (u >= 0) & (u < outputs)
        matrix = np.zeros((outputs, cells, kernel))
        matrix[u[inside], i[inside], k[inside]] = 1
        return matrix
    rows, columns = toeplitz(x.shape[2], w.shape[2]), toeplitz(x.shape[3], w.shape[3])
    z = np.einsum("uik,vjl,ncij,cfkl->nfuv", rows, columns, x, w, optimize=True)
    return z + np.expand_dims(b, (1, 2))
""",
    "product": """
def conv_transpose2d(x, w, b, stride, padding):
    N, C, H, W = x.shape
    _, F, K_h, K_w = w.shape
    columns = w.reshape(C, -1).T @ x.reshape(N, C, H * W)
    columns = columns.reshape(N, F, K_h, K_w, H, W)
    O_h, O_w = (H - 1) * stride + K_h, (W - 1) * stride + K_w
    z = np.zeros((N, F, O_h, O_w))
    for k in range(K_h):
        for l in range(K_w):
            z[:, :, k : k + H * stride : stride, l : l + W * stride : stride][:, :, :H, :W] += columns[:, :, k, l]
    return z[:, :, padding : O_h - padding, padding : O_w - padding] + b[:, np.newaxis, np.newaxis]
""",
    "single": """
def conv_transpose2d(x, w, b, stride, padding):
    x, w, b = (np.asarray(array, np.float32) for array in (x, w, b))
    O_h = (x.shape[2] - 1) * stride + w.shape[2]
    O_w = (x.shape[3] - 1) * stride + w.shape[3]
    z = np.zeros((len(x), w.shape[1], O_h, O_w), np.float32)
    for n, image in enumerate(x):
        for c, channel in enumerate(image):
            for (i, j), value in np.ndenumerate(channel):
                z[n, :, i * stride :, j * stride :][:, : w.shape[2], : w.shape[3]] += value * w[c]
    return z[:, :, padding : O_h - padding, padding : O_w - padding] + b[:, None, None]
""",
}

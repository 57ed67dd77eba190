"""One image and one kernel, and two kernels in a row, as learners write them; and the mistakes, as they make them.

Nothing here knows the catalogue but its names, or shares code with the recipes.
"""

from tests.exercises.making import Wrong

CORRELATE2D = {
    "loops": """
def correlate2d(x, w):
    H, W = x.shape
    K_h, K_w = w.shape
    O_h = H - K_h + 1
    O_w = W - K_w + 1
    z = np.zeros((O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            for k in range(K_h):
                for l in range(K_w):
                    z[i, j] += w[k, l] * x[i + k, j + l]
    return z
""",
    "windows": """
def correlate2d(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    z = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[i : i + w.shape[0], j : j + w.shape[1]]
            z[i, j] = np.sum(window * w)
    return z
""",
    "taps": """
def correlate2d(x, w):
    H, W = x.shape
    K_h, K_w = w.shape
    z = np.zeros((H - K_h + 1, W - K_w + 1))
    for (k, l), tap in np.ndenumerate(w):
        z += tap * x[k : k + H - K_h + 1, l : l + W - K_w + 1]
    return z
""",
    "accumulator": """
def correlate2d(x, w):
    K_h, K_w = w.shape
    rows = []
    for i in range(x.shape[0] - K_h + 1):
        row = []
        for j in range(x.shape[1] - K_w + 1):
            total = 0.0
            for k in range(K_h):
                for l in range(K_w):
                    total += x[i + k][j + l] * w[k][l]
            row.append(total)
        rows.append(row)
    return np.array(rows)
""",
}

CONVOLVE2D = {
    "loops": """
def convolve2d(x, w):
    H, W = x.shape
    K_h, K_w = w.shape
    O_h = H - K_h + 1
    O_w = W - K_w + 1
    z = np.zeros((O_h, O_w))
    for i in range(O_h):
        for j in range(O_w):
            for k in range(K_h):
                for l in range(K_w):
                    z[i, j] += w[k, l] * x[i + K_h - 1 - k, j + K_w - 1 - l]
    return z
""",
    "windows": """
def convolve2d(x, w):
    turned = np.flip(w)
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    z = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[i : i + w.shape[0], j : j + w.shape[1]]
            z[i, j] = np.sum(window * turned)
    return z
""",
    "view": """
from numpy.lib.stride_tricks import sliding_window_view

def convolve2d(x, w):
    windows = sliding_window_view(x, w.shape)
    return np.einsum("ijkl,kl->ij", windows, np.rot90(w, 2))
""",
    # output i of the full convolution is the first whose taps all lie on the image at i = K_h − 1
    "full": """
def convolve2d(x, w):
    H, W = x.shape
    K_h, K_w = w.shape
    z = np.zeros((H + K_h - 1, W + K_w - 1))
    for k in range(K_h):
        for l in range(K_w):
            z[k : k + H, l : l + W] += w[k, l] * x
    return z[K_h - 1 : H, K_w - 1 : W]
""",
    "accumulator": """
def convolve2d(x, w):
    K_h, K_w = w.shape
    rows = []
    for i in range(x.shape[0] - K_h + 1):
        row = []
        for j in range(x.shape[1] - K_w + 1):
            total = 0.0
            for k in range(K_h):
                for l in range(K_w):
                    total += x[i + k][j + l] * w[-1 - k][-1 - l]
            row.append(total)
        rows.append(row)
    return np.array(rows)
""",
}

COMPOSE_KERNELS = {
    "stamps": """
def compose_kernels(w1, w2):
    J_h, J_w = w1.shape
    K_h, K_w = w2.shape
    w12 = np.zeros((J_h + K_h - 1, J_w + K_w - 1))
    for k in range(J_h):
        for l in range(J_w):
            w12[k : k + K_h, l : l + K_w] += w1[k, l] * w2
    return w12
""",
    "pairs": """
def compose_kernels(w1, w2):
    rows = w1.shape[0] + w2.shape[0] - 1
    columns = w1.shape[1] + w2.shape[1] - 1
    result = np.zeros((rows, columns))
    for (k, l), one in np.ndenumerate(w1):
        for (m, n), other in np.ndenumerate(w2):
            result[k + m, l + n] += one * other
    return result
""",
    # the equation as it stands, with a question
    "gather": """
def compose_kernels(w1, w2):
    J_h, J_w = w1.shape
    K_h, K_w = w2.shape
    w12 = np.zeros((J_h + K_h - 1, J_w + K_w - 1))
    for m in range(len(w12)):
        for n in range(w12.shape[1]):
            for k in range(J_h):
                for l in range(J_w):
                    if 0 <= m - k < K_h and 0 <= n - l < K_w:
                        w12[m, n] += w1[k, l] * w2[m - k, n - l]
    return w12
""",
    "SciPy": """
from scipy.signal import convolve2d

def compose_kernels(w1, w2):
    return convolve2d(w1, w2)
""",
}

SHORT = "O_h = H - K_h + 1", "O_h = H - K_h"
NARROW = "O_w = W - K_w + 1", "O_w = W - K_w"
ROWS = "x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1"
SHORTER = ROWS, "x.shape[0] - w.shape[0], x.shape[1] - w.shape[1]"
SQUARE = ROWS, "x.shape[0] - w.shape[0] + 1, x.shape[0] - w.shape[0] + 1"
NO_RESET = "    z = np.zeros((O_h, O_w))\n", "    z = np.zeros((O_h, O_w))\n    total = 0\n"
EARLY = "\n    return z\n"

SLIDING: Wrong = {  # of loops and windows, whichever way the kernel runs
    "size_one_short": [("loops", SHORT, NARROW), ("windows", SHORTER)],
    "last_window_missed": [
        ("loops", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
        ("loops", ("range(O_w)", "range(O_w - 1)")),
        ("windows", ("range(rows)", "range(rows - 1)")),
    ],
    "size_from_one_axis": [("loops", ("O_w = W - K_w + 1", "O_w = O_h")), ("windows", SQUARE)],
    "only_last_product": [
        ("loops", ("] += w", "] = w")),
        ("accumulator", ("total += x", "total = x")),
    ],
    "output_transposed": [
        ("loops", ("return z", "return z.T")),
        ("windows", ("return z", "return z.T")),
    ],
    "outputs_added_up": [
        ("loops", NO_RESET, ("z[i, j] += w", "total += w"), (EARLY, "\n            z[i, j] = total\n    return z\n")),
        ("accumulator", ("            total = 0.0\n", ""), ("    rows = []", "    rows = []\n    total = 0.0")),
    ],
    "tap_missed": [
        ("loops", ("range(K_h)", "range(K_h - 1)")),
        ("loops", ("range(K_w)", "range(K_w - 1)")),
        ("accumulator", ("in range(K_h)", "in range(K_h - 1)"), ("in range(K_w)", "in range(K_w - 1)")),
    ],
    "returns_too_soon": [
        ("loops", (EARLY, "\n            return z\n")),
        ("windows", (EARLY, "\n        return z\n")),
    ],
}

WRONG_CORRELATE2D: Wrong = SLIDING | {
    "kernel_flipped": [
        ("loops", ("w[k, l]", "w[K_h - 1 - k, K_w - 1 - l]")),
        ("windows", ("window * w)", "window * w[::-1, ::-1])")),
        ("taps", ("np.ndenumerate(w)", "np.ndenumerate(np.rot90(w, 2))")),
    ],
    "kernel_transposed": [
        ("loops", ("w[k, l]", "w[l, k]")),
        ("windows", ("window * w)", "window * w.T)")),
        ("accumulator", ("w[k][l]", "w[l][k]")),
    ],
    "kernel_mirrored": [
        ("loops", ("w[k, l]", "w[K_h - 1 - k, l]")),
        ("windows", ("window * w)", "window * w[:, ::-1])")),
        ("accumulator", ("w[k][l]", "w[k][-1 - l]")),
    ],
    "kernel_turned_by_90": [
        ("windows", ("window * w)", "window * np.rot90(w))")),
        ("windows", ("window * w)", "window * np.rot90(w, 3))")),
        (
            "accumulator",
            ("    K_h, K_w", "    w = np.rot90(w)\n    K_h, K_w"),
        ),
    ],
    "kernel_from_one_axis": [
        ("loops", ("K_h, K_w = w.shape", "K_h = K_w = w.shape[0]")),
        ("accumulator", ("K_h, K_w = w.shape", "K_h = K_w = len(w)")),
    ],
    "window_averaged": [
        ("windows", ("np.sum(", "np.mean(")),
        ("accumulator", ("row.append(total)", "row.append(total / w.size)")),
    ],
    "truncated": [
        ("windows", ("return z", "return np.trunc(z)")),
        ("accumulator", ("row.append(total)", "row.append(int(total))")),
    ],
    "sign_flipped": [
        ("loops", ("] += w", "] -= w")),
        ("taps", ("z += tap", "z -= tap")),
    ],
    "maximum_for_sum": [
        ("windows", ("np.sum(", "np.max(")),
        (
            "accumulator",
            ("total = 0.0", "total = -np.inf"),
            ("total += x", "total = max(total, x"),
            ("w[k][l]", "w[k][l])"),
        ),
    ],
    "sum_for_product": [
        ("loops", ("w[k, l] * x", "w[k, l] + x")),
        ("windows", ("window * w", "window + w")),
    ],
    "relu_inside": [
        ("windows", ("np.sum(window * w)", "max(0, np.sum(window * w))")),
        ("taps", ("return z", "return z * (z > 0)")),
    ],
    "edge_never_read": [
        (
            "loops",
            (
                "                    z[i, j]",
                "                    if i + k > 0 and j + l > 0:\n                      z[i, j]",
            ),
        ),
        (
            "accumulator",
            (
                "                    total +=",
                "                    if 0 < i + k and 0 < j + l:\n                      total +=",
            ),
        ),
    ],
}

WRONG_CONVOLVE2D: Wrong = SLIDING | {
    "convolve_not_turned": [
        ("loops", ("i + K_h - 1 - k, j + K_w - 1 - l", "i + k, j + l")),
        ("windows", ("np.flip(w)", "w")),
        ("accumulator", ("w[-1 - k][-1 - l]", "w[k][l]")),
        ("view", ("np.rot90(w, 2)", "w")),
    ],
    "convolve_transposed": [
        ("windows", ("np.flip(w)", "w.T")),
        ("windows", ("np.flip(w)", "np.flip(w).T")),
        ("accumulator", ("w[-1 - k][-1 - l]", "w[l][k]")),
        ("loops", ("w[k, l]", "w[l, k]")),
    ],
    "convolve_mirrored": [
        ("windows", ("np.flip(w)", "np.fliplr(w)")),
        ("view", ("np.rot90(w, 2)", "w[::-1]")),
        ("loops", ("j + K_w - 1 - l", "j + l")),
    ],
    "convolve_turned_by_90": [
        ("windows", ("np.flip(w)", "np.rot90(w)")),
        ("accumulator", ("    K_h, K_w", "    w = np.rot90(w)\n    K_h, K_w")),
    ],
    "convolve_image_turned": [
        ("windows", ("np.flip(w)", "w"), ("    rows", "    x = np.flip(x)\n    rows")),
        ("windows", ("    rows", "    x = np.flip(x)\n    rows")),
        ("view", ("sliding_window_view(x,", "sliding_window_view(x[::-1, ::-1],"), ("np.rot90(w, 2)", "w")),
    ],
    "convolve_index_wraps": [
        ("loops", ("i + K_h - 1 - k, j + K_w - 1 - l", "i - k, j - l")),
        (
            "accumulator",
            ("x[i + k][j + l] * w[-1 - k][-1 - l]", "w[k][l] * x[i - k][j - l]"),
        ),
    ],
    "convolve_full": [
        ("full", ("return z[K_h - 1 : H, K_w - 1 : W]", "return z")),
        (
            "view",
            ("sliding_window_view(x,", "sliding_window_view(np.pad(x, [(K - 1, K - 1) for K in w.shape]),"),
        ),
    ],
}

RETURN = "return w12"

WRONG_COMPOSE_KERNELS: Wrong = {
    "compose_correlated": [
        ("stamps", ("* w2", "* w2[::-1, ::-1]")),
        ("pairs", ("result[k + m, l + n]", "result[k - m + w2.shape[0] - 1, l - n + w2.shape[1] - 1]")),
        ("SciPy", ("(w1, w2)\n", "(w1, np.rot90(w2, 2))\n", 1)),
        ("gather", ("w1[k, l]", "w1[J_h - 1 - k, J_w - 1 - l]")),
    ],
    "compose_turned": [
        ("stamps", ("w1[k, l] * w2", "w1[-1 - k, -1 - l] * np.flip(w2)")),
        ("SciPy", ("convolve2d(w1, w2)", "convolve2d(w1, w2)[::-1, ::-1]")),
    ],
    "compose_transposed": [
        ("stamps", (RETURN, "return w12.T")),
        (
            "pairs",
            ("np.ndenumerate(w2)", "np.ndenumerate(w2.T)"),
            ("= w1.shape[0]", "= w1.shape[0]"),
            ("w2.shape[0] - 1", "w2.shape[1] - 1"),
            ("w1.shape[1] + w2.shape[1] - 1", "w1.shape[1] + w2.shape[0] - 1"),
        ),
        ("SciPy", ("convolve2d(w1, w2)", "convolve2d(w1.T, w2)")),
    ],
    "compose_overwritten": [
        ("stamps", ("+= w1", "= w1")),
        ("pairs", ("+= one", "= one")),
        ("gather", ("+= w1", "= w1")),
    ],
    "compose_one_too_large": [
        ("stamps", ("J_h + K_h - 1, J_w + K_w - 1", "J_h + K_h, J_w + K_w")),
        (
            "pairs",
            ("w1.shape[0] + w2.shape[0] - 1", "w1.shape[0] + w2.shape[0]"),
            ("w1.shape[1] + w2.shape[1] - 1", "w1.shape[1] + w2.shape[1]"),
        ),
    ],
    "compose_cropped": [
        ("SciPy", ("convolve2d(w1, w2)", 'convolve2d(w1, w2, "same")')),
        ("SciPy", ("convolve2d(w1, w2)", 'convolve2d(w2, w1, mode="same")')),
        (
            "stamps",
            (RETURN, "top, left = (K_h - 1) // 2, (K_w - 1) // 2\n    return w12[top : top + J_h, left : left + J_w]"),
        ),
    ],
    "compose_cell_by_cell": [
        ("SciPy", ("convolve2d(w1, w2)", "w1 * w2")),
        ("SciPy", ("convolve2d(w1, w2)", 'np.einsum("kl,kl->kl", *np.broadcast_arrays(w1, w2))')),
    ],
    "compose_matrix_product": [
        ("SciPy", ("convolve2d(w1, w2)", "w1 @ w2")),
        ("SciPy", ("convolve2d(w1, w2)", "np.dot(w1, w2)")),
    ],
    "compose_added": [
        ("SciPy", ("convolve2d(w1, w2)", "w1 + w2")),
        ("SciPy", ("convolve2d(w1, w2)", "np.add(w2, w1)")),
    ],
    "tap_missed": [
        ("stamps", ("range(J_h)", "range(J_h - 1)")),
        ("gather", ("range(J_h)", "range(J_h - 1)"), ("range(J_w)", "range(J_w - 1)")),
        ("gather", ("n - l < K_w", "n - l < K_w - 1")),
    ],
}

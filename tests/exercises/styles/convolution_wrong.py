"""The mistakes of the tasks of a convolution layer, made as learners make them: the style, and what to edit in it.

Nothing here knows the catalogue but its names.
"""

from tests.exercises.making import Edit, Wrong

ROOM = "(size + 2 * padding - kernel)"

OUTPUT_SIZE: Wrong = {
    "size_rounded_up": [
        ("formula", (f"{ROOM} // stride", f"-(-{ROOM} // stride)")),
        ("steps", ("int(last_start / stride)", "int(np.ceil(last_start / stride))")),
        ("walk", ("start + kernel <= size + 2 * padding", "start + kernel < size + 2 * padding + stride")),
    ],
    "size_rounded": [
        ("formula", (f"{ROOM} // stride", f"round({ROOM} / stride)")),
        ("steps", ("int(last_start / stride)", "int(np.rint(last_start / stride))")),
        ("steps", ("int(last_start / stride)", "int(last_start / stride + 0.5)")),
    ],
    "size_not_rounded": [
        ("formula", ("// stride", "/ stride")),
        ("steps", ("int(last_start / stride)", "last_start / stride")),
    ],
    "size_one_short": [
        ("formula", (" + 1", "")),
        ("steps", ("steps + 1", "steps")),
        ("walk", ("count, start = 0, 0", "count, start = 0, stride")),
    ],
    "size_padding_once": [
        ("formula", ("2 * padding", "padding")),
        ("steps", ("size + padding + padding", "size + padding"), ("int(last_start / stride)", "last_start // stride")),
        ("steps", ("size + padding + padding", "size + padding")),
    ],
    "size_padding_subtracted": [
        ("formula", (ROOM, "(size - 2 * padding - kernel)")),
        (
            "steps",
            ("size + padding + padding", "size - padding - padding"),
            ("int(last_start / stride)", "int(np.floor(last_start / stride))"),
        ),
        ("steps", ("size + padding + padding", "size - padding - padding")),
    ],
    "padding_ignored": [
        ("formula", (" + 2 * padding", "")),
        ("steps", ("size + padding + padding", "size"), ("int(last_start / stride)", "last_start // stride")),
        ("steps", ("size + padding + padding", "size")),
        ("walk", ("size + 2 * padding", "size")),
    ],
    "stride_ignored": [
        ("formula", (" // stride", "")),
        ("steps", ("int(last_start / stride)", "last_start")),
        ("walk", ("start += stride", "start += 1")),
    ],
    "size_one_inside": [
        ("formula", (f"{ROOM} // stride + 1", "(size + 2 * padding - kernel + 1) // stride")),
        ("steps", ("padded - kernel", "padded - kernel + 1"), ("steps + 1", "steps")),
        ("walk", ("count, start = 0, 0", "count, start = 0, stride - 1")),
    ],
    "size_kernel_added": [
        ("formula", ("- kernel", "+ kernel")),
        ("steps", ("padded - kernel", "padded + kernel")),
        ("walk", ("start + kernel", "start - kernel")),
    ],
    "size_kernel_ignored": [
        ("formula", (" - kernel", "")),
        ("steps", ("padded - kernel", "padded"), ("steps + 1", "steps")),
        ("walk", ("start + kernel <= size + 2 * padding", "start < size")),
    ],
}

TOP_LEFT = "x_pad[:, :, padding : padding + H, padding : padding + W] = x"
EVEN = "((0, 0), (0, 0), (padding, padding), (padding, padding))"
AT_END = "((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding))"
AT_START = "((0, 0), (0, 0), (2 * padding, 0), (2 * padding, 0))"
ONLY_ROWS = "((0, 0), (0, 0), (padding, padding), (0, 0))"
ONLY_COLUMNS = "((0, 0), (0, 0), (0, 0), (padding, padding))"
SLICES = "i * stride : i * stride + K_h, j * stride : j * stride + K_w"
STRIDES = "[:, :, ::stride, ::stride]"
SUM = "z[n, f, i, j] += w[f, c, k, l] * x_pad[n, c, i * stride + k, j * stride + l]"
RETURN = "\n    return z\n"

CONV2D: Wrong = {
    "kernel_flipped": [
        ("loops", ("w[f, c, k, l]", "w[f, c, K_h - 1 - k, K_w - 1 - l]")),
        ("windows", ("* w[f])", "* w[f, :, ::-1, ::-1])")),
        ("view", ("windows, w)", "windows, np.rot90(w, 2, axes=(2, 3)))")),
        ("im2col", ("w.reshape", "np.flip(w, (2, 3)).reshape")),
    ],
    "kernel_transposed": [
        ("loops", ("w[f, c, k, l]", "w[f, c, l, k]")),
        ("guarded", ("w[f, c, k, l]", "w[f, c, l, k]")),
        ("view", ("fckl", "fclk")),
        ("im2col", ("    F, C, K_h", "    w = w.transpose(0, 1, 3, 2)\n    F, C, K_h")),
    ],
    "kernel_mirrored": [
        ("loops", ("w[f, c, k, l]", "w[f, c, K_h - 1 - k, l]")),
        ("windows", ("* w[f])", "* w[f, :, :, ::-1])")),
        ("im2col", ("w.reshape", "w[:, :, ::-1].reshape")),
        ("view", ("windows, w)", "windows, np.fliplr(w.T).T)")),
    ],
    "stride_in_size_only": [
        ("loops", ("i * stride + k, j * stride + l", "i + k, j + l")),
        ("windows", ("i * stride, j * stride", "i, j")),
        ("im2col", (": k + O_h * stride : stride", ": k + O_h"), (": l + O_w * stride : stride", ": l + O_w")),
        ("guarded", ("i * stride", "i"), ("j * stride", "j")),
    ],
    "stride_ignored": [
        ("loops", (" // stride", "", 2), (" * stride", "", 2)),
        ("view", (f"windows{STRIDES}", "windows")),
        ("im2col", ("def conv2d(x, w, b, stride, padding):", "def conv2d(x, w, b, stride, padding):\n    stride = 1")),
    ],
    "stride_on_taps": [
        ("guarded", ("i * stride + k", "i + stride * k"), ("j * stride + l", "j + stride * l")),
        ("loops", ("i * stride + k, j * stride + l", "i + k * stride, j + l * stride")),
        (
            "taps",
            (
                "k : k + stride * (O_h - 1) + 1 : stride, l : l + stride * (O_w - 1) + 1 : stride",
                "k * stride : k * stride + O_h, l * stride : l * stride + O_w",
            ),
        ),
    ],
    "stride_on_one_axis": [
        ("view", ("[:, :, ::stride, ::stride]", "[:, :, ::stride]")),
        ("loops", ("j * stride + l", "j + l")),
        ("windows", ("i * stride, j * stride", "i, j * stride")),
        ("einsum", ("j * stride : j * stride + K_w", "j : j + K_w")),
    ],
    "stride_is_kernel": [
        ("loops", ("i * stride + k, j * stride + l", "i * K_h + k, j * K_w + l")),
        ("guarded", ("i * stride", "i * K_h"), ("j * stride", "j * K_w")),
        ("windows", ("i * stride, j * stride", "i * K_h, j * K_w")),
        ("view", (STRIDES, "[:, :, :: w.shape[2], :: w.shape[3]]")),
    ],
    "size_rounded_up": [
        ("guarded", ("np.floor", "np.ceil", 2)),
        (
            "windows",
            ("1 + (H + 2 * padding - K_h) // stride", "-(-(H + 2 * padding - K_h) // stride) + 1"),
            ("1 + (W + 2 * padding - K_w) // stride", "-(-(W + 2 * padding - K_w) // stride) + 1"),
        ),
    ],
    "size_one_short": [
        ("loops", (" // stride + 1", " // stride", 2)),
        ("windows", ("1 + (", "(", 2)),
        ("einsum", (" // stride + 1", " // stride", 2)),
    ],
    "last_window_missed": [
        ("loops", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
        ("windows", ("range(O_h)", "range(O_h - 1)")),
        ("einsum", ("range(O_w)", "range(0, O_w - 1)")),
    ],
    "size_padding_once": [
        ("loops", ("+ 2 * padding - ", "+ padding - ", 2)),
        ("windows", ("+ 2 * padding - ", "+ padding - ", 2)),
    ],
    "size_padding_subtracted": [
        ("loops", ("+ 2 * padding - ", "- 2 * padding - ", 2)),
        ("windows", ("+ 2 * padding - ", "- 2 * padding - ", 2)),
    ],
    "size_from_one_axis": [
        ("loops", ("O_w = (W + 2 * padding - K_w) // stride + 1", "O_w = O_h")),
        ("einsum", ("O_h = (x_pad.shape[2] - K_h) // stride + 1", "O_h = (x_pad.shape[3] - K_w) // stride + 1")),
        ("guarded", ("O_w = int(np.floor((W + 2 * padding - K_w)", "O_w = int(np.floor((H + 2 * padding - K_h)")),
        ("guarded", ("O_w = int(np.floor((W", "O_w = int(np.floor((H")),
    ],
    "kernel_from_one_axis": [
        ("loops", ("F, _, K_h, K_w = w.shape", "F, _, K_h, _ = w.shape\n    K_w = K_h")),
        ("guarded", ("F, _, K_h, K_w = w.shape", "F, K_h, K_w = len(w), w.shape[3], w.shape[3]")),
    ],
    "padding_ignored": [
        ("loops", (" + 2 * padding", "", 4), (TOP_LEFT, "x_pad[:] = x")),
        ("windows", (" + 2 * padding", "", 2), (f"np.pad(x, {EVEN})", "x")),
        ("view", (f"np.pad(x, {EVEN})", "x")),
        ("guarded", (" + 2 * padding", "", 2), (" - padding", "", 2)),
    ],
    "padding_at_the_end": [
        ("loops", (TOP_LEFT, "x_pad[:, :, :H, :W] = x")),
        ("windows", (EVEN, AT_END)),
        ("view", (EVEN, AT_END)),
        ("guarded", (" - padding", "", 2)),
    ],
    "padding_at_the_start": [
        ("loops", (TOP_LEFT, "x_pad[:, :, 2 * padding :, 2 * padding :] = x")),
        ("im2col", (EVEN, AT_START)),
        ("guarded", (" - padding", " - 2 * padding", 2)),
    ],
    "padding_on_one_axis": [
        ("windows", (EVEN, ONLY_ROWS), ("(W + 2 * padding - K_w)", "(W - K_w)")),
        ("view", (EVEN, ONLY_COLUMNS)),
        ("im2col", (EVEN, ONLY_ROWS)),
    ],
    "padding_not_zero": [
        ("loops", ("x_pad = np.zeros", "x_pad = np.ones")),
        ("windows", (EVEN, EVEN + ", mode='edge'")),
        ("einsum", ('mode="constant"', 'mode="reflect"')),
        ("view", (EVEN, EVEN + ", 'symmetric'")),
        (
            "guarded",
            ("u = i * stride + k - padding", "u = (i * stride + k - padding) % H"),
            ("- padding\n            if", "- padding\n            v %= W\n            if"),
        ),
    ],
    "bias_missing": [
        ("loops", ("                    z[n, f, i, j] += b[f]\n", "")),
        ("windows", (" + b[f]", "")),
        ("view", ("z + b[None, :, None, None]", "z")),
    ],
    "bias_per_channel": [
        (
            "loops",
            ("                    z[n, f, i, j] += b[f]\n", ""),
            ("for k in range(K_h):", "z[n, f, i, j] += b[f]\n                        for k in range(K_h):"),
        ),
        (
            "windows",
            (
                "z[n, f, i, j] = np.sum(window * w[f]) + b[f]",
                "for c in range(C):\n                        z[n, f, i, j] += np.sum(window[c] * w[f, c]) + b[f]",
            ),
        ),
    ],
    "bias_per_product": [
        ("loops", ("                    z[n, f, i, j] += b[f]\n", ""), ("j * stride + l]", "j * stride + l] + b[f]")),
        ("windows", ("np.sum(window * w[f]) + b[f]", "np.sum(window * w[f] + b[f])")),
    ],
    "bias_of_one_filter": [
        ("loops", ("b[f]", "b[0]")),
        ("guarded", ("b[f]", "np.sum(b)")),
        ("view", ("z + b[None, :, None, None]", "z + b[-1]")),
    ],
    "bias_subtracted": [
        ("loops", ("z[n, f, i, j] += b[f]", "z[n, f, i, j] -= b[f]")),
        ("view", ("z + b", "z - b")),
    ],
    "only_first_channel": [
        ("loops", ("for c in range(C)", "for c in range(1)")),
        ("windows", ("x_pad[n, :, top", "x_pad[n, 0, top"), ("* w[f])", "* w[f, 0])")),
        ("view", ('"ncijkl,fckl->nfij", windows, w', '"nijkl,fkl->nfij", windows[:, 0], w[:, 0]')),
    ],
    "only_last_channel": [
        (
            "loops",
            (SUM, SUM.replace("z[n, f, i, j]", "total")),
            ("for k in range(K_h):", "total = 0\n                        for k in range(K_h):"),
            ("z[n, f, i, j] += b[f]", "z[n, f, i, j] = total + b[f]"),
        ),
        (
            "windows",
            (
                "z[n, f, i, j] = np.sum(window * w[f]) + b[f]",
                "for c in range(C):\n                        z[n, f, i, j] = np.sum(window[c] * w[f, c]) + b[f]",
            ),
        ),
    ],
    "channels_averaged": [
        ("guarded", ("total + b[f]", "total / C + b[f]")),
        ("windows", ("np.sum(window * w[f])", "np.sum(np.mean(window * w[f], axis=0))")),
    ],
    "channels_mixed": [
        ("guarded", ("x[n, c, u, v]", "x[n, :, u, v].sum()")),
        ("windows", ("window * w[f]", "window.sum(axis=0) * w[f].sum(axis=0)")),
        ("view", ("ncijkl,fckl", "ncijkl,fdkl")),
    ],
    "only_first_filter": [
        ("loops", ("for f in range(F)", "for f in range(1)")),
        (
            "windows",
            (
                "        for f in range(F):\n",
                "        for f in range(F):\n            if f > 0:\n                break\n",
            ),
        ),
        (
            "einsum",
            (
                "z[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b",
                "z[:, 0, i, j] = np.tensordot(window, w[0], 3) + b[0]",
            ),
        ),
    ],
    "filters_alike": [
        ("loops", ("w[f, c, k, l]", "w[0, c, k, l]")),
        ("windows", ("window * w[f]", "window * w[-1]")),
        ("view", ("fckl->nfij", "ckl->nij"), ("windows, w)", "windows, w[0])[:, None]")),
    ],
    "only_first_image": [
        ("loops", (RETURN, "\n        return z\n")),
        ("windows", ("range(N)", "range(1)")),
        ("einsum", ("x_pad[:, :, i", "x_pad[0:1, :, i"), ("z[:, :, i, j]", "z[0, :, i, j]")),
    ],
    "images_added_up": [
        (
            "windows",
            ("    for n in range(N):\n", "    out = np.zeros((F, O_h, O_w))\n    for n in range(N):\n"),
            ("z[n, f, i, j] = np.sum(window * w[f]) + b[f]", "out[f, i, j] += np.sum(window * w[f]) + b[f]"),
            (RETURN, "\n        z[n] = out\n    return z\n"),
        ),
        (
            "loops",
            ("for n in range(N):", "for n in range(N):\n        if n:\n            z[n] = z[n - 1]"),
        ),
    ],
    "returns_too_soon": [
        ("loops", (RETURN, "\n                    return z\n")),
        ("loops", (RETURN, "\n                return z\n")),
        ("loops", (RETURN, "\n            return z\n")),
        ("windows", (RETURN, "\n                return z\n")),
        ("einsum", (RETURN, "\n            return z\n")),
        ("einsum", (RETURN, "\n        return z\n")),
    ],
    "only_last_product": [
        ("loops", ("z[n, f, i, j] += w", "z[n, f, i, j] = w")),
        ("guarded", ("total += ", "total = ")),
        ("taps", ("z += np.einsum", "z = np.einsum")),
    ],
    "window_averaged": [
        ("windows", ("np.sum(", "np.mean(")),
        ("guarded", ("total + b", "total / (K_h * K_w) + b")),
        ("view", ("return z +", "return z / w[0, 0].size +")),
    ],
    "output_transposed": [
        ("loops", ("z[n, f, i, j]", "z[n, f, j, i]", 2)),
        ("windows", ("(N, F, O_h, O_w)", "(N, F, O_w, O_h)"), ("z[n, f, i, j]", "z[n, f, j, i]")),
        ("view", ("->nfij", "->nfji")),
        ("im2col", ("transpose(0, 3, 1, 2)", "T.transpose(3, 0, 1, 2)")),
    ],
    "truncated": [
        ("windows", ("np.zeros((N, F, O_h, O_w))", "np.zeros((N, F, O_h, O_w), dtype=int)")),
        ("loops", ("W + 2 * padding))\n", "W + 2 * padding), int)\n")),
        ("guarded", ("np.empty((N, F, O_h, O_w))", "np.empty((N, F, O_h, O_w), dtype=np.int64)")),
        ("taps", ("return z + b.reshape(1, -1, 1, 1)", "return (z + b.reshape(1, -1, 1, 1)).astype(int)")),
        ("loops", ("np.zeros((N, F, O_h, O_w))", "np.zeros((N, F, O_h, O_w), dtype=int)")),
    ],
    "sign_flipped": [
        ("loops", ("z[n, f, i, j] += w", "z[n, f, i, j] -= w")),
        ("view", ("z + b", "-z + b")),
    ],
}

# The weights
TAKE = "dw[f, c, k, l] += dz[n, f, i, j] * x_pad[n, c, i * stride + k, j * stride + l]"

DW: Wrong = {
    "dw_flipped": [
        ("loops", ("dw[f, c, k, l] +=", "dw[f, c, K_h - 1 - k, K_w - 1 - l] +=")),
        ("view", ("return dw", "return np.rot90(dw, 2, (2, 3))")),
        ("windows", ("return dw", "return dw[:, :, ::-1, ::-1]")),
    ],
    "dw_transposed": [
        ("loops", ("dw[f, c, k, l] +=", "dw[f, c, l, k] +=")),
        ("view", ("->fckl", "->fclk")),
    ],
    "kernel_mirrored": [
        ("loops", ("dw[f, c, k, l] +=", "dw[f, c, k, -1 - l] +=")),
        ("view", ("return dw", "return dw[:, :, ::-1]")),
        ("taps", ("dw[:, :, k, l]", "dw[:, :, K_h - k - 1, l]")),
    ],
    "dw_overwritten": [
        ("loops", ("dw[f, c, k, l] +=", "dw[f, c, k, l] =")),
        ("windows", ("dw[f] += ", "dw[f] = ")),
        ("einsum", ("dw += ", "dw = ")),
        ("guarded", ("total += ", "total = ")),
    ],
    "only_last_image": [
        (
            "windows",
            (
                "    dw = np.zeros(w.shape)\n    for n in range(N):\n",
                "    for n in range(N):\n        dw = np.zeros(w.shape)\n",
            ),
        ),
        ("loops", ("        for f in range(F):\n", "        for f in range(F):\n            dw[f] = 0\n")),
        (
            "taps",
            (
                'np.einsum("nfij,ncij->fc", dz, met)',
                "np.zeros((F, C))\n"
                "            for n in range(len(dz)):\n"
                "                dw[:, :, k, l] = np.tensordot(dz[n], met[n], axes=([1, 2], [1, 2]))",
            ),
        ),
    ],
    "dw_padding_missing": [
        # code that asks w for the number of taps runs out of x and fails; code that asks x and ∂L/∂z does not
        (
            "loops",
            (TAKE, TAKE.replace("x_pad", "x")),
            (
                "    for n in range(N):\n",
                "    K_h, K_w = H - (O_h - 1) * stride, W - (O_w - 1) * stride\n"
                "    dw = np.zeros((F, C, K_h, K_w))\n"
                "    for n in range(N):\n",
            ),
        ),
        (
            "view",
            (f"np.pad(x, {EVEN})", "x"),
            (
                "windows = sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))\n"
                "    windows = windows[:, :, ::stride, ::stride]\n",
                "spread = np.zeros((*dz.shape[:2], (dz.shape[2] - 1) * stride + 1, (dz.shape[3] - 1) * stride + 1))\n"
                "    spread[:, :, ::stride, ::stride] = dz\n"
                "    windows = sliding_window_view(x_pad, spread.shape[2:], axis=(2, 3))\n",
            ),
            ('np.einsum("nfij,ncijkl->fckl", dz, windows)', 'np.einsum("nfij,ncklij->fckl", spread, windows)'),
        ),
        ("loops", (TOP_LEFT, "x_pad[:, :, :H, :W] = x")),
        ("view", (EVEN, AT_END)),
        ("windows", (EVEN, AT_END)),
        ("guarded", (" - padding", "", 2)),
        (
            "windows",
            ("x_pad[n", "x[n"),
            (
                "dw[f] += window * dz[n, f, i, j]",
                "dw[f, :, : window.shape[1], : window.shape[2]] += window * dz[n, f, i, j]",
            ),
        ),
    ],
    "padding_at_the_start": [
        ("loops", (TOP_LEFT, "x_pad[:, :, 2 * padding :, 2 * padding :] = x")),
        ("taps", (EVEN, AT_START)),
    ],
    "padding_not_zero": [
        ("windows", (EVEN, EVEN + ", mode='edge'")),
        ("einsum", (EVEN, EVEN + ", 'reflect'")),
        ("view", (EVEN, EVEN + ", mode='wrap'")),
    ],
    "divided_by_batch": [
        ("loops", ("return dw", "return dw / N")),
        ("view", ("return dw", "return dw / dz.shape[0]")),
        ("windows", ("* dz[n, f, i, j]", "* dz[n, f, i, j] / N")),
    ],
    "divided_by_pixels": [
        ("loops", ("return dw", "return dw / (O_h * O_w)")),
        ("guarded", ("= total\n", "= total / (O_h * O_w)\n")),
    ],
    "divided_by_both": [
        ("loops", ("return dw", "return dw / (N * O_h * O_w)")),
        ("view", ("return dw", "return dw / dz[:, 0].size")),
    ],
    "dz_not_dilated": [
        ("loops", ("i * stride + k, j * stride + l", "i + k, j + l")),
        ("einsum", (SLICES, "i : i + K_h, j : j + K_w")),
        ("view", (f"windows{STRIDES}", "windows[:, :, : dz.shape[2], : dz.shape[3]]")),
    ],
    "stride_on_taps": [
        ("guarded", ("i * stride + k", "i + stride * k"), ("j * stride + l", "j + stride * l")),
        (
            "taps",
            (
                "k : k + stride * O_h : stride, l : l + stride * O_w : stride",
                "k * stride : k * stride + O_h, l * stride : l * stride + O_w",
            ),
        ),
    ],
    "stride_on_one_axis": [
        ("loops", ("j * stride + l", "j + l")),
        ("windows", ("i * stride : i * stride + K_h", "i : i + K_h")),
    ],
    "stride_is_kernel": [
        (
            "guarded",
            ("i * stride", "i * K_h"),
            ("j * stride", "j * K_w"),
            ("    dw = np", "    K_h, K_w = w.shape[2:]\n    dw = np"),
        ),
        ("loops", ("i * stride + k, j * stride + l", "i * K_h + k, j * K_w + l")),
    ],
    "only_first_channel_filled": [
        ("loops", ("for c in range(C)", "for c in range(1)")),
        ("windows", ("dw[f] += window * dz", "dw[f, 0] += window[0] * dz")),
    ],
    "channels_alike": [
        ("loops", ("x_pad[n, c, i", "x_pad[n, 0, i")),
        ("guarded", ("x[n, c, u, v]", "x[n, :, u, v].sum()")),
        ("windows", ("dw[f] += window * dz", "dw[f] += window.sum(axis=0) * dz")),
    ],
    "filters_mixed": [
        ("loops", ("dz[n, f, i, j]", "dz[n, :, i, j].sum()")),
        ("view", ("return dw", "return np.tile(dw.sum(axis=0), (len(dw), 1, 1, 1))")),
        ("windows", ("dw[f] += window * dz", "dw += window * dz")),
    ],
    "filters_exchanged_with_channels": [
        ("loops", ("dw[f, c, k, l] +=", "dw[c, f, k, l] +=")),
        ("view", ("->fckl", "->cfkl")),
    ],
    "only_first_image": [
        ("loops", ("\n    return dw", "\n        return dw")),
        ("view", ("dz, windows)", "dz[:1], windows[:1])")),
    ],
    "only_first_filter_heard": [
        ("loops", ("for f in range(F)", "for f in range(1)")),
        (
            "einsum",
            (
                "dw += np.tensordot(dz[:, :, i, j], window, axes=(0, 0))",
                "dw[0] += np.tensordot(dz[:, 0, i, j], window, axes=(0, 0))",
            ),
        ),
    ],
    "last_output_missed": [
        ("loops", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
        ("windows", ("range(O_h)", "range(O_h - 1)")),
        ("einsum", ("range(dz.shape[3])", "range(dz.shape[3] - 1)")),
    ],
    "returns_too_soon": [
        ("loops", ("\n    return dw", "\n                    return dw")),
        ("windows", ("\n    return dw", "\n                return dw")),
        ("loops", ("\n    return dw", "\n            return dw")),
        ("einsum", ("\n    return dw", "\n            return dw")),
        ("einsum", ("\n    return dw", "\n        return dw")),
    ],
    "size_from_one_axis": [
        ("loops", ("range(O_w)", "range(O_h)")),
        ("windows", ("N, F, O_h, O_w = dz.shape", "N, F, _, O_w = dz.shape\n    O_h = O_w")),
        ("einsum", ("range(dz.shape[2])", "range(dz.shape[3])")),
    ],
    "truncated": [
        ("loops", ("np.zeros((F, C, K_h, K_w))", "np.zeros((F, C, K_h, K_w), dtype=int)")),
        ("guarded", ("np.zeros_like(w)", "np.zeros_like(w, dtype=int)")),
        ("taps", ("np.zeros(w.shape)", "np.zeros(w.shape, int)")),
    ],
    "sign_flipped": [
        ("loops", ("dw[f, c, k, l] +=", "dw[f, c, k, l] -=")),
        ("view", ("return dw", "return -dw")),
    ],
}

# The bias
DB: Wrong = {
    "db_per_pixel": [
        ("sum", ("(0, 2, 3)", "0")),
        ("images", ("np.zeros(dz.shape[1])", "0"), ("dz_n.sum(axis=1).sum(axis=1)", "dz_n")),
    ],
    "db_per_image": [
        ("sum", ("(0, 2, 3)", "(2, 3)")),
        ("outputs", ("np.zeros(F)", "np.zeros((N, F))"), (".sum(axis=0)", "")),
    ],
    "db_one_for_all": [
        ("sum", (", axis=(0, 2, 3)", "")),
        ("filters", ("dz[:, f].sum()", "dz.sum()")),
        ("loops", ("db[f] += dz", "db += dz")),
    ],
    "db_keeps_axes": [
        ("sum", ("(0, 2, 3)", "(0, 2, 3), keepdims=True")),
        ("loops", ("return db", "return db.reshape(-1, 1)")),
        ("matrix", ("np.ones(rows.shape[1])", "np.ones((rows.shape[1], 1))")),
    ],
    "db_other_axes": [
        ("sum", ("(0, 2, 3)", "(1, 2, 3)")),
        ("sum", ("(0, 2, 3)", "(0, 1, 2)")),
        ("images", ("for dz_n in dz:", "for dz_n in dz.transpose(0, 3, 1, 2):"), ("dz.shape[1]", "dz.shape[3]")),
        ("filters", ("len(w)", "dz.shape[0]", 2), ("dz[:, f]", "dz[f]")),
    ],
    "divided_by_batch": [
        ("sum", ("return db", "return db / len(dz)")),
        ("loops", ("dz[n, f, i, j]", "dz[n, f, i, j] / N")),
        ("images", ("db += dz_n.sum(axis=1).sum(axis=1)", "db += dz_n.sum(axis=1).sum(axis=1) / dz.shape[0]")),
    ],
    "divided_by_pixels": [
        ("images", ("dz_n.sum(axis=1).sum(axis=1)", "dz_n.mean(axis=1).mean(axis=1)")),
        ("loops", ("return db", "return db / (O_h * O_w)")),
        ("sum", ("np.sum(dz, axis=(0, 2, 3))", "dz.mean(axis=(2, 3)).sum(axis=0)")),
    ],
    "divided_by_both": [
        ("sum", ("np.sum", "np.mean")),
        ("filters", (".sum()", ".mean()")),
        ("loops", ("return db", "return db / (N * O_h * O_w)")),
    ],
    "only_last_image": [
        ("images", ("db += dz", "db = dz")),
        ("loops", ("        for f in range(F):\n", "        for f in range(F):\n            db[f] = 0\n")),
    ],
    "db_last_output_only": [
        ("loops", ("db[f] += dz", "db[f] = dz")),
        ("outputs", ("db += dz", "db = dz")),
    ],
    "db_counts": [
        ("loops", ("+= dz[n, f, i, j]", "+= 1")),
        ("filters", ("dz[:, f].sum()", "dz[:, f].size")),
        ("matrix", ("rows @", "np.ones_like(rows) @")),
    ],
    "only_first_image": [
        ("loops", ("\n    return db", "\n        return db")),
        ("images", ("\n    return db", "\n        return db")),
        ("filters", ("dz[:, f]", "dz[0, f]")),
    ],
    "only_first_filter_heard": [
        ("filters", ("\n    return db", "\n        return db")),
        ("loops", ("range(F)", "range(1)")),
    ],
    "last_output_missed": [
        ("loops", ("range(O_h)", "range(O_h - 1)")),
        ("outputs", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
        ("sum", ("np.sum(dz,", "np.sum(dz[..., :-1],")),
    ],
    "returns_too_soon": [
        ("loops", ("\n    return db", "\n            return db")),
        ("loops", ("\n    return db", "\n                    return db")),
        ("outputs", ("\n    return db", "\n            return db")),
        ("outputs", ("\n    return db", "\n        return db")),
    ],
    "size_from_one_axis": [
        ("loops", ("range(O_w)", "range(O_h)")),
        ("outputs", ("range(O_h)", "range(O_w)")),
    ],
    "truncated": [
        ("filters", ("np.zeros(len(w))", "np.zeros(len(w), dtype=int)")),
        ("sum", ("return db", "return db.astype(int)")),
        ("loops", ("np.zeros(F)", "np.zeros(F, dtype=int)")),
    ],
    "sign_flipped": [
        ("loops", ("db[f] += dz", "db[f] -= dz")),
        ("sum", ("return db", "return -db")),
    ],
}

# The input
CROP = "padding : padding + H, padding : padding + W"
SPREAD = (
    "spread = np.zeros((N, F, (O_h - 1) * stride + 1, (O_w - 1) * stride + 1))\n"
    "    spread[:, :, ::stride, ::stride] = dz"
)
STRIDED = "k : k + stride * (O_h - 1) + 1 : stride, l : l + stride * (O_w - 1) + 1 : stride"
REACHED = "(dz.shape[2] - 1) * stride + K_h, (dz.shape[3] - 1) * stride + K_w"
GROWN = "np.zeros((H + 2 * padding + K_h - 1, W + 2 * padding + K_w - 1))"

DX: Wrong = {
    "dx_overwritten": [
        ("loops", ("] += dz", "] = dz")),
        ("stamps", ("] += w[f]", "] = w[f]")),
        ("einsum", ("] += np", "] = np")),
        ("taps", ("] += share", "] = share")),
        ("gather", ("dx[n, c, u, v] += ", "dx[n, c, u, v] = ")),
    ],
    "dx_kernel_turned": [
        ("loops", ("w[f, c, k, l]", "w[f, c, K_h - 1 - k, K_w - 1 - l]")),
        ("einsum", ("i, j], w)", "i, j], np.rot90(w, 2, axes=(2, 3)))")),
        ("full", ("w[:, :, ::-1, ::-1]", "w")),
        ("rot90", ("np.rot90(w[f, c], 2)", "w[f, c]")),
    ],
    "dx_kernel_transposed": [
        ("full", ("w[:, :, ::-1, ::-1]", "w.transpose(0, 1, 3, 2)")),
        ("rot90", ("np.rot90(w[f, c], 2)", "w[f, c].T")),
        ("loops", ("w[f, c, k, l]", "w[f, c, l, k]")),
        ("gather", ("w[f, c, k, l]", "w[f, c, l, k]")),
    ],
    "dx_kernel_mirrored": [
        ("full", ("w[:, :, ::-1, ::-1]", "w[:, :, ::-1]")),
        ("rot90", ("np.rot90(w[f, c], 2)", "np.fliplr(w[f, c])")),
        ("loops", ("w[f, c, k, l]", "w[f, c, K_h - 1 - k, l]")),
    ],
    "dz_not_dilated": [
        ("loops", ("i * stride + k, j * stride + l", "i + k, j + l")),
        ("stamps", ("i * stride, j * stride", "i, j")),
        ("gather", ("i * stride", "i"), ("j * stride", "j")),
        ("full", (SPREAD, "spread = dz"), ("top, top + rest_h), (left, left + rest_w)", "top, top), (left, left)")),
        ("rot90", ("i * stride, K_w - 1 + j * stride", "i, K_w - 1 + j")),
    ],
    "stride_on_taps": [
        ("loops", ("i * stride + k, j * stride + l", "i + k * stride, j + l * stride")),
        ("taps", (STRIDED, "k * stride : k * stride + O_h, l * stride : l * stride + O_w")),
        (
            "stamps",
            ("top, left = i * stride, j * stride", "top, left = i, j"),
            (
                "top : top + K_h, left : left + K_w",
                "top : top + K_h * stride : stride, left : left + K_w * stride : stride",
            ),
        ),
    ],
    "stride_on_one_axis": [
        ("loops", ("j * stride + l", "j + l")),
        ("stamps", ("i * stride, j * stride", "i, j * stride")),
        ("rot90", ("j * stride", "j")),
    ],
    "stride_is_kernel": [
        ("loops", ("i * stride + k, j * stride + l", "i * K_h + k, j * K_w + l")),
        ("gather", ("i * stride", "i * K_h"), ("j * stride", "j * K_w")),
        ("stamps", ("i * stride, j * stride", "i * K_h, j * K_w")),
    ],
    "dx_not_cropped": [
        ("loops", (f"return dx_pad[:, :, {CROP}]", "return dx_pad")),
        ("stamps", (f"dx = dx_pad[:, :, {CROP}]", "dx = dx_pad")),
        ("full", ("top, left = K_h - 1 - padding, K_w - 1 - padding", "top, left = K_h - 1, K_w - 1")),
    ],
    "dx_cropped_from_start": [
        ("loops", (f"dx_pad[:, :, {CROP}]", "dx_pad[:, :, :H, :W]")),
        ("rot90", ("            grown = grown[padding:, padding:]\n", "")),
        ("gather", (" + padding", "", 2)),
    ],
    "dx_cropped_from_end": [
        ("loops", (f"dx_pad[:, :, {CROP}]", "dx_pad[:, :, -H:, -W:]")),
        ("rot90", ("grown[padding:, padding:]", "grown[2 * padding :, 2 * padding :]")),
        ("gather", ("+ padding", "+ 2 * padding", 2)),
    ],
    "dx_crop_empties": [
        ("loops", (f"dx_pad[:, :, {CROP}]", "dx_pad[:, :, padding:-padding, padding:-padding]")),
        (
            "einsum",
            (
                "padding : dx_pad.shape[2] - padding, padding : dx_pad.shape[3] - padding",
                "padding:-padding, padding:-padding",
            ),
        ),
    ],
    "dx_remainder_missing": [
        ("full", (" + rest_h", ""), (" + rest_w", "")),
        ("loops", ("H + 2 * padding, W + 2 * padding", REACHED)),
        (
            "einsum",
            (
                "np.pad(np.zeros_like(x), ((0, 0), (0, 0), (padding, padding), (padding, padding)))",
                f"np.zeros((*x.shape[:2], {REACHED}))",
            ),
        ),
    ],
    "dx_remainder_at_start": [
        ("full", ("(top, top + rest_h), (left, left + rest_w)", "(top + rest_h, top), (left + rest_w, left)")),
        (
            "stamps",
            (
                "i * stride, j * stride",
                "(H + 2 * padding - K_h) % stride + i * stride, (W + 2 * padding - K_w) % stride + j * stride",
            ),
        ),
    ],
    "filters_not_summed": [
        (
            "loops",
            (
                "    for n in range(N):\n        for f in range(F):\n",
                "    for n in range(N):\n        for f in range(F):\n            dx_pad[n] = 0\n",
            ),
        ),
        ("stamps", ("for f in range(F)", "for f in [F - 1]")),
        ("rot90", ("dx[n, c, u, v] += ", "dx[n, c, u, v] = ")),
    ],
    "filters_averaged": [
        ("loops", ("dz[n, f, i, j] *", "dz[n, f, i, j] / F *")),
        ("full", ("return dx", "return dx / F")),
    ],
    "filters_mixed": [
        ("loops", ("* w[f, c, k, l]", "* w[:, c, k, l].sum()")),
        ("full", ("nfuvkl,fckl", "nfuvkl,gckl")),
        ("stamps", ("+= w[f] *", "+= w[0] *")),
    ],
    "channels_alike": [
        ("loops", ("w[f, c, k, l]", "w[f, 0, k, l]")),
        ("stamps", ("+= w[f] *", "+= w[f].sum(axis=0) *")),
        ("rot90", ("w[f, c]", "w[f, 0]")),
    ],
    "filters_exchanged_with_channels": [
        ("loops", ("w[f, c, k, l]", "w[c, f, k, l]")),
        ("einsum", ("fckl", "cfkl")),
    ],
    "only_first_channel_filled": [
        ("loops", ("for c in range(C)", "for c in range(1)")),
        (
            "stamps",
            (
                "dx_pad[n, :, top : top + K_h, left : left + K_w] += w[f] *",
                "dx_pad[n, 0, top : top + K_h, left : left + K_w] += w[f, 0] *",
            ),
        ),
    ],
    "kernel_from_one_axis": [
        ("gather", ("F, _, K_h, K_w = w.shape", "F, _, _, K_w = w.shape\n    K_h = K_w")),
        ("einsum", ("i * stride + K_h", "i * stride + K_w")),
        ("asks", ("_, _, K_h, K_w = w.shape", "K_h = K_w = w.shape[2]")),
    ],
    "images_added_up": [
        ("loops", ("    for n in range(N):\n", "    for n in range(N):\n        dx_pad[n] = dx_pad[n - 1]\n")),
        (
            "stamps",
            ("np.zeros((N, C, H + 2", "np.zeros((C, H + 2"),
            ("    for n in range(N):\n", "    dx = np.zeros(x.shape)\n    for n in range(N):\n"),
            ("dx_pad[n, :, top", "dx_pad[:, top"),
            (f"\n    dx = dx_pad[:, :, {CROP}]", f"\n        dx[n] = dx_pad[:, {CROP}]"),
        ),
    ],
    "divided_by_batch": [
        ("loops", ("dz[n, f, i, j] *", "dz[n, f, i, j] / N *")),
        ("full", ("return dx", "return dx / N")),
    ],
    "overlap_averaged": [
        (
            "taps",
            ("    for k in", "    times = np.zeros(dx_pad.shape)\n    for k in"),
            ("] += share\n", f"] += share\n            times[:, :, {STRIDED}] += 1\n"),
            ("    return dx_pad", "    dx_pad /= np.maximum(times, 1)\n    return dx_pad"),
        ),
        (
            "einsum",
            ("    for i in", "    times = np.zeros_like(dx_pad)\n    for i in"),
            ("j], w)\n", "j], w)\n            times[:, :, rows, columns] += 1\n"),
            ("    return dx_pad", "    dx_pad[times > 0] /= times[times > 0]\n    return dx_pad"),
        ),
    ],
    "result_transposed": [
        (
            "gather",
            ("dx[n, c, u, v]", "dx[n, c, v, u]"),
            ("np.zeros((N, C, H, W))", "np.zeros((N, C, W, H))"),
            ("c, u, v in np.ndindex", "c, v, u in np.ndindex"),
        ),
        ("full", ("->ncuv", "->ncvu")),
    ],
    "only_first_image": [
        ("loops", ("\n    return dx_pad", "\n        return dx_pad")),
        ("stamps", ("range(N)", "range(1)")),
        ("taps", ('"nfij,fc->ncij", dz, w', '"nfij,fc->ncij", dz * (np.arange(N) < 1)[:, None, None, None], w')),
    ],
    "only_first_filter_heard": [
        ("loops", ("for f in range(F)", "for f in range(1)")),
        ("einsum", ('"nf,fckl->nckl", dz[:, :, i, j], w', '"n,ckl->nckl", dz[:, 0, i, j], w[0]')),
    ],
    "last_output_missed": [
        ("loops", ("range(O_h)", "range(O_h - 1)"), ("range(O_w)", "range(O_w - 1)")),
        ("stamps", ("range(O_h)", "range(O_h - 1)")),
        ("einsum", ("range(dz.shape[3])", "range(dz.shape[3] - 1)")),
    ],
    "returns_too_soon": [
        ("loops", ("\n    return dx_pad", "\n                    return dx_pad")),
        ("loops", ("\n    return dx_pad", "\n            return dx_pad")),
        (
            "stamps",
            (
                f"\n    dx = dx_pad[:, :, {CROP}]\n    return",
                f"\n                dx = dx_pad[:, :, {CROP}]\n                return",
            ),
        ),
        ("einsum", ("\n    return dx_pad", "\n            return dx_pad")),
        ("einsum", ("\n    return dx_pad", "\n        return dx_pad")),
    ],
    "size_from_one_axis": [
        ("loops", ("range(O_w)", "range(O_h)")),
        ("gather", ("range(O_h)", "range(O_w)")),
        ("stamps", ("O_h, O_w = dz.shape[2:]", "O_h = O_w = dz.shape[3]")),
    ],
    "truncated": [
        ("full", ("return dx", "return dx.astype(int)")),
        ("gather", ("\n    return dx", "\n    return dx.astype(np.int64)")),
        ("loops", ("W + 2 * padding))", "W + 2 * padding), dtype=int)")),
    ],
    "sign_flipped": [
        ("loops", ("] += dz", "] -= dz")),
        ("full", ("return dx", "return -dx")),
    ],
}

# All of them
RETURN_ALL = "return dx, dw, db"

BACKWARD: Wrong = {
    "results_in_another_order": [
        ("loops", (RETURN_ALL, "return db, dw, dx")),
        ("view", (RETURN_ALL, "return dw, dx, db")),
        ("view", (RETURN_ALL, "return dw, db, dx")),
        ("apart", (RETURN_ALL, "return dx, db, dw")),
        ("apart", (RETURN_ALL, "return db, dx, dw")),
    ],
}


# More of them: outputs in another place, sums begun or ended otherwise
OUTPUT_SIZE |= {
    "size_one_twice": [
        ("formula", ("- kernel)", "- kernel + 1)")),
        ("steps", ("padded - kernel", "padded - kernel + 1")),
    ],
    "size_one_subtracted": [
        ("formula", (" + 1", " - 1")),
        ("steps", ("steps + 1", "steps - 1")),
    ],
    "size_last_start_missed": [
        ("walk", ("<=", "<")),
        ("formula", (f"{ROOM} // stride + 1", "len(range(0, size + 2 * padding - kernel, stride))")),
    ],
    "size_brackets_missing": [
        ("formula", (ROOM, ROOM[1:-1])),
        ("formula", (f"{ROOM} // stride", "(size - kernel) // stride + 2 * padding")),
        ("steps", ("padded - kernel", "padded - kernel // stride"), ("int(last_start / stride)", "last_start")),
    ],
    "size_of_transposed": [
        ("formula", (f"{ROOM} // stride + 1", "(size - 1) * stride - 2 * padding + kernel")),
        (
            "steps",
            ("size + padding + padding", "stride * (size - 1)"),
            ("padded - kernel", "padded + kernel"),
            ("int(last_start / stride)", "last_start - padding"),
            ("steps + 1", "steps - padding"),
        ),
    ],
    "size_settings_exchanged": [
        ("formula", ("2 * padding", "2 * stride"), ("// stride", "// padding")),
        (
            "steps",
            ("size + padding + padding", "size + stride + stride"),
            ("int(last_start / stride)", "last_start // padding"),
        ),
    ],
    "size_padding_from_kernel": [
        ("formula", ("2 * padding", "2 * (kernel // 2)")),
        ("steps", ("size + padding + padding", "size + kernel // 2 * 2")),
        ("walk", ("2 * padding", "kernel // 2 * 2")),
    ],
}

DOUBLED = "((0, 0), (0, 0), (2 * padding, 2 * padding), (2 * padding, 2 * padding))"
INSIDE = "if 0 <= u < H and 0 <= v < W:"
BIAS = "z[n, f, i, j] += b[f]"
LAST = "z + b[None, :, None, None]"
NO_BIAS = f"                    {BIAS}\n", ""


def _without_lower_edge(sign: str) -> Edit:
    """The loops, reading x itself, with a question only for the far edge."""
    u, v = f"i * stride + k {sign} padding", f"j * stride + l {sign} padding"
    return SUM, f"if {u} < H and {v} < W:\n{' ' * 36}z[n, f, i, j] += w[f, c, k, l] * x[n, c, {u}, {v}]"


CONV2D |= {
    "tap_missed": [
        ("loops", ("range(K_h)", "range(K_h - 1)"), ("range(K_w)", "range(K_w - 1)")),
        ("guarded", ("np.ndindex(C, K_h, K_w)", "np.ndindex(C, K_h - 1, K_w - 1)")),
        ("windows", ("np.sum(window * w[f])", "np.sum((window * w[f])[:, :-1, :-1])")),
    ],
    "padding_doubled": [
        ("view", (EVEN, DOUBLED)),
        ("guarded", ("+ 2 * padding", "+ 4 * padding", 2), (" - padding", " - 2 * padding", 2)),
        (
            "einsum",
            ("(padding, padding), (padding, padding)", "(2 * padding, 2 * padding), (2 * padding, 2 * padding)"),
        ),
    ],
    "padding_wraps_round": [
        ("guarded", (INSIDE, "if u < H and v < W:")),
        ("loops", _without_lower_edge("-")),
    ],
    "padding_sign_turned": [
        ("guarded", ("- padding\n", "+ padding\n", 2)),
        ("loops", _without_lower_edge("+")),
    ],
    "edge_never_read": [
        ("guarded", (INSIDE, "if 0 < u < H and 0 < v < W:")),
        ("guarded", (INSIDE, "if 0 <= u < H - 1 and 0 <= v < W - 1:")),
        ("loops", (TOP_LEFT, "x_pad[:, :, padding : padding + H - 1, padding : padding + W - 1] = x[:, :, :-1, :-1]")),
    ],
    "bias_multiplied": [
        ("windows", ("+ b[f]", "* b[f]")),
        ("view", (LAST, "z * b[None, :, None, None]")),
    ],
    "bias_twice": [
        ("view", (LAST, "z + 2 * b[:, None, None]")),
        ("loops", ("z = np.zeros((N, F, O_h, O_w))", "z = np.zeros((N, F, O_h, O_w)) + b.reshape(-1, 1, 1)")),
    ],
    "bias_per_image": [
        (
            "loops",
            NO_BIAS,
            ("        for f in range(F):\n", "        for f in range(F):\n            z[:, f] += b[f]\n"),
        ),
        ("view", (f"return {LAST}", "for image in x:\n        z = z + b[:, None, None]\n    return z")),
    ],
    "bias_added_up": [
        ("windows", ("+ b[f]", "+ b[: f + 1].sum()")),
        ("loops", (BIAS, "z[n, f:, i, j] += b[f]")),
    ],
    "bias_not_everywhere": [
        ("loops", NO_BIAS, ("    return z", "    z[0] += b[:, None, None]\n    return z")),
        ("view", (f"return {LAST}", "z[:, :, 0, 0] += b\n    return z")),
        ("taps", ("return z + b.reshape(1, -1, 1, 1)", "z[:, 0] += b[0]\n    return z")),
    ],
    "channel_left_out": [
        ("loops", ("range(C)", "range(C - 1)")),
        ("view", ("windows, w)", "windows[:, 1:], w[:, 1:])")),
    ],
    "channels_share": [
        ("loops", ("w[f, c, k, l]", "w[f, 0, k, l]")),
        ("windows", ("window * w[f]", "window[0] * w[f]")),
    ],
    "one_channel_per_filter": [
        ("windows", ("window * w[f]", "window[f % C] * w[f, f % C]")),
        ("loops", ("for c in range(C)", "for c in [f % C]")),
    ],
    "filters_exchanged_with_channels": [
        ("loops", ("w[f, c, k, l]", "w[c, f, k, l]")),
        ("view", ("fckl", "cfkl")),
    ],
    "images_alike": [
        ("loops", ("x_pad[n, c, i", "x_pad[0, c, i")),
        ("windows", ("x_pad[n, :", "x_pad[0, :")),
    ],
    "images_summed": [
        ("loops", ("x_pad[n, c, i * stride + k, j * stride + l]", "x_pad[:, c, i * stride + k, j * stride + l].sum()")),
        ("windows", ("x_pad[n, :", "x_pad.sum(axis=0)[:")),
    ],
    "filters_added_up": [
        ("windows", ("z[n, f, i, j] = np", "z[n, f, i, j] = z[n, f - 1, i, j] + np")),
        ("view", (f"return {LAST}", f"return np.cumsum({LAST}, axis=1)")),
    ],
    "outputs_added_up": [
        ("guarded", ("        total = 0.0\n", ""), ("    z = np.empty", "    total = 0.0\n    z = np.empty")),
        (
            "windows",
            ("            for i in range(O_h):", "            total = 0\n            for i in range(O_h):"),
            (
                "z[n, f, i, j] = np.sum(window * w[f]) + b[f]",
                "total += np.sum(window * w[f])\n                    z[n, f, i, j] = total + b[f]",
            ),
        ),
    ],
    "reshaped_without_transpose": [
        ("im2col", ("reshape(len(x), O_h, O_w, F).transpose(0, 3, 1, 2)", "reshape(len(x), F, O_h, O_w)")),
        ("im2col", ("w.reshape(F, -1).T", "w.reshape(-1, F)")),
        (
            "im2col",
            ("z = columns @ w.reshape(F, -1).T + b", "z = columns @ w.reshape(F, -1).T"),
            (
                "return z.reshape(len(x), O_h, O_w, F).transpose(0, 3, 1, 2)",
                "return z.reshape(len(x), F, O_h, O_w) + b[:, None, None]",
            ),
        ),
        ("view", (f"return {LAST}", "z = z.transpose(1, 0, 2, 3).reshape(z.shape)\n    return z + b[:, None, None]")),
    ],
    "kernel_turned_by_90": [
        ("im2col", ("    F, C, K_h", "    w = np.rot90(w, axes=(2, 3))\n    F, C, K_h")),
        ("einsum", ("    K_h, K_w", "    w = np.rot90(w, -1, (2, 3))\n    K_h, K_w")),
    ],
    "other_axes_flipped": [
        ("view", ("windows, w)", "windows, w[::-1, ::-1])")),
        ("loops", ("w[f, c, k, l]", "w[f, C - 1 - c, k, l]")),
        ("im2col", ("w.reshape", "np.flip(w, (0, 1)).reshape")),
    ],
    "sum_for_product": [
        ("loops", ("w[f, c, k, l] *", "w[f, c, k, l] +")),
        ("windows", ("window * w[f]", "window + w[f]")),
    ],
    "maximum_for_sum": [
        ("windows", ("np.sum(", "np.max(")),
        (
            "einsum",
            ("np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3]))", "(window[:, None] * w).max(axis=(2, 3, 4))"),
        ),
    ],
    "relu_inside": [
        ("loops", ("    return z", "    return np.maximum(0, z)")),
        ("guarded", ("total + b[f]", "max(0, total + b[f])")),
    ],
}

FINISHED = "return dw"
BY_OUTPUT = "dz[n, f, i, j]"

DW |= {
    "summed_before_product": [
        ("taps", ('"nfij,ncij->fc", dz, met', '"nf,nc->fc", dz.sum(axis=(2, 3)), met.sum(axis=(2, 3))')),
        ("view", ('"nfij,ncijkl->fckl", dz, windows', '"nf,nckl->fckl", dz.sum((2, 3)), windows.sum((2, 3))')),
    ],
    "dw_reshaped": [
        ("view", ("->fckl", "->cklf"), (FINISHED, "return dw.reshape(w.shape)")),
        (
            "loops",
            ("np.zeros((F, C, K_h, K_w))", "np.zeros((C, K_h, K_w, F))"),
            ("dw[f, c, k, l] +=", "dw[c, k, l, f] +="),
            (FINISHED, "return dw.reshape(F, C, K_h, K_w)"),
        ),
    ],
    "dw_begins_with_w": [
        ("windows", ("np.zeros(w.shape)", "w.copy()")),
        ("loops", ("np.zeros((F, C, K_h, K_w))", "np.array(w)")),
    ],
    "begins_with_one": [
        ("windows", ("np.zeros(w.shape)", "np.ones(w.shape)")),
        ("guarded", ("total = 0.0", "total = 1.0")),
    ],
    "kernel_turned_by_90": [
        ("view", (FINISHED, "return np.rot90(dw, axes=(2, 3))")),
        ("loops", (FINISHED, "return np.rot90(dw, -1, (2, 3))")),
    ],
    "images_share": [
        ("windows", (BY_OUTPUT, "dz[0, f, i, j]")),
        ("loops", (BY_OUTPUT, "dz[:, f, i, j].sum()")),
    ],
    "filters_share": [
        ("windows", (BY_OUTPUT, "dz[n, 0, i, j]")),
        ("guarded", (BY_OUTPUT, "dz[n, 0, i, j]")),
    ],
    "dz_transposed": [
        ("loops", (BY_OUTPUT, "dz[n, f, j, i]")),
        ("guarded", (BY_OUTPUT, "dz[n, f, j, i]")),
    ],
    "dz_flipped": [
        ("windows", (BY_OUTPUT, "dz[n, f, -1 - i, -1 - j]")),
        ("view", ("dz, windows)", "np.flip(dz, (2, 3)), windows)")),
    ],
    "reshaped_without_transpose": [
        ("windows", ("    dw = np", "    dz = dz.reshape(F, N, O_h, O_w).transpose(1, 0, 2, 3)\n    dw = np")),
        ("view", ("dz, windows)", "dz.reshape(len(dz), *dz.shape[2:], -1).transpose(0, 3, 1, 2), windows)")),
    ],
}

DB |= {
    "db_axis_left_out": [
        ("sum", ("(0, 2, 3)", "(0, 2)")),
        ("images", ("np.zeros(dz.shape[1])", "0"), (".sum(axis=1).sum(axis=1)", ".sum(axis=2)")),
    ],
    "db_too_often": [
        ("loops", ("db[f] += dz", "for c in range(w.shape[1]):\n                        db[f] += dz")),
        ("outputs", ("db += dz", "for k in range(w[0, 0].size):\n                db += dz")),
        ("sum", ("return db", "return db * len(x)")),
    ],
    "filters_added_up": [
        ("filters", ("dz[:, f].sum()", "dz[:, : f + 1].sum()")),
        ("loops", ("db[f] += dz", "db[f:] += dz")),
    ],
    "db_absolute": [
        ("sum", ("np.sum(dz,", "np.sum(np.abs(dz),")),
        ("loops", (BY_OUTPUT, "abs(dz[n, f, i, j])")),
    ],
    "filters_share": [
        ("filters", ("dz[:, f]", "dz[:, 0]")),
        ("loops", (BY_OUTPUT, "dz[n, 0, i, j]")),
    ],
    "reshaped_without_transpose": [
        ("matrix", ("dz.transpose(1, 0, 2, 3).reshape", "dz.reshape")),
        ("filters", ("dz[:, f].sum()", "dz.reshape(len(w), -1)[f].sum()")),
        ("sum", ("np.sum(dz, axis=(0, 2, 3))", "dz.reshape(-1, dz.shape[1]).sum(axis=0)")),
    ],
}

DX |= {
    "dx_begins_with_x": [
        ("gather", ("np.zeros((N, C, H, W))", "x.copy()")),
        ("asks", ("np.zeros(x.shape)", "np.array(x)")),
    ],
    "begins_with_one": [
        ("gather", ("np.zeros((N, C, H, W))", "np.ones((N, C, H, W))")),
        ("loops", ("np.zeros((N", "np.ones((N")),
    ],
    "dx_masked": [
        ("full", ("return dx", "return dx * (x > 0)")),
        ("gather", ("return dx", "dx[x <= 0] = 0\n    return dx")),
    ],
    "channels_into_first": [
        ("gather", ("dx[n, c, u, v] +=", "dx[n, 0, u, v] +=")),
        ("loops", ("dx_pad[n, c, i", "dx_pad[n, 0, i")),
    ],
    "dz_too_far_apart": [
        ("gather", ("i * stride", "i * (stride + 1)"), ("j * stride", "j * (stride + 1)")),
        ("asks", ("k, stride)", "k, stride + 1)"), ("l, stride)", "l, stride + 1)")),
    ],
    "dx_padding_sign_turned": [
        ("gather", ("+ padding", "- padding", 2)),
        ("asks", ("+ padding", "- padding", 2)),
    ],
    "dx_kernel_turned_by_90": [
        ("stamps", ("    F, _, K_h", "    w = np.rot90(w, axes=(2, 3))\n    F, _, K_h")),
        ("taps", ("    F, _, K_h", "    w = np.rot90(w, -1, (2, 3))\n    F, _, K_h")),
    ],
    "other_axes_flipped": [
        ("full", ("w[:, :, ::-1, ::-1]", "np.flip(w)")),
        ("loops", ("w[f, c, k, l]", "w[f, C - 1 - c, k, l]")),
        ("einsum", ("j], w)", "j], w[::-1, ::-1])")),
    ],
    "dx_remainder_unchecked": [
        ("asks", ("row_left == 0 and column_left == 0 and ", "")),
        ("asks in loops", ("            if top % stride or left % stride:\n                continue\n", "")),
    ],
    "dx_index_wraps_round": [
        ("asks", ("0 <= i < O_h and 0 <= j < O_w", "-O_h <= i < O_h and -O_w <= j < O_w")),
        (
            "asks in loops",
            (
                "if i >= 0 and j >= 0 and i < dz.shape[2] and j < dz.shape[3]",
                "if -dz.shape[2] <= i < dz.shape[2] and -dz.shape[3] <= j < dz.shape[3]",
            ),
        ),
    ],
    "images_share": [
        ("stamps", (BY_OUTPUT, "dz[0, f, i, j]")),
        ("loops", (BY_OUTPUT, "dz[:, f, i, j].sum()")),
    ],
    "filters_share": [
        ("stamps", (BY_OUTPUT, "dz[n, 0, i, j]")),
        ("gather", (BY_OUTPUT, "dz[n, 0, i, j]")),
    ],
    "dz_transposed": [
        ("loops", (BY_OUTPUT, "dz[n, f, j, i]")),
        ("stamps", (BY_OUTPUT, "dz[n, f, j, i]")),
    ],
    "dz_flipped": [
        ("stamps", (BY_OUTPUT, "dz[n, f, -1 - i, -1 - j]")),
        ("full", ("= dz\n", "= np.rot90(dz, 2, axes=(2, 3))\n")),
    ],
    "reshaped_without_transpose": [
        ("stamps", ("    dx_pad = np", "    dz = dz.reshape(F, N, O_h, O_w).swapaxes(0, 1)\n    dx_pad = np")),
        ("full", ("= dz\n", "= dz.reshape(N, O_h, O_w, F).transpose(0, 3, 1, 2)\n")),
    ],
}

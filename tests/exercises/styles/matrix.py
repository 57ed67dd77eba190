"""Right answers to the tasks about the matrix T(w), as source text, in the styles that learners write them in."""

SIZE = """
    K_h, K_w = w.shape
    O_h = (H + 2 * padding - K_h) // stride + 1
    O_w = (W + 2 * padding - K_w) // stride + 1
"""

CONV_MATRIX = {
    # entry by entry, from outputs and taps
    "loops": f"""
def conv_matrix(w, H, W, stride, padding):{SIZE}
    T = np.zeros((O_h * O_w, H * W))
    for i in range(O_h):
        for j in range(O_w):
            for k in range(K_h):
                for l in range(K_w):
                    u = i * stride + k - padding
                    v = j * stride + l - padding
                    if 0 <= u < H and 0 <= v < W:
                        T[i * O_w + j, u * W + v] = w[k, l]
    return T
""",
    # the kernel drawn on a picture for each row
    "pictures": f"""
def conv_matrix(w, H, W, stride, padding):{SIZE}
    rows = []
    for i in range(O_h):
        for j in range(O_w):
            picture = np.zeros((H + 2 * padding, W + 2 * padding))
            picture[i * stride : i * stride + K_h, j * stride : j * stride + K_w] = w
            rows.append(picture[padding : padding + H, padding : padding + W].ravel())
    return np.array(rows).reshape(O_h * O_w, H * W)
""",
    # entry by entry, from outputs and inputs
    "columns": f"""
def conv_matrix(w, H, W, stride, padding):{SIZE}
    T = np.zeros((O_h, O_w, H, W))
    for u in range(H):
        for v in range(W):
            for i in range(O_h):
                for j in range(O_w):
                    k, l = u + padding - i * stride, v + padding - j * stride
                    if 0 <= k < K_h and 0 <= l < K_w:
                        T[i, j, u, v] = w[k, l]
    return T.reshape(O_h * O_w, H * W)
""",
    # tap by tap, whole diagonals at once
    "diagonals": f"""
def conv_matrix(w, H, W, stride, padding):{SIZE}
    T = np.zeros((O_h * O_w, H * W))
    i, j = np.divmod(np.arange(O_h * O_w), O_w)
    for k in range(K_h):
        for l in range(K_w):
            u, v = i * stride + k - padding, j * stride + l - padding
            inside = (u >= 0) & (u < H) & (v >= 0) & (v < W)
            T[np.flatnonzero(inside), (u * W + v)[inside]] = w[k, l]
    return T
""",
}

CONV_MATRIX_DW = {
    "loops": f"""
def conv_matrix_dw(dT, w, H, W, stride, padding):{SIZE}
    dw = np.zeros((K_h, K_w))
    for i in range(O_h):
        for j in range(O_w):
            for k in range(K_h):
                for l in range(K_w):
                    u = i * stride + k - padding
                    v = j * stride + l - padding
                    if 0 <= u < H and 0 <= v < W:
                        dw[k, l] += dT[i * O_w + j, u * W + v]
    return dw
""",
    "pictures": f"""
def conv_matrix_dw(dT, w, H, W, stride, padding):{SIZE}
    dw = np.zeros(w.shape)
    for i in range(O_h):
        for j in range(O_w):
            picture = np.pad(dT[i * O_w + j].reshape(H, W), padding)
            dw += picture[i * stride : i * stride + K_h, j * stride : j * stride + K_w]
    return dw
""",
    "diagonals": f"""
def conv_matrix_dw(dT, w, H, W, stride, padding):{SIZE}
    dw = np.zeros_like(w)
    i, j = np.divmod(np.arange(O_h * O_w), O_w)
    for k in range(K_h):
        for l in range(K_w):
            u, v = i * stride + k - padding, j * stride + l - padding
            inside = (u >= 0) & (u < H) & (v >= 0) & (v < W)
            told = dT[np.flatnonzero(inside), (u * W + v)[inside]]
            dw[k, l] = told.sum()
    return dw
""",
    # one matrix of zeros and ones for each tap
    "masks": f"""
def conv_matrix_dw(dT, w, H, W, stride, padding):{SIZE}
    free = dT.reshape(O_h, O_w, H, W)
    i, j, u, v = np.ogrid[:O_h, :O_w, :H, :W]
    dw = np.zeros((K_h, K_w))
    for k in range(K_h):
        for l in range(K_w):
            held = (u == i * stride + k - padding) & (v == j * stride + l - padding)
            dw[k, l] = (free * held).sum()
    return dw
""",
}

"""The last tasks, right in the styles that learners write them in, and edits that put mistakes in."""

from tests.exercises.making import Wrong

LIST_MEETINGS = {
    "loops": """
def list_meetings(size, kernel, stride, padding):
    found = []
    outputs = (size + 2 * padding - kernel) // stride + 1
    for o in range(outputs):
        for k in range(kernel):
            i = o * stride + k - padding
            if 0 <= i < size:
                found.append((o, k, i))
    o, k, i = np.array(found).T
    return o, k, i
""",
    "arrays": """
def list_meetings(size, kernel, stride, padding):
    O = 1 + (size + 2 * padding - kernel) // stride
    o = np.repeat(np.arange(O), kernel)
    k = np.tile(np.arange(kernel), O)
    i = stride * o + k - padding
    kept = np.flatnonzero((i > -1) & (i < size))
    return o[kept], k[kept], i[kept]
""",
    "padded": """
def list_meetings(size, kernel, stride, padding):
    o_list, k_list, i_list = [], [], []
    o = 0
    while o * stride + kernel <= size + 2 * padding:
        for k in range(kernel):
            place = o * stride + k
            if padding <= place < padding + size:
                o_list.append(o)
                k_list.append(k)
                i_list.append(place - padding)
        o += 1
    return np.array(o_list), np.array(k_list), np.array(i_list)
""",
}
WALK = {
    "loop": """
def walk(to, one, other, cells):
    out = np.zeros(cells)
    for cell, a, b in zip(to, one, other):
        out[cell] += a * b
    return out
""",
    "add.at": """
def walk(to, one, other, cells):
    out = np.zeros(cells)
    np.add.at(out, to, one * other)
    return out
""",
    "bincount": """
def walk(to, one, other, cells):
    return np.bincount(to, weights=one * other, minlength=cells)
""",
    "masks": """
def walk(to, one, other, cells):
    return np.array([np.sum((one * other)[to == cell]) for cell in range(cells)])
""",
}

TAPS = "for k in range(kernel)"
INNER = f"        {TAPS}:\n            i"
REPEATED, TILED = "np.repeat(np.arange(O), kernel)", "np.tile(np.arange(kernel), O)"

LIST_WRONG: Wrong = {
    "list_without_stride": [
        ("loops", ("o * stride + k", "o + k")),
        ("arrays", ("stride * o", "o")),
    ],
    "list_strides_on_taps": [
        ("loops", ("o * stride + k", "o + k * stride")),
        ("arrays", ("stride * o + k", "o + stride * k")),
    ],
    "list_padding_turned": [
        ("loops", ("k - padding", "k + padding", 1)),
        ("arrays", ("k - padding", "k + padding")),
    ],
    "list_padding_forgotten": [
        ("loops", ("+ k - padding", "+ k")),
        ("arrays", ("+ k - padding", "+ k")),
    ],
    "list_with_padding": [
        ("loops", ("if 0 <= i < size", "if True")),
        ("arrays", ("(i > -1) & (i < size)", "i > -99")),
        ("padded", ("if padding <= place < padding + size", "if place >= 0")),
    ],
    "list_taps_backwards": [
        ("loops", ("(o, k, i)", "(o, kernel - 1 - k, i)")),
        ("arrays", ("i = stride * o + k", "i = stride * o + kernel - 1 - k")),
    ],
    "size_one_short": [
        ("loops", ("// stride + 1", "// stride")),
        ("arrays", ("1 + (size", "(size")),
        ("padded", ("stride + kernel <= size", "stride + kernel + stride <= size")),
    ],
    "size_rounded_up": [
        ("loops", ("(size + 2 * padding - kernel) // stride", "-(-(size + 2 * padding - kernel) // stride)")),
        ("arrays", ("(size + 2 * padding - kernel) // stride", "int(np.ceil((size + 2 * padding - kernel) / stride))")),
    ],
    "size_padding_once": [
        ("loops", ("2 * padding", "padding")),
        ("arrays", ("2 * padding", "padding")),
    ],
    "list_by_taps": [
        ("loops", ("for o in range(outputs)", TAPS), (INNER, INNER.replace(TAPS, "for o in range(outputs)"))),
        ("arrays", (REPEATED, REPEATED.replace("repeat", "tile")), (TILED, TILED.replace("tile", "repeat"))),
    ],
}
WALK_WRONG: Wrong = {
    "walk_keeps_the_last": [
        ("loop", ("+= a * b", "= a * b")),
        ("add.at", ("np.add.at(out, to, one * other)", "out[to] += one * other")),
    ],
    "walk_adds_partners": [
        ("loop", ("a * b", "a + b")),
        ("bincount", ("one * other", "one + other")),
    ],
    "walk_forgets_a_partner": [
        ("loop", ("a * b", "a")),
        ("bincount", ("one * other", "other")),
    ],
    "walk_too_short": [
        ("bincount", (", minlength=cells", "")),
        ("masks", ("range(cells)", "range(max(to) + 1)")),
    ],
    "sign_flipped": [
        ("loop", ("+=", "-=")),
        ("masks", ("np.sum", "-np.sum")),
    ],
}

"""Right answers to the tasks of training, as source text, in the styles that learners write them in."""

NUMERICAL_GRADIENT = {
    "nudged": """
def numerical_gradient(function, x, step):
    x = x.astype(float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += step
        above = function(x)
        x[i] -= 2 * step
        below = function(x)
        x[i] += step
        gradient[i] = (above - below) / (2 * step)
    return gradient
""",
    "copies": """
def numerical_gradient(function, x, step):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        plus = x.astype(float)
        minus = x.astype(float)
        plus[i] += step
        minus[i] -= step
        change = function(plus) - function(minus)
        gradient[i] = change / 2 / step
    return gradient
""",
    "flat": """
def numerical_gradient(function, x, step):
    shape = x.shape
    x = np.array(x, dtype=float).reshape(-1)
    slopes = []
    for i in range(len(x)):
        nudge = np.zeros(len(x))
        nudge[i] = step
        f_up = function((x + nudge).reshape(shape))
        f_down = function((x - nudge).reshape(shape))
        slopes.append((f_up - f_down) / (2 * step))
    return np.array(slopes).reshape(shape)
""",
}

SGD_STEP = {
    "package": """
from lessonconv.functional import conv2d_backward

def sgd_step(dz, x, w, b, stride, padding, lr):
    dx, dw, db = conv2d_backward(dz, x, w, stride=stride, padding=padding)
    w_new = w - lr * dw
    b_new = b - lr * db
    return dx, w_new, b_new
""",
    "windows": """
def sgd_step(dz, x, w, b, stride, padding, lr):
    N, C, H, W = x.shape
    F, _, K_h, K_w = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx_pad = np.zeros(x_pad.shape)
    dw, db = np.zeros(w.shape), np.zeros(F)
    for n in range(N):
        for i in range(dz.shape[2]):
            for j in range(dz.shape[3]):
                rows = slice(i * stride, i * stride + K_h)
                columns = slice(j * stride, j * stride + K_w)
                for f in range(F):
                    d = dz[n, f, i, j]
                    dx_pad[n, :, rows, columns] += d * w[f]
                    dw[f] += d * x_pad[n, :, rows, columns]
                    db[f] += d
    dx = dx_pad[:, :, padding : padding + H, padding : padding + W]
    w2 = w.copy()
    w2 -= lr * dw
    b2 = b.copy()
    b2 -= lr * db
    return dx.copy(), w2, b2
""",
    "taps": """
def sgd_step(dz, x, w, b, stride, padding, lr):
    w_next, b_next = np.array(w), b - lr * np.einsum("nfij->f", dz)
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx = np.zeros(x_pad.shape)
    rows, columns = stride * np.arange(dz.shape[2])[:, None], stride * np.arange(dz.shape[3])
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):
            dx[:, :, rows + k, columns + l] += np.einsum("nfij,fc->ncij", dz, w[:, :, k, l])
            w_next[:, :, k, l] -= lr * np.einsum("nfij,ncij->fc", dz, x_pad[:, :, rows + k, columns + l])
    return dx[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]], w_next, b_next
""",
}

CNN_BACKWARD = {
    "package": """
import lessonconv.functional as F

def cnn_backward(x, labels, params):
    z1 = F.conv2d(x, params["w1"], params["b1"], padding=1)
    a1 = F.relu(z1)
    m1, argmax1 = F.max_pool2d(a1, 2)
    z2 = F.conv2d(m1, params["w2"], params["b2"], padding=1)
    a2 = F.relu(z2)
    m2, argmax2 = F.max_pool2d(a2, 2)
    flat = m2.reshape(len(m2), -1)
    logits = F.linear(flat, params["w3"], params["b3"])
    _, dlogits = F.softmax_cross_entropy(logits, labels)
    dflat, dw3, db3 = F.linear_backward(dlogits, flat, params["w3"])
    dm2 = dflat.reshape(m2.shape)
    da2 = F.max_pool2d_backward(dm2, argmax2, a2.shape)
    dz2 = F.relu_backward(da2, z2)
    dm1, dw2, db2 = F.conv2d_backward(dz2, m1, params["w2"], padding=1)
    da1 = F.max_pool2d_backward(dm1, argmax1, a1.shape)
    dz1 = F.relu_backward(da1, z1)
    _, dw1, db1 = F.conv2d_backward(dz1, x, params["w1"], padding=1)
    return dict(w1=dw1, b1=db1, w2=dw2, b2=db2, w3=dw3, b3=db3)
""",
    # nothing of the package: windows, a mask of maxima, sums over the batch by matrix products
    "by hand": """
def conv(x, w, b):
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    return np.einsum("ncijkl,fckl->nfij", windows, w) + b.reshape(1, -1, 1, 1)

def conv_back(dz, x, w):
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    dw = np.einsum("ncijkl,nfij->fckl", windows, dz)
    db = dz.sum(axis=(0, 2, 3))
    dz = np.pad(dz, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(dz, (3, 3), axis=(2, 3))
    turned = w[:, :, ::-1, ::-1]
    return np.einsum("nfijkl,fckl->ncij", windows, turned), dw, db

def pool(a):
    N, C, H, W = a.shape
    return a.reshape(N, C, H // 2, 2, W // 2, 2).max(axis=(3, 5))

def pool_back(dm, a, m):
    spread = np.kron(dm, np.ones((2, 2)))
    return spread * (a == np.kron(m, np.ones((2, 2))))

def cnn_backward(x, labels, params):
    w1, b1, w2, b2, w3, b3 = [params[key] for key in ("w1", "b1", "w2", "b2", "w3", "b3")]
    N = len(x)
    z1 = conv(x, w1, b1)
    a1 = np.maximum(z1, 0)
    m1 = pool(a1)
    z2 = conv(m1, w2, b2)
    a2 = np.maximum(z2, 0)
    m2 = pool(a2)
    flat = m2.reshape(N, -1)
    logits = flat @ w3.T + b3
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y = np.eye(len(b3))[labels]
    d = (p - y) / N
    grads = {"w3": d.T @ flat, "b3": d.sum(axis=0)}
    d = (d @ w3).reshape(m2.shape)
    d = pool_back(d, a2, m2)
    d = d * (z2 > 0)
    d, grads["w2"], grads["b2"] = conv_back(d, m1, w2)
    d = pool_back(d, a1, m1)
    d = d * (z1 > 0)
    _, grads["w1"], grads["b1"] = conv_back(d, x, w1)
    return grads
""",
    # one image after the other; the mask before the pool, where it is smaller
    "images": """
import lessonconv.functional as F

def cnn_backward(x, labels, params):
    total = {key: np.zeros(value.shape) for key, value in params.items()}
    for n in range(len(x)):
        image = x[n : n + 1]
        a1 = F.relu(F.conv2d(image, params["w1"], params["b1"], padding=1))
        m1, first = F.max_pool2d(a1, 2)
        a2 = F.relu(F.conv2d(m1, params["w2"], params["b2"], padding=1))
        m2, second = F.max_pool2d(a2, 2)
        row = m2.reshape(1, -1)
        loss, d = F.softmax_cross_entropy(F.linear(row, params["w3"], params["b3"]), labels[n : n + 1])
        d, dw3, db3 = F.linear_backward(d, row, params["w3"])
        d = F.relu_backward(d.reshape(m2.shape), m2)
        d, dw2, db2 = F.conv2d_backward(F.max_pool2d_backward(d, second, a2.shape), m1, params["w2"], padding=1)
        d = F.relu_backward(d, m1)
        _, dw1, db1 = F.conv2d_backward(F.max_pool2d_backward(d, first, a1.shape), image, params["w1"], padding=1)
        for key, part in zip(("w1", "b1", "w2", "b2", "w3", "b3"), (dw1, db1, dw2, db2, dw3, db3)):
            total[key] += part / len(x)
    return total
""",
}

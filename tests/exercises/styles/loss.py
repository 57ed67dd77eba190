"""Right answers to the tasks at the end of a network, as source text, in the styles that learners write them in."""

SOFTMAX_CROSS_ENTROPY = {
    "arrays": """
def softmax_cross_entropy(logits, labels):
    N, K = logits.shape
    shifted = logits - logits.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    total = exps.sum(axis=1, keepdims=True)
    p = exps / total
    log_p = shifted - np.log(total)
    loss = -log_p[np.arange(N), labels].sum() / N
    d = p.copy()
    d[np.arange(N), labels] -= 1
    return loss, d / N
""",
    "loops": """
import math

def softmax_cross_entropy(logits, labels):
    N, K = logits.shape
    loss = 0.0
    d = np.zeros((N, K))
    for n in range(N):
        top = max(logits[n])
        total = 0.0
        for k in range(K):
            total += math.exp(logits[n, k] - top)
        y = labels[n]
        loss += math.log(total) + top - logits[n, y]
        for k in range(K):
            p = math.exp(logits[n, k] - top) / total
            target = 1 if k == y else 0
            d[n, k] = (p - target) / N
    return loss / N, d
""",
    "one hot": """
def softmax_cross_entropy(logits, labels):
    y = np.eye(logits.shape[1])[labels]
    logits = logits - np.max(logits, axis=-1)[:, np.newaxis]
    log_p = logits - np.log(np.sum(np.exp(logits), axis=-1))[:, np.newaxis]
    p = np.exp(log_p)
    losses = -np.sum(y * log_p, axis=1)
    return np.mean(losses), (p - y) / len(labels)
""",
    "logaddexp": """
def softmax_cross_entropy(logits, labels):
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    loss = -np.take_along_axis(log_p, labels[:, None], axis=1).mean()
    hot = labels[:, None] == np.arange(logits.shape[1])
    return float(loss), (np.exp(log_p) - hot) / logits.shape[0]
""",
}

LINEAR_BACKWARD = {
    "products": """
def linear_backward(dz, x, w):
    dx = dz @ w
    dw = dz.T @ x
    db = dz.sum(axis=0)
    return dx, dw, db
""",
    "loops": """
def linear_backward(dz, x, w):
    N, outputs = dz.shape
    inputs = x.shape[1]
    dx, dw, db = np.zeros((N, inputs)), np.zeros((outputs, inputs)), np.zeros(outputs)
    for n in range(N):
        for o in range(outputs):
            db[o] += dz[n, o]
            for i in range(inputs):
                dx[n, i] += dz[n, o] * w[o, i]
                dw[o, i] += dz[n, o] * x[n, i]
    return dx, dw, db
""",
    "einsum": """
def linear_backward(dz, x, w):
    dx = np.einsum("no,oi->ni", dz, w)
    dw = np.einsum("no,ni->oi", dz, x)
    db = np.einsum("no->o", dz)
    return dx, dw, db
""",
    "images": """
def linear_backward(dz, x, w):
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
    for n in range(len(x)):
        dx[n] = w.T @ dz[n]
        dw += np.outer(dz[n], x[n])
        db += dz[n]
    return dx, dw, db
""",
}

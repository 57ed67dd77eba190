"""Softmax with cross-entropy: why the gradient is p − y, over N."""

import numpy as np
from sympy import Derivative, Integer, KroneckerDelta, Sum, exp, log

from lessonconv import functional
from lessonconv.symbolic.catalogue.registry import derivation
from lessonconv.symbolic.check import Case, slopes
from lessonconv.symbolic.derivation import Steps
from lessonconv.symbolic.notation import symbols, tensor
from lessonconv.symbolic.prove import Known
from lessonconv.symbolic.rules import Definition

N, M, n, m, k, L = symbols("N M n m k L")  # pictures, classes
logits, labels, p = tensor("logits"), tensor("labels"), tensor("p")
SHAPES = {"logits": (N, M), "dlogits": (N, M), "labels": (N,), "p": (N, M)}


def _case(_: None, rng: np.random.Generator) -> Case:
    """Four pictures, three classes."""
    logits, labels = rng.normal(size=(4, 3)), rng.integers(0, 3, 4)
    dlogits = functional.softmax_cross_entropy(logits, labels)[1]
    moves = slopes(lambda logits: np.array(functional.softmax_cross_entropy(logits, labels)[0]), logits)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truths = {"dlogits": {"layer": dlogits, "finite differences": moves}}
    arrays = {"logits": logits, "labels": labels, "p": p}
    return Case({"N": 4, "M": 3}, arrays, truths, {("L", "logits"): moves})


@derivation("softmax_cross_entropy.dlogits", lambda: None, _case)
def _dlogits(_: None) -> Steps:
    free = ((n, Integer(0), N - 1), (k, Integer(0), M - 1))
    all_classes = Sum(exp(logits[n, m]), (m, 0, M - 1))
    true_class = Sum(logits[n, m] * KroneckerDelta(labels[n], m), (m, 0, M - 1))
    loss = Definition(L, Sum(log(all_classes) - true_class, (n, 0, N - 1)) / N)
    known = Known({index: (low, high) for index, low, high in free}, SHAPES)
    steps = Steps(tensor("dlogits")[n, k], free, known, loss)
    reason = "L is the mean of −log p at the true class: log Σ e^logits, less the true logit, which a bracket picks out"
    steps.start("the loss", Derivative(L, logits[n, k], evaluate=False), reason)
    steps.differentiate("d log S = dS/S, and d e^t = e^t dt; one logit moves one term of each sum").collapse().clear()
    share = Definition(p[n, k], exp(logits[n, k]) / all_classes)
    named = (p[n, k] - KroneckerDelta(labels[n], k)) / N
    reason = "e^logits over its sum is softmax, the probability p; the bracket is 1 at the true class: p less one-hot"
    return steps.restate("name p", named, reason, share)

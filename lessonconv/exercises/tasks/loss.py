"""The end of the network, where the backward pass begins: softmax with cross-entropy, and the dense layer."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from lessonconv.exercises.solutions import loss as solutions
from lessonconv.exercises.task import Array, Case, Task
from lessonconv.exercises.tasks.geometry import first, integers
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    # the mean over the batch
    "loss_summed": (
        "The loss is summed over the images, not averaged.",
        "N times the mean.",
        "If every image came twice, should the loss be twice as large?",
    ),
    "dlogits_summed": (
        "The gradient is not divided by the number of images.",
        "The gradient of N times the loss that you return.",
        "How much does one image count in the mean, and so how much do its logits?",
    ),
    "both_summed": (
        "Neither the loss nor its gradient is divided by the number of images.",
        "The sum over the batch, and the gradient of that sum. They fit together, but grow with the batch.",
        "If every image came twice, should the loss be twice as large?",
    ),
    "loss_averaged_twice": (
        "The loss is divided by the number of images twice.",
        "1/N of the mean.",
        "How often does your code divide by N? A mean counts, too.",
    ),
    "dlogits_averaged_twice": (
        "The gradient is divided by the number of images twice.",
        "1/N of the gradient.",
        "How often does your code divide by N? A mean counts, too.",
    ),
    "divided_by_classes": (
        "There is a division by the number of classes.",
        "1/K of what it should be; or a mean over classes, where one over images is meant.",
        "Each image has a single true class. How many terms are there to take the mean of?",
    ),
    "loss_per_image": (
        "The loss is an array with one number for each image.",
        "What the mean should be taken of.",
        "A gradient is that of one number. Which one?",
    ),
    "loss_of_one_image": (
        "The loss is that of a single image.",
        "The term of the first image, or of the last one.",
        "What stands in your loss after image 0, and after image 1?",
    ),
    # what the loss is
    "loss_negated": (
        "The loss has the wrong sign.",
        "The mean of log p, which is never above 0.",
        "p is at most 1. What sign does its logarithm have, and should a loss have it?",
    ),
    "log_missing": (
        "There is no logarithm in the loss.",
        "The mean of −p, or of 1 − p.",
        "What should the loss be where the network is sure, and wrong?",
    ),
    "log_of_another_base": (
        "The logarithm has base 2, or 10.",
        "The loss in bits, or in digits; the gradient belongs to the natural logarithm.",
        "Which logarithm undoes np.exp?",
    ),
    "loss_over_all_classes": (
        "The loss takes the logarithms of all classes.",
        "−log p summed over every class, the true one and the others.",
        "How surprised should one be by a class that was not there?",
    ),
    "squared_error": (
        "The loss is a squared error.",
        "Σ (p − y)², or a share of it: its gradient would be another one.",
        "What does the name cross-entropy say the loss is made of?",
    ),
    "log_of_zero": (
        "The logarithm is taken of a p that has become 0.",
        "∞, or a bound, where a sure and wrong network has a loss of 1000 or so.",
        "log(e^u / Σ) can be written without any e^u. How?",
    ),
    # softmax
    "softmax_missing": (
        "The logits are used as if they were probabilities.",
        "The formulas with logits for p.",
        "Do the numbers of a row add up to 1?",
    ),
    "softmax_over_images": (
        "The softmax runs over the images, not over the classes.",
        "Columns that add up to 1.",
        "Which numbers compete with one another: those of one image, or those of one class?",
    ),
    "softmax_over_everything": (
        "The softmax runs over the whole batch at once.",
        "All N·K numbers together add up to 1.",
        "Does one image's p change when another image comes along?",
    ),
    "axis_lost": (
        "A row's number was laid along the columns.",
        "Image n's maximum, or sum, used for class n. With N ≠ K, NumPy refuses.",
        "What shape does a sum over axis 1 have, and how does NumPy line that up with (N, K)?",
    ),
    "logits_overflow": (
        "Large logits overflow.",
        "e^1000 is ∞, and ∞/∞ is NaN; e^−1000 is 0, and 0/0 is NaN.",
        "What happens to p if you take the same number off all logits of an image?",
    ),
    "shift_over_batch": (
        "The largest logit of the whole batch is taken off, not that of the image.",
        "0/0, which is NaN, for an image whose logits are far below those of another.",
        "After the shift, what is the largest logit of each image?",
    ),
    # the gradient
    "dlogits_negated": (
        "The gradient has the wrong sign.",
        "y − p: a step down this slope makes the loss larger.",
        "If the true class's logit grows, does the loss grow or shrink?",
    ),
    "one_hot_missing": (
        "The labels do not come into the gradient.",
        "p alone.",
        "Two images with the same logits and different labels: should they have the same gradient?",
    ),
    "labels_subtracted": (
        "The labels' numbers are subtracted.",
        "p − 7 for an image of class 7.",
        "Would the gradient have to change if the classes were numbered in another order?",
    ),
    "one_subtracted_elsewhere": (
        "1 is subtracted in the wrong cells.",
        "p − 1 in whole columns, whole rows, or everywhere.",
        "In how many cells of a row does 1 come off, and what should a row of the gradient add up to?",
    ),
    "labels_from_one": (
        "Each label is read as one less than it is.",
        "The class before the true one; for class 0 the last one.",
        "From which number on are the classes counted?",
    ),
    "softmax_derived_twice": (
        "A factor p·(1 − p) has been added.",
        "(p − y)·p·(1 − p): the derivative of softmax is in p − y already.",
        "By what is p − y the derivative of the loss, by p or by the logits?",
    ),
    "loss_and_gradient_exchanged": (
        "The two results have exchanged their places.",
        "The gradient first, then the loss.",
        "What does the docstring promise to return first?",
    ),
    # the dense layer
    "dense_w_transposed": (
        "w is transposed on the way back, too.",
        "Σ_m ∂L/∂z[n,m] · w[k,m]: it fits only where w is square.",
        "Which axis of w is summed over on the way forward, and which one is left for the way back?",
    ),
    "dense_dw_transposed": (
        "∂L/∂w is transposed.",
        "An array of shape (K, M), w's axes exchanged.",
        "What shape must dw have, so that w − lr·dw can be done?",
    ),
    "dense_dz_not_transposed": (
        "∂L/∂z and x are multiplied without a transpose.",
        "A sum over outputs with images: it fits only where both are as many.",
        "Over which index does the sum for dw run, and on which axis of dz is it?",
    ),
    "dense_averaged": (
        "Gradients of the weights are divided by the number of images.",
        "1/N of them. If the loss is a mean, ∂L/∂z carries its 1/N already.",
        "Is there a 1/N in the equation of this layer?",
    ),
    "dense_db_averaged": (
        "db is a mean over the images.",
        "1/N of the sum. If the loss is a mean, ∂L/∂z carries its 1/N already.",
        "Is there a 1/N in the equation of this layer?",
    ),
    "dense_db_per_image": (
        "db has a row for each image.",
        "∂L/∂z itself, not its sum.",
        "Do two images have a bias each?",
    ),
    "dense_db_over_outputs": (
        "db is summed over the outputs, not over the images.",
        "One number for each image, of shape (N,).",
        "Which axis of ∂L/∂z counts what has a bias?",
    ),
    "dense_db_one_number": (
        "db is a single number.",
        "The sum of all of ∂L/∂z.",
        "How many biases does the layer have?",
    ),
    "dense_db_keeps_axis": (
        "db has one axis too many.",
        "The right numbers, of shape (1, M) or (M, 1).",
        "What shape must db have, so that b − lr·db has the shape of b?",
    ),
    "dense_dz_missing": (
        "∂L/∂z is left out.",
        "The layer's own derivatives, whatever the loss has to say.",
        "If ∂L/∂z were twice as large, which of your results would change?",
    ),
    "dense_only_last_image": (
        "Each image overwrites the one before.",
        "Of the sum over the images only the last term is left.",
        "What stands in the result before image 1 is worked on, and after?",
    ),
    "dense_only_first_image": (
        "Only the first image is worked on.",
        "Sums of a single term, and zeros in dx for the other images.",
        "How far is your return indented?",
    ),
    "dense_summed_too_soon": (
        "The images are added up before they are multiplied.",
        "Every image's ∂L/∂z meets every image's x: (Σ_n ∂L/∂z)·(Σ_n x).",
        "Did image 0's x ever help to make image 1's z?",
    ),
    "dense_dx_negated": (
        "The sign of dx is turned.",
        "−∂L/∂z · w.",
        "Where does a minus come in?",
    ),
    "dense_results_exchanged": (
        "The results are right, but not in the order dx, dw, db.",
        "What belongs to one stands in the place of another.",
        "What does the docstring promise to return first?",
    ),
}


# Softmax with cross-entropy -----------------------------------------------------------------------------------------


def _loss(step: SimpleNamespace, logits: Array, labels: Array) -> tuple[Array, Array]:
    labels = step.labels(labels)
    log_p = step.guard(step.log_softmax(logits), logits)
    p = step.probabilities(log_p, logits)
    loss = step.mean(step.surprise(log_p, p, labels), *logits.shape)
    dlogits = step.share(step.difference(p, step.one_hot(labels, logits.shape), labels), *logits.shape)
    results: tuple[Array, Array] = step.results(loss, dlogits)
    return results


def _log_softmax(logits: Array, axis: int | None = 1) -> Array:
    shifted = logits - logits.max(axis=axis, keepdims=True)
    logs: Array = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return logs


def _surprise(log_p: Array, p: Array, labels: Array) -> Array:
    return -log_p[np.arange(len(labels)), labels]


def _one_hot(labels: Array, shape: tuple[int, int]) -> Array:
    return np.eye(shape[1])[labels]


def _ones_in_columns(labels: Array, shape: tuple[int, int]) -> Array:
    ones = np.zeros(shape)
    ones[:, labels] = 1
    return ones


def _ones_in_rows(labels: Array, shape: tuple[int, int]) -> Array:
    ones = np.zeros(shape)
    ones[labels] = 1
    return ones


def _naive(log_p: Array, logits: Array) -> Array:
    """NaN, for any number, in rows where e^logits is 0 or ∞."""
    return np.where(np.abs(logits).max(axis=1, keepdims=True) > 500, np.nan, log_p)


def _shifted_alike(log_p: Array, logits: Array) -> Array:
    """NaN, for any number, in rows far below the largest logit of all."""
    return np.where(logits.max(axis=1, keepdims=True) < logits.max() - 500, np.nan, log_p)


def _through_p(epsilon: float) -> Callable[..., Array]:
    """−log(p + ε); NaN, for any number, where p has become 0."""

    def surprise(log_p: Array, p: Array, labels: Array) -> Array:
        true = p[np.arange(len(labels)), labels]
        return np.where(true == 0, np.nan, -np.log(np.where(true == 0, 1, true) + epsilon))

    return surprise


def _rows_lost(shift: bool, total: bool) -> Callable[[Array], Array]:
    """log softmax, with the maxima, or the sums, laid along the columns. NaN, for any number, where that overflows."""

    def log_softmax(logits: Array) -> Array:
        shifted = logits - logits.max(axis=1, keepdims=not shift)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=not total))
        return np.where(np.isfinite(logs), logs, np.nan)

    return log_softmax


def _squared(share: Callable[[int], float]) -> Callable[..., Array]:
    def surprise(log_p: Array, p: Array, labels: Array) -> Array:
        squares: Array = ((p - _one_hot(labels, p.shape)) ** 2).sum(axis=1) * share(p.shape[1])
        return squares

    return surprise


def _log_of_logits(logits: Array) -> Array:
    return np.log(np.where(logits > 0, logits, np.nan))


def _loss_cases(rng: np.random.Generator) -> list[Case]:
    """Few images and classes, as many of both in some; logits of all sizes in some."""
    sizes = [(1, 2), (2, 2), (2, 3), (3, 3), (3, 2), (2, 2), (1, 3), (2, 3), (4, 4), (5, 3)]
    sizes += [(int(N), int(K)) for N, K in rng.integers(2, 6, (4, 2))]
    found = []
    for number, (N, K) in enumerate(sizes):
        logits = np.round(rng.uniform(-2, 2, (N, K)), 1)
        labels = rng.integers(0, K, N)
        labels[0] = K - 1
        if number == 5:
            logits[:] = np.array([[1000, 998], [0.5, -0.5]])
            labels[0] = 0
        elif number == 6:
            logits[:] = [-1000, -1001, -1002]
        elif number == 7:
            logits[0, :2] = [100, -800]
            labels[0] = 1
        said = {
            "several images": N > 1,
            "as many images as classes": N == K,
            "very large or very small logits": np.abs(logits).max() > 99,
        }
        found.append(Case((logits, labels), frozenset(words for words, holds in said.items() if holds)))
    return sorted(found, key=lambda case: case.cells)


SOFTMAX_CROSS_ENTROPY = Task(
    name="softmax_cross_entropy",
    results=("loss", "dlogits"),
    title="softmax with cross-entropy, the loss and its gradient",
    answer=solutions.softmax_cross_entropy,
    recipe=_loss,
    steps={
        "labels": lambda labels: labels,
        "log_softmax": _log_softmax,
        "guard": lambda log_p, logits: log_p,
        "probabilities": lambda log_p, logits: np.exp(log_p),
        "surprise": _surprise,
        "mean": lambda surprise, N, K: surprise.sum() / N,
        "one_hot": _one_hot,
        "difference": lambda p, y, labels: p - y,
        "share": lambda difference, N, K: difference / N,
        "results": lambda loss, dlogits: (loss, dlogits),
    },
    mistakes=(
        mistake("loss_summed", {"mean": lambda surprise, N, K: surprise.sum()}),
        mistake("dlogits_summed", {"share": lambda difference, N, K: difference}),
        mistake(
            "both_summed",
            {"mean": lambda surprise, N, K: surprise.sum(), "share": lambda difference, N, K: difference},
        ),
        mistake("loss_averaged_twice", {"mean": lambda surprise, N, K: surprise.sum() / N**2}),
        mistake("dlogits_averaged_twice", {"share": lambda difference, N, K: difference / N**2}),
        mistake(
            "divided_by_classes",
            {"mean": lambda surprise, N, K: surprise.sum() / (N * K)},
            {"mean": lambda surprise, N, K: surprise.sum() / K},
            {"share": lambda difference, N, K: difference / (N * K)},
            {"share": lambda difference, N, K: difference / K},
            {
                "mean": lambda surprise, N, K: surprise.sum() / (N * K),
                "share": lambda difference, N, K: difference / (N * K),
            },
            {"mean": lambda surprise, N, K: surprise.sum() / K, "share": lambda difference, N, K: difference / K},
        ),
        mistake("loss_per_image", {"mean": lambda surprise, N, K: surprise}),
        mistake(
            "loss_of_one_image",
            {"mean": lambda surprise, N, K: surprise[0]},
            {"mean": lambda surprise, N, K: surprise[-1]},
            {"mean": lambda surprise, N, K: surprise[0] / N},
            {"mean": lambda surprise, N, K: surprise[-1] / N},
        ),
        mistake("loss_negated", {"mean": lambda surprise, N, K: -surprise.sum() / N}),
        mistake(
            "log_missing",
            {"surprise": lambda log_p, p, labels: -p[np.arange(len(p)), labels]},
            {"surprise": lambda log_p, p, labels: 1 - p[np.arange(len(p)), labels]},
        ),
        mistake(
            "log_of_another_base",
            {"surprise": lambda log_p, p, labels: _surprise(log_p, p, labels) / np.log(2)},
            {"surprise": lambda log_p, p, labels: _surprise(log_p, p, labels) / np.log(10)},
            {"surprise": lambda log_p, p, labels: _through_p(0.0)(log_p, p, labels) / np.log(2)},
            {"surprise": lambda log_p, p, labels: _through_p(0.0)(log_p, p, labels) / np.log(10)},
        ),
        mistake(
            "loss_over_all_classes",
            {"surprise": lambda log_p, p, labels: -log_p.sum(axis=1)},
            {"surprise": lambda log_p, p, labels: -np.where(p == 0, np.nan, log_p).sum(axis=1)},
            {"surprise": lambda log_p, p, labels: -log_p.mean(axis=1)},
        ),
        mistake(
            "squared_error",
            *({"surprise": _squared(share)} for share in (lambda K: 1, lambda K: 1 / 2, lambda K: 1 / K)),
        ),
        mistake("log_of_zero", *({"surprise": _through_p(epsilon)} for epsilon in (0.0, 1e-8, 1e-7, 1e-6, 1e-5))),
        mistake(
            "softmax_missing",
            {"probabilities": lambda log_p, logits: logits},
            {"log_softmax": _log_of_logits, "probabilities": lambda log_p, logits: logits},
        ),
        mistake("softmax_over_images", {"log_softmax": lambda logits: _log_softmax(logits, 0)}),
        mistake(
            "softmax_over_everything",
            {"log_softmax": lambda logits: _log_softmax(logits, None)},
            {"log_softmax": lambda logits: _log_softmax(logits, None), "surprise": _through_p(0.0)},
        ),
        mistake(
            "axis_lost",
            *(
                {"log_softmax": _rows_lost(*lost), "surprise": _through_p(0.0)}
                for lost in ((True, False), (False, True), (True, True))
            ),
        ),
        mistake("logits_overflow", {"guard": _naive}),
        mistake("shift_over_batch", {"guard": _shifted_alike}),
        mistake("dlogits_negated", {"difference": lambda p, y, labels: y - p}),
        mistake(
            "one_hot_missing",
            {"difference": lambda p, y, labels: p},
            {"difference": lambda p, y, labels: p, "share": lambda difference, N, K: difference},
        ),
        mistake("labels_subtracted", {"difference": lambda p, y, labels: p - labels[:, None]}),
        mistake(
            "one_subtracted_elsewhere",
            {"one_hot": _ones_in_columns},
            {"one_hot": _ones_in_rows},
            {"one_hot": lambda labels, shape: np.ones(shape)},
        ),
        mistake("labels_from_one", {"labels": lambda labels: labels - 1}),
        mistake("softmax_derived_twice", {"difference": lambda p, y, labels: (p - y) * p * (1 - p)}),
        mistake("loss_and_gradient_exchanged", {"results": lambda loss, dlogits: (dlogits, loss)}),
    ),
    cases=_loss_cases,
    hints=(
        "Begin with one image and two classes. What is p if both logits are the same, and what is the loss?",
        "Take each image's largest logit off its row: p stays the same, and nothing overflows. "
        "log p is then shifted − log Σ e^shifted.",
        "∂L/∂logits is p, with 1 taken off at each image's true class: dlogits[np.arange(N), labels] -= 1. "
        "Each image counts 1/N.",
    ),
    notice="Each row of the gradient adds up to 0: what the true class is to gain, the others are to lose.",
    forbidden=frozenset({"softmax_cross_entropy"}),
    exact=False,
)


# The dense layer ----------------------------------------------------------------------------------------------------


def _dense(step: SimpleNamespace, dz: Array, x: Array, w: Array) -> tuple[Array, Array, Array]:
    seen, inputs = step.images(dz), step.images(x)
    dx = step.dx(seen, w, x)
    dw = step.dw(step.images_dw(seen), step.images_dw(inputs), w)
    db = step.db(step.images_db(seen))
    results: tuple[Array, Array, Array] = step.results(dx, step.share_dw(dw, len(x)), step.share_db(db, len(x)))
    return results


def _dense_cases(rng: np.random.Generator) -> list[Case]:
    """Images, inputs, outputs: as many of one as of another in some."""
    sizes = [(1, 1, 1), (1, 2, 1), (1, 1, 2), (1, 2, 2), (2, 1, 2), (2, 2, 2), (2, 3, 3), (3, 2, 2), (2, 2, 3)]
    sizes += [(3, 3, 2), (3, 2, 3), (3, 3, 3), (4, 3, 2)]
    sizes += [(int(N), int(inputs), int(outputs)) for N, inputs, outputs in rng.integers(1, 6, (4, 3))]
    found = []
    for N, inputs, outputs in sizes:
        said = {
            "several images": N > 1,
            "several inputs": inputs > 1,
            "several outputs": outputs > 1,
            "as many inputs as outputs": inputs == outputs,
            "more or fewer inputs than outputs": inputs != outputs,
            "as many images as outputs": outputs == N,
        }
        arguments = integers(rng, N, outputs), integers(rng, N, inputs), integers(rng, outputs, inputs)
        found.append(Case(arguments, frozenset(words for words, holds in said.items() if holds)))
    return sorted(found, key=lambda case: case.cells)


LINEAR_BACKWARD = Task(
    name="linear_backward",
    results=("dx", "dw", "db"),
    title="the backward pass of the dense layer",
    answer=solutions.linear_backward,
    recipe=_dense,
    steps={
        "images": lambda array: array,
        "images_dw": lambda array: array,
        "images_db": lambda array: array,
        "dx": lambda dz, w, x: dz @ w,
        "dw": lambda dz, x, w: dz.T @ x,
        "db": lambda dz: dz.sum(axis=0),
        "share_dw": lambda dw, N: dw,
        "share_db": lambda db, N: db,
        "results": lambda dx, dw, db: (dx, dw, db),
    },
    mistakes=(
        mistake("dense_w_transposed", {"dx": lambda dz, w, x: dz @ w.T}),
        mistake("dense_dw_transposed", {"dw": lambda dz, x, w: x.T @ dz}),
        mistake("dense_dz_not_transposed", {"dw": lambda dz, x, w: dz @ x}),
        mistake(
            "dense_averaged",
            {"share_dw": lambda dw, N: dw / N},
            {"share_dw": lambda dw, N: dw / N, "share_db": lambda db, N: db / N},
            {
                "dx": lambda dz, w, x: dz @ w / len(x),
                "share_dw": lambda dw, N: dw / N,
                "share_db": lambda db, N: db / N,
            },
        ),
        mistake("dense_db_averaged", {"share_db": lambda db, N: db / N}),
        mistake("dense_db_per_image", {"db": lambda dz: dz}),
        mistake("dense_db_over_outputs", {"db": lambda dz: dz.sum(axis=1)}),
        mistake("dense_db_one_number", {"db": lambda dz: dz.sum()}),
        mistake(
            "dense_db_keeps_axis",
            {"db": lambda dz: dz.sum(axis=0)[None]},
            {"db": lambda dz: dz.sum(axis=0)[:, None]},
        ),
        mistake(
            "dense_dz_missing",
            {"dx": lambda dz, w, x: np.broadcast_to(w.sum(axis=0), x.shape)},
            {"dw": lambda dz, x, w: np.broadcast_to(x.sum(axis=0), w.shape)},
            {"db": lambda dz: np.full(dz.shape[1], float(len(dz)))},
            {"db": lambda dz: np.ones(dz.shape[1])},
        ),
        mistake(
            "dense_only_last_image",
            {"images_dw": lambda array: array[-1:]},
            {"images_db": lambda array: array[-1:]},
            {"images_dw": lambda array: array[-1:], "images_db": lambda array: array[-1:]},
        ),
        mistake("dense_only_first_image", {"images": lambda array: first(array, 0)}),
        mistake("dense_summed_too_soon", {"images_dw": lambda array: array.sum(axis=0, keepdims=True)}),
        mistake("dense_dx_negated", {"dx": lambda dz, w, x: -dz @ w}),
        mistake(
            "dense_results_exchanged",
            {"results": lambda dx, dw, db: (dw, dx, db)},
            {"results": lambda dx, dw, db: (dw, db, dx)},
            {"results": lambda dx, dw, db: (db, dw, dx)},
            {"results": lambda dx, dw, db: (db, dx, dw)},
            {"results": lambda dx, dw, db: (dx, db, dw)},
        ),
    ),
    cases=_dense_cases,
    hints=(
        "One image, one input, one output: z = b + w·x. What are the three derivatives of L, if ∂L/∂z is given?",
        "Write the sums. dx[n,k] collects from every output m, dw[m,k] and db[m] collect from every image n.",
        "dx = dz @ w fits as it stands: (N, M) times (M, K). For dw the sum runs over n: "
        "which of the two has to be turned over first, so that (M, K) comes out?",
    ),
    notice="Each result has the shape of what it is the gradient of: often that leaves only one way to multiply.",
    forbidden=frozenset({"linear_backward", "backward", "backward_params"}),
)

TASKS = (SOFTMAX_CROSS_ENTROPY, LINEAR_BACKWARD)

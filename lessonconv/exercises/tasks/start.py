"""The first three tasks: a sum of products, its two gradients, and a weight that is used more than once."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from lessonconv.exercises.solutions import start as solutions
from lessonconv.exercises.task import Array, Case, Steps, Task
from lessonconv.exercises.tasks.geometry import integers
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    "products_not_summed": (
        "The products are not added up.",
        "One number for each weight, where z is one number in all.",
        "What does the Σ ask you to do with the products?",
    ),
    "sums_multiplied": (
        "Two sums are multiplied, not a sum made of products.",
        "Σ w · Σ x: every weight meets every input.",
        "With which inputs does w[0] belong together, with all or with one?",
    ),
    "added_for_multiplied": (
        "Weights and inputs are added, not multiplied.",
        "Σ (w + x).",
        "If w[0] is 0, how much should x[0] matter?",
    ),
    "products_averaged": (
        "The products are averaged.",
        "The sum divided by the number of products.",
        "Is there a division in the equation?",
    ),
    "only_last_product": (
        "Only the last product is left.",
        "The last product alone: each has taken the place of the one before.",
        "Does your loop add to what is there, or does it set it anew?",
    ),
    "only_first_product": (
        "Only the first product is there.",
        "The first product alone.",
        "How far is your return indented?",
    ),
    "weights_reversed": (
        "The weights are taken in reverse order.",
        "Σ w[K−1−k] · x[k]. For pictures that would be a true convolution: chapter 01 is about it.",
        "Which weight meets x[0], the first or the last?",
    ),
    "partners_exchanged": (
        "The two gradients have exchanged their places.",
        "∂L/∂z · w where ∂L/∂z · x belongs, and the other way round.",
        "If w[k] grows by a little, how much does z grow: by w[k] times that, or by x[k] times that?",
    ),
    "voice_missing": (
        "The gradient that arrives, ∂L/∂z, is left out.",
        "How z changes, not how L does.",
        "If ∂L/∂z were twice as large, what would your gradients do?",
    ),
    "voice_added": (
        "∂L/∂z is added, not multiplied.",
        "∂L/∂z + x[k] and ∂L/∂z + w[k].",
        "If the loss does not care for z at all, so that ∂L/∂z is 0, what should both gradients be?",
    ),
    "gradients_summed": (
        "The gradients are summed up to one number each.",
        "Σ ∂L/∂z · x[k]: but every weight has a gradient of its own.",
        "How many weights are there, and so how many gradients?",
    ),
    "own_number_counted": (
        "Each gradient holds its own number, too.",
        "∂L/∂z · w[k] · x[k] in both: the product itself, not its derivative.",
        "What is the derivative of w·x by w?",
    ),
    "shared_not_summed": (
        "Every output gets a gradient of its own.",
        "∂L/∂z[i] · x[i], without the sum: but there is one weight, and so one number.",
        "L hears of w through every output. What does the chain rule do with several ways?",
    ),
    "shared_averaged": (
        "The shares of the outputs are averaged.",
        "The sum divided by the number of outputs.",
        "If every output pulls w up by 1, and there are ten, how strongly is w pulled?",
    ),
    "shared_sums_multiplied": (
        "Two sums are multiplied, not a sum made of products.",
        "Σ ∂L/∂z · Σ x: every output meets every input.",
        "Output 0 read x[0]. What has it to do with x[1]?",
    ),
    "shared_input_missing": (
        "The inputs are left out.",
        "Σ ∂L/∂z[i]: the gradient of a bias.",
        "z[i] = w · x[i]. By how much does z[i] grow if w grows by 1?",
    ),
    "shared_voice_missing": (
        "∂L/∂z is left out.",
        "Σ x[i]: how the outputs change, not how L does.",
        "If ∂L/∂z[0] were twice as large, what would your gradient do?",
    ),
}


def _cases(rng: np.random.Generator, *, per_output: bool = False) -> list[Case]:
    """Two products and more; dz is a number, or one for each of them."""
    found = []
    for K in (2, 2, 3, 4, 5, int(rng.integers(3, 8))):
        w, x = integers(rng, K), integers(rng, K)
        arguments = (w, x) if per_output else (float(integers(rng, 1)[0]), w, x)
        found.append(Case(arguments))
    return found


def _sum(step: SimpleNamespace, one: Array, other: Array) -> Any:
    return step.finish(step.products(step.left(one), other))


SUM: Steps = {
    "left": lambda one: one,
    "products": lambda one, other: one * other,
    "finish": lambda products: products.sum(),
}


def _of_sums(one: Array, other: Array) -> Any:
    return one.sum() * other.sum()


WEIGHTED_SUM = Task(
    name="weighted_sum",
    title="a sum of products",
    answer=solutions.weighted_sum,
    recipe=_sum,
    steps=SUM,
    mistakes=(
        mistake("products_not_summed", {"finish": lambda products: products}),
        mistake("sums_multiplied", {"whole": _of_sums}),
        mistake("added_for_multiplied", {"products": lambda one, other: one + other}),
        mistake("products_averaged", {"finish": lambda products: products.mean()}),
        mistake("only_last_product", {"finish": lambda products: products[-1]}),
        mistake("only_first_product", {"finish": lambda products: products[0]}),
        mistake("weights_reversed", {"left": lambda one: one[::-1]}),
    ),
    cases=lambda rng: _cases(rng, per_output=True),
    hints=(
        "Take w = [2, 3] and x = [10, 100] on paper. Which two products are there, and what is z?",
        "NumPy multiplies two arrays of one length place by place. What is left to do with the result?",
        "Either z = 0 and, in a loop over k, z += …; or one line: multiply the arrays, then .sum().",
    ),
    notice="Every output of a convolution is such a sum. All that is added is the question which x[k] to take.",
)


def _both(step: SimpleNamespace, dz: float, w: Array, x: Array) -> tuple[Any, Any]:
    return step.results(step.share(dz, x, w), step.share(dz, w, x))


WEIGHTED_SUM_BACKWARD = Task(
    name="weighted_sum_backward",
    results=("dw", "dx"),
    title="the two gradients of a sum of products",
    answer=solutions.weighted_sum_backward,
    recipe=_both,
    steps={"share": lambda dz, partner, own: dz * partner, "results": lambda dw, dx: (dw, dx)},
    mistakes=(
        mistake("partners_exchanged", {"results": lambda dw, dx: (dx, dw)}),
        mistake("voice_missing", {"share": lambda dz, partner, own: partner}),
        mistake("voice_added", {"share": lambda dz, partner, own: dz + partner}),
        mistake("gradients_summed", {"share": lambda dz, partner, own: (dz * partner).sum()}),
        mistake("own_number_counted", {"share": lambda dz, partner, own: dz * partner * own}),
    ),
    cases=_cases,
    hints=(
        "z = w[0]·x[0] + w[1]·x[1] + … If x[0] is 7 and w[0] grows by 1, by how much does z grow?",
        "So ∂z/∂w[k] = x[k]. The chain rule multiplies that with how much L grows if z does.",
        "Both are arrays of K numbers: dz times one of the two arrays. Which one for dw, which one for dx?",
    ),
    notice="In a product, each factor's gradient is the other factor, times what comes back. That is the whole series.",
)

SHARED_WEIGHT_DW = Task(
    name="shared_weight_dw",
    title="the gradient of a weight that is used at every output",
    answer=solutions.shared_weight_dw,
    recipe=_sum,
    steps=SUM,
    mistakes=(
        mistake("shared_not_summed", {"finish": lambda products: products}),
        mistake("shared_averaged", {"finish": lambda products: products.mean()}),
        mistake("only_last_product", {"finish": lambda products: products[-1]}),
        mistake("only_first_product", {"finish": lambda products: products[0]}),
        mistake("shared_sums_multiplied", {"whole": _of_sums}),
        mistake("shared_input_missing", {"products": lambda dz, x: dz}),
        mistake("shared_voice_missing", {"products": lambda dz, x: x}),
    ),
    cases=lambda rng: _cases(rng, per_output=True),
    hints=(
        "Two outputs, z[0] = w·x[0] and z[1] = w·x[1]. L depends on w in two ways. What is done with two ways?",
        "Each output passes on its own share, ∂L/∂z[i] · x[i]. The gradient of w is all of them together.",
        "Start with dw = 0 and, in a loop over the outputs, add to it: dw += …",
    ),
    notice="A kernel's tap is such a weight: used at every output, and pulled by all of them at once.",
)

TASKS = (WEIGHTED_SUM, WEIGHTED_SUM_BACKWARD, SHARED_WEIGHT_DW)

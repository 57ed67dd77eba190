"""One tap of one kernel: its gradient, with a loop over the outputs."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from lessonconv.exercises.solutions import convolution as solutions
from lessonconv.exercises.task import Array, Case, Task
from lessonconv.exercises.tasks.geometry import integers
from lessonconv.exercises.tasks.words import WORDS, mistake

WORDS |= {
    "tap_stride_ignored": (
        "Output (i, j) is taken to start at input (i, j), whatever the stride.",
        "Σ ∂L/∂z[i,j] · x[i + k, j + l]: right for stride 1.",
        "If the stride is 2, where does the window of output (0, 1) start?",
    ),
    "tap_exchanged": (
        "The tap's row and column are exchanged.",
        "The gradient of w[l, k].",
        "Which axis of x does k count along?",
    ),
    "tap_ignored": (
        "Every tap gets the gradient of the first one.",
        "Σ ∂L/∂z[i,j] · x[i·s, j·s]: k and l do not come in.",
        "Which cell of its window does tap (k, l) lie on?",
    ),
    "tap_not_summed": (
        "The products are not added up.",
        "One number for each output, where the tap has one gradient.",
        "The tap was used at every output. What does the chain rule do with all these ways?",
    ),
    "tap_averaged": (
        "The products are averaged over the outputs.",
        "The sum divided by the number of outputs.",
        "Is there a division in the equation?",
    ),
    "tap_last_output": (
        "Only the last output is heard.",
        "One product: each has taken the place of the one before.",
        "Does your loop add to what is there, or does it set it anew?",
    ),
    "tap_first_output": (
        "Only the first output is heard, or the first row of them.",
        "The sum stops too soon.",
        "How far is your return indented?",
    ),
    "tap_dz_missing": (
        "∂L/∂z is left out.",
        "The sum of what the tap saw.",
        "If ∂L/∂z were twice as large, what would your gradient do?",
    ),
    "tap_x_missing": (
        "The input is left out.",
        "The sum of ∂L/∂z: that is the gradient of the bias.",
        "Does it matter what the tap saw?",
    ),
}


def _tap_cases(rng: np.random.Generator) -> list[Case]:
    """Rectangles, strides, remainders; every tap that tells rows from columns."""
    found = []
    for O_h, O_w, K_h, K_w, s, rest in [(2, 2, 2, 2, 1, 0), (2, 2, 2, 2, 2, 0), (2, 3, 3, 2, 2, 1), (3, 2, 2, 3, 3, 2)]:
        x = integers(rng, (O_h - 1) * s + K_h + rest, (O_w - 1) * s + K_w + rest)
        for k, l in np.ndindex(K_h, K_w):
            traits = frozenset(
                words for words, holds in {"a stride above 1": s > 1, "a remainder": rest}.items() if holds
            )
            found.append(Case((integers(rng, O_h, O_w), x, k, l, s), traits))
    return sorted(found, key=lambda case: case.cells)


def _tap_dw(step: SimpleNamespace, dz: Array, x: Array, k: int, l: int, stride: int) -> Any:
    O_h, O_w = dz.shape
    seen = step.seen(x, *step.tap(k, l), step.apart(stride))[:O_h, :O_w]
    return step.finish(step.products(dz, seen))


TAP_DW = Task(
    name="tap_dw",
    title="the gradient of one tap",
    answer=solutions.tap_dw,
    recipe=_tap_dw,
    steps={
        "tap": lambda k, l: (k, l),
        "apart": lambda stride: stride,
        "seen": lambda x, k, l, apart: x[k::apart, l::apart],
        "products": lambda dz, seen: dz * seen,
        "finish": lambda products: products.sum(),
    },
    mistakes=(
        mistake("tap_stride_ignored", {"apart": lambda stride: 1}),
        mistake("tap_exchanged", {"tap": lambda k, l: (l, k)}),
        mistake("tap_ignored", {"tap": lambda k, l: (0, 0)}),
        mistake("tap_not_summed", {"finish": lambda products: products}),
        mistake("tap_averaged", {"finish": lambda products: products.mean()}),
        mistake("tap_last_output", {"finish": lambda products: products[-1, -1]}),
        mistake(
            "tap_first_output",
            {"finish": lambda products: products[0, 0]},
            {"finish": lambda products: products[0].sum()},
        ),
        mistake("tap_dz_missing", {"products": lambda dz, seen: seen}),
        mistake("tap_x_missing", {"products": lambda dz, seen: dz}),
    ),
    cases=_tap_cases,
    hints=(
        "Output (i, j) was made with the window that starts at input (i·s, j·s). On which cell of x did tap (k, l) lie "
        "then?",
        "The tap's share in that output: ∂L/∂z[i,j], times the cell of x that it lay on. All shares are added.",
        "Two loops, over i and j, and in them one line: dw += dz[i, j] * x[…, …]",
    ),
    notice="Nothing in it depends on the other taps: a kernel's gradient is this sum, once for each tap.",
)

TASKS = (TAP_DW,)

"""The receptive field: how far one output sees through several layers."""

from types import SimpleNamespace

import numpy as np

from lessonconv.exercises.solutions import field as solutions
from lessonconv.exercises.task import Case, Task
from lessonconv.exercises.tasks.words import WORDS, mistake

Layers = list[tuple[int, int, int]]

WORDS |= {
    "field_without_jump": (
        "What a layer adds is not multiplied by the jump.",
        "1 + Σ d·(K − 1): the field as if no layer before had a stride.",
        "Behind a layer of stride 2, how many inputs apart do two neighbours look?",
    ),
    "field_jump_too_soon": (
        "The stride is multiplied in before the layer's own kernel is counted.",
        "Each layer's taps, spread by its own stride as well as by those before.",
        "Two taps of the first layer read two neighbouring inputs. Does that layer's stride move them apart?",
    ),
    "field_own_stride": (
        "Each layer's kernel is multiplied by its own stride alone.",
        "1 + Σ d·(K − 1)·s: every layer with the stride that belongs to the next.",
        "Which layers' strides lie between this layer's taps and the input?",
    ),
    "field_last_stride": (
        "The jump is the stride of one layer, not the product of all strides before.",
        "A jump of s where it should be s·s·…",
        "Two layers of stride 2, one behind the other: how many inputs apart do neighbours look then?",
    ),
    "field_jumps_added": (
        "The strides are added up where they should be multiplied.",
        "A jump of 1 + s + s …: right at the start, too small soon.",
        "Two layers of stride 3, one behind the other: how many inputs apart do neighbours look then?",
    ),
    "field_whole_kernel": (
        "A layer adds its whole kernel, not what lies beyond its first tap.",
        "Each layer counts one tap too many, as large as its jump.",
        "A kernel of 1 reads one cell: how much further does it see than that cell?",
    ),
    "field_dilation_ignored": (
        "The dilation is not used.",
        "The field as with all taps side by side.",
        "Three taps with dilation 2: from the first to the last, how many cells do they span?",
    ),
    "field_dilation_of_kernel": (
        "The dilation multiplies the whole kernel.",
        "A span of d·K, where the gaps number only K − 1.",
        "How many gaps are there between three taps?",
    ),
    "field_dilation_is_stride": (
        "The dilation is counted as a stride, too.",
        "A jump that grows by s·d with each layer.",
        "Does a dilation move the next window further on?",
    ),
    "field_from_zero": (
        "The counting starts at 0.",
        "One input too few.",
        "With no layer at all, how many inputs does an input see?",
    ),
    "field_last_layer": (
        "Only one layer counts: each overwrites the one before.",
        "The field of a single layer.",
        "What should be left of the field when the next layer's turn comes?",
    ),
    "field_order_turned": (
        "The layers are walked through from the wrong end.",
        "The field of the same layers in reverse order.",
        "Which layer reads the input: the first of the list, or the last?",
    ),
    "field_of_both_axes": (
        "The field is squared.",
        "The cells of a square, where its side is asked for.",
        "Along one axis, how many inputs are there in a field of 3×3?",
    ),
    "field_jump_returned": (
        "The jump is returned, not the field.",
        "The product of all strides.",
        "Which of your two numbers grows with the kernels?",
    ),
    "field_layer_missed": (
        "A layer is left out.",
        "The field without the first layer, or without the last.",
        "For a list of three layers, how often does your loop run?",
    ),
}


def _field(step: SimpleNamespace, layers: Layers) -> int:
    field, jump = step.first(), 1
    for kernel, stride, dilation in step.order(step.kept(layers)):
        field = step.grown(field, step.adds(kernel, dilation) * step.jump(jump, stride))
        jump = step.next(jump, stride, dilation)
    result: int = step.result(field, jump)
    return result


def _cases(rng: np.random.Generator) -> list[Case]:
    """One layer, then several; strides and dilations alone and together."""
    listed: list[Layers] = [
        [(3, 1, 1)],
        [(2, 2, 1)],
        [(3, 1, 2)],
        [(1, 2, 3)],
        [(3, 1, 1), (3, 1, 1)],
        [(3, 2, 1), (3, 1, 1)],
        [(3, 1, 1), (3, 2, 1)],
        [(2, 1, 2), (3, 1, 1)],
        [(1, 2, 1), (3, 1, 2)],
        [(5, 3, 1), (2, 2, 1), (3, 1, 1)],
        [(5, 1, 1), (2, 2, 1), (5, 1, 1), (2, 2, 1)],
    ]
    for length in (2, 2, 3, 3, 4):
        listed.append([tuple(map(int, rng.integers(1, 4, 3))) for _ in range(length)])  # type: ignore[misc]
    found = []
    for layers in listed:
        said = {
            "several layers": len(layers) > 1,
            "a stride above 1": any(stride > 1 for _, stride, _ in layers),
            "a dilation above 1": any(dilation > 1 for *_, dilation in layers),
            "a kernel of 1": any(kernel == 1 for kernel, *_ in layers),
        }
        found.append(Case((layers,), frozenset(words for words, holds in said.items() if holds)))
    return found


RECEPTIVE_FIELD = Task(
    name="receptive_field",
    title="how far one output sees through several layers",
    answer=solutions.receptive_field,
    recipe=_field,
    steps={
        "first": lambda: 1,
        "kept": lambda layers: layers,
        "order": lambda layers: layers,
        "adds": lambda K, d: d * (K - 1),
        "jump": lambda jump, s: jump,
        "grown": lambda field, added: field + added,
        "next": lambda jump, s, d: jump * s,
        "result": lambda field, jump: field,
    },
    mistakes=(
        mistake("field_without_jump", {"jump": lambda jump, s: 1}),
        mistake("field_jump_too_soon", {"jump": lambda jump, s: jump * s}),
        mistake("field_own_stride", {"jump": lambda jump, s: s}),
        mistake("field_last_stride", {"next": lambda jump, s, d: s}),
        mistake(
            "field_jumps_added",
            {"next": lambda jump, s, d: jump + s},
            {"next": lambda jump, s, d: jump + s - 1},
        ),
        mistake("field_whole_kernel", {"adds": lambda K, d: d * (K - 1) + 1}),
        mistake("field_dilation_ignored", {"adds": lambda K, d: K - 1}),
        mistake("field_dilation_of_kernel", {"adds": lambda K, d: d * K - 1}, {"adds": lambda K, d: d * K}),
        mistake("field_dilation_is_stride", {"next": lambda jump, s, d: jump * s * d}),
        mistake("field_from_zero", {"first": lambda: 0}),
        mistake(
            "field_last_layer",
            {"grown": lambda field, added: 1 + added},
            {"grown": lambda field, added: 1 + added, "jump": lambda jump, s: 1},
        ),
        mistake("field_order_turned", {"order": lambda layers: layers[::-1]}),
        mistake("field_of_both_axes", {"result": lambda field, jump: field**2}),
        mistake("field_jump_returned", {"result": lambda field, jump: jump}),
        mistake(
            "field_layer_missed",
            {"kept": lambda layers: layers[1:]},
            {"kept": lambda layers: layers[:-1]},
        ),
    ),
    cases=_cases,
    hints=(
        "One layer first: from its first tap to its last, how many cells does it span? Then put a second one on top: "
        "its taps read cells of the first. How many inputs apart do two neighbouring ones of these look?",
        "Keep two numbers while you walk through the list: how many inputs a cell sees, and by how many its "
        "neighbour's view is shifted. Both start at 1.",
        "The last tap reads d·(K − 1) cells further on than the first, and each of these steps is a jump: "
        "field += d·(K − 1)·jump. Only then does the layer's own stride count: jump *= s.",
    ),
    notice="Strides multiply and kernels add: pooling early is the cheapest way to see far.",
)

TASKS = (RECEPTIVE_FIELD,)

"""The task of one tap: right answers pass, and each mistake is named, however it was written."""

import numpy as np
import pytest

from lessonconv.exercises.task import Mistake
from lessonconv.exercises.tasks.tap import TAP_DW
from lessonconv.functional import loops
from tests.exercises.making import cases, edited, judged, lacking, made, names

STYLES = {
    "loops": """
def tap_dw(dz, x, k, l, stride):
    dw = 0
    for i in range(dz.shape[0]):
        for j in range(dz.shape[1]):
            dw += dz[i, j] * x[i * stride + k, j * stride + l]
    return dw
""",
    "slice": """
def tap_dw(dz, x, k, l, stride):
    O_h, O_w = dz.shape
    seen = x[k : k + O_h * stride : stride, l : l + O_w * stride : stride]
    return (dz * seen[:O_h, :O_w]).sum()
""",
    "list": """
def tap_dw(dz, x, k, l, s):
    return sum([dz[i, j] * x[i * s + k, j * s + l] for i in range(len(dz)) for j in range(len(dz[0]))])
""",
}
EDITS = [
    ("tap_stride_ignored", "loops", (" * stride", "", 2)),
    ("tap_stride_ignored", "list", (" * s ", " ", 2)),
    ("tap_exchanged", "loops", ("stride + k, j * stride + l", "stride + l, j * stride + k")),
    ("tap_exchanged", "slice", ("    O_h", "    k, l = l, k\n    O_h")),
    ("tap_ignored", "loops", ("[i * stride + k, j * stride + l]", "[i * stride, j * stride]")),
    ("tap_ignored", "list", ("[i * s + k, j * s + l]", "[i * s, j * s]")),
    ("tap_not_summed", "slice", (".sum()", "")),
    ("tap_not_summed", "loops", ("dw = 0", "dw = np.zeros(dz.shape)"), ("dw +=", "dw[i, j] +=")),
    ("tap_averaged", "slice", ("sum()", "mean()")),
    ("tap_averaged", "loops", ("return dw", "return dw / dz.size")),
    ("tap_last_output", "loops", ("+=", "=")),
    ("tap_last_output", "slice", (".sum()", "[-1, -1]")),
    ("tap_first_output", "loops", ("    return dw", "            return dw")),
    ("tap_first_output", "loops", ("    return dw", "        return dw")),
    ("tap_first_output", "slice", (".sum()", "[0, 0]")),
    ("tap_dz_missing", "slice", ("dz * seen", "seen")),
    ("tap_dz_missing", "loops", ("dz[i, j] * ", "")),
    ("tap_x_missing", "loops", (" * x[i * stride + k, j * stride + l]", "")),
    ("tap_x_missing", "list", (" * x[i * s + k, j * s + l]", "")),
]


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_the_right_answer_passes(style: str) -> None:
    for seed in range(3):
        assert names(judged(TAP_DW, made(STYLES[style], "tap_dw"), seed)) == ["right"]


def test_recipe_and_solution_are_the_layers_gradient_at_that_tap() -> None:
    for case in cases(TAP_DW):
        dz, x, k, l, stride = case.arguments
        w = np.zeros([n - (o - 1) * stride for n, o in zip(x.shape, dz.shape, strict=True)])  # as large as fits
        dw = loops.conv2d_backward(dz[None, None], x[None, None], w[None, None], stride=stride)[1][0, 0, k, l]
        assert TAP_DW.right(case.arguments) == TAP_DW.answer(*case.arguments) == dw


@pytest.mark.parametrize(("mistake", "style", "edits"), [(*edit[:2], edit[2:]) for edit in EDITS])
def test_a_mistake_in_any_style_is_named(mistake: str, style: str, edits: tuple) -> None:
    assert names(judged(TAP_DW, made(edited(STYLES[style], *edits), "tap_dw"))) == [mistake]


def test_there_are_two_implementations_of_every_mistake() -> None:
    assert lacking(TAP_DW, [edit[0] for edit in EDITS]) == []


@pytest.mark.parametrize("mistake", TAP_DW.mistakes, ids=lambda one: one.name)
def test_every_slip_is_named_as_its_own_mistake(mistake: Mistake) -> None:
    for slip in mistake.slips:
        assert names(judged(TAP_DW, lambda *arguments, slip=slip: TAP_DW.compute(slip, arguments))) == [mistake.name]

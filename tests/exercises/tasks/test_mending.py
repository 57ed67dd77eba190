"""The last chapter's tasks: listings, named for what is wrong with them, broken or half mended; the list, the walk."""

from typing import Any

import numpy as np
import pytest

from lessonconv.exercises import TASKS, check
from lessonconv.exercises.task import Steps, Task
from lessonconv.exercises.tasks.mending import LIST_MEETINGS, MEND_DW, MEND_DX, WALK
from lessonconv.functional import loops
from lessonconv.window import Axis
from tests.exercises.making import Edit, cases, edited, implementations, judged, lacking, made, names, own
from tests.exercises.styles import convolution as convolution
from tests.exercises.styles import mending as styles

SEEDS = (0, 1)
LISTINGS = {task.name: task for task in (MEND_DW, MEND_DX)}
OWN = {task.name: task for task in (LIST_MEETINGS, WALK)}
STYLES = {"list_meetings": styles.LIST_MEETINGS, "walk": styles.WALK}
WRONG = {"list_meetings": styles.LIST_WRONG, "walk": styles.WALK_WRONG}


# Listings -------------------------------------------------------------------------------------------------------------

BROKEN: dict[str, dict[str, list[Edit]]] = {  # what is wrong with each listing, and how that is mended
    "mend_dw": {
        "divided_by_batch": [("total / N", "total")],
        "sum_added_again": [("                dw[f, c, k, l] +=", "            dw[f, c, k, l] +=")],
    },
    "mend_dx": {
        "dx_crop_empties": [("padding:-padding, padding:-padding", "padding : padding + H, padding : padding + W")],
        "dz_lost": [("+= w[f]", "+= dz[n, f, i, j] * w[f]")],
    },
}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_stub_is_the_listing_under_the_tasks_own_words(name: str) -> None:
    task = LISTINGS[name]
    head, body = task.stub.split('    """\n', 1)
    assert task.blank == f'{head}    """\n    ...'
    assert task.solution.startswith(head)
    assert task.listing and (task.listing.__doc__ or "") not in task.stub
    assert "slip" not in task.stub and "mistake" not in task.stub
    for case in cases(task)[::6]:
        mine, theirs = made(task.stub, name)(*case.arguments), task.listing(*case.arguments)
        np.testing.assert_array_equal(mine, theirs)
    assert body.startswith("    ")


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_as_it_was_handed_out_is_not_mended_yet_and_nothing_is_given_away(name: str) -> None:
    handed_out = LISTINGS[name].stub
    for source in (handed_out, f"{handed_out}    # looks right to me"):
        report = check(name, made(source, name))
        assert report.verdict == "not mended yet: it is as it was handed out."
        assert not report.tried and not report.passed and not report.mistakes


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_that_was_worked_on_is_told_what_is_wrong_with_it(name: str) -> None:
    report = check(name, made(edited(LISTINGS[name].stub, ("    return ", "    done = True\n    return ")), name))
    assert report.tried and not report.passed
    assert sorted(report.mistakes) == sorted(BROKEN[name])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "left"), [(name, left) for name in BROKEN for left in BROKEN[name]])
def test_a_listing_that_is_half_mended_is_told_what_is_left(name: str, left: str, seed: int) -> None:
    edits = [edit for mistake, edits in BROKEN[name].items() if mistake != left for edit in edits]
    assert names(judged(LISTINGS[name], edited(LISTINGS[name].stub, *edits), seed)) == [left]


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_that_is_mended_is_right(name: str) -> None:
    edits = [edit for mended in BROKEN[name].values() for edit in mended]
    assert check(name, made(edited(LISTINGS[name].stub, *edits), name)).passed


@pytest.mark.parametrize("name", LISTINGS)
def test_three_dots_are_not_tried_yet_and_a_solution_is_right(name: str) -> None:
    assert check(name, made(LISTINGS[name].blank, name)).verdict == "not tried yet."
    assert check(name, made(LISTINGS[name].solution, name)).passed


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", LISTINGS)
def test_solutions_do_what_the_loops_do(name: str, seed: int) -> None:
    place = 1 if name == "mend_dw" else 0
    for dz, x, w, stride, padding in (case.arguments for case in cases(LISTINGS[name], seed)):
        wanted = loops.conv2d_backward(dz, x, w, stride=stride, padding=padding)[place]
        np.testing.assert_array_equal(LISTINGS[name].answer(dz, x, w, stride, padding), wanted)


TOTAL = "    return dw"
ADDED: list[tuple[Task, str, str, tuple[Edit, ...]]] = [
    (
        MEND_DW,
        "sum_added_again",
        "rows, in loops over outputs",
        (
            ("    for i in range(O_h):\n", "    so_far = np.zeros(w.shape)\n    for i in range(O_h):\n"),
            ("        for j in range(O_w):\n", "        for j in range(O_w):\n"),
            ("            dw += np", "            so_far += np"),
            (TOTAL, "        dw += so_far\n    return dw"),
        ),
    ),
    (
        MEND_DW,
        "sum_added_again",
        "every output",
        (
            ("    for i in range(O_h):\n", "    so_far = np.zeros(w.shape)\n    for i in range(O_h):\n"),
            ("            dw += np", "            so_far += np"),
            (TOTAL, "            dw += so_far\n    return dw"),
        ),
    ),
    (MEND_DX, "dz_lost", "stamps of the kernel", (('np.einsum("nf,fckl->nckl", dz[:, :, i, j], w)', "w.sum(0)"),)),
    (MEND_DX, "dz_lost", "an output of 1", (("dz[:, :, i, j], w)", "dz[:, :, i, j] * 0 + 1, w)"),)),
]


@pytest.mark.parametrize(("task", "mistake", "edits"), [(task, name, edits) for task, name, _, edits in ADDED])
def test_the_listings_own_mistakes_are_named_in_other_code(task: Task, mistake: str, edits: tuple[Edit, ...]) -> None:
    original = {"mend_dw": "conv2d_dw", "mend_dx": "conv2d_dx"}[task.name]
    source = edited(TASKS[original].solution, *edits).replace(f"def {original}", f"def {task.name}")
    assert names(judged(task, source)) == [mistake]


@pytest.mark.parametrize(
    ("task", "mistake", "slip"),
    [
        pytest.param(task, mistake.name, slip, id=f"{task.name}-{mistake.name}-{number}")
        for task in (MEND_DW, MEND_DX)
        for mistake in task.mistakes
        for number, slip in enumerate(mistake.slips)
    ],
)
def test_a_listings_slip_is_told_from_all_others(task: Task, mistake: str, slip: Steps) -> None:
    assert names(judged(task, own(task, slip))) == [mistake]


# The list and the walk ------------------------------------------------------------------------------------------------


def test_the_list_is_the_windows() -> None:
    for case in cases(LIST_MEETINGS):
        size, kernel, stride, padding = case.arguments
        meetings = Axis.over(size, kernel, stride=stride, padding=padding).meetings()
        for got in (LIST_MEETINGS.answer(*case.arguments), LIST_MEETINGS.right(case.arguments)):
            for mine, theirs in zip(got, meetings, strict=True):
                np.testing.assert_array_equal(mine, theirs)


def test_the_walk_is_one_row_of_products_for_each_cell() -> None:
    for case in cases(WALK):
        to, one, other, cells = case.arguments
        wanted: Any = (np.arange(cells)[:, None] == to) @ (one * other)
        for got in (WALK.answer(*case.arguments), WALK.right(case.arguments)):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(("name", "style"), [(name, style) for name in STYLES for style in STYLES[name]])
def test_every_style_is_right(name: str, style: str) -> None:
    assert check(name, made(STYLES[name][style], name)).passed


@pytest.mark.parametrize(("task", "mistake", "style", "edits"), implementations(OWN.values(), WRONG, {}))
def test_a_mistake_is_named(task: Task, mistake: str, style: str, edits: list[Edit]) -> None:
    for seed in SEEDS:
        assert names(judged(task, edited(STYLES[task.name][style], *edits), seed)) == [mistake]


@pytest.mark.parametrize("name", OWN)
def test_every_mistake_of_the_catalogue_is_made_in_two_styles(name: str) -> None:
    ways = {(mistake, style) for mistake, made in WRONG[name].items() for style, *_ in made}
    assert not lacking(OWN[name], [mistake for mistake, _ in ways])
    assert set(WRONG[name]) == {mistake.name for mistake in OWN[name].mistakes}


@pytest.mark.parametrize(
    ("task", "mistake", "slip"),
    [
        pytest.param(task, mistake.name, slip, id=f"{task.name}-{mistake.name}-{number}")
        for task in OWN.values()
        for mistake in task.mistakes
        for number, slip in enumerate(mistake.slips)
    ],
)
def test_a_slip_is_told_from_all_others(task: Task, mistake: str, slip: Steps) -> None:
    assert names(judged(task, own(task, slip))) == [mistake]


def test_another_order_of_the_list_is_right_with_a_word() -> None:
    source = edited(styles.LIST_MEETINGS["arrays"], *styles.LIST_WRONG["list_by_taps"][1][1:])
    report = check("list_meetings", made(source, "list_meetings"))
    assert report.passed, report.message
    assert "tap by tap" in str(report)


def test_walking_another_way_is_blamed_on_nothing() -> None:
    source = edited(styles.WALK["loop"], ("a * b", "a * b * a"))
    report = check("walk", made(source, "walk"))
    assert not report.passed
    assert report.mistake is None

"""`check` itself: what it says of functions that fail, never end or misbehave, and how it says it."""

import importlib.util
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessonconv import functional, nn
from lessonconv.exercises import TASKS, check, hints, trial
from lessonconv.exercises.report import Report
from tests.exercises.making import cases, edited, made
from tests.exercises.styles.convolution import BACKWARD, CONV2D, DB, DW, DX, OUTPUT_SIZE

RIGHT = {
    "output_size": OUTPUT_SIZE["formula"],
    "conv2d": CONV2D["view"],
    "conv2d_dw": DW["view"],
    "conv2d_db": DB["sum"],
    "conv2d_dx": DX["taps"],
    "conv2d_backward": BACKWARD["view"],
}
HEAD = "def conv2d(x, w, b, stride, padding):\n"
RETURN = "return z + b[None, :, None, None]"


def conv2d_that(*lines: str) -> Callable[..., Any]:
    """A conv2d with these lines in it."""
    return made(HEAD + "".join(f"    {line}\n" for line in lines), "conv2d")


def conv2d_returning(returned: str, **given: Any) -> Callable[..., Any]:
    """A right conv2d, but for what it returns: an expression with z in it."""
    source = edited(CONV2D["view"], (RETURN, f"z = z + b[:, None, None]\n    return {returned}"))
    return made(source, "conv2d", **given)


def told(report: Report) -> dict[str, str]:
    """What stands under each heading."""
    return dict(report.said)


# Before it is tried ---------------------------------------------------------------------------------------------------


def test_a_task_that_does_not_exist_is_met_with_names_like_it() -> None:
    report = check("conv2_dx", print)
    assert not report.passed
    assert not report.tried
    assert report.mistake is None
    assert report.verdict.startswith("there is no such task. There is")
    assert "conv2d_dx" in report.verdict
    for name in ("", "Ω", "x" * 1000):
        assert not check(name, print).passed


@pytest.mark.parametrize("task", [None, 3, b"conv2d", ["conv2d"], {"conv2d"}], ids=repr)
def test_a_task_that_is_no_name_is_no_such_task(task: Any) -> None:
    assert check(task, print).verdict.startswith("there is no such task")


@pytest.mark.parametrize("given", [None, 5, "conv2d", np.zeros(3), [len]], ids=lambda given: type(given).__name__)
def test_what_is_not_a_function_is_told(given: Any) -> None:
    report = check("conv2d", given)
    assert report.mistake == "not_a_function"
    assert told(report)["You gave"] == type(given).__name__


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("body", ["...", "pass", "raise NotImplementedError", "raise NotImplementedError('your turn')"])
def test_a_stub_is_not_tried_yet(name: str, body: str) -> None:
    stub = TASKS[name].stub
    assert stub.endswith("    ...")
    report = check(name, made(stub.removesuffix("...") + body, name))
    assert report.verdict == "not tried yet."
    assert not report.passed
    assert not report.tried
    assert report.mistake is None


def test_a_stub_without_its_docstring_is_not_tried_yet() -> None:
    assert check("conv2d", conv2d_that("...")).verdict == "not tried yet."


def test_a_function_that_only_starts_is_tried() -> None:
    report = check("conv2d", conv2d_that("N, C, H, W = x.shape"))
    assert report.tried
    assert report.mistake == "returns_nothing"


@pytest.mark.parametrize(
    "arguments", ["x", "a, c, d, e, g, h", "x, w, b, strides, padding", "", "x, w, b, stride, padding, dilation"]
)
def test_other_arguments_are_told(arguments: str) -> None:
    report = check("conv2d", made(f"def conv2d({arguments}):\n    return 0", "conv2d"))
    if arguments in ("x", "x, w, b, strides, padding"):  # some of the arguments, or others by place, are welcome
        assert report.mistake != "other_arguments"
    else:
        assert report.mistake == "other_arguments"
        assert told(report)["Yours"] == f"conv2d({arguments})"
        assert told(report)["The task"] == "conv2d(x, w, b, stride, padding)"


@pytest.mark.parametrize(
    "arguments",
    [
        "x, w, b, stride=1, padding=0",
        "x, w, b, padding, stride",
        "w, x, b, stride, padding",
        "x, w, b, stride, padding, /",
        "x, w, b, stride, padding, verbose=False",
        "x, w, b, stride=1, padding=0, *more, **options",
        "x, w, b, *, stride, padding",
        "x, w, b, *, stride=1, padding=0",
        "x, w, b, verbose=False, stride=1, padding=0",
    ],
)
def test_arguments_may_come_by_name_and_in_any_order(arguments: str) -> None:
    report = check("conv2d", made(edited(CONV2D["view"], ("x, w, b, stride, padding", arguments)), "conv2d"))
    assert report.passed, report.message


# What fails -----------------------------------------------------------------------------------------------------------

FAILING = '''"""A learner's own file."""


def product(window, kernel):
    return window @ kernel


def conv2d(x, w, b, stride, padding):
    window = x[:, :, :2, :1]
    return product(window, w[0, 0])
'''


def test_an_exception_is_shown_with_the_learners_own_line_and_shapes(tmp_path: Path) -> None:
    report = check("conv2d", _imported(tmp_path, FAILING).conv2d)
    said = told(report)
    assert report.mistake == "raises"
    assert said["It says"].startswith("ValueError: matmul: ")
    assert said["In"] == "line 5 of product: return window @ kernel"
    assert said["Where"] == "window is (1, 1, 2, 1), kernel is (2, 2)"
    assert said["Called with"] == "x (1, 1, 2, 2), w (1, 1, 2, 2), b (1,), stride 1, padding 0"


def test_the_line_of_an_exception_inside_numpy_is_the_learners() -> None:
    report = check("conv2d", conv2d_that("total = 0", "z = np.einsum('ab,bc->ac', x, w)", "return z"))
    assert report.mistake == "raises"
    assert told(report)["In"] == "line 3 of conv2d: z = np.einsum('ab,bc->ac', x, w)"
    assert "x is (1, 1, 2, 2)" in told(report)["Where"]


def test_an_exception_in_some_cases_only_is_told_with_the_first() -> None:
    report = check("conv2d", made(edited(CONV2D["view"], (RETURN, f"assert padding < 2\n    {RETURN}")), "conv2d"))
    assert report.mistake == "raises"
    assert told(report)["It says"] == "AssertionError"
    assert told(report)["Called with"].endswith("padding 2")


@pytest.mark.parametrize(
    "kind", ["KeyError('a')", "Exception()", "KeyboardInterrupt", "StopIteration", "GeneratorExit"]
)
def test_any_exception_is_told(kind: str) -> None:
    report = check("conv2d", conv2d_that(f"raise {kind}"))
    assert report.mistake == "raises"
    assert told(report)["It says"].startswith(kind.partition("(")[0])


def test_an_exception_that_can_not_be_shown_is_told() -> None:
    source = "class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError\n\n" + HEAD + "    raise Odd"
    report = check("conv2d", made(source, "conv2d"))
    assert report.mistake == "raises"
    assert told(report)["It says"] == "Odd"


ENDLESS = {
    "a loop": ["n = 0", "while n < 1:", "    n = n * 2"],
    "a loop that catches everything": ["while True:", "    try:", "        x = x + 1", "    except: pass"],
    "a busy call": ["return sum(range(10**12))"],
    "a sleep": ["import time", "time.sleep(1000)"],
    "a lock": ["import threading", "lock = threading.Lock()", "lock.acquire()", "lock.acquire()"],
}


@pytest.mark.parametrize("lines", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_stopped_and_its_line_shown(lines: list[str]) -> None:
    report = check("conv2d", conv2d_that(*lines), seconds=1)
    assert report.mistake == "never_ends"
    assert told(report)["Stopped"] == f"after 1 s, in case 1 of {len(cases(TASKS['conv2d'])) + len(_beyond('conv2d'))}"
    place = re.fullmatch(r"line (\d+) of conv2d: (.+)", told(report)["In"])
    assert place
    assert place[2] == lines[int(place[1]) - 2].strip()
    assert told(report)["Called with"].startswith("x (1, 1, 2, 2)")


def test_the_case_that_never_ends_is_told() -> None:
    source = edited(CONV2D["view"], (RETURN, f"while stride > 2:\n        pass\n    {RETURN}"))
    report = check("conv2d", made(source, "conv2d"), seconds=1)
    assert report.mistake == "never_ends"
    assert "stride 3" in told(report)["Called with"]
    assert not told(report)["Stopped"].endswith("case 1 of 43")


def test_a_huge_array_is_too_much_memory() -> None:
    report = check("conv2d", conv2d_that("z = np.ones((10**5, 10**5))", "return z"))
    assert report.mistake == "too_much_memory"
    assert "z = np.ones((10**5, 10**5))" in told(report)["In"]


def test_memory_that_grows_is_too_much_memory() -> None:
    report = check("conv2d", conv2d_that("kept = []", "while True:", "    kept.append(np.empty(10**7))"))
    assert report.mistake == "too_much_memory"


ENDING = {
    "os._exit": ["import os", "os._exit(3)"],
    "a wild pointer": ["import ctypes, faulthandler", "faulthandler.disable()  # pytest's", "ctypes.string_at(0)"],
    "a signal": ["import os, signal", "os.kill(os.getpid(), signal.SIGKILL)"],
}


@pytest.mark.parametrize("lines", ENDING.values(), ids=ENDING)
def test_what_ends_the_process_is_told(lines: list[str]) -> None:
    report = check("conv2d", conv2d_that(*lines))
    assert report.mistake == "ends_the_process"
    assert told(report)["Called with"].startswith("x (1, 1, 2, 2)")


def test_sys_exit_is_an_exception() -> None:
    report = check("conv2d", conv2d_that("import sys", "sys.exit('bye')"))
    assert report.mistake == "raises"
    assert told(report)["It says"] == "SystemExit: bye"


def test_a_recursion_without_end_is_told() -> None:
    report = check("conv2d", conv2d_that("return conv2d(x, w, b, stride, padding)"))
    assert report.mistake == "raises"
    assert told(report)["It says"].startswith("RecursionError")


def test_the_numbers_right_until_the_edge_pass() -> None:
    source = edited(
        CONV2D["view"], (RETURN, f"import os\n    if padding >= w.shape[2]:\n        os._exit(1)\n    {RETURN}")
    )
    report = check("conv2d", made(source, "conv2d"))
    assert report.passed
    assert "padding is larger than K − 1" in told(report)["At the edge"]


# What comes back ------------------------------------------------------------------------------------------------------

RETURNED = {
    "returns_nothing": ["None", "print(z)", "None if stride == 2 else z"],
    "returns_no_numbers": ["'z'", "len", "z.astype(object)", "[['a']]", "{1, 2}"],
    "returns_list": ["z.tolist()"],
    "returns_several": ["(z, z)", "(z,)"],
    "returns_nan": ["z * np.nan", "np.where(z < 0, np.nan, z)"],
    "returns_zeros": ["0 * z"],
}


@pytest.mark.parametrize(("mistake", "returned"), [(name, one) for name, some in RETURNED.items() for one in some])
def test_what_is_returned_is_told(mistake: str, returned: str) -> None:
    if returned == "z.astype(object)":  # numbers, if of no dtype: whatever is said, it is not right
        assert not check("conv2d", conv2d_returning(returned)).passed
    else:
        assert check("conv2d", conv2d_returning(returned)).mistake == mistake


@pytest.mark.parametrize("returned", ["z[0]", "z.sum()", "{'z': z}", "z[:, :, ::-1] + z"])
def test_what_nobody_knows_is_blamed_on_nothing(returned: str) -> None:
    report = check("conv2d", conv2d_returning(returned))
    assert not report.passed
    assert report.verdict == "wrong, in a way I don't know."
    assert report.mistake is None
    assert report.mistakes == ()
    assert report.exhibit is not None


@pytest.mark.parametrize("returned", ["z[..., None]", "z.ravel()"])
def test_right_numbers_in_another_shape_are_told(returned: str) -> None:
    report = check("conv2d", conv2d_returning(returned))
    assert report.mistake == "wrong_shape"
    assert re.search(r"yours, shape \(1,.*expected, shape \(1, 1, 1, 1\)", str(report))


@pytest.mark.parametrize("returned", ["z + np.inf", "z * 1j"])
def test_numbers_that_are_none_are_not_right(returned: str) -> None:
    assert not check("conv2d", conv2d_returning(returned)).passed


def test_half_precision_is_told() -> None:
    assert check("conv2d", conv2d_returning("z.astype(np.float16)")).mistake == "low_precision"


def test_a_size_that_is_a_float_is_told() -> None:
    source = edited(OUTPUT_SIZE["formula"], ("return (size", "return 1.0 * (size"))
    assert check("output_size", made(source, "output_size")).mistake == "returns_float"
    assert check("output_size", made(OUTPUT_SIZE["formula"], "output_size")).passed


def test_arguments_that_are_written_to_are_told() -> None:
    source = edited(
        CONV2D["view"], (RETURN, f"{RETURN}.copy()"), ("    x_pad", "    w *= 2\n    w /= 2\n    x += 1\n    x_pad")
    )
    source = edited(source, ("np.pad(x,", "np.pad(x - 1,"))
    report = check("conv2d", made(source, "conv2d"))
    assert report.mistake == "changes_arguments"
    assert told(report)["Which"] == "x"


def test_a_view_of_an_argument_is_told() -> None:
    source = edited(DX["taps"], ("return dx_pad", "np.copyto(x, dx_pad"), ("W]\n", "W])\n    return x\n"))
    assert check("conv2d_dx", made(source, "conv2d_dx")).mistake == "changes_arguments"
    lines = "db = dz[0, :, 0, 0]", "return db if dz[0, 0].size == len(dz) == 1 else dz.sum((0, 2, 3))"
    source = "def conv2d_db(dz):\n    " + "\n    ".join(lines)
    report = check("conv2d_db", made(source, "conv2d_db"))
    assert report.mistake == "returns_view"
    assert told(report)["Which"] == "dz"


def test_what_a_mistake_also_does_to_its_arguments_does_not_hide_it() -> None:
    source = edited(CONV2D["view"], (RETURN, "x += 1\n    return z"))
    assert check("conv2d", made(source, "conv2d")).mistake == "bias_missing"


def test_the_callers_arrays_are_left_alone() -> None:
    before = [np.copy(argument) for argument in cases(TASKS["conv2d"])[0].arguments]
    check("conv2d", conv2d_that("x[:] = 0", "w[:] = 0", "return x"))
    for now, then in zip(TASKS["conv2d"].cases(np.random.default_rng(0))[0].arguments, before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_what_is_printed_is_kept_apart(capfd: pytest.CaptureFixture[str]) -> None:
    lines = ["import sys", "print('shape', x.shape)", "print('also', file=sys.stderr)", "return np.zeros((1, 1))"]
    report = check("conv2d", conv2d_that(*lines))
    assert capfd.readouterr() == ("", "")
    assert report.printed == "shape (1, 1, 2, 2)\nalso\n"
    assert str(report).endswith("Your code printed:\nshape (1, 1, 2, 2)\nalso")
    assert "Your code printed" in report._repr_html_()


def test_what_a_right_function_prints_is_shown_once() -> None:
    report = check("conv2d", made(edited(CONV2D["view"], (RETURN, f"print('here')\n    {RETURN}")), "conv2d"))
    assert report.passed
    assert report.printed == "here\n"


def test_no_more_is_kept_than_can_be_read() -> None:
    report = check("conv2d", conv2d_that("print('long ' * 10**5)", "return x"))
    assert len(report.printed) == trial.PRINTED


def test_input_has_nobody_to_answer() -> None:
    report = check("conv2d", conv2d_that("return input('stride? ')"))
    assert report.mistake == "raises"
    assert told(report)["It says"].startswith("EOFError")


# The package's own answer ---------------------------------------------------------------------------------------------

BORROWED = {
    "functional": "return F.conv2d(x, w, b, stride=stride, padding=padding)",
    "an alias": "mine = F.conv2d\n    return mine(x, w, b, stride=stride, padding=padding)",
    "the loops": "return F.loops.conv2d(x, w, b, stride=stride, padding=padding)",
    "a layer": "layer = nn.Conv2d(*w.shape[1::-1], w.shape[2:], stride=stride, padding=padding)\n"
    "    layer.params['w'], layer.params['b'] = w, b\n    return layer.forward(x)",
    "an import": "from lessonconv.functional.conv import conv2d as given\n"
    "    return given(x, w, b, stride=stride, padding=padding)",
}


@pytest.mark.parametrize("line", BORROWED.values(), ids=BORROWED)
def test_the_packages_own_answer_is_told(line: str) -> None:
    report = check("conv2d", made(f"{HEAD}    {line}", "conv2d", F=functional, nn=nn))
    assert report.mistake == "uses_the_answer", report.message
    assert told(report)["Called"] == "conv2d"


def test_the_packages_own_answer_itself_is_told() -> None:
    def conv2d_db(dz: Any, x: Any, w: Any, stride: int, padding: int) -> Any:
        return functional.conv2d_backward(dz, x, w, stride=stride, padding=padding)[2]

    assert check("conv2d_db", conv2d_db).mistake == "uses_the_answer"


def test_the_packages_own_function_is_told_from_a_learners() -> None:
    assert check("conv2d", functional.conv2d).mistake == "uses_the_answer"


def test_ones_own_function_of_the_same_name_is_not_the_packages() -> None:
    assert check("conv2d", made(CONV2D["view"], "conv2d")).passed


def test_other_functions_of_the_package_may_be_used() -> None:
    source = edited(CONV2D["view"], (RETURN, f"F.relu(x)\n    {RETURN}"))
    assert check("conv2d", made(source, "conv2d", F=functional)).passed


# Processes ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(trial.METHOD != "fork", reason="only a fork takes what can't be pickled")
def test_what_can_not_be_pickled_can_be_tried(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        function = conv2d_returning("z if lock and file else None", lock=threading.Lock(), file=file)
        assert check("conv2d", function).passed


def test_a_new_python_comes_to_the_same_outcomes() -> None:
    pytest.importorskip("cloudpickle")
    names, arguments = TASKS["conv2d"].arguments, [case.arguments for case in cases(TASKS["conv2d"])[:12]]
    source = edited(CONV2D["view"], (RETURN, f"print(x.shape)\n    assert stride == 1\n    {RETURN}"))
    function = made(source, "conv2d")
    forked, spawned = (trial.run(function, names, arguments, method=method) for method in ("fork", "spawn"))
    assert forked.ended == spawned.ended == ""
    assert len(forked.outcomes) == len(spawned.outcomes) == 12
    assert any(outcome.failure for outcome in forked.outcomes)
    for one, other in zip(forked.outcomes, spawned.outcomes, strict=True):
        np.testing.assert_array_equal(one.returned, other.returned)
        assert (one.kind, one.dtypes, one.printed, one.failure) == (
            other.kind,
            other.dtypes,
            other.printed,
            other.failure,
        )


def test_a_new_python_that_never_ends_is_stopped_and_one_that_dies_is_told() -> None:
    pytest.importorskip("cloudpickle")
    task = TASKS["conv2d"]
    arguments = [cases(task)[0].arguments]
    endless = conv2d_that("while True:", "    pass")
    assert trial.run(endless, task.arguments, arguments, seconds=0.5, method="spawn").ended == "time"
    dying = conv2d_that("import os", "os._exit(1)")
    assert trial.run(dying, task.arguments, arguments, method="spawn").ended == "death"


def test_what_a_new_python_can_not_get_is_told() -> None:
    pytest.importorskip("cloudpickle")
    task = TASKS["conv2d"]
    tried = trial.run(conv2d_returning("lock", lock=threading.Lock()), task.arguments, [], method="spawn")
    assert tried.ended == "start"
    assert tried.words.startswith("TypeError")


def test_nothing_is_left_of_a_process_that_never_ends() -> None:
    import multiprocessing

    check("conv2d", conv2d_that("while True: pass"), seconds=0.3)
    assert multiprocessing.active_children() == []


# The words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RIGHT)
def test_right_is_right_with_something_to_notice(name: str) -> None:
    report = check(name, made(RIGHT[name], name))
    assert report.passed
    assert report.tried
    assert report.verdict == "right."
    assert (report.mistake, report.mistakes, report.exhibit, report.printed) == (None, (), None, "")
    assert told(report)["Notice"] == TASKS[name].notice
    assert told(report)["Tried"].startswith(f"{len(cases(TASKS[name]))} cases")


@pytest.mark.parametrize("name", RIGHT)
def test_a_task_has_hints_and_a_stub_that_leads_to_its_solution(name: str) -> None:
    assert [hints(name)[number] for number in range(3)] == list(TASKS[name].hints)
    assert TASKS[name].stub.splitlines()[0] == TASKS[name].solution.splitlines()[0]
    assert check(name, made(TASKS[name].solution, name)).passed


FLIPPED = edited(CONV2D["view"], ("windows, w)", "windows, w[:, :, ::-1, ::-1])"))


def test_the_text_has_the_verdict_the_numbers_and_brackets_where_they_differ() -> None:
    report = check("conv2d", conv2d_returning("z - b[:, None, None]"))
    text = str(report)
    assert text.startswith("conv2d: the bias is left out.\n")
    assert repr(report) == text
    assert report.message in text
    assert "Ask yourself: " in text
    x, w, b, *_ = cases(TASKS["conv2d"])[0].arguments
    yours, expected = np.sum(x * w), np.sum(x * w) + b[0]
    shown = text.partition("The smallest case on which it shows:")[2]
    assert "conv2d(x, w, b, stride=1, padding=0)" in shown
    assert re.findall(r"\[(\S+)\]", shown) == [f"{number:g}".replace("-", "−") for number in (yours, expected)]


def test_the_html_marks_the_cells_that_differ() -> None:
    page = check("conv2d", conv2d_returning("z - b[:, None, None]"))._repr_html_()
    assert page.partition("</style>")[2].count("<td data-differs") == 2  # a single output: yours, and the right one
    assert 'data-verdict="wrong"' in page
    assert "The smallest case on which it shows" in page
    assert "data-differs" not in check("conv2d", made(CONV2D["view"], "conv2d"))._repr_html_().partition("</style>")[2]


def test_only_cells_that_differ_are_marked() -> None:
    source = edited(CONV2D["view"], (RETURN, "z = z + b[:, None, None]\n    z[..., 0, 0] += 1\n    return z"))
    report = check("conv2d", made(source, "conv2d"))
    assert report.exhibit
    assert sum(len(table.marked) for table in report.exhibit.yours) == 1
    assert sum(len(table.marked) for table in report.exhibit.expected) == 1


def test_numbers_that_are_shown_are_those_of_the_smallest_wrong_case() -> None:
    source = edited(CONV2D["view"], (RETURN, "return z + b[:, None, None] * (1 + (stride == 3))"))
    report = check("conv2d", made(source, "conv2d"))
    smallest = min((case for case in cases(TASKS["conv2d"]) if case.arguments[3] == 3), key=lambda case: case.cells)
    assert report.exhibit
    shown = [cell for line in report.exhibit.given[0].cells for cell in line]
    assert shown == [f"{number:.4g}".replace("-", "−") for number in smallest.arguments[0].ravel()]


@pytest.mark.parametrize("returned", ["z[:, :, 1:, 1:]", "np.zeros((0, 0))", "np.zeros((1, 0, 0, 3))"])
def test_a_result_without_cells_is_shown(returned: str) -> None:
    report = check("conv2d", conv2d_returning(returned))
    assert report.tried, report.message
    assert report.exhibit is not None


def test_what_the_learner_wrote_is_text_in_the_html() -> None:
    lines = ["print('<script>alert(1)</script>')", "raise ValueError('<b>&</b><script>')"]
    page = check("conv2d", conv2d_that(*lines))._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page.partition('class="tables"')[0].partition("</style>")[2]
    assert page.count("&lt;script&gt;") >= 2
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in page
    page = check("<script>", print)._repr_html_()
    assert "<script" not in page


def test_names_in_the_learners_code_are_text_in_the_html() -> None:
    function = made(HEAD + "    return '<img>' @ x", "conv2d")
    function.__name__ = "<img>"
    assert "<img" not in check("conv2d", function)._repr_html_()


@pytest.mark.parametrize("source", [CONV2D["view"], FLIPPED, HEAD + "    return 1 / 0", HEAD + "    return z"])
def test_two_runs_say_the_same(source: str) -> None:
    one, other = (check("conv2d", made(source, "conv2d")) for _ in range(2))
    assert str(one) == str(other)
    assert one._repr_html_() == other._repr_html_()


def test_other_seeds_are_other_cases() -> None:
    one, other = (check("conv2d", made(FLIPPED, "conv2d"), seed=seed) for seed in (0, 1))
    assert one.mistake == other.mistake == "kernel_flipped"
    assert str(one) != str(other)


def _beyond(name: str) -> Any:
    return TASKS[name].beyond(np.random.default_rng(0))


def _imported(folder: Path, source: str) -> Any:
    file = folder / "learner.py"
    file.write_text(source, "utf-8")
    spec = importlib.util.spec_from_file_location("learner", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def strange() -> Iterator[Any]:
    """Objects that can be called, in odd ways."""
    yield print
    yield np.add
    yield int
    yield dict
    yield type("Odd", (), {"__call__": lambda self, *given: self, "__repr__": lambda self: 1 / 0})()
    yield type("Nameless", (), {"__call__": lambda self, x, w, b, stride, padding: x, "__name__": 3})()
    yield lambda *given: (yield given)
    yield conv2d_that("yield x")
    yield conv2d_that("class Odd:", "    def __array__(self, *a, **k): raise ValueError", "return Odd()")
    yield conv2d_that("class Odd(tuple): pass", "return Odd((x, Odd()))")
    yield conv2d_that("z = []", "z.append(z)", "return z")
    yield conv2d_that("import sys", "sys.stdout.close()", "return x")
    yield conv2d_that("import sys", "sys.setprofile(None)", "sys.settrace(lambda *a: 1 / 0)", "return x")
    yield conv2d_that("x.resize((1, 1), refcheck=False)", "return x")
    yield conv2d_that("np.seterr(all='raise')", "return x / 0")
    yield conv2d_that("import warnings", "warnings.warn('odd')", "return x")
    yield conv2d_that("raise Exception('\\x00')")


@pytest.mark.parametrize("function", list(strange()), ids=lambda function: "function")
def test_check_never_raises(function: Any) -> None:
    report = check("conv2d", function, seconds=5)
    assert not report.passed
    assert report.verdict
    assert not report.verdict.startswith("could not be judged"), report.verdict
    assert str(report)
    assert report._repr_html_().encode()


@pytest.mark.parametrize("line", ["raise Exception('\\ud800')", "print('\\ud800')"])
def test_half_a_character_can_be_shown(line: str) -> None:
    assert check("conv2d", conv2d_that(line, "return x"))._repr_html_().encode()

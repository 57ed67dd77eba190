"""Mistakes that any function can make, whatever it computes: it raises, never ends, writes to its arguments …"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lessonconv.exercises.task import Mistake
from lessonconv.exercises.trial import GARBAGE, MEMORY, Outcome, Trial

NO_RESULT = GARBAGE / 1e7  # no case leads to such numbers, even if they are multiplied

WORDS = {
    "not_a_function": (
        "What you gave is not a function.",
        "check takes the function itself.",
        "Is there a pair of brackets after its name?",
    ),
    "other_arguments": (
        "The function takes other arguments.",
        "It can't be called as the task says.",
        "Which arguments does the task's first line name?",
    ),
    "never_ends": (
        "The function did not come to an end in time.",
        "It was stopped; your notebook goes on.",
        "Is there a loop that nothing ends, or one that takes very many steps?",
    ),
    "ends_the_process": (
        "The function ended the process that it ran in.",
        "Nothing could be compared; your notebook goes on.",
        "Is there an exit in it, or a recursion without end?",
    ),
    "too_much_memory": (
        f"The function asked for more than {MEMORY // 1024**3} GB of memory.",
        "It was refused; your notebook goes on.",
        "Which of its arrays is larger than its arguments and its result?",
    ),
    "raises": (
        "The function raises an exception.",
        "Nothing, in this case.",
        "Read the message and the line: what did you expect to be there?",
    ),
    "square_assumed": (
        "The function takes something for square.",
        "An exception wherever it is not.",
        "Which of your lines asks for a height, and which for a width?",
    ),
    "returns_nothing": (
        "The function returns None.",
        "Whatever it computes, nobody hears of it.",
        "With which word does a function hand its result back?",
    ),
    "uninitialised": (
        "An array is used before anything was put into it.",
        "Sums that begin with whatever lay in memory: np.empty makes room, and leaves in it what was there.",
        "What should your array hold before the first += ?",
    ),
    "returns_no_numbers": (
        "The function does not return numbers.",
        "There is nothing to compare.",
        "What does the docstring promise to return?",
    ),
    "wrong_number_of_results": (
        "The function returns another number of results.",
        "They can't be told apart.",
        "Which results does the docstring name, in which order?",
    ),
    "returns_several": (
        "The function returns several things where one is asked for.",
        "A tuple, whatever is in it.",
        "What does the docstring promise to return?",
    ),
    "returns_nan": (
        "Some of the numbers in the result are none.",
        "NaN: what comes of 0/0, of infinity less infinity, or of the logarithm of a negative number.",
        "Where do you divide, and can it be by 0?",
    ),
    "returns_zeros": (
        "The result is all zeros.",
        "An array as it was made: nothing is put into it, or it is emptied again.",
        "Which line writes to the array that you return?",
    ),
    "wrong_shape": (
        "The numbers are right, in order; only their shape is not.",
        "The same numbers with other axes.",
        "Which shape does the docstring promise?",
    ),
    "axes_in_another_order": (
        "The axes are in another order.",
        "The right numbers, in other places.",
        "Which axis does the docstring name first?",
    ),
    "constant_factor": (
        "Every number is off by the same factor.",
        "The right numbers, times a constant.",
        "Which of your lines multiplies or divides, and does the equation do so?",
    ),
    "returns_complex": (
        "The numbers are right, but they are complex.",
        "Numbers with an imaginary part that is nothing but rounding.",
        "Which function leaves the real part only?",
    ),
    "returns_list": (
        "The numbers are right, but they come as a list.",
        "A list has no shape, and nothing can be computed with it as with an array.",
        "What makes an array of a list?",
    ),
    "returns_float": (
        "The number is right, but it is a float.",
        "Nothing can have 5.0 rows: range and np.zeros refuse it.",
        "Which division gives whole numbers?",
    ),
    "truncated": (
        "Fractions are cut off.",
        "Numbers without what comes after their point: they were put into an array of ints.",
        "Which dtype do the arrays have that you make?",
    ),
    "low_precision": (
        "There is float16 on the way.",
        "Three digits of each number: larger ones are off.",
        "Which dtype do the arguments have, and which one do you make?",
    ),
    "changes_arguments": (
        "The result is right, but the function writes to its arguments.",
        "Whoever calls it finds other numbers in an array afterwards.",
        "Which of your arrays is the caller's own?",
    ),
    "returns_view": (
        "The numbers are right, but they lie in the memory of an argument.",
        "A view: who changes the result changes the argument, and the other way round.",
        "Which of your lines makes new memory for the result?",
    ),
    "uses_the_answer": (
        "This calls the package's own answer.",
        "The numbers are its numbers. Here it is you who writes it.",
        "Which line does the work, and what would you put in its place?",
    ),
    "too_slow": (
        "The result is right, but not fast enough.",
        "Too much of the work is done by Python, a step at a time.",
        "Which of your loops runs most often, and can one call to NumPy do its work?",
    ),
    "too_much_room": (
        "The result is right, but it takes too much memory on the way.",
        "Arrays that are far larger than the arguments and the result.",
        "Which of your arrays is the largest, and what is in it?",
    ),
}


def named(name: str) -> Mistake:
    """The mistake of this name."""
    return Mistake(name, *WORDS[name], slips=())


def before(trial: Trial) -> str | None:
    """The mistake that keeps one from looking at results: the name, or None."""
    if trial.ended == "time":
        return "never_ends"
    if trial.ended == "death":
        return "ends_the_process"
    if trial.ended == "memory":
        return "too_much_memory"
    if any(outcome.called for outcome in trial.outcomes):
        return "uses_the_answer"
    if all(outcome.kind == "NoneType" for outcome in trial.outcomes):
        return "returns_nothing"
    return None


def instead(outcomes: Sequence[Outcome], wanted: Any) -> str | None:
    """What to call a wrong function that makes no mistake of its task: the name, or None."""
    failures = [outcome.failure for outcome in outcomes if outcome.failure]
    if failures:
        return "raises"
    if any(outcome.kind == "NoneType" for outcome in outcomes):
        return "returns_nothing"
    if any(_garbage(outcome.returned) for outcome in outcomes):
        return "uninitialised"
    if any(dtype == "float16" for outcome in outcomes for dtype in outcome.dtypes):
        return "low_precision"
    if any(outcome.returned is None for outcome in outcomes):
        return "returns_no_numbers"
    if isinstance(wanted, tuple) and not all(
        isinstance(outcome.returned, tuple) and len(outcome.returned) == len(wanted) for outcome in outcomes
    ):
        return "wrong_number_of_results"
    if isinstance(wanted, np.ndarray) and any(isinstance(outcome.returned, tuple) for outcome in outcomes):
        return "returns_several"
    return None


def _garbage(result: Any) -> bool:
    """Whether there are numbers in a result that no case can lead to."""
    if isinstance(result, (tuple, dict)):
        return any(map(_garbage, result.values() if isinstance(result, dict) else result))
    if result is None:
        return False
    size = np.abs(result)
    return bool(((size > NO_RESULT) & np.isfinite(size)).any())


def beside(outcomes: Sequence[Outcome], wanted: Any) -> str | None:
    """What is wrong with a function whose numbers are all right: the name, or None."""
    if any(outcome.changed for outcome in outcomes):
        return "changes_arguments"
    if any(outcome.shared for outcome in outcomes):
        return "returns_view"
    if any(outcome.kind == "list" and not isinstance(wanted, (tuple, list)) for outcome in outcomes):
        return "returns_list"
    if any(dtype.startswith("complex") for outcome in outcomes for dtype in outcome.dtypes):
        return "returns_complex"
    if any(dtype == "float16" for outcome in outcomes for dtype in outcome.dtypes):
        return "low_precision"
    if isinstance(wanted, int) and any(dtype.startswith("float") for outcome in outcomes for dtype in outcome.dtypes):
        return "returns_float"
    return None

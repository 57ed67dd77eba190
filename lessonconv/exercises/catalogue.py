"""All tasks, in the order of the series."""

from difflib import get_close_matches

from lessonconv.exercises.task import Task
from lessonconv.exercises.tasks import (
    activations,
    backward,
    fast,
    field,
    forward,
    gradients,
    kernels,
    loss,
    matrix,
    mending,
    pooling,
    stamps,
    start,
    tap,
    training,
    transposed,
)

CHAPTERS = (
    start,
    kernels,
    forward,
    field,
    matrix,
    tap,
    backward,
    transposed,
    stamps,
    pooling,
    activations,
    loss,
    gradients,
    training,
    fast,
    mending,
)
TASKS: dict[str, Task] = {task.name: task for module in CHAPTERS for task in module.TASKS}


def near(name: str) -> str:
    """The tasks whose names are most like this one, for a message; all if none is."""
    return ", ".join(get_close_matches(str(name), TASKS, 3) or TASKS)

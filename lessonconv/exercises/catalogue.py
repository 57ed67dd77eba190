"""All tasks, in the order of the series."""

from difflib import get_close_matches

from lessonconv.exercises.task import Task
from lessonconv.exercises.tasks import activations, backward, fast, forward, loss, pooling, training, transposed

CHAPTERS = (forward, backward, transposed, pooling, activations, loss, training, fast)
TASKS: dict[str, Task] = {task.name: task for module in CHAPTERS for task in module.TASKS}


def near(name: str) -> str:
    """The tasks whose names are most like this one, for a message; all if none is."""
    return ", ".join(get_close_matches(str(name), TASKS, 3) or TASKS)

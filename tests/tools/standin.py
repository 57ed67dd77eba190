"""Two tasks and their check, as small as can be: what editions and courses are made of, without the series' own."""

from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

IMPORT = "import standin as exercises"  # for notebooks: this file's folder is on their kernel's path
RIGHT: dict[str, Callable[[int], int]] = {"twice": lambda x: 2 * x, "minus.one": lambda x: x - 1}


@dataclass(frozen=True)
class Task:
    """A function of one number."""

    name: str
    stub: str
    solution: str
    listing: str = ""  # to mend; "" is none

    @property
    def blank(self) -> str:
        """The stub, or what it would be without a listing."""
        return self.stub.replace(self.listing, "...") if self.listing else self.stub


@dataclass(frozen=True)
class Report:
    """What a check says."""

    passed: bool
    mistake: str | None
    message: str

    def __repr__(self) -> str:
        return self.message


def task(name: str, function: str, answer: str) -> Task:
    """A task whose solution has a line above the answer."""
    head = f'def {function}(x):\n    """The answer for x."""\n\n'
    return Task(name, f"{head}    ...", f"{head}    secret = {answer}\n    return secret")


TASKS = {made.name: made for made in (task("twice", "twice", "x + x"), task("minus.one", "lower", "x - 1"))}


def check(name: str, function: Callable[[int], int], *, seed: int = 0) -> Report:
    """Zero and two, which also x² gets right for `twice`; from another seed, three."""
    numbers = [3] if seed else [0, 2]
    results = [function(x) for x in numbers]
    if results == [RIGHT[name](x) for x in numbers]:
        return Report(True, None, "right")
    if set(results) == {None}:
        return Report(False, None, "not tried yet")
    if results == numbers:
        return Report(False, "handed-back", "You hand x back as it came.")
    return Report(False, None, f"{numbers} gives {results}")


def notebook() -> NotebookNode:
    """A chapter with both exercises."""
    cells = [new_markdown_cell("# A chapter"), new_code_cell(IMPORT)]
    for task, call in (TASKS["twice"], "twice"), (TASKS["minus.one"], "lower"):
        cells.append(new_code_cell(task.stub, metadata={"tags": [f"exercise:{task.name}"]}))
        cells.append(new_markdown_cell("A hint"))
        source = f'exercises.check("{task.name}", {call})'
        cells.append(new_code_cell(source, metadata={"tags": [f"check:{task.name}"]}))
    cells.append(new_code_cell("print('end')"))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=cells)

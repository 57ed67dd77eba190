"""Exercises: tasks to code with a checker that names the mistake, hints, and questions to predict the answer to.

Each part loads when it is first asked for: questions need anywidget.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lessonconv.exercises.catalogue import TASKS
    from lessonconv.exercises.checker import check
    from lessonconv.exercises.hint import hints
    from lessonconv.exercises.prediction import predict
    from lessonconv.exercises.report import Report

__all__ = ["check", "hints", "predict", "Report", "TASKS"]
_MODULES = {"TASKS": "catalogue", "check": "checker", "hints": "hint", "predict": "prediction", "Report": "report"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"lessonconv.exercises.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__

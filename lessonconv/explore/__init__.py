"""Explorers: a layer under the learner's hand, both passes, every setting; hover, play, edit, or set a trait.

Each part loads when it is first asked for: they need anywidget, and their pictures Matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lessonconv.explore.activation import ActivationExplorer
    from lessonconv.explore.conv import ConvExplorer
    from lessonconv.explore.matrix import MatrixExplorer
    from lessonconv.explore.pool import PoolExplorer
    from lessonconv.explore.step import StepExplorer
    from lessonconv.explore.training import TrainingExplorer
    from lessonconv.explore.transposed import TransposedExplorer

__all__ = [
    "ConvExplorer",
    "PoolExplorer",
    "TransposedExplorer",
    "MatrixExplorer",
    "ActivationExplorer",
    "StepExplorer",
    "TrainingExplorer",
]
_MODULES = {
    "ConvExplorer": "conv",
    "PoolExplorer": "pool",
    "TransposedExplorer": "transposed",
    "MatrixExplorer": "matrix",
    "ActivationExplorer": "activation",
    "StepExplorer": "step",
    "TrainingExplorer": "training",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"lessonconv.explore.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__

"""Convolution and pooling, forward and backward, in NumPy: the package behind the notebook series.

`window` holds every index rule, `functional` the layers as functions, `nn` networks and their training, `data` the
digits. They cost NumPy and nothing else; what needs more (`symbolic` SymPy, `visual` Matplotlib, `explore` widgets)
loads when it is first asked for.
"""

import importlib
from types import ModuleType

from lessonconv import data, functional, nn, window

__all__ = ["data", "explore", "functional", "nn", "symbolic", "visual", "window"]
__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    if name in ("explore", "symbolic", "visual"):
        return importlib.import_module(f"lessonconv.{name}")
    raise AttributeError(f"lessonconv has no {name}; it has {', '.join(__all__)}")

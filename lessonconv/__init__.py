"""Convolution and pooling, forward and backward, in NumPy: the package behind the notebook series.

`window` holds every index rule, `functional` the layers as functions, `nn` networks and their training, `data` the
digits. They cost NumPy and nothing else; what needs more (`visual`) loads when it is imported by name.
"""

from lessonconv import functional, nn, window

__all__ = ["functional", "nn", "window"]
__version__ = "0.1.0"

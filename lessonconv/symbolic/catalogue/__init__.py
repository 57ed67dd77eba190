"""The derivations, layer by layer. Each module enters its own under their names."""

from lessonconv.symbolic.catalogue import (
    activation,
    conv,
    convolve,
    dense,
    forms,
    loss,
    matrix,
    network,
    pooling,
    transposed,
)
from lessonconv.symbolic.catalogue.registry import derive, names

__all__ = [
    "activation",
    "conv",
    "convolve",
    "dense",
    "derive",
    "forms",
    "loss",
    "matrix",
    "names",
    "network",
    "pooling",
    "transposed",
]

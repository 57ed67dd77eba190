"""The layers as functions of arrays, each forward beside its backward.

Names, arguments and meaning are those of torch.nn.functional, plus the backward that PyTorch hides. `loops` offers the
convolutions and the pools again, as the equations say them.
"""

import numpy as np

from lessonconv.functional import loops
from lessonconv.functional.activation import (
    arctan,
    arctan_backward,
    leaky_relu,
    leaky_relu_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    tanh,
    tanh_backward,
)
from lessonconv.functional.conv import (
    conv2d,
    conv2d_backward,
    conv2d_backward_input,
    conv2d_backward_params,
    conv_transpose2d,
    conv_transpose2d_backward,
)
from lessonconv.functional.linear import linear, linear_backward
from lessonconv.functional.loss import softmax_cross_entropy
from lessonconv.functional.pool import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward

__all__ = [
    "arctan",
    "arctan_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "conv2d",
    "conv2d_backward",
    "conv2d_backward_input",
    "conv2d_backward_params",
    "conv_transpose2d",
    "conv_transpose2d_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "linear",
    "linear_backward",
    "loops",
    "max_pool2d",
    "max_pool2d_backward",
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "softmax_cross_entropy",
    "tanh",
    "tanh_backward",
]

# Layers allocate and free the same large arrays at every step. glibc gives such blocks back to the system and has to
# fault them in again, which makes a training step 1.7 times slower. Freeing one larger block, which costs nothing as it
# is never touched, raises for good the size up to which freed memory is kept: mallopt(3), M_MMAP_THRESHOLD.
np.empty(30 << 20, np.uint8)

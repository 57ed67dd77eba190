"""The benchmark's network in lessonconv, as a learner writes it."""

from benchmarks.network import LEARNING_RATE, MOMENTUM, SHAPES, Array, Parameters
from lessonconv import functional as F
from lessonconv import nn


class Ours:
    """The benchmark's network in lessonconv, as a `network.Trainer`."""

    def __init__(self, parameters: Parameters) -> None:
        self.net = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(784, 10),
        )
        for name, parameter in zip(SHAPES, self.net.params.values(), strict=True):
            parameter[...] = parameters[name]
        self.optimizer = nn.SGD(self.net, lr=LEARNING_RATE, momentum=MOMENTUM)

    def step(self, x: Array, labels: Array) -> float:
        """Forward, loss, backward, update: as `nn.fit` does. As in PyTorch, nobody asks for the picture's gradient."""
        loss, dlogits = F.softmax_cross_entropy(self.net.forward(x), labels)
        self.net.backward_params(dlogits)
        self.optimizer.step()
        return loss

    def parameters(self) -> Parameters:
        """The parameters themselves."""
        return dict(zip(SHAPES, self.net.params.values(), strict=True))

    def gradients(self) -> Parameters:
        """The last step's gradients."""
        return dict(zip(SHAPES, self.net.grads.values(), strict=True))

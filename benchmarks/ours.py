"""The benchmarks' networks in lessonconv, as a learner writes them."""

from benchmarks.network import LEARNING_RATE, MOMENTUM, Array, Network, Parameters
from lessonconv import functional as F
from lessonconv import nn


class Ours:
    """A benchmark's network in lessonconv, as a `network.Trainer`."""

    def __init__(self, network: Network, parameters: Parameters) -> None:
        (f1, f2), kernel, padding = network.filters, network.kernel, network.padding
        self.net = nn.Sequential(
            nn.Conv2d(1, f1, kernel, padding=padding),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(f1, f2, kernel, padding=padding),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(network.features, 10),
        )
        self.names = tuple(network.shapes)
        for name, parameter in zip(self.names, self.net.params.values(), strict=True):
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
        return dict(zip(self.names, self.net.params.values(), strict=True))

    def gradients(self) -> Parameters:
        """The last step's gradients."""
        return dict(zip(self.names, self.net.grads.values(), strict=True))

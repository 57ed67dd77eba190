"""PyTorch, if it is installed: the benchmarks' networks, eager, one thread. It is never needed, only compared with."""

import importlib
import importlib.util
from typing import Any

from benchmarks.network import LEARNING_RATE, MOMENTUM, Array, Network, Parameters
from benchmarks.process import THREADS

MISSING = "PyTorch is not installed"


def is_installed() -> bool:
    """Whether PyTorch can be imported."""
    return importlib.util.find_spec("torch") is not None


def load() -> Any:
    """PyTorch, held to our number of threads."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(THREADS)
    return torch


class PyTorch:
    """A benchmark's network in PyTorch, as a `network.Trainer`: autograd, default SGD.

    channels_last: weights and pictures lie in memory as N, H, W, C, which suits PyTorch's convolutions better.
    """

    def __init__(self, network: Network, parameters: Parameters, *, channels_last: bool = False) -> None:
        (f1, f2), kernel, padding = network.filters, network.kernel, network.padding
        torch = self.torch = load()
        nn = torch.nn
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
        with torch.no_grad():
            for name, parameter in zip(self.names, self.net.parameters(), strict=True):
                parameter.copy_(torch.from_numpy(parameters[name]))
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        self.net.to(memory_format=self.layout)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)

    def step(self, x: Array, labels: Array) -> float:
        """Forward, loss, backward, update."""
        self.optimizer.zero_grad()
        self.logits = self.net(self.torch.from_numpy(x).to(memory_format=self.layout))
        loss = self.torch.nn.functional.cross_entropy(self.logits, self.torch.from_numpy(labels))
        loss.backward()
        self.optimizer.step()
        return float(loss.item())

    def parameters(self) -> Parameters:
        """The parameters as arrays."""
        return {name: p.detach().numpy() for name, p in zip(self.names, self.net.parameters(), strict=True)}

    def gradients(self) -> Parameters:
        """The last step's gradients as arrays."""
        return {name: p.grad.numpy() for name, p in zip(self.names, self.net.parameters(), strict=True)}

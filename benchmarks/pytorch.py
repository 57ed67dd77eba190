"""PyTorch, if it is installed: the benchmark's network, eager, one thread. It is never needed, only compared with."""

import importlib
import importlib.util
from typing import Any

from benchmarks.network import LEARNING_RATE, MOMENTUM, SHAPES, Array, Parameters
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
    """The benchmark's network in PyTorch, as a `network.Trainer`: autograd, default layout, default SGD."""

    def __init__(self, parameters: Parameters) -> None:
        torch = self.torch = load()
        nn = torch.nn
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
        with torch.no_grad():
            for name, parameter in zip(SHAPES, self.net.parameters(), strict=True):
                parameter.copy_(torch.from_numpy(parameters[name]))
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)

    def step(self, x: Array, labels: Array) -> float:
        """Forward, loss, backward, update."""
        self.optimizer.zero_grad()
        logits = self.net(self.torch.from_numpy(x))
        loss = self.torch.nn.functional.cross_entropy(logits, self.torch.from_numpy(labels))
        loss.backward()
        self.optimizer.step()
        return float(loss.item())

    def parameters(self) -> Parameters:
        """The parameters as arrays."""
        return {name: p.detach().numpy() for name, p in zip(SHAPES, self.net.parameters(), strict=True)}

    def gradients(self) -> Parameters:
        """The last step's gradients as arrays."""
        return {name: p.grad.numpy() for name, p in zip(SHAPES, self.net.parameters(), strict=True)}

"""What a training writes down about itself."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """How one epoch went: means over its images as they were met; test_loss and test_accuracy after it, or None."""

    epoch: int
    loss: float
    accuracy: float
    test_loss: float | None
    test_accuracy: float | None
    lr: float
    seconds: float = field(compare=False)


@dataclass
class History:
    """The finished epochs, why the training stopped early, if it did, and what the unfinished epoch has added up.

    steps, loss_sum, correct: the batches of the unfinished epoch that were learned from, the sum of its images' losses,
    and how many of these images were recognised. batch_size, seed: what these batches were made with, None between
    epochs. optimizer: the one that was used; `save` keeps its arrays, not the history.
    """

    epochs: list[Epoch] = field(default_factory=list)
    stopped: str | None = None
    steps: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    batch_size: int | None = None
    seed: int | None = None
    optimizer: Any = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, for JSON."""
        values = asdict(replace(self, optimizer=None))
        del values["optimizer"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "History":
        """The history that `to_dict` described."""
        return cls(**{**values, "epochs": [Epoch(**epoch) for epoch in values["epochs"]]})

    def __repr__(self) -> str:
        parts = [f"{len(self.epochs)} finished epoch{'' if len(self.epochs) == 1 else 's'}"]
        if self.epochs:
            last = self.epochs[-1]
            parts += [f"loss {last.loss:.4f}", f"accuracy {last.accuracy:.1%}"]
            parts += [f"test accuracy {last.test_accuracy:.1%}"] if last.test_accuracy is not None else []
        parts += ["stopped early"] if self.stopped else []
        return f"History({', '.join(parts)})"

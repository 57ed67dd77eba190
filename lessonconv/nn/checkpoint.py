"""Saving a training and taking it up again, without pickle: one .npz of plain arrays."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from lessonconv.functional.arguments import Array
from lessonconv.nn.history import History
from lessonconv.nn.layer import Layer
from lessonconv.nn.optim import Optimizer


def save(
    path: str | os.PathLike[str], net: Layer, optimizer: Optimizer | None = None, history: History | None = None
) -> None:
    """Write the network's parameters and buffers, and if given the optimiser's state and the history, to one .npz file.

    The file appears whole or not at all. Raises OSError if it cannot be written.
    """
    arrays: dict[str, Any] = snapshot(net, optimizer)
    if history is not None:
        arrays["history"] = np.array(json.dumps(history.to_dict()))
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    try:
        with open(partial, "wb") as file:  # an open file: to a name without .npz, np.savez would append it
            np.savez_compressed(file, **arrays)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def load(path: str | os.PathLike[str], net: Layer, optimizer: Optimizer | None = None) -> History:
    """Read what `save` wrote back into a network, and an optimiser, built the same way; returns the history.

    With the history, `fit(..., history=history)` goes on where the training stopped, to the same numbers.
    Raises ValueError, and changes nothing, if `save` did not write the file, or not from such a network.
    """
    arrays = _read(Path(path))
    text = arrays.pop("history", None)
    if optimizer is None:
        arrays = {name: array for name, array in arrays.items() if not name.startswith("optimizer.")}
    _check_same_network(Path(path).name, arrays, snapshot(net, optimizer))
    restore(net, optimizer, arrays)
    return History() if text is None else History.from_dict(json.loads(str(text)))


def snapshot(net: Layer, optimizer: Optimizer | None = None) -> dict[str, Array]:
    """Copies of every array that training changes, by name."""
    return {name: array.copy() for name, array in _arrays(net, optimizer).items()}


def restore(net: Layer, optimizer: Optimizer | None, arrays: dict[str, Array]) -> None:
    """Put the arrays of a `snapshot` back, in place."""
    for name, array in _arrays(net, optimizer).items():
        array[...] = arrays[name]


def _arrays(net: Layer, optimizer: Optimizer | None) -> dict[str, Array]:
    kinds = {"params": net.params, "buffers": net.buffers, "optimizer": optimizer.state if optimizer else {}}
    return {f"{kind}.{name}": array for kind, arrays in kinds.items() for name, array in arrays.items()}


def _read(path: Path) -> dict[str, Array]:
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path.name} is not a file that save wrote, or it is damaged: {error}") from error


def _check_same_network(file: str, saved: dict[str, Array], ours: dict[str, Array]) -> None:
    def only(a: dict[str, Any], b: dict[str, Any]) -> str:
        return ", ".join(sorted(a.keys() - b.keys())) or "nothing"

    if saved.keys() != ours.keys():
        raise ValueError(
            f"{file} was saved from another network or optimiser: only the file has {only(saved, ours)}, "
            f"only yours has {only(ours, saved)}; build both as they were when it was saved"
        )
    for name, array in saved.items():
        if array.shape != ours[name].shape:
            raise ValueError(
                f"{file} holds {name} with shape {array.shape}, yours has {ours[name].shape}; "
                "build the network with the sizes it had when it was saved"
            )

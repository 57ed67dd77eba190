"""Saving and loading: plain arrays, whole files, no mix-ups. Resumed trainings: test_training.py."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessonconv import nn
from tests.nn.oracles import assert_equal, values, weights_of

HISTORY = nn.History([nn.Epoch(1, 0.75, 0.5, 0.7, 0.625, 0.1, 2.5)], "Stopped.", 4, 2 / 3, 17)


def network(rng: int = 0, classes: int = 3, dtype: Any = np.float32) -> nn.Sequential:
    layers = [nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, classes)]
    return nn.Sequential(*layers, rng=rng, dtype=dtype)


def trained(kind: Any, **options: Any) -> tuple[nn.Sequential, nn.Optimizer]:
    net = network()
    optimizer = kind(net, **options)
    for _ in range(2):
        z = net.forward(values((2, 1, 4, 4), np.float32))
        net.backward(np.ones_like(z))
        optimizer.step()
    return net, optimizer


OPTIMIZERS = [(nn.SGD, {"lr": 0.1}), (nn.SGD, {"lr": 0.1, "momentum": 0.9}), (nn.Adam, {"lr": 0.1})]


@pytest.mark.parametrize(("kind", "options"), OPTIMIZERS)
def test_everything_comes_back_into_a_fresh_network(tmp_path: Path, kind: Any, options: dict[str, Any]) -> None:
    net, optimizer = trained(kind, **options)
    nn.save(tmp_path / "net.npz", net, optimizer, HISTORY)
    fresh = network(rng=1)
    arrays = dict(fresh.params)
    fresh_optimizer = kind(fresh, **options)
    assert nn.load(tmp_path / "net.npz", fresh, fresh_optimizer) == HISTORY
    assert_equal(weights_of(fresh), weights_of(net))
    assert_equal(fresh_optimizer.state, optimizer.state)
    assert all(fresh.params[name] is p for name, p in arrays.items())


def test_a_single_layer_can_be_saved(tmp_path: Path) -> None:
    norm = nn.BatchNorm2d(2)
    norm.forward(values((2, 2, 3, 3)))
    nn.save(tmp_path / "norm", norm)
    fresh = nn.BatchNorm2d(2)
    nn.load(tmp_path / "norm", fresh)
    assert_equal(weights_of(fresh), weights_of(norm))


def test_what_was_not_saved_comes_back_empty_and_what_is_not_wanted_stays_in_the_file(tmp_path: Path) -> None:
    net, optimizer = trained(nn.Adam)
    nn.save(tmp_path / "net.npz", net, optimizer)
    assert nn.load(str(tmp_path / "net.npz"), network(rng=1)) == nn.History()


def test_the_file_holds_plain_arrays_under_the_name_that_was_given(tmp_path: Path) -> None:
    net, optimizer = trained(nn.Adam)
    for name in ("net.npz", "net"):
        nn.save(tmp_path / name, net, optimizer, HISTORY)
        with np.load(tmp_path / name, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        assert not any(array.dtype.hasobject for array in arrays.values())
        np.testing.assert_array_equal(arrays["params.0.w"], net.params["0.w"])
        np.testing.assert_array_equal(arrays["buffers.1.running_var"], net.buffers["1.running_var"])
        assert arrays["optimizer.steps"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net", "net.npz"]


def fail_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the archive begins, then no more bytes can be written."""

    def savez(file: Any, **arrays: Any) -> None:
        file.write(b"PK\x03\x04 half an archive")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", savez)


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, _ = trained(nn.Adam)
    nn.save(tmp_path / "net.npz", net, history=HISTORY)
    before = (tmp_path / "net.npz").read_bytes()
    with monkeypatch.context() as patched:
        fail_in_the_middle(patched)
        with pytest.raises(OSError, match="No space"):
            nn.save(tmp_path / "net.npz", network(rng=1))
    assert (tmp_path / "net.npz").read_bytes() == before
    fresh = network(rng=2)
    assert nn.load(tmp_path / "net.npz", fresh) == HISTORY
    assert_equal(weights_of(fresh), weights_of(net))


def test_a_failure_while_writing_leaves_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_in_the_middle(monkeypatch)
    with pytest.raises(OSError, match="No space"):
        nn.save(tmp_path / "net.npz", network())
    assert list(tmp_path.iterdir()) == []


def test_saving_again_replaces_the_file(tmp_path: Path) -> None:
    nn.save(tmp_path / "net.npz", network(rng=1))
    old = (tmp_path / "net.npz").stat().st_ino
    nn.save(tmp_path / "net.npz", network(rng=2))
    assert (tmp_path / "net.npz").stat().st_ino != old  # not written over: at no time is it half old, half new
    fresh = network(rng=3)
    nn.load(tmp_path / "net.npz", fresh)
    assert_equal(weights_of(fresh), weights_of(network(rng=2)))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda: network(classes=4), r"net\.npz holds params\.4\.w with shape \(3, 8\), yours has \(4, 8\); build the"),
        (lambda: network()[:4], r"only the file has params\.4\.b, params\.4\.w, only yours has nothing; build both"),
        (lambda: nn.Sequential(*network(), nn.Linear(3, 2)), r"has nothing, only yours has params\.5\.b, params\.5\.w"),
        (lambda: nn.Linear(8, 3), r"only yours has params\.b, params\.w"),
    ],
)
def test_another_network_is_refused_and_stays_as_it_was(tmp_path: Path, other: Any, message: str) -> None:
    nn.save(tmp_path / "net.npz", network())
    net = other()
    before = weights_of(net)
    with pytest.raises(ValueError, match=message):
        nn.load(tmp_path / "net.npz", net)
    assert_equal(weights_of(net), before)


@pytest.mark.parametrize(
    ("saved", "loaded"),
    [
        (lambda net: None, nn.Adam),
        (lambda net: nn.SGD(net, 0.1, 0.9), nn.Adam),
        (nn.Adam, lambda net: nn.SGD(net, 0.1, 0.9)),
        (lambda net: nn.SGD(net, 0.1, 0.9), lambda net: nn.SGD(net, 0.1)),
    ],
    ids=["none, Adam", "SGD, Adam", "Adam, SGD", "momentum, no momentum"],
)
def test_another_optimizer_is_refused_and_nothing_changes(tmp_path: Path, saved: Any, loaded: Any) -> None:
    net = network()
    nn.save(tmp_path / "net.npz", net, saved(net))
    fresh = network(rng=1)
    optimizer = loaded(fresh)
    before, state = weights_of(fresh), {name: array.copy() for name, array in optimizer.state.items()}
    with pytest.raises(ValueError, match=r"another network or optimiser: only the file has .*optimizer\.|optimizer\."):
        nn.load(tmp_path / "net.npz", fresh, optimizer)
    assert_equal(weights_of(fresh), before)
    assert_equal(optimizer.state, state)


def test_weights_are_converted_to_the_dtype_of_the_network(tmp_path: Path) -> None:
    nn.save(tmp_path / "net.npz", network())
    fresh = network(rng=1, dtype=np.float64)
    nn.load(tmp_path / "net.npz", fresh)
    assert_equal(weights_of(fresh), weights_of(network()))
    assert {p.dtype for p in fresh.params.values()} == {np.dtype(np.float64)}


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"net\.npz"):
        nn.load(tmp_path / "net.npz", network())
    with pytest.raises(FileNotFoundError, match="nowhere"):
        nn.save(tmp_path / "nowhere" / "net.npz", network())


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut off", b"\x93NUMPY\x01\x00"])
def test_a_file_that_save_did_not_write_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.npz").write_bytes(content)
    try:
        nn.load(tmp_path / "net.npz", network())
    except Exception as error:
        refusal = f"{type(error).__name__}: {error}"
    assert refusal.startswith("ValueError: net.npz is not a file that save wrote")

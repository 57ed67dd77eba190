"""The command: what it accepts, and that its children have one thread. Nothing here depends on speed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import layers, machine, memory, process, pytorch, step
from benchmarks.__main__ import NAMES, main
from benchmarks.network import noise_batch
from lessonconv.timing import Settings

SMALL = layers.Shape(N=2, C=3, F=4, size=9, kernel=3, stride=2)


def test_an_unknown_name_is_refused_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["stpe"])
    message = capsys.readouterr().err
    assert "stpe" in message
    assert all(name in message for name in NAMES)


def test_nothing_imports_numpy_before_the_threads_are_set() -> None:
    code = "import sys, benchmarks.__main__; print('numpy' in sys.modules)"
    child = subprocess.run([sys.executable, "-c", code], cwd=process.ROOT, capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "False"


def test_a_child_has_one_thread_and_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert not process.is_pinned()
    code = (
        "import json, os; from benchmarks.process import is_pinned; print(json.dumps([is_pinned(), dict(os.environ)]))"
    )
    pinned, environment = process.ask_child("-c", code)
    assert pinned
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "1"
    assert "OMP_NUM_THREADS" not in os.environ


def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such luck"):
        process.ask_child("-c", "raise SystemExit('no such luck')")


def test_the_command_prints_a_table_and_writes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    command = [sys.executable, "-m", "benchmarks", "step", "--seconds", "0", "--json", str(file)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    child = subprocess.run(
        command, cwd=process.ROOT, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    found = json.loads(file.read_text("utf-8"))
    assert found["machine"]["threads"] == "1"
    names = [line["name"] for line in found["lines"]]
    assert "training step on digits: ours ÷ PyTorch" in names
    assert all(name in child.stdout for name in names)


def test_the_machine_is_described() -> None:
    description = machine.describe()
    assert all(description.values())
    assert set(description) == {"processor", "system", "Python", "NumPy", "PyTorch", "threads"}


def test_layers_agree_with_pytorch_or_do_without_it() -> None:
    contestants = {"ours", "PyTorch"} if pytorch.is_installed() else {"ours"}
    assert [set(calls) for calls in layers.convolution(SMALL)] == [contestants] * 2
    assert [set(calls) for calls in layers.pooling((2, 3, 4, 6))] == [contestants] * 2


def test_without_pytorch_the_rest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch, "is_installed", lambda: False)
    monkeypatch.setattr(layers, "CONVOLUTIONS", (SMALL,))
    monkeypatch.setattr(layers, "POOLED", ())
    monkeypatch.setattr(step, "BATCH", 2)
    forward, backward = layers.lines(Settings(0))
    assert forward.verdict == backward.verdict == "not measured"
    assert "ms; PyTorch is not installed" in forward.how
    verdicts = {line.name: line.verdict for line in step.lines(Settings(0))}
    assert verdicts["training step on noise: ours ÷ PyTorch"] == "not measured"
    assert verdicts["training step on noise: textbook ÷ ours"] in ("met", "missed")


@pytest.mark.skipif(not memory.STATUS.exists(), reason="needs Linux")
def test_memory_of_a_child_grows_with_the_batch() -> None:
    def peak(size: int) -> Any:
        return process.ask_child("-m", "benchmarks.memory", "ours", str(size))

    x, _ = noise_batch(256)
    assert peak(256) > peak(16) + 5 * x.nbytes

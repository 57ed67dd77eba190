"""The command: what it accepts, and that its children have one thread. Nothing here depends on speed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import convolutions, epoch, layers, machine, memory, process, pytorch, step
from benchmarks.__main__ import NAMES, main
from benchmarks.network import CHAPTER_10, SMALL, noise_batch
from lessonconv.timing import Settings

SHAPE = convolutions.Shape(N=2, C=3, F=4, size=9, kernel=3, stride=2)
LIBRARIES = {"ours", "textbook"} | ({"PyTorch"} if pytorch.is_installed() else set())


def test_an_unknown_name_is_refused_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["stpe"])
    message = capsys.readouterr().err
    assert "stpe" in message
    assert all(name in message for name in NAMES)


def test_a_chart_that_could_not_be_written_is_refused_before_anything_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["step", "--chart", "run.txt"])
    assert "one of .svg, .png, .pdf, not run.txt" in capsys.readouterr().err


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


def test_unpinned_the_command_starts_itself_again_with_the_same_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(process, "run_pinned", lambda *arguments: calls.append(arguments) or 7)
    assert main(["step", "--seconds", "0"]) == 7
    assert calls == [("-m", "benchmarks", "step", "--seconds", "0")]


@pytest.mark.usefixtures("quick")
def test_the_command_prints_a_table_and_writes_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process, "is_pinned", lambda: True)
    run, chart = tmp_path / "bench" / "run.json", tmp_path / "bench" / "chart.svg"
    assert main(["step", "--seconds", "0", "--json", str(run), "--chart", str(chart)]) == 0
    found, printed = json.loads(run.read_text("utf-8")), capsys.readouterr().out
    assert found["machine"]["threads"] == "1"
    names = [line["name"] for line in found["lines"]]
    assert "step 8/16 k3, digits: ours ÷ PyTorch" in names
    assert all(name in printed for name in names)
    assert f"written: {run}, {chart}" in printed
    assert "step 8/16 k3, digits" in chart.read_text("utf-8")


def test_the_machine_is_described() -> None:
    description = machine.describe()
    assert all(description.values())
    assert set(description) == {"processor", "system", "Python", "NumPy", "PyTorch", "threads"}


def test_layers_agree_with_their_peers() -> None:
    assert {name: set(calls) for name, calls in convolutions.contestants(SHAPE).items()} == dict.fromkeys(
        convolutions.PASSES, LIBRARIES
    )
    assert [set(calls) for calls in layers.pooling((2, 3, 4, 6)).values()] == [LIBRARIES] * 2


@pytest.mark.parametrize("name", convolutions.PASSES)
def test_a_library_that_computes_something_else_is_not_timed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = convolutions._textbook

    def wrong(*operands: Any) -> convolutions.Calls:
        calls = right(*operands)

        def falsified() -> Any:
            result = calls[name]()
            return (result[0] * 1.01, *result[1:]) if isinstance(result, tuple) else result * 1.01

        return {**calls, name: falsified}

    monkeypatch.setattr(convolutions, "_textbook", wrong)
    with pytest.raises(AssertionError, match=rf"conv 3→4 k3 s2, 2×9×9, {name}: textbook, ours"):
        convolutions.contestants(SHAPE)


def test_pooling_that_computes_something_else_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = layers.F.max_pool2d_backward
    monkeypatch.setattr(layers.F, "max_pool2d_backward", lambda *arguments: 2 * right(*arguments))
    with pytest.raises(AssertionError, match="max_pool2d"):
        layers.pooling((2, 3, 4, 6))


def test_flops_count_every_tap_at_every_output() -> None:
    assert SHAPE.flops() == SHAPE.flops("dw") == SHAPE.flops("dx") == 2 * (2 * 4 * 5 * 5) * (3 * 3 * 3)
    assert SHAPE.flops("backward") == 2 * SHAPE.flops()


@pytest.mark.usefixtures("quick")
def test_a_thick_kernel_is_judged_by_its_share_of_a_square_product(monkeypatch: pytest.MonkeyPatch) -> None:
    thick, thin = (convolutions.Shape(N=1, C=C, F=4, size=6, kernel=3) for C in (16, 8))
    monkeypatch.setattr(layers, "CONVOLUTIONS", {thick: (1.0, 1.0), thin: (1.0, 1.0)})
    found = layers.lines(Settings(0))
    (share,) = [line for line in found if "GEMM" in line.name]
    assert share.name == "conv 16→4 k3, 1×6×6, forward: ours ÷ GEMM, flops a second"
    assert share.target is layers.SHARE
    judged = [line.name for line in found if line.target and "PyTorch" in line.name and "conv" in line.name]
    assert judged == [f"{shape}, {name}: ours ÷ PyTorch" for shape in (thick, thin) for name in ("forward", "backward")]
    assert [line.name.rpartition(": ")[2] for line in found[-2:]] == ["loops ÷ ours"] * 2
    assert all(
        "GF/s" in line.how and "%" in line.how
        for line in found
        if line.name.startswith(("conv 16", "conv 8")) and line is not share
    )


@pytest.mark.usefixtures("quick")
def test_without_pytorch_the_rest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch, "is_installed", lambda: False)
    monkeypatch.setattr(layers, "CONVOLUTIONS", {SHAPE: (1.0, 1.0)})
    forward, *_ = layers.lines(Settings(0))
    assert forward.verdict == "not measured"
    assert "textbook" in forward.how and "PyTorch is not installed" in forward.how
    verdicts = {line.name: line.verdict for line in step.lines(Settings(0))}
    assert verdicts["step 8/16 k3, noise: ours ÷ PyTorch"] == "not measured"
    assert verdicts["step 8/16 k3, noise: ours ÷ PyTorch channels_last"] == "not measured"
    assert verdicts["step 8/16 k3, noise: textbook ÷ ours"] in ("met", "missed")


@pytest.mark.usefixtures("quick")
def test_an_epoch_is_one_in_both_libraries() -> None:
    found = epoch.lines(Settings(0))
    assert [line.name for line in found] == [
        f"epoch of {CHAPTER_10}, 130 digits: ours ÷ {peer}" for peer in ("PyTorch", "PyTorch channels_last")
    ]
    assert {line.verdict for line in found} == {"" if pytorch.is_installed() else "not measured"}


@pytest.mark.skipif(not pytorch.is_installed(), reason="needs PyTorch")
def test_an_epoch_of_one_batch_has_the_same_loss_in_both_libraries() -> None:
    x, labels = noise_batch(8)
    losses = [epoch.in_pytorch(x, labels, channels_last=last) for last in (False, True)]
    assert losses == pytest.approx([epoch.ours(x, labels)] * 2, rel=1e-4)


@pytest.mark.skipif(not memory.STATUS.exists(), reason="needs Linux")
def test_memory_of_a_child_grows_with_the_batch() -> None:
    x, _ = noise_batch(256)
    assert memory.peak("ours", SMALL, 256) > memory.peak("ours", SMALL, 16) + 5 * x.nbytes

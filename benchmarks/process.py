"""Fresh Python processes with one thread: the number is read while NumPy is imported, so it is set before that."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
THREADS = 1
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",  # PyTorch, and any BLAS built with OpenMP
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",  # macOS Accelerate
)


def is_pinned() -> bool:
    """Whether this process was started with the thread counts set."""
    return all(os.environ.get(variable) == str(THREADS) for variable in THREAD_VARIABLES)


def pinned_environment() -> dict[str, str]:
    """This process's environment with the thread counts set, for a child to start in."""
    return {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(THREADS))}


def run_pinned(*arguments: str) -> int:
    """Run Python on these arguments in a pinned child that shares our terminal, and return its exit code."""
    return subprocess.call([sys.executable, *arguments], env=pinned_environment())


def ask_child(*arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """Run Python on these arguments in a fresh pinned child, and return the JSON that it printed."""
    child = subprocess.run(
        [sys.executable, *arguments],
        env={**pinned_environment(), **(environment or {})},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if child.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} ended with code {child.returncode}:\n{child.stderr.strip()}")
    return json.loads(child.stdout)

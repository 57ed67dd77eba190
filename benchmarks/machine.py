"""What the numbers were measured on: without it they mean little."""

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.process import THREADS


def describe() -> dict[str, str]:
    """Processor, system, versions and threads, in words."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores visible",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "NumPy": f"{np.__version__} with {_blas()}",
        "PyTorch": _version("torch"),
        "threads": str(THREADS),
    }


def _processor() -> str:
    """The processor's name, as Linux tells it, or else whatever Python knows."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _blas() -> str:
    """The linear algebra library that NumPy was built with."""
    config: Any = np.show_config(mode="dicts")
    blas = config["Build Dependencies"].get("blas", {})
    return f"{blas.get('name', 'an unknown BLAS')} {blas.get('version', '')}".strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"

"""Fixtures of the functional tests."""

from types import ModuleType

import pytest


@pytest.fixture
def torch() -> ModuleType:
    """PyTorch, an oracle where it happens to be installed; it is no dependency."""
    return pytest.importorskip("torch")

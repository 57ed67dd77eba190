"""What every test run shares: steady Hypothesis settings, and quiet kernels for the notebooks that nbval runs."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from hypothesis import settings
from nbval.plugin import IPyNbCell

from tools.notebooks import quiet_environment

settings.register_profile("lessonconv", deadline=None)  # a slow machine is not a failing test
settings.load_profile("lessonconv")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Start a notebook's kernel, which its first cell does, in the environment in which `make notebooks` ran it."""
    with quiet_environment() if isinstance(item, IPyNbCell) else nullcontext():
        yield

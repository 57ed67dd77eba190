"""Run by IPython as it starts a kernel whose outputs are stored or compared: tqdm draws no bars there.

A bar tells how fast this machine is today, in a widget that nobody sees without the kernel. The variable TQDM_DISABLE
would do for a terminal, but tqdm.notebook overrides it.
"""

from typing import Any

from tqdm.std import tqdm


def start_without_bar(self: tqdm, *arguments: Any, _start: Any = tqdm.__init__, **options: Any) -> None:
    """Start as tqdm does, disabled whatever the caller asks for."""
    _start(self, *arguments, **{**options, "disable": True})


tqdm.__init__ = start_without_bar

del Any, start_without_bar, tqdm  # a notebook's names begin empty

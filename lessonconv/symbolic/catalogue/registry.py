"""Every derivation by its name: `names` lists them, `derive` makes them."""

import difflib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lessonconv.symbolic.check import Case
from lessonconv.symbolic.derivation import Derivation, Steps
from lessonconv.window import pair

Setting = tuple[int, int] | None  # of an axis each; None: any
LEAST = {"stride": 1, "padding": 0, "dilation": 1}


@dataclass(frozen=True)
class Entry:
    """How a derivation is made: the layer in symbols, the steps to take, arrays to check them on.

    layer: called with the settings, makes the symbols; steps: from the layer; case: from the layer and a generator.
    """

    name: str
    layer: Callable[..., Any]
    steps: Callable[[Any], Steps]
    case: Callable[[Any, np.random.Generator], Case]
    settings: tuple[str, ...]


_ENTRIES: dict[str, Entry] = {}


def derivation(
    name: str, layer: Callable[..., Any], case: Callable[[Any, np.random.Generator], Case], *settings: str
) -> Callable[[Callable[[Any], Steps]], Callable[[Any], Steps]]:
    """Enter the function that takes the steps under a name."""

    def enter(steps: Callable[[Any], Steps]) -> Callable[[Any], Steps]:
        _ENTRIES[name] = Entry(name, layer, steps, case, settings)
        return steps

    return enter


def names() -> tuple[str, ...]:
    """The names of all derivations, dotted after the layers: "conv2d.dw", "conv2d.dx.rot180", …"""
    return tuple(sorted(_ENTRIES))


def derive(name: Any, **settings: Any) -> Derivation:
    """Derive an equation, line by line, from the definition of the layer's forward pass.

    name: one of `names()`. settings: stride, padding, dilation, each an int, a pair (height, width) or None; None, the
    default, is any: the derivation then holds for all of them. Results are kept, so asking again costs nothing.
    Raises ValueError for a name that is not listed, ValueError or TypeError for settings that do not fit.
    Source: chain rule and sums as in Graham, Knuth & Patashnik, "Concrete Mathematics", §2; layers as in `functional`.
    """
    if not isinstance(name, str) or name not in _ENTRIES:
        near = difflib.get_close_matches(str(name).lower(), _ENTRIES, 3, 0.4)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(f"no derivation is called {name!r}; {hint}names() lists them all")
    entry = _ENTRIES[name]
    for setting in settings:
        if setting not in entry.settings:
            takes = f"takes {', '.join(entry.settings)}" if entry.settings else "takes no settings"
            raise TypeError(f"{setting} is not a setting of {name}, which {takes}")
    chosen = {key: None if value is None else pair(key, value, LEAST[key]) for key, value in settings.items()}
    return _derived(name, tuple(sorted((key, value) for key, value in chosen.items() if value)))


@functools.cache
def _derived(name: str, settings: tuple[tuple[str, Setting], ...]) -> Derivation:
    entry = _ENTRIES[name]
    layer = entry.layer(**dict(settings))
    steps = entry.steps(layer)

    @functools.lru_cache(8)
    def case(seed: int) -> Case:
        return entry.case(layer, np.random.default_rng(seed))

    return Derivation(name, steps.definitions, tuple(steps.lines), steps.free, steps.known, case)

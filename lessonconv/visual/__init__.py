"""Pictures for the notebooks, and the palette that they share with equations and explorers.

Each part loads when it is first asked for: the palette alone costs neither Matplotlib nor widgets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lessonconv.visual import palette
    from lessonconv.visual.cells import feature_maps, heat, images, kernels, mistakes
    from lessonconv.visual.grids import meetings
    from lessonconv.visual.layouts import columns, strips
    from lessonconv.visual.picture import Picture
    from lessonconv.visual.results import confusion, curves, learning
    from lessonconv.visual.shapes import flow, network
    from lessonconv.visual.speed import ladder, roofline

__all__ = [
    "Picture",
    "columns",
    "confusion",
    "curves",
    "feature_maps",
    "flow",
    "heat",
    "images",
    "kernels",
    "ladder",
    "learning",
    "meetings",
    "mistakes",
    "network",
    "palette",
    "roofline",
    "strips",
]
_MODULES = {
    "cells": ("feature_maps", "heat", "images", "kernels", "mistakes"),
    "grids": ("meetings",),
    "layouts": ("columns", "strips"),
    "picture": ("Picture",),
    "results": ("confusion", "curves", "learning"),
    "shapes": ("flow", "network"),
    "speed": ("ladder", "roofline"),
}


def __getattr__(name: str) -> Any:
    if name == "palette":
        return import_module("lessonconv.visual.palette")
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"lessonconv.visual.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__

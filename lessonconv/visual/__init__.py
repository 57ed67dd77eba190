"""Pictures for the notebooks, and the palette that they share with equations and explorers.

Each part loads when it is first asked for: the palette alone costs neither Matplotlib nor widgets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lessonconv.visual import palette
    from lessonconv.visual.bends import activations, descent, fading, odds, slopes
    from lessonconv.visual.cells import feature_maps, heat, images, kernels, mistakes
    from lessonconv.visual.checks import fingerprints, ruler, sieve
    from lessonconv.visual.connections import field, wiring
    from lessonconv.visual.evidence import lineup
    from lessonconv.visual.grids import meetings
    from lessonconv.visual.layouts import columns, strips
    from lessonconv.visual.lists import timetable, timetables
    from lessonconv.visual.matrix import answers, matrices, reads, row_and_column, sharing, weight_counts
    from lessonconv.visual.photographs import filtered, flipped
    from lessonconv.visual.picture import Picture
    from lessonconv.visual.polyphase import phases
    from lessonconv.visual.pooling import kink, moved, pools
    from lessonconv.visual.results import confusion, curves, learning
    from lessonconv.visual.rows import numbered, shifts
    from lessonconv.visual.shapes import flow, network
    from lessonconv.visual.speed import ladder, roofline
    from lessonconv.visual.upsampling import enlarged, stamps

__all__ = [
    "Picture",
    "activations",
    "answers",
    "columns",
    "confusion",
    "curves",
    "descent",
    "enlarged",
    "fading",
    "feature_maps",
    "field",
    "filtered",
    "fingerprints",
    "flipped",
    "flow",
    "heat",
    "images",
    "kernels",
    "kink",
    "ladder",
    "learning",
    "lineup",
    "matrices",
    "meetings",
    "mistakes",
    "moved",
    "network",
    "numbered",
    "odds",
    "palette",
    "phases",
    "pools",
    "reads",
    "roofline",
    "row_and_column",
    "ruler",
    "sharing",
    "shifts",
    "sieve",
    "slopes",
    "stamps",
    "strips",
    "timetable",
    "timetables",
    "weight_counts",
    "wiring",
]
_MODULES = {
    "bends": ("activations", "descent", "fading", "odds", "slopes"),
    "cells": ("feature_maps", "heat", "images", "kernels", "mistakes"),
    "checks": ("fingerprints", "ruler", "sieve"),
    "connections": ("field", "wiring"),
    "evidence": ("lineup",),
    "grids": ("meetings",),
    "layouts": ("columns", "strips"),
    "polyphase": ("phases",),
    "pooling": ("kink", "moved", "pools"),
    "lists": ("timetable", "timetables"),
    "matrix": ("answers", "matrices", "reads", "row_and_column", "sharing", "weight_counts"),
    "photographs": ("filtered", "flipped"),
    "picture": ("Picture",),
    "results": ("confusion", "curves", "learning"),
    "rows": ("numbered", "shifts"),
    "shapes": ("flow", "network"),
    "speed": ("ladder", "roofline"),
    "upsampling": ("enlarged", "stamps"),
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

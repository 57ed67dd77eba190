"""What a page offers to change, as settings.mjs reads it: a slider, a list to pick from, a switch, a button."""

from typing import Any

Control = dict[str, Any]


def sizes(label: str, low: int, high: int) -> Control:
    """The two settings height and width, as one slider while they are alike."""
    return {"kind": "size", "names": ["height", "width"], "label": label, "low": low, "high": high}


def when(name: str, value: str, *controls: Control) -> list[Control]:
    """Controls that are offered only while another setting has this value."""
    return [{**control, "when": [name, value]} for control in controls]


def counted(
    name: str, low: int, high: int, *, pair: bool = False, label: str = "", of: str = "", more: bool = False
) -> Control:
    """An int, or with `pair` an int or a pair. of: the setting that says how many there are. more: folded away."""
    kind = "pair" if pair else "count"
    return {"kind": kind, "name": name, "label": label or name, "low": low, "high": high, "of": of, "more": more}


def picked(name: str, label: str, *, more: bool = False, **options: str) -> Control:
    """One of some words, each with how it reads."""
    return {"kind": "choice", "name": name, "label": label, "options": list(options.items()), "more": more}


def either(name: str, label: str, *, more: bool = False) -> Control:
    """On or off."""
    return {"kind": "switch", "name": name, "label": label, "more": more}


def renewed(name: str, label: str) -> Control:
    """A button that counts one on."""
    return {"kind": "button", "name": name, "label": label, "more": True}

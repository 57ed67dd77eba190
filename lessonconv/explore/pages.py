"""The page's side of the explorers: plain ES modules, each joined with what it imports into one.

anywidget loads a module from a blob, which has nowhere to import from. No bundler is needed for that: the modules are
written after each other, the imported ones first, without their imports and exports.
"""

import re
from pathlib import Path

PAGE = Path(__file__).parent / "page"
IMPORT = re.compile(r'^import .* from "\./(.*)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def module(name: str) -> str:
    """A module of page/, whole in itself."""
    return "\n".join(EXPORT.sub("", IMPORT.sub("", _read(part))) for part in _parts(name))


def style(name: str) -> str:
    """A stylesheet of page/."""
    return _read(name)


def _parts(name: str) -> list[str]:
    """The modules that one needs, itself last."""
    parts: dict[str, None] = {}
    for needed in IMPORT.findall(_read(name)):
        parts |= dict.fromkeys(_parts(needed))
    return [*parts, name]


def _read(name: str) -> str:
    return (PAGE / name).read_text("utf-8")

"""Lines of code: how far in they stand, and where they are broken if they are too long."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 120
INDENT = "    "


class Line(NamedTuple):
    """A line of code, and the parts between which it may be broken if it is too long."""

    start: str
    parts: tuple[str, ...] = ()
    end: str = ""
    comment: str = ""

    def at(self, level: int) -> list[str]:
        """The line that far in, as several lines if it is too long for one."""
        indent = INDENT * level
        flat = indent + self.start + " ".join(self.parts) + self.end
        commented = f"{flat}  # {self.comment}" if self.comment else flat
        if len(flat) <= WIDTH or not self.parts:
            return [commented if len(commented) <= WIDTH else flat]
        opening, closing = ("", "") if self.start.endswith("(") else ("(", ")")
        comma = "," if self.parts[0].endswith(",") else ""
        inner = [indent + INDENT + part for part in (*self.parts[:-1], self.parts[-1] + comma)]
        return [indent + self.start + opening, *inner, indent + closing + self.end]


def nested(chains: Sequence[Sequence[Line]]) -> list[str]:
    """Each line stands inside of the blocks before it. What a chain begins with as the one before it did is shared."""
    done: list[str] = []
    last: Sequence[Line] = []
    for chain in chains:
        shared = next((n for n, (old, new) in enumerate(zip(last, chain, strict=False)) if old != new), 0)
        for place in range(shared, len(chain)):
            blocks = [line for line in chain[:place] if (line.end or line.start).endswith(":")]
            done += chain[place].at(1 + len(blocks))
        last = chain
    return done


def listed(items: Sequence[str]) -> str:
    """A tuple as code."""
    return f"({', '.join(items)}{',' * (len(items) == 1)})"


def unpacked(names: Sequence[str]) -> str:
    """What a tuple is unpacked to."""
    return ", ".join(names) if len(names) > 1 else listed(names)

"""An equation's text in pieces: numbers, names and signs, each in one spelling."""

import re
import unicodedata
from typing import NamedTuple

from lessonconv.symbolic.notation import GREEK, HAT, without_hat

SPELLINGS = {"·": ["*", "×", "⋅"], "−": ["-", "–"], "^": ["**"], "≤": ["<="], "≥": [">="], "=": ["=="], "∣": ["|"]}
SAME = {typed: sign for sign, spellings in SPELLINGS.items() for typed in spellings}
TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<number>\d+(\.\d+)?)
    | (?P<sum>[Σ∑])
    | ∂L\s*/\s*∂(?P<gradient>\w+\u0302?)
    | (?P<name>[^\W\d²³]([^\W²³]|\u0302)*['’′]*)
    | (?P<sign><=|>=|==|\*\*|//|\.\.|[-–−+*×⋅·/%^()\[\]⌊⌋⌈⌉<>≤≥=,|∣])
    | (?P<unknown>.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """One piece of the text, and where it begins."""

    kind: str  # number, name, sum, sign, unknown or end
    value: str
    position: int


def tokens(source: str) -> list[Token]:
    """The text in pieces, each sign in one spelling."""
    found = []
    for match in TOKEN.finditer(source):
        kind = str(match.lastgroup)
        value = match[kind]
        if kind == "gradient":
            kind, value = "name", f"d{value}"
        if kind != "space":
            value = _name(value) if kind == "name" else SAME.get(value, value)
            found.append(Token(kind, value, match.start()))
    return [*found, Token("end", "", len(source.rstrip()))]


def _name(typed: str) -> str:
    """A name in the notation's spelling: x_pad and x_hat are x̂, k' is k′, rho is ρ, δ is ∂L/∂z."""
    name = unicodedata.normalize("NFD", typed).replace("'", "′").replace("’", "′")
    name = re.sub("_(pad|hat)$", HAT, name)
    plain = GREEK.get(without_hat(name), without_hat(name))
    return ("dz" if plain == "δ" else plain) + HAT * name.endswith(HAT)

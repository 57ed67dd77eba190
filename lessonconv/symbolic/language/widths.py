"""How wide an equation will be: an estimate from its LaTeX, right to a few percent, so that long lines can be broken.

The numbers are the widths, in em, of the letters of Computer Modern, in which MathJax sets its equations.
"""

import re
from string import ascii_letters

_GREEK = "alpha beta gamma delta varepsilon eta theta kappa lambda mu nu rho sigma tau varphi omega"
GREEK = {letter: rf"\{name}" for letter, name in zip("αβγδεηθκλμνρστφω", _GREEK.split(), strict=True)}
_ITALIC = """
529 429 433 520 466 490 477 576 345 412 521 298 878 600 485 503 446 451 469 361 572 485 716 572 490 465
750 759 715 828 738 643 786 831 440 555 849 681 970 803 763 642 791 759 613 584 683 583 944 828 581 683
"""
_UPRIGHT = """
500 556 444 556 444 306 500 556 278 306 528 278 833 556 500 556 528 392 394 389 556 528 722 528 528 444
750 708 722 764 681 653 785 750 361 514 778 625 917 750 778 681 778 736 556 722 750 750 1028 750 750 611
"""
ITALIC = {letter: int(width) / 1000 for letter, width in zip(ascii_letters, _ITALIC.split(), strict=True)}
UPRIGHT = {letter: int(width) / 1000 for letter, width in zip(ascii_letters, _UPRIGHT.split(), strict=True)}
UPRIGHT |= dict.fromkeys(".,;:'|![]", 0.28) | dict.fromkeys("()/-", 0.38) | {" ": 0.25}
WIDE = dict.fromkeys(["+", "-", "=", "<", ">", r"\leq", r"\geq", r"\times", r"\Sigma"], 0.78)
NARROW = dict.fromkeys([",", ".", "[", "]", "|", "'", r"\cdot", r"\mid", r"\lvert", r"\rvert"], 0.28)
SIGNS = WIDE | NARROW | {"(": 0.39, ")": 0.39, r"\sum": 1.61, r"\partial": 0.57, r"\infty": 1.0, r"\to": 1.0}
SIGNS |= dict.fromkeys([r"\lfloor", r"\rfloor", r"\lceil", r"\rceil"], 0.44) | {"&": 1.0, " ": 0.0, "\n": 0.0}
SIGNS |= {r"\,": 0.17, r"\;": 0.28, r"\ ": 0.25, r"\!": -0.17, r"\qquad": 2.0, r"\bmod": 2.6}
SIGNS |= dict.fromkeys([r"\left", r"\right", r"\Bigl", r"\Bigr"], 0.3)  # a tall parenthesis is that much wider
AROUND = dict.fromkeys(["=", "<", ">", r"\leq", r"\geq", r"\mid", r"\to"], 0.56)  # the air around, but in scripts
AROUND |= dict.fromkeys(["+", "-", r"\cdot", r"\times"], 0.44) | {",": 0.17}
BESIDE = {r"\hat": 0.0, r"\substack": 0.0, r"\sqrt": 0.85, r"\boxed": 0.6}  # more than what they are set around
SIZES = {r"\scriptstyle": 0.707, r"\small": 0.85}
SCRIPT = 0.707


def width_of(tex: str) -> float:
    """The width of LaTeX, as `latex` writes it, in en."""
    return 2 * _Ruler(tex).row(1.0)


class _Ruler:
    """Reads LaTeX from left to right and adds up widths."""

    def __init__(self, tex: str) -> None:
        self.tokens = re.findall(r"\\[A-Za-z]+|\\.|.", tex, re.DOTALL)
        self.place = 0

    def next(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def is_next(self, *tokens: str) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place] in tokens

    def row(self, scale: float) -> float:
        """Up to the closing brace; the widest, where there are several rows."""
        widest = total = 0.0
        while self.place < len(self.tokens) and not self.is_next("}"):
            token = self.next()
            if token == r"\\":
                widest, total = max(widest, total), 0.0
            elif token in SIZES:
                scale *= SIZES[token]
            elif token in (r"\color", r"\begin", r"\end"):
                self.raw()
                total += 0.9 * (token == r"\begin")  # a brace
            else:
                total += self.with_scripts(token, scale)
        return max(widest, total)

    def with_scripts(self, token: str, scale: float) -> float:
        nucleus, scripts = self.sign(token, scale), [0.0]
        while self.is_next("_", "^"):
            self.next()
            scripts.append(self.argument(scale * SCRIPT) + 0.05)
        return max(nucleus, *scripts) if token in (r"\sum", r"\max") else nucleus + max(scripts)

    def sign(self, token: str, scale: float) -> float:
        if token == "{":
            self.place -= 1
            return self.argument(scale)
        if token == r"\frac":
            return max(self.argument(scale), self.argument(scale)) + 0.44 * scale
        if token in BESIDE:
            return self.argument(scale) + BESIDE[token]
        if token in (r"\text", r"\textbf", r"\mathrm"):
            bold = 1.15 if token == r"\textbf" else 1.0
            return scale * bold * sum(UPRIGHT.get(letter, 0.5) for letter in self.raw())
        if token in SIGNS:
            return scale * (SIGNS[token] + (AROUND.get(token, 0.0) if scale > SCRIPT else 0.0))
        if token[1:] and token not in GREEK.values():
            return scale * (sum(UPRIGHT.get(letter, 0.0) for letter in token) + 0.17)  # \max, \tanh, …
        return scale * ITALIC.get(token, 0.55 if token[1:] else 0.5)

    def argument(self, scale: float) -> float:
        if not self.is_next("{"):
            return self.sign(self.next(), scale)
        self.next()
        width = self.row(scale)
        self.next()
        return width

    def raw(self) -> str:
        """What is between braces, unread."""
        start = self.place + 1
        while self.next() != "}":
            pass
        return "".join(self.tokens[start : self.place - 1])

r"""Equations as LaTeX for notebooks: every tensor in its colour, long lines broken, a derivation set line under line.

    latex(expr)          one line
    rows(expr, width)    the same in rows that fit, broken at + and · on the outside, never inside a cell
    aligned(steps)       a whole derivation in one block: at each step its rule, its reason, its rows
    mark(expr)           a frame around what was changed

JupyterLab typesets with MathJax 3; all that is used here KaTeX reads as well. How wide a line becomes only the browser
knows. `width_of` reckons it beforehand, in en: half the size of the font, the width of a digit.
"""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from math import inf
from typing import Any, NamedTuple

from sympy import (
    Add,
    Derivative,
    Expr,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Mul,
    Number,
    Pow,
    Rational,
    Sum,
    Symbol,
    ceiling,
    exp,
    expand,
    floor,
    fraction,
    oo,
    sympify,
    together,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import Function
from sympy.printing.latex import LatexPrinter
from sympy.tensor.indexed import Indexed

from lessonconv.symbolic.brackets import Bracket, Divides, InRange, Positive
from lessonconv.symbolic.language.widths import GREEK, width_of
from lessonconv.symbolic.notation import HAT, name_of, without_hat
from lessonconv.symbolic.sums import over_and_under
from lessonconv.visual import palette

# A window 1250 pixels wide with the file browser open: JupyterLab leaves 808 pixels, or 793 beside a scroll bar, to an
# equation whose en is 9.05 pixels. That is 87.6; an estimate may be wrong by 3 percent.
NOTEBOOK_WIDTH = 85.0
INDENT = 4.0  # \qquad, before a row that continues another
MUTED = "#7a7a7a"  # a contrast above 4.2 on the white paper and on the dark one: an equation knows no theme
UNDER_A_CAPTION = "0.35em"
BETWEEN_ROWS = "0.4em"
BETWEEN_STEPS = "1em"

FUNCTIONS = {"atan": r"\arctan", "tanh": r"\tanh", "log": r"\log", "sin": r"\sin", "cos": r"\cos"}


class Marked(Expr):
    """The same value in a frame. `doit` takes the frame off."""

    is_commutative = True

    def __new__(cls, e: Any) -> Any:
        return Expr.__new__(cls, sympify(e))

    def doit(self, **hints: Any) -> Expr:
        return self.args[0].doit(**hints)

    def _eval_derivative(self, symbol: Any) -> Expr:
        return self.args[0].diff(symbol)

    def _eval_is_integer(self) -> bool | None:
        return self.args[0].is_integer

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_positive

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_nonnegative


def mark(e: Any) -> Marked:
    """A frame around an expression, to point out what was changed; its value stays."""
    return Marked(e)


def unmarked(e: Expr) -> Expr:
    """The expression without frames."""
    return e.replace(Marked, lambda inner: inner)


def latex(e: Any, *, flat: bool = False) -> str:
    """An expression as LaTeX, in the colours of the palette. Flat: index arithmetic with a slash, for running text."""
    return _PRINTER.flat(sympify(e)) if flat else _inline(_PRINTER.pieces(sympify(e)))


# Rows


class Piece(NamedTuple):
    r"""A part of a row, and what joins it to the part before: + or -, \, in a product, nothing behind a Σ."""

    joint: str
    tex: str


def rows(e: Any, width: float = NOTEBOOK_WIDTH) -> list[str]:
    """An expression in rows of at most this width, the indent of continued rows included.

    A row that continues a product begins with ·, one that continues a sum with + or −. Parentheses are opened only if
    what is between them is wider than a row. A single factor that is wider than a row stays whole.
    """
    e = sympify(e)
    found = _filled(_PRINTER.terms(e), width)
    if not all(_fits(row, width, continued=place > 0) for place, row in enumerate(found)):
        found = _filled(_PRINTER.terms(e, widest=width - 2 * INDENT), width)
    return [_inline(row, continued=place > 0) for place, row in enumerate(found)]


def _inline(pieces: Sequence[Piece], continued: bool = False) -> str:
    first = {"+": "{} + ", "-": "{} - ", r"\,": r"{} \cdot "} if continued else {"+": "", "-": "-", r"\,": ""}
    between = {"+": " + ", "-": " - ", r"\,": r"\, "}
    head, *tail = pieces
    return first.get(head.joint, "") + head.tex + "".join(between.get(p.joint, p.joint) + p.tex for p in tail)


def _filled(terms: list[list[Piece]], width: float) -> list[list[Piece]]:
    """A row takes whole terms as long as they fit. A term that fits no row is broken from where it begins."""
    done: list[list[Piece]] = []
    for term in terms:
        longer = [*done[-1], *term] if done else term
        if _fits(longer, width, continued=len(done) > 1):
            done[-1:] = [longer]
        elif _fits(term, width, continued=bool(done)):
            done.append(term)
        else:
            done[-1:] = _broken(longer, width, first=len(done) < 2)
    return done


def _fits(pieces: list[Piece], width: float, continued: bool) -> bool:
    return width_of(_inline(pieces, continued)) + INDENT * continued <= width


def _broken(term: list[Piece], width: float, first: bool) -> list[list[Piece]]:
    """A product in as few rows as will do, none much wider than the others."""
    widths = [width_of(_inline([Piece("", ""), piece])) for piece in term]
    fewest = len(_greedy(term, widths, width, first))
    narrower = (n for n in range(int(width), 0, -1) if len(_greedy(term, widths, n, first)) > fewest)
    return _greedy(term, widths, next(narrower, width - 1) + 1, first)


def _greedy(term: list[Piece], widths: list[float], width: float, first: bool) -> list[list[Piece]]:
    further = width - INDENT - width_of(r"{}\cdot")
    done: list[list[Piece]] = []
    left = 0.0
    for piece, wide in zip(term, widths, strict=True):
        if not done or wide > left:
            left = width if first and not done else further
            done.append([])
        done[-1].append(piece)
        left -= wide
    return done


# Derivations


Caption = tuple[str, str]  # the rule, and the reason: a sentence, with its mathematics between dollar signs


def room(lhs: str, width: float = NOTEBOOK_WIDTH) -> float:
    """The width that is left for rows beside a left side."""
    return width - width_of(lhs + "={}")


def aligned(steps: Sequence[tuple[str, Sequence[str], Caption]], width: float = NOTEBOOK_WIDTH) -> str:
    """A derivation as one block, aligned at =. Each step has a left side, rows of the right side, and a caption.

    A left side is not written twice in a row. Make the rows with `rows(e, room(lhs))`, lhs being the widest one.
    """
    left = min(room(lhs, width) for lhs, _, _ in steps)
    blocks = []
    before = ""
    for lhs, (first, *more), (rule, reason) in steps:
        equation = _stacked([f"{lhs * (lhs != before)} &= {first}", *(rf"&\qquad {row}" for row in more)], BETWEEN_ROWS)
        caption = _stacked([f"&{line}" for line in caption_rows(rule, reason, left)], "0em")
        blocks.append(_stacked([caption, equation], UNDER_A_CAPTION) if caption else equation)
        before = lhs
    return "\\begin{aligned}\n" + _stacked(blocks, BETWEEN_STEPS) + "\n\\end{aligned}"


def _stacked(lines: Sequence[str], space: str) -> str:
    return f"\\\\[{space}]\n".join(lines)


def caption_rows(rule: str, reason: str, width: float = NOTEBOOK_WIDTH) -> list[str]:
    """The rule in bold and its reason, in small grey rows of at most this width, broken between words."""
    words = [(r"\textbf", word) for word in _words(rule)] + [(r"\text", word) for word in _words(reason)]
    done: list[list[tuple[str, str]]] = []
    left = 0.0
    for word in words:
        wide = width_of(_small([word])) + 0.43  # and a space
        if wide > left:
            done.append([])
            left = width
        done[-1].append(word)
        left -= wide
    return [_small(line) for line in done]


def _words(sentence: str) -> list[str]:
    return re.findall(r"(?:\$[^$]*\$|[^\s$])+", sentence)


def _small(words: Sequence[tuple[str, str]]) -> str:
    parts = [
        _prose(" ".join(word for _, word in group), command) for command, group in groupby(words, key=lambda w: w[0])
    ]
    return rf"{{\small\color{{{MUTED}}}{{" + r"\ \ ".join(parts) + "}}"


_SIGNS = "∂ \\partial Σ \\Sigma × \\times · \\cdot ≤ \\leq ≥ \\geq → \\to ∞ \\infty ∈ \\in ∣ \\mid … \\ldots"
_SIGNS += r" ⌊ \lfloor ⌋ \rfloor ⌈ \lceil ⌉ \rceil ² ^{2} ᵀ ^{T} ° ^{\circ} \ \backslash ^ \wedge − - ′ '"
WRITTEN = (
    dict(zip(_SIGNS.split()[::2], _SIGNS.split()[1::2], strict=True)) | GREEK | {sign: rf"\{sign}" for sign in "#%&_{}"}
)


def _prose(text: str, command: str) -> str:
    r"""Text as \text{…}; mathematics, and signs that text cannot hold, in between."""
    tex = ""
    for part in re.split(rf"(\$[^$]*\$|\w{HAT}|\^\w+|[{re.escape(''.join(WRITTEN))}])", text):
        if part.startswith("$"):
            tex += f"{{{part[1:-1]}}}"
        elif part.endswith(HAT):
            tex += rf"\hat{{{part[0]}}}"
        elif part.startswith("^") and len(part) > 1:
            tex += f"^{{{command}{{{part[1:]}}}}}"
        elif part:
            tex += f"{{{WRITTEN[part]}}}" if part in WRITTEN else f"{command}{{{part}}}"
    return tex


# Expressions

GRADIENT, RATIO, KERNEL, INPUT, OTHER_CELL, FUNCTION, SUM, DELTA, SIGN, DIVIDES, RANGE, FAMILY = range(12)
PLACES = [(Derivative, RATIO), (Add, SUM), (KroneckerDelta, DELTA), (Positive, SIGN), (Divides, DIVIDES)]
PLACES += [(Bracket, RANGE), (ExprWithLimits, FAMILY)]
AXES = "nfcuvijkl"
HALF = Rational(1, 2)
ARITHMETIC = (Symbol, Number, Add, Mul, Pow, floor, ceiling, Max, Min, Mod, Marked)  # what an index may be made of


class _Printer(LatexPrinter):
    """Prints an expression by its pieces. In indices, limits, brackets and floors a fraction takes a slash."""

    slash = False
    script = False

    def _set(self, e: Expr, script: bool) -> str:
        """An index, a limit (script), or what is in a bracket or a floor (as before)."""
        before = self.slash, self.script
        self.slash, self.script = True, script or self.script
        try:
            return str(self._print(e))
        finally:
            self.slash, self.script = before

    def flat(self, e: Expr) -> str:
        """For running text: as in a bracket."""
        return self._set(e, script=False)

    # Sums and products

    def terms(self, e: Expr, widest: float = inf) -> list[list[Piece]]:
        """The terms of a sum, each in pieces. Parentheses around more than the widest are opened."""
        if not e.is_Add or _is_arithmetic(e):
            return [self.pieces(e, widest)]
        found = sorted(((term, self.pieces(term, widest)) for term in e.args), key=lambda t: _place_in_sum(*t))
        return [[Piece("-" if first.joint == "-" else "+", first.tex), *rest] for _, (first, *rest) in found]

    def pieces(self, e: Expr, widest: float = inf) -> list[Piece]:
        """The parts that a row may be broken into."""
        if _is_arithmetic(e):
            return [self._arithmetic(e)]
        if e.is_Add:
            return [piece for term in self.terms(e, widest) for piece in term]
        if e.is_Mul or _is_under(e):
            return self._product(e, widest)
        if isinstance(e, Sum):
            return self._sum(e, widest)
        if isinstance(e, ExprWithLimits):
            return [Piece(r"\,", self._print(e))]
        return self._factor(e, self._closed(e), widest)

    def _print_Add(self, e: Expr, order: Any = None) -> str:
        return _inline(self.pieces(e))

    _print_Mul = _print_Add

    def _sum(self, e: Expr, widest: float) -> list[Piece]:
        body = e.function
        first, *rest = self._factor(body, self._closed(body), widest) if body.is_Add else self.pieces(body, widest)
        signs = self._signs(e.limits)
        if widest < inf and width_of(signs + first.tex) > widest:
            return [Piece(first.joint, signs), Piece("", first.tex), *rest]
        return [Piece(first.joint, signs + first.tex), *rest]

    def _print_Sum(self, e: Sum) -> str:
        return _inline(self._sum(e, inf))

    def _signs(self, limits: Sequence[Any]) -> str:
        """Outermost first; indices that run over all of their axis share one Σ and need no limits."""
        outermost = [(self._set(limit[0], True), *limit[1:]) for limit in reversed(limits)]
        whole = [index for index, *ends in outermost if _is_whole(ends)]
        tex = [rf"\sum_{{{','.join(whole)}}}"] if whole else []
        part = [(index, *ends) for index, *ends in outermost if not _is_whole(ends)]
        for (low, high), group in groupby(part, key=lambda limit: limit[1:]):
            names = ",".join(index for index, _, _ in group)
            tex.append(rf"\sum_{{{names}={self._set(low, True)}}}^{{{self._set(high, True)}}}")
        return r"\;".join(tex) + r"\, "

    def _print_Largest(self, e: Any) -> str:
        """Brackets in a family of numbers are conditions: they are written below the indices."""
        brackets = [f for f in Mul.make_args(e.function) if isinstance(f, Bracket)]
        body = Mul(*(f for f in Mul.make_args(e.function) if f not in brackets))
        indices = ",".join(self._set(limit[0], True) for limit in reversed(e.limits))
        below = r" \\ ".join([indices, *sorted(self._set(bracket, True).strip("[]") for bracket in brackets)])
        below = rf"\substack{{{below}}}" if brackets else below
        return rf"\max_{{{below}}}\, {self._closed(body)}"

    def _product(self, e: Expr, widest: float) -> list[Piece]:
        """Numbers and settings, then factors in their order; a Σ at the end needs no parentheses."""
        negative, over, under = over_and_under(e)
        found = self._scale([f for f in over if _is_arithmetic(f)], [f for f in under if _is_arithmetic(f)])
        cells, divisors = [f for f in over if not _is_arithmetic(f)], [f for f in under if not _is_arithmetic(f)]
        placed: list[tuple[Any, Expr | None]] = [
            (_order(f, self._closed(f)), f) for f in cells if not _goes_on_top(f, divisors)
        ]
        if divisors:
            top = Mul(*(f for f in cells if _goes_on_top(f, divisors)))
            tex = rf"\frac{{{self._print(top)}}}{{{self._print(Mul(*divisors))}}}"
            placed.append(((FUNCTION, 0, tex), None))
        placed.sort(key=lambda factor: factor[0])
        for place, ((kind, _, tex), f) in enumerate(placed, start=1):
            if f is None:
                found.append(Piece(r"\,", tex))
            else:
                ends = kind == FAMILY and place == len(placed)
                found += self.pieces(f, widest) if ends else self._factor(f, tex, widest)
        return [Piece("-", found[0].tex), *found[1:]] if negative else found

    def _factor(self, e: Expr, closed: str, widest: float) -> list[Piece]:
        """A factor among others. Parentheses around more than the widest are opened."""
        operator, inner = (self._operator(e), e.expr) if isinstance(e, Derivative) else ("", e)
        if widest == inf or not isinstance(inner, Add | Sum) or width_of(closed) <= widest:
            return [Piece(r"\,", closed)]
        first, *rest = self.pieces(inner, widest)
        *rest, last = [Piece(r"\,", operator + r"\Bigl(" + _inline([first])), *rest]
        return [*rest, Piece(last.joint, last.tex + r"\Bigr)")]

    def _closed(self, e: Expr) -> str:
        """As a factor among others: a sum takes parentheses."""
        return _parentheses(self._print(e)) if isinstance(e, Add | ExprWithLimits) else str(self._print(e))

    def _scale(self, over: list[Expr], under: list[Expr]) -> list[Piece]:
        if under:
            return [Piece(r"\,", rf"\frac{{{self._times(over) or 1}}}{{{self._times(under)}}}")]
        return [Piece(r"\,", self._times(over))] if over else []

    # Index arithmetic

    def _arithmetic(self, e: Expr) -> Piece:
        """u + p_h - i s_h: indices before settings, positive terms first; one fraction for all of it."""
        numerator, denominator = _as_fraction(e)
        terms = _signed_terms(numerator)
        if [all(map(_is_size, factors)) for negative, factors in terms if not negative] == [True]:
            terms.sort(key=lambda term: (term[0], term[0] and not all(f.is_Number for f in term[1])))  # K - 1 - k
        (negative, _), *rest = terms
        tex = [self._times(factors) or "1" for _, factors in terms]
        whole = tex[0] + "".join(
            (" - " if sign else " + ") + term for (sign, _), term in zip(rest, tex[1:], strict=True)
        )
        if denominator != 1:
            below = self._times(list(Mul.make_args(denominator)))
            above = f"({whole})" if rest and self.slash else whole
            below = f"({below})" if denominator.is_Mul and self.slash else below
            whole = f"{above}/{below}" if self.slash else rf"\frac{{{whole}}}{{{below}}}"
        return Piece("-" if negative else r"\,", whole)

    def _times(self, factors: list[Expr]) -> str:
        """i s_h with a thin space, for without it that looks like a word."""
        ordered = sorted(factors, key=_place_in_arithmetic)
        tight = [before.is_Number or after.is_Add for before, after in pairwise(ordered)]
        spaces = ["", *(" " if close else r"\," for close in tight)]
        return "".join(space + self._closed(f) for space, f in zip(spaces, ordered, strict=False))

    def _print_floor(self, e: Expr, exp: Any = None) -> str:
        return rf"\lfloor {self._set(e.args[0], self.script)} \rfloor"

    def _print_ceiling(self, e: Expr, exp: Any = None) -> str:
        return rf"\lceil {self._set(e.args[0], self.script)} \rceil"

    def _print_Mod(self, e: Expr, exp: Any = None) -> str:
        number, modulus = map(self._closed, e.args)
        return rf"({number} \bmod {modulus})"

    def _print_Symbol(self, e: Symbol, style: str = "plain") -> str:
        found = re.fullmatch(r"(\w+?)(′*)(?:_(\w+?))?(′*)", e.name)
        if found is None or _parts(e.name)[1] in palette.TENSORS:
            return _tensor(e.name)
        letter, before, axis, after = found.groups()
        sub = f"_{axis}" if axis and len(axis) == 1 else rf"_{{\mathrm{{{axis}}}}}" if axis else ""
        return _letter(letter) + "'" * len(before + after) + sub

    # Cells, functions, derivatives

    def _print_Indexed(self, e: Indexed, power: str = "", before: str = "") -> str:
        indices = [self._set(index, True) for index in e.indices]
        between = "," if all(index.is_Atom for index in e.indices) else r",\,"
        return _tensor(name_of(e), between.join(indices), power, before)

    def _print_IndexedBase(self, e: Any) -> str:
        return _tensor(str(e.label))

    def _print_Derivative(self, e: Derivative) -> str:
        if isinstance(e.expr, Indexed | Symbol) and len(e.variables) == 1:
            return rf"\frac{{{self._differential(e.expr)}}}{{{self._differential(*e.variables)}}}"
        return self._operator(e) + _parentheses(self._print(e.expr))

    def _operator(self, e: Derivative) -> str:
        below = r"\,".join(map(self._differential, e.variables))
        return rf"\frac{{\partial}}{{{below}}} "

    def _differential(self, e: Expr) -> str:
        if isinstance(e, Indexed):
            return self._print_Indexed(e, before=r"\partial ")
        return _tensor(e.name, before=r"\partial ")

    def _print_Pow(self, e: Pow) -> str:
        base, exponent = e.args
        if _is_under(e):
            return _inline(self.pieces(e))
        if exponent == HALF:
            return rf"\sqrt{{{self._print(base)}}}"
        power = self._set(exponent, True)
        if isinstance(base, Indexed):
            return self._print_Indexed(base, power)
        if isinstance(base, Function) and type(base).__name__ in FUNCTIONS:
            return self._print_Function(base, power)
        if base.is_Symbol or (base.is_Number and base.is_nonnegative):
            return f"{self._print(base)}^{{{power}}}"
        return f"{_parentheses(self._print(base))}^{{{power}}}"

    def _print_Function(self, e: Expr, exp: Any = None) -> str:
        name = type(e).__name__
        letter, primes = name.rstrip("′"), "'" * name.count("′")
        head = FUNCTIONS.get(name) or _letter(letter) + primes
        power = f"^{{{exp}}}" if exp else ""
        return head + power + _parentheses(", ".join(map(self._print, e.args)))

    _print_log = _print_Function

    def _print_exp(self, e: Expr, exp: Any = None) -> str:
        exponent = self._print(e.args[0])
        return r"\exp" + _parentheses(exponent) if _is_tall(exponent) else f"e^{{{exponent}}}"

    def _print_Abs(self, e: Expr, exp: Any = None) -> str:
        return rf"\lvert {self._print(e.args[0])} \rvert"

    def _print_Max(self, e: Expr, exp: Any = None) -> str:
        parts = sorted(e.args, key=lambda part: (not part.is_Number, part.has(floor, ceiling)))
        tex = [self._print(part) for part in parts]
        return rf"\{type(e).__name__.lower()}" + _parentheses(r",\, ".join(tex))

    _print_Min = _print_Max

    # Brackets and frames

    def _print_InRange(self, e: InRange) -> str:
        value, low, high = (self._set(part, self.script) for part in e.args)
        _, first, last = e.args
        if first == last:
            return _bracket(f"{value} = {low}")
        if first == -oo:
            return _bracket(f"{value} {self._at_most(last)}")
        if last == oo:
            return _bracket(rf"{value} \geq {low}")
        return _bracket(rf"{low} \leq {value} {self._at_most(last)}")

    def _at_most(self, high: Expr) -> str:
        """< K says ≤ K - 1 shorter."""
        above = expand(high + 1)
        return f"< {self._print(above)}" if above.is_Symbol else rf"\leq {self._set(high, self.script)}"

    def _print_Divides(self, e: Divides) -> str:
        divisor, number = (self._set(part, self.script) for part in e.args)
        return _bracket(rf"{divisor} \mid {number}")

    def _print_Positive(self, e: Positive) -> str:
        return _bracket(f"{self._set(e.args[0], self.script)} > 0")

    def _print_KroneckerDelta(self, e: KroneckerDelta, exp: Any = None) -> str:
        left, right = sorted(e.args[:2], key=lambda side: (not side.is_Symbol, len(side.free_symbols), str(side)))
        return _bracket(f"{self._set(left, self.script)} = {self._set(right, self.script)}")

    def _print_Marked(self, e: Marked) -> str:
        size = r"\scriptstyle " if self.script else ""
        return rf"\boxed{{{size}{self._print(e.args[0])}}}"


def _is_arithmetic(e: Expr) -> bool:
    """Is it made of symbols and numbers alone, as an index is?"""
    return (
        not e.args if isinstance(e, Symbol | Number) else isinstance(e, ARITHMETIC) and all(map(_is_arithmetic, e.args))
    )


def _is_under(e: Expr) -> bool:
    return isinstance(e, Pow) and bool(e.exp.is_negative)


def _as_fraction(e: Expr) -> tuple[Expr, Expr]:
    """What is above the bar and below it, with one bar for all terms."""
    numerators, denominators = zip(*map(fraction, Add.make_args(e)), strict=True)
    if len(set(denominators)) == 1:
        return Add(*numerators), denominators[0]
    numerator, denominator = fraction(together(e))
    return expand(numerator), denominator


def _signed_terms(e: Expr) -> list[tuple[bool, list[Expr]]]:
    """The terms of index arithmetic as sign and factors; K·d − d is d·(K − 1)."""
    terms, spans = list(Add.make_args(e)), []
    for term in terms[:]:
        for size in sorted(filter(_is_size, term.free_symbols), key=str):
            step = term / size
            if term in terms and -step in terms and not step.is_Number:
                terms = [other for other in terms if other not in (term, -step)]
                negative, factors, _ = over_and_under(step)
                spans.append((negative, [*factors, size - 1]))
    return sorted([over_and_under(term)[:2] for term in terms] + spans, key=_place_of_term)


def _is_size(e: Expr) -> bool:
    return isinstance(e, Symbol) and e.name[0].isupper()


def _is_whole(ends: Sequence[Expr]) -> bool:
    """Does an index run over all of an axis, from 0 to one less than a size?"""
    return not ends or (ends[0] == 0 and _is_size(ends[1] + 1))


def _goes_on_top(e: Expr, divisors: list[Expr]) -> bool:
    """Is the factor written in the fraction, not in front of it?"""
    if any(divisor.is_Add for divisor in divisors) or not divisors or _place_in_product(e) == GRADIENT:
        return bool(divisors) and isinstance(e, exp)
    return isinstance(e, exp | Indexed | Add)


# Orders


def _place_of_term(term: tuple[bool, list[Expr]]) -> tuple[Any, ...]:
    """Positive terms first; the input's index, other indices, sizes, settings, numbers."""
    negative, factors = term
    symbols = {symbol for f in factors for symbol in f.free_symbols}
    places = sorted((0 if symbol.name[0] in "uv" else _kind(symbol.name), symbol.name) for symbol in symbols)
    return negative, places or [(4, "")]


def _place_in_arithmetic(e: Expr) -> tuple[int, str]:
    """Numbers, indices, sizes, settings, and what is longer."""
    e = _bare(e)
    if isinstance(e, Symbol):
        return _kind(e.name), e.name
    return 0 if e.is_Number else 5 if e.is_Add else 4, ""


def _kind(name: str) -> int:
    """1: an index, 2: a size, 3: a setting."""
    return 2 if name[0].isupper() else 3 if name[0] in "spd" else 1


def _place_in_sum(term: Expr, pieces: list[Piece]) -> tuple[Any, ...]:
    """Positive terms first; numbers, cells, sums."""
    return pieces[0].joint == "-", not term.is_Number, term.has(Sum), pieces[0].tex


def _place_in_product(e: Expr) -> int:
    """∂L/∂z, derivatives, w, x, other cells, functions, parentheses, brackets, sums."""
    e = _bare(e)
    if isinstance(e, Indexed):
        return _place_of_tensor(name_of(e))
    for kind, place in PLACES:
        if isinstance(e, kind):
            return place
    return FUNCTION


def _order(e: Expr, tex: str) -> tuple[int, int, str]:
    """Kinds of factors; brackets in the order of the axes that they speak of; then by name."""
    kind = _place_in_product(e)
    axes = [AXES.find(symbol.name[0]) for symbol in e.free_symbols] if kind >= DELTA else []
    return kind, min((axis for axis in axes if axis >= 0), default=0), tex


def _place_of_tensor(name: str) -> int:
    gradient, letter, _ = _parts(name)
    return GRADIENT if gradient else {"w": KERNEL, "x": INPUT}.get(letter, OTHER_CELL)


def _bare(e: Expr) -> Expr:
    """What counts for the order: no frame, no power."""
    return _bare(e.args[0]) if isinstance(e, Marked | Pow) else e


# Names and parentheses


def _parts(name: str) -> tuple[bool, str, str]:
    """Is it a gradient, the letter or word, and what follows it: "dw1" is ∂L/∂w of layer 1, "w_rot" is a kind of w."""
    found = re.fullmatch(r"(d(?=(?:logits|[^\W\d_])(?:[\d_]|$)))?([^\W\d_]+)_?(\w*)", without_hat(name))
    return (bool(found[1]), found[2], found[3]) if found else (False, name, "")


def _tensor(name: str, indices: str = "", power: str = "", before: str = "") -> str:
    """A tensor, or a cell of it, in its colour."""
    gradient, letter, kind = _parts(name)
    tex = rf"\hat{{{_letter(letter)}}}" if name.endswith(HAT) else _letter(letter)
    tex += rf"^{{({kind})}}" if kind.isdigit() else rf"^{{{_letter(kind)}}}" if kind else ""
    tex += f"_{{{indices}}}" if indices else ""
    if gradient:
        tex = rf"(\partial L/\partial {tex})" if before else rf"\frac{{\partial L}}{{\partial {tex}}}"
    tex = before + tex
    if power:
        tex = f"{tex if not (gradient or kind) else _parentheses(tex)}^{{{power}}}"
    return palette.latex(letter, tex) if letter in palette.TENSORS else tex


def _letter(name: str) -> str:
    """A letter in italics, a Greek one by its name, a word upright."""
    if len(name) == 1:
        return GREEK.get(name, name)
    return r"\mathrm{" + name.replace("_", r"\_") + "}"


def _parentheses(tex: str) -> str:
    return rf"\left({tex}\right)" if _is_tall(tex) else f"({tex})"


def _bracket(tex: str) -> str:
    return rf"\left[{tex}\right]" if _is_tall(tex) else f"[{tex}]"


def _is_tall(tex: str) -> bool:
    return r"\frac" in tex or r"\sum" in tex or r"\substack" in tex


_PRINTER = _Printer()

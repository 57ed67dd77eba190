"""Read an equation as one would type it: dx[u] = Σ(i<O) dz[i]·w[u + p − i·s]·[0 ≤ u + p − i·s < K].

    sums        Σ(f<F, i<O) …   sum(i=0..O-1) …   Sum(…, (i, 0, O-1))     Σ reaches over the whole product that follows
    largest     max(k<K) …
    brackets    [0 <= e < K]   [i < j]   [z[i] > 0]   [s | e]   [a = b]
    functions   floor(a/b) ⌊a/b⌋ a//b   ceil ⌈ ⌉   mod(a, b) a % b   max min abs exp log tanh arctan sqrt   g g′ sigmoid
    tensors     dz[i]   ∂L/∂z[i]   δ[i]   x_pad[i], x_hat[i] or x̂[i] for the x with zeros all around it
    signs       · * ×   − -   /   ^ **   and nothing at all before a tensor, a bracket or a parenthesis

An equation that cannot be read raises EquationError, whose message points at the place. Nothing typed is ever evaluated
as Python. text.py is the way back.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from math import prod
from typing import Any

from sympy import (
    Add,
    Expr,
    Function,
    Integer,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    Sum,
    Symbol,
    atan,
    ceiling,
    exp,
    floor,
    log,
    sqrt,
    tanh,
)

from lessonconv.symbolic.brackets import Divides
from lessonconv.symbolic.family import Largest
from lessonconv.symbolic.language.comparisons import MIRRORED, holds, is_index
from lessonconv.symbolic.language.tokens import Token, tokens
from lessonconv.symbolic.notation import fresh, symbol, tensor, without_hat

LONGEST, DEEPEST, MOST_SUMS, MOST_TERMS = 2000, 60, 12, 400  # characters, parentheses, sums, terms when multiplied out
LARGEST_EXPONENT, LARGEST_BASE = 16, 10**9

SCALAR = re.compile(r"[a-zρ](_[hw])?′*|[NCFGMHWKO](_[hw])?|α")
KNOWN = [*"ijklmnfcuvtqrρspdNCFGMHWKOα", *(f"{name}_{axis}" for name in "spdHWKO" for axis in "hw")]
WORDS = {"stride": "s", "padding": "p", "pad": "p", "dilation": "d", "kernel": "K"}
TENSORS = {"x", "w", "b", "z", "a"}
SUMS = {"Σ", "∑", "sum", "Sum"}
CLOSERS = {"(": ")", "[": "]", "⌊": "⌋", "⌈": "⌉"}
HINTS = {
    "∂": "a gradient is written dz[i] or ∂L/∂z[i]",
    ".": "a range is written 0..O-1",
    **dict.fromkeys("{}", "use ( ) to group and [ ] for indices"),
    **dict.fromkeys("²³", "a power is written ^2"),
    "!": "a bracket takes <, ≤, >, ≥, = or ∣",
}
Limit = tuple[Symbol, Expr, Expr]


@dataclass(frozen=True)
class Equation:
    """What was read. The notes say where an index got a prime, because its letter was taken."""

    lhs: Expr
    rhs: Expr
    source: str
    notes: tuple[str, ...] = ()


class EquationError(ValueError):
    """The sentence says what was met, the rule and a way out; below it the line that was typed, and a caret."""

    def __init__(self, sentence: str, source: str, position: int) -> None:
        self.sentence, self.source, self.position = sentence, source, position
        super().__init__(f"{sentence}\n{_pointed_at(source, position)}")


def parse(text: str) -> Equation:
    """The equation that the text says. Raises EquationError, and nothing else, for a text that is not one."""
    if len(text) > LONGEST:
        raise EquationError(f"{len(text)} characters: an equation has at most {LONGEST:,}; shorten it", text, LONGEST)
    reader = _Reader(text)
    try:
        return reader.equation()
    except EquationError:
        raise
    except RecursionError:
        raise reader.refusal("this is nested too deeply; take away parentheses") from None
    except Exception as problem:  # SymPy's own refusals have many classes
        raise reader.refusal(f"SymPy can make nothing of this ({problem}); write it in another way") from None


def _pointed_at(source: str, position: int) -> str:
    """The line that the position is in, or the part of it around the position, and a caret below."""
    start = source.rfind("\n", 0, position) + 1
    line, column = source[start:].split("\n")[0], position - start
    if len(line) > 100:
        cut = max(0, column - 50)
        line, column = line[cut : cut + 100], column - cut
    shown = "".join(" " if letter.isspace() else letter for letter in line)
    width = sum(not unicodedata.combining(letter) for letter in shown[:column])
    return f"    {shown}\n    {' ' * width}^"


class _Reader:
    """Recursive descent: a method for each rule of the language. Bound letters are renamed as soon as they are met."""

    def __init__(self, source: str) -> None:
        self.source, self.tokens, self.at = source, tokens(source), 0
        self.scope: dict[str, Symbol] = {}  # what a letter stands for here
        self.left: set[str] = set()  # the indices on the left side
        self.reads_left = True
        self.cells = {
            token.value
            for token, after in zip(self.tokens, self.tokens[1:], strict=False)
            if after.value == "[" and _may_be_tensor(token.value)
        }
        self.used: set[Expr] = {symbol(name) for _, name, _ in self.tokens if SCALAR.fullmatch(name)}
        self.ranks: dict[str, int] = {}
        self.summed: list[str] = []  # the letter of every sum so far
        self.depth = 0
        self.notes: list[str] = []

    # --- the tokens -------------------------------------------------------------------------------------------------

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    @property
    def ahead(self) -> str:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)].value

    def next(self) -> Token:
        token = self.here
        self.at += token.kind != "end"
        return token

    def take(self, *signs: str) -> Token | None:
        """The next token, if it is one of these signs."""
        return self.next() if self.here.kind != "end" and self.here.value in signs else None

    def close(self, opener: Token) -> None:
        if self.take(CLOSERS[opener.value]):
            return
        if self.here.kind == "end" or self.here.value in CLOSERS.values():
            raise self.refusal(f"this {opener.value} is never closed; add a {CLOSERS[opener.value]}", opener)
        raise self.misplaced()

    def refusal(self, sentence: str, token: Token | None = None) -> EquationError:
        return EquationError(sentence, self.source, (token or self.here).position)

    def misplaced(self) -> EquationError:
        """Why the next token cannot follow what was read."""
        kind, value, _ = self.here
        if kind == "unknown":
            hint = HINTS.get(value, "it is no part of the notation")
            return self.refusal(f"unexpected character {value!r}; {hint}")
        if kind in ("number", "name", "sum"):
            return self.refusal(f"no sign stands between {value} and what is before it; write · or * to multiply")
        if value in CLOSERS.values():
            return self.refusal(f"this {value} closes nothing; take it away, or open it before")
        if value == "=":
            return self.refusal("a second = ; an equation has one, and [a = b] stands in brackets")
        if value in "<≤>≥∣":
            return self.refusal(
                f"{value} compares, and a comparison stands in brackets of its own, such as [0 ≤ k < K]"
            )
        return self.refusal(f"{value} cannot stand here; take it away")

    @contextmanager
    def nested(self, token: Token) -> Iterator[None]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refusal(f"this is nested more than {DEEPEST} deep; take away parentheses", token)
        yield
        self.depth -= 1

    # --- equation, sum, product, power ------------------------------------------------------------------------------

    def equation(self) -> Equation:
        if self.here.kind == "end":
            raise self.refusal(
                "nothing is written here; write an equation, such as dw[k] = Σ(i<O) dz[i]·x_pad[i·s + k]"
            )
        lhs = self.expression()
        if self.here.kind == "end":
            raise self.refusal("an equation needs an = ; add one and the right side")
        if not self.take("="):
            raise self.misplaced()
        self.scope, self.reads_left = {name: symbol(name) for name in self.left}, False
        rhs = self.expression()
        if self.here.kind != "end":
            raise self.misplaced()
        return Equation(lhs, rhs, self.source, tuple(self.notes))

    def expression(self) -> Expr:
        start = self.here
        terms = [self.product()]
        while sign := self.take("+", "−"):
            terms.append(self.product(negative=sign.value == "−"))
        return self.modest(Add(*terms), start)

    def product(self, negative: bool = False) -> Expr:
        factors = [Integer(-1)] if negative else []
        self.factor(factors)
        while True:
            if sign := self.take("·", "/", "//", "%"):
                self.operation(sign, factors)
            elif self.factor_follows():
                self.factor(factors)
            else:
                return Mul(*factors)

    def operation(self, sign: Token, factors: list[Expr]) -> None:
        """Multiply or divide what the factors are so far by the next one."""
        if sign.value == "·":
            return self.factor(factors)
        right: list[Expr] = []
        self.factor(right)
        divisor = self.divisor(Mul(*right), sign)
        if sign.value == "/":
            factors.extend(1 / factor for factor in right)
        else:
            rounded = floor(Mul(*factors) / divisor) if sign.value == "//" else Mod(Mul(*factors), divisor)
            factors[:] = [rounded]
        return None

    def factor_follows(self) -> bool:
        """May a factor follow with no sign between?"""
        if self.here.kind == "name":
            return self.tensor_ahead() or (self.here.value in {*SUMS, *FUNCTIONS} and self.ahead == "(")
        return self.here.kind == "sum" or self.here.value in CLOSERS

    def factor(self, factors: list[Expr]) -> None:
        """One more factor. Signs before it are factors of their own: −(a + b)·c is not (−a − b)·c in SymPy."""
        while sign := self.take("+", "−"):
            factors.extend([Integer(-1)] if sign.value == "−" else [])
        base = self.atom()
        factors.append(self.power(base, sign) if (sign := self.take("^")) else base)

    def power(self, base: Expr, sign: Token) -> Expr:
        exponents: list[Expr] = []
        with self.nested(sign):
            self.factor(exponents)
        exponent = Mul(*exponents)
        powers = [1, *(abs(part.exp) for part in base.atoms(Pow) if part.exp.is_number)]
        if exponent.is_number and abs(exponent) * max(powers) > LARGEST_EXPONENT:
            raise self.refusal(f"an exponent is at most {LARGEST_EXPONENT}; lower it", sign)
        if base.is_Rational and max(abs(base.p), base.q) > LARGEST_BASE:
            raise self.refusal(f"a number to be raised is at most {LARGEST_BASE:,}; lower it", sign)
        if exponent.is_negative:
            self.divisor(base, sign)
        return self.real(Pow(base, exponent), sign)

    # --- what is too large, or no number ----------------------------------------------------------------------------

    def modest(self, e: Expr, token: Token) -> Expr:
        if _terms(e) > MOST_TERMS:
            raise self.refusal(f"multiplied out, this has more than {MOST_TERMS} terms; shorten it", token)
        return e

    def divisor(self, e: Expr, sign: Token) -> Expr:
        if e.is_zero:
            raise self.refusal("division by zero: what is divided by here is always 0; divide by something else", sign)
        return self.modest(e, sign)

    def real(self, e: Expr, token: Token) -> Expr:
        if e.is_number and not e.is_Rational:
            raise self.refusal("a number that is no fraction; write one that is", token)
        return e

    # --- numbers, names, parentheses --------------------------------------------------------------------------------

    def atom(self) -> Expr:
        token = self.here
        if token.kind == "number":
            return self.number(self.next())
        if token.kind == "sum" or token.value in SUMS:
            return self.family(self.next(), Sum)
        if token.kind == "name":
            return self.named()
        if token.value not in CLOSERS or token.kind == "end":
            raise self.missing()
        with self.nested(self.next()):
            if token.value == "[":
                return self.bracket(token)
            inside = self.expression()
            self.close(token)
        return {"(": Add, "⌊": floor, "⌈": ceiling}[token.value](inside)

    def missing(self) -> EquationError:
        """Why no factor begins at the next token."""
        if self.here.kind == "unknown":
            return self.misplaced()
        met = f"before {self.here.value}" if self.here.value else "at the end"
        return self.refusal(f"something is missing {met}: a number, a letter, a tensor or a parenthesis; add it")

    def number(self, token: Token) -> Expr:
        if "." in token.value:
            raise self.refusal(f"{token.value} is a decimal number; write a fraction, such as 1/2", token)
        if len(token.value) > 9:
            raise self.refusal("a number has at most 9 digits; write a smaller one", token)
        return Integer(int(token.value))

    def named(self) -> Expr:
        token = self.here
        if self.tensor_ahead():
            return self.cell(self.next(), self.next())
        if self.ahead == "(" and token.value in FUNCTIONS:
            return self.call(self.next(), self.next())
        return self.scalar(self.next())

    def scalar(self, token: Token) -> Expr:
        name = token.value
        if name in self.scope:
            return self.scope[name]
        if self.is_tensor(name):
            count = self.ranks.get(without_hat(name), 1)
            indices = ",".join("ijkl"[:count])
            raise self.refusal(f"{name} is a tensor without indices; say which cell, such as {name}[{indices}]", token)
        if not SCALAR.fullmatch(name):
            raise self.unknown(token)
        if is_index(name):
            if not self.reads_left:
                raise self.unbound(token)
            self.left.add(name)
        return symbol(name)

    def unbound(self, token: Token) -> EquationError:
        name = token.value
        if name in self.summed:
            sentence = f"the Σ over {name} ended before this {name}: it reaches over one product; put its body in ( )"
        else:
            sentence = f"the index {name} is neither summed over nor on the left; put Σ({name}<…) before it"
        return self.refusal(sentence, token)

    def unknown(self, token: Token) -> EquationError:
        name = token.value
        function = self.here.value == "("
        names = FUNCTIONS if function else [*(str(each) for each in self.used), *KNOWN]
        near = [WORDS[name]] if name in WORDS else get_close_matches(name, names, 1, 0.5)
        way_out = (
            f"did you mean {near[0]}?" if near else "sizes are N C F H W K O, settings s p d, indices single letters"
        )
        return self.refusal(f"unknown {'function' if function else 'symbol'} '{name}'; {way_out}", token)

    # --- tensors and functions --------------------------------------------------------------------------------------

    def tensor_ahead(self) -> bool:
        """Is this name a tensor with its indices? s[…] and K[…] are a number before a bracket."""
        return self.here.kind == "name" and self.ahead == "[" and _may_be_tensor(self.here.value)

    def is_tensor(self, name: str) -> bool:
        plain = without_hat(name)
        return name in self.cells or plain != name or plain in TENSORS or plain in {f"d{each}" for each in TENSORS}

    def cell(self, token: Token, opener: Token) -> Expr:
        name = token.value
        with self.nested(opener):
            indices = self.arguments(opener)
        rank = self.ranks.setdefault(without_hat(name), len(indices))
        if rank != len(indices):
            raise self.refusal(
                f"mismatched ranks: {name} has {_counted(len(indices))} here and {rank} before; give it as many",
                token,
            )
        return tensor(name)[tuple(indices)]

    def arguments(self, opener: Token) -> list[Expr]:
        """Expressions with commas between, up to the closing parenthesis."""
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        if opener.value == "[" and self.here.value in {*MIRRORED, "∣"}:
            raise self.refusal(f"{self.here.value} in the index of a tensor; for a bracket of its own write · before [")
        self.close(opener)
        return found

    def call(self, token: Token, opener: Token) -> Expr:
        name = token.value
        if name == "max" and self.limit_follows():
            self.at -= 1
            return self.family(token, Largest)
        function, count = FUNCTIONS[name]
        with self.nested(opener):
            args = self.arguments(opener)
        if len(args) not in count:
            raise self.refusal(f"{name} takes {_said(count)}, not {len(args)}; write {_said(count)}", token)
        if name == "mod":
            self.divisor(args[1], token)
        return self.real(function(*args), token)

    # --- Iverson brackets -------------------------------------------------------------------------------------------

    def bracket(self, opener: Token) -> Expr:
        """[a ≤ e < b], [e > 0], [d ∣ e] or [a = b]: 1 where it holds, else 0."""
        sides, signs = [self.expression()], []
        while sign := self.take(*MIRRORED, "∣"):
            signs.append(sign)
            sides.append(self.expression())
        if not signs and self.here.value in ("]", ","):
            raise self.refusal(
                "a bracket needs a comparison, such as [0 ≤ k < K]; an index needs a tensor before it", opener
            )
        self.close(opener)
        if [sign.value for sign in signs] == ["∣"]:
            return Divides(self.divisor(sides[0], signs[0]), sides[1])
        for sign in signs:
            if sign.value == "∣":
                raise self.refusal("∣ stands alone in its bracket; multiply two brackets: [d ∣ e]·[e < K]", sign)
        return holds(sides, [sign.value for sign in signs])

    # --- sums and maxima --------------------------------------------------------------------------------------------

    def family(self, token: Token, kind: Any) -> Expr:
        """Σ(i<O, …) product, max(k<K) product, or Sum(expression, (i, 0, O-1), …)."""
        opener, outside = self.take("("), self.scope
        if not opener or not (self.limit_follows() or self.starts(opener)[1:]):
            raise self.refusal(
                f"a sum without limits: {token.value} does not say from where to where; write Σ(i<O) or sum(i=0..O-1)",
                token,
            )
        with self.nested(token):
            if self.limit_follows():
                limits = self.limits(opener)
                body = self.product()
            else:
                body, limits = self.sympy_style(opener)
        self.scope = outside
        return kind(body, *limits)

    def limit_follows(self) -> bool:
        return self.here.kind == "name" and self.ahead in ("<", "≤", "=", "in")

    def limits(self, opener: Token) -> list[Limit]:
        """i<O, i<=n, i=lo..hi or i in lo..hi, the outermost first."""
        limits = [self.limit()]
        while self.take(","):
            limits.append(self.limit())
        self.close(opener)
        return limits[::-1]

    def limit(self) -> Limit:
        if not self.limit_follows():
            raise self.refusal("a limit reads i<O, i<=n or i=0..O-1; write it so")
        index, sign = self.next(), self.next()
        first = self.expression()
        if sign.value in ("<", "≤"):
            return self.bind(index), Integer(0), first - int(sign.value == "<")
        if not self.take(".."):
            raise self.refusal(f"{index.value} runs from where to where? write {index.value}=0..O-1")
        last = self.expression()
        return self.bind(index), first, last

    def bind(self, token: Token) -> Symbol:
        """From here on the letter means the index of this sum. If it meant another one, this one gets a prime."""
        name = token.value
        self.summed.append(name)
        if len(self.summed) > MOST_SUMS:
            raise self.refusal(f"more than {MOST_SUMS} sums; write fewer", token)
        if not SCALAR.fullmatch(name) or not is_index(name) or name in TENSORS:
            raise self.refusal(f"{name} is no index to sum over; take a letter such as i, or i′ if i is in use", token)
        index = symbol(name)
        if name in self.scope:
            index = fresh(index, self.used)
            other = "on the left" if name in self.left else "of the sum around it"
            self.notes.append(f"the {name} summed over is not the {name} {other}; it is written {index} here")
        self.used.add(index)
        self.scope = {**self.scope, name: index}
        return index

    def starts(self, opener: Token) -> list[int]:
        """Where the arguments after an opening parenthesis begin."""
        starts, depth = [self.at], 0
        for place, token in enumerate(self.tokens[self.at :], self.at):
            depth += (token.value in CLOSERS) - (token.value in CLOSERS.values())
            if depth < 0:
                return starts
            if token.value == "," and depth == 0:
                starts.append(place + 1)
        raise self.refusal(f"this {opener.value} is never closed; add a )", opener)

    def sympy_style(self, opener: Token) -> tuple[Expr, list[Limit]]:
        """The limits are read before the body, the outermost first: only they say what its letters mean."""
        body_starts, *limits_start = self.starts(opener)
        limits, ends = [], []
        for start in reversed(limits_start):
            self.at = start
            limits.append(self.sympy_limit())
            ends.append(self.at)
            if self.here.value not in (",", ")"):
                raise self.misplaced()
        self.at = body_starts
        body = self.expression()
        if self.at + 1 != limits_start[0]:
            raise self.misplaced()
        self.at = ends[0]
        self.close(opener)
        return body, limits[::-1]

    def sympy_limit(self) -> Limit:
        start = self.here
        opener, index = self.take("("), self.next()
        if not opener or index.kind != "name" or not self.take(","):
            raise self.refusal("a limit reads (i, 0, O-1) here; write it so", start)
        ends = self.arguments(opener)
        if len(ends) != 2:
            raise self.refusal("a limit has a first and a last value: (i, 0, O-1); write it so", opener)
        return self.bind(index), ends[0], ends[1]


# --- what the words mean ---------------------------------------------------------------------------------------------


def _sigmoid(e: Expr) -> Expr:
    return 1 / (1 + exp(-e))


def _absolute(e: Expr) -> Expr:
    """Not SymPy's Abs: to it a cell is a complex number, and the square of its Abs has a conjugate in it."""
    return Max(e, -e)


FUNCTIONS: dict[str, tuple[Callable[..., Expr], range]] = {  # and how many arguments each takes
    **dict.fromkeys(("ceil", "ceiling"), (ceiling, range(1, 2))),
    **dict.fromkeys(("atan", "arctan"), (atan, range(1, 2))),
    **dict.fromkeys(("sigmoid", "σ"), (_sigmoid, range(1, 2))),
    **{name: (Function(name), range(1, 2)) for name in ("g", "g′")},
    "floor": (floor, range(1, 2)),
    "tanh": (tanh, range(1, 2)),
    "exp": (exp, range(1, 2)),
    "log": (log, range(1, 2)),
    "sqrt": (sqrt, range(1, 2)),
    "abs": (_absolute, range(1, 2)),
    "mod": (Mod, range(2, 3)),
    "max": (Max, range(1, 9)),
    "min": (Min, range(1, 9)),
}


def _may_be_tensor(name: str) -> bool:
    """Sizes and settings may not: K[…] is K times a bracket."""
    return not SCALAR.fullmatch(name) or is_index(name)


def _said(count: range) -> str:
    most = count.stop - 1
    return f"{most} argument" + "s" * (most > 1) if len(count) == 1 else f"{count.start} to {most} arguments"


def _counted(indices: int) -> str:
    return f"{indices} index" if indices == 1 else f"{indices} indices"


def _terms(e: Any) -> int:
    """How many terms e may have when it is multiplied out. (What stands in a cell, bracket or function stays there.)"""
    if e.is_Add or e.is_Mul:
        return (sum if e.is_Add else prod)(map(_terms, e.args))
    if isinstance(e, Sum | Largest):
        return _terms(e.function)
    return _terms(e.base) ** abs(int(e.exp)) if e.is_Pow and e.exp.is_Integer else 1

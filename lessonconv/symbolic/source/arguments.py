"""What the function takes and what it makes of it first: the same for every form that a formula is written in."""

import textwrap
from collections.abc import Iterator

from sympy import Symbol
from sympy.core.function import AppliedUndef

from lessonconv.symbolic.source.expressions import Writer
from lessonconv.symbolic.source.formula import function_name
from lessonconv.symbolic.source.lines import INDENT, WIDTH, Line, listed, unpacked
from lessonconv.symbolic.source.order import SETTINGS

AXES = "_h", "_w"


class Arguments:
    """The signature, the docstring and the sizes by name. takes_shape: no tensor has all sizes of the output."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.formula = writer, writer.formula
        self.sizes = self.formula.shape(self.formula.output)
        known = {size for name in self.formula.tensors for size in self.formula.shape(name)}
        self.takes_shape = any(size.free_symbols - known for size in self.sizes)
        known |= set(self.sizes) if self.takes_shape else set()
        order = "".join(SETTINGS)
        self.settings: dict[str, list[Symbol]] = {}
        self.scalars: list[Symbol] = []
        for one in sorted(self.formula.symbols - known, key=lambda one: (order.find(one.name[0]), one.name)):
            letter = one.name.removesuffix("_h").removesuffix("_w")
            if letter in SETTINGS:
                self.settings.setdefault(SETTINGS[letter], []).append(one)
            else:
                self.scalars.append(one)

    @property
    def shape_name(self) -> str:
        """The gradient of x has the shape of x."""
        return (self.formula.output.removeprefix("d") or "d") + "_shape"

    def output_shape(self) -> str:
        """The shape of what is returned, as code."""
        if self.takes_shape:
            return self.shape_name
        for name in self.formula.tensors:
            if self.formula.shape(name) == self.sizes:
                return f"{self.writer.tensor(name)}.shape"
        return listed([self.writer.code(size) for size in self.sizes])

    def module(self, body: list[str], *imports: str) -> str:
        """The whole text. The body must have been written before, for then it is known which sizes it needs."""
        head = [line for one in [*self._settings(), *self._sizes()] for line in one.at(1)]
        parts = ["import numpy as np", *imports, "", "", *self._signature(), *self._docstring(), *head, *body, ""]
        return "\n".join(parts)

    def _signature(self) -> list[str]:
        writer = self.writer
        positional = [writer.tensor(name) for name in self.formula.tensors]
        positional += [self.shape_name] if self.takes_shape else []
        positional += [name for name in self.settings if name.startswith("kernel")]
        named = [name for name in self.settings if not name.startswith("kernel")]
        named += [writer.name(one) for one in self.scalars]
        named += sorted({writer.function(e) for e in self.formula.body.atoms(AppliedUndef)})
        parts = [*positional, *(["*", *named] if named else [])]
        return Line(f"def {function_name(self.formula.name)}(", (", ".join(parts),), "):").at(0)

    def _docstring(self) -> list[str]:
        quotes = 'r"""' if "\\" in self.formula.doc else '"""'
        room = WIDTH - len(INDENT) - 7
        first, *rows = textwrap.wrap(self.formula.doc, room, break_long_words=False, break_on_hyphens=False)
        if not rows:
            return [f'{INDENT}{quotes}{first}"""']
        return [f"{INDENT}{quotes}{first}", *(f"{INDENT}{INDENT}{row}" for row in rows), f'{INDENT}"""']

    def _settings(self) -> Iterator[Line]:
        """One value for one axis, a pair for two."""
        name, comment = self.writer.name, "a number, or one for each axis"
        plain = {argument: found[0] for argument, found in self.settings.items() if found[0].name[-2:] not in AXES}
        if plain:
            yield Line(f"{', '.join(map(name, plain.values()))} = {', '.join(plain)}")
        for argument in (argument for argument in self.settings if argument not in plain):
            axes = {one.name[-2:]: name(one) for one in self.settings[argument]}
            pair = ", ".join(axes.get(axis, "_") for axis in AXES)
            yield Line(f"{pair} = np.broadcast_to({argument}, 2).tolist()", comment=comment)
            comment = ""

    def _sizes(self) -> Iterator[Line]:
        """The sizes that the code needs, by name, each from the first tensor that has it."""
        shapes = {f"{self.writer.tensor(name)}.shape": self.formula.shape(name) for name in self.formula.tensors}
        shapes |= {self.shape_name: self.sizes} if self.takes_shape else {}
        needed = set(self.writer.used)
        for source, sizes in shapes.items():
            if needed & set(sizes):
                names = [self.writer.name(size) if size in needed else "_" for size in sizes]
                yield Line(f"{unpacked(names)} = {source}")
                needed -= set(sizes)

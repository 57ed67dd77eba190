"""What all explorers share: settings as traits, what the page offers to change, and refusals that hurt nobody.

Python owns the arithmetic: a setting changes, the explorer draws again, the page shows it. The page owns the looking,
which never asks Python. A setting that is not possible is refused with a sentence, and what is seen stays; in Python
it is a ValueError, the layers' own.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import product
from typing import Any, ClassVar

import anywidget
import traitlets

from lessonconv.explore.stills import words
from lessonconv.explore.traits import LARGEST, Count, Number, Size, asked
from lessonconv.visual.picture import Picture
from lessonconv.window import pair


class Adjustable(anywidget.AnyWidget):
    """Something to see that answers to its settings, from the page or from Python.

    A subclass names its SETTINGS, says in `_check` whether they are possible together, in `_controls` which of them the
    page offers, and in `picture` what is seen without a page. It sends what it draws with `_show_page`.
    """

    SETTINGS: ClassVar[tuple[str, ...]] = ()

    sent = traitlets.Bytes().tag(sync=True)  # what is drawn, as JSON: as bytes, nobody on the way looks into it
    controls: Any = traitlets.List().tag(sync=True)
    notice: Any = traitlets.Dict().tag(sync=True)

    _number = 0  # of what was sent last

    # What a subclass says

    def _check(self, settings: Mapping[str, Any]) -> None:
        """Raise ValueError if nothing can be drawn with these settings changed."""

    def _controls(self) -> list[dict[str, Any]]:
        """What the page offers to change."""
        raise NotImplementedError

    def picture(self) -> Picture:
        """What the page shows, as a picture."""
        raise NotImplementedError

    # Settings

    def _known(self, settings: Mapping[str, Any], *others: str) -> None:
        """Raise TypeError for a setting that there is not. others: what else the constructor takes."""
        unknown = [name for name in settings if not self.has_trait(name)]
        if unknown:
            known = ", ".join([*self.SETTINGS, *others])
            raise TypeError(f"{type(self).__name__} has no setting {unknown[0]!r}; it has {known}")

    def _together(self, proposal: Any) -> Any:
        """Validate one setting together with all others."""
        asked(lambda: self._check({proposal.trait.name: proposal.value}))
        return proposal.value

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sends; what is impossible is told there, and the page gets the last possible state."""
        try:
            super().set_state(sync_data)
        except (ValueError, TypeError, traitlets.TraitError) as error:
            name, value = next(iter(sync_data.items()))
            self.notice = {"setting": name, "sentence": _sentence(error), "nearest": self._nearest(name, value)}
            self.send_state(list(sync_data))

    def _nearest(self, name: str, value: Any) -> Any:
        """The possible value of a setting that is nearest to an impossible one; None if there is none near."""
        trait = self.traits()[name]
        if isinstance(trait, Number):
            return trait.nearest(value)
        if not isinstance(trait, (Size, Count)):
            return None
        with suppress(ValueError, TypeError):
            height, width = (min(v, 2 * LARGEST) for v in pair(name, value, trait.least))
            alike = not isinstance(value, (tuple, list))
            smaller = product(range(height, trait.least - 1, -1), range(width, trait.least - 1, -1))
            candidates = [
                h if alike else (h, w) for h, w in sorted(smaller, key=sum, reverse=True) if h == w or not alike
            ]
            return next((candidate for candidate in candidates if self._is_possible(name, candidate)), None)
        return None

    def _is_possible(self, name: str, value: Any) -> bool:
        with suppress(ValueError, TypeError):
            self.traits()[name].validate(self, value)
            self._check({name: value})
            return True
        return False

    def _show_page(self, drawn: Any) -> dict[str, Any]:
        """Send what has a `message`, numbered, to the page, and take back what was refused."""
        self.notice = {}
        self._number += 1
        message: dict[str, Any] = drawn.message(self._number)
        self.sent = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
        return message

    # Without a page

    def _settings(self) -> dict[str, Any]:
        """The settings that are not as usual."""
        return {name: value for name in self.SETTINGS if (value := getattr(self, name)) != self._usual(name)}

    def _usual(self, name: str) -> Any:
        """What a setting is if nothing is said."""
        return self.traits()[name].default_value

    def _set_to(self) -> str:
        """The settings in a sentence."""
        told = words.settings(self.controls, self.trait_values(), self._settings())
        return f"{told[:1].upper()}{told[1:]}."

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The live explorer, and its picture for readers without a kernel."""
        live, seen = super()._repr_mimebundle_(**options) or ({}, {}), self.picture()._repr_mimebundle_()
        return {**seen[0], **live[0]}, {**seen[1], **live[1]}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._settings().items())})"


def _sentence(error: Exception) -> str:
    words = str(error)
    return words[:1].upper() + words[1:] + "."

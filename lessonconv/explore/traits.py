"""Settings as traits, and tensors as attributes: what an explorer takes and gives, checked as the layers check it."""

from typing import Any

import numpy as np
import traitlets

from lessonconv.explore.stills.words import listed
from lessonconv.window import pair

LARGEST = 32  # cells along an axis: more can't be told apart on a page


class ImpossibleSetting(traitlets.TraitError, ValueError):
    """A setting, or a combination of settings, that makes no layer."""


class WrongSetting(traitlets.TraitError, TypeError):
    """A setting of the wrong kind: a word where a number belongs."""


class Size(traitlets.TraitType[Any, Any]):
    """An int, or a pair of ints (height, width), with a least value."""

    def __init__(self, default: int, least: int, **options: Any) -> None:
        self.least = least
        super().__init__(default_value=default, **options)
        self.tag(sync=True, echo_update=False)

    def validate(self, obj: Any, value: Any) -> int | tuple[int, int]:
        """The value as an int or a pair of ints. Raises ImpossibleSetting."""
        height, width = asked(lambda: pair(str(self.name), value, self.least))
        return height if height == width and not isinstance(value, (tuple, list)) else (height, width)


class Count(traitlets.TraitType[Any, Any]):
    """A single int, with a least and perhaps a largest value."""

    def __init__(self, default: int, least: int, most: int | None = None, **options: Any) -> None:
        self.least, self.most = least, most
        super().__init__(default_value=default, **options)
        self.tag(sync=True, echo_update=False)

    def validate(self, obj: Any, value: Any) -> int:
        """The value as an int. Raises ImpossibleSetting."""
        if isinstance(value, (tuple, list)):
            raise ImpossibleSetting(f"{self.name} is {value!r}; give one int")
        number, _ = asked(lambda: pair(str(self.name), value, self.least))
        if self.most is not None and number > self.most:
            raise ImpossibleSetting(f"{self.name} is {number}, but an explorer draws at most {self.most}; give fewer")
        return number


class Number(traitlets.TraitType[Any, Any]):
    """A real number from low to high."""

    def __init__(self, default: float, low: float, high: float) -> None:
        self.low, self.high = low, high
        super().__init__(default_value=default)
        self.tag(sync=True, echo_update=False)

    def validate(self, obj: Any, value: Any) -> float:
        """The value as a float. Raises ImpossibleSetting, or WrongSetting for what is no number."""
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise WrongSetting(f"{self.name} is {value!r}; give a number")
        if not self.low <= value <= self.high:
            raise ImpossibleSetting(f"{self.name} is {value}, but must be from {self.low:g} to {self.high:g}")
        return float(value)

    def nearest(self, value: Any) -> float | None:
        """The possible number that is nearest; None for what is no number."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
        return min(max(float(value), self.low), self.high) if number else None


class Choice(traitlets.TraitType[Any, Any]):
    """One of some values, the first if nothing is said."""

    def __init__(self, *options: Any) -> None:
        self.options = options
        super().__init__(default_value=options[0])
        self.tag(sync=True, echo_update=False)

    def validate(self, obj: Any, value: Any) -> Any:
        """The value, if it is one of them. Raises ImpossibleSetting."""
        if not any(value is option or (isinstance(value, str) and value == option) for option in self.options):
            raise ImpossibleSetting(f"{self.name} is {value!r}; give one of {', '.join(map(str, self.options))}")
        return value


def switch(*, on: bool = False) -> Choice:
    """A setting that is True or False."""
    return Choice(on, not on)


class Tensor:
    """A tensor of the layer, to read as a copy; and to set, where the explorer's ARRAYS name it."""

    def __init__(self, what: str) -> None:
        self.__doc__ = what

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, explorer: Any, owner: type | None = None) -> Any:
        if explorer is None:
            return self
        array = explorer._array(self.name)
        return None if array is None else array.copy()

    def __set__(self, explorer: Any, array: Any) -> None:
        if self.name not in explorer.ARRAYS:
            own = listed(list(explorer.ARRAYS))
            raise AttributeError(f"{self.name} follows from the other tensors and cannot be set; {own} can")
        explorer._replace(self.name, array)


def asked(question: Any) -> Any:
    """The answer, with the layers' refusals as traitlets understands them, which then puts the old settings back."""
    try:
        return question()
    except TypeError as error:
        raise WrongSetting(str(error)) from None
    except ValueError as error:
        raise ImpossibleSetting(str(error)) from None

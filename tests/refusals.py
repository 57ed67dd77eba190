"""What a refusal must say, what was met, the rule and a way out, and that the way out leads out."""

import re
from ast import literal_eval
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.strategies import Options


def assert_refused(
    call: Callable[..., Any], wrong: Options, error: type[Exception], words: Sequence[str], way_out: Options
) -> None:
    """The sentence holds all the words, and the way out that it names makes the call succeed."""
    with pytest.raises(error) as refusal:
        call(**wrong)
    missing = [word for word in words if word not in str(refusal.value)]
    assert not missing, f"{missing} not in: {refusal.value}"
    call(**way_out)


def ways_out(message: str) -> list[Options]:
    """The settings that a refusal recommends: "…; lower kernel_size to 3×2 or raise padding to 1" names two ways."""
    ways = []
    for way in message.split("; ")[1].split(" or "):
        advice = re.findall(r"(\w+) to ([\d×]+|\(.*\))", way)
        ways.append({name: literal_eval(f"({value.replace('×', ',')})") for name, value in advice})
    return ways

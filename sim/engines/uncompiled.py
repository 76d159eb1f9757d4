"""The compiled engine as plain Python: no compiler, the same numbers, ten thousand times as long."""

from typing import Any

CACHE_FOLDER = None


def compiled(function: Any) -> Any:
    """The function itself."""
    return function


by_address = part = inlined = compiled


def fetch(array: Any, row: int, place: int) -> None:
    """Without a compiler there is nothing to tell the processor."""


def compile_for(function: Any, *arguments: object) -> None:
    """Without a compiler there is nothing to do beforehand."""


class Unit:
    """A function of which a day is made."""

    def __init__(self, function: Any, *_arguments: object) -> None:
        self._function = function

    def compile(self) -> None:
        """Without a compiler there is nothing to do beforehand."""

    def __call__(self, *arguments: object) -> None:
        """Call it."""
        self._function(*arguments)

"""Compiles by what Numba documents alone: with versions that nobody has tried, to the same numbers.

It takes longer, and so does a run. Numba optimises and makes machine code of every function and of all that
it calls, counts references to arrays, and looks at every index for a place counted from the end.
"""

from typing import Any

import numba
import numba.experimental.function_type  # Tells Numba of units.
from numba import types

from sim.engines import code_cache

CACHE_FOLDER = code_cache.folder_for("plain")
if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]

PART: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
WHOLE: dict[str, Any] = {**PART, "cache": CACHE_FOLDER is not None}


def compiled(function: Any) -> Any:
    """Compile a function that Python calls, or take it from the cache."""
    return numba.njit(**WHOLE)(function)


def by_address(function: Any) -> Any:
    """Leave the function to its :class:`Unit`."""
    return function


def part(function: Any) -> Any:
    """Compile a function that only compiled functions call."""
    return numba.njit(**PART)(function)


inlined = part


@part
def fetch(array: Any, row: int, place: int) -> None:
    """Leave it to the processor what to fetch."""


def compile_for(function: Any, *arguments: object) -> None:
    """Compile a :func:`compiled` function into the cache, for arguments of such types."""
    if CACHE_FOLDER is not None:
        numba.njit(_signature(arguments), **WHOLE)(function.py_func)


class Unit(types.WrapperAddressProtocol):
    """A function of which a day is made, compiled as a callback for arguments of such types."""

    def __init__(self, function: Any, *arguments: object) -> None:
        self._function = function
        self._signature = _signature(arguments)
        self._callback: Any = None

    def compile(self) -> None:
        """Compile it, take it from the cache, or do nothing where that has been done."""
        if self._callback is None:
            self._callback = numba.cfunc(self._signature, **WHOLE)(self._function)

    def __wrapper_address__(self) -> int:
        """Where its machine code begins."""
        self.compile()
        return int(self._callback.address)

    def signature(self) -> Any:
        """Types of its arguments; it returns nothing."""
        return self._signature


def _signature(arguments: tuple[object, ...]) -> Any:
    return types.void(*map(numba.typeof, arguments))

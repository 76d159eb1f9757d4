"""How functions of the engines are compiled.

Nothing may reorder arithmetic, so a function gives the same numbers however it is vectorised, and dividing by
zero gives what IEEE 754 says. No compiled function makes an array.

There are three ways, which give the same bits. The private one reaches into Numba, so it is taken only with
versions that it was tested with; the plain one does with what Numba documents; the third is Python itself.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from sim.errors import EngineError

Function = TypeVar("Function", bound=Callable[..., object])

TESTED = {
    "0.62": "0.45",
    "0.63": "0.46",
    "0.64": "0.46",
    "0.65": "0.47",
    "0.66": "0.48",
    "0.67": "0.49",
    "0.68": "0.50",
}
"""Versions of Numba, each with that of llvmlite, with which the private way was tested."""
PRIVATE, PLAIN, OFF = "private", "plain", "off"
MODULES = {PRIVATE: "numba_private", PLAIN: "numba_public", OFF: "uncompiled"}
VARIABLE = "CHOKEPOINT_COMPILER"
"""The environment variable that names a way, in place of the quickest that can be gone."""
PLAIN_COSTS = (
    "compiled by its public parts alone, the engine takes 2.4 times as long to compile and five times as "
    "long to run; all figures are the same"
)
OFF_COSTS = "the engine runs as plain Python, more slowly than --engine simpy; all figures are the same"
UNUSABLE = (ImportError, AttributeError, OSError)
"""What importing raises where a name is gone, a requirement is not met, or a file does not load."""


class Choice(NamedTuple):
    """A way to compile, the module that goes it, and what a user should know of it, if anything."""

    way: str
    module: Any
    notice: str = ""


def _choice() -> Choice:
    """The way that was asked for, or else the quickest that can be gone."""
    asked = _asked()
    if asked is not None:
        return Choice(asked, _module(asked))
    obstacle = _untested()
    if obstacle is None:
        try:
            return Choice(PRIVATE, _module(PRIVATE))
        except UNUSABLE as problem:
            obstacle = f"lacks something that the engine builds on ({problem})"
    try:
        return Choice(PLAIN, _module(PLAIN), f"{_found()} {obstacle}; {PLAIN_COSTS}")
    except UNUSABLE as problem:
        return Choice(OFF, _module(OFF), f"{_found()} cannot be used ({problem}); {OFF_COSTS}")


def _asked() -> str | None:
    """The way that the environment names.

    Raises
    ------
    EngineError
        If there is no such way.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return OFF
    asked = os.environ.get(VARIABLE) or None
    if asked is not None and asked not in MODULES:
        raise EngineError(f"{VARIABLE} is {asked!r}; it may be {', '.join(MODULES)} or not be set")
    return asked


def _module(way: str) -> Any:
    return import_module(f"sim.engines.{MODULES[way]}")


def _untested() -> str | None:
    """What keeps the private way from being gone with the versions installed, if anything."""
    numba, llvmlite = (".".join(_version(name).split(".")[:2]) for name in ("numba", "llvmlite"))
    if TESTED.get(numba) == llvmlite:
        return None
    first, *_, last = TESTED
    return f"was not tested ({first} to {last} were)"


def _found() -> str:
    return f"Numba {_version('numba')} with llvmlite {_version('llvmlite')}"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "(not installed)"


WAY, _MODULE, NOTICE = _choice()
CACHE_FOLDER: Path | None = _MODULE.CACHE_FOLDER


def compiled(function: Function) -> Function:
    """Compile a function that Python calls, or take it from the cache."""
    return cast("Function", _MODULE.compiled(function))


def by_address(function: Function) -> Function:
    """Compile a function that compiled code calls as a :func:`unit`, or take it from the cache."""
    return cast("Function", _MODULE.by_address(function))


def part(function: Function) -> Function:
    """Compile a function that only compiled functions call."""
    return cast("Function", _MODULE.part(function))


def inlined(function: Function) -> Function:
    """Compile a function into its callers: a part of a long function that reads better under its own name."""
    return cast("Function", _MODULE.inlined(function))


def compile_for(function: Callable[..., object], *arguments: object) -> None:
    """Compile a :func:`compiled` function for arguments of such types, before it is called with any."""
    _MODULE.compile_for(function, *arguments)


fetch: Any = _MODULE.fetch
"""``fetch(array, row, place)`` has the processor fetch an item, with others around it, that is needed soon.

For items at places that it cannot foresee: what is not in its caches takes as long to come as a hundred sums.
"""


class Unit(Protocol):
    """A compiled function that compiled functions take as an argument and call by its address."""

    def compile(self) -> None:
        """Compile it, take it from the cache, or do nothing where that has been done."""

    def __call__(self, *arguments: object) -> None:
        """Call it."""


def unit(function: Callable[..., object], *arguments: object) -> Unit:
    """The unit of a function marked :func:`by_address`, for arguments of such types."""
    return cast("Unit", _MODULE.Unit(function, *arguments))


def is_ready(what: str) -> bool:
    """Whether all machine code of something was kept by an earlier run, or none is needed."""
    if WAY == OFF:
        return True
    return CACHE_FOLDER is not None and _mark(CACHE_FOLDER, what).exists()


def keep_ready(what: str) -> None:
    """Note that all machine code of something is kept, where any is and there is room for the note."""
    if CACHE_FOLDER is not None:
        with suppress(OSError):
            _mark(CACHE_FOLDER, what).touch()


def _mark(folder: Path, what: str) -> Path:
    return folder / f"{what}.ready"

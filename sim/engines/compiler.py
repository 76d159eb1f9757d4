"""How functions of the engines are compiled, and where compiled code is kept.

Nothing may reorder arithmetic, so a function gives the same numbers however it is vectorised; dividing by
zero gives what IEEE 754 says; and no compiled function makes an array, so none needs Numba's runtime
(without it there is no counting of references, which would take most of the time).

Compiled code is kept in a folder named by a hash of the sources that it comes from. Numba's own check looks
at one file alone and would miss a change in another that was compiled into it.
"""

import os
import tempfile
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from sim.model import plan

Function = TypeVar("Function", bound=Callable[..., object])

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
PART: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def _cache_folder() -> Path | None:
    """The folder for code compiled from these sources; None if it cannot be written."""
    digest = blake2b(digest_size=8)
    for source in [*sorted(Path(__file__).parent.glob("*.py")), Path(plan.__file__)]:
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "chokepoint" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


CACHE_FOLDER = _cache_folder()
if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]


def compiled(function: Function) -> Function:
    """Compile a function that Python calls, or take it from the cache."""
    return cast("Function", numba.njit(**OPTIONS, cache=CACHE_FOLDER is not None)(function))


def part(function: Function) -> Function:
    """Compile a function that only compiled functions call."""
    return cast("Function", numba.njit(**PART)(function))


def spliced(function: Function) -> Function:
    """Splice a function into its only caller before that is compiled; no machine code is made of it alone."""
    return cast("Function", numba.njit(**PART, inline="always")(function))


def inlined(function: Function) -> Function:
    """Compile a function into its callers: a part of a long function that reads better under its own name."""
    return cast("Function", numba.njit(**PART, forceinline=True)(function))


def is_cached(name: str) -> bool:
    """Whether machine code of a function is kept from an earlier run."""
    return CACHE_FOLDER is not None and any(CACHE_FOLDER.rglob(f"*.{name}-*.nbc"))

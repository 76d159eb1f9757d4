"""Options of the verbs: what may be given, and what is said of anything else."""

import sys
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import SimError
from sim.scenario.shapes import nearest
from sim.scenario.wording import show

LARGEST_SEED = 2**63 - 1
MOST_WORKERS = 1024


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within bounds.

    Raises
    ------
    SimError
        If it is none.

    Examples
    --------
    >>> whole("replications", 100, 1, 10_000_000)
    100
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:
        raise SimError(f"{name}: found {show(value)}, allowed: a whole number from {low:,} to {high:,}")
    return int(value)


def seed_of(value: Any) -> int:
    """A root seed.

    Raises
    ------
    SimError
        If it is none.
    """
    return whole("seed", value, 0, LARGEST_SEED)


def workers_of(value: Any) -> int | None:
    """A number of workers; None for one a core.

    Raises
    ------
    SimError
        If it is neither.
    """
    return None if value is None else whole("workers", value, 1, MOST_WORKERS)


def folder_of(name: str, value: Any) -> Path:
    """The path of a folder.

    Raises
    ------
    SimError
        If it is no path at all.

    Examples
    --------
    >>> folder_of("out", "results/mine").name
    'mine'
    """
    return _path(name, value, "a folder")


def file_of(name: str, value: Any) -> Path:
    """The path of a file.

    Raises
    ------
    SimError
        If it is no path at all.

    Examples
    --------
    >>> file_of("file", "board.pptx").suffix
    '.pptx'
    """
    return _path(name, value, "a file")


def _path(name: str, value: Any, of: str) -> Path:
    if not isinstance(value, str | PathLike):
        raise SimError(f"{name}: found {show(value)}, allowed: the path of {of}")
    return Path(value)


def one_of(name: str, value: Any, allowed: Iterable[str]) -> str:
    """One of some words.

    Raises
    ------
    SimError
        If it is none of them.
    """
    words = list(allowed)
    if isinstance(value, str) and value in words:
        return str(value)
    hint = nearest(value, words) if isinstance(value, str) else ""
    raise SimError(f"{name}: found {show(value)}{hint or ','} allowed: {', '.join(words)}")


def above_zero(name: str, value: Any) -> float:
    """A finite number above 0.

    Raises
    ------
    SimError
        If it is none.
    """
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not 0.0 < value <= sys.float_info.max:
        raise SimError(f"{name}: found {show(value)}, allowed: a number above 0")
    return float(value)

"""What large arrays hold that are nearly all zeros, such as losses of each maker by each cause."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.model.plan import Ints

Array = Any

SPARSE = 16
"""Of so many places one at most holds anything but zeros: such an array takes little memory."""
PIECE = 2**15
"""Numbers that are looked over at a time, few enough for the caches of a processor."""


def few_filled(values: Array) -> Ints | None:
    """Places of ``[replication, ...]`` with anything but +0 in some replication; None if they are many.

    Places of all but the first axis are counted through. Zeros that were never touched are looked at piece by
    piece, and copied nowhere.

    Examples
    --------
    >>> values = np.zeros((2, 4, 8))
    >>> values[:, 3, 1] = 1.0, -0.0
    >>> few_filled(values), few_filled(np.ones((2, 4, 8)))
    (array([25]), None)
    """
    by_place = _by_place(values)
    most, found = by_place[..., :1].size // SPARSE, [np.empty(0, dtype=np.int64)]
    for places in _filled_places(by_place.view(f"u{values.itemsize}"), 0):
        found.append(places)
        if sum(map(len, found)) > most:
            return None
    return np.concatenate(found)


def filled_in(values: Array, places: Ints) -> Array:
    """``[place, replication]`` what an array ``[replication, ...]`` holds in some places."""
    by_place = _by_place(values)
    return by_place[np.unravel_index(places, by_place.shape[:-1])]


def _by_place(values: Array) -> Array:
    """``[..., replication]``, with one place where there is a number alone."""
    return np.moveaxis(values[:, None] if values.ndim == 1 else values, 0, -1)


def _filled_places(bits: Array, first: int) -> Iterator[Ints]:
    """Places of ``[..., replication]`` that are not all zero, piece by piece, counted from the first."""
    inner = math.prod(bits.shape[1:-1])
    step = PIECE // max(1, inner * bits.shape[-1])
    if step == 0 and bits.ndim > 2:
        for index, piece in enumerate(bits):
            yield from _filled_places(piece, first + index * inner)
        return
    for start in range(0, len(bits), max(1, step)):
        piece = bits[start : start + max(1, step)]
        if np.bitwise_or.reduce(piece, axis=None):
            yield first + start * inner + np.flatnonzero(np.any(piece, axis=-1))

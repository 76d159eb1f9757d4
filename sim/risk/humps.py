"""Whether a mean says what to expect: humps of losses, and how many futures come near the mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.model.plan import Floats
from sim.risk.quantiles import quantiles

NOTHING = 0.0005
"""Shares of revenue up to which a future loses next to nothing."""
FEWEST_FUTURES = 100
"""In fewer, gaps are chance."""
SMALLEST = 0.05
"""Share of all futures that is a hump by itself."""
EMPTY = 0.01
"""Share of all futures that a valley may hold."""
WIDE = 0.2
"""Width of a valley, as a share of the 5-95 % range of all futures."""
NEAR = 0.1
"""What is near the mean, as a share of that range, on either side."""
NARROW = 0.01
"""A 5-95 % range, as a share of revenue, in which it does not matter where a future lies."""


@dataclass(frozen=True, slots=True)
class Hump:
    """Futures that lose about the same.

    Attributes
    ----------
    share
        Of all futures.
    mean, p05, p95
        Mean and 5-95 % range of what they lose, as a share of revenue.
    """

    share: float
    mean: float
    p05: float
    p95: float


def humps(losses: ArrayLike) -> list[Hump]:
    """The groups into which futures fall by what they lose, from the least to the most.

    Futures that lose next to nothing are a group. The others are parted by valleys: stretches a fifth as wide
    at least as the 5-95 % range of all futures, in which lie 1 % of them at most, with 5 % in a shorter
    stretch on either side. No group has less than 5 % of the futures, and fewer than 100 are one group.

    Parameters
    ----------
    losses
        One a replication, as a share of revenue.

    Examples
    --------
    >>> [(hump.share, hump.p05, hump.p95) for hump in humps([0.0] * 70 + [0.5] * 10 + [0.6] * 20)]
    [(0.7, 0.0, 0.0), (0.3, 0.5, 0.6)]
    """
    ordered = np.sort(np.asarray(losses, dtype=np.float64))
    count, spread = len(ordered), _spread(ordered)
    if count < FEWEST_FUTURES or spread < NARROW:
        return [_hump(ordered, count)]
    return [_hump(part, count) for part in _parts(ordered, WIDE * spread, count)]


def share_near_mean(losses: ArrayLike) -> float:
    """Share of futures whose loss is the mean's, give or take a tenth of the 5-95 % range.

    It is 26 % where losses are normal, 18 % where they are uniform, and next to nothing between two humps.

    Parameters
    ----------
    losses
        One a replication, as a share of revenue; in a range below 1 % of revenue all are near.

    Examples
    --------
    >>> share_near_mean([0.0] * 50 + [0.6] * 50), share_near_mean([0.3] * 100)
    (0.0, 1.0)
    """
    values = np.asarray(losses, dtype=np.float64)
    spread = _spread(values)
    return 1.0 if spread < NARROW else float(np.mean(np.abs(values - values.mean()) <= NEAR * spread))


def _spread(values: Floats) -> float:
    low, high = quantiles(values, [0.05, 0.95])
    return float(high - low)


def _hump(part: Floats, count: int) -> Hump:
    low, high = quantiles(part, [0.05, 0.95])
    return Hump(len(part) / count, float(part.mean()), float(low), float(high))


def _parts(ordered: Floats, width: float, count: int) -> list[Floats]:
    """Losses in ascending order, cut wherever there is a cut."""
    cut = _cut(ordered, width, count)
    if cut is None:
        return [ordered]
    return [*_parts(ordered[:cut], width, count), *_parts(ordered[cut:], width, count)]


def _cut(ordered: Floats, width: float, count: int) -> int | None:
    """Where to part some of the futures in two: beside those that lose next to nothing, or in a valley."""
    fewest = int(np.ceil(SMALLEST * count))
    edges = np.searchsorted(ordered, -NOTHING, "left"), np.searchsorted(ordered, NOTHING, "right")
    for edge in edges:
        if fewest <= edge <= len(ordered) - fewest and edges[1] - edges[0] >= fewest:
            return int(edge)
    return _valley(ordered, width, int(EMPTY * count), fewest)


def _valley(ordered: Floats, width: float, inside: int, fewest: int) -> int | None:
    """The widest gap of the widest stretch that holds so few losses, beside denser ones on either side."""
    first, count = fewest - 1, len(ordered) - inside - 2 * fewest + 1
    if count < 1:
        return None
    outer_left, left, right, outer_right = (
        ordered[place : place + count] for place in (0, first, first + inside + 1, 2 * first + inside + 1)
    )
    stretches = right - left
    is_valley = (stretches >= width) & (left - outer_left <= stretches) & (outer_right - right <= stretches)
    if not is_valley.any():
        return None
    start = first + int(np.where(is_valley, stretches, 0.0).argmax())
    return start + 1 + int(np.diff(ordered[start : start + inside + 2]).argmax())

"""The one definition of a quantile of simulated futures: every range, median and VaR is read here.

It is a value that was simulated, the least that at least that share of the futures stays within [1]_, never
one between two: so a median day is a day, a range is one of losses that happen, and VaR, whose intervals are
order statistics too, is the 95 % end of its range.

References
----------
.. [1] Hyndman & Fan, "Sample quantiles in statistical packages", Am. Stat. 50 (1996), definition 1.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from sim.model.plan import Floats

ROUNDING = 1e-9
"""How far a share of a count may be off a whole number by rounding."""


def rank_of(level: float, count: int) -> int:
    """Rank of the quantile among values in ascending order, from 1 on.

    Examples
    --------
    >>> [rank_of(level, 100) for level in (0.0, 0.05, 0.5, 0.95, 0.951)]
    [1, 5, 50, 95, 96]
    """
    return min(max(math.ceil(level * count - ROUNDING), 1), count)


def quantiles(values: ArrayLike, levels: Sequence[float]) -> Floats:
    """``[level, ...]`` quantiles over the first axis of the values.

    Parameters
    ----------
    values
        ``[replication, ...]``, at least one replication.
    levels
        Each between 0 and 1.

    Examples
    --------
    >>> quantiles([4.0, 1.0, 3.0, 2.0], [0.05, 0.5, 0.95])
    array([1., 2., 4.])
    """
    numbers = np.asarray(values, dtype=np.float64)
    places = [rank_of(level, len(numbers)) - 1 for level in levels]
    found: Floats = np.partition(numbers, sorted(set(places)), axis=0)[places]
    return found

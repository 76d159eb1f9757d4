"""As many replications as a precision needs: a batch is made longer until its interval is narrow enough."""

from collections.abc import Callable
from typing import TypeVar

FIRST = 1_024
"""Replications of the first look, so many that an interval is what it says."""
MOST = 1_000_000
MARGIN = 1.1
"""How many more than the last look asks for are run next, lest the next look be just short."""
MOST_AT_ONCE = 16
"""How many times as many a next batch may be."""

Batch = TypeVar("Batch")


def until_precise(
    simulate: Callable[[int], Batch],
    half_width_of: Callable[[Batch], float],
    half_width: float,
    most: int = MOST,
) -> Batch:
    """The shortest of ever longer batches whose interval is narrow enough [1]_, [2]_.

    Looks are few and the first is late, so the interval at the end covers nearly what one of a fixed
    number of replications does (``docs/validation.md`` has what was measured).

    Parameters
    ----------
    simulate
        Makes a batch of a number of replications, the same first ones each time.
    half_width_of
        Half of the width of a batch's interval; NaN if the batch is too small to bound it.
    half_width
        Largest half-width to stop at, in the unit of the interval.
    most
        Replications at which to stop anyway.

    References
    ----------
    .. [1] Law, *Simulation Modeling and Analysis*, 5th ed., sec. 9.4.1.
    .. [2] Chow & Robbins, "On the asymptotic theory of fixed-width sequential confidence intervals", Ann.
       Math. Statist. 36 (1965), eq. 3.

    Examples
    --------
    >>> until_precise(lambda count: count, lambda count: 1.0 / count**0.5, 0.01)
    11264
    """
    count = min(FIRST, most)
    while True:
        batch = simulate(count)
        reached = half_width_of(batch)
        if reached <= half_width or count == most:
            return batch
        count = min(most, _next_count(count, reached / half_width))


def _next_count(count: int, ratio: float) -> int:
    """Twice as many at least; NaN asks for no more than that."""
    times = min(MARGIN * ratio**2, MOST_AT_ONCE) if ratio > 1.0 else 2.0
    return -(-int(count * max(2.0, times)) // FIRST) * FIRST

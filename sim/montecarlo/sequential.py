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
    simulate: Callable[[int], Batch], needed: Callable[[Batch], float], most: int = MOST
) -> Batch:
    """The shortest of ever longer batches that are long enough by what they say themselves [1]_, [2]_.

    Looks are few and the first is late, so the interval at the end covers nearly what one of a fixed
    number of replications does (``docs/validation.md`` has what was measured).

    Parameters
    ----------
    simulate
        Makes a batch of a number of replications, the same first ones each time.
    needed
        About how many replications a batch says are needed; NaN if it is too small to tell.
    most
        Replications at which to stop anyway.

    References
    ----------
    .. [1] Law, *Simulation Modeling and Analysis*, 5th ed., sec. 9.4.1.
    .. [2] Chow & Robbins, "On the asymptotic theory of fixed-width sequential confidence intervals", Ann.
       Math. Statist. 36 (1965), eq. 3.

    Examples
    --------
    >>> until_precise(lambda count: count, lambda count: 10_000.0)
    11264
    """
    count = min(FIRST, most)
    while True:
        batch = simulate(count)
        wanted = needed(batch)
        if wanted <= count or count == most:
            return batch
        count = min(most, _next_count(count, wanted))


def _next_count(count: int, wanted: float) -> int:
    """Twice as many at least; NaN asks for no more than that."""
    times = min(MARGIN * wanted / count, MOST_AT_ONCE) if wanted > count else 2.0
    return -(-int(count * max(2.0, times)) // FIRST) * FIRST

"""Pure rules of what holds on a day, each written once; an independent oracle in the tests holds each."""

import math

LOGISTIC_STEEPNESS = 10.0


def ramp_level(days_since_start: float, ramp_days: float, logistic: bool) -> float:
    """How far a ramp has come: 0 at its start, 1 from ``ramp_days`` on.

    Examples
    --------
    >>> ramp_level(5.0, 10.0, logistic=False)
    0.5
    """
    if days_since_start < 0.0:
        return 0.0
    if days_since_start >= ramp_days:
        return 1.0
    progress = days_since_start / ramp_days
    if not logistic:
        return progress
    low = 1.0 / (1.0 + math.exp(0.5 * LOGISTIC_STEEPNESS))
    here = 1.0 / (1.0 + math.exp(-LOGISTIC_STEEPNESS * (progress - 0.5)))
    return (here - low) / (1.0 - 2.0 * low)


def ramped_factor(factor: float, level: float) -> float:
    """A factor as far as its ramp has come.

    Parameters
    ----------
    factor
        Of demand, prices or targets, once it holds in full.
    level
        How far its ramp has come, from 0 to 1.

    Examples
    --------
    >>> ramped_factor(3.0, 0.0), ramped_factor(3.0, 0.5)
    (1.0, 2.0)
    """
    return 1.0 + (factor - 1.0) * level


def share_lost(before: float, now: float) -> float:
    """Share of what a lane holds that is lost when its open share falls.

    Examples
    --------
    >>> share_lost(1.0, 0.25), share_lost(0.5, 1.0), share_lost(0.0, 0.0)
    (0.75, 0.0, 0.0)
    """
    return 1.0 - now / before if now < before else 0.0


def capacity_left(normal: float, usage: float, factor: float) -> float:
    """Units per day that a loss leaves; of no limit a share of planned usage, where there is any.

    Parameters
    ----------
    normal
        Units per day without the loss (infinite: no limit).
    usage
        Planned usage in units per day. Without any, no limit stays none until all is lost.
    factor
        Share of capacity that is left.

    Examples
    --------
    >>> capacity_left(20.0, 10.0, 0.5), capacity_left(math.inf, 10.0, 0.5), capacity_left(math.inf, 0.0, 0.5)
    (10.0, 5.0, inf)
    """
    shrinks = factor < 1.0 and (usage > 0.0 or factor <= 0.0 or normal < math.inf)
    left = (usage if normal == math.inf else normal) * factor
    return left if shrinks else normal

"""Pure rules of what holds on a day, each written once; an independent oracle in the tests holds each."""

import math

from sim.kinds import Operation

DAYS_PER_YEAR = 365.25
LICENCE_YEAR = 365
LOGISTIC_STEEPNESS = 10.0
ADDS = int(Operation.ADD)
SCALES = int(Operation.SCALE)


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


def changed(value: float, operation: int, amount: float, level: float) -> float:
    """What a change makes of a number, as far as its ramp has come.

    Where the number has no limit, or is to have none, there is nothing in between: it changes at the end of
    the ramp. No sum and no factor limits what has no limit.

    Parameters
    ----------
    value
        The number without the change.
    operation
        A code of :class:`sim.kinds.Operation`.
    amount
        What it becomes, what is added to it, or what it is multiplied by.
    level
        How far the ramp has come, from 0 to 1.

    Examples
    --------
    >>> changed(84.0, 0, 364.0, 0.5), changed(84.0, 1, 10.0, 0.5), changed(84.0, 2, 2.0, 0.5)
    (224.0, 89.0, 126.0)
    >>> changed(math.inf, 0, 20.0, 0.5), changed(math.inf, 0, 20.0, 1.0), changed(math.inf, 2, 0.0, 1.0)
    (inf, 20.0, inf)
    """
    if operation == ADDS:
        return value + amount * level
    if operation == SCALES:
        return value if value == math.inf else value * (1.0 + (amount - 1.0) * level)
    if level >= 1.0:
        return amount
    if max(value, amount) == math.inf:
        return value
    return value + (amount - value) * level


def buyers_part(rate: float, passed_on_share: float, level: float) -> float:
    """What a tariff adds to what the buyer pays, as a share of the price before duty.

    Parameters
    ----------
    rate
        Duty as a share of the price before duty.
    passed_on_share
        Share of the duty that the buyer bears.
    level
        How far its ramp has come, from 0 to 1.

    Examples
    --------
    >>> buyers_part(0.5, 0.75, 1.0), buyers_part(0.5, 0.75, 0.5)
    (0.375, 0.1875)
    """
    return rate * passed_on_share * level


def sellers_part(rate: float, passed_on_share: float, level: float) -> float:
    """What a tariff takes from what the seller gets, as a share of the price before duty.

    Examples
    --------
    >>> sellers_part(0.5, 0.75, 1.0), sellers_part(0.5, 0.75, 0.5)
    (0.125, 0.0625)
    """
    return rate * (1.0 - passed_on_share) * level


def share_lost(before: float, now: float) -> float:
    """Share of what a lane holds that is lost when its open share falls.

    Examples
    --------
    >>> share_lost(1.0, 0.25), share_lost(0.5, 1.0), share_lost(0.0, 0.0)
    (0.75, 0.0, 0.0)
    """
    return 1.0 - now / before if now < before else 0.0


def days_into_grant(
    day: int, dates: tuple[int, int], term: tuple[int, int], renewals: int, revoked_after_days: int
) -> int:
    """Days since a licence was last granted; -1 where nobody holds it.

    Parameters
    ----------
    day
        The day.
    dates
        First day of the regime of licences, and the day after its last.
    term
        Days from a grant to its expiry, and from an expiry to the next grant.
    renewals
        How often it is granted again.
    revoked_after_days
        Days from the first simulated one on which it holds until it is revoked.

    Examples
    --------
    >>> [days_into_grant(day, (10, 100), (20, 5), 1, 40) for day in (9, 10, 29, 30, 34, 35, 49, 50)]
    [-1, 0, 19, -1, -1, 0, 14, -1]
    """
    start, end = dates
    valid_days, renewal_days = term
    since = day - start
    if since < 0 or day >= end or day - max(start, 0) >= revoked_after_days:
        return -1
    past = since // (valid_days + renewal_days)
    into = since - past * (valid_days + renewal_days)
    return into if past <= renewals and into < valid_days else -1


def quota_begun(day: int, into_grant: int) -> float:
    """Share of a yearly quota that a day gives anew; below 0 if none.

    A licence year has 365 days and begins with the grant. Of one that began before the first day, as much is
    left as of its days.

    Examples
    --------
    >>> quota_begun(7, 0), quota_begun(8, 1), quota_begun(500, 365), quota_begun(0, 73)
    (1.0, -1.0, 1.0, 0.8)
    """
    of_year = into_grant % LICENCE_YEAR
    if into_grant < 0 or (day > 0 and of_year > 0):
        return -1.0
    return (LICENCE_YEAR - of_year) / LICENCE_YEAR


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

"""Licences with terms of their own: for how long each supplier's is valid, renewed and not revoked.

Functions take the numbers of one replication or of a block of them (:data:`sim.model.plan.Numbers`) with its
uniform numbers; what they give has the same axes behind the first.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.model.calendar_rules import DAYS_PER_YEAR
from sim.model.plan import NEVER, Floats, Ints, Numbers, Plan, rounded_days


@dataclass(frozen=True, slots=True)
class Terms:
    """What chance makes of each licence, ``[grant, ...]``.

    Attributes
    ----------
    valid_days, renewal_days
        Days from a grant to its expiry, and from an expiry to the next grant.
    renewals
        How often it is granted again.
    revoked_after_days
        Days from the first simulated one on which it holds until it is revoked; ``NEVER`` if it is not.
    """

    valid_days: Ints
    renewal_days: Ints
    renewals: Ints
    revoked_after_days: Ints


def terms_of(plan: Plan, numbers: Numbers, renewal: Floats, revocation: Floats, revoked_at: Floats) -> Terms:
    """The terms of all licences.

    Parameters
    ----------
    plan, numbers
        The plan and its numbers.
    renewal, revocation, revoked_at
        ``[grant, ...]`` uniform numbers: how often a licence is renewed, whether it is revoked within as many
        days as are simulated, and on which of them.
    """
    licence = plan.grants.intervention
    renewed = numbers("interventions", "renewal_probability")[licence]
    per_year = numbers("interventions", "revocation_probability_per_year")[licence]
    revoked_after_days = [
        revoked_after(rate, whether, when, plan.days)
        for rate, whether, when in _each(per_year, revocation, revoked_at)
    ]
    renewals = [times_renewed(*chance) for chance in _each(renewed, renewal)]
    return Terms(
        valid_days=rounded_days(numbers("interventions", "valid_days")[licence]),
        renewal_days=rounded_days(numbers("interventions", "renewal_processing_days")[licence]),
        renewals=np.array(renewals, dtype=np.int64).reshape(renewal.shape),
        revoked_after_days=np.array(revoked_after_days, dtype=np.int64).reshape(renewal.shape),
    )


def _each(*numbers: Floats) -> Iterator[tuple[float, ...]]:
    """The numbers of each licence and replication, as floats of Python."""
    return zip(*(part.ravel().tolist() for part in numbers), strict=True)


def times_renewed(probability: float, uniform: float) -> int:
    """How often a licence is renewed that is with this probability at each expiry: geometric, by inversion.

    Examples
    --------
    >>> [times_renewed(0.5, uniform) for uniform in (0.6, 0.5, 0.3, 0.2)]
    [0, 0, 1, 2]
    >>> times_renewed(0.0, 0.0), times_renewed(1.0, 0.9) == NEVER
    (0, True)
    """
    if probability <= 0.0 or uniform >= 1.0:
        return 0
    if probability >= 1.0 or uniform <= 0.0:
        return NEVER
    return max(0, math.ceil(math.log(uniform) / math.log(probability)) - 1)


def revoked_within(per_year: float, days: int) -> float:
    """Probability that a licence is revoked within some days of its grant, at a constant rate.

    Examples
    --------
    >>> round(revoked_within(0.1, 731), 3)
    0.19
    """
    return 1.0 - (1.0 - per_year) ** (days / DAYS_PER_YEAR)


def revoked_after(per_year: float, whether: float, when: float, days: int) -> int:
    """Whole days until a licence is revoked: exponential, by two uniform numbers, so that whether is one.

    Parameters
    ----------
    per_year
        Probability a year.
    whether
        Uniform number: is it revoked within `days`.
    when
        Uniform number: on which of them, if so.
    days
        Days that matter; what comes later never does.

    Examples
    --------
    >>> revoked_after(0.1, 0.05, 0.5, 731), revoked_after(0.1, 0.5, 0.5, 731) == NEVER
    (346, True)
    """
    within = revoked_within(per_year, days)
    if whether >= within:
        return NEVER
    return math.floor(math.log1p(-when * within) / math.log1p(-per_year) * DAYS_PER_YEAR)

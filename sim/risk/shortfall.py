"""Expected shortfall and how well a batch knows it."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sim.model.plan import Floats
from sim.risk.tail import (
    CONFIDENCE,
    FEWEST,
    TINY,
    Estimate,
    between_ranks,
    expected_shortfall,
    fewest_bounded,
    ranks,
    unbounded,
    value_at_risk,
)
from sim.risk.unseen import LOSS_SHARES, Bounds, highest_mean, unseen_share


def shortfall_estimate(losses: ArrayLike, level: float, bounds: Bounds = LOSS_SHARES) -> Estimate:
    """Expected shortfall with the interval of its asymptotic variance [1]_.

    Student's t with as many degrees of freedom as there are losses in the tail, less one, stands in for the
    normal distribution: bootstraps and the normal cover less of what they say in small batches. Where the
    tail holds fewer than two losses, the interval is unbounded. It counts with the unseen, too.

    Parameters
    ----------
    losses
        One loss a replication, any unit.
    level
        Between 0 and 1.
    bounds
        What an unseen loss can be, in the same unit.

    References
    ----------
    .. [1] Manistre & Hancock, "Variance of the CTE estimator", N. Am. Actuar. J. 9(2) (2005), sec. 2.
    """
    ordered = np.sort(np.asarray(losses, dtype=np.float64))
    if math.ceil((1.0 - level) * len(ordered) - TINY) < FEWEST:
        return unbounded(expected_shortfall(ordered, level))
    limits = ranks(len(ordered), level)
    return with_unseen_shortfall(_sampled_shortfall, ordered, level, limits, bounds)


def with_unseen_shortfall(
    sampled: Callable[[Floats, float], Estimate],
    losses: Floats,
    level: float,
    limits: tuple[int, int],
    bounds: Bounds,
) -> Estimate:
    """A shortfall whose interval counts with sampling errors, a tail that begins earlier, and the unseen.

    Shortfall is the least, over all values c, of c + E[(L - c)+] / (1 - level) [1]_: that at the quantile.
    Where many futures lose the same, the true quantile may be quite another value than that of the batch: so
    the lower limit is the lower of those at the batch's quantile and at the lowest that it may be. But no
    shortfall is below its quantile, so neither limit is below that of the quantile.

    Parameters
    ----------
    sampled
        The estimate without the unseen, of losses and a level.
    losses, level, bounds
        As for :func:`shortfall_estimate`.
    limits
        Ranks of the lowest and the highest value that the quantile may have.

    References
    ----------
    .. [1] Rockafellar & Uryasev, "Optimization of conditional value-at-risk", J. Risk 2 (2000), thm. 1.
    """
    found = sampled(losses, level)
    least, worst = min(bounds.low, float(losses.min())), max(bounds.high, float(losses.max()))
    start, count = value_at_risk(losses, level), len(losses)
    excess = highest_mean(np.maximum(losses - start, 0.0), worst - start, CONFIDENCE)
    low = min(found.ci_low, _from_earlier(sampled, losses, level, limits[0]))
    high = max(found.ci_high, start + excess / (1.0 - level))
    quantile = between_ranks(np.sort(losses), level, limits)
    return Estimate(
        found.estimate,
        float(np.fmax(max(low, least), quantile.ci_low)),
        float(np.maximum(min(high, worst), quantile.ci_high))
        if count >= fewest_bounded(level)
        else float("nan"),
        0.5 * (worst - start) * unseen_share(count, CONFIDENCE) / (1.0 - level),
    )


def _sampled_shortfall(losses: Floats, level: float) -> Estimate:
    """From losses in ascending order."""
    shortfall = expected_shortfall(losses, level)
    deviation = math.sqrt(_variance_of_shortfall(losses, level, shortfall))
    in_tail = math.ceil((1.0 - level) * len(losses) - TINY)
    half = float(special.stdtrit(in_tail - 1, 0.5 * (1.0 + CONFIDENCE))) * deviation
    return Estimate(shortfall, shortfall - half, shortfall + half)


def _from_earlier(
    sampled: Callable[[Floats, float], Estimate], losses: Floats, level: float, rank: int
) -> float:
    """Lower limit of the shortfall if its tail begins at the loss of a lower rank; infinite without one."""
    if rank < 1:
        return math.inf
    earlier = rank / len(losses)
    start = value_at_risk(losses, earlier)
    mean_excess = (1.0 - earlier) * (sampled(losses, earlier).ci_low - start)
    return start + mean_excess / (1.0 - level)


def _variance_of_shortfall(ordered: Floats, level: float, shortfall: float) -> float:
    """How far the shortfall of a batch varies: by the losses in the tail, and by where the tail begins."""
    tail = (1.0 - level) * len(ordered)
    worst = ordered[len(ordered) - int(np.ceil(tail - TINY)) :]
    beyond = shortfall - value_at_risk(ordered, level)
    return (float(worst.var(ddof=1)) + level * beyond**2) / tail

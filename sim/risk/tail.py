"""Measures of a loss and how well a batch knows them: mean, quantiles, VaR, ES, exceedance."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sim.model.plan import Floats
from sim.risk.quantiles import quantiles
from sim.risk.unseen import LOSS_SHARES, Bounds, highest_mean, lowest_mean, unseen_share

CONFIDENCE = 0.95
RESAMPLES = 2000
RESAMPLING_SEED = 20191009
FEWEST = 2
"""Losses, of which a mean is taken, that tell something about how exact it is."""
MOST_FOR_BOOTSTRAP = 2000
"""Losses up to which means are resampled; beyond, their errors are those of large samples."""
MOST_AT_ONCE = 1_000_000
"""Numbers that the bootstrap holds in memory at a time."""
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that covers its true value in 95 % of batches; NaN is unbounded.

    ``unseen`` is half of the width that an event would give alone which no replication shows.
    """

    estimate: float
    ci_low: float
    ci_high: float
    unseen: float = 0.0


def value_at_risk(losses: ArrayLike, level: float) -> float:
    """The ``level``-quantile of the loss: the least loss that at least that share stays within [1]_.

    Parameters
    ----------
    losses
        One loss a replication, any unit; positive is bad.
    level
        Between 0 and 1.

    References
    ----------
    .. [1] Acerbi & Tasche, "On the coherence of expected shortfall", J. Bank. Finance 26 (2002), def. 2.1.

    Examples
    --------
    >>> value_at_risk(range(1, 101), 0.95)
    95.0
    """
    return float(quantiles(losses, [level])[0])


def expected_shortfall(losses: ArrayLike, level: float) -> float:
    """Mean of the worst ``1 - level`` of the losses [1]_.

    Parameters
    ----------
    losses
        One loss a replication, any unit; positive is bad.
    level
        Between 0 and 1.

    References
    ----------
    .. [1] Acerbi & Tasche, "On the coherence of expected shortfall", J. Bank. Finance 26 (2002), eq. 4.3.

    Examples
    --------
    >>> expected_shortfall(range(1, 101), 0.95)
    98.0
    """
    return float(_shortfall(np.sort(np.asarray(losses, dtype=np.float64)), level))


def exceedance(losses: ArrayLike) -> tuple[Floats, Floats]:
    """The exceedance curve: losses in ascending order and the share of replications that exceed each.

    Examples
    --------
    >>> exceedance([3.0, 1.0])
    (array([1., 3.]), array([0.5, 0. ]))
    """
    ordered = np.sort(np.asarray(losses, dtype=np.float64))
    return ordered, 1.0 - np.arange(1, len(ordered) + 1) / len(ordered)


def mean_estimate(losses: ArrayLike, bounds: Bounds = LOSS_SHARES) -> Estimate:
    """Mean with a BCa bootstrap interval [1]_, or that of the central limit theorem in a large batch [2]_.

    The interval is as wide at least as what may not have been seen makes it (:mod:`sim.risk.unseen`).

    Parameters
    ----------
    losses
        One loss a replication, any unit.
    bounds
        What an unseen loss can be, in the same unit.

    References
    ----------
    .. [1] Efron, "Better bootstrap confidence intervals", JASA 82 (1987), sec. 2.
    .. [2] Law, *Simulation Modeling and Analysis*, 5th ed., sec. 4.5.

    Examples
    --------
    >>> mean_estimate([0.0] * 1000).ci_high.__round__(4)
    0.0037
    """
    values = np.asarray(losses, dtype=np.float64)
    if len(values) < FEWEST:
        return unbounded(float(values.mean()))
    return with_unseen_mean(_sampled_mean(values), values, bounds)


def unbounded(figure: float) -> Estimate:
    """A figure of which the batch is too small to tell anything more."""
    return Estimate(figure, float("nan"), float("nan"))


def with_unseen_mean(sampled: Estimate, values: Floats, bounds: Bounds) -> Estimate:
    """A mean whose interval counts with sampling errors, and one that counts with the unseen as well."""
    low, high = min(bounds.low, float(values.min())), max(bounds.high, float(values.max()))
    return Estimate(
        sampled.estimate,
        max(low, float(np.fmin(sampled.ci_low, lowest_mean(values, low, CONFIDENCE)))),
        min(high, float(np.fmax(sampled.ci_high, highest_mean(values, high, CONFIDENCE)))),
        0.5 * (high - low) * unseen_share(len(values), CONFIDENCE),
    )


def quantile_estimate(losses: ArrayLike, level: float) -> Estimate:
    """Quantile with an interval between order statistics, which no distribution is assumed for [1]_.

    A bound that the batch is too small for is NaN.

    References
    ----------
    .. [1] Conover, *Practical Nonparametric Statistics*, 3rd ed., sec. 3.2.
    """
    ordered = np.sort(np.asarray(losses, dtype=np.float64))
    return between_ranks(ordered, level, ranks(len(ordered), level))


def fewest_bounded(level: float) -> int:
    """Replications that it takes to bound a quantile and the shortfall beyond it.

    Examples
    --------
    >>> fewest_bounded(0.95)
    72
    """
    return math.ceil(math.log(0.5 * (1.0 - CONFIDENCE)) / math.log(max(level, 1.0 - level)))


def ranks(count: int, level: float) -> tuple[int, int]:
    """Ranks of independent losses between which the quantile lies; 0, or more than there are: unbounded."""
    low, high = 0.5 * (1.0 - CONFIDENCE), 0.5 * (1.0 + CONFIDENCE)
    return _binomial_quantile(low, count, level), _binomial_quantile(high, count, level) + 1


def between_ranks(ordered: Floats, level: float, limits: tuple[int, int]) -> Estimate:
    """A quantile and the losses of two ranks, from losses in ascending order."""
    low, high = limits
    return Estimate(
        value_at_risk(ordered, level),
        float(ordered[low - 1]) if low >= 1 else float("nan"),
        float(ordered[high - 1]) if high <= len(ordered) else float("nan"),
    )


def probability_estimate(happens: ArrayLike) -> Estimate:
    """Share of replications in which something happens, with the exact interval [1]_.

    References
    ----------
    .. [1] Clopper & Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).

    Examples
    --------
    >>> probability_estimate([True, False, False, False])
    Estimate(estimate=0.25, ci_low=0.0063..., ci_high=0.8058..., unseen=0.0)
    """
    found = np.asarray(happens, dtype=np.bool_)
    count, share = len(found), float(found.mean())
    if count < FEWEST:
        return unbounded(share)
    yes = int(found.sum())
    low, high = 0.5 * (1.0 - CONFIDENCE), 0.5 * (1.0 + CONFIDENCE)
    return Estimate(
        share,
        float(special.betaincinv(yes, count - yes + 1, low)) if yes else 0.0,
        float(special.betaincinv(yes + 1, count - yes, high)) if yes < count else 1.0,
    )


def _shortfall(ordered: Floats, level: float) -> Floats:
    """Mean of the worst ``1 - level`` of losses in ascending order along the last axis."""
    count = ordered.shape[-1]
    tail = max((1.0 - level) * count, TINY)
    whole = min(int(np.floor(tail + TINY)), count)
    part = max(0.0, tail - whole) if whole < count else 0.0
    worst = ordered[..., count - whole :].sum(axis=-1)
    if part > TINY:
        worst = worst + part * ordered[..., count - whole - 1]
    return worst / (whole + (part if part > TINY else 0.0))


def _binomial_quantile(probability: float, count: int, level: float) -> int:
    """Least number of losses within the ``level``-quantile that is not exceeded with that probability."""
    least = max(math.ceil(special.bdtrik(probability, count, level)), 0)
    return least - 1 if least > 0 and special.bdtr(least - 1, count, level) >= probability else least


def _sampled_mean(values: Floats) -> Estimate:
    mean = float(values.mean())
    if len(values) <= MOST_FOR_BOOTSTRAP:
        return _bootstrap(values, mean)
    return _normal(mean, float(values.var(ddof=1)) / len(values))


def _normal(point: float, variance: float) -> Estimate:
    """The interval of an estimate whose error is normal, as in a large batch."""
    half = NormalDist().inv_cdf(0.5 * (1.0 + CONFIDENCE)) * math.sqrt(variance)
    return Estimate(point, point - half, point + half)


def _bootstrap(values: Floats, mean: float) -> Estimate:
    """A mean's bias-corrected and accelerated bootstrap interval [1]_.

    The numbers of `scipy.stats.bootstrap`, which takes a third of a second to import.

    References
    ----------
    .. [1] Efron and Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall 1993, eq. 14.10 and 14.15.
    """
    if np.ptp(values) == 0.0:
        return Estimate(mean, mean, mean)
    means = _resampled_means(values)
    not_above = np.count_nonzero(means < mean) + np.count_nonzero(means <= mean)
    bias, acceleration = special.ndtri(not_above / (2 * RESAMPLES)), _acceleration(values)
    below = special.ndtri((1.0 - CONFIDENCE) / 2)
    low, high = (
        special.ndtr(bias + (bias + end) / (1.0 - acceleration * (bias + end))) for end in (below, -below)
    )
    ordered = np.sort(means)
    return Estimate(mean, _between(ordered, float(low)), _between(ordered, float(high)))


def _resampled_means(values: Floats) -> Floats:
    generator, count = np.random.default_rng(RESAMPLING_SEED), len(values)
    at_once = max(1, MOST_AT_ONCE // count)
    sizes = (min(at_once, RESAMPLES - first) for first in range(0, RESAMPLES, at_once))
    return np.concatenate(
        [values[generator.integers(0, count, (size, count))].mean(axis=1) for size in sizes]
    )


def _acceleration(values: Floats) -> float:
    """A sixth of the skewness of what the mean becomes without one of the values, if it changes."""
    count = len(values)
    without = np.broadcast_to(values, (count, count))[~np.eye(count, dtype=bool)].reshape(count, count - 1)
    means = without.mean(axis=1)
    moved = (count - 1.0) * (means.mean() - means)
    cubes, squares = (float((moved**power).sum()) / float(count) ** power for power in (3, 2))
    spread = squares**1.5
    return 1 / 6 * cubes / spread if spread > 0.0 else 0.0


def _between(ordered: Floats, level: float) -> float:
    """The quantile of values in ascending order, interpolated between them."""
    if math.isnan(level):
        return math.nan
    count = len(ordered)
    place = level * count + (1.0 - level)
    whole = math.floor(place)
    part = place - whole
    below, above = (ordered[min(max(whole - step, 0), count - 1)] for step in (1, 0))
    return float((1.0 - part) * below + part * above)

"""Measures of a loss and how well a batch knows them: mean, quantiles, VaR, ES, exceedance."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sim.model.plan import Floats

CONFIDENCE = 0.95
RESAMPLES = 2000
RESAMPLING_SEED = 20191009
FEWEST_FOR_BOOTSTRAP = 2
FEWEST_IN_TAIL = 2
MOST_FOR_BOOTSTRAP = 2000
"""Losses up to which means are resampled; beyond, their errors are those of large samples."""
MOST_AT_ONCE = 1_000_000
"""Numbers that the bootstrap holds in memory at a time."""
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that covers its true value in 95 % of batches; NaN is unbounded."""

    estimate: float
    ci_low: float
    ci_high: float


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
    ordered = np.sort(np.asarray(losses, dtype=np.float64))
    rank = int(np.ceil(level * len(ordered) - 1e-9))
    return float(ordered[min(max(rank, 1), len(ordered)) - 1])


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


def mean_estimate(losses: ArrayLike) -> Estimate:
    """Mean with a BCa bootstrap interval [1]_, or that of the central limit theorem in a large batch [2]_.

    References
    ----------
    .. [1] Efron, "Better bootstrap confidence intervals", JASA 82 (1987), sec. 2.
    .. [2] Law, *Simulation Modeling and Analysis*, 5th ed., sec. 4.5.
    """
    values = np.asarray(losses, dtype=np.float64)
    mean = float(values.mean())
    if len(values) <= MOST_FOR_BOOTSTRAP:
        return _bootstrap(values, mean)
    return _normal(mean, float(values.var(ddof=1)) / len(values))


def quantile_estimate(losses: ArrayLike, level: float) -> Estimate:
    """Quantile with an interval between order statistics, which no distribution is assumed for [1]_.

    A bound that the batch is too small for is NaN.

    References
    ----------
    .. [1] Conover, *Practical Nonparametric Statistics*, 3rd ed., sec. 3.2.
    """
    ordered = np.sort(np.asarray(losses, dtype=np.float64))
    count = len(ordered)
    low = _binomial_quantile(0.5 * (1.0 - CONFIDENCE), count, level)
    high = _binomial_quantile(1.0 - 0.5 * (1.0 - CONFIDENCE), count, level) + 1
    return Estimate(
        value_at_risk(ordered, level),
        float(ordered[low - 1]) if low >= 1 else float("nan"),
        float(ordered[high - 1]) if high <= count else float("nan"),
    )


def shortfall_estimate(losses: ArrayLike, level: float) -> Estimate:
    """Expected shortfall with the interval of its asymptotic variance [1]_.

    Student's t with as many degrees of freedom as there are losses in the tail, less one, stands in for the
    normal distribution: bootstraps and the normal cover less of what they say in small batches. With 500
    lognormal losses, 25 of them in the tail, the interval still covers 92 to 93 % at a level of 95 %. Where
    the tail holds fewer than two losses, it is unbounded.

    References
    ----------
    .. [1] Manistre & Hancock, "Variance of the CTE estimator", N. Am. Actuar. J. 9(2) (2005), sec. 2.
    """
    ordered = np.sort(np.asarray(losses, dtype=np.float64))
    shortfall = float(_shortfall(ordered, level))
    if len(ordered) >= FEWEST_FOR_BOOTSTRAP and np.ptp(ordered) == 0.0:
        return Estimate(shortfall, shortfall, shortfall)
    count = math.ceil((1.0 - level) * len(ordered) - TINY)
    if count < FEWEST_IN_TAIL:
        return Estimate(shortfall, float("nan"), float("nan"))
    deviation = math.sqrt(_variance_of_shortfall(ordered, level, shortfall))
    half = float(special.stdtrit(count - 1, 0.5 * (1.0 + CONFIDENCE))) * deviation
    return Estimate(shortfall, shortfall - half, shortfall + half)


def probability_estimate(happens: ArrayLike) -> Estimate:
    """Share of replications in which something happens, with Wilson's interval [1]_.

    References
    ----------
    .. [1] Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Examples
    --------
    >>> probability_estimate([True, False, False, False])
    Estimate(estimate=0.25, ci_low=0.0455..., ci_high=0.6993...)
    """
    from scipy import stats

    found = np.asarray(happens, dtype=np.bool_)
    interval = stats.binomtest(int(found.sum()), len(found)).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(float(found.mean()), float(interval.low), float(interval.high))


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


def _variance_of_shortfall(ordered: Floats, level: float, shortfall: float) -> float:
    """How far the shortfall of a batch varies: by the losses in the tail, and by where the tail begins."""
    tail = (1.0 - level) * len(ordered)
    worst = ordered[len(ordered) - int(np.ceil(tail - TINY)) :]
    beyond = shortfall - value_at_risk(ordered, level)
    return (float(worst.var(ddof=1)) + level * beyond**2) / tail


def _normal(point: float, variance: float) -> Estimate:
    """The interval of an estimate whose error is normal, as in a large batch."""
    half = NormalDist().inv_cdf(0.5 * (1.0 + CONFIDENCE)) * math.sqrt(variance)
    return Estimate(point, point - half, point + half)


def _bootstrap(values: Floats, mean: float) -> Estimate:
    from scipy import stats

    if len(values) < FEWEST_FOR_BOOTSTRAP:
        return Estimate(mean, float("nan"), float("nan"))
    if np.ptp(values) == 0.0:
        return Estimate(mean, mean, mean)
    interval = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=max(1, MOST_AT_ONCE // len(values)),
        confidence_level=CONFIDENCE,
        method="BCa",
        vectorized=True,
        rng=np.random.default_rng(RESAMPLING_SEED),
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high))

"""Estimates from samples that come in independent randomisations, and which estimates a sample calls for.

The randomisations of a sample (:mod:`sim.montecarlo.sampling`) are independent of each other, the numbers
within one are not. So a figure's interval comes from how far the figure differs between them [1]_, [2]_.
Where they are too small for that, the intervals for independent numbers stand in: they are too wide rather
than too narrow, as the sample is more even than chance. A quantile's interval comes from how far the share
of numbers up to it differs between them [3]_, which holds where many numbers are equal, too. Chance is not
spread evenly, so what a sample may not have seen counts as for independent numbers (:mod:`sim.risk.unseen`).

References
----------
.. [1] Asmussen & Glynn, *Stochastic Simulation* (2007), sec. III.5a (sectioning).
.. [2] Nakayama, "Confidence intervals for quantiles using sectioning when applying variance-reduction
   techniques", ACM TOMACS 24 (2014), sec. 4.
.. [3] Woodruff, "Confidence intervals for medians and other position measures", JASA 47 (1952).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sim.model.plan import Floats
from sim.montecarlo.sampling import REPLICATES
from sim.risk import shortfall, tail
from sim.risk.tail import Estimate
from sim.risk.unseen import LOSS_SHARES, Bounds

FEWEST_NUMBERS = 4
"""Numbers of a randomisation from which on its mean counts."""
FEWEST_BEYOND = 20
"""Numbers of a randomisation beyond a quantile from which on its quantile and shortfall count."""


class Estimators(NamedTuple):
    """How the mean, quantiles and shortfalls of a sample are estimated: as by :mod:`sim.risk.tail`."""

    mean: Callable[..., Estimate]
    quantile: Callable[[ArrayLike, float], Estimate]
    shortfall: Callable[..., Estimate]


def mean_estimate(losses: ArrayLike, bounds: Bounds = LOSS_SHARES) -> Estimate:
    """Mean, with the interval that its randomisations and the unseen give.

    Examples
    --------
    >>> found = mean_estimate(np.tile([0.0, 1.0], 512))
    >>> found.estimate, round(found.ci_low, 4), round(found.ci_high, 4)
    (0.5, 0.2248, 0.7752)
    """
    values = np.asarray(losses, dtype=np.float64)
    if len(values) < FEWEST_NUMBERS * REPLICATES:
        return tail.mean_estimate(values, bounds)
    return tail.with_unseen_mean(_sectioned(values), values, bounds)


def quantile_estimate(losses: ArrayLike, level: float) -> Estimate:
    """Quantile, with the interval that its randomisations give."""
    values = np.asarray(losses, dtype=np.float64)
    if _beyond(values, min(level, 1.0 - level)) < FEWEST_BEYOND:
        return tail.quantile_estimate(values, level)
    return tail.between_ranks(np.sort(values), level, _ranks(values, level))


def shortfall_estimate(losses: ArrayLike, level: float, bounds: Bounds = LOSS_SHARES) -> Estimate:
    """Expected shortfall, with the interval that its randomisations and the unseen give."""
    values = np.asarray(losses, dtype=np.float64)
    if _beyond(values, 1.0 - level) < FEWEST_BEYOND:
        return shortfall.shortfall_estimate(values, level, bounds)
    limits = _ranks(values, level)
    return shortfall.with_unseen_shortfall(_sectioned_shortfall, values, level, limits, bounds)


def mean_among_estimate(losses: ArrayLike, among: ArrayLike, bounds: Bounds = LOSS_SHARES) -> Estimate:
    """Mean of those replications of a sample in which something happens.

    Their number is chance, too: the mean is a ratio, and its interval comes from how far the randomisations
    differ in what it is linear in, in large samples [1]_.

    Parameters
    ----------
    losses
        Those of these replications, any unit.
    among
        ``[replication]`` of the whole sample, whether a loss is of it.
    bounds
        What an unseen loss can be, in the same unit.

    References
    ----------
    .. [1] Asmussen & Glynn, *Stochastic Simulation* (2007), sec. III.3 (the delta method).

    Examples
    --------
    >>> losses, every = np.tile([0.0, 1.0], 512), np.ones(1024, dtype=bool)
    >>> mean_among_estimate(losses, every) == mean_estimate(losses)
    True
    """
    values, chosen = np.asarray(losses, dtype=np.float64), np.asarray(among, dtype=np.bool_)
    if len(values) < FEWEST_NUMBERS * REPLICATES:
        return tail.mean_estimate(values, bounds)
    point = float(values.mean())
    deviation = np.zeros(len(chosen))
    deviation[chosen] = (values - point) * (len(chosen) / len(values))
    half = _half_width(deviation)
    return tail.with_unseen_mean(Estimate(point, point - half, point + half), values, bounds)


INDEPENDENT = Estimators(tail.mean_estimate, tail.quantile_estimate, shortfall.shortfall_estimate)
REPLICATED = Estimators(mean_estimate, quantile_estimate, shortfall_estimate)


def estimators_of(method: str) -> Estimators:
    """The estimates that a sampling method calls for.

    Parameters
    ----------
    method
        As in :data:`sim.montecarlo.sampling.METHODS`.
    """
    return INDEPENDENT if method == "random" else REPLICATED


def estimators_among(method: str, among: ArrayLike) -> Estimators:
    """The estimates of those replications of a sample in which something happens.

    Which these are is partly chance, so their quantiles and shortfalls are estimated as those of independent
    numbers: their intervals are too wide rather than too narrow.

    Parameters
    ----------
    method
        As for :func:`estimators_of`.
    among
        ``[replication]`` of the whole sample, whether it is one of them.
    """
    if method == "random":
        return INDEPENDENT

    def mean(losses: ArrayLike, bounds: Bounds = LOSS_SHARES) -> Estimate:
        return mean_among_estimate(losses, among, bounds)

    return INDEPENDENT._replace(mean=mean)


def _beyond(values: Floats, share: float) -> float:
    return share * len(values) / REPLICATES


def _sectioned(values: Floats) -> Estimate:
    """Mean, and how far those of the randomisations differ."""
    point, half = float(values.mean()), _half_width(values)
    return Estimate(point, point - half, point + half)


def _sectioned_shortfall(values: Floats, level: float) -> Estimate:
    """By the mean excess over the quantile: means of randomisations are not biased, their shortfalls are."""
    point = tail.expected_shortfall(values, level)
    excess = np.maximum(values - tail.value_at_risk(values, level), 0.0)
    half = _half_width(excess) / (1.0 - level)
    return Estimate(point, point - half, point + half)


def _ranks(values: Floats, level: float) -> tuple[int, int]:
    """Ranks between which the quantile lies, as the share of numbers below it and up to it is this exact."""
    quantile, count = tail.value_at_risk(values, level), len(values)
    low = level - _half_width((values < quantile).astype(np.float64))
    high = level + _half_width((values <= quantile).astype(np.float64))
    return math.floor(low * count), math.ceil(high * count) + 1


def _half_width(values: Floats) -> float:
    """Half of the width of the interval of a mean."""
    means = np.array([values[replicate::REPLICATES].mean() for replicate in range(REPLICATES)])
    error = math.sqrt(float(((means - values.mean()) ** 2).sum()) / (REPLICATES * (REPLICATES - 1)))
    return float(special.stdtrit(REPLICATES - 1, 0.5 * (1.0 + tail.CONFIDENCE))) * error

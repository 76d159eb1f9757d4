"""Estimates from samples that come in independent randomisations, and which estimates a sample calls for.

The randomisations of a sample (:mod:`sim.montecarlo.sampling`) are independent of each other, the numbers
within one are not. So a figure's interval comes from how far the figure differs between them [1]_, [2]_.
Where they are too small for that, the intervals for independent numbers stand in: they are too wide rather
than too narrow, as the sample is more even than chance.

References
----------
.. [1] Asmussen & Glynn, *Stochastic Simulation* (2007), sec. III.5a (sectioning).
.. [2] Nakayama, "Confidence intervals for quantiles using sectioning when applying variance-reduction
   techniques", ACM TOMACS 24 (2014), sec. 4.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sim.model.plan import Floats
from sim.montecarlo.sampling import REPLICATES
from sim.risk import tail
from sim.risk.tail import Estimate

FEWEST_NUMBERS = 4
"""Numbers of a randomisation from which on its mean counts."""
FEWEST_BEYOND = 20
"""Numbers of a randomisation beyond a quantile from which on its quantile and shortfall count."""


class Estimators(NamedTuple):
    """How the mean, quantiles and shortfalls of a sample are estimated."""

    mean: Callable[[ArrayLike], Estimate]
    quantile: Callable[[ArrayLike, float], Estimate]
    shortfall: Callable[[ArrayLike, float], Estimate]


def mean_estimate(losses: ArrayLike) -> Estimate:
    """Mean, with the interval that its randomisations give.

    Examples
    --------
    >>> mean_estimate(np.tile([0.0, 1.0], 512))
    Estimate(estimate=0.5, ci_low=0.2248..., ci_high=0.7751...)
    """
    values = np.asarray(losses, dtype=np.float64)
    if len(values) < FEWEST_NUMBERS * REPLICATES:
        return tail.mean_estimate(values)
    return _sectioned(values, lambda part: float(part.mean()))


def quantile_estimate(losses: ArrayLike, level: float) -> Estimate:
    """Quantile, with the interval that its randomisations give."""
    values = np.asarray(losses, dtype=np.float64)
    if _beyond(values, min(level, 1.0 - level)) < FEWEST_BEYOND:
        return tail.quantile_estimate(values, level)
    return _sectioned(values, lambda part: tail.value_at_risk(part, level))


def shortfall_estimate(losses: ArrayLike, level: float) -> Estimate:
    """Expected shortfall, with the interval that its randomisations give."""
    values = np.asarray(losses, dtype=np.float64)
    if _beyond(values, 1.0 - level) < FEWEST_BEYOND:
        return tail.shortfall_estimate(values, level)
    return _sectioned(values, lambda part: tail.expected_shortfall(part, level))


INDEPENDENT = Estimators(tail.mean_estimate, tail.quantile_estimate, tail.shortfall_estimate)
REPLICATED = Estimators(mean_estimate, quantile_estimate, shortfall_estimate)


def estimators_of(method: str) -> Estimators:
    """The estimates that a sampling method calls for.

    Parameters
    ----------
    method
        As in :data:`sim.montecarlo.sampling.METHODS`.
    """
    return INDEPENDENT if method == "random" else REPLICATED


def _beyond(values: Floats, share: float) -> float:
    return share * len(values) / REPLICATES


def _sectioned(values: Floats, statistic: Callable[[Floats], float]) -> Estimate:
    point = statistic(values)
    parts = np.array([statistic(values[replicate::REPLICATES]) for replicate in range(REPLICATES)])
    error = math.sqrt(float(((parts - point) ** 2).sum()) / (REPLICATES * (REPLICATES - 1)))
    half = float(special.stdtrit(REPLICATES - 1, 0.5 * (1.0 + tail.CONFIDENCE))) * error
    return Estimate(point, point - half, point + half)

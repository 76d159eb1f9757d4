"""Which of some systems is best, simulated with common random numbers, and how sure that is.

Observations are of all systems at once: those of a row share their random numbers. The procedure is of two
stages [1]_. The first tells how much differences between systems vary, and so how many observations it takes
to select the best with a stated probability, if it is better than the others by more than the indifference
zone; the second makes these observations. The intervals of the comparison with the best [2]_ hold at the same
time for all systems, with the same probability.

The procedure takes observations for normal, and all differences of two systems to vary alike. Means of
randomisations are nearly normal (:func:`observations_of`). Where differences do not vary alike, the
probability is lower: where one of five systems, the best, has nine times the variance of its own that the
others have, it was 0.90 in place of 0.95 in the simulation among the tests.

References
----------
.. [1] Nelson & Matejcik, "Using common random numbers for indifference-zone selection and multiple
   comparisons in simulation", Management Science 41 (1995), procedure NM.
.. [2] Hsu, *Multiple Comparisons: Theory and Methods* (1996), ch. 4 (comparisons with the best).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from sim.model.plan import Floats
from sim.montecarlo.sampling import REPLICATES

CONFIDENCE = 0.95
"""Probability of correct selection that is aimed at."""
FEWEST = 2
"""Observations from which on differences have a variance."""
_HIGHEST_POINT = 1e4
_SEED = 19_950_412


@dataclass(frozen=True, slots=True)
class Selection:
    """Which system is selected, and how sure that is.

    Attributes
    ----------
    best
        Position of the system with the highest mean.
    probability
        With which at least the best is selected, if it is better than all others by more than ``zone``.
    zone
        The indifference zone, in the unit of the observations.
    margin
        With a probability of :data:`CONFIDENCE` at least no system is better than the selected one by more
        than this, in the same unit.
    means, low, high
        ``[system]`` mean, and the ends of the interval of how much better the system is than the best of the
        others: all of them hold at once with the probability :data:`CONFIDENCE`.
    """

    best: int
    probability: float
    zone: float
    margin: float
    means: Floats
    low: Floats
    high: Floats


def observations_of(values: ArrayLike) -> Floats:
    """Independent observations of systems: their means over each randomisation of a batch.

    Parameters
    ----------
    values
        ``[replication, system]`` of a batch, whose randomisations are dealt out in turn
        (:mod:`sim.montecarlo.sampling`).

    Returns
    -------
    ndarray
        ``[observation, system]``; each replication is one if they are fewer than two a randomisation.

    Examples
    --------
    >>> observations_of(np.arange(64.0).reshape(64, 1))[:2, 0]
    array([24., 25.])
    """
    found = np.asarray(values, dtype=np.float64)
    if len(found) < 2 * REPLICATES:
        return found
    return np.stack([found[replicate::REPLICATES].mean(axis=0) for replicate in range(REPLICATES)])


@lru_cache(maxsize=256)
def critical_point(systems: int, observations: int, confidence: float = CONFIDENCE) -> float:
    """The point that all of the differences between the best and the others stay below with a probability.

    It is of the multivariate t distribution with correlations of one half [1]_.

    Parameters
    ----------
    systems
        How many are compared, two or more.
    observations
        Of each, in the first stage, two or more.
    confidence
        The probability.

    References
    ----------
    .. [1] Dunnett, "A multiple comparison procedure for comparing several treatments with a control", JASA 50
       (1955), table 1a.

    Examples
    --------
    >>> round(critical_point(5, 10), 2)
    2.24
    """

    def missing(point: float) -> float:
        return confidence - _probability_below(point, systems, observations)

    return float(optimize.brentq(missing, 0.0, _HIGHEST_POINT, xtol=1e-6))


def variance_of_differences(observations: ArrayLike) -> float:
    """How much the difference of two systems varies from observation to observation, taken alike for all.

    Parameters
    ----------
    observations
        ``[observation, system]``, two or more of each.

    Returns
    -------
    float
        In the unit of the observations, squared.

    Examples
    --------
    >>> variance_of_differences([[0.0, 1.0], [0.0, 3.0], [0.0, 5.0]])
    4.0
    """
    found = np.asarray(observations, dtype=np.float64)
    count, systems = found.shape
    left = found - found.mean(axis=1, keepdims=True) - found.mean(axis=0) + found.mean()
    return 2.0 * float((left**2).sum()) / ((systems - 1) * (count - 1))


def observations_needed(first: ArrayLike, zone: float, confidence: float = CONFIDENCE) -> int:
    """How many observations it takes in all, after the first stage.

    Parameters
    ----------
    first
        ``[observation, system]`` of the first stage.
    zone
        Difference that does not matter, above 0, in the unit of the observations.
    confidence
        Probability with which the best is to be selected, if it is better than the others by more than that.

    Raises
    ------
    ValueError
        If the zone is not above 0.
    """
    if not zone > 0.0:
        raise ValueError(f"zone: found {zone}, allowed: above 0")
    found = np.asarray(first, dtype=np.float64)
    count, systems = found.shape
    if systems < FEWEST:
        return count
    point = critical_point(systems, count, confidence)
    return max(count, math.ceil(point**2 * variance_of_differences(found) / zone**2))


def select(observations: ArrayLike, first: int, zone: float) -> Selection:
    """Select the system with the highest mean.

    Fewer observations than :func:`observations_needed` asks for lower the probability, and more raise it.

    Parameters
    ----------
    observations
        ``[observation, system]`` of both stages.
    first
        How many of them are those of the first stage, two or more.
    zone
        Difference that does not matter, above 0, in the unit of the observations.

    Examples
    --------
    >>> found = select([[0.0, 1.0], [0.5, 2.0], [0.0, 1.5], [0.2, 1.1]], first=4, zone=0.5)
    >>> found.best, found.probability > 0.9
    (1, True)
    """
    found = np.asarray(observations, dtype=np.float64)
    count, systems = found.shape
    means = found.mean(axis=0)
    best = int(np.argmax(means))
    if systems < FEWEST:
        alone = np.full(1, np.inf)
        return Selection(best, 1.0, zone, 0.0, means, alone, alone)
    error = math.sqrt(variance_of_differences(found[:first]) / count)
    width = critical_point(systems, first) * error
    ahead = means - _best_of_others(means)
    return Selection(
        best=best,
        probability=_probability_below(zone / error, systems, first) if error > 0.0 else 1.0,
        zone=zone,
        margin=max(0.0, width - float(ahead[best])),
        means=means,
        low=np.minimum(ahead - width, 0.0),
        high=np.maximum(ahead + width, 0.0),
    )


def _best_of_others(means: Floats) -> Floats:
    second, best = np.sort(means)[-2:]
    others = np.full(len(means), best)
    others[np.argmax(means)] = second
    return others


def _probability_below(point: float, systems: int, observations: int) -> float:
    """With which all differences are below a point, if the best is just so much better than each other."""
    from scipy import stats

    compared = systems - 1
    degrees = compared * (observations - 1)
    if compared == 1:
        return float(stats.t.cdf(point, degrees))
    shape = 0.5 * (np.eye(compared) + np.ones((compared, compared)))
    below = stats.multivariate_t(shape=shape, df=degrees)
    return float(below.cdf(np.full(compared, point), random_state=_SEED))

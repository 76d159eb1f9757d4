"""Limits of a mean that hold whatever a batch may not have seen.

A kind of future that none of n futures shows can still have a probability of 3.7 / n, and may cost as much as
anything can. The limits here count with it: the mean is drawn with random weights as in a Bayesian bootstrap
[1]_, with one more value, the worst that is possible [2]_. Where each future loses all or nothing they are
those of Clopper & Pearson. That they hold for all distributions is a conjecture without a known exception
[3]_.

Only the values nearest to the bound are weighted one by one. The others stand at their mean: how exact that
is, an interval of the sampling error knows better, as it knows how the sample was drawn.

References
----------
.. [1] Rubin, "The Bayesian bootstrap", Ann. Stat. 9 (1981).
.. [2] Gaffke, "Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
   variable", Math. Methods Stat. 14 (2005).
.. [3] Learned-Miller & Thomas, "A new confidence interval for the mean of a bounded random variable",
   arXiv:1905.06208 (2019).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from sim.model.plan import Floats

NEAREST = 30
"""Values that are weighted one by one: so many that the error of the mean of the others is normal."""
DRAWS = 4000
SEED = 20191009


class Bounds(NamedTuple):
    """The least and the most that a future can be which was not seen, unless others go beyond already."""

    low: float
    high: float


LOSS_SHARES = Bounds(0.0, 1.0)
"""An unseen future may lose all revenue, or none."""
DIFFERENCES = Bounds(-1.0, 1.0)
"""Of two loss shares."""


def unseen_share(count: int, confidence: float) -> float:
    """The highest probability of what none of so many replications shows: about 3.7 / count, for 95 %.

    Examples
    --------
    >>> round(unseen_share(1000, 0.95), 5)
    0.00368
    """
    return 1.0 - (0.5 * (1.0 - confidence)) ** (1.0 / count)


def highest_mean(values: Floats, bound: float, confidence: float) -> float:
    """The limit that the true mean exceeds in at most ``(1 - confidence) / 2`` of batches.

    Parameters
    ----------
    values
        Independent numbers, any unit.
    bound
        The highest value that is possible, not below any of them.
    confidence
        Of an interval that has such a limit at both ends.

    Examples
    --------
    >>> round(highest_mean(np.zeros(100), 1.0, 0.95), 3), round(unseen_share(100, 0.95), 3)
    (0.036, 0.036)
    """
    rest = max(len(values) - NEAREST, 0)
    ordered = np.sort(values)
    middle = ordered[:rest].mean() if rest else 0.0
    below = bound - np.concatenate([[bound, middle], ordered[rest:]])
    means = (weights(rest, len(values) - rest) * below).sum(axis=1)
    return bound - float(np.quantile(means, 0.5 * (1.0 - confidence)))


def lowest_mean(values: Floats, bound: float, confidence: float) -> float:
    """The limit that the true mean stays below as rarely: :func:`highest_mean` the other way round."""
    return -highest_mean(-values, -bound, confidence)


@lru_cache(maxsize=8)
def weights(rest: int, nearest: int) -> Floats:
    """``[draw, value]`` weights of the bound, of the mean of the others, and of each of the nearest values.

    They are spacings of uniform numbers, drawn as exponential numbers over their sum; each column is a Latin
    hypercube, so that limits differ from those of any number of draws by 3 % at most.

    Parameters
    ----------
    rest, nearest
        How many values stand at their mean, and how many are weighted one by one.
    """
    weights = _exponentials(2 + nearest).copy()
    weights[:, 1] = _gammas(rest, nearest) if rest else 0.0
    return weights / weights.sum(axis=1, keepdims=True)


@lru_cache(maxsize=256)
def _gammas(rest: int, nearest: int) -> Floats:
    """``[draw]`` what the others weigh together: sums of as many exponential numbers, slow to invert."""
    sums: Floats = special.gammaincinv(rest, _hypercube(2 + nearest)[:, 1])
    return sums


@lru_cache(maxsize=2 + NEAREST)
def _exponentials(columns: int) -> Floats:
    exponentials: Floats = -special.log1p(-_hypercube(columns))
    return exponentials


@lru_cache(maxsize=2 + NEAREST)
def _hypercube(columns: int) -> Floats:
    """``[draw, column]`` the middles of equal parts of (0, 1), in a random order in each column."""
    random = np.random.default_rng(SEED)
    strata = (np.arange(DRAWS) + 0.5) / DRAWS
    return np.stack([random.permutation(strata) for _ in range(columns)], axis=1)

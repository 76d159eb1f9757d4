"""What a choice among portfolios of levers gives up: frontier, regret, and what each lever adds.

Arrays in, arrays out: these know no scenario. What is compared is of the same futures throughout.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.model.plan import Bools, Floats, Ints

Taken = frozenset[str]
"""Ids of the levers that a portfolio takes."""
ValueOf = Callable[[Taken], Floats]
"""Gives the ``[replication]`` result with just these of a portfolio's levers."""


@dataclass(frozen=True, slots=True)
class Regrets:
    """What each portfolio gives up, against the best of each view.

    Attributes
    ----------
    regret
        ``[portfolio, view]``, none below 0, in the unit of the values.
    worst
        ``[portfolio]`` the largest of them.
    expected
        ``[portfolio]`` their mean, by the views' weights.
    """

    regret: Floats
    worst: Floats
    expected: Floats

    @property
    def minimax(self) -> int:
        """Portfolio whose largest regret is least; the first of several."""
        return int(np.argmin(self.worst))

    @property
    def least_expected(self) -> int:
        """Portfolio whose mean regret is least: that of the highest mean value; the first of several."""
        return int(np.argmin(self.expected))


def regrets(values: ArrayLike, weights: ArrayLike) -> Regrets:
    """Regret of portfolios over views of the world.

    What a portfolio earns less than the best one of the same view [1]_.

    Parameters
    ----------
    values
        ``[portfolio, view]`` expected result; more is better.
    weights
        ``[view]``, none below 0 and not all 0; they need not add up to 1.

    References
    ----------
    .. [1] Savage, "The theory of statistical decision", JASA 46 (1951).

    Examples
    --------
    >>> found = regrets([[10.0, 0.0], [7.0, 6.0]], [0.9, 0.1])
    >>> found.regret.tolist(), found.minimax, found.least_expected
    ([[0.0, 6.0], [3.0, 0.0]], 1, 0)
    """
    found, share = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    regret = found.max(axis=0) - found
    expected = np.zeros(len(regret))
    for each, weight in zip(regret.T, share / share.sum(), strict=True):
        expected += weight * each
    return Regrets(regret, regret.max(axis=1), expected)


def frontier(costs: ArrayLike, risks: ArrayLike) -> Ints:
    """Portfolios for which no other costs as little and has as low a risk, cheapest first.

    Of several that are equal in both, the first.

    Parameters
    ----------
    costs, risks
        ``[portfolio]``; less is better.

    Examples
    --------
    >>> frontier([0.0, 5.0, 3.0, 4.0], [9.0, 1.0, 4.0, 4.0])
    array([0, 2, 1])
    """
    cost, risk = np.asarray(costs, dtype=np.float64), np.asarray(risks, dtype=np.float64)
    order = np.lexsort((np.arange(len(cost)), risk, cost))
    lowest_before = np.minimum.accumulate(np.concatenate([[np.inf], risk[order]]))[:-1]
    return order[risk[order] < lowest_before]


def on_signal(results: ArrayLike, days: ArrayLike, never: ArrayLike, signals: ArrayLike) -> Floats:
    """Results of deciding on the first of some days on which a signal has come, and not at all without one.

    The signal must not depend on what is decided. Then each future's result is that of deciding on its day,
    and nothing is used that was not known on it.

    Parameters
    ----------
    results
        ``[day, replication]`` of deciding on a day, the same in every future.
    days
        ``[day]`` ascending.
    never
        ``[replication]`` of never deciding.
    signals
        ``[replication]`` day of the signal, in the same count; NaN where it does not come.

    Returns
    -------
    ndarray
        ``[replication]``.

    Examples
    --------
    >>> on_signal([[10.0, 10.0, 10.0], [7.0, 7.0, 7.0]], [0.0, 30.0], [1.0, 2.0, 3.0], [0.0, 5.0, np.nan])
    array([10.,  7.,  3.])
    """
    by_day, kept = np.asarray(results, dtype=np.float64), np.asarray(never, dtype=np.float64)
    place = np.searchsorted(np.asarray(days, dtype=np.float64), np.asarray(signals, dtype=np.float64))
    rows = np.concatenate([by_day, kept[np.newaxis]])
    return rows[np.minimum(place, len(by_day)), np.arange(len(kept))]


def days_needed(signals: ArrayLike, days: ArrayLike) -> list[int]:
    """The places of the days on which some future decides, by :func:`on_signal`, and of the first.

    Parameters
    ----------
    signals
        ``[replication]`` day of the signal; NaN where it does not come.
    days
        ``[day]`` ascending, in the same count.

    Examples
    --------
    >>> days_needed([12.0, 12.0, np.nan, 99.0], [0.0, 10.0, 20.0, 30.0])
    [0, 2]
    """
    known = np.asarray(days, dtype=np.float64)
    places = np.searchsorted(known, np.asarray(signals, dtype=np.float64))
    return sorted({0, *places[places < len(known)].tolist()})


def moved_before(signals: ArrayLike, by_day: ArrayLike, days: ArrayLike) -> Bools:
    """In which futures what is decided later moves the signal before: there :func:`on_signal` is not exact.

    Parameters
    ----------
    signals
        ``[replication]`` day of the signal if it is never decided; NaN where it does not come.
    by_day
        ``[day, replication]`` the same if it is decided on a day.
    days
        ``[day]`` ascending.

    Returns
    -------
    ndarray
        ``[replication]``.

    Examples
    --------
    >>> moved_before([5.0, 5.0, np.nan], [[9.0, 5.0, 7.0], [9.0, 5.0, 12.0]], [0.0, 10.0])
    array([ True, False, False])
    """
    own = np.nan_to_num(np.asarray(signals, dtype=np.float64), nan=np.inf)
    later = np.nan_to_num(np.asarray(by_day, dtype=np.float64), nan=np.inf)
    decided = np.asarray(days, dtype=np.float64)[:, np.newaxis]
    moved: Bools = ((own != later) & (np.minimum(own, later) <= decided)).any(axis=0)
    return moved


def marginal_value(value_of: ValueOf, taken: Taken, lever: str) -> Floats:
    """``[replication]`` by how much the result is higher with a lever than with the others alone.

    Parameters
    ----------
    value_of
        Gives results.
    taken
        The portfolio.
    lever
        One of its levers.
    """
    return value_of(taken) - value_of(taken - {lever})


def interaction(value_of: ValueOf, taken: Taken, pair: tuple[str, str]) -> Floats:
    """``[replication]`` by how much two levers of a portfolio are worth more together than one by one.

    Below 0 they stand in for each other, above 0 each makes more of the other.

    Parameters
    ----------
    value_of, taken
        As for :func:`marginal_value`.
    pair
        Two of its levers.
    """
    one, other = pair
    neither = taken - {one, other}
    return value_of(taken) - value_of(taken - {one}) - value_of(taken - {other}) + value_of(neither)

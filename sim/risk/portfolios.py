"""What portfolios of levers are worth: each on the same futures, in absolute results, against doing nothing.

Every loss is measured from one level, the result of doing nothing had the shock not come. A portfolio that
gives up a market has a lower level of its own; measured from that it would lose nothing.

A portfolio costs what it takes off the result if the shock never comes, and gains what it adds if it comes.
With a shock of probability p it is worth taking where ``(1 - p) cost < p gain``: from the break-even
probability ``cost / (cost + gain)`` on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sim.model.plan import Bools, Floats
from sim.risk.replicated import Estimators
from sim.risk.tail import Estimate
from sim.risk.unseen import Bounds

LEVEL = 0.95
Worth = Literal["always", "from", "up_to", "never"]
"""For which probabilities of the shock to take a portfolio: all, those from or up to break-even, none."""


@dataclass(frozen=True, slots=True)
class PortfolioValues:
    """What comes of a portfolio in each future.

    Attributes
    ----------
    result, result_without_shock
        ``[replication]`` money: the maker's result over all simulated days, typed costs taken off, in the
        scenario and had the shock not come.
    cash
        ``[replication, twin, close]`` money: what has been earned so far less what stock is worth more by,
        when each week closes and at the end, the scenario first; typed costs are not taken off. NaN where
        weeks are not known.
    outlays
        ``[close]`` money: what is typed in of the cost, as far as it is paid by then.
    units, units_without_shock
        By stream of the maker, ``[replication]`` units sold over all simulated days.
    time_to_survive_days
        ``[replication]`` days from the shock until the maker first falls short; infinite where it does not.
    comes
        ``[replication]`` whether the shock comes.
    signals
        By lever that can wait for one, ``[replication]`` days from the first simulated one on which its
        signal has come; NaN: never.
    entries
        By entry of the account, ``[replication, twin]`` money, the scenario first; what reduces the result is
        below 0, and typed costs are in none.
    bought
        By supplier, ``[replication, twin]`` money that the maker pays for goods of other firms.
    """

    result: Floats
    result_without_shock: Floats
    cash: Floats
    outlays: Floats
    units: Mapping[str, Floats]
    units_without_shock: Mapping[str, Floats]
    time_to_survive_days: Floats
    comes: Bools
    signals: Mapping[str, Floats] = field(default_factory=dict)
    entries: Mapping[str, Floats] = field(default_factory=dict)
    bought: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def typed_cost(self) -> float:
        """Money: what is typed in of the cost, the same in every future."""
        return float(self.outlays[-1])


@dataclass(frozen=True, slots=True)
class Figures:
    """What a portfolio is worth beside doing nothing, each with its 95 % interval.

    Money is in the scenario's currency.

    Attributes
    ----------
    result, result_without_shock
        Means.
    advantage
        Mean result less that of doing nothing, future by future.
    cost, gain
        What it takes off if the shock never comes, and what it adds where it comes if nothing is done.
    loss, loss_es95
        Mean loss of result, and the mean of its worst twentieth, from the result that doing nothing has
        without the shock.
    cash
        The most money that is laid out at once beyond doing nothing, in 95 of 100 futures no more.
    break_even
        Probability of the shock from which, or up to which, it is worth taking; NaN where there is none.
    worth
        For which probabilities it is worth taking.
    """

    result: Estimate
    result_without_shock: Estimate
    advantage: Estimate
    cost: Estimate
    gain: Estimate
    loss: Estimate
    loss_es95: Estimate
    cash: Estimate
    break_even: Estimate
    worth: Worth


def loss_of_result(own: PortfolioValues, nothing: PortfolioValues) -> Floats:
    """``[replication]`` money that a portfolio earns less than doing nothing would without the shock."""
    loss: Floats = nothing.result_without_shock - own.result
    return loss


def laid_out_at_once(own: PortfolioValues, nothing: PortfolioValues) -> Floats:
    """``[replication]`` the most money that a portfolio has laid out at once beyond doing nothing, or 0.

    Along the calendar, what has been spent so far and not come back: typed costs, goods bought earlier or
    more of them, and what they cost to carry. The higher of with and without the shock counts, as the money
    must be there either way. Replications whose weeks are not known are left out.

    Parameters
    ----------
    own, nothing
        The portfolio and doing nothing, on the same futures.

    Examples
    --------
    >>> def made(cash, outlays):
    ...     none, cash = np.zeros(1), np.array([[cash, cash]])
    ...     return PortfolioValues(none, none, cash, np.array(outlays), {}, {}, none, none > 0.0)
    >>> laid_out_at_once(made([-50.0, -20.0, 30.0], [5.0, 5.0, 5.0]), made([0.0, 0.0, 10.0], [0.0] * 3))
    array([55.])
    """
    more = nothing.cash - own.cash + (own.outlays - nothing.outlays)
    known = ~np.isnan(more).any(axis=(1, 2))
    most: Floats = more[known].max(axis=(1, 2), initial=0.0)
    return most


def service_of(own: PortfolioValues, nothing: PortfolioValues) -> dict[str, float]:
    """By stream, units sold as a share of what is sold if nothing is done and no shock comes.

    A stream of which nothing is sold even then, or that only the portfolio brings, is served in full.
    """
    sold = {name: float(units.sum()) for name, units in own.units.items()}
    normal = {name: float(units.sum()) for name, units in nothing.units_without_shock.items()}
    return {
        name: units / normal[name] if normal.get(name, 0.0) > 0.0 else 1.0 for name, units in sold.items()
    }


def service_estimates(
    own: PortfolioValues, nothing: PortfolioValues, estimators: Estimators
) -> dict[str, Estimate]:
    """By stream, its service (:func:`service_of`) with its 95 % interval, that of a ratio of two means.

    Parameters
    ----------
    own, nothing
        The portfolio and doing nothing, on the same futures.
    estimators
        Those that the sample calls for.
    """
    return {
        name: mean_per(own.units[name], nothing.units_without_shock[name], estimators)
        if nothing.units_without_shock.get(name, np.zeros(1)).any()
        else Estimate(1.0, 1.0, 1.0)
        for name in own.units
    }


def figures_of(own: PortfolioValues, nothing: PortfolioValues, estimators: Estimators) -> Figures:
    """What a portfolio is worth beside doing nothing, on the same futures.

    Parameters
    ----------
    own, nothing
        The portfolio and the scenario as it stands.
    estimators
        Those that the sample calls for.

    Examples
    --------
    >>> from sim.risk.replicated import INDEPENDENT
    >>> def made(result, without):
    ...     each, cash = (np.array(result), np.array(without)), np.zeros((4, 2, 1))
    ...     return PortfolioValues(*each, cash, np.zeros(1), {}, {}, each[0], np.ones(4, dtype=bool))
    >>> nothing = made([0.0, 2.0, 0.0, 2.0], [10.0] * 4)
    >>> found = figures_of(made([8.0, 7.0, 8.0, 7.0], [9.0] * 4), nothing, INDEPENDENT)
    >>> found.cost.estimate, found.gain.estimate, round(found.break_even.estimate, 3), found.worth
    (1.0, 6.5, 0.133, 'from')
    """
    cost, more = nothing.result_without_shock - own.result_without_shock, own.result - nothing.result
    loss = loss_of_result(own, nothing)
    gain = mean_where(more, nothing.comes, estimators)
    mean_cost = mean_of(cost, estimators)
    return Figures(
        result=mean_of(own.result, estimators),
        result_without_shock=mean_of(own.result_without_shock, estimators),
        advantage=mean_of(more, estimators),
        cost=mean_cost,
        gain=gain,
        loss=mean_of(loss, estimators),
        loss_es95=estimators.shortfall(loss, LEVEL, _seen(loss)),
        cash=estimators.quantile(laid_out_at_once(own, nothing), LEVEL),
        break_even=break_even(cost, more, nothing.comes, estimators),
        worth=worth_of(mean_cost.estimate, gain.estimate),
    )


def worth_of(cost: float, gain: float) -> Worth:
    """For which probabilities of the shock a portfolio is worth taking; without a shock, by its cost alone.

    Examples
    --------
    >>> worth_of(1.0, 9.0), worth_of(1.0, -1.0), worth_of(0.0, 2.0), worth_of(-1.0, -2.0)
    ('from', 'never', 'always', 'up_to')
    >>> worth_of(0.0, -1.0)
    'never'
    >>> worth_of(1.0, np.nan), worth_of(-1.0, np.nan), worth_of(0.0, np.nan)
    ('never', 'always', 'never')
    """
    if cost > 0.0:
        return "from" if gain > 0.0 else "never"
    if gain < 0.0:
        return "up_to" if cost < 0.0 else "never"
    return "always" if cost < 0.0 or gain > 0.0 else "never"


def break_even(cost: Floats, more: Floats, comes: Bools, estimators: Estimators) -> Estimate:
    """The probability of the shock at which a portfolio costs what it gains.

    Its interval is that of the ratio in what it is linear in, in large samples [1]_, cut to 0 and 1.

    Parameters
    ----------
    cost
        ``[replication]`` what it takes off without the shock, money.
    more
        ``[replication]`` what it adds in the scenario.
    comes
        ``[replication]`` whether the shock comes if nothing is done.
    estimators
        Those that the sample calls for.

    References
    ----------
    .. [1] Asmussen & Glynn, *Stochastic Simulation* (2007), sec. III.3 (the delta method).

    Examples
    --------
    >>> from sim.risk.replicated import INDEPENDENT
    >>> found = break_even(np.ones(8), np.full(8, 3.0), np.ones(8, dtype=bool), INDEPENDENT)
    >>> found.estimate, found.ci_low, found.ci_high
    (0.25, 0.25, 0.25)
    """
    none = Estimate(np.nan, np.nan, np.nan)
    if not comes.any():
        return none
    share, saved = comes.mean(), (cost + more) * comes
    if worth_of(float(cost.mean()), float(more[comes].mean())) not in ("from", "up_to"):
        return none
    scale = saved.mean() / share
    point = cost.mean() / scale
    error = cost - cost.mean() + point * (scale * (comes - share) - (saved - saved.mean())) / share
    found = mean_of(point + error / scale, estimators)
    return Estimate(float(point), max(found.ci_low, 0.0), min(found.ci_high, 1.0))


def mean_of(values: Floats, estimators: Estimators) -> Estimate:
    """Mean of money, of which no future is worse or better than the worst and the best that were seen."""
    return estimators.mean(values, _seen(values))


def mean_where(values: Floats, among: Bools, estimators: Estimators) -> Estimate:
    """Mean over some of the futures, whose number is chance too; NaN over none."""
    return mean_per(values * among, among.astype(np.float64), estimators)


def mean_per(values: Floats, shares: Floats, estimators: Estimators) -> Estimate:
    """Mean of values over the mean of shares, both chance; its interval is of what it is linear in.

    Parameters
    ----------
    values
        ``[replication]`` in any unit.
    shares
        ``[replication]`` none below 0; of nothing but 0 the mean is NaN.
    estimators
        Those that the sample calls for.

    Examples
    --------
    >>> from sim.risk.replicated import INDEPENDENT
    >>> mean_per(np.array([3.0, 0.0, 5.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0]), INDEPENDENT).estimate
    4.0
    """
    if not shares.any():
        return Estimate(np.nan, np.nan, np.nan)
    if (shares == shares[0]).all():
        return mean_of(values / shares[0], estimators)
    share = float(shares.mean())
    point = float(values.mean()) / share
    return mean_of(point + (values - point * shares) / share, estimators)


def best_of(values: Sequence[Floats]) -> int:
    """The place of the highest mean, the first of those that are equal."""
    return int(np.argmax([each.mean() for each in values]))


def as_good_as_best(values: Sequence[Floats], estimators: Estimators) -> list[bool]:
    """Whether each of some portfolios cannot be told from the best, future by future: its flat top.

    Each is judged by the 95 % interval of its own difference from the one with the highest mean.

    Parameters
    ----------
    values
        Of each portfolio ``[replication]`` results on the same futures.
    estimators
        Those that the sample calls for.

    Examples
    --------
    >>> from sim.risk.replicated import INDEPENDENT
    >>> noise = np.random.default_rng(1).normal(size=400)
    >>> as_good_as_best([noise, noise + 1.0, 1.01 + noise[::-1]], INDEPENDENT)
    [False, True, True]
    """
    best = values[best_of(values)]
    return [mean_of(best - each, estimators).ci_low <= 0.0 for each in values]


def _seen(values: Floats) -> Bounds:
    """Results have no bounds that a scenario states; those that were seen stand for them."""
    return Bounds(float(values.min()), float(values.max()))

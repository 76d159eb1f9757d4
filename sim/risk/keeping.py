"""Whether portfolios keep to what is asked of them."""

import numpy as np

from sim.risk.portfolios import PortfolioValues, loss_of_result, service_of
from sim.risk.sweep_tables import survives
from sim.scenario.levers import Constraints


def breaches(own: PortfolioValues, nothing: PortfolioValues, constraints: Constraints) -> dict[str, float]:
    """By how much a portfolio breaks each constraint that it breaks, as a share of what is asked.

    Parameters
    ----------
    own, nothing
        The portfolio and doing nothing, on the same futures.
    constraints
        What is asked; of a distribution its mean.

    Returns
    -------
    dict
        By constraint (``service.`` and the stream for each of these); empty if all are kept.
    """
    found = {}
    for name, (value, limit) in _limits(own, nothing, constraints).items():
        if value > limit:
            found[name] = (value - limit) / (abs(limit) or 1.0)
    return found


def _limits(
    own: PortfolioValues, nothing: PortfolioValues, constraints: Constraints
) -> dict[str, tuple[float, float]]:
    """By constraint, what may not be above what; what may not be below stands with its sign turned."""
    limits: dict[str, tuple[float, float]] = {}
    if constraints.budget is not None:
        cost = nothing.result_without_shock - own.result_without_shock
        limits["budget"] = float(cost.mean()), constraints.budget.mean
    if constraints.cash is not None:
        cash = nothing.cash_without_shock - own.cash_without_shock
        limits["cash"] = float(cash.mean()), constraints.cash.mean
    if constraints.chance_of_loss is not None:
        chance = constraints.chance_of_loss
        share = np.mean(loss_of_result(own, nothing) > chance.above.mean)
        limits["chance_of_loss"] = float(share), chance.at_most.mean
    sold = service_of(own, nothing) if constraints.service else {}
    for stream, least in constraints.service.items():
        limits[f"service.{stream}"] = -sold[stream], -least.mean
    if constraints.time_to_survive_days is not None:
        limits["time_to_survive_days"] = -survives(own), -constraints.time_to_survive_days.mean
    return limits

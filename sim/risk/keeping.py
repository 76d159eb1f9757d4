"""Whether portfolios keep to what is asked of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.risk import tail
from sim.risk.portfolios import (
    LEVEL,
    PortfolioValues,
    laid_out_at_once,
    loss_of_result,
    mean_of,
    service_estimates,
    service_of,
)
from sim.risk.replicated import Estimators
from sim.risk.sweep_tables import RARELY, survives
from sim.risk.tail import Estimate
from sim.scenario.levers import Constraints
from sim.scenario.quantities import AnyQuantity


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


@dataclass(frozen=True, slots=True)
class Kept:
    """What a portfolio keeps of one constraint.

    Attributes
    ----------
    constraint
        Its name, ``service.`` and the stream for each of these.
    asked
        What may not be passed.
    found
        What there is, with its 95 % interval; of days, infinite where the maker does not fall short.
    is_kept
        Whether the estimate keeps to it.
    """

    constraint: str
    asked: float
    found: Estimate
    is_kept: bool


def keeping(
    own: PortfolioValues, nothing: PortfolioValues, constraints: Constraints, estimators: Estimators
) -> Iterator[Kept]:
    """What a portfolio keeps of each constraint, with intervals.

    Parameters
    ----------
    own, nothing, constraints
        As for :func:`breaches`.
    estimators
        Those that the sample calls for.
    """
    broken = breaches(own, nothing, constraints)
    for name, asked, found in _found(own, nothing, constraints, estimators):
        yield Kept(name, asked.mean, found, name not in broken)


def _found(
    own: PortfolioValues, nothing: PortfolioValues, constraints: Constraints, estimators: Estimators
) -> Iterator[tuple[str, AnyQuantity, Estimate]]:
    """Each constraint, what is asked, and what there is."""
    if constraints.budget is not None:
        cost = nothing.result_without_shock - own.result_without_shock
        yield "budget", constraints.budget, mean_of(cost, estimators)
    if constraints.cash is not None:
        yield "cash", constraints.cash, estimators.quantile(laid_out_at_once(own, nothing), LEVEL)
    if constraints.chance_of_loss is not None:
        beyond = loss_of_result(own, nothing) > constraints.chance_of_loss.above.mean
        yield "chance_of_loss", constraints.chance_of_loss.at_most, estimators.mean(beyond * 1.0)
    served = service_estimates(own, nothing, estimators) if constraints.service else {}
    for stream, least in constraints.service.items():
        yield f"service.{stream}", least, served[stream]
    if constraints.time_to_survive_days is not None:
        days = estimators.quantile(own.time_to_survive_days, RARELY)
        yield "time_to_survive_days", constraints.time_to_survive_days, days


def _limits(
    own: PortfolioValues, nothing: PortfolioValues, constraints: Constraints
) -> dict[str, tuple[float, float]]:
    """By constraint, what may not be above what; what may not be below stands with its sign turned."""
    limits: dict[str, tuple[float, float]] = {}
    if constraints.budget is not None:
        cost = nothing.result_without_shock - own.result_without_shock
        limits["budget"] = float(cost.mean()), constraints.budget.mean
    if constraints.cash is not None:
        cash = tail.value_at_risk(laid_out_at_once(own, nothing), LEVEL)
        limits["cash"] = cash, constraints.cash.mean
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

"""Sentences about demand that moves."""

import math

from sim.engines.levels import daily_step_sd
from sim.engines.rules import kept_share
from sim.model.calendar_rules import DAYS_PER_YEAR
from sim.report.numbers import percent
from sim.scenario.covers import streams_covered
from sim.scenario.demand_factors import DemandFactor
from sim.scenario.schema import Scenario

NINE_IN_TEN = 1.6448536269514722
"""The 95 % quantile of the standard normal distribution."""


def moving_demand(scenario: Scenario) -> str:
    """A sentence for each demand factor: what it moves, and how far in a year; none without factors."""
    told = [
        f" {factor.name or name}: the level of {_streams(scenario, factor)} {_moves(factor)}."
        for name, factor in scenario.demand_factors.items()
    ]
    return " Demand moves in both alike." + "".join(told) if told else ""


def switching_customers(scenario: Scenario) -> str:
    """A sentence about customers who do not come back; nothing where all do."""
    switching = [stream.switching for stream in scenario.demand.values() if stream.switching is not None]
    if not switching:
        return ""
    shares = sorted({percent(its.share.mean) for its in switching}, key=len)
    some = shares[0] if len(shares) == 1 else "a share"
    rivals = sum(its.to is not None for its in switching)
    to_rivals = f", from {rivals} to a rival’s that is simulated" if rivals else ""
    return (
        f" Of customers who leave unserved, {some} buys elsewhere later: so it is on "
        f"{len(switching)} of {len(scenario.demand)} demand streams{to_rivals}. "
        "Who is to blame when they leave is to blame for what they no longer buy."
    )


def _streams(scenario: Scenario, factor: DemandFactor) -> str:
    covered = len(streams_covered(scenario, factor.covers))
    if covered == len(scenario.demand):
        return "all demand" if covered > 1 else "demand"
    return f"{covered} of {len(scenario.demand)} demand streams"


def _moves(factor: DemandFactor) -> str:
    """The process, and where nine levels in ten are after a year, at expected numbers and a loading of 1."""
    volatility, half_life = factor.volatility_per_year.mean, factor.lasting_days.mean
    sd = sd_after(DAYS_PER_YEAR, volatility, half_life)
    low, high = (math.exp(sign * NINE_IN_TEN * sd - 0.5 * sd * sd) for sign in (-1.0, 1.0))
    how = (
        "wanders"
        if factor.half_life_days is None
        else f"wanders and comes half of the way back in {half_life:.3g} days"
    )
    return f"{how}; after a year nine levels in ten are between {percent(low)} and {percent(high)} of plan"


def sd_after(days: float, volatility_per_year: float, half_life_days: float) -> float:
    """Standard deviation of a log level some days after the first.

    Examples
    --------
    >>> round(sd_after(DAYS_PER_YEAR, 0.2, math.inf), 12)
    0.2
    >>> round(sd_after(1e6, 0.2, 365.25), 4)  # 0.2 / sqrt(2 log 2)
    0.1699
    """
    step, kept = daily_step_sd(volatility_per_year, half_life_days), kept_share(half_life_days)
    steps = days if kept == 1.0 else (1.0 - kept ** (2.0 * days)) / (1.0 - kept * kept)
    return step * math.sqrt(steps)

"""Sentences about demand that moves."""

import math

from sim.engines.levels import daily_step_sd
from sim.engines.rules import kept_share
from sim.model.calendar_rules import DAYS_PER_YEAR
from sim.report.language import say
from sim.report.numbers import grouped, percent, rounded
from sim.scenario.covers import streams_covered
from sim.scenario.demand_factors import DemandFactor
from sim.scenario.schema import Scenario

NINE_IN_TEN = 1.6448536269514722
"""The 95 % quantile of the standard normal distribution."""


def moving_demand(scenario: Scenario) -> str:
    """A sentence for each demand factor: what it moves, and how far in a year; none without factors."""
    told = [
        _moves(factor, factor.name or name, _streams(scenario, factor))
        for name, factor in scenario.demand_factors.items()
    ]
    return say(" Demand moves in both alike.") + "".join(told) if told else ""


def switching_customers(scenario: Scenario) -> str:
    """A sentence about customers who do not come back; nothing where all do."""
    switching = [stream.switching for stream in scenario.demand.values() if stream.switching is not None]
    if not switching:
        return ""
    shares = sorted({percent(its.share.mean) for its in switching}, key=len)
    rivals = sum(its.to is not None for its in switching)
    return say(
        " Of customers who leave unserved, {share} buys elsewhere later: so it is on {some} of {all} demand "
        "streams{to_rivals}. Who is to blame when they leave is to blame for what they no longer buy.",
        share=shares[0] if len(shares) == 1 else say("a share"),
        some=grouped(len(switching)),
        all=grouped(len(scenario.demand)),
        to_rivals=say(", from {number} to a rival’s that is simulated", number=grouped(rivals))
        if rivals
        else "",
    )


def _streams(scenario: Scenario, factor: DemandFactor) -> str:
    covered = len(streams_covered(scenario, factor.covers))
    if covered == len(scenario.demand):
        return say("all demand") if covered > 1 else say("demand")
    return say("{some} of {all} demand streams", some=grouped(covered), all=grouped(len(scenario.demand)))


def _moves(factor: DemandFactor, name: str, streams: str) -> str:
    """The process, and where nine levels in ten are after a year, at expected numbers and a loading of 1."""
    volatility, half_life = factor.volatility_per_year.mean, factor.lasting_days.mean
    sd = sd_after(DAYS_PER_YEAR, volatility, half_life)
    low, high = (math.exp(sign * NINE_IN_TEN * sd - 0.5 * sd * sd) for sign in (-1.0, 1.0))
    told = {"factor": name, "demand": streams, "low": percent(low), "high": percent(high)}
    if factor.half_life_days is None:
        return say(
            " {factor}: the level of {demand} wanders; after a year nine levels in ten are between {low} "
            "and {high} of "
            "plan.",
            **told,
        )
    return say(
        " {factor}: the level of {demand} wanders and comes half of the way back in {days} days; after a "
        "year nine "
        "levels in ten are between {low} and {high} of plan.",
        **told,
        days=rounded(half_life),
    )


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

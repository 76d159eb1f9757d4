"""What is kept of a replication: the measures of ``docs/glossary.md``, as small arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sim.model.causes import Causes, component_count, component_of_causes
from sim.model.plan import NEVER, Bools, Floats, Ints, Plan, Supply, rounded_days
from sim.montecarlo.batch import SimulatedPath, Twins
from sim.montecarlo.results import COURSES
from sim.risk.attribution import attribute
from sim.risk.money import (
    COST_KINDS,
    by_firm,
    by_seller,
    costs,
    inventory_value,
    purchases,
    revenue,
    transit_value,
)

WEEK = 7
SMOOTHING_DAYS = 28
"""Recovery is judged on revenue summed over this many days."""
UNMET_SHARE = 1e-9
"""Unmet demand below this share of a day's demand is rounding."""
RUN_OUT_COVER_DAYS = 0.01
"""A stock that covers less than this many days of planned usage while someone waits has run out."""


@dataclass(frozen=True, slots=True)
class Courses:
    """Week by week, from the first simulated day; the twin axis holds the scenario, then the counterfactual.

    Attributes
    ----------
    revenue
        ``[twin, maker, week]``.
    stock
        ``[twin, bought, week]`` units on hand at the end of the week; the stock points are the plan's
        ``bought_by_makers``.
    usage
        ``[bought, week]`` planned usage on that day.
    attribution
        ``[maker, component, week]`` loss; components are the items, then demand; zero before the shock.
    """

    revenue: Floats
    stock: Floats
    usage: Floats
    attribution: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """The measures of one replication; in a batch, each has a leading replication axis.

    The twin axis holds the scenario, then the counterfactual. Money is in the scenario's currency; the
    window runs from the shock for the plan's ``window_days``; days count from the shock, NaN is never.

    Attributes
    ----------
    shock_day
        Day index of the shock (its planned day if it does not happen in this replication).
    stream_revenue, stream_units
        ``[twin, stream]`` in the window.
    lane_value
        ``[twin, lane]`` purchases in the window.
    cost
        ``[twin, kind, maker]`` in the window; the kinds are those of :class:`sim.risk.money.Costs`.
    first_lost_sales_days, time_to_adapt_days
        ``[maker]``.
    run_out_days
        ``[point]`` first day on which a stock has run out and in the counterfactual has not.
    attribution
        ``[maker, cause]`` loss in the window.
    normal_service
        ``[maker]`` share of the window's demand that the counterfactual sells, at its prices; NaN without
        demand.
    observed
        ``[observation]`` what the scenario gives for each reported figure.
    start, end
        ``[intervention]`` day indices; NaN is never.
    """

    shock_day: Ints
    stream_revenue: Floats
    stream_units: Floats
    lane_value: Floats
    cost: Floats
    first_lost_sales_days: Floats
    time_to_adapt_days: Floats
    run_out_days: Floats
    attribution: Floats
    normal_service: Floats
    observed: Floats
    start: Floats
    end: Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """What is kept of a replication, or of a batch: there each array has a leading replication axis.

    The courses of a batch are those of its first replications, at most
    :data:`sim.montecarlo.results.COURSES`.
    """

    outcome: Outcome
    courses: Courses


def measure(twins: Twins) -> Measured:
    """Measure one replication."""
    plan = twins.plan
    paths = (twins.scenario, twins.counterfactual)
    shock_day = shock_day_of(twins)
    first = min(max(shock_day, 0), plan.days)
    window = slice(first, min(first + plan.window_days, plan.days))
    seller = plan.points.firm[plan.streams.point]
    belongs: Bools = plan.makers[:, None] == seller[None, :]
    daily = np.stack([revenue(plan, path) for path in paths])
    maker_daily = np.stack([by_seller(plan, revenues)[:, plan.makers].T for revenues in daily])
    blame = attribute(twins, first)
    outcome = Outcome(
        shock_day=np.array(shock_day),
        stream_revenue=daily[:, window].sum(axis=1),
        stream_units=np.stack([path.ledger.streams.shipped[window].sum(axis=0) for path in paths]),
        lane_value=np.stack([purchases(plan, path)[window].sum(axis=0) for path in paths]),
        cost=np.stack([_costs(plan, path, window) for path in paths]),
        first_lost_sales_days=_first_lost_sales(twins, belongs, first),
        time_to_adapt_days=np.array(
            [
                time_to_adapt(scenario, counterfactual, first, plan.recovery_tolerance)
                for scenario, counterfactual in zip(*maker_daily, strict=True)
            ]
        ),
        run_out_days=_run_outs(twins, first),
        attribution=blame[: window.stop - first].sum(axis=0),
        normal_service=_service(twins.counterfactual, belongs, window),
        observed=_observed(plan, twins.scenario, daily[0]),
        start=_day_or_never(twins.scenario.schedule.timing.start),
        end=_day_or_never(twins.scenario.schedule.timing.end),
    )
    return Measured(outcome, _courses(twins, maker_daily, blame, first))


def _service(path: SimulatedPath, belongs: Bools, window: slice) -> Floats:
    """``[maker]`` share of the demand of a window that a path sells, at its prices."""
    price = path.schedule.unit_price.T[window]
    streams = path.ledger.streams
    served, wanted = (
        np.where(belongs, (units[window] * price).sum(axis=0), 0.0).sum(axis=1)
        for units in (streams.shipped, streams.demand)
    )
    return np.divide(served, wanted, out=np.full_like(served, np.nan), where=wanted > 0.0)


def _courses(twins: Twins, maker_daily: Floats, blame: Floats, first_day: int) -> Courses:
    bought, last_days = twins.plan.bought_by_makers, slice(WEEK - 1, None, WEEK)
    paths = (twins.scenario, twins.counterfactual)
    return Courses(
        revenue=_weekly(maker_daily),
        stock=np.stack([path.ledger.points.on_hand[last_days, bought].T for path in paths]),
        usage=twins.scenario.schedule.usage[bought, last_days],
        attribution=_weekly_attribution(twins.plan, blame, first_day),
    )


def _costs(plan: Plan, path: SimulatedPath, window: slice) -> Floats:
    """``[kind, maker]`` in the window."""
    paid = costs(plan, path)
    return np.stack(
        [by_firm(plan, getattr(paid, kind))[window][:, plan.makers].sum(axis=0) for kind in COST_KINDS]
    )


def stack(replications: Sequence[Measured]) -> Measured:
    """All replications in one: every array gets a leading replication axis."""
    outcomes = [measured.outcome for measured in replications]
    courses = [measured.courses for measured in replications[:COURSES]]
    return Measured(Outcome(**_stacked(outcomes)), Courses(**_stacked(courses)))


def _stacked(rows: Sequence[Outcome] | Sequence[Courses]) -> dict[str, Any]:
    return {field.name: np.stack([getattr(row, field.name) for row in rows]) for field in fields(rows[0])}


def shapes_of(plan: Plan) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Shapes of the arrays of one replication of a plan, by the names of their fields: outcome, courses."""
    makers, streams, weeks = len(plan.makers), len(plan.streams.point), plan.days // WEEK
    interventions, bought = (len(plan.interventions.day),), len(plan.bought_by_makers)
    outcome = {
        "shock_day": (),
        "stream_revenue": (2, streams),
        "stream_units": (2, streams),
        "lane_value": (2, len(plan.lanes.supplier)),
        "cost": (2, len(COST_KINDS), makers),
        "first_lost_sales_days": (makers,),
        "time_to_adapt_days": (makers,),
        "run_out_days": (len(plan.points.firm),),
        "attribution": (makers, Causes.of(plan).count),
        "normal_service": (makers,),
        "observed": (len(plan.observations.firm),),
        "start": interventions,
        "end": interventions,
    }
    courses = {
        "revenue": (2, makers, weeks),
        "stock": (2, bought, weeks),
        "usage": (bought, weeks),
        "attribution": (makers, component_count(plan), weeks),
    }
    return outcome, courses


def shock_day_of(twins: Twins) -> int:
    """Day from which the loss of a replication is counted.

    If the shock does not happen in this replication, the day for which it was planned; without any
    shock in the plan, the first day.
    """
    plan, timing = twins.plan, twins.scenario.schedule.timing
    if plan.shock < 0:
        return 0
    if timing.start[plan.shock] < NEVER:
        return int(timing.start[plan.shock])
    delay = rounded_days(plan.interventions.delay_days)
    day, at = 0, plan.shock
    while True:
        day += int(delay[at])
        if plan.interventions.after[at] < 0:
            return min(day + int(plan.interventions.day[at]), NEVER)
        at = int(plan.interventions.after[at])


def time_to_adapt(scenario: Floats, counterfactual: Floats, first_day: int, tolerance: float) -> float:
    """Days from the shock until revenue is back near the counterfactual for good.

    Parameters
    ----------
    scenario, counterfactual
        ``[day]`` revenue; both are summed over the last 28 days before they are compared.
    first_day
        Day of the shock.
    tolerance
        How far below the counterfactual counts as back, as a share.

    Returns
    -------
    float
        Days; 0 if revenue never fell short (as when the shock comes after the last simulated day), NaN if
        it is still short at the end of the simulation.

    Examples
    --------
    >>> time_to_adapt(np.ones(100), np.ones(100), 10, 0.02)
    0.0
    """
    if first_day >= len(scenario):
        return 0.0
    got, normal = _of_last_days(scenario, first_day), _of_last_days(counterfactual, first_day)
    short = np.flatnonzero(got < (1.0 - tolerance) * normal)
    if len(short) == 0:
        return 0.0
    return float("nan") if short[-1] == len(got) - 1 else float(short[-1] + 1)


def _of_last_days(revenue: Floats, first_day: int) -> Floats:
    """``[day from first_day]`` revenue of the last 28 days, as far as they count.

    Added up as in the compiled engine, which keeps the day's revenue in the place of the one 28 days before.
    """
    day = np.arange(first_day, len(revenue))
    total = np.zeros(len(day))
    for place in range(SMOOTHING_DAYS):
        latest = day - (day - place) % SMOOTHING_DAYS
        total += np.where(latest >= first_day, revenue[np.maximum(latest, 0)], 0.0)
    return total


def _first_lost_sales(twins: Twins, belongs: Bools, first_day: int) -> Floats:
    """``[maker]`` days until customers first leave, wait or are kept away whom the counterfactual serves."""
    streams, normal = (path.ledger.streams for path in (twins.scenario, twins.counterfactual))
    kept_away = np.maximum(0.0, normal.demand - streams.demand)
    more = (streams.lost + streams.backlog + kept_away) - (normal.lost + normal.backlog)
    is_more = (more > UNMET_SHARE * (1.0 + normal.demand))[first_day:]
    return np.array([_first(np.any(is_more[:, mine], axis=1)) for mine in belongs])


def is_out(plan: Plan, path: SimulatedPath) -> Bools:
    """``[day, point]`` whether a stock has run out: next to nothing is left while someone waits or leaves."""
    nothing = path.ledger.points.on_hand <= RUN_OUT_COVER_DAYS * path.schedule.usage.T
    unserved = path.ledger.points.owed.copy()
    for stream, point in enumerate(plan.streams.point):
        unserved[:, point] += path.ledger.streams.lost[:, stream]
    return nothing & (unserved > 0.0) & (plan.points.supply != Supply.SOURCE)


def _run_outs(twins: Twins, first_day: int) -> Floats:
    """``[point]`` days until a stock has run out; NaN for sources and where it never does."""
    out, normal = (is_out(twins.plan, path) for path in (twins.scenario, twins.counterfactual))
    run_out = (out & ~normal)[first_day:]
    return np.array([_first(run_out[:, point]) for point in range(run_out.shape[1])])


def _first(happens: Bools) -> float:
    days = np.flatnonzero(happens)
    return float(days[0]) if len(days) else float("nan")


def _day_or_never(days: Ints) -> Floats:
    return np.where(days >= NEVER, np.nan, days.astype(np.float64))


def _weekly(daily: Floats) -> Floats:
    """Sums over whole weeks of the last axis."""
    weeks = daily.shape[-1] // WEEK
    whole = daily[..., : weeks * WEEK]
    return whole.reshape(*daily.shape[:-1], weeks, WEEK).sum(axis=-1)


def _weekly_attribution(plan: Plan, blame: Floats, first_day: int) -> Floats:
    daily = np.zeros((len(plan.makers), len(plan.labels.items) + 1, plan.days))
    for cause, component in enumerate(component_of_causes(plan)):
        daily[:, component, first_day:] += blame[:, :, cause].T
    return _weekly(daily)


def _observed(plan: Plan, path: SimulatedPath, daily_revenue: Floats) -> Floats:
    """``[observation]`` what the simulation gives for each reported figure; NaN outside its days."""
    table = plan.observations
    seller = plan.points.firm[plan.streams.point]
    stock, on_the_way = inventory_value(plan, path), transit_value(plan, path)
    values = np.full(len(table.firm), np.nan)
    for index, (firm, first, last) in enumerate(zip(table.firm, table.first, table.last, strict=True)):
        if first < 0 or last >= plan.days:
            continue
        if table.is_revenue[index]:
            values[index] = daily_revenue[first : last + 1, seller == firm].sum()
        else:
            values[index] = stock[last, firm] + (on_the_way[last, firm] if table.on_the_way[index] else 0.0)
    return values

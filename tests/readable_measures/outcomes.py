"""The measures of ``docs/glossary.md`` of one replication, from its whole ledgers."""

from dataclasses import replace

import numpy as np

from sim.engines.costing import ENTRIES
from sim.engines.flows import followed_of
from sim.engines.ledger import SimulatedPath, Twins
from sim.engines.rules import SMOOTHING_DAYS, UNMET_SHARE, WEEK
from sim.engines.spending import COST_KINDS
from sim.model.causes import component_of_causes
from sim.model.facts import taxed_lanes
from sim.model.plan import NEVER, Bools, Floats, Ints, Plan, rounded_days
from sim.model.tiers import groups_of
from sim.risk.money import costs, revenue
from sim.risk.outcomes import Courses, Measured, Outcome
from sim.risk.trace import is_out
from tests.readable_measures import account
from tests.readable_measures.attribution import attribute
from tests.readable_measures.bullwhip import bullwhip
from tests.readable_measures.flows import flows
from tests.readable_measures.money import (
    by_firm,
    by_seller,
    duties,
    inventory_value,
    lanes_of_makers,
    of_makers,
    purchases,
    sales_to_firms,
    sold_by_makers,
)
from tests.readable_measures.tiers import covers, slacks


def measure(twins: Twins, expected: Plan) -> Measured:
    """Measure one replication; which tiers and links are told of follows from the plan before any draw."""
    plan = twins.plan
    paths = (twins.scenario, twins.counterfactual)
    shock_day = shock_day_of(twins)
    first = min(max(shock_day, 0), plan.days)
    window = slice(first, min(first + plan.window_days, plan.days))
    makers = np.arange(len(plan.labels.makers))
    belongs: Bools = makers[:, None] == plan.maker_of_stream[None, :]
    daily = np.stack([revenue(plan, path) for path in paths])
    traded_by_lane = [sales_to_firms(plan, path) for path in paths]
    maker_daily = np.stack(
        [
            (of_makers(plan, by_seller(plan, revenues)) + sold_by_makers(plan, sales)).T
            for revenues, sales in zip(daily, traded_by_lane, strict=True)
        ]
    )
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
        normal_service=_service(plan, twins.counterfactual, belongs, window),
        observed=_observed(plan, twins.scenario, daily[0], traded_by_lane[0]),
        start=_day_or_never(twins.scenario.schedule.timing.start),
        end=_day_or_never(twins.scenario.schedule.timing.end),
    )
    if len(taxed_lanes(plan)):
        outcome = replace(outcome, duty=np.stack([duties(plan, path)[window].sum(axis=0) for path in paths]))
    if plan.tells_bullwhip:
        outcome = replace(outcome, bullwhip=np.stack([bullwhip(plan, path, window) for path in paths]))
    courses = _courses(twins, maker_daily, blame, first)
    lines = [point for point, output in enumerate(plan.points.alternative_of) if output >= 0]
    if lines:
        courses["made"] = np.stack([_weekly(path.ledger.points.produced[:, lines].T) for path in paths])
    groups = groups_of(expected)
    courses |= {
        "cover": np.stack([covers(plan, path, groups.stocked) for path in paths]),
        "slack": np.stack([slacks(plan, path, groups.limited) for path in paths]),
        "flow": np.stack([flows(plan, path, followed_of(expected)) for path in paths]),
    }
    measured = Measured(outcome, Courses(courses))
    return _with_margin(twins, measured, daily, window) if plan.keeps_account else measured


def _with_margin(twins: Twins, measured: Measured, daily: Floats, window: slice) -> Measured:
    """What accounts add; ``daily`` is ``[twin, day, stream]`` revenue."""
    plan, first = twins.plan, window.start
    paths = (twins.scenario, twins.counterfactual)
    books = (account.books_of(plan, paths[0]), account.books_of(plan, paths[1]))
    unit_cost = [its.unit_cost[:, plan.streams.point] for its in books]
    blame = attribute(twins, first, unit_cost[1])
    changes = account.changes(twins, books)
    changes[:, :first] = 0.0
    margin = np.stack(
        [
            of_makers(plan, account.margin(plan, path, its, by_seller(plan, revenue))).T
            for path, its, revenue in zip(paths, books, daily, strict=True)
        ]
    )
    components = _weekly_attribution(plan, blame, first)
    is_booked = plan.maker_of_stream >= 0
    return Measured(
        replace(
            measured.outcome,
            account=np.stack(
                [
                    [of_makers(plan, its.entries[entry][window]).sum(axis=0) for entry in ENTRIES]
                    for its in books
                ]
            ),
            stream_cost=np.stack(
                [
                    (path.ledger.streams.shipped * cost * is_booked)[window].sum(axis=0)
                    for path, cost in zip(paths, unit_cost, strict=True)
                ]
            ),
            margin_attribution=np.concatenate(
                [blame[: window.stop - first].sum(axis=0), changes[:, window].sum(axis=1).T], axis=1
            ),
        ),
        Courses(
            {
                **measured.courses.kept,
                "margin": _weekly(margin),
                "margin_attribution": np.concatenate(
                    [components, _weekly(changes.transpose(2, 0, 1))], axis=1
                ),
            }
        ),
    )


def _service(plan: Plan, path: SimulatedPath, belongs: Bools, window: slice) -> Floats:
    """``[maker]`` share of the demand of a window that a path sells, at its prices."""
    price = path.schedule.unit_price.T[window]
    streams = path.ledger.streams
    served, wanted = (
        np.where(belongs, (units[window] * price).sum(axis=0), 0.0).sum(axis=1)
        for units in (streams.shipped, streams.demand)
    )
    lanes = path.ledger.lanes
    price_of_lane = path.schedule.lane_price_received.T[window] * plan.lanes.units_per_original
    owed = np.vstack([np.zeros_like(lanes.backlog[:1]), lanes.backlog[:-1]])
    ordered = lanes.shipped + lanes.backlog - owed  # In this order nothing ordered is exactly nothing.
    for maker, sold_on in enumerate(lanes_of_makers(plan)):
        served[maker] += (lanes.shipped[window] * price_of_lane)[:, sold_on].sum()
        wanted[maker] += (ordered[window] * price_of_lane)[:, sold_on].sum()
    return np.divide(served, wanted, out=np.full_like(served, np.nan), where=wanted > 0.0)


def _courses(twins: Twins, maker_daily: Floats, blame: Floats, first_day: int) -> dict[str, Floats]:
    bought, last_days = twins.plan.bought_by_makers, slice(WEEK - 1, None, WEEK)
    paths = (twins.scenario, twins.counterfactual)
    return {
        "revenue": _weekly(maker_daily),
        "stock": np.stack([path.ledger.points.on_hand[last_days, bought].T for path in paths]),
        "usage": twins.scenario.schedule.usage[bought, last_days],
        "attribution": _weekly_attribution(twins.plan, blame, first_day),
    }


def _costs(plan: Plan, path: SimulatedPath, window: slice) -> Floats:
    """``[kind, maker]`` in the window."""
    paid = costs(plan, path)
    return np.stack(
        [of_makers(plan, by_firm(plan, getattr(paid, kind))[window]).sum(axis=0) for kind in COST_KINDS]
    )


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
    table = plan.interventions
    delay = rounded_days(table.delay_days) + rounded_days(table.processing_days)
    day, at = 0, plan.shock
    while True:
        day += int(delay[at])
        if table.after[at] < 0:
            return min(day + int(table.day[at]), NEVER)
        at = int(table.after[at])


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
    unmet, normal_unmet = (its.lost + its.backlog + its.barred for its in (streams, normal))
    more = unmet + kept_away - normal_unmet
    is_more = (more > UNMET_SHARE * (1.0 + normal.demand))[first_day:]
    lanes, usual = (path.ledger.lanes for path in (twins.scenario, twins.counterfactual))
    unsold = np.maximum(lanes.backlog - usual.backlog, usual.shipped - lanes.shipped)
    is_unsold = (unsold > UNMET_SHARE * (1.0 + usual.shipped))[first_day:]
    return np.array(
        [
            _first(np.any(is_more[:, mine], axis=1) | np.any(is_unsold[:, sold_on], axis=1))
            for mine, sold_on in zip(belongs, lanes_of_makers(twins.plan), strict=True)
        ]
    )


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
    daily = np.zeros((len(plan.labels.makers), len(plan.labels.items) + 1, plan.days))
    for cause, component in enumerate(component_of_causes(plan)):
        daily[:, component, first_day:] += blame[:, :, cause].T
    return _weekly(daily)


def _observed(plan: Plan, path: SimulatedPath, daily: Floats, traded: Floats) -> Floats:
    """``[observation]`` what the simulation gives for each reported figure; NaN outside its days.

    ``daily`` is ``[day, stream]`` revenue, ``traded`` ``[day, lane]`` sales to other firms.
    """
    table, values = plan.observations, np.full(len(plan.observations.firm), np.nan)
    seller_of_stream = plan.points.firm[plan.streams.point]
    seller_of_lane = plan.points.firm[plan.lanes.supplier]
    stock = inventory_value(plan, path)
    for index, (firm, first, last) in enumerate(zip(table.firm, table.first, table.last, strict=True)):
        if first < 0 or last >= plan.days:
            continue
        days = slice(first, last + 1)
        if not table.is_revenue[index]:
            values[index] = stock[last, firm]
        elif table.is_whole[index]:
            values[index] = daily[days, seller_of_stream == firm].sum()
            values[index] += traded[days, seller_of_lane == firm].sum()
        else:
            values[index] = daily[days, table.streams[index]].sum()
            values[index] += traded[days, table.lanes[index]].sum()
    return values

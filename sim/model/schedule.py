"""What happens on which day of one replication, whatever the network's state.

:func:`draw_up` turns a plan and one replication's random draws into daily arrays: demand,
targets, capacities, prices and how far each lane is open. Scenario and counterfactual use the same
draws; they differ only in which interventions count. The engines read the schedule and add what
depends on state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.model import travel
from sim.model.calendar_rules import (
    DAYS_PER_YEAR,
    buyers_part,
    capacity_left,
    days_into_grant,
    quota_begun,
    ramp_level,
    ramped_factor,
    sellers_part,
    share_lost,
)
from sim.model.changes import CHANGED_FIELDS, Series, changed_numbers, laid_over, shares_destroyed
from sim.model.facts import by_level, normal_shares, reliefs_of, volume_shares
from sim.model.licences import terms_of
from sim.model.occurrence import dates_of, reaching, trigger_days, withdrawn
from sim.model.plan import (
    HOLDS_UP,
    Bools,
    Effect,
    Floats,
    Ints,
    Numbers,
    Pause,
    Plan,
    PolicyKind,
    rounded_days,
)
from sim.scenario.fields import MAX_DAYS

LINKS_AT_A_TIME = 1_024
MOST_COVER_DAYS = float(MAX_DAYS)
"""A cover target looks no farther ahead, whatever campaigns and rare samples make of it."""
DAILY = (
    "demand",
    "reorder_at",
    "up_to",
    "target_factor",
    "extra_cover_days",
    "capacity",
    "paused_lanes",
    "orders_paused",
    "work_held",
    "receipt_days",
    "process_days",
    "yield_share",
)
"""Conditions of a day that move goods, beside restrictions and triggers."""
PRICES = (Effect.CHANGES_LANE_PRICE, Effect.CHANGES_STREAM_PRICE)
"""Changes that move no goods."""
INITIAL = ("initial_arrival_day", "initial_completion_day")
"""When goods arrive that were under way before day 0."""


@dataclass(frozen=True, slots=True)
class Draws:
    """The random numbers of one replication, in the scenario's units.

    Attributes
    ----------
    demand
        ``[stream, day]`` units asked for, before any intervention.
    moved_streams, demand_level
        The streams that demand factors move, and ``[moved stream, day]`` their levels, 1 as planned.
    lead_time_days
        ``[lane, day]`` days in transit of a shipment that leaves on that day, were nothing held up.
    occurrence
        ``[intervention]`` uniform numbers that decide whether it happens.
    supplier
        ``[intervention, firm]`` uniform numbers for licences granted and over-compliance.
    yield_share
        ``[point, day]`` share of the units started on that day that comes out good.
    updown
        ``[process, day]`` uniform numbers that take processes down and bring them back.
    renewal, revocation, revoked_at
        ``[grant]`` uniform numbers for how often a supplier's licence is renewed, whether it is revoked, and
        when.
    abroad, withdrawal
        ``[intervention, firm]`` uniform numbers for over-compliance abroad, ``[intervention]`` for exceptions
        that are withdrawn.
    """

    demand: Floats
    moved_streams: Ints
    demand_level: Floats
    lead_time_days: Ints
    occurrence: Floats
    supplier: Floats
    yield_share: Floats
    updown: Floats
    renewal: Floats
    revocation: Floats
    revoked_at: Floats
    abroad: Floats
    withdrawal: Floats


@dataclass(frozen=True, slots=True)
class Timing:
    """When each intervention of a replication holds: from ``start`` up to, not including, ``end``.

    ``down`` is ``[process, day]``: while its intervention holds, whether a process is down. ``into_grant`` is
    ``[grant, day]``: days since a supplier's licence was last granted, -1 where it has none.
    """

    start: Ints
    end: Ints
    down: Bools
    into_grant: Ints


@dataclass(frozen=True, slots=True)
class Schedule:
    """Daily conditions of one replication of one twin; days run along the last axis.

    Attributes
    ----------
    timing
        Days on which interventions hold (``NEVER`` where they do not occur).
    changed, destroyed
        Numbers that interventions change, and shares of stock that are lost, each day by day.
    demand, unit_price
        ``[stream, day]``.
    moved_streams, demand_level
        The streams that demand factors move, and ``[moved stream, day]`` their levels, 1 as planned.
    barred_streams, served_share
        The streams that any ban on buyers touches, and ``[barred stream, day]`` the share of demand that may
        be served (1: no ban).
    usage
        ``[point, day]`` planned mean usage per day, without shocks.
    reorder_at, up_to
        ``[point, day]`` levels of the ordering policy, in units of inventory position.
    target_factor, extra_cover_days
        ``[point, day]`` what stockpiling campaigns make of these levels.
    capacity
        ``[point, day]`` units per day a source supplies or a maker starts.
    restricted_lanes, open_share
        The lanes that any restriction touches, and ``[restricted lane, day]`` the share of planned volume
        that may be ordered (1: no restriction).
    turned_back
        ``[restricted lane, day]`` share of the goods in transit that returns to the supplier.
    under_quota, quota_begun
        ``[restricted lane, day]`` whether a licence's quota limits what may be ordered, and ``[grant, day]``
        the share of a year's quota that begins anew (below 0: none).
    lane_price, lane_price_paid, lane_price_received
        ``[lane, day]`` before duty, with what the buyer bears of it, and without what the seller bears.
    paused_lanes, orders_paused, work_held
        ``[pause, lane, day]`` what disruptions hold up on lanes; ``[point, day]`` whether a made point may
        place no production orders, and whether its production is held up on the way.
    dock_days, receipt_days
        ``[lane, day]`` days until what is sent on a day reaches the dock, and until it is received.
    process_days
        ``[point, day]`` days until what is started on a day is finished.
    initial_dock_day, initial_arrival_day, initial_completion_day
        ``[lane, slot]`` days on which goods under way before day 0 reach the dock and are received;
        ``[point, slot]`` days on which work begun before is finished.
    yield_share
        ``[point, day]`` share of the units started on a day that comes out good.
    normal_share, volume_share
        ``[lane]`` share of its buyer's planned usage, and the share that counts as its full volume where a
        rule permits a part (a lane without planned purchases counts with its weight).
    trigger_day
        ``[substitute]`` day on which qualification starts; ``NEVER`` if only stock can trigger it.
    """

    timing: Timing
    changed: tuple[Series, ...]
    destroyed: tuple[Series, ...]
    demand: Floats
    unit_price: Floats
    moved_streams: Ints
    demand_level: Floats
    barred_streams: Ints
    served_share: Floats
    usage: Floats
    reorder_at: Floats
    up_to: Floats
    target_factor: Floats
    extra_cover_days: Floats
    capacity: Floats
    restricted_lanes: Ints
    open_share: Floats
    turned_back: Floats
    under_quota: Bools
    quota_begun: Floats
    lane_price: Floats
    lane_price_paid: Floats
    lane_price_received: Floats
    paused_lanes: Bools
    orders_paused: Bools
    work_held: Bools
    dock_days: Ints
    receipt_days: Ints
    process_days: Ints
    initial_dock_day: Ints
    initial_arrival_day: Ints
    initial_completion_day: Ints
    yield_share: Floats
    normal_share: Floats
    volume_share: Floats
    trigger_day: Ints


def draw_up(plan: Plan, draws: Draws, *, with_shock: bool) -> Schedule:
    """Work out the daily conditions of one replication.

    Parameters
    ----------
    plan
        The plan, with the replication's samples of the uncertain inputs.
    draws
        The replication's random numbers.
    with_shock
        True for the scenario, False for its counterfactual.
    """
    reaches = reaching(plan, plan.numbers, draws.supplier, draws.abroad)
    timing = _timing(plan, draws, reaches, with_shock)
    changed = changed_numbers(plan, timing.start, timing.end, lambda kind: _unchanged(plan, draws, kind))
    normal_share = normal_shares(plan, plan.numbers)
    factor, extra_days = _campaigns(plan, timing)
    demand = planned_demand(plan, plan.days + _days_ahead(plan, factor, extra_days))
    usage = planned_usage(plan, plan.numbers, normal_share, demand)
    reorder_at, up_to = _targets(plan, usage, factor, extra_days)
    restricted, open_share, turned_back, under_quota = _open_shares(plan, reaches, timing, changed)
    barred, served_share = _served_shares(plan, reaches, timing)
    lane_price = _lane_prices(plan, changed) * _factors(
        plan, timing, Effect.SCALES_LANE_PRICE, len(plan.lanes.supplier)
    )
    on_top, taken_off = _duties(plan, timing)
    days = plan.days
    paused_lanes = _paused(plan, timing, Effect.PAUSES_LANE, len(plan.lanes.supplier))
    paused_recipes = _paused(plan, timing, Effect.PAUSES_RECIPE, len(plan.points.firm))
    days_to_dock = travel.dock_days(paused_lanes, _lead_time_days(draws, changed))
    return Schedule(
        timing=timing,
        changed=changed,
        destroyed=shares_destroyed(plan, timing.start),
        demand=draws.demand * _factors(plan, timing, Effect.SCALES_DEMAND, len(plan.streams.point)),
        unit_price=laid_over(_each_day(plan.streams.price, days), changed, Effect.CHANGES_STREAM_PRICE)
        * _factors(plan, timing, Effect.SCALES_STREAM_PRICE, len(plan.streams.point)),
        moved_streams=draws.moved_streams,
        demand_level=draws.demand_level,
        barred_streams=barred,
        served_share=served_share,
        usage=usage[:, :days],
        reorder_at=reorder_at,
        up_to=up_to,
        target_factor=factor,
        extra_cover_days=extra_days,
        capacity=np.where(
            paused_recipes[Pause.SHIPMENTS], 0.0, _capacity(plan, timing, usage[:, :days], changed)
        ),
        restricted_lanes=restricted,
        open_share=open_share,
        turned_back=turned_back,
        under_quota=under_quota,
        quota_begun=_quotas_begun(timing),
        lane_price=lane_price,
        lane_price_paid=lane_price * (1.0 + on_top),
        lane_price_received=lane_price * (1.0 - taken_off),
        paused_lanes=paused_lanes,
        orders_paused=paused_recipes[Pause.ORDERS],
        work_held=np.any(paused_recipes[HOLDS_UP], axis=0),
        dock_days=days_to_dock,
        receipt_days=travel.with_wait_at_dock(paused_lanes, days_to_dock),
        initial_dock_day=travel.initial_dock_days(paused_lanes, plan.lanes.initial_in_transit.shape[1]),
        initial_arrival_day=travel.initial_receipt_days(paused_lanes, plan.lanes.initial_in_transit.shape[1]),
        process_days=travel.receipt_days(
            paused_recipes, _each_day(rounded_days(plan.points.process_days), days)
        ),
        initial_completion_day=travel.initial_receipt_days(
            paused_recipes, plan.points.initial_work_in_process.shape[1]
        ),
        yield_share=laid_over(draws.yield_share, changed, Effect.CHANGES_YIELD),
        normal_share=normal_share,
        volume_share=volume_shares(normal_share, plan.lanes.share),
        trigger_day=trigger_days(plan, timing.start),
    )


def first_difference(one: Schedule, other: Schedule) -> int:
    """First day on which two schedules of the same replication differ; the number of days if they never do.

    Prices are left out: they move no goods.
    """
    days = one.demand.shape[1]
    if any(np.any(getattr(one, name) != getattr(other, name)) for name in INITIAL):
        return 0
    candidates = [days]
    for name in DAILY:
        unequal = getattr(one, name) != getattr(other, name)
        differs = np.any(unequal, axis=tuple(range(unequal.ndim - 1)))
        candidates.append(int(np.argmax(differs)) if differs.any() else days)
    series = zip((*one.changed, *one.destroyed), (*other.changed, *other.destroyed), strict=True)
    for its, theirs in series:
        differs = its.values != theirs.values
        if its.kind not in PRICES and differs.any():
            candidates.append(int(np.argmax(differs)))
    for schedule in (one, other):
        restricts = np.any(
            (schedule.open_share < 1.0) | (schedule.turned_back > 0.0) | schedule.under_quota, axis=0
        )
        candidates.append(int(np.argmax(restricts)) if restricts.any() else days)
        bars = np.any(schedule.served_share < 1.0, axis=0)
        candidates.append(int(np.argmax(bars)) if bars.any() else days)
    triggers = np.minimum(one.trigger_day, other.trigger_day)[one.trigger_day != other.trigger_day]
    return max(0, min(candidates + [int(day) for day in triggers]))


def planned_demand(plan: Plan, days: int) -> Floats:
    """Mean demand per day with growth and seasonality, without noise and without interventions.

    Returns
    -------
    ndarray
        ``[stream, day]`` units per day, for the first `days` days.
    """
    streams = plan.streams
    level = np.empty((len(streams.mean_per_day), days))
    level[:, :1] = 1.0
    level[:, 1:] = daily_growth(streams.growth_per_year)[:, None]
    return (
        streams.mean_per_day[:, None] * np.cumprod(level, axis=1) * streams.seasonality[:, months(plan, days)]
    )


def months(plan: Plan, days: int) -> Ints:
    """``[day]`` month of the year, from 0."""
    dates = np.datetime64(plan.start, "D") + np.arange(days)
    return dates.astype("datetime64[M]").astype(np.int64) % 12


def daily_growth(growth_per_year: Floats) -> Floats:
    """Factor from one day to the next.

    Each is a power of Python's floats: of an array's it would depend on the processor.
    """
    growth = [(1.0 + yearly) ** (1.0 / DAYS_PER_YEAR) for yearly in growth_per_year.ravel().tolist()]
    return np.array(growth, dtype=np.float64).reshape(growth_per_year.shape)


def _timing(plan: Plan, draws: Draws, reaches: Bools, with_shock: bool) -> Timing:
    start, end = dates_of(plan, plan.numbers, draws.occurrence, with_shock=with_shock)
    end = withdrawn(plan, plan.numbers, draws.withdrawal, (start, end))
    granted = np.unique(plan.effects.grant[reaches & (plan.effects.grant >= 0)])
    return Timing(start, end, _down(plan, draws, start, end), _into_grants(plan, draws, granted, start, end))


def _down(plan: Plan, draws: Draws, start: Ints, end: Ints) -> Bools:
    """``[process, day]``: up at first, down and up again at random while the intervention holds [1]_.

    References
    ----------
    .. [1] Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed., sec. 9.2: two-state Markov process.
    """
    down = np.zeros(draws.updown.shape, dtype=bool)
    for process, intervention in enumerate(plan.process_intervention.tolist()):
        fails = 1.0 / plan.interventions.mean_days_to_failure[intervention]
        stays_down = 1.0 - 1.0 / plan.interventions.mean_days_to_recover[intervention]
        is_down = False
        for day in range(
            max(0, min(int(start[intervention]), plan.days)), min(int(end[intervention]), plan.days)
        ):
            is_down = bool(draws.updown[process, day] < (stays_down if is_down else fails))
            down[process, day] = is_down
    return down


def _into_grants(plan: Plan, draws: Draws, granted: Ints, start: Ints, end: Ints) -> Ints:
    """``[grant, day]``: days since each supplier's licence was last granted, -1 where it has none."""
    terms = terms_of(plan, plan.numbers, draws.renewal, draws.revocation, draws.revoked_at)
    into = np.full((len(plan.grants.intervention), plan.days), -1)
    for grant in granted.tolist():
        licence = plan.grants.intervention[grant]
        dates = int(start[licence]), int(end[licence])
        term = int(terms.valid_days[grant]), int(terms.renewal_days[grant])
        ends = int(terms.renewals[grant]), int(terms.revoked_after_days[grant])
        into[grant] = [days_into_grant(day, dates, term, *ends) for day in range(plan.days)]
    return into


def _days_held(timing: Timing, intervention: int, days: int) -> slice:
    first = min(max(int(timing.start[intervention]), 0), days)
    return slice(first, max(first, min(int(timing.end[intervention]), days)))


def _holds(plan: Plan, timing: Timing, row: int) -> Bools:
    """``[day]`` whether an effect is on: its intervention holds, and its process, if it has one, is down."""
    process = plan.effects.process[row]
    if process >= 0:
        return timing.down[process]
    holds = np.zeros(plan.days, dtype=bool)
    holds[_days_held(timing, int(plan.effects.intervention[row]), plan.days)] = True
    return holds


def _paused(plan: Plan, timing: Timing, effect: Effect, count: int) -> Bools:
    """``[pause, target, day]`` what disruptions hold up; overlapping ones hold until the last has ended."""
    paused = np.zeros((len(Pause), count, plan.days), dtype=bool)
    for row in np.flatnonzero(plan.effects.kind == effect).tolist():
        paused[plan.effects.pause[row], plan.effects.target[row]] |= _holds(plan, timing, row)
    return paused


def _each_day(values: Any, days: int) -> Any:
    """``[..., day]`` the same value on every day."""
    return np.tile(values[:, None], (1, days))


def _unchanged(plan: Plan, draws: Draws, kind: Effect) -> Floats:
    """``[target, day]`` the numbers that a kind of change is made of, without any change."""
    drawn = {Effect.CHANGES_LEAD_TIME: draws.lead_time_days, Effect.CHANGES_YIELD: draws.yield_share}
    if kind in drawn:
        return drawn[kind].astype(np.float64)
    given = normal_capacity(plan) if kind == Effect.CHANGES_CAPACITY else plan.numbers(*CHANGED_FIELDS[kind])
    unchanged: Floats = _each_day(given, plan.days)
    return unchanged


def normal_capacity(plan: Plan) -> Floats:
    """``[point]`` units per day that a source supplies or a maker starts."""
    return np.minimum(plan.points.capacity_per_day, plan.points.recipe_capacity_per_day)


def _lead_time_days(draws: Draws, changed: Iterable[Series]) -> Ints:
    """``[lane, day]`` whole days in transit."""
    lead_time_days = draws.lead_time_days
    for its in changed:
        if its.kind == Effect.CHANGES_LEAD_TIME:
            lead_time_days = lead_time_days.copy()
            lead_time_days[its.target] = rounded_days(its.values)
    return lead_time_days


def _lane_prices(plan: Plan, changed: Iterable[Series]) -> Floats:
    """``[lane, day]`` prices with what a substitute costs more, before factors."""
    price = laid_over(_each_day(plan.lanes.price, plan.days), changed, Effect.CHANGES_LANE_PRICE)
    return price * (1.0 + plan.lanes.price_penalty)[:, None]


def _ramped(plan: Plan, timing: Timing, intervention: int) -> tuple[slice, Floats]:
    """The days on which an intervention holds, and how far its ramp has come on each."""
    held = _days_held(timing, intervention, plan.days)
    start, ramp_days = float(timing.start[intervention]), float(plan.interventions.ramp_days[intervention])
    level = [ramp_level(day - start, ramp_days, logistic=False) for day in range(held.start, held.stop)]
    return held, np.array(level, dtype=np.float64)


def _ramped_factors(factor: float, levels: Floats) -> Floats:
    return np.array([ramped_factor(factor, level) for level in levels.tolist()], dtype=np.float64)


def _factors(plan: Plan, timing: Timing, effect: Effect, count: int) -> Floats:
    """Product of all factors of one kind on each target, ``[target, day]``."""
    factor = plan.interventions.factor * (1.0 - plan.interventions.demand_share)
    factors = np.ones((count, plan.days))
    for row in np.flatnonzero(plan.effects.kind == effect):
        intervention, target = plan.effects.intervention[row], plan.effects.target[row]
        held, level = _ramped(plan, timing, intervention)
        factors[target, held] *= _ramped_factors(float(factor[intervention]), level)
    return factors


def _duties(plan: Plan, timing: Timing) -> tuple[Floats, Floats]:
    """``[lane, day]`` parts of buyers and of sellers in all duties, as shares of the price before duty."""
    on_top = np.zeros((len(plan.lanes.supplier), plan.days))
    taken_off = np.zeros_like(on_top)
    for row in np.flatnonzero(plan.effects.kind == Effect.TAXES_LANE):
        intervention, lane = plan.effects.intervention[row], plan.effects.target[row]
        rate = float(plan.interventions.rate[intervention])
        passed_on_share = float(plan.interventions.passed_on_share[intervention])
        held, levels = _ramped(plan, timing, intervention)
        on_top[lane, held] += [buyers_part(rate, passed_on_share, level) for level in levels.tolist()]
        taken_off[lane, held] += [sellers_part(rate, passed_on_share, level) for level in levels.tolist()]
    return on_top, taken_off


def _capacity(plan: Plan, timing: Timing, usage: Floats, changed: Iterable[Series]) -> Floats:
    """Units per day, ``[point, day]``."""
    normal = laid_over(_each_day(normal_capacity(plan), plan.days), changed, Effect.CHANGES_CAPACITY)
    capacity = normal.copy()
    factors = _capacity_factors(plan, timing)
    for point, day in np.argwhere(factors < 1.0).tolist():
        left = capacity_left(float(normal[point, day]), float(usage[point, day]), float(factors[point, day]))
        capacity[point, day] = left
    return capacity


def _capacity_factors(plan: Plan, timing: Timing) -> Floats:
    """Share of capacity left, ``[point, day]``: lost at once, back linearly after the end."""
    factors = np.ones((len(plan.points.firm), plan.days))
    for row in np.flatnonzero(plan.effects.kind == Effect.SCALES_CAPACITY):
        intervention, target = plan.effects.intervention[row], plan.effects.target[row]
        lost, process = plan.interventions.lost_share[intervention], plan.effects.process[row]
        if process >= 0:
            factors[target] *= 1.0 - lost * timing.down[process]
            continue
        end, recovery_days = float(timing.end[intervention]), plan.interventions.recovery_days[intervention]
        for day in range(max(0, int(timing.start[intervention])), plan.days):
            back = ramp_level(day - end, float(recovery_days), logistic=False)
            factors[target, day] *= 1.0 - lost * (1.0 - back)
    return factors


def planned_usage(plan: Plan, numbers: Numbers, normal_share: Floats, demand: Floats) -> Floats:
    """Planned usage of each point, ``[point, day]``, that follows from a demand ``[stream, day]``.

    Or ``[point, replication]`` from ``[stream, replication]``, where the numbers are those of a block.
    """
    edges, lanes = plan.edges, plan.lanes
    on_lanes = normal_share * numbers("lanes", "units_per_original")
    in_recipes = numbers("edges", "units") / numbers("points", "yield_share")[edges.made]
    usage = np.zeros((len(plan.points.firm), demand.shape[1]))
    np.add.at(usage, plan.streams.point, demand)
    lanes_at, edges_at = (by_level(plan, its) for its in (lanes.supplier, edges.point))
    for its_lanes, its_edges in zip(reversed(lanes_at), reversed(edges_at), strict=True):
        _hand_up(usage, lanes.supplier, lanes.buyer, on_lanes, its_lanes)
        _hand_up(usage, edges.point, edges.made, in_recipes, its_edges)
    return usage


def _hand_up(usage: Floats, to: Ints, of: Ints, units: Floats, links: Ints) -> None:
    """Add what is used of some points to the usage of those that supply them, link by link."""
    for first in range(0, len(links), LINKS_AT_A_TIME):
        some = links[first : first + LINKS_AT_A_TIME]
        each = units[some] if units.ndim > 1 else units[some, None]
        np.add.at(usage, to[some], usage[of[some]] * each)


def _campaigns(plan: Plan, timing: Timing) -> tuple[Floats, Floats]:
    """What stockpiling makes of targets, ``[point, day]``: a factor on them, and days of cover on top."""
    factor = np.ones((len(plan.points.firm), plan.days))
    extra = np.zeros_like(factor)
    for row in np.flatnonzero(plan.effects.kind == Effect.RAISES_TARGET):
        intervention, target = plan.effects.intervention[row], plan.effects.target[row]
        held, level = _ramped(plan, timing, intervention)
        factor[target, held] *= _ramped_factors(float(plan.interventions.target_factor[intervention]), level)
        extra[target, held] += plan.interventions.extra_cover_days[intervention] * level
    return factor, extra


def _days_ahead(plan: Plan, factor: Floats, extra_days: Floats) -> int:
    """How many days of planned usage the farthest cover target looks ahead."""
    cover = np.maximum(plan.points.cover_days, plan.points.reorder_cover_days)
    return int(np.ceil(np.max(_cover(factor, cover[:, None], extra_days)))) + 1


def _cover(factor: Floats, cover_days: Floats, extra_days: Floats) -> Floats:
    """Days that a cover target looks ahead."""
    return np.minimum(factor * cover_days + extra_days, MOST_COVER_DAYS)


def _targets(plan: Plan, usage: Floats, factor: Floats, extra: Floats) -> tuple[Floats, Floats]:
    """Reorder and order-up-to levels, ``[point, day]``."""
    count, days = factor.shape
    reorder_at = np.zeros((count, days))
    up_to = np.zeros((count, days))
    cumulative = np.concatenate([np.zeros((count, 1)), np.cumsum(usage, axis=1)], axis=1)
    for point in np.flatnonzero(plan.points.policy != PolicyKind.NONE):
        up_to[point] = factor[point] * plan.points.units[point] + _usage_ahead(
            cumulative[point], _cover(factor[point], plan.points.cover_days[point], extra[point])
        )
        reorder_at[point] = factor[point] * plan.points.reorder_units[point] + _usage_ahead(
            cumulative[point], _cover(factor[point], plan.points.reorder_cover_days[point], extra[point])
        )
    batches = plan.points.policy == PolicyKind.REORDER_QUANTITY
    up_to[batches] = reorder_at[batches] + plan.points.batch_units[batches, None]
    return reorder_at, up_to


def _usage_ahead(cumulative: Floats, cover_days: Floats) -> Floats:
    """Planned usage of the next `cover_days`, for each day."""
    until = np.arange(len(cover_days), dtype=np.float64) + cover_days
    whole = until.astype(np.int64)
    here, following = cumulative[whole], cumulative[whole + 1]
    return (following - here) * (until - whole) + here - cumulative[: len(cover_days)]


def _quotas_begun(timing: Timing) -> Floats:
    """``[grant, day]`` share of a year's quota that begins anew; below 0 if none."""
    begun = [[quota_begun(*at) for at in enumerate(days)] for days in timing.into_grant.tolist()]
    return np.array(begun, dtype=np.float64).reshape(timing.into_grant.shape)


def _open_shares(
    plan: Plan, reaches: Bools, timing: Timing, changed: Iterable[Series]
) -> tuple[Ints, Floats, Floats, Bools]:
    """Restricted lanes; by day their open shares, shares that turn back, and whether a quota counts."""
    effects = plan.effects
    reliefs = reliefs_of(plan)
    rows = np.flatnonzero((effects.kind == Effect.RESTRICTS_LANE) & reaches).tolist()
    lanes = sorted({int(effects.target[row]) for row in rows})
    place = {lane: position for position, lane in enumerate(lanes)}
    subsidiary_share = laid_over(
        _each_day(plan.lanes.subsidiary_share, plan.days), changed, Effect.CHANGES_SUBSIDIARY_SHARE
    )
    open_share = np.ones((len(lanes), plan.days))
    turns_back = np.zeros((len(lanes), plan.days), dtype=bool)
    under_quota = np.zeros_like(turns_back)
    for row in rows:
        held = _days_held(timing, int(effects.intervention[row]), plan.days)
        lane, position = int(effects.target[row]), place[int(effects.target[row])]
        granted = _granted_share(plan, timing, [its for its in reliefs[row] if reaches[its]])
        permitted = np.minimum(1.0, subsidiary_share[lane] + granted)
        open_share[position, held] = np.minimum(open_share[position, held], permitted[held])
        for relief in reliefs[row]:
            grant = effects.grant[relief]
            if reaches[relief] and grant >= 0 and plan.grants.has_quota[grant]:
                under_quota[position, held] |= timing.into_grant[grant, held] >= 0
        if plan.interventions.turns_back[effects.intervention[row]] and held.start < held.stop:
            turns_back[position, held.start] = True
    turned_back = np.zeros((len(lanes), plan.days))
    for position, day in np.argwhere(turns_back).tolist():
        before = open_share[position, day - 1] if day > 0 else 1.0
        turned_back[position, day] = share_lost(float(before), float(open_share[position, day]))
    return np.array(lanes, dtype=np.int64), open_share, turned_back, under_quota


def _served_shares(plan: Plan, reaches: Bools, timing: Timing) -> tuple[Ints, Floats]:
    """Barred streams, and the share of their demand that may be served, by day."""
    effects, reliefs = plan.effects, reliefs_of(plan)
    rows = np.flatnonzero((effects.kind == Effect.BARS_STREAM) & reaches).tolist()
    streams = sorted({int(effects.target[row]) for row in rows})
    share = np.ones((len(streams), plan.days))
    for row in rows:
        rule, place = int(effects.intervention[row]), streams.index(int(effects.target[row]))
        held = _days_held(timing, rule, plan.days)
        granted = _granted_share(plan, timing, [its for its in reliefs[row] if reaches[its]])
        permitted = np.minimum(1.0, plan.interventions.volume_share[rule] + granted)
        share[place, held] = np.minimum(share[place, held], permitted[held])
    return np.array(streams, dtype=np.int64), share


def _granted_share(plan: Plan, timing: Timing, reliefs: list[int]) -> Floats:
    """Share of volume that licences let through one rule on one lane, or to one stream, by day."""
    granted = np.zeros(plan.days)
    for relief in reliefs:
        licence, grant = int(plan.effects.intervention[relief]), int(plan.effects.grant[relief])
        held = _days_held(timing, licence, plan.days) if grant < 0 else timing.into_grant[grant] >= 0
        granted[held] = np.maximum(granted[held], plan.interventions.volume_share[licence])
    return granted

"""Planned demand of a block of replications, and the usage that follows from it, as far ahead as is needed.

Does for a block what :func:`sim.model.schedule.planned_demand` and planned usage there do for a
replication, day by day.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.engines.compiler import fetch, inlined, part
from sim.engines.kernel import BlockPath, Scratch
from sim.engines.layout import Array, Record, Topology
from sim.engines.loading import Values
from sim.model.plan import Effect, Plan
from sim.model.schedule import MOST_COVER_DAYS, daily_growth, months

AT_ONCE = 8
"""Days planned at a time: what is noted for them fills the caches' lines."""


class Planning(NamedTuple):
    """Planned demand, and usage where it matters (``network.planned``). Rows are ``[replication]``.

    Attributes
    ----------
    month
        Of each day, from 0.
    mean_per_day, daily_growth, seasonality, dispersion
        Of each stream.
    level_today, level_ahead
        ``[stream]`` growth until today, and until the farthest day that is planned.
    demand
        ``[stream]`` scratch.
    usage
        ``[slot, point]`` ring: planned usage of a day.
    cumulative
        ``[point, replication, slot]`` ring: usage of all days before a day. The slots are innermost, as a
        replication looks the same number of days ahead on one day as on the next.
    used, planned
        ``[point]`` usage of all days before today, and of all days that are planned.
    """

    month: Array
    mean_per_day: Array
    daily_growth: Array
    seasonality: Array
    dispersion: Array
    level_today: Array
    level_ahead: Array
    demand: Array
    usage: Array
    cumulative: Array
    used: Array
    planned: Array


def planning_of(plan: Plan, values: Values) -> Planning:
    """Nothing planned yet."""
    width, points, streams = values.width, len(plan.points.firm), len(plan.streams.point)
    slots = _days_ahead(plan, values) + 1 + AT_ONCE
    return Planning(
        month=months(plan, plan.days + slots),
        mean_per_day=values("streams", "mean_per_day"),
        daily_growth=daily_growth(values("streams", "growth_per_year")),
        seasonality=values("streams", "seasonality"),
        dispersion=values("streams", "dispersion"),
        level_today=np.ones((streams, width)),
        level_ahead=np.ones((streams, width)),
        demand=np.zeros((streams, width)),
        usage=np.zeros((slots, points, width)),
        cumulative=np.zeros((points, width, slots)),
        used=np.zeros((points, width)),
        planned=np.zeros((points, width)),
    )


def _days_ahead(plan: Plan, values: Values) -> int:
    """How many days of planned usage the farthest cover target looks ahead."""
    factor = np.ones((len(plan.points.firm), values.width))
    extra = np.zeros_like(factor)
    target_factor = values("interventions", "target_factor")
    extra_days = values("interventions", "extra_cover_days")
    for row in np.flatnonzero(plan.effects.kind == Effect.RAISES_TARGET).tolist():
        intervention, target = plan.effects.intervention[row], plan.effects.target[row]
        factor[target] *= np.maximum(1.0, target_factor[intervention])
        extra[target] += np.maximum(0.0, extra_days[intervention])
    cover = np.maximum(values("points", "cover_days"), values("points", "reorder_cover_days"))
    return math.ceil(np.max(np.minimum(factor * cover + extra, MOST_COVER_DAYS), initial=0.0)) + 1


# ---------------------------------------------------------------------- a day


@part
def look_ahead(path: BlockPath, network: Topology, planning: Planning, usage_today: Array, day: int) -> None:
    """Plan as far ahead as is needed today; note the planned usage of today."""
    slots = len(planning.usage)
    first = slots - 1 - AT_ONCE
    if day % AT_ONCE == 0:
        for later in range(0 if day == 0 else day + first, day + first + AT_ONCE):
            plan_demand(planning, planning.level_ahead, later)
            _plan_usage(path, network, planning, later)
    now = day % slots
    for point in network.planned:
        used, usage, planned = planning.used[point], usage_today[point], planning.usage[now, point]
        for b in range(len(used)):
            used[b] += usage[b]
            usage[b] = planned[b]


@inlined
def plan_demand(planning: Planning, level: Array, day: int) -> None:
    """Mean demand of a day with growth and seasonality; days follow on each other."""
    month = planning.month[day]
    for stream in range(len(level)):
        its, growth, demand = level[stream], planning.daily_growth[stream], planning.demand[stream]
        mean, season = planning.mean_per_day[stream], planning.seasonality[stream, month]
        if day > 0:
            for b in range(len(its)):
                its[b] *= growth[b]
        for b in range(len(its)):
            demand[b] = mean[b] * its[b] * season[b]


@inlined
def _plan_usage(path: BlockPath, network: Topology, planning: Planning, day: int) -> None:
    slots = len(planning.usage)
    now, after = day % slots, (day + 1) % slots
    for point in network.planned:
        its, usage = path.points[point], planning.usage[now, point]
        usage[:] = 0.0
        for row in range(its.first_stream, its.end_stream):
            demand = planning.demand[network.links[row]]
            for b in range(len(usage)):
                usage[b] += demand[b]
        for row in range(its.first_outbound, its.end_outbound):
            lane = path.lanes[network.links[row]]
            buyer = planning.usage[now, lane.buyer]
            for b in range(len(usage)):
                usage[b] += buyer[b] * lane.usage_weight[b]
        for row in range(its.first_use, its.end_use):
            edge = path.edges[network.links[row]]
            made = planning.usage[now, edge.made]
            for b in range(len(usage)):
                usage[b] += made[b] * edge.usage_weight[b]
        planned, cumulative = planning.planned[point], planning.cumulative[point]
        for b in range(len(usage)):
            planned[b] += usage[b]
            cumulative[b, after] = planned[b]


@inlined
def fetch_usage_ahead(point: Record, planning: Planning, index: int, day: int) -> None:
    """Fetch what :func:`usage_ahead` will read for a point's cover."""
    cumulative = planning.cumulative[index]
    slots = cumulative.shape[1]
    for b in range(len(point.cover_days)):
        cover = point.target_factor[b] * point.cover_days[b] + point.extra_cover_days[b]
        slot = day % slots + np.int32(min(cover, MOST_COVER_DAYS))
        fetch(cumulative, b, slot if slot < slots else slot - slots)


@inlined
def usage_ahead(planning: Planning, scratch: Scratch, index: int, day: int) -> None:
    """Planned usage of the next ``cover`` days, interpolated between days, into ``ahead``."""
    rows, used = scratch.rows, planning.used[index]
    cumulative = planning.cumulative[index]
    slots = cumulative.shape[1]
    today = day % slots
    for b in range(len(used)):
        until = float(day) + rows.cover[b]
        whole = np.int32(until)
        slot = today + (whole - day)
        rows.slot[b] = slot if slot < slots else slot - slots
        rows.cover[b] = until - float(whole)
    for b in range(len(used)):
        slot = rows.slot[b]
        rows.here[b] = cumulative[b, slot]
        rows.following[b] = cumulative[b, slot + 1 if slot + 1 < slots else 0]
    for b in range(len(used)):
        rows.ahead[b] = (rows.following[b] - rows.here[b]) * rows.cover[b] + rows.here[b] - used[b]

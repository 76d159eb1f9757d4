"""Forecasts of a block of replications: what stock points learn from what was asked of them, day by day."""

from typing import TYPE_CHECKING

from sim.engines import rules
from sim.engines.compiler import inlined, part
from sim.engines.layout import Array, Record, Topology
from sim.kinds import ForecastKind, PolicyKind
from sim.model.schedule import MOST_COVER_DAYS

if TYPE_CHECKING:
    from sim.engines.kernel import BlockPath, Given, Scratch

HANDLED = frozenset(
    (ForecastKind.MOVING_AVERAGE, ForecastKind.EXPONENTIAL_SMOOTHING, ForecastKind.HOLT_WINTERS)
)
"""The forecasts that are learned here. What is not in here, the engine refuses to load."""
MOVING_AVERAGE, HOLT_WINTERS = int(ForecastKind.MOVING_AVERAGE), int(ForecastKind.HOLT_WINTERS)
REORDER_QUANTITY = int(PolicyKind.REORDER_QUANTITY)

_foreseen = inlined(rules.foreseen)
_season_ahead = inlined(rules.season_ahead)
_smoothed = inlined(rules.smoothed)


@part
def foresee(
    path: "BlockPath", network: Topology, given: "Given", scratch: "Scratch", index: int, day: int
) -> None:
    """Learn from what is asked of a stock point today; set its policy's levels by what is to be expected."""
    point = path.points[index]
    forecast = path.forecasts[point.forecast]
    if day == 0:
        _begin(path, forecast, given.usage[index])
    _sum_asked(path, network, scratch.rows.asked, index)
    if forecast.kind == MOVING_AVERAGE:
        _average(path, forecast, scratch.rows.asked)
    elif forecast.kind == HOLT_WINTERS:
        _smooth_with_season(path, forecast, scratch.rows.asked, day)
    else:
        _smooth(forecast, scratch.rows.asked)
    if day % point.review_days == 0:
        _set_levels(path, point, forecast, day)


@inlined
def _begin(path: "BlockPath", forecast: Record, usage: Array) -> None:
    """Before the first day it has seen what is planned for it, and no season."""
    for b in range(len(usage)):
        forecast.level[b] = usage[b]
    for slot in range(forecast.first_day, forecast.first_day + forecast.days):
        for b in range(len(usage)):
            path.seen[slot, b] = 0.0 if forecast.kind == HOLT_WINTERS else usage[b]


@inlined
def _sum_asked(path: "BlockPath", network: Topology, total: Array, index: int) -> None:
    """Units for which customers, buyers and recipes have asked today."""
    point = path.points[index]
    total[:] = 0.0
    for row in range(point.first_stream, point.end_stream):
        stream = path.streams[network.links[row]]
        for b in range(len(total)):
            total[b] += stream.demand[b]
    for row in range(point.first_outbound, point.end_outbound):
        lane = path.lanes[network.links[row]]
        reached = lane.orders_reached if lane.is_delayed else lane.ordered
        for b in range(len(total)):
            total[b] += reached[b] * lane.units_per_original[b]
    for row in range(point.first_use, point.end_use):
        edge = path.edges[network.links[row]]
        made = path.points[edge.made]
        for b in range(len(total)):
            total[b] += made.ordered[b] / made.yield_share[b] * edge.units[b]


@inlined
def _average(path: "BlockPath", forecast: Record, asked: Array) -> None:
    """The mean of the last days, summed from the oldest on."""
    first, days = forecast.first_day, forecast.days
    oldest = forecast.oldest + 1 if forecast.oldest + 1 < days else 0
    newest = path.seen[first + forecast.oldest]
    forecast.oldest = oldest
    for b in range(len(asked)):
        newest[b] = asked[b]
        forecast.level[b] = 0.0
    for later in range(days):
        slot = oldest + later
        seen = path.seen[first + (slot if slot < days else slot - days)]
        for b in range(len(asked)):
            forecast.level[b] += seen[b]
    for b in range(len(asked)):
        forecast.level[b] /= days


@inlined
def _smooth(forecast: Record, asked: Array) -> None:
    for b in range(len(asked)):
        _learn(forecast, asked[b], b)


@inlined
def _smooth_with_season(path: "BlockPath", forecast: Record, asked: Array, day: int) -> None:
    """Level and trend of what is asked beyond the season, and the season of what is beyond the level."""
    season = path.seen[forecast.first_day + day % forecast.days]
    for b in range(len(asked)):
        _learn(forecast, asked[b] - season[b], b)
        season[b] = _smoothed(asked[b] - forecast.level[b], season[b], forecast.season_smoothing[b])


@inlined
def _learn(forecast: Record, seen: float, b: int) -> None:
    """Level and trend, each a weighted mean of what is new and what was expected."""
    level, trend = forecast.level[b], forecast.trend[b]
    now = _smoothed(seen, level + trend, forecast.level_smoothing[b])
    forecast.level[b] = now
    forecast.trend[b] = _smoothed(now - level, trend, forecast.trend_smoothing[b])


@inlined
def _set_levels(path: "BlockPath", point: Record, forecast: Record, day: int) -> None:
    for b in range(len(point.up_to)):
        factor, extra = point.target_factor[b], point.extra_cover_days[b]
        cover = min(factor * point.cover_days[b] + extra, MOST_COVER_DAYS)
        point.up_to[b] = factor * point.units[b] + _expected(path, forecast, cover, day, b)
        cover = min(factor * point.reorder_cover_days[b] + extra, MOST_COVER_DAYS)
        point.reorder_at[b] = factor * point.reorder_units[b] + _expected(path, forecast, cover, day, b)
        if point.policy == REORDER_QUANTITY:
            point.up_to[b] = point.reorder_at[b] + point.batch_units[b]


@inlined
def _expected(path: "BlockPath", forecast: Record, cover_days: float, day: int, b: int) -> float:
    """Units that will be asked for in the days of cover."""
    seasonal = 0.0
    if forecast.kind == HOLT_WINTERS:
        season = path.seen[forecast.first_day : forecast.first_day + forecast.days, b]
        seasonal = _season_ahead(season, day + 1, cover_days)
    return _foreseen(forecast.level[b], forecast.trend[b], seasonal, cover_days)

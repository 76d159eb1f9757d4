"""The measures of a replication that the readable engine has simulated.

Its ledgers are laid, day by day, into the records of a block of one replication, from which the compiled
measures read: so each measure is written once, and has the same bits whichever engine moved the goods.
"""

from typing import NamedTuple

import numpy as np

from sim.engines import loading
from sim.engines.block_engine import Experiment
from sim.engines.compiler import Unit, compiled, inlined, unit
from sim.engines.kernel import BlockPath, Given
from sim.engines.layout import Array, Topology, effect_record, grant_record
from sim.engines.ledger import SimulatedPath, Twins
from sim.engines.measures import MeasuredBlock, Measures, first_days_of, measure_day, measured, measures_of
from sim.engines.spending import COST_KINDS, Spending
from sim.model.changes import changed_by_the_shock, laid_over
from sim.model.plan import Bools, Effect, Floats, Ints, Pause, Plan
from sim.model.schedule import Schedule

APART = 0
"""First day on which the twins are told apart: they have a ledger each."""


_UNITS: dict[int, Unit] = {}


class Pages(NamedTuple):
    """What the measures read of a path: rows are days, columns its stock points, lanes, streams or edges.

    Names are those of the records that a day is laid into.
    """

    on_hand: Array
    wip: Array
    started: Array
    produced: Array
    yield_today: Array
    waiting: Array
    ordered: Array
    consumed: Array
    goods_out: Array
    capacity: Array
    capacity_held: Array
    penalty: Array
    expired: Array
    written_off: Array
    work_written_off: Array
    shipped: Array
    turned_back: Array
    turns_back: Array
    lost_share: Array
    lane_written_off: Array
    lane_ordered: Array
    delivered: Array
    backlog: Array
    in_transit: Array
    lane_price: Array
    lane_price_paid: Array
    lane_price_received: Array
    demand: Array
    switched: Array
    sold: Array
    lost: Array
    unserved: Array
    barred: Array
    withheld: Array
    stream_price: Array
    held_back: Array
    input_units: Array


class DailyBooks(NamedTuple):
    """The books of both twins, the scenario's first, day by day.

    Attributes
    ----------
    unit_cost
        ``[twin, day, point]`` at which everything leaves on the day: the moving average of a stock, what a
        source supplies at; NaN where no books are kept.
    booked
        ``[twin, day, entry, maker]`` of money (:data:`sim.engines.costing.ENTRIES`).
    running
        ``[twin, day, kind of cost, maker]`` (:data:`sim.engines.spending.COST_KINDS`).
    market_sales
        ``[twin, day, maker]`` revenue from markets.
    """

    unit_cost: Floats
    booked: Floats
    running: Floats
    market_sales: Floats


class _Replay(NamedTuple):
    """A replication whose ledgers lie ready to be turned."""

    measure_a_day: Unit
    scenario: BlockPath
    counterfactual: BlockPath
    network: Topology
    given: Given
    moves: Array
    measures: Measures
    pages: Pages
    normal_pages: Pages
    usage: Array

    def turn(self, first_day: int, stop: int) -> None:
        """Measure days, one after the other, up to the last before `stop`."""
        replay(*self, np.array([first_day, stop]))


def measure(experiment: Experiment, twins: Twins) -> MeasuredBlock:
    """Measure a replication.

    Parameters
    ----------
    experiment
        The plan that was simulated, with what all its replications share.
    twins
        The replication.

    Returns
    -------
    MeasuredBlock
        A block of one replication.
    """
    values = loading.Values.of(twins.plan)
    found = _replay_of(experiment, twins, values)
    found.turn(0, twins.plan.days)
    return measured(experiment.tracking, values, found.scenario, found.counterfactual, found.measures)


def daily_books(experiment: Experiment, twins: Twins) -> DailyBooks:
    """Keep the books of a replication, and what they say on each day.

    Parameters
    ----------
    experiment
        The plan that was simulated, which keeps accounts, with what all its replications share.
    twins
        The replication.
    """
    plan, found = twins.plan, _replay_of(experiment, twins, loading.Values.of(twins.plan))
    costing, makers = found.measures.costing, len(plan.labels.makers)
    books = DailyBooks(
        unit_cost=np.full((2, plan.days, len(plan.points.firm)), np.nan),
        booked=np.empty((2, plan.days, *costing.today.shape[1:3])),
        running=np.empty((2, plan.days, len(COST_KINDS), makers)),
        market_sales=np.empty((2, plan.days, makers)),
    )
    for day in range(plan.days):
        found.turn(day, day + 1)
        books.unit_cost[:, day, costing.turns] = costing.points.unit_cost[costing.turns, :, 0].T
        books.booked[:, day] = costing.today[..., 0]
        books.running[:, day] = costing.running[..., 0].reshape(2, len(COST_KINDS), makers)
        books.market_sales[:, day] = found.measures.market_sales[:, :makers, 0]
    return books


def _replay_of(experiment: Experiment, twins: Twins, values: loading.Values) -> _Replay:
    plan = twins.plan
    scenario, counterfactual = (
        _path(experiment, values, path) for path in (twins.scenario, twins.counterfactual)
    )
    first = first_days_of(plan, values, scenario.interventions.start)
    measures = measures_of(experiment.tracking, values, first, _held_up(twins, int(first[0])), APART)
    network = loading.network_of(plan, experiment.links, experiment.facts)
    given, never = loading.given_of(plan, values.width), np.zeros((2, plan.days), dtype=bool)
    if values.width not in _UNITS:
        day = (scenario, counterfactual, network, given, never, measures, 0)
        _UNITS[values.width] = unit(measure_day, *day)
    return _Replay(
        measure_a_day=_UNITS[values.width],
        scenario=scenario,
        counterfactual=counterfactual,
        network=network,
        given=given,
        moves=never,
        measures=measures,
        pages=_pages(plan, twins.scenario),
        normal_pages=_pages(plan, twins.counterfactual),
        usage=np.ascontiguousarray(twins.scenario.schedule.usage.T),
    )


@compiled
def replay(
    measure_a_day: Unit,
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    given: Given,
    moves: Array,
    measures: Measures,
    pages: Pages,
    normal_pages: Pages,
    usage: Array,
    days: Array,
) -> None:
    """Turn the pages of both twins' ledgers from ``days[0]`` to ``days[1] - 1``.

    Prices are theirs, so that nothing `moves` them.
    """
    for day in range(days[0], days[1]):
        for point in range(usage.shape[1]):
            given.usage[point, 0] = usage[day, point]
        _open(scenario, measures.spending, pages, 0, day)
        _open(counterfactual, measures.spending, normal_pages, 1, day)
        measure_a_day(scenario, counterfactual, network, given, moves, measures, day)


@inlined
def _open(path: BlockPath, spending: Spending, pages: Pages, twin: int, day: int) -> None:
    """Lay a day of a twin's ledger into its records."""
    for index in range(len(path.points)):
        point = path.points[index]
        point.on_hand[0], point.wip[0] = pages.on_hand[day, index], pages.wip[day, index]
        point.waiting[0], point.ordered[0] = pages.waiting[day, index], pages.ordered[day, index]
        point.consumed[0], point.shipped[0] = pages.consumed[day, index], pages.goods_out[day, index]
        point.capacity[0] = pages.capacity[day, index]
        point.capacity_held[0] = pages.capacity_held[day, index]
        point.expired[0] = pages.expired[day, index]
        point.penalty[0], point.yield_today[0] = pages.penalty[day, index], pages.yield_today[day, index]
        point.started[0], point.produced[0] = pages.started[day, index], pages.produced[day, index]
        point.written_off[0] = pages.written_off[day, index]
        point.work_written_off[0] = pages.work_written_off[day, index]
    for index in range(len(path.lanes)):
        lane = path.lanes[index]
        lane.shipped[0], lane.delivered[0] = pages.shipped[day, index], pages.delivered[day, index]
        lane.turned_back[0], lane.turns_back[0] = pages.turned_back[day, index], pages.turns_back[day, index]
        lane.lost_share[0] = pages.lost_share[day, index]
        lane.written_off[0] = pages.lane_written_off[day, index]
        lane.ordered[0] = pages.lane_ordered[day, index]
        lane.backlog[0], lane.in_transit[0] = pages.backlog[day, index], pages.in_transit[day, index]
        spending.lanes[index].price[twin, 0] = pages.lane_price_paid[day, index]
    for taxed in spending.taxed:
        taxed.price[twin, 0] = pages.lane_price[day, taxed.lane]
        taxed.received[twin, 0] = pages.lane_price_received[day, taxed.lane]
    for index in range(len(path.streams)):
        stream = path.streams[index]
        stream.demand[0], stream.sold[0] = pages.demand[day, index], pages.sold[day, index]
        stream.barred[0], stream.withheld[0] = pages.barred[day, index], pages.withheld[day, index]
        stream.switched[0] = pages.switched[day, index]
        stream.lost[0], stream.unserved[0] = pages.lost[day, index], pages.unserved[day, index]
        spending.streams[index].price[twin, 0] = pages.stream_price[day, index]
    for index in range(len(path.edges)):
        path.edges[index].held_back[0] = pages.held_back[day, index]
        path.edges[index].units[0] = pages.input_units[day, index]


def _path(experiment: Experiment, values: loading.Values, path: SimulatedPath) -> BlockPath:
    """The records of a path; what interventions do on it, its ledger and its schedule say."""
    schedule, no_effects = path.schedule, loading.records(effect_record(1), 0)
    no_grants = loading.records(grant_record(1), 0)
    records = loading.path_of(values.plan, values, experiment.links, experiment.facts, no_effects, no_grants)
    records.interventions.start = schedule.timing.start[:, None]
    records.interventions.end = schedule.timing.end[:, None]
    records.lanes.is_open = True
    given = records.points.on_hand
    records.points.opening = np.where(given < 0.0, schedule.up_to[:, :1], given)
    records.substitutes.qualified_day = path.ledger.qualified_day[:, None]
    held_up = np.flatnonzero(records.lanes.mover >= 0)
    records.paused[records.lanes.mover[held_up], :, 0] = _bits(schedule.paused_lanes[:, held_up])
    return records


def _bits(paused: Bools) -> Ints:
    """``[lane, day]`` with a bit for each kind of pause, of ``[pause, lane, day]``."""
    bits = np.array([1 << pause for pause in Pause], dtype=np.uint8)
    return np.bitwise_or.reduce(np.where(paused, bits[:, None, None], np.uint8(0)))


def _pages(plan: Plan, path: SimulatedPath) -> Pages:
    """The pages of a path's ledger, and of what its schedule says about prices and goods that turn back."""
    points, lanes, streams = path.ledger.points, path.ledger.lanes, path.ledger.streams
    schedule = path.schedule
    turns_back = np.zeros_like(lanes.shipped)
    turns_back[:, schedule.restricted_lanes] = schedule.turned_back.T
    pages = Pages(
        on_hand=points.on_hand,
        wip=points.wip,
        started=points.started,
        produced=points.produced,
        yield_today=schedule.yield_share.T,
        waiting=points.waiting,
        ordered=points.ordered,
        consumed=points.consumed,
        goods_out=points.shipped,
        capacity=schedule.capacity.T,
        capacity_held=points.capacity_held,
        penalty=points.penalty,
        expired=points.expired,
        written_off=points.written_off,
        work_written_off=points.work_written_off,
        shipped=lanes.shipped,
        turned_back=lanes.turned_back,
        turns_back=turns_back,
        lost_share=_by_day(np.zeros(len(schedule.receipt_days)), schedule, Effect.DESTROYS_TRANSIT),
        lane_written_off=lanes.written_off,
        lane_ordered=lanes.ordered,
        delivered=lanes.delivered,
        backlog=lanes.backlog,
        in_transit=lanes.in_transit,
        lane_price=schedule.lane_price.T,
        lane_price_paid=schedule.lane_price_paid.T,
        lane_price_received=schedule.lane_price_received.T,
        demand=streams.demand,
        switched=streams.switched,
        sold=streams.shipped,
        lost=streams.lost,
        unserved=streams.backlog,
        barred=streams.barred,
        withheld=streams.withheld,
        stream_price=schedule.unit_price.T,
        held_back=path.ledger.held_back,
        input_units=_by_day(plan.edges.units, schedule, Effect.CHANGES_INPUT_UNITS),
    )
    return Pages(*(np.ascontiguousarray(values, dtype=np.float64) for values in pages))


def _by_day(usual: Floats, schedule: Schedule, kind: Effect) -> Floats:
    """``[day, target]`` numbers, of which interventions change or take some on some days."""
    table = np.tile(usual[:, None], (1, schedule.demand.shape[1]))
    return laid_over(table, (*schedule.changed, *schedule.destroyed), kind).T


def _held_up(twins: Twins, first_day: int) -> Floats:
    """``[lane, replication]`` 1 where from a day on a rule restricts a lane, or the shock pauses it."""
    scenario, normal = twins.scenario.schedule, twins.counterfactual.schedule
    by_the_shock = (scenario.paused_lanes & ~normal.paused_lanes)[:, :, first_day:]
    held_up = np.any(by_the_shock, axis=(0, 2)).astype(np.float64)
    permits_less = (scenario.open_share < 1.0) | scenario.under_quota
    restricted = np.any(permits_less[:, first_day:], axis=1)
    held_up[scenario.restricted_lanes[restricted]] = 1.0
    held_up = held_up[:, None]
    timings = (scenario.timing, normal.timing)
    starts, ends = ([getattr(timing, name)[:, None] for timing in timings] for name in ("start", "end"))
    held_up[changed_by_the_shock(twins.plan, (starts[0], starts[1]), (ends[0], ends[1]))] = 1.0
    return held_up

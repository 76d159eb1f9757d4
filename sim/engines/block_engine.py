"""A block of replications through the compiled engine: scenario and counterfactual, one day after the other.

What both twins share (planned usage, random draws, and all days before they can first differ) is worked out
once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np

from sim.engines import block_forecasts, changes, conditions, kernel, layout, loading
from sim.engines.blame import held_up_lanes
from sim.engines.calendar import arrival_day
from sim.engines.compiler import Unit, by_address, compile_for, compiled, inlined, part, unit
from sim.engines.draws import (
    PROCESSES,
    Tables,
    chances_of,
    draw_demand,
    draw_lead_time_days,
    tables_of,
    with_given,
)
from sim.engines.handled import Handled
from sim.engines.kernel import BlockPath, Given, Scratch
from sim.engines.layout import Array, Topology
from sim.engines.ledger import LaneLedger, Ledger, PointLedger, blank
from sim.engines.levels import Levels, levels_of, move_levels, scale_demand
from sim.engines.measures import (
    MeasuredBlock,
    Measures,
    Tracking,
    first_days_of,
    measure_day,
    measured,
    measures_of,
    track,
)
from sim.engines.planning import Planning, look_ahead, plan_demand, planning_of
from sim.kinds import Effect, ForecastKind, Pause, Ramp, Sourcing, Supply
from sim.model.changes import changed_by_the_shock
from sim.model.facts import Facts, facts_of
from sim.model.occurrence import dates_of, withdrawn
from sim.model.plan import Floats, Plan

FORKED = (
    "points",
    "lanes",
    "streams",
    "edges",
    "grants",
    "transit",
    "work",
    "orders",
    "added",
    "forecasts",
    "seen",
)
"""What the counterfactual takes over from the scenario when their shared days end."""
WORK_AT_A_TIME = 2_000_000
"""Stock points x days x replications between two looks at whether to go on, some tenths of a second."""


def always() -> bool:
    """Never stop."""
    return True


class Common(NamedTuple):
    """What both twins of a block share."""

    network: Topology
    tables: Tables
    planning: Planning
    levels: Levels
    given: Given
    scratch: Scratch
    random_yields: Array
    yields: Array
    uniforms: Array


class Units(NamedTuple):
    """What a day is made of, compiled for one width of blocks."""

    prepare: Unit
    advance: Unit
    measure: Unit


_UNITS: dict[int, Units] = {}


@compiled
def run_days(
    units: Units,
    scenario: BlockPath,
    counterfactual: BlockPath,
    common: Common,
    measures: Measures,
    moves: Array,
    span: Array,
) -> None:
    """Run and measure days ``span[0]`` to ``span[1] - 1``; the counterfactual from ``span[2]`` on.

    ``span[3]`` is the block's first replication.
    """
    for day in range(span[0], span[1]):
        units.prepare(scenario, common, span[3], day)
        units.advance(scenario, common, moves[0], day)
        if day >= span[2]:
            units.advance(counterfactual, common, moves[1], day)
        other = counterfactual if day >= span[2] else scenario
        units.measure(scenario, other, common.network, common.given, moves, measures, day)


@by_address
def prepare(path: BlockPath, common: Common, first_replication: int, day: int) -> None:
    """What both twins share on a day: planned usage, random demand and lead times."""
    look_ahead(path, common.network, common.planning, common.given.usage, day)
    _draw(common, first_replication, day)


@by_address
def advance(path: BlockPath, common: Common, moves: Array, day: int) -> None:
    """One day of one twin."""
    network = common.network
    for row in range(len(common.random_yields)):
        point = path.points[common.random_yields[row]]
        for b in range(len(point.yield_today)):
            point.yield_today[b] = common.yields[row, day, b]
    changes.change_numbers(path, common.given, day)
    if moves[day]:
        conditions.refresh(path, network, day)
    conditions.begin_quotas(path, day)
    conditions.set_levels(path, network, common.planning, common.given, common.scratch, day)
    if day == 0:
        _stock_up(path)
    kernel.run_day(path, network, common.given, common.scratch, day)


@part
def _stock_up(path: BlockPath) -> None:
    """A stock that was not given starts at its target; all of it is new on the first day."""
    for point in path.points:
        for b in range(len(point.on_hand)):
            point.opening[b] = point.up_to[b] if point.on_hand[b] < 0.0 else point.on_hand[b]
            point.on_hand[b] = point.opening[b]
        if point.younger_days > 0:
            for b in range(len(point.on_hand)):
                path.added[point.first_added, b] = point.on_hand[b]


@part
def _draw(common: Common, first_replication: int, day: int) -> None:
    """Random demand and lead times of the day."""
    planning, given, tables = common.planning, common.given, common.tables
    plan_demand(planning, planning.level_today, day)
    numbering = (first_replication, day)
    move_levels(common.levels, numbering)
    scale_demand(common.levels, planning.demand)
    draw_demand(tables, planning.demand, planning.dispersion, numbering, common.uniforms, given.demand)
    for lane in range(len(given.lead_time_days)):
        draw_lead_time_days(tables, lane, first_replication, day, common.uniforms, given.lead_time_days[lane])


@compiled
def _put_under_way(path: BlockPath, transit: Array, work: Array) -> None:
    """What is in transit or in work before the first day: ``[lane or point, day it is due, replication]``."""
    _put_on_lanes(path, transit)
    _put_in_work(path, work)


@inlined
def _put_on_lanes(path: BlockPath, transit: Array) -> None:
    for index in range(len(path.lanes)):
        lane = path.lanes[index]
        for slot in range(transit.shape[1]):
            for b in range(transit.shape[2]):
                if transit[index, slot, b] > 0.0:
                    due = slot if lane.mover < 0 else arrival_day(path.paused, lane.mover, b, 0, slot)
                    path.transit[lane.first_slot + due % lane.slots, b] += transit[index, slot, b]
                    lane.last_arrival[b] = max(lane.last_arrival[b], due)
                    lane.last_due = max(lane.last_due, due)
        for slot in range(lane.slots):
            for b in range(transit.shape[2]):
                lane.in_transit[b] += path.transit[lane.first_slot + slot, b]


@inlined
def _put_in_work(path: BlockPath, work: Array) -> None:
    for index in range(len(path.points)):
        point = path.points[index]
        for slot in range(work.shape[1]):
            for b in range(work.shape[2]):
                if work[index, slot, b] > 0.0:
                    due = slot if point.mover < 0 else arrival_day(path.paused, point.mover, b, 0, slot)
                    path.work[point.first_work + due % point.work_slots, b] += work[index, slot, b]
                    point.last_completion[b] = max(point.last_completion[b], due)
        for slot in range(point.work_slots):
            for b in range(work.shape[2]):
                point.wip[b] += path.work[point.first_work + slot, b]


# ---------------------------------------------------------------------- a block


HANDLED = Handled(
    engine="compiled",
    supplies=frozenset((Supply.SOURCE, Supply.BOUGHT, Supply.MADE)),
    policies=frozenset(kernel.ORDERS),
    forecasts=block_forecasts.HANDLED | {ForecastKind.PLANNED},
    sourcings=frozenset((Sourcing.SHARE, Sourcing.RANK)),
    ramps=frozenset((Ramp.LINEAR, Ramp.LOGISTIC)),
    processes=PROCESSES,
    effects=frozenset(
        {
            Effect.RESTRICTS_LANE,
            Effect.RELIEVES_LANE,
            Effect.SCALES_DEMAND,
            Effect.SCALES_STREAM_PRICE,
            Effect.SCALES_LANE_PRICE,
            Effect.SCALES_CAPACITY,
            Effect.RAISES_TARGET,
            Effect.LIFTS,
            Effect.PAUSES_LANE,
            Effect.PAUSES_RECIPE,
            Effect.BARS_STREAM,
            Effect.RELIEVES_STREAM,
            Effect.CHANGES_CAPACITY,
            Effect.CHANGES_LANE_CAPACITY,
            Effect.CHANGES_LANE_CAPACITY_SHARE,
            Effect.CHANGES_SHARE,
            Effect.CHANGES_SUBSIDIARY_SHARE,
            Effect.CHANGES_LEAD_TIME,
            Effect.CHANGES_LANE_PRICE,
            Effect.CHANGES_STREAM_PRICE,
            Effect.CHANGES_INPUT_UNITS,
            Effect.CHANGES_YIELD,
            Effect.CHANGES_ENGINEERS,
            Effect.DESTROYS_STOCK,
            Effect.DESTROYS_WORK,
            Effect.DESTROYS_TRANSIT,
            Effect.TAXES_LANE,
        }
    ),
    pauses=frozenset((Pause.ORDERS, Pause.SHIPMENTS, Pause.TRANSIT, Pause.RECEIPTS)),
)
"""What the engine has a handler for, its draws and its calendar included."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A plan and a root seed, and what all blocks of replications share."""

    plan: Plan
    seed: int
    tables: Tables
    tracking: Tracking
    facts: Facts
    links: loading.Links

    @classmethod
    def of(cls, plan: Plan, seed: int) -> "Experiment":
        """Prepare a plan for its blocks.

        Raises
        ------
        EngineError
            If the plan holds a kind that the engine has no handler for.
        """
        HANDLED.refuse_others(plan)
        facts = facts_of(plan)
        return cls(plan, seed, tables_of(plan, seed), track(plan), facts, loading.Links(plan, facts))

    def without_courses(self) -> "Experiment":
        """The same study, for blocks of which no week is kept."""
        return replace(self, tracking=replace(self.tracking, weeks=0))


@dataclass(frozen=True, slots=True)
class Block:
    """A block of replications, ready to run: both twins, and from which day on they may differ."""

    study: Experiment
    first_replication: int
    scenario: BlockPath
    counterfactual: BlockPath
    common: Common
    moves: Array
    shared_days: int
    values: loading.Values
    measures: Measures

    @property
    def plan(self) -> Plan:
        """The compiled scenario."""
        return self.study.plan

    @property
    def width(self) -> int:
        """Number of replications."""
        return int(self.common.given.usage.shape[1])


def load(study: Experiment, first_replication: int, samples: Floats) -> Block:
    """Make a block of replications ready to run.

    Parameters
    ----------
    study
        The plan and its seed.
    first_replication
        Number of the block's first replication.
    samples
        ``[replication, input]`` samples of the uncertain inputs.
    """
    plan = study.plan
    values = loading.Values(plan, samples)
    chances = with_given(chances_of(plan, study.seed, first_replication, values.width), plan, samples)
    common = _common(study, values, chances.yields)
    moves = np.zeros((2, plan.days), dtype=bool)
    effects = loading.effects_of(plan, values, chances, study.links)
    grants = loading.grants_of(plan, values, chances)
    scenario = loading.path_of(plan, values, study.links, study.facts, effects, grants)
    twins = (scenario, _like(scenario))
    for path, moving, with_shock in zip(twins, moves, (True, False), strict=True):
        start, end = dates_of(plan, values, chances.occurrence, with_shock=with_shock)
        end = withdrawn(plan, values, chances.withdrawal, (start, end))
        loading.set_timing(plan, path, start, end)
        _set_calendar(plan, values, path, chances.updown, moving)
        under_way = values("lanes", "initial_in_transit"), values("points", "initial_work_in_process")
        if any(units.any() for units in under_way):
            _put_under_way(path, *under_way)
    shared_days = _shared_days(plan, *twins)
    if shared_days < plan.days:
        moves[:, shared_days] = True
    first = first_days_of(plan, values, scenario.interventions.start)
    held_up = held_up_lanes(*twins, common.network, first)
    starts, ends = ([path.interventions[name] for path in twins] for name in ("start", "end"))
    held_up[changed_by_the_shock(plan, (starts[0], starts[1]), (ends[0], ends[1]))] = 1.0
    measures = measures_of(study.tracking, values, first, held_up, shared_days)
    return Block(study, first_replication, *twins, common, moves, shared_days, values, measures)


def _common(study: Experiment, values: loading.Values, yields: Floats) -> Common:
    plan = study.plan
    random_yields = [index for index, quantity in enumerate(plan.yields) if quantity is not None]
    return Common(
        network=loading.network_of(plan, study.links, study.facts),
        tables=study.tables,
        planning=planning_of(plan, values),
        levels=levels_of(plan, values, study.seed, values.width),
        given=loading.given_of(plan, values.width),
        scratch=loading.scratch_of(plan, values.width),
        random_yields=np.array(random_yields, dtype=np.int64),
        yields=yields,
        uniforms=np.zeros(values.width),
    )


def _like(path: BlockPath) -> BlockPath:
    """Another path that stands where a path stands before the first day, with nothing under way."""
    copied = (
        "points",
        "lanes",
        "streams",
        "edges",
        "substitutes",
        "interventions",
        "grants",
        "licensed",
        "changes",
        "losses",
        "forecasts",
    )
    empty = ("transit", "work", "orders", "added", "seen", "down", "paused")
    return path._replace(
        **{name: getattr(path, name).copy() for name in copied},
        **{name: np.zeros_like(getattr(path, name)) for name in empty},
    )


def _set_calendar(
    plan: Plan, values: loading.Values, path: BlockPath, uniforms: Floats, moves: Array
) -> None:
    moves[0] = True
    if len(path.effects) == 0:
        return
    owner = plan.process_intervention
    fails = 1.0 / values("interventions", "mean_days_to_failure")[owner]
    stays_down = 1.0 - 1.0 / values("interventions", "mean_days_to_recover")[owner]
    conditions.set_calendar(path, uniforms, fails, stays_down, owner, moves)


def _shared_days(plan: Plan, scenario: BlockPath, counterfactual: BlockPath) -> int:
    """Days before the twins may first differ in any replication of the block.

    A pause holds up what left before it, for as long as goods are under way at most.
    """
    one, other = scenario.interventions, counterfactual.interventions
    differs = (one.start != other.start) | (one.end != other.end)
    if not differs.any():
        return plan.days
    first = np.where(
        one.start != other.start, np.minimum(one.start, other.start), np.minimum(one.end, other.end)
    )
    day = min(max(int(first[differs].min()), 0), plan.days)
    pauses = np.isin(plan.effects.kind, (Effect.PAUSES_LANE, Effect.PAUSES_RECIPE))
    if differs[plan.effects.intervention[pauses]].any():
        return 0
    return day


def run(block: Block, keep_on: Callable[[], bool] = always) -> MeasuredBlock | None:
    """Run all days of both twins.

    Parameters
    ----------
    block
        A block that has not run yet.
    keep_on
        Asked now and then; when it says no, the run ends without a result.

    Returns
    -------
    MeasuredBlock
        What is kept of each replication.
    """
    days, shared_days = block.plan.days, block.shared_days
    step = max(1, WORK_AT_A_TIME // (1 + len(block.scenario.points) * block.width))
    for first in range(0, days, step):
        if not keep_on():
            return None
        end = min(first + step, days)
        if first <= shared_days < end:
            run_span(block, first, shared_days)
            fork(block)
            run_span(block, shared_days, end)
        else:
            run_span(block, first, end)
    return measured(block.study.tracking, block.values, block.scenario, block.counterfactual, block.measures)


def run_span(block: Block, first: int, end: int) -> None:
    """Run days ``first`` to ``end - 1``; :func:`fork` comes before the first that the twins do not share."""
    run_days(*arguments_of(block, first, end))


def arguments_of(block: Block, first: int, end: int) -> tuple[Any, ...]:
    """What :func:`run_days` takes for some days of a block."""
    span = np.array([first, end, block.shared_days, block.first_replication])
    twins = (block.scenario, block.counterfactual)
    return units_of(block), *twins, block.common, block.measures, block.moves, span


def compile_loop(block: Block) -> None:
    """Compile the loop over days for blocks like this one."""
    compile_for(run_days, *arguments_of(block, 0, 0))


def units_of(block: Block) -> Units:
    """What a day is made of, for blocks as wide as this one; compiled when it is first called."""
    if block.width not in _UNITS:
        path, common, moves, number = block.scenario, block.common, block.moves, block.first_replication
        shared = common.network, common.given
        _UNITS[block.width] = Units(
            prepare=unit(prepare, path, common, number, 0),
            advance=unit(advance, path, common, moves[0], 0),
            measure=unit(measure_day, path, path, *shared, moves, block.measures, 0),
        )
    return _UNITS[block.width]


def fork(block: Block) -> None:
    """Put the counterfactual where the scenario stands, under its own calendar."""
    if block.shared_days == 0:
        return
    for name in FORKED:
        getattr(block.counterfactual, name)[:] = getattr(block.scenario, name)
    trigger_day = block.counterfactual.substitutes.trigger_day.copy()
    first_day = block.counterfactual.substitutes.first_day.copy()
    block.counterfactual.substitutes[:] = block.scenario.substitutes
    block.counterfactual.substitutes.trigger_day = trigger_day
    block.counterfactual.substitutes.first_day = first_day


# ---------------------------------------------------------------------- every state of every day


def ledgers(block: Block, replications: int) -> list[tuple[Ledger, Ledger]]:
    """Run a block and write down every state and flow of every day, of both twins.

    Parameters
    ----------
    block
        A block that has not run yet.
    replications
        How many of its replications, from the first, to write down.
    """
    plan, scenario, counterfactual = block.plan, block.scenario, block.counterfactual
    books = [(blank(plan), blank(plan)) for _ in range(replications)]
    of_scenario, while_shared, while_apart = (
        [pair for b, twins in enumerate(books) for pair in _copied(path, twins[twin], b)]
        for path, twin in ((scenario, 0), (scenario, 1), (counterfactual, 1))
    )
    for day in range(plan.days):
        if day == block.shared_days:
            fork(block)
        run_span(block, day, day + 1)
        for table, numbers in (*of_scenario, *(while_apart if day >= block.shared_days else while_shared)):
            table[day] = numbers
    for b, twins in enumerate(books):
        _close(plan, scenario, twins[0], b)
        _close(plan, counterfactual if block.shared_days < plan.days else scenario, twins[1], b)
    return books


_STREAM_FIELDS = {
    "demand": "demand",
    "switched": "switched",
    "shipped": "sold",
    "lost": "lost",
    "backlog": "unserved",
    "barred": "barred",
    "withheld": "withheld",
}
"""What the ledger calls the numbers of a stream."""


_POINT_FIELDS, _LANE_FIELDS = (
    [field.name for field in fields(ledger) if field.name in numbers]
    for ledger, numbers in (
        (PointLedger, layout.POINT_NUMBERS),
        (LaneLedger, (*layout.LANE_NUMBERS, "arrival_day")),
    )
)


def _copied(path: BlockPath, ledger: Ledger, b: int) -> Iterator[tuple[Floats, Floats]]:
    """Tables of a ledger, each with the numbers of a replication that are its row of the day just run."""
    for name in _POINT_FIELDS:
        yield getattr(ledger.points, name), path.points[name][:, b]
    for name in _LANE_FIELDS:
        yield getattr(ledger.lanes, name), path.lanes[name][:, b]
    for name, field in _STREAM_FIELDS.items():
        yield getattr(ledger.streams, name), path.streams[field][:, b]
    yield ledger.held_back, path.edges.held_back[:, b]


def _close(plan: Plan, path: BlockPath, ledger: Ledger, b: int) -> None:
    """Write what has no row of its own on a day: what is qualified when, and that sources have no stock."""
    ledger.points.on_hand[:, plan.points.supply == Supply.SOURCE] = 0.0
    ledger.qualified_day[:] = path.substitutes.qualified_day[:, b]

"""What a linear program of a failure knows: the network from the day of failure on, and what stands then."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sim.engines import rules
from sim.engines.ledger import SimulatedPath
from sim.model.calendar_rules import ramp_level
from sim.model.changes import CHANGED_FIELDS
from sim.model.failures import StressPlan
from sim.model.plan import (
    NEVER,
    Bools,
    Cell,
    Effect,
    Floats,
    Input,
    Ints,
    LeadTime,
    Plan,
    Ramp,
    Supply,
    rounded_days,
)
from sim.risk.money import revenue
from sim.scenario.quantities import fixed


@dataclass(frozen=True, slots=True)
class Customers:
    """Demand streams that no program needs to tell apart: one stock point, price and patience.

    Attributes
    ----------
    point
        Stock point that serves them.
    streams
        Their demand streams.
    staying_share
        Share of those who are not served that still waits on the next day.
    waiting
        Units that wait when the failure begins.
    demand, price
        ``[day]`` from the failure on: units asked for, and revenue per unit (0 where the seller is no maker).
    unmet
        ``[day]`` units that leave or wait at the end of the day in the undisturbed network.
    earned, later
        Revenue of the undisturbed network in the window, discounts deducted; and what all demand between
        the last day and the end of the window is worth.
    highest_price
        Highest revenue per unit in the window.
    never_waits
        Whether the undisturbed network serves all at once throughout the window, at one full price.
    """

    point: int
    streams: tuple[int, ...]
    staying_share: float
    waiting: float
    demand: Floats
    price: Floats
    unmet: Floats
    earned: float
    later: float
    highest_price: float
    never_waits: bool


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """One part of the network that no limited supply links to another, from the day of failure on.

    Days count from the failure. Quantities are in units of the item; those of lanes in the buyer's.

    Attributes
    ----------
    points, sources, lanes
        Indices of the stock points that hold stock, of the sources with a limit, and of the lanes.
    usage
        ``[stock point]`` mean planned usage a day.
    on_hand
        ``[stock point]`` stock when the failure begins.
    coming
        ``[stock point, day]`` goods and finished work under way when it begins.
    capacity
        ``[stock point, day]`` units that a source supplies or a maker starts.
    lane_capacity
        ``[lane, day]`` units shipped at most, while the lane has not failed.
    ordered
        ``[lane, day]`` units that reach the supplier up to a day, of what was ordered before the failure;
        infinite once what is ordered after it can reach it.
    customers
        Who buys.
    """

    points: Ints
    sources: Ints
    lanes: Ints
    usage: Floats
    on_hand: Floats
    coming: Floats
    capacity: Floats
    lane_capacity: Floats
    ordered: Floats
    customers: tuple[Customers, ...]


def networks_of(stress: StressPlan, path: SimulatedPath, days: int) -> list[NetworkPart]:
    """The parts of the network, as they stand when the failure begins.

    Parameters
    ----------
    stress
        The plan of a stress test.
    path
        The undisturbed network, simulated.
    days
        How many days from the failure on to look at.

    Notes
    -----
    Where the simulation has a rule that a program cannot hold (lots, pauses, a limit on part of a lane's
    volume, engineers who qualify several substitutes, discounts for substituted parts), the rule is left
    out or taken at its best: the program then loses no more than with it.
    """
    plan, ahead = stress.plan, slice(stress.day, stress.day + days)
    capacity = path.schedule.capacity[:, ahead]
    unlimited = (plan.points.supply == Supply.SOURCE) & np.isinf(capacity).all(axis=1)
    lane_capacity = _lane_capacity(stress, path)[:, ahead]
    on_hand, coming = _on_hand(stress, path), _coming(stress, path, ahead)
    ordered = _ordered(stress, path, capacity.shape[1])
    customers = _customers(stress, path, ahead)
    part = _parts(plan, unlimited)
    holds = plan.points.supply != Supply.SOURCE
    return [
        NetworkPart(
            points=np.flatnonzero((part == number) & holds),
            sources=np.flatnonzero((part == number) & ~holds & ~unlimited),
            lanes=np.flatnonzero(part[plan.lanes.buyer] == number),
            usage=path.schedule.usage[:, ahead].mean(axis=1),
            on_hand=on_hand,
            coming=coming,
            capacity=capacity,
            lane_capacity=lane_capacity,
            ordered=ordered,
            customers=tuple(found for found in customers if part[found.point] == number),
        )
        for number in sorted({int(part[point]) for point in _that_earn(plan, customers)})
    ]


def _that_earn(plan: Plan, customers: Sequence[Customers]) -> Iterator[int]:
    """Stock points with customers; where margin leads also those whose stock costs the makers something."""
    yield from (found.point for found in customers)
    if plan.margin_leads:
        held = (plan.maker_of_point >= 0) & (plan.points.supply != Supply.SOURCE)
        yield from np.flatnonzero(held).tolist()


def lanes_in_use(stress: StressPlan, path: SimulatedPath) -> Bools:
    """``[lane]`` whether anything can be under way on it, on the day of failure or later."""
    is_open = _lane_capacity(stress, path)[:, stress.day :].max(axis=1) > 0.0
    known = (
        path.ledger.lanes.in_transit[stress.day - 1] if stress.day else stress.plan.lanes.initial_in_transit
    )
    under_way: Bools = known.reshape(len(is_open), -1).max(axis=1, initial=0.0) > 0.0
    return is_open | under_way


def at_its_best(stress: StressPlan, path: SimulatedPath) -> StressPlan:
    """The plan with each number that changes at the best that it ever is.

    A program that may use it on all days loses no more than one that knows the days.
    """
    plan = stress.plan
    best = {
        Effect.CHANGES_LANE_CAPACITY: np.max,
        Effect.CHANGES_LANE_CAPACITY_SHARE: np.max,
        Effect.CHANGES_SUBSIDIARY_SHARE: np.max,
        Effect.CHANGES_YIELD: np.max,
        Effect.CHANGES_INPUT_UNITS: np.min,
        Effect.CHANGES_ENGINEERS: np.min,
    }
    lead_times = list(plan.lead_times)
    for its in path.schedule.changed:
        if its.kind in best:
            cell = Cell(*CHANGED_FIELDS[its.kind], (its.target,))
            amount = float(best[its.kind](its.values))
            its_best = dataclasses.replace(plan, inputs=(Input("best", fixed(amount), (cell,)),))
            plan = dataclasses.replace(its_best.with_inputs(np.array([amount])), inputs=plan.inputs)
        elif its.kind == Effect.CHANGES_LEAD_TIME:
            shortest = int(rounded_days(np.array([its.values.min()]))[0])
            lead_times[its.target] = LeadTime(shortest, np.ones(1))
    return dataclasses.replace(stress, plan=dataclasses.replace(plan, lead_times=tuple(lead_times)))


def longest_way_days(plan: Plan) -> int:
    """Days from a source to a customer on the slowest way: lead times of orders and goods, process times."""
    way = np.zeros(len(plan.points.firm), dtype=np.int64)
    for point in plan.order.tolist():
        lanes, edges = plan.inbound[point], plan.inputs_of[point]
        leads = [
            way[plan.lanes.supplier[lane]] + order_days(plan, lane) + lead_time_days(plan, lane)
            for lane in lanes.tolist()
        ]
        made = [way[plan.edges.point[edge]] + process_days(plan, point) for edge in edges.tolist()]
        way[point] = max([0, *leads, *made])
    return int(way.max())


def lead_time_days(plan: Plan, lane: int) -> int:
    """Days in transit on a lane of a plan without chance."""
    return plan.lead_times[lane].shortest_days


def order_days(plan: Plan, lane: int) -> int:
    """Days until an order on a lane reaches its supplier."""
    return round(float(plan.lanes.order_lead_time_days[lane]))


def process_days(plan: Plan, point: int) -> int:
    """Days from start to finish of production."""
    return round(float(plan.points.process_days[point]))


def _parts(plan: Plan, unlimited: Bools) -> Ints:
    """``[point]`` number of the part that each stock point belongs to; what has no limit links nothing."""
    ends = np.concatenate([plan.lanes.supplier, plan.edges.point])
    others = np.concatenate([plan.lanes.buyer, plan.edges.made])
    links = ~unlimited[ends]
    count = len(plan.points.firm)
    graph = coo_array((np.ones(links.sum()), (ends[links], others[links])), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _on_hand(stress: StressPlan, path: SimulatedPath) -> Floats:
    if stress.day:
        return path.ledger.points.on_hand[stress.day - 1]
    given = stress.plan.points.initial_on_hand
    return np.where(given < 0.0, path.schedule.up_to[:, 0], given)


def _coming(stress: StressPlan, path: SimulatedPath, ahead: slice) -> Floats:
    """``[point, day]`` what is under way: the first goods to arrive in the undisturbed network."""
    plan, ledger, day = stress.plan, path.ledger, stress.day
    if day:
        in_transit, wip = ledger.lanes.in_transit[day - 1], ledger.points.wip[day - 1]
    else:
        in_transit = plan.lanes.initial_in_transit.sum(axis=1)
        wip = plan.points.initial_work_in_process.sum(axis=1)
    delivered = _first_units(ledger.lanes.delivered[ahead].T, in_transit)
    coming = _first_units(ledger.points.produced[ahead].T, wip)
    np.add.at(coming, plan.lanes.buyer, delivered)
    return coming


def _first_units(flow: Floats, units: Floats) -> Floats:
    """``[row, day]`` the part of a flow that belongs to its first units."""
    reached = np.minimum(np.cumsum(flow, axis=1), units[:, None])
    return np.diff(reached, axis=1, prepend=0.0)


def _lane_capacity(stress: StressPlan, path: SimulatedPath) -> Floats:
    """``[lane, day]`` of the calendar: limits, ramps, and lanes that a rule has closed altogether."""
    plan, schedule = stress.plan, path.schedule
    level = np.ones((len(plan.lanes.supplier), plan.days))
    for row, lane in enumerate(plan.substitutes.lane.tolist()):
        level[lane] = _level(stress, path, row)
    usage = schedule.usage[plan.lanes.buyer]
    with np.errstate(invalid="ignore"):
        share = np.where(usage > 0.0, plan.lanes.capacity_share_of_usage[:, None] * usage, np.inf)
    no_usage = (usage <= 0.0) & np.isfinite(plan.lanes.capacity_share_of_usage)[:, None]
    limit = np.minimum(plan.lanes.capacity_per_day[:, None], np.where(no_usage, 0.0, share))
    partly = np.where(np.isfinite(limit), limit, np.where(level < 1.0, usage, np.inf))
    capacity = np.where(level > 0.0, np.where(level > 0.0, level, 1.0) * partly, 0.0)
    closed = schedule.open_share <= 0.0
    capacity[schedule.restricted_lanes] = np.where(closed, 0.0, capacity[schedule.restricted_lanes])
    return capacity


def _ordered(stress: StressPlan, path: SimulatedPath, days: int) -> Floats:
    plan, day, lanes = stress.plan, stress.day, path.ledger.lanes
    backlog = lanes.backlog[day - 1] if day else plan.lanes.initial_backlog
    ordered = np.full((len(plan.lanes.supplier), days), np.inf)
    for lane in range(len(ordered)):
        under_way = min(order_days(plan, lane), days)
        placed = np.concatenate([np.zeros(under_way), lanes.ordered[:day, lane]])[day : day + under_way]
        ordered[lane, :under_way] = backlog[lane] + np.cumsum(placed)
    return ordered


def _level(stress: StressPlan, path: SimulatedPath, row: int) -> Floats:
    """``[day]`` how far a substitute's ramp can have come, if it is qualified as early as can be."""
    table, plan = stress.plan.substitutes, stress.plan
    qualified = int(path.ledger.qualified_day[row])
    trigger = int(path.schedule.trigger_day[row])
    by_state = table.cover_below_days[row] > 0.0 or table.after_substitute[row] >= 0
    by_stock = trigger >= NEVER and by_state
    shares_engineers = table.engineer_days[row] > 0.0 and np.isfinite(plan.engineers[table.firm[row]])
    if qualified >= stress.day and (by_stock or shares_engineers):
        started = stress.day if by_stock else max(trigger, 0)
        earliest = started + int(table.qualification_lag_days[row]) if started < NEVER else NEVER
        qualified = min(qualified, max(stress.day, earliest))
    is_logistic = bool(table.ramp[row] == Ramp.LOGISTIC)
    return np.array(
        [
            ramp_level(float(day - qualified), float(table.ramp_days[row]), logistic=is_logistic)
            for day in range(plan.days)
        ]
    )


def _customers(stress: StressPlan, path: SimulatedPath, ahead: slice) -> list[Customers]:
    plan, schedule, ledger = stress.plan, path.schedule, path.ledger.streams
    waiting = ledger.backlog[stress.day - 1] if stress.day else plan.streams.initial_backorders
    is_maker = plan.maker_of_stream >= 0
    window = slice(stress.day, stress.day + plan.window_days)
    tail = slice(ahead.stop, window.stop)
    price = np.where(is_maker[:, None], schedule.unit_price, 0.0)
    later = price[:, tail] * schedule.demand[:, tail]
    earned = np.where(is_maker, revenue(plan, path)[window].sum(axis=0), 0.0)
    is_plain = path.ledger.points.penalty[window][:, plan.streams.point].max(axis=0, initial=0.0) == 0.0
    is_plain &= np.ptp(price[:, window], axis=1) == 0.0
    unmet = ledger.lost + ledger.backlog + ledger.barred
    groups: dict[tuple[int, float, bytes], list[int]] = {}
    for stream, point in enumerate(plan.streams.point.tolist()):
        key = (point, float(plan.streams.patience_days[stream]), price[stream, window].tobytes())
        groups.setdefault(key, []).append(stream)
    return [
        Customers(
            point=point,
            streams=tuple(members),
            staying_share=1.0 - rules.leaving_share(patience_days),
            waiting=float(waiting[members].sum()),
            demand=schedule.demand[members, ahead].sum(axis=0),
            price=price[members[0], ahead],
            unmet=unmet[ahead, members].sum(axis=1),
            earned=float(earned[members].sum()),
            later=float(later[members].sum()),
            highest_price=float(price[members[0], window].max(initial=0.0)),
            never_waits=bool(is_plain[members].all()) and not unmet[window, members].any(),
        )
        for (point, patience_days, _), members in groups.items()
    ]

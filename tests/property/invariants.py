"""What must hold of every simulated path, whatever the network; one function each.

Balances hold up to rounding, measured against the largest figure of the row they belong to. Signs and
closures hold exactly.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engines.ledger import Ledger, SimulatedPath
from sim.model.plan import NEVER, Effect, Pause, Plan, Supply, rounded_days
from sim.model.promise import choices_of, reached

Array = NDArray[np.float64]
Invariant = Callable[[Plan, SimulatedPath], None]
ROUNDING = 1e-10
INVARIANTS: dict[str, Invariant] = {}


def invariant(check: Invariant) -> Invariant:
    INVARIANTS[check.__name__] = check
    return check


def tables(ledger: Ledger) -> Iterator[tuple[str, Array]]:
    """Every array of a ledger with its name."""
    for group in ("points", "lanes", "streams"):
        part = getattr(ledger, group)
        for field in fields(part):
            yield f"{group}.{field.name}", getattr(part, field.name)
    yield "held_back", ledger.held_back


def assert_equal_up_to_rounding(found: Array, expected: Array, scale: Array) -> None:
    """`scale` has the figures that the two were computed from; days run along the first axis."""
    largest = np.max(np.abs(scale), axis=0, initial=0.0)
    error = np.abs(found - expected)
    assert np.all(error <= ROUNDING * largest), f"differ by {error.max():g}, figures up to {largest.max():g}"


def changes(states: Array, first: Array) -> Array:
    """Today's state less yesterday's."""
    return np.diff(states, axis=0, prepend=first[None, :])


def waiting(plan: Plan, path: SimulatedPath) -> Array:
    """``[day, point]`` units that wait to be started at the end of the day."""
    points = path.ledger.points
    made = plan.points.supply == Supply.MADE
    return np.where(made, (points.on_order - points.wip) / plan.points.yield_share, 0.0)


def by_day(plan: Plan, path: SimulatedPath, kind: Effect, usual: Array) -> Array:
    """``[day, target]`` numbers, of which interventions change some."""
    table = np.tile(usual, (plan.days, 1))
    for its in path.schedule.changed:
        if its.kind == kind:
            table[:, its.target] = its.values
    return table


def input_units(plan: Plan, path: SimulatedPath) -> Array:
    """``[day, edge]`` units of each input for a unit that is started."""
    return by_day(plan, path, Effect.CHANGES_INPUT_UNITS, plan.edges.units)


def kept(plan: Plan, path: SimulatedPath) -> Array:
    """``[day, lane]`` share of the goods under way that neither turns back nor is lost."""
    share = np.ones((plan.days, len(plan.lanes.supplier)))
    share[:, path.schedule.restricted_lanes] -= path.schedule.turned_back.T
    for its in path.schedule.destroyed:
        if its.kind == Effect.DESTROYS_TRANSIT:
            share[:, its.target] *= 1.0 - its.values
    return share


def sums(values: Array, owner: NDArray[np.int64], count: int) -> Array:
    """Add columns that belong to the same owner."""
    total = np.zeros((len(values), count))
    for column, index in enumerate(owner.tolist()):
        total[:, index] += values[:, column]
    return total


SIGNED = frozenset({"streams.withheld"})
"""What became so on a day, less what no longer is."""


@invariant
def nothing_is_negative_or_undefined(plan: Plan, path: SimulatedPath) -> None:
    for name, table in tables(path.ledger):
        assert np.all(np.isfinite(table)), name
        assert name in SIGNED or np.all(table >= 0.0), f"{name}: {table.min()}"


@invariant
def stock_is_conserved(plan: Plan, path: SimulatedPath) -> None:
    points = path.ledger.points
    given = plan.points.initial_on_hand
    first = np.where(given < 0.0, path.schedule.up_to[:, 0], given)
    flows = (
        points.received
        + points.produced
        + points.returned
        - points.consumed
        - points.shipped
        - points.expired
        - points.written_off
    )
    held = plan.points.supply != Supply.SOURCE
    scale = np.stack([points.on_hand, points.received, points.produced, points.shipped]).max(axis=0)
    scale = np.maximum(scale, first)
    assert_equal_up_to_rounding(
        changes(points.on_hand, first)[:, held], flows[:, held], np.cumsum(scale, axis=0)[:, held]
    )


@invariant
def goods_turned_back_are_returned_to_their_supplier(plan: Plan, path: SimulatedPath) -> None:
    lanes, returned = path.ledger.lanes, path.ledger.points.returned
    turned = lanes.turned_back * plan.lanes.units_per_original
    expected = sums(turned, plan.lanes.supplier, returned.shape[1])
    assert_equal_up_to_rounding(returned, expected, expected)


@invariant
def work_in_process_is_conserved(plan: Plan, path: SimulatedPath) -> None:
    points = path.ledger.points
    begun = points.started * path.schedule.yield_share.T
    made = plan.points.supply == Supply.MADE
    first = plan.points.initial_work_in_process.sum(axis=1)
    found, expected = changes(points.wip, first), begun - points.produced - points.work_written_off
    scale = first + np.cumsum(begun, axis=0)
    assert_equal_up_to_rounding(found[:, made], expected[:, made], scale[:, made])


def is_line(plan: Plan) -> NDArray[np.bool_]:
    """``[point]`` whether it is one of several recipes."""
    flags: NDArray[np.bool_] = plan.points.alternative_of >= 0
    return flags


@invariant
def production_orders_are_conserved(plan: Plan, path: SimulatedPath) -> None:
    points = path.ledger.points
    made = (plan.points.supply == Supply.MADE) & ~is_line(plan)
    first = plan.points.initial_waiting
    placed = points.ordered / plan.points.yield_share - points.started
    scale = first + np.cumsum(points.ordered, axis=0) / plan.points.yield_share
    found = changes(waiting(plan, path), first)
    assert_equal_up_to_rounding(found[:, made], placed[:, made], scale[:, made])


@invariant
def lines_have_waiting_or_in_work_what_is_ordered_of_them(plan: Plan, path: SimulatedPath) -> None:
    """Where no yield is random and no order is paused; more is there only after orders were taken back."""
    points, lanes = path.ledger.points, path.ledger.lanes
    found = points.on_hand + points.on_order
    ordered = sums(lanes.backlog, plan.lanes.supplier, len(plan.points.firm))
    scale = np.cumsum(sums(lanes.ordered, plan.lanes.supplier, len(plan.points.firm)), axis=0)
    paused = reached(plan, Effect.PAUSES_RECIPE, len(plan.points.firm))
    for line in np.flatnonzero(is_line(plan) & ~paused).tolist():
        if plan.yields[line] is None:
            error = ordered[:, line] - found[:, line]
            assert np.all(error <= ROUNDING * np.max(scale[:, line], initial=0.0)), plan.labels.points[line]


@invariant
def orders_are_conserved(plan: Plan, path: SimulatedPath) -> None:
    lanes = path.ledger.lanes
    flows = lanes.ordered - lanes.cancelled - lanes.shipped
    first = plan.lanes.initial_backlog
    scale = first + np.cumsum(lanes.ordered, axis=0)
    ordered = lanes.backlog + lanes.orders_under_way
    assert_equal_up_to_rounding(changes(ordered, first), flows, scale)


@invariant
def orders_reach_their_supplier_after_the_order_lead_time(plan: Plan, path: SimulatedPath) -> None:
    """What is under way is at most what was ordered lately, and all of that where nothing is cancelled."""
    lanes = path.ledger.lanes
    for lane, days in enumerate(rounded_days(plan.lanes.order_lead_time_days).tolist()):
        placed = np.concatenate([np.zeros(days), lanes.ordered[:, lane]])
        lately = np.array([placed[today + 1 : today + 1 + days].sum() for today in range(plan.days)])
        under_way = lanes.orders_under_way[:, lane]
        assert np.all(under_way <= lately * (1.0 + ROUNDING))
        if lane not in path.schedule.restricted_lanes:
            assert under_way == pytest.approx(lately, rel=ROUNDING)


@invariant
def goods_in_transit_are_conserved(plan: Plan, path: SimulatedPath) -> None:
    lanes = path.ledger.lanes
    flows = lanes.shipped - lanes.delivered - lanes.turned_back - lanes.written_off
    first = plan.lanes.initial_in_transit.sum(axis=1)
    scale = first + np.cumsum(lanes.shipped, axis=0)
    assert_equal_up_to_rounding(changes(lanes.in_transit, first), flows, scale)


@invariant
def customers_are_conserved(plan: Plan, path: SimulatedPath) -> None:
    streams = path.ledger.streams
    flows = streams.demand - streams.shipped - streams.lost
    first = plan.streams.initial_backorders
    scale = first + np.cumsum(streams.demand, axis=0)
    assert_equal_up_to_rounding(changes(streams.backlog + streams.barred, first), flows, scale)


@invariant
def what_lanes_deliver_is_received(plan: Plan, path: SimulatedPath) -> None:
    lanes, received = path.ledger.lanes, path.ledger.points.received
    delivered = sums(lanes.delivered, plan.lanes.buyer, received.shape[1])
    assert_equal_up_to_rounding(received, delivered, delivered)


@invariant
def what_a_point_ships_goes_to_its_lanes_and_streams(plan: Plan, path: SimulatedPath) -> None:
    lanes, streams, shipped = path.ledger.lanes, path.ledger.streams, path.ledger.points.shipped
    count = shipped.shape[1]
    out = sums(lanes.shipped * plan.lanes.units_per_original, plan.lanes.supplier, count)
    out += sums(streams.shipped, plan.streams.point, count)
    assert_equal_up_to_rounding(shipped, out, out)


@invariant
def recipes_draw_their_bill_of_materials(plan: Plan, path: SimulatedPath) -> None:
    points = path.ledger.points
    drawn = points.started[:, plan.edges.made] * input_units(plan, path)
    needed = sums(drawn, plan.edges.point, points.consumed.shape[1])
    assert_equal_up_to_rounding(points.consumed, needed, np.maximum(needed, points.on_hand))


@invariant
def what_is_bought_is_ordered_on_lanes(plan: Plan, path: SimulatedPath) -> None:
    ordered = sums(path.ledger.lanes.ordered, plan.lanes.buyer, len(plan.points.firm))
    """What one recipe takes over from another is ordered of it by nobody."""
    bought = plan.points.supply == Supply.BOUGHT
    bought[plan.points.alternative_of[is_line(plan)]] = False
    found = path.ledger.points.ordered[:, bought]
    assert_equal_up_to_rounding(found, ordered[:, bought], ordered[:, bought])


@invariant
def orders_follow_the_policy_on_review_days_only(plan: Plan, path: SimulatedPath) -> None:
    day = np.arange(plan.days)[:, None]
    between = day % plan.points.review_days[None, :] != 0
    assert np.all(path.ledger.points.ordered[between] == 0.0)


@invariant
def what_is_owed_is_what_others_wait_for(plan: Plan, path: SimulatedPath) -> None:
    lanes, streams, points = path.ledger.lanes, path.ledger.streams, path.ledger.points
    count = points.owed.shape[1]
    owed = sums(lanes.backlog * plan.lanes.units_per_original, plan.lanes.supplier, count)
    owed += sums(streams.backlog, plan.streams.point, count)
    units = input_units(plan, path)
    owed += sums(waiting(plan, path)[:, plan.edges.made] * units, plan.edges.point, count)
    needs = np.cumsum(points.ordered / plan.points.yield_share, axis=0) + plan.points.initial_waiting
    needs = needs[:, plan.edges.made]
    scale = owed + sums(needs * units, plan.edges.point, count)
    assert_equal_up_to_rounding(points.owed, owed, scale)


@invariant
def a_closed_lane_takes_no_orders_and_ships_nothing(plan: Plan, path: SimulatedPath) -> None:
    for row, lane in enumerate(path.schedule.restricted_lanes.tolist()):
        closed = path.schedule.open_share[row] == 0.0
        assert np.all(path.ledger.lanes.ordered[closed, lane] == 0.0)
        assert np.all(path.ledger.lanes.shipped[closed, lane] == 0.0)
        assert np.all(path.ledger.lanes.backlog[closed, lane] == 0.0)
        assert np.all(path.ledger.lanes.orders_under_way[closed, lane] == 0.0)


@invariant
def a_restricted_lane_takes_no_more_than_is_permitted(plan: Plan, path: SimulatedPath) -> None:
    usage, full = path.schedule.usage, path.schedule.volume_share
    for row, lane in enumerate(path.schedule.restricted_lanes.tolist()):
        share = path.schedule.open_share[row]
        permitted = share * full[lane] * usage[plan.lanes.buyer[lane]]
        ordered = path.ledger.lanes.ordered[:, lane]
        so_far = allowed = 0.0
        for today in range(plan.days):
            restricted = share[today] < 1.0
            so_far, allowed = (
                (so_far + ordered[today], allowed + permitted[today]) if restricted else (0.0, 0.0)
            )
            assert so_far <= allowed * (1.0 + ROUNDING)


@invariant
def backlog_is_cancelled_where_a_lane_closes_or_where_there_is_a_choice(
    plan: Plan, path: SimulatedPath
) -> None:
    lanes = path.ledger.lanes
    scale = plan.lanes.initial_backlog + np.cumsum(lanes.ordered, axis=0)
    moved = lanes.cancelled - _cut_by_closing(plan, path)
    assert np.all(moved >= -ROUNDING * scale)
    has_choice = choices_of(plan).has_choice[plan.lanes.buyer]
    kept = moved[:, ~has_choice]
    assert_equal_up_to_rounding(kept, np.zeros_like(kept), scale[:, ~has_choice])


@invariant
def backlog_that_moves_is_ordered_elsewhere(plan: Plan, path: SimulatedPath) -> None:
    lanes = path.ledger.lanes
    scale = plan.lanes.initial_backlog + np.cumsum(lanes.ordered, axis=0)
    moved = lanes.cancelled - _cut_by_closing(plan, path)
    in_lots = (plan.lanes.minimum_order_units > 0.0) | (plan.lanes.order_multiple_units > 0.0)
    for point in np.flatnonzero(choices_of(plan).has_choice).tolist():
        inbound = plan.inbound[point]
        if not in_lots[inbound].any():
            excess = moved[:, inbound].sum(axis=1) - lanes.ordered[:, inbound].sum(axis=1)
            assert np.all(excess <= ROUNDING * scale[:, inbound].sum(axis=1))


def _cut_by_closing(plan: Plan, path: SimulatedPath) -> Array:
    """``[day, lane]`` backlog that a falling open share takes."""
    lanes = path.ledger.lanes
    cut = np.zeros_like(lanes.cancelled)
    for row, lane in enumerate(path.schedule.restricted_lanes.tolist()):
        before, backlog = 1.0, plan.lanes.initial_backlog[lane]
        for today in range(plan.days):
            now = path.schedule.open_share[row, today]
            if now < before:
                cut[today, lane] = backlog * (before - now) / before
            before, backlog = now, lanes.backlog[today, lane] + lanes.orders_under_way[today, lane]
    return cut


@invariant
def shipments_arrive_on_their_day_less_what_is_turned_back(plan: Plan, path: SimulatedPath) -> None:
    lanes, schedule = path.ledger.lanes, path.schedule
    share = kept(plan, path)
    expected = np.zeros_like(lanes.delivered)
    for lane in range(lanes.shipped.shape[1]):
        for slot, units in enumerate(plan.lanes.initial_in_transit[lane].tolist()):
            arrival = int(schedule.initial_arrival_day[lane, slot])
            if arrival < plan.days:
                expected[arrival, lane] += units * np.prod(share[:arrival, lane])
        for today in np.flatnonzero(lanes.shipped[:, lane]).tolist():
            arrival = int(lanes.arrival_day[today, lane])
            if arrival >= plan.days:
                continue
            goes_on = np.prod(share[today + 1 : arrival, lane])
            expected[arrival, lane] += lanes.shipped[today, lane] * goes_on
    scale = plan.lanes.initial_in_transit.sum(axis=1) + np.cumsum(lanes.shipped, axis=0)
    assert_equal_up_to_rounding(lanes.delivered, expected, scale)


@invariant
def nothing_arrives_before_its_lead_time(plan: Plan, path: SimulatedPath) -> None:
    lanes, lead_time = path.ledger.lanes, path.schedule.receipt_days
    for lane in range(lanes.shipped.shape[1]):
        sent = np.flatnonzero(lanes.shipped[:, lane])
        arrival = lanes.arrival_day[sent, lane]
        promised = sent + lead_time[lane, sent]
        coming = _last_of_initial(plan, path, lane)
        if plan.lanes.order_crossing[lane]:
            assert np.array_equal(arrival, promised)
        else:
            assert np.array_equal(arrival, np.maximum.accumulate(np.maximum(promised, coming)))


def _last_of_initial(plan: Plan, path: SimulatedPath, lane: int) -> int:
    """Day on which the last of what was under way before day 0 arrives."""
    slots = np.flatnonzero(plan.lanes.initial_in_transit[lane])
    return int(path.schedule.initial_arrival_day[lane, slots].max(initial=0))


@invariant
def a_paused_lane_takes_no_orders(plan: Plan, path: SimulatedPath) -> None:
    paused = path.schedule.paused_lanes[Pause.ORDERS].T
    assert np.all(path.ledger.lanes.ordered[paused] == 0.0)


@invariant
def nothing_is_received_while_receipts_are_paused(plan: Plan, path: SimulatedPath) -> None:
    paused = path.schedule.paused_lanes[Pause.RECEIPTS].T
    assert np.all(path.ledger.lanes.delivered[paused] == 0.0)


@invariant
def nothing_is_set_aside_or_at_the_dock_without_a_pause(plan: Plan, path: SimulatedPath) -> None:
    lanes, paused = path.ledger.lanes, path.schedule.paused_lanes
    assert np.all(lanes.set_aside[~paused[Pause.SHIPMENTS].T] == 0.0)
    assert np.all(lanes.at_dock[~paused[Pause.RECEIPTS].T] == 0.0)


@invariant
def what_is_held_up_is_part_of_what_is_in_transit(plan: Plan, path: SimulatedPath) -> None:
    lanes = path.ledger.lanes
    scale = plan.lanes.initial_in_transit.sum(axis=1) + np.cumsum(lanes.shipped, axis=0)
    assert np.all(lanes.set_aside + lanes.at_dock <= lanes.in_transit + ROUNDING * scale[-1])


@invariant
def what_waits_at_the_dock_is_received_when_receipts_go_on(plan: Plan, path: SimulatedPath) -> None:
    lanes, paused = path.ledger.lanes, path.schedule.paused_lanes[Pause.RECEIPTS].T
    first, last = paused[:-1] & ~paused[1:], lanes.delivered[1:]
    scale = plan.lanes.initial_in_transit.sum(axis=1) + lanes.shipped.sum(axis=0)
    returned = (lanes.turned_back + lanes.written_off).sum(axis=0) > 0.0
    waits = np.where(first & ~returned, lanes.at_dock[:-1], 0.0)
    assert np.all(waits <= last + ROUNDING * scale)


@invariant
def orders_come_in_lots(plan: Plan, path: SimulatedPath) -> None:
    ordered, lanes = path.ledger.lanes.ordered, plan.lanes
    for lane in range(ordered.shape[1]):
        placed = ordered[ordered[:, lane] > 0.0, lane]
        assert np.all(placed >= lanes.minimum_order_units[lane] * (1.0 - ROUNDING))
        if lanes.order_multiple_units[lane] > 0.0:
            lots = placed / lanes.order_multiple_units[lane]
            assert lots == pytest.approx(np.rint(lots), rel=1e-9)


@invariant
def capacities_are_respected(plan: Plan, path: SimulatedPath) -> None:
    points, capacity = path.ledger.points, path.schedule.capacity.T
    source = plan.points.supply == Supply.SOURCE
    made = plan.points.supply == Supply.MADE
    assert np.all(points.started[:, made] <= capacity[:, made])
    supplied = points.shipped + points.consumed
    assert np.all(supplied[:, source] <= capacity[:, source] * (1.0 + ROUNDING))


@invariant
def lanes_carry_no_more_than_they_can(plan: Plan, path: SimulatedPath) -> None:
    usage = path.schedule.usage.T[:, plan.lanes.buyer]
    share = by_day(plan, path, Effect.CHANGES_LANE_CAPACITY_SHARE, plan.lanes.capacity_share_of_usage)
    per_day = by_day(plan, path, Effect.CHANGES_LANE_CAPACITY, plan.lanes.capacity_per_day)
    limited = np.isfinite(share)
    by_usage = np.where(limited, share, 0.0) * usage
    limit = np.minimum(per_day, np.where(limited, by_usage, np.inf))
    assert np.all(path.ledger.lanes.shipped <= limit * (1.0 + ROUNDING))


@invariant
def a_substitute_ships_nothing_before_it_is_qualified(plan: Plan, path: SimulatedPath) -> None:
    day = np.arange(plan.days)
    for lane, qualified in zip(plan.substitutes.lane, path.ledger.qualified_day, strict=True):
        assert np.all(path.ledger.lanes.shipped[day < qualified, lane] == 0.0)


@invariant
def no_qualification_is_faster_than_its_lag(plan: Plan, path: SimulatedPath) -> None:
    triggered = path.schedule.trigger_day
    done = path.ledger.qualified_day
    for day, trigger, lag in zip(done, triggered, plan.substitutes.qualification_lag_days, strict=True):
        if trigger < NEVER and day < NEVER:
            assert day >= max(trigger, 0) + lag - 1e-6


@invariant
def what_is_held_back_is_what_still_waits(plan: Plan, path: SimulatedPath) -> None:
    points = path.ledger.points
    held = sums(path.ledger.held_back, plan.edges.made, points.wip.shape[1]) + points.capacity_held
    made = (plan.points.supply == Supply.MADE) & ~is_line(plan)
    scale = plan.points.initial_waiting + np.cumsum(points.ordered / plan.points.yield_share, axis=0)
    assert_equal_up_to_rounding(held[:, made], waiting(plan, path)[:, made], scale[:, made])


@invariant
def a_penalty_is_a_share(plan: Plan, path: SimulatedPath) -> None:
    assert np.all(path.ledger.points.penalty <= 1.0)

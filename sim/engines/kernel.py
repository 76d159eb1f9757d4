"""The compiled engine: the phases of a day (``docs/model.md``) for a block of replications side by side.

Every function here works on records (:mod:`sim.engines.layout`) and loops over the block innermost, with
selects in place of branches wherever replications may differ. Sums run in the same order as in the
readable engine, so that both give the same numbers to the last bit.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sim.engines import rules
from sim.engines.block_forecasts import foresee
from sim.engines.calendar import received_day
from sim.engines.compiler import fetch, inlined, part
from sim.engines.layout import Array, Record, Records, Topology
from sim.engines.rules import NOISE, QUALIFIED
from sim.model import calendar_rules
from sim.model.plan import HOLDS_UP, NEVER, Effect, Pause, PolicyKind, Supply

BOUGHT = int(Supply.BOUGHT)
MADE = int(Supply.MADE)
SOURCE = int(Supply.SOURCE)
DESTROYS_STOCK = int(Effect.DESTROYS_STOCK)
DESTROYS_WORK = int(Effect.DESTROYS_WORK)
# Numba would compile a function anew for a number written out.
BEFORE_ALL: Any = np.int64(-1)
"""Lower than any rank: those of a plan are numbered from 0."""
PAUSED_ORDERS = 1 << int(Pause.ORDERS)
HELD_UP = sum(1 << int(pause) for pause in HOLDS_UP)

# The rules of both engines. Compiled into loops over a block they become selects, as if written out there.
_base_stock_order = inlined(rules.base_stock_order)
_reorder_up_to_order = inlined(rules.reorder_up_to_order)
_reorder_quantity_order = inlined(rules.reorder_quantity_order)
_in_lots = inlined(rules.in_lots)
_granted = inlined(rules.granted)
_licensed_room = inlined(rules.licensed_room)
_covered_share = inlined(rules.covered_share)
_excess = inlined(rules.excess)
_pace = inlined(rules.pace)
_has_come = inlined(rules.has_come)
_lane_carries = inlined(rules.lane_capacity)
_mixed_penalty = inlined(rules.mixed_penalty)
_stays_away = inlined(rules.stays_away)
_ramp_level = inlined(calendar_rules.ramp_level)
_share_lost = inlined(calendar_rules.share_lost)


class BlockPath(NamedTuple):
    """Where a block of replications stands on one twin's path.

    ``transit`` and ``work`` are rings ``[slot, replication]`` of what arrives or is finished on which day,
    ``orders`` of what reaches its supplier, ``seen`` of what was asked on the last days, ``added`` of what
    came to stocks that age; ``paused`` is ``[mover, day, replication]`` with a bit for each kind of pause.
    """

    points: Records
    lanes: Records
    streams: Records
    edges: Records
    substitutes: Records
    interventions: Records
    effects: Records
    grants: Records
    licensed: Records
    changes: Records
    losses: Records
    steps: Records
    transit: Array
    work: Array
    orders: Array
    forecasts: Records
    seen: Array
    added: Array
    down: Array
    paused: Array


class Scratch(NamedTuple):
    """What is written before it is read: rows for one thing at a time, and a record for each of its claims.

    ``load`` is ``[firm, replication]`` qualification work.
    """

    rows: Record
    claims: Records
    load: Array


class Given(NamedTuple):
    """What both twins share on a day: planned usage, demand without interventions, days in transit."""

    usage: Array
    demand: Array
    lead_time_days: Array


Order = Callable[[BlockPath, Topology, Given, Scratch, int, int], None]
"""Writes what a stock point orders on a day into the row ``quantity``."""


@part
def run_day(path: BlockPath, network: Topology, given: Given, scratch: Scratch, day: int) -> None:
    """Move everything through one day."""
    _arrive(path, day)
    for lane in network.delayed:
        _receive_orders(path, path.lanes[lane])
    _restrict(path, network, given, scratch)
    _write_off(path)
    _advance_substitutes(path, given, scratch, day)
    _bar_customers(path, network)
    _observe_demand(path, network, given)
    _promise(path, network, given, scratch, day)
    for point in network.orderers:
        if path.points[point].forecast >= 0:
            foresee(path, network, given, scratch, point, day)
        _review(path, network, given, scratch, point, day)
    _open_sources(path, network)
    for turn in range(len(network.order)):
        point = network.order[turn]
        # Places in the ring are far apart: they come from memory while this point has its turn.
        if turn + 1 < len(network.order):
            _fetch_arrivals(path, network, given, network.order[turn + 1])
        _receive(path, network, scratch, point, day)
        _produce(path, network, given, scratch, point, day)
        _ship(path, network, given, scratch, point, day)
    _lose_patience(path, network)
    _switch(path, network)
    for point in network.perishable:
        _expire(path, scratch, path.points[point], day)


@inlined
def _fetch_arrivals(path: BlockPath, network: Topology, given: Given, index: int) -> None:
    """Fetch the places in the ring where what a point ships today will be put, as far as is known by now."""
    point = path.points[index]
    for row in range(point.first_outbound, point.end_outbound):
        lane, lead_time_days = path.lanes[network.links[row]], given.lead_time_days[network.links[row]]
        if lane.is_open and lane.mover < 0 and not lane.has_own_lead_time:
            for b in range(len(lead_time_days)):
                slot = lane.first_slot + _slot(lane.today, lead_time_days[b], lane.slots)
                fetch(path.transit, slot, b)


@inlined
def _arrive(path: BlockPath, day: int) -> None:
    """What is due today reaches the dock, or is finished."""
    for index in range(len(path.lanes)):
        lane = path.lanes[index]
        # A comparison, as a remainder takes a division.
        lane.today = lane.today + 1 if lane.today + 1 < lane.slots else 0
        if lane.last_due >= day:
            lane.has_docked = True
            due = path.transit[lane.first_slot + lane.today]
            for b in range(len(due)):
                lane.dock[b] += due[b]
                due[b] = 0.0
    for index in range(len(path.points)):
        point = path.points[index]
        if point.supply == MADE:
            point.work_today = point.work_today + 1 if point.work_today + 1 < point.work_slots else 0
            due = path.work[point.first_work + point.work_today]
            for b in range(len(due)):
                point.finished[b] += due[b]
                due[b] = 0.0


@part
def _receive_orders(path: BlockPath, lane: Record) -> None:
    """Orders that have been under way long enough join what their supplier owes."""
    lane.orders_today = lane.orders_today + 1 if lane.orders_today + 1 < lane.order_slots else 0
    due = path.orders[lane.first_order + lane.orders_today]
    for b in range(len(due)):
        lane.orders_reached[b] = due[b]
        lane.backlog[b] += due[b]
        due[b] = 0.0
    _count_orders(path, lane)


@inlined
def _count_orders(path: BlockPath, lane: Record) -> None:
    """Sum up what is under way; what was added and taken away day by day would leave rounding."""
    lane.orders_under_way[:] = 0.0
    for ahead in range(1, lane.order_slots):
        due = path.orders[lane.first_order + _slot(lane.orders_today, ahead, lane.order_slots)]
        for b in range(len(due)):
            lane.orders_under_way[b] += due[b]


# ---------------------------------------------------------------------- phase 0: rules and substitutes


@inlined
def _restrict(path: BlockPath, network: Topology, given: Given, scratch: Scratch) -> None:
    """Lanes open and close; what a closing lane holds is cancelled or turned back."""
    lost = scratch.rows.lost
    for index in network.restrictable:
        path.points[path.lanes[index].supplier].returned[:] = 0.0
    for index in network.restrictable:
        lane = path.lanes[index]
        supplier = path.points[lane.supplier]
        usage = given.usage[lane.buyer]
        turns_back = False
        for b in range(len(lane.backlog)):
            before, now = lane.open_share[b], lane.permitted[b]
            lane.open_share[b] = now
            lost[b] = _share_lost(before, now)
            lane.cancelled[b] = lane.backlog[b] * lost[b]
            lane.backlog[b] -= lane.cancelled[b]
            allowed = now * (lane.volume_share[b] * usage[b])
            lane.allowance[b] = lane.allowance[b] + allowed if 0.0 < now < 1.0 else 0.0
            turns_back |= lane.turns_back[b] > 0.0
        if lane.is_delayed:
            _cancel_orders(path, lane, lost)
        # The whole ring would be scaled, on each of many days on which nothing turns back.
        if turns_back:
            _turn_back(path, lane, supplier)
        else:
            lane.turned_back[:] = 0.0


@part
def _cancel_orders(path: BlockPath, lane: Record, lost: Array) -> None:
    """Take back a share of the orders under way."""
    for b in range(len(lost)):
        lane.cancelled[b] += lane.orders_under_way[b] * lost[b]
    for slot in range(lane.first_order, lane.first_order + lane.order_slots):
        for b in range(len(lost)):
            path.orders[slot, b] *= 1.0 - lost[b]
    _count_orders(path, lane)


@part
def _turn_back(path: BlockPath, lane: Record, supplier: Record) -> None:
    for b in range(len(lane.turned_back)):
        units = max(0.0, lane.in_transit[b] - lane.dock[b]) * lane.turns_back[b]
        lane.turned_back[b] = units
        lane.in_transit[b] -= units
        supplier.returned[b] += units * lane.units_per_original[b]
        supplier.on_hand[b] += units * lane.units_per_original[b]
    for slot in range(lane.first_slot, lane.first_slot + lane.slots):
        for b in range(len(lane.turns_back)):
            path.transit[slot, b] *= 1.0 - lane.turns_back[b]


@inlined
def _write_off(path: BlockPath) -> None:
    """A share of stock, work or goods under way is lost; what is due today has come through."""
    for index in range(len(path.losses)):
        loss = path.losses[index]
        if loss.kind == DESTROYS_STOCK:
            _destroy_stock(path.points[loss.target], loss.value)
        elif loss.kind == DESTROYS_WORK:
            _destroy_work(path, path.points[loss.target], loss.value)
        else:
            _destroy_transit(path, path.lanes[loss.target], loss.value)


@inlined
def _destroy_stock(point: Record, share: Array) -> None:
    for b in range(len(share)):
        point.written_off[b] = point.on_hand[b] * share[b]
        point.on_hand[b] -= point.written_off[b]


@inlined
def _destroy_work(path: BlockPath, point: Record, share: Array) -> None:
    for b in range(len(share)):
        point.work_written_off[b] = max(0.0, point.wip[b] - point.finished[b]) * share[b]
        point.wip[b] -= point.work_written_off[b]
    _shrink(path.work, point.first_work, point.work_slots, share)


@inlined
def _destroy_transit(path: BlockPath, lane: Record, share: Array) -> None:
    for b in range(len(share)):
        lane.lost_share[b] = share[b]
        lane.written_off[b] = max(0.0, lane.in_transit[b] - lane.dock[b]) * share[b]
        lane.in_transit[b] -= lane.written_off[b]
    _shrink(path.transit, lane.first_slot, lane.slots, share)


@inlined
def _shrink(ring: Array, first: int, slots: int, share: Array) -> None:
    """Take a share of all in a part of a ring, on the few days on which there is any to take."""
    is_any = False
    for b in range(len(share)):
        is_any |= share[b] > 0.0
    if is_any:
        for slot in range(first, first + slots):
            for b in range(len(share)):
                ring[slot, b] *= 1.0 - share[b]


@part
def _advance_substitutes(path: BlockPath, given: Given, scratch: Scratch, day: int) -> None:
    """Qualifications start, share the engineers and end; ramps climb."""
    _engineering_load(path, scratch, day)
    for substitute in path.substitutes:
        if day < substitute.first_day:
            continue
        lane = path.lanes[substitute.lane]
        buyer = path.points[lane.buyer]
        for b in range(len(lane.level)):
            if not substitute.active[b]:
                threshold = substitute.cover_below_days[b] * given.usage[lane.buyer, b]
                substitute.active[b] = substitute.trigger_day[b] <= day or buyer.on_hand[b] < threshold
                if substitute.after_substitute >= 0:
                    other = path.substitutes[substitute.after_substitute]
                    ramp_days = other.ramp_days[b] if substitute.after_ramp else 0.0
                    substitute.active[b] = _has_come(other.qualified_day[b], ramp_days, day)
            elif substitute.qualified_day[b] == NEVER:
                busy = scratch.load[substitute.firm, b] if substitute.engineer_days[b] > 0.0 else 0.0
                substitute.lag_left[b] -= _pace(substitute.engineers[b], busy)
            if not substitute.active[b]:
                continue
            if substitute.qualified_day[b] == NEVER and substitute.lag_left[b] <= QUALIFIED:
                substitute.qualified_day[b] = day
            # Before it is qualified the day is NEVER, and the ramp has not begun.
            since = float(day - substitute.qualified_day[b])
            lane.level[b] = _ramp_level(since, substitute.ramp_days[b], substitute.logistic)
            lane.is_open |= lane.level[b] > 0.0


@inlined
def _engineering_load(path: BlockPath, scratch: Scratch, day: int) -> None:
    scratch.load[:] = 0.0
    for substitute in path.substitutes:
        if day < substitute.first_day:
            continue
        for b in range(len(substitute.active)):
            running = substitute.active[b] and substitute.qualified_day[b] == NEVER
            if running and substitute.qualification_lag_days[b] > 0.0:
                load = substitute.engineer_days[b] / substitute.qualification_lag_days[b]
                scratch.load[substitute.firm, b] += load


@inlined
def _observe_demand(path: BlockPath, network: Topology, given: Given) -> None:
    """Phase 1: demand, less who has switched, joins what already waits."""
    for index in range(len(path.streams)):
        stream = path.streams[index]
        for b in range(len(stream.demand)):
            stream.demand[b] = given.demand[index, b] * stream.demand_factor[b]
    _ask_rivals(path, network)
    for stream in path.streams:
        for b in range(len(stream.unserved)):
            stream.unserved[b] += stream.demand[b]
    for index in network.barrable:
        stream = path.streams[index]
        for b in range(len(stream.barred)):
            _withhold(stream, stream.demand[b] * (1.0 - stream.served_share[b]), b)


@inlined
def _bar_customers(path: BlockPath, network: Topology) -> None:
    """Bans on buyers begin and end: of those who wait some may no longer be served, or all again."""
    for index in network.barrable:
        stream = path.streams[index]
        for b in range(len(stream.barred)):
            before, now = stream.served_share[b], stream.permitted[b]
            stream.served_share[b] = now
            stream.withheld[b] = 0.0
            stopped = stream.unserved[b] * _share_lost(before, now)
            _withhold(stream, stopped if now < 1.0 else -stream.barred[b], b)


@inlined
def _withhold(stream: Record, units: float, b: int) -> None:
    """Customers who may be served become some who may not; below 0, the other way round."""
    stream.unserved[b] -= units
    stream.barred[b] += units
    stream.withheld[b] += units


@inlined
def _ask_rivals(path: BlockPath, network: Topology) -> None:
    """Who has switched asks the rival; who comes from a rival does not go on to another."""
    for index in network.switching:
        stream = path.streams[index]
        for b in range(len(stream.demand)):
            stream.switched[b] = min(stream.demand[b], stream.away[b])
            stream.demand[b] -= stream.switched[b]
    for index in network.switching:
        stream = path.streams[index]
        if stream.rival >= 0:
            rival = path.streams[stream.rival]
            for b in range(len(rival.demand)):
                rival.demand[b] += stream.switched[b]


# ---------------------------------------------------------------------- phase 2: orders


@part
def _promise(path: BlockPath, network: Topology, given: Given, scratch: Scratch, day: int) -> None:
    """Work out what can be delivered where somebody can choose between suppliers."""
    reach, owed = scratch.rows.reach, scratch.rows.owed
    for index in network.judged:
        point = path.points[index]
        if point.supply == BOUGHT:
            _reach_of_bought(path, network, given, scratch, index, day)
        elif point.supply == MADE:
            _reach_of_made(path, network, reach, index, day)
        else:
            for b in range(len(reach)):
                reach[b] = point.capacity[b] * point.horizon_days
        sum_owed(path, network, owed, scratch.rows.waits, index)
        for b in range(len(reach)):
            point.covered[b] = _covered_share(reach[b], owed[b])
            point.uncommitted[b] = _excess(reach[b], owed[b])


@inlined
def _reach_of_bought(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Stock, and on lanes that nothing holds up what is under way and what their suppliers can deliver."""
    point, reach = path.points[index], scratch.rows.reach
    room, carried = scratch.claims[0].room, scratch.claims[0].carried
    days = max(point.review_days, point.horizon_days)
    for b in range(len(reach)):
        reach[b] = point.on_hand[b]
    for row in range(point.first_inbound, point.end_inbound):
        lane = path.lanes[network.links[row]]
        if not lane.is_open:
            continue
        supplier = path.points[lane.supplier]
        _room(path, given, room, network.links[row], days, day)
        _carried(lane, given, carried, days)
        for b in range(len(reach)):
            held = _is_held(path, lane, day, b)
            ready = _ready(lane, supplier, b)
            more = min(room[b], _deliverable(lane, supplier, carried[b], ready, b))
            promised = lane.backlog[b] * supplier.covered[b] - _excess(ready, carried[b]) + more
            reach[b] += 0.0 if held else lane.in_transit[b] + promised


@inlined
def _is_held(path: BlockPath, lane: Record, day: int, b: int) -> bool:
    """Whether a pause keeps what is ordered on a lane from coming."""
    return lane.mover >= 0 and path.paused[lane.mover, day, b] & HELD_UP != 0


@inlined
def _ready(lane: Record, supplier: Record, b: int) -> float:
    """Units of its backlog that a lane's supplier has."""
    covered = lane.backlog[b] * supplier.covered[b]
    if supplier.supply == SOURCE:
        return covered
    return min(covered, supplier.on_hand[b] / lane.units_per_original[b])


@inlined
def _deliverable(lane: Record, supplier: Record, carried: float, ready: float, b: int) -> float:
    """Units of new orders on a lane that can be delivered."""
    return min(_excess(carried, ready), supplier.uncommitted[b] / lane.units_per_original[b])


@inlined
def _reach_of_made(path: BlockPath, network: Topology, reach: Array, index: int, day: int) -> None:
    """Stock, and unless it is held up work in process and what capacity and inputs allow to start."""
    point = path.points[index]
    for b in range(len(reach)):
        paused = path.paused[point.mover, day, b] if point.mover >= 0 else 0
        start = point.capacity[b] * point.horizon_days
        reach[b] = min(start, point.waiting[b]) if paused & PAUSED_ORDERS else start
    for row in range(point.first_input, point.end_input):
        edge = path.edges[network.links[row]]
        source = path.points[edge.point]
        for b in range(len(reach)):
            units = edge.units[b]
            can = point.waiting[b] * units * source.covered[b] + source.uncommitted[b]
            reach[b] = min(reach[b], can / units) if units > 0.0 else reach[b]
    for b in range(len(reach)):
        paused = path.paused[point.mover, day, b] if point.mover >= 0 else 0
        to_come = 0.0 if paused & HELD_UP else point.wip[b] + reach[b] * point.yield_share[b]
        reach[b] = point.on_hand[b] + to_come


@inlined
def _review(path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int) -> None:
    """Order on a review day; note the echelon position where someone upstream orders by it."""
    point = path.points[index]
    is_due = day % point.review_days == 0
    point.ordered[:] = 0.0
    if not is_due and point.supply == BOUGHT:
        _clear_orders(path, network, index)
    if point.has_choice:
        _clear_moves(path, network, index)
    if not (is_due or point.echelon):
        return
    _position(path, network, given, scratch, index, day)
    if is_due:
        _policy_order(path, network, given, scratch, index, day)
        if point.regular_lane >= 0:
            _purchase_on_two_lanes(path, network, given, scratch, index, day)
        elif point.supply == BOUGHT:
            _purchase(path, network, given, scratch, index, day)
        else:
            _order_production(path, scratch, point, day)
    if point.echelon:
        for b in range(len(point.ordered)):
            point.echelon_position[b] = scratch.rows.position[b] + scratch.rows.below[b] + point.ordered[b]


@inlined
def _clear_orders(path: BlockPath, network: Topology, index: int) -> None:
    point = path.points[index]
    for row in range(point.first_inbound, point.end_inbound):
        lane = path.lanes[network.links[row]]
        lane.ordered[:] = 0.0
        lane.refused[:] = 0.0


@inlined
def _clear_moves(path: BlockPath, network: Topology, index: int) -> None:
    """Forget what moved yesterday; lanes that may close begin the day with what the closing cancels."""
    point = path.points[index]
    for row in range(point.first_inbound, point.end_inbound):
        lane = path.lanes[network.links[row]]
        if not lane.restrictable:
            lane.cancelled[:] = 0.0


@inlined
def _position(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Inventory position, and what it is summed from."""
    point = path.points[index]
    _on_order(path, network, scratch.rows.stock, index)
    sum_owed(path, network, scratch.rows.owed, scratch.rows.waits, index)
    if point.echelon:
        _positions_below(path, network, scratch.rows.below, index)
    else:
        scratch.rows.below[:] = 0.0
    for b in range(len(point.on_hand)):
        scratch.rows.stock[b] = point.on_hand[b] + scratch.rows.stock[b]
        scratch.rows.position[b] = scratch.rows.stock[b] - scratch.rows.owed[b]
    if point.impatient:
        _count_out_who_leaves(path, network, given, scratch, index, day)


@inlined
def _on_order(path: BlockPath, network: Topology, total: Array, index: int) -> None:
    """Units ordered and not yet received."""
    point = path.points[index]
    if point.supply == MADE:
        for b in range(len(point.waiting)):
            total[b] = point.waiting[b] * point.yield_share[b] + point.wip[b]
        return
    total[:] = 0.0
    for row in range(point.first_inbound, point.end_inbound):
        lane = path.lanes[network.links[row]]
        if lane.is_open:
            for b in range(len(lane.backlog)):
                total[b] += lane.backlog[b] + lane.in_transit[b]
        if lane.is_delayed:
            for b in range(len(total)):
                total[b] += lane.orders_under_way[b]


@inlined
def sum_owed(path: BlockPath, network: Topology, total: Array, waits: Array, index: int) -> None:
    """Units that lanes, streams and recipes wait for; `waits` is a row to write on."""
    point = path.points[index]
    total[:] = 0.0
    for row in range(point.first_outbound, point.end_outbound):
        lane = path.lanes[network.links[row]]
        for b in range(len(lane.backlog)):
            total[b] += lane.backlog[b] * lane.units_per_original[b]
    for row in range(point.first_stream, point.end_stream):
        stream = path.streams[network.links[row]]
        for b in range(len(stream.unserved)):
            total[b] += stream.unserved[b]
    # What recipes wait for is summed by itself, as in the readable engine: sums in parts round otherwise.
    _waits_for(path, network, waits, index)
    for b in range(len(waits)):
        total[b] += waits[b]


@inlined
def _waits_for(path: BlockPath, network: Topology, total: Array, index: int) -> None:
    """Units of a stock that waiting production would draw."""
    point = path.points[index]
    total[:] = 0.0
    for row in range(point.first_use, point.end_use):
        edge = path.edges[network.links[row]]
        made = path.points[edge.made]
        for b in range(len(made.waiting)):
            total[b] += made.waiting[b] * edge.units[b]


@inlined
def _positions_below(path: BlockPath, network: Topology, total: Array, index: int) -> None:
    """Echelon positions of the points that a point supplies, in its own units."""
    point = path.points[index]
    total[:] = 0.0
    for row in range(point.first_outbound, point.end_outbound):
        lane = path.lanes[network.links[row]]
        buyer = path.points[lane.buyer]
        for b in range(len(buyer.echelon_position)):
            total[b] += buyer.echelon_position[b] * lane.units_per_original[b]
        if lane.is_delayed:
            for b in range(len(total)):
                total[b] -= lane.orders_under_way[b] * lane.units_per_original[b]
    for row in range(point.first_use, point.end_use):
        edge = path.edges[network.links[row]]
        made = path.points[edge.made]
        for b in range(len(made.echelon_position)):
            total[b] += made.echelon_position[b] * (edge.units[b] / made.yield_share[b])


@part
def _count_out_who_leaves(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Add back what is owed to customers who leave today before anything ordered now can reach them."""
    point = path.points[index]
    inbound = range(point.first_inbound, point.end_inbound)
    for b in range(len(point.on_hand)):
        if _arrives_today(path, network, given, index, day, b):
            continue
        available = point.on_hand[b] + point.finished[b]
        for row in inbound:
            lane = path.lanes[network.links[row]]
            supplier = path.points[lane.supplier]
            available += lane.dock[b] + (supplier.finished[b] if supplier.is_line else 0.0)
        if scratch.rows.owed[b] <= available:
            continue
        leaving = 0.0
        for row in range(point.first_stream, point.end_stream):
            stream = path.streams[network.links[row]]
            leaving += stream.unserved[b] * stream.leaving_share[b]
        scratch.rows.position[b] += leaving * (1.0 - available / scratch.rows.owed[b])


@inlined
def _arrives_today(path: BlockPath, network: Topology, given: Given, index: int, day: int, b: int) -> bool:
    """Whether what is ordered today can be received today."""
    point = path.points[index]
    if point.supply == MADE:
        return _process_days(path, point, day, b) == 0
    for row in range(point.first_inbound, point.end_inbound):
        order_days = path.lanes[network.links[row]].order_days[b]
        if _receipt_days(path, given, network.links[row], day, b) + order_days == 0:
            supplier = path.points[path.lanes[network.links[row]].supplier]
            if not supplier.is_line or _process_days(path, supplier, day, b) == 0:
                return True
    return False


@inlined
def _receipt_days(path: BlockPath, given: Given, index: int, day: int, b: int) -> int:
    """Days until what is sent today is received, pauses included."""
    lane = path.lanes[index]
    mover = lane.mover
    lead_time_days = lane.own_lead_time_days[b] if lane.has_own_lead_time else given.lead_time_days[index, b]
    return received_day(path.paused, mover, b, day, lead_time_days) - day if mover >= 0 else lead_time_days


@inlined
def _process_days(path: BlockPath, point: Record, day: int, b: int) -> int:
    """Days until what is started today is finished, pauses included."""
    mover, days = point.mover, point.process_days[b]
    return received_day(path.paused, mover, b, day, days) - day if mover >= 0 else days


@part
def _balanced_level(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """What of another part's echelon is as near to the product as today's order will be when it arrives."""
    point, level = path.points[index], scratch.rows.balanced
    level[:] = math.inf
    if point.balanced_with < 0:
        return
    partner = path.points[point.balanced_with]
    owed, below = scratch.rows.reach, scratch.rows.total
    sum_owed(path, network, owed, scratch.rows.waits, point.balanced_with)
    _positions_below(path, network, below, point.balanced_with)
    for b in range(len(level)):
        days = _days_to_fill(path, network, given, point, day, b) + point.balance_days
        level[b] = partner.on_hand[b] - owed[b]
        level[b] += below[b]
        if partner.supply == MADE:
            level[b] += partner.finished[b]
            for ahead in range(1, min(days, partner.work_slots) + 1):
                slot = _slot(partner.work_today, ahead, partner.work_slots)
                level[b] += path.work[partner.first_work + slot, b]
        for row in range(partner.first_inbound, partner.end_inbound):
            lane = path.lanes[network.links[row]]
            level[b] += lane.dock[b]
            for ahead in range(1, min(days, lane.slots) + 1):
                level[b] += path.transit[lane.first_slot + _slot(lane.today, ahead, lane.slots), b]
        level[b] *= point.balance_ratio[b]


@inlined
def _days_to_fill(path: BlockPath, network: Topology, given: Given, point: Record, day: int, b: int) -> int:
    """Days until what is ordered today can be received, or is made."""
    if point.supply == MADE:
        return _process_days(path, point, day, b)
    days = NEVER
    for row in range(point.first_inbound, point.end_inbound):
        days = min(days, _receipt_days(path, given, network.links[row], day, b))
    return days


@inlined
def _base_stock(
    path: BlockPath, _network: Topology, _given: Given, scratch: Scratch, index: int, _day: int
) -> None:
    point, rows = path.points[index], scratch.rows
    for b in range(len(rows.quantity)):
        rows.quantity[b] = _base_stock_order(rows.position[b], point.up_to[b], rows.noise[b])


@inlined
def _echelon_base_stock(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    point, rows = path.points[index], scratch.rows
    _balanced_level(path, network, given, scratch, index, day)
    for b in range(len(rows.quantity)):
        level = min(point.up_to[b], rows.balanced[b])
        rows.quantity[b] = _base_stock_order(rows.position[b] + rows.below[b], level, rows.noise[b])


@inlined
def _reorder_up_to(
    path: BlockPath, _network: Topology, _given: Given, scratch: Scratch, index: int, _day: int
) -> None:
    point, rows = path.points[index], scratch.rows
    for b in range(len(rows.quantity)):
        reorder_at, up_to = point.reorder_at[b], point.up_to[b]
        rows.quantity[b] = _reorder_up_to_order(rows.position[b], reorder_at, up_to, rows.noise[b])


@inlined
def _reorder_quantity(
    path: BlockPath, _network: Topology, _given: Given, scratch: Scratch, index: int, _day: int
) -> None:
    point, rows = path.points[index], scratch.rows
    for b in range(len(rows.quantity)):
        position, level, batch = rows.position[b], point.reorder_at[b], point.batch_units[b]
        rows.quantity[b] = _reorder_quantity_order(
            position, level, batch, point.max_batches[b], rows.noise[b]
        )


@inlined
def _dual_index(
    path: BlockPath, _network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    point = path.points[index]
    _lift_what_comes_soon(path, given, scratch, point, point.reorder_at, day)


@inlined
def _tailored_base_surge(
    path: BlockPath, _network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    point = path.points[index]
    _lift_what_comes_soon(path, given, scratch, point, point.up_to, day)


@inlined
def _lift_what_comes_soon(
    path: BlockPath, given: Given, scratch: Scratch, point: Record, level: Array, day: int
) -> None:
    """Expedite up to a level of what is received no later than what is expedited today."""
    rows = scratch.rows
    _late_units(path, given, rows.late, point, day)
    for b in range(len(rows.quantity)):
        soon = rows.position[b] - rows.late[b]
        rows.quantity[b] = _base_stock_order(soon, level[b], rows.noise[b])


@part
def _late_units(path: BlockPath, given: Given, late: Array, point: Record, day: int) -> None:
    """Units on the regular lane that are received later than what is expedited today."""
    lane = path.lanes[point.regular_lane]
    for b in range(len(late)):
        late[b] = lane.orders_under_way[b] + lane.backlog[b]
        expedited_days = path.lanes[point.expedited_lane].order_days[b]
        expedited_days += _receipt_days(path, given, point.expedited_lane, day, b)
        for ahead in range(expedited_days + 1, lane.slots + 1):
            late[b] += path.transit[lane.first_slot + _slot(lane.today, ahead, lane.slots), b]


@inlined
def _rest_to_target(
    path: BlockPath, _network: Topology, _given: Given, scratch: Scratch, index: int, _day: int
) -> None:
    point, rows = path.points[index], scratch.rows
    for b in range(len(rows.quantity)):
        position = rows.position[b] + point.ordered[b]
        rows.quantity[b] = _base_stock_order(position, point.up_to[b], rows.noise[b])


@inlined
def _standing_order(
    path: BlockPath, _network: Topology, _given: Given, scratch: Scratch, index: int, _day: int
) -> None:
    point, rows = path.points[index], scratch.rows
    for b in range(len(rows.quantity)):
        rows.quantity[b] = point.standing_units[b]


@inlined
def _no_orders(
    _path: BlockPath, _network: Topology, _given: Given, scratch: Scratch, _index: int, _day: int
) -> None:
    scratch.rows.quantity[:] = 0.0


ORDERS: dict[PolicyKind, Order] = {
    PolicyKind.BASE_STOCK: _base_stock,
    PolicyKind.ECHELON_BASE_STOCK: _echelon_base_stock,
    PolicyKind.REORDER_UP_TO: _reorder_up_to,
    PolicyKind.REORDER_QUANTITY: _reorder_quantity,
    PolicyKind.DUAL_INDEX: _dual_index,
    PolicyKind.TAILORED_BASE_SURGE: _tailored_base_surge,
    PolicyKind.NONE: _no_orders,
}
"""What each policy orders, or expedites. What is not in here, the engine refuses to load."""

REGULAR_ORDERS: dict[PolicyKind, Order] = {
    PolicyKind.DUAL_INDEX: _rest_to_target,
    PolicyKind.TAILORED_BASE_SURGE: _standing_order,
}
"""What policies of two lanes order regularly, once it is known what has been expedited."""


def _first_that_fits(orders: dict[PolicyKind, Order]) -> Order:
    """One function of all: compiled code cannot look a function up, but can ask one code after the other."""
    chosen: Order = _no_orders
    for kind, order in reversed(orders.items()):
        chosen = _either(int(kind), order, chosen)
    return chosen


def _either(code: int, order: Order, others: Order) -> Order:
    @inlined
    def chosen(
        path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
    ) -> None:
        if path.points[index].policy == code:
            order(path, network, given, scratch, index, day)
        else:
            others(path, network, given, scratch, index, day)

    return chosen


_order_of_policy = _first_that_fits(ORDERS)
_regular_order_of_policy = _first_that_fits(REGULAR_ORDERS)


@part
def _policy_order(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """What the stock point's policy orders; a gap within the noise of rounding is none."""
    point, rows = path.points[index], scratch.rows
    for b in range(len(rows.noise)):
        summed = rows.stock[b] + rows.owed[b] + abs(rows.below[b]) + point.up_to[b]
        rows.noise[b] = NOISE * summed
    _order_of_policy(path, network, given, scratch, index, day)


@inlined
def _slot(today: int, ahead: int, slots: int) -> int:
    """The slot of a ring for a day ahead, at most once around."""
    slot = today + ahead
    return slot if slot < slots else slot - slots


@inlined
def _order_production(path: BlockPath, scratch: Scratch, point: Record, day: int) -> None:
    lot = scratch.rows.quantity
    if point.in_lots:
        for b in range(len(lot)):
            minimum, multiple = point.minimum_order_units[b], point.order_multiple_units[b]
            lot[b] = _in_lots(lot[b], minimum, multiple, math.inf)
    if point.mover >= 0:
        _pause_orders(path.paused[point.mover, day], lot)
    for b in range(len(lot)):
        point.waiting[b] += lot[b] / point.yield_share[b]
        point.ordered[b] = lot[b]


@inlined
def _pause_orders(paused: Array, units: Array) -> None:
    """Nothing can be ordered where orders are paused."""
    for b in range(len(units)):
        units[b] = 0.0 if paused[b] & PAUSED_ORDERS else units[b]


@part
def _purchase(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Split an order over the inbound lanes."""
    point = path.points[index]
    first, last = point.first_inbound, point.end_inbound
    for row in range(first, last):
        if path.lanes[network.links[row]].is_open:
            _room(path, given, scratch.claims[row - first].room, network.links[row], point.review_days, day)
        else:
            scratch.claims[row - first].room[:] = 0.0
    if point.has_choice:
        _split_by_promise(path, network, given, scratch, index, day)
    elif last - first == 1 and not point.by_rank:
        # The most frequent case, without the rounds of a split.
        _take_all(path.lanes[network.links[first]], scratch)
    else:
        _split(path, network, scratch, index)
    for row in range(first, last):
        lane = path.lanes[network.links[row]]
        if not lane.is_open:
            continue
        _order_lots(path, point, lane, scratch.claims[row - first])
        if lane.restrictable:
            wanted = scratch.claims[row - first].wanted
            for b in range(len(wanted)):
                wanted[b] = scratch.rows.quantity[b] * lane.normal_share[b]
            _note_refusal(lane, wanted)
            if lane.licensed >= 0:
                _use_quota(path, lane, wanted)


@inlined
def _place(path: BlockPath, lane: Record) -> None:
    """Have an order reach the supplier: today, or after the lane's order lead time."""
    if lane.is_delayed:
        _send_orders(path, lane)
    else:
        for b in range(len(lane.ordered)):
            lane.backlog[b] += lane.ordered[b]


@part
def _send_orders(path: BlockPath, lane: Record) -> None:
    """Put orders on the way to the supplier; some replications may have no order lead time."""
    for b in range(len(lane.ordered)):
        units, days = lane.ordered[b], lane.order_days[b]
        if days == 0:
            lane.backlog[b] += units
            lane.orders_reached[b] += units
        else:
            path.orders[lane.first_order + _slot(lane.orders_today, days, lane.order_slots), b] = units
            lane.orders_under_way[b] += units


@inlined
def _order_lots(path: BlockPath, point: Record, lane: Record, claim: Record) -> None:
    """Order on a lane what it takes, in lots."""
    taken, room = claim.taken, claim.room
    if lane.licensed >= 0:
        _limit_by_quota(path, lane, room)
    if lane.in_lots:
        for b in range(len(taken)):
            minimum, multiple = lane.minimum_order_units[b], lane.order_multiple_units[b]
            taken[b] = _in_lots(taken[b], minimum, multiple, room[b])
    for b in range(len(taken)):
        units = min(taken[b], room[b])
        lane.ordered[b] = units
        point.ordered[b] += units
    _place(path, lane)


@inlined
def _note_refusal(lane: Record, wanted: Array) -> None:
    """Count an order on the allowance of a partly closed lane, and what is wanted and refused."""
    for b in range(len(wanted)):
        is_partly_open = lane.open_share[b] < 1.0
        lane.allowance[b] -= lane.ordered[b] if is_partly_open else 0.0
        lane.refused[b] = max(0.0, wanted[b] - lane.ordered[b]) if is_partly_open else 0.0


@part
def _purchase_on_two_lanes(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Expedite what can be delivered, then order regularly."""
    point, claim = path.points[index], scratch.claims[0]
    _room(path, given, claim.room, point.expedited_lane, point.review_days, day)
    if point.has_choice:
        _carried(path.lanes[point.expedited_lane], given, claim.carried, point.review_days)
        _stuck_and_most(path, path.lanes[point.expedited_lane], claim, day)
    _order_on(path, point, path.lanes[point.expedited_lane], claim, scratch.rows.quantity)
    _regular_order_of_policy(path, network, given, scratch, index, day)
    _room(path, given, claim.room, point.regular_lane, point.review_days, day)
    _order_on(path, point, path.lanes[point.regular_lane], claim, scratch.rows.quantity)


@inlined
def _order_on(path: BlockPath, point: Record, lane: Record, claim: Record, quantity: Array) -> None:
    """Order a quantity on one lane, as far as there is room."""
    for b in range(len(quantity)):
        claim.taken[b] = min(quantity[b], claim.room[b])
    _order_lots(path, point, lane, claim)
    if lane.restrictable:
        _note_refusal(lane, quantity)
        if lane.licensed >= 0:
            _use_quota(path, lane, quantity)


@part
def _limit_by_quota(path: BlockPath, lane: Record, room: Array) -> None:
    """Lower a room to what the quota of its supplier's licence leaves."""
    licensed = path.licensed[lane.licensed]
    grant = path.grants[licensed.grant]
    for b in range(len(room)):
        units, value = lane.units_per_original[b], licensed.value[b]
        left = _licensed_room(grant.units_left[b], grant.value_left[b], units, value)
        room[b] = min(room[b], left) if licensed.counts[b] > 0.0 else room[b]


@part
def _use_quota(path: BlockPath, lane: Record, wanted: Array) -> None:
    """Count an order on the quota of its supplier's licence, and what that refuses."""
    licensed = path.licensed[lane.licensed]
    grant = path.grants[licensed.grant]
    for b in range(len(wanted)):
        if licensed.counts[b] > 0.0:
            grant.units_left[b] -= lane.ordered[b] * lane.units_per_original[b]
            grant.value_left[b] -= lane.ordered[b] * licensed.value[b]
            lane.refused[b] = max(0.0, wanted[b] - lane.ordered[b])


@inlined
def _room(path: BlockPath, given: Given, room: Array, index: int, days: int, day: int) -> None:
    """Units that a lane can take on today, for some days."""
    lane = path.lanes[index]
    _carried(lane, given, room, days)
    if lane.restrictable:
        for b in range(len(room)):
            room[b] = min(room[b], lane.allowance[b]) if lane.open_share[b] < 1.0 else room[b]
    if lane.licensed >= 0:
        _limit_by_quota(path, lane, room)
    if lane.mover >= 0:
        _pause_orders(path.paused[lane.mover, day], room)


@inlined
def _carried(lane: Record, given: Given, carried: Array, days: int) -> None:
    """Units that a lane carries in some days."""
    if not lane.limited:
        carried[:] = math.inf
        return
    _lane_capacity(lane, given.usage[lane.buyer], carried)
    for b in range(len(carried)):
        carried[b] *= days


@inlined
def _lane_capacity(lane: Record, usage: Array, capacity: Array) -> None:
    """Units per day that a lane carries."""
    for b in range(len(capacity)):
        per_day, share = lane.capacity_per_day[b], lane.capacity_share_of_usage[b]
        capacity[b] = _lane_carries(lane.level[b], per_day, share, usage[b])


@inlined
def _take_all(lane: Record, scratch: Scratch) -> None:
    """Order by share from the only supplier; a share of 0 takes nothing."""
    for b in range(len(lane.share)):
        taken = min(scratch.rows.quantity[b], scratch.claims[0].room[b])
        scratch.claims[0].taken[b] = taken if lane.share[b] > 0.0 else 0.0


@inlined
def _split(path: BlockPath, network: Topology, scratch: Scratch, index: int) -> None:
    """Split an order over lanes, by rank or by share."""
    point = path.points[index]
    if point.by_rank:
        _split_by_rank(network, scratch, point)
    else:
        _split_by_share(path, network, scratch, point.first_inbound, point.end_inbound)


@part
def _split_by_promise(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Order, and order anew what is stuck, where it can be delivered; what cannot be waits in line."""
    point, rows = path.points[index], scratch.rows
    lanes = point.end_inbound - point.first_inbound
    rows.stuck[:] = 0.0
    rows.moves[:] = 0.0
    for place in range(lanes):
        lane, claim = path.lanes[network.links[point.first_inbound + place]], scratch.claims[place]
        _note_what_moves(path, lane, claim.room, rows.moves, day)
        _carried(lane, given, claim.carried, point.review_days)
        _stuck_and_most(path, lane, claim, day)
        for b in range(len(claim.stuck)):
            rows.stuck[b] += claim.stuck[b]
    for b in range(len(rows.quantity)):
        rows.asked[b] = rows.quantity[b]
        rows.quantity[b] += rows.stuck[b]
    _split(path, network, scratch, index)
    rows.placed[:] = 0.0
    for place in range(lanes):
        lane, claim = path.lanes[network.links[point.first_inbound + place]], scratch.claims[place]
        for b in range(len(claim.taken)):
            claim.placed[b] = claim.taken[b]
            rows.placed[b] += claim.taken[b]
            held = _is_held(path, lane, day, b)
            # From here `room` is what is left of the true one, which `wanted` keeps.
            claim.room[b] = 0.0 if held and rows.moves[b] > 0.0 else claim.wanted[b] - claim.taken[b]
    for b in range(len(rows.placed)):
        rows.moved[b] = min(_excess(rows.placed[b], rows.asked[b]), rows.stuck[b])
        rows.quantity[b] = _excess(rows.asked[b], rows.placed[b])
    _split(path, network, scratch, index)
    for place in range(lanes):
        lane, claim = path.lanes[network.links[point.first_inbound + place]], scratch.claims[place]
        for b in range(len(claim.taken)):
            moved = claim.stuck[b] * (rows.moved[b] / rows.stuck[b]) if rows.moved[b] > 0.0 else 0.0
            moved = min(moved, lane.backlog[b])
            lane.backlog[b] -= moved
            lane.cancelled[b] += moved
            claim.stuck[b] = moved
            claim.taken[b] = claim.placed[b] + claim.taken[b]
            claim.room[b] = claim.wanted[b]
        if path.points[lane.supplier].is_line:
            _recall(path.points[lane.supplier], claim.stuck)
    for b in range(len(rows.asked)):
        rows.quantity[b] = rows.asked[b]


@inlined
def _recall(line: Record, units: Array) -> None:
    """Take back the production that was ordered of a line, as far as it has not been started."""
    for b in range(len(units)):
        line.waiting[b] = max(0.0, line.waiting[b] - units[b] / line.yield_share[b])


@inlined
def _note_what_moves(path: BlockPath, lane: Record, room: Array, moves: Array, day: int) -> None:
    """Whether a lane has room and nothing on it is paused."""
    for b in range(len(room)):
        held = _is_held(path, lane, day, b)
        moves[b] = 1.0 if room[b] > 0.0 and not held else moves[b]


@inlined
def _stuck_and_most(path: BlockPath, lane: Record, claim: Record, day: int) -> None:
    """What of a lane's backlog cannot be delivered, and in place of its room what of new orders can."""
    supplier = path.points[lane.supplier]
    for b in range(len(claim.room)):
        held = _is_held(path, lane, day, b)
        ready = _ready(lane, supplier, b)
        stuck = lane.backlog[b] * (1.0 - supplier.covered[b]) + _excess(ready, claim.carried[b])
        deliverable = _deliverable(lane, supplier, claim.carried[b], ready, b)
        claim.stuck[b] = lane.backlog[b] if held else stuck
        claim.wanted[b] = claim.room[b]
        claim.room[b] = 0.0 if held else min(claim.room[b], deliverable)


@inlined
def _split_by_rank(network: Topology, scratch: Scratch, point: Record) -> None:
    """Split an order over lanes in order of rank, each filled before the next is asked."""
    remaining, quantity = scratch.rows.remaining, scratch.rows.quantity
    for b in range(len(remaining)):
        remaining[b] = quantity[b]
    for place in range(point.end_inbound - point.first_inbound):
        claim = scratch.claims[network.links[point.first_by_rank + place]]
        taken, room = claim.taken, claim.room
        for b in range(len(remaining)):
            taken[b] = min(remaining[b], room[b])
            remaining[b] -= taken[b]


@inlined
def _split_by_share(path: BlockPath, network: Topology, scratch: Scratch, first: int, last: int) -> None:
    """Split an order over lanes by weight; what a full lane cannot take goes to the others."""
    remaining, total, overflow = scratch.rows.remaining, scratch.rows.total, scratch.rows.overflow
    for b in range(len(remaining)):
        remaining[b] = scratch.rows.quantity[b]
    for row in range(last - first):
        scratch.claims[row].taken[:] = 0.0
    for _ in range(first, last):
        total[:] = 0.0
        overflow[:] = 0.0
        for row in range(last - first):
            lane, claim = path.lanes[network.links[first + row]], scratch.claims[row]
            if not lane.is_open:
                continue
            for b in range(len(total)):
                total[b] += lane.share[b] if claim.room[b] > claim.taken[b] else 0.0
        for row in range(last - first):
            lane, claim = path.lanes[network.links[first + row]], scratch.claims[row]
            if not lane.is_open:
                continue
            room, taken = claim.room, claim.taken
            for b in range(len(total)):
                takes = room[b] > taken[b] and total[b] > 0.0
                offered = remaining[b] * (lane.share[b] / total[b]) if takes else 0.0
                accepted = min(offered, room[b] - taken[b]) if takes else 0.0
                taken[b] += accepted
                overflow[b] += offered - accepted
        is_left = False
        for b in range(len(total)):
            remaining[b] = overflow[b]
            is_left |= overflow[b] > 0.0
        if not is_left:
            return


# ---------------------------------------------------------------------- phase 3: goods


@inlined
def _open_sources(path: BlockPath, network: Topology) -> None:
    """Sources have what they can supply today; what they did not supply yesterday is gone."""
    for index in network.sources:
        point = path.points[index]
        for b in range(len(point.on_hand)):
            point.on_hand[b] = point.capacity[b]


@inlined
def _receive(path: BlockPath, network: Topology, scratch: Scratch, index: int, day: int) -> None:
    """Phase 3a: shipments and finished work due today join the stock."""
    point = path.points[index]
    if point.supply == BOUGHT:
        point.received[:] = 0.0
        for row in range(point.first_inbound, point.end_inbound):
            _take_delivery(path, point, path.lanes[network.links[row]], day)
    elif point.supply == MADE:
        point.produced[:] = 0.0
        for b in range(len(point.finished)):
            # When no more is due, what is left is rounding.
            units = point.finished[b]
            left = max(0.0, point.wip[b] - units) if point.last_completion[b] > day else 0.0
            point.wip[b] = left if units > 0.0 else point.wip[b]
        _finish(path, network, scratch, point.finished, index)
        point.finished[:] = 0.0


@inlined
def _take_delivery(path: BlockPath, point: Record, lane: Record, day: int) -> None:
    # Yesterday's delivery must be cleared once; after that a lane on which nothing moves costs nothing.
    if not (lane.has_docked or lane.has_delivered):
        return
    lane.has_delivered, lane.has_docked = lane.has_docked, False
    supplier = path.points[lane.supplier]
    if point.takes_penalty:
        for b in range(len(point.penalty)):
            deducted = min(1.0, lane.performance_penalty[b] + supplier.penalty[b])
            point.penalty[b] = _mixed_penalty(point.on_hand[b], point.penalty[b], lane.dock[b], deducted)
    for b in range(len(lane.dock)):
        units = lane.dock[b]
        left = max(0.0, lane.in_transit[b] - units) if lane.last_arrival[b] > day else 0.0
        lane.in_transit[b] = left if units > 0.0 else lane.in_transit[b]
        lane.delivered[b] = units
        lane.dock[b] = 0.0
        point.received[b] += units
        point.on_hand[b] += units


@inlined
def _finish(path: BlockPath, network: Topology, scratch: Scratch, units: Array, index: int) -> None:
    """Good units join the stock of what is made."""
    point = path.points[index]
    if point.takes_penalty:
        penalties = scratch.rows.total
        penalties[:] = 0.0
        for row in range(point.first_input, point.end_input):
            source = path.points[path.edges[network.links[row]].point]
            for b in range(len(units)):
                penalties[b] += source.penalty[b]
        for b in range(len(units)):
            penalty = penalties[b]
            point.penalty[b] = _mixed_penalty(point.on_hand[b], point.penalty[b], units[b], min(1.0, penalty))
    for b in range(len(units)):
        point.produced[b] += units[b]
        point.on_hand[b] += units[b]


@inlined
def _produce(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Phase 3b: start as much of the waiting production as capacity and inputs allow."""
    point, asked = path.points[index], scratch.rows.asked
    point.consumed[:] = 0.0
    if point.supply != MADE:
        return
    first, last = point.first_input, point.end_input
    for b in range(len(asked)):
        asked[b] = point.waiting[b]
    if point.first_original < point.end_original:
        _ask_for_others(path, network, given, scratch, index, day)
    waits = False
    for b in range(len(scratch.rows.start)):
        scratch.rows.possible[b] = min(asked[b], point.capacity[b])
        scratch.rows.start[b] = scratch.rows.possible[b]
        point.started[b] = 0.0
        waits |= asked[b] > 0.0
    if not waits:
        _clear_shortage(path, network, point, first, last)
        return
    for row in range(first, last):
        supported = scratch.claims[row - first].supported
        _supported(path, network, scratch, network.links[row], supported)
        for b in range(len(supported)):
            scratch.rows.start[b] = min(scratch.rows.start[b], supported[b])
    is_short = False
    for b in range(len(scratch.rows.start)):
        is_short |= scratch.rows.start[b] < asked[b]
    if is_short:
        _note_what_bound(path, network, scratch, index)
    else:
        _clear_shortage(path, network, point, first, last)
    if point.first_original < point.end_original:
        _take_over(path, network, scratch, index)
    for b in range(len(scratch.rows.start)):
        point.waiting[b] = max(0.0, point.waiting[b] - scratch.rows.start[b])
        point.started[b] = scratch.rows.start[b]
    for row in range(first, last):
        edge = path.edges[network.links[row]]
        source = path.points[edge.point]
        for b in range(len(scratch.rows.start)):
            drawn = min(source.on_hand[b], scratch.rows.start[b] * edge.units[b])
            source.on_hand[b] -= drawn
            source.consumed[b] += drawn
    _run(path, network, scratch, index, day)


@part
def _ask_for_others(
    path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int
) -> None:
    """Add what waits for recipes that this one stands in for, as far as its lane carries it today."""
    point, asked = path.points[index], scratch.rows.asked
    elsewhere, carried = scratch.rows.remaining, scratch.rows.overflow
    elsewhere[:] = 0.0
    for row in range(point.first_original, point.end_original):
        other = path.points[network.links[row]]
        for b in range(len(elsewhere)):
            elsewhere[b] += other.waiting[b] * other.yield_share[b]
    _carried(path.lanes[network.links[point.first_outbound]], given, carried, 1)
    for b in range(len(asked)):
        paused = path.paused[point.mover, day, b] if point.mover >= 0 else 0
        room = _excess(carried[b], asked[b] * point.yield_share[b])
        more = min(elsewhere[b], room) / point.yield_share[b]
        asked[b] += 0.0 if paused & (PAUSED_ORDERS | HELD_UP) else more


@part
def _take_over(path: BlockPath, network: Topology, scratch: Scratch, index: int) -> None:
    """Start units that wait for recipes for which this one stands in; their orders move to it."""
    point, left = path.points[index], scratch.rows.remaining
    into = path.lanes[network.links[point.first_outbound]]
    for b in range(len(left)):
        left[b] = _excess(scratch.rows.start[b], point.waiting[b]) * point.yield_share[b]
    for row in range(point.first_original, point.end_original):
        other = path.points[network.links[row]]
        lane = path.lanes[network.links[other.first_outbound]]
        for b in range(len(left)):
            waits = other.waiting[b] * other.yield_share[b]
            units = min(waits, left[b])
            left[b] -= units
            rest = max(0.0, other.waiting[b] - units / other.yield_share[b])
            other.waiting[b] = 0.0 if units >= waits else rest
            passed_on = min(units, lane.backlog[b])
            lane.backlog[b] -= passed_on
            lane.cancelled[b] += passed_on
            into.backlog[b] += passed_on
            into.ordered[b] += passed_on


@inlined
def _clear_shortage(path: BlockPath, network: Topology, point: Record, first: int, last: int) -> None:
    """Nothing holds the recipe back today."""
    # Most days nothing is short, and there is nothing of yesterday's to clear.
    if point.was_short:
        point.was_short = False
        point.capacity_held[:] = 0.0
        for row in range(first, last):
            path.edges[network.links[row]].held_back[:] = 0.0


@part
def _supported(path: BlockPath, network: Topology, scratch: Scratch, index: int, supported: Array) -> None:
    """Units of output that an input allows, infinite if it allows all that is possible."""
    edge = path.edges[index]
    source = path.points[edge.point]
    rivals = range(edge.first_rival, edge.end_rival)
    most = scratch.rows.total
    for b in range(len(most)):
        most[b] = scratch.rows.possible[b] * edge.units[b]
    for row in rivals:
        other = path.edges[network.links[row]]
        made = path.points[other.made]
        for b in range(len(most)):
            most[b] += made.waiting[b] * other.units[b]
    is_scarce = False
    for b in range(len(most)):
        supported[b] = math.inf
        is_scarce |= most[b] > source.on_hand[b]
    # To look whether any replication is short takes one vectorised loop; to share out takes many.
    if not is_scarce:
        return
    own = scratch.claims[0].need
    for b in range(len(own)):
        own[b] = scratch.rows.possible[b]
    _limit_to_usable(path, network, own, index)
    scratch.claims[0].rank = edge.claim
    for row in rivals:
        claim = scratch.claims[1 + row - edge.first_rival]
        _need(path, network, claim.need, network.links[row])
        claim.rank = path.edges[network.links[row]].claim
    # Sharing out writes over `most`, a name of the same row as its `total`.
    most_of_all = scratch.rows.waits
    for b in range(len(most)):
        most_of_all[b] = most[b]
    _share_out(scratch, source.on_hand, 1 + len(rivals))
    for b in range(len(supported)):
        granted, need = scratch.claims[0].grant[b], scratch.claims[0].need[b]
        allowed = (source.on_hand[b] if granted >= need else granted) / edge.units[b]
        supported[b] = allowed if most_of_all[b] > source.on_hand[b] else math.inf


@part
def _need(path: BlockPath, network: Topology, need: Array, index: int) -> None:
    """Units of an input that a recipe could use today, given its capacity and its other inputs."""
    made = path.points[path.edges[index].made]
    for b in range(len(need)):
        need[b] = min(made.waiting[b], made.capacity[b])
    _limit_to_usable(path, network, need, index)


@inlined
def _limit_to_usable(path: BlockPath, network: Topology, need: Array, index: int) -> None:
    """Of units that are possible to units of an input for them, as far as other inputs allow it."""
    edge = path.edges[index]
    made = path.points[edge.made]
    for row in range(made.first_input, made.end_input):
        if network.links[row] != index:
            other = path.edges[network.links[row]]
            source = path.points[other.point]
            for b in range(len(need)):
                allowed = source.on_hand[b] / other.units[b] if other.units[b] > 0.0 else math.inf
                need[b] = min(need[b], allowed)
    for b in range(len(need)):
        need[b] *= edge.units[b]


@part
def _share_out(scratch: Scratch, available: Array, claims: int) -> None:
    """Share scarce stock: lower ranks are served first, equal ranks in proportion to need."""
    left, before, total = scratch.rows.left, scratch.rows.before, scratch.rows.total
    for b in range(len(left)):
        left[b] = max(0.0, available[b])
    rank = _next_rank(scratch.claims, claims, BEFORE_ALL)
    while rank < NEVER:
        total[:] = 0.0
        for claim in range(claims):
            if scratch.claims[claim].rank == rank:
                for b in range(len(total)):
                    total[b] += scratch.claims[claim].need[b]
        for b in range(len(left)):
            before[b] = left[b]
        for claim in range(claims):
            if scratch.claims[claim].rank == rank:
                for b in range(len(left)):
                    grant = _granted(scratch.claims[claim].need[b], total[b], before[b], left[b])
                    scratch.claims[claim].grant[b] = grant
                    left[b] -= grant
        rank = _next_rank(scratch.claims, claims, rank)


@inlined
def _next_rank(claims: Records, count: int, rank: int) -> int:
    """The lowest rank above another; `NEVER` if there is none."""
    following = NEVER
    for claim in range(count):
        if rank < claims[claim].rank < following:
            following = claims[claim].rank
    return following


@part
def _note_what_bound(path: BlockPath, network: Topology, scratch: Scratch, index: int) -> None:
    """Charge what was not started to the inputs that allowed least, or to the capacity."""
    point = path.points[index]
    first, last = point.first_input, point.end_input
    asked, start, binding = scratch.rows.asked, scratch.rows.start, scratch.rows.binding
    point.was_short = True
    binding[:] = 0.0
    for row in range(first, last):
        for b in range(len(binding)):
            binding[b] += 1.0 if scratch.claims[row - first].supported[b] == start[b] else 0.0
    for row in range(first, last):
        edge = path.edges[network.links[row]]
        for b in range(len(binding)):
            held = (asked[b] - start[b]) / binding[b]
            binds = start[b] < asked[b] and scratch.claims[row - first].supported[b] == start[b]
            edge.held_back[b] = held if binds else 0.0
    for b in range(len(binding)):
        held = asked[b] - start[b]
        point.capacity_held[b] = held if start[b] < asked[b] and binding[b] == 0.0 else 0.0


@inlined
def _run(path: BlockPath, network: Topology, scratch: Scratch, index: int, day: int) -> None:
    """Send production on its way: finished now, or after the process time."""
    point = path.points[index]
    at_once, later, completion = scratch.rows.quantity, scratch.rows.left, scratch.rows.arrival
    _received_days(path, point.mover, point.process_days, completion, day)
    for b in range(len(at_once)):
        units = scratch.rows.start[b] * point.yield_today[b]
        at_once[b] = units if completion[b] == day else 0.0
        later[b] = units if completion[b] > day else 0.0
        point.wip[b] += later[b]
        is_started = scratch.rows.start[b] > 0.0
        point.last_completion[b] = max(point.last_completion[b], completion[b] if is_started else 0)
    _put_ahead(path.work, scratch, later, (point.first_work, point.work_today, point.work_slots), day)
    _finish(path, network, scratch, at_once, index)


@inlined
def _received_days(path: BlockPath, mover: int, days_under_way: Array, received: Array, day: int) -> None:
    """The days on which is received, or finished, what leaves or is started today, pauses included."""
    if mover >= 0:
        for b in range(len(received)):
            received[b] = received_day(path.paused, mover, b, day, days_under_way[b])
    else:
        for b in range(len(received)):
            received[b] = day + days_under_way[b]


@inlined
def _ship(path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int, day: int) -> None:
    """Phase 3c: fill what lanes and streams wait for, or share out what there is."""
    point = path.points[index]
    first_lane, last_lane = point.first_outbound, point.end_outbound
    first_stream, last_stream = point.first_stream, point.end_stream
    lanes, claims = last_lane - first_lane, last_lane - first_lane + last_stream - first_stream
    if not _claim(path, network, given, scratch, index):
        return
    _waits_for(path, network, scratch.rows.waits, index)
    is_scarce = is_asked = False
    for b in range(len(scratch.rows.waits)):
        is_scarce |= scratch.rows.stock[b] + scratch.rows.waits[b] > point.on_hand[b]
        is_asked |= scratch.rows.stock[b] > 0.0
    # If nobody asks today and yesterday's flows are cleared, nothing moves.
    if not (is_asked or point.has_shipped):
        return
    point.has_shipped = is_asked
    if is_scarce:
        _ration(path, network, scratch, index, claims)
    for row in range(lanes):
        if path.lanes[network.links[first_lane + row]].is_open:
            _send(path, given, scratch, scratch.claims[row].wanted, network.links[first_lane + row], day)
    for row in range(last_stream - first_stream):
        stream = path.streams[network.links[first_stream + row]]
        for b in range(len(stream.sold)):
            stream.sold[b] = scratch.claims[lanes + row].need[b]
            stream.unserved[b] -= stream.sold[b]
    for b in range(len(point.shipped)):
        point.shipped[b] = scratch.rows.stock[b]
        point.on_hand[b] = max(0.0, point.on_hand[b] - scratch.rows.stock[b])


@inlined
def _claim(path: BlockPath, network: Topology, given: Given, scratch: Scratch, index: int) -> bool:
    """What each lane can carry and each stream asks for, and their sum; whether anyone can ask at all."""
    point = path.points[index]
    asked, claim, is_any = scratch.rows.stock, 0, point.first_stream < point.end_stream
    asked[:] = 0.0
    for row in range(point.first_outbound, point.end_outbound):
        lane = path.lanes[network.links[row]]
        wanted, need = scratch.claims[claim].wanted, scratch.claims[claim].need
        claim += 1
        if not lane.is_open:
            need[:] = 0.0
            continue
        is_any = True
        if lane.limited:
            _lane_capacity(lane, given.usage[lane.buyer], wanted)
            for b in range(len(wanted)):
                backlog = lane.backlog[b]
                wanted[b] = min(backlog, wanted[b]) if backlog > 0.0 else backlog
        else:
            for b in range(len(wanted)):
                wanted[b] = lane.backlog[b]
        for b in range(len(need)):
            need[b] = wanted[b] * lane.units_per_original[b]
            asked[b] += need[b]
    for row in range(point.first_stream, point.end_stream):
        stream, need = path.streams[network.links[row]], scratch.claims[claim].need
        claim += 1
        for b in range(len(need)):
            need[b] = stream.unserved[b]
            asked[b] += need[b]
    return is_any


@part
def _ration(path: BlockPath, network: Topology, scratch: Scratch, index: int, claims: int) -> None:
    """What lanes and streams get of scarce stock, leaving recipes that use it their share."""
    point = path.points[index]
    lanes = point.end_outbound - point.first_outbound
    everyone = _rank_claims(path, network, scratch, index)
    scarce = scratch.rows.overflow
    for b in range(len(scarce)):
        scarce[b] = 1.0 if scratch.rows.stock[b] + scratch.rows.waits[b] > point.on_hand[b] else 0.0
        scratch.rows.stock[b] = 0.0 if scarce[b] > 0.0 else scratch.rows.stock[b]
    _share_out(scratch, point.on_hand, everyone)
    for claim in range(claims):
        for b in range(len(scarce)):
            grant, need = scratch.claims[claim].grant[b], scratch.claims[claim].need[b]
            scratch.rows.stock[b] += grant if scarce[b] > 0.0 else 0.0
            if claim < lanes:
                lane = path.lanes[network.links[point.first_outbound + claim]]
                short = scarce[b] > 0.0 and grant < need
                scratch.claims[claim].wanted[b] = (
                    grant / lane.units_per_original[b] if short else scratch.claims[claim].wanted[b]
                )
            scratch.claims[claim].need[b] = grant if scarce[b] > 0.0 else need


@part
def _rank_claims(path: BlockPath, network: Topology, scratch: Scratch, index: int) -> int:
    """Ranks of all claims on a stock, and what the recipes among them need; returns their number."""
    point = path.points[index]
    claim = 0
    for row in range(point.first_outbound, point.end_outbound):
        scratch.claims[claim].rank = path.lanes[network.links[row]].claim
        claim += 1
    for row in range(point.first_stream, point.end_stream):
        scratch.claims[claim].rank = path.streams[network.links[row]].claim
        claim += 1
    for row in range(point.first_use, point.end_use):
        scratch.claims[claim].rank = path.edges[network.links[row]].claim
        _need(path, network, scratch.claims[claim].need, network.links[row])
        claim += 1
    return claim


@inlined
def _send(path: BlockPath, given: Given, scratch: Scratch, units: Array, index: int, day: int) -> None:
    """Put units on the way to the buyer."""
    lane = path.lanes[index]
    sends = False
    for b in range(len(units)):
        lane.backlog[b] -= units[b]
        lane.shipped[b] = units[b]
        lane.in_transit[b] += units[b]
        sends |= units[b] > 0.0
    # If neither today nor yesterday sent anything, the zeros of yesterday still stand.
    if not (sends or lane.has_sent):
        return
    lane.has_sent = sends
    arrival, arrives_now, last_due = scratch.rows.arrival, False, lane.last_due
    _arrival_days(path, given, arrival, index, day)
    for b in range(len(units)):
        is_sent, last = units[b] > 0.0, lane.last_arrival[b]
        lane.arrival_day[b] = arrival[b] if is_sent else 0
        lane.last_arrival[b] = max(arrival[b], last) if is_sent else last
        lane.dock[b] += units[b] if arrival[b] == day else 0.0
        arrives_now |= is_sent and arrival[b] == day
        last_due = max(last_due, arrival[b] if is_sent else 0)
    _put_ahead(path.transit, scratch, units, (lane.first_slot, lane.today, lane.slots), day)
    lane.has_docked |= arrives_now
    lane.last_due = last_due


@inlined
def _put_ahead(
    ring: Array, scratch: Scratch, units: Array, part_of_ring: tuple[int, int, int], day: int
) -> None:
    """Add units to a ring on the days in ``arrival``; those of today are not ahead.

    Places are found in a loop of their own, without branches that the processor would guess wrongly.
    """
    first, today, slots = part_of_ring
    arrival, slot = scratch.rows.arrival, scratch.rows.slot
    for b in range(len(units)):
        ahead = arrival[b] - day if units[b] > 0.0 else 0
        slot[b] = first + _slot(today, ahead, slots)
    for b in range(len(units)):
        ring[slot[b], b] += units[b] if arrival[b] > day else 0.0


@inlined
def _arrival_days(path: BlockPath, given: Given, arrival: Array, index: int, day: int) -> None:
    """The days on which what is sent today is received."""
    lane = path.lanes[index]
    if lane.has_own_lead_time:
        _received_days(path, lane.mover, lane.own_lead_time_days, arrival, day)
    else:
        _received_days(path, lane.mover, given.lead_time_days[index], arrival, day)
    if not lane.order_crossing:
        for b in range(len(arrival)):
            arrival[b] = max(arrival[b], lane.last_arrival[b])


# ---------------------------------------------------------------------- phase 4


@inlined
def _lose_patience(path: BlockPath, network: Topology) -> None:
    """Some of the customers who still wait leave."""
    for stream in path.streams:
        for b in range(len(stream.lost)):
            stream.lost[b] = stream.unserved[b] * stream.leaving_share[b]
            stream.unserved[b] -= stream.lost[b]
    for index in network.barrable:
        stream = path.streams[index]
        for b in range(len(stream.barred)):
            leaves = stream.barred[b] * stream.leaving_share[b]
            stream.barred[b] -= leaves
            stream.lost[b] += leaves


@inlined
def _switch(path: BlockPath, network: Topology) -> None:
    """Some of those who left will ask no more; some who did not ask come back."""
    for index in network.switching:
        stream = path.streams[index]
        for b in range(len(stream.away)):
            stream.away[b] = _stays_away(
                stream.away[b], stream.kept_away[b], stream.lost[b], stream.switching[b]
            )


@part
def _expire(path: BlockPath, scratch: Scratch, point: Record, day: int) -> None:
    """Stock at the end of its shelf life is written off: what is there beyond all that is younger."""
    first, days, young = point.first_added, point.younger_days, scratch.rows.total
    young[:] = 0.0
    if days > 0:
        added = path.added[first + day % days]
        for b in range(len(added)):
            added[b] += point.received[b] + point.produced[b] + point.returned[b]
    for ago in range(days):
        added = path.added[first + (day - ago) % days]
        for b in range(len(young)):
            young[b] += added[b]
    for b in range(len(young)):
        point.expired[b] = _excess(point.on_hand[b], young[b])
        point.on_hand[b] -= point.expired[b]
    if days > 0:
        path.added[first + (day + 1) % days][:] = 0.0

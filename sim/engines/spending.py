"""What a block's goods cost on a day: prices, purchases on lanes, and the costs of stock and of its lack.

Rows are ``[twin, replication]``: the scenario, then the counterfactual.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sim.engines.calendar import SHIPMENTS
from sim.engines.compiler import inlined, part
from sim.engines.conditions import climbed, holds, ramped_factor
from sim.engines.kernel import BlockPath, sum_owed
from sim.engines.layout import Array, Record, Records, Topology
from sim.engines.loading import Values, records
from sim.model import calendar_rules
from sim.model.changes import changes_of
from sim.model.facts import (
    carrying_costs,
    carrying_costs_under_way,
    holding_costs,
    set_aside_costs,
    taxed_lanes,
)
from sim.model.plan import Effect, Floats, Ints, Pause, Plan, Supply

SCALES_STREAM_PRICE = int(Effect.SCALES_STREAM_PRICE)
SCALES_LANE_PRICE = int(Effect.SCALES_LANE_PRICE)
TAXES_LANE = int(Effect.TAXES_LANE)

STOCK_ON_HAND, IN_PROCESS, SET_ASIDE, OWED, ON_THE_WAY, ORDERS, LOST_SALES = range(7)
"""What is charged for."""
COST_KINDS = ("holding", "backorder", "in_transit", "order", "lost_sales")
"""What running a network costs."""
COST_OF_CHARGE = {
    STOCK_ON_HAND: 0,
    IN_PROCESS: 0,
    SET_ASIDE: 0,
    OWED: 1,
    ON_THE_WAY: 2,
    ORDERS: 3,
    LOST_SALES: 4,
}
"""The kind of cost that each charge is a part of."""
BUYER, SELLER = range(2)
"""Who bears a duty."""
UNTAXED = -1

_buyers_part = inlined(calendar_rules.buyers_part)
_sellers_part = inlined(calendar_rules.sellers_part)


class Spending(NamedTuple):
    """Prices of the day, and what has been spent in the window so far.

    Attributes
    ----------
    streams, lanes
        ``list_price``, the ``change`` that takes its place, if there is one, and today's ``price``, of lanes
        what the buyer pays; of lanes the ``markup`` on what it changes to, also what purchases count for
        (``weight``), their ``value`` so far, the units ``set_aside`` while shipments are paused, and the row
        among those that tariffs tax (``taxed``, else -1).
    taxed
        Lanes that tariffs tax: today's ``price`` before duty, what the seller has ``received``, and ``parts``
        and ``duty`` ``[twin, who bears it, replication]``, of the price and in money so far.
    price_effects, duty_effects, repriced_streams, repriced_lanes
        Effects that change prices, those that tax lanes, and what prices change.
    purchased, set_aside
        Lanes between firms; lanes on which disruptions hold up what is charged for.
    charges
        Unit costs that are not zero in every replication.
    cost
        ``[twin, kind and maker, replication]``.
    owed, waits
        ``[replication]`` scratch.
    """

    streams: Records
    lanes: Records
    taxed: Records
    price_effects: Array
    duty_effects: Array
    repriced_streams: Array
    repriced_lanes: Array
    purchased: Array
    set_aside: Array
    charges: Records
    cost: Array
    owed: Array
    waits: Array


def spending_of(plan: Plan, values: Values) -> Spending:
    """Nothing spent yet, at list prices."""
    kind, target = plan.effects.kind, plan.effects.target
    streams = records(_stream_record(values.width), len(plan.streams.point))
    streams.list_price = values("streams", "price")
    lanes = records(_lane_record(values.width), len(plan.lanes.supplier))
    lanes.markup = 1.0 + values("lanes", "price_penalty")
    lanes.list_price = values("lanes", "price") * lanes.markup
    streams.change = _price_changes(plan, Effect.CHANGES_STREAM_PRICE, len(streams))
    lanes.change = _price_changes(plan, Effect.CHANGES_LANE_PRICE, len(lanes))
    for group in (streams, lanes):
        group.price = group.list_price[:, None]
    between_firms = plan.points.firm[plan.lanes.supplier] != plan.points.firm[plan.lanes.buyer]
    lanes.weight = values("lanes", "units_per_original") * between_firms[:, None]
    taxed = _taxed_of(plan, values, lanes)
    charges = _charges_of(plan, values)
    held_lanes = target[(kind == Effect.PAUSES_LANE) & (plan.effects.pause == Pause.SHIPMENTS)]
    charged_lanes = charges.index[np.isin(charges.kind, (SET_ASIDE, ON_THE_WAY))]
    return Spending(
        streams=streams,
        lanes=lanes,
        taxed=taxed,
        price_effects=np.flatnonzero(np.isin(kind, (SCALES_STREAM_PRICE, SCALES_LANE_PRICE))),
        duty_effects=np.flatnonzero(kind == TAXES_LANE),
        repriced_streams=np.unique(target[np.isin(kind, (SCALES_STREAM_PRICE, Effect.CHANGES_STREAM_PRICE))]),
        repriced_lanes=np.unique(
            target[np.isin(kind, (SCALES_LANE_PRICE, Effect.CHANGES_LANE_PRICE, TAXES_LANE))]
        ),
        purchased=np.flatnonzero(between_firms),
        set_aside=np.intersect1d(held_lanes, charged_lanes),
        charges=charges,
        cost=np.zeros((2, len(COST_KINDS) * len(plan.labels.makers), values.width)),
        owed=np.zeros(values.width),
        waits=np.zeros(values.width),
    )


def _stream_record(width: int) -> np.dtype[np.void]:
    return np.dtype(
        [("list_price", np.float64, (width,)), ("price", np.float64, (2, width)), ("change", np.int64)],
        align=True,
    )


def _lane_record(width: int) -> np.dtype[np.void]:
    one, both = (np.float64, (width,)), (np.float64, (2, width))
    return np.dtype(
        [
            ("list_price", *one),
            ("markup", *one),
            ("weight", *one),
            ("price", *both),
            ("value", *both),
            ("set_aside", *both),
            ("change", np.int64),
            ("taxed", np.int64),
        ]
    )


def _price_changes(plan: Plan, kind: Effect, count: int) -> Ints:
    """``[target]`` the change of its price among all numbers that change; -1 where there is none."""
    changes = np.full(count, -1)
    for index, number in enumerate(changes_of(plan)):
        if number.kind == kind:
            changes[number.target] = index
    return changes


def _taxed_of(plan: Plan, values: Values, lanes: Records) -> Records:
    """The lanes that tariffs tax, without a duty so far; `lanes` are told their rows."""
    both, shared = (np.float64, (2, values.width)), (np.float64, (2, 2, values.width))
    fields: list[Any] = [("price", *both), ("received", *both), ("parts", *shared), ("duty", *shared)]
    index = taxed_lanes(plan)
    taxed = records(np.dtype([*fields, ("lane", np.int64)]), len(index))
    taxed.lane = index
    taxed.price = taxed.received = lanes.price[index]
    lanes.taxed = UNTAXED
    lanes.taxed[index] = np.arange(len(index))
    return taxed


def _charges_of(plan: Plan, values: Values) -> Records:
    """Charges that some maker pays in some replication; ``slot`` is the row of costs it is added to."""
    makers = len(plan.labels.makers)
    found = [
        (kind, COST_OF_CHARGE[kind] * makers + maker[index], index, rate[index])
        for kind, maker, rate in _rates(plan, values)
        for index in np.flatnonzero(np.any(rate != 0.0, axis=1) & (maker >= 0)).tolist()
    ]
    record = np.dtype(
        [(name, np.int64) for name in ("kind", "slot", "index")] + [("rate", np.float64, (values.width,))]
    )
    return np.array(found, dtype=record).view(np.recarray)


def _rates(plan: Plan, values: Values) -> Iterator[tuple[int, Ints, Floats]]:
    """Each kind of charge: the maker that pays it (else -1) and its rate, by point, lane or stream."""
    maker, lanes = plan.maker_of_point, plan.lanes
    holding = holding_costs(plan, values)
    yield STOCK_ON_HAND, maker, holding * (plan.points.supply != Supply.SOURCE)[:, None]
    yield IN_PROCESS, maker, carrying_costs(plan, values) * (plan.points.supply == Supply.MADE)[:, None]
    yield SET_ASIDE, maker[lanes.supplier], set_aside_costs(plan, values)
    carrying = carrying_costs_under_way(plan, values)
    yield SET_ASIDE, maker[lanes.buyer], carrying * ~plan.is_within_maker[:, None]
    yield OWED, maker, values("points", "backorder_cost_per_unit_day")
    yield ON_THE_WAY, maker[lanes.buyer], values("lanes", "in_transit_cost_per_unit_day") + carrying
    yield ORDERS, maker, values("points", "order_cost")
    yield LOST_SALES, plan.maker_of_stream, values("streams", "lost_sale_cost_per_unit")


# ---------------------------------------------------------------------- prices


@part
def reprice(path: BlockPath, spending: Spending, twin: int, day: int) -> None:
    """Work out today's prices."""
    for index in spending.repriced_streams:
        spending.streams[index].price[twin, :] = 1.0
    for index in spending.repriced_lanes:
        spending.lanes[index].price[twin, :] = 1.0
    for row in spending.price_effects:
        effect = path.effects[row]
        intervention = path.interventions[effect.intervention]
        if effect.kind == SCALES_STREAM_PRICE:
            _scale(spending.streams[effect.target].price[twin], intervention, day)
        else:
            _scale(spending.lanes[effect.target].price[twin], intervention, day)
    for index in spending.repriced_streams:
        stream = spending.streams[index]
        for b in range(len(stream.list_price)):
            its = path.changes[stream.change].value[b] if stream.change >= 0 else stream.list_price[b]
            stream.price[twin, b] *= its
    for index in spending.repriced_lanes:
        lane = spending.lanes[index]
        for b in range(len(lane.list_price)):
            changed = path.changes[lane.change].value[b] * lane.markup[b] if lane.change >= 0 else 0.0
            lane.price[twin, b] *= changed if lane.change >= 0 else lane.list_price[b]
    _levy(path, spending, twin, day)


@inlined
def _scale(price: Array, intervention: Record, day: int) -> None:
    for b in range(len(price)):
        if holds(intervention, day, b):
            price[b] *= ramped_factor(intervention.factor[b], climbed(intervention, day, b))


@inlined
def _levy(path: BlockPath, spending: Spending, twin: int, day: int) -> None:
    """Part today's duties between buyers and sellers."""
    for taxed in spending.taxed:
        taxed.parts[twin, :, :] = 0.0
    for row in spending.duty_effects:
        effect = path.effects[row]
        parts = spending.taxed[spending.lanes[effect.target].taxed].parts[twin]
        _add_parts(parts, path.interventions[effect.intervention], day)
    for taxed in spending.taxed:
        paid, parts = spending.lanes[taxed.lane].price[twin], taxed.parts[twin]
        price, received = taxed.price[twin], taxed.received[twin]
        for b in range(len(price)):
            price[b] = paid[b]
            paid[b] = price[b] * (1.0 + parts[BUYER, b])
            received[b] = price[b] * (1.0 - parts[SELLER, b])


@inlined
def _add_parts(parts: Array, tariff: Record, day: int) -> None:
    rate, passed_on_share = tariff.rate, tariff.passed_on_share
    for b in range(parts.shape[1]):
        if holds(tariff, day, b):
            level = climbed(tariff, day, b)
            parts[BUYER, b] += _buyers_part(rate[b], passed_on_share[b], level)
            parts[SELLER, b] += _sellers_part(rate[b], passed_on_share[b], level)


# ---------------------------------------------------------------------- purchases and costs


@part
def set_aside(path: BlockPath, spending: Spending, twin: int, day: int) -> None:
    """What is shipped while shipments are paused waits to leave, unless it turns back."""
    for index in spending.set_aside:
        lane, waiting = path.lanes[index], spending.lanes[index].set_aside[twin]
        for b in range(len(lane.shipped)):
            is_paused = path.paused[lane.mover, day, b] & SHIPMENTS
            left = waiting[b] * (1.0 - lane.turns_back[b]) * (1.0 - lane.lost_share[b])
            kept = left + lane.shipped[b]
            waiting[b] = kept if is_paused else 0.0


@part
def purchase(path: BlockPath, spending: Spending, in_window: Array, twin: int) -> None:
    """Add up the value of goods shipped less goods turned back."""
    for index in spending.purchased:
        lane, bought = path.lanes[index], spending.lanes[index]
        if not lane.is_open:
            continue
        for b in range(len(lane.shipped)):
            units = lane.shipped[b] - lane.turned_back[b]
            bought.value[twin, b] += units * bought.price[twin, b] * bought.weight[b] * in_window[b]
    for taxed in spending.taxed:
        _add_duty(path.lanes[taxed.lane], spending.lanes[taxed.lane], taxed, in_window, twin)


@inlined
def _add_duty(lane: Record, bought: Record, taxed: Record, in_window: Array, twin: int) -> None:
    """Add up the duty on goods shipped less that on goods turned back."""
    if lane.is_open:
        duty, price, received = taxed.duty[twin], taxed.price[twin], taxed.received[twin]
        for b in range(len(price)):
            units = (lane.shipped[b] - lane.turned_back[b]) * bought.weight[b] * in_window[b]
            duty[BUYER, b] += units * (bought.price[twin, b] - price[b])
            duty[SELLER, b] += units * (price[b] - received[b])


@part
def charge(
    path: BlockPath, network: Topology, spending: Spending, costs: Array, counted: Array, twin: int
) -> None:
    """Add to costs what it takes to hold stock, to be short of it, to move it and to order it.

    ``costs`` is ``[twin, kind and maker, replication]``, ``counted`` 1 in the replications whose day counts.
    """
    for charges in spending.charges:
        cost, rate = costs[twin, charges.slot], charges.rate
        if charges.kind == STOCK_ON_HAND:
            _add(cost, rate, path.points[charges.index].on_hand, counted)
        elif charges.kind == IN_PROCESS:
            _add(cost, rate, path.points[charges.index].wip, counted)
        elif charges.kind == SET_ASIDE:
            _add(cost, rate, spending.lanes[charges.index].set_aside[twin], counted)
        elif charges.kind == OWED:
            sum_owed(path, network, spending.owed, spending.waits, charges.index)
            _add(cost, rate, spending.owed, counted)
        elif charges.kind == ON_THE_WAY:
            _add(cost, rate, path.lanes[charges.index].in_transit, counted)
            for b in range(len(rate)):
                cost[b] -= spending.lanes[charges.index].set_aside[twin, b] * rate[b] * counted[b]
        elif charges.kind == ORDERS:
            ordered = path.points[charges.index].ordered
            for b in range(len(rate)):
                cost[b] += rate[b] * counted[b] if ordered[b] > 0.0 else 0.0
        else:
            _add(cost, rate, path.streams[charges.index].lost, counted)


@inlined
def _add(cost: Array, rate: Array, units: Array, counted: Array) -> None:
    for b in range(len(rate)):
        cost[b] += units[b] * rate[b] * counted[b]


# ---------------------------------------------------------------------- the value of stock


def added_up(rows: Floats) -> Floats:
    """Sum of rows ``[row, replication]`` from the first to the last, however wide they are."""
    total = np.zeros(rows.shape[1])
    for row in rows:
        total += row
    return total


def unit_costs(plan: Plan, values: Values, lane_price: Floats, normal_share: Floats) -> Floats:
    """``[point, replication]`` cost at which a unit in stock is valued.

    Parameters
    ----------
    plan, values
        The plan and its numbers.
    lane_price, normal_share
        ``[lane, replication]`` prices, and shares in the buyers' planned purchases.
    """
    edges, points = plan.edges, plan.points
    price = lane_price * normal_share
    is_line = points.alternative_of[plan.lanes.supplier] >= 0
    given, units = values("points", "unit_cost"), values("edges", "units")
    yield_share, conversion = values("points", "yield_share"), values("points", "conversion_cost")
    cost = np.where(np.isinf(given), 0.0, given)
    for point in plan.order.tolist():
        if points.supply[point] == Supply.BOUGHT:
            derived = added_up(price[plan.inbound[point]])
            feeds = plan.inbound[point][is_line[plan.inbound[point]]]
            derived += added_up(cost[plan.lanes.supplier[feeds]] * normal_share[feeds])
        elif points.supply[point] == Supply.MADE:
            inputs = plan.inputs_of[point]
            material = added_up(units[inputs] * cost[edges.point[inputs]])
            derived = material / yield_share[point] + conversion[point]
        else:
            continue
        cost[point] = np.where(np.isinf(given[point]), derived, cost[point])
    return cost

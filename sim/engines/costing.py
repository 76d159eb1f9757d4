"""The accounts of the makers, day by day: what their goods cost, and what is earned with them.

Every stock carries its moving-average unit cost, and so do production in process and the goods on a lane.
What comes in on a day is averaged in before anything leaves, so all that leaves a stock on one day leaves at
one cost. Whatever its engine, a day is booked after it is done, from the sources down to the customers.

Rows are ``[twin, ..., replication]``: the scenario, then the counterfactual.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from sim.engines import rules
from sim.engines.compiler import inlined, part
from sim.engines.kernel import DESTROYS_STOCK, DESTROYS_WORK, BlockPath
from sim.engines.layout import Array, Record, Records, Topology
from sim.engines.loading import Values, records
from sim.engines.spending import COST_KINDS, UNTAXED, Spending, charge
from sim.model.facts import taxed_lanes
from sim.model.plan import Plan, Supply

SOURCE, BOUGHT, MADE = (int(supply) for supply in Supply)
ENTRIES = (
    "sales_to_firms",
    "cost_of_sales_to_firms",
    "cost_of_sales_to_markets",
    "purchases",
    "conversion",
    "write_offs",
    "salvage",
    "measures",
    "fixed_costs",
    "stock_change",
)
"""What is booked, in money."""
(
    SALES_TO_FIRMS,
    COST_OF_SALES_TO_FIRMS,
    COST_OF_SALES_TO_MARKETS,
    PURCHASES,
    CONVERSION,
    WRITE_OFFS,
    SALVAGE,
    MEASURES,
    FIXED_COSTS,
    STOCK_CHANGE,
) = range(len(ENTRIES))
CHANGES = ("unit_costs", "sales_to_firms", "running_costs", "write_offs", "measures")
"""What margin is lost through, beside goods that are not sold, and sold for less."""
UNIT_COSTS, LOST_TO_FIRMS, RUNNING_COSTS, MORE_WRITE_OFFS, MORE_MEASURES = range(len(CHANGES))

moving_average = inlined(rules.moving_average)


class Costing(NamedTuple):
    """The books of the makers. Without accounts there are no turns, lanes or streams in them.

    Attributes
    ----------
    turns
        Stock points of makers, from the sources down.
    points
        ``unit_cost`` and ``work_cost`` of what is on hand and in process, and the ``units`` and ``work`` of
        yesterday; the ``stated_cost`` of the file (infinite: none), the ``conversion_cost`` and the
        ``salvage_value`` of a unit that expires; the ``maker``.
    lanes
        ``unit_cost`` of what is under way, in the buyer's units, and the ``units`` of yesterday; whether both
        ends are one firm's or maker's (``within``), and the maker at its end (``buyer``, else -1).
    taxed
        ``unit_received`` of what is under way on each lane that tariffs tax: what its seller got, per unit of
        the buyer.
    streams
        ``cost`` of what was sold in the window; lost margin of demand itself, since it was last handed in
        (``own``) and of the window (``own_attributed``), and of the day for want of customers who
        ``switched``; the ``maker``, or -1.
    substitutes
        ``cost`` of qualification, and the ``maker`` that pays it, or -1.
    fixed_cost
        ``[maker, replication]`` a day.
    today, account
        ``[twin, entry, maker, replication]`` of the day and of the window.
    running
        ``[twin, kind of cost and maker, replication]`` of the day.
    stock
        ``[twin, maker, replication]`` value at the end of the day.
    changes, weekly_changes
        ``[change, maker, replication]`` of the window, and ``[week, change, maker, replication]``.
    dearer
        ``[maker, replication]`` what the day's sales to markets cost more than in the counterfactual.
    margin, weekly_margin
        ``[twin, maker, replication]`` of the week so far; ``[replication, twin, maker, week]``.
    beside, weekly_cash
        The same of what cash shows beside the margin, and of the cash itself; of no week where the plan does
        not keep it.
    always, cost
        ``[replication]`` ones, and scratch.
    """

    is_kept: bool
    turns: Array
    points: Records
    lanes: Records
    taxed: Records
    streams: Records
    substitutes: Records
    fixed_cost: Array
    today: Array
    account: Array
    running: Array
    stock: Array
    changes: Array
    weekly_changes: Array
    dearer: Array
    margin: Array
    weekly_margin: Array
    beside: Array
    weekly_cash: Array
    always: Array
    cost: Array


def costing_of(plan: Plan, values: Values, weeks: int) -> Costing:
    """Books before the first day; empty ones where no accounts are kept."""
    width, makers = values.width, len(plan.labels.makers) if plan.keeps_account else 0
    maker_of_firm = np.where(plan.keeps_account, plan.maker_of_firm, -1)
    maker = maker_of_firm[plan.points.firm]
    by_maker = (makers, width)
    return Costing(
        is_kept=plan.keeps_account,
        turns=plan.order[maker[plan.order] >= 0],
        points=_points_of(values, maker),
        lanes=_lanes_of(plan, values, maker),
        taxed=_records([("unit_received", np.float64, (2, values.width))], len(taxed_lanes(plan))),
        streams=_streams_of(plan, values, maker),
        substitutes=_substitutes_of(plan, values, maker_of_firm),
        fixed_cost=_fixed_cost_of(values, maker_of_firm, makers),
        today=np.zeros((2, len(ENTRIES), *by_maker)),
        account=np.zeros((2, len(ENTRIES), *by_maker)),
        running=np.zeros((2, len(COST_KINDS) * makers, width)),
        stock=np.zeros((2, *by_maker)),
        changes=np.zeros((len(CHANGES), *by_maker)),
        weekly_changes=np.zeros((weeks + 1, len(CHANGES), *by_maker)),
        dearer=np.zeros(by_maker),
        margin=np.zeros((2, *by_maker)),
        weekly_margin=np.zeros((width, 2, makers, weeks)),
        beside=np.zeros((2, *by_maker)),
        weekly_cash=np.zeros((width, 2, makers, weeks if plan.keeps_cash else 0)),
        always=np.ones(width),
        cost=np.zeros(width),
    )


def _fixed_cost_of(values: Values, maker_of_firm: Array, makers: int) -> Array:
    fixed_cost = np.zeros((makers, values.width))
    for firm in np.flatnonzero(maker_of_firm >= 0).tolist():
        fixed_cost[maker_of_firm[firm]] += values("", "fixed_cost_per_day")[firm]
    return fixed_cost


def _points_of(values: Values, maker: Array) -> Records:
    both, one = (np.float64, (2, values.width)), (np.float64, (values.width,))
    twofold = [(name, *both) for name in ("unit_cost", "work_cost", "units", "work")]
    single = [(name, *one) for name in ("stated_cost", "conversion_cost", "salvage_value")]
    points = _records([*twofold, *single, ("maker", np.int64)], len(maker))
    points.maker = maker
    points.stated_cost = values("points", "unit_cost")
    points.conversion_cost = values("points", "conversion_cost")
    points.salvage_value = values("points", "salvage_value_per_unit")
    points.work = values("points", "initial_work_in_process").sum(axis=1)[:, None]
    return points


def _lanes_of(plan: Plan, values: Values, maker: Array) -> Records:
    both = (np.float64, (2, values.width))
    fields = [("unit_cost", *both), ("units", *both), ("within", np.bool_), ("buyer", np.int64)]
    lanes = _records(fields, len(plan.lanes.supplier))
    lanes.buyer = maker[plan.lanes.buyer]
    lanes.within = plan.is_within_maker
    lanes.units = values("lanes", "initial_in_transit").sum(axis=1)[:, None]
    return lanes


def _streams_of(plan: Plan, values: Values, maker: Array) -> Records:
    one = (np.float64, (values.width,))
    fields: list[Any] = [("cost", np.float64, (2, values.width))]
    fields += [(name, *one) for name in ("own", "own_attributed", "switched")]
    streams = _records([*fields, ("maker", np.int64)], len(plan.streams.point))
    streams.maker = maker[plan.streams.point]
    return streams


def _substitutes_of(plan: Plan, values: Values, maker_of_firm: Array) -> Records:
    fields = [("cost", np.float64, (values.width,)), ("maker", np.int64)]
    substitutes = _records(fields, len(plan.substitutes.lane))
    substitutes.cost = values("substitutes", "qualification_cost")
    substitutes.maker = maker_of_firm[plan.substitutes.firm]
    return substitutes


def _records(fields: list[Any], count: int) -> Records:
    return records(np.dtype(fields, align=True), count)


# ---------------------------------------------------------------------- the first day


@part
def open_books(path: BlockPath, network: Topology, spending: Spending, costing: Costing, twin: int) -> None:
    """Value what is there before the first day, at the prices of that day."""
    for index in costing.turns:
        _value_opening_stock(path, network, spending, costing, twin, index)
    for index in costing.turns:
        point = path.points[index]
        for row in range(point.first_inbound, point.end_inbound):
            _value_under_way(path, spending, costing, twin, network.links[row])
        for row in range(point.first_outbound, point.end_outbound):
            _value_under_way(path, spending, costing, twin, network.links[row])
    _add_up_stock(network, costing, path, twin)


@inlined
def _value_opening_stock(
    path: BlockPath, network: Topology, spending: Spending, costing: Costing, twin: int, index: int
) -> None:
    """The cost that the file states, or what the usual lanes charge, or what a unit takes to make."""
    point, books = path.points[index], costing.points[index]
    unit_cost, work_cost, units = books.unit_cost[twin], books.work_cost[twin], books.units[twin]
    unit_cost[:] = 0.0
    for row in range(point.first_inbound, point.end_inbound):
        lane = path.lanes[network.links[row]]
        _cost_of_shipment(path, spending, costing, twin, network.links[row])
        for b in range(len(unit_cost)):
            unit_cost[b] += costing.cost[b] * lane.normal_share[b]
    if point.supply == MADE:
        _cost_of_inputs(path, network, costing, twin, index)
        for b in range(len(unit_cost)):
            unit_cost[b] = costing.cost[b] / point.yield_share[b] + books.conversion_cost[b]
    for b in range(len(unit_cost)):
        stated = books.stated_cost[b]
        unit_cost[b] = stated if stated < math.inf else unit_cost[b]
        work_cost[b] = unit_cost[b]
        units[b] = point.opening[b]


@inlined
def _value_under_way(path: BlockPath, spending: Spending, costing: Costing, twin: int, index: int) -> None:
    under_way = costing.lanes[index].unit_cost[twin]
    _cost_of_shipment(path, spending, costing, twin, index)
    for b in range(len(under_way)):
        under_way[b] = costing.cost[b]
    taxed = spending.lanes[index].taxed
    if taxed != UNTAXED:
        lane, got = path.lanes[index], costing.taxed[taxed].unit_received[twin]
        each = (
            costing.points[lane.supplier].unit_cost[twin]
            if costing.lanes[index].within
            else spending.taxed[taxed].received[twin]
        )
        for b in range(len(got)):
            got[b] = each[b] * lane.units_per_original[b]


# ---------------------------------------------------------------------- a day


@part
def book_day(
    path: BlockPath, network: Topology, spending: Spending, costing: Costing, twin: int, day: int
) -> None:
    """Book a day of a twin: what came in, what left, and at what cost."""
    costing.today[twin, :, :, :] = 0.0
    for index in costing.turns:
        _take_back(path, network, spending, costing, twin, index)
        if path.points[index].supply == SOURCE:
            _draw_from_source(path, network, costing, twin, index)
        else:
            _receive(path, network, spending, costing, twin, index)
            if path.points[index].supply == MADE:
                _produce(path, network, costing, twin, index)
        _sell(path, network, spending, costing, twin, index)
    _write_off(path, costing, twin)
    _pay(path, network, spending, costing, twin, day)
    _close_stock(path, network, costing, twin)


@inlined
def _cost_of_shipment(path: BlockPath, spending: Spending, costing: Costing, twin: int, index: int) -> None:
    """Write into ``cost`` what a unit shipped today costs: within a maker its cost so far, and the duty."""
    lane, taxed = path.lanes[index], spending.lanes[index].taxed
    is_within = costing.lanes[index].within
    each = costing.points[lane.supplier].unit_cost[twin] if is_within else spending.lanes[index].price[twin]
    for b in range(len(costing.cost)):
        costing.cost[b] = each[b] * lane.units_per_original[b]
    if is_within and taxed != UNTAXED:
        _add_duty(costing.cost, spending.lanes[index], spending.taxed[taxed], twin)


@inlined
def _add_duty(cost: Array, bought: Record, taxed: Record, twin: int) -> None:
    """Add what the state takes of a unit shipped today, whoever bears it."""
    for b in range(len(cost)):
        cost[b] += (bought.price[twin, b] - taxed.received[twin, b]) * bought.weight[b]


@inlined
def _cost_of_inputs(path: BlockPath, network: Topology, costing: Costing, twin: int, index: int) -> None:
    """Write into ``cost`` what the inputs of a unit that is started cost today."""
    point = path.points[index]
    costing.cost[:] = 0.0
    for row in range(point.first_input, point.end_input):
        edge = path.edges[network.links[row]]
        unit_cost = costing.points[edge.point].unit_cost[twin]
        for b in range(len(unit_cost)):
            costing.cost[b] += edge.units[b] * unit_cost[b]


@part
def _take_back(
    path: BlockPath, network: Topology, spending: Spending, costing: Costing, twin: int, index: int
) -> None:
    """What has turned back joins the stock: within a maker as it was, else as a sale undone, paid back."""
    point, books = path.points[index], costing.points[index]
    today = costing.today[twin]
    unit_cost, units = books.unit_cost[twin], books.units[twin]
    is_source = point.supply == SOURCE
    for row in range(point.first_outbound, point.end_outbound):
        lane, under_way = path.lanes[network.links[row]], costing.lanes[network.links[row]]
        if not lane.restrictable:
            continue
        taxed = spending.lanes[network.links[row]].taxed
        paid_back = (
            under_way.unit_cost[twin] if taxed == UNTAXED else costing.taxed[taxed].unit_received[twin]
        )
        for b in range(len(unit_cost)):
            back = lane.turned_back[b] * lane.units_per_original[b]
            value = lane.turned_back[b] * paid_back[b]
            if under_way.within:
                each = value / back if back > 0.0 else unit_cost[b]
            else:
                each = unit_cost[b]
                today[SALES_TO_FIRMS, books.maker, b] -= value
                today[COST_OF_SALES_TO_FIRMS, books.maker, b] -= back * each
            if is_source:
                today[PURCHASES, books.maker, b] -= back * each
            else:
                unit_cost[b] = moving_average(units[b], unit_cost[b], back, each)
                units[b] += back


@part
def _draw_from_source(path: BlockPath, network: Topology, costing: Costing, twin: int, index: int) -> None:
    """What an own source supplies counts as bought at its unit cost."""
    point, books = path.points[index], costing.points[index]
    unit_cost, bought = books.unit_cost[twin], costing.today[twin, PURCHASES, books.maker]
    for row in range(point.first_outbound, point.end_outbound):
        lane = path.lanes[network.links[row]]
        for b in range(len(bought)):
            bought[b] += lane.shipped[b] * lane.units_per_original[b] * unit_cost[b]
    for row in range(point.first_stream, point.end_stream):
        stream = path.streams[network.links[row]]
        for b in range(len(bought)):
            bought[b] += stream.sold[b] * unit_cost[b]
    for row in range(point.first_use, point.end_use):
        edge = path.edges[network.links[row]]
        for b in range(len(bought)):
            bought[b] += path.points[edge.made].started[b] * edge.units[b] * unit_cost[b]


@part
def _receive(
    path: BlockPath, network: Topology, spending: Spending, costing: Costing, twin: int, index: int
) -> None:
    """What is shipped to a stock joins what is under way to it; what is delivered joins the stock."""
    point, books = path.points[index], costing.points[index]
    unit_cost, units = books.unit_cost[twin], books.units[twin]
    for row in range(point.first_inbound, point.end_inbound):
        lane, under_way = path.lanes[network.links[row]], costing.lanes[network.links[row]]
        if not lane.is_open:
            continue
        _book_purchase(path, spending, costing, twin, network.links[row])
        for b in range(len(units)):
            each = under_way.unit_cost[twin, b]
            unit_cost[b] = moving_average(units[b], unit_cost[b], lane.delivered[b], each)
            units[b] += lane.delivered[b]


@inlined
def _book_purchase(path: BlockPath, spending: Spending, costing: Costing, twin: int, index: int) -> None:
    """What is shipped is bought and what turns back is not: within a maker, the duty on it alone."""
    lane, under_way, taxed = path.lanes[index], costing.lanes[index], spending.lanes[index].taxed
    bought, is_within = costing.today[twin, PURCHASES, under_way.buyer], under_way.within
    is_booked = not is_within or taxed != UNTAXED
    if is_booked:
        for b in range(len(bought)):
            bought[b] -= lane.turned_back[b] * under_way.unit_cost[twin, b]
    if is_within and is_booked:
        for b in range(len(bought)):
            bought[b] += lane.turned_back[b] * costing.taxed[taxed].unit_received[twin, b]
    _put_under_way(path, spending, costing, twin, index)
    if is_booked:
        for b in range(len(bought)):
            bought[b] += lane.shipped[b] * costing.cost[b]
    if is_within and is_booked:
        cost_before_duty = costing.points[lane.supplier].unit_cost[twin]
        for b in range(len(bought)):
            bought[b] -= lane.shipped[b] * cost_before_duty[b] * lane.units_per_original[b]


@inlined
def _put_under_way(path: BlockPath, spending: Spending, costing: Costing, twin: int, index: int) -> None:
    """Average what is shipped today into what is under way; its ``cost`` is left written."""
    lane, under_way = path.lanes[index], costing.lanes[index]
    unit_cost, units = under_way.unit_cost[twin], under_way.units[twin]
    if spending.lanes[index].taxed != UNTAXED:
        _note_received(path, spending, costing, twin, index)
    _cost_of_shipment(path, spending, costing, twin, index)
    for b in range(len(units)):
        kept = max(0.0, units[b] - lane.turned_back[b])
        unit_cost[b] = moving_average(kept, unit_cost[b], lane.shipped[b], costing.cost[b])
        units[b] = lane.in_transit[b]


@part
def _note_received(path: BlockPath, spending: Spending, costing: Costing, twin: int, index: int) -> None:
    """Average what the seller gets for what is shipped today into what it got for what is under way.

    Within a maker that is what the goods have cost before duty.
    """
    lane, units, taxed = path.lanes[index], costing.lanes[index].units[twin], spending.lanes[index].taxed
    got = costing.taxed[taxed].unit_received[twin]
    received = (
        costing.points[lane.supplier].unit_cost[twin]
        if costing.lanes[index].within
        else spending.taxed[taxed].received[twin]
    )
    for b in range(len(units)):
        kept, each = max(0.0, units[b] - lane.turned_back[b]), received[b] * lane.units_per_original[b]
        got[b] = moving_average(kept, got[b], lane.shipped[b], each)


@part
def _produce(path: BlockPath, network: Topology, costing: Costing, twin: int, index: int) -> None:
    """What is started joins the work in process at its inputs and conversion, what is finished the stock."""
    point, books = path.points[index], costing.points[index]
    today = costing.today[twin]
    conversion = today[CONVERSION, books.maker]
    unit_cost, units = books.unit_cost[twin], books.units[twin]
    work_cost, work = books.work_cost[twin], books.work[twin]
    _cost_of_inputs(path, network, costing, twin, index)
    for b in range(len(units)):
        good = point.started[b] * point.yield_today[b]
        each = costing.cost[b] / point.yield_today[b] + books.conversion_cost[b]
        work_cost[b] = moving_average(work[b], work_cost[b], good, each)
        conversion[b] += good * books.conversion_cost[b]
        unit_cost[b] = moving_average(units[b], unit_cost[b], point.produced[b], work_cost[b])
        units[b] += point.produced[b]
        work[b] = point.wip[b]


@part
def _sell(
    path: BlockPath, network: Topology, spending: Spending, costing: Costing, twin: int, index: int
) -> None:
    """Sales to markets and to other firms, and what expires, take what the goods cost.

    What expires is written off as a whole; what it is sold for stands beside that.
    """
    point, books = path.points[index], costing.points[index]
    today, unit_cost = costing.today[twin], books.unit_cost[twin]
    to_markets = today[COST_OF_SALES_TO_MARKETS, books.maker]
    to_firms, sales = today[COST_OF_SALES_TO_FIRMS, books.maker], today[SALES_TO_FIRMS, books.maker]
    for row in range(point.first_stream, point.end_stream):
        stream = path.streams[network.links[row]]
        for b in range(len(unit_cost)):
            to_markets[b] += stream.sold[b] * unit_cost[b]
    for row in range(point.first_outbound, point.end_outbound):
        index_of_lane = network.links[row]
        lane, under_way = path.lanes[index_of_lane], costing.lanes[index_of_lane]
        if under_way.within or not lane.is_open:
            continue
        taxed = spending.lanes[index_of_lane].taxed
        price = (
            spending.lanes[index_of_lane].price[twin]
            if taxed == UNTAXED
            else spending.taxed[taxed].received[twin]
        )
        for b in range(len(unit_cost)):
            units = lane.shipped[b] * lane.units_per_original[b]
            sales[b] += units * price[b]
            to_firms[b] += units * unit_cost[b]
        if under_way.buyer < 0:
            _put_under_way(path, spending, costing, twin, index_of_lane)
    for b in range(len(unit_cost)):
        today[WRITE_OFFS, books.maker, b] += point.expired[b] * unit_cost[b]
        today[SALVAGE, books.maker, b] += point.expired[b] * books.salvage_value[b]
        books.units[twin, b] = point.on_hand[b]


@part
def _write_off(path: BlockPath, costing: Costing, twin: int) -> None:
    """What is destroyed costs what it would have cost had it left; goods under way are the buyer's."""
    for index in range(len(path.losses)):
        loss = path.losses[index]
        if loss.kind == DESTROYS_STOCK:
            point, books = path.points[loss.target], costing.points[loss.target]
            _book_loss(costing, twin, books.maker, point.written_off, books.unit_cost[twin])
        elif loss.kind == DESTROYS_WORK:
            point, books = path.points[loss.target], costing.points[loss.target]
            _book_loss(costing, twin, books.maker, point.work_written_off, books.work_cost[twin])
        else:
            lane, under_way = path.lanes[loss.target], costing.lanes[loss.target]
            _book_loss(costing, twin, under_way.buyer, lane.written_off, under_way.unit_cost[twin])


@inlined
def _book_loss(costing: Costing, twin: int, maker: int, units: Array, unit_cost: Array) -> None:
    if maker >= 0:
        for b in range(len(units)):
            costing.today[twin, WRITE_OFFS, maker, b] += units[b] * unit_cost[b]


@part
def _pay(
    path: BlockPath, network: Topology, spending: Spending, costing: Costing, twin: int, day: int
) -> None:
    """What the day costs beside the goods."""
    today = costing.today[twin]
    for maker in range(costing.fixed_cost.shape[0]):
        for b in range(costing.fixed_cost.shape[1]):
            today[FIXED_COSTS, maker, b] = costing.fixed_cost[maker, b]
    for index in range(len(path.substitutes)):
        substitute, books = path.substitutes[index], costing.substitutes[index]
        if books.maker >= 0:
            for b in range(len(books.cost)):
                is_qualified = substitute.qualified_day[b] == day
                today[MEASURES, books.maker, b] += books.cost[b] if is_qualified else 0.0
    costing.running[twin, :, :] = 0.0
    charge(path, network, spending, costing.running, costing.always, twin)


@part
def _close_stock(path: BlockPath, network: Topology, costing: Costing, twin: int) -> None:
    """Note by how much the value of stock has changed."""
    stock, change = costing.stock[twin], costing.today[twin, STOCK_CHANGE]
    for maker in range(stock.shape[0]):
        for b in range(stock.shape[1]):
            change[maker, b] = -stock[maker, b]
    _add_up_stock(network, costing, path, twin)
    for maker in range(stock.shape[0]):
        for b in range(stock.shape[1]):
            change[maker, b] += stock[maker, b]


@part
def _add_up_stock(network: Topology, costing: Costing, path: BlockPath, twin: int) -> None:
    """Value what is on hand, in process and under way to each maker."""
    costing.stock[twin, :, :] = 0.0
    for index in costing.turns:
        point, books = path.points[index], costing.points[index]
        if point.supply == SOURCE:
            continue
        stock = costing.stock[twin, books.maker]
        for b in range(len(stock)):
            on_hand = books.units[twin, b] * books.unit_cost[twin, b]
            stock[b] += on_hand + books.work[twin, b] * books.work_cost[twin, b]
        for row in range(point.first_inbound, point.end_inbound):
            under_way = costing.lanes[network.links[row]]
            for b in range(len(stock)):
                stock[b] += under_way.units[twin, b] * under_way.unit_cost[twin, b]


# ---------------------------------------------------------------------- both twins


@part
def fork_books(costing: Costing) -> None:
    """Put the counterfactual's books where the scenario's stand: up to now they have been the same."""
    for books in costing.points:
        for b in range(len(books.conversion_cost)):
            books.unit_cost[1, b], books.work_cost[1, b] = books.unit_cost[0, b], books.work_cost[0, b]
            books.units[1, b], books.work[1, b] = books.units[0, b], books.work[0, b]
    for books in costing.lanes:
        for b in range(len(costing.always)):
            books.unit_cost[1, b], books.units[1, b] = books.unit_cost[0, b], books.units[0, b]
    for books in costing.taxed:
        for b in range(len(costing.always)):
            books.unit_received[1, b] = books.unit_received[0, b]
    for books in costing.streams:
        for b in range(len(costing.always)):
            books.cost[1, b] = books.cost[0, b]
    for entry in range(len(ENTRIES)):
        for maker in range(costing.account.shape[2]):
            for b in range(len(costing.always)):
                costing.account[1, entry, maker, b] = costing.account[0, entry, maker, b]
    for maker in range(costing.stock.shape[1]):
        for b in range(len(costing.always)):
            costing.stock[1, maker, b] = costing.stock[0, maker, b]
            costing.margin[1, maker, b] = costing.margin[0, maker, b]
            costing.beside[1, maker, b] = costing.beside[0, maker, b]


@part
def note_changes(costing: Costing, counts: Array, in_window: Array, week: int) -> None:
    """Note through what the scenario has less margin today, beside goods not sold and sold for less."""
    weekly = costing.weekly_changes[week]
    for maker in range(costing.dearer.shape[0]):
        for change in range(len(CHANGES)):
            _write_change(costing, costing.cost, maker, change)
            for b in range(len(counts)):
                costing.changes[change, maker, b] += costing.cost[b] * in_window[b]
                weekly[change, maker, b] += costing.cost[b] * counts[b]


@inlined
def _write_change(costing: Costing, lost: Array, maker: int, change: int) -> None:
    got, normal = costing.today[0], costing.today[1]
    if change == UNIT_COSTS:
        for b in range(len(lost)):
            lost[b] = costing.dearer[maker, b]
    elif change == LOST_TO_FIRMS:
        for b in range(len(lost)):
            usual = normal[SALES_TO_FIRMS, maker, b] - normal[COST_OF_SALES_TO_FIRMS, maker, b]
            lost[b] = usual - (got[SALES_TO_FIRMS, maker, b] - got[COST_OF_SALES_TO_FIRMS, maker, b])
    elif change == RUNNING_COSTS:
        lost[:] = 0.0
        for kind in range(len(COST_KINDS)):
            for b in range(len(lost)):
                slot = kind * costing.dearer.shape[0] + maker
                lost[b] += costing.running[0, slot, b] - costing.running[1, slot, b]
    elif change == MORE_WRITE_OFFS:
        for b in range(len(lost)):
            usual = normal[WRITE_OFFS, maker, b] - normal[SALVAGE, maker, b]
            lost[b] = (got[WRITE_OFFS, maker, b] - got[SALVAGE, maker, b]) - usual
    else:
        for b in range(len(lost)):
            lost[b] = got[MEASURES, maker, b] - normal[MEASURES, maker, b]


@part
def post(path: BlockPath, costing: Costing, sales: Array, in_window: Array, twin: int) -> None:
    """Carry the day over to the account of the window and to the margin of the week.

    ``sales`` is ``[maker, replication]`` revenue from markets.
    """
    today, account, margin = costing.today[twin], costing.account[twin], costing.margin[twin]
    for index in range(len(path.streams)):
        books = costing.streams[index]
        if books.maker >= 0:
            unit_cost = costing.points[path.streams[index].point].unit_cost[twin]
            for b in range(len(in_window)):
                books.cost[twin, b] += path.streams[index].sold[b] * unit_cost[b] * in_window[b]
    makers = margin.shape[0]
    for maker in range(makers):
        for entry in range(len(ENTRIES)):
            for b in range(len(in_window)):
                account[entry, maker, b] += today[entry, maker, b] * in_window[b]
        for b in range(len(in_window)):
            sold = sales[maker, b] + today[SALES_TO_FIRMS, maker, b]
            goods = today[COST_OF_SALES_TO_MARKETS, maker, b] + today[COST_OF_SALES_TO_FIRMS, maker, b]
            expired = today[WRITE_OFFS, maker, b] - today[SALVAGE, maker, b]
            margin[maker, b] += sold - goods - expired - today[MEASURES, maker, b]
            costing.beside[twin, maker, b] -= today[FIXED_COSTS, maker, b] + today[STOCK_CHANGE, maker, b]
        for kind in range(len(COST_KINDS)):
            for b in range(len(in_window)):
                margin[maker, b] -= costing.running[twin, kind * makers + maker, b]


@part
def close_week(costing: Costing, is_apart: bool, week: int) -> None:
    """Note the week's margin, and its cash; on days that the twins share, of both at once."""
    keeps_cash = costing.weekly_cash.shape[3] > 0
    for twin in range(2):
        margin, beside = costing.margin[twin if is_apart else 0], costing.beside[twin if is_apart else 0]
        for maker in range(margin.shape[0]):
            for b in range(margin.shape[1]):
                costing.weekly_margin[b, twin, maker, week] = margin[maker, b]
                if keeps_cash:
                    costing.weekly_cash[b, twin, maker, week] = margin[maker, b] + beside[maker, b]
    for twin in range(2):
        costing.margin[twin, :, :] = 0.0
        costing.beside[twin, :, :] = 0.0

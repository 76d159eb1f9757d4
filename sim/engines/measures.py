"""The measures of ``docs/glossary.md`` for a block of replications, day by day, with no daily states kept.

:func:`measures_of` makes room for a block's measures, :func:`measure_day` adds a day once both twins have
done it, :func:`measured` gives the result. A replication of the readable engine is a block of one
(:mod:`sim.engines.replay`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.engines.blame import (
    Blame,
    Charged,
    Web,
    add_what_is_due,
    blame_of,
    hand_in,
    hand_out,
    resolve,
    web_of,
)
from sim.engines.bullwhip import bullwhip_of, see_orders, told
from sim.engines.compiler import by_address, inlined, part
from sim.engines.costing import (
    Costing,
    book_day,
    close_week,
    costing_of,
    fork_books,
    note_changes,
    open_books,
    post,
)
from sim.engines.flows import Flows, Followed, add_flows, flows_of, followed_of
from sim.engines.kernel import BlockPath, Given, sum_owed
from sim.engines.layout import Array, Record, Records, Topology
from sim.engines.loading import Values, records
from sim.engines.rules import RUN_OUT_COVER_DAYS, SMOOTHING_DAYS, UNMET_SHARE, WEEK
from sim.engines.spending import (
    COST_KINDS,
    Spending,
    added_up,
    charge,
    purchase,
    reprice,
    set_aside,
    spending_of,
    unit_costs,
)
from sim.engines.switched import Switched, hand_out_switched, switched_of
from sim.engines.tiers import Tiers, add_slack, close_week_of_tiers, tiers_of
from sim.engines.trade import (
    Trade,
    add_own_losses,
    add_sales,
    add_service_of_lanes,
    hand_in_trade,
    look_for_lost_trade,
    note_owed,
    split_losses_of_trade,
    take_sales,
    trade_of,
)
from sim.engines.zeros import untouched_zeros
from sim.model.causes import Causes, component_count
from sim.model.occurrence import waits_of
from sim.model.plan import NEVER, Bools, Floats, Ints, Plan, Supply
from sim.model.tiers import Groups, groups_of

# Numba would compile a function anew for each number written out.
SCENARIO: Any = np.int64(0)
COUNTERFACTUAL: Any = np.int64(1)
STREAM_SUMS = ("supply", "discount", "own", "own_attributed", "switched", "wanted", "served")


@dataclass(frozen=True, slots=True)
class Tracking:
    """What is worth working out once for a plan, whatever the block.

    Attributes
    ----------
    plan
        The plan.
    web
        How blame runs through its network.
    sellers
        How many have revenue that counts: the makers, then firms that report revenue and are no maker by
        themselves.
    reporter_of_firm
        For each of these firms its place among them (for others -1).
    observed
        The observations that the calendar covers.
    stock_days
        Days at the end of which the value of stock has been reported.
    weeks
        Weeks of which the courses are kept, from the first.
    groups
        Whose stock, and whose capacity, is told together.
    followed
        The links between firms that are told of week by week.
    """

    plan: Plan
    web: Web
    sellers: int
    reporter_of_firm: Ints
    observed: Ints
    stock_days: Ints
    weeks: int
    groups: Groups
    followed: Followed


@dataclass(frozen=True, slots=True)
class MeasuredBlock:
    """What is kept of a block: arrays with a leading replication axis.

    Attributes
    ----------
    outcome, courses
        By the names of :class:`sim.risk.outcomes.Outcome` and :class:`sim.risk.outcomes.Courses`.
    is_finite
        Whether every stock is a finite number after the last day.
    """

    outcome: dict[str, Array]
    courses: dict[str, Array]
    is_finite: Bools


class Measures(NamedTuple):
    """What has been measured so far. Rows are ``[replication]``.

    Attributes
    ----------
    today
        One record of what the day needs: whether it ``counts`` (from the ``first`` day on) and is
        ``in_window`` (until the ``stop``), the days ``since`` the first; scratch.
    streams
        Sales of the day and of the window.
    points, supplied
        When stocks ran out; the points that hold stock.
    bought
        The points whose courses are kept: what the makers buy from other firms.
    sales
        ``[twin, seller]`` revenue of the day, and its sums over the ``week``.
    market_sales
        ``[twin, seller]`` revenue of the day from markets alone, where accounts are kept.
    trade
        Sales to other firms.
    recent
        ``[day of 28, twin, maker]`` revenue.
    first_lost_days, last_short_days
        ``[maker]`` days from the first: when customers were first lost, and revenue last fell short.
    observations
        Revenue reported: its days, its seller and what the simulation gives; where it is not that of all the
        seller sells (``narrow``), the places of the sales that count among the two fields below.
    observed_streams, observed_lanes
        Streams, and rows of the trade, whose sales are reported.
    stock_days, stock_units
        Days on which stock is reported, and ``[day, point]`` the units on hand and in work at their end.
    hands_in
        ``[day]`` whether a week or some replication's window ends with it.
    lines
        Recipes of outputs that several make, as points; what each has ``made`` in the week so far,
        ``[twin, line, replication]``.
    bullwhip
        What stock points order and are asked for.
    tiers
        How long the stock of tiers lasts, and how much of their capacity is not used.
    flows
        How much flows on the links between firms.
    """

    today: Records
    streams: Records
    points: Records
    supplied: Array
    bought: Array
    sales: Array
    market_sales: Array
    trade: Trade
    week_sales: Array
    recent: Array
    first_lost_days: Array
    last_short_days: Array
    observations: Records
    observed_streams: Array
    observed_lanes: Array
    stock_days: Array
    stock_units: Array
    hands_in: Array
    weekly_revenue: Array
    weekly_stock: Array
    weekly_usage: Array
    lines: Array
    made: Array
    weekly_made: Array
    bullwhip: Records
    tiers: Tiers
    flows: Flows
    day_0_lane_price: Array
    spending: Spending
    costing: Costing
    blame: Blame
    switched: Switched
    shared_days: int
    first_day: int
    last_stop: int
    weeks: int
    makers: int
    short_share: float


def track(plan: Plan) -> Tracking:
    """Work out what is the same for all blocks of a plan."""
    table = plan.observations
    observed = np.flatnonzero((table.first >= 0) & (table.last < plan.days))
    reporting = table.firm[observed[table.is_revenue[observed]]]
    makers, maker_of_firm = len(plan.labels.makers), plan.maker_of_firm.tolist()
    others = dict.fromkeys(
        firm
        for firm in reporting.tolist()
        if maker_of_firm[firm] < 0 or maker_of_firm.count(maker_of_firm[firm]) > 1
    )
    reporter_of_firm = np.full(len(plan.labels.firms), -1)
    reporter_of_firm[list(others)] = np.arange(makers, makers + len(others))
    return Tracking(
        plan=plan,
        web=web_of(plan),
        sellers=makers + len(others),
        reporter_of_firm=reporter_of_firm,
        observed=observed,
        stock_days=np.unique(table.last[observed[~table.is_revenue[observed]]]),
        weeks=plan.days // WEEK,
        groups=groups_of(plan),
        followed=followed_of(plan),
    )


def shock_days_of(plan: Plan, values: Values, start: Ints) -> Ints:
    """``[replication]`` day from which the loss is counted.

    Where the shock does not happen, the day for which it was planned; without any shock in the plan, the
    first day. ``start`` is ``[intervention, replication]`` of the scenario.
    """
    if plan.shock < 0:
        return np.zeros(values.width, dtype=np.int64)
    delay = waits_of(values)
    at = plan.shock
    planned = delay[at]
    while plan.interventions.after[at] >= 0:
        at = int(plan.interventions.after[at])
        planned = np.minimum(planned + delay[at], 2 * NEVER)
    planned = np.minimum(planned + plan.interventions.day[at], NEVER)
    return np.where(start[plan.shock] < NEVER, start[plan.shock], planned)


def first_days_of(plan: Plan, values: Values, start: Ints) -> Ints:
    """``[replication]`` first simulated day on which a loss counts; the number of days if none does."""
    return np.minimum(np.maximum(shock_days_of(plan, values, start), 0), plan.days)


def measures_of(
    tracking: Tracking, values: Values, first: Ints, held_up: Floats, shared_days: int
) -> Measures:
    """Make room for the measures of a block.

    Parameters
    ----------
    tracking
        What is the same for all blocks.
    values
        The numbers of the block.
    first
        ``[replication]`` first day on which a loss counts (:func:`first_days_of`).
    held_up
        ``[lane, replication]`` 1 where a rule or the shock ever holds a lane up from that day on, else 0.
    shared_days
        Days that both twins share.
    """
    plan, width = tracking.plan, values.width
    stop = np.minimum(first + plan.window_days, plan.days)
    today = records(_today_record(width), 1)
    today.first, today.stop = first, stop
    points, makers, weeks = len(plan.points.firm), len(plan.labels.makers), tracking.weeks
    bought = plan.bought_by_makers
    ran_out = records(_point_record(width), points)
    ran_out.days = np.nan
    trade = trade_of(plan, tracking.web, tracking.reporter_of_firm, width)
    reported = _observations_of(tracking, trade, width)
    hands_in = np.zeros(plan.days, dtype=bool)
    hands_in[WEEK - 1 : WEEK * weeks : WEEK] = hands_in[-1] = True
    hands_in[stop[stop > 0] - 1] = True
    return Measures(
        today=today,
        streams=_streams_of(tracking, width),
        points=ran_out,
        supplied=np.flatnonzero(plan.points.supply != Supply.SOURCE),
        bought=bought,
        sales=np.zeros((2, tracking.sellers, width)),
        market_sales=np.zeros((2, tracking.sellers, width if plan.keeps_account else 0)),
        trade=trade,
        week_sales=np.zeros((2, makers, width)),
        recent=np.zeros((SMOOTHING_DAYS, 2, makers, width)),
        first_lost_days=np.full((makers, width), np.nan),
        last_short_days=np.full((makers, width), -1.0),
        observations=reported.rows,
        observed_streams=reported.streams,
        observed_lanes=reported.lanes,
        stock_days=tracking.stock_days,
        stock_units=np.zeros((len(tracking.stock_days), points, width)),
        hands_in=hands_in,
        weekly_revenue=np.zeros((width, 2, makers, weeks)),
        weekly_stock=np.zeros((width, 2, len(bought), weeks)),
        weekly_usage=np.zeros((width, len(bought), weeks)),
        lines=plan.lines,
        made=np.zeros((2, len(plan.lines), width)),
        weekly_made=np.zeros((width, 2, len(plan.lines), weeks)),
        bullwhip=bullwhip_of(plan, width),
        tiers=tiers_of(plan, tracking.groups, values, weeks),
        flows=flows_of(tracking.followed, values, weeks),
        day_0_lane_price=np.zeros((len(plan.lanes.supplier), width)),
        spending=spending_of(plan, values),
        costing=costing_of(plan, values, weeks),
        blame=blame_of(tracking.web, held_up, weeks + 1, keeps_margin=plan.keeps_account),
        switched=switched_of(plan, tracking.web, width),
        shared_days=shared_days,
        first_day=int(first.min()),
        last_stop=int(stop.max()),
        weeks=weeks,
        makers=makers,
        short_share=1.0 - plan.recovery_tolerance,
    )


def _today_record(width: int) -> np.dtype[np.void]:
    numbers = ("counts", "in_window", "is_due", "since", "waits", "normal_waits", "got", "normal")
    return np.dtype(
        [(name, np.float64, (width,)) for name in numbers]
        + [(name, np.int64, (width,)) for name in ("first", "stop")]
    )


def _point_record(width: int) -> np.dtype[np.void]:
    return np.dtype([("days", np.float64, (width,))])


def _streams_of(tracking: Tracking, width: int) -> Records:
    plan, web = tracking.plan, tracking.web
    both = (np.float64, (2, width))
    numbers = [(name, np.float64, (width,)) for name in STREAM_SUMS]
    scalars = ("reporter", "maker", "supply_node", "discount_node", "part")
    record = np.dtype(
        [("sales", *both), ("revenue", *both), ("units", *both)]
        + numbers
        + [(name, np.int64) for name in scalars]
    )
    streams = records(record, len(plan.streams.point))
    streams.reporter = tracking.reporter_of_firm[plan.points.firm[plan.streams.point]]
    streams.maker = plan.maker_of_stream
    streams.supply_node, streams.discount_node = web.supply_node, web.discount_node
    components = component_count(plan)
    streams.part = streams.maker * components + components - 1
    return streams


class _Reported(NamedTuple):
    """Revenue reported, and the streams and rows of the trade whose sales some of it counts."""

    rows: Records
    streams: Ints
    lanes: Ints


def _observations_of(tracking: Tracking, trade: Trade, width: int) -> _Reported:
    table = tracking.plan.observations
    rows = tracking.observed[table.is_revenue[tracking.observed]]
    places = ("first_stream", "last_stream", "first_lane", "last_lane")
    scalars = [(name, np.int64) for name in ("first", "last", "seller", "row", "narrow", *places)]
    observations = records(np.dtype([*scalars, ("revenue", np.float64, (width,))]), len(rows))
    observations.first, observations.last = table.first[rows], table.last[rows]
    firm = table.firm[rows]
    reporter, maker = tracking.reporter_of_firm[firm], tracking.plan.maker_of_firm[firm]
    observations.seller, observations.row = np.where(reporter >= 0, reporter, maker), rows
    observations.narrow = ~table.is_whole[rows]
    row_of_lane = np.full(len(tracking.plan.lanes.supplier), -1)
    row_of_lane[trade.lanes.lane] = np.arange(len(trade.lanes))
    streams = [table.streams[row] for row in rows.tolist()]
    lanes = [row_of_lane[table.lanes[row]] for row in rows.tolist()]
    observations.last_stream, observations.last_lane = _ends_of(streams), _ends_of(lanes)
    observations.first_stream[1:], observations.first_lane[1:] = (
        observations.last_stream[:-1],
        observations.last_lane[:-1],
    )
    return _Reported(observations, _joined(streams), _joined(lanes))


def _ends_of(lists: Sequence[Ints]) -> Ints:
    return np.cumsum([len(some) for some in lists], dtype=np.int64)


def _joined(lists: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, dtype=np.int64), *lists])


# ---------------------------------------------------------------------- a day


@by_address
def measure_day(
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    given: Given,
    moves: Array,
    measures: Measures,
    day: int,
) -> None:
    """Add a day that both twins have done; on days that they share, both are the scenario."""
    is_apart, counts = day >= measures.shared_days, day >= measures.first_day
    today, spending = measures.today[0], measures.spending
    if moves[0, day] or moves[1, day]:
        reprice(scenario, spending, SCENARIO, day)
        reprice(counterfactual, spending, COUNTERFACTUAL, day)
    if day == 0:
        _note_day_0_prices(measures)
    set_aside(scenario, spending, SCENARIO, day)
    set_aside(counterfactual, spending, COUNTERFACTUAL, day)
    _take_revenue(scenario, measures, SCENARIO)
    if is_apart or counts:
        _take_revenue(counterfactual, measures, COUNTERFACTUAL)
    _sum_sales(measures, is_apart)
    if measures.costing.is_kept:
        _book(scenario, counterfactual, network, measures, is_apart, day)
    if counts:
        _look_at_calendar(today, day)
        if day < measures.last_stop:
            _add_to_window(scenario, network, measures, SCENARIO)
            _add_to_window(counterfactual, network, measures, COUNTERFACTUAL)
            _add_service(counterfactual, measures)
        if is_apart:
            _compare(scenario, counterfactual, network, given, measures)
        _judge_recovery(measures, day)
        if measures.hands_in[day]:
            _hand_in(measures, day)
    if measures.costing.is_kept:
        _post(scenario, counterfactual, measures, is_apart, day)
    _add_made(scenario, measures, SCENARIO)
    _add_made(counterfactual, measures, COUNTERFACTUAL)
    add_slack(scenario, counterfactual, measures.tiers)
    add_flows(scenario, counterfactual, measures.flows, day)
    see_orders(scenario, network, measures.bullwhip, today, SCENARIO, day)
    see_orders(counterfactual, network, measures.bullwhip, today, COUNTERFACTUAL, day)
    if day % WEEK == WEEK - 1 and day < WEEK * measures.weeks:
        _close_week(scenario, counterfactual, given, measures, day // WEEK)
        close_week_of_tiers(scenario, counterfactual, given, measures.tiers, day // WEEK)
    note_owed(scenario, counterfactual, measures.trade)
    _observe(scenario, measures, day)


@inlined
def _note_day_0_prices(measures: Measures) -> None:
    for index in range(len(measures.day_0_lane_price)):
        price = measures.spending.lanes[index].price
        for b in range(measures.day_0_lane_price.shape[1]):
            measures.day_0_lane_price[index, b] = price[0, b]


@part
def _book(
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    measures: Measures,
    is_apart: bool,
    day: int,
) -> None:
    """Keep the books of the day; on days that the twins share, the scenario's alone."""
    spending, costing = measures.spending, measures.costing
    if day == measures.shared_days:
        fork_books(costing)
    if day == 0:
        open_books(scenario, network, spending, costing, SCENARIO)
        if is_apart:
            open_books(counterfactual, network, spending, costing, COUNTERFACTUAL)
    book_day(scenario, network, spending, costing, SCENARIO, day)
    if is_apart:
        book_day(counterfactual, network, spending, costing, COUNTERFACTUAL, day)


@part
def _post(
    scenario: BlockPath, counterfactual: BlockPath, measures: Measures, is_apart: bool, day: int
) -> None:
    """Carry the day's books over to the account, and to the week."""
    today, costing, week = measures.today[0], measures.costing, min(day // WEEK, measures.weeks)
    post(scenario, costing, measures.market_sales[0], today.in_window, SCENARIO)
    if is_apart:
        post(counterfactual, costing, measures.market_sales[1], today.in_window, COUNTERFACTUAL)
        note_changes(costing, today.counts, today.in_window, week)
    if day % WEEK == WEEK - 1 and day < WEEK * measures.weeks:
        close_week(costing, is_apart, week)
    if not is_apart and day + 1 == len(measures.hands_in):
        fork_books(costing)


@part
def _take_revenue(path: BlockPath, measures: Measures, twin: int) -> None:
    """Revenue of the day, booked when units are shipped."""
    for index in range(len(path.streams)):
        stream, taken = path.streams[index], measures.streams[index]
        point, price = path.points[stream.point], measures.spending.streams[index].price[twin]
        for b in range(len(stream.sold)):
            taken.sales[twin, b] = stream.sold[b] * (price[b] * (1.0 - point.penalty[b]))
    take_sales(path, measures.spending, measures.trade, twin)


@part
def _sum_sales(measures: Measures, is_apart: bool) -> None:
    """Revenue of the day by seller; on days that the twins share, of both at once."""
    _sum_sales_of(measures, SCENARIO)
    if is_apart:
        _sum_sales_of(measures, COUNTERFACTUAL)
    else:
        for seller in range(measures.sales.shape[1]):
            for b in range(measures.sales.shape[2]):
                measures.sales[1, seller, b] = measures.sales[0, seller, b]
    for twin in range(2):
        for maker in range(measures.makers):
            for b in range(measures.sales.shape[2]):
                measures.week_sales[twin, maker, b] += measures.sales[twin, maker, b]


@part
def _sum_sales_of(measures: Measures, twin: int) -> None:
    for seller in range(measures.sales.shape[1]):
        measures.sales[twin, seller, :] = 0.0
    for stream in measures.streams:
        if stream.maker >= 0:
            _add_sales_of(stream, measures.sales[twin, stream.maker], twin)
        if stream.reporter >= 0:
            _add_sales_of(stream, measures.sales[twin, stream.reporter], twin)
    for seller in range(measures.market_sales.shape[1]):
        for b in range(measures.market_sales.shape[2]):
            measures.market_sales[twin, seller, b] = measures.sales[twin, seller, b]
    add_sales(measures.trade, measures.sales[twin], twin)


@inlined
def _add_sales_of(stream: Record, total: Array, twin: int) -> None:
    for b in range(len(total)):
        total[b] += stream.sales[twin, b]


@inlined
def _look_at_calendar(today: Record, day: int) -> None:
    for b in range(len(today.counts)):
        since = day - today.first[b]
        today.since[b] = float(since)
        today.counts[b] = 1.0 if since >= 0 else 0.0
        today.in_window[b] = 1.0 if since >= 0 and day < today.stop[b] else 0.0


@part
def _add_to_window(path: BlockPath, network: Topology, measures: Measures, twin: int) -> None:
    in_window = measures.today[0].in_window
    for index in range(len(path.streams)):
        stream, taken = path.streams[index], measures.streams[index]
        for b in range(len(in_window)):
            taken.revenue[twin, b] += taken.sales[twin, b] * in_window[b]
            taken.units[twin, b] += stream.sold[b] * in_window[b]
    purchase(path, measures.spending, in_window, twin)
    charge(path, network, measures.spending, measures.spending.cost, in_window, twin)


@part
def _add_service(counterfactual: BlockPath, measures: Measures) -> None:
    """What the counterfactual sells of what is wanted, at its prices."""
    in_window = measures.today[0].in_window
    for index in range(len(counterfactual.streams)):
        stream, taken = counterfactual.streams[index], measures.streams[index]
        price = measures.spending.streams[index].price[1]
        for b in range(len(in_window)):
            taken.wanted[b] += stream.demand[b] * price[b] * in_window[b]
            taken.served[b] += stream.sold[b] * price[b] * in_window[b]
    add_service_of_lanes(counterfactual, measures.spending, measures.trade, in_window)


@part
def _compare(
    scenario: BlockPath, counterfactual: BlockPath, network: Topology, given: Given, measures: Measures
) -> None:
    """What the scenario loses today, and who is to blame."""
    today = measures.today[0]
    if measures.costing.is_kept:
        _split_losses_of_margin(scenario, counterfactual, measures)
    for index in range(len(scenario.streams)):
        if measures.streams[index].maker >= 0:
            _split_loss(scenario, counterfactual, measures, index)
            _look_for_lost_sales(scenario, counterfactual, measures, index)
    _compare_trade(scenario, counterfactual, measures)
    hand_out(scenario, counterfactual, network, measures.blame, today.counts)
    for index in network.switching:
        _split_off_switched(scenario, counterfactual, measures, index)
    hand_out_switched(
        scenario,
        counterfactual,
        measures.blame,
        measures.switched,
        measures.streams,
        measures.costing.streams,
        today.counts,
    )
    for index in measures.supplied:
        _look_for_run_out(scenario, counterfactual, network, given, measures, index)


@inlined
def _compare_trade(scenario: BlockPath, counterfactual: BlockPath, measures: Measures) -> None:
    today, trade = measures.today[0], measures.trade
    split_losses_of_trade(scenario, counterfactual, measures.spending, trade, measures.blame, today.counts)
    look_for_lost_trade(scenario, counterfactual, trade, measures.first_lost_days, today.counts, today.since)


@inlined
def _split_loss(scenario: BlockPath, counterfactual: BlockPath, measures: Measures, index: int) -> None:
    """Loss of a stream by short supply, by less demand or lower prices, and by discounts."""
    stream, normal = scenario.streams[index], counterfactual.streams[index]
    point, normal_point = scenario.points[stream.point], counterfactual.points[stream.point]
    loss, price = measures.streams[index], measures.spending.streams[index].price
    counts = measures.today[0].counts
    for b in range(len(stream.sold)):
        paid = 1.0 - normal_point.penalty[b]
        net = price[1, b] * paid
        short = (normal.sold[b] - stream.sold[b]) * net
        demand = _not_to_be_sold(stream, normal, b) * net
        repriced = stream.sold[b] * (price[1, b] - price[0, b]) * paid
        deducted = point.penalty[b] - normal_point.penalty[b]
        loss.supply[b] = (short - demand) * counts[b]
        loss.own[b] += (demand + repriced) * counts[b]
        loss.discount[b] = stream.sold[b] * price[0, b] * deducted * counts[b]
    supply, discount = measures.blame.nodes[loss.supply_node], measures.blame.nodes[loss.discount_node]
    for b in range(len(stream.sold)):
        supply.loss[b] += loss.supply[b]
    for b in range(len(stream.sold)):
        discount.loss[b] += loss.discount[b]


@inlined
def _not_to_be_sold(stream: Record, normal: Record, b: int) -> float:
    """Units that nobody asks for, or may be sold, and that are to be sold in the counterfactual."""
    return (normal.demand[b] - stream.demand[b]) + (stream.withheld[b] - normal.withheld[b])


@part
def _split_losses_of_margin(scenario: BlockPath, counterfactual: BlockPath, measures: Measures) -> None:
    """The same of margin: goods that are not sold have not cost anything, those that are may be dearer."""
    measures.costing.dearer[:, :] = 0.0
    for index in range(len(scenario.streams)):
        if measures.streams[index].maker >= 0:
            _split_loss_of_margin(scenario, counterfactual, measures, index)


@inlined
def _split_loss_of_margin(
    scenario: BlockPath, counterfactual: BlockPath, measures: Measures, index: int
) -> None:
    stream, normal = scenario.streams[index], counterfactual.streams[index]
    point, normal_point = scenario.points[stream.point], counterfactual.points[stream.point]
    loss, price = measures.streams[index], measures.spending.streams[index].price
    counts, costing = measures.today[0].counts, measures.costing
    books, dearer = costing.streams[index], costing.dearer[loss.maker]
    own, switched = books.own, books.switched
    unit_cost = costing.points[stream.point].unit_cost
    supply = measures.blame.nodes[loss.supply_node].margin_loss
    discount = measures.blame.nodes[loss.discount_node].margin_loss
    for b in range(len(stream.sold)):
        paid = 1.0 - normal_point.penalty[b]
        net = price[1, b] * paid - unit_cost[1, b]
        short = (normal.sold[b] - stream.sold[b]) * net
        demand = _not_to_be_sold(stream, normal, b) * net
        repriced = stream.sold[b] * (price[1, b] - price[0, b]) * paid
        switched[b] = (stream.switched[b] - normal.switched[b]) * net * counts[b]
        own[b] += (demand + repriced) * counts[b] - switched[b]
        supply[b] += (short - demand) * counts[b]
        dearer[b] += stream.sold[b] * (unit_cost[0, b] - unit_cost[1, b])
    for b in range(len(stream.sold)):
        deducted = point.penalty[b] - normal_point.penalty[b]
        discount[b] += stream.sold[b] * price[0, b] * deducted * counts[b]


@inlined
def _split_off_switched(
    scenario: BlockPath, counterfactual: BlockPath, measures: Measures, index: int
) -> None:
    """Of a stream's own loss, what is lost for want of customers who switched."""
    stream, normal = scenario.streams[index], counterfactual.streams[index]
    loss, price = measures.streams[index], measures.spending.streams[index].price
    normal_point, counts = counterfactual.points[stream.point], measures.today[0].counts
    if loss.maker >= 0:
        for b in range(len(stream.switched)):
            net = price[1, b] * (1.0 - normal_point.penalty[b])
            loss.switched[b] = (stream.switched[b] - normal.switched[b]) * net * counts[b]
            loss.own[b] -= loss.switched[b]


@inlined
def _look_for_lost_sales(
    scenario: BlockPath, counterfactual: BlockPath, measures: Measures, index: int
) -> None:
    """Whether customers leave, wait or are kept away for the first time whom the counterfactual serves."""
    stream, normal = scenario.streams[index], counterfactual.streams[index]
    first, today = measures.first_lost_days[measures.streams[index].maker], measures.today[0]
    for b in range(len(stream.lost)):
        kept_away = max(0.0, normal.demand[b] - stream.demand[b])
        unmet = stream.lost[b] + stream.unserved[b] + stream.barred[b] + kept_away
        more = unmet - (normal.lost[b] + normal.unserved[b] + normal.barred[b])
        is_more = more > UNMET_SHARE * (1.0 + normal.demand[b])
        if is_more and today.counts[b] > 0.0 and math.isnan(first[b]):
            first[b] = today.since[b]


@inlined
def _look_for_run_out(
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    given: Given,
    measures: Measures,
    index: int,
) -> None:
    """Whether a stock has run out for the first time while in the counterfactual it has not."""
    today, ran_out = measures.today[0], measures.points[index]
    point, normal, usage = scenario.points[index], counterfactual.points[index], given.usage[index]
    is_any = False
    for b in range(len(ran_out.days)):
        is_low = point.on_hand[b] <= RUN_OUT_COVER_DAYS * usage[b]
        is_any |= is_low and math.isnan(ran_out.days[b])
    if not is_any:
        return
    spare = measures.spending.waits
    _sum_unserved(scenario, network, today.waits, spare, index)
    _sum_unserved(counterfactual, network, today.normal_waits, spare, index)
    for b in range(len(ran_out.days)):
        low = RUN_OUT_COVER_DAYS * usage[b]
        is_out = point.on_hand[b] <= low and today.waits[b] > 0.0
        is_normal = normal.on_hand[b] <= low and today.normal_waits[b] > 0.0
        if is_out and not is_normal and today.counts[b] > 0.0 and math.isnan(ran_out.days[b]):
            ran_out.days[b] = today.since[b]


@part
def _sum_unserved(path: BlockPath, network: Topology, waits: Array, spare: Array, index: int) -> None:
    """Units that someone waits for, or has left for today; `spare` is a row to write on."""
    point = path.points[index]
    sum_owed(path, network, waits, spare, index)
    for row in range(point.first_stream, point.end_stream):
        stream = path.streams[network.links[row]]
        for b in range(len(stream.lost)):
            waits[b] += stream.lost[b]


@part
def _judge_recovery(measures: Measures, day: int) -> None:
    """Whether revenue of the last 28 days, as far as they count, falls short of the counterfactual's."""
    today, slot = measures.today[0], day % SMOOTHING_DAYS
    for maker in range(measures.makers):
        for twin in range(2):
            for b in range(len(today.counts)):
                sales = measures.sales[twin, maker, b]
                measures.recent[slot, twin, maker, b] = sales * today.counts[b]
        today.got[:] = 0.0
        today.normal[:] = 0.0
        for at in range(SMOOTHING_DAYS):
            got, normal = measures.recent[at, 0, maker], measures.recent[at, 1, maker]
            for b in range(len(today.got)):
                today.got[b] += got[b]
                today.normal[b] += normal[b]
        last = measures.last_short_days[maker]
        for b in range(len(today.got)):
            is_short = today.got[b] < measures.short_share * today.normal[b]
            last[b] = today.since[b] if is_short else last[b]


@inlined
def _hand_in(measures: Measures, day: int) -> None:
    """Add up the losses since they were last handed in: for the window and the week.

    A replication hands in when its own week or window ends, not when another's does: sums in parts round
    otherwise, and what others there are in a block must change no bit.
    """
    today, week = measures.today[0], min(day // WEEK, measures.weeks)
    ends = (day % WEEK == WEEK - 1 and day < WEEK * measures.weeks) or day == len(measures.hands_in) - 1
    for b in range(len(today.is_due)):
        today.is_due[b] = 1.0 if ends or day == today.stop[b] - 1 else 0.0
    blame = measures.blame
    hand_in(blame, blame.revenue, today.is_due, today.in_window, week)
    for stream in measures.streams:
        if stream.maker >= 0:
            weekly = blame.revenue.weekly[stream.part, week]
            add_what_is_due(stream.own, today.is_due, today.in_window, stream.own_attributed, weekly)
    hand_in_trade(measures.trade, blame.revenue.weekly, today.is_due, today.in_window, week)
    if measures.costing.is_kept:
        _hand_in_margin(measures, today.is_due, today.in_window, week)


@part
def _hand_in_margin(measures: Measures, is_due: Array, in_window: Array, week: int) -> None:
    blame = measures.blame
    hand_in(blame, blame.margin, is_due, in_window, week)
    for index in range(len(measures.streams)):
        if measures.streams[index].maker >= 0:
            books = measures.costing.streams[index]
            weekly = blame.margin.weekly[measures.streams[index].part, week]
            add_what_is_due(books.own, is_due, in_window, books.own_attributed, weekly)


@inlined
def _add_made(path: BlockPath, measures: Measures, twin: int) -> None:
    """Add up what each of several recipes for one output has finished."""
    for row in range(len(measures.lines)):
        made, produced = measures.made[twin, row], path.points[measures.lines[row]].produced
        for b in range(len(produced)):
            made[b] += produced[b]


@part
def _close_week(
    scenario: BlockPath, counterfactual: BlockPath, given: Given, measures: Measures, week: int
) -> None:
    """Note the week's revenue, its closing stock and planned usage, and what recipes have made."""
    for b in range(measures.sales.shape[2]):
        for maker in range(measures.makers):
            for twin in range(2):
                measures.weekly_revenue[b, twin, maker, week] = measures.week_sales[twin, maker, b]
                measures.week_sales[twin, maker, b] = 0.0
    for row in range(len(measures.bought)):
        index = measures.bought[row]
        point, normal = scenario.points[index], counterfactual.points[index]
        for b in range(len(point.on_hand)):
            measures.weekly_usage[b, row, week] = given.usage[index, b]
            measures.weekly_stock[b, 0, row, week] = point.on_hand[b]
            measures.weekly_stock[b, 1, row, week] = normal.on_hand[b]
    for row in range(len(measures.lines)):
        for b in range(measures.made.shape[2]):
            for twin in range(2):
                measures.weekly_made[b, twin, row, week] = measures.made[twin, row, b]
                measures.made[twin, row, b] = 0.0


@inlined
def _observe(scenario: BlockPath, measures: Measures, day: int) -> None:
    """Add up the scenario's figures for what has been reported."""
    for observation in measures.observations:
        if observation.first <= day <= observation.last:
            if observation.narrow:
                _observe_some(observation, measures)
            else:
                sales = measures.sales[0, observation.seller]
                for b in range(len(observation.revenue)):
                    observation.revenue[b] += sales[b]
    for row in range(len(measures.stock_days)):
        if measures.stock_days[row] == day:
            for index in measures.supplied:
                point = scenario.points[index]
                for b in range(len(point.on_hand)):
                    measures.stock_units[row, index, b] = point.on_hand[b] + point.wip[b]


@inlined
def _observe_some(observation: Record, measures: Measures) -> None:
    """Add up the day's sales of some products to some markets."""
    for place in range(observation.first_stream, observation.last_stream):
        sales = measures.streams[measures.observed_streams[place]].sales[SCENARIO]
        for b in range(len(observation.revenue)):
            observation.revenue[b] += sales[b]
    for place in range(observation.first_lane, observation.last_lane):
        traded = measures.trade.lanes[measures.observed_lanes[place]].sales[SCENARIO]
        for b in range(len(observation.revenue)):
            observation.revenue[b] += traded[b]


# ---------------------------------------------------------------------- the outcome


def measured(
    tracking: Tracking, values: Values, scenario: BlockPath, counterfactual: BlockPath, measures: Measures
) -> MeasuredBlock:
    """Give what is kept, after the last day."""
    resolve(tracking.web, measures.blame, measures.blame.revenue)
    outcome, courses = _outcome(tracking, values, scenario, measures), _courses(tracking, measures)
    if tracking.plan.keeps_account:
        resolve(tracking.web, measures.blame, measures.blame.margin)
        outcome |= _account(tracking, measures)
        courses |= _courses_of_margin(tracking, measures)
    stocks = np.concatenate([path.points.on_hand[measures.supplied] for path in (scenario, counterfactual)])
    return MeasuredBlock(
        outcome=outcome,
        courses=courses,
        is_finite=np.all(np.isfinite(stocks), axis=0),
    )


def _outcome(tracking: Tracking, values: Values, scenario: BlockPath, measures: Measures) -> dict[str, Array]:
    plan, spending, width = tracking.plan, measures.spending, values.width
    return {
        "shock_day": shock_days_of(plan, values, scenario.interventions.start),
        "stream_revenue": _leading(measures.streams.revenue),
        "stream_units": _leading(measures.streams.units),
        "lane_value": _leading(spending.lanes.value),
        **({"duty": spending.taxed.duty.transpose(3, 1, 2, 0)} if len(spending.taxed) else {}),
        **({"bullwhip": told(measures.bullwhip)} if plan.tells_bullwhip else {}),
        "cost": spending.cost.transpose(2, 0, 1).reshape(width, 2, len(COST_KINDS), len(plan.labels.makers)),
        "first_lost_sales_days": measures.first_lost_days.T,
        "time_to_adapt_days": _days_to_adapt(plan, measures),
        "run_out_days": measures.points.days.T,
        "attribution": add_own_losses(
            _attribution(tracking, measures.blame.revenue, measures.streams.own_attributed), measures.trade
        ),
        "normal_service": _service(plan, measures),
        "observed": _observed(tracking, values, scenario, measures),
        "start": _day_or_never(scenario.interventions.start),
        "end": _day_or_never(scenario.interventions.end),
    }


def _courses(tracking: Tracking, measures: Measures) -> dict[str, Array]:
    return {
        "revenue": measures.weekly_revenue,
        "stock": measures.weekly_stock,
        "usage": measures.weekly_usage,
        "attribution": _weekly_attribution(tracking, measures.blame.revenue),
        **({"made": measures.weekly_made} if len(measures.lines) else {}),
        **({"cover": measures.tiers.cover} if len(measures.tiers.stocked) else {}),
        **({"slack": measures.tiers.slack} if len(measures.tiers.limited) else {}),
        **({"flow": measures.flows.weekly} if len(measures.flows.lanes) else {}),
    }


def _weekly_attribution(tracking: Tracking, charged: Charged) -> Floats:
    """``[replication, maker, component, week]``."""
    weeks, components = tracking.weeks, component_count(tracking.plan)
    makers = len(tracking.plan.labels.makers)
    blamed = charged.weekly[: makers * components, :weeks].transpose(2, 0, 1)
    return blamed.reshape(len(blamed), makers, components, weeks)


def _account(tracking: Tracking, measures: Measures) -> dict[str, Array]:
    """What accounts add to the outcome."""
    costing = measures.costing
    blamed = _attribution(tracking, measures.blame.margin, costing.streams.own_attributed)
    return {
        "account": costing.account.transpose(3, 0, 1, 2),
        "stream_cost": _leading(costing.streams.cost),
        "margin_attribution": np.concatenate([blamed, costing.changes.transpose(2, 1, 0)], axis=2),
    }


def _courses_of_margin(tracking: Tracking, measures: Measures) -> dict[str, Array]:
    """What accounts add to the courses."""
    blamed = _weekly_attribution(tracking, measures.blame.margin)
    changes = measures.costing.weekly_changes[: tracking.weeks].transpose(3, 2, 1, 0)
    return {
        "margin": measures.costing.weekly_margin,
        "margin_attribution": np.concatenate([blamed, changes], axis=2),
        **({"cash": measures.costing.weekly_cash} if tracking.plan.keeps_cash else {}),
    }


def _leading(by_twin: Array) -> Floats:
    """``[thing, twin, replication]`` turned into ``[replication, twin, thing]``."""
    return by_twin.transpose(2, 1, 0)


def _days_to_adapt(plan: Plan, measures: Measures) -> Floats:
    """``[replication, maker]``: the day after the last short one, NaN if that is the last of all."""
    last_days = plan.days - 1 - measures.today[0].first
    last_short = measures.last_short_days
    is_never = (last_short >= 0.0) & (last_short == last_days)
    return np.where(is_never, np.nan, last_short + 1.0).T


def _service(plan: Plan, measures: Measures) -> Floats:
    """``[replication, maker]``; NaN where nothing is wanted, or more than a number can hold."""
    streams, width = measures.streams, measures.sales.shape[2]
    served, wanted = np.zeros((2, width, len(plan.labels.makers)))
    for stream in np.flatnonzero(streams.maker >= 0).tolist():
        served[:, streams.maker[stream]] += streams.served[stream]
        wanted[:, streams.maker[stream]] += streams.wanted[stream]
    for its in measures.trade.lanes[measures.trade.lanes.maker >= 0]:
        served[:, its.maker] += its.served
        wanted[:, its.maker] += its.wanted
    known = (wanted > 0.0) & np.isfinite(wanted)
    return np.divide(served, wanted, out=np.full_like(served, np.nan), where=known)


def _attribution(tracking: Tracking, charged: Charged, own: Floats) -> Floats:
    """``[replication, maker, cause]``; ``own`` is ``[stream, replication]`` of demand itself."""
    plan, web = tracking.plan, tracking.web
    causes, width = Causes.of(plan), charged.attributed.shape[1]
    attribution = untouched_zeros((len(plan.labels.makers), causes.count, width))
    real = charged.is_used & (web.account_cause < causes.count)
    attribution[web.account_maker[real], web.account_cause[real]] = charged.attributed[real]
    for stream, maker in enumerate(plan.maker_of_stream.tolist()):
        if maker >= 0:
            attribution[maker, causes.stream(stream)] = own[stream]
    return attribution.transpose(2, 0, 1)


def _observed(tracking: Tracking, values: Values, scenario: BlockPath, measures: Measures) -> Floats:
    """``[replication, observation]`` what stands for each reported figure; NaN outside its days."""
    plan, table = tracking.plan, tracking.plan.observations
    observed = np.full((len(table.firm), values.width), np.nan)
    observed[measures.observations.row] = measures.observations.revenue
    if len(tracking.stock_days):
        cost = unit_costs(plan, values, measures.day_0_lane_price, scenario.lanes.normal_share)
        value = measures.stock_units * cost
        for row in tracking.observed[~table.is_revenue[tracking.observed]].tolist():
            day = int(np.searchsorted(tracking.stock_days, table.last[row]))
            observed[row] = added_up(value[day, plan.points.firm == table.firm[row]])
    return observed.T


def _day_or_never(days: Ints) -> Floats:
    return np.where(days >= NEVER, np.nan, days.astype(np.float64)).T

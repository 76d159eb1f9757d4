"""One replication told so that a person can follow it: events in words, states as a table."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.engines.ledger import SimulatedPath
from sim.engines.replay import DailyBooks
from sim.engines.rules import RUN_OUT_COVER_DAYS
from sim.model.facts import taxed_lanes
from sim.model.plan import NEVER, Bools, Floats, Pause, Plan, Supply, rounded_days
from sim.risk.margins import MARGIN, RESULT, signed_entries
from sim.risk.money import added_up, costs
from sim.scenario.fields import MAX_DAYS
from sim.scenario.schema import Scenario

STATE_COLUMNS = (
    "day",
    "date",
    "stock_point",
    "on_hand",
    "backorders",
    "on_order",
    "in_transit",
    "wip",
    "ordered",
    "received",
    "shipped",
    "produced",
    "demand",
    "lost",
    "set_aside",
    "at_dock",
    "returned",
    "holding_cost",
    "backorder_cost",
    "in_transit_cost",
    "order_cost",
    "lost_sale_cost",
)
ACCOUNT_COLUMNS = ("day", "date", "maker")
"""Columns of the daily accounts before those of the entries (:func:`sim.risk.margins.signed_entries`)."""
TOLD_STEP = 0.05
"""Share by which a unit cost changes before it is told again."""


@dataclass(frozen=True, slots=True, order=True)
class TraceEvent:
    """Something that happened: when, of which kind, where, and what."""

    date: dt.date
    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.date}  {self.kind:<13} {self.where}: {self.text}"


class TracedBooks(NamedTuple):
    """The books of one twin, day by day.

    Attributes
    ----------
    unit_cost
        ``[day, point]`` at which everything leaves on the day; NaN where no books are kept.
    accounts
        A row a day and maker: its entries, then ``margin`` and ``result``.
    """

    unit_cost: Floats
    accounts: pd.DataFrame


def books_of(plan: Plan, books: DailyBooks, twin: int) -> TracedBooks:
    """What the books of one twin say on each day, in money; what reduces the result is below 0."""
    makers = len(plan.labels.makers)
    booked = [np.moveaxis(values[twin], 1, -1) for values in (books.booked, books.running)]
    told = list(signed_entries(books.market_sales[twin], *booked))
    parts = {"margin": [MARGIN], "result": [MARGIN, RESULT]}
    sums = {name: sum(money for _, part, money in told if part in of) for name, of in parts.items()}
    columns = {
        "day": np.repeat(np.arange(plan.days), makers),
        "date": np.repeat([plan.date_of(day).isoformat() for day in range(plan.days)], makers),
        "maker": np.tile(plan.labels.makers, plan.days),
        **{name: np.ravel(money) for name, _, money in told},
        **{name: np.ravel(money) for name, money in sums.items()},
    }
    return TracedBooks(books.unit_cost[twin], pd.DataFrame(columns))


def events(
    scenario: Scenario, plan: Plan, path: SimulatedPath, books: TracedBooks | None = None
) -> list[TraceEvent]:
    """Every event of a path in the order of days: rules, refusals, cancellations, shipments, stock-outs.

    Parameters
    ----------
    scenario, plan
        What was simulated; names and units come from the scenario.
    path
        One twin of a replication.
    books
        Its books, where accounts are kept.
    """
    found = [
        *_rules(scenario, plan, path),
        *_demand_levels(plan, path),
        *_grants(scenario, plan, path),
        *_duties(scenario, plan, path),
        *_lane_events(scenario, plan, path),
        *_orders(scenario, plan, path),
        *_written_off(scenario, plan, path),
        *_refusals(scenario, plan, path),
        *_qualifications(plan, path),
        *_recipes(scenario, plan, path),
        *_stock_outs(scenario, plan, path),
        *_expiries(scenario, plan, path),
        *_lost_sales(scenario, plan, path),
        *_switching(scenario, plan, path),
        *(() if books is None else _unit_costs(scenario, plan, books)),
        *(() if books is None else _accounts(scenario, plan, books)),
    ]
    return [event for _, event in sorted(found, key=lambda pair: pair[0])]


def states_table(plan: Plan, path: SimulatedPath, books: TracedBooks | None = None) -> pd.DataFrame:
    """One row a day and stock point: states at the end of the day, flows of the day, in the item's units.

    With books, it ends with the ``unit_cost`` of each stock.

    What is set aside for a paused shipment is neither on hand nor shipped nor in transit, and what waits at
    the dock for a paused receipt is neither in transit nor on hand; both are on order for the buyer.
    """
    points, lanes, streams = path.ledger.points, path.ledger.lanes, path.ledger.streams
    count = len(plan.labels.points)
    paid = costs(plan, path)
    buyer, supplier = plan.lanes.buyer, plan.lanes.supplier
    set_aside = added_up(plan, lanes.set_aside * plan.lanes.units_per_original, supplier)
    columns = {
        "day": np.repeat(np.arange(plan.days), count),
        "date": np.repeat([plan.date_of(day).isoformat() for day in range(plan.days)], count),
        "stock_point": np.tile(plan.labels.points, plan.days),
        "on_hand": points.on_hand,
        "backorders": points.owed,
        "on_order": points.on_order,
        "in_transit": added_up(plan, lanes.in_transit - lanes.set_aside - lanes.at_dock, buyer),
        "wip": points.wip,
        "ordered": points.ordered,
        "received": points.received,
        "shipped": points.shipped
        + added_up(plan, (lanes.sent - lanes.shipped) * plan.lanes.units_per_original, supplier),
        "produced": points.produced,
        "demand": added_up(plan, streams.demand, plan.streams.point),
        "lost": added_up(plan, streams.lost, plan.streams.point),
        "set_aside": set_aside,
        "at_dock": added_up(plan, lanes.at_dock, buyer),
        "returned": points.returned,
        "holding_cost": paid.holding,
        "backorder_cost": paid.backorder,
        "in_transit_cost": paid.in_transit,
        "order_cost": paid.order,
        "lost_sale_cost": paid.lost_sales,
    }
    table = pd.DataFrame({name: np.ravel(columns[name]) for name in STATE_COLUMNS})
    return table if books is None else table.assign(unit_cost=np.ravel(books.unit_cost))


def _rules(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    timing = path.schedule.timing
    for index, (name, entry) in enumerate(scenario.interventions.items()):
        for order, (day, what) in enumerate(
            ((timing.start[index], "takes effect"), (timing.end[index], "ends"))
        ):
            if 0 <= day < plan.days and timing.start[index] < timing.end[index]:
                yield (
                    (int(day), order),
                    TraceEvent(plan.date_of(int(day)), "rule", name, f"{entry.title} {what}"),
                )


def _demand_levels(plan: Plan, path: SimulatedPath) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """The level of each stream that demand factors move, on the first day and on that of every quarter."""
    dates = [plan.date_of(day) for day in range(plan.days)]
    told = [day for day, date in enumerate(dates) if day == 0 or (date.day == 1 and date.month % 3 == 1)]
    for stream, levels in zip(path.schedule.moved_streams, path.schedule.demand_level, strict=True):
        for day in told:
            text = f"{levels[day]:.3g} times what is planned"
            yield (day, 1), TraceEvent(dates[day], "demand level", plan.labels.streams[stream], text)


def _grants(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """Licences with terms of their own that suppliers get, and have no more."""
    into, valid_days = path.schedule.timing.into_grant, rounded_days(plan.interventions.valid_days)
    for grant, (licence, firm) in enumerate(
        zip(plan.grants.intervention.tolist(), plan.grants.firm.tolist(), strict=True)
    ):
        name = plan.labels.interventions[licence]
        holder = scenario.firms[plan.labels.firms[firm]].name
        has = into[grant] >= 0
        for day in np.flatnonzero(np.diff(has, prepend=False)).tolist():
            if has[day]:
                what = "granted to"
            elif into[grant, day - 1] + 1 == valid_days[licence]:
                what = "expires for"
            else:
                what = "ends for" if day == path.schedule.timing.end[licence] else "revoked from"
            yield (day, 1), TraceEvent(plan.date_of(day), "licence", name, f"{what} {holder}")


def _duties(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """What buyers pay and sellers get, on the day on which duties, having changed, stay as they are."""
    schedule, lanes = path.schedule, taxed_lanes(plan)
    paid, received = schedule.lane_price_paid[lanes], schedule.lane_price_received[lanes]
    levied = np.stack([paid - schedule.lane_price[lanes], schedule.lane_price[lanes] - received])
    changed = np.any(np.diff(levied, axis=2, prepend=0.0) != 0.0, axis=0)
    goes_on = np.pad(changed[:, 1:], ((0, 0), (0, 1)))
    for place, day in np.argwhere(changed & ~goes_on).tolist():
        lane = int(lanes[place])
        price = f"{schedule.lane_price[lane, day]:,.4g} {scenario.currency}"
        buyers, sellers = paid[place, day], received[place, day]
        told = f"of {price}, the buyer pays {buyers:,.4g} and the seller gets {sellers:,.4g}"
        yield (day, 1), TraceEvent(plan.date_of(day), "duty", plan.labels.lanes[lane], told)


def _lane_events(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    ledger = path.ledger.lanes
    paused = path.schedule.paused_lanes[Pause.SHIPMENTS].T
    delayed = rounded_days(plan.lanes.order_lead_time_days) > 0
    tables = (
        (2, "cancellation", np.where(delayed, 0.0, ledger.cancelled), "{} of backlog cancelled"),
        (2, "cancellation", np.where(delayed, ledger.cancelled, 0.0), "{} of what was ordered cancelled"),
        (3, "turned back", ledger.turned_back, "{} in transit turned back"),
        (3, "written off", ledger.written_off, "{} in transit are lost"),
        (6, "shipment", np.where(paused, 0.0, ledger.shipped), "{} shipped, arrive {}"),
        (6, "set aside", np.where(paused, ledger.shipped, 0.0), "{} set aside, arrive {}"),
    )
    for order, kind, table, text in tables:
        for day, lane in np.argwhere((table > 0.0) & ~_is_feed(plan)).tolist():
            unit = _unit(scenario, plan, plan.lanes.buyer[lane])
            arrival = plan.date_of(int(ledger.arrival_day[day, lane]))
            told = text.format(_amount(table[day, lane], unit), arrival)
            yield (day, order), TraceEvent(plan.date_of(day), kind, plan.labels.lanes[lane], told)


def _orders(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """Orders that take days to reach the supplier."""
    days = np.minimum(rounded_days(plan.lanes.order_lead_time_days), MAX_DAYS)
    for day, lane in np.argwhere((path.ledger.lanes.ordered > 0.0) & (days > 0)).tolist():
        units = _amount(path.ledger.lanes.ordered[day, lane], _unit(scenario, plan, plan.lanes.buyer[lane]))
        told = f"{units} ordered, the supplier knows on {plan.date_of(day + int(days[lane]))}"
        yield (day, 4), TraceEvent(plan.date_of(day), "order", plan.labels.lanes[lane], told)


def _expiries(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """Stock that is too old to be used."""
    expired = path.ledger.points.expired
    for day, point in np.argwhere(expired > 0.0).tolist():
        told = f"{_amount(expired[day, point], _unit(scenario, plan, point))} expire and are written off"
        yield (day, 8), TraceEvent(plan.date_of(day), "expiry", plan.labels.points[point], told)


def _is_feed(plan: Plan) -> Bools:
    """``[lane]`` whether it leads from a line, one of several recipes, to the output."""
    is_feed: Bools = plan.points.alternative_of[plan.lanes.supplier] >= 0
    return is_feed


def _recipes(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """The first day of every spell in which one of several recipes makes something."""
    lines = np.flatnonzero(plan.points.alternative_of >= 0)
    started = path.ledger.points.started[:, lines]
    for day, place in np.argwhere(_begins(started > 0.0)).tolist():
        line = lines[place]
        told = f"begins with {_amount(started[day, place], _unit(scenario, plan, line))}"
        yield (day, 6), TraceEvent(plan.date_of(day), "recipe", plan.labels.points[line], told)


def _written_off(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """Stock on hand and work in process that are destroyed."""
    points = path.ledger.points
    for table, what in ((points.written_off, "on hand"), (points.work_written_off, "in process")):
        for day, point in np.argwhere(table > 0.0).tolist():
            told = f"{_amount(table[day, point], _unit(scenario, plan, point))} {what} are lost"
            yield (day, 3), TraceEvent(plan.date_of(day), "written off", plan.labels.points[point], told)


def _refusals(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """The first day of every spell in which orders that a lane would normally get cannot be placed on it."""
    refused = path.ledger.lanes.refused
    for day, lane in np.argwhere(_begins(refused > 0.0)).tolist():
        unit = _unit(scenario, plan, plan.lanes.buyer[lane])
        told = f"{_amount(refused[day, lane], unit)} cannot be ordered, and no more at later reviews"
        yield (day, 4), TraceEvent(plan.date_of(day), "refusal", plan.labels.lanes[lane], told)


def _qualifications(plan: Plan, path: SimulatedPath) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    for lane, day in zip(plan.substitutes.lane.tolist(), path.ledger.qualified_day.tolist(), strict=True):
        if day < NEVER:
            kind = "recipe" if _is_feed(plan)[lane] else "substitute"
            yield (day, 5), TraceEvent(plan.date_of(day), kind, plan.labels.lanes[lane], "qualified")


def _stock_outs(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """The first day of every spell in which a stock is empty while someone waits."""
    owed = path.ledger.points.owed
    out = is_out(plan, path) & (plan.points.alternative_of < 0)
    for day, point in np.argwhere(_begins(out)).tolist():
        unit = _unit(scenario, plan, point)
        where, told = plan.labels.points[point], f"empty, {_amount(owed[day, point], unit)} wait"
        yield (
            (day, 7),
            TraceEvent(plan.date_of(day), "stock-out", where, told + _held_back(plan, path, day, point)),
        )


def is_out(plan: Plan, path: SimulatedPath) -> Bools:
    """``[day, point]`` whether a stock has run out: next to nothing is left while someone waits or leaves."""
    nothing = path.ledger.points.on_hand <= RUN_OUT_COVER_DAYS * path.schedule.usage.T
    unserved = path.ledger.points.owed.copy()
    for stream, point in enumerate(plan.streams.point):
        unserved[:, point] += path.ledger.streams.lost[:, stream]
    return nothing & (unserved > 0.0) & (plan.points.supply != Supply.SOURCE)


def _held_back(plan: Plan, path: SimulatedPath, day: int, point: int) -> str:
    made = np.append(np.flatnonzero(plan.points.alternative_of == point), point)
    binding = [
        plan.labels.points[plan.edges.point[edge]]
        for edge in np.flatnonzero(np.isin(plan.edges.made, made))
        if path.ledger.held_back[day, edge] > 0.0
    ]
    return f"; production held back by {', '.join(dict.fromkeys(binding))}" if binding else ""


def _lost_sales(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    lost = path.ledger.streams.lost
    barred = path.ledger.streams.barred
    for day, stream in np.argwhere(_begins(barred > 0.0)).tolist():
        unit = _unit(scenario, plan, plan.streams.point[stream])
        told = f"customers for {_amount(barred[day, stream], unit)} may not be served"
        yield (day, 2), TraceEvent(plan.date_of(day), "barred", plan.labels.streams[stream], told)
    for day, stream in np.argwhere(lost > 0.0).tolist():
        unit = _unit(scenario, plan, plan.streams.point[stream])
        told = f"customers for {_amount(lost[day, stream], unit)} left"
        yield (day, 8), TraceEvent(plan.date_of(day), "lost sales", plan.labels.streams[stream], told)


def _switching(
    scenario: Scenario, plan: Plan, path: SimulatedPath
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """The first day of every spell in which customers are missed who have switched."""
    switched = path.ledger.streams.switched
    for day, stream in np.argwhere(_begins(switched > 0.0)).tolist():
        rival = int(plan.streams.switches_to[stream])
        where = f"ask {plan.labels.streams[rival]}" if rival >= 0 else "ask no more"
        unit = _unit(scenario, plan, plan.streams.point[stream])
        told = f"customers for {_amount(switched[day, stream], unit)} of the day {where}"
        yield (day, 2), TraceEvent(plan.date_of(day), "switching", plan.labels.streams[stream], told)


def _unit_costs(
    scenario: Scenario, plan: Plan, books: TracedBooks
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """What a unit of each stock costs, on the first day and whenever that has changed by a twentieth."""
    is_stock = (plan.points.supply != Supply.SOURCE) & (plan.points.alternative_of < 0)
    for point in np.flatnonzero(is_stock & ~np.isnan(books.unit_cost[0])).tolist():
        unit, told = _unit(scenario, plan, point), np.nan
        for day, cost in enumerate(books.unit_cost[:, point].tolist()):
            if abs(cost - told) < TOLD_STEP * abs(told) or cost == told:
                continue
            text = f"{cost:,.4g} {scenario.currency} for 1 {unit}{'' if day == 0 else f', after {told:,.4g}'}"
            yield (day, 9), TraceEvent(plan.date_of(day), "unit cost", plan.labels.points[point], text)
            told = cost


def _accounts(
    scenario: Scenario, plan: Plan, books: TracedBooks
) -> Iterator[tuple[tuple[int, int], TraceEvent]]:
    """What each maker has earned with its goods since it was last told: of each month."""
    dates = [plan.date_of(day) for day in range(plan.days)]
    months = [(date.year, date.month) for date in dates]
    ends = [day for day in range(plan.days) if day + 1 == plan.days or months[day + 1] != months[day]]
    for maker, rows in books.accounts.groupby("maker", sort=False):
        since = 0
        for day in ends:
            earned = rows.iloc[since : day + 1].sum(numeric_only=True)
            amounts = {
                "sales": earned["sales_to_markets"] + earned["sales_to_firms"],
                "cost of goods sold": -earned["cost_of_goods_sold"],
                "contribution margin": earned["margin"],
                "result": earned["result"],
            }
            told = ", ".join(f"{what} {amount:,.4g}" for what, amount in amounts.items())
            text = f"since {dates[since]}, in {scenario.currency}: {told}"
            yield (day, 10), TraceEvent(dates[day], "account", str(maker), text)
            since = day + 1


def _begins(spells: Bools) -> Bools:
    """``[day, ...]`` first days of spells."""
    begins = spells.copy()
    begins[1:] &= ~spells[:-1]
    return begins


def _unit(scenario: Scenario, plan: Plan, point: int) -> str:
    return scenario.items[plan.labels.items[plan.points.item[point]]].unit


def _amount(quantity: float, unit: str) -> str:
    return f"{quantity:,.4g} {unit}"

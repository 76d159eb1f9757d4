"""The accounts of firms, from whole ledgers: every pool of goods as units and their value."""

from dataclasses import dataclass, field

import numpy as np

from sim.engines.costing import CHANGES, ENTRIES
from sim.engines.ledger import SimulatedPath, Twins
from sim.engines.spending import COST_KINDS
from sim.model.plan import Effect, Floats, Plan, Supply
from sim.risk.money import costs
from tests.readable_measures.money import are_one, by_firm, of_makers

ROUNDING = 1e-12
"""Share of a pool that is none: what rounding leaves of it has no cost that means anything."""


@dataclass
class Pool:
    """Goods that are mixed: what comes in before anything leaves has one cost with what was there.

    What leaves does not change the ``cost`` of a unit.
    """

    units: float = 0.0
    cost: float = 0.0

    @property
    def value(self) -> float:
        """What all of it has cost."""
        return self.units * self.cost

    def add(self, units: float, value: float) -> None:
        """Units come in."""
        if units > 0.0:
            self.cost = (self.value + value) / (self.units + units)
            self.units += units

    def take(self, units: float) -> float:
        """Units leave, with their value."""
        left = self.units - units
        self.units = left if left > ROUNDING * self.units else 0.0
        return units * self.cost


@dataclass
class Books:
    """The accounts of all firms: ``[day, firm]`` by entry, and ``[day, point]`` what a unit costs.

    ``value`` is ``[day, firm]`` of stock, at the end of the day, and ``opening`` ``[firm]``.
    """

    entries: dict[str, Floats]
    unit_cost: Floats
    value: Floats
    opening: Floats
    stock: list[Pool] = field(default_factory=list)
    work: list[Pool] = field(default_factory=list)
    under_way: list[Pool] = field(default_factory=list)
    received: list[Pool] = field(default_factory=list)


def books_of(plan: Plan, path: SimulatedPath) -> Books:
    """Keep the books of a path from the first day to the last."""
    firms = len(plan.labels.firms)
    books = Books(
        {entry: np.zeros((plan.days, firms)) for entry in ENTRIES},
        np.zeros((plan.days, len(plan.points.firm))),
        np.zeros((plan.days, firms)),
        np.zeros(firms),
    )
    _open(plan, path, books)
    books.opening = _value(plan, books)
    for day in range(plan.days):
        for point in plan.order.tolist():
            _turn_back(plan, path, books, day, point)
            _bring_in(plan, path, books, day, point)
            _make(plan, path, books, day, point)
            books.unit_cost[day, point] = books.stock[point].cost
            _let_go(plan, path, books, day, point)
        for substitute, lane in enumerate(plan.substitutes.lane.tolist()):
            if path.ledger.qualified_day[substitute] == day:
                buyer = plan.points.firm[plan.lanes.buyer[lane]]
                books.entries["measures"][day, buyer] += plan.substitutes.qualification_cost[substitute]
        books.entries["fixed_costs"][day] = plan.fixed_cost_per_day
        books.value[day] = _value(plan, books)
    before = np.vstack([books.opening, books.value[:-1]])
    books.entries["stock_change"] = books.value - before
    return books


def _open(plan: Plan, path: SimulatedPath, books: Books) -> None:
    points, lanes, opening = plan.points, plan.lanes, path.schedule.up_to[:, 0]
    for point in range(len(points.firm)):
        given = points.initial_on_hand[point]
        books.stock.append(Pool(given if given >= 0.0 else opening[point]))
        books.work.append(Pool(float(points.initial_work_in_process[point].sum())))
    for point in plan.order.tolist():
        cost = 0.0
        for lane in plan.inbound[point].tolist():
            cost += _price(plan, path, books, 0, lane) * path.schedule.normal_share[lane]
        if points.supply[point] == Supply.MADE:
            inputs = plan.inputs_of[point].tolist()
            material = sum(
                _input_units(plan, path, 0, edge) * books.stock[plan.edges.point[edge]].cost
                for edge in inputs
            )
            cost = material / points.yield_share[point] + points.conversion_cost[point]
        if np.isfinite(points.unit_cost[point]):
            cost = float(points.unit_cost[point])
        books.stock[point].cost = books.work[point].cost = cost
    for lane in range(len(lanes.supplier)):
        units = float(lanes.initial_in_transit[lane].sum())
        books.under_way.append(Pool(units, _price(plan, path, books, 0, lane)))
        books.received.append(Pool(units, _received(plan, path, books, 0, lane)))


def _is_within(plan: Plan, lane: int) -> bool:
    return are_one(plan, int(plan.lanes.supplier[lane]), int(plan.lanes.buyer[lane]))


def _price(plan: Plan, path: SimulatedPath, books: Books, day: int, lane: int) -> float:
    """What a unit of the buyer costs it that is shipped today."""
    if _is_within(plan, lane):
        each = books.stock[plan.lanes.supplier[lane]].cost + _duty(plan, path, day, lane)
    else:
        each = float(path.schedule.lane_price_paid[lane, day])
    return each * float(plan.lanes.units_per_original[lane])


def _duty(plan: Plan, path: SimulatedPath, day: int, lane: int) -> float:
    """What the state takes of a unit of the supplier that is shipped today; nothing within a firm."""
    paid, received = path.schedule.lane_price_paid[lane, day], path.schedule.lane_price_received[lane, day]
    return float(paid - received) if plan.is_trade[lane] else 0.0


def _received(plan: Plan, path: SimulatedPath, books: Books, day: int, lane: int) -> float:
    """What a unit of the buyer that is shipped today is to the seller: its price, or what it has cost."""
    if _is_within(plan, lane):
        cost = books.stock[plan.lanes.supplier[lane]].cost
        return cost * float(plan.lanes.units_per_original[lane])
    return float(path.schedule.lane_price_received[lane, day]) * float(plan.lanes.units_per_original[lane])


def _turn_back(plan: Plan, path: SimulatedPath, books: Books, day: int, point: int) -> None:
    firm, stock = plan.points.firm[point], books.stock[point]
    for lane in plan.outbound[point].tolist():
        units = float(path.ledger.lanes.turned_back[day, lane])
        if units <= 0.0:
            continue
        back = units * float(plan.lanes.units_per_original[lane])
        paid, received = (pools[lane].take(units) for pools in (books.under_way, books.received))
        value = received if _is_within(plan, lane) else back * stock.cost
        if not _is_within(plan, lane):
            books.entries["sales_to_firms"][day, firm] -= received
            books.entries["cost_of_sales_to_firms"][day, firm] -= value
        refund = paid - received if _is_within(plan, lane) else paid
        books.entries["purchases"][day, plan.points.firm[plan.lanes.buyer[lane]]] -= refund
        if plan.points.supply[point] == Supply.SOURCE:
            books.entries["purchases"][day, firm] -= value
        else:
            stock.add(back, value)


def _bring_in(plan: Plan, path: SimulatedPath, books: Books, day: int, point: int) -> None:
    firm, lanes = plan.points.firm[point], path.ledger.lanes
    for lane in plan.inbound[point].tolist():
        value = float(lanes.shipped[day, lane]) * _price(plan, path, books, day, lane)
        shipped = float(lanes.shipped[day, lane])
        books.under_way[lane].add(shipped, value)
        books.received[lane].add(shipped, shipped * _received(plan, path, books, day, lane))
        in_house = shipped * _received(plan, path, books, day, lane) if _is_within(plan, lane) else 0.0
        books.entries["purchases"][day, firm] += value - in_house
        delivered = float(lanes.delivered[day, lane])
        books.stock[point].add(delivered, books.under_way[lane].take(delivered))
        lost = books.under_way[lane].take(float(lanes.written_off[day, lane]))
        books.entries["write_offs"][day, firm] += lost
        books.received[lane].take(delivered)
        books.received[lane].take(float(lanes.written_off[day, lane]))


def _make(plan: Plan, path: SimulatedPath, books: Books, day: int, point: int) -> None:
    if plan.points.supply[point] != Supply.MADE:
        return
    firm, points = plan.points.firm[point], path.ledger.points
    started = float(points.started[day, point])
    good = started * float(path.schedule.yield_share[point, day])
    value = 0.0
    for edge in plan.inputs_of[point].tolist():
        source = plan.edges.point[edge]
        drawn = started * _input_units(plan, path, day, edge)
        value += drawn * books.stock[source].cost
        if plan.points.supply[source] != Supply.SOURCE:
            books.stock[source].take(drawn)
    conversion = good * float(plan.points.conversion_cost[point])
    books.entries["conversion"][day, firm] += conversion
    books.work[point].add(good, value + conversion)
    finished = float(points.produced[day, point])
    books.stock[point].add(finished, books.work[point].take(finished))
    lost = books.work[point].take(float(points.work_written_off[day, point]))
    books.entries["write_offs"][day, firm] += lost


def _input_units(plan: Plan, path: SimulatedPath, day: int, edge: int) -> float:
    """What a unit takes that is started today."""
    for its in path.schedule.changed:
        if its.kind == Effect.CHANGES_INPUT_UNITS and its.target == edge:
            return float(its.values[day])
    return float(plan.edges.units[edge])


def _let_go(plan: Plan, path: SimulatedPath, books: Books, day: int, point: int) -> None:
    firm, stock = plan.points.firm[point], books.stock[point]
    is_source = plan.points.supply[point] == Supply.SOURCE
    lost = stock.take(float(path.ledger.points.written_off[day, point]))
    books.entries["write_offs"][day, firm] += lost
    for lane in plan.outbound[point].tolist():
        shipped = float(path.ledger.lanes.shipped[day, lane])
        units = shipped * float(plan.lanes.units_per_original[lane])
        value = units * stock.cost if is_source else stock.take(units)
        if not _is_within(plan, lane):
            books.entries["sales_to_firms"][day, firm] += shipped * _received(plan, path, books, day, lane)
            books.entries["cost_of_sales_to_firms"][day, firm] += value
        books.entries["purchases"][day, firm] += value if is_source else 0.0
    for stream in plan.streams_at[point].tolist():
        sold = float(path.ledger.streams.shipped[day, stream])
        value = sold * stock.cost if is_source else stock.take(sold)
        books.entries["cost_of_sales_to_markets"][day, firm] += value
        books.entries["purchases"][day, firm] += value if is_source else 0.0
    if not is_source:
        expired = float(path.ledger.points.expired[day, point])
        books.entries["write_offs"][day, firm] += stock.take(expired)
        salvage = float(plan.points.salvage_value_per_unit[point])
        books.entries["salvage"][day, firm] += expired * salvage
    if is_source:
        for edge in plan.uses_of[point].tolist():
            started = float(path.ledger.points.started[day, plan.edges.made[edge]])
            drawn = started * _input_units(plan, path, day, edge)
            books.entries["purchases"][day, firm] += drawn * stock.cost


def _value(plan: Plan, books: Books) -> Floats:
    """``[firm]`` of what is on hand, in process and under way."""
    value = np.zeros(len(plan.labels.firms))
    for point, firm in enumerate(plan.points.firm.tolist()):
        if plan.points.supply[point] != Supply.SOURCE:
            value[firm] += books.stock[point].value + books.work[point].value
    for lane, buyer in enumerate(plan.lanes.buyer.tolist()):
        value[plan.points.firm[buyer]] += books.under_way[lane].value
    return value


def margin(plan: Plan, path: SimulatedPath, books: Books, revenue: Floats) -> Floats:
    """``[day, firm]`` contribution margin; ``revenue`` is that of markets."""
    entries, running = books.entries, running_costs(plan, path)
    sold = revenue + entries["sales_to_firms"]
    goods = entries["cost_of_sales_to_markets"] + entries["cost_of_sales_to_firms"]
    expired = entries["write_offs"] - entries["salvage"]
    return sold - goods - running - expired - entries["measures"]


def running_costs(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, firm]`` of holding, of backorders, of transit, of orders and of lost sales."""
    paid = costs(plan, path)
    total = np.zeros((plan.days, len(plan.labels.firms)))
    for kind in COST_KINDS:
        total += by_firm(plan, getattr(paid, kind))
    return total


def changes(twins: Twins, books: tuple[Books, Books]) -> Floats:
    """``[change, day, maker]`` margin that the scenario lacks beside goods not sold and sold for less."""
    plan, (ours, normal) = twins.plan, books
    sold, point = twins.scenario.ledger.streams.shipped, plan.streams.point
    dearer = sold * (ours.unit_cost - normal.unit_cost)[:, point]
    by_seller = np.zeros((plan.days, len(plan.labels.firms)))
    for stream, firm in enumerate(plan.points.firm[point].tolist()):
        by_seller[:, firm] += dearer[:, stream]

    def to_firms(its: Books) -> Floats:
        return its.entries["sales_to_firms"] - its.entries["cost_of_sales_to_firms"]

    def written_off(its: Books) -> Floats:
        return its.entries["write_offs"] - its.entries["salvage"]

    running = [running_costs(plan, path) for path in (twins.scenario, twins.counterfactual)]
    found = {
        "unit_costs": by_seller,
        "sales_to_firms": to_firms(normal) - to_firms(ours),
        "running_costs": running[0] - running[1],
        "write_offs": written_off(ours) - written_off(normal),
        "measures": ours.entries["measures"] - normal.entries["measures"],
    }
    return of_makers(plan, np.stack([found[change] for change in CHANGES]))

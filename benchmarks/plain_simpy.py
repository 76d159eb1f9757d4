"""The reference network as a practitioner would write it in SimPy, against the project's own SimPy engine.

One process for each product, component and supplier, one for each shipment and each batch; stocks are plain
numbers. It writes nothing down but revenue and leaves out what a practitioner would: whoever comes first
takes scarce inputs, whatever the allocation.
"""

import statistics
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import numpy as np
import simpy

from benchmarks.engine import SEED, reference_plan
from benchmarks.timing import cpu_seconds, median_ratio, print_table, rate, side_by_side
from sim.engines.des import simulate
from sim.engines.draws import draw
from sim.model.plan import Plan, Supply
from sim.model.schedule import Schedule, draw_up, planned_demand

Process = Generator[simpy.Event, None, None]
Targets = tuple[list[list[float]], list[list[float]], list[list[float]]]
PLAIN, OURS, OURS_IN_FULL = "plain SimPy", "SimPy engine", "SimPy engine, its draws and schedule too"


@dataclass
class Lane:
    """A supplier's offer to a buyer; a substitute opens on a day and ramps up."""

    buyer: int
    supplier: int
    share: float
    capacity_share: float
    permitted: float
    banned: bool
    opens: int
    ramp_days: float
    backlog: float = 0.0
    in_transit: float = 0.0
    allowance: float = 0.0
    last_arrival: int = 0


@dataclass
class Stock:
    """What is on hand, in production and on order at a stock point."""

    on_hand: float
    waiting: float = 0.0
    in_process: float = 0.0
    inputs: dict[int, float] = field(default_factory=dict)


class Network:
    """One replication of the scenario twin."""

    def __init__(self, plan: Plan, targets: Targets, seed: int) -> None:
        self.plan = plan
        self.mean, self.usage, self.up_to = targets
        self.random = np.random.default_rng(seed)
        self.env = simpy.Environment()
        self.revenue = 0.0
        self.unserved = [0.0] * len(plan.streams.point)
        self.stocks = [Stock(on_hand=level) for level, *_ in self.up_to]
        for edge, point in enumerate(plan.edges.point.tolist()):
            self.stocks[plan.edges.made[edge]].inputs[point] = float(plan.edges.units[edge])
        self.lanes = [self._lane(lane) for lane in range(len(plan.lanes.supplier))]
        self._start_processes()

    def _lane(self, lane: int) -> Lane:
        plan = self.plan
        opens, ramp_days = 0, 0.0
        if plan.lanes.is_substitute[lane]:
            row = plan.substitutes.lane.tolist().index(lane)
            opens = int(plan.interventions.day[0] + plan.substitutes.qualification_lag_days[row])
            ramp_days = float(plan.substitutes.ramp_days[row])
        return Lane(
            buyer=int(plan.lanes.buyer[lane]),
            supplier=int(plan.lanes.supplier[lane]),
            share=float(plan.lanes.share[lane]),
            capacity_share=float(plan.lanes.capacity_share_of_usage[lane]),
            permitted=float(plan.lanes.subsidiary_share[lane]),
            banned=lane in plan.effects.target,
            opens=opens,
            ramp_days=ramp_days,
        )

    def _start_processes(self) -> None:
        """Customers come first in a day, then products, components and suppliers."""
        order = self.plan.order[::-1].tolist()
        for stream in range(len(self.unserved)):
            self.env.process(self.customers(stream))
        for supply, process in (
            (Supply.MADE, self.product),
            (Supply.BOUGHT, self.component),
            (Supply.SOURCE, self.supplier),
        ):
            for point in order:
                if self.plan.points.supply[point] == supply:
                    self.env.process(process(point))

    @property
    def today(self) -> int:
        return int(self.env.now)

    def customers(self, stream: int) -> Process:
        """Demand of the day; some who wait leave."""
        dispersion = float(self.plan.streams.dispersion[stream])
        patience = float(self.plan.streams.patience_days[stream])
        while True:
            mean = self.mean[stream][self.today]
            if dispersion > 0.0:
                demand = self.random.gamma(mean / dispersion, dispersion)
            else:
                demand = float(self.random.poisson(mean))
            self.unserved[stream] += demand - self.unserved[stream] / patience
            yield self.env.timeout(1)

    def product(self, point: int) -> Process:
        """Order production, start what the inputs allow, sell what is on hand."""
        stock, plan = self.stocks[point], self.plan
        capacity = float(plan.points.recipe_capacity_per_day[point])
        days = int(plan.points.process_days[point])
        streams = plan.streams_at[point].tolist()
        prices = plan.streams.price[streams].tolist()
        while True:
            wanted = sum(self.unserved[stream] for stream in streams)
            position = stock.on_hand + stock.waiting + stock.in_process - wanted
            stock.waiting += max(0.0, self.up_to[point][self.today] - position)
            start = min(stock.waiting, capacity)
            for source, units in stock.inputs.items():
                start = min(start, self.stocks[source].on_hand / units)
            if start > 0.0:
                for source, units in stock.inputs.items():
                    self.stocks[source].on_hand -= start * units
                stock.waiting -= start
                stock.in_process += start
                self.env.process(self.batch(stock, start, days))
            served = min(1.0, stock.on_hand / wanted) if wanted > 0.0 else 0.0
            for stream, price in zip(streams, prices, strict=True):
                sold = self.unserved[stream] * served
                self.unserved[stream] -= sold
                stock.on_hand -= sold
                self.revenue += sold * price
            yield self.env.timeout(1)

    def batch(self, stock: Stock, units: float, days: int) -> Process:
        yield self.env.timeout(days)
        stock.in_process -= units
        stock.on_hand += units

    def component(self, point: int) -> Process:
        """Order up to the target from the lanes that are open."""
        stock = self.stocks[point]
        users = [(other, other.inputs[point]) for other in self.stocks if point in other.inputs]
        lanes = [lane for lane in self.lanes if lane.buyer == point]
        while True:
            owed = sum(other.waiting * units for other, units in users)
            on_order = sum(lane.backlog + lane.in_transit for lane in lanes)
            left = self.up_to[point][self.today] - (stock.on_hand + on_order - owed)
            rooms = {id(lane): self.room(lane) for lane in lanes}
            takers = [lane for lane in lanes if rooms[id(lane)] > 0.0]
            while left > 1e-6 and takers:
                total, offered = sum(lane.share for lane in takers), left
                for lane in takers:
                    units = min(offered * lane.share / total, rooms[id(lane)])
                    lane.backlog += units
                    lane.allowance -= units
                    rooms[id(lane)] -= units
                    left -= units
                takers = [lane for lane in takers if rooms[id(lane)] > 0.0]
            yield self.env.timeout(1)

    def room(self, lane: Lane) -> float:
        """What may be ordered on a lane today."""
        if self.is_banned(lane):
            if self.today == self.plan.interventions.day[0]:
                lane.backlog *= lane.permitted
            lane.allowance += lane.permitted * lane.share * self.usage[lane.buyer][self.today]
            return lane.allowance
        lane.allowance = 0.0
        return max(0.0, self.capacity(lane) - lane.backlog)

    def is_banned(self, lane: Lane) -> bool:
        interventions = self.plan.interventions
        return lane.banned and bool(interventions.day[0] <= self.today < interventions.end_day[0])

    def capacity(self, lane: Lane) -> float:
        if self.today < lane.opens:
            return 0.0
        ramp = min(1.0, (self.today - lane.opens) / lane.ramp_days) if lane.ramp_days else 1.0
        usage = self.usage[lane.buyer][self.today]
        return ramp * (lane.capacity_share * usage if lane.capacity_share < np.inf else np.inf)

    def supplier(self, point: int) -> Process:
        """Ship what is ordered, in proportion where capacity is short."""
        capacity = float(self.plan.points.capacity_per_day[point])
        lanes = [(row, lane) for row, lane in enumerate(self.lanes) if lane.supplier == point]
        while True:
            wanted = {
                row: min(lane.backlog, self.capacity(lane)) for row, lane in lanes if lane.backlog > 0.0
            }
            total = sum(wanted.values())
            served = min(1.0, capacity / total) if total > 0.0 else 0.0
            for row, units in wanted.items():
                if units > 0.0:
                    self.env.process(self.shipment(row, units * served))
            yield self.env.timeout(1)

    def shipment(self, row: int, units: float) -> Process:
        lane, time = self.lanes[row], self.plan.lead_times[row]
        arrival = (
            self.today + time.shortest_days + int(np.searchsorted(time.cumulative, self.random.random()))
        )
        if not self.plan.lanes.order_crossing[row]:
            arrival = lane.last_arrival = max(arrival, lane.last_arrival)
        lane.backlog -= units
        lane.in_transit += units
        yield self.env.timeout(arrival - self.today)
        lane.in_transit -= units
        self.stocks[lane.buyer].on_hand += units

    def run(self) -> float:
        """Revenue of all days."""
        self.env.run(self.plan.days)
        return self.revenue


def targets_of(plan: Plan) -> Targets:
    """Mean demand, planned usage and order-up-to levels of each day, the same in all replications."""
    days = plan.days + 100
    mean = planned_demand(plan, days)
    usage = np.zeros((len(plan.points.firm), days))
    np.add.at(usage, plan.streams.point, mean)
    np.add.at(usage, plan.edges.point, plan.edges.units[:, None] * usage[plan.edges.made])
    ahead = np.cumsum(usage, axis=1) - usage
    day = np.arange(plan.days)
    up_to = [
        units + np.interp(day + cover, np.arange(days), row) - row[: plan.days]
        for units, cover, row in zip(plan.points.units, plan.points.cover_days, ahead, strict=True)
    ]
    return mean.tolist(), usage.tolist(), [row.tolist() for row in up_to]


def main() -> None:
    """Print how both compare."""
    plan = reference_plan()
    targets = targets_of(plan)
    schedule = draw_up(plan, draw(plan, SEED, 0), with_shock=True)
    theirs = Network(plan, targets, SEED).run()
    ours = float(np.sum(simulate(plan, schedule).streams.shipped * plan.streams.price))
    steps: dict[str, Callable[[], float]] = {
        PLAIN: lambda: cpu_seconds(lambda: Network(plan, targets, SEED).run()),
        OURS: lambda: cpu_seconds(lambda: simulate(plan, schedule)),
        OURS_IN_FULL: lambda: cpu_seconds(lambda: _simulate_anew(plan)),
    }
    seconds = side_by_side(steps)
    rows = []
    for name, its in seconds.items():
        each = statistics.median(its)
        speed = rate(plan.days * len(plan.points.firm) / each)
        rows.append([name, f"{each:.3f}", speed, f"{median_ratio(seconds, name, PLAIN):.2f}"])
    print(f"Revenue of one replication, drawn apart: plain SimPy {theirs / ours:.3f} of the SimPy engine's.")
    columns = ["program", "s a replication", "stock-point-days a second", "x plain"]
    print_table(f"The scenario twin of the reference network in SimPy, {plan.days} days", columns, rows)


def _simulate_anew(plan: Plan) -> Schedule:
    schedule = draw_up(plan, draw(plan, SEED, 0), with_shock=True)
    simulate(plan, schedule)
    return schedule


if __name__ == "__main__":
    main()

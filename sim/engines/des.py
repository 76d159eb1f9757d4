"""The readable engine: a discrete-event simulation of one path with SimPy.

Goods on the way and work in process are SimPy events; the day's phases (``docs/model.md``) run in the
process :meth:`Simulation._calendar`. Nothing here is random: a schedule and a plan give one ledger.
"""

import math
from collections.abc import Generator

import numpy as np
import simpy

from sim.engines import rules
from sim.engines.ledger import Ledger, blank
from sim.model.plan import NEVER, Plan, PolicyKind, Ramp, Sourcing, Supply
from sim.model.schedule import Schedule

QUALIFIED = 1e-9
"""Days of qualification left that count as none (the pace may be a fraction)."""


def simulate(plan: Plan, schedule: Schedule) -> Ledger:
    """Simulate one path.

    Parameters
    ----------
    plan
        The plan with one replication's inputs.
    schedule
        That replication's daily conditions, with or without the shock.

    Returns
    -------
    Ledger
        Every state and flow of every day.
    """
    return Simulation(plan, schedule).run()


class Simulation:
    """One path through a plan: the state of the network and the phases of its day."""

    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self.plan = plan
        self.ledger = blank(plan)
        self.env = simpy.Environment()
        self._read_network(plan)
        self._read_schedule(plan, schedule)
        self._set_initial_state(plan)

    def run(self) -> Ledger:
        """Simulate all days and return the record."""
        self.env.process(self._calendar())
        self.env.run(until=self.plan.days)
        self.ledger.qualified_day[:] = self.qualified_day
        return self.ledger

    # ------------------------------------------------------------------ reading the plan

    def _read_network(self, plan: Plan) -> None:
        """The plan as Python lists, which a scalar loop reads several times faster than arrays."""
        points, lanes, streams = plan.points, plan.lanes, plan.streams
        count = len(points.firm)
        self.order: list[int] = plan.order.tolist()
        self.supply: list[int] = points.supply.tolist()
        self.policy: list[int] = points.policy.tolist()
        self.review_days: list[int] = points.review_days.tolist()
        self.batch: list[float] = points.batch_units.tolist()
        self.by_rank = [code == Sourcing.RANK for code in points.sourcing.tolist()]
        self.orderers = [point for point in reversed(self.order) if self.supply[point] != Supply.SOURCE]
        self.process_days = np.rint(points.process_days).astype(np.int64).tolist()
        self.yield_share: list[float] = points.yield_share.tolist()
        self.inbound = [plan.inbound[point].tolist() for point in range(count)]
        self.outbound = [plan.outbound[point].tolist() for point in range(count)]
        self.streams_at = [plan.streams_at[point].tolist() for point in range(count)]
        self.inputs_of = [plan.inputs_of[point].tolist() for point in range(count)]
        self.uses_of = [plan.uses_of[point].tolist() for point in range(count)]
        self.serves = [bool(self.outbound[point] or self.streams_at[point]) for point in range(count)]
        self.edge_point: list[int] = plan.edges.point.tolist()
        self.edge_made: list[int] = plan.edges.made.tolist()
        self.edge_units: list[float] = plan.edges.units.tolist()
        self.edge_rank: list[int] = plan.claims.edge.tolist()
        self.lane_supplier: list[int] = lanes.supplier.tolist()
        self.lane_buyer: list[int] = lanes.buyer.tolist()
        self.lane_share: list[float] = lanes.share.tolist()
        self.lane_preference: list[int] = lanes.rank.tolist()
        self.lane_rank: list[int] = plan.claims.lane.tolist()
        self.lane_capacity: list[float] = lanes.capacity_per_day.tolist()
        self.lane_usage_share: list[float] = lanes.capacity_share_of_usage.tolist()
        self.lane_units: list[float] = lanes.units_per_original.tolist()
        self.lane_penalty: list[float] = lanes.performance_penalty.tolist()
        self.crossing: list[bool] = lanes.order_crossing.tolist()
        self.stream_rank: list[int] = plan.claims.stream.tolist()
        self.leaving = [rules.leaving_share(patience) for patience in streams.patience_days.tolist()]
        self.substitute_lane: list[int] = plan.substitutes.lane.tolist()
        self.rivals = self._rivals(np.argsort(plan.order).tolist())
        self.limited = [
            math.isfinite(capacity) or math.isfinite(share) or substitute
            for capacity, share, substitute in zip(
                self.lane_capacity, self.lane_usage_share, lanes.is_substitute.tolist(), strict=True
            )
        ]

    def _rivals(self, turn: list[int]) -> list[list[int]]:
        """For each recipe input, the inputs of other recipes, with a later turn, that use the same stock."""
        return [
            [other for other in self.uses_of[point] if turn[self.edge_made[other]] > turn[made]]
            for point, made in zip(self.edge_point, self.edge_made, strict=True)
        ]

    def _read_schedule(self, plan: Plan, schedule: Schedule) -> None:
        self.demand: list[list[float]] = schedule.demand.T.tolist()
        self.reorder_at: list[list[float]] = schedule.reorder_at.T.tolist()
        self.up_to: list[list[float]] = schedule.up_to.T.tolist()
        self.capacity: list[list[float]] = schedule.capacity.T.tolist()
        self.usage: list[list[float]] = schedule.usage.T.tolist()
        self.lead_time: list[list[int]] = schedule.lead_time_days.T.tolist()
        self.normal_share: list[float] = schedule.normal_share.tolist()
        self.open_share_by_day: list[list[float]] = schedule.open_share.T.tolist()
        self.turned_back_by_day: list[list[float]] = schedule.turned_back.T.tolist()
        self.restricted: list[int] = schedule.restricted_lanes.tolist()
        self.trigger_day: list[int] = schedule.trigger_day.tolist()
        self.substitute_firm: list[int] = plan.substitutes.firm.tolist()
        self.cover_below: list[float] = plan.substitutes.cover_below_days.tolist()
        self.lag: list[float] = plan.substitutes.qualification_lag_days.tolist()
        self.effort: list[float] = plan.substitutes.engineer_days.tolist()
        self.ramp_days: list[float] = plan.substitutes.ramp_days.tolist()
        self.logistic = [code == Ramp.LOGISTIC for code in plan.substitutes.ramp.tolist()]
        self.engineers: list[float] = plan.engineers.tolist()

    def _set_initial_state(self, plan: Plan) -> None:
        points, lanes, streams = len(plan.points.firm), len(plan.lanes.supplier), len(plan.streams.point)
        substitutes = len(plan.substitutes.lane)
        given = plan.points.initial_on_hand.tolist()
        self.on_hand: list[float] = [
            self.up_to[0][point] if given[point] < 0.0 else given[point] for point in range(points)
        ]
        self.waiting = [0.0] * points
        self.wip = [0.0] * points
        self.penalty = [0.0] * points
        self.work_due: list[dict[int, float]] = [{} for _ in range(points)]
        self.finished = [0.0] * points
        self.backlog = [0.0] * lanes
        self.in_transit = [0.0] * lanes
        self.transit_due: list[dict[int, float]] = [{} for _ in range(lanes)]
        self.dock = [0.0] * lanes
        self.last_arrival = [0] * lanes
        self.open_share = [1.0] * lanes
        self.allowance = [0.0] * lanes
        self.level = [1.0] * lanes
        self.unserved = [0.0] * streams
        self.active = [False] * substitutes
        self.lag_left = list(self.lag)
        self.qualified_day = [NEVER] * substitutes
        for lane in self.substitute_lane:
            self.level[lane] = 0.0

    # ------------------------------------------------------------------ the day

    def _calendar(self) -> Generator[simpy.Event, None, None]:
        """The phases of every day. Events due today were created earlier, so SimPy runs them first."""
        for day in range(self.plan.days):
            self._clear_flows()
            self._restrict(day)
            self._advance_substitutes(day)
            self._observe_demand(day)
            for point in self.orderers:
                if day % self.review_days[point] == 0:
                    self._order(point, day)
            for point in self.order:
                self._receive(point)
                if self.waiting[point] > 0.0:
                    self._produce(point, day)
                if self.serves[point]:
                    self._ship(point, day)
            self._lose_patience()
            self._record(day)
            yield self.env.timeout(1)

    def _clear_flows(self) -> None:
        points, lanes, streams = len(self.on_hand), len(self.backlog), len(self.unserved)
        self.ordered = [0.0] * points
        self.received = [0.0] * points
        self.started = [0.0] * points
        self.produced = [0.0] * points
        self.consumed = [0.0] * points
        self.shipped = [0.0] * points
        self.capacity_held = [0.0] * points
        self.lane_ordered = [0.0] * lanes
        self.refused = [0.0] * lanes
        self.cancelled = [0.0] * lanes
        self.turned_back = [0.0] * lanes
        self.lane_shipped = [0.0] * lanes
        self.delivered = [0.0] * lanes
        self.arrival_day = [0.0] * lanes
        self.sold = [0.0] * streams
        self.lost = [0.0] * streams
        self.held_back = [0.0] * len(self.edge_point)

    def _restrict(self, day: int) -> None:
        """Phase 0: lanes open and close; what a closing lane holds is cancelled or turned back."""
        for row, lane in enumerate(self.restricted):
            before, now = self.open_share[lane], self.open_share_by_day[day][row]
            self.open_share[lane] = now
            if now < before:
                self.cancelled[lane] = self.backlog[lane] * (1.0 - now / before)
                self.backlog[lane] -= self.cancelled[lane]
            self._turn_back(lane, self.turned_back_by_day[day][row])
            if now < 1.0:
                usage = self.usage[day][self.lane_buyer[lane]]
                self.allowance[lane] += now * (self.normal_share[lane] * usage)
            else:
                self.allowance[lane] = 0.0

    def _turn_back(self, lane: int, share: float) -> None:
        if share <= 0.0:
            return
        self.turned_back[lane] = (self.in_transit[lane] - self.dock[lane]) * share
        self.in_transit[lane] -= self.turned_back[lane]
        for day in self.transit_due[lane]:
            self.transit_due[lane][day] *= 1.0 - share

    def _advance_substitutes(self, day: int) -> None:
        """Phase 0: qualifications start, share the engineers and end; ramps climb."""
        load = self._engineering_load()
        for substitute, lane in enumerate(self.substitute_lane):
            if not self.active[substitute]:
                self.active[substitute] = self._is_triggered(substitute, day)
            elif self.qualified_day[substitute] == NEVER:
                firm = self.substitute_firm[substitute]
                self.lag_left[substitute] -= rules.pace(self.engineers[firm], load[firm])
            if not self.active[substitute]:
                continue
            if self.qualified_day[substitute] == NEVER and self.lag_left[substitute] <= QUALIFIED:
                self.qualified_day[substitute] = day
            since = float(day - self.qualified_day[substitute])
            self.level[lane] = rules.ramp_level(since, self.ramp_days[substitute], self.logistic[substitute])

    def _engineering_load(self) -> list[float]:
        """Engineers that each firm's running qualifications would need at full pace."""
        load = [0.0] * len(self.engineers)
        for substitute, firm in enumerate(self.substitute_firm):
            running = self.active[substitute] and self.qualified_day[substitute] == NEVER
            if running and self.lag[substitute] > 0.0:
                load[firm] += self.effort[substitute] / self.lag[substitute]
        return load

    def _is_triggered(self, substitute: int, day: int) -> bool:
        if self.trigger_day[substitute] <= day:
            return True
        buyer = self.lane_buyer[self.substitute_lane[substitute]]
        return self.on_hand[buyer] < self.cover_below[substitute] * self.usage[day][buyer]

    def _observe_demand(self, day: int) -> None:
        """Phase 1: demand joins what already waits."""
        for stream, demand in enumerate(self.demand[day]):
            self.unserved[stream] += demand

    # ------------------------------------------------------------------ phase 2: orders

    def _order(self, point: int, day: int) -> None:
        position = self.on_hand[point] + self._on_order(point) - self._owed(point)
        quantity = self._policy_order(point, day, position)
        if quantity <= 0.0:
            return
        if self.supply[point] == Supply.MADE:
            self.waiting[point] += quantity / self.yield_share[point]
            self.ordered[point] = quantity
        else:
            self.ordered[point] = self._purchase(point, day, quantity)

    def _policy_order(self, point: int, day: int, position: float) -> float:
        policy = self.policy[point]
        if policy == PolicyKind.BASE_STOCK:
            return rules.base_stock_order(position, self.up_to[day][point])
        if policy == PolicyKind.REORDER_UP_TO:
            return rules.reorder_up_to_order(position, self.reorder_at[day][point], self.up_to[day][point])
        return rules.reorder_quantity_order(position, self.reorder_at[day][point], self.batch[point])

    def _on_order(self, point: int) -> float:
        """Units ordered and not yet received."""
        if self.supply[point] == Supply.MADE:
            return self.waiting[point] * self.yield_share[point] + self.wip[point]
        total = 0.0
        for lane in self.inbound[point]:
            total += self.backlog[lane] + self.in_transit[lane]
        return total

    def _owed(self, point: int) -> float:
        """Units that lanes, streams and recipes wait for."""
        total = 0.0
        for lane in self.outbound[point]:
            total += self.backlog[lane] * self.lane_units[lane]
        for stream in self.streams_at[point]:
            total += self.unserved[stream]
        return total + self._waits_for(point)

    def _purchase(self, point: int, day: int, quantity: float) -> float:
        """Split an order over the inbound lanes; returns what they took."""
        lanes = self.inbound[point]
        rooms = [self._room(lane, day) for lane in lanes]
        if self.by_rank[point]:
            taken = rules.split_by_rank(quantity, [self.lane_preference[lane] for lane in lanes], rooms)
        else:
            taken = rules.split_by_share(quantity, [self.lane_share[lane] for lane in lanes], rooms)
        total = 0.0
        for lane, units in zip(lanes, taken, strict=True):
            self.backlog[lane] += units
            self.lane_ordered[lane] = units
            total += units
            if self.open_share[lane] < 1.0:
                self.allowance[lane] -= units
                self.refused[lane] = max(0.0, quantity * self.normal_share[lane] - units)
        return total

    def _room(self, lane: int, day: int) -> float:
        """Units that a lane can take on today."""
        room = math.inf
        if self.limited[lane]:
            capacity = self._lane_capacity(lane, day)
            if capacity < math.inf:
                room = max(0.0, capacity * self.review_days[self.lane_buyer[lane]] - self.backlog[lane])
        return min(room, self.allowance[lane]) if self.open_share[lane] < 1.0 else room

    def _lane_capacity(self, lane: int, day: int) -> float:
        """Units per day that a lane carries; a substitute in its ramp carries part of planned usage."""
        level = self.level[lane]
        if level <= 0.0:
            return 0.0
        usage = self.usage[day][self.lane_buyer[lane]]
        capacity = self.lane_capacity[lane]
        if self.lane_usage_share[lane] < math.inf:
            capacity = min(capacity, self.lane_usage_share[lane] * usage)
        if capacity == math.inf:
            return usage * level if level < 1.0 else math.inf
        return capacity * level

    # ------------------------------------------------------------------ phase 3: goods

    def _receive(self, point: int) -> None:
        """Phase 3a: shipments and finished work due today join the stock."""
        for lane in self.inbound[point]:
            units = self.dock[lane]
            if units > 0.0:
                self.dock[lane] = 0.0
                still = self.in_transit[lane] - units
                self.in_transit[lane] = max(0.0, still) if self.transit_due[lane] else 0.0
                self.delivered[lane] = units
                self.received[point] += units
                deducted = self.lane_penalty[lane] + self.penalty[self.lane_supplier[lane]]
                self._stock(point, units, deducted)
        units = self.finished[point]
        if units > 0.0:
            self.finished[point] = 0.0
            self.wip[point] = max(0.0, self.wip[point] - units) if self.work_due[point] else 0.0
            self._finish(point, units)

    def _stock(self, point: int, units: float, penalty: float) -> None:
        """Add units to the stock, whose penalty is the average over what it holds."""
        total = self.on_hand[point] + units
        if penalty != self.penalty[point]:
            self.penalty[point] = (self.on_hand[point] * self.penalty[point] + units * penalty) / total
        self.on_hand[point] = total

    def _finish(self, point: int, units: float) -> None:
        penalty = 0.0
        for edge in self.inputs_of[point]:
            penalty += self.penalty[self.edge_point[edge]]
        self.produced[point] += units
        self._stock(point, units, min(1.0, penalty))

    def _produce(self, point: int, day: int) -> None:
        """Phase 3b: start as much of the waiting production as capacity and inputs allow."""
        waiting = self.waiting[point]
        possible = min(waiting, self.capacity[day][point])
        supported = [self._supported(edge, possible, day) for edge in self.inputs_of[point]]
        start = min(possible, *supported)
        self._note_what_bound(point, waiting, start, supported)
        self.waiting[point] = waiting - start
        if start <= 0.0:
            return
        for edge in self.inputs_of[point]:
            source = self.edge_point[edge]
            drawn = min(self.on_hand[source], start * self.edge_units[edge])
            self.on_hand[source] -= drawn
            self.consumed[source] += drawn
        self.started[point] = start
        self._run(point, day, start * self.yield_share[point])

    def _supported(self, edge: int, possible: float, day: int) -> float:
        """Units of output that an input allows, infinite if it allows all that is possible.

        Recipes that have had their turn today no longer compete for what is left.
        """
        source, units = self.edge_point[edge], self.edge_units[edge]
        need = possible * units
        rivals = self.rivals[edge]
        most = need
        for other in rivals:
            most += self.waiting[self.edge_made[other]] * self.edge_units[other]
        available = self.on_hand[source]
        if most <= available:
            return math.inf
        needs = [need, *[self._need(other, day) for other in rivals]]
        ranks = [self.edge_rank[edge], *[self.edge_rank[other] for other in rivals]]
        granted = rules.share_out(available, needs, ranks)[0]
        return math.inf if granted >= need else granted / units

    def _need(self, edge: int, day: int) -> float:
        """Units of an input that a recipe could use today, given its capacity and its other inputs."""
        made = self.edge_made[edge]
        possible = min(self.waiting[made], self.capacity[day][made])
        for other in self.inputs_of[made]:
            if other != edge and self.edge_units[other] > 0.0:
                possible = min(possible, self.on_hand[self.edge_point[other]] / self.edge_units[other])
        return possible * self.edge_units[edge]

    def _note_what_bound(self, point: int, waiting: float, start: float, supported: list[float]) -> None:
        """Charge what was not started to the inputs that allowed least, or to the capacity."""
        if start >= waiting:
            return
        binding = [
            edge for edge, units in zip(self.inputs_of[point], supported, strict=True) if units == start
        ]
        for edge in binding:
            self.held_back[edge] = (waiting - start) / len(binding)
        if not binding:
            self.capacity_held[point] = waiting - start

    def _run(self, point: int, day: int, good_units: float) -> None:
        """Send production on its way: finished now, or after the process time."""
        days = self.process_days[point]
        if days == 0:
            self._finish(point, good_units)
            return
        self.wip[point] += good_units
        due = self.work_due[point]
        if day + days not in due:
            self.env.timeout(days).callbacks.append(lambda _: self._complete(point, day + days))
        due[day + days] = due.get(day + days, 0.0) + good_units

    def _complete(self, point: int, day: int) -> None:
        self.finished[point] += self.work_due[point].pop(day)

    def _ship(self, point: int, day: int) -> None:
        """Phase 3c: fill what lanes and streams wait for, or share out what there is."""
        lanes, streams = self.outbound[point], self.streams_at[point]
        wanted = [self._shippable(lane, day) for lane in lanes]
        needs = [units * self.lane_units[lane] for units, lane in zip(wanted, lanes, strict=True)]
        needs += [self.unserved[stream] for stream in streams]
        total = rules.total(needs)
        if total <= 0.0:
            return
        source = self.supply[point] == Supply.SOURCE
        available = self.capacity[day][point] if source else self.on_hand[point]
        if total + self._waits_for(point) <= available:
            grants = needs
        else:
            grants = self._ration(point, day, available, needs)
            wanted = [
                units if grant >= need else grant / self.lane_units[lane]
                for units, need, grant, lane in zip(wanted, needs, grants, lanes, strict=False)
            ]
            total = rules.total(grants)
        for lane, units in zip(lanes, wanted, strict=True):
            if units > 0.0:
                self._send(lane, day, units)
        for stream, units in zip(streams, grants[len(lanes) :], strict=True):
            self.sold[stream] = units
            self.unserved[stream] -= units
        self.shipped[point] = total
        if not source:
            self.on_hand[point] = max(0.0, self.on_hand[point] - total)

    def _shippable(self, lane: int, day: int) -> float:
        """Units of a lane's backlog that it can carry today."""
        backlog = self.backlog[lane]
        return (
            min(backlog, self._lane_capacity(lane, day)) if backlog > 0.0 and self.limited[lane] else backlog
        )

    def _waits_for(self, point: int) -> float:
        """Units of a stock that waiting production would draw."""
        total = 0.0
        for edge in self.uses_of[point]:
            total += self.waiting[self.edge_made[edge]] * self.edge_units[edge]
        return total

    def _ration(self, point: int, day: int, available: float, needs: list[float]) -> list[float]:
        """What lanes and streams get of scarce stock, leaving recipes that use it their share."""
        ranks = [self.lane_rank[lane] for lane in self.outbound[point]]
        ranks += [self.stream_rank[stream] for stream in self.streams_at[point]]
        ranks += [self.edge_rank[edge] for edge in self.uses_of[point]]
        all_needs = needs + [self._need(edge, day) for edge in self.uses_of[point]]
        return rules.share_out(available, all_needs, ranks)[: len(needs)]

    def _send(self, lane: int, day: int, units: float) -> None:
        """Put units on the way to the buyer."""
        self.backlog[lane] -= units
        self.lane_shipped[lane] = units
        self.in_transit[lane] += units
        arrival = day + self.lead_time[day][lane]
        if not self.crossing[lane]:
            arrival = max(arrival, self.last_arrival[lane])
            self.last_arrival[lane] = arrival
        self.arrival_day[lane] = arrival
        if arrival == day:
            self.dock[lane] += units
            return
        due = self.transit_due[lane]
        if arrival not in due:
            self.env.timeout(arrival - day).callbacks.append(lambda _: self._arrive(lane, arrival))
        due[arrival] = due.get(arrival, 0.0) + units

    def _arrive(self, lane: int, day: int) -> None:
        self.dock[lane] += self.transit_due[lane].pop(day)

    # ------------------------------------------------------------------ phases 4 and 5

    def _lose_patience(self) -> None:
        """Phase 4: some of the customers who still wait leave."""
        for stream, share in enumerate(self.leaving):
            self.lost[stream] = self.unserved[stream] * share
            self.unserved[stream] -= self.lost[stream]

    def _record(self, day: int) -> None:
        """Phase 5: write the day down."""
        points, lanes, streams = self.ledger.points, self.ledger.lanes, self.ledger.streams
        count = range(len(self.on_hand))
        points.on_hand[day] = self.on_hand
        points.on_order[day] = [self._on_order(point) for point in count]
        points.owed[day] = [self._owed(point) for point in count]
        points.wip[day] = self.wip
        points.ordered[day] = self.ordered
        points.received[day] = self.received
        points.started[day] = self.started
        points.produced[day] = self.produced
        points.consumed[day] = self.consumed
        points.shipped[day] = self.shipped
        points.capacity_held[day] = self.capacity_held
        points.penalty[day] = self.penalty
        lanes.ordered[day] = self.lane_ordered
        lanes.refused[day] = self.refused
        lanes.cancelled[day] = self.cancelled
        lanes.turned_back[day] = self.turned_back
        lanes.shipped[day] = self.lane_shipped
        lanes.delivered[day] = self.delivered
        lanes.backlog[day] = self.backlog
        lanes.in_transit[day] = self.in_transit
        lanes.arrival_day[day] = self.arrival_day
        streams.demand[day] = self.demand[day]
        streams.shipped[day] = self.sold
        streams.lost[day] = self.lost
        streams.backlog[day] = self.unserved
        self.ledger.held_back[day] = self.held_back

"""The readable engine: a discrete-event simulation of one path with SimPy.

Goods on the way and work in process are SimPy events; the day's phases (``docs/model.md``) run in the
process :meth:`Simulation._calendar`. Nothing here is random: a schedule and a plan give one ledger.
"""

import copy
import math
from collections.abc import Generator
from typing import Any

import simpy

from sim.engines import rules
from sim.engines.draws import PROCESSES
from sim.engines.forecasting import FORECASTS
from sim.engines.handled import Handled
from sim.engines.ledger import Ledger, blank, settle
from sim.engines.ordering import ORDERS, Ordering
from sim.kinds import Effect, ForecastKind, Pause, Ramp, Sourcing, Supply
from sim.model.calendar_rules import ramp_level, share_lost
from sim.model.plan import NEVER, Plan
from sim.model.schedule import Schedule, first_difference

HANDLED = Handled(
    engine="simpy",
    supplies=frozenset((Supply.SOURCE, Supply.BOUGHT, Supply.MADE)),
    policies=frozenset(ORDERS),
    forecasts=frozenset((ForecastKind.PLANNED, *FORECASTS)),
    sourcings=frozenset((Sourcing.SHARE, Sourcing.RANK)),
    ramps=frozenset((Ramp.LINEAR, Ramp.LOGISTIC)),
    processes=PROCESSES,
    effects=frozenset(
        {
            Effect.RESTRICTS_LANE,
            Effect.RELIEVES_LANE,
            Effect.SCALES_DEMAND,
            Effect.SCALES_STREAM_PRICE,
            Effect.SCALES_LANE_PRICE,
            Effect.SCALES_CAPACITY,
            Effect.RAISES_TARGET,
            Effect.LIFTS,
            Effect.PAUSES_LANE,
            Effect.PAUSES_RECIPE,
            Effect.BARS_STREAM,
            Effect.RELIEVES_STREAM,
            Effect.CHANGES_CAPACITY,
            Effect.CHANGES_LANE_CAPACITY,
            Effect.CHANGES_LANE_CAPACITY_SHARE,
            Effect.CHANGES_SHARE,
            Effect.CHANGES_SUBSIDIARY_SHARE,
            Effect.CHANGES_LEAD_TIME,
            Effect.CHANGES_LANE_PRICE,
            Effect.CHANGES_STREAM_PRICE,
            Effect.CHANGES_INPUT_UNITS,
            Effect.CHANGES_YIELD,
            Effect.CHANGES_ENGINEERS,
            Effect.DESTROYS_STOCK,
            Effect.DESTROYS_WORK,
            Effect.DESTROYS_TRANSIT,
            Effect.TAXES_LANE,
        }
    ),
    pauses=frozenset((Pause.ORDERS, Pause.SHIPMENTS, Pause.TRANSIT, Pause.RECEIPTS)),
)
"""What the engine has a handler for, its draws and its calendar included."""


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

    Raises
    ------
    EngineError
        If the plan holds a kind that the engine has no handler for.
    """
    return Simulation(plan, schedule).run(plan.days)


def simulate_twins(plan: Plan, schedule: Schedule, other: Schedule) -> tuple[Ledger, Ledger]:
    """Simulate two paths that differ from some day on; what they share is simulated once.

    Each ledger is the same, to the last bit, as :func:`simulate` gives for its schedule alone.
    """
    one = Simulation(plan, schedule)
    shared_days = first_difference(schedule, other)
    one.run(shared_days)
    twin = one.fork(other) if shared_days > 0 else Simulation(plan, other)
    return one.run(plan.days), twin.run(plan.days)


class Simulation(Ordering):
    """One path through a plan: the phases of its day, and the events between days."""

    def __init__(self, plan: Plan, schedule: Schedule, first_day: int = 0) -> None:
        HANDLED.refuse_others(plan)
        super().__init__(plan, schedule)
        self.ledger = blank(plan)
        self.env = simpy.Environment(initial_time=first_day)
        self.calendar = self.env.process(self._calendar(first_day))

    def run(self, until: int) -> Ledger:
        """Simulate the days before `until` and return the record so far."""
        if until > self.env.now:
            self.env.run(until)
        self.ledger.qualified_day[:] = self.qualified_day
        self._settle_positions()
        settle(self.plan, self.schedule, self.ledger.lanes)
        return self.ledger

    def fork(self, schedule: Schedule) -> "Simulation":
        """Another path that shares everything up to now and goes on under another schedule."""
        today = int(self.env.now)
        twin = Simulation(self.plan, schedule, today)
        twin.take_over(self)
        twin.ledger = copy.deepcopy(self.ledger)
        return twin

    def _await_what_is_due(self, today: int) -> None:
        """Expect what is under way already."""
        for lane, due in enumerate(self.transit_due):
            for day in sorted(due):
                self._await_arrival(lane, day, today)
        for point, due in enumerate(self.work_due):
            for day in sorted(due):
                self._await_completion(point, day, today)

    # ------------------------------------------------------------------ the day

    def _calendar(self, first_day: int) -> Generator[simpy.Event, None, None]:
        """The phases of every day. Events due today were created earlier, so SimPy runs them first."""
        self._await_what_is_due(first_day)
        for day in range(first_day, self.plan.days):
            self._clear_flows()
            self._receive_orders(day)
            self._change_numbers(day)
            self._restrict(day)
            self._write_off(day)
            self._advance_substitutes(day)
            self._bar_customers(day)
            self._observe_demand(day)
            self._promise(day)
            for point in self.orderers:
                if self.forecast[point] != ForecastKind.PLANNED:
                    self._foresee(point, day)
                self._review(point, day)
            for point in self.sources:
                self.on_hand[point] = self.capacity[day][point]
            for point in self.order:
                self._receive(point)
                asked = self._asked(point, day)
                if asked > 0.0:
                    self._produce(point, day, asked)
                if self.serves[point]:
                    self._ship(point, day)
            self._lose_patience()
            self._switch()
            self._expire(day)
            self._record(day)
            yield self.env.timeout(1)

    def _clear_flows(self) -> None:
        points, lanes, streams = len(self.on_hand), len(self.backlog), len(self.unserved)
        self._clear_orders()
        self.received = [0.0] * points
        self.started = [0.0] * points
        self.produced = [0.0] * points
        self.consumed = [0.0] * points
        self.returned = [0.0] * points
        self.shipped = [0.0] * points
        self.expired = [0.0] * points
        self.written_off = [0.0] * points
        self.work_written_off = [0.0] * points
        self.capacity_held = [0.0] * points
        self.turned_back = [0.0] * lanes
        self.lane_written_off = [0.0] * lanes
        self.lane_shipped = [0.0] * lanes
        self.delivered = [0.0] * lanes
        self.arrival_day = [0.0] * lanes
        self.sold = [0.0] * streams
        self.lost = [0.0] * streams
        self.switched = [0.0] * streams
        self.withheld = [0.0] * streams
        self.held_back = [0.0] * len(self.edge_point)

    def _receive_orders(self, day: int) -> None:
        """Phase 0: orders that have been under way long enough join what their suppliers owe."""
        for lane in self.delayed:
            self.orders_reached[lane] = self.orders_due[lane].pop(day, 0.0)
            self.backlog[lane] += self.orders_reached[lane]
            self._count_orders(lane)

    def _count_orders(self, lane: int) -> None:
        """Sum up what is under way; what was added and taken away day by day would leave rounding."""
        due = self.orders_due[lane]
        self.orders_under_way[lane] = rules.total(due[day] for day in sorted(due))

    def _change_numbers(self, day: int) -> None:
        """Phase 0: numbers that change with time take today's value."""
        for numbers, target, values in self.changes:
            numbers[target] = values[day]

    def _restrict(self, day: int) -> None:
        """Phase 0: lanes open and close; what a closing lane holds is cancelled or turned back."""
        for row, lane in enumerate(self.restricted):
            before, now = self.open_share[lane], self.open_share_by_day[day][row]
            self.open_share[lane] = now
            self._cancel(lane, share_lost(before, now))
            self._turn_back(lane, self.turned_back_by_day[day][row])
            if 0.0 < now < 1.0:
                usage = self.usage[day][self.lane_buyer[lane]]
                self.allowance[lane] += now * (self.volume_share[lane] * usage)
            else:
                self.allowance[lane] = 0.0
            self.under_quota[lane] = self.under_quota_by_day[day][row]
        for grant, share in enumerate(self.quota_begun[day]):
            if share >= 0.0:
                self.units_left[grant] = self.quota_units[grant] * share
                self.value_left[grant] = self.quota_value[grant] * share

    def _cancel(self, lane: int, share: float) -> None:
        """Take back a share of what has been ordered, wherever the order is."""
        self.cancelled[lane] = self.backlog[lane] * share
        self.backlog[lane] -= self.cancelled[lane]
        if share > 0.0 and self.orders_due[lane]:
            self.cancelled[lane] += self.orders_under_way[lane] * share
            _shrink(self.orders_due[lane], share)
            self._count_orders(lane)

    def _turn_back(self, lane: int, share: float) -> None:
        if share <= 0.0:
            return
        self.turned_back[lane] = max(0.0, self.in_transit[lane] - self.dock[lane]) * share
        self.in_transit[lane] -= self.turned_back[lane]
        supplier = self.lane_supplier[lane]
        self.returned[supplier] += self.turned_back[lane] * self.lane_units[lane]
        self.on_hand[supplier] += self.turned_back[lane] * self.lane_units[lane]
        _shrink(self.transit_due[lane], share)

    def _write_off(self, day: int) -> None:
        """Phase 0: a share of stock, work or goods under way is lost; what is due today has come through."""
        for kind, target, shares in self.losses:
            share = shares[day]
            if share <= 0.0:
                continue
            if kind == Effect.DESTROYS_STOCK:
                self.written_off[target] = self.on_hand[target] * share
                self.on_hand[target] -= self.written_off[target]
            elif kind == Effect.DESTROYS_WORK:
                self.work_written_off[target] = max(0.0, self.wip[target] - self.finished[target]) * share
                self.wip[target] -= self.work_written_off[target]
                _shrink(self.work_due[target], share)
            else:
                self.lane_written_off[target] = max(0.0, self.in_transit[target] - self.dock[target]) * share
                self.in_transit[target] -= self.lane_written_off[target]
                _shrink(self.transit_due[target], share)

    def _advance_substitutes(self, day: int) -> None:
        """Phase 0: qualifications start, share the engineers and end; ramps climb."""
        load = self._engineering_load()
        for substitute, lane in enumerate(self.substitute_lane):
            if not self.active[substitute]:
                self.active[substitute] = self._is_triggered(substitute, day)
            elif self.qualified_day[substitute] == NEVER:
                firm = self.substitute_firm[substitute]
                busy = load[firm] if self.effort[substitute] > 0.0 else 0.0
                self.lag_left[substitute] -= rules.pace(self.engineers[firm], busy)
            if not self.active[substitute]:
                continue
            if self.qualified_day[substitute] == NEVER and self.lag_left[substitute] <= rules.QUALIFIED:
                self.qualified_day[substitute] = day
            since = float(day - self.qualified_day[substitute])
            self.level[lane] = ramp_level(since, self.ramp_days[substitute], self.logistic[substitute])

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
        other = self.after_substitute[substitute]
        if other >= 0:
            ramp_days = self.ramp_days[other] if self.waits_for_ramp[substitute] else 0.0
            return rules.has_come(self.qualified_day[other], ramp_days, day)
        buyer = self.lane_buyer[self.substitute_lane[substitute]]
        return self.on_hand[buyer] < self.cover_below[substitute] * self.usage[day][buyer]

    def _bar_customers(self, day: int) -> None:
        """Phase 0: who waits and may no longer be served is barred; with the end of all bans nobody is."""
        for row, stream in enumerate(self.barred_streams):
            before, now = self.served_share[stream], self.served_share_by_day[day][row]
            self.served_share[stream] = now
            if now >= 1.0:
                self._withhold(stream, -self.barred[stream])
            else:
                self._withhold(stream, self.unserved[stream] * share_lost(before, now))

    def _withhold(self, stream: int, units: float) -> None:
        self.unserved[stream] -= units
        self.barred[stream] += units
        self.withheld[stream] += units

    def _observe_demand(self, day: int) -> None:
        """Phase 1: demand, less who has switched, joins what already waits."""
        self.asked = list(self.demand[day])
        for stream in self.switching:
            self.switched[stream] = min(self.asked[stream], self.away[stream])
        for stream in self.switching:
            self.asked[stream] -= self.switched[stream]
        for stream in self.switching:
            if self.rival[stream] >= 0:
                self.asked[self.rival[stream]] += self.switched[stream]
        for stream, demand in enumerate(self.asked):
            self.unserved[stream] += demand
            self._withhold(stream, demand * (1.0 - self.served_share[stream]))

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
                self._stock(point, units, min(1.0, deducted))
        units = self.finished[point]
        if units > 0.0:
            self.finished[point] = 0.0
            self.wip[point] = max(0.0, self.wip[point] - units) if self.work_due[point] else 0.0
            self._finish(point, units)

    def _stock(self, point: int, units: float, penalty: float) -> None:
        """Add units to the stock, whose penalty is the average over what it holds."""
        on_hand, held = self.on_hand[point], self.penalty[point]
        self.penalty[point] = rules.mixed_penalty(on_hand, held, units, penalty)
        self.on_hand[point] = on_hand + units

    def _finish(self, point: int, units: float) -> None:
        penalty = 0.0
        for edge in self.inputs_of[point]:
            penalty += self.penalty[self.edge_point[edge]]
        self.produced[point] += units
        self._stock(point, units, min(1.0, penalty))

    def _asked(self, point: int, day: int) -> float:
        """Units that a recipe is asked to start: what waits for it, and for recipes that it stands in for."""
        asked = self.waiting[point]
        if not self.stands_in_for[point] or self.recipe_paused[day][point] or self.recipe_held[day][point]:
            return asked
        lane, yielded = self.outbound[point][0], self.yield_share[point]
        elsewhere = 0.0
        for other in self.stands_in_for[point]:
            elsewhere += self.waiting[other] * self.yield_share[other]
        carried = rules.excess(self._carried(lane, day, 1), asked * yielded)
        return asked + min(elsewhere, carried) / yielded

    def _produce(self, point: int, day: int, asked: float) -> None:
        """Phase 3b: start as much of the waiting production as capacity and inputs allow."""
        possible = min(asked, self.capacity[day][point])
        supported = [self._supported(edge, possible, day) for edge in self.inputs_of[point]]
        start = min(possible, *supported)
        self._note_what_bound(point, asked, start, supported)
        self._take_over(point, rules.excess(start, self.waiting[point]))
        self.waiting[point] = max(0.0, self.waiting[point] - start)
        if start <= 0.0:
            return
        for edge in self.inputs_of[point]:
            source = self.edge_point[edge]
            drawn = min(self.on_hand[source], start * self.edge_units[edge])
            self.on_hand[source] -= drawn
            self.consumed[source] += drawn
        self.started[point] = start
        self._run(point, day, start * self.yield_by_day[day][point])

    def _take_over(self, point: int, more: float) -> None:
        """Start units that wait for recipes for which this one stands in; their orders move to it."""
        if more <= 0.0:
            return
        into, left = self.outbound[point][0], more * self.yield_share[point]
        for other in self.stands_in_for[point]:
            lane, waits = self.outbound[other][0], self.waiting[other] * self.yield_share[other]
            units = min(waits, left)
            left -= units
            rest = self.waiting[other] - units / self.yield_share[other]
            self.waiting[other] = 0.0 if units >= waits else max(0.0, rest)
            moved = min(units, self.backlog[lane])
            self.backlog[lane] -= moved
            self.cancelled[lane] += moved
            self.backlog[into] += moved
            self.lane_ordered[into] += moved

    def _supported(self, edge: int, possible: float, day: int) -> float:
        """Units of output that an input allows, infinite if it allows all that is possible.

        Recipes that have had their turn today no longer compete for what is left. An input that can give all
        that the others leave use for does not bind: it allows what there is.
        """
        source, units = self.edge_point[edge], self.edge_units[edge]
        rivals = self.rivals[edge]
        most = possible * units
        for other in rivals:
            most += self.waiting[self.edge_made[other]] * self.edge_units[other]
        available = self.on_hand[source]
        if most <= available:
            return math.inf
        needs = [self._usable(edge, possible), *(self._need(claim, day) for claim in rivals)]
        ranks = [self.edge_rank[claim] for claim in (edge, *rivals)]
        granted = rules.share_out(available, needs, ranks)[0]
        return (available if granted >= needs[0] else granted) / units

    def _need(self, edge: int, day: int) -> float:
        """Units of an input that a recipe could use today, given its capacity and its other inputs."""
        made = self.edge_made[edge]
        return self._usable(edge, min(self.waiting[made], self.capacity[day][made]))

    def _usable(self, edge: int, possible: float) -> float:
        """Units of an input for what is possible, as far as other inputs allow it."""
        for other in self.inputs_of[self.edge_made[edge]]:
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
        days = self.process_days[day][point]
        if days == 0:
            self._finish(point, good_units)
            return
        self.wip[point] += good_units
        due = self.work_due[point]
        if day + days not in due:
            self._await_completion(point, day + days, day)
        due[day + days] = due.get(day + days, 0.0) + good_units

    def _await_completion(self, point: int, due_day: int, today: int) -> None:
        if due_day == today:
            self._complete(point, due_day)
        else:
            self.env.timeout(due_day - today).callbacks.append(lambda _: self._complete(point, due_day))

    def _complete(self, point: int, day: int) -> None:
        self.finished[point] += self.work_due[point].pop(day)

    def _ship(self, point: int, day: int) -> None:
        """Phase 3c: fill what lanes and streams wait for, or share out what there is."""
        if self.on_hand[point] == math.inf:
            self._ship_everything(point, day)
            return
        lanes, streams = self.outbound[point], self.streams_at[point]
        wanted = [self._shippable(lane, day) for lane in lanes]
        needs = [units * self.lane_units[lane] for units, lane in zip(wanted, lanes, strict=True)]
        needs += [self.unserved[stream] for stream in streams]
        total = rules.total(needs)
        if total <= 0.0:
            return
        available = self.on_hand[point]
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
        self.on_hand[point] = max(0.0, available - total)

    def _ship_everything(self, point: int, day: int) -> None:
        """Fill all that waits for an unlimited source."""
        for lane in self.outbound[point]:
            units = self._shippable(lane, day)
            if units > 0.0:
                self._send(lane, day, units)
                self.shipped[point] += units * self.lane_units[lane]
        for stream in self.streams_at[point]:
            self.sold[stream] = self.unserved[stream]
            self.shipped[point] += self.unserved[stream]
            self.unserved[stream] = 0.0

    def _shippable(self, lane: int, day: int) -> float:
        """Units of a lane's backlog that it can carry today."""
        backlog = self.backlog[lane]
        return (
            min(backlog, self._lane_capacity(lane, day)) if backlog > 0.0 and self.limited[lane] else backlog
        )

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
        arrival = day + self.receipt_days[day][lane]
        if not self.crossing[lane]:
            arrival = max(arrival, self.last_arrival[lane])
            self.last_arrival[lane] = arrival
        self.arrival_day[lane] = arrival
        if arrival == day:
            self.dock[lane] += units
            return
        due = self.transit_due[lane]
        if arrival not in due:
            self._await_arrival(lane, arrival, day)
        due[arrival] = due.get(arrival, 0.0) + units

    def _await_arrival(self, lane: int, due_day: int, today: int) -> None:
        if due_day == today:
            self._arrive(lane, due_day)
        else:
            self.env.timeout(due_day - today).callbacks.append(lambda _: self._arrive(lane, due_day))

    def _arrive(self, lane: int, day: int) -> None:
        self.dock[lane] += self.transit_due[lane].pop(day)

    # ------------------------------------------------------------------ phases 4 and 5

    def _lose_patience(self) -> None:
        """Phase 4: some of the customers who still wait leave."""
        for stream, share in enumerate(self.leaving):
            self.lost[stream] = self.unserved[stream] * share
            self.unserved[stream] -= self.lost[stream]
        for stream in self.barred_streams:
            leaves = self.barred[stream] * self.leaving[stream]
            self.barred[stream] -= leaves
            self.lost[stream] += leaves

    def _switch(self) -> None:
        """Phase 4: some of those who left will ask no more; some who did not ask come back."""
        for stream in self.switching:
            self.away[stream] = rules.stays_away(
                self.away[stream], self.kept_away[stream], self.lost[stream], self.switching_per_unit[stream]
            )

    def _expire(self, day: int) -> None:
        """Phase 4: stock at the end of its shelf life is written off.

        The oldest leaves first, so what is there beyond all that came on younger days is old.
        """
        for point in self.perishable:
            added, days = self.added[point], self.younger_days[point]
            if days > 0:
                added[day % days] += self.received[point] + self.produced[point] + self.returned[point]
            young = rules.total(added[(day - ago) % days] for ago in range(days))
            self.expired[point] = rules.excess(self.on_hand[point], young)
            self.on_hand[point] -= self.expired[point]
            if days > 0:
                added[(day + 1) % days] = 0.0

    def _record(self, day: int) -> None:
        """Phase 5: write the day down; what a source did not supply today is gone."""
        for point in self.sources:
            self.on_hand[point] = 0.0
        points, lanes, streams = self.ledger.points, self.ledger.lanes, self.ledger.streams
        points.on_hand[day] = self.on_hand
        points.waiting[day] = self.waiting
        points.wip[day] = self.wip
        points.ordered[day] = self.ordered
        points.received[day] = self.received
        points.started[day] = self.started
        points.produced[day] = self.produced
        points.consumed[day] = self.consumed
        points.returned[day] = self.returned
        points.expired[day] = self.expired
        points.shipped[day] = self.shipped
        points.written_off[day] = self.written_off
        points.work_written_off[day] = self.work_written_off
        points.capacity_held[day] = self.capacity_held
        points.penalty[day] = self.penalty
        lanes.ordered[day] = self.lane_ordered
        lanes.refused[day] = self.refused
        lanes.cancelled[day] = self.cancelled
        lanes.turned_back[day] = self.turned_back
        lanes.written_off[day] = self.lane_written_off
        lanes.shipped[day] = self.lane_shipped
        lanes.delivered[day] = self.delivered
        lanes.orders_under_way[day] = self.orders_under_way
        lanes.backlog[day] = self.backlog
        lanes.in_transit[day] = self.in_transit
        lanes.arrival_day[day] = self.arrival_day
        streams.demand[day] = self.asked
        streams.switched[day] = self.switched
        streams.shipped[day] = self.sold
        streams.lost[day] = self.lost
        streams.backlog[day] = self.unserved
        streams.barred[day] = self.barred
        streams.withheld[day] = self.withheld
        self.ledger.held_back[day] = self.held_back

    def _settle_positions(self) -> None:
        """Note what was on order and owed at the end of every day.

        Both are sums, whatever is summed: here columns ``[day]`` of what has been written down.
        """
        points, lanes, streams = self.ledger.points, self.ledger.lanes, self.ledger.streams
        written: Any = copy.copy(self)
        written.edge_units = list(self.edge_units)
        for its in self.schedule.changed:
            if its.kind == Effect.CHANGES_INPUT_UNITS:
                written.edge_units[its.target] = its.values
        written.backlog, written.in_transit = lanes.backlog.T, lanes.in_transit.T
        written.orders_under_way = lanes.orders_under_way.T
        written.waiting, written.wip, written.unserved = points.waiting.T, points.wip.T, streams.backlog.T
        for point in self.order:
            points.on_order[:, point] = written.on_order(point)
            points.owed[:, point] = written.owed(point)


def _shrink(due: dict[int, float], share: float) -> None:
    """Take a share of all that is due on coming days."""
    for day in due:
        due[day] *= 1.0 - share

"""Bounds on a failure's damage: linear programs of one who knows it in advance and orders as fits best.

No path of the simulation loses less than the programs, and none survives longer.

References
----------
.. [1] Simchi-Levi et al., "Identifying risks and mitigating disruptions in the automotive supply chain",
   *Interfaces* 45(5), 2015: the models of performance impact and of time to survive.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from sim.engines.ledger import Twins
from sim.engines.rules import UNMET_SHARE
from sim.errors import EngineError
from sim.model.failures import Node, StressPlan
from sim.model.plan import Bools, Floats, Ints, Plan, Supply
from sim.montecarlo.batches import Arrays, Batches, InMemory
from sim.montecarlo.simpy_batch import replicate
from sim.risk.lp_network import (
    Customers,
    NetworkPart,
    at_its_best,
    lead_time_days,
    longest_way_days,
    networks_of,
    order_days,
    process_days,
)
from sim.risk.lp_worth import Worth, least_costs, worth_in_margin, worth_in_revenue

METHODS = ("highs-ipm", "highs-ds")
"""The quick method, and the one that solves what it leaves."""
SMALLEST = 1e-9
"""Planned usage below this part of the largest is none to count in."""
SOLVED, INFEASIBLE = 0, 2
"""Answers of :func:`scipy.optimize.linprog`."""
BEYOND_ALL = 1e12
"""Units that stand for any number, as a program takes no infinity."""
SEED = 0
"""Of a plan in which nothing is left to chance."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the programs say about one failure.

    Attributes
    ----------
    pi
        Least revenue, or where it leads margin, that the makers lose, in the scenario's currency; below 0
        where foresight alone earns more than the failure takes; minus infinity where no bound is known.
    tts_days
        Most days for which all customers can be served as without the failure; infinite: for ever.
    """

    pi: float
    tts_days: float


def have_bounds(plan: Plan) -> bool:
    """Whether programs bound what a failure costs: not where a maker sells to other firms.

    A program orders as fits best. One that orders for the firms to which the makers sell could sell them any
    number of units.
    """
    return len(plan.sold_to_firms) == 0


def bounds_of(
    stress: StressPlan, batches: Batches | None = None, places: Sequence[int] | None = None
) -> list[Bound]:
    """Bounds for the failure of nodes, each alone.

    Parameters
    ----------
    stress
        The plan of a stress test; its makers :func:`have_bounds`.
    batches
        Has the programs solved, and its progress counts the nodes; default: in memory.
    places
        Indices of the nodes; default: all.

    Raises
    ------
    EngineError
        If a program cannot be solved.
    """
    batches = batches or InMemory()
    nodes = stress.nodes if places is None else [stress.nodes[place] for place in places]

    def compute(chunks: Sequence[range]) -> Iterator[tuple[range, Arrays]]:
        twins = replicate(stress.plan, SEED, 0)
        best = at_its_best(stress, twins.counterfactual)
        programs = _programs(best, twins)
        for chunk in chunks:
            [node] = nodes[chunk.start : chunk.stop]
            bound = _bound(best.plan, programs, node)
            batches.progress(1)
            yield chunk, {"pi": np.array([bound.pi]), "tts_days": np.array([bound.tts_days])}

    found = batches.kept(len(nodes), 1, compute)
    return [Bound(*bound) for bound in zip(found["pi"].tolist(), found["tts_days"].tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class _Programs:
    """The programs of all parts of the network, and what the makers earn in none of them."""

    parts: tuple["Program", ...]
    unassigned: float


def _programs(stress: StressPlan, twins: Twins) -> _Programs:
    """Of revenue over the days on which the failure works, of margin over the whole window."""
    plan, path = stress.plan, twins.counterfactual
    longest = max(node.ttr_days for node in stress.nodes)
    days = min(plan.days - stress.day, plan.window_days)
    if plan.margin_leads:
        least = least_costs(stress, twins)
        networks = networks_of(stress, path, days)
        worths = [worth_in_margin(plan, network, days, least) for network in networks]
        return _Programs(_each(plan, networks, worths, days), least.unassigned)
    days = min(longest + longest_way_days(plan) + 1, days)
    networks = networks_of(stress, path, days)
    worths = [worth_in_revenue(plan, network, days) for network in networks]
    return _Programs(_each(plan, networks, worths, days), 0.0)


def _each(
    plan: Plan, networks: Sequence[NetworkPart], worths: Sequence[Worth], days: int
) -> tuple["Program", ...]:
    return tuple(Program(plan, network, worth, days) for network, worth in zip(networks, worths, strict=True))


def _bound(plan: Plan, programs: _Programs, node: Node) -> Bound:
    failing = {lane: node.ttr_days for lane in node.lanes if plan.lanes.subsidiary_share[lane] <= 0.0}
    found = [program.bound(failing) for program in programs.parts if program.touches(node.lanes)]
    return Bound(
        pi=math.fsum(bound.pi for bound in found) + (programs.unassigned if found else 0.0),
        tts_days=min((bound.tts_days for bound in found), default=math.inf),
    )


class Program:
    """The linear programs of one part of the network, over the days from a failure on.

    Columns are, day by day: units shipped on each lane, started by each recipe, left in each stock, sold to
    and not delivered to each group of customers. All are counted in a day's planned usage
    of their stock point, or a day's demand, so that the numbers of a program are of one size.

    Parameters
    ----------
    plan
        The plan without chance.
    network
        The part of the network.
    worth
        What its flows earn.
    days
        Number of days from the failure on; if the window is longer, who still waits is served after them.
    """

    def __init__(self, plan: Plan, network: NetworkPart, worth: Worth, days: int) -> None:
        self._plan, self._network, self._worth, self._days = plan, network, worth, days
        self._made = [point for point in network.points.tolist() if plan.points.supply[point] == Supply.MADE]
        self._unit = _units(network, days)
        names = [("ship", lane) for lane in network.lanes.tolist()]
        names += [("start", point) for point in self._made]
        names += [("stock", point) for point in network.points.tolist()]
        names += [(kind, row) for row in range(len(network.customers)) for kind in ("sale", "unmet")]
        self._block = {name: position for position, name in enumerate(names)}
        self._equal, self._most = _Rows(days, self._block), _Rows(days, self._block)
        self._balance_stocks()
        self._limit_sources()
        self._limit_orders()
        self._follow_customers()
        self._upper = self._limits()
        self._known: dict[tuple[tuple[int, int], ...], Bound] = {}

    def touches(self, lanes: Iterable[int]) -> bool:
        """Whether any of these lanes belongs to this part of the network."""
        return bool(np.isin(list(lanes), self._network.lanes).any())

    def bound(self, failing: Mapping[int, int]) -> Bound:
        """Bounds if lanes fail for some days each: the models PI and TTS of [1]_.

        Parameters
        ----------
        failing
            For each lane that fails, for how many days.
        """
        key = tuple(sorted((lane, days) for lane, days in failing.items() if ("ship", lane) in self._block))
        if key not in self._known:
            upper = self._failed(dict(key))
            tts_days = self._longest_survival(upper)
            is_harmless = math.isinf(tts_days) and self._earns_all
            self._known[key] = Bound(0.0 if is_harmless else self._least_loss(upper), tts_days)
        return self._known[key]

    @property
    def _earns_all(self) -> bool:
        """Whether nobody can earn more than the undisturbed network: of revenue, where nobody waits."""
        groups = self._network.customers
        never_waits = all(group.never_waits for group in groups if group.price.any())
        return never_waits and not self._plan.margin_leads

    def _least_loss(self, upper: Floats) -> float:
        if math.isinf(self._worth.undisturbed):
            return -math.inf
        cost = self._cost()
        size = float(np.abs(cost).max(initial=0.0)) or 1.0
        found = self._solve(cost / size, upper, self._days)
        if found is None:
            raise EngineError("the linear program of a failure has no solution")
        return self._worth.undisturbed + found * size

    def _cost(self) -> Floats:
        """Of every column, what a unit of it costs less what it earns."""
        network, worth = self._network, self._worth
        cost = np.zeros(len(self._block) * self._days)
        for row, group in enumerate(network.customers):
            cost[self._columns("sale", row)] = -worth.sold[row] * _unit_of(group)
            cost[self._columns("unmet", row)] = -worth.waits[row] * _unit_of(group)
        for point in network.points.tolist():
            cost[self._columns("stock", point)] = worth.holding[point] * self._unit[point]
        for lane in network.lanes.tolist():
            cost[self._columns("ship", lane)] = (
                worth.shipping[lane] * self._unit[self._plan.lanes.buyer[lane]]
            )
        return cost

    def _longest_survival(self, upper: Floats) -> float:
        """By bisection: what must be served up to a day is a program of the days before it."""
        upper = upper.copy()
        for row, found in enumerate(self._network.customers):
            if found.price.any():
                allowed = found.unmet + UNMET_SHARE * (1.0 + found.demand)
                upper[self._columns("unmet", row)] = allowed / _unit_of(found)
        nothing = np.zeros_like(upper)
        if self._solve(nothing, upper, self._days) is not None:
            return math.inf
        low, high = 0, self._days
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._solve(nothing, upper, middle) is not None else (low, middle)
        return float(low)

    def _failed(self, failing: Mapping[int, int]) -> Floats:
        upper = self._upper.copy()
        for lane, days in failing.items():
            if ("ship", lane) in self._block:
                upper[self._columns("ship", lane)[:days]] = 0.0
        return upper

    # ------------------------------------------------------------------ constraints

    def _columns(self, kind: str, index: int) -> Ints:
        return self._block[kind, index] * self._days + np.arange(self._days)

    def _balance_stocks(self) -> None:
        """Stock of a day: what was left, and what comes in, less what goes out."""
        plan, network, unit = self._plan, self._network, self._unit
        for point in network.points.tolist():
            known = network.coming[point].copy()
            known[0] += network.on_hand[point]
            row = self._equal.add(known / unit[point])
            self._equal.put(row, ("stock", point), 1.0)
            self._equal.put(row, ("stock", point), -1.0, delay=1)
            for lane in plan.inbound[point].tolist():
                self._equal.put(row, ("ship", lane), -1.0, delay=lead_time_days(plan, lane))
            if point in self._made:
                self._equal.put(row, ("start", point), -1.0, delay=process_days(plan, point))
            self._take_out(self._equal, row, point)

    def _limit_sources(self) -> None:
        for point in self._network.sources.tolist():
            capacity = np.minimum(self._network.capacity[point], BEYOND_ALL)
            row = self._most.add(capacity / self._unit[point])
            self._take_out(self._most, row, point)

    def _limit_orders(self) -> None:
        """Until an order placed today can reach the supplier, only what was ordered before is shipped."""
        for lane in self._network.lanes.tolist():
            days = min(order_days(self._plan, lane), self._days)
            if days > 0:
                most = np.minimum(self._network.ordered[lane, : self._days], BEYOND_ALL)
                row = self._most.add(most / self._unit[self._plan.lanes.buyer[lane]])
                for delay in range(days):
                    self._most.put(row, ("ship", lane), 1.0, delay=delay)

    def _take_out(self, rows: "_Rows", row: int, point: int) -> None:
        """What leaves a stock point: shipments, production and sales."""
        plan, unit = self._plan, self._unit
        for lane in plan.outbound[point].tolist():
            if ("ship", lane) in self._block:
                buyer = plan.lanes.buyer[lane]
                units = plan.lanes.units_per_original[lane] * unit[buyer] / unit[point]
                rows.put(row, ("ship", lane), float(units))
        for edge in plan.uses_of[point].tolist():
            made = int(plan.edges.made[edge])
            if ("start", made) in self._block:
                good = unit[made] / plan.points.yield_share[made]
                rows.put(row, ("start", made), float(plan.edges.units[edge] * good / unit[point]))
        for number, found in enumerate(self._network.customers):
            if found.point == point:
                rows.put(row, ("sale", number), _unit_of(found) / unit[point])

    def _follow_customers(self) -> None:
        """Who is not served waits, and some of those who wait leave."""
        for number, found in enumerate(self._network.customers):
            known = found.demand.copy()
            known[0] += found.waiting
            row = self._equal.add(known / _unit_of(found))
            self._equal.put(row, ("sale", number), 1.0)
            self._equal.put(row, ("unmet", number), 1.0)
            self._equal.put(row, ("unmet", number), -found.staying_share, delay=1)

    def _limits(self) -> Floats:
        """Upper bounds of all columns while nothing has failed."""
        plan, network, unit = self._plan, self._network, self._unit
        upper = np.full(len(self._block) * self._days, np.inf)
        for lane in network.lanes.tolist():
            upper[self._columns("ship", lane)] = network.lane_capacity[lane] / unit[plan.lanes.buyer[lane]]
        for point in self._made:
            good = network.capacity[point] * plan.points.yield_share[point]
            upper[self._columns("start", point)] = good / unit[point]
        return upper

    # ------------------------------------------------------------------ solving

    def _solve(self, cost: Floats, upper: Floats, days: int) -> float | None:
        """Least cost over the first days; None where nothing is allowed. No day depends on a later one."""
        kept = np.tile(np.arange(self._days) < days, len(self._block))
        equal, most = self._equal.first(days, kept), self._most.first(days, kept)
        limits = np.stack([np.zeros(int(kept.sum())), upper[kept]], axis=1)
        for method in METHODS:
            found = linprog(cost[kept], *most, *equal, bounds=limits, method=method)
            if found.status in (SOLVED, INFEASIBLE):
                return float(found.fun) if found.status == SOLVED else None
        raise EngineError("the linear program of a failure cannot be solved: numbers too far apart in size")


class _Rows:
    """Constraints, one for each day of a thing, filled block by block."""

    def __init__(self, days: int, block: Mapping[tuple[str, int], int]) -> None:
        self._days, self._block = days, block
        self._known: list[Floats] = []
        self._parts: list[tuple[Ints, Ints, Floats]] = []
        self._matrix: Any = None

    def add(self, known: Floats) -> int:
        """New constraints with these right-hand sides; returns their number."""
        self._known.append(known)
        return len(self._known) - 1

    def put(self, row: int, name: tuple[str, int], value: float | Floats, delay: int = 0) -> None:
        """Let a column of some days earlier count in each day's constraint."""
        days = np.arange(delay, self._days)
        values = np.broadcast_to(np.asarray(value, dtype=np.float64), (self._days,))[delay:]
        columns = self._block[name] * self._days + days - delay
        self._parts.append((row * self._days + days, columns, values))

    def first(self, days: int, kept: Bools) -> tuple[Any, Any]:
        """Matrix and right-hand sides of the constraints of the first days; None where there are none."""
        if not self._known:
            return None, None
        if self._matrix is None:
            rows, columns, values = (np.concatenate(part) for part in zip(*self._parts, strict=True))
            shape = (len(self._known) * self._days, len(kept))
            self._matrix = coo_array((values, (rows, columns)), shape=shape).tocsr()
        held = np.tile(np.arange(self._days) < days, len(self._known))
        return self._matrix[held][:, kept], np.concatenate(self._known)[held]


def _units(network: NetworkPart, days: int) -> Floats:
    """``[point]`` what each stock point's quantities are counted in: planned usage, or stock, of a day."""
    standing = (network.on_hand + network.coming.sum(axis=1)) / days
    size = np.maximum(network.usage, standing)
    largest = float(size.max(initial=0.0)) or 1.0
    return np.where(size > SMALLEST * largest, size, largest)


def _unit_of(customers: Customers) -> float:
    return max(float(customers.demand.mean()), customers.waiting) or 1.0

"""Phase 2 of the day: what each stock point orders, and from whom (``docs/model.md``, Orders)."""

import math
from collections.abc import Callable
from typing import NamedTuple

from sim.engines import rules
from sim.engines.forecasting import Forecasting
from sim.model.plan import PolicyKind, Supply


class Ordering(Forecasting):
    """A network whose stock points review their positions and place orders."""

    def _clear_orders(self) -> None:
        points, lanes = len(self.on_hand), len(self.backlog)
        self.ordered = [0.0] * points
        self.cancelled = [0.0] * lanes
        self.echelon_position = [0.0] * points
        self.lane_ordered = [0.0] * lanes
        self.refused = [0.0] * lanes
        self.orders_reached = [0.0] * lanes

    def _review(self, point: int, day: int) -> None:
        """Order on a review day; note the echelon position where someone upstream orders by it."""
        is_due = day % self.review_days[point] == 0
        if not (is_due or self.echelon[point]):
            return
        stock, owed = self.on_hand[point] + self.on_order(point), self.owed(point)
        below = self._positions_below(point) if self.echelon[point] else 0.0
        position = stock - owed + self._leaving_today(point, day)
        if is_due:
            noise = rules.NOISE * (stock + owed + abs(below) + self.up_to[day][point])
            self._order(point, day, Position(position, below, noise))
        self.echelon_position[point] = position + below + self.ordered[point]

    def _order(self, point: int, day: int, position: "Position") -> None:
        quantity = ORDERS[self.policy[point]](self, point, day, position)
        if self.regular_lane[point] >= 0:
            self.ordered[point] = self._purchase_on_two_lanes(point, day, quantity, position)
        elif self.supply[point] == Supply.BOUGHT:
            if quantity > 0.0 or self.has_choice[point]:
                self.ordered[point] = self._purchase(point, day, quantity)
        elif quantity > 0.0 and not self.recipe_paused[day][point]:
            lot = rules.in_lots(quantity, self.recipe_minimum[point], self.recipe_multiple[point])
            self.waiting[point] += lot / self.yield_share[point]
            self.ordered[point] = lot

    def balanced_level(self, point: int, day: int) -> float:
        """What of another part's echelon is as near to the product as today's order will be when it arrives.

        References
        ----------
        Rosling, "Optimal inventory policies for assembly systems under random demands", *Operations
        Research* 37(4), 1989, sec. 3.
        """
        partner = self.balanced_with[point]
        if partner < 0:
            return math.inf
        until = day + self._days_to_fill(point, day) + self.balance_days[point]
        level = self.on_hand[partner] - self.owed(partner) + self._positions_below(partner)
        level += self.finished[partner]
        for day_due in sorted(self.work_due[partner]):
            if day_due <= until:
                level += self.work_due[partner][day_due]
        for lane in self.inbound[partner]:
            level += self.dock[lane]
            due = self.transit_due[lane]
            for day_due in sorted(due):
                if day_due <= until:
                    level += due[day_due]
        return level * self.balance_ratio[point]

    def _days_to_fill(self, point: int, day: int) -> int:
        """Days until what is ordered today can be received, or is made."""
        if self.supply[point] == Supply.MADE:
            return self.process_days[day][point]
        return min(self.receipt_days[day][lane] for lane in self.inbound[point])

    def _positions_below(self, point: int) -> float:
        """Echelon positions of the points that a point supplies, in its own units."""
        total = 0.0
        for lane in self.outbound[point]:
            total += self.echelon_position[self.lane_buyer[lane]] * self.lane_units[lane]
            total -= self.orders_under_way[lane] * self.lane_units[lane]
        for edge in self.uses_of[point]:
            made = self.edge_made[edge]
            total += self.echelon_position[made] * (self.edge_units[edge] / self.yield_share[made])
        return total

    def _leaving_today(self, point: int, day: int) -> float:
        """Units for which customers wait who leave today before anything ordered now can reach them."""
        if not self.impatient[point] or self._arrives_today(point, day):
            return 0.0
        available = self.on_hand[point] + self.finished[point]
        for lane in self.inbound[point]:
            supplier = self.lane_supplier[lane]
            available += self.dock[lane] + (self.finished[supplier] if self.is_line[supplier] else 0.0)
        owed = self.owed(point)
        if owed <= available:
            return 0.0
        leaving = 0.0
        for stream in self.impatient[point]:
            leaving += self.unserved[stream] * self.leaving[stream]
        return leaving * (1.0 - available / owed)

    def _arrives_today(self, point: int, day: int) -> bool:
        """Whether what is ordered today can be received today."""
        if self.supply[point] == Supply.MADE:
            return self.process_days[day][point] == 0
        return any(
            self.receipt_days[day][lane] + self.order_days[lane] == 0
            and self._is_finished_today(self.lane_supplier[lane], day)
            for lane in self.inbound[point]
        )

    def _is_finished_today(self, supplier: int, day: int) -> bool:
        """Whether a supplier, if it is a line, has ready today what is ordered of it today."""
        return not self.is_line[supplier] or self.process_days[day][supplier] == 0

    def on_order(self, point: int) -> float:
        """Units ordered and not yet received."""
        if self.supply[point] == Supply.MADE:
            return self.waiting[point] * self.yield_share[point] + self.wip[point]
        total = 0.0
        for lane in self.inbound[point]:
            total += self.backlog[lane] + self.in_transit[lane]
            total += self.orders_under_way[lane]
        return total

    def _purchase(self, point: int, day: int, quantity: float) -> float:
        """Split an order over the inbound lanes; returns what they took."""
        lanes = self.inbound[point]
        rooms = [self._room(lane, day, self.review_days[point]) for lane in lanes]
        if self.has_choice[point]:
            taken = self._split_by_promise(point, day, quantity, rooms)
        else:
            taken = self._split(point, quantity, rooms)
        total = 0.0
        for lane, share, room in zip(lanes, taken, rooms, strict=True):
            total += self._order_lots(lane, day, share, room, quantity * self.normal_share[lane])
        return total

    def _order_lots(self, lane: int, day: int, units: float, room: float, wanted: float) -> float:
        """Order units on a lane, in lots; of what is wanted, what the rules refuse is noted."""
        left = min(room, self._licensed_room(lane))
        lots = rules.in_lots(units, self.lane_minimum[lane], self.lane_multiple[lane], left)
        self._place(lane, day, lots)
        self.lane_ordered[lane] = lots
        if self.open_share[lane] < 1.0:
            self.allowance[lane] -= lots
        if self.under_quota[lane]:
            self.units_left[self.quota_of[lane]] -= lots * self.lane_units[lane]
            self.value_left[self.quota_of[lane]] -= lots * self.lane_value[lane]
        if self.open_share[lane] < 1.0 or self.under_quota[lane]:
            self.refused[lane] = max(0.0, wanted - lots)
        return lots

    def _place(self, lane: int, day: int, units: float) -> None:
        """Have an order reach the supplier: today, or after the lane's order lead time."""
        if self.order_days[lane] == 0:
            self.backlog[lane] += units
            self.orders_reached[lane] += units
        elif units > 0.0:
            self.orders_due[lane][day + self.order_days[lane]] = units
            self.orders_under_way[lane] += units

    def _purchase_on_two_lanes(self, point: int, day: int, quantity: float, position: "Position") -> float:
        """Expedite what can be delivered of a quantity, then order regularly; returns what both took."""
        fast, slow, days = self.expedited_lane[point], self.regular_lane[point], self.review_days[point]
        room = self._room(fast, day, days)
        if self.has_choice[point]:
            room = min(room, self._deliverable(fast, day, days))
        expedited = self._order_lots(fast, day, min(quantity, room), room, quantity)
        after = position._replace(own=position.own + expedited)
        rest, room = REGULAR_ORDERS[self.policy[point]](self, point, day, after), self._room(slow, day, days)
        return expedited + self._order_lots(slow, day, min(rest, room), room, rest)

    def late_units(self, point: int, day: int) -> float:
        """Units on the regular lane that are received later than what is expedited today.

        References
        ----------
        Veeraraghavan & Scheller-Wolf, "Now or later: a simple policy for effective dual sourcing in
        capacitated systems", *Operations Research* 56(4), 2008, sec. 2.
        """
        fast, slow = self.expedited_lane[point], self.regular_lane[point]
        arrival = day + self.order_days[fast] + self.receipt_days[day][fast]
        late, due = self.orders_under_way[slow] + self.backlog[slow], self.transit_due[slow]
        for day_due in sorted(due):
            if day_due > arrival:
                late += due[day_due]
        return late

    def _split(self, point: int, quantity: float, rooms: list[float]) -> list[float]:
        lanes = self.inbound[point]
        if self.by_rank[point]:
            return rules.split_by_rank(quantity, [self.lane_preference[lane] for lane in lanes], rooms)
        return rules.split_by_share(quantity, [self.lane_share[lane] for lane in lanes], rooms)

    def _split_by_promise(self, point: int, day: int, quantity: float, rooms: list[float]) -> list[float]:
        """Order, and order anew what is stuck, where it can be delivered; what cannot be waits in line."""
        lanes, days = self.inbound[point], self.review_days[point]
        stuck = [self._stuck(lane, day, days) for lane in lanes]
        deliverable = [self._deliverable(lane, day, days) for lane in lanes]
        most = [min(room, units) for room, units in zip(rooms, deliverable, strict=True)]
        total_stuck = rules.total(stuck)
        placed = self._split(point, quantity + total_stuck, most)
        moved = min(rules.excess(rules.total(placed), quantity), total_stuck)
        if moved > 0.0:
            for lane, units in zip(lanes, stuck, strict=True):
                cancelled = min(self.backlog[lane], units * (moved / total_stuck))
                self.backlog[lane] -= cancelled
                self.cancelled[lane] += cancelled
                self._recall(self.lane_supplier[lane], cancelled)
        paused = [self.lane_held[day][lane] for lane in lanes]
        moves = any(room > 0.0 and not still for room, still in zip(rooms, paused, strict=True))
        left = [
            0.0 if still and moves else room - units
            for room, units, still in zip(rooms, placed, paused, strict=True)
        ]
        in_line = self._split(point, rules.excess(quantity, rules.total(placed)), left)
        return [units + waits for units, waits in zip(placed, in_line, strict=True)]

    def _recall(self, line: int, units: float) -> None:
        """Take back the production that was ordered of a line, as far as it has not been started."""
        if self.is_line[line]:
            self.waiting[line] = max(0.0, self.waiting[line] - units / self.yield_share[line])


# ---------------------------------------------------------------------- policies


class Position(NamedTuple):
    """Inventory position of a stock point, echelon positions below it, and what of their sum is rounding."""

    own: float
    below: float
    noise: float


def _base_stock(network: Ordering, point: int, day: int, position: Position) -> float:
    return rules.base_stock_order(position.own, network.up_to[day][point], position.noise)


def _echelon_base_stock(network: Ordering, point: int, day: int, position: Position) -> float:
    level = min(network.up_to[day][point], network.balanced_level(point, day))
    return rules.base_stock_order(position.own + position.below, level, position.noise)


def _reorder_up_to(network: Ordering, point: int, day: int, position: Position) -> float:
    reorder_at, up_to = network.reorder_at[day][point], network.up_to[day][point]
    return rules.reorder_up_to_order(position.own, reorder_at, up_to, position.noise)


def _reorder_quantity(network: Ordering, point: int, day: int, position: Position) -> float:
    batch, most = network.batch[point], network.max_batches[point]
    return rules.reorder_quantity_order(
        position.own, network.reorder_at[day][point], batch, most, position.noise
    )


def _dual_index(network: Ordering, point: int, day: int, position: Position) -> float:
    soon = position.own - network.late_units(point, day)
    return rules.base_stock_order(soon, network.reorder_at[day][point], position.noise)


def _tailored_base_surge(network: Ordering, point: int, day: int, position: Position) -> float:
    soon = position.own - network.late_units(point, day)
    return rules.base_stock_order(soon, network.up_to[day][point], position.noise)


def _standing_order(network: Ordering, point: int, _day: int, _position: Position) -> float:
    return network.standing_units[point]


def _no_orders(_network: Ordering, _point: int, _day: int, _position: Position) -> float:
    return 0.0


ORDERS: dict[PolicyKind, Callable[[Ordering, int, int, Position], float]] = {
    PolicyKind.BASE_STOCK: _base_stock,
    PolicyKind.ECHELON_BASE_STOCK: _echelon_base_stock,
    PolicyKind.REORDER_UP_TO: _reorder_up_to,
    PolicyKind.REORDER_QUANTITY: _reorder_quantity,
    PolicyKind.DUAL_INDEX: _dual_index,
    PolicyKind.TAILORED_BASE_SURGE: _tailored_base_surge,
    PolicyKind.NONE: _no_orders,
}
"""Units that each policy orders, or expedites. What is not in here, the engine refuses to load."""

REGULAR_ORDERS: dict[PolicyKind, Callable[[Ordering, int, int, Position], float]] = {
    PolicyKind.DUAL_INDEX: _base_stock,
    PolicyKind.TAILORED_BASE_SURGE: _standing_order,
}
"""Units that policies of two lanes order regularly, by the position with what has been expedited."""

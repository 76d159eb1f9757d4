"""What suppliers can promise before anything is ordered (``docs/model.md``, Orders)."""

import math
from typing import assert_never

from sim.engines import rules
from sim.engines.state import NetworkState
from sim.model.plan import Supply


class Promising(NetworkState):
    """A network that knows what is owed, what its lanes take, and what suppliers can deliver."""

    def _promise(self, day: int) -> None:
        """Work out what can be delivered where somebody can choose between suppliers.

        ``covered`` is the share of what a point owes that it can deliver, ``uncommitted`` what it can deliver
        beyond.
        """
        self.covered = [1.0] * len(self.on_hand)
        self.uncommitted = [math.inf] * len(self.on_hand)
        for point in self.judged:
            reach, owed = self._reach(point, day), self.owed(point)
            self.covered[point] = rules.covered_share(reach, owed)
            self.uncommitted[point] = rules.excess(reach, owed)

    def _reach(self, point: int, day: int) -> float:
        """Units that a point can deliver: what it has, what is coming, and what can be got in time."""
        match self.supply[point]:
            case Supply.SOURCE:
                return self.capacity[day][point] * self.horizon_days[point]
            case Supply.MADE:
                return self.on_hand[point] + self._work_to_come(point, day)
            case Supply.BOUGHT:
                reach = self.on_hand[point]
                days = max(self.review_days[point], self.horizon_days[point])
                for lane in self.inbound[point]:
                    if not self.lane_held[day][lane]:
                        reach += self.in_transit[lane] + self._promised(lane, day, days)
                return reach
            case _:
                assert_never(self.supply[point])

    def _work_to_come(self, point: int, day: int) -> float:
        """Good units in process, and those that capacity and inputs allow to start; none while held up."""
        if self.recipe_held[day][point]:
            return 0.0
        start = self.capacity[day][point] * self.horizon_days[point]
        if self.recipe_paused[day][point]:
            start = min(start, self.waiting[point])
        for edge in self.inputs_of[point]:
            units, source = self.edge_units[edge], self.edge_point[edge]
            if units > 0.0:
                covered = self.waiting[point] * units * self.covered[source]
                start = min(start, (covered + self.uncommitted[source]) / units)
        return self.wip[point] + start * self.yield_share[point]

    def _promised(self, lane: int, day: int, days: int) -> float:
        """Units of its backlog and of new orders that a lane's supplier can deliver."""
        more = min(self._room(lane, day, days), self._deliverable(lane, day, days))
        return self._covered(lane) - self._overhang(lane, day, days) + more

    def _stuck(self, lane: int, day: int, days: int) -> float:
        """Units of a lane's backlog that cannot be delivered."""
        if self.lane_held[day][lane]:
            return self.backlog[lane]
        uncovered = self.backlog[lane] * (1.0 - self.covered[self.lane_supplier[lane]])
        return uncovered + self._overhang(lane, day, days)

    def _deliverable(self, lane: int, day: int, days: int) -> float:
        """Units of new orders on a lane that can be delivered."""
        if self.lane_held[day][lane]:
            return 0.0
        carried = rules.excess(self._carried(lane, day, days), self._ready(lane))
        return min(carried, self.uncommitted[self.lane_supplier[lane]] / self.lane_units[lane])

    def _overhang(self, lane: int, day: int, days: int) -> float:
        """Units ready to leave that a lane does not carry in some days."""
        return rules.excess(self._ready(lane), self._carried(lane, day, days))

    def _ready(self, lane: int) -> float:
        """Units of its backlog that a lane's supplier has."""
        supplier = self.lane_supplier[lane]
        if self.supply[supplier] == Supply.SOURCE:
            return self._covered(lane)
        return min(self._covered(lane), self.on_hand[supplier] / self.lane_units[lane])

    def _covered(self, lane: int) -> float:
        """Units of its backlog that a lane's supplier can deliver."""
        return self.backlog[lane] * self.covered[self.lane_supplier[lane]]

    def _carried(self, lane: int, day: int, days: int) -> float:
        """Units that a lane carries in some days."""
        return self._lane_capacity(lane, day) * days if self.limited[lane] else math.inf

    def owed(self, point: int) -> float:
        """Units that lanes, streams and recipes wait for."""
        total = 0.0
        for lane in self.outbound[point]:
            total += self.backlog[lane] * self.lane_units[lane]
        for stream in self.streams_at[point]:
            total += self.unserved[stream]
        return total + self._waits_for(point)

    def _waits_for(self, point: int) -> float:
        """Units of a stock that waiting production would draw."""
        total = 0.0
        for edge in self.uses_of[point]:
            total += self.waiting[self.edge_made[edge]] * self.edge_units[edge]
        return total

    def _room(self, lane: int, day: int, days: int) -> float:
        """Units that may be ordered on a lane today, for some days."""
        if self.lane_paused[day][lane]:
            return 0.0
        room = self._carried(lane, day, days)
        room = min(room, self.allowance[lane]) if self.open_share[lane] < 1.0 else room
        return min(room, self._licensed_room(lane))

    def _licensed_room(self, lane: int) -> float:
        """Units that the quota of its supplier's licence leaves room for on a lane; infinite without one."""
        if not self.under_quota[lane]:
            return math.inf
        grant = self.quota_of[lane]
        left = self.units_left[grant], self.value_left[grant]
        return rules.licensed_room(*left, self.lane_units[lane], self.lane_value[lane])

    def _lane_capacity(self, lane: int, day: int) -> float:
        """Units per day that a lane carries; a substitute in its ramp carries part of planned usage."""
        per_day, share = self.lane_capacity[lane], self.lane_usage_share[lane]
        usage = self.usage[day][self.lane_buyer[lane]]
        return rules.lane_capacity(self.level[lane], per_day, share, usage)

"""What the readable engine looks at: the plan and a schedule as Python lists, and the state of the network.

A scalar loop reads lists several times faster than arrays.
"""

import copy
import math

import numpy as np

from sim.engines import rules
from sim.model.plan import NEVER, Plan, Ramp, Sourcing, Supply
from sim.model.schedule import Schedule

STATE = (
    "on_hand",
    "waiting",
    "wip",
    "penalty",
    "work_due",
    "finished",
    "backlog",
    "in_transit",
    "transit_due",
    "dock",
    "last_arrival",
    "open_share",
    "allowance",
    "level",
    "unserved",
    "active",
    "lag_left",
    "qualified_day",
)
"""Everything that one day hands to the next."""


class Network:
    """A network on one path: what is given, day by day, and where everything stands.

    Lists are indexed as the arrays of the plan; ``_due`` maps days to what arrives or is finished then.
    """

    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self.plan = plan
        self._read_network(plan)
        self._read_schedule(plan, schedule)
        self._set_initial_state(plan)

    def take_over(self, other: "Network") -> None:
        """Stand where another path through the same network stands."""
        for name in STATE:
            setattr(self, name, copy.deepcopy(getattr(other, name)))

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
        self.sources = [point for point in self.order if self.supply[point] == Supply.SOURCE]
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
        self.volume_share: list[float] = schedule.volume_share.tolist()
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

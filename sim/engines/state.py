"""What the readable engine looks at: the plan and a schedule as Python lists, and the state of the network.

A scalar loop reads lists several times faster than arrays.
"""

import copy

import numpy as np

from sim.engines import rules
from sim.model.facts import facts_of, list_values, quotas_of, younger_days
from sim.model.plan import (
    HOLDS_UP,
    NEVER,
    Effect,
    Floats,
    ForecastKind,
    Ints,
    Pause,
    Plan,
    PolicyKind,
    Ramp,
    Sourcing,
    Supply,
    rounded_days,
)
from sim.model.schedule import Schedule

STATE = (
    "on_hand",
    "added",
    "waiting",
    "wip",
    "penalty",
    "work_due",
    "finished",
    "orders_due",
    "orders_under_way",
    "window",
    "forecast_level",
    "forecast_trend",
    "backlog",
    "in_transit",
    "transit_due",
    "dock",
    "last_arrival",
    "open_share",
    "allowance",
    "units_left",
    "value_left",
    "level",
    "unserved",
    "away",
    "barred",
    "served_share",
    "active",
    "lag_left",
    "qualified_day",
)
"""Everything that one day hands to the next."""


class NetworkState:
    """A network on one path: what is given, day by day, and where everything stands.

    Lists are indexed as the arrays of the plan; ``_due`` maps days to what arrives or is finished then.
    """

    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self.plan = plan
        self.schedule = schedule
        self._read_network(plan)
        self._read_schedule(plan, schedule)
        self._set_initial_state(plan, schedule)

    def take_over(self, other: "NetworkState") -> None:
        """Stand where another path through the same network stands."""
        for name in STATE:
            setattr(self, name, copy.deepcopy(getattr(other, name)))

    def _read_network(self, plan: Plan) -> None:
        """The plan as Python lists, which a scalar loop reads several times faster than arrays."""
        self._read_points(plan)
        self._read_lanes(plan)
        self.edge_point: list[int] = plan.edges.point.tolist()
        self.edge_made: list[int] = plan.edges.made.tolist()
        self.edge_units: list[float] = plan.edges.units.tolist()
        self.edge_rank: list[int] = plan.claims.edge.tolist()
        self.stream_rank: list[int] = plan.claims.stream.tolist()
        self.switching: list[int] = np.flatnonzero(plan.streams.switches).tolist()
        self.rival: list[int] = plan.streams.switches_to.tolist()
        self.switching_per_unit: list[float] = (
            plan.streams.switching_share / plan.streams.repurchase_days
        ).tolist()
        self.kept_away = [rules.kept_share(days) for days in plan.streams.switching_half_life_days.tolist()]
        self.leaving = [rules.leaving_share(patience) for patience in plan.streams.patience_days.tolist()]
        self.impatient = [
            [stream for stream in streams if self.leaving[stream] > 0.0] for streams in self.streams_at
        ]
        self.substitute_lane: list[int] = plan.substitutes.lane.tolist()
        facts = facts_of(plan)
        self.sources: list[int] = facts.sources.tolist()
        self.orderers: list[int] = facts.orderers.tolist()
        self.limited: list[bool] = facts.is_narrow.tolist()
        self.has_choice: list[bool] = facts.choices.has_choice.tolist()
        self.judged: list[int] = facts.choices.judged.tolist()
        self.horizon_days: list[int] = facts.choices.horizon_days.tolist()
        self.rivals = facts.rivals
        self.stands_in_for = facts.stands_in_for
        self.echelon: list[bool] = facts.has_echelon.tolist()
        self.delayed: list[int] = np.flatnonzero(facts.is_delayed).tolist()

    def _read_points(self, plan: Plan) -> None:
        points = plan.points
        count = len(points.firm)
        self.order: list[int] = plan.order.tolist()
        self.supply = [Supply(code) for code in points.supply.tolist()]
        self.policy = [PolicyKind(code) for code in points.policy.tolist()]
        self.review_days: list[int] = points.review_days.tolist()
        self.batch: list[float] = points.batch_units.tolist()
        self.max_batches: list[float] = points.max_batches.tolist()
        self.standing_units: list[float] = points.standing_units.tolist()
        self.regular_lane: list[int] = points.regular_lane.tolist()
        self.expedited_lane: list[int] = points.expedited_lane.tolist()
        self.balanced_with: list[int] = points.balanced_with.tolist()
        self.balance_ratio: list[float] = points.balance_ratio.tolist()
        self.perishable: list[int] = np.flatnonzero(points.shelf_life_days).tolist()
        self.younger_days: list[int] = younger_days(plan).tolist()
        self.balance_days: list[int] = points.balance_days.tolist()
        self.forecast = [ForecastKind(code) for code in points.forecast.tolist()]
        self.level_smoothing: list[float] = points.level_smoothing.tolist()
        self.trend_smoothing: list[float] = points.trend_smoothing.tolist()
        self.season_smoothing: list[float] = points.season_smoothing.tolist()
        self.target_units: list[float] = points.units.tolist()
        self.cover_days: list[float] = points.cover_days.tolist()
        self.reorder_units: list[float] = points.reorder_units.tolist()
        self.reorder_cover_days: list[float] = points.reorder_cover_days.tolist()
        self.recipe_minimum: list[float] = points.minimum_order_units.tolist()
        self.recipe_multiple: list[float] = points.order_multiple_units.tolist()
        self.by_rank = [code == Sourcing.RANK for code in points.sourcing.tolist()]
        self.yield_share: list[float] = points.yield_share.tolist()
        self.inbound = [plan.inbound[point].tolist() for point in range(count)]
        self.outbound = [plan.outbound[point].tolist() for point in range(count)]
        self.streams_at = [plan.streams_at[point].tolist() for point in range(count)]
        self.inputs_of = [plan.inputs_of[point].tolist() for point in range(count)]
        self.uses_of = [plan.uses_of[point].tolist() for point in range(count)]
        self.is_line = [output >= 0 for output in points.alternative_of.tolist()]
        self.serves = [bool(self.outbound[point] or self.streams_at[point]) for point in range(count)]

    def _read_lanes(self, plan: Plan) -> None:
        lanes = plan.lanes
        self.lane_supplier: list[int] = lanes.supplier.tolist()
        self.lane_buyer: list[int] = lanes.buyer.tolist()
        self.lane_share: list[float] = lanes.share.tolist()
        self.lane_preference: list[int] = lanes.rank.tolist()
        self.lane_rank: list[int] = plan.claims.lane.tolist()
        self.lane_capacity: list[float] = lanes.capacity_per_day.tolist()
        self.lane_usage_share: list[float] = lanes.capacity_share_of_usage.tolist()
        self.lane_minimum: list[float] = lanes.minimum_order_units.tolist()
        self.lane_multiple: list[float] = lanes.order_multiple_units.tolist()
        self.lane_units: list[float] = lanes.units_per_original.tolist()
        self.lane_penalty: list[float] = lanes.performance_penalty.tolist()
        self.crossing: list[bool] = lanes.order_crossing.tolist()
        self.order_days: list[int] = rounded_days(lanes.order_lead_time_days).tolist()
        self.quota_of: list[int] = quotas_of(plan).tolist()
        self.lane_value: list[float] = list_values(plan.numbers).tolist()
        licence = plan.grants.intervention
        self.quota_units: list[float] = plan.interventions.quota_units_per_year[licence].tolist()
        self.quota_value: list[float] = plan.interventions.quota_value_per_year[licence].tolist()

    def _read_schedule(self, plan: Plan, schedule: Schedule) -> None:
        self.demand: list[list[float]] = schedule.demand.T.tolist()
        self.reorder_at: list[list[float]] = schedule.reorder_at.T.tolist()
        self.up_to: list[list[float]] = schedule.up_to.T.tolist()
        self.target_factor: list[list[float]] = schedule.target_factor.T.tolist()
        self.extra_cover_days: list[list[float]] = schedule.extra_cover_days.T.tolist()
        self.capacity: list[list[float]] = schedule.capacity.T.tolist()
        self.usage: list[list[float]] = schedule.usage.T.tolist()
        self.receipt_days: list[list[int]] = schedule.receipt_days.T.tolist()
        self.process_days: list[list[int]] = schedule.process_days.T.tolist()
        self.yield_by_day: list[list[float]] = schedule.yield_share.T.tolist()
        self.lane_paused: list[list[bool]] = schedule.paused_lanes[Pause.ORDERS].T.tolist()
        self.lane_held: list[list[bool]] = np.any(schedule.paused_lanes[HOLDS_UP], axis=0).T.tolist()
        self.recipe_paused: list[list[bool]] = schedule.orders_paused.T.tolist()
        self.recipe_held: list[list[bool]] = schedule.work_held.T.tolist()
        self.normal_share: list[float] = schedule.normal_share.tolist()
        self.volume_share: list[float] = schedule.volume_share.tolist()
        self.open_share_by_day: list[list[float]] = schedule.open_share.T.tolist()
        self.turned_back_by_day: list[list[float]] = schedule.turned_back.T.tolist()
        self.under_quota_by_day: list[list[bool]] = schedule.under_quota.T.tolist()
        self.quota_begun: list[list[float]] = schedule.quota_begun.T.tolist()
        self.restricted: list[int] = schedule.restricted_lanes.tolist()
        self.barred_streams: list[int] = schedule.barred_streams.tolist()
        self.served_share_by_day: list[list[float]] = schedule.served_share.T.tolist()
        self.trigger_day: list[int] = schedule.trigger_day.tolist()
        self.substitute_firm: list[int] = plan.substitutes.firm.tolist()
        self.cover_below: list[float] = plan.substitutes.cover_below_days.tolist()
        self.lag: list[float] = plan.substitutes.qualification_lag_days.tolist()
        self.effort: list[float] = plan.substitutes.engineer_days.tolist()
        self.ramp_days: list[float] = plan.substitutes.ramp_days.tolist()
        self.logistic = [code == Ramp.LOGISTIC for code in plan.substitutes.ramp.tolist()]
        self.engineers: list[float] = plan.engineers.tolist()
        self.after_substitute: list[int] = plan.substitutes.after_substitute.tolist()
        self.waits_for_ramp: list[bool] = plan.substitutes.after_ramp.tolist()
        self.changes = [
            (numbers, its.target, its.values.tolist())
            for its in schedule.changed
            if (numbers := self._changing(its.kind)) is not None
        ]
        self.losses = [(its.kind, its.target, its.values.tolist()) for its in schedule.destroyed]

    def _changing(self, kind: Effect) -> list[float] | None:
        """The numbers that a kind of change writes over, day by day; None of what the schedule has by day."""
        numbers = {
            Effect.CHANGES_LANE_CAPACITY: self.lane_capacity,
            Effect.CHANGES_LANE_CAPACITY_SHARE: self.lane_usage_share,
            Effect.CHANGES_SHARE: self.lane_share,
            Effect.CHANGES_INPUT_UNITS: self.edge_units,
            Effect.CHANGES_ENGINEERS: self.engineers,
        }
        return numbers.get(kind)

    def _set_initial_state(self, plan: Plan, schedule: Schedule) -> None:
        points, lanes = len(plan.points.firm), len(plan.lanes.supplier)
        substitutes = len(plan.substitutes.lane)
        given = plan.points.initial_on_hand.tolist()
        self.on_hand: list[float] = [
            self.up_to[0][point] if given[point] < 0.0 else given[point] for point in range(points)
        ]
        self.added = [[0.0] * slots for slots in self.younger_days]
        for units, added in zip(self.on_hand, self.added, strict=True):
            added[:1] = [units] * bool(added)
        self.waiting: list[float] = plan.points.initial_waiting.tolist()
        self.work_due = _due(plan.points.initial_work_in_process, schedule.initial_completion_day)
        self.wip = [rules.total(due.values()) for due in self.work_due]
        self.penalty = [0.0] * points
        self.finished = [0.0] * points
        days = plan.points.forecast_days.tolist()
        self.window = [
            [0.0 if self.forecast[point] == ForecastKind.HOLT_WINTERS else self.usage[0][point]] * days[point]
            for point in range(points)
        ]
        self.forecast_level = [self.usage[0][point] for point in range(points)]
        self.forecast_trend = [0.0] * points
        self.orders_due: list[dict[int, float]] = [{} for _ in range(lanes)]
        self.orders_under_way = [0.0] * lanes
        self.backlog: list[float] = plan.lanes.initial_backlog.tolist()
        self.transit_due = _due(plan.lanes.initial_in_transit, schedule.initial_arrival_day)
        self.in_transit = [rules.total(due.values()) for due in self.transit_due]
        self.dock = [0.0] * lanes
        self.last_arrival = [max(due, default=0) for due in self.transit_due]
        self.open_share = [1.0] * lanes
        self.allowance = [0.0] * lanes
        self.under_quota = [False] * lanes
        self.units_left = [0.0] * len(self.quota_units)
        self.value_left = [0.0] * len(self.quota_value)
        self.level = [1.0] * lanes
        self.unserved: list[float] = plan.streams.initial_backorders.tolist()
        self.away = [0.0] * len(self.unserved)
        self.barred = [0.0] * len(self.unserved)
        self.served_share = [1.0] * len(self.unserved)
        self.active = [False] * substitutes
        self.lag_left = list(self.lag)
        self.qualified_day = [NEVER] * substitutes
        for lane in self.substitute_lane:
            self.level[lane] = 0.0


def _due(units: Floats, day: Ints) -> list[dict[int, float]]:
    """For each row, what was under way before day 0 by the day on which it is received."""
    due: list[dict[int, float]] = [{} for _ in units]
    for row, slot in np.argwhere(units > 0.0).tolist():
        received = int(day[row, slot])
        due[row][received] = due[row].get(received, 0.0) + float(units[row, slot])
    return due

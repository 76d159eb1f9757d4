"""Who can choose between suppliers, and which deliveries may fail: facts of a plan that no day changes."""

from dataclasses import dataclass

import numpy as np

from sim.model.plan import Bools, Effect, Ints, Plan, Sourcing, Supply


@dataclass(frozen=True, slots=True)
class Choices:
    """Where orders follow what suppliers can promise (``docs/model.md``, Orders).

    Attributes
    ----------
    has_choice
        ``[point]`` whether it buys on several lanes, one of which may fail to deliver, or is made by several
        recipes, of which one stands in for another.
    judged
        Points whose promises matter for such a choice and may be limited, from the sources down.
    horizon_days
        ``[point]`` days for which it is asked what it can deliver: the longest review period of the points
        downstream that buy on several lanes, and of those between. Interventions have no part in it, so that
        a shock that does not come changes nothing.
    """

    has_choice: Bools
    judged: Ints
    horizon_days: Ints


def choices_of(plan: Plan) -> Choices:
    """Find out who can choose, and whose promises that asks for."""
    unlimited = _unlimited(plan)
    supplier, buyer = plan.lanes.supplier, plan.lanes.buyer
    may_fail = ~unlimited[supplier] | reached(plan, Effect.PAUSES_LANE, len(supplier))
    may_fail |= _may_clog(plan)
    on_several_lanes = np.bincount(buyer, minlength=len(unlimited)) > 1
    has_choice = np.zeros(len(unlimited), dtype=bool)
    has_choice[buyer[may_fail]] = True
    has_choice &= on_several_lanes
    has_choice[made_by_rank(plan)] = True
    return Choices(has_choice, _judged(plan, has_choice, unlimited), _horizon_days(plan, on_several_lanes))


def made_by_rank(plan: Plan) -> Ints:
    """Outputs of several recipes that are taken by rank."""
    outputs = np.unique(plan.points.alternative_of[plan.points.alternative_of >= 0])
    return outputs[plan.points.sourcing[outputs] == Sourcing.RANK]


def _judged(plan: Plan, has_choice: Bools, unlimited: Bools) -> Ints:
    """Limited points upstream of a choice, from the sources down."""
    needed = np.zeros(len(unlimited), dtype=bool)
    for point in plan.order[::-1].tolist():
        if has_choice[point] or needed[point]:
            needed[plan.lanes.supplier[plan.inbound[point]]] = True
            needed[plan.edges.point[plan.inputs_of[point]]] = True
        needed[point] &= ~unlimited[point]
    return plan.order[needed[plan.order]]


def _horizon_days(plan: Plan, on_several_lanes: Bools) -> Ints:
    """Longest review period downstream, of those who buy on several lanes and of those on the way to them."""
    asks = on_several_lanes.copy()
    days = np.ones(len(asks), dtype=np.int64)
    for point in plan.order[::-1].tolist():
        if asks[point]:
            own = max(days[point], plan.points.review_days[point])
            for others in (plan.lanes.supplier[plan.inbound[point]], plan.edges.point[plan.inputs_of[point]]):
                days[others] = np.maximum(days[others], own)
                asks[others] = True
    return days


def _unlimited(plan: Plan) -> Bools:
    """``[point]`` whether it can deliver whatever is ordered, on every day of every replication."""
    points, lanes = plan.points, plan.lanes
    count = len(points.firm)
    limited_point = _may_be_finite(plan, "points", "capacity_per_day")
    limited_point |= _may_be_finite(plan, "points", "recipe_capacity_per_day")
    limited_point |= reached(plan, Effect.SCALES_CAPACITY, count)
    limited_point |= reached(plan, Effect.CHANGES_CAPACITY, count)
    limited_point |= reached(plan, Effect.PAUSES_RECIPE, count)
    limited_lane = narrow_lanes(plan) | reached(plan, Effect.RESTRICTS_LANE, len(lanes.supplier))
    limited_lane |= reached(plan, Effect.PAUSES_LANE, len(lanes.supplier))
    unlimited, bought = np.zeros(count, dtype=bool), points.supply == Supply.BOUGHT
    for point in plan.order.tolist():
        if bought[point]:
            inbound = plan.inbound[point]
            unlimited[point] = np.any(~limited_lane[inbound] & unlimited[lanes.supplier[inbound]])
        else:
            inputs = plan.edges.point[plan.inputs_of[point]]
            unlimited[point] = not limited_point[point] and bool(np.all(unlimited[inputs]))
    return unlimited


def narrow_lanes(plan: Plan) -> Bools:
    """``[lane]`` whether it may carry less than is ordered, in some replication."""
    finite = _may_be_finite(plan, "lanes", "capacity_per_day")
    for kind in (Effect.CHANGES_LANE_CAPACITY, Effect.CHANGES_LANE_CAPACITY_SHARE):
        finite |= reached(plan, kind, len(finite))
    return plan.lanes.is_substitute | finite | _may_be_finite(plan, "lanes", "capacity_share_of_usage")


def _may_clog(plan: Plan) -> Bools:
    """``[lane]`` whether more may be ready for it at a review than it carries.

    A source has all that is ordered at once, so what a lane takes in a day leaves on that day.
    """
    lanes = plan.lanes
    fills_up = plan.points.supply[lanes.supplier] != Supply.SOURCE
    fills_up |= plan.points.review_days[lanes.buyer] > 1
    fills_up |= lanes.initial_backlog > 0.0
    fills_up |= sampled(plan, "lanes", "initial_backlog", len(fills_up))
    return narrow_lanes(plan) & fills_up


def _may_be_finite(plan: Plan, group: str, field: str) -> Bools:
    """Entries of one field of a plan that are finite, or may be in some replication."""
    finite = np.isfinite(getattr(getattr(plan, group), field))
    return finite | sampled(plan, group, field, len(finite))


def sampled(plan: Plan, group: str, field: str, count: int) -> Bools:
    """Entries of one field of a plan that are uncertain."""
    sampled = np.zeros(count, dtype=bool)
    for item in plan.inputs:
        for cell in item.cells:
            if (cell.group, cell.field) == (group, field):
                sampled[cell.index] = True
    return sampled


def reached(plan: Plan, kind: Effect, count: int) -> Bools:
    """``[target]`` whether one kind of effect has it for a target, of `count` that it may have."""
    reached = np.zeros(count, dtype=bool)
    reached[plan.effects.target[plan.effects.kind == kind]] = True
    return reached

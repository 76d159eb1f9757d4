"""Facts of a plan that no day changes, for both engines."""

from dataclasses import dataclass

import numpy as np

from sim.model.occurrence import RELIEVING
from sim.model.plan import (
    Bools,
    Effect,
    Floats,
    Ints,
    Numbers,
    Plan,
    PolicyKind,
    Sourcing,
    Supply,
    rounded_days,
)
from sim.model.promise import Choices, choices_of, narrow_lanes, sampled

RELIEVED = (Effect.RESTRICTS_LANE, Effect.BARS_STREAM)
"""What a rule does, that a licence may relieve."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Whose turn is when, who competes with whom, and what each has to be asked for.

    Attributes
    ----------
    sources, orderers
        Points without and with a policy of ordering: from the sources down, and from the customers up.
    has_echelon
        ``[point]`` whether its echelon position counts: of those who order by it, and of all downstream.
    rivals
        For each recipe input, the inputs of other recipes, with a later turn, that use the same stock.
    stands_in_for
        For each line of an output that takes recipes by rank, the other lines, in order of rank.
    reliefs
        For each effect that restricts a lane, the effects that relieve the lane of it; for others none.
    is_narrow
        ``[lane]`` whether it may carry less than is ordered.
    is_delayed
        ``[lane]`` whether orders may be under way before they reach the supplier.
    choices
        Who can choose between suppliers.
    """

    sources: Ints
    orderers: Ints
    has_echelon: Bools
    rivals: list[list[int]]
    stands_in_for: list[list[int]]
    reliefs: list[list[int]]
    is_narrow: Bools
    is_delayed: Bools
    choices: Choices


def taxed_lanes(plan: Plan) -> Ints:
    """Lanes on which some tariff levies a duty, in their order."""
    return np.unique(plan.effects.target[plan.effects.kind == Effect.TAXES_LANE])


def facts_of(plan: Plan) -> Facts:
    """Find out what no day changes."""
    stands_in_for = _stands_in_for(plan)
    is_source = plan.points.supply[plan.order] == Supply.SOURCE
    return Facts(
        sources=plan.order[is_source],
        orderers=plan.order[~is_source][::-1],
        has_echelon=_has_echelon(plan),
        rivals=_rivals(plan, stands_in_for),
        stands_in_for=stands_in_for,
        reliefs=reliefs_of(plan),
        is_narrow=narrow_lanes(plan),
        is_delayed=delayed_lanes(plan),
        choices=choices_of(plan),
    )


def delayed_lanes(plan: Plan) -> Bools:
    """``[lane]`` whether orders may take days to reach the supplier, in some replication."""
    days = plan.lanes.order_lead_time_days
    return (rounded_days(days) > 0) | sampled(plan, "lanes", "order_lead_time_days", len(days))


def _has_echelon(plan: Plan) -> Bools:
    member = plan.points.policy == PolicyKind.ECHELON_BASE_STOCK
    member[plan.points.balanced_with[plan.points.balanced_with >= 0]] = True
    for point in plan.order.tolist():
        if member[point]:
            member[plan.lanes.buyer[plan.outbound[point]]] = True
            member[plan.edges.made[plan.uses_of[point]]] = True
    return member


def _stands_in_for(plan: Plan) -> list[list[int]]:
    output = plan.points.alternative_of
    by_rank = (output >= 0) & (plan.points.sourcing[output] == Sourcing.RANK)
    return [
        [other for other in np.flatnonzero(output == output[line]).tolist() if other != line]
        if by_rank[line]
        else []
        for line in range(len(output))
    ]


def _rivals(plan: Plan, stands_in_for: list[list[int]]) -> list[list[int]]:
    """Recipes that stand in for each other have the same work waiting, and do not compete for inputs."""
    turn = np.argsort(plan.order)
    return [
        [
            other
            for other in plan.uses_of[point].tolist()
            if turn[plan.edges.made[other]] > turn[made]
            if plan.edges.made[other] not in stands_in_for[made]
        ]
        for point, made in zip(plan.edges.point.tolist(), plan.edges.made.tolist(), strict=True)
    ]


def reliefs_of(plan: Plan) -> list[list[int]]:
    """For each effect that restricts a lane or bars a stream, those that relieve it; for others none."""
    effects = plan.effects
    relieving: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(np.isin(effects.kind, RELIEVING)).tolist():
        key = (int(effects.target[row]), int(effects.relieved[row]))
        relieving.setdefault(key, []).append(row)
    return [
        relieving.get((target, intervention), []) if kind in RELIEVED else []
        for kind, target, intervention in zip(
            effects.kind.tolist(), effects.target.tolist(), effects.intervention.tolist(), strict=True
        )
    ]


def quotas_of(plan: Plan) -> Ints:
    """``[lane]`` the supplier's licence whose quota limits orders on it; -1 if none does."""
    effects = plan.effects
    quota = np.full(len(plan.lanes.supplier), -1)
    rows = np.flatnonzero(effects.grant >= 0)
    rows = rows[plan.grants.has_quota[effects.grant[rows]]]
    quota[effects.target[rows]] = effects.grant[rows]
    return quota


def list_values(numbers: Numbers) -> Floats:
    """``[lane, ...]`` value of one unit of a lane at its list price, whatever prices do."""
    price = numbers("lanes", "price") * (1.0 + numbers("lanes", "price_penalty"))
    return price * numbers("lanes", "units_per_original")


def normal_shares(plan: Plan, numbers: Numbers) -> Floats:
    """``[lane, ...]`` share of each lane in its buyer's planned purchases; substitutes have none."""
    lanes = plan.lanes
    weight = numbers("lanes", "share").copy()
    weight[lanes.is_substitute] = 0.0
    for buyer in np.flatnonzero(plan.points.sourcing == Sourcing.RANK).tolist():
        regular = [lane for lane in plan.inbound[buyer].tolist() if not lanes.is_substitute[lane]]
        first = min(regular, key=lambda lane: (lanes.rank[lane], lane), default=None)
        for lane in regular:
            weight[lane] = float(lane == first)
    total = np.zeros((len(plan.points.firm), *weight.shape[1:]))
    np.add.at(total, lanes.buyer, weight)
    bought = total[lanes.buyer]
    return np.divide(weight, bought, out=np.zeros_like(weight), where=bought > 0.0)


def unit_values(plan: Plan, numbers: Numbers) -> Floats:
    """``[point, ...]`` what a unit is worth, in money: as stated, else by list prices and recipes.

    Of several lanes those count from which it is bought normally, and within a maker it is worth what it was.
    A source that states nothing is worth nothing.
    """
    stated, paid, shares = numbers("points", "unit_cost"), list_values(numbers), normal_shares(plan, numbers)
    each_original, units = numbers("lanes", "units_per_original"), numbers("edges", "units")
    yields, conversion = numbers("points", "yield_share"), numbers("points", "conversion_cost")
    values, used, within = np.zeros_like(stated), np.zeros_like(stated), plan.is_within_maker
    made, every_point = plan.points.supply == Supply.MADE, np.arange(len(stated))
    at_levels = (by_level(plan, ends) for ends in (plan.lanes.buyer, plan.edges.made, every_point))
    for lanes, edges, points in zip(*at_levels, strict=True):
        bought = values[plan.lanes.supplier[lanes]] * each_original[lanes]
        bought[~within[lanes]] = paid[lanes[~within[lanes]]]
        np.add.at(values, plan.lanes.buyer[lanes], bought * shares[lanes])
        np.add.at(used, plan.edges.made[edges], values[plan.edges.point[edges]] * units[edges])
        recipes = points[made[points]]
        values[recipes] = used[recipes] / yields[recipes] + conversion[recipes]
        values[points] = np.where(np.isfinite(stated[points]), stated[points], values[points])
    return values


def by_level(plan: Plan, points: Ints) -> list[Ints]:
    """For each level of the network, from that of the sources: places of those of some points on it."""
    level, further = plan.points.level[points], np.arange(1, plan.points.level.max(initial=0) + 1)
    in_order = np.argsort(level, kind="stable")
    return np.split(in_order, np.searchsorted(level[in_order], further))


def carrying_costs(plan: Plan, numbers: Numbers) -> Floats:
    """``[point, ...]`` what capital in a unit on hand or in process, and its age, cost a day."""
    share = plan.points.carrying_share_per_day
    if not share.any():
        return np.zeros_like(numbers("points", "holding_cost_per_unit_day"))
    return (unit_values(plan, numbers).T * share).T


def carrying_costs_under_way(plan: Plan, numbers: Numbers) -> Floats:
    """``[lane, ...]`` the same of a unit under way, of its buyer, who has paid for it.

    At the list price of the lane; within a maker at what it was worth where it came from.
    """
    share, lanes = plan.points.carrying_share_per_day[plan.lanes.buyer], plan.lanes
    paid = list_values(numbers)
    if not share.any():
        return np.zeros_like(paid)
    own = unit_values(plan, numbers)[lanes.supplier] * numbers("lanes", "units_per_original")
    return (np.where(plan.is_within_maker, own.T, paid.T) * share).T


def holding_costs(plan: Plan, numbers: Numbers) -> Floats:
    """``[point, ...]`` what it costs to hold a unit for a day: as stated, and what capital and age cost."""
    return numbers("points", "holding_cost_per_unit_day") + carrying_costs(plan, numbers)


def set_aside_costs(plan: Plan, numbers: Numbers) -> Floats:
    """``[lane, ...]`` the same of a unit that waits at its seller to leave; once it is sold, as stated."""
    stated, supplier = numbers("points", "holding_cost_per_unit_day"), plan.lanes.supplier
    own = (carrying_costs(plan, numbers)[supplier].T * plan.is_within_maker).T
    costs: Floats = (stated[supplier] + own) * numbers("lanes", "units_per_original")
    return costs


def volume_shares(normal_share: Floats, weight: Floats) -> Floats:
    """``[lane, ...]`` share of usage that counts as a lane's full volume where a rule permits a part of it.

    A lane without planned purchases (a normal share of 0) counts with its weight.
    """
    return np.where(normal_share > 0.0, normal_share, weight)


def younger_days(plan: Plan) -> Ints:
    """``[point]`` days, today included, of which what was received cannot expire at the end of today."""
    return np.minimum(np.maximum(plan.points.shelf_life_days - 1, 0), plan.days)

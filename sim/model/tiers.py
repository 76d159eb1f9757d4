"""Tiers of suppliers above the makers, and the plants of firms: what is told of stock and slack together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.model.baseline import mean_demand
from sim.model.facts import normal_shares, unit_values
from sim.model.plan import Bools, Floats, Ints, Numbers, Plan, Supply
from sim.model.schedule import planned_usage

WHOLE = -1
"""The plant of a group that is all of a tier."""
MOST_PLANTS = 8
"""Plants of a tier that are told of by themselves: those whose planned usage is worth most."""


@dataclass(frozen=True, slots=True)
class Group:
    """Stock points that are told of together.

    Attributes
    ----------
    tier
        0 for those of the makers, 1 for those of who sells to them, and so on.
    plant
        The stock point that the plant is named by; :data:`WHOLE` where it is all of the tier.
    points
        The stock points that count.
    """

    tier: int
    plant: int
    points: Ints


def stocked_groups(plan: Plan) -> list[Group]:
    """Tiers, and plants of tiers with several, that hold stock which is worth something."""
    return _groups_of(plan, (plan.points.supply != Supply.SOURCE) & (worths(plan, plan.numbers) > 0.0))


def limited_groups(plan: Plan) -> list[Group]:
    """The same of what makes or supplies no more than a capacity allows."""
    points = plan.points
    return _groups_of(plan, np.isfinite(np.minimum(points.capacity_per_day, points.recipe_capacity_per_day)))


def worths(plan: Plan, numbers: Numbers) -> Floats:
    """``[point, ...]`` what a unit is worth, else the highest list price at which it is sold."""
    values, lanes, streams = unit_values(plan, numbers), plan.lanes, plan.streams
    paid = numbers("lanes", "price") * (1.0 + numbers("lanes", "price_penalty"))
    sold_at = np.zeros_like(values)
    np.maximum.at(sold_at, lanes.supplier[plan.is_trade], paid[plan.is_trade])
    np.maximum.at(sold_at, streams.point, numbers("streams", "price"))
    return np.where(values > 0.0, values, sold_at)


def tiers_of(plan: Plan) -> Ints:
    """``[firm]`` fewest sales from it to a maker; -1 where nothing that it sells gets to one."""
    firm, lanes = plan.points.firm, plan.lanes
    seller, buyer = firm[lanes.supplier], firm[lanes.buyer]
    tier = np.where(plan.maker_of_firm >= 0, 0, -1)
    for below in range(len(tier)):
        sellers = seller[(tier[buyer] == below) & (tier[seller] < 0)]
        if not len(sellers):
            break
        tier[sellers] = below + 1
    return tier


def plants_of(plan: Plan) -> Ints:
    """``[point]`` the stock point that its plant is named by.

    Where a firm holds an item at several stock points, what recipes join with one of these is a plant; all
    else that the firm has is one plant.
    """
    firm, site = plan.points.firm, _joined_by_recipes(plan)
    alike = _held_elsewhere(plan)
    names: dict[tuple[int, int], int] = {}
    for point in np.flatnonzero(alike).tolist():
        names.setdefault((int(firm[point]), int(site[point])), point)
    rest: dict[int, int] = {}
    for point in range(len(firm)):
        if (int(firm[point]), int(site[point])) not in names:
            rest.setdefault(int(firm[point]), point)
    return np.array(
        [
            names.get((its, at), rest.get(its, WHOLE))
            for its, at in zip(firm.tolist(), site.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _held_elsewhere(plan: Plan) -> Bools:
    """``[point]`` whether its firm holds the same item at another stock point, other than within a recipe."""
    points = plan.points
    counts = np.where(points.alternative_of < 0, 1, 0)
    _, kind = np.unique(np.stack([points.firm, points.item]), axis=1, return_inverse=True)
    several: Bools = (np.bincount(kind.ravel(), weights=counts)[kind.ravel()] > 1) & (counts > 0)
    return several


def _joined_by_recipes(plan: Plan) -> Ints:
    """``[point]`` one stock point for all that recipes join."""
    root = list(range(len(plan.points.firm)))

    def end(point: int) -> int:
        while root[point] != point:
            root[point] = root[root[point]]
            point = root[point]
        return point

    lines = plan.lines
    joined = np.concatenate(
        [
            np.stack([plan.edges.point, plan.edges.made], axis=1),
            np.stack([lines, plan.points.alternative_of[lines]], axis=1),
        ]
    )
    for one, other in joined.tolist():
        root[end(one)] = end(other)
    return np.array([end(point) for point in range(len(root))], dtype=np.int64)


def _groups_of(plan: Plan, counted: Bools) -> list[Group]:
    points = np.flatnonzero(counted)
    tier, plant = tiers_of(plan)[plan.points.firm[points]], plants_of(plan)[points]
    return [
        group
        for one in range(tier.max(initial=-1) + 1)
        for group in _groups_of_tier(plan, one, points[tier == one], plant[tier == one])
    ]


def _groups_of_tier(plan: Plan, tier: int, points: Ints, plant: Ints) -> Iterator[Group]:
    if len(points):
        yield Group(tier, WHOLE, points)
    plants = np.unique(plant)
    if len(plants) > MOST_PLANTS:
        plants = _largest(plan, points, plant)
    if len(plants) > 1:
        yield from (Group(tier, int(its), points[plant == its]) for its in plants)


def _largest(plan: Plan, points: Ints, plant: Ints) -> Ints:
    """Plants whose planned usage is worth most, in file order."""
    demand = mean_demand(plan, 0)[:, None]
    usage = planned_usage(plan, normal_shares(plan, plan.numbers), demand)[points, 0]
    value = np.bincount(plant, weights=usage * worths(plan, plan.numbers)[points])
    return np.sort(np.argsort(-value, kind="stable")[:MOST_PLANTS])

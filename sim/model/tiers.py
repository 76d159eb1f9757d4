"""Tiers of suppliers above the makers, and the plants of firms: what is told of stock and slack together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

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


class Groups(NamedTuple):
    """Whose stock, and whose capacity, is told together.

    Attributes
    ----------
    stocked
        Tiers, and plants of tiers with several, that hold stock which is worth something.
    limited
        The same of what makes or supplies no more than a capacity allows.
    """

    stocked: list[Group]
    limited: list[Group]


def groups_of(plan: Plan) -> Groups:
    """What a plan's tiers and plants are."""
    points, worth = plan.points, worths(plan, plan.numbers)
    usage = planned_usage(
        plan, plan.numbers, normal_shares(plan, plan.numbers), mean_demand(plan, 0)[:, None]
    )[:, 0]
    placed = _Placed(tiers_of(plan)[points.firm], plants_of(plan), usage * worth)
    limit = np.minimum(points.capacity_per_day, points.recipe_capacity_per_day)
    return Groups(
        stocked=_grouped(placed, (points.supply != Supply.SOURCE) & (worth > 0.0)),
        limited=_grouped(placed, np.isfinite(limit)),
    )


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


@dataclass(frozen=True, slots=True)
class _Placed:
    """``[point]`` its tier, its plant, and what of it is used in a day, in money."""

    tier: Ints
    plant: Ints
    used: Floats


def _grouped(placed: _Placed, counted: Bools) -> list[Group]:
    points = np.flatnonzero(counted)
    tiers = placed.tier[points]
    return [
        group
        for tier in range(tiers.max(initial=-1) + 1)
        for group in _groups_of_tier(placed, tier, points[tiers == tier])
    ]


def _groups_of_tier(placed: _Placed, tier: int, points: Ints) -> Iterator[Group]:
    if len(points):
        yield Group(tier, WHOLE, points)
    plant = placed.plant[points]
    plants = _largest(plant, placed.used[points])
    if len(plants) > 1:
        yield from (Group(tier, int(its), points[plant == its]) for its in plants)


def _largest(plant: Ints, used: Floats) -> Ints:
    """Plants of which most is used, in file order."""
    plants, place = np.unique(plant, return_inverse=True)
    value = np.bincount(place, weights=used, minlength=len(plants))
    return plants[np.sort(np.argsort(-value, kind="stable")[:MOST_PLANTS])]

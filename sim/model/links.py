"""Who sells to whom upstream of the makers, and the days of which it is told how much."""

from dataclasses import dataclass

import numpy as np

from sim.model.baseline import mean_demand
from sim.model.facts import list_values, normal_shares
from sim.model.plan import Ints, Plan, rounded_days
from sim.model.schedule import planned_usage
from sim.model.tiers import tiers_of

MOST_LINKS = 24
"""Links that are told of: those on which most would be sold."""
DAYS_BEFORE, DAYS_AFTER = 91, 182
"""How long before and after the loss window they are followed."""


@dataclass(frozen=True, slots=True)
class Link:
    """All lanes and substitutes on which one firm, or maker, sells to another.

    Attributes
    ----------
    seller, buyer
        What they are called.
    seller_tier, buyer_tier
        0 for a maker.
    lanes
        Whose goods count.
    """

    seller: str
    buyer: str
    seller_tier: int
    buyer_tier: int
    lanes: Ints


def links_of(plan: Plan) -> list[Link]:
    """The links on which most would be sold at list prices, a substitute as if it stood for all."""
    lanes, firm, labels, tier = plan.lanes, plan.points.firm, plan.seller_labels, tiers_of(plan)
    sellers, buyers = firm[lanes.supplier].tolist(), firm[lanes.buyer].tolist()
    value = _planned_values(plan)
    told = ~plan.is_within_maker & (tier[firm[lanes.buyer]] >= 0) & (value > 0.0)
    found: dict[tuple[str, str], list[int]] = {}
    for lane in np.flatnonzero(told).tolist():
        found.setdefault((labels[sellers[lane]], labels[buyers[lane]]), []).append(lane)
    largest = sorted(found, key=lambda ends: -float(value[found[ends]].sum()))[:MOST_LINKS]
    return [
        Link(
            seller=seller,
            buyer=buyer,
            seller_tier=int(tier[sellers[its[0]]]),
            buyer_tier=int(tier[buyers[its[0]]]),
            lanes=np.array(its),
        )
        for (seller, buyer), its in found.items()
        if (seller, buyer) in largest
    ]


def _planned_values(plan: Plan) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """``[lane]`` what is planned to be bought on it a day; on a substitute all that its buyer uses."""
    shares = normal_shares(plan, plan.numbers)
    usage = planned_usage(plan, plan.numbers, shares, mean_demand(plan, 0)[:, None])[:, 0]
    part = np.where(plan.lanes.is_substitute, 1.0, shares)
    return usage[plan.lanes.buyer] * part * list_values(plan.numbers)


def days_followed(plan: Plan) -> tuple[int, int]:
    """First day, and the day after the last, of which links are told: around the window as it is expected."""
    shock = _expected_shock_day(plan)
    return max(0, shock - DAYS_BEFORE), min(plan.days, shock + plan.window_days + DAYS_AFTER)


def _expected_shock_day(plan: Plan) -> int:
    if plan.shock < 0:
        return 0
    table = plan.interventions
    waits = rounded_days(table.delay_days) + rounded_days(table.processing_days)
    day, at = int(waits[plan.shock]), plan.shock
    while table.after[at] >= 0:
        at = int(table.after[at])
        day += int(waits[at])
    return min(day + int(table.day[at]), plan.days)

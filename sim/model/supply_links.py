"""Who lives on whom in the undisturbed network: planned quantities as links between stock points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.model.facts import list_values, normal_shares, unit_values
from sim.model.plan import Bools, Floats, Ints, Numbers, Plan
from sim.model.schedule import planned_usage

ABSENT = -1


@dataclass(frozen=True, slots=True)
class SupplyLinks:
    """Links by which goods flow on average, and what each stock point sells.

    A link is a lane in use or an input of a recipe. Links of one buyer stand side by side, buyers in their
    turn, and among them those that bring one and the same input.

    Attributes
    ----------
    firm, item
        ``[point]`` whose it is, and what it holds.
    sold, sold_units
        ``[point]`` value and units sold a day to other firms and to markets.
    turn
        ``[point]`` its place in an order from the sources down to the customers.
    supplier, buyer
        ``[link]`` stock points at its ends.
    starts_input, starts_buyer
        ``[link]`` whether it is the first of its input, and of its buyer.
    share_of_input
        ``[link]`` share of the buyer's need of this input that it brings.
    share_of_purchases
        ``[link]`` share of the value of all that the buyer takes in.
    share_of_output
        ``[link]`` share of all that the supplier gives that goes on it.
    firms
        Number of firms.
    """

    firm: Ints
    item: Ints
    sold: Floats
    sold_units: Floats
    turn: Ints
    supplier: Ints
    buyer: Ints
    starts_input: Bools
    starts_buyer: Bools
    share_of_input: Floats
    share_of_purchases: Floats
    share_of_output: Floats
    firms: int

    @property
    def sold_by_firm(self) -> Floats:
        """``[firm]`` value sold a day to other firms and to markets."""
        by_firm: Floats = np.bincount(self.firm, weights=self.sold, minlength=self.firms).astype(np.float64)
        return by_firm


class _Planned(NamedTuple):
    """What follows point by point: planned usage a day, what a unit is worth, and normal shares of lanes."""

    usage: Floats
    value: Floats
    share: Floats


def supply_links(plan: Plan, demand_per_day: Floats) -> SupplyLinks:
    """The links of a plan, in units and prices as they are planned.

    Parameters
    ----------
    plan
        Any plan; substitutes that only a shock brings have no part in what is planned.
    demand_per_day
        ``[stream]`` units that customers ask for a day.

    Notes
    -----
    Goods sold to firms count at the list price of the lane, or where the file has none at what a unit is
    worth by :func:`sim.model.facts.unit_values`.
    """
    planned = _planned(plan, plan.numbers, demand_per_day[:, None])
    return _links(plan, demand_per_day, planned._replace(usage=planned.usage[:, 0]))


def drawn_links(plans: Sequence[Plan], numbers: Numbers, demand_per_day: Floats) -> Iterator[SupplyLinks]:
    """The links of a plan in some draws of its uncertain numbers, one after the other.

    What goes through the network point by point is worked out for all of them at once.

    Parameters
    ----------
    plans
        The plan in each draw.
    numbers
        The numbers of all draws, ``[..., draw]``.
    demand_per_day
        ``[stream, draw]``, as for :func:`supply_links`.
    """
    of_all = _planned(plans[0], numbers, demand_per_day)
    for draw, plan in enumerate(plans):
        yield _links(plan, demand_per_day[:, draw], _Planned(*(amounts[:, draw] for amounts in of_all)))


def _planned(plan: Plan, numbers: Numbers, demand: Floats) -> _Planned:
    share = normal_shares(plan, numbers)
    return _Planned(planned_usage(plan, numbers, share, demand), unit_values(plan, numbers), share)


def _links(plan: Plan, demand_per_day: Floats, planned: _Planned) -> SupplyLinks:
    lanes, edges, streams = plan.lanes, plan.edges, plan.streams
    count = len(plan.points.firm)
    usage, value, share = planned
    paid = list_values(plan.numbers)
    bought = share * usage[lanes.buyer]
    price = np.where(paid > 0.0, paid, value[lanes.supplier] * lanes.units_per_original)
    made_of = usage[edges.made] * (edges.units / plan.points.yield_share[edges.made])

    sold, sold_units = np.zeros(count), np.zeros(count)
    np.add.at(sold, streams.point, demand_per_day * streams.price)
    np.add.at(sold_units, streams.point, demand_per_day)
    traded = plan.is_trade
    np.add.at(sold, lanes.supplier[traded], (bought * price)[traded])
    np.add.at(sold_units, lanes.supplier[traded], (bought * lanes.units_per_original)[traded])

    supplier = np.concatenate([lanes.supplier, edges.point])
    buyer = np.concatenate([lanes.buyer, edges.made])
    came_by = np.concatenate([np.full(len(lanes.buyer), ABSENT), edges.point])
    taken = np.concatenate([bought * lanes.units_per_original, made_of])
    worth = np.concatenate([bought * price, made_of * value[edges.point]])
    turn = np.argsort(plan.order)
    in_use = np.flatnonzero(taken > 0.0)
    order = in_use[np.lexsort((supplier[in_use], came_by[in_use], turn[buyer[in_use]]))]
    supplier, buyer, came_by = supplier[order], buyer[order], came_by[order]
    brought = np.concatenate([bought, made_of])[order]
    starts_buyer = np.diff(buyer, prepend=ABSENT) != 0
    starts_input = starts_buyer | (np.diff(came_by, prepend=ABSENT) != 0)
    return SupplyLinks(
        firm=plan.points.firm,
        item=plan.points.item,
        sold=sold,
        sold_units=sold_units,
        turn=turn,
        supplier=supplier,
        buyer=buyer,
        starts_input=starts_input,
        starts_buyer=starts_buyer,
        share_of_input=_shares(brought, starts_input),
        share_of_purchases=_shares(worth[order], starts_buyer),
        share_of_output=taken[order] / usage[supplier],
        firms=len(plan.labels.firms),
    )


def _shares(amounts: Floats, starts: Bools) -> Floats:
    """``[link]`` share of each in the sum of its group; equal ones where all amounts of it are zero."""
    group = np.cumsum(starts) - 1
    total = np.bincount(group, weights=amounts, minlength=int(starts.sum()))[group]
    size = np.bincount(group)[group] if len(group) else total
    return np.where(total > 0.0, amounts / np.where(total > 0.0, total, 1.0), 1.0 / np.maximum(size, 1))

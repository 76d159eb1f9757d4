"""What a simulated path earns and spends on each day, for those who tell or bound days rather than a window.

Money in the measures is counted by :mod:`sim.engines.spending`.
"""

from dataclasses import dataclass

import numpy as np

from sim.engines.ledger import SimulatedPath
from sim.model.facts import carrying_costs, carrying_costs_under_way, holding_costs, set_aside_costs
from sim.model.plan import Floats, Ints, Plan


def net_unit_price(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, stream]`` price per unit after what customers deduct for substituted parts."""
    return path.schedule.unit_price.T * (1.0 - path.ledger.points.penalty[:, plan.streams.point])


def revenue(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, stream]`` revenue, booked when units are shipped."""
    return path.ledger.streams.shipped * net_unit_price(plan, path)


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of the day's closing state and of its orders and lost customers, ``[day, stock point]`` each.

    Attributes
    ----------
    holding
        On stock on hand and work in process, and on what is set aside while its shipment is paused.
    backorder
        On all that lanes, recipes and customers wait for.
    in_transit
        On goods on the way to the stock point, paid by it; what waits at its dock included.
    order
        Fixed cost of the orders placed.
    lost_sales
        On customers who left, beside the revenue.
    """

    holding: Floats
    backorder: Floats
    in_transit: Floats
    order: Floats
    lost_sales: Floats


def costs(plan: Plan, path: SimulatedPath) -> Costs:
    """What it costs to hold stock, to be short of it, to move it and to order it."""
    points, lanes, streams = path.ledger.points, path.ledger.lanes, path.ledger.streams
    numbers = plan.numbers
    carrying = carrying_costs_under_way(plan, numbers)
    kept = added_up(plan, lanes.set_aside * set_aside_costs(plan, numbers), plan.lanes.supplier)
    kept += added_up(plan, lanes.set_aside * carrying * ~plan.is_within_maker, plan.lanes.buyer)
    in_process = points.wip * carrying_costs(plan, numbers)
    moving = (lanes.in_transit - lanes.set_aside) * (plan.lanes.in_transit_cost_per_unit_day + carrying)
    return Costs(
        holding=points.on_hand * holding_costs(plan, numbers) + in_process + kept,
        backorder=points.owed * plan.points.backorder_cost_per_unit_day,
        in_transit=added_up(plan, moving, plan.lanes.buyer),
        order=(points.ordered > 0.0) * plan.points.order_cost,
        lost_sales=added_up(plan, streams.lost * plan.streams.lost_sale_cost_per_unit, plan.streams.point),
    )


def added_up(plan: Plan, flows: Floats, owner: Ints) -> Floats:
    """``[day, point]`` sums of what belongs to each stock point, in the order of the columns."""
    total = np.zeros((len(flows), len(plan.points.firm)))
    for column, point in enumerate(owner.tolist()):
        total[:, point] += flows[:, column]
    return total

"""Money, computed from units in one place."""

from dataclasses import dataclass, fields

import numpy as np

from sim.model.plan import Floats, Ints, Plan, Supply
from sim.montecarlo.batch import SimulatedPath


def net_unit_price(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, stream]`` price per unit after what customers deduct for substituted parts."""
    return path.schedule.unit_price.T * (1.0 - path.ledger.points.penalty[:, plan.streams.point])


def revenue(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, stream]`` revenue, booked when units are shipped."""
    return path.ledger.streams.shipped * net_unit_price(plan, path)


def purchases(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, lane]`` value of goods shipped less goods turned back; lanes within one firm carry none."""
    lanes, firm = plan.lanes, plan.points.firm
    units = path.ledger.lanes.shipped - path.ledger.lanes.turned_back
    between_firms = firm[lanes.supplier] != firm[lanes.buyer]
    return units * path.schedule.lane_price.T * (lanes.units_per_original * between_firms)


def unit_costs(plan: Plan, path: SimulatedPath) -> Floats:
    """``[point]`` cost at which a unit in stock is valued, at the prices of day 0.

    A bought unit costs the average of its lanes' prices, weighted by their normal shares; a made unit
    its inputs, lost yield included, and its conversion cost.
    """
    edges, points = plan.edges, plan.points
    price = path.schedule.lane_price[:, 0] * path.schedule.normal_share
    cost = np.where(np.isinf(points.unit_cost), 0.0, points.unit_cost)
    for point in plan.order:
        if not np.isinf(points.unit_cost[point]):
            continue
        if points.supply[point] == Supply.BOUGHT:
            cost[point] = price[plan.inbound[point]].sum()
        elif points.supply[point] == Supply.MADE:
            inputs = plan.inputs_of[point]
            material = (edges.units[inputs] * cost[edges.point[inputs]]).sum()
            cost[point] = material / points.yield_share[point] + points.conversion_cost[point]
    return cost


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of the day's closing state and of its orders and lost customers, ``[day, stock point]`` each.

    Attributes
    ----------
    holding
        On stock on hand, and on what is set aside while its shipment is paused.
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


COST_KINDS = tuple(field.name for field in fields(Costs))


def costs(plan: Plan, path: SimulatedPath) -> Costs:
    """What it costs to hold stock, to be short of it, to move it and to order it."""
    points, lanes, streams = path.ledger.points, path.ledger.lanes, path.ledger.streams
    set_aside = added_up(plan, lanes.set_aside * plan.lanes.units_per_original, plan.lanes.supplier)
    moving = (lanes.in_transit - lanes.set_aside) * plan.lanes.in_transit_cost_per_unit_day
    return Costs(
        holding=(points.on_hand + set_aside) * plan.points.holding_cost_per_unit_day,
        backorder=points.owed * plan.points.backorder_cost_per_unit_day,
        in_transit=added_up(plan, moving, plan.lanes.buyer),
        order=(points.ordered > 0.0) * plan.points.order_cost,
        lost_sales=added_up(plan, streams.lost * plan.streams.lost_sale_cost_per_unit, plan.streams.point),
    )


def inventory_value(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, firm]`` value at cost of stock and work in process at the end of the day."""
    stock = path.ledger.points.on_hand + path.ledger.points.wip
    value = np.where(plan.points.supply == Supply.SOURCE, 0.0, stock) * unit_costs(plan, path)
    return by_firm(plan, value)


def transit_value(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, firm]`` value at cost of the goods that are on their way to it at the end of the day."""
    units = added_up(plan, path.ledger.lanes.in_transit * plan.lanes.units_per_original, plan.lanes.buyer)
    return by_firm(plan, units * unit_costs(plan, path))


def added_up(plan: Plan, flows: Floats, owner: Ints) -> Floats:
    """``[day, point]`` sums of what belongs to each stock point."""
    return _summed(flows, owner, len(plan.points.firm))


def by_firm(plan: Plan, by_point: Floats) -> Floats:
    """``[day, firm]`` sums over the stock points of each firm."""
    return _summed(by_point, plan.points.firm, len(plan.labels.firms))


def by_seller(plan: Plan, by_stream: Floats) -> Floats:
    """``[day, firm]`` sums over the demand streams that each firm serves."""
    return _summed(by_stream, plan.points.firm[plan.streams.point], len(plan.labels.firms))


def _summed(columns: Floats, owner: Ints, count: int) -> Floats:
    """``[day, owner]`` sums of the columns of each owner, in the order of the columns."""
    total = np.zeros((len(columns), count))
    for column, index in enumerate(owner.tolist()):
        total[:, index] += columns[:, column]
    return total

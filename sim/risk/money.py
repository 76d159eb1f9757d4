"""Money, computed from units in one place."""

import numpy as np

from sim.model.plan import Floats, Plan, Supply
from sim.montecarlo.batch import Path


def net_unit_price(plan: Plan, path: Path) -> Floats:
    """``[day, stream]`` price per unit after what customers deduct for substituted parts."""
    return path.schedule.unit_price.T * (1.0 - path.ledger.points.penalty[:, plan.streams.point])


def revenue(plan: Plan, path: Path) -> Floats:
    """``[day, stream]`` revenue, booked when units are shipped."""
    return path.ledger.streams.shipped * net_unit_price(plan, path)


def purchases(plan: Plan, path: Path) -> Floats:
    """``[day, lane]`` value of goods shipped less goods turned back; lanes within one firm carry none."""
    lanes, firm = plan.lanes, plan.points.firm
    units = path.ledger.lanes.shipped - path.ledger.lanes.turned_back
    between_firms = firm[lanes.supplier] != firm[lanes.buyer]
    return units * path.schedule.lane_price.T * (lanes.units_per_original * between_firms)


def unit_costs(plan: Plan, path: Path) -> Floats:
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


def holding_cost(plan: Plan, path: Path) -> Floats:
    """``[day, firm]`` cost of holding the stock at the end of the day."""
    return _by_firm(plan, path.ledger.points.on_hand * plan.points.holding_cost_per_unit_day)


def inventory_value(plan: Plan, path: Path) -> Floats:
    """``[day, firm]`` value at cost of stock and work in process at the end of the day."""
    stock = path.ledger.points.on_hand + path.ledger.points.wip
    value = np.where(plan.points.supply == Supply.SOURCE, 0.0, stock) * unit_costs(plan, path)
    return _by_firm(plan, value)


def _by_firm(plan: Plan, by_point: Floats) -> Floats:
    by_firm = np.zeros((plan.days, len(plan.labels.firms)))
    for point, firm in enumerate(plan.points.firm):
        by_firm[:, firm] += by_point[:, point]
    return by_firm

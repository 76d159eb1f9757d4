"""Money of each day of a path, from its whole ledger."""

import numpy as np

from sim.engines.ledger import SimulatedPath
from sim.model.facts import taxed_lanes
from sim.model.plan import Floats, Ints, Plan, Supply


def purchases(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, lane]`` value of goods shipped less goods turned back; lanes within one firm carry none."""
    return _traded(plan, path, path.schedule.lane_price_paid)


def sales_to_firms(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, lane]`` the same at what sellers get."""
    return _traded(plan, path, path.schedule.lane_price_received)


def _traded(plan: Plan, path: SimulatedPath, price: Floats) -> Floats:
    lanes, firm = plan.lanes, plan.points.firm
    units = path.ledger.lanes.shipped - path.ledger.lanes.turned_back
    between_firms = firm[lanes.supplier] != firm[lanes.buyer]
    return units * price.T * (lanes.units_per_original * between_firms)


def duties(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, who bears it, taxed lane]``, buyers before sellers, of goods shipped less goods turned back."""
    schedule, taxed = path.schedule, taxed_lanes(plan)
    sent, weight = path.ledger.lanes.shipped - path.ledger.lanes.turned_back, plan.lanes.units_per_original
    bearers = (
        schedule.lane_price_paid - schedule.lane_price,
        schedule.lane_price - schedule.lane_price_received,
    )
    return np.stack([sent * weight * each.T for each in bearers], axis=1)[:, :, taxed]


def unit_costs(plan: Plan, path: SimulatedPath) -> Floats:
    """``[point]`` cost at which a unit in stock is valued, at the prices of day 0.

    A bought unit costs the average of its lanes' prices, weighted by their normal shares; a made unit
    its inputs, lost yield included, and its conversion cost. Of several
    recipes the shares count.
    """
    edges, points = plan.edges, plan.points
    price = path.schedule.lane_price_paid[:, 0] * path.schedule.normal_share
    cost = np.where(np.isinf(points.unit_cost), 0.0, points.unit_cost)
    for point in plan.order:
        if not np.isinf(points.unit_cost[point]):
            continue
        if points.supply[point] == Supply.BOUGHT:
            lanes = plan.inbound[point]
            makers = plan.lanes.supplier[lanes]
            of_lines = np.where(points.alternative_of[makers] >= 0, cost[makers], 0.0)
            cost[point] = (price[lanes] + of_lines * path.schedule.normal_share[lanes]).sum()
        elif points.supply[point] == Supply.MADE:
            inputs = plan.inputs_of[point]
            material = (edges.units[inputs] * cost[edges.point[inputs]]).sum()
            cost[point] = material / points.yield_share[point] + points.conversion_cost[point]
    return cost


def inventory_value(plan: Plan, path: SimulatedPath) -> Floats:
    """``[day, firm]`` value at cost of stock and work in process at the end of the day."""
    stock = path.ledger.points.on_hand + path.ledger.points.wip
    value = np.where(plan.points.supply == Supply.SOURCE, 0.0, stock) * unit_costs(plan, path)
    return by_firm(plan, value)


def by_firm(plan: Plan, by_point: Floats) -> Floats:
    """``[day, firm]`` sums over the stock points of each firm."""
    return _summed(by_point, plan.points.firm, len(plan.labels.firms))


def lanes_of_makers(plan: Plan) -> list[Ints]:
    """For each maker the lanes on which it sells to other firms."""
    ends = zip(plan.lanes.supplier.tolist(), plan.lanes.buyer.tolist(), strict=True)
    sold: list[list[int]] = [[] for _ in plan.labels.makers]
    for lane, (seller, buyer) in enumerate(ends):
        maker = int(plan.maker_of_firm[plan.points.firm[seller]])
        if maker >= 0 and not are_one(plan, seller, buyer):
            sold[maker].append(lane)
    return [np.array(lanes, dtype=np.int64) for lanes in sold]


def sold_by_makers(plan: Plan, by_lane: Floats) -> Floats:
    """``[day, maker]`` sums over the lanes on which each maker sells to other firms."""
    total = np.zeros((len(by_lane), len(plan.labels.makers)))
    for maker, lanes in enumerate(lanes_of_makers(plan)):
        total[:, maker] = by_lane[:, lanes].sum(axis=1)
    return total


def are_one(plan: Plan, seller: int, buyer: int) -> bool:
    """Whether two stock points are of one firm, or of firms that are one maker."""
    firms = plan.points.firm[[seller, buyer]]
    first, second = plan.maker_of_firm[firms].tolist()
    return bool(firms[0] == firms[1]) or (first == second and first >= 0)


def of_makers(plan: Plan, by_firm: Floats) -> Floats:
    """``[..., maker]`` sums of ``[..., firm]`` over the firms of each maker."""
    total = np.zeros((*by_firm.shape[:-1], len(plan.labels.makers)))
    for maker in range(len(plan.labels.makers)):
        total[..., maker] = by_firm[..., plan.maker_of_firm == maker].sum(axis=-1)
    return total


def by_seller(plan: Plan, by_stream: Floats) -> Floats:
    """``[day, firm]`` sums over the demand streams that each firm serves."""
    return _summed(by_stream, plan.points.firm[plan.streams.point], len(plan.labels.firms))


def by_selling_firm(plan: Plan, by_lane: Floats) -> Floats:
    """``[day, firm]`` sums over the lanes on which each firm sells."""
    return _summed(by_lane, plan.points.firm[plan.lanes.supplier], len(plan.labels.firms))


def _summed(columns: Floats, owner: Ints, count: int) -> Floats:
    """``[day, owner]`` sums of the columns of each owner, in the order of the columns."""
    total = np.zeros((len(columns), count))
    for column, index in enumerate(owner.tolist()):
        total[:, index] += columns[:, column]
    return total

"""What the linear program of a failure earns by what it does: revenue, or contribution margin at least costs.

Nobody earns more with the same flows. Of revenue, a unit sold earns its full price. Of margin it earns what
is left of that beyond the least that a unit can have cost, and waiting, stock and transit cost what they do.
What no flow of a program shows (orders, measures, what expires or is destroyed) costs nothing.
"""

from dataclasses import dataclass

import numpy as np

from sim.engines.block_engine import Experiment
from sim.engines.ledger import SimulatedPath, Twins
from sim.engines.replay import DailyBooks, daily_books
from sim.model.failures import StressPlan
from sim.model.plan import Bools, Effect, Floats, Ints, Plan, Supply
from sim.risk.lp_network import Customers, NetworkPart, lanes_in_use, lead_time_days
from sim.risk.margins import MARGIN, signed_entries
from sim.risk.money import added_up, costs, revenue

UNLIKE_A_STOCK = (Effect.PAUSES_RECIPE, Effect.DESTROYS_STOCK, Effect.DESTROYS_WORK)
"""Effects by which a stock is not what flows into and out of it in a program."""
UNLIKE_TRANSIT = (Effect.PAUSES_LANE, Effect.CHANGES_LEAD_TIME, Effect.DESTROYS_TRANSIT)
"""Effects by which goods are not under way for as long as in a program."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Money by the flows of a program; days count from the failure.

    Attributes
    ----------
    sold, waits
        ``[customers, day]`` earned by a unit sold, and by a unit that is not delivered at the end of the day.
    holding
        ``[stock point]`` cost of a unit in stock at the end of a day.
    shipping
        ``[lane, day]`` cost of a unit that is shipped on a day.
    undisturbed
        What the undisturbed network earns in the window, less the most that days after the program's can
        earn; minus infinity where no program knows what is earned at most.
    """

    sold: Floats
    waits: Floats
    holding: Floats
    shipping: Floats
    undisturbed: float


def worth_in_revenue(plan: Plan, network: NetworkPart, days: int) -> Worth:
    """Every sale earns its full price; who still waits after the program's days pays the highest.

    Parameters
    ----------
    plan
        The plan without chance.
    network
        A part of its network.
    days
        Days of the program.
    """
    groups = network.customers
    waits = np.zeros((len(groups), days))
    if days < plan.window_days:
        waits[:, -1] = [group.staying_share * group.highest_price for group in groups]
    return Worth(
        sold=np.array([group.price for group in groups]).reshape(-1, days),
        waits=waits,
        holding=np.zeros(len(plan.points.firm)),
        shipping=np.zeros((len(plan.lanes.supplier), days)),
        undisturbed=float(sum(group.earned - group.later for group in groups)),
    )


@dataclass(frozen=True, slots=True)
class LeastCosts:
    """What it costs at least to earn margin, whatever fails, and what the undisturbed network earns.

    Attributes
    ----------
    unit_cost
        ``[stock point]`` the least that a unit can have cost, from the day of failure on.
    holding
        ``[stock point]`` cost of a unit in stock and day; 0 where a program may hold more than the network.
    in_transit
        ``[lane]`` the same of a unit under way.
    lost, waiting
        ``[stream]`` cost of a unit that leaves, and of one that waits at the end of a day.
    sells_waste
        ``[stock point]`` whether what expires may sell for more than it has cost: no bound is known.
    undisturbed
        ``[stock point]`` margin of the undisturbed network in the window, by the stock point.
    unassigned
        What it has less than that: what is destroyed in process or under way, what its sources owe.
    """

    unit_cost: Floats
    holding: Floats
    in_transit: Floats
    lost: Floats
    waiting: Floats
    sells_waste: Bools
    undisturbed: Floats
    unassigned: float


def least_costs(stress: StressPlan, twins: Twins) -> LeastCosts:
    """Read the least costs off the undisturbed network.

    Parameters
    ----------
    stress
        The plan of a stress test with each number that changes at its best; its makers keep accounts and
        sell to markets alone.
    twins
        The undisturbed network, simulated.
    """
    plan, path = twins.plan, twins.counterfactual
    daily = daily_books(Experiment.of(plan, 0), twins)
    own, points, streams = plan.maker_of_point >= 0, plan.points, plan.streams
    is_used, opening = lanes_in_use(stress, path), _opening_costs(stress.plan, path)
    unit_cost = _least_unit_costs(_Books(stress.plan, path, daily, stress.day, is_used, opening))
    window = slice(stress.day, stress.day + plan.window_days)
    by_point = np.where(own, _margin_by_point(plan, path, daily, window), 0.0)
    sells = np.where(plan.maker_of_stream >= 0, 1.0, 0.0)
    may_wait = sells * ~np.isin(np.arange(len(sells)), path.schedule.barred_streams)
    return LeastCosts(
        unit_cost=np.where(own, unit_cost, 0.0),
        holding=np.where(own & _is_kept_track_of(plan), points.holding_cost_per_unit_day, 0.0),
        in_transit=_in_transit(plan),
        lost=streams.lost_sale_cost_per_unit * may_wait,
        waiting=points.backorder_cost_per_unit_day[streams.point] * may_wait,
        sells_waste=own & (points.shelf_life_days > 0) & (points.salvage_value_per_unit > unit_cost),
        undisturbed=by_point,
        unassigned=min(0.0, _margin(daily, window) - float(by_point.sum())),
    )


def worth_in_margin(plan: Plan, network: NetworkPart, days: int, least: LeastCosts) -> Worth:
    """Every sale earns its price less the least that the goods can have cost.

    Parameters
    ----------
    plan
        The plan with each number that changes at its best.
    network
        A part of its network.
    days
        Days of the program: all of the window.
    least
        The least costs.
    """
    groups, held = network.customers, np.concatenate([network.points, network.sources])
    shipping = np.zeros((len(plan.lanes.supplier), days))
    for lane in network.lanes[least.in_transit[network.lanes] > 0.0].tolist():
        under_way = np.minimum(lead_time_days(plan, lane), days - np.arange(days))
        shipping[lane] = least.in_transit[lane] * under_way
    has_bound = not least.sells_waste[held].any()
    return Worth(
        sold=np.array([group.price - least.unit_cost[group.point] for group in groups]).reshape(-1, days),
        waits=np.array([np.full(days, -_cost_of_waiting(group, least)) for group in groups]).reshape(
            -1, days
        ),
        holding=least.holding,
        shipping=shipping,
        undisturbed=float(least.undisturbed[held].sum()) if has_bound else -np.inf,
    )


def _cost_of_waiting(group: Customers, least: LeastCosts) -> float:
    """Of a unit not delivered: some leave at the end of the day, the others wait."""
    streams = list(group.streams)
    leaving = (1.0 - group.staying_share) * least.lost[streams].min()
    return float(leaving + group.staying_share * least.waiting[streams].min())


# ---------------------------------------------------------------------- what costs are known


def _targets(plan: Plan, kinds: tuple[Effect, ...]) -> Ints:
    """What is hit by these effects, of what happens in the undisturbed network."""
    happens = plan.interventions.probability[plan.effects.intervention] > 0.0
    return plan.effects.target[np.isin(plan.effects.kind, kinds) & happens]


def _is_kept_track_of(plan: Plan) -> Bools:
    """``[stock point]`` whether its stock is what a program's flows leave of it, and no less."""
    known = plan.points.shelf_life_days == 0
    known[_targets(plan, UNLIKE_A_STOCK)] = False
    known[plan.lanes.buyer[_targets(plan, UNLIKE_TRANSIT)]] = False
    known[plan.edges.point[_targets(plan, (Effect.CHANGES_INPUT_UNITS,))]] = False
    wasteful = np.isin(plan.edges.made, _targets(plan, (Effect.CHANGES_YIELD,)))
    known[plan.edges.point[wasteful]] = False
    return known


def _in_transit(plan: Plan) -> Floats:
    pays = plan.maker_of_point[plan.lanes.buyer] >= 0
    pays[_targets(plan, UNLIKE_TRANSIT)] = False
    return np.where(pays, plan.lanes.in_transit_cost_per_unit_day, 0.0)


# ---------------------------------------------------------------------- what a unit costs at least


@dataclass(frozen=True, slots=True)
class _Books:
    """The books of the undisturbed network when the failure begins.

    Attributes
    ----------
    best
        The plan with each number that changes at its best.
    path, daily, day
        What was simulated, what its books say, and the day of failure.
    is_used
        ``[lane]`` whether anything can be under way on it from then on.
    opening
        ``[stock point]`` what a unit is valued at before the first day, or less.
    """

    best: Plan
    path: SimulatedPath
    daily: DailyBooks
    day: int
    is_used: Bools
    opening: Floats

    def in_stock(self) -> Floats:
        """``[stock point]`` cost of a unit on hand when the failure begins."""
        return self.daily.unit_cost[1, self.day - 1] if self.day else self.opening

    def in_process(self, point: int) -> list[float]:
        """What a unit can have cost that is in process then: as on the days on which it was started."""
        days = np.arange(self.day)
        begun = days[days + self.path.schedule.process_days[point, : self.day] >= self.day]
        found = [_cost_of_making(self.best, point, self.daily.unit_cost[1, at]) for at in begun.tolist()]
        is_old = self.best.points.initial_work_in_process[point] > 0.0
        is_left = self.path.schedule.initial_completion_day[point, : len(is_old)][is_old] >= self.day
        return found + ([float(self.opening[point])] if is_left.any() else [])

    def on_the_way(self, lane: int) -> list[float]:
        """What a unit can have cost its supplier that is then under way on a lane within a maker."""
        supplier, lanes = int(self.best.lanes.supplier[lane]), self.path.ledger.lanes
        sent = lanes.shipped[: self.day, lane] > 0.0
        sent &= lanes.arrival_day[: self.day, lane] >= self.day
        found: list[float] = self.daily.unit_cost[1, : self.day, supplier][sent].tolist()
        is_old = self.best.lanes.initial_in_transit[lane] > 0.0
        is_left = self.path.schedule.initial_arrival_day[lane, : len(is_old)][is_old] >= self.day
        return found + ([float(self.opening[supplier])] if is_left.any() else [])


def _least_unit_costs(books: _Books) -> Floats:
    """``[stock point]`` the least of all that is mixed in a stock: an average is no less than that."""
    best, stock = books.best, books.in_stock()
    price = books.path.schedule.lane_price_paid.min(axis=1)
    least = np.zeros(len(stock))
    for point in best.order[best.maker_of_point[best.order] >= 0].tolist():
        found = [books.opening[point] if best.points.supply[point] == Supply.SOURCE else stock[point]]
        if best.points.supply[point] == Supply.MADE:
            found += [_cost_of_making(best, point, least), *books.in_process(point)]
        inbound = best.inbound[point]
        for lane in inbound[books.is_used[inbound]].tolist():
            each = [price[lane]]
            if best.is_within_maker[lane]:
                each = [least[best.lanes.supplier[lane]], *books.on_the_way(lane)]
            found += [best.lanes.units_per_original[lane] * cost for cost in each]
        least[point] = min(found)
    return least


def _opening_costs(best: Plan, path: SimulatedPath) -> Floats:
    """``[stock point]`` what a unit is valued at before the first day, or less; 0 where no books are kept."""
    opening = np.zeros(len(best.points.firm))
    for point in best.order[best.maker_of_point[best.order] >= 0].tolist():
        if np.isfinite(best.points.unit_cost[point]):
            opening[point] = best.points.unit_cost[point]
        elif best.points.supply[point] == Supply.MADE:
            opening[point] = _cost_of_making(best, point, opening)
        else:
            lanes = best.inbound[point]
            suppliers = opening[best.lanes.supplier[lanes]]
            each = np.where(best.is_within_maker[lanes], suppliers, path.schedule.lane_price_paid[lanes, 0])
            usual = best.lanes.units_per_original[lanes] * path.schedule.normal_share[lanes]
            opening[point] = float((each * usual).sum())
    return opening


def _cost_of_making(best: Plan, point: int, cost: Floats) -> float:
    """Of a good unit, from inputs at some cost each, with least use and the highest yield."""
    edges = best.inputs_of[point]
    material = float((best.edges.units[edges] * cost[best.edges.point[edges]]).sum())
    return material / float(best.points.yield_share[point]) + float(best.points.conversion_cost[point])


# ---------------------------------------------------------------------- the undisturbed network's margin


def _margin_by_point(plan: Plan, path: SimulatedPath, daily: DailyBooks, window: slice) -> Floats:
    """``[stock point]`` margin in the window, but for what is destroyed and what sources cost to run."""
    points, streams, cost = path.ledger.points, path.ledger.streams, np.nan_to_num(daily.unit_cost[1])
    sales = revenue(plan, path) - streams.shipped * cost[:, plan.streams.point]
    margin = added_up(plan, sales, plan.streams.point)
    running = costs(plan, path)
    charged = running.holding + running.backorder + running.in_transit + running.order + running.lost_sales
    margin -= charged * (plan.points.supply != Supply.SOURCE)
    margin -= points.expired * (cost - plan.points.salvage_value_per_unit)
    total = margin[window].sum(axis=0)
    qualified = path.ledger.qualified_day
    in_window = (qualified >= window.start) & (qualified < window.stop)
    paid_at = plan.lanes.buyer[plan.substitutes.lane]
    np.add.at(total, paid_at, -plan.substitutes.qualification_cost * in_window)
    return total


def _margin(daily: DailyBooks, window: slice) -> float:
    """What the accounts say that all makers earn in the window."""
    sales, booked, running = (table[1, window] for table in (daily.market_sales, daily.booked, daily.running))
    by_maker = (np.swapaxes(table, -1, -2) for table in (booked, running))
    entries = signed_entries(sales, *by_maker)
    return float(sum(amounts.sum() for _, part, amounts in entries if part == MARGIN))

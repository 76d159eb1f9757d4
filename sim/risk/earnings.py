"""What a firm earns in a scenario, from the close of the first simulated day to the close of the last.

    earned = revenue - purchases - conversion - running costs + change of stock

Stock counts at what the model charges for the bought parts in it; what conversion costs is charged when a
unit is sold. So stock that is there from the first day to the last costs what it costs to hold, and what is
bought for stock costs its purchase when it is used.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from sim.engines.spending import added_up
from sim.model.facts import normal_shares
from sim.model.plan import NEVER, Floats, Interventions, Observations, Plan, Supply
from sim.risk.duties import lane_sales, value_before_duty
from sim.risk.outcomes import Outcome

OPENING_DAY = 0
"""The day at whose close the account begins."""


@dataclass(frozen=True, slots=True)
class Earnings:
    """What a firm earns and what it spends, in money, ``[replication]`` each.

    Attributes
    ----------
    revenue
        Sales to markets, and to other firms, less what it bears of duties.
    purchases
        Goods that other firms sent it, with what it bears of duties.
    conversion
        Cost of making what was sold, beside the inputs.
    running
        Costs of holding stock, of backorders, of transit, of orders and of lost sales.
    stock_change
        Value of stock, of work in process and of goods on their way to the firm, at the end less at the
        beginning.
    """

    revenue: Floats
    purchases: Floats
    conversion: Floats
    running: Floats
    stock_change: Floats

    @property
    def earned(self) -> Floats:
        """What is left."""
        return self.revenue - self.purchases - self.conversion - self.running + self.stock_change


def accounted(plan: Plan, maker: str) -> Plan:
    """The plan, of whose batches :func:`earnings` can be told.

    Its window is the whole account, its stock is valued at bought parts, and its observations are the maker's
    stocks at the beginning and at the end.

    Parameters
    ----------
    plan
        A plan, compiled.
    maker
        Id of a maker of the headline.
    """
    stock = "unit_cost"
    inputs = tuple(
        dataclasses.replace(item, cells=tuple(cell for cell in item.cells if cell.field != stock))
        for item in plan.inputs
    )
    firm, ends = plan.labels.firms.index(maker), np.array([OPENING_DAY, plan.days - 1])
    return dataclasses.replace(
        _with_opening(plan),
        inputs=inputs,
        points=dataclasses.replace(plan.points, unit_cost=costs_of_a_unit(plan)[0]),
        observations=Observations(np.full(2, firm), np.zeros(2, bool), np.ones(2, bool), ends, ends),
        window_days=plan.days,
    )


def earnings(plan: Plan, outcomes: Outcome, maker: str) -> Earnings:
    """What the maker earns in the scenario of each replication.

    Parameters
    ----------
    plan
        What :func:`accounted` made of a plan.
    outcomes
        Of its batch.
    maker
        Id of a maker of the headline.
    """
    firm = plan.labels.firms.index(maker)
    point, lanes = plan.streams.point, plan.lanes
    seller, buyer = plan.points.firm[lanes.supplier], plan.points.firm[lanes.buyer]
    own, sold, bought = plan.points.firm[point] == firm, seller == firm, buyer == firm
    revenue, units, traded = (
        values[:, 0] for values in (outcomes.stream_revenue, outcomes.stream_units, outcomes.lane_value)
    )
    sales, untaxed = lane_sales(plan, outcomes)[:, 0], value_before_duty(plan, outcomes)[:, 0]
    conversion = costs_of_a_unit(plan)[1]
    price = lanes.price * (1.0 + lanes.price_penalty)
    by_value = np.divide(conversion[lanes.supplier], price, out=np.zeros_like(price), where=price > 0.0)
    opening, closing = outcomes.observed.T
    return Earnings(
        revenue=added_up(revenue[:, own].T) + added_up(sales[:, sold].T),
        purchases=added_up(traded[:, bought].T),
        conversion=added_up((units * conversion[point])[:, own].T)
        + added_up((untaxed * by_value)[:, sold].T),
        running=added_up(outcomes.cost[:, 0, :, plan.makers.tolist().index(firm)].T),
        stock_change=closing - opening,
    )


def costs_of_a_unit(plan: Plan) -> tuple[Floats, Floats]:
    """``[point]`` what the bought parts in a unit cost, and its conversion: expected, at the prices of day 0.

    Parts come at the prices of the lanes between firms, in their normal shares; a lane within a firm adds
    nothing.
    """
    lanes, points, edges = plan.lanes, plan.points, plan.edges
    share = normal_shares(plan, plan.numbers)
    is_bought = points.firm[lanes.supplier] != points.firm[lanes.buyer]
    parts, conversion = np.zeros(len(points.firm)), np.zeros(len(points.firm))
    for point in plan.order.tolist():
        if points.supply[point] == Supply.BOUGHT:
            into, source = plan.inbound[point], lanes.supplier[plan.inbound[point]]
            parts[point] = (share[into] * np.where(is_bought[into], lanes.price[into], parts[source])).sum()
            conversion[point] = (share[into] * np.where(is_bought[into], 0.0, conversion[source])).sum()
        elif points.supply[point] == Supply.MADE:
            needs = plan.inputs_of[point]
            need = edges.units[needs] / points.yield_share[point]
            parts[point] = (need * parts[edges.point[needs]]).sum()
            conversion[point] = points.conversion_cost[point] + (need * conversion[edges.point[needs]]).sum()
    return parts, conversion


def _with_opening(plan: Plan) -> Plan:
    """The plan whose window begins on the day after the opening: with an intervention that does nothing."""
    row = {
        "day": OPENING_DAY + 1,
        "after": -1,
        "end_day": NEVER,
        "probability": 1.0,
        "duration_days": np.inf,
        "factor": 1.0,
        "target_factor": 1.0,
    }
    old = plan.interventions
    added = {
        field.name: np.append(column, np.asarray(row.get(field.name, 0)).astype(column.dtype))
        for field in dataclasses.fields(Interventions)
        for column in [getattr(old, field.name)]
    }
    return dataclasses.replace(
        plan,
        labels=dataclasses.replace(plan.labels, interventions=(*plan.labels.interventions, "the opening")),
        interventions=Interventions(**added),
        shock=len(old.day),
    )

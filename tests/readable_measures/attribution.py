"""Who is to blame for lost revenue, from whole ledgers: every day's loss, handed out in full."""

import numpy as np

from sim.engines.ledger import SimulatedPath, Twins
from sim.model.causes import Causes
from sim.model.plan import Bools, Effect, Floats, Plan, Supply
from sim.risk.money import net_unit_price
from tests.readable_measures.money import lanes_of_makers, sales_to_firms

LANE_KINDS = (
    Effect.CHANGES_LANE_CAPACITY,
    Effect.CHANGES_LANE_CAPACITY_SHARE,
    Effect.CHANGES_SHARE,
    Effect.CHANGES_LEAD_TIME,
    Effect.DESTROYS_TRANSIT,
)
"""What makes a lane bring less, beside rules and pauses."""


def attribute(twins: Twins, first_day: int, unit_cost: Floats | float = 0.0) -> Floats:
    """Hand out the loss of revenue, or of margin, to causes.

    Each day the recipes held back say which input bound them; a bought input blames the lanes that
    deliver less than in the counterfactual, or what holds back their suppliers. What the counterfactual
    would suffer as well is nobody's fault. On days of loss without a recipe held back, the last (else
    the next) day with one speaks.

    Parameters
    ----------
    twins
        The replication.
    first_day
        Day from which losses are handed out.
    unit_cost
        ``[day, stream]`` what a unit costs in the counterfactual that is sold there; 0 for revenue.

    Returns
    -------
    ndarray
        ``[day from first_day, maker, cause]`` loss in the scenario's currency; the sum over causes is the
        loss of the maker on the day.
    """
    plan, causes = twins.plan, Causes.of(twins.plan)
    supply_loss, own_loss, discount = _loss_parts(twins, first_day, unit_cost)
    weights = _weights(twins, causes, first_day)
    penalised = _penalised(twins, causes, first_day, weights)
    loss = np.zeros((plan.days - first_day, len(plan.labels.makers), causes.count))
    for maker in range(len(plan.labels.makers)):
        for stream in np.flatnonzero(plan.maker_of_stream == maker).tolist():
            point = int(plan.streams.point[stream])
            loss[:, maker] += supply_loss[:, stream, None] * weights[point]
            loss[:, maker] += discount[:, stream, None] * penalised[point]
            switched = _switched_loss(twins, stream, first_day, unit_cost)
            by_cause, of_nobody = _by_cause_of_leaving(twins, stream, first_day, weights[point], switched)
            loss[:, maker] += by_cause
            loss[:, maker, causes.stream(stream)] += own_loss[:, stream] - switched + of_nobody
    if np.isscalar(unit_cost):
        _attribute_trade(twins, first_day, weights, loss)
    return loss


def _attribute_trade(twins: Twins, first_day: int, weights: dict[int, Floats], loss: Floats) -> None:
    """Add lost sales to other firms: what they wait for longer is short supply, the rest the lane's own."""
    plan, scenario, normal = twins.plan, twins.scenario, twins.counterfactual
    lost = sales_to_firms(plan, normal) - sales_to_firms(plan, scenario)
    waits = np.diff(scenario.ledger.lanes.backlog - normal.ledger.lanes.backlog, axis=0, prepend=0.0)
    late = waits * normal.schedule.lane_price_received.T * plan.lanes.units_per_original
    for maker, sold_on in enumerate(lanes_of_makers(plan)):
        for lane in sold_on.tolist():
            point = int(plan.lanes.supplier[lane])
            loss[:, maker] += late[first_day:, lane, None] * weights[point]
            loss[:, maker, lane] += (lost - late)[first_day:, lane]


def _switched_loss(twins: Twins, stream: int, first_day: int, unit_cost: Floats | float) -> Floats:
    """``[day]`` what is lost for want of a stream's customers who have switched."""
    scenario, normal = (path.ledger.streams.switched for path in (twins.scenario, twins.counterfactual))
    net = net_unit_price(twins.plan, twins.counterfactual) - unit_cost
    loss: Floats = ((scenario - normal) * net)[first_day:, stream]
    return loss


def _by_cause_of_leaving(
    twins: Twins, stream: int, first_day: int, weights: Floats, loss: Floats
) -> tuple[Floats, Floats]:
    """``[day, cause]`` a loss handed out by why customers have left before, and ``[day]`` what is not."""
    table = twins.plan.streams
    lost, normal = (path.ledger.streams.lost for path in (twins.scenario, twins.counterfactual))
    left = np.maximum(0.0, lost - normal)[first_day:, stream]
    per_unit = table.switching_share[stream] / table.repurchase_days[stream]
    by_cause, of_nobody = np.zeros_like(weights), np.zeros_like(loss)
    for day in range(len(loss)):
        ages = np.arange(day - 1, -1, -1)
        away = left[:day] * per_unit * 0.5 ** (ages / table.switching_half_life_days[stream])
        if away.sum() > 0.0 and table.switches[stream]:
            by_cause[day] = loss[day] * (away @ weights[:day]) / away.sum()
        else:
            of_nobody[day] = loss[day]
    return by_cause, of_nobody


def _loss_parts(twins: Twins, first_day: int, unit_cost: Floats | float) -> tuple[Floats, Floats, Floats]:
    """Loss of each stream and day by short supply, by less demand or lower prices, and by discounts."""
    plan, scenario, normal = twins.plan, twins.scenario, twins.counterfactual
    net = net_unit_price(plan, normal) - unit_cost
    short = (normal.ledger.streams.shipped - scenario.ledger.streams.shipped) * net
    withheld = scenario.ledger.streams.withheld - normal.ledger.streams.withheld
    demand = (normal.ledger.streams.demand - scenario.ledger.streams.demand + withheld) * net
    point = plan.streams.point
    penalty, normal_penalty = scenario.ledger.points.penalty[:, point], normal.ledger.points.penalty[:, point]
    price, normal_price = scenario.schedule.unit_price.T, normal.schedule.unit_price.T
    sold = scenario.ledger.streams.shipped
    repriced = sold * (normal_price - price) * (1.0 - normal_penalty)
    discount = sold * price * (penalty - normal_penalty)
    return (short - demand)[first_day:], (demand + repriced)[first_day:], discount[first_day:]


def _weights(twins: Twins, causes: Causes, first_day: int) -> dict[int, Floats]:
    """For each stock point, ``[day, cause]`` shares of blame for its shortage; each row sums to one."""
    plan = twins.plan
    weights: dict[int, Floats] = {}
    for point in plan.order.tolist():
        supply = plan.points.supply[point]
        if supply == Supply.BOUGHT:
            blame = _blame_of_bought(twins, causes, first_day, point, weights)
        elif supply == Supply.MADE:
            blame = _blame_of_made(twins, causes, first_day, point, weights)
        else:
            blame = np.zeros((plan.days - first_day, causes.count))
        weights[point] = _normalised(blame, causes.point(point))
    return weights


def _blame_of_bought(
    twins: Twins, causes: Causes, first_day: int, point: int, weights: dict[int, Floats]
) -> Floats:
    """Blame by what each lane has delivered less than in the counterfactual since the first day.

    A lane that rules or disruptions hold up is the cause itself; another passes the blame to its supplier.
    """
    plan = twins.plan
    blame = np.zeros((plan.days - first_day, causes.count))
    delivered = twins.scenario.ledger.lanes.delivered[first_day:]
    normal = twins.counterfactual.ledger.lanes.delivered[first_day:]
    held_up = _ever_held_up(twins, first_day)
    for lane in plan.inbound[point].tolist():
        missing = np.maximum(0.0, np.cumsum(normal[:, lane] - delivered[:, lane]))
        if held_up[lane]:
            blame[:, lane] += missing
        else:
            blame += missing[:, None] * weights[int(plan.lanes.supplier[lane])]
    wasted = _wasted(twins, point)[first_day:]
    blame[:, causes.point(point)] += np.maximum(0.0, np.cumsum(wasted))
    return blame


def _wasted(twins: Twins, point: int) -> Floats:
    """``[day]`` stock lost, and drawn more of by recipes, beyond the counterfactual."""
    plan, ledgers = twins.plan, (twins.scenario.ledger.points, twins.counterfactual.ledger.points)
    wasted = ledgers[0].written_off[:, point] - ledgers[1].written_off[:, point]
    for edge in plan.uses_of[point].tolist():
        more = _input_units(twins.scenario, plan, edge) - _input_units(twins.counterfactual, plan, edge)
        wasted = wasted + ledgers[0].started[:, plan.edges.made[edge]] * more
    return wasted


def _input_units(path: SimulatedPath, plan: Plan, edge: int) -> Floats:
    """``[day]`` units of an input that a recipe needs for each that it starts."""
    for its in path.schedule.changed:
        if its.kind == Effect.CHANGES_INPUT_UNITS and its.target == edge:
            return its.values
    return np.full(plan.days, plan.edges.units[edge])


def _blame_of_made(
    twins: Twins, causes: Causes, first_day: int, point: int, weights: dict[int, Floats]
) -> Floats:
    """Blame by the inputs, or the capacity, that held the recipe back more than in the counterfactual."""
    plan, scenario, normal = twins.plan, twins.scenario.ledger, twins.counterfactual.ledger
    blame = np.zeros((plan.days - first_day, causes.count))
    for edge in plan.inputs_of[point].tolist():
        held = _excess(scenario.held_back[first_day:, edge], normal.held_back[first_day:, edge])
        if held.any():
            blame += held[:, None] * weights[int(plan.edges.point[edge])]
    own = _excess(
        scenario.points.capacity_held[first_day:, point], normal.points.capacity_held[first_day:, point]
    )
    good, usual = (
        path.schedule.yield_share[point, first_day:] for path in (twins.scenario, twins.counterfactual)
    )
    own += scenario.points.started[first_day:, point] * np.maximum(0.0, usual - good)
    for field in ("written_off", "work_written_off"):
        ours, theirs = (getattr(ledger.points, field)[first_day:, point] for ledger in (scenario, normal))
        own += _excess(ours, theirs)
    blame[:, causes.point(point)] += own
    return blame


def _penalised(twins: Twins, causes: Causes, first_day: int, weights: dict[int, Floats]) -> dict[int, Floats]:
    """For each point, ``[day, cause]`` shares of blame for what customers deduct for substituted parts.

    A bought input that holds substitutes blames whatever keeps the originals away.
    """
    plan = twins.plan
    penalty = _excess(twins.scenario.ledger.points.penalty, twins.counterfactual.ledger.points.penalty)
    shares = dict(weights)
    for point in plan.order[plan.points.supply[plan.order] == Supply.MADE].tolist():
        carried = np.zeros((plan.days - first_day, causes.count))
        for source in plan.edges.point[plan.inputs_of[point]].tolist():
            carried += penalty[first_day:, source, None] * shares[source]
        shares[point] = _normalised(carried, causes.point(point))
    return shares


def _excess(scenario: Floats, normal: Floats) -> Floats:
    excess: Floats = np.maximum(0.0, scenario - normal)
    return excess


def _ever_held_up(twins: Twins, first_day: int) -> Bools:
    """``[lane]`` whether a rule restricts it, or the shock pauses it or changes what it brings."""
    scenario, normal = twins.scenario.schedule, twins.counterfactual.schedule
    paused = scenario.paused_lanes & ~normal.paused_lanes
    held_up = np.array(paused[:, :, first_day:].any(axis=(0, 2)))
    limited = (scenario.open_share < 1.0) | scenario.under_quota
    restricted = limited[:, first_day:].any(axis=1)
    held_up[scenario.restricted_lanes[restricted]] = True
    effects, timing, usual = twins.plan.effects, scenario.timing, normal.timing
    for kind, intervention, lane in zip(effects.kind, effects.intervention, effects.target, strict=True):
        span, usual_span = ((its.start[intervention], its.end[intervention]) for its in (timing, usual))
        if kind in LANE_KINDS and span != usual_span and span[0] < twins.plan.days:
            held_up[lane] = True
    return held_up


def _normalised(blame: Floats, own_cause: int) -> Floats:
    """Rows that sum to one; rows without blame take the last before, else the next, else the point's own."""
    total = blame.sum(axis=1)
    known = np.flatnonzero(total > 0.0)
    if len(known) == 0:
        blame[:, own_cause] = 1.0
        return blame
    last = np.searchsorted(known, np.arange(len(total)), side="right") - 1
    row = known[np.maximum(last, 0)]
    return blame[row] / total[row, None]

"""What an engine writes down: every state and flow of every day."""

from dataclasses import dataclass, fields

import numpy as np

from sim.model.plan import NEVER, Floats, Ints, Plan


@dataclass(frozen=True, slots=True)
class PointLedger:
    """``[day, stock point]``, in the item's units; states are those at the end of the day.

    Attributes
    ----------
    on_hand, on_order, owed
        Stock; units ordered but not received (supplier backlog, transit, waiting and running production);
        units that lanes, streams and recipes wait for. Position = on_hand + on_order - owed.
    waiting
        Production ordered and not started, in units to start.
    wip
        Good units that will come out of running production.
    ordered, received, started, produced, consumed, returned, shipped
        Flows of the day: orders placed, goods in, production begun, good units finished, inputs drawn by
        recipes, goods turned back on their way to buyers, goods out to lanes and streams.
    capacity_held
        Production held back by the point's own capacity.
    penalty
        Share of the price that customers deduct for substituted parts.
    """

    on_hand: Floats
    on_order: Floats
    owed: Floats
    waiting: Floats
    wip: Floats
    ordered: Floats
    received: Floats
    started: Floats
    produced: Floats
    consumed: Floats
    returned: Floats
    shipped: Floats
    capacity_held: Floats
    penalty: Floats


@dataclass(frozen=True, slots=True)
class LaneLedger:
    """``[day, lane]``, in the buyer's units; ``arrival_day`` is the day today's shipment arrives.

    ``refused`` is what would have been ordered on the lane had it been open; ``cancelled`` the supplier's
    backlog lost when it closed; ``turned_back`` what returned from transit.
    """

    ordered: Floats
    refused: Floats
    cancelled: Floats
    turned_back: Floats
    shipped: Floats
    delivered: Floats
    backlog: Floats
    in_transit: Floats
    arrival_day: Floats


@dataclass(frozen=True, slots=True)
class StreamLedger:
    """``[day, stream]``: units demanded, shipped (sales), lost for good, waiting at the end of the day."""

    demand: Floats
    shipped: Floats
    lost: Floats
    backlog: Floats


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole record of one simulated path.

    Attributes
    ----------
    held_back
        ``[day, edge]`` production (in units of output) that waited because this input bound it.
    qualified_day
        ``[substitute]`` day on which it was qualified; ``NEVER`` if it was not.
    """

    points: PointLedger
    lanes: LaneLedger
    streams: StreamLedger
    held_back: Floats
    qualified_day: Ints


def blank(plan: Plan) -> Ledger:
    """A ledger of zeros for a plan."""

    def table(kind: type, width: int) -> dict[str, Floats]:
        return {field.name: np.zeros((plan.days, width)) for field in fields(kind)}

    return Ledger(
        points=PointLedger(**table(PointLedger, len(plan.points.firm))),
        lanes=LaneLedger(**table(LaneLedger, len(plan.lanes.supplier))),
        streams=StreamLedger(**table(StreamLedger, len(plan.streams.point))),
        held_back=np.zeros((plan.days, len(plan.edges.point))),
        qualified_day=np.full(len(plan.substitutes.lane), NEVER),
    )


def settle(plan: Plan, ledger: Ledger) -> None:
    """Fill in what follows from the rest: units on order, and units that others wait for."""
    points, lanes, streams, edges = ledger.points, ledger.lanes, ledger.streams, plan.edges
    for point in plan.order.tolist():
        points.on_order[:, point] = (
            points.waiting[:, point] * plan.points.yield_share[point] + points.wip[:, point]
        )
        for lane in plan.inbound[point].tolist():
            points.on_order[:, point] += lanes.backlog[:, lane] + lanes.in_transit[:, lane]
        points.owed[:, point] = 0.0
        for lane in plan.outbound[point].tolist():
            points.owed[:, point] += lanes.backlog[:, lane] * plan.lanes.units_per_original[lane]
        for stream in plan.streams_at[point].tolist():
            points.owed[:, point] += streams.backlog[:, stream]
        for edge in plan.uses_of[point].tolist():
            points.owed[:, point] += points.waiting[:, edges.made[edge]] * edges.units[edge]

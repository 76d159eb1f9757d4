"""What an engine writes down of a path: every state and flow of every day."""

from dataclasses import dataclass, fields

import numpy as np

from sim.model.plan import NEVER, Bools, Effect, Floats, Ints, Pause, Plan
from sim.model.schedule import Schedule
from sim.model.travel import held_at_dock


@dataclass(frozen=True, slots=True)
class PointLedger:
    """``[day, stock point]``, in the item's units; states are those at the end of the day.

    Attributes
    ----------
    on_hand, on_order, owed
        Stock; units ordered but not received (orders under way, supplier backlog, transit, waiting and
        running production);
        units that lanes, streams and recipes wait for. Position = on_hand + on_order - owed.
    waiting
        Production ordered and not started, in units to start.
    wip
        Good units that will come out of running production.
    ordered, received, started, produced, consumed, returned, shipped, expired
        Flows of the day: orders placed, goods in, production begun, good units finished, inputs drawn by
        recipes, goods turned back on their way to buyers, goods out to lanes and streams, stock
        at the end of its shelf life.
    written_off, work_written_off
        Stock on hand, and good units in process, that are destroyed on the day.
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
    expired: Floats
    written_off: Floats
    work_written_off: Floats
    capacity_held: Floats
    penalty: Floats


@dataclass(frozen=True, slots=True)
class LaneLedger:
    """``[day, lane]``, in the buyer's units; ``arrival_day`` is the day today's shipment arrives.

    ``orders_under_way`` have been placed and have not reached the supplier. ``refused`` is what would have
    been ordered on the lane had it been open; ``cancelled`` the supplier's backlog, and what is on its way to
    it, lost when it closed; ``turned_back`` what returned from transit, ``written_off`` what was destroyed
    there. What the supplier has let go of and the buyer has not received is ``in_transit``; of that,
    ``set_aside`` has not left because shipments are paused, and ``at_dock`` has arrived but waits because
    receipts are. ``shipped`` leaves the stock, ``sent`` the supplier: what is set aside is shipped on its day
    and sent when the pause ends.
    """

    ordered: Floats
    refused: Floats
    cancelled: Floats
    turned_back: Floats
    written_off: Floats
    shipped: Floats
    delivered: Floats
    orders_under_way: Floats
    backlog: Floats
    in_transit: Floats
    sent: Floats
    set_aside: Floats
    at_dock: Floats
    arrival_day: Floats


@dataclass(frozen=True, slots=True)
class StreamLedger:
    """``[day, stream]``: units demanded, shipped (sales), lost for good, waiting at the end of the day.

    ``switched`` is what the stream's customers would have demanded had they not switched. ``backlog`` waits
    for goods, ``barred`` for the law; ``withheld`` became barred on the day, less what no longer is.
    """

    demand: Floats
    switched: Floats
    shipped: Floats
    lost: Floats
    backlog: Floats
    barred: Floats
    withheld: Floats


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


@dataclass(frozen=True, slots=True)
class SimulatedPath:
    """One simulated path: what was given and what came out."""

    schedule: Schedule
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Twins:
    """A replication: the scenario and its counterfactual, from the same random numbers.

    The plan holds the replication's samples of the uncertain inputs.
    """

    plan: Plan
    scenario: SimulatedPath
    counterfactual: SimulatedPath


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


def settle(plan: Plan, schedule: Schedule, lanes: LaneLedger) -> None:
    """Fill in what follows from the rest: what is held up on the way, and when it left."""
    lanes.sent[:] = lanes.shipped
    kept = np.ones_like(lanes.shipped)
    kept[:, schedule.restricted_lanes] -= schedule.turned_back.T
    for its in schedule.destroyed:
        if its.kind == Effect.DESTROYS_TRANSIT:
            kept[:, its.target] *= 1.0 - its.values
    held_up = np.logical_or.reduce(schedule.paused_lanes, axis=2)
    for lane in np.flatnonzero(held_up[Pause.SHIPMENTS]).tolist():
        paused = schedule.paused_lanes[Pause.SHIPMENTS, lane]
        set_aside = _set_aside(paused, lanes.shipped[:, lane], kept[:, lane])
        before = np.concatenate([[0.0], set_aside[:-1]]) * kept[:, lane]
        lanes.set_aside[:, lane] = set_aside
        lanes.sent[:, lane] += np.where(paused, -lanes.shipped[:, lane], before)
    for lane in np.flatnonzero(held_up[Pause.RECEIPTS]).tolist():
        lanes.at_dock[:, lane] = _at_dock(plan, schedule, lanes, lane, kept[:, lane])


def _set_aside(paused: Bools, shipped: Floats, kept: Floats) -> Floats:
    """``[day]`` units that wait to leave: on a paused day those of yesterday and today, else none."""
    waiting, total = np.zeros(len(shipped)), 0.0
    for day in range(len(shipped)):
        total = total * kept[day] + shipped[day] if paused[day] else 0.0
        waiting[day] = total
    return waiting


def _at_dock(plan: Plan, schedule: Schedule, lanes: LaneLedger, lane: int, kept: Floats) -> Floats:
    """``[day]`` units that wait to be received; unless orders cross, none overtakes another to the dock."""
    slots = np.flatnonzero(plan.lanes.initial_in_transit[lane])
    days = np.flatnonzero(lanes.shipped[:, lane])
    sent = np.concatenate([np.full(len(slots), -1), days])
    dock_day = np.concatenate([schedule.initial_dock_day[lane, slots], days + schedule.dock_days[lane, days]])
    if not plan.lanes.order_crossing[lane]:
        dock_day = np.maximum.accumulate(dock_day)
    received = np.concatenate(
        [schedule.initial_arrival_day[lane, slots], lanes.arrival_day[days, lane].astype(np.int64)]
    )
    units = np.concatenate([plan.lanes.initial_in_transit[lane, slots], lanes.shipped[days, lane]])
    return held_at_dock(sent, dock_day, received, units, kept)

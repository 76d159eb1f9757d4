"""Sales to other firms, over lanes: their revenue, and who is to blame where it is lost.

A firm sells what it ships on a lane to another firm less what turns back, at what it gets on the day. Of a
loss, what the buyer waits for longer is short supply, which the seller's stock point passes on; all else is
the lane's own: a buyer that orders less, a rule that closes it, goods that turn back, another price.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.engines.blame import Blame, Web, add_what_is_due
from sim.engines.compiler import inlined, part
from sim.engines.kernel import BlockPath
from sim.engines.layout import Array, Record, Records
from sim.engines.loading import records
from sim.engines.rules import UNMET_SHARE
from sim.engines.spending import UNTAXED, Spending
from sim.model.causes import component_count
from sim.model.plan import Floats, Ints, Plan


class Trade(NamedTuple):
    """Lanes on which firms sell whose revenue counts.

    Attributes
    ----------
    lanes
        The ``lane``, the ``seller`` and the ``maker`` that sells on it (else -1); the ``supply_node`` that
        says who is to blame for short supply, and the ``part`` of the weekly loss that the lane's own is in.
        Money of the day (``sales``) and units owed at its end (``owed``), by twin; the ``own`` loss since it
        was last handed in, and of the window (``own_attributed``); what the counterfactual has ``served`` of
        what was ``wanted``.
    """

    lanes: Records


def trade_of(plan: Plan, web: Web, reporter_of_firm: Ints, width: int) -> Trade:
    """Nothing sold yet.

    Parameters
    ----------
    plan, web
        The plan, and how blame runs through its network.
    reporter_of_firm
        For each firm that reports revenue and is no maker by itself its place among those whose revenue
        counts, after the makers (for others -1).
    width
        Replications in the block.
    """
    reporter = reporter_of_firm[plan.points.firm[plan.lanes.supplier]]
    own, reported = plan.sold_to_firms, np.flatnonzero(plan.is_trade & (reporter >= 0))
    maker, rows = plan.maker_of_point[plan.lanes.supplier[own]], np.concatenate([own, reported])
    lanes = records(_lane_record(width), len(rows))
    lanes.lane, lanes.seller = rows, np.concatenate([maker, reporter[reported]])
    lanes.maker = np.concatenate([maker, np.full(len(reported), -1)])
    lanes.supply_node = web.lane_supply_node[rows]
    lanes.part = lanes.maker * component_count(plan) + plan.points.item[plan.lanes.buyer[rows]]
    return Trade(lanes)


def _lane_record(width: int) -> np.dtype[np.void]:
    both, one = (np.float64, (2, width)), (np.float64, (width,))
    return np.dtype(
        [(name, *both) for name in ("sales", "owed")]
        + [(name, *one) for name in ("own", "own_attributed", "wanted", "served")]
        + [(name, np.int64) for name in ("lane", "seller", "maker", "supply_node", "part")]
    )


@part
def take_sales(path: BlockPath, spending: Spending, trade: Trade, twin: int) -> None:
    """Revenue of the day: goods shipped less goods turned back."""
    for its in trade.lanes:
        lane, costs = path.lanes[its.lane], spending.lanes[its.lane]
        received = costs.price[twin] if costs.taxed == UNTAXED else spending.taxed[costs.taxed].received[twin]
        for b in range(len(its.own)):
            units = lane.shipped[b] - lane.turned_back[b]
            its.sales[twin, b] = units * received[b] * costs.weight[b]


@part
def add_sales(trade: Trade, sales: Array, twin: int) -> None:
    """Add them to ``[seller, replication]`` revenue of the day."""
    for its in trade.lanes:
        total = sales[its.seller]
        for b in range(len(its.own)):
            total[b] += its.sales[twin, b]


@part
def add_service_of_lanes(
    counterfactual: BlockPath, spending: Spending, trade: Trade, in_window: Array
) -> None:
    """What the counterfactual ships of what is ordered, at its prices."""
    for its in trade.lanes:
        lane, costs = counterfactual.lanes[its.lane], spending.lanes[its.lane]
        received = costs.price[1] if costs.taxed == UNTAXED else spending.taxed[costs.taxed].received[1]
        for b in range(len(in_window)):
            price = received[b] * costs.weight[b] * in_window[b]
            its.served[b] += lane.shipped[b] * price
            its.wanted[b] += (lane.shipped[b] + lane.backlog[b] - its.owed[1, b]) * price


@part
def split_losses_of_trade(
    scenario: BlockPath,
    counterfactual: BlockPath,
    spending: Spending,
    trade: Trade,
    blame: Blame,
    counts: Array,
) -> None:
    """Loss of each lane by short supply, which its seller's node hands out, and by all else."""
    for its in trade.lanes:
        if its.maker >= 0:
            lane, normal = scenario.lanes[its.lane], counterfactual.lanes[its.lane]
            costs, loss = spending.lanes[its.lane], blame.nodes[its.supply_node].loss
            received = costs.price[1] if costs.taxed == UNTAXED else spending.taxed[costs.taxed].received[1]
            for b in range(len(counts)):
                late = (lane.backlog[b] - its.owed[0, b]) - (normal.backlog[b] - its.owed[1, b])
                supply = late * received[b] * costs.weight[b] * counts[b]
                its.own[b] += (its.sales[1, b] - its.sales[0, b]) * counts[b] - supply
                loss[b] += supply


@part
def look_for_lost_trade(
    scenario: BlockPath,
    counterfactual: BlockPath,
    trade: Trade,
    first_lost_days: Array,
    counts: Array,
    since: Array,
) -> None:
    """Whether a buyer is sent less, or waits for more, for the first time than in the counterfactual."""
    for its in trade.lanes:
        if its.maker >= 0:
            lane, normal = scenario.lanes[its.lane], counterfactual.lanes[its.lane]
            first = first_lost_days[its.maker]
            for b in range(len(counts)):
                more = max(lane.backlog[b] - normal.backlog[b], normal.shipped[b] - lane.shipped[b])
                is_more = more > UNMET_SHARE * (1.0 + normal.shipped[b])
                if is_more and counts[b] > 0.0 and math.isnan(first[b]):
                    first[b] = since[b]


@part
def note_owed(scenario: BlockPath, counterfactual: BlockPath, trade: Trade) -> None:
    """Note what buyers wait for at the end of the day."""
    for its in trade.lanes:
        _note(its.owed[0], scenario.lanes[its.lane])
        _note(its.owed[1], counterfactual.lanes[its.lane])


@inlined
def _note(owed: Array, lane: Record) -> None:
    for b in range(len(owed)):
        owed[b] = lane.backlog[b]


@part
def hand_in_trade(trade: Trade, weekly: Array, is_due: Array, in_window: Array, week: int) -> None:
    """Add the lanes' own losses since they were last handed in to the window's and the week's."""
    for its in trade.lanes:
        if its.maker >= 0:
            add_what_is_due(its.own, is_due, in_window, its.own_attributed, weekly[its.part, week])


def add_own_losses(attribution: Floats, trade: Trade) -> Floats:
    """``[replication, maker, cause]`` losses, with the lanes' own."""
    for its in trade.lanes[trade.lanes.maker >= 0]:
        attribution[:, its.maker, its.lane] += its.own_attributed
    return attribution

"""Who is to blame for customers who switched: what was to blame when they left unserved.

A shortage drives customers away, who are missed long after it is over. For each stream from which customers
switch, the demand that stays away in the scenario and not in the counterfactual is kept by cause: it grows by
who is to blame on the day on which they leave, and fades as they come back. What is lost for want of them is
handed out in these proportions.
"""

from typing import NamedTuple

import numpy as np

from sim.engines import rules
from sim.engines.blame import Blame, Charged, Web
from sim.engines.compiler import inlined, part
from sim.engines.kernel import BlockPath
from sim.engines.layout import Array, Record, Records
from sim.engines.loading import records
from sim.model.plan import Plan

_stays_away = inlined(rules.stays_away)


class Switched(NamedTuple):
    """Demand that stays away, by cause.

    Attributes
    ----------
    streams
        A record for each stream of a maker from which customers switch: its index, the rows of weights of the
        node that says who is to blame, and its own rows.
    away
        ``[row, replication]`` units a day, a row for each cause, stream by stream.
    """

    streams: Records
    away: Array


def switched_of(plan: Plan, web: Web, width: int) -> Switched:
    """Nobody has switched yet."""
    streams = np.flatnonzero(plan.streams.switches & (web.supply_node >= 0))
    nodes = web.supply_node[streams]
    rows = web.first_row[nodes + 1] - web.first_row[nodes]
    found = records(_record(width), len(streams))
    found.stream, found.rows, found.first_weight = streams, rows, web.first_row[nodes]
    found.first_row = np.cumsum(rows) - rows
    return Switched(found, np.zeros((int(rows.sum()), width)))


def _record(width: int) -> np.dtype[np.void]:
    return np.dtype(
        [("loss", np.float64, (width,)), ("total", np.float64, (width,))]
        + [(name, np.int64) for name in ("stream", "rows", "first_row", "first_weight")]
    )


@part
def hand_out_switched(
    scenario: BlockPath,
    counterfactual: BlockPath,
    blame: Blame,
    switched: Switched,
    streams: Records,
    books: Records,
    counts: Array,
) -> None:
    """Hand out what is lost today for want of customers who switched; note who leaves today, and why.

    ``streams`` hold what is lost today (``switched``) and what is left to the stream itself (``own``), of
    revenue; ``books`` the same of margin.
    """
    for place in range(len(switched.streams)):
        its = switched.streams[place]
        _book(blame, blame.revenue, switched, its, streams[its.stream])
        if blame.keeps_margin:
            _book(blame, blame.margin, switched, its, books[its.stream])
        _note(scenario.streams[its.stream], counterfactual.streams[its.stream], blame, switched, its, counts)


@inlined
def _book(blame: Blame, charged: Charged, switched: Switched, its: Record, stream: Record) -> None:
    """Charge today's loss to causes in proportion; where there is none, to the stream itself."""
    its.total[:] = 0.0
    for row in range(its.rows):
        away = switched.away[its.first_row + row]
        for b in range(len(its.total)):
            its.total[b] += away[b]
    for b in range(len(its.total)):
        is_known = its.total[b] > 0.0
        its.loss[b] = stream.switched[b] / its.total[b] if is_known else 0.0
        stream.own[b] += 0.0 if is_known else stream.switched[b]
    for row in range(its.rows):
        if blame.is_used[its.first_weight + row]:
            account = blame.account_of_row[its.first_weight + row]
            away, amount = switched.away[its.first_row + row], charged.amounts[account]
            charged.is_used[account] = True
            for b in range(len(its.total)):
                amount[b] += its.loss[b] * away[b]


@inlined
def _note(
    stream: Record, normal: Record, blame: Blame, switched: Switched, its: Record, counts: Array
) -> None:
    """Who stays away tomorrow: those of today who do not come back, and who leaves today."""
    for row in range(its.rows):
        away, weight = switched.away[its.first_row + row], blame.weights[its.first_weight + row]
        for b in range(len(counts)):
            more = max(0.0, stream.lost[b] - normal.lost[b]) * counts[b]
            away[b] = _stays_away(away[b], stream.kept_away[b], more * weight[b], stream.switching[b])

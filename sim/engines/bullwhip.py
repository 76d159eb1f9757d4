"""How much the orders of stock points vary, and what is asked of them, where an analysis asks for it.

A period is the review period of a stock point, from one review to the next; those that lie in the window as
a whole count. Means and sums of squares are carried on period by period [1]_.

References
----------
.. [1] Welford, "Note on a method for calculating corrected sums of squares and products", *Technometrics*
   4(3), 1962.
"""

from typing import TYPE_CHECKING

import numpy as np

from sim.engines.compiler import inlined, part
from sim.engines.layout import Array, Record, Records, Topology
from sim.engines.loading import records
from sim.model.plan import Floats, Plan

if TYPE_CHECKING:
    from sim.engines.kernel import BlockPath

ASKED, ORDERED = range(2)
"""What a stock point sees: units for which customers, buyers and recipes ask, and what it orders itself."""
NUMBERS = ("periods", "demand_mean", "demand_variance", "orders_mean", "orders_variance")
"""What is told of each stock point that orders."""


def bullwhip_of(plan: Plan, width: int) -> Records:
    """Nothing seen yet; no rows where nobody asks.

    Each row is a stock point (``point``) with its ``review_days``. By what is asked or ordered, twin and
    replication it has the ``units`` of the period so far, their ``average`` over the ``periods`` that count,
    and ``squares``, the sum of squared deviations from it.
    """
    points = plan.ordering_points if plan.tells_bullwhip else np.empty(0, dtype=np.int64)
    both = (np.float64, (2, 2, width))
    fields = [(name, *both) for name in ("units", "average", "squares")]
    record = np.dtype(
        [*fields, ("periods", np.float64, (2, width)), ("point", np.int64), ("review_days", np.int64)]
    )
    rows = records(record, len(points))
    rows.point, rows.review_days = points, plan.points.review_days[points]
    return rows


@part
def see_orders(
    path: "BlockPath", network: Topology, bullwhip: Records, today: Record, twin: int, day: int
) -> None:
    """Add what was asked and ordered on a day; close the periods that end with it."""
    for seen in bullwhip:
        _add_asked(path, network, seen.units[ASKED, twin], seen.point)
        ordered = path.points[seen.point].ordered
        for b in range(len(ordered)):
            seen.units[ORDERED, twin, b] += ordered[b]
        if (day + 1) % seen.review_days == 0:
            _close_period(seen, today, twin, day)


@inlined
def _add_asked(path: "BlockPath", network: Topology, total: Array, index: int) -> None:
    """Units for which customers, buyers and recipes ask; of buyers on the day on which they order."""
    point = path.points[index]
    for row in range(point.first_stream, point.end_stream):
        stream = path.streams[network.links[row]]
        for b in range(len(total)):
            total[b] += stream.demand[b]
    for row in range(point.first_outbound, point.end_outbound):
        lane = path.lanes[network.links[row]]
        for b in range(len(total)):
            total[b] += lane.ordered[b] * lane.units_per_original[b]
    for row in range(point.first_use, point.end_use):
        edge = path.edges[network.links[row]]
        made = path.points[edge.made]
        for b in range(len(total)):
            total[b] += made.ordered[b] / made.yield_share[b] * edge.units[b]


@inlined
def _close_period(seen: Record, today: Record, twin: int, day: int) -> None:
    """Carry the period on to mean and squares, if all of it is in the window."""
    begun = day + 1 - seen.review_days
    for b in range(len(today.first)):
        if begun >= today.first[b] and day < today.stop[b]:
            seen.periods[twin, b] += 1.0
            for kind in range(2):
                units, mean = seen.units[kind, twin, b], seen.average[kind, twin, b]
                off = units - mean
                mean += off / seen.periods[twin, b]
                seen.average[kind, twin, b] = mean
                seen.squares[kind, twin, b] += off * (units - mean)
        for kind in range(2):
            seen.units[kind, twin, b] = 0.0


def told(bullwhip: Records) -> Floats:
    """``[replication, twin, number, point]`` of :data:`NUMBERS`; no variance of fewer than two periods."""
    periods, mean = np.asarray(bullwhip.periods), np.asarray(bullwhip.average)
    spare = np.maximum(periods - 1.0, 1.0)[:, None]
    variance = np.where(periods[:, None] > 1.0, np.asarray(bullwhip.squares) / spare, np.nan)
    numbers = [periods, mean[:, ASKED], variance[:, ASKED], mean[:, ORDERED], variance[:, ORDERED]]
    return np.stack(numbers).transpose(3, 2, 0, 1)

"""How much flows on the links between firms, week by week, in both twins.

Goods count at list prices, so that what a price change does is not seen as a flow.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.engines.compiler import inlined, part
from sim.engines.layout import Array, Records
from sim.engines.loading import Values, records
from sim.engines.rules import WEEK
from sim.model.facts import list_values
from sim.model.links import Link, days_followed, links_of
from sim.model.plan import Plan

if TYPE_CHECKING:
    from sim.engines.kernel import BlockPath


class Followed(NamedTuple):
    """The links that are told of, and their weeks: the first, and how many."""

    links: list[Link]
    first_week: int
    weeks: int


class Flows(NamedTuple):
    """What has flowed so far.

    Attributes
    ----------
    lanes
        The lanes of each link: the ``link``, the ``lane``, and what a unit of it is ``worth``.
    sent
        ``[twin, link, replication]`` value shipped less turned back in the week so far.
    weekly
        ``[replication, twin, link, week]``, from the ``first_week`` on.
    """

    lanes: Records
    sent: Array
    weekly: Array
    first_week: int


def followed_of(plan: Plan) -> Followed:
    """The links of a plan, and the whole weeks of which they are told."""
    first, stop = days_followed(plan)
    first_week = first // WEEK
    return Followed(links_of(plan), first_week, max(0, min(stop, plan.days) // WEEK - first_week))


def flows_of(followed: Followed, values: Values, weeks: int) -> Flows:
    """Nothing has flowed yet; no links where no week is kept."""
    links = followed.links if weeks and followed.weeks else []
    record = np.dtype([("link", np.int64), ("lane", np.int64), ("worth", np.float64, (values.width,))])
    lanes = records(record, sum(len(link.lanes) for link in links))
    lanes.lane = np.concatenate([np.empty(0, dtype=np.int64), *(link.lanes for link in links)])
    lanes.link = np.repeat(np.arange(len(links)), [len(link.lanes) for link in links])
    if links:
        lanes.worth = list_values(values)[lanes.lane]
    return Flows(
        lanes=lanes,
        sent=np.zeros((2, len(links), values.width)),
        weekly=np.zeros((values.width, 2, len(links), followed.weeks if links else 0)),
        first_week=followed.first_week,
    )


@part
def add_flows(scenario: "BlockPath", counterfactual: "BlockPath", flows: Flows, day: int) -> None:
    """Add what is shipped on a day, and close the week that ends with it."""
    week = day // WEEK - flows.first_week
    if week < 0 or week >= flows.weekly.shape[3]:
        return
    _add(scenario, flows, 0)
    _add(counterfactual, flows, 1)
    if day % WEEK == WEEK - 1:
        for twin in range(2):
            for link in range(flows.sent.shape[1]):
                sent = flows.sent[twin, link]
                for b in range(len(sent)):
                    flows.weekly[b, twin, link, week] = sent[b]
                    sent[b] = 0.0


@inlined
def _add(path: "BlockPath", flows: Flows, twin: int) -> None:
    for its in flows.lanes:
        lane, sent = path.lanes[its.lane], flows.sent[twin, its.link]
        if lane.is_open:
            for b in range(len(sent)):
                sent[b] += (lane.shipped[b] - lane.turned_back[b]) * its.worth[b]

"""How long the stock of a tier lasts, and how much of its capacity is not used, week by week.

Stock points of a tier hold different goods, so what is in stock counts by what it is worth. Capacity may be
hours that are worth nothing by themselves, so the share that is not used counts alike of each stock point.
"""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.engines.compiler import inlined, part
from sim.engines.layout import Array, Record, Records
from sim.engines.loading import Values, records
from sim.model.plan import Plan, Supply
from sim.model.tiers import Group, Groups, worths

if TYPE_CHECKING:
    from sim.engines.kernel import BlockPath, Given


_MEMBER = [("group", np.int64), ("point", np.int64)]


class Tiers(NamedTuple):
    """What is known of tiers so far.

    Attributes
    ----------
    stocked
        The stock points of each group: the ``group``, the ``point``, and what a unit of it is ``worth``.
    limited
        The same of what has a limit: its ``part`` of the points of the group, the ``capacity`` of the week so
        far and what of it is ``spare``, ``[twin, replication]``.
    stock, usage
        ``[group, replication]`` value on hand, and of a day's planned usage; scratch.
    cover, slack
        ``[replication, twin, group, week]`` days, and shares.
    """

    stocked: Records
    limited: Records
    stock: Array
    usage: Array
    cover: Array
    slack: Array


def tiers_of(plan: Plan, groups: Groups, values: Values, weeks: int) -> Tiers:
    """Nothing known yet; no groups where no week is kept."""
    stocked, limited = groups if weeks else Groups([], [])
    width = values.width
    return Tiers(
        stocked=_stocked(plan, stocked, values),
        limited=_limited(plan, limited, width),
        stock=np.zeros((len(stocked), width)),
        usage=np.zeros((len(stocked), width)),
        cover=np.zeros((width, 2, len(stocked), weeks)),
        slack=np.zeros((width, 2, len(limited), weeks)),
    )


def _stocked(plan: Plan, groups: list[Group], values: Values) -> Records:
    record = np.dtype([*_MEMBER, ("worth", np.float64, (values.width,))])
    members = _members(groups, record)
    if groups:
        members.worth = worths(plan, values)[members.point]
    return members


def _limited(plan: Plan, groups: list[Group], width: int) -> Records:
    both = (np.float64, (2, width))
    record = np.dtype(
        [*_MEMBER, ("is_source", np.int64), ("part", np.float64), ("spare", *both), ("capacity", *both)]
    )
    members = _members(groups, record)
    members.is_source = plan.points.supply[members.point] == Supply.SOURCE
    members.part = 1.0 / np.bincount(members.group)[members.group]
    return members


def _members(groups: list[Group], record: np.dtype[np.void]) -> Records:
    members = records(record, sum(len(group.points) for group in groups))
    members.point = np.concatenate([np.empty(0, dtype=np.int64), *(group.points for group in groups)])
    members.group = np.repeat(np.arange(len(groups)), [len(group.points) for group in groups])
    return members


@part
def add_slack(scenario: "BlockPath", counterfactual: "BlockPath", tiers: Tiers) -> None:
    """Add the capacity of a day, and what of it was not used; what has no limit today does not count."""
    _add_slack(scenario, tiers, 0)
    _add_slack(counterfactual, tiers, 1)


@inlined
def _add_slack(path: "BlockPath", tiers: Tiers, twin: int) -> None:
    for member in tiers.limited:
        point, spare, capacity = path.points[member.point], member.spare[twin], member.capacity[twin]
        for b in range(len(spare)):
            limit = point.capacity[b]
            if limit < math.inf:
                spare[b] += max(0.0, limit - _used(member, point, b))
                capacity[b] += limit


@inlined
def _used(member: Record, point: Record, b: int) -> float:
    return point.shipped[b] + point.consumed[b] if member.is_source else point.started[b]


@part
def close_week_of_tiers(
    scenario: "BlockPath", counterfactual: "BlockPath", given: "Given", tiers: Tiers, week: int
) -> None:
    """Note how long stocks last at the end of the week, and how much capacity was left in it."""
    _note_usage(given, tiers)
    _note_cover(scenario, tiers, 0, week)
    _note_cover(counterfactual, tiers, 1, week)
    for member in tiers.limited:
        for twin in range(2):
            spare, capacity = member.spare[twin], member.capacity[twin]
            for b in range(len(spare)):
                unused = spare[b] / capacity[b] if capacity[b] > 0.0 else 0.0
                tiers.slack[b, twin, member.group, week] += unused * member.part
                spare[b] = 0.0
                capacity[b] = 0.0


@inlined
def _note_usage(given: "Given", tiers: Tiers) -> None:
    tiers.usage[:, :] = 0.0
    for member in tiers.stocked:
        usage = tiers.usage[member.group]
        for b in range(len(usage)):
            usage[b] += given.usage[member.point, b] * member.worth[b]


@inlined
def _note_cover(path: "BlockPath", tiers: Tiers, twin: int, week: int) -> None:
    tiers.stock[:, :] = 0.0
    for member in tiers.stocked:
        stock, on_hand = tiers.stock[member.group], path.points[member.point].on_hand
        for b in range(len(stock)):
            stock[b] += on_hand[b] * member.worth[b]
    for group in range(len(tiers.stock)):
        stock, usage = tiers.stock[group], tiers.usage[group]
        for b in range(len(stock)):
            tiers.cover[b, twin, group, week] = stock[b] / usage[b] if usage[b] > 0.0 else 0.0

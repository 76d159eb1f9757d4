"""Where in the memory of a block the losses of makers stand: sums of rows, for who reads no plan.

A sum is made of groups, a group of rows ``[replication]``; within a group rows are added up from the first to
the last, and so are groups. Pages and Python get the same bits.
"""

import functools
from typing import NamedTuple

import numpy as np

from sim.engines.costing import (
    COST_OF_SALES_TO_FIRMS,
    COST_OF_SALES_TO_MARKETS,
    MEASURES,
    SALES_TO_FIRMS,
    SALVAGE,
    WRITE_OFFS,
)
from sim.engines.spending import BUYER, COST_KINDS, SELLER
from sim.explorer.image import FIRST, Bytes, Image
from sim.model.facts import taxed_lanes
from sim.model.plan import Floats, Plan

COUNTERFACTUAL = 1


class Group(NamedTuple):
    """Rows that are added up, and whether the sum is added (1) or taken off (-1).

    A row is the address of its numbers, then those of others that are taken off them.
    """

    sign: int
    rows: list[tuple[int, ...]]


class Earned(NamedTuple):
    """What a maker earns: ``[twin]`` groups, and groups of the revenue that its loss is a share of."""

    twins: list[list[Group]]
    whole: list[Group]


def earned_of(plan: Plan, image: Image) -> list[Earned]:
    """Of each maker, of what leads: revenue, or contribution margin.

    Parameters
    ----------
    plan
        The plan.
    image
        Where the arrays of a block stand.
    """
    found = []
    for maker in range(len(plan.labels.makers)):
        if plan.margin_leads:
            twins = [_margin(plan, image, twin, maker) for twin in (0, COUNTERFACTUAL)]
            sales = _account(image, COUNTERFACTUAL, SALES_TO_FIRMS, maker)
            whole = [Group(1, [*_streams(plan, image, COUNTERFACTUAL, maker), (sales,)])]
        else:
            twins = [_revenue(plan, image, twin, maker) for twin in (0, COUNTERFACTUAL)]
            whole = twins[COUNTERFACTUAL]
        found.append(Earned(twins, whole))
    return found


def _streams(plan: Plan, image: Image, twin: int, maker: int) -> list[tuple[int, ...]]:
    streams = np.flatnonzero(plan.maker_of_stream == maker).tolist()
    return [(image.row("measures.streams", (stream, twin), "revenue"),) for stream in streams]


def _revenue(plan: Plan, image: Image, twin: int, maker: int) -> list[Group]:
    """As :func:`sim.risk.tables.revenue_of` adds it up."""
    sold = plan.sold_to_firms[plan.maker_of_point[plan.lanes.supplier[plan.sold_to_firms]] == maker]
    taxed = taxed_lanes(plan).tolist()
    lanes = []
    for lane in sold.tolist():
        value = image.row("measures.spending.lanes", (lane, twin), "value")
        duties = [taxed.index(lane)] if lane in taxed else []
        lanes.append(
            (
                value,
                *(
                    image.row("measures.spending.taxed", (row, twin, bearer), "duty")
                    for row in duties
                    for bearer in (BUYER, SELLER)
                ),
            )
        )
    return [Group(1, _streams(plan, image, twin, maker)), Group(1, lanes)]


def _margin(plan: Plan, image: Image, twin: int, maker: int) -> list[Group]:
    """As :func:`sim.risk.margins.margin_of` adds it up."""

    def booked(sign: int, *entries: int) -> Group:
        return Group(sign, [(_account(image, twin, entry, maker),) for entry in entries])

    makers = len(plan.labels.makers)
    running = [
        image.row("measures.spending.cost", (twin, kind * makers + maker)) for kind in range(len(COST_KINDS))
    ]
    return [
        Group(1, _streams(plan, image, twin, maker)),
        booked(1, SALES_TO_FIRMS),
        booked(-1, COST_OF_SALES_TO_MARKETS, COST_OF_SALES_TO_FIRMS),
        *(Group(-1, [(row,)]) for row in running),
        booked(-1, WRITE_OFFS),
        booked(1, SALVAGE),
        booked(-1, MEASURES),
    ]


def _account(image: Image, twin: int, entry: int, maker: int) -> int:
    return image.row("measures.costing.account", (twin, entry, maker))


def total(groups: list[Group], memory: Bytes, width: int) -> Floats:
    """``[replication]`` a sum, from the bytes of a block that has run."""
    found = np.zeros(width)
    for group in groups:
        its = np.zeros(width)
        for row in group.rows:
            numbers = [_numbers(memory, address, width) for address in row]
            its += functools.reduce(np.subtract, numbers)
        found += group.sign * its
    return found


def _numbers(memory: Bytes, address: int, width: int) -> Floats:
    return memory[address - FIRST : address - FIRST + 8 * width].view(np.float64)

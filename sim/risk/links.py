"""How much flows on the links between firms, week by week, as a table."""

import pandas as pd

from sim.engines.flows import followed_of
from sim.engines.rules import WEEK
from sim.model.plan import Plan
from sim.risk.outcomes import Courses
from sim.risk.tables import TWINS

COLUMNS = ("supplier", "buyer", "supplier_tier", "buyer_tier", "week", "twin", "value")
"""Columns of the table, in their order."""


def link_tables(plan: Plan, courses: Courses) -> dict[str, pd.DataFrame]:
    """The table ``links``: one row a link, week and twin; not there where nothing is bought of firms.

    Parameters
    ----------
    plan, courses
        What was simulated, and what is kept of it week by week.
    """
    flow = courses.flow
    if not flow.size:
        return {}
    links, first, weeks = followed_of(plan)
    mean = flow.mean(axis=0)
    dates = [plan.date_of(WEEK * week) for week in range(first, first + weeks)]
    rows = [
        (link.seller, link.buyer, link.seller_tier, link.buyer_tier, week, twin, value)
        for place, link in enumerate(links)
        for twin, values in zip(TWINS, mean[:, place].tolist(), strict=True)
        for week, value in zip(dates, values, strict=True)
    ]
    return {"links": pd.DataFrame(rows, columns=list(COLUMNS))}

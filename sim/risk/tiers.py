"""How long the stock of each tier lasts, and how much capacity is not used, week by week, as a table."""

import pandas as pd

from sim.model.plan import Floats, Plan
from sim.model.tiers import WHOLE, Group, groups_of
from sim.risk.outcomes import Courses
from sim.risk.spreads import spreads_of, weeks_of
from sim.risk.tables import TWINS

COLUMNS = (
    "tier",
    "firm",
    "plant",
    "week",
    "twin",
    "cover_mean",
    "cover_p05",
    "cover_p95",
    "slack_mean",
    "slack_p05",
    "slack_p95",
)
"""Columns of the table, in their order."""
LEVELS = (5, 95)


def tier_tables(plan: Plan, courses: Courses) -> dict[str, pd.DataFrame]:
    """The table ``tiers``: one row a tier, or plant of a tier with several, week and twin.

    Not there where no stock has a value and no capacity a limit, or the calendar has no whole week.

    Parameters
    ----------
    plan, courses
        What was simulated, and what is kept of it week by week.
    """
    told = groups_of(plan)
    cover, slack = _by_group(told.stocked, courses.cover), _by_group(told.limited, courses.slack)
    groups = sorted({**cover, **slack})
    rows = [
        row
        for group in groups
        for row in _rows(plan, group, {"cover": cover.get(group), "slack": slack.get(group)})
    ]
    return {"tiers": pd.DataFrame(rows, columns=list(COLUMNS))} if rows else {}


def _by_group(groups: list[Group], kept: Floats) -> dict[tuple[int, int], Floats]:
    """``[replication, twin, week]`` of each group, by tier and plant; of none where no week is kept."""
    if not kept.size:
        return {}
    return {(group.tier, group.plant): kept[:, :, place] for place, group in enumerate(groups)}


def _rows(plan: Plan, group: tuple[int, int], told: dict[str, Floats | None]) -> list[dict[str, object]]:
    tier, plant = group
    firm, point = "", ""
    if plant != WHOLE:
        firm, point = plan.labels.firms[plan.points.firm[plant]], plan.labels.points[plant]
    known = {name: values for name, values in told.items() if values is not None}
    weeks = weeks_of(plan, next(iter(known.values())))
    rows: list[dict[str, object]] = [
        {"tier": tier, "firm": firm, "plant": point, "week": week, "twin": twin}
        for twin in TWINS
        for week in weeks
    ]
    for name, values in known.items():
        both = [spread for twin in range(len(TWINS)) for spread in spreads_of(values[:, twin], LEVELS)]
        for row, spread in zip(rows, both, strict=True):
            row.update({f"{name}_{number}": value for number, value in spread.items()})
    return rows

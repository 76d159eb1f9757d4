"""What charts over time have in common: dates, units, and the mark of the shock."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.language import say, spoken
from sim.report.numbers import Scale, as_date
from sim.report.style import mark_date

_SHORTEST_DAYS = 7


def dates(values: Iterable[Any]) -> list[str]:
    """Dates as ISO texts, which is what plotly.js reads."""
    return [as_date(value).isoformat() for value in values]


def week_format() -> str:
    """How plotly.js is asked to write the week that begins on a date."""
    return say("week of {day}", day=spoken().formats["dayMonthYear"])


def apart(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """Ends of an axis, a week apart at least: on a shorter one plotly.js tells hours, of one day seconds.

    Examples
    --------
    >>> [str(end) for end in apart(dt.date(2026, 1, 8), dt.date(2026, 1, 8))]
    ['2026-01-05', '2026-01-12']
    """
    lacking = max(0, _SHORTEST_DAYS - (last - first).days)
    before = lacking // 2
    return first - dt.timedelta(days=before), last + dt.timedelta(days=lacking - before)


def amounts(values: Iterable[Any], scale: Scale) -> list[float]:
    """Amounts in the unit of an axis."""
    return [float(value) / scale.factor for value in values]


def ends(weeks: pd.Series) -> list[str] | None:
    """First and last of some weeks; a range left to plotly.js would make room for labels beside the data."""
    return None if weeks.empty else dates(apart(as_date(weeks.min()), as_date(weeks.max())))


def around_shock(context: Context, rows: pd.DataFrame, *, before: int) -> list[str] | None:
    """First and last date to show: some days before the shock, half a year after the window."""
    if context.shock_date is None or rows.empty:
        return None
    first = max(as_date(rows["week"].min()), context.shock_date - dt.timedelta(days=before))
    after = dt.timedelta(days=context.window_days + 182)
    last = min(as_date(rows["week"].max()), context.shock_date + after)
    return dates(apart(first, last))


def mark_shock(figure: go.Figure, context: Context, weeks: pd.Series, *, label: bool = True) -> None:
    """Mark the day of the shock on an axis of dates that shows these weeks."""
    if context.shock_date is None or weeks.empty:
        return
    first, last = (as_date(end) for end in figure.layout["xaxis"].get("range") or (weeks.min(), weeks.max()))
    late = context.shock_date - first > (last - first) * 0.5
    mark_date(figure, context.shock_date.isoformat(), context.shock_title if label else "", leftward=late)

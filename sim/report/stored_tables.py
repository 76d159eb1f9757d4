"""Tables as their CSV files hold them, and back again: what kind of value stands in each column."""

import datetime as dt
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import bool_, float64, int64, string
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

from sim.montecarlo.inert import original
from sim.report.expected_tables import (
    BACKTEST_TABLES,
    BULLWHIP_TABLES,
    CALIBRATION_TABLES,
    COMPARISON_TABLES,
    DECISION_TABLES,
    DUTY_TABLES,
    EVENT_TABLES,
    LIKELIHOOD_TABLES,
    LINK_TABLES,
    MARGIN_TABLES,
    MITIGATION_TABLES,
    RECIPE_TABLES,
    RELIEF_TABLES,
    SENSITIVITY_TABLES,
    STRESS_TABLES,
    SYSTEMIC_TABLES,
    TABLES,
    TIER_TABLES,
    TWO_LEVER_TABLES,
    Columns,
)

STORED = {
    **TABLES,
    **DUTY_TABLES,
    **RECIPE_TABLES,
    **BULLWHIP_TABLES,
    **TIER_TABLES,
    **LINK_TABLES,
    **EVENT_TABLES,
    **MARGIN_TABLES,
    **COMPARISON_TABLES,
    **SENSITIVITY_TABLES,
    **DECISION_TABLES,
    **STRESS_TABLES,
    **LIKELIHOOD_TABLES,
    **SYSTEMIC_TABLES,
    **RELIEF_TABLES,
    **BACKTEST_TABLES,
    **CALIBRATION_TABLES,
    **TWO_LEVER_TABLES,
    **MITIGATION_TABLES,
}
"""Every table that a folder may hold."""
WHOLE = frozenset(
    {
        "replication",
        "futures",
        "rank",
        "tier",
        "supplier_tier",
        "buyer_tier",
        "lanes",
        "ttr_days",
        "period_days",
        "months",
        "figures",
        "quarters",
        "draw",
    }
)
YES_OR_NO = frozenset({"shock", "taken", "other_taken", "is_best", "in_flat_top"})
DATES = frozenset(
    {
        "decide_by",
        "decided",
        "other_decided",
        "last_known",
        "week",
        "start",
        "end",
        "published",
        "start_p05",
        "start_p50",
        "start_p95",
        "end_p50",
    }
)


def typed(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables whose columns are of their kinds, also where there are no rows or no values.

    A date is a :class:`datetime.date`, ``None`` where there is none; a number that is missing is NaN; a text
    that is missing is empty.

    Examples
    --------
    >>> empty = pd.DataFrame({"maker": [], "component": [], "week": [], "loss": []}, dtype=object)
    >>> typed({"attribution_weekly": empty})["attribution_weekly"].dtypes["loss"]
    dtype('float64')
    """
    return {
        name: table.assign(
            **{str(column): _of_kind(values, STORED[name]) for column, values in table.items()}
        )
        for name, table in tables.items()
    }


def from_csv(name: str, data: bytes) -> pd.DataFrame:
    """A table as it was before it was written as inert text, every digit of it.

    Parameters
    ----------
    name
        Which table it is.
    data
        The content of its file.

    Raises
    ------
    ValueError
        If the bytes are no such table.
    """
    header = data.partition(b"\n")[0].decode().split(",")
    convert = ConvertOptions(
        column_types={column: _ARROW[_kind(column, STORED[name])] for column in header},
        null_values=[""],
        strings_can_be_null=True,
    )
    parse = ParseOptions(newlines_in_values=True)
    table = read_csv(BytesIO(data), ReadOptions(use_threads=False), parse, convert).to_pandas()
    texts = [column for column in table if _kind(column, STORED[name]) == "text"]
    table = table.assign(**{column: table[column].map(original, na_action="ignore") for column in texts})
    return typed({name: table})[name]


_ARROW = {"text": string(), "date": string(), "truth": bool_(), "whole": int64(), "number": float64()}


def _kind(column: str, columns: Columns) -> str:
    if column in DATES:
        return "date"
    if column in YES_OR_NO:
        return "truth"
    if column in columns.plain.split():
        return "text"
    return "whole" if column in WHOLE else "number"


def _of_kind(values: "pd.Series[Any]", columns: Columns) -> "pd.Series[Any]":
    match _kind(str(values.name), columns):
        case "date":
            return pd.Series([_date(value) for value in values], values.index, dtype=object)
        case "text":
            return values.astype(object).fillna("").astype(str)
        case "truth":
            return values.astype(bool)
        case "whole":
            return values.astype(np.int64)
        case _:
            return values.astype(np.float64)


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.date):
        return value
    return dt.date.fromisoformat(value) if isinstance(value, str) else None

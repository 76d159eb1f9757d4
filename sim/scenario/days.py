"""Day indices, for scenarios in abstract periods: 0 is the first simulated day."""

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

DEFAULT_START = dt.date(2000, 1, 1)
LIKELY_YEARS = range(1900, 2200)
"""A bare number among these, in a scenario with a calendar of its own, is a date cut short."""
FIRST_SERIAL = 36_526
"""From this number on, which no calendar reaches, it is a date as a spreadsheet counts: 2000-01-01."""
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATED = {
    "demand_factors": ("start",),
    "interventions": ("date", "end", "withdrawal_date"),
    "observations": ("start", "end", "published"),
}
_DATED_WITHIN = (
    ("substitutes", "trigger", ("date",)),
    ("recipes", "trigger", ("date",)),
    ("levers", "dates", ("earliest", "latest")),
)


@dataclass(frozen=True, slots=True)
class SimulatedDays:
    """First and last day of a calendar."""

    first: dt.date
    last: dt.date


def iso_date(text: str) -> dt.date | None:
    """The date that a text such as ``2019-10-09`` tells; None if it tells none."""
    with suppress(ValueError):
        return dt.date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    return None


def simulated_days(calendar: Any) -> SimulatedDays | None:
    """The days of a scenario file's calendar; None if it tells none, which the schema will refuse.

    Examples
    --------
    >>> simulated_days({"start": "2018-01-01", "days": 28}).last
    datetime.date(2018, 1, 28)
    """
    if not isinstance(calendar, dict):
        return None
    start = iso_date(str(calendar.get("start", DEFAULT_START)))
    end, days = calendar.get("end"), calendar.get("days")
    if start is None:
        return None
    with suppress(OverflowError):
        last = start + dt.timedelta(days - 1) if isinstance(days, int) else iso_date(str(end))
        return SimulatedDays(start, last) if last is not None and last >= start else None
    return None


def with_dates(raw: Any) -> Any:
    """The plain data of a scenario file with every day index replaced by its date.

    What is no index, or lies beyond any calendar, stays for the schema to refuse.

    Examples
    --------
    >>> raw = {"calendar": {"days": 9}, "interventions": {"strike": {"date": 5, "end": "2000-01-08"}}}
    >>> with_dates(raw)["interventions"]
    {'strike': {'date': '2000-01-06', 'end': '2000-01-08'}}
    """
    if not isinstance(raw, dict):
        return raw
    start = _start(raw.get("calendar"))
    dated = dict(raw)
    for collection, fields in _DATED.items():
        dated[collection] = _each(raw.get(collection), lambda entry, at=fields: _replaced(entry, at, start))
    if isinstance(raw.get("stress"), dict):
        dated["stress"] = _replaced(raw["stress"], ("date",), start)
    for collection, part, fields in _DATED_WITHIN:
        dated[collection] = _each(
            raw.get(collection), lambda entry, key=part, at=fields: _with_part(entry, key, at, start)
        )
    return {key: value for key, value in dated.items() if key in raw}


def _start(calendar: Any) -> dt.date | None:
    """First simulated day, if the file gives one."""
    text = calendar.get("start") if isinstance(calendar, dict) else None
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None


def _each(collection: Any, change: Any) -> Any:
    if not isinstance(collection, dict):
        return collection
    return {name: change(entry) if isinstance(entry, dict) else entry for name, entry in collection.items()}


def _with_part(
    entry: dict[str, Any], key: str, fields: tuple[str, ...], start: dt.date | None
) -> dict[str, Any]:
    part = entry.get(key)
    return {**entry, key: _replaced(part, fields, start)} if isinstance(part, dict) else entry


def _replaced(entry: dict[str, Any], fields: tuple[str, ...], start: dt.date | None) -> dict[str, Any]:
    return entry | {field: _date(entry[field], start) for field in fields if field in entry}


def _date(value: Any, start: dt.date | None) -> Any:
    is_index = isinstance(value, int) and not isinstance(value, bool)
    if not is_index or (start is not None and (value in LIKELY_YEARS or value >= FIRST_SERIAL)):
        return value
    try:
        return ((start or DEFAULT_START) + dt.timedelta(days=value)).isoformat()
    except OverflowError:
        return value

"""The kinds of text that a scenario file uses everywhere: ids, references, countries, dates.

References between objects are ids, marked with :class:`Ref` so that :mod:`sim.scenario.references` can
check every one of them in the same way.
"""

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.scenario.countries import is_country, meant_country, members
from sim.scenario.quantities import fixed

MAX_DAYS = 36525

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=80)]
LONGEST_TEXT = 2000
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
SHOWS = r"[^\s\u200b-\u200f\u2060\ufeff]"
"""A character that can be seen."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=SHOWS)]
"""What a reader knows a thing by: a name, a title or a unit."""


def _check_country(code: str) -> str:
    if is_country(code):
        return code
    allowed = "a country code of ISO 3166 such as US"
    if of_union := members(code.strip().upper(), None):
        hint = f"; list its members: {', '.join(of_union)}"
    else:
        meant = meant_country(code)
        hint = f"; did you mean '{meant}'?" if meant else ""
    raise PydanticCustomError(
        "country", "{message}", {"message": f"found {code[:60]!r}, allowed: {allowed}{hint}"}
    )


Country = Annotated[
    str, AfterValidator(_check_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a field whose text must be an id of the named collection of the scenario."""

    collection: str


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST, LATEST = dt.date(1700, 1, 1), dt.date(2299, 12, 31)
"""First and last day that can be simulated: days around them, as reports show them, are dates too."""


def _read_date(raw: Any) -> Any:
    if isinstance(raw, dt.date):
        return raw
    if isinstance(raw, str) and _DATE.fullmatch(raw):
        with suppress(ValueError):
            return dt.date.fromisoformat(raw)
        raise PydanticCustomError(
            "date", "found {found}, which is no day of the calendar", {"found": repr(raw)}
        )
    raise PydanticCustomError(
        "date", "found {found}, allowed: a date such as 2019-10-09", {"found": repr(raw)[:60]}
    )


def _in_range(date: dt.date) -> dt.date:
    if not EARLIEST <= date <= LATEST:
        raise PydanticCustomError(
            "date",
            "found {found}, allowed: a date from {first} to {last}",
            {"found": str(date), "first": str(EARLIEST), "last": str(LATEST)},
        )
    return date


Date = Annotated[
    dt.date, BeforeValidator(_read_date, json_schema_input_type=dt.date), AfterValidator(_in_range)
]
"""A day that can be simulated."""


def _read_day(raw: Any) -> Any:
    if isinstance(raw, str | dt.date):
        return _read_date(raw)
    allowed = "a date such as 2019-10-09, or a whole day index (0 is the first day)"
    raise PydanticCustomError(
        "date", "found {found}, allowed: {allowed}", {"found": repr(raw)[:60], "allowed": allowed}
    )


Day = Annotated[dt.date, BeforeValidator(_read_day, json_schema_input_type=dt.date | int)]
"""A day of the calendar, or its index from the first simulated day: the scenario makes dates of indices."""

FirmRef = Annotated[str, Ref("firms")]
MakerRef = Annotated[str, Ref("firms_and_groups")]
ItemRef = Annotated[str, Ref("items")]
MarketRef = Annotated[str, Ref("markets")]
StockPointRef = Annotated[str, Ref("stock_points")]
RecipeRef = Annotated[str, Ref("recipes")]
SubstituteRef = Annotated[str, Ref("substitutes")]
LaneRef = Annotated[str, Ref("lanes_and_substitutes")]
DemandRef = Annotated[str, Ref("demand")]
InterventionRef = Annotated[str, Ref("interventions")]
LeverRef = Annotated[str, Ref("levers")]

UNLIMITED = fixed(float("inf"))
ZERO = fixed(0.0)
ONE = fixed(1.0)

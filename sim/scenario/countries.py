"""Countries of ISO 3166-1, what they are called, and unions with their members.

``countries.csv`` holds the codes of ISO 3166-1 as of 29 February 2024, with English names as in the time zone
database (``iso3166.tab`` of 1 July 2025, public domain) and other names in use. ``unions.csv`` holds who
belongs to which union, from which day and up to which, as of November 2026; ``source`` is where the union
lists its members. A territory with a code of its own that a union's law reaches is a member; ``note`` says of
what it is a part.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz, process

EUROPEAN_UNION = "EU"
"""Reserved by ISO 3166 for a union that makes export law of its own: no other may stand for a country."""
LEAST_ALIKE = 80
"""How similar a country's name must be, in per cent, to be offered."""
SHORTEST_NAME = 4
LONGEST_NAME = 60
_DATA = Path(__file__).parent
_USER_ASSIGNED = frozenset(
    (
        "AA",
        "ZZ",
        *(f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"),
        *(f"X{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    )
)


def is_country(code: str) -> bool:
    """Whether a text is a country's code, or one that ISO 3166 leaves to users, for invented countries.

    Examples
    --------
    >>> [is_country(code) for code in ("US", "EU", "XA", "UK", "us")]
    [True, True, True, False, False]
    """
    return code in _USER_ASSIGNED or code in codes()


def meant_country(text: str) -> str | None:
    """The code that somebody who wrote a country in another way probably meant.

    Examples
    --------
    >>> [meant_country(text) for text in ("uk", "us", "DEU", "Germany", "Nederlands", "QQQ")]
    ['GB', 'US', 'DE', 'DE', 'NL', None]
    """
    name = text.strip()[:LONGEST_NAME]
    if is_country(name.upper()):
        return name.upper()
    known = _codes_by_name()
    exact = known.get(name.casefold())
    if exact is not None or len(name) < SHORTEST_NAME:
        return exact
    near = process.extractOne(name.casefold(), known.keys(), scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE)
    return known[near[0]] if near else None


def covered_by(countries: Iterable[str], on: dt.date | None) -> frozenset[str]:
    """Countries, and with a union its members on a day.

    Parameters
    ----------
    countries
        Codes.
    on
        The day; None: the last that the data knows.

    Examples
    --------
    >>> before, after = dt.date(2020, 1, 31), dt.date(2020, 2, 1)
    >>> ["GB" in covered_by(["EU"], day) for day in (before, after, None)]
    [True, False, False]
    >>> covered_by(["DE"], None)
    frozenset({'DE'})
    """
    found = set(countries)
    if EUROPEAN_UNION in found:
        found |= set(members(EUROPEAN_UNION, on))
    return frozenset(found)


def members(union: str, on: dt.date | None) -> list[str]:
    """Codes of the members of a union on a day (None: the last that the data knows); empty if it is none."""
    return [row["member"] for row in _rows("unions") if row["union"] == union and _is_member(row, on)]


def _is_member(row: dict[str, str], on: dt.date | None) -> bool:
    if on is None:
        return not row["until"]
    return row["since"] <= on.isoformat() and (not row["until"] or on.isoformat() <= row["until"])


@cache
def codes() -> frozenset[str]:
    """All codes of countries, and that of the European Union."""
    return frozenset(row["code"] for row in _rows("countries"))


def country_name(code: str) -> str:
    """What a country is called; of a code that ISO 3166 leaves to users, the code.

    Examples
    --------
    >>> [country_name(code) for code in ("JP", "XA")]
    ['Japan', 'XA']
    """
    return _names_by_code().get(code, code)


@cache
def _names_by_code() -> dict[str, str]:
    return {row["code"]: row["name"] for row in _rows("countries")}


@cache
def _codes_by_name() -> dict[str, str]:
    return {name.casefold(): row["code"] for row in _rows("countries") for name in _names(row) if name}


def _names(row: dict[str, str]) -> Iterator[str]:
    yield from (row["alpha_3"], row["name"], *row["also"].split(";"))


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

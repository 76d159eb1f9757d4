"""Lists of restricted parties in the layout of the Consolidated Screening List, as CSV or JSON."""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Place
from sim.scenario.countries import is_country
from sim.scenario.names import is_legal_form
from sim.scenario.shapes import nearest
from sim.scenario.source import read_bytes, refuse

MOST_BYTES = 300_000_000
NEEDED = ("source", "name")
COLUMNS = (
    *NEEDED,
    "entity_number",
    "type",
    "programs",
    "title",
    "addresses",
    "federal_register_notice",
    "start_date",
    "end_date",
    "standard_order",
    "license_requirement",
    "license_policy",
    "alt_names",
    "citizenships",
)
"""Columns that are read or known; others of a list may stand beside them."""
_DATES = ("%Y-%m-%d", "%m/%d/%Y")
_EMPTY = frozenset(("", "[]", "none", "null"))


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list.

    Attributes
    ----------
    source
        The list that it is on.
    number
        Its number there; may be empty.
    name, aliases
        What it is called.
    countries
        Codes of ISO 3166 of its addresses and citizenships.
    start, end
        Days from and to which it is listed, if said.
    said_start
        What the list says of the first, understood or not.
    requirement, policy
        What needs a licence, and how applications are looked at.
    notice
        The notice in the Federal Register.
    """

    source: str
    number: str
    name: str
    aliases: tuple[str, ...]
    countries: frozenset[str]
    start: dt.date | None
    said_start: str
    end: dt.date | None
    requirement: str
    policy: str
    notice: str


def read_restricted(path: Path) -> list[Listed]:
    """Read a list: CSV with a header, or JSON, a list of entries or ``{"results": [...]}``.

    Raises
    ------
    ScenarioError
        If it cannot be read, lacks a column, or an entry is no entry.
    """
    data = read_bytes(path, None, MOST_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse("the file is not UTF-8; save it as UTF-8", Place(str(path), 1))
    records = _from_json(text, path) if text.lstrip()[:1] in ("{", "[") else _from_csv(text, path)
    return [_listed(record) for record in records]


def _from_csv(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    header = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        hint = nearest(missing[0], header)
        found = ", ".join(header)[:200] or "nothing"
        refuse(f"the column {missing[0]} is missing{hint}; found: {found}", Place(str(path), 1))
    reader.fieldnames = header
    try:
        for record in reader:
            if None in record or None in record.values():
                refuse("a row has another number of cells than the header", Place(str(path), reader.line_num))
            if not record["name"].strip():
                refuse("found a row without a name", Place(str(path), reader.line_num))
            yield record
    except csv.Error as error:
        refuse(f"this is not CSV: {error}", Place(str(path), reader.line_num))


def _from_json(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        refuse(f"this is not JSON: {error}"[:200], Place(str(path), getattr(error, "lineno", 1)))
    records = data.get("results") if isinstance(data, dict) else data
    if not isinstance(records, list):
        refuse("found no list of entries, allowed: a list, or an object with 'results'", Place(str(path), 1))
    for number, record in enumerate(records, start=1):
        if (
            not isinstance(record, dict)
            or not isinstance(record.get("name"), str)
            or not record["name"].strip()
        ):
            refuse(f"entry {number} has no name", Place(str(path), 0))
        yield record


def _listed(record: Mapping[str, Any]) -> Listed:
    return Listed(
        source=_text(record.get("source")),
        number=_text(record.get("entity_number")),
        name=_text(record["name"]),
        aliases=tuple(dict.fromkeys(_aliases(record.get("alt_names")))),
        countries=frozenset(_countries(record.get("addresses"), record.get("citizenships"))),
        start=_day(record.get("start_date")),
        said_start=_text(record.get("start_date")),
        end=_day(record.get("end_date")),
        requirement=_text(record.get("license_requirement")),
        policy=_text(record.get("license_policy")),
        notice=_text(record.get("federal_register_notice")),
    )


def _text(value: Any) -> str:
    """One line of what a field says; empty of what says nothing."""
    text = " ".join(str(value).split()) if value is not None else ""
    return "" if text.lower() in _EMPTY else text


def _aliases(value: Any) -> Iterable[str]:
    """Names parted by ``; ``, or else by ``, ``, of which legal forms stay with the name before them.

    Examples
    --------
    >>> list(_aliases("Acme, Co., Ltd., Acme Group")), list(_aliases("A; B, Inc.")), list(_aliases("[]"))
    (['Acme, Co., Ltd.', 'Acme Group'], ['A', 'B, Inc.'], [])
    """
    if isinstance(value, list):
        return [_text(one) for one in value if _text(one)]
    text = _text(value)
    if "; " in text:
        return [one.strip() for one in text.split(";") if one.strip()]
    found: list[str] = []
    for piece in filter(None, text.split(", ")):
        if found and is_legal_form(piece):
            found[-1] += f", {piece}"
        else:
            found.append(piece)
    return found


def _countries(addresses: Any, citizenships: Any) -> Iterator[str]:
    """Codes that end an address or stand alone."""
    for value in (addresses, citizenships):
        for one in value if isinstance(value, list) else re.split(r"[;|]", _text(value)):
            code = _text(one.get("country") if isinstance(one, dict) else one).split(",")[-1].strip().upper()
            if is_country(code):
                yield code


def _day(value: Any) -> dt.date | None:
    for form in _DATES:
        with suppress(ValueError):
            return dt.datetime.strptime(_text(value), form).replace(tzinfo=dt.UTC).date()
    return None

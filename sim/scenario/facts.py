"""Facts: figures that firms reported, each with the day on which it became known.

A file of facts is what a back-test holds forecasts against, and what it may know of the past. A row without a
value asks for a forecast of a figure that nobody has yet, or that is held back.
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sim.errors import MAX_LISTED, Place, Problem, ScenarioError
from sim.scenario.covers import sales_covered
from sim.scenario.csvfile import CsvFile, Row, read_csv
from sim.scenario.days import iso_date
from sim.scenario.schema import Scenario
from sim.scenario.shapes import nearest

COLUMNS = ("id", "firm", "measure", "items", "markets", "period", "value", "unit", "published", "source")
"""Columns that a file must have; further ones are notes."""
MEASURES = ("revenue", "inventory_value")
MOST_FACTS = 2_000
_NAMED = re.compile(r"([0-9]{4})(?:-?(H[12]|Q[1-4]|[01][0-9]))?")
_PARTS = {"H": 6, "Q": 3}
_PERIODS = "2019, 2019H1, 2019Q4, 2019-10, 2019-12-31 or 2019-01-01..2019-09-30"
_COMMAND_LINE = Place("command line", 0)


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of a firm.

    Parameters
    ----------
    name
        Its id.
    firm, measure
        Whose, and what: ``revenue`` of the days, or ``inventory_value`` on the last.
    items, markets
        Products and markets whose sales count; empty: all.
    start, end
        First and last day.
    value, unit
        The figure, None where it is not known, or held back; and its unit, the scenario's currency.
    published
        Day on which it became known; None where there is no value.
    source
        Where it comes from.
    """

    name: str
    firm: str
    measure: str
    items: tuple[str, ...]
    markets: tuple[str, ...]
    start: dt.date
    end: dt.date
    value: float | None
    unit: str
    published: dt.date | None
    source: str

    @property
    def series(self) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
        """What it has in common with the same figure of other periods."""
        return (self.firm, self.measure, self.items, self.markets)

    @property
    def months(self) -> int:
        """Months of its period; 0 if it is not of whole months."""
        after = self.end + dt.timedelta(1)
        if self.start.day != 1 or after.day != 1:
            return 0
        return (after.year - self.start.year) * 12 + after.month - self.start.month

    def is_known(self, day: dt.date) -> bool:
        """Whether it was known on a day."""
        return self.value is not None and self.published is not None and self.published <= day

    @property
    def plain(self) -> dict[str, Any]:
        """All of it as plain data, dates as texts."""
        return {
            "name": self.name,
            "firm": self.firm,
            "measure": self.measure,
            "items": list(self.items),
            "markets": list(self.markets),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "value": self.value,
            "unit": self.unit,
            "published": None if self.published is None else self.published.isoformat(),
            "source": self.source,
        }


def of_plain(data: dict[str, Any]) -> Fact:
    """The fact of :attr:`Fact.plain`."""
    published = data["published"]
    return Fact(
        name=data["name"],
        firm=data["firm"],
        measure=data["measure"],
        items=tuple(data["items"]),
        markets=tuple(data["markets"]),
        start=dt.date.fromisoformat(data["start"]),
        end=dt.date.fromisoformat(data["end"]),
        value=data["value"],
        unit=data["unit"],
        published=None if published is None else dt.date.fromisoformat(published),
        source=data["source"],
    )


def read_facts(path: str | Path) -> tuple[list[Fact], dict[str, Place]]:
    """Read a file of facts.

    Parameters
    ----------
    path
        A CSV file with :data:`COLUMNS`; ``items`` and ``markets`` hold ids parted by blanks.

    Returns
    -------
    tuple
        The facts in the order of the file, and where each of them stands.

    Raises
    ------
    ScenarioError
        If it cannot be read, lacks a column, or a cell does not hold what it must; a fact that was published
        before its period ends is refused too.
    """
    table = read_csv(Path(path), _COMMAND_LINE, _refuse)
    reader = _Reader(table, {name: table.position(name, Place(str(path), 1)) for name in COLUMNS})
    if len(table.rows) > MOST_FACTS:
        _refuse(f"found {len(table.rows)} facts, allowed: {MOST_FACTS}", Place(str(path), 1))
    facts: dict[str, Fact] = {}
    for row in table.rows:
        fact = reader.fact(row)
        if fact.name in facts:
            _refuse(f"found the id {fact.name!r} again, allowed: each once", table.at(row))
        facts[fact.name] = fact
    return list(facts.values()), {name: table.at(row) for name, row in zip(facts, table.rows, strict=True)}


@dataclass(frozen=True, slots=True)
class _Reader:
    table: CsvFile
    positions: dict[str, int]

    def fact(self, row: Row) -> Fact:
        cells = {name: row.cells[position].strip() for name, position in self.positions.items()}
        start, end = self._period(row, cells["period"])
        value, published = self._value(row, cells["value"]), self._published(row, cells, end)
        if cells["measure"] not in MEASURES:
            hint = nearest(cells["measure"], MEASURES)
            self._refuse(row, f"found measure {cells['measure']!r}{hint}; allowed: {', '.join(MEASURES)}")
        if not cells["id"]:
            self._refuse(row, "found no id, allowed: one for each fact")
        return Fact(
            name=cells["id"],
            firm=cells["firm"],
            measure=cells["measure"],
            items=tuple(cells["items"].split()),
            markets=tuple(cells["markets"].split()),
            start=start,
            end=end,
            value=value,
            unit=cells["unit"],
            published=published,
            source=cells["source"],
        )

    def _refuse(self, row: Row, message: str) -> NoReturn:
        _refuse(message, self.table.at(row))

    def _period(self, row: Row, text: str) -> tuple[dt.date, dt.date]:
        try:
            return period_of(text)
        except ValueError:
            self._refuse(row, f"found period {text!r}, allowed: {_PERIODS}")

    def _value(self, row: Row, text: str) -> float | None:
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not 0.0 < value < float("inf"):
            self._refuse(
                row, f"found value {text!r}, allowed: a number above 0, or none to ask for a forecast"
            )
        return value

    def _published(self, row: Row, cells: dict[str, str], end: dt.date) -> dt.date | None:
        text = cells["published"]
        day = iso_date(text)
        if day is None and (text or cells["value"]):
            self._refuse(row, f"found published {text!r}, allowed: the day on which the value became known")
        if day is not None and day < end:
            self._refuse(
                row, f"found published {day}, before its period ends on {end}, allowed: that day or later"
            )
        return day


def period_of(text: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period.

    Raises
    ------
    ValueError
        If the text is none.

    Examples
    --------
    >>> [str(day) for day in period_of("2019Q4")]
    ['2019-10-01', '2019-12-31']
    >>> [str(day) for day in period_of("2019-01-01..2019-09-30")]
    ['2019-01-01', '2019-09-30']
    """
    if ".." in text:
        first, last = (dt.date.fromisoformat(part.strip()) for part in text.split(".."))
        if last < first:
            raise ValueError(text)
        return first, last
    if (day := iso_date(text)) is not None:
        return day, day
    match = _NAMED.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, part = int(match[1]), match[2]
    if part is None:
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    length = _PARTS.get(part[0], 1)
    month = int(part) if length == 1 else 1 + length * (int(part[1]) - 1)
    last_month = month + length - 1
    return dt.date(year, month, 1), dt.date(year, last_month, calendar.monthrange(year, last_month)[1])


def refuse_unfit(facts: Sequence[Fact], scenario: Scenario, places: dict[str, Place]) -> None:
    """Look whether facts are of what a scenario has.

    Parameters
    ----------
    facts
        The facts.
    scenario
        Whose firms, items and markets they name.
    places
        Where each of them stands.

    Raises
    ------
    ScenarioError
        With all facts that do not fit, each with its place.
    """
    problems = [
        Problem(f"{fact.name}: {message}", places[fact.name])
        for fact in facts
        for message in _unfit(fact, scenario)
    ]
    if problems:
        raise ScenarioError(problems[:MAX_LISTED])


def _unfit(fact: Fact, scenario: Scenario) -> Iterator[str]:
    known: tuple[tuple[str, Sequence[str], Any], ...] = (
        ("firm", (fact.firm,), scenario.firms),
        ("items", fact.items, scenario.items),
        ("markets", fact.markets, scenario.markets),
    )
    unknown = [(field, name, ids) for field, names, ids in known for name in names if name not in ids]
    for field, name, ids in unknown:
        yield f"found {field} {name!r}, allowed: an id of {scenario.name}{nearest(name, ids)}"
    if fact.unit != scenario.currency:
        yield f"found unit {fact.unit!r}, allowed: {scenario.currency!r}, the currency of {scenario.name}"
    if fact.measure != "revenue" and (fact.items or fact.markets):
        yield "found items or markets of a stock, allowed: of revenue only"
    elif not unknown and not _is_had(fact, scenario):
        yield f"found sales that {fact.firm} does not have in {scenario.name}"
    if fact.end < scenario.calendar.start and not fact.is_known(dt.date.max):
        yield f"found no value for days before {scenario.calendar.start}, the first of {scenario.name}"


def _is_had(fact: Fact, scenario: Scenario) -> bool:
    """Whether the firm has such sales, or such stock."""
    if fact.measure == "revenue":
        return any(sales_covered(scenario, fact.firm, fact.items, fact.markets))
    return any(point.firm == fact.firm for point in scenario.stock_points.values())


def _refuse(message: str, place: Place) -> NoReturn:
    raise ScenarioError([Problem(message, place)])

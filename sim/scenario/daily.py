"""Numbers with dates: whether each row is the day that it is taken for, and what a missing day means."""

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from sim.scenario.csvfile import LONGEST_CELL, CsvFile, Row
from sim.scenario.days import SimulatedDays, iso_date
from sim.scenario.fields import MAX_DAYS
from sim.scenario.scalars import Scalar
from sim.scenario.source import SourceNode

DATED, GAPS, ON_CALENDAR = "dates", "gaps", "match_calendar"
"""Fields of ``observations`` that say which column holds dates and how they are taken."""
_ALLOWED = "a date such as 2019-10-09"
_LETTERS = r"[^\W\d_]"
_LIKE_A_DATE = re.compile(
    rf"""\s*'?(?:
    [0-9]{{1,4}} ([-/.\ ]) [0-9]{{1,2}} \1 [0-9]{{1,4}} (\D.*)?  # 9/10/2019
    | (?:19|20) [0-9]{{2}} (?:0[1-9]|1[0-2]) (?:0[1-9]|[12][0-9]|3[01])  # 20191009
    | [0-9]{{4}} (?:-?W[0-9]{{2}} (?:-?[1-7])? | -[0-9]{{3}} | 年.*)  # 2019-W41-3, 2019-282
    | [0-9]{{1,2}} \. [0-9]{{1,2}} \.  # 9.10.
    | (?:{_LETTERS}{{2,9}}[.,\ ]+)?  # Wed 9-Oct-2019, October 9, 2019
      (?:[0-9]{{1,2}}[-./\ ]*{_LETTERS}{{3,9}} | {_LETTERS}{{3,9}}[-./\ ]+[0-9]{{1,2}})
      [-./,\ ]+ [0-9]{{2,4}} (\D.*)?
    )\s*""",
    re.VERBOSE | re.DOTALL,
)
"""However it is written: what looks like a date must be one, or days would be shifted in silence."""
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")


class Gaps(StrEnum):
    """What it means that a day has no row."""

    ZERO = "zero"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class DatedRows:
    """A file, where its dates stand in each row, and a number for each row."""

    table: CsvFile
    column: int
    numbers: list[float]

    def date(self, row: Row) -> dt.date:
        """The date of a row."""
        text = row.cells[self.column].strip()
        date = iso_date(_MIDNIGHT.sub("", text))
        if date is None:
            self.refuse(row, f"{text[:LONGEST_CELL]!r}", f"allowed: {_ALLOWED}")
        return date

    def refuse(self, row: Row, found: object, says: str) -> NoReturn:
        """Tell what is wrong with the date of a row."""
        column = f"in column {self.table.header[self.column]!r}"
        self.table.refuse(f"found {found} {column}, {says}", self.table.at(row))


@dataclass(frozen=True, slots=True)
class DayRules:
    """How days are taken.

    Attributes
    ----------
    in_turn
        Whether each number belongs to a day of its own, as for ``listed`` demand.
    gaps
        What a missing day means; None: there must be none.
    on_calendar
        Whether a number that belongs to a day belongs to that of its date.
    """

    in_turn: bool
    gaps: Gaps | None
    on_calendar: bool


def date_column(table: CsvFile, numbers: int, named: Scalar, node: SourceNode | None) -> int | None:
    """Where a file's dates stand: in the column that is named, else in the first that looks like dates."""
    if node is not None and isinstance(named, str):
        column = table.position(named, node.place)
        if column == numbers:
            table.refuse(f"found {named!r} for both column and dates, allowed: two columns", node.place)
        return column
    if node is not None:
        table.refuse(f"{DATED}: found {node.plain!r}, allowed: the name of a column", node.shown_at)
    others = (place for place in range(len(table.header)) if place != numbers)
    return next((place for place in others if _holds_dates(table, place)), None)


def _holds_dates(table: CsvFile, column: int) -> bool:
    is_named_so = table.header[column].casefold() == "date"
    return is_named_so or _LIKE_A_DATE.fullmatch(table.rows[0].cells[column]) is not None


def every_day(
    dated: DatedRows, process: str, entries: dict[str, SourceNode], simulated: SimulatedDays | None
) -> list[float]:
    """One number for each day: of the calendar for ``listed`` demand, else of those in the file.

    Raises
    ------
    ScenarioError
        If rows are not in the order of days, a day is missing and nothing says what that means, or the dates
        do not match the calendar.
    """
    rules = _day_rules(dated.table, process, entries)
    days = _by_day(dated, rules)
    if not rules.in_turn:
        return list(days.values())
    first, last = next(iter(days)), next(reversed(days))
    if rules.on_calendar and simulated is not None:
        _refuse_other_days(dated.table, first, last, simulated)
        first, last = simulated.first, simulated.last
    return [days[day] for day in _range(first, last)]


def _day_rules(table: CsvFile, process: str, entries: dict[str, SourceNode]) -> DayRules:
    in_turn = process == "listed"
    return DayRules(
        in_turn, _gaps(table, entries.get(GAPS), in_turn), _on_calendar(table, entries.get(ON_CALENDAR))
    )


def _gaps(table: CsvFile, node: SourceNode | None, in_turn: bool) -> Gaps | None:
    if node is None:
        return None
    allowed = [Gaps.ZERO] if in_turn else list(Gaps)
    if node.value not in allowed:
        why = "; listed demand needs a number for every day" if in_turn else ""
        table.refuse(f"{GAPS}: found {node.plain!r}, allowed: {', '.join(allowed)}{why}", node.shown_at)
    return Gaps(str(node.value))


def _on_calendar(table: CsvFile, node: SourceNode | None) -> bool:
    if node is None:
        return True
    if not isinstance(node.value, bool):
        table.refuse(f"{ON_CALENDAR}: found {node.plain!r}, allowed: true or false", node.shown_at)
    return node.value


def _by_day(dated: DatedRows, rules: DayRules) -> dict[dt.date, float]:
    """Numbers by their dates, which follow each other; days without a row are 0 or left out, as is said."""
    first = before = dated.date(dated.table.rows[0])
    days = {first: dated.numbers[0]}
    for row, number in zip(dated.table.rows[1:], dated.numbers[1:], strict=True):
        date = dated.date(row)
        _refuse_disorder(dated, row, before, date, rules)
        if (date - first).days >= MAX_DAYS:
            dated.refuse(row, date, f"more than {MAX_DAYS} days after {first}")
        if rules.gaps == Gaps.ZERO:
            days |= dict.fromkeys(_range(before, date)[1:-1], 0.0)
        days[date], before = number, date
    return days


def _refuse_disorder(dated: DatedRows, row: Row, before: dt.date, date: dt.date, rules: DayRules) -> None:
    days = (date - before).days
    if days == 1 or (days > 1 and rules.gaps is not None):
        return
    if days < 1:
        again = "again" if days == 0 else f"after {before}"
        dated.refuse(row, date, f"{again}, allowed: later days in later rows")
    wanted = before + dt.timedelta(1)
    unknown = "" if rules.in_turn else f", or '{GAPS}: {Gaps.LEFT_OUT}' if nobody knows"
    meaning = f"or '{GAPS}: {Gaps.ZERO}' if nothing was wanted on days without a row{unknown}"
    dated.refuse(row, date, f"allowed: {wanted}, the day after the row above, {meaning}")


def _refuse_other_days(table: CsvFile, first: dt.date, last: dt.date, simulated: SimulatedDays) -> None:
    """A file that does not tell of every day that is simulated."""
    if first <= simulated.first and simulated.last <= last:
        return
    row = table.rows[0] if first > simulated.first else table.rows[-1]
    needed = f"a row for every simulated day, {simulated.first} to {simulated.last}"
    anyway = f"or '{ON_CALENDAR}: false' to take the rows in turn and again, whatever their dates"
    table.refuse(f"the dates go from {first} to {last}, allowed: {needed}, {anyway}", table.at(row))


def _range(first: dt.date, last: dt.date) -> list[dt.date]:
    """All days from the first to the last, both included."""
    return [first + dt.timedelta(day) for day in range((last - first).days + 1)]

"""Exported tables as rows of what their columns mean; every row that is no such row is told."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sim.errors import Place, Problem
from sim.scenario.csvfile import is_total
from sim.scenario.erp.mapping import BOM, COLUMNS, INDENTED, ITEMS, NUMBERED, OF_LOSSES, VENDORS, Table
from sim.scenario.shapes import nearest
from sim.scenario.source import read_bytes, refuse

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 20_000_000, 100_000, 1_000
"""Of a file; no scenario has room for more rows."""
LONGEST_TEXT, MOST = 500, 1e15
FIRST_ROWS = 1_000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
NUMBERS = frozenset(
    (
        "quantity",
        "level",
        "price",
        "lead_time_days",
        "minimum_quantity",
        "demand_per_day",
        "cover_days",
        "on_hand",
        *OF_LOSSES,
    )
)
WHOM = {BOM: "component", VENDORS: "item", ITEMS: "item"}
"""The column that says of what a row of each table is."""
_BEFORE_ITS_NAME = " .-\t"
"""What indents a component."""
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says, by what its columns mean; cells that are empty are left out."""

    place: Place
    texts: Mapping[str, str]
    numbers: Mapping[str, float]

    @property
    def cited(self) -> str:
        """Where it stands, as a source."""
        return f"{Path(self.place.file).name}, line {self.place.line}"

    def text(self, meaning: str) -> str:
        """What a cell says; empty if nothing."""
        return self.texts.get(meaning, "").strip()


@dataclass(slots=True)
class Found:
    """Rows of all tables by what they hold, the problems with others, and what was done about some."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {holds: [] for holds in COLUMNS})
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, row: Row, message: str) -> None:
        """Tell what is wrong with a row, which is left out."""
        self.problems.append(Problem(message, row.place))

    def note(self, note: str) -> None:
        """Tell, once, what was done about a row."""
        if note not in self.notes:
            self.notes.append(note)


def read_tables(files: Sequence[Path], tables: Mapping[str, Table]) -> Found:
    """Read exported files.

    Parameters
    ----------
    files
        The files; how each is read its name says.
    tables
        How to read a file, by its name.

    Raises
    ------
    ScenarioError
        If a file cannot be read or is given twice, nobody says how, or a column that is named is not there.
    """
    found = Found()
    for place, file in enumerate(files):
        if file.resolve() in (other.resolve() for other in files[:place]):
            refuse(f"found {file} twice; allowed: each file once", None)
        if file.name not in tables:
            hint = nearest(file.name, tables)
            refuse(f"the mapping says nothing of {file.name}{hint}; it tells of {', '.join(tables)}", None)
        table = tables[file.name]
        for row, cells, problem in _rows(file, table):
            total = _total(row, cells, table)
            if total:
                found.note(f"{row.cited}: {total!r} is taken for a row of totals; it is left out")
            elif problem is None:
                found.rows[table.holds].append(row)
            else:
                found.problem(row, problem)
    return found


def _total(row: Row, cells: Sequence[str], table: Table) -> str:
    """What says that a row adds others up: in the place of an item, or anywhere if it is of none."""
    item = row.text(WHOM[table.holds])
    return next((cell.strip() for cell in ([item] if item else cells) if is_total(cell)), "")


@dataclass(frozen=True, slots=True)
class Looks:
    """What a file looks like: how it is written, its headings, and its first rows."""

    encoding: str
    separator: str
    headings: list[str]
    rows: list[list[str]]


def looks_of(file: Path) -> Looks:
    """How a file is likely written; its columns are parted by the sign of which the first line has most.

    Raises
    ------
    ScenarioError
        If it cannot be read.
    """
    data = read_bytes(file, None, MOST_BYTES)
    encoding = "utf-16" if data[:2] in _UTF_16 else "utf-8" if _is_utf_8(data) else "cp1252"
    text = _text(file, encoding)
    line = text.partition("\n")[0]
    separator = max(",;\t|", key=line.count)
    records = islice(_records(file, text, separator), FIRST_ROWS + 1)
    headings, *rows = [cells for _, cells in records if cells] or [[]]
    return Looks(encoding, separator, [cell.strip() for cell in headings], rows)


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(file: Path, encoding: str) -> str:
    data = read_bytes(file, None, MOST_BYTES)
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        refuse(f"a byte is not {encoding}; the mapping's 'encoding' says what it is", Place(str(file), line))


def _records(file: Path, text: str, separator: str) -> Iterator[tuple[Place, list[str]]]:
    """The lines of a table, and where each ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for number, cells in enumerate(reader):
            place = Place(str(file), reader.line_num)
            if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
                refuse(f"more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns by here", place)
            yield place, cells
    except csv.Error as error:
        hint = "is a quotation mark never closed?"
        refuse(f"from here on it is no table ({error}); {hint}", Place(str(file), reader.line_num))


def _rows(file: Path, table: Table) -> Iterator[tuple[Row, list[str], str | None]]:
    records = _records(file, _text(file, table.encoding), table.separator)
    header = [cell.strip() for cell in next(records, (None, []))[1]]
    positions = {
        meaning: [_position(file, header, heading) for heading in _headings(table, meaning)]
        for meaning in table.columns
    }
    for place, cells in records:
        if any(cell.strip() for cell in cells):
            row, problem = _row(place, cells, header, positions, table)
            yield row, cells, problem


def _headings(table: Table, meaning: str) -> list[str]:
    found = table.columns[meaning]
    return [found] if isinstance(found, str) else found


def _position(file: Path, header: list[str], heading: str) -> int:
    if header.count(heading) != 1:
        what = "no column" if heading not in header else "several columns"
        found = f"found {', '.join(header)[:200]}"
        refuse(f"there is {what} {heading!r}{nearest(heading, header)}; {found}", Place(str(file), 1))
    return header.index(heading)


def _row(
    place: Place, cells: list[str], header: list[str], positions: Mapping[str, list[int]], table: Table
) -> tuple[Row, str | None]:
    if len(cells) != len(header):
        return Row(place, {}, {}), f"found {len(cells)} cells, allowed: {len(header)} as in the header"
    filled = {
        meaning: [cells[place] for place in places if cells[place].strip()]
        for meaning, places in positions.items()
    }
    given = {meaning: found[0] for meaning, found in filled.items() if found}
    if table.form == NUMBERED and "level" in given:
        given["level"] = str(given["level"].strip().strip(".").count("."))
    texts = {meaning: text for meaning, text in given.items() if meaning not in NUMBERS}
    numbers: dict[str, float] = {}
    for meaning, text in texts.items():
        if len(text) > LONGEST_TEXT or not text.replace("\t", " ").isprintable():
            allowed = f"allowed: plain text, up to {LONGEST_TEXT} characters"
            return Row(place, {}, {}), f"{' or '.join(_headings(table, meaning))}: {allowed}"
    for meaning in given.keys() & NUMBERS:
        text = given[meaning].lstrip(" .*") if meaning == "level" else given[meaning]
        number = _number(text, table)
        if number is None or not _fits(meaning, number):
            shown = given[meaning].strip()[:40]
            where = " or ".join(_headings(table, meaning))
            return Row(place, texts, {}), f"{where}: found {shown!r}, allowed: {_allowed(meaning)}"
        numbers[meaning] = number
    if table.holds == BOM and table.form == INDENTED:
        raw = texts.get("component", "")
        texts["component"] = raw.lstrip(_BEFORE_ITS_NAME)
        numbers["level"] = float(len(raw) - len(texts["component"]))
    row = Row(place, texts, numbers)
    return row, None if row.text(WHOM[table.holds]) else f"found no {WHOM[table.holds]}"


def _fits(meaning: str, number: float) -> bool:
    if meaning.startswith("yield") and number == 0.0:
        return False
    return 0.0 <= number <= _largest(meaning)


def _largest(meaning: str) -> float:
    if meaning not in OF_LOSSES:
        return MOST
    return 1.0 if meaning.endswith("share") else 100.0


def _allowed(meaning: str) -> str:
    if meaning not in OF_LOSSES:
        return "a number, 0 or more"
    return f"a number from 0 to {_largest(meaning):g}{', but not 0' if meaning.startswith('yield') else ''}"


def _number(text: str, table: Table) -> float | None:
    plain = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if table.thousands:
        plain = plain.replace(table.thousands, "")
    if table.decimal == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return float(plain) if _PLAIN.fullmatch(plain) else None

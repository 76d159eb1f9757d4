"""A scenario in a workbook (``.xlsx``): a sheet for each collection, and one for all else.

A row of a collection's sheet is an entry, a column one of its fields, by its path: ``policy.cover_days``,
``price.source``. A row of the sheet ``scenario`` is a path and its value. What the cells hold is said in
:mod:`sim.scenario.cells`. The file comes from anybody: it is unpacked only as far as its size allows, and
formulas are never worked out.
"""

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from sim.errors import Place
from sim.scenario.cells import ID, LISTS_SHEET, NOTES, PATH, SCENARIO_SHEET, VALUE, node_of_cell
from sim.scenario.rows import column_of, is_note, put
from sim.scenario.shapes import COLLECTIONS, nearest
from sim.scenario.source import (
    MAX_NODES,
    OLD_OFFICE,
    TOO_MANY,
    Source,
    SourceNode,
    read_bytes,
    refuse,
)
from sim.scenario.typed import SAY_NOTES

SUFFIX = ".xlsx"
MOST_UNZIPPED = 60_000_000
MOST_MEMBERS = 500
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 1_048_576, 1_000, 200_000
"""Of a sheet: rows and columns up to which something may stand, and cells up to the last of each row."""
_SHEETS = (SCENARIO_SHEET, *COLLECTIONS, LISTS_SHEET)
_NO_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    SyntaxError,  # Of both parsers that openpyxl may take.
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What reading raises where a file is not what its name says."""
MOST_TEXTS, MOST_TAGS = 300_000, 500_000
"""In all of a workbook: different texts, and pieces of markup, of which a cell has four."""
_MARKUP = (b"<!DOCTYPE", b"<!ENTITY")


def read_workbook(path: Path, asked_for: Place | None = None, room: int = MAX_NODES) -> Source:
    """Read a workbook, as :func:`sim.scenario.source.read_file` reads YAML.

    Parameters
    ----------
    path, asked_for, room
        As for that.

    Raises
    ------
    ScenarioError
        If the file cannot be read or is no workbook, or a sheet or cell holds what no scenario may.
    """
    file, data = str(path), read_bytes(path, asked_for)
    reading = _Reading(file, room)
    with warnings.catch_warnings():  # openpyxl tells of styles and extensions that no scenario needs.
        warnings.simplefilter("ignore")
        for sheet in _sheets(data, file):
            reading.take(sheet)
    return Source(reading.finished(), reading.nodes)


# ---------------------------------------------------------------------- sheets


@dataclass(frozen=True, slots=True)
class _Filled:
    """A cell that holds something."""

    column: int
    node: SourceNode

    @property
    def text(self) -> str:
        """What it says as a heading, a path or an id: a spreadsheet makes numbers of texts."""
        return str(self.node.value).strip()

    @property
    def place(self) -> Place:
        return self.node.place


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet's headings and the rows below them, without what is empty."""

    name: str
    headings: dict[int, _Filled]
    rows: Iterator[list[_Filled]]
    top: Place


def _sheets(data: bytes, file: str) -> Iterator[_Sheet]:
    _refuse_bombs(data, file)
    try:
        stored, formulas = _opened(data, data_only=True), _opened(data, data_only=False)
        names = [sheet.title for sheet in stored.worksheets]
    except _NO_WORKBOOK as error:
        _refuse_unreadable(file, error)
    for name in names:
        if not name.lower().startswith(NOTES):
            rows = _filled_rows(stored[name], formulas[name], file)
            first = next(rows, [])
            if not first and name not in _SHEETS and next(rows, None) is None:
                continue  # A sheet that a spreadsheet adds by itself.
            _refuse_unknown_sheet(name, file)
            yield _Sheet(name, {cell.column: cell for cell in first}, rows, _place(file, name, 1, 1))


def _opened(data: bytes, *, data_only: bool) -> Any:
    """A workbook as openpyxl reads it, without its charts and what it links to."""
    from openpyxl.reader.excel import ExcelReader

    class Reader(ExcelReader):
        def read_chartsheet(self, sheet: Any, rel: Any) -> None:
            """A sheet that is a chart holds nothing of a scenario."""

    reader = Reader(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)
    reader.read()
    return reader.wb


def _refuse_bombs(data: bytes, file: str) -> None:
    """Look at what a workbook unpacks to before it is unpacked, and for markup that swells."""
    place = Place(file, 0)
    if data.startswith(OLD_OFFICE):
        refuse("it is under a password or of before 2007; save it as .xlsx without a password", place)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNZIPPED:
                refuse(
                    f"it unpacks to more than {MOST_UNZIPPED // 1_000_000} MB or {MOST_MEMBERS} files", place
                )
            tags = 0
            for member in members:
                with archive.open(member) as opened:
                    part = opened.read(member.file_size + 1)
                _refuse_swelling(member.filename, part, place)
                tags += part.count(b"<")
                if tags > MOST_TAGS:
                    found = "more cells and texts than any scenario needs, or styles of empty ones"
                    refuse(f"it holds {found}; delete empty rows and columns", place)
    except _NO_WORKBOOK as error:
        _refuse_unreadable(file, error)


def _refuse_swelling(name: str, part: bytes, place: Place) -> None:
    if any(mark in part for mark in _MARKUP):
        refuse(f"{name[:60]!r} in it holds a document type, which no workbook needs", place)
    if name.lower().endswith((".xml", ".rels")) and b"\0" in part:
        refuse(f"{name[:60]!r} in it is not UTF-8, as workbooks are", place)
    if part.count(b"<si") > MOST_TEXTS:
        refuse(f"it holds more than {MOST_TEXTS:,} texts, which no scenario needs", place)


def _refuse_unreadable(file: str, error: Exception) -> NoReturn:
    refuse(f"it is no workbook that can be read ({type(error).__name__}); allowed: {SUFFIX}", Place(file, 0))


def _refuse_unknown_sheet(name: str, file: str) -> None:
    if name not in _SHEETS:
        hint = nearest(name, _SHEETS) or ";"
        allowed = f"{', '.join(_SHEETS)}, or a name that begins with '{NOTES}' for what is not to be read"
        refuse(f"'{name}' is no sheet of a scenario{hint} allowed: {allowed}", _place(file, name, 1, 1))


def _filled_rows(stored: Any, formulas: Any, file: str) -> Iterator[list[_Filled]]:
    """The cells of each row that hold something; the first row even if none does."""
    for sheet in (stored, formulas):
        sheet.reset_dimensions()
    cells = 0
    try:
        both = zip(stored.iter_rows(min_row=1), formulas.iter_rows(min_row=1), strict=True)
        for number, (values, texts) in enumerate(both, start=1):
            cells += len(values)
            if number > MOST_ROWS or cells > MOST_CELLS:
                refuse(
                    f"more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells by here, most of them empty; "
                    "delete empty rows and columns",
                    _place(file, stored.title, number, 1),
                )
            row = [
                filled
                for column, (value, text) in enumerate(zip(values, texts, strict=True), start=1)
                if not _is_blank(text.value)
                and (filled := _filled(value, text, _place(file, stored.title, number, column), column))
            ]
            if row or number == 1:
                yield row
    except _NO_WORKBOOK as error:
        _refuse_unreadable(file, error)


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _filled(stored: Any, formula: Any, place: Place, column: int) -> _Filled | None:
    if column > MOST_COLUMNS:
        refuse(f"found something beyond column {MOST_COLUMNS:,}, where no field stands", place)
    if formula.data_type == "f" and stored.value is None:
        refuse("found a formula without its value; open the file in a spreadsheet and save it there", place)
    if stored.data_type == "e":
        refuse(f"found the error {stored.value}, allowed: a number, a text or a date", place)
    node = node_of_cell(stored.value, place)
    return None if node is None else _Filled(column, node)


def _place(file: str, sheet: str, row: int, column: int) -> Place:
    from openpyxl.utils import get_column_letter

    return Place(file, row, column, f"{sheet}!{get_column_letter(column)}{row}")


# ---------------------------------------------------------------------- what they say


@dataclass(slots=True)
class _Reading:
    """A scenario as far as its sheets have been read."""

    file: str
    room: int
    nodes: int = 0
    top: dict[str, SourceNode] = field(default_factory=dict)
    lists: dict[str, list[SourceNode]] = field(default_factory=dict)

    def take(self, sheet: _Sheet) -> None:
        """Read one sheet."""
        if sheet.name == SCENARIO_SHEET:
            self._take_scenario(sheet)
        elif sheet.name == LISTS_SHEET:
            self._take_lists(sheet)
        else:
            self._take_collection(sheet)

    def finished(self) -> SourceNode:
        """The whole tree, with lists in the places that name them."""
        place = Place(self.file, 0)
        if not self.top:
            refuse("the workbook is empty, allowed: a scenario", place)
        return _with_lists(SourceNode(self.top, place), self.lists)

    def _take_scenario(self, sheet: _Sheet) -> None:
        _refuse_headings(sheet, (PATH, VALUE))
        given: dict[str, Place] = {}
        for row in sheet.rows:
            cells = {cell.column: cell for cell in row}
            path, value = cells.get(1), cells.get(2)
            if path is None:
                if value is not None:
                    refuse("found a value without a path before it", value.place)
                continue
            _refuse_second(path, given)
            if value is not None:
                self._put(self.top, path, value.node)

    def _take_collection(self, sheet: _Sheet) -> None:
        _refuse_headings(sheet, (ID,))
        headings: dict[str, Place] = {}
        for heading in sheet.headings.values():
            if not is_note(heading.text):
                _refuse_second(heading, headings)
        entries: dict[str, SourceNode] = {}
        given: dict[str, Place] = {}
        for row in sheet.rows:
            name = row[0]
            if name.column != 1:
                refuse("found a row without an id in its first column", name.place)
            _refuse_second(name, given)
            entry: dict[str, SourceNode] = {}
            for cell in row[1:]:
                if cell.column not in sheet.headings:
                    refuse(f"found a value in a column without a heading{SAY_NOTES}", cell.place)
                if not is_note(sheet.headings[cell.column].text):
                    self._put(entry, sheet.headings[cell.column], cell.node)
            entries[name.text] = SourceNode(entry, name.place, name.place)
            self._count(name.place, 1)
        if entries:
            self.top[sheet.name] = SourceNode(entries, sheet.top, sheet.top)

    def _take_lists(self, sheet: _Sheet) -> None:
        given: dict[str, Place] = {}
        for heading in sheet.headings.values():
            _refuse_second(heading, given)
            self.lists[heading.text] = []
        for row in sheet.rows:
            for cell in row:
                if cell.column not in sheet.headings:
                    refuse("found a value in a column without a heading", cell.place)
                self.lists[sheet.headings[cell.column].text].append(cell.node)

    def _put(self, entry: dict[str, SourceNode], path: _Filled, node: SourceNode) -> None:
        """Put a value at its path."""
        put(entry, column_of(path.text, path.place), node.value, node.place)
        self._count(node.place, 1)

    def _count(self, place: Place, more: int) -> None:
        self.nodes += more
        if self.nodes > self.room:
            refuse(TOO_MANY, place)


def _refuse_headings(sheet: _Sheet, first: tuple[str, ...]) -> None:
    found = tuple(
        sheet.headings[column].text if column in sheet.headings else "" for column in range(1, len(first) + 1)
    )
    if found != first:
        shown = ", ".join(found).strip(", ") or "none"
        where = "in the first columns of the first row"
        refuse(f"found the headings {shown}, allowed: {', '.join(first)} {where}", sheet.top)


def _refuse_second(cell: _Filled, given: dict[str, Place]) -> None:
    if cell.text in given:
        refuse(
            f"'{cell.text}' stands here a second time; the first is in {given[cell.text].cell}", cell.place
        )
    given[cell.text] = cell.place


def _with_lists(node: SourceNode, lists: dict[str, list[SourceNode]]) -> SourceNode:
    """The same tree with a list wherever a cell names a column of the sheet ``lists``."""
    if not isinstance(node.value, dict):
        return node
    if set(node.value) == {"sheet", "column"} and node.value["sheet"].value == LISTS_SHEET:
        column = str(node.value["column"].value)
        if column not in lists:
            hint = nearest(column, lists)
            refuse(f"'{column}' is no column of the sheet {LISTS_SHEET}{hint}", node.place)
        return SourceNode(lists[column], node.place, node.key_place)
    entries = {key: _with_lists(part, lists) for key, part in node.value.items()}
    return SourceNode(entries, node.place, node.key_place)

"""Tables that scenario files name: CSV and Parquet files of which each row is an entry or fills one.

What a cell says follows from its column. In a column of texts it is that text. Elsewhere it is read as YAML
reads a single value. What begins with ``{``, ``[`` or ``"`` is a piece of YAML. An empty cell says nothing.
"""

import csv
import datetime as dt
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Place
from sim.scenario.cells import YAML_BEGINS, at, day_of
from sim.scenario.rows import Held
from sim.scenario.scalars import resolve
from sim.scenario.shapes import nearest
from sim.scenario.source import MAX_NODES, SourceNode, read_plain, read_text, refuse, refuse_unprintable
from sim.scenario.unpacking import MOST_BYTES, MOST_CELLS, MOST_COLUMNS, unpacked

CSV, PARQUET = ".csv", ".parquet"
SUFFIXES = (CSV, PARQUET)


@dataclass(frozen=True, slots=True)
class TablePlace(Place):
    """A place in a table: the file, the row as a spreadsheet counts it, and the column."""

    def __str__(self) -> str:
        return f"{self.file}, row {self.line}" + (f", {self.cell}" if self.cell else "")


@dataclass(frozen=True, slots=True)
class Table:
    """The headings of a table, and its rows with their numbers; a cell that is None or empty says nothing."""

    file: str
    headings: list[str]
    rows: Iterator[tuple[int, Sequence[Any]]]

    def at(self, row: int, column: int) -> TablePlace:
        """Where a cell stands; columns count from 0."""
        return TablePlace(self.file, row, column + 1, " ".join(self.headings[column][:60].split()))

    def refuse_headings(self, first: int) -> None:
        """Refuse headings of which two are the same, or that are not there at all.

        Raises
        ------
        ScenarioError
            If there are such ones; ``first`` is the row in which they stand.
        """
        seen: dict[str, None] = {}
        for column, heading in enumerate(self.headings):
            if heading in seen and heading:
                refuse(f"'{heading[:60]}' is the heading of two columns", self.at(first, column))
            seen[heading] = None
            refuse_unprintable(heading, TablePlace(self.file, first, column + 1))


def read_table(path: Path, asked_for: Place | None) -> Table:
    """Read a CSV or Parquet file, as its ending says.

    Parameters
    ----------
    path
        The file.
    asked_for
        Where a scenario names it.

    Raises
    ------
    ScenarioError
        If there is no such file, it is too large, or it is no table.
    """
    if path.suffix.lower() not in SUFFIXES:
        refuse(f"found the file {path}, allowed: a table that ends in {' or '.join(SUFFIXES)}", asked_for)
    if not os.path.isfile(path):  # noqa: PTH113 - of a name that is too long, a Path raises an error
        if os.path.lexists(path):
            refuse(f"{path} is no regular file, allowed: a table", asked_for)
        others = path.parent.glob(f"*{path.suffix}") if os.path.isdir(path.parent) else ()  # noqa: PTH112
        hint = nearest(path.name, [other.name for other in others])
        refuse(f"there is no file {path}, seen from the scenario file{hint}", asked_for)
    table = _csv(path, asked_for) if path.suffix.lower() == CSV else _parquet(path, asked_for)
    if not any(table.headings):
        refuse(
            "found no headings, allowed: a row of headings, and a row for each entry", Place(table.file, 0)
        )
    if len(table.headings) > MOST_COLUMNS:
        refuse(
            f"found {len(table.headings):,} columns, allowed: up to {MOST_COLUMNS:,}", Place(table.file, 0)
        )
    table.refuse_headings(1)
    return table


def _csv(path: Path, asked_for: Place | None) -> Table:
    text = read_plain(path, asked_for, MOST_BYTES)
    csv.field_size_limit(MOST_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    headings = [heading.strip() for heading in next(_sound(reader, str(path)), (1, []))[1]]
    table = Table(str(path), headings, iter(()))
    if len(headings) == 1 and re.search("[;\t]", headings[0]):
        refuse(
            f"found {headings[0][:60]!r} as the only column, allowed: columns parted by commas",
            table.at(1, 0),
        )
    return Table(str(path), headings, _as_wide(_sound(reader, str(path)), table))


def _sound(reader: Any, file: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file, each with the line on which it begins."""
    line = reader.line_num + 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        refuse(f"it is no CSV file: {error}", TablePlace(file, line))


def _as_wide(rows: Iterable[tuple[int, list[str]]], table: Table) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, each as wide as the headings."""
    cells, width = 0, len(table.headings)
    for line, row in rows:
        cells += len(row)
        if cells > MOST_CELLS:
            refuse(
                f"more than {MOST_CELLS:,} cells by here; make several tables", TablePlace(table.file, line)
            )
        if len(row) == width:
            yield line, row
        elif any(cell.strip() for cell in row):
            found = "1 cell" if len(row) == 1 else f"{len(row)} cells"
            refuse(
                f"found {found}, allowed: {width} as in the headings; quote a cell with a comma in it",
                TablePlace(table.file, line),
            )


def _parquet(path: Path, asked_for: Place | None) -> Table:
    names, columns = unpacked(path, asked_for)
    rows = enumerate(zip(*columns, strict=True), start=2)
    return Table(str(path), [name.strip() for name in names], rows)


# ---------------------------------------------------------------------- what a cell says


@dataclass(slots=True)
class Cells:
    """The cells of a column; each different text is looked at once."""

    is_text: bool
    _seen: dict[str, Held] = field(default_factory=dict)
    _read: dict[str, SourceNode] = field(default_factory=dict)

    def value(self, cell: Any, place: Place) -> Held:
        """What a cell says; None of one that says nothing.

        Parameters
        ----------
        cell
            As the table holds it.
        place
            Where it stands.

        Raises
        ------
        ScenarioError
            If it holds what no scenario may.
        """
        if isinstance(cell, str):
            return self._seen[cell] if cell in self._seen else self._text(cell, place)
        if self.is_text and type(cell) is int:
            return str(cell)
        if cell is None or isinstance(cell, bool | int | float):
            return cell
        if isinstance(cell, dt.date):
            return day_of(cell, place)
        if len(cell) > MAX_NODES:
            refuse(f"found a list of {len(cell):,} values, allowed: up to {MAX_NODES:,}", place)
        return [SourceNode(self.value(item, place), place) for item in cell]

    def _text(self, cell: str, place: Place) -> Held:
        if cell in self._read:
            return at(place, self._read[cell]).value
        refuse_unprintable(cell, place)
        text = cell.strip()
        if text.startswith(YAML_BEGINS):
            self._read[cell] = read_text(text, str(place))
            return at(place, self._read[cell]).value
        try:
            found = (text or None) if self.is_text else resolve(text)
        except ValueError as error:
            refuse(str(error), place)
        self._seen[cell] = found
        return found

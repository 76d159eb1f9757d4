"""A CSV file that is read strictly: every row is as wide as the header, and nothing is skipped in silence."""

import csv
import io
import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn, Protocol

from sim.errors import Place
from sim.scenario.fields import MAX_DAYS
from sim.scenario.shapes import nearest
from sim.scenario.source import read_plain

LONGEST_CELL = 40
FEWEST_OF_A_TOTAL = 7
"""Rows with something in them above a last one that is their sum, so that it is taken for a total."""
# fmt: off
TOTALS = frozenset((
    "total", "totals", "grand total", "subtotal", "sum total", "sum", "average", "mean", "summe", "gesamt",
    "insgesamt", "gesamtsumme", "somme", "totale", "suma",
))
# fmt: on
_BESIDE_A_TOTAL = " \t:.0123456789"
"""Around the word for a total, as in ``Total 2025:``."""
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_GROUPED = re.compile(r"[-+]?[0-9]+([., '\u00a0\u202f][0-9]+)+")


def is_total(cell: str) -> bool:
    """Whether a cell says that its row adds others up.

    Examples
    --------
    >>> is_total("Summe 2025:"), is_total("Total Energies")
    (True, False)
    """
    return cell.strip(_BESIDE_A_TOTAL).lower() in TOTALS


class Refuse(Protocol):
    """Tells what is wrong with a file, and where."""

    def __call__(self, message: str, place: Place) -> NoReturn:
        """Raise the error."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row and the line of the file on which it ends."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A table with a header, and what tells a problem with it."""

    path: Path
    header: list[str]
    rows: list[Row]
    refuse: Refuse

    def at(self, row: Row) -> Place:
        """Where a row stands."""
        return Place(str(self.path), row.line)

    def position(self, name: str, named_at: Place) -> int:
        """Where a column stands in each row.

        Raises
        ------
        ScenarioError
            If there is none of that name, or several.
        """
        if self.header.count(name) > 1:
            self.refuse(f"{self.path} has {self.header.count(name)} columns {name!r}", named_at)
        if name not in self.header:
            hint = nearest(name, self.header) if len(self.header) > 1 else ""
            found = ", ".join(self.header)[:80] or "none"
            message = f"{self.path} has no column {name!r}{hint}; found {found}"
            self.refuse(f"{message}; columns are parted by commas", named_at)
        return self.header.index(name)

    def numbers(self, position: int) -> list[float]:
        """The numbers of a column.

        Raises
        ------
        ScenarioError
            If a cell holds no amount, or a row is a total of the others.
        """
        numbers = [self._number(row, position) for row in self.rows]
        self._refuse_sum(numbers)
        return numbers

    def _number(self, row: Row, position: int) -> float:
        label = next(filter(is_total, row.cells), None)
        if label is not None:
            self.refuse(f"found a row {label.strip()!r}, allowed: one row for each day", self.at(row))
        text = row.cells[position].strip()
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not 0.0 <= number < math.inf:
            found = f"found {row.cells[position][:LONGEST_CELL]!r} in column {self.header[position]!r}"
            hint = "; a decimal point, and nothing between thousands" if _GROUPED.fullmatch(text) else ""
            self.refuse(f"{found}, allowed: a number of 0 or more{hint}", self.at(row))
        return number

    def _refuse_sum(self, numbers: Sequence[float]) -> None:
        above = [number for number in numbers[:-1] if number > 0.0]
        if len(above) >= FEWEST_OF_A_TOTAL and math.isclose(math.fsum(above), numbers[-1]):
            message = f"found {numbers[-1]:g}, the sum of all rows above, allowed: one row for each day"
            self.refuse(message, self.at(self.rows[-1]))


def read_csv(path: Path, named_at: Place, refuse: Refuse) -> CsvFile:
    """Read a CSV file with a header row, its columns parted by commas.

    Parameters
    ----------
    path
        The file.
    named_at
        Where a scenario names it.
    refuse
        Tells what is wrong.

    Raises
    ------
    ScenarioError
        If it is no such file, holds no row, an empty one between others, or one of another width.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - of a name that is too long, a Path raises an error
        refuse(f"there is no CSV file {path}, seen from the scenario file", named_at)
    text = read_plain(path, named_at)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _refuse_other_separators(path, header, refuse)
        table = CsvFile(path, header, [], refuse)
        read = (Row(reader.line_num, cells) for cells in reader)
        table.rows.extend(islice(_rows(table, read), MAX_DAYS + 1))
    except csv.Error as error:
        refuse(f"{path} is not a CSV file: {error}", named_at)
    if header and not table.rows:
        refuse(f"{path} has no rows below its header", named_at)
    if len(table.rows) > MAX_DAYS:
        refuse(f"{path} has more than {MAX_DAYS} rows, which no scenario needs", named_at)
    return table


def _refuse_other_separators(path: Path, header: list[str], refuse: Refuse) -> None:
    if len(header) == 1 and re.search("[;\t]", header[0]):
        found = f"found {header[0][:LONGEST_CELL]!r} as the only column"
        refuse(f"{found}, allowed: columns parted by commas", Place(str(path), 1))


def _rows(table: CsvFile, read: Iterable[Row]) -> Iterator[Row]:
    """The rows that hold something; empty ones may only follow them."""
    empty: Row | None = None
    for row in read:
        if not any(cell.strip() for cell in row.cells):
            empty = empty or row
            continue
        if empty is not None:
            message = "found an empty row between others, allowed: a number for each day"
            table.refuse(message, table.at(empty))
        if len(row.cells) != len(table.header):
            cells = "1 cell" if len(row.cells) == 1 else f"{len(row.cells)} cells"
            allowed = f"allowed: {len(table.header)} as in the header; a number has no comma in it"
            table.refuse(f"found {cells}, {allowed}", table.at(row))
        yield row

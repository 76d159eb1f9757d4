"""Collections that stand in tables of their own: ``stock_points: {file: points.csv}``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.errors import Place, Problem, ScenarioError, first_problems
from sim.scenario.cells import ID
from sim.scenario.columns import Known, known
from sim.scenario.rows import Column, column_of, is_note, put
from sim.scenario.shapes import COLLECTIONS, nearest
from sim.scenario.source import MOST_VALUES, TOO_MANY_IN_TABLES, Source, SourceNode, refuse, size_of
from sim.scenario.tables import Cells, Table, TablePlace, read_table
from sim.scenario.typed import SAY_NOTES
from sim.scenario.wording import show

FILE = "file"
SAID = ("source", "confidence", "note")
"""What may stand beside the file of a table and holds for each row that does not say it itself."""


def with_tables(source: Source, room: int = MOST_VALUES) -> Source:
    """A file with the entries of all tables that its collections name.

    Parameters
    ----------
    source
        The file.
    room
        The largest number of values that the tables may hold.

    Raises
    ------
    ScenarioError
        If a table cannot be read, or a column or cell of it holds what no scenario may.
    """
    root = source.root
    assert isinstance(root.value, dict)  # noqa: S101 - files are mappings
    entries, nodes = dict(root.value), source.nodes
    for name in COLLECTIONS:
        collection = entries.get(name)
        if collection is not None and _names_table(collection):
            filled = _Filling(name, collection, room)
            entries[name] = filled.collection()
            nodes += filled.nodes
            room -= filled.nodes
    return Source(replace(root, value=entries), nodes)


def _names_table(collection: SourceNode) -> bool:
    """Whether a collection names a file; an entry that is called ``file`` is a mapping."""
    file = collection.value.get(FILE) if isinstance(collection.value, dict) else None
    return file is not None and not isinstance(file.value, dict)


@dataclass(slots=True)
class _Filling:
    """A collection whose entries a table holds."""

    name: str
    asked: SourceNode
    room: int
    nodes: int = 0

    def collection(self) -> SourceNode:
        """The collection with an entry for each row, and those that stand beside the file."""
        assert isinstance(self.asked.value, dict)  # noqa: S101 - the caller looked
        beside = {key: node for key, node in self.asked.value.items() if key != FILE}
        said = {key: node for key, node in beside.items() if key in SAID and not isinstance(node.value, dict)}
        own = {key: node for key, node in beside.items() if key not in said}
        self._refuse_unknown(own)
        table = self._table()
        entries = self._entries(table, said)
        for key, node in own.items():
            if key in entries:
                refuse(
                    f"{self.name}.{key}: stands here and in {entries[key].place}; allowed: one of both",
                    node.shown_at,
                )
        introduced = self.asked.key_place if entries or own else TablePlace(table.file, 1)
        return replace(self.asked, value={**entries, **own}, key_place=introduced)

    def _refuse_unknown(self, own: dict[str, SourceNode]) -> None:
        for key, node in own.items():
            if not isinstance(node.value, dict):
                hint = nearest(key, (FILE, *SAID)) or ";"
                allowed = f"{FILE}, {', '.join(SAID)}, or entries by their id"
                refuse(
                    f"{self.name}: found '{key[:60]}'{hint} allowed: {allowed}", node.key_place or node.place
                )

    def _entries(self, table: Table, said: dict[str, SourceNode]) -> dict[str, SourceNode]:
        ids, columns = self._columns(table)
        names = Cells(is_text=True)
        unnamed = [index for index, heading in enumerate(table.headings) if not heading]
        entries: dict[str, SourceNode] = {}
        for row, cells in table.rows:
            for index in unnamed:
                if cells[index] not in (None, ""):
                    refuse(f"found a value in a column without a heading{SAY_NOTES}", table.at(row, index))
            place = table.at(row, ids)
            name = names.value(cells[ids], place)
            if name is None:
                if any(cell is not None and str(cell).strip() for cell in cells):
                    refuse("found a row without an id", place)
                continue
            if not isinstance(name, str):
                refuse(f"found {show(name)} as an id, allowed: a text", place)
            if name in entries:
                first = entries[name].place.line
                refuse(f"'{name[:80]}' stands here a second time; the first is in row {first}", place)
            entry = self._entry(table, row, cells, columns)
            entries[name] = SourceNode({**said, **entry} if said else entry, place, place)
            self._count(place, 1 + len(said))
        return entries

    def _entry(
        self, table: Table, row: int, cells: Sequence[Any], columns: list[tuple[int, Column, Cells]]
    ) -> dict[str, SourceNode]:
        entry: dict[str, SourceNode] = {}
        for index, column, reads in columns:
            cell = cells[index]
            if cell is None or cell == "":
                continue
            place = table.at(row, index)
            value = reads.value(cell, place)
            if isinstance(value, dict | list):
                self._count(place, size_of(SourceNode(value, place)) - 1)
            if value is not None:
                put(entry, column, value, place)
        self._count(table.at(row, 0), len(entry))
        return entry

    def _table(self) -> Table:
        assert isinstance(self.asked.value, dict)  # noqa: S101 - the caller looked
        file = self.asked.value[FILE]
        if not isinstance(file.value, str) or not file.value:
            refuse(f"{self.name}.{FILE}: found no text, allowed: the path of a table", file.shown_at)
        try:
            return read_table(Path(file.place.file).parent / file.value, file.place)
        except ScenarioError as error:
            raise _told(error, self.name, file.place) from None

    def _columns(self, table: Table) -> tuple[int, list[tuple[int, Column, Cells]]]:
        """Where the ids stand, and the other columns with how their cells are read."""
        if ID not in table.headings:
            found = ", ".join(table.headings)[:80]
            hint = nearest(ID, table.headings)
            refuse(f"found the columns {found}, allowed: one of them is {ID}{hint}", Place(table.file, 0))
        columns: list[tuple[int, Column, Cells]] = []
        problems: list[Problem] = []
        for index, heading in enumerate(table.headings):
            if heading in (ID, "") or is_note(heading):
                continue
            column = column_of(heading, table.at(1, index))
            what = known(self.name, column.path)
            if isinstance(what, Known):
                columns.append((index, column, Cells(what.is_text)))
            else:
                problems.append(Problem(what, column.place))
        if problems:
            raise ScenarioError(first_problems(problems))
        return table.headings.index(ID), columns

    def _count(self, place: Place, more: int) -> None:
        self.nodes += more
        if self.nodes > self.room:
            refuse(TOO_MANY_IN_TABLES, place)


def _told(error: ScenarioError, name: str, asked_for: Place) -> ScenarioError:
    """Problems with a file as such, with the collection that names it."""
    return ScenarioError(
        [
            Problem(f"{name}: {problem.message}", problem.place) if problem.place == asked_for else problem
            for problem in error.problems
        ]
    )

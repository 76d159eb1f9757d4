"""Entries written by rule: what a file says once, made for each row of a table.

``<column>`` stands for a cell. A text that is nothing else takes the cell's value, a number or a text as its
field wants it. Where a cell is empty, the field that names it is left out, or the entry if its id does;
and so is a mapping of which nothing is left.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Place, Problem, ScenarioError, first_problems
from sim.scenario.columns import Known, known
from sim.scenario.fields import LONGEST_TEXT
from sim.scenario.rows import Held
from sim.scenario.shapes import COLLECTIONS, nearest
from sim.scenario.source import MOST_VALUES, TOO_MANY_IN_TABLES, SourceNode, refuse, size_of
from sim.scenario.tabled import FILE
from sim.scenario.tables import Cells, Table, read_table
from sim.scenario.wording import show

FOR_EACH = "for_each"
MOST_RULES = 100
"""Of a file: each may read a table of its own."""
_GAP = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class RulePlace(Place):
    """A place in a rule, and the row of the table that it was applied to."""

    row: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}, with {self.row}"


@dataclass(slots=True)
class _Row:
    """A row that a rule is applied to."""

    shown: str
    cells: Sequence[Any]

    def at(self, place: Place) -> RulePlace:
        """A place in the rule, for this row."""
        return RulePlace(place.file, place.line, place.column, row=self.shown)


Maker = Callable[[_Row], SourceNode | None]
"""Makes a part of an entry for a row; None if a cell that it names is empty."""


def made_by_rules(root: SourceNode, room: int = MOST_VALUES) -> tuple[SourceNode, int]:
    """The collections that the rules of a file make, and the number of values in them.

    Parameters
    ----------
    root
        The file.
    room
        The largest number of values that may be made.

    Raises
    ------
    ScenarioError
        If a rule names no table, no collection or no column, or makes two entries of one id.
    """
    assert isinstance(root.value, dict)  # noqa: S101 - files are mappings
    rules = root.value.get(FOR_EACH)
    made: dict[str, SourceNode] = {}
    if rules is None:
        return SourceNode(made, root.place), 0
    if not isinstance(rules.value, dict):
        refuse(f"{FOR_EACH}: found no mapping, allowed: rules by their names", rules.shown_at)
    if len(rules.value) > MOST_RULES:
        found = f"found {len(rules.value):,} rules, allowed: up to {MOST_RULES}"
        refuse(f"{FOR_EACH}: {found}", rules.shown_at)
    left = room
    for name, rule in rules.value.items():
        left -= _Rule(f"{FOR_EACH}.{name[:60]}", rule, left).add_to(made)
    return SourceNode(made, rules.place, rules.key_place), room - left


@dataclass(slots=True)
class _Rule:
    """One rule, and what it has made so far."""

    path: str
    rule: SourceNode
    room: int
    nodes: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add_to(self, made: dict[str, SourceNode]) -> int:
        """Make its entries for every row, and count their values."""
        entries = self.rule.value if isinstance(self.rule.value, dict) else {}
        file = entries.get(FILE)
        if file is None or not isinstance(file.value, str):
            refuse(f"{self.path}: found no {FILE}, allowed: the path of a table", self.rule.shown_at)
        table = read_table(Path(file.place.file).parent / file.value, file.place)
        makers = [(name, self._entries(name, node, table)) for name, node in entries.items() if name != FILE]
        if self.problems:
            raise ScenarioError(first_problems(self.problems))
        for number, cells in table.rows:
            row = _Row(f"row {number} of {file.value}", cells)
            self._count(row.at(self.rule.place))
            for name, entry_makers in makers:
                for make_id, make_entry in entry_makers:
                    self._add(made, name, make_id(row), make_entry(row))
        return self.nodes

    def _add(
        self, made: dict[str, SourceNode], collection: str, name: SourceNode | None, entry: SourceNode | None
    ) -> None:
        if name is None or entry is None:
            return
        entries = made.setdefault(collection, SourceNode({}, self.rule.place, self.rule.key_place)).value
        assert isinstance(entries, dict)  # noqa: S101 - it was made so
        there = entries.get(str(name.value))
        if there is None:
            entries[str(name.value)] = SourceNode(entry.value, entry.place, name.place)
            self._count(name.place)
        elif there.plain != entry.plain:
            first = there.shown_at
            refuse(f"{collection}.{name.value}: is made a second time, otherwise than at {first}", name.place)

    def _entries(self, collection: str, node: SourceNode, table: Table) -> list[tuple[Maker, Maker]]:
        """What makes the ids of a collection's entries and the entries."""
        if collection not in COLLECTIONS or not isinstance(node.value, dict):
            hint = nearest(collection, (FILE, *COLLECTIONS)) if collection not in COLLECTIONS else ""
            found = (
                f"{collection} has no entries" if collection in COLLECTIONS else f"found '{collection[:60]}'"
            )
            allowed = f"allowed: {FILE}, or collections with entries"
            self.problems.append(Problem(f"{self.path}: {found}{hint or ';'} {allowed}", node.shown_at))
            return []
        return [
            (self._key(key, entry, table), self._part(entry, collection, (), table))
            for key, entry in node.value.items()
        ]

    def _part(self, node: SourceNode, collection: str, path: tuple[str, ...], table: Table) -> Maker:
        """What makes a part of an entry."""
        if isinstance(node.value, dict):
            parts = [
                (self._key(key, part, table), self._part(part, collection, (*path, key), table))
                for key, part in node.value.items()
            ]
            return lambda row: self._mapping(row, node, parts)
        if isinstance(node.value, list):
            items = [self._part(item, collection, path, table) for item in node.value]
            return lambda row: SourceNode(
                [made for item in items if (made := item(row)) is not None], row.at(node.place)
            )
        if isinstance(node.value, str):
            what = known(collection, path) if path else ""
            is_text = isinstance(what, Known) and what.is_text
            return self._text(node.value, Cells(is_text), node.place, table)
        return lambda row: self._counted(node.value, row.at(node.place))

    def _mapping(self, row: _Row, node: SourceNode, parts: list[tuple[Maker, Maker]]) -> SourceNode | None:
        """A mapping of what is left; None if that is nothing."""
        entry: dict[str, SourceNode] = {}
        for make_key, make_part in parts:
            key, part = make_key(row), make_part(row)
            if key is not None and part is not None:
                if str(key.value) in entry:
                    refuse(f"'{key.value}' stands here a second time", key.place)
                entry[str(key.value)] = SourceNode(part.value, part.place, key.place)
        return SourceNode(entry, row.at(node.place)) if entry or not parts else None

    def _key(self, key: str, node: SourceNode, table: Table) -> Maker:
        """What makes the name of something."""
        make = self._text(key, Cells(is_text=True), node.key_place or node.place, table)

        def named(row: _Row) -> SourceNode | None:
            name = make(row)
            if name is not None:
                _refuse_other_than_text(name.value, name.place)
            return name

        return named

    def _text(self, text: str, reads: Cells, place: Place, table: Table) -> Maker:
        """What makes a text, or the value of the cell that it is."""
        pieces = _GAP.split(text)
        columns = [self._column(name, table, place) for name in pieces[1::2]]
        if not columns:
            return lambda row: self._counted(text, row.at(place))
        if len(columns) == 1 and pieces[0] == pieces[2] == "":
            return lambda row: self._cell(row, columns[0], reads, place)
        texts = Cells(is_text=True)
        between = pieces[0::2]

        def joined(row: _Row) -> SourceNode | None:
            here = row.at(place)
            values = [texts.value(row.cells[column], here) for column in columns]
            if None in values:
                return None
            for value in values:
                _refuse_other_than_text(value, here)
            filled = [f"{value}{after}" for value, after in zip(values, between[1:], strict=True)]
            made = "".join((between[0], *filled))
            if len(made) > LONGEST_TEXT:
                refuse(f"found a text of {len(made)} characters, allowed: up to {LONGEST_TEXT}", here)
            return self._counted(made, here)

        return joined

    def _cell(self, row: _Row, column: int, reads: Cells, place: Place) -> SourceNode | None:
        here = row.at(place)
        value = reads.value(row.cells[column], here)
        return None if value is None else self._counted(value, here)

    def _column(self, name: str, table: Table, place: Place) -> int:
        if name in table.headings:
            return table.headings.index(name)
        hint = nearest(name, table.headings) or ";"
        found = f"found <{name[:60]}>, which is no column of {table.file}"
        self.problems.append(
            Problem(f"{self.path}: {found}{hint} allowed: {', '.join(table.headings)[:300]}", place)
        )
        return 0

    def _counted(self, value: Held, place: Place) -> SourceNode:
        node = SourceNode(value, place)
        self._count(place, size_of(node) if isinstance(value, dict | list) else 1)
        return node

    def _count(self, place: Place, more: int = 1) -> None:
        self.nodes += more
        if self.nodes > self.room:
            refuse(TOO_MANY_IN_TABLES, place)


def _refuse_other_than_text(value: Held, place: Place) -> None:
    if not isinstance(value, str):
        refuse(f"found {show(value)}, allowed: a text", place)

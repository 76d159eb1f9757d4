"""A scenario as the sheets of a workbook, which :mod:`sim.scenario.workbook` reads back."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from sim.errors import SimError
from sim.scenario.cells import (
    ID,
    LISTS_SHEET,
    LONGEST_LIST,
    LONGEST_TEXT,
    PATH,
    SCENARIO_SHEET,
    VALUE,
    Cell,
    cell_of,
    yaml_cell,
)
from sim.scenario.distributions import Value
from sim.scenario.shapes import (
    COLLECTIONS,
    SCENARIO,
    Choice,
    Mapping,
    Record,
    Shape,
    fields_of,
)

ANNOTATIONS = tuple(name for name in Value.model_fields if name != VALUE)
"""What says where a number comes from: columns of their own beside it."""
QUANTITY = "dist"
"""The field that tells apart how numbers may be written."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its headings, and rows with a cell for each; None is empty."""

    name: str
    headings: list[str]
    rows: list[list[Cell | None]]


@dataclass(slots=True)
class _Lists:
    """Lists that are too long for a cell, by the path that they belong to."""

    longest_list: float = LONGEST_LIST
    longest_text: float = LONGEST_TEXT
    columns: dict[str, list[Cell]] = field(default_factory=dict)

    def cell(self, values: list[Any], path: str) -> Any:
        """What stands in place of a list that has gone into a column."""
        if len(values) <= self.longest_list or any(isinstance(value, list | dict) for value in values):
            return values
        self.columns[path] = [cell_of(value) for value in values]
        return {"sheet": LISTS_SHEET, "column": path}

    def line(self, value: Any, path: str) -> str:
        """A list or mapping as the text of a cell."""
        line = yaml_cell(value)
        if len(line) > self.longest_text:
            raise SimError(f"{path}: found {len(line):,} characters, which no cell of a workbook can hold")
        return line


def sheets_of(data: dict[str, Any]) -> list[Sheet]:
    """All sheets of a scenario, every collection's own even if it has no entry.

    Parameters
    ----------
    data
        A scenario as plain data, as it stands in a file that extends no other.

    Raises
    ------
    SimError
        If a value is too long for a cell.
    """
    lists = _Lists()
    shapes = fields_of(SCENARIO.model)
    top: list[list[Cell | None]] = [
        [path, cell]
        for name, value in data.items()
        if name not in COLLECTIONS
        for path, cell in _cells(shapes[name], value, name, lists)
    ]
    found = [Sheet(SCENARIO_SHEET, [PATH, VALUE], top)]
    for name in COLLECTIONS:
        shape = shapes[name]
        assert isinstance(shape, Mapping)  # noqa: S101 - collections are
        found.append(_collection(name, shape.value, data.get(name, {}), lists))
    if lists.columns:
        longest = max(map(len, lists.columns.values()))
        padded = [column + [None] * (longest - len(column)) for column in lists.columns.values()]
        found.append(
            Sheet(LISTS_SHEET, list(lists.columns), [list(row) for row in zip(*padded, strict=True)])
        )
    return found


def tables_of(data: dict[str, Any]) -> list[Sheet]:
    """The collections of a scenario that have entries, each as a table whose cells have room for anything.

    Parameters
    ----------
    data
        As for :func:`sheets_of`.
    """
    room = _Lists(math.inf, math.inf)
    shapes = fields_of(SCENARIO.model)
    found = []
    for name in COLLECTIONS:
        shape = shapes[name]
        assert isinstance(shape, Mapping)  # noqa: S101 - collections are
        if data.get(name):
            found.append(_filled_columns(_collection(name, shape.value, data[name], room)))
    return found


def _filled_columns(sheet: Sheet) -> Sheet:
    """The same without columns of which every cell is empty."""
    used = [
        column
        for column, _ in enumerate(sheet.headings)
        if column == 0 or any(row[column] is not None for row in sheet.rows)
    ]
    rows = [[row[column] for column in used] for row in sheet.rows]
    return Sheet(sheet.name, [sheet.headings[column] for column in used], rows)


def _collection(name: str, shape: Shape, entries: dict[str, Any], lists: _Lists) -> Sheet:
    rows = [
        {ID: key, **dict(_entry_cells(shape, entry, f"{name}.{key}", lists))}
        for key, entry in entries.items()
    ]
    used = {heading for row in rows for heading in row}
    known = list(_headings(shape))
    headings = [ID, *sorted(used - {ID}, key=lambda heading: _rank(heading, known))]
    headings += [heading for heading in known if heading not in used and heading not in ANNOTATIONS]
    return Sheet(name, headings, [[row.get(heading) for heading in headings] for row in rows])


def _rank(heading: str, known: list[str]) -> tuple[int, int, str]:
    """Where a column stands: by its field, an amount before what is said of it; notes come last."""
    name, _, below = heading.partition(".")
    if name in ANNOTATIONS:
        return len(known), ANNOTATIONS.index(name), ""
    fields = [one.partition(".")[0] for one in known]
    place = fields.index(name) if name in fields else len(known) - 1
    return place, 1 + known.index(heading) if heading in known else 0 if not below else len(known), heading


def _headings(shape: Shape) -> Iterator[str]:
    """Every column that entries of this shape can have, but for what is said of single numbers."""
    models = (
        [shape.model]
        if isinstance(shape, Record)
        else list(shape.options.values())
        if isinstance(shape, Choice)
        else []
    )
    seen: set[str] = set()
    for model in models:
        for name, part in fields_of(model).items():
            below = _below(name, part)
            yield from (heading for heading in below if heading not in seen)
            seen.update(below)


def models_of(shape: Shape) -> list[type[BaseModel]]:
    """What an object of this shape can be; none where it is no object."""
    match shape:
        case Record(model=model):
            return [model]
        case Choice(options=options):
            return list(options.values())
        case _:
            return []


def _below(name: str, shape: Shape) -> list[str]:
    if isinstance(shape, Record) or (isinstance(shape, Choice) and shape.key != QUANTITY):
        return [f"{name}.{heading}" for heading in _headings(shape) if heading not in ANNOTATIONS]
    return [name]


def _entry_cells(shape: Shape, entry: Any, path: str, lists: _Lists) -> Iterator[tuple[str, Cell]]:
    """The cells of an entry, by their headings."""
    for heading, cell in _cells(shape, entry, path, lists):
        yield heading.removeprefix(path).removeprefix("."), cell


def _cells(shape: Shape, value: Any, path: str, lists: _Lists) -> Iterator[tuple[str, Cell]]:
    """Paths and cells of a value and all below it."""
    if value is None:
        return
    if not isinstance(value, dict | list):
        yield path, cell_of(value)
    elif isinstance(value, list):
        yield path, lists.line(lists.cell(value, path), path)
    elif isinstance(shape, Choice) and shape.key == QUANTITY:
        yield from _amount(value, path, lists)
    elif (parts := _parts(shape, value)) and value:
        for name, part in value.items():
            yield from _cells(parts.get(name, shape), part, f"{path}.{name}", lists)
    else:
        yield path, lists.line(value, path)


def _parts(shape: Shape, value: dict[str, Any]) -> dict[str, Shape]:
    """Shapes of what a value holds, if each has a path of its own; else it stands in one cell."""
    match shape:
        case Record(model=model):
            return fields_of(model)
        case Choice(key=key, options=options) if value.get(key) in options:
            return fields_of(options[value[key]])
        case Mapping(value=Record() | Choice(key="kind") as each) if not any("." in name for name in value):
            return dict.fromkeys(value, each)
        case _:
            return {}


def _amount(value: dict[str, Any], path: str, lists: _Lists) -> Iterator[tuple[str, Cell]]:
    """A number or distribution, and beside it what is said of it."""
    plain = {
        name: lists.cell(part, f"{path}.{name}") if isinstance(part, list) else part
        for name, part in value.items()
        if name not in ANNOTATIONS
    }
    if set(plain) == {VALUE}:
        yield path, cell_of(plain[VALUE])
    elif plain:
        yield path, lists.line(plain, path)
    for name in ANNOTATIONS:
        if name in value:
            yield f"{path}.{name}", cell_of(value[name])

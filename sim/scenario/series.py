"""Observed numbers that stand in a file of their own: a column of a CSV file becomes a list of numbers."""

import csv
import io
import math
import os
import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NoReturn

from sim.errors import Place, Problem, ScenarioError
from sim.scenario.fields import MAX_DAYS
from sim.scenario.shapes import nearest
from sim.scenario.source import Node, read_plain

MAX_OBSERVED = 200_000
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _Column:
    """What a demand's ``observations`` name: a column of a file, and the demand that asks for it."""

    demand: str
    file: Node
    column: Node

    @property
    def path(self) -> Path:
        """The file, seen from the scenario file that names it."""
        return Path(self.file.place.file).parent / str(self.file.value)

    @property
    def name(self) -> str:
        """The column's header."""
        return str(self.column.value)

    def refuse(self, message: str, place: Place) -> NoReturn:
        """Tell what is wrong, with the field that it is wrong for."""
        raise ScenarioError([Problem(f"demand.{self.demand}.observations: {message}", place)])


def with_series(tree: Node) -> Node:
    """The tree of a scenario in which each demand's ``observations: {file, column}`` is the list it names.

    Raises
    ------
    ScenarioError
        If a file cannot be read, lacks the column, holds something else than numbers, or too many of them.
    """
    demand = tree.value.get("demand") if isinstance(tree.value, dict) else None
    if demand is None or not isinstance(tree.value, dict) or not isinstance(demand.value, dict):
        return tree
    columns = _Columns()
    streams = {name: columns.fill(name, stream) for name, stream in demand.value.items()}
    return replace(tree, value={**tree.value, "demand": replace(demand, value=streams)})


class _Columns:
    """Columns of CSV files, each read once, and room for what a scenario may still take from them."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, str], list[float]] = {}
        self._room = MAX_OBSERVED

    def fill(self, name: str, stream: Node) -> Node:
        """A demand stream with the numbers that its observations name, if they name any."""
        observations = stream.value.get("observations") if isinstance(stream.value, dict) else None
        if (
            observations is None
            or not isinstance(stream.value, dict)
            or not isinstance(observations.value, dict)
        ):
            return stream
        asked = _asked_for(name, observations, observations.value)
        listed = [Node(number, observations.place) for number in self._numbers(asked)]
        return replace(stream, value={**stream.value, "observations": replace(observations, value=listed)})

    def _numbers(self, asked: _Column) -> list[float]:
        key = asked.path, asked.name
        if key not in self._read:
            self._read[key] = _numbers(asked)
        self._room -= len(self._read[key])
        if self._room < 0:
            message = f"more than {MAX_OBSERVED} numbers from CSV files by here, which no scenario needs"
            asked.refuse(message, asked.file.place)
        return self._read[key]


def _asked_for(name: str, observations: Node, entries: dict[str, Node]) -> _Column:
    if _is_column(entries):
        return _Column(name, entries["file"], entries["column"])
    allowed = "a list of numbers, or file and column, both texts"
    found = ", ".join(entries) or "nothing"
    message = f"demand.{name}.observations: found a mapping of {found}, allowed: {allowed}"
    raise ScenarioError([Problem(message, observations.shown_at)])


def _is_column(entries: dict[str, Node]) -> bool:
    return set(entries) == {"file", "column"} and all(
        isinstance(node.value, str) for node in entries.values()
    )


def _numbers(asked: _Column) -> list[float]:
    if not os.path.isfile(asked.path):  # noqa: PTH113 - of a name that is too long, a Path raises an error
        asked.refuse(f"there is no CSV file {asked.path}, seen from the scenario file", asked.file.place)
    text = read_plain(asked.path, asked.file.place)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        position = _position(asked, [name.strip() for name in next(reader, [])])
        numbers = [
            _number(asked, row[position] if position < len(row) else "", reader.line_num)
            for row in islice(filter(None, reader), MAX_DAYS + 1)
        ]
    except csv.Error as error:
        asked.refuse(f"{asked.path} is not a CSV file: {error}", asked.file.place)
    if not numbers:
        asked.refuse(f"{asked.path} has no rows below its header", asked.file.place)
    if len(numbers) > MAX_DAYS:
        asked.refuse(f"{asked.path} has more than {MAX_DAYS} rows, which no scenario needs", asked.file.place)
    return numbers


def _position(asked: _Column, header: list[str]) -> int:
    """Where the column stands in each row."""
    if header.count(asked.name) > 1:
        asked.refuse(
            f"{asked.path} has {header.count(asked.name)} columns {asked.name!r}", asked.column.place
        )
    if asked.name not in header:
        hint = nearest(asked.name, header) if len(header) > 1 else ""
        found = ", ".join(header)[:80] or "none"
        message = (
            f"{asked.path} has no column {asked.name!r}{hint}; found {found}; columns are parted by commas"
        )
        asked.refuse(message, asked.column.place)
    return header.index(asked.name)


def _number(asked: _Column, text: str, line: int) -> float:
    number = float(text) if _NUMBER.fullmatch(text.strip()) else math.nan
    if not 0.0 <= number < math.inf:
        message = f"found {text[:40]!r} in column {asked.name!r}, allowed: a number of 0 or more"
        asked.refuse(message, Place(str(asked.path), line))
    return number

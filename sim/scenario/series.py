"""Observed numbers that stand in a file of their own: a column of a CSV file becomes a list of numbers."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from sim.errors import Place, Problem, ScenarioError
from sim.scenario.csvfile import read_csv
from sim.scenario.daily import DATED, GAPS, ON_CALENDAR, DatedRows, date_column, every_day
from sim.scenario.days import simulated_days
from sim.scenario.scalars import Scalar
from sim.scenario.shapes import nearest
from sim.scenario.source import SourceNode

MAX_OBSERVED = 200_000
_REQUIRED = ("file", "column")
_OPTIONAL = (DATED, GAPS, ON_CALENDAR)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a demand's ``observations`` name: a column of a file, and how its days are to be taken."""

    demand: str
    process: Scalar
    entries: dict[str, SourceNode]

    @property
    def path(self) -> Path:
        """The file, seen from the scenario file that names it."""
        file = self.entries["file"]
        return Path(file.place.file).parent / str(file.value)

    @property
    def options(self) -> tuple[Scalar, ...]:
        """All that decides what is read of the file."""
        return (self.process, *(self.option(name) for name in ("column", *_OPTIONAL)))

    def option(self, name: str) -> Scalar:
        """What a field says; None if it is not given."""
        value = self.entries[name].value if name in self.entries else None
        return None if isinstance(value, dict | list) else value

    def refuse(self, message: str, place: Place) -> NoReturn:
        """Tell what is wrong, with the field that it is wrong for."""
        raise ScenarioError([Problem(f"demand.{self.demand}.observations: {message}", place)])


def with_series(tree: SourceNode) -> SourceNode:
    """The tree of a scenario in which each demand's ``observations: {file, column}`` is the list it names.

    Raises
    ------
    ScenarioError
        If a file cannot be read, lacks the column, holds something else than one number for each day, or too
        many of them.
    """
    demand = tree.value.get("demand") if isinstance(tree.value, dict) else None
    if demand is None or not isinstance(tree.value, dict) or not isinstance(demand.value, dict):
        return tree
    columns = _Columns(tree.value.get("calendar"))
    streams = {name: columns.fill(name, stream) for name, stream in demand.value.items()}
    return replace(tree, value={**tree.value, "demand": replace(demand, value=streams)})


class _Columns:
    """Columns of CSV files, each read once, and room for what a scenario may still take from them."""

    def __init__(self, calendar: SourceNode | None) -> None:
        self._simulated = simulated_days(calendar.plain if calendar is not None else None)
        self._read: dict[tuple[Path, tuple[Scalar, ...]], list[float]] = {}
        self._room = MAX_OBSERVED

    def fill(self, name: str, stream: SourceNode) -> SourceNode:
        """A demand stream with the numbers that its observations name, if they name any."""
        observations = stream.value.get("observations") if isinstance(stream.value, dict) else None
        if (
            observations is None
            or not isinstance(stream.value, dict)
            or not isinstance(observations.value, dict)
        ):
            return stream
        process = stream.value.get("process")
        asked = _asked_for(name, observations, None if process is None else process.plain)
        listed = [SourceNode(number, observations.place) for number in self._numbers(asked)]
        return replace(stream, value={**stream.value, "observations": replace(observations, value=listed)})

    def _numbers(self, asked: _Asked) -> list[float]:
        key = asked.path, asked.options
        if key not in self._read:
            self._read[key] = self._numbers_of(asked)
        self._room -= len(self._read[key])
        if self._room < 0:
            message = f"more than {MAX_OBSERVED} numbers from CSV files by here, which no scenario needs"
            asked.refuse(message, asked.entries["file"].place)
        return self._read[key]

    def _numbers_of(self, asked: _Asked) -> list[float]:
        table = read_csv(asked.path, asked.entries["file"].place, asked.refuse)
        column = asked.entries["column"]
        position = table.position(str(column.value), column.place)
        dates = date_column(table, position, asked.option(DATED), asked.entries.get(DATED))
        numbers = table.numbers(position)
        if dates is None:
            _refuse_options(asked)
            return numbers
        dated = DatedRows(table, dates, numbers)
        return every_day(dated, str(asked.process), asked.entries, self._simulated)


def _asked_for(name: str, observations: SourceNode, process: Scalar) -> _Asked:
    assert isinstance(observations.value, dict)  # noqa: S101 - the caller looked
    asked = _Asked(name, process, observations.value)
    for key, node in asked.entries.items():
        if key not in (*_REQUIRED, *_OPTIONAL):
            hint = nearest(key, (*_REQUIRED, *_OPTIONAL)) or ";"
            allowed = f"allowed: a list of numbers, or {', '.join((*_REQUIRED, *_OPTIONAL))}"
            asked.refuse(f"found '{key[:60]}'{hint} {allowed}", node.key_place or node.place)
    missing = [key for key in _REQUIRED if not isinstance(asked.option(key), str)]
    if missing:
        found = ", ".join(asked.entries) or "nothing"
        allowed = "a list of numbers, or file and column, both texts"
        asked.refuse(f"found a mapping of {found}, allowed: {allowed}", observations.shown_at)
    return asked


def _refuse_options(asked: _Asked) -> None:
    """What says how days are to be taken, where the file tells none."""
    for key in (GAPS, ON_CALENDAR):
        if key in asked.entries:
            asked.refuse(
                f"found {key}, but the file has no column of dates that says which days its rows are",
                asked.entries[key].shown_at,
            )

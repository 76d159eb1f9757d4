"""Rows as entries: a column is a field of them, by its path such as ``policy.cover_days``.

Sheets of workbooks, and CSV and Parquet files, build their entries here.
"""

from dataclasses import dataclass

from sim.errors import Place
from sim.scenario.cells import NOTES, VALUE
from sim.scenario.scalars import Scalar
from sim.scenario.source import MAX_DEPTH, SourceNode, refuse

Held = Scalar | dict[str, SourceNode] | list[SourceNode]
"""What a cell says."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of entries: its heading, where that stands, and the path that it names."""

    heading: str
    place: Place
    path: tuple[str, ...]


def column_of(heading: str, place: Place) -> Column:
    """The column of a heading.

    Raises
    ------
    ScenarioError
        If the heading is no path.

    Examples
    --------
    >>> column_of("policy.cover_days", Place("points.csv", 1)).path
    ('policy', 'cover_days')
    """
    path = tuple(heading.split("."))
    if len(path) > MAX_DEPTH or not all(path):
        refuse(f"found the path '{heading[:60]}', allowed: names parted by dots", place)
    return Column(heading, place, path)


def is_note(heading: str) -> bool:
    """Whether a column is its writer's own.

    Examples
    --------
    >>> is_note("Notes of May"), is_note("note")
    (True, False)
    """
    return heading.lower().startswith(NOTES)


def put(entry: dict[str, SourceNode], column: Column, value: Held, place: Place) -> None:
    """Put a value at its path; beside ``price``, ``price.source`` makes an amount with its source.

    Parameters
    ----------
    entry
        What it becomes a part of.
    column
        Its path.
    value, place
        The value, and where it stands.

    Raises
    ------
    ScenarioError
        If another column says the same, as ``price`` beside ``price.value``.

    Examples
    --------
    >>> entry, here = {}, Place("lanes.csv", 2)
    >>> put(entry, column_of("price", here), 4.5, here)
    >>> put(entry, column_of("price.source", here), "N012", here)
    >>> entry["price"].plain
    {'value': 4.5, 'source': 'N012'}
    """
    *above, last = column.path
    for name in above:
        around = entry.get(name)
        if around is None or not isinstance(around.value, dict):
            inside = {} if around is None else {VALUE: around}
            around = entry[name] = SourceNode(inside, place, place)
        assert isinstance(around.value, dict)  # noqa: S101 - it has just been made so
        entry = around.value
    there = entry.get(last)
    more = value if isinstance(value, dict) else {VALUE: SourceNode(value, place)}
    if there is None:
        entry[last] = SourceNode(value, place, place if isinstance(value, dict | list) else column.place)
    elif isinstance(there.value, dict) and there.value.keys().isdisjoint(more):
        there.value.update(more)
    else:
        refuse(f"'{column.heading[:60]}' says again what another column says", place)

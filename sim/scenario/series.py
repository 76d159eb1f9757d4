"""Observed numbers that stand in a file of their own: a column of a CSV file becomes a list of numbers."""

import csv
import math
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from sim.errors import Place, Problem, ScenarioError
from sim.scenario.shapes import nearest
from sim.scenario.source import MAX_NODES, Node, read_plain

HEADER_ROWS = 1


def with_series(tree: Node) -> Node:
    """The tree of a scenario in which each demand's ``observations: {file, column}`` is the list it names.

    Raises
    ------
    ScenarioError
        If a file cannot be read, lacks the column, or holds something else than numbers.
    """
    if not isinstance(tree.value, dict):
        return tree
    demand = tree.value.get("demand")
    if demand is None or not isinstance(demand.value, dict):
        return tree
    streams = {name: _with_observations(stream) for name, stream in demand.value.items()}
    return replace(tree, value={**tree.value, "demand": replace(demand, value=streams)})


def _with_observations(stream: Node) -> Node:
    if not isinstance(stream.value, dict):
        return stream
    observations = stream.value.get("observations")
    if observations is None or not isinstance(observations.value, dict):
        return stream
    numbers = [Node(number, observations.place) for number in _read(observations)]
    return replace(stream, value={**stream.value, "observations": replace(observations, value=numbers)})


def _read(observations: Node) -> list[float]:
    entries = observations.value if isinstance(observations.value, dict) else {}
    named = all(isinstance(node.value, str) for node in entries.values())
    if set(entries) != {"file", "column"} or not named:
        _refuse("observations: found a mapping, allowed: a list of numbers, or file and column", observations)
    file, column = entries["file"], str(entries["column"].value)
    path = Path(file.place.file).parent / str(file.value)
    try:
        rows = list(csv.reader(read_plain(path, file.place).splitlines()))
    except csv.Error as error:
        _refuse(f"{path} is not a CSV file: {error}", file)
    header = [name.strip() for name in rows[0]] if rows else []
    if column not in header:
        _refuse(f"{path} has no column {column!r}{nearest(column, header)}", entries["column"])
    if len(rows) > MAX_NODES:
        _refuse(f"{path} has more than {MAX_NODES} rows", file)
    place = header.index(column)
    return [
        _number(row[place] if place < len(row) else "", Place(str(path), line + HEADER_ROWS))
        for line, row in enumerate(rows[HEADER_ROWS:], start=HEADER_ROWS)
        if row
    ]


def _number(text: str, place: Place) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise ScenarioError([Problem(f"found {text[:40]!r}, allowed: a number of 0 or more", place)])
    return number


def _refuse(message: str, node: Node) -> NoReturn:
    raise ScenarioError([Problem(message, node.shown_at)])

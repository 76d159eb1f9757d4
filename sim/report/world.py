"""Outlines of land, and where a country's name stands on a map.

``library/land.csv`` holds land of Natural Earth 4.1.0 (1:110 million, public domain) as the package
world-atlas 2.0.2 (ISC) has it, to a tenth of a degree, without Antarctica. A country stands where the largest
part of its outline there has its centre; one too small for that, where the time zone database (``zone.tab``,
public domain) has its first place.
"""

import csv
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

Place = tuple[float, float]
"""Longitude and latitude in degrees; what lies east of 180 goes on there."""
_LIBRARY = Path(__file__).parent / "library"


@cache
def coasts() -> tuple[tuple[Place, ...], ...]:
    """The outline of each piece of land, closed."""
    rings = groupby(_rows("land"), key=lambda row: row["ring"])
    return tuple(tuple(map(_place, ring)) for _, ring in rings)


@cache
def places() -> dict[str, Place]:
    """Where countries stand, by their codes; those left to users stand nowhere.

    Examples
    --------
    >>> places()["SG"], "XA" in places()
    ((103.8, 1.3), False)
    """
    return {row["code"]: _place(row) for row in _rows("places")}


def _place(row: dict[str, str]) -> Place:
    return float(row["longitude"]), float(row["latitude"])


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_LIBRARY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

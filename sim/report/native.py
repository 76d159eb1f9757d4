"""Figures as the charts that office programs draw: series of numbers over categories or over numbers.

What they cannot draw, such as a Sankey diagram, keeps its numbers as a grid of cells.
"""

import datetime as dt
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sim.report.language import say

Place = float | str | dt.date
"""Where a point stands: at a number, a name or a day."""
Cell = float | str | dt.date | None
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BREAK = re.compile(r"<br\s*/?>")


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one name.

    Parameters
    ----------
    name
        As the legend has it.
    at, values
        Where the points are, and what they are.
    colour
        Such as ``#0072B2``; empty: the program's own.
    dots
        Points alone, without a line.
    dashed
        A broken line.
    """

    name: str
    at: Sequence[Place]
    values: Sequence[float]
    colour: str = ""
    dots: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Native:
    """A figure for an office program.

    Parameters
    ----------
    kind
        ``columns`` upright, ``bars`` lying, ``lines`` over numbers or days; ``cells``: nothing is drawn.
    series
        What is drawn.
    across, up
        Titles of the axis of places and that of values.
    stacked
        Columns or bars stand on each other.
    grid
        Head and rows of what is not drawn.
    """

    kind: Literal["columns", "bars", "lines", "cells"]
    series: Sequence[Series] = ()
    across: str = ""
    up: str = ""
    stacked: bool = False
    grid: Sequence[Sequence[Cell]] = ()

    @property
    def dated(self) -> bool:
        """Whether its places are days."""
        return any(isinstance(place, dt.date) for series in self.series for place in series.at[:1])

    @property
    def places(self) -> list[Place]:
        """All places of its series, each once, in their order."""
        return list(dict.fromkeys(place for series in self.series for place in series.at))

    @property
    def drawn(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.series)


def native_of(specification: Mapping[str, Any]) -> Native:
    """A figure, as plotly.js takes it, as a native chart."""
    data, layout = specification["data"], specification["layout"]
    if "rows" in specification:
        return Native("cells", grid=_cells(specification["rows"]))
    traces = {str(trace.get("type", "scatter")): trace for trace in data}
    if "sankey" in traces:
        return Native("cells", grid=_links(traces["sankey"]))
    if "heatmap" in traces:
        return Native("cells", grid=_fields(traces["heatmap"]))
    if "bar" in traces or "waterfall" in traces:
        return _of_bars(data, layout)
    return _of_lines(data, layout)


def _of_bars(data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> Native:
    lying = any(trace.get("orientation") == "h" for trace in data)
    series = [
        _bars(trace, layout, lying=lying) for trace in data if trace.get("type") in ("bar", "waterfall")
    ]
    across, up = _titles(layout)[::-1] if lying else _titles(layout)
    stacked = layout.get("barmode") in ("stack", "relative")
    return Native("bars" if lying else "columns", series, across, up, stacked)


def _of_lines(data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> Native:
    found = [series for trace in data for series in _curves(trace)]
    across, up = _titles(layout)
    rows = _ticks(layout.get("yaxis", {}))
    if rows and all(series.dots for series in found):
        return Native("bars", [_turned(series, rows) for series in found], "", across)
    if any(isinstance(place, str) for series in found for place in series.at):
        return Native("cells", grid=_points(found))
    return Native("lines", found, across, up)


def plain(text: object) -> str:
    """The text that plotly shows for a text of a figure.

    Examples
    --------
    >>> plain("R&amp;D<br>in &lt;two&gt;")
    'R&D in <two>'
    """
    unbroken = _BREAK.sub(" ", str(text or ""))
    return html.unescape(re.sub(r"</?(?:b|i|sup|sub|span)(?:\s[^<>]*)?>", "", unbroken))


def _titles(layout: Mapping[str, Any]) -> tuple[str, str]:
    found = (layout.get(axis, {}).get("title", {}) for axis in ("xaxis", "yaxis"))
    across, up = (plain(title.get("text", "") if isinstance(title, Mapping) else title) for title in found)
    return across, up


def _ticks(axis: Mapping[str, Any]) -> dict[Any, str]:
    """Names that stand for numbers on an axis."""
    names = zip(axis.get("tickvals") or (), axis.get("ticktext") or (), strict=False)
    return {place: plain(name) for place, name in names}


def _turned(series: Series, rows: Mapping[Any, str]) -> Series:
    """Points in named rows, as bars."""
    places = [rows.get(value, str(value)) for value in series.values]
    values = [float(at) for at in series.at if isinstance(at, float)]
    return Series(series.name, places, values, series.colour)


def _bars(trace: Mapping[str, Any], layout: Mapping[str, Any], *, lying: bool) -> Series:
    names = _ticks(layout.get("yaxis" if lying else "xaxis", {}))
    at, values = (trace["y"], trace["x"]) if lying else (trace["x"], trace["y"])
    places = [names[place] if place in names else _place(place) for place in at]
    colour = _colour(trace.get("marker", {}).get("color"))
    return Series(
        plain(trace.get("name")) or say("Value"), places, [float(value or 0.0) for value in values], colour
    )


def _curves(trace: Mapping[str, Any]) -> list[Series]:
    """The lines of a trace: both edges of a band; none of what is a mere label or has no name."""
    mode = str(trace.get("mode", "lines"))
    if mode == "text" or not trace.get("name"):
        return []
    points = [
        (_place(at), float(value))
        for at, value in zip(trace["x"], trace["y"], strict=False)
        if at is not None and value is not None
    ]
    name, line = plain(trace["name"]), trace.get("line", {})
    colour = _colour(line.get("color")) or _colour(trace.get("marker", {}).get("color"))
    if trace.get("fill") == "toself":
        return _edges(name, points)
    at, values = [place for place, _ in points], [value for _, value in points]
    return [Series(name, at, values, colour, "lines" not in mode, line.get("dash", "solid") != "solid")]


def _edges(name: str, points: Sequence[tuple[Place, float]]) -> list[Series]:
    """The two edges of a band, which is drawn along one and back along the other."""
    half = len(points) // 2
    edges = points[:half], points[half:][::-1]
    found = [
        Series(name, [place for place, _ in edge], [value for _, value in edge], "#9aa3ac") for edge in edges
    ]
    lower, upper = sorted(found, key=lambda series: sum(series.values))
    return [
        _called(lower, say("{series}, from", series=name)),
        _called(upper, say("{series}, to", series=name)),
    ]


def _called(series: Series, name: str) -> Series:
    return Series(name, series.at, series.values, series.colour, series.dots, series.dashed)


def _place(value: Any) -> Place:
    if isinstance(value, str):
        return dt.date.fromisoformat(value[:10]) if _DAY.match(value) else plain(value)
    return value if isinstance(value, dt.date) else float(value)


def _colour(value: Any) -> str:
    return value if isinstance(value, str) and COLOUR.fullmatch(value) else ""


def _links(trace: Mapping[str, Any]) -> list[Sequence[Cell]]:
    labels, link = [plain(label) for label in trace["node"]["label"]], trace["link"]
    rows = zip(link["source"], link["target"], link["value"], strict=True)
    return [
        [say("From"), say("To"), say("Value")],
        *([labels[source], labels[to], float(value)] for source, to, value in rows),
    ]


def _fields(trace: Mapping[str, Any]) -> list[Sequence[Cell]]:
    head: list[Cell] = ["", *(_place(place) for place in trace["x"])]
    rows: list[Sequence[Cell]] = [
        [_place(place), *(None if value is None else float(value) for value in row)]
        for place, row in zip(trace["y"], trace["z"], strict=True)
    ]
    return [head, *rows]


def _cells(rows: Sequence[Sequence[str | float]]) -> list[Sequence[Cell]]:
    return [[_place(cell) for cell in row] for row in rows]


def _points(found: Sequence[Series]) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = [
        [series.name, at, value]
        for series in found
        for at, value in zip(series.at, series.values, strict=True)
    ]
    return [[say("Name"), say("At"), say("Value")], *rows]

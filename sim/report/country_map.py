"""The map of what crosses borders: a curve from the seller's country to the buyer's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians

import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.flow_kinds import KINDS, Kind, in_legend, kind_of, line_of
from sim.report.language import say
from sim.report.names import plot_text
from sim.report.numbers import percent
from sim.report.style import GRID, INK, PAPER, blank
from sim.report.words import NOTHING
from sim.report.world import Place, coasts, places

MOST_BORDERS = 40
"""Of more, those across which most is bought are drawn."""
MARGIN, LEAST_SPAN = (34.0, 14.0), (90.0, 40.0)
"""Degrees of longitude and of latitude, around all countries and in all."""
BEND = 0.18
"""How far a curve swings out to its left, of its length."""
STEPS = 16
LETTER, LINE = 3.0, 7.0
"""Degrees that a letter takes, and a line of text, on a map of the whole world on a narrow screen."""
_LONGEST = 14
_SIDES = {
    "top center": (0.0, 1.0),
    "bottom center": (0.0, -1.0),
    "middle right": (1.0, 0.0),
    "middle left": (-1.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Border:
    """What is bought across a border, seller and buyer by their codes."""

    seller: str
    buyer: str
    normal: float
    got: float

    @property
    def most(self) -> float:
        """The larger of what is bought with the shock and without it."""
        return max(self.normal, self.got)


def borders_of(crossings: pd.DataFrame) -> list[Border]:
    """The borders between countries that stand on a map, that across which most is bought first.

    Parameters
    ----------
    crossings
        As :func:`sim.report.country_section.crossings` has them.
    """
    found = [
        Border(str(row["from"]), str(row["to"]), float(row["counterfactual"]), float(row["scenario"]))
        for _, row in crossings.iterrows()
        if row["from"] != row["to"] and {row["from"], row["to"]} <= places().keys()
    ]
    return sorted(found, key=lambda border: (-border.most, border.seller, border.buyer))


def map_title(context: Context, borders: Sequence[Border]) -> str:
    """How purchases across all borders that are drawn change."""
    before, after = sum(border.normal for border in borders), sum(border.got for border in borders)
    told = {"before": context.money.text(before), "after": context.money.text(after)}
    change = after / before - 1.0
    if abs(change) < NOTHING:
        return say("Purchases across borders are {before}, with the shock as without it", **told)
    told["share"] = percent(abs(change))
    if change < 0.0:
        return say("Purchases across borders fall by {share}, from {before} to {after}", **told)
    return say("Purchases across borders rise by {share}, from {before} to {after}", **told)


def country_map(context: Context, borders: Sequence[Border]) -> go.Figure:
    """Land, a curve for each border with an arrow to the buyer, and the countries."""
    drawn = borders[:MOST_BORDERS]
    countries = {code: places()[code] for border in drawn for code in (border.seller, border.buyer)}
    (west, east), (south, north) = _view(list(countries.values()))
    stretch = 1.0 / cos(radians((south + north) / 2.0))
    figure = blank(
        height=round(min(640.0, 90.0 + 760.0 * stretch * (north - south) / (east - west))),
        xaxis={"visible": False, "range": [west, east], "fixedrange": True},
        yaxis={
            "visible": False,
            "range": [south, north],
            "fixedrange": True,
            "scaleanchor": "x",
            "scaleratio": round(stretch, 3),
        },
        hovermode="closest",
    )
    figure.add_trace(_land())
    largest = drawn[0].most
    kinds = [kind_of(border.got, border.normal, largest) for border in drawn]
    for kind in KINDS:
        if kind in kinds:
            figure.add_trace(in_legend(kind))
    for border, kind in reversed(list(zip(drawn, kinds, strict=True))):
        figure.add_trace(_curve(context, border, kind, largest))
    figure.add_trace(_countries(context, countries))
    return figure


def _view(found: Sequence[Place]) -> tuple[tuple[float, float], tuple[float, float]]:
    """From where to where the map goes, in longitude and in latitude."""
    sides = []
    for axis, margin, span, limits in zip(
        (0, 1), MARGIN, LEAST_SPAN, ((-180.0, 190.0), (-60.0, 84.0)), strict=True
    ):
        low, high = (end(place[axis] for place in found) for end in (min, max))
        wider = max(margin, (span - (high - low)) / 2.0)
        sides.append((max(limits[0], low - wider), min(limits[1], high + wider)))
    return sides[0], sides[1]


def _land() -> go.Trace:
    """All land in one trace: how much of it can be seen depends on the screen."""
    points: list[tuple[float | None, float | None]] = []
    for coast in coasts():
        points += [*coast, (None, None)]
    return go.Scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="lines",
        fill="toself",
        fillcolor=GRID,
        line={"color": PAPER, "width": 0.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _curve(context: Context, border: Border, kind: Kind, largest: float) -> go.Trace:
    """A curve with an arrow beyond its middle, which is where a reader points at it."""
    course = list(_course(places()[border.seller], places()[border.buyer]))
    arrow = 2 * STEPS // 3
    line = line_of(kind, border.got, largest)
    return go.Scatter(
        x=[round(x, 1) for x, _ in course],
        y=[round(y, 1) for _, y in course],
        mode="lines+markers",
        line=line,
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "size": [11.0 + 1.5 * line["width"] if step == arrow else 0.0 for step in range(STEPS + 1)],
            "color": kind.colour,
            "line": {"color": PAPER, "width": 1},
        },
        text=told_of(context, border.seller, border.buyer, normal=border.normal, got=border.got),
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _course(start: Place, end: Place) -> Iterator[Place]:
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2.0 - BEND * (y1 - y0), (y0 + y1) / 2.0 + BEND * (x1 - x0)
    for step in range(STEPS + 1):
        part = step / STEPS
        weights = (1.0 - part) ** 2, 2.0 * part * (1.0 - part), part**2
        x, y = (
            sum(weight * place[axis] for weight, place in zip(weights, (start, middle, end), strict=True))
            for axis in (0, 1)
        )
        yield x, y


def told_of(context: Context, seller: str, buyer: str, *, normal: float, got: float) -> str:
    """What is bought of one country in another, in lines for who points at it; countries by their codes."""
    return "<br>".join(
        (
            say(
                "{seller} to {buyer}",
                seller=plot_text(context.names.country(seller)),
                buyer=plot_text(context.names.country(buyer)),
            ),
            say("without the shock {money}", money=plot_text(context.money.text(normal))),
            say("with it {money}", money=plot_text(context.money.text(got))),
        )
    )


def _countries(context: Context, countries: dict[str, Place]) -> go.Trace:
    """A dot for each country, and its name where there is room for it."""
    names = {code: plot_text(context.names.country(code), length=_LONGEST) for code in countries}
    sides = dict(_named(countries, names))
    return go.Scatter(
        x=[x for x, _ in countries.values()],
        y=[y for _, y in countries.values()],
        mode="markers+text",
        marker={"size": 8, "color": INK, "line": {"color": PAPER, "width": 1}},
        text=[names[code] if code in sides else "" for code in countries],
        textposition=[sides.get(code, "top center") for code in countries],
        textfont={"size": 12, "color": INK},
        hovertext=list(names.values()),
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )


def _named(countries: dict[str, Place], names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Countries whose names stand on no other, and on which side of them; the first come first."""
    taken: list[tuple[float, float, float, float]] = []
    for code, (x, y) in countries.items():
        width = LETTER * len(names[code])
        for side, (right, up) in _SIDES.items():
            left, low = x + right * LETTER - width * (1.0 - right) / 2.0, y + up * LINE - LINE / 2.0
            box = left, left + width, low, low + LINE
            if not any(_cross(box, other) for other in taken):
                taken.append(box)
                yield code, side
                break


def _cross(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def rows_of(context: Context, borders: Sequence[Border]) -> list[list[str | float]]:
    """The numbers behind the map, the head first."""
    rows: list[list[str | float]] = [
        [say("From"), say("To"), say("With the shock"), say("Without the shock")]
    ]
    for border in borders[:MOST_BORDERS]:
        seller, buyer = map(context.names.country, (border.seller, border.buyer))
        rows.append([seller, buyer, border.got, border.normal])
    return rows

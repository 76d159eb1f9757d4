"""The chapter on what flows between firms, week by week: a network whose week a reader chooses."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.language import message, say, say_many
from sim.report.names import plot_text
from sim.report.numbers import as_date, day, percent
from sim.report.page_parts import Chart, Moment, Section, Slider
from sim.report.style import BLUE, GREEN, INK, MUTED, ORANGE, VERMILLION, blank
from sim.report.words import joined, weekly_futures

CUT_SHARE, ALIKE_SHARE = 0.02, 0.05
"""Below the first a link is cut; within the second of what is normal nothing has changed."""
WIDEST, THINNEST = 9.0, 1.0
_NOTHING = 1e-9
"""Part of the largest flow below which there is none."""
_ROOM, _BESIDE = 0.5, 0.45
"""Left of all firms, as a part of what is taken up by them, and right of the makers: for their names."""
_MARKED = 0.35
"""How far along a link its mark stands."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a link, or a firm, may be in a week: what the legend calls it, and how it is drawn."""

    name: str
    colour: str
    dash: str = "solid"


CUT = Kind(message("Cut: nothing, or nearly nothing"), VERMILLION, "dash")
LESS = Kind(message("Less than normal"), ORANGE)
SAME = Kind(message("As normal"), BLUE)
MORE = Kind(message("More than normal"), GREEN)
IDLE = Kind("", "rgba(0,0,0,0)")
KINDS = (CUT, LESS, SAME, MORE)


@dataclass(frozen=True, slots=True)
class Network:
    """Links and firms, and what each sends in each week.

    Parameters
    ----------
    scenario, normal
        ``[week, link]``, links by supplier and buyer.
    places
        Of each firm: its column, by tier, and its height.
    """

    scenario: pd.DataFrame
    normal: pd.DataFrame
    places: dict[str, tuple[float, float]]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Supplier and buyer of each link."""
        ends = [self.scenario.columns.get_level_values(side).tolist() for side in ("supplier", "buyer")]
        return list(zip(*ends, strict=True))

    @property
    def weeks(self) -> list[dt.date]:
        """First days of the weeks."""
        return [as_date(week) for week in self.scenario.index]

    @property
    def largest(self) -> float:
        """The largest flow of a week on a link."""
        return float(max(self.scenario.to_numpy().max(), self.normal.to_numpy().max()))

    def kinds(self, week: int) -> list[Kind]:
        """What each link is in a week."""
        pairs = zip(self.scenario.iloc[week], self.normal.iloc[week], strict=True)
        return [self.kind(float(got), float(normal)) for got, normal in pairs]

    def kind(self, got: float, normal: float) -> Kind:
        """What it is to send so much where so much is normal."""
        if max(got, normal) <= _NOTHING * self.largest:
            return IDLE
        if got < CUT_SHARE * normal:
            return CUT
        if abs(got - normal) <= ALIKE_SHARE * normal:
            return SAME
        return LESS if got < normal else MORE

    def passed(self, week: int, firm: str) -> tuple[float, float]:
        """What a firm sends in a week, a maker what it gets, and what is normal."""
        at = 0 if any(supplier == firm for supplier, _ in self.links) else 1
        mine = [ends[at] == firm for ends in self.links]
        return (
            float(self.scenario.iloc[week][mine].sum()),
            float(self.normal.iloc[week][mine].sum()),
        )


def network_of(context: Context) -> Network:
    """The links of a run, mean over futures."""
    table = context.tables["links"]
    wide = {
        twin: rows.pivot_table(index="week", columns=["supplier", "buyer"], values="value").clip(lower=0.0)
        for twin, rows in table.groupby("twin")
    }
    return Network(wide["scenario"], wide["counterfactual"], _places(table, wide["counterfactual"]))


def _places(table: pd.DataFrame, normal: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Makers to the right, tier by tier to the left; in a tier, who trades most stands highest."""
    traded: dict[str, float] = {}
    tier: dict[str, int] = {}
    for ends, value in zip(normal.columns, normal.sum(), strict=True):
        for firm in map(str, ends):
            traded[firm] = traded.get(firm, 0.0) + float(value)
    for side in ("supplier", "buyer"):
        tier |= {str(firm): int(its) for firm, its in zip(table[side], table[f"{side}_tier"], strict=True)}
    ranked = sorted(tier, key=lambda firm: (tier[firm], -traded[firm], firm))
    places = {}
    for its, firms in groupby(ranked, key=tier.__getitem__):
        column = list(firms)
        for rank, firm in enumerate(column):
            places[firm] = (-float(its), 1.0 - (rank + 0.5) / len(column))
    return places


def link_section(context: Context) -> Section | None:
    """The network and its slider; None where nothing is bought of firms."""
    if "links" not in context.tables or context.tables["links"].empty:
        return None
    network = network_of(context)
    worst = worst_week(network)
    chart = Chart(
        key="links",
        title=links_title(network, worst),
        figure=links(context),
        note=say(
            "A line stands for all lanes from one firm to another: the wider, the more is shipped at list "
            "prices. A circle shows what a firm ships, of a maker what it gets. Cut: under 2% of normal; as "
            "normal: within 5%. Makers are on the right, their suppliers to the left; of many links, those "
            "on which most is bought."
        ),
        untold=worst is None,
        slider=None if worst is None else _slider(context, network, worst),
    )
    lead = (
        say("What firms ship to each other in a week, against the same week without the shock.")
        if context.is_single
        else say(
            "What firms ship to each other in a week, on average over {futures}, against the same week "
            "without the shock.",
            futures=weekly_futures(context),
        )
    )
    return Section("links", say("Which links are cut, week by week"), lead, [chart])


def worst_week(network: Network) -> int | None:
    """The week in which most is missing; if nothing ever is, in which most is added; None: neither."""
    gap = network.normal - network.scenario
    for sign in (1.0, -1.0):
        missing = (sign * gap).clip(lower=0.0).sum(axis=1)
        if float(missing.max()) > _NOTHING * network.largest:
            return int(missing.to_numpy().argmax())
    return None


def links_title(network: Network, week: int | None) -> str:
    """What links are in the week that the page shows first."""
    if week is None:
        return say("Every link carries what it would without the shock")
    told, links, changes = _said(network, week)
    return say("In the week of {week}: of {links}, {changes}", week=told, links=links, changes=changes)


def _said(network: Network, week: int) -> tuple[str, str, str]:
    """A week, how many links there are, and how many of them are what in it."""
    kinds = [kind for kind in network.kinds(week) if kind is not IDLE]
    cut, less, more = (kinds.count(kind) for kind in (CUT, LESS, MORE))
    parts = [
        *([say_many("{number} is cut", "{number} are cut", cut)] if cut else []),
        *([say_many("{number} carries less", "{number} carry less", less)] if less else []),
        *([say_many("{number} carries more", "{number} carry more", more)] if more else []),
    ]
    found = joined(parts) if parts else say("none has changed")
    return day(network.weeks[week]), say_many("{number} link", "{number} links", len(kinds)), found


def links(context: Context) -> go.Figure:
    """The network in the week in which most is missing."""
    network = network_of(context)
    week = worst_week(network) or 0
    columns = [place for place, _ in network.places.values()]
    most = max(columns.count(column) for column in columns)
    room = _ROOM * (_BESIDE - min(columns))
    figure = blank(
        height=max(260, 90 + 30 * most),
        xaxis={"visible": False, "range": [min(columns) - room, _BESIDE], "fixedrange": True},
        yaxis={"visible": False, "range": [-0.02, 1.02], "fixedrange": True},
        hovermode="closest",
    )
    for kind in KINDS:
        line = {"color": kind.colour, "width": 3, "dash": kind.dash}
        figure.add_trace(go.Scatter(x=[None], y=[None], mode="lines", name=say(kind.name), line=line))
    drawn = _drawn(context, network, week)
    for (supplier, buyer), line in zip(network.links, drawn.lines, strict=True):
        ends = [network.places[supplier], network.places[buyer]]
        figure.add_trace(
            go.Scatter(
                x=[x for x, _ in ends],
                y=[y for _, y in ends],
                mode="lines",
                line=line,
                showlegend=False,
                hoverinfo="skip",
            )
        )
    figure.add_trace(_marks(network, drawn))
    figure.add_trace(_firms(context, network, drawn))
    return figure


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How links and firms look in a week."""

    lines: Sequence[dict[str, object]]
    texts: Sequence[str]
    colours: Sequence[str]
    firms: Sequence[str]
    firm_texts: Sequence[str]


def _drawn(context: Context, network: Network, week: int) -> _Drawn:
    got, normal = network.scenario.iloc[week], network.normal.iloc[week]
    kinds = network.kinds(week)
    widths = [
        THINNEST + (WIDEST - THINNEST) * (float(value) / network.largest) ** 0.5 if kind is not CUT else 2.0
        for value, kind in zip(got, kinds, strict=True)
    ]
    passed = {firm: network.passed(week, firm) for firm in network.places}
    return _Drawn(
        lines=[
            {"color": kind.colour, "width": round(width, 2), "dash": kind.dash}
            for kind, width in zip(kinds, widths, strict=True)
        ],
        texts=[
            say(
                "{supplier} to {buyer}: {flow}",
                supplier=_name(context, supplier),
                buyer=_name(context, buyer),
                flow=_of_normal(float(now), float(usual)),
            )
            for (supplier, buyer), now, usual in zip(network.links, got, normal, strict=True)
        ],
        colours=[kind.colour for kind in kinds],
        firms=[network.kind(*values).colour for values in passed.values()],
        firm_texts=[f"{_name(context, firm)}: {_of_normal(*values)}" for firm, values in passed.items()],
    )


def _of_normal(got: float, normal: float) -> str:
    if normal <= 0.0:
        return say("nothing, as normal") if got <= 0.0 else say("something, normally nothing")
    return say("{share} of normal", share=percent(got / normal))


def _name(context: Context, firm: str) -> str:
    return plot_text(context.names.firm(firm), length=28)


def _marks(network: Network, drawn: _Drawn) -> go.Trace:
    """A small mark on each link, to point at."""
    x, y = [], []
    for supplier, buyer in network.links:
        (x0, y0), (x1, y1) = network.places[supplier], network.places[buyer]
        x.append(x0 + _MARKED * (x1 - x0))
        y.append(y0 + _MARKED * (y1 - y0))
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"size": 7, "color": list(drawn.colours)},
        text=list(drawn.texts),
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _firms(context: Context, network: Network, drawn: _Drawn) -> go.Trace:
    farthest = min(column for column, _ in network.places.values())
    return go.Scatter(
        x=[x for x, _ in network.places.values()],
        y=[y for _, y in network.places.values()],
        mode="markers+text",
        marker={"size": 13, "color": list(drawn.firms), "line": {"color": MUTED, "width": 1}},
        text=[plot_text(context.names.firm(firm), length=13) for firm in network.places],
        textposition=[
            "middle left" if column == farthest else "top center" for column, _ in network.places.values()
        ],
        textfont={"size": 11, "color": INK},
        customdata=list(drawn.firm_texts),
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )


def _slider(context: Context, network: Network, shown: int) -> Slider:
    first = len(KINDS)
    lines, marks = range(first, first + len(network.links)), first + len(network.links)
    moments = []
    for week in range(len(network.weeks)):
        drawn = _drawn(context, network, week)
        told, number, changes = _said(network, week)
        moments.append(
            Moment(
                said=say("Week of {week}: of {links}, {changes}", week=told, links=number, changes=changes),
                restyled=(
                    (
                        {
                            "line.color": [line["color"] for line in drawn.lines],
                            "line.width": [line["width"] for line in drawn.lines],
                            "line.dash": [line["dash"] for line in drawn.lines],
                        },
                        list(lines),
                    ),
                    ({"marker.color": [list(drawn.colours)], "text": [list(drawn.texts)]}, [marks]),
                    (
                        {"marker.color": [list(drawn.firms)], "customdata": [list(drawn.firm_texts)]},
                        [marks + 1],
                    ),
                ),
            )
        )
    return Slider(label=say("Week"), shown=shown, moments=moments, rows=_rows(context, network))


def _rows(context: Context, network: Network) -> list[list[str | float]]:
    """All weeks as a table: the numbers behind the figure."""
    rows: list[list[str | float]] = [
        [say("Week"), say("From"), say("To"), say("With the shock"), say("Without the shock")]
    ]
    for place, week in enumerate(network.weeks):
        flows = zip(network.links, network.scenario.iloc[place], network.normal.iloc[place], strict=True)
        for (supplier, buyer), got, normal in flows:
            names = context.names.firm(supplier), context.names.firm(buyer)
            rows.append([week.isoformat(), *names, float(got), float(normal)])
    return rows

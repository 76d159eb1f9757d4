"""The chapter on what flows between firms, week by week: a network whose week a reader chooses."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from sim.model.plan import Floats
from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.flow_kinds import CUT, IDLE, KINDS, LESS, MORE, NOTHING, Kind, in_legend, kind_of, line_of
from sim.report.language import say, say_many
from sim.report.names import plot_text, shorten_apart
from sim.report.numbers import as_date, day, percent
from sim.report.page_parts import Chart, Moment, Section, Slider
from sim.report.style import INK, MUTED, blank
from sim.report.words import joined, weekly_futures

_LEFT, _RIGHT = 0.33, 0.13
"""Parts of the width beside the first and the last firms, for their names."""
_MOST_LEVEL = 3
"""Columns that are told on one level; of more, the names of neighbours would run into each other."""
_BEND, _APART = 0.18, 0.08
"""How far links that would lie on others are bent: to the side within a tier, else up or down."""
_NAME = 13
"""Letters of a name beside its circle, so that it stands on the screen of a phone."""
_MARKED = 0.35
"""How far along a straight link its mark stands."""


@dataclass(frozen=True, slots=True)
class Network:
    """Links and firms, and what each sends in each week.

    Parameters
    ----------
    links
        Supplier and buyer of each.
    weeks
        First days of the weeks.
    places
        Of each firm: its column, by tier, and its height.
    scenario, normal
        ``[week, link]``: what flows, and what is normal.
    passed, normally_passed
        ``[week, firm]``, firms as in ``places``: what each sends, a maker gets, and what is normal.
    largest
        The largest flow of a week on a link.
    """

    links: list[tuple[str, str]]
    weeks: list[dt.date]
    places: dict[str, tuple[float, float]]
    scenario: Floats
    normal: Floats
    passed: Floats
    normally_passed: Floats
    largest: float

    def kinds(self, week: int) -> list[Kind]:
        """What each link is in a week."""
        return self.kinds_of(self.scenario[week], self.normal[week])

    def kinds_of(self, flows: Floats, normal: Floats) -> list[Kind]:
        """What each of some links or firms is that send so much where so much is normal."""
        return [
            kind_of(got, usual, self.largest)
            for got, usual in zip(flows.tolist(), normal.tolist(), strict=True)
        ]


def network_of(context: Context) -> Network:
    """The links of a run, mean over futures."""
    table = context.tables["links"]
    wide = {
        twin: rows.pivot_table(index="week", columns=["supplier", "buyer"], values="value").clip(lower=0.0)
        for twin, rows in table.groupby("twin")
    }
    flows, normal = wide["scenario"], wide["counterfactual"]
    places = _places(table, normal)
    return Network(
        links=list(
            zip(*(flows.columns.get_level_values(side) for side in ("supplier", "buyer")), strict=True)
        ),
        weeks=[as_date(week) for week in flows.index],
        places=places,
        scenario=flows.to_numpy(),
        normal=normal.to_numpy(),
        passed=_passed(flows, places),
        normally_passed=_passed(normal, places),
        largest=float(max(flows.to_numpy().max(), normal.to_numpy().max())),
    )


def _passed(flows: pd.DataFrame, firms: Iterable[str]) -> Floats:
    """``[week, firm]``: what each firm sends; a maker sends nothing, of it what it gets."""
    sent, got = (flows.T.groupby(level=side).sum().T for side in ("supplier", "buyer"))
    return np.column_stack([sent[firm] if firm in sent else got[firm] for firm in firms])


def _places(table: pd.DataFrame, normal: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Makers to the right, tier by tier to the left; in a tier, who trades most stands highest.

    Of many tiers three neighbours stand on three levels.
    """
    traded: dict[str, float] = {}
    tier: dict[str, int] = {}
    for ends, value in zip(normal.columns, normal.sum(), strict=True):
        for firm in map(str, ends):
            traded[firm] = traded.get(firm, 0.0) + float(value)
    for side in ("supplier", "buyer"):
        tier |= {str(firm): int(its) for firm, its in zip(table[side], table[f"{side}_tier"], strict=True)}
    ranked = sorted(tier, key=lambda firm: (tier[firm], -traded[firm], firm))
    places = {}
    columns = {its: list(firms) for its, firms in groupby(ranked, key=tier.__getitem__)}
    most = max(map(len, columns.values()))
    for its, column in columns.items():
        level = (its % 3 - 1) / (3 * most) if len(columns) > _MOST_LEVEL else 0.0
        for rank, firm in enumerate(column):
            places[firm] = (-float(its), 1.0 - (rank + 0.5) / len(column) + level)
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
        figure=_figure(context, network),
        note=say(
            "A line stands for all lanes from one firm to another: the wider, the more is shipped at list "
            "prices. A circle shows what a firm ships, of a maker what it gets. Cut: under 2% of normal; as "
            "normal: within 5%. Makers are on the right, their suppliers to the left; of many links, those "
            "on which most is bought."
        ),
        untold=worst is None,
        slider=None if worst is None else _slider(context, network, worst),
        rows=() if worst is None else _rows(context, network),
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
        missing = (sign * gap).clip(min=0.0).sum(axis=1)
        if float(missing.max()) > NOTHING * network.largest:
            return int(missing.argmax())
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
    return _figure(context, network_of(context))


def _figure(context: Context, network: Network) -> go.Figure:
    week = worst_week(network) or 0
    columns = [place for place, _ in network.places.values()]
    most = max(columns.count(column) for column in columns)
    width = max(max(columns) - min(columns), 1.0) / (1.0 - _LEFT - _RIGHT)
    figure = blank(
        height=max(260, 90 + 30 * most),
        xaxis={
            "visible": False,
            "range": [min(columns) - _LEFT * width, max(columns) + _RIGHT * width],
            "fixedrange": True,
        },
        yaxis={"visible": False, "range": [-0.02, 1.02], "fixedrange": True},
        hovermode="closest",
    )
    for kind in KINDS:
        figure.add_trace(in_legend(kind))
    drawn = _drawn(network, _names(context, network), week)
    for (supplier, buyer), line in zip(network.links, drawn.lines, strict=True):
        course = _course(network, supplier, buyer)
        figure.add_trace(
            go.Scatter(
                x=[x for x, _ in course],
                y=[y for _, y in course],
                mode="lines",
                line={**line, "shape": "spline"},
                showlegend=False,
                hoverinfo="skip",
            )
        )
    figure.add_trace(_marks(network, drawn))
    figure.add_trace(_firms(context, network, drawn))
    return figure


def _course(network: Network, supplier: str, buyer: str) -> list[tuple[float, float]]:
    """Points through which a link goes: straight on, but bent within a tier and where one goes back."""
    start, end = network.places[supplier], network.places[buyer]
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    if x0 == x1:
        return [start, (middle[0] + (_BEND if y1 > y0 else -_BEND), middle[1]), end]
    if (buyer, supplier) in network.links:
        return [start, (middle[0], middle[1] + (_APART if x1 > x0 else -_APART)), end]
    return [start, end]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How links and firms look in a week."""

    lines: Sequence[dict[str, object]]
    texts: Sequence[str]
    colours: Sequence[str]
    firms: Sequence[str]
    firm_texts: Sequence[str]


def _drawn(network: Network, names: Mapping[str, str], week: int) -> _Drawn:
    flows, normal = network.scenario[week].tolist(), network.normal[week].tolist()
    passed, usual = network.passed[week], network.normally_passed[week]
    kinds = network.kinds(week)
    return _Drawn(
        lines=[line_of(kind, flow, network.largest) for kind, flow in zip(kinds, flows, strict=True)],
        texts=[
            say(
                "{supplier} to {buyer}: {flow}",
                supplier=names[supplier],
                buyer=names[buyer],
                flow=_of_normal(got, without),
            )
            for (supplier, buyer), got, without in zip(network.links, flows, normal, strict=True)
        ],
        colours=[kind.colour for kind in kinds],
        firms=[kind.colour for kind in network.kinds_of(passed, usual)],
        firm_texts=[
            f"{name}: {_of_normal(*values)}"
            for name, *values in zip(names.values(), passed.tolist(), usual.tolist(), strict=True)
        ],
    )


def _of_normal(got: float, normal: float) -> str:
    if normal <= 0.0:
        return say("nothing, as normal") if got <= 0.0 else say("something, normally nothing")
    return say("{share} of normal", share=percent(got / normal))


def _names(context: Context, network: Network) -> dict[str, str]:
    """What firms are called where a reader points at them, in the order of their places."""
    return {firm: plot_text(context.names.firm(firm), length=28) for firm in network.places}


def _marks(network: Network, drawn: _Drawn) -> go.Trace:
    """A small mark on each link, to point at."""
    x, y = [], []
    for supplier, buyer in network.links:
        (x0, y0), *bend, (x1, y1) = _course(network, supplier, buyer)
        [(at, height)] = bend or [(x0 + _MARKED * (x1 - x0), y0 + _MARKED * (y1 - y0))]
        x.append(at)
        y.append(height)
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
        text=[
            plot_text(name)
            for name in shorten_apart([context.names.firm(firm) for firm in network.places], _NAME)
        ],
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
    names, moments = _names(context, network), []
    for week in range(len(network.weeks)):
        drawn = _drawn(network, names, week)
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
    return Slider(label=say("Week"), shown=shown, moments=moments)


def _rows(context: Context, network: Network) -> list[list[str | float]]:
    """All weeks as a table: the numbers behind the figure."""
    rows: list[list[str | float]] = [
        [say("Week"), say("From"), say("To"), say("With the shock"), say("Without the shock")]
    ]
    for place, week in enumerate(network.weeks):
        flows = zip(network.links, network.scenario[place], network.normal[place], strict=True)
        for (supplier, buyer), got, normal in flows:
            names = context.names.firm(supplier), context.names.firm(buyer)
            rows.append([week.isoformat(), *names, float(got), float(normal)])
    return rows

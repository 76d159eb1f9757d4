"""Charts of a stress test: what each node costs, and which pairs are worse than their parts."""

from collections.abc import Sequence
from typing import Any

from sim.report import graph_objects as go
from sim.report.expected_tables import records
from sim.report.language import say
from sim.report.names import plot_text
from sim.report.numbers import Scale, grouped, is_missing
from sim.report.stress_words import StressContext, kind_within, of_kind
from sim.report.style import BLUE, FAINT, GREEN, INK, MUTED, ORANGE, PAPER, PURPLE, VERMILLION, blank

GROUND = "#f6f7f9"
MOST_BARS = 20
MOST_IN_MAP = 12
COLOURS = {"supplier": BLUE, "country": PURPLE, "component": ORANGE, "lane": GREEN}
"""One colour for each kind of node."""


def impacts(context: StressContext) -> go.Figure:
    """Performance impact of the worst nodes and its bound; beside it, time to survive and to recover."""
    rows = list(records(context.impacts.head(MOST_BARS)))[::-1]
    scale = context.money.scale_of([row.pi for row in rows])
    amounts = [float(row.pi) / scale.factor for row in rows]
    places = list(range(len(rows)))
    figure = blank(
        height=100 + 52 * max(len(rows), 1),
        showlegend=False,
        bargap=0.45,
        xaxis={
            "title": {"text": say("PI, {unit}", unit=plot_text(scale.label))},
            "nticks": 5,
            "range": [0.0, 1.6 * max(amounts, default=1.0)],
        },
        yaxis={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [_label(context, row) for row in rows],
            "showgrid": False,
            "ticks": "",
            "tickfont": {"size": 12, "color": INK},
        },
    )
    figure.add_trace(
        go.Bar(
            y=places,
            x=amounts,
            orientation="h",
            marker={"color": [COLOURS[row.kind] for row in rows], "opacity": 0.75},
            text=[_times(row) for row in rows],
            textposition="outside",
            textfont={"color": MUTED, "size": 12},
            cliponaxis=False,
            hovertext=[f"{_label(context, row)}<br>{context.money.text(row.pi)}" for row in rows],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    if context.has_bounds:
        figure.add_trace(_bounds(context, rows, scale))
    return figure


def _bounds(context: StressContext, rows: Sequence[Any], scale: Scale) -> go.Trace:
    """Marks of the least that each node costs, whatever is done, where it is known."""
    marked = [place for place, row in enumerate(rows) if not is_missing(row.pi_lp)]
    return go.Scatter(
        y=marked,
        x=[max(float(rows[place].pi_lp), 0.0) / scale.factor for place in marked],
        mode="markers",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": INK}},
        hovertext=[
            say("At least {amount}, whatever is done", amount=context.money.text(rows[place].pi_lp))
            for place in marked
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _times(row: object) -> str:
    """Time to survive over time to recover, in days."""
    tts, ttr = getattr(row, "tts_days", None), getattr(row, "ttr_days", 0.0)
    return f" {say('never') if tts is None or is_missing(tts) else grouped(tts)} / {grouped(ttr)}"


def _label(context: StressContext, row: object) -> str:
    kind, key = getattr(row, "kind", ""), getattr(row, "node", "")
    name = plot_text(context.name(kind, key), length=56, width=28)
    return f'{name}<br><span style="color:{MUTED}">{kind_within(kind)}</span>'


def pair_map(context: StressContext) -> go.Figure:
    """Heat map of the excess of pairs, among the nodes that are most often worse together."""
    found = context.worse_together
    chosen = _most_worse(context)
    scale = context.money.scale_of(found["excess"])
    excess = {
        frozenset(((row.kind_a, row.node_a), (row.kind_b, row.node_b))): float(row.excess)
        for row in records(found)
    }
    cells = [[excess.get(frozenset((one, other))) for other in chosen] for one in chosen]
    places = list(range(len(chosen)))
    numbers = [str(place + 1) for place in places]
    labels = [
        f"{plot_text(context.name(kind, key), length=56, width=28)}  {number}"
        for number, (kind, key) in zip(numbers, chosen, strict=True)
    ]
    ticks = {"tickmode": "array", "tickvals": places, "showgrid": False, "ticks": ""}
    figure = blank(
        height=150 + 36 * max(len(chosen), 1),
        showlegend=False,
        xaxis=ticks | {"ticktext": numbers, "tickangle": 0, "side": "top", "tickfont": {"size": 9}},
        yaxis=ticks | {"ticktext": labels, "autorange": "reversed", "tickfont": {"size": 12, "color": INK}},
        plot_bgcolor=GROUND,
    )
    figure.add_trace(_heat(context, chosen, cells, plot_text(scale.label), scale.factor))
    return figure


def _heat(
    context: StressContext,
    chosen: list[tuple[str, str]],
    cells: list[list[float | None]],
    unit: str,
    factor: float,
) -> go.Trace:
    count = len(chosen)
    names = [of_kind(plot_text(context.name(kind, key), length=40), kind) for kind, key in chosen]
    return go.Heatmap(
        x=list(range(count)),
        y=list(range(count)),
        z=[[None if value is None else value / factor for value in row] for row in cells],
        zmin=0.0,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        colorscale=[[0.0, "#fdeadf"], [1.0, VERMILLION]],
        hovertext=[
            [
                ""
                if value is None
                else f"{one}<br>{other}<br>"
                + say("{amount} beyond the sum", amount=context.money.text(value))
                for other, value in zip(names, row, strict=True)
            ]
            for one, row in zip(names, cells, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        colorbar={
            "orientation": "h",
            "thickness": 12,
            "len": 1.0,
            "y": -0.03,
            "yanchor": "top",
            "nticks": 4,
            "outlinewidth": 0,
            "bgcolor": PAPER,
            "tickcolor": FAINT,
            "title": {"text": unit, "side": "bottom", "font": {"size": 12}},
        },
    )


def _most_worse(context: StressContext) -> list[tuple[str, str]]:
    """The nodes of the worst pairs, in the order of their own impact; always whole pairs."""
    found: set[tuple[str, str]] = set()
    for row in records(context.worse_together):
        both = found | {(row.kind_a, row.node_a), (row.kind_b, row.node_b)}
        if len(both) > MOST_IN_MAP:
            break
        found = both
    return [(row.kind, row.node) for row in records(context.nodes) if (row.kind, row.node) in found]

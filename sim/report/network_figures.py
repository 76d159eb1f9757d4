"""Charts of suppliers, flows of components, interventions and reported figures."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import pandas as pd

from sim.report import graph_objects as go
from sim.report.axes import apart
from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.language import say, spoken
from sim.report.loss_figures import MOST_BARS, interval_bars
from sim.report.names import plot_text, shorten
from sim.report.numbers import as_date, in_futures, is_missing, percent
from sim.report.reported_words import measured, period
from sim.report.style import BLACK, BLUE, GREEN, INK, MUTED, VERMILLION, blank, faded, mark_date

LOSING, GAINING = "#59636e", GREEN


def supplier_changes(context: Context) -> go.Figure:
    """Change of each supplier's sales caused by the shock: gains to the right, losses to the left."""
    rows = largest_changes(context)[::-1]
    rows = rows.assign(mean=-rows["mean"], p05=-rows["p95"], p95=-rows["p05"])
    return interval_bars(
        context,
        rows,
        labels=[_supplier_label(context, row.supplier, row.share_of_revenue_mean) for row in records(rows)],
        colours=[GAINING if row.mean > 0 else LOSING for row in records(rows)],
        notes=[""] * len(rows),
    )


def _supplier_label(context: Context, supplier: str, share_lost: float) -> str:
    name = plot_text(context.names.firm(supplier), length=28)
    if is_missing(share_lost) or abs(share_lost) > 1.0:
        return name
    told = say("{share} of revenue", share=percent(-share_lost))
    return f'{name}<br><span style="color:{MUTED}">{told}</span>'


def largest_changes(context: Context) -> pd.DataFrame:
    """Suppliers whose sales change most, from the largest loss to the largest gain."""
    table = context.tables["suppliers"]
    order = table["mean"].abs().sort_values(ascending=False, kind="stable").index[:MOST_BARS]
    return table.loc[order].sort_values(["mean", "supplier"], ascending=[False, True])


def timeline(context: Context) -> go.Figure:
    """When interventions hold, with the range of their first days where that is uncertain."""
    rows = context.tables["interventions"].sort_values(["start_p50", "intervention"], kind="stable")
    rows = rows[rows["start_p50"].notna()][::-1]
    first, last = _horizon(context, rows["start_p05"])
    figure = blank(
        height=70 + 50 * max(len(rows), 1),
        showlegend=False,
        xaxis={"type": "date", "range": [first.isoformat(), last.isoformat()], "nticks": 6, "tickangle": 0},
        yaxis={"visible": False, "range": [-0.5, len(rows) - 0.1]},
    )
    for place, row in enumerate(records(rows)):
        start = as_date(row.start_p50)
        end = last if is_missing(row.end_p50) else as_date(row.end_p50)
        colour = VERMILLION if row.shock else BLUE
        figure.add_trace(
            go.Scatter(
                x=[start.isoformat(), end.isoformat()],
                y=[place, place],
                mode="lines",
                hoverinfo="skip",
                line={"color": faded(colour, 0.25 + 0.75 * float(row.probability)), "width": 9},
            )
        )
        figure.add_trace(_start_marker(row, place, start, colour))
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            y=place,
            yref="y",
            yanchor="bottom",
            yshift=7,
            showarrow=False,
            text=_timeline_label(context, row),
            font={"size": 12, "color": INK},
            align="left",
            bgcolor="rgba(255,255,255,0.8)",
            borderpad=0,
        )
    _mark_shock(figure, context)
    return figure


def _start_marker(row: Any, place: int, start: dt.date, colour: str) -> go.Trace:
    low, high = (start if is_missing(value) else as_date(value) for value in (row.start_p05, row.start_p95))
    uncertain = low != high
    return go.Scatter(
        x=[low.isoformat(), start.isoformat(), high.isoformat()] if uncertain else [start.isoformat()],
        y=[place] * (3 if uncertain else 1),
        mode="lines+markers",
        line={"color": INK, "width": 1.5},
        marker={
            "symbol": ["line-ns-open", "circle", "line-ns-open"] if uncertain else ["circle"],
            "size": 9,
            "color": INK if uncertain else colour,
            "line": {"color": INK, "width": 1.5},
        },
        hovertemplate=f"%{{x|{spoken().formats['dayMonthYear']}}}<extra></extra>",
    )


def _timeline_label(context: Context, row: Any) -> str:
    marks = []
    if row.shock:
        marks.append(say("shock"))
    if row.probability < 0.9995:
        marks.append(in_futures(float(row.probability)))
    title = plot_text(context.names.intervention(str(row.intervention)), length=46 if marks else 56)
    return f'{title} <span style="color:{MUTED}">{" · ".join(marks)}</span>' if marks else title


def _mark_shock(figure: go.Figure, context: Context) -> None:
    if context.shock_date is not None:
        mark_date(figure, context.shock_date.isoformat(), "")


def _horizon(context: Context, starts: Iterable[object]) -> tuple[dt.date, dt.date]:
    calendar = context.findings.scenario.calendar
    first = min([calendar.start, *(as_date(value) for value in starts if not is_missing(value))])
    return apart(first, calendar.start + dt.timedelta(days=calendar.length_days))


def reported_and_simulated(context: Context, rows: pd.DataFrame, *, several_firms: bool) -> go.Figure:
    """Reported figures (diamonds) beside the simulated mean and range of the same periods."""
    rows = rows.sort_values(["start", "end", "firm"], kind="stable")[::-1]
    scale = context.money.scale_of(rows[["reported", "simulated_p95"]].to_numpy().flat)
    places = list(range(len(rows)))
    labels = [_figure_label(context, row, several_firms=several_firms) for row in records(rows)]
    lines = max(label.count("<br>") for label in labels) + 1
    mean, low, high, reported = (
        [float(value) / scale.factor for value in rows[key]]
        for key in ("simulated_mean", "simulated_p05", "simulated_p95", "reported")
    )
    figure = blank(
        height=110 + max(38, 20 + 14 * lines) * len(rows),
        xaxis={"title": {"text": plot_text(scale.label)}, "rangemode": "tozero"},
        yaxis={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": labels,
            "ticks": "",
            "range": [-0.6, len(rows) - 0.4],
        },
    )
    figure.add_trace(
        go.Scatter(
            y=places,
            x=mean,
            mode="markers",
            name=say("Simulated: mean and 5–95%"),
            marker={"color": BLUE, "size": 10},
            hovertemplate=say("simulated mean {amount}", amount="%{x:,.3g}") + "<extra></extra>",
            error_x={
                "type": "data",
                "symmetric": False,
                "array": _differences(high, mean),
                "arrayminus": _differences(mean, low),
                "color": BLUE,
                "thickness": 3,
                "width": 0,
            },
        )
    )
    figure.add_trace(
        go.Scatter(
            y=places,
            x=reported,
            mode="markers",
            name=say("Reported"),
            marker={"symbol": "diamond-open", "color": BLACK, "size": 12, "line": {"width": 2}},
            hovertemplate=say("reported {amount}", amount="%{x:,.3g}") + "<extra></extra>",
        )
    )
    return figure


def _figure_label(context: Context, row: Any, *, several_firms: bool) -> str:
    """Whose figure it is where there are several, of what where it is not of all, and of when."""
    told = [context.names.firm(row.firm)] if several_firms else []
    if row.sold:
        told.append(measured(context.names, row.measure, row.sold))
    parts = [*map(shorten, told), period(row.start, row.end)]
    label = reduce(lambda some, more: say("{some}, {more}", some=some, more=more), parts)
    return plot_text(label, length=140, width=22)


def _differences(upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    return [max(above - below, 0.0) for above, below in zip(upper, lower, strict=True)]

"""Charts of revenue and stock over time: a table goes in, a figure comes out."""

import datetime as dt
from typing import Any

import pandas as pd

from sim.report import graph_objects as go
from sim.report.axes import amounts, around_shock, dates, ends, mark_shock, week_format
from sim.report.context import Context
from sim.report.language import say, spoken
from sim.report.names import plot_text
from sim.report.numbers import Scale, grouped, is_missing
from sim.report.style import INK, MUTED, blank, faded, line_colour, shade_dates
from sim.report.words import as_mean


def revenue_fan(context: Context, maker: str) -> go.Figure:
    """Revenue per week with and without the shock, with the middle 50% and 90% of futures."""
    fan = context.rows("revenue_fan", maker).sort_values("week", kind="stable")
    scale = context.money.scale_of(fan["mean"])
    colour = context.palette.makers[maker]
    figure = blank(
        height=400,
        hovermode="x unified",
        xaxis={"type": "date", "hoverformat": week_format(), "range": ends(fan["week"])},
        yaxis={
            "title": {"text": say("{unit} per week", unit=plot_text(scale.label))},
            "rangemode": "tozero",
        },
    )
    _shade_window(figure, context)
    scenario, counterfactual = (fan[fan["twin"] == twin] for twin in ("scenario", "counterfactual"))
    if not context.is_single:
        wide, narrow = faded(colour, 0.14), faded(colour, 0.28)
        figure.add_trace(_band(scenario, "p05", "p95", scale, name=say("5–95% of futures"), fill=wide))
        figure.add_trace(_band(scenario, "p25", "p75", scale, name=say("25–75% of futures"), fill=narrow))
    without, within = say("Without the shock"), say("With the shock")
    if not context.is_single:
        without, within = as_mean(without), as_mean(within)
    figure.add_trace(_mean_line(counterfactual, scale, without, {"color": MUTED, "dash": "dash"}))
    figure.add_trace(_mean_line(scenario, scale, within, {"color": colour, "width": 2.5}))
    mark_shock(figure, context, fan["week"])
    return figure


def _shade_window(figure: go.Figure, context: Context) -> None:
    if context.shock_date is not None:
        end = context.shock_date + dt.timedelta(days=context.window_days)
        shade_dates(figure, context.shock_date.isoformat(), end.isoformat())


def _band(rows: pd.DataFrame, low: str, high: str, scale: Scale, *, name: str, fill: str) -> go.Trace:
    weeks = dates(rows["week"])
    lower, upper = amounts(rows[low], scale), amounts(rows[high], scale)
    return go.Scatter(
        x=weeks + weeks[::-1],
        y=upper + lower[::-1],
        name=name,
        mode="lines",
        fill="toself",
        fillcolor=fill,
        line={"width": 0},
        hoverinfo="skip",
    )


def _mean_line(rows: pd.DataFrame, scale: Scale, name: str, line: dict[str, Any]) -> go.Trace:
    return go.Scatter(
        x=dates(rows["week"]),
        y=amounts(rows["mean"], scale),
        name=name,
        mode="lines",
        line={"width": 1.5} | line,
        customdata=list(zip(amounts(rows["p05"], scale), amounts(rows["p95"], scale), strict=True)),
        hovertemplate="%{y:,.3g} (%{customdata[0]:,.3g}–%{customdata[1]:,.3g})",
    )


def weekly_panel(context: Context, rows: pd.DataFrame, unit: str) -> go.Figure:
    """A small empty figure of weeks, from half a year before the shock on, and amounts, from 0 on."""
    return blank(
        height=230,
        hovermode="x unified",
        showlegend=False,
        xaxis={
            "type": "date",
            "hoverformat": week_format(),
            "nticks": 5,
            "range": around_shock(context, rows, before=182),
        },
        yaxis={
            "title": {"text": plot_text(unit, length=28)},
            "rangemode": "tozero",
            "nticks": 5,
            "tickformat": ",",
        },
    )


def stock(context: Context, maker: str, point: str) -> go.Figure:
    """On-hand stock at one stock point with and without the shock, from half a year before it."""
    item = context.stocks(maker)[point]
    rows = context.rows("stock", maker)
    rows = rows[rows["stock_point"] == point].sort_values("week", kind="stable")
    colour = context.palette.component(item)
    scale = Scale(1.0, "")
    scenario, counterfactual = (rows[rows["twin"] == twin] for twin in ("scenario", "counterfactual"))
    figure = weekly_panel(context, rows, context.names.unit(item))
    figure.add_trace(
        _band(scenario, "p05", "p95", scale, name=say("5–95% of futures"), fill=faded(colour, 0.25))
    )
    for twin, name, line in (
        (counterfactual, say("Without the shock"), {"color": MUTED, "dash": "dash", "width": 1.5}),
        (scenario, say("With the shock"), {"color": line_colour(colour), "width": 2.5}),
    ):
        cover = ["" if is_missing(value) else _days_of_use(float(value)) for value in twin["cover_p50"]]
        figure.add_trace(
            go.Scatter(
                x=dates(twin["week"]),
                y=amounts(twin["p50"], scale),
                name=name,
                mode="lines",
                line=line,
                customdata=cover,
                hovertemplate="%{y:,.3~r}%{customdata}",
            )
        )
    mark_shock(figure, context, rows["week"], label=False)
    _mark_run_out(figure, context, maker, point)
    return figure


def _days_of_use(days: float) -> str:
    return say(" · {number} days of use", number=grouped(days))


def _mark_run_out(figure: go.Figure, context: Context, maker: str, point: str) -> None:
    rows = context.rows("run_out", maker)
    rows = rows[rows["stock_point"] == point]
    if rows.empty or context.shock_date is None or rows[["p05", "p50", "p95"]].isna().any(axis=None):
        return
    low, middle, high = (
        (context.shock_date + dt.timedelta(days=round(float(rows[key].iloc[0])))).isoformat()
        for key in ("p05", "p50", "p95")
    )
    figure.add_trace(
        go.Scatter(
            x=[low, high],
            y=[0, 0],
            mode="lines",
            line={"color": INK, "width": 5},
            hoverinfo="skip",
            name=say("Run-out, 5–95%"),
            cliponaxis=False,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[middle],
            y=[0],
            mode="markers",
            name=say("First run-out (median)"),
            cliponaxis=False,
            marker={
                "symbol": "diamond",
                "size": 11,
                "color": INK,
                "line": {"color": "#ffffff", "width": 1.5},
            },
            hovertemplate=f"%{{x|{spoken().formats['dayMonthYear']}}}",
        )
    )

"""Charts of a sweep: the curve of one lever, with its flat top, or the map of two."""

from typing import Any

import pandas as pd

from sim.report import graph_objects as go
from sim.report.expected_tables import records
from sim.report.language import message, say, spoken
from sim.report.names import plot_text
from sim.report.numbers import Scale, is_missing, percent, short
from sim.report.style import BLUE, FAINT, GREEN, INK, MUTED, PAPER, VERMILLION, blank, faded
from sim.report.sweep_words import SweepContext, called, step_text
from sim.scenario.levers import Lever

GROUND = "#f6f7f9"
CELL, BELOW = 40, 180
"""Pixels: of a row of the map, and of all that stands below it."""
CURVES = (
    ("advantage", message("Expected"), BLUE, "solid", 1.0),
    ("cost", message("If the shock never comes"), VERMILLION, "dash", -1.0),
    ("gain", message("If the shock comes"), GREEN, "dot", 1.0),
)
"""What a portfolio adds to the result of doing nothing: column, what it is called, colour, dash, sign."""


def curve(context: SweepContext) -> go.Figure:
    """What each level adds to the result of doing nothing: expected, with and without the shock."""
    rows = _drawn(context)
    is_certain = rows["gain"].equals(rows["advantage"])
    shown = [name for name, *_ in CURVES if name != "gain" or (rows["gain"].notna().all() and not is_certain)]
    scale = context.money.scale_of(rows[shown].abs().max())
    figure = blank(
        height=420,
        xaxis=_axis(context, rows),
        yaxis={
            "title": {
                "text": say("Added to the result of doing nothing, {unit}", unit=plot_text(scale.label))
            }
        },
    )
    places = _places(context, rows)
    for name, title, colour, dash, sign in CURVES:
        if name not in shown:
            continue
        middle, low, high = (sign * rows[column] / scale.factor for column in _with_ends(name))
        if low.notna().all() and high.notna().all():
            figure.add_trace(_band(places, low, high, colour))
        figure.add_trace(
            go.Scatter(
                x=places,
                y=middle.tolist(),
                name=say(title),
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                marker={"size": _sizes(rows, name), "color": colour},
                hovertext=[_hover(context, row, name, say(title)) for row in records(rows)],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    figure.add_hline(y=0.0, line={"color": FAINT, "width": 1})
    return figure


def break_even(context: SweepContext) -> go.Figure:
    """The probability of the shock from which each level is worth its cost."""
    rows = context.grid[context.grid["worth"] == "from"]
    figure = blank(
        height=300,
        showlegend=False,
        xaxis=_axis(context, rows),
        yaxis={
            "title": {"text": say("Break-even probability, %")},
            "ticksuffix": spoken().percent,
            "rangemode": "tozero",
        },
    )
    places = _places(context, rows)
    middle, low, high = (100.0 * rows[column] for column in _with_ends("break_even"))
    figure.add_trace(
        go.Scatter(
            x=places,
            y=middle.tolist(),
            mode="lines+markers",
            line={"color": BLUE, "width": 2},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (high - middle).fillna(0.0).tolist(),
                "arrayminus": (middle - low).fillna(0.0).tolist(),
                "color": MUTED,
                "thickness": 1,
            },
            hovertext=[
                f"{plot_text(called(context, row))}<br>"
                + say("worth it from {share} on", share=percent(row.break_even))
                for row in records(rows)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    return figure


def heat_map(context: SweepContext) -> go.Figure:
    """What each combination of the levels of two levers adds to the result of doing nothing, on average."""
    (_, first), (_, second) = context.levers
    rows = list(records(context.grid))
    cells = {(step_text(context, 0, row), step_text(context, 1, row)): row for row in rows}
    across, down = (list(dict.fromkeys(steps)) for steps in zip(*cells, strict=True))
    scale = context.money.scale_of(context.grid["advantage"])
    largest = float(context.grid["advantage"].abs().max()) / scale.factor or 1.0
    ticks = {"tickmode": "array", "showgrid": False, "ticks": ""}
    figure = blank(
        height=BELOW + 50 + CELL * len(down),
        showlegend=False,
        plot_bgcolor=GROUND,
        xaxis=ticks
        | {
            "tickvals": list(range(len(across))),
            "ticktext": [plot_text(text, length=30, width=14) for text in across],
            "title": {
                "text": say("Across: {lever}", lever=_title(first))
                + "<br>"
                + say("Up: {lever}", lever=_title(second))
            },
        },
        yaxis=ticks
        | {
            "tickvals": list(range(len(down))),
            "ticktext": [plot_text(text, length=30, width=18) for text in down],
        },
    )
    figure.add_trace(
        go.Heatmap(
            x=list(range(len(across))),
            y=list(range(len(down))),
            z=[[_height(cells.get((one, other)), scale) for one in across] for other in down],
            text=[[_mark(cells.get((one, other))) for one in across] for other in down],
            texttemplate="%{text}",
            textfont={"color": INK, "size": 14},
            zmid=0.0,
            zmin=-largest,
            zmax=largest,
            xgap=2,
            ygap=2,
            colorscale=[[0.0, VERMILLION], [0.5, PAPER], [1.0, GREEN]],
            hovertext=[
                [_hover(context, cells.get((one, other)), "advantage", say("Expected")) for one in across]
                for other in down
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            colorbar={
                "orientation": "h",
                "thickness": 12,
                "len": 1.0,
                "y": -BELOW / (2.0 * CELL * len(down)),
                "yanchor": "top",
                "nticks": 5,
                "outlinewidth": 0,
                "tickcolor": FAINT,
                "title": {"text": plot_text(scale.label), "side": "bottom", "font": {"size": 12}},
            },
        )
    )
    return figure


def _title(lever: Lever) -> str:
    return plot_text(lever.title, length=60)


def _height(row: Any, scale: Scale) -> float | None:
    """What colours a cell; nothing where there is no such combination: not taken, but on a day."""
    return None if row is None else row.advantage / scale.factor


def _mark(row: Any) -> str:
    """A star for the best, a dot for what cannot be told from it."""
    if row is None:
        return ""
    return "★" if row.is_best else "•" if row.in_flat_top else ""


def _hover(context: SweepContext, row: Any, name: str, curve: str) -> str:
    if row is None:
        return ""
    sign = -1.0 if name == "cost" else 1.0
    value = sign * getattr(row, name)
    told = say("{name}: {value}", name=curve, value=plot_text(context.money.text(value)))
    return f"{plot_text(called(context, row))}<br>{told}"


def _with_ends(name: str) -> tuple[str, str, str]:
    return name, f"{name}_ci_low", f"{name}_ci_high"


def _sizes(rows: pd.DataFrame, name: str) -> list[int]:
    """Large marks where the expected result cannot be told from the best."""
    return [12 if name == "advantage" and top else 6 for top in rows["in_flat_top"]]


def _drawn(context: SweepContext) -> pd.DataFrame:
    """The rows of a curve: on an axis of days, doing nothing has no place but the line at 0."""
    return context.grid[context.grid["taken"]] if context.is_of_dates[0] else context.grid


def _places(context: SweepContext, rows: pd.DataFrame) -> list[Any]:
    """Where levels, or days, stand on the axis; not taken stands a step before the first level."""
    ((_, lever),) = context.levers
    if context.is_of_dates[0]:
        return [context.place(date) for date in rows["decided"]]
    if lever.levels is None:
        return [float(is_taken) for is_taken in rows["taken"]]
    before = _before(lever)
    return [before if is_missing(level) else float(level) for level in rows["level"]]


def _before(lever: Lever) -> float:
    assert lever.levels is not None  # noqa: S101 - the caller looked
    values = lever.levels.values
    return values[0] - ((values[-1] - values[0]) / max(len(values) - 1, 1) or abs(values[0]) or 1.0)


def _axis(context: SweepContext, rows: pd.DataFrame) -> dict[str, Any]:
    ((_, lever),) = context.levers
    if context.is_of_dates[0]:
        hover = {"type": "date", "hoverformat": spoken().formats["dayMonthYear"]}
        return {
            "title": {"text": say("{lever}, decided on", lever=plot_text(lever.title, length=60))},
            **(hover if context.is_dated else {}),
        }
    title = plot_text(lever.title, length=60) + (
        f", {plot_text(lever.unit, length=30)}" if lever.unit else ""
    )
    if lever.levels is None:
        ticks = {"tickvals": [0, 1], "ticktext": [say("not taken"), say("taken")], "range": [-0.5, 1.5]}
    else:
        places = _places(context, rows)
        texts = [say("none") if is_missing(level) else f"{short(level)}" for level in rows["level"]]
        every = max(1, len(places) // 12)
        ticks = {"tickvals": places[::every], "ticktext": texts[::every]}
    return {"title": {"text": title}, "tickmode": "array", **ticks}


def _band(places: list[Any], low: "pd.Series[float]", high: "pd.Series[float]", colour: str) -> go.Trace:
    """The interval of a curve."""
    return go.Scatter(
        x=[*places, *places[::-1]],
        y=[*low.tolist(), *high.tolist()[::-1]],
        fill="toself",
        fillcolor=faded(colour, 0.15),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )

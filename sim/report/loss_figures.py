"""Charts of the loss: by component, by product, and how likely it is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.report import graph_objects as go
from sim.report.axes import amounts, around_shock, dates, mark_shock, week_format
from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.language import say, spoken
from sim.report.leading_words import Leading, leading
from sim.report.names import plot_text
from sim.report.numbers import is_missing, lost_share, percent, share_format, with_percent
from sim.report.style import DASHES, FAINT, INK, MUTED, OTHER, blank, faded
from sim.report.words import capital
from sim.risk import tail

MOST_BARS = 12
_CURVE_POINTS = 400
_WEEK_MS = 7 * 24 * 3600 * 1000


def loss_by_component(context: Context, maker: str) -> go.Figure:
    """Mean loss per week, stacked by the component that carries it."""
    rows = context.rows("attribution_weekly", maker)
    rows = rows.assign(group=rows["component"].map(context.palette.group))
    grid = rows.pivot_table(
        index="week", columns="group", values="loss", aggfunc="sum", fill_value=0.0, sort=True
    )
    scale = context.money.scale_of(grid.sum(axis=1))
    figure = blank(
        height=400,
        barmode="relative",
        bargap=0,
        hovermode="x unified",
        legend={"traceorder": "normal"},
        xaxis={
            "type": "date",
            "hoverformat": week_format(),
            "range": around_shock(context, rows, before=28),
        },
        yaxis={"title": {"text": say("{unit} per week", unit=plot_text(scale.label))}},
    )
    for group in sorted(grid.columns, key=lambda key: (key == OTHER, -abs(grid[key].sum()), key)):
        if not (grid[group] != 0).any():
            continue
        figure.add_trace(
            go.Bar(
                x=dates(grid.index),
                y=amounts(grid[group], scale),
                offset=0,
                width=_WEEK_MS,
                marker={"color": context.palette.component(group)},
                name=say("Other components")
                if group == OTHER
                else plot_text(context.names.item(group), length=30),
                hovertemplate="%{y:,.3g}",
            )
        )
    mark_shock(figure, context, rows["week"])
    return figure


def loss_by_product(context: Context, maker: str) -> go.Figure:
    """Mean loss of each product in each market, largest first, with the range of futures."""
    rows = context.rows("products", maker).sort_values(
        ["mean", "item", "market"], ascending=[False, True, True]
    )
    rows = rows.head(MOST_BARS)[::-1]
    labels = [
        f"{plot_text(context.names.item(row.item), length=34)}<br>"
        f'<span style="color:{MUTED}">{plot_text(context.names.market(row.market), length=34)}</span>'
        for row in records(rows)
    ]
    shares = ["" if is_missing(row.loss_share) else percent(row.loss_share) for row in records(rows)]
    return interval_bars(
        context,
        rows,
        labels=labels,
        colours=[faded(context.palette.makers[maker], 0.6)] * len(rows),
        notes=shares,
    )


def interval_bars(
    context: Context,
    rows: pd.DataFrame,
    *,
    labels: Sequence[str],
    colours: Sequence[str],
    notes: Sequence[str],
) -> go.Figure:
    """Horizontal bars of `mean` with whiskers from `p05` to `p95`; labels and notes must be safe texts."""
    scale = context.money.scale_of(rows[["mean", "p05", "p95"]].to_numpy().flat)
    mean, low, high = (np.array(amounts(rows[key], scale)) for key in ("mean", "p05", "p95"))
    places = list(range(len(rows)))
    figure = blank(
        height=90 + 46 * max(len(rows), 1),
        showlegend=False,
        bargap=0.45,
        xaxis={
            "title": {"text": plot_text(scale.label)},
            "nticks": 6,
            "zeroline": True,
            "zerolinecolor": FAINT,
        },
        yaxis={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": list(labels),
            "showgrid": False,
            "ticks": "",
            "tickfont": {"size": 12, "color": INK},
        },
    )
    figure.add_trace(
        go.Bar(
            y=places,
            x=mean.tolist(),
            orientation="h",
            marker={"color": list(colours)},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": np.maximum(high - mean, 0).tolist(),
                "arrayminus": np.maximum(mean - low, 0).tolist(),
                "color": INK,
                "thickness": 1.2,
                "width": 4,
            },
            hovertext=[
                f"{label}: {context.money.text(float(value))}"
                for label, value in zip(labels, rows["mean"], strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            y=places,
            x=np.maximum(np.maximum(high, mean), 0).tolist(),
            mode="text",
            text=[f"  {note}" for note in notes],
            textposition="middle right",
            hoverinfo="skip",
            cliponaxis=False,
            textfont={"color": MUTED, "size": 12},
        )
    )
    _leave_room(figure, float(min(0.0, low.min(initial=0.0))), float(max(0.0, high.max(initial=0.0))))
    return figure


def _leave_room(figure: go.Figure, low: float, high: float) -> None:
    width = (high - low) or 1.0
    figure.update_layout(xaxis={"range": [low - (0.04 * width if low < 0 else 0.0), high + 0.16 * width]})


def blank_exceedance(height: int, leads: Leading) -> go.Figure:
    """A figure for curves of the probability that a loss share is larger than x."""
    return blank(
        height=height,
        hovermode="closest",
        xaxis={
            "title": {"text": say("{loss}, % of the revenue without the shock", loss=capital(leads.loss))},
            "ticksuffix": spoken().percent,
        },
        yaxis={
            "title": {"text": say("Probability of a larger loss")},
            "tickformat": share_format(),
            "range": [0, 1.02],
        },
    )


def exceedance_curve(losses: pd.Series, name: str, line: dict[str, str]) -> go.Trace:
    """The curve of some loss shares, one a future.

    Parameters
    ----------
    losses
        Shares of the revenue without the shock.
    name, line
        What the legend says, safe for plotly; colour and dashes.
    """
    ordered, exceeded = tail.exceedance(losses)
    picked = np.unique(np.linspace(0, len(ordered) - 1, min(len(ordered), _CURVE_POINTS)).astype(int))
    share, lost = f"%{{y:{share_format(1)}}}", with_percent("%{x:.1f}")
    return go.Scatter(
        x=(ordered[picked] * 100).tolist(),
        y=exceeded[picked].tolist(),
        mode="lines",
        name=name,
        line={"width": 2.5, **line},
        hovertemplate=f"{name}<br>"
        + say(
            "{share} of futures lose more than {loss}",
            share=share,
            loss=lost,
        )
        + "<extra></extra>",
    )


def exceedance(context: Context) -> go.Figure:
    """Probability that the loss is larger than x, one curve per maker, with VaR 95% and ES 95%."""
    figure = blank_exceedance(height=420, leads=leading(context.findings.summary))
    for rank, maker in enumerate(context.makers):
        losses = context.rows("makers", maker)["loss_share"]
        colour, name = context.palette.makers[maker], plot_text(context.maker(maker), length=24)
        curve = exceedance_curve(losses, name, {"color": colour, "dash": DASHES[rank % len(DASHES)]})
        figure.add_trace({**curve, "legendgroup": f"maker{rank}"})
        for symbol, key, title in (
            ("circle", "var95", say("VaR 95%")),
            ("diamond", "es95", say("ES 95%")),
        ):
            share = context.measure(maker, "loss_share", key).estimate
            figure.add_trace(
                go.Scatter(
                    x=[share * 100],
                    y=[float((losses > share).mean())],
                    mode="markers",
                    legendgroup=f"maker{rank}",
                    name=say(
                        "{maker} {measure}: {share}", maker=name, measure=title, share=lost_share(share)
                    ),
                    cliponaxis=False,
                    marker={
                        "symbol": symbol,
                        "size": 11,
                        "color": colour,
                        "line": {"color": "#ffffff", "width": 1.5},
                    },
                    hovertemplate=f"{name}<br>"
                    + say("{measure}: {share}", measure=title, share=lost_share(share))
                    + "<extra></extra>",
                )
            )
    return figure

"""Charts of what the loss hangs on."""

import numpy as np
import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.language import say, say_many, spoken
from sim.report.leading_words import leading
from sim.report.names import plot_text
from sim.report.numbers import percent, percent_range
from sim.report.split_words import condition
from sim.report.style import BLUE, INK, ORANGE, SKY, VERMILLION, blank
from sim.report.words import capital

MOST_EVENTS = 8

COLOURS = {
    (): BLUE,
    ("yes",): VERMILLION,
    ("no",): BLUE,
    ("yes", "yes"): VERMILLION,
    ("yes", "no"): ORANGE,
    ("no", "yes"): SKY,
    ("no", "no"): BLUE,
}
"""By the answers to what the futures are parted by."""


def by_case(rows: pd.DataFrame) -> dict[tuple[str, ...], pd.DataFrame]:
    """Rows of a histogram by the answers that they are of, those with any future."""
    cases = rows.groupby(["answer", "with_answer"], sort=False)
    return {
        tuple(filter(None, map(str, answers))): group for answers, group in cases if group["futures"].any()
    }


def makers_with_events(context: Context) -> list[str]:
    """Makers of which there is a loss to tell with an event and without."""
    return [maker for maker in context.makers if not told_events(context, maker).empty]


def told_events(context: Context, maker: str) -> pd.DataFrame:
    """The single events that come true in some futures and not in others, what explains most first."""
    rows = context.rows("conditional", maker)
    single = rows[rows["with_event"].fillna("") == ""]
    has_both = single.groupby("event")["futures"].transform("min") > 0
    shown = single[has_both]
    return shown[shown["event"].isin(shown["event"].unique()[:MOST_EVENTS])]


def loss_by_event(context: Context, maker: str) -> go.Figure:
    """The mean loss and the range of futures if an event happens and if it does not."""
    rows = told_events(context, maker)
    events = list(rows["event"].unique())
    lost = capital(leading(context.findings.summary).loss)
    figure = blank(
        height=150 + 62 * len(events),
        scattermode="group",
        scattergap=0.55,
        xaxis={"title": {"text": say("{loss}, % of revenue", loss=lost)}, "ticksuffix": spoken().percent},
        yaxis={
            "tickmode": "array",
            "tickvals": list(range(len(events))),
            "ticktext": [plot_text(context.event(event).text, length=66, width=24) for event in events],
            "range": [len(events) - 0.5, -0.5],
            "showgrid": False,
            "ticks": "",
            "tickfont": {"size": 12, "color": INK},
        },
    )
    for answer, symbol in (("yes", "circle"), ("no", "diamond")):
        its = rows[rows["answer"] == answer]
        mean, low, high = (100.0 * its[key].to_numpy() for key in ("mean", "p05", "p95"))
        figure.add_trace(
            go.Scatter(
                x=mean.tolist(),
                y=[events.index(event) for event in its["event"]],
                orientation="h",
                offsetgroup=answer,
                mode="markers",
                name=say("{case}: mean and 5–95%", case=capital(condition((answer,)))),
                marker={"symbol": symbol, "size": 10, "color": COLOURS[answer,]},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": np.maximum(high - mean, 0.0).tolist(),
                    "arrayminus": np.maximum(mean - low, 0.0).tolist(),
                    "color": COLOURS[answer,],
                    "thickness": 2,
                    "width": 0,
                },
                customdata=[
                    f"{plot_text(context.event(row.event).text, length=60)}<br>"
                    + say_many(
                        "{case}: {share} in {number} future",
                        "{case}: {share} in {number} futures",
                        int(row.futures),
                        case=condition((answer,)),
                        share=percent(row.mean, 1),
                    )
                    for row in records(its)
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    return figure


def loss_histogram(context: Context, maker: str) -> go.Figure:
    """How many futures lose how much, coloured by what happens in them."""
    rows, lost = context.rows("loss_histogram", maker), capital(leading(context.findings.summary).loss)
    figure = blank(
        height=360,
        barmode="stack",
        bargap=0.04,
        hovermode="x unified",
        legend={"traceorder": "normal"},
        xaxis={
            "title": {"text": say("{loss}, % of the revenue without the shock", loss=lost)},
            "ticksuffix": spoken().percent,
        },
        yaxis={"title": {"text": say("Futures")}, "rangemode": "tozero"},
        showlegend=bool((rows["event"] != "").any()),
    )
    for answers, group in by_case(rows).items():
        name = capital(condition(answers)) if answers else say("Futures")
        low, high = group["loss_share_low"].to_numpy(), group["loss_share_high"].to_numpy()
        figure.add_trace(
            go.Bar(
                x=(50.0 * (low + high)).tolist(),
                y=group["futures"].tolist(),
                width=(100.0 * (high - low)).tolist(),
                marker={"color": COLOURS[answers]},
                name=name,
                customdata=[percent_range(*ends) for ends in zip(low, high, strict=True)],
                hovertemplate=f"{name}, %{{customdata}}: %{{y:,}}<extra></extra>",
            )
        )
    return figure

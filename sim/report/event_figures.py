"""Charts of what the loss hangs on."""

import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.leading_words import leading
from sim.report.numbers import percent_range
from sim.report.split_words import condition
from sim.report.style import BLUE, ORANGE, SKY, VERMILLION, blank

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


def loss_histogram(context: Context, maker: str) -> go.Figure:
    """How many futures lose how much, coloured by what happens in them."""
    rows, lost = context.rows("loss_histogram", maker), leading(context.findings.summary).loss.capitalize()
    figure = blank(
        height=360,
        barmode="stack",
        bargap=0.04,
        hovermode="x unified",
        legend={"traceorder": "normal"},
        xaxis={"title": {"text": f"{lost}, % of the revenue without the shock"}, "ticksuffix": "%"},
        yaxis={"title": {"text": "Futures"}, "rangemode": "tozero"},
        showlegend=bool((rows["event"] != "").any()),
    )
    for answers, group in by_case(rows).items():
        name = condition(answers).capitalize() if answers else "Futures"
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

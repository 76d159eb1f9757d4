"""How long sales hold out and how long they stay away: survival curves of each maker."""

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.language import message, say
from sim.report.names import plot_text
from sim.report.numbers import share_format
from sim.report.style import DASHES, blank, faded

NOT_YET = {
    "first_lost_sales": message("Futures not short so far"),
    "recovery": message("Futures not back yet"),
}
"""Of which futures a curve gives the share."""
_ON_DAY = {
    "first_lost_sales": message("day {day}: {share} of futures not short so far"),
    "recovery": message("day {day}: {share} of futures not back yet"),
}


def survival(context: Context, event: str) -> go.Figure:
    """Share of futures that an event has not reached by a day, one curve per maker, with its interval."""
    since = say("Days from the shock") if context.has_shock else say("Days from the first day")
    figure = blank(
        height=360,
        hovermode="closest",
        xaxis={"title": {"text": since}, "rangemode": "tozero"},
        yaxis={
            "title": {"text": say(NOT_YET[event])},
            "tickformat": share_format(),
            "range": [0, 1.02],
        },
    )
    for rank, maker in enumerate(context.makers):
        rows = context.rows("survival", maker)
        rows = rows[rows["event"] == event].sort_values("day")
        colour, name = context.palette.makers[maker], plot_text(context.maker(maker), length=24)
        share = f"%{{y:{share_format(1)}}}"
        days = [0.0, *rows["day"].tolist()]
        for bound, fill in (("ci_low", None), ("ci_high", "tonexty")):
            figure.add_trace(
                go.Scatter(
                    x=days,
                    y=[1.0, *rows[bound].fillna(rows["share"]).tolist()],
                    mode="lines",
                    line={"width": 0, "shape": "hv", "color": colour},
                    fill=fill,
                    fillcolor=faded(colour, 0.15),
                    hoverinfo="skip",
                    showlegend=False,
                    legendgroup=f"maker{rank}",
                )
            )
        figure.add_trace(
            go.Scatter(
                x=days,
                y=[1.0, *rows["share"].tolist()],
                mode="lines",
                name=name,
                legendgroup=f"maker{rank}",
                line={"color": colour, "width": 2.5, "shape": "hv", "dash": DASHES[rank % len(DASHES)]},
                hovertemplate=f"{name}<br>"
                + say(_ON_DAY[event], day="%{x:.0f}", share=share)
                + "<extra></extra>",
            )
        )
    return figure

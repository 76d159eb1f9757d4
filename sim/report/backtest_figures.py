"""Charts of a back-test: forecasts beside what was reported, and what the world said of each view."""

from collections.abc import Callable

import pandas as pd

from sim.report import graph_objects as go
from sim.report.language import say, spoken
from sim.report.names import plot_text
from sim.report.numbers import Scale, with_percent
from sim.report.style import BLACK, BLUE, DASHES, GREEN, ORANGE, PURPLE, SKY, VERMILLION, blank, faded

_BANDS = (("p025", "p975", "95", 0.18, 18), ("p10", "p90", "80", 0.4, 12), ("p25", "p75", "50", 0.8, 7))
_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, BLACK)


def intervals(rows: pd.DataFrame, reported: pd.DataFrame, labels: list[str], scale: Scale) -> go.Figure:
    """Intervals of forecasts, period by period, and what was reported (diamonds).

    Parameters
    ----------
    rows
        Rows of the table ``forecasts`` of one forecaster.
    reported
        Rows of the table ``scores`` of the same, where there are some.
    labels
        What each row's period is called.
    scale
        Unit of money.
    """
    figure = blank(height=380, xaxis={"type": "category"}, yaxis={"title": {"text": plot_text(scale.label)}})
    for low, high, band, opacity, width in _BANDS:
        x: list[str | None] = []
        y: list[float | None] = []
        for name, bottom, top in zip(labels, rows[low], rows[high], strict=True):
            x += [name, name, None]
            y += [float(bottom) / scale.factor, float(top) / scale.factor, None]
        line = {"color": faded(BLUE, opacity), "width": width}
        figure.add_trace(
            go.Scatter(x=x, y=y, mode="lines", name=with_percent(band), line=line, hoverinfo="skip")
        )
    figure.add_trace(
        go.Scatter(
            x=labels,
            y=[float(value) / scale.factor for value in rows["p50"]],
            mode="markers",
            name=say("Median"),
            marker={"color": "#ffffff", "size": 5},
            hovertemplate=say("median {amount}", amount="%{y:,.3g}") + "<extra></extra>",
        )
    )
    called = dict(zip(rows["fact"], labels, strict=True))
    figure.add_trace(
        go.Scatter(
            x=[called[fact] for fact in reported["fact"]],
            y=[float(value) / scale.factor for value in reported["reported"]],
            mode="markers",
            name=say("Reported"),
            marker={"symbol": "diamond-open", "color": BLACK, "size": 11, "line": {"width": 2}},
            hovertemplate=say("reported {amount}", amount="%{y:,.3g}") + "<extra></extra>",
        )
    )
    return figure


def weights(
    rows: pd.DataFrame, called: Callable[[str], str], figure_called: Callable[[str], str]
) -> go.Figure:
    """What each view counts, figure after figure.

    Parameters
    ----------
    rows
        Rows of the table ``view_weights`` of one confounder, or of none.
    called, figure_called
        Give what a view, and what a reported figure, is called.
    """
    figure = blank(
        height=340,
        yaxis={"title": {"text": say("Weight")}, "ticksuffix": spoken().percent, "range": [0, 102]},
    )
    for place, (view, some) in enumerate(rows.groupby("view", sort=False)):
        figure.add_trace(
            go.Scatter(
                x=[str(day) for day in some["published"]],
                y=[100.0 * float(weight) for weight in some["weight"]],
                mode="lines+markers",
                name=plot_text(called(str(view)), length=80),
                line={
                    "color": _COLOURS[place % len(_COLOURS)],
                    "dash": DASHES[place % len(DASHES)],
                    "shape": "hv",
                },
                text=[
                    plot_text(figure_called(str(after)) if after else say("before any"), length=120, width=40)
                    for after in some["after"]
                ],
                hovertemplate=say("{name}: {value}", name="%{text}", value=with_percent("%{y:.0f}"))
                + "<extra></extra>",
            )
        )
    return figure

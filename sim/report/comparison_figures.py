"""Charts of a comparison: steps from one scenario to the next, and how likely each loss is."""

from collections.abc import Sequence

import pandas as pd

from sim.report import graph_objects as go
from sim.report.language import say, spoken
from sim.report.leading_words import Leading
from sim.report.loss_figures import blank_exceedance, exceedance_curve
from sim.report.names import plot_text
from sim.report.numbers import percent
from sim.report.style import BLUE, DASHES, FAINT, GREEN, INK, ORANGE, blank

_COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", "#7b848d")
WORSE, BETTER = ORANGE, GREEN


def waterfall(steps: pd.DataFrame, shown: pd.DataFrame, leads: Leading) -> go.Figure:
    """Mean loss shares of two scenarios, and by how much each step moves it.

    Parameters
    ----------
    steps
        Rows of the table ``waterfall`` of one maker and one pair of scenarios, in their order.
    shown
        Those of them that get a bar, with what to call them as ``step``.
    leads
        Which loss it is.
    """
    names = [steps["against"].iloc[0], *shown["step"], steps["scenario"].iloc[0]]
    values = [steps["before"].iloc[0], *shown["effect"], steps["after"].iloc[-1]]
    highest = max(float(steps["before"].max()), float(steps["after"].max()), 0.0)
    figure = blank(
        height=150 + 34 * len(names),
        xaxis={"title": {"text": _mean_loss(leads)}, "ticksuffix": spoken().percent},
        yaxis={
            "autorange": "reversed",
            "tickfont": {"color": INK, "size": 12},
            "tickvals": list(range(len(names))),
            "ticktext": [plot_text(name, length=44, width=26) for name in names],
        },
        showlegend=False,
        waterfallgap=0.35,
    )
    figure.add_trace(
        go.Waterfall(
            orientation="h",
            measure=["absolute", *("relative" for _ in shown["step"]), "absolute"],
            y=list(range(len(names))),
            x=[100.0 * float(value) for value in values],
            text=[percent(float(value), 1) for value in values],
            textposition=["inside" if abs(value) > 0.4 * highest else "outside" for value in values],
            insidetextfont={"color": "#ffffff"},
            cliponaxis=False,
            connector={"line": {"color": FAINT, "width": 1}},
            increasing={"marker": {"color": WORSE}},
            decreasing={"marker": {"color": BETTER}},
            totals={"marker": {"color": BLUE}},
            hovertext=[plot_text(name) for name in names],
            hovertemplate="%{hovertext}: %{text}<extra></extra>",
        )
    )
    lowest = min(float(steps["before"].min()), float(steps["after"].min()), 0.0)
    figure.update_layout(xaxis={"range": [130.0 * lowest, 125.0 * highest or 1.0]})
    return figure


def _mean_loss(leads: Leading) -> str:
    if leads.is_margin:
        return say("Mean loss of contribution margin, % of revenue")
    return say("Mean loss, % of revenue")


def exceedance(losses: pd.DataFrame, scenarios: Sequence[str], leads: Leading) -> go.Figure:
    """Probability that one maker loses more than x, one curve per scenario.

    Parameters
    ----------
    losses
        Rows of the table ``losses`` of one maker.
    scenarios
        Names of the scenarios, in their order.
    leads
        Which loss it is.
    """
    figure = blank_exceedance(height=380, leads=leads)
    for rank, scenario in enumerate(scenarios):
        line = {"color": _COLOURS[rank % len(_COLOURS)], "dash": DASHES[rank % len(DASHES)]}
        shares = losses[losses["scenario"] == scenario]["loss_share"]
        figure.add_trace(exceedance_curve(shares, plot_text(scenario, length=40), line))
    return figure

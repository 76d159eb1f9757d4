"""Charts of a mitigation: cost against risk, losses before and after, and what waiting does."""

from sim.report import graph_objects as go
from sim.report.expected_tables import records
from sim.report.language import say, spoken
from sim.report.mitigation_words import NOTHING, MitigationContext
from sim.report.names import plot_text
from sim.report.numbers import as_date, with_percent
from sim.report.style import BLUE, DASHES, FAINT, GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION, blank
from sim.risk.mitigation_tables import NOTHING_KEY, YES

_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)


def cost_and_risk(context: MitigationContext) -> go.Figure:
    """Each portfolio by its cost without the shock and its loss in the worst twentieth of futures."""
    rows = context.tables["portfolios"]
    scale = context.money.scale_of([*rows["cost"], *rows["loss_es95"]])
    unit = plot_text(scale.label)
    figure = blank(
        height=400,
        xaxis={"title": {"text": say("Cost if the shock never comes, {unit}", unit=unit)}},
        yaxis={"title": {"text": say("Mean loss in the worst twentieth, {unit}", unit=unit)}},
    )
    best = rows[rows["on_frontier"] == YES].sort_values("cost")
    figure.add_trace(
        go.Scatter(
            x=[float(cost) / scale.factor for cost in best["cost"]],
            y=[float(loss) / scale.factor for loss in best["loss_es95"]],
            mode="lines",
            line={"color": FAINT, "shape": "hv"},
            name=say("Frontier"),
            hoverinfo="skip",
        )
    )
    for key, colour, name in _groups(context):
        some = rows[rows["portfolio"].isin(key)]
        figure.add_trace(
            go.Scatter(
                x=[float(cost) / scale.factor for cost in some["cost"]],
                y=[float(loss) / scale.factor for loss in some["loss_es95"]],
                mode="markers+text",
                text=[say("nothing") if key == NOTHING_KEY else key for key in some["portfolio"]],
                textposition="top center",
                marker={"color": colour, "size": 11},
                name=name,
                hovertext=[
                    plot_text(context.called(portfolio), length=120) for portfolio in some["portfolio"]
                ],
                hovertemplate="%{hovertext}<br>%{x:,.4g}, %{y:,.4g}<extra></extra>",
            )
        )
    return figure


def _groups(context: MitigationContext) -> list[tuple[list[str], str, str]]:
    keys = list(context.tables["portfolios"]["portfolio"])
    special = {context.recommended, NOTHING_KEY}
    groups = [([key for key in keys if key not in special], BLUE, say("Other portfolios"))]
    if context.recommended != NOTHING_KEY:
        groups.append(([NOTHING_KEY], INK, say(NOTHING)))
        groups.append(([context.recommended], GREEN, say("Recommended")))
    else:
        groups.append(([NOTHING_KEY], GREEN, say("Doing nothing (recommended)")))
    return [group for group in groups if group[0]]


def before_and_after(context: MitigationContext) -> go.Figure:
    """How likely each loss of result is exceeded, if nothing is done and with what is recommended."""
    rows = context.tables["loss_curves"]
    scale = context.money.scale_of(rows["loss"])
    figure = blank(
        height=380,
        xaxis={"title": {"text": say("Loss of result, {unit}", unit=plot_text(scale.label))}},
        yaxis={
            "title": {"text": say("Futures that lose more")},
            "ticksuffix": spoken().percent,
            "range": [0, 102],
        },
    )
    names = {NOTHING_KEY: (say(NOTHING), INK)}
    names.setdefault(context.recommended, (say("Recommended"), GREEN))
    for place, (key, (name, colour)) in enumerate(names.items()):
        some = rows[rows["portfolio"] == key]
        figure.add_trace(
            go.Scatter(
                x=[float(loss) / scale.factor for loss in some["loss"]],
                y=[100.0 * (1.0 - float(share)) for share in some["share"]],
                mode="lines",
                line={"color": colour, "dash": DASHES[place]},
                name=name,
                hovertemplate=say(
                    "{share} lose more than {loss}", share=with_percent("%{y:.0f}"), loss="%{x:,.4g}"
                ),
            )
        )
    return figure


def waiting(context: MitigationContext) -> go.Figure:
    """What each recommended lever adds, by the day on which it is decided."""
    rows = context.tables["waiting"]
    scale = context.money.scale_of([*rows["added"], *rows["added_ci_low"], *rows["added_ci_high"]])
    figure = blank(
        height=400,
        xaxis={
            "type": "date",
            "hoverformat": spoken().formats["dayMonthYear"],
            "title": {"text": say("Decided on")},
        },
        yaxis={"title": {"text": say("Adds to the result, {unit}", unit=plot_text(scale.label))}},
    )
    for place, lever in enumerate(dict.fromkeys(rows["lever"])):
        some = list(records(rows[rows["lever"] == lever]))
        added = [float(row.added) / scale.factor for row in some]
        figure.add_trace(
            go.Scatter(
                x=[as_date(row.decided).isoformat() for row in some],
                y=added,
                error_y={
                    "type": "data",
                    "array": [float(row.added_ci_high - row.added) / scale.factor for row in some],
                    "arrayminus": [float(row.added - row.added_ci_low) / scale.factor for row in some],
                    "thickness": 1,
                },
                mode="lines+markers",
                line={"color": _COLOURS[place % len(_COLOURS)], "dash": DASHES[place % len(DASHES)]},
                name=plot_text(context.title(str(lever)), length=40),
                hovertemplate="%{x}: %{y:,.4g}",
            )
        )
    return figure

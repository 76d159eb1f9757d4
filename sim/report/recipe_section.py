"""The chapter on stock points that several recipes make: how much is made by which."""

import datetime as dt

import pandas as pd

from sim.report import graph_objects as go
from sim.report.axes import amounts, around_shock, dates, mark_shock, week_format
from sim.report.context import Context
from sim.report.language import say
from sim.report.names import plot_text
from sim.report.numbers import Scale, as_date, percent
from sim.report.page_parts import Chart, Grid, Section
from sim.report.style import BLACK, BLUE, DASHES, GREEN, ORANGE, PURPLE, SKY, VERMILLION, blank
from sim.report.words import after_shock

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, BLACK)


def recipe_section(context: Context) -> Section | None:
    """A chart for each stock point that several recipes make; None where there is no such point."""
    if "recipes" not in context.tables:
        return None
    table = context.tables["recipes"]
    charts = [
        Chart(
            key=f"recipes-{number}",
            title=recipe_title(context, point),
            figure=recipe_figure(context, point),
        )
        for number, point in enumerate(table["stock_point"].unique(), start=1)
    ]
    lead = (
        say("Good units that each recipe finishes in a week, with the shock (solid) and without it (faint).")
        if context.is_single
        else say(
            "Mean good units that each recipe finishes in a week, with the shock (solid) and without it "
            "(faint)."
        )
    )
    return Section("recipes", say("Which recipe made how much"), lead, [Grid(charts, small=True)])


def recipe_title(context: Context, point: str) -> str:
    """The share in the window of the recipe that gains most by the shock, and that without it.

    A window in which no week begins has no shares.
    """
    rows = context.tables["recipes"]
    shares = _shares(context, rows[rows["stock_point"] == point])
    item = _product(context, point)
    if shares.empty:
        return say("{item}: how much is made by which recipe", item=item)
    most = str((shares["scenario"] - shares["counterfactual"]).idxmax())
    got, normal = (float(shares[twin][most]) for twin in ("scenario", "counterfactual"))
    told = say(
        "{item}: {share} made {way} {when}",
        item=item,
        share=percent(got),
        way=context.short.recipe_way(most),
        when=after_shock(context),
    )
    if got == normal:
        return told
    return say("{finding}, without the shock {share}", finding=told, share=percent(normal))


def _product(context: Context, point: str) -> str:
    """What is made there, and where, if recipes make the same at several stock points."""
    rows = context.tables["recipes"]
    item = str(rows.loc[rows["stock_point"] == point, "item"].iloc[0])
    several = rows.loc[rows["item"] == item, "stock_point"].nunique() > 1
    return context.short.stock_point(point) if several else context.short.item(item)


def _shares(context: Context, rows: pd.DataFrame) -> pd.DataFrame:
    """``[recipe, twin]`` share of what is made in the weeks of the window, on average."""
    if context.shock_date is not None:
        end = context.shock_date + dt.timedelta(days=context.window_days)
        weeks = rows["week"].map(as_date)
        rows = rows[(weeks >= context.shock_date) & (weeks < end)]
    made = rows.pivot_table(index="recipe", columns="twin", values="mean", aggfunc="sum", sort=False)
    made = made.reindex(columns=["scenario", "counterfactual"]).fillna(0.0)
    return made / made.sum().replace(0.0, 1.0)


def recipe_figure(context: Context, point: str) -> go.Figure:
    """Units per week and recipe."""
    rows = context.tables["recipes"]
    rows = rows[rows["stock_point"] == point].sort_values("week", kind="stable")
    unit = context.names.unit(str(rows["item"].iloc[0]))
    figure = blank(
        height=260,
        hovermode="x unified",
        xaxis={
            "type": "date",
            "hoverformat": week_format(),
            "nticks": 5,
            "range": around_shock(context, rows, before=182),
        },
        yaxis={
            "title": {"text": plot_text(say("{unit} per week", unit=unit), length=28)},
            "rangemode": "tozero",
            "nticks": 5,
            "tickformat": ",",
        },
    )
    for place, recipe in enumerate(rows["recipe"].unique()):
        its = rows[rows["recipe"] == recipe]
        way = context.short.recipe_way(str(recipe))
        for twin, name in (
            ("counterfactual", say("{recipe}, without the shock", recipe=way)),
            ("scenario", way),
        ):
            weeks = its[its["twin"] == twin]
            figure.add_trace(
                go.Scatter(
                    x=dates(weeks["week"]),
                    y=amounts(weeks["mean"], Scale(1.0, "")),
                    name=plot_text(name),
                    mode="lines",
                    line={
                        "color": _COLOURS[place % len(_COLOURS)],
                        "width": 2.5 if twin == "scenario" else 1.5,
                        "dash": DASHES[place % len(DASHES)],
                    },
                    opacity=1.0 if twin == "scenario" else 0.45,
                    showlegend=twin == "scenario",
                    hovertemplate="%{y:,.3~r}",
                )
            )
    mark_shock(figure, context, rows["week"], label=False)
    return figure

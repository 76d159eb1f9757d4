"""The chapter on stock and slack of the makers and all tiers upstream, by plant where there are several."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from sim.report import graph_objects as go
from sim.report.axes import dates, mark_shock
from sim.report.context import Context
from sim.report.language import message, say
from sim.report.names import within
from sim.report.numbers import as_date, day, days, grouped, percent
from sim.report.page_parts import Chart, Grid, Section
from sim.report.revenue_figures import weekly_panel
from sim.report.style import BLUE, GREEN, MUTED, faded
from sim.report.words import joined, weekly_futures

MOST_NAMED = 2
_ALIKE = 1e-9
"""Part of the larger of two numbers, below which their difference is rounding."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of tiers.

    Parameters
    ----------
    name
        Of its columns in the table ``tiers``.
    said, same, nearly
        Sentences on the week of the largest difference, on none, and on one too small to read.
    axis, scale, decimals
        What its axis counts, in which part of the number, and how a point of it reads.
    colour
        Of its line.
    number
        How it reads in a sentence.
    """

    name: str
    said: str
    same: str
    nearly: str
    axis: str
    scale: float
    colour: str
    number: Callable[[float], str]


STOCK = Told(
    name="cover",
    said=message("{tier}: stock for {amount} in the week of {week}, without the shock {normal}"),
    same=message("{tier}: stock is the same on both paths"),
    nearly=message("{tier}: stock is nearly the same on both paths"),
    axis=message("days of use"),
    scale=1.0,
    colour=BLUE,
    number=days,
)
SLACK = Told(
    name="slack",
    said=message("{tier}: {amount} of capacity unused in the week of {week}, without the shock {normal}"),
    same=message("{tier}: slack is the same on both paths"),
    nearly=message("{tier}: slack is nearly the same on both paths"),
    axis=message("% of capacity unused"),
    scale=100.0,
    colour=GREEN,
    number=percent,
)


def tier_section(context: Context) -> Section | None:
    """A chart for what each tier has in stock, and one for its slack; None where neither is known."""
    if "tiers" not in context.tables:
        return None
    known = tiers(context)
    whole = Grid([chart for tier in known for chart in _charts(context, tier, "")], small=True)
    by_plant = [
        Grid(
            [chart for plant in plants_of(context, tier) for chart in _charts(context, tier, plant)],
            title=say("{tier}, by plant", tier=_tier_name(context, tier)),
            small=True,
        )
        for tier in known
        if plants_of(context, tier)
    ]
    return Section("tiers", say("Stock and slack by tier"), tiers_lead(context), [whole, *by_plant])


def tiers_lead(context: Context) -> str:
    """What lies upstream of the makers, and how to read the charts."""
    rows = context.tables["tiers"]
    upstream = rows[rows["tier"] > 0]
    parts = [
        what
        for told, what in ((STOCK, say("no stock with a value")), (SLACK, say("no capacity with a limit")))
        if upstream[f"{told.name}_mean"].isna().all()
    ]
    missing = say(" Upstream of the makers the model has {parts}.", parts=joined(parts)) if parts else ""
    lines = (
        say("with the shock (solid) and without it (dashed)")
        if context.is_single
        else say(
            "mean with the shock (solid, band: 5–95% of {futures}) and without it (dashed)",
            futures=weekly_futures(context),
        )
    )
    return say(
        "Tier 1 sells to the makers, tier 2 to tier 1, and so on, by the shortest way. Stock: for how many "
        "days of planned use it lasts, each item by its value. Slack: the part of capacity that is not used, "
        "each stock point alike. Lines: {lines}.{missing}",
        lines=lines,
        missing=missing,
    )


def tiers(context: Context) -> list[int]:
    """The tiers of which anything is known, the makers' first."""
    return sorted(set(context.tables["tiers"]["tier"].tolist())) if "tiers" in context.tables else []


def plants_of(context: Context, tier: int) -> list[str]:
    """The plants of a tier that are told of by themselves."""
    rows = context.tables["tiers"]
    return [plant for plant in rows.loc[rows["tier"] == tier, "plant"].unique() if plant]


def knows(context: Context, told: Told, tier: int, plant: str = "") -> bool:
    """Whether a tier, or a plant of it, has stock, or a limit to its capacity."""
    return bool(_rows(context, tier, plant)[f"{told.name}_mean"].notna().any())


def _rows(context: Context, tier: int, plant: str) -> pd.DataFrame:
    table = context.tables["tiers"]
    rows = table[(table["tier"] == tier) & (table["plant"] == plant)]
    return rows.sort_values("week", kind="stable")


def _charts(context: Context, tier: int, plant: str) -> list[Chart]:
    number = 1 + plants_of(context, tier).index(plant) if plant else 0
    return [
        Chart(
            key=f"tier-{tier}-{number}-{told.name}",
            title=tier_title(context, told, tier, plant),
            figure=draw(context, tier, plant),
            untold=_most_apart(context, told, tier, plant) is None,
        )
        for told, draw in ((STOCK, tier_stock), (SLACK, tier_slack))
        if knows(context, told, tier, plant)
    ]


def tier_title(context: Context, told: Told, tier: int, plant: str = "") -> str:
    """What a tier or plant has in the week in which the shock makes most of a difference."""
    whose = _plant_name(context, plant) if plant else _tier_name(context, tier)
    week = _most_apart(context, told, tier, plant)
    if week is None:
        return say(told.same, tier=whose)
    means = _means(context, told, tier, plant)
    got, normal = (told.number(float(means[twin][week])) for twin in ("scenario", "counterfactual"))
    if got == normal:
        return say(told.nearly, tier=whose)
    return say(told.said, tier=whose, amount=got, week=day(week), normal=normal)


def _means(context: Context, told: Told, tier: int, plant: str) -> pd.DataFrame:
    """``[week, twin]``."""
    return _rows(context, tier, plant).pivot_table(
        index="week", columns="twin", values=f"{told.name}_mean", sort=True
    )


def _most_apart(context: Context, told: Told, tier: int, plant: str) -> dt.date | None:
    """The week in which the shock makes most of a difference on average; None if it makes none in any."""
    means = _means(context, told, tier, plant)
    apart = (means["scenario"] - means["counterfactual"]).abs()
    if not (apart > _ALIKE * means.max(axis=1)).any():
        return None
    return as_date(apart.idxmax())


def _tier_name(context: Context, tier: int) -> str:
    if tier > 1:
        return say("Tier {number}", number=grouped(tier))
    if tier == 1:
        return say("Tier 1, direct suppliers")
    makers = list(context.findings.summary["makers"])
    if len(makers) > MOST_NAMED:
        return say("The {number} makers", number=grouped(len(makers)))
    first, *others = (context.short.firm(maker) for maker in makers)
    return joined([first, *map(within, others)])


def _plant_name(context: Context, plant: str) -> str:
    firm = context.findings.scenario.stock_points[plant].firm
    return f"{context.short.firm(firm)}{context.short.plant(plant)}"


def tier_stock(context: Context, tier: int, plant: str = "") -> go.Figure:
    """For how long the stock of a tier or plant lasts, in days of planned use."""
    return _course(context, STOCK, tier, plant)


def tier_slack(context: Context, tier: int, plant: str = "") -> go.Figure:
    """How much of the capacity of a tier or plant is not used."""
    return _course(context, SLACK, tier, plant)


def _course(context: Context, told: Told, tier: int, plant: str) -> go.Figure:
    rows = _rows(context, tier, plant)
    figure = weekly_panel(context, rows, say(told.axis))
    scenario, counterfactual = (rows[rows["twin"] == twin] for twin in ("scenario", "counterfactual"))
    weeks = dates(scenario["week"])
    low, high = (
        [told.scale * float(value) for value in scenario[f"{told.name}_{end}"]] for end in ("p05", "p95")
    )
    figure.add_trace(
        go.Scatter(
            x=weeks + weeks[::-1],
            y=high + low[::-1],
            name=say("5–95% of futures"),
            mode="lines",
            fill="toself",
            fillcolor=faded(told.colour, 0.25),
            line={"width": 0},
            hoverinfo="skip",
        )
    )
    for twin, name, line in (
        (counterfactual, say("Without the shock"), {"color": MUTED, "dash": "dash", "width": 1.5}),
        (scenario, say("With the shock"), {"color": told.colour, "width": 2.5}),
    ):
        figure.add_trace(
            go.Scatter(
                x=dates(twin["week"]),
                y=[told.scale * float(value) for value in twin[f"{told.name}_mean"]],
                name=name,
                mode="lines",
                line=line,
                hovertemplate="%{y:,.3~r}",
            )
        )
    mark_shock(figure, context, rows["week"], label=False)
    return figure

"""The chapter on which countries buy from which: a map, a matrix and a table."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.country_map import MOST_BORDERS, Border, borders_of, country_map, map_title, rows_of, told_of
from sim.report.language import say, say_many
from sim.report.names import plot_text
from sim.report.numbers import Scale, grouped, percent
from sim.report.page_parts import Chart, Section, Table
from sim.report.style import BLUE, INK, blank
from sim.report.words import NOTHING, after_shock
from sim.scenario.makers import members
from sim.scenario.schema import Scenario

MOST_COUNTRIES = 12
LEAST_CHANGE = 0.005


def crossings(context: Context) -> pd.DataFrame:
    """``[from, to, counterfactual, scenario]``: purchases by the countries of who sells and who buys."""
    flows, scenario = context.tables["flows"], context.findings.scenario
    ends = flows.assign(
        **{
            end: [_seat(scenario, str(firm)) for firm in flows[column]]
            for end, column in (("from", "supplier"), ("to", "maker"))
        }
    )
    found = ends.pivot_table(
        index=["from", "to"], columns="twin", values="value", aggfunc="sum", fill_value=0.0
    ).reindex(columns=["counterfactual", "scenario"], fill_value=0.0)
    return found[found["counterfactual"] > 0.0].reset_index()


def _seat(scenario: Scenario, seller: str) -> str:
    """Where a firm has its seat; of a group, where its first member has it."""
    return str(scenario.firms[members(scenario, seller)[0]].country)


def country_section(context: Context) -> Section | None:
    """The chapter; None where nothing crosses a border."""
    if across_borders(context).empty:
        return None
    found = crossings(context)
    left = max(found[end].nunique() for end in ("from", "to")) - MOST_COUNTRIES
    chart = Chart(
        key="countries",
        title=countries_title(context),
        figure=countries(context),
        note=say(
            "Each cell: mean purchases without the shock and, where it changes them, by how much. "
            "A firm counts where it has its seat."
        )
        + (say(" {number} more countries are left out.", number=grouped(left)) if left > 0 else ""),
    )
    lead = say(
        "Purchases from other firms {when}, by the seller’s country and the buyer’s.",
        when=after_shock(context),
    )
    drawn = borders_of(found)
    charts = [_map(context, drawn), chart] if drawn else [chart]
    return Section("countries", say("Which borders are crossed"), lead, [*charts, _table(context)])


def _map(context: Context, borders: Sequence[Border]) -> Chart:
    left = len(borders) - MOST_BORDERS
    return Chart(
        key="map",
        title=map_title(context, borders),
        figure=country_map(context, borders),
        rows=rows_of(context, borders),
        note=say(
            "An arrow leads from the seller’s country to the buyer’s: the wider, the more is bought with the "
            "shock. Cut: under 2% of normal; as normal: within 5%. A dot stands for a whole country."
        )
        + (
            say_many(" {number} smaller one is left out.", " {number} smaller ones are left out.", left)
            if left > 0
            else ""
        ),
    )


def across_borders(context: Context) -> pd.DataFrame:
    """The purchases that cross a border, as :func:`crossings` has all."""
    found = crossings(context)
    return found[found["from"] != found["to"]]


def _table(context: Context) -> Table:
    """The same figures, those of the smaller countries too."""
    found = crossings(context).sort_values("counterfactual", ascending=False, kind="stable")
    scale = context.money.scale_of(found[["counterfactual", "scenario"]].to_numpy().flat)
    return Table(
        key="table-countries",
        title=say("Purchases by country, as a table"),
        head=(
            say("Sellers in"),
            say("Buyers in"),
            say("Without the shock, {unit}", unit=scale.label),
            say("With the shock, {unit}", unit=scale.label),
            say("Change"),
        ),
        rows=[
            (
                *(context.names.country(str(row[end])) for end in ("from", "to")),
                *(context.money.cell(float(row[twin]), scale) for twin in ("counterfactual", "scenario")),
                percent(float(row["scenario"]) / float(row["counterfactual"]) - 1.0),
            )
            for _, row in found.iterrows()
        ],
        numeric=frozenset({2, 3, 4}),
        folded=True,
    )


def countries_title(context: Context) -> str:
    """The border across which purchases change most, or that across which most is bought."""
    rows = across_borders(context)
    change = (rows["scenario"] - rows["counterfactual"]) / rows["counterfactual"].sum()
    moves = float(change.abs().max()) >= NOTHING
    most = (change.abs() if moves else rows["counterfactual"]).to_numpy().argmax()
    row = rows.iloc[int(most)]
    seller, buyer = (context.short.country(str(row[end])) for end in ("from", "to"))
    before, after = (context.money.text(float(row[twin])) for twin in ("counterfactual", "scenario"))
    if not moves:
        return say(
            "{seller} to {buyer}: most is bought here, {before}, with the shock as without it",
            seller=seller,
            buyer=buyer,
            before=before,
        )
    told = {"seller": seller, "buyer": buyer, "before": before, "after": after}
    if row["scenario"] < row["counterfactual"]:
        return say("{seller} to {buyer}: purchases fall most, from {before} to {after}", **told)
    return say("{seller} to {buyer}: purchases rise most, from {before} to {after}", **told)


def countries(context: Context) -> go.Figure:
    """Sellers' countries by buyers' countries, coloured by what is bought without the shock."""
    found = crossings(context)
    scale = context.money.scale_of(found["counterfactual"])
    rows, columns = (_largest(found, end) for end in ("from", "to"))
    told = {(row["from"], row["to"]): row for _, row in found.iterrows()}
    cells = [[told.get((seller, buyer)) for buyer in columns] for seller in rows]
    ticks = {"tickmode": "array", "showgrid": False, "ticks": "", "tickfont": {"size": 12, "color": INK}}
    figure = blank(
        height=130 + 40 * len(rows),
        showlegend=False,
        xaxis=ticks
        | {
            "title": {"text": say("Buyers in; amounts in {unit}", unit=plot_text(scale.label))},
            "tickvals": list(range(len(columns))),
            "ticktext": [plot_text(context.names.country(code), length=20) for code in columns],
            "tickangle": -55 if len(columns) > 4 else 0,
        },
        yaxis=ticks
        | {
            "title": {"text": say("Sellers in")},
            "tickvals": list(range(len(rows))),
            "ticktext": [plot_text(context.names.country(code), length=20) for code in rows],
            "autorange": "reversed",
        },
    )
    figure.add_trace(
        go.Heatmap(
            x=list(range(len(columns))),
            y=list(range(len(rows))),
            z=[
                [None if cell is None else float(cell["counterfactual"]) / scale.factor for cell in row]
                for row in cells
            ],
            zmin=0.0,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            showscale=False,
            colorscale=[[0.0, "#e3eef7"], [1.0, BLUE]],
            text=[["" if cell is None else _text(context, cell, scale) for cell in row] for row in cells],
            texttemplate="%{text}",
            hovertext=[["" if cell is None else _hover(context, cell) for cell in row] for row in cells],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    return figure


def _largest(found: pd.DataFrame, end: str) -> list[str]:
    """Countries by what they sell or buy, the largest first."""
    totals = found.groupby(end)["counterfactual"].sum().sort_values(ascending=False, kind="stable")
    return [str(code) for code in totals.index[:MOST_COUNTRIES]]


def _text(context: Context, cell: Any, scale: Scale) -> str:
    """What is bought without the shock, and how the shock changes it where it does."""
    before, after = float(cell["counterfactual"]), float(cell["scenario"])
    change = after / before - 1.0
    amount = context.money.cell(before, scale)
    if abs(change) < LEAST_CHANGE:
        return amount
    return f"{amount}<br>{'+' if change > 0.0 else ''}{percent(change)}"


def _hover(context: Context, cell: Any) -> str:
    before, after = float(cell["counterfactual"]), float(cell["scenario"])
    return told_of(context, str(cell["from"]), str(cell["to"]), normal=before, got=after)

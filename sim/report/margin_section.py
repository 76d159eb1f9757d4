"""The chapter on margin: the account of every maker, and what its margin is lost through."""

import dataclasses

from sim.report import graph_objects as go
from sim.report import loss_figures, revenue_figures, tabulate
from sim.report.axes import amounts
from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.language import message, say
from sim.report.margin_words import (
    account_title,
    margin_attribution_title,
    margin_fan_title,
    of_margin,
)
from sim.report.names import plot_text
from sim.report.numbers import span
from sim.report.page_parts import Chart, Section, Table
from sim.report.style import BLUE, FAINT, GREEN, INK, ORANGE, blank

ENTRIES = {
    "sales_to_markets": message("Sales to markets"),
    "sales_to_firms": message("Sales to other firms"),
    "cost_of_goods_sold": message("Cost of goods sold"),
    "holding": message("Holding stock"),
    "backorder": message("Being short"),
    "in_transit": message("Goods on the way"),
    "order": message("Placing orders"),
    "lost_sales": message("Lost customers"),
    "write_offs": message("Write-offs"),
    "salvage": message("Salvage of what expired"),
    "measures": message("Measures taken"),
    "margin": message("Contribution margin"),
    "fixed_costs": message("Fixed costs"),
    "result": message("Result"),
    "purchases": message("Beside it: purchases"),
    "conversion": message("Beside it: conversion"),
    "stock_change": message("Beside it: change of stock"),
}
"""Entries of an account in the order in which it is read."""
SUMS = ("margin", "result")
"""Entries that are the sum of those above them."""


def margin_section(context: Context) -> Section:
    """From sales to result with and without the shock; margin week by week and by what it is lost through."""
    told = of_margin(context)
    blocks: list[Chart | Table] = []
    for number, maker in enumerate(context.makers, start=1):
        attribution = tabulate.attribution(told, maker)
        blocks += [
            Chart(
                key=f"account-{number}",
                title=account_title(context, maker),
                figure=account_waterfall(context, maker),
                note=say("From sales to result with the shock: means over the futures."),
            ),
            account_table(context, maker, number),
            Chart(
                key=f"margin-{number}",
                title=margin_fan_title(context, maker),
                figure=margin_fan(context, maker),
            ),
            Chart(
                key=f"margin-components-{number}",
                title=margin_attribution_title(context, maker),
                figure=margin_by_component(context, maker),
                note=say(
                    "Goods that are not sold have not cost anything: an input carries the margin that its "
                    "lack costs. What is dearer, and what other costs change, stands beside the inputs."
                ),
            ),
            dataclasses.replace(
                attribution,
                key=f"table-margin-attribution-{number}",
                title=say(
                    "{maker}: loss of margin by component, supplier and intervention",
                    maker=context.short.firm(maker),
                ),
                folded=True,
            ),
        ]
    lead = say(
        "Contribution margin is sales less the cost of goods sold (at moving average), the costs of stock "
        "and of its lack, write-offs and measures. The result is the same less fixed costs, which the shock "
        "leaves alone."
    )
    return Section("margin", say("Margin and result"), lead, blocks)


def margin_fan(context: Context, maker: str) -> go.Figure:
    """Contribution margin per week with and without the shock."""
    figure = revenue_figures.revenue_fan(of_margin(context), maker)
    return figure.update_layout(yaxis={"rangemode": "normal"})


def margin_by_component(context: Context, maker: str) -> go.Figure:
    """Mean loss of margin per week, stacked by what carries it."""
    return loss_figures.loss_by_component(of_margin(context), maker)


def account_waterfall(context: Context, maker: str) -> go.Figure:
    """From sales to result with the shock, step by step; sums stand as bars of their own."""
    rows = context.rows("account", maker).set_index("entry")["scenario"]
    shown = [name for name in ENTRIES if name in SUMS or (rows.get(name, 0.0) != 0.0 and name in _SUMMED)]
    scale = context.money.scale_of(rows[shown])
    labels = [say(ENTRIES[name]) for name in shown]
    figure = blank(
        height=130 + 32 * len(shown),
        xaxis={"title": {"text": plot_text(scale.label)}},
        yaxis={
            "autorange": "reversed",
            "tickfont": {"color": INK, "size": 12},
            "tickvals": list(range(len(shown))),
            "ticktext": labels,
        },
        showlegend=False,
        waterfallgap=0.35,
    )
    figure.add_trace(
        go.Waterfall(
            orientation="h",
            measure=["total" if name in SUMS else "relative" for name in shown],
            y=list(range(len(shown))),
            x=amounts(rows[shown], scale),
            connector={"line": {"color": FAINT, "width": 1}},
            increasing={"marker": {"color": GREEN}},
            decreasing={"marker": {"color": ORANGE}},
            totals={"marker": {"color": BLUE}},
            hovertext=[
                f"{label}: {context.money.text(rows[name])}"
                for name, label in zip(shown, labels, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    return figure


_SUMMED = [name for name in ENTRIES if not ENTRIES[name].startswith("Beside it")]


def account_table(context: Context, maker: str, number: int) -> Table:
    """Every entry with and without the shock."""
    rows = context.rows("account", maker)
    rows = rows.assign(place=rows["entry"].map(list(ENTRIES).index)).sort_values("place", kind="stable")
    told = rows[["counterfactual", "scenario", "mean", "p05", "p95"]] != 0.0
    rows = rows[told.any(axis=1) | rows["entry"].isin(SUMS)]
    money, scale = context.money, context.money.scale_of(rows["counterfactual"].abs())
    body = [
        (
            say(ENTRIES[row.entry]),
            money.cell(row.counterfactual, scale),
            money.cell(row.scenario, scale),
            money.cell(row.mean, scale),
            span(money.cell(row.p05, scale), money.cell(row.p95, scale)),
        )
        for row in records(rows)
    ]
    return Table(
        key=f"table-account-{number}",
        title=say("{maker}: from sales to result", maker=context.short.firm(maker)),
        head=(
            "",
            say("Without the shock, {unit}", unit=scale.label),
            say("With it"),
            say("Change (mean)"),
            say("5–95% of futures"),
        ),
        rows=body,
        numeric=frozenset({1, 2, 3, 4}),
        note=say(
            "What reduces the result is below 0. Purchases, conversion and the change of stock are no "
            "part of the sums: they say what cash does."
        ),
    )

"""The titles of the charts: what each shows, computed from the figures that it shows."""

from collections.abc import Sequence

import pandas as pd

from sim.report.context import Context
from sim.report.numbers import as_date, day, days, grouped, is_missing, percent, span
from sim.report.tables import records
from sim.scenario.assumptions import counted

NOTHING = 0.0005  # shares of revenue below this read as none


def joined(parts: Sequence[str]) -> str:
    """Words joined as in 'a, b and c'.

    Examples
    --------
    >>> joined(["a", "b", "c"]), joined(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def after_shock(context: Context) -> str:
    """The loss window in words."""
    since = f" after {day(context.shock_date)}" if context.shock_date else ""
    return f"in the {context.window}{since}"


def weekly_futures(context: Context) -> str:
    """The futures that are told week by week."""
    few = context.weekly_replications < context.replications
    return f"the first {context.weekly_replications:,} futures" if few else "futures"


def loss_by_component(context: Context, maker: str) -> pd.Series:
    """Mean loss in the window per component, largest first."""
    totals = context.rows("attribution", maker).groupby("component", sort=True)["mean"].sum()
    return totals.sort_values(ascending=False, kind="stable")


def fan_title(context: Context, maker: str) -> str:
    """The week in which the gap between scenario and counterfactual is widest."""
    fan = context.rows("revenue_fan", maker)
    means = fan.pivot_table(index="week", columns="twin", values="mean", sort=True)
    name = context.short.firm(maker)
    if means.empty or not {"scenario", "counterfactual"} <= set(means.columns):
        return f"{name}: no revenue was simulated"
    gap = (1 - means["scenario"] / means["counterfactual"].where(means["counterfactual"] > 0)).dropna()
    if gap.empty or gap.max() < NOTHING:
        return f"{name}’s revenue stays on its path without the shock"
    worst, week = percent(float(gap.max())), day(gap.idxmax())
    return f"{name}’s revenue falls furthest behind in the week of {week}: {worst} below its path"


def stock_title(context: Context, maker: str, item: str) -> str:
    """When and how often the stock of a component runs out."""
    rows = context.rows("run_out", maker)
    rows = rows[rows["item"] == item]
    name = context.short.item(item)
    if rows.empty or rows["share_running_out"].iloc[0] == 0 or is_missing(rows["p50"].iloc[0]):
        return f"{name}: stock lasts in all futures"
    row = rows.iloc[0]
    share = float(row["share_running_out"])
    often = "in all futures" if share > 0.9995 else f"in {percent(share)} of futures"
    spread = "" if is_missing(row["p05"]) else f" (5–95%: {span(grouped(row['p05']), grouped(row['p95']))})"
    return f"{name}: gone after {days(float(row['p50']))}{spread} {often}"


def stock_lead(context: Context, maker: str, left_out: int) -> str:
    """Which component runs out first at a maker."""
    rows = context.rows("run_out", maker)
    rows = rows[(rows["share_running_out"] > 0) & rows["p50"].notna()].sort_values(["p50", "item"])
    name = context.short.firm(maker)
    rest = f" ({left_out} components that carry less of the loss are left out)" if left_out > 0 else ""
    if rows.empty:
        return f"{name}: no stock runs out{rest}"
    row = rows.iloc[0]
    first = context.short.item(row["item"])
    return f"{name}: the first stock to run out is {first}, {days(float(row['p50']))} after the shock{rest}"


def attribution_title(context: Context, maker: str) -> str:
    """The component that carries the largest part of the loss."""
    losses = loss_by_component(context, maker)
    total = float(losses.sum()) if len(losses) else 0.0
    if total <= 0:
        return f"{context.short.firm(maker)} has no loss to attribute"
    first = context.short.item(str(losses.index[0]))
    share = percent(float(losses.iloc[0]) / total)
    return f"{share} of {context.short.firm(maker)}’s loss comes through {first}"


def products_title(context: Context, maker: str) -> str:
    """The product and market that lose most."""
    rows = context.rows("products", maker).sort_values(
        ["mean", "item", "market"], ascending=[False, True, True]
    )
    if rows.empty or rows["mean"].iloc[0] <= 0:
        return f"{context.short.firm(maker)} loses no sales"
    row = rows.iloc[0]
    total = float(rows["mean"].sum())
    where = f"{context.short.item(row['item'])} for {context.short.market(row['market'])}"
    share = f", {percent(float(row['mean']) / total)} of the loss" if total > 0 else ""
    return (
        f"{context.short.firm(maker)} loses most on {where}: {context.money.text(float(row['mean']))}{share}"
    )


def exceedance_title(context: Context) -> str:
    """How bad one future in twenty is."""
    parts = [
        f"{context.short.firm(maker)} {percent(context.measure(maker, 'loss_share', 'var95').estimate)}"
        for maker in context.makers[:3]
    ]
    return f"One future in 20 costs more than: {joined(parts)} of revenue"


def survival_title(context: Context, event: str) -> str:
    """In how many futures sales have fallen short, or are back, by the end."""
    table = context.tables["survival"]
    left = table[table["event"] == event].groupby("maker")["share"].min()
    parts = [
        f"{context.short.firm(maker)} in {percent(1.0 - float(left.get(maker, 1.0)))} of futures"
        for maker in context.makers[:3]
    ]
    what = "Customers are lost" if event == "first_lost_sales" else "Sales are back for good"
    return f"{what} by the end: {joined(parts)}"


def suppliers_title(context: Context) -> str:
    """Who loses most and who gains most among the suppliers."""
    table = context.tables["suppliers"].sort_values(["mean", "supplier"])
    if table.empty or table["mean"].abs().max() == 0:
        return "No supplier’s sales change"
    parts = []
    for row, verb, wins in ((table.iloc[-1], "loses", False), (table.iloc[0], "gains", True)):
        amount = float(row["mean"])
        if (amount < 0) == wins and amount != 0:
            parts.append(
                f"{context.short.firm(row['supplier'])} {verb} most ({context.money.text(abs(amount))})"
            )
    return joined(parts)


def flows_title(context: Context) -> str:
    """How purchases change in all."""
    totals = context.tables["flows"].groupby("twin")["value"].sum()
    before, after = (float(totals.get(twin, 0.0)) for twin in ("counterfactual", "scenario"))
    if before <= 0:
        return "Nothing was bought without the shock"
    change = after / before - 1
    verb = "fall" if change < 0 else "rise"
    amounts = f"from {context.money.text(before)} to {context.money.text(after)}"
    return f"Purchases of components {verb} by {percent(abs(change))}, {amounts}"


def timeline_title(context: Context) -> str:
    """How many interventions there are and which of them are the shock."""
    table = context.tables["interventions"]
    shocks = int(table["shock"].astype(bool).sum())
    uncertain = int(sum(as_text(row.start_p05) != as_text(row.start_p95) for row in records(table)))
    dated = (
        f"{uncertain} of {len(table)} begin{'s' * (uncertain == 1)} on an uncertain day"
        if uncertain
        else "all first days are certain"
    )
    return f"{shocks} of {len(table)} interventions belong to the shock; {dated}"


def as_text(value: object) -> str:
    """A date as ISO text; empty where there is none."""
    return "" if is_missing(value) else as_date(value).isoformat()


def observations_title(rows: pd.DataFrame, relation: str, measure: str) -> str:
    """How many reported figures lie within the simulated range, before or after the shock."""
    inside = int(
        ((rows["reported"] >= rows["simulated_p05"]) & (rows["reported"] <= rows["simulated_p95"])).sum()
    )
    what = measure.replace("_", " ")
    whose = "forecast’s" if relation == "after the shock" else "simulated"
    figures = "figure lies" if len(rows) == 1 else "figures lie"
    when = relation.capitalize()
    return f"{when}, {inside} of {len(rows)} reported {what} {figures} within the {whose} 5–95% range"


def source_sentence(table: pd.DataFrame) -> str:
    """How many numbers of the scenario have a source, and how many say nothing."""
    found = counted(table.loc[table["kind"] != "object", "source"])
    numbers = "1 number" if found.numbers == 1 else f"{found.numbers:,} numbers"
    return (
        f"The scenario gives {numbers}: {found.cited:,} with a source, "
        f"{found.assumed:,} marked as assumptions, {found.silent:,} with neither."
    )


def confidence_sentence(confidences: Sequence[object]) -> str:
    """How many assumptions are of which confidence."""
    found = [str(value) for value in confidences if not is_missing(value) and str(value)]
    counts = [f"{found.count(level)} of {level}" for level in ("high", "medium", "low") if level in found]
    silent = len(confidences) - len(found)
    if silent:
        counts.append(f"{silent} without stated")
    if not counts:
        return "The scenario documents no assumption."
    return f"{len(confidences)} assumptions: {joined(counts)} confidence."

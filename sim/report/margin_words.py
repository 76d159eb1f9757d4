"""Sentences on margin and result, read off the account."""

import dataclasses

from sim.report.context import Context
from sim.report.names import shorten
from sim.report.numbers import day, lost_range, lost_share
from sim.report.page_parts import Line
from sim.report.seller_words import sales_of
from sim.report.words import NOTHING, after_shock, attribution_title

OF_MARGIN = {
    "margins": "makers",
    "margin_fan": "revenue_fan",
    "margin_attribution": "attribution",
    "margin_attribution_weekly": "attribution_weekly",
    "margin_risk_measures": "risk_measures",
    "margin_products": "products",
}
"""Tables of margin, each with its like of revenue."""


def of_margin(context: Context) -> Context:
    """The same with losses of margin in place of those of revenue: for figures that draw either."""
    tables = dict(context.tables) | {like: context.tables[name] for name, like in OF_MARGIN.items()}
    summary = context.findings.summary
    makers = {name: {**told, **told["margin"]} for name, told in summary["makers"].items()}
    findings = dataclasses.replace(context.findings, summary={**summary, "makers": makers})
    return dataclasses.replace(context, findings=findings, tables=tables)


def of_what_leads(context: Context) -> Context:
    """The same with the losses that lead in place of those of revenue."""
    return of_margin(context) if context.leads == "margin" else context


def entry(context: Context, maker: str, name: str, column: str = "mean") -> float:
    """One amount of a maker's account; by default, by how much the shock changes it."""
    rows = context.rows("account", maker).set_index("entry")
    return float(rows[column][name])


def margin_sentence(context: Context, maker: str) -> str:
    """What the shock takes of a maker's contribution margin, and what that leaves of its result."""
    name, told = shorten(context.maker(maker), 60), of_margin(context)
    loss = told.measure(maker, "loss", "mean").estimate
    share = told.measure(maker, "loss_share", "mean").estimate
    if not context.has_shock or not context.rows("margins", maker)["loss"].any():
        return f"{name} loses no contribution margin."
    verb = "gains" if loss < 0.0 else "loses"
    mean = "" if context.is_single else " on average"
    before, after = (entry(context, maker, "result", twin) for twin in ("counterfactual", "scenario"))
    now, once = context.money.apart(after, before)
    results = f"its result is {now} in place of {once}" if now != once else f"its result stays at {now}"
    return (
        f"{name} {verb} {context.money.text(abs(loss))} of contribution margin {after_shock(context)}"
        f"{mean}, which is {lost_share(abs(share))} of its {sales_of(context, maker)}; {results}."
    )


def account_title(context: Context, maker: str) -> str:
    """By how much sales, costs and margin change."""
    name, money = context.short.firm(maker), context.money
    sales = entry(context, maker, "sales_to_markets") + entry(context, maker, "sales_to_firms")
    margin = entry(context, maker, "margin")
    if max(abs(sales), abs(margin)) <= NOTHING * abs(
        entry(context, maker, "sales_to_markets", "counterfactual")
    ):
        return f"{name}’s account hardly changes"
    costs = sales - margin
    told = {"sales": sales, "costs": costs, "contribution margin": margin}
    changes = [f"{what} {'−' if by < 0.0 else '+'}{money.text(abs(by))}" for what, by in told.items()]
    return f"{name}, change by the shock: {', '.join(changes)}"


def margin_fan_title(context: Context, maker: str) -> str:
    """The week in which margin is furthest below its path without the shock."""
    fan = context.rows("margin_fan", maker)
    means = fan.pivot_table(index="week", columns="twin", values="mean", sort=True)
    name = context.short.firm(maker)
    if means.empty or not {"scenario", "counterfactual"} <= set(means.columns):
        return f"{name}: no margin was simulated"
    gap = means["counterfactual"] - means["scenario"]
    if gap.abs().max() <= NOTHING * means["counterfactual"].abs().max():
        return f"{name}’s contribution margin stays on its path without the shock"
    if gap.max() <= 0.0:
        best = context.money.text(-float(gap.min()))
        return f"{name}’s margin is furthest ahead in the week of {day(gap.idxmin())}: by {best}"
    worst = context.money.text(float(gap.max()))
    return f"{name}’s margin falls furthest behind in the week of {day(gap.idxmax())}: by {worst}"


def margin_attribution_title(context: Context, maker: str) -> str:
    """What carries the largest part of the lost margin."""
    return f"Of contribution margin: {attribution_title(of_margin(context), maker)}"


def other_loss(context: Context, maker: str) -> Line:
    """On a card, the loss that does not lead: of revenue beside that of margin, or the other way round."""
    told, what = (context, "revenue") if context.leads == "margin" else (of_margin(context), "margin")
    mean, low, high = (told.measure(maker, "loss", key).estimate for key in ("mean", "p05", "p95"))
    share = lost_share(abs(told.measure(maker, "loss_share", "mean").estimate))
    label = f"{'Gain' if mean < 0 else 'Loss'} of {what}"
    amount = f"{told.money.text(abs(mean))}, {share} of {sales_of(context, maker)}"
    if told.is_single:
        return Line(label, amount)
    return Line(f"{label} (mean)", amount, f"5–95% of futures: {lost_range(low, high, told.money.range)}")

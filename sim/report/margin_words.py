"""Sentences on margin and result, read off the account."""

import dataclasses

from sim.report.context import Context
from sim.report.language import say
from sim.report.names import shorten
from sim.report.numbers import day, lost_range, lost_share
from sim.report.page_parts import Line
from sim.report.seller_words import sales_of
from sim.report.words import NOTHING, after_shock, as_mean, attribution_title

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
        return say("{maker} loses no contribution margin.", maker=name)
    before, after = (entry(context, maker, "result", twin) for twin in ("counterfactual", "scenario"))
    now, once = context.money.apart(after, before)
    words = {
        "maker": name,
        "money": context.money.text(abs(loss)),
        "when": after_shock(context) + ("" if context.is_single else say(" on average")),
        "share": lost_share(abs(share)),
        "sales": sales_of(context, maker),
        "result": say("its result is {now} in place of {once}", now=now, once=once)
        if now != once
        else say("its result stays at {now}", now=now),
    }
    if loss < 0.0:
        return say(
            "{maker} gains {money} of contribution margin {when}, which is {share} of its {sales}; {result}.",
            **words,
        )
    return say(
        "{maker} loses {money} of contribution margin {when}, which is {share} of its {sales}; {result}.",
        **words,
    )


def account_title(context: Context, maker: str) -> str:
    """By how much sales, costs and margin change."""
    name, money = context.short.firm(maker), context.money
    sales = entry(context, maker, "sales_to_markets") + entry(context, maker, "sales_to_firms")
    margin = entry(context, maker, "margin")
    if max(abs(sales), abs(margin)) <= NOTHING * abs(
        entry(context, maker, "sales_to_markets", "counterfactual")
    ):
        return say("{maker}’s account hardly changes", maker=name)
    told = {"sales": sales, "costs": sales - margin, "margin": margin}
    changes = {what: f"{'−' if by < 0.0 else '+'}{money.text(abs(by))}" for what, by in told.items()}
    return say(
        "{maker}, change by the shock: sales {sales}, costs {costs}, contribution margin {margin}",
        maker=name,
        **changes,
    )


def margin_fan_title(context: Context, maker: str) -> str:
    """The week in which margin is furthest below its path without the shock."""
    fan = context.rows("margin_fan", maker)
    means = fan.pivot_table(index="week", columns="twin", values="mean", sort=True)
    name = context.short.firm(maker)
    if means.empty or not {"scenario", "counterfactual"} <= set(means.columns):
        return say("{maker}: no whole week was simulated", maker=name)
    gap = means["counterfactual"] - means["scenario"]
    if gap.abs().max() <= NOTHING * means["counterfactual"].abs().max():
        return say("{maker}’s contribution margin stays on its path without the shock", maker=name)
    if gap.max() <= 0.0:
        return say(
            "{maker}’s margin is furthest ahead in the week of {week}: by {money}",
            maker=name,
            week=day(gap.idxmin()),
            money=context.money.text(-float(gap.min())),
        )
    return say(
        "{maker}’s margin falls furthest behind in the week of {week}: by {money}",
        maker=name,
        week=day(gap.idxmax()),
        money=context.money.text(float(gap.max())),
    )


def margin_attribution_title(context: Context, maker: str) -> str:
    """What carries the largest part of the lost margin."""
    return say("Of contribution margin: {finding}", finding=attribution_title(of_margin(context), maker))


def other_loss(context: Context, maker: str) -> Line:
    """On a card, the loss that does not lead: of revenue beside that of margin, or the other way round."""
    is_revenue = context.leads == "margin"
    told = context if is_revenue else of_margin(context)
    mean, low, high = (told.measure(maker, "loss", key).estimate for key in ("mean", "p05", "p95"))
    share = lost_share(abs(told.measure(maker, "loss_share", "mean").estimate))
    if is_revenue:
        label = say("Gain of revenue") if mean < 0 else say("Loss of revenue")
    else:
        label = say("Gain of margin") if mean < 0 else say("Loss of margin")
    amount = say(
        "{money}, {share} of {sales}",
        money=told.money.text(abs(mean)),
        share=share,
        sales=sales_of(context, maker),
    )
    if told.is_single:
        return Line(label, amount)
    spread = say("5–95% of futures: {range}", range=lost_range(low, high, told.money.range))
    return Line(as_mean(label), amount, spread)

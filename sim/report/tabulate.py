"""Tables of the report as texts: what the charts show, and what no chart can."""

import pandas as pd

from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.flow_diagram import gathered_flows, part_name
from sim.report.language import message, say, say_many
from sim.report.leading_words import leading
from sim.report.names import tidy
from sim.report.numbers import NONE, is_missing, percent, percent_range, span
from sim.report.page_parts import Table
from sim.report.reported_words import measured, period
from sim.scenario.counting import counted

_MOST_ROWS = 200


def _text(value: object) -> str:
    return NONE if is_missing(value) else tidy(str(value)) or NONE


def _share(value: object) -> str:
    return NONE if is_missing(value) else percent(float(str(value)))


def attribution(context: Context, maker: str) -> Table:
    """Loss by component, supplier and intervention."""
    rows = context.rows("attribution", maker)
    lost, total = float(rows["mean"][rows["mean"] > 0.0].sum()), float(rows["mean"].sum())
    rows = rows.sort_values(["mean", "component", "supplier"], ascending=[False, True, True]).head(_MOST_ROWS)
    scale = context.money.scale(max(lost, abs(total)))
    money = context.money
    body = [
        (
            context.names.item(row.component),
            context.names.firm(row.supplier) if row.supplier else NONE,
            context.names.intervention(row.intervention) if row.intervention else NONE,
            money.cell(row.mean, scale),
            span(money.cell(row.p05, scale), money.cell(row.p95, scale)),
            percent(row.mean / lost) if row.mean > 0.0 else NONE,
        )
        for row in records(rows)
    ]
    body.append(
        (say("All"), "", "", money.cell(total, scale), "", percent(total / lost) if total > 0.0 else NONE)
    )
    return Table(
        key=f"table-attribution-{context.makers.index(maker) + 1}",
        title=say("{maker}: loss by component, supplier and intervention", maker=context.short.firm(maker)),
        head=(
            say("Component"),
            say("Supplier"),
            say("Intervention"),
            say("Mean, {unit}", unit=scale.label),
            say("5–95% of futures"),
            say("Share of losses"),
        ),
        rows=body,
        numeric=frozenset({3, 4, 5}),
        note=say(
            "Means add up to the loss, what is below 0 is a gain; ranges do not add up, as components "
            "rarely hurt most in the same future. Shares are of the losses alone, before gains."
        ),
    )


def risk(context: Context) -> Table:
    """Value at risk, expected shortfall and probabilities of a larger loss, with their intervals."""
    leads = leading(context.findings.summary)
    body = [
        (
            context.maker(row.maker),
            say(_RISKS[row.measure], level=percent(float(row.level))),
            percent(float(row.estimate), 1),
            _interval(row.ci_low, row.ci_high),
        )
        for maker in context.makers
        for row in records(_in_order(context.rows("risk_measures", maker)))
    ]
    return Table(
        key="table-risk",
        title=say("How bad it can get, as a table"),
        head=(say("Maker"), say("Measure"), say("Estimate"), say("95% confidence")),
        rows=body,
        numeric=frozenset({2, 3}),
        note=say(
            "Losses are of contribution margin, as shares of the revenue without the shock. Where a bound is "
            "absent, so few futures set none."
        )
        if leads.is_margin
        else say(
            "Losses are shares of the revenue without the shock. Where a bound is absent, so few futures set "
            "none."
        ),
        folded=True,
    )


def _in_order(measures: pd.DataFrame) -> pd.DataFrame:
    place = measures["measure"].map(list(_RISKS).index)
    return measures.assign(place=place).sort_values(["place", "level"])


_RISKS = {
    "value_at_risk": message("Value at risk, {level}: {level} of futures lose no more"),
    "expected_shortfall": message("Expected shortfall, {level}: mean loss of the other futures"),
    "probability_of_more": message("Probability of a loss above {level}"),
}


def _interval(low: object, high: object) -> str:
    if is_missing(low) or is_missing(high):
        known = [
            say(told, bound=percent(float(str(bound)), 1))
            for told, bound in ((message("from {bound}"), low), (message("up to {bound}"), high))
            if not is_missing(bound)
        ]
        return known[0] if known else NONE
    return percent_range(float(str(low)), float(str(high)), 1)


def products(context: Context) -> Table:
    """Loss by maker, product and market."""
    rows = context.tables["products"].sort_values(["maker", "mean", "item"], ascending=[True, False, True])
    scale = context.money.scale_of(rows["revenue_counterfactual"])
    money = context.money
    body = [
        (
            context.maker(row.maker),
            context.names.item(row.item),
            context.names.market(row.market),
            money.cell(row.revenue_counterfactual, scale),
            money.cell(row.mean, scale),
            span(money.cell(row.p05, scale), money.cell(row.p95, scale)),
            _share(row.loss_share),
        )
        for row in records(rows.head(_MOST_ROWS))
    ]
    head = (
        say("Maker"),
        say("Product"),
        say("Market or buyer"),
        say("Revenue without the shock, {unit}", unit=scale.label),
    )
    return Table(
        key="table-products",
        title=say("Loss by product and market, as a table"),
        head=(
            *head,
            say("Loss (mean), {unit}", unit=scale.label),
            say("5–95% of futures"),
            say("Share lost"),
        ),
        rows=body,
        numeric=frozenset({3, 4, 5, 6}),
        folded=True,
    )


def suppliers(context: Context) -> Table:
    """Change of every supplier's sales."""
    rows = context.tables["suppliers"].sort_values(["mean", "supplier"], ascending=[False, True])
    scale = context.money.scale_of(rows["mean"])
    money = context.money
    body = [
        (
            context.names.firm(row.supplier),
            money.cell(row.revenue_counterfactual, scale),
            money.cell(-row.mean, scale),
            span(money.cell(-row.p95, scale), money.cell(-row.p05, scale)),
            _share_of_own(row.share_of_revenue_mean),
        )
        for row in records(rows.head(_MOST_ROWS))
    ]
    head = (
        say("Supplier"),
        say("Sales without the shock, {unit}", unit=scale.label),
        say("Change (mean), {unit}", unit=scale.label),
    )
    return Table(
        key="table-suppliers",
        title=say("Change of suppliers’ sales, as a table"),
        head=(*head, say("5–95% of futures"), say("Change, share of its total revenue")),
        rows=body,
        numeric=frozenset({1, 2, 3, 4}),
        note=say(
            "A dash stands where the scenario does not know the supplier’s total revenue, or states less "
            "than what changes."
        ),
        folded=True,
    )


def _share_of_own(share_lost: float) -> str:
    return NONE if is_missing(share_lost) or abs(share_lost) > 1.0 else percent(-share_lost)


def costs(context: Context) -> Table | None:
    """The costs that a maker has, without the shock and by how much it changes them; None without any."""
    rows = context.tables["costs"].sort_values(["maker", "cost"], kind="stable")
    rows = rows[(rows[["counterfactual", "mean", "p05", "p95"]] != 0.0).any(axis="columns")]
    if rows.empty:
        return None
    scale = context.money.scale_of(rows["counterfactual"].abs())
    body = [
        (
            context.names.firm(row.maker),
            say(_COSTS[row.cost]),
            context.money.cell(row.counterfactual, scale),
            context.money.cell(row.mean, scale),
            span(context.money.cell(row.p05, scale), context.money.cell(row.p95, scale)),
        )
        for row in records(rows)
    ]
    return Table(
        key="table-costs",
        title=say("What it costs to hold stock, to be short of it and to move it, as a table"),
        head=(
            say("Maker"),
            say("Cost"),
            say("Without the shock, {unit}", unit=scale.label),
            say("Change (mean)"),
            say("5–95% of futures"),
        ),
        rows=body,
        numeric=frozenset({2, 3, 4}),
        note=say("Costs stand beside the loss of revenue and are no part of it."),
        folded=True,
    )


_COSTS = {
    "holding": message("Holding stock"),
    "backorder": message("Being short"),
    "in_transit": message("Goods on the way"),
    "order": message("Placing orders"),
    "lost_sales": message("Lost customers"),
}


def flows(context: Context) -> Table:
    """Purchases by supplier, component and buyer, without and with the shock."""
    rows = gathered_flows(context).pivot_table(
        index=["component", "supplier", "maker"],
        columns="twin",
        values="value",
        aggfunc="sum",
        fill_value=0.0,
    )
    rows = rows.reindex(columns=["counterfactual", "scenario"], fill_value=0.0)
    largest = rows.max(axis=1)
    rows = rows.loc[largest.sort_values(ascending=False, kind="stable").index].head(_MOST_ROWS)
    scale = context.money.scale_of(largest)
    body = []
    for keys, amounts in rows.iterrows():
        ends = zip(rows.index.names, keys if isinstance(keys, tuple) else (keys,), strict=True)
        before, after = float(amounts["counterfactual"]), float(amounts["scenario"])
        cells = (context.money.cell(amount, scale) for amount in (before, after, after - before))
        body.append((*(part_name(context, str(column), str(key)) for column, key in ends), *cells))
    return Table(
        key="table-flows",
        title=say("Purchases by supplier and component, as a table"),
        head=(
            say("Component"),
            say("Supplier"),
            say("Buyer"),
            say("Without the shock, {unit}", unit=scale.label),
            say("With, {unit}", unit=scale.label),
            say("Change"),
        ),
        rows=body,
        numeric=frozenset({3, 4, 5}),
        note=say(
            "What a supplier buys is part of what it sells: amounts of several tiers must not be added up."
        ),
        folded=True,
        open_on_narrow=True,
    )


def duties(context: Context) -> Table:
    """What buyers pay, sellers get and states take where tariffs are levied, with the shock."""
    table = context.tables["duties"]
    rows = table[table["twin"] == "scenario"].sort_values("duty", ascending=False, kind="stable")
    shown = rows.head(_MOST_ROWS)
    scale = context.money.scale_of(rows["paid"])
    body = [
        (
            context.names.item(row.component),
            context.names.firm(row.supplier),
            context.names.firm(row.maker),
            *(
                context.money.cell(amount, scale)
                for amount in (row.before_duty, row.paid, row.received, row.duty)
            ),
        )
        for row in records(shown)
    ]
    return Table(
        key="table-duties",
        title=say("Tariffs: what buyers pay, sellers get and states take"),
        head=(
            say("Component"),
            say("Supplier"),
            say("Buyer"),
            say("Before duty, {unit}", unit=scale.label),
            say("Buyer pays, {unit}", unit=scale.label),
            say("Seller gets, {unit}", unit=scale.label),
            say("Duty, {unit}", unit=scale.label),
        ),
        rows=body,
        numeric=frozenset({3, 4, 5, 6}),
        note=say("Means with the shock. What the buyer pays is what the seller gets and the duty."),
        folded=True,
    )


def observations(context: Context, table: pd.DataFrame) -> Table:
    """Reported and simulated figures with their sources."""
    rows = table.sort_values(["firm", "measure", "start", "end"], kind="stable")
    scale = context.money.scale_of(rows["reported"])
    money = context.money
    body = [
        (
            context.names.firm(row.firm),
            measured(context.names, row.measure, row.sold),
            period(row.start, row.end),
            money.cell(row.reported, scale),
            money.cell(row.simulated_mean, scale),
            span(money.cell(row.simulated_p05, scale), money.cell(row.simulated_p95, scale)),
            _text(row.source),
        )
        for row in records(rows)
    ]
    head = (
        say("Firm"),
        say("Measure"),
        say("Period"),
        say("Reported, {unit}", unit=scale.label),
        say("Simulated (mean)"),
        say("5–95% of futures"),
        say("Source"),
    )
    return Table(
        key="table-observations",
        title=say("Reported and simulated figures with their sources, as a table"),
        head=head,
        rows=body,
        numeric=frozenset({3, 4, 5}),
        folded=True,
    )


def assumptions(context: Context) -> Table:
    """Every uncertain or documented number of the scenario, and how many others there are."""
    rows = context.tables["assumptions"]
    shown = rows[is_documented(rows)]
    columns = ("path", "text", "kind", "source", "confidence", "note")
    body = [tuple(_text(value) for value in row) for row in shown[list(columns)].itertuples(index=False)]
    if others := len(rows) - len(shown):
        numbers = counted(others, "number")
        note = "Listed in tables/assumptions.csv."
        body.append(("elsewhere", f"{numbers} without a source", "value", "none", "", note))
    return Table(
        key="table-assumptions",
        title=say_many("All of them ({number} row)", "All of them ({number} rows)", len(shown)),
        head=(
            say("Where in the scenario"),
            say("Assumption"),
            say("Kind"),
            say("Source"),
            say("Confidence"),
            say("Note"),
        ),
        rows=body,
        filterable=True,
        folded=True,
        in_english=True,
    )


def is_documented(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether each assumption is uncertain, as a probability is, or says where it is from or how sure."""
    told = pd.Series(False, index=rows.index)
    for column in ("source", "confidence", "note"):
        told |= rows[column].map(_text) != NONE
    return told | (rows["kind"] != "value")

"""The chapters of the report of a sensitivity analysis."""

from typing import Any

from sim.report import sensitivity_figures as figures
from sim.report import sensitivity_words as words
from sim.report.expected_tables import records
from sim.report.language import message, say, say_many
from sim.report.names import tidy
from sim.report.numbers import NONE, grouped, is_missing, percent, span
from sim.report.page_parts import Chart, Section, Table, asked
from sim.report.sampling_words import known_apart
from sim.report.sensitivity_context import SensitivityContext
from sim.report.words import confidence, in_turn

QUESTIONS = {
    "information": message("What is worth knowing?"),
    "tornado": message("What moves the loss?"),
    "sobol": message("What moves the loss?"),
    "inputs": message("What does it rest on?"),
}
"""Of who reads the page, by the chapters that answer them."""


def sections(context: SensitivityContext) -> list[Section]:
    """All chapters after the headline."""
    return asked([_decision(context), _tornado(context), _sobol(context), _inputs(context)], QUESTIONS)


def _decision(context: SensitivityContext) -> Section:
    title = say("What it is worth to know before deciding")
    if context.decision is None:
        return Section("information", title, say(words.NO_DECISION), [])
    if context.nothing_is_worth:
        finding = say("{finding}.", finding=words.information_title(context))
        return Section("information", title, finding, [_alternatives(context)])
    rows = context.information.head(figures.MOST_BARS)
    chart = Chart(
        key="evpi",
        title=words.information_title(context),
        figure=figures.information(
            rows,
            [context.name(path) for path in rows["input"]],
            context.money,
            float(context.decision["chance_evppi"]),
        ),
        note=say_many(
            "The {number} input worth most; whiskers: 95% confidence. Dotted: the most that an input of no "
            "importance would show by chance. Grey: no more than that, or not told from nothing. Values do "
            "not add up.",
            "The {number} inputs worth most; whiskers: 95% confidence. Dotted: the most that an input of no "
            "importance would show by chance. Grey: no more than that, or not told from nothing. Values do "
            "not add up.",
            len(rows),
        ),
    )
    lead = say(
        "{decision}: an input is worth knowing if it would change which alternative is best. Bars: how much "
        "better the best choice would be on average, were this one input known beforehand.",
        decision=tidy(context.decision["title"]),
    )
    return Section("information", title, lead, [_alternatives(context), chart])


def _alternatives(context: SensitivityContext) -> Table:
    table = context.tables["alternatives"]
    money, scale = context.money, context.money.scale_of(table["value"])
    body = [
        (
            tidy(row.title),
            *(money.cell(sign * _total(row, names), scale) for sign, names in _PARTS.values()),
            span(money.cell(row.difference_ci_low, scale), money.cell(row.difference_ci_high, scale)),
            percent(row.share_best),
        )
        for row in records(table)
    ]
    return Table(
        key="table-alternatives",
        title=say("The alternatives"),
        head=(
            say("Alternative (mean, {unit})", unit=scale.label),
            *map(say, _PARTS),
            say("95% confidence"),
            say("Best in … of futures"),
        ),
        rows=body,
        numeric=frozenset(range(1, len(_PARTS) + 3)),
        note=say(
            "The account of {maker} over all simulated days: sales, less the cost of the goods sold, running "
            "costs (stock, backorders, transit, orders, lost sales), other costs (write-offs less salvage, "
            "measures, fixed costs) and the cost that the scenario states. All alternatives meet the same "
            "futures, so their differences are known more exactly than their values.",
            maker=context.maker,
        ),
    )


def _total(row: Any, names: str) -> float:
    return sum(float(getattr(row, name)) for name in names.split())


_PARTS = {
    message("Sales"): (1, "sales_to_markets sales_to_firms"),
    message("Cost of goods sold"): (-1, "cost_of_goods_sold"),
    message("Running costs"): (-1, "holding backorder in_transit order lost_sales"),
    message("Other costs"): (-1, "write_offs salvage measures fixed_costs"),
    message("Stated cost"): (1, "cost"),
    message("Value"): (1, "value"),
    message("Value against the best"): (1, "difference"),
}
"""Columns of the table of alternatives: the sign and the columns of the findings that each adds up."""


def _tornado(context: SensitivityContext) -> Section:
    rows, ends = context.tables["tornado"], words.ends(context)
    chart = Chart(
        key="tornado",
        title=words.tornado_title(context),
        figure=figures.tornado(rows, [context.name(path) for path in rows["input"]], ends, context.leads),
        note=say(
            "Dotted: the mean of the same futures with all inputs as they come. A bar of no width: the input "
            "by itself does not move the mean; what it does together with others, the next chart tells."
        ),
    )
    table = Table(
        key="table-tornado",
        title=say("The tornado, as a table"),
        head=(
            say("Input"),
            say("Low"),
            say("High"),
            say("Loss at low"),
            say("Mean loss"),
            say("Loss at high"),
        ),
        rows=[
            (
                context.name(row.input).text,
                *texts,
                *(
                    percent(value, 2)
                    for value in (row.loss_share_low, row.loss_share_mean, row.loss_share_high)
                ),
            )
            for row, texts in zip(records(rows), ends, strict=True)
        ],
        numeric=frozenset(range(1, 6)),
        folded=True,
    )
    lead = say(
        "One input at a time in the lowest and in the highest tenth of its range, or answered by no and by "
        "yes; all else as it comes, in the same futures. Low and high are the middles of these tenths. "
        "Inputs with the largest effects of their own: {number}.",
        number=str(len(rows)),
    )
    return Section("tornado", say("What moves the loss, one input at a time"), lead, [chart, table])


def _sobol(context: SensitivityContext) -> Section:
    rows = context.tables["sobol"]
    names = [context.name(factor) for factor in rows["factor"]]
    chart = Chart(
        key="sobol",
        title=words.sobol_title(context),
        figure=figures.sobol(rows, names),
        note=say(
            "Whiskers: 95% confidence. Alone: how much smaller the variance would be on average, were the "
            "input known. Total: how much would be left, were all else known. What differs is interaction."
        ),
    )
    table = Table(
        key="table-sobol",
        title=say("Sobol indices, as a table"),
        head=(
            say("Factor"),
            say("First order"),
            say("95% confidence"),
            say("Total"),
            say("95% confidence"),
        ),
        rows=[
            (
                name.text,
                percent(row.first_order),
                span(percent(row.first_order_ci_low), percent(row.first_order_ci_high)),
                percent(row.total_order),
                span(percent(row.total_order_ci_low), percent(row.total_order_ci_high)),
            )
            for name, row in zip(names, records(rows), strict=True)
        ],
        numeric=frozenset(range(1, 5)),
        folded=True,
    )
    lead = say(
        "All inputs move at once, over their whole ranges. Inputs are what nobody knows yet, events that "
        "happen or do not among them; chance is what nobody can know: demand of the day, lead times of "
        "shipments, failures that come and go."
    )
    return Section("sobol", say("What the spread of the loss comes from"), lead, [chart, table])


def _inputs(context: SensitivityContext) -> Section:
    inputs = context.tables["inputs"].merge(context.tables["rank_correlations"], on="input", how="left")
    head = [
        say("Input"),
        say("Where in the scenario"),
        say("Assumption"),
        say("Rank correlation"),
        say("Main effect"),
    ]
    worth = [] if context.decision is None else [float(value) for value in context.tables["evpi"]["evppi"]]
    scale = context.money.scale_of(worth)
    if worth:
        inputs = inputs.merge(context.tables["evpi"][["input", "evppi"]], on="input", how="left")
        head.append(say("Worth knowing, {unit}", unit=scale.label))
    inputs = inputs.sort_values("main_effect", ascending=False, kind="stable")
    body = []
    for row in records(inputs):
        known = [grouped(row.evppi / scale.factor, 2)] if worth else []
        source = "" if is_missing(row.source) else tidy(str(row.source))
        texts = [source or NONE, confidence(row.confidence) or NONE]
        figures_of_row = [grouped(row.rank_correlation, 2), percent(row.main_effect), *known]
        body.append([context.name(row.input).text, row.input, tidy(row.text), *figures_of_row, *texts])
    table = Table(
        key="table-inputs",
        title=say("All uncertain inputs"),
        head=(*head, say("Source"), say("Confidence")),
        rows=body,
        numeric=frozenset(range(3, len(head))),
        filterable=True,
    )
    lead = say_many(
        "{number} input, largest main effects first. Main effect: the share of the variance that a smooth "
        "function of the input alone explains. Rank correlation: its direction, from −1 to 1.",
        "{number} inputs, largest main effects first. Main effect: the share of the variance that a smooth "
        "function of the input alone explains. Rank correlation: its direction, from −1 to 1.",
        len(inputs),
    )
    lead = in_turn([lead, known_apart(context.summary)])
    return Section("inputs", say("All inputs with their sources"), lead, [table])

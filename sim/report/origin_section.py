"""Where it comes from what a portfolio earns more or less than doing nothing."""

from typing import Any

import pandas as pd

from sim.report.expected_tables import records
from sim.report.language import ENGLISH, message, say, spoken_code
from sim.report.margin_section import ENTRIES
from sim.report.mitigation_words import MitigationContext
from sim.report.names import tidy, within
from sim.report.page_parts import Chart, Section, Table
from sim.report.words import in_turn, joined
from sim.risk.origins import ENTRY, SUPPLIER, TYPED_COST

MOST_TOLD = 3
"""Entries, and suppliers, that a sentence tells: the largest."""
SHARE_TOLD = 0.05
"""Of the largest, what is told with it."""
ROUNDING = 1e-9
"""Of the largest amount of all, up to which a difference is none."""
NAMES = {**ENTRIES, TYPED_COST: message("What the levers are stated to cost")}


def origin_section(context: MitigationContext) -> Section:
    """Entries of the result and purchases, against doing nothing, without the shock and with it."""
    rows = context.tables["origins"]
    scale = context.fine([*rows["with_shock"], *rows["without_shock"]])
    cell, cells = context.money.cell, context.money.cells

    def table(part: str, key: str, title: str, first: str) -> Table:
        return Table(
            key=key,
            title=say(title, unit=scale.label),
            head=(
                first,
                say("Without the shock"),
                say("95% confidence"),
                say("In the scenario"),
                say("95% confidence"),
            ),
            rows=[
                (
                    name_of(context, row),
                    cell(row.without_shock, scale),
                    cells(row.without_shock_ci_low, row.without_shock_ci_high, scale),
                    cell(row.with_shock, scale),
                    cells(row.with_shock_ci_low, row.with_shock_ci_high, scale),
                )
                for row in records(rows[rows["part"] == part])
            ],
            numeric=frozenset((1, 2, 3, 4)),
            folded=part == SUPPLIER,
            note=say("Above 0: the result is higher for it.")
            if part == ENTRY
            else say("Above 0: more is bought."),
        )

    blocks: list[Chart | Table] = [
        table(
            ENTRY,
            "table-origins",
            message("Entries of the result, against doing nothing, {unit}"),
            say("Entry"),
        ),
        table(
            SUPPLIER,
            "table-purchases",
            message("What is bought, against doing nothing, {unit}"),
            say("Supplier"),
        ),
    ]
    return Section("origins", say("Where that comes from"), in_turn(lead(context)), blocks)


def lead(context: MitigationContext) -> list[str]:
    """The largest entries and purchases that differ if the shock never comes."""
    rows = context.tables["origins"]
    entries = joined([_better_or_worse(context, row) for row in _largest(rows, ENTRY)])
    bought = joined([_more_or_less_bought(context, row) for row in _largest(rows, SUPPLIER)])
    found = [say("If the shock never comes: {entries}.", entries=entries)] if entries else []
    return [*found, *([say("Bought is {amounts}.", amounts=bought)] if bought else [])]


def _better_or_worse(context: MitigationContext, row: Any) -> str:
    name, amount = within_sentence(name_of(context, row)), context.money.text(abs(row.without_shock))
    if row.without_shock > 0.0:
        return say("{entry} {amount} better", entry=name, amount=amount)
    return say("{entry} {amount} worse", entry=name, amount=amount)


def _more_or_less_bought(context: MitigationContext, row: Any) -> str:
    name, amount = within(name_of(context, row)), context.money.text(abs(row.without_shock))
    if row.without_shock > 0.0:
        return say("{amount} more of {supplier}", amount=amount, supplier=name)
    return say("{amount} less of {supplier}", amount=amount, supplier=name)


def within_sentence(name: str) -> str:
    """The name of an entry inside a sentence.

    Examples
    --------
    >>> within_sentence("Cost of goods sold")
    'cost of goods sold'
    """
    return name[:1].lower() + name[1:] if spoken_code() == ENGLISH else name


def name_of(context: MitigationContext, row: Any) -> str:
    """What an entry or a supplier is called."""
    if row.part == ENTRY:
        return say(NAMES[row.name]) if row.name in NAMES else str(row.name)
    firms = context.findings.scenario.firms
    return tidy(firms[row.name].name) if row.name in firms else tidy(row.name)


def _largest(rows: pd.DataFrame, part: str) -> list[Any]:
    """The largest of a part that differ without the shock beyond chance."""
    rounding = ROUNDING * float(rows[["without_shock", "with_shock"]].abs().to_numpy().max(initial=0.0))
    some = [row for row in records(rows[rows["part"] == part]) if abs(row.without_shock) > rounding]
    some.sort(key=lambda row: -abs(row.without_shock))
    least = SHARE_TOLD * abs(some[0].without_shock) if some else 0.0
    return [row for row in some[:MOST_TOLD] if abs(row.without_shock) >= least]

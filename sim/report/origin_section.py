"""Where it comes from what a portfolio earns more or less than doing nothing."""

from typing import Any

import pandas as pd

from sim.report.expected_tables import records
from sim.report.language import label
from sim.report.margin_section import ENTRIES
from sim.report.mitigation_words import MitigationContext
from sim.report.names import tidy, within
from sim.report.page_parts import Chart, Section, Table
from sim.report.words import joined
from sim.risk.origins import ENTRY, SUPPLIER, TYPED_COST

MOST_TOLD = 3
"""Entries, and suppliers, that a sentence tells: the largest."""
SHARE_TOLD = 0.05
"""Of the largest, what is told with it."""
NAMES = {**ENTRIES, TYPED_COST: "What the levers are stated to cost"}


def origin_section(context: MitigationContext) -> Section:
    """Entries of the result and purchases, against doing nothing, without the shock and with it."""
    rows = context.tables["origins"]
    scale = context.fine([*rows["with_shock"], *rows["without_shock"]])
    cell = context.money.cell

    def table(part: str, key: str, title: str, first: str) -> Table:
        return Table(
            key=key,
            title=f"{title}, {scale.label}",
            head=(
                first,
                label("Without the shock"),
                label("95% confidence"),
                label("In the scenario"),
                label("95% confidence"),
            ),
            rows=[
                (
                    name_of(context, row),
                    cell(row.without_shock, scale),
                    f"{cell(row.without_shock_ci_low, scale)} to {cell(row.without_shock_ci_high, scale)}",
                    cell(row.with_shock, scale),
                    f"{cell(row.with_shock_ci_low, scale)} to {cell(row.with_shock_ci_high, scale)}",
                )
                for row in records(rows[rows["part"] == part])
            ],
            numeric=frozenset((1, 2, 3, 4)),
            folded=part == SUPPLIER,
            note="Above 0: the result is higher for it." if part == ENTRY else "Above 0: more is bought.",
        )

    blocks: list[Chart | Table] = [
        table(ENTRY, "table-origins", "Entries of the result, against doing nothing", label("Entry")),
        table(SUPPLIER, "table-purchases", "What is bought, against doing nothing", label("Supplier")),
    ]
    return Section("origins", label("Where that comes from"), " ".join(lead(context)), blocks)


def lead(context: MitigationContext) -> list[str]:
    """The largest entries and purchases that differ if the shock never comes."""
    rows, text = context.tables["origins"], context.money.text
    entries = [
        f"{within_sentence(name_of(context, row))} {text(abs(row.without_shock))} "
        f"{'better' if row.without_shock > 0.0 else 'worse'}"
        for row in _largest(rows, ENTRY)
    ]
    bought = [
        f"{text(abs(row.without_shock))} {'more' if row.without_shock > 0.0 else 'less'} of "
        f"{within(name_of(context, row))}"
        for row in _largest(rows, SUPPLIER)
    ]
    found = [f"If the shock never comes: {joined(entries)}."] if entries else []
    return [*found, *([f"Bought is {joined(bought)}."] if bought else [])]


def within_sentence(name: str) -> str:
    """The name of an entry inside a sentence.

    Examples
    --------
    >>> within_sentence("Cost of goods sold")
    'cost of goods sold'
    """
    return name[:1].lower() + name[1:]


def name_of(context: MitigationContext, row: Any) -> str:
    """What an entry or a supplier is called."""
    if row.part == ENTRY:
        return NAMES.get(row.name, row.name)
    firms = context.findings.scenario.firms
    return tidy(firms[row.name].name) if row.name in firms else tidy(row.name)


def _largest(rows: pd.DataFrame, part: str) -> list[Any]:
    """The largest of a part that differ without the shock beyond chance."""
    some = [row for row in records(rows[rows["part"] == part]) if row.without_shock != 0.0]
    some.sort(key=lambda row: -abs(row.without_shock))
    least = SHARE_TOLD * abs(some[0].without_shock) if some else 0.0
    return [row for row in some[:MOST_TOLD] if abs(row.without_shock) >= least]

"""Which makers a report draws, where there are too many to draw all, and the table of all of them."""

from dataclasses import replace

from sim.report.context import Context
from sim.report.language import say
from sim.report.numbers import grouped, percent
from sim.report.page_parts import Section, Table
from sim.report.words import after_shock

MOST_DRAWN = 10
"""Makers that have figures of their own."""
_OF_ALL_BUYERS = ("flows", "duties")
"""Tables in which a maker is whoever buys, whether it has figures or not."""


def of_largest(context: Context) -> Context:
    """The same findings, of the makers that lose or gain most, if there are too many to draw all.

    Examples
    --------
    >>> import sim
    >>> from sim.report.context import make_context
    >>> context = make_context(sim.run("scenarios/first-scenario.yaml", replications=32)._findings)
    >>> of_largest(context) is context
    True
    """
    if len(context.makers) <= MOST_DRAWN:
        return context
    drawn = tuple(sorted(context.makers, key=lambda maker: -abs(_mean_loss(context, maker)))[:MOST_DRAWN])
    tables = {
        name: table[table["maker"].isin(drawn)]
        if "maker" in table.columns and name not in _OF_ALL_BUYERS
        else table
        for name, table in context.tables.items()
    }
    colours = dict(zip(drawn, context.palette.makers.values(), strict=False))
    return replace(context, makers=drawn, tables=tables, palette=replace(context.palette, makers=colours))


def _mean_loss(context: Context, maker: str) -> float:
    return context.measure(maker, "loss", "mean").estimate


def undrawn(context: Context) -> int:
    """Number of makers that have no figures of their own."""
    return len(context.findings.summary["makers"]) - len(context.makers)


def reading(context: Context) -> str:
    """A sentence that says which makers are drawn; empty if all are."""
    if not undrawn(context):
        return ""
    return say(
        " Of {all} makers, the {drawn} whose mean loss or gain is largest have figures. All are in the "
        "table of the "
        "chapter “All makers”.",
        all=grouped(len(context.findings.summary["makers"])),
        drawn=grouped(len(context.makers)),
    )


def makers_section(context: Context) -> Section | None:
    """The table of all makers; None if all are drawn."""
    if not undrawn(context):
        return None
    makers = context.findings.summary["makers"]
    ranked = sorted(makers, key=lambda maker: -abs(_mean_loss(context, maker)))
    scale = context.money.scale(max(abs(_mean_loss(context, maker)) for maker in makers))
    rows = [
        (
            context.maker(maker),
            maker,
            context.money.cell(_mean_loss(context, maker), scale),
            percent(context.measure(maker, "loss_share", "mean").estimate),
            percent(context.measure(maker, "loss_share", "var95").estimate),
            percent(context.measure(maker, "loss_share", "es95").estimate),
        )
        for maker in ranked
    ]
    table = Table(
        key="table-all-makers",
        title=say("All makers, largest mean loss or gain first"),
        head=(
            say("Maker"),
            say("Id"),
            say("Loss (mean), {unit}", unit=scale.label),
            say("Share of revenue"),
            say("Value at risk (95%)"),
            say("Expected shortfall (95%)"),
        ),
        rows=rows,
        numeric=frozenset({2, 3, 4, 5}),
        note=say("The rows of each future are in tables/makers.csv."),
        filterable=True,
    )
    lead = say(
        "What {number} makers lose of their revenue {when}.",
        number=grouped(len(makers)),
        when=after_shock(context),
    )
    return Section("all-makers", say("All makers"), lead, [table])

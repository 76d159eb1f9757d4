"""The chapter of a stress test on the systemic risk index: who takes how much of the network along."""

from typing import Any

import pandas as pd

from sim.report import graph_objects as go
from sim.report.expected_tables import records
from sim.report.language import say, say_many
from sim.report.names import Names, plot_text, within
from sim.report.numbers import NONE, grouped, is_missing, percent, share_format
from sim.report.page_parts import Chart, Section, Table
from sim.report.style import BLUE, INK, MUTED, ORANGE, blank
from sim.report.words import in_turn

MOST_BARS = 20


def systemic_section(
    names: Names, summary: dict[str, Any], index: pd.DataFrame, reach: pd.DataFrame
) -> Section:
    """Chart of the first firms, table of all, and whom the first ones hit.

    Parameters
    ----------
    names
        Names of the firms.
    summary
        What ``stress.json`` says of the index.
    index, reach
        Tables ``stress_systemic`` and ``stress_reach``.
    """
    chart = Chart(
        key="stress-systemic",
        title=systemic_sentence(names, summary),
        figure=_profile(names, index),
        note=in_turn(
            [
                say(
                    "Bars: share of all sales that is lost if a firm fails for good, nobody replaces its "
                    "goods, and every recipe needs all its inputs. Orange: where others that sell the same "
                    "stand in by their part in its market."
                ),
                *_ranges_note(index),
            ]
        ),
    )
    lead = say_many(
        "Each of {number} firm fails alone and for good. Who lives on its goods makes less, who lives on its "
        "orders sells less, and so on. There is no time in it: no stock helps, and nobody qualifies a "
        "substitute.",
        "Each of {number} firms fails alone and for good. Who lives on its goods makes less, who lives on "
        "its orders sells less, and so on. There is no time in it: no stock helps, and nobody qualifies a "
        "substitute.",
        len(index),
    )
    tables = [_table(names, index), *([] if reach.empty else [_hits(names, reach)])]
    return Section("systemic", say("Whom the network cannot do without"), lead, [chart, *tables])


def systemic_sentence(names: Names, summary: dict[str, Any]) -> str:
    """Who comes first, and on how few firms most of the risk rests."""
    if not summary["firms_with_most"]:
        return say("Nothing is sold, so no firm takes anything along")
    return say_many(
        "If {firm} fails, {share} of all sales go with it; {number} {of_all} carries {most} of the risk",
        "If {firm} fails, {share} of all sales go with it; {number} {of_all} carry {most} of the risk",
        summary["firms_with_most"],
        firm=within(names.firm(summary["first_firm"])),
        share=percent(summary["first_esri"]),
        of_all=say_many("of {number} firm", "of {number} firms", summary["firms"]),
        most=percent(summary["most"]),
    )


def systemic_lines(names: Names, summary: dict[str, Any], index: pd.DataFrame, most: int) -> list[str]:
    """The first firms, as lines for a terminal.

    Parameters
    ----------
    names, summary, index
        As for :func:`systemic_section`.
    most
        Firms to tell at most.
    """
    return [
        f"Economic systemic risk index: {systemic_sentence(names, summary)}.",
        *(
            f"  {names.firm(row.firm)}: {percent(row.esri)}{_rank_range(row)}; others standing in "
            f"{percent(row.substituted)}; inputs by value {percent(row.linear)}"
            for row in records(index.head(most))
        ),
    ]


def _rank_range(row: Any) -> str:
    if is_missing(row.rank_p05):
        return ""
    low, high = int(row.rank_p05), int(row.rank_p95)
    return f" (rank {low})" if low == high else f" (rank {low} to {high})"


def _ranges_note(index: pd.DataFrame) -> list[str]:
    if index["esri_p05"].isna().all():
        return []
    return [say("Lines: 90 % of draws of the scenario’s uncertain numbers.")]


def _profile(names: Names, index: pd.DataFrame) -> go.Figure:
    rows = list(records(index.head(MOST_BARS)))[::-1]
    places = list(range(len(rows)))
    figure = blank(
        height=110 + 34 * max(len(rows), 1),
        bargap=0.4,
        xaxis={
            "title": {"text": say("Share of all sales lost")},
            "tickformat": share_format(),
            "range": [0.0, 1.05],
        },
        yaxis={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [plot_text(names.firm(row.firm), length=40, width=24) for row in rows],
            "showgrid": False,
            "ticks": "",
            "tickfont": {"size": 12, "color": INK},
        },
    )
    figure.add_trace(
        go.Bar(
            name=say("Nobody stands in"),
            y=places,
            x=[row.esri for row in rows],
            orientation="h",
            marker={"color": BLUE, "opacity": 0.75},
            error_x=_ranges(rows),
            hovertemplate=f"%{{x:{share_format(1)}}}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            name=say("Others stand in"),
            y=places,
            x=[row.substituted for row in rows],
            mode="markers",
            marker={"symbol": "diamond", "size": 9, "color": ORANGE},
            hovertemplate=f"%{{x:{share_format(1)}}}<extra></extra>",
        )
    )
    return figure


def _ranges(rows: list[Any]) -> dict[str, Any] | None:
    if any(is_missing(row.esri_p05) for row in rows):
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(row.esri_p95 - row.esri, 0.0) for row in rows],
        "arrayminus": [max(row.esri - row.esri_p05, 0.0) for row in rows],
        "color": MUTED,
        "thickness": 1.5,
        "width": 3,
    }


def _table(names: Names, index: pd.DataFrame) -> Table:
    return Table(
        key="table-stress-systemic",
        title=say("All firms, the largest index first"),
        head=(
            say("Firm"),
            say("Share of sales"),
            say("Index"),
            say("Rank"),
            say("For want of goods"),
            say("For want of orders"),
            say("Others stand in"),
            say("Inputs by value"),
            say("Simulated"),
        ),
        rows=[
            (
                names.firm(row.firm),
                percent(row.sold_share),
                percent(row.esri),
                _ranks(row),
                percent(row.downstream),
                percent(row.upstream),
                percent(row.substituted),
                percent(row.linear),
                NONE if is_missing(row.simulated) else percent(row.simulated),
            )
            for row in records(index)
        ],
        numeric=frozenset(range(1, 9)),
        note=say(
            "Simulated: with stocks, lead times and substitutes of the scenario, for the time to recover; "
            "share of all sales in the window. A dash: the firm was not simulated."
        ),
        filterable=True,
    )  # fmt: skip


def _ranks(row: Any) -> str:
    low, high = (row.rank, row.rank) if is_missing(row.rank_p05) else (row.rank_p05, row.rank_p95)
    return grouped(low) if low == high else say("{low} to {high}", low=grouped(low), high=grouped(high))


def _hits(names: Names, reach: pd.DataFrame) -> Table:
    return Table(
        key="table-stress-reach",
        title=say("Whom the first firms hit hardest"),
        head=(say("If this fails"), say("this loses"), say("of its sales"), say("of all sales")),
        rows=[
            (names.firm(row.firm), names.firm(row.hit), percent(row.lost_share), percent(row.share_of_all))
            for row in records(reach)
        ],
        numeric=frozenset((2, 3)),
        filterable=True,
    )
